"""What stands before every route: names, token, other sites, sizes, time, numbers, headers, logs."""

import asyncio
import gc
import logging
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from opqibi_rules.web.shield import Shield

HERE = "http://127.0.0.1"
QUESTION = {"tariffs": {"1": 1}}
TOKEN = "a token of some length"


def opened(base: str = HERE, **settings: Any) -> TestClient:
    return TestClient(create_app(Settings(wrong_token_seconds=0, **settings)), base_url=base)


def test_only_its_own_names_are_answered() -> None:
    client = opened()
    for name in ("127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:8000"):
        assert client.get("/health", headers={"Host": name}).status_code == 200
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::2]"):
        answer = client.get("/", headers={"Host": name})
        assert answer.status_code == 421
        assert "OPQIBI" not in answer.text
    assert opened(hosts=("*",)).get("/health", headers={"Host": "any.example"}).status_code == 200


def test_the_page_of_another_site_is_refused() -> None:
    client = opened(origins=("https://accounts.example",))
    for origin, status in (
        ("http://127.0.0.1", 200),
        ("https://accounts.example", 200),
        ("http://evil.example", 403),
        ("null", 403),
    ):
        assert client.post("/api/quote", json=QUESTION, headers={"Origin": origin}).status_code == status


def test_no_other_site_reads_an_answer_unless_configured() -> None:
    asked = {"Origin": "https://accounts.example"}
    assert "access-control-allow-origin" not in opened().get("/api/schedules", headers=asked).headers
    told = opened(origins=("https://accounts.example",)).get("/api/schedules", headers=asked)
    assert told.headers["access-control-allow-origin"] == "https://accounts.example"


def test_every_answer_bears_the_headers_of_safety() -> None:
    client = opened()
    for path in (
        "/",
        "/en/plan",
        "/api/schedules",
        "/docs",
        "/nothing",
        "/static/page.js",
        "/static/nothing",
    ):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        kept = {"/static": "max-age=3600", "/api": "private, no-cache", "/docs": "private, no-cache"}
        assert headers["cache-control"] == kept.get(
            path[: path.find("/", 1)] if "/" in path[1:] else path, "no-store"
        )


def test_a_verdict_may_be_gone_back_to() -> None:
    """A page that answers files is kept by who sent them, and asked for again by nobody; the API's is not kept."""
    client = opened()
    assert client.post("/facture").headers["cache-control"] == "private, no-cache"
    assert client.get("/facture").headers["cache-control"] == "no-store"
    assert client.post("/api/quote", json=QUESTION).headers["cache-control"] == "no-store"


def test_a_token_is_needed_and_never_shown() -> None:
    client = opened(tokens=(TOKEN,))
    assert client.get("/health").status_code == 200
    refused = client.get("/")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    for given in ("Bearer wrong", f"Basic {TOKEN}", "Bearer", "Bearer é"):
        assert client.get("/", headers=[(b"Authorization", given.encode())]).status_code == 401
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/?token=wrong").status_code == 401
    assert client.get("/", headers={"Cookie": "opqibi_token=wrong; a@b=c"}).status_code == 401


