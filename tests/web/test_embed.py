"""From another site: the simulator shown there if its operator allows it, a script that asks, a link that is shared."""

import re
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from tests.web.serving import server

TOKEN = "a token of some length"
HOST = "https://www.example.org"


@pytest.fixture(scope="module")
def around() -> Iterator[tuple[int, list[str]]]:
    """The port of another site, and the page that it serves."""
    page = [""]

    class Around(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", "style-src 'self'")  # our script needs no leave of it
            self.end_headers()
            self.wfile.write(page[0].encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Around) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield other.server_port, page
        other.shutdown()


@pytest.fixture(scope="module")
def address(around: tuple[int, list[str]]) -> Iterator[str]:
    """The server that allows that site."""
    site = f"http://localhost:{around[0]}"
    with server("--embed", site, "--origin", site, "--token", TOKEN) as (address, _):
        yield address


def test_another_site_shows_the_simulator_where_it_may(
    browser: Browser, around: tuple[int, list[str]], address: str
) -> None:
    port, page_around = around
    page_around[0] = (
        f'<p id="before"></p><script src="{address}/static/embed.js" data-lang="en" async></script>'
    )
    context = browser.new_context(viewport={"width": 420, "height": 900})
    page = context.new_page()
    page.goto(f"http://localhost:{port}/")
    frame = page.frame_locator("iframe[title='OPQIBI fee simulator']")
    frame.locator("#t1").fill("5")
    frame.locator("#t2").fill("3")
    frame.locator("#turnover").fill("800000")
    expect(frame.locator(".total .sum")).to_contain_text("2,164.20")
    # As high as its content: nothing to scroll within, and it grew with the answer.
    for _ in range(50):
        inside, outside = (
            page.frames[1].evaluate("document.documentElement.scrollHeight"),
            page.locator("iframe").evaluate("frame => frame.clientHeight"),
        )
        if abs(inside - outside) <= 2:
            break
        page.wait_for_timeout(100)
    assert abs(inside - outside) <= 2
    assert outside > 1000
    assert frame.locator("nav, .bar, [download]").count() == 0
    # Another site is refused by the browser itself.
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_selector("iframe")
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").locator("form").count() == 0
    context.close()


def test_a_script_and_a_link_of_another_site(
    browser: Browser, around: tuple[int, list[str]], address: str
) -> None:
    """The browser once refused to send the token, and to follow a shared link with its cookie."""
    port, page_around = around
    page_around[0] = f'<a href="{address}/en/plan?t1=5&amp;turnover=800000">The plan</a>'
    context = browser.new_context()
    page = context.new_page()
    asking = """async ([address, token]) => {
      const headers = {"Content-Type": "application/json", ...(token && {Authorization: `Bearer ${token}`})};
      try {
        const reply = await fetch(`${address}/api/quote`, {method: "POST", headers, body: '{"tariffs": {"1": 5}}'});
        return [reply.status, (await reply.json()).subtotals?.instruction];
      } catch (error) { return [error.name]; }
    }"""
    page.goto(f"http://localhost:{port}/")
    assert page.evaluate(asking, [address, TOKEN]) == [200, "800.00"]  # 500 + 5 × 60
    assert page.evaluate(asking, [address, ""]) == [401, None]
    page.click("a")
    expect(page.locator("h1")).to_contain_text("token")
    page.goto(f"{address}/?token={TOKEN}")
    page.goto(f"http://localhost:{port}/")
    page.click("a")
    expect(page.locator("#turnover")).to_have_value("800000")
    page.goto(f"http://127.0.0.1:{port}/")  # not allowed: its scripts read nothing
    assert page.evaluate(asking, [address, TOKEN]) == ["TypeError"]
    context.close()


@pytest.mark.parametrize(
    "query",
    [
        "q=1905:5&p=1911:5&turnover=800000&on=2026-03-02&vat=reunion",
        "event=control&t1=5&n5=1&new=0607:5&on=2026-03-02",
        "t1=5&turnover=800000",
    ],
)
def test_enter_asks_the_question_of_the_address_again(client: TestClient, query: str) -> None:
    """What no field of the simulator shows was once dropped at the first key, and another price shown."""
    first = client.get(f"/en/embed?{query}").text
    form = first[first.index("<form") : first.index("</form>")]
    sent = [
        (met["name"], unescape(met["value"]))
        for met in re.finditer(
            '<input [^>]*name="(?P<name>[^"]+)" value="(?P<value>[^"]*)"(?P<rest>[^>]*)>', form
        )
        if 'type="radio"' not in met[0] or "checked" in met["rest"]
    ]
    again = client.get("/en/embed", params=sent).text  # type: ignore[arg-type] # pairs, some of one name
    total = re.compile('id="total-incl-vat">([^<]+)')
    assert total.findall(first) == total.findall(again) != []
    assert ('name="on"' in form) == ("on=" in query)  # today's day does not stay when the day is over


def test_only_the_simulator_is_open_and_only_to_the_sites_allowed() -> None:
    client = TestClient(
        create_app(Settings(frames=(HOST,), tokens=(TOKEN,), wrong_token_seconds=0)),
        base_url="http://127.0.0.1",
    )
    for path in ("/embed?t1=5", "/en/embed"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].endswith(f"frame-ancestors {HOST}")
        assert "x-frame-options" not in answer.headers
    assert client.get("/static/embed.js").headers["cross-origin-resource-policy"] == "cross-origin"
    for path in ("/", "/api/schedules", "/quote.pdf?t1=5", "/embed.pdf?t1=5", "/docs"):
        answer = client.get(path)
        assert answer.status_code == (200 if path == "/docs" else 401)  # what a refusal means is open to all
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
    assert client.get("/static/page.js").headers["cross-origin-resource-policy"] == "same-origin"


def test_by_default_no_site_shows_it(client: TestClient) -> None:
    answer = client.get("/embed?t1=5&turnover=800000")
    assert answer.status_code == 200
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert client.get("/static/embed.js").headers["cross-origin-resource-policy"] == "same-origin"
