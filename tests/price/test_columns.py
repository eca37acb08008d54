"""The fees on columns: by hand, against the single quote, euro by euro; every engine alike."""

import calendar
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.errors import DateError, OpqibiError, RequestError, TableError
from opqibi_rules.money import parse_amount, to_amount
from opqibi_rules.price import columns
from opqibi_rules.price.columns import explain
from opqibi_rules.price.columns.billed import with_price_verdict
from opqibi_rules.price.columns.fees import FeeColumns
from opqibi_rules.tables.library import Tables
from tests import oracle
from tests.price import proof
from tests.price.proof import AMOUNTS, ENGINES, ON, TABLES, Pinned

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
every_engine = pytest.mark.parametrize("engine", ENGINES)
several_engines = pytest.mark.parametrize(
    "engine", ["polars", "duckdb", "pyarrow", "pandas on Arrow", "PySpark"]
)

NEXT_SCHEDULE = """\
kind: schedule
id: bareme_2027
title: {fr: Barème d’essai, en: Trial schedule}
in_force_from: "2027-01-15"
in_force_until: "2028-06-30"
checked_on: "2026-11-21"
checked_by: tests
sources: [{document: made for a test, address: none}]
rounding: {unit: "0.01", mode: half_up, where: {fr: à la fin, en: at the end}}
events:
  - {id: first, role: first, name: {fr: première demande, en: first application}}
  - {id: renewal, role: renewal, name: {fr: renouvellement, en: renewal}}
  - {id: control, role: control, name: {fr: contrôle, en: control}}
turnovers: [{id: engineering, name: {fr: « ingénierie », en: « ingénierie »}}]
prices:
  - id: instruction
    article: "II.2"
    by_tariff: {"1": "61.25", "2": "120.00", "3": "240.00", "4": "850.00", "5": "1050.00", "6": "1250.00",
                "7": "265.00", "8": "99.99"}
  - id: control
    article: "IV.2"
    by_tariff: {"1": "15.00", "2": "30.00", "3": "60.00", "4": "212.50", "5": "28.00", "6": "54.00",
                "7": "28.00", "8": "7.77"}
fees:
  - id: dossier
    name: {fr: Dossier, en: File}
    article: "I"
    events: [first]
    billed: application
    parts: [{kind: flat, id: file, article: "I", label: {fr: Dossier, en: File}, amount: "90.50"}]
  - id: instruction
    name: {fr: Instruction, en: Instruction}
    article: "II"
    events: [first, renewal]
    billed: application
    parts:
      - {kind: flat, id: flat, article: "II.1", label: {fr: Forfait, en: Flat}, amount: "510.00"}
      - {kind: per_qualification, id: each, article: "II.2", label: {fr: "Tarif {tariff}", en: "Tariff {tariff}"},
         counts: asked, prices: instruction}
  - id: brand_usage
    name: {fr: Marque, en: Brand}
    article: "III"
    events: [first, renewal]
    billed: notification
    years: 4
    parts:
      - kind: tranches
        id: tranches
        article: "III"
        turnover: engineering
        tranches:
          - {above: "0", up_to: "100000.50", rate: "0.0000007"}
          - {above: "100000.50", up_to: "900000", rate: "0.0012345"}
          - {above: "900000", up_to: null, rate: "0.0003"}
        floor: {article: "III", amount: "0.05"}
        cap: {article: "III", amount: "5000.55"}
  - id: annual_control
    name: {fr: Contrôle, en: Control}
    article: "IV"
    events: [control]
    billed: control
    parts:
      - {kind: flat, id: flat, article: "IV.1", label: {fr: Forfait, en: Flat}, amount: "130.00"}
      - {kind: per_qualification, id: each, article: "IV.2", label: {fr: "Tarif {tariff}", en: "Tariff {tariff}"},
         counts: held, prices: control}
      - {kind: flat, id: new_flat, article: "IV", label: {fr: Forfait, en: Flat}, amount: "380.00",
         when: new_requests}
      - {kind: per_qualification, id: new_each, article: "II.2", label: {fr: "Tarif {tariff}", en: "Tariff {tariff}"},
         counts: new, prices: instruction}
"""


def tables_with(folder: Path, text: str = NEXT_SCHEDULE) -> Tables:
    (folder / "schedule.yaml").write_text(text, "utf-8")
    return Pinned(folder)


def with_fees(frame: pl.DataFrame, **options: Any) -> pl.DataFrame:
    return columns.with_fees(frame, **{"tables": TABLES, "integers": "cents", **options})


