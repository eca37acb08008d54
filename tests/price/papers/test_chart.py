"""Pictures: drawn alike each time, readable without colour, and said in words."""

import re
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from opqibi_rules.errors import RequestError
from opqibi_rules.paper.language import Language
from opqibi_rules.price.curve import curves
from opqibi_rules.price.papers.chart import Picture, turnover_curves, yearly_cost
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.quote import quote
from tests.price.papers.editions import EXPORT_DUTY, edition

START = date(2026, 3, 2)
EN = Language("en")
SVG = "{http://www.w3.org/2000/svg}"


def pictures(language: Language) -> list[Picture]:
    four_years = plan(start=START, tariffs={1: 5, 2: 3}, turnover=800_000)
    return [curve(800_000, language), yearly_cost(four_years, language)]


def curve(turnover: int | str | None, language: Language = EN, **asked: Any) -> Picture:
    return turnover_curves(curves(quote(on=START, tariffs={1: 1}, turnover=turnover, **asked)), language)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("index", [0, 1])
def test_an_svg_is_an_image_with_its_words(language: str, index: int) -> None:
    picture = pictures(Language(language))[index]
    svg = picture.render("svg")
    assert svg == pictures(Language(language))[index].render("svg")
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == picture.alternative == (root.findtext(f"{SVG}desc") or "")
    assert len(svg) < 120_000
    png = picture.render("png")
    assert png.startswith(b"\x89PNG")
    assert png == picture.render("png")


def test_the_words_say_what_the_eye_sees() -> None:
    drawn, years = pictures(EN)
    assert drawn.alternative == (
        "Brand-usage fee (4 years), article III, against the turnover « ingénierie ». Floor: €180 up to €225,000. "
        "Cap: €40,000 from €149,170,000 on. This structure: €557.50 for €800,000."
    )
    assert years.alternative.startswith(
        "Paid and borne each calendar year, by fee, excl. VAT. Total excl. VAT: €2,673.50. 2026: "
    )
    assert "2026: €1,803.50 paid, €1,327.28 borne." in years.alternative


@pytest.mark.parametrize("turnover", [None, "0", "225000", "149170000", "500000000", "0.01"])
def test_any_turnover_has_its_place(turnover: str | None) -> None:
    picture = curve(turnover)
    assert ElementTree.fromstring(picture.render()).tag == f"{SVG}svg"
    assert ("This structure" in picture.alternative) == (turnover is not None)


