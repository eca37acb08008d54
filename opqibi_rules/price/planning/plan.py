"""The plan: what an OPQIBI qualification costs over the years, what is due when, and which year bears it.

A plan prices nothing by itself: each payment is a :class:`~opqibi_rules.price.quote.Quote`, or the part of one
that is invoiced that day, at the schedule in force on that day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, Unpack

from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import exactly, round_cents
from opqibi_rules.paper.shape import Json, Shape, Share, Values, Voice, at
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.partial import Ranges, RangesShape, incomplete, ranges_together
from opqibi_rules.price.planning.due_dates import DueDate, due_dates
from opqibi_rules.price.planning.holdings import (
    RENEWED,
    TURNED_FULL,
    Change,
    Probation,
    Subject,
    holdings,
    placed,
)
from opqibi_rules.price.planning.paid_before import PaidBefore, borne, lacking, notified_on, paid_before
from opqibi_rules.price.planning.paid_before import notes as notes_before
from opqibi_rules.price.planning.plan_question import (
    PlanAsked,
    PlanQuestion,
    no_event,
    plan_question,
    turnovers_at,
)
from opqibi_rules.price.planning.spread import By
from opqibi_rules.price.planning.timeline import Moment, Timeline, timeline
from opqibi_rules.price.question import Asked, DeclaredEvent, as_counts, refuse_unknown, tariffs_of
from opqibi_rules.price.question import question as question_on
from opqibi_rules.price.quote import LineShape, Quote, Subtotals, TurnoverBaseShape, facts, lacks
from opqibi_rules.price.quote import answer as priced
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Billed, Event, Fee, Role, Schedule


@dataclass(frozen=True, slots=True)
class Payment:
    """What is invoiced on one day, and the quote that says so."""

    moment: Moment
    quote: Quote
    """Of the fees invoiced that day alone; its VAT is rounded once, on their sum."""

    @property
    def due(self) -> date:
        """The day."""
        return self.moment.day


NO_TURNOVER = "no_turnover"
"""Why a fee has no amount: the turnover that it is reckoned on is not given."""


@dataclass(frozen=True, slots=True)
class NotPriced:
    """Something that happens in the plan, and that has no amount."""

    code: str
    """``no_turnover`` (data is missing), ``probation_renewed`` or ``probation_turned_full`` (the schedule is
    silent)."""
    day: date
    message: Message


@dataclass(frozen=True, slots=True)
class Year:
    """One financial year, in euros excl. VAT, and what is paid incl. VAT.

    What is carried forward, with what is paid, is the expense and what is prepaid at the close.
    """

    year: int
    """The civil year in which it closes."""
    label: str
    """« 2027 », or « 2026-2027 » where it is not the calendar year."""
    opens: date
    closes: date
    carried_forward: Decimal
    """Prepaid when it opens."""
    paid_before: Decimal
    """Paid in it before the plan begins, as far as it is given."""
    cash: Decimal
    cash_incl_vat: Decimal
    expense: Decimal
    """What the year bears: fees of the year, and its part of those that cover several."""
    prepaid: Decimal
    """Paid by its close, for years to come (charges constatées d'avance, 486)."""
    cash_by_fee: Mapping[str, Decimal]
    expense_by_fee: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals in euros: by fee and excl. VAT, VAT, incl. VAT."""

    by_fee: Mapping[str, Decimal]
    total_excl_vat: Decimal
    vat: Decimal
    total_incl_vat: Decimal


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


class PaymentShape(Shape, of=Payment):
    """What an invoice of that day says, and where it comes from."""

    due: Day
    event: str = at("quote.event.id")
    id: str = at("moment.key")
    step: Billed = at("moment.step")
    cycle: int = at("moment.cycle")
    control: int | None = at(lambda payment: payment.moment.number or None)
    """Which control of its cycle."""
    schedule: str = at("quote.schedule.id")
    lines: tuple[LineShape, ...] = at("quote.lines", handing="quote.vat_category")
    subtotals: Mapping[str, Decimal | None] = at("quote.subtotals")
    total_excl_vat: Decimal = at("quote.total_excl_vat")
    vat_rate: Share = at("quote.vat_rate")
    vat_category: str | None = at("quote.vat_category")
    vat: Decimal = at("quote.vat")
    total_incl_vat: Decimal = at("quote.total_incl_vat")
    complete: bool = at(lambda payment: not payment.quote.missing)
    missing: tuple[str, ...] = at("quote.missing")
    turnover_base: TurnoverBaseShape | None = at("quote.base")
    turnover_bases: Mapping[str, TurnoverBaseShape] = at("quote.bases")


class YearShape(Shape, of=Year):
    """What a financial year pays, and what it bears."""

    year: int
    """The civil year in which it closes."""
    label: str
    """`2027`, or `2026-2027` where it is not the calendar year."""
    from_: Day = at("opens")
    until: Day = at("closes")
    carried_forward: Decimal
    """Prepaid when it opens."""
    paid_before: Decimal
    """Paid in it before the plan begins; with it, what is carried forward and what is paid are the expense and what
    is prepaid."""
    expense: Decimal
    cash_excl_vat: Decimal = at("cash")
    cash_incl_vat: Decimal
    prepaid: Decimal
    """Paid by its close, for years to come."""
    expense_by_fee: Mapping[str, Decimal]


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


class NotPricedShape(Shape, of=NotPriced):
    """What happens and has no amount."""

    date: Day = at("day")
    code: str
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
    request: Mapping[str, object] = at(lambda plan: plan.question.to_dict())
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
    days = _days(question, tables)
    pricing = _Pricing(question, days, tables)
    held = holdings(
        days,
        tariffs=question.tariffs,
        qualifications=question.qualifications,
        changes=pricing.checked(placed(question.changes, days, question.events)),
        outcome=question.outcome,
        on_top=pricing.takes_new,
    )
    moments = days.moments()
    for moment in moments:
        pricing.price(moment, held.at(moment))
    payments = tuple(pricing.payments)
    before, year_end = paid_before(question.paid, tables), question.year_end
    missing = tuple(lacking(days, _fees_of_life(tables.schedule(days.start)), before, year_end))
    not_priced = pricing.not_priced + [_unpriced(item) for item in held.probations if item.then in _UNPRICED]
    found = Plan(
        question=question,
        timeline=days,
        schedules=tuple(dict.fromkeys(tables.schedule(moment.day) for moment in moments)),
        known_schedules=tables.schedules,
        payments=payments,
        sums=_sums(payments),
        paid_before=before,
        lacking=missing,
        by_year=tuple(_by_year(payments, before, question)),
        cycles=tuple(_cycles(payments, days, pricing.partial)),
        due_dates=due_dates(days, held.probations, pricing.known),
        not_priced=tuple(sorted(not_priced, key=lambda item: item.day)),
        notes=(
            *notes_before(before, missing, days, year_end),
            *_own_notes(question, days, payments),
            *pricing.notes,
        ),
        assumptions=tuple(_assumptions(question, tables, payments, before, probations=bool(held.probations))),
        undetermined=pricing.undetermined,
        partial=tuple(one for _, one in pricing.partial),
    )
    ranges = found.range
    if ranges is None:
        return found
    return replace(found, notes=(incomplete(found.missing_fees, ranges), *found.notes))


def _fees_of_life(schedule: Schedule) -> list[Fee]:
    """The fees that the events in the life of a qualification bear."""
    events = {event.id for event in schedule.events if event.role is not None}
    return [fee for fee in schedule.fees if events.intersection(fee.events)]


def _days(question: PlanQuestion, tables: Tables) -> Timeline:
    known = question.notified
    if known is None and question.role is Role.CONTROL:
        known = notified_on(question.start, question.control, question.paid, tables)
    return timeline(
        start=question.start,
        years=question.years,
        validity=tables.validity,
        role=question.role,
        control=question.control,
        notified=known,
        months_to_notification=question.months_to_notification,
    )


class _Pricing:
    """The moments of a plan, each priced at the schedule in force on its own day."""

    def __init__(self, question: PlanQuestion, days: Timeline, tables: Tables) -> None:
        self.question, self.days, self.tables = question, days, tables
        self.payments: list[Payment] = []
        self.not_priced: list[NotPriced] = []
        self.notes: list[Message] = []
        self.undetermined = False
        self.partial: list[tuple[int, Quote]] = []
        """The cycle and the invoice of each moment at which a fee is missing."""

    def event(self, moment: Moment) -> Event:
        """The event of a moment, as the schedule of its day declares it.

        Raises:
            RequestError: it declares none.
        """
        event = self.tables.schedule(moment.day).event_of(moment.role)
        if event is None:
            raise no_event(moment.role, moment.day)
        return event

    def takes_new(self, moment: Moment) -> bool:
        """New qualifications are priced apart from those held, or refused."""
        return moment.role is Role.CONTROL or self.tables.schedule(moment.day).takes_new(self.event(moment))

    def billed(self, moment: Moment) -> tuple[Fee, ...]:
        """The fees that are invoiced at a moment: those that its event bears and that are billed at its step."""
        borne = self.tables.schedule(moment.day).borne(self.event(moment))
        return tuple(fee for fee in borne if fee.billed is moment.step)

    def known(self, moment: Moment) -> tuple[Event | None, tuple[Fee, ...]]:
        """The event of a moment and the fees invoiced at it; where no schedule is known, the event of the start."""
        try:
            return self.event(moment), self.billed(moment)
        except (DateError, RequestError):
            return self.tables.schedule(self.days.start).event_of(moment.role), ()

    def checked(self, changes: Mapping[Moment, Change]) -> Mapping[Moment, Change]:
        """The changes, what they add being priced by the schedule of their day.

        Raises:
            RequestError: a tariff code that it does not price, a count that cannot be, or anything new where it
                prices nothing new.
            UnknownTariffError: a qualification whose tariff code is not known.
        """
        found = {}
        for moment, change in changes.items():
            schedule = self.tables.schedule(moment.day)
            adds = change.add or any(change.add_tariffs.values())
            if adds and moment.role is Role.CONTROL and not schedule.takes_new(self.event(moment)):
                raise RequestError(
                    "{event}: the schedule {id} prices no new qualification then; ask for it at a renewal.",
                    event=str(change),
                    id=schedule.id,
                    field="changes",
                )
            tariffs_of(change.add, schedule, self.tables, [], lambda _: "changes")
            found[moment] = replace(change, add_tariffs=as_counts(change.add_tariffs, schedule, "changes"))
        return found

    def price(self, moment: Moment, subject: Subject) -> None:
        """Add what is paid at a moment; what lacks data is listed, without an amount."""
        part = _invoiced(self.quote(moment, subject), self.billed(moment))
        if part.fees:
            self.payments.append(Payment(moment, part))
        self.not_priced += [
            NotPriced(NO_TURNOVER, moment.day, part.bases[fee].reason) for fee in part.missing
        ]
        if part.missing:
            self.partial.append((moment.cycle, part))
        self.undetermined |= part.undetermined
        self.notes += [note for note in part.notes if note not in self.notes]

    def quote(self, moment: Moment, subject: Subject) -> Quote:
        """The quote of the whole event, on the day of the moment."""
        schedule, day = self.tables.schedule(moment.day), reckoned_on(moment, self.days)
        then = turnovers_at(self.question, day, schedule)
        asked: Asked = {
            "event": DeclaredEvent(self.event(moment).id),
            "tariffs": subject.tariffs,
            "qualifications": subject.qualifications,
            "new_tariffs": subject.new_tariffs,
            "new_qualifications": subject.new_qualifications,
            "turnovers": {base: one.amount for base, one in then.items()},
            "vat": self.question.vat,
        }
        checked, _ = question_on(moment.day, asked, self.tables)
        known = {base: one.known for base, one in then.items() if self.question.states(one)}
        unfinished = self.question.unfinished if moment.cycle == 1 else ()
        return priced(checked._replace(known=FrozenDict(known), unfinished=unfinished), schedule, self.tables)


def reckoned_on(moment: Moment, days: Timeline) -> date:
    """The day whose last known turnover counts: a notification's fee is reckoned on that of its application."""
    return moment.day if moment.step is Billed.CONTROL else days.applies(moment.cycle)


def _invoiced(whole: Quote, fees: Iterable[Fee]) -> Quote:
    """The part of a quote that is invoiced apart: VAT is rounded on the sum of that invoice."""
    own = {fee.id for fee in fees}
    subtotals = {fee: amount if fee in own else None for fee, amount in whole.subtotals.items()}
    bases = {fee: base for fee, base in whole.bases.items() if fee in own}
    excl_vat = sum((amount for amount in subtotals.values() if amount is not None), NO_EUROS)
    vat = round_cents(excl_vat * whole.vat_rate)
    said = {base.reason for base in bases.values()}
    # What the whole comes to is no matter of one invoice.
    unsaid = {base.reason for base in whole.bases.values()} - said | {*lacks(whole)}
    return whole._replace(
        lines=tuple(line for line in whole.lines if line.fee.id in own),
        subtotals=Subtotals(subtotals),
        bases=FrozenDict(bases),
        limits=FrozenDict({fee: known for fee, known in whole.limits.items() if fee in own}),
        total_excl_vat=excl_vat,
        vat=vat,
        total_incl_vat=excl_vat + vat,
        notes=tuple(note for note in whole.notes if note not in unsaid),
    )


def _sums(payments: Iterable[Payment]) -> Sums:
    quotes = [payment.quote for payment in payments]
    by_fee: dict[str, Decimal] = defaultdict(lambda: NO_EUROS)
    for one in quotes:
        for fee, amount in _amounts(one):
            by_fee[fee.id] += amount
    return Sums(
        FrozenDict(by_fee),
        sum((one.total_excl_vat for one in quotes), NO_EUROS),
        sum((one.vat for one in quotes), NO_EUROS),
        sum((one.total_incl_vat for one in quotes), NO_EUROS),
    )


def _amounts(one: Quote) -> Iterator[tuple[Fee, Decimal]]:
    """What each fee of a quote comes to."""
    for fee in one.fees:
        amount = one.subtotals[fee.id]
        assert amount is not None  # it is one that the quote comes to
        yield fee, amount


def _by_year(
    payments: Iterable[Payment], before: Iterable[PaidBefore], question: PlanQuestion
) -> Iterator[Year]:
    by, year_end = question.spread_by, question.year_end
    start, ledger = year_end.year_of(question.start), _Ledger()
    for item in before:
        ledger.bear(item.fee, borne(item.fee, item.amount, item.day, by, year_end))
        ledger.earlier[year_end.year_of(item.day)] += item.amount
    for payment in payments:
        year = year_end.year_of(payment.due)
        ledger.incl_vat[year] += payment.quote.total_incl_vat
        for fee, amount in _amounts(payment.quote):
            ledger.cash[year][fee.id] += amount
            ledger.bear(fee, borne(fee, amount, payment.due, by, year_end))
    years = [year for year in ledger.expense if year >= start]
    prepaid = ledger.carried_to(start)
    first = start if prepaid else min(years, default=start)
    for year in range(first, max(years, default=first - 1) + 1):
        row = ledger.year(year, prepaid, year_end)
        prepaid = row.prepaid
        yield row


class _Ledger:
    """Euros by financial year and by fee."""

    def __init__(self) -> None:
        self.cash: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NO_EUROS))
        self.expense: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NO_EUROS))
        self.incl_vat: dict[int, Decimal] = defaultdict(lambda: NO_EUROS)
        self.earlier: dict[int, Decimal] = defaultdict(lambda: NO_EUROS)
        """Paid before the plan begins."""

    def bear(self, fee: Fee, parts: Mapping[int, Decimal]) -> None:
        """What years bear of a fee."""
        for year, part in parts.items():
            self.expense[year][fee.id] += part

    def carried_to(self, start: int) -> Decimal:
        """What was paid before a year and that it, or those after it, bear."""
        paid = sum((amount for year, amount in self.earlier.items() if year < start), NO_EUROS)
        borne = (sum(parts.values(), NO_EUROS) for year, parts in self.expense.items() if year < start)
        return paid - sum(borne, NO_EUROS)

    def year(self, year: int, carried: Decimal, year_end: YearEnd) -> Year:
        """One of them; ``carried`` is prepaid when it opens."""
        paid = sum(self.cash[year].values(), NO_EUROS)
        expense, earlier = sum(self.expense[year].values(), NO_EUROS), self.earlier[year]
        return Year(
            year=year,
            label=year_end.label(year),
            opens=year_end.opens(year),
            closes=year_end.closes(year),
            carried_forward=carried,
            paid_before=earlier,
            cash=paid,
            cash_incl_vat=self.incl_vat[year],
            expense=expense,
            prepaid=carried + earlier + paid - expense,
            cash_by_fee=FrozenDict(self.cash[year]),
            expense_by_fee=FrozenDict(self.expense[year]),
        )


