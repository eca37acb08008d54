"""Which invoice line bills which piece of the price: amounts and quantities first, wording second.

Each line is given the fee it bills, the piece of it where that is known, or several fees at once. What nothing
tells may be read in several ways: :func:`readings`.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.model import InvoiceLine
from opqibi_rules.invoice.sums import amount_of
from opqibi_rules.invoice.why.billing import Piece, amounts_of, declared, is_new, lenders, piece_of
from opqibi_rules.invoice.why.blocks import Block, Entry
from opqibi_rules.money import round_cents
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.invoice_wording import NOTHING, InvoiceWording, Named
from opqibi_rules.tables.schedule import Fee, Flat, PerQualification, Tranches

_YEAR = re.compile("20[2-9][0-9]")
"""A year such as invoices name, rather than a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One invoice line and what it bills."""

    line: InvoiceLine
    cents: int
    fees: frozenset[str] = frozenset()
    """Empty: nothing tells."""
    piece: Piece | None = None
    named: Named = NOTHING
    guessed: bool = False
    """Its amount alone says which piece."""

    @property
    def worded(self) -> bool:
        """Its words say what it bills."""
        return bool(self.named.fees or self.named.parts or self.named.tariffs)

    @property
    def apart(self) -> bool:
        """Its words say that it bills nothing of a schedule."""
        return self.named.elsewhere and not self.named.fees

    @property
    def counted(self) -> bool:
        """It bills several of something, at a price each: its amount is no sum of fees."""
        return self.line.quantity not in {None, 1} and self.line.unit_price is not None

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
    new: bool = False
    """For new requests."""
    codes: tuple[str, ...] = ()
    """The qualifications that it prices, where they are named."""


class Matcher:
    """The lines of one invoice against one quote; ``asked``: the fees it is said to bear."""

    def __init__(self, quote: Quote, wording: InvoiceWording, asked: frozenset[str] | None = None) -> None:
        self.quote = quote
        self.schedule = quote.schedule
        self.wording = wording.naming(quote.schedule.fees)
        self.amounts = amounts_of(quote.lines)
        self.fees = tuple(fee for fee in self.schedule.borne(quote.event) if asked is None or fee.id in asked)
        self.has_new = any(is_new(line.part) for line in quote.lines)
        self.quantities = {piece_of(line): line.quantity for line in quote.lines}
        totals = [self._total({fee.id}) for fee in self.fees]
        self.sums = {sum(some) for count in range(2, len(totals) + 1) for some in combinations(totals, count)}
        self.offers = (*self._of_lines(), *self._of_fees())

    def match(self, lines: Sequence[InvoiceLine], *, one_by_one: bool = False) -> tuple[Matched, ...]:
        """Each line that has an amount, with what it bills.

        ``one_by_one``: a line that does not say how many bills no several qualifications at once.
        """
        matched = []
        for line in lines:
            amount = amount_of(line)
            if amount:
                text = " ".join(filter(None, (line.name, line.description)))
                cents = in_cents(round_cents(amount))
                item = Matched(line=line, cents=cents, named=self._borne_out(self.wording.read(text)))
                matched.append(self._of_a_code(self._as_amount(self._as_joined(item)), text))
        if self.has_new:
            matched = self._of_new_requests(matched)
        found = self._likeliest(matched, one_by_one=one_by_one)
        if found or any(item.named.fees for item in matched):
            matched = [
                replace(item, named=item.named._replace(elsewhere=item.named.stray or item.named.elsewhere))
                if place not in found
                else item
                for place, item in enumerate(matched)
            ]
        settled = [
            item.billing(offer.fee, offer.piece) if (offer := found.get(place)) else item
            for place, item in enumerate(matched)
        ]
        left = dict(self.amounts)
        for place in sorted(range(len(settled)), key=lambda place: place not in found):
            if place not in found:
                settled[place] = self._by_words(settled[place], left, {other.piece for other in settled})
            if (piece := settled[place].piece) is not None:
                left[piece] = left.get(piece, 0) - settled[place].cents
        return tuple(self._of_whole_fees(list(self._one_by_one(settled)), found))

    def _borne_out(self, named: Named) -> Named:
        """A fee that prices no qualification is not the one of a line that speaks of tariff codes."""
        counted = {fee.id for fee in self.schedule.fees if _priced_by_count(fee)}
        if not named.tariffs or not named.fees or named.fees & counted:
            return named
        return named._replace(fees=frozenset(), beside=named.beside | named.fees)

    def _as_joined(self, item: Matched) -> Matched:
        """A line that names a fee « and » another bills both, unless its amount is that of what it names alone."""
        named = item.named
        both = named.fees | named.joined
        detailed = item.counted or named.parts or named.tariffs
        alone = {self._total({fee}) for fee in both} | {self._total(named.fees)}
        if named.fees and both > named.fees and not detailed and item.cents not in alone:
            return replace(item, named=named._replace(fees=both))
        return item

    def _as_amount(self, item: Matched) -> Matched:
        """A fee that is named as a complement of other words, at another price than its own, is not billed.

        The other words say which fee is; where they are not known, the amount does if it is that of one fee, and
        the line is one that only its amount tells.
        """
        named = item.named
        left = named.fees - named.governed
        own = {self._total({fee}) for fee in named.governed}
        if not named.governed or item.cents in own:
            return item
        several = named.fees | named.governing
        if all(self._total({fee}) for fee in several) and self._total(several) == item.cents:
            return item
        told = left | named.governing
        at_price = [fee.id for fee in self.fees if self._total({fee.id}) == item.cents]
        if not told and len(at_price) != 1:
            return item
        beside = named.beside | named.governed
        return replace(item, named=named._replace(fees=told, beside=beside, stray=named.stray or not told))

    def _of_whole_fees(self, settled: list[Matched], found: Container[int]) -> Iterator[Matched]:
        """A fee of several pieces that is billed on one line is billed whole, unless number and price say a piece."""
        fees = Counter(fee for item in settled for fee in item.fees)
        for place, item in enumerate(settled):
            piece = item.piece
            whole = piece is not None and place not in found and fees[piece.fee] == 1 and not item.counted
            if whole and piece is not None and sum(other.fee == piece.fee for other in self.amounts) > 1:
                item = replace(item, piece=None)  # noqa: PLW2901 - the same line, read otherwise
            yield item

    def _of_a_code(self, item: Matched, text: str) -> Matched:
        """A line that begins with the code of a qualification, at its price, bills nothing else."""
        named = item.named
        if not named.stray or not self._is_one(item):
            return item
        code = named.codes[0]
        begins = (
            text.strip().startswith(code) and not _YEAR.fullmatch(code) and self._of_one(item) is not None
        )
        if code in self._codes or begins:
            return replace(item, named=named._replace(stray=False))
        return item

    def _one_by_one(self, settled: list[Matched]) -> Iterator[Matched]:
        """The lines that bill one qualification each: by its code, by its price, else by how many are alike."""
        alone = [item for item in settled if item.piece is None and self._is_one(item)]
        pieces = {id(item): piece for item in alone if (piece := self._of_one(item)) is not None}
        left = [item for item in alone if id(item) not in pieces]
        taken = {*pieces.values(), *(item.piece for item in settled)}
        for cents in dict.fromkeys(item.cents for item in left):
            alike = [item for item in left if item.cents == cents]
            fit = [p for p, n in self.quantities.items() if p.tariff and n == len(alike) and p not in taken]
            if len({item.fees for item in alike}) == len(fit) == 1:
                pieces |= {id(item): fit[0] for item in alike if item.fees <= {fit[0].fee}}
        for item in settled:
            piece = pieces.get(id(item))
            told = piece is None or piece.tariff in item.named.tariffs or item.named.codes[0] in self._codes
            yield item if piece is None else replace(item.billing(piece.fee, piece), guessed=not told)

    @cached_property
    def _codes(self) -> frozenset[str]:
        """The qualifications that the quote names."""
        return frozenset(code for line in self.quote.lines for code in line.codes)

    def _is_one(self, item: Matched) -> bool:
        """It names one qualification by its code, and no fee but one that prices qualifications."""
        counted = {fee.id for fee in self.fees if _priced_by_count(fee)}
        one = item.line.quantity in {None, 1} and len(item.named.codes) == 1
        return one and len(item.fees) <= 1 and item.fees <= counted and "flat" not in item.named.parts

    def _of_one(self, item: Matched) -> Piece | None:
        """The tariff of the one qualification that a line bills."""
        for line in self.quote.lines:
            if item.named.codes[0] in line.codes and item.fees <= {line.fee.id}:
                return piece_of(line)
        new = "new_requests" in item.named.parts
        at_price = [
            Piece(fee.id, part.id, tariff)
            for fee in self.fees
            if item.fees <= {fee.id}
            for part in _priced_by_count(fee)
            if is_new(part) == new or (self.has_new and not new)
            for tariff, price in self.schedule.price_list(part.prices).by_tariff.items()
            if in_cents(price) == item.cents
        ]
        named = [piece for piece in at_price if piece.tariff in item.named.tariffs]
        return min(named or at_price, key=lambda piece: piece not in self.amounts, default=None)

    def _likeliest(self, matched: Sequence[Matched], *, one_by_one: bool) -> dict[int, _Offer]:
        """By place of the line, the offer that it bills in full: each offer once, the surest first."""
        ranked = sorted(
            (-likeness, place, index)
            for place, item in enumerate(matched)
            for index, offer in enumerate(self.offers)
            if (likeness := _likeness(item, offer))
            and not (one_by_one and (offer.quantity or 1) > 1 and item.line.quantity != offer.quantity)
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
                    line.fee.id,
                    piece_of(line),
                    cents,
                    line.quantity,
                    line.unit_price,
                    flat,
                    step,
                    is_new(line.part),
                    line.codes,
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
        return offer.cents == self._total({offer.fee})

    def _total(self, fees: AbstractSet[str]) -> int:
        return sum(cents for piece, cents in self.amounts.items() if piece.fee in fees)

    def _by_words(
        self, item: Matched, left: Mapping[Piece, int], taken: AbstractSet[Piece | None]
    ) -> Matched:
        """A line that no amount settles: the fee by its words, else by its price; the piece by its price.

        ``left``: cents not billed yet, by piece.
        """
        named = item.named
        if item.apart:
            return item
        several = named.fees | named.beside
        due = all(self._total({fee}) for fee in several)
        if due and named.fees < several and item.cents == self._total(several):
            return replace(item, fees=several)
        if len(named.fees) > 1:
            return replace(item, fees=named.fees)
        if (piece := self._in_part(item, left)) is not None:
            return item.billing(piece.fee, piece)
        if not named.fees and item.cents in self.sums:
            return item
        again = [
            offer
            for offer in self.offers
            if _likeness(item, offer) and (not offer.step or self._whole(offer))
        ]
        if again and not named.tariffs:
            return item.billing(again[-1].fee, again[-1].piece)
        fees = [fee for fee in self.schedule.fees if fee.id in named.fees]
        for fee in fees or [fee for fee in self.fees if _priced_by_count(fee)]:
            piece = next(self._pieces(item, fee, taken), None)
            if piece is not None or named.fees:
                return item.billing(fee.id, piece)
        return item

    def _in_part(self, item: Matched, left: Mapping[Piece, int]) -> Piece | None:
        """The piece, not billed in full yet, some of whose qualifications a line bills at their price."""
        line, named = item.line, item.named
        count = 1 if line.quantity is None or line.unit_price is None else line.quantity
        pieces = [
            (set(priced.codes).isdisjoint(named.codes), piece_of(priced))
            for priced in self.quote.lines
            if priced.tariff is not None
            and priced.unit_price is not None
            and item.cents == in_cents(round_cents(priced.unit_price * count))
            and line.unit_price in {None, priced.unit_price}
            and left.get(piece_of(priced), 0) >= item.cents
            and _may_be(named, priced.fee.id, priced.tariff, new=is_new(priced.part))
        ]
        return min(pieces, default=(True, None), key=lambda each: each[0])[1]

    def _pieces(self, item: Matched, fee: Fee, taken: AbstractSet[Piece | None]) -> Iterator[Piece]:
        """The pieces of a fee that a line may bill: by its amount, its unit price, then its words."""
        named, priced = item.named, _priced_by_count(fee)
        if len(fee.parts) == 1 and not priced:
            yield Piece(fee.id, fee.parts[0].id)
        new = named.new and any(map(is_new, fee.parts))
        flats = [part for part in fee.parts if isinstance(part, Flat)]
        parts = [part for part in priced if is_new(part) == new]
        if self.has_new and not new:
            parts += filter(is_new, priced)
        for flat in flats:
            if item.cents == in_cents(flat.amount) and not named.tariffs:
                yield Piece(fee.id, flat.id)
        yield from self._at_price(item, fee, parts, taken)
        tariffs = named.tariffs & {*self.schedule.tariffs}
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
            prices = self.schedule.price_list(part.prices).by_tariff
            at_price = [Piece(fee.id, part.id, t) for t, price in prices.items() if line.unit_price == price]
            worded = [Piece(fee.id, part.id, t) for t in item.named.tariffs if t in prices]
            if at_price and len(worded) == 1:
                yield worded[0]  # the tariff is said, the price need not be right
            yield from sorted(at_price, key=lambda p: (p not in worded, p in taken, p not in self.amounts))

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
    return named._replace(fees=frozenset(fees), parts=named.parts | {"new_requests"})


def _likeness(item: Matched, offer: _Offer) -> int:
    """How surely a line bills an offer in full; 0: it does not."""
    named, line = item.named, item.line
    tariff = offer.piece.tariff if offer.piece else None
    if item.cents != offer.cents or item.apart or not _may_be(named, offer.fee, tariff, new=offer.new):
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


def _may_be(named: Named, fee: str, tariff: int | None, *, new: bool) -> bool:
    """Whether the words of a line let it bill that fee, at that tariff, for new requests or not."""
    if tariff is not None and ((named.tariffs and tariff not in named.tariffs) or new < named.new):
        return False
    return not named.fees or named.fees == {fee}


def _priced_by_count(fee: Fee) -> list[PerQualification]:
    return [part for part in fee.parts if isinstance(part, PerQualification)]


Reading = tuple[Block, ...]
"""What a whole invoice may bill; a block without fees is what bills nothing of the schedule."""


def readings(matched: Sequence[Matched], quote: Quote, asked: frozenset[str] | None) -> Iterator[Reading]:
    """What the invoice may bill, the fewest fees first; ``asked``: the fees it is said to bear.

    Where the lines do not tell, each reading is to be tried: the price check keeps the one that is right, or
    else the one explained by the fewest changes. What bills nothing of a schedule stands alone in all of them.
    """
    if any(item.apart for item in matched):
        # What is taken off, and names nothing, may be taken off what bills nothing.
        beside = [item for item in matched if item.apart or (not item.fees and item.cents < 0)]
        for reading in readings([item for item in matched if item not in beside], quote, asked):
            yield (*reading, _block(frozenset(), beside))
        return
    due = [fee.id for fee in quote.schedule.borne(quote.event)]
    settled = _blocks([item for item in matched if item.fees])
    unsettled = [item for item in matched if not item.fees]
    loose = replace(_block(frozenset(), unsettled), guessed=asked is None)
    wanted = due if asked is None else [fee.id for fee in quote.schedule.fees if fee.id in asked]
    left = [fee for fee in wanted if fee not in fees_of(settled)]
    if not unsettled:
        unbilled = () if asked is None else left
        yield (*settled, *(Block(fees=frozenset({fee}), billed=0) for fee in unbilled))
        yield from _widened(settled, matched, quote, frozenset(left), asked=asked is not None)
    elif asked is not None and left:
        yield (*settled, replace(loose, fees=frozenset(left), open=set(left) == set(due)))
    else:
        found = [
            (*settled, replace(loose, fees=frozenset(fees), open=len(fees) == len(due)))
            for count in (range(1, len(left) + 1) if loose.billed > 0 else ())
            for fees in combinations(left, count)
        ]
        found += _added(settled, loose, quote)
        # Nothing is billed, or less: it stands for all that is due.
        yield from found or [(*settled, replace(loose, fees=frozenset(left), open=True))]


def _widened(
    settled: Reading, matched: Sequence[Matched], quote: Quote, left: frozenset[str], *, asked: bool
) -> Iterator[Reading]:
    """One amount that bills more than its words say: what is asked for, or what they may name besides.

    Such a reading may tell what is wrong, and never that all is right.
    """
    due = {fee.id for fee in quote.schedule.borne(quote.event)}
    for block in settled if not asked or len(settled) == 1 else ():
        beside = {fee for item in matched if item.fees <= block.fees for fee in item.named.beside}
        more = left if asked else left & beside
        whole = replace(block, fees=block.fees | more, pieces=None, guessed=True)
        if more and block.fees <= due and whole.gap(amounts_of(quote.lines)):
            yield (*(other for other in settled if other is not block), whole)


def fees_of(reading: Reading) -> frozenset[str]:
    """The fees that a reading bills."""
    return frozenset(fee for block in reading for fee in block.fees)


def _added(settled: Reading, loose: Block, quote: Quote) -> Iterator[Reading]:
    """The loose amount added to what the other lines bill; or apart from the schedule."""
    amounts = amounts_of(quote.lines)
    divided = {fee.id for fee in quote.schedule.fees if len(fee.parts) > 1 or _priced_by_count(fee)}
    for block in settled:
        if block.fees.isdisjoint(divided) and not block.gap(amounts):
            continue  # one amount, and it is right: nothing is to be added to it
        others = tuple(other for other in settled if other is not block)
        lines = (*block.lines, *loose.lines)
        billed = block.billed + loose.billed
        by_step = block.pieces is not None and all(
            isinstance(declared(piece, quote.schedule)[1], Tranches) for piece in block.pieces
        )
        yield (*others, Block(fees=block.fees, billed=billed, lines=lines, guessed=not by_step))
    if settled:
        yield (*settled, replace(loose, open=True))


def _blocks(named: Sequence[Matched]) -> tuple[Block, ...]:
    """The lines that name fees, put together fee by fee; those billed in one amount, together."""
    groups: list[frozenset[str]] = []
    for item in named:
        joined = item.fees
        for group in [group for group in groups if not group.isdisjoint(joined)]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    return tuple(
        _block(fees, [item for item in named if item.fees <= fees]) for fees in sorted(groups, key=sorted)
    )


def _block(fees: frozenset[str], items: Sequence[Matched]) -> Block:
    by_piece: dict[Piece, list[Matched]] = {}
    for item in items:
        if item.piece is not None:
            by_piece.setdefault(item.piece, []).append(item)
    pieces = {piece: sum(item.cents for item in of) for piece, of in by_piece.items()}
    return Block(
        fees=fees,
        billed=sum(item.cents for item in items),
        pieces=FrozenDict(pieces) if all(item.piece is not None for item in items) else None,
        guessed=any(item.guessed for item in items),
        worded=any(item.named.fees for item in items),
        entries=FrozenDict({piece: tuple(map(_entry, of)) for piece, of in by_piece.items()}),
        lines=tuple(item.line.id for item in items if item.line.id),
        amounts=tuple(item.cents for item in items),
        names=tuple(name for item in items if (name := item.line.name or item.line.description)),
    )


def _entry(item: Matched) -> Entry:
    """What a line tells of its piece; one that names one qualification by its code bills one."""
    quantity, price = item.line.quantity, item.line.unit_price
    if quantity is None and price is None and len(item.named.codes) == 1:
        return Entry(item.cents, 1, item.cents)
    if quantity is None or price is None or quantity != int(quantity) or quantity * price * 100 != item.cents:
        return Entry(item.cents)
    return Entry(item.cents, int(quantity), in_cents(round_cents(price)))
