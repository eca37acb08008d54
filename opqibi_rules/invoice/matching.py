"""Which invoice line bills which piece of the price: amounts and quantities first, wording second.

Each line is given the fee it bills, the piece of it where that is known, or several fees at once; what nothing
tells is left to :mod:`opqibi_rules.invoice.readings`.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.invoice.billing import Piece, amounts_of, is_new, lenders, piece_of
from opqibi_rules.invoice.model import InvoiceLine
from opqibi_rules.invoice.sums import amount_of
from opqibi_rules.money import round_cents
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.invoice_wording import NOTHING, InvoiceWording, Named
from opqibi_rules.tables.schedule import Fee, Flat, PerQualification, Tranches


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One invoice line and what it bills."""

    line: InvoiceLine
    cents: int
    fees: frozenset[str] = frozenset()
    """Empty: nothing tells."""
    piece: Piece | None = None
    named: Named = NOTHING

    @property
    def worded(self) -> bool:
        """Its words say what it bills."""
        return bool(self.named.fees or self.named.parts or self.named.tariffs)

    @property
    def counted(self) -> bool:
        """It bills several of something, at a price each: its amount is no sum of fees."""
        return self.line.quantity not in {None, 1} and self.line.unit_price is not None

    @property
    def unsettled(self) -> "Matched":
        """The same line, whatever it was found to bill."""
        return replace(self, fees=frozenset(), piece=None)

    def billing(self, fee: str, piece: Piece | None) -> "Matched":
        """The same line, and what it bills."""
        return replace(self, fees=frozenset({fee}), piece=piece)


class _Offer(NamedTuple):
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


class Matcher:
    """The lines of one invoice against one quote; ``asked``: the fees it is said to bear."""

    def __init__(self, quote: Quote, wording: InvoiceWording, asked: frozenset[str] | None = None) -> None:
        self.quote = quote
        self.schedule = quote.schedule
        self.wording = wording.naming(quote.schedule.fees)
        self.amounts = amounts_of(quote.lines)
        self.fees = tuple(fee for fee in self.schedule.borne(quote.event) if asked is None or fee.id in asked)
        self.has_new = any(is_new(line.part) for line in quote.lines)
        self.offers = (*self._of_lines(), *self._of_fees())

    def match(self, lines: Sequence[InvoiceLine]) -> tuple[Matched, ...]:
        """Each line that has an amount, with what it bills."""
        matched = []
        for line in lines:
            amount = amount_of(line)
            if amount:
                text = " ".join(filter(None, (line.name, line.description)))
                cents = in_cents(round_cents(amount))
                matched.append(Matched(line=line, cents=cents, named=self.wording.read(text)))
        if self.has_new:
            matched = self._of_new_requests(matched)
        found = self._likeliest(matched)
        settled = [
            item.billing(offer.fee, offer.piece) if (offer := found.get(place)) else item
            for place, item in enumerate(matched)
        ]
        for place, item in enumerate(settled):
            if place not in found:
                settled[place] = self._by_words(item, {other.piece for other in settled})
        return tuple(settled)

    def _likeliest(self, matched: Sequence[Matched]) -> dict[int, _Offer]:
        """By place of the line, the offer that it bills in full: each offer once, the surest first."""
        ranked = sorted(
            (-likeness, place, index)
            for place, item in enumerate(matched)
            for index, offer in enumerate(self.offers)
            if (likeness := _likeness(item, offer))
        )
        found: dict[int, _Offer] = {}
        taken: set[int] = set()
        for _, place, index in ranked:
            if place not in found and index not in taken and self._free(index, taken):
                taken.add(index)
                found[place] = self.offers[index]
        return found

    def _of_lines(self) -> Iterator[_Offer]:
        """The lines of the quote; the tranches of a part, each billed on its own."""
        own = {fee.id for fee in self.fees}
        for line in self.quote.lines:
            if line.fee.id in own and line.limit is None:
                cents = in_cents(round_cents(line.amount))
                step, flat = line.rate is not None, isinstance(line.part, Flat)
                yield _Offer(
                    line.fee.id, piece_of(line), cents, line.quantity, line.unit_price, flat=flat, step=step
                )

    def _of_fees(self) -> Iterator[_Offer]:
        """The parts by tranches whole, and the fees of several pieces."""
        for fee in self.fees:
            own = {piece: cents for piece, cents in self.amounts.items() if piece.fee == fee.id}
            for piece, cents in own.items():
                if cents and isinstance(fee.part(piece.part), Tranches):
                    yield _Offer(fee.id, piece, cents, 1)
            if len(own) > 1:
                yield _Offer(fee.id, None, sum(own.values()), 1)

    def _free(self, index: int, taken: AbstractSet[int]) -> bool:
        """A fee billed as a whole is not billed piece by piece as well, nor a part by tranches by its tranches."""
        offer = self.offers[index]
        for other in (self.offers[place] for place in taken):
            if other.fee == offer.fee and (self._whole(other) or self._whole(offer)):
                return False
            if offer.piece is not None and other.piece == offer.piece and not (other.step and offer.step):
                return False
        return True

    def _whole(self, offer: _Offer) -> bool:
        return offer.cents == sum(cents for piece, cents in self.amounts.items() if piece.fee == offer.fee)

    def _by_words(self, item: Matched, taken: AbstractSet[Piece | None]) -> Matched:
        """A line that no amount settles: the fee by its words, else by its price; the piece by its price."""
        named = item.named
        if len(named.fees) > 1:
            return replace(item, fees=named.fees)
        again = [
            offer
            for offer in self.offers
            if _likeness(item, offer) and (not offer.step or self._whole(offer))
        ]
        if again and not named.tariffs:
            return item.billing(again[-1].fee, again[-1].piece)
        fees = [fee for fee in self.schedule.fees if fee.id in named.fees] or self._priced_fees()
        for fee in fees:
            piece = self._piece(item, fee, taken)
            if piece is not None or named.fees:
                return item.billing(fee.id, piece)
        return item

    def _priced_fees(self) -> list[Fee]:
        """The fees that price qualifications one by one, at this event."""
        return [fee for fee in self.fees if any(isinstance(part, PerQualification) for part in fee.parts)]

    def _piece(self, item: Matched, fee: Fee, taken: AbstractSet[Piece | None]) -> Piece | None:
        """The piece of a fee that a line bills: by its amount, its unit price, then its words."""
        only = fee.parts[0] if len(fee.parts) == 1 else None
        if only is not None and not isinstance(only, PerQualification):
            return Piece(fee.id, only.id)
        new = "new_requests" in item.named.parts and any(map(is_new, fee.parts))
        flats = [part for part in fee.parts if isinstance(part, Flat)]
        parts = [part for part in fee.parts if isinstance(part, PerQualification) and is_new(part) == new]
        if self.has_new and not new:
            parts += [part for part in fee.parts if isinstance(part, PerQualification) and is_new(part)]
        return (
            _of_amount(item, fee, flats)
            or self._at_price(item, fee, parts, taken)
            or self._at_tariff(item, fee, parts[:1])
            or _named_flat(item, fee, flats, new=new)
        )

    def _at_price(
        self, item: Matched, fee: Fee, parts: list[PerQualification], taken: AbstractSet[Piece | None]
    ) -> Piece | None:
        """The tariff whose price is the line's unit price; or the one named, where its number is the line's."""
        line, tariffs = item.line, item.named.tariffs
        if line.quantity is None or line.quantity != int(line.quantity):
            return None
        for part in parts:
            prices = self.schedule.price_list(part.prices).by_tariff
            at_price = [Piece(fee.id, part.id, t) for t, price in prices.items() if line.unit_price == price]
            worded = [Piece(fee.id, part.id, t) for t in tariffs if t in prices]
            if not at_price:
                continue
            if len(worded) == 1 and worded[0] not in at_price and self._quantity(worded[0]) == line.quantity:
                return worded[0]  # the tariff and the number are right, the price is not
            return min(at_price, key=lambda p: (p not in worded, p in taken, p not in self.amounts))
        return None

    def _at_tariff(self, item: Matched, fee: Fee, parts: list[PerQualification]) -> Piece | None:
        """The one tariff that the words name."""
        known = item.named.tariffs & {*self.schedule.tariffs}
        return Piece(fee.id, parts[0].id, min(known)) if parts and len(known) == 1 else None

    def _quantity(self, piece: Piece) -> int | None:
        """How many qualifications the quote has at a piece."""
        return next((line.quantity for line in self.quote.lines if piece_of(line) == piece), None)

    def _of_new_requests(self, matched: list[Matched]) -> list[Matched]:
        """The lines of an invoice where a fee that is not due, and lends its prices to new requests, means these.

        Not where another fee that is not due is named: that invoice is one of another event.
        """
        meant = lenders(self.schedule, self.quote.event)
        borne = {fee.id for fee in self.schedule.borne(self.quote.event)}
        if any(item.named.fees - borne - meant.keys() for item in matched):
            return matched
        return [
            replace(item, named=_meaning(item.named, meant)) if item.named.fees & meant.keys() else item
            for item in matched
        ]


