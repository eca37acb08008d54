"""The fees on whole columns, on any engine, equal to the cent to :func:`opqibi_rules.price.quote.quote`.

The fees are narwhals expressions made from the same :class:`~opqibi_rules.tables.schedule.Schedule` as a single
quote (:mod:`opqibi_rules.price.columns.fees`), and run where the table is: polars (eager or lazy), duckdb,
pyarrow, pandas, PySpark.
"""

from collections.abc import Collection, Iterable
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any, TypeVar, cast

import narwhals.stable.v2 as nw

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import LARGEST
from opqibi_rules.price.columns import inputs
from opqibi_rules.price.columns.fees import Cells, FeeColumns
from opqibi_rules.price.columns.headings import events_named
from opqibi_rules.price.columns.inputs import DAY, ERROR, EVENT, TOTAL, Editions
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

UNITS = ("cents", "euros")

_Frame = TypeVar("_Frame")


def with_fees(
    frame: _Frame,
    *,
    on: date | None = None,
    tables: Tables | None = None,
    integers: str = "cents",
    carry: Collection[str] = (),
) -> _Frame:
    """The table with its fees: :attr:`Editions.outputs` after its own columns, its rows and their order kept.

    Columns read, under these names or as people write them (« Chiffre d’affaires », « Tarif 1 », « Événement »):
    ``turnover`` (for a schedule of several turnovers, the first; ``turnover_ID`` for another),
    ``t1``, ``t2``… (as many as the schedule has tariff codes), and if they are there ``event`` (else the
    schedule's first), ``new_t1``, ``new_t2``…, ``date`` (else ``on`` for all). Turnovers are integers,
    decimals in euros or text read as :func:`opqibi_rules.money.parse_amount` does; counts integers or text,
    empty for none. A row that cannot be priced has null fees, and in ``error`` a code that :func:`explain`
    says in words. Where rows have their own days, there is a column for each fee of each schedule known, null
    where the row's own does not declare it.

    Args:
        frame: a table of polars, duckdb, pyarrow, pandas or PySpark; the answer is of the same kind.
        on: the day that chooses the schedule, for a table without a ``date`` column.
        tables: the facts; those shipped by default.
        integers: what a turnover column of integers counts, ``cents`` or ``euros``.
        carry: columns of the user's own that look like ours (quarters ``T1`` to ``T4``): kept, not read.

    Raises:
        RequestError: a column is missing or of a type that cannot be exact, one of ours is there already, or
            one looks like ours and is not (``evnt``, a tariff that no schedule has), two mean the same.
        DateError: no schedule is known on the day ``on``.
        TableError: a schedule too large to be computed on columns.
    """
    return cast("_Frame", _Pricing(frame, on, tables or shipped_tables(), integers, carry).result())


_FAULTS = {
    "event_unknown": Message("event: that day's schedule has no such event."),
    "date_not_a_day": Message("date: a day such as 2026-03-02 is expected."),
    "date_without_schedule": Message("date: no fee schedule is known on that day."),
    "no_qualification": Message("No qualification is given; at least one is expected."),
    "new_without_control": Message(
        "New qualifications are given at an event that takes none; they belong to a control."
    ),
}
_MISSING, _NO_AMOUNT, _NEGATIVE, _TOO_LARGE = "_missing", "_not_an_amount", "_negative", "_too_large"
_COUNT, _FOREIGN = "_not_a_count", "_not_in_schedule"
_OF_A_COLUMN = {
    _MISSING: marked("{column}: missing; a fee that is due needs it."),
    _NO_AMOUNT: marked("{column}: not an amount in euros. Write 350000, 350000.50 or 350 000,50 €."),
    _NEGATIVE: marked("{column}: negative; zero or more is expected."),
    _TOO_LARGE: marked("{column}: over {largest:euro}; check the unit."),
    _COUNT: marked("{column}: a whole number from 0 to {most} is expected."),
    _FOREIGN: marked("{column}: that day's schedule has no such tariff code."),
}


def explain(error: str) -> Message:
    """The sentence for a code of the ``error`` column.

    >>> str(explain("t3_not_a_count"))
    't3: a whole number from 0 to 1000 is expected.'

    Raises:
        RequestError: no code of ours.
    """
    if error in _FAULTS:
        return _FAULTS[error]
    for fault, sentence in _OF_A_COLUMN.items():
        if error.endswith(fault):
            column = error.removesuffix(fault)
            return Message(sentence, column=column, most=MOST_OF_A_TARIFF, largest=LARGEST)
    raise RequestError("« {text} » is not a code of the column error.", text=error[:80])


def column_of(error: str) -> str | None:
    """The column of ours that a code of the ``error`` column speaks of, if it is one alone."""
    if error in _FAULTS:
        return {"event_unknown": EVENT, "date_not_a_day": DAY, "date_without_schedule": DAY}.get(error)
    return next((error.removesuffix(fault) for fault in _OF_A_COLUMN if error.endswith(fault)), None)


