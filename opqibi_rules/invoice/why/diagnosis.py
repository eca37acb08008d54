"""Why an amount differs: the fewest changes that account for the gap, to the cent.

What was billed comes as :class:`Block` s: a fee, or several billed in one amount, or a fee detailed piece by
piece. Each block's gap is explained by one change where one does; else by two on different pieces; else by the
counts nearest to those expected. A change of the whole price (another event, another schedule) competes with
them. All the explanations of the smallest size are given; only one that stands alone is called certain.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.why.billing import (
    Bears,
    Billing,
    Change,
    Freedom,
    OtherTurnover,
    Piece,
    declared,
    stretch_of,
)
from opqibi_rules.invoice.why.blocks import Block, Gap, beyond
from opqibi_rules.invoice.why.causes import NOT_DUE, changes, not_due, recount, scenarios
from opqibi_rules.invoice.why.explanation import RIGHT, Chosen, Confidence, Cost, Explanation
from opqibi_rules.invoice.why.slips import half_prices, slips, slips_of_sum, unit_price
from opqibi_rules.invoice.why.turnover_causes import another_turnover
from opqibi_rules.invoice.why.whole_causes import of_the_whole
from opqibi_rules.messages import Message
from opqibi_rules.price.fees import Counts
from opqibi_rules.price.inversion import counts_from_amount, in_euros
from opqibi_rules.tables.schedule import Fee, Flat, PerQualification, Schedule, Tranches

_OF_PRICE = frozenset({Bears.PRICE, Bears.CODE})

MOST_PAIRS = 50
"""How many explanations by two changes are kept: beyond, none means anything."""

_LONG = 80
"""Characters of a line that are told."""

MOST_COVERS = 8
"""How many changes of a detailed fee are put together."""

MOST_SHOWN = 12
"""How many ways to put them together are told."""

MOST_COUNTS = 20_000
"""How many counts are looked through for those nearest to the expected ones."""


class Diagnosis(NamedTuple):
    """The explanations of an invoice's gaps, the best first, and what none explains."""

    explanations: tuple[Explanation, ...] = ()
    unexplained: int = 0
    """How many blocks none explains."""
    size: int = 0
    """How many changes explain it all."""
    blurred: int = 0
    """How many blocks of several lines are explained by their sum."""

    @property
    def cost(self) -> Cost:
        """Whether a reading of the invoice is simpler than another."""
        best = min((explanation.cost for explanation in self.explanations), default=RIGHT)
        return best._replace(unexplained=self.unexplained, changes=self.size, blurred=self.blurred)


class Diagnoser:
    """One price, and why what was billed differs from it."""

    def __init__(
        self, billing: Billing, editions: Iterable[Schedule] = (), others: Iterable[OtherTurnover] = ()
    ) -> None:
        """``editions``: the schedules that may have been taken instead; ``others``: the turnovers."""
        self.others = tuple(others)
        self.editions = tuple(editions)
        self.due = _Price(billing, self.others)

    @cached_property
    def _instead(self) -> tuple[tuple[Change, "_Price"], ...]:
        """The whole prices that may have been taken instead of the one due."""
        found = scenarios(self.due.billing, self.editions)
        return tuple((change, _Price(other, self.others)) for change, other in found)

    def explain(self, blocks: Sequence[Block]) -> Diagnosis:
        """The smallest explanations of what was billed.

        A line that is not its own number × price is wrong in itself: what it should come to is what is explained,
        where that can be.
        """
        found = self._explain(blocks)
        if not any(block.off for block in blocks):
            return found
        meant = self._explain([block.multiplied for block in blocks])
        if meant.unexplained or (not found.unexplained and meant.size > found.size):
            return found
        off = tuple(_miscalculated(line, cents) for block in blocks for line, cents in block.off)
        return meant._replace(explanations=(*off, *meant.explanations))

    def _explain(self, blocks: Sequence[Block]) -> Diagnosis:
        wrong = [block for block in blocks if block.gap(self.due.amounts)]
        if not wrong:
            return Diagnosis()
        options = [(block, self.due.explain(block)) for block in wrong]
        unexplained = sum(not found for _, found in options)
        size = sum(len(found[0]) for _, found in options if found)
        rivals = [
            chosen
            for change, price in self._instead
            for chosen in _in_scenario(price, blocks, change, self.due.amounts)
        ]
        rivals += [(change,) for change in of_the_whole(self.due.billing, blocks)]
        fewest = min(map(len, rivals), default=size)
        rivals = [chosen for chosen in rivals if len(chosen) == fewest]
        least = min(map(stretch_of, rivals), default=None)
        own = stretch_of(change for _, found in options if found for change in found[0])
        if least is not None and (unexplained or (fewest < size and (least <= own or size > 2))):
            return Diagnosis(_judged(rivals, sum(map(self._effect, wrong)), wrong), size=fewest)
        said = {change.cause for _, found in options for (change, *_) in found}
        beside = [rival for rival in rivals if rival[0].cause not in said] if size == fewest == 1 else []
        judged = [_judged([*found, *beside], self._effect(block), [block]) for block, found in options]
        blurred = sum(block.pieces is None and len(block.lines) > 1 for block in wrong)
        return Diagnosis(tuple(chain.from_iterable(_together(judged))), unexplained, size, blurred)

    def _effect(self, block: Block) -> int:
        return sum(block.gap(self.due.amounts).values())


