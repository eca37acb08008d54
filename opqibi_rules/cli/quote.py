"""``opqibi-fees quote``: the price of an event, each euro with its article."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opqibi_rules.cli.options import (
    DONE,
    UNDETERMINED,
    Lang,
    Output,
    Result,
    TablesFolder,
    day_of,
    format_option,
    tables_of,
)
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import quote as price
from opqibi_rules.price.structure import Structure

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document
    from opqibi_rules.paper.language import Language

HELP = marked("The price of an event, to the cent, each euro with its article.")
EXAMPLES = (
    "opqibi-fees quote -t 1=5 -t 2=3 --turnover 800000",
    "opqibi-fees quote --event control -q 1905:5 --new 0607:5 --date 2026-03-02 --format json",
)

Event = Annotated[
    str,
    typer.Option("--event", metavar="first|renewal|control", help=marked("What is priced (default: first).")),
]
Qualifications = Annotated[
    list[str],
    typer.Option(
        "-q",
        "--qualification",
        metavar="CODE[:T]",
        help=marked("A qualification, by code; repeat for several."),
    ),
]
Probationary = Annotated[
    list[str],
    typer.Option("-p", "--probationary", metavar="CODE[:T]", help=marked("A probationary qualification.")),
]
Tariffs = Annotated[
    list[str],
    typer.Option(
        "-t", "--tariff", metavar="T=N", help=marked("N qualifications at tariff T; repeat for several.")
    ),
]
New = Annotated[
    list[str],
    typer.Option("--new", metavar="CODE[:T]", help=marked("At a control: a new qualification asked for.")),
]
NewTariffs = Annotated[
    list[str],
    typer.Option("--new-tariff", metavar="T=N", help=marked("At a control: N new ones at tariff T.")),
]
Turnover = Annotated[
    str | None,
    typer.Option("--turnover", metavar="EUR", help=marked("Last « ingénierie » turnover, excl. VAT.")),
]
AuditTurnover = Annotated[
    str | None,
    typer.Option(
        "--audit-turnover", metavar="EUR", help=marked("Last « audit énergétique » turnover, excl. VAT.")
    ),
]
Day = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help=marked("The day (default: today)."))
]
Vat = Annotated[
    str | None,
    typer.Option(
        "--vat", metavar="RATE|TERRITORY", help=marked("20 %, 0.20, reunion… (default: mainland France).")
    ),
]
StructureFile = Annotated[
    str | None, typer.Option("--structure", metavar="FILE", help=marked("A structure file, YAML or JSON."))
]

QuoteFormat = Annotated[str | None, format_option(*GENERAL, "pdf", "svg", "png")]


def command(
    event: Event = "first",
    qualification: Qualifications = [],
    probationary: Probationary = [],
    tariff: Tariffs = [],
    new: New = [],
    new_tariff: NewTariffs = [],
    turnover: Turnover = None,
    audit_turnover: AuditTurnover = None,
    day: Day = None,
    vat: Vat = None,
    structure: StructureFile = None,
    explain: Annotated[
        bool, typer.Option("--explain", help=marked("Show the calculation, step by step, as by hand."))
    ] = False,
    tables: TablesFolder = None,
    lang: Lang = None,
    form: QuoteFormat = None,
    output: Output = None,
) -> int:
    """Price an event."""
    result = Result(lang, form, output)
    answer = quote_of(
        event=event,
        qualifications=qualification,
        probationary=probationary,
        tariffs=tariff,
        new_qualifications=new,
        new_tariffs=new_tariff,
        turnover=turnover,
        audit_turnover=audit_turnover,
        on=day,
        vat=vat,
        structure=structure,
        tables=tables,
    )
    put_quote(answer, result, explain=explain, structure=structure)
    return UNDETERMINED if answer.undetermined else DONE


def quote_of(
    *,
    tariffs: Sequence[str],
    new_tariffs: Sequence[str],
    on: str | None,
    structure: str | None,
    tables: str | None,
    **given: Any,
) -> Quote:
    """The quote that the options of a command ask for."""
    return price(
        tariffs=counts_of(tariffs, "--tariff"),
        new_tariffs=counts_of(new_tariffs, "--new-tariff"),
        on=day_of(on),
        structure=structure_of(structure),
        tables=tables_of(tables),
        **given,
    )


def put_quote(answer: Quote, result: Result, *, explain: bool, structure: str | None = None) -> None:
    """Let a quote out in the form asked for."""

    def content(machine: "Language") -> dict[str, Any]:
        data = answer.to_dict(machine.say, language=machine.name)
        if explain:
            from opqibi_rules.price.explanation import explain as steps

            data["steps"] = [
                {"article": step.article, "text": machine.say(step.text)} for step in steps(answer)
            ]
        return data

    def document() -> "Document":
        from opqibi_rules.price.papers.quote_document import quote_document

        return quote_document(answer, explain=explain)

    def workbook() -> bytes:
        from opqibi_rules.price.papers.workbook import quote_workbook

        return quote_workbook(answer, result.language)

    def pdf() -> bytes:
        from opqibi_rules.price.papers.pdf import quote_pdf

        return quote_pdf(answer, result.language, made_on=day_of(None), structure=structure_of(structure))

    def picture(form: str) -> bytes:
        from opqibi_rules.price.papers.chart import usage_curve

        base = answer.base
        return usage_curve(answer.schedule, base.turnover if base else None, result.language).render(form)

    result.put_document(
        document,
        content,
        {
            "xlsx": workbook,
            "pdf": pdf,
            "svg": lambda: picture("svg"),
            "png": lambda: picture("png"),
        },
    )


def structure_of(path: str | None) -> Structure | None:
    """The structure of ``--structure``, if it is given.

    Raises:
        FileError: all that is wrong in the file.
    """
    if path is None:
        return None
    from opqibi_rules.price.files.structure_file import read_structure

    return read_structure(Path(path))


def counts_of(given: Iterable[str], option: str) -> dict[str, int]:
    """``T=N`` options as counts; the same tariff twice is refused, for nobody can say which was meant.

    Raises:
        RequestError: anything that is no ``T=N``, or a tariff given twice.
    """
    counts: dict[str, int] = {}
    for text in given:
        tariff, equals, count = (part.strip() for part in text.partition("="))
        digits = count.removeprefix("-")
        if not equals or not tariff or not (digits.isascii() and digits.isdigit()):
            raise RequestError(
                Message(
                    "{option}: « {text} » is not TARIFF=COUNT; for five at tariff 1, write 1=5.",
                    option=option,
                    text=text[:40],
                )
            )
        if tariff in counts:
            raise RequestError(
                Message(
                    "{option}: tariff {tariff} is given twice; add the counts.", option=option, tariff=tariff
                )
            )
        # A count of thousands of digits is cut: it is refused all the same, and Python does not read it.
        counts[tariff] = int(count.removesuffix(digits) + (digits.lstrip("0") or "0")[:12])
    return counts
