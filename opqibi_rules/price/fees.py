"""What a schedule's fees come to: one interpreter for each kind of part, and nothing that names a fee.

A part yields :class:`Line` s: what it is for, quantity, unit price or rate, base, amount, and the article that
says so. Amounts are euros excl. VAT, exact; tranches alone may fall between two cents, and are rounded once,
half up.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from opqibi_rules.deadlines import add_years
from opqibi_rules.frozen import FrozenDict, kept, made
from opqibi_rules.messages import Message, Text
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.tables.schedule import (
    CAP,
    FLOOR,
    Counted,
    Event,
    Fee,
    Flat,
    Limit,
    Part,
    PerQualification,
    PriceList,
    Schedule,
    Tranche,
    Tranches,
)

Counts = Mapping[int, int]
"""How many qualifications by tariff code."""
NO_COUNTS: Counts = FrozenDict()
NO_CODES: Mapping[int, tuple[str, ...]] = FrozenDict()


class Held(NamedTuple):
    """Qualifications by tariff code: how many, and the codes of those that were named."""

    counts: Counts = NO_COUNTS
    codes: Mapping[int, tuple[str, ...]] = NO_CODES


NONE_HELD = Held()


class Origin(NamedTuple):
    """What a line is for, however much it comes to: the lines of a part share a few."""

    fee: str
    part: str
    tariff: int | None = None
    limit: str | None = None
    """``floor`` or ``cap``, on the line that says what it added or took away."""
    tranche: bool = False
    rounded: bool = False
    """It is the last tranche of a part that comes to no whole number of cents, and so is rounded."""


class Line(NamedTuple):
    """One euro amount, the part of the fee that it is, and the article of the schedule that asks for it."""

    fee: Fee
    part: Part
    article: str
    label: Message
    amount: Decimal
    """Euros excl. VAT, exact to its last digit; negative where the cap takes away."""
    origin: Origin
    quantity: int | None = None
    unit_price: Decimal | None = None
    """Euros excl. VAT per qualification."""
    base: Decimal | None = None
    """The part of the turnover that falls in the tranche, in euros excl. VAT."""
    rate: Decimal | None = None
    tariff: int | None = None
    codes: tuple[str, ...] = ()
    """The codes of the qualifications, where they were named."""

    @property
    def limit(self) -> str | None:
        """``floor`` or ``cap``, on the line that says what it added or took away."""
        return self.origin.limit

    @property
    def part_id(self) -> str:
        """The part's id, as results show it: ``floor`` or ``cap`` on the line of a limit."""
        return self.origin.limit or self.part.id


@exactly
def total(lines: Iterable[Line]) -> Decimal:
    """The exact sum of some lines."""
    return sum((line.amount for line in lines), ZERO)


@exactly
def amount_of(lines: Sequence[Line]) -> Decimal:
    """What the lines of one part come to: the tranches rounded once, then the floor or the cap."""
    limits = total(line for line in lines if line.limit)
    return round_cents(total(line for line in lines if not line.limit)) + limits


NO_EUROS = Decimal("0.00")

Charge = Callable[[list[Line], Held, Held, Decimal | None], Decimal]
"""What comes to so many euros for the qualifications asked for or held, those newly asked for, and a turnover;
its lines are added to those given."""


class FlatRule:
    """A part of one amount."""

    def __init__(self, fee: Fee, part: Flat) -> None:
        label = Message("{label}", label=part.label)
        self._line = Line(
            fee, part, part.article, label, part.amount, Origin(fee.id, part.id), 1, part.amount
        )
        self._if_new = part.when == "new_requests"

    def charge(self, lines: list[Line], asked: Held, new: Held, turnover: Decimal | None) -> Decimal:
        """Its amount, and its line added to ``lines``; nothing where its condition is not met."""
        if self._if_new and not any(new.counts.values()):
            return NO_EUROS
        lines.append(self._line)
        return self._line.amount


