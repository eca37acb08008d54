"""Pictures: drawn alike each time, readable without colour, and said in words."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.chart import Picture, usage_curve, yearly_cost
from opqibi_rules.price.plan import plan
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.schedule import Tranche

START = date(2026, 3, 2)
SCHEDULE = shipped_tables().schedule(START)
EN = Language("en")
SVG = "{http://www.w3.org/2000/svg}"


def pictures(language: Language) -> list[Picture]:
    four_years = plan(start=START, tariffs={1: 5, 2: 3}, turnover=800_000)
    return [usage_curve(SCHEDULE, Decimal(800_000), language), yearly_cost(four_years, language)]


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
    curve, years = pictures(EN)
    assert curve.alternative == (
        "The brand-usage fee (article III, four years) against the turnover. Floor: €180 up to €225,000. "
        "Cap: €40,000 from €149,170,000 on. This structure: €557.50 for €800,000."
    )
    assert years.alternative.startswith(
        "Paid and borne each calendar year, by fee, excl. VAT; €2,673.50 in all."
    )
    assert "2026: €1,803.50 paid, €1,327.28 borne." in years.alternative


@pytest.mark.parametrize("turnover", [None, "0", "225000", "149170000", "500000000", "0.01"])
def test_any_turnover_has_its_place(turnover: str | None) -> None:
    picture = usage_curve(SCHEDULE, None if turnover is None else Decimal(turnover), EN)
    assert ElementTree.fromstring(picture.render()).tag == f"{SVG}svg"
    assert ("This structure" in picture.alternative) == (turnover is not None)


def test_a_schedule_without_floor_or_cap_says_neither() -> None:
    flat = (Tranche(Decimal(0), None, Decimal(0)),)
    usage = replace(SCHEDULE.brand_usage, tranches=flat)
    picture = usage_curve(replace(SCHEDULE, brand_usage=usage), Decimal(800_000), EN)
    assert "Floor" not in picture.alternative
    assert "Cap" not in picture.alternative
    assert picture.render().startswith(b"<?xml")


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
