"""Rows of a sheet that stand among the lines of an invoice and bill nothing: a text, a balance, a payment.

They are kept as information, and what they say counts as a note does. An amount below the totals, that is in none of
them, is no line: what it is, its words may tell.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from opqibi_rules.invoice.model import Invoice, InvoiceLine
from opqibi_rules.invoice.reading.headings import total_named
from opqibi_rules.invoice.stamps import stamps_of
from opqibi_rules.invoice.sums import amount_of
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.library import shipped_tables
from opqibi_rules.tables.wording.pages import words_of

_NUMBERS = re.compile("[0-9]+")


def is_text(line: InvoiceLine) -> bool:
    """Whether a row has words, and no figure."""
    return line.quantity is None and line.unit_price is None and line.amount is None


def with_rows_apart(invoice: Invoice, above: int | None) -> Invoice:
    """The same, its rows that bill nothing told from its lines.

    Args:
        invoice: with a line for each row that names no total.
        above: how many of its lines stand above the first row that names a total; ``None`` where there is none.
    """
    invoice = _with_deposits(invoice)
    apart = _apart(invoice, len(invoice.lines) if above is None else above)
    if not apart:
        return invoice
    lines = tuple(
        replace(line, kind="information") if place in apart else line
        for place, line in enumerate(invoice.lines)
    )
    said = (text for place in sorted(apart) for text in (lines[place].name, lines[place].description) if text)
    return replace(invoice, lines=lines, remarks=tuple(dict.fromkeys((*invoice.remarks, *said))))


def _with_deposits(invoice: Invoice) -> Invoice:
    """The same, the payments that stand among its lines and are in no total excl. VAT told as such (BT-113)."""
    paid = {
        place
        for place, line in enumerate(invoice.lines)
        if _is_bare(line) and total_named(line.name or "") == "prepaid"
    }
    total = _stated_total(invoice)
    lines = tuple(line for place, line in enumerate(invoice.lines) if place not in paid)
    if not paid or invoice.prepaid is not None or total is None:
        return invoice
    if _sum([line for line in lines if not is_text(line)]) != total:
        return invoice
    return replace(invoice, lines=lines, prepaid=_sum([invoice.lines[place] for place in paid]))


def _apart(invoice: Invoice, above: int) -> frozenset[int]:
    """The places of the rows that bill nothing: texts, and amounts without which the lines come to the total."""
    lines = invoice.lines
    texts = {place for place, line in enumerate(lines) if is_text(line)}
    stamped = {place for place, line in enumerate(lines) if _is_bare(line) and _is_stamp(line)}
    below = {place for place, line in enumerate(lines) if place >= above and _is_bare(line)}
    total = _stated_total(invoice)
    for others in (set[int](), below, stamped, below | stamped) if total is not None else (stamped,):
        left = [line for place, line in enumerate(lines) if place not in texts | others]
        if left and (total is None or _sum(left) == total):
            return frozenset(texts | others)
    return frozenset()


def _is_bare(line: InvoiceLine) -> bool:
    return line.quantity is None and line.unit_price is None and line.amount is not None


def _is_stamp(line: InvoiceLine) -> bool:
    """Whether its words say something of the whole document, and nothing else."""
    tables = shipped_tables()
    label = line.name or ""
    words = set(_NUMBERS.sub(" ", plain_words(label)).split())
    for stamp in stamps_of(tables.invoice_wording).said_in(label):
        words -= set(plain_words(stamp.words).split())
    told = words != set(_NUMBERS.sub(" ", plain_words(label)).split())
    return told and words <= words_of(tables.page_wording.sheet_beside)


@exactly
def _stated_total(invoice: Invoice) -> Decimal | None:
    """The total excl. VAT, as written, or as VAT and total incl. VAT leave it."""
    if invoice.total_excl_vat is None and invoice.vat is not None and invoice.total_incl_vat is not None:
        return invoice.total_incl_vat - invoice.vat
    return invoice.total_excl_vat


@exactly
def _sum(lines: Sequence[InvoiceLine]) -> Decimal | None:
    amounts = [amount_of(line) for line in lines]
    return None if None in amounts else sum(filter(None, amounts), ZERO)
