"""What is due beside what is billed, line by line, and the findings that their differences are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from opqibi_rules.invoice.billing import Piece, amounts_of, article_of, label_of, piece_of
from opqibi_rules.invoice.diagnosis import Block, Explanation, Gap
from opqibi_rules.invoice.findings import About, Finding, Severity, beyond, missing, wrong
from opqibi_rules.invoice.matching import Matched
from opqibi_rules.messages import Message
from opqibi_rules.price.fees import Line
from opqibi_rules.price.inversion import in_euros
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.dispute_codes import DisputeCodes, DisputeReason
from opqibi_rules.tables.schedule import Fee


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @cached_property
    def _due(self) -> dict[Piece, Line]:
        """The lines of the quote by piece; the first, for a part by tranches."""
        return {piece_of(line): line for line in reversed(self.expected.lines)}

    @cached_property
    def _amounts(self) -> dict[Piece, int]:
        return {**amounts_of(self.expected.lines)}

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
                    yield self._turnover_missing(fee, block)
        billed = {fee for block in self.blocks for fee in block.fees}
        for fee in self.expected.schedule.borne(self.expected.event):
            if fee.id not in billed:
                yield Finding(
                    code="fee_not_billed",
                    about=About.PRICE,
                    message=Message("Not billed here: {fee}.", fee=fee.title),
                    fee=fee.id,
                    expected=self.expected.subtotals[fee.id],
                )

    def _turnover_missing(self, fee: Fee, block: Block) -> Finding:
        finding = missing("turnover_missing", About.PRICE, self.expected.bases[fee.id].reason)
        return replace(finding, fee=fee.id, articles=(fee.article,), invoiced=in_euros(block.billed))

    def _of_block(self, block: Block) -> Iterator[Finding]:
        gap = block.gap(self._amounts)
        if not gap:
            return
        if max(abs(sum(gap.values())), *map(abs, gap.values())) <= self.tolerance:
            yield Finding(
                code="within_tolerance",
                about=About.PRICE,
                message=Message("A difference within the tolerance is accepted."),
                expected=in_euros(block.billed - sum(gap.values())),
                invoiced=in_euros(block.billed),
            )
        elif not block.fees:
            yield from self._unexpected(block)
        elif block.pieces is not None and block.is_due(self._amounts):
            for piece in filter(None, gap):
                yield self._of_piece(piece, block.pieces.get(piece, 0))
        else:
            yield self._of_amount(block, gap)

    def _unexpected(self, block: Block) -> Iterator[Finding]:
        for item in self.matched:
            if not item.fees or item.line.id in block.lines:
                name, billed, line = item.line.name or "?", in_euros(item.cents), item.line.id or None
                message = Message("Nothing of the schedule corresponds to this line: {name}.", name=name)
                yield wrong(
                    "unexpected_line",
                    About.PRICE,
                    message,
                    expected=in_euros(0),
                    invoiced=billed,
                    line=line,
                )

    def _of_amount(self, block: Block, gap: Gap) -> Finding:
        """One amount for a fee, or several, that is not their price."""
        fees = self._fees(block)
        due = block.billed - sum(gap.values())
        values: dict[str, Any] = {
            "fees": tuple(fee.title for fee in fees),
            "expected": in_euros(due),
            "invoiced": in_euros(block.billed),
        }
        if not block.is_due(self._amounts):
            code = "fee_not_due"
            message = Message(
                "{fees}: {invoiced:euro} billed, and not due here ({event}).",
                event=self.expected.event.name,
                **values,
            )
        else:
            code = "fee_amount" if len(fees) == 1 else "total_price"
            message = Message("{fees}: {invoiced:euro} billed, {expected:euro} expected.", **values)
        return Finding(
            code=code,
            about=About.PRICE,
            severity=Severity.ERROR,
            message=message,
            line=", ".join(block.lines) or None,
            fee=fees[0].id if len(fees) == 1 else None,
            articles=self._articles(block),
            expected=values["expected"],
            invoiced=values["invoiced"],
            dispute=self._reason(code, block),
        )

    def _reason(self, code: str, block: Block) -> DisputeReason:
        """The official reason: that of the causes, where all have the same."""
        causes = {item.cause for item in self.explanations if item.fee is None or item.fee in block.fees}
        reasons = {self.codes.reason(cause, code).code for cause in causes}
        return self.codes.reason(*causes, code) if len(reasons) == 1 else self.codes.reason(code)

    def _of_piece(self, piece: Piece, billed: int) -> Finding:
        items = [item for item in self.matched if item.piece == piece]
        due = self._amounts.get(piece, 0)
        values: dict[str, Any] = {
            "label": self._label(piece),
            "invoiced": in_euros(billed),
            "expected": in_euros(due),
        }
        price = self._due[piece].unit_price if piece in self._due else None
        billed_at = {item.line.unit_price for item in items}
        if price is not None and items and None not in billed_at and billed_at != {price}:
            code = "line_unit_price"
            message = Message(
                "{label}: {invoiced:euro} billed, {expected:euro} expected (unit price).", **values
            )
        elif piece.tariff is not None:
            code = "line_quantity"
            message = Message(
                "{label}: {invoiced:euro} billed, {expected:euro} expected (quantity).", **values
            )
        else:
            code = "fee_amount"
            message = Message("{label}: {invoiced:euro} billed, {expected:euro} expected.", **values)
        return Finding(
            code=code,
            about=About.PRICE,
            severity=Severity.ERROR,
            message=message,
            expected=values["expected"],
            invoiced=values["invoiced"],
            line=", ".join(item.line.id for item in items if item.line.id) or None,
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
        if block.pieces is not None and not self._is_unknown(block):
            due = [piece for piece in self._amounts if piece.fee in block.fees]
            for piece in dict.fromkeys((*due, *block.pieces)):
                yield Row(
                    label=self._label(piece),
                    fees=ids,
                    articles=(article_of(piece, self.expected.schedule),),
                    expected=in_euros(self._amounts.get(piece, 0)),
                    invoiced=in_euros(block.pieces.get(piece, 0)),
                    lines=tuple(i.line.id for i in self.matched if i.piece == piece and i.line.id),
                )
            return
        label = fees[0].title if fees else _NOT_OF_SCHEDULE
        for fee in fees[1:]:
            label = Message("{first} + {other}", first=label, other=fee.title)
        whole = sum(cents for piece, cents in self._amounts.items() if piece.fee in block.fees)
        yield Row(
            label=label,
            fees=ids,
            articles=self._articles(block),
            expected=None if self._is_unknown(block) else in_euros(whole),
            invoiced=in_euros(block.billed),
            lines=block.lines,
        )

    def _articles(self, block: Block) -> tuple[str, ...]:
        """Those that ask for what is due of a block; those of its fees, where nothing is."""
        schedule = self.expected.schedule
        due = [article_of(piece, schedule) for piece in self._amounts if piece.fee in block.fees]
        return tuple(dict.fromkeys(due or [fee.article for fee in self._fees(block)]))

    def _label(self, piece: Piece) -> Message:
        line = self._due.get(piece)
        return (
            label_of(piece, self.expected.schedule) if line is None or line.rate is not None else line.label
        )
