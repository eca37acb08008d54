"""The invoice as it was received: what a reader of any format yields, and what a check works on."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from opqibi_rules.messages import Message
from opqibi_rules.money import plain

CREDIT_NOTE_TYPES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
"""Codes of UNTDID 1001 that name a credit note (EN 16931-3-2: those that UBL writes as ``CreditNote``)."""


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
    """As a fraction, like a quote's: ``Decimal("0.2")`` for 20 %."""
    vat_category: str | None = None
    kind: str = "detail"
    """``detail``, ``group`` or ``information`` (EXTENDED sub-lines): only details add up."""
    price_quantity: Decimal | None = None
    """BT-149: how many units the unit price is for; ``None`` is one."""
    allowances: Decimal | None = None
    """BT-136: what the line takes off quantity × price, in all; ``None`` is nothing."""
    charges: Decimal | None = None
    """BT-141: what the line adds to quantity × price, in all; ``None`` is nothing."""

    def to_dict(self) -> dict[str, str | None]:
        """The JSON form."""
        return {
            "id": self.id,
            "name": self.name,
            "quantity": None if self.quantity is None else format(self.quantity, "f"),
            "unit_price": as_text(self.unit_price),
            "amount": as_text(self.amount),
            "vat_rate": None if self.vat_rate is None else format(self.vat_rate, "f"),
            "kind": self.kind,
        }


@dataclass(frozen=True, slots=True)
class Adjustment:
    """BG-20 and BG-21: an allowance (negative amount) or a charge on the whole document, excl. VAT."""

    amount: Decimal | None
    vat_rate: Decimal | None = None
    """As a fraction: ``Decimal("0.2")``."""
    vat_category: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class VatGroup:
    """BG-23: the VAT of one rate."""

    rate: Decimal | None
    """As a fraction: ``Decimal("0.2")``."""
    taxable: Decimal | None
    amount: Decimal | None
    category: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note, its amounts signed as the document signs them.

    A credit note (type 381) states what is given back as positive amounts; a negative invoice (type 380)
    states it as negative ones. Neither is turned round here: see :attr:`is_credit_note`.
    """

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
    adjustments: tuple[Adjustment, ...] = ()
    notes: tuple[Message, ...] = ()
    """What the reader noticed, that changes no figure."""
    file: str | None = None
    """The name of the file it was read from, without its folder."""

    @property
    def is_credit_note(self) -> bool:
        """Whether positive amounts are given back to the buyer."""
        return self.type_code in CREDIT_NOTE_TYPES

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: what a check shows of it."""
        return {
            "number": self.number,
            "date": None if self.issued is None else self.issued.isoformat(),
            "type": self.type_code,
            "currency": self.currency,
            "file": self.file,
            "seller": asdict(self.seller),
            "buyer": asdict(self.buyer),
            "lines": [line.to_dict() for line in self.lines],
            "total_excl_vat": as_text(self.total_excl_vat),
            "vat": as_text(self.vat),
            "total_incl_vat": as_text(self.total_incl_vat),
        }


def as_text(amount: Decimal | None) -> str | None:
    """An amount as JSON has it."""
    return None if amount is None else plain(amount)