def _meaning(named: Named, meant: Mapping[str, Fee]) -> Named:
    """The words of a line where some of the fees they name mean the new requests of another."""
    fees = {meant[fee].id if fee in meant else fee for fee in named.fees}
    return replace(named, fees=frozenset(fees), parts=named.parts | {"new_requests"})


def _likeness(item: Matched, offer: _Offer) -> int:
    """How surely a line bills an offer in full; 0: it does not."""
    named, line = item.named, item.line
    if item.cents != offer.cents or (named.fees and named.fees != {offer.fee}):
        return 0
    tariff = offer.piece.tariff if offer.piece else None
    if tariff is not None and named.tariffs and tariff not in named.tariffs:
        return 0
    right_quantity = line.quantity is not None and line.quantity == offer.quantity
    right_price = line.unit_price in {None, offer.unit_price} or offer.unit_price is None
    return (
        1
        + 4 * (right_quantity and right_price)
        + 2 * (offer.fee in named.fees)
        + 2 * (tariff is not None and tariff in named.tariffs)
        + (offer.flat and "flat" in named.parts)
    )


def _of_amount(item: Matched, fee: Fee, flats: list[Flat]) -> Piece | None:
    """The flat part that costs what the line bills."""
    if item.named.tariffs:
        return None
    return next((Piece(fee.id, part.id) for part in flats if item.cents == in_cents(part.amount)), None)


def _named_flat(item: Matched, fee: Fee, flats: list[Flat], *, new: bool) -> Piece | None:
    """The flat part that the words name."""
    if "flat" not in item.named.parts:
        return None
    return next((Piece(fee.id, part.id) for part in flats if is_new(part) == new), None)
