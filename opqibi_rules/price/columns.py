"""The four fees on whole columns, on any engine, equal to the cent to :func:`opqibi_rules.price.quote.quote`.

The fees are narwhals expressions made from the same :class:`~opqibi_rules.tables.schedule.Schedule` as a
single quote, and run where the table is: polars (eager or lazy), duckdb, pyarrow, pandas, PySpark.

Amounts are whole cents in int64, never engine decimals (their products keep fewer digits than the rates have)
nor ``round`` (half to even here, half up there). A rate is a whole number over a *scale*, the least power of
ten that makes every rate of the schedule whole. For a turnover ``x`` of the tranche ``i``, the exact fee
times the scale is the line ``slope[i]·x + intercept[i]``; floor and cap are laid on it while it is exact,
which gives the same fee as after the rounding since both are whole cents; then one integer division rounds
half up: ``(n + scale / 2) // scale``.

No int64 can overflow, and no engine that divides in doubles can err: every intermediate value grows with the
turnover and the counts, which are bounded, so that its largest value is computed when the expressions are
made, and a schedule too large for it is refused (:func:`FeeColumns`).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any, TypeVar, cast

import narwhals.stable.v2 as nw

from opqibi_rules.errors import RequestError, TableError
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, LARGEST
from opqibi_rules.price import column_inputs as inputs
from opqibi_rules.price.fees import ANNUAL_CONTROL, BRAND_USAGE, DOSSIER, FEES, INSTRUCTION
from opqibi_rules.price.question import EVENTS, MOST_OF_A_TARIFF
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule, UnitPrices

TOTAL, ERROR = "total_excl_vat", "error"
OUTPUTS = (*FEES, TOTAL, ERROR)
"""The columns that :func:`with_fees` adds: five in whole cents, and the error's code, null where right."""
UNITS = ("cents", "euros")
TURNOVER, EVENT, DAY = "turnover", "event", "date"

_INT64 = 2**63 - 1
_DOUBLE = 2**53
"""The largest whole number below which all are exact in a double: Spark divides integers in doubles, and
``floor`` of the quotient of two whole numbers is right up to there (its rounding error is then smaller than
the distance to the next whole number, one over the divisor)."""

_Frame = TypeVar("_Frame")


