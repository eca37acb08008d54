"""The HTTP API: each question to its answer, as JSON."""

import re
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from inspect import signature
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from opqibi_rules.desk.answers import Health, HealthShape, SchedulesShape
from opqibi_rules.desk.readings import checked_apart, firms_apart
from opqibi_rules.desk.refusals import RefusedError, Wrong, given_twice
from opqibi_rules.desk.requests import (
    CertificateAnswerRequest,
    CertificateAnswersRequest,
    CertificateRequest,
    CertificatesRequest,
    CompareRequest,
    InvoiceRequest,
    PlanRequest,
    ProgramRequest,
    QuoteRequest,
    TurnoversRequest,
    understood,
)
from opqibi_rules.desk.service import Service
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message
from opqibi_rules.paper.json_text import number, strict_json
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.tables.nomenclature import FoundEntries, NomenclatureShape
from opqibi_rules.version import __version__
from opqibi_rules.web.languages import SPOKEN, asked_for
from opqibi_rules.web.lasting import lasting
from opqibi_rules.web.openapi import INVOICE_FORM, described
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.shield import LONGER
from opqibi_rules.web.uploads import upload_of


class _StrictRoute(APIRoute):
    """A route that takes each key once, where the framework would take the last; and a body that says it is JSON.

    The body is read here, once: the framework's own way costs as much again as a whole quote.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        handled = super().get_route_handler()
        takes = signature(self.endpoint).parameters
        asks: type[ProgramRequest] | None = takes["question"].annotation if "question" in takes else None

        async def handler(request: Request) -> Response:
            given = request.query_params if request.scope["query_string"] else _NOTHING
            once(given.multi_items())
            if asks is not None:
                kind = request.headers.get("content-type", "").partition(";")[0].strip()
                if not _JSON_KIND.fullmatch(kind):
                    raise RefusedError([Wrong(None, _JSON_EXPECTED)], HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
                question = understood(asks, json_of(await request.body(), None))
                lang = given.get("lang")
                if lang is None or lang in SPOKEN:
                    said = {"lang": lang} if "lang" in takes else {}
                    answer: Response = await self.endpoint(question, request, **said)
                    return answer
            return await handled(request)

        return handler


_NOTHING = QueryParams()
_JSON_KIND = re.compile(r"application/([^ ]+\+)?json", re.IGNORECASE)
_JSON_EXPECTED = Message("a body in JSON expected (Content-Type: application/json).")


def once(given: Iterable[tuple[str, object]]) -> None:
    """Refuse what is given twice by the same name.

    Raises:
        RefusedError: something is.
    """
    met: set[str] = set()
    for name, _ in given:
        if name in met:
            raise RefusedError([Wrong(name[:80], given_twice(name))])
        met.add(name)


def json_of(data: bytes, field: str | None) -> object:
    """The value of a JSON text that came in.

    Raises:
        RefusedError: it is none, or gives a key twice.
    """
    try:
        return strict_json(data, "", numbers=number)
    except FileError as error:
        raise RefusedError([Wrong(field, mistake.placed) for mistake in error.mistakes]) from None


router = APIRouter(prefix="/api", route_class=_StrictRoute)

Lang = Annotated[
    Literal["fr", "en"] | None,
    Query(description="Language of the sentences; by default that of `Accept-Language`, else French."),
]
Words = Annotated[str, Query(max_length=100, description="A code, or words of the name; empty: all.")]


def service_of(request: Request) -> Service:
    """What answers, with the facts and the day of the server."""
    service: Service = request.app.state.service
    return service


def language_of(request: Request, lang: str | None) -> Language:
    """The voice of an answer to a program."""
    return SPOKEN[asked_for(request, lang)]


def answered(content: object, status: int = 200) -> Response:
    """An answer as JSON."""
    return Response(json_bytes(content), status, media_type="application/json")


@router.post("/quote", **described("quote", "prices", "Quote", "What does an event cost?"))
async def quote(question: QuoteRequest, request: Request, lang: Lang = None) -> Response:
    """The price of a first application, a renewal, an annual control or another event, each euro with its article."""
    voice = language_of(request, lang)
    # It takes microseconds, less than a change of thread: it is priced where it is asked.
    return answered(service_of(request).quote(question).to_dict(voice.say, language=voice.name))


@router.post("/plan", **described("plan", "prices", "Plan", "What will be paid over the years, and when?"))
async def plan(question: PlanRequest, request: Request, lang: Lang = None) -> Response:
    """Every payment of the years to come, each priced on its own day, then totals, years and dates."""
    voice = language_of(request, lang)
    answer = await to_thread.run_sync(service_of(request).plan, question)
    return answered(answer.to_dict(voice.say, language=voice.name))


@router.post("/compare", **described("compare", "prices", "Comparison", "What does each choice cost?"))
async def compare(question: CompareRequest, request: Request, lang: Lang = None) -> Response:
    """Plans side by side: something asked for at one time or another, given up or kept, or other choices."""
    answer = await _compared(question, request, lang)
    if "choices" not in answer:
        reason = Message("Say what to compare: something to add, something to drop, or other choices.")
        raise RefusedError([Wrong("add", reason)])
    return answered(answer)


@router.post(
    "/compare/one-more", **described("one_more", "prices", "OneMore", "What does one more of anything cost?")
)
async def one_more(question: PlanRequest, request: Request, lang: Lang = None) -> Response:
    """One more qualification at each tariff, and the next euro of turnover, over the years of a plan."""
    alone = understood(CompareRequest, question.model_dump(mode="json", exclude_none=True))
    return answered(await _compared(alone, request, lang))


async def _compared(question: CompareRequest, request: Request, lang: str | None) -> Json:
    found = await to_thread.run_sync(service_of(request).compare, question)
    voice = language_of(request, lang)
    return found.to_dict(voice.say, language=voice.name)


@router.post(
    "/turnovers/from-fee",
    **described("turnovers_from_fee", "prices", "Turnovers", "Which turnovers give that fee?"),
)
async def turnovers(question: TurnoversRequest, request: Request) -> Response:
    """Every turnover, to the cent, for which the schedule gives exactly that fee; null where none does."""
    return answered(await to_thread.run_sync(service_of(request).turnovers, question))


@router.post(
    "/invoices/check",
    **described(
        "check_invoices",
        "verdicts",
        "InvoiceCheck",
        "Is that invoice right, and if not, why?",
        several=True,
        beside="NoInvoice",
        form=INVOICE_FORM,
    ),
)
async def invoices(request: Request, lang: Lang = None) -> Response:
    """Reads PDF, pictures, CII and UBL XML, CSV, XLSX, JSON, e-mails and zips.

    Several invoices give a list (207), and with them each document of an e-mail or a zip that is none.
    """
    upload = await upload_of(request)
    once(upload.fields.multi_items())
    text = upload.fields.get("question")
    data = text.encode("utf-8", "replace") if isinstance(text, str) else b"{}"
    question = understood(InvoiceRequest, json_of(data, "question"))
    return await _checked(request, lang, question, upload.data, upload.name)


@router.post(
    "/certificates/check",
    **described(
        "check_certificates",
        "verdicts",
        "CertificateReport",
        "Is that certificate valid on a day?",
        several=True,
    ),
)
async def certificates(question: CertificateAnswerRequest, request: Request, lang: Lang = None) -> Response:
    """Reads what API Entreprise (v3, v2), OPQIBI or Agence BIO answered; several answers give a list (207)."""
    asked_alone = CertificateRequest(**question.model_dump(mode="json", exclude={"answer"}))
    with _in_place_of_a_file("answer"):
        return await _checked(request, lang, asked_alone, json_bytes(question.answer), "answer")


@router.post(
    "/certificates/list",
    **described(
        "list_certificates", "verdicts", "FirmsCheck", "Where do the certificates of many firms stand?"
    ),
)
async def firms(question: CertificateAnswersRequest, request: Request, lang: Lang = None) -> Response:
    """A line for each firm, what ends soon, and whether each candidate brings what a tender requires."""
    asked_alone = CertificatesRequest(**question.model_dump(mode="json", exclude={"answers", "sirens"}))
    listed, brought = question.brought()
    workers, voice = request.app.state.workers, language_of(request, lang)
    with _in_place_of_a_file("answers"):
        check = await firms_apart(
            workers, asked_alone, service_of(request), listed=listed, brought=brought, voice=voice
        )
    return answered(check)


@contextmanager
def _in_place_of_a_file(field: str) -> Iterator[None]:
    """Blame the field of a question where a file would be."""
    try:
        yield
    except RefusedError as refused:
        wrong = [item._replace(field=field) if item.field == "file" else item for item in refused.wrong]
        raise RefusedError(wrong, refused.status) from None


async def _checked(
    request: Request, lang: str | None, question: ProgramRequest, data: bytes, name: str
) -> Response:
    """The verdicts on a file, as JSON: one alone, or several as a list, which the status tells apart."""
    answers = await read_apart(request, question, data, name=name, voice=language_of(request, lang))
    return answered(answers[0]) if len(answers) == 1 else answered(answers, HTTPStatus.MULTI_STATUS)


async def read_apart(
    request: Request, question: ProgramRequest, data: bytes, *, name: str, voice: Language
) -> list[Json]:
    """The verdicts on a file, by a worker of this server.

    Raises:
        RefusedError: what the worker refused, or a file that made it run out of time or memory.
    """
    workers = request.app.state.workers
    longer = request.scope[LONGER]
    return await checked_apart(
        workers, question, service_of(request), data, name=name, voice=voice, longer=longer
    )


@router.get("/schedules", **described("schedules", "facts", "Schedules", "Which fee schedules are known?"))
async def schedules(request: Request, lang: Lang = None) -> Response:
    """Every edition of the fee schedule at hand, with its sources."""
    voice = Voice(language=language_of(request, lang).name)
    content = SchedulesShape.written(service_of(request).tables, voice)
    return lasting(request, json_bytes(content), "application/json")


@router.get(
    "/nomenclature",
    **described("nomenclature", "facts", "Nomenclature", "Which qualification bears that code or name?"),
)
async def nomenclature(request: Request, q: Words = "") -> Response:
    """Those whose code, name or rubric holds every word, accents and case aside; `rge`: those that are."""
    found = service_of(request).tables.nomenclature.search(q)
    content = NomenclatureShape.written(FoundEntries(tuple(found)), Voice())
    return lasting(request, json_bytes(content), "application/json")


health_router = APIRouter()


@health_router.get("/health", **described("health", "server", "Health", "Is the server there?"))
async def health() -> Response:
    """For a supervisor; needs no token."""
    return answered(HealthShape.written(Health("ok", __version__), Voice()))
