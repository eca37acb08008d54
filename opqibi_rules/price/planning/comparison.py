"""Choices compared: the same plan with one thing changed, or the same structures under two schedules.

Everything here is a difference between plans; nothing is priced here. The first choice is the reference, and
the others are compared to it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import CENT, LARGEST, ZERO, exactly
from opqibi_rules.paper.shape import Json, Rate, Shape, Voice, added, at
from opqibi_rules.price.fees import NO_COUNTS, NO_EUROS, Counts, FeeRule, rules_of
from opqibi_rules.price.inversion import by_turnover, exact_tranches, least_turnover
from opqibi_rules.price.partial import RangesShape
from opqibi_rules.price.planning.holdings import Change, counted_together, with_change
from opqibi_rules.price.planning.plan import Plan, answer
from opqibi_rules.price.planning.plan_notes import said_of_choices, said_of_structures
from opqibi_rules.price.planning.plan_question import PlanQuestion, days_of
from opqibi_rules.price.planning.portfolio import RefusedShape
from opqibi_rules.price.planning.pricing import NO_TURNOVER
from opqibi_rules.price.planning.years import Year
from opqibi_rules.price.structure import Qualification, Turnover
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Fee, Role, Schedule


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go, and what it costs."""

    name: Message
    plan: Plan

    def fee(self, fee: str) -> Decimal:
        """What the plan pays of one fee, in euros excl. VAT."""
        return self.plan.sums.by_fee.get(fee, NO_EUROS)

    @property
    def total(self) -> Decimal:
        """What it costs, in euros excl. VAT."""
        return self.plan.sums.total_excl_vat


A_FEW = 6
"""How many choices a page holds side by side; more are structures, one a line."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Choices, over the same years or told not to be; the first is the reference."""

    choices: tuple[Choice, ...]
    remarks: tuple[Message, ...] = ()
    """What is said of the comparison itself."""

    @property
    def notes(self) -> tuple[Message, ...]:
        """Its remarks, then what its plans say: each thing once, with those of which it is said."""
        plans = [(choice.name, choice.plan.notes) for choice in self.choices]
        remarks = (*self._apart(), *self.remarks)
        if len(plans) <= A_FEW:
            return (*remarks, *said_of_choices(plans))
        return (*remarks, *said_of_structures((str(name), notes) for name, notes in plans))

    @property
    def starts(self) -> tuple[date, ...]:
        """The days on which they start, the earliest first; one where it is the same for all."""
        return tuple(sorted({choice.plan.question.start for choice in self.choices}))

    def _apart(self) -> Iterator[Message]:
        """What keeps them from being over the same years."""
        if len(self.starts) > 1:
            yield Message(
                "They do not start on the same day, but from {first:date} to {last:date}: what they cost is not "
                "over the same years.",
                first=self.starts[0],
                last=self.starts[-1],
            )
        years = sorted({choice.plan.question.years for choice in self.choices})
        if len(years) > 1:
            yield Message("They are not over as many years: {years}.", years=tuple(years))

    @property
    def fees(self) -> tuple[Fee, ...]:
        """The fees of all the schedules met, in the order of the documents."""
        return tuple({fee.id: fee for choice in self.choices for fee in choice.plan.fees}.values())

    @property
    def missing_fees(self) -> tuple[Fee, ...]:
        """The fees that will be due in some of them and that the data given does not allow to compute."""
        return _each_once(fee for one in self.choices for fee in one.plan.missing_fees)

    @exactly
    def difference(self, choice: Choice) -> Decimal:
        """What a choice costs more than the first, in euros excl. VAT; negative where it costs less."""
        return choice.total - self.choices[0].total

    def to_dict(self, say: Say = str) -> Json:
        """The JSON form."""
        return ComparisonShape.written(self, Voice(say))


class _Compared(NamedTuple):
    choice: Choice
    comparison: Comparison


class ChoiceYearShape(Shape, of=Year):
    """What a choice pays and bears in a calendar year."""

    cash_excl_vat: Decimal = at("cash")
    expense: Decimal


class ChoiceShape(Shape, of=_Compared):
    """What a choice costs."""

    name: Message = at("choice.name")
    from_: Day = at("choice.plan.question.start")
    subtotals: Mapping[str, Decimal] = at(
        lambda one: {fee.id: one.choice.fee(fee.id) for fee in one.comparison.fees}
    )
    total_excl_vat: Decimal = at("choice.total")
    difference: Decimal = at(lambda one: one.comparison.difference(one.choice))
    """What it costs more than the first; negative where it costs less."""
    complete: bool = at(lambda one: not one.choice.plan.missing)
    missing: tuple[str, ...] = at("choice.plan.missing")
    """The fees that will be due and that the data given does not allow to compute."""
    range: RangesShape | None = at("choice.plan.range")
    """What the missing fees, and the whole with them, may come to; null where nothing is missing."""
    by_year: Mapping[str, ChoiceYearShape] = at(
        lambda one: {year.year: year for year in one.choice.plan.by_year}
    )


