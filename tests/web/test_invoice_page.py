"""« Facture » without a browser: several files, what is carried from one answer to the next, what is kept."""

import json
import re
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.paper.pages.drawn import saved
from tests.web.papers import paper
from tests.web.test_api import INVOICE
from tests.web.test_pages import text_of

pytestmark = pytest.mark.usefixtures("_answered_in_one_piece")

ASKED = {"t1": "5", "t2": "3"}


def hidden(page: Any) -> dict[str, str]:
    """What the page carries."""
    found = re.findall(r'<input type="hidden" form="check" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def files(*given: tuple[str, bytes]) -> Any:
    return [("file", item) for item in given]


def mail() -> bytes:
    """An e-mail with an invoice, and a signature that is none."""
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = "a@example.org", "b@example.org", "F1"
    found.set_content("Bonjour")
    found.add_attachment(INVOICE, maintype="text", subtype="csv", filename="F1.csv")
    found.add_attachment(b"BEGIN:VCARD", maintype="text", subtype="vcard", filename="me.vcf")
    return found.as_bytes()


REUNION = json.dumps(
    {
        "number": "F1",
        "date": "2026-03-02",
        "currency": "EUR",
        "seller": {"name": "OPQIBI"},
        "buyer": {"name": "BE Martin", "postcode": "97400", "country": "FR"},
        "lines": [
            {"name": "Frais d’instruction", "quantity": 1, "unit_price": "1160.00", "amount": "1160.00"}
        ],
        "total_excl_vat": "1160.00",
        "vat": "98.60",
        "total_incl_vat": "1258.60",
    }
).encode()
"""1 160 at the 8.5 % of Réunion."""


def test_mainland_france_is_said_by_a_program_and_shown_by_the_page(client: TestClient) -> None:
    """The list of the page shows it where nobody has chosen: the document's own address decides there."""
    expected = {"tariffs": {"1": 5, "2": 3}, "turnover": "800000"}
    for vat, verdict in (({}, "conform"), ({"vat": "metropolitan"}, "undetermined")):
        question = json.dumps({"expected": expected | vat})
        answer = client.post(
            "/api/invoices/check", files={"file": ("F1.json", REUNION)}, data={"question": question}
        )
        assert answer.json()["verdict"] == verdict
    asked = {"t1": "5", "t2": "3", "turnover": "800000"}
    for vat, told in (
        ({}, "Conform:"),
        ({"vat": "metropolitan"}, "Conform:"),
        ({"vat": "guadeloupe"}, "Undetermined:"),
    ):
        page = client.post("/en/invoice", files=files(("F1.json", REUNION)), data=asked | vat)
        assert told in text_of(page)


def test_several_files_make_a_table(client: TestClient) -> None:
    given = files(("F1.csv", INVOICE), ("F2.pdf", paper()), ("mail.eml", mail()), ("bad.pdf", b"%PDF-1.7"))
    page = client.post("/en/invoice", files=given, data=ASKED)
    said = text_of(page)
    assert page.status_code == 200
    assert (
        "Total incl. VAT €1,392.00 €1,536.00 €144.00" in said
    )  # F1: 1 160 and 20 % due, 1 280 and 256 billed
    for words in (
        "3 invoices checked",
        "F2.pdf Conform F2026-118 · 2 Mar 2026 · OPQIBI €1,160.00 €0.00",
        "F1.csv Discrepancy F1 · 2 Mar 2026 €1,280.00 +€120.00",
        "mail.eml › me.vcf",
        "Not read bad.pdf",
    ):
        assert words in said
    assert 'href="#invoice-2"' in page.text
    assert 'id="invoice-2"' in page.text
    for kind, start in (("json", b"["), ("csv", b"\xef\xbb\xbf")):
        kept = client.post(
            "/en/invoice", files=files(("", b"")), data={**ASKED, **hidden(page), "form": kind}
        )
        assert kept.headers["content-disposition"] == f'attachment; filename="opqibi-invoice.{kind}"'
        assert kept.content.startswith(start)


def test_nothing_but_what_is_no_invoice(client: TestClient) -> None:
    page = client.post("/en/invoice", files=files(("a.vcf", b"BEGIN"), ("b.vcf", b"BEGIN")), data=ASKED)
    assert page.status_code == 200
    assert "No invoices a.vcf" in text_of(page)


def test_an_email_without_any_document_is_one_sentence(client: TestClient) -> None:
    """It was answered by nothing at all: « the verdict appears here », and the file « read already »."""
    letter = (
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n\r\nNothing.\r\n"
    )
    none = "none of the documents in it is an invoice."
    alone = client.post("/en/invoice", files=files(("a.eml", letter)), data=ASKED)
    assert (alone.status_code, text_of(alone).count(none)) == (422, 2)  # in the summary, and at its field
    assert 'name="parcel"' not in alone.text
    both = client.post("/en/invoice", files=files(("a.eml", letter), ("F1.csv", INVOICE)), data=ASKED)
    assert f"a.eml {none}" in text_of(both)
    assert "1 invoice checked" in text_of(both)
    card = EmailMessage()
    card.set_content("Hello")
    card.add_attachment(b"BEGIN:VCARD", maintype="text", subtype="vcard", filename="me.vcf")
    beside = client.post("/en/invoice", files=files(("b.eml", card.as_bytes())), data=ASKED)
    assert "me.vcf" in text_of(beside)
    assert "No invoice was found" in text_of(beside)


def test_a_program_is_told_of_what_is_no_invoice(client: TestClient) -> None:
    question = '{"expected": {"tariffs": {"1": 5, "2": 3}}}'
    answer = client.post(
        "/api/invoices/check?lang=en", files=files(("mail.eml", mail())), data={"question": question}
    )
    checked, other = answer.json()
    assert checked["invoice"]["file"] == "mail.eml › F1.csv"
    assert other == {
        "schema_version": 1,
        "source": "mail.eml › me.vcf",
        "no_invoice": "no form in which invoices are read.",
    }


def test_what_was_read_outlives_a_refused_question(client: TestClient) -> None:
    """The file once was to be chosen again after every mistake."""
    first = client.post("/en/invoice", files=files(("F.pdf", paper())), data={"t1": "x"})
    assert first.status_code == 422
    assert 'href="#t1"' in first.text
    assert "Conform" not in text_of(first)
    assert 'id="value-0-number"' in first.text  # what was read is shown all the same
    again = client.post("/en/invoice", files=files(("", b"")), data={**ASKED, **hidden(first)})
    assert "Conform: €1,160 excl. VAT" in text_of(again)
    none = client.post("/en/invoice", files=files(("F.pdf", paper())))
    assert 'href="#t1"' in none.text
    more = {"code": "1905", "tariff": "5", "nature": "full", "more": "1", **hidden(none)}
    rows = client.post("/en/invoice", files=files(("", b"")), data=more)
    assert rows.text.count("data-row") == 2
    assert hidden(rows)["parcel"] == hidden(none)["parcel"]
    nobody = client.post("/en/invoice", files=files(("", b"")), data={**ASKED, "seller": "!", **hidden(none)})
    assert 'href="#seller"' in nobody.text
    assert hidden(nobody) == hidden(none)
    refused = {**ASKED, "t1": "x", "form": "pdf", **hidden(none)}
    assert 'href="#t1"' in client.post("/en/invoice", files=files(("", b"")), data=refused).text


def test_a_value_is_corrected_and_what_is_wrong_stands_at_it(client: TestClient) -> None:
    first = client.post("/facture", files=files(("F.pdf", paper(taxed="1 329,00"))), data=ASKED)
    assert "Indéterminé" in text_of(first)
    assert "total_incl_vat" not in text_of(first)  # a person reads words
    assert re.search(r'name="value-0-total_incl_vat" value="1329,00"', first.text)
    typed = {**ASKED, **hidden(first), "value-0-total_incl_vat": "beaucoup", "value-0-date": "02/03/2026"}
    wrong = client.post("/facture", files=files(("", b"")), data=typed)
    assert wrong.status_code == 422
    assert 'href="#value-0-total_incl_vat"' in wrong.text
    assert re.search(r'value="beaucoup"[^>]*aria-invalid="true"', wrong.text)
    typed["value-0-total_incl_vat"] = "1 392,00"
    right = client.post("/facture", files=files(("", b"")), data=typed)
    assert "Conforme" in text_of(right)


@pytest.mark.parametrize("change", ["parcel", "seal"])
def test_only_what_this_server_has_read_comes_back(client: TestClient, change: str) -> None:
    """Else anybody could send words that no document bears, and have them called conform."""
    first = client.post("/en/invoice", files=files(("F.pdf", paper())), data=ASKED)
    carried = hidden(first)
    carried[change] = carried[change][:-2] + ("é0" if change == "seal" else "A=")
    refused = client.post("/en/invoice", files=files(("", b"")), data={**ASKED, **carried})
    assert refused.status_code == 422
    assert "choose the file again" in text_of(refused)
    assert "Conform" not in text_of(refused)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(100), "a picture of a kind that is not read"),
        (saved(Image.new("1", (8200, 8200)), "PNG"), "a picture of over 64 million pixels"),
    ],
    ids=["HEIC", "pixels"],
)
def test_a_picture_that_is_not_read_is_one_sentence(client: TestClient, data: bytes, sentence: str) -> None:
    page = client.post("/en/invoice", files=files(("photo", data)), data=ASKED)
    assert page.status_code == 422
    assert text_of(page).count(sentence) == 2  # in the summary, and at its field
    assert 'href="#file"' in page.text
