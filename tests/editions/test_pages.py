"""The forms of the page, and the server as it runs: what the schedule declares, and no more."""

import re
import urllib.request

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from tests.cli.running import plain
from tests.editions.doors import Edition, euros, text_of
from tests.web.serving import server

PRICES = {
    "later": ("€63", "€410", "€16", "€41"),
    "repeated": ("€60", "€265", "€15", "€212.50"),
    "more_fees": ("€60", "€265", "€25", "€252.50"),  # at a control, the visit too: 15 + 10, 212,50 + 40
    "other_body": ("€100", "€220", "€12", "€18.50"),
}
EVENTS = {
    "other_body": ("Entry", "Resumption", "Follow-up", "Duplicate"),
}


@pytest.mark.parametrize("address", ["/en", "/en/plan", "/en/invoice"])
def test_forms(edition: Edition, address: str, clients: dict[str, TestClient]) -> None:
    form = clients[edition.name].get(address).text
    assert re.findall(r'name="t([0-9]+)"', form) == [str(tariff) for tariff in edition.tariffs]
    said = text_of(form)
    for event in EVENTS.get(edition.name, ("First application", "Renewal", "Annual control")):
        assert event in said or (event, address) == ("Duplicate", "/en/plan")
    words = {"engineering": "ingénierie", "energy_audit": "audit énergétique", "france": "France"}
    assert all(f"« {words.get(base, base)} »" in said for base in edition.bases)
    if address == "/en":
        assert all(price in said for price in PRICES[edition.name])


def test_new_requests_are_offered_where_the_schedule_prices_them(
    edition: Edition, clients: dict[str, TestClient]
) -> None:
    form = clients[edition.name].get("/en").text
    expected = [] if edition.name == "other_body" else [str(tariff) for tariff in edition.tariffs]
    assert re.findall(r'name="n([0-9]+)"', form) == expected


def test_in_french(edition: Edition, clients: dict[str, TestClient]) -> None:
    price = edition.prices[0]
    counts = "&".join(f"t{tariff}={count}" for tariff, count in price.tariffs.items())
    said = text_of(
        clients[edition.name].get(f"/?{counts}&turnover=800000&on={price.on}&event={price.event}").text
    )
    whole, cents = price.incl.split(".")
    assert f"{int(whole):,}".replace(",", " ") + f",{cents} €" in said


@pytest.mark.parametrize("kind", ["quote", "plan"])
def test_answers_are_as_they_are_described(
    edition: Edition, kind: str, clients: dict[str, TestClient]
) -> None:
    client = clients[edition.name]
    described = client.get("/openapi.json").json()
    told = described["paths"][f"/api/{kind}"]["post"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    validator = Draft202012Validator({**told, "components": described["components"]})
    asked = [price.question() for price in edition.prices] if kind == "quote" else []
    asked += [planned.question() for planned in edition.plans] if kind == "plan" else []
    for question in asked:
        answer = client.post(f"/api/{kind}", json=question).json()
        assert [error.message for error in validator.iter_errors(answer)] == []


def test_the_schedule_is_among_the_facts(edition: Edition, clients: dict[str, TestClient]) -> None:
    known = {item["id"] for item in clients[edition.name].get("/api/schedules").json()["schedules"]}
    assert edition.schedule in known


def test_the_server_as_it_runs(edition: Edition) -> None:
    price = edition.prices[0]
    counts = "&".join(f"t{tariff}={count}" for tariff, count in price.tariffs.items())
    with server("--tables", edition.folder) as (address, _):
        asked = f"{address}/en?{counts}&turnover=800000&on={price.on}&event={price.event}"
        with urllib.request.urlopen(asked) as answer:
            said = plain(text_of(answer.read().decode()))
    assert all(euros(amount) in said for amount in (price.total, price.vat, price.incl))
