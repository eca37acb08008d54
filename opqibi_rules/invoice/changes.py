"""A change of a price: one mistake somebody may have made, what it moves, and how much it could account for."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.billing import Piece
from opqibi_rules.messages import Message


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

    @property
    def stiff(self) -> bool:
        """It accounts for few amounts, so that one it accounts for is hardly by chance."""
        return self.freedom <= Freedom.COUNT


class Stretch(NamedTuple):
    """How far changes stretch the truth: the least is the likeliest."""

    free: int = 0
    """How many could account for any amount; what the schedule does not know counts twice."""
    bend: int = 0
    """How many times each, and how freely, together."""


def stretch_of(changes: Iterable[Change]) -> Stretch:
    """How far changes stretch the truth together."""
    free = bend = 0
    for change in changes:
        free += max(0, change.freedom - Freedom.TURNOVER_AT_LIMIT)
        bend += change.freedom + change.units
    return Stretch(free, bend)


class OtherTurnover(NamedTuple):
    """A turnover that may have been taken by mistake, and what it is."""

    name: Message
    amount: Decimal
    """Euros excl. VAT."""
