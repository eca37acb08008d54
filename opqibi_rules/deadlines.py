"""Deadlines in years, counted « de quantième à quantième ».

A period of one year that starts on 01/12/2016 ends on 01/12/2017, that day included; one that starts on
29/02 ends on 28/02 of a year that has no 29 (articles 641 and 642 of the French code of civil procedure:
the day of the last year that bears the same number; failing such a day, the last of the month). The sources
do not say whether the printed day itself is included: we include it, and whoever answers says so on that
very day.
"""

from datetime import date, datetime

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


def last_of(year: int, month: int) -> int:
    """The number of the last day of a month.

    >>> last_of(2024, 2), last_of(2100, 2), last_of(9999, 12)
    (29, 28, 31)
    """
    from calendar import monthrange  # noqa: PLC0415 - slow to load, and no price needs it

    return monthrange(year, month)[1]


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
    return first.replace(day=min(day.day, last_of(first.year, first.month)))
