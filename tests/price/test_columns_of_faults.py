"""What is wrong with the rows of a table, by hand: every fault of each, and where; and what is asked of an odd table."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opqibi_rules.errors import RequestError, TableError
from opqibi_rules.price.columns import column_of, every_fault, explain, to_sql, with_fees
from tests.price.proof import ENGINES, ON, TABLES
from tests.price.test_columns import NEXT_SCHEDULE, tables_with
from tests.price.test_columns_of_editions import LATER
from tests.price.warehouses import in_duckdb, in_sqlite

IN_2027 = date(2027, 3, 1)


def told(faults: pl.DataFrame) -> list[set[str]]:
    """The codes of each row."""
    return [{code for code, present in row.items() if present} for row in faults.rows(named=True)]


@pytest.mark.parametrize("engine", ["polars", "pyarrow"])
def test_every_fault_of_a_row_and_none_that_another_one_explains(engine: str) -> None:
    there, back = ENGINES[engine]
    asked = pl.DataFrame(
        {
            "date": ["2026-03-02", "soon", "2026-03-02", "1999-01-01", "2026-03-02"],
            "event": ["first", "audit", "audit", "first", "first"],
            "turnover": ["350000", "x", "-5", "350000", None],
            "t1": ["1", "0", "1", "1", "1"],
            "new_t1": ["0", "1", "1", "1", "1"],
            "vat_territory": ["", "Atlantide", "Atlantide", "Atlantide", None],
        }
    )
    assert told(back(every_fault(there(asked), tables=TABLES))) == [
        set(),
        # no day, no schedule: nothing can be said of its events, nor of its rates; what is no amount is not negative
        {"date_not_a_day", "turnover_not_an_amount", "no_qualification"},
        # no event: nothing can be said of what it takes
        {"event_unknown", "turnover_negative", "vat_territory_unknown"},
        {"date_without_schedule"},
        {"turnover_missing", "new_without_control"},
    ]


def test_every_fault_of_a_table_with_fewer_columns() -> None:
    asked = pl.DataFrame({"event": ["first", "audit"], "turnover": [-1, 35_000_000], "t1": [1, -1]})
    assert told(every_fault(asked, on=ON, tables=TABLES, integers="cents")) == [
        {"turnover_negative"},
        {"event_unknown", "t1_not_a_count"},
    ]


@pytest.mark.parametrize(
    ("code", "column"),
    [
        ("event_unknown", "event"),
        ("date_not_a_day", "date"),
        ("date_without_schedule", "date"),
        ("vat_territory_unknown", "vat_territory"),
        ("qualification_codes_not_codes", "qualification_codes"),
        ("qualification_codes_not_counted", "qualification_codes"),
        ("qualification_codes_twice", "qualification_codes"),
        ("turnover_energy_audit_missing", "turnover_energy_audit"),
        ("new_t3_not_a_count", "new_t3"),
        # several columns together
        ("no_qualification", None),
        ("new_without_control", None),
        ("turnover_base_not_told", None),
        ("nonsense", None),
    ],
)
def test_the_column_that_a_code_speaks_of(code: str, column: str | None) -> None:
    assert column_of(code) == column


def test_a_code_that_is_none_of_ours() -> None:
    assert str(explain("t3_not_in_schedule")) == "t3: that day's schedule has no such tariff code."
    with pytest.raises(RequestError, match="« nonsense » is not a code"):
        explain("nonsense")


def test_two_turnovers_without_codes_are_not_chosen_between() -> None:
    asked = pl.DataFrame(
        {
            "event": ["first", "first", "control"],
            "turnover": ["350000"] * 3,
            "turnover_energy_audit": [None, "100000", "100000"],
            "t1": [1] * 3,
        }
    )
    priced = with_fees(asked, on=ON, tables=TABLES)
    assert priced["error"].to_list() == [None, "turnover_base_not_told", None]
    # 86 + 560 + 265; a control takes no turnover, whichever: 125 + 15
    assert priced["total_excl_vat"].to_list() == [91_100, None, 14_000]


def test_codes_change_nothing_on_a_day_whose_schedule_has_one_turnover(tmp_path: Path) -> None:
    asked = pl.DataFrame(
        {
            "date": [ON, IN_2027, IN_2027, IN_2027],
            "event": ["first", "first", "first", "control"],
            "turnover": [None, "100000", None, None],
            "turnover_energy_audit": ["100000", None, "100000", None],
            "qualification_codes": ["1905"] * 4,
            "t1": [1] * 4,
        }
    )
    priced = with_fees(asked, tables=tables_with(tmp_path))
    assert priced["error"].to_list() == [None, None, "turnover_missing", None]
    # 2024: 86 + 560 + 180, the floor. 2027: 90,50 + 510 + 61,25 + 100 000 · 0,000 07 %; then 130 + 15
    assert priced["total_excl_vat"].to_list() == [82_600, 66_182, None, 14_500]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_tariff_of_another_schedule_is_a_fault_in_sql_too(dialect: str) -> None:
    asked = pl.DataFrame(
        {"row": [0, 1], "turnover": [80_000_000] * 2, "t1": [5, 5], "t2": [3, 3], "t8": [0, 1]}
    )
    query = to_sql(dialect, on=ON, tables=LATER, turnovers="cents", columns=asked.columns)
    run = {"duckdb": in_duckdb, "sqlite": in_sqlite}[dialect]
    priced = run(query, asked, {}).sort("row")
    assert priced["error"].to_list() == [None, "t8_not_in_schedule"]
    assert priced["total_excl_vat"].cast(pl.Int64).to_list() == [180_350, None]


VAT = """\
kind: vat
id: made_up
title: {fr: TVA d’essai, en: Trial VAT}
in_force_from: "2014-01-01"
rounding: {unit: "0.01", mode: half_up, where: {fr: à la fin, en: at the end}}
checked_on: "2026-11-21"
checked_by: tests
sources: [{document: made for a test, address: none}]
territories:
"""
RULE = """\
  - id: %s
    name: {fr: %s, en: %s}
    rate: "%s"
    treatment: standard
    %s
    source: {document: made for a test, address: none}
