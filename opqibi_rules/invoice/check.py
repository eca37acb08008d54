"""Is an invoice right, and if not, why? Five verdicts, then one; the gap, and what explains it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.comparison import NOT_ASKED, WITHIN_TOLERANCE, Row
from opqibi_rules.invoice.deposits import alone, before, deposits_of, row_of, taken_off, with_vat
from opqibi_rules.invoice.findings import (
    SUBJECTS,
    About,
    Finding,
    FindingShape,
    Severity,
    in_its_currency,
    verdict_of,
    with_reasons,
)
from opqibi_rules.invoice.model import Invoice, InvoiceShape
from opqibi_rules.invoice.parties import CONFIRMABLE, PartyChecker, Supplier
from opqibi_rules.invoice.payable import PRECEDING_ALONE, amount_due, payable_findings
from opqibi_rules.invoice.price import checker_of
from opqibi_rules.invoice.sums import Totals, sum_findings, totals_of
from opqibi_rules.invoice.vat import NO_RATE, VatChecker, vat_due
from opqibi_rules.invoice.why.billing import OtherTurnover
from opqibi_rules.invoice.why.explanation import Explanation, ExplanationShape
from opqibi_rules.messages import Message, Say, marked, plural
from opqibi_rules.money import ZERO, exactly, to_amount
from opqibi_rules.paper.shape import Json, Shape, Voice, added, at
from opqibi_rules.price.quote import Quote, QuoteShape
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables, shipped_tables
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.verdict import INVOICE, Verdict

_MOST_TOLD = 2
"""How many possible causes the one line of the verdict tells; the others follow below."""


SERIES = "series"
"""The code of what a series comes to."""


@dataclass(frozen=True, slots=True)
class Series:
    """An invoice and what corrects it, in the same run."""

    documents: tuple[str, ...]
    """Their numbers, that of the invoice first."""
    balance: Decimal
    """Euros excl. VAT left of them together."""
    message: Message
    cancelled: bool = False
    """Nothing is left of it."""
    replaced: bool = False
    """Another invoice bills it: the corrected one; of a deposit, the final one."""


class SeriesShape(Shape, of=Series):
    """An invoice and what corrects it, in the same run."""

    documents: tuple[str, ...]
    """Their numbers, that of the invoice first."""
    balance_excl_vat: Decimal = at("balance")
    """Euros left of them together."""
    cancelled: bool
    replaced: bool
    """Another invoice bills it: the corrected one; of a deposit, the final one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCheck:
    """The answer: the verdict, the comparison line by line, the findings, and what explains the gap."""

    invoice: Invoice
    totals: Totals
    """Those of the invoice, in its currency: as written, else as its other figures leave them."""
    amount_due: Decimal | None
    """What is left to pay, in the invoice's currency: as written, else as its totals leave it."""
    expected: Quote
    """With the VAT of the buyer's territory, where the document states it."""
    findings: tuple[Finding, ...]
    explanations: tuple[Explanation, ...]
    """The best first; several of the same size are all possible."""
    rows: tuple[Row, ...]
    """Negative where the document gives back."""
    series: Series | None = None
    """What corrects it, or what it corrects, in the same run."""
    deducted: Decimal = ZERO
    """What lines of its own take off as a deposit, incl. VAT, in its currency."""
    structure: str | None = None
    """The SIREN, or the name, of the structure that was given as the one billed."""

    @property
    def gives_back(self) -> bool:
        """A credit note, or an invoice of a negative amount."""
        return self.invoice.gives_back(self.untaxed)

    @property
    @exactly
    def signed_total(self) -> Decimal | None:
        """Its total excl. VAT; negative where it is given back, however the document signs it."""
        return None if self.untaxed is None else abs(self.untaxed) * (-1 if self.gives_back else 1)

    @property
    def untaxed(self) -> Decimal | None:
        """The total excl. VAT of the invoice, as written or derived."""
        return self.totals.untaxed

    @property
    def outcome(self) -> Verdict:
        """Whether the invoice conforms."""
        return verdict_of(self.findings)

    @property
    def outcomes(self) -> Mapping[About, Verdict]:
        """Whether it does, on each of five subjects."""
        return FrozenDict({about: verdict_of(self.findings, about) for about in SUBJECTS})

    @property
    def vat_is_known(self) -> bool:
        """Whether the rate due is: not where the buyer's place is unknown, or contradicts what was asked for."""
        return not any(finding.code in NO_RATE for finding in self.findings)

    @property
    def may_be_replaced(self) -> bool:
        """A newer schedule than the latest known may have been applied."""
        return any(finding.code == "schedule_may_be_replaced" for finding in self.findings)

    @property
    def verdict(self) -> str:
        """``conform``, ``discrepancy`` or ``undetermined``."""
        return self.outcome.worded(INVOICE)

    @property
    def verdicts(self) -> Mapping[str, str]:
        """The five verdicts, in the same words; ``document`` is ``sums`` by its older name."""
        words = {about.value: outcome.worded(INVOICE) for about, outcome in self.outcomes.items()}
        return {"sums": words[About.DOCUMENT.value], **words}

    @property
    @exactly
    def gap(self) -> Decimal:
        """Euros excl. VAT billed beyond the price; negative where too little was billed."""
        return sum((row.difference for row in self.rows if row.difference is not None), ZERO)

    @property
    @exactly
    def by_fee(self) -> Mapping[str, Decimal]:
        """Euros excl. VAT billed for each fee, signed as the document signs them.

        Nothing where one amount bills several fees and is not their price.
        """
        sign = -1 if self.invoice.is_credit_note else 1
        due = -1 if self.gives_back else 1
        found: dict[str, Decimal] = {}
        for row in self.rows:
            amounts: dict[str, Decimal | None] = dict.fromkeys(row.fees, row.invoiced)
            if len(row.fees) > 1:
                right = row.difference == ZERO
                amounts = {fee: (self.expected.subtotals[fee] or ZERO) * due for fee in row.fees if right}
            for fee, amount in amounts.items():
                if amount:
                    found[fee] = found.get(fee, ZERO) + amount * sign
        return FrozenDict(found)

    @property
    @exactly
    def summary(self) -> Message:
        """The verdict in one line."""
        if self.outcome is Verdict.YES and self.series is not None:
            return self.series.message
        if self.outcome is Verdict.YES:
            billed = sum((row.invoiced for row in self.rows), ZERO)
            if any(finding.code == WITHIN_TOLERANCE for finding in self.findings):
                return Message("Conform: {total:euro} excl. VAT, within the tolerance.", total=billed)
            return Message("Conform: {total:euro} excl. VAT, to the cent.", total=billed)
        if self.outcomes[About.PRICE] is Verdict.NO:
            told = (
                self._own_sum()
                or self._not_asked()
                or self._worded()
                or _gap_told(self.gap, self.explanations, self.expected.schedule)
            )
            day = self.expected.schedule.in_force_from
            if self.may_be_replaced:
                return Message(
                    "{told} Or a schedule newer than that of {day:date} applies.", told=told, day=day
                )
            return told
        wrong = [finding for finding in self.findings if finding.severity is Severity.ERROR]
        if wrong:
            return Message("Discrepancy: {message}", message=wrong[0].message)
        missing = [finding.message for finding in self.findings if finding.undetermined]
        return Message("Undetermined: {message}", message=missing[0])

    def _not_asked(self) -> Message | None:
        """The gap, where it is all of fees that the invoice is said not to bear."""
        beyond = [finding for finding in self.findings if finding.code == NOT_ASKED]
        if not beyond or sum((finding.difference or ZERO for finding in beyond), ZERO) != self.gap:
            return None
        fees = tuple(finding.message.values["fees"] for finding in beyond)
        return _causes(
            _amount_told(self.gap), [Message("not among the fees that it is said to bear: {fees}", fees=fees)]
        )

    def _worded(self) -> Message | None:
        """What is wrong of the price and is no amount, where all amounts are right."""
        errors = [
            item for item in self.findings if item.severity is Severity.ERROR and item.about is About.PRICE
        ]
        if self.gap or not errors or any(item.difference for item in errors):
            return None
        return Message("Discrepancy: {message}", message=errors[0].message)

    def _own_sum(self) -> Message | None:
        """The gap, where nothing of the price explains it and an error of the document's own sums is as large."""
        if any(item.effect and not item.of_vat for item in self.explanations):
            return None
        for item in self.findings:
            own = item.about is About.DOCUMENT and item.severity is Severity.ERROR
            if own and self.gap and abs(item.difference or ZERO) == abs(self.gap):
                return Message(
                    "{amount}, as much as this: {finding}",
                    amount=_amount_told(self.gap),
                    finding=item.message,
                )
        return None

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        return InvoiceCheckShape.written(self, Voice(say, language))


