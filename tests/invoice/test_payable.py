"""The amount due: what is left of the total, and nothing hidden between the two."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import opqibi_rules as opqibi
from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.invoice.model import CREDIT_NOTE_TYPES, Invoice
from opqibi_rules.invoice.papers.invoice_document import check_document
from opqibi_rules.invoice.reading.einvoice import INVOICE_TYPES
from opqibi_rules.paper.language import Language
from tests.invoice.bills import check_invoice, codes, first, totals

D = Decimal
RIGHT = totals("1160.00", currency="EUR", payable=D("1392.00"))


def payable(invoice: Invoice) -> tuple[str, list[str]]:
    """The verdict on the amount due, and what is found about it."""
    answer = check_invoice(invoice, expected=first())
    return answer.verdicts["payable"], [item.code for item in answer.findings if item.about == "payable"]


@pytest.mark.parametrize(
    ("changes", "verdict", "found"),
    [
        ({}, "conform", []),
        ({"payable": None}, "conform", []),
        ({"payable": D("1392.01")}, "discrepancy", ["payable"]),
        ({"payable": D("1391.99")}, "discrepancy", ["payable"]),
        # What is paid already is deducted, and told.
        ({"prepaid": D("392.00"), "payable": D("1000.00")}, "conform", ["prepaid"]),
        ({"prepaid": D("392.00"), "payable": None}, "conform", ["prepaid"]),
        ({"prepaid": D("392.00")}, "discrepancy", ["payable", "prepaid"]),
        ({"prepaid": D("1392.00"), "payable": D("0.00")}, "conform", ["prepaid"]),
        ({"prepaid": D("0.00")}, "conform", []),
        # Of the opposite sign, it raises the amount due.
        ({"prepaid": D("-500.00"), "payable": D("1892.00")}, "discrepancy", ["prepaid_sign"]),
        # A rounding is a few cents.
        ({"rounding": D("0.05"), "payable": D("1392.05")}, "conform", []),
        ({"rounding": D("-0.05"), "payable": D("1391.95")}, "conform", []),
        ({"rounding": D("0.06"), "payable": D("1392.06")}, "discrepancy", ["rounding_amount"]),
        ({"rounding": D("-0.06"), "payable": D("1391.94")}, "discrepancy", ["rounding_amount"]),
        ({"rounding": D("100.00"), "payable": D("1492.00")}, "discrepancy", ["rounding_amount"]),
        ({"rounding": D("0.05")}, "discrepancy", ["payable"]),
        # What is collected for somebody else is no price of the schedule.
        ({"third_party": D("8.00"), "payable": D("1400.00")}, "undetermined", ["third_party"]),
        # The VAT is not stated: what the rest leaves is still known.
        ({"vat": None}, "conform", []),
        ({"total_incl_vat": None}, "conform", []),
        ({"total_incl_vat": None, "payable": D("1393.00")}, "discrepancy", ["payable"]),
        ({"vat": None, "total_incl_vat": None}, "undetermined", ["payable_missing"]),
        ({"vat": None, "total_incl_vat": None, "payable": None}, "undetermined", ["payable_missing"]),
        ({"issued": date(2026, 3, 2), "due": date(2026, 3, 2)}, "conform", []),
        ({"issued": date(2026, 3, 2), "due": date(2026, 3, 1)}, "conform", ["due_before_issue"]),
        ({"issued": None, "due": date(2026, 3, 1)}, "conform", []),
    ],
)
def test_the_amount_due_is_what_the_rest_says(
    changes: dict[str, Any], verdict: str, found: list[str]
) -> None:
    assert payable(replace(RIGHT, **changes)) == (verdict, found)


def test_a_credit_note_gives_back() -> None:
    credit = replace(RIGHT, type_code="381")
    assert check_invoice(credit, expected=first()).amount_due == D("-1392.00")
    assert check_invoice(replace(credit, payable=None), expected=first()).amount_due == D("-1392.00")
    paid = replace(credit, prepaid=D("392.00"), payable=D("1000.00"))
    assert payable(paid)[1] == ["prepaid"]


def test_a_negative_invoice_gives_back() -> None:
    back = totals("-1160.00", payable=D("-1000.00"), prepaid=D("-392.00"))
    assert payable(back) == ("conform", ["prepaid"])
    raised = totals("-1160.00", payable=D("-1784.00"), prepaid=D("392.00"))
    assert payable(raised) == ("discrepancy", ["prepaid_sign"])


@pytest.mark.parametrize("syntax", ["csv", "json", "xlsx"])
def test_a_table_may_write_what_is_paid_as_a_deduction(syntax: str) -> None:
    paid = replace(RIGHT, syntax=syntax, prepaid=D("-392.00"))
    assert payable(replace(paid, payable=D("1000.00"))) == ("conform", ["prepaid"])
    assert payable(replace(paid, payable=D("1784.00"))) == ("discrepancy", ["payable", "prepaid"])
    answer = check_invoice(replace(paid, payable=None), expected=first())
    assert answer.amount_due == D("1000.00")
    assert "Amount due (derived) €1,000.00 €1,000.00 €0.00" in shown(replace(paid, payable=None))
    assert "392.00 € is deducted as paid already (BT-113)." in [str(item.message) for item in answer.findings]
    back = replace(totals("-1160.00"), syntax=syntax, prepaid=D("392.00"), payable=D("-1000.00"))
    assert payable(back) == ("conform", ["prepaid"])


def test_whole_coins_of_another_currency() -> None:
    crowns = replace(RIGHT, currency="DKK")
    assert payable(replace(crowns, rounding=D("0.50"), payable=D("1392.50"))) == ("conform", [])
    assert payable(replace(crowns, rounding=D("0.51"), payable=D("1392.51"))) == (
        "discrepancy",
        ["rounding_amount"],
    )
    assert payable(replace(crowns, currency="", rounding=D("0.50"), payable=D("1392.50")))[0] == "discrepancy"


def test_what_is_found_has_its_words_and_its_official_reason() -> None:
    words = {
        "payable": "1392.00 € remains to be paid; the document says 1400.00 € (BT-115).",
        "prepaid_sign": "-8.00 € is said to be paid already: of the opposite sign, it raises the amount due (BT-113).",
        "rounding_amount": "A rounding of 8.00 € is no rounding: at most 0.05 € (BT-114).",
        "third_party": "8.00 € of the amount due is collected on behalf of somebody else (BT-179).",
        "prepaid": "8.00 € is deducted as paid already (BT-113).",
        "due_before_issue": "It is due on 2026-03-01, before its own day, 2026-03-02.",
    }
    more: dict[str, dict[str, Any]] = {
        "payable": {"payable": D("1400.00")},
        "prepaid_sign": {"payable": D("1400.00"), "prepaid": D("-8.00")},
        "rounding_amount": {"payable": D("1400.00"), "rounding": D("8.00")},
        "third_party": {"payable": D("1400.00"), "third_party": D("8.00")},
        "prepaid": {"payable": D("1384.00"), "prepaid": D("8.00")},
        "due_before_issue": {"due": date(2026, 3, 1)},
    }
    for code, changes in more.items():
        answer = check_invoice(replace(RIGHT, **changes), expected=first())
        (finding,) = (item for item in answer.findings if item.code == code)
        assert str(finding.message) == words[code]
        told = {"prepaid": "info", "third_party": "warning", "due_before_issue": "warning"}
        assert finding.severity == told.get(code, "error")
        if finding.severity == "error":
            assert finding.dispute is not None
            assert finding.dispute.code == "MONTANTTOTAL_ERR"
            assert finding.difference == (D("-8.00") if code == "prepaid_sign" else D("8.00"))


def test_no_amount_due_is_known() -> None:
    answer = check_invoice(totals("1160.00", vat=None, total_incl_vat=None), expected=first())
    assert answer.amount_due is None
    (finding,) = (item for item in answer.findings if item.code == "payable_missing")
    assert str(finding.message) == "The amount due is not known: neither it nor a total incl. VAT is stated."
    told = check_invoice(totals("1160.00", vat=None, total_incl_vat=None, payable=D(5)), expected=first())
    (finding,) = (item for item in told.findings if item.code == "payable_missing")
    assert str(finding.message) == "The amount due cannot be checked: no total incl. VAT is stated."
    assert told.amount_due == 5


def shown(invoice: Invoice) -> str:
    answer = check_invoice(invoice, expected=first())
    return " ".join(check_document(answer).as_text(Language("en"), width=120).split())


def test_the_amount_due_is_shown() -> None:
    assert "Amount due €1,392.00 Schedule" in shown(RIGHT)
    assert "Amount due €1,392, on 1 Apr 2026 Schedule" in shown(replace(RIGHT, due=date(2026, 4, 1)))
    assert "Amount due (derived) €1,392.00 Schedule" in shown(
        replace(RIGHT, total_incl_vat=None, payable=None)
    )
    assert "Amount due €1,392.00 Schedule" in shown(replace(RIGHT, payable=None))
    assert "Amount due not known Schedule" in shown(
        replace(RIGHT, vat=None, total_incl_vat=None, payable=None)
    )
    assert "Amount due 1,392.00 HUF Schedule" in shown(replace(RIGHT, currency="HUF"))
    assert "Amount due 1,392.00 HUF, on 1 Apr 2026" in shown(
        replace(RIGHT, currency="HUF", due=date(2026, 4, 1))
    )


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"prepaid": D("392.00"), "payable": D("1000.00")}, "Amount due €1,000.00 €1,000.00 €0.00"),
        ({"prepaid": D("392.00"), "payable": None}, "Amount due (derived) €1,000.00 €1,000.00 €0.00"),
        ({"rounding": D("100.00"), "payable": D("1492.00")}, "Amount due €1,392.00 €1,492.00 €100.00"),
        ({"rounding": D("0.05"), "payable": D("1392.05")}, "Amount due €1,392.05 €1,392.05 €0.00"),
        ({"prepaid": D("-500.00"), "payable": D("1892.00")}, "Amount due €1,392.00 €1,892.00 €500.00"),
        (
            {"vat": None},
            "VAT at 20% (derived) €232.00 €232.00 €0.00 Total incl. VAT €1,392.00 €1,392.00 €0.00",
        ),
    ],
)
def test_what_stands_between_the_total_and_the_amount_due_is_shown(changes: dict[str, Any], row: str) -> None:
    assert row in shown(replace(RIGHT, **changes))


def test_a_right_amount_due_is_not_said_twice() -> None:
    assert shown(RIGHT).count("Amount due") == 1


def test_findings_of_sums_vat_and_amount_due_are_errors_together() -> None:
    answer = check_invoice(
        replace(RIGHT, total_incl_vat=D("1492.00"), payable=D("1492.00")), expected=first()
    )
    assert answer.verdict == "discrepancy"
    assert codes(answer) == ["total_incl_vat"]
    assert answer.verdicts["payable"] == "conform"  # it is what the total says


# EN 16931's list of UNTDID 1001: those by which a fee may be billed or given back; all others are something else.
BILLS = {"326", "331", "380", "384", "385", "386", "388", "393", "472"} | {"81", "262", "381", "396", "503"}


def test_a_document_that_asks_for_no_payment_is_open_and_not_booked() -> None:
    assert {"71", "82", "84", "325", "751", "389"} <= INVOICE_TYPES - BILLS
    assert INVOICE_TYPES | CREDIT_NOTE_TYPES >= BILLS
    for code in sorted(INVOICE_TYPES | CREDIT_NOTE_TYPES):
        invoice = replace(RIGHT, type_code=code)
        if code in BILLS:
            assert "no_invoice" not in payable(invoice)[1], code
        else:
            assert payable(invoice) == ("undetermined", ["no_invoice"]), code
    answer = check_invoice(replace(RIGHT, type_code="325"), expected=first())
    assert answer.verdict == "undetermined"
    with pytest.raises(RequestError, match="325 .UNTDID 1001: pro forma invoice"):
        opqibi.entries([answer])
    assert opqibi.entries([check_invoice(RIGHT, expected=first())])


@pytest.mark.parametrize(
    ("remark", "code", "words"),
    [
        ("FACTURE PRO FORMA, ne pas payer", "no_invoice", "FACTURE PRO FORMA,"),
        ("Devis", "no_invoice", "Devis"),
        ("Annulée", "no_invoice", "Annulée"),
        ("Ceci n’est pas une facture.", "no_invoice", "n’est pas une facture."),
        ("DUPLICATA", "may_not_be_due", "DUPLICATA"),
        ("Facture déjà réglée par CB", "may_not_be_due", "Facture déjà réglée"),
        ("Facture acquittée le 03/03/2026", "may_not_be_due", "Facture acquittée"),
        ("Cette facture annule et remplace la facture F-0", "may_not_be_due", "annule et remplace"),
        ("Relance n° 2", "may_not_be_due", "Relance n° 2"),
        ("Payé", "may_not_be_due", "Payé"),
        ("Payé par CB", "may_not_be_due", "Payé par"),
        ("Réglée par virement du 5 mars", "may_not_be_due", "Réglée par"),
        ("PAYÉ CB LE 05/03", "may_not_be_due", "PAYÉ CB"),
        ("Acquittée en espèces ce jour.", "may_not_be_due", "Acquittée en"),
        ("★ RÉGLÉ 05.03.26", "may_not_be_due", "RÉGLÉ 05.03.26"),
        ("Payée par CB : 1 803,50 EUR", "may_not_be_due", "Payée par"),
        ("Prélevée le 5 mars", "may_not_be_due", "Prélevée le"),
        ("Paid by card", "may_not_be_due", "Paid by"),
        ("Déjà comptabilisée", "may_not_be_due", "Déjà comptabilisée"),
        ("LITIGE", "may_not_be_due", "LITIGE"),
        ("Annulée par l’avoir AV-1", "no_invoice", "Annulée par"),
        ("Payée par carte bancaire le 02/03/2026", "may_not_be_due", "Payée par"),
        ("Facture simulée – ne pas comptabiliser", "no_invoice", "Facture simulée"),
        ("Solde antérieur : 1 803,50 €", "may_not_be_due", "Solde antérieur"),
        ("Avoir à déduire", "may_not_be_due", "Avoir à déduire"),
        ("Avoir n° A-12 à déduire de cette facture", "may_not_be_due", "Avoir n° A-12 à déduire"),
        ("RELEVÉ DE COMPTE", "may_not_be_due", "RELEVÉ DE COMPTE"),
        ("Relevé de compte au 31/03/2026", "may_not_be_due", "Relevé de compte au"),
        ("FACTURE (COPIE)", "may_not_be_due", "FACTURE (COPIE)"),
        ("Copie de facture", "may_not_be_due", "Copie de facture"),
        ("Somme réglée ce jour par CB", "may_not_be_due", "Somme réglée ce jour"),
        ("Paiement effectué par CB le 02/03/2026", "may_not_be_due", "Paiement effectué par"),
        ("Facture soldée", "may_not_be_due", "Facture soldée"),
    ],
)
def test_words_that_say_that_it_may_not_be_due_leave_it_open(remark: str, code: str, words: str) -> None:
    answer = check_invoice(replace(RIGHT, remarks=("Merci.", remark)), expected=first())
    assert (answer.verdict, answer.verdicts["payable"]) == ("undetermined", "undetermined")
    (found,) = (item for item in answer.findings if item.undetermined)
    assert found.code == code
    assert f"« {words} »" in str(found.message)


@pytest.mark.parametrize(
    "remark",
    [
        "Selon devis n° D-12 accepté le 3 mars",
        "Devis :",
        "TVA acquittée sur les encaissements",
        "Toute facture non réglée à l’échéance porte intérêt",
        "Cette facture sera réglée par prélèvement le 3 avril",
        "Toute facture réglée le 30 du mois donne droit à un escompte",
        "Pénalités exigibles sans qu’un rappel soit nécessaire",
        "Acompte réglé le 3 mars",
        "litige.",
        "Litiges : tribunal de commerce de Paris",
        "Règlement par virement",
        "Payer en ligne",
        "Solde le 31 mars",
        "Montant payable par virement, non payé par chèque",
        "TVA payée par le preneur",
        "Un relevé de compte vous sera adressé",
        "Merci de joindre une copie de la facture à votre règlement",
        "Toute somme réglée le jour de l’échéance l’est sans pénalité",
        "Tout paiement effectué par chèque est à l’ordre de l’OPQIBI",
        "",
    ],
)
def test_ordinary_mentions_do_not(remark: str) -> None:
    assert payable(replace(RIGHT, remarks=(remark,))) == ("conform", [])


def test_a_person_who_says_what_is_due_settles_a_note() -> None:
    """1 392,00 is due; a pro forma by its type is none, whoever says what."""
    noted = replace(RIGHT, remarks=("Relance n° 2",))
    shown = check_document(check_invoice(noted, expected=first()))
    assert "Amount due (not established)" in [str(label) for label, _ in shown.facts]

    def told(invoice: Invoice, said: str) -> str:
        return check_invoice(invoice, expected=first(), confirmed={"payable": said}).verdict

    assert told(noted, "1392,00") == "conform"
    assert told(replace(noted, type_code="325"), "1392,00") == "undetermined"
    for other in ("1391", "x"):
        with pytest.raises((RequestError, AmountError)):
            told(noted, other)
    unknown = replace(noted, payable=None, total_incl_vat=None, vat=None, lines=(), total_excl_vat=None)
    assert told(unknown, "5") == "undetermined"


def test_what_corrects_an_invoice_rightly_speaks_of_it() -> None:
    for code in ("381", "384"):
        said = replace(RIGHT, type_code=code, remarks=("Annule la facture F-0, réglée le 3 mars",))
        assert payable(said)[1] == []
        assert payable(replace(said, remarks=("PRO FORMA",)))[1] == ["no_invoice"]


@pytest.mark.parametrize("number", [None, ""])
def test_an_invoice_has_a_number(number: str | None) -> None:
    assert payable(replace(RIGHT, number=number)) == ("undetermined", ["number_missing"])


def test_what_the_data_say_is_settled_by_who_knows_what_is_left_to_pay() -> None:
    """All but that it is a test, which nobody pays."""
    said = replace(RIGHT, process="S2", means=("97",), is_copy=True, advances=D("100.00"))
    assert payable(said)[1] == ["may_not_be_due"] * 3 + ["prepaid_listed"]

    def known(invoice: Invoice) -> list[str]:
        answer = check_invoice(invoice, expected=first(), confirmed={"payable": "1392,00"})
        return [item.code for item in answer.findings if item.about == "payable"]

    assert known(said) == []
    assert known(replace(said, is_test=True)) == ["no_invoice"]
