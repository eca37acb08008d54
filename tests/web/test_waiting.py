"""Many files at once: a page that waits shows its place, the others are served, nobody takes all the places."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from opqibi_rules.desk import queue
from opqibi_rules.desk.requests import InvoiceRequest
from opqibi_rules.web import waiting
from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from opqibi_rules.web.shield import Shield
from tests.web.test_api import EXPECTED, INVOICE


def naps(_question: dict[str, Any], _data: bytes) -> dict[str, Any]:
    time.sleep(0.4)
    return {"wrong": [{"field": "file", "reason": "It was read."}]}


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: dict[Any, str] = {InvoiceRequest: "tests.web.test_waiting:naps"}
    monkeypatch.setattr("opqibi_rules.desk.readings.TASKS", tasks)
    monkeypatch.setattr("opqibi_rules.desk.invoice_page.TASK", "tests.web.test_waiting:naps")
    monkeypatch.setattr(waiting, "SOON", 0.1)
    monkeypatch.setattr(waiting, "_STEP", 0.05)


def form() -> bytes:
    question = json.dumps(EXPECTED).encode()
    return (
        b'--cut\r\nContent-Disposition: form-data; name="file"; filename="F1.csv"\r\n\r\n' + INVOICE + b"\r\n"
        b'--cut\r\nContent-Disposition: form-data; name="t1"\r\n\r\n5\r\n'
        b'--cut\r\nContent-Disposition: form-data; name="question"\r\n\r\n' + question + b"\r\n--cut--\r\n"
    )


async def sent(app: Any, path: str, client: str = "192.0.2.1") -> tuple[int, dict[bytes, bytes], list[bytes]]:
    """The status, the headers and the pieces of an answer to a file."""
    messages = [{"type": "http.request", "body": form(), "more_body": False}]
    out: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        out.append(message)

    headers = [
        (b"host", b"127.0.0.1"),
        (b"accept", b"text/html" if "invoice" in path and "api" not in path else b"*/*"),
        (b"content-type", b"multipart/form-data; boundary=cut"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"lang=en",
        "headers": headers, "client": (client, 1), "server": ("127.0.0.1", 80), "root_path": "", "scheme": "http",
        "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await app(scope, receive, send)
    return out[0]["status"], dict(out[0]["headers"]), [item.get("body", b"") for item in out[1:]]


def during(body: Callable[[Any], Any], **settings: Any) -> Any:
    async def run() -> Any:
        app = create_app(Settings(workers=1, **settings))
        async with app.router.lifespan_context(app):
            return await body(app)

    return asyncio.run(run())


def test_a_page_that_waits_shows_its_place_without_any_script() -> None:
    async def body(app: Any) -> Any:
        return await asyncio.gather(*(sent(app, "/en/invoice") for _ in range(3)))

    answers = during(body)
    for _, headers, pieces in answers:
        page = b"".join(pieces).decode()
        assert headers[b"content-type"] == b"text/html; charset=utf-8"
        assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
        assert page.count("<!doctype html>") == page.count("<main") == page.count("</html>") == 1
        assert "It was read." in page
    whole = ["2 files before yours.", "1 file before yours.", "Your file is being read."]
    told = [
        re.findall(r'class="waiting" role="status">([^<]+)<', b"".join(last[2]).decode()) for last in answers
    ]
    assert all(lines == whole[-len(lines) :] for lines in told)  # none goes back
    assert max(map(len, told)) > 1


def test_a_program_waits_and_one_client_never_stands_before_all_others() -> None:
    async def body(app: Any) -> Any:
        done: list[str] = []

        async def one(client: str) -> int:
            status, _, _ = await sent(app, "/api/invoices/check", client)
            done.append(client)
            return status

        many = [asyncio.create_task(one("192.0.2.1")) for _ in range(5)]
        await asyncio.sleep(0.2)
        other = asyncio.create_task(one("192.0.2.2"))
        statuses = await asyncio.gather(*many, other)
        return statuses, done

    statuses, done = during(body)
    assert statuses == [422] * 6  # what the task answers
    assert done.index("192.0.2.2") <= 2


def test_nobody_takes_all_the_places() -> None:
    async def body(app: Any) -> Any:
        many = [asyncio.create_task(sent(app, "/api/invoices/check")) for _ in range(4)]
        await asyncio.sleep(0.1)
        other = asyncio.create_task(sent(app, "/api/invoices/check", "2001:db8::1"))
        await asyncio.sleep(0.1)
        last = await sent(app, "/api/invoices/check", "2001:db8::2")  # of the same network
        return [answer[0] for answer in await asyncio.gather(*many, other)], last

    statuses, last = during(body, uploads_at_once=4)
    assert sorted(statuses[:4]) == [422, 422, 422, 503]
    assert statuses[4] == 422
    assert (last[0], last[1][b"retry-after"]) == (503, b"1")


def test_who_waits_too_long_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PATIENCE", 0.05)

    async def body(app: Any) -> Any:
        return await asyncio.gather(*(sent(app, "/api/invoices/check") for _ in range(2)))

    answers = sorted(during(body), key=lambda answer: int(answer[0]))
    assert [answer[0] for answer in answers] == [422, 503]
    assert answers[1][1][b"retry-after"] == b"10"


def test_a_fault_in_a_page_that_has_begun_is_said_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opqibi_rules.desk.invoice_page.TASK", "tests.web.test_waiting:naps_and_faults")
    ((status, _, pieces),) = during(lambda app: asyncio.gather(sent(app, "/en/invoice")))
    page = b"".join(pieces).decode()
    assert status == 200
    assert "The server made a mistake" in page
    assert page.count("</html>") == 1


def naps_and_faults(question: dict[str, Any], _data: bytes) -> Any:
    time.sleep(0.4)
    return question["what we forgot"]


def test_what_is_left_in_the_middle_leaves_no_place_taken() -> None:
    async def body(app: Any) -> Any:
        gone = [asyncio.create_task(sent(app, "/en/invoice")) for _ in range(3)]
        await asyncio.sleep(0.25)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        shield = app.middleware_stack
        while not isinstance(shield, Shield):
            shield = shield.app
        assert shield.uploading.total() == 0
        return await sent(app, "/api/invoices/check")

    assert during(body)[0] == 422
