"""Two pictures, as SVG or PNG: the brand-usage fee against turnover, and what a plan costs each year.

One definition serves the PDF, the page and the file. Shades, hatching and labels carry the meaning, so that
a picture printed in black and white says the same; each has a text that says it without being seen.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.price.fees import FEE_NAMES, FEES, articles_of
from opqibi_rules.price.comparison import limits
from opqibi_rules.price.plan import Plan
from opqibi_rules.tables.schedule import Schedule

FORMS = ("svg", "png")
_INK, _GREY, _PALE = "#1a1a1a", "#6b6b6b", "#c9c9c9"
_ACCENT = "#0b5fa5"
_FILLS = {
    "dossier": ("#1a1a1a", ""),
    "instruction": ("#5f87ad", ""),
    "brand_usage": ("#d7e3ee", "////"),
    "annual_control": ("#ffffff", ""),
}
"""The colour and the hatching of each fee: they differ in lightness, and in pattern where that is close."""
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
    _draw: Callable[[Any], None]
    height: float = 2.7
    """In inches, for a width of 6.7: the text width of an A4 page."""

    def render(self, form: str = "svg") -> bytes:
        """The file: the same bytes for the same picture.

        Raises:
            RequestError: an unknown form, or the « chart » extra is not installed.
        """
        if form not in FORMS:
            raise RequestError(
                Message("A picture is made as {forms}, not « {form} ».", forms=FORMS, form=form[:20])
            )
        matplotlib = load("matplotlib", extra="chart")
        with matplotlib.rc_context(_SETTINGS):
            figure = load("matplotlib.figure", extra="chart").Figure(
                figsize=(6.7, self.height), layout="constrained"
            )
            self._draw(figure.add_subplot())
            out = io.BytesIO()
            metadata = {"Title": self.title, "Description": self.alternative}
            if form == "svg":
                metadata |= {"Date": None, "Creator": "opqibi-rules"}  # type: ignore[dict-item] # None: leave it out
            figure.savefig(out, format=form, dpi=200, metadata=metadata)
        return self._described(out.getvalue()) if form == "svg" else out.getvalue()

    def _described(self, svg: bytes) -> bytes:
        """The SVG with its text alternative where screen readers look for it."""
        from xml.sax.saxutils import escape, quoteattr  # noqa: PLC0415 - only an SVG needs it

        label = f'<svg role="img" aria-label={quoteattr(self.alternative)} '.encode()
        description = f"<desc>{escape(self.alternative)}</desc>\n <metadata>".encode()
        return svg.replace(b"<svg ", label, 1).replace(b"<metadata>", description, 1)


def usage_curve(schedule: Schedule, turnover: Decimal | None, language: Language) -> Picture:
    """The brand-usage fee against turnover (article III): floor, tranches, cap, and the structure's point."""
    say, rules = language.say, articles_of(schedule)

    def fee(at: Decimal) -> Decimal:
        return rules.brand_usage(at).amount

    usage, bounds = schedule.brand_usage, limits(schedule)
    edges = [tranche.upper for tranche in usage.tranches if tranche.upper is not None]
    known = [
        *edges,
        *(limit for limit in (bounds.floor_until, bounds.cap_from) if limit),
        *([turnover] if turnover else []),
    ]
    least, most = Decimal(50_000), max(known) * 2
    points = sorted({*_scale(least, most), *(point for point in known if point >= least)})

    floor = Message(
        "Floor: {fee:euro} up to {turnover:euro}", fee=usage.floor.amount, turnover=bounds.floor_until
    )
    cap = Message("Cap: {fee:euro} from {turnover:euro} on", fee=usage.cap.amount, turnover=bounds.cap_from)
    sentences = [
        Message("The brand-usage fee (article III, four years) against the turnover."),
        *([floor] if bounds.floor_until else []),
        *([cap] if bounds.cap_from else []),
    ]
    own = None
    if turnover is not None:
        own = Message("This structure: {fee:euro} for {turnover:euro}", fee=fee(turnover), turnover=turnover)
        sentences.append(own)

    def draw(axes: Any) -> None:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.plot(
            points, [fee(point) for point in points], color=_ACCENT, linewidth=2.2, solid_capstyle="round"
        )
        for edge in edges:
            axes.plot([edge], [fee(edge)], marker="|", color=_ACCENT, markersize=9, markeredgewidth=1.4)
        axes.set_xlim(least, most)
        axes.set_ylim(usage.floor.amount / 3, usage.cap.amount * 2)
        axes.grid(visible=True, which="major", color=_PALE, linewidth=0.6)
        axes.set_xticks([at for at in (10**n for n in range(5, 9)) if least <= at <= most])
        axes.set_yticks(
            [at for at in (100, 1_000, 10_000) if usage.floor.amount / 3 <= at <= usage.cap.amount * 2]
        )
        _euros(axes.xaxis, language)
        _euros(axes.yaxis, language)
        axes.tick_params(which="minor", length=0)
        axes.set_xlabel(say(Message("Turnover excl. VAT (logarithmic scale)")))
        axes.set_ylabel(say(Message("Fee for four years, excl. VAT")))
        if bounds.floor_until:
            _label(axes, say(floor), (least, usage.floor.amount), (5, -12))
        if bounds.cap_from:
            _label(axes, say(cap), (bounds.cap_from, usage.cap.amount), (14, 12), ha="right")
        if own is not None and turnover is not None:
            at = (max(turnover, least), fee(turnover))
            axes.plot(*[[value] for value in at], marker="o", markersize=8, color=_INK, mfc="white", mew=2)
            if turnover > 10_000_000:
                _label(axes, say(own), at, (-10, 10), ha="right", weight="bold")
            else:
                _label(axes, say(own), at, (11, -9), weight="bold")

    return Picture(say(Message("The brand-usage fee against turnover")), _sentences(sentences, say), draw)


