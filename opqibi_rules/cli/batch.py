"""``opqibi-fees batch``: a whole file priced, row by row as exactly as one quote."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opqibi_rules.cli.options import (
    DONE,
    NOT_IN_ORDER,
    UNDETERMINED,
    Lang,
    Result,
    TablesFolder,
    day_of,
    tables_of,
)
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language

if TYPE_CHECKING:
    from opqibi_rules.price.files.batch import Summary

HELP = marked(
    "Price a whole file: CSV, Parquet or XLSX, a structure a row; one column is added for each fee."
)
EXAMPLES = (
    "opqibi-fees batch structures.csv -o priced.csv",
    "opqibi-fees batch structures.xlsx -o priced.xlsx --date 2026-03-02",
    "opqibi-fees batch structures.parquet -o priced.parquet --engine duckdb",
)

_VERDICTS = {
    "conform": Message("as expected"),
    "discrepancy": Message("otherwise"),
    "undetermined": Message("undetermined"),
}
_EACH = 0.1
"""Seconds between two looks at the progress."""


def command(
    source: Annotated[str, typer.Argument(metavar="IN", help=marked("CSV, Parquet or XLSX, by its name."))],
    target: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="OUT", help=marked("CSV, Parquet or XLSX, whole or not at all.")
        ),
    ],
    day: Annotated[
        str | None,
        typer.Option(
            "--date",
            metavar="YYYY-MM-DD",
            help=marked("The day, for a file without a column date (default: today)."),
        ),
    ] = None,
    billed: Annotated[
        str | None,
        typer.Option(
            "--billed", metavar="COLUMN", help=marked("A column of amounts billed, excl. VAT: compare.")
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help=marked("auto (polars), polars, duckdb or spark."))
    ] = "auto",
    master: Annotated[
        str,
        typer.Option(
            "--master", metavar="URL", help=marked("Spark’s master: this machine’s cores, or a cluster.")
        ),
    ] = "local[*]",
    decimal_comma: Annotated[
        bool, typer.Option("--decimal-comma", help=marked("In a CSV, write amounts with a comma."))
    ] = False,
    tables: TablesFolder = None,
    lang: Lang = None,
) -> int:
    """Price a file."""
    language = Result(lang, None, None).language
    load("opqibi_rules.price.files.batch", extra="columns")
    from opqibi_rules.price.files.batch import ENGINES, Batch, price_file

    if engine not in ENGINES:
        raise RequestError(
            Message("--engine: « {text} » is not one of {engines}.", text=engine[:40], engines=ENGINES)
        )
    progress = _Progress(language)
    batch = Batch(source, target, day_of(day), tables_of(tables), billed, decimal_comma, progress.show)
    if batch.is_remote and engine != "spark":
        raise RequestError(Message("An address is read and written by Spark only: --engine spark."))
    if not batch.is_remote and not Path(source).exists():
        raise FileError(source, [Mistake(Message("no such file."))])
    if not batch.is_remote and Path(target).exists() and Path(source).samefile(target):
        raise RequestError(Message("-o: the file that is read; give the answer a name of its own."))
    if engine in {"auto", "polars"}:
        summary = price_file(batch)
    else:
        from opqibi_rules.price.files.batch_engines import price_with_duckdb, price_with_spark

        summary = price_with_duckdb(batch) if engine == "duckdb" else price_with_spark(batch, master)
    progress.end()
    print(_document(summary, progress.seconds).as_text(language), end="", file=sys.stderr)  # noqa: T201 - the door speaks
    if summary.errors or summary.verdicts["discrepancy"]:
        return NOT_IN_ORDER
    return UNDETERMINED if summary.verdicts["undetermined"] else DONE


class _Progress:
    """A bar on the terminal's last line; nothing where standard error is no terminal."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._started = self._last = time.monotonic()
        self._live = sys.stderr.isatty()
        self.seconds = 0.0

    def show(self, rows: int, expected: int | None) -> None:
        """Tell how far we are, at most ten times a second."""
        now = time.monotonic()
        if not self._live or now - self._last < _EACH:
            return
        self._last = now
        rate = int(rows / (now - self._started))
        done = min(rows / expected, 1.0) if expected else 0.0
        said = [self._language.number(number) for number in (rows, rate)]
        text = self._language.say(Message("{rows} rows, {rate} rows/s", rows=said[0], rate=said[1]))
        bar = "█" * int(20 * done) + "░" * (20 - int(20 * done)) if expected else ""
        sys.stderr.write(f"\r\x1b[K{bar} {done:4.0%}  {text}" if expected else f"\r\x1b[K{text}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave a clean line."""
        self.seconds = time.monotonic() - self._started
        if self._live:
            sys.stderr.write("\r\x1b[K")


def _document(summary: "Summary", seconds: float) -> Document:
    from opqibi_rules.price.column_inputs import TOTAL
    from opqibi_rules.price.columns import explain

    facts = [(Message("Rows"), Cell(summary.rows, "count"))]
    if seconds:
        facts.append((Message("Rows per second"), Cell(int(summary.rows / seconds), "count")))
    sums: list[Row] = [(name, Cell(summary.sum(fee), "euro")) for fee, name in summary.names.items()]
    sums.append((Message("Total excl. VAT"), Cell(summary.sum(TOTAL), "euro")))
    tables = [Table((Message("Fee"), Message("Sum excl. VAT")), sums, frozenset({len(sums) - 1}))]
    if summary.verdicts:
        verdicts: list[Row] = [
            (_VERDICTS[verdict], Cell(summary.verdicts[verdict], "count")) for verdict in _VERDICTS
        ]
        verdicts.append((Message("Billed less expected"), Cell(summary.sum("difference"), "euro")))
        tables.append(Table((Message("Billed"), Message("Rows")), verdicts))
    if summary.errors:
        errors: list[Row] = [
            (code, explain(code), Cell(count, "count")) for code, count in summary.errors.most_common()
        ]
        tables.append(Table((Message("Error"), Message("What is expected"), Message("Rows")), errors))
    return Document(Message("Batch priced"), facts, tables)
