"""The VAT of a page by rate: a base, its rate and its VAT, on one row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opqibi_rules.money import ZERO, round_cents
from opqibi_rules.paper.pages.figures import Figure, Kind
from opqibi_rules.paper.pages.layout import Row

HIGHEST_RATE = Decimal("0.30")
"""No country's VAT is higher (Hungary: 27 %)."""
MOST_GROUPS = 8
"""Of a page, and amounts on a row of them: no invoice has as many."""


@dataclass(frozen=True, eq=False)
class Group:
    """A VAT rate, its base and its amount, on one row."""

    rate: Decimal
    base: Figure
    amount: Figure


def groups_of(figures: Sequence[Figure]) -> Iterator[Group]:
    """The groups that the figures of a row may be."""
    money = [figure for figure in figures if figure.kind is Kind.NUMBER and figure.is_money]
    if not 2 <= len(money) <= MOST_GROUPS:
        return
    for figure in figures:
        rate = _rate(figure, money)
        if rate is None:
            continue
        for base in money:
            for amount in money:
                if base is amount or figure in {base, amount} or not base.value:
                    continue
                if is_vat(base.value, rate, amount.value):
                    yield Group(rate, base, amount)


def _rate(figure: Figure, money: Iterable[Figure]) -> Decimal | None:
    """The VAT rate that a figure may be: a percentage, or a bare number on a row of amounts."""
    if figure.kind is Kind.RATE:
        return figure.value if ZERO <= figure.value <= HIGHEST_RATE else None
    if figure.currency is not None or (figure in money and figure.decimals > 2):
        return None
    rate = figure.value / 100
    return rate if ZERO <= rate <= HIGHEST_RATE else None


def is_vat(base: Decimal, rate: Decimal, amount: Decimal) -> bool:
    """Whether an amount is the VAT of a base at a rate, to the cent, both of one sign."""
    if base * amount < 0:
        return False
    return round_cents(abs(base) * rate) == abs(amount)


def distinct_groups(groups: Iterable[Group]) -> list[Group]:
    """Groups on rows of their own: of two on one row that say the same, the first."""
    found: dict[tuple[Row, Decimal, Decimal, Decimal], Group] = {}
    for group in groups:
        found.setdefault((group.base.row, group.rate, group.base.value, group.amount.value), group)
    return list(found.values())


def apart(groups: Sequence[Group]) -> bool:
    """Groups of one rate may be two where each is on a row of its own."""
    return len({group.base.row for group in groups}) == len(groups)