def table(**columns: list[Any]) -> pl.DataFrame:
    rows = len(next(iter(columns.values())))
    return pl.DataFrame({"row": list(range(rows)), **columns})


def turnovers(values: list[Any], dtype: Any = None) -> pl.DataFrame:
    return table(turnover=values, t1=[1] * len(values)).with_columns(
        pl.col("turnover").cast(dtype or pl.String)
    )


# By hand, from the schedule on paper: event, turnover in cents, counts held, counts newly asked for, then
# dossier, instruction, brand usage, annual control and total in cents.
BY_HAND = [
    # 86; 500 + 5·60 + 3·120; 200 + 550 000 · 0,65 ‰
    ("first", 80_000_000, (5, 3, 0, 0, 0, 0, 0), (0,) * 7, 8_600, 116_000, 55_750, None, 180_350),
    # 500 + 850 + 1050 + 1250 + 265; 15 M€ bear 200 + 357,50 + 1 100 + 4 800
    ("renewal", 1_500_000_000, (0, 0, 0, 1, 1, 1, 1), (0,) * 7, None, 391_500, 645_750, None, 1_037_250),
    # 125 + 2·212,50 + 28; new: 375 + 1 050 + 2·60
    ("control", None, (0, 0, 0, 2, 1, 0, 0), (2, 0, 0, 0, 1, 0, 0), None, None, None, 212_300, 212_300),
    # the half cent: 200 + 0,007 69 · 0,65 is 200,005, told 200,01 only from 250 007,70
    ("renewal", 25_000_769, (1, 0, 0, 0, 0, 0, 0), (0,) * 7, None, 56_000, 20_000, None, 76_000),
    ("renewal", 25_000_770, (1, 0, 0, 0, 0, 0, 0), (0,) * 7, None, 56_000, 20_001, None, 76_001),
    # floor and cap
    ("renewal", 0, (0, 0, 1, 0, 0, 0, 0), (0,) * 7, None, 74_000, 18_000, None, 92_000),
    (
        "renewal",
        100_000_000_000_000,
        (0, 0, 1, 0, 0, 0, 0),
        (0,) * 7,
        None,
        74_000,
        4_000_000,
        None,
        4_074_000,
    ),
]


@every_engine
def test_the_fees_are_those_worked_by_hand(engine: str) -> None:
    asked = table(
        event=[case[0] for case in BY_HAND],
        turnover=[case[1] for case in BY_HAND],
        **{f"t{n + 1}": [case[2][n] for case in BY_HAND] for n in range(7)},
        **{f"new_t{n + 1}": [case[3][n] for case in BY_HAND] for n in range(7)},
    )
    priced = proof.on_engine(engine, asked, on=ON)
    assert priced.select(AMOUNTS).rows() == [case[4:] for case in BY_HAND]
    assert priced["error"].null_count() == len(BY_HAND)


@every_engine
def test_random_rows_get_what_a_single_quote_answers(engine: str) -> None:
    asked = proof.random_table(4_000, seed=11)
    priced = proof.on_engine(engine, asked)
    assert proof.wrong_rows(priced, proof.one_by_one(asked)) == 0


@several_engines
def test_each_row_is_priced_by_the_schedule_of_its_day(engine: str, tmp_path: Path) -> None:
    days = [date(*day) for day in (
        (2024, 2, 7), (2024, 2, 8), (2026, 3, 2), (2027, 1, 14), (2027, 1, 15), (2028, 6, 30), (2028, 7, 1),
    )]  # fmt: skip
    tables = tables_with(tmp_path)
    asked = proof.random_table(3_000, seed=3, days=days)
    expected = proof.one_by_one(asked, tables)
    assert proof.wrong_rows(proof.on_engine(engine, asked, tables=tables), expected) == 0
    as_text = asked.with_columns(pl.col("date").cast(pl.String))
    assert proof.wrong_rows(proof.on_engine(engine, as_text, tables=tables), expected) == 0


def test_every_turnover_of_a_finely_written_schedule_is_exact(tmp_path: Path) -> None:
    tables = tables_with(tmp_path)
    asked = proof.random_table(5_000, seed=4, days=[date(2027, 5, 1)], faults=False)
    assert (
        proof.wrong_rows(proof.on_engine("polars", asked, tables=tables), proof.one_by_one(asked, tables))
        == 0
    )


def test_whole_euros_are_exact_euro_by_euro() -> None:
    assert proof.sweep(3_200_000, 700_000) == 0


