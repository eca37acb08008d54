"""The files that a price is written to beside the general forms: what makes each, loaded when it is asked for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.quote_document import estimate
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.structure import Structure

if TYPE_CHECKING:
    from opqibi_rules.price.planning.plan import Plan  # a quote does without
    from opqibi_rules.price.planning.portfolio import Portfolio
    from opqibi_rules.tables.schedule import Schedule

Forms = Mapping[str, Callable[[], bytes]]


def quote_forms(
    quote: Quote, language: Language, *, made_on: date, structure: Structure | None = None
) -> Forms:
    """By name of the form, what writes a quote so."""

    def written(form: str) -> bytes:
        if form == "xlsx":
            from opqibi_rules.price.papers.workbook import quote_workbook  # noqa: PLC0415 - slow to load

            return quote_workbook(quote, language)
        if form == "pdf":
            from opqibi_rules.price.papers.pdf import quote_pdf  # noqa: PLC0415 - the same

            return quote_pdf(quote, language, made_on=made_on, structure=structure)
        from opqibi_rules.price.curve import curves  # noqa: PLC0415 - the same
        from opqibi_rules.price.papers.chart import turnover_curves  # noqa: PLC0415 - the same

        return turnover_curves(curves(quote), language).render(form)

    return {form: partial(written, form) for form in ("xlsx", "pdf", "svg", "png")}


def plan_forms(plan: "Plan", language: Language, *, made_on: date) -> Forms:
    """By name of the form, what writes a plan so."""

    def written(form: str) -> bytes:
        if form == "xlsx":
            from opqibi_rules.price.papers.workbook import plan_workbook  # noqa: PLC0415 - the same

            return plan_workbook(plan, language)
        if form == "pdf":
            from opqibi_rules.price.papers.pdf import plan_pdf  # noqa: PLC0415 - the same

            return plan_pdf(plan, language, made_on=made_on)
        if form == "ics":
            from opqibi_rules.price.papers.calendar import plan_calendar  # noqa: PLC0415 - the same

            return plan_calendar(plan, language, stamp=datetime.now(UTC))
        if form == "csv":
            from opqibi_rules.price.papers.plan_document import flat_table, plan_title  # noqa: PLC0415 - the same

            structure = plan.question.structure
            name, siren = (structure.name, structure.siren) if structure else (None, None)
            table = flat_table([(name, siren, None, plan)])
            return Document(plan_title(plan), tables=[table]).as_csv(language).encode()
        from opqibi_rules.price.papers.chart import yearly_cost  # noqa: PLC0415 - the same

        return yearly_cost(plan, language).render(form)

    return {form: partial(written, form) for form in ("csv", "xlsx", "pdf", "ics", "svg", "png")}


def comparison_forms(
    document: Document, schedules: Sequence["Schedule"], language: Language, *, made_on: date
) -> Forms:
    """By name of the form, what writes choices side by side so."""

    def pages() -> bytes:
        from opqibi_rules.paper.document_pdf import document_pdf  # noqa: PLC0415 - the same

        foot, about = estimate(schedules), Message("Estimates reckoned by opqibi-rules.")
        return document_pdf([document], language, made_on=made_on, foot=foot, description=about)

    def sheet() -> bytes:
        from opqibi_rules.paper.document_xlsx import document_xlsx  # noqa: PLC0415 - the same

        return document_xlsx(document, language)

    return {"xlsx": sheet, "pdf": pages}


def portfolio_forms(found: "Portfolio", language: Language, *, made_on: date) -> Forms:
    """By name of the form, what writes the plans of many structures so."""

    def written(form: str) -> bytes:
        from opqibi_rules.price.papers import portfolio_document as papers  # noqa: PLC0415 - a plan does without

        if form == "ics":
            from opqibi_rules.price.papers.calendar import portfolio_calendar  # noqa: PLC0415 - slow to load

            return portfolio_calendar(found, language, stamp=datetime.now(UTC))
        if form == "pdf":
            from opqibi_rules.paper.document_pdf import document_pdf  # noqa: PLC0415 - the same

            read = papers.portfolio_document(found)
            foot, about = estimate(found.schedules), Message("Estimates reckoned by opqibi-rules.")
            return document_pdf([read], language, made_on=made_on, foot=foot, description=about)
        payments = Document(Message("Payments"), tables=[papers.payments_of(found)])
        return payments.as_csv(language).encode()

    return {form: partial(written, form) for form in ("csv", "pdf", "ics")}
