"""« De quantième à quantième »."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.deadlines import add_years, to_day
from opqibi_rules.errors import DateError


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2016-12-01", 1, "2017-12-01"),
        ("2016-12-01", 4, "2020-12-01"),
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2023-02-28", 1, "2024-02-28"),
        ("2025-02-28", -1, "2024-02-28"),
        ("1896-02-29", 4, "1900-02-28"),  # 1900 is no leap year
        ("2016-12-01", 0, "2016-12-01"),
    ],
)
def test_the_same_day_of_the_same_month(start: str, years: int, end: str) -> None:
    assert add_years(date.fromisoformat(start), years) == date.fromisoformat(end)


@pytest.mark.parametrize(("start", "years"), [("9999-01-01", 1), ("0001-01-01", -1), ("2016-01-01", 10**9)])
def test_the_calendar_has_an_end(start: str, years: int) -> None:
    with pytest.raises(DateError, match="9999"):
        add_years(date.fromisoformat(start), years)


@given(
    st.dates(date(1900, 1, 1), date(2900, 1, 1)),
    st.dates(date(1900, 1, 1), date(2900, 1, 1)),
    st.integers(0, 9),
)
def test_later_starts_never_end_earlier(one: date, other: date, years: int) -> None:
    first, last = sorted((one, other))
    assert add_years(first, years) <= add_years(last, years)


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(1, 9))
def test_a_year_has_365_or_366_days(start: date, years: int) -> None:
    assert 365 * years <= (add_years(start, years) - start).days <= 366 * years


def test_a_day_is_a_date_or_its_iso_text() -> None:
    assert to_day("2026-03-02") == to_day(date(2026, 3, 2)) == date(2026, 3, 2)


@pytest.mark.parametrize("value", ["02/03/2026", "2026-02-30", "", datetime(2026, 3, 2), None, 20260302])  # noqa: DTZ001 - refused with or without a zone
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(DateError, match="2026-03-02"):
        to_day(value)  # type: ignore[arg-type]  # what a careless caller gives
