"""A refusal in its form for a program: problem+json (RFC 9457), with each field and the reason."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from fastapi import Request, Response
from pydantic_core import PydanticSerializationError, to_json
from starlette.datastructures import Headers
from starlette.types import Scope

from opqibi_rules.desk.refusals import Wrong
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Shape, Voice
from opqibi_rules.web.languages import SPOKEN, language_of
from opqibi_rules.web.pages import TABS, Tab, render

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_bytes(content: object) -> bytes:
    """JSON as it leaves: UTF-8; a lone surrogate that came in goes out as its escape."""
    try:
        return to_json(content)
    except PydanticSerializationError:  # it knows no such surrogate
        return _ENCODER.encode(content).encode("utf-8", "backslashreplace")


TITLES = {
    400: Message("The request cannot be read."),
    401: Message("A token is needed."),
    403: Message("Refused: the call comes from another site."),
    404: Message("There is nothing at this address."),
    405: Message("This address does not answer to that method."),
    408: Message("The question did not come in whole in time."),
    413: Message("What was sent is too large; a file may weigh 20 MB."),
    415: Message("The body is not of the kind expected."),
    421: Message("This server does not answer to that name."),
    422: Message("The question cannot be answered as it stands."),
    500: Message("The server made a mistake; nothing was kept."),
    503: Message("The server is busy; ask again in a moment."),
    504: Message("It took too long, and was stopped."),
}


class Problem(NamedTuple):
    """Why there is no answer."""

    type: str
    title: Message
    status: int
    detail: str
    errors: Sequence[Wrong]


class WrongShape(Shape, of=Wrong):
    """One thing that is wrong."""

    field: str | None
    """Its place in the question, as `qualifications[0]`; null where the question as a whole is meant."""
    reason: Message


class ProblemShape(Shape, of=Problem):
    """Why there is no answer (RFC 9457)."""

    type: str
    title: Message
    status: int
    detail: str
    errors: tuple[WrongShape, ...]


def problem(
    scope: Scope, status: int, wrong: Sequence[Wrong] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that says what is wrong, in the caller's language: a page to people, problem+json to programs."""
    accepted = Headers(scope=scope)
    title = TITLES.get(status, Message("{problem}", problem=HTTPStatus(status).phrase))
    reasons = [item.reason for item in wrong] or [title]
    if is_read_by_people(scope):
        tab = next((tab for tab in TABS if scope["path"] in tab.addresses.values()), None)
        voice = _spoken(scope, tab, accepted.get("accept-language", ""))
        context = {"tab": tab.name if tab else "", "title": title, "status": status, "reasons": reasons}
        page = render(Request(scope), "problem.html", voice, context, status)
        page.headers.update(headers or {})
        return page
    language = language_of(scope["query_string"], accepted.get("accept-language", ""))
    if len(wrong) > 1:
        reasons = [_placed(item) for item in wrong]
    detail = " ".join(map(language.say, reasons))
    told = Problem(f"/docs#problem-{status}", title, status, detail, wrong)
    content = ProblemShape.written(told, Voice(language.say, language.name))
    return Response(json_bytes(content), status, dict(headers or {}), "application/problem+json")


def _placed(item: Wrong) -> Message:
    """What is wrong, with where: of several, each needs it."""
    if item.field is None:
        return item.reason
    return Message("{field}: {problem}", field=item.field, problem=item.reason)


def is_read_by_people(scope: Scope) -> bool:
    """A browser that goes to an address asks for a page; a script, or a program, for what it can read."""
    weights = dict(_weighed(Headers(scope=scope).get("accept", "")))
    page = weights.get("text/html", 0)
    data = max((weight for kind, weight in weights.items() if kind.endswith("json")), default=0)
    return page > 0 and page >= data and not scope["path"].startswith("/api/")


def _weighed(accepted: str) -> Iterator[tuple[str, float]]:
    """The kinds that ``Accept`` names, each with its weight (RFC 9110, 12.4.2)."""
    for part in accepted.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [re.fullmatch(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)", item) for item in parameters]
        yield kind, next((float(found[1]) for found in weights if found), 1.0)


def _spoken(scope: Scope, tab: Tab | None, accepted: str) -> Language:
    """The language of the page that was asked for."""
    if tab is not None:
        return SPOKEN[next(lang for lang, address in tab.addresses.items() if address == scope["path"])]
    return language_of(scope["query_string"], accepted)
