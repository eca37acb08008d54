"""Does the document agree with itself? The sums of EN 16931, exact, as far as its profile carries their terms.

A sum with a term that no other gives is not checked (totals-only profiles). Sub-lines marked as groups or
information are not added. Where the official rules leave room for rounding, so does this: a line is quantity ×
price as both were rounded (Peppol BIS 3, PEPPOL-EN16931-R120), and the EXTENDED profiles accept one cent for each
amount that is added (BR-FXEXT-CO-10 to 15); what is accepted so is told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.model import Invoice, InvoiceLine, VatGroup
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import CENT, ZERO, exactly, round_cents

_LINE_SLACK = Decimal("0.02")
"""What Peppol accepts on the product of a line."""

UNTAXED = frozenset({"AE", "E", "G", "K", "O", "Z"})
"""Categories of UNCL 5305 that bear no VAT (EN 16931: BR-AE-09, BR-E-09, BR-G-09, BR-IC-09, BR-O-09, BR-Z-09)."""


class Totals(NamedTuple):
    """The totals of a document as written; else as its other figures leave them; ``None`` where none does."""

    untaxed: Decimal | None
    vat: Decimal | None
    taxed: Decimal | None


class Item(NamedTuple):
    """What adds up to the total excl. VAT: a line, or an allowance or a charge on the whole document."""

    amount: Decimal | None
    rate: Decimal | None
    category: str | None


class Taxed(NamedTuple):
    """What the document taxes at one rate: a VAT group, its gaps filled, or the lines that bear the rate."""

    category: str | None
    rate: Decimal
    base: Decimal
    amount: Decimal | None
    """As written."""
    due: Decimal
    """Base × rate, to the cent."""
    by_item: Decimal
    """The same, where each line, allowance and charge is rounded on its own."""


@exactly
def totals_of(invoice: Invoice) -> Totals:
    """The three totals. Of total excl. VAT, VAT and total incl. VAT, two give the third; so do rates."""
    untaxed, taxed, vat = total_excl_vat(invoice), invoice.total_incl_vat, stated_vat(invoice)
    if untaxed is None and taxed is not None and vat is not None:
        untaxed = taxed - vat
    if vat is None and untaxed is not None:
        parts = taxed_parts(invoice)
        if taxed is not None:
            vat = taxed - untaxed
        elif parts and sum((part.base for part in parts), ZERO) == untaxed:
            vat = sum((part.due for part in parts), ZERO)
    if taxed is None and untaxed is not None and vat is not None:
        taxed = untaxed + vat
    return Totals(untaxed, vat, taxed)


@exactly
def stated_vat(invoice: Invoice) -> Decimal | None:
    """The VAT as written: in all (BT-110), else group by group (BT-117)."""
    return _sum(group.amount for group in invoice.vat_groups) if invoice.vat is None else invoice.vat


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
    product = _product(line, line.price_quantity)
    return None if product is None else round_cents(product)


def amount_of(line: InvoiceLine) -> Decimal | None:
    """The amount of a line: its own, else what quantity and price come to."""
    return product_of(line) if line.amount is None else line.amount


@exactly
def excess_of(line: InvoiceLine) -> Decimal:
    """What a line bills beyond its own quantity × price, where no rounding accounts for it."""
    found = _line_finding(line)
    return (found.difference or ZERO) if found is not None and found.severity is Severity.ERROR else ZERO


def items_of(invoice: Invoice) -> tuple[Item, ...]:
    """All that adds up to the total excl. VAT."""
    lines = (Item(amount_of(line), line.vat_rate, line.vat_category) for line in invoice.details)
    others = (Item(item.amount, item.vat_rate, item.vat_category) for item in invoice.adjustments)
    return (*lines, *others)


@exactly
def taxed_parts(invoice: Invoice) -> tuple[Taxed, ...]:
    """What the document taxes, rate by rate: its VAT groups, else its lines; a part that lacks all is left out."""
    items = [item for item in items_of(invoice) if item.amount is not None]
    rates = dict.fromkeys(rate_of(item.category, item.rate) for item in items)
    groups = invoice.vat_groups or tuple(VatGroup(rate, None, None) for rate in rates if rate is not None)
    whole = total_excl_vat(invoice) if len(invoice.vat_groups) == 1 else None
    found = []
    for group in groups:
        rate = rate_of(group.category, group.rate)
        if rate is None:
            rate = _only({item.rate for item in items if item.category == group.category})
        own = [item.amount for item in items if _bears(item, group.category, rate)]
        base = whole if group.taxable is None else group.taxable
        if base is None:
            base = _sum(own)
        if rate is not None and base is not None:
            found.append(Taxed(group.category, rate, base, group.amount, *vat_of(own, base, rate)))
    return tuple(found)


def vat_of(amounts: Sequence[Decimal | None], base: Decimal, rate: Decimal) -> tuple[Decimal, Decimal]:
    """The VAT of a base: rounded once; and on each of the amounts that make it up, where they do."""
    once = round_cents(base * rate)
    if _sum(amounts) != base:
        return once, once
    return once, sum((round_cents((amount or ZERO) * rate) for amount in amounts), ZERO)


def rate_of(category: str | None, rate: Decimal | None) -> Decimal | None:
    """The rate of a line or of a group: as written; zero where its category bears none."""
    return ZERO if rate is None and category in UNTAXED else rate


def _bears(item: Item, category: str | None, rate: Decimal | None) -> bool:
    same = category is None or item.category is None or item.category == category
    return same and rate_of(item.category, item.rate) == rate


def _only(found: set[Decimal | None]) -> Decimal | None:
    return next(iter(found)) if len(found) == 1 else None


@exactly
def sum_findings(invoice: Invoice, totals: Totals) -> tuple[Finding, ...]:
    """One error for each sum that is wrong; one undetermined where the document states no amount."""
    found = [*(_line_finding(line) for line in invoice.details), *_total_findings(invoice, totals)]
    if totals.untaxed is None:
        message = Message("The document states neither a total excl. VAT nor the amounts of its lines.")
        found.insert(0, missing("no_amount", About.DOCUMENT, message))
    elif total_excl_vat(invoice) is None:
        message = Message(
            "The document states no total excl. VAT; {total:euro} follows from its VAT and its total incl. VAT.",
            total=totals.untaxed,
        )
        found.insert(0, Finding("total_derived", About.DOCUMENT, message, expected=totals.untaxed))
    return tuple(filter(None, found))


def _product(line: InvoiceLine, price_quantity: Decimal | None) -> Decimal | None:
    if line.quantity is None or line.unit_price is None or price_quantity == ZERO:
        return None
    price = line.unit_price / (price_quantity or Decimal(1))
    return line.quantity * price + (line.charges or ZERO) - (line.allowances or ZERO)


def _lines_sum(invoice: Invoice) -> Decimal | None:
    return _sum(amount_of(line) for line in invoice.details)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of amounts that are all known; ``None`` where one is not, or there is none."""
    given = list(amounts)
    known = [amount for amount in given if amount is not None]
    return sum(known, ZERO) if known and len(known) == len(given) else None


