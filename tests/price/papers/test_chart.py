"""Pictures: drawn alike each time, readable without colour, and said in words."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.paper.language import Language
from opqibi_rules.price.curve import curves
from opqibi_rules.price.papers.chart import Picture, turnover_curves, yearly_cost
from opqibi_rules.price.plan import plan
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
        "Paid and borne each calendar year, by fee, excl. VAT; €2,673.50 in all."
    )
    assert "2026: €1,803.50 paid, €1,327.28 borne." in years.alternative


@pytest.mark.parametrize("turnover", [None, "0", "225000", "149170000", "500000000", "0.01"])
def test_any_turnover_has_its_place(turnover: str | None) -> None:
    picture = curve(turnover)
    assert ElementTree.fromstring(picture.render()).tag == f"{SVG}svg"
    assert ("This structure" in picture.alternative) == (turnover is not None)


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
