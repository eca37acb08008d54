"""What a line bills that no exact amount settles: the fee by its words, the piece by its price, then by its words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.matching.offers import Offers, may_be, may_bill_either, priced_by_count
from opqibi_rules.invoice.why.billing import Piece, is_new, piece_of
from opqibi_rules.money import round_cents
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.tables.schedule import Fee, Flat, PerQualification


class ByWords:
    """The lines of one invoice that bill nothing in full; others may say of themselves that they are new."""

    def __init__(self, offers: Offers, matched: Sequence[Matched], *, one_by_one: bool) -> None:
        self.offers, self.one_by_one = offers, one_by_one
        self.both = may_bill_either(offers, matched)
        """A line that speaks of no new request may bill one."""
        self.new_flat = any("flat" in item.named.parts for item in matched if item.named.new)
        """A line speaks of their flat part."""

    def settled(self, item: Matched, left: Mapping[Piece, int], taken: AbstractSet[Piece | None]) -> Matched:
        """A line and what it bills; ``left``: cents not billed yet, by piece; ``taken``: the pieces billed."""
        named, offers = item.named, self.offers
        if item.apart:
            return item
        several = named.fees | named.beside
        due = all(offers.total({fee}) for fee in several)
        if due and named.fees < several and item.cents == offers.total(several):
            return replace(item, fees=several)
        if len(named.fees) > 1:
            return replace(item, fees=named.fees)
        if (piece := self._of_its_code(item) or self._in_part(item, left)) is not None:
            return item.billing(piece.fee, piece)
        if not named.fees and item.cents in offers.sums:
            return item
        if item.of_one(offers.counted) and not named.tariffs:  # see singles
            return replace(item, fees=named.fees)
        again = [
            offer
            for offer in offers.all
            if offers.likeness(item, offer, one_by_one=self.one_by_one)
            and (not offer.step or offers.whole(offer))
            and not (offer.flat and offer.new and not named.new and self.new_flat)
        ]
        if again and not named.tariffs:
            return item.billing(again[-1].fee, again[-1].piece)
        return self._by_fee(item, taken)

    def _by_fee(self, item: Matched, taken: AbstractSet[Piece | None]) -> Matched:
        """The fee that the words name; else one whose price of a qualification is the line's."""
        named = item.named
        fees = [fee for fee in self.offers.schedule.fees if fee.id in named.fees]
        for fee in fees or [fee for fee in self.offers.fees if priced_by_count(fee)]:
            piece = next(self._pieces(item, fee, taken), None)
            if piece is not None or named.fees:
                return item.billing(fee.id, piece)
        return item

    def _of_its_code(self, item: Matched) -> Piece | None:
        """The piece of the one qualification that it names, where the quote names it too."""
        piece = self.offers.pieces.get(self.offers.code_of(item))
        if piece is None or item.cents == self.offers.total({piece.fee}):
            return None
        return piece if may_be(item.named, piece.fee, piece.tariff, new=True) else None

    def _in_part(self, item: Matched, left: Mapping[Piece, int]) -> Piece | None:
        """The piece, not billed in full yet, some of whose qualifications a line bills at their price."""
        line, named = item.line, item.named
        count = 1 if line.quantity is None or line.unit_price is None else line.quantity
        pieces = [
            (set(priced.codes).isdisjoint(named.codes), piece_of(priced))
            for priced in self.offers.quote.lines
            if priced.tariff is not None
            and priced.unit_price is not None
            and item.cents == in_cents(round_cents(priced.unit_price * count))
            and line.unit_price in {None, priced.unit_price}
            and left.get(piece_of(priced), 0) >= item.cents
            and may_be(named, priced.fee.id, priced.tariff, new=is_new(priced.part))
        ]
        return min(pieces, default=(True, None), key=lambda each: each[0])[1]

    def _pieces(self, item: Matched, fee: Fee, taken: AbstractSet[Piece | None]) -> Iterator[Piece]:
        """The pieces of a fee that a line may bill: by its amount, its unit price, then its words."""
        named, priced = item.named, priced_by_count(fee)
        if len(fee.parts) == 1 and not priced:
            yield Piece(fee.id, fee.parts[0].id)
        new = named.new and any(map(is_new, fee.parts))
        flats = [part for part in fee.parts if isinstance(part, Flat)]
        parts = [part for part in priced if is_new(part) == new]
        if self.both and not new:
            parts += filter(is_new, priced)
        billed = all(Piece(fee.id, flat.id) in taken for flat in flats if is_new(flat) == new)
        for flat in flats:
            says = is_new(flat) == new or billed or "flat" not in named.parts
            if item.cents == in_cents(flat.amount) and not named.tariffs and says:
                yield Piece(fee.id, flat.id)
        yield from self._at_price(item, fee, parts, taken)
        tariffs = named.tariffs & {*self.offers.schedule.tariffs}
        if parts and len(tariffs) == 1:
            yield Piece(fee.id, parts[0].id, min(tariffs))
        for flat in flats:
            if "flat" in named.parts and is_new(flat) == new:
                yield Piece(fee.id, flat.id)

    def _at_price(
        self, item: Matched, fee: Fee, parts: Iterable[PerQualification], taken: AbstractSet[Piece | None]
    ) -> Iterator[Piece]:
        """The tariff whose price is the line's unit price; or the one named, where its number is the line's."""
        line = item.line
        for part in parts if line.quantity is not None and line.quantity == int(line.quantity) else ():
            prices = self.offers.schedule.price_list(part.prices).by_tariff
            at_price = [Piece(fee.id, part.id, t) for t, price in prices.items() if line.unit_price == price]
            worded = [Piece(fee.id, part.id, t) for t in item.named.tariffs if t in prices]
            if at_price and len(worded) == 1:
                yield worded[0]  # the tariff is said, the price need not be right
            yield from sorted(
                at_price, key=lambda p: (p not in worded, p in taken, p not in self.offers.amounts)
            )


def by_elimination(offers: Offers, settled: list[Matched]) -> Iterator[Matched]:
    """The same lines; where all of a fee's but one say what they bill, that one bills the one piece left.

    Not where the fee is right in all: then nothing of it is left, however it was divided.
    """
    found: dict[int, Piece] = {}
    loose = [item for item in settled if not (item.fees or item.apart or item.adjusts)]
    for fee in offers.fees:
        own = [item for item in settled if item.fees == {fee.id}]
        missing = [p for p in offers.amounts if p.fee == fee.id and p not in {item.piece for item in own}]
        left = [item for item in own if item.piece is None] + loose
        if len(left) != 1 or len(missing) != 1 or not any(item.piece for item in own):
            continue
        all_right = sum(item.cents for item in (*own, *loose)) == offers.total({fee.id})
        if (
            not all_right
            and not left[0].counted
            and may_be(left[0].named, fee.id, missing[0].tariff, new=True)
        ):
            found[id(left[0])] = missing[0]
    for item in settled:
        piece = found.get(id(item))
        yield item if piece is None else replace(item.billing(piece.fee, piece), guessed=True)
