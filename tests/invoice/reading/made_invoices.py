"""E-invoices written by hand for the tests: CII, UBL and the PDF that carries one, whole or spoilt at will."""

import zlib

CII_NAMESPACE = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"

LINE = """
<ram:IncludedSupplyChainTradeLineItem>
 <ram:AssociatedDocumentLineDocument><ram:LineID>{id}</ram:LineID>{status}</ram:AssociatedDocumentLineDocument>
 <ram:SpecifiedTradeProduct><ram:Name>{name}</ram:Name><ram:Description>{description}</ram:Description>
 </ram:SpecifiedTradeProduct>
 <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>{price}</ram:ChargeAmount>
  <ram:BasisQuantity unitCode="C62">{per}</ram:BasisQuantity></ram:NetPriceProductTradePrice>
 </ram:SpecifiedLineTradeAgreement>
 <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">{quantity}</ram:BilledQuantity>
 </ram:SpecifiedLineTradeDelivery>
 <ram:SpecifiedLineTradeSettlement>
  <ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>
   <ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>
  {adjustments}
  <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{amount}</ram:LineTotalAmount>
  </ram:SpecifiedTradeSettlementLineMonetarySummation>
 </ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>"""

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{profile}</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{type}</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">{day}</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
{lines}
<ram:ApplicableHeaderTradeAgreement>
 <ram:SellerTradeParty><ram:Name>OPQIBI</ram:Name>
  <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">123456782</ram:ID></ram:SpecifiedLegalOrganization>
  <ram:PostalTradeAddress><ram:PostcodeCode>75002</ram:PostcodeCode><ram:CountryID>FR</ram:CountryID>
  </ram:PostalTradeAddress>
  <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR11123456782</ram:ID></ram:SpecifiedTaxRegistration>
 </ram:SellerTradeParty>
 <ram:BuyerTradeParty><ram:Name>Bureau d’études Exemple</ram:Name>
  <ram:SpecifiedLegalOrganization><ram:ID schemeID="0009">98765432100029</ram:ID></ram:SpecifiedLegalOrganization>
  <ram:PostalTradeAddress><ram:PostcodeCode>97400</ram:PostcodeCode><ram:CountryID>FR</ram:CountryID>
  </ram:PostalTradeAddress>
  <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR 05 987 654 321</ram:ID></ram:SpecifiedTaxRegistration>
 </ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>
 <ram:ApplicableTradeTax><ram:CalculatedAmount>{vat}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
  <ram:BasisAmount>{excl_vat}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>
  <ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>
 {adjustments}
 <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  <ram:LineTotalAmount>{excl_vat}</ram:LineTotalAmount>
  <ram:TaxBasisTotalAmount>{excl_vat}</ram:TaxBasisTotalAmount>
  {vat_totals}
  <ram:GrandTotalAmount>{incl_vat}</ram:GrandTotalAmount>
  <ram:DuePayableAmount>{incl_vat}</ram:DuePayableAmount>
 </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>F-9</cbc:ID><cbc:IssueDate>2026-03-02</cbc:IssueDate><cbc:DueDate>2026-04-31</cbc:DueDate>
<cbc:{root}TypeCode>{type}</cbc:{root}TypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:TaxCurrencyCode>DKK</cbc:TaxCurrencyCode>
<cac:AccountingSupplierParty><cac:Party>
 <cac:PartyLegalEntity><cbc:RegistrationName>OPQIBI</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>BE Exemple</cbc:Name></cac:PartyName>
