"""The page of a hybrid invoice against its data: what the eye reads, and what the machine books.

A value that the page does not say surely makes no difference; nor does one that the data does not state. An account
is compared where both are accounts; the kind, as what is to be paid or what is given back. Who is billed may be
called by two names, at two addresses: another buyer is told, and settles nothing; so is a place that is neither
party's.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.firm_names import firm_names_of
from opqibi_rules.invoice.model import CREDIT_NOTE_TYPES, PLACE, Invoice
from opqibi_rules.invoice.reading.page.result import Difference, PageReading, Value
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.library import shipped_tables

_NAMES = {
    "type": Message("kind (380: invoice; 381: credit note)"),
    "number": Message("number"),
    "date": Message("date"),
    "total_excl_vat": Message("total excl. VAT"),
    "vat": Message("VAT"),
    "total_incl_vat": Message("total incl. VAT"),
    "payable": Message("amount due"),
    "iban": Message("IBAN"),
    "buyer": Message("buyer"),
    "buyer_siren": Message("SIREN of the buyer"),
    "buyer_postcode": Message("postcode of the buyer"),
    "buyer_country": Message("country of the buyer"),
}
_OPEN = {"buyer": About.PARTIES, "buyer_siren": About.PARTIES, **dict.fromkeys(PLACE, About.VAT)}
"""What another value leaves open, of those that settle nothing."""


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
        "type": data.type_code,
        "buyer": data.buyer.name,
        "buyer_siren": data.buyer.siren,
    }
    found = []
    for key, value in stated.items():
        shown = reading.value(key)
        if shown is None or value is None or _ALIKE.get(key, _same)(shown, value):
            continue
        if key == "type" and (data.total_excl_vat or ZERO) < ZERO:
            continue  # a negative invoice gives back as well
        field = reading.fields[key]
        if key == "number" and _stands(str(value), reading):
            continue  # the page bears that of the data as well: which of the two is meant is not sure
        found.append(Difference(key, shown, value, field.place))
    return [*found, *_places(reading, data)]


def _places(reading: PageReading, data: Invoice) -> Iterator[Difference]:
    """Where the page may place the buyer, overseas or abroad, and the data places neither party."""
    for key, name in zip(PLACE, ("postcode", "country"), strict=True):
        stated, field = getattr(data.buyer, name), reading.fields.get(key)
        known = [item for item in (stated, getattr(data.seller, name)) if item]
        shown = [item.value for item in field.candidates] if field else []
        if field and stated and shown and not any(_alike_codes(one, two) for one in shown for two in known):
            yield Difference(key, shown[0], stated, field.place)


def _same(shown: Value, stated: Value) -> bool:
    """Whether two values are one; a credit note signs its amounts as it likes."""
    if isinstance(shown, Decimal) and isinstance(stated, Decimal):
        return abs(shown) == abs(stated)
    if isinstance(shown, date) or isinstance(stated, date):
        return shown == stated
    return _folded(str(shown)) == _folded(str(stated))


def _alike_kinds(shown: Value, stated: Value) -> bool:
    return (shown in CREDIT_NOTE_TYPES) == (stated in CREDIT_NOTE_TYPES)


def _alike_names(shown: Value, stated: Value) -> bool:
    """Whether two names may be one firm's: a word in common, or one within the other."""
    one, two = _folded(str(shown)), _folded(str(stated))
    names = firm_names_of(shipped_tables().invoice_wording)
    words, others = (set(names.telling(str(name))) for name in (shown, stated))
    return one in two or two in one or bool(words & others)


def _alike_codes(shown: Value, stated: Value) -> bool:
    """Whether two postcodes are one, be the country's letter before it or not."""
    one, two = _folded(str(shown)), _folded(str(stated))
    return one.endswith(two) or two.endswith(one)


_ALIKE: Mapping[str, Callable[[Value, Value], bool]] = {
    "type": _alike_kinds,
    "buyer": _alike_names,
}


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
        if (about := _OPEN.get(item.key)) is not None:
            yield missing("page_differs", about, message)
            continue
        yield Finding("page_differs", About.DOCUMENT, message, Severity.ERROR, expected=right, invoiced=wrong)
