"""Whole files priced: CSV, Parquet or XLSX in, the same with their fees out.

Whatever the engine that computes (polars, or those of :mod:`opqibi_rules.price.files.batch_engines`), one reader
has looked through every CSV before, and one writer writes the answer, adds it up and keeps what was rejected: the
same file comes out, byte for byte. CSV and Parquet stream: memory does not grow with the file. The answer is written
whole or not at all; other columns are kept as they are.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path, PurePath
from threading import Lock
from typing import Any, Literal, NamedTuple, TypeVar

import polars as pl

from opqibi_rules.errors import FileError, Mistake, RequestError, what_failed
from opqibi_rules.messages import Message, Say, Text
from opqibi_rules.paper.arrivals import PACKINGS, Arrival, arrived, named, packed, refuse_changed
from opqibi_rules.paper.files import STANDARD_INPUT, draft_folder, spare, to_standard_output, whole_file
from opqibi_rules.paper.rows.csv_rows import CsvDialect, read_dialect
from opqibi_rules.paper.rows.csv_scan import Sound, Unsound, sound
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.price.columns import with_fees
from opqibi_rules.price.columns.billed import DIFFERENCE, VERDICT, with_price_verdict
from opqibi_rules.price.columns.headings import Headings
from opqibi_rules.price.columns.inputs import DAY, ERROR, TOTAL, TURNOVER, Editions
from opqibi_rules.price.columns.plain import plain_counts, plain_turnover
from opqibi_rules.price.fees import rules_of
from opqibi_rules.price.quote import ScheduleShape
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

FORMATS = ("csv", "tsv", "parquet", "xlsx")
ENGINES = ("auto", "polars", "duckdb", "spark")
STANDARD_OUTPUT = "-"

_Frame = TypeVar("_Frame")
_FIRST = 3
"""How many rows of each error a summary names."""
_NO_SHEET = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object)


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
        from opqibi_rules.price.files.rejects import said  # noqa: PLC0415 - the two rooms stand side by side

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
        self.firsts[error] = sorted({*self.firsts.get(error, ()), *rows})[:_FIRST]

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
    verdicts: Mapping[str, int]
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: which files become which, under which schedules."""

    sources: tuple[str, ...]
    """Names of files, patterns, folders, ``-`` for the standard input; for Spark, one address."""
    target: str
    """A path, ``-`` for the standard output, or for Spark an address."""
    on: date | None
    """The day that chooses the schedule, where the file has no ``date`` column."""
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

    @property
    def is_remote(self) -> bool:
        """The source or the target is an address that only Spark can reach."""
        return any("://" in name for name in (*self.sources, self.target))

    def priced(self, table: _Frame, *, billed: str | None, integers: str = "euros") -> _Frame:
        """A table of any engine with its fees in cents; integers count euros, as in a file people write."""
        if billed is None:
            return with_fees(table, on=self.on, tables=self.tables, integers=integers)
        return with_price_verdict(table, billed=billed, on=self.on, tables=self.tables, integers=integers)

    def layout(self, headings: Sequence[str]) -> "Layout":
        """How a file with such headings is read.

        Raises:
            RequestError: a column is missing, one of those added is there already, or one cannot be told.
            DateError: no schedule is known on the day.
        """
        unknown = tuple(name for name in self.carry if name not in headings)
        if unknown:
            raise RequestError("There is no column {names} to carry.", names=unknown)
        if self.billed is not None and self.billed not in headings:
            raise RequestError(
                "There is no column {name}; the columns are: {columns}.",
                name=self.billed,
                columns=tuple(headings)[:40],
            )
        return Layout(tuple(headings), Editions.met(headings, self.on, self.tables, self.carry), self.billed)

    def summary(self, layout: "Layout", engine: str) -> Summary:
        """The summary to fill."""
        editions = layout.editions
        names = {fee.id: fee.name for fee in editions.fees.values()}
        each_its_own = DAY in editions.read
        notes = []
        if not each_its_own and self.on is not None:
            (schedule,) = editions.schedules
            rules = rules_of(schedule)
            if self.on > rules.old_after and self.tables.is_latest(schedule):
                notes.append(rules.old_note)
        return Summary(
            layout.added, names, editions.schedules, None if each_its_own else self.on, tuple(notes), engine
        )

    @property
    def headings(self) -> Headings:
        """What headings mean."""
        return Headings(self.tables.invoice_wording)


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
        return tuple(f"own_{number}" for number in range(len(self.headings)))

    @property
    def ours(self) -> Mapping[str, str]:
        """Of our columns, in which of ``own`` each stands."""
        return {ours: self.own_of(heading) for ours, heading in self.editions.read.items()}

    def own_of(self, heading: str) -> str:
        """What a column of the file is called while we work."""
        return f"own_{self.headings.index(heading)}"

    def counts(self, ours: str) -> bool:
        """A column of ours holds counts."""
        return ours in self.editions.inputs and not ours.startswith(TURNOVER)

    @property
    def billed_own(self) -> str | None:
        """The same for the amounts billed."""
        return None if self.billed is None else self.own_of(self.billed)


