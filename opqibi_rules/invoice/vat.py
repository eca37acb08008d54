"""Is the VAT right for the customer's territory?

The buyer's own postcode or country, where the document has them, says the territory; else the quote's does. A
rate given outright with the quote stands.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from opqibi_rules.errors import TableError
from opqibi_rules.invoice.causes import Change
from opqibi_rules.invoice.diagnosis import CERTAIN, POSSIBLE, Explanation
from opqibi_rules.invoice.findings import ERROR, INFO, VAT, WARNING, Finding
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.invoice.sums import add, amount_of, total_excl_vat
from opqibi_rules.messages import Message
from opqibi_rules.money import CENT, EXACT, ZERO, round_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.dispute_codes import DisputeCodes
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.vat import VatRule

_DEFAULT = "metropolitan"


def taxed(expected: Quote, invoice: Invoice, tables: Tables) -> Quote:
    """The quote with the VAT of the buyer's own territory, on the invoice's day, where the document says it."""
    if expected.vat_rule is None or expected.vat_rule.territory != _DEFAULT:
        return expected
    territory = _territory(invoice.buyer, tables)
    if territory is None or territory == _DEFAULT:
        return expected
    rule = _rule(tables, territory, invoice.issued or expected.on)
    if rule is None:
        return expected
    vat = round_cents(EXACT.multiply(expected.total_excl_vat, rule.rate))
    note = Message("VAT of the buyer's territory, as the document states it: {name}.", name=rule.name)
    return expected._replace(
        vat_rule=rule,
        vat_rate=rule.rate,
        vat=vat,
        total_incl_vat=EXACT.add(expected.total_excl_vat, vat),
        notes=(*expected.notes, note),
    )


def _territory(party: Party, tables: Tables) -> str | None:
    return tables.vat.territory(party.country, party.postcode)


def _rule(tables: Tables, territory: str, on: date) -> VatRule | None:
    try:
        return tables.vat.rule(territory, on)
    except TableError:
        return None


def vat_findings(invoice: Invoice, expected: Quote, tables: Tables) -> Iterator[Finding]:
    """Each rate that is not the territory's; ``expected`` bears the right one."""
    codes, rate = tables.dispute_codes, expected.vat_rate
    territory = _territory(invoice.buyer, tables)
    own = expected.vat_rule
    if own is not None and territory is not None and territory != own.territory:
        yield Finding(
            "territory_differs",
            WARNING,
            VAT,
            Message(
                "The document places the buyer elsewhere ({document}) than the quote ({name}).",
                document=tables.vat.rules[territory][0].name,
                name=own.name,
            ),
        )
    untaxed = total_excl_vat(invoice)
    groups = [group for group in invoice.vat_groups if group.rate is not None]
    for group in groups:
        if group.rate != rate and group.taxable:
            yield _wrong_rate(group.rate or ZERO, group.taxable, group.amount, expected, codes)
    if groups:
        return
    if invoice.vat is not None and untaxed is not None:
        right = round_cents(EXACT.multiply(untaxed, rate))
        if EXACT.subtract(invoice.vat, right).copy_abs() > CENT:
            message = Message(
                "VAT at {rate:percent} on {taxable:euro} is {right:euro}; {stated:euro} is billed.",
                rate=rate,
                taxable=untaxed,
                right=right,
                stated=invoice.vat,
            )
            yield _error("vat_rate", message, right, invoice.vat, codes)
        elif invoice.vat != right:
            message = Message("VAT: {stated:euro} instead of {right:euro}; one cent of rounding is accepted.",
                              stated=invoice.vat, right=right)  # fmt: skip
            yield Finding("vat_rounding", INFO, VAT, message, expected=right, invoiced=invoice.vat)
        return
    rates = {line.vat_rate for line in invoice.lines if line.kind == "detail" and line.vat_rate is not None}
    for wrong in sorted(rates - {rate}):
        amounts = [amount_of(line) or ZERO for line in invoice.lines if line.vat_rate == wrong]
        yield _wrong_rate(wrong, add(amounts), None, expected, codes)
    if not rates:
        message = Message("The document shows no VAT: neither an amount nor a rate.")
        yield Finding("vat_missing", WARNING, VAT, message, undetermined=True)


