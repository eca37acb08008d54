"""A plan or a quote as an Excel workbook with live formulas: change an input, and every amount follows.

The amounts of the schedule are cells too, each with its article. To the cent, the formulas find what the core
finds; what a part of a fee comes to is said once for each kind, in :mod:`.schedule`.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.paper.document import Cell, Table
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.plan_document import (
    Fact,
    dates_table,
    not_priced_table,
    payment_name,
    plan_title,
    structure_facts,
)
from opqibi_rules.price.papers.quote_document import no_document_of, quote_title
from opqibi_rules.price.papers.workbook.book import Book
from opqibi_rules.price.papers.workbook.checks import checks, write_checks
from opqibi_rules.price.papers.workbook.days import Days
from opqibi_rules.price.papers.workbook.payments import Invoice, Payments
from opqibi_rules.price.papers.workbook.years import write_years
from opqibi_rules.price.planning.payments import Payment
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.plan_question import growth_years
from opqibi_rules.price.planning.pricing import NO_TURNOVER, reckoned_on
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.facts import Assumption


def plan_workbook(plan: Plan, language: Language) -> bytes:
    """The plan: payments, tranches, years, dates, notes and schedules, a sheet each.

    Raises:
        RequestError: the « xlsx » extra is not installed.
    """
    book = Book(language, no_document_of(plan.schedules))
    invoices = [_invoice(plan, payment) for payment in plan.payments]
    payments = Payments(book, invoices, plan.missing_fees)
    payments.head(plan_title(plan), plan.schedules, _facts(plan))
    whole = payments.sheet.row, 1
    payments.sheet.line((Message("Checks"), "text"))
    days = Days(payments.sheet, plan)
    used = {base for one in invoices for base in one.turnovers}
    known = plan.question.turnovers[0].amounts if _grows(plan) else {}
    payments.write(
        [
            replace(one, due=days.of(each.moment), rate=days.vat_rate(each))
            for one, each in zip(invoices, plan.payments, strict=True)
        ],
        {base: amount for base, amount in known.items() if base in used},
        plan.question.growth,
    )
    totals = write_years(book, payments, plan)
    write_checks(payments, list(checks(payments, days, totals, plan)), whole)
    _dates(book, dates_table(plan), [(item.day, item.message, days.due(item)) for item in plan.due_dates])
    if plan.not_priced:
        then = {moment.day: days.of(moment) for moment in plan.timeline.moments()}
        _dates(
            book,
            not_priced_table(plan),
            [
                (one.day, one.message, then.get(one.day, "") if one.code == NO_TURNOVER else "")
                for one in plan.not_priced
            ],
        )
    return _closed(book, plan.notes, plan.assumptions)


def _grows(plan: Plan) -> bool:
    return len(plan.question.turnovers) == 1


def _invoice(plan: Plan, payment: Payment) -> Invoice:
    years = growth_years(plan.question, reckoned_on(payment.moment, plan.timeline)) if _grows(plan) else None
    return Invoice(payment_name(payment), payment.quote, years)


def _facts(plan: Plan) -> list[Fact]:
    """Who, and what the days and the turnovers that may be typed do not say."""
    facts = structure_facts(plan.question.structure)
    if plan.by_year and not plan.question.year_end.is_civil:
        facts.append((Message("Financial year closed on"), Cell(plan.by_year[0].closes, "date")))
    return facts


def quote_workbook(quote: Quote, language: Language) -> bytes:
    """The quote: amounts, tranches, notes and schedule, a sheet each.

    Raises:
        RequestError: the « xlsx » extra is not installed.
    """
    book = Book(language, no_document_of([quote.schedule]))
    invoices = [Invoice(Message("{event}", event=quote.event.name), quote)]
    payments = Payments(book, invoices, quote.missing_fees)
    payments.head(quote_title(quote), [quote.schedule], ())
    payments.write(invoices, {}, ZERO)
    return _closed(book, quote.notes, quote.assumptions)


def _dates(book: Book, table: Table, rows: Iterable[tuple[date, Message, str]]) -> None:
    """A sheet of days, reckoned from those typed where they follow from them, and what each is about."""
    assert table.title is not None
    sheet = book.sheet(_NAMES.get(str(table.title), table.columns[1]), [16, 110])
    sheet.page.freeze_panes(1, 0)
    sheet.page.repeat_rows(0)
    sheet.line((table.columns[0], "head"), (table.columns[1], "words"))
    for day, text, formula in rows:
        sheet.line(None if formula else (day, "date"), (text, "wrapped"))
        if formula:
            sheet.put(sheet.row - 1, 0, formula, day, "date")


_NAMES = {"Dates not to be missed": Message("Dates")}


def _closed(book: Book, notes: Iterable[Message], assumptions: Iterable[Assumption]) -> bytes:
    """The file, with its last sheet: notes, and the interpretations on which the amounts rest."""
    sheet = book.sheet(Message("Notes"), [100])
    reasons = [Message("{text} {reason}", text=item.text, reason=item.reason) for item in assumptions]
    for text in (*notes, *reasons):
        sheet.line((text, "wrapped"))
    return book.close()
