"""What was paid before a plan begins: which fee, which years it covers, and what of it the plan's years bear.

A firm already qualified paid for the use of the mark when its cycle began: the years of the plan bear their share
of it. What is not given cannot be borne, and the plan says so (:func:`lacking`): it is never taken for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from opqibi_rules.deadlines import add_years, to_day
from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.planning.spread import By, spread
from opqibi_rules.price.planning.timeline import Timeline
from opqibi_rules.price.structure import Paid
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Billed, Fee, Role, Schedule, Tranches


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """A fee paid before the plan, with what its schedule says of it."""

    day: date
    amount: Decimal
    """Euros excl. VAT."""
    fee: Fee
    schedule: Schedule
    """That of its day; the first known, where that day comes before."""

    @property
    def until(self) -> date:
        """The last day that it covers."""
        return add_years(self.day, self.fee.years) - timedelta(days=1) if self.fee.years else self.day


def borne(fee: Fee, amount: Decimal, day: date, by: By, year_end: YearEnd) -> Mapping[int, Decimal]:
    """What each financial year bears of a fee billed on a day."""
    if fee.years is None:
        return {year_end.year_of(day): amount}
    return spread(amount, day, fee.years, by, year_end)


def checked(given: Iterable[Paid], start: date, tables: Tables) -> tuple[Paid, ...]:
    """What was paid before ``start``, the oldest first, each with its day, its amount and the id of its fee.

    Raises:
        RequestError: a fee that the schedule of its day does not declare, or that is not named where several could
            be meant; the same fee twice on a day.
        AmountError: no amount in whole cents.
        DateError: no day, or one that is not before ``start``: the plan itself reckons what is due from then on.
    """
    found: dict[tuple[date, str], Paid] = {}
    for index, item in enumerate(given):
        one = _checked(item, f"paid[{index}]", start, tables)
        assert isinstance(one.day, date)
        if known := found.get((one.day, one.fee or "")):
            raise RequestError(
                "paid: {fee} is given twice on {day:date}; add the amounts.",
                fee=known.fee,
                day=one.day,
                field=f"paid[{index}]",
            )
        found[one.day, one.fee or ""] = one
    return tuple(found[key] for key in sorted(found))


def _checked(item: Paid, field: str, start: date, tables: Tables) -> Paid:
    day, amount = to_day(item.day, f"{field}.day"), to_amount(item.amount, f"{field}.amount")
    if day >= start:
        raise DateError(
            "paid: {day:date} is not before {start:date}; the plan reckons what is due from then on.",
            day=day,
            start=start,
            field=f"{field}.day",
        )
    return replace(item, day=day, amount=amount, fee=_fee(item.fee, schedule_of(day, tables), field).id)


def schedule_of(day: date, tables: Tables) -> Schedule:
    """The schedule of a day; the first known, before which nothing is."""
    try:
        return tables.schedule(day)
    except DateError:
        return tables.schedules[0]


def _fee(name: str | None, schedule: Schedule, field: str) -> Fee:
    """The fee meant: the one named, else the only one that covers several years."""
    several = [fee for fee in schedule.fees if fee.years]
    if name is None and len(several) == 1:
        return several[0]
    found = schedule.fee(name) if name else None
    if found is not None:
        return found
    raise RequestError(
        "paid: say which fee it was, one of {known} ({schedule}).",
        known=tuple(fee.id for fee in schedule.fees),
        schedule=schedule.id,
        field=f"{field}.fee",
    )


def paid_before(given: Iterable[Paid], tables: Tables) -> tuple[PaidBefore, ...]:
    """What was paid, once :func:`checked`, with the fees of the schedules at hand.

    Raises:
        RequestError: these schedules declare no such fee.
    """
    found = []
    for index, item in enumerate(given):
        day = to_day(item.day)
        schedule = schedule_of(day, tables)
        fee = _fee(item.fee, schedule, f"paid[{index}]")
        found.append(PaidBefore(day, to_amount(item.amount), fee, schedule))
    return tuple(found)


def notified_on(control_on: date, number: int, given: Iterable[Paid], tables: Tables) -> date | None:
    """The day of the notification of which a control is an anniversary, where a fee billed then was paid.

    It tells 29 February from 28, which the control of the next year does not.
    """
    for item in paid_before(given, tables):
        if item.fee.billed is Billed.NOTIFICATION and add_years(item.day, number) == control_on:
            return item.day
    return None


def lacking(
    days: Timeline, fees: Iterable[Fee], known: Sequence[PaidBefore], year_end: YearEnd
) -> Iterator[Fee]:
    """The fees of which the plan's first years bear what was paid before, and that nobody told.

    Those that cover several years, where the plan starts within a cycle or at its renewal; and that of a control
    passed earlier in the financial year of the start.
    """
    if days.role is Role.FIRST:
        return
    opens = year_end.opens(year_end.year_of(days.start))
    for fee in fees:
        own = [item for item in known if item.fee.id == fee.id]
        if fee.years is not None:
            covered = add_years(_billed(fee, days, 1 if days.control else 0), fee.years)
            missing = covered > opens and not any(item.until >= opens for item in own)
        else:
            passed = _billed(fee, days, 0)
            missing = opens <= passed < days.start and not any(item.day >= opens for item in own)
        if missing:
            yield fee


def _billed(fee: Fee, days: Timeline, cycle: int) -> date:
    """The day on which a fee is billed in a cycle; its last control, of those before the plan."""
    if fee.billed is Billed.CONTROL:
        return add_years(days.start if days.control else days.opens(1), -1)
    return days.opens(cycle) if fee.billed is Billed.NOTIFICATION else days.applies(cycle)


def notes(
    known: Sequence[PaidBefore], missing: Iterable[Fee], days: Timeline, year_end: YearEnd
) -> Iterator[Message]:
    """What is to be said of it."""
    opens = year_end.opens(year_end.year_of(days.start))
    for fee in missing:
        yield Message(
            "{fee}: what was paid of it before {start:date} is not given. Its share of the expense and of what is "
            "prepaid is missing here: it is not nothing.",
            fee=fee.name,
            start=days.start,
        )
    for item in known:
        if item.day < item.schedule.in_force_from:
            yield Message(
                "{fee}, paid on {day:date}: no schedule known is in force then; it is taken to cover what it does in "
                "{schedule}.",
                fee=item.fee.name,
                day=item.day,
                schedule=item.schedule.title,
            )
        caps = [part.cap for part in item.fee.parts if isinstance(part, Tranches) and part.cap]
        if len(item.fee.parts) == len(caps) == 1 and item.amount > caps[0].amount:
            yield Message(
                "{fee}, paid on {day:date}: {amount:euro} is over its cap of {cap:euro}; check the amount.",
                fee=item.fee.name,
                day=item.day,
                amount=item.amount,
                cap=caps[0].amount,
            )
        if item.until < opens:
            yield Message(
                "{fee}, paid on {day:date}: borne before {opens:date}, nothing of it is left here.",
                fee=item.fee.name,
                day=item.day,
                opens=opens,
            )
        else:
            yield from _beside(item, days)


def _beside(item: PaidBefore, days: Timeline) -> Iterator[Message]:
    """That the years covered by what was paid, and by what is due next, overlap or leave days uncovered."""
    due = _billed(item.fee, days, 2 if days.control else 1)
    if item.fee.years == days.qualification.years and due != item.until + timedelta(days=1):
        yield Message(
            "{fee}, paid on {day:date}, covers the days to {until:date}, and is due next on {due:date}: check these "
            "days.",
            fee=item.fee.name,
            day=item.day,
            until=item.until,
            due=due,
        )
