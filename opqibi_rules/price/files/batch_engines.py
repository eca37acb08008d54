"""The same batch on duckdb, or on Spark: this machine's cores, or a cluster's.

The fees are the same expressions (:mod:`opqibi_rules.price.columns`); only reading, writing and adding up are
the engine's own.
"""

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.csv_rows import CsvDialect, header_dialect, read_dialect
from opqibi_rules.paper.csv_scan import Sound, sound
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import whole_file
from opqibi_rules.price.files.batch import Batch, Summary, format_of, refuse_other_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def price_with_duckdb(batch: Batch) -> Summary:
    """Price a CSV or Parquet file with duckdb.

    Raises:
        RequestError: a workbook, or a table that cannot be exact.
        FileError: the source cannot be read, or the target not written.
    """
    duckdb = load("duckdb", extra="duckdb")
    source_kind, target_kind = _csv_or_parquet(batch, "duckdb")
    dialect = read_dialect(batch.source_file, batch.inputs) if source_kind == "csv" else CsvDialect()
    try:
        with (
            duckdb.connect() as database,
            _sound(batch, dialect if source_kind == "csv" else None) as source,
            whole_file(batch.target_file) as draft,
        ):
            if source is not None:
                table = database.read_csv(
                    str(source.path), sep=dialect.separator, quotechar='"', header=True, all_varchar=True
                )
            else:
                table = database.read_parquet(batch.source)
            # The headings as they stand in the file: duckdb takes their spaces away.
            headings = table.columns if source is None else dialect.header
            summary, priced = batch.summary(headings), batch.priced(table)
            shown = priced.project(", ".join(_shown(priced.columns, summary, batch, '"')))
            if target_kind == "csv":
                shown.write_csv(str(draft), sep=dialect.separator, header=True)
            else:
                shown.write_parquet(str(draft))
            sums = ", ".join(f'CAST(sum("{name}") AS DECIMAL(38, 0))' for name in summary.amounts)
            keys = ", ".join(summary.keys)
            summary.add(priced.aggregate(f"{keys}, count(*), {sums}", keys).fetchall())
            if source is not None:
                refuse_other_rows(batch, summary, source)
            return summary
    except duckdb.Error as error:
        raise _failed(batch, error) from None


def price_with_spark(batch: Batch, master: str) -> Summary:
    """Price a CSV or Parquet file, or folder, with Spark.

    A path of this machine gives one CSV file, or a folder of Parquet parts, whole or not at all; an address
    (``hdfs://…``, ``s3a://…``) is written by Spark itself, which says the end by ``_SUCCESS``.

    Raises:
        RequestError: a workbook, a table that cannot be exact, or no Java to run Spark.
        FileError: the source cannot be read, or the target not written.
    """
    expr = load("pyspark.sql.functions", extra="spark").expr
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    source_kind, target_kind = _csv_or_parquet(batch, "spark")
    with _session(master) as session:
        try:
            dialect = _dialect(batch, session) if source_kind == "csv" else CsvDialect()
            reader = session.read.options(**_options(dialect), header=True, mode="FAILFAST")
            asked = dialect if source_kind == "csv" and not batch.is_remote else None
            with _sound(batch, asked) as found, _folder(batch) as folder:
                source = batch.source if found is None else str(found.path)
                table = reader.csv(source) if source_kind == "csv" else session.read.parquet(source)
                headings = table.columns if found is None else dialect.header
                summary, priced = batch.summary(headings), batch.priced(table)
                shown = priced.selectExpr(*_shown(priced.columns, summary, batch, "`"))
                if target_kind == "parquet":
                    shown.write.parquet(folder)
                else:
                    shown.write.options(**_options(dialect), header=batch.is_remote).csv(folder)
                sums = [expr("count(*)"), *(expr(f"sum(`{name}`)") for name in summary.amounts)]
                summary.add(priced.groupBy(*summary.keys).agg(*sums).collect())
                if found is not None:
                    refuse_other_rows(batch, summary, found)
                if target_kind == "csv" and not batch.is_remote:
                    _joined(Path(folder), batch, shown.columns, dialect)
                return summary
        except (PySparkException, Py4JError) as error:
            raise _failed(batch, error) from None


