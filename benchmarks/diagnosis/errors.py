"""Kinds of error in what is billed and on the paper itself, each with its truth.

A kind of the first sort makes other items of the right ones; wherever its instances can be listed, all are, so that
:func:`told_apart` finds every single cause that would have given the very same paper. A kind of the second sort
changes the paper. ``sought`` says that the user guide announces the kind among what is looked for.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from itertools import groupby, pairwise, product

from benchmarks.diagnosis import schedule, wordings
from benchmarks.diagnosis.cases import Situation, situation
from benchmarks.diagnosis.layouts import Layout, lines
from benchmarks.diagnosis.schedule import (
    CONTROL,
    FLOOR,
    INSTRUCTION,
    Item,
    Items,
    cents,
    mark,
    raw_mark,
    tranches,
)

SHOWN = ("parts", "amounts", "codes")
BY_FEE = (*SHOWN, "fees", "detailed fees")
ANY = (*BY_FEE, "pairs", "global", "totals")
PRICE = "price"


@dataclass(frozen=True)
class Cause:
    """What is wrong, neutrally: what it moves, in euros excl. VAT, of which fee, at which tariff codes."""

    kind: str
    effect: Decimal
    fee: str | None = None
    tariffs: tuple[int, ...] = ()
    about: str = PRICE


@dataclass(frozen=True)
class Other:
    """Items billed instead of the right ones."""

    items: Items
    fee: str | None = None
    tariffs: tuple[int, ...] = ()


Make = Callable[[Situation, Items, random.Random], Iterator[Other]]


@dataclass(frozen=True)
class Kind:
    name: str
    make: Make
    says: str
    """What the product may call it: searched in a cause's code and English sentence."""
    sought: bool
    listed: bool
    """Whether all instances are listed (else some are drawn)."""
    shapes: Sequence[str]
    announced: bool
    alone: bool
    """Whether it concerns the whole bill, so that it makes no pair."""
    gapless: bool
    """Whether the amounts are right, so that doubt is as good an answer as a discrepancy."""


KINDS: dict[str, Kind] = {}
NO_CHANCE = random.Random(0)


def kind(
    name: str,
    says: str,
    *,
    sought: bool = False,
    listed: bool = True,
    shapes: Sequence[str] = ANY,
    announced: bool = False,
    alone: bool = False,
    gapless: bool = False,
) -> Callable[[Make], Make]:
    """A kind of error, under its name."""

    def keep(make: Make) -> Make:
        KINDS[name] = Kind(name, make, says, sought, listed, shapes, announced, alone, gapless)
        return make

    return keep


# What the kinds are made of.


def put(items: Items, place: int, *new: Item) -> Items:
    return (*items[:place], *new, *items[place + 1 :])


def by_tariff(items: Items) -> Iterator[tuple[int, Item, int]]:
    for place, item in enumerate(items):
        if item.tariff is not None:
            yield place, item, item.tariff


def price_list(fee: str, part: str) -> Mapping[int, Decimal]:
    return CONTROL if (fee, part) == ("annual_control", "each") else INSTRUCTION


def recounted(items: Items, fee: str, part: str, deltas: Mapping[int, int]) -> Items | None:
    """The items with other counts of one part; ``None`` where one would be negative or none would be left."""
    counts = {item.tariff: item.quantity for item in items if (item.fee, item.part) == (fee, part)}
    after = {t: counts.get(t, 0) + deltas.get(t, 0) for t in sorted({t for t in counts if t} | set(deltas))}
    if min(after.values()) < 0 or not any(after.values()):
        return None
    new = tuple(schedule.counted(fee, part, {t: n for t, n in after.items() if n}, price_list(fee, part)))
    kept = [item for item in items if (item.fee, item.part) != (fee, part)]
    before = {"each": "flat", "new_each": "new_flat"}[part]
    after_flat = [place for place, item in enumerate(kept, 1) if (item.fee, item.part) == (fee, before)]
    place = after_flat[-1] if after_flat else len(kept)
    return (*kept[:place], *new, *kept[place:])


def counted_parts(items: Items) -> list[tuple[str, str]]:
    return [key for key, _ in groupby((item.fee, item.part) for item in items if item.tariff)]


