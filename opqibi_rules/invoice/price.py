"""Is the price the schedule's? Each fee billed against the quote, what differs, and why.

Where the lines do not tell which fees are billed, every reading of them is tried: one that is right to the
cent is kept, else the one explained by the fewest changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from opqibi_rules.invoice.comparison import OPEN, Comparison, Row
from opqibi_rules.invoice.findings import About, Finding, Severity, missing, verdict_of
from opqibi_rules.invoice.matching.codes import Codes
from opqibi_rules.invoice.matching.doubtful_words import doubtful_words_of
from opqibi_rules.invoice.matching.doubts import Doubts
from opqibi_rules.invoice.matching.matched import Matched
from opqibi_rules.invoice.matching.matcher import Matcher
from opqibi_rules.invoice.matching.readings import Reading, fees_of, readings
from opqibi_rules.invoice.model import Invoice, InvoiceLine
from opqibi_rules.invoice.named_codes import NamedCodes
from opqibi_rules.invoice.open_prices import open_of
from opqibi_rules.invoice.sums import amount_of
from opqibi_rules.invoice.why.billing import Billing, Change, OtherTurnover
from opqibi_rules.invoice.why.blocks import Block
from opqibi_rules.invoice.why.diagnosis import Diagnoser, Diagnosis
from opqibi_rules.invoice.why.explanation import RIGHT, Confidence, Cost, Explanation
from opqibi_rules.invoice.why.turnover_causes import another_turnover
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, round_cents
from opqibi_rules.price.fees import rules_of
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict


class PriceCheck(NamedTuple):
    """What the price check found."""

    findings: tuple[Finding, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    rows: tuple[Row, ...] = ()


class _Choice(NamedTuple):
    """One reading of the invoice, judged."""

    reading: Reading
    diagnosis: Diagnosis
    turnovers: tuple[Change | None, ...]
    """For each block with a fee that the quote could not compute, the turnovers that would give what it bills."""

    @property
    def cost(self) -> Cost:
        """How simply it accounts for the invoice; the least is the best."""
        cost = self.diagnosis.cost
        impossible, unknown = self.turnovers.count(None), len(self.turnovers)
        return cost._replace(unexplained=cost.unexplained + impossible, changes=cost.changes + unknown)


class PriceChecker:
    """One quote, against which invoices are checked."""

    def __init__(
        self,
        expected: Quote,
        tables: Tables,
        *,
        tolerance: Decimal = ZERO,
        asked: frozenset[str] | None = None,
        others: tuple[OtherTurnover, ...] = (),
        dated: bool = False,
    ) -> None:
        self.expected = expected
        self.schedule = expected.schedule
        self.billing = Billing.of(expected)
        # A schedule that is not in force yet explains nothing.
        known = (edition for edition in tables.schedules if edition.in_force_from <= expected.on)
        self.diagnoser = Diagnoser(self.billing, known, others)
        codes = Codes(
            {code for line in expected.lines for code in line.codes},
            lambda code: code in tables.nomenclature.entries,
            doubtful_words_of(tables.invoice_wording),
            expected.on,
        )
        self.matcher = Matcher(expected, tables.invoice_wording, codes, asked)
        self.editions = tables.schedules
        self.latest = tables.is_latest(expected.schedule)
        self.named_codes = NamedCodes(expected, codes)
        self.codes = tables.dispute_codes
        self.tolerance = in_cents(tolerance)
        self.asked = asked
        self.dated = dated
        self.open = open_of(expected, tables, dated=dated)
        self.unpriced = frozenset(expected.missing)

    def check(self, invoice: Invoice, untaxed: Decimal | None) -> PriceCheck:
        """The comparison, its findings and their explanations; ``untaxed`` is the total excl. VAT."""
        if untaxed is None:
            message = Message("The price cannot be compared: no amount excl. VAT is stated.")
            return PriceCheck((missing("no_amount", About.PRICE, message),))
        if not invoice.is_in_euros:
            message = Message(
                "The price cannot be compared: the invoice is in {currency}, the schedule in euros.",
                currency=invoice.currency,
            )
            return PriceCheck((missing("currency", About.PRICE, message),))
        sign = -1 if untaxed < ZERO else 1
        lines = _billed_lines(invoice, untaxed, sign)
        matched = self.matcher.match(lines)
        if not matched and self.asked is None and any(self.billing.amounts.values()):
            return PriceCheck((_NOTHING_BILLED,))
        choices = self._choices(matched)
        if choices[-1].cost != RIGHT:
            matched, choices = self._otherwise(lines, matched, choices)
        choice = min(choices, key=lambda choice: choice.cost)
        same_size = (item for item in choices if item.cost[:3] == choice.cost[:3] and item is not choice)
        explanations = tuple(self._explanations(choice, same_size))
        comparison = Comparison(
            expected=self.expected,
            codes=self.codes,
            tolerance=self.tolerance,
            matched=matched,
            blocks=choice.reading,
            explanations=explanations,
            asked=self.asked,
            open=self.open,
            doubts=Doubts(
                self.matcher.wording,
                self.schedule,
                self.expected.on,
                invoice,
                gives_back=invoice.gives_back(untaxed),
                turnovers=frozenset(self.expected.question.turnovers.values()),
                event=self.expected.event,
            ),
        )
        found, rows = tuple(comparison.findings()), comparison.rows()
        if any(item.code == OPEN and item.undetermined for item in found):
            explanations = tuple(replace(item, confidence=Confidence.POSSIBLE) for item in explanations)
        beyond = (
            *comparison.not_asked(),
            *self.named_codes.findings(matched, priced=verdict_of(found) is Verdict.NO),
        )
        context = tuple(self._context(invoice, untaxed))
        if not invoice.gives_back(untaxed):
            newer = self._newer(invoice) if verdict_of(found) is Verdict.NO else ()
            return PriceCheck((*context, *found, *beyond, *newer), explanations, rows)
        rows = tuple(map(_given_back, rows))
        if verdict_of(found) is Verdict.YES:
            return PriceCheck((*context, *found), explanations, rows)
        return PriceCheck((*context, _ALONE), (), tuple(replace(row, expected=None) for row in rows))

    def _otherwise(
        self, lines: Sequence[InvoiceLine], matched: tuple[Matched, ...], choices: list[_Choice]
    ) -> tuple[tuple[Matched, ...], list[_Choice]]:
        """The simpler reading: several qualifications a line, or one; failing both, an allowance stands apart."""
        found = [(matched, choices)]
        single = self.matcher.match(lines, one_by_one=True)
        if single != matched:
            found.append((single, self._choices(single)))
        if all(each[-1].cost != RIGHT for _, each in found):
            apart = [tuple(map(_apart, some)) for some, _ in found if any(map(_adjusts, some))]
            found = [(some, self._choices(some)) for some in apart] or found
        return min(found, key=lambda each: min(choice.cost for choice in each[1]))

    def _choices(self, matched: tuple[Matched, ...]) -> list[_Choice]:
        """The readings as the amounts tell; then as the words alone do, for an amount may be right by chance.

        The first that is right is the only one kept.
        """
        choices = []
        for reading in readings(matched, self.expected, self.asked):
            choices.append(self._judge(reading))
            if choices[-1].cost == RIGHT:
                return choices[-1:]
        worded = tuple(
            item if item.worded else replace(item, fees=frozenset(), piece=None) for item in matched
        )
        counted = any(item.counted for item in worded if not item.fees)
        for reading in readings(worded, self.expected, self.asked) if worded != matched else ():
            choice = self._judge(reading)
            if choice.cost == RIGHT:
                if not counted:
                    return [choice]
            elif not choice.cost.free:
                choices.append(choice)
        return choices

    def _judge(self, reading: Reading) -> _Choice:
        known = [block for block in reading if not block.fees & self.unpriced]
        unknown = [block for block in reading if block.fees & self.unpriced]
        return _Choice(reading, self.diagnoser.explain(known), tuple(map(self._turnover, unknown)))

    def _turnover(self, block: Block) -> Change | None:
        """The turnovers that would give what a block bills of the one fee that could not be computed."""
        unpriced = block.fees & self.unpriced
        rest = sum(map(self.billing.total, block.fees - unpriced))
        return (
            another_turnover(self.billing, min(unpriced), block.billed - rest) if len(unpriced) == 1 else None
        )

    def _explanations(self, choice: _Choice, rivals: Iterable[_Choice]) -> Iterator[Explanation]:
        """Those of the reading kept, then those as small of the other readings, each with its condition."""
        own = choice.diagnosis.explanations
        others: list[Explanation] = []
        for rival in rivals:
            condition = self._condition(rival.reading, choice.reading)
            for item in rival.diagnosis.explanations:
                told = {change.message for seen in (*own, *others) for change in seen.changes}
                simple = item.stiff and rival.cost.changes == len(item.changes)
                if simple and fees_of(rival.reading) and not told.issuperset(_said(item)):
                    others.append(replace(item, confidence=Confidence.POSSIBLE, condition=condition))
        if others:
            own = tuple(replace(item, confidence=Confidence.POSSIBLE) for item in own)
        yield from sorted((*own, *others), key=lambda item: item.cost)
        for change in filter(None, choice.turnovers):
            yield Explanation((change,), ZERO, change.fee, Confidence.LIKELY)

    def _condition(self, rival: Reading, kept: Reading) -> Message | None:
        """What a rival reading takes for granted."""
        billed = fees_of(rival)
        if billed == fees_of(kept):
            return None
        fees = [fee.title for fee in self.schedule.fees if fee.id in billed]
        return Message("if the invoice bills: {fees}", fees=fees)

    def _newer(self, invoice: Invoice) -> Iterator[Finding]:
        """Where the latest schedule known is old, a newer one may account for what differs."""
        day = self.expected.on if self.dated else invoice.issued or self.expected.on
        if self.latest and day > rules_of(self.schedule).old_after:
            message = Message(
                "The latest schedule known here is of {day:date}, over a year before: a newer one may account for "
                "the difference.",
                day=self.schedule.in_force_from,
            )
            yield Finding("schedule_may_be_replaced", About.PRICE, message)

    def _context(self, invoice: Invoice, untaxed: Decimal) -> Iterator[Finding]:
        """What the reader should know, that changes no verdict."""
        if invoice.gives_back(untaxed):
            message = Message("A credit note: what it gives back is compared with what was due.")
            yield Finding("credit_note", About.PRICE, message)
        if invoice.type_code == "386":
            message = Message("A prepayment invoice: a later invoice will complete it.")
            yield Finding("prepayment", About.PRICE, message)
        if invoice.issued is None or self.dated:
            return
        issued, day = invoice.issued, self.schedule.in_force_from
        editions = [item for item in self.editions if item.in_force_from <= issued]
        if not editions:
            message = Message(
                "The invoice is of {issued:date}, before the first schedule known; it is compared with that of "
                "{day:date}, which may not be the one it follows.",
                issued=issued,
                day=day,
            )
            yield missing("no_schedule", About.PRICE, message)
        elif editions[-1].id != self.schedule.id:
            message = Message(
                "The invoice is of {issued:date}; the price is compared with the schedule of {day:date}.",
                issued=issued,
                day=day,
            )
            yield Finding("other_schedule", About.PRICE, message, Severity.WARNING)


checker_of = lru_cache(maxsize=16)(PriceChecker)
"""The checker of a quote, made once for all the invoices of a run that it prices."""

_NOTHING_BILLED = missing(
    "nothing_billed", About.PRICE, Message("Nothing is billed: there is no price to compare.")
)
_ALONE = missing(
    "credit_note_alone",
    About.PRICE,
    Message("What it gives back is judged with the invoice that it corrects: give both to the same check."),
)


_ADJUSTMENT = "adjustment"
"""The kind of a line that stands for an allowance or a charge on the whole document."""


def _adjusts(item: Matched) -> bool:
    return item.adjusts or item.line.kind == _ADJUSTMENT


def _apart(item: Matched) -> Matched:
    """A line that takes something off, or is a charge: nothing of a schedule."""
    if not _adjusts(item):
        return item
    named = item.named._replace(fees=frozenset(), elsewhere=True)
    return replace(item, named=named, fees=frozenset(), piece=None)


def _said(item: Explanation) -> Iterator[Message]:
    return (change.message for change in item.changes)


def _given_back(row: Row) -> Row:
    return replace(row, expected=None if row.expected is None else -row.expected, invoiced=-row.invoiced)


def _billed_lines(invoice: Invoice, untaxed: Decimal, sign: int) -> list[InvoiceLine]:
    """What adds up to the total excl. VAT: lines and document allowances; the total alone, failing these.

    An allowance or a charge on the whole document that its total leaves out is none.
    """
    billed = [(line, amount) for line in invoice.details if (amount := amount_of(line)) is not None]
    if not billed or len(billed) < len(invoice.details):
        return [InvoiceLine("", amount=untaxed * sign)]
    lines = [
        replace(
            line,
            quantity=None if line.quantity is None else line.quantity * sign,
            amount=round_cents(amount * sign),
            allowances=None if line.allowances is None else line.allowances * sign,
            charges=None if line.charges is None else line.charges * sign,
        )
        for line, amount in billed
    ]
    if _added(lines) == untaxed * sign:
        return lines
    listed = [
        InvoiceLine("", item.reason, amount=(item.amount or ZERO) * sign, kind=_ADJUSTMENT)
        for item in invoice.adjustments
    ]
    stated = (invoice.charges or ZERO) - (invoice.allowances or ZERO)
    if stated and _added(listed) != untaxed * sign - _added(lines):
        return [*lines, InvoiceLine("", amount=stated * sign)]
    return lines + listed


def _added(lines: Iterable[InvoiceLine]) -> Decimal:
    return sum((line.amount or ZERO for line in lines), ZERO)
