"""The plan: what an OPQIBI qualification costs over the years, what is due when, and which year bears it.

A plan prices nothing by itself: each payment is a :class:`~opqibi_rules.price.quote.Quote`, or the part of one
that is invoiced that day, at the schedule in force on that day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, Unpack

from opqibi_rules.messages import Message, Say
from opqibi_rules.money import exactly
from opqibi_rules.paper.shape import Json, Plain, Shape, Values, Voice, at
from opqibi_rules.price.partial import Ranges, RangesShape, incomplete, ranges_together
from opqibi_rules.price.planning.due_dates import DueDate, due_dates
from opqibi_rules.price.planning.paid_before import PaidBefore, lacking, paid_before
from opqibi_rules.price.planning.paid_before import notes as notes_before
from opqibi_rules.price.planning.payments import Payment, PaymentShape, Sums, sums_of
from opqibi_rules.price.planning.plan_notes import plan_assumptions, plan_notes
from opqibi_rules.price.planning.plan_question import (
    PlanAsked,
    PlanQuestion,
    days_of,
    plan_question,
    schedules_of,
)
from opqibi_rules.price.planning.pricing import NotPriced, NotPricedShape, Pricing, without_price
from opqibi_rules.price.planning.spread import By
from opqibi_rules.price.planning.timeline import Timeline
from opqibi_rules.price.planning.years import Year, YearShape, by_year
from opqibi_rules.price.question import refuse_unknown
from opqibi_rules.price.quote import Quote, facts
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Fee, Schedule
from opqibi_rules.tables.vat import VatRule


@dataclass(frozen=True, slots=True)
class Cycle:
    """One life of the qualifications, four years from a notification, and what of it the plan pays."""

    number: int
    opens: date
    last_day: date
    sums: Sums
    missing: tuple[str, ...] = ()
    """The fees of it that the data given does not allow to compute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer: payments, totals, years, deadlines, and what has no price."""

    question: PlanQuestion
    timeline: Timeline
    schedules: tuple[Schedule, ...]
    """Those in force when something is due, the oldest first."""
    known_schedules: tuple[Schedule, ...]
    """All those that are known, the oldest first."""
    known_vat: tuple[VatRule, ...]
    """The rules of VAT of its territory, the most recent first; none where a rate was given."""
    payments: tuple[Payment, ...]
    sums: Sums
    paid_before: tuple[PaidBefore, ...]
    """What was paid before it begins, the oldest first."""
    lacking: tuple[Fee, ...]
    """Fees whose share, paid before, its first years bear too, and that nobody gave."""
    by_year: tuple[Year, ...]
    cycles: tuple[Cycle, ...]
    due_dates: tuple[DueDate, ...]
    not_priced: tuple[NotPriced, ...]
    notes: tuple[Message, ...]
    assumptions: tuple[Assumption, ...]
    undetermined: bool
    """A turnover was given, and the data does not allow to use it."""
    partial: tuple[Quote, ...] = ()
    """The invoices in which a fee is missing, even those that then have no amount."""

    @property
    def missing_fees(self) -> tuple[Fee, ...]:
        """The fees that will be due and that the data given does not allow to compute."""
        return tuple({fee.id: fee for one in self.partial for fee in one.missing_fees}.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(fee.id for fee in self.missing_fees)

    @property
    def range(self) -> Ranges | None:
        """What the missing fees, and the whole with them, may come to; ``None``: nothing is missing."""
        more = (each for one in self.partial for each in one.more)
        return ranges_together((self.sums.total_excl_vat, self.sums.total_incl_vat), more)

    @property
    def fees(self) -> tuple[Fee, ...]:
        """The fees of all its schedules, in the order of the documents; one that several declare, as the last."""
        return tuple({fee.id: fee for schedule in self.schedules for fee in schedule.fees}.values())

    @property
    def fees_met(self) -> tuple[Fee, ...]:
        """Those that it pays, or of which its years bear what was paid before."""
        known = {item.fee.id: item.fee for item in self.paid_before} | {fee.id: fee for fee in self.fees}
        borne = {fee for year in self.by_year for fee in year.expense_by_fee}
        return tuple(fee for fee in known.values() if fee.id in borne or fee.id in self.sums.by_fee)

    def subtotals(self, sums: Sums) -> Mapping[str, Decimal | None]:
        """Some sums by fee, with those of its fees that are not in them."""
        return {fee.id: sums.by_fee.get(fee.id) for fee in self.fees}

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        return PlanShape.written(self, Voice(say, language))


class PaidBeforeShape(Shape, of=PaidBefore):
    """What was paid before the plan begins, and the years that it covers."""

    day: Day
    fee: str = at("fee.id")
    amount: Decimal
    until: Day
    """The last day that it covers."""


class _CycleOfPlan(NamedTuple):
    cycle: Cycle
    subtotals: Mapping[str, Decimal | None]


class CycleShape(Shape, of=_CycleOfPlan):
    """What this plan pays of a life of the qualifications."""

    cycle: int = at("cycle.number")
    from_: Day = at("cycle.opens")
    until: Day = at("cycle.last_day")
    subtotals: Mapping[str, Decimal | None]
    total_excl_vat: Decimal = at("cycle.sums.total_excl_vat")
    vat: Decimal = at("cycle.sums.vat")
    total_incl_vat: Decimal = at("cycle.sums.total_incl_vat")
    complete: bool = at(lambda one: not one.cycle.missing)
    missing: tuple[str, ...] = at("cycle.missing")


class DueDateShape(Shape, of=DueDate):
    """A day not to be missed."""

    id: str = at("key")
    date: Day = at("day")
    kind: str
    text: Message = at("message")


class StructureNameShape(Shape, of=Structure):
    """Whose plan it is."""

    siren: str | None
    name: str | None


class NotificationShape(Shape, of=Timeline):
    """When the decision on the application is notified, or assumed to be."""

    date: Day = at("notified")
    assumed: bool = at(lambda days: days.assumed_months is not None)
    months_assumed: int | None = at("assumed_months")


class PlanShape(Shape, of=Plan):
    """What the years cost, payment by payment."""

    schema_version: Literal[1] = 1
    event: str = at("question.event.id")
    from_: Day = at("timeline.start")
    until: Day = at(lambda plan: plan.timeline.end - timedelta(days=1))
    structure: StructureNameShape | None = at("question.structure")
    notification: NotificationShape = at("timeline")
    payments: tuple[PaymentShape, ...]
    subtotals: Mapping[str, Decimal | None] = at(lambda plan: plan.subtotals(plan.sums))
    """Euros excl. VAT by fee of the schedules met; null where none is paid."""
    total_excl_vat: Decimal = at("sums.total_excl_vat")
    vat: Decimal = at("sums.vat")
    total_incl_vat: Decimal = at("sums.total_incl_vat")
    complete: bool = at(lambda plan: not plan.missing)
    """Every fee that will be due is computed."""
    missing: tuple[str, ...]
    """The fees that will be due and that the data given does not allow to compute."""
    range: RangesShape | None
    """What the missing fees, and the whole with them, may come to; null where nothing is missing."""
    paid_before: tuple[PaidBeforeShape, ...]
    lacking: tuple[str, ...] = at(lambda plan: tuple(fee.id for fee in plan.lacking))
    """Fees paid before the plan begins, whose share in its first years is not given: it is not in them."""
    year_end: str = at(lambda plan: str(plan.question.year_end))
    """The close of the financial year, month and day."""
    by_year: tuple[YearShape, ...]
    spread_by: By = at("question.spread_by")
    by_cycle: tuple[CycleShape, ...] = at(
        lambda plan: [_CycleOfPlan(cycle, plan.subtotals(cycle.sums)) for cycle in plan.cycles]
    )
    due_dates: tuple[DueDateShape, ...]
    not_priced: tuple[NotPricedShape, ...]
    notes: tuple[Message, ...]
    notes_values: tuple[Values, ...] = at("notes")
    """The values that each note names, in the same order."""
    assumptions: tuple[AssumptionShape, ...]
    request: Plain = at(lambda plan: plan.question.to_dict())
    """The question that asks for the same plan again."""


def plan(*, start: date | str, tables: Tables | None = None, **asked: Unpack[PlanAsked]) -> Plan:
    """Everything that will be paid from ``start``, for ``years``, each payment priced on its own day.

    Args:
        start: the day of the application, or of the control, with which the plan starts.
        tables: the facts; those shipped by default.
        asked: what a quote may be asked (:class:`~opqibi_rules.price.question.Asked`), and ``years``, ``control``,
            ``notified``, ``months_to_notification``, ``changes``, ``outcome``, ``turnovers_by_year``, ``growth``,
            ``spread_by``, ``paid``, ``year_end``: :class:`~opqibi_rules.price.planning.plan_question.PlanAsked`.

    Raises:
        RequestError, UnknownTariffError, AmountError, DateError, TableError: as a quote, a timeline and
            holdings do.

    >>> two_years = plan(start=date(2024, 3, 1), years=2, tariffs={1: 5, 2: 3}, turnover=800_000)
    >>> [(str(payment.due), str(payment.quote.total_excl_vat)) for payment in two_years.payments]
    [('2024-03-01', '1246.00'), ('2024-06-01', '557.50'), ('2025-06-01', '290.00')]
    >>> two_years.sums.total_excl_vat
    Decimal('2093.50')
    """
    tables = facts(tables)
    refuse_unknown(asked, PlanAsked)
    return answer(plan_question(start, asked, tables), tables)


@exactly
def answer(question: PlanQuestion, tables: Tables) -> Plan:
    """The plan that a checked question asks for; it can be changed (``dataclasses.replace``) and asked again.

    Raises:
        OpqibiError: as :func:`plan` does.
    """
    days = days_of(question, tables)
    pricing = Pricing(question, days, tables)
    held = pricing.of_all()
    payments = tuple(pricing.payments)
    before, year_end = paid_before(question.paid, tables), question.year_end
    missing = tuple(lacking(days, _fees_of_life(tables.schedule(days.start)), before, year_end))
    not_priced = [*pricing.not_priced, *without_price(held.probations)]
    found = Plan(
        question=question,
        timeline=days,
        schedules=schedules_of(days, tables),
        known_schedules=tables.schedules,
        known_vat=_known_vat(payments, tables),
        payments=payments,
        sums=sums_of(payments),
        paid_before=before,
        lacking=missing,
        by_year=tuple(by_year(payments, before, question)),
        cycles=tuple(_cycles(payments, days, pricing.partial)),
        due_dates=due_dates(days, held.probations, pricing.known),
        not_priced=tuple(sorted(not_priced, key=lambda item: item.day)),
        notes=(
            *notes_before(before, missing, days, year_end),
            *plan_notes(question, tables, days, payments),
            *pricing.notes,
        ),
        assumptions=tuple(
            plan_assumptions(question, tables, payments, before, probations=bool(held.probations))
        ),
        undetermined=pricing.undetermined,
        partial=tuple(one for _, one in pricing.partial),
    )
    if (ranges := found.range) is None:
        return found
    return replace(found, notes=(incomplete(found.missing_fees, ranges), *found.notes))


def _known_vat(payments: Iterable[Payment], tables: Tables) -> tuple[VatRule, ...]:
    rules = (payment.quote.vat_rule for payment in payments)
    return next((tables.vat.rules[rule.territory] for rule in rules if rule is not None), ())


def _fees_of_life(schedule: Schedule) -> list[Fee]:
    """The fees that the events in the life of a qualification bear."""
    events = {event.id for event in schedule.events if event.role is not None}
    return [fee for fee in schedule.fees if events.intersection(fee.events)]


def _cycles(
    payments: Iterable[Payment], days: Timeline, partial: Iterable[tuple[int, Quote]]
) -> Iterator[Cycle]:
    paid: dict[int, list[Payment]] = defaultdict(list)
    for payment in payments:
        paid[payment.moment.cycle].append(payment)
    for number, own in paid.items():
        lacks = {fee: None for cycle, one in partial if cycle == number for fee in one.missing}
        yield Cycle(number, days.opens(number), days.opens(number + 1), sums_of(own), tuple(lacks))
