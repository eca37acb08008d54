"""The page, the HTTP API and the assistants under four schedules that ship nowhere, amounts worked by hand.

later, from 2027-01-01: dossier 90 + instruction 520 + 63 + brand usage 190 (100 000 × 0,00085 = 85, under the
floor) = 863,00. Before that day, 2024: 86 + 500 + 60 + 180 = 826,00.
more_fees: renewal of two at tariff 1: 500 + 2 × 60 + 180 + audit 150 = 950,00; control: 125 + 2 × 15 + visits
2 × 10 = 175,00.
other_body: entry of two at tariff 1 on 500 000 of « France »: 50 + 2 × 100 + 400 000 × 0,001 = 650,00; a
duplicate of one at tariff 2: 18,50.
repeated: control of two at tariff 1: 125 + 2 × 15 = 155,00.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from opqibi_rules.cli.commands.mcp import answer_to
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from tests.web.serving import server
from tests.web.test_pages import text_of

EDITIONS = Path(__file__).parents[1] / "editions"
TODAY = date(2026, 11, 21)

CASES = [
    ("later", "t1=1&turnover=100000&on=2027-03-02", {"tariffs": {"1": 1}, "turnover": "100000", "on": "2027-03-02"}, "863.00"),
    ("later", "t1=1&turnover=100000&on=2026-12-31", {"tariffs": {"1": 1}, "turnover": "100000", "on": "2026-12-31"}, "826.00"),
    ("more_fees", "event=renewal&t1=2&turnover=100000", {"event": "renewal", "tariffs": {"1": 2}, "turnover": "100000"}, "950.00"),
    ("more_fees", "event=control&t1=2", {"event": "control", "tariffs": {"1": 2}}, "175.00"),
    ("other_body", "t1=2&turnover=500000", {"tariffs": {"1": 2}, "turnover": "500000"}, "650.00"),
    ("other_body", "event=entree&t1=2&turnover=500000", {"event": "entree", "tariffs": {"1": 2}, "turnovers": {"france": 500000}}, "650.00"),
    ("other_body", "event=duplicata&t2=1", {"event": "duplicata", "tariffs": {"2": 1}}, "18.50"),
    ("repeated", "event=control&t1=2", {"event": "control", "tariffs": {"1": 2}}, "155.00"),
]  # fmt: skip


@contextmanager
def served(edition: str) -> Iterator[TestClient]:
    settings = Settings(tables=Tables(EDITIONS / edition), today=lambda: TODAY, seconds=300)  # a busy machine
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(("edition", "query", "question", "excl_vat"), CASES)
def test_the_page_and_the_api_give_the_amounts_worked_by_hand(
    edition: str, query: str, question: dict[str, Any], excl_vat: str
) -> None:
    with served(edition) as client:
        answer = client.post("/api/quote?lang=en", json=question)
        assert answer.status_code == 200, answer.text
        assert answer.json()["total_excl_vat"] == excl_vat
        assert client.post("/api/quote?lang=en", json=answer.json()["request"]).json() == answer.json()
        page = text_of(client.get(f"/en?{query}"))
        assert f"€{float(excl_vat):,.2f} excl. VAT" in page
        for kind, start in (("json", b"{"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
            assert client.get(f"/quote.{kind}?{query}&lang=en").content.startswith(start)


def test_nothing_of_a_schedule_is_shown_before_its_day() -> None:
    with served("later") as client:
        now = client.get("/en?t1=1&turnover=100000").text
        assert 'id="t8"' not in now
        assert "€63" not in now
        assert "€60" in now
        then = client.get("/en?t1=1&turnover=100000&on=2027-01-01").text
        assert 'id="t8"' in then
        assert "€63" in then
        assert "€410" in then
        refused = client.get("/en?t8=1&on=2026-12-31")
        assert "« 8 » is not a tariff code" in text_of(refused)
        for address in ("/en/plan?start=2027-02-01", "/en/invoice?on=2027-02-01"):
            assert 'id="t8"' in client.get(address).text
        for address in ("/en/plan", "/en/invoice"):
            assert 'id="t8"' not in client.get(address).text


def test_the_form_shows_what_another_body_s_schedule_declares() -> None:
    with served("other_body") as client:
        page = client.get("/en?event=suivi&t1=2").text
        assert re.findall(r'name="event" value="(\w+)"', page) == ["entree", "reprise", "suivi", "duplicata"]
        assert re.findall(r'id="t(\d+)"', page) == ["1", "2", "3"]
        assert 'id="turnover"' in page  # « France », the first declared
        assert 'id="turnover-export"' in page
        assert 'id="n1"' not in page  # no event takes new requests
        said = text_of(client.get("/en?t1=1&turnover-export=1000000"))
        assert "Incomplete, without: Subscription." in said
        wrong = client.get("/en?t1=1&turnover-export=x")
        assert 'href="#turnover-export"' in wrong.text


def test_a_price_stands_beside_each_tariff_at_each_event() -> None:
    with served("more_fees") as client:
        page = client.get("/en").text
    first = re.search(r'id="t1".*?</label>', page, re.DOTALL)
    assert first is not None
    # 60 at a first application and at a renewal; at a control 15, and 10 for the visit.
    assert re.findall(r'class="at at-(\d)">€(\d+)', first[0]) == [("0", "60"), ("1", "60"), ("2", "25")]


def test_assistants_have_the_same_answers() -> None:
    async def told(edition: str, tool: str, given: dict[str, Any]) -> dict[str, Any]:
        workers = Workers(1, 30)
        service = Service(Tables(EDITIONS / edition), lambda: TODAY)
        try:
            return await answer_to(tool, given, service, "en", workers)
        finally:
            await workers.close()

    for edition, _, question, excl_vat in CASES:
        assert asyncio.run(told(edition, "quote", dict(question)))["total_excl_vat"] == excl_vat
    # 400 = 400 000 × 0,001: from 100 000 + 399 995 to the last cent before 400,01.
    found = asyncio.run(told("other_body", "turnover-from-fee", {"fee": "400"}))["turnovers"]
    assert found["lowest"] <= "500000.00" <= found["highest"]
    plan = asyncio.run(told("other_body", "plan", {"tariffs": {"1": 2}, "turnover": "500000", "years": 2}))
    assert plan["payments"][0]["subtotals"]["expertise"] == "250.00"


def test_another_day_brings_another_form(page: Page) -> None:
    with server("--tables", str(EDITIONS / "later")) as (address, _):
        page.goto(f"{address}/en?t1=1&turnover=100000&on=2026-12-31")
        expect(page.locator("#t8")).to_have_count(0)
        page.fill("#on", "2027-01-01")
        expect(page.locator("#t8")).to_have_count(1)
        page.fill("#t8", "1")
        # 90 + 520 + 63 + 410 + 190 = 1 273,00
        expect(page.locator(".total")).to_contain_text("€1,273.00")
