"""From an amount back to what gives it: turnovers from a fee by tranches, counts from a fee per qualification.

Both answers are complete: every turnover to the cent, every combination of counts within the bound asked.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from math import comb, gcd
from typing import Literal, NamedTuple

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.money import EXACT, LARGEST, exactly, to_amount
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.price.fees import Counts, FeeRule, Held, rules_of, total
from opqibi_rules.price.question import shown
from opqibi_rules.tables.schedule import Counted, Flat, PerQualification, Schedule, Tranches

MOST_QUALIFICATIONS = 20
"""How many qualifications a combination may hold, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class TurnoverRange:
    """Every turnover, in euros excl. VAT and to the cent, that gives one and the same fee."""

    fee: Decimal
    lowest: Decimal
    highest: Decimal | None
    """``None``: no upper limit (the cap)."""

    def __contains__(self, turnover: Decimal) -> bool:
        return self.lowest <= turnover and (self.highest is None or turnover <= self.highest)

    def to_dict(self) -> Json:
        """Amounts as text."""
        return TurnoverRangeShape.written(self, Voice())


class TurnoverRangeShape(Shape, of=TurnoverRange):
    """Every turnover, to the cent, that gives a fee; highest is null where there is no limit."""

    fee: Decimal
    lowest: Decimal
    highest: Decimal | None


class FoundTurnovers(NamedTuple):
    """The turnovers that give a fee of a schedule; ``None`` where none does."""

    schedule: Schedule
    turnovers: TurnoverRange | None


class TurnoversShape(Shape, of=FoundTurnovers):
    """The turnovers of a fee; null where none gives it."""

    schema_version: Literal[1] = 1
    schedule: str = at("schedule.id")
    turnovers: TurnoverRangeShape | None


def in_cents(amount: Decimal) -> int:
    """An amount of whole cents as an integer."""
    return int(EXACT.scaleb(amount, 2))


def in_euros(cents: int) -> Decimal:
    """Integer cents as an amount with two decimals."""
    return EXACT.scaleb(Decimal(cents), -2)


def turnovers_from_fee(
    amount: Decimal | int | str, schedule: Schedule, fee_id: str | None = None
) -> TurnoverRange | None:
    """The turnovers for which a fee by tranches comes to exactly ``amount`` (euros excl. VAT, whole years).

    ``None`` where no turnover gives it (under the floor, over the cap, or between two steps). The fee never
    falls when the turnover rises, so the turnovers of one fee are one interval; both ends are found by
    bisection on cents, with the very rule that prices.

    Args:
        amount: what the fee comes to.
        schedule: the edition.
        fee_id: which fee; by default the schedule's first that is reckoned on a turnover, and on nothing else.

    Raises:
        AmountError: ``amount`` is no amount, negative, or has a third decimal.
        RequestError: the schedule has no such fee, or that one is not reckoned on a turnover alone.

    >>> from datetime import date
    >>> from opqibi_rules.tables.library import Tables
    >>> found = turnovers_from_fee("557.50", Tables().schedule(date(2026, 3, 2)))
    >>> found.lowest, found.highest
    (Decimal('799992.31'), Decimal('800009.99'))
    """
    rule = chosen(fee_id, by_turnover_alone(schedule), schedule)
    return turnovers_from_amount(to_amount(amount, "fee"), rule)


def turnovers_from_amount(amount: Decimal, rule: FeeRule) -> TurnoverRange | None:
    """The same for a fee that may count qualifications too: ``amount`` is what it comes to without any."""

    def fee_at(turnover: int) -> int:
        return in_cents(rule.amount(turnover=in_euros(turnover)))

    target = in_cents(amount)
    lowest = bisect_left(_TURNOVERS, target, key=fee_at)
    if lowest == len(_TURNOVERS) or fee_at(lowest) != target:
        return None
    beyond = bisect_left(_TURNOVERS, target + 1, lo=lowest, key=fee_at)
    highest = None if beyond == len(_TURNOVERS) else in_euros(beyond - 1)
    return TurnoverRange(amount, in_euros(lowest), highest)


_MOST_REMAINDERS = 4_000_000
"""Of one amount, tariff by tariff: some tens of megabytes."""
_MOST_ANSWERS = 100_000
_MOST_WAYS = 400_000
"""Of half of the tariffs."""
_TURNOVERS = range(in_cents(LARGEST) + 1)
"""Every turnover that is accepted, in cents."""


def by_turnover(schedule: Schedule) -> tuple[FeeRule, ...]:
    """The fees of a schedule that are reckoned on a turnover."""
    return tuple(rule for rule in rules_of(schedule).fees.values() if rule.tranches is not None)


def by_turnover_alone(schedule: Schedule) -> tuple[FeeRule, ...]:
    """Those of them that nothing else makes vary: what they come to tells the turnover."""
    return tuple(
        rule
        for rule in by_turnover(schedule)
        if all(
            isinstance(part, Tranches) or (isinstance(part, Flat) and not part.when)
            for part in rule.fee.parts
        )
    )


def by_qualification(schedule: Schedule) -> tuple[FeeRule, ...]:
    """The fees of a schedule that qualifications alone, asked for or held, make vary."""
    return tuple(
        rule
        for rule in rules_of(schedule).fees.values()
        if rule.tranches is None
        and any(
            isinstance(part, PerQualification) and part.counts is not Counted.NEW for part in rule.fee.parts
        )
    )


