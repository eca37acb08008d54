"""Reading e-invoices: what is read is what is written, in both syntaxes; what cannot be trusted is refused."""

import logging
import socket
from dataclasses import replace
from datetime import date
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext

import pytest

from opqibi_rules.errors import FileError, RequestError
from opqibi_rules.invoice.model import Adjustment, Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.invoice.reading import einvoice
from opqibi_rules.invoice.reading.invoice_file import invoices_in
from opqibi_rules.invoice.reading.pdf import read_pdf
from opqibi_rules.invoice.reading.pdf_attachment import is_pdf
from opqibi_rules.paper.quiet import silence
from tests.invoice.reading.made_invoices import CII_NAMESPACE, cii, flate_bomb, line, pdf, ubl

D = Decimal


def read_einvoice(data: bytes, name: str) -> Invoice:
    return read_pdf(data, name) if is_pdf(data) else einvoice.read_einvoice(data, name)


def refusal(data: bytes) -> str:
    with pytest.raises(FileError) as caught:
        read_einvoice(data, "facture")
    return str(caught.value)


def test_every_term_of_a_cii_invoice() -> None:
    assert read_einvoice(cii(), "facture.xml") == Invoice(
        number="F-1",
        issued=date(2026, 3, 2),
        type_code="380",
        currency="EUR",
        syntax="cii",
        profile="urn:cen.eu:en16931:2017",
        seller=Party("OPQIBI", siren="123456782", vat_id="FR11123456782", postcode="75002", country="FR"),
        buyer=Party(
            "Bureau d’études Exemple",
            siren="987654321",
            siret="98765432100029",
            vat_id="FR05987654321",
            postcode="97400",
            country="FR",
        ),
        lines=(
            InvoiceLine(
                "1",
                "Utilisation de la marque",
                "quatre ans",
                D(1),
                D("180.00"),
                D("180.00"),
                D("0.2"),
                "S",
                price_quantity=D(1),
            ),
        ),
        lines_total=D("180.00"),
        total_excl_vat=D("180.00"),
        vat=D("36.00"),
        total_incl_vat=D("216.00"),
        payable=D("216.00"),
        vat_groups=(VatGroup(D("0.2"), D("180.00"), D("36.00"), "S"),),
    )


@pytest.mark.parametrize(("root", "code", "back"), [("Invoice", "380", False), ("CreditNote", "381", True)])
def test_ubl_and_its_second_currency(root: str, code: str, back: bool) -> None:
    invoice = read_einvoice(ubl(root, code=code), "f")
    assert (invoice.syntax, invoice.type_code, invoice.is_credit_note) == ("ubl", code, back)
    assert (invoice.total_excl_vat, invoice.vat, invoice.total_incl_vat) == (
        D("90.00"),
        D("18.00"),
        D("108.00"),
    )
    assert invoice.vat_groups == (VatGroup(D("0.2"), D("90.00"), D("18.00"), "S"),)
    assert invoice.buyer.name == "BE Exemple"
    assert [(item.name, item.quantity, item.amount) for item in invoice.lines] == [
        ("Dossier postulant", D(1), D(86))
    ]


@pytest.mark.parametrize(
    ("written", "amount"), [("true", "4.00"), ("1", "4.00"), ("false", "-4.00"), ("0", "-4.00")]
)
def test_a_boolean_is_a_word_or_a_digit(written: str, amount: str) -> None:
    assert read_einvoice(ubl(indicator=written), "f").adjustments == (
        Adjustment(D(amount), D("0.2"), "S", "frais", is_charge=written in {"true", "1"}),
    )


def test_sub_lines_and_what_a_line_takes_off_or_adds() -> None:
    status = "<ram:LineStatusReasonCode>{}</ram:LineStatusReasonCode>"
    parts = "".join(
        f"<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>{sign}</udt:Indicator>"
        f"</ram:ChargeIndicator><ram:ActualAmount>{amount}</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>"
        for sign, amount in (("false", "2.50"), ("0", "1.50"), ("true", "3.00"))
    )
    lines = (
        line(id="1", status=status.format("GROUP"))
        + line(id="2", status=status.format("DETAIL"), adjustments=parts, per="10", quantity="-2")
        + line(id="3", status=status.format("INFORMATION"))
        + line(id="", status=status.format("OTHER"))
    )
    invoice = read_einvoice(cii(lines=lines), "f")
    assert [item.kind for item in invoice.lines] == ["group", "detail", "information", "detail"]
    assert [item.id for item in invoice.lines] == ["1", "2", "3", "4"]
    second = invoice.lines[1]
    assert (second.allowances, second.charges, second.price_quantity) == (D("4.00"), D("3.00"), D(10))
    assert second.quantity == D(-2)


