"""Which invoice line bills which part of the price: amounts and quantities first, wording second.

Each line is given the fee it bills, the part of it where that is known, or several fees at once. What is left
is attributed by :func:`readings`: each of them says what the whole invoice may bill, and the price check keeps
the one that is right, or else the one explained by the fewest changes.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from opqibi_rules.invoice.billing import (
    EACH,
    FLAT,
    NEW_EACH,
    NEW_FLAT,
    Part,
    amounts_of,
    flat_price,
    part_of,
    total_of,
    unit_prices,
)
from opqibi_rules.invoice.diagnosis import Block
from opqibi_rules.invoice.model import InvoiceLine
from opqibi_rules.invoice.sums import amount_of
from opqibi_rules.money import round_cents
from opqibi_rules.price.fees import ANNUAL_CONTROL, BRAND_USAGE, DOSSIER, FEES, INSTRUCTION
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.invoice_wording import NOTHING, InvoiceWording, Named

EVENT_FEES = {
    "first": (DOSSIER, INSTRUCTION, BRAND_USAGE),
    "renewal": (INSTRUCTION, BRAND_USAGE),
    "control": (ANNUAL_CONTROL,),
}
"""The fees that each event bears."""


@dataclass(frozen=True, slots=True)
class Matched:
    """One invoice line and what it bills."""

    line: InvoiceLine
    cents: int
    fees: frozenset[str] = frozenset()
    """Empty: nothing tells."""
    part: Part | None = None
    named: Named = NOTHING

    @property
    def worded(self) -> bool:
        """Its words say what it bills."""
        return bool(self.named.fees or self.named.parts or self.named.tariffs)

    @property
    def counted(self) -> bool:
        """It bills several of something, at a price each: its amount is no sum of fees."""
        return self.line.quantity not in {None, 1} and self.line.unit_price is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the whole invoice may bill; a block without fees is what bills nothing of the schedule."""

    blocks: tuple[Block, ...]

    @property
    def fees(self) -> frozenset[str]:
        """The fees billed."""
        return frozenset(fee for block in self.blocks for fee in block.fees)


@dataclass(frozen=True, slots=True)
class _Offer:
    """Something of the quote that one line may bill in full."""

    fee: str
    part: Part | None
    """``None``: the whole fee."""
    cents: int
    quantity: int | None = None
    unit_price: Decimal | None = None