def overlapping(picture: Picture) -> list[tuple[str, str]]:
    """The words of a picture whose boxes meet, and those that leave it."""
    figure = picture.figure()
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    renderer: Any = canvas.get_renderer()
    # A tick beyond the limits of its axis is not drawn.
    undrawn = {
        tick.label1
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    words = [
        (one.get_text(), Text.get_window_extent(one, renderer))
        for one in figure.findobj(Text)
        if isinstance(one, Text) and one.get_text().strip() and one.get_visible() and one not in undrawn
    ]
    rings = [
        (f"ring {number}", Bbox.from_extents(x - r, y - r, x + r, y + r))
        for number, axes in enumerate(figure.axes)
        for line in axes.lines
        if line.get_marker() == "o"
        for x, y in axes.transData.transform(line.get_xydata())
        for r in [5 * figure.dpi / 72]
    ]
    met = [(one[0], other[0]) for one, other in combinations(words, 2) if one[1].overlaps(other[1])]
    met += [(ring[0], word[0]) for ring in rings for word in words if ring[1].overlaps(word[1])]
    page = figure.bbox
    outside = [
        (text, "the page")
        for text, box in words
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    return met + outside


# Near the cap (149 170 000) they met; far beyond it, the graduations did.
TURNOVERS = [
    0,
    9_000,
    225_000,
    800_000,
    15_000_000,
    120_000_000,
    148_000_000,
    150_000_000,
    10**10,
    10**12 - 1,
]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_words_stand_over_others_at_any_turnover(language: str) -> None:
    found = {turnover: overlapping(curve(turnover, Language(language))) for turnover in TURNOVERS}
    assert {turnover: met for turnover, met in found.items() if met} == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_words_stand_over_others_whatever_the_schedule(language: str, tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    for turnover in (0, 2_000, 9_500_000, 20_000_000, 10**11):
        given = {"france": turnover, "export": turnover}
        asked = quote(on=START, qualifications=["1234:1"], turnovers=given, tables=tables)
        assert overlapping(turnover_curves(curves(asked), Language(language))) == [], turnover


@pytest.mark.parametrize("years", [4, 14, 40])
def test_no_words_stand_over_others_in_a_plan(years: int) -> None:
    found = plan(start=START, years=years, tariffs={1: 900}, turnover=10**9)
    assert overlapping(yearly_cost(found, Language("fr"))) == []


def test_a_control_draws_the_fees_that_will_follow_the_turnover() -> None:
    assert curve(None, event="control").title == "Brand-usage fee against turnover"


def test_only_limits_that_are_declared_and_reached_are_said(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    asked = quote(
        on=START, qualifications=["1234:1"], turnovers={"france": 0, "export": 10_000}, tables=tables
    )
    picture = turnover_curves(curves(asked), EN)
    assert picture.title == "Subscription, Export duty against turnover"
    # 5 000 = 400 + 4 600, which is 0,5 ‰ of 9 200 000 over 500 000; 30 is 1,23457 % of 2 429,995… .
    assert picture.alternative == (
        "Subscription (2 years), article B, against the turnover « France ». Cap: €5,000 from €9,700,000 on. "
        "This structure: €0 for €0. "
        "Export duty (3 years), article D, against the turnover « export ». Floor: €30 up to €2,430. "
        "This structure: €123.46 for €10,000."
    )
    assert picture.render().startswith(b"<?xml")


def test_a_schedule_without_tranches_has_no_curve() -> None:
    with pytest.raises(RequestError, match="nothing to draw"):
        turnover_curves((), EN)


@pytest.mark.parametrize(("name", "hatched"), [("later", 1), ("repeated", 1), ("more_fees", 3)])
def test_each_fee_of_any_schedule_has_a_look_of_its_own(name: str, hatched: int, tmp_path: Path) -> None:
    tables = edition(name, tmp_path)
    found = plan(start=date(2027, 3, 2), years=5, tariffs={1: 1}, turnover=1, tables=tables)
    svg = yearly_cost(found, EN).render().decode()
    assert len(set(re.findall(r'<pattern id="(\w+)"', svg))) == hatched
    assert {"#1a1a1a", "#5f87ad", "#ffffff"} <= set(re.findall(r"fill: (#[0-9a-f]{6})", svg))


def test_plans_long_short_and_empty() -> None:
    for asked in ({"years": 40}, {"years": 1}, {"event": "control", "control": 3, "years": 1}):
        four = plan(**{"start": START, "tariffs": {1: 1}, "turnover": 1, **asked})  # type: ignore[arg-type] # any question
        assert yearly_cost(four, EN).render().startswith(b"<?xml")


def test_in_black_and_white_each_fee_keeps_its_own_look() -> None:
    svg = pictures(EN)[1].render().decode()
    fills = set(re.findall(r"fill: (#[0-9a-f]{6})", svg))
    lightness = sorted(
        sum(weight * int(fill[at : at + 2], 16) for at, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)))
        for fill in fills & {"#1a1a1a", "#5f87ad", "#ffffff"}
    )
    assert len(lightness) == 3
    assert all(after - before > 60 for before, after in pairwise(lightness))
    assert "url(#h" in svg  # brand usage is hatched


def test_an_unknown_form() -> None:
    with pytest.raises(RequestError, match="gif"):
        pictures(EN)[0].render("gif")
