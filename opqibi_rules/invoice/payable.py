"""Is the amount due what the rest of the document says? What is paid is BT-115, not the total."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.model import CORRECTED_TYPES, CREDIT_NOTE_TYPES, Invoice
from opqibi_rules.invoice.stamps import stamps_of
from opqibi_rules.invoice.sums import Totals
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.tables.wording.invoices import InvoiceWording

MOST_ROUNDING = Decimal("0.05")
"""Euros that a rounding of the amount due may be: the coins that some countries do without."""
MOST_ROUNDING_ELSEWHERE = Decimal("0.50")
"""The same in a currency that is paid in whole units (DKK, HUF, SEK…)."""


NO_INVOICE = "no_invoice"
"""The code of what says that a document is no invoice: it is not booked."""
PRECEDING_ALONE = "preceding_alone"
"""The code of what says that an invoice corrects or completes another, which is not here."""
_OPEN = "may_not_be_due"
_MOST_TOLD = 5
_TABLES = frozenset({"csv", "json", "xlsx"})


@exactly
def amount_due(invoice: Invoice, totals: Totals) -> Decimal | None:
    """What is left to pay: as written, else as the totals leave it; ``None`` where they do not say.

    Negative where a credit note gives it back.
    """
    due = _left_to_pay(invoice, totals) if invoice.payable is None else invoice.payable
    return -due if due and invoice.is_credit_note else due


@exactly
def beside_the_total(invoice: Invoice, totals: Totals) -> Decimal:
    """What rightly stands between the total incl. VAT and the amount due: what is paid already, a few cents."""
    prepaid, rounding = _paid(invoice, totals), invoice.rounding or ZERO
    if abs(rounding) > _most_rounding(invoice):
        rounding = ZERO
    return rounding if _raises(invoice, totals) else rounding - prepaid


def _raises(invoice: Invoice, totals: Totals) -> bool:
    """Whether what is said to be paid already makes more due, not less."""
    return _paid(invoice, totals) * (totals.taxed or ZERO) < ZERO


def _paid(invoice: Invoice, totals: Totals) -> Decimal:
    """What is paid already (BT-113); people who write a table sign it as they like: there it is deducted."""
    paid = invoice.prepaid or ZERO
    return abs(paid).copy_sign(totals.taxed or ZERO) if invoice.syntax in _TABLES else paid


def _most_rounding(invoice: Invoice) -> Decimal:
    return MOST_ROUNDING if invoice.is_in_euros else MOST_ROUNDING_ELSEWHERE


def _left_to_pay(invoice: Invoice, totals: Totals) -> Decimal | None:
    """The total incl. VAT, less what is paid already, plus roundings and what others are due (BR-CO-16)."""
    if totals.taxed is None:
        return None
    more = (invoice.rounding or ZERO) + (invoice.third_party or ZERO)
    return totals.taxed - _paid(invoice, totals) + more


@exactly
def payable_findings(
    invoice: Invoice, totals: Totals, wording: InvoiceWording, today: date | None = None
) -> tuple[Finding, ...]:
    """What is wrong with the amount due, what it is made of, and what says that it may not be due.

    ``today``: the day on which it would be paid; ``None`` is any.
    """
    return (
        *_due(invoice, totals),
        *_made_of(invoice, totals),
        *_when(invoice, today),
        *_is_invoice(invoice, wording),
        *_beside_its_lines(invoice),
        *_in_its_data(invoice, totals, wording),
    )


def _beside_its_lines(invoice: Invoice) -> Iterator[Finding]:
    """Amounts that a sheet bears beside its lines, and in none of its totals."""
    for line in invoice.lines if invoice.syntax in _TABLES else ():
        if line.kind == "information" and line.amount is not None:
            message = Message(
                "« {label} », {amount:euro}, is no line, and in none of the totals: what it is is not known.",
                label=line.name or line.description or "",
                amount=line.amount,
            )
            yield replace(missing("row_apart", About.PAYABLE, message), line=line.id)


def _in_its_data(invoice: Invoice, totals: Totals, wording: InvoiceWording) -> Iterator[Finding]:
    """What the codes of its data say against paying it as it stands, or once more."""
    if invoice.is_test:
        message = Message("It is sent as a test (TestIndicator): nothing is to be paid or booked on it.")
        yield missing(NO_INVOICE, About.PAYABLE, message)
    if invoice.is_copy:
        message = Message("It is sent as a copy (CopyIndicator): the amount due may be paid already.")
        yield missing(_OPEN, About.PAYABLE, message)
    due, codes = amount_due(invoice, totals), tuple(filter(None, (invoice.process, *invoice.means)))
    for code in codes if due else ():
        if (name := wording.settled.get(code)) is not None:
            message = Message(
                "Its data say {name} ({code}; BT-23, BT-81), and {due:euro} are due: they may be paid already.",
                name=name,
                code=code,
                due=due,
            )
            yield missing(_OPEN, About.PAYABLE, message)
        elif (name := wording.collected.get(code)) is not None:
            message = Message(
                "{name} ({code}; BT-81): who sells collects it; paying it as well would pay it twice.",
                name=name,
                code=code,
            )
            yield Finding("collected", About.PAYABLE, message, Severity.WARNING)
    if due and invoice.preceding and not (invoice.prepaid or invoice.gives_back(totals.untaxed)):
        message = Message(
            "It corrects or completes {numbers} (BT-25), and deducts nothing as paid: give them to the same check.",
            numbers=invoice.preceding[:_MOST_TOLD],
        )
        yield missing(PRECEDING_ALONE, About.PAYABLE, message)
    advances, prepaid = invoice.advances, _paid(invoice, totals)
    if advances is not None and advances != prepaid:
        message = Message(
            "{advances:euro} are listed as paid in advance, and {prepaid:euro} deducted as paid (BT-113).",
            advances=advances,
            prepaid=prepaid,
        )
        yield missing("prepaid_listed", About.PAYABLE, message)


def _is_invoice(invoice: Invoice, wording: InvoiceWording) -> Iterator[Finding]:
    """Whether it is an invoice that asks to be paid, by its type and by what it says of itself."""
    if not invoice.number and invoice.reading is None:  # a page says what it leaves to confirm
        message = Message(
            "The document bears no number (BT-1): nothing tells it from another that is paid already."
        )
        yield missing("number_missing", About.PAYABLE, message)
    code = invoice.type_code
    if code is not None and (name := wording.documents.get(code)) is not None:
        message = Message(
            "Its type, {code} (UNTDID 1001: {name}), is none by which a fee of the schedule is asked for: nothing is "
            "to be paid or booked on it.",
            code=code,
            name=name,
        )
        yield missing(NO_INVOICE, About.PAYABLE, message)
    corrects = code in CREDIT_NOTE_TYPES | CORRECTED_TYPES
    stamps = (
        item for text in invoice.remarks for item in stamps_of(wording).said_in(text, corrects=corrects)
    )
    if told := list(dict.fromkeys(stamps)):
        message = Message(
            "The document says {words}: it may not be due, or not as it stands.",
            words=[Message("« {words} »", words=stamp.words) for stamp in told[:_MOST_TOLD]],
        )
        is_void = any(stamp.kind == "void" for stamp in told)
        yield missing(NO_INVOICE if is_void else _OPEN, About.PAYABLE, message)


def _due(invoice: Invoice, totals: Totals) -> Iterator[Finding]:
    right, stated = _left_to_pay(invoice, totals), invoice.payable
    if right is None and stated is None:
        message = Message("The amount due is not known: neither it nor a total incl. VAT is stated.")
        yield missing("payable_missing", About.PAYABLE, message)
    elif right is None:
        message = Message("The amount due cannot be checked: no total incl. VAT is stated.")
        yield missing("payable_missing", About.PAYABLE, message)
    elif stated is not None and right != stated:
        message = Message(
            "{expected:euro} remains to be paid; the document says {stated:euro} (BT-115).",
            expected=right,
            stated=stated,
        )
        yield _wrong("payable", message, right, stated)


def _made_of(invoice: Invoice, totals: Totals) -> Iterator[Finding]:
    """What stands between the total and the amount due."""
    prepaid, rounding = _paid(invoice, totals), invoice.rounding or ZERO
    if _raises(invoice, totals):
        message = Message(
            "{prepaid:euro} is said to be paid already: of the opposite sign, it raises the amount due (BT-113).",
            prepaid=prepaid,
        )
        yield _wrong("prepaid_sign", message, ZERO, prepaid)
    elif prepaid:
        message = Message("{prepaid:euro} is deducted as paid already (BT-113).", prepaid=prepaid)
        yield Finding("prepaid", About.PAYABLE, message)
    most = _most_rounding(invoice)
    if abs(rounding) > most:
        message = Message(
            "A rounding of {rounding:euro} is no rounding: at most {most:euro} (BT-114).",
            rounding=rounding,
            most=most,
        )
        yield _wrong("rounding_amount", message, ZERO, rounding)
    if invoice.third_party:
        message = Message(
            "{amount:euro} of the amount due is collected on behalf of somebody else (BT-179).",
            amount=invoice.third_party,
        )
        yield missing("third_party", About.PAYABLE, message)


def _when(invoice: Invoice, today: date | None) -> Iterator[Finding]:
    if invoice.issued is not None and today is not None and invoice.issued > today:
        message = Message(
            "It is dated {issued:date}, after the day of this check ({today:date}): not due yet, or dated wrong.",
            issued=invoice.issued,
            today=today,
        )
        yield missing("dated_ahead", About.PAYABLE, message)
    if invoice.due is not None and invoice.issued is not None and invoice.due < invoice.issued:
        message = Message(
            "It is due on {due:date}, before its own day, {issued:date}.",
            due=invoice.due,
            issued=invoice.issued,
        )
        yield Finding("due_before_issue", About.PAYABLE, message, Severity.WARNING)


def _wrong(code: str, message: Message, right: Decimal, stated: Decimal) -> Finding:
    return Finding(code, About.PAYABLE, message, Severity.ERROR, expected=right, invoiced=stated)