class Part(NamedTuple):
    """One file of a batch."""

    arrival: Arrival
    rows: int
    sound: Sound | None = None
    """For a CSV."""

    def line_of(self, row: int, first: int) -> int:
        """Where a row of the file stands; ``first``: the line of the first."""
        return row + first if self.sound is None else self.sound.line_of(row)


@dataclass(slots=True)
class Source:
    """What is read, file after file."""

    parts: list[Part]
    headings: tuple[str, ...]
    table: pl.LazyFrame
    """Its own columns, as they are."""
    kind: str
    dialect: CsvDialect = field(default_factory=CsvDialect)
    floats: tuple[str, ...] = ()
    """Columns of a sheet whose numbers are decimals."""

    @property
    def rows(self) -> int:
        """How many there are to price."""
        return sum(part.rows for part in self.parts)

    @property
    def unsound(self) -> list[tuple[str, Unsound]]:
        """The lines that are no rows, where they were left out."""
        return [(part.arrival.name, line) for part in self.parts if part.sound for line in part.sound.unsound]

    def place_of(self, row: int) -> Place:
        """Where a row stands, by its number from 0."""
        first = 1 if self.kind == "parquet" else 2
        for part in self.parts:
            if row < part.rows:
                return Place(part.arrival.name, part.line_of(row, first))
            row -= part.rows
        raise IndexError(row)

    def laid_out(self, layout: Layout) -> pl.LazyFrame:
        """The table as an engine takes it: the file's columns as ``own_N``, ours beside."""
        own = zip(self.headings, layout.own, strict=True)
        return self.table.select(pl.col(name).alias(alias) for name, alias in own).with_columns(
            self.ours(layout)
        )

    def ours(self, layout: Layout) -> list[pl.Expr]:
        """Our columns, of a table whose own are called ``own_N``; decimals of a sheet as text."""
        floats = {layout.own_of(name) for name in self.floats}
        return [
            (_exact(own) if own in floats else pl.col(own)).alias(ours) for ours, own in layout.ours.items()
        ]


def _exact(column: str) -> pl.Expr:
    from opqibi_rules.paper.rows.table_xlsx import exact_text  # noqa: PLC0415 - not for other formats

    return exact_text(column)


Compute = Callable[[Batch, Source, Layout, Callable[[], Path]], pl.LazyFrame]
"""What an engine does: the file's columns and those added, amounts in whole cents, rows in their order."""


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


def price_file(batch: Batch, engine: str, compute: Compute) -> Summary:
    """Price files of this machine with an engine, :func:`with_polars` or another.

    Raises:
        FileError: the source cannot be read, or the target cannot hold the answer.
        RequestError: a column is missing, or of a type that cannot be exact.
    """
    targets = _targets(batch)
    with ExitStack() as stack:
        place = stack.enter_context(draft_folder(_beside(batch.target), "opqibi"))
        arrivals = _arrivals(batch, place)
        for target in targets:
            spare(target)
        with _reading(arrivals[0]):
            source = _source(batch, arrivals, place, stack)
            layout = batch.layout(source.headings)
            summary = batch.summary(layout, engine)
            return _written(batch, summary, source, layout, compute(batch, source, layout, place), place)


