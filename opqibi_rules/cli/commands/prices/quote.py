"""``opqibi-fees quote``: the price of an event, each euro with its article."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from opqibi_rules.cli.options import day_of, facts, on_day, option, question, takes
from opqibi_rules.cli.result import DONE, UNDETERMINED, Result, answer_in
from opqibi_rules.messages import marked
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.papers.forms import quote_forms
from opqibi_rules.price.question import Asked
from opqibi_rules.price.quote import quote as price
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document

EXAMPLES = (
    "opqibi-fees quote -t 1=5 -t 2=3 --turnover 800000",
    "opqibi-fees quote --event control -q 1905:5 --new 0607:5 --date 2026-03-02 --format json",
)


@takes(question, on_day, facts, answer_in(*GENERAL, "pdf", "svg", "png"))
def command(
    asked: Asked,
    on: date,
    tables: Tables,
    result: Result,
    explain: Annotated[
        bool, option("--explain", marked("Show the calculation, step by step, as by hand."))
    ] = False,
) -> int:
    """Price an event."""
    answer = price(on=on, tables=tables, **asked)

    def content(machine: Language) -> Json:
        if explain:
            from opqibi_rules.price.explanation import ExplainedQuoteShape  # only when asked for

            return ExplainedQuoteShape.written(answer, Voice(machine.say, machine.name))
        return answer.to_dict(machine.say, language=machine.name)

    def document() -> "Document":
        from opqibi_rules.price.papers.quote_document import quote_document  # JSON does without

        return quote_document(answer, explain=explain)

    structure = asked.get("structure")
    result.put_document(
        document,
        content,
        quote_forms(answer, result.language, made_on=day_of(None), structure=structure),
    )
    return UNDETERMINED if answer.undetermined else DONE