class PerQualificationRule:
    """A part that prices qualifications by tariff code."""

    def __init__(self, fee: Fee, part: PerQualification, prices: PriceList) -> None:
        self._new = part.counts is Counted.NEW
        self._line = _lines_of(fee, part, prices.by_tariff)

    def charge(self, lines: list[Line], asked: Held, new: Held, turnover: Decimal | None) -> Decimal:
        """Its amount, and a line for each tariff; prices are in whole cents, and so is their sum."""
        counts, codes = new if self._new else asked
        priced, amount = self._line, NO_EUROS
        for tariff in sorted(counts):
            if count := counts[tariff]:
                line = priced(tariff, count, codes.get(tariff, ()) if codes else ())
                lines.append(line)
                amount += line.amount
        return amount


class TranchesRule:
    """A part by cumulative tranches of a turnover, rounded once, then kept between its floor and its cap.

    What the floor or the cap adds or takes away is a line of its own, so that the lines still add up to the
    fee, to the cent.
    """

    @exactly
    def __init__(self, fee: Fee, part: Tranches) -> None:
        self._fee, self._part = fee, part
        # The tranches that a turnover fills whole, added up once: full[n] is what the first n come to.
        self._whole, self._rounded = (
            Origin(fee.id, part.id, tranche=True, rounded=is_it) for is_it in (False, True)
        )
        self._uppers = [tranche.up_to for tranche in part.tranches if tranche.up_to is not None]
        self._slices = [(tranche.above, tranche.rate, _tranche_label(tranche)) for tranche in part.tranches]
        self._full: list[tuple[tuple[Line, ...], Decimal]] = [((), ZERO)]
        for upper, (above, rate, label) in zip(self._uppers, self._slices, strict=False):
            lines, exact = self._full[-1]
            base = upper - above
            line = self._tranche(base, rate, label, base * rate, self._whole)
            self._full.append(((*lines, line), exact + line.amount))

    def charge(self, lines: list[Line], asked: Held, new: Held, turnover: Decimal | None) -> Decimal:
        """Its amount on a turnover, and a line for each tranche, and for the floor or the cap."""
        if turnover is None:
            return NO_EUROS
        part = self._part
        filled = bisect_right(self._uppers, turnover)
        whole, exact = self._full[filled]
        lines += whole
        above, rate, label = self._slices[filled]
        base = turnover - above
        if base or not filled:
            base = ZERO if base < ZERO else base
            amount = base * rate
            exact += amount
            rounded = round_cents(exact)
            origin = self._whole if rounded == exact else self._rounded
            lines.append(self._tranche(base, rate, label, amount, origin))
        else:
            rounded = round_cents(exact)
            if rounded != exact:
                lines[-1] = lines[-1]._replace(origin=self._rounded)
        if part.floor is not None and rounded < part.floor.amount:
            return self._limited(lines, rounded, part.floor, FLOOR)
        if part.cap is not None and rounded > part.cap.amount:
            return self._limited(lines, rounded, part.cap, CAP)
        return rounded

    def _tranche(self, base: Decimal, rate: Decimal, label: Message, amount: Decimal, origin: Origin) -> Line:
        part = self._part
        return made(
            Line,
            (
                self._fee,
                part,
                part.article,
                label,
                amount,
                origin,
                None,
                None,
                base,
                rate,
                None,
                (),
            ),
        )

    def _limited(self, lines: list[Line], rounded: Decimal, limit: Limit, name: str) -> Decimal:
        change = limit.amount - rounded
        origin = Origin(self._fee.id, self._part.id, limit=name)
        lines.append(Line(self._fee, self._part, limit.article, _LIMITS[name], change, origin))
        return limit.amount


_LIMITS = {FLOOR: Message("Raised to the floor"), CAP: Message("Brought down to the cap")}

PartRule = FlatRule | PerQualificationRule | TranchesRule


def _tranche_label(tranche: Tranche) -> Message:
    if tranche.up_to is None:
        return Message("Tranche above {lower:euro}", lower=tranche.above)
    return Message("Tranche from {lower:euro} to {upper:euro}", lower=tranche.above, upper=tranche.up_to)


