"""The four fees, article by article.

Each rule of the schedule yields :class:`Line` s: what it is for, quantity, unit price or rate, base, amount,
and the article that says so. Amounts are euros excl. VAT, exact; the brand-usage fee alone may fall between
two cents, and is rounded once, half up.

Source: OPQIBI, « Barème de tarification », articles I to IV.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from opqibi_rules.deadlines import add_years
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import EXACT, ZERO, round_cents
from opqibi_rules.tables.schedule import Price, Schedule, Tranche, UnitPrices

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
    BRAND_USAGE: Message("Brand-usage fee (4 years)"),
    ANNUAL_CONTROL: Message("Annual-control fee"),
}


class Line(NamedTuple):
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
    """The exact sum of some lines."""
    result = ZERO
    for line in lines:
        result = EXACT.add(result, line.amount)
    return result


class Fee(NamedTuple):
    """What one fee comes to, and its lines."""

    lines: tuple[Line, ...]
    amount: Decimal
    """Euros excl. VAT: the exact sum of the lines, rounded once, half up, to the cent."""


class Articles:
    """The rules of one schedule. What never changes from one quote to the next is made once, here."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        dossier, flat, new = schedule.dossier, schedule.instruction_flat, schedule.new_requests_flat
        self._dossier = Fee((_flat(DOSSIER, dossier, _FILE),), dossier.amount)
        self._instruction_flat = _flat(INSTRUCTION, flat, _FLAT)
        self._control_flat = _flat(ANNUAL_CONTROL, schedule.control_flat, _FLAT)
        self._new_flat = _flat(ANNUAL_CONTROL, new, _NEW_FLAT)
        asked, held = schedule.instruction_prices, schedule.control_prices
        self._asked = _lines_of(INSTRUCTION, asked, _ASKED)
        self._held = _lines_of(ANNUAL_CONTROL, held, _HELD)
        self._newly_asked = _lines_of(ANNUAL_CONTROL, asked, _NEW)
        self.old_after = add_years(schedule.in_force_from, 1)
        """Past that day, if no later schedule is known, a quote says that one may exist."""
        self.old_note = Message(
            "The schedule is of {day:date}, the latest known here: over a year old, it may have been replaced. "
            "Check with OPQIBI.",
            day=schedule.in_force_from,
        )
        # The tranches that a turnover fills whole, added up once: full[n] is what the first n come to.
        tranches = schedule.brand_usage.tranches
        self._uppers = [tranche.upper for tranche in tranches if tranche.upper is not None]
        self._full: list[tuple[tuple[Line, ...], Decimal]] = [((), ZERO)]
        self._labels = [_tranche_label(tranche) for tranche in tranches]
        for index, upper in enumerate(self._uppers):
            lines, exact = self._full[-1]
            line = self._tranche(index, EXACT.subtract(upper, tranches[index].lower))
            self._full.append(((*lines, line), EXACT.add(exact, line.amount)))

    def dossier(self) -> Fee:
        """Article I: the price of the application file, for a first application only."""
        return self._dossier

    def instruction(self, asked: Counts, codes: Codes = _NO_CODES) -> Fee:
        """Article II: a flat part, and a price per qualification asked for, by tariff code."""
        return _with_each(self._instruction_flat, asked, codes, self._asked)

    def brand_usage(self, turnover: Decimal) -> Fee:
        """Article III: cumulative tranches of the turnover, then the floor or the cap; for four years.

        The sum of the tranches is rounded once before the floor and the cap are applied; what these add or
        take away is a line of its own, so that the lines still add up to the fee, to the cent.
        """
        usage = self.schedule.brand_usage
        filled = bisect_right(self._uppers, turnover)
        lines, exact = self._full[filled]
        lower = usage.tranches[filled].lower
        if turnover > lower or not filled:
            line = self._tranche(filled, EXACT.subtract(turnover, lower))
            lines, exact = (*lines, line), EXACT.add(exact, line.amount)
        rounded = round_cents(exact)
        if usage.floor.amount <= rounded <= usage.cap.amount:
            return Fee(lines, rounded)
        limit, label = (usage.floor, _FLOOR) if rounded < usage.floor.amount else (usage.cap, _CAP)
        change = Line(BRAND_USAGE, limit.article, label, EXACT.subtract(limit.amount, rounded))
        return Fee((*lines, change), limit.amount)

    def annual_control(
        self, held: Counts, new: Counts, codes: Codes = _NO_CODES, new_codes: Codes = _NO_CODES
    ) -> Fee:
        """Article IV: a flat part, and a price per qualification held, by tariff code.

        New requests add a flat fee, once, and their instruction prices.
        """
        control = _with_each(self._control_flat, held, codes, self._held)
        if not any(new.values()):
            return control
        asked = _with_each(self._new_flat, new, new_codes, self._newly_asked)
        return Fee((*control.lines, *asked.lines), EXACT.add(control.amount, asked.amount))

    def _tranche(self, index: int, base: Decimal) -> Line:
        usage = self.schedule.brand_usage
        rate = usage.tranches[index].rate
        amount = EXACT.multiply(base, rate)
        return Line(BRAND_USAGE, usage.article, self._labels[index], amount, None, None, base, rate)


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


def _tranche_label(tranche: Tranche) -> Message:
    if tranche.upper is None:
        return Message("Tranche above {lower:euro}", lower=tranche.lower)
    return Message("Tranche from {lower:euro} to {upper:euro}", lower=tranche.lower, upper=tranche.upper)


def _flat(fee: str, price: Price, label: Message) -> Line:
    return Line(fee, price.article, label, price.amount, 1, price.amount)


def _lines_of(
    fee: str, prices: UnitPrices, wording: tuple[str, str]
) -> Callable[[int, int, tuple[str, ...]], Line]:
    """What makes the line of so many qualifications at a tariff, those of small counts only once."""

    @lru_cache(maxsize=1024)
    def line(tariff: int, count: int, codes: tuple[str, ...]) -> Line:
        price = prices.by_tariff[tariff]
        label = Message(wording[bool(codes)], tariff=tariff, codes=codes)
        return Line(
            fee, prices.article, label, EXACT.multiply(price, count), count, price, None, None, tariff
        )

    return line


def _with_each(
    flat: Line, counts: Counts, codes: Codes, line_of: Callable[[int, int, tuple[str, ...]], Line]
) -> Fee:
    """The flat part, then a line for each tariff; prices are in whole cents, and so is their sum."""
    lines, amount = [flat], flat.amount
    for tariff in sorted(counts):
        if count := counts[tariff]:
            line = line_of(tariff, count, codes.get(tariff, ()))
            lines.append(line)
            amount = EXACT.add(amount, line.amount)
    return Fee(tuple(lines), amount)
