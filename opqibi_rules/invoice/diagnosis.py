"""Why an amount differs: the fewest changes that account for the gap, to the cent.

What was billed comes as :class:`Block` s: a fee, or several billed in one amount, or a fee detailed part by
part. Each block's gap is explained by one change where one does; else by two on different parts; else by the
counts nearest to those expected. A change of the whole price (another event, another schedule) competes with
them. All the explanations of the smallest size are given; only one that stands alone is called certain.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any

from opqibi_rules.invoice.billing import (
    EACH,
    NEW_EACH,
    Billing,
    Part,
    article_of,
    total_of,
    unit_prices,
)
from opqibi_rules.invoice.causes import (
    FREE_CAUSE,
    Change,
    OtherTurnover,
    another_turnover,
    changes,
    recount,
    scenarios,
)
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import plain
from opqibi_rules.price.fees import BRAND_USAGE, FEE_NAMES
from opqibi_rules.price.inversion import counts_from_amount, in_euros
from opqibi_rules.tables.schedule import Schedule

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"

MOST_PAIRS = 50
"""How many explanations by two changes are kept: beyond, none means anything."""


@dataclass(frozen=True, slots=True)
class Block:
    """Fees that were billed together, and what was billed."""

    fees: frozenset[str]
    billed: int
    """Cents excl. VAT, all parts together."""
    parts: Mapping[Part, int] | None = None
    """Cents by part, where the invoice details the fee."""
    open: bool = False
    """Nothing names the fees: they are those of the event, whichever it is."""
    lines: tuple[str, ...] = ()
    """Identifiers of the invoice lines."""

    def seen(self, amounts: Mapping[Part, int]) -> dict[Part | None, int]:
        """What this block shows of a price: its parts, or their sum."""
        own: dict[Part | None, int] = {
            part: cents for part, cents in amounts.items() if part.fee in self.fees and cents
        }
        if self.parts is not None:
            return own
        whole = sum(own.values())
        return {None: whole} if whole else {}

    def gap(self, amounts: Mapping[Part, int]) -> dict[Part | None, int]:
        """Cents billed beyond a price, where they differ."""
        expected = self.seen(amounts)
        billed: Mapping[Any, int] = {None: self.billed} if self.parts is None else self.parts
        gaps = {part: billed.get(part, 0) - expected.get(part, 0) for part in (*billed, *expected)}
        return {part: cents for part, cents in gaps.items() if cents}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Changes that together account for a gap to the cent."""

    changes: tuple[Change, ...]
    effect: Decimal
    """Euros excl. VAT billed too much, or too little where negative."""
    fee: str | None
    confidence: str = POSSIBLE
    of_vat: bool = False
    """The gap is in the VAT, and ``effect`` is euros of VAT."""
    condition: Message | None = None
    """What it takes for granted of what the invoice bills."""

    @property
    def cause(self) -> str:
        """The code of its change; ``combination`` of several."""
        return self.changes[0].cause if len(self.changes) == 1 else "combination"

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles of the schedule that its changes touch."""
        return tuple(dict.fromkeys(article for change in self.changes for article in change.articles))

    @property
    def message(self) -> Message:
        """Its changes in words."""
        first, *others = (change.message for change in self.changes)
        for other in others:
            first = Message("{first}, and {other}", first=first, other=other)
        if self.condition is not None:
            return Message("{first} ({condition})", first=first, condition=self.condition)
        return first

    @property
    def stiff(self) -> bool:
        """No change in it could account for any amount at all."""
        return all(change.stiff for change in self.changes)

    @property
    def rank(self) -> tuple[int, int]:
        """The fewest changes first, then the stiffest and the smallest counts."""
        return len(self.changes), _bends(self.changes)

    def to_dict(self, say: Say = str) -> dict[str, Any]:
        """The JSON form."""
        return {
            "cause": self.cause,
            "fee": self.fee,
            "about": "vat" if self.of_vat else "price",
            "effect": plain(self.effect),
            "message": say(self.message),
            "confidence": self.confidence,
            "articles": list(self.articles),
            "changes": [
                {
                    "cause": change.cause,
                    "fee": change.fee,
                    "articles": list(change.articles),
                    "effect": plain(in_euros(sum(change.moves.values()))),
                    "message": say(change.message),
                }
                for change in self.changes
            ],
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The explanations of an invoice's gaps, the best first, and what none explains."""

    explanations: tuple[Explanation, ...] = ()
    unexplained: tuple[Block, ...] = ()
    size: int = 0
    """How many changes explain it all."""

    @property
    def rank(self) -> tuple[int, int, tuple[int, int]]:
        """Whether a reading of the invoice is simpler than another."""
        best = min((explanation.rank for explanation in self.explanations), default=(0, 0))
        return len(self.unexplained), self.size, best


