"""The schedule in force from 2027-01-01: nothing of it, shown or computed, before that day; everything from it on."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

import opqibi_rules as opqibi
from tests.cli.running import plain
from tests.editions.doors import (
    LATER,
    assistant,
    client_of,
    command,
    euros,
    json_of,
    same_amounts,
    tables_of,
    text_of,
)
from tests.editions.worked.later import BEFORE, FIRST, RIGHT
from tests.editions.worked.repeated import RIGHT as RIGHT_2024

EVE, DAY = date(2026, 12, 31), date(2027, 1, 1)
# What 2027 alone has: its prices by tariff, its flat parts, its floor and cap, and its name.
OF_2027 = ("63", "125", "250", "880", "1,090", "1,300", "275", "410", "520", "130", "390", "190", "42,000")
OF_2024 = ("60", "120", "240", "850", "1,050", "1,250", "265")


def shown(said: str) -> list[str]:
    """The amounts of 2027 that a page shows as prices, and its name."""
    found = [amount for amount in OF_2027 if re.search(rf"€{amount}(?:\.00)?(?![\d,.])", said)]
    return found + [word for word in ("2027", "Trial fee schedule", "Barème d’essai") if word in said]


@pytest.fixture(scope="module")
def on_the_eve() -> Iterator[TestClient]:
    with client_of(LATER, EVE) as client:
        yield client


@pytest.fixture(scope="module")
def on_the_day() -> Iterator[TestClient]:
    with client_of(LATER, DAY) as client:
        yield client


@pytest.mark.parametrize("address", ["/en", "/en?t1=1&turnover=100000", "/en/plan", "/en/invoice"])
def test_the_page_shows_the_prices_of_the_day(
    on_the_eve: TestClient, on_the_day: TestClient, address: str
) -> None:
    before, after = on_the_eve.get(address).text, on_the_day.get(address).text
    # 125 € is also the flat part of a control in 2024, and 100 000 € at 0,80 ‰ are raised to 180.
    said = text_of(before)
    assert [amount for amount in shown(said) if amount != "125"] == []
    assert 'name="t8"' not in before
    assert all(f"€{amount}" in said for amount in OF_2024)
    assert 'name="t8"' in after
    assert all(f"€{amount}" in text_of(after) for amount in OF_2027[:8])


def test_the_page_computes_by_the_day_asked(on_the_eve: TestClient, on_the_day: TestClient) -> None:
    for client in (on_the_eve, on_the_day):  # whatever day it is, the day of the question counts
        before = text_of(client.get("/en?t1=5&t2=3&turnover=800000&on=2026-12-31").text)
        assert all(euros(amount) in before for amount in (BEFORE.total, BEFORE.vat, BEFORE.incl))
        assert [amount for amount in shown(before) if amount != "125"] == []
        after = text_of(client.get("/en?t1=5&t2=3&turnover=800000&on=2027-01-01").text)
        assert all(euros(amount) in after for amount in (FIRST.total, FIRST.vat, FIRST.incl))
    refused = on_the_eve.get("/en?t8=1&turnover=0&on=2026-12-31")
    assert "€410" not in text_of(refused.text)


def test_files_of_the_page(on_the_eve: TestClient) -> None:
    for on, price in (("2026-12-31", BEFORE), ("2027-01-01", FIRST)):
        found = on_the_eve.get(f"/quote.json?t1=5&t2=3&turnover=800000&on={on}&lang=en").json()
        assert found["total_incl_vat"] == price.incl
        answer = on_the_eve.get(f"/quote.pdf?t1=5&t2=3&turnover=800000&on={on}&lang=en")
        said = plain("".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages))
        assert euros(price.incl) in said


def test_http(on_the_eve: TestClient, on_the_day: TestClient) -> None:
    asked = {name: value for name, value in BEFORE.question().items() if name != "on"}
    same_amounts(on_the_eve.post("/api/quote", json=asked).json(), BEFORE, list(LATER.fees))
    assert on_the_day.post("/api/quote", json=asked).json()["total_excl_vat"] == FIRST.total
    refused = on_the_eve.post("/api/quote?lang=en", json={"tariffs": {"8": 1}, "turnover": "0"})
    assert refused.status_code == 422
    assert "1, 2, 3, 4, 5, 6, 7." in refused.json()["errors"][0]["reason"]
    assert on_the_day.post("/api/quote", json={"tariffs": {"8": 1}, "turnover": "0"}).status_code == 200
    described = str(on_the_eve.get("/openapi.json").json()["paths"]["/api/quote"])
    assert "bareme_2027" not in described
    assert "1897.50" not in described


def test_turnovers_from_a_fee(on_the_eve: TestClient) -> None:
    """597,50 comes from 800 000 € in 2027; in 2024, from (597,50 − 557,50) / 0,50 ‰ more: 880 000 €."""
    for on, turnover in ((EVE, "880000.00"), (DAY, "800000.00")):
        options = ("597.50", "--date", on.isoformat())
        found = json_of(LATER, "turnover-from-fee", *options)["turnovers"]
        low, high = (opqibi.parse_amount(found[name]) for name in ("lowest", "highest"))
        assert low <= opqibi.parse_amount(turnover) <= high
        asked = {"fee": "597.50", "on": on.isoformat()}
        assert on_the_eve.post("/api/turnovers/from-fee", json=asked).json()["turnovers"] == found


def test_python_and_command_line() -> None:
    for price, schedule in ((BEFORE, "bareme_2024"), (FIRST, "bareme_2027")):
        answer = opqibi.quote(tables=tables_of(LATER), **price.question())
        same_amounts(answer.to_dict(), price, list(LATER.fees))
        found = json_of(LATER, "quote", *price.options(), "--date", price.on)
        same_amounts(found, price, list(LATER.fees))
        assert found["schedule"]["id"] == schedule
        for form in ("table", "markdown"):
            outcome = command(
                LATER, "quote", *price.options(), "--date", price.on, "--explain", "--format", form
            )
            assert ("Trial fee schedule" in outcome.out) == (schedule == "bareme_2027")
    with pytest.raises(opqibi.RequestError):
        opqibi.quote(tables=tables_of(LATER), on=EVE, tariffs={8: 1})


def test_a_plan_prices_each_payment_on_its_day(on_the_eve: TestClient) -> None:
    """The whole four years before: nothing of 2027; across the day: each payment its own schedule."""
    across = LATER.plans[1]
    schedules = [payment["schedule"] for payment in json_of(LATER, "plan", *across.options())["payments"]]
    assert schedules == ["bareme_2024", *["bareme_2027"] * 4]
    past = json_of(
        LATER, "plan", *("-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2026-03-02"),
        *("--notified", "2026-03-02", "--years", "1"),
    )  # fmt: skip
    assert {payment["schedule"] for payment in past["payments"]} == {"bareme_2024"}
    # 86 + 1 160 + 557,50, for a single year, whose control falls on the next.
    assert past["total_excl_vat"] == "1803.50"
    said = text_of(
        on_the_eve.get("/en/plan?t1=5&t2=3&turnover=800000&start=2026-10-05&notified=2027-01-15").text
    )
    assert euros(across.total) in said


def test_an_invoice_is_judged_by_the_schedule_of_its_day(tmp_path: Path) -> None:
    """The prices of 2024 conform on the eve, those of 2027 on the day; neither on the other's."""
    for day, own, other in ((EVE, RIGHT_2024, RIGHT), (DAY, RIGHT, RIGHT_2024)):
        for invoice, verdict, code in ((own, "conform", 0), (other, "discrepancy", 1)):
            path = tmp_path / "F1.csv"
            path.write_text(invoice.csv().decode().replace(invoice.due.on, day.isoformat()), "utf-8")
            found = json_of(LATER, "check-invoice", str(path), *invoice.due.options(), code=code)
            assert found["verdict"] == verdict
            assert found["expected"]["schedule"]["id"] == ("bareme_2024" if day == EVE else "bareme_2027")


