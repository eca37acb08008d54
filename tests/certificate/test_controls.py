"""Control histories worked by hand: granted on 1 March 2020, so four years to 1 March 2024."""

from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.controls import ControlHistory, QualificationHistory, control_history
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict

GRANTED = date(2020, 3, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def full(on: str, *controls: str, granted: date | None = GRANTED) -> QualificationHistory:
    firm = Structure(
        qualifications=(Qualification("1905", granted_on=granted),), controls=tuple(map(day, controls))
    )
    (one,) = control_history(firm, on=day(on)).qualifications
    return one


def probationary(on: str, *renewals: str) -> QualificationHistory:
    held = Qualification("1331", probationary=True, granted_on=GRANTED, renewed_on=tuple(map(day, renewals)))
    (one,) = control_history(Structure(qualifications=(held,)), on=day(on)).qualifications
    return one


@pytest.mark.parametrize(
    ("on", "controls", "status", "made", "next_due"),
    [
        ("2020-02-29", [], "not_yet_valid", "undetermined", None),
        ("2020-03-01", [], "valid", "undetermined", "2021-03-01"),
        ("2021-03-01", [], "valid", "undetermined", "2021-03-01"),
        ("2021-03-02", [], "not_renewed", "no", "2021-03-01"),
        ("2021-03-02", ["2021-02-10"], "valid", "undetermined", "2022-03-01"),
        ("2023-03-02", ["2021-02-10", "2022-02-10", "2023-02-10"], "valid", "yes", None),
        ("2023-03-02", ["2021-02-10", "2022-02-10"], "not_renewed", "no", "2023-03-01"),
        ("2024-03-01", ["2021-02-10", "2022-02-10", "2023-02-10"], "valid", "yes", None),
        ("2024-03-02", ["2021-02-10", "2022-02-10", "2023-02-10"], "expired", "yes", None),
        ("2024-03-02", [], "expired", "no", None),
    ],
)
def test_controls_of_a_full_qualification(
    on: str, controls: list[str], status: str, made: str, next_due: str | None
) -> None:
    one = full(on, *controls)
    due = one.next_control and one.next_control.due.isoformat()
    assert (str(one.status), str(one.controls_made), due) == (status, made, next_due)
    assert one.valid_until == date(2024, 3, 1)


def test_two_controls_in_one_year_close_one_year() -> None:
    one = full("2021-06-01", "2021-01-10", "2021-02-10")
    assert one.next_control is not None
    assert (one.next_control.number, one.next_control.due) == (2, date(2022, 3, 1))


def test_a_late_control_closes_the_year_it_was_due_for_and_is_said() -> None:
    one = full("2021-06-01", "2021-04-15")
    assert str(one.status) == "valid"
    assert [warning.rule for warning in one.warnings] == ["control-each-year"]


def test_what_comes_after_the_day_asked_is_left_aside() -> None:
    assert str(full("2021-03-02", "2021-03-03").status) == "not_renewed"


def test_a_control_of_the_day_it_was_granted_is_not_one_of_its_controls() -> None:
    assert full("2020-03-01", "2020-03-01").controls[0].passed_on is None


def test_without_the_day_it_was_granted_nothing_can_be_told() -> None:
    one = full("2021-03-01", granted=None)
    assert (str(one.status), one.controls_made, one.may_renew) == ("undetermined", None, None)


@pytest.mark.parametrize(
    ("on", "renewals", "status", "until", "may_renew", "warnings"),
    [
        ("2020-02-29", [], "not_yet_valid", "2021-03-01", Verdict.YES, 0),
        ("2021-03-01", [], "valid", "2021-03-01", Verdict.YES, 0),
        ("2021-03-02", [], "expired", "2021-03-01", Verdict.UNDETERMINED, 0),
        ("2021-06-01", ["2021-03-01"], "valid", "2022-03-01", Verdict.YES, 0),
        ("2022-06-01", ["2021-03-01", "2022-03-01"], "valid", "2023-03-01", Verdict.NO, 0),
        ("2022-06-01", ["2021-04-01"], "expired", "2022-04-01", Verdict.UNDETERMINED, 1),
        ("2023-06-01", ["2021-03-01", "2022-03-01", "2023-03-01"], "valid", "2024-03-01", Verdict.NO, 1),
    ],
)
def test_renewals_of_a_probationary_one(
    on: str, renewals: list[str], status: str, until: str, may_renew: Verdict, warnings: int
) -> None:
    one = probationary(on, *renewals)
    assert (str(one.status), str(one.valid_until), one.may_renew) == (status, until, may_renew)
    assert len(one.warnings) == warnings


def history(**changes: Any) -> ControlHistory:
    firm = Structure(
        siren="732829320",
        qualifications=(
            Qualification("1905", granted_on=GRANTED),
            Qualification("0317", granted_on=date(2020, 9, 1)),
            Qualification("1331", probationary=True, granted_on=GRANTED, **changes),
            Qualification("0607", probationary=True),
        ),
    )
    return control_history(firm, on=date(2020, 12, 1))


def test_the_structure_as_a_whole() -> None:
    whole = history()
    assert whole.next_due == date(2021, 3, 1)
    assert whole.verdict is Verdict.UNDETERMINED
    data = whole.to_dict()
    assert data["next_control_due"] == "2021-03-01"
    assert [one["status"] for one in data["qualifications"]] == ["valid", "valid", "valid", "undetermined"]
    assert data["qualifications"][0]["controls"][0] == {"number": 1, "due": "2021-03-01", "passed_on": None}


def test_nothing_is_due_of_an_empty_structure() -> None:
    nothing = control_history(Structure(), on=GRANTED)
    assert (nothing.next_due, nothing.verdict) == (None, Verdict.YES)


def test_every_reason_names_a_rule_of_the_table(tables: Tables) -> None:
    for one in (
        full("2021-06-01", "2021-04-15"),
        full("2025-01-01"),
        full("2020-01-01"),
        probationary("2022-06-01", "2021-04-01"),
    ):
        assert {one.reason.rule, *(warning.rule for warning in one.warnings)} <= tables.validity.rules.keys()