class RowShape(Shape, of=Row):
    """A fee, or several billed together: expected, invoiced, difference."""

    label: Message
    fees: tuple[str, ...]
    articles: tuple[str, ...]
    expected: Decimal | None
    invoiced: Decimal
    difference: Decimal | None
    lines: tuple[str, ...]
    """The identifiers of the invoice lines."""


class InvoiceCheckShape(Shape, of=InvoiceCheck):
    """The verdict on an invoice."""

    schema_version: Literal[1] = 1
    verdict: Literal["conform", "discrepancy", "undetermined"]
    verdicts: Mapping[str, Literal["conform", "discrepancy", "undetermined"]]
    summary: Message
    amount_due: Decimal | None
    """What is left to pay, in the invoice's currency: as written, else as its totals leave it."""
    invoice: InvoiceShape
    expected: QuoteShape
    comparison: tuple[RowShape, ...] = at("rows")
    series: SeriesShape | None
    findings: tuple[FindingShape, ...]
    explanations: tuple[ExplanationShape, ...]
    dispute_text: str | None = added()
    """The letter that disputes it, where it was asked for; null where there is nothing to dispute."""


def _gap_told(gap: Decimal, explanations: Sequence[Explanation], schedule: Schedule) -> Message:
    """A gap between a price and what was billed, in one line; what is wrong in itself first, and apart."""
    sums = [item for item in explanations if item.of_sums]
    if sums:
        own = sum((item.effect for item in sums), ZERO)
        told = _causes(_amount_told(own), [item.message for item in sums])
        rest = [item for item in explanations if not item.of_sums]
        other = _gap_told(gap - own, rest, schedule)
        return Message("{told} {other}", told=told, other=other) if rest else told
    amount = _amount_told(gap)
    priced = [item for item in explanations if (item.effect or not gap) and not item.of_vat]
    if not priced:
        return Message("{amount}; nothing looked for explains it.", amount=amount)
    by_fee = {item.fee: item for item in reversed(priced) if item.condition is None}
    effects = sum((item.effect for item in by_fee.values()), ZERO)
    if len(by_fee) > 1 and effects == gap:
        return _fee_by_fee(amount, by_fee, schedule)
    best = priced[0]
    rivals = [item for item in priced if item.fee == best.fee or None in {item.fee, best.fee}]
    return _causes(amount, [item.message for item in rivals])


