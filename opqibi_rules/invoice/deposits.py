"""Deposits that a final invoice takes off by lines of their own: « Acompte facture n° A-12 déduit », −100,00.

Its other lines are what the schedule prices. Words alone take nothing off surely: the deposit is to be in the same
check.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.comparison import Row
from opqibi_rules.invoice.findings import About, Finding, missing
from opqibi_rules.invoice.matching.doubtful_words import doubtful_words_of
from opqibi_rules.invoice.matching.matched import text_of
from opqibi_rules.invoice.model import Invoice, InvoiceLine
from opqibi_rules.invoice.sums import Totals, amount_of
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.wording.invoices import InvoiceWording

DEPOSIT_ALONE = "deposit_alone"
"""The code of what says that a deposit is taken off which is not here."""


def deposits_of(invoice: Invoice, wording: InvoiceWording) -> tuple[InvoiceLine, ...]:
    """The lines by which an invoice takes a deposit off what its others bill."""
    words = doubtful_words_of(wording).deposits
    found = tuple(
        line
        for line in invoice.details
        if (amount_of(line) or ZERO) < ZERO and words.search(plain_words(text_of(line)))
    )
    alone = invoice.is_credit_note or len(found) == len(invoice.details)
    return () if alone else found


@exactly
def taken_off(deposits: Sequence[InvoiceLine]) -> Decimal:
    """What they come to, excl. VAT, as a positive amount."""
    return -sum((amount_of(line) or ZERO for line in deposits), ZERO)


@exactly
def with_vat(deposits: Sequence[InvoiceLine], totals: Totals) -> Decimal:
    """The same with VAT, at the rate of each line, else at that of the whole."""
    whole = totals.vat / totals.untaxed if totals.untaxed and totals.vat is not None else ZERO
    rates = (whole if line.vat_rate is None else line.vat_rate for line in deposits)
    amounts = [-(amount_of(line) or ZERO) * (1 + rate) for line, rate in zip(deposits, rates, strict=True)]
    return round_cents(sum(amounts, ZERO))


@exactly
def before(invoice: Invoice, deposits: Sequence[InvoiceLine]) -> Invoice:
    """What it bills before they are taken off; the very same where there are none."""
    if not deposits:
        return invoice
    lines = tuple(line for line in invoice.lines if line not in deposits)
    total = invoice.total_excl_vat
    return replace(
        invoice, lines=lines, total_excl_vat=None if total is None else total + taken_off(deposits)
    )


def row_of(deposits: Sequence[InvoiceLine]) -> Row:
    """What they take off, in the comparison."""
    amount = -taken_off(deposits)
    return Row(Message("Deposit deducted"), (), (), amount, amount, tuple(line.id for line in deposits))


def alone(deposits: Sequence[InvoiceLine]) -> Finding:
    """That nothing here shows what was paid in advance."""
    message = Message(
        "« {name} » takes a deposit of {amount:euro} excl. VAT off: give the invoice of it to the same check.",
        name=text_of(deposits[0]),
        amount=taken_off(deposits),
    )
    return missing(DEPOSIT_ALONE, About.PAYABLE, message)
