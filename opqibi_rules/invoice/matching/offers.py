"""What a quote offers to be billed: its pieces, its parts by tranches, its fees; and which lines bill one in full."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from opqibi_rules.invoice.matching.line_words import Named
from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.why.billing import Piece, amounts_of, is_new, piece_of
from opqibi_rules.money import round_cents
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import Fee, Flat, PerQualification, Tranches


class Offer(NamedTuple):
    """Something of the quote that one line may bill in full."""

    fee: str
    piece: Piece | None
    """``None``: the whole fee, of several pieces."""
    cents: int
    quantity: int | None = None
    unit_price: Decimal | None = None
    flat: bool = False
    step: bool = False
    """One tranche of a part by tranches."""
    new: bool = False
    """For new requests."""
    codes: tuple[str, ...] = ()
    """The qualifications that it prices, where they are named."""


class Offers:
    """A quote, as the lines of an invoice may bill it; ``asked``: the fees it is said to bear."""

    def __init__(self, quote: Quote, asked: frozenset[str] | None = None) -> None:
        self.quote = quote
        self.schedule = quote.schedule
        self.amounts = amounts_of(quote.lines)
        self.fees = tuple(fee for fee in self.schedule.borne(quote.event) if asked is None or fee.id in asked)
        self.has_new = any(is_new(line.part) for line in quote.lines)
        self.quantities = {piece_of(line): line.quantity or 0 for line in quote.lines if line.tariff}
        totals = [self.total({fee.id}) for fee in self.fees]
        self.sums = {sum(some) for count in range(2, len(totals) + 1) for some in combinations(totals, count)}
        self.all = (*self._of_lines(), *self._of_fees())

    @cached_property
    def pieces(self) -> dict[str, Piece]:
        """The piece of each qualification that the quote names by its code."""
        return {code: piece_of(line) for line in self.quote.lines for code in line.codes}

    @cached_property
    def prices(self) -> Mapping[int, frozenset[Decimal]]:
        """Those of one qualification of a tariff, in any list of the schedule."""
        lists = [prices.by_tariff for prices in self.schedule.prices]
        return {
            tariff: frozenset(of[tariff] for of in lists if tariff in of) for tariff in self.schedule.tariffs
        }

    @cached_property
    def counted(self) -> frozenset[str]:
        """The fees that price qualifications."""
        return frozenset(fee.id for fee in self.schedule.fees if priced_by_count(fee))

    def total(self, fees: AbstractSet[str]) -> int:
        """The cents due of some fees."""
        return sum(cents for piece, cents in self.amounts.items() if piece.fee in fees)

    def whole(self, offer: Offer) -> bool:
        """It is all that is due of its fee."""
        return offer.cents == self.total({offer.fee})

    def _of_lines(self) -> Iterator[Offer]:
        """The lines of the quote; the tranches of a part, each billed on its own."""
        own = {fee.id for fee in self.fees}
        for line in self.quote.lines:
            if line.fee.id in own and line.limit is None:
                yield Offer(
                    line.fee.id,
                    piece_of(line),
                    in_cents(round_cents(line.amount)),
                    line.quantity,
                    line.unit_price,
                    flat=isinstance(line.part, Flat),
                    step=line.rate is not None,
                    new=is_new(line.part),
                    codes=line.codes,
                )

    def _of_fees(self) -> Iterator[Offer]:
        """The parts by tranches whole, and the fees of several pieces."""
        for fee in self.fees:
            own = {piece: cents for piece, cents in self.amounts.items() if piece.fee == fee.id}
            for piece, cents in own.items():
                if cents and isinstance(fee.part(piece.part), Tranches):
                    yield Offer(fee.id, piece, cents, 1)
            if len(own) > 1:
                yield Offer(fee.id, None, sum(own.values()), 1)

    def likeliest(self, matched: Sequence[Matched], *, one_by_one: bool) -> dict[int, Offer]:
        """By place of the line, the offer that it bills in full: each offer once, the surest first."""
        ranked = sorted(
            (-likeness, place, index)
            for place, item in enumerate(matched)
            for index, offer in enumerate(self.all)
            if (likeness := self.likeness(item, offer, one_by_one=one_by_one))
        )
        found: dict[int, Offer] = {}
        taken: set[int] = set()
        for _, place, index in ranked:
            if place not in found and index not in taken and self._free(index, taken):
                taken.add(index)
                found[place] = self.all[index]
        return found

    def _free(self, index: int, taken: AbstractSet[int]) -> bool:
        """A fee billed as a whole is not billed piece by piece as well, nor a part by tranches by its tranches."""
        offer = self.all[index]
        for other in (self.all[place] for place in taken):
            if other.fee == offer.fee and (self.whole(other) or self.whole(offer)):
                return False
            if offer.piece is not None and other.piece == offer.piece and not (other.step and offer.step):
                return False
        return True

    def likeness(self, item: Matched, offer: Offer, *, one_by_one: bool) -> int:
        """How surely a line bills an offer in full; 0: it does not."""
        named, line = item.named, item.line
        tariff = offer.piece.tariff if offer.piece else None
        many = (offer.quantity or 1) > 1 or "flat" in named.parts
        if one_by_one and tariff is not None and line.quantity != offer.quantity and many:
            return 0
        if named.tariffs and offer.fee not in self.counted:
            return 0
        if item.cents != offer.cents or item.apart or not may_be(named, offer.fee, tariff, new=offer.new):
            return 0
        if tariff is not None and self.pieces.get(self.code_of(item), offer.piece) != offer.piece:
            return 0
        right_quantity = line.quantity is not None and line.quantity == offer.quantity
        right_price = line.unit_price in {None, offer.unit_price} or offer.unit_price is None
        return (
            1
            + 4 * (right_quantity and right_price)
            + 2 * (offer.fee in named.fees)
            + 2 * (tariff is not None and tariff in named.tariffs)
            + 2 * (not set(offer.codes).isdisjoint(named.codes))
            + 3 * (offer.new and named.new)  # more than the name of the fee, which is that of those held too
            + (offer.flat and "flat" in named.parts)
        )

    def code_of(self, item: Matched) -> str:
        """The code of the one qualification that a line bills; empty where it does not say."""
        return item.named.codes[0] if item.of_one(self.counted) else ""


def may_be(named: Named, fee: str, tariff: int | None, *, new: bool) -> bool:
    """Whether the words of a line let it bill that fee, at that tariff, for new requests or not."""
    if tariff is not None and ((named.tariffs and tariff not in named.tariffs) or new < named.new):
        return False
    return not named.fees or named.fees == {fee}


def may_bill_either(offers: Offers, matched: Iterable[Matched]) -> bool:
    """A line that speaks of no new request may bill one: no other says so of the qualifications that it bills."""
    new = [item.named for item in matched if item.named.new]
    return offers.has_new and not any(named.tariffs or named.codes for named in new)


def priced_by_count(fee: Fee) -> list[PerQualification]:
    """The parts of a fee that price qualifications."""
    return [part for part in fee.parts if isinstance(part, PerQualification)]