class _Price:
    """One price, its single changes made once."""

    def __init__(self, billing: Billing, others: tuple[OtherTurnover, ...]) -> None:
        self.billing = billing
        self.others = others
        self.amounts = billing.amounts

    @cached_property
    def singles(self) -> tuple[Change, ...]:
        return tuple(changes(self.billing, self.others))

    @cached_property
    def slips(self) -> tuple[Change, ...]:
        return tuple(slips(self.billing))

    @cached_property
    def twins(self) -> tuple[Change, ...]:
        return tuple(half_prices(self.billing))

    def knows(self, block: Block) -> bool:
        """Its schedule declares all that a block details: another edition may have other parts in a fee."""
        fees = {fee.id: fee for fee in self.billing.schedule.fees}
        return all(
            piece.fee in fees and fees[piece.fee].part(piece.part) is not None
            for piece in (block.pieces or ())
        )

    def explain(self, block: Block) -> list[Chosen]:
        """The smallest sets of changes that explain a block's gap."""
        if not block.fees:
            return [
                (_unexpected(block),),
                *((change,) for change in self.singles if _elsewhere(change, block)),
            ]
        if not block.is_due(self.amounts):
            return [(self._not_due(block),)]
        gap = block.gap(self.amounts)
        told = {piece: self._told(block, piece) for piece in gap if piece is not None}
        moved = [
            (change, move)
            for change in self._singles_of(block)
            if (move := self._seen(change, block)) and change.fits(told) and self._as_shown(change, block)
        ]
        alone = [change for change, move in moved if move == gap]
        alone = [change for change in alone if not change.renames(told)] or alone
        moved = [(change, move) for change, move in moved if not change.renames(told)]
        alone = [change for at, change in enumerate(alone) if change.message not in map(_message, alone[:at])]
        found: list[Chosen] = self._as_told(block, [(change,) for change in alone])
        prices = list(self._unit_prices(block, told)) if not found or len(gap) > 1 else []
        free = list(self._other_turnovers(block, gap))
        if any(change.stiff for (change,) in found):
            return found
        if found:
            return found + free
        moved += prices
        if block.pieces is not None:
            whole = replace(block, pieces=None, guessed=True)
            covers = list(_covers(moved, gap)) or free
            # Pieces that offset one another leave nothing to explain of their sum.
            return covers or (self.explain(whole) if whole.gap(self.amounts) else [])
        pairs = self._as_told(block, list(islice(_pairs(moved, gap), MOST_PAIRS)))
        return free + list(map(_at_large, pairs or (() if free else self._nearest_counts(block))))

    def _not_due(self, block: Block) -> Change:
        """A fee that the price does not bear; of any amount, unless it is flat and billed at its price."""
        fee = next(fee for fee in self.billing.schedule.fees if fee.id in block.fees)
        change = not_due(self.billing.schedule, fee, block.billed)
        flats = [part for part in fee.parts if isinstance(part, Flat)]
        exact = len(flats) == len(fee.parts) and in_euros(block.billed) == sum(part.amount for part in flats)
        return change if exact else replace(change, freedom=Freedom.ANY_AMOUNT)

    def _singles_of(self, block: Block) -> tuple[Change, ...]:
        """The single changes that a block may show: the slips of a piece, or those of a sum."""
        if block.pieces is not None:
            return self.singles + self.slips + (self.twins if block.guessed else ())
        own = {piece: cents for piece, cents in self.amounts.items() if piece.fee in block.fees}
        return self.singles + tuple(slips_of_sum(self.billing.schedule, own))

    def _seen(self, change: Change, block: Block) -> Gap:
        """What a block shows of a change; one amount may hide a fee that is not due at all."""
        if block.pieces is None and change.cause == NOT_DUE:
            return {None: sum(change.moves.values())}
        return block.seen(change.moves)

    def _as_told(self, block: Block, found: list[Chosen]) -> list[Chosen]:
        """Those after which there are as many qualifications as the words of a line say; all, where none are."""
        if not block.counts:
            return found
        own = ((piece, cents) for piece, cents in self.amounts.items() if piece.fee in block.fees)
        due, told = self._numbers(own), Counter(block.counts)
        return [chosen for chosen in found if due + self._added(chosen) == told] or found

    def _added(self, chosen: Chosen) -> Counter[int]:
        """How many qualifications of each tariff some changes add."""
        moved = (change.moves.items() for change in chosen if change.bears is Bears.COUNT)
        return self._numbers(chain.from_iterable(moved))

    def _numbers(self, moves: Iterable[tuple[Piece, int]]) -> Counter[int]:
        """How many qualifications of each tariff so many cents of some pieces are."""
        found: Counter[int] = Counter()
        for piece, cents in moves:
            if piece.tariff is not None:
                found[piece.tariff] += cents // self.billing.unit(piece)[0]
        return found

    def _as_shown(self, change: Change, block: Block) -> bool:
        """Where a line bills one at half price, it is there."""
        if change.cause != "half_price" or change.bears is not Bears.PRICE:
            return True
        ((piece, cents),) = change.moves.items()
        prices = {entry.price for entry in block.entries.get(piece, ())}
        return None in prices or self.billing.unit(piece)[0] + cents in prices

    def _told(self, block: Block, piece: Piece) -> Bears:
        """What the lines of a piece say is wrong: how many are billed, or the price of each."""
        _, part = declared(piece, self.billing.schedule)
        entries = block.entries.get(piece, ())
        if isinstance(part, Tranches) or not entries or any(None in entry for entry in entries):
            return Bears.ANY
        right, number = self.billing.unit(piece)
        if {entry.price for entry in entries} == {right}:
            return Bears.COUNT
        if isinstance(part, Flat):  # one of any amount: some forms of invoice have no line without a number
            return Bears.ANY
        if sum(entry.quantity or 0 for entry in entries) != number:
            return Bears.ANY
        return Bears.PRICE if any(entry.said for entry in entries) else Bears.CODE

    def _unit_prices(self, block: Block, told: Mapping[Piece, Bears]) -> Iterator[tuple[Change, Gap]]:
        """The pieces whose lines bear another unit price, for the right number."""
        for piece, bears in told.items():
            right, _ = self.billing.unit(piece)
            wrong = {entry.price for entry in block.entries.get(piece, ())} - {right}
            shown = bears in _OF_PRICE or (bears is Bears.ANY and len(block.entries.get(piece, ())) == 1)
            flat = isinstance(declared(piece, self.billing.schedule)[1], Flat)
            if shown and (flat or bears in _OF_PRICE) and wrong != {None} and len(wrong) == 1:
                cents = sum(entry.cents for entry in block.entries[piece]) - self.amounts.get(piece, 0)
                change = unit_price(
                    self.billing.schedule, piece, min(filter(None, wrong), default=0), right, cents
                )
                yield change, {piece: cents}

    def _other_turnovers(self, block: Block, gap: Gap) -> Iterator[Chosen]:
        """For a fee by tranches that the words name alone: the turnovers that give what is billed of it."""
        if block.guessed or (block.pieces is None and len(block.fees) > 1):
            return
        for piece in self.amounts:
            _, part = declared(piece, self.billing.schedule)
            moved = None if block.pieces is None else piece
            if piece.fee in block.fees and part.kind == "tranches" and set(gap) <= {moved}:
                billed = self.billing.total(piece.fee) + gap.get(moved, 0)
                change = another_turnover(self.billing, piece.fee, billed)
                if change:
                    yield (change,)

    def _nearest_counts(self, block: Block) -> Iterator[Chosen]:
        """The counts that give the block's amount with the fewest qualifications changed."""
        priced = self._priced_by_count(block)
        if priced is None:
            return
        fee, part = priced
        expected, prices = self.billing.counts(part), self.billing.schedule.price_list(part.prices).by_tariff
        rest = sum(
            cents for piece, cents in self.amounts.items() if piece.fee == fee.id and piece.part != part.id
        )
        options: list[tuple[int, Counts]] = []
        with suppress(RequestError):  # too many to look through
            for found in islice(counts_from_amount(in_euros(block.billed - rest), prices), MOST_COUNTS):
                apart = (abs(found.get(tariff, 0) - expected.get(tariff, 0)) for tariff in prices)
                options.append((sum(apart), found))
        least = min((distance for distance, _ in options), default=0)
        for distance, counts in options:
            if distance == least:
                yield recount(self.billing, fee, part, counts)

    def _priced_by_count(self, block: Block) -> tuple[Fee, PerQualification] | None:
        """The one part per qualification of a block that bills one fee in one amount."""
        own = [declared(p, self.billing.schedule) for p in self.amounts if p.fee in block.fees]
        parts = {part.id: (fee, part) for fee, part in own if isinstance(part, PerQualification)}
        if block.pieces is not None or len(block.fees) != 1 or len(parts) != 1:
            return None
        return next(iter(parts.values()))


