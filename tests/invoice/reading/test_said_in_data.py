"""What the data of an e-invoice say beside its figures, against paying it as it stands.

One line of 180,00 €, « Utilisation de la marque », due in full for four years, at 20 %, to Lyon.
"""

import json
from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.reading.einvoice import read_einvoice
from opqibi_rules.invoice.reading.invoice_file import invoices_in
from opqibi_rules.price.quote import quote
from tests.editions.pinned import TABLES_2024
from tests.invoice.reading.made_invoices import cii, line, ubl

ON = date(2026, 3, 2)
MARK = quote(on=ON, event="renewal", tariffs={1: 2}, turnover=150000, tables=TABLES_2024)
CONTROL = quote(on=ON, event="control", qualifications=["1905:5"], tables=TABLES_2024)
YEAR, FOUR = ("20260518", "20270517"), ("20260518", "20300517")
EXEMPT = "<ram:ExemptionReason>Article 293 B du CGI</ram:ExemptionReason>"


def put(before: str, what: str, text: bytes | None = None) -> bytes:
    """The invoice with something more before a place."""
    data = (text or cii()).replace(b"97400", b"69003").decode()
    assert before in data
    return data.replace(before, what + before, 1).encode()


def check(data: bytes, today: date | None = None) -> InvoiceCheck:
    return check_invoice(read_einvoice(data, "f.xml"), expected=MARK, tables=TABLES_2024, today=today)


def found(data: bytes) -> tuple[str, list[str]]:
    """The verdict, and why it is none; what the check shows of the invoice, given back to it, comes to the same."""
    answer = check(data)
    (again,) = invoices_in(json.dumps(answer.to_dict()).encode(), "again.json")
    assert check_invoice(again, expected=MARK, tables=TABLES_2024).findings == answer.findings
    return answer.verdict, [item.code for item in answer.findings if item.undetermined]


def period(first: str, last: str) -> str:
    days = (("Start", first), ("End", last))
    return "".join(
        [
            "<ram:BillingSpecifiedPeriod>",
            *(
                f"<ram:{name}DateTime><udt:DateTimeString>{day}</udt:DateTimeString></ram:{name}DateTime>"
                for name, day in days
            ),
            "</ram:BillingSpecifiedPeriod>",
        ]
    )


HEAD, DOCUMENT, ISSUED = "<ram:GuidelineSpecified", "<ram:TypeCode>380", "<ram:IssueDateTime>"
SETTLED, ROW = "<ram:SpecifiedTradeSettlementHeader", "<ram:SpecifiedTradeSettlementLine"
MEANS = "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>{}</ram:TypeCode>{}</ram:SpecifiedTradeSettlementPaymentMeans>"
NOTE = "<ram:IncludedNote><ram:Content>{}</ram:Content></ram:IncludedNote>"
ATTRIBUTE = (
    "<ram:ApplicableProductCharacteristic><ram:Description>Durée</ram:Description><ram:Value>{}</ram:Value>"
    "</ram:ApplicableProductCharacteristic>"
)
TERMS = (
    "<ram:SpecifiedTradePaymentTerms><ram:Description>{}</ram:Description></ram:SpecifiedTradePaymentTerms>"
)
PROCESS = (
    "<ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>{}</ram:ID>"
    "</ram:BusinessProcessSpecifiedDocumentContextParameter>"
)


