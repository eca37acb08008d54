"""What a batch reads: one reader looks through every CSV, before any engine does or meanwhile, and decides."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import polars as pl
from polars import selectors

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.rows.arrivals import Arrival
from opqibi_rules.paper.rows.csv_rows import CsvDialect, first_rows, last_rows
from opqibi_rules.paper.rows.csv_scan import Sound, ToMend, Unsound, sound
from opqibi_rules.price.columns.inputs import TURNOVER
from opqibi_rules.price.columns.plain import plain_turnover, with_plain_counts
from opqibi_rules.price.files.batch.arriving import Arriving, dialects_of, refuse_other_headings
from opqibi_rules.price.files.batch.asked import Batch, Layout, beside, format_of, own
from opqibi_rules.price.files.batch.summary import Place
from opqibi_rules.price.headings import LAST, LOOKED_AT

if TYPE_CHECKING:
    from concurrent.futures import Future


_AT_A_TIME = "POLARS_CSV_CHUNK_SIZE"
"""Bytes that polars takes of a CSV at a time: by itself it takes more of a longer file, and twice the memory. Whoever
runs us may say otherwise."""
_SMALL, _LARGE = (128 << 20, 16 << 20), 4 << 20
"""Of files up to a size, and of larger ones: more at a time is faster, and a small file needs no more memory so."""


_MOST_DIGITS = 38
"""Of a decimal, for polars as for duckdb and Spark."""


class Part(NamedTuple):
    """One file of a batch."""

    arrival: Arrival
    height: int = 0
    """In rows, where it is no CSV."""
    first: int = 1
    """Where its first row stands, where it is no CSV."""
    looked: Callable[[], Sound] | None = None
    """What a look through a CSV tells; it is waited for, and raises what is wrong."""

    @property
    def rows(self) -> int:
        """How many there are to price."""
        return self.height if self.sound is None else self.sound.rows

    @property
    def sound(self) -> Sound | None:
        """For a CSV."""
        return self.looked() if self.looked else None

    def line_of(self, row: int) -> int:
        """Where a row of the file stands."""
        return row + self.first if self.sound is None else self.sound.line_of(row)


@dataclass(slots=True)
class Source:
    """What is read, file after file."""

    parts: list[Part]
    headings: tuple[str, ...]
    table: pl.LazyFrame
    """Its own columns, as they are, each called as :func:`own` says: engines take some headings for patterns."""
    first_cells: Callable[[Sequence[str]], Mapping[str, Sequence[object]]]
    """The cells of the first rows and the last of each file, of those of these columns that hold text or days."""
    kind: str
    dialect: CsvDialect = field(default_factory=CsvDialect)
    paths: tuple[Path, ...] = ()
    """Where a CSV is read: itself, or a copy."""
    looking: "Future[list[Sound]] | None" = None
    """A CSV is looked through while it is read."""
    floats: tuple[str, ...] = ()
    """Columns of a sheet whose numbers are decimals."""
    by_polars: bool = False
    """A CSV over which an engine's own reader has stumbled: polars reads it for that engine."""

    @property
    def rows(self) -> int:
        """How many there are to price."""
        return sum(part.rows for part in self.parts)

    @property
    def expected(self) -> int | None:
        """The same, where it is known yet.

        Raises:
            ToMend: no engine should have read it.
        """
        if self.looking and not self.looking.done():
            return None
        if self.looking and self.looking.exception():
            raise ToMend  # an error with more to say does not come through an engine
        return self.rows

    def separator_in(self, kind: str) -> str:
        """What stands between the cells of a file that is written: a TSV alone has tabs."""
        if kind == "tsv":
            return "\t"
        return "," if self.parts[0].arrival.suffix == ".tsv" else self.dialect.separator

    @property
    def unsound(self) -> list[tuple[str, Unsound]]:
        """The lines that are no rows, where they were left out."""
        return [(part.arrival.name, line) for part in self.parts if part.sound for line in part.sound.unsound]

    def place_of(self, row: int) -> Place:
        """Where a row stands, by its number from 0."""
        for part in self.parts:
            if row < part.rows:
                return Place(part.arrival.name, part.line_of(row))
            row -= part.rows
        raise IndexError(row)

    def laid_out(self, layout: Layout) -> pl.LazyFrame:
        """The table as an engine takes it: the file's columns, and ours beside."""
        return self.table.select(layout.own).with_columns(self.read(layout, layout.beside))

    def read(self, layout: Layout, columns: Mapping[str, str]) -> list[pl.Expr]:
        """What is read of a table of the file's own columns, under our names; decimals of a sheet as text."""
        floats = {layout.own_of(name) for name in self.floats}
        return [(exact(own) if own in floats else pl.col(own)).alias(ours) for ours, own in columns.items()]


def exact(column: str) -> pl.Expr:
    """A column of floats of a sheet as text, its whole numbers without decimals."""
    from opqibi_rules.paper.rows.table_xlsx import exact_text  # noqa: PLC0415 - not for other formats

    return exact_text(column)