def yearly_cost(plan: Plan, language: Language) -> Picture:
    """What is paid each calendar year and what it bears, stacked by fee, in euros excl. VAT."""
    say = language.say
    years = [year.year for year in plan.by_year]
    fees = [fee for fee in FEES if fee in plan.sums.by_fee]
    sentences = [
        Message(
            "Paid and borne each calendar year, by fee, excl. VAT; {total:euro} in all.",
            total=plan.sums.total_excl_vat,
        ),
        *(
            Message(
                "{year}: {cash:euro} paid, {expense:euro} borne",
                year=year.year,
                cash=year.cash,
                expense=year.expense,
            )
            for year in plan.by_year
        ),
    ]

    def draw(axes: Any) -> None:
        width = 0.38
        highest = max((max(year.cash, year.expense) for year in plan.by_year), default=Decimal(1))
        for side, amounts in (
            (-1, [year.cash_by_fee for year in plan.by_year]),
            (1, [year.expense_by_fee for year in plan.by_year]),
        ):
            where = [index + side * width * 0.54 for index in range(len(years))]
            bottom = [Decimal(0)] * len(years)
            for fee in fees:
                heights = [by_fee.get(fee, Decimal(0)) for by_fee in amounts]
                colour, hatch = _FILLS[fee]
                axes.bar(
                    where, heights, width, bottom=bottom, color=colour, hatch=hatch, edgecolor=_INK,
                    linewidth=0.7, label=say(FEE_NAMES[fee]) if side < 0 else None,
                )  # fmt: skip
                bottom = [base + height for base, height in zip(bottom, heights, strict=True)]
        step = 1 + len(years) // 14
        axes.set_xticks(range(0, len(years), step), [str(year) for year in years[::step]])
        axes.tick_params(axis="x", length=0)
        axes.set_ylim(0, highest * Decimal("1.08"))
        axes.grid(visible=True, axis="y", color=_PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        _euros(axes.yaxis, language)
        axes.set_xlabel(say(Message("Each year: on the left what is paid, on the right what the year bears")))
        axes.set_ylabel(say(Message("Euros excl. VAT")))
        axes.figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8, handleheight=1.2)

    return Picture(say(Message("What is paid, and what each year bears")), _sentences(sentences, say), draw)


def _sentences(messages: Sequence[Message], say: Callable[[Message], str]) -> str:
    return " ".join(f"{text}." if text[-1] != "." else text for text in map(say, messages))


def _scale(least: Decimal, most: Decimal) -> Iterator[Decimal]:
    """Turnovers from ``least`` to beyond ``most``, each a little over the last, as a logarithmic scale wants."""
    point = least
    while point < most:
        yield point
        point = EXACT.to_integral_value(EXACT.multiply(point, Decimal("1.08")))
    yield point


def _euros(axis: Any, language: Language) -> None:
    """Write the ticks of an axis as amounts."""
    axis.set_major_formatter(lambda value, _: language.euro(round(value)))


def _label(axes: Any, text: str, at: tuple[Decimal, Decimal], offset: tuple[int, int], **style: Any) -> None:
    """A text beside a point, ``offset`` in points of print, over the lines of the grid."""
    style = {"ha": "left", "va": "center", "fontsize": 8.5} | style
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    axes.annotate(text, at, offset, textcoords="offset points", bbox=paper, **style)
