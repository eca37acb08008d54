"""Payments: what each invoice of a plan bills, and their sums."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.money import round_cents
from opqibi_rules.paper.shape import Shape, Share, at
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.planning.timeline import Moment
from opqibi_rules.price.quote import LineShape, Quote, Subtotals, TurnoverBaseShape, lacks
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.schedule import Billed, Fee


@dataclass(frozen=True, slots=True)
class Payment:
    """What is invoiced on one day, and the quote that says so."""

    moment: Moment
    quote: Quote
    """Of the fees invoiced that day alone; its VAT is rounded once, on their sum."""

    @property
    def due(self) -> date:
        """The day."""
        return self.moment.day


class PaymentShape(Shape, of=Payment):
    """What an invoice of that day says, and where it comes from."""

    due: Day
    event: str = at("quote.event.id")
    id: str = at("moment.key")
    step: Billed = at("moment.step")
    cycle: int = at("moment.cycle")
    control: int | None = at(lambda payment: payment.moment.number or None)
    """Which control of its cycle."""
    schedule: str = at("quote.schedule.id")
    lines: tuple[LineShape, ...] = at("quote.lines", handing="quote.vat_category")
    subtotals: Mapping[str, Decimal | None] = at("quote.subtotals")
    total_excl_vat: Decimal = at("quote.total_excl_vat")
    vat_rate: Share = at("quote.vat_rate")
    vat_category: str | None = at("quote.vat_category")
    vat: Decimal = at("quote.vat")
    total_incl_vat: Decimal = at("quote.total_incl_vat")
    complete: bool = at(lambda payment: not payment.quote.missing)
    missing: tuple[str, ...] = at("quote.missing")
    turnover_base: TurnoverBaseShape | None = at("quote.base")
    turnover_bases: Mapping[str, TurnoverBaseShape] = at("quote.bases")


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals in euros: by fee and excl. VAT, VAT, incl. VAT."""

    by_fee: Mapping[str, Decimal]
    total_excl_vat: Decimal
    vat: Decimal
    total_incl_vat: Decimal


def invoiced(whole: Quote, fees: Iterable[Fee]) -> Quote:
    """The part of a quote that is invoiced apart: VAT is rounded on the sum of that invoice."""
    own = {fee.id for fee in fees}
    subtotals = {fee: amount if fee in own else None for fee, amount in whole.subtotals.items()}
    bases = {fee: base for fee, base in whole.bases.items() if fee in own}
    excl_vat = sum((amount for amount in subtotals.values() if amount is not None), NO_EUROS)
    vat = round_cents(excl_vat * whole.vat_rate)
    said = {base.reason for base in bases.values()}
    # What the whole comes to is no matter of one invoice.
    unsaid = {base.reason for base in whole.bases.values()} - said | {*lacks(whole)}
    return whole._replace(
        lines=tuple(line for line in whole.lines if line.fee.id in own),
        subtotals=Subtotals(subtotals),
        bases=FrozenDict(bases),
        limits=FrozenDict({fee: known for fee, known in whole.limits.items() if fee in own}),
        total_excl_vat=excl_vat,
        vat=vat,
        total_incl_vat=excl_vat + vat,
        notes=tuple(note for note in whole.notes if note not in unsaid),
    )


def sums_of(payments: Iterable[Payment]) -> Sums:
    """What payments come to, in all and by fee."""
    quotes = [payment.quote for payment in payments]
    by_fee: dict[str, Decimal] = defaultdict(lambda: NO_EUROS)
    for one in quotes:
        for fee, amount in amounts_of(one):
            by_fee[fee.id] += amount
    return Sums(
        FrozenDict(by_fee),
        sum((one.total_excl_vat for one in quotes), NO_EUROS),
        sum((one.vat for one in quotes), NO_EUROS),
        sum((one.total_incl_vat for one in quotes), NO_EUROS),
    )


def amounts_of(one: Quote) -> Iterator[tuple[Fee, Decimal]]:
    """What each fee of a quote comes to."""
    for fee in one.fees:
        amount = one.subtotals[fee.id]
        assert amount is not None  # it is one that the quote comes to
        yield fee, amount
