"""The quote: what an event costs, each euro with its article.

A question → the schedule in force on its day → the fees that its event bears → lines, part by part → subtotals
→ VAT → total. Every other view of a price (table, JSON, page, the expected side of an invoice check) is a
rendering of one :class:`Quote`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, reduce
from operator import itemgetter
from typing import Annotated, Literal, NamedTuple, Unpack

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict, kept, made
from opqibi_rules.messages import Message, Say, Text
from opqibi_rules.money import ZERO, exactly, parse_rate, plain, round_cents
from opqibi_rules.paper.shape import (
    RECURS,
    Empty,
    Json,
    Plain,
    Rate,
    Shape,
    Share,
    Values,
    Voice,
    at,
    first_of,
    handed,
)
from opqibi_rules.price.fees import (
    NO_CODES,
    NO_EUROS,
    NONE_HELD,
    FeeRule,
    Held,
    Line,
    Origin,
    Rules,
    rules_of,
)
from opqibi_rules.price.partial import Range, Ranges, RangesShape, incomplete, range_of_fee, ranges_together
from opqibi_rules.price.question import Asked, Question, question, refuse_unknown, shown, tariffs_of, together
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.price.turnover_base import TurnoverBase, remarks, turnover_base
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape, Situation
from opqibi_rules.tables.library import Tables, shipped_tables
from opqibi_rules.tables.schedule import Event, Fee, Role, Schedule
from opqibi_rules.tables.vat import VatRule

_DIGITS = 4
"""No VAT rate has more: 8,5 % is 0.085."""


class Subtotals(FrozenDict[str, Decimal | None]):
    """Euros excl. VAT by fee, as items or as attributes: ``subtotals.instruction``, ``subtotals["instruction"]``.

    All the fees of the schedule are there; ``None`` where the event does not bear one, or where data is missing.
    """

    __slots__ = ()

    def __getattr__(self, fee: str) -> Decimal | None:
        try:
            return self[fee]
        except KeyError:
            raise AttributeError(f"no fee « {fee} »; the schedule has {', '.join(self)}") from None

    def to_dict(self) -> dict[str, str | None]:
        """Amounts as text."""
        return {fee: None if amount is None else plain(amount) for fee, amount in self.items()}


_NO_LIMITS: Mapping[str, Range] = FrozenDict()


class Quote(NamedTuple):
    """The answer: cited lines, subtotals, VAT and total."""

    question: Question
    event: Event
    schedule: Schedule
    vat_rule: VatRule | None
    """``None``: a rate was given outright."""
    lines: tuple[Line, ...]
    subtotals: Subtotals
    bases: Mapping[str, TurnoverBase]
    """By fee, for those that a turnover is needed for: which one it takes, and why."""
    total_excl_vat: Decimal
    """Of the fees that could be computed; see :attr:`missing`."""
    vat_rate: Decimal
    vat: Decimal
    total_incl_vat: Decimal
    notes: tuple[Message, ...]
    of_the_year: Assumption | None = None
    """How a turnover was chosen among those of several years, where one was."""
    limits: Mapping[str, Range] = _NO_LIMITS
    """By missing fee, what it may come to, in euros excl. VAT."""

    @property
    def vat_category(self) -> str | None:
        """How electronic invoices code the VAT of its lines (UNCL 5305); ``None``: a rate of zero was given."""
        if self.vat_rule is not None:
            return self.vat_rule.category
        return "S" if self.vat_rate else None

    @property
    def on(self) -> date:
        """The day the quote is for."""
        return self.question.on

    @property
    def base(self) -> TurnoverBase | None:
        """The turnover of the first fee that needs one; ``None`` where the event bears none such."""
        for base in self.bases.values():
            return base
        return None

    @property
    def undetermined(self) -> bool:
        """A turnover was given, and the data does not allow to use it."""
        return any(base.undetermined for base in self.bases.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """The fees that are due and that the data given does not allow to compute."""
        return tuple(self.limits)

    @property
    def missing_fees(self) -> tuple[Fee, ...]:
        """The same, as the schedule declares them."""
        return tuple(fee for fee in self.schedule.fees if fee.id in self.missing)

    @property
    def range(self) -> Ranges | None:
        """What the missing fees, and the whole with them, may come to; ``None``: nothing is missing."""
        if not self.limits:
            return None
        return ranges_together((self.total_excl_vat, self.total_incl_vat), self.more)

    @property
    def more(self) -> tuple[Ranges, ...]:
        """What the missing fees add to its sums; nothing where none is missing."""
        return (_more(self),) if self.limits else ()

    @property
    def fees(self) -> tuple[Fee, ...]:
        """The fees that it comes to, in the order of the schedule."""
        return tuple(fee for fee in self.schedule.fees if self.subtotals.get(fee.id) is not None)

    def of(self, fee: Fee) -> tuple[Line, ...]:
        """The lines of one fee."""
        return tuple(line for line in self.lines if line.fee == fee)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The named assumptions, of the schedule and of the VAT table, that this quote used."""
        bases = self.bases
        billed, chosen = tuple(map(_ORIGIN, self.lines)), tuple(map(_SITUATIONS, bases.values()))
        return _assumed(
            rules_of(self.schedule), self.vat_rule, self.of_the_year, billed, tuple(bases), chosen
        )

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        return QuoteShape.written(self, made(Voice, (say, language, None)))


