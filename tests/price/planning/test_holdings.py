"""What is held from one event to the next, and the clocks of probationary qualifications."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.price.planning.holdings import Change, Holdings, holdings, placed
from opqibi_rules.price.planning.timeline import timeline
from opqibi_rules.price.structure import Qualification
from opqibi_rules.tables.schedule import Role
from tests.editions.pinned import TABLES_2024

START, NOTIFIED = date(2026, 3, 2), date(2026, 6, 2)
FULL = Qualification("1905", 5)
TRIAL = Qualification("0607", 2, probationary=True)


def held(
    *named: Qualification,
    changes: tuple[Change, ...] = (),
    tariffs: Mapping[int, int] | None = None,
    outcome: str = "turned_full",
    years: int = 8,
    **days: Any,
) -> Holdings:
    found = timeline(
        **{
            "start": START,
            "years": years,
            "validity": TABLES_2024.validity,
            "notified": NOTIFIED,
            **days,
        }
    )
    at = placed(changes, found, TABLES_2024.schedule(START).events)
    return holdings(found, tariffs=tariffs or {}, qualifications=named, changes=at, outcome=outcome)


def codes(found: Holdings, cycle: int, number: int) -> list[str]:
    """The codes held at an event; a probationary one bears an asterisk."""
    return [item.code + "*" * item.probationary for item in found.asked[cycle, number].qualifications]


def clocks(found: Holdings) -> list[tuple[str, str, int, str]]:
    return [(item.code, item.day.isoformat(), item.year, item.then) for item in found.probations]


def test_a_probationary_one_is_renewed_twice_then_full() -> None:
    found = held(FULL, TRIAL)
    assert [codes(found, 1, number) for number in range(4)] == [["1905", "0607*"]] * 3 + [["1905", "0607"]]
    assert clocks(found) == [
        ("0607", "2027-06-02", 1, "renewed"),
        ("0607", "2028-06-02", 2, "renewed"),
        ("0607", "2029-06-02", 3, "turned_full"),
    ]
    assert codes(found, 2, 0) == ["1905", "0607"]


def test_or_it_is_lost_after_its_last_day_on_which_a_control_counts_it_still() -> None:
    found = held(FULL, TRIAL, outcome="lost")
    assert [codes(found, 1, number) for number in (1, 2, 3)] == [["1905", "0607*"]] * 3
    assert codes(found, 2, 0) == ["1905"]
    assert clocks(found)[-1] == ("0607", "2029-06-02", 3, "lost")
    given_up = held(FULL, TRIAL, outcome="lost", changes=(Change("control", 3, drop=("0607",)),))
    assert codes(given_up, 1, 3) == ["1905"]


def test_a_renewal_does_not_ask_again_for_what_is_lost_that_very_day() -> None:
    # Held since the first control: its third year ends with the renewal's application.
    trial = Qualification("0607", 2, probationary=True, granted_on=date(2027, 3, 2))
    found = held(FULL, trial, outcome="lost")
    assert codes(found, 1, 3) == ["1905", "0607*"]
    assert clocks(found)[-1] == ("0607", "2030-03-02", 3, "lost")
    assert codes(found, 2, 0) == ["1905"]


def test_nor_for_what_is_lost_before_the_qualifications_renewed_begin() -> None:
    # The application of 2 March 2030 is for qualifications that run from 2 June 2030.
    for granted, asked in (("2027-06-02", ["1905"]), ("2027-06-03", ["1905", "0607*"])):
        trial = Qualification("0607", 2, probationary=True, granted_on=date.fromisoformat(granted))
        found = held(FULL, trial, outcome="lost")
        assert codes(found, 1, 3) == ["1905", "0607*"]
        assert codes(found, 2, 0) == asked
        assert codes(held(FULL, trial), 2, 0) == ["1905", "0607*"]


def test_it_can_be_turned_full_or_given_up_before() -> None:
    turned = held(FULL, TRIAL, changes=(Change("control", 1, turn_full=("0607",)),))
    assert codes(turned, 1, 1) == ["1905", "0607"]
    assert clocks(turned) == [("0607", "2027-06-02", 1, "turned_full")]
    dropped = held(FULL, TRIAL, changes=(Change("control", 2, drop=("0607",)),))
    assert codes(dropped, 1, 2) == ["1905"]
    assert clocks(dropped) == [("0607", "2027-06-02", 1, "renewed"), ("0607", "2028-06-02", 2, "dropped")]


def test_its_clock_started_when_it_was_granted() -> None:
    old = Qualification("0607", 2, probationary=True, granted_on=date(2024, 9, 1))
    found = held(FULL, old, notified=None, role=Role.CONTROL, control=1, start=date(2026, 9, 1), years=2)
    assert clocks(found) == [("0607", "2026-09-01", 2, "renewed"), ("0607", "2027-09-01", 3, "turned_full")]
    assert codes(found, 1, 2) == ["1905", "0607"]


def test_one_that_ended_before_the_plan_is_refused() -> None:
    old = Qualification("0607", 2, probationary=True, granted_on=date(2023, 3, 1))
    with pytest.raises(RequestError, match="2026-03-01"):
        held(FULL, old)
    assert held(FULL, Qualification("0607", 2, probationary=True, granted_on=START.replace(year=2023)))


def test_asked_for_at_a_control_then_held_and_renewed() -> None:
    change = Change("control", 2, add=(Qualification("0901", 1),), add_tariffs={3: 2})
    found = held(FULL, tariffs={1: 4}, changes=(change,))
    at_control = found.asked[1, 2]
    assert (at_control.tariffs, at_control.new_tariffs) == ({1: 4}, {3: 2})
    assert ([q.code for q in at_control.qualifications], [q.code for q in at_control.new_qualifications]) == (
        ["1905"],
        ["0901"],
    )
    assert found.asked[1, 3].tariffs == {1: 4, 3: 2}
    assert codes(found, 1, 3) == codes(found, 2, 0) == ["1905", "0901"]


def test_asked_for_at_a_renewal_is_part_of_it() -> None:
    found = held(FULL, tariffs={1: 4}, changes=(Change("renewal", 1, add_tariffs={1: 1}, drop=("1905",)),))
    renewal = found.asked[2, 0]
    assert (renewal.tariffs, renewal.qualifications, renewal.new_tariffs) == ({1: 5}, (), {})
    assert found.asked[1, 3].tariffs == {1: 4}


def test_given_up_from_an_event_on() -> None:
    found = held(tariffs={1: 4, 2: 1}, changes=(Change("control", 5, drop_tariffs={1: 3, 2: 1}),))
    assert found.asked[2, 1].tariffs == {1: 4, 2: 1}
    assert found.asked[2, 2].tariffs == {1: 1, 2: 0}


def test_a_probationary_one_asked_for_at_a_control_has_its_own_clock() -> None:
    found = held(FULL, changes=(Change("control", 3, add=(TRIAL,)),))
    assert clocks(found) == [
        ("0607", "2030-06-02", 1, "renewed"),
        ("0607", "2031-06-02", 2, "renewed"),
        ("0607", "2032-06-02", 3, "turned_full"),
    ]
    assert codes(found, 2, 0) == ["1905", "0607*"]


def test_clocks_are_told_to_the_end_of_the_last_cycle_begun() -> None:
    found = held(FULL, changes=(Change("control", 3, add=(TRIAL,)),), years=4)
    assert clocks(found) == [("0607", "2030-06-02", 1, "renewed")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([Change("control", 7)], "control-7.*control-1.*control-6"),
        ([Change("start", 0)], "start-0"),
        ([Change("renewal", 2)], "renewal-2"),
        ([Change("control", 1), Change("control", 1)], "changed twice"),
        ([Change("control", 1, drop=("0901",))], "0901 is not held"),
        ([Change("control", 1, turn_full=("1905",))], "not probationary"),
        ([Change("control", 1, turn_full=("0901",))], "0901 is not held"),
        ([Change("control", 1, drop_tariffs={1: 5})], "5 qualifications at tariff 1 .* 4 are held"),
        ([Change("control", 1, drop_tariffs={2: 1})], "0 are held"),
        ([Change("control", 1, drop_tariffs={1: -1})], "-1 qualifications"),
        ([Change("control", 2, drop=("1905", "0607"), drop_tariffs={1: 4})], "2028-06-02: nothing is held"),
        ([Change("renewal", 1, drop=("1905", "0607"), drop_tariffs={1: 4})], "2030-03-02: nothing is held"),
    ],
)
def test_what_cannot_be_changed(changes: list[Change], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        held(FULL, TRIAL, tariffs={1: 4}, changes=tuple(changes))


def test_what_cannot_be_held() -> None:
    with pytest.raises(RequestError, match="No qualification is given"):
        held(tariffs={1: 0})
    with pytest.raises(RequestError, match="forgotten"):
        held(FULL, outcome="forgotten")