def of(items: Items, fee: str, part: str | None = None) -> list[int]:
    return [k for k, item in enumerate(items) if item.fee == fee and part in {None, item.part}]


def marked(amounts: Iterator[Decimal], items: Items) -> Iterator[Other]:
    """The brand-usage fee at other amounts."""
    for amount in amounts:
        for place in of(items, "brand_usage"):
            yield Other(put(items, place, schedule.usage(amount)), "brand_usage")


def scaled(items: Items, factor: Decimal) -> Items:
    return tuple(replace(item, unit=cents(item.unit * factor)) for item in items)


# Counts and tariff codes.


def counts_off(items: Items, most: int) -> Iterator[Other]:
    for fee, part in counted_parts(items):
        for tariff, delta in product(range(1, 8), range(-most, most + 1)):
            if delta and (other := recounted(items, fee, part, {tariff: delta})):
                yield Other(other, fee, (tariff,))


@kind("a count off", r"count|quantit|qualifications? at tariff", sought=True)
def _count(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from counts_off(items, 3)


@kind("a tariff code for another", r"tariff_swap|instead of tariff|tariff code", sought=True)
def _swap(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for place, item, tariff in by_tariff(items):
        for wrong, price in price_list(item.fee, item.part).items():
            for moved in range(1, item.quantity + 1):
                deltas = {tariff: -moved, wrong: moved}
                if price != items[place].unit and (o := recounted(items, item.fee, item.part, deltas)):
                    yield Other(o, item.fee, (tariff, wrong))


@kind("new qualifications counted among those held too", r"count|held|twice|qualifications? at tariff")
def _new_held(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for tariff, number in s.new:
        if other := recounted(items, "annual_control", "each", {tariff: number}):
            yield Other(other, "annual_control", (tariff,))


@kind("a qualification held billed as a new one", r"new|held|instruction price|combination")
def _held_new(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for tariff, _ in s.held if s.new else ():
        less = recounted(items, "annual_control", "each", {tariff: -1})
        if less and (other := recounted(less, "annual_control", "new_each", {tariff: 1})):
            yield Other(other, "annual_control", (tariff,))


# Fees, flat parts, events.


@kind("a fee forgotten", r"forgotten|missing|not billed|left out", sought=True, announced=True)
def _forgotten(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for fee in s.fees if len(s.fees) > 1 else ():
        yield Other(tuple(item for item in items if item.fee != fee), fee)


@kind("a fee billed twice", r"twice|repeated|double|again", sought=True)
def _twice(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for fee in s.fees:
        places = of(items, fee)
        again = tuple(items[k] for k in places)
        yield Other((*items[: places[-1] + 1], *again, *items[places[-1] + 1 :]), fee)


@kind("an application file without a first application", r"added|event|not due|file", sought=True)
def _file(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    if s.event != "first":
        yield Other((schedule.dossier(), *items), "dossier")


FLATS = ("flat", "new_flat")


@kind("a flat part forgotten", r"flat", sought=True)
def _no_flat(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for place, item in enumerate(items):
        if item.part in FLATS and len(items) > 1:
            yield Other(put(items, place), item.fee)


@kind("a flat part billed twice", r"flat", sought=True)
def _flat_twice(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for place, item in enumerate(items):
        if item.part in FLATS:
            yield Other(put(items, place, item, item), item.fee)
            yield Other(put(items, place, replace(item, quantity=2)), item.fee)


@kind("a flat part for each qualification", r"flat")
def _flat_each(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for place, item in enumerate(items):
        counted = "new_each" if item.part == "new_flat" else "each"
        number = sum(items[k].quantity for k in of(items, item.fee, counted))
        if item.part in FLATS and 2 < number < 9:
            yield Other(put(items, place, replace(item, quantity=number)), item.fee)


@kind("the flat 375 € without any new request", r"flat|375", sought=True)
def _new_flat(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    if s.event == "control" and not s.new:
        yield Other((*items, Item("annual_control", "new_flat", 1, schedule.NEW_FLAT)), "annual_control")


def at_prices(items: Items, part: tuple[str, str], prices: Mapping[int, Decimal]) -> Iterator[Other]:
    """Other prices for one part, at one tariff code or at all."""
    tariffs = [item.tariff for item in items if (item.fee, item.part) == part and item.tariff]
    for some in dict.fromkeys((*((t,) for t in tariffs), tuple(tariffs))):
        other = [
            replace(i, unit=prices[i.tariff]) if i.tariff in some and (i.fee, i.part) == part else i
            for i in items
        ]
        yield Other(tuple(other), part[0], some if len(some) == 1 else ())


@kind("control prices for instruction prices", r"control.*price|price.*control", sought=True)
def _at_control(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for part in (("instruction", "each"), ("annual_control", "new_each")):
        yield from at_prices(items, part, CONTROL)


@kind("instruction prices for control prices", r"instruction.*price|price.*instruction", sought=True)
def _at_instruction(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from at_prices(items, ("annual_control", "each"), INSTRUCTION)


@kind("another event", r"event", sought=True, shapes=BY_FEE, announced=True, alone=True)
def _event(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    if s.event == "control" and not s.new:
        yield Other(schedule.instruction(dict(s.held)))
    elif s.fees == ("instruction",):
        yield Other(schedule.control(dict(s.held), {}))


@kind("the mark billed at a control", r"brand|mark|added|event|not due", shapes=BY_FEE)
def _mark_at_control(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    if s.event == "control":
        yield Other((*items, schedule.usage(cents(mark(s.turnover) / 4))), "brand_usage")
        yield Other((*items, schedule.usage(mark(s.turnover))), "brand_usage")


# The brand-usage fee.


@kind("the floor or the cap forgotten", r"floor|cap|minimum|maximum", sought=True)
def _limit(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from marked(iter((raw_mark(s.turnover),)), items)


@kind("the floor or the cap per year", r"per year|one year|year|floor|cap", sought=True)
def _limit_by_year(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    raw = raw_mark(s.turnover)
    yearly = [Decimal(720), Decimal(45)] if raw < FLOOR else [Decimal(10_000)] if raw > 10_000 else []
    yield from marked(iter(yearly), items)


@kind("four years billed as one, or one as four", r"year", sought=True)
def _years(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from marked(iter((cents(mark(s.turnover) / 4), mark(s.turnover) * 4)), items)


@kind("thousands for euros, or euros for cents", r"thousand|cents?\b|unit", sought=True)
def _thousands(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from marked(iter((mark(s.turnover / 1000), mark(s.turnover * 100))), items)


@kind("the last tranche's rate on the whole turnover", r"rate")
def _top_rate(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    rate = tranches(s.turnover)[-1][1]
    yield from marked(iter((cents(s.turnover * rate), max(FLOOR, cents(s.turnover * rate)))), items)


@kind("the first tranche's rate on the whole turnover", r"rate")
def _first_rate(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from marked(iter((cents(s.turnover * schedule.RATES[0]),)), items)


@kind("a tranche left out", r"tranche")
def _tranche(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    all_of_it = tranches(s.turnover)
    yield from marked((mark_of([t for t in all_of_it if t != out]) for out in all_of_it[1:]), items)


def mark_of(some: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    return max(FLOOR, cents(sum((part * rate for part, rate in some), Decimal(0))))


@kind("per cent for per mille", r"per cent|percent|ten times|factor|decimal|rate")
def _per_cent(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from marked(iter((raw_mark(s.turnover) * 10,)), items)


@kind("the mark rounded to the euro", r"round", sought=True)
def _rounded(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    exact = mark(s.turnover)
    yield from marked((exact.quantize(Decimal(1), way) for way in (ROUND_DOWN, ROUND_UP)), items)


@kind("the turnover of the year before", r"turnover", sought=True, shapes=BY_FEE)
def _year_before(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    if s.known:
        yield from marked(iter((mark(s.year_before),)), items)


@kind("another turnover", r"turnover", sought=True, listed=False, shapes=BY_FEE)
def _turnover(s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    factors = (Decimal(rng.randrange(30, 300)) / 100 for _ in range(3))
    yield from marked((mark(s.turnover * factor) for factor in factors), items)


@kind("the turnover incl. VAT", r"turnover", listed=False, shapes=BY_FEE)
def _turnover_incl(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from marked(iter((mark(s.turnover * Decimal("1.2")),)), items)


# Amounts.


@kind("amounts incl. VAT taken as excl.", r"incl|vat", alone=True)
def _incl(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield Other(scaled(items, 1 + s.vat / 100))


@kind("amounts divided by 1.2", r"incl|vat", alone=True)
def _excl(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield Other(scaled(items, 1 / (1 + s.vat / 100)))


def swapped(amount: Decimal) -> Iterator[Decimal]:
    """An amount with two digits that stand side by side put the other way round."""
    text = f"{amount:.2f}".rstrip("0").rstrip(".")
    for k, (a, b) in enumerate(pairwise(text)):
        if (a + b).isdigit() and a != b and (k or b != "0"):
            yield Decimal(text[:k] + b + a + text[k + 2 :])


def shifted(amount: Decimal) -> Iterator[Decimal]:
    yield from (amount * 10, cents(amount / 10))


def mistyped(items: Items, wrong: Callable[[Decimal], Iterator[Decimal]]) -> Iterator[Other]:
    """The items with one price mistyped."""
    for place, item in enumerate(items):
        for unit in wrong(item.unit):
            tariffs = () if item.tariff is None else (item.tariff,)
            yield Other(put(items, place, replace(item, unit=unit)), item.fee, tariffs)


def fee_mistyped(items: Items, wrong: Callable[[Decimal], Iterator[Decimal]]) -> Iterator[Other]:
    """The items with the amount of one fee mistyped; its parts are not shown."""
    for fee in dict.fromkeys(item.fee for item in items):
        places = of(items, fee)
        for amount in wrong(schedule.total(tuple(items[k] for k in places))):
            whole = Item(fee, "whole", 1, amount)
            yield Other((*items[: places[0]], whole, *items[places[-1] + 1 :]), fee)


DIGITS, ZERO = r"digit|swap of|transpos", r"zero|unit.?price|ten times|decimal|digit|tenth|factor"


@kind("two digits of a price swapped", DIGITS, shapes=("parts", "codes"))
def _digits(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from mistyped(items, swapped)


@kind("two digits of a fee swapped", DIGITS, shapes=("fees",), alone=True)
def _fee_digits(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from fee_mistyped(items, swapped)


@kind("a price with a zero too many or too few", ZERO, shapes=("parts", "codes"))
def _zero(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from mistyped(items, shifted)


@kind("a fee with a zero too many or too few", ZERO, shapes=("fees",), alone=True)
def _fee_zero(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield from fee_mistyped(items, shifted)


@kind("a price mistyped", r"unit.?price|price of|price at", listed=False, shapes=("parts", "codes"))
def _price(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    for place, item, tariff in by_tariff(items):
        wrong = item.unit + rng.choice((-7, -3, 4, 6, 11, 13, 18, 23))
        if wrong > 0 and wrong not in INSTRUCTION.values() and wrong not in CONTROL.values():
            yield Other(put(items, place, replace(item, unit=wrong)), item.fee, (tariff,))


@kind("all prices raised", r"price|schedule|rais|per ?cent", listed=False, shapes=BY_FEE, alone=True)
def _raised(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    yield Other(scaled(items, 1 + Decimal(rng.choice((15, 20, 25, 30, 45, 62))) / 1000))


@kind(
    "one qualification at half price",
    r"half|unit.?price|price of|price at",
    shapes=("parts", "codes", "amounts"),
)
def _half(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for place, item, tariff in by_tariff(items):
        half = replace(item, quantity=1, unit=cents(item.unit / 2))
        rest = (replace(item, quantity=item.quantity - 1),) if item.quantity > 1 else ()
        yield Other(put(items, place, *rest, half), item.fee, (tariff,))


@kind("a part of the year only", r"year|prorat|months?|twelfth|/ ?12", shapes=BY_FEE, alone=True)
def _months(s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for months in (3, 6, 9) if s.event == "control" else ():
        yield Other(scaled(items, Decimal(months) / 12), "annual_control")


@kind("a deposit billed as the whole", r"deposit|advance|part payment|per ?cent", announced=True, alone=True)
def _deposit(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    for share in (30, 40, 50):
        for words in wordings.DEPOSITS:
            amount = cents(schedule.total(items) * share / 100)
            yield Other((stranger(words.format(p=share), amount),))


# What the schedule does not know.


def stranger(words: str, amount: Decimal) -> Item:
    return Item("other", "other", 1, amount, words=words)


@kind("a line the schedule does not know", r"unexpected|not know|nothing of", listed=False, shapes=BY_FEE)
def _stranger(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    words, about = rng.choice(list(wordings.STRANGERS.items()))
    yield Other(
        (*items, stranger(words, Decimal(about + rng.randrange(5)) + Decimal(rng.choice((0, 50))) / 100))
    )


@kind("recovery costs of another bill", r"unexpected|not know|nothing of|recovery", shapes=BY_FEE)
def _recovery(_s: Situation, items: Items, _r: random.Random) -> Iterator[Other]:
    yield Other((*items, stranger(wordings.RECOVERY, Decimal(40))))


@kind(
    "a discount that the schedule does not know",
    r"discount|allowance|unexpected|not know|nothing of",
    listed=False,
    shapes=BY_FEE,
)
def _discount(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    for share in (5, 10, 15, 20):
        amount = -cents(schedule.total(items) * share / 100)
        yield Other((*items, stranger(rng.choice(wordings.DISCOUNTS).format(p=share), amount)))


@kind(
    "a surcharge", r"surcharge|charge|unexpected|not know|nothing of|per ?cent", listed=False, shapes=BY_FEE
)
def _surcharge(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    for share in (5, 10):
        amount = cents(schedule.total(items) * share / 100)
        yield Other((*items, stranger(rng.choice(wordings.SURCHARGES).format(p=share), amount)))


@kind("two structures on one invoice", r"structure", listed=False, shapes=BY_FEE, alone=True)
def _two(s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    other = situation(rng)
    while other.event != s.event or other.fees != s.fees:
        other = situation(rng)
    yield Other((*items, *other.items()))


@kind(
    "another service at the very price", r".", shapes=("parts", "amounts", "fees"), alone=True, gapless=True
)
def _service(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    yield Other(tuple(replace(item, words=rng.choice(wordings.SERVICES)) for item in items))


@kind("a fee under the name of another", r".", shapes=("parts", "amounts", "fees"), alone=True, gapless=True)
def _misnamed(_s: Situation, items: Items, rng: random.Random) -> Iterator[Other]:
    for place, item in enumerate(items):
        if item.fee in {"brand_usage", "dossier"}:
            words = rng.choice(wordings.WHOLE["annual_control"])
            yield Other(put(items, place, replace(item, words=words)), item.fee)


# The truth.


def cause_of(name: str, other: Other, before: Items) -> Cause:
    return Cause(name, schedule.total(other.items) - schedule.total(before), other.fee, other.tariffs)


def legible(items: Items, given: Situation, layout: Layout) -> list[tuple[Decimal, str]]:
    """What can be read of the bill by who does not know which tariff each code has."""
    read = list(lines(items, given, layout))
    if layout.shape != "codes":
        return [(line.amount, line.words) for line in read]
    return sorted((line.amount, " ".join(re.findall(r"tarif \d", line.words))) for line in read)


def told_apart(
    given: Situation, before: Items, after: Items, layout: Layout, true: Cause
) -> tuple[Cause, ...]:
    """The other single causes that give the very same paper."""
    read, found = legible(after, given, layout), []
    kinds = [
        each for each in KINDS.values() if each.listed and not each.gapless and layout.shape in each.shapes
    ]
    rivals = [(each.name, other) for each in kinds for other in each.make(given, before, NO_CHANCE)]
    rivals += [("a count off", other) for other in counts_off(before, 15)]
    for name, other in rivals:
        cause = cause_of(name, other, before)
        if cause.effect == true.effect and cause != true and legible(other.items, given, layout) == read:
            found.append(cause)
    return tuple(dict.fromkeys(found))
