"""Forms of invoices: what stands on a line, in which words, with which totals."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from benchmarks.diagnosis import wordings
from benchmarks.diagnosis.cases import Situation, siren
from benchmarks.diagnosis.schedule import Item, Items, cents, total

SHAPES = ("parts", "parts", "amounts", "codes", "fees", "fees", "detailed fees", "pairs", "global", "totals")
"""From what tells most to what tells least: a line an item, with or without quantities; a line a qualification;
a line a fee; two fees in one line; a single line; no line at all."""

FORMS = ("memory", "memory", "json", "csv", "cii", "ubl")


@dataclass(frozen=True)
class Line:
    words: str
    amount: Decimal
    quantity: int | None = None
    unit: Decimal | None = None


@dataclass(frozen=True)
class Party:
    name: str | None
    siren: str | None = None
    postcode: str | None = None


@dataclass(frozen=True)
class Layout:
    """How a bill is put on paper; nothing in it depends on the amounts."""

    seed: str
    shape: str
    form: str
    style: str
    grouped: bool
    extra: bool
    headed: bool
    """Whether a line of words alone, for 0.00 €, stands above the others."""


IBAN = "FR7630006000011234567890189"


@dataclass(frozen=True)
class Paper:
    """An invoice as it reads."""

    number: str
    situation: Situation
    layout: Layout
    lines: tuple[Line, ...]
    seller: Party
    buyer: Party
    rate: Decimal
    excl_vat: Decimal
    vat: Decimal
    incl_vat: Decimal
    allowance: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    payable: Decimal | None = None
    iban: str = IBAN
    accepted: Party | None = None
    """The seller as invoices accepted before showed it, where the checker is told."""

    @property
    def due(self) -> Decimal:
        return self.incl_vat - self.prepaid + self.rounding if self.payable is None else self.payable


def layout(rng: random.Random, shapes: Sequence[str] = SHAPES, forms: Sequence[str] = FORMS) -> Layout:
    shape, form = rng.choice(shapes), rng.choice(forms)
    return Layout(
        seed=f"{rng.random():.12f}",
        shape=shape,
        form="cii" if (shape, form) == ("totals", "ubl") else form,  # UBL has no invoice without lines
        style=rng.choice(wordings.STYLES),
        grouped=rng.random() < 0.6,
        extra=rng.random() < 0.25,
        headed=rng.random() < 0.1,
    )


def blocks(items: Items) -> Iterator[tuple[str, Items]]:
    """Items that follow each other under the same fee; those with words of their own stand alone."""
    held: list[Item] = []
    for item in items:
        if held and (
            item.words or held[-1].words or item.fee != held[-1].fee or item.part in {"flat", "file", "usage"}
        ):
            yield held[0].fee, tuple(held)
            held = []
        held.append(item)
    if held:
        yield held[0].fee, tuple(held)


def lines(items: Items, situation: Situation, given: Layout) -> Iterator[Line]:
    """The lines of a bill, before their words are styled."""
    ours = tuple(item for item in items if not item.words)
    detail = given.shape == "detailed fees"
    match given.shape:
        case "totals":
            return
        case "global" | "pairs" if len(ours) > 1:
            last = [item for item in ours if given.shape == "pairs" and item.fee == "brand_usage"]
            joined = tuple(item for item in ours if item not in last)
            for some in filter(None, (joined, tuple(last))):
                fees = frozenset(item.fee for item in some)
                yield Line(wordings.of_fees(fees, some, given.seed, detail=given.extra), total(some))
            yield from (part_line(item, given) for item in items if item.words)
        case "fees" | "detailed fees" | "global" | "pairs":
            for fee, some in blocks(items):
                if some[0].words:
                    yield part_line(some[0], given)
                else:
                    yield Line(wordings.of_fee(fee, some, given.seed, detail=detail), total(some))
        case "codes":
            for item in items:
                if item.tariff is None or item.words or not 1 <= item.quantity <= 12:
                    yield part_line(item, given)
                    continue
                for number in range(item.quantity):
                    code = situation.code(item.part, item.tariff, number)
                    yield Line(wordings.of_code(item, number, code, given.seed), cents(item.unit))
        case _:
            yield from (part_line(item, given) for item in items)


def part_line(item: Item, given: Layout) -> Line:
    words = wordings.of_part(item, given.seed)
    if given.shape == "parts" or (item.words and item.quantity != 1):
        return Line(words, item.amount, item.quantity, item.unit)
    return Line(words, item.amount)


def render(items: Items, situation: Situation, given: Layout) -> Paper:
    """The right paper for these items, whether they are right or not."""
    excl = total(items)
    vat = cents(excl * situation.vat / 100)
    return Paper(
        number=f"F{situation.on:%Y}-{int(situation.siren) % 9000 + 1000}",
        situation=situation,
        layout=given,
        lines=(*heading(given), *dressed(lines(items, situation, given), situation, given)),
        seller=seller(given),
        accepted=seller(given) if situation.known else None,
        buyer=buyer(situation, given),
        rate=situation.vat,
        excl_vat=excl,
        vat=vat,
        incl_vat=excl + vat,
    )


def heading(given: Layout) -> tuple[Line, ...]:
    """Words alone, for nothing, as accounting tools print them."""
    if not given.headed or given.shape == "totals":
        return ()
    words = wordings.pick(given.seed, "heading", wordings.HEADINGS)
    return (Line(wordings.styled(words, given.style), Decimal("0.00")),)


def seller(given: Layout) -> Party:
    """OPQIBI as it may write its own name; the number is made up: no source gives it."""
    name = wordings.pick(given.seed, "seller", wordings.SELLERS)
    return Party(name, siren(random.Random(given.seed)) if given.grouped else None, "75002")


def buyer(situation: Situation, given: Layout) -> Party:
    """The structure as its supplier writes its name, at times without its number."""
    name = wordings.pick(given.seed, "buyer", ("{0}", "{0}", "{0} SAS", "SARL {0}", "Société {0}")).format(
        situation.firm
    )
    numbered = wordings.pick(given.seed, "number", "yyn") == "y"
    return Party(
        wordings.styled(name, given.style), situation.siren if numbered else None, situation.postcode
    )


def dressed(some: Iterable[Line], situation: Situation, given: Layout) -> Iterator[Line]:
    """The lines with what is written around their words, in the style of the paper."""
    for line in some:
        words = line.words
        if situation.event == "renewal" and wordings.pick(given.seed, f"renewal {words}", "ynnn") == "y":
            words = wordings.pick(given.seed, words, wordings.RENEWAL).format(words=words)
        if given.extra and wordings.pick(given.seed, f"extra {words}", "yn") == "y":
            reference = f"{situation.on:%y}-{int(situation.siren) % 900 + 100}"
            words = wordings.pick(given.seed, words, wordings.EXTRAS).format(words=words, ref=reference)
        yield replace(line, words=wordings.styled(words, given.style))
