"""The sheet of a schedule: all that it declares, every amount a cell, with its article."""

from collections.abc import Iterator, Sequence

from opqibi_rules.messages import Message
from opqibi_rules.price.papers.workbook.book import Book
from opqibi_rules.tables.schedule import CAP, FLOOR, Flat, Limit, Part, PerQualification, Schedule, Tranches

FROM, UP_TO, RATE = Message("Turnover from"), Message("up to"), Message("Rate")
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
                    self._sheet.heads(FROM, UP_TO, RATE)
                    self.tranches[fee.id, part.id] = [
                        self._sheet.line(
                            (tranche.above, "in_euro"),
                            None if tranche.up_to is None else (tranche.up_to, "in_euro"),
                            (tranche.rate, "in_rate"),
                        )
                        for tranche in part.tranches
                    ]

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
    uses = {
        fee.id: fee.name
        for fee in schedule.fees
        for part in fee.parts
        if isinstance(part, PerQualification) and part.prices == name
    }
    article = schedule.price_list(name).article
    return Message("{fees} ({article})", fees=tuple(uses.values()), article=article)
