"""The HTTP API: each question to its answer, as JSON."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute

import opqibi_rules
from opqibi_rules.desk.answering import Desk
from opqibi_rules.desk.questions import (
    CertificateCheck,
    CertificateQuestion,
    InvoiceQuestion,
    PlanQuestion,
    QuoteQuestion,
    TurnoverQuestion,
    understood,
)
from opqibi_rules.desk.readings import CERTIFICATE, INVOICE, asked
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.worker import StoppedError, Workers
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message
from opqibi_rules.paper.json_text import number, strict_json
from opqibi_rules.paper.language import Language
from opqibi_rules.web.answers import (
    CertificateAnswer,
    HealthAnswer,
    InvoiceAnswer,
    NomenclatureAnswer,
    PlanAnswer,
    QuoteAnswer,
    SchedulesAnswer,
    TurnoversAnswer,
)
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.uploads import upload_of
from opqibi_rules.web.voices import MACHINE, chosen


class _StrictRoute(APIRoute):
    """A route whose body is JSON in which each key stands once: the framework would take the last."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handled = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0].strip().endswith("json"):
                json_of(await request.body(), None)
            return await handled(request)

        return handler


def json_of(data: bytes, field: str | None) -> Any:
    """The value of a JSON text that came in.

    Raises:
        RefusedError: it is none, or gives a key twice.
    """
    try:
        return strict_json(data, "", numbers=number)
    except FileError as error:
        raise RefusedError([Wrong(field, mistake.message) for mistake in error.mistakes]) from None


router = APIRouter(prefix="/api", route_class=_StrictRoute)

Lang = Annotated[str | None, Query(pattern="^(fr|en)$", description="Language of the sentences.")]
Words = Annotated[str, Query(max_length=100, description="A code, or words of the name; empty: all.")]


def described(model: Any, summary: str, **more: Any) -> dict[str, Any]:
    """What ``/openapi.json`` says of a route."""
    problems = dict.fromkeys((400, 401, 403, 413, 415, 421, 422, 500, 503, 504), _PROBLEM)
    return {
        "summary": summary,
        "response_class": Response,
        "responses": {200: {"model": model, "description": "The answer."}, **problems},
        **more,
    }


_PROBLEM: dict[str, Any] = {
    "description": "No answer: what is wrong, field by field.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


_INVOICE_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "question"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The invoice."},
        "question": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "What was expected, as JSON (InvoiceQuestion): a quote’s fields under `expected`.",
        },
    },
}


def desk_of(request: Request) -> Desk:
    """The facts, and the day, that the server answers with."""
    desk: Desk = request.app.state.desk
    return desk


def language_of(request: Request, lang: str | None) -> Language:
    """The voice of an answer to a program."""
    return MACHINE[chosen(lang, request.headers.get("accept-language", ""))]


def answered(content: Any) -> Response:
    """An answer as JSON."""
    return Response(json_bytes(content), media_type="application/json")


@router.post("/quote", **described(QuoteAnswer, "What does an event cost?"))
async def quote(question: QuoteQuestion, request: Request, lang: Lang = None) -> Response:
    """The price of a first application, a renewal or an annual control, each euro with its article.

    A quote takes microseconds, less than a change of thread: it is priced where it is asked.
    """
    voice = language_of(request, lang)
    return answered(desk_of(request).quote(question).to_dict(voice.say, language=voice.name))


@router.post("/plan", **described(PlanAnswer, "What will be paid over the years, and when?"))
async def plan(question: PlanQuestion, request: Request, lang: Lang = None) -> Response:
    """Every payment of the years to come, each priced on its own day, then totals, years and dates."""
    voice = language_of(request, lang)
    answer = await to_thread.run_sync(desk_of(request).plan, question)
    return answered(answer.to_dict(voice.say, language=voice.name))


@router.post(
    "/turnovers/from-fee", **described(TurnoversAnswer, "Which turnovers give that brand-usage fee?")
)
async def turnovers(question: TurnoverQuestion, request: Request) -> Response:
    """Every turnover, to the cent, for which article III gives exactly that fee; null where none does."""
    return answered(await to_thread.run_sync(desk_of(request).turnovers, question))


