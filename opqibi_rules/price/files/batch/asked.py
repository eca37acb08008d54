"""What a batch is asked, and how the columns of its files are laid out for an engine."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import NamedTuple, TypeVar

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.files import STANDARD_INPUT
from opqibi_rules.paper.rows.arrivals import PACKINGS
from opqibi_rules.price.columns import with_fees
from opqibi_rules.price.columns.billed import DIFFERENCE, VERDICT, with_price_verdict
from opqibi_rules.price.columns.inputs import DAY, TURNOVER, Editions, refuse_taken
from opqibi_rules.price.fees import rules_of
from opqibi_rules.price.files.batch.summary import Summary
from opqibi_rules.price.headings import Headings, headings_of
from opqibi_rules.tables.library import Tables

FORMATS = ("csv", "tsv", "parquet", "xlsx")
ENGINES = ("auto", "polars", "duckdb", "spark")
STANDARD_OUTPUT = "-"

_Frame = TypeVar("_Frame")


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: which files become which, under which schedules."""

    sources: tuple[str, ...]
    """Names of files, patterns, folders, ``-`` for the standard input; for Spark, one address."""
    target: str
    """A path, ``-`` for the standard output, or for Spark an address."""
    on: date | None
    """The day that chooses the schedule, where no ``date`` column tells it."""
    tables: Tables
    billed: str | None = None
    """The column of the amounts billed, excl. VAT, to compare with the total."""
    decimal_comma: bool = False
    """In a CSV target, amounts with a comma; else with a point."""
    carry: tuple[str, ...] = ()
    """Columns of the user's own that look like ours: kept as they are, not read."""
    rejects: str | None = None
    """Where the rows that cannot be priced go, instead of the target."""
    told: Callable[[int, int | None], None] = lambda rows, expected: None
    """Called now and then with the rows done, and the rows expected where that is known or guessed."""
    say: Say = str
    """How the sentences of the rejects are said."""
    aside: Callable[[Message], None] = lambda message: None
    """Called with what whoever waits should know."""
    fills: bool = True
    """``on`` was asked for, and is the day of rows that have none; else it serves a file without such a column."""

    @property
    def is_remote(self) -> bool:
        """The source or the target is an address that only Spark can reach."""
        return any("://" in name for name in (*self.sources, self.target))

    def priced(
        self, table: _Frame, layout: "Layout", own: Collection[str] | None = None, *, integers: str = "euros"
    ) -> _Frame:
        """A table of any engine with its fees in cents; integers count euros, as in a file people write.

        ``own``: those of the file's columns that stand in it; all of them by default.
        """
        looked_at = map(layout.own_of, layout.editions.unread(layout.headings, self._carried))
        carry = sorted({*(layout.own if own is None else own)} - {*looked_at})
        if layout.billed is None:
            return with_fees(table, on=self.on, tables=self.tables, integers=integers, carry=carry)
        return with_price_verdict(
            table,
            billed=_BILLED,
            on=self.on,
            tables=self.tables,
            integers=integers,
            carry=carry,
        )

    def layout(self, headings: Sequence[str]) -> "Layout":
        """How a file with such headings is read.

        Raises:
            RequestError: a column is missing, one of those added is there already, or one cannot be told.
            DateError: no schedule is known on the day.
        """
        if self.billed is not None and self.billed not in headings:
            raise RequestError(
                "There is no column {name}; the columns are: {columns}.",
                name=self.billed,
                columns=tuple(headings)[:40],
            )
        layout = Layout(
            tuple(headings), Editions.met(headings, self.on, self.tables, self._carried), self.billed
        )
        refuse_taken(headings, layout.added)
        return layout

    @property
    def _carried(self) -> tuple[str, ...]:
        return self.headings.carried(self.carry, *(() if self.billed is None else (self.billed,)))

    def of(self, layout: "Layout") -> "Batch":
        """The same, for a file of such columns."""
        return self if self.fills or DAY not in layout.editions.read else replace(self, on=None)

    def refuse_by_cells(
        self, layout: "Layout", first: Callable[[tuple[str, ...]], Mapping[str, Iterable[object]]]
    ) -> None:
        """Refuse a column of text that is not read and holds what is read, by what ``first`` gives of its cells.

        Raises:
            RequestError: there is one.
        """
        unread = layout.editions.unread(layout.headings, self._carried)
        layout.editions.by_cells(self.tables)(first(unread))

    def summary(self, layout: "Layout", engine: str) -> Summary:
        """The summary to fill."""
        editions = layout.editions
        names = {fee.id: fee.name for fee in editions.fees.values()}
        day = None if DAY in editions.read else self.on
        return Summary(layout.added, names, editions.schedules, day, self._notes(editions, day), engine)

    def needed(self, layout: "Layout") -> list[str]:
        """Of the file's own columns, those whose cells may say what their row is."""
        return [layout.own_of(name) for name in layout.editions.unread(layout.headings, self._carried)]

    def _notes(self, editions: Editions, day: date | None) -> tuple[Message, ...]:
        """That the latest schedule may have been replaced by the day; of rows with their own, by which days."""
        latest = editions.schedules[-1]
        rules = rules_of(latest)
        if not self.tables.is_latest(latest) or (day is not None and day <= rules.old_after):
            return ()
        return (rules.old_note if day is not None else rules.later_note,)

    @property
    def headings(self) -> Headings:
        """What headings mean."""
        return headings_of(self.tables.heading_wording)


