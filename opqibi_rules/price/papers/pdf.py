"""A plan or a quote on A4 pages."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.document import Document, Table
from opqibi_rules.paper.document_pdf import Part, notes_part, pages, table_part
from opqibi_rules.paper.language import Language
from opqibi_rules.price.curve import Curve, curves
from opqibi_rules.price.papers.chart import Picture, turnover_curves, yearly_cost
from opqibi_rules.price.papers.plan_document import (
    before_tables,
    cycles_table,
    dates_table,
    lines_table,
    not_priced_table,
    payments_table,
    plan_facts,
    plan_title,
    structure_facts,
    turnover_facts,
    years_table,
)
from opqibi_rules.price.papers.quote_document import calculation_table, estimate, quote_document
from opqibi_rules.price.partial import total_excl_vat, total_incl_vat
from opqibi_rules.price.planning.payments import Sums
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.schedule import Fee, Schedule


def plan_pdf(plan: Plan, language: Language, *, made_on: date) -> bytes:
    """The plan on two pages or so: payments and years, then the lines with their articles, dates and notes.

    Raises:
        RequestError: the « pdf » or the « chart » extra is not installed.
    """
    parts: list[Table | Picture] = [payments_table(plan), *before_tables(plan)]
    parts += [yearly_cost(plan, language), years_table(plan)]
    if len(plan.cycles) > 1:
        parts.append(cycles_table(plan))
    parts.append(dates_table(plan))
    if plan.not_priced:
        parts.append(not_priced_table(plan))
    parts.append(lines_table(plan))
    parts += _curves((payment.quote for payment in plan.payments), language)
    document = Document(plan_title(plan), plan_facts(plan), notes=_notes(plan))
    return _set(document, parts, figures(plan.sums, plan.missing_fees), plan.schedules, language, made_on)


def quote_pdf(
    quote: Quote, language: Language, *, made_on: date, structure: Structure | None = None
) -> bytes:
    """The quote on one page or two: lines with their articles, calculation, fees by tranches drawn, notes.

    Raises:
        RequestError: the « pdf » or the « chart » extra is not installed.
    """
    read = quote_document(quote)
    facts = [*structure_facts(structure), *read.facts, *turnover_facts([quote])]
    parts: list[Table | Picture] = [*read.tables, calculation_table(quote), *_curves([quote], language)]
    document = Document(read.title, facts, notes=_notes(quote))
    return _set(document, parts, figures(quote, quote.missing_fees), [quote.schedule], language, made_on)


def _notes(priced: Plan | Quote) -> list[Message | Text]:
    """The notes, and the interpretations without their reasons, which ``--explain`` gives."""
    return [*priced.notes, *(item.text for item in priced.assumptions)]


def _curves(quotes: Iterable[Quote], language: Language) -> list[Picture]:
    """The fees by tranches, each at the first turnover that the quotes take for it."""
    found: dict[str, Curve] = {}
    for curve in (curve for quote in quotes for curve in curves(quote)):
        if curve.turnover is not None:
            found.setdefault(curve.fee.id, curve)
    return [turnover_curves(tuple(found.values()), language)] if found else []


def figures(sums: Quote | Sums, missing: Iterable[Fee]) -> list[tuple[Message, Decimal]]:
    """What is paid in all, each under its name; that of a sum that lacks a fee says so."""
    lacks = tuple(missing)
    return [
        (total_excl_vat(lacks), sums.total_excl_vat),
        (Message("VAT"), sums.vat),
        (total_incl_vat(lacks), sums.total_incl_vat),
    ]


def _set(
    document: Document,
    parts: Iterable[Table | Picture],
    large: Iterable[tuple[Message, Decimal]],
    schedules: Iterable[Schedule],
    language: Language,
    made_on: date,
) -> bytes:
    """The file: title, facts and totals in large figures, the parts in order, the notes."""
    say = language.say
    made = [table_part(part, language) if isinstance(part, Table) else _picture(part) for part in parts]
    return pages(
        document,
        [*made, notes_part(document, language)],
        language,
        made_on=made_on,
        foot=estimate(schedules),
        description=Message("Estimate reckoned by opqibi-rules from the published fee schedule."),
        figures=[(say(label), language.amount(amount)) for label, amount in large],
    )


def _picture(part: Picture) -> Part:
    svg = part.render("svg").decode()
    return {"kind": "picture", "title": part.title, "svg": svg, "alternative": part.alternative}
