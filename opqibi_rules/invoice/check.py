"""Is an invoice right, and if not, why? Three verdicts, then one; the gap, and what explains it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.causes import OtherTurnover
from opqibi_rules.invoice.diagnosis import Explanation
from opqibi_rules.invoice.findings import (
    DOCUMENT,
    PRICE,
    VAT,
    Finding,
    verdict_of,
)
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.invoice.price import PriceChecker, Row
from opqibi_rules.invoice.sums import add, sum_findings, total_excl_vat
from opqibi_rules.invoice.vat import taxed, vat_explanations, vat_findings
from opqibi_rules.messages import Message, Say, plural
from opqibi_rules.money import EXACT, ZERO, plain, to_amount
from opqibi_rules.price.fees import FEE_NAMES, FEES
from opqibi_rules.price.quote import Quote, shipped_tables
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import INVOICE, Verdict

_MOST_TOLD = 2
"""How many possible causes the one line of the verdict tells; the others follow below."""


@dataclass(frozen=True, slots=True)
class InvoiceCheck:
    """The answer: the verdict, the comparison line by line, the findings, and what explains the gap."""

    invoice: Invoice
    expected: Quote
    """With the VAT of the buyer's territory, where the document states it."""
    findings: tuple[Finding, ...]
    explanations: tuple[Explanation, ...]
    """The best first; several of the same size are all possible."""
    rows: tuple[Row, ...]

    @property
    def outcome(self) -> Verdict:
        """Whether the invoice conforms."""
        return verdict_of(self.findings)

    @property
    def outcomes(self) -> Mapping[str, Verdict]:
        """Whether it does, on each of three subjects: ``document``, ``vat``, ``price``."""
        return {about: verdict_of(self.findings, about) for about in (DOCUMENT, VAT, PRICE)}

    @property
    def verdict(self) -> str:
        """``conform``, ``discrepancy`` or ``undetermined``."""
        return self.outcome.worded(INVOICE)

    @property
    def verdicts(self) -> Mapping[str, str]:
        """The three verdicts, in the same words."""
        return {about: outcome.worded(INVOICE) for about, outcome in self.outcomes.items()}

    @property
    def gap(self) -> Decimal:
        """Euros excl. VAT billed beyond the price; negative where too little was billed."""
        return add(row.difference for row in self.rows if row.difference is not None)

    @property
    def by_fee(self) -> Mapping[str, Decimal]:
        """Euros excl. VAT billed for each fee, signed as the document signs them.

        Nothing where one amount bills several fees and is not their price.
        """
        untaxed = total_excl_vat(self.invoice)
        sign = -1 if untaxed is not None and untaxed < ZERO else 1
        found: dict[str, Decimal] = {}
        for row in self.rows:
            amounts = dict.fromkeys(row.fees, row.invoiced)
            if len(row.fees) > 1:
                due = {fee: getattr(self.expected.subtotals, fee) for fee in row.fees}
                amounts = (
                    {fee: amount for fee, amount in due.items() if amount} if row.difference == ZERO else {}
                )
            for fee, amount in amounts.items():
                found[fee] = EXACT.add(found.get(fee, ZERO), EXACT.multiply(amount, sign))
        return found

    @property
    def summary(self) -> Message:
        """The verdict in one line."""
        if self.outcome is Verdict.YES:
            return Message(
                "Conform: {total:euro} excl. VAT, to the cent.", total=add(r.invoiced for r in self.rows)
            )
        if self.outcomes[PRICE] is Verdict.NO:
            return self._price_gap()
        wrong = [finding for finding in self.findings if finding.severity == "error"]
        if wrong:
            return Message("Discrepancy: {message}", message=wrong[0].message)
        missing = [finding.message for finding in self.findings if finding.undetermined]
        return Message("Undetermined: {message}", message=missing[0])

    def _price_gap(self) -> Message:
        gap = self.gap
        if gap > ZERO:
            amount = Message("Discrepancy: {gap:euro} excl. VAT too much", gap=gap)
        elif gap < ZERO:
            amount = Message("Discrepancy: {gap:euro} excl. VAT too little", gap=gap.copy_abs())
        else:
            amount = Message("Discrepancy: amounts that offset one another")
        priced = [item for item in self.explanations if item.effect and not item.of_vat]
        if not priced:
            return Message("{amount}; nothing looked for explains it.", amount=amount)
        best = priced[0]
        by_fee = {item.fee: item for item in reversed(priced) if item.condition is None}
        if len(by_fee) > 1 and None not in by_fee and add(item.effect for item in by_fee.values()) == gap:
            return _fee_by_fee(amount, [by_fee[fee] for fee in FEES if fee in by_fee])
        rivals = [item for item in priced if item.fee == best.fee or None in {item.fee, best.fee}]
        causes = best.message
        for rival in rivals[1:_MOST_TOLD]:
            causes = Message("{first}, or {other}", first=causes, other=rival.message)
        more = len(rivals) - _MOST_TOLD
        if more <= 0:
            return Message("{amount}: {causes}.", amount=amount, causes=causes)
        return plural(
            "{amount}: {causes}, or {n} more possible cause.",
            "{amount}: {causes}, or {n} more possible causes.",
            n=more,
            amount=amount,
            causes=causes,
        )

    def to_dict(self, say: Say = str, *, language: str = "en") -> dict[str, Any]:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        return {
            "schema_version": 1,
            "verdict": self.verdict,
            "verdicts": self.verdicts,
            "summary": say(self.summary),
            "invoice": _invoice_dict(self.invoice),
            "expected": self.expected.to_dict(say, language=language),
            "comparison": [
                {
                    "label": say(row.label),
                    "fees": list(row.fees),
                    "articles": list(row.articles),
                    "expected": _text(row.expected),
                    "invoiced": plain(row.invoiced),
                    "difference": _text(row.difference),
                    "lines": [line for line in row.lines if line],
                }
                for row in self.rows
            ],
            "findings": [finding.to_dict(say, language=language) for finding in self.findings],
            "explanations": [explanation.to_dict(say) for explanation in self.explanations],
        }