class ComparisonShape(Shape, of=Comparison):
    """Choices over the same years; the first is the reference."""

    schema_version: Literal[1] = 1
    from_: Day = at(lambda comparison: comparison.choices[0].plan.question.start)
    """Of the first; where the others start on another day, ``notes`` says so."""
    years: int = at(lambda comparison: comparison.choices[0].plan.question.years)
    choices: tuple[ChoiceShape, ...] = at(
        lambda comparison: [_Compared(choice, comparison) for choice in comparison.choices]
    )
    complete: bool = at(lambda comparison: not comparison.missing_fees)
    missing: tuple[str, ...] = at(lambda comparison: tuple(fee.id for fee in comparison.missing_fees))
    notes: tuple[Message, ...]
    refused: tuple[RefusedShape, ...] | None = added()
    """The structures of many that could not be planned."""


def when_to_add(
    question: PlanQuestion,
    tables: Tables,
    *,
    add: tuple[Qualification, ...] = (),
    add_tariffs: Counts = NO_COUNTS,
) -> Comparison:
    """Add these qualifications now, at the next control, at the renewal, or not at all.

    All are followed until the renewal is paid, so that what each choice costs later is seen. A control whose
    schedule prices nothing new is no choice, and the comparison says so.

    Raises:
        OpqibiError: as a plan does.
    """
    longer, notes = _until_the_renewal(question, tables)
    at_renewal = Change(question.event_of(Role.RENEWAL).id, 1, add, add_tariffs)
    now = Message("Asked for now")
    at_controls = {_next_control(question): _NEXT_CONTROL}
    asked = [(Message("Without them"), longer)]
    if question.role is Role.CONTROL:
        at_controls = {question.control: now, **at_controls}
    else:
        tariffs = counted_together(question.tariffs, add_tariffs)
        asked.append((now, replace(longer, tariffs=tariffs, qualifications=(*question.qualifications, *add))))
    for number, name in at_controls.items():
        if (schedule := _prices_nothing_new(longer, number, tables)) is None:
            asked.append((name, _with(longer, _at_control(number, at_renewal, question))))
        else:
            notes = (*notes, _left_out(name, schedule))
    asked.append((Message("Asked for at the renewal"), _with(longer, at_renewal)))
    return _compared(asked, tables, notes)


_NEXT_CONTROL = Message("Asked for at the next control")


def _prices_nothing_new(question: PlanQuestion, number: int, tables: Tables) -> Schedule | None:
    """The schedule of a control, where it prices no new qualification then; else ``None``."""
    moments = days_of(question, tables).moments()
    days = [one.day for one in moments if one.role is Role.CONTROL and one.ordinal == number]
    return next((schedule for day in days if not _prices_new(schedule := tables.schedule(day))), None)


def _prices_new(schedule: Schedule) -> bool:
    event = schedule.event_of(Role.CONTROL)
    return event is None or schedule.takes_new(event)


def _left_out(choice: Message, schedule: Schedule) -> Message:
    return Message(
        "{choice}: left out, for the schedule {id} prices no new qualification then.",
        choice=choice,
        id=schedule.id,
    )


def keep_or_drop(
    question: PlanQuestion,
    tables: Tables,
    *,
    drop: tuple[str, ...] = (),
    drop_tariffs: Counts = NO_COUNTS,
) -> Comparison:
    """Keep these qualifications, give them up at the next control, or at the renewal.

    Raises:
        OpqibiError: as a plan does.
    """
    longer, notes = _until_the_renewal(question, tables)
    at_renewal = Change(question.event_of(Role.RENEWAL).id, 1, drop=drop, drop_tariffs=drop_tariffs)
    at_control = _at_control(_next_control(question), at_renewal, question)
    asked = [
        (Message("Kept"), longer),
        (Message("Given up at the next control"), _with(longer, at_control)),
        (Message("Given up at the renewal"), _with(longer, at_renewal)),
    ]
    return _compared(asked, tables, notes)


