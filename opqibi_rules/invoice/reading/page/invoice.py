"""The invoice that a reading of pages makes: what is read, and nothing of what is to confirm."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.findings import About, Finding, Severity, missing
from opqibi_rules.invoice.model import CREDIT_NOTE_TYPES, PLACE, Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.invoice.reading.page.parties import siren_behind
from opqibi_rules.invoice.reading.page.reader import NOT_ADDED, read_pages, settled
from opqibi_rules.invoice.reading.page.result import Field, PageReading
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly, round_cents

SYNTAX = "page"

_DECIDES_NOTHING = frozenset({"due_date"})
_ABOUT = {
    "line": About.PRICE,
    "vat": About.VAT,
    "seller": About.PARTIES,
    "buyer": About.PARTIES,
    **dict.fromkeys(PLACE, About.VAT),
    "iban": About.PARTIES,
    "prepaid": About.PAYABLE,
    "payable": About.PAYABLE,
    "due": About.PAYABLE,
}


@exactly
def invoice_of(reading: PageReading) -> Invoice:
    """The invoice; each value that is to confirm is ``None``, and stands in its ``reading``.

    A credit note that signs its amounts as negative is turned to what the model says of one: what it gives back is
    positive.
    """
    code, untaxed = _text(reading, "type"), _number(reading, "total_excl_vat")
    sign = -1 if code in CREDIT_NOTE_TYPES and (untaxed or ZERO) < 0 else 1

    def amount(key: str) -> Decimal | None:
        value = _number(reading, key)
        return None if value is None else value * sign or ZERO

    def vat_group(key: str) -> VatGroup:
        return VatGroup(_number(reading, f"{key}.rate"), amount(f"{key}.taxable"), amount(f"{key}.amount"))

    iban = _text(reading, "iban")
    return Invoice(
        number=_text(reading, "number"),
        issued=_day(reading, "date"),
        type_code=code,
        currency=_text(reading, "currency"),
        syntax=SYNTAX,
        due=_day(reading, "due_date"),
        seller=_party(reading, "seller"),
        buyer=_party(reading, "buyer"),
        ibans=(iban,) if iban else (),
        account_names=reading.account_names,
        lines=tuple(_line(reading, number, sign) for number in _numbers(reading, "line")),
        allowances=amount("allowances"),
        charges=amount("charges"),
        total_excl_vat=amount("total_excl_vat"),
        vat=amount("vat"),
        total_incl_vat=amount("total_incl_vat"),
        prepaid=amount("prepaid"),
        payable=amount("payable"),
        vat_groups=tuple(vat_group(f"vat.{number}") for number in _numbers(reading, "vat")),
        remarks=() if "payable" in reading.confirmed else reading.remarks,
        reading=reading,
    )


def confirmed_invoice(invoice: Invoice, confirmed: Mapping[str, str]) -> Invoice:
    """The same, with what a person says of what its page left to confirm; one that no page gave stays as it is.

    Raises:
        RequestError: a key that no invoice has, a value that is none of its kind, or another than the document's own
            sums confirm.
    """
    reading = invoice.reading
    if reading is None:
        return invoice
    said = {key: text for key, text in confirmed.items() if key != "payee" and is_open(reading, key, text)}
    if not said:
        return invoice
    return replace(invoice_of(read_pages(reading.pages, {**reading.confirmed, **said})), file=invoice.file)


def is_open(reading: PageReading, key: str, text: str) -> bool:
    """Whether a value is still to be said.

    Raises:
        RequestError: as for :func:`confirmed_invoice`: what the document says surely is not settled otherwise.
    """
    value, known = settled(key, text), reading.fields.get(key)
    if known is None or known.to_confirm:
        return True
    if known.value != value and key not in {"seller", "buyer"}:
        raise RequestError(
            "confirm: {key} is {known} on the page, and the document confirms it: it is not settled otherwise.",
            key=key,
            known=known.written,
            field="confirm",
        )
    return False


def to_confirm(invoice: Invoice) -> tuple[Finding, ...]:
    """What of a page is left to confirm, each value with its place; what decides leaves the verdict undetermined."""
    return tuple(map(_finding, invoice.reading.to_confirm)) if invoice.reading else ()


def _finding(field: Field) -> Finding:
    about = _ABOUT.get(field.key) or _ABOUT.get(field.key.split(".")[0].split("_")[0], About.DOCUMENT)
    if field.key.endswith(".amount") and field.why == NOT_ADDED:
        about = About.DOCUMENT  # what the lines come to is a sum of the document
    if field.value is None or field.place is None:
        message = Message("{key}: not found on the page. {why}", key=field.key, why=field.why)
    else:
        message = Message(
            "{key}: « {value} », page {page}, is to be confirmed. {why}",
            key=field.key,
            value=field.candidates[0].text if field.candidates else field.written,
            page=field.place.page,
            why=field.why,
        )
    if field.key in _DECIDES_NOTHING or (about is About.PARTIES and field.key.startswith("buyer")):
        return Finding("to_confirm", about, message, Severity.INFO)
    line = field.key.split(".")[1] if field.key.startswith("line.") else None
    return replace(missing("to_confirm", about, message), line=line)


def _number(reading: PageReading, key: str) -> Decimal | None:
    value = reading.value(key)
    return value if isinstance(value, Decimal) else None


def _text(reading: PageReading, key: str) -> str | None:
    value = reading.value(key)
    return value if isinstance(value, str) else None


def _day(reading: PageReading, key: str) -> date | None:
    value = reading.value(key)
    return value if isinstance(value, date) else None


def _numbers(reading: PageReading, kind: str) -> Iterator[int]:
    """The numbers of the lines, or of the VAT groups."""
    parts = (key.split(".") for key in reading.fields)
    yield from sorted({int(part[1]) for part in parts if part[0] == kind and len(part) == 3})


def _party(reading: PageReading, party: str) -> Party:
    siren, siret, vat_id = (_text(reading, f"{party}_{name}") for name in ("siren", "siret", "vat_id"))
    return Party(
        name=_text(reading, party),
        siren=siren or siren_behind(siret, vat_id),
        siret=siret if siret and len(siret) == 14 else None,
        vat_id=vat_id,
        postcode=_text(reading, f"{party}_postcode"),
        country=_text(reading, f"{party}_country"),
    )


def _line(reading: PageReading, number: int, sign: int) -> InvoiceLine:
    key = f"line.{number}"
    quantity, price = _number(reading, f"{key}.quantity"), _number(reading, f"{key}.unit_price")
    per, amount = _number(reading, f"{key}.price_quantity"), _number(reading, f"{key}.amount")
    amount = None if amount is None else amount * sign or ZERO
    between = ZERO
    if None not in {quantity, price, amount}:
        quantity, between = _signed(quantity or ZERO, price or ZERO, per or Decimal(1), amount or ZERO)
    return InvoiceLine(
        id=str(number),
        name=_text(reading, f"{key}.name"),
        quantity=quantity,
        unit_price=price,
        amount=amount,
        vat_rate=_number(reading, f"{key}.vat_rate"),
        price_quantity=per,
        allowances=-between if between < 0 else None,
        charges=between if between > 0 else None,
    )


def _signed(quantity: Decimal, price: Decimal, per: Decimal, amount: Decimal) -> tuple[Decimal, Decimal]:
    """The quantity with the sign of the amount, and what stands between the product and the amount."""
    product = quantity * price / per
    if product * amount < 0:
        quantity, product = -quantity, -product
    between = amount - product
    return quantity, ZERO if round_cents(product) == amount else round_cents(between)
