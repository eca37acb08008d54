"""``opqibi-fees batch``: a whole file priced, row by row as exactly as one quote."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from opqibi_rules.cli.options import argument, day_in, facts, option, takes, voice
from opqibi_rules.cli.progress import Progress
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, UNDETERMINED, note
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import remember, spare
from opqibi_rules.paper.language import Language
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.price.files.batch import Batch, Summary

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

_on_day = day_in("--date YYYY-MM-DD", marked("The day, for a file without a column date (default: today)."))


@takes(_on_day, facts, voice)
def command(
    day: date,
    tables: Tables,
    language: Language,
    source: Annotated[str, argument("IN", marked("CSV, Parquet or XLSX, by its name."))],
    target: Annotated[str, option("-o --output OUT", marked("CSV, Parquet or XLSX, whole or not at all."))],
    billed: Annotated[
        str | None, option("--billed COLUMN", marked("A column of amounts billed, excl. VAT: compare."))
    ] = None,
    carry: Annotated[
        list[str],
        option("--carry HEADING", marked("A column of your own that looks like ours: kept, not read.")),
    ] = [],
    engine: Annotated[
        str, option("--engine NAME", marked("auto (polars), polars, duckdb or spark."))
    ] = "auto",
    master: Annotated[
        str, option("--master URL", marked("Spark’s master: this machine’s cores, or a cluster."))
    ] = "local[*]",
    decimal_comma: Annotated[
        bool, option("--decimal-comma", marked("In a CSV, write amounts with a comma."))
    ] = False,
) -> int:
    """Price a file."""
    load("opqibi_rules.price.files.batch", extra="columns")
    from opqibi_rules.price.files.batch import Batch

    progress = Progress()

    def show(rows: int, expected: int | None) -> None:
        progress.tell(lambda: _progress(rows, expected, progress.seconds, language))

    batch = Batch(source, target, day, tables, billed, decimal_comma, tuple(carry), show)
    summary = _priced(batch, engine, master)
    progress.end()
    note(_document(summary, progress.seconds).as_text(language).removesuffix("\n"))
    if summary.errors or summary.verdicts["discrepancy"]:
        return NOT_IN_ORDER
    return UNDETERMINED if summary.verdicts["undetermined"] else DONE


def _priced(batch: "Batch", engine: str, master: str) -> "Summary":
    """The file priced by the engine asked for."""
    from opqibi_rules.price.files.batch import ENGINES, price_file

    if engine not in ENGINES:
        raise RequestError("--engine: « {text} » is not one of {engines}.", text=engine[:40], engines=ENGINES)
    if batch.is_remote and engine != "spark":
        raise RequestError("An address is read and written by Spark only: --engine spark.")
    if not batch.is_remote:
        if not Path(batch.source).exists():
            raise FileError(str(batch.source), [Mistake(Message("no such file."))])
        remember(Path(batch.source))
        spare(Path(batch.target))
    if engine in {"auto", "polars"}:
        return price_file(batch)
    from opqibi_rules.price.files.batch_engines import price_with_duckdb, price_with_spark

    return price_with_duckdb(batch) if engine == "duckdb" else price_with_spark(batch, master)


def _progress(rows: int, expected: int | None, seconds: float, language: Language) -> str:
    """How many rows are done, how fast, and a bar where their number is known."""
    said = [language.number(number) for number in (rows, int(rows / seconds))]
    text = language.say(Message("{rows} rows, {rate} rows/s", rows=said[0], rate=said[1]))
    if not expected:
        return text
    done = min(rows / expected, 1.0)
    full = int(20 * done)
    return f"{'█' * full}{'░' * (20 - full)} {done:4.0%}  {text}"


def _document(summary: "Summary", seconds: float) -> Document:
    from opqibi_rules.price.columns import explain
    from opqibi_rules.price.columns.inputs import TOTAL

    facts = [(Message("Rows"), Cell(summary.rows, "count"))]
    if seconds:
        facts.append((Message("Rows per second"), Cell(int(summary.rows / seconds), "count")))
    sums: list[Row] = [(name, Cell(summary.sum(fee), "euro")) for fee, name in summary.names.items()]
    total = Message("Total excl. VAT of the rows priced") if summary.errors else Message("Total excl. VAT")
    sums.append((total, Cell(summary.sum(TOTAL), "euro")))
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
