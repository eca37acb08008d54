"""Two pictures, as SVG or PNG: fees by tranches against turnover, and what a plan costs each year.

The curve is that of the page too. Shades, hatching and labels carry the meaning, so that a picture printed in
black and white says the same; each has a text that says it without being seen.
"""

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING, Literal, NamedTuple

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.price.curve import Curve
from opqibi_rules.price.partial import total_excl_vat, without
from opqibi_rules.price.planning.plan import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

FORMS = ("svg", "png")
_INK, _GREY, _PALE = "#1a1a1a", "#6b6b6b", "#c9c9c9"
_ACCENT = "#0b5fa5"
_FILLS = (
    ("#1a1a1a", ""),
    ("#5f87ad", ""),
    ("#d7e3ee", "////"),
    ("#ffffff", ""),
    ("#9fb6cc", "...."),
    ("#3b5876", "xx"),
    ("#ffffff", "----"),
)
"""The colour and the hatching of each fee in turn: they differ in lightness, in pattern where that is close."""
_SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": _GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "opqibi-rules",
    "svg.fonttype": "path",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in one language: how it is drawn, its title, and what it says to who cannot see it."""

    title: str
    alternative: str
    drawings: tuple[Callable[["Axes"], None], ...]
    """Each on axes of its own, one below the other."""
    height: float = 2.7
    """In inches, for a width of 6.7: the text width of an A4 page."""

    def render(self, form: str = "svg") -> bytes:
        """The file: the same bytes for the same picture.

        Raises:
            RequestError: an unknown form, or the « chart » extra is not installed.
        """
        if form not in FORMS:
            raise RequestError("A picture is made as {forms}, not « {form} ».", forms=FORMS, form=form[:20])
        matplotlib = load("matplotlib", extra="chart")
        with matplotlib.rc_context(_SETTINGS):
            figure, out = self.figure(), io.BytesIO()
            metadata = {"Title": self.title, "Description": self.alternative}
            if form == "svg":
                metadata |= {"Date": None, "Creator": "opqibi-rules"}  # type: ignore[dict-item] # None: leave it out
            figure.savefig(out, format=form, dpi=200, metadata=metadata)
        return self._described(out.getvalue()) if form == "svg" else out.getvalue()

    def figure(self) -> "Figure":
        """The drawings, one below the other."""
        size = 6.7, self.height
        with load("matplotlib", extra="chart").rc_context(_SETTINGS):
            figure: Figure = load("matplotlib.figure", extra="chart").Figure(
                figsize=size, layout="constrained"
            )
            for number, draw in enumerate(self.drawings, 1):
                draw(figure.add_subplot(len(self.drawings), 1, number))
        return figure

    def _described(self, svg: bytes) -> bytes:
        """The SVG with its text alternative where screen readers look for it."""
        from xml.sax.saxutils import escape, quoteattr  # noqa: PLC0415 - only an SVG needs it

        label = f'<svg role="img" aria-label={quoteattr(self.alternative)} '.encode()
        description = f"<desc>{escape(self.alternative)}</desc>\n <metadata>".encode()
        return svg.replace(b"<svg ", label, 1).replace(b"<metadata>", description, 1)


def turnover_curves(curves: Sequence[Curve], language: Language) -> Picture:
    """Fees by tranches against the turnover, one below the other: floor, tranches, cap, the structure's point.

    Raises:
        RequestError: there is none.
    """
    if not curves:
        raise RequestError("No fee of this schedule follows a turnover: there is nothing to draw.")
    drawings = [_TurnoverDrawing(curve, language) for curve in curves]
    title = Message("{fees} against turnover", fees=tuple(curve.fee.name for curve in curves))
    return Picture(
        language.say(title),
        _sentences([sentence for one in drawings for sentence in one.sentences()], language.say),
        tuple(one.draw for one in drawings),
        2.7 * len(drawings),
    )


class _Label(NamedTuple):
    """Words beside a point, their ``offset`` in points of print; without one, above the drawing."""

    text: Message
    at: tuple[float, float]
    offset: tuple[int, int] | None = None
    align: Literal["left", "right"] = "left"


class _TurnoverDrawing:
    """A fee against its turnover, on logarithmic scales."""

    @exactly
    def __init__(self, curve: Curve, language: Language) -> None:
        self.curve, self.language = curve, language
        own = curve.turnover or Decimal(1_000_000)
        first = min(curve.breaks, default=own)
        least, most = max(min(first, own) / Decimal("4.5"), first / 100), max([*curve.breaks, own]) * 2
        points = curve.points(least, most, also=_scale(least, most))
        self.points = [(float(at), float(fee)) for at, fee in points if fee]
        fees = [fee for _, fee in self.points] or [1.0]
        self.across = float(least), float(most)
        # Above the highest and below the floor, a sixth of the drawing: the words of the limits stand there.
        low = min(fees) if curve.part.floor else max(min(fees), max(fees) / 10_000)
        room = (max(fees) / low) ** 0.25
        self.up = low / max(3, room), max(fees) * max(2, room)
        self.labels = list(self._labels())

    def _labels(self) -> Iterator[_Label]:
        """The floor, the cap and the structure's own point, each with its words."""
        part, limits, own = self.curve.part, self.curve.limits, self.curve.turnover
        if part.floor and limits.floor_until:
            fee, turnover = part.floor.amount, limits.floor_until
            text = Message("Floor: {fee:euro} up to {turnover:euro}", fee=fee, turnover=turnover)
            yield _Label(text, (self.across[0], float(fee)), (5, -12))
        if part.cap and limits.cap_from:
            fee, turnover = part.cap.amount, limits.cap_from
            text = Message("Cap: {fee:euro} from {turnover:euro} on", fee=fee, turnover=turnover)
            left = (
                float(turnover) ** 2 < self.across[0] * self.across[1]
            )  # towards the middle, on either side
            yield _Label(
                text, (float(turnover), float(fee)), (0 if left else 14, 12), "left" if left else "right"
            )
        if own is not None:
            fee = self.curve.amount(own)
            text = Message("This structure: {fee:euro} for {turnover:euro}", fee=fee, turnover=own)
            yield _Label(text, (max(float(own), self.across[0]), max(float(fee), self.up[0])))

    def sentences(self) -> list[Message]:
        """What it says to who cannot see it."""
        fee, article, base = self.curve.fee.title, self.curve.part.article, self.curve.base.name
        what = Message(
            "{fee}, article {article}, against the turnover {base}.", fee=fee, article=article, base=base
        )
        return [what, *(label.text for label in self.labels)]

    def draw(self, axes: "Axes") -> None:
        """Draw it."""
        say, curve = self.language.say, self.curve
        axes.loglog(*zip(*self.points, strict=True), color=_ACCENT, linewidth=2.2, solid_capstyle="round")
        for edge in (tranche.up_to for tranche in curve.part.tranches if tranche.up_to is not None):
            at = [float(edge)], [float(curve.amount(edge))]
            axes.plot(*at, marker="|", color=_ACCENT, markersize=9, markeredgewidth=1.4)
        axes.set_xlim(*self.across)
        axes.set_ylim(*self.up)
        axes.grid(visible=True, which="major", color=_PALE, linewidth=0.6)
        for axis, limits in ((axes.xaxis, self.across), (axes.yaxis, self.up)):
            axis.set_ticks(_powers(*limits))
            axis.set_minor_formatter("")
        _euros(axes.xaxis, self.language)
        _euros(axes.yaxis, self.language)
        axes.tick_params(which="minor", length=0)
        axes.set_xlabel(say(Message("Turnover excl. VAT, {base} (logarithmic scale)", base=curve.base.name)))
        axes.set_ylabel(say(Message("{fee}, excl. VAT", fee=curve.fee.title)))
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        for text, point, offset, align in self.labels:
            if offset is None:
                # Wherever the point is, its words stand clear of the others.
                axes.plot([point[0]], [point[1]], marker="o", markersize=8, color=_INK, mfc="white", mew=2)
                axes.set_title(f"○ {say(text)}", loc="right", fontsize=8.5, weight="bold")
                continue
            axes.annotate(
                say(text), point, offset, textcoords="offset points", ha=align, va="center", fontsize=8.5,
                bbox=paper,
            )  # fmt: skip


