"""A plan's dates as a calendar file, with reminders."""

from datetime import datetime

from opqibi_rules.messages import Message
from opqibi_rules.paper.calendar_file import CalendarDay, calendar_file
from opqibi_rules.paper.language import Language
from opqibi_rules.price.due_dates import (
    APPLICATION_DUE,
    CERTIFICATE,
    CONTROL_DUE,
    PAYMENT,
    PROBATION,
    QUALIFICATION,
    RENEWAL,
)
from opqibi_rules.price.plan import Payment, Plan

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
    name = Message("OPQIBI – controls and renewals")
    structure = plan.question.structure
    if structure is not None and structure.name:
        name = Message("OPQIBI – {structure}", structure=structure.name)
    payments = {payment.moment.key: payment for payment in plan.payments}
    events = (
        CalendarDay(
            f"{item.key}.{_owner(plan)}",
            item.day,
            Message("OPQIBI – {what}", what=item.message),
            _description(payments.get(item.key), plan),
            _REMINDERS[item.kind],
        )
        for item in plan.due_dates
    )
    return calendar_file(name, events, language, stamp=stamp)


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
