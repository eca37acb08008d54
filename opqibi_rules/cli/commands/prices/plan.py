"""``opqibi-fees plan``: the cost of the years to come, what is due when, and which year bears it."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated

from opqibi_rules.cli.commands.prices.compare import put_plans, told
from opqibi_rules.cli.options import (
    day_of,
    facts,
    firm,
    option,
    refuse_twice,
    structure_in,
    structure_of,
    takes,
)
from opqibi_rules.cli.progress import watched
from opqibi_rules.cli.result import DONE, NOT_IN_ORDER, UNDETERMINED, Result, answer_in
from opqibi_rules.cli.years_ahead import changes, course, span, start_of, together, turnovers_of
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import marked
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.paper.shape import Voice
from opqibi_rules.price.files.structures_file import Given, structures_in
from opqibi_rules.price.papers.forms import plan_forms, portfolio_forms
from opqibi_rules.price.papers.plan_document import plan_document
from opqibi_rules.price.papers.portfolio_document import portfolio_document, sheets
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.plan import plan as make_plan
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.planning.portfolio import PortfolioShape, portfolio
from opqibi_rules.price.question import Asked
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables

EXAMPLES = (
    "opqibi-fees plan -t 1=5 -t 2=3 --turnover 800000 --from 2026-03-02",
    "opqibi-fees plan --structure firm.yaml --years 8 --turnover-growth 3% --add 1905:5@control-2 -o plan.pdf",
    "opqibi-fees plan --structure firm.yaml --notified 2026-05-18 -o controls.ics",
    "opqibi-fees plan --structures clients.csv --from 2026-03-02 -o portfolio.xlsx",
)

TurnoverIn = Annotated[
    list[str], option("--turnover-in YEAR=[BASE=]EUR", marked("The turnover of another year."))
]
Compare = Annotated[
    tuple[str, str] | None, option("--compare A B", marked("Compare the plans of two structure files."))
]
Structures = Annotated[
    str | None,
    option(
        "--structures FOLDER|TABLE",
        marked("The plans of many: structure files, or a CSV or XLSX of structures."),
    ),
]
Explain = Annotated[bool, option("--explain", marked("Show the interpretations on which the plan rests."))]


@takes(
    firm,
    structure_of,
    facts,
    start_of,
    span,
    course,
    changes,
    answer_in(*GENERAL, "pdf", "ics", "svg", "png"),
)
def command(
    given: Asked,
    structure: Structure | None,
    tables: Tables,
    start: date,
    how_long: PlanAsked,
    assumed: PlanAsked,
    changed: list[Change],
    result: Result,
    turnover_in: TurnoverIn = [],
    compare: Compare = None,
    structures: Structures = None,
    explain: Explain = False,
) -> int:
    """Plan the years."""
    if sum(each is not None for each in (structure, structures, compare)) > 1:
        raise RequestError("--structure, --structures or --compare: give one of them.")
    others = turnovers_of(turnover_in, start, tables) if turnover_in else ()

    def planned(held: Structure | None) -> Plan:
        asked: PlanAsked = {"changes": changed, "turnovers_by_year": others, "structure": held}
        return make_plan(start=start, tables=tables, **together(given, how_long, assumed, asked))

    if structures is not None:
        asked: PlanAsked = {"changes": changed, "turnovers_by_year": others}
        return _put_portfolio(structures, start, together(given, how_long, assumed, asked), tables, result)
    if compare is not None:
        refuse_twice(compare)
        return put_plans(compare, [planned(structure_in(name, tables)) for name in compare], result)
    plan = planned(structure)
    result.put_document(
        lambda: plan_document(plan, explain=explain),
        lambda machine: plan.to_dict(machine.say, language=machine.name),
        plan_forms(plan, result.language, made_on=day_of(None)),
    )
    return UNDETERMINED if plan.undetermined else DONE


def _put_portfolio(name: str, start: date, asked: PlanAsked, tables: Tables, result: Result) -> int:
    """Let out the plans of many structures; those that cannot be planned are told, and named in the result."""
    given = structures_in(name, tables)
    clients = [
        (source, partial(_planned, read, start, asked, tables))
        for source, read in watched(given, len(given), result.language.say)
    ]
    found = portfolio(clients)
    told(found.refused, result)
    result.put_document(
        lambda: sheets(found),
        lambda machine: PortfolioShape.written(found, Voice(machine.say, machine.name)),
        portfolio_forms(found, result.language, made_on=day_of(None)),
        one_by_one=lambda: [portfolio_document(found)],
    )
    if found.refused:
        return NOT_IN_ORDER
    return UNDETERMINED if any(client.plan.undetermined for client in found.clients) else DONE


def _planned(read: Callable[[], Given], start: date, asked: PlanAsked, tables: Tables) -> Plan:
    own = read()
    return make_plan(start=own.start or start, tables=tables, **together(asked, own.asked))
