"""A price as whoever bills it sees it: an event, counts, a turnover, and what each part of each fee comes to.

Amounts here are integer cents: a gap is explained when two sums of integers are equal, nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.money import round_cents
from opqibi_rules.price.fees import (
    ANNUAL_CONTROL,
    BRAND_USAGE,
    DOSSIER,
    INSTRUCTION,
    Line,
    articles_of,
    total,
)
from opqibi_rules.price.inversion import in_cents
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import Price, Schedule

ALL, FLAT, EACH, NEW_FLAT, NEW_EACH = "all", "flat", "each", "new_flat", "new_each"


class Part(NamedTuple):
    """The finest piece of a price that an invoice line may bill."""

    fee: str
    piece: str = ALL
    """``all`` (a fee of one amount), ``flat``, ``each`` (per qualification), ``new_flat``, ``new_each``."""
    tariff: int | None = None


@dataclass(frozen=True, slots=True)
class Billing:
    """What an event bears, whatever was billed of it."""

    schedule: Schedule
    event: str
    held: Mapping[int, int]
    """Qualifications asked for, or held at a control, by tariff code."""
    new: Mapping[int, int]
    turnover: Decimal | None

    @classmethod
    def of(cls, quote: Quote) -> "Billing":
        """The one that a quote prices."""
        held: dict[int, int] = {}
        new: dict[int, int] = {}
        for line in quote.lines:
            if line.tariff is not None and line.quantity is not None:
                part = part_of(line, quote.schedule)
                (new if part.piece == NEW_EACH else held)[line.tariff] = line.quantity
        turnover = quote.base.turnover if quote.base else quote.request.turnover
        return cls(quote.schedule, quote.event, held, new, turnover)

    def lines(self) -> tuple[Line, ...]:
        """The lines of the schedule."""
        articles = articles_of(self.schedule)
        if self.event == "control":
            return articles.annual_control(self.held, self.new).lines
        dossier = articles.dossier().lines if self.event == "first" else ()
        usage = () if self.turnover is None else articles.brand_usage(self.turnover).lines
        return (*dossier, *articles.instruction(self.held).lines, *usage)

    def amounts(self) -> dict[Part, int]:
        """Cents by part."""
        return amounts_of(self.lines(), self.schedule)


def amounts_of(lines: Iterable[Line], schedule: Schedule) -> dict[Part, int]:
    """Cents by part; the lines of the brand-usage fee make one, rounded as the fee is."""
    lines = tuple(lines)
    usage = [line for line in lines if line.fee == BRAND_USAGE]
    amounts = {part_of(line, schedule): in_cents(line.amount) for line in lines if line.fee != BRAND_USAGE}
    if usage:
        amounts[Part(BRAND_USAGE)] = in_cents(round_cents(total(usage)))
    return amounts


def part_of(line: Line, schedule: Schedule) -> Part:
    """The part that a line of a quote prices."""
    if line.fee in {DOSSIER, BRAND_USAGE}:
        return Part(line.fee)
    if line.tariff is not None:
        new = line.fee == ANNUAL_CONTROL and line.article == schedule.instruction_prices.article
        return Part(line.fee, NEW_EACH if new else EACH, line.tariff)
    return Part(line.fee, NEW_FLAT if line.article == schedule.new_requests_flat.article else FLAT)


def flat_price(part: Part, schedule: Schedule) -> Price | None:
    """The price of a part that is one amount of the schedule."""
    return {
        Part(DOSSIER): schedule.dossier,
        Part(INSTRUCTION, FLAT): schedule.instruction_flat,
        Part(ANNUAL_CONTROL, FLAT): schedule.control_flat,
        Part(ANNUAL_CONTROL, NEW_FLAT): schedule.new_requests_flat,
    }.get(part)


def article_of(part: Part, schedule: Schedule) -> str:
    """The article that asks for a part."""
    price = flat_price(part, schedule)
    if price is not None:
        return price.article
    if part.fee == BRAND_USAGE:
        return schedule.brand_usage.article
    held = part.fee == ANNUAL_CONTROL and part.piece == EACH
    return (schedule.control_prices if held else schedule.instruction_prices).article


def unit_prices(fee: str, piece: str, schedule: Schedule) -> Mapping[int, Decimal]:
    """The prices per qualification of ``each`` or ``new_each``."""
    held = fee == ANNUAL_CONTROL and piece == EACH
    return (schedule.control_prices if held else schedule.instruction_prices).by_tariff


def total_of(amounts: Mapping[Part, int], fees: Iterable[str]) -> int:
    """The cents of some fees."""
    wanted = frozenset(fees)
    return sum(cents for part, cents in amounts.items() if part.fee in wanted)
