"""A plan's dates as a calendar file (iCalendar, RFC 5545), with reminders.

Each event keeps its identifier from one export to the next, whatever becomes of its day: importing the file
again moves what has moved, and duplicates nothing.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.price.due_dates import (
    APPLICATION_DUE,
    CERTIFICATE,
    CONTROL_DUE,
    PAYMENT,
    PROBATION,
    QUALIFICATION,
    RENEWAL,
    DueDate,
)
from opqibi_rules.price.plan import Payment, Plan

if TYPE_CHECKING:
    from icalendar import Event

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
    icalendar, say = load("icalendar", extra="calendar"), language.say
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//opqibi-rules//opqibi-rules//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = Message("OPQIBI – controls and renewals")
    structure = plan.question.structure
    if structure is not None and structure.name:
        name = Message("OPQIBI – {structure}", structure=structure.name)
    for key in ("name", "x-wr-calname"):  # RFC 7986, and what calendars read before it
        calendar[key] = icalendar.vText(say(name))
    payments = {payment.moment.key: payment for payment in plan.payments}
    for item in plan.due_dates:
        event = _event(item, language)
        event.add("description", "\n".join(map(say, _description(payments.get(item.key), plan))))
        event.add("uid", f"{item.key}.{_owner(plan)}@opqibi-rules")
        for field in ("dtstamp", "last-modified"):
            event.add(field, stamp.replace(microsecond=0))
        # A number that rises from one export to the next.
        event.add("sequence", (stamp - datetime(2026, 1, 1, tzinfo=stamp.tzinfo)) // timedelta(minutes=1))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(item: DueDate, language: Language) -> "Event":
    import icalendar  # noqa: PLC0415 - an extra, found above

    summary = language.say(Message("OPQIBI – {what}", what=item.message))
    event = icalendar.Event()
    event.add("dtstart", item.day)
    event.add("dtend", item.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", summary)
    event.add("categories", ["OPQIBI"])
    for days in _REMINDERS[item.kind]:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta(days=-days))
        alarm.add("description", summary)
        event.add_component(alarm)
    return event


def _owner(plan: Plan) -> str:
    """Whose plan it is, for the identifiers; a plan of nobody known is told by its first day."""
    structure = plan.question.structure
    if structure is not None and (structure.siren or structure.name):
        return structure.siren or "".join(char if char.isalnum() else "-" for char in structure.name or "")
    return plan.timeline.start.isoformat()


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
    lines.append(Message("Reckoned by opqibi-rules; the day is to be checked with OPQIBI."))
    return lines
