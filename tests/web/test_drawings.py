"""The drawings: on the page's scale, at the core's amounts."""

from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.paper.language import Language
from opqibi_rules.price.plan import plan
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.drawings import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, usage_curve, yearly_bars

FRENCH = Language("fr")


@pytest.mark.parametrize("turnover", [0, 1, 224_999, 250_000, 800_000, 3_000_000, 50_000_000, 10**12])
def test_the_curve_rises_within_its_box_to_the_point(turnover: int) -> None:
    (schedule,) = Tables().schedules
    curve = usage_curve(schedule, Decimal(turnover), FRENCH)
    points = [tuple(map(Decimal, point.split(","))) for point in curve.points.split(" ")]
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert tuple(map(Decimal, curve.dot)) in points
    assert curve.across[0].text == "0\N{NO-BREAK SPACE}€"


def test_the_curve_says_what_it_shows() -> None:
    (schedule,) = Tables().schedules
    assert "557,50" in usage_curve(schedule, Decimal(800_000), FRENCH).label


def test_each_year_has_its_two_bars_on_the_axis() -> None:
    answer = plan(start=date(2026, 3, 2), tariffs={1: 5}, turnover=800_000)
    bars = yearly_bars(answer, FRENCH)
    assert [year.name for year in bars.years] == ["2026", "2027", "2028", "2029", "2030"]
    for year in bars.years:
        for bar in (year.paid, year.borne):
            assert Decimal(bar.y) + Decimal(bar.height) == HEIGHT - BOTTOM
            assert Decimal(bar.y) >= TOP
    assert bars.label.startswith("2026")
