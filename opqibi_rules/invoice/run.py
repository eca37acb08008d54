"""Several invoices at once: the same one twice, or the same fee billed twice to the same structure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from opqibi_rules.deadlines import add_years
from opqibi_rules.identifiers import compact, siren_of, siren_of_vat_number
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.findings import About, Finding, Severity, with_reasons
from opqibi_rules.invoice.model import Party
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.dispute_codes import DisputeCodes
from opqibi_rules.tables.schedule import Billed, Schedule

_MONTHS_BETWEEN = 6
"""What comes once a year, as a control does, and is billed twice within half a year, is billed twice."""


def check_run(checks: Sequence[InvoiceCheck], codes: DisputeCodes) -> tuple[InvoiceCheck, ...]:
    """The checks of one run, each with a finding where an earlier one bills the same thing.

    The same number from the same seller is one invoice received twice. The same fee, of the same amount, for
    the same structure is a fee billed twice where the two are closer than the schedule allows (six months for
    a control; less than the years it covers for the others) and no credit note gave it back.
    """
    answers: list[InvoiceCheck] = []
    for check in checks:
        found = with_reasons((*_same_number(check, answers), *_same_fee(check, answers, checks)), codes)
        answers.append(replace(check, findings=(*check.findings, *found)) if found else check)
    return tuple(answers)


def _same_number(check: InvoiceCheck, earlier: Sequence[InvoiceCheck]) -> Iterator[Finding]:
    number, seller = _folded(check.invoice.number), _identity(check.invoice.seller)
    for other in earlier:
        if number and number == _folded(other.invoice.number) and seller == _identity(other.invoice.seller):
            message = Message(
                "Invoice {number} of the same seller is already in this run ({file}).",
                number=check.invoice.number,
                file=other.invoice.file or "—",
            )
            yield Finding("duplicate_invoice", About.RUN, message, Severity.ERROR)
            return


def _same_fee(
    check: InvoiceCheck, earlier: Sequence[InvoiceCheck], run: Sequence[InvoiceCheck]
) -> Iterator[Finding]:
    structure = _identity(check.invoice.buyer)
    if structure is None or _gives_back(check) or _folded(check.invoice.number) is None:
        return
    before = [
        other
        for other in earlier
        if not _gives_back(other)
        and _identity(other.invoice.buyer) == structure
        and _folded(other.invoice.number) != _folded(check.invoice.number)
    ]
    for fee, amount in check.by_fee.items():
        same = (item for item in before if item.by_fee.get(fee) == amount and _close(fee, check, item))
        other = next(same, None)
        if other is not None and not _given_back(fee, amount, structure, run):
            declared = check.expected.schedule.fee(fee)
            message = Message(
                "{fee}: the same amount was billed to the same structure by invoice {number} ({file}).",
                fee=declared.title if declared else fee,
                number=other.invoice.number,
                file=other.invoice.file or "—",
            )
            yield Finding("duplicate_fee", About.RUN, message, Severity.ERROR, fee=fee, invoiced=amount)


def _close(fee: str, check: InvoiceCheck, other: InvoiceCheck) -> bool:
    """Whether two bills of a fee are too close to be two; without their days, nothing tells them apart."""
    first, last = sorted((check.invoice.issued or date.min, other.invoice.issued or date.min))
    if first == date.min:
        return True
    years = _years_between(fee, check.expected.schedule)
    if years > 1:
        return last < add_years(first, years - 1)
    return (last.year - first.year) * 12 + last.month - first.month < _MONTHS_BETWEEN


def _years_between(name: str, schedule: Schedule) -> int:
    """How many years part two bills of a fee: those that it covers, or that one due with it does."""
    fee = schedule.fee(name)
    if fee is None or fee.billed is Billed.CONTROL:
        return 1
    together = (item for item in schedule.fees if not set(fee.events).isdisjoint(item.events))
    return fee.years or max((item.years or 1 for item in together), default=1)


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
    siren = siren_of(party.siren) or siren_of(party.siret) or siren_of_vat_number(party.vat_id)
    return siren or compact(party.siren or party.siret or party.vat_id or "") or _folded(party.name)


def _folded(text: str | None) -> str | None:
    return plain_words(text or "") or None