_HIDDEN = {
    "date_": ("event_unknown", "new_without_control"),
    "event_unknown": ("new_without_control",),
}
"""What else is said of a row by nothing but these faults: no schedule, no event."""


def every_fault(
    frame: _Frame, *, on: date | None = None, tables: Tables | None = None, integers: str = "cents"
) -> _Frame:
    """All the faults of each row, of a table that :func:`with_fees` takes: a truth for each code, in order."""
    return cast("_Frame", _Pricing(frame, on, tables or shipped_tables(), integers, ()).every_fault())


class _Pricing:
    """One call of :func:`with_fees`: reads the columns, then finds the faults, then prices.

    Each step stands as columns of its own before the next (``mark``), so that no engine computes it twice.
    """

    def __init__(
        self, frame: Any, on: date | None, tables: Tables, integers: str, carried: Collection[str]
    ) -> None:
        table = nw.from_native(frame)
        # polars computes a chain of steps far faster when it sees them all before it starts.
        self._deferred = isinstance(table, nw.DataFrame) and table.implementation.is_polars()
        self._table = table.lazy() if self._deferred else table
        types = dict(self._table.collect_schema())
        self._columns = tuple(types)
        self._integers = integers
        if integers not in UNITS:
            raise RequestError(
                "integers: « {text} » is not one of {units}.", text=str(integers)[:40], units=UNITS
            )
        self._editions = Editions.met(self._columns, on, tables, carried)
        self._types = {ours: types[heading] for ours, heading in self._editions.read.items()}
        """Of our columns, as far as the table has them."""
        self._events = events_named(self._editions.events.values(), tables.invoice_wording)
        self._before = _free(self._columns)
        self._rules = [FeeColumns(schedule) for schedule in self._editions.schedules]
        counted = self._editions.counted
        self._held = {tariff: f"t{tariff}" for tariff in counted if f"t{tariff}" in self._types}
        self._new = {tariff: f"new_t{tariff}" for tariff in counted if f"new_t{tariff}" in self._types}
        self._turnovers = [name for name in self._editions.turnovers if name in self._types]

    def result(self) -> Any:
        """The native table with the output columns."""
        table = self._marked()
        table = table.with_columns(_first_fault(self._faults()).alias(ERROR))
        sound = nw.col(ERROR).is_null()
        table = table.with_columns(
            nw.when(sound).then(self._cell(name)).otherwise(nw.lit(0)).alias(self._mark(name))
            for name in (*self._turnovers, *self._held.values(), *self._new.values())
        )
        table = table.with_columns(self._fee(name, sound).alias(name) for name in self._editions.fees)
        table = table.with_columns(nw.when(sound).then(nw.sum_horizontal(*self._editions.fees)).alias(TOTAL))
        table = table.select(*self._columns, *self._editions.outputs)
        return (table.collect() if self._deferred else table).to_native()

    def every_fault(self) -> Any:
        """A native table of truths, by code."""
        faults = {code: present.fill_null(value=False) for code, present in self._faults().items()}
        for code in list(faults):
            if code.endswith(_NEGATIVE):  # what cannot be read is marked by a number below zero
                faults[code] = faults[code] & ~faults[code.removesuffix(_NEGATIVE) + _NO_AMOUNT]
            for hidden in (
                each for start, some in _HIDDEN.items() if code.startswith(start) for each in some
            ):
                if hidden in faults:
                    faults[hidden] = faults[hidden] & ~faults[code]
        table = self._marked().select(**faults)
        return (table.collect() if self._deferred else table).to_native()

    def _marked(self) -> Any:
        return self._table.with_columns(**{self._mark(name): value for name, value in self._read().items()})

    def _read(self) -> dict[str, nw.Expr]:
        types, editions = self._types, self._editions
        heading = editions.read
        read = {
            name: inputs.amount_cents(heading[name], types[name], integers=self._integers)
            for name in self._turnovers
        }
        read |= {
            name: inputs.count(heading[name], types[name])
            for name in (*self._held.values(), *self._new.values())
        }
        if EVENT in types:
            read[EVENT] = inputs.event(heading[EVENT], types[EVENT], self._events)
        if DAY in types:
            read[DAY] = inputs.edition(heading[DAY], types[DAY], editions.schedules)
        return read

    def _faults(self) -> dict[str, nw.Expr]:
        """For each code, whether the row has that fault; the first found is the one told."""
        faults: dict[str, nw.Expr] = {}
        if DAY in self._types:
            faults["date_not_a_day"] = self._cell(DAY) == inputs.NOT_A_DAY
            faults["date_without_schedule"] = self._cell(DAY) == inputs.NO_SCHEDULE
        if EVENT in self._types:
            faults["event_unknown"] = ~self._row_is(
                [event.id for event in schedule.events] for schedule in self._editions.schedules
            )
        for name in self._turnovers:
            faults[name + _NO_AMOUNT] = self._cell(name) == inputs.UNREADABLE
            faults[name + _NEGATIVE] = self._cell(name) < 0
            faults[name + _TOO_LARGE] = self._cell(name) > inputs.LARGEST_CENTS
        for name in self._editions.turnovers:
            needed = self._row_is(bearing.get(name, ()) for bearing in self._editions.bearing)
            faults[name + _MISSING] = needed & self._cell(name).is_null() if name in self._types else needed
        return faults | self._faults_of_counts()

    def _faults_of_counts(self) -> dict[str, nw.Expr]:
        schedules = self._editions.schedules
        faults: dict[str, nw.Expr] = {}
        for name in (*self._held.values(), *self._new.values()):
            faults[name + _COUNT] = ~self._cell(name).is_between(0, MOST_OF_A_TARIFF)
        for tariff, name in (*self._held.items(), *self._new.items()):
            lacking = [number for number, schedule in enumerate(schedules) if tariff not in schedule.tariffs]
            if lacking:
                faults[name + _FOREIGN] = (self._cell(name) != 0) & reduce(or_, map(self._in_force, lacking))
        none = [self._cell(name) == 0 for name in self._held.values()]
        faults["no_qualification"] = nw.all_horizontal(*none, ignore_nulls=True)
        if self._new:
            some = [self._cell(name) != 0 for name in self._new.values()]
            taking = self._row_is(
                [event.id for event in schedule.events if schedule.takes_new(event)] for schedule in schedules
            )
            faults["new_without_control"] = nw.any_horizontal(*some, ignore_nulls=True) & ~taking
        return faults

    def _fee(self, fee: str, sound: nw.Expr) -> nw.Expr:
        """One fee, by the schedule of the row's day; null where its event does not bear it."""
        chosen: nw.Expr | None = None
        for number, rules in enumerate(self._rules):
            declared = rules.schedule.fee(fee)
            if declared is None:
                continue
            borne = nw.when(sound & self._is(number, declared.events))
            due = borne.then(rules.cents(fee, self._cells(rules.schedule)))
            chosen = due if chosen is None else due.otherwise(chosen)
        assert chosen is not None  # a fee of the editions is declared by one
        return chosen

    def _cells(self, schedule: Schedule) -> Cells:
        columns = {base.id: inputs.turnover_column(base.id, schedule) for base in schedule.turnovers}
        return Cells(
            asked={tariff: self._cell(name) for tariff, name in self._held.items()},
            new={tariff: self._cell(name) for tariff, name in self._new.items()},
            turnovers={base: self._cell(name) for base, name in columns.items() if name in self._turnovers},
        )

    def _in_force(self, number: int) -> nw.Expr:
        """Whether the row is priced by the schedule of that number."""
        return nw.lit(value=True) if len(self._rules) == 1 else self._cell(DAY) == number

    def _is(self, number: int, events: Collection[str]) -> nw.Expr:
        """The same, and its event is one of these."""
        among = self._among(self._editions.schedules[number].events[0].id, events)
        return among if len(self._rules) == 1 else self._in_force(number) & among

    def _among(self, first: str, events: Collection[str]) -> nw.Expr:
        """Whether the row's event, or where none is named the schedule's first, is one of these."""
        if EVENT not in self._types:
            return nw.lit(first in events)
        known = {inputs.NO_EVENT: None, **dict(enumerate(self._editions.events))}
        others = [self._cell(EVENT) != index for index, event in known.items() if event not in events]
        among = [self._cell(EVENT) == index for index, event in known.items() if event in events]
        # Whichever says it in fewer comparisons.
        return reduce(or_, among) if 0 < len(among) < len(others) else reduce(and_, others)

    def _row_is(self, events: Iterable[Collection[str]]) -> nw.Expr:
        """Whether the row's event is one of those given for the schedule of its day."""
        return reduce(or_, [self._is(number, among) for number, among in enumerate(events)])

    def _mark(self, name: str) -> str:
        """The name of a column of ours while we work; the user's table has none like it."""
        return f"{self._before}{name}"

    def _cell(self, name: str) -> nw.Expr:
        return nw.col(self._mark(name))


def _free(columns: Iterable[str]) -> str:
    """What begins none of these names: our own columns, while we work, are told by it."""
    before = "__opqibi_"
    while any(name.lower().startswith(before) for name in columns):
        before = f"_{before}"
    return before


def _first_fault(faults: dict[str, nw.Expr]) -> nw.Expr:
    (code, present), *others = reversed(faults.items())
    chosen: nw.Expr = nw.when(present).then(nw.lit(code))
    for code, present in others:
        chosen = nw.when(present).then(nw.lit(code)).otherwise(chosen)
    return chosen