def test_edges_ties_and_crossings_are_exact() -> None:
    cents = proof.edges()
    priced = with_fees(pl.DataFrame({"turnover": cents, "t1": [1] * len(cents)}), on=ON)
    assert priced["brand_usage"].to_list() == [oracle.brand_usage(turnover) for turnover in cents]


# What is written, and the euros in cents that it means; None where nobody can say.
WRITTEN: list[tuple[str | None, int | None]] = [
    ("350000", 35_000_000), ("350000.5", 35_000_050), ("350 000,50 €", 35_000_050), ("0", 0), ("000,00", 0),
    ("350\u202f000,50\u00a0€", 35_000_050), (" 350000\n", 35_000_000), ("0350000", 35_000_000), ("-0", 0),
    ("350000 EUR", 35_000_000),
    ("1000000000000", 10**14), ("1000000000000,01", None), ("9" * 40, None), ("0" * 31, None),
    ("-1", None), ("−1", None), ("1,234.56", None), ("12,345", None), ("1e6", None), ("NaN", None),
    ("1 00", None),
    ("", None), (" ", None), (None, None), ("350000\n1", None), ("٣", None), ("1.", None), (".5", None),
    ("€", None),
]  # fmt: skip


@every_engine
def test_text_is_read_strictly(engine: str) -> None:
    priced = proof.on_engine(engine, turnovers([text for text, _ in WRITTEN]), on=ON)
    expected = [None if cents is None else oracle.brand_usage(cents) for _, cents in WRITTEN]
    assert priced["brand_usage"].to_list() == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("0123456789., €-−\u00a0\u202fEUR\n\t", max_size=24), min_size=1, max_size=80))
def test_a_text_is_an_amount_on_columns_where_it_is_one_alone(texts: list[str]) -> None:
    def alone(text: str) -> int | None:
        try:
            return oracle.brand_usage(int(to_amount(parse_amount(text)).scaleb(2)))
        except OpqibiError:
            return None

    priced = with_fees(turnovers(texts), on=ON)
    assert priced["brand_usage"].to_list() == [alone(text) for text in texts]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("0123456789-", min_size=9, max_size=11) | st.dates().map(date.isoformat), min_size=1))
