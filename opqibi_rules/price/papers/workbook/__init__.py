"""A plan or a quote as an Excel workbook with live formulas: change an input, and every amount follows.

The amounts of the schedule are cells too, each with its article. To the cent, the formulas find what the core
finds; what a part of a fee comes to is said once for each kind, in :mod:`.schedule`.
"""

from collections.abc import Iterable

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.paper.document import Cell, Table, shown
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.plan_document import (
    dates_table,
    not_priced_table,
    payment_name,
    plan_facts,
    plan_title,
)
from opqibi_rules.price.papers.quote_document import quote_title
from opqibi_rules.price.papers.workbook.book import Book
from opqibi_rules.price.papers.workbook.payments import Invoice, Payments
from opqibi_rules.price.papers.workbook.years import write_years
from opqibi_rules.price.plan import Plan, reckoned_on
from opqibi_rules.price.plan_question import growth_years
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.facts import Assumption


def plan_workbook(plan: Plan, language: Language) -> bytes:
    """The plan: payments, tranches, years, dates, notes and schedules, a sheet each.

    Raises:
        RequestError: the « xlsx » extra is not installed.
    """
    grows = len(plan.question.turnovers) == 1
    invoices = [
        Invoice(
            payment_name(payment),
            payment.quote,
            growth_years(plan.question, reckoned_on(payment.moment, plan.timeline)) if grows else None,
        )
        for payment in plan.payments
    ]
    book = Book(language)
    payments = Payments(book, invoices)
    used = {base for one in invoices for base in one.turnovers}
    known = plan.question.turnovers[0].amounts if grows else {}
    starts = {base: amount for base, amount in known.items() if base in used}
    payments.write(plan_title(plan), plan_facts(plan), starts, plan.question.growth)
    write_years(book, payments, plan)
    _table(book, Message("Dates"), dates_table(plan))
    if plan.not_priced:
        _table(book, Message("Not priced"), not_priced_table(plan))
    return _closed(book, plan.notes, plan.assumptions)


def quote_workbook(quote: Quote, language: Language) -> bytes:
    """The quote: amounts, tranches, notes and schedule, a sheet each.

    Raises:
        RequestError: the « xlsx » extra is not installed.
    """
    book = Book(language)
    payments = Payments(book, [Invoice(Message("{event}", event=quote.event.name), quote)])
    payments.write(quote_title(quote), [(Message("Schedule"), quote.schedule.title)], {}, ZERO)
    return _closed(book, quote.notes, quote.assumptions)


def _table(book: Book, name: Message, table: Table) -> None:
    """A sheet of days and what each is about."""
    sheet = book.sheet(name, [16, 110])
    sheet.page.freeze_panes(1, 0)
    sheet.heads(*table.columns)
    for row in table.rows:
        told = (shown(cell, book.language) for cell in row[1:])
        sheet.line(
            (row[0].value, "date") if isinstance(row[0], Cell) else None,
            *((text, "wrapped") for text in told),
        )


def _closed(book: Book, notes: Iterable[Message], assumptions: Iterable[Assumption]) -> bytes:
    """The file, with its last sheet: notes, and the interpretations on which the amounts rest."""
    sheet = book.sheet(Message("Notes"), [130])
    reasons = [Message("{text} {reason}", text=item.text, reason=item.reason) for item in assumptions]
    for text in (*notes, *reasons):
        sheet.line((text, "wrapped"))
    return book.close()
