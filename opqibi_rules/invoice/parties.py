"""Does the body of the schedule bill this structure? Who sells and who buys, against what is known of both."""

from opqibi_rules.invoice.findings import Finding
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.schedule import Schedule


def party_findings(invoice: Invoice, schedule: Schedule, structure: Structure | None) -> tuple[Finding, ...]:
    """What contradicts the seller or the buyer, and what leaves them undetermined.

    Args:
        invoice: the document, with its seller and its buyer.
        schedule: that of the body that is to be paid.
        structure: the buyer, where it is known.
    """
    return ()
