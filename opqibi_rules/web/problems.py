"""A refusal in its form for a program: problem+json (RFC 9457), with each field and the reason."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from fastapi import Response

from opqibi_rules.desk.refusals import Wrong
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Shape, Voice


def json_bytes(content: object) -> bytes:
    """JSON as it leaves: UTF-8; a lone surrogate that came in goes out as its escape."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


_TITLES = {
    400: Message("The request cannot be read."),
    401: Message("A token is needed."),
    403: Message("Refused: the call comes from another site."),
    404: Message("There is nothing at this address."),
    405: Message("This address does not answer to that method."),
    413: Message("The body is too large."),
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
    status: int,
    language: Language,
    wrong: Sequence[Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what is wrong, in the caller's language."""
    title = _TITLES.get(status, Message("{problem}", problem=HTTPStatus(status).phrase))
    reasons = [item.reason for item in wrong] or [title]
    detail = " ".join(map(language.say, reasons))
    told = Problem(f"/docs#problem-{status}", title, status, detail, wrong)
    content = ProblemShape.written(told, Voice(language.say, language.name))
    return Response(json_bytes(content), status, dict(headers or {}), "application/problem+json")
