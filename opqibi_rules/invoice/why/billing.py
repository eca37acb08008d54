"""A price as whoever bills it sees it: what each piece of each fee comes to, and what a mistake changes in it.

Amounts here are integer cents: a gap is explained when two sums of integers are equal, nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.price.fees import Counts, FeeRule, Held, Line, at_tariff, rules_of
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.question import Question
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.turnover_base import turnover_base
from opqibi_rules.tables.schedule import Counted, Event, Fee, Flat, Part, PerQualification, Schedule, Tranches


class Piece(NamedTuple):
    """The finest thing that an invoice line may bill: a flat part, one tariff of a part, or a part by tranches."""

    fee: str
    part: str
    tariff: int | None = None


@dataclass(frozen=True)
class Billing:
    """What an event bears, whatever was billed of it."""

    schedule: Schedule
    event: Event
    held: Counts
    """Qualifications asked for, or held at a control, by tariff code."""
    new: Counts
    question: Question
    """It says the turnovers."""
    vat_rate: Decimal = ZERO
    """As a fraction."""

    @classmethod
    def of(cls, quote: Quote) -> "Billing":
        """The one that a quote prices."""
        held: dict[int, int] = {}
        new: dict[int, int] = {}
        for line in quote.lines:
            if line.tariff is not None and line.quantity is not None:
                (new if is_new(line.part) else held)[line.tariff] = line.quantity
        return cls(
            quote.schedule, quote.event, FrozenDict(held), FrozenDict(new), quote.question, quote.vat_rate
        )

    @cached_property
    @exactly
    def amounts(self) -> Mapping[Piece, int]:
        """Cents by piece; without the fees whose turnover is not known."""
        lines: list[Line] = []
        for rule in rules_of(self.schedule).events[self.event.id][1]:
            turnover = self.turnover(rule)
            if rule.tranches is None or turnover is not None:
                rule.charge(lines, Held(self.held), Held(self.new), turnover)
        return amounts_of(lines)

    def turnover(self, rule: FeeRule) -> Decimal | None:
        """The turnover that a fee takes, in euros; ``None`` where it takes none, or is not known."""
        if rule.tranches is None:
            return None
        return turnover_base(self.question, rule, rule.tranches).turnover

    def counts(self, part: PerQualification) -> Counts:
        """The qualifications that a part prices."""
        return self.new if is_new(part) else self.held

    def prices(self, part: PerQualification) -> Mapping[int, int]:
        """The cents per qualification of a part, by tariff."""
        return cents_of(self.schedule, part.prices)

    def unit(self, piece: Piece) -> tuple[int, int]:
        """The right cents of one of a piece, and how many are due: qualifications of a tariff, else one of it."""
        _, part = declared(piece, self.schedule)
        if isinstance(part, PerQualification) and piece.tariff is not None:
            return self.prices(part)[piece.tariff], self.counts(part).get(piece.tariff, 0)
        return self.amounts.get(piece, 0), 1

    def total(self, fee: str) -> int:
        """The cents of one fee."""
        return sum(cents for piece, cents in self.amounts.items() if piece.fee == fee)


def cents_of(schedule: Schedule, price_list: str) -> Mapping[int, int]:
    """A price list of a schedule, in cents."""
    return {tariff: in_cents(price) for tariff, price in schedule.price_list(price_list).by_tariff.items()}


@exactly
def amounts_of(lines: Iterable[Line]) -> Mapping[Piece, int]:
    """Cents by piece; the tranches of a part, its floor and its cap make one, rounded as the fee is."""
    amounts: dict[Piece, Decimal] = {}
    for line in lines:
        piece = piece_of(line)
        amounts[piece] = amounts.get(piece, ZERO) + line.amount
    return FrozenDict({piece: in_cents(round_cents(amount)) for piece, amount in amounts.items()})


def piece_of(line: Line) -> Piece:
    """What a line of a quote prices."""
    return Piece(line.fee.id, line.part.id, line.tariff)


def is_new(part: Part) -> bool:
    """A part for qualifications newly asked for, on top of those held."""
    match part:
        case Flat():
            return part.when is not None
        case PerQualification():
            return part.counts is Counted.NEW
        case Tranches():
            return False


def declared(piece: Piece, schedule: Schedule) -> tuple[Fee, Part]:
    """The fee and the part of a piece, as the schedule declares them."""
    fee = schedule.fee(piece.fee)
    part = fee.part(piece.part) if fee else None
    assert fee is not None  # pieces are made from a schedule
    assert part is not None  # as above
    return fee, part


def article_of(piece: Piece, schedule: Schedule) -> str:
    """The article that asks for a piece."""
    return declared(piece, schedule)[1].article


def label_of(piece: Piece, schedule: Schedule) -> Message:
    """What a piece is called."""
    fee, part = declared(piece, schedule)
    match part:
        case Flat():
            return Message("{label}", label=part.label)
        case PerQualification():
            return Message("{label}", label=at_tariff(part, piece.tariff or 0))
        case Tranches():
            return fee.title


def lenders(schedule: Schedule, event: Event) -> Mapping[str, Fee]:
    """The fees that an event does not bear and whose prices its new requests take; each with the fee that does.

    Where « instruction » is named at a control, the new requests are meant.
    """
    borrowers = {
        part.prices: fee
        for fee in schedule.borne(event)
        for part in fee.parts
        if isinstance(part, PerQualification) and is_new(part)
    }
    return {
        fee.id: borrowers[part.prices]
        for fee in schedule.fees
        for part in fee.parts
        if event.id not in fee.events and isinstance(part, PerQualification) and part.prices in borrowers
    }


class Freedom(IntEnum):
    """How many amounts a cause could account for: the fewer, the likelier it is where it does."""

    NONE = 0
    """One amount."""
    COUNT = 1
    """One for each number of qualifications."""
    LIMIT = 2
    """Many numbers, all brought to the floor or to the cap."""
    TURNOVER_AT_LIMIT = 3
    """The same, of any turnover at all."""
    ANY_AMOUNT = 4
    ANY_THING = 5
    """Not even something that the schedule knows."""


class Bears(StrEnum):
    """What a cause is wrong about, where a line tells its quantity and its unit price."""

    ANY = ""
    COUNT = "count"
    PRICE = "price"
    CODE = "code"
    """The price, of qualifications whose lines do not say the tariff."""


_NOTHING: FrozenDict[Piece, int] = FrozenDict()


@dataclass(frozen=True, slots=True)
class Change:
    """One mistake, and what it moves."""

    cause: str
    message: Message
    fee: str | None = None
    """``None`` where it touches several fees."""
    articles: tuple[str, ...] = ()
    moves: FrozenDict[Piece, int] = _NOTHING
    """Cents added to each piece."""
    units: int = 1
    """How many times: two qualifications too many count two."""
    freedom: Freedom = Freedom.NONE
    bears: Bears = Bears.ANY
    sure: bool = True
    """It may be called certain, where the lines show it and nothing else accounts for the gap."""

    def fits(self, told: Mapping[Piece, Bears]) -> bool:
        """What the lines tell of the pieces that it moves does not speak against it."""
        if self.bears is Bears.CODE:
            return all(told.get(piece) in {Bears.CODE, Bears.PRICE} for piece in self.moves)
        known = {Bears.ANY, self.bears} | ({Bears.CODE} if self.bears is Bears.PRICE else set())
        return self.bears is Bears.ANY or all(told.get(piece, Bears.ANY) in known for piece in self.moves)

    def renames(self, told: Mapping[Piece, Bears]) -> bool:
        """It takes a tariff for another, where the lines say the right one: what else accounts for it comes first."""
        return self.bears is Bears.CODE and any(told.get(piece) is Bears.PRICE for piece in self.moves)

    @property
    def stiff(self) -> bool:
        """It accounts for few amounts, so that one it accounts for is hardly by chance."""
        return self.freedom <= Freedom.COUNT


def stretch_of(changes: Iterable[Change]) -> tuple[int, int]:
    """How far changes stretch the truth together: the least is the likeliest.

    First how many could account for any amount (what the schedule does not know counts twice), then how many
    times each bends it, and how freely.
    """
    free = bend = 0
    for change in changes:
        free += max(0, change.freedom - Freedom.TURNOVER_AT_LIMIT)
        bend += change.freedom + change.units
    return free, bend


class OtherTurnover(NamedTuple):
    """A turnover that may have been taken by mistake, and what it is."""

    name: Message
    amount: Decimal
    """Euros excl. VAT."""