class PricedLineShape(Shape, of=Line, recurs=True):
    """A quantity at a unit price, or an amount, and the article that says so."""

    fee: str = at("fee.id")
    part: str = at("part_id")
    """The part of the fee; `floor` or `cap` on the line that says what its limit added or took away."""
    article: str
    label: Message
    quantity: int | None
    unit_price: Decimal | None
    tariff: int | None
    codes: tuple[str, ...]
    """The qualifications that were named."""
    amount: Decimal
    vat_category: str | None = handed()
    """As electronic invoices code it: S, AE, E; null where a rate of zero was given outright."""


class RatedLineShape(Shape, of=Line, recurs=True):
    """A slice of a turnover at a rate."""

    fee: str = at("fee.id")
    part: str = at("part.id")
    article: str
    label: Message
    base: Decimal
    rate: Rate
    amount: Decimal
    """Exact to its last digit; the subtotal is rounded."""
    vat_category: str | None = handed()
    """As electronic invoices code it: S, AE, E; null where a rate of zero was given outright."""

    @classmethod
    def fits(cls, value: object) -> bool:
        """A line of a tranche."""
        return isinstance(value, Line) and value.rate is not None


LineShape = RatedLineShape | PricedLineShape


class TurnoverBaseShape(Shape, of=TurnoverBase):
    """Which turnover a fee takes, and why."""

    kind: str | None
    """The id of the turnover; null where the data given does not allow the choice."""
    turnover: Decimal | None
    reason: Message
    year: int | None = at("known.year")
    """The financial year that it is of; null where the turnover was given outright."""
    closed_on: Day | None = at("known.closed_on")
    """The last day of that year."""
    document: str | None = at("known.document")
    """What certifies it, as the structure names it."""


class ScheduleShape(Shape, of=Schedule, recurs=True):
    """The edition of the fee schedule that prices a quote."""

    id: str
    title: Text
    in_force_from: Day
    source: str = at(lambda schedule: str(schedule.sources[0]))
    checked_on: Day


