"""``opqibi-fees quote``: the price of an event, each euro with its article."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from opqibi_rules.cli.asking import facts, on_day, question
from opqibi_rules.cli.options import DONE, UNDETERMINED, Lang, Output, Result, day_of
from opqibi_rules.cli.takes import takes
from opqibi_rules.messages import marked
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.question import Asked
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import quote as price
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document
    from opqibi_rules.paper.language import Language

HELP = marked("The price of an event, to the cent, each euro with its article.")
EXAMPLES = (
    "opqibi-fees quote -t 1=5 -t 2=3 --turnover 800000",
    "opqibi-fees quote --event control -q 1905:5 --new 0607:5 --date 2026-03-02 --format json",
)

QuoteFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help=marked("table (default), json, csv, markdown, xlsx, pdf, svg or png."),
    ),
]


@takes(question, on_day, facts)
def command(
    asked: Asked,
    on: date,
    tables: Tables,
    explain: Annotated[
        bool, typer.Option("--explain", help=marked("Show the calculation, step by step, as by hand."))
    ] = False,
    lang: Lang = None,
    form: QuoteFormat = None,
    output: Output = None,
) -> int:
    """Price an event."""
    result = Result(lang, form, output)
    answer = price(on=on, tables=tables, **asked)
    put_quote(answer, result, explain=explain, structure=asked.get("structure"))
    return UNDETERMINED if answer.undetermined else DONE


def put_quote(answer: Quote, result: Result, *, explain: bool, structure: Structure | None = None) -> None:
    """Let a quote out in the form asked for."""
    from opqibi_rules.price.papers.forms import quote_forms

    def content(machine: "Language") -> Json:
        if not explain:
            return answer.to_dict(machine.say, language=machine.name)
        from opqibi_rules.price.explanation import ExplainedQuoteShape

        return ExplainedQuoteShape.written(answer, Voice(machine.say, machine.name))

    def document() -> "Document":
        from opqibi_rules.price.papers.quote_document import quote_document

        return quote_document(answer, explain=explain)

    more = quote_forms(answer, result.language, made_on=day_of(None), structure=structure)
    result.put_document(document, content, more)