@pytest.mark.parametrize(
    ("before", "what", "why"),
    [
        (ROW, period(*FOUR), []),
        (ROW, period("20260518", "20300518"), []),  # « de quantième à quantième »
        (ROW, period(*YEAR), ["line_wording"]),
        (ROW, period("20240518", "20280517"), ["line_wording"]),  # four years, long begun
        (SETTLED, period(*FOUR), []),
        (SETTLED, period(*YEAR), ["line_wording"]),
        (SETTLED, period("20260518", ""), []),
        ("</ram:AssociatedDocumentLineDocument>", NOTE.format("1re année"), ["line_wording"]),
        ("</ram:AssociatedDocumentLineDocument>", NOTE.format("Offert"), ["line_wording"]),
        ("</ram:AssociatedDocumentLineDocument>", NOTE.format("Dossier 2026-12"), []),
        ("</ram:SpecifiedTradeProduct>", ATTRIBUTE.format("1 an"), ["line_wording"]),
        ("</ram:SpecifiedTradeProduct>", ATTRIBUTE.format("4 ans"), []),
        (SETTLED, TERMS.format("Payée par carte le 02/03/2026"), ["may_not_be_due"]),
        (SETTLED, TERMS.format("30 jours fin de mois ; pas d’escompte"), []),
        (HEAD, "<ram:TestIndicator><udt:Indicator>true</udt:Indicator></ram:TestIndicator>", ["no_invoice"]),
        (HEAD, "<ram:TestIndicator><udt:Indicator>0</udt:Indicator></ram:TestIndicator>", []),
        (ISSUED, "<ram:CopyIndicator><udt:Indicator>1</udt:Indicator></ram:CopyIndicator>", ["may_not_be_due"]),
        (HEAD, PROCESS.format("S1"), []),
        (HEAD, PROCESS.format("S2"), ["may_not_be_due"]),
        ("<ram:ApplicableTradeTax><ram:Calc", MEANS.format("58", ""), []),
        ("<ram:ApplicableTradeTax><ram:Calc", MEANS.format("59", ""), []),  # told, and right
        ("<ram:ApplicableTradeTax><ram:Calc", MEANS.format("97", ""), ["may_not_be_due"]),
        ("<ram:ApplicableTradeTax><ram:Calc", MEANS.format("54", ""), ["may_not_be_due"]),
        (
            "</ram:ApplicableHeaderTradeSettlement>",
            "<ram:SpecifiedAdvancePayment><ram:PaidAmount>100.00</ram:PaidAmount></ram:SpecifiedAdvancePayment>",
            ["prepaid_listed"],
        ),
        (
            "</ram:ApplicableHeaderTradeSettlement>",
            "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>F-0</ram:IssuerAssignedID>"
            "</ram:InvoiceReferencedDocument>",
            ["preceding_alone"],
        ),
        ("<ram:BasisAmount>", EXEMPT, ["vat_denied"]),
        (ISSUED, NOTE.format("TVA non applicable, art. 293 B du CGI"), ["vat_denied"]),
        (ISSUED, NOTE.format("TVA acquittée sur les débits"), []),
        (ISSUED, NOTE.format("Pas d’autoliquidation"), []),
    ],
)  # fmt: skip
def test_what_the_data_say_beside_the_figures(before: str, what: str, why: list[str]) -> None:
    assert found(put(before, what)) == ("undetermined" if why else "conform", why)


@pytest.mark.parametrize(
    ("quantity", "price", "unit", "verdict"),
    [
        ("4", "45.00", "ANN", "conform"),
        ("1", "180.00", "ANN", "undetermined"),
        ("12", "15.00", "MON", "undetermined"),
        ("1", "180.00", "H87", "conform"),
    ],
)
def test_a_unit_of_time_counts_the_years_of_the_fee(
    quantity: str, price: str, unit: str, verdict: str
) -> None:
    of = line(quantity=quantity, price=price).replace(
        f'"C62">{quantity}</ram:Billed', f'"{unit}">{quantity}</ram:Billed'
    )
    assert found(put(ROW, "", cii(lines=of)))[0] == verdict


def test_a_control_is_of_one_year() -> None:
    """125,00 + 28,00 € for one qualification at tariff 5: of a year, or of the month in which it is made."""
    amounts = {"price": "153.00", "amount": "153.00", "name": "Contrôle annuel 2026"}
    whole = {"excl_vat": "153.00", "vat": "30.60", "incl_vat": "183.60", "vat_totals": ""}
    for days, verdict in ((YEAR, "conform"), (("20260301", "20260331"), "conform"), (FOUR, "undetermined")):
        data = put(SETTLED, period(*days), cii(lines=line(**amounts), **whole))
        answer = check_invoice(
            read_einvoice(data, "f.xml"), expected=CONTROL, fees=["annual_control"], tables=TABLES_2024
        )
        assert answer.verdicts["price"] == verdict, days


