"""A schedule's fees on columns: an expression for each kind of part, as :mod:`opqibi_rules.price.fees` for one quote.

Amounts are whole cents in int64, never engine decimals (their products keep fewer digits than the rates have)
nor ``round`` (half to even here, half up there). A rate is a whole number over a *scale*, the least power of
ten that makes every rate of the part whole. For a turnover ``x`` of the tranche ``i``, the exact fee
times the scale is the line ``slope[i]·x + start[i]``; floor and cap are laid on it while it is exact, which
gives the same fee as after the rounding since both are whole cents; then one integer division rounds half up:
``(n + scale / 2) // scale``.

No int64 can overflow, and no engine that divides in doubles can err: every intermediate value grows with the
turnover and the counts, which are bounded, so that its largest value is computed when the expressions are
made, and a schedule too large for it is refused (:func:`FeeColumns`).
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import add
from typing import NamedTuple

import narwhals.stable.v2 as nw

from opqibi_rules.errors import TableError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.money import LARGEST, exactly
from opqibi_rules.price.columns.expressions import Term, when
from opqibi_rules.price.columns.inputs import LARGEST_CENTS
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.tables.schedule import Counted, Flat, Part, PerQualification, PriceList, Schedule, Tranches

_INT64 = 2**63 - 1
_DOUBLE = 2**53
"""The largest whole number below which all are exact in a double: Spark divides integers in doubles, and
``floor`` of the quotient of two whole numbers is right up to there (its rounding error is then smaller than
the distance to the next whole number, one over the divisor)."""


class Cells(NamedTuple):
    """What a row is priced from, as int64 columns within bounds: 0 to the largest turnover, or count, accepted."""

    asked: Mapping[int, nw.Expr]
    """How many qualifications asked for or held, by tariff code."""
    new: Mapping[int, nw.Expr] = FrozenDict()
    """How many newly asked for on top of those held, by tariff code."""
    turnovers: Mapping[str, nw.Expr] = FrozenDict()
    """In cents, by the schedule's id."""
    instead: Mapping[Tranches, nw.Expr] = FrozenDict()
    """The same for the parts whose turnover each row's own codes tell."""


class _FlatColumn:
    """A part of one amount."""

    def __init__(self, part: Flat) -> None:
        self._if_new = part.when == "new_requests"
        self.largest = self.largest_step = _cents(part.amount)

    def cents(self, cells: Cells) -> Term | None:
        """The part in cents; ``None`` where no row can bear it."""
        if not self._if_new:
            return self.largest
        if not cells.new:
            return None
        return when(reduce(add, cells.new.values()) > 0, self.largest, 0)


class _PerQualificationColumn:
    """A part that prices qualifications by tariff code."""

    def __init__(self, part: PerQualification, prices: PriceList) -> None:
        self._new = part.counts is Counted.NEW
        self._prices = {tariff: _cents(price) for tariff, price in prices.by_tariff.items()}
        self.largest = self.largest_step = MOST_OF_A_TARIFF * sum(self._prices.values())

    def cents(self, cells: Cells) -> Term | None:
        """The part in cents; ``None`` where no row can bear it."""
        counts = cells.new if self._new else cells.asked
        priced = [count * self._prices[tariff] for tariff, count in counts.items() if tariff in self._prices]
        return reduce(add, priced) if priced else None


