"""What a part of a fee comes to in a workbook: a formula for each kind, and the blocks of the tranches.

A spreadsheet reckons in binary fractions. To stay equal to the core to the cent, wherever something is rounded
the formulas work on whole numbers, which binary holds exactly, and round half up with ``INT``.
"""

from collections.abc import Sequence
from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.price.fees import Line, total
from opqibi_rules.price.papers.workbook.book import Book, Sheet
from opqibi_rules.price.papers.workbook.schedule import FROM, RATE, UP_TO, ScheduleSheet
from opqibi_rules.tables import schedule as kinds
from opqibi_rules.tables.schedule import Counted, Fee, Part, Tranche, Tranches


def expression(fee: Fee, part: Part, stated: ScheduleSheet, held: str, new: str, block: str) -> str:
    """The formula of a part, from the cells of its amounts and of the qualifications asked for or held, and new.

    ``held`` and ``new`` are empty where there are none; ``block`` is the cell of what its tranches come to.
    """
    match part:
        case kinds.Flat(when="new_requests"):
            return f"IF(SUM({new})>0,{stated.amounts[fee.id, part.id]},0)" if new else "0"
        case kinds.Flat():
            return stated.amounts[fee.id, part.id]
        case kinds.PerQualification():
            return f"SUMPRODUCT({new if part.counts is Counted.NEW else held},{stated.prices[part.prices]})"
        case kinds.Tranches():
            return block


@exactly
def amount_of(lines: Sequence[Line]) -> Decimal:
    """What the lines of one part come to: the tranches rounded once, then the floor or the cap."""
    limits = total(line for line in lines if line.limit)
    return round_cents(total(line for line in lines if not line.limit)) + limits


_RATES = 10**7
"""A rate has seven decimals at most: so many times, it is a whole number."""
_HEADS = (
    FROM,
    UP_TO,
    RATE,
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
        for limit, keep in ((kinds.FLOOR, "MAX"), (kinds.CAP, "MIN")):
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
