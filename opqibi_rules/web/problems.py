"""A refusal in its form for a program: problem+json (RFC 9457), with each field and the reason."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Response

from opqibi_rules.desk.refusals import Wrong
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language


def json_bytes(content: Any) -> bytes:
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


def problem(
    status: int,
    language: Language,
    wrong: Sequence[Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what is wrong, in the caller's language."""
    title = language.say(_TITLES.get(status, Message("{problem}", problem=HTTPStatus(status).phrase)))
    errors = [{"field": item.field, "reason": language.say(item.reason)} for item in wrong]
    content: dict[str, Any] = {"type": f"/docs#problem-{status}", "title": title, "status": status}
    if errors:
        content["detail"] = " ".join(error["reason"] or "" for error in errors)
        content["errors"] = errors
    return Response(json_bytes(content), status, dict(headers or {}), "application/problem+json")
