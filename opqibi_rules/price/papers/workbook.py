"""A plan or a quote as an Excel workbook with live formulas: change an input, and every amount follows.

A spreadsheet reckons in binary fractions. To stay equal to the core to the cent, wherever something is rounded
the formulas work on whole numbers (cents, and rates in units of their last decimal), which binary holds
exactly, and round half up with ``INT``. The amounts of the schedule are cells too, each with its article.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.price.fees import ANNUAL_CONTROL, INSTRUCTION
from opqibi_rules.price.papers.plan_document import (
    dates_table,
    moment_name,
    not_priced_table,
    plan_facts,
    plan_title,
)
from opqibi_rules.price.papers.workbook_sheets import Workbook
from opqibi_rules.price.papers.workbook_years import write_years
from opqibi_rules.price.plan import Plan, growth_years
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.question import EVENT_NAMES


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is invoiced on one day: a column of the main sheet."""

    name: Message
    quote: Quote
    growth_years: int | None = None
    """Its turnover is the first one grown for so many years; ``None``: it is an input of its own."""

    def bears(self, fee: str) -> bool:
        """Whether a fee is invoiced that day."""
        return getattr(self.quote.subtotals, fee) is not None

    @property
    def counts(self) -> Mapping[int, int] | None:
        """By tariff code: asked for at an application, held at a control; ``None``: it has no use for them."""
        if not (self.bears(INSTRUCTION) or self.bears(ANNUAL_CONTROL)):
            return None
        return self._quantities(new=False)

    @property
    def new(self) -> Mapping[int, int] | None:
        """By tariff code: asked for at a control; ``None``: not a control."""
        return self._quantities(new=True) if self.bears(ANNUAL_CONTROL) else None

    def _quantities(self, *, new: bool) -> dict[int, int]:
        instruction = self.quote.schedule.instruction_prices.article
        return {
            line.tariff: line.quantity or 0
            for line in self.quote.lines
            if line.tariff is not None and (line.fee == ANNUAL_CONTROL and line.article == instruction) == new
        }


def plan_workbook(plan: Plan, language: Language) -> bytes:
    """The plan: payments, tranches, years, dates, notes and schedules, a sheet each.

    Raises:
        RequestError: the « xlsx » extra is not installed.
    """
    turnover = _only_turnover(plan)
    invoices = [
        Invoice(
            moment_name(payment.moment),
            payment.quote,
            None
            if turnover is None
            else growth_years(plan.request, plan.timeline.applies(payment.moment.cycle)),
        )
        for payment in plan.payments
    ]
    book = Workbook(language, invoices)
    book.front(plan_title(plan), plan_facts(plan), turnover=turnover, growth=plan.request.growth)
    write_years(book, plan.by_year, plan.request.spread_by)
    book.table(Message("Dates"), dates_table(plan))
    if plan.not_priced:
        book.table(Message("Not priced"), not_priced_table(plan))
    book.notes(plan.notes, plan.assumptions)
    return book.close()


def quote_workbook(quote: Quote, language: Language) -> bytes:
    """The quote: amounts, tranches, notes and schedule, a sheet each.

    Raises:
        RequestError: the « xlsx » extra is not installed.
    """
    book = Workbook(language, [Invoice(EVENT_NAMES[quote.event], quote)])
    title = Message("OPQIBI quote: {event}", event=EVENT_NAMES[quote.event])
    book.front(title, [(Message("Schedule"), quote.schedule.title)])
    book.notes(quote.notes, quote.assumptions)
    return book.close()


def _only_turnover(plan: Plan) -> Decimal | None:
    """The turnover from which growth makes all those of the plan, if there is one."""
    kinds = {payment.quote.base.kind for payment in plan.payments if payment.quote.base is not None}
    if len(plan.request.turnovers) != 1 or len(kinds) != 1:
        return None
    known = plan.request.turnovers[0]
    return known.energy_audit if kinds == {"energy_audit"} else known.engineering
