"""The invoice as it was received: what a reader of any format yields, and what a check works on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.reading.page.result import Difference, DifferenceShape, FieldShape, PageReading
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Figure, Form, Json, Shape, Voice, at
from opqibi_rules.tables.description import Day

CREDIT_NOTE_TYPES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
"""Codes of UNTDID 1001 that name a credit note (EN 16931-3-2: those that UBL writes as ``CreditNote``)."""
PLACE = ("buyer_postcode", "buyer_country")
"""What says on a page where the buyer is established."""
CORRECTED_TYPES = frozenset({"384", "472"})
"""Those of an invoice that takes the place of another."""

MAX_LINES = 1000
"""No OPQIBI invoice has as many: one that has more is meant to keep the machine busy."""


class Period(NamedTuple):
    """The first and the last day of what is billed."""

    first: date
    last: date


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
    """``detail``, ``group`` or ``information`` (EXTENDED sub-lines): only details add up; ``adjustment`` stands for
    an allowance or a charge on the whole document."""
    price_quantity: Decimal | None = None
    """BT-149: how many units the unit price is for; ``None`` is one."""
    allowances: Decimal | None = None
    """BT-136: what the line takes off quantity × price, in all; ``None`` is nothing."""
    charges: Decimal | None = None
    """BT-141: what the line adds to quantity × price, in all; ``None`` is nothing."""
    unit: str | None = None
    """BT-130: what is counted, by its code in UN/ECE recommendation 20; ``None`` is pieces (C62)."""
    period: Period | None = None
    """BG-26."""
    remarks: tuple[str, ...] = ()
    """BT-127, BG-32, BT-139, BT-144: notes, attributes, why something is taken off or added."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """BG-20 and BG-21: an allowance (negative amount) or a charge on the whole document, excl. VAT."""

    amount: Decimal | None
    vat_rate: Decimal | None = None
    """As a fraction: ``Decimal("0.2")``."""
    vat_category: str | None = None
    reason: str | None = None
    is_charge: bool = False


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
    """``cii``, ``ubl``, ``csv``, ``xlsx``, ``json``, ``page``."""
    profile: str | None = None
    due: date | None = None
    """BT-9: the day on which it is to be paid."""
    seller: Party = Party()
    buyer: Party = Party()
    payee: str | None = None
    """BT-59: who is to be paid, where the document names it apart from the seller."""
    payee_ids: tuple[str, ...] = ()
    """BT-60, BT-61: the numbers of who is to be paid, without spaces."""
    ibans: tuple[str, ...] = ()
    """BT-84: the accounts to be paid, without spaces."""
    account_names: tuple[str, ...] = ()
    """BT-85: whose accounts these are."""
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
    third_party: Decimal | None = None
    """BT-179: what is collected on behalf of somebody else (EXTENDED)."""
    payable: Decimal | None = None
    """BT-115."""
    vat_groups: tuple[VatGroup, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    preceding: tuple[str, ...] = ()
    """BT-25: the numbers of the invoices that it corrects, cancels or completes."""
    preceding_days: Mapping[str, date] = FrozenDict()
    """BT-26: their days, where it says them."""
    period: Period | None = None
    """BG-14."""
    process: str | None = None
    """BT-23: the process by which it is sent; in France, the « cadre de facturation »."""
    means: tuple[str, ...] = ()
    """BT-81: the means of payment, by their codes (UNTDID 4461)."""
    advances: Decimal | None = None
    """What it lists as paid in advance, in all; that is no total (BT-113) by itself."""
    is_test: bool = False
    """Sent to try the way, and not to be paid."""
    is_copy: bool = False
    """Sent once more."""
    remarks: tuple[str, ...] = ()
    """BT-20, BT-22, BT-82, BT-83, and those of its lines: what it says beside its figures; of a page, what its stamps
    and sentences say of the whole document."""
    notes: tuple[Message, ...] = ()
    """What the reader noticed, that changes no figure."""
    file: str | None = None
    """The name of the file it was read from, without its folder."""
    reading: PageReading | None = None
    """What its pages say, value by value, where it was read from them; what is to confirm is ``None`` above."""
    page_differs: tuple[Difference, ...] = ()
    """Where the page says another thing than the data that it carries."""

    @property
    def is_credit_note(self) -> bool:
        """Whether positive amounts are given back to the buyer."""
        return self.type_code in CREDIT_NOTE_TYPES

    def gives_back(self, untaxed: Decimal | None) -> bool:
        """Whether its total excl. VAT is given back to the buyer, as a credit note or as a negative amount."""
        return self.is_credit_note != bool(untaxed and untaxed < 0)

    @property
    def is_in_euros(self) -> bool:
        """Whether its amounts are in euros; they are where it does not say."""
        return self.currency in {None, "", "EUR"}

    @property
    def details(self) -> tuple[InvoiceLine, ...]:
        """The lines that add up."""
        return tuple(line for line in self.lines if line.kind == "detail")

    def to_dict(self) -> Json:
        """The JSON form: what a check shows of it."""
        return InvoiceShape.written(self, Voice())


UnitPrice = Annotated[
    Decimal,
    Form(
        "({text} if '.' in ({text} := format({given}, 'f'))[:-2] else plain({value}))",
        {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,}$", "examples": ["60.00"]},
    ),
]
"""An amount with all the decimals that its source prints, zeros too: they say how it was rounded."""


class PeriodShape(Shape, of=Period):
    """The first and the last day of what is billed."""

    first: Day
    last: Day


class PartyShape(Shape, of=Party):
    """The seller or the buyer, as the invoice names it."""

    name: str | None
    siren: str | None
    siret: str | None
    vat_id: str | None
    postcode: str | None
    country: str | None


class InvoiceLineShape(Shape, of=InvoiceLine):
    """A line of an invoice; null where the document does not say."""

    id: str
    name: str | None
    quantity: Figure | None
    unit_price: UnitPrice | None
    amount: Decimal | None
    vat_rate: Figure | None
    """As a fraction: `0.2` for 20 %."""
    kind: Literal["detail", "group", "information"]
    """Only details add up."""
    description: str | None
    vat_category: str | None
    price_quantity: Figure | None
    """BT-149: how many units the unit price is for; null is one."""
    allowances: Decimal | None
    """BT-136: what the line takes off quantity × price, in all."""
    charges: Decimal | None
    """BT-141: what the line adds to quantity × price, in all."""
    unit: str | None
    """BT-130: what is counted, by its code in UN/ECE recommendation 20; null is pieces."""
    period: PeriodShape | None
    """BG-26."""
    remarks: tuple[str, ...]
    """BT-127, BG-32, BT-139, BT-144: notes, attributes, why something is taken off or added."""


class AdjustmentShape(Shape, of=Adjustment):
    """BG-20 and BG-21: an allowance (negative amount) or a charge on the whole document."""

    amount: Decimal | None
    vat_rate: Figure | None
    """As a fraction: `0.2` for 20 %."""
    vat_category: str | None
    reason: str | None
    is_charge: bool


class VatGroupShape(Shape, of=VatGroup):
    """BG-23: the VAT of one rate."""

    rate: Figure | None
    """As a fraction: `0.2` for 20 %."""
    taxable: Decimal | None
    amount: Decimal | None
    category: str | None
    reason: str | None


class InvoiceShape(Shape, of=Invoice):
    """What a check shows of an invoice; null where the document does not say.

    All that decides stands here: given back to a check, it has the same verdict.
    """

    number: str | None
    date: Day | None = at("issued")
    type: str | None = at("type_code")
    """UNTDID 1001: 380 invoice, 381 credit note…"""
    currency: str | None
    file: str | None
    preceding: tuple[str, ...]
    """The numbers of the invoices that it corrects or cancels."""
    seller: PartyShape
    buyer: PartyShape
    payee: str | None
    """Who is to be paid, where the document names it apart from the seller."""
    ibans: tuple[str, ...]
    """The accounts to be paid."""
    lines: tuple[InvoiceLineShape, ...]
    total_excl_vat: Decimal | None
    vat: Decimal | None
    total_incl_vat: Decimal | None
    prepaid: Decimal | None
    rounding: Decimal | None
    payable: Decimal | None
    """What the document says is left to pay."""
    due_date: Day | None = at("due")
    syntax: str | None
    """What it was read from: `cii`, `ubl`, `csv`, `xlsx`, `json`, `page`; null where it was made in memory."""
    profile: str | None
    """BT-24: the profile that its data follow."""
    process: str | None
    """BT-23: the process by which it is sent; in France, the « cadre de facturation »."""
    means: tuple[str, ...]
    """BT-81: the means of payment, by their codes (UNTDID 4461)."""
    is_test: bool
    """Sent to try the way, and not to be paid."""
    is_copy: bool
    """Sent once more."""
    remarks: tuple[str, ...]
    """BT-20, BT-22, BT-82, BT-83, those of its lines, a status; of a page, its stamps: what it says beside its
    figures."""
    period: PeriodShape | None
    """BG-14."""
    preceding_days: Mapping[str, Day]
    """BT-26: the days of the invoices that it corrects or cancels, by their numbers."""
    payee_ids: tuple[str, ...]
    """BT-60, BT-61: the numbers of who is to be paid."""
    account_names: tuple[str, ...]
    """BT-85: whose accounts these are."""
    lines_total: Decimal | None
    """BT-106."""
    allowances: Decimal | None
    """BT-107."""
    charges: Decimal | None
    """BT-108."""
    third_party: Decimal | None
    """BT-179: what is collected on behalf of somebody else."""
    advances: Decimal | None
    """What it lists as paid in advance, in all."""
    vat_groups: tuple[VatGroupShape, ...]
    adjustments: tuple[AdjustmentShape, ...]
    """Allowances and charges on the whole document."""
    reading: tuple[FieldShape, ...] | None = at(lambda invoice: invoice.reading and tuple(invoice.reading))
    """Each value and its place, where it was read from a page; null for data."""
    page_differs: tuple[DifferenceShape, ...]
    """Where the page says another thing than the data that it carries."""
