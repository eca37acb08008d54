"""When events fall: worked by hand, then for any start."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.deadlines import add_months
from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.price.planning.timeline import Timeline, timeline
from opqibi_rules.tables.schedule import Billed, Role
from tests.editions.pinned import TABLES_2024

VALIDITY = TABLES_2024.validity
DAYS = st.dates(date(2024, 2, 8), date(2080, 12, 31))


def days_of(found: Timeline) -> list[tuple[str, str]]:
    return [(moment.day.isoformat(), moment.key) for moment in found.moments()]


def test_two_cycles_day_by_day() -> None:
    found = timeline(start=date(2026, 3, 2), years=8, validity=VALIDITY, notified=date(2026, 5, 18))
    assert days_of(found) == [
        ("2026-03-02", "cycle-1-application"),
        ("2026-05-18", "cycle-1-notification"),
        ("2027-05-18", "cycle-1-control-1"),
        ("2028-05-18", "cycle-1-control-2"),
        ("2029-05-18", "cycle-1-control-3"),
        ("2030-03-02", "cycle-2-application"),
        ("2030-05-18", "cycle-2-notification"),
        ("2031-05-18", "cycle-2-control-1"),
        ("2032-05-18", "cycle-2-control-2"),
        ("2033-05-18", "cycle-2-control-3"),
    ]
    assert (found.cycles, found.horizon) == (2, date(2034, 5, 18))
    assert [moment.ordinal for moment in found.moments() if moment.step == "control"] == [1, 2, 3, 4, 5, 6]
    assert [moment.role for moment in found.moments() if moment.step == "application"] == [
        "first",
        "renewal",
    ]


def test_a_plan_that_starts_at_a_control_keeps_that_day_even_on_29_february() -> None:
    found = timeline(start=date(2028, 2, 29), years=3, validity=VALIDITY, role=Role.CONTROL, control=2)
    assert days_of(found) == [
        ("2028-02-29", "cycle-1-control-2"),
        ("2029-02-28", "cycle-1-control-3"),
        ("2029-11-28", "cycle-2-application"),
        ("2030-02-28", "cycle-2-notification"),
    ]


def test_a_notification_on_the_day_of_the_application() -> None:
    found = timeline(start=date(2026, 3, 2), years=1, validity=VALIDITY, months_to_notification=0)
    assert [day for day, _ in days_of(found)] == ["2026-03-02", "2026-03-02"]


def test_a_start_at_the_end_of_a_month_is_notified_at_the_end_of_another() -> None:
    found = timeline(start=date(2026, 11, 30), years=4, validity=VALIDITY)
    assert (found.notified, found.assumed_months) == (date(2027, 2, 28), 3)


@given(DAYS, st.integers(1, 40), st.integers(0, 12))
def test_four_years_hold_one_application_one_notification_and_three_controls(
    start: date, years: int, months: int
) -> None:
    found = timeline(start=start, years=years, validity=VALIDITY, months_to_notification=months)
    moments = found.moments()
    assert [moment.day for moment in moments] == sorted(moment.day for moment in moments)
    assert all(start <= moment.day < found.end for moment in moments)
    assert len({moment.key for moment in moments}) == len(moments)
    if years % 4 == 0:
        steps = [moment.step for moment in moments]
        assert steps.count(Billed.APPLICATION) == years // 4
        assert years // 4 * 3 - (months == 12) <= steps.count(Billed.CONTROL) <= years // 4 * 3


@given(DAYS, st.integers(1, 40), st.integers(1, 3))
def test_a_plan_from_a_control_has_the_controls_that_are_left(start: date, years: int, control: int) -> None:
    found = timeline(start=start, years=years, validity=VALIDITY, role=Role.CONTROL, control=control)
    first = [moment.number for moment in found.moments() if moment.cycle == 1 and moment.step == "control"]
    assert first == list(range(control, 4))[:years]
    assert found.moments()[0].day == start


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"years": 0}, RequestError, "from 1 to 40"),
        ({"years": 41}, RequestError, "from 1 to 40"),
        ({"months_to_notification": -1}, RequestError, "from 0 to 12"),
        ({"months_to_notification": 13}, RequestError, "from 0 to 12"),
        ({"role": Role.CONTROL, "control": 0}, RequestError, "control: .* from 1 to 3"),
        ({"role": Role.CONTROL, "control": 4}, RequestError, "control: .* from 1 to 3"),
        ({"role": Role.CONTROL, "notified": date(2026, 5, 1)}, RequestError, "leave it out"),
        ({"notified": date(2026, 3, 1)}, DateError, "not in the year"),
        ({"notified": date(2027, 3, 3)}, DateError, "not in the year"),
    ],
)
def test_what_cannot_be(given: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        timeline(**{"start": date(2026, 3, 2), "years": 4, "validity": VALIDITY, **given})  # type: ignore[arg-type] # on purpose


@given(DAYS, st.integers(-60, 60))
def test_months_keep_the_day_or_take_the_last_of_the_month(day: date, months: int) -> None:
    there = add_months(day, months)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == day.day or (there + timedelta(days=1)).day == 1
