"""« Plan sur 4 ans »: every payment of the years to come, and the year that bears it."""

from datetime import UTC, datetime
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from opqibi_rules.desk.questions import PlanQuestion, understood
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.plan_document import payment_name, plan_document, plan_title
from opqibi_rules.price.plan import Plan
from opqibi_rules.web.api import desk_of
from opqibi_rules.web.drawings import yearly_bars
from opqibi_rules.web.page_parts import all_said, download, form_context, without_options
from opqibi_rules.web.pages import render, spoken
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.quote_form import PlanForm, Row
from opqibi_rules.web.voices import MACHINE, chosen

router = APIRouter(include_in_schema=False)


@router.get("/plan")
async def plan_fr(request: Request) -> Response:
    """The plan, in French."""
    return await _plan_page(request, "fr")


@router.get("/en/plan")
async def plan_en(request: Request) -> Response:
    """The plan, in English."""
    return await _plan_page(request, "en")


def _form_of(request: Request) -> PlanForm:
    desk = desk_of(request)
    tariffs = desk.tables.schedules[-1].tariffs
    return PlanForm.read(request.query_params, tariffs, desk.today().isoformat())


async def _plan_page(request: Request, lang: str) -> Response:
    desk, form, voice = desk_of(request), _form_of(request), spoken(lang)
    context: dict[str, Any] = {"tab": "plan", "answer": None, "wrong": [], **form_context(form, desk)}
    if "more" in request.query_params:
        context["rows"] = [*form.rows, Row()]
    if not form.empty:
        try:
            question = understood(PlanQuestion, form.question())
            answer = await to_thread.run_sync(desk.plan, question)
            context["answer"] = plan_view(answer, voice)
        except RefusedError as refused:
            context["wrong"] = all_said(refused.wrong, form, voice)
    template = "plan_answer.html" if "part" in request.query_params else "plan.html"
    return render(request, template, lang=lang, address=form.address(), **context)


def plan_view(answer: Plan, voice: Language) -> dict[str, Any]:
    """A plan as its page shows it: its own JSON, the names of its payments, and its drawing."""
    content = answer.to_dict(voice.say, language=voice.name)
    content["title"] = voice.say(plan_title(answer))
    for shown, payment in zip(content["payments"], answer.payments, strict=True):
        shown["name"] = voice.say(payment_name(payment))
    content["notes"] = [without_options(note) for note in content["notes"]]
    content["bars"] = yearly_bars(answer, voice)
    content["undetermined"] = answer.undetermined
    return content


@router.get("/plan.{kind}")
async def plan_file(request: Request, kind: str, lang: str | None = None) -> Response:
    """The plan of the address as a file."""
    name = chosen(lang, request.headers.get("accept-language", ""))
    voice, machine, desk = spoken(name), MACHINE[name], desk_of(request)
    question = understood(PlanQuestion, _form_of(request).question())
    answer = await to_thread.run_sync(desk.plan, question)

    def workbook() -> bytes:
        from opqibi_rules.price.papers.workbook import plan_workbook  # noqa: PLC0415 - an extra, and slow to load

        return plan_workbook(answer, voice)

    def pdf() -> bytes:
        from opqibi_rules.price.papers.pdf import plan_pdf  # noqa: PLC0415 - the same

        return plan_pdf(answer, voice, made_on=desk.today())

    def calendar() -> bytes:
        from opqibi_rules.price.papers.calendar import plan_calendar  # noqa: PLC0415 - the same

        return plan_calendar(answer, voice, stamp=datetime.now(UTC))

    forms = {
        "json": lambda: json_bytes(answer.to_dict(machine.say, language=name)),
        "csv": lambda: plan_document(answer).as_csv(voice).encode(),
        "xlsx": workbook,
        "pdf": pdf,
        "ics": calendar,
    }
    return await download(forms, kind, "opqibi-plan")
