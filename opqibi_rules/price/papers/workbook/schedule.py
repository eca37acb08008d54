"""A schedule in a workbook: all that it declares, every amount a cell with its article; and what its parts come to.

A part has a formula for each kind. A spreadsheet reckons in binary fractions: to stay equal to the core to the
cent, wherever something is rounded the formulas work on whole numbers, which binary holds exactly, and round
half up with ``INT``.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.price.fees import Line, amount_of
from opqibi_rules.price.papers.workbook.book import Book, Sheet
from opqibi_rules.tables.schedule import (
    CAP,
    FLOOR,
    Counted,
    Fee,
    Flat,
    Limit,
    Part,
    PerQualification,
    Schedule,
    Tranche,
    Tranches,
)

_TRANCHE = (Message("Turnover from"), Message("up to"), Message("Rate"))
_LIMITS = {FLOOR: Message("Floor"), CAP: Message("Cap")}


def tariff_name(tariff: int) -> Message:
    """A tariff code, for a reader."""
    return Message("Tariff {tariff}", tariff=tariff)


class ScheduleSheet:
    """A schedule as it is written: where each of its amounts stands, by the ids of the fee and of its part."""

    def __init__(self, book: Book, number: int, schedule: Schedule, tariffs: Sequence[int]) -> None:
        self.amounts: dict[tuple[str, ...], str] = {}
        """Also by ``floor`` and ``cap``, after the part."""
        self.tranches: dict[tuple[str, ...], list[list[str]]] = {}
        """For each tranche: from, up to (empty where there is no limit), rate."""
        self.prices: dict[str, str] = {}
        """By price list: the cells of all the tariff codes of the workbook."""
        widths = [46, *[18] * max(3, len(schedule.prices))]
        self._sheet = book.sheet(Message("Schedule {number}", number=number), widths)
        source = schedule.sources[0]
        self._sheet.line((Message("{title}", title=schedule.title), "title"))
        self._sheet.line((f"{source.document} ({source.address})", "grey"))
        self._fees(schedule)
        self._price_lists(schedule, tariffs)

    def _fees(self, schedule: Schedule) -> None:
        for fee in schedule.fees:
            self._sheet.line()
            self._sheet.line((fee.title, "section"), None, (fee.article, "grey"))
            for part in fee.parts:
                for name, label, stated in _single_amounts(part):
                    amount = (stated.amount, "in_euro")
                    places = self._sheet.line((label, "indented"), amount, (stated.article, "grey"))
                    self.amounts[fee.id, part.id, *name] = places[1]
                if isinstance(part, Tranches):
                    self._sheet.heads(*_TRANCHE)
                    self.tranches[fee.id, part.id] = self._tranches(part)

    def _tranches(self, part: Tranches) -> list[list[str]]:
        """Each begins where the one before ends: none overlaps another, whatever is typed."""
        found: list[list[str]] = []
        for tranche in part.tranches:
            up_to = None if tranche.up_to is None else (tranche.up_to, "in_euro")
            places = self._sheet.line((tranche.above, "in_euro"), up_to, (tranche.rate, "in_rate"))
            if found:
                self._sheet.put(self._sheet.row - 1, 0, found[-1][1], tranche.above)
            found.append(places)
        return found

    def _price_lists(self, schedule: Schedule, tariffs: Sequence[int]) -> None:
        self._sheet.line()
        self._sheet.heads(Message("Tariff code"), *(_use(prices.id, schedule) for prices in schedule.prices))
        first = self._sheet.row
        for tariff in tariffs:
            prices = (one.by_tariff.get(tariff) for one in schedule.prices)
            cells = (None if price is None else (price, "in_euro") for price in prices)
            self._sheet.line((tariff_name(tariff), "indented"), *cells)
        for column, one in enumerate(schedule.prices, 1):
            self.prices[one.id] = self._sheet.places((first, column), (self._sheet.row - 1, column))


def _single_amounts(part: Part) -> Iterator[tuple[tuple[str, ...], Message, Limit]]:
    """The amounts of a part that stand alone, each with its article."""
    if isinstance(part, Flat):
        yield (), Message("{label}", label=part.label), Limit(article=part.article, amount=part.amount)
    elif isinstance(part, Tranches):
        for name, limit in ((FLOOR, part.floor), (CAP, part.cap)):
            if limit is not None:
                yield (name,), _LIMITS[name], limit


def _use(name: str, schedule: Schedule) -> Message:
    """What a price list is for."""
    fees = [
        fee.name
        for fee in schedule.fees
        if any(isinstance(part, PerQualification) and part.prices == name for part in fee.parts)
    ]
    return Message("{fees} ({article})", fees=fees, article=schedule.price_list(name).article)


def expression(fee: Fee, part: Part, stated: ScheduleSheet, held: str, new: str, block: str) -> str:
    """The formula of a part, from the cells of its amounts and of the qualifications asked for or held, and new.

    ``held`` and ``new`` are empty where there are none; ``block`` is the cell of what its tranches come to.
    """
    match part:
        case Flat(when="new_requests"):
            return f"IF(SUM({new})>0,{stated.amounts[fee.id, part.id]},0)" if new else "0"
        case Flat():
            return stated.amounts[fee.id, part.id]
        case PerQualification():
            return f"SUMPRODUCT({new if part.counts is Counted.NEW else held},{stated.prices[part.prices]})"
        case Tranches():
            return block


_RATES = 10**7
"""A rate has seven decimals at most: so many times, it is a whole number."""
_HEADS = (
    *_TRANCHE,
    Message("Part of the turnover"),
    Message("Amount"),
    Message("of which whole cents"),
    Message("of which the rest, in units of 10⁻⁹ €"),
)
_PART, _AMOUNT, _CENTS, _REST = 3, 4, 5, 6


class TranchesSheet:
    """The tranches of each turnover: a block for each part that has some, in each invoice."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sheet: Sheet | None = None

    def block(
        self,
        fee: Fee,
        part: Tranches,
        stated: ScheduleSheet,
        turnover: str,
        lines: Sequence[Line],
        title: Message,
    ) -> str:
        """Write what the turnover in a cell comes to; the cell of the part, between its floor and its cap."""
        sheet = self._sheet or self._book.sheet(Message("Tranches"), [24, 22, 14, 22, 20, 22, 26])
        self._sheet = sheet
        sheet.line((title, "section"))
        sheet.heads(*_HEADS)
        first = sheet.row
        bases = dict(enumerate(line.base or ZERO for line in lines if line.rate is not None))
        for index, places in enumerate(stated.tranches[fee.id, part.id]):
            _tranche(sheet, part.tranches[index], places, turnover, bases.get(index, ZERO))
        cents, rest = (f"SUM({sheet.places((first, at), (sheet.row - 1, at))})" for at in (_CENTS, _REST))
        rounded = f"({cents}+INT(({rest}+{_RATES // 2})/{_RATES}))/100"
        kept = sheet.put(sheet.row, _AMOUNT, rounded, amount_of([line for line in lines if not line.limit]))
        sheet.line((Message("Sum, rounded once, half up"), "text"))
        for limit, keep in ((FLOOR, "MAX"), (CAP, "MIN")):
            if place := stated.amounts.get((fee.id, part.id, limit)):
                kept = f"{keep}({place},{kept})"
        sheet.put(sheet.row, _AMOUNT, kept, amount_of(lines), "total")
        sheet.line((Message("Fee, between its floor and its cap, if any"), "section"))
        sheet.line()
        return sheet.place(sheet.row - 2, _AMOUNT)