def _amount_told(gap: Decimal) -> Message:
    if gap > ZERO:
        return Message("Discrepancy: {gap:euro} excl. VAT too much", gap=gap)
    if gap < ZERO:
        return Message("Discrepancy: {gap:euro} excl. VAT too little", gap=-gap)
    return Message("Discrepancy: amounts that offset one another")


def _fee_by_fee(amount: Message, best: Mapping[str | None, Explanation], schedule: Schedule) -> Message:
    """Several fees differ: each with the first of its causes; last, what the schedule does not know."""
    told, joined = amount, marked("{first}: {part}")
    for fee in schedule.fees:
        if (item := best.get(fee.id)) is not None:
            part = Message(
                "{fee} {effect:euro}, {cause}", fee=fee.title, effect=item.effect, cause=item.message
            )
            told, joined = Message(joined, first=told, part=part), marked("{first}; {part}")
    if (unknown := best.get(None)) is not None:
        told = Message(joined, first=told, part=unknown.message)
    return Message("{told}.", told=told)


def _causes(amount: Message, causes: Sequence[Message]) -> Message:
    """The best causes, and how many more there are."""
    told = causes[0]
    for rival in causes[1:_MOST_TOLD]:
        told = Message("{first}, or {other}", first=told, other=rival)
    more = len(causes) - _MOST_TOLD
    if more <= 0:
        return Message("{amount}: {causes}.", amount=amount, causes=told)
    return plural(
        "{amount}: {causes}, or {n} more possible cause.",
        "{amount}: {causes}, or {n} more possible causes.",
        n=more,
        amount=amount,
        causes=told,
    )


