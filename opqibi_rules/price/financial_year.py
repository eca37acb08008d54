"""The financial year (« exercice »): the day on which it closes, and the year in which a day falls.

A financial year is named by the civil year in which it closes, as each civil year holds one close: that of
1 July 2026 to 30 June 2027 is 2027, and is shown as « 2026-2027 ».
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from opqibi_rules.deadlines import last_of
from opqibi_rules.errors import RequestError

_DAY = timedelta(days=1)
_LEAP = 2024


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The day of each year on which the financial year closes; 29 February is the last of February."""

    month: int = 12
    day: int = 31

    @classmethod
    def parse(cls, text: object, field: str = "year_end") -> "YearEnd":
        """Read ``30/06`` (day, month) or ``06-30`` (month, day).

        >>> YearEnd.parse("30/06").label(2027)
        '2026-2027'

        Raises:
            RequestError: anything else.
        """
        match = re.fullmatch(_WRITTEN, text.strip()) if isinstance(text, str) else None
        if match is not None:
            day, month = int(match["day"] or match["iso_day"]), int(match["month"] or match["iso_month"])
            if 1 <= month <= 12 and 1 <= day <= last_of(_LEAP, month):
                return cls(month, day)
        raise RequestError(
            "« {text} » is not the close of a financial year; write 30/06 (day, month) or 06-30 (month, day).",
            text=str(text)[:40],
            field=field,
        )

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"

    @property
    def is_civil(self) -> bool:
        """The financial year is the calendar year."""
        return (self.month, self.day) == (12, 31)

    @property
    def ends_a_month(self) -> bool:
        """Whole months make the year up: it closes with one, in every year."""
        return self.day == last_of(_LEAP, self.month)

    def closes(self, year: int) -> date:
        """The last day of the financial year that closes in that civil year."""
        return date(year, self.month, min(self.day, last_of(year, self.month)))

    def opens(self, year: int) -> date:
        """Its first day."""
        return self.closes(year - 1) + _DAY

    def year_of(self, day: date) -> int:
        """The civil year in which the financial year of a day closes."""
        return day.year + (day > self.closes(day.year))

    def last_over(self, day: date) -> int:
        """The last financial year that is over on a day."""
        return self.year_of(day) - 1

    def label(self, year: int) -> str:
        """How it is shown: ``2027``, or ``2026-2027`` where it is not the calendar year."""
        return str(year) if self.is_civil else f"{year - 1}-{year}"


_WRITTEN = r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})|(?P<iso_month>[0-9]{2})-(?P<iso_day>[0-9]{2})"

CIVIL = YearEnd()
"""31 December."""