class QuoteShape(Shape, of=Quote):
    """The price of an event, each euro with its article."""

    schema_version: Literal[1] = 1
    event: str = at("event.id")
    date: Day = at("question.on")
    schedule: ScheduleShape
    lines: tuple[LineShape, ...] = at("lines", handing="vat_category")
    subtotals: Mapping[str, Decimal | None]
    """Euros excl. VAT by fee of the schedule; null where the event does not bear it or data is missing."""
    total_excl_vat: Decimal
    vat_rate: Share
    vat: Decimal
    total_incl_vat: Decimal
    notes: tuple[Message, ...]
    notes_values: tuple[Values, ...] = at("notes")
    """The values that each note names, in the same order."""
    complete: Empty = at("limits")
    """Every fee that is due is computed."""
    missing: tuple[str, ...] = at("limits")
    """The fees that are due and that the data given does not allow to compute."""
    vat_category: str | None
    """Of every line, as electronic invoices code it: S, AE, E; null where a rate of zero was given outright."""
    range: RangesShape | None
    """What the missing fees, and the whole with them, may come to; null where nothing is missing."""
    turnover_base: TurnoverBaseShape | None = first_of("turnover_bases")
    turnover_bases: Mapping[str, TurnoverBaseShape] = at("bases")
    """The same for each fee that a turnover is needed for."""
    assumptions: Annotated[tuple[AssumptionShape, ...], RECURS]
    request: Plain = at(lambda quote: quote.question.to_dict(quote.schedule))
    """The question that asks for the same quote again."""


def facts(tables: object) -> Tables:
    """The tables given, those shipped where none are.

    Raises:
        RequestError: what is given is no ``Tables``.
    """
    if tables is None:
        return shipped_tables()
    if isinstance(tables, Tables):
        return tables
    raise RequestError(
        "tables: {value} is no Tables; Tables(FOLDER) lays your own over ours.",
        value=shown(tables),
        field="tables",
    )


def quote(*, on: date | str, tables: Tables | None = None, **asked: Unpack[Asked]) -> Quote:
    """The price of an event on a day, in euros excl. VAT, VAT and incl. VAT.

    Args:
        on: the day; it chooses the schedule. Never today by default: the core reads no clock.
        tables: the facts; those shipped by default.
        asked: the event, qualifications, turnovers and VAT, as :class:`~opqibi_rules.price.question.Asked` says:
            ``event``, ``tariffs``, ``qualifications``, ``probationary``, ``new_tariffs``, ``new_qualifications``,
            ``turnover``, ``audit_turnover``, ``turnovers``, ``structure``, ``vat``.

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
    tables = facts(tables)
    refuse_unknown(asked, Asked)
    checked, schedule = question(on, asked, tables)
    found = answer(checked, schedule, tables)
    if found.bases and checked.structure is None:
        return found
    return found._replace(notes=(*found.notes, *_remarks(found, tables)))


def _remarks(quote: Quote, tables: Tables) -> Iterator[Message]:
    """What a single question gives to think: what is not used, what is odd."""
    asked, event = quote.question, quote.event
    if asked.turnovers and not quote.bases and not asked.known:
        yield Message(
            "The turnover given is not used: no fee of this event ({event}) is reckoned on one.",
            event=event.name,
        )
    if asked.structure is None:
        return
    yield from asked.structure.remarks()
    yield from held_otherwise(event, asked.qualifications, asked.structure, asked.on, tables)


def held_otherwise(
    event: Event, counted: Sequence[Qualification], firm: Structure, on: date, tables: Tables
) -> Iterator[Message]:
    """What an event counts as held, or as not, and the structure's own dates say otherwise on that day."""
    granted = {item.code for item in firm.qualifications if item.granted_on and item.granted_on < on}
    held = tuple(item.code for item in counted if item.code in granted)
    if event.role is Role.FIRST and held:
        yield Message(
            "Priced as {event}, though granted already: {codes}. Another event may be meant.",
            event=event.name,
            codes=held,
        )
    if event.role in {Role.CONTROL, Role.RENEWAL}:
        yield from (reason for _, reason in not_held(counted, on, tables))