@router.post(
    "/invoices/check",
    **described(
        InvoiceAnswer | list[InvoiceAnswer],
        "Is that invoice right, and if not, why?",
        openapi_extra={
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _INVOICE_FORM}}}
        },
    ),
)
async def invoices(request: Request, lang: Lang = None) -> Response:
    """Reads Factur-X PDF, CII and UBL XML, CSV, XLSX or JSON; several invoices in a file answer by a list."""
    upload = await upload_of(request)
    text = upload.fields.get("question")
    data = text.encode("utf-8", "replace") if isinstance(text, str) else b"{}"
    question = understood(InvoiceQuestion, json_of(data, "question"))
    return await checked(request, lang, INVOICE, question, upload.name, upload.data)


@router.post(
    "/certificates/check",
    **described(CertificateAnswer | list[CertificateAnswer], "Is that certificate valid on a day?"),
)
async def certificates(question: CertificateCheck, request: Request, lang: Lang = None) -> Response:
    """Reads what API Entreprise (v3, v2), OPQIBI or Agence BIO answered; several answers give a list."""
    asked_alone = CertificateQuestion(**question.model_dump(mode="json", exclude={"answer"}))
    return await checked(request, lang, CERTIFICATE, asked_alone, "answer", json_bytes(question.answer))


async def checked(
    request: Request, lang: str | None, task: str, question: Any, name: str, data: bytes
) -> Response:
    """The answers of a worker about a file, as JSON: one alone, several as a list."""
    voice = language_of(request, lang)
    answers = await read_apart(request, task, question, name, data, lang=voice.name, machine=True)
    return answered(answers[0] if len(answers) == 1 else answers)


async def read_apart(
    request: Request, task: str, question: Any, name: str, data: bytes, *, lang: str, machine: bool
) -> list[Any]:
    """The answers of a worker about a file.

    Raises:
        RefusedError: what the worker refused, or a file that made it run out of time or memory.
    """
    workers: Workers = request.app.state.workers
    work = asked(question, desk_of(request), lang=lang, machine=machine, name=name)
    try:
        result = await workers.run(task, work, data)
    except StoppedError:
        message = Message("reading it took too much time or memory, and was stopped.")
        raise RefusedError([Wrong("file", message)]) from None
    if "wrong" in result:
        raise RefusedError(
            [Wrong(i["field"], Message("{problem}", problem=i["reason"])) for i in result["wrong"]]
        )
    answers: list[Any] = result["answers"]
    return answers


@router.get("/schedules", **described(SchedulesAnswer, "Which fee schedules are known?"))
async def schedules(request: Request, lang: Lang = None) -> Response:
    """Every edition of the fee schedule at hand, with its sources."""
    voice = language_of(request, lang)
    return answered(
        {
            "schema_version": 1,
            "schedules": [
                {
                    "id": schedule.id,
                    "title": schedule.title.said(voice.name),
                    "in_force_from": schedule.in_force_from.isoformat(),
                    "in_force_until": _iso(schedule.in_force_until),
                    "checked_on": schedule.checked_on.isoformat(),
                    "checked_by": schedule.checked_by,
                    "sources": [
                        {
                            "document": source.document,
                            "address": source.address,
                            "dated": source.dated,
                            "reliability": source.reliability,
                        }
                        for source in schedule.sources
                    ],
                }
                for schedule in desk_of(request).tables.schedules
            ],
        }
    )


@router.get("/nomenclature", **described(NomenclatureAnswer, "Which qualification bears that code or name?"))
async def nomenclature(request: Request, q: Words = "") -> Response:
    """The qualifications whose code, name, rubric or note holds every word, accents and case aside."""
    found = desk_of(request).tables.nomenclature.search(q)
    return answered({"schema_version": 1, "entries": [_entry(entry) for entry in found]})


def _entry(entry: Any) -> Mapping[str, Any]:
    return {
        "code": entry.code,
        "name": entry.name,
        "rubric": entry.rubric,
        "tariff": entry.tariff,
        "rge": entry.rge,
        "rge_as_of": _iso(entry.rge_as_of),
        "entails": list(entry.entails),
        "note": entry.note,
    }


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()


health_router = APIRouter()


@health_router.get(
    "/health",
    summary="Is the server there?",
    response_class=Response,
    responses={200: {"model": HealthAnswer, "description": "It is."}},
)
async def health() -> Response:
    """For a supervisor; needs no token."""
    return answered({"status": "ok", "version": opqibi_rules.__version__})