def _message(change: Change) -> Message:
    return change.message


def _at_large(chosen: Chosen) -> Chosen:
    """Several changes of one amount, which among all there are come to almost any."""
    return (
        tuple(replace(change, freedom=Freedom.ANY_AMOUNT) for change in chosen) if len(chosen) > 1 else chosen
    )


def _pairs(moved: Sequence[tuple[Change, Gap]], gap: Gap) -> Iterator[Chosen]:
    """Two changes on different pieces whose moves make the gap; the least stretched."""
    by_move: dict[frozenset[tuple[Piece | None, int]], list[tuple[int, Change]]] = {}
    for index, (change, move) in enumerate(moved):
        by_move.setdefault(frozenset(move.items()), []).append((index, change))
    found = [
        (change, other)
        for index, (change, move) in enumerate(moved)
        for place, other in by_move.get(frozenset(beyond(gap, move).items()), ())
        if place > index and change.moves.keys().isdisjoint(other.moves)
    ]
    least = min(map(stretch_of, found), default=None)
    return (pair for pair in found if stretch_of(pair) == least)


def _covers(moved: Sequence[tuple[Change, Gap]], gap: Gap) -> Iterator[Chosen]:
    """The fewest changes that account for the pieces of a detailed fee, each piece by one of them."""
    by_piece: dict[Piece | None, list[tuple[Change, Gap]]] = {piece: [] for piece in gap}
    for change, move in sorted(moved, key=lambda item: stretch_of((item[0],))):
        if all(gap.get(piece) == cents for piece, cents in move.items()):
            for piece in move:
                by_piece[piece].append((change, move))
    found: list[Chosen] = []

    def cover(left: frozenset[Piece | None], chosen: Chosen) -> None:
        if not left:
            found.append(chosen)
        elif len(found) < MOST_PAIRS and len(chosen) < MOST_COVERS:
            piece = min(left, key=lambda piece: len(by_piece[piece]))
            for change, move in by_piece[piece]:
                if left.issuperset(move):
                    cover(left - move.keys(), (*chosen, change))

    cover(frozenset(gap), ())
    fewest = min(map(len, found), default=0)
    places = {piece: place for place, piece in enumerate(gap)}
    for item in sorted((item for item in found if len(item) == fewest), key=stretch_of)[:MOST_SHOWN]:
        yield tuple(sorted(item, key=lambda change: min(places.get(piece, 0) for piece in change.moves)))


