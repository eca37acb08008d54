"""« Plan sur 4 ans »: every payment of the years to come, and the year that bears it."""

from operator import itemgetter

from opqibi_rules.desk.requests import PlanRequest, understood
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.papers.plan_document import payment_name, plan_document, plan_title, year_heads
from opqibi_rules.price.papers.quote_document import estimate
from opqibi_rules.price.partial import without
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.web.page_parts import Asking, sum_names
from opqibi_rules.web.pages import PLAN
from opqibi_rules.web.prices.drawings import yearly_bars
from opqibi_rules.web.prices.question_form import QuestionForm


def plan_view(answer: Plan, voice: Language) -> Json:
    """A plan as its page shows it: its own JSON, the names of its payments, and its drawing."""
    content = answer.to_dict(voice.say, language=voice.name)
    content["title"] = voice.say(plan_title(answer))
    for shown, payment in zip(content["payments"], answer.payments, strict=True):
        shown["name"] = voice.say(payment_name(payment))
    content["payments"] += [
        {"due": item.day.isoformat(), "unknown": voice.say(item.between)}
        for item in answer.not_priced
        if item.between is not None
    ]
    content["payments"].sort(key=itemgetter("due"))
    by_year = (
        Message("By calendar year") if answer.question.year_end.is_civil else Message("By financial year")
    )
    content["years_title"] = voice.say(without(by_year, answer.missing_fees))
    content["estimate"] = voice.say(estimate(answer.schedules))
    content["borne_head"], content["prepaid_head"] = map(voice.say, year_heads(answer))
    content["bars"] = yearly_bars(answer, voice)
    content |= sum_names(answer, voice)
    return content


router = Asking(
    PLAN,
    PlanRequest,
    lambda service, given: QuestionForm.read(
        PlanRequest, given, service.tables, service.today(), day="start"
    ),
    lambda service, given: service.plan(understood(PlanRequest, given)),
    plan_view,
    plan_document,
).router
