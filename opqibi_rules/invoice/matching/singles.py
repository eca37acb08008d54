"""The lines that bill one qualification each: by its code, its price, how many are alike, or what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.matching.offers import Offers, may_be, may_bill_either, priced_by_count
from opqibi_rules.invoice.why.billing import Piece, cents_of, declared, is_new
from opqibi_rules.price.inversion import in_cents

_Lacking = dict[Piece, int]
"""How many of each piece are not billed yet."""


def at_price(offers: Offers, item: Matched, *, both: bool = True) -> Iterator[Piece]:
    """The pieces whose price is that of the one qualification that a line bills, those of the quote first.

    ``both``: a line that speaks of no new request may bill one.
    """
    found = [
        Piece(fee.id, part.id, tariff)
        for fee in offers.fees
        if item.fees <= {fee.id}
        for part in priced_by_count(fee)
        if is_new(part) == item.named.new or (both and offers.has_new and not item.named.new)
        for tariff, price in offers.schedule.price_list(part.prices).by_tariff.items()
        if in_cents(price) == item.cents
    ]
    named = [piece for piece in found if piece.tariff in item.named.tariffs]
    yield from sorted(named or found, key=lambda piece: piece not in offers.amounts)


def one_by_one(offers: Offers, settled: Sequence[Matched]) -> Iterator[Matched]:
    """The same lines; those of one qualification each, with its piece where anything tells."""
    found = _Singles(offers, settled).found
    for item in settled:
        if (piece := found.get(id(item))) is None:
            yield item
        else:
            told = piece.tariff in item.named.tariffs or item.named.codes[0] in offers.pieces
            yield replace(item.billing(piece.fee, piece), guessed=not told)


class _Singles:
    """The lines of one invoice that bill one qualification each, and what is found of them."""

    def __init__(self, offers: Offers, settled: Sequence[Matched]) -> None:
        self.offers = offers
        self.both = may_bill_either(offers, settled)
        self.found: dict[int, Piece] = {}
        self.lacking: _Lacking = dict(offers.quantities)
        for item in settled:
            if item.piece is not None and item.piece in self.lacking:
                self.lacking[item.piece] -= int(item.line.quantity or 1)
        groups: dict[object, list[Matched]] = {}
        for item in settled:
            whole = item.fees and item.cents == offers.total(item.fees)
            if item.piece is None and not whole and item.of_one(offers.counted):
                key = (item.cents, item.fees, item.named.new, item.named.tariffs)
                groups.setdefault(key, []).append(item)
        self.groups = list(groups.values())
        for tell in (self._at_price, self._at_other_price, self._at_any_price, self._by_number, self._last):
            self.groups = [rest for alike in self.groups if (rest := tell(alike))]

    def _bill(self, items: Sequence[Matched], piece: Piece) -> list[Matched]:
        """Some lines bill a piece; none of them is left."""
        self.found |= {id(item): piece for item in items}
        self.lacking[piece] = self.lacking.get(piece, 0) - len(items)
        return []

    def _at_price(self, alike: list[Matched]) -> list[Matched]:
        """What is missing at their price: of which as many are, else as far as it goes."""
        pieces = [
            piece for piece in at_price(self.offers, alike[0], both=self.both) if self.lacking.get(piece)
        ]
        for piece in sorted(pieces, key=lambda piece: self.lacking[piece] != len(alike)):
            short = self.lacking[piece]
            self._bill(alike[:short], piece)
            alike = alike[short:]
        return alike

    def _at_other_price(self, alike: list[Matched]) -> list[Matched]:
        """All of a piece, at the price that another list gives it."""
        lists = [cents_of(self.offers.schedule, prices.id) for prices in self.offers.schedule.prices]
        return self._only(
            alike,
            [
                piece
                for piece in self._fit(alike)
                if self.lacking[piece] == self.offers.quantities[piece] == len(alike)
                and any(of.get(piece.tariff or 0) == alike[0].cents for of in lists)
            ],
        )

    def _at_any_price(self, alike: list[Matched]) -> list[Matched]:
        """What they cost, though none of it is missing."""
        return self._only(alike, list(at_price(self.offers, alike[0], both=self.both))[:1])

    def _by_number(self, alike: list[Matched]) -> list[Matched]:
        """What alone as many are missing of."""
        return self._only(alike, [piece for piece in self._fit(alike) if self.lacking[piece] == len(alike)])

    def _last(self, alike: list[Matched]) -> list[Matched]:
        """What alone is missing at all, and of which there are not more lines than that."""
        fit = self._fit(alike)
        return self._only(
            alike, [piece for piece in fit if len(fit) == 1 and len(alike) <= self.lacking[piece]]
        )

    def _only(self, alike: list[Matched], pieces: Sequence[Piece]) -> list[Matched]:
        return self._bill(alike, pieces[0]) if len(pieces) == 1 else alike

    def _fit(self, alike: Sequence[Matched]) -> list[Piece]:
        """What is missing and the words of lines let them bill."""
        named = alike[0].named
        return [
            piece
            for piece, number in self.lacking.items()
            if number > 0
            and alike[0].fees <= {piece.fee}
            and may_be(named, piece.fee, piece.tariff, new=self._is_new(piece))
            and (self.both or named.new == self._is_new(piece))
        ]

    def _is_new(self, piece: Piece) -> bool:
        return is_new(declared(piece, self.offers.schedule)[1])