@exactly
def check_invoice(
    invoice: Invoice,
    *,
    expected: Quote,
    tolerance: Decimal | int | str = ZERO,
    fees: Collection[str] | None = None,
    structure: Structure | None = None,
    supplier: Supplier | None = None,
    confirmed: Mapping[str, str] | None = None,
    other_turnovers: Mapping[str, Decimal | int | str] | None = None,
    dated: bool = False,
    vat_stated: bool = False,
    today: date | None = None,
    tables: Tables | None = None,
) -> InvoiceCheck:
    """Check an invoice against the price of the event it bills.

    Args:
        invoice: as read from a file, or built in memory; what it does not say is ``None``.
        expected: the quote of the event, for the invoice's date.
        tolerance: a difference per fee that is accepted, euros excl. VAT.
        fees: those the invoice is said to bear (``instruction``…); by default its lines tell.
        structure: who is billed; its other turnovers may explain a fee reckoned on one.
        supplier: who bills, as the invoices accepted before showed it.
        confirmed: what a person says of a party, or of a value read from a page, where the document leaves it open:
            ``{"seller": "OPQIBI"}``, ``{"total_excl_vat": "1246,00"}``.
        other_turnovers: more of them, by name: ``{"total turnover": 5_000_000}``.
        dated: the quote's day is meant, whatever the invoice's own.
        vat_stated: mainland France, where it is the quote's territory, was said outright; by default it is what a
            quote takes where nothing is said, and the document's own address decides.
        today: the day of the check, after which no invoice is dated that can be paid; any by default.
        tables: the facts; those shipped by default.

    Raises:
        RequestError: a fee that the schedule does not declare; a party that cannot be confirmed.
        AmountError: a tolerance or a turnover that is no amount.

    >>> from datetime import date
    >>> from opqibi_rules.price.quote import quote
    >>> bill = Invoice("F1", date(2026, 3, 2), total_excl_vat=Decimal("1280.00"), vat=Decimal("256.00"))
    >>> due = quote(on=date(2026, 3, 2), tariffs={1: 5, 2: 3})
    >>> print(check_invoice(bill, expected=due, fees=["instruction"]).summary)
    Discrepancy: 120.00 € excl. VAT too much: one qualification at tariff 2 too many, or ...
    """
    tables = tables or shipped_tables()
    confirmed = dict(confirmed or {})
    unsure: tuple[Finding, ...] = ()
    if invoice.reading is not None:
        from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice, to_confirm  # noqa: PLC0415 - data does without

        invoice = confirmed_invoice(invoice, confirmed)
        confirmed, unsure = (
            {key: confirmed[key] for key in CONFIRMABLE if key in confirmed},
            to_confirm(invoice),
        )
    elif "payable" in confirmed:
        invoice = _due_after_all(invoice, confirmed.pop("payable"))
    if invoice.page_differs:
        from opqibi_rules.invoice.reading.page.against import difference_findings  # noqa: PLC0415 - they are rare

        unsure = (*difference_findings(invoice), *unsure)
    taxed = vat_due(expected, invoice, tables, stated=vat_stated)
    quote = taxed.quote
    totals = totals_of(invoice)
    checker = checker_of(
        quote,
        tables,
        tolerance=to_amount(tolerance, "tolerance"),
        asked=None if fees is None else _declared(fees, quote),
        others=tuple(_turnovers(expected, structure, other_turnovers or {})),
        dated=dated,
    )
    deposits = () if totals.untaxed is None else deposits_of(invoice, tables.invoice_wording)
    whole = None if totals.untaxed is None else totals.untaxed + taken_off(deposits)
    price = checker.check(before(invoice, deposits), whole)
    parties = PartyChecker(
        quote.schedule,
        tables.invoice_wording,
        structure=structure,
        supplier=supplier,
        confirmed=confirmed,
    )
    vat = VatChecker(invoice, totals, taxed, tables)
    own = (*sum_findings(invoice, totals), *vat.findings())
    due = payable_findings(invoice, totals, tables.invoice_wording, today)
    if deposits:
        due = (*(item for item in due if item.code != PRECEDING_ALONE), alone(deposits))
    return InvoiceCheck(
        invoice=invoice,
        totals=totals,
        amount_due=amount_due(invoice, totals),
        expected=quote,
        findings=with_reasons(
            (
                *in_its_currency(unsure, invoice.currency),
                *in_its_currency(own, invoice.currency),
                *price.findings,
                *parties.findings(invoice),
                *in_its_currency(due, invoice.currency),
            ),
            tables.dispute_codes,
        ),
        explanations=(*price.explanations, *vat.explanations()),
        rows=(*price.rows, row_of(deposits)) if deposits else price.rows,
        deducted=with_vat(deposits, totals),
        structure=None if structure is None else structure.siren or structure.name,
    )


