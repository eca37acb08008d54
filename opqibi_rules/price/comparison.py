"""Choices compared: the same plan with one thing changed, or the same structures under two schedules.

Everything here is a difference between plans; nothing is priced here. The first choice is the reference, and
the others are compared to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import EXACT, ZERO, plain, round_cents
from opqibi_rules.price.fees import FEES
from opqibi_rules.price.holdings import Change
from opqibi_rules.price.plan import Plan, PlanRequest, answer, sum_of
from opqibi_rules.price.structure import Qualification
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go, and what it costs."""

    name: Message
    plan: Plan

    def fee(self, fee: str) -> Decimal:
        """What the plan pays of one fee, in euros excl. VAT."""
        return self.plan.sums.by_fee.get(fee, NOTHING)

    @property
    def total(self) -> Decimal:
        """What it costs, in euros excl. VAT."""
        return self.plan.sums.total_excl_vat


@dataclass(frozen=True, slots=True)
class Comparison:
    """Choices over the same years; the first is the reference."""

    choices: tuple[Choice, ...]
    notes: tuple[Message, ...] = ()

    def difference(self, choice: Choice) -> Decimal:
        """What a choice costs more than the first, in euros excl. VAT; negative where it costs less."""
        return EXACT.subtract(choice.total, self.choices[0].total)

    def to_dict(self, say: Say = str) -> dict[str, Any]:
        """The JSON form."""
        return {
            "schema_version": 1,
            "from": self.choices[0].plan.request.start.isoformat(),
            "years": self.choices[0].plan.request.years,
            "choices": [
                {
                    "name": say(choice.name),
                    "subtotals": {fee: plain(choice.fee(fee)) for fee in FEES},
                    "total_excl_vat": plain(choice.total),
                    "difference": plain(self.difference(choice)),
                    "by_year": {
                        str(year.year): {"cash_excl_vat": plain(year.cash), "expense": plain(year.expense)}
                        for year in choice.plan.by_year
                    },
                }
                for choice in self.choices
            ],
            "notes": [say(note) for note in self.notes],
        }


def when_to_add(
    request: PlanRequest,
    tables: Tables,
    *,
    add: tuple[Qualification, ...] = (),
    add_tariffs: Mapping[int, int] | None = None,
) -> Comparison:
    """Add these qualifications now, at the next control, at the renewal, or not at all.

    All four are followed until the renewal is paid, so that what each choice costs later is seen.
    """
    counts = dict(add_tariffs or {})
    longer, notes = _until_the_renewal(request, tables)
    at_control = Change("control", _next_control(request), add=add, add_tariffs=counts)
    at_renewal = Change("renewal", 1, add=add, add_tariffs=counts)
    if request.event == "control":
        now = _changed(longer, Change("control", request.control, add=add, add_tariffs=counts))
    else:
        tariffs = dict(request.tariffs)
        for tariff, count in counts.items():
            tariffs[tariff] = tariffs.get(tariff, 0) + count
        now = replace(longer, tariffs=tariffs, qualifications=(*request.qualifications, *add))
    asked = [
        (Message("Without them"), longer),
        (Message("Asked for now"), now),
        (Message("Asked for at the next control"), _changed(longer, at_control)),
        (Message("Asked for at the renewal"), _changed(longer, at_renewal)),
    ]
    return _compared(asked, tables, notes)


def keep_or_drop(
    request: PlanRequest,
    tables: Tables,
    *,
    drop: tuple[str, ...] = (),
    drop_tariffs: Mapping[int, int] | None = None,
) -> Comparison:
    """Keep these qualifications, give them up at the next control, or at the renewal."""
    counts = dict(drop_tariffs or {})
    longer, notes = _until_the_renewal(request, tables)
    at_control = Change("control", _next_control(request), drop=drop, drop_tariffs=counts)
    at_renewal = Change("renewal", 1, drop=drop, drop_tariffs=counts)
    asked = [
        (Message("Kept"), longer),
        (Message("Given up at the next control"), _changed(longer, at_control)),
        (Message("Given up at the renewal"), _changed(longer, at_renewal)),
    ]
    return _compared(asked, tables, notes)


def _compared(
    asked: Iterable[tuple[Message, PlanRequest]], tables: Tables, notes: tuple[Message, ...]
) -> Comparison:
    return Comparison(tuple(Choice(name, answer(request, tables)) for name, request in asked), notes)


def _next_control(request: PlanRequest) -> int:
    """The control after the start, counted as changes count them."""
    return request.control + 1 if request.event == "control" else 1


def _changed(request: PlanRequest, change: Change) -> PlanRequest:
    """The request with one more change; two at the same event become one."""
    merged = change
    others = []
    for known in request.changes:
        if (known.event, known.number) == (change.event, change.number):
            merged = replace(
                known,
                add=(*known.add, *change.add),
                add_tariffs=_together(known.add_tariffs, change.add_tariffs),
                drop=(*known.drop, *change.drop),
                drop_tariffs=_together(known.drop_tariffs, change.drop_tariffs),
            )
        else:
            others.append(known)
    return replace(request, changes=(*others, merged))


def _together(first: Mapping[int, int], second: Mapping[int, int]) -> dict[int, int]:
    return {tariff: first.get(tariff, 0) + second.get(tariff, 0) for tariff in {**first, **second}}


def _until_the_renewal(request: PlanRequest, tables: Tables) -> tuple[PlanRequest, tuple[Message, ...]]:
    """The request, made long enough for the next renewal to be paid whole; and a note where it was."""
    days = answer(request, tables).timeline
    years = request.years
    while add_years(request.start, years) <= max(days.applies(2), days.opens(2)):
        years += 1
    if years == request.years:
        return request, ()
    note = Message("Reckoned over {years} years, so that the renewal is paid in each choice.", years=years)
    return replace(request, years=years), (note,)