def _cycles(
    payments: Iterable[Payment], days: Timeline, partial: Iterable[tuple[int, Quote]]
) -> Iterator[Cycle]:
    paid: dict[int, list[Payment]] = defaultdict(list)
    for payment in payments:
        paid[payment.moment.cycle].append(payment)
    for number, own in paid.items():
        lacks = {fee: None for cycle, one in partial if cycle == number for fee in one.missing}
        yield Cycle(number, days.opens(number), days.opens(number + 1), _sums(own), tuple(lacks))


def _unpriced(probation: Probation) -> NotPriced:
    if probation.then == RENEWED:
        message = Message(
            "Renewal of the probationary qualification {code}: the schedule has no price for it, beyond the "
            "annual control.",
            code=probation.code,
        )
        return NotPriced("probation_renewed", probation.day, message)
    message = Message(
        "Turning the probationary qualification {code} into a full one: the schedule has no price for it.",
        code=probation.code,
    )
    return NotPriced("probation_turned_full", probation.day, message)


_UNPRICED = {RENEWED, TURNED_FULL}


def _rounded_apart(payments: Iterable[Payment]) -> Iterator[Message]:
    """Where an event is billed in several invoices, and their VAT is not that of one."""
    events: dict[int, list[Quote]] = defaultdict(list)
    for payment in payments:
        if payment.moment.step is not Billed.CONTROL:
            events[payment.moment.cycle].append(payment.quote)
    for invoices in events.values():
        whole = round_cents(sum((one.total_excl_vat for one in invoices), NO_EUROS) * invoices[0].vat_rate)
        apart = sum((one.vat for one in invoices), NO_EUROS)
        if apart != whole and len({one.vat_rate for one in invoices}) == 1:
            yield Message(
                "VAT is rounded on each invoice: {apart:euro} for {event}; a quote of the whole has {whole:euro}.",
                apart=apart,
                whole=whole,
                event=invoices[0].event.name,
            )


