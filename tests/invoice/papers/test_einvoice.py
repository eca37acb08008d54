"""Writing an e-invoice: it passes the official rules, and every reader finds in it what was billed."""

import io
import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

import facturx
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.errors import FileError, RequestError
from opqibi_rules.invoice.issuing import invoice_of
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.papers.einvoice import xml_of
from opqibi_rules.invoice.papers.page import pdf_of
from opqibi_rules.invoice.reading.einvoice import read_einvoice
from opqibi_rules.invoice.reading.parties_file import PartiesModel, read_parties
from opqibi_rules.invoice.reading.pdf import read_pdf
from opqibi_rules.paper.language import Language
from opqibi_rules.price.quote import quote
from tests.invoice.reading.official_rules import EN16931, FRANCE, failures

PARTIES = read_parties(Path(__file__).parent / "parties.yaml")
DAY = date(2026, 3, 2)
ASKED: dict[str, dict[str, object]] = {
    "first": {"tariffs": {1: 5, 2: 3}, "turnover": 800_000},
    "floor in Réunion": {"event": "renewal", "tariffs": {1: 1}, "turnover": 1000, "vat": "reunion"},
    "cap in Guyane": {"event": "renewal", "tariffs": {7: 2}, "turnover": 900_000_000, "vat": "guyane"},
    "control": {"event": "control", "tariffs": {1: 5, 4: 1}, "new_tariffs": {1: 1}},
    "abroad": {"event": "control", "tariffs": {4: 1}, "vat": "eu"},
}


def made(**asked: object) -> Invoice:
    answer = quote(on=DAY, **asked)  # type: ignore[arg-type] # the arguments by name
    seller, buyer = PARTIES.seller.party(), PARTIES.buyer.party()
    return invoice_of(answer, "F-2026-12", seller=seller, buyer=buyer, say=Language("fr").say)


def parties(**changes: object) -> PartiesModel:
    return PARTIES.model_copy(update=changes)


@pytest.mark.parametrize("rules", [EN16931, FRANCE])
def test_the_official_rules_find_nothing(rules: str, tmp_path: Path) -> None:
    paths = []
    for name, asked in ASKED.items():
        paths.append(tmp_path / f"{name}.xml")
        paths[-1].write_bytes(xml_of(made(**asked), PARTIES))
    assert failures(rules, *paths) == {str(path): [] for path in paths}


def test_the_official_rules_do_find_faults(tmp_path: Path) -> None:
    path = tmp_path / "wrong.xml"
    path.write_bytes(xml_of(made(**ASKED["first"]), PARTIES).replace(b"2164.20", b"2164.21"))
    assert failures(EN16931, path)[str(path)]


MENTIONS = (PARTIES.mentions.late_penalties, PARTIES.mentions.recovery_fee, PARTIES.mentions.discount)


@pytest.mark.parametrize("name", ASKED)
def test_what_we_write_we_read(name: str) -> None:
    invoice = made(**ASKED[name])
    read = read_einvoice(xml_of(invoice, PARTIES), "f.xml")
    assert (read.syntax, read.profile, read.due) == ("cii", "urn:cen.eu:en16931:2017", PARTIES.payment.due)
    assert replace(read, syntax=None, profile=None, due=None, process=None, means=()) == replace(
        invoice, ibans=(PARTIES.seller.iban or "",), remarks=MENTIONS
    )


