"""Spreading loses no cent, and each year bears its share of time."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import AmountError, DateError, RequestError
from opqibi_rules.price.planning.spread import BASES, By, spread

amounts = st.decimals("-50000", "50000", places=2)
starts = st.dates(date(1990, 1, 1), date(2100, 12, 31))
lengths = st.integers(1, 40)
bases = st.sampled_from(BASES)


@given(amounts, starts, lengths, bases)
def test_the_parts_sum_to_the_amount(amount: Decimal, start: date, years: int, by: By) -> None:
    assert sum(spread(amount, start, years, by).values()) == amount


@given(amounts, starts, lengths)
def test_each_year_bears_its_days_to_within_a_cent(amount: Decimal, start: date, years: int) -> None:
    end = date(start.year + years, start.month, 1) + timedelta(days=start.day - 1)
    if end.month != start.month:  # 29 February, in a year that has none
        end = date(end.year, 2, 28)
    days = Counter((start + timedelta(days=n)).year for n in range((end - start).days))
    parts = spread(amount, start, years, "days")
    assert set(parts) == set(days)
    for year, count in days.items():
        assert abs(Fraction(parts[year]) - Fraction(amount) * count / days.total()) <= Fraction(1, 100)


@given(amounts, starts, lengths, bases)
def test_a_credit_note_spreads_as_the_amount_does(amount: Decimal, start: date, years: int, by: By) -> None:
    there, back = spread(amount, start, years, by), spread(-amount, start, years, by)
    assert {year: -part for year, part in there.items()} == back


@given(st.decimals("0", "50000", places=2), starts, lengths, bases)
def test_no_year_bears_less_than_nothing(amount: Decimal, start: date, years: int, by: By) -> None:
    assert all(part >= 0 for part in spread(amount, start, years, by).values())


@pytest.mark.parametrize(
    ("start", "by", "expected"),
    [
        # 1 461 days; 41 in 2026 (10 + 31), then 365, 366, 365, and 324 up to 20/11/2030.
        (
            date(2026, 11, 21),
            "days",
            {2026: "18.45", 2027: "164.26", 2028: "164.72", 2029: "164.26", 2030: "145.81"},
        ),
        # 48 months; November and December, three whole years, ten months.
        (
            date(2026, 11, 21),
            "months",
            {2026: "27.40", 2027: "164.37", 2028: "164.38", 2029: "164.37", 2030: "136.98"},
        ),
        # Four whole calendar years: no fifth one.
        (date(2026, 1, 1), "months", {2026: "164.38", 2027: "164.37", 2028: "164.38", 2029: "164.37"}),
        (date(2026, 1, 1), "days", {2026: "164.26", 2027: "164.26", 2028: "164.72", 2029: "164.26"}),
    ],
)
def test_worked_by_hand(start: date, by: By, expected: dict[int, str]) -> None:
    assert {year: str(part) for year, part in spread(Decimal("657.50"), start, 4, by).items()} == expected


def test_a_leap_day_runs_to_28_february() -> None:
    # 29/02/2024 to 27/02/2025: 307 days in 2024, 58 in 2025.
    assert spread(Decimal("365"), date(2024, 2, 29), 1) == {2024: Decimal(307), 2025: Decimal(58)}


def test_the_calendar_ends_in_9999() -> None:
    assert sum(spread(Decimal("10"), date(9995, 6, 1), 4).values()) == 10
    with pytest.raises(DateError):
        spread(Decimal("10"), date(9996, 6, 1), 4)


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal("NaN"), Decimal("Infinity"), 1.5])
def test_only_whole_cents_are_spread(amount: Decimal) -> None:
    with pytest.raises(AmountError):
        spread(amount, date(2026, 1, 1), 4)


def test_what_cannot_be_spread() -> None:
    with pytest.raises(RequestError, match="one year or more"):
        spread(Decimal(1), date(2026, 1, 1), 0)
    with pytest.raises(RequestError, match="weeks"):
        spread(Decimal(1), date(2026, 1, 1), 1, "weeks")  # type: ignore[arg-type] # a caller without types
