"""Is the VAT right for the customer's territory?

The buyer's own postcode or country, where the document has them, says the territory; else the quote's does. A
rate given outright with the quote stands.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from opqibi_rules.errors import TableError
from opqibi_rules.invoice.billing import Change
from opqibi_rules.invoice.diagnosis import Confidence, Explanation
from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.model import Invoice, InvoiceLine
from opqibi_rules.invoice.sums import amount_of, vat_finding
from opqibi_rules.messages import Message
from opqibi_rules.money import CENT, ZERO, exactly, round_cents
from opqibi_rules.price.question import MAINLAND
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.vat import VatRule


@exactly
def taxed(expected: Quote, invoice: Invoice, tables: Tables) -> Quote:
    """The quote with the VAT of the buyer's own territory, on the invoice's day, where the document says it."""
    if expected.vat_rule is None or expected.vat_rule.territory != MAINLAND:
        return expected
    territory = tables.vat.territory(invoice.buyer.country, invoice.buyer.postcode)
    if territory is None or territory == MAINLAND:
        return expected
    rule = _rule(tables, territory, invoice.issued or expected.on)
    if rule is None:
        return expected
    vat = round_cents(expected.total_excl_vat * rule.rate)
    note = Message("VAT of the buyer's territory, as the document states it: {name}.", name=rule.name)
    return expected._replace(
        vat_rule=rule,
        vat_rate=rule.rate,
        vat=vat,
        total_incl_vat=expected.total_excl_vat + vat,
        notes=(*expected.notes, note),
    )


def _rule(tables: Tables, territory: str, on: date) -> VatRule | None:
    try:
        return tables.vat.rule(territory, on)
    except TableError:
        return None


class VatChecker:
    """The VAT of one invoice; ``expected`` bears the right rate, ``untaxed`` is the total excl. VAT."""

    def __init__(self, invoice: Invoice, untaxed: Decimal | None, expected: Quote, tables: Tables) -> None:
        self.invoice, self.untaxed, self.expected, self.tables = invoice, untaxed, expected, tables
        self.rate = expected.vat_rate

    @exactly
    def findings(self) -> tuple[Finding, ...]:
        """Each rate that is not the territory's."""
        wrong: Iterable[Finding | None] = self._of_lines()
        if any(group.rate is not None for group in self.invoice.vat_groups):
            wrong = self._of_groups()
        elif self.invoice.vat is not None and self.untaxed is not None:
            wrong = [vat_finding("vat_rate", About.VAT, self.rate, self.untaxed, self.invoice.vat)]
        return (*self._elsewhere(), *filter(None, wrong))

    def _elsewhere(self) -> Iterator[Finding]:
        """A buyer in another territory than the quote's."""
        own, buyer = self.expected.vat_rule, self.invoice.buyer
        territory = self.tables.vat.territory(buyer.country, buyer.postcode)
        if own is not None and territory is not None and territory != own.territory:
            message = Message(
                "The document places the buyer elsewhere ({document}) than the quote ({name}).",
                document=self.tables.vat.rules[territory][0].name,
                name=own.name,
            )
            yield Finding("territory_differs", About.VAT, message, Severity.WARNING)

    def _of_groups(self) -> Iterator[Finding]:
        for group in self.invoice.vat_groups:
            if group.rate not in {None, self.rate} and group.taxable:
                yield self._wrong_rate(group.rate or ZERO, group.taxable, group.amount)

    def _of_lines(self) -> Iterator[Finding]:
        rates = {line.vat_rate for line in self.invoice.details if line.vat_rate is not None}
        for rate in sorted(rates - {self.rate}):
            billed = sum((_billed(line) for line in self.invoice.lines if line.vat_rate == rate), ZERO)
            yield self._wrong_rate(rate, billed, None)
        if not rates:
            message = Message("The document shows no VAT: neither an amount nor a rate.")
            yield missing("vat_missing", About.VAT, message)

    def _wrong_rate(self, rate: Decimal, taxable: Decimal, amount: Decimal | None) -> Finding:
        rule = self.expected.vat_rule
        message = Message(
            "VAT is billed at {rate:percent} instead of {right:percent}.", rate=rate, right=self.rate
        )
        if rule is not None:
            message = Message(
                "VAT is billed at {rate:percent} instead of {right:percent} ({name}; {source}).",
                name=rule.name,
                source=rule.source.document,
                **message.values,
            )
        billed = round_cents(taxable * rate) if amount is None else amount
        right = round_cents(taxable * self.rate)
        return Finding("vat_rate", About.VAT, message, Severity.ERROR, expected=right, invoiced=billed)

    @exactly
    def explanations(self) -> tuple[Explanation, ...]:
        """Why the VAT differs from that of the territory on the invoice's own total excl. VAT."""
        untaxed, vat = self.untaxed, self.invoice.vat
        if untaxed is None or vat is None:
            return ()
        right = round_cents(untaxed * self.rate)
        if vat == right:
            return ()
        found = [*self._other_rates(untaxed, vat), *self._roundings(untaxed, vat)]
        if not vat:
            message = Message("no VAT billed, where {rate:percent} is due", rate=self.rate)
            found = [Change("vat_missing", message)]
        confidence = Confidence.CERTAIN if len(found) == 1 else Confidence.POSSIBLE
        return tuple(
            Explanation((change,), vat - right, confidence=confidence, of_vat=True) for change in found
        )

    def _other_rates(self, untaxed: Decimal, vat: Decimal) -> Iterator[Change]:
        on = self.invoice.issued or self.expected.on
        rates: dict[Decimal, list[VatRule]] = {}
        for territory in self.tables.vat.rules:
            rule = _rule(self.tables, territory, on)
            if rule is not None and rule.rate not in {self.rate, ZERO}:
                rates.setdefault(rule.rate, []).append(rule)
        for rate, rules in rates.items():
            if vat == round_cents(untaxed * rate):
                message = Message(
                    "VAT at {other:percent}, the rate of another territory ({names}), instead of {rate:percent}",
                    other=rate,
                    names=tuple(rule.name for rule in rules),
                    rate=self.rate,
                )
                yield Change("vat_rate", message)

    def _roundings(self, untaxed: Decimal, vat: Decimal) -> Iterator[Change]:
        exact = untaxed * self.rate
        by_line = sum((round_cents(_billed(line) * self.rate) for line in self.invoice.details), ZERO)
        for amount, message in (
            (by_line, Message("VAT rounded on each line instead of once on their sum")),
            (exact.quantize(CENT, ROUND_DOWN), Message("VAT rounded down to the cent")),
            (exact.quantize(CENT, ROUND_HALF_EVEN), Message("VAT rounded to the even cent")),
            (exact.quantize(Decimal(1)), Message("VAT rounded to the euro")),
        ):
            if vat == amount:
                yield Change("vat_rounding", message)


def _billed(line: InvoiceLine) -> Decimal:
    return amount_of(line) or ZERO