def _miscalculated(line: str, cents: int) -> Explanation:
    message = Message("line {line} is not its own quantity × price", line=line or "?")
    change = Change("line_amount", message)
    return Explanation((change,), in_euros(cents), confidence=Confidence.CERTAIN, of_sums=True)


def _elsewhere(change: Change, block: Block) -> bool:
    """One amount that names nothing is the price of a fee that is not due."""
    return change.cause == NOT_DUE and block.amounts == (sum(change.moves.values()),)


def _unexpected(block: Block) -> Change:
    """Lines of which the schedule knows nothing."""
    message = Message("something billed that the schedule does not know")
    if block.names:
        message = Message(
            "{amount:euro} billed that the schedule does not know: « {names} »",
            amount=in_euros(block.billed),
            names=[name[:_LONG] for name in block.names],
        )
    return Change("unexpected_line", message, freedom=Freedom.ANY_THING)


def _in_scenario(
    price: _Price, blocks: Sequence[Block], change: Change, due: Mapping[Piece, int]
) -> Iterator[Chosen]:
    """The scenario alone, where it explains all; else with one more change of one block."""
    named = frozenset(fee for block in blocks if not block.open for fee in block.fees)
    of_event = frozenset(piece.fee for piece in price.amounts) - named
    moved = [replace(block, fees=of_event) if block.open else block for block in blocks]
    left = [block for block in moved if block.gap(price.amounts)]
    if not left or (any(not block.is_due(due) for block in blocks) and _comes_to(price, blocks)):
        yield (change,)
    elif len(left) == 1 and left[0].is_due(price.amounts) and price.knows(left[0]):
        for other, *more in price.explain(left[0]):
            if not more and other.stiff:
                yield (change, other)