@exactly
def _tranche(sheet: Sheet, tranche: Tranche, places: Sequence[str], turnover: str, base: Decimal) -> None:
    """A row: the part of the turnover, then its product cut in whole cents and a rest, both exact."""
    row, (above, up_to, rate) = sheet.row, places
    sheet.put(row, 0, above, tranche.above)
    if tranche.up_to is not None:
        sheet.put(row, 1, up_to, tranche.up_to)
    sheet.put(row, 2, f"{rate}*1000", tranche.rate * 1000, "permille")
    top = f"MIN({turnover},{up_to})" if up_to else turnover
    part = sheet.put(row, _PART, f"MAX(0,{top}-{above})", base)
    cents, units = f"ROUND({part}*100,0)", f"ROUND({rate}*{_RATES},0)"
    whole = f"INT({cents}/{_RATES})"
    blocks, left = divmod(base * 100, _RATES)
    scaled = tranche.rate * _RATES
    whole_cents = sheet.put(row, _CENTS, f"{whole}*{units}", blocks * scaled, "exact")
    rest = sheet.put(row, _REST, f"({cents}-{whole}*{_RATES})*{units}", left * scaled, "exact")
    sheet.put(row, _AMOUNT, f"{whole_cents}/100+{rest}/{100 * _RATES}", base * tranche.rate, "precise")
    sheet.line()