def _wrong_rate(
    rate: Decimal, taxable: Decimal, amount: Decimal | None, expected: Quote, codes: DisputeCodes
) -> Finding:
    right = expected.vat_rate
    if expected.vat_rule is None:
        message = Message(
            "VAT is billed at {rate:percent} instead of {right:percent}.", rate=rate, right=right
        )
    else:
        message = Message(
            "VAT is billed at {rate:percent} instead of {right:percent} ({name}; {source}).",
            rate=rate,
            right=right,
            name=expected.vat_rule.name,
            source=expected.vat_rule.source.document,
        )
    billed = round_cents(EXACT.multiply(taxable, rate)) if amount is None else amount
    return _error("vat_rate", message, round_cents(EXACT.multiply(taxable, right)), billed, codes)


def _error(code: str, message: Message, expected: Decimal, invoiced: Decimal, codes: DisputeCodes) -> Finding:
    return Finding(
        code, ERROR, VAT, message, expected=expected, invoiced=invoiced, dispute=codes.reason(code)
    )


def vat_explanations(invoice: Invoice, expected: Quote, tables: Tables) -> tuple[Explanation, ...]:
    """Why the VAT differs from that of the territory on the invoice's own total excl. VAT."""
    untaxed, vat = total_excl_vat(invoice), invoice.vat
    if untaxed is None or vat is None:
        return ()
    right = round_cents(EXACT.multiply(untaxed, expected.vat_rate))
    if vat == right:
        return ()
    found = list(_causes(invoice, expected, untaxed, vat, tables))
    effect = EXACT.subtract(vat, right)
    confidence = CERTAIN if len(found) == 1 else POSSIBLE
    return tuple(
        Explanation((Change(cause, None, (), message, {}),), effect, None, confidence, of_vat=True)
        for cause, message in found
    )


def _causes(
    invoice: Invoice, expected: Quote, untaxed: Decimal, vat: Decimal, tables: Tables
) -> Iterator[tuple[str, Message]]:
    rate, on = expected.vat_rate, invoice.issued or expected.on
    if vat == ZERO:
        yield "vat_missing", Message("no VAT billed, where {rate:percent} is due", rate=rate)
        return
    rates: dict[Decimal, list[VatRule]] = {}
    for territory in tables.vat.rules:
        rule = _rule(tables, territory, on)
        if rule is not None and rule.rate not in {rate, ZERO}:
            rates.setdefault(rule.rate, []).append(rule)
    for other, rules in rates.items():
        if vat == round_cents(EXACT.multiply(untaxed, other)):
            message = Message(
                "VAT at {other:percent}, the rate of another territory ({names}), instead of {rate:percent}",
                other=other,
                names=tuple(rule.name for rule in rules),
                rate=rate,
            )
            yield "vat_rate", message
    amounts = [amount for line in invoice.lines if line.kind == "detail" and (amount := amount_of(line))]
    by_line = add(round_cents(EXACT.multiply(amount, rate)) for amount in amounts)
    exact = EXACT.multiply(untaxed, rate)
    roundings = (
        (by_line, Message("VAT rounded on each line instead of once on their sum")),
        (exact.quantize(CENT, ROUND_DOWN, EXACT), Message("VAT rounded down to the cent")),
        (exact.quantize(CENT, ROUND_HALF_EVEN, EXACT), Message("VAT rounded to the even cent")),
        (EXACT.quantize(exact, Decimal(1)), Message("VAT rounded to the euro")),
    )
    for amount, message in roundings:
        if vat == amount:
            yield "vat_rounding", message