def not_held(
    counted: Sequence[Qualification], on: date, tables: Tables
) -> Iterator[tuple[tuple[str, ...], Message]]:
    """The codes that are counted as held, and that their own dates say are not on that day; and that in words."""
    later: list[str] = []
    over: list[str] = []
    for item in counted:
        if item.granted_on is None:
            continue
        starts = (item.granted_on, *sorted(day for day in item.renewed_on if day <= on))
        term = tables.validity.probationary if item.probationary else tables.validity.qualification
        if item.granted_on > on:
            later.append(item.code)
        elif term.last_day(starts) < on:
            over.append(item.code)
    if later:
        reason = Message(
            "Counted as held, though granted after {day:date} only: {codes}.",
            day=on,
            codes=tuple(later),
        )
        yield tuple(later), reason
    if over:
        reason = Message(
            "Counted as held, though over before {day:date} by the dates given: {codes}. Give the days of their "
            "renewals (renewed_on), or leave them out.",
            day=on,
            codes=tuple(over),
        )
        yield tuple(over), reason


@exactly
def answer(question: Question, schedule: Schedule, tables: Tables) -> Quote:
    """The quote of a question that holds together, under the schedule of its day.

    Raises:
        RequestError: a code given twice, or a tariff code that the schedule does not price.
        UnknownTariffError: a qualification whose tariff code is not known.
        TableError: a territory without a VAT rule.
    """
    notes: list[Message] = []
    asked, new = _held(question, schedule, tables, notes)
    event, borne, nothing, vat_rule, rate, of_the_day = _terms(tables)(
        question.event, question.on, question.vat, schedule
    )
    lines: list[Line] = []
    subtotals: dict[str, Decimal | None] = {**nothing}
    bases: dict[str, TurnoverBase] = {}
    limits: dict[str, Range] = {}
    excl_vat = NO_EUROS
    for rule in borne:
        turnover = None
        if rule.tranches is not None:
            base = turnover_base(question, rule, rule.tranches)
            bases[rule.id] = base
            notes.append(base.reason)
            if more := remarks(question, base, schedule):
                notes += [remark for remark in more if remark not in notes]
            turnover = base.turnover
            if turnover is None:
                limits[rule.id] = range_of_fee(rule, asked, new)
                continue
        amount = rule.charge(lines, asked, new, turnover)
        subtotals[rule.id] = amount
        excl_vat += amount
    vat = round_cents(excl_vat * rate)
    notes += of_the_day
    of_the_year = tables.validity.named.get("last-known-turnover") if question.known and bases else None
    found = made(
        Quote,
        (
            question,
            event,
            schedule,
            vat_rule,
            tuple(lines),
            Subtotals(subtotals),
            FrozenDict(bases),
            excl_vat,
            rate,
            vat,
            excl_vat + vat,
            tuple(notes),
            of_the_year,
            FrozenDict(limits) if limits else _NO_LIMITS,
        ),
    )
    return found._replace(notes=(*lacks(found), *notes)) if limits else found


class _Terms(NamedTuple):
    """What an event, its day and the VAT settle, however much is asked for."""

    event: Event
    borne: tuple[FeeRule, ...]
    """The fees that it bears."""
    nothing: Mapping[str, None]
    """By fee of the schedule, no amount yet."""
    vat_rule: VatRule | None
    vat_rate: Decimal
    notes: tuple[Message, ...]


@kept
def _terms(tables: Tables) -> Callable[[str, date, str, Schedule], _Terms]:
    """What finds the terms of an event, on a day, with that VAT, under a schedule."""

    @lru_cache(maxsize=128)
    def terms(name: str, on: date, vat: str, schedule: Schedule) -> _Terms:
        rules = rules_of(schedule)
        vat_rule, rate = _vat(vat.strip(), on, tables)
        notes: list[Message] = []
        if vat_rule is not None and vat_rule.mention is not None:
            notes.append(Message("{mention}", mention=vat_rule.mention))
        if on > rules.old_after and tables.is_latest(schedule):
            notes.append(rules.old_note)
        if tables.is_users(schedule):
            notes.append(Message("The schedule {id} comes from your own tables.", id=schedule.id))
        event, borne = rules.events[name]
        return _Terms(event, borne, dict.fromkeys(rules.fees), vat_rule, rate, tuple(notes))

    return terms


def lacks(quote: Quote) -> tuple[Message, ...]:
    """What it lacks, and what the whole may come to."""
    ranges = quote.range
    return (incomplete(quote.missing_fees, ranges),) if ranges else ()