def test_a_text_is_a_day_on_columns_where_it_is_one_alone(texts: list[str]) -> None:
    def alone(text: str) -> bool:
        # The parser of Python takes other forms for a day, more in each version; the form first, then the calendar.
        match = re.fullmatch("([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
        if match is None:
            return False
        year, month, day = map(int, match.groups())
        if not (year and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
            return False
        return (year, month, day) >= (2024, 2, 8)

    asked = table(turnover=[1] * len(texts), t1=[1] * len(texts), date=texts)
    assert with_fees(asked)["error"].is_null().to_list() == [alone(text) for text in texts]


@several_engines
@pytest.mark.parametrize("scale", [0, 1, 2, 5])
def test_decimals_are_euros(engine: str, scale: int) -> None:
    amounts = ["0", "225000", "250007", "800000", "149170001", "-3", None]
    asked = turnovers(amounts, pl.Decimal(38, scale))
    priced = proof.on_engine(engine, asked, on=ON)
    assert priced["brand_usage"].to_list() == [18_000, 18_000, 20_000, 55_750, 4_000_000, None, None]
    assert priced["error"].to_list()[-2:] == ["turnover_negative", "turnover_missing"]


def test_a_third_decimal_is_refused() -> None:
    asked = turnovers(["250007.690", "250007.695"], pl.Decimal(38, 3))
    assert with_fees(asked, on=ON)["error"].to_list() == [None, "turnover_not_an_amount"]


@several_engines
@pytest.mark.parametrize(
    "dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64]
)
def test_integers_of_any_width_are_read(engine: str, dtype: Any) -> None:
    if engine == "PySpark" and dtype in {pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64}:
        dtype = pl.Int64  # Spark has no unsigned integers
    asked = turnovers([0, 127], dtype).with_columns(t1=pl.Series([1, 5], dtype=dtype))
    assert proof.on_engine(engine, asked, on=ON)["instruction"].to_list() == [56_000, 80_000]


def test_the_largest_unsigned_integers_are_refused_not_wrapped() -> None:
    asked = table(turnover=[2**64 - 1, 1], t1=[1, 2**64 - 1]).with_columns(
        pl.col("turnover", "t1").cast(pl.UInt64)
    )
    errors = ["turnover_too_large", "t1_not_a_count"]
    assert with_fees(asked, on=ON)["error"].to_list() == errors
    assert with_fees(asked, on=ON, integers="euros")["error"].to_list() == errors


@pytest.mark.parametrize(
    "there", [lambda table: table, lambda table: table.lazy(), lambda table: table.to_arrow()]
)
def test_integers_of_nobody_knows_what_are_refused(there: Any) -> None:
    # 800 000 € bear 1 803,50 €, 8 000 € 1 426 €: which is meant is said, or nothing is priced.
    asked = pl.DataFrame({"turnover": [800_000], "t1": [5], "t2": [3]})
    with pytest.raises(RequestError, match='integers="euros" or integers="cents"'):
        columns.with_fees(there(asked), on=ON, tables=TABLES)
    for unit, total in (("euros", 180_350), ("cents", 142_600)):
        assert with_fees(asked, on=ON, integers=unit)["total_excl_vat"].to_list() == [total]
    for exact in (["800000"], [Decimal("800000.00")]):
        asked = pl.DataFrame({"turnover": exact, "t1": [5], "t2": [3]})
        assert columns.with_fees(asked, on=ON, tables=TABLES)["total_excl_vat"].to_list() == [180_350]
    controls = pl.DataFrame({"turnover": [None], "t1": [1], "event": ["control"]})  # no figure, no question
    assert columns.with_fees(controls, on="2026-03-02", tables=TABLES)["total_excl_vat"].to_list() == [14_000]


def test_python_objects_in_pandas() -> None:
    import pandas as pd

    cells = {
        "turnover": [Decimal("800000"), "800 000,00 €", Decimal("250007.70"), None, float("nan")],
        "t1": [5, "5", Decimal(1), 1, 1],
        "date": [ON, ON, datetime(2026, 3, 2), "2026-03-02", date(1999, 1, 1)],  # noqa: DTZ001 - a day
        "event": ["first", "Première demande", "first", "contrôle", "first"],
    }
    asked = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in cells.items()})
    priced = columns.with_fees(asked, tables=TABLES)
    # By hand: 86 + 800 + 557,50; 86 + 560 + 200,005005 → 200,01 (half up); 125 + 15.
    assert priced["total_excl_vat"].tolist()[:4] == [144_350, 144_350, 84_601, 14_000]
    assert priced["error"].tolist()[4] == "date_without_schedule"
    assert {str(priced[name].dtype) for name in ("dossier", "brand_usage", "total_excl_vat")} == {"Int64"}
    pd.testing.assert_frame_equal(priced[list(cells)], asked)
    for wrong in (1.5, {"a": 1}):
        asked["turnover"] = pd.Series([wrong] * 5, dtype=object)
        with pytest.raises(RequestError, match="Floats are not exact"):
            columns.with_fees(asked, tables=TABLES)
    asked["turnover"] = pd.Series([800_000] * 5, dtype=object)
    with pytest.raises(RequestError, match="nothing says of what"):
        columns.with_fees(asked, tables=TABLES)
    assert columns.with_fees(asked, tables=TABLES, integers="euros")["total_excl_vat"].tolist()[0] == 144_350


def test_integers_count_cents_or_euros_as_told() -> None:
    asked = turnovers([800_000, 10**12, 10**12 + 1, 2**63 - 1, -(2**63)], pl.Int64)
    priced = with_fees(asked, on=ON, integers="euros")
    assert priced["brand_usage"].to_list() == [55_750, 4_000_000, None, None, None]
    assert priced["error"].to_list()[2:] == ["turnover_too_large", "turnover_too_large", "turnover_negative"]


