"""The page: each tab at its own address, in French and in English, whole without any script."""

from typing import Any

from fastapi import APIRouter, Request, Response

from opqibi_rules.fees.articles import FEE_NAMES, FEES
from opqibi_rules.fees.explanation import explain
from opqibi_rules.fees.quote import EVENT_NAMES, Quote
from opqibi_rules.formats.language import Language
from opqibi_rules.formats.quote_document import quote_document
from opqibi_rules.messages import Message
from opqibi_rules.web.api import desk_of
from opqibi_rules.web.curve import usage_curve
from opqibi_rules.web.pages import render, spoken
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.desk import Desk
from opqibi_rules.web.questions import QuoteQuestion, understood
from opqibi_rules.web.quote_form import QuoteForm, Row
from opqibi_rules.web.refusals import RefusedError, Wrong
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


def form_context(form: QuoteForm, desk: Desk) -> dict[str, Any]:
    """What the fields of a quote need: prices by tariff, known codes, territories."""
    schedule = desk.tables.schedules[-1]
    rows = list(form.rows) or [Row()]
    return {
        "form": form,
        "rows": rows,
        "schedule": schedule,
        "events": EVENT_NAMES,
        "entries": list(desk.tables.nomenclature.entries.values()),
        "territories": [rules[0] for rules in desk.tables.vat.rules.values()],
    }


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
            context["wrong"] = [said_on_page(item, form, voice) for item in _by_code(refused.wrong)]
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


def without_options(text: str) -> str:
    """A sentence of the core without the command-line options that it names in brackets.

    On the page, the field stands before the reader's eyes.
    """
    start = text.find(" (--")
    if start < 0:
        return text
    end = text.find(")", start)
    return text[:start] + text[end + 1 :]


def _by_code(wrong: tuple[Wrong, ...]) -> list[Wrong]:
    """Codes without a known tariff are asked for where they stand."""
    found = []
    for item in wrong:
        if "ways" not in item.reason.values:
            found.append(item)
            continue
        found += [
            Wrong(
                item.field,
                Message(
                    "The published schedule does not give the tariff code of {code}: choose it beside the code "
                    "(it stands in the OPQIBI nomenclature, and on your last invoice).",
                    code=code,
                ),
            )
            for code in item.reason.values["codes"]
        ]
    return found


def said_on_page(item: Wrong, form: QuoteForm, voice: Language) -> dict[str, str | None]:
    """What is wrong, and the input where it can be mended."""
    named = item.reason.values.get("code")
    place = next((f"code-{index}" for index, row in enumerate(form.rows) if row.code == named), None)
    return {"input": place or form.input_of(item.field), "reason": without_options(voice.say(item.reason))}


@router.get("/quote.{kind}")
async def quote_file(request: Request, kind: str, lang: str | None = None) -> Response:
    """The quote of the address as a file: ``json``, ``csv`` or ``md``."""
    name = chosen(lang, request.headers.get("accept-language", ""))
    answer = desk_of(request).quote(understood(QuoteQuestion, form_of(request).question()))
    if kind == "json":
        machine = MACHINE[name]
        return download(json_bytes(answer.to_dict(machine.say, language=name)), "application/json", "opqibi-quote.json")
    if kind == "csv":
        text = quote_document(answer).as_csv(spoken(name))
        return download(text.encode(), "text/csv; charset=utf-8", "opqibi-quote.csv")
    raise RefusedError([Wrong("kind", Message("json or csv expected."))], 404)


def download(data: bytes, kind: str, name: str) -> Response:
    """A file to be kept."""
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