def _csv_or_parquet(batch: Batch, engine: str) -> tuple[str, str]:
    kinds = format_of(batch.source), format_of(batch.target)
    if "xlsx" in kinds:
        raise RequestError(
            "--engine {engine} reads and writes CSV and Parquet; polars does workbooks.", engine=engine
        )
    return kinds


def _shown(columns: Sequence[str], summary: Summary, batch: Batch, quote: str) -> Iterator[str]:
    """The output's columns in SQL. A product of exact types only moves the point; a division is a double."""
    for name in columns:
        column = f"{quote}{name.replace(quote, quote * 2)}{quote}"
        if name not in summary.amounts:
            yield column
            continue
        euros = f"CAST({column} * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(38, 2))"
        if batch.decimal_comma and format_of(batch.target) == "csv":
            euros = f"replace(CAST({euros} AS STRING), '.', ',')"
        yield f"{euros} AS {column}"


def _failed(batch: Batch, error: Exception) -> FileError:
    problem = str(getattr(error, "java_exception", error)).splitlines()[0][:300]
    message = Message("the engine could not read it, or not write the answer: {problem}", problem=problem)
    return FileError(batch.source, [Mistake(message)])


@contextmanager
def _session(master: str) -> Iterator["SparkSession"]:
    from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415 - an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    running = SparkSession.getActiveSession()
    if running is not None:  # the caller's own: not ours to stop
        yield running
        return
    try:
        session = (
            SparkSession.builder.master(master)
            .appName("opqibi-fees batch")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
    except PySparkRuntimeError:
        raise RequestError(
            "Spark needs Java 17 or later on this machine (Debian: openjdk-17-jre-headless)."
        ) from None
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _sound(batch: Batch, dialect: CsvDialect | None) -> Iterator[Sound | None]:
    """The rows of a CSV of this machine, as every engine reads them; nothing of another file."""
    if dialect is None:
        yield None
        return
    with sound(batch.source_file, dialect, batch.target_file.parent) as found:
        yield found


def _dialect(batch: Batch, session: "SparkSession") -> CsvDialect:
    if not batch.is_remote:
        return read_dialect(batch.source_file, batch.inputs)
    first = session.read.text(batch.source).first()
    return header_dialect(batch.source, first[0] if first else "", batch.inputs)


def _options(dialect: CsvDialect) -> dict[str, str | bool]:
    """A quote inside quotes is doubled, as everywhere but in Spark; spaces are kept. Spark speaks UTF-8 here."""
    return {
        "sep": dialect.separator,
        "quote": '"',
        "escape": '"',
        "ignoreLeadingWhiteSpace": False,
        "ignoreTrailingWhiteSpace": False,
    }


@contextmanager
def _folder(batch: Batch) -> Iterator[str]:
    """Where Spark writes its parts: the address itself, or a neighbour that takes the target's place."""
    if batch.is_remote:
        yield batch.target
        return
    target = batch.target_file
    _refuse_not_ours(target, batch.source_file)
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as place:
        parts = Path(place) / "parts"
        yield str(parts)
        if format_of(batch.target) == "parquet":
            _refuse_not_ours(target, batch.source_file)  # what came there while we worked is not ours either
            if target.is_dir():
                shutil.rmtree(target)
            parts.replace(target)


_PARTS = ("part-", ".part-", "_SUCCESS", "._SUCCESS")
"""What the names begin with in a folder that Spark wrote."""


def _refuse_not_ours(target: Path, source: Path) -> None:
    """Refuse, before any work, to replace a folder that holds the source, or anything but parts.

    Raises:
        FileError: it does.
    """
    if not target.is_dir():
        return
    read = source.resolve()
    if target.resolve() in {read, *read.parents} or not all(
        item.name.startswith(_PARTS) for item in target.iterdir()
    ):
        message = Message("a folder that holds other files than a result; give the result a name of its own.")
        raise FileError(str(target), [Mistake(message)])


def _joined(parts: Path, batch: Batch, columns: Sequence[str], dialect: CsvDialect) -> None:
    """One CSV file out of Spark's parts, in the order of the source."""
    with whole_file(batch.target_file) as draft, draft.open("wb") as joined:
        header = io.StringIO(newline="")
        csv.writer(header, delimiter=dialect.separator, lineterminator="\n").writerow(columns)
        joined.write(header.getvalue().encode("utf-8"))
        for part in sorted(parts.glob("part-*")):
            with part.open("rb") as file:
                shutil.copyfileobj(file, joined)
