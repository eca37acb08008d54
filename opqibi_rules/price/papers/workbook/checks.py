"""What must hold for a workbook to be the plan of what is typed in it, each said in words, the whole in one cell."""

from collections.abc import Iterator
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.price.papers.workbook.book import RIGHT
from opqibi_rules.price.papers.workbook.days import Days
from opqibi_rules.price.papers.workbook.payments import EXCL_VAT, INCL_VAT, Payments
from opqibi_rules.price.papers.workbook.years import YearTotals
from opqibi_rules.price.plan import Plan


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
    if held := payments.held():
        yield Check(Message("Whole numbers of qualifications, some of them held each time"), held)
    if money := payments.in_cents():
        yield Check(Message("Turnovers and rates that can be"), money)
    if _turnovers_follow_the_start(plan):
        yield Check(
            Message("The turnovers are those of this start: with another, make the plan again"),
            f"NOT({days.started_elsewhere()})",
        )
    if _days_of_their_own(plan) or days.fixed:
        yield Check(
            Message("Probations, or what was paid before, have days of their own: make the plan again"),
            f"NOT({days.moved()})",
        )


def _turnovers_follow_the_start(plan: Plan) -> bool:
    """Which turnover counts depends on the start: it is not that of an application on that day, as given."""
    if not any(one.quote.bases for one in plan.payments):
        return False
    given = plan.question.outright and len(plan.question.turnovers) == 1
    return not given or bool(plan.timeline.control)


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
