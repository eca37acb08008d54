"""What an invoice bills, fee by fee: in one amount, or piece by piece."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.why.billing import Bears, Change, Freedom, Piece

Gap = Mapping[Piece | None, int]
"""Cents by piece; by ``None`` where one amount bills all of them."""


_NO_COUNTS: FrozenDict[int, int] = FrozenDict()
_NO_ENTRIES: FrozenDict[Piece, tuple["Entry", ...]] = FrozenDict()


class Entry(NamedTuple):
    """What one line bills of a piece."""

    cents: int
    quantity: int | None = None
    price: int | None = None
    """Cents, of one of them."""
    said: bool = False
    """Its words say the tariff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Fees that were billed together, and what was billed."""

    fees: frozenset[str]
    """Their ids; none: nothing of the schedule."""
    billed: int
    """Cents excl. VAT, all pieces together."""
    pieces: FrozenDict[Piece, int] | None = None
    """Cents by piece, where the invoice details the fees."""
    entries: FrozenDict[Piece, tuple[Entry, ...]] = _NO_ENTRIES
    """Its lines by piece, where it is detailed."""
    open: bool = False
    """Nothing names the fees: they are those of the event, whichever it is."""
    worded: bool = False
    """Words name its fees."""
    guessed: bool = False
    """Nothing names the fees of some of its lines."""
    lines: tuple[str, ...] = ()
    """Identifiers of the invoice lines."""
    amounts: tuple[int, ...] = ()
    """Cents of each of them."""
    names: tuple[str, ...] = ()
    """What they say."""
    counts: FrozenDict[int, int] = _NO_COUNTS
    """How many qualifications of each tariff one line says; none: no line does, or several do."""
    off: tuple[tuple[str, int], ...] = ()
    """Lines that bill more than their own number and price come to, and by how many cents."""
    meant: "Block | None" = None
    """The same, those lines at what they come to."""

    @property
    def multiplied(self) -> "Block":
        """The same, each line at what its own number and price come to."""
        if self.meant is None:
            return self
        pieces = None if self.pieces is None else self.meant.pieces
        return replace(self.meant, fees=self.fees, pieces=pieces, open=self.open, guessed=self.guessed)

    def seen(self, amounts: Mapping[Piece, int]) -> Gap:
        """What this block shows of a price: its pieces, or their sum."""
        own: dict[Piece | None, int] = {
            piece: cents for piece, cents in amounts.items() if piece.fee in self.fees and cents
        }
        if self.pieces is not None:
            return own
        whole = sum(own.values())
        return {None: whole} if whole else {}

    def shows(self, change: Change) -> bool:
        """Its lines detail what a change moves, with number and price where it is of either."""
        if not change.sure:
            return False
        if self.pieces is None:  # what concerns the whole fee, in one amount, is seen as well
            return change.freedom is Freedom.NONE and len(self.fees) == 1 and change.cause.startswith("fee_")
        entries = [entry for piece in change.moves for entry in self.entries.get(piece, ())]
        if change.bears is Bears.CODE and any(entry.said for entry in entries):
            return False  # they say the right tariff
        return change.bears is Bears.ANY or all(None not in entry for entry in entries)

    def gap(self, amounts: Mapping[Piece, int]) -> Gap:
        """Cents billed beyond a price, where they differ."""
        if self.pieces is None:
            return beyond({None: self.billed}, self.seen(amounts))
        return beyond(dict(self.pieces.items()), self.seen(amounts))

    def is_due(self, amounts: Mapping[Piece, int]) -> bool:
        """Whether a price has any of its fees."""
        return not self.fees.isdisjoint(piece.fee for piece in amounts)


def beyond(billed: Gap, expected: Gap) -> Gap:
    """Cents of the first beyond the second, where they differ."""
    gaps = {piece: billed.get(piece, 0) - expected.get(piece, 0) for piece in (*billed, *expected)}
    return {piece: cents for piece, cents in gaps.items() if cents}
