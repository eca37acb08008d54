"""A page that takes its time: meanwhile its reader sees how many are before him, without any script.

It is sent as it comes: its head at once, a line each time the place changes, its content at the end. The style sheet
hides each line as soon as anything follows it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from markupsafe import escape

from opqibi_rules.desk.faults import described
from opqibi_rules.desk.queue import TURN, Turn
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.language import Language
from opqibi_rules.web.pages import TABS, Page, render
from opqibi_rules.web.problems import is_read_by_people, problem

LOG = logging.getLogger("opqibi_rules.web")
SOON = 1.0
"""Seconds within which a page comes in one piece."""
_STEP = 0.5
_MAIN = b'<main id="main"'


def shown_waiting(page: Page) -> Page:
    """The page, if it comes soon; else the page as it comes, for a program waits for its status."""

    async def shown(voice: Language, request: Request) -> Response:
        answer = asyncio.ensure_future(page(voice, request))
        try:
            await asyncio.wait({answer}, timeout=SOON)
        except BaseException:
            answer.cancel()
            raise
        if answer.done() or not is_read_by_people(request.scope):
            return await answer
        pieces = _as_it_comes(voice, request, answer, TURN.get() or Turn())
        return StreamingResponse(pieces, media_type="text/html; charset=utf-8")

    return shown


async def _as_it_comes(
    voice: Language, request: Request, answer: asyncio.Future[Response], turn: Turn
) -> AsyncIterator[bytes]:
    try:
        head, _ = _parted(render(request, "waiting.html", voice, {"tab": _tab(request)}))
        yield head
        shown: Message | None = None
        while not answer.done():
            if (place := _place(turn.before)) != shown:
                shown = place
                yield f'<p class="waiting" role="status">{escape(voice.say(place))}</p>\n'.encode()
            await asyncio.wait({answer}, timeout=_STEP)
        yield _parted(_whole(request, answer))[1]
    finally:
        answer.cancel()


def _whole(request: Request, answer: asyncio.Future[Response]) -> Response:
    """The page, or the one that says why there is none: the status has left already."""
    try:
        return answer.result()
    except Exception as error:  # noqa: BLE001 - nothing that happens may reach a log with its content
        LOG.error(described(error))  # noqa: TRY400 - a trace may quote the caller
        return problem(request.scope, 500)


def _tab(request: Request) -> str:
    return next(tab.name for tab in TABS if request.url.path in tab.addresses.values())


def _place(before: int) -> Message:
    if not before:
        return Message("Your file is being read.")
    return plural("{n} file before yours.", "{n} files before yours.", n=before)


def _parted(page: Response) -> tuple[bytes, bytes]:
    """A page until its content, and from there on."""
    data = bytes(page.body)
    at = data.index(b">", data.index(_MAIN)) + 1
    return data[:at], data[at:]