@settings(max_examples=25)
@given(
    event=st.sampled_from(["first", "renewal", "control"]),
    tariffs=st.dictionaries(st.integers(1, 7), st.integers(1, 40), min_size=1),
    turnover=st.decimals(0, 10**8, places=2),
    number=st.from_regex("[A-Za-z0-9+_/-]{1,35}", fullmatch=True),
)
def test_whatever_is_billed_is_read_back(
    event: str, tariffs: dict[int, int], turnover: object, number: str
) -> None:
    invoice = replace(made(event=event, tariffs=tariffs, turnover=turnover), number=number)
    read = read_einvoice(xml_of(invoice, PARTIES), "f.xml")
    assert replace(read, syntax=None, profile=None, due=None, process=None, means=()) == replace(
        invoice, ibans=(PARTIES.seller.iban or "",), remarks=MENTIONS
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_carries_the_invoice_and_shows_it(language: str) -> None:
    invoice = made(**ASKED["first"])
    data = pdf_of(invoice, PARTIES, Language(language))
    read = read_pdf(data, "f.pdf")
    assert read.notes == ()
    assert replace(read, syntax=None, profile=None, due=None, process=None, means=()) == replace(
        invoice, ibans=(PARTIES.seller.iban or "",), remarks=MENTIONS
    )
    name, xml = facturx.get_facturx_xml_from_pdf(data, check_xsd=True)
    assert (name, xml) == ("factur-x.xml", xml_of(invoice, PARTIES))
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = " ".join(reader.pages[0].extract_text().split())
    assert "F-2026-12" in text
    assert "Bureau d’études Exemple" in text
    assert reader.xmp_metadata is not None
    assert b"pdfaid" in reader.xmp_metadata.stream.get_data()
    assert b"EN 16931" in reader.xmp_metadata.stream.get_data()


def test_a_party_may_say_little() -> None:
    buyer = PARTIES.buyer.model_copy(update={"address": [], "postcode": None, "city": None, "vat_id": None})
    assert pdf_of(made(**ASKED["first"]), parties(buyer=buyer), Language("fr"))
    foreign = buyer.model_copy(update={"siren": None, "country": "DE", "electronic_address": "a@b.de"})
    assert pdf_of(made(**ASKED["first"]), parties(buyer=foreign), Language("en"))
    seller = PARTIES.seller.model_copy(update={"iban": None})
    assert pdf_of(made(**ASKED["first"]), parties(seller=seller), Language("fr"))


def test_terms_and_mentions_can_be_said_otherwise() -> None:
    payment = PARTIES.payment.model_copy(update={"due": None, "terms": "30 jours fin de mois"})
    xml = xml_of(made(**ASKED["first"]), parties(payment=payment)).decode()
    assert "30 jours fin de mois" in xml
    at_once = PARTIES.payment.model_copy(update={"due": None})
    assert "Paiement à réception." in xml_of(made(**ASKED["first"]), parties(payment=at_once)).decode()
    data = pdf_of(made(**ASKED["cap in Guyane"]), parties(payment=at_once), Language("fr"))
    text = " ".join(pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    assert "Paiement à réception." in text
    assert "294, 1 du CGI" in text


def test_without_an_iban_no_means_of_payment() -> None:
    seller = PARTIES.seller.model_copy(update={"iban": None})
    assert b"PaymentMeans" not in xml_of(made(**ASKED["first"]), parties(seller=seller))


def test_what_cannot_be_written() -> None:
    invoice = made(**ASKED["abroad"])
    buyer = PARTIES.buyer.model_copy(update={"vat_id": None})
    with pytest.raises(RequestError, match="a customer who pays the VAT itself bears a VAT number"):
        xml_of(invoice, parties(buyer=buyer))
    for wrong in (
        {"number": None},
        {"number": "F 1"},
        {"number": "é"},
        {"number": "1" * 36},
        {"issued": None},
    ):
        with pytest.raises(RequestError, match="is no invoice number"):
            xml_of(replace(invoice, **wrong), PARTIES)


def test_nothing_of_the_invoice_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pdf_of(made(**ASKED["first"]), PARTIES, Language("fr"))
    assert "F-2026-12" not in caplog.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seller: {name: A, siren: '12'}", "$.seller.siren: « 12 » is not a SIREN"),
        ("seller: {name: A, siren: '123456782'}", "$.seller.vat_id: missing"),
        ("seller: {name: A, siren: '123456782', vat_id: x}", "$.seller.vat_id: « x » is not a VAT number"),
        ("buyer: {name: A}", "$.buyer: a French party bears a SIREN"),
        (
            "buyer: {name: A, country: France}",
            "$.buyer.country: « France »; expected a country code of two capitals",
        ),
        (
            "buyer: {name: A, country: DE, electronic_scheme: '!'}",
            "$.buyer.electronic_scheme: « ! »; expected a scheme",
        ),
        ("seller: {name: A, iban: '1'}", "$.seller.iban: « 1 »; expected an IBAN"),
    ],
)
def test_a_file_of_parties_that_is_wrong(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "parties.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FileError) as caught:
        read_parties(path)
    assert expected in str(caught.value)
