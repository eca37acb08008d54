"""The quote: what an OPQIBI event costs, each euro with its article.

``QuoteRequest`` → the schedule in force on its day → lines, fee by fee → subtotals → VAT → total. Every other
view of a price (table, JSON, page, the expected side of an invoice check) is a rendering of one
:class:`Quote`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import RequestError, UnknownCodeError, UnknownTariffError
from opqibi_rules.fees.articles import (
    ANNUAL_CONTROL,
    BRAND_USAGE,
    DOSSIER,
    INSTRUCTION,
    Articles,
    Line,
    articles_of,
    total,
)
from opqibi_rules.fees.structure import Qualification, Structure
from opqibi_rules.messages import Message, Say, plural
from opqibi_rules.money import EXACT, ZERO, plain, round_cents, to_amount
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.vat import VatRule

EVENTS = ("first", "renewal", "control")
EVENT_NAMES: Mapping[str, Message] = {
    "first": Message("first application"),
    "renewal": Message("renewal"),
    "control": Message("annual control"),
}

_NONE: Mapping[int, int] = MappingProxyType({})

MOST_OF_A_TARIFF = 1000
"""The nomenclature holds some 190 qualifications: a larger count is a typing error, and is refused."""

_PERCENT = r"([0-9]{1,2}(?:[.,][0-9]{1,2})?)[ \u00a0\u202f]?%"
_FRACTION = r"0(?:\.[0-9]{1,4})?"
_TARIFF = r"[0-9]{1,2}"


class QuoteRequest(NamedTuple):
    """The question: an event, on a day, for some qualifications and a turnover."""

    event: str
    on: date
    tariffs: Mapping[int, int]
    """How many qualifications by tariff code, those named below excluded."""
    qualifications: tuple[Qualification, ...]
    new_tariffs: Mapping[int, int]
    """Those asked for at a control, on top of those held."""
    new_qualifications: tuple[Qualification, ...]
    turnover: Decimal | None
    """Last known « ingénierie » turnover, euros excl. VAT."""
    audit_turnover: Decimal | None
    """Last known « audit énergétique » turnover, euros excl. VAT."""
    vat: str

    def to_dict(self) -> dict[str, Any]:
        """The arguments of :func:`quote` that ask the same question again."""
        full = [str(item) for item in self.qualifications if not item.probationary]
        return {
            "event": self.event,
            "on": self.on.isoformat(),
            "tariffs": {str(tariff): count for tariff, count in self.tariffs.items()},
            "qualifications": full,
            "probationary": [str(item) for item in self.qualifications if item.probationary],
            "new_tariffs": {str(tariff): count for tariff, count in self.new_tariffs.items()},
            "new_qualifications": [str(item) for item in self.new_qualifications],
            "turnover": None if self.turnover is None else plain(self.turnover),
            "audit_turnover": None if self.audit_turnover is None else plain(self.audit_turnover),
            "vat": self.vat,
        }


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


class TurnoverBase(NamedTuple):
    """Which turnover article III takes, and why."""

    kind: str | None
    """``engineering``, ``energy_audit``, or ``None`` where the data does not allow the choice."""
    turnover: Decimal | None
    reason: Message
    undetermined: bool = False
    """A turnover was given, and cannot be used for want of other data."""
    assumptions: tuple[str, ...] = ()


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
    counted = as_counts(tariffs, schedule, "tariffs") if tariffs else _NONE
    if structure is not None:
        if not named and not counted:
            named = structure.qualifications
        if turnover is None and audit_turnover is None:
            last = structure.last_turnover(day)
            if last is not None:
                turnover, audit_turnover = last.engineering, last.energy_audit
        vat = structure.territory if vat is None else vat
    new_named = as_qualifications(new_qualifications) if new_qualifications else ()
    new_counted = as_counts(new_tariffs, schedule, "new_tariffs") if new_tariffs else _NONE
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
        "metropolitan" if vat is None else _vat_text(vat),
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
        by_code = _tariffs_of(named, schedule, tables, notes)
        held, codes = _with_named(held, request.qualifications, by_code)
        new, new_codes = _with_named(new, request.new_qualifications, by_code)

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
        base = _base(request, schedule)
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


def as_qualifications(
    items: Iterable[str | Qualification], *, probationary: bool = False
) -> tuple[Qualification, ...]:
    """Qualifications given as ``"CODE"``, ``"CODE:TARIFF"`` or as they are.

    Raises:
        RequestError: a text that is no qualification, or one text instead of a list.
    """
    if isinstance(items, str):
        raise RequestError(
            Message("A list of qualifications is expected, not the text « {text} ».", text=items[:40])
        )
    return tuple(_qualification(item, probationary=probationary) for item in items)


def _qualification(item: object, *, probationary: bool) -> Qualification:
    if isinstance(item, str):
        return Qualification.parse(item, probationary=probationary)
    if not isinstance(item, Qualification):
        raise RequestError(
            Message(
                "{value} is not a qualification; give a text, as 1905 or 1905:5 with its leading zero, or a "
                "Qualification.",
                value=_shown(item),
            )
        )
    return replace(item, probationary=True) if probationary else item


def as_counts(given: Mapping[Any, int], schedule: Schedule, name: str) -> Mapping[int, int]:
    """Counts by tariff code of the schedule, given under ``name``; a code may be text, as in JSON.

    Raises:
        RequestError: a tariff code that the schedule does not price, or a count that cannot be.
    """
    counts: dict[int, int] = {}
    priced = schedule.instruction_prices.by_tariff
    for key, count in given.items():
        tariff = int(key) if type(key) is str and re.fullmatch(_TARIFF, key) else key
        if type(tariff) is not int or tariff not in priced:
            _refuse_tariff(tariff, schedule)
        if tariff in counts:
            raise RequestError(
                Message("{name}: tariff {tariff} is given twice; give one count.", name=name, tariff=tariff)
            )
        if type(count) is not int:
            raise RequestError(
                Message(
                    "{name}: the count of tariff {tariff} is {count}; a whole number is expected.",
                    name=name,
                    tariff=tariff,
                    count=_shown(count),
                )
            )
        if not 0 <= count <= MOST_OF_A_TARIFF:
            raise RequestError(
                Message(
                    "{name}: {count} qualifications at tariff {tariff}; from 0 to {most} are accepted.",
                    name=name,
                    tariff=tariff,
                    count=_shown(count),
                    most=MOST_OF_A_TARIFF,
                )
            )
        counts[tariff] = count
    return MappingProxyType(counts)


def _refuse_tariff(tariff: object, schedule: Schedule) -> NoReturn:
    raise RequestError(
        Message(
            "« {tariff} » is not a tariff code of the schedule {id}; its codes: {tariffs}.",
            tariff=_shown(tariff),
            id=schedule.id,
            tariffs=schedule.tariffs,
        )
    )


def _shown(value: object) -> str:
    """A wrong value, short enough for a sentence."""
    # Python does not write an integer of thousands of digits; a Decimal has no such limit.
    return str(Decimal(value) if type(value) is int else value)[:40]


_FOUR_WAYS = Message(
    "The published schedule does not give the tariff code of each qualification (see the nomenclature or your "
    "last invoice). Four ways to give it: by code (-q {code}:5), as counts (-t 5=1), in a structure file "
    "(--structure), or in your own nomenclature table (--tables).",
    code="1905",
)


def _tariffs_of(
    named: Iterable[Qualification], schedule: Schedule, tables: Tables, notes: list[Message]
) -> dict[str, int]:
    """The tariff code of each named qualification: the one given, else the nomenclature's."""
    nomenclature = tables.nomenclature
    by_code: dict[str, int] = {}
    unpriced: list[str] = []
    for item in named:
        if item.code in by_code or item.code in unpriced:
            raise RequestError(
                Message("Qualification {code} is given twice; each is priced once.", code=item.code)
            )
        entry = nomenclature.entries.get(item.code)
        recorded = entry.tariff if entry else None
        tariff = recorded if item.tariff is None else item.tariff
        if tariff is None:
            unpriced.append(item.code)
            continue
        if type(tariff) is not int or tariff not in schedule.instruction_prices.by_tariff:
            _refuse_tariff(tariff, schedule)
        by_code[item.code] = tariff
        if entry is None:
            notes.append(
                Message("{code} is not in the nomenclature at hand, an extract; check it.", code=item.code)
            )
        elif recorded is not None and recorded != tariff:
            notes.append(
                Message(
                    "{code}: tariff {given} was given, the nomenclature says {recorded}; {given} is used.",
                    code=item.code,
                    given=tariff,
                    recorded=recorded,
                )
            )
    if unpriced:
        _refuse_unpriced(unpriced, nomenclature.entries)
    for code in by_code:
        entry = nomenclature.entries.get(code)
        notes += [
            Message(
                "{code} entails {entailed}; the schedule does not say whether the latter is then billed. "
                "Both are priced here.",
                code=code,
                entailed=entailed,
            )
            for entailed in (entry.entails if entry else ())
            if entailed in by_code
        ]
    return by_code


