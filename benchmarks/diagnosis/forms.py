"""A paper given to the checker: built in memory, or written as JSON, CSV, CII (Factur-X) or UBL and read back."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import opqibi_rules as opqibi
from benchmarks.diagnosis.layouts import Paper, Party

CII = "urn:un:unece:uncefact:data:standard"
CII_ENTITY = f"{CII}:ReusableAggregateBusinessInformationEntity:100"
UBL = "urn:oasis:names:specification:ubl:schema:xsd"


def invoice(paper: Paper, folder: Path) -> opqibi.Invoice:
    """The paper as the package takes it."""
    if paper.layout.form == "memory":
        return in_memory(paper)
    from opqibi_rules.invoice.reading.invoice_file import read_invoices

    path = folder / "invoice"  # what a file holds tells its form, not its name
    path.write_text(WRITERS[paper.layout.form](paper), encoding="utf-8")
    (read,) = read_invoices(path)
    return read


def in_memory(paper: Paper) -> opqibi.Invoice:
    fraction, grouped = paper.rate / 100, paper.layout.grouped
    group = opqibi.VatGroup(fraction, paper.excl_vat, paper.vat, category="S" if paper.rate else "E")
    return opqibi.Invoice(
        number=paper.number,
        issued=paper.situation.on,
        type_code="380",
        currency="EUR",
        seller=party(paper.seller),
        buyer=party(paper.buyer),
        ibans=(paper.iban,),
        lines=tuple(
            opqibi.InvoiceLine(
                str(number),
                name=line.words,
                quantity=None if line.quantity is None else Decimal(line.quantity),
                unit_price=line.unit,
                amount=line.amount,
                vat_rate=fraction if grouped else None,
            )
            for number, line in enumerate(paper.lines, 1)
        ),
        allowances=paper.allowance or None,
        total_excl_vat=paper.excl_vat,
        vat=paper.vat,
        total_incl_vat=paper.incl_vat,
        prepaid=paper.prepaid or None,
        rounding=paper.rounding or None,
        payable=paper.due,
        vat_groups=(group,) if grouped else (),
    )


def party(given: Party) -> opqibi.Party:
    return opqibi.Party(name=given.name, siren=given.siren, postcode=given.postcode)


def french(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def as_csv(paper: Paper) -> str:
    """As a bookkeeper types it: a line a row, the totals below."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(
        ["N° facture", "Date", "Fournisseur", "Client", "SIREN client", "Code postal", "Libellé", "Qté", "PU HT"]
        + ["Montant HT", *(["Taux TVA"] if paper.layout.grouped else [])]
        + (["Total HT", "TVA", "TTC", "Acompte", "Net à payer"] if not paper.lines else [])
    )  # fmt: skip
    head = [paper.number, f"{paper.situation.on:%d/%m/%Y}", paper.seller.name or "", paper.buyer.name or ""]
    head += [paper.buyer.siren or "", paper.buyer.postcode or ""]
    rate = [f"{paper.rate} %".replace(".", ",")] if paper.layout.grouped else []
    totals = [paper.excl_vat, paper.vat, paper.incl_vat, paper.prepaid, paper.due]
    if not paper.lines:
        rows.writerow([*head, "", "", "", "", *rate, *map(french, totals)])
    for line in paper.lines:
        unit = "" if line.unit is None else french(line.unit)
        rows.writerow([*head, line.words, line.quantity or "", unit, french(line.amount), *rate])
    if paper.lines:
        for name, amount in zip(
            ("Total HT", "TVA", "Total TTC", "Acompte", "Net à payer"), totals, strict=True
        ):
            if amount or name != "Acompte":
                rows.writerow([paper.number, "", "", "", "", "", name, "", "", french(amount)])
    return out.getvalue()


def as_json(paper: Paper) -> str:
    lines = [
        {"libellé": line.words, "montant": str(line.amount)}
        | ({"quantité": line.quantity, "pu ht": str(line.unit)} if line.quantity else {})
        | ({"taux tva": f"{paper.rate} %"} if paper.layout.grouped else {})
        for line in paper.lines
    ]
    seller = {"name": paper.seller.name} | ({"siren": paper.seller.siren} if paper.seller.siren else {})
    buyer = {"name": paper.buyer.name, "siren": paper.buyer.siren, "postcode": paper.buyer.postcode}
    whole = {
        "numéro": paper.number,
        "date": paper.situation.on.isoformat(),
        "seller": {key: value for key, value in seller.items() if value},
        "buyer": {key: value for key, value in buyer.items() if value},
        "total ht": str(paper.excl_vat),
        "tva": str(paper.vat),
        "total ttc": str(paper.incl_vat),
        "net à payer": str(paper.due),
    }
    if paper.prepaid:
        whole["acompte"] = str(paper.prepaid)
    return json.dumps(whole | ({"lignes": lines} if lines else {}), ensure_ascii=False)


