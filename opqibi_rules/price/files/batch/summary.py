"""What a batch came to: rows, sums, and errors with the first places of each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.rows.csv_scan import FAULTS
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.price.columns import explain
from opqibi_rules.price.columns.billed import VERDICT
from opqibi_rules.price.columns.inputs import ERROR
from opqibi_rules.price.quote import ScheduleShape
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.schedule import Schedule

FIRST = 3
"""How many rows of each error a summary names."""


class Place(NamedTuple):
    """Where a row stands."""

    file: str
    line: int
    """In a CSV or a sheet, its line; in Parquet, its number from 1."""


class PlaceShape(Shape, of=Place):
    """Where a row stands."""

    file: str
    line: int


@dataclass(slots=True)
class Summary:
    """What a batch came to."""

    added: tuple[str, ...] = ()
    """The columns that come after the file's own."""
    names: Mapping[str, Text] = field(default_factory=dict)
    """The fees' names, by column."""
    schedules: tuple[Schedule, ...] = ()
    """Those that rows may have been priced by."""
    on: date | None = None
    """The day that chose the schedule; ``None``: each row has its own."""
    notes: tuple[Message, ...] = ()
    engine: str = "polars"
    rows: int = 0
    """Read; all are in the answer but those left out for the rejects."""
    rejected: int = 0
    """Written to the rejects, and not to the answer."""
    cents: Counter[str] = field(default_factory=Counter)
    """The sum of each amount column, in cents."""
    errors: Counter[str] = field(default_factory=Counter)
    """How many rows by code of error, each by its first."""
    firsts: dict[str, list[int]] = field(default_factory=dict)
    """The first rows of each code, by number from 0."""
    places: dict[str, list[Place]] = field(default_factory=dict)
    """Where they stand."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """How many rows by verdict on the amount billed, where one was given."""

    @property
    def amounts(self) -> tuple[str, ...]:
        """Those of the columns added that are amounts."""
        return tuple(name for name in self.added if name not in {ERROR, VERDICT})

    @property
    def keys(self) -> tuple[str, ...]:
        """The others, by which rows are counted."""
        return tuple(name for name in self.added if name in {ERROR, VERDICT})

    @property
    def totals(self) -> Mapping[str, Decimal]:
        """The sum of each amount column, in euros excl. VAT."""
        return {name: self.sum(name) for name in self.amounts}

    @property
    def faults(self) -> list["Fault"]:
        """The errors, the most frequent first."""
        return [
            Fault(code, said(code), rows, tuple(self.places.get(code, ())))
            for code, rows in sorted(self.errors.items(), key=lambda item: (-item[1], item[0]))
        ]

    def add(self, groups: Iterable[Sequence[Any]]) -> None:
        """Count groups of rows: the values of :attr:`keys`, how many rows, the sum of each amount in cents."""
        keys = len(self.keys)
        for group in groups:
            (error, *verdict), rows, sums = group[:keys], group[keys], group[keys + 1 :]
            self.rows += rows
            self.cents.update({name: int(cents or 0) for name, cents in zip(self.amounts, sums, strict=True)})
            self.errors.update({} if error is None else {error: rows})
            self.verdicts.update(dict.fromkeys(verdict, rows))

    def met(self, error: str, rows: Iterable[int]) -> None:
        """Remember rows that have an error."""
        self.firsts[error] = sorted({*self.firsts.get(error, ()), *rows})[:FIRST]

    def sum(self, column: str) -> Decimal:
        """The sum of an amount column, in euros excl. VAT."""
        return Decimal(self.cents[column]).scaleb(-2)


class Fault(NamedTuple):
    """One kind of error of a batch."""

    code: str
    message: Message
    rows: int
    first: tuple[Place, ...]


class FaultShape(Shape, of=Fault):
    """One kind of error: how many rows have it, and where the first stand."""

    code: str
    message: Message
    rows: int
    first: tuple[PlaceShape, ...]


class SummaryShape(Shape, of=Summary):
    """What a batch came to."""

    schema_version: Literal[1] = 1
    engine: str
    date: Day | None = at("on")
    schedules: tuple[ScheduleShape, ...]
    rows: int
    priced: int = at(lambda summary: summary.rows - summary.errors.total())
    rejected: int
    totals: Mapping[str, Decimal]
    """Euros excl. VAT, by column added."""
    errors: tuple[FaultShape, ...] = at("faults")
    verdicts: Mapping[str, int] = at(lambda summary: dict(sorted(summary.verdicts.items())))
    notes: tuple[Message, ...]


def said(code: str) -> Message:
    """The sentence for a code, of a row's values or of a line as such."""
    return FAULTS[code] if code in FAULTS else explain(code)
