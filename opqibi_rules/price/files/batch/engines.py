"""The same batch on duckdb, or on Spark: this machine's cores, or a cluster's.

The fees are the same expressions (:mod:`opqibi_rules.price.columns`), and the reader of a CSV and the writer of the
answer are the same too: an engine computes, once, and hands its rows over, duckdb as a stream, Spark by Parquet.
Only addresses of a cluster are read and written by Spark itself.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

import narwhals.stable.v2 as nw
import polars as pl

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.rows.csv_rows import separator_of
from opqibi_rules.price.columns.inputs import ERROR, TURNOVER, refuse_taken
from opqibi_rules.price.columns.plain import quick_count, quick_turnover
from opqibi_rules.price.files.batch.asked import Batch, Layout, format_of
from opqibi_rules.price.files.batch.priced import Compute
from opqibi_rules.price.files.batch.source import Source, read_by_polars
from opqibi_rules.price.files.batch.summary import Summary
from opqibi_rules.price.headings import LOOKED_AT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import DataFrame, Row, SparkSession


_MOST_TRIES, _EACH = 500, 0.01
"""To end what computes still, and in seconds how long to wait between two."""
_ROW, _HERE = "own_row", "own_here"
"""The number of a row, from 0: as an engine gives it back, and as the file has it."""


def with_duckdb(
    batch: Batch, source: Source, layout: Layout, place: Callable[[], Path], stack: ExitStack
) -> pl.LazyFrame:
    """The fees by duckdb.

    Raises:
        FileError: the source cannot be read.
    """
    duckdb = load("duckdb", extra="duckdb")
    try:
        database = duckdb.connect()  # open as long as the answer is read from it
        stack.callback(_closed, database, duckdb.Error)
        # It takes the first break of a line, one inside a heading too, for what ends every row.
        broken = {"\r", "\n"}.intersection("".join(layout.headings))
        if source.kind == "csv" and not (broken or source.by_polars):
            table = database.read_csv(
                [*map(str, source.paths)],
                columns=dict.fromkeys(layout.own, "VARCHAR"),
                auto_detect=False,
                header=True,
                sep=source.dialect.separator,
                quotechar='"',
                escapechar='"',
                allow_quoted_nulls=False,  # « "" » and nothing are told apart, as by polars
            )
            named = (f'{own} AS "{ours}"' for ours, own in layout.beside.items())
            read = table.project(", ".join([*layout.own, *named]))
            quick = {name: quick_turnover(name) for name in layout.ours if name.startswith(TURNOVER)}
            quick |= {name: quick_count(name) for name in layout.ours if layout.counts(name)}
            if quick:
                read = nw.from_native(read).with_columns(**quick).to_native()
            priced = batch.priced(read, layout, integers="cents")
            shown = (*layout.own, *layout.added)
            return pl.scan_arrow_c_stream(priced.project(", ".join(f'"{name}"' for name in shown)))
        handed = _Handed.of(batch, source, layout, place)
        table = database.read_parquet(str(handed.path))
        priced = batch.priced(table, layout, handed.own, integers=handed.integers)
        answer = priced.project(", ".join(f'"{name}"' for name in (_ROW, *layout.added)))
        return _beside(source, layout, pl.scan_arrow_c_stream(answer))
    except duckdb.Error as error:
        raise _failed(source.parts[0].arrival.name, error) from None


def _closed(database: "DuckDBPyConnection", busy: type[Exception]) -> None:
    """End a database, whatever it still computes for a reading that failed: it would abort the process at its end."""
    for _ in range(_MOST_TRIES):
        database.interrupt()
        try:
            database.close()
        except busy:
            time.sleep(_EACH)
        else:
            return


def with_spark(master: str) -> Compute:
    """The fees by Spark, on this machine's cores or a cluster's."""
    return partial(_with_spark, master)


def _with_spark(
    master: str, batch: Batch, source: Source, layout: Layout, place: Callable[[], Path], stack: ExitStack
) -> pl.LazyFrame:
    del stack
    load("pyspark", extra="spark")
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    computed = place() / "computed"
    with _session(master) as session:
        try:
            handed = _Handed.of(batch, source, layout, place)
            table = session.read.parquet(str(handed.path))
            priced = batch.priced(table, layout, handed.own, integers=handed.integers)
            priced.selectExpr(*(f"`{name}`" for name in (_ROW, *layout.added))).write.parquet(str(computed))
        except (PySparkException, Py4JError) as error:
            raise _failed(source.parts[0].arrival.name, error) from None
    return _beside(source, layout, pl.scan_parquet(sorted(computed.glob("part-*")), glob=False))


class _Handed(NamedTuple):
    """What an engine is given: our columns, and of the file's own those alone that it needs.

    The others would not all come back as they went: engines have no zones of their own, or other units of time.
    """

    path: Path
    """A Parquet file that any engine reads alike."""
    own: Sequence[str]
    integers: Literal["cents", "euros"]
    """What they count there."""

    @classmethod
    def of(cls, batch: Batch, source: Source, layout: Layout, place: Callable[[], Path]) -> Self:
        """What is needed of the source, written in ``place``."""
        table, integers = read_by_polars(source, layout)
        schema = table.collect_schema()
        own = [_ROW, *(name for name in batch.needed(layout) if schema[name] == pl.String)]
        path = place() / "source.parquet"
        numbered = table.with_row_index(_ROW).with_columns(pl.col(_ROW).cast(pl.Int64))
        numbered.select(*own, *layout.beside).sink_parquet(path)
        return cls(path, own, integers)


def _beside(source: Source, layout: Layout, added: pl.LazyFrame) -> pl.LazyFrame:
    """The file's own columns, as they are, and those that an engine computed, each row beside its own."""
    together = pl.concat([source.table.select(layout.own).with_row_index(_HERE), added], how="horizontal")
    told = pl.struct(_HERE, _ROW, ERROR).map_batches(_same_rows, return_dtype=pl.String, is_elementwise=True)
    return together.with_columns(told.alias(ERROR))


