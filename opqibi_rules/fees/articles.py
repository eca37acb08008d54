"""The four fees, article by article.

Each rule of the schedule yields :class:`Line` s: what it is for, quantity, unit price or rate, base, amount,
and the article that says so. Amounts are euros excl. VAT, exact; the brand-usage fee alone may fall between
two cents, and :func:`fee_of` rounds it once, half up.

Source: OPQIBI, « Barème de tarification », articles I to IV.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import EXACT, ZERO, round_cents
from opqibi_rules.tables.schedule import Schedule, Tranche, UnitPrices

DOSSIER = "dossier"
INSTRUCTION = "instruction"
BRAND_USAGE = "brand_usage"
ANNUAL_CONTROL = "annual_control"
FEES = (DOSSIER, INSTRUCTION, BRAND_USAGE, ANNUAL_CONTROL)
"""The fees in the order of the schedule's articles I to IV."""

Counts = Mapping[int, int]
"""How many qualifications by tariff code."""
Codes = Mapping[int, tuple[str, ...]]
"""The codes of those that were named, by tariff code."""
_NO_CODES: Codes = {}

FEE_NAMES: Mapping[str, Message] = {
    DOSSIER: Message("Application file"),
    INSTRUCTION: Message("Instruction fee"),
    BRAND_USAGE: Message("Brand-usage fee (four years)"),
    ANNUAL_CONTROL: Message("Annual-control fee"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One euro amount, and the article of the schedule that asks for it."""

    fee: str
    """``dossier``, ``instruction``, ``brand_usage`` or ``annual_control``."""
    article: str
    label: Message
    amount: Decimal
    """Euros excl. VAT, exact to its last digit; negative where the cap takes away."""
    quantity: int | None = None
    unit_price: Decimal | None = None
    """Euros excl. VAT per qualification."""
    base: Decimal | None = None
    """The part of the turnover that falls in the tranche, in euros excl. VAT."""
    rate: Decimal | None = None
    tariff: int | None = None


def total(lines: Iterable[Line]) -> Decimal:
    """The exact sum of the lines."""
    result = ZERO
    for line in lines:
        result = EXACT.add(result, line.amount)
    return result


def fee_of(lines: Iterable[Line]) -> Decimal:
    """What the lines of one fee come to: their exact sum, rounded once, half up, to the cent."""
    return round_cents(total(lines))


class Articles:
    """The rules of one schedule. What never changes from one quote to the next is made once, here."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        flat, new = schedule.instruction_flat, schedule.new_requests_flat
        control, usage = schedule.control_flat, schedule.brand_usage
        self._dossier = (_flat(DOSSIER, schedule.dossier.article, _FILE, schedule.dossier.amount),)
        self._instruction_flat = _flat(INSTRUCTION, flat.article, _FLAT, flat.amount)
        self._control_flat = _flat(ANNUAL_CONTROL, control.article, _FLAT, control.amount)
        self._new_flat = _flat(ANNUAL_CONTROL, new.article, _NEW_FLAT, new.amount)
        self.old_after = add_years(schedule.in_force_from, 1)
        """Past that day, if no later schedule is known, a quote says that one may exist."""
        self.old_note = Message(
            "The schedule is of {day:date}, the latest known here: over a year old, it may have been replaced. "
            "Check with OPQIBI.",
            day=schedule.in_force_from,
        )
        self._full_tranches = tuple(
            _tranche_line(usage.article, tranche, EXACT.subtract(tranche.upper, tranche.lower))
            for tranche in usage.tranches
            if tranche.upper is not None
        )

    def dossier(self) -> tuple[Line, ...]:
        """Article I: the price of the application file, for a first application only."""
        return self._dossier

    def instruction(self, asked: Counts, codes: Codes = _NO_CODES) -> tuple[Line, ...]:
        """Article II: a flat part, and a price per qualification asked for, by tariff code."""
        prices = self.schedule.instruction_prices
        return (self._instruction_flat, *_by_tariff(INSTRUCTION, prices, asked, codes, _ASKED))

    def brand_usage(self, turnover: Decimal) -> tuple[Line, ...]:
        """Article III: cumulative tranches of the turnover, then the floor or the cap; for four years.

        The sum of the tranches is rounded once before the floor and the cap are applied, so that
        ``fee_of`` these lines is the fee.
        """
        usage = self.schedule.brand_usage
        lines: list[Line] = []
        exact = ZERO
        for index, tranche in enumerate(usage.tranches):
            if turnover <= tranche.lower and index:
                break
            if tranche.upper is not None and turnover >= tranche.upper:
                line = self._full_tranches[index]
            else:
                line = _tranche_line(usage.article, tranche, EXACT.subtract(turnover, tranche.lower))
            lines.append(line)
            exact = EXACT.add(exact, line.amount)
        rounded = round_cents(exact)
        for limit, label in ((usage.floor, _FLOOR), (usage.cap, _CAP)):
            beyond = rounded < limit.amount if label is _FLOOR else rounded > limit.amount
            if beyond:
                added = EXACT.subtract(limit.amount, rounded)
                lines.append(_flat(BRAND_USAGE, limit.article, label, added))
        return tuple(lines)

    def annual_control(
        self, held: Counts, new: Counts, codes: Codes = _NO_CODES, new_codes: Codes = _NO_CODES
    ) -> tuple[Line, ...]:
        """Article IV: a flat part, and a price per qualification held, by tariff code.

        New requests add a flat fee, once, and their instruction prices.
        """
        prices = self.schedule.control_prices
        lines = (self._control_flat, *_by_tariff(ANNUAL_CONTROL, prices, held, codes, _HELD))
        if not any(new.values()):
            return lines
        prices = self.schedule.instruction_prices
        return (*lines, self._new_flat, *_by_tariff(ANNUAL_CONTROL, prices, new, new_codes, _NEW))


@lru_cache(maxsize=256)
def articles_of(schedule: Schedule) -> Articles:
    """The rules of a schedule, made once per schedule."""
    return Articles(schedule)


_FILE = Message("Application file, first application")
_FLAT = Message("Flat part")
_NEW_FLAT = Message("Flat fee for new qualifications asked for at the control")
_FLOOR = Message("Raised to the floor")
_CAP = Message("Brought down to the cap")


_ASKED = (
    marked("Qualifications at tariff {tariff}"),
    marked("Qualifications at tariff {tariff}: {codes}"),
)
_HELD = (
    marked("Qualifications held at tariff {tariff}"),
    marked("Qualifications held at tariff {tariff}: {codes}"),
)
_NEW = (
    marked("New qualifications at tariff {tariff}, instruction price"),
    marked("New qualifications at tariff {tariff}, instruction price: {codes}"),
)


@lru_cache(maxsize=512)
def _label(wording: tuple[str, str], tariff: int, codes: tuple[str, ...]) -> Message:
    if codes:
        return Message(wording[1], tariff=tariff, codes=codes)
    return Message(wording[0], tariff=tariff)


def _flat(fee: str, article: str, label: Message, amount: Decimal) -> Line:
    return Line(fee, article, label, amount, 1, amount)


def _by_tariff(
    fee: str, prices: UnitPrices, counts: Counts, codes: Codes, wording: tuple[str, str]
) -> list[Line]:
    lines = []
    for tariff, price in prices.by_tariff.items():
        count = counts.get(tariff)
        if count:
            label = _label(wording, tariff, codes.get(tariff, ()))
            amount = EXACT.multiply(price, count)
            lines.append(Line(fee, prices.article, label, amount, count, price, None, None, tariff))
    return lines


def _tranche_line(article: str, tranche: Tranche, base: Decimal) -> Line:
    if tranche.upper is None:
        label = Message("Turnover above {lower:euro}", lower=tranche.lower)
    else:
        label = Message(
            "Turnover from {lower:euro} to {upper:euro}", lower=tranche.lower, upper=tranche.upper
        )
    return Line(
        BRAND_USAGE, article, label, EXACT.multiply(base, tranche.rate), None, None, base, tranche.rate
    )