@exactly
def _more(quote: Quote) -> Ranges:
    excl = reduce(Range.plus, quote.limits.values())

    def taxed(more: Decimal) -> Decimal:
        """What so much more excl. VAT adds to the total incl. VAT, which is rounded on the whole."""
        return more + round_cents((quote.total_excl_vat + more) * quote.vat_rate) - quote.vat

    most = None if excl.most is None else taxed(excl.most)
    return Ranges(quote.limits, excl, Range(taxed(excl.least), most))


def _held(question: Question, schedule: Schedule, tables: Tables, notes: list[Message]) -> tuple[Held, Held]:
    """What is asked for or held, and what is newly asked for, by tariff code."""
    if not question.qualifications and not question.new_qualifications:
        return made(Held, (question.tariffs, NO_CODES)), (
            Held(question.new_tariffs) if question.new_tariffs else NONE_HELD
        )
    named = (*question.qualifications, *question.new_qualifications)
    by_code = tariffs_of(named, schedule, tables, notes, question.place)
    return (
        together(question.tariffs, question.qualifications, by_code),
        together(question.new_tariffs, question.new_qualifications, by_code),
    )


def _vat(given: str, on: date, tables: Tables) -> tuple[VatRule | None, Decimal]:
    """The rule of a territory, and its rate; or the rate given."""
    if given[:1].isdigit() or given[:1] in {"+", "-", "−", ".", ","}:
        rate = parse_rate(given)
        if rate is not None and ZERO <= rate < 1 and round(rate, _DIGITS) == rate:
            return None, rate
        raise RequestError(
            "vat: « {text} » is not a rate. Write 20 % or 0.20, or the customer's territory: {known}.",
            text=given[:40],
            known=tuple(tables.vat.rules),
            field="vat",
        )
    rule = tables.vat.rule(given, on)
    return rule, rule.rate


_Billed = tuple[Origin, ...]
_ORIGIN = itemgetter(Line._fields.index("origin"))
"""By its place in the tuple, in half the time of its name."""
_SITUATIONS = itemgetter(TurnoverBase._fields.index("situations"))


@lru_cache(maxsize=1024)
def _assumed(
    rules: Rules,
    vat_rule: VatRule | None,
    of_the_year: Assumption | None,
    billed: _Billed,
    fees: tuple[str, ...],
    chosen: tuple[frozenset[Situation], ...],
) -> tuple[Assumption, ...]:
    """The assumptions that a quote used: found once for all the quotes of such lines.

    ``chosen`` says of each of the ``fees`` on a turnover what that one puts it in.
    """
    situations = {("", Situation.ALWAYS)}
    for line in billed:
        situations.add((f"{line.fee}.{line.part}", Situation.USED))
        if line.limit is not None:
            situations.add((f"{line.fee}.{line.part}", Situation.LIMITED))
    for fee, given in zip(fees, chosen, strict=True):
        tranches = [line for line in billed if line.fee == fee and line.tranche]
        where = f"{fee}.{tranches[0].part}" if tranches else fee
        found = (
            *given,
            *([Situation.SEVERAL_TRANCHES] if len(tranches) > 1 else []),
            *([Situation.ROUNDED] if any(line.rounded for line in tranches) else []),
        )
        situations.update((where, situation) for situation in found)
    used = [item for item in rules.schedule.assumptions if _is_used(item, situations, billed)]
    used += [] if of_the_year is None else [of_the_year]
    return (*used, *(() if vat_rule is None else vat_rule.assumptions))


def _is_used(assumption: Assumption, situations: set[tuple[str, Situation]], billed: _Billed) -> bool:
    part = assumption.part or ""
    found = any(
        situation is assumption.when and (where == part or where.startswith(f"{part}."))
        for where, situation in situations
    )
    if not found or not assumption.tariffs:
        return found
    return any(
        line.tariff in assumption.tariffs and f"{line.fee}.{line.part}".startswith(part) for line in billed
    )
