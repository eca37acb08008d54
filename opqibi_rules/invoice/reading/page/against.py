"""The page of a hybrid invoice against its data: what the eye reads, and what the machine books.

A value that the page does not say surely makes no difference; nor does one that the data does not state. An account
is compared where both are accounts.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.page.result import Difference, PageReading, Value
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly
from opqibi_rules.paper.text import plain_words

_NAMES = {
    "number": Message("number"),
    "date": Message("date"),
    "total_excl_vat": Message("total excl. VAT"),
    "vat": Message("VAT"),
    "total_incl_vat": Message("total incl. VAT"),
    "payable": Message("amount due"),
    "iban": Message("IBAN"),
}


def differences(reading: PageReading, data: Invoice) -> tuple[Difference, ...]:
    """Each value of which the page says surely another one than the data does."""
    return tuple(_differences(reading, data))


@exactly
def _differences(reading: PageReading, data: Invoice) -> list[Difference]:
    stated: dict[str, Value | None] = {
        "number": data.number,
        "date": data.issued,
        "total_excl_vat": data.total_excl_vat,
        "vat": data.vat,
        "total_incl_vat": data.total_incl_vat,
        "payable": data.payable,
        "iban": _account(data, reading.value("iban")),
    }
    found = []
    for key, value in stated.items():
        shown = reading.value(key)
        if shown is None or value is None or _same(shown, value):
            continue
        field = reading.fields[key]
        if key == "number" and _stands(str(value), reading):
            continue  # the page bears that of the data as well: which of the two is meant is not sure
        found.append(Difference(key, shown, value, field.place))
    return found


def _same(shown: Value, stated: Value) -> bool:
    """Whether two values are one; a credit note signs its amounts as it likes."""
    if isinstance(shown, Decimal) and isinstance(stated, Decimal):
        return abs(shown) == abs(stated)
    if isinstance(shown, date) or isinstance(stated, date):
        return shown == stated
    return _folded(str(shown)) == _folded(str(stated))


def _folded(text: str) -> str:
    return plain_words(text).replace(" ", "")


def _stands(text: str, reading: PageReading) -> bool:
    """Whether a text is one of the words of the pages."""
    return any(_folded(word.text) == _folded(text) for page in reading.pages for word in page.words)


def _account(data: Invoice, shown: Value | None) -> str | None:
    """The account of the data to compare with the page's: that one if it is among them, else the first valid one."""
    from stdnum import iban  # noqa: PLC0415 - only where there is a page

    if shown in data.ibans:
        return str(shown)
    return next((account for account in data.ibans if iban.is_valid(account)), None)


def difference_findings(data: Invoice) -> Iterator[Finding]:
    """One error for each difference."""
    for item in data.page_differs:
        words = Message("{value}", value=item.shown), Message("{value}", value=item.stated)
        right = wrong = None
        if isinstance(item.shown, Decimal) and isinstance(item.stated, Decimal):
            words = Message("{value:euro}", value=item.shown), Message("{value:euro}", value=item.stated)
            right, wrong = abs(item.shown), abs(item.stated)
        elif isinstance(item.shown, date):
            words = Message("{value:date}", value=item.shown), Message("{value:date}", value=item.stated)
        message = Message(
            "{name}: the page says {shown}, and its data {stated}.",
            name=_NAMES[item.key],
            shown=words[0],
            stated=words[1],
        )
        yield Finding("page_differs", About.DOCUMENT, message, Severity.ERROR, expected=right, invoiced=wrong)
