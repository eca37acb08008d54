"""The HTTP API: each question to its answer, as JSON."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

import opqibi_rules
from opqibi_rules.formats.language import Language
from opqibi_rules.web.answers import HealthAnswer, NomenclatureAnswer, Problem, QuoteAnswer, SchedulesAnswer
from opqibi_rules.web.problems import json_bytes
from opqibi_rules.web.questions import Desk, QuoteQuestion, ask_quote
from opqibi_rules.web.voices import MACHINE, chosen

router = APIRouter(prefix="/api")

Lang = Annotated[str | None, Query(pattern="^(fr|en)$", description="Language of the sentences.")]
Words = Annotated[str, Query(max_length=100, description="A code, or words of the name; empty: all.")]


def described(model: Any, summary: str, **more: Any) -> dict[str, Any]:
    """What ``/openapi.json`` says of a route."""
    problems = {status: _PROBLEM for status in (400, 403, 413, 422, 503, 504)}
    return {
        "summary": summary,
        "response_class": Response,
        "responses": {200: {"model": model, "description": "The answer."}, **problems},
        **more,
    }


_PROBLEM: dict[str, Any] = {
    "description": "No answer: what is wrong, field by field.",
    "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
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
    return answered(ask_quote(question, desk_of(request)).to_dict(voice.say, language=voice.name))


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