@dataclass(frozen=True, slots=True)
class OneMore:
    """What one more of something costs over a plan, in euros excl. VAT."""

    tariffs: Mapping[int, Decimal]
    """One more qualification from the start, by tariff code."""
    turnover: Decimal | None
    """The turnover of the first brand-usage fee; ``None`` where the plan has none."""
    rate: Decimal | None
    """What the next euro of it adds to the fee: ``0.00050``; zero under the floor and from the cap on."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "schema_version": 1,
            "one_more_qualification": {str(tariff): plain(cost) for tariff, cost in self.tariffs.items()},
            "turnover": None if self.turnover is None else plain(self.turnover),
            "next_euro": None if self.rate is None else format(self.rate, "f"),
        }


def one_more(request: PlanRequest, tables: Tables) -> OneMore:
    """What one more qualification of each tariff code, and one more euro of turnover, cost over the plan."""
    base = answer(request, tables)
    schedule = tables.schedule(request.start)
    tariffs = {}
    for tariff in schedule.tariffs:
        more = replace(request, tariffs=_together(request.tariffs, {tariff: 1}))
        tariffs[tariff] = EXACT.subtract(answer(more, tables).sums.total_excl_vat, base.sums.total_excl_vat)
    for payment in base.payments:
        used = payment.quote.base
        if used is not None and used.turnover is not None:
            return OneMore(tariffs, used.turnover, next_rate(payment.quote.schedule, used.turnover))
    return OneMore(tariffs, None, None)


@dataclass(frozen=True, slots=True)
class Limits:
    """The turnovers, in euros, between which the brand-usage fee follows the turnover."""

    floor_until: Decimal | None
    """Up to it the fee is the floor; ``None``: no turnover leaves it."""
    cap_from: Decimal | None
    """From it on the fee is the cap; ``None``: no turnover reaches it."""

    def to_dict(self) -> dict[str, str | None]:
        """The JSON form."""
        return {
            "floor_until": None if self.floor_until is None else plain(self.floor_until),
            "cap_from": None if self.cap_from is None else plain(self.cap_from),
        }


def limits(schedule: Schedule) -> Limits:
    """The turnovers at which the tranches come to the floor, and to the cap.

    >>> from datetime import date
    >>> from opqibi_rules.price.quote import shipped_tables
    >>> found = limits(shipped_tables().schedule(date(2026, 3, 2)))
    >>> found.floor_until, found.cap_from
    (Decimal('225000.00'), Decimal('149170000.00'))
    """
    usage = schedule.brand_usage
    return Limits(_turnover_for(schedule, usage.floor.amount), _turnover_for(schedule, usage.cap.amount))


def _turnover_for(schedule: Schedule, fee: Decimal) -> Decimal | None:
    """The turnover whose tranches sum to ``fee``, to the cent."""
    left = fee
    for tranche in schedule.brand_usage.tranches:
        if tranche.rate == ZERO:
            continue
        reached = EXACT.add(tranche.lower, EXACT.divide(left, tranche.rate))
        if tranche.upper is None or reached <= tranche.upper:
            return round_cents(reached)
        full = EXACT.multiply(EXACT.subtract(tranche.upper, tranche.lower), tranche.rate)
        left = EXACT.subtract(left, full)
    return None


def next_rate(schedule: Schedule, turnover: Decimal) -> Decimal:
    """What the euro after ``turnover`` adds to the brand-usage fee: the rate of its tranche, or zero."""
    bounds = limits(schedule)
    under = bounds.floor_until is None or turnover < bounds.floor_until
    if under or (bounds.cap_from is not None and turnover >= bounds.cap_from):
        return ZERO
    rates = [tranche.rate for tranche in schedule.brand_usage.tranches if tranche.lower <= turnover]
    return rates[-1]


@dataclass(frozen=True, slots=True)
class Rise:
    """What structures pay under two tables, in euros excl. VAT, by fee."""

    structures: int
    before: Mapping[str, Decimal]
    after: Mapping[str, Decimal]

    @classmethod
    def between(cls, before: Plan, after: Plan) -> "Rise":
        """The same structure under two tables."""
        return cls(
            1,
            {fee: before.sums.by_fee.get(fee, NOTHING) for fee in FEES},
            {fee: after.sums.by_fee.get(fee, NOTHING) for fee in FEES},
        )

    def __add__(self, other: "Rise") -> "Rise":
        return Rise(
            self.structures + other.structures,
            {fee: EXACT.add(self.before[fee], other.before[fee]) for fee in FEES},
            {fee: EXACT.add(self.after[fee], other.after[fee]) for fee in FEES},
        )

    def of(self, fee: str) -> Decimal:
        """What one fee rises by."""
        return EXACT.subtract(self.after[fee], self.before[fee])

    @property
    def total_before(self) -> Decimal:
        """All the fees, under the first tables."""
        return sum_of(self.before.values())

    @property
    def total_after(self) -> Decimal:
        """All the fees, under the second."""
        return sum_of(self.after.values())

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "schema_version": 1,
            "structures": self.structures,
            "fees": {
                fee: {
                    "before": plain(self.before[fee]),
                    "after": plain(self.after[fee]),
                    "difference": plain(self.of(fee)),
                }
                for fee in FEES
            },
            "before_excl_vat": plain(self.total_before),
            "after_excl_vat": plain(self.total_after),
            "difference_excl_vat": plain(EXACT.subtract(self.total_after, self.total_before)),
        }


NO_RISE = Rise(0, dict.fromkeys(FEES, NOTHING), dict.fromkeys(FEES, NOTHING))
"""Of no structure: where a sum starts."""
