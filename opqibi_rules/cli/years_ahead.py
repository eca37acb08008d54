"""The years that a command follows: when they start, what changes on the way; options stated once."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, cast

from opqibi_rules.cli.options import counts_of, day_in, option
from opqibi_rules.cli.paid_invoices import paid_by_invoices
from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import marked
from opqibi_rules.money import to_amount
from opqibi_rules.price.planning.holdings import TURNED_FULL, Change, Outcome
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.planning.spread import By
from opqibi_rules.price.planning.timeline import MONTHS_TO_NOTIFICATION
from opqibi_rules.price.question import Asked, as_qualifications, turnovers_declared
from opqibi_rules.price.structure import Paid, Turnover
from opqibi_rules.tables.library import Tables

_Control = Annotated[int, option("--control N", marked("With --event control: which control of its cycle."))]
_Years = Annotated[int, option("--years N", marked("How many years, 1 to 40 (default: 4)."))]
_Growth = Annotated[
    str | None, option("--turnover-growth RATE", marked("Yearly growth of the turnover: « 3 % » or 0.03."))
]
_Notified = Annotated[
    str | None, option("--notified YYYY-MM-DD", marked("The day of the notification, if known."))
]
_MonthsToNotification = Annotated[
    int, option("--months-to-notification N", marked("Else how long it is assumed to take (default: 3)."))
]
_AfterProbation = Annotated[
    str,
    option(
        "--after-probation turned_full|lost",
        marked("What becomes of a probationary one after its last renewal (default: turned_full)."),
    ),
]
_Spread = Annotated[
    str,
    option("--spread days|months", marked("How a fee of several years is spread over them (default: days).")),
]
_Paid = Annotated[
    list[str],
    option(
        "--paid YYYY-MM-DD=[FEE=]EUR|FILE.json",
        marked(
            "Paid before, excl. VAT: the use of the mark, or another fee by its id; or invoices checked, as JSON. "
            "Repeat for several."
        ),
    ),
]
YearEndOption = Annotated[
    str | None,
    option("--year-end DD/MM", marked("The close of the financial year: 30/06 or 06-30 (default: 31/12).")),
]
_Add = Annotated[
    list[str],
    option("--add CODE[:T]@EVENT", marked("One more asked for at control-1, control-2… or renewal-1.")),
]
_AddTariff = Annotated[
    list[str], option("--add-tariff T=N@EVENT", marked("N more asked for at tariff T, at an event."))
]
_Drop = Annotated[list[str], option("--drop CODE@EVENT", marked("A qualification given up at an event."))]
_DropTariff = Annotated[
    list[str], option("--drop-tariff T=N@EVENT", marked("N given up at tariff T, at an event."))
]
_TurnFull = Annotated[
    list[str],
    option("--turn-full CODE@EVENT", marked("A probationary one turned into a full one at an event.")),
]


start_of = day_in("--from YYYY-MM-DD", marked("The day of the first event (default: today)."))


def span(control: _Control = 1, years: _Years = 4, growth: _Growth = None) -> PlanAsked:
    """How long, from which control on, and how turnovers grow."""
    asked: PlanAsked = {"control": control, "years": years}
    return asked if growth is None else {**asked, "growth": growth}


def together(*asked: Asked) -> PlanAsked:
    """What several groups of options ask, as one question."""
    return cast("PlanAsked", {name: value for group in asked for name, value in group.items()})


def course(
    notified: _Notified = None,
    months_to_notification: _MonthsToNotification = MONTHS_TO_NOTIFICATION,
    outcome: _AfterProbation = TURNED_FULL,
    spread_by: _Spread = "days",
    paid: _Paid = [],
    year_end: YearEndOption = None,
) -> PlanAsked:
    """What is assumed of the years, and what was paid before them."""
    return {
        "paid": [one for text in paid for one in _paid(text)],
        "year_end": year_end,
        "notified": notified,
        "months_to_notification": months_to_notification,
        "outcome": cast("Outcome", outcome),
        "spread_by": cast("By", spread_by),
    }


def _paid(text: str) -> list[Paid]:
    """``DATE=EUR`` or ``DATE=FEE=EUR``; or the fees of the invoices of a file, already checked.

    Raises:
        RequestError: anything else.
        AmountError, DateError: no amount, no day.
    """
    if text.lower().endswith(".json"):
        return paid_by_invoices(Path(text))
    match = re.fullmatch(r"([^=]*)=(?:([^=]*)=)?([^=]+)", text.strip())
    if match is None:
        raise RequestError(
            "--paid: « {text} » is not DATE=EUR; write 2026-06-02=557.50, or 2026-06-02=FEE=557.50.",
            text=text[:60],
        )
    day, fee, amount = (part and part.strip() for part in match.groups())
    return [Paid(to_day(day, "paid"), to_amount(amount, "paid"), fee)]


def changes(
    add: _Add = [],
    add_tariff: _AddTariff = [],
    drop: _Drop = [],
    drop_tariff: _DropTariff = [],
    turn_full: _TurnFull = [],
) -> list[Change]:
    """The changes that options ask for, one for each event that they name."""
    by_event: dict[tuple[str, int], dict[str, list[str]]] = {}
    given = (
        ("--add", add),
        ("--add-tariff", add_tariff),
        ("--drop", drop),
        ("--drop-tariff", drop_tariff),
        ("--turn-full", turn_full),
    )
    for name, text in ((name, text) for name, texts in given for text in texts):
        what, event = _at_event(name, text)
        by_event.setdefault(event, {}).setdefault(name, []).append(what)
    return [
        Change(
            event,
            number,
            add=as_qualifications(asked.get("--add", ()), "changes"),
            add_tariffs=_counted(asked, "--add-tariff"),
            drop=tuple(asked.get("--drop", ())),
            drop_tariffs=_counted(asked, "--drop-tariff"),
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
            "{option}: « {text} » does not say when; end it with @control-1, @control-2… or @renewal-1.",
            option=option,
            text=text[:60],
        )
    return what.strip(), (match[1], int(match[2]))


def _counted(asked: Mapping[str, Sequence[str]], option: str) -> dict[int, int]:
    counts = counts_of(asked.get(option, ()), option)
    if wrong := [tariff for tariff in counts if not (tariff.isascii() and tariff.isdigit())]:
        raise RequestError(
            "{option}: « {tariff} » is not a tariff code.", option=option, tariff=wrong[0][:40]
        )
    return {int(tariff): count for tariff, count in counts.items()}


def turnovers_of(given: Sequence[str], start: date, tables: Tables) -> list[Turnover]:
    """``YEAR=[BASE=]EUR`` options; where none is named, the base is the first of the schedule of the start.

    Raises:
        RequestError: not well written, given twice, or a base that no schedule at hand knows.
        AmountError: no amount.
    """
    found: dict[int, dict[str, Decimal | None]] = {}
    general = turnovers_declared([tables.schedule(start)])[:1]
    known = turnovers_declared(tables.schedules)
    for text in given:
        match = re.fullmatch(r"((?:19|20|21)[0-9]{2})=(?:([^=]*)=)?([^=]+)", text.strip())
        if match is None:
            raise RequestError(
                "--turnover-in: « {text} » is not YEAR=EUR; write 2030=900000.", text=text[:40]
            )
        base, of_year = match[2] or "".join(general), found.setdefault(int(match[1]), {})
        if base not in known:
            raise RequestError(
                "--turnover-in: « {base} » is not one of {known}.", base=base[:40], known=known
            )
        if base in of_year:
            raise RequestError("--turnover-in: {year} is given twice; keep one.", year=match[1])
        of_year[base] = to_amount(match[3], "--turnover-in")
    return [Turnover.by_base(year, amounts) for year, amounts in found.items()]