_BILLED = "billed"
"""What the column of the amounts billed is called while we work."""


def own(number: int) -> str:
    """What a column of the file is called while we work, by its place from 0: any engine takes that name as it is."""
    return f"own_{number}"


class Layout(NamedTuple):
    """The columns of a file: which are ours, and what each is called while an engine computes.

    Engines disagree on names (case, spaces, what is quoted): each of the user's columns is ``own_N``, and those that
    are ours stand beside once more, under our own names.
    """

    headings: tuple[str, ...]
    editions: Editions
    billed: str | None

    @property
    def added(self) -> tuple[str, ...]:
        """The columns added to the file's own."""
        return (*self.editions.outputs, *(() if self.billed is None else (DIFFERENCE, VERDICT)))

    @property
    def own(self) -> tuple[str, ...]:
        """The file's columns while we work."""
        return tuple(map(own, range(len(self.headings))))

    @property
    def ours(self) -> Mapping[str, str]:
        """Of our columns, in which of ``own`` each stands."""
        return {ours: self.own_of(heading) for ours, heading in self.editions.read.items()}

    @property
    def beside(self) -> Mapping[str, str]:
        """The same, and that of the amounts billed: all that is read."""
        return {**self.ours, **({} if self.billed is None else {_BILLED: self.own_of(self.billed)})}

    def own_of(self, heading: str) -> str:
        """What a column of the file is called while we work."""
        return own(self.headings.index(heading))

    def counts(self, ours: str) -> bool:
        """A column of ours holds counts."""
        return ours in self.editions.inputs and not ours.startswith(TURNOVER)


def format_of(name: str) -> tuple[str, str]:
    """The format that a file's name says, and how it is packed: ``structures.csv.gz`` is ``csv`` and ``.gz``.

    Raises:
        RequestError: none that we read and write.
    """
    if name in {STANDARD_INPUT, STANDARD_OUTPUT}:
        return "csv", ""
    path = PurePath(name)
    packing = path.suffix.lower() if path.suffix.lower() in PACKINGS else ""
    suffix = PurePath(path.stem if packing else path.name).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise RequestError("{name}: the name must end in one of {formats}.", name=name, formats=FORMATS)
    return suffix, packing


def beside(target: str) -> Path:
    """The folder for what is needed on the way to a target."""
    return Path(tempfile.gettempdir()) if target == STANDARD_OUTPUT else Path(target).parent
