"""A refusal blames the field that the core names, at every door; and a question is said once."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.requests import PlanRequest, QuoteRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked
from opqibi_rules.tables.library import Tables
from tests.cli.running import refused

PACKAGE = Path(__file__).parents[2] / "opqibi_rules"
SERVICE = Service(Tables(), lambda: date(2026, 3, 2))
ONE = {"tariffs": {"1": 1}, "turnover": "100000"}


def blamed(given: dict[str, Any], *, plan: bool = False) -> list[str | None]:
    """The fields that a refusal names."""

    def answered() -> object:
        if plan:
            return SERVICE.plan(understood(PlanRequest, given))
        return SERVICE.quote(understood(QuoteRequest, given))

    with pytest.raises(RefusedError) as caught:
        answered()
    assert not any("--" in str(item.reason) for item in caught.value.wrong)
    return [item.field for item in caught.value.wrong]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "tariffs"),
        ({"tariffs": {"9": 1}}, "tariffs"),
        ({"qualifications": ["1905:9"]}, "qualifications[0]"),
        ({"qualifications": ["0607:5"], "probationary": ["1905:9"]}, "probationary[0]"),
        ({"event": "control", **ONE, "new_tariffs": {"9": 1}}, "new_tariffs"),
        ({"event": "control", **ONE, "new_qualifications": ["1905"]}, "new_qualifications[0]"),
        ({**ONE, "new_qualifications": ["1905:5"]}, "new_qualifications"),
        ({"qualifications": ["1905:5", "1905:5"]}, "qualifications[1]"),
        ({"structure": {"qualifications": [{"code": "1905"}]}}, "structure.qualifications"),
        ({**ONE, "event": "party"}, "event"),
        ({**ONE, "turnovers": {"moon": "5"}}, "turnovers"),
        ({**ONE, "turnovers": {"engineering": "5"}}, "turnover"),
        ({**ONE, "vat": "mars"}, "vat"),
        ({**ONE, "vat": "30 moons"}, "vat"),
        ({**ONE, "on": "1999-01-01"}, "on"),
    ],
    ids=str,
)
def test_a_quote_blames_the_right_field(given: dict[str, Any], field: str) -> None:
    assert blamed(given) == [field]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"notified": "2025-01-01"}, "notified"),
        ({"start": "1999-01-01"}, "start"),
        ({"years": 99}, "years"),
        ({"growth": "0.5", "outcome": "sold"}, "outcome"),
        ({"event": "control", "control": 9}, "control"),
        ({"changes": [{"event": "control", "number": 1, "add_tariffs": {"9": 1}}]}, "changes"),
        ({"changes": [{"event": "control", "number": 40, "add": ["1905:5"]}]}, "changes"),
        ({"changes": [{"number": 1}]}, "changes[0].event"),
        ({"qualifications": ["1905"], "tariffs": None}, "qualifications[0]"),
    ],
    ids=str,
)
def test_a_plan_blames_the_right_field(more: dict[str, Any], field: str) -> None:
    assert blamed({**ONE, "start": "2026-03-02", **more}, plan=True) == [field]


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ((), "--tariff T=N"),
        (("-t", "9=1"), "--tariff T=N"),
        (("-q", "1905:9"), "--qualification CODE[:T]"),
        (("-t", "1=1", "--event", "control", "--new", "1905"), "--new CODE[:T]"),
        (("-t", "1=1", "--turnover", "1,234.56"), "--turnover [BASE=]EUR"),
        (("-t", "1=1", "--turnover", "moon=5"), "--turnover [BASE=]EUR"),
        (("-t", "1=1", "--vat", "mars"), "--vat RATE|TERRITORY"),
        (("-t", "1=1", "--event", "party"), "--event"),
        (("-t", "1=1", "--date", "1999-01-01"), "--date YYYY-MM-DD"),
    ],
    ids=str,
)
def test_the_command_line_adds_the_option(words: tuple[str, ...], option: str) -> None:
    said = refused("quote", *words, "--lang", "en")
    assert said.endswith(f"{option}.")
    assert "Option" in said


def test_what_may_be_asked_is_said_once() -> None:
    assert set(QuoteRequest.model_fields) == {"on", *Asked.__annotations__}
    assert set(PlanRequest.model_fields) == {"start", *PlanAsked.__annotations__}
    assert all(field.description for field in PlanRequest.model_fields.values())
    files = [path for path in PACKAGE.rglob("*.py") if "audit_turnover" in path.read_text("utf-8")]
    assert len(files) <= 8, files  # sixteen, once


@pytest.mark.parametrize(
    "name",
    ["cli/commands/prices/quote.py", "cli/commands/prices/plan.py", "desk/service.py", "web/prices/quote.py"],
)
def test_the_main_flow_keeps_its_types(name: str) -> None:
    assert "Any" not in (PACKAGE / name).read_text("utf-8")


def test_the_core_names_no_option() -> None:
    rooms = ("price", "tables", "certificate", "invoice", "paper")
    told = [
        f"{path}: {line.strip()}"
        for room in rooms
        for path in (PACKAGE / room).rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if " --" in line and "Message(" in line and path.name != "structure_text.py"  # the text of a file
    ]
    assert told == []
