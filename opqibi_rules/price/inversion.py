"""From an amount back to what gives it: turnovers from a brand-usage fee, counts from a fee per qualification.

Both answers are complete: every turnover to the cent, every combination of counts within the bound asked.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import Any

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, LARGEST, plain, to_amount
from opqibi_rules.price.fees import ANNUAL_CONTROL, INSTRUCTION, articles_of
from opqibi_rules.tables.schedule import Schedule

MOST_QUALIFICATIONS = 20
"""How many qualifications a combination may hold, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class TurnoverRange:
    """Every turnover, in euros excl. VAT and to the cent, that gives one and the same brand-usage fee."""

    fee: Decimal
    lowest: Decimal
    highest: Decimal | None
    """``None``: no upper limit (the cap)."""

    def __contains__(self, turnover: Decimal) -> bool:
        return self.lowest <= turnover and (self.highest is None or turnover <= self.highest)

    def to_dict(self) -> dict[str, Any]:
        """Amounts as text."""
        highest = None if self.highest is None else plain(self.highest)
        return {"fee": plain(self.fee), "lowest": plain(self.lowest), "highest": highest}


def in_cents(amount: Decimal) -> int:
    """An amount of whole cents as an integer."""
    return int(EXACT.scaleb(amount, 2))


def in_euros(cents: int) -> Decimal:
    """Integer cents as an amount with two decimals."""
    return EXACT.scaleb(Decimal(cents), -2)


def turnovers_from_fee(fee: Decimal | int | str, schedule: Schedule) -> TurnoverRange | None:
    """The turnovers for which article III gives exactly ``fee`` (euros excl. VAT, for the four years).

    ``None`` where no turnover gives it (under the floor, over the cap, or between two steps). The fee never
    falls when the turnover rises, so the turnovers of one fee are one interval; both ends are found by
    bisection on cents, with the very rule that prices.

    Raises:
        AmountError: ``fee`` is no amount, negative, or has a third decimal.

    >>> from datetime import date
    >>> from opqibi_rules.tables.library import Tables
    >>> answer = turnovers_from_fee("557.50", Tables().schedule(date(2026, 3, 2)))
    >>> answer.lowest, answer.highest
    (Decimal('799992.31'), Decimal('800009.99'))
    """
    amount = to_amount(fee, "fee")
    articles = articles_of(schedule)
    cents = range(in_cents(LARGEST) + 1)

    def fee_at(turnover: int) -> int:
        return in_cents(articles.brand_usage(in_euros(turnover)).amount)

    target = in_cents(amount)
    lowest = bisect_left(cents, target, key=fee_at)
    if lowest == len(cents) or fee_at(lowest) != target:
        return None
    beyond = bisect_left(cents, target + 1, lo=lowest, key=fee_at)
    highest = None if beyond == len(cents) else in_euros(beyond - 1)
    return TurnoverRange(amount, in_euros(lowest), highest)


def counts_from_fee(
    fee_amount: Decimal | int | str,
    schedule: Schedule,
    *,
    fee: str = INSTRUCTION,
    most: int = MOST_QUALIFICATIONS,
) -> tuple[dict[int, int], ...]:
    """All the counts by tariff code for which article II or IV gives exactly ``fee_amount``, the fewest first.

    Args:
        fee_amount: euros excl. VAT, flat part included.
        schedule: the edition.
        fee: ``instruction`` or ``annual_control`` (without new requests).
        most: how many qualifications in all, at most; complete within this bound.

    Raises:
        AmountError: no amount, negative, or with a third decimal.
        RequestError: another fee.
    """
    if fee not in {INSTRUCTION, ANNUAL_CONTROL}:
        raise RequestError(
            Message(
                "« {fee} » is not priced by qualification: instruction or annual_control.", fee=str(fee)[:40]
            )
        )
    asked = fee == INSTRUCTION
    flat = schedule.instruction_flat if asked else schedule.control_flat
    prices = schedule.instruction_prices if asked else schedule.control_prices
    left = EXACT.subtract(to_amount(fee_amount, "fee"), flat.amount)
    found = counts_from_amount(left, prices.by_tariff, most)
    return tuple(sorted(found, key=lambda counts: (sum(counts.values()), sorted(counts.items()))))


def counts_from_amount(
    amount: Decimal, prices: Mapping[int, Decimal], most: int = MOST_QUALIFICATIONS
) -> Iterator[dict[int, int]]:
    """All the counts by tariff code, of at most ``most`` qualifications, that cost exactly ``amount``.

    ``prices`` are euros excl. VAT per qualification; flat parts are not in ``amount``. Complete within its
    bound. The fewest qualifications needed for every remainder are known beforehand, so that no branch
    without an answer is ever entered: the time goes with the number of answers.
    """
    left = in_cents(amount)
    tariffs = sorted((tariff for tariff in prices if prices[tariff]), key=lambda tariff: -prices[tariff])
    steps = [in_cents(prices[tariff]) for tariff in tariffs]
    if not steps:
        if left == 0:
            yield {}
        return
    unit = gcd(*steps)
    if left < 0 or left % unit or left > most * steps[0]:
        return
    left, steps = left // unit, [step // unit for step in steps]
    fewest = _fewest(left, steps)

    def search(index: int, left: int, room: int) -> Iterator[dict[int, int]]:
        if left == 0:
            yield {}
            return
        for count in range(min(room, left // steps[index]), -1, -1):
            rest = left - count * steps[index]
            if index + 1 == len(steps):
                if rest:
                    return
            elif fewest[index + 1][rest] > room - count:
                continue
            for others in search(index + 1, rest, room - count):
                yield {tariffs[index]: count, **others} if count else others

    if fewest[0][left] <= most:
        for found in search(0, left, most):
            yield dict(sorted(found.items()))


def _fewest(amount: int, steps: list[int]) -> list[list[int]]:
    """For each tariff and remainder: the fewest qualifications of this tariff and the next ones that make it."""
    never = amount + 1
    table = [[never] * (amount + 1) for _ in steps]
    below = [0, *[never] * amount]
    for index in range(len(steps) - 1, -1, -1):
        row, step = table[index], steps[index]
        for left in range(amount + 1):
            row[left] = below[left] if left < step else min(below[left], row[left - step] + 1)
        below = row
    return table
