"""What is open of a price: what the structure's own file, the schedule, or the invoice itself leaves unsaid.

A qualification that is counted and not held that day, or that another entails; the turnover of a fee billed after
the decision, where a financial year closed since the application. What an invoice bills otherwise for one of these
reasons is no discrepancy: nothing tells.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from opqibi_rules.deadlines import add_months, add_years
from opqibi_rules.invoice.why.billing import Billing, Piece, piece_of
from opqibi_rules.messages import Message
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.planning.timeline import MONTHS_TO_NOTIFICATION
from opqibi_rules.price.question import entailed_together
from opqibi_rules.price.quote import Quote, answer, not_held
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Billed, Role


class Open(NamedTuple):
    """Something of a price that nothing settles."""

    reason: Message
    moves: Mapping[Piece, tuple[int, ...]]
    """The cents by which each piece may be other than the price, one or the other."""
    unsure: bool
    """Nothing tells even that the price is right."""

    @property
    def fees(self) -> frozenset[str]:
        """Those that it is about."""
        return frozenset(piece.fee for piece in self.moves)


def open_of(quote: Quote, tables: Tables, *, dated: bool) -> tuple[Open, ...]:
    """All that is open of a price; ``dated``: the day of the request is known, and is that of the quote."""
    found = [*_counted(quote, tables), *(() if dated else _of_turnovers(quote, tables))]
    return tuple(item for item in found if item.moves)


def may_come_to(
    items: Iterable[Open], cents: int, pieces: Collection[Piece | None], fees: Collection[str]
) -> bool:
    """Whether what is open makes up so many cents, of some pieces; of all those of some fees, with ``None``."""
    sums = {0}
    for item in items:
        for piece, moves in item.moves.items():
            if piece in pieces or (None in pieces and piece.fee in fees):
                sums |= {some + more for some in sums for more in moves}
    return cents in sums


def _counted(quote: Quote, tables: Tables) -> Iterator[Open]:
    """The qualifications that the price counts, and that are not held that day, or are entailed by another."""
    left: set[str] = set()
    held = quote.question.qualifications if quote.event.role is Role.CONTROL else ()
    for codes, reason in not_held(held, quote.on, tables):
        left.update(codes)
        yield Open(reason, _without(codes, quote), unsure=True)
    counted = dict.fromkeys(code for line in quote.lines for code in line.codes)
    for code, reason in entailed_together(counted, tables):
        if code not in left:
            yield Open(reason, _without((code,), quote), unsure=False)
        left.add(code)


def _without(codes: Collection[str], quote: Quote) -> Mapping[Piece, tuple[int, ...]]:
    """What leaving some of these qualifications out takes off each piece."""
    return {
        piece_of(line): tuple(-in_cents(line.unit_price) * n for n in range(1, some + 1))
        for line in quote.lines
        if line.unit_price is not None and (some := len({*line.codes} & {*codes}))
    }


def _of_turnovers(quote: Quote, tables: Tables) -> Iterator[Open]:
    """The fees billed after the decision, on the turnover of the year that was the last one before.

    A request is taken to be of the year before the invoice. Where the plan of a cycle would assume that it came
    before the close, the price of the invoice's own day is no surer than the other.
    """
    question = quote.question
    for fee, base in quote.bases.items():
        declared, known = quote.schedule.fee(fee), base.known
        if declared is None or known is None or question.structure is None or base.kind is None:
            continue
        earlier = question.structure.turnovers_known(known.closed_on, quote.schedule)
        late = declared.billed is Billed.NOTIFICATION and known.closed_on >= add_years(quote.on, -1)
        if not late or base.kind not in earlier:
            continue
        amounts = {**question.turnovers, base.kind: earlier[base.kind].amount}
        other = answer(question._replace(turnovers=amounts), quote.schedule, tables)
        own, then = Billing.of(quote).amounts, Billing.of(other).amounts
        reason = Message(
            "{fee}: it takes the last turnover known on the day of the request, which the invoice does not say. "
            "Requested after {closed:date}, it comes to {due:euro} (year {year}); by that day, to {other:euro} "
            "(year {earlier}). Give the day of the request.",
            fee=declared.title,
            closed=known.closed_on,
            due=quote.subtotals[fee],
            year=known.year,
            other=other.subtotals[fee],
            earlier=earlier[base.kind].year,
        )
        moves = {
            piece: (then.get(piece, 0) - own.get(piece, 0),) for piece in {*own, *then} if piece.fee == fee
        }
        soon = add_months(quote.on, -MONTHS_TO_NOTIFICATION) <= known.closed_on
        yield Open(reason, {piece: move for piece, move in moves.items() if any(move)}, unsure=soon)
