"""The drawings of the page, as coordinates: a fee by tranches against the turnover, the years of a plan."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.price.curve import Curve, curves
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.quote import Quote

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 18, 36
_ROUND = (1, 2, 5)


class Tick(NamedTuple):
    """A graduation: where, and what it says."""

    at: str
    text: str


class _Box:
    """What a drawing stands in, ``WIDTH`` by ``HEIGHT``, and where its axes do."""

    width, height = WIDTH, HEIGHT
    left, right, bottom = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM


@dataclass(frozen=True)
class Line(_Box):
    """A fee against a turnover."""

    points: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    dot: tuple[str, str]
    label: str


def turnover_lines(quote: Quote, language: Language) -> tuple[Line, ...]:
    """The fees of a quote that follow a turnover, each around the one that it takes."""
    known = ((curve, curve.turnover) for curve in curves(quote))
    return tuple(_line(curve, turnover, language) for curve, turnover in known if turnover is not None)


def _line(curve: Curve, turnover: Decimal, language: Language) -> Line:
    """A fee by tranches around a turnover, with the turnover's own point on it."""
    most = _round_up(max(turnover * 2, Decimal(1_000_000)))
    points = curve.points(Decimal(0), most, also=[turnover])
    fee = curve.amount(turnover)
    highest = _round_up(max(amount for _, amount in points) * Decimal("1.05") or Decimal(1))

    def across(value: Decimal) -> str:
        return f"{LEFT + value / most * (WIDTH - LEFT - RIGHT):.1f}"

    def up(value: Decimal) -> str:
        return f"{HEIGHT - BOTTOM - value / highest * (HEIGHT - TOP - BOTTOM):.1f}"

    said = Message(
        "{name} against turnover: {fee:euro} for {turnover:euro}.",
        name=curve.fee.name,
        fee=fee,
        turnover=turnover,
    )
    return Line(
        " ".join(f"{across(at)},{up(amount)}" for at, amount in points),
        tuple(Tick(across(most * n / 4), _short(most * n / 4, language)) for n in range(5)),
        tuple(Tick(up(highest * n / 4), _short(highest * n / 4, language)) for n in range(5)),
        (across(turnover), up(fee)),
        language.say(said),
    )


def _round_up(value: Decimal) -> Decimal:
    """The next round value: 1, 2, 5, 10, 20, 50 and so on."""
    scale = Decimal(10) ** value.adjusted()
    return next(step * scale for step in (*_ROUND, 10) if step * scale >= value)


def _short(value: Decimal, language: Language) -> str:
    """A graduation in a few signs: 500 000 as « 500 k€ », 2 000 000 as « 2 M€ »."""
    for unit, name in ((1_000_000, "M€"), (1_000, "k€")):
        if value >= unit:
            return f"{language.number(value / unit)}\N{NO-BREAK SPACE}{name}"
    return f"{language.number(value)}\N{NO-BREAK SPACE}€"


class Bar(NamedTuple):
    """A rectangle, its width that of all."""

    x: str
    y: str
    height: str


class YearBars(NamedTuple):
    """What a year pays, beside what it bears."""

    name: str
    middle: str
    paid: Bar
    borne: Bar


@dataclass(frozen=True)
class Bars(_Box):
    """What each year pays and bears."""

    years: tuple[YearBars, ...]
    up: tuple[Tick, ...]
    bar: str
    label: str


def yearly_bars(plan: Plan, language: Language) -> Bars:
    """The years of a plan, side by side."""
    highest = _round_up(max(max(year.cash, year.expense) for year in plan.by_year) or Decimal(1))
    room = Decimal(WIDTH - LEFT - RIGHT) / len(plan.by_year)
    bar = min(room * Decimal("0.36"), Decimal(46))

    def drawn(amount: Decimal, x: Decimal) -> Bar:
        height = amount / highest * (HEIGHT - TOP - BOTTOM)
        return Bar(f"{x:.1f}", f"{HEIGHT - BOTTOM - height:.1f}", f"{height:.1f}")

    years = []
    for index, year in enumerate(plan.by_year):
        middle = LEFT + room * index + room / 2
        borne = drawn(year.expense, middle + 1)
        years.append(YearBars(year.label, f"{middle:.1f}", drawn(year.cash, middle - bar - 1), borne))
    told = [
        language.say(
            Message(
                "{year}: {paid:euro} paid, {borne:euro} borne",
                year=year.label,
                paid=year.cash,
                borne=year.expense,
            )
        )
        for year in plan.by_year
    ]
    steps = tuple(highest * n / 4 for n in range(5))
    return Bars(
        tuple(years),
        tuple(Tick(drawn(step, Decimal(0)).y, _short(step, language)) for step in steps),
        f"{bar:.1f}",
        " ; ".join(told),
    )
