"""Checks on columns: as one by one, on every engine."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
import pytest

from opqibi_rules.certificate.columns import STATUSES, earliest_start, with_standings
from opqibi_rules.certificate.model import (
    Certificate,
    CertifiedQualification,
    certificate_standing,
    qualification_standings,
)
from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.price.columns.billed import with_price_verdict
from opqibi_rules.tables.library import Tables
from tests.price.proof import ENGINES, ON

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
every_engine = pytest.mark.parametrize("engine", ENGINES)
TABLES = Tables()


def one_by_one(row: dict[str, Any], on: date) -> tuple[str | None, ...]:
    one = CertifiedQualification("0316")
    certificate = Certificate(
        issued=row["issued"],
        duration=row["duration"],
        qualifications=(one,) * row["qualifications"],
        qualifications_until=row["qualifications_until"],
        probationary=(one,) * row["probationary"],
        probationary_until=row["probationary_until"],
    )
    standing = certificate_standing(certificate, on, TABLES.validity)
    of_lists = {
        item.probationary: str(item.status)
        for item in qualification_standings(certificate, standing, on, TABLES)
    }
    return str(standing.status), of_lists.get(False), of_lists.get(True)


def certificates(rows: int, seed: int, on: date) -> pl.DataFrame:
    chance = Random(seed)

    def day(years: float) -> date | None:
        if chance.random() < 0.15:
            return None
        near = [
            timedelta(days=step) for step in (-366, -365, -1, 0, 1, 365, 366, 1460, 1461, -1460, -1461, -1462)
        ]
        if chance.random() < 0.5:
            return on + chance.choice(near)
        return on + timedelta(days=int(chance.uniform(-years, years) * 365))

    data = [
        {
            "row": row,
            "issued": day(6),
            "duration": chance.choice(
                ["valable un an", " Valable  UN an ", "valable un an", "deux ans", None, ""]
            ),
            "qualifications": chance.choice([0, 1, 2]),
            "qualifications_until": day(5),
            "probationary": chance.choice([0, 1]),
            "probationary_until": day(2),
        }
        for row in range(rows)
    ]
    days = {"issued": pl.Date, "qualifications_until": pl.Date, "probationary_until": pl.Date}
    return pl.DataFrame(data, schema_overrides=days)


@every_engine
@pytest.mark.parametrize("on", [date(2026, 11, 21), date(2024, 2, 29), date(2025, 2, 28)])
def test_certificates_stand_as_one_by_one(engine: str, on: date) -> None:
    table = certificates(600, seed=on.toordinal(), on=on)
    there, back = ENGINES[engine]
    answer = back(with_standings(there(table), on=on)).sort("row")
    assert answer.select(pl.col(STATUSES).cast(pl.String)).rows() == [
        one_by_one(row, on) for row in table.to_dicts()
    ]


def test_days_as_text_and_lists_without_counts() -> None:
    on = date(2026, 11, 21)
    table = pl.DataFrame(
        {
            "issued": ["01/01/2026", "2024-06-01", "", "2026-02-30"],
            "qualifications_until": [" 2027-01-01", None, "01.01.2020", "1/1/2020"],
        }
    )
    answer = with_standings(table, on=on)
    assert answer[STATUSES[0]].to_list() == ["valid", "not_renewed", "undetermined", "undetermined"]
    assert answer[STATUSES[1]].to_list() == ["valid", "not_renewed", "expired", "undetermined"]
    assert answer[STATUSES[2]].null_count() == 4


def test_counts_without_dates() -> None:
    table = pl.DataFrame({"issued": [date(2024, 6, 1), date(2026, 6, 1)], "probationary": [1, 1]})
    answer = with_standings(table, on=date(2026, 11, 21))
    assert answer[STATUSES[0]].to_list() == ["expired", "valid"]
    assert answer[STATUSES[2]].to_list() == ["expired", "undetermined"]


def test_the_earliest_start_is_the_first_day_that_reaches() -> None:
    for years in (1, 4):
        for step in range(1500):
            on = date(2023, 1, 1) + timedelta(days=step)
            start = earliest_start(on, years)
            assert add_years(start, years) >= on > add_years(start - timedelta(days=1), years)


BILLED: list[tuple[Any, str, int | None]] = [
    ("1443,50", "conform", 0),
    ("1443.51", "conform", 1),
    ("1 443,48 €", "discrepancy", -2),
    ("-1443.50", "discrepancy", -288_700),
    (None, "undetermined", None),
    ("douze", "undetermined", None),
    ("9999999999999", "undetermined", None),
]


@every_engine
def test_what_was_billed_against_what_is_due(engine: str) -> None:
    table = pl.DataFrame(
        {
            "row": list(range(8)),
            "turnover": [80_000_000] * 7 + [-1],
            "t1": [5] * 8,
            "billed": [text for text, _, _ in BILLED] + ["1443.50"],
        }
    )
    there, back = ENGINES[engine]
    answer = back(
        with_price_verdict(there(table), billed="billed", tolerance="0,01", on=ON, integers="cents")
    ).sort("row")
    assert answer.columns[-2:] == ["difference", "verdict"]
    assert answer["verdict"].cast(pl.String).to_list() == [verdict for _, verdict, _ in BILLED] + [
        "undetermined"
    ]
    assert answer["difference"].cast(pl.Int64).to_list() == [difference for _, _, difference in BILLED] + [
        None
    ]
    assert answer.select("row", "turnover", "t1", "billed").cast(pl.String).equals(table.cast(pl.String))


def test_one_fee_may_be_what_was_billed() -> None:
    table = pl.DataFrame({"turnover": [80_000_000], "t1": [5], "paid": [55_750]})
    answer = with_price_verdict(table, billed="paid", against="brand_usage", on=ON, integers="cents")
    assert answer.row(0)[-2:] == (0, "conform")
    control = table.with_columns(event=pl.lit("control"))
    assert with_price_verdict(control, billed="paid", against="brand_usage", on=ON, integers="cents").row(0)[
        -2:
    ] == (
        None,
        "undetermined",
    )


def test_a_column_carried_is_named_alone_or_with_others() -> None:
    table = pl.DataFrame({"turnover": [80_000_000], "t1": [5], "t2": ["x"], "paid": [144_350]})
    for carry in ("t2", ["t2"]):
        answer = with_price_verdict(table, billed="paid", on=ON, integers="cents", carry=carry)
        assert answer.row(0)[-2:] == (0, "conform")


@pytest.mark.parametrize(
    ("extra", "options"),
    [
        ({}, {"billed": "none"}),
        ({"b": 1}, {"billed": "b", "against": "error"}),
        ({"b": 1, "verdict": 1}, {"billed": "b"}),
    ],
)
def test_a_table_without_what_is_needed_is_refused(extra: dict[str, int], options: dict[str, Any]) -> None:
    table = pl.DataFrame({"turnover": [1], "t1": [1], **extra})
    with pytest.raises(RequestError):
        with_price_verdict(table, on=ON, integers="cents", **options)


def test_a_tolerance_is_an_amount() -> None:
    with pytest.raises(AmountError):
        with_price_verdict(
            pl.DataFrame({"turnover": [1], "t1": [1], "b": [1]}),
            billed="b",
            tolerance=Decimal(-1),
            on=ON,
            integers="cents",
        )


@pytest.mark.parametrize(
    "columns", [{"x": [1]}, {"issued": [1]}, {"issued": ["2026-01-01"], "certificate_status": [""]}]
)
def test_a_table_of_something_else_is_refused(columns: Any) -> None:
    with pytest.raises(RequestError):
        with_standings(pl.DataFrame(columns), on=ON)