def _compared(
    asked: Iterable[tuple[Message, PlanQuestion]], tables: Tables, remarks: tuple[Message, ...]
) -> Comparison:
    return Comparison(tuple(Choice(name, answer(question, tables)) for name, question in asked), remarks)


def _next_control(question: PlanQuestion) -> int:
    """The control after the start, counted as changes count them."""
    return question.control + 1 if question.role is Role.CONTROL else 1


def _at_control(number: int, change: Change, question: PlanQuestion) -> Change:
    return replace(change, event=question.event_of(Role.CONTROL).id, number=number)


def _with(question: PlanQuestion, change: Change) -> PlanQuestion:
    return replace(question, changes=with_change(question.changes, change))


def _until_the_renewal(question: PlanQuestion, tables: Tables) -> tuple[PlanQuestion, tuple[Message, ...]]:
    """The question, made long enough for the next renewal to be paid whole; and a note where it was."""
    days = answer(question, tables).timeline
    years = question.years
    while add_years(question.start, years) <= max(days.applies(2), days.opens(2)):
        years += 1
    if years == question.years:
        return question, ()
    note = Message("Reckoned over {years} years, so that the renewal is paid in each choice.", years=years)
    return replace(question, years=years), (note,)


@dataclass(frozen=True, slots=True)
class NextEuro:
    """What the next euro of a turnover adds to the fees reckoned on it."""

    turnover: Decimal
    """Where the plan stands, in euros excl. VAT."""
    rate: Decimal
    """``0.00050``; zero under the floor and from the cap on."""
    thousand: Decimal
    """What 1,000 euros more of each year given add to the plan, grown as they grow, in euros excl. VAT."""


@dataclass(frozen=True, slots=True)
class OneMore:
    """What one more of something costs over a plan, in euros excl. VAT."""

    tariffs: Mapping[int, Decimal | None]
    """One more qualification from the start, by tariff code; ``None``: it would leave a fee without an amount."""
    euros: Mapping[str, NextEuro]
    """By turnover, by the ids of the schedule: where each fee is first reckoned on it."""
    notes: tuple[Message, ...] = ()
    """What the plan says to which one more is added."""

    @property
    def turnover(self) -> Decimal | None:
        """The first turnover on which the plan reckons a fee; ``None`` where it reckons on none."""
        return next((euro.turnover for euro in self.euros.values()), None)

    @property
    def rate(self) -> Decimal | None:
        """What the next euro of it adds."""
        return next((euro.rate for euro in self.euros.values()), None)

    def to_dict(self, say: Say = str) -> Json:
        """The JSON form."""
        return OneMoreShape.written(self, Voice(say))


class NextEuroShape(Shape, of=NextEuro):
    """What the next euro of a turnover adds."""

    turnover: Decimal
    next_euro: Rate = at("rate")
    next_thousand: Decimal = at("thousand")
    """Of 1,000 euros more of each year given, grown as they grow, over the plan."""


class OneMoreShape(Shape, of=OneMore):
    """What one more of something costs over a plan."""

    schema_version: Literal[1] = 1
    one_more_qualification: Mapping[str, Decimal | None] = at("tariffs")
    """By tariff code."""
    turnover: Decimal | None
    next_euro: Rate | None = at("rate")
    next_euros: Mapping[str, NextEuroShape] = at("euros")
    """The same for each turnover on which a fee is reckoned."""
    notes: tuple[Message, ...]
    floor_until: Decimal | None = added()
    cap_from: Decimal | None = added()


@exactly
def one_more(question: PlanQuestion, tables: Tables) -> OneMore:
    """What one more qualification of each tariff code, and one more euro of turnover, cost over the plan.

    Of a tariff code that one of the schedules of the plan lacks, nothing is reckoned, and a note says so.

    Raises:
        OpqibiError: as a plan does.
    """
    base = answer(question, tables)
    everywhere, elsewhere = _tariffs_of(base.schedules)
    tariffs: dict[int, Decimal | None] = {}
    for tariff in everywhere:
        more = replace(question, tariffs=counted_together(question.tariffs, {tariff: 1}))
        with_it = answer(more, tables)
        same = [item.day for item in with_it.not_priced] == [item.day for item in base.not_priced]
        tariffs[tariff] = with_it.sums.total_excl_vat - base.sums.total_excl_vat if same else None
    euros = {}
    for kind, euro in _next_euros(base).items():
        more = replace(question, turnovers=tuple(_raised(one, kind) for one in question.turnovers))
        added_by_it = answer(more, tables).sums.total_excl_vat - base.sums.total_excl_vat
        euros[kind] = replace(euro, thousand=added_by_it)
    notes = (_not_everywhere(elsewhere, base.schedules), *base.notes) if elsewhere else base.notes
    return OneMore(FrozenDict(tariffs), FrozenDict(euros), notes)


