"""Whom a page bills, beside the structure that is expected: a name that a page leaves to confirm is no proof of it.

A control of two at tariff 1 : 125,00 + 30,00 = 155,00 €; 31,00 € of VAT; 186,00 €.
"""

from datetime import date

import pytest
import typst

from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.reading.page.invoice import invoice_of
from opqibi_rules.invoice.reading.page.reader import read_pages
from opqibi_rules.paper.pages.text_layer import text_pages
from opqibi_rules.price.quote import quote
from opqibi_rules.price.structure import Structure

PAGE = """#set page(margin: 18mm)
#grid(columns: (1fr, 1fr), [OPQIBI \\ 104 rue Réaumur \\ 75002 Paris {seller}], [#v(24mm){buyer}])
#table(columns: {columns}, [Facture n°], [Date], {heads}, [F26-0412], [14/04/2026], {cells})

#table(columns: 4, stroke: none, [Désignation], [Qté], [P.U. HT], [Montant HT],
  [Contrôle annuel 2026], [1], [155,00], [155,00])

#align(right)[Total HT 155,00 € \\ TVA 20 % 31,00 € \\ Total TTC 186,00 €]
#place(bottom)[OPQIBI - Association loi 1901 - SIRET 552 100 554 00013 - TVA FR96552100554]
"""
FIRM = Structure(name="Atelier Thermique du Ponant", siren="732829320")
OURS = "Atelier Thermique du Ponant \\ 12 quai de la Douane \\ 29200 Brest"
OTHERS = "Cabinet Lemoine \\ 3 cours de l’Intendance \\ 33000 Bordeaux"
PERSON = "Madame Anne Le Gall \\ 12 quai de la Douane \\ 29200 Brest"
CODE = {"Client": "C00412"}


def judged(buyer: str, strip: dict[str, str], seller: str = "", said: str | None = None) -> InvoiceCheck:
    text = PAGE.format(
        buyer=buyer,
        seller=seller,
        columns=2 + len(strip),
        heads=", ".join(f"[{head}]" for head in strip),
        cells=", ".join(f"[{cell}]" for cell in strip.values()),
    )
    invoice = invoice_of(read_pages(text_pages(typst.compile(text.encode()), "f.pdf")))
    due = quote(on=date(2026, 4, 14), event="control", tariffs={1: 2})
    return check_invoice(invoice, expected=due, structure=FIRM, confirmed={"buyer": said} if said else None)


@pytest.mark.parametrize(
    "strip", [CODE, {"Code client": "C00412"}, {"Client": "Atelier Thermique du Ponant"}]
)
@pytest.mark.parametrize("numbers", ["", " \\ SIREN 552 100 554"])
def test_the_right_name_conforms(strip: dict[str, str], numbers: str) -> None:
    answer = judged(OURS, strip, numbers)
    assert (answer.verdict, answer.verdicts["parties"]) == ("conform", "conform")


@pytest.mark.parametrize("strip", [CODE, {"Code client": "C00412"}])
@pytest.mark.parametrize(
    ("buyer", "verdict", "code"),
    [
        (OTHERS, "undetermined", "buyer_unclear"),
        (PERSON, "undetermined", "buyer_unclear"),
        (f"{OTHERS} \\ SIREN 404 833 048", "discrepancy", "other_buyer"),
        (f"{OTHERS} \\ TVA FR83404833048", "discrepancy", "other_buyer"),
    ],
)
def test_another_firm_does_not(buyer: str, strip: dict[str, str], verdict: str, code: str) -> None:
    answer = judged(buyer, strip, " \\ SIREN 552 100 554")
    assert answer.verdicts["parties"] == verdict
    assert code in [finding.code for finding in answer.findings]


def test_a_number_of_the_buyer_under_its_heading() -> None:
    answer = judged(OTHERS, {**CODE, "Votre SIRET": "404 833 048 00022"})
    assert answer.verdicts["parties"] == "discrepancy"
    assert answer.invoice.buyer.siren == "404833048"


def test_the_code_of_a_client_is_no_name() -> None:
    answer = judged(f"Client : C00412 \\ \\ {OURS}", {"Échéance": "14/05/2026"})
    assert answer.invoice.buyer.name != "C00412"
    assert answer.verdicts["parties"] == "conform"


def test_a_name_and_an_address_of_another() -> None:
    strip = {"Client": "#h(6mm)Atelier Thermique du Ponant", "Page": "1"}
    answer = judged(OTHERS, strip, " \\ SIREN 552 100 554")
    assert answer.verdicts["parties"] == "undetermined"


def test_a_person_settles_it() -> None:
    said = [judged(OTHERS, CODE, said=name) for name in ("Atelier Thermique du Ponant", "732829320")]
    assert [answer.verdicts["parties"] for answer in said] == ["conform", "conform"]
    assert judged(OTHERS, CODE, said="Cabinet Lemoine").verdicts["parties"] == "discrepancy"