def _targets(batch: Batch) -> list[Path]:
    """The files that will be written.

    Raises:
        RequestError: of a form that we do not write, or one and the same.
    """
    format_of(batch.target)
    files = [] if batch.target == STANDARD_OUTPUT else [Path(batch.target)]
    if batch.rejects is not None:
        if batch.rejects == STANDARD_OUTPUT or format_of(batch.rejects)[0] == "xlsx":
            raise RequestError("{name}: rejects are written to a file of CSV or Parquet.", name=batch.rejects)
        if [file.resolve() for file in files] == [Path(batch.rejects).resolve()]:
            raise RequestError(
                "{name}: the answer goes there; give the rejects a name of their own.", name=batch.rejects
            )
        files.append(Path(batch.rejects))
    for file in files:
        if file.is_dir():  # said before any work; nothing that stands there is replaced
            raise FileError(
                str(file), [Mistake(Message("it is a folder; give the result a name of its own."))]
            )
    return files


def with_polars(batch: Batch, source: Source, layout: Layout, place: Callable[[], Path]) -> pl.LazyFrame:
    """The fees by polars."""
    del place
    table, integers = read_by_polars(source, layout)
    return batch.priced(table, billed=layout.billed_own, integers=integers)


def read_by_polars(source: Source, layout: Layout) -> tuple[pl.LazyFrame, Literal["cents", "euros"]]:
    """The table as an engine takes it, and what its integers count: of a CSV, amounts and counts are read."""
    table = source.laid_out(layout)
    if source.kind != "csv":
        return table, "euros"
    amounts = [plain_turnover(name) for name in layout.ours if name.startswith(TURNOVER)]
    return table.with_columns(*amounts, *plain_counts(filter(layout.counts, layout.ours))), "cents"


def _beside(target: str) -> Path:
    return Path(tempfile.gettempdir()) if target == STANDARD_OUTPUT else Path(target).parent


def _arrivals(batch: Batch, place: Callable[[], Path]) -> list[Arrival]:
    names = named(batch.sources, ".parquet")
    for name in names:
        if name != STANDARD_INPUT and Path(name).is_file():
            format_of(name)
    arrivals = [arrived(name, place, number, batch.aside) for number, name in enumerate(names)]
    kinds = {format_of(arrival.path.name)[0].replace("tsv", "csv") for arrival in arrivals}
    if len(kinds) > 1:
        raise RequestError(
            "Files of several formats ({kinds}); price them one by one.", kinds=tuple(sorted(kinds))
        )
    return arrivals


def _source(batch: Batch, arrivals: list[Arrival], place: Callable[[], Path], stack: ExitStack) -> Source:
    match format_of(arrivals[0].path.name)[0]:
        case "parquet":
            return _parquet(arrivals)
        case "xlsx":
            return _sheets(arrivals)
    return _csv(batch, arrivals, place, stack)


def _parquet(arrivals: list[Arrival]) -> Source:
    tables = [pl.scan_parquet(arrival.path, glob=False) for arrival in arrivals]
    parts = [
        Part(arrival, table.select(pl.len()).collect().item())
        for arrival, table in zip(arrivals, tables, strict=True)
    ]
    # A folder written by parts has columns in the names of its folders: year=2026.
    together = pl.scan_parquet(
        [arrival.path for arrival in arrivals], glob=False, hive_partitioning=len(arrivals) > 1
    )
    headings = tuple(together.collect_schema())
    return Source(parts, headings, together, "parquet")


def _sheets(arrivals: list[Arrival]) -> Source:
    from opqibi_rules.paper.rows.table_xlsx import read_sheet  # noqa: PLC0415 - not for other formats

    tables = [read_sheet(arrival.path) for arrival in arrivals]
    _same_headings(arrivals, [tuple(table.columns) for table in tables])
    parts = [Part(arrival, table.height) for arrival, table in zip(arrivals, tables, strict=True)]
    table = pl.concat(tables, how="vertical_relaxed")
    floats = tuple(name for name, dtype in table.schema.items() if dtype == pl.Float64)
    return Source(parts, tuple(table.columns), table.lazy(), "xlsx", floats=floats)