def _refuse_unpriced(codes: list[str], known: Mapping[str, Any]) -> NoReturn:
    unknown = [code for code in codes if code not in known]
    ways = Message(_FOUR_WAYS.text, code=codes[0])
    if unknown:
        raise UnknownCodeError(
            Message(
                "Not in the nomenclature at hand, an extract, and so without a known tariff code: {codes}. "
                "Check the code. {ways}",
                codes=unknown,
                ways=ways,
            )
        )
    raise UnknownTariffError(
        plural(
            "The tariff code of {codes} is not known. {ways}",
            "The tariff codes of {codes} are not known. {ways}",
            n=len(codes),
            codes=codes,
            ways=ways,
        )
    )


def _with_named(
    counts: Mapping[int, int], named: Iterable[Qualification], by_code: Mapping[str, int]
) -> tuple[dict[int, int], dict[int, tuple[str, ...]]]:
    """The counts with the named qualifications added, and the codes of these by tariff."""
    total = dict(counts)
    codes: dict[int, tuple[str, ...]] = {}
    for item in sorted(named, key=lambda item: item.code):
        tariff = by_code[item.code]
        total[tariff] = total.get(tariff, 0) + 1
        codes[tariff] = (*codes.get(tariff, ()), item.code)
    return total, codes


_NO_TURNOVER = TurnoverBase(
    None,
    None,
    Message(
        "The brand-usage fee will be due after notification, and is not computed: it needs the last known "
        "turnover excl. VAT (--turnover; --audit-turnover for energy audits only)."
    ),
)


