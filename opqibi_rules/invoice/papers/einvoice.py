"""Writing an e-invoice: Factur-X, profile EN 16931, as XML or inside its PDF.

The ``factur-x`` library knows where each term stands; the figures are those of the
:class:`~opqibi_rules.invoice.model.Invoice`, as they are. What it gives passes the official rules (EN 16931
and those of the French reform), which a test runs. The page of the PDF is a PDF/A-3 one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.model import Invoice, InvoiceLine, VatGroup
from opqibi_rules.invoice.reading.parties_file import PartiesModel, PartyModel
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly, plain
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.quiet import silence

_NUMBER = re.compile("[A-Za-z0-9+_/-]{1,35}")
_UNIT = "C62"
"""UN/ECE recommendation 20: one."""
_TRANSFER = "30"
"""UNCL 4461: credit transfer."""
_SIREN = "0002"
_AE_CODE = "VATEX-EU-AE"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Term = str | date | None | Sequence["Term"] | Mapping[str, "Term"]
"""What a term of EN 16931 holds: a text, a day, or a group of terms."""


def xml_of(invoice: Invoice, parties: PartiesModel) -> bytes:
    """The XML of an invoice (CII, profile EN 16931).

    Raises:
        RequestError: no date, no number that platforms accept, no VAT number of a customer who is to pay the
            VAT itself, or the ``invoice`` extra is not installed.
    """
    generator = load("facturx.generate_xml", extra="invoice")
    terms = _filled(_terms(invoice, parties))
    with silence():
        xml: bytes = generator.generate_cii_xml(
            terms, level="en16931", check_xsd=True, check_schematron="none"
        )
    return xml


def _refuse_unwritable(invoice: Invoice, parties: PartiesModel) -> None:
    number = invoice.number or ""
    if invoice.issued is None or not _NUMBER.fullmatch(number):
        message = Message(
            "« {number} » is no invoice number: 1 to 35 letters without accents, digits and + - _ / "
            "(rules BR-FR-01 and BR-FR-02 of the French reform).",
            number=number[:40],
        )
        raise RequestError(message)
    if invoice.vat_groups[0].category == "AE" and parties.buyer.vat_id is None:
        raise RequestError("buyer.vat_id: a customer who pays the VAT itself bears a VAT number.")


def _terms(invoice: Invoice, parties: PartiesModel) -> Mapping[str, Term]:
    """The invoice by the terms of EN 16931."""
    _refuse_unwritable(invoice, parties)
    mentions = parties.mentions
    terms: dict[str, Term] = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued,
        "BT-3": invoice.type_code,
        "BT-5": invoice.currency,
        "BT-9": parties.payment.due,
        "BT-20": parties.payment.words(),
        "BT-23": parties.operation,
        "BT-72": invoice.issued,
        "BT-106": _amount(invoice.lines_total),
        "BT-109": _amount(invoice.total_excl_vat),
        "BT-110": _amount(invoice.vat),
        "BT-112": _amount(invoice.total_incl_vat),
        "BT-115": _amount(invoice.payable),
        "BG-1": [
            {"BT-21": "PMD", "BT-22": mentions.late_penalties},
            {"BT-21": "PMT", "BT-22": mentions.recovery_fee},
            {"BT-21": "AAB", "BT-22": mentions.discount},
        ],
        "BG-4": _party(parties.seller),
        "BG-7": _party(parties.buyer),
        "BG-23": [_vat(group) for group in invoice.vat_groups],
        "BG-25": [_line(line) for line in invoice.lines],
    }
    if parties.seller.iban:
        terms |= {"BT-81": _TRANSFER, "BT-84": parties.seller.iban}
    return terms


def _vat(group: VatGroup) -> dict[str, str | None]:
    return {
        "BT-116": _amount(group.taxable),
        "BT-117": _amount(group.amount),
        "BT-118": group.category,
        "BT-119": _percent(group.rate),
        "BT-120": group.reason,
        "BT-121": _AE_CODE if group.category == "AE" else None,
    }


def _line(line: InvoiceLine) -> dict[str, str | None]:
    return {
        "BT-126": line.id,
        "BT-129": _figure(line.quantity),
        "BT-130": _UNIT,
        "BT-131": _amount(line.amount),
        "BT-146": _amount(line.unit_price),
        "BT-151": line.vat_category,
        "BT-152": _percent(line.vat_rate),
        "BT-153": line.name,
        "BT-154": line.description,
    }


def _party(party: PartyModel) -> dict[str, str | None]:
    address = dict(zip(("addr_l1", "addr_l2", "addr_l3"), party.address, strict=False))
    return {
        "name": party.name,
        "legal_identifier": party.siren,
        "legal_identifier_schemeid": _SIREN if party.siren else None,
        "vat_identifier": party.vat_id,
        "einvoicing_addr": party.electronic_address or party.siren,
        "einvoicing_addr_schemeid": party.electronic_scheme,
        **address,
        "postcode": party.postcode,
        "city": party.city,
        "country_code": party.country,
    }


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


@exactly
def _percent(rate: Decimal | None) -> str | None:
    return None if rate is None else plain(rate * 100)


def _filled(terms: Term) -> Term:
    """Without what is empty, and without the characters that XML has no place for."""
    if isinstance(terms, Mapping):
        return {key: _filled(value) for key, value in terms.items() if value is not None}
    if isinstance(terms, str):
        return _UNPRINTABLE.sub(" ", terms)
    return [_filled(value) for value in terms] if isinstance(terms, Sequence) else terms