class Matcher:
    """The lines of one invoice against one quote; ``asked``: the fees it is said to bear."""

    def __init__(self, quote: Quote, wording: InvoiceWording, asked: frozenset[str] | None = None) -> None:
        self.quote = quote
        self.wording = wording.naming(quote.schedule.fees)
        self.schedule = quote.schedule
        self.amounts = amounts_of(quote.lines, quote.schedule)
        self.fees = tuple(fee for fee in EVENT_FEES[quote.event] if asked is None or fee in asked)
        self.has_new = any(part.piece == NEW_FLAT for part in self.amounts)

    def match(self, lines: Sequence[InvoiceLine]) -> tuple[Matched, ...]:
        """Each line that has an amount, with what it bills."""
        matched = []
        for line in lines:
            amount = amount_of(line)
            if amount:
                text = " ".join(filter(None, (line.name, line.description)))
                matched.append(Matched(line, in_cents(round_cents(amount)), named=self.wording.read(text)))
        if self.has_new and not any(item.named.fees & {DOSSIER, BRAND_USAGE} for item in matched):
            matched = [replace(item, named=_of_control(item.named)) for item in matched]
        offers = list(self._offers())
        ranked = sorted(
            (
                (-self._likeness(item, offer), place, index)
                for place, item in enumerate(matched)
                for index, offer in enumerate(offers)
            ),
        )
        taken: set[int] = set()
        done: set[int] = set()
        for likeness, place, index in ranked:
            if likeness < 0 and place not in done and index not in taken and self._free(offers, taken, index):
                done.add(place)
                taken.add(index)
                offer = offers[index]
                matched[place] = replace(matched[place], fees=frozenset({offer.fee}), part=offer.part)
        for place, item in enumerate(matched):
            if place not in done:
                matched[place] = self._by_words(item, offers, {other.part for other in matched})
        return tuple(matched)

    def _offers(self) -> Iterator[_Offer]:
        for line in (line for line in self.quote.lines if line.fee in self.fees):
            if line.rate is not None:  # a tranche of the brand-usage fee, billed on its own
                yield _Offer(line.fee, Part(line.fee), in_cents(round_cents(line.amount)))
            elif line.fee != BRAND_USAGE:
                part = part_of(line, self.schedule)
                yield _Offer(line.fee, part, in_cents(line.amount), line.quantity, line.unit_price)
        for fee in self.fees:
            cents = total_of(self.amounts, (fee,))
            if cents:
                yield _Offer(fee, None if fee in {INSTRUCTION, ANNUAL_CONTROL} else Part(fee), cents, 1)

    def _free(self, offers: Sequence[_Offer], taken: set[int], index: int) -> bool:
        """A fee billed as a whole is not billed part by part as well."""
        offer = offers[index]
        return not any(
            offers[other].fee == offer.fee and (self._whole(offers[other]) or self._whole(offer))
            for other in taken
        )

    def _whole(self, offer: _Offer) -> bool:
        return offer.cents == total_of(self.amounts, (offer.fee,))

    def _likeness(self, item: Matched, offer: _Offer) -> int:
        """How surely a line bills an offer in full; 0: it does not."""
        named, line = item.named, item.line
        if item.cents != offer.cents or (named.fees and offer.fee not in named.fees):
            return 0
        if len(named.fees) > 1:
            return 0
        tariff = offer.part.tariff if offer.part else None
        if tariff is not None and named.tariffs and tariff not in named.tariffs:
            return 0
        score = 1
        if line.quantity is not None and offer.quantity is not None and line.quantity == offer.quantity:
            score += 4 if line.unit_price in {None, offer.unit_price} or offer.unit_price is None else 0
        if offer.fee in named.fees:
            score += 2
        if tariff is not None and tariff in named.tariffs:
            score += 2
        if offer.part is not None and offer.part.piece in {FLAT, NEW_FLAT} and "flat" in named.parts:
            score += 1
        return score

    def _by_words(self, item: Matched, offers: Sequence[_Offer], taken: AbstractSet[Part | None]) -> Matched:
        """A line that no amount settles: the fee by its words, else by its price; the part by its price."""
        named = item.named
        if len(named.fees) > 1:
            return replace(item, fees=named.fees)
        again = [offer for offer in offers if self._likeness(item, offer) and not self._is_tranche(offer)]
        if again and not named.tariffs:
            return replace(item, fees=frozenset({again[-1].fee}), part=again[-1].part)
        for fee in named.fees or self._priced_fees():
            part = self._part(item, fee, taken)
            if part is not None or named.fees:
                return replace(item, fees=frozenset({fee}), part=part)
        return item

    def _is_tranche(self, offer: _Offer) -> bool:
        return offer.fee == BRAND_USAGE and not self._whole(offer)

    def _priced_fees(self) -> tuple[str, ...]:
        """The fees that price qualifications one by one, at this event."""
        return tuple(fee for fee in self.fees if fee in {INSTRUCTION, ANNUAL_CONTROL})

    def _part(self, item: Matched, fee: str, taken: AbstractSet[Part | None]) -> Part | None:
        """The part of a fee that a line bills: by its unit price, its amount, then its words."""
        if fee in {DOSSIER, BRAND_USAGE}:
            return Part(fee)
        new = fee == ANNUAL_CONTROL and "new_requests" in item.named.parts
        pieces = [NEW_EACH if new else EACH]
        if fee == ANNUAL_CONTROL and self.has_new and not new:
            pieces.append(NEW_EACH)
        line, named = item.line, item.named
        for piece in (FLAT, NEW_FLAT):
            price = flat_price(Part(fee, piece), self.schedule)
            if price is not None and item.cents == in_cents(price.amount) and not named.tariffs:
                return Part(fee, piece)
        counted = line.quantity is not None and line.quantity == int(line.quantity)
        for piece in pieces:
            prices = unit_prices(fee, piece, self.schedule)
            at_price = [Part(fee, piece, t) for t, price in prices.items() if line.unit_price == price]
            worded = [Part(fee, piece, t) for t in named.tariffs if t in prices]
            if not counted or not at_price:
                continue
            if len(worded) == 1 and worded[0] not in at_price and self._quantity(worded[0]) == line.quantity:
                return worded[0]  # the tariff and the number are right, the price is not
            return min(
                at_price, key=lambda part: (part not in worded, part in taken, part not in self.amounts)
            )
        known = named.tariffs & unit_prices(fee, pieces[0], self.schedule).keys()
        if len(known) == 1:
            return Part(fee, pieces[0], min(known))
        if "flat" in named.parts:
            return Part(fee, NEW_FLAT if new else FLAT)
        return None

    def _quantity(self, part: Part) -> int | None:
        """How many qualifications the quote has at a part."""
        lines = (line for line in self.quote.lines if part_of(line, self.schedule) == part)
        return next((line.quantity for line in lines), None)