def tag(name: str, *inside: object, **attributes: str) -> str:
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(map(str, inside))}</{name}>"


def category(paper: Paper) -> str:
    return "S" if paper.rate else "E"


def as_cii(paper: Paper) -> str:
    """The XML of a Factur-X: EN 16931, or BASIC WL where there is no line."""

    def ram(name: str, *inside: object, **attributes: str) -> str:
        return tag(f"ram:{name}", *inside, **attributes)

    rate = ram("CategoryCode", category(paper)) + ram("RateApplicablePercent", paper.rate)

    def tax(amount: str = "", basis: str = "") -> str:
        reason = ram("ExemptionReason", "Exonération") if amount and not paper.rate else ""
        return ram("ApplicableTradeTax", amount, ram("TypeCode", "VAT"), reason, basis, rate)

    def line(number: int) -> str:
        given = paper.lines[number]
        unit = given.amount if given.unit is None else given.unit
        return ram(
            "IncludedSupplyChainTradeLineItem",
            ram("AssociatedDocumentLineDocument", ram("LineID", number + 1)),
            ram("SpecifiedTradeProduct", ram("Name", escape(given.words))),
            ram("SpecifiedLineTradeAgreement", ram("NetPriceProductTradePrice", ram("ChargeAmount", unit))),
            ram("SpecifiedLineTradeDelivery", ram("BilledQuantity", given.quantity or 1, unitCode="C62")),
            ram(
                "SpecifiedLineTradeSettlement",
                tax(),
                ram("SpecifiedTradeSettlementLineMonetarySummation", ram("LineTotalAmount", given.amount)),
            ),
        )

    def someone(role: str, given: Party) -> str:
        number = (
            ram("SpecifiedLegalOrganization", ram("ID", given.siren, schemeID="0002")) if given.siren else ""
        )
        place = ram("PostcodeCode", given.postcode) if given.postcode else ""
        address = ram("PostalTradeAddress", place, ram("CountryID", "FR"))
        return ram(role, ram("Name", escape(given.name or "")), number, address)

    group = tax(ram("CalculatedAmount", paper.vat), ram("BasisAmount", paper.excl_vat))
    allowance = ram(
        "SpecifiedTradeAllowanceCharge",
        ram("ChargeIndicator", tag("udt:Indicator", "false")),
        ram("ActualAmount", paper.allowance),
        ram("Reason", "Remise"),
        ram("CategoryTradeTax", ram("TypeCode", "VAT"), rate),
    )
    sums = ram(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        ram("LineTotalAmount", sum((given.amount for given in paper.lines), Decimal(0)) or paper.excl_vat),
        ram("AllowanceTotalAmount", paper.allowance) if paper.allowance else "",
        ram("TaxBasisTotalAmount", paper.excl_vat),
        ram("TaxTotalAmount", paper.vat, currencyID="EUR"),
        ram("RoundingAmount", paper.rounding) if paper.rounding else "",
        ram("GrandTotalAmount", paper.incl_vat),
        ram("TotalPrepaidAmount", paper.prepaid) if paper.prepaid else "",
        ram("DuePayableAmount", paper.due),
    )
    account = ram("PayeePartyCreditorFinancialAccount", ram("IBANID", paper.iban))
    day = tag("udt:DateTimeString", f"{paper.situation.on:%Y%m%d}", format="102")
    profile = "urn:cen.eu:en16931:2017" if paper.lines else "urn:factur-x.eu:1p0:basicwl"
    body = "".join((
        tag("rsm:ExchangedDocumentContext", ram("GuidelineSpecifiedDocumentContextParameter", ram("ID", profile))),
        tag(
            "rsm:ExchangedDocument",
            ram("ID", paper.number),
            ram("TypeCode", "380"),
            ram("IssueDateTime", day),
        ),
        tag(
            "rsm:SupplyChainTradeTransaction",
            *map(line, range(len(paper.lines))),
            ram(
                "ApplicableHeaderTradeAgreement",
                someone("SellerTradeParty", paper.seller),
                someone("BuyerTradeParty", paper.buyer),
            ),
            ram("ApplicableHeaderTradeDelivery"),
            ram(
                "ApplicableHeaderTradeSettlement",
                ram("InvoiceCurrencyCode", "EUR"),
                ram("SpecifiedTradeSettlementPaymentMeans", ram("TypeCode", "30"), account),
                group,
                allowance if paper.allowance else "",
                sums,
            ),
        ),
    ))  # fmt: skip
    spaces = f'xmlns:rsm="{CII}:CrossIndustryInvoice:100" xmlns:ram="{CII_ENTITY}" '
    spaces += f'xmlns:udt="{CII}:UnqualifiedDataType:100"'
    return f"<rsm:CrossIndustryInvoice {spaces}>{body}</rsm:CrossIndustryInvoice>"


