"""The workbook is live: with any inputs, LibreOffice finds what the core finds, to the cent."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.paper.language import Language
from opqibi_rules.price.holdings import Change
from opqibi_rules.price.papers.workbook import plan_workbook, quote_workbook
from opqibi_rules.price.plan import Plan, plan
from opqibi_rules.price.quote import quote
from opqibi_rules.price.structure import Turnover
from tests.price.papers.recalculated import Grid, change, read, recalculate

START = date(2026, 3, 2)
COLUMNS = "ABCDEFGHIJKL"
EN = Language("en")


def planned(**asked: Any) -> Plan:
    return plan(**{"start": START, "years": 5, "tariffs": {1: 5, 2: 3}, "turnover": 800_000, **asked})


def row_of(grid: Grid, label: str, after: int = -1) -> int:
    """The row, from 0, whose first cell is ``label``."""
    return next(row for row, cells in enumerate(grid) if row > after and cells[0] == label)


def cents(value: object) -> Decimal:
    """A number of a sheet as cents; it must be at its cent to the last digit that binary can hold."""
    assert isinstance(value, float | int)
    found = Decimal(repr(value)).quantize(Decimal("0.01"))
    assert abs(Decimal(value) - found) < Decimal("1e-6")
    return found


def amounts(grid: Grid, label: str, count: int, after: int = -1) -> list[Decimal | None]:
    cells = grid[row_of(grid, label, after)][1 : count + 1]
    return [None if cell == "" else cents(cell) for cell in cells]


def check_sheets(sheets: dict[str, Grid], expected: Plan) -> None:
    front, count = sheets["Payments"], len(expected.payments)
    quotes = [payment.quote for payment in expected.payments]
    start = row_of(front, "Amounts excl. VAT")
    for label, name in (
        ("Application file", "dossier"),
        ("Instruction fee", "instruction"),
        ("Brand-usage fee (4 years)", "brand_usage"),
        ("Annual-control fee", "annual_control"),
    ):
        assert amounts(front, label, count, start) == [getattr(one.subtotals, name) for one in quotes]
    assert amounts(front, "Total excl. VAT", count, start) == [one.total_excl_vat for one in quotes]
    assert amounts(front, "VAT", count, start) == [one.vat for one in quotes]
    assert amounts(front, "Total incl. VAT", count, start) == [one.total_incl_vat for one in quotes]
    assert cents(front[row_of(front, "Total incl. VAT", start)][count + 1]) == expected.sums.total_incl_vat
    for cells, year in zip(sheets["Years"][1:], expected.by_year, strict=False):
        assert int(cells[0]) == year.year
        assert [cents(cells[column]) for column in (1, 2, -2, -1)] == [
            year.cash, year.cash_incl_vat, year.expense, year.prepaid,
        ]  # fmt: skip


def random_structure(dice: random.Random) -> dict[str, Any]:
    """Anything that the inputs of the sheet can say, turnovers on half a cent more often than by chance."""
    turnover = dice.choice(
        [
            dice.randrange(0, 300_000_00),
            dice.randrange(0, 20_000_000_00),
            dice.randrange(0, 10**11 * 100),
            800_000_00 + 1_000 * (2 * dice.randrange(100_000) + 1),
            dice.choice([0, 225_000_00, 250_000_00, 250_007_69, 15_000_000_00, 149_170_000_00]),
        ]
    )
    return {
        "tariffs": {tariff: dice.randrange(0, 9) for tariff in range(1, 8)} | {1: dice.randrange(1, 9)},
        "turnover": Decimal(turnover) / 100,
        "growth": Decimal(dice.randrange(-200, 500)) / 1000,
        "vat": dice.choice(["0.2", "0.085", "0", "0.055", "0.021"]),
        "new": [{tariff: dice.choice([0, 0, 0, 1, 2]) for tariff in range(1, 8)} for _ in range(3)],
    }


def inputs(grid: Grid, of: dict[str, Any], count: int) -> dict[str, str]:
    """The cells to type in, by name."""
    cells = {
        f"B{row_of(grid, 'Turnover excl. VAT at the start') + 1}": str(of["turnover"]),
        f"B{row_of(grid, 'Growth of the turnover, a year') + 1}": str(of["growth"]),
    }
    rates = row_of(grid, "VAT rate")
    cells |= {f"{COLUMNS[column]}{rates + 1}": of["vat"] for column in range(1, count + 1)}
    held = row_of(grid, "Qualifications asked for, or held at a control")
    new = row_of(grid, "New qualifications asked for at a control")
    for tariff in range(1, 8):
        cells[f"B{held + tariff + 1}"] = str(of["tariffs"][tariff])
        for control in range(3):
            cells[f"{COLUMNS[3 + control]}{new + tariff + 1}"] = str(of["new"][control][tariff])
    return cells


def test_recalculated_on_200_random_structures(tmp_path: Path) -> None:
    dice = random.Random(20261121)
    bases = {by: planned(spread_by=by, notified=date(2026, 5, 18)) for by in ("days", "months")}
    files = {by: plan_workbook(base, EN) for by, base in bases.items()}
    (tmp_path / "base.xlsx").write_bytes(files["days"])
    grid = read(tmp_path / "base.xlsx")["Payments"]
    check_sheets(read(tmp_path / "base.xlsx"), bases["days"])
    cases = []
    (tmp_path / "typed").mkdir()
    for number in range(200):
        of, by = random_structure(dice), dice.choice(["days", "months"])
        path = tmp_path / "typed" / f"{number}.xlsx"
        change(files[by], path, inputs(grid, of, 7))
        changes = [
            Change("control", index, add_tariffs={tariff: n for tariff, n in counts.items() if n})
            for index, counts in enumerate(of.pop("new"), 1)
        ]
        cases.append((path, planned(**of, changes=changes, spread_by=by, notified=date(2026, 5, 18))))
    found = recalculate([path for path, _ in cases], tmp_path)
    for path, (_, expected) in zip(found, cases, strict=True):
        check_sheets(read(path), expected)


@pytest.mark.parametrize(
    "asked",
    [
        {"turnover": None},
        {"event": "control", "control": 2},
        {"event": "renewal", "years": 12},
        {"turnovers": [Turnover(2029, Decimal("123456.78"))]},
        {"tariffs": {}, "qualifications": ["1905:5"], "audit_turnover": 90_000, "turnover": None},
        {"changes": [Change("control", 3, drop_tariffs={1: 2}), Change("renewal", 1, add_tariffs={7: 1})]},
        {"start": date(2028, 2, 29), "months_to_notification": 0, "spread_by": "months"},
        {"tariffs": {}, "qualifications": ["0901:1"], "probationary": ["0607:3"], "outcome": "lost"},
    ],
)
def test_every_shape_of_plan_says_the_same_before_and_after(asked: dict[str, Any], tmp_path: Path) -> None:
    expected = planned(**asked)
    source = plan_workbook(expected, EN)
    (tmp_path / "made.xlsx").write_bytes(source)
    check_sheets(read(tmp_path / "made.xlsx"), expected)  # as a reader that recalculates nothing sees it
    (tmp_path / "typed").mkdir()
    change(source, tmp_path / "typed" / "bare.xlsx", {})
    (found,) = recalculate([tmp_path / "typed" / "bare.xlsx"], tmp_path)
    check_sheets(read(found), expected)


def test_a_quote_with_its_tranches_and_articles(tmp_path: Path) -> None:
    answer = quote(event="first", on=START, tariffs={1: 5, 2: 3}, turnover=800_000)
    (tmp_path / "quote.xlsx").write_bytes(quote_workbook(answer, EN))
    sheets = read(tmp_path / "quote.xlsx")
    front = sheets["Payments"]
    assert front[0][0] == "OPQIBI quote: first application"
    assert amounts(front, "Total incl. VAT", 1) == [answer.total_incl_vat]
    tranches = [cells[3:5] for cells in sheets["Brand usage"][2:7]]
    assert tranches == [[250_000, 200], [550_000, 357.5], [0, 0], [0, 0], [0, 0]]
    articles = {cells[2] for cells in sheets["Schedule 1"] if isinstance(cells[2], str)}
    assert {"I", "II.1", "IV.1", "IV.new", "III.min", "III.max"} <= articles


def test_in_french(tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").write_bytes(plan_workbook(planned(), Language("fr")))
    sheets = read(tmp_path / "plan.xlsx")
    assert list(sheets) == ["Paiements", "Marque", "Années", "Dates", "Notes", "Barème 1"]