def _after_allowances(invoice: Invoice, lines: Decimal) -> Decimal:
    return lines + (invoice.charges or ZERO) - (invoice.allowances or ZERO)


def _line_finding(line: InvoiceLine) -> Finding | None:
    product = product_of(line)
    if line.amount is None or product is None or product == line.amount:
        return None
    message = Message(
        "Line {line}: {calculation} comes to {product:euro}, and {amount:euro} is written.",
        line=line.id,
        calculation=_calculation(line),
        product=product,
        amount=line.amount,
    )
    wrong = Finding(
        "line_amount", About.DOCUMENT, message, expected=product, invoiced=line.amount, line=line.id
    )
    if abs(line.amount - product) <= max(_LINE_SLACK, _price_slack(line)):
        told = Message("{message} The rounding of the price or of the line accounts for it.", message=message)
        return replace(wrong, code="line_rounding", message=told)
    if round_cents(_product(line, None) or ZERO) == line.amount:
        told = Message("{message} The amount is that of a price for one.", message=message)
        return replace(wrong, code="price_quantity", message=told, severity=Severity.WARNING)
    if line.amount == -round_cents(product) and (line.unit_price or ZERO) >= ZERO:
        # No official rule asks for the sign of a quantity, and such files are officially valid; that of a price is
        # refused (EN 16931: BR-27). The totals are judged all the same.
        told = Message(
            "{message} The same amount with the other sign: the totals say which is meant.", message=message
        )
        return replace(wrong, code="line_sign", message=told, severity=Severity.WARNING)
    return replace(wrong, severity=Severity.ERROR)


