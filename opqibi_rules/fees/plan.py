"""The plan: what an OPQIBI qualification costs over the years, what is due when, and which year bears it.

A plan prices nothing by itself: each payment is a :class:`~opqibi_rules.fees.quote.Quote`, or the part of one
that is invoiced that day, at the schedule in force on that day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from opqibi_rules.errors import RequestError
from opqibi_rules.fees.articles import BRAND_USAGE, DOSSIER, FEES, INSTRUCTION
from opqibi_rules.fees.holdings import TURNED_FULL, Change, Holdings, Probation, holdings
from opqibi_rules.fees.quote import EVENTS, Quote, Subtotals, quote, shipped_tables
from opqibi_rules.fees.spread import By, spread
from opqibi_rules.fees.structure import Qualification, Structure, Turnover
from opqibi_rules.fees.timeline import APPLICATION, MONTHS_TO_NOTIFICATION, NOTIFICATION, Moment, Timeline, timeline
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, ZERO, round_cents, to_amount
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
class Deadline:
    """A day not to be missed."""

    key: str
    """The same for the same deadline of the same structure, whatever becomes of its day."""
    kind: str
    """``control``, ``renewal``, ``certificate``, ``qualification`` or ``probation``."""
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

    event: str
    tariffs: Mapping[int, int]
    qualifications: tuple[Qualification, ...]
    changes: tuple[Change, ...]
    outcome: str
    turnovers: tuple[Turnover, ...]
    """One a year, the oldest first."""
    growth: Decimal
    """Of the turnovers, a year: ``0.03``."""
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
    deadlines: tuple[Deadline, ...]
    not_priced: tuple[NotPriced, ...]
    notes: tuple[Message, ...]
    assumptions: tuple[Assumption, ...]
    undetermined: bool
    """A turnover was given, and the data does not allow to use it."""


def plan(
    *,
    start: date,
    years: int = 4,
    event: str = "first",
    control: int = 1,
    notified: date | None = None,
    months_to_notification: int = MONTHS_TO_NOTIFICATION,
    tariffs: Mapping[int, int] | None = None,
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
        notified: the day the application is notified; else ``months_to_notification`` later, and the plan says so.
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

    >>> answer = plan(start=date(2026, 3, 2), tariffs={1: 5, 2: 3}, turnover=800_000)
    >>> [(str(payment.due), str(payment.quote.total_excl_vat)) for payment in answer.payments]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('2026-03-02', '1246.00'), ('2026-06-02', '557.50'),
     ('2027-06-02', '290.00'), ('2028-06-02', '290.00'), ('2029-06-02', '290.00')]
    >>> answer.sums.total_excl_vat
    Decimal('2673.50')
    """
    tables = tables or shipped_tables()
    if event not in EVENTS:
        raise RequestError(
            Message("event: « {event} » is not one of {events}.", event=str(event)[:40], events=EVENTS)
        )
    if not isinstance(growth, Decimal) or not -1 < growth <= LARGEST_GROWTH:
        raise RequestError(
            Message("growth: {growth} a year; write 3 % as 0.03.", growth=str(growth)[:40])
        )
    named = (*as_qualifications(qualifications), *as_qualifications(probationary, probationary=True))
    if structure is not None and not named and not any((tariffs or {}).values()):
        named = structure.qualifications
    request = PlanRequest(
        event,
        tariffs or {},
        named,
        tuple(changes),
        outcome,
        _turnovers(start.year, turnover, audit_turnover, turnovers, structure),
        growth,
        str(vat) if vat else (structure.territory if structure else None),
        spread_by,
        structure,
    )
    days = timeline(
        start=start,
        years=years,
        validity=tables.validity,
        event=event,
        control=control,
        notified=notified,
        months_to_notification=months_to_notification,
    )
    held = holdings(
        days, tariffs=request.tariffs, qualifications=named, changes=request.changes, outcome=outcome
    )
    return _answer(request, days, held, tables)


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


def _turnover_at(request: PlanRequest, start: date, applied: date) -> tuple[Decimal | None, Decimal | None]:
    """The last turnovers known at an application, grown since the start of the plan."""
    known = [item for item in request.turnovers if item.year <= applied.year]
    if not known:
        return None, None
    years = applied.year - max(known[-1].year, start.year)
    factor = EXACT.power(EXACT.add(1, request.growth), max(years, 0))
    engineering, audit = (
        None if amount is None else round_cents(EXACT.multiply(amount, factor))
        for amount in (known[-1].engineering, known[-1].energy_audit)
    )
    return engineering, audit
