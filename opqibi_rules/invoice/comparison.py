"""What is due beside what is billed, line by line, and the findings that their differences are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from opqibi_rules.invoice.findings import About, Finding, Severity, beyond, missing
from opqibi_rules.invoice.matching.doubts import Doubts
from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.open_prices import Open, may_come_to
from opqibi_rules.invoice.why.billing import Piece, amounts_of, article_of, label_of, piece_of
from opqibi_rules.invoice.why.blocks import Block
from opqibi_rules.invoice.why.explanation import Explanation
from opqibi_rules.messages import Message, marked
from opqibi_rules.price.fees import Line
from opqibi_rules.price.inversion import in_cents, in_euros
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.dispute_codes import DisputeCodes, DisputeReason
from opqibi_rules.tables.schedule import Fee, Tranches


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison, in euros excl. VAT."""

    label: Message
    fees: tuple[str, ...]
    articles: tuple[str, ...]
    expected: Decimal | None
    """``None``: data is missing."""
    invoiced: Decimal
    lines: tuple[str, ...] = ()
    """Identifiers of the invoice lines."""

    @property
    def difference(self) -> Decimal | None:
        """Euros invoiced beyond what was expected."""
        return beyond(self.invoiced, self.expected)


NOT_ASKED = "fee_not_asked"
OPEN = "price_open"
"""The code of what nothing settles of a price."""
WITHIN_TOLERANCE = "within_tolerance"
_NOT_OF_SCHEDULE = Message("Line unknown to the schedule")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A reading of an invoice, beside the quote."""

    expected: Quote
    codes: DisputeCodes
    tolerance: int
    """Cents per fee."""
    matched: Sequence[Matched]
    blocks: Sequence[Block]
    explanations: Sequence[Explanation]
    doubts: Doubts
    open: Sequence[Open] = ()
    """What nothing settles of the price."""
    asked: frozenset[str] | None = None
    """The fees that the invoice is said to bear, where that is said."""

    @cached_property
    def _due(self) -> dict[Piece, Line]:
        """The lines of the quote by piece; the first, for a part by tranches."""
        return {piece_of(line): line for line in reversed(self.expected.lines)}

    @cached_property
    def _amounts(self) -> Mapping[Piece, int]:
        return amounts_of(self.expected.lines)

    def _fees(self, block: Block) -> tuple[Fee, ...]:
        """Those of a block, in the order of the document."""
        return tuple(fee for fee in self.expected.schedule.fees if fee.id in block.fees)

    def _is_unknown(self, block: Block) -> bool:
        return not block.fees.isdisjoint(self.expected.missing)

    def findings(self) -> Iterator[Finding]:
        """What differs, then the fees that are not billed."""
        for block in self.blocks:
            if not self._is_unknown(block):
                yield from self._of_block(block)
        for block in self.blocks:
            for fee in self._fees(block):
                if fee.id in self.expected.missing:
                    finding = missing("turnover_missing", About.PRICE, self.expected.bases[fee.id].reason)
                    invoiced = in_euros(block.billed)
                    yield replace(finding, fee=fee.id, articles=(fee.article,), invoiced=invoiced)
        yield from self._open()
        yield from self._only_amounts()
        yield from self._only_products()
        yield from self._one_for_several()
        billed = {fee for block in self.blocks for fee in block.fees}
        for fee in self.expected.schedule.borne(self.expected.event):
            due = self.expected.subtotals[fee.id]
            if fee.id not in billed and due != 0:
                message = Message("Not billed here: {fee}.", fee=fee.title)
                yield Finding("fee_not_billed", About.PRICE, message, fee=fee.id, expected=due)

    def _open(self) -> Iterator[Finding]:
        """What nothing settles of what is billed; undetermined where the price, or what is billed, hangs on it."""
        for item in self.open:
            blocks = [
                block for block in self.blocks if item.fees & block.fees and not self._is_unknown(block)
            ]
            used = any(
                self._is_open(block, piece, cents) and (piece is None or piece in item.moves)
                for block in blocks
                for piece, cents in block.gap(self._amounts).items()
            )
            if blocks and (used or item.unsure):
                yield missing(OPEN, About.PRICE, item.reason)
            elif blocks:
                yield Finding(OPEN, About.PRICE, item.reason)

    def _is_open(self, block: Block, piece: Piece | None, cents: int) -> bool:
        """Whether what nothing settles makes up a gap."""
        return may_come_to(self.open, cents, {piece}, block.fees)

    def not_asked(self) -> Iterator[Finding]:
        """The fees that are billed, and that it is said not to bear, whatever they come to."""
        for block in self.blocks:
            more = tuple(fee.title for fee in self._fees(block) if self._is_beyond(fee.id))
            if more and block.is_due(self._amounts):
                message = Message(
                    "{fees}: {invoiced:euro} billed, and not among the fees that it is said to bear.",
                    fees=more,
                    invoiced=in_euros(block.billed),
                )
                found = _wrong(NOT_ASKED, message, in_euros(block.billed), in_euros(0), block.lines)
                yield replace(found, articles=self._articles(block))

    def _is_beyond(self, fee: str) -> bool:
        return self.asked is not None and fee not in self.asked

    def _only_amounts(self) -> Iterator[Finding]:
        """The lines whose words are of something else, or of nothing known: an amount may be right by chance."""
        if (words := self.doubts.of_remarks()) is not None:
            message = Message(
                "A note says « {words} »; the price is compared with the schedule of {day:date}.",
                words=words,
                day=self.expected.schedule.in_force_from,
            )
            yield missing("other_edition", About.PRICE, message)
        for item in self.matched:
            if item.apart:
                continue
            name = item.line.name or item.line.description
            said = self.doubts.of(item, self._counts(item))
            if said is not None:
                message = Message(
                    "« {name} » says « {words} »: only its amount is that of what the schedule asks for.",
                    name=name,
                    words=said,
                )
            elif item.named.stray or item.named.elsewhere:
                message = Message(
                    "« {name} »: only its amount says that this line bills what the schedule asks for.",
                    name=name,
                )
            else:
                continue
            found = missing("line_wording", About.PRICE, message)
            yield replace(found, line=item.line.id or None, invoiced=in_euros(item.cents))

    def _counts(self, item: Matched) -> frozenset[int]:
        """How many qualifications a line may say: those of its piece; of whole fees, those of a part, or of all."""
        if item.piece is not None:
            line = self._due.get(item.piece)
            return frozenset(filter(None, [line.quantity if line else None]))
        if not item.fees or item.cents != sum(
            cents for piece, cents in self._amounts.items() if piece.fee in item.fees
        ):
            return frozenset()
        by_part: dict[tuple[str, str], int] = {}
        for line in self.expected.lines:
            if line.tariff is not None and line.fee.id in item.fees:
                key = (line.fee.id, line.part.id)
                by_part[key] = by_part.get(key, 0) + (line.quantity or 0)
        return frozenset({*by_part.values(), sum(by_part.values())}) - {0}

    def _only_products(self) -> Iterator[Finding]:
        """The lines whose number and unit price are both other than due, where what they come to is right."""
        right = {line for block in self.blocks if not block.gap(self._amounts) for line in block.lines}
        for item in self.matched:
            counted = item.counted and item.cents > 0 and not (item.adjusts or item.off)
            if not counted or item.line.id not in right or self._has_its_price(item):
                continue
            message = Message(
                "« {name} »: {quantity} × {price:euro} come to what is due, and the schedule has no such price here.",
                name=item.line.name or "?",
                quantity=item.line.quantity,
                price=item.line.unit_price,
            )
            found = missing("line_product", About.PRICE, message)
            yield replace(found, line=item.line.id or None, invoiced=in_euros(item.cents))

    def _one_for_several(self) -> Iterator[Finding]:
        """The lines of one thing whose amount is the price of several qualifications: their words may say one."""
        for item in self.matched:
            due = self._due.get(item.piece) if item.piece is not None else None
            number = due.quantity or 1 if due is not None and due.tariff is not None else 1
            alone = item.line.quantity in {None, 1}
            if due is None or number == 1 or not alone or item.cents != in_cents(due.amount):
                continue
            if any(other.unit_price == due.amount for other in self.expected.lines):
                continue  # it may be one of another tariff
            values = {
                "name": item.line.name or item.line.description or "?",
                "amount": due.amount,
                "n": number,
                "price": due.unit_price,
            }
            said = sum(count for _, count in item.named.counts) or len(item.named.codes)
            if said and said != number:
                message = Message(
                    "« {name} » names {said}, and {amount:euro} is the price of {n} ({n} × {price:euro}).",
                    said=said,
                    **values,
                )
                found = missing("line_wording", About.PRICE, message)
            elif not said and item.line.quantity is not None and item.line.unit_price is not None:
                message = Message(
                    "« {name} »: {amount:euro} for one; it is the price of {n} qualifications, at {price:euro} each.",
                    **values,
                )
                found = Finding("line_product", About.PRICE, message)
            else:
                continue
            yield replace(found, line=item.line.id or None, invoiced=in_euros(item.cents))

    def _has_its_price(self, item: Matched) -> bool:
        """Whether a line of several states the price of one, a rate, or the price of one of the years of a fee."""
        line, fees = item.line, [fee for fee in self.expected.schedule.fees if fee.id in item.fees]
        assert line.unit_price is not None  # it is counted
        prices = {due.unit_price for due in self.expected.lines if piece_of(due) == item.piece and due.tariff}
        if any(
            price is not None and price * (line.price_quantity or 1) == line.unit_price for price in prices
        ):
            return True
        by_rate = (
            any(isinstance(part, Tranches) for fee in fees for part in fee.parts) and line.unit_price < 1
        )
        return by_rate or any(fee.years == line.quantity for fee in fees)

    def _of_block(self, block: Block) -> Iterator[Finding]:
        gap = block.gap(self._amounts)
        billed, due = in_euros(block.billed), in_euros(block.billed - sum(gap.values()))
        if not gap:
            return
        if max(abs(sum(gap.values())), *map(abs, gap.values())) <= self.tolerance:
            message = Message("A difference within the tolerance is accepted.")
            yield Finding(WITHIN_TOLERANCE, About.PRICE, message, expected=due, invoiced=billed)
        elif not block.fees:
            yield from self._unexpected(block)
        elif not (wrong := [piece for piece, cents in gap.items() if not self._is_open(block, piece, cents)]):
            return
        elif block.pieces is not None and block.is_due(self._amounts):
            for piece in filter(None, wrong):
                yield self._of_piece(piece, in_euros(block.pieces.get(piece, 0)))
        else:
            yield self._of_amount(block, billed, due)

    def _unexpected(self, block: Block) -> Iterator[Finding]:
        for item in self.matched:
            if item.apart != block.open and (not item.fees or item.line.id in block.lines):
                name = item.line.name or "?"
                message = Message("Nothing of the schedule corresponds to this line: {name}.", name=name)
                yield _wrong("unexpected_line", message, in_euros(item.cents), in_euros(0), (item.line.id,))

    def _of_amount(self, block: Block, billed: Decimal, due: Decimal) -> Finding:
        """One amount for a fee, or several, that is not their price."""
        fees = self._fees(block)
        titles = tuple(fee.title for fee in fees)
        if block.is_due(self._amounts):
            code = "fee_amount" if len(fees) == 1 else "total_price"
            message = Message(
                "{fees}: {invoiced:euro} billed, {expected:euro} expected.",
                fees=titles,
                invoiced=billed,
                expected=due,
            )
        else:
            code = "fee_not_due"
            message = Message(
                "{fees}: {invoiced:euro} billed, and not due here ({event}).",
                fees=titles,
                invoiced=billed,
                event=self.expected.event.name,
            )
        return replace(
            _wrong(code, message, billed, due, block.lines),
            fee=fees[0].id if len(fees) == 1 else None,
            articles=self._articles(block),
            dispute=self._reason(code, block),
        )

    def _reason(self, code: str, block: Block) -> DisputeReason:
        """The official reason: that of the causes, where all have the same."""
        causes = {item.cause for item in self.explanations if item.fee is None or item.fee in block.fees}
        reasons = {self.codes.reason(cause, code).code for cause in causes}
        return self.codes.reason(*causes, code) if len(reasons) == 1 else self.codes.reason(code)

    def _of_piece(self, piece: Piece, billed: Decimal) -> Finding:
        lines = [item.line for item in self.matched if item.piece == piece]
        due = in_euros(self._amounts.get(piece, 0))
        price = self._due[piece].unit_price if piece in self._due else None
        prices = {line.unit_price for line in lines} - {price}
        code = "fee_amount" if piece.tariff is None else "line_quantity"
        if price is not None and prices and None not in {line.unit_price for line in lines}:
            code = "line_unit_price"
        message = Message(_OF_PIECE[code], label=self._label(piece), invoiced=billed, expected=due)
        return replace(
            _wrong(code, message, billed, due, [line.id for line in lines]),
            fee=piece.fee,
            articles=(article_of(piece, self.expected.schedule),),
        )

    def rows(self) -> tuple[Row, ...]:
        """The comparison, in the order of the document; what the schedule does not know, last."""
        order = [fee.id for fee in self.expected.schedule.fees]
        rows = [row for block in self.blocks for row in self._rows(block)]
        rows.sort(key=lambda row: [order.index(fee) for fee in row.fees] or [len(order)])
        return tuple(rows)

    def _rows(self, block: Block) -> Iterator[Row]:
        fees = self._fees(block)
        ids = tuple(fee.id for fee in fees)
        due = {
            piece: 0 if self._is_beyond(piece.fee) else cents
            for piece, cents in self._amounts.items()
            if piece.fee in block.fees
        }
        if block.pieces is None or self._is_unknown(block):
            label = fees[0].title if fees else _NOT_OF_SCHEDULE
            for fee in fees[1:]:
                label = Message("{first} + {other}", first=label, other=fee.title)
            expected = None if self._is_unknown(block) else in_euros(sum(due.values()))
            yield Row(label, ids, self._articles(block), expected, in_euros(block.billed), block.lines)
            return
        for piece in dict.fromkeys((*due, *block.pieces)):
            yield Row(
                self._label(piece),
                ids,
                (article_of(piece, self.expected.schedule),),
                in_euros(due.get(piece, 0)),
                in_euros(block.pieces.get(piece, 0)),
                tuple(item.line.id for item in self.matched if item.piece == piece and item.line.id),
            )

    def _articles(self, block: Block) -> tuple[str, ...]:
        """Those that ask for what is due of a block; those of its fees, where nothing is."""
        schedule = self.expected.schedule
        due = [article_of(piece, schedule) for piece in self._amounts if piece.fee in block.fees]
        return tuple(dict.fromkeys(due or [fee.article for fee in self._fees(block)]))

    def _label(self, piece: Piece) -> Message:
        line = self._due.get(piece)
        if line is None or line.rate is not None:
            return label_of(piece, self.expected.schedule)
        return line.label


_OF_PIECE = {
    "line_unit_price": marked("{label}: {invoiced:euro} billed, {expected:euro} expected (unit price)."),
    "line_quantity": marked("{label}: {invoiced:euro} billed, {expected:euro} expected (quantity)."),
    "fee_amount": marked("{label}: {invoiced:euro} billed, {expected:euro} expected."),
}


def _wrong(code: str, message: Message, billed: Decimal, due: Decimal, lines: Iterable[str]) -> Finding:
    ids = ", ".join(filter(None, lines)) or None
    return Finding(code, About.PRICE, message, Severity.ERROR, expected=due, invoiced=billed, line=ids)
