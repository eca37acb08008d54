"""The purchase entry of an invoice: what it debits and credits, equal to the cent.

Every fee is an expense of the year, but one that covers several years: the part of the years to come is a
prepaid charge (PCG, account 486), spread by days or by months. What the document's own total adds to its
parts (a rounding, within a tolerance) goes to 658 or 758. VAT is not spread. A credit note is the same entry,
its sides swapped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.price.spread import By, spread
from opqibi_rules.tables.accounts import Account, Accounts, NamedCode
from opqibi_rules.tables.schedule import Schedule

OTHER = "other"

TOLERANCE = Decimal("0.05")
"""A document whose total differs more from its parts is not booked."""


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
    usage_from: date
    """The first day of the years that a fee covers."""


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
    """One balanced entry of the purchase journal."""

    number: int
    journal: NamedCode
    day: date
    piece: str
    postings: tuple[Posting, ...]


@exactly
def bill_of(
    invoice: Invoice, fees: Mapping[str, Decimal], schedule: Schedule, *, usage_from: date | None = None
) -> Bill:
    """What an invoice bills, from the amounts of its lines by fee, as the document signs them.

    Args:
        invoice: the document; its totals are booked as they stand.
        fees: euros excl. VAT by fee; what they leave of the total is ``other``.
        schedule: the one that declares these fees.
        usage_from: the first day of the years that a fee covers; that of the invoice by default.

    Raises:
        RequestError: no number, no date, no total, or another currency than the euro.
    """
    number, issued, total, incl_vat = _stated(invoice)
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
        vat=(incl_vat - total if invoice.vat is None else invoice.vat) * sign,
        total_incl_vat=incl_vat * sign,
        usage_from=usage_from or issued,
    )


def _stated(invoice: Invoice) -> tuple[str, date, Decimal, Decimal]:
    """Its number, its day, and its totals in euros excl. and incl. VAT."""
    total, incl_vat = invoice.total_excl_vat, invoice.total_incl_vat
    name = invoice.number or invoice.file or "?"
    if invoice.number is None or invoice.issued is None or total is None or incl_vat is None:
        message = Message("An invoice without number, date and totals cannot be booked: {name}.", name=name)
        raise RequestError(message)
    if invoice.currency != "EUR":
        message = Message(
            "{name} is in {currency}: only euros are booked.", name=name, currency=invoice.currency
        )
        raise RequestError(message)
    return invoice.number, invoice.issued, total, incl_vat


@exactly
def entries(
    bills: Iterable[Bill], accounts: Accounts, *, prepaid: By | None = "days", first: int = 1
) -> tuple[Entry, ...]:
    """The purchase entries of invoices, by date, numbered from ``first``; each balances to the cent.

    Args:
        bills: what was invoiced.
        accounts: where each amount goes.
        prepaid: how a fee of several years is spread over the calendar years; ``None``: an expense at once.
        first: the number of the first entry.

    Raises:
        RequestError: an invoice whose total is not the sum of its parts, beyond :data:`TOLERANCE`.
        AmountError: an amount that is not in whole cents.
        TableError: a fee that the accounts do not know.
    """
    ordered = sorted(bills, key=lambda bill: (bill.issued, bill.number))
    return tuple(
        Entry(
            number=number,
            journal=accounts.book,
            day=bill.issued,
            piece=bill.number,
            postings=postings(bill, accounts, prepaid),
        )
        for number, bill in enumerate(ordered, first)
    )


@exactly
def postings(bill: Bill, accounts: Accounts, prepaid: By | None = "days") -> tuple[Posting, ...]:
    """The two sides of one invoice.

    Raises:
        OpqibiError: as for :func:`entries`.
    """
    return tuple(_Booked(bill, accounts).postings(prepaid))


class _Booked:
    """One bill on its accounts."""

    def __init__(self, bill: Bill, accounts: Accounts) -> None:
        self.bill, self.account, self.auxiliary = bill, accounts.by_purpose, accounts.auxiliary

    def postings(self, prepaid: By | None) -> Iterator[Posting]:
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
            yield from self._fee(fee, amount, prepaid)
        yield from self._debit(self.account["vat"], Message("VAT"), bill.vat)
        account = self.account["loss" if rounding > ZERO else "gain"]
        yield from self._debit(account, Message("rounding"), rounding)
        supplier = self.account["supplier"]
        yield from self._debit(supplier, Message("invoice"), -bill.total_incl_vat, self.auxiliary)

    def _fee(self, name: str, amount: Decimal, prepaid: By | None) -> Iterator[Posting]:
        """A fee: what the years to come bear is prepaid, where it covers several."""
        fee, issued = self.bill.schedule.fee(name), self.bill.issued
        title = fee.title if fee else Message("other items")
        now = amount
        if fee is not None and fee.years is not None and prepaid is not None:
            parts = spread(amount, self.bill.usage_from, fee.years, prepaid)
            now = sum((part for year, part in parts.items() if year <= issued.year), ZERO)
            later = Message("{fee}, {first} to {last}", fee=title, first=issued.year + 1, last=max(parts))
            yield from self._debit(self.account["prepaid"], later, amount - now)
        yield from self._debit(self.account[name], title, now)

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
        label = Message("OPQIBI {number}, {what}", number=number, what=what)
        cents = round_cents(abs(amount))
        if amount > ZERO:
            yield Posting(account, label, debit=cents, auxiliary=auxiliary)
        elif amount < ZERO:
            yield Posting(account, label, credit=cents, auxiliary=auxiliary)