def _tariffs_of(schedules: Sequence[Schedule]) -> tuple[list[int], list[int]]:
    """The tariff codes that each of some schedules has, and those that some of them lack."""
    known = sorted({tariff for schedule in schedules for tariff in schedule.tariffs})
    everywhere = [tariff for tariff in known if all(tariff in schedule.tariffs for schedule in schedules)]
    return everywhere, [tariff for tariff in known if tariff not in everywhere]


def _not_everywhere(tariffs: Iterable[int], schedules: Iterable[Schedule]) -> Message:
    return Message(
        "One more at these tariffs is not reckoned, for not all the schedules of the plan ({ids}) have them: "
        "{tariffs}.",
        ids=tuple(schedule.id for schedule in schedules),
        tariffs=tuple(tariffs),
    )


def _raised(turnover: Turnover, kind: str) -> Turnover:
    """With 1,000 euros more of one kind, where it is known."""
    amounts = turnover.amounts
    more = {kind: min(amounts[kind] + THOUSAND, LARGEST)} if kind in amounts else {}
    return Turnover.by_base(turnover.year, {**amounts, **more}, turnover.document, turnover.closed_on)


def _next_euros(plan: Plan) -> dict[str, NextEuro]:
    """By turnover, what its next euro adds to each fee the first time that it is due."""
    found: dict[str, NextEuro] = {}
    seen = set()
    for payment in plan.payments:
        for fee, base in payment.quote.bases.items():
            if base.kind is None or base.turnover is None:
                continue
            rule = rules_of(payment.quote.schedule).fees[fee]
            rate = ZERO if fee in seen else next_rate(rule, base.turnover)
            seen.add(fee)
            known = found.get(base.kind, NextEuro(base.turnover, ZERO, NO_EUROS))
            found[base.kind] = replace(known, rate=known.rate + rate)
    return found


THOUSAND = Decimal(1000)
"""Euros more of a turnover, enough for a difference that one sees."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The turnovers, in euros, between which a fee follows the turnover."""

    floor_until: Decimal | None
    """Up to it the fee is the floor; ``None``: there is no floor, or no turnover leaves it."""
    cap_from: Decimal | None
    """From it on the fee is the cap; ``None``: there is no cap, or no turnover reaches it."""

    def to_dict(self) -> Json:
        """The JSON form."""
        return LimitsShape.written(self, Voice())


class LimitsShape(Shape, of=Limits):
    """The turnovers between which a fee follows the turnover."""

    floor_until: Decimal | None
    cap_from: Decimal | None


def limits(schedule: Schedule, fee_id: str | None = None) -> Limits:
    """The turnovers at which the tranches of a fee come to its floor, and to its cap.

    ``fee_id`` says which fee; by default the schedule's first that is reckoned on a turnover.

    >>> from datetime import date
    >>> from opqibi_rules.tables.library import shipped_tables
    >>> found = limits(shipped_tables().schedule(date(2026, 3, 2)))
    >>> found.floor_until, found.cap_from
    (Decimal('225000.00'), Decimal('149170000.00'))
    """
    for rule in by_turnover(schedule):
        part = rule.tranches
        if part is not None and fee_id in {None, rule.fee.id}:
            reached = [
                None if limit is None else least_turnover(rule, limit.amount)
                for limit in (part.floor, part.cap)
            ]
            return Limits(*reached)
    return Limits(None, None)


@exactly
def next_rate(rule: FeeRule, turnover: Decimal) -> Decimal:
    """What the euro after ``turnover`` adds to a fee by tranches: the rate of its tranche, or zero."""
    part, reached = rule.tranches, exact_tranches(rule, turnover)
    if part is None or (part.floor is not None and reached < part.floor.amount):
        return ZERO
    if part.cap is not None and reached >= part.cap.amount:
        return ZERO
    last = [line for line in rule.lines(turnover=turnover + CENT) if line.rate is not None][-1]
    return last.rate if last.rate is not None and last.base else ZERO


FIRST_TABLES, SECOND_TABLES = Message("First tables"), Message("Second tables")
"""What the two tables are called under which structures are compared."""


