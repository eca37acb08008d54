"""Is the amount due what the rest of the document says? What is paid is BT-115, not the total."""

from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly


@exactly
def amount_due(invoice: Invoice) -> Decimal | None:
    """What is left to pay: as written, else as the totals leave it; ``None`` where they do not say.

    Negative where a credit note gives it back.
    """
    due = left_to_pay(invoice) if invoice.payable is None else invoice.payable
    return -due if due and invoice.is_credit_note else due


@exactly
def left_to_pay(invoice: Invoice) -> Decimal | None:
    """The total incl. VAT, less what is paid already, plus what is added to round (BR-CO-16)."""
    if invoice.total_incl_vat is None:
        return None
    return invoice.total_incl_vat + (invoice.rounding or ZERO) - (invoice.prepaid or ZERO)


@exactly
def payable_findings(invoice: Invoice) -> tuple[Finding, ...]:
    """What is wrong with the amount due."""
    right, stated = left_to_pay(invoice), invoice.payable
    if right is None or stated is None or right == stated:
        return ()
    message = Message(
        "{expected:euro} remains to be paid; the document says {stated:euro} (BT-115).",
        expected=right,
        stated=stated,
    )
    return (Finding("payable", About.PAYABLE, message, Severity.ERROR, expected=right, invoiced=stated),)
