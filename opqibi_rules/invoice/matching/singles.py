"""The lines that bill one qualification each: by its code, its price, how many are alike, or what is missing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.matching.offers import Offers, may_be, priced_by_count
from opqibi_rules.invoice.why.billing import Piece, cents_of, is_new
from opqibi_rules.price.inversion import in_cents


def piece_of_one(offers: Offers, item: Matched, lacking: Mapping[Piece, int] | None = None) -> Piece | None:
    """The tariff of the one qualification that a line bills: by its code, else by its price.

    ``lacking``: how many of each piece are not billed yet; the price may be that of several.
    """
    known = offers.pieces.get(item.named.codes[0])
    if known is not None and item.fees <= {known.fee}:
        return known
    at_price = [
        Piece(fee.id, part.id, tariff)
        for fee in offers.fees
        if item.fees <= {fee.id}
        for part in priced_by_count(fee)
        if is_new(part) == item.named.new or (offers.has_new and not item.named.new)
        for tariff, price in offers.schedule.price_list(part.prices).by_tariff.items()
        if in_cents(price) == item.cents
    ]
    named = [piece for piece in at_price if piece.tariff in item.named.tariffs]
    short = lacking or {}
    return min(
        named or at_price, key=lambda piece: (not short.get(piece), piece not in offers.amounts), default=None
    )


def one_by_one(offers: Offers, settled: Sequence[Matched]) -> Iterator[Matched]:
    """The same lines; those of one qualification each, with its piece where anything tells."""
    lacking = Counter(offers.quantities)
    for item in settled:
        if item.piece is not None and item.piece in lacking:
            lacking[item.piece] -= int(item.line.quantity or 1)
    found: dict[int, Piece] = {}
    groups: dict[object, list[Matched]] = {}
    for item in settled:
        if item.piece is None and item.of_one(offers.counted):
            if (piece := piece_of_one(offers, item, lacking)) is not None:
                found[id(item)] = piece
                lacking[piece] -= 1
            else:
                groups.setdefault((item.cents, item.fees, item.named.new, item.named.tariffs), []).append(
                    item
                )
    for tell in (_at_other_price, _by_number, _last):
        for key, alike in list(groups.items()):
            fit = [piece for piece, n in lacking.items() if n > 0 and _fits(alike[0], piece)]
            if (piece := tell(offers, alike, fit, lacking)) is not None:
                found |= {id(item): piece for item in groups.pop(key)}
                lacking[piece] -= len(alike)
    for item in settled:
        if (piece := found.get(id(item))) is None:
            yield item
        else:
            told = piece.tariff in item.named.tariffs or item.named.codes[0] in offers.pieces
            yield replace(item.billing(piece.fee, piece), guessed=not told)


def _fits(item: Matched, piece: Piece) -> bool:
    """The words of a line let it bill a piece; it speaks of new requests where these are meant, or of nothing."""
    return item.fees <= {piece.fee} and may_be(item.named, piece.fee, piece.tariff, new=True)


def _at_other_price(
    offers: Offers, alike: Sequence[Matched], fit: Sequence[Piece], lacking: Mapping[Piece, int]
) -> Piece | None:
    """What as many are missing of, at the price that another list gives it."""
    cents = alike[0].cents
    lists = [cents_of(offers.schedule, prices.id) for prices in offers.schedule.prices]
    found = [
        p for p in fit if lacking[p] == len(alike) and any(of.get(p.tariff or 0) == cents for of in lists)
    ]
    return found[0] if len(found) == 1 else None


def _by_number(
    offers: Offers, alike: Sequence[Matched], fit: Sequence[Piece], lacking: Mapping[Piece, int]
) -> Piece | None:
    """What alone as many are missing of."""
    found = [piece for piece in fit if lacking[piece] == len(alike)]
    return found[0] if len(found) == 1 else None


def _last(
    offers: Offers, alike: Sequence[Matched], fit: Sequence[Piece], lacking: Mapping[Piece, int]
) -> Piece | None:
    """What alone is missing at all, and of which there are not more lines than that."""
    return fit[0] if len(fit) == 1 and len(alike) <= lacking[fit[0]] else None