@every_engine
def test_a_row_that_cannot_be_priced_stays_and_says_why(engine: str) -> None:
    faults: list[tuple[str | None, Any, Any, Any, Any, str | None]] = [
        ("first", "1", "1", None, "2026-03-02", None),
        (None, "1", "1", None, "2026-03-02", "event_unknown"),
        ("firsts", "1", "1", None, "2026-03-02", "event_unknown"),
        ("first", "1", "1", None, None, "date_missing"),
        ("first", "1", "1", None, " \n", "date_missing"),
        ("first", "1", "1", None, "2026-02-29", "date_not_a_day"),
        ("first", "1", "1", None, " 02/03/2026\n", None),
        ("first", "1", "1", None, "08.02.2024", None),
        ("first", "1", "1", None, "29/02/2028", None),
        ("first", "1", "1", None, "29/02/2026", "date_not_a_day"),
        ("first", "1", "1", None, "03/25/2026", "date_not_a_day"),
        ("first", "1", "1", None, "3/2/2026", "date_not_a_day"),
        ("first", "1", "1", None, "02/03/26", "date_not_a_day"),
        ("first", "1", "1", None, "2026/03/02", "date_not_a_day"),
        ("first", "1", "1", None, "2026-03-02 00:00:00", "date_not_a_day"),
        # 2 July under the schedule of 8 February 2024, were the month first
        ("first", "1", "1", None, "07/02/2024", "date_without_schedule"),
        ("first", "1", "1", None, "2024-02-07", "date_without_schedule"),
        ("first", None, "1", None, "2026-03-02", "turnover_missing"),
        ("renewal", "", "1", None, "2026-03-02", "turnover_missing"),
        ("renewal", " \u00a0", "1", None, "2026-03-02", "turnover_missing"),
        ("control", "\u202f", " 1 ", "\u00a0", "2026-03-02", None),
        ("control", None, "1", "", "2026-03-02", None),
        ("control", "-1", "1", None, "2026-03-02", "turnover_negative"),
        ("first", "beaucoup", "1", None, "2026-03-02", "turnover_not_an_amount"),
        ("first", "1000000000001", "1", None, "2026-03-02", "turnover_too_large"),
        ("first", "1", "-1", None, "2026-03-02", "t1_not_a_count"),
        ("first", "1", "1.0", None, "2026-03-02", "t1_not_a_count"),
        ("first", "1", "\t1\u00a0\n", None, "2026-03-02", None),
        ("first", "1", "1 1", None, "2026-03-02", "t1_not_a_count"),
        ("first", "1", " ", None, "2026-03-02", "no_qualification"),
        ("first", "1", "9" * 30, None, "2026-03-02", "t1_not_a_count"),
        ("control", "1", "1", "1001", "2026-03-02", "new_t2_not_a_count"),
        ("first", "1", "0", None, "2026-03-02", "no_qualification"),
        ("renewal", "1", "1", "1", "2026-03-02", "new_without_control"),
    ]  # fmt: skip
    names = ("event", "turnover", "t1", "new_t2", "date")
    asked = table(
        **{name: [fault[n] for fault in faults] for n, name in enumerate(names)}, kept=["é"] * len(faults)
    )
    priced = proof.on_engine(engine, asked)
    assert priced.columns == ["row", *names, "kept", *AMOUNTS, "error"]
    assert priced.select(asked.columns).cast(pl.String).equals(asked.cast(pl.String))
    assert priced["error"].to_list() == [fault[5] for fault in faults]
    refused = priced.filter(pl.col("error").is_not_null())
    assert all(refused[name].null_count() == refused.height for name in AMOUNTS)
    for code in refused["error"]:
        assert str(explain(code)).strip()


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        *((engine, pl.String()) for engine in ("polars", "duckdb", "pyarrow", "pandas", "PySpark")),
        *((engine, kind) for engine in ("polars", "pandas") for kind in (pl.Date(), pl.Datetime("us"))),
    ],
)
def test_the_day_of_all_is_that_of_rows_that_have_none(engine: str, kind: pl.DataType) -> None:
    days = pl.Series("date", [date(2024, 2, 7), None, date(2024, 2, 8)]).cast(pl.Date).cast(kind)
    if kind == pl.String:
        days = pl.Series("date", ["07/02/2024", " ", "08/02/2024"])
    asked = table(turnover=["350000"] * 3, t1=[1] * 3, vat_territory=[""] * 3).with_columns(days)
    assert proof.on_engine(engine, asked)["error"].to_list() == [
        "date_without_schedule",
        "date_missing",
        None,
    ]
    priced = proof.on_engine(engine, asked, on=ON)
    assert priced["error"].to_list() == ["date_without_schedule", None, None]
    # 86 + 560 + 265, and a fifth of VAT
    assert priced["total_incl_vat"].to_list() == [None, 109_320, 109_320]
    before = proof.on_engine(engine, asked, on=date(2024, 2, 7))
    assert before["error"].to_list() == ["date_without_schedule", "date_without_schedule", None]


