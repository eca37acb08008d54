"""Reading an e-invoice: CII (Factur-X and ZUGFeRD 2, every profile) and UBL XML, invoice and credit note.

The ``factur-x`` library knows where each term of EN 16931 (BT-1, BT-2…) stands in both syntaxes. It trusts
what it reads, and what comes from strangers does not deserve it: our own parser builds the tree
(:mod:`~opqibi_rules.paper.hardened_xml`), which is checked and trimmed
(:mod:`~opqibi_rules.invoice.reading.einvoice_tree`) before it is handed over. No schema is applied: a gap in a field
that no sum needs must not hide the invoice. Amounts are those of the invoice's own currency (BT-5), signed as
the document signs them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.identifiers import compact, siren_of, siren_of_vat_number
from opqibi_rules.invoice.model import CREDIT_NOTE_TYPES, Adjustment, Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.invoice.reading.einvoice_tree import Days, Element, flavor_of, prepare
from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.hardened_xml import parse
from opqibi_rules.paper.quiet import silence
from opqibi_rules.paper.text import one_line

_ATTACHED = frozenset({"AttachmentBinaryObject", "EmbeddedDocumentBinaryObject"})
_PROFILE = re.compile(
    r"urn:(?:cen\.eu:en16931:\d{4}(?:#(?:compliant|conformant)#.+)?"
    r"|(?:factur-x\.eu|zugferd\.de):[12]p0:(?:minimum|basicwl)"
    r"|ferd:CrossIndustryDocument:invoice:1p0:(?:basic|comfort|extended))"
)
"""BT-24: the standard alone, or narrowed by a country or a trade; the two profiles below it; early drafts."""

INVOICE_TYPES = frozenset(
    "71 80 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 389 390 393 "  # noqa: SIM905 - one to a line, fifty codes would be a page
    "394 395 456 457 471 472 473 500 501 527 553 575 623 633 751 780 817 870 875 876 877 935".split()
)
"""Codes of UNTDID 1001 that name an invoice, as EN 16931 keeps them."""

_NEEDED: Mapping[str, Message] = {
    "BT-1": Message("the invoice number is missing."),
    "BT-3": Message("the type of the document (380, 381…) is missing."),
    "BG-4": Message("the seller is missing."),
    "BG-7": Message("the buyer is missing."),
    "BT-109": Message("the total excl. VAT is missing, or is not in the invoice's currency."),
    "BT-112": Message("the total incl. VAT is missing, or is not in the invoice's currency."),
    "BT-2": Message("the issue date is missing."),
}
_NO_PROFILE = Message("The profile that the XML follows is not stated (BT-24).")
_SIREN_SCHEME, _SIRET_SCHEME = "0002", "0009"
_ONE = "C62"

Fields = Mapping[str, Any]


def read_einvoice(data: bytes, name: str, notes: tuple[Message, ...] = ()) -> Invoice:
    """The invoice in an XML file.

    Args:
        data: the whole file.
        name: its name, for errors.
        notes: what was noticed before.

    Raises:
        FileError: not an e-invoice, or one that cannot be trusted to be read right; every mistake is named,
            with the line of the XML where it stands.
        RequestError: the ``invoice`` extra is not installed.
    """
    root = parse(data, name, without=_ATTACHED)
    syntax, flavor = flavor_of(root, name)
    days = prepare(root, syntax, name)
    parser = load("facturx.parse_xml", extra="invoice")
    with silence():
        try:
            fields = parser.parse_ubl_cii_xml(root, flavor=flavor, level="extended", check_xsd=False)
        except Exception:  # noqa: BLE001 - what it did not foresee is no traceback, and its words may quote the invoice
            message = Message("the structure of the invoice is not what its format says.")
            raise FileError(name, [Mistake(message)]) from None
    if mistakes := list(_mistakes({**fields, "BT-2": days.issued})):
        raise FileError(name, mistakes)
    lines = tuple(_line(line, order, days) for order, line in enumerate(fields.get("BG-25", ()), 1))
    return Invoice(
        number=fields["BT-1"],
        issued=days.issued,
        type_code=fields["BT-3"],
        currency=fields["BT-5"],
        syntax=syntax,
        profile=fields.get("BT-24"),
        due=days.due,
        seller=_party(fields["BG-4"]),
        buyer=_party(fields["BG-7"]),
        payee=_text(fields.get("BG-10") or {}, "name"),
        payee_ids=tuple(_texts(root, _PAYEE_IDS)),
        ibans=_accounts(fields.get("BT-84")),
        account_names=tuple(_texts(root, _ACCOUNT_NAMES)),
        lines=lines,
        lines_total=_number(fields, "BT-106"),
        allowances=_number(fields, "BT-107"),
        charges=_number(fields, "BT-108"),
        total_excl_vat=_number(fields, "BT-109"),
        vat=_number(fields, "BT-110"),
        total_incl_vat=_number(fields, "BT-112"),
        prepaid=_number(fields, "BT-113"),
        rounding=_number(fields, "BT-114"),
        third_party=_added(root, _THIRD_PARTY),
        payable=_number(fields, "BT-115"),
        vat_groups=tuple(
            _group(group) for group in fields.get("BG-23", ()) if "BT-116" in group or "BT-117" in group
        ),
        adjustments=(
            *(_adjustment(item, allowed=True) for item in fields.get("BG-20", ())),
            *(_adjustment(item, allowed=False) for item in fields.get("BG-21", ())),
            *_service_charges(root),
        ),
        preceding=tuple(_texts(root, _PRECEDING)),
        preceding_days=days.preceding,
        period=days.periods.get(0),
        process=_text(fields, "BT-23"),
        means=tuple(_texts(root, _MEANS)),
        advances=_added(root, _ADVANCES),
        is_test="true" in _texts(root, _TEST),
        is_copy="true" in _texts(root, _COPY),
        remarks=(*_texts(root, _REMARKS), *(text for line in lines for text in line.remarks)),
        notes=(*notes, *days.notes, *([] if fields.get("BT-24") else [_NO_PROFILE])),
    )


def older_data(data: bytes, name: str) -> Invoice | None:
    """What ZUGFeRD 1.0, which is no invoice of EN 16931, says of itself: its number, its day, its totals.

    It is compared with its page, and never judged. ``None``: it is no ZUGFeRD 1.0.
    """
    root = parse(data, name, without=_ATTACHED)
    if not str(root.tag).endswith("}CrossIndustryDocument"):
        return None

    def amount(term: str) -> Decimal | None:
        path = f".//{{*}}SpecifiedTradeSettlementMonetarySummation/{{*}}{term}"
        text = (root.findtext(path) or "").strip()
        return Decimal(text) if re.fullmatch("-?[0-9]{1,15}(?:[.][0-9]{1,4})?", text) else None

    day = (root.findtext("./{*}HeaderExchangedDocument/{*}IssueDateTime/{*}DateTimeString") or "").strip()
    return Invoice(
        number=root.findtext("./{*}HeaderExchangedDocument/{*}ID"),
        issued=to_day(f"{day[:4]}-{day[4:6]}-{day[6:]}", "BT-2") if re.fullmatch("[0-9]{8}", day) else None,
        total_excl_vat=amount("TaxBasisTotalAmount"),
        vat=amount("TaxTotalAmount"),
        total_incl_vat=amount("GrandTotalAmount"),
        payable=amount("DuePayableAmount"),
        ibans=tuple(compact(item.text or "") for item in root.iterdescendants("{*}IBANID")),
    )


def _mistakes(fields: Fields) -> Iterator[Mistake]:
    """What cannot be judged: a term missing, given twice, or of an unknown kind."""
    for term, message in _NEEDED.items():
        if not fields.get(term):
            yield Mistake(message, term)
    for parent, terms in _SINGLE.items():
        items = fields.get(parent, ()) if parent else (fields,)
        for order, item in enumerate(items, 1):
            where = f"{parent}[{order}]." if parent else ""
            for term in terms:
                if isinstance(item.get(term), list):  # nobody can say which is meant
                    yield Mistake(Message("given twice, where one value is expected."), f"{where}{term}")
    code, profile = fields.get("BT-3"), fields.get("BT-24")
    if isinstance(code, str) and code not in INVOICE_TYPES | CREDIT_NOTE_TYPES:
        message = Message(
            "« {code} » is the type of no invoice nor credit note (380, 381, 384, 386…; UNTDID 1001).",
            code=code[:20],
        )
        yield Mistake(message, "BT-3")
    if isinstance(profile, str) and not _PROFILE.fullmatch(profile):
        message = Message(
            "« {profile} » is no profile of EN 16931, Factur-X or ZUGFeRD 2; for instance "
            "urn:cen.eu:en16931:2017.",
            profile=profile[:200],
        )
        yield Mistake(message, "BT-24")


_SINGLE = {
    "": ("BT-1", "BT-3", "BT-5", "BT-24", *(f"BT-{term}" for term in (*range(106, 111), *range(112, 116)))),
    "BG-25": ("BT-126", "BT-129", "BT-131", "BT-146", "BT-149", "BT-151", "BT-152", "EXT-FR-FE-163"),
    "BG-23": ("BT-116", "BT-117", "BT-118", "BT-119"),
}
"""The terms that have one value, in the whole and in each group."""


def _number(fields: Fields, term: str) -> Decimal | None:
    text = fields.get(term)
    return Decimal(text) if isinstance(text, str) else None


@exactly
def _rate(fields: Fields, term: str) -> Decimal | None:
    """A percentage, as a fraction."""
    percent = _number(fields, term)
    return None if percent is None else percent / 100


def _text(fields: Fields, term: str) -> str | None:
    """A text; where a term holds several, all of them, each once."""
    value = fields.get(term)
    return " ".join(dict.fromkeys(map(str, value))) if isinstance(value, list) else value


def _listed(fields: Fields, term: str) -> list[str]:
    """The values of a term, one or several."""
    value = fields.get(term) or []
    return list(map(str, value)) if isinstance(value, list) else [str(value)]


def _only(found: set[str]) -> str | None:
    """The one value; none where several contradict each other."""
    return next(iter(found)) if len(found) == 1 else None


def _accounts(stated: Any) -> tuple[str, ...]:
    """The accounts to be paid, each once."""
    accounts = stated if isinstance(stated, list) else [stated or ""]
    return tuple(dict.fromkeys(filter(None, (compact(account).upper() for account in accounts))))


def _line(fields: Fields, order: int, days: Days) -> InvoiceLine:
    kind = str(fields.get("EXT-FR-FE-163", "detail")).lower()
    return InvoiceLine(
        id=_text(fields, "BT-126") or str(order),
        name=_text(fields, "BT-153"),
        description=_text(fields, "BT-154"),
        quantity=_number(fields, "BT-129"),
        unit_price=_number(fields, "BT-146"),
        amount=_number(fields, "BT-131"),
        vat_rate=_rate(fields, "BT-152"),
        vat_category=_text(fields, "BT-151"),
        kind=kind if kind in {"group", "information"} else "detail",
        price_quantity=_number(fields, "BT-149"),
        allowances=_sum(fields.get("BG-27", ())),
        charges=_sum(fields.get("BG-28", ())),
        unit=None if (unit := _text(fields, "BT-130")) == _ONE else unit,
        period=days.periods.get(order),
        remarks=tuple(_line_remarks(fields)),
    )


def _line_remarks(fields: Fields) -> Iterator[str]:
    """What a line says beside its name and its figures."""
    for group, terms in _SAID.items():
        for item in fields.get(group, ()):
            if said := " : ".join(one_line(text) for term in terms if (text := _text(item, term))):
                yield said


_SAID = {"BT-127-00": ("BT-127",), "BG-32": ("BT-160", "BT-161"), "BG-27": ("reason",), "BG-28": ("reason",)}


@exactly
def _sum(items: Iterable[Fields]) -> Decimal | None:
    amounts = [amount for item in items if (amount := _number(item, "amount")) is not None]
    return sum(amounts, ZERO) if amounts else None


def _group(fields: Fields) -> VatGroup:
    return VatGroup(
        rate=_rate(fields, "BT-119"),
        taxable=_number(fields, "BT-116"),
        amount=_number(fields, "BT-117"),
        category=_text(fields, "BT-118"),
        reason=_text(fields, "BT-120") or _text(fields, "BT-121"),
    )


def _adjustment(fields: Fields, *, allowed: bool) -> Adjustment:
    amount = _number(fields, "amount")
    return Adjustment(
        amount=amount.copy_negate() if allowed and amount is not None else amount,
        vat_rate=_rate(fields, "vat_rate"),
        vat_category=_text(fields, "vat_category_code"),
        reason=_text(fields, "reason") or _text(fields, "reason_code"),
        is_charge=not allowed,
    )


def _service_charges(root: Element) -> Iterable[Adjustment]:
    """The logistics charges of the EXTENDED profile, which count as charges and which factur-x leaves out."""
    for charge in root.iterdescendants("{*}SpecifiedLogisticsServiceCharge"):
        texts = {
            str(item.tag).rpartition("}")[2]: (item.text or "").strip() for item in charge.iterdescendants()
        }
        fields = {term: text for term, text in texts.items() if text}
        yield Adjustment(
            amount=_number(fields, "AppliedAmount"),
            vat_rate=_rate(fields, "RateApplicablePercent"),
            vat_category=fields.get("CategoryCode"),
            reason=fields.get("Description"),
            is_charge=True,
        )


@exactly
def _added(root: Element, paths: Iterable[str]) -> Decimal | None:
    """The amounts at some places, in all: of terms that factur-x leaves out."""
    texts = [(amount.text or "").strip() for path in paths for amount in root.iterfind(path)]
    return sum(map(Decimal, filter(None, texts)), ZERO) if any(texts) else None


def _texts(root: Element, paths: Iterable[str]) -> Iterator[str]:
    """The texts at some places, each once: of terms that factur-x leaves out, or of which it keeps one."""
    found = (one_line(element.text or "") for path in paths for element in root.iterfind(path))
    yield from dict.fromkeys(filter(None, found))


_SETTLEMENT = "{*}SupplyChainTradeTransaction/{*}ApplicableHeaderTradeSettlement"
_PRECEDING = (
    f"{_SETTLEMENT}/{{*}}InvoiceReferencedDocument/{{*}}IssuerAssignedID",
    "{*}BillingReference/{*}InvoiceDocumentReference/{*}ID",
)
"""BT-25: the numbers of the invoices that it is about."""
_THIRD_PARTY = (".//{*}SpecifiedFinancialAdjustment/{*}ActualAmount",)
"""BT-179: what is collected on behalf of somebody else (EXTENDED)."""
_ADVANCES = (f"{_SETTLEMENT}/{{*}}SpecifiedAdvancePayment/{{*}}PaidAmount", "{*}PrepaidPayment/{*}PaidAmount")
"""What is paid in advance, one by one (EXTENDED)."""
_PAYMENT = f"{_SETTLEMENT}/{{*}}SpecifiedTradeSettlementPaymentMeans"
_MEANS = (f"{_PAYMENT}/{{*}}TypeCode", "{*}PaymentMeans/{*}PaymentMeansCode")
"""BT-81, of each."""
_TEST = ("{*}ExchangedDocumentContext/{*}TestIndicator/{*}Indicator",)
_COPY = ("{*}ExchangedDocument/{*}CopyIndicator/{*}Indicator", "{*}CopyIndicator")
"""Sent to try the way, or once more (EXTENDED)."""
_PAYEE_IDS = (
    f"{_SETTLEMENT}/{{*}}PayeeTradeParty/{{*}}ID",
    f"{_SETTLEMENT}/{{*}}PayeeTradeParty/{{*}}GlobalID",
    f"{_SETTLEMENT}/{{*}}PayeeTradeParty/{{*}}SpecifiedLegalOrganization/{{*}}ID",
    f"{_SETTLEMENT}/{{*}}PayeeTradeParty/{{*}}SpecifiedTaxRegistration/{{*}}ID",
    "{*}PayeeParty/{*}PartyIdentification/{*}ID",
    "{*}PayeeParty/{*}PartyLegalEntity/{*}CompanyID",
)
"""BT-60, BT-61."""
_ACCOUNT_NAMES = (
    f"{_PAYMENT}/{{*}}PayeePartyCreditorFinancialAccount/{{*}}AccountName",
    "{*}PaymentMeans/{*}PayeeFinancialAccount/{*}Name",
)
"""BT-85."""
_REMARKS = (
    "{*}ExchangedDocument/{*}Name",
    "{*}ExchangedDocument/{*}IncludedNote/{*}Content",
    "{*}Note",
    f"{_SETTLEMENT}/{{*}}SpecifiedTradePaymentTerms/{{*}}Description",
    "{*}PaymentTerms/{*}Note",
    f"{_PAYMENT}/{{*}}Information",
    f"{_SETTLEMENT}/{{*}}PaymentReference",
    "{*}PaymentMeans/{*}InstructionNote",
    "{*}PaymentMeans/{*}PaymentID",
)
"""BT-22, and the name that some give to the document; BT-20, BT-82, BT-83."""


def _party(fields: Fields) -> Party:
    legal = [re.sub(r"\s", "", text) for text in _listed(fields, "legal_identifier")]
    schemes: list[str | None] = [*_listed(fields, "legal_identifier_schemeid")]
    if len(schemes) != len(legal):  # nothing says which is whose
        schemes = [None] * len(legal)
    pairs = set(zip(schemes, legal, strict=True))
    sirens = {text for scheme, text in pairs if scheme in {_SIREN_SCHEME, None} and siren_of(text) == text}
    sirets = {text for scheme, text in pairs if scheme == _SIRET_SCHEME}
    vat_id = _only({re.sub(r"\s", "", text) for text in _listed(fields, "vat_identifier")})
    siren, siret = _only(sirens), fields.get("identifiers", {}).get(_SIRET_SCHEME) or _only(sirets)
    return Party(
        name=_text(fields, "name") or _text(fields, "biz_name"),
        siren=siren or siren_of_vat_number(vat_id),
        siret=siret,
        vat_id=vat_id,
        postcode=_text(fields, "postcode"),
        country=_text(fields, "country_code"),
    )
