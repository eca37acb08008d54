"""Does the document agree with itself? The sums of EN 16931, exact; VAT to the cent.

Only what is written is compared: a sum with a missing term is not checked (totals-only profiles). Sub-lines
marked as groups or information are not added. The official rules let VAT be wrong by up to one euro
(BR-CO-17); one cent is accepted here.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from opqibi_rules.invoice.findings import DOCUMENT, ERROR, INFO, WARNING, Finding
from opqibi_rules.invoice.model import Invoice, InvoiceLine, VatGroup
from opqibi_rules.messages import Message
from opqibi_rules.money import CENT, EXACT, ZERO, round_cents
from opqibi_rules.tables.dispute_codes import DisputeCodes

Rule = tuple[str, Message, Decimal, Decimal]
"""Code, sentence, expected amount and invoiced amount."""


def sum_findings(invoice: Invoice, codes: DisputeCodes) -> Iterator[Finding]:
    """One error for each sum that is wrong; one undetermined where the document states no amount."""
    if total_excl_vat(invoice) is None:
        yield Finding(
            "no_amount",
            WARNING,
            DOCUMENT,
            Message("The document states neither a total excl. VAT nor the amounts of its lines."),
            undetermined=True,
        )
    for line in _details(invoice):
        product = product_of(line)
        if line.amount is not None and product is not None and product != line.amount:
            message = Message(
                "Line {line}: {quantity} × {price:euro} comes to {product:euro}, and {amount:euro} is written.",
                line=line.id,
                quantity=line.quantity,
                price=line.unit_price,
                product=product,
                amount=line.amount,
            )
            yield _error("line_amount", message, product, line.amount, codes, line.id)
    for code, message, expected, stated in _rules(invoice):
        if expected != stated:
            yield _error(code, message, expected, stated, codes)
    for group in invoice.vat_groups:
        yield from _group(group, codes)


def total_excl_vat(invoice: Invoice) -> Decimal | None:
    """The total excl. VAT: as written, else added from the lines."""
    if invoice.total_excl_vat is not None:
        return invoice.total_excl_vat
    lines = _lines_sum(invoice)
    return None if lines is None else _after_allowances(invoice, lines)


def product_of(line: InvoiceLine) -> Decimal | None:
    """Quantity × price, less allowances, plus charges, to the cent (BT-131)."""
    if line.quantity is None or line.unit_price is None or line.price_quantity == ZERO:
        return None
    price = EXACT.divide(line.unit_price, line.price_quantity or Decimal(1))
    charged = EXACT.add(EXACT.multiply(line.quantity, price), line.charges or ZERO)
    return round_cents(EXACT.subtract(charged, line.allowances or ZERO))


def amount_of(line: InvoiceLine) -> Decimal | None:
    """The amount of a line: its own, else what quantity and price come to."""
    return product_of(line) if line.amount is None else line.amount


def _details(invoice: Invoice) -> list[InvoiceLine]:
    return [line for line in invoice.lines if line.kind == "detail"]


def _lines_sum(invoice: Invoice) -> Decimal | None:
    amounts = [amount_of(line) for line in _details(invoice)]
    known = [amount for amount in amounts if amount is not None]
    return add(known) if known and len(known) == len(amounts) else None


def _after_allowances(invoice: Invoice, lines: Decimal) -> Decimal:
    charged = EXACT.add(lines, invoice.charges or ZERO)
    return EXACT.subtract(charged, invoice.allowances or ZERO)


def add(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    result = ZERO
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def _rules(invoice: Invoice) -> Iterator[Rule]:
    lines, stated_lines = _lines_sum(invoice), invoice.lines_total
    if lines is not None and stated_lines is not None:
        message = Message(
            "The lines add up to {expected:euro}; their stated sum is {stated:euro} (BT-106).",
            expected=lines,
            stated=stated_lines,
        )
        yield "lines_total", message, lines, stated_lines
    lines = lines if stated_lines is None else stated_lines
    untaxed, vat = invoice.total_excl_vat, invoice.vat
    if lines is not None and untaxed is not None:
        expected = _after_allowances(invoice, lines)
        message = Message(
            "Lines, charges and allowances come to {expected:euro}; the total excl. VAT says {stated:euro} (BT-109).",
            expected=expected,
            stated=untaxed,
        )
        yield "total_excl_vat", message, expected, untaxed
    bases = [group.taxable for group in invoice.vat_groups if group.taxable is not None]
    if bases and len(bases) == len(invoice.vat_groups) and untaxed is not None:
        expected = add(bases)
        message = Message(
            "VAT is computed on {stated:euro}; the total excl. VAT is {expected:euro} (BT-116).",
            expected=untaxed,
            stated=expected,
        )
        yield "vat_base", message, untaxed, expected
    amounts = [group.amount for group in invoice.vat_groups if group.amount is not None]
    if amounts and len(amounts) == len(invoice.vat_groups) and vat is not None:
        expected = add(amounts)
        message = Message(
            "The VAT of all rates comes to {expected:euro}; the total VAT says {stated:euro} (BT-110).",
            expected=expected,
            stated=vat,
        )
        yield "vat_total", message, expected, vat
    if untaxed is not None and vat is not None and invoice.total_incl_vat is not None:
        expected = EXACT.add(untaxed, vat)
        message = Message(
            "Excl. VAT plus VAT is {expected:euro}; the total incl. VAT says {stated:euro} (BT-112).",
            expected=expected,
            stated=invoice.total_incl_vat,
        )
        yield "total_incl_vat", message, expected, invoice.total_incl_vat
    if invoice.total_incl_vat is not None and invoice.payable is not None:
        rounded = EXACT.add(invoice.total_incl_vat, invoice.rounding or ZERO)
        expected = EXACT.subtract(rounded, invoice.prepaid or ZERO)
        message = Message(
            "{expected:euro} remains to be paid; the document says {stated:euro} (BT-115).",
            expected=expected,
            stated=invoice.payable,
        )
        yield "payable", message, expected, invoice.payable


def _group(group: VatGroup, codes: DisputeCodes) -> Iterator[Finding]:
    if group.rate is None or group.taxable is None or group.amount is None:
        return
    expected = round_cents(EXACT.multiply(group.taxable, group.rate))
    off = EXACT.subtract(group.amount, expected).copy_abs()
    if off == ZERO:
        return
    values: dict[str, Any] = {
        "rate": group.rate,
        "taxable": group.taxable,
        "expected": expected,
        "stated": group.amount,
    }
    if off <= CENT:
        message = Message(
            "VAT at {rate:percent} on {taxable:euro}: {stated:euro} instead of {expected:euro}; one cent of rounding "
            "is accepted.",
            **values,
        )
        yield Finding("vat_rounding", INFO, DOCUMENT, message, None, None, (), expected, group.amount)
        return
    message = Message(
        "VAT at {rate:percent} on {taxable:euro} is {expected:euro}; {stated:euro} is written (BT-117).",
        **values,
    )
    yield _error("vat_amount", message, expected, group.amount, codes)


def _error(
    code: str,
    message: Message,
    expected: Decimal,
    invoiced: Decimal,
    codes: DisputeCodes,
    line: str | None = None,
) -> Finding:
    reason = codes.reason(code)
    return Finding(
        code, ERROR, DOCUMENT, message, line, None, (), expected, invoiced, undetermined=False, dispute=reason
    )