class FeeColumns:
    """The rules of one schedule as expressions: the columns' :class:`~opqibi_rules.price.fees.Articles`.

    Turnovers and counts given to them are int64 columns within bounds (0 to
    :data:`~opqibi_rules.money.LARGEST`, 0 to :data:`~opqibi_rules.price.quote.MOST_OF_A_TARIFF`).

    Raises:
        TableError: amounts or rates so large, or so finely written, that int64 could not hold every result.
    """

    def __init__(self, schedule: Schedule) -> None:
        usage = schedule.brand_usage
        self.schedule = schedule
        self._dossier = _cents(schedule.dossier.amount)
        self._instruction_flat = _cents(schedule.instruction_flat.amount)
        self._control_flat = _cents(schedule.control_flat.amount)
        self._new_flat = _cents(schedule.new_requests_flat.amount)
        self._instruction = _unit_cents(schedule.instruction_prices)
        self._control = _unit_cents(schedule.control_prices)
        self._floor, self._cap = _cents(usage.floor.amount), _cents(usage.cap.amount)
        self.scale = 10 ** max(1, *(-_exponent(tranche.rate) for tranche in usage.tranches))
        """What rates are multiplied by to be whole; ten at least, so that half of it is whole too."""
        self._segments: list[tuple[int, int, int]] = []
        below = 0
        for tranche in usage.tranches:
            slope, lower = int(EXACT.multiply(tranche.rate, self.scale)), _cents(tranche.lower)
            self._segments.append((lower, slope, below - slope * lower))
            if tranche.upper is not None:
                below += slope * (_cents(tranche.upper) - lower)
        self._prove_bounds()

    def dossier(self) -> nw.Expr:
        """Article I."""
        return nw.lit(self._dossier, nw.Int64)

    def instruction(self, asked: dict[int, nw.Expr]) -> nw.Expr:
        """Article II, from the counts asked for by tariff code."""
        return _priced(self._instruction, asked) + self._instruction_flat

    def brand_usage(self, turnover: nw.Expr) -> nw.Expr:
        """Article III, for four years, from the turnover in cents."""
        (_, slope, intercept), *others = self._segments
        slopes, intercepts = nw.lit(slope, nw.Int64), nw.lit(intercept, nw.Int64)
        for lower, slope, intercept in others:
            above = turnover > lower
            slopes = nw.when(above).then(nw.lit(slope, nw.Int64)).otherwise(slopes)
            intercepts = nw.when(above).then(nw.lit(intercept, nw.Int64)).otherwise(intercepts)
        exact = turnover * slopes + intercepts
        limited = exact.clip(self._floor * self.scale, self._cap * self.scale)
        rounded: nw.Expr = (limited + self.scale // 2) // self.scale
        return rounded

    def annual_control(self, held: dict[int, nw.Expr], new: dict[int, nw.Expr]) -> nw.Expr:
        """Article IV, from the counts held and those newly asked for by tariff code."""
        fee = _priced(self._control, held) + self._control_flat
        if not new:
            return fee
        asked = reduce(add, new.values()) > 0
        added = nw.when(asked).then(_priced(self._instruction, new) + self._new_flat).otherwise(nw.lit(0))
        return fee + added

    def _prove_bounds(self) -> None:
        """Refuse a schedule for which a value on the way could leave int64, or the division its doubles."""
        most_new = self._new_flat + MOST_OF_A_TARIFF * sum(self._instruction.values())
        largest = [
            self._dossier
            + self._instruction_flat
            + MOST_OF_A_TARIFF * sum(self._instruction.values())
            + self._cap,
            self._control_flat + MOST_OF_A_TARIFF * sum(self._control.values()) + most_new,
        ]
        for _, slope, intercept in self._segments:
            largest.append(slope * inputs.LARGEST_CENTS + abs(intercept))
        divided = self._cap * self.scale + self.scale // 2
        if max(largest) > _INT64 or divided > _DOUBLE:
            raise TableError(
                Message(
                    "The schedule {id} has amounts too large, or rates with too many decimals, for columns to "
                    "be exact up to a turnover of {largest:euro}. Price these structures one by one.",
                    id=self.schedule.id,
                    largest=LARGEST,
                )
            )


def with_fees(
    frame: _Frame, *, on: date | None = None, tables: Tables | None = None, integers: str = "cents"
) -> _Frame:
    """The table with its fees: the columns :data:`OUTPUTS` after its own, its rows and their order kept.

    Columns read: ``turnover``, ``t1`` to ``t7`` (as many as the schedule has tariff codes), and if they are
    there ``event`` (else ``first``), ``new_t1`` to ``new_t7``, ``date`` (else ``on`` for all). Turnovers are
    integers, decimals in euros or text read as :func:`opqibi_rules.money.parse_amount` does; counts integers
    or text, empty for none. A row that cannot be priced has null fees, and in ``error`` a code that
    :func:`explain` says in words.

    Args:
        frame: a table of polars, duckdb, pyarrow, pandas or PySpark; the answer is of the same kind.
        on: the day that chooses the schedule, for a table without a ``date`` column.
        tables: the facts; those shipped by default.
        integers: what a turnover column of integers counts, ``cents`` or ``euros``.

    Raises:
        RequestError: a column is missing or of a type that cannot be exact, or one of ours is there already.
        DateError: no schedule is known on the day ``on``.
        TableError: a schedule too large to be computed on columns.
    """
    return cast("_Frame", _Pricing(frame, on, tables or shipped_tables(), integers).result())


_FAULTS = {
    "event_unknown": Message("event: one of {events} is expected.", events=EVENTS),
    "date_not_a_day": Message("date: a day such as 2026-03-02 is expected."),
    "date_without_schedule": Message("date: no fee schedule is known on that day."),
    "turnover_missing": Message("turnover: missing; the brand-usage fee needs it."),
    "turnover_not_an_amount": Message(
        "turnover: not an amount in euros. Write 350000, 350000.50 or 350 000,50 €."
    ),
    "turnover_negative": Message("turnover: negative; zero or more is expected."),
    "turnover_too_large": Message("turnover: over {largest:euro}; check the unit.", largest=LARGEST),
    "no_qualification": Message("No qualification is given; at least one is expected."),
    "new_without_control": Message(
        "New qualifications are given for a first application or a renewal; they belong to a control."
    ),
}
_COUNT, _FOREIGN = "_not_a_count", "_not_in_schedule"


def explain(error: str) -> Message:
    """The sentence for a code of the ``error`` column.

    >>> str(explain("t3_not_a_count"))
    't3: a whole number from 0 to 1000 is expected.'
    """
    if error.endswith(_COUNT):
        return Message(
            "{column}: a whole number from 0 to {most} is expected.",
            column=error.removesuffix(_COUNT),
            most=MOST_OF_A_TARIFF,
        )
    if error.endswith(_FOREIGN):
        return Message(
            "{column}: that day's schedule has no such tariff code.", column=error.removesuffix(_FOREIGN)
        )
    return _FAULTS[error]


class _Pricing:
    """One call of :func:`with_fees`: reads the columns, then finds the faults, then prices.

    Each step stands as columns of its own before the next (``mark``), so that no engine computes it twice.
    """

    def __init__(self, frame: Any, on: date | None, tables: Tables, integers: str) -> None:
        table = nw.from_native(frame)
        # polars computes a chain of steps far faster when it sees them all before it starts.
        self._deferred = isinstance(table, nw.DataFrame) and table.implementation.is_polars()
        self._table = table.lazy() if self._deferred else table
        self._types = dict(self._table.collect_schema())
        self._integers = integers
        if integers not in UNITS:
            raise RequestError(
                Message("integers: « {text} » is not one of {units}.", text=str(integers)[:40], units=UNITS)
            )
        self._dated = DAY in self._types
        if not self._dated and on is None:
            raise RequestError(Message("Neither a column date nor a day is given; which schedule holds?"))
        schedules = tables.schedules if self._dated or on is None else (tables.schedule(on),)
        self._rules = [FeeColumns(schedule) for schedule in schedules]
        tariffs = sorted({tariff for schedule in schedules for tariff in schedule.tariffs})
        self._held = {tariff: f"t{tariff}" for tariff in tariffs if f"t{tariff}" in self._types}
        self._new = {tariff: f"new_t{tariff}" for tariff in tariffs if f"new_t{tariff}" in self._types}
        self._check_columns(tariffs)

    def _check_columns(self, tariffs: Sequence[int]) -> None:
        if TURNOVER not in self._types or not self._held:
            raise RequestError(
                Message(
                    "The columns turnover and {first} to {last} are expected; the table has: {columns}.",
                    first=f"t{tariffs[0]}",
                    last=f"t{tariffs[-1]}",
                    columns=tuple(self._types)[:40],
                )
            )
        taken = [name for name in OUTPUTS if name in self._types]
        if taken:
            raise RequestError(
                Message("The table has already: {columns}. Rename or remove them first.", columns=taken)
            )

    def result(self) -> Any:
        """The native table with the output columns."""
        table = self._table.with_columns(**{_mark(name): value for name, value in self._read().items()})
        table = table.with_columns(_first_fault(self._faults()).alias(ERROR))
        sound = nw.col(ERROR).is_null()
        bounded = (TURNOVER, *self._held.values(), *self._new.values())
        table = table.with_columns(
            nw.when(sound).then(nw.col(_mark(name))).otherwise(nw.lit(0)).alias(_mark(name))
            for name in bounded
        )
        table = table.with_columns(self._fees(sound))
        table = table.with_columns(nw.when(sound).then(nw.sum_horizontal(*FEES)).alias(TOTAL))
        table = table.select(*self._types, *OUTPUTS)
        return (table.collect() if self._deferred else table).to_native()

    def _read(self) -> dict[str, nw.Expr]:
        types = self._types
        read = {TURNOVER: inputs.amount_cents(TURNOVER, types[TURNOVER], integers=self._integers)}
        read |= {
            name: inputs.count(name, types[name]) for name in (*self._held.values(), *self._new.values())
        }
        if EVENT in types:
            read[EVENT] = inputs.event(EVENT, types[EVENT])
        if self._dated:
            read[DAY] = inputs.edition(DAY, types[DAY], [rule.schedule for rule in self._rules])
        return read

    def _faults(self) -> dict[str, nw.Expr]:
        """For each code, whether the row has that fault; the first found is the one told."""
        turnover = nw.col(_mark(TURNOVER))
        faults = {}
        if EVENT in self._types:
            faults["event_unknown"] = nw.col(_mark(EVENT)) == inputs.NO_EVENT
        if self._dated:
            faults["date_not_a_day"] = nw.col(_mark(DAY)) == inputs.NOT_A_DAY
            faults["date_without_schedule"] = nw.col(_mark(DAY)) == inputs.NO_SCHEDULE
        faults["turnover_not_an_amount"] = turnover == inputs.UNREADABLE
        faults["turnover_negative"] = turnover < 0
        faults["turnover_too_large"] = turnover > inputs.LARGEST_CENTS
        faults["turnover_missing"] = turnover.is_null() & ~self._is("control")
        for name in (*self._held.values(), *self._new.values()):
            faults[name + _COUNT] = ~nw.col(_mark(name)).is_between(0, MOST_OF_A_TARIFF)
        for number, rule in enumerate(self._rules if len(self._rules) > 1 else ()):
            for tariff, name in (*self._held.items(), *self._new.items()):
                if tariff not in rule.schedule.tariffs:
                    here = (nw.col(_mark(DAY)) == number) & (nw.col(_mark(name)) != 0)
                    faults[name + _FOREIGN] = (
                        faults[name + _FOREIGN] | here if name + _FOREIGN in faults else here
                    )
        none = [nw.col(_mark(name)) == 0 for name in self._held.values()]
        faults["no_qualification"] = nw.all_horizontal(*none, ignore_nulls=True)
        if self._new:
            some = [nw.col(_mark(name)) != 0 for name in self._new.values()]
            faults["new_without_control"] = nw.any_horizontal(*some, ignore_nulls=True) & ~self._is("control")
        return faults

    def _is(self, event: str) -> nw.Expr:
        if EVENT in self._types:
            return nw.col(_mark(EVENT)) == EVENTS.index(event)
        return nw.lit(event == "first")

    def _fees(self, sound: nw.Expr) -> list[nw.Expr]:
        turnover = nw.col(_mark(TURNOVER))
        held = {tariff: nw.col(_mark(name)) for tariff, name in self._held.items()}
        new = {tariff: nw.col(_mark(name)) for tariff, name in self._new.items()}
        control = self._is("control")
        fees = {
            DOSSIER: (self._is("first"), [rule.dossier() for rule in self._rules]),
            INSTRUCTION: (~control, [rule.instruction(held) for rule in self._rules]),
            BRAND_USAGE: (~control, [rule.brand_usage(turnover) for rule in self._rules]),
            ANNUAL_CONTROL: (control, [rule.annual_control(held, new) for rule in self._rules]),
        }
        return [
            nw.when(sound & borne).then(self._by_day(editions)).alias(fee)
            for fee, (borne, editions) in fees.items()
        ]

    def _by_day(self, editions: Sequence[nw.Expr]) -> nw.Expr:
        """Of one expression per schedule, the one in force on the row's day."""
        chosen = editions[0]
        for number, edition in enumerate(editions[1:], 1):
            chosen = nw.when(nw.col(_mark(DAY)) == number).then(edition).otherwise(chosen)
        return chosen


def _mark(name: str) -> str:
    """The name of a column of ours while we work; a user's table has none like it."""
    return f"__opqibi_{name}"


def _first_fault(faults: dict[str, nw.Expr]) -> nw.Expr:
    (code, present), *others = reversed(faults.items())
    chosen: nw.Expr = nw.when(present).then(nw.lit(code))
    for code, present in others:
        chosen = nw.when(present).then(nw.lit(code)).otherwise(chosen)
    return chosen


def _priced(prices: dict[int, int], counts: dict[int, nw.Expr]) -> nw.Expr:
    priced = [count * prices[tariff] for tariff, count in counts.items() if tariff in prices]
    return reduce(add, priced) if priced else nw.lit(0, nw.Int64)


def _unit_cents(prices: UnitPrices) -> dict[int, int]:
    return {tariff: _cents(price) for tariff, price in prices.by_tariff.items()}


def _cents(amount: Decimal) -> int:
    """An amount of a schedule in cents; tables hold no finer one."""
    return int(EXACT.multiply(amount, Decimal(100)))


def _exponent(rate: Decimal) -> int:
    return int(rate.normalize(EXACT).as_tuple().exponent)