def test_logistics_charges_of_extended_are_charges() -> None:
    charge = (
        "<ram:SpecifiedLogisticsServiceCharge><ram:Description>port</ram:Description>"
        "<ram:AppliedAmount>5.00</ram:AppliedAmount><ram:AppliedTradeTax><ram:CategoryCode>S</ram:CategoryCode>"
        "<ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:AppliedTradeTax>"
        "</ram:SpecifiedLogisticsServiceCharge>"
    )
    assert read_einvoice(cii(adjustments=charge), "f").adjustments == (
        Adjustment(D(5), D("0.2"), "S", "port", is_charge=True),
    )


def test_a_vat_total_without_its_currency_is_in_that_of_the_invoice() -> None:
    totals = "<ram:TaxTotalAmount>36.00</ram:TaxTotalAmount>"
    assert read_einvoice(cii(vat_totals=totals), "f").vat == D("36.00")


def test_two_vat_totals_that_of_the_invoice_is_chosen() -> None:
    totals = '<ram:TaxTotalAmount currencyID="DKK">268.56</ram:TaxTotalAmount>'
    own = '<ram:TaxTotalAmount currencyID="EUR">36.00</ram:TaxTotalAmount>'
    assert read_einvoice(cii(vat_totals=totals + own), "f").vat == D("36.00")


def test_a_profile_with_totals_alone() -> None:
    invoice = read_einvoice(cii(profile="urn:factur-x.eu:1p0:minimum", lines=""), "f")
    assert (invoice.lines, invoice.total_excl_vat) == ((), D("180.00"))


@pytest.mark.parametrize(
    "profile",
    [
        "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
        "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
        "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr",
        "urn:factur-x.eu:1p0:basicwl",
        "urn:zugferd.de:2p0:minimum",
        "urn:cen.eu:en16931:2026",
    ],
)
def test_known_profiles(profile: str) -> None:
    assert read_einvoice(cii(profile=profile), "f").profile == profile


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"excl_vat": "2400,00"}, "« 2400,00 » is not a number"),
        ({"incl_vat": "1E+100"}, "« 1E+100 » is not a number"),
        ({"incl_vat": "NaN"}, "« NaN » is not a number"),
        ({"vat": "9" * 21}, "is not a number"),
        ({"day": "2026-03-02"}, "BT-2: the issue date « 2026-03-02 » is not written as this format wants it"),
        ({"day": "20260230"}, "BT-2: the issue date « 20260230 » is no day of the calendar"),
        ({"day": ""}, "BT-2: the issue date"),
        ({"currency": "EUR' or '1'='1"}, "is not a currency"),
        ({"currency": ""}, "is not a currency"),
        ({"number": ""}, "BT-1: the invoice number is missing"),
        ({"type": "999"}, "« 999 » is the type of no invoice"),
        ({"profile": "urn:cen.eu:en16931:2017:compliant:factur-x.eu:1p0:basic"}, "is no profile of EN 16931"),
        ({"incl_vat": ""}, "BT-112: the total incl. VAT is missing"),
        ({"vat_totals": '<ram:TaxTotalAmount currencyID="EUR">1.00</ram:TaxTotalAmount>' * 2}, "BT-110: given twice"),
        ({"lines": line().replace("</ram:BilledQuantity>", "</ram:BilledQuantity><ram:BilledQuantity>2</ram:BilledQuantity>")},
         "BG-25[1].BT-129: given twice"),
        ({"lines": "<ram:IncludedSupplyChainTradeLineItem/>" * 1001}, "over 1000 invoice lines"),
    ],
)  # fmt: skip
def test_a_fault_is_named(changes: dict[str, str], expected: str) -> None:
    assert expected in refusal(cii(**changes))


def test_all_the_faults_of_a_file_are_named_with_their_lines() -> None:
    said = refusal(cii(excl_vat="1,00", incl_vat="2,00")).splitlines()
    assert len(said) == 5
    assert all(" line " in f" {one}" for one in said)


def test_hopeless_files_are_not_told_line_by_line() -> None:
    assert len(refusal(cii(lines=line(amount="x", price="x") * 50)).splitlines()) == 20


