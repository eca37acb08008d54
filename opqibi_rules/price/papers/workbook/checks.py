"""What must hold for a workbook to be the plan of what is typed in it, each said in words, the whole in one cell."""

from collections.abc import Iterator
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.price.papers.workbook.book import RIGHT
from opqibi_rules.price.papers.workbook.days import Days
from opqibi_rules.price.papers.workbook.payments import EXCL_VAT, INCL_VAT, Payments
from opqibi_rules.price.papers.workbook.years import YearTotals, year_of
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.pricing import reckoned_on


class Check(NamedTuple):
    """What must hold, and the formula that is true when it does."""

    name: Message
    formula: str


def checks(payments: Payments, days: Days, totals: YearTotals, plan: Plan) -> Iterator[Check]:
    """All of them."""
    sums = {name: payments.at(name, len(payments.invoices) + 1) for name in (EXCL_VAT, INCL_VAT)}
    before = sum(year.paid_before for year in plan.by_year)
    carried = plan.by_year[0].carried_forward if plan.by_year else 0
    same = [
        f"ROUND({totals.paid}-{sums[EXCL_VAT]},2)=0",
        f"ROUND({totals.paid_incl_vat}-{sums[INCL_VAT]},2)=0",
        f"ROUND({totals.borne}-{sums[EXCL_VAT]}-{carried}-{before},2)=0",
    ]
    yield Check(Message("The years hold all that is paid, and bear it all"), f"AND({','.join(same)})")
    yield Check(Message("Days that can be"), days.possible())
    yield Check(Message("The same payments fall in the plan"), days.same_payments())
    yield Check(Message("Each payment is in the time of its schedule"), days.same_schedules())
    if days.vat_changes:
        yield Check(Message("Each payment is in the time of a rate of VAT that is known"), days.same_vat())
    if held := payments.held():
        yield Check(Message("Whole numbers of qualifications, some of them held each time"), held)
    if money := payments.in_cents():
        yield Check(Message("Turnovers and rates that can be"), money)
    if turnovers := _same_turnovers(days, plan):
        yield Check(
            Message("The turnovers are those of these days: with others, make the plan again"), turnovers
        )
    if _days_of_their_own(plan) or days.fixed:
        yield Check(
            Message("Probations, or what was paid before, have days of their own: make the plan again"),
            f"NOT({days.moved()})",
        )


def _same_turnovers(days: Days, plan: Plan) -> str:
    """Whether the turnovers that count, and the years that they have grown, are the same; empty: they always are.

    Which counts, and how long it has grown, follow from the financial years of the start and of the application.
    """
    asked, year_end = plan.question, plan.question.year_end
    paid = {payment.moment: payment.quote for payment in plan.payments}
    # What has no amount yet would have one, were its turnover known on another day.
    taken = [one for one in plan.timeline.moments() if one not in paid or paid[one].bases]
    outright = asked.outright and len(asked.turnovers) == 1
    if not taken or not asked.turnovers or (outright and not plan.timeline.control):
        return ""
    if any(turnover.closed_on for turnover in asked.turnovers):
        return f"NOT({days.started_elsewhere()})"
    start, first = year_of(days.start, year_end), year_end.year_of(plan.timeline.start)
    found = [] if outright else [f"{start}={first}"]
    for moment in taken:
        year = year_end.year_of(reckoned_on(moment, plan.timeline))
        found.append(f"{year_of(days.reckoned(moment), year_end)}-{start}={year - first}")
    return f"AND({','.join(dict.fromkeys(found))})"


def _days_of_their_own(plan: Plan) -> bool:
    """Something in the plan has a day that follows from none of those typed."""
    held = plan.question.qualifications
    trial = any(item.probationary or item.granted_on for item in held)
    added = any(item.probationary for change in plan.question.changes for item in change.add)
    return trial or added or bool(plan.paid_before)


def write_checks(payments: Payments, found: list[Check], whole: tuple[int, int]) -> None:
    """A line each, below the payments, and what they come to in the cell ``whole``, above."""
    sheet, say = payments.sheet, payments.book.language.say
    sheet.line()
    sheet.line((Message("Checks"), "section"))
    first, bad = sheet.row, say(Message("TO BE CHECKED"))
    for check in found:
        sheet.line((check.name, "wrapped"))
        formula = f'IF(ISERROR({check.formula}),"{bad}",IF({check.formula},"{RIGHT}","{bad}"))'
        sheet.put(sheet.row - 1, 1, formula, RIGHT, "verdict")
    sheet.warn((first, 1), (sheet.row - 1, 1))
    wrong = say(Message("This is not the plan of what is typed: see the checks below"))
    places = sheet.places((first, 1), (sheet.row - 1, 1))
    sheet.put(*whole, f'IF(COUNTIF({places},"{RIGHT}")={len(found)},"{RIGHT}","{wrong}")', RIGHT, "verdict")
    sheet.warn(whole, whole)