def _of_control(named: Named) -> Named:
    """At a control, « instruction » is for new requests."""
    if INSTRUCTION not in named.fees:
        return named
    fees = (named.fees - {INSTRUCTION}) | {ANNUAL_CONTROL}
    return replace(named, fees=fees, parts=named.parts | {"new_requests"})


def readings(matched: Sequence[Matched], quote: Quote, asked: frozenset[str] | None) -> Iterator[Reading]:
    """What the invoice may bill, the fewest fees first; ``asked``: the fees it is said to bear."""
    named = [item for item in matched if item.fees]
    loose = tuple(item for item in matched if not item.fees)
    settled = _blocks(named)
    taken = frozenset(fee for block in settled for fee in block.fees)
    event = EVENT_FEES[quote.event]
    left = [fee for fee in FEES if fee in (event if asked is None else asked) and fee not in taken]
    cents = sum(item.cents for item in loose)
    ids = tuple(item.line.id for item in loose if item.line.id)
    if asked is not None and (left or not loose):
        if loose:
            whole = frozenset(left) == set(event)
            settled = (*settled, Block(frozenset(left), cents, open=whole, lines=ids))
        else:
            settled = (*settled, *(Block(frozenset({fee}), 0) for fee in left))
        yield Reading(settled)
        return
    if not loose:
        yield Reading(settled)
        return
    for count in range(1, len(left) + 1):
        for fees in combinations(left, count):
            yield Reading((*settled, Block(frozenset(fees), cents, open=count == len(event), lines=ids)))
    amounts = amounts_of(quote.lines, quote.schedule)
    for block in settled:
        if not block.fees & {INSTRUCTION, ANNUAL_CONTROL} and not block.gap(amounts):
            continue  # one amount, and it is right: nothing is to be added to it
        others = tuple(other for other in settled if other is not block)
        yield Reading((*others, Block(block.fees, block.billed + cents, lines=(*block.lines, *ids))))
    if settled:
        yield Reading((*settled, Block(frozenset(), cents, open=True, lines=ids)))


def _blocks(named: Sequence[Matched]) -> tuple[Block, ...]:
    """The lines that name fees, put together fee by fee; those billed in one amount, together."""
    groups: list[frozenset[str]] = []
    for item in named:
        joined = item.fees
        for group in [group for group in groups if not group.isdisjoint(joined)]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    blocks = []
    for fees in sorted(groups, key=sorted):
        items = [item for item in named if item.fees <= fees]
        parts: dict[Part, int] = {}
        for item in items:
            if item.part is not None:
                parts[item.part] = parts.get(item.part, 0) + item.cents
        detailed = all(item.part is not None for item in items)
        ids = tuple(item.line.id for item in items if item.line.id)
        billed = sum(item.cents for item in items)
        blocks.append(Block(fees, billed, parts if detailed else None, lines=ids))
    return tuple(blocks)
