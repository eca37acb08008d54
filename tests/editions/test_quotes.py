"""Every price worked by hand, through every door that gives a quote."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

import opqibi_rules as opqibi
from tests.cli.running import plain
from tests.editions.doors import (
    EDITIONS,
    Edition,
    command,
    euros,
    fees_of,
    json_of,
    same_amounts,
    tables_of,
    text_of,
)
from tests.editions.worked.kinds import Price

EACH = [
    pytest.param(edition, price, id=f"{edition.name}-{number}")
    for edition in EDITIONS
    for number, price in enumerate(edition.prices)
]
each_price = pytest.mark.parametrize(("edition", "price"), EACH)


def exit_code(price: Price) -> int:
    return 3 if price.undetermined else 0


@each_price
def test_python(edition: Edition, price: Price) -> None:
    answer = opqibi.quote(tables=tables_of(edition), **price.question())
    same_amounts(answer.to_dict(), price, fees_of(edition, price.on))
    assert answer.to_dict()["schedule"]["id"] == edition.schedule
    assert str(answer.total_excl_vat) == price.total
    for fee, amount in price.subtotals.items():
        assert answer.subtotals[fee] == (None if amount is None else opqibi.parse_amount(amount))


@each_price
def test_command_line(edition: Edition, price: Price) -> None:
    found = json_of(edition, "quote", *price.options(), "--date", price.on, code=exit_code(price))
    same_amounts(found, price, fees_of(edition, price.on))
    assert found["schedule"]["id"] == edition.schedule


@each_price
def test_table_and_explanation(edition: Edition, price: Price) -> None:
    outcome = command(
        edition, "quote", *price.options(), "--date", price.on, "--explain", "--format", "table"
    )
    assert outcome.code == exit_code(price), outcome
    said = plain(outcome.out)
    borne = [amount for amount in price.subtotals.values() if amount is not None]
    amounts = [*borne, price.total, price.vat, price.incl]
    assert [euros(amount) for amount in amounts if euros(amount) not in said] == []
    assert [edition.fees[fee] for fee in price.subtotals if edition.fees[fee] not in said] == []


@each_price
def test_csv(edition: Edition, price: Price) -> None:
    outcome = command(edition, "quote", *price.options(), "--date", price.on, "--format", "csv")
    assert outcome.code == exit_code(price), outcome
    cells = {cell for row in csv.reader(io.StringIO(outcome.out.lstrip("\ufeff"))) for cell in row}
    borne = [amount for amount in price.subtotals.values() if amount is not None]
    assert {*borne, price.total, price.vat, price.incl} - cells == set()


INCOMPLETE = [each for each in EACH if each.values[1].missing]  # type: ignore[union-attr] # a Price


@pytest.mark.parametrize(("edition", "price"), INCOMPLETE)
@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_what_a_sum_lacks_is_said(edition: Edition, price: Price, form: str) -> None:
    outcome = command(edition, "quote", *price.options(), "--date", price.on, "--format", form)
    said = " ".join(plain(outcome.out).split())
    for fee in price.missing:
        assert edition.fees[fee] in said
        assert "undetermined" in said if price.undetermined else "not computed" in said


@each_price
def test_http(edition: Edition, price: Price, clients: dict[str, TestClient]) -> None:
    answer = clients[edition.name].post("/api/quote?lang=en", json=price.question())
    assert answer.status_code == 200, answer.text
    same_amounts(answer.json(), price, fees_of(edition, price.on))
    told = json_of(edition, "quote", *price.options(), "--date", price.on, code=exit_code(price))
    assert answer.json() == told
    again = clients[edition.name].post("/api/quote?lang=en", json=answer.json()["request"])
    assert again.json() == answer.json()


def address_of(price: Price) -> str:
    """The question as the address of the page: counts t1…, n1…, codes q and p, turnovers by base."""
    query = [("event", price.event), ("on", price.on)]
    query += [(f"t{tariff}", str(count)) for tariff, count in price.tariffs.items()]
    query += [(f"n{tariff}", str(count)) for tariff, count in price.new_tariffs.items()]
    query += [("q", code) for code in price.qualifications] + [("p", code) for code in price.probationary]
    return "&".join(f"{name}={value.replace(' ', '%20')}" for name, value in query)


@each_price
def test_page(edition: Edition, price: Price, clients: dict[str, TestClient]) -> None:
    names = turnover_fields(
        clients[edition.name].get(f"/en?on={edition.on}&event={price.event}").text, edition
    )
    turnovers = "".join(
        f"&{names[base]}={amount.replace(' ', '%20')}" for base, amount in price.turnovers.items()
    )
    page = clients[edition.name].get(f"/en?{address_of(price)}{turnovers}")
    assert page.status_code == 200
    said = text_of(page.text)
    borne = [amount for amount in price.subtotals.values() if amount is not None]
    amounts = [*borne, price.total, price.vat, price.incl]
    assert [euros(amount) for amount in amounts if euros(amount) not in said] == []


def turnover_fields(form: str, edition: Edition) -> dict[str, str]:
    """The name of the field of each turnover, in the order of the schedule; "" is the first one."""
    found = list(dict.fromkeys(re.findall(r'name="([a-z_0-9.-]*turnover[a-z_0-9.-]*)"', form)))
    assert len(found) == len(edition.bases), found
    return {"": found[0], **dict(zip(edition.bases, found, strict=True))}


def test_cases(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    content: dict[str, Any] = {"cases": [price.case() for price in edition.prices]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    found = json_of(edition, "cases", "run", str(path))
    assert [case["case"] for case in found["cases"]] == [price.name for price in edition.prices]
    assert all(case["passed"] for case in found["cases"])


def test_cases_that_are_wrong_by_a_cent_differ(edition: Edition, tmp_path: Path) -> None:
    price = edition.prices[0]
    fee = next(iter(price.subtotals))
    right = price.subtotals[fee]
    assert right is not None
    wrong = str(opqibi.parse_amount(right) + opqibi.parse_amount("0.01"))
    case = price.case()
    case["expected"] = {fee: wrong}
    path = tmp_path / "cases.yaml"
    path.write_text(yaml.safe_dump({"cases": [case]}, allow_unicode=True), "utf-8")
    found = json_of(edition, "cases", "run", str(path), code=1)
    assert found["cases"][0]["differences"] == [
        {"name": fee, "expected": wrong, "found": right, "difference": "-0.01"}
    ]


def test_what_the_schedule_does_not_have_is_refused(edition: Edition) -> None:
    on = ("--date", edition.on)
    tariff = max(edition.tariffs) + 1
    known = ", ".join(map(str, edition.tariffs))
    outcome = command(edition, "quote", "-t", f"{tariff}=1", *on)
    assert (outcome.code, outcome.out) == (2, "")
    assert known in plain(outcome.err)
    outcome = command(edition, "quote", "-t", "1=1", "--event", "party", *on)
    assert outcome.code == 2
    assert all(event in outcome.err for event in edition.events)
    outcome = command(edition, "quote", "-t", "1=1", "--turnover", "moon=5", *on)
    assert outcome.code == 2
    assert all(base in outcome.err for base in edition.bases)


def test_the_first_event_is_meant_where_none_is_named(edition: Edition) -> None:
    found = json_of(edition, "quote", "-t", "1=1", "--turnover", "0", "--date", edition.on)
    assert found["event"] == edition.events[0]


def test_every_base_may_be_named(edition: Edition) -> None:
    first = edition.bases[0]
    bare = json_of(edition, "quote", "-t", "1=1", "--turnover", "800000", "--date", edition.on)
    named = json_of(edition, "quote", "-t", "1=1", "--turnover", f"{first}=800000", "--date", edition.on)
    assert named == bare
    assert bare["turnover_base"]["kind"] == first


def test_the_schedule_of_a_day_before_it_is_ours(edition: Edition) -> None:
    found = json_of(edition, "quote", "-t", "1=1", "--turnover", "0", "--date", "2025-06-02")
    assert found["schedule"]["id"] == "bareme_2024"
    assert json.dumps(found).count(edition.schedule) == 0
