"""Is the price the schedule's? Each fee billed against the quote, what differs, and why.

Where the lines do not tell which fees are billed, every reading of them is tried: one that is right to the
cent is kept, else the one explained by the fewest changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from opqibi_rules.invoice.billing import Billing, Part, amounts_of, article_of, part_of
from opqibi_rules.invoice.causes import FREE_CAUSE, Change, OtherTurnover, another_turnover
from opqibi_rules.invoice.diagnosis import LIKELY, POSSIBLE, Block, Diagnosis, Explanation, explain
from opqibi_rules.invoice.findings import ERROR, INFO, PRICE, WARNING, Finding
from opqibi_rules.invoice.matching import EVENT_FEES, Matched, Matcher, Reading, readings
from opqibi_rules.invoice.model import Invoice, InvoiceLine
from opqibi_rules.invoice.sums import amount_of, total_excl_vat
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, ZERO, round_cents
from opqibi_rules.price.fees import BRAND_USAGE, FEE_NAMES, FEES
from opqibi_rules.price.inversion import in_cents, in_euros
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.question import EVENT_NAMES
from opqibi_rules.tables.library import Tables


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
        return None if self.expected is None else EXACT.subtract(self.invoiced, self.expected)


@dataclass(frozen=True, slots=True)
class PriceCheck:
    """What the price check found."""

    findings: tuple[Finding, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class _Choice:
    """One reading of the invoice, judged."""

    reading: Reading
    known: tuple[Block, ...]
    unknown: tuple[Block, ...]
    """Blocks with a fee that the quote could not compute."""
    turnovers: tuple[Change, ...]
    """For each unknown block, the turnovers that would give what it bills."""
    diagnosis: Diagnosis

    @property
    def cost(self) -> tuple[int, int, int]:
        """What is not explained, how many changes it takes, how far they bend."""
        impossible = len(self.unknown) - len(self.turnovers)
        unexplained, size, (_, bent) = self.diagnosis.rank
        return unexplained + impossible, size + len(self.unknown), bent


_RIGHT = (0, 0, 0)


class PriceChecker:
    """One quote, against which invoices are checked."""

    def __init__(
        self,
        expected: Quote,
        tables: Tables,
        *,
        tolerance: Decimal = ZERO,
        asked: frozenset[str] | None = None,
        others: Iterable[OtherTurnover] = (),
        dated: bool = False,
    ) -> None:
        self.expected = expected
        self.schedule = expected.schedule
        self.billing = Billing.of(expected)
        self.amounts = amounts_of(expected.lines, expected.schedule)
        self.matcher = Matcher(expected, tables.invoice_wording, asked)
        self.editions = tables.schedules
        self.codes = tables.dispute_codes
        self.tolerance = in_cents(tolerance)
        self.asked = asked
        self.dated = dated
        self.others = tuple(others)
        unpriced = expected.base is not None and expected.base.turnover is None
        self.unpriced = frozenset({BRAND_USAGE}) if unpriced else frozenset()
        self.labels = {part_of(line, expected.schedule): line.label for line in expected.lines}

    def check(self, invoice: Invoice) -> PriceCheck:
        """The comparison, its findings and their explanations."""
        untaxed = total_excl_vat(invoice)
        if untaxed is None:
            message = Message("The price cannot be compared: no amount excl. VAT is stated.")
            return PriceCheck((Finding("no_amount", WARNING, PRICE, message, undetermined=True),))
        if invoice.currency not in {None, "", "EUR"}:
            message = Message(
                "The price cannot be compared: the invoice is in {currency}, the schedule in euros.",
                currency=invoice.currency,
            )
            return PriceCheck((Finding("currency", WARNING, PRICE, message, undetermined=True),))
        sign = -1 if untaxed < ZERO else 1
        matched = self.matcher.match(_billed_lines(invoice, untaxed, sign))
        choices = self._choices(matched)
        choice = min(choices, key=lambda choice: choice.cost)
        rivals = [other for other in choices if other is not choice and other.cost[:2] == choice.cost[:2]]
        explanations = tuple(self._explanations(choice, rivals))
        findings = (
            *self._context(invoice, sign),
            *self._findings(choice, matched, explanations),
        )
        rows = [row for block in choice.reading.blocks for row in self._rows(block, matched)]
        rows.sort(key=lambda row: [FEES.index(fee) for fee in row.fees] or [len(FEES)])
        return PriceCheck(findings, explanations, tuple(rows))

    def _choices(self, matched: tuple[Matched, ...]) -> list[_Choice]:
        """The readings as the amounts tell; then as the words alone do, for an amount may be right by chance.

        The first that is right is the only one kept.
        """
        choices = []
        for reading in readings(matched, self.expected, self.asked):
            choices.append(self._judge(reading))
            if choices[-1].cost == _RIGHT:
                return choices[-1:]
        worded = tuple(
            item if item.worded else Matched(item.line, item.cents, named=item.named) for item in matched
        )
        counted = any(item.counted for item in worded if not item.fees)
        for reading in readings(worded, self.expected, self.asked) if worded != matched else ():
            choice = self._judge(reading)
            if choice.cost == _RIGHT and not counted:
                return [choice]
            if choice.cost > _RIGHT and choice.cost[2] < FREE_CAUSE:
                choices.append(choice)
        return choices

    def _judge(self, reading: Reading) -> _Choice:
        unknown = tuple(block for block in reading.blocks if block.fees & self.unpriced)
        known = tuple(block for block in reading.blocks if not block.fees & self.unpriced)
        turnovers = []
        for block in unknown:
            rest = sum(cents for part, cents in self.amounts.items() if part.fee in block.fees)
            turnover = another_turnover(self.billing, block.billed - rest)
            if turnover is not None:
                turnovers.append(turnover)
        diagnosis = explain(self.billing, known, editions=self.editions, others=self.others)
        return _Choice(reading, known, unknown, tuple(turnovers), diagnosis)

    def _explanations(self, choice: _Choice, rivals: Sequence[_Choice]) -> Iterator[Explanation]:
        """Those of the reading kept, then those as small of the other readings, each with its condition."""
        own = choice.diagnosis.explanations
        others: list[Explanation] = []
        for rival in rivals:
            fees = rival.reading.fees
            only = Message(
                "if the invoice bills: {fees}", fees=[FEE_NAMES[fee] for fee in FEES if fee in fees]
            )
            condition = None if fees == choice.reading.fees else only
            for item in rival.diagnosis.explanations:
                known = [seen.message for seen in (*own, *others)]
                if fees and item.stiff and rival.cost[1] == len(item.changes) and item.message not in known:
                    others.append(replace(item, confidence=POSSIBLE, condition=condition))
        if others:
            own = tuple(replace(item, confidence=POSSIBLE) for item in own)
        yield from sorted((*own, *others), key=lambda item: item.rank)
        for change in choice.turnovers:
            yield Explanation((change,), ZERO, BRAND_USAGE, LIKELY)

    def _context(self, invoice: Invoice, sign: int) -> Iterator[Finding]:
        """What the reader should know, that changes no verdict."""
        if sign < 0 or invoice.is_credit_note:
            message = Message("A credit note: what it gives back is compared with what was due.")
            yield Finding("credit_note", INFO, PRICE, message)
        if invoice.type_code == "386":
            message = Message("A prepayment invoice: a later invoice will complete it.")
            yield Finding("prepayment", INFO, PRICE, message)
        if invoice.issued is None or self.dated:
            return
        editions = [item for item in self.editions if item.in_force_from <= invoice.issued]
        values: dict[str, Any] = {"issued": invoice.issued, "day": self.schedule.in_force_from}
        if not editions:
            message = Message(
                "The invoice is of {issued:date}, before the first schedule known; it is compared with that of "
                "{day:date}, which may not be the one it follows.",
                **values,
            )
            yield Finding("no_schedule", WARNING, PRICE, message, undetermined=True)
        elif editions[-1].id != self.schedule.id:
            message = Message(
                "The invoice is of {issued:date}; the price is compared with the schedule of {day:date}.",
                **values,
            )
            yield Finding("other_schedule", WARNING, PRICE, message)

    def _findings(
        self, choice: _Choice, matched: Sequence[Matched], explanations: Sequence[Explanation]
    ) -> Iterator[Finding]:
        for block in choice.known:
            gap = block.gap(self.amounts)
            if not gap:
                continue
            if max(abs(sum(gap.values())), *map(abs, gap.values())) <= self.tolerance:
                expected = in_euros(block.billed - sum(gap.values()))
                message = Message("A difference within the tolerance is accepted.")
                yield Finding(
                    "within_tolerance",
                    INFO,
                    PRICE,
                    message,
                    expected=expected,
                    invoiced=in_euros(block.billed),
                )
            elif not block.fees:
                yield from self._unexpected(block, matched)
            elif block.parts is not None and not block.fees.isdisjoint(part.fee for part in self.amounts):
                for part in filter(None, gap):
                    yield self._part_finding(part, block.parts.get(part, 0), matched)
            else:
                yield self._block_finding(block, gap, explanations)
        for block in choice.unknown:
            base = self.expected.base
            assert base is not None  # else no fee is unpriced
            yield Finding(
                "turnover_missing",
                WARNING,
                PRICE,
                base.reason,
                fee=BRAND_USAGE,
                articles=(self.schedule.brand_usage.article,),
                invoiced=in_euros(block.billed),
                undetermined=True,
            )
        for fee in EVENT_FEES[self.expected.event]:
            if fee not in choice.reading.fees:
                message = Message("Not billed here: {fee}.", fee=FEE_NAMES[fee])
                yield Finding("fee_not_billed", INFO, PRICE, message, fee=fee, expected=self._due(fee))

    def _unexpected(self, block: Block, matched: Sequence[Matched]) -> Iterator[Finding]:
        for item in matched:
            if not item.fees or item.line.id in block.lines:
                yield Finding(
                    "unexpected_line",
                    ERROR,
                    PRICE,
                    Message(
                        "Nothing of the schedule corresponds to this line: {name}.",
                        name=item.line.name or "?",
                    ),
                    item.line.id or None,
                    expected=ZERO,
                    invoiced=in_euros(item.cents),
                    dispute=self.codes.reason("unexpected_line"),
                )

    def _due(self, fee: str) -> Decimal | None:
        amounts = [cents for part, cents in self.amounts.items() if part.fee == fee]
        return in_euros(sum(amounts)) if amounts else None

    def _block_finding(
        self,
        block: Block,
        gap: dict[Part | None, int],
        found: Sequence[Explanation],
    ) -> Finding:
        fees = [fee for fee in FEES if fee in block.fees]
        due = not block.fees.isdisjoint(part.fee for part in self.amounts)
        expected, invoiced = in_euros(block.billed - sum(gap.values())), in_euros(block.billed)
        values: dict[str, Any] = {
            "fees": tuple(FEE_NAMES[fee] for fee in fees),
            "expected": expected,
            "invoiced": invoiced,
        }
        if not due:
            event = EVENT_NAMES[self.expected.event]
            code = "fee_not_due"
            message = Message(
                "{fees}: {invoiced:euro} billed, and not due here ({event}).", event=event, **values
            )
        else:
            code = "fee_amount" if len(fees) == 1 else "total_price"
            message = Message("{fees}: {invoiced:euro} billed, {expected:euro} expected.", **values)
        causes = {explanation.cause for explanation in found if explanation.fee in {None, *fees}}
        reasons = {self.codes.reason(cause, code).code for cause in causes}
        reason = self.codes.reason(*causes, code) if len(reasons) == 1 else self.codes.reason(code)
        return Finding(
            code,
            ERROR,
            PRICE,
            message,
            ", ".join(block.lines) or None,
            fees[0] if len(fees) == 1 else None,
            self._articles(block.fees),
            expected,
            invoiced,
            dispute=reason,
        )

    def _part_finding(self, part: Part, billed: int, matched: Sequence[Matched]) -> Finding:
        items = [item for item in matched if item.part == part]
        expected = self.amounts.get(part, 0)
        quantities = {item.line.unit_price for item in items}
        right = [line for line in self.expected.lines if part_of(line, self.schedule) == part]
        price = right[0].unit_price if right else None
        values: dict[str, Any] = {
            "label": self._label(part),
            "invoiced": in_euros(billed),
            "expected": in_euros(expected),
        }
        if price is not None and items and quantities != {price} and None not in quantities:
            code = "line_unit_price"
            message = Message(
                "{label}: {invoiced:euro} billed, {expected:euro} expected (unit price).", **values
            )
        elif part.tariff is not None:
            code = "line_quantity"
            message = Message(
                "{label}: {invoiced:euro} billed, {expected:euro} expected (quantity).", **values
            )
        else:
            code = "fee_amount"
            message = Message("{label}: {invoiced:euro} billed, {expected:euro} expected.", **values)
        return Finding(
            code,
            ERROR,
            PRICE,
            message,
            _ids(item.line for item in items),
            part.fee,
            (article_of(part, self.schedule),),
            in_euros(expected),
            in_euros(billed),
            dispute=self.codes.reason(code),
        )

    def _rows(self, block: Block, matched: Sequence[Matched]) -> Iterator[Row]:
        fees = tuple(fee for fee in FEES if fee in block.fees)
        if block.parts is not None and not block.fees & self.unpriced:
            expected = [part for part in self.amounts if part.fee in block.fees]
            for part in dict.fromkeys((*expected, *block.parts)):
                lines = tuple(item.line.id for item in matched if item.part == part and item.line.id)
                right, billed = in_euros(self.amounts.get(part, 0)), in_euros(block.parts.get(part, 0))
                yield Row(self._label(part), fees, (article_of(part, self.schedule),), right, billed, lines)
            return
        label = FEE_NAMES[fees[0]] if fees else _NOT_OF_SCHEDULE
        for fee in fees[1:]:
            label = Message("{first} + {other}", first=label, other=FEE_NAMES[fee])
        due: Decimal | None = None
        if not block.fees & self.unpriced:
            due = in_euros(sum(cents for part, cents in self.amounts.items() if part.fee in block.fees))
        yield Row(label, fees, self._articles(block.fees), due, in_euros(block.billed), block.lines)

    def _articles(self, fees: frozenset[str]) -> tuple[str, ...]:
        parts = [part for part in self.amounts if part.fee in fees] or [Part(fee) for fee in sorted(fees)]
        return tuple(dict.fromkeys(article_of(part, self.schedule) for part in parts))

    def _label(self, part: Part) -> Message:
        if part in self.labels and part.fee != BRAND_USAGE:
            return self.labels[part]
        if part.tariff is None:
            return FEE_NAMES[part.fee]
        return Message("Qualifications at tariff {tariff}", tariff=part.tariff)


_NOT_OF_SCHEDULE = Message("Line unknown to the schedule")


def _ids(lines: Iterable[InvoiceLine]) -> str | None:
    return ", ".join(line.id for line in lines if line.id) or None


def _billed_lines(invoice: Invoice, untaxed: Decimal, sign: int) -> list[InvoiceLine]:
    """What adds up to the total excl. VAT: lines and document allowances; the total alone, failing these."""
    details = [line for line in invoice.lines if line.kind == "detail"]
    amounts = [amount_of(line) for line in details]
    if not details or None in amounts:
        return [InvoiceLine("", amount=EXACT.multiply(untaxed, sign))]
    lines = [
        _turned(line, amount, sign)
        for line, amount in zip(details, amounts, strict=True)
        if amount is not None
    ]
    if invoice.adjustments:
        for item in invoice.adjustments:
            amount = EXACT.multiply(item.amount or ZERO, sign)
            lines.append(InvoiceLine("", item.reason, amount=amount))
    else:
        adjusted = EXACT.subtract(invoice.charges or ZERO, invoice.allowances or ZERO)
        lines.append(InvoiceLine("", amount=EXACT.multiply(adjusted, sign)))
    return lines


def _turned(line: InvoiceLine, amount: Decimal, sign: int) -> InvoiceLine:
    """A line of a negative invoice, the right way round."""
    quantity = None if line.quantity is None else EXACT.multiply(line.quantity, sign)
    return InvoiceLine(
        line.id,
        line.name,
        line.description,
        quantity,
        line.unit_price,
        round_cents(EXACT.multiply(amount, sign)),
    )