DAYS = st.builds(
    "{}{:0{}d}{}{:0{}d}{}{:04d}{}".format,
    st.sampled_from(["", "", " ", "\u00a0", "0"]),
    st.integers(0, 32), st.sampled_from([2, 2, 1]), st.sampled_from("//.- "),
    st.integers(0, 13), st.sampled_from([2, 2, 1]), st.sampled_from("//.- "),
    st.integers(2023, 2029), st.sampled_from(["", "", "\n", "0"]),
)  # fmt: skip
TOLD = re.compile(r"\s*([0-9]{2})[/.]([0-9]{2})[/.]([0-9]{4})\s*", re.ASCII)


def day_told(text: str) -> date | None:
    """The day of a French text, by Python's calendar."""
    found = TOLD.fullmatch(text.replace("\u00a0", " "))
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@settings(max_examples=30, deadline=None)
@given(texts=st.lists(DAYS, min_size=1, max_size=60))
def test_french_days_are_those_of_the_calendar(engine: str, texts: list[str]) -> None:
    asked = table(turnover=["1"] * len(texts), t1=[1] * len(texts), date=texts)
    first = date(2024, 2, 8)
    said = {None: "date_not_a_day", False: "date_without_schedule", True: None}
    expected = [said[None if day is None else day >= first] for day in map(day_told, texts)]
    assert proof.on_engine(engine, asked)["error"].to_list() == expected


def test_a_tariff_that_the_days_schedule_lacks_is_told(tmp_path: Path) -> None:
    asked = table(
        turnover=[0, 0, 0],
        t1=[1, 1, 1],
        t8=[1, 0, 1],
        date=[date(2026, 3, 2), date(2026, 3, 2), date(2027, 3, 2)],
    )
    priced = with_fees(asked, tables=tables_with(tmp_path))
    assert priced["error"].to_list() == ["t8_not_in_schedule", None, None]
    assert "t8" in str(explain("t8_not_in_schedule"))
    third = NEXT_SCHEDULE.replace("bareme_2027", "bareme_2029").replace("2027-01-15", "2029-01-01")
    third = (
        third.replace("2028-06-30", "2030-01-01").replace(', "8": "99.99"', "").replace(', "8": "7.77"', "")
    )
    (tmp_path / "third.yaml").write_text(third, "utf-8")
    later = asked.with_columns(date=pl.lit(date(2029, 5, 5)))
    errors = with_fees(later, tables=Pinned(tmp_path))["error"].to_list()
    assert errors == ["t8_not_in_schedule", None, "t8_not_in_schedule"]


def test_a_table_whose_only_tariff_is_of_another_schedule(tmp_path: Path) -> None:
    asked = table(turnover=[0, 0], t8=[1, 1], date=[date(2026, 3, 2), date(2027, 3, 2)])
    priced = with_fees(asked, tables=tables_with(tmp_path))
    assert priced["error"].to_list() == ["t8_not_in_schedule", None]
    assert priced["instruction"].to_list() == [None, 60_999]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    "name",
    [
        "t8",
        "T 9",
        "new_t9",
        "Tarif 8",
        "Tarrif 3",
        "Trif n° 3",
        "Tarifs3",
        "TT3",
        "evnt",
        "évènement passé",
        "turnovr",
        "turnover_2023",
        "Chiffre d’affaires N-1",
    ],
)
def test_what_looks_like_a_column_of_ours_is_never_passed_over(engine: str, name: str) -> None:
    there, back = ENGINES[engine]
    table = there(pl.DataFrame({"turnover": [35_000_000], "t1": [1], name: [5]}))
    with pytest.raises(RequestError, match="too like what is read to be passed over"):
        with_fees(table, on=ON, tables=TABLES, integers="cents")
    priced = back(with_fees(table, on=ON, tables=TABLES, integers="cents", carry=[name]))
    assert (priced["total_excl_vat"].to_list(), priced[name].to_list()) == ([91_100], [5])


@pytest.mark.parametrize("name", ["dat", "Dt", "dte", "JR"])
@pytest.mark.parametrize("day", ["2025-03-02", "02/03/2025", date(2025, 3, 2)])
def test_a_column_that_shortens_the_day_and_holds_days_is_never_passed_over(
    name: str, day: str | date
) -> None:
    """Its row was priced on the day of the whole table."""
    asked = pl.DataFrame({"turnover": ["350000"], "t1": [1], name: [day]})
    with pytest.raises(RequestError, match="events, codes or days"):
        with_fees(asked, on=ON, tables=TABLES)
    for table in (
        asked.with_columns(date=pl.lit("2026-03-02")),
        asked.with_columns(pl.lit("A3").alias(name)),
    ):
        assert with_fees(table, on=ON, tables=TABLES)["total_excl_vat"].to_list() == [91_100]
    priced = with_fees(asked, on=ON, tables=TABLES, carry=[name])
    assert (priced["total_excl_vat"].to_list(), priced[name].to_list()) == ([91_100], [day])