def chosen(fee_id: str | None, fit: tuple[FeeRule, ...], schedule: Schedule) -> FeeRule:
    """The fee that is asked for among those that fit; the first where none is named.

    Raises:
        RequestError: it is not one of them.
    """
    for rule in fit:
        if fee_id in {None, rule.fee.id}:
            return rule
    if not fit:
        raise RequestError("The schedule {id} has no fee from which that is found.", id=schedule.id)
    raise RequestError(
        "« {fee} »: nothing is found from that fee of the schedule {id}; from: {known}.",
        fee=shown(fee_id or ""),
        id=schedule.id,
        known=tuple(rule.fee.id for rule in fit),
        field="fee_id",
    )


@exactly
def exact_tranches(rule: FeeRule, turnover: Decimal) -> Decimal:
    """What the tranches of a fee sum to on a turnover, before it is rounded and limited."""
    return total(line for line in rule.lines(turnover=turnover) if line.rate is not None)


def least_turnover(rule: FeeRule, amount: Decimal) -> Decimal | None:
    """The least turnover, to the cent, whose tranches sum to ``amount`` or more; ``None``: none that is accepted."""
    found = bisect_left(_TURNOVERS, amount, key=lambda cents: exact_tranches(rule, in_euros(cents)))
    return None if found == len(_TURNOVERS) else in_euros(found)


@exactly
def counts_from_fee(
    amount: Decimal | int | str,
    schedule: Schedule,
    *,
    fee_id: str | None = None,
    most: int = MOST_QUALIFICATIONS,
) -> tuple[Counts, ...]:
    """All the counts by tariff code for which a fee comes to exactly ``amount``, the fewest first.

    Args:
        amount: euros excl. VAT, flat parts included.
        schedule: the edition.
        fee_id: one that is priced by qualification, without new requests; by default the schedule's first.
        most: how many qualifications in all, at most; complete within this bound.

    Raises:
        AmountError: no amount, negative, or with a third decimal.
        RequestError: another fee; or more counts than can be told.
    """
    rule = chosen(fee_id, by_qualification(schedule), schedule)
    flat = rule.amount()
    prices = {tariff: rule.amount(Held({tariff: 1})) - flat for tariff in schedule.tariffs}
    left = to_amount(amount, "fee") - flat
    found = [
        FrozenDict(counts) for counts in islice(counts_from_amount(left, prices, most), _MOST_ANSWERS + 1)
    ]
    if len(found) > _MOST_ANSWERS:
        raise RequestError(
            "More than {limit} combinations of at most {most} qualifications come to that amount; ask for fewer "
            "qualifications.",
            limit=_MOST_ANSWERS,
            most=most,
            field="most",
        )
    return tuple(sorted(found, key=lambda counts: (sum(counts.values()), sorted(counts.items()))))


def counts_from_amount(
    amount: Decimal, prices: Mapping[int, Decimal], most: int = MOST_QUALIFICATIONS
) -> Iterator[dict[int, int]]:
    """All the counts by tariff code, of at most ``most`` qualifications, that cost exactly ``amount``.

    ``prices`` are euros excl. VAT per qualification; flat parts are not in ``amount``. Complete within its
    bound. The fewest qualifications needed for every remainder are known beforehand, so that no branch
    without an answer is ever entered: the time goes with the number of answers. An amount with too many
    remainders is met half-way: what half of the tariffs comes to, the others complete.

    Raises:
        RequestError: both would take more memory than there may be.
    """
    left = in_cents(amount)
    tariffs = sorted(filter(prices.__getitem__, prices), key=lambda tariff: -prices[tariff])
    steps = [in_cents(prices[tariff]) for tariff in tariffs]
    unit = gcd(*steps) or 1
    if left % unit or not 0 <= left <= most * max(steps, default=0):
        return
    left, steps = left // unit, [step // unit for step in steps]
    if left * len(steps) <= _MOST_REMAINDERS:
        found = _made_of(left, steps, _fewest(left, steps), most)
    else:
        found = _met_half_way(left, steps, most)
    for counts in found:
        yield {tariff: count for tariff, count in sorted(zip(tariffs, counts, strict=False)) if count}


def _made_of(left: int, steps: list[int], fewest: list[list[int]], room: int) -> Iterator[tuple[int, ...]]:
    """Every way to make ``left`` of at most ``room`` steps: how many of each, the last ones left out."""
    if left == 0:
        yield ()
    elif steps and fewest[0][left] <= room:
        for count in range(min(room, left // steps[0]), -1, -1):
            for others in _made_of(left - count * steps[0], steps[1:], fewest[1:], room - count):
                yield (count, *others)


def _met_half_way(left: int, steps: list[int], most: int) -> Iterator[tuple[int, ...]]:
    """The same, all of them told, where no table of all remainders can be made."""
    middle = len(steps) // 2
    if comb(most + len(steps) - middle, most) > _MOST_WAYS:
        raise RequestError(
            "Too many counts may come to that amount for all to be looked through; ask for fewer than {most} "
            "qualifications.",
            most=most,
            field="most",
        )
    ways: dict[int, list[tuple[int, ...]]] = {}
    for counts, amount in _up_to(left, steps[middle:], most):
        ways.setdefault(amount, []).append(counts)
    for counts, amount in _up_to(left, steps[:middle], most):
        room = most - sum(counts)
        yield from ((*counts, *others) for others in ways.get(left - amount, ()) if sum(others) <= room)


def _up_to(left: int, steps: list[int], room: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """How many of each, of at most ``room`` in all, and what they come to: at most ``left``."""
    if not steps:
        yield (), 0
        return
    for count in range(min(room, left // steps[0]) + 1):
        for others, amount in _up_to(left - count * steps[0], steps[1:], room - count):
            yield (count, *others), count * steps[0] + amount


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
