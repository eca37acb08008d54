"""The parts of a fee that price the same qualifications alike: a line that adds them up bills some of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.matching.offers import Offers
from opqibi_rules.invoice.why.billing import Piece, declared, is_new, piece_of
from opqibi_rules.price.inversion import in_cents, in_euros
from opqibi_rules.tables.schedule import PerQualification


def spread(offers: Offers, settled: Sequence[Matched]) -> Iterator[Matched]:
    """The same lines; « 4 × 10,01 » of two parts that ask 2 × 10,01 each bills 2 of each.

    So does one of those held and of those new, where it does not say that it bills the new ones alone. What is
    beyond all of them stays with the last one, what is short is short there: no line says which.
    """
    shares = [share for alike in _alike(offers) for share in _shared(offers, settled, alike)]
    by_line: dict[int, list[Matched]] = {}
    for item, part in shares:
        by_line.setdefault(id(item), []).append(part)
    for item in settled:
        yield from by_line.get(id(item), [item])


def _alike(offers: Offers) -> Iterator[Mapping[Piece, Decimal]]:
    """The pieces of one tariff of one fee, with their one price, where several parts have it at that price."""
    groups: dict[object, dict[Piece, Decimal]] = {}
    for line in offers.quote.lines:
        if isinstance(line.part, PerQualification) and line.unit_price is not None:
            key = (line.fee.id, line.tariff, line.unit_price)
            groups.setdefault(key, {})[piece_of(line)] = line.unit_price
    yield from (pieces for pieces in groups.values() if len(pieces) > 1)


def _shared(
    offers: Offers, settled: Sequence[Matched], alike: Mapping[Piece, Decimal]
) -> Iterator[tuple[Matched, Matched]]:
    """Each line that bills some of these pieces, with what it bills of each; none where one is at another price."""
    own = [item for item in settled if item.piece in alike]
    price = min(alike.values())
    if any(not _at(item, price) for item in own):
        return
    left = {piece: offers.quantities[piece] for piece in alike}
    new = {piece for piece in alike if is_new(declared(piece, offers.schedule)[1])}
    for item in sorted(own, key=lambda item: not item.named.new):
        may = [piece for piece in left if piece in new or not item.named.new] or [*left]
        number = int(item.line.quantity or 0)
        together = item.together or item.line.quantity
        for piece in may:
            taken = number if piece == may[-1] else min(number, left[piece])
            if taken > 0:
                left[piece] -= taken
                number -= taken
                cents = taken * in_cents(price)
                line = replace(item.line, quantity=Decimal(taken), amount=in_euros(cents))
                part = replace(item, line=line, cents=cents, together=together)
                yield item, part.billing(piece.fee, piece)


def _at(item: Matched, price: Decimal) -> bool:
    """It bills a whole number of them at that price each, and nothing else."""
    line = item.line
    if line.quantity is None or line.quantity <= 0 or line.quantity != int(line.quantity):
        return False
    return line.unit_price == price and item.cents == int(line.quantity) * in_cents(price)
