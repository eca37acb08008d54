"""The assistants' tools, one session for each schedule: the same figures as everywhere."""

from pathlib import Path

from tests.editions.doors import Edition, assistant, fees_of, same_amounts
from tests.editions.test_invoices import same_verdict
from tests.editions.test_plans import same_plan


def test_quotes_plans_and_invoices(edition: Edition, tmp_path: Path) -> None:
    wrong = edition.invoices[2]
    path = tmp_path / "F1.csv"
    path.write_bytes(wrong.csv())
    due = {name: value for name, value in wrong.due.question().items() if name != "on"}
    calls = [("quote", price.question()) for price in edition.prices]
    calls += [("plan", planned.question()) for planned in edition.plans]
    calls += [("check-invoice", {"path": str(path), "expected": due})]
    answers = assistant(edition, *calls)
    assert [answer for answer in answers if answer.is_error] == []
    found = iter(answer.structured_content for answer in answers)
    for price in edition.prices:
        same_amounts(next(found), price, fees_of(edition, price.on))
    for planned in edition.plans:
        same_plan(next(found), edition, planned)
    same_verdict(next(found), wrong)


def test_what_is_refused_names_its_field(edition: Edition) -> None:
    tariff = str(max(edition.tariffs) + 1)
    asked = {"on": edition.on, "turnover": "0"}
    answers = assistant(
        edition,
        ("quote", {**asked, "tariffs": {tariff: 1}}),
        ("quote", {**asked, "tariffs": {"1": 1}, "event": "party"}),
        ("quote", {**asked, "tariffs": {"1": 1}, "turnovers": {"moon": "5"}}),
    )
    fields = [answer.structured_content["errors"][0]["field"] for answer in answers if answer.is_error]
    assert [field.split(".")[0] for field in fields] == ["tariffs", "event", "turnovers"]
