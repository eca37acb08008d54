"""The plan: what an OPQIBI qualification costs over the years, what is due when, and which year bears it.

A plan prices nothing by itself: each payment is a :class:`~opqibi_rules.price.quote.Quote`, or the part of one
that is invoiced that day, at the schedule in force on that day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import CENT, EXACT, ZERO, plain, round_cents, to_amount
from opqibi_rules.price.fees import BRAND_USAGE, DOSSIER, FEES, INSTRUCTION
from opqibi_rules.price.due_dates import DueDate, due_dates
from opqibi_rules.price.holdings import RENEWED, TURNED_FULL, Change, Holdings, Probation, holdings
from opqibi_rules.price.quote import Quote, Subtotals, quote, shipped_tables
from opqibi_rules.price.question import EVENTS, as_counts, as_qualifications
from opqibi_rules.price.spread import By, spread
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from opqibi_rules.price.timeline import (
    APPLICATION,
    MONTHS_TO_NOTIFICATION,
    NOTIFICATION,
    Moment,
    Timeline,
    timeline,
)
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.library import Tables

LARGEST_GROWTH = Decimal(10)
"""A turnover that grows more than elevenfold in a year is a typing error (3 for 3 %), and is refused."""


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
    """One calendar year, in euros excl. VAT, and what is paid incl. VAT."""

    year: int
    cash: Decimal
    cash_incl_vat: Decimal
    expense: Decimal
    """What the year bears: fees of the year, and its part of the brand-usage fees."""
    prepaid: Decimal
    """Paid by 31 December, for years to come (charges constatées d'avance)."""
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


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The question; :func:`plan` explains each field."""

    start: date
    years: int
    event: str
    control: int
    notified: date | None
    months_to_notification: int
    tariffs: Mapping[int, int]
    qualifications: tuple[Qualification, ...]
    changes: tuple[Change, ...]
    outcome: str
    turnovers: tuple[Turnover, ...]
    """One a year, the oldest first."""
    growth: Decimal
    vat: str | None
    spread_by: By
    structure: Structure | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer: payments, totals, years, deadlines, and what has no price."""

    request: PlanRequest
    timeline: Timeline
    payments: tuple[Payment, ...]
    sums: Sums
    by_year: tuple[Year, ...]
    cycles: tuple[Cycle, ...]
    due_dates: tuple[DueDate, ...]
    not_priced: tuple[NotPriced, ...]
    notes: tuple[Message, ...]
    assumptions: tuple[Assumption, ...]
    undetermined: bool
    """A turnover was given, and the data does not allow to use it."""

    def to_dict(self, say: Say = str, *, language: str = "en") -> dict[str, Any]:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        days, structure = self.timeline, self.request.structure
        return {
            "schema_version": 1,
            "event": self.request.event,
            "from": days.start.isoformat(),
            "until": (days.end - timedelta(days=1)).isoformat(),
            "structure": None if structure is None else {"siren": structure.siren, "name": structure.name},
            "notification": {
                "date": days.notified.isoformat(),
                "assumed": days.assumed_months is not None,
                "months_assumed": days.assumed_months,
            },
            "payments": [_payment_dict(payment, say) for payment in self.payments],
            **_sums_dict(self.sums),
            "by_year": [
                {
                    "year": year.year,
                    "expense": plain(year.expense),
                    "cash_excl_vat": plain(year.cash),
                    "cash_incl_vat": plain(year.cash_incl_vat),
                    "prepaid": plain(year.prepaid),
                    "expense_by_fee": {fee: plain(part) for fee, part in year.expense_by_fee.items()},
                }
                for year in self.by_year
            ],
            "spread_by": self.request.spread_by,
            "by_cycle": [
                {
                    "cycle": cycle.number,
                    "from": cycle.opens.isoformat(),
                    "until": cycle.last_day.isoformat(),
                    **_sums_dict(cycle.sums),
                }
                for cycle in self.cycles
            ],
            "due_dates": [
                {"id": item.key, "date": item.day.isoformat(), "kind": item.kind, "text": say(item.message)}
                for item in self.due_dates
            ],
            "not_priced": [
                {"date": item.day.isoformat(), "code": item.code, "text": say(item.message)}
                for item in self.not_priced
            ],
            "notes": [say(note) for note in self.notes],
            "assumptions": [
                {
                    "id": item.id,
                    "article": item.article,
                    "text": item.text.said(language),
                    "reason": item.reason.said(language),
                }
                for item in self.assumptions
            ],
        }


def _payment_dict(payment: Payment, say: Say) -> dict[str, Any]:
    """What an invoice of that day says: the contract's fields, then where they come from."""
    moment, whole = payment.moment, payment.quote.to_dict(say)
    return {
        "due": payment.due.isoformat(),
        "event": moment.event,
        "id": moment.key,
        "step": moment.step,
        "cycle": moment.cycle,
        "control": moment.number or None,
        "schedule": payment.quote.schedule.id,
        **{
            name: whole[name]
            for name in (
                "lines",
                "subtotals",
                "total_excl_vat",
                "vat_rate",
                "vat",
                "total_incl_vat",
                "turnover_base",
            )
        },
    }


def _sums_dict(sums: Sums) -> dict[str, Any]:
    return {
        "subtotals": {fee: plain(sums.by_fee[fee]) if fee in sums.by_fee else None for fee in FEES},
        "total_excl_vat": plain(sums.total_excl_vat),
        "vat": plain(sums.vat),
        "total_incl_vat": plain(sums.total_incl_vat),
    }


def plan(
    *,
    start: date,
    years: int = 4,
    event: str = "first",
    control: int = 1,
    notified: date | None = None,
    months_to_notification: int = MONTHS_TO_NOTIFICATION,
    tariffs: Mapping[Any, int] | None = None,
    qualifications: Iterable[str | Qualification] = (),
    probationary: Iterable[str | Qualification] = (),
    changes: Iterable[Change] = (),
    outcome: str = TURNED_FULL,
    turnover: Decimal | int | str | None = None,
    audit_turnover: Decimal | int | str | None = None,
    turnovers: Iterable[Turnover] = (),
    growth: Decimal = ZERO,
    structure: Structure | None = None,
    vat: str | Decimal | None = None,
    spread_by: By = "days",
    tables: Tables | None = None,
) -> Plan:
    """Everything that will be paid from ``start``, for ``years``, each payment priced on its own day.

    Args:
        start: the day of the application, or of the control, with which the plan starts.
        years: how many years, up to 40; the last day is the eve of the anniversary of ``start``.
        event: ``first`` or ``renewal`` (an application on ``start``), or ``control``.
        control: with ``control``, which one of its cycle it is.
        notified: the day the application is notified, where it is known.
        months_to_notification: how long it is assumed to take, where it is not; the plan says so.
        tariffs: how many qualifications by tariff code.
        qualifications: ``"CODE"``, ``"CODE:TARIFF"`` or :class:`Qualification`.
        probationary: the same, probationary.
        changes: what is asked for or given up at later controls and renewals.
        outcome: what becomes of a probationary qualification after its last renewal.
        turnover: last known « ingénierie » turnover at ``start``, in euros excl. VAT.
        audit_turnover: the « audit énergétique » one.
        turnovers: those of other years; each application takes the last one known in its year.
        growth: yearly growth of the turnovers after ``start``: ``Decimal("0.03")`` for 3 %.
        structure: its qualifications, turnovers and territory stand where the arguments are silent.
        vat: a territory of the VAT table or a rate, as for a quote.
        spread_by: how the brand-usage fee is spread over its years, ``days`` or ``months``.
        tables: the facts; those shipped by default.

    Raises:
        RequestError, UnknownTariffError, AmountError, DateError, TableError: as a quote, a timeline and
            holdings do.

    >>> four_years = plan(start=date(2026, 3, 2), tariffs={1: 5, 2: 3}, turnover=800_000)
    >>> [(str(payment.due), str(payment.quote.total_excl_vat)) for payment in four_years.payments]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('2026-03-02', '1246.00'), ('2026-06-02', '557.50'),
     ('2027-06-02', '290.00'), ('2028-06-02', '290.00'), ('2029-06-02', '290.00')]
    >>> four_years.sums.total_excl_vat
    Decimal('2673.50')
    """
    tables = tables or shipped_tables()
    if event not in EVENTS:
        raise RequestError(
            Message("event: « {event} » is not one of {events}.", event=str(event)[:40], events=EVENTS)
        )
    if not isinstance(growth, Decimal) or not growth.is_finite() or not -1 < growth <= LARGEST_GROWTH:
        raise RequestError(Message("growth: {growth} a year; write 3 % as 0.03.", growth=str(growth)[:40]))
    named = (*as_qualifications(qualifications), *as_qualifications(probationary, probationary=True))
    counted = as_counts(tariffs or {}, tables.schedule(start), "tariffs")
    if structure is not None and not named and not any(counted.values()):
        named = structure.qualifications
    request = PlanRequest(
        start=start,
        years=years,
        event=event,
        control=control,
        notified=notified,
        months_to_notification=months_to_notification,
        tariffs=counted,
        qualifications=named,
        changes=tuple(changes),
        outcome=outcome,
        turnovers=_turnovers(start.year, turnover, audit_turnover, turnovers, structure),
        growth=growth,
        vat=str(vat) if vat else (structure.territory if structure else None),
        spread_by=spread_by,
        structure=structure,
    )
    return answer(request, tables)


def answer(request: PlanRequest, tables: Tables) -> Plan:
    """The plan that a request asks for; a request can be changed (``dataclasses.replace``) and asked again.

    Raises:
        OpqibiError: as :func:`plan` does.
    """
    days = timeline(
        start=request.start,
        years=request.years,
        validity=tables.validity,
        event=request.event,
        control=request.control,
        notified=request.notified,
        months_to_notification=request.months_to_notification,
    )
    held = holdings(
        days,
        tariffs=request.tariffs,
        qualifications=request.qualifications,
        changes=request.changes,
        outcome=request.outcome,
    )
    return _priced(request, days, held, tables)


def _turnovers(
    year: int,
    turnover: Decimal | int | str | None,
    audit_turnover: Decimal | int | str | None,
    others: Iterable[Turnover],
    structure: Structure | None,
) -> tuple[Turnover, ...]:
    known = {item.year: item for item in (structure.turnovers if structure else ())}
    if turnover is not None or audit_turnover is not None:
        known = {
            year: Turnover(
                year,
                None if turnover is None else to_amount(turnover, "turnover"),
                None if audit_turnover is None else to_amount(audit_turnover, "audit_turnover"),
            )
        }
    known |= {item.year: item for item in others}
    return tuple(known[year] for year in sorted(known))


def growth_years(request: PlanRequest, applied: date) -> int | None:
    """How many years of growth separate an application from the last turnover known then; ``None``: none is.

    The turnover given at the start is the last one known then, whatever its year: it grows from the start on.
    """
    known = [item.year for item in request.turnovers if item.year <= applied.year]
    return applied.year - max(known[-1], request.start.year) if known else None


def _turnover_at(request: PlanRequest, applied: date) -> tuple[Decimal | None, Decimal | None]:
    """The last turnovers known at an application, grown since."""
    years = growth_years(request, applied)
    if years is None:
        return None, None
    factor = EXACT.power(EXACT.add(1, request.growth), years)
    last = [item for item in request.turnovers if item.year <= applied.year][-1]
    engineering, audit = (
        None if amount is None else round_cents(EXACT.multiply(amount, factor))
        for amount in (last.engineering, last.energy_audit)
    )
    return engineering, audit


def _priced(request: PlanRequest, days: Timeline, held: Holdings, tables: Tables) -> Plan:
    payments: list[Payment] = []
    not_priced: list[NotPriced] = []
    notes: list[Message] = []
    undetermined = False
    for moment in days.moments():
        whole = _quote(moment, request, days, held, tables)
        if moment.step == NOTIFICATION:
            part = _part(whole, {BRAND_USAGE})
            undetermined |= whole.undetermined
        elif moment.step == APPLICATION:
            part = _part(whole, {DOSSIER, INSTRUCTION})
        else:
            part = whole
        if part.lines:
            payments.append(Payment(moment, part))
        else:
            assert whole.base is not None  # only a brand-usage fee can want for data
            not_priced.append(NotPriced("no_turnover", moment.day, whole.base.reason))
        notes += [note for note in part.notes if note not in notes]
    not_priced += [_unpriced(item) for item in held.probations if item.then in _UNPRICED]
    return Plan(
        request,
        days,
        tuple(payments),
        _sums(payments),
        _by_year(payments, request.spread_by),
        tuple(_cycles(payments, days)),
        due_dates(days, held.probations),
        tuple(sorted(not_priced, key=lambda item: item.day)),
        (*_own_notes(request, days, payments), *notes),
        tuple(_assumptions(request, days, held, payments)),
        undetermined,
    )


def _quote(moment: Moment, request: PlanRequest, days: Timeline, held: Holdings, tables: Tables) -> Quote:
    """The quote of the whole event, on the day of the moment."""
    asked = held.at(moment)
    turnover = audit_turnover = None
    if moment.step == NOTIFICATION:
        turnover, audit_turnover = _turnover_at(request, days.applies(moment.cycle))
    return quote(
        on=moment.day,
        event=moment.event,
        tariffs=asked.tariffs,
        qualifications=asked.qualifications,
        new_tariffs=asked.new_tariffs,
        new_qualifications=asked.new_qualifications,
        turnover=turnover,
        audit_turnover=audit_turnover,
        vat=request.vat,
        tables=tables,
    )


def _part(whole: Quote, fees: set[str]) -> Quote:
    """The part of a quote that is invoiced apart: VAT is rounded on the sum of that invoice."""
    subtotals = Subtotals(**{fee: getattr(whole.subtotals, fee) for fee in fees})
    amounts = [amount for fee in fees if (amount := getattr(subtotals, fee)) is not None]
    excl_vat = sum_of(amounts)
    vat = round_cents(EXACT.multiply(excl_vat, whole.vat_rate))
    base = whole.base if BRAND_USAGE in fees else None
    unsaid = whole.base.reason if whole.base and base is None else None
    return whole._replace(
        lines=tuple(line for line in whole.lines if line.fee in fees),
        subtotals=subtotals,
        base=base,
        total_excl_vat=excl_vat,
        vat=vat,
        total_incl_vat=EXACT.add(excl_vat, vat),
        notes=tuple(note for note in whole.notes if note != unsaid),
    )


def sum_of(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts in whole cents."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return EXACT.quantize(result, CENT)


def _sums(payments: Iterable[Payment]) -> Sums:
    quotes = [payment.quote for payment in payments]
    by_fee: dict[str, Decimal] = {}
    for one in quotes:
        for fee, amount in _fees(one):
            by_fee[fee] = EXACT.add(by_fee.get(fee, _NOTHING), amount)
    return Sums(
        by_fee,
        sum_of(one.total_excl_vat for one in quotes),
        sum_of(one.vat for one in quotes),
        sum_of(one.total_incl_vat for one in quotes),
    )


def _by_year(payments: Iterable[Payment], by: By) -> tuple[Year, ...]:
    cash: dict[int, dict[str, Decimal]] = {}
    expense: dict[int, dict[str, Decimal]] = {}
    incl_vat: dict[int, Decimal] = {}
    for payment in payments:
        one, year = payment.quote, payment.due.year
        incl_vat[year] = EXACT.add(incl_vat.get(year, _NOTHING), one.total_incl_vat)
        for fee, amount in _fees(one):
            _add(cash, year, fee, amount)
            if fee == BRAND_USAGE:
                years = one.schedule.brand_usage.years
                for covered, part in spread(amount, payment.due, years, by).items():
                    _add(expense, covered, fee, part)
            else:
                _add(expense, year, fee, amount)
    rows = []
    prepaid = _NOTHING
    for year in range(min(expense, default=0), max(expense, default=-1) + 1):
        paid, borne = cash.get(year, {}), expense.get(year, {})
        total_paid, total_borne = sum_of(paid.values()), sum_of(borne.values())
        prepaid = EXACT.subtract(EXACT.add(prepaid, total_paid), total_borne)
        rows.append(Year(year, total_paid, incl_vat.get(year, _NOTHING), total_borne, prepaid, paid, borne))
    return tuple(rows)


_NOTHING = Decimal("0.00")


def _fees(one: Quote) -> Iterator[tuple[str, Decimal]]:
    """The fees that a quote bears."""
    for fee in FEES:
        amount = getattr(one.subtotals, fee)
        if amount is not None:
            yield fee, amount


def _add(amounts: dict[int, dict[str, Decimal]], year: int, fee: str, amount: Decimal) -> None:
    of_year = amounts.setdefault(year, {})
    of_year[fee] = EXACT.add(of_year.get(fee, _NOTHING), amount)


def _cycles(payments: Iterable[Payment], days: Timeline) -> Iterable[Cycle]:
    paid: dict[int, list[Payment]] = {}
    for payment in payments:
        paid.setdefault(payment.moment.cycle, []).append(payment)
    for number, own in paid.items():
        yield Cycle(number, days.opens(number), days.opens(number + 1), _sums(own))


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


def _own_notes(request: PlanRequest, days: Timeline, payments: Iterable[Payment]) -> Iterable[Message]:
    if days.control:
        yield Message(
            "The renewal is assumed to be applied for {months} months before the qualifications end: no source "
            "says how long it takes.",
            months=days.assumed_months,
        )
    elif days.assumed_months is not None:
        yield Message(
            "The notification is assumed on {day:date}, {months} months after the application: no source says "
            "how long it takes.",
            day=days.notified,
            months=days.assumed_months,
        )
    for payment in payments:
        base = payment.quote.base
        if payment.moment.cycle > 1 and base is not None and base.turnover is not None:
            yield Message(
                "The renewal of {day:date} is reckoned on a turnover of {turnover:euro} "
                "(growth: {growth:percent} a year).",
                day=days.applies(payment.moment.cycle),
                turnover=base.turnover,
                growth=request.growth,
            )


def _assumptions(
    request: PlanRequest, days: Timeline, held: Holdings, payments: Iterable[Payment]
) -> Iterable[Assumption]:
    """The named assumptions of the days, then those of the amounts, each once."""
    used = {
        "qualifications-run-from-notification": True,
        "control-on-the-last-day-of-the-certificate": True,
        "renewal-takes-over": True,
        "last-day-included": True,
        "added-qualifications-end-with-the-others": any(
            change.add or change.add_tariffs for change in request.changes
        ),
        "probationary-renewed-to-the-end": bool(held.probations),
        "brand-usage-borne-from-notification": any(payment.quote.base for payment in payments),
    }
    known = days.validity.named
    found = {known[name].id: known[name] for name, is_used in used.items() if is_used and name in known}
    for payment in payments:
        found |= {item.id: item for item in payment.quote.assumptions}
    return found.values()
