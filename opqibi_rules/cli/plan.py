"""``opqibi-fees plan``: the cost of the years to come, what is due when, and which year bears it."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from opqibi_rules.cli.asking import counts_of, facts, firm, structure_in, structure_of
from opqibi_rules.cli.options import DONE, UNDETERMINED, Lang, Output, Result, day_of, format_option
from opqibi_rules.cli.side_by_side import put_plans
from opqibi_rules.cli.takes import takes
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import EXACT, ZERO, to_amount
from opqibi_rules.paper.forms import GENERAL
from opqibi_rules.price.holdings import TURNED_FULL, Change
from opqibi_rules.price.plan import Plan
from opqibi_rules.price.plan import plan as make_plan
from opqibi_rules.price.plan_question import PlanAsked
from opqibi_rules.price.question import Asked, as_qualifications
from opqibi_rules.price.structure import Structure, Turnover
from opqibi_rules.price.timeline import MONTHS_TO_NOTIFICATION
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

if TYPE_CHECKING:
    from opqibi_rules.paper.document import Document

HELP = marked("What qualifications cost over the years, what is due when, and which year bears it.")
EXAMPLES = (
    "opqibi-fees plan -t 1=5 -t 2=3 --turnover 800000 --from 2026-03-02",
    "opqibi-fees plan --structure firm.yaml --years 8 --turnover-growth 3% --add 1905:5@control-2 -o plan.pdf",
    "opqibi-fees plan --structure firm.yaml --notified 2026-05-18 -o controls.ics",
)

Control = Annotated[
    int,
    typer.Option(
        "--control",
        metavar="N",
        show_default=False,
        help=marked("With --event control: which control of its cycle."),
    ),
]
Start = Annotated[
    str | None,
    typer.Option("--from", metavar="YYYY-MM-DD", help=marked("The day of the first event (default: today).")),
]
Years = Annotated[
    int,
    typer.Option(
        "--years", metavar="N", show_default=False, help=marked("How many years, 1 to 40 (default: 4).")
    ),
]
Notified = Annotated[
    str | None,
    typer.Option("--notified", metavar="YYYY-MM-DD", help=marked("The day of the notification, if known.")),
]
MonthsToNotification = Annotated[
    int,
    typer.Option(
        "--months-to-notification",
        metavar="N",
        show_default=False,
        help=marked("Else how long it is assumed to take (default: 3)."),
    ),
]
Add = Annotated[
    list[str],
    typer.Option(
        "--add",
        metavar="CODE[:T]@EVENT",
        help=marked("One more asked for at control-1, control-2… or renewal-1."),
    ),
]
AddTariff = Annotated[
    list[str],
    typer.Option(
        "--add-tariff", metavar="T=N@EVENT", help=marked("N more asked for at tariff T, at an event.")
    ),
]
Drop = Annotated[
    list[str],
    typer.Option("--drop", metavar="CODE@EVENT", help=marked("A qualification given up at an event.")),
]
DropTariff = Annotated[
    list[str],
    typer.Option("--drop-tariff", metavar="T=N@EVENT", help=marked("N given up at tariff T, at an event.")),
]
TurnFull = Annotated[
    list[str],
    typer.Option(
        "--turn-full",
        metavar="CODE@EVENT",
        help=marked("A probationary one turned into a full one at an event."),
    ),
]
AfterProbation = Annotated[
    str,
    typer.Option(
        "--after-probation",
        metavar="turned_full|lost",
        show_default=False,
        help=marked("What becomes of a probationary one after its last renewal (default: turned_full)."),
    ),
]
TurnoverIn = Annotated[
    list[str],
    typer.Option("--turnover-in", metavar="YEAR=[BASE=]EUR", help=marked("The turnover of another year.")),
]
Growth = Annotated[
    str | None,
    typer.Option(
        "--turnover-growth", metavar="RATE", help=marked("Yearly growth of the turnover: 3% or 0.03.")
    ),
]
Spread = Annotated[
    str,
    typer.Option(
        "--spread",
        metavar="days|months",
        show_default=False,
        help=marked("How a fee of several years is spread over them (default: days)."),
    ),
]
Compare = Annotated[
    tuple[str, str] | None,
    typer.Option("--compare", metavar="A B", help=marked("Compare the plans of two structure files.")),
]
Explain = Annotated[
    bool, typer.Option("--explain", help=marked("Show the interpretations on which the plan rests."))
]
PlanFormat = Annotated[str | None, format_option(*GENERAL, "pdf", "ics", "svg", "png")]


@takes(firm, structure_of, facts)
def command(
    given: Asked,
    structure: Structure | None,
    tables: Tables,
    control: Control = 1,
    start: Start = None,
    years: Years = 4,
    notified: Notified = None,
    months_to_notification: MonthsToNotification = MONTHS_TO_NOTIFICATION,
    add: Add = [],
    add_tariff: AddTariff = [],
    drop: Drop = [],
    drop_tariff: DropTariff = [],
    turn_full: TurnFull = [],
    outcome: AfterProbation = TURNED_FULL,
    turnover_in: TurnoverIn = [],
    growth: Growth = None,
    spread_by: Spread = "days",
    compare: Compare = None,
    explain: Explain = False,
    lang: Lang = None,
    form: PlanFormat = None,
    output: Output = None,
) -> int:
    """Plan the years."""
    result = Result(lang, form, output)
    asked: PlanAsked = {
        **given,
        "control": control,
        "years": years,
        "notified": notified,
        "months_to_notification": months_to_notification,
        "changes": _changes(
            {
                "--add": add,
                "--add-tariff": add_tariff,
                "--drop": drop,
                "--drop-tariff": drop_tariff,
                "--turn-full": turn_full,
            }
        ),
        "outcome": outcome,
        "turnovers_by_year": _turnovers(turnover_in, tables.schedule(day_of(start))),
        "growth": growth_of(growth),
        "spread_by": spread_by,
    }

    def planned(firm: Structure | None) -> Plan:
        question: PlanAsked = {**asked, "structure": firm}
        return make_plan(start=day_of(start), tables=tables, **question)

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


def growth_of(text: str | None) -> Decimal:
    """The yearly growth of an option: ``3%``, ``-2,5 %`` or ``0.03``.

    Raises:
        RequestError: not a rate.
    """
    if text is None:
        return ZERO
    percent = re.fullmatch(r"([-+−]?)([0-9]{1,3}(?:[.,][0-9]{1,3})?)[ \u00a0\u202f]?%", text.strip())
    fraction = re.fullmatch(r"([-+−]?)([0-9]\.[0-9]{1,5})", text.strip())
    if percent is None and fraction is None:
        raise RequestError(
            Message("--turnover-growth: « {text} » is not a rate; write 3% or 0.03.", text=text[:40])
        )
    sign, digits = (percent or fraction).groups()  # type: ignore[union-attr] # one of them matched
    rate = Decimal(digits.replace(",", "."))
    if percent is not None:
        rate = EXACT.divide(rate, Decimal(100))
    return EXACT.minus(rate) if sign in {"-", "−"} else rate


def _turnovers(given: Sequence[str], schedule: Schedule) -> list[Turnover]:
    """``YEAR=[BASE=]EUR`` options; the base is the schedule's first where none is named."""
    found: dict[int, dict[str, Decimal | None]] = {}
    known = tuple(base.id for base in schedule.turnovers)
    for text in given:
        match = re.fullmatch(r"((?:19|20|21)[0-9]{2})=(?:([^=]*)=)?([^=]+)", text.strip())
        if match is None:
            raise RequestError(
                Message("--turnover-in: « {text} » is not YEAR=EUR; write 2030=900000.", text=text[:40])
            )
        base, of_year = match[2] or "".join(known[:1]), found.setdefault(int(match[1]), {})
        if base not in known:
            raise RequestError(
                Message("--turnover-in: « {base} » is not one of {known}.", base=base[:40], known=known)
            )
        if base in of_year:
            raise RequestError(Message("--turnover-in: {year} is given twice; keep one.", year=match[1]))
        of_year[base] = to_amount(match[3], "--turnover-in")
    return [Turnover.by_base(year, amounts) for year, amounts in found.items()]


