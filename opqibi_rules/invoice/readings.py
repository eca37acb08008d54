"""What a whole invoice may bill, where its lines do not tell: each reading is tried, the fewest fees first.

The price check keeps the one that is right, or else the one explained by the fewest changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.billing import Piece, amounts_of
from opqibi_rules.invoice.diagnosis import Block
from opqibi_rules.invoice.matching import Matched
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import PerQualification


@dataclass(frozen=True, slots=True)
class Reading:
    """What the whole invoice may bill; a block without fees is what bills nothing of the schedule."""

    blocks: tuple[Block, ...]

    @property
    def fees(self) -> frozenset[str]:
        """The fees billed."""
        return frozenset(fee for block in self.blocks for fee in block.fees)


@dataclass(frozen=True, slots=True)
class _Loose:
    """The lines that nothing settles, as one amount."""

    cents: int
    lines: tuple[str, ...]

    def bills(self, fees: Sequence[str], *, all_due: bool) -> Block:
        """The amount bills these fees; where they are all those due, it may be any event's."""
        return Block(fees=frozenset(fees), billed=self.cents, open=all_due, lines=self.lines)


def readings(matched: Sequence[Matched], quote: Quote, asked: frozenset[str] | None) -> Iterator[Reading]:
    """What the invoice may bill; ``asked``: the fees it is said to bear."""
    due = [fee.id for fee in quote.schedule.borne(quote.event)]
    settled = _blocks([item for item in matched if item.fees])
    unsettled = [item for item in matched if not item.fees]
    loose = _Loose(
        sum(item.cents for item in unsettled), tuple(item.line.id for item in unsettled if item.line.id)
    )
    taken = frozenset(fee for block in settled for fee in block.fees)
    wanted = due if asked is None else [fee.id for fee in quote.schedule.fees if fee.id in asked]
    left = [fee for fee in wanted if fee not in taken]
    if asked is not None and (left or not unsettled):
        if unsettled:
            yield Reading((*settled, loose.bills(left, all_due=set(left) == set(due))))
        else:
            yield Reading((*settled, *(Block(fees=frozenset({fee}), billed=0) for fee in left)))
    elif not unsettled:
        yield Reading(settled)
    else:
        for count in range(1, len(left) + 1):
            for fees in combinations(left, count):
                yield Reading((*settled, loose.bills(fees, all_due=count == len(due))))
        yield from _added(settled, loose, quote)


def _added(settled: tuple[Block, ...], loose: _Loose, quote: Quote) -> Iterator[Reading]:
    """The loose amount added to what the other lines bill; or apart from the schedule."""
    amounts = amounts_of(quote.lines)
    divided = {
        fee.id
        for fee in quote.schedule.fees
        if len(fee.parts) > 1 or isinstance(fee.parts[0], PerQualification)
    }
    for block in settled:
        if block.fees.isdisjoint(divided) and not block.gap(amounts):
            continue  # one amount, and it is right: nothing is to be added to it
        others = tuple(other for other in settled if other is not block)
        lines = (*block.lines, *loose.lines)
        yield Reading((*others, Block(fees=block.fees, billed=block.billed + loose.cents, lines=lines)))
    if settled:
        yield Reading((*settled, loose.bills((), all_due=True)))


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
    pieces: dict[Piece, int] = {}
    for item in items:
        if item.piece is not None:
            pieces[item.piece] = pieces.get(item.piece, 0) + item.cents
    return Block(
        fees=fees,
        billed=sum(item.cents for item in items),
        pieces=FrozenDict(pieces) if all(item.piece is not None for item in items) else None,
        lines=tuple(item.line.id for item in items if item.line.id),
    )
