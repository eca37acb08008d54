"""The purchase entry of an invoice: what it debits and credits, equal to the cent.

Every fee is an expense of the year, but one that covers several years: the part of the years to come is a
prepaid charge (PCG, account 486), spread by days or by months, and at the close of each of these years an entry
takes its share, until 486 is at zero. What the document's own total adds to its parts (a rounding, within a
tolerance) goes to 658 or 758. VAT is not spread. A credit note is the same entry, its sides swapped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.findings import About, Finding
from opqibi_rules.invoice.firm_names import firm_names_of
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.payable import NO_INVOICE
from opqibi_rules.invoice.sums import totals_of
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.paper.text import cleaned, plain_words
from opqibi_rules.price.financial_year import CIVIL, YearEnd
from opqibi_rules.price.planning.spread import By, spread
from opqibi_rules.tables.accounts import Account, Accounts, NamedCode
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.wording.invoices import InvoiceWording

OTHER = "other"

TOLERANCE = Decimal("0.05")
"""A document whose total differs more from its parts is not booked."""

_LONGEST_CODE = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one invoice bills: all that its entry needs. What is given back is negative."""

    number: str
    issued: date
    schedule: Schedule
    """It says the years that a fee covers."""
    fees: Mapping[str, Decimal]
    """Euros excl. VAT by fee, and ``other`` for what is none of them."""
    vat: Decimal
    total_incl_vat: Decimal
    """The roundings of the document included."""
    usage_from: date
    """The first day of the years that a fee covers."""
    supplier: NamedCode | None = None
    """Who sold: its own account under the collective one; ``None``: nobody knows."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: an amount on an account."""

    account: Account
    label: Message
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    auxiliary: NamedCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One balanced entry: a purchase, or what a later year takes of what was prepaid."""

    number: int
    journal: NamedCode
    day: date
    piece: str
    piece_day: date
    postings: tuple[Posting, ...]


@exactly
def bill_of(
    invoice: Invoice,
    fees: Mapping[str, Decimal],
    schedule: Schedule,
    *,
    usage_from: date | None = None,
    supplier: NamedCode | None = None,
    findings: Iterable[Finding] = (),
) -> Bill:
    """What an invoice bills, from the amounts of its lines by fee, as the document signs them.

    Args:
        invoice: the document; its totals are booked as they stand, else as its other figures leave them.
        fees: euros excl. VAT by fee; what they leave of the total is ``other``.
        schedule: the one that declares these fees.
        usage_from: the first day of the years that a fee covers; that of the invoice by default.
        supplier: who sold, as :func:`supplier_of` says.
        findings: what its check found.

    Raises:
        RequestError: no number, no date, no total, another currency than the euro; or no invoice, as a pro forma is.
    """
    number, issued, total, vat, incl_vat = _booked_of(invoice, findings)
    sign = -1 if invoice.is_credit_note else 1
    billed = {fee: amount * sign for fee, amount in fees.items()}
    rest = total * sign - sum(billed.values(), ZERO)
    if rest:
        billed[OTHER] = billed.get(OTHER, ZERO) + rest
    return Bill(
        number=number,
        issued=issued,
        schedule=schedule,
        fees=FrozenDict(billed),
        vat=vat * sign,
        total_incl_vat=(incl_vat + (invoice.rounding or ZERO)) * sign,
        usage_from=usage_from or issued,
        supplier=supplier,
    )


def supplier_of(
    invoice: Invoice, schedule: Schedule, accounts: Accounts, wording: InvoiceWording
) -> NamedCode | None:
    """Who sold: the seller that the document names, else the body of the schedule; ``None``: neither is known.

    The accounts' own auxiliary stands for the body that it names, and for no other; another seller's code is made of
    its name.
    """
    telling = firm_names_of(wording).telling

    def alike(one: str, other: str) -> bool:
        shorter, longer = sorted(({*telling(one)}, {*telling(other)}), key=len)
        return bool(shorter) and shorter <= longer

    body, seller = wording.body_of(schedule), invoice.seller.name or ""
    if not seller or any(alike(seller, name) for name in body):
        names = [name for name in (seller, *body) if name]
    else:
        names = [seller]
    own = accounts.auxiliary
    if own is not None and any(alike(own.name, name) for name in names):
        return own
    if not names:
        return None
    return NamedCode(code="".join(plain_words(names[0]).split()).upper()[:_LONGEST_CODE], name=names[0])


def _booked_of(invoice: Invoice, findings: Iterable[Finding]) -> tuple[str, date, Decimal, Decimal, Decimal]:
    """Its number, its day, and its totals in euros: excl. VAT, VAT, incl. VAT.

    What its sums or its VAT leave open makes no total; only one that it states does.
    """
    name = invoice.number or invoice.file or "?"
    total, vat, incl_vat = totals_of(invoice)
    for finding in findings:
        if finding.code == NO_INVOICE:
            raise RequestError("{name}: {why}", name=name, why=finding.message)
        if finding.undetermined and finding.about in {About.DOCUMENT, About.VAT}:
            total, incl_vat = invoice.total_excl_vat, invoice.total_incl_vat
    if not cleaned(invoice.number or "") or invoice.issued is None:
        message = Message("An invoice without number and date cannot be booked: {name}.", name=name)
        raise RequestError(message)
    if total is None or vat is None or incl_vat is None:
        message = Message(
            "{name}: its total excl. VAT, its VAT and its total incl. VAT are not all known; it cannot be booked.",
            name=name,
        )
        raise RequestError(message)
    if invoice.currency != "EUR":
        message = Message(
            "{name} is in {currency}: only euros are booked.", name=name, currency=invoice.currency
        )
        raise RequestError(message)
    return invoice.number or "", invoice.issued, total, vat, incl_vat


@exactly
def entries(
    bills: Iterable[Bill],
    accounts: Accounts,
    *,
    prepaid: By | None = "days",
    first: int = 1,
    year_end: YearEnd = CIVIL,
) -> tuple[Entry, ...]:
    """The entries of invoices, by date, numbered from ``first``; each balances to the cent.

    A purchase is booked on its day; each later year that a fee covers takes its share at its close, so that what is
    prepaid comes to zero.

    Args:
        bills: what was invoiced.
        accounts: where each amount goes.
        prepaid: how a fee of several years is spread over the financial years; ``None``: an expense at once.
        first: the number of the first entry.
        year_end: when the financial year closes.

    Raises:
        RequestError: an invoice whose total is not the sum of its parts, beyond :data:`TOLERANCE`.
        AmountError: an amount that is not in whole cents.
        TableError: a fee that the accounts do not know.
    """
    drafts = [draft for bill in bills for draft in _Booked(bill, accounts, prepaid, year_end).drafts()]
    drafts = [draft for draft in drafts if draft.postings]  # the numbers leave no gap
    drafts.sort(key=lambda draft: (draft.day, draft.piece))
    return tuple(replace(draft, number=number) for number, draft in enumerate(drafts, first))


@exactly
def postings(
    bill: Bill, accounts: Accounts, prepaid: By | None = "days", year_end: YearEnd = CIVIL
) -> tuple[Posting, ...]:
    """The two sides of one invoice, as it is booked on its day.

    Raises:
        OpqibiError: as for :func:`entries`.
    """
    return tuple(_Booked(bill, accounts, prepaid, year_end).postings())


class _Booked:
    """One bill on its accounts."""

    def __init__(self, bill: Bill, accounts: Accounts, prepaid: By | None, year_end: YearEnd) -> None:
        self.bill, self.accounts, self.account = bill, accounts, accounts.by_purpose
        self.prepaid, self.year_end = prepaid, year_end
        self.year = year_end.year_of(bill.issued)

    def drafts(self) -> Iterator[Entry]:
        """Its purchase, then what each later year takes of it, not yet numbered."""
        bill, adjusting = self.bill, self.accounts.adjustments or self.accounts.book
        parts = {fee: self._parts(fee, amount) for fee, amount in bill.fees.items()}
        last = max((year for by_year in parts.values() for year in by_year), default=self.year)
        yield self._entry(self.accounts.book, bill.issued, list(self.postings()))
        for year in range(self.year + 1, last + 1):
            shares = [(fee, by_year[year]) for fee, by_year in parts.items() if year in by_year]
            taken = [side for fee, share in shares for side in self._taken(fee, share, year)]
            yield self._entry(adjusting, self.year_end.closes(year), taken)

    def _entry(self, journal: NamedCode, day: date, sides: Sequence[Posting]) -> Entry:
        bill = self.bill
        return Entry(
            number=0,
            journal=journal,
            day=day,
            piece=bill.number,
            piece_day=bill.issued,
            postings=tuple(sides),
        )

    def postings(self) -> Iterator[Posting]:
        """The sides of its purchase."""
        bill = self.bill
        rounding = bill.total_incl_vat - sum(bill.fees.values(), ZERO) - bill.vat
        if abs(rounding) > TOLERANCE:
            message = Message(
                "{number}: the total incl. VAT differs by {gap:euro} from its parts; only a balanced invoice is "
                "booked.",
                number=bill.number,
                gap=rounding,
            )
            raise RequestError(message)
        for fee, amount in bill.fees.items():
            yield from self._fee(fee, amount)
        yield from self._debit(self.account["vat"], Message("VAT"), bill.vat)
        account = self.account["loss" if rounding > ZERO else "gain"]
        yield from self._debit(account, Message("rounding"), rounding)
        supplier = self.account["supplier"]
        yield from self._debit(supplier, Message("invoice"), -bill.total_incl_vat, bill.supplier)

    def _title(self, name: str) -> Message:
        fee = self.bill.schedule.fee(name)
        return fee.title if fee else Message("other items")

    def _parts(self, name: str, amount: Decimal) -> Mapping[int, Decimal]:
        """What each financial year bears of a fee; all is the year's own where it covers none."""
        fee = self.bill.schedule.fee(name)
        if fee is None or fee.years is None or self.prepaid is None:
            return {self.year: amount}
        return spread(amount, self.bill.usage_from, fee.years, self.prepaid, self.year_end)

    def _fee(self, name: str, amount: Decimal) -> Iterator[Posting]:
        """A fee: what the years to come bear is prepaid, where it covers several."""
        parts, title, label = self._parts(name, amount), self._title(name), self.year_end.label
        now = sum((part for year, part in parts.items() if year <= self.year), ZERO)
        first, last = label(self.year + 1), label(max(parts))
        later = Message("{fee}, {first} to {last}", fee=title, first=first, last=last)
        if first == last:
            later = Message("{fee}, financial year {year}", fee=title, year=first)
        yield from self._debit(self.account["prepaid"], later, amount - now)
        yield from self._debit(self.account[name], title, now)

    def _taken(self, name: str, share: Decimal, year: int) -> Iterator[Posting]:
        """What a later year takes of a fee."""
        label = Message("{fee}, financial year {year}", fee=self._title(name), year=self.year_end.label(year))
        yield from self._debit(self.account[name], label, share)
        yield from self._debit(self.account["prepaid"], label, -share)

    def _debit(
        self, account: Account, what: Message, amount: Decimal, auxiliary: NamedCode | None = None
    ) -> Iterator[Posting]:
        """A debit; a credit where the amount is negative; nothing where it is zero."""
        number = self.bill.number
        if round_cents(amount) != amount:
            message = Message(
                "{number}: {amount:euro} is not in whole cents; it cannot be booked.",
                number=number,
                amount=amount,
            )
            raise AmountError(message)
        label = Message("{number}, {what}", number=number, what=what)
        if (supplier := self.bill.supplier) is not None:
            label = Message("{seller} {piece}", seller=supplier.name, piece=label)
        cents = round_cents(abs(amount))
        if amount > ZERO:
            yield Posting(account, label, debit=cents, auxiliary=auxiliary)
        elif amount < ZERO:
            yield Posting(account, label, credit=cents, auxiliary=auxiliary)
