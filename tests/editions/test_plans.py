"""Every plan worked by hand: what is paid on which day, and which year bears it, at every door."""

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import vobject
from fastapi.testclient import TestClient

from tests.cli.running import plain
from tests.editions.doors import (
    BY_NAME,
    EDITIONS,
    Edition,
    command,
    euros,
    fees_of,
    json_of,
    tables_of,
    text_of,
)
from tests.editions.worked.kinds import Plan

EACH = [
    pytest.param(edition, plan, id=f"{edition.name}-{number}")
    for edition in EDITIONS
    for number, plan in enumerate(edition.plans)
]
each_plan = pytest.mark.parametrize(("edition", "planned"), EACH)


def same_plan(found: dict[str, Any], edition: Edition, planned: Plan) -> None:
    """The JSON of a plan holds what was worked by hand."""
    assert found["schema_version"] == 1
    assert [
        (
            payment["due"],
            payment["event"],
            payment["subtotals"],
            payment["total_excl_vat"],
            payment["schedule"],
        )
        for payment in found["payments"]
    ] == [
        (
            payment.due,
            payment.event,
            {fee: payment.subtotals.get(fee) for fee in fees_of(edition, payment.due)},
            payment.total,
            payment.schedule,
        )
        for payment in planned.payments
    ]
    assert (found["total_excl_vat"], found["total_incl_vat"]) == (planned.total, planned.incl)
    nothing = (None, "0.00")
    expense = {year["year"]: year["expense"] for year in found["by_year"] if year["expense"] not in nothing}
    assert expense == dict(planned.expense)
    prepaid = {year["year"]: year["prepaid"] for year in found["by_year"] if year["prepaid"] not in nothing}
    assert prepaid == dict(planned.prepaid)
    cash: dict[int, list[str]] = {}
    for payment in planned.payments:
        cash.setdefault(int(payment.due[:4]), []).append(payment.total)
    paid = {
        year["year"]: year["cash_excl_vat"]
        for year in found["by_year"]
        if year["cash_excl_vat"] not in nothing
    }
    assert {year: round(float(amount) * 100) for year, amount in paid.items()} == {
        year: sum(round(float(amount) * 100) for amount in amounts) for year, amounts in cash.items()
    }


@each_plan
def test_python(edition: Edition, planned: Plan) -> None:
    from opqibi_rules.price.planning.plan import plan

    same_plan(plan(tables=tables_of(edition), **planned.question()).to_dict(), edition, planned)


@each_plan
def test_command_line(edition: Edition, planned: Plan) -> None:
    same_plan(json_of(edition, "plan", *planned.options()), edition, planned)


@each_plan
@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_texts(edition: Edition, planned: Plan, form: str) -> None:
    outcome = command(edition, "plan", *planned.options(), "--format", form)
    assert outcome.code == 0, outcome
    said = plain(outcome.out)
    amounts = [payment.total for payment in planned.payments]
    amounts += [planned.total, planned.incl, *planned.expense.values(), *planned.prepaid.values()]
    if form == "csv":  # one table, a line a payment
        rows = list(csv.DictReader(io.StringIO(said.lstrip("\ufeff"))))
        assert [row["Excl. VAT"] for row in rows] == [payment.total for payment in planned.payments]
        assert sum(Decimal(row["Incl. VAT"]) for row in rows) == Decimal(planned.incl)
    else:
        assert [amount for amount in amounts if euros(amount).removeprefix("€") not in said] == []


@each_plan
def test_http(edition: Edition, planned: Plan, clients: dict[str, TestClient]) -> None:
    answer = clients[edition.name].post("/api/plan?lang=en", json=planned.question())
    assert answer.status_code == 200, answer.text
    same_plan(answer.json(), edition, planned)
    assert answer.json() == json_of(edition, "plan", *planned.options())


@each_plan
def test_page(edition: Edition, planned: Plan, clients: dict[str, TestClient]) -> None:
    counts = "&".join(f"t{tariff}={count}" for tariff, count in planned.tariffs.items())
    page = clients[edition.name].get(
        f"/en/plan?{counts}&turnover={planned.turnover}&start={planned.start}&notified={planned.notified}"
        f"&years={planned.years}&event={planned.event}"
    )
    said = text_of(page.text)
    amounts = [payment.total for payment in planned.payments]
    amounts += [planned.total, planned.incl, *planned.expense.values(), *planned.prepaid.values()]
    assert [amount for amount in amounts if euros(amount) not in said] == []


@each_plan
def test_calendar(edition: Edition, planned: Plan) -> None:
    outcome = command(edition, "plan", *planned.options(), "--format", "ics")
    assert outcome.code == 0, outcome
    events = vobject.readOne(outcome.out).vevent_list
    controls = [payment for payment in planned.payments if payment is not planned.payments[0]]
    role = {"suivi": "control", "reprise": "renewal"}
    for payment in controls:
        if role.get(payment.event, payment.event) != "control":
            continue
        on_that_day = [event for event in events if event.dtstart.value.isoformat() == payment.due]
        told = " ".join(plain(event.description.value) for event in on_that_day)
        amount = euros(payment.total)
        assert amount in told or amount.removesuffix(".00") in told, payment


def test_years_are_those_that_the_fee_declares(edition: Edition) -> None:
    """The fee by tranches is spread over the years of its own schedule: two for the other body, four elsewhere."""
    found = json_of(edition, "plan", *edition.plans[0].options())
    (notified,) = [payment for payment in found["payments"] if payment["due"] == edition.plans[0].notified]
    (fee,) = [fee for fee, amount in notified["subtotals"].items() if amount is not None]
    bearing = [
        year["year"] for year in found["by_year"] if year["expense_by_fee"].get(fee) not in {None, "0.00"}
    ]
    years = 2 if edition.name == "other_body" else 4
    first = int(edition.plans[0].notified[:4])
    assert bearing[: years + 1] == list(range(first, first + years + 1))
    assert json.dumps(found).count('"years": 3') == 0


def test_the_form_of_the_page_offers_the_events_of_the_schedule(
    edition: Edition, clients: dict[str, TestClient]
) -> None:
    page = clients[edition.name].get("/en/plan").text
    offered = set(re.findall(r'<(?:option|input)[^>]* value="([a-z_]+)"', page))
    cycle = [event for event in edition.events if event != "duplicata"]
    assert set(cycle) <= offered
    others = {"first", "renewal", "control", "entree", "reprise", "suivi"} - set(edition.events)
    assert not others & offered


def test_dates_bear_the_names_of_the_events() -> None:
    """The other body has an entry, follow-ups and a resumption: no first application, no annual control."""
    edition = BY_NAME["other_body"]
    options = replace(edition.plans[0], years=5).options()
    found = json_of(edition, "plan", *options)
    told = [item["text"] for item in found["due_dates"]]
    calendar = command(edition, "plan", *options, "--format", "ics").out.replace("\r\n ", "")
    told += re.findall(r"SUMMARY:(.*)", calendar)
    for words in ("First application", "Annual control", "Renewal"):
        assert [text for text in told if words in text] == []
    for words in ("Entry", "Follow-up", "Resumption"):
        assert any(words.lower() in text.lower() for text in told)


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
def test_another_body_s_plan_says_whose_durations_its_days_are_reckoned_with(edition: Edition) -> None:
    notes = json_of(edition, "plan", *edition.plans[0].options())["notes"]
    said = [note for note in notes if "reckoned with the durations of" in note and "OPQIBI" in note]
    assert len(said) == (edition.name == "other_body")
