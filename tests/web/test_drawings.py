"""The drawings: on the page's scale, at the core's amounts."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from opqibi_rules.paper.language import Language
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.quote import quote
from opqibi_rules.web.prices.drawings import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Line,
    turnover_lines,
    yearly_bars,
)
from tests.price.papers.editions import EXPORT_DUTY, edition

FRENCH = Language("fr")
DAY = date(2026, 3, 2)


def line(turnover: int) -> Line:
    (drawn,) = turnover_lines(quote(on=DAY, tariffs={1: 1}, turnover=turnover), FRENCH)
    return drawn


def placed(drawn: Line) -> list[tuple[Decimal, Decimal]]:
    points = [point.split(",") for point in drawn.points.split(" ")]
    return [(Decimal(x), Decimal(y)) for x, y in points]


@pytest.mark.parametrize("turnover", [0, 1, 224_999, 250_000, 800_000, 3_000_000, 50_000_000, 10**12])
def test_the_line_rises_within_its_box_to_the_point(turnover: int) -> None:
    drawn = line(turnover)
    points = placed(drawn)
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert tuple(map(Decimal, drawn.dot)) in points
    assert drawn.across[0].text == "0\N{NO-BREAK SPACE}€"


def test_the_line_says_what_it_shows() -> None:
    assert "557,50" in line(800_000).label


def test_the_line_bends_where_the_floor_ends_and_where_the_cap_starts() -> None:
    # Across 540 points for 1 000 000 €: 225 000 € at 80 + 121,5; nothing rises before it.
    points = placed(line(100_000))
    assert {y for x, y in points if x <= Decimal("201.5")} == {points[0][1]}
    assert Decimal("201.5") in {x for x, _ in points}
    # For 500 000 000 €: 149 170 000 € at 80 + 161,1; it is the highest from there on.
    points = placed(line(200_000_000))
    assert {y for x, y in points if x >= Decimal("241.1")} == {points[-1][1]}
    assert Decimal("241.1") in {x for x, _ in points}


def test_a_control_has_no_line() -> None:
    assert turnover_lines(quote(on=DAY, event="control", tariffs={1: 1}, turnover=1), FRENCH) == ()


def test_each_fee_by_tranches_has_its_line(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    turnovers = {"france": 800_000, "export": 10_000}
    asked = quote(on=DAY, qualifications=["1234:1"], turnovers=turnovers, tables=tables)
    said = [drawn.label for drawn in turnover_lines(asked, Language("en"))]
    assert said == [
        "Subscription against turnover: €550 for €800,000.",
        "Export duty against turnover: €123.46 for €10,000.",
    ]


def test_each_year_has_its_two_bars_on_the_axis() -> None:
    answer = plan(start=date(2026, 3, 2), tariffs={1: 5}, turnover=800_000)
    bars = yearly_bars(answer, FRENCH)
    assert [year.name for year in bars.years] == ["2026", "2027", "2028", "2029", "2030"]
    for year in bars.years:
        for bar in (year.paid, year.borne):
            assert Decimal(bar.y) + Decimal(bar.height) == HEIGHT - BOTTOM
            assert Decimal(bar.y) >= TOP
    assert bars.label.startswith("2026")