def test_a_column_to_carry_that_is_not_there_is_refused() -> None:
    with pytest.raises(RequestError, match="There is no column nam to carry"):
        with_fees(
            pl.DataFrame({"turnover": ["1"], "t1": [1], "name": ["a"]}), on=ON, tables=TABLES, carry=["nam"]
        )


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_headings_and_events_are_read_as_people_write_them(engine: str) -> None:
    # By hand: 86 + 500 + 60 + 120 + 200 + 65 (0,65 ‰ of 100 000) = 1 031; 560 + 120 + 265; 125 + 15 + 30.
    asked = pl.DataFrame(
        {
            "row": [0, 1, 2, 3, 4],
            " Chiffre d’affaires (HT)": ["350 000,00 €", "350000", None, None, None],
            "TARIF 1": [1, 1, 1, 1, 1],
            "Code-tarif n° 2": [1, 1, 1, 0, 0],
            "Nouveau tarif 5": [0, 0, 0, 1, 1],
            "ÉVÈNEMENT": [
                "Première  demande",
                " RENOUVELLEMENT ",
                "contrôle",
                "Contro\u0302le annuel\n",
                "controle_annuel",
            ],
        }
    )
    there, back = ENGINES[engine]
    priced = back(with_fees(there(asked), on=ON, tables=TABLES))
    assert priced["error"].to_list() == [None] * 5
    # The last two: 125 + 15, and the new request: 375 + 1 050.
    assert priced["total_excl_vat"].to_list() == [103_100, 94_500, 17_000, 156_500, 156_500]
    assert priced.columns[: asked.width] == asked.columns


@pytest.mark.parametrize(
    "names",
    [("turnover", "CA"), ("t1", "T1"), ("tarif 2", "Tarif n° 2"), ("event", "Événement"), ("date", "Jour")],
)
def test_two_columns_that_mean_the_same_are_refused(names: tuple[str, str]) -> None:
    columns = {"turnover": ["1"], "t1": [1], **{name: ["1"] for name in names}}
    with pytest.raises(RequestError, match="mean the same"):
        with_fees(pl.DataFrame(columns), on=ON)


def test_a_column_of_the_users_is_kept_whatever_its_name() -> None:
    own = {"__opqibi_turnover": ["keep"], "__opqibi_t1": ["keep"], "Territoire": ["Nord"], "CA moyen": ["3"]}
    priced = with_fees(pl.DataFrame({"turnover": ["350000"], "t1": [1], **own}), on=ON, carry=tuple(own))
    assert {name: priced[name].to_list() for name in own} == own
    assert priced["total_excl_vat"].to_list() == [91_100]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_integers_beyond_int64_stop_no_other_row(engine: str) -> None:
    turnovers = [35_000_000, 10**30, -(10**30), 2**70]
    asked = table(turnover=[str(value) for value in turnovers], t1=[1, 1, 1, 1])
    asked = asked.with_columns(pl.col("turnover").cast(pl.Int128))
    if engine == "duckdb":
        import duckdb

        rows = ", ".join(f"({row}, {value}::HUGEINT, 1)" for row, value in enumerate(turnovers))
        relation: Any = duckdb.sql(f'SELECT * FROM (VALUES {rows}) AS asked("row", turnover, t1)')
        errors = [
            row[0]
            for row in columns.with_fees(relation, on=ON, tables=TABLES, integers="cents")
            .select("error")
            .fetchall()
        ]
    else:
        errors = with_fees(asked, on=ON)["error"].to_list()
    assert errors == [None, "turnover_too_large", "turnover_negative", "turnover_too_large"]


def test_moments_without_a_zone_are_days() -> None:
    asked = table(turnover=[0, 0], t1=[1, 1], date=[datetime(2024, 2, 7, 23, 59), datetime(2024, 2, 8)])  # noqa: DTZ001 - a column without time zones
    assert with_fees(asked)["error"].to_list() == ["date_without_schedule", None]


def test_two_columns_of_one_heading_are_told() -> None:
    asked = pd.DataFrame([[350000, 1, "a", "b"]], columns=["turnover", "t1", "name", "name"])
    with pytest.raises(RequestError, match="Several columns have one heading: name. Rename"):
        with_fees(asked, on=ON, integers="euros")