def _changes(given: Mapping[str, Sequence[str]]) -> list[Change]:
    """The changes that options ask for, one for each event that they name."""
    by_event: dict[tuple[str, int], dict[str, list[str]]] = {}
    for option, texts in given.items():
        for text in texts:
            what, _, event = text.rpartition("@")
            match = re.fullmatch(r"([a-z][a-z0-9_-]*)-([0-9]{1,2})", event.strip())
            if match is None or not what:
                raise RequestError(
                    Message(
                        "{option}: « {text} » does not say when; end it with @control-1, @control-2… or @renewal-1.",
                        option=option,
                        text=text[:60],
                    )
                )
            by_event.setdefault((match[1], int(match[2])), {}).setdefault(option, []).append(what.strip())
    return [
        Change(
            event,
            number,
            add=as_qualifications(asked.get("--add", ()), "changes"),
            add_tariffs=_counts(asked, "--add-tariff"),
            drop=tuple(asked.get("--drop", ())),
            drop_tariffs=_counts(asked, "--drop-tariff"),
            turn_full=tuple(asked.get("--turn-full", ())),
        )
        for (event, number), asked in by_event.items()
    ]


def _counts(asked: Mapping[str, Sequence[str]], option: str) -> dict[int, int]:
    counts = counts_of(asked.get(option, ()), option)
    if wrong := [tariff for tariff in counts if not (tariff.isascii() and tariff.isdigit())]:
        raise RequestError(
            Message("{option}: « {tariff} » is not a tariff code.", option=option, tariff=wrong[0][:40])
        )
    return {int(tariff): count for tariff, count in counts.items()}