def _base(request: QuoteRequest, schedule: Schedule) -> TurnoverBase:
    """Article III: the « ingénierie » turnover in general, the « audit énergétique » one for these alone."""
    turnover, audit_turnover = request.turnover, request.audit_turnover
    if turnover is None and audit_turnover is None:
        return _NO_TURNOVER
    if not request.qualifications and audit_turnover is None:
        return TurnoverBase("engineering", turnover, _GENERAL_RULE, assumptions=_GENERAL_ASSUMPTION)
    audit_codes = schedule.brand_usage.energy_audit_codes
    others = [item.code for item in request.qualifications if item.code not in audit_codes]
    probationary = ("probationary-counts-for-the-base",) * any(q.probationary for q in request.qualifications)
    if others:
        if turnover is None:
            return TurnoverBase(
                None,
                None,
                Message(
                    "Brand-usage fee undetermined: {code} is no energy audit, so that article III takes the "
                    "« ingénierie » turnover, and it is not given (--turnover).",
                    code=others[0],
                ),
                undetermined=True,
            )
        reason = Message(
            "Brand-usage fee on the « ingénierie » turnover (article III): {code} is no energy audit.",
            code=others[0],
        )
        return TurnoverBase("engineering", turnover, reason, assumptions=probationary)
    if not any(request.tariffs.values()):
        if audit_turnover is None:
            return TurnoverBase(
                None,
                None,
                Message(
                    "Brand-usage fee undetermined: with energy audits only ({codes}), article III takes the "
                    "« audit énergétique » turnover, and it is not given (--audit-turnover).",
                    codes=tuple(item.code for item in request.qualifications),
                ),
                undetermined=True,
            )
        reason = Message(
            "Brand-usage fee on the « audit énergétique » turnover (article III): energy audits only ({codes}).",
            codes=tuple(item.code for item in request.qualifications),
        )
        return TurnoverBase("energy_audit", audit_turnover, reason, assumptions=probationary)
    if audit_turnover is not None:
        return TurnoverBase(
            None,
            None,
            Message(
                "Brand-usage fee undetermined: without the codes of the qualifications, nothing says whether "
                "they are all energy audits ({codes}). Give the codes (-q CODE:TARIFF), or only the turnover "
                "that article III takes.",
                codes=tuple(sorted(audit_codes)),
            ),
            undetermined=True,
        )
    return TurnoverBase("engineering", turnover, _GENERAL_RULE, assumptions=_GENERAL_ASSUMPTION)


_GENERAL_ASSUMPTION = ("engineering-turnover-in-general",)
_GENERAL_RULE = Message(
    "Brand-usage fee on the turnover given, taken as the « ingénierie » one (article III, general rule)."
)


def _vat_text(vat: object) -> str:
    if isinstance(vat, str):
        return vat
    if isinstance(vat, Decimal) or type(vat) is int:
        return format(Decimal(vat), "f")
    raise RequestError(
        Message(
            "vat: {value} is neither a rate nor a territory; give a text or a Decimal, never a float.",
            value=_shown(vat),
        )
    )


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
