"""The JSON Schemas inside the package: current, and true of what the commands answer."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from opqibi_rules.desk.answers import SCHEMAS, schema_files
from tests.cli.running import ON, asked
from tests.web.test_api import CERTIFICATE, INVOICE

EDITIONS = Path(__file__).parents[1] / "editions"


@cache
def schema(name: str) -> Draft202012Validator:
    found = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def test_the_files_are_current() -> None:
    files = schema_files()
    assert {path.name: path.read_text("utf-8") for path in SCHEMAS.glob("*.json")} == {
        path.name: text for path, text in files.items()
    }, "python -m opqibi_rules.desk"


FIRST = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")
OTHER = ("--tables", str(EDITIONS / "other_body"))


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("quote", ("quote", *FIRST, *ON)),
        ("quote", ("quote", "-q", "1905:5", "-p", "1911:7", "--turnover", "90000", *ON)),
        ("quote", ("quote", "--event", "control", "-t", "4=1", "--new-tariff", "5=1", "--vat", "0.085", *ON)),
        ("quote", ("quote", "-t", "1=2", "--turnover", "export=1000000", "--turnover", "5", *OTHER, *ON)),
        ("explained-quote", ("quote", *FIRST, "--explain", *ON)),
        ("plan", ("plan", *FIRST, "--from", "2026-03-02", "--years", "9")),
        ("plan", ("plan", "-t", "1=2", *OTHER, "--from", "2026-03-02")),
        ("turnovers", ("turnover-from-fee", "557.50", *ON)),
        ("turnovers", ("turnover-from-fee", "12", *ON)),
        ("comparison", ("compare", *FIRST, "--when-to-add", "5=1", "--from", "2026-03-02")),
        ("one-more", ("compare", *FIRST, "--one-more", "--from", "2026-03-02")),
        ("rise", ("compare", *FIRST, "--against", str(EDITIONS / "later"), "--from", "2027-03-02")),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:3]),
)
def test_an_answer_is_as_described(name: str, command: tuple[str, ...], lang: str) -> None:
    outcome = asked(*command, "--lang", lang, "--format", "json")
    assert outcome.code in {0, 1, 3}, outcome.err
    schema(name).validate(json.loads(outcome.out))


def test_files_are_answered_as_described(tmp_path: Path) -> None:
    bill, answer, firm = tmp_path / "F1.csv", tmp_path / "answer.json", tmp_path / "firm.yaml"
    bill.write_bytes(INVOICE)
    answer.write_text(json.dumps(CERTIFICATE), "utf-8")
    firm.write_text('qualifications: [{code: "1905", tariff: 5, granted_on: 2023-03-01}]\n', "utf-8")
    for name, command in (
        ("invoice-check", ("check-invoice", str(bill), *FIRST, "--dispute-text")),
        (
            "certificate-report",
            ("check-certificate", str(answer), *("--on", "2025-01-15", "--requires", "1905")),
        ),
        (
            "certificate-report",
            ("check-certificate", str(answer), "--on", "2030-01-15", "--requires", "0607"),
        ),
        ("control-history", ("controls", str(firm), "--on", "2025-01-15")),
    ):
        outcome = asked(*command, "--format", "json")
        assert outcome.code in {0, 1, 3}, outcome.err
        told: Any = json.loads(outcome.out)
        schema(name).validate(told)
