"""The years that a command follows: when they start, what changes on the way; options stated once."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, cast

import typer

from opqibi_rules.cli.asking import counts_of
from opqibi_rules.cli.options import day_of
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import ZERO, exactly, to_amount
from opqibi_rules.price.holdings import TURNED_FULL, Change
from opqibi_rules.price.plan_question import PlanAsked
from opqibi_rules.price.question import Asked, as_qualifications
from opqibi_rules.price.structure import Turnover
from opqibi_rules.price.timeline import MONTHS_TO_NOTIFICATION
from opqibi_rules.tables.schedule import Schedule

_Control = Annotated[
    int,
    typer.Option(
        "--control",
        metavar="N",
        show_default=False,
        help=marked("With --event control: which control of its cycle."),
    ),
]
_Start = Annotated[
    str | None,
    typer.Option("--from", metavar="YYYY-MM-DD", help=marked("The day of the first event (default: today).")),
]
_Years = Annotated[
    int,
    typer.Option(
        "--years", metavar="N", show_default=False, help=marked("How many years, 1 to 40 (default: 4).")
    ),
]
_Growth = Annotated[
    str | None,
    typer.Option(
        "--turnover-growth", metavar="RATE", help=marked("Yearly growth of the turnover: 3% or 0.03.")
    ),
]
_Notified = Annotated[
    str | None,
    typer.Option("--notified", metavar="YYYY-MM-DD", help=marked("The day of the notification, if known.")),
]
_MonthsToNotification = Annotated[
    int,
    typer.Option(
        "--months-to-notification",
        metavar="N",
        show_default=False,
        help=marked("Else how long it is assumed to take (default: 3)."),
    ),
]
_AfterProbation = Annotated[
    str,
    typer.Option(
        "--after-probation",
        metavar="turned_full|lost",
        show_default=False,
        help=marked("What becomes of a probationary one after its last renewal (default: turned_full)."),
    ),
]
_Spread = Annotated[
    str,
    typer.Option(
        "--spread",
        metavar="days|months",
        show_default=False,
        help=marked("How a fee of several years is spread over them (default: days)."),
    ),
]
_Add = Annotated[
    list[str],
    typer.Option(
        "--add",
        metavar="CODE[:T]@EVENT",
        help=marked("One more asked for at control-1, control-2… or renewal-1."),
    ),
]
_AddTariff = Annotated[
    list[str],
    typer.Option(
        "--add-tariff", metavar="T=N@EVENT", help=marked("N more asked for at tariff T, at an event.")
    ),
]
_Drop = Annotated[
    list[str],
    typer.Option("--drop", metavar="CODE@EVENT", help=marked("A qualification given up at an event.")),
]
_DropTariff = Annotated[
    list[str],
    typer.Option("--drop-tariff", metavar="T=N@EVENT", help=marked("N given up at tariff T, at an event.")),
]
_TurnFull = Annotated[
    list[str],
    typer.Option(
        "--turn-full",
        metavar="CODE@EVENT",
        help=marked("A probationary one turned into a full one at an event."),
    ),
]


def start_of(start: _Start = None) -> date:
    """The day of ``--from``, today by default.

    Raises:
        DateError: not a day.
    """
    return day_of(start)


def span(control: _Control = 1, years: _Years = 4, growth: _Growth = None) -> PlanAsked:
    """How long, from which control on, and how turnovers grow.

    Raises:
        RequestError: a growth that is no rate.
    """
    return {"control": control, "years": years, "growth": growth_of(growth)}


def together(*asked: Asked) -> PlanAsked:
    """What several groups of options ask, as one question."""
    return cast("PlanAsked", {name: value for group in asked for name, value in group.items()})


def course(
    notified: _Notified = None,
    months_to_notification: _MonthsToNotification = MONTHS_TO_NOTIFICATION,
    outcome: _AfterProbation = TURNED_FULL,
    spread_by: _Spread = "days",
) -> PlanAsked:
    """What is assumed of the years."""
    return {
        "notified": notified,
        "months_to_notification": months_to_notification,
        "outcome": outcome,
        "spread_by": spread_by,
    }


def changes(
    add: _Add = [],
    add_tariff: _AddTariff = [],
    drop: _Drop = [],
    drop_tariff: _DropTariff = [],
    turn_full: _TurnFull = [],
) -> list[Change]:
    """The changes that options ask for, one for each event that they name.

    Raises:
        RequestError: an option that names no event, or that is not well written.
    """
    by_event: dict[tuple[str, int], dict[str, list[str]]] = {}
    given = (
        ("--add", add),
        ("--add-tariff", add_tariff),
        ("--drop", drop),
        ("--drop-tariff", drop_tariff),
        ("--turn-full", turn_full),
    )
    for option, text in ((option, text) for option, texts in given for text in texts):
        what, event = _at_event(option, text)
        by_event.setdefault(event, {}).setdefault(option, []).append(what)
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


def _at_event(option: str, text: str) -> tuple[str, tuple[str, int]]:
    """``WHAT@EVENT-N``: what, and the event."""
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
    return what.strip(), (match[1], int(match[2]))


def _counts(asked: Mapping[str, Sequence[str]], option: str) -> dict[int, int]:
    counts = counts_of(asked.get(option, ()), option)
    if wrong := [tariff for tariff in counts if not (tariff.isascii() and tariff.isdigit())]:
        raise RequestError(
            Message("{option}: « {tariff} » is not a tariff code.", option=option, tariff=wrong[0][:40])
        )
    return {int(tariff): count for tariff, count in counts.items()}


@exactly
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
        rate = rate / 100
    return -rate if sign in {"-", "−"} else rate


def turnovers_of(given: Sequence[str], schedule: Schedule) -> list[Turnover]:
    """``YEAR=[BASE=]EUR`` options; the base is the schedule's first where none is named.

    Raises:
        RequestError: not well written, given twice, or a base that the schedule does not know.
        AmountError: no amount.
    """
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
