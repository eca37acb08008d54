"""What the official rules accept has no error of sums here; what they reject for its sums has one.

The samples are not part of the repository; where they lie beside it, all that can be read are judged, by the rules
that Saxon runs (EN 16931 for CII, and for UBL), and so is what the samples' own manifest says.
"""

from collections.abc import Iterator

from opqibi_rules.invoice.check import check_invoice
from opqibi_rules.invoice.findings import Severity
from opqibi_rules.invoice.model import Invoice
from tests.invoice.bills import control
from tests.invoice.reading.test_invoice_samples import outcomes

REJECTED_FOR_THEIR_SUMS = ("caslim__CALC-001", "caslim__CALC-002", "caslim__CALC-003")


def errors(invoice: Invoice) -> list[str]:
    """The errors that no schedule is needed for: of sums, of the amount due, and of VAT but for its rate."""
    answer = check_invoice(invoice, expected=control())
    return [
        f"{finding.code}: {finding.message}"
        for finding in answer.findings
        if finding.severity is Severity.ERROR
        and finding.about in {"document", "vat", "payable"}
        and finding.code != "vat_rate"
    ]


def judged() -> Iterator[tuple[str, str, list[str]]]:
    for outcome in outcomes():
        if outcome.invoice is not None:
            yield outcome.file.partition("/")[2], outcome.expected, errors(outcome.invoice)


def test_what_is_officially_valid_has_no_error() -> None:
    assert [(name, found) for name, expected, found in judged() if expected == "accept" and found] == []


def test_what_is_rejected_for_its_sums_has_one() -> None:
    for name, expected, found in judged():
        assert bool(found) == name.startswith(REJECTED_FOR_THEIR_SUMS) or expected != "reject", (name, found)