def _csv(batch: Batch, arrivals: list[Arrival], place: Callable[[], Path], stack: ExitStack) -> Source:
    headings = batch.headings
    known = partial(_known, headings)
    editions = Editions(batch.tables.schedules)
    expected = (*editions.turnovers, *(f"t{tariff}" for tariff in editions.tariffs))
    dialects = [read_dialect(arrival.path, known, expected, arrival.name) for arrival in arrivals]
    _same_headings(arrivals, [dialect.header for dialect in dialects])
    parts = []
    for arrival, dialect in zip(arrivals, dialects, strict=True):
        if dialect.separator != dialects[0].separator:
            message = Message("written with other separators than the first file; price them one by one.")
            raise FileError(arrival.name, [Mistake(message, line=1)])
        found = stack.enter_context(
            sound(
                arrival.path,
                dialect,
                _beside(batch.target),
                tolerant=batch.rejects is not None,
                name=arrival.name,
            )
        )
        parts.append(Part(arrival, found.rows, found))
    schema = dict.fromkeys(dialects[0].header, pl.String)
    table = pl.scan_csv(
        [part.sound.path for part in parts if part.sound],
        separator=dialects[0].separator,
        schema=schema,
        glob=False,
    )
    return Source(parts, dialects[0].header, table, "csv", dialects[0])


def _known(headings: Headings, cells: Sequence[str]) -> int:
    return headings.known(cells)


def _same_headings(arrivals: Sequence[Arrival], headings: Sequence[tuple[str, ...]]) -> None:
    for arrival, names in zip(arrivals, headings, strict=True):
        if names != headings[0]:
            message = Message("other columns than the first file has: {columns}.", columns=names[:40])
            raise FileError(arrival.name, [Mistake(message, line=1)])


def _written(
    batch: Batch,
    summary: Summary,
    source: Source,
    layout: Layout,
    priced: pl.LazyFrame,
    place: Callable[[], Path],
) -> Summary:
    """The answer written, added up as it goes by."""
    from opqibi_rules.price.files.rejects import Rejects  # noqa: PLC0415 - the two rooms stand side by side

    rejects = None if batch.rejects is None else Rejects(batch, source, layout, place)
    lock = Lock()

    def count(frame: pl.DataFrame) -> pl.DataFrame:
        faulty = frame.filter(pl.col(ERROR).is_not_null())
        with lock:
            _add(summary, frame, faulty)
            batch.told(summary.rows, source.rows)
        if rejects is None:
            return frame
        rejects.add(faulty)
        return frame.filter(pl.col(ERROR).is_null())

    shown = priced.select(*layout.own, *layout.added).with_row_index("row")
    counted = shown.map_batches(count, streamable=True, schema=shown.collect_schema())
    # Cents are whole numbers of hundredths: multiplying by 0.01 only moves the point, and is the fast way.
    hundredth = pl.lit("0.01").cast(pl.Decimal(38, 2))
    answer = counted.select(
        *(pl.col(own).alias(f"{heading}") for own, heading in zip(layout.own, layout.headings, strict=True)),
        *(
            (pl.col(name).cast(pl.Decimal(38, 0)) * hundredth).alias(name)
            if name in summary.amounts
            else pl.col(name)
            for name in layout.added
        ),
    )
    with writing(batch.target), _draft(batch.target, place) as draft:
        _write(batch, summary, answer, source, draft)
        if summary.rows != source.rows:
            raise _other_rows(source, summary)
        refuse_changed(part.arrival for part in source.parts)
        _placed(summary, source)
        if rejects is not None:
            summary.rejected = summary.errors.total()
            rejects.write()
    return summary


def _placed(summary: Summary, source: Source) -> None:
    """Where the first rows of each error stand; and the lines that are no rows, counted with the others."""
    for code, rows in summary.firsts.items():
        summary.places[code] = [source.place_of(row) for row in rows]
    for name, line in source.unsound:
        summary.rows += 1
        summary.errors[line.code] += 1
        places = summary.places.setdefault(line.code, [])
        places += [Place(name, line.line)] if len(places) < _FIRST else []


