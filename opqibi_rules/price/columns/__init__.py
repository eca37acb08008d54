"""The fees on whole columns, on any engine, equal to the cent to :func:`opqibi_rules.price.quote.quote`.

The fees are narwhals expressions made from the same :class:`~opqibi_rules.tables.schedule.Schedule` as a single
quote (:mod:`opqibi_rules.price.columns.fees`), and run where the table is: polars (eager or lazy), duckdb,
pyarrow, pandas, PySpark.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cache, cached_property, lru_cache, reduce
from itertools import chain
from operator import add, and_, or_
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import narwhals.stable.v2 as nw

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import LARGEST
from opqibi_rules.price.columns import inputs
from opqibi_rules.price.columns.given import Given, table_of
from opqibi_rules.price.columns.inputs import (
    CODES,
    DAY,
    ERROR,
    EVENT,
    TERRITORY,
    TOTAL,
    VAT,
    WITH_VAT,
    Column,
    Editions,
)
from opqibi_rules.price.columns.objects import as_text
from opqibi_rules.price.columns.rules import (
    FAULTS,
    MISSING,
    NEGATIVE,
    NO_AMOUNT,
    OF_A_COLUMN,
    ROW_OF_TOTALS,
    Rules,
    alone_column,
)
from opqibi_rules.price.columns.sql import to_sql
from opqibi_rules.price.columns.taxed import NO_RATE, Rates
from opqibi_rules.price.headings import LAST, LOOKED_AT, WORD, events_named, headings_of
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.tables.library import Tables, shipped_tables

if TYPE_CHECKING:
    import polars as pl

__all__ = ("UNITS", "column_of", "every_fault", "explain", "to_sql", "with_fees")

UNITS = ("cents", "euros")
FEW = 1000
"""Rows: fewer are computed sooner than polars has found how to compute them best."""
KEPT = 64
"""How many sets of steps, each for tables of the same columns, are kept to serve again."""
_DISTINCT = "distinct_codes"

_Frame = TypeVar("_Frame")


def with_fees(
    frame: _Frame,
    *,
    on: date | str | None = None,
    tables: Tables | None = None,
    integers: str | None = None,
    carry: Collection[str] = (),
    partial: bool = False,
) -> _Frame:
    """The table with its fees: :attr:`Editions.outputs` after its own columns, its rows and their order kept.

    Columns read, under these names or as people write them (« Chiffre d’affaires », « Tarif 1 », « Événement »):
    ``turnover`` (for a schedule of several turnovers, the first; ``turnover_ID`` for another), ``t1``, ``t2``… (as
    many as the schedule has tariff codes), and if they are there ``event`` (else the schedule's first),
    ``new_t1``, ``new_t2``…, ``date`` (else ``on`` for all). Turnovers are decimals in euros, integers of
    ``integers``, or text in euros read as :func:`opqibi_rules.money.parse_amount` does; counts integers or text,
    empty for none. A row that cannot be priced has null fees, and in ``error`` a code that :func:`explain`
    says in words. Where rows have their own days, there is a column for each fee of each schedule known, null
    where the row's own does not declare it.

    Args:
        frame: a table of polars, duckdb, pyarrow, pandas or PySpark; the answer is of the same kind. An Arrow stream
            (a ``RecordBatchReader``, whatever has ``__arrow_c_stream__``) gives a ``RecordBatchReader``.
        on: the day that chooses the schedule, for a table without a ``date`` column, and where its cells are empty.
        tables: the facts; those shipped by default.
        integers: what a turnover column of integers counts, ``cents`` or ``euros``; without it, such a column is
            refused. The fees that come out are whole cents.
        carry: columns of the user's own that look like ours (quarters ``T1`` to ``T4``): kept, not read.
        partial: a row whose one fault is a turnover that it lacks keeps the fees that need none, as a quote does; the
            others and all totals are null, and ``error`` says which turnover is missing.

    Raises:
        RequestError: a column is missing or of a type that cannot be exact, one of ours is there already, or
            one looks like ours and is not (``evnt``, « Date de création », a tariff that no schedule has), two mean
            the same; in the first and last rows of a table at hand, one that is not read holds events, codes or units
            other than the euro alone, or names a sum of other rows.
        DateError: no schedule is known on the day ``on``.
        TableError: a schedule too large to be computed on columns.
    """
    if table_of(frame, or_itself=True) is frame and hasattr(frame, "__arrow_c_stream__"):
        native = _read_whole(frame)
        return cast("_Frame", _Pricing(native, on, tables, integers, carry, partial).result().to_reader())
    return cast("_Frame", _Pricing(frame, on, tables, integers, carry, partial).result())


def _read_whole(stream: object) -> Any:
    """An Arrow stream that no engine claims, as a table.

    Raises:
        TypeError: it has no columns: a column alone.
    """
    import pyarrow as pa  # noqa: PLC0415 - who gives a stream has it, or is told so

    try:
        return pa.RecordBatchReader.from_stream(stream).read_all()
    except pa.ArrowInvalid as error:
        raise TypeError(f"a table is expected, not {type(stream).__name__}: {error}") from None


def explain(error: str) -> Message:
    """The sentence for a code of the ``error`` column.

    >>> str(explain("t3_not_a_count"))
    't3: a whole number from 0 to 1000 is expected.'

    Raises:
        RequestError: no code of ours.
    """
    if error in FAULTS:
        return FAULTS[error]
    for fault, sentence in OF_A_COLUMN.items():
        if error.endswith(fault):
            column = error.removesuffix(fault)
            return Message(sentence, column=column, most=MOST_OF_A_TARIFF, largest=LARGEST)
    raise RequestError("« {text} » is not a code of the column error.", text=error[:80])


def column_of(error: str) -> str | None:
    """The column of ours that a code of the ``error`` column speaks of, if it is one alone."""
    if error in FAULTS:
        ours = {"event_unknown": EVENT, "date_not_a_day": DAY, "date_without_schedule": DAY}
        ours["date_missing"] = DAY
        ours["vat_territory_unknown"] = TERRITORY
        return CODES if error.startswith(CODES) else ours.get(error)
    return next((error.removesuffix(fault) for fault in OF_A_COLUMN if error.endswith(fault)), None)


_HIDDEN = {
    "date_": ("event_unknown", "new_without_control", "vat_territory_unknown"),
    "event_unknown": ("new_without_control",),
}
"""What else is said of a row by nothing but these faults: no schedule, no event."""


def every_fault(
    frame: _Frame, *, on: date | None = None, tables: Tables | None = None, integers: str | None = None
) -> _Frame:
    """All the faults of each row, of a table that :func:`with_fees` takes: a truth for each code, in order."""
    return cast("_Frame", _Pricing(frame, on, tables, integers, ()).every_fault())


class _Pricing:
    """One call of :func:`with_fees`: a table, and the steps that price tables like it."""

    def __init__(
        self,
        frame: Any,
        on: date | str | None,
        tables: Tables | None,
        integers: str | None,
        carried: Collection[str],
        partial: bool = False,  # noqa: FBT001, FBT002 - with_fees alone asks, by its name
    ) -> None:
        if integers not in {None, *UNITS}:
            raise RequestError(
                "integers: « {text} » is not one of {units}.", text=str(integers)[:40], units=UNITS
            )
        given = self._given = Given.of(frame)
        table = given.table
        self._eager = isinstance(table, nw.DataFrame)
        self._is_polars = table.implementation.is_polars()
        self._is_small = isinstance(table, nw.DataFrame) and len(table) <= FEW
        self._is_pandas = self._eager and table.implementation.is_pandas()
        day = None if on is None else to_day(on, "on")
        carried = (carried,) if isinstance(carried, str) else tuple(carried)
        asked = Asked(given.headings, day, tables or shipped_tables(), carried)
        texts: dict[str, Any] = {}
        if self._is_pandas:
            met = editions_of(asked)
            texts = as_text(frame, met.read, met.amounts, integers)
        lists = self._is_polars or not self._eager
        self._plan = made(asked, given.names, given.types, integers, tuple(texts), partial, lists)
        inputs.refuse_taken(given.headings, self._plan.editions.outputs, folds=given.folds)
        if texts:
            beside = {self._plan.mark(f"text_{ours}"): text for ours, text in texts.items()}
            table = nw.from_native(frame.assign(**beside))
        if not lists:
            table = self._plan.with_distinct_codes(table)
        # polars computes a chain of steps far faster when it sees them all before it starts.
        self._at_hand = table if self._eager else None
        self._table = table.lazy() if self._is_polars else table

    def result(self) -> Any:
        """The native table with the output columns."""
        plan, outputs = self._plan, self._plan.editions.outputs
        shown = (*self._given.names, *outputs)
        # What is yet to be computed is not computed for this.
        if self._at_hand is not None and plan.looked_at:
            ends = self._at_hand.select(*plan.looked_at)
            both = [ends.head(LOOKED_AT), *([ends.tail(LAST)] if len(ends) > LOOKED_AT else [])]
            plan.refuse_by_cells(
                {
                    heading: [*chain(*(end[name].to_list() for end in both))]
                    for name, heading in plan.looked_at.items()
                }
            )
        if self._is_polars:
            lazy: pl.LazyFrame = self._table.to_native()
            for made in plan.of_polars:
                lazy = lazy.with_columns(made)
            lazy = self._given.back(lazy.select(shown), outputs)
            if not self._eager:
                return lazy
            return lazy.collect(optimizations=_unplanned()) if self._is_small else lazy.collect()
        table = self._table
        for step in plan.steps:
            table = table.with_columns(step)
        native = self._given.back(table.select(*shown).to_native(), outputs)
        # pandas makes floats of whole numbers with holes.
        whole = dict.fromkeys((*plan.editions.fees, *plan.editions.totals), "Int64")
        return native.astype(whole) if self._is_pandas and not _on_arrow(native) else native

    def every_fault(self) -> Any:
        """A native table of truths, by code."""
        table = self._table.with_columns(self._plan.marks).select(**self._plan.truths)
        return (table.collect() if self._is_polars and self._eager else table).to_native()


class Asked(NamedTuple):
    """What tells which columns of a table are read, and which are added."""

    columns: tuple[str, ...]
    day: date | None
    tables: Tables
    carried: tuple[str, ...]


@cache
def _unplanned() -> "pl.QueryOptFlags":
    import polars as pl  # noqa: PLC0415 - where polars is

    return pl.QueryOptFlags.none()


@lru_cache(maxsize=KEPT)
def editions_of(asked: Asked) -> Editions:
    """What such a table reads and adds; found once, with what :meth:`Editions.met` refuses."""
    return Editions.met(*asked)


class _Plan(Rules):
    """The steps that price every table of such columns: read them, find the faults, then price.

    Each step stands as columns of its own before the next (``mark``), so that no engine computes it twice. To make
    them takes longer than to price a row: they serve again.
    """

    def __init__(
        self,
        asked: Asked,
        names: Sequence[str],
        types: Sequence[nw.dtypes.DType],
        integers: str | None,
        texts: Collection[str],
        *,
        partial: bool,
        lists: bool,
    ) -> None:
        super().__init__(editions_of(asked))
        self._lists = lists
        self._before = inputs.begins_none((*asked.columns, *names))
        self._integers, self._day, tables = integers, asked.day, asked.tables
        self._events = events_named(self.editions.events.values(), tables.heading_wording)
        self._rates = Rates(tables.vat) if TERRITORY in self.editions.read else None
        given = [Column(*each) for each in zip(asked.columns, types, names, strict=True)]
        by_heading = {column.heading: column for column in given}
        self._columns = {ours: by_heading[heading] for ours, heading in self.editions.read.items()}
        """Of our columns, as far as the table has them."""
        for ours in texts:
            self._columns[ours] = Column(self._columns[ours].heading, nw.String(), self.mark(f"text_{ours}"))
        unread = self.editions.unread(asked.columns, asked.carried)
        self.looked_at = {
            name: column.heading
            for name, column in zip(names, given, strict=True)
            if column.heading in unread and isinstance(column.dtype, (nw.String, nw.Date))
        }
        """The columns whose cells may say that they are ours: by name, their headings."""
        self._texts = [
            name for name in self.looked_at if isinstance(by_heading[self.looked_at[name]].dtype, nw.String)
        ]
        self.refuse_by_cells = self.editions.by_cells(tables)
        self._sums = headings_of(tables.heading_wording).sums
        self.marks = [value.alias(self.mark(name)) for name, value in self._read().items()]
        """What is read."""
        fault = self.first_fault(missing_last=partial).alias(ERROR)
        sound = nw.col(ERROR).is_null()
        lacking = [name + MISSING for name in self.editions.amounts]
        readable = sound | nw.col(ERROR).is_in(lacking) if partial else None
        fees = list(self._priced(sound, readable))
        within = list(self._within(sound if readable is None else readable))
        self.steps = [self.marks, [fault], *([within] if within else []), *fees]
        """Columns to add, one step after another."""
        self._wrapping = [self.marks, [fault], *fees]
        """The same where it wraps around in silence: such a row's fees are not kept."""

    def _within(self, readable: nw.Expr) -> Iterator[nw.Expr]:
        """What a row that has a fault holds, beyond all bounds, out of the way of engines that an overflow stops."""
        for name in (*self.turnovers, *self.held.values(), *self.new.values()):
            cell = nw.when(readable).then(self.cell(name)).otherwise(nw.lit(0))
            yield cell.alias(self.mark(name))

    def _priced(self, sound: nw.Expr, readable: nw.Expr | None) -> Iterator[list[nw.Expr]]:
        yield [self.fee(name, sound, readable).alias(name) for name in self.editions.fees]
        borne = [nw.col(fee).fill_null(0) for fee in self.editions.fees]
        yield [nw.when(sound).then(reduce(add, borne)).alias(TOTAL)]
        if self._rates is not None:
            largest = max(rules.largest for rules in self.schedules)
            tax = self._rates.vat(nw.col(TOTAL), self.cell(TERRITORY), largest)
            yield [nw.when(sound).then(tax).alias(VAT)]
            yield [(nw.col(TOTAL) + nw.col(VAT)).alias(WITH_VAT)]

    @cached_property
    def of_polars(self) -> "list[list[pl.Expr]]":
        """The steps in polars' own expressions."""
        from opqibi_rules.price.columns.recorded import in_polars  # noqa: PLC0415 - where polars is

        return [in_polars(step) for step in self._wrapping]

    @cached_property
    def truths(self) -> dict[str, nw.Expr]:
        """Whether a row has a fault, by code."""
        faults = {code: present.fill_null(value=False) for code, present in self.faults().items()}
        for code in list(faults):
            if code.endswith(NEGATIVE):  # what cannot be read is marked by a number below zero
                faults[code] = faults[code] & ~faults[code.removesuffix(NEGATIVE) + NO_AMOUNT]
            for hidden in (
                each for start, some in _HIDDEN.items() if code.startswith(start) for each in some
            ):
                if hidden in faults:
                    faults[hidden] = faults[hidden] & ~faults[code]
        return faults

    def faults(self) -> dict[str, nw.Expr]:
        """Those of the rules, a territory without a rate, and a row whose first word says that it adds others up."""
        faults = super().faults()
        if self._texts:
            texts = [nw.col(name).fill_null("") for name in self._texts]
            first = [
                nw.when(text.str.contains(WORD.pattern)).then(text.str.contains(self._sums)) for text in texts
            ]
            totals = nw.coalesce(*first, nw.lit(value=False))
            faults = {ROW_OF_TOTALS: totals, **faults}
        if self._rates is not None:
            faults["vat_territory_unknown"] = self.cell(TERRITORY) == NO_RATE
        return faults

    def _read(self) -> dict[str, nw.Expr]:
        columns, editions = self._columns, self.editions
        read = {name: inputs.amount_cents(columns[name], integers=self._integers) for name in self.turnovers}
        read |= {name: inputs.count(columns[name]) for name in (*self.held.values(), *self.new.values())}
        if EVENT in columns:
            read[EVENT] = inputs.event(columns[EVENT], self._events)
        if CODES in columns:
            distinct = None if self._lists else self.cell(_DISTINCT)
            read[CODES] = inputs.codes(columns[CODES], distinct)
            for other in {other for found in editions.exceptional for part in found for other in part.others}:
                read[alone_column(other)] = inputs.alone(columns[CODES], other.held_only)
        if DAY in columns:
            read[DAY] = inputs.edition(columns[DAY], editions.schedules, self._day)
        if self._rates is not None:
            named = inputs.text_of(columns[TERRITORY], Message("names of territories"))
            days = inputs.days(columns[DAY], self._day) if DAY in columns else self._day
            assert days is not None  # else there would be no schedule
            read[TERRITORY] = self._rates.of(named, days)
        return read

    def with_distinct_codes(self, table: "nw.DataFrame[Any]") -> "nw.DataFrame[Any]":
        """A table at hand of an engine without lists, with how many codes that differ each row holds."""
        if (column := self._columns.get(CODES)) is None:
            return table
        cells = inputs.distinct_codes(table.select(column.cells).to_dict(as_series=False)[column.name])
        engine = table.implementation
        return table.with_columns(nw.new_series(self.mark(_DISTINCT), cells, nw.Int64, backend=engine))

    def in_force(self, number: int) -> nw.Expr:
        """Whether the row is priced by the schedule of that number."""
        return nw.lit(value=True) if len(self.schedules) == 1 else self.cell(DAY) == number

    def among(self, first: str, events: Collection[str]) -> nw.Expr:
        """Whether the row's event, or where none is named the schedule's first, is one of these."""
        if EVENT not in self.editions.read:
            return nw.lit(first in events)
        known = {inputs.NO_EVENT: None, **dict(enumerate(self.editions.events))}
        others = [self.cell(EVENT) != index for index, event in known.items() if event not in events]
        among = [self.cell(EVENT) == index for index, event in known.items() if event in events]
        # Whichever says it in fewer comparisons.
        return reduce(or_, among) if 0 < len(among) < len(others) else reduce(and_, others)

    def mark(self, name: str) -> str:
        """The name of a column of ours while we work; the user's table has none like it."""
        return f"{self._before}{name}"

    def cell(self, name: str) -> nw.Expr:
        return nw.col(self.mark(name))


@lru_cache(maxsize=KEPT)
def made(
    asked: Asked,
    names: tuple[str, ...],
    types: tuple[nw.dtypes.DType, ...],
    integers: str | None,
    texts: tuple[str, ...],
    partial: bool,  # noqa: FBT001 - what is kept is told by its place
    lists: bool,  # noqa: FBT001 - the same
) -> _Plan:
    """The steps for tables of such columns, called so.

    ``texts``: those of ours read from a column of text beside; ``lists``: the engine has columns of lists.
    """
    return _Plan(asked, names, types, integers, texts, partial=partial, lists=lists)


def _on_arrow(native: Any) -> bool:
    """The new columns of a pandas table know holes already."""
    return type(native.dtypes[TOTAL]).__name__ == "ArrowDtype"
