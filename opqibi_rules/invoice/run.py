"""Several invoices at once: one received twice, a fee billed twice, and credit notes set against what they correct.

An invoice and the credit notes that name it (by reference, in their words, else by equal amounts) are one
series: what is left of it is judged, and no longer each document's own amount.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.deadlines import add_years
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.findings import About, Finding, Severity, with_reasons
from opqibi_rules.invoice.series import Judge, disputed, folded, identity, number_of, reconciled
from opqibi_rules.messages import Message
from opqibi_rules.tables.dispute_codes import DisputeCodes
from opqibi_rules.tables.schedule import Billed, Schedule

_MONTHS_BETWEEN = 6
"""What comes once a year, as a control does, and is billed twice within half a year, is billed twice."""

_YEAR = 12
"""Within a year it may be, or the first of the two came late."""


def check_run(checks: Sequence[InvoiceCheck], codes: DisputeCodes, judge: Judge) -> tuple[InvoiceCheck, ...]:
    """The checks of one run, each as the others make it: series by their balance, what is billed twice named.

    The same number from the same seller is one invoice received twice. The same fee, of the same amount, for
    the same structure is a fee billed twice where the two are closer than the schedule allows (six months for
    a control; less than the years it covers for the others) and no credit note gave it back. Two controls within a
    year, and not within six months, may be one that came late and the next: nothing tells.

    Args:
        checks: one for each invoice, in any order.
        codes: the official reasons of errors.
        judge: what checks an invoice, as each was: for the balance of a series.
    """
    answers = reconciled(checks, judge)
    found = _Billed(answers)
    return tuple(
        replace(check, findings=(*check.findings, *with_reasons(twice, codes)))
        if (twice := tuple(found.twice(check)))
        else check
        for check in answers
    )


class _Buyer(NamedTuple):
    """By what the structure that a document bills is known: the bills that are its own, and those that may be."""

    own: tuple[object, ...]
    """Under what a bill of it is kept."""
    same: tuple[object, ...]
    """Under what bills of the same structure are."""
    perhaps: tuple[object, ...]

    @classmethod
    def of(cls, check: InvoiceCheck) -> "_Buyer":
        """That of one document; every document of a structure that was given, unless its parties contradict it."""
        number, name = number_of(check.invoice.buyer), folded(check.invoice.buyer.name)
        if check.structure is not None and not disputed(check):
            number, name = check.structure, None
        if number is not None:
            own = (("number", number), ("name", name), "any") if name else (("number", number), "any")
            return cls(own, (("number", number), ("name alone", name)), ("nobody",))
        if name is not None:
            return cls((("name alone", name), ("name", name), "any"), (("name", name),), ("nobody",))
        return cls(("nobody", "any"), (), ("any",))


class _Billed:
    """What the invoices of a run have billed so far."""

    def __init__(self, run: Iterable[InvoiceCheck]) -> None:
        self._numbers: dict[tuple[str, str | None], InvoiceCheck] = {}
        self._fees: dict[tuple[object, str, Decimal], _Bills] = defaultdict(_Bills)
        self._given_back = {
            (key, fee, amount.copy_abs())
            for check in run
            if check.gives_back and not disputed(check)
            for key in _Buyer.of(check).own
            for fee, amount in check.by_fee.items()
        }

    def twice(self, check: InvoiceCheck) -> Iterator[Finding]:
        """What an earlier invoice has billed as well; then it counts as an earlier one."""
        invoice = check.invoice
        number = folded(invoice.number)
        if number is None:
            return
        first = self._numbers.setdefault((number, identity(invoice.seller)), check)
        if first is not check:
            message = Message(
                "Invoice {number} of the same seller is already in this run ({file}).",
                number=invoice.number,
                file=first.invoice.file or "—",
            )
            told = Message("We have received your invoice {number} already.", number=invoice.number)
            yield Finding("duplicate_invoice", About.RUN, message, Severity.ERROR, to_seller=told)
        if check.gives_back or (check.series and (check.series.cancelled or check.series.replaced)):
            return
        buyer = _Buyer.of(check)
        for fee, amount in check.by_fee.items():
            yield from self._near(check, buyer, fee, amount)
            for key in buyer.own:
                self._fees[key, fee, amount].add(check)

    def _near(self, check: InvoiceCheck, buyer: _Buyer, fee: str, amount: Decimal) -> Iterator[Finding]:
        """The same fee, of the same amount, too near: of the same structure, or of what may be the same."""
        if any((key, fee, amount) in self._given_back for key in (*buyer.same, *buyer.perhaps)):
            return
        schedule = check.expected.schedule
        for keys, of_another in ((buyer.same, False), (buyer.perhaps, True)):
            for months in (_MONTHS_BETWEEN, _YEAR):
                for key in keys:
                    other = self._fees[key, fee, amount].close_to(fee, check, months)
                    if other is not None:
                        found = _billed_twice(fee, amount, schedule, other)
                        found = _of_whom(found) if of_another else found
                        yield found if months == _MONTHS_BETWEEN else _late(found)
                        return


def _of_whom(found: Finding) -> Finding:
    """The same amount for a fee, where a document does not say whom it bills."""
    message = Message(
        "{fee}: invoice {number} ({file}) bills the same amount, and nothing tells whether to another structure.",
        **found.message.values,
    )
    return replace(found, message=message, severity=Severity.WARNING, undetermined=True)


def _late(found: Finding) -> Finding:
    """A fee of every year, billed twice within one."""
    message = Message(
        "{twice} It is due once a year: nothing tells whether the first of the two came late.",
        twice=found.message,
    )
    return replace(found, message=message, severity=Severity.WARNING, undetermined=True)


def _billed_twice(name: str, amount: Decimal, schedule: Schedule, other: InvoiceCheck) -> Finding:
    fee = schedule.fee(name)
    values = {"fee": fee.title if fee else name, "number": other.invoice.number}
    message = Message(
        "{fee}: the same amount was billed to the same structure by invoice {number} ({file}).",
        **values,
        file=other.invoice.file or "—",
    )
    told = Message("{fee}: the same amount was billed to the same structure by invoice {number}.", **values)
    return Finding(
        "duplicate_fee", About.RUN, message, Severity.ERROR, fee=name, invoiced=amount, to_seller=told
    )


class _Bills:
    """The invoices that bill a structure one amount for one fee, each number once, by their day."""

    def __init__(self) -> None:
        self._numbers: set[str | None] = set()
        self._dated: list[tuple[date, int, InvoiceCheck]] = []
        self._undated: list[InvoiceCheck] = []

    def add(self, check: InvoiceCheck) -> None:
        """One more, unless its number is there."""
        number, day = folded(check.invoice.number), check.invoice.issued
        if number in self._numbers:
            return
        self._numbers.add(number)
        if day is None:
            self._undated.append(check)
        else:
            insort(self._dated, (day, len(self._numbers), check))

    def close_to(self, fee: str, check: InvoiceCheck, months: int) -> InvoiceCheck | None:
        """One of another number that is too close to be another bill; the nearest ones alone can be."""
        number, day = folded(check.invoice.number), check.invoice.issued
        place = 0 if day is None else bisect_left(self._dated, (day,))
        near = [item for _, _, item in self._dated[max(0, place - 2) : place + 2]]
        for other in (*near, *self._undated[:2]):
            if folded(other.invoice.number) != number and _close(fee, check, other, months):
                return other
        return None


def _close(fee: str, check: InvoiceCheck, other: InvoiceCheck, months: int) -> bool:
    """Whether two bills of a fee are too close to be two; without their days, nothing tells them apart."""
    first, last = sorted((check.invoice.issued or date.min, other.invoice.issued or date.min))
    if first == date.min:
        return True
    years = _years_between(fee, check.expected.schedule)
    if years > 1:
        return last < add_years(first, years - 1)
    return (last.year - first.year) * 12 + last.month - first.month < months


def _years_between(name: str, schedule: Schedule) -> int:
    """How many years part two bills of a fee: those that it covers, or that one due with it does."""
    fee = schedule.fee(name)
    if fee is None or fee.billed is Billed.CONTROL:
        return 1
    together = (item for item in schedule.fees if not set(fee.events).isdisjoint(item.events))
    return fee.years or max((item.years or 1 for item in together), default=1)