def as_ubl(paper: Paper) -> str:
    """A UBL 2.1 invoice of EN 16931."""

    def cac(name: str, *inside: object) -> str:
        return tag(f"cac:{name}", *inside)

    def cbc(name: str, inside: object, **attributes: str) -> str:
        return tag(f"cbc:{name}", inside, **attributes)

    def euros(name: str, amount: Decimal) -> str:
        return cbc(name, amount, currencyID="EUR")

    scheme = cac("TaxScheme", cbc("ID", "VAT"))
    kind = f"{cbc('ID', category(paper))}{cbc('Percent', paper.rate)}"
    reason = "" if paper.rate else cbc("TaxExemptionReason", "Exonération")

    def line(number: int) -> str:
        given = paper.lines[number]
        return cac(
            "InvoiceLine",
            cbc("ID", number + 1),
            cbc("InvoicedQuantity", given.quantity or 1, unitCode="C62"),
            euros("LineExtensionAmount", given.amount),
            cac("Item", cbc("Name", escape(given.words)), cac("ClassifiedTaxCategory", kind, scheme)),
            cac("Price", euros("PriceAmount", given.amount if given.unit is None else given.unit)),
        )

    def someone(role: str, given: Party) -> str:
        place = cbc("PostalZone", given.postcode) if given.postcode else ""
        address = cac("PostalAddress", place, cac("Country", cbc("IdentificationCode", "FR")))
        number = cbc("CompanyID", given.siren, schemeID="0002") if given.siren else ""
        legal = cac("PartyLegalEntity", cbc("RegistrationName", escape(given.name or "")), number)
        return cac(role, cac("Party", address, legal))

    allowance = cac(
        "AllowanceCharge",
        cbc("ChargeIndicator", "false"),
        cbc("AllowanceChargeReason", "Remise"),
        euros("Amount", paper.allowance),
        cac("TaxCategory", kind, scheme),
    )
    subtotal = cac(
        "TaxSubtotal",
        euros("TaxableAmount", paper.excl_vat),
        euros("TaxAmount", paper.vat),
        cac("TaxCategory", kind, reason, scheme),
    )
    sums = cac(
        "LegalMonetaryTotal",
        euros(
            "LineExtensionAmount", sum((given.amount for given in paper.lines), Decimal(0)) or paper.excl_vat
        ),
        euros("TaxExclusiveAmount", paper.excl_vat),
        euros("TaxInclusiveAmount", paper.incl_vat),
        euros("AllowanceTotalAmount", paper.allowance) if paper.allowance else "",
        euros("PrepaidAmount", paper.prepaid) if paper.prepaid else "",
        euros("PayableRoundingAmount", paper.rounding) if paper.rounding else "",
        euros("PayableAmount", paper.due),
    )
    account = cac("PayeeFinancialAccount", cbc("ID", paper.iban))
    body = "".join((
        cbc("CustomizationID", "urn:cen.eu:en16931:2017"),
        cbc("ID", paper.number),
        cbc("IssueDate", paper.situation.on.isoformat()),
        cbc("InvoiceTypeCode", "380"),
        cbc("DocumentCurrencyCode", "EUR"),
        someone("AccountingSupplierParty", paper.seller),
        someone("AccountingCustomerParty", paper.buyer),
        cac("PaymentMeans", cbc("PaymentMeansCode", "30"), account),
        allowance if paper.allowance else "",
        cac("TaxTotal", euros("TaxAmount", paper.vat), subtotal),
        sums,
        *map(line, range(len(paper.lines))),
    ))  # fmt: skip
    spaces = f'xmlns="{UBL}:Invoice-2" xmlns:cac="{UBL}:CommonAggregateComponents-2" '
    return f'<Invoice {spaces}xmlns:cbc="{UBL}:CommonBasicComponents-2">{body}</Invoice>'


WRITERS = {"json": as_json, "csv": as_csv, "cii": as_cii, "ubl": as_ubl}