def read_by_polars(source: Source, layout: Layout) -> tuple[pl.LazyFrame, Literal["cents", "euros"]]:
    """The table as an engine takes it, and what its integers count: of a CSV, amounts and counts are read."""
    table = source.laid_out(layout)
    if source.kind != "csv":
        return table, "euros"
    amounts = [plain_turnover(name) for name in layout.ours if name.startswith(TURNOVER)]
    return with_plain_counts(table.with_columns(amounts), filter(layout.counts, layout.ours)), "cents"


def source_of(
    batch: Batch,
    arrivals: list[Arrival],
    place: Callable[[], Path],
    stack: ExitStack,
    *,
    one_by_one: bool = False,
) -> Source:
    """What is read of them; copies last as long as ``stack``. ``one_by_one``: each row of a CSV is looked at before.

    Raises:
        FileError: a file that cannot be read, or has other columns than the first.
    """
    match format_of(arrivals[0].path.name)[0]:
        case "parquet":
            return _parquet(arrivals)
        case "xlsx":
            return _sheets(arrivals)
    return _csv(batch, arrivals, stack, one_by_one=one_by_one)


def _parquet(arrivals: list[Arrival]) -> Source:
    tables = [pl.scan_parquet(arrival.path, glob=False, hive_partitioning=False) for arrival in arrivals]
    schemas = [table.collect_schema() for table in tables]
    _refuse_other_types(arrivals, schemas)
    _refuse_wide(arrivals[0], schemas[0])
    parts = [
        Part(arrival, table.select(pl.len()).collect().item())
        for arrival, table in zip(arrivals, tables, strict=True)
    ]
    # As text: « cp=01000 » is no number.
    folders = dict.fromkeys(_folders(arrivals, schemas[0]), pl.String)
    together = pl.scan_parquet(
        [arrival.path for arrival in arrivals],
        glob=False,
        hive_partitioning=bool(folders),
        hive_schema=folders or None,
        try_parse_hive_dates=False,
    )
    headings = tuple(together.collect_schema())
    called = _called(headings)
    tables = [table.rename(called, strict=False) for table in tables]
    together = together.rename(called)
    return Source(parts, headings, together, partial(_cells_of_tables, headings, together, tables), "parquet")


def _refuse_other_types(arrivals: Iterable[Arrival], schemas: Sequence[Mapping[str, pl.DataType]]) -> None:
    """Refuse files that are no one table.

    Raises:
        FileError: one has other columns than the first, or columns of other types.
    """
    expected = schemas[0]
    for arrival, schema in zip(arrivals, schemas, strict=True):
        if {*schema} != {*expected}:
            message = Message("other columns than the first file has: {columns}.", columns=tuple(schema)[:40])
            raise FileError(arrival.name, [Mistake(message)])
        for heading, dtype in expected.items():
            if schema[heading] != dtype:
                message = Message(
                    "the column {heading} holds {dtype}, where the first file has {expected}.",
                    heading=heading,
                    dtype=str(schema[heading]),
                    expected=str(dtype),
                )
                raise FileError(arrival.name, [Mistake(message)])


def _folders(arrivals: Sequence[Arrival], schema: Mapping[str, pl.DataType]) -> list[str]:
    """The columns that the names of folders give, as tools write them: ``year=2026/month=03/part-0.parquet``.

    Raises:
        FileError: not the same for all the files, or one that the files have themselves.
    """
    expected: list[str] = []
    for number, arrival in enumerate(arrivals):
        names = [part.partition("=")[0] for part in arrival.path.parent.parts if "=" in part]
        expected = expected if number else names
        if names != expected:
            message = Message(
                "its folders give the columns {columns}, where those of the first file give {expected}.",
                columns=tuple(names) or Message("none"),
                expected=tuple(expected) or Message("none"),
            )
            raise FileError(arrival.name, [Mistake(message)])
    for name in expected:
        if name in schema:
            message = Message(
                "the column {heading} stands in it, and in the name of its folder.", heading=name
            )
            raise FileError(arrivals[0].name, [Mistake(message)])
    return expected


def _refuse_wide(arrival: Arrival, schema: Mapping[str, pl.DataType]) -> None:
    """Refuse decimals that no engine holds.

    Raises:
        FileError: a column has some.
    """
    for heading, dtype in schema.items():
        if isinstance(dtype, pl.Decimal) and (dtype.precision or 0) > _MOST_DIGITS:
            message = Message(
                "the column {heading} holds decimals of {digits} digits, where {most} are the most; write it with "
                "fewer.",
                heading=heading,
                digits=dtype.precision,
                most=_MOST_DIGITS,
            )
            raise FileError(arrival.name, [Mistake(message)])