def _same_rows(cells: pl.Series) -> pl.Series:
    """The errors of some rows; an engine that gave them in another order gives prices to others than their own.

    Raises:
        RuntimeError: it did.
    """
    frame = cells.struct.unnest()
    if not (frame[_HERE] == frame[_ROW]).all():
        raise RuntimeError("rows in another order")
    return frame[ERROR]


def _kinds_at(address: str, batch: Batch) -> list[str]:
    """What stands at the address, and what is to be written.

    Raises:
        RequestError: Spark does not read or write it by itself.
    """
    kinds = [_kind_at(name) for name in (address, batch.target)]
    if batch.rejects is not None or not {*kinds} <= {"csv", "parquet"}:
        raise RequestError(
            "At an address, Spark reads and writes CSV and Parquet, and keeps no rejects apart."
        )
    return kinds


def price_at_addresses(batch: Batch, master: str) -> Summary:
    """Price what Spark alone can reach (``hdfs://…``, ``s3a://…``): it reads, writes, and adds up itself.

    The target is a folder of parts, complete once ``_SUCCESS`` is there.

    Raises:
        RequestError: a workbook, a table that cannot be exact, or no Java to run Spark.
        FileError: the source cannot be read, or the target not written.
    """
    load("pyspark", extra="spark")
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    (address,) = batch.sources
    read, written = _kinds_at(address, batch)
    with _session(master) as session:
        try:
            table = session.read.parquet(address) if read == "parquet" else _csv(batch, session, address)
            layout = batch.layout(table.columns)
            refuse_taken(layout.headings, layout.added, folds=True)
            batch = batch.of(layout)
            batch.refuse_by_cells(layout, partial(_first_cells, table))
            summary = batch.summary(layout, "spark")
            laid_out = table.toDF(*layout.own).selectExpr(
                "*", *(f"{own} AS `{ours}`" for ours, own in layout.beside.items())
            )
            priced = batch.priced(laid_out, layout)
            shown = priced.selectExpr(*_shown(layout, summary, batch))
            if written == "parquet":
                shown.write.parquet(batch.target)
            else:
                shown.write.options(**_options(","), header=True).csv(batch.target)
            summary.add(_as_written(batch, session, summary))
        except (PySparkException, Py4JError) as error:
            raise _failed(address, error) from None
        else:
            return summary


def _kind_at(address: str) -> str:
    """The format of what an address names; a folder of a name without a suffix holds parts of Parquet."""
    return format_of(address)[0] if PurePosixPath(address).suffix else "parquet"


def _first_cells(table: "DataFrame", headings: Sequence[str]) -> Mapping[str, list[object]]:
    """The cells of the first rows, of those columns that hold text or days."""
    told = [name for name, kind in table.dtypes if kind in {"string", "date"} and name in headings]
    rows = (
        table.select(*(f"`{name.replace('`', '``')}`" for name in told)).limit(LOOKED_AT).collect()
        if told
        else []
    )
    return {name: [row[number] for row in rows] for number, name in enumerate(told)}