def _lines_of(
    fee: Fee, part: PerQualification, prices: Mapping[int, Decimal]
) -> Callable[[int, int, tuple[str, ...]], Line]:
    """What makes the line of so many qualifications at a tariff, those of small counts only once."""
    origins = {tariff: Origin(fee.id, part.id, tariff) for tariff in prices}

    @lru_cache(maxsize=1024)
    def line(tariff: int, count: int, codes: tuple[str, ...]) -> Line:
        price = prices[tariff]
        label = Message("{label}", label=at_tariff(part, tariff))
        if codes:
            label = Message("{label}: {codes}", label=label, codes=codes)
        return Line(
            fee,
            part,
            part.article,
            label,
            price * count,
            origins[tariff],
            count,
            price,
            None,
            None,
            tariff,
            codes,
        )

    return line


def at_tariff(part: PerQualification, tariff: int | str) -> Text:
    """The label of a part for one tariff code, or for several as they are written."""
    return Text(part.label.fr.format(tariff=tariff), part.label.en.format(tariff=tariff))


class FeeRule:
    """One fee, its parts interpreted."""

    def __init__(self, fee: Fee, schedule: Schedule) -> None:
        self.id, self.fee, self.schedule = fee.id, fee, schedule
        first, *others = (_rule_of(fee, part, schedule).charge for part in fee.parts)
        self._first, self._others = first, tuple(others)
        self.charge: Charge = self._sum if others else first
        """What the fee comes to, in euros excl. VAT and whole cents; its lines are added to those given."""
        self.tranches = next((part for part in fee.parts if isinstance(part, Tranches)), None)
        """The part that a turnover is needed for, where there is one."""

    def _sum(self, lines: list[Line], asked: Held, new: Held, turnover: Decimal | None) -> Decimal:
        amount = self._first(lines, asked, new, turnover)
        for charge in self._others:
            amount += charge(lines, asked, new, turnover)
        return amount

    @exactly
    def amount(
        self, asked: Held = NONE_HELD, new: Held = NONE_HELD, turnover: Decimal | None = None
    ) -> Decimal:
        """What the fee comes to, in euros excl. VAT and whole cents."""
        return self.charge([], asked, new, turnover)

    @exactly
    def lines(
        self, asked: Held = NONE_HELD, new: Held = NONE_HELD, turnover: Decimal | None = None
    ) -> tuple[Line, ...]:
        """Its lines."""
        lines: list[Line] = []
        self.charge(lines, asked, new, turnover)
        return tuple(lines)


def _rule_of(fee: Fee, part: Part, schedule: Schedule) -> PartRule:
    match part:
        case Flat():
            return FlatRule(fee, part)
        case PerQualification():
            return PerQualificationRule(fee, part, schedule.price_list(part.prices))
        case Tranches():
            return TranchesRule(fee, part)


class Rules:
    """One schedule, interpreted: what never changes from one quote to the next is made once, here."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.fees = {fee.id: FeeRule(fee, schedule) for fee in schedule.fees}
        self.events: Mapping[str, tuple[Event, tuple[FeeRule, ...]]] = {
            event.id: (event, tuple(self.fees[fee.id] for fee in schedule.borne(event)))
            for event in schedule.events
        }
        """By its id, an event and the fees that it bears."""
        self.old_after = add_years(schedule.in_force_from, 1)
        """Past that day, if no later schedule is known, a quote says that one may exist."""
        self.old_note = Message(
            "The schedule is of {day:date}, the latest known here: over a year old, it may have been replaced. "
            "Check with the body that publishes it.",
            day=schedule.in_force_from,
        )
        self.later_note = Message(
            "Rows of a day after {old:date}, if any, are priced by the schedule of {day:date}, the latest known "
            "here: it may have been replaced by then. Check with the body that publishes it.",
            old=self.old_after,
            day=schedule.in_force_from,
        )
        """The same of a table whose rows have each a day of its own."""


@kept
def rules_of(schedule: Schedule) -> Rules:
    """The rules of a schedule, made once per schedule."""
    return Rules(schedule)
