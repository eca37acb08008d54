"""The files of an answer, made apart: what draws a page or a picture takes nothing of the server with it."""

from datetime import date

from opqibi_rules.desk.apart import answered, done_apart, work_on
from opqibi_rules.desk.requests import PlanRequest, QuoteRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.papers.forms import plan_forms, quote_forms

FORMS: dict[type[QuoteRequest | PlanRequest], tuple[str, ...]] = {
    QuoteRequest: ("xlsx", "pdf", "svg", "png"),
    PlanRequest: ("xlsx", "pdf", "ics", "svg", "png"),
}
"""What a quote and a plan are made into."""


async def made_apart(
    workers: Workers, question: QuoteRequest | PlanRequest, service: Service, *, form: str, voice: Language
) -> bytes:
    """The answer to a question, as a file of a form.

    Raises:
        RefusedError: a question without an answer, or an extra that is not installed.
    """
    kind = "plans" if isinstance(question, PlanRequest) else "quotes"
    work = work_on(question, service, name=form, voice=voice)
    file: bytes = await done_apart(workers, f"{__name__}:{kind}", work)
    return file


def quotes(work: Json, _data: bytes) -> bytes | Json:
    """A quote as a file."""

    def file(service: Service, voice: Language) -> bytes:
        quote = service.quote(understood(QuoteRequest, work["question"]))
        return quote_forms(quote, voice, made_on=date.fromisoformat(work["today"]))[work["name"]]()

    return answered(work, file)


def plans(work: Json, _data: bytes) -> bytes | Json:
    """A plan as a file."""

    def file(service: Service, voice: Language) -> bytes:
        plan = service.plan(understood(PlanRequest, work["question"]))
        return plan_forms(plan, voice, made_on=date.fromisoformat(work["today"]))[work["name"]]()

    return answered(work, file)
