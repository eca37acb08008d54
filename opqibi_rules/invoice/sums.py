"""Does the document agree with itself? The sums of EN 16931, exact; VAT to the cent.

Only what is written is compared: a sum with a missing term is not checked (totals-only profiles). Sub-lines
marked as groups or information are not added. The official rules let VAT be wrong by up to one euro
(BR-CO-17); one cent is accepted here.
"""

from collections.abc import Iterator
from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.model import Invoice, InvoiceLine, VatGroup
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import CENT, ZERO, exactly, round_cents


@exactly
def sum_findings(invoice: Invoice, untaxed: Decimal | None) -> tuple[Finding, ...]:
    """One error for each sum that is wrong; one undetermined where the document states no amount.

    ``untaxed`` is the total excl. VAT, as :func:`total_excl_vat` finds it.
    """
    found = [
        *(_line_finding(line) for line in invoice.details),
        *_total_findings(invoice),
        *(_group_finding(group) for group in invoice.vat_groups),
    ]
    if untaxed is None:
        message = Message("The document states neither a total excl. VAT nor the amounts of its lines.")
        found.insert(0, missing("no_amount", About.DOCUMENT, message))
    return tuple(filter(None, found))


@exactly
def total_excl_vat(invoice: Invoice) -> Decimal | None:
    """The total excl. VAT: as written, else added from the lines."""
    if invoice.total_excl_vat is not None:
        return invoice.total_excl_vat
    lines = _lines_sum(invoice)
    return None if lines is None else _after_allowances(invoice, lines)


@exactly
def product_of(line: InvoiceLine) -> Decimal | None:
    """Quantity × price, less allowances, plus charges, to the cent (BT-131)."""
    if line.quantity is None or line.unit_price is None or line.price_quantity == ZERO:
        return None
    price = line.unit_price / (line.price_quantity or Decimal(1))
    return round_cents(line.quantity * price + (line.charges or ZERO) - (line.allowances or ZERO))


def amount_of(line: InvoiceLine) -> Decimal | None:
    """The amount of a line: its own, else what quantity and price come to."""
    return product_of(line) if line.amount is None else line.amount


def _lines_sum(invoice: Invoice) -> Decimal | None:
    return _sum([amount_of(line) for line in invoice.details])


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    """The sum of amounts that are all known; ``None`` where one is not, or there is none."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known and len(known) == len(amounts) else None


def _after_allowances(invoice: Invoice, lines: Decimal) -> Decimal:
    return lines + (invoice.charges or ZERO) - (invoice.allowances or ZERO)


def _line_finding(line: InvoiceLine) -> Finding | None:
    product = product_of(line)
    if line.amount is None or product is None or product == line.amount:
        return None
    message = Message(
        "Line {line}: {quantity} × {price:euro} comes to {product:euro}, and {amount:euro} is written.",
        line=line.id,
        quantity=line.quantity,
        price=line.unit_price,
        product=product,
        amount=line.amount,
    )
    return _wrong("line_amount", message, product, line.amount, line.id)


def _wrong(
    code: str, message: Message, expected: Decimal, invoiced: Decimal, line: str | None = None
) -> Finding:
    return Finding(
        code, About.DOCUMENT, message, Severity.ERROR, expected=expected, invoiced=invoiced, line=line
    )


_SENTENCES = {
    "lines_total": marked("The lines add up to {expected:euro}; their stated sum is {stated:euro} (BT-106)."),
    "total_excl_vat": marked(
        "Lines, charges and allowances come to {expected:euro}; the total excl. VAT says {stated:euro} (BT-109)."
    ),
    "vat_base": marked("VAT is computed on {stated:euro}; the total excl. VAT is {expected:euro} (BT-116)."),
    "vat_total": marked(
        "The VAT of all rates comes to {expected:euro}; the total VAT says {stated:euro} (BT-110)."
    ),
    "total_incl_vat": marked(
        "Excl. VAT plus VAT is {expected:euro}; the total incl. VAT says {stated:euro} (BT-112)."
    ),
}


def _total_findings(invoice: Invoice) -> Iterator[Finding]:
    """The sums that EN 16931 asks for; one with a missing term is not checked."""
    added, untaxed, vat = _lines_sum(invoice), invoice.total_excl_vat, invoice.vat
    lines = added if invoice.lines_total is None else invoice.lines_total
    sums = {
        "lines_total": (added, invoice.lines_total),
        "total_excl_vat": (None if lines is None else _after_allowances(invoice, lines), untaxed),
        "vat_base": (untaxed, _sum([group.taxable for group in invoice.vat_groups])),
        "vat_total": (_sum([group.amount for group in invoice.vat_groups]), vat),
        "total_incl_vat": (None if untaxed is None or vat is None else untaxed + vat, invoice.total_incl_vat),
    }
    for code, (right, stated) in sums.items():
        if right is not None and stated is not None and right != stated:
            message = Message(_SENTENCES[code], expected=right, stated=stated)
            yield _wrong(code, message, right, stated)


def _group_finding(group: VatGroup) -> Finding | None:
    if group.rate is None or group.taxable is None or group.amount is None:
        return None
    return vat_finding("vat_amount", About.DOCUMENT, group.rate, group.taxable, group.amount)


def vat_finding(code: str, about: About, rate: Decimal, taxable: Decimal, stated: Decimal) -> Finding | None:
    """What is wrong with an amount of VAT; one cent is a rounding, and no error."""
    right = round_cents(taxable * rate)
    if stated == right:
        return None
    rounded = abs(stated - right) <= CENT
    message = Message(
        _CENT_OFF if rounded else _VAT_OFF, rate=rate, taxable=taxable, expected=right, stated=stated
    )
    if rounded:
        return Finding("vat_rounding", about, message, expected=right, invoiced=stated)
    return Finding(code, about, message, Severity.ERROR, expected=right, invoiced=stated)


_CENT_OFF = marked(
    "VAT at {rate:percent} on {taxable:euro}: {stated:euro} instead of {expected:euro}; one cent of rounding "
    "is accepted."
)
_VAT_OFF = marked("VAT at {rate:percent} on {taxable:euro} is {expected:euro}; {stated:euro} is billed.")