def _price_slack(line: InvoiceLine) -> Decimal:
    """What the rounding of the unit price, at its last decimal, makes of the whole line."""
    assert line.quantity is not None  # it has a product
    assert line.unit_price is not None
    exponent = line.unit_price.as_tuple().exponent
    assert isinstance(exponent, int)  # a number
    half = Decimal(5).scaleb(min(exponent, -2) - 1)
    return abs(line.quantity) * half / abs(line.price_quantity or Decimal(1))


def _calculation(line: InvoiceLine) -> Message:
    told = Message("{quantity:number} × {price:euro}", quantity=line.quantity, price=line.unit_price)
    if line.price_quantity not in {None, Decimal(1)}:
        told = Message("{told} for {number:number} (BT-149)", told=told, number=line.price_quantity)
    if line.allowances:
        told = Message("{told} less {amount:euro}", told=told, amount=line.allowances)
    if line.charges:
        told = Message("{told} plus {amount:euro}", told=told, amount=line.charges)
    return told


_SENTENCES = {
    "allowances_total": marked(
        "The allowances listed come to {expected:euro}; their stated sum is {stated:euro} (BT-107)."
    ),
    "charges_total": marked(
        "The charges listed come to {expected:euro}; their stated sum is {stated:euro} (BT-108)."
    ),
    "lines_total": marked("The lines add up to {expected:euro}; their stated sum is {stated:euro} (BT-106)."),
    "total_excl_vat": marked(
        "Lines, charges and allowances come to {expected:euro}; the total excl. VAT says {stated:euro} (BT-109)."
    ),
    "vat_total": marked(
        "The VAT of all rates comes to {expected:euro}; the total VAT says {stated:euro} (BT-110)."
    ),
    "total_incl_vat": marked(
        "Excl. VAT plus VAT is {expected:euro}; the total incl. VAT says {stated:euro} (BT-112)."
    ),
}


class _Sum(NamedTuple):
    """A sum: what its terms come to, what is written, and how many amounts it adds."""

    right: Decimal | None
    stated: Decimal | None
    terms: int = 0


def _total_findings(invoice: Invoice, totals: Totals) -> Iterator[Finding]:
    """The sums that EN 16931 asks for (BR-CO-10 to 15); one with a missing term is not checked."""
    added, vat = _lines_sum(invoice), stated_vat(invoice)
    lines = added if invoice.lines_total is None else invoice.lines_total
    both = totals.untaxed is not None and vat is not None
    count = len(invoice.details)
    every = count + len(invoice.adjustments)
    sums = {
        **_adjusted(invoice),
        "lines_total": _Sum(added, invoice.lines_total, count),
        "total_excl_vat": _Sum(
            None if lines is None else _after_allowances(invoice, lines), invoice.total_excl_vat, every
        ),
        "vat_total": _Sum(_sum(group.amount for group in invoice.vat_groups), invoice.vat),
        "total_incl_vat": _Sum(
            (totals.untaxed or ZERO) + (vat or ZERO) if both else None, invoice.total_incl_vat, every
        ),
    }
    for code, (right, stated, terms) in sums.items():
        if right is not None and stated is not None and stated not in {right, round_cents(right)}:
            message = Message(_SENTENCES[code], expected=right, stated=stated)
            slack = CENT * terms if is_extended(invoice) else ZERO
            yield _wrong(code, message, right, stated, slack)


def _adjusted(invoice: Invoice) -> dict[str, _Sum]:
    """The allowances and the charges listed, against their totals: none is written as none listed."""
    listed = [item for item in invoice.adjustments if item.amount is not None]
    if len(listed) < len(invoice.adjustments) or not (listed or invoice.syntax in {"cii", "ubl"}):
        return {}
    less = [item.amount or ZERO for item in listed if not item.is_charge]
    more = [item.amount or ZERO for item in listed if item.is_charge]
    return {
        "allowances_total": _Sum(-sum(less, ZERO), invoice.allowances or ZERO, len(less)),
        "charges_total": _Sum(sum(more, ZERO), invoice.charges or ZERO, len(more)),
    }


def is_extended(invoice: Invoice) -> bool:
    """Whether its profile (BT-24) is one of the extended ones, whose sums may be a cent off for each amount."""
    return "extended" in (invoice.profile or "").lower()


def _wrong(code: str, message: Message, right: Decimal, stated: Decimal, slack: Decimal) -> Finding:
    if abs(stated - right) <= slack:
        message = Message("{message} This profile accepts it (EXTENDED).", message=message)
        return Finding("rounding_accepted", About.DOCUMENT, message, expected=right, invoiced=stated)
    return Finding(code, About.DOCUMENT, message, Severity.ERROR, expected=right, invoiced=stated)
