"""The assistants' tools, one session for each schedule: the same figures as everywhere."""

from pathlib import Path

from tests.editions.doors import Edition, assistant, fees_of, same_amounts
from tests.editions.test_compare import GIVEN_UP
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
    start = {"start": edition.plans[0].start, "turnover": "800000"}
    calls += [("compare", {**start, "tariffs": {"1": 5, "2": 3}})]
    calls += [("compare", {**start, "tariffs": {"1": 5, "2": 3}, "drop_tariffs": {"1": 1}})]
    calls += [("turnover-from-fee", {"fee": "550", "on": edition.on})]
    answers = assistant(edition, *calls)
    assert [answer for answer in answers if answer.is_error] == []
    found = iter(answer.structured_content for answer in answers)
    for price in edition.prices:
        same_amounts(next(found), price, fees_of(edition, price.on))
    for planned in edition.plans:
        same_plan(next(found), edition, planned)
    same_verdict(next(found), wrong)
    more = next(found)["one_more_qualification"]
    assert {tariff: more[tariff] for tariff in edition.one_more} == dict(edition.one_more)
    assert [choice["difference"] for choice in next(found)["choices"]] == GIVEN_UP[edition.name]
    # 250 000 × 0,80 ‰ = 200, or 0,85 ‰ = 212,50, then 0,65 ‰ or 0,70 ‰: 350 / 0,00065, 337,50 / 0,00070; 0,50 ‰ beyond 400.
    turnover = next(found)["turnovers"]
    about = {"later": 732_142, "other_body": 800_000}.get(edition.name, 788_461)
    assert float(turnover["lowest"]) - 20 < about < float(turnover["highest"]) + 20


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
