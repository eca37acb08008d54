"""Control histories worked by hand: granted on 1 March 2020, so four years to 1 March 2024."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.certificate.controls import ControlHistory, QualificationHistory, control_history
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.errors import RequestError
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.tables.library import SHIPPED, Tables
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
    assert [warning.rule for warning in one.warnings] == ["control-each-year", "disqualification"]


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
        ("2021-02-28", [], "valid", "2021-03-01", Verdict.YES, 0),
        ("2021-03-01", [], "valid", "2021-03-01", Verdict.YES, 1),  # the last day, said so
        ("2021-03-02", [], "expired", "2021-03-01", Verdict.UNDETERMINED, 0),
        ("2021-06-01", ["2021-03-01"], "valid", "2022-03-01", Verdict.YES, 0),
        ("2022-06-01", ["2021-03-01", "2022-03-01"], "valid", "2023-03-01", Verdict.NO, 0),
        ("2022-06-01", ["2021-04-01"], "expired", "2022-04-01", Verdict.UNDETERMINED, 1),
        ("2022-03-01", ["2021-03-02"], "undetermined", "2022-03-02", Verdict.UNDETERMINED, 1),
        ("2026-06-01", ["2026-03-01"], "undetermined", "2027-03-01", Verdict.UNDETERMINED, 1),
        # A third renewal cannot be: the second year renewed is the last one.
        ("2023-06-01", ["2021-03-01", "2022-03-01", "2023-03-01"], "expired", "2023-03-01", Verdict.NO, 1),
        (
            "2023-03-01",
            ["2021-03-01", "2022-03-01", "2023-03-01"],
            "undetermined",
            "2023-03-01",
            Verdict.NO,
            1,
        ),
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
    assert whole.next_due is None  # 0607 may have opened the cycle: the others' controls cannot be told
    assert whole.verdict is Verdict.UNDETERMINED
    data = whole.to_dict()
    assert [one["status"] for one in data["qualifications"]] == [
        "undetermined",
        "undetermined",
        "valid",
        "undetermined",
    ]
    assert data["qualifications"][0]["granted_on"] == "2020-03-01"
    assert "0607" in data["qualifications"][0]["reason"]


def test_nothing_can_be_said_of_an_empty_structure() -> None:
    nothing = control_history(Structure(), on=GRANTED)
    assert (nothing.next_due, nothing.verdict) == (None, Verdict.UNDETERMINED)


def firm(*held: Qualification, on: str, controls: tuple[str, ...] = ()) -> ControlHistory:
    return control_history(Structure(qualifications=held, controls=tuple(map(day, controls))), on=day(on))


def rules(one: QualificationHistory) -> list[str]:
    return [warning.rule for warning in one.warnings]


def test_what_is_added_ends_with_the_others_and_shares_their_controls() -> None:
    # 1905 opens the cycle on 1 March 2023, to 1 March 2027; 1332 is added at its second control.
    held = (
        Qualification("1905", granted_on=day("2023-03-01")),
        Qualification("1332", granted_on=day("2025-03-01")),
    )
    first, added = firm(*held, on="2025-11-21", controls=("2024-02-20", "2025-03-01")).qualifications
    assert (first.valid_until, added.valid_until) == (day("2027-03-01"), day("2027-03-01"))
    assert [control.number for control in first.controls] == [1, 2, 3]
    assert [(control.number, control.due) for control in added.controls] == [(3, day("2026-03-01"))]
    assert first.next_control == added.next_control
    assert [warning.assumption for warning in added.warnings] == ["added-qualifications-end-with-the-others"]
    assert rules(first) == []
    whole = firm(*held, on="2026-11-21", controls=("2024-02-20", "2025-03-01", "2026-02-18"))
    assert (whole.verdict, whole.next_due) == (Verdict.YES, None)


def test_the_control_at_which_it_is_added_is_not_one_of_its_own() -> None:
    # Passed, and granted, ten days before the second control is due.
    held = (
        Qualification("1905", granted_on=day("2023-03-01")),
        Qualification("1332", granted_on=day("2025-02-19")),
    )
    _, added = firm(*held, on="2025-02-19", controls=("2024-02-20", "2025-02-19")).qualifications
    assert [control.number for control in added.controls] == [3]
    # Granted ten days before; the control is passed the day after the grant: it covers both.
    _, added = firm(*held, on="2025-02-20", controls=("2024-02-20", "2025-02-20")).qualifications
    assert [(control.number, control.passed_on) for control in added.controls] == [
        (2, day("2025-02-20")),
        (3, None),
    ]


def test_what_is_granted_once_all_is_over_opens_a_cycle_of_its_own() -> None:
    held = (
        Qualification("1905", granted_on=day("2018-03-01")),
        Qualification("1332", granted_on=day("2022-03-02")),
    )
    old, new = firm(*held, on="2022-06-01").qualifications
    assert (str(old.status), old.valid_until) == ("expired", day("2022-03-01"))
    assert (str(new.status), new.valid_until, len(new.controls)) == ("valid", day("2026-03-02"), 3)
    assert rules(new) == []


def test_what_is_granted_as_the_cycle_ends_opens_the_next_one() -> None:
    held = (
        Qualification("1905", granted_on=day("2018-03-01")),
        Qualification("1332", granted_on=day("2022-03-01")),
    )
    assert firm(*held, on="2022-06-01").qualifications[1].valid_until == day("2026-03-01")


def test_nothing_is_held_between_a_probationary_one_that_lapsed_and_the_next() -> None:
    trial = Qualification("1331", probationary=True, granted_on=day("2020-03-01"))
    _, after = firm(
        trial, Qualification("1905", granted_on=day("2021-03-02")), on="2021-06-01"
    ).qualifications
    assert after.valid_until == day("2025-03-02")
    _, during = firm(
        trial, Qualification("1905", granted_on=day("2021-03-01")), on="2021-06-01"
    ).qualifications
    assert during.valid_until == day("2024-03-01")  # added on its last day, which counts


def test_a_probationary_one_turned_full_is_one_life() -> None:
    # Granted on 1 March 2025, turned full at the first control: the cycle it opened runs to 1 March 2029.
    held = (
        Qualification("1331", probationary=True, granted_on=day("2025-03-01")),
        Qualification("1331", granted_on=day("2026-03-01")),
    )
    (before,) = firm(*held, on="2026-02-28").qualifications
    assert (before.probationary, str(before.status), before.valid_until) == (True, "valid", day("2026-03-01"))
    for order in (held, held[::-1]):
        (after,) = firm(*order, on="2026-03-01").qualifications
        assert (after.probationary, str(after.status), after.valid_until) == (
            False,
            "valid",
            day("2029-03-01"),
        )
        assert rules(after) == ["conversion-at-a-control", "qualification-four-years"]
        assert after.next_control is not None
        assert (after.next_control.number, after.next_control.due) == (2, day("2027-03-01"))


def test_the_past_of_one_turned_full_is_said_if_it_was_odd() -> None:
    renewed = day("2022-03-02"), day("2023-03-01")
    trial = Qualification("1331", probationary=True, granted_on=day("2021-03-01"), renewed_on=renewed)
    (one,) = firm(trial, Qualification("1331", granted_on=day("2023-06-01")), on="2023-07-01").qualifications
    assert rules(one)[:2] == ["conversion-at-a-control", "probationary-one-year"]
    assert str(one.status) == "valid"


@pytest.mark.parametrize(
    ("on", "status", "until", "warnings"),
    [
        ("2024-01-31", "valid", "2024-03-01", []),
        ("2024-02-20", "valid", "2028-02-20", []),  # renewed a little early: from its own date
        ("2028-02-21", "expired", "2028-02-20", []),
    ],
)
def test_a_full_one_renewed_runs_from_that_day(on: str, status: str, until: str, warnings: list[str]) -> None:
    held = Qualification("1905", granted_on=GRANTED, renewed_on=(day("2024-02-20"),))
    controls = ("2021-02-01", "2022-02-01", "2023-02-01", "2025-02-01", "2026-02-01", "2027-02-01")
    (one,) = firm(held, on=on, controls=controls).qualifications
    assert (str(one.status), one.valid_until) == (status, day(until))
    assert [rule for rule in rules(one) if rule != "renewal-references"] == warnings


def test_a_full_one_renewed_after_its_end_is_valid_since_and_the_gap_is_said() -> None:
    held = Qualification("1905", granted_on=GRANTED, renewed_on=(day("2024-03-02"),))
    (one,) = firm(held, on="2024-06-01").qualifications
    assert (str(one.status), one.valid_until, rules(one)) == (
        "valid",
        day("2028-03-02"),
        ["qualification-four-years"],
    )
    (in_time,) = firm(
        Qualification("1905", granted_on=GRANTED, renewed_on=(day("2024-03-01"),)), on="2024-06-01"
    ).qualifications
    assert (in_time.valid_until, rules(in_time)) == (day("2028-03-01"), [])


def test_those_renewed_a_few_days_apart_end_together() -> None:
    held = (
        Qualification("1905", granted_on=GRANTED, renewed_on=(day("2024-02-15"),)),
        Qualification("1332", granted_on=day("2022-03-01"), renewed_on=(day("2024-02-20"),)),
    )
    first, second = firm(*held, on="2024-06-01").qualifications
    assert first.valid_until == second.valid_until == day("2028-02-15")
    assert [warning.assumption for warning in second.warnings] == ["added-qualifications-end-with-the-others"]


def test_one_turned_full_then_renewed_is_full_since_it_was_turned() -> None:
    held = (
        Qualification("1331", probationary=True, granted_on=day("2020-03-01")),
        Qualification("1331", granted_on=day("2021-03-01"), renewed_on=(day("2024-03-01"),)),
    )
    (one,) = firm(*held, on="2024-06-01").qualifications
    assert (one.granted_on, one.valid_until) == (day("2021-03-01"), day("2028-03-01"))
    assert [str(warning.message) for warning in one.warnings] == [
        "Probationary since 2020-03-01, full since 2021-03-01."
    ]


def test_a_control_taken_for_a_renewal_is_refused() -> None:
    for renewed, refused in (("2021-03-01", True), ("2023-02-28", True), ("2023-03-01", False)):
        held = Qualification("1905", granted_on=GRANTED, renewed_on=(day(renewed),))
        try:
            firm(held, on="2023-06-01")
        except RequestError as error:
            assert refused, renewed
            assert (error.field, error.codes) == ("qualifications", ("1905",))
            assert "1905: renewed on" in str(error)
            assert "from 2020-03-01 to 2024-03-01" in str(error)
        else:
            assert not refused, renewed


def test_probationary_ones_alone_are_controlled_on_the_days_of_their_cycle() -> None:
    trial = Qualification("1331", probationary=True, granted_on=GRANTED, renewed_on=(day("2021-03-01"),))
    assert firm(trial, on="2020-06-01").next_due == day("2021-03-01")
    assert firm(trial, on="2021-03-01").next_due == day("2021-03-01")
    assert firm(trial, on="2021-03-01", controls=("2021-02-10",)).next_due == day("2022-03-01")
    assert firm(trial, on="2022-03-02").next_due is None  # it ended


@pytest.mark.parametrize(
    ("on", "said"),
    [("2021-02-28", False), ("2021-03-01", True), ("2021-03-02", False), ("2024-03-01", False)],
)
def test_the_last_day_is_said_where_it_counts(on: str, said: bool) -> None:
    assert ("last-day" in rules(full(on))) is said
    made = ("2021-02-10", "2022-02-10", "2023-02-10")
    assert ("last-day" in rules(full(on, *made))) is (on == "2024-03-01")


def test_what_may_follow_a_missed_control_is_said_as_far_as_it_was_read(tmp_path: Path) -> None:
    missed = full("2021-03-02")
    assert rules(missed) == ["disqualification"]
    assert "Manuel des procédures" in str(missed.warnings[0].message)
    assert rules(full("2021-02-28")) == []
    text = (SHIPPED / "validity.yaml").read_text("utf-8")
    rule = '{id: suspension, text: {fr: Suspendue., en: Suspended.}, source: {document: Manuel, address: "https://example.org"}}'
    (tmp_path / "validity.yaml").write_text(text.replace("suspension: null", f"suspension: {rule}"), "utf-8")
    held = Structure(qualifications=(Qualification("1905", granted_on=GRANTED),))
    (one,) = control_history(held, on=day("2021-03-02"), tables=Tables(tmp_path)).qualifications
    assert [str(warning.message) for warning in one.warnings] == ["Suspended."]


def test_what_the_renewal_asks_for_is_said_once_all_controls_are_made() -> None:
    made = ("2021-02-10", "2022-02-10", "2023-02-10")
    assert rules(full("2023-03-02", *made)) == ["renewal-references"]
    assert rules(full("2023-03-02", *made[:2])) == ["disqualification"]
    assert rules(full("2024-03-02", *made)) == []


def test_the_same_code_with_two_lives_at_once_is_refused() -> None:
    trial, whole = Qualification("1331", probationary=True), Qualification("1331")
    later, sooner = day("2026-03-01"), day("2025-03-01")
    for held in (
        (trial, whole),
        (replace(trial, granted_on=sooner), whole),
        (replace(trial, granted_on=later), replace(whole, granted_on=sooner)),
        (replace(trial, granted_on=sooner), replace(whole, granted_on=sooner)),
        (replace(whole, granted_on=sooner), replace(whole, granted_on=later)),
        (replace(whole, granted_on=later), replace(whole, granted_on=sooner)),
        (replace(trial, granted_on=sooner), replace(trial, granted_on=later)),
        (replace(trial, granted_on=sooner, renewed_on=(later,)), replace(whole, granted_on=later)),
        (replace(trial, granted_on=sooner, tariff=1), replace(whole, granted_on=later, tariff=2)),
        (replace(trial, granted_on=sooner), *[replace(whole, granted_on=later)] * 2),
    ):
        with pytest.raises(RequestError, match="1331 is given twice"):
            firm(*held, on="2026-06-01")


@pytest.mark.parametrize("renewed", [["2020-03-01"], ["2020-02-29"], ["2021-03-01", "2021-03-01"]])
def test_a_renewal_that_renews_nothing_is_refused(renewed: list[str]) -> None:
    with pytest.raises(RequestError, match="1331: renewed on"):
        probationary("2021-06-01", *renewed)


# The rules of OPQIBI, in its own words: « A trial qualification is granted for a period of one year and may be renewed
# not more than twice. » A day is in order if it is in the year granted, or in one of two renewed ones, each renewed
# before the one before was over; whatever happened later. It is surely not in order once all these years are over.
# In between, the file tells what the rules do not provide for: nothing is sure.


def in_words(granted: date, renewals: list[date], on: date) -> str:
    days = [granted, *(day for day in sorted(renewals) if day <= on)]
    years = [(start, start.replace(year=start.year + 1)) for start in days[:3]]
    if on < granted:
        return "not_yet_valid"
    if on > years[-1][1]:
        return "expired"
    provided_for = len(days) <= 3 and all(later[0] <= sooner[1] for sooner, later in pairwise(years))
    return "valid" if provided_for else "undetermined"


some_days = st.dates(date(2020, 3, 1), date(2026, 12, 31)).filter(
    lambda found: (found.month, found.day) != (2, 29)
)


@given(some_days, st.lists(some_days, unique=True, max_size=5), some_days)
def test_renewals_against_the_rules_in_words(granted: date, renewals: list[date], on: date) -> None:
    renewals = [one for one in renewals if one > granted]
    held = Qualification("1331", probationary=True, granted_on=granted, renewed_on=tuple(renewals))
    whole = control_history(Structure(qualifications=(held,)), on=on)
    (one,) = whole.qualifications
    assert str(one.status) == in_words(granted, renewals, on)
    assert one.renewals == sum(found <= on for found in renewals)
    assert whole.verdict.exit_code == {"valid": 0, "undetermined": 3}.get(str(one.status), 1)
    if one.may_renew is Verdict.YES:  # then one more renewal today would be provided for
        again = renewals + [on] * (on not in renewals and on > granted)
        assert in_words(granted, again, on) in {"valid", "not_yet_valid"}
    if (one.renewals or 0) >= 2:
        assert one.may_renew is Verdict.NO


def test_every_reason_names_a_rule_of_the_table(tables: Tables) -> None:
    for one in (
        full("2021-06-01", "2021-04-15"),
        full("2025-01-01"),
        full("2020-01-01"),
        probationary("2022-03-01", "2021-04-01"),
    ):
        assert {one.reason.rule, *(warning.rule for warning in one.warnings)} <= tables.validity.rules.keys()


Said = tuple[str, str, str | None]


def said(*reasons: Reason) -> list[Said]:
    return [(str(one.message), one.rule, one.assumption) for one in reasons]


YEARLY = "control-on-the-last-day-of-the-certificate"
MADE = ("2021-02-10", "2022-02-10", "2023-02-10")


@pytest.mark.parametrize(
    ("asked", "reason", "warnings"),
    [
        (
            lambda: full("2020-02-29"),
            ("Granted on 2020-03-01, after the day asked.", "qualification-four-years", None),
            [],
        ),
        (
            lambda: full("2020-06-01"),
            ("Next control: number 1, by 2021-03-01.", "control-each-year", YEARLY),
            [],
        ),
        (
            lambda: full("2021-03-01"),
            ("Next control: number 1, by 2021-03-01.", "control-each-year", YEARLY),
            [
                (
                    "2021-03-01 is the last day; it is counted as valid, which no source read states.",
                    "last-day",
                    "last-day-included",
                )
            ],
        ),
        (
            lambda: full("2021-03-02"),
            ("Control 1 was due by 2021-03-01 and is not in the file.", "control-each-year", YEARLY),
            [
                (
                    "OPQIBI may then withdraw qualifications; when and how stands in what we could not open: OPQIBI, "
                    "«\N{NO-BREAK SPACE}Manuel des procédures d’attribution, de contrôle et de renouvellement des qualifications\N{NO-BREAK SPACE}» "
                    "(https://fr.scribd.com/document/707355122).",
                    "disqualification",
                    None,
                )
            ],
        ),
        (
            lambda: full("2023-03-02", *MADE),
            ("All controls were made; to be renewed by 2024-03-01.", "qualification-four-years", None),
            [
                (
                    "To renew it, one reference certified by a customer is enough, instead of three.",
                    "renewal-references",
                    None,
                )
            ],
        ),
        (
            lambda: full("2024-03-02", *MADE),
            ("Its term ended on 2024-03-01.", "qualification-four-years", None),
            [],
        ),
        (
            lambda: full("2020-06-01", granted=None),
            ("The file does not say when it was granted (granted_on).", "missing-is-undetermined", None),
            [],
        ),
        (
            lambda: probationary("2020-06-01"),
            ("Its term runs until 2021-03-01.", "probationary-one-year", None),
            [],
        ),
        (
            lambda: probationary("2021-06-01", "2021-02-01"),
            ("Its term runs until 2022-02-01.", "probationary-one-year", "renewal-from-its-date"),
            [],
        ),
        (
            lambda: probationary("2022-06-01", "2021-02-01"),
            ("Its term ended on 2022-02-01.", "probationary-one-year", "renewal-from-its-date"),
            [],
        ),
        (
            lambda: probationary("2021-06-01", "2021-03-02"),
            ("Renewed on 2021-03-02, after its term ended on 2021-03-01.", "probationary-one-year", None),
            [("Renewed on 2021-03-02, after its term ended on 2021-03-01.", "probationary-one-year", None)],
        ),
        (
            lambda: probationary("2020-07-01", "2020-04-01", "2020-05-01", "2020-06-01"),
            ("Renewed 3 times; 2 at most.", "probationary-renewals", None),
            [("Renewed 3 times; 2 at most.", "probationary-renewals", None)],
        ),
    ],
)
def test_word_by_word(asked: Callable[[], QualificationHistory], reason: Said, warnings: list[Said]) -> None:
    one = asked()
    assert said(one.reason) == [reason]
    assert said(*one.warnings) == warnings


def test_a_late_control_word_by_word() -> None:
    (late, _) = full("2021-06-01", "2021-04-15").warnings
    assert said(late) == [
        (
            "Control 1 was passed on 2021-04-15, after its day, 2021-03-01.",
            "control-each-year",
            "late-control-counts",
        )
    ]


def test_a_shared_cycle_word_by_word() -> None:
    held = (
        Qualification("1331", probationary=True, granted_on=day("2025-03-01")),
        Qualification("1331", granted_on=day("2026-02-20")),
    )
    (one,) = firm(*held, on="2026-02-20").qualifications
    assert said(*one.warnings) == [
        ("Probationary since 2025-03-01, full since 2026-02-20.", "conversion-at-a-control", None),
        (
            "Granted or renewed on 2026-02-20, in a cycle opened on 2025-03-01: it ends with the others.",
            "qualification-four-years",
            "added-qualifications-end-with-the-others",
        ),
    ]
    unsure, _ = firm(
        Qualification("1905", granted_on=GRANTED), Qualification("0607"), on="2020-06-01"
    ).qualifications
    assert said(unsure.reason) == [
        (
            "It ends with the others, and the file does not say when 0607 was granted (granted_on).",
            "missing-is-undetermined",
            None,
        )
    ]


def test_a_renewal_too_early_word_by_word() -> None:
    with pytest.raises(RequestError) as raised:
        firm(Qualification("1905", granted_on=GRANTED, renewed_on=(day("2021-03-01"),)), on="2021-06-01")
    assert str(raised.value) == (
        "1905: renewed on 2021-03-01, in a term that runs from 2020-03-01 to 2024-03-01. A full qualification is renewed "
        "as its term ends; annual controls go under controls."
    )


def test_a_history_names_its_day_its_qualifications_and_its_rules(tables: Tables) -> None:
    one = firm(Qualification("1905", granted_on=GRANTED), on="2020-06-01")
    assert one.on == day("2020-06-01")
    assert one.qualifications[0].name == tables.nomenclature.name("1905") is not None
    assert [rule.id for rule in one.rules] == ["control-each-year"]
    assert one.to_dict()["rules"][0]["text"] == tables.validity.rules["control-each-year"].text.en
    assert (
        one.to_dict(language="fr")["rules"][0]["text"] == tables.validity.rules["control-each-year"].text.fr
    )
    assert one.to_dict(say=lambda message: "said")["qualifications"][0]["reason"] == "said"


def test_where_no_number_of_renewals_is_stated_there_is_no_limit(tmp_path: Path) -> None:
    text = (SHIPPED / "validity.yaml").read_text("utf-8")
    (tmp_path / "validity.yaml").write_text(text.replace("  renewals: 2\n", "  renewals: null\n"), "utf-8")
    renewed = tuple(date(2020 + year, 3, 1) for year in range(1, 5))
    held = Qualification("1331", probationary=True, granted_on=GRANTED, renewed_on=renewed)
    history = control_history(
        Structure(qualifications=(held,)), on=day("2024-06-01"), tables=Tables(tmp_path)
    )
    (one,) = history.qualifications
    assert (str(one.status), one.valid_until, one.may_renew) == ("valid", day("2025-03-01"), Verdict.YES)
    assert one.warnings == ()
