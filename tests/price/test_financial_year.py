"""Financial years: every day is in one, and a fee is spread over those that hold its days."""

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import RequestError
from opqibi_rules.price.financial_year import CIVIL, YearEnd
from opqibi_rules.price.planning.spread import By, spread

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
YEAR_ENDS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: YearEnd(day.month, day.day))


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [("30/06", 6, 30), (" 30/6 ", 6, 30), ("06-30", 6, 30), ("31/12", 12, 31), ("29/02", 2, 29), ("28/02", 2, 28)],
)  # fmt: skip
def test_a_year_end_as_it_is_written(text: str, month: int, day: int) -> None:
    assert YearEnd.parse(text) == YearEnd(month, day)
    assert YearEnd.parse(str(YearEnd(month, day))) == YearEnd(month, day)


@pytest.mark.parametrize(
    "text", ["", "31/06", "30/02", "06/30", "0/6", "30/0", "30/13", "2026-06-30", "6-30", "30.06", "june", 630, None]
)  # fmt: skip
def test_what_is_no_year_end(text: object) -> None:
    with pytest.raises(RequestError, match="write 30/06") as caught:
        YearEnd.parse(text)
    assert caught.value.field == "year_end"


@given(YEAR_ENDS, DAYS)
def test_every_day_is_in_one_year_between_its_open_and_its_close(year_end: YearEnd, day: date) -> None:
    year = year_end.year_of(day)
    assert year_end.opens(year) <= day <= year_end.closes(year)
    assert year_end.opens(year + 1) - year_end.closes(year) == timedelta(days=1)
    assert year_end.closes(year).year == year


def test_29_february_is_the_last_of_february_and_28_the_28th() -> None:
    last, the_28th = YearEnd.parse("29/02"), YearEnd.parse("28/02")
    assert [last.closes(year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]
    assert [the_28th.closes(year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 28)]
    assert (last.label(2028), CIVIL.label(2028)) == ("2027-2028", "2028")


def test_a_june_close_worked_by_hand() -> None:
    # 557,50 € from 02/06/2026, 1 461 days: 29 to 30/06/2026, then 365, 366 (29/02/2028), 365, and 336 to 01/06/2030.
    # Borne by each close: 557,50 × 29, 394, 760, 1 125 / 1 461 = 11,066…; 150,346…; 290,007…; 429,286…
    assert {year: str(part) for year, part in spread(Decimal("557.50"), date(2026, 6, 2), 4, "days", YearEnd(6, 30)).items()} == {
        2026: "11.07", 2027: "139.28", 2028: "139.66", 2029: "139.28", 2030: "128.21",
    }  # fmt: skip
    # By months: June 2026 is 1 of 48, then 12, 12, 12, and 11 to May 2030: 11,614…; 150,989…; 290,364…; 429,739…
    assert {year: str(part) for year, part in spread(Decimal("557.50"), date(2026, 6, 2), 4, "months", YearEnd(6, 30)).items()} == {
        2026: "11.61", 2027: "139.38", 2028: "139.37", 2029: "139.38", 2030: "127.76",
    }  # fmt: skip


@given(st.integers(0, 5_000_000), DAYS, st.integers(1, 12), YEAR_ENDS, st.sampled_from(("days", "months")))
def test_each_year_bears_its_days_or_months(
    cents: int, start: date, years: int, year_end: YearEnd, by: By
) -> None:
    if by == "months" and year_end.day != monthrange(2024, year_end.month)[1]:
        with pytest.raises(RequestError, match="not made of whole months"):
            spread(Decimal(cents) / 100, start, years, by, year_end)
        return
    end = date(
        start.year + years, start.month, min(start.day, monthrange(start.year + years, start.month)[1])
    )
    units = [start + timedelta(days=number) for number in range((end - start).days)]
    if by == "months":
        units = [
            date(start.year + (start.month - 1 + n) // 12, (start.month - 1 + n) % 12 + 1, 1)
            for n in range(12 * years)
        ]

    def closed_in(day: date) -> int:
        last = date(day.year, year_end.month, min(year_end.day, monthrange(day.year, year_end.month)[1]))
        return day.year if day <= last else day.year + 1

    own = Counter(map(closed_in, units))
    parts = spread(Decimal(cents) / 100, start, years, by, year_end)
    assert list(parts) == sorted(own)
    elapsed = borne = 0
    for year in parts:
        elapsed, borne = elapsed + own[year], borne + int(parts[year] * 100)
        exact = Fraction(cents * elapsed, len(units))
        assert borne == (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    assert borne == cents
