"""Spreading an amount over the years it covers: what is an expense of which calendar year.

A fee paid once for several years is a cost of each of them in proportion to time (charges constatées
d'avance, account 486 of the French plan comptable général). Two customs are in use, by
days and by whole months; neither loses a cent.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.money import ZERO, exactly, round_cents

By = Literal["days", "months"]
"""``days``: each day weighs the same. ``months``: each month does, that of the start counted whole."""

BASES: tuple[By, ...] = ("days", "months")


@exactly
def spread(amount: Decimal, start: date, years: int, by: By = "days") -> Mapping[int, Decimal]:
    """The part of ``amount``, paid for ``years`` from ``start``, that each calendar year bears, in euros.

    The period is from ``start`` to the eve of its anniversary. What is borne up to the end of each year is
    rounded half up to the cent, and a year bears the difference with the year before: so the parts always sum
    to the amount, and no year is off by more than a cent. A negative amount (a credit note) spreads as the
    same amount would, with the other sign.

    Example: 657,50 € from 21/11/2026 for four years (1 461 days); 41 days of them are in 2026.

    >>> {year: str(part) for year, part in spread(Decimal("657.50"), date(2026, 11, 21), 4).items()}
    {2026: '18.45', 2027: '164.26', 2028: '164.72', 2029: '164.26', 2030: '145.81'}

    Raises:
        AmountError: an amount that is not in whole cents.
        RequestError: less than one year, or an unknown base.
        DateError: the period would leave the calendar.
    """
    if not isinstance(amount, Decimal) or not amount.is_finite() or round_cents(amount) != amount:
        raise AmountError(
            "{amount} is not an amount in whole cents; round it, then spread it.", amount=str(amount)
        )
    if years < 1:
        raise RequestError("An amount is spread over one year or more, not {years}.", years=years)
    if by not in BASES:
        raise RequestError("« {by} » is not one of {bases}.", by=str(by)[:40], bases=BASES, field="spread_by")
    end = add_years(start, years)
    position = date.toordinal if by == "days" else _month
    first, last = position(start), position(end)
    parts: dict[int, Decimal] = {}
    borne = ZERO
    for year in range(start.year, end.year + 1):
        reached = last if year == end.year else position(date(year + 1, 1, 1))
        up_to_here = round_cents(amount * (reached - first) / (last - first))
        if reached > position(date(year, 1, 1)):  # a period that ends on 1 January has no day in that year
            parts[year] = up_to_here - borne
        borne = up_to_here
    return FrozenDict(parts)


def _month(day: date) -> int:
    return day.year * 12 + day.month
