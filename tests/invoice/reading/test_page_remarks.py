"""What a page says beside its values: stamps, sentences, a deposit, the holder of the account; what says nothing.

The bill: 300 + 360 + 1 500 = 2 160,00 €; VAT at 20 %, 432,00 €; 2 592,00 € in all.
"""

from decimal import Decimal
from pathlib import Path

import pytest
import typst

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice, invoice_of
from opqibi_rules.invoice.reading.page.reader import read_pages
from opqibi_rules.invoice.reading.page.result import PageReading
from opqibi_rules.invoice.reading.pdf import read_pdf
from opqibi_rules.paper.pages.text_layer import text_pages
from tests.invoice.bills import check_invoice, first
from tests.invoice.reading.made_invoices import cii
from tests.invoice.reading.made_pages import LAYOUTS, Bill, changed, source

D = Decimal


def page(before: str = "", after: str = "", **changes: object) -> PageReading:
    text = f"{before}\n\n{source(changed(Bill(), **changes), LAYOUTS[0])}\n\n{after}"
    return read_pages(text_pages(typst.compile(text.encode()), "f.pdf"))


def payable(invoice: Invoice) -> tuple[str, set[str]]:
    """The verdict on the amount due, and the codes of what leaves it open."""
    answer = check_invoice(invoice, expected=first(), confirmed={"seller": "OPQIBI"})
    found = [item for item in answer.findings if item.undetermined and item.about == "payable"]
    return answer.verdicts["payable"], {item.code for item in found}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("#text(size: 22pt)[PROFORMA]", "", "no_invoice"),
        ("#text(size: 22pt)[ANNULÉE]", "", "no_invoice"),
        ("", "#text(size: 22pt)[ACQUITTÉE] #h(1fr) le 5 mars 2026", "may_not_be_due"),
        ("", "Relance n° 2", "may_not_be_due"),
        ("#text(size: 30pt, fill: red)[Payé par CB]", "", "may_not_be_due"),
        ("", "Facture réglée le 5 mars 2026 par virement.", "may_not_be_due"),
        ("", "Cette facture annule et #linebreak() remplace la facture F2026-100.", "may_not_be_due"),
        ("#text(size: 22pt)[RELEVÉ DE COMPTE]", "", "may_not_be_due"),
        ("#text(size: 22pt)[FACTURE (COPIE)]", "", "may_not_be_due"),
        ("", "Avoir à déduire : 50,00 €", "may_not_be_due"),
        ("", "Somme réglée ce jour par CB", "may_not_be_due"),
        ("", "solde antérieur 1 803,50 €. Total dû 3 967,70 €", "may_not_be_due"),
    ],
)
def test_what_says_that_it_may_not_be_due_is_to_confirm(before: str, after: str, code: str) -> None:
    reading = page(before, after)
    due = reading.fields["payable"]
    assert (due.value, due.to_confirm) == (D("2592.00"), True)
    invoice = invoice_of(reading)
    assert payable(invoice) == ("undetermined", {"to_confirm", code})
    if code == "may_not_be_due":
        assert payable(confirmed_invoice(invoice, {"payable": "2592,00"})) == ("conform", set())


def test_ordinary_words_of_a_page_do_not() -> None:
    reading = page(
        "Devis #h(1fr) D-2026-12",
        "TVA acquittée sur les encaissements. Toute facture non réglée à l’échéance porte intérêt.\n\n"
        "Commande : 12\n\nDevis :\n\nTitulaire du compte : OPQIBI, 75002 Paris\n\nÀ l’ordre de l’OPQIBI\n\n"
        "Cette facture peut, au choix de la structure, être \\ réglée par virement ou par chèque.\n\n"
        "Payé par CB le 05/03/2026 #h(1fr) 500,00 €",
    )
    assert (reading.remarks, reading.account_names) == ((), ("OPQIBI", "l’OPQIBI"))
    assert payable(invoice_of(reading)) == ("conform", set())


def test_a_deposit_that_is_not_deducted_is_to_confirm() -> None:
    text = source(changed(Bill(), paid=D("1000.00")), LAYOUTS[0])
    assert text.count("1\u202f592,00") == 1
    text = text.replace("1\u202f592,00", "2\u202f592,00")
    reading = read_pages(text_pages(typst.compile(text.encode()), "f.pdf"))
    assert {"prepaid", "payable"} <= {item.key for item in reading.to_confirm}
    invoice = invoice_of(reading)
    assert payable(invoice) == ("undetermined", {"to_confirm"})
    paid = confirmed_invoice(invoice, {"prepaid": "1000,00"})
    assert (paid.prepaid, paid.payable) == (D("1000.00"), D("2592.00"))
    assert payable(paid)[0] == "discrepancy"  # 1 592,00 € are left, and 2 592,00 € are asked for
    with pytest.raises(RequestError, match="confirms it"):
        confirmed_invoice(invoice, {"total_incl_vat": "1592,00"})


def test_an_account_in_another_name_is_open() -> None:
    for after in ("Titulaire : M. X", "Titulaire du compte #h(1fr) M. X"):
        invoice = invoice_of(page(after=after))
        assert invoice.account_names == ("M. X",)
        answer = check_invoice(invoice, expected=first(), confirmed={"seller": "OPQIBI"})
        assert "other_payee" in [item.code for item in answer.findings]
    assert invoice_of(page(after="Titulaire :")).account_names == ()


def test_a_postcode_overseas_that_nothing_gives_to_the_buyer_leaves_the_vat_open() -> None:
    text = source(Bill(), LAYOUTS[0])
    names = (
        "OPQIBI \\ 104 rue Réaumur \\ 75002 Paris \\ Facture n° F-1 \\ Bureau Lumière \\ 97400 Saint-Denis"
    )
    table = text[text.index("#table(columns") :]
    reading = read_pages(text_pages(typst.compile(f"{names}\n\n{table}".encode()), "f.pdf"))
    assert reading.fields["buyer_postcode"].to_confirm
    answer = check_invoice(invoice_of(reading), expected=first())
    assert answer.verdicts["vat"] == "undetermined"
    settled = confirmed_invoice(invoice_of(reading), {"buyer_postcode": "97400"})
    assert settled.buyer.postcode == "97400"


def test_the_page_of_an_e_invoice_says_it_too(tmp_path: Path) -> None:
    """Its data are silent, and its page bears a stamp."""
    (tmp_path / "factur-x.xml").write_bytes(cii())
    source_file = tmp_path / "page.typ"
    source_file.write_text(
        '#pdf.attach("factur-x.xml", relationship: "alternative", mime-type: "text/xml", description: "x")\n'
        "#text(size: 22pt)[DUPLICATA]\n\nFacture F-1\n",
        encoding="utf-8",
    )
    invoice = read_pdf(typst.compile(str(source_file), root=str(tmp_path), pdf_standards=["a-3b"]), "f.pdf")
    assert (invoice.syntax, invoice.remarks) == ("cii", ("DUPLICATA",))
