"""The purchase entry of an invoice: what it debits and credits, equal to the cent.

Every fee is an expense of the year, but the brand-usage fee: it is for four years (article III), so the part
of the years to come is a prepaid charge (PCG, account 486), spread by days or by months. What the
document's own total adds to its parts (a rounding, within a tolerance) goes to 658 or 758. VAT is not
spread. A credit note is the same entry, its sides swapped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, ZERO, round_cents
from opqibi_rules.price.fees import BRAND_USAGE, FEE_NAMES
from opqibi_rules.price.spread import By, spread
from opqibi_rules.tables.accounts import Account, Accounts, NamedCode

OTHER = "other"
USAGE_YEARS = 4
"""What the brand-usage fee is for (article III)."""

TOLERANCE = Decimal("0.05")
"""A document whose total differs more from its parts is not booked."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one invoice bills: all that its entry needs. What is given back is negative."""

    number: str
    issued: date
    fees: Mapping[str, Decimal]
    """Euros excl. VAT by fee, and ``other`` for what is none of them."""
    vat: Decimal
    total_incl_vat: Decimal
    usage_from: date
    """The first day of the four years."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: an amount on an account."""

    account: Account
    label: Message
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    auxiliary: NamedCode | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One balanced entry of the purchase journal."""

    number: int
    journal: NamedCode
    day: date
    piece: str
    postings: tuple[Posting, ...]


def bill_of(invoice: Invoice, fees: Mapping[str, Decimal], *, usage_from: date | None = None) -> Bill:
    """What an invoice bills, from the amounts of its lines by fee, as the document signs them.

    Args:
        invoice: the document; its totals are booked as they stand.
        fees: euros excl. VAT by fee; what they leave of the total is ``other``.
        usage_from: the first day of the four years of use; that of the invoice by default.

    Raises:
        RequestError: no number, no date, no total, or another currency than the euro.
    """
    total, incl_vat = invoice.total_excl_vat, invoice.total_incl_vat
    if invoice.number is None or invoice.issued is None or total is None or incl_vat is None:
        raise RequestError(
            Message(
                "An invoice without number, date and totals cannot be booked: {name}.", name=_name(invoice)
            )
        )
    if invoice.currency != "EUR":
        raise RequestError(
            Message(
                "{name} is in {currency}: only euros are booked.",
                name=_name(invoice),
                currency=invoice.currency,
            )
        )
    sign = -1 if invoice.is_credit_note else 1
    billed = {fee: EXACT.multiply(amount, sign) for fee, amount in fees.items()}
    rest = EXACT.subtract(EXACT.multiply(total, sign), _sum(billed.values()))
    if rest:
        billed[OTHER] = EXACT.add(billed.get(OTHER, ZERO), rest)
    vat = EXACT.subtract(incl_vat, total) if invoice.vat is None else invoice.vat
    return Bill(
        number=invoice.number,
        issued=invoice.issued,
        fees=billed,
        vat=EXACT.multiply(vat, sign),
        total_incl_vat=EXACT.multiply(incl_vat, sign),
        usage_from=usage_from or invoice.issued,
    )


def entries(
    bills: Iterable[Bill], accounts: Accounts, *, prepaid: By | None = "days", first: int = 1
) -> tuple[Entry, ...]:
    """The purchase entries of invoices, by date, numbered from ``first``; each balances to the cent.

    Args:
        bills: what was invoiced.
        accounts: where each amount goes.
        prepaid: how the brand-usage fee is spread over the calendar years; ``None``: an expense at once.
        first: the number of the first entry.

    Raises:
        RequestError: an invoice whose total is not the sum of its parts, beyond :data:`TOLERANCE`.
        AmountError: an amount that is not in whole cents.
    """
    ordered = sorted(bills, key=lambda bill: (bill.issued, bill.number))
    return tuple(
        Entry(number, accounts.book, bill.issued, bill.number, tuple(_postings(bill, accounts, prepaid)))
        for number, bill in enumerate(ordered, first)
    )


def _postings(bill: Bill, accounts: Accounts, prepaid: By | None) -> Iterator[Posting]:
    account = accounts.by_purpose
    rounding = EXACT.subtract(bill.total_incl_vat, EXACT.add(_sum(bill.fees.values()), bill.vat))
    if EXACT.abs(rounding) > TOLERANCE:
        raise RequestError(
            Message(
                "{number}: the total incl. VAT differs by {gap:euro} from its parts; only a balanced invoice is "
                "booked.",
                number=bill.number,
                gap=rounding,
            )
        )
    for fee, amount in bill.fees.items():
        name = FEE_NAMES.get(fee, Message("other items"))
        now = amount
        if fee == BRAND_USAGE and prepaid is not None:
            parts = spread(amount, bill.usage_from, USAGE_YEARS, prepaid)
            now = _sum(part for year, part in parts.items() if year <= bill.issued.year)
            later = Message("{fee}, {first} to {last}", fee=name, first=bill.issued.year + 1, last=max(parts))
            yield from _debit(account["prepaid"], bill, later, EXACT.subtract(amount, now))
        yield from _debit(account[fee], bill, name, now)
    yield from _debit(account["vat"], bill, Message("VAT"), bill.vat)
    yield from _debit(account["loss" if rounding > ZERO else "gain"], bill, Message("rounding"), rounding)
    yield from _debit(
        account["supplier"], bill, Message("invoice"), EXACT.minus(bill.total_incl_vat), accounts.auxiliary
    )


def _debit(
    account: Account, bill: Bill, what: Message, amount: Decimal, auxiliary: NamedCode | None = None
) -> Iterator[Posting]:
    """A debit; a credit where the amount is negative; nothing where it is zero."""
    if round_cents(amount) != amount:
        raise AmountError(
            Message(
                "{number}: {amount:euro} is not in whole cents; it cannot be booked.",
                number=bill.number,
                amount=amount,
            )
        )
    label = Message("OPQIBI {number}, {what}", number=bill.number, what=what)
    if amount > ZERO:
        yield Posting(account, label, debit=round_cents(amount), auxiliary=auxiliary)
    elif amount < ZERO:
        yield Posting(account, label, credit=round_cents(EXACT.minus(amount)), auxiliary=auxiliary)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def _name(invoice: Invoice) -> str:
    return invoice.number or invoice.file or "?"
