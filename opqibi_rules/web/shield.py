"""What stands before every route: names, token, other sites, sizes, time, numbers, and the headers of safety.

One plain ASGI layer. What it refuses never reaches a route, and nothing that a caller sent is written to a
log: an unforeseen error is logged by its kind and its place in the code alone.
"""

import asyncio
import hmac
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opqibi_rules.desk.faults import described
from opqibi_rules.desk.queue import TURN, Turn
from opqibi_rules.web.pages import CERTIFICATE, CERTIFICATES, EMBED, INVOICE, LOCAL
from opqibi_rules.web.problems import problem
from opqibi_rules.web.settings import COOKIE, Settings

LOG = logging.getLogger("opqibi_rules.web")

UPLOADS = frozenset(
    {
        "/api/invoices/check",
        "/api/certificates/check",
        "/api/certificates/list",
        *INVOICE.addresses.values(),
        *CERTIFICATE.addresses.values(),
        *CERTIFICATES.addresses.values(),
    }
)

_FRAMED = frozenset(EMBED.addresses.values())
_FRAMING = "/static/embed.js"
_OPEN = frozenset({"/health", "/docs"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
_HEADERS = {
    "content-security-policy": f"{_POLICY}'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # « no-referrer » would make a browser send « Origin: null » with our own forms.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_OF_PROGRAMS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
"""What is left of them for an answer that is no page: nothing of it is shown, framed or followed."""
_BY_PROXY = {"forwarded", "via", "x-forwarded-for", "x-real-ip"}

_Refusal = tuple[int, Mapping[str, str]]
Refuse = Callable[[int, Mapping[str, str]], Awaitable[None]]
_NO_TOKEN: _Refusal = 401, {"WWW-Authenticate": "Bearer"}
_PACKED: _Refusal = 415, {"Accept-Encoding": "identity"}
_BUSY: _Refusal = 503, {"Retry-After": "1"}


WHOLE = "opqibi.whole"
"""The extension by which a server says that a body is all here: its time needs no count."""
LONGER = "opqibi.longer"
"""Where a route finds what gives it more seconds: for a document that is read by its pictures."""
_TO_ANSWER = 5.0
_OLD = 4
"""The version of IP whose every address is a caller's own."""


class Shield:
    """The ASGI application ``app``, kept from what it should not see."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.headers = _written(_HEADERS)
        self.of_programs = _written(_OF_PROGRAMS)
        self.serving = 0
        self.uploading = Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no route speaks over a web socket
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        scope[LOCAL] = self.settings.local and not _BY_PROXY & headers.keys()
        answer = _Answer(
            send, self._headers(scope["path"]), kept=_kept(scope), bare=scope["method"] == "HEAD"
        )
        if answer.bare:
            scope = {**scope, "method": "GET"}  # the same answer, whose body stays here

        async def refuse(status: int, more: Mapping[str, str]) -> None:
            await problem(scope, status, headers=more)(scope, receive, answer.send)

        upload = scope["method"] == "POST" and scope["path"] in UPLOADS
        limit = self.settings.largest_body if upload else self.settings.largest_question
        if (refusal := self._refusal(scope, headers, limit)) is None:
            bounded = _bounded(receive, limit)
            if upload:
                await self._uploaded(scope, bounded, answer, refuse)
            else:
                await self._asked(scope, bounded, answer, refuse)
        elif refusal is _NO_TOKEN and self._invited(scope):
            await _enter(scope, answer.send, _asked_token(scope))
        else:
            if refusal is _NO_TOKEN and self._guessed(scope, headers):
                await asyncio.sleep(self.settings.wrong_token_seconds)
            await refuse(*refusal)

    def _headers(self, path: str) -> tuple[tuple[bytes, bytes], ...]:
        """The headers of safety; what another site may show is opened to those sites alone."""
        if self.settings.frames and path in _FRAMED:
            sites = " ".join(self.settings.frames)
            framed = {**_HEADERS, "content-security-policy": _POLICY + sites}
            framed.pop("x-frame-options")  # it knows no list of sites
            return _written(framed)
        if self.settings.frames and path == _FRAMING:
            return _written({**_HEADERS, "cross-origin-resource-policy": "cross-origin"})
        return self.of_programs if path.startswith("/api/") else self.headers

    async def _uploaded(self, scope: Scope, receive: Receive, answer: "_Answer", refuse: Refuse) -> None:
        """A file comes in, then waits for a worker: in a lane of its own, however slowly."""
        client, most = _client(scope), self.settings.uploads_at_once
        # Nobody takes all the places.
        if self.uploading.total() >= most or self.uploading[client] >= max(1, most * 3 // 4):
            await refuse(*_BUSY)
            return
        self.uploading[client] += 1
        try:
            await self._served(scope, receive, answer, refuse)
        finally:
            self.uploading -= Counter([client])  # which forgets a client of none

    async def _asked(self, scope: Scope, receive: Receive, answer: "_Answer", refuse: Refuse) -> None:
        """A question: its body first, so that one who sends it slowly takes nobody's place."""
        if scope["method"] != "GET":
            try:
                if WHOLE in scope.get("extensions", ()):
                    receive = await _whole(receive)
                else:
                    async with asyncio.timeout(self.settings.body_seconds):
                        receive = await _whole(receive)
            except TimeoutError:
                await refuse(408, {"Connection": "close"})
                return
            except HTTPException as error:
                await refuse(error.status_code, {})
                return
        if self.serving >= self.settings.at_once and scope["path"] != "/health":
            await refuse(*_BUSY)
            return
        self.serving += 1
        try:
            await self._served(scope, receive, answer, refuse)
        finally:
            self.serving -= 1

    async def _served(self, scope: Scope, receive: Receive, answer: "_Answer", refuse: Refuse) -> None:
        """The routes, in their time; nothing that happens in one may reach a log with its content."""
        try:
            async with asyncio.timeout(self.settings.seconds) as limit:

                def longer(seconds: float) -> None:
                    limit.reschedule(asyncio.get_running_loop().time() + seconds + _TO_ANSWER)

                scope[LONGER] = longer
                turn = TURN.set(Turn(_client(scope), longer))
                try:
                    await self.app(scope, receive, answer.send)
                finally:
                    TURN.reset(turn)  # its task would hold itself, and be let go at a collection alone
        except Exception as error:  # noqa: BLE001 - as above
            late = isinstance(error, TimeoutError)
            if not late:
                LOG.error(described(error))  # noqa: TRY400 - a trace may quote the caller
            if not answer.begun:
                await refuse(504 if late else 500, {})

    def _refusal(self, scope: Scope, headers: dict[str, str], limit: int) -> _Refusal | None:
        """The status and the headers that refuse a call before any route; ``None``: all is well."""
        if (status := self._stranger(scope, headers)) is not None:
            return status, {}
        if self.settings.tokens and not self._known(scope, headers):
            return _NO_TOKEN
        if headers.get("content-encoding", "identity") != "identity":
            return _PACKED  # unpacked, a body has no bound
        return (413, {}) if _length(headers) > limit else None

    def _stranger(self, scope: Scope, headers: dict[str, str]) -> int | None:
        """The status that refuses a wrong name, or the page of another site; ``None``: all is well."""
        name = _name(headers.get("host", ""))
        if "*" not in self.settings.hosts and name not in self.settings.hosts:
            return 421
        origin = headers.get("origin")
        if origin is None or scope["method"] in {"GET", "HEAD", "OPTIONS"} or origin in self.settings.origins:
            return None
        return None if urlsplit(origin).netloc == headers.get("host") else 403

    def _invited(self, scope: Scope) -> bool:
        """The token stands in the address."""
        return scope["method"] == "GET" and self._right(_asked_token(scope))

    def _guessed(self, scope: Scope, headers: dict[str, str]) -> bool:
        """A token was presented, that is none of ours."""
        cookie = f"{COOKIE}=" in headers.get("cookie", "")
        return cookie or "authorization" in headers or bool(_asked_token(scope))

    def _right(self, given: str) -> bool:
        return sum(_same(given, token) for token in self.settings.tokens) > 0  # all of them, in equal time

    def _known(self, scope: Scope, headers: dict[str, str]) -> bool:
        path = scope["path"]
        # How a page looks, and what a refusal means, are open to all; so is a simulator shown by other sites.
        # Neither the API nor the tabs are.
        if path in _OPEN or path.startswith("/static/") or (self.settings.frames and path in _FRAMED):
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._right(given.strip())  # a wrong one is told, whatever a cookie says
        # Read by hand: a malformed cookie of another server of this machine must not hide ours.
        cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        return any(name == COOKIE and self._right(unquote(value)) for name, _, value in cookies)


class _Answer:
    """The way out: adds the headers of safety, and knows whether the answer has begun."""

    def __init__(
        self, send: Send, headers: Iterable[tuple[bytes, bytes]], *, kept: bytes, bare: bool = False
    ) -> None:
        self.out, self.headers = send, headers
        self.bare = bare
        self.begun = False
        self.kept = (b"cache-control", kept)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = [*message["headers"], *self.headers]
            if all(name != self.kept[0] for name, _ in headers):
                headers.append(self.kept)
            message = {**message, "headers": headers}
        elif self.bare:
            message = {**message, "body": b""}
        await self.out(message)


def _kept(scope: Scope) -> bytes:
    """How long an answer may be kept, where its route does not say."""
    if scope["path"].startswith("/static/"):
        return b"max-age=3600"
    if scope["method"] == "POST" and not scope["path"].startswith("/api/"):
        return b"private, no-cache"  # « Back » shows the verdict again: its files would have to be sent anew
    return b"no-store"


def _client(scope: Scope) -> str:
    """Who calls."""
    return _caller((scope.get("client") or ("",))[0])


@lru_cache(maxsize=1024)
def _caller(host: str) -> str:
    """Its address, or the network that a home or a firm has of IPv6."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(address) if address.version == _OLD else str(address.exploded[:19])


def _written(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


def _bounded(receive: Receive, limit: int) -> Receive:
    """The way in, up to ``limit`` bytes, whatever the length announced."""
    left = limit

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)  # the one kind that FastAPI lets through while it reads a body
        return message

    return bounded


async def _whole(receive: Receive) -> Receive:
    """A way in that gives the body, already here, in one piece."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return receive
        body += message.get("body", b"")
        more = message.get("more_body", False)
    first: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

    async def given() -> Message:
        return first.pop() if first else await receive()

    return given


def _length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


def _name(host: str) -> str:
    """``Host`` without its port, the brackets of an IPv6 address kept."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8", "replace"))


def _asked_token(scope: Scope) -> str:
    return dict(_parameters(scope)).get("token", "")


def _parameters(scope: Scope) -> Iterable[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


async def _enter(scope: Scope, send: Send, token: str) -> None:
    """The token came in an address: keep it in a cookie, and take it out of the address bar."""
    rest = urlencode([(name, value) for name, value in _parameters(scope) if name != "token"])
    address = "/" + quote(scope["path"].lstrip("/\\")) + (f"?{rest}" if rest else "")  # of this site alone
    # Lax: a link to a page, followed from a mail or an intranet, finds its reader known.
    cookie = f"{COOKIE}={quote(token, safe='')}; Path=/; HttpOnly; SameSite=Lax"
    if scope.get("scheme") == "https":
        cookie += "; Secure"
    headers = [
        (b"location", address.encode("ascii")),
        (b"set-cookie", cookie.encode("ascii")),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
