"""Cases: a right invoice, or one with an error or two and the truth about them."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from benchmarks.diagnosis import schedule
from benchmarks.diagnosis.cases import Situation, situation
from benchmarks.diagnosis.errors import ANY, BY_FEE, KINDS, SHOWN, Cause, Kind, cause_of, told_apart
from benchmarks.diagnosis.layouts import SHAPES, Layout, Paper, Party, layout, render
from benchmarks.diagnosis.paper_errors import PAPER_KINDS, PaperKind
from benchmarks.diagnosis.schedule import FEES, Items

PAIRS = "two errors at once"
NAMELESS = "no seller named"


@dataclass(frozen=True)
class Truth:
    """One thing that is wrong, and what could not be told from it on this paper."""

    cause: Cause
    others: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Case:
    name: str
    paper: Paper
    truths: tuple[Truth, ...] = ()
    gaps: frozenset[Decimal] = frozenset((Decimal(0),))
    """The gaps in euros excl. VAT that are right to announce."""
    announced: bool = False
    sought: bool = False
    gapless: bool = False

    @property
    def situation(self) -> Situation:
        return self.paper.situation


def right(rng: random.Random, shapes: Sequence[str] = SHAPES) -> Case:
    """An invoice with nothing wrong; one in twelve has been paid in part, one in thirty names no seller."""
    given = situation(rng)
    paper = render(given.items(), given, layout(rng, shapes))
    if rng.random() < 1 / 12 and paper.layout.form != "csv":
        paper = replace(paper, prepaid=Decimal(rng.randrange(1, 9) * 10))
    nameless = rng.random() < 1 / 30
    if nameless:
        paper = replace(paper, seller=Party(None), accepted=None)
    name = NAMELESS if nameless else f"right, {paper.layout.shape}"
    return Case(name, sought=True, paper=paper, announced=given.announced)


def ambiguous(given: Situation, items: Items) -> bool:
    """Whether these items come to the price of some of the event's fees: nothing then shows the error."""
    prices = [schedule.total(given.of_fee(fee)) for fee in FEES[given.event]]
    sums = {sum(some, Decimal(0)) for n in range(1, len(prices) + 1) for some in combinations(prices, n)}
    return schedule.total(items) in sums


def drawn(each: Kind, given: Situation, items: Items, rng: random.Random) -> tuple[Items, Cause] | None:
    """One instance of a kind in these items."""
    seen = [(cause_of(each.name, other, items), other) for other in each.make(given, items, rng)]
    fit = [(cause, other) for cause, other in seen if (cause.effect != 0) != each.gapless]
    if not fit:
        return None
    cause, other = rng.choice(fit)
    return other.items, cause


def misbilled(each: Kind, rng: random.Random, shapes: Sequence[str] = ANY) -> Case | None:
    """An invoice that bills something wrong, said in words and amounts that hang together."""
    allowed = [shape for shape in each.shapes if shape in shapes]
    if not allowed:
        return None
    given, how = situation(rng), layout(rng, allowed)
    items = given.items()
    made = drawn(each, given, items, rng)
    if made is None:
        return None
    after, cause = made
    given = replace(given, announced=given.announced or each.announced or tells_no_fee(given, how))
    if schedule.total(after) <= 0 or (not each.gapless and not given.announced and ambiguous(given, after)):
        return None
    truth = Truth(cause, told_apart(given, items, after, how, cause))
    if truth.others and not each.listed:
        return None  # it happens to look like an everyday error
    gaps = frozenset((cause.effect,))
    paper = render(after, given, how)
    return Case(
        each.name,
        paper,
        (truth,),
        gaps,
        announced=given.announced,
        sought=each.sought,
        gapless=each.gapless,
    )


def tells_no_fee(given: Situation, how: Layout) -> bool:
    """Whether the paper leaves open which fees it bears."""
    return given.event != "control" and how.shape in {"totals", "global"}


def misprinted(each: PaperKind, rng: random.Random) -> Case | None:
    """An invoice that bills what is due, wrongly added, taxed or addressed."""
    given = situation(rng)
    given = replace(given, known=given.known or each.known)
    how = layout(rng, each.shapes, each.forms)
    before = render(given.items(), given, how)
    if each.known and not given.known:
        return None
    after = each.make(before, rng)
    if after is None:
        return None
    moved = after.excl_vat - before.excl_vat
    truth = Truth(Cause(each.name, moved, about=" ".join(each.about)))
    gaps = frozenset((moved, Decimal(0)) if each.name in SEEN_BOTH_WAYS else (moved,))
    return Case(each.name, after, (truth,), gaps, announced=given.announced, sought=each.sought)


SEEN_BOTH_WAYS = {"the lines are wrongly added up", "an allowance listed, not deducted"}
"""The lines bear the right price and the total another: either says what is due."""


def pair(rng: random.Random) -> Case | None:
    """Two errors on one invoice that shows both: two in what is billed, or one there and one on the paper."""
    given, kinds = situation(rng), [each for each in KINDS.values() if not (each.alone or each.announced)]
    one, two = rng.sample(kinds, 2)
    shapes = [shape for shape in SHOWN if shape in one.shapes and shape in two.shapes]
    if not shapes:
        return None
    how, items = layout(rng, shapes), given.items()
    first = drawn(one, given, items, rng)
    if first is None:
        return None
    if rng.random() < 0.4:
        paper_kind = rng.choice([k for k in PAPER_KINDS.values() if not k.known and k.shapes is not BY_FEE])
        if how.shape not in paper_kind.shapes or how.form not in paper_kind.forms:
            return None
        paper = paper_kind.make(render(first[0], given, how), rng)
        if paper is None or ambiguous(given, first[0]):
            return None
        off = paper.excl_vat - schedule.total(first[0])
        second = Truth(Cause(paper_kind.name, off, about=" ".join(paper_kind.about)))
        truths = Truth(first[1], told_apart(given, items, first[0], how, first[1])), second
        return Case(PAIRS, paper, truths, frozenset((first[1].effect + off,)), announced=given.announced)
    other = drawn(two, given, first[0], rng)
    if other is None or ambiguous(given, other[0]) or schedule.total(other[0]) <= 0:
        return None
    before, between, after = map(Counter, (items, first[0], other[0]))
    made, touched = between - before, (between - after) + (after - between)
    if made & touched or (first[1].fee, first[1].tariffs) == (other[1].fee, other[1].tariffs):
        return None  # the second would undo or repeat the first, or both would be one error
    truths = (
        Truth(first[1], told_apart(given, items, first[0], how, first[1])),
        Truth(other[1], told_apart(given, first[0], other[0], how, other[1])),
    )
    if any(t.others and not KINDS[t.cause.kind].listed for t in truths):
        return None  # one of them happens to look like an everyday error
    gaps = frozenset((first[1].effect + other[1].effect,))
    return Case(PAIRS, render(other[0], given, how), truths, gaps, announced=given.announced)


def wrong_ones(rng: random.Random, number: int) -> Iterator[Case]:
    """So many wrong invoices: every kind in turn, one in eight with two errors."""
    names = [*KINDS, *PAPER_KINDS]
    rng.shuffle(names)
    for k in range(number):
        case = None
        while case is None:
            name = names[k % len(names)]
            if k % 8 == 7:
                case = pair(rng)
            elif name in KINDS:
                case = misbilled(KINDS[name], rng)
            else:
                case = misprinted(PAPER_KINDS[name], rng)
        yield case
