"""The dates of plans as a calendar file, with reminders.

What is due keeps its identifier in whatever plan it is met: that of the structure (its SIREN, else its name), of
the cycle (:meth:`~opqibi_rules.price.planning.timeline.Timeline.lasting`) and of what it is in that cycle.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from opqibi_rules.messages import Message
from opqibi_rules.paper.calendar_file import CalendarDay, calendar_file
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.quote_document import are_opqibis
from opqibi_rules.price.planning.due_dates import (
    APPLICATION_DUE,
    CERTIFICATE,
    CONTROL_DUE,
    PAYMENT,
    PROBATION,
    QUALIFICATION,
    RENEWAL,
)
from opqibi_rules.price.planning.payments import Payment
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.portfolio import Portfolio
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.schedule import Schedule

_REMINDERS = {
    APPLICATION_DUE: (7,),
    PAYMENT: (7,),
    CONTROL_DUE: (60, 14),
    RENEWAL: (90, 30),
    CERTIFICATE: (30,),
    QUALIFICATION: (180, 30),
    PROBATION: (90, 30),
}
"""How many days ahead each kind of date is recalled."""


def plan_calendar(plan: Plan, language: Language, *, stamp: datetime) -> bytes:
    """The file. ``stamp`` is when it is made, in UTC: of two exports, a calendar keeps the later.

    Raises:
        RequestError: the « calendar » extra is not installed.
    """
    name = _title(plan.schedules)
    structure = plan.question.structure
    if structure is not None and structure.name:
        name = _headed(plan.schedules, Message("{structure}", structure=structure.name))
    return calendar_file(name, _days(plan, stamp), language, stamp=stamp)


def portfolio_calendar(found: Portfolio, language: Language, *, stamp: datetime) -> bytes:
    """The days of many structures, each told whose; two that cannot be told apart are not taken for one.

    Raises:
        RequestError: the « calendar » extra is not installed.
    """
    days: list[CalendarDay] = []
    known: set[str | None] = {None}
    for client in found.clients:
        owner = _owner(client.plan.question.structure)
        apart = client.source if owner in known else ""
        days += _days(client.plan, stamp, client.name, apart)
        known.add(owner)
    return calendar_file(_title(found.schedules), days, language, stamp=stamp)


def _title(schedules: Iterable[Schedule]) -> Message:
    ours = are_opqibis(schedules)
    return Message("OPQIBI – controls and renewals") if ours else Message("Controls and renewals")


def _headed(schedules: Iterable[Schedule], words: Message) -> Message:
    """Words after whose schedules they follow, where these are OPQIBI's."""
    return Message("OPQIBI – {what}", what=words) if are_opqibis(schedules) else words


def _days(plan: Plan, stamp: datetime, client: str = "", apart: str = "") -> Iterator[CalendarDay]:
    """The days of a plan; ``apart``: of one that shares its name with another, or has none, where it was read."""
    payments = {payment.moment.key: payment for payment in plan.payments}
    owner = None if apart else _owner(plan.question.structure)
    category = "OPQIBI" if are_opqibis(plan.schedules) else None
    known = owner or f"unnamed-{_hash(stamp.isoformat(), repr(plan.question), apart)}"
    for item in plan.due_dates:
        what = Message("{structure}: {what}", structure=client, what=item.message) if client else item.message
        description = _description(payments.get(item.key), plan)
        if owner is None:
            description.append(_NOT_AGAIN)
        key = f"{item.name}.{plan.timeline.lasting(item.cycle)}.{known}"
        summary, reminders = _headed(plan.schedules, what), _REMINDERS[item.kind]
        yield CalendarDay(key, item.day, summary, description, reminders, category)


_NOT_AGAIN = Message(
    "No SIREN nor name tells this structure from others: imported again, this day would stand twice."
)


def _owner(structure: Structure | None) -> str | None:
    """Whose days they are: its SIREN, else what stands for its name; ``None``: nobody known."""
    if structure is None:
        return None
    siren = re.sub(r"\s", "", structure.siren or "")
    if re.fullmatch("[0-9]{9}", siren):
        return siren
    told = structure.siren or structure.name or ""
    name = " ".join(told.split())
    return f"name-{_hash(name)}" if name else None


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _description(payment: Payment | None, plan: Plan) -> list[Message]:
    lines = []
    if payment is not None:
        quote = payment.quote
        sums = Message(
            "{excl:euro} excl. VAT, {vat:euro} VAT, {incl:euro} incl. VAT",
            excl=quote.total_excl_vat,
            vat=quote.vat,
            incl=quote.total_incl_vat,
        )
        lines += [sums, Message("{schedule}", schedule=quote.schedule.title)]
    days = plan.timeline
    if days.assumed_months is not None and not days.control:
        lines.append(Message("Reckoned from a notification assumed on {day:date}.", day=days.notified))
    lines.append(Message("Reckoned by opqibi-rules; the day is to be checked with the body that certifies."))
    return lines
