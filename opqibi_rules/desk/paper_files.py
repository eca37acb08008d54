"""The files of an answer, made apart: what draws a page or a picture takes nothing of the server with it."""

from datetime import date

from opqibi_rules.desk.apart import answered, done_apart, work_on
from opqibi_rules.desk.requests import CompareRequest, PlanRequest, QuoteRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.price.papers.forms import comparison_forms, plan_forms, quote_forms

FORMS: dict[type[QuoteRequest | PlanRequest], tuple[str, ...]] = {
    QuoteRequest: ("xlsx", "pdf", "svg", "png"),
    PlanRequest: ("xlsx", "pdf", "ics", "svg", "png"),
    CompareRequest: ("xlsx", "pdf"),
}
"""What the answer to each question is made into."""
_TASKS: dict[type[QuoteRequest | PlanRequest], str] = {
    QuoteRequest: "quotes",
    PlanRequest: "plans",
    CompareRequest: "comparisons",
}


async def made_apart(
    workers: Workers, question: QuoteRequest | PlanRequest, service: Service, *, form: str, voice: Language
) -> bytes:
    """The answer to a question, as a file of a form.

    Raises:
        RefusedError: a question without an answer, or an extra that is not installed.
    """
    work = work_on(question, service, name=form, voice=voice)
    file = await done_apart(workers, f"{__name__}:{_TASKS[type(question)]}", work)
    assert isinstance(file, bytes)
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


def comparisons(work: Json, _data: bytes) -> bytes | Json:
    """Choices side by side as a file."""

    def file(service: Service, voice: Language) -> bytes:
        found = service.compare(understood(CompareRequest, work["question"]))
        day = date.fromisoformat(work["today"])
        return comparison_forms(found.document, found.schedules, voice, made_on=day)[work["name"]]()

    return answered(work, file)
