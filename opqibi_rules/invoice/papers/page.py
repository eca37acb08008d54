"""The PDF of an invoice: a page to be read (PDF/A-3, made by Typst), and the XML inside it (Factur-X)."""

import json
from collections.abc import Mapping
from importlib.resources import files

from opqibi_rules.identifiers import grouped
from opqibi_rules.invoice.model import Invoice, InvoiceLine
from opqibi_rules.invoice.papers.einvoice import xml_of
from opqibi_rules.invoice.reading.parties_file import PartiesModel, PartyModel
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import ZERO
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.quiet import silence

_TEMPLATE = "page.typ"


def pdf_of(invoice: Invoice, parties: PartiesModel, language: Language) -> bytes:
    """A Factur-X PDF (profile EN 16931): the page in ``language``, and the XML attached to it.

    Raises:
        RequestError: as for :func:`~opqibi_rules.invoice.papers.einvoice.xml_of`; the ``pdf`` or the
            ``invoice`` extra is not installed.
    """
    xml = xml_of(invoice, parties)
    page = load("typst", extra="pdf").compile(
        files("opqibi_rules.invoice.papers").joinpath(_TEMPLATE).read_bytes(),
        format="pdf",
        pdf_standards="a-3b",
        sys_inputs={"invoice": json.dumps(_content(invoice, parties, language), ensure_ascii=False)},
    )
    with silence():
        pdf: bytes = load("facturx", extra="invoice").generate_from_binary(
            page,
            xml,
            flavor="factur-x",
            level="en16931",
            check_xsd=False,
            lang=language.name,
            afrelationship="data",
            pdf_metadata={
                "author": parties.seller.name,
                "keywords": "Factur-X",
                "title": language.say(title_of(invoice)),
                "subject": language.say(title_of(invoice)),
            },
        )
    return pdf


def title_of(invoice: Invoice) -> Message:
    """What the page is headed with: what the document is, and its number."""
    told = marked("Credit note {number}") if invoice.is_credit_note else marked("Invoice {number}")
    return Message(told, number=invoice.number)


def _content(invoice: Invoice, parties: PartiesModel, language: Language) -> Mapping[str, object]:
    """What the page shows, word for word."""
    say = language.say
    group = invoice.vat_groups[0]
    facts = [(Message("Date"), Message("{day:date}", day=invoice.issued))]
    if parties.payment.due:
        facts.append((Message("Due on"), Message("{day:date}", day=parties.payment.due)))
    return {
        "language": language.name,
        "title": say(title_of(invoice)),
        "seller": _address(parties.seller),
        "buyer": _address(parties.buyer),
        "facts": [[say(name), say(value)] for name, value in facts],
        "headings": [say(heading) for heading in _HEADINGS],
        "lines": [_line(line, language) for line in invoice.lines],
        "totals": [
            [say(Message("Total excl. VAT")), language.amount(invoice.total_excl_vat or ZERO)],
            [say(Message("VAT {rate:percent}", rate=group.rate)), language.amount(invoice.vat or ZERO)],
        ],
        "due": [say(Message("Total incl. VAT")), language.amount(invoice.total_incl_vat or ZERO)],
        "mentions": _mentions(invoice, parties),
        "footer": " — ".join(_identifiers(parties.seller)),
    }


_HEADINGS = (
    Message("Description"),
    Message("Quantity"),
    Message("Unit price excl. VAT"),
    Message("VAT"),
    Message("Amount excl. VAT"),
)


def _line(line: InvoiceLine, language: Language) -> dict[str, str | None]:
    return {
        "name": line.name,
        "description": line.description,
        "quantity": language.number(line.quantity or ZERO),
        "unit_price": language.amount(line.unit_price or ZERO),
        "vat_rate": language.write(line.vat_rate or ZERO, "percent"),
        "amount": language.amount(line.amount or ZERO),
    }


def _mentions(invoice: Invoice, parties: PartiesModel) -> list[str]:
    """How to pay, why there is no VAT, and what the law wants said."""
    iban = f"IBAN : {parties.seller.iban}" if parties.seller.iban else None
    said = (iban, invoice.vat_groups[0].reason, parties.payment.words())
    return [*filter(None, said), *parties.mentions.model_dump().values()]


def _address(party: PartyModel) -> list[str]:
    town = " ".join(part for part in (party.postcode, party.city) if part)
    return [party.name, *party.address, *([town] if town else []), *_identifiers(party)[1:]]


def _identifiers(party: PartyModel) -> list[str]:
    found = [party.name]
    if party.siren:
        found.append(f"SIREN {grouped(party.siren)}")
    if party.vat_id:
        found.append(f"TVA {party.vat_id}")
    return found
