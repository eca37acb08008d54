"""``opqibi-fees batch``: a whole file priced, row by row as exactly as one quote."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated

from opqibi_rules.cli.ending import ended_cleanly
from opqibi_rules.cli.options import argument, day_of, facts, option, takes, voice
from opqibi_rules.cli.progress import Progress
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, UNDETERMINED, note
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Text, marked
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.meanwhile import meanwhile
from opqibi_rules.paper.shape import Voice
from opqibi_rules.paper.text import spelled
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.price.files.batch.asked import Batch
    from opqibi_rules.price.files.batch.summary import Place, Summary

EXAMPLES = (
    "opqibi-fees batch structures.csv -o priced.csv",
    "opqibi-fees batch structures.xlsx -o priced.xlsx --date 2026-03-02",
    "opqibi-fees batch structures.csv -o priced.csv --rejects rejects.csv --format json",
    "zcat *.csv.gz | opqibi-fees batch - -o priced.parquet",
)

_GIVEN_BACK = ("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
"""What polars no longer holds goes back to the system within a tenth of a second, instead of ten: a quarter less
memory at most. Read as polars is loaded; whoever runs us may say otherwise."""
_VERDICTS = {
    "conform": Message("as expected"),
    "discrepancy": Message("otherwise"),
    "undetermined": Message("undetermined"),
}


@takes(facts, voice)
def command(
    tables: Tables,
    language: Language,
    sources: Annotated[
        list[str],
        argument("IN…", marked("CSV, TSV, Parquet or XLSX, by its name; - for the standard input.")),
    ],
    target: Annotated[
        str, option("-o --output OUT", marked("The same, whole or not at all; - for the standard output."))
    ],
    on: Annotated[
        str | None,
        option(
            "--date YYYY-MM-DD",
            marked("The day of rows that have none in a column date (default: today, without that column)."),
        ),
    ] = None,
    rejects: Annotated[
        str | None,
        option(
            "--rejects FILE", marked("Rows that cannot be priced, in CSV or Parquet, with all their faults.")
        ),
    ] = None,
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
    form: Annotated[
        str, option("--format table|json", marked("The form of the summary: for a person, or as data."))
    ] = "table",
) -> int:
    """Price a file."""
    os.environ.setdefault(*_GIVEN_BACK)
    load("opqibi_rules.price.files.batch.arriving", extra="columns")
    from opqibi_rules.price.files.batch.asked import Batch

    if form not in {"table", "json"}:
        raise RequestError(
            "--format: « {text} » is not one of {forms}.", text=form[:40], forms=("table", "json")
        )
    progress = Progress()

    @cache
    def voiced() -> None:
        """Load what the summary is said with, while the engine computes."""
        meanwhile(lambda: (language.number(0), language.day(date.min)))

    def show(rows: int, expected: int | None) -> None:
        voiced()
        progress.tell(lambda: _progress(rows, expected, progress.seconds, language))

    batch = Batch(
        tuple(sources),
        target,
        day_of(on),
        tables,
        billed,
        decimal_comma,
        tuple(carry),
        rejects,
        show,
        language.say,
        lambda message: note(language.say(message)),
        fills=on is not None,
    )
    try:
        with ended_cleanly():
            summary = _priced(batch, engine, master)
    except RequestError as error:
        if error.field != "carry":
            raise
        raise RequestError("{problem} Here: --carry HEADING, once for each.", problem=error.message) from None
    progress.end()
    _tell(summary, progress.seconds, language, aside=form == "table" or target == "-", form=form)
    if summary.errors or summary.verdicts["discrepancy"]:
        return NOT_IN_ORDER
    return UNDETERMINED if summary.verdicts["undetermined"] else DONE


def _priced(batch: "Batch", engine: str, master: str) -> "Summary":
    """The file priced by the engine asked for."""
    from opqibi_rules.price.files.batch.arriving import arriving
    from opqibi_rules.price.files.batch.asked import ENGINES

    if engine not in ENGINES:
        raise RequestError("--engine: « {text} » is not one of {engines}.", text=engine[:40], engines=ENGINES)
    if batch.is_remote and engine != "spark":
        raise RequestError("An address is read and written by Spark only: --engine spark.")
    if batch.is_remote:
        from opqibi_rules.price.files.batch.engines import price_at_addresses

        return price_at_addresses(batch, master)
    with arriving(batch, at_once=engine != "spark") as files:
        # The engines are loaded while the files are looked through.
        load("opqibi_rules.price.files.batch.priced", extra="columns")
        from opqibi_rules.price.files.batch.priced import price_file, with_polars

        if engine in {"auto", "polars"}:
            return price_file(files, "polars", with_polars)
        from opqibi_rules.price.files.batch.engines import with_duckdb, with_spark

        return price_file(files, engine, with_duckdb if engine == "duckdb" else with_spark(master))


def _tell(summary: "Summary", seconds: float, language: Language, *, aside: bool, form: str) -> None:
    """The summary, beside the answer or as data on the standard output."""
    from opqibi_rules.price.files.batch.summary import SummaryShape

    if form == "table":
        text = _document(summary, seconds).as_text(language)
    else:
        content = SummaryShape.written(summary, Voice(language.say, language.name))
        text = spelled(json.dumps(content, ensure_ascii=False, indent=2)) + "\n"
    if aside:
        note(text.removesuffix("\n"))
    else:
        sys.stdout.write(text)


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
    from opqibi_rules.price.columns.inputs import TOTAL, VAT, WITH_VAT

    facts: list[tuple[Message, Cell | Text]] = [(Message("Rows"), Cell(summary.rows, "count"))]
    if summary.rejected:
        facts.append((Message("Rows rejected"), Cell(summary.rejected, "count")))
    if seconds:
        facts.append((Message("Rows per second"), Cell(int(summary.rows / seconds), "count")))
    if summary.on is not None:
        facts.append((Message("Day"), Cell(summary.on, "date")))
    facts += [(Message("Schedule"), schedule.title) for schedule in summary.schedules]
    sums: list[Row] = [(name, Cell(summary.sum(fee), "euro")) for fee, name in summary.names.items()]
    total = Message("Total excl. VAT of the rows priced") if summary.errors else Message("Total excl. VAT")
    totals = {TOTAL: total, VAT: Message("VAT"), WITH_VAT: Message("Total incl. VAT")}
    sums += [
        (name, Cell(summary.sum(each), "euro")) for each, name in totals.items() if each in summary.added
    ]
    tables = [Table((Message("Fee"), Message("Sum excl. VAT")), sums, frozenset({len(sums) - 1}))]
    if summary.verdicts:
        verdicts: list[Row] = [
            (_VERDICTS[verdict], Cell(summary.verdicts[verdict], "count")) for verdict in _VERDICTS
        ]
        verdicts.append((Message("Billed less expected"), Cell(summary.sum("difference"), "euro")))
        tables.append(Table((Message("Billed"), Message("Rows")), verdicts))
    if summary.errors:
        errors: list[Row] = [
            (fault.code, fault.message, Cell(fault.rows, "count")) for fault in summary.faults
        ]
        tables.append(Table((Message("Error"), Message("What is expected"), Message("Rows")), errors))
        first: list[Row] = [(fault.code, _lines(fault.first)) for fault in summary.faults if fault.first]
        tables.append(Table((Message("Error"), Message("First lines")), first))
    return Document(Message("Batch priced"), facts, tables, notes=summary.notes)


def _lines(places: "Sequence[Place]") -> str:
    """``structures.csv: 3, 17``; the file is named where it changes."""
    said, before = [], None
    for place in places:
        said.append(str(place.line) if place.file == before else f"{place.file}: {place.line}")
        before = place.file
    return ", ".join(said)
