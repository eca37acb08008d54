"""Deadlines in years, counted « de quantième à quantième ».

A period of one year that starts on 01/12/2016 ends on 01/12/2017, that day included; one that starts on
29/02 ends on 28/02 of a year that has no 29 (articles 641 and 642 of the French code of civil procedure:
the day of the last year that bears the same number; failing such a day, the last of the month). The sources
do not say whether the printed day itself is included: we include it, and whoever answers says so on that
very day.
"""

import re
from calendar import monthrange
from datetime import date, datetime
from typing import NamedTuple

from opqibi_rules.errors import DateError


def add_years(day: date, years: int) -> date:
    """The same day and month, ``years`` later; 28 February where there is no 29.

    >>> add_years(date(2024, 2, 29), 1), add_years(date(2024, 2, 29), 4)
    (datetime.date(2025, 2, 28), datetime.date(2028, 2, 29))

    Raises:
        DateError: the year would leave the calendar (1 to 9999).
    """
    year = day.year + years
    if not 1 <= year <= 9999:
        raise DateError("{day:date} and {years} years: the calendar ends in 9999.", day=day, years=years)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def to_day(value: date | str, field: str | None = None) -> date:
    """A day given as ``date`` or as ISO text; ``field`` is the field's name, for the error.

    >>> to_day("2026-03-02")
    datetime.date(2026, 3, 2)

    Raises:
        DateError: a date-time (whose day depends on a time zone), or anything that is no day.
    """
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is None or day.isoformat() != value:  # Python reads 20260302 and 2026-W10-1 as well
            raise DateError("« {text} » is not a day; write it as 2026-03-02.", text=value[:40], field=field)
        return day
    if isinstance(value, datetime) or not isinstance(value, date):
        raise DateError(
            "{value} is not a day; give a date, or text as 2026-03-02.",
            value=repr(value)[:60],
            field=field,
        )
    return value


def add_months(day: date, months: int) -> date:
    """The same day of the month, ``months`` later or earlier; the last of a month that has no such day.

    >>> add_months(date(2026, 11, 30), 3), add_months(date(2026, 3, 2), -3)
    (datetime.date(2027, 2, 28), datetime.date(2025, 12, 2))

    Raises:
        DateError: the year would leave the calendar (1 to 9999).
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = add_years(date(day.year, month + 1, 1), years - day.year)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


class YearEnd(NamedTuple):
    """The day on which a financial year ends, each year; the calendar year by default."""

    month: int = 12
    day: int = 31

    @classmethod
    def parse(cls, text: str) -> "YearEnd":
        """Read ``30/06``: the day, then the month. The end of February is that of each year.

        >>> YearEnd.parse("28/02").of(2028)
        datetime.date(2028, 2, 29)

        Raises:
            DateError: anything else.
        """
        match = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})", text.strip())
        day, month = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= month <= 12 or not 1 <= day <= monthrange(2024, month)[1]:
            raise DateError(
                "« {text} » is not the end of a financial year; write the day and the month, as 30/06.",
                text=text[:40],
                field="year_end",
            )
        return cls(month, day)

    def of(self, year: int) -> date:
        """Its day in a calendar year."""
        last = monthrange(year, self.month)[1]
        return date(year, self.month, last if self.month == 2 and self.day >= 28 else self.day)

    def last_before(self, day: date) -> int:
        """The last financial year that is over on a day, named by the calendar year in which it ends."""
        return day.year if self.of(day.year) < day else day.year - 1

    def __str__(self) -> str:
        return f"{self.day:02}/{self.month:02}"