class _TranchesColumn:
    """A part by cumulative tranches of a turnover."""

    @exactly
    def __init__(self, part: Tranches) -> None:
        self._part = part
        self.scale = 10 ** max(1, *(-_exponent(tranche.rate) for tranche in part.tranches))
        """What rates are multiplied by to be whole; ten at least, so that half of it is whole too."""
        self._floor = None if part.floor is None else _cents(part.floor.amount) * self.scale
        self._cap = None if part.cap is None else _cents(part.cap.amount) * self.scale
        self._segments = _segments(part, self.scale)
        reached = max(slope * LARGEST_CENTS + abs(start) for _, slope, start in self._segments)
        limited = max(reached if self._cap is None else min(reached, self._cap), self._floor or 0)
        self._in_doubles = limited + self.scale // 2 <= _DOUBLE
        self.largest = limited // self.scale + 1
        self.largest_step = max(reached, self._floor or 0, self._cap or 0) + self.scale

    def cents(self, cells: Cells) -> Term | None:
        """The part in cents, rounded half up once; ``None`` where no row has its turnover."""
        turnover = cells.instead.get(self._part, cells.turnovers.get(self._part.turnover))
        if turnover is None:
            return None
        slopes: Term
        starts: Term
        (_, slopes, starts), *others = self._segments
        for lower, slope, start in others:
            above = turnover > lower
            slopes, starts = when(above, slope, slopes), when(above, start, starts)
        exact = turnover * slopes + starts
        if self._floor is not None or self._cap is not None:
            exact = exact.clip(self._floor, self._cap)
        half = self.scale // 2
        shifted = exact + half
        if not self._in_doubles:
            # A quotient that stands half-way between two whole numbers: a double's error cannot reach either.
            shifted = shifted - shifted % self.scale + half
        rounded: nw.Expr = shifted // self.scale
        return rounded


def _segments(part: Tranches, scale: int) -> list[tuple[int, int, int]]:
    """From which turnover in cents each line holds, its slope and its intercept; nothing below the first."""
    segments = [] if part.tranches[0].above == 0 else [(0, 0, 0)]
    below = 0
    for tranche in part.tranches:
        slope, lower = int(tranche.rate * scale), _cents(tranche.above)
        segments.append((lower, slope, below - slope * lower))
        if tranche.up_to is not None:
            below += slope * (_cents(tranche.up_to) - lower)
    return segments


_PartColumn = _FlatColumn | _PerQualificationColumn | _TranchesColumn


def _column_of(part: Part, schedule: Schedule) -> _PartColumn:
    match part:
        case Flat():
            return _FlatColumn(part)
        case PerQualification():
            return _PerQualificationColumn(part, schedule.price_list(part.prices))
        case Tranches():
            return _TranchesColumn(part)


class FeeColumns:
    """The rules of one schedule as expressions: the columns' :class:`~opqibi_rules.price.fees.Rules`.

    Raises:
        TableError: amounts or rates so large, or so finely written, that int64 could not hold every result.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.parts = {fee.id: [_column_of(part, schedule) for part in fee.parts] for fee in schedule.fees}
        every = [part for parts in self.parts.values() for part in parts]
        # Each fee is computed on each row, borne or not; what they come to together bounds every sum on the way.
        self.largest = sum(part.largest for part in every)
        """The most that all its fees come to together, in cents."""
        if max(self.largest, *(part.largest_step for part in every)) > _INT64:
            raise TableError(
                "The schedule {id} has amounts too large, or rates with too many decimals, for columns to "
                "be exact up to a turnover of {largest:euro}. Price these structures one by one.",
                id=schedule.id,
                largest=LARGEST,
            )

    def has_turnovers(self, fee: str, cells: Cells) -> bool:
        """A row may give each turnover that the fee takes: where it does not, the fee is null."""
        tranches = [part for part in self.parts[fee] if isinstance(part, _TranchesColumn)]
        return all(part.cents(cells) is not None for part in tranches)

    def cents(self, fee: str, cells: Cells) -> Term:
        """One fee in cents, on the rows whose event bears it."""
        due = [part.cents(cells) for part in self.parts[fee]]
        return reduce(add, [part for part in due if part is not None] or [0])


@exactly
def _cents(amount: Decimal) -> int:
    """An amount of a schedule in cents; tables hold no finer one."""
    return int(amount * 100)


@exactly
def _exponent(rate: Decimal) -> int:
    return int(rate.normalize().as_tuple().exponent)