def _due_after_all(invoice: Invoice, said: str) -> Invoice:
    """The same, its notes settled by whoever says what is left to pay; a type that is no invoice stays one.

    Raises:
        RequestError: no amount, or another than the document comes to.
    """
    known, stated = amount_due(invoice, totals_of(invoice)), to_amount(said, "confirm")
    if known is None:
        return invoice
    if abs(known) != abs(stated):
        raise RequestError(
            "confirm: payable is {known:euro} by the document, and not {stated:euro}: it is not settled otherwise.",
            known=known,
            stated=stated,
            field="confirm",
        )
    return replace(invoice, remarks=(), is_copy=False, process=None, means=(), advances=None)


def _declared(fees: Collection[str], quote: Quote) -> frozenset[str]:
    known = tuple(fee.id for fee in quote.schedule.fees)
    unknown = set(fees) - set(known)
    if isinstance(fees, str) or unknown:
        given = fees if isinstance(fees, str) else tuple(sorted(map(str, unknown)))
        message = Message("fees: {given} expected among {fees}.", given=given, fees=known)
        raise RequestError(message, field="fees")
    borne = {fee.id for fee in quote.schedule.borne(quote.event)}
    beyond = tuple(fee.title for fee in quote.schedule.fees if fee.id in fees and fee.id not in borne)
    if beyond:
        message = Message("fees: {fees} not borne here ({event}).", fees=beyond, event=quote.event.name)
        raise RequestError(message, field="fees")
    return frozenset(fees)


def _turnovers(
    expected: Quote, structure: Structure | None, named: Mapping[str, Decimal | int | str]
) -> Iterator[OtherTurnover]:
    """The turnovers that may have been taken instead of the right one."""
    bases = {base.id: base.name for base in expected.schedule.turnovers}
    known = [
        (Message("{name}", name=bases[base]), amount) for base, amount in expected.question.turnovers.items()
    ]
    if len(known) > 1:
        both = tuple(name for name, _ in known)
        known.append((Message("the sum of {names}", names=both), sum((amount for _, amount in known), ZERO)))
    for year in structure.turnovers if structure else ():
        for base, amount in year.amounts.items():
            if base in bases:
                known.append((Message("{name}, year {year}", name=bases[base], year=year.year), amount))
    known += [(Message("{name}", name=name), to_amount(amount, name)) for name, amount in named.items()]
    seen: set[Decimal] = set()
    for name, amount in known:
        if amount not in seen:
            seen.add(amount)
            yield OtherTurnover(name, amount)
