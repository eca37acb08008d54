"""The check of an invoice as a document: the verdict first, then the comparison, then what explains it."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.findings import About, Finding, Severity
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.payable import beside_the_total
from opqibi_rules.invoice.reading.found import Beside
from opqibi_rules.invoice.why.explanation import Confidence, Explanation
from opqibi_rules.messages import Message, Text, in_currency, marked, plural
from opqibi_rules.money import exactly, round_cents
from opqibi_rules.paper.document import Cell, Document, Row, Table, euros
from opqibi_rules.paper.language import Language
from opqibi_rules.verdict import Verdict
from opqibi_rules.version import __version__

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
    About.PARTIES: Message("parties"),
    About.PAYABLE: Message("amount due"),
    About.RUN: Message("run"),
}

MOST_EXPLANATIONS = 6
"""How many explanations a screen shows; JSON has them all."""


def check_document(check: InvoiceCheck) -> Document:
    """One invoice, to be read."""
    said = {about: VERDICTS[verdict] for about, verdict in check.outcomes.items()}
    five = Message(
        "sums: {document}; VAT: {vat}; price: {price}; parties: {parties}; amount due: {payable}",
        **{about.value: word for about, word in said.items()},
    )
    facts: list[tuple[Message, Cell | Message | Text | str]] = [
        (Message("Verdict"), check.summary),
        (Message("In detail"), five),
        (_due_label(check), _amount_due(check)),
        (Message("Schedule"), check.expected.schedule.title),
    ]
    tables = [_comparison(check)] if check.rows else []
    errors = [finding for finding in check.findings if finding.severity is Severity.ERROR]
    if errors:
        tables.append(_table(Message("Findings"), _ERRORS, errors))
    if check.explanations:
        shown = check.explanations[:MOST_EXPLANATIONS]
        tables.append(_table(Message("Explanation"), _EXPLANATIONS, shown))
    notes = [finding.message for finding in check.findings if finding.severity is not Severity.ERROR]
    if len(check.explanations) > MOST_EXPLANATIONS:
        more = len(check.explanations) - MOST_EXPLANATIONS
        notes.append(
            plural(
                "{n} more explanation, in the JSON form.",
                "{n} more explanations, in the JSON form.",
                n=more,
            )
        )
    return Document(title_of(check), facts, tables, [*notes, *check.invoice.notes])


def title_of(check: InvoiceCheck) -> Message:
    """The invoice's number and day."""
    number = check.invoice.number or check.invoice.file or Message("(no number)")
    if check.invoice.issued is None:
        titled = (
            marked("Credit note {number}") if check.invoice.is_credit_note else marked("Invoice {number}")
        )
        return Message(titled, number=number)
    titled = marked("Invoice {number} of {day:date}")
    if check.invoice.is_credit_note:
        titled = marked("Credit note {number} of {day:date}")
    return Message(titled, number=number, day=check.invoice.issued)


def _derived(label: Message, *stated: Decimal | None) -> Message:
    """The label of an amount; it says so where none of these states it."""
    return Message("{label} (derived)", label=label) if set(stated) == {None} else label


def _due_label(check: InvoiceCheck) -> Message:
    label, known = Message("Amount due"), check.amount_due is not None
    if known and check.outcomes[About.PAYABLE] is Verdict.UNDETERMINED:
        return Message("{label} (not established)", label=label)  # it is no instruction to pay
    return _derived(label, check.invoice.payable, check.invoice.total_incl_vat) if known else label


def _amount_due(check: InvoiceCheck) -> Cell | Message:
    """What is left to pay, and when."""
    day = check.invoice.due
    if check.amount_due is None:
        return Message("not known")
    if day is None:
        return _money(check.amount_due, check.invoice)
    due = Message("{due:euro}, on {day:date}", due=check.amount_due, day=day)
    return in_currency(due, check.invoice.currency)


def _money(amount: Decimal | None, invoice: Invoice) -> Cell | Message:
    """An amount in the currency of its invoice."""
    if amount is None or invoice.is_in_euros:
        return Cell(amount, "euro")
    return in_currency(Message("{amount:euro}", amount=amount), invoice.currency)


def _comparison(check: InvoiceCheck) -> Table:
    rows: list[Row] = []
    for row in check.rows:
        label: Message = row.label
        if row.lines:
            label = Message("{label} (line {lines})", label=row.label, lines=row.lines)
        amounts = (Cell(row.expected, "euro"), Cell(row.invoiced, "euro"), Cell(row.difference, "euro"))
        rows.append((", ".join(row.articles), label, *amounts))
    told = check.series is None and check.vat_is_known and all(row.expected is not None for row in check.rows)
    totals = _totals(check) if told else []
    return Table(
        (
            Message("Article"),
            Message("What for"),
            Message("Expected"),
            Message("Invoiced"),
            Message("Difference"),
        ),
        [*rows, *totals],
        strong=frozenset(range(len(rows), len(rows) + len(totals))),
    )


