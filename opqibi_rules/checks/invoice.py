"""The invoice as it was received: what a reader of any format yields, and what a check works on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer."""

    name: str | None = None
    siren: str | None = None
    siret: str | None = None
    vat_id: str | None = None
    postcode: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line, in the invoice's own currency, excl. VAT; ``None`` where the document does not say."""

    id: str
    name: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    vat_rate: Decimal | None = None
    vat_category: str | None = None
    kind: str = "detail"
    """``detail``, ``group`` or ``information`` (EXTENDED sub-lines): only details add up."""


@dataclass(frozen=True, slots=True)
class VatGroup:
    """BG-23: the VAT of one rate."""

    rate: Decimal | None
    taxable: Decimal | None
    amount: Decimal | None
    category: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note."""

    number: str | None
    issued: date | None
    type_code: str | None = None
    """UNTDID 1001: 380 invoice, 381 credit note, 384 corrected, 386 prepayment…"""
    currency: str | None = None
    syntax: str | None = None
    """``cii``, ``ubl``, ``csv``, ``xlsx``, ``json``."""
    profile: str | None = None
    seller: Party = Party()
    buyer: Party = Party()
    lines: tuple[InvoiceLine, ...] = ()
    lines_total: Decimal | None = None
    """BT-106."""
    allowances: Decimal | None = None
    """BT-107."""
    charges: Decimal | None = None
    """BT-108."""
    total_excl_vat: Decimal | None = None
    """BT-109."""
    vat: Decimal | None = None
    """BT-110, in the invoice's currency."""
    total_incl_vat: Decimal | None = None
    """BT-112."""
    prepaid: Decimal | None = None
    """BT-113."""
    rounding: Decimal | None = None
    """BT-114."""
    payable: Decimal | None = None
    """BT-115."""
    vat_groups: tuple[VatGroup, ...] = ()