def test_who_guesses_a_token_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def pass_the_time(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("opqibi_rules.web.shield.asyncio.sleep", pass_the_time)
    client = TestClient(create_app(Settings(tokens=(TOKEN,))), base_url=HERE)
    client.get("/")
    client.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert waited == []
    for address, headers in (
        ("/", {"Authorization": "Bearer wrong"}),
        ("/?token=wrong", {}),
        ("/", {"Cookie": "opqibi_token=wrong"}),
    ):
        assert client.get(address, headers=headers).status_code == 401
    assert waited == [1, 1, 1]


def test_only_who_sits_at_this_machine_is_told_that_nothing_leaves_it() -> None:
    for client, headers, true in (
        (opened(local=True), {}, True),
        (opened(local=True), {"X-Forwarded-For": "192.0.2.1"}, False),  # a proxy shows it to others
        (opened(), {}, False),
    ):
        page = client.get("/en", headers=headers).text
        assert ("Nothing you type leaves this machine" in page) is true
        assert ("What you type goes to this server alone" in page) is not true


def test_who_has_no_token_may_read_what_that_means() -> None:
    """The page that refuses has its looks, and the address of the problem's type answers."""
    client = opened(tokens=(TOKEN,))
    told = client.get("/api/schedules").json()
    assert (told["status"], told["type"]) == (401, "/docs#problem-401")
    assert 'id="problem-401"' in client.get("/docs").text
    assert client.get("/static/page.css").status_code == 200
    assert {client.get(path).status_code for path in ("/", "/plan", "/openapi.json", "/api/schedules")} == {
        401
    }
    both = {"Cookie": f"opqibi_token={TOKEN}".replace(" ", "%20")}
    assert client.get("/", headers=both).status_code == 200
    assert client.get("/", headers={**both, "Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),  # as browsers ask
        ("text/html;q=0.1, application/json", "application/problem+json"),
        ("application/json;q=0.5, text/html;q=0.6", "text/html"),
        ("text/html;q=0", "application/problem+json"),
        ("*/*", "application/problem+json"),
    ],
)
def test_a_refusal_comes_in_the_form_preferred(accepted: str, kind: str) -> None:
    answer = opened().get("/nothing", headers={"Accept": accepted})
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_a_packed_body_is_refused_for_what_it_is() -> None:
    answer = opened().post("/api/quote", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


def test_a_token_in_an_address_leaves_it() -> None:
    client = opened(tokens=(TOKEN,))
    entered = client.get("/", params={"token": TOKEN, "t1": "5"}, follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/?t1=5")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/?t1=5").status_code == 200  # by the cookie
    kept = cookie.partition(";")[0]
    assert opened(tokens=(TOKEN,)).get("/", headers={"Cookie": f"a@b=c; {kept}"}).status_code == 200


def test_a_body_that_is_too_large_is_not_read() -> None:
    client = opened(largest_question=100, largest_body=200)
    assert client.post("/api/quote", content=b" " * 101).status_code == 413
    assert client.post("/api/invoices/check", content=b" " * 101).status_code == 415  # read, and no form
    assert client.post("/api/invoices/check", content=b" " * 201).status_code == 413

    def endless() -> Any:
        for _ in range(10):
            yield b" " * 50  # no length is announced

    assert client.post("/api/quote", content=endless()).status_code == 413


async def _called(app: Any, path: str = "/") -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"lang=en",
        "headers": [(b"host", b"localhost")],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def test_what_takes_too_long_is_stopped() -> None:
    async def slow(*_: Any) -> None:
        await asyncio.sleep(30)

    shield = Shield(slow, Settings(seconds=0.05))
    (start, _) = asyncio.run(_called(shield))
    assert start["status"] == 504
    assert shield.serving == 0


def test_too_many_at_once_are_told_to_come_back() -> None:
    held = asyncio.Event()

    async def waits(_scope: Any, _receive: Any, send: Any) -> None:
        await held.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def crowd() -> list[int]:
        shield = Shield(waits, Settings(at_once=2))
        first = [asyncio.create_task(_called(shield)) for _ in range(2)]
        await asyncio.sleep(0)
        third = await _called(shield)
        assert (b"retry-after", b"1") in third[0]["headers"]
        held.set()
        return [third[0]["status"], *[(await task)[0]["status"] for task in first]]

    assert asyncio.run(crowd()) == [503, 200, 200]


def test_nothing_of_a_caller_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(*_: Any) -> None:
        raise ValueError("the turnover of the caller")

    with caplog.at_level(logging.DEBUG):
        (start, body) = asyncio.run(_called(Shield(breaks, Settings())))
    assert start["status"] == 500
    assert b"turnover" not in body["body"]
    assert "turnover" not in caplog.text
    assert "ValueError" in caplog.text


def test_an_answer_already_begun_is_left_as_it_is() -> None:
    async def breaks(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("too late")

    assert [message["type"] for message in asyncio.run(_called(Shield(breaks, Settings())))] == [
        "http.response.start"
    ]


def test_no_web_socket_is_opened() -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("a route was reached")

    async def nothing(*_: Any) -> dict[str, Any]:
        return {}

    asyncio.run(Shield(never, Settings())({"type": "websocket"}, nothing, nothing))  # type: ignore[arg-type] # never called


def test_the_application_stands_alone() -> None:
    assert isinstance(create_app(), FastAPI)


PEOPLE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "fr"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("PUT", "/plan", 405), ("GET", "/quote.pdf", 422), ("POST", "/facture", 413)],
)
def test_people_get_pages_and_programs_json(method: str, path: str, status: int) -> None:
    client = opened(largest_body=100)
    content = b" " * 101 if status == 413 else None
    page = client.request(method, path, headers=PEOPLE, content=content)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert '<html lang="fr">' in page.text
    assert 'href="/"' in page.text
    told = client.request(method, path, headers={"Accept": "*/*"}, content=content)
    assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json")
    assert f'id="{told.json()["type"].partition("#")[2]}"' in client.get("/docs").text


def test_a_page_that_is_refused_speaks_its_own_language() -> None:
    client = opened(tokens=(TOKEN,))
    assert '<html lang="en">' in client.get("/en/plan", headers=PEOPLE).text
    assert '<html lang="fr">' in client.get("/plan", headers={**PEOPLE, "Accept-Language": "en"}).text
    assert client.get("/api/schedules", headers=PEOPLE).json()["status"] == 401


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("en;q=0.1, fr;q=0.9", "fr"),
        ("en-GB,fr;q=0.8", "en"),
        ("de, en;q=0.5", "en"),
        ("fr;q=0, en", "en"),
        ("", "fr"),
    ],
)
def test_the_language_preferred(accepted: str, lang: str) -> None:
    answer = opened().get("/nothing", headers={"Accept": "text/html", "Accept-Language": accepted})
    assert f'<html lang="{lang}">' in answer.text