def yearly_cost(plan: Plan, language: Language) -> Picture:
    """What is paid each financial year and what it bears, stacked by fee, in euros excl. VAT."""
    say = language.say
    looks = dict(zip((fee.id for fee in plan.fees), cycle(_FILLS), strict=False))
    fees = [(fee.id, say(fee.title), looks.get(fee.id, _FILLS[0])) for fee in plan.fees_met]
    total = plan.sums.total_excl_vat
    sentences = [
        Message(
            "Paid and borne each calendar year, by fee, excl. VAT. {name}: {total:euro}.",
            name=total_excl_vat(plan.missing_fees),
            total=total,
        )
    ]
    for one in plan.by_year:
        year, cash, expense = one.label, one.cash, one.expense
        text = Message(
            "{year}: {cash:euro} paid, {expense:euro} borne", year=year, cash=cash, expense=expense
        )
        sentences.append(text)

    def draw(axes: "Axes") -> None:
        _stack(axes, -1, [year.cash_by_fee for year in plan.by_year], fees)
        _stack(axes, 1, [year.expense_by_fee for year in plan.by_year], fees)
        years = [year.label for year in plan.by_year]
        step = 1 + len(years) // 14
        axes.set_xticks(range(0, len(years), step), years[::step])
        axes.tick_params(axis="x", length=0)
        highest = max((max(year.cash, year.expense) for year in plan.by_year), default=Decimal(1))
        axes.set_ylim(0, float(highest) * 1.08)
        axes.grid(visible=True, axis="y", color=_PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        _euros(axes.yaxis, language)
        axes.set_xlabel(say(Message("Each year: on the left what is paid, on the right what the year bears")))
        axes.set_ylabel(say(Message("Euros excl. VAT")))
        axes.figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8, handleheight=1.2)

    title = without(Message("What is paid, and what each year bears"), plan.missing_fees)
    return Picture(say(title), _sentences(sentences, say), (draw,))