def test_a_currency_given_twice_or_not_at_all() -> None:
    tag = b"<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>"
    assert "given twice: EUR, EUR" in refusal(cii().replace(tag, tag * 2))
    assert "BT-5: the currency is missing" in refusal(cii().replace(tag, b""))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (cii().replace(CII_NAMESPACE.encode(), b"urn:other:90"), "namespace of <CrossIndustryInvoice> is « urn:other:90 »"),
        (b"<CrossIndustryDocument/>", "ZUGFeRD 1.0, which is no invoice"),
        (b"<SCRDMCCBDACIOMessageStructure/>", "Order-X, which is no invoice"),
        (b"<html/>", "not an e-invoice: the XML starts with <html>"),
        (b"<Invoice/>", "namespace of <Invoice> is «  »"),
        (b"", "an empty file"),
        (b"  \n", "an empty file"),
        (cii()[:900], "cut short"),
        (cii().replace(b"OPQIBI", b"A & B"), "not well-formed XML"),
        (b"<a><b></a></b>", "the tag closed here is not the last one opened"),
        (b"<a b='1' b='2'/>", "an attribute is given twice"),
        (b"<x:a/>", "the prefix of a name is not declared"),
        (b"<a/><b/>", "something stands after its end"),
        (b"<a>&nbsp;</a>", "an entity that XML does not know"),
        (b" <?xml version='1.0'?><a/>", "something stands before <?xml"),
        (b"<a><!-- a -- b --></a>", "two hyphens within a comment"),
        (b"<a><!-- a --> & </a>", "each tag is closed in its turn"),
        ("<?xml version='1.0' encoding='utf-8'?><a>é</a>".encode("latin-1"), "its bytes are not in the encoding"),
        ("<a>é</a>".encode("latin-1"), "its bytes are not in the encoding"),
        ("<?xml version='1.0' encoding='latin-1'?><a>é & b</a>".encode("latin-1"), "each tag is closed in its turn"),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "its bytes are not in the encoding"),
        ("<a>é & b</a>".encode("utf-16"), "each tag is closed in its turn"),
        (b"<a xmlns='u}'><b/></a>", "not"),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", "not"),
        (b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>", "a DOCTYPE: refused"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "a DOCTYPE: refused"),
        (b"<a>" * 200_000, "over 100 levels"),
        (b"<a>" + b"<b/>" * 200_001 + b"</a>", "over 200000 XML elements"),
        (b"<a " + b" ".join(b"b%d=''" % n for n in range(60)) + b"/>", "too many attributes"),
        (b"<" + b"a" * 2000 + b"/>", "huge name"),
        (b"<a>" + b" " * 20_000_001 + b"</a>", "over 20000000 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_invoice_is_refused_by_name(data: bytes, expected: str) -> None:
    assert expected in refusal(data)


def test_an_entity_behind_no_doctype_is_not_well_formed() -> None:
    assert "not well-formed" in refusal(cii(number="&e;"))


def test_a_long_file_keeps_its_first_lines_numbers() -> None:
    assert read_einvoice(cii().replace(b"<rsm:Exch", b"\n" * 70_000 + b"<rsm:Exch", 1), "f").number == "F-1"


def test_attachments_in_the_xml_are_left_out() -> None:
    held = (
        "<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>1</ram:IssuerAssignedID><ram:TypeCode>916</ram:TypeCode>"
        '<ram:AttachmentBinaryObject mimeCode="text/plain" filename="a">not base64!</ram:AttachmentBinaryObject>'
        "</ram:AdditionalReferencedDocument>"
    )
    place = b"</ram:BuyerTradeParty>"
    assert read_einvoice(cii().replace(place, place + held.encode()), "f").number == "F-1"


def test_a_pdf_that_carries_an_invoice() -> None:
    assert read_einvoice(pdf(cii()), "facture.pdf") == read_einvoice(cii(), "facture.xml")
    assert read_einvoice(pdf(cii(), name="ZUGFeRD-invoice.xml"), "f").number == "F-1"
    assert read_einvoice(pdf(cii(), packing="[/FlateDecode]"), "f").number == "F-1"


def test_an_unusual_attachment_is_read_and_noted() -> None:
    (note,) = read_einvoice(pdf(cii(), relationship="/AFRelationship/Source"), "f").notes
    assert "/Source" in str(note)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pdf(None), "no text can be read on its pages"),
        (pdf(cii(), name="facture.xml"), "no attachment is named factur-x.xml; there is: facture.xml"),
        (pdf(cii(), name="facture.xml", listed=False, held="/AF[4 0 R]"), "there is: facture.xml"),
        (pdf(cii(), copies=2), "2 attachments bear the name of the invoice"),
        (pdf(cii(), relationship=""), "AFRelationship is missing"),
        (pdf(cii(), packing="/ASCII85Decode"), "packed in a way"),
        (pdf(b"", packed=flate_bomb(100)), "expands beyond 20 MB"),
        (pdf(cii())[:400], "a damaged PDF"),
        (pdf(b"<html/>"), "not an e-invoice"),
        (pdf(cii()).replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt<</Filter/Standard/V 9>>"), "PDF"),
    ],
)
def test_a_pdf_that_cannot_be_trusted_says_why(data: bytes, expected: str) -> None:
    assert expected in refusal(data)