def test_a_site_allowed_may_call_with_the_token() -> None:
    """A browser first asks leave, without its token, then must be able to read a refusal too."""
    client = opened(tokens=(TOKEN,), origins=("https://accounts.example",))
    asked = {
        "Origin": "https://accounts.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    leave = client.options("/api/quote", headers=asked)
    assert leave.status_code == 200
    assert "authorization" in leave.headers["access-control-allow-headers"].lower()
    assert (
        client.options("/api/quote", headers={**asked, "Origin": "https://evil.example"}).status_code == 400
    )
    bearer = {"Origin": "https://accounts.example", "Authorization": f"Bearer {TOKEN}"}
    right = client.post("/api/quote", json=QUESTION, headers=bearer)
    assert (right.status_code, right.headers["access-control-allow-origin"]) == (
        200,
        "https://accounts.example",
    )
    refused = client.post("/api/quote", json=QUESTION, headers={"Origin": "https://accounts.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (
        401,
        "https://accounts.example",
    )


@pytest.mark.parametrize("path", ["//evil.example/", "/%0d%0aSet-Cookie:%20x=1/", "/%5c%5cevil.example"])
def test_a_token_leads_nowhere_else(path: str) -> None:
    answer = opened(tokens=(TOKEN,)).get(f"{HERE}{path}?token={TOKEN}", follow_redirects=False)
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/")
    assert location[1:2] not in {"/", "\\"}
    assert "\n" not in location
    assert "x" not in answer.cookies


def test_a_cookie_stays_on_a_safe_connection() -> None:
    safe = opened("https://127.0.0.1", tokens=(TOKEN,)).get(
        "/", params={"token": TOKEN}, follow_redirects=False
    )
    assert "; Secure" in safe.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/en/plan", "/health", "/api/schedules", "/docs", "/static/page.js"])
def test_the_head_of_an_answer_is_its_own(path: str) -> None:
    client = opened()
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_an_answer_leaves_nothing_behind_that_only_a_collection_frees() -> None:
    """What does is kept until there is much of it, and all callers wait while it is looked for."""
    app = create_app(Settings())
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/health",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 5000),
    }

    async def nothing(_: Any = None) -> Any:
        return {"type": "http.disconnect"}

    async def forgotten(times: int) -> int:
        gc.collect()
        for _ in range(times):
            await asyncio.create_task(app(dict(scope), nothing, nothing))
        return gc.collect()

    async def counted() -> int:
        await forgotten(5)  # what is made once
        gc.disable()
        try:
            return await forgotten(50)
        finally:
            gc.enable()

    assert asyncio.run(counted()) < 50