def _own_notes(question: PlanQuestion, days: Timeline, payments: Sequence[Payment]) -> Iterator[Message]:
    yield from question.structure.remarks() if question.structure else ()
    yield from _rounded_apart(payments)
    if question.year_end == YearEnd(2, 28):
        yield Message(
            "The financial year closes on 28 February, in leap years too; 29/02 is the last of February."
        )
    if days.control:
        yield Message(
            "The renewal is assumed to be applied for {months} months before the qualifications end: no source read "
            "says how long it takes.",
            months=days.assumed_months,
        )
    elif days.assumed_months is not None:
        yield Message(
            "The notification is assumed on {day:date}, {months} months after the application: no source read says "
            "how long it takes.",
            day=days.notified,
            months=days.assumed_months,
        )
    for payment in payments:
        moment = payment.moment
        if moment.cycle == 1 and moment.step is not Billed.CONTROL:
            continue  # on the turnover given
        for fee in payment.quote.fees:
            base = payment.quote.bases.get(fee.id)
            if base is not None:
                yield Message(
                    "{fee}, {day:date}: on a turnover of {turnover:euro} (growth: {growth:percent} a year).",
                    fee=fee.name,
                    day=reckoned_on(moment, days),
                    turnover=base.turnover,
                    growth=question.growth,
                )


def _assumptions(
    question: PlanQuestion,
    tables: Tables,
    payments: Iterable[Payment],
    before: Iterable[PaidBefore],
    *,
    probations: bool,
) -> Iterable[Assumption]:
    """The named assumptions of the days, then those of the amounts, each once."""
    spread = any(
        fee.years
        for fee in (*(fee for one in payments for fee in one.quote.fees), *(item.fee for item in before))
    )
    used = {
        "qualifications-run-from-notification": True,
        "control-on-the-last-day-of-the-certificate": True,
        "renewal-takes-over": True,
        "last-day-included": True,
        "added-qualifications-end-with-the-others": any(
            change.add or change.add_tariffs for change in question.changes
        ),
        "probationary-renewed-to-the-end": probations,
        "years-covered-from-the-bill": spread,
        "prepaid-in-proportion-to-time": spread,
        "prepaid-by-calendar-year": spread and not question.year_end_given,
    }
    known = {**tables.validity.named, **tables.accounts.named}
    found = {known[name].id: known[name] for name, is_used in used.items() if is_used and name in known}
    for payment in payments:
        found |= {item.id: item for item in payment.quote.assumptions}
    return found.values()
