"""The quote: what an OPQIBI event costs, each euro with its article.

``QuoteRequest`` → the schedule in force on its day → lines, fee by fee → subtotals → VAT → total. Every other
view of a price (table, JSON, page, the expected side of an invoice check) is a rendering of one
:class:`Quote`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import EXACT, ZERO, plain, round_cents, to_amount
from opqibi_rules.price.articles import (
    ANNUAL_CONTROL,
    BRAND_USAGE,
    DOSSIER,
    INSTRUCTION,
    Articles,
    Line,
    articles_of,
    total,
)
from opqibi_rules.price.request import (
    EVENTS,
    NONE,
    QuoteRequest,
    as_counts,
    as_qualifications,
    tariffs_of,
    vat_text,
    with_named,
)
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.price.turnover_base import TurnoverBase, turnover_base
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.vat import VatRule

_PERCENT = r"([0-9]{1,2}(?:[.,][0-9]{1,2})?)[ \u00a0\u202f]?%"


_FRACTION = r"0(?:\.[0-9]{1,4})?"


class Subtotals(NamedTuple):
    """Euros excl. VAT by fee; ``None`` where the event does not bear it, or where data is missing."""

    dossier: Decimal | None = None
    instruction: Decimal | None = None
    brand_usage: Decimal | None = None
    """For four years."""
    annual_control: Decimal | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Amounts as text."""
        return {
            fee: None if amount is None else plain(amount)
            for fee, amount in (
                (DOSSIER, self.dossier),
                (INSTRUCTION, self.instruction),
                (BRAND_USAGE, self.brand_usage),
                (ANNUAL_CONTROL, self.annual_control),
            )
        }