"""


def test_only_the_rate_in_force_on_the_day_counts(tmp_path: Path) -> None:
    old, new = 'in_force_from: "2014-01-01"\n    in_force_until: "2026-03-09"', 'in_force_from: "2026-03-10"'
    rules = [("0.10", old), ("0.25", new)]
    text = VAT + "".join(RULE % ("martinique", "Martinique", "Martinique", *rule) for rule in rules)
    tables = tables_with(tmp_path, text)
    asked: dict[str, list[Any]] = {"turnover": ["350000"], "t1": [1], "vat_territory": ["la Martinique"]}
    # 911 € in all: 10 % are 91,10 €, 25 % are 227,75 €.
    for day, vat in ((date(2026, 3, 9), 9_110), (date(2026, 3, 10), 22_775)):
        assert with_fees(pl.DataFrame(asked), on=day, tables=tables)["vat"].to_list() == [vat]


def test_amounts_too_large_for_vat_are_still_priced_without(tmp_path: Path) -> None:
    # A thousand at 900 M€ are 9·10^13 cents, whose 20 % are computed from 1,8·10^16 thousandths: over 2^53.
    tables = tables_with(tmp_path, NEXT_SCHEDULE.replace('"1": "61.25"', '"1": "900000000.00"'))
    asked = pl.DataFrame({"turnover": ["0"], "t1": [1]})
    # 90,50 + 510 + 900 000 000 + 0,05, the floor
    assert with_fees(asked, on=IN_2027, tables=tables)["total_excl_vat"].to_list() == [90_000_060_055]
    with pytest.raises(TableError, match="too large for VAT"):
        with_fees(asked.with_columns(vat_territory=pl.lit("")), on=IN_2027, tables=tables)