def test_a_period_that_is_no_day_is_told() -> None:
    invoice = read_einvoice(put(SETTLED, period("20260518", "20260231")), "f.xml")
    assert invoice.period is None
    assert [str(note) for note in invoice.notes] == [
        "A period is not read (BG-14, BG-26): 20260518, 20260231."
    ]


def test_ubl_says_them_too() -> None:
    data = ubl().decode()
    for before, what in (
        ("<cbc:ID>F-9", "<cbc:ProfileID>S2</cbc:ProfileID>"),
        ("<cbc:IssueDate>", "<cbc:CopyIndicator>true</cbc:CopyIndicator>"),
        ("<cac:TaxTotal>", "<cac:PaymentMeans><cbc:PaymentMeansCode>48</cbc:PaymentMeansCode></cac:PaymentMeans>"),
        ("<cac:TaxTotal>", '<cac:PrepaidPayment><cbc:PaidAmount currencyID="EUR">8.00</cbc:PaidAmount></cac:PrepaidPayment>'),
        ("<cac:TaxTotal>", "<cac:PaymentTerms><cbc:Note>Facture acquittée</cbc:Note></cac:PaymentTerms>"),
        ("<cac:AccountingSupplierParty>", "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-0</cbc:ID>"
         "<cbc:IssueDate>2025-03-02</cbc:IssueDate></cac:InvoiceDocumentReference></cac:BillingReference>"),
        ("<cac:AccountingSupplierParty>", "<cac:InvoicePeriod><cbc:StartDate>2026-03-01</cbc:StartDate>"
         "<cbc:EndDate>2027-02-28</cbc:EndDate></cac:InvoicePeriod>"),
        ("<cac:Item>", "<cac:InvoicePeriod><cbc:StartDate>2026-03-01</cbc:StartDate>"
         "<cbc:EndDate>2030-02-28</cbc:EndDate></cac:InvoicePeriod>"),
    ):  # fmt: skip
        assert before in data
        data = data.replace(before, what + before, 1)
    read = read_einvoice(data.encode(), "f.xml")
    assert (read.process, read.is_copy, read.means, read.advances) == ("S2", True, ("48",), Decimal("8.00"))
    assert (read.preceding_days, read.remarks) == ({"F-0": date(2025, 3, 2)}, ("Facture acquittée",))
    assert read.period == (date(2026, 3, 1), date(2027, 2, 28))
    assert read.lines[0].period == (date(2026, 3, 1), date(2030, 2, 28))


def test_what_is_paid_and_nothing_due_agrees() -> None:
    """A bill already paid (S2) that deducts all it bills: 216,00 paid, 0,00 due."""
    paid = put(HEAD, PROCESS.format("S2")).decode()
    paid = paid.replace(
        "<ram:DuePayableAmount>216.00",
        "<ram:TotalPrepaidAmount>216.00</ram:TotalPrepaidAmount><ram:DuePayableAmount>0.00",
    )
    assert found(paid.encode()) == ("conform", [])


def test_who_collects_is_told() -> None:
    answer = check(put("<ram:ApplicableTradeTax><ram:Calc", MEANS.format("59", "")))
    assert "collected" in [item.code for item in answer.findings]


@pytest.mark.parametrize(
    ("day", "verdict"), [(ON, "conform"), (date(2026, 3, 1), "undetermined"), (None, "conform")]
)
def test_an_invoice_dated_after_the_day_of_the_check_is_not_to_be_paid_yet(
    day: date | None, verdict: str
) -> None:
    answer = check(put(ROW, ""), day)
    assert answer.verdict == verdict
    assert answer.verdicts["payable"] == verdict