def _fee_by_fee(amount: Message, best: list[Explanation]) -> Message:
    """The gap where several fees differ, each with the first of its causes."""
    told = amount
    for place, item in enumerate(best):
        part = Message(
            "{fee} {effect:euro}, {cause}",
            fee=FEE_NAMES[item.fee or ""],
            effect=item.effect,
            cause=item.message,
        )
        told = (
            Message("{first}; {part}", first=told, part=part)
            if place
            else Message("{first}: {part}", first=told, part=part)
        )
    return Message("{told}.", told=told)


def check_invoice(
    invoice: Invoice,
    *,
    expected: Quote,
    tolerance: Decimal | int | str = ZERO,
    fees: Collection[str] | None = None,
    structure: Structure | None = None,
    other_turnovers: Mapping[str, Decimal | int | str] | None = None,
    dated: bool = False,
    tables: Tables | None = None,
) -> InvoiceCheck:
    """Check an invoice against the price of the event it bills.

    Args:
        invoice: as read from a file, or built in memory; what it does not say is ``None``.
        expected: the quote of the event, for the invoice's date.
        tolerance: a difference per fee that is accepted, euros excl. VAT.
        fees: those the invoice is said to bear (``instruction``…); by default its lines tell.
        structure: its other turnovers may explain a brand-usage fee.
        other_turnovers: more of them, by name: ``{"total turnover": 5_000_000}``.
        dated: the quote's day is meant, whatever the invoice's own.
        tables: the facts; those shipped by default.

    Raises:
        RequestError: a fee that is not one of the four.
        AmountError: a tolerance or a turnover that is no amount.

    >>> from datetime import date
    >>> from opqibi_rules.price.quote import quote
    >>> bill = Invoice("F1", date(2026, 3, 2), total_excl_vat=Decimal("1280.00"), vat=Decimal("256.00"))
    >>> due = quote(on=date(2026, 3, 2), tariffs={1: 5, 2: 3})
    >>> print(check_invoice(bill, expected=due, fees=["instruction"]).summary)
    Discrepancy: 120.00 € excl. VAT too much: one qualification at tariff 2 too many, or ... 2 more possible causes.
    """
    tables = tables or shipped_tables()
    unknown = set(fees or ()) - set(FEES)
    if isinstance(fees, str) or unknown:
        raise RequestError(
            Message("fees: {given} expected among {fees}.", given=sorted(unknown) or fees, fees=FEES)
        )
    quote = taxed(expected, invoice, tables)
    checker = PriceChecker(
        quote,
        tables,
        tolerance=to_amount(tolerance, "tolerance"),
        asked=None if fees is None else frozenset(fees),
        others=_turnovers(expected, structure, other_turnovers or {}),
        dated=dated,
    )
    price = checker.check(invoice)
    findings = (
        *sum_findings(invoice, tables.dispute_codes),
        *vat_findings(invoice, quote, tables),
        *price.findings,
    )
    explanations = (*price.explanations, *vat_explanations(invoice, quote, tables))
    return InvoiceCheck(invoice, quote, findings, explanations, price.rows)


def _turnovers(
    expected: Quote, structure: Structure | None, named: Mapping[str, Decimal | int | str]
) -> Iterator[OtherTurnover]:
    """The turnovers that may have been taken instead of the right one."""
    taken = expected.base.turnover if expected.base else None
    engineering, audit = Message("« ingénierie »"), Message("« audit énergétique »")
    known = [(engineering, expected.request.turnover), (audit, expected.request.audit_turnover)]
    for year in structure.turnovers if structure else ():
        for name, amount in ((engineering, year.engineering), (audit, year.energy_audit)):
            known.append((Message("{name}, year {year}", name=name, year=year.year), amount))
    known += [(Message("{name}", name=name), to_amount(amount, name)) for name, amount in named.items()]
    seen = {taken}
    for name, amount in known:
        if amount is not None and amount not in seen:
            seen.add(amount)
            yield OtherTurnover(name, amount)


def _invoice_dict(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "date": None if invoice.issued is None else invoice.issued.isoformat(),
        "type": invoice.type_code,
        "currency": invoice.currency,
        "file": invoice.file,
        "seller": _party_dict(invoice.seller),
        "buyer": _party_dict(invoice.buyer),
        "lines": [_line_dict(line) for line in invoice.lines],
        "total_excl_vat": _text(invoice.total_excl_vat),
        "vat": _text(invoice.vat),
        "total_incl_vat": _text(invoice.total_incl_vat),
    }


def _party_dict(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "siren": party.siren,
        "siret": party.siret,
        "vat_id": party.vat_id,
        "postcode": party.postcode,
        "country": party.country,
    }


def _line_dict(line: InvoiceLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "quantity": None if line.quantity is None else format(line.quantity, "f"),
        "unit_price": _text(line.unit_price),
        "amount": _text(line.amount),
        "vat_rate": None if line.vat_rate is None else format(line.vat_rate, "f"),
        "kind": line.kind,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
