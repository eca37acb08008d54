"""What a whole invoice may bill: its lines put together fee by fee, in each way that they leave open."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.matching.offers import priced_by_count
from opqibi_rules.invoice.why.billing import Piece, amounts_of, declared
from opqibi_rules.invoice.why.blocks import Block, Entry
from opqibi_rules.money import round_cents
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import Tranches

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
    divided = {fee.id for fee in quote.schedule.fees if len(fee.parts) > 1 or priced_by_count(fee)}
    for block in settled:
        if block.fees.isdisjoint(divided) and not block.gap(amounts):
            continue  # one amount, and it is right: nothing is to be added to it
        others = tuple(other for other in settled if other is not block)
        lines = (*block.lines, *loose.lines)
        billed = block.billed + loose.billed
        by_step = block.pieces is not None and all(
            isinstance(declared(piece, quote.schedule)[1], Tranches) and not block.worded
            for piece in block.pieces
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
        counts=_counts(items),
        off=tuple((item.line.id, item.off) for item in items if item.off),
        meant=_block(fees, [replace(item, cents=item.cents - item.off, off=0) for item in items])
        if any(item.off for item in items)
        else None,
    )


def _counts(items: Sequence[Matched]) -> FrozenDict[int, int]:
    """How many qualifications of each tariff the words of one line of a fee say."""
    told: Counter[int] = Counter()
    if sum(bool(item.named.counts) for item in items) == 1:
        for item in items:
            for tariff, number in item.named.counts:
                told[tariff] += number
    return FrozenDict(told)


def _entry(item: Matched) -> Entry:
    """What a line tells of its piece; one that names one qualification by its code bills one."""
    quantity, price = item.line.quantity, item.line.unit_price
    said = bool(item.named.tariffs)
    if quantity is None and price is None and len(item.named.codes) == 1:
        return Entry(item.cents, 1, item.cents, said)
    if quantity is None or price is None or quantity != int(quantity) or quantity * price * 100 != item.cents:
        return Entry(item.cents)
    return Entry(item.cents, int(quantity), in_cents(round_cents(price)), said)
