"""What stands before every route: names, token, other sites, sizes, time, numbers, headers, logs."""

import asyncio
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
    return TestClient(create_app(Settings(**settings)), base_url=base)


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
        assert headers["cache-control"] == ("max-age=3600" if path.startswith("/static/") else "no-store")


def test_a_token_is_needed_and_never_shown() -> None:
    client = opened(token=TOKEN)
    assert client.get("/health").status_code == 200
    refused = client.get("/")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    for given in ("Bearer wrong", f"Basic {TOKEN}", "Bearer", "Bearer é"):
        assert client.get("/", headers=[(b"Authorization", given.encode())]).status_code == 401
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/?token=wrong").status_code == 401
    assert client.get("/", headers={"Cookie": "opqibi_token=wrong; a@b=c"}).status_code == 401


def test_a_token_in_an_address_leaves_it() -> None:
    client = opened(token=TOKEN)
    entered = client.get("/", params={"token": TOKEN, "t1": "5"}, follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/?t1=5")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.get("/?t1=5").status_code == 200  # by the cookie
    kept = cookie.partition(";")[0]
    assert opened(token=TOKEN).get("/", headers={"Cookie": f"a@b=c; {kept}"}).status_code == 200


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