def _sheets(arrivals: list[Arrival]) -> Source:
    from opqibi_rules.paper.rows.table_xlsx import read_sheet  # noqa: PLC0415 - not for other formats

    sheets = [read_sheet(arrival.path) for arrival in arrivals]
    tables = [sheet.table for sheet in sheets]
    refuse_other_headings(arrivals, [tuple(table.columns) for table in tables])
    parts = [
        Part(arrival, sheet.table.height, sheet.line + 1)
        for arrival, sheet in zip(arrivals, sheets, strict=True)
    ]
    together = pl.concat(tables, how="vertical_relaxed")
    headings = tuple(together.columns)
    floats = tuple(name for name, dtype in together.schema.items() if dtype == pl.Float64)
    called = _called(headings)
    table = together.lazy().rename(called)
    cells = partial(_cells_of_tables, headings, table, [each.lazy().rename(called) for each in tables])
    return Source(parts, headings, table, cells, "xlsx", floats=floats)


def _called(headings: Iterable[str]) -> dict[str, str]:
    """What each column is called while we work, by its heading."""
    return {heading: own(number) for number, heading in enumerate(headings)}


def source_at_once(files: Arriving) -> Source | None:
    """A CSV as it stands, to be read while it is looked through; ``None``: it is looked through before.

    What that look finds is raised by whatever asks how many rows there are.
    """
    if files.look is None:
        return None
    parts = [Part(arrival, looked=partial(files.look.found, at)) for at, arrival in enumerate(files.arrivals)]
    paths = [arrival.path for arrival in files.arrivals]
    return _of_csv(parts, files.look.dialects[0], paths, files.look.looking)


def _csv(batch: Batch, arrivals: list[Arrival], stack: ExitStack, *, one_by_one: bool) -> Source:
    dialects = dialects_of(batch, arrivals)
    found = [
        stack.enter_context(
            sound(
                arrival.path,
                dialect,
                beside(batch.target),
                tolerant=batch.rejects is not None,
                one_by_one=one_by_one,
                name=arrival.name,
            )
        )
        for arrival, dialect in zip(arrivals, dialects, strict=True)
    ]
    parts = [Part(arrival, looked=partial(found.__getitem__, at)) for at, arrival in enumerate(arrivals)]
    bom = dialects[0].bom or any(each.encoding == "cp1252" for each in found)  # for spreadsheets that guess
    return _of_csv(parts, replace(dialects[0], bom=bom), [each.path for each in found])


def _of_csv(
    parts: list[Part],
    dialect: CsvDialect,
    paths: list[Path],
    looking: "Future[list[Sound]] | None" = None,
) -> Source:
    small, pieces = _SMALL
    at_a_time = pieces if sum(path.stat().st_size for path in paths) <= small else _LARGE
    os.environ.setdefault(_AT_A_TIME, str(at_a_time))
    cells = dict.fromkeys(_called(dialect.header).values(), pl.String)
    # The header is passed over, not read again: it has been, and as no engine reads some of them.
    table = pl.scan_csv(
        paths, separator=dialect.separator, has_header=False, skip_rows=1, schema=cells, glob=False
    )

    found = partial(_cells_of_rows, dialect, paths)
    return Source(parts, dialect.header, table, found, "csv", dialect, tuple(paths), looking)


def _cells_of_rows(
    dialect: CsvDialect, paths: list[Path], headings: Sequence[str]
) -> Mapping[str, Sequence[object]]:
    """Of a CSV, without a look at the rows between, as an engine would."""
    header, rows, looked_at = list(dialect.header), [], 0
    for path in paths:
        first = first_rows(path, dialect.separator, LOOKED_AT - looked_at)
        looked_at += len(first)
        rows += [*first, *last_rows(path, dialect.separator, LAST)]
    whole = [row for row in rows if len(row) == len(header) and row != header]
    places = {heading: header.index(heading) for heading in headings}
    return {heading: [row[at] for row in whole] for heading, at in places.items()}


def _cells_of_tables(
    all_headings: Sequence[str],
    together: pl.LazyFrame,
    tables: Iterable[pl.LazyFrame],
    headings: Sequence[str],
) -> Mapping[str, Sequence[object]]:
    called = {own(all_headings.index(heading)): heading for heading in headings}
    # One that names a folder is in none of the files.
    read = selectors.by_name(*called, require_all=False)
    ends = [together.head(LOOKED_AT), *(table.tail(LAST) for table in tables)]
    found = pl.concat([end.select(read) for end in ends], how="diagonal_relaxed").collect()
    return {
        called[name]: cells.to_list()
        for name, cells in found.to_dict().items()
        if cells.dtype in {pl.String, pl.Date}
    }


@contextmanager
def reading(arrival: Arrival) -> Iterator[None]:
    """Tell what polars could not read as a mistake of the file."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        kind = "Parquet" if arrival.suffix == ".parquet" else "CSV"
        message = Message(
            "not a {kind} file that can be read: {problem}", kind=kind, problem=str(error).splitlines()[0]
        )
        raise FileError(arrival.name, [Mistake(message)]) from None