def test_a_column_alone_is_no_table() -> None:
    with pytest.raises(TypeError, match="a table is expected, not Series"):
        with_fees(pl.Series("t1", [1]).to_pandas(), on=ON)


def test_a_column_without_any_value_is_empty() -> None:
    asked = pl.DataFrame({"turnover": [None], "t1": [1], "t2": [None], "event": ["control"]})
    assert with_fees(asked, on=ON)["total_excl_vat"].to_list() == [14_000]


@pytest.mark.parametrize(
    ("columns", "options", "word"),
    [
        ({"t1": [1]}, {"on": ON}, "turnover"),
        ({"turnover": [1]}, {"on": ON}, "t7"),
        ({"turnover": [1], "t1": [1]}, {}, "date"),
        ({"turnover": [1.5], "t1": [1]}, {"on": ON}, "Float64"),
        ({"turnover": [1], "t1": [1.0]}, {"on": ON}, "t1"),
        ({"turnover": [True], "t1": [1]}, {"on": ON}, "Boolean"),
        ({"turnover": [1], "t1": [1], "event": [1]}, {"on": ON}, "event"),
        ({"turnover": [1], "t1": [1], "date": [1]}, {}, "date"),
        ({"turnover": [1], "t1": [1], "error": [""]}, {"on": ON}, "error"),
        ({"turnover": [1], "t1": [1]}, {"on": ON, "integers": "euro"}, "cents"),
    ],
)
def test_a_table_that_cannot_be_exact_is_refused(columns: Any, options: Any, word: str) -> None:
    with pytest.raises(RequestError, match=word):
        with_fees(pl.DataFrame(columns), **options)


def test_a_day_before_any_schedule_is_refused() -> None:
    with pytest.raises(DateError):
        with_fees(pl.DataFrame({"turnover": [1], "t1": [1]}), on=date(2000, 1, 1))


LARGEST = "999999999999.99"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('amount: "5000.55"', f'amount: "{LARGEST}"'),
        ('"8": ', ", ".join(f'"{code}": "{LARGEST}"' for code in range(9, 100)) + ', "8": '),
        ('rate: "0.0003"', 'rate: "0.9999999"'),
    ],
)
def test_a_schedule_that_int64_cannot_hold_is_refused(old: str, new: str, tmp_path: Path) -> None:
    tables = tables_with(tmp_path, NEXT_SCHEDULE.replace(old, new))
    with pytest.raises(TableError, match="too large"):
        FeeColumns(tables.schedule(date(2027, 5, 1)))


def test_a_schedule_of_whole_rates_is_exact(tmp_path: Path) -> None:
    text = NEXT_SCHEDULE
    for rate in ("0.0000007", "0.0012345", "0.0003"):
        text = text.replace(f'"{rate}"', '"1"')
    asked = turnovers(["0.04", "0.06", "5000.54", "5000.56"])
    asked = asked.with_columns(date=pl.lit(date(2027, 5, 1)))
    priced = with_fees(asked, tables=tables_with(tmp_path, text))
    assert priced["brand_usage"].to_list() == [5, 6, 500_054, 500_055]


def test_an_arrow_stream_gives_a_reader() -> None:
    import pyarrow as pa

    class Stream:
        """What only says that it is a stream."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return turnovers(["800000"]).to_arrow().__arrow_c_stream__(requested_schema)

    for stream in (Stream(), turnovers(["800000"]).to_arrow().to_reader()):
        priced = columns.with_fees(stream, on=ON, tables=TABLES)
        assert isinstance(priced, pa.RecordBatchReader)
        assert priced.read_all()["brand_usage"].to_pylist() == [55_750]


def test_a_moment_is_no_day_for_all_the_rows() -> None:
    with pytest.raises(DateError, match="is not a day"):
        columns.with_fees(table(turnover=[1], t1=[1]), on=datetime(2026, 3, 2, 5), integers="euros")  # noqa: DTZ001 - what is refused
    with pytest.raises(DateError, match="is not a day"):
        with_price_verdict(table(turnover=["1"], t1=[1], b=["1"]), billed="b", on=datetime(2026, 3, 2, 5))  # noqa: DTZ001 - the same


def test_a_heading_that_is_no_text_is_refused_in_a_sentence() -> None:
    frame = pd.DataFrame({0: ["a"], "turnover": ["350000"], "t1": [1]})
    with pytest.raises(RequestError, match="The column 0: its heading is no text"):
        columns.with_fees(frame, on=ON)