def _comes_to(price: _Price, blocks: Sequence[Block]) -> bool:
    """All that is billed is the price of the fees that are named, however the lines were read."""
    named = frozenset(fee for block in blocks for fee in block.fees)
    borne = frozenset(piece.fee for piece in price.amounts)
    due = sum(price.billing.total(fee) for fee in named & borne)
    return due == sum(block.billed for block in blocks)


def _together(judged: Sequence[tuple[Explanation, ...]]) -> Iterator[tuple[Explanation, ...]]:
    """The explanations of several gaps: none is surer than the others let it be."""
    sure = [bool(found) and found[0].confidence is not Confidence.POSSIBLE for found in judged]
    for place, found in enumerate(judged):
        if all(sure[:place] + sure[place + 1 :]):
            yield found
        else:
            yield tuple(replace(item, confidence=Confidence.POSSIBLE) for item in found)


def _judged(found: Sequence[Chosen], effect: int, blocks: Sequence[Block]) -> tuple[Explanation, ...]:
    """Explanations of one gap, the best first; certain only where one stands alone and the lines show it."""
    explanations = []
    stiff = [chosen for chosen in found if all(change.stiff for change in chosen)]
    fixed = [chosen for chosen in found if all(change.freedom <= Freedom.LIMIT for change in chosen)]
    guessed = any(block.guessed for block in blocks)
    for chosen in found:
        confidence = Confidence.POSSIBLE
        if len(chosen) == 1 and not guessed and [chosen] == stiff == fixed:
            certain = len(found) == 1 and all(block.shows(change) for block in blocks for change in chosen)
            confidence = Confidence.CERTAIN if certain else Confidence.LIKELY
        fees = {change.fee for change in chosen}
        fee = fees.pop() if len(fees) == 1 else None
        explanations.append(Explanation(chosen, in_euros(effect), fee, confidence))
    return tuple(sorted(explanations, key=lambda explanation: explanation.cost))
