"""Spreading an amount over the years it covers: what is an expense of which financial year.

A fee paid once for several years is a cost of each of them in proportion to time (charges constatées
d'avance, account 486 of the French plan comptable général). Two customs are in use, by
days and by whole months; neither loses a cent.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.price.financial_year import CIVIL, YearEnd

By = Literal["days", "months"]
"""``days``: each day weighs the same. ``months``: each month does, that of the start counted whole."""

BASES: tuple[By, ...] = ("days", "months")


@exactly
def spread(
    amount: Decimal, start: date, years: int, by: By = "days", year_end: YearEnd = CIVIL
) -> Mapping[int, Decimal]:
    """The part of ``amount``, paid for ``years`` from ``start``, that each financial year bears, in euros.

    The period is from ``start`` to the eve of its anniversary; a financial year is named by the civil year in
    which it closes. What is borne up to the end of each year is rounded half up to the cent, and a year bears the
    difference with the year before: so the parts always sum to the amount, and no year is off by more than a cent.
    A negative amount (a credit note) spreads as the same amount would, with the other sign.

    Example: 657,50 € from 21/11/2026 for four years (1 461 days); 41 days of them are in 2026.

    >>> {year: str(part) for year, part in spread(Decimal("657.50"), date(2026, 11, 21), 4).items()}
    {2026: '18.45', 2027: '164.26', 2028: '164.72', 2029: '164.26', 2030: '145.81'}

    Raises:
        AmountError: an amount that is not in whole cents.
        RequestError: less than one year, an unknown base, or months in a financial year that closes within one.
        DateError: the period would leave the calendar.
    """
    if not isinstance(amount, Decimal) or not amount.is_finite() or round_cents(amount) != amount:
        raise AmountError(
            "{amount} is not an amount in whole cents; round it, then spread it.", amount=str(amount)
        )
    if years < 1:
        raise RequestError("An amount is spread over one year or more, not {years}.", years=years)
    refuse_months_within(by, year_end)
    end = add_years(start, years)
    position = date.toordinal if by == "days" else _month
    first, whole = position(start), position(end) - position(start)
    last_day = (end if by == "days" else end.replace(day=1)) - timedelta(days=1)
    last = year_end.year_of(last_day)
    parts: dict[int, Decimal] = {}
    borne = ZERO
    for year in range(year_end.year_of(start), last + 1):
        elapsed = whole if year == last else position(year_end.opens(year + 1)) - first
        up_to_here = round_cents(amount * elapsed / whole)
        parts[year] = up_to_here - borne
        borne = up_to_here
    return FrozenDict(parts)


def refuse_months_within(by: str, year_end: YearEnd) -> None:
    """Refuse a base that is none, and months where the financial year closes within one.

    Raises:
        RequestError: as said.
    """
    if by not in BASES:
        raise RequestError("« {by} » is not one of {bases}.", by=str(by)[:40], bases=BASES, field="spread_by")
    if by == "months" and not year_end.ends_a_month:
        raise RequestError(
            "A financial year that closes on {day} (month, day) is not made of whole months: spread by days. 02-29 "
            "is the last day of February.",
            day=str(year_end),
            field="spread_by",
        )


def _month(day: date) -> int:
    return day.year * 12 + day.month