</cac:Party></cac:AccountingCustomerParty>
<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>
 <cbc:AllowanceChargeReason>frais</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">4.00</cbc:Amount>
 <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:AllowanceCharge>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">18.00</cbc:TaxAmount>
 <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">90.00</cbc:TaxableAmount>
  <cbc:TaxAmount currencyID="EUR">18.00</cbc:TaxAmount>
  <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:TaxTotal><cbc:TaxAmount currencyID="DKK">134.28</cbc:TaxAmount>
 <cac:TaxSubtotal><cbc:TaxableAmount currencyID="DKK">671.40</cbc:TaxableAmount>
  <cbc:TaxAmount currencyID="DKK">134.28</cbc:TaxAmount></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal>
 <cbc:LineExtensionAmount currencyID="EUR">86.00</cbc:LineExtensionAmount>
 <cbc:TaxExclusiveAmount currencyID="EUR">90.00</cbc:TaxExclusiveAmount>
 <cbc:TaxInclusiveAmount currencyID="EUR">108.00</cbc:TaxInclusiveAmount>
 <cbc:ChargeTotalAmount currencyID="EUR">4.00</cbc:ChargeTotalAmount>
 <cbc:PayableAmount currencyID="EUR">108.00</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
<cac:{root}Line><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="C62">1</cbc:{quantity}>
 <cbc:LineExtensionAmount currencyID="EUR">86.00</cbc:LineExtensionAmount>
 <cac:Item><cbc:Name>Dossier postulant</cbc:Name></cac:Item>
 <cac:Price><cbc:PriceAmount currencyID="EUR">86</cbc:PriceAmount></cac:Price></cac:{root}Line>
</{root}>
"""


def cii(**changes: str) -> bytes:
    """A right invoice of one line, 180,00 € at 20 %; each keyword changes a part of it."""
    parts = {
        "profile": "urn:cen.eu:en16931:2017",
        "number": "F-1",
        "type": "380",
        "day": "20260302",
        "lines": line(),
        "currency": "EUR",
        "excl_vat": "180.00",
        "vat": "36.00",
        "incl_vat": "216.00",
        "rate": "20.00",
        "adjustments": "",
        "vat_totals": '<ram:TaxTotalAmount currencyID="EUR">36.00</ram:TaxTotalAmount>',
    }
    return CII.format(**(parts | changes)).encode()


def line(**changes: str) -> str:
    """A line of 180,00 € at 20 %."""
    parts = {
        "id": "1",
        "status": "",
        "name": "Utilisation de la marque",
        "description": "quatre ans",
        "price": "180.00",
        "per": "1",
        "quantity": "1",
        "rate": "20.00",
        "adjustments": "",
        "amount": "180.00",
    }
    return LINE.format(**(parts | changes))


def ubl(root: str = "Invoice", *, code: str = "380", indicator: str = "true") -> bytes:
    """A right UBL document: 86,00 € and a charge of 4,00 €, VAT stated in a second currency too."""
    quantity = "CreditedQuantity" if root == "CreditNote" else "InvoicedQuantity"
    return UBL.format(root=root, type=code, indicator=indicator, quantity=quantity).encode()


def pdf(
    content: bytes | None,
    *,
    name: str = "factur-x.xml",
    relationship: str = "/AFRelationship/Data",
    packing: str = "/FlateDecode",
    packed: bytes | None = None,
    copies: int = 1,
    listed: bool = True,
    held: str = "",
    page: str = "",
) -> bytes:
    """The smallest PDF that carries ``content`` as an attachment; ``None``: one that carries nothing.

    ``held`` and ``page`` are more entries of its catalogue and of its page; the attachment is object 4.
    """
    stream = zlib.compress(content or b"") if packed is None else packed
    names = f"({name}) 4 0 R " * copies
    attached = (
        f"/Names<</EmbeddedFiles<</Names[{names}]>>>>" if listed and (content is not None or packed) else ""
    )
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{attached}{held}>>".encode(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]{page}>>".encode(),
        f"<</Type/Filespec/F({name})/UF({name}){relationship}/EF<</F 5 0 R>>>>".encode(),
        f"<</Type/EmbeddedFile/Filter{packing}/Length {len(stream)}>>\nstream\n".encode()
        + stream
        + b"\nendstream",
    ]
    out, places = b"%PDF-1.7\n", []
    for number, content_ in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content_ + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return out + trailer.encode()


def flate_bomb(megabytes: int) -> bytes:
    """A packed stream that expands to so many megabytes of nothing."""
    packer = zlib.compressobj(9)
    megabyte = b"\0" * 1_000_000
    return b"".join(packer.compress(megabyte) for _ in range(megabytes)) + packer.flush()