def _add(summary: Summary, frame: pl.DataFrame, faulty: pl.DataFrame) -> None:
    largest = frame[TOTAL].max() or 0
    assert isinstance(largest, int)
    wide = pl.Int64 if 2 * largest * frame.height < 2**63 else pl.Int128  # twice: with VAT
    sums = frame.select(pl.col(summary.amounts).cast(wide).sum()).row(0)
    summary.rows += frame.height
    summary.cents.update(dict(zip(summary.amounts, (int(cents or 0) for cents in sums), strict=True)))
    if VERDICT in summary.keys:
        summary.verdicts.update(dict(frame[VERDICT].value_counts().rows()))
    for code, rows in faulty[ERROR].value_counts().rows():
        summary.errors[code] += rows
        summary.met(code, faulty.filter(pl.col(ERROR) == code)["row"].head(_FIRST).to_list())


def _write(batch: Batch, summary: Summary, table: pl.LazyFrame, source: Source, draft: Path) -> None:
    kind, packing = format_of(batch.target)
    if kind != "parquet":
        _refuse_nested(batch.target, table)
    if kind in {"csv", "tsv"}:
        dialect = source.dialect
        was_tsv = source.parts[0].arrival.suffix == ".tsv"
        separator = "\t" if kind == "tsv" else "," if was_tsv else dialect.separator
        bom = dialect.bom or any(part.sound and part.sound.encoding == "cp1252" for part in source.parts)
        with packed(draft, packing) as target:
            table.sink_csv(
                target if packing else draft,
                include_bom=bom,
                separator=separator,
                line_terminator=dialect.newline,
                decimal_comma=batch.decimal_comma,
                check_extension=False,
            )
    elif kind == "parquet":
        table.sink_parquet(draft)
    else:
        from opqibi_rules.paper.rows.table_xlsx import write_sheet  # noqa: PLC0415 - not for other formats

        batches = table.collect_batches(maintain_order=True)
        write_sheet(draft, batches, summary.amounts, name=batch.target)


def _refuse_nested(name: str, table: pl.LazyFrame) -> None:
    for heading, dtype in table.collect_schema().items():
        if isinstance(dtype, _NO_SHEET):
            raise RequestError(
                "{name}: the column {heading} holds lists or binary data ({dtype}), which only Parquet can; write "
                "Parquet, or leave that column out.",
                name=name,
                heading=heading,
                dtype=str(dtype),
            )


def _other_rows(source: Source, summary: Summary) -> FileError:
    message = Message(
        "{read} rows were read where the file has {rows}; did it change meanwhile? Nothing was written.",
        read=summary.rows,
        rows=source.rows,
    )
    return FileError(source.parts[0].arrival.name, [Mistake(message)])


@contextmanager
def _draft(target: str, place: Callable[[], Path]) -> Iterator[Path]:
    """Where to write the answer, which leaves whole at the end."""
    if target != STANDARD_OUTPUT:
        with whole_file(Path(target)) as draft:
            yield draft
        return
    draft = place() / "answer"
    yield draft
    to_standard_output(draft)


@contextmanager
def writing(target: str) -> Iterator[None]:
    """Tell what could not be written by the name of the file asked for, not by that of its draft."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, pl.exceptions.PolarsError) as error:
        number = getattr(error, "errno", None) or _errno_in(str(error))
        if number is None:
            raise
        message = Message(
            "cannot be written: {problem}.", problem=what_failed(OSError(number, os.strerror(number)))
        )
        raise FileError(target, [Mistake(message)]) from None


def _errno_in(text: str) -> int | None:
    """The number of the system's error that an engine tells of."""
    _, found, rest = text.partition("(os error ")
    number = rest.partition(")")[0]
    return int(number) if found and number.isdigit() else None


@contextmanager
def _reading(arrival: Arrival) -> Iterator[None]:
    """Tell what polars could not read as a mistake of the file."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        kind = "Parquet" if arrival.suffix == ".parquet" else "CSV"
        message = Message(
            "not a {kind} file that can be read: {problem}", kind=kind, problem=str(error).splitlines()[0]
        )
        raise FileError(arrival.name, [Mistake(message)]) from None
