"""« Plan sur 4 ans »: every payment of the years to come, and the year that bears it."""

from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.requests import PlanRequest, understood
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.papers.forms import plan_forms
from opqibi_rules.price.papers.plan_document import payment_name, plan_document, plan_title
from opqibi_rules.price.plan import Plan
from opqibi_rules.web.api import service_of
from opqibi_rules.web.drawings import yearly_bars
from opqibi_rules.web.languages import SPOKEN, asked_for
from opqibi_rules.web.page_parts import all_said, download, form_context
from opqibi_rules.web.pages import PLAN, in_both_languages, render
from opqibi_rules.web.question_form import QuestionForm

router = APIRouter(include_in_schema=False)


def _form_of(request: Request) -> QuestionForm:
    service = service_of(request)
    return QuestionForm.read(PlanRequest, request.query_params, service.tables, service.today(), day="start")


@in_both_languages(router, PLAN)
async def plan_page(voice: Language, request: Request) -> Response:
    """The plan that the address asks for, under its form."""
    service, form = service_of(request), _form_of(request)
    answer, wrong = None, []
    if not form.empty:
        try:
            question = understood(PlanRequest, form.question())
            answer = plan_view(await to_thread.run_sync(service.plan, question), voice)
        except RefusedError as refused:
            wrong = all_said(refused.wrong, form, voice)
    context = {
        **form_context(form, service, more="more" in request.query_params),
        "tab": PLAN.name,
        "address": form.address(),
        "answer": answer,
        "wrong": wrong,
    }
    template = "plan_answer.html" if "part" in request.query_params else "plan.html"
    return render(request, template, voice, context)


def plan_view(answer: Plan, voice: Language) -> Json:
    """A plan as its page shows it: its own JSON, the names of its payments, and its drawing."""
    content = answer.to_dict(voice.say, language=voice.name)
    content["title"] = voice.say(plan_title(answer))
    for shown, payment in zip(content["payments"], answer.payments, strict=True):
        shown["name"] = voice.say(payment_name(payment))
    content["bars"] = yearly_bars(answer, voice)
    content["undetermined"] = answer.undetermined
    return content


@router.get("/plan.{kind}")
async def plan_file(request: Request, kind: str, lang: str | None = None) -> Response:
    """The plan of the address as a file."""
    service, voice = service_of(request), SPOKEN[asked_for(request, lang)]
    question = understood(PlanRequest, _form_of(request).question())
    answer = await to_thread.run_sync(service.plan, question)
    return await download(
        "opqibi-plan",
        kind,
        voice,
        document=partial(plan_document, answer),
        content=lambda machine: answer.to_dict(machine.say, language=machine.name),
        forms=plan_forms(answer, voice, made_on=service.today()),
    )