@dataclass(slots=True)
class _Search:
    """One price, its single changes made once."""

    billing: Billing
    others: tuple[OtherTurnover, ...]
    amounts: Mapping[Part, int] = field(init=False)
    singles: tuple[Change, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.amounts = self.billing.amounts()
        self.singles = tuple(changes(self.billing, self.others))

    def explain(self, block: Block) -> list[tuple[Change, ...]]:
        """The smallest sets of changes that explain a block's gap."""
        gap = block.gap(self.amounts)
        if not block.fees:
            return [(_UNEXPECTED,)]
        if block.fees.isdisjoint(part.fee for part in self.amounts):
            return [(_not_due(block, self.billing.schedule),)]
        moved = [(change, block.seen(change.moves)) for change in self.singles]
        moved = [(change, move) for change, move in moved if move]
        found: list[tuple[Change, ...]] = [(change,) for change, move in moved if move == gap]
        free = self._another_turnover(block)
        if found:
            return found + ([(free,)] if free else [])
        pairs = list(islice(_pairs(moved, gap), MOST_PAIRS))
        if free:
            return [(free,), *pairs]
        return pairs or _by_part(moved, gap) or list(self._nearest_counts(block))

    def _another_turnover(self, block: Block) -> Change | None:
        part = Part(BRAND_USAGE)
        if part not in self.amounts or BRAND_USAGE not in block.fees:
            return None
        if block.parts is not None:
            return another_turnover(self.billing, block.parts[part]) if len(block.fees) == 1 else None
        rest = total_of(self.amounts, block.fees - {BRAND_USAGE})
        return another_turnover(self.billing, block.billed - rest)

    def _nearest_counts(self, block: Block) -> Iterator[tuple[Change, ...]]:
        """The counts that give the block's amount with the fewest qualifications changed."""
        pieces = [part for part in self.amounts if part.fee in block.fees and part.piece in {EACH, NEW_EACH}]
        if block.parts is not None or len(block.fees) != 1 or len({part.piece for part in pieces}) != 1:
            return
        piece = pieces[0].piece
        fee = pieces[0].fee
        flats = sum(cents for part, cents in self.amounts.items() if part.fee == fee and part.tariff is None)
        prices = unit_prices(fee, piece, self.billing.schedule)
        held = self.billing.held
        nearest: list[dict[int, int]] = []
        least = None
        for counts in islice(counts_from_amount(in_euros(block.billed - flats), prices), 20_000):
            distance = sum(abs(counts.get(t, 0) - held.get(t, 0)) for t in prices)
            if least is None or distance < least:
                nearest, least = [counts], distance
            elif distance == least:
                nearest.append(counts)
        for counts in nearest:
            yield recount(self.billing, fee, piece, held, counts)


def _pairs(
    moved: Sequence[tuple[Change, Mapping[Part | None, int]]], gap: Mapping[Part | None, int]
) -> Iterator[tuple[Change, ...]]:
    """Two changes on different parts whose moves make the gap."""
    by_move: dict[frozenset[tuple[Part | None, int]], list[tuple[int, Change]]] = {}
    for index, (change, move) in enumerate(moved):
        by_move.setdefault(frozenset(move.items()), []).append((index, change))
    found = []
    for index, (change, move) in enumerate(moved):
        rest = {part: gap.get(part, 0) - move.get(part, 0) for part in (*gap, *move)}
        needed = frozenset((part, cents) for part, cents in rest.items() if cents)
        for place, other in by_move.get(needed, ()):
            if place > index and change.moves.keys().isdisjoint(other.moves):
                found.append((change, other))
    if found:
        least = min(map(_bends, found))
        yield from (pair for pair in found if _bends(pair) == least)


def _bends(chosen: tuple[Change, ...]) -> int:
    """How far the changes bend: stiff ones first, then the smallest counts."""
    return sum(change.bend + change.units for change in chosen)


def _by_part(
    moved: Sequence[tuple[Change, Mapping[Part | None, int]]], gap: Mapping[Part | None, int]
) -> list[tuple[Change, ...]]:
    """One change for each part of a detailed fee, where each part has one."""
    chosen = []
    for part, cents in gap.items():
        own = [change for change, move in moved if part is not None and move == {part: cents}]
        if not own:
            return []
        chosen.append(min(own, key=lambda change: _bends((change,))))
    return [tuple(chosen)]


_UNEXPECTED = Change(
    "unexpected_line",
    None,
    (),
    Message("something billed that the schedule does not know"),
    {},
    1,
    2 * FREE_CAUSE,
)


def _not_due(block: Block, schedule: Schedule) -> Change:
    """The event does not bear what was billed."""
    fee = min(block.fees)
    message = Message("not due at this event: {fee}", fee=FEE_NAMES[fee])
    part = Part(fee)
    articles = (article_of(part, schedule),)
    return Change("fee_not_due", fee, articles, message, {part: block.billed}, 1, FREE_CAUSE)


def explain(
    billing: Billing,
    blocks: Sequence[Block],
    *,
    editions: Iterable[Schedule] = (),
    others: Iterable[OtherTurnover] = (),
) -> Diagnosis:
    """The smallest explanations of what was billed (``blocks``) against what was due (``billing``).

    ``editions`` are the schedules that may have been taken instead; ``others``, the turnovers.
    """
    others = tuple(others)
    own = _Search(billing, others)
    wrong = [block for block in blocks if block.gap(own.amounts)]
    if not wrong:
        return Diagnosis()
    options = [(block, own.explain(block)) for block in wrong]
    unexplained = tuple(block for block, found in options if not found)
    size = sum(len(found[0]) for _, found in options if found)
    whole = sum(_effect(block, own.amounts) for block in wrong)
    rivals: dict[int, list[tuple[Change, ...]]] = {1: [], 2: []}
    for change, other in scenarios(billing, editions):
        for explained in _in_scenario(_Search(other, others), blocks, change):
            rivals[len(explained)].append(explained)
    for smaller, found in rivals.items():
        if found and (unexplained or smaller < size):
            return Diagnosis(_judged(found, whole), (), smaller)
    explanations: list[Explanation] = []
    for block, found in options:
        beside = rivals[1] if size == 1 else []
        explanations += _judged([*found, *beside], _effect(block, own.amounts))
    return Diagnosis(tuple(explanations), unexplained, size)


def _in_scenario(search: _Search, blocks: Sequence[Block], change: Change) -> Iterator[tuple[Change, ...]]:
    """The scenario alone, where it explains all; else with one more change of one block."""
    named = frozenset(fee for block in blocks if not block.open for fee in block.fees)
    of_event = frozenset(part.fee for part in search.amounts) - named
    moved = [replace(block, fees=of_event) if block.open else block for block in blocks]
    left = [block for block in moved if block.gap(search.amounts)]
    if not left:
        yield (change,)
    elif len(left) == 1 and not left[0].fees.isdisjoint(part.fee for part in search.amounts):
        for other, *more in search.explain(left[0]):
            if not more and other.stiff:
                yield (change, other)


def _effect(block: Block, amounts: Mapping[Part, int]) -> int:
    return sum(block.gap(amounts).values())


def _judged(found: Sequence[tuple[Change, ...]], effect: int) -> tuple[Explanation, ...]:
    """Explanations of one gap, the best first; certain only where one stands alone and bends to nothing."""
    stiff = [chosen for chosen in found if all(change.stiff for change in chosen)]
    explanations = []
    for chosen in found:
        confidence = POSSIBLE
        if len(chosen) == 1 and (len(found) == 1 or [chosen] == stiff):
            confidence = CERTAIN if len(found) == 1 and stiff else LIKELY
        fees = {change.fee for change in chosen}
        fee = fees.pop() if len(fees) == 1 else None
        explanations.append(Explanation(chosen, in_euros(effect), fee, confidence))
    return tuple(sorted(explanations, key=lambda explanation: explanation.rank))
