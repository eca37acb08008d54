"""« Plan sur 4 ans »: every payment of the years to come, and the year that bears it."""

from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from opqibi_rules.desk.requests import PlanRequest, understood
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.papers.forms import plan_forms
from opqibi_rules.price.papers.plan_document import payment_name, plan_document, plan_title
from opqibi_rules.price.plan import Plan
from opqibi_rules.web.api import service_of
from opqibi_rules.web.drawings import yearly_bars
from opqibi_rules.web.languages import SPOKEN, asked_for
from opqibi_rules.web.page_parts import download, question_page
from opqibi_rules.web.pages import PLAN, in_both_languages
from opqibi_rules.web.question_form import QuestionForm

router = APIRouter(include_in_schema=False)


def _form_of(request: Request) -> QuestionForm:
    service = service_of(request)
    return QuestionForm.read(PlanRequest, request.query_params, service.tables, service.today(), day="start")


@in_both_languages(router, PLAN)
async def plan_page(voice: Language, request: Request) -> Response:
    """The plan that the address asks for, under its form."""

    async def view(given: Json) -> Json:
        question = understood(PlanRequest, given)
        return plan_view(await to_thread.run_sync(service_of(request).plan, question), voice)

    return await question_page(request, voice, PLAN, _form_of(request), view)


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