class Quote(NamedTuple):
    """The answer: cited lines, subtotals, VAT and total."""

    request: QuoteRequest
    schedule: Schedule
    vat_rule: VatRule | None
    """``None``: a rate was given outright."""
    lines: tuple[Line, ...]
    subtotals: Subtotals
    base: TurnoverBase | None
    """``None`` where the event does not bear the brand-usage fee."""
    total_excl_vat: Decimal
    vat_rate: Decimal
    vat: Decimal
    total_incl_vat: Decimal
    notes: tuple[Message, ...]

    @property
    def event(self) -> str:
        """``first``, ``renewal`` or ``control``."""
        return self.request.event

    @property
    def on(self) -> date:
        """The day the quote is for."""
        return self.request.on

    @property
    def undetermined(self) -> bool:
        """A fee is due that the data given does not allow to compute."""
        return self.base is not None and self.base.undetermined

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The named assumptions, of the schedule and of the VAT table, that this quote used."""
        known = self.schedule.assumptions
        used = [known[name] for name in _assumptions_used(self) if name in known]
        return (*used, *(self.vat_rule.assumptions if self.vat_rule else ()))

    def to_dict(self, say: Say = str, *, language: str = "en") -> dict[str, Any]:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        return {
            "schema_version": 1,
            "event": self.event,
            "date": self.on.isoformat(),
            "schedule": {
                "id": self.schedule.id,
                "title": self.schedule.title.said(language),
                "in_force_from": self.schedule.in_force_from.isoformat(),
                "source": f"{self.schedule.sources[0].document} ({self.schedule.sources[0].address})",
                "checked_on": self.schedule.checked_on.isoformat(),
            },
            "lines": [_line_dict(line, say) for line in self.lines],
            "subtotals": self.subtotals.to_dict(),
            "total_excl_vat": plain(self.total_excl_vat),
            "vat_rate": plain(self.vat_rate),
            "vat": plain(self.vat),
            "total_incl_vat": plain(self.total_incl_vat),
            "notes": [say(note) for note in self.notes],
            "turnover_base": None
            if self.base is None
            else {
                "kind": self.base.kind,
                "turnover": None if self.base.turnover is None else plain(self.base.turnover),
                "reason": say(self.base.reason),
            },
            "assumptions": [assumption.to_dict(language) for assumption in self.assumptions],
            "request": self.request.to_dict(),
        }


def _line_dict(line: Line, say: Say) -> dict[str, Any]:
    result: dict[str, Any] = {"fee": line.fee, "article": line.article, "label": say(line.label)}
    if line.rate is not None and line.base is not None:
        result |= {"base": plain(line.base), "rate": format(line.rate, "f")}
    else:
        result |= {
            "quantity": line.quantity,
            "unit_price": None if line.unit_price is None else plain(line.unit_price),
        }
    return {**result, "amount": plain(line.amount)}


def quote(
    *,
    on: date | str,
    event: str = "first",
    tariffs: Mapping[Any, int] | None = None,
    qualifications: Iterable[str | Qualification] = (),
    probationary: Iterable[str | Qualification] = (),
    new_tariffs: Mapping[Any, int] | None = None,
    new_qualifications: Iterable[str | Qualification] = (),
    turnover: Decimal | int | str | None = None,
    audit_turnover: Decimal | int | str | None = None,
    structure: Structure | None = None,
    vat: str | Decimal | None = None,
    tables: Tables | None = None,
) -> Quote:
    """The price of an event on a day, in euros excl. VAT, VAT and incl. VAT.

    Args:
        on: the day; it chooses the schedule. Never today by default: the core reads no clock.
        event: ``first`` (dossier, instruction, brand usage), ``renewal`` (instruction, brand usage) or
            ``control`` (annual control, and new requests if any).
        tariffs: how many qualifications by tariff code, ``{1: 5, 2: 3}``.
        qualifications: ``"CODE"``, ``"CODE:TARIFF"`` or :class:`Qualification`.
        probationary: the same, probationary; the schedule prices them alike.
        new_tariffs: those newly asked for at a control, as ``tariffs``.
        new_qualifications: the same, as ``qualifications``.
        turnover: last known « ingénierie » turnover, euros excl. VAT, certified (article III).
        audit_turnover: last known « audit énergétique » turnover, euros excl. VAT.
        structure: its qualifications, last turnovers and territory stand where the arguments are silent.
        vat: a territory of the VAT table (default: mainland France) or a rate, ``"8,5 %"`` or ``"0.085"``.
        tables: the facts; those shipped by default.

    Raises:
        RequestError: an unknown event or tariff code, a negative or absurd count, a code given twice.
        UnknownTariffError: a qualification whose tariff code is not known.
        AmountError: a turnover that is negative, absurd, a float or no amount.
        DateError: a day before the first schedule.
        TableError: a territory without a VAT rule.

    >>> from datetime import date
    >>> answer = quote(tariffs={1: 5, 2: 3}, turnover="800 000", on=date(2026, 3, 2))
    >>> answer.subtotals.instruction, answer.subtotals.brand_usage, answer.total_excl_vat
    (Decimal('1160.00'), Decimal('557.50'), Decimal('1803.50'))
    """
    tables = tables or shipped_tables()
    day = on if type(on) is date else to_day(on)
    if event not in EVENTS:
        raise RequestError(
            Message("event: « {event} » is not one of {events}.", event=str(event)[:40], events=EVENTS)
        )
    schedule = tables.schedule(day)
    articles = articles_of(schedule)
    named = as_qualifications(qualifications) if qualifications else ()
    if probationary:
        named = (*named, *as_qualifications(probationary, probationary=True))
    counted = as_counts(tariffs, schedule, "tariffs") if tariffs else NONE
    if structure is not None:
        if not named and not counted:
            named = structure.qualifications
        if turnover is None and audit_turnover is None:
            last = structure.last_turnover(day)
            if last is not None:
                turnover, audit_turnover = last.engineering, last.energy_audit
        vat = structure.territory if vat is None else vat
    new_named = as_qualifications(new_qualifications) if new_qualifications else ()
    new_counted = as_counts(new_tariffs, schedule, "new_tariffs") if new_tariffs else NONE
    if not named and not any(counted.values()):
        raise RequestError(
            Message("No qualification is given; at least one is expected: -t TARIFF=COUNT or -q CODE:TARIFF.")
        )
    if event != "control" and (new_named or any(new_counted.values())):
        raise RequestError(
            Message(
                "New qualifications on top of those held are for a control; at a first application or a "
                "renewal, all the qualifications asked for are given alike."
            )
        )
    request = QuoteRequest(
        event,
        day,
        counted,
        named,
        new_counted,
        new_named,
        None if turnover is None else to_amount(turnover, "turnover"),
        None if audit_turnover is None else to_amount(audit_turnover, "audit_turnover"),
        "metropolitan" if vat is None else vat_text(vat),
    )
    return _answer(request, articles, tables)


def _answer(request: QuoteRequest, articles: Articles, tables: Tables) -> Quote:
    schedule = articles.schedule
    held, new = request.tariffs, request.new_tariffs
    codes: dict[int, tuple[str, ...]] = {}
    new_codes: dict[int, tuple[str, ...]] = {}
    notes: list[Message] = []
    if request.qualifications or request.new_qualifications:
        named = (*request.qualifications, *request.new_qualifications)
        by_code = tariffs_of(named, schedule, tables, notes)
        held, codes = with_named(held, request.qualifications, by_code)
        new, new_codes = with_named(new, request.new_qualifications, by_code)

    base: TurnoverBase | None = None
    if request.event == "control":
        control = articles.annual_control(held, new, codes, new_codes)
        lines = control.lines
        sum_excl_vat = control.amount
        subtotals = Subtotals(annual_control=sum_excl_vat)
    else:
        instruction = articles.instruction(held, codes)
        lines = instruction.lines
        sum_excl_vat = instruction_amount = instruction.amount
        dossier_amount = usage_amount = None
        if request.event == "first":
            dossier = articles.dossier()
            lines = (*dossier.lines, *lines)
            dossier_amount = dossier.amount
            sum_excl_vat = EXACT.add(sum_excl_vat, dossier_amount)
        base = turnover_base(request, schedule)
        if base.turnover is not None:
            usage = articles.brand_usage(base.turnover)
            lines = (*lines, *usage.lines)
            usage_amount = usage.amount
            sum_excl_vat = EXACT.add(sum_excl_vat, usage_amount)
        subtotals = Subtotals(dossier_amount, instruction_amount, usage_amount)
        notes.append(base.reason)
    rule, rate = _vat(request, tables, notes)
    vat = round_cents(EXACT.multiply(sum_excl_vat, rate))
    if request.on > articles.old_after and schedule is tables.schedules[-1]:
        notes.append(articles.old_note)
    if schedule.from_user:
        notes.append(Message("The schedule {id} comes from your own tables.", id=schedule.id))
    return Quote(
        request,
        schedule,
        rule,
        lines,
        subtotals,
        base,
        sum_excl_vat,
        rate,
        vat,
        EXACT.add(sum_excl_vat, vat),
        tuple(notes),
    )


@lru_cache(maxsize=1)
def shipped_tables() -> Tables:
    """The tables shipped with the package, read once in a process."""
    return Tables()


def _vat(request: QuoteRequest, tables: Tables, notes: list[Message]) -> tuple[VatRule | None, Decimal]:
    given = request.vat.strip()
    if given[:1].isdigit():
        if match := re.fullmatch(_PERCENT, given):
            return None, EXACT.divide(Decimal(match[1].replace(",", ".")), Decimal(100))
        if re.fullmatch(_FRACTION, given):
            return None, Decimal(given)
        raise RequestError(
            Message(
                "vat: « {text} » is not a rate. Write 20 % or 0.20, or the customer's territory: {known}.",
                text=given[:40],
                known=tuple(tables.vat.rules),
            )
        )
    rule = tables.vat.rule(given, request.on)
    if rule.mention is not None:
        notes.append(Message("{mention}", mention=rule.mention))
    return rule, rule.rate


def _assumptions_used(quote: Quote) -> Iterator[str]:
    """The identifiers of the schedule's assumptions on which the answer rests."""
    yield "in-force-from-its-date"
    schedule, base = quote.schedule, quote.base
    articles = {line.article for line in quote.lines}
    if base is not None and base.turnover is not None:
        usage = [line for line in quote.lines if line.fee == BRAND_USAGE]
        yield from base.assumptions
        if len([line for line in usage if line.rate is not None]) > 1:
            yield "continuous-tranches"
        if total(usage) != quote.subtotals.brand_usage:
            yield "round-once-half-up"
        if articles & {schedule.brand_usage.floor.article, schedule.brand_usage.cap.article}:
            yield "floor-and-cap-for-four-years"
        if base.turnover == ZERO:
            yield "zero-turnover-pays-the-floor"
    if schedule.new_requests_flat.article in articles:
        yield "new-requests-flat-once"
        yield "new-requests-at-instruction-prices-only"
    for assumption in schedule.assumptions.values():
        priced = (line.tariff for line in quote.lines if line.article == assumption.article)
        if not assumption.tariffs.isdisjoint(priced):
            yield assumption.id
