"""Several invoices at once: the same one twice, or the same fee billed twice to the same structure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from opqibi_rules.deadlines import add_years
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.findings import ERROR, RUN, Finding
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.price.fees import ANNUAL_CONTROL, FEE_NAMES
from opqibi_rules.tables.dispute_codes import DisputeCodes
from opqibi_rules.tables.words import plain_words

_MONTHS_BETWEEN_CONTROLS = 6
"""A control comes once a year: a second one billed within half a year is the same one."""


def check_run(checks: Sequence[InvoiceCheck], codes: DisputeCodes) -> tuple[InvoiceCheck, ...]:
    """The checks of one run, each with a finding where an earlier one bills the same thing.

    The same number from the same seller is one invoice received twice. The same fee, of the same amount, for
    the same structure is a fee billed twice where the two are closer than the schedule allows (six months for
    a control; less than the years it covers for the others) and no credit note gave it back.
    """
    answers: list[InvoiceCheck] = []
    for check in checks:
        found = (*_same_number(check, answers, codes), *_same_fee(check, answers, checks, codes))
        answers.append(replace(check, findings=(*check.findings, *found)) if found else check)
    return tuple(answers)


def _same_number(
    check: InvoiceCheck, earlier: Sequence[InvoiceCheck], codes: DisputeCodes
) -> Iterator[Finding]:
    number, seller = _folded(check.invoice.number), _identity(check.invoice.seller)
    for other in earlier:
        if number and number == _folded(other.invoice.number) and seller == _identity(other.invoice.seller):
            message = Message(
                "Invoice {number} of the same seller is already in this run ({file}).",
                number=check.invoice.number,
                file=_where(other.invoice),
            )
            reason = codes.reason("duplicate_invoice")
            yield Finding("duplicate_invoice", ERROR, RUN, message, dispute=reason)
            return


def _same_fee(
    check: InvoiceCheck, earlier: Sequence[InvoiceCheck], run: Sequence[InvoiceCheck], codes: DisputeCodes
) -> Iterator[Finding]:
    structure = _identity(check.invoice.buyer)
    if structure is None or _gives_back(check) or _folded(check.invoice.number) is None:
        return
    for fee, amount in check.by_fee.items():
        for other in earlier:
            twice = (
                not _gives_back(other)
                and _identity(other.invoice.buyer) == structure
                and _folded(other.invoice.number) != _folded(check.invoice.number)
                and other.by_fee.get(fee) == amount
                and _close(fee, check, other)
            )
            if twice and not _given_back(fee, amount, structure, run):
                message = Message(
                    "{fee}: the same amount was billed to the same structure by invoice {number} ({file}).",
                    fee=FEE_NAMES[fee],
                    number=other.invoice.number,
                    file=_where(other.invoice),
                )
                reason = codes.reason("duplicate_fee")
                yield Finding(
                    "duplicate_fee", ERROR, RUN, message, None, fee, (), None, amount, dispute=reason
                )
                break


def _close(fee: str, check: InvoiceCheck, other: InvoiceCheck) -> bool:
    """Whether two bills of a fee are too close to be two; without their days, nothing tells them apart."""
    first, last = sorted((check.invoice.issued or date.min, other.invoice.issued or date.min))
    if first == date.min:
        return True
    if fee == ANNUAL_CONTROL:
        months = (last.year - first.year) * 12 + last.month - first.month
        return months < _MONTHS_BETWEEN_CONTROLS
    return last < add_years(first, check.expected.schedule.brand_usage.years - 1)


def _given_back(fee: str, amount: Decimal, structure: str, run: Sequence[InvoiceCheck]) -> bool:
    return any(
        _gives_back(other)
        and _identity(other.invoice.buyer) == structure
        and other.by_fee.get(fee, ZERO).copy_abs() == amount
        for other in run
    )


def _gives_back(check: InvoiceCheck) -> bool:
    return check.invoice.is_credit_note or any(amount < 0 for amount in check.by_fee.values())


def _identity(party: Party) -> str | None:
    """What tells a firm: its SIREN, else that of its SIRET or VAT number, else its name."""
    siret, vat_id = party.siret or "", (party.vat_id or "").replace(" ", "")
    siren = (
        party.siren or siret.replace(" ", "")[:9] or (vat_id[4:] if vat_id[:2].upper() == "FR" else vat_id)
    )
    return siren.replace(" ", "") or _folded(party.name)


def _folded(text: str | None) -> str | None:
    return plain_words(text or "") or None


def _where(invoice: Invoice) -> str:
    return invoice.file or "—"
