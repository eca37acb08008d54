"""A whole file priced: CSV, Parquet or XLSX in, the same with its fees out.

CSV and Parquet stream through polars, or duckdb, or Spark (:mod:`opqibi_rules.price.files.batch_engines`): memory
does not grow with the file. The answer is written whole or not at all; other columns are kept as they are.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePath
from threading import Lock
from typing import Any, TypeVar

import polars as pl

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.csv_rows import CsvDialect, read_dialect
from opqibi_rules.paper.csv_scan import Sound, sound
from opqibi_rules.paper.files import whole_file
from opqibi_rules.price.columns import with_fees
from opqibi_rules.price.columns.billed import DIFFERENCE, VERDICT, with_price_verdict
from opqibi_rules.price.columns.inputs import ERROR, TOTAL, TURNOVER, Editions
from opqibi_rules.price.columns.plain import plain_counts, plain_turnover
from opqibi_rules.tables.library import Tables

FORMATS = ("csv", "parquet", "xlsx")
ENGINES = ("auto", "polars", "duckdb", "spark")

_Frame = TypeVar("_Frame")
_PLAIN = CsvDialect()


@dataclass(slots=True)
class Summary:
    """What a batch came to."""

    added: tuple[str, ...] = ()
    """The columns that come after the file's own."""
    names: Mapping[str, Text] = field(default_factory=dict)
    """The fees' names, by column."""
    rows: int = 0
    cents: Counter[str] = field(default_factory=Counter)
    """The sum of each amount column, in cents."""
    errors: Counter[str] = field(default_factory=Counter)
    """How many rows by code of error."""
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

    def add(self, groups: Iterable[Sequence[Any]]) -> None:
        """Count groups of rows: the values of :attr:`keys`, how many rows, the sum of each amount in cents."""
        keys = len(self.keys)
        for group in groups:
            (error, *verdict), rows, sums = group[:keys], group[keys], group[keys + 1 :]
            self.rows += rows
            self.cents.update({name: int(cents or 0) for name, cents in zip(self.amounts, sums, strict=True)})
            self.errors.update({} if error is None else {error: rows})
            self.verdicts.update(dict.fromkeys(verdict, rows))

    def sum(self, column: str) -> Decimal:
        """The sum of an amount column, in euros excl. VAT."""
        return Decimal(self.cents[column]).scaleb(-2)


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: which file becomes which, under which schedules."""

    source: str
    target: str
    """A path, or for Spark an address."""
    on: date | None
    """The day that chooses the schedule, where the file has no ``date`` column."""
    tables: Tables
    billed: str | None = None
    """The column of the amounts billed, excl. VAT, to compare with the total."""
    decimal_comma: bool = False
    """In a CSV target, amounts with a comma; else with a point."""
    carry: tuple[str, ...] = ()
    """Columns of the user's own that look like ours: kept as they are, not read."""
    told: Callable[[int, int | None], None] = lambda rows, expected: None
    """Called now and then with the rows done, and the rows expected where that is known or guessed."""

    @property
    def source_file(self) -> Path:
        """The source as a file of this machine."""
        return Path(self.source)

    @property
    def target_file(self) -> Path:
        """The target as a file of this machine."""
        return Path(self.target)

    @property
    def is_remote(self) -> bool:
        """The source or the target is an address that only Spark can reach."""
        return "://" in self.source or "://" in self.target

    def priced(self, table: _Frame, *, integers: str = "euros") -> _Frame:
        """A table of any engine with its fees in cents; integers count euros, as in a file people write."""
        if self.billed is None:
            return with_fees(table, on=self.on, tables=self.tables, integers=integers, carry=self.carry)
        return with_price_verdict(
            table, billed=self.billed, on=self.on, tables=self.tables, integers=integers, carry=self.carry
        )

    def summary(self, columns: Collection[str]) -> Summary:
        """The summary to fill for a file with such columns: it says which are added.

        Raises:
            RequestError: a column is missing, or one of those added is there already.
            DateError: no schedule is known on the day.
        """
        unknown = tuple(name for name in self.carry if name not in columns)
        if unknown:
            raise RequestError("There is no column {names} to carry.", names=unknown)
        editions = Editions.met(columns, self.on, self.tables, self.carry)
        editions.check(columns, self.carry)
        names = {fee.id: fee.name for fee in editions.fees.values()}
        compared = () if self.billed is None else (DIFFERENCE, VERDICT)
        return Summary((*editions.outputs, *compared), names)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns of amounts and counts that the schedules known may read."""
        return tuple(name for name in Editions(self.tables.schedules).inputs if name not in self.carry)


def format_of(name: str) -> str:
    """The format that a file's name says.

    Raises:
        RequestError: none that we read and write.
    """
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise RequestError("{name}: the name must end in one of {formats}.", name=name, formats=FORMATS)
    return suffix


def price_file(batch: Batch) -> Summary:
    """Price a file with polars.

    Raises:
        FileError: the source cannot be read, or the target cannot hold the answer.
        RequestError: a column is missing, or of a type that cannot be exact.
    """
    kind = format_of(batch.source)
    format_of(batch.target)
    if kind == "xlsx":
        return _price_sheet(batch)
    if kind == "parquet":
        with _reading(batch.source_file, "Parquet"):
            table = pl.scan_parquet(batch.source_file, glob=False)
            expected = table.select(pl.len()).collect().item()
            summary = batch.summary(table.collect_schema())
            return _stream(batch, summary, batch.priced(table), expected)
    return _price_csv(batch)


def _price_csv(batch: Batch) -> Summary:
    dialect = read_dialect(batch.source_file, batch.inputs)
    with (
        sound(batch.source_file, dialect, batch.target_file.parent) as found,
        _reading(batch.source_file, "CSV"),
    ):
        table = pl.scan_csv(found.path, separator=dialect.separator, infer_schema=False, glob=False)
        summary = batch.summary(dialect.header)
        priced = _priced_text(batch, summary, table, dialect.header)
        dialect = replace(dialect, encoding=found.encoding)
        return _stream(batch, summary, priced, found.rows, dialect, found)


def _price_sheet(batch: Batch) -> Summary:
    from opqibi_rules.paper.table_xlsx import exact_text, read_sheet  # noqa: PLC0415 - not for other formats

    table = read_sheet(batch.source_file)
    floats = [exact_text(name) for name, dtype in table.schema.items() if dtype == pl.Float64]
    summary = batch.summary(table.columns)
    # Our columns are read as text where the sheet holds floats; the answer keeps the sheet's own numbers.
    fees = batch.priced(table.with_columns(floats)).select(summary.added)
    return _stream(batch, summary, table.hstack(fees).lazy(), table.height)


def _priced_text(
    batch: Batch, summary: Summary, table: pl.LazyFrame, columns: Collection[str]
) -> pl.LazyFrame:
    """A table of text priced; our own columns come out as they were written."""
    ours = [name for name in batch.inputs if name in columns]
    amounts = [name for name in ours if name.startswith(TURNOVER)]
    counts = [name for name in ours if name not in amounts]
    written = {name: f"__written_{name}" for name in ours}
    table = table.with_columns(pl.col(name).alias(kept) for name, kept in written.items())
    plain = table.with_columns(*map(plain_turnover, amounts), *plain_counts(counts))
    priced = batch.priced(plain, integers="cents")
    return priced.with_columns(pl.col(kept).alias(name) for name, kept in written.items()).select(
        *columns, *summary.added
    )


def _stream(
    batch: Batch,
    summary: Summary,
    priced: pl.LazyFrame,
    expected: int,
    dialect: CsvDialect = _PLAIN,
    source: Sound | None = None,
) -> Summary:
    lock = Lock()

    def count(frame: pl.DataFrame) -> pl.DataFrame:
        largest = frame[TOTAL].max() or 0
        assert isinstance(largest, int)
        wide = pl.Int64 if largest * frame.height < 2**63 else pl.Int128
        sums = pl.col(summary.amounts).cast(wide).sum()
        groups = frame.group_by(summary.keys).agg(pl.len().alias("__rows"), sums).rows()
        with lock:
            summary.add(groups)
            batch.told(summary.rows, expected)
        return frame

    counted = priced.map_batches(count, streamable=True, schema=priced.collect_schema())
    # Cents are whole numbers of hundredths: multiplying by 0.01 only moves the point, and is the fast way.
    hundredth = pl.lit("0.01").cast(pl.Decimal(38, 2))
    euros = [(pl.col(name).cast(pl.Decimal(38, 0)) * hundredth).alias(name) for name in summary.amounts]
    _write(batch, summary, counted.with_columns(euros), dialect, source)
    return summary


def _write(
    batch: Batch, summary: Summary, table: pl.LazyFrame, dialect: CsvDialect, source: Sound | None
) -> None:
    kind = format_of(batch.target)
    with whole_file(batch.target_file) as draft:
        if kind == "csv":
            table.sink_csv(
                draft,
                include_bom=dialect.bom or dialect.encoding == "cp1252",
                separator=dialect.separator,
                line_terminator=dialect.newline,
                decimal_comma=batch.decimal_comma,
                check_extension=False,
            )
        elif kind == "parquet":
            table.sink_parquet(draft)
        else:
            from opqibi_rules.paper.table_xlsx import write_sheet  # noqa: PLC0415 - not for other formats

            batches = table.collect_batches(maintain_order=True)
            write_sheet(draft, batches, summary.amounts, name=batch.target)
        if source is not None:
            refuse_other_rows(batch, summary, source)


def refuse_other_rows(batch: Batch, summary: Summary, source: Sound) -> None:
    """Refuse an answer about other rows than the file has; its draft is then thrown away.

    Raises:
        FileError: the engine lost some, or the file changed while it was read.
    """
    if summary.rows != source.rows:
        message = Message(
            "{read} rows were read where the file has {rows}; did it change meanwhile? Nothing was written.",
            read=summary.rows,
            rows=source.rows,
        )
        raise FileError(batch.source, [Mistake(message)])


@contextmanager
def _reading(path: Path, kind: str) -> Iterator[None]:
    """Tell what polars could not read as a mistake of the file."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        message = Message(
            "not a {kind} file that can be read: {problem}", kind=kind, problem=str(error).splitlines()[0]
        )
        raise FileError(str(path), [Mistake(message)]) from None
