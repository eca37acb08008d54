"""The schedule of 8 February 2024, priced once more from its text alone: no price comes from the package measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
DOSSIER = Decimal(86)
INSTRUCTION_FLAT = Decimal(500)
CONTROL_FLAT = Decimal(125)
NEW_FLAT = Decimal(375)
INSTRUCTION = {t: Decimal(p) for t, p in enumerate((60, 120, 240, 850, 1050, 1250, 265), 1)}
CONTROL = {t: Decimal(p) for t, p in enumerate(("15", "30", "60", "212.5", "28", "54", "28"), 1)}
FLOOR, CAP = Decimal(180), Decimal(40_000)
BOUNDS = (0, 250_000, 800_000, 3_000_000, 15_000_000)
RATES = tuple(Decimal(r) / 1000 for r in ("0.80", "0.65", "0.50", "0.40", "0.25"))
FEES = {
    "first": ("dossier", "instruction", "brand_usage"),
    "renewal": ("instruction", "brand_usage"),
    "control": ("annual_control",),
}


@dataclass(frozen=True)
class Item:
    """One thing billed, before it is put into words; ``words`` where they are not those of its fee."""

    fee: str
    part: str
    quantity: int
    unit: Decimal
    tariff: int | None = None
    words: str | None = None

    @property
    def amount(self) -> Decimal:
        return cents(self.quantity * self.unit)


Items = tuple[Item, ...]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def total(items: Items) -> Decimal:
    return sum((item.amount for item in items), Decimal(0))


def tranches(turnover: Decimal) -> list[tuple[Decimal, Decimal]]:
    """The part of a turnover in each tranche, with its rate."""
    tops = (*map(Decimal, BOUNDS[1:]), turnover)
    return [
        (min(turnover, top) - low, rate)
        for low, top, rate in zip(BOUNDS, tops, RATES, strict=True)
        if turnover > low
    ]


def raw_mark(turnover: Decimal) -> Decimal:
    """The tranches of article III added up, without floor or cap."""
    return cents(sum((part * rate for part, rate in tranches(turnover)), Decimal(0)))


def mark(turnover: Decimal) -> Decimal:
    return max(FLOOR, min(CAP, raw_mark(turnover)))


def counted(fee: str, part: str, counts: Mapping[int, int], prices: Mapping[int, Decimal]) -> Iterator[Item]:
    for tariff, count in sorted(counts.items()):
        yield Item(fee, part, count, prices[tariff], tariff)


def instruction(counts: Mapping[int, int]) -> Items:
    flat = Item("instruction", "flat", 1, INSTRUCTION_FLAT)
    return (flat, *counted("instruction", "each", counts, INSTRUCTION))


def control(held: Mapping[int, int], new: Mapping[int, int]) -> Items:
    items = [Item("annual_control", "flat", 1, CONTROL_FLAT)]
    items += counted("annual_control", "each", held, CONTROL)
    if new:
        items.append(Item("annual_control", "new_flat", 1, NEW_FLAT))
        items += counted("annual_control", "new_each", new, INSTRUCTION)
    return tuple(items)


def dossier() -> Item:
    return Item("dossier", "file", 1, DOSSIER)


def usage(amount: Decimal) -> Item:
    return Item("brand_usage", "usage", 1, amount)