@exactly
def _totals(check: InvoiceCheck) -> list[Row]:
    """The totals of what this invoice bills, due and stated."""
    invoice, rate, untaxed = check.invoice, check.expected.vat_rate, check.untaxed
    assert untaxed is not None  # else nothing was compared
    sign = -1 if invoice.is_credit_note else 1
    due = untaxed * sign - check.gap
    vat = round_cents(due * rate)
    told = [
        (Message("Total excl. VAT"), invoice.total_excl_vat, due, untaxed),
        (Message("VAT at {rate:percent}", rate=rate), invoice.vat, vat, check.totals.vat),
        (Message("Total incl. VAT"), invoice.total_incl_vat, due + vat, check.totals.taxed),
    ]
    if check.amount_due is not None and check.amount_due * sign != check.totals.taxed:
        left = due + vat + sign * beside_the_total(invoice, check.totals)
        told.append((Message("Amount due"), invoice.payable, left, check.amount_due * sign))
    rows: list[Row] = []
    for label, stated, right, amount in told:
        if amount is not None:
            rows.append(("", _derived(label, stated), *euros((right, amount * sign, amount * sign - right))))
    return rows


_Item = TypeVar("_Item")
_Columns = Sequence[tuple[Message, Callable[[_Item], Cell | Message | Text | str]]]
"""Each heading, and what stands below it."""


def _table(title: Message, columns: "_Columns[_Item]", items: Sequence[_Item]) -> Table:
    rows = [tuple(value(item) for _, value in columns) for item in items]
    return Table([heading for heading, _ in columns], rows, title=title)


_ERRORS: _Columns[Finding] = (
    (Message("Code"), lambda item: item.dispute.code if item.dispute else item.code),
    (Message("What is wrong"), lambda item: item.message),
)
_EXPLANATIONS: _Columns[Explanation] = (
    (Message("Effect"), lambda item: Cell(item.effect, "euro")),
    (Message("What accounts for it, to the cent"), lambda item: item.message),
    (Message("Article"), lambda item: ", ".join(item.articles)),
    (Message("Confidence"), lambda item: CONFIDENCES[item.confidence]),
)
_INVOICES: _Columns[InvoiceCheck] = (
    (Message("File"), lambda item: item.invoice.file or ""),
    (Message("Invoice"), lambda item: item.invoice.number or ""),
    (Message("Date"), lambda item: Cell(item.invoice.issued, "date")),
    (Message("Verdict"), lambda item: VERDICTS[item.outcome]),
    (Message("Total excl. VAT"), lambda item: _money(item.signed_total, item.invoice)),
    (Message("Difference"), lambda item: Cell(item.gap, "euro")),
    (Message("Amount due"), lambda item: _money(item.amount_due, item.invoice)),
    (Message("In one line"), lambda item: item.summary),
    (Message("Seller"), lambda item: item.invoice.seller.name or ""),
)
_FINDINGS: _Columns[tuple[Invoice, Finding]] = (
    (Message("Invoice"), lambda item: item[0].number or item[0].file or ""),
    (Message("Severity"), lambda item: SEVERITIES[item[1].severity]),
    (Message("About"), lambda item: ABOUT[item[1].about]),
    (Message("Finding"), lambda item: item[1].code),
    (Message("Dispute code"), lambda item: item[1].dispute.code if item[1].dispute else ""),
    (Message("Line"), lambda item: item[1].line or ""),
    (Message("Expected"), lambda item: _money(item[1].expected, item[0])),
    (Message("Invoiced"), lambda item: _money(item[1].invoiced, item[0])),
    (Message("Difference"), lambda item: _money(item[1].difference, item[0])),
    (Message("Message"), lambda item: item[1].message),
)


_BESIDE: _Columns[Beside] = (
    (Message("File"), lambda item: item.name),
    (Message("Why it is no invoice"), lambda item: item.why),
)


def beside_document(beside: Sequence[Beside]) -> Document:
    """What lies with invoices and is none."""
    title = Message("No invoices")
    return Document(title, [], [_table(title, _BESIDE, beside)] if beside else [])


_UNREAD: _Columns[Beside] = (
    (Message("File"), lambda item: item.name),
    (Message("What is wrong"), lambda item: item.why),
)


def run_document(
    checks: Sequence[InvoiceCheck], beside: Sequence[Beside] = (), unread: Sequence[Beside] = ()
) -> Document:
    """Many invoices: one row each, then every finding, then what lies with them: none, or not read."""
    count = {verdict: sum(check.outcome is verdict for check in checks) for verdict in VERDICTS}
    facts = [(VERDICTS[verdict], Cell(number, "count")) for verdict, number in count.items()]
    findings = [(check.invoice, finding) for check in checks for finding in check.findings]
    return Document(
        Message("{count} invoices checked", count=len(checks)),
        facts,
        [
            _table(Message("Invoices"), _INVOICES, checks),
            _table(Message("Findings"), _FINDINGS, findings),
            *beside_document(beside).tables,
            *([_table(Message("Not read"), _UNREAD, unread)] if unread else []),
        ],
    )


def checks_pdf(documents: Sequence[Document], language: Language, *, made_on: date) -> bytes:
    """Verdicts on pages.

    Raises:
        RequestError: the « pdf » extra is not installed.
    """
    from opqibi_rules.paper.document_pdf import document_pdf  # noqa: PLC0415 - the others do without

    return document_pdf(
        documents,
        language,
        made_on=made_on,
        foot=Message(
            "Checked by opqibi-rules {version} against the published fee schedule.", version=__version__
        ),
        description=Message("What an invoice says, beside the price that was due."),
    )
