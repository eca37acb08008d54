"""« Devis »: the price of an event, at the address of the page itself; whole without any script."""

from typing import Any

from fastapi import APIRouter, Request, Response

from opqibi_rules.desk.questions import QuoteQuestion, understood
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.paper.language import Language
from opqibi_rules.price.fees import FEE_NAMES, FEES
from opqibi_rules.price.explanation import explain
from opqibi_rules.price.papers.quote_document import quote_document
from opqibi_rules.price.quote import Quote
from opqibi_rules.web.api import desk_of
from opqibi_rules.web.drawings import usage_curve
from opqibi_rules.web.page_parts import all_said, download, form_context, without_options
from opqibi_rules.web.pages import render, spoken
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.quote_form import QuoteForm, Row
from opqibi_rules.web.voices import MACHINE, chosen

router = APIRouter(include_in_schema=False)


@router.get("/")
async def quote_fr(request: Request) -> Response:
    """« Devis »."""
    return _quote_page(request, "fr")


@router.get("/en")
async def quote_en(request: Request) -> Response:
    """The quote, in English."""
    return _quote_page(request, "en")


def form_of(request: Request) -> QuoteForm:
    """The form that the address holds."""
    desk = desk_of(request)
    today = desk.today()
    tariffs = desk.tables.schedules[-1].tariffs
    return QuoteForm.read(request.query_params, tariffs, today.isoformat())


def _quote_page(request: Request, lang: str) -> Response:
    desk, form, voice = desk_of(request), form_of(request), spoken(lang)
    context: dict[str, Any] = {"tab": "quote", "answer": None, "wrong": [], **form_context(form, desk)}
    if "more" in request.query_params:
        context["rows"] = [*form.rows, Row()]
    if not form.empty:
        try:
            answer = desk.quote(understood(QuoteQuestion, form.question()))
            context["answer"] = quote_view(answer, voice)
        except RefusedError as refused:
            context["wrong"] = all_said(refused.wrong, form, voice)
    template = "quote_answer.html" if "part" in request.query_params else "quote.html"
    return render(request, template, lang=lang, address=form.address(), **context)


def quote_view(answer: Quote, voice: Language) -> dict[str, Any]:
    """A quote as its page shows it: its own JSON, the lines under their fees, and the calculation."""
    content = answer.to_dict(voice.say, language=voice.name)
    steps = list(explain(answer))
    content["fees"] = [
        {
            "name": FEE_NAMES[fee],
            "lines": lines,
            "subtotal": content["subtotals"][fee],
            "steps": [step for step in steps if step.fee == fee],
        }
        for fee in FEES
        if (lines := [line for line in content["lines"] if line["fee"] == fee])
    ]
    content["steps"] = [step for step in steps if not step.fee]
    content["notes"] = [without_options(note) for note in content["notes"]]
    base = answer.base.turnover if answer.base else None
    content["curve"] = None if base is None else usage_curve(answer.schedule, base, voice)
    content["undetermined"] = answer.undetermined
    return content


@router.get("/quote.{kind}")
async def quote_file(request: Request, kind: str, lang: str | None = None) -> Response:
    """The quote of the address as a file."""
    name = chosen(lang, request.headers.get("accept-language", ""))
    voice, machine, desk = spoken(name), MACHINE[name], desk_of(request)
    answer = desk.quote(understood(QuoteQuestion, form_of(request).question()))

    def workbook() -> bytes:
        from opqibi_rules.price.papers.workbook import quote_workbook  # noqa: PLC0415 - an extra, and slow to load

        return quote_workbook(answer, voice)

    def pdf() -> bytes:
        from opqibi_rules.price.papers.pdf import quote_pdf  # noqa: PLC0415 - the same

        return quote_pdf(answer, voice, made_on=desk.today())

    forms = {
        "json": lambda: json_bytes(answer.to_dict(machine.say, language=name)),
        "csv": lambda: quote_document(answer).as_csv(voice).encode(),
        "xlsx": workbook,
        "pdf": pdf,
    }
    return await download(forms, kind, "opqibi-quote")