def test_an_invoice_before_is_never_explained_by_a_schedule_that_is_not_in_force(tmp_path: Path) -> None:
    """1 210 for 1 160 in 2026 is what 2027 will give: no one could have billed by it then."""
    path = tmp_path / "F1.csv"
    path.write_text(
        "numéro;date;libellé;quantité;prix unitaire;montant ht;total ht;tva;total ttc\n"
        "F1;2026-03-02;Frais d’instruction;1;1210,00;1210,00;1210,00;242,00;1452,00\n",
        "utf-8",
    )
    found = json_of(LATER, "check-invoice", str(path), *BEFORE.options(), code=1)
    assert "other_schedule" not in {item["cause"] for item in found["explanations"]}
    assert "2027" not in str(found["explanations"])


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_batch_by_the_day_of_each_row(engine: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "date,event,turnover,t1,t2,t8\n2026-12-31,first,800000,5,3,\n2027-01-01,first,800000,5,3,\n"
        "2026-12-31,first,0,,,2\n2027-01-01,first,0,,,2\n",
        "utf-8",
    )
    assert command(LATER, "batch", str(source), "-o", str(target), "--engine", engine).code == 1
    rows = csv.DictReader(target.read_text("utf-8").splitlines())
    assert [(row["total_excl_vat"], row["error"]) for row in rows] == [
        (BEFORE.total, ""), (FIRST.total, ""), ("", "t8_not_in_schedule"), ("1620.00", ""),
    ]  # fmt: skip


def test_assistant() -> None:
    asked = {"tariffs": {"8": 1}, "turnover": "0"}
    before, after, refused, priced = assistant(
        LATER, ("quote", BEFORE.question()), ("quote", FIRST.question()), ("quote", {**asked, "on": "2026-12-31"}),
        ("quote", {**asked, "on": "2027-01-01"}),
    )  # fmt: skip
    same_amounts(before.structured_content, BEFORE, list(LATER.fees))
    same_amounts(after.structured_content, FIRST, list(LATER.fees))
    assert refused.is_error
    assert priced.structured_content["total_excl_vat"] == "1210.00"  # 90 + 520 + 410 + 190


def test_papers(tmp_path: Path) -> None:
    """The picture says the floor, the cap and the fee in words: those of 2024 on the eve, of 2027 from the day on."""
    for price, words in (
        (BEFORE, ("€180 up to €225,000.", "€40,000 from €149,170,000 on", "€557.50 for €800,000")),
        (FIRST, ("€190 up to €223,529.42.", "€42,000 from €228,350,000 on", "€597.50 for €800,000")),
    ):
        path = tmp_path / f"{price.on}.svg"
        outcome = command(LATER, "quote", *price.options(), "--date", price.on, "-o", str(path))
        assert outcome.code == 0, outcome
        assert [each for each in words if each not in plain(path.read_text("utf-8"))] == []
