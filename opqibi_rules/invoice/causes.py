"""Every single change that an amount may have undergone, with its effect to the cent.

A :class:`Change` is one mistake somebody may have made when billing: a count off, a tariff taken for another,
the floor forgotten… It knows which parts of the price it moves, and by how many cents.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from opqibi_rules.invoice.billing import (
    EACH,
    FLAT,
    NEW_EACH,
    NEW_FLAT,
    Billing,
    Part,
    article_of,
    unit_prices,
)
from opqibi_rules.messages import Message, plural
from opqibi_rules.money import CENT, EXACT, LARGEST, ZERO, round_cents
from opqibi_rules.price.fees import (
    ANNUAL_CONTROL,
    BRAND_USAGE,
    FEE_NAMES,
    INSTRUCTION,
    Fee,
    articles_of,
    total,
)
from opqibi_rules.price.inversion import in_cents, in_euros, turnovers_from_fee
from opqibi_rules.price.question import EVENT_NAMES
from opqibi_rules.tables.schedule import Schedule

MOST_ADDED = 20
"""How many qualifications too many of one tariff are looked for."""

EXACT_CAUSE, COUNTED_CAUSE, LIMIT_CAUSE, FREE_CAUSE = 0, 1, 2, 1000
"""How much a cause may bend: no free number; a count; many numbers, all brought to the floor or to the cap;
any amount at all. The stiffest are the likeliest."""


@dataclass(frozen=True, slots=True)
class Change:
    """One mistake, and what it moves."""

    cause: str
    fee: str | None
    """``None`` where it touches several fees."""
    articles: tuple[str, ...]
    message: Message
    moves: Mapping[Part, int]
    """Cents added to each part."""
    units: int = 1
    """How many times: two qualifications too many count two."""
    bend: int = EXACT_CAUSE

    @property
    def stiff(self) -> bool:
        """It accounts for few amounts, so that one it accounts for is hardly by chance."""
        return self.bend <= COUNTED_CAUSE


@dataclass(frozen=True, slots=True)
class OtherTurnover:
    """A turnover that may have been taken by mistake, and what it is."""

    name: Message
    amount: Decimal


def changes(billing: Billing, others: Iterable[OtherTurnover] = ()) -> Iterator[Change]:
    """Every single change of a price, scenarios aside."""
    amounts = billing.amounts()
    for fee in dict.fromkeys(part.fee for part in amounts):
        yield from _whole_fee(fee, amounts, billing.schedule)
    if billing.event == "control":
        yield from _control_flats(billing, amounts)
        yield from _per_qualification(billing, ANNUAL_CONTROL, EACH, billing.held)
        if any(billing.new.values()):
            yield from _per_qualification(billing, ANNUAL_CONTROL, NEW_EACH, billing.new)
    else:
        yield _flat_forgotten(Part(INSTRUCTION, FLAT), amounts, billing.schedule)
        yield from _per_qualification(billing, INSTRUCTION, EACH, billing.held)
    if billing.turnover is not None and billing.event != "control":
        yield from _brand_usage(billing.schedule, billing.turnover, others)


def scenarios(billing: Billing, editions: Iterable[Schedule]) -> Iterator[tuple[Change, Billing]]:
    """The price made from another event, or another schedule: everything in it may differ."""
    before = billing.amounts()
    for event in ("first", "renewal", "control"):
        if event == billing.event:
            continue
        merged = dict(billing.held)
        for tariff, count in billing.new.items():
            merged[tariff] = merged.get(tariff, 0) + count
        for held in [billing.held] + [merged] * (merged != billing.held):
            other = replace(billing, event=event, held=held, new={})
            message = Message(
                "billed as another event: {billed} instead of {expected}",
                billed=EVENT_NAMES[event],
                expected=EVENT_NAMES[billing.event],
            )
            yield _scenario("wrong_event", message, before, other), other
    for edition in editions:
        priced = {*billing.held, *billing.new} <= set(edition.tariffs)
        if edition.id != billing.schedule.id and priced:
            other = replace(billing, schedule=edition)
            message = Message(
                "billed by another schedule: {schedule}, of {day:date}",
                schedule=edition.title,
                day=edition.in_force_from,
            )
            yield _scenario("other_schedule", message, before, other), other


def _scenario(cause: str, message: Message, before: Mapping[Part, int], other: Billing) -> Change:
    after = other.amounts()
    moves = {part: after.get(part, 0) - before.get(part, 0) for part in (*before, *after)}
    articles = dict.fromkeys(article_of(part, other.schedule) for part in after)
    return Change(cause, None, tuple(articles), message, moves)


def another_turnover(billing: Billing, fee: int) -> Change | None:
    """The turnovers that give a brand-usage fee of ``fee`` cents: a free number, so the weakest cause."""
    if not 0 <= fee <= in_cents(billing.schedule.brand_usage.cap.amount):
        return None
    found = turnovers_from_fee(in_euros(fee), billing.schedule)
    if found is None:
        return None
    if found.highest is None:
        message = Message("another turnover: {lowest:euro} or more", lowest=found.lowest)
    elif found.lowest == ZERO:
        message = Message("another turnover: {highest:euro} or less", highest=found.highest)
    else:
        message = Message(
            "another turnover: from {lowest:euro} to {highest:euro}",
            lowest=found.lowest,
            highest=found.highest,
        )
    part = Part(BRAND_USAGE)
    before = billing.amounts().get(part, 0)
    usage = billing.schedule.brand_usage
    limited = found.fee in {usage.floor.amount, usage.cap.amount}
    bend = LIMIT_CAUSE + 1 if limited else FREE_CAUSE
    return Change("turnover", BRAND_USAGE, (usage.article,), message, {part: fee - before}, 1, bend)


def _whole_fee(fee: str, amounts: Mapping[Part, int], schedule: Schedule) -> Iterator[Change]:
    parts = {part: cents for part, cents in amounts.items() if part.fee == fee}
    articles = tuple(dict.fromkeys(article_of(part, schedule) for part in parts))
    forgotten = Message("not billed: {fee}", fee=FEE_NAMES[fee])
    yield Change("fee_missing", fee, articles, forgotten, {part: -cents for part, cents in parts.items()})
    yield Change("fee_twice", fee, articles, Message("billed twice: {fee}", fee=FEE_NAMES[fee]), parts)


def _flat_forgotten(part: Part, amounts: Mapping[Part, int], schedule: Schedule) -> Change:
    message = Message(
        "the flat part of {amount:euro} forgotten (article {article})",
        amount=in_euros(amounts[part]),
        article=article_of(part, schedule),
    )
    return Change("flat_forgotten", part.fee, (article_of(part, schedule),), message, {part: -amounts[part]})


def _control_flats(billing: Billing, amounts: Mapping[Part, int]) -> Iterator[Change]:
    schedule = billing.schedule
    yield _flat_forgotten(Part(ANNUAL_CONTROL, FLAT), amounts, schedule)
    flat, part = schedule.new_requests_flat, Part(ANNUAL_CONTROL, NEW_FLAT)
    cents, requests = in_cents(flat.amount), sum(billing.new.values())

    def change(cause: str, message: Message, moves: Mapping[Part, int], *articles: str) -> Change:
        return Change(cause, ANNUAL_CONTROL, articles or (flat.article,), message, moves)

    if not requests:
        message = Message(
            "the flat fee of {amount:euro} added, without any new qualification (article {article})",
            amount=flat.amount,
            article=flat.article,
        )
        yield change("flat_added", message, {part: cents})
        return
    message = Message(
        "the flat fee of {amount:euro} for new qualifications forgotten (article {article})",
        amount=flat.amount,
        article=flat.article,
    )
    yield change("flat_forgotten", message, {part: -cents})
    if requests > 1:
        message = Message(
            "the flat fee of {amount:euro} billed for each new qualification instead of once (article {article})",
            amount=flat.amount,
            article=flat.article,
        )
        yield change("flat_each", message, {part: cents * (requests - 1)})
    asked = schedule.instruction_flat
    message = Message(
        "the flat part of {amount:euro} of an application added to new qualifications (article {article})",
        amount=asked.amount,
        article=asked.article,
    )
    yield change("flat_added", message, {part: in_cents(asked.amount)}, asked.article)
    new = {item: cents for item, cents in amounts.items() if item.piece in {NEW_FLAT, NEW_EACH}}
    message = Message("the new qualifications not billed")
    articles = (flat.article, schedule.instruction_prices.article)
    yield change("new_missing", message, {item: -cents for item, cents in new.items()}, *articles)
    prices = schedule.control_prices
    moves = {
        Part(ANNUAL_CONTROL, NEW_EACH, tariff): count * in_cents(prices.by_tariff[tariff])
        for tariff, count in billing.new.items()
        if count
    }
    message = Message("the new qualifications billed a control price on top of their instruction price")
    yield change("new_controlled", message, moves, prices.article)


def _per_qualification(billing: Billing, fee: str, piece: str, counts: Mapping[int, int]) -> Iterator[Change]:
    prices = {t: in_cents(price) for t, price in unit_prices(fee, piece, billing.schedule).items()}
    articles = (article_of(Part(fee, piece, 1), billing.schedule),)
    yield from _other_prices(billing, fee, piece, counts)
    for tariff, price in prices.items():
        part, held = Part(fee, piece, tariff), counts.get(tariff, 0)
        for n in range(1, MOST_ADDED + 1):
            message = _too_many(piece, tariff, n)
            yield Change("count_off", fee, articles, message, {part: n * price}, n, COUNTED_CAUSE)
        for n in range(1, held + 1):
            message = _too_few(piece, tariff, n)
            yield Change("count_off", fee, articles, message, {part: -n * price}, n, COUNTED_CAUSE)
        for other, other_price in prices.items():
            if other_price == price:
                continue
            for n in range(1, held + 1):
                message = plural(
                    "one qualification billed at tariff {other} instead of tariff {tariff}",
                    "{n} qualifications billed at tariff {other} instead of tariff {tariff}",
                    n=n,
                    other=other,
                    tariff=tariff,
                )
                moves = {part: -n * price, Part(fee, piece, other): n * other_price}
                yield Change("tariff_swap", fee, articles, message, moves, n, COUNTED_CAUSE)


def _too_many(piece: str, tariff: int, n: int) -> Message:
    if piece == NEW_EACH:
        return plural(
            "one new qualification at tariff {tariff} too many",
            "{n} new qualifications at tariff {tariff} too many",
            n=n,
            tariff=tariff,
        )
    return plural(
        "one qualification at tariff {tariff} too many",
        "{n} qualifications at tariff {tariff} too many",
        n=n,
        tariff=tariff,
    )


def _too_few(piece: str, tariff: int, n: int) -> Message:
    if piece == NEW_EACH:
        return plural(
            "one new qualification at tariff {tariff} not billed",
            "{n} new qualifications at tariff {tariff} not billed",
            n=n,
            tariff=tariff,
        )
    return plural(
        "one qualification at tariff {tariff} not billed",
        "{n} qualifications at tariff {tariff} not billed",
        n=n,
        tariff=tariff,
    )


def recount(
    billing: Billing, fee: str, piece: str, held: Mapping[int, int], counts: Mapping[int, int]
) -> tuple[Change, ...]:
    """The changes from the counts ``held`` to other ``counts``, one a tariff."""
    prices = unit_prices(fee, piece, billing.schedule)
    found = []
    for tariff, price in prices.items():
        more = counts.get(tariff, 0) - held.get(tariff, 0)
        if more:
            message = _too_many(piece, tariff, more) if more > 0 else _too_few(piece, tariff, -more)
            part = Part(fee, piece, tariff)
            moves = {part: more * in_cents(price)}
            articles = (article_of(part, billing.schedule),)
            found.append(Change("count_off", fee, articles, message, moves, abs(more), COUNTED_CAUSE))
    return tuple(found)


def _other_prices(billing: Billing, fee: str, piece: str, counts: Mapping[int, int]) -> Iterator[Change]:
    """Control prices for instruction prices, or the reverse: for all the qualifications, or those of a tariff."""
    schedule = billing.schedule
    right = unit_prices(fee, piece, schedule)
    for_control = right is schedule.control_prices.by_tariff
    wrong = schedule.instruction_prices if for_control else schedule.control_prices
    moves = {
        Part(fee, piece, tariff): count * (in_cents(wrong.by_tariff[tariff]) - in_cents(right[tariff]))
        for tariff, count in counts.items()
        if count
    }
    if for_control:
        whole = Message(
            "instruction prices instead of control prices (article {article})", article=wrong.article
        )
        cause = "instruction_prices"
    else:
        whole = Message(
            "control prices instead of instruction prices (article {article})", article=wrong.article
        )
        cause = "control_prices"
    yield Change(cause, fee, (wrong.article,), whole, moves)
    if len(moves) > 1:
        for part, cents in moves.items():
            message = Message("at tariff {tariff}: {what}", tariff=part.tariff, what=whole)
            yield Change(cause, fee, (wrong.article,), message, {part: cents})


def _brand_usage(schedule: Schedule, turnover: Decimal, others: Iterable[OtherTurnover]) -> Iterator[Change]:
    seen: set[tuple[str, int]] = set()
    fee = articles_of(schedule).brand_usage(turnover)
    right = in_cents(fee.amount)
    limits = {in_cents(schedule.brand_usage.floor.amount), in_cents(schedule.brand_usage.cap.amount)}
    for cause, article, message, billed in _other_usages(schedule, turnover, fee, others):
        cents = in_cents(billed)
        if cents != right and (cause, cents) not in seen:
            seen.add((cause, cents))
            limited = cause == "turnover_unit" and cents in limits
            bend = LIMIT_CAUSE if limited else EXACT_CAUSE
            yield Change(cause, BRAND_USAGE, (article,), message, {Part(BRAND_USAGE): cents - right}, 1, bend)


def _other_usages(
    schedule: Schedule, turnover: Decimal, fee: Fee, others: Iterable[OtherTurnover]
) -> Iterator[tuple[str, str, Message, Decimal]]:
    """Cause, article, message and fee of each way to get article III wrong."""
    usage, articles = schedule.brand_usage, articles_of(schedule)
    tranches = [line for line in fee.lines if line.rate is not None]
    exact, right = total(tranches), fee.amount
    raw, years, article = round_cents(exact), Decimal(usage.years), usage.article
    floor, cap = usage.floor, usage.cap
    yearly_cap = round_cents(EXACT.divide(cap.amount, years))
    if raw < floor.amount:
        yield (
            "floor_forgotten",
            floor.article,
            Message("the floor of {floor:euro} forgotten", floor=floor.amount),
            raw,
        )
    if raw > cap.amount:
        yield "cap_forgotten", cap.article, Message("the cap of {cap:euro} forgotten", cap=cap.amount), raw
    by_year = round_cents(EXACT.divide(right, years))
    message = Message("the fee for {years} years billed for one", years=usage.years)
    yield "billed_by_year", article, message, by_year
    every_floor = EXACT.multiply(floor.amount, years)
    message = Message("the floor of {floor:euro} applied per year", floor=floor.amount)
    yield "floor_per_year", floor.article, message, max(raw, every_floor)
    if by_year < floor.amount:
        yield "floor_per_year", floor.article, message, floor.amount
    message = Message("the cap of {cap:euro} applied per year", cap=cap.amount)
    yield "cap_per_year", cap.article, message, min(raw, EXACT.multiply(cap.amount, years))
    message = Message("the cap of {cap:euro} a year applied to the whole fee", cap=yearly_cap)
    yield "cap_per_year", cap.article, message, min(right, yearly_cap)
    message = Message("the fee for {years} years billed for each year", years=usage.years)
    yield "billed_each_year", article, message, EXACT.multiply(right, years)
    for other in others:
        message = Message("the turnover taken is {name}: {amount:euro}", name=other.name, amount=other.amount)
        yield "turnover_base", article, message, articles.brand_usage(other.amount).amount
    for power, message in _SLIPS:
        slipped = EXACT.scaleb(turnover, power)
        if slipped <= LARGEST:
            yield "turnover_unit", article, message, articles.brand_usage(slipped).amount
    by_tranche = ZERO
    for line in tranches:
        by_tranche = EXACT.add(by_tranche, round_cents(line.amount))
    message = Message("each tranche rounded instead of their sum")
    yield "rounding", article, message, min(max(by_tranche, floor.amount), cap.amount)
    for unit, rounding, message in _ROUNDINGS:
        rounded = EXACT.quantize(exact.quantize(unit, rounding, EXACT), CENT)
        yield "rounding", article, message, min(max(rounded, floor.amount), cap.amount)


_SLIPS = (
    (-3, Message("the turnover taken in thousands of euros")),
    (3, Message("the turnover multiplied by a thousand: thousands taken for euros")),
    (2, Message("the turnover multiplied by a hundred: cents taken for euros")),
    (-2, Message("the turnover divided by a hundred: euros taken for cents")),
)
_ROUNDINGS = (
    (CENT, ROUND_DOWN, Message("rounded down to the cent")),
    (CENT, ROUND_HALF_EVEN, Message("halves rounded to the even cent")),
    (Decimal(1), ROUND_HALF_UP, Message("rounded to the euro")),
    (Decimal(1), ROUND_DOWN, Message("rounded down to the euro")),
)