def test_the_issue_date_may_be_missing_as_a_whole() -> None:
    start, end = cii().index(b"<ram:IssueDateTime>"), cii().index(b"</rsm:ExchangedDocument>")
    assert "BT-2: the issue date is missing" in refusal(cii()[:start] + cii()[end:])


def test_readings_at_the_same_time_leave_the_logs_as_they_were() -> None:
    logger = logging.getLogger("factur-x")
    level = logger.level
    with silence():
        with silence():
            assert not logger.isEnabledFor(logging.CRITICAL)
        assert not logger.isEnabledFor(logging.CRITICAL)
    assert logger.level == level


def test_a_way_of_locking_that_needs_another_library(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdf

    def locked(*_: object) -> None:
        raise pypdf.errors.DependencyError("cryptography is required")

    monkeypatch.setattr(pypdf, "PdfReader", locked)
    assert "protected by a password" in refusal(pdf(cii()))


@pytest.mark.parametrize("word", ["secret", ""])
def test_a_password_is_named(word: str) -> None:
    import io

    import pypdf

    writer = pypdf.PdfWriter(io.BytesIO(pdf(cii())))
    writer.encrypt(word, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    if word:
        assert "protected by a password" in refusal(out.getvalue())
    else:
        assert read_einvoice(out.getvalue(), "f").number == "F-1"


def test_nothing_of_the_invoice_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    loggers = [logging.getLogger(name) for name in ("factur-x", "pypdf")]
    for logger in loggers:
        caplog.set_level(logging.DEBUG, logger=logger.name)
    levels = [logger.level for logger in loggers]
    caplog.set_level(logging.DEBUG)
    read_einvoice(pdf(cii(number="SECRET-42")), "f")
    refusal(cii(number="SECRET-42", type="999"))
    assert "SECRET-42" not in caplog.text
    assert not [record for record in caplog.records if record.name.split(".")[0] in ("factur-x", "pypdf")]
    assert [logger.level for logger in loggers] == levels


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr("opqibi_rules.paper.extras.importlib.import_module", missing)
    with pytest.raises(RequestError, match=r"opqibi-rules\[invoice\]"):
        read_einvoice(cii(), "f")


def test_what_factur_x_did_not_foresee_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    import facturx.parse_xml

    def fails(*_: object, **__: object) -> None:
        raise AssertionError("the whole invoice, quoted")

    monkeypatch.setattr(facturx.parse_xml, "parse_ubl_cii_xml", fails)
    assert "quoted" not in refusal(cii())


def test_neither_the_network_nor_a_caller_s_decimal_context_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network")

    right = [read_einvoice(data, "f") for data in (cii(), ubl(), pdf(cii()))]
    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)
    with localcontext(Context(prec=2, rounding=ROUND_UP, traps=[Inexact])):
        assert [read_einvoice(data, "f") for data in (cii(), ubl(), pdf(cii()))] == right


class TestAnXmlThatThePdfDoesNotList:
    @pytest.mark.parametrize(
        ("held", "page"),
        [
            ("/AF[4 0 R]", ""),
            ("", "/AF[4 0 R]"),
            ("", "/Annots[<</Type/Annot/Subtype/FileAttachment/FS 4 0 R>>]"),
            ("/AF[4 0 R]", "/AF[4 0 R]/Annots[<</Subtype/Link>>]"),
        ],
    )
    def test_it_is_read_and_told(self, held: str, page: str) -> None:
        invoice = read_einvoice(pdf(cii(), listed=False, held=held, page=page), "f")
        assert replace(invoice, notes=()) == read_einvoice(cii(), "f")
        assert [str(note) for note in invoice.notes] == [
            "The XML is not in the PDF's list of attachments, where every receiver looks for it."
        ]

    def test_the_list_comes_first(self) -> None:
        assert read_einvoice(pdf(cii(), held="/AF[4 0 R]"), "f").notes == ()


@pytest.mark.parametrize("junk", [b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n", b"\n" * 900, b" " * 2000])
def test_a_pdf_may_start_after_something_else(junk: bytes) -> None:
    (invoice,) = invoices_in(junk + pdf(cii()), "f")
    assert invoice.number == "F-1"


def test_two_thousand_spaces_are_no_empty_file() -> None:
    (invoice,) = invoices_in(b" " * 2000 + b'{"number": "F-1", "total_ht": "5.00"}', "f")
    assert invoice.number == "F-1"


class TestDays:
    @pytest.mark.parametrize("zone", ["", "Z", "+01:00", "-11:30"])
    def test_a_day_of_ubl_may_bear_a_time_zone(self, zone: str) -> None:
        text = ubl().replace(b"2026-03-02", f"2026-03-02{zone}".encode())
        text = text.replace(b"2026-04-31", f"2026-04-01{zone}".encode())
        invoice = read_einvoice(text, "f")
        assert (invoice.issued, invoice.due, invoice.notes) == (date(2026, 3, 2), date(2026, 4, 1), ())

    @pytest.mark.parametrize("day", ["2026-03-02T00:00:00", "2026-03-02+1:00", "20260302", "2026-03-02 "])
    def test_nothing_else(self, day: str) -> None:
        text = ubl().replace(b"2026-03-02", day.encode())
        if day.endswith(" "):
            assert read_einvoice(text, "f").issued == date(2026, 3, 2)
        else:
            assert "is not written as this format wants it: 2026-11-21" in refusal(text)

    def test_the_due_date(self) -> None:
        terms = (
            "<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>"
            '<udt:DateTimeString format="102">{}</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>'
        )
        assert read_einvoice(cii(), "f").due is None
        assert read_einvoice(cii(adjustments=terms.format("20260401")), "f").due == date(2026, 4, 1)
        twice = terms.format("20260401") * 2
        assert read_einvoice(cii(adjustments=twice), "f").due == date(2026, 4, 1)
        credit = ubl("CreditNote", code="381").replace(
            b"<cbc:DueDate>2026-04-31</cbc:DueDate>",
            b"<cac:PaymentMeans><cbc:PaymentDueDate>2026-04-01</cbc:PaymentDueDate></cac:PaymentMeans>",
        )
        assert read_einvoice(credit, "f").due == date(2026, 4, 1)

    @pytest.mark.parametrize("days", [("20260401", "20260501"), ("20260431",), ("1/4/26",)])
    def test_a_due_date_that_cannot_be_told_is_said(self, days: tuple[str, ...]) -> None:
        terms = "".join(
            "<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>"
            f"<udt:DateTimeString>{day}</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>"
            for day in days
        )
        invoice = read_einvoice(cii(adjustments=terms), "f")
        assert invoice.due is None
        assert [str(note) for note in invoice.notes] == [
            f"The due date is not read (BT-9): {', '.join(days)}."
        ]


def test_what_is_collected_for_somebody_else() -> None:
    collected = (
        "<ram:SpecifiedFinancialAdjustment><ram:ActualAmount>5.00</ram:ActualAmount>"
        "<ram:Reason>taxe</ram:Reason></ram:SpecifiedFinancialAdjustment>"
    )
    assert read_einvoice(cii(adjustments=collected * 2), "f").third_party == D("10.00")
    assert read_einvoice(cii(), "f").third_party is None


class TestSeveralIdentifiersOfOneParty:
    @staticmethod
    def seller(*entities: str, vat: str = "") -> Party:
        old = (
            "<cac:PartyLegalEntity><cbc:RegistrationName>OPQIBI</cbc:RegistrationName></cac:PartyLegalEntity>"
        )
        new = "".join(
            f"<cac:PartyLegalEntity><cbc:RegistrationName>OPQIBI</cbc:RegistrationName>{entity}</cac:PartyLegalEntity>"
            for entity in entities
        )
        return read_einvoice(ubl().replace(old.encode(), (vat + new).encode()), "f").seller

    def test_each_with_its_scheme(self) -> None:
        siren = '<cbc:CompanyID schemeID="0002">123456782</cbc:CompanyID>'
        siret = '<cbc:CompanyID schemeID="0009">123 456 782 00012</cbc:CompanyID>'
        party = self.seller(siren, siret)
        assert (party.name, party.siren, party.siret) == ("OPQIBI", "123456782", "12345678200012")
        assert self.seller(siren + siret).siren == "123456782"
        assert self.seller(siren, siren).siren == "123456782"

    def test_two_that_contradict_each_other_are_none(self) -> None:
        ids = [
            f'<cbc:CompanyID schemeID="0002">{siren}</cbc:CompanyID>' for siren in ("123456782", "434717997")
        ]
        assert self.seller(*ids).siren is None

    def test_one_of_them_without_a_scheme(self) -> None:
        bare = "<cbc:CompanyID>123456782</cbc:CompanyID>"
        other = '<cbc:CompanyID schemeID="0088">3011234567890</cbc:CompanyID>'
        party = self.seller(bare, other)
        assert (party.siren, party.siret) == ("123456782", None)

    def test_two_vat_numbers(self) -> None:
        vat = "".join(
            f"<cac:PartyTaxScheme><cbc:CompanyID>{number}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
            "</cac:PartyTaxScheme>"
            for number in ("FR11123456782", "FR 11 123 456 782")
        )
        assert self.seller("", vat=vat).vat_id == "FR11123456782"
        assert self.seller("", vat=vat.replace("FR 11", "FR 12")).vat_id is None


def test_a_profile_that_is_not_stated_is_said() -> None:
    start, end = cii().index(b"<ram:GuidelineSpecified"), cii().index(b"</rsm:ExchangedDocumentContext>")
    invoice = read_einvoice(cii()[:start] + cii()[end:], "f")
    assert [str(note) for note in invoice.notes] == [
        "The profile that the XML follows is not stated (BT-24)."
    ]


def test_who_is_to_be_paid_and_what_is_said_beside_the_figures() -> None:
    payee = (
        '<ram:PayeeTradeParty><ram:GlobalID schemeID="0088">3012345678900</ram:GlobalID><ram:Name>X</ram:Name>'
        '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">552100554</ram:ID></ram:SpecifiedLegalOrganization>'
        "</ram:PayeeTradeParty><ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode>"
        "<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>FR7630006000011234567890189</ram:IBANID>"
        "<ram:AccountName> M. Dupont </ram:AccountName></ram:PayeePartyCreditorFinancialAccount>"
        "</ram:SpecifiedTradeSettlementPaymentMeans>"
    )
    notes = "<ram:IncludedNote><ram:Content>Un\nmot</ram:Content></ram:IncludedNote>" * 2
    data = cii(adjustments=payee).replace(
        b"</rsm:ExchangedDocument>", f"{notes}</rsm:ExchangedDocument>".encode()
    )
    invoice = read_einvoice(data, "f.xml")
    assert (invoice.payee, invoice.payee_ids) == ("X", ("3012345678900", "552100554"))
    assert (invoice.account_names, invoice.remarks) == (("M. Dupont",), ("Un mot",))
    party = (
        b"<cac:PayeeParty><cac:PartyIdentification><cbc:ID>1</cbc:ID></cac:PartyIdentification><cac:PartyName>"
        b"<cbc:Name>X</cbc:Name></cac:PartyName><cac:PartyLegalEntity><cbc:CompanyID>552100554</cbc:CompanyID>"
        b"</cac:PartyLegalEntity></cac:PayeeParty><cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>"
        b"<cac:PayeeFinancialAccount><cbc:ID>1</cbc:ID><cbc:Name>M. Dupont</cbc:Name></cac:PayeeFinancialAccount>"
        b"</cac:PaymentMeans><cac:AllowanceCharge>"
    )
    said = (
        ubl()
        .replace(b"<cac:AllowanceCharge>", party)
        .replace(b"<cbc:DocumentCurrencyCode>", b"<cbc:Note>Devis</cbc:Note><cbc:DocumentCurrencyCode>")
    )
    invoice = read_einvoice(said, "f.xml")
    assert (invoice.payee_ids, invoice.account_names) == (("1", "552100554"), ("M. Dupont",))
    assert invoice.remarks == ("Devis",)
