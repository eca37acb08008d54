"""``opqibi-fees plan``: the cost of the years to come, what is due when, and which year bears it."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from opqibi_rules.cli.asking import facts, firm, structure_in, structure_of
from opqibi_rules.cli.options import DONE, UNDETERMINED, Lang, Output, Result, day_of, format_option
from opqibi_rules.cli.side_by_side import put_plans
from opqibi_rules.cli.takes import takes
from opqibi_rules.cli.years_ahead import changes, course, span, start_of, together, turnovers_of
from opqibi_rules.messages import marked
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.price.holdings import Change
from opqibi_rules.price.plan import Plan
from opqibi_rules.price.plan import plan as make_plan
from opqibi_rules.price.plan_question import PlanAsked
from opqibi_rules.price.question import Asked
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document

HELP = marked("What qualifications cost over the years, what is due when, and which year bears it.")
EXAMPLES = (
    "opqibi-fees plan -t 1=5 -t 2=3 --turnover 800000 --from 2026-03-02",
    "opqibi-fees plan --structure firm.yaml --years 8 --turnover-growth 3% --add 1905:5@control-2 -o plan.pdf",
    "opqibi-fees plan --structure firm.yaml --notified 2026-05-18 -o controls.ics",
)

TurnoverIn = Annotated[
    list[str],
    typer.Option("--turnover-in", metavar="YEAR=[BASE=]EUR", help=marked("The turnover of another year.")),
]
Compare = Annotated[
    tuple[str, str] | None,
    typer.Option("--compare", metavar="A B", help=marked("Compare the plans of two structure files.")),
]
Explain = Annotated[
    bool, typer.Option("--explain", help=marked("Show the interpretations on which the plan rests."))
]
PlanFormat = Annotated[str | None, format_option(*GENERAL, "pdf", "ics", "svg", "png")]


@takes(firm, structure_of, facts, start_of, span, course, changes)
def command(
    given: Asked,
    structure: Structure | None,
    tables: Tables,
    start: date,
    how_long: PlanAsked,
    assumed: PlanAsked,
    changed: list[Change],
    turnover_in: TurnoverIn = [],
    compare: Compare = None,
    explain: Explain = False,
    lang: Lang = None,
    form: PlanFormat = None,
    output: Output = None,
) -> int:
    """Plan the years."""
    result = Result(lang, form, output)
    others = turnovers_of(turnover_in, tables.schedule(start)) if turnover_in else ()

    def planned(held: Structure | None) -> Plan:
        asked: PlanAsked = {"changes": changed, "turnovers_by_year": others, "structure": held}
        return make_plan(start=start, tables=tables, **together(given, how_long, assumed, asked))

    if compare is not None:
        return put_plans(compare, [planned(structure_in(name, tables)) for name in compare], result)
    plan = planned(structure)
    put_plan(plan, result, explain=explain)
    return UNDETERMINED if plan.undetermined else DONE


def put_plan(plan: Plan, result: Result, *, explain: bool) -> None:
    """Let a plan out in the form asked for; a form's library is loaded when it is the one asked for."""
    from opqibi_rules.price.papers.forms import plan_forms

    def document() -> "Document":
        from opqibi_rules.price.papers.plan_document import plan_document

        return plan_document(plan, explain=explain)

    result.put_document(
        document,
        lambda machine: plan.to_dict(machine.say, language=machine.name),
        plan_forms(plan, result.language, made_on=day_of(None)),
    )