def _stack(
    axes: "Axes",
    side: int,
    amounts: Sequence[Mapping[str, Decimal]],
    fees: Sequence[tuple[str, str, tuple[str, str]]],
) -> None:
    """The bars of one side of the years, fee upon fee (id, name, look); the legend names them once."""
    width = 0.38
    where = [index + side * width * 0.54 for index in range(len(amounts))]
    bottom = [0.0] * len(amounts)
    for fee, name, (colour, hatch) in fees:
        heights = [float(by_fee.get(fee, 0)) for by_fee in amounts]
        axes.bar(
            where, heights, width, bottom=bottom, color=colour, hatch=hatch, edgecolor=_INK,
            linewidth=0.7, label=name if side < 0 else None,
        )  # fmt: skip
        bottom = [base + height for base, height in zip(bottom, heights, strict=True)]


def _sentences(messages: Sequence[Message], say: Callable[[Message], str]) -> str:
    return " ".join(f"{text}." if text[-1] != "." else text for text in map(say, messages))


def _scale(least: Decimal, most: Decimal) -> Iterator[Decimal]:
    """Turnovers from ``least`` to ``most``, each a little over the last, as a logarithmic scale wants."""
    step = math.log(1.08)
    for number in range(int(math.log(most / least) / step) + 1):
        yield Decimal(f"{float(least) * math.exp(number * step):.2f}")


def _powers(least: float, most: float) -> list[float]:
    """The powers of ten between two values; one in two or three where they are many, and their words long."""
    found = [10.0**power for power in range(-2, 13) if least <= 10.0**power <= most]
    return found[:: 1 + sum(len(f"{value:.0f}") for value in found) // 40]


def _euros(axis: "Axis", language: Language) -> None:
    """Write the ticks of an axis as amounts."""
    axis.set_major_formatter(lambda value, _: language.euro(round(value)))
