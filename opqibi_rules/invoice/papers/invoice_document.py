"""The check of an invoice as a document: the verdict first, then the comparison, then what explains it."""

from collections.abc import Sequence

from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.diagnosis import Confidence, Explanation
from opqibi_rules.invoice.findings import About, Finding, Severity
from opqibi_rules.messages import Message, Text, plural
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.verdict import Verdict

VERDICTS = {
    Verdict.YES: Message("conform"),
    Verdict.NO: Message("discrepancy"),
    Verdict.UNDETERMINED: Message("undetermined"),
}
CONFIDENCES = {
    Confidence.CERTAIN: Message("certain"),
    Confidence.LIKELY: Message("likely"),
    Confidence.POSSIBLE: Message("possible"),
}
SEVERITIES = {
    Severity.ERROR: Message("error"),
    Severity.WARNING: Message("warning"),
    Severity.INFO: Message("information"),
}
ABOUT = {
    About.DOCUMENT: Message("sums"),
    About.VAT: Message("VAT"),
    About.PRICE: Message("price"),
    About.RUN: Message("run"),
}

MOST_EXPLANATIONS = 6
"""How many explanations a screen shows; JSON has them all."""


def check_document(check: InvoiceCheck) -> Document:
    """One invoice, to be read."""
    said = {about: VERDICTS[verdict] for about, verdict in check.outcomes.items()}
    three = Message(
        "sums: {document}; VAT: {vat}; price: {price}",
        document=said[About.DOCUMENT],
        vat=said[About.VAT],
        price=said[About.PRICE],
    )
    facts: list[tuple[Message, Cell | Message | Text | str]] = [
        (Message("Verdict"), check.summary),
        (Message("In detail"), three),
        (Message("Schedule"), check.expected.schedule.title),
    ]
    tables = [_comparison(check)] if check.rows else []
    errors = [finding for finding in check.findings if finding.severity is Severity.ERROR]
    if errors:
        tables.append(_findings(errors))
    if check.explanations:
        tables.append(_explanations(check.explanations))
    notes = [finding.message for finding in check.findings if finding.severity is not Severity.ERROR]
    if len(check.explanations) > MOST_EXPLANATIONS:
        more = len(check.explanations) - MOST_EXPLANATIONS
        notes.append(
            plural(
                "{n} more explanation: --format json shows it.",
                "{n} more explanations: --format json shows them.",
                n=more,
            )
        )
    return Document(title_of(check), facts, tables, [*notes, *check.invoice.notes])


def title_of(check: InvoiceCheck) -> Message:
    """The invoice's number and day."""
    number = check.invoice.number or check.invoice.file or Message("(no number)")
    if check.invoice.issued is None:
        return Message("Invoice {number}", number=number)
    return Message("Invoice {number} of {day:date}", number=number, day=check.invoice.issued)


def _comparison(check: InvoiceCheck) -> Table:
    rows: list[Row] = []
    for row in check.rows:
        label: Message = row.label
        lines = ", ".join(line for line in row.lines if line)
        if lines:
            label = Message("{label} (line {lines})", label=row.label, lines=lines)
        amounts = (Cell(row.expected, "euro"), Cell(row.invoiced, "euro"), Cell(row.difference, "euro"))
        rows.append((", ".join(row.articles), label, *amounts))
    strong = len(rows)
    known = [row for row in check.rows if row.expected is not None]
    if len(known) == len(check.rows):
        rows.extend(_totals(check))
    return Table(
        (
            Message("Article"),
            Message("What for"),
            Message("Expected"),
            Message("Invoiced"),
            Message("Difference"),
        ),
        rows,
        frozenset(range(strong, len(rows))),
    )


@exactly
def _totals(check: InvoiceCheck) -> list[Row]:
    """The totals of what this invoice bills, due and stated."""
    invoice, rate, untaxed = check.invoice, check.expected.vat_rate, check.untaxed
    assert untaxed is not None  # else nothing was compared
    sign = -1 if untaxed < ZERO else 1
    due = abs(untaxed) - check.gap
    vat = round_cents(due * rate)
    totals = (
        (Message("Total excl. VAT"), due, untaxed),
        (Message("VAT at {rate:percent}", rate=rate), vat, invoice.vat),
        (Message("Total incl. VAT"), due + vat, invoice.total_incl_vat),
    )
    return [
        ("", label, Cell(right, "euro"), Cell(stated * sign, "euro"), Cell(stated * sign - right, "euro"))
        for label, right, stated in totals
        if stated is not None
    ]


def _findings(findings: Sequence[Finding]) -> Table:
    rows: list[Row] = [
        (finding.dispute.code if finding.dispute else finding.code, finding.message) for finding in findings
    ]
    return Table((Message("Code"), Message("What is wrong")), rows, title=Message("Findings"))


def _explanations(explanations: Sequence[Explanation]) -> Table:
    rows: list[Row] = [
        (
            Cell(item.effect, "euro"),
            item.message,
            ", ".join(item.articles),
            CONFIDENCES[item.confidence],
        )
        for item in explanations[:MOST_EXPLANATIONS]
    ]
    return Table(
        (
            Message("Effect"),
            Message("What accounts for it, to the cent"),
            Message("Article"),
            Message("Confidence"),
        ),
        rows,
        title=Message("Explanation"),
    )


def run_document(checks: Sequence[InvoiceCheck]) -> Document:
    """Many invoices: one row each, then every finding."""
    count = {verdict: sum(check.outcome is verdict for check in checks) for verdict in VERDICTS}
    facts = [(VERDICTS[verdict], Cell(number, "count")) for verdict, number in count.items()]
    return Document(
        Message("{count} invoices checked", count=len(checks)),
        facts,
        [_invoices(checks), _all_findings(checks)],
    )


def _invoices(checks: Sequence[InvoiceCheck]) -> Table:
    rows: list[Row] = []
    for check in checks:
        invoice = check.invoice
        rows.append(
            (
                invoice.file or "",
                invoice.number or "",
                Cell(invoice.issued, "date"),
                VERDICTS[check.outcome],
                Cell(check.untaxed, "euro"),
                Cell(check.gap, "euro"),
                check.summary,
            )
        )
    return Table(
        (
            Message("File"),
            Message("Invoice"),
            Message("Date"),
            Message("Verdict"),
            Message("Total excl. VAT"),
            Message("Difference"),
            Message("In one line"),
        ),
        rows,
        title=Message("Invoices"),
    )


def _all_findings(checks: Sequence[InvoiceCheck]) -> Table:
    rows: list[Row] = [
        (
            check.invoice.number or check.invoice.file or "",
            SEVERITIES[finding.severity],
            ABOUT[finding.about],
            finding.code,
            finding.dispute.code if finding.dispute else "",
            finding.line or "",
            Cell(finding.expected, "euro"),
            Cell(finding.invoiced, "euro"),
            Cell(finding.difference, "euro"),
            finding.message,
        )
        for check in checks
        for finding in check.findings
    ]
    return Table(
        (
            Message("Invoice"),
            Message("Severity"),
            Message("About"),
            Message("Finding"),
            Message("Dispute code"),
            Message("Line"),
            Message("Expected"),
            Message("Invoiced"),
            Message("Difference"),
            Message("Message"),
        ),
        rows,
        title=Message("Findings"),
    )