class FeeRise(NamedTuple):
    """What structures pay of one fee under two tables, in euros excl. VAT."""

    fee: Fee
    before: Decimal
    after: Decimal

    @property
    @exactly
    def difference(self) -> Decimal:
        """What it rises by."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Rise:
    """What structures pay under two tables, in euros excl. VAT, by fee."""

    structures: int
    fees: Mapping[str, FeeRise]
    """By id, those of the schedules met under either, in the order of the documents."""
    missing: tuple[Fee, ...] = ()
    """The fees that will be due to some and that the data given does not allow to compute, under either."""
    notes: tuple[Message, ...] = ()
    """What the two plans of one structure say; of several, each keeps its own."""

    @classmethod
    def between(cls, before: Plan, after: Plan) -> "Rise":
        """The same structure under two tables.

        Raises:
            RequestError: under one of them alone, a fee lacks the turnover that it is reckoned on.
        """
        wanting = [any(item.code == NO_TURNOVER for item in plan.not_priced) for plan in (before, after)]
        if wanting[0] != wanting[1]:
            raise RequestError(
                "Under one of the two tables, a fee lacks its turnover: they cannot be compared.",
                field="turnovers",
            )
        fees = {fee.id: fee for plan in (before, after) for fee in plan.fees}
        paid = [plan.sums.by_fee for plan in (before, after)]
        return cls(
            1,
            FrozenDict(
                {name: FeeRise(fee, *(one.get(name, NO_EUROS) for one in paid)) for name, fee in fees.items()}
            ),
            _each_once((*before.missing_fees, *after.missing_fees)),
            tuple(said_of_choices([(FIRST_TABLES, before.notes), (SECOND_TABLES, after.notes)])),
        )

    @exactly
    def __add__(self, other: "Rise") -> "Rise":
        fees = {**self.fees, **other.fees}
        for name in self.fees.keys() & other.fees.keys():
            one, more = self.fees[name], other.fees[name]
            fees[name] = FeeRise(more.fee, one.before + more.before, one.after + more.after)
        missing = _each_once((*self.missing, *other.missing))
        return Rise(self.structures + other.structures, FrozenDict(fees), missing)

    @property
    @exactly
    def total_before(self) -> Decimal:
        """All the fees, under the first tables."""
        return sum((fee.before for fee in self.fees.values()), NO_EUROS)

    @property
    @exactly
    def total_after(self) -> Decimal:
        """All the fees, under the second."""
        return sum((fee.after for fee in self.fees.values()), NO_EUROS)

    @property
    @exactly
    def total(self) -> Decimal:
        """What all the fees rise by."""
        return self.total_after - self.total_before

    def to_dict(self) -> Json:
        """The JSON form."""
        return RiseShape.written(self, Voice())


class FeeRiseShape(Shape, of=FeeRise):
    """What structures pay of one fee under two tables."""

    before: Decimal
    after: Decimal
    difference: Decimal


class OneRise(NamedTuple):
    """What one structure of many pays under two tables."""

    name: str
    rise: Rise


def said_of_rises(each: Sequence[OneRise]) -> list[Message]:
    """What is noted of structures under two tables."""
    if len(each) == 1:
        return list(each[0].rise.notes)
    return said_of_structures((one.name, one.rise.notes) for one in each)


class OneRiseShape(Shape, of=OneRise):
    """What one structure of many pays under two tables, in euros excl. VAT."""

    name: str
    before_excl_vat: Decimal = at("rise.total_before")
    after_excl_vat: Decimal = at("rise.total_after")
    difference_excl_vat: Decimal = at("rise.total")


class RiseShape(Shape, of=Rise):
    """What structures pay under two tables, in euros excl. VAT."""

    schema_version: Literal[1] = 1
    structures: int
    fees: Mapping[str, FeeRiseShape]
    before_excl_vat: Decimal = at("total_before")
    after_excl_vat: Decimal = at("total_after")
    difference_excl_vat: Decimal = at("total")
    complete: bool = at(lambda rise: not rise.missing)
    missing: tuple[str, ...] = at(lambda rise: tuple(fee.id for fee in rise.missing))
    """The fees that will be due to some and that the data given does not allow to compute."""
    not_counted: int | None = added()
    """The structures that cannot be priced."""
    by_structure: tuple[OneRiseShape, ...] | None = added()
    refused: tuple[RefusedShape, ...] | None = added()
    """Those that cannot be priced, and why."""
    notes: tuple[Message, ...] | None = added()
    """What the plans say."""


def _each_once(fees: Iterable[Fee]) -> tuple[Fee, ...]:
    return tuple({fee.id: fee for fee in fees}.values())


NO_RISE = Rise(0, FrozenDict())
"""Of no structure: where a sum starts."""