def _as_written(batch: Batch, session: "SparkSession", summary: Summary) -> "list[Row]":
    """Groups of rows of the answer, read back: nothing is computed a second time."""
    from pyspark.sql.functions import expr  # noqa: PLC0415 - an extra

    if _kind_at(batch.target) == "parquet":
        written = session.read.parquet(batch.target)
    else:
        written = session.read.options(**_options(","), header=True).csv(batch.target)
    sums = [
        expr(f"sum(CAST(replace(CAST(`{name}` AS STRING), ',', '.') AS DECIMAL(38, 2)) * 100)")
        for name in summary.amounts
    ]
    return written.groupBy(*summary.keys).agg(expr("count(*)"), *sums).collect()


def _csv(batch: Batch, session: "SparkSession", address: str) -> "DataFrame":
    first = session.read.text(address).first()
    reader = session.read.options(**_options(separator_of(first[0] if first else "", batch.headings.known)))
    header = reader.csv(address).first()
    _refuse_alike([str(cell) for cell in header or ()])
    return reader.options(header=True, mode="FAILFAST").csv(address)


def _refuse_alike(headings: Sequence[str]) -> None:
    """Refuse columns that differ by case alone: Spark would give them other names.

    Raises:
        RequestError: there are such.
    """
    times = Counter(map(str.casefold, headings))
    if alike := [heading for heading in headings if times[heading.casefold()] > 1]:
        raise RequestError(
            "Spark does not tell these columns apart: {names}. Rename them.", names=tuple(alike)
        )


def _shown(layout: Layout, summary: Summary, batch: Batch) -> Iterator[str]:
    """The output's columns in SQL. A product of exact types only moves the point; a division is a double."""
    for heading, own in zip(layout.headings, layout.own, strict=True):
        yield f"{own} AS `{heading.replace('`', '``')}`"
    for name in layout.added:
        if name not in summary.amounts:
            yield f"`{name}`"
            continue
        euros = f"CAST(`{name}` * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 2))"
        if batch.decimal_comma and _kind_at(batch.target) == "csv":
            euros = f"replace(CAST({euros} AS STRING), '.', ',')"
        yield f"{euros} AS `{name}`"


def _failed(name: str, error: Exception) -> FileError:
    problem = str(getattr(error, "java_exception", error)).splitlines()[0][:300]
    message = Message("the engine could not read it, or not write the answer: {problem}", problem=problem)
    return FileError(name, [Mistake(message)])


@contextmanager
def _session(master: str) -> Iterator["SparkSession"]:
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    running = SparkSession.getActiveSession()
    if running is not None:  # the caller's own: not ours to stop
        yield running
        return
    _refuse_without_java()
    _refuse_unreachable(master)
    try:
        session = (
            SparkSession.builder.master(master)
            .appName("opqibi-fees batch")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
    except (PySparkException, Py4JError) as error:
        problem = str(getattr(error, "java_exception", error)).splitlines()[0][:300]
        raise RequestError(
            "Spark does not start on {master}: {problem}", master=master, problem=problem
        ) from None
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


_OLDEST_JAVA = 17


def _refuse_without_java() -> None:
    """Refuse a machine that has no Java, or too old a one, which would only say so in a trace of its own.

    Raises:
        RequestError: none that runs Spark.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    said = ""
    if java:
        command = [java, "-version"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr  # noqa: S603 - the user's
    version = re.search(r'version "(?:1\.)?([0-9]+)', said)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        raise RequestError("Spark needs Java 17 or later on this machine (Debian: openjdk-17-jre-headless).")


def _refuse_unreachable(master: str) -> None:
    """Refuse a master of Spark's own (``spark://host:7077``) that does not answer: Spark would ask it for a minute.

    Raises:
        RequestError: none of its hosts answers; or nothing says where the cluster is (``yarn``).
    """
    if master == "yarn" and not {"HADOOP_CONF_DIR", "YARN_CONF_DIR"} & os.environ.keys():
        raise RequestError("yarn: HADOOP_CONF_DIR names no folder that describes the cluster.")
    if not master.startswith("spark://"):
        return
    for host in master.removeprefix("spark://").split(","):
        with suppress(OSError, ValueError):
            name, _, port = host.rpartition(":")
            socket.create_connection((name.strip("[]"), int(port)), timeout=10).close()
            return
    raise RequestError("No Spark master answers at {master}.", master=master)


def _options(separator: str) -> dict[str, str | bool]:
    """A quote inside quotes is doubled, as everywhere but in Spark; spaces are kept. Spark speaks UTF-8 here."""
    return {
        "sep": separator,
        "quote": '"',
        "escape": '"',
        "ignoreLeadingWhiteSpace": False,
        "ignoreTrailingWhiteSpace": False,
    }
