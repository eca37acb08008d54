"""The fees in SQL: each dialect run where it is spoken, against the single quote and the oracle."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from opqibi_rules.errors import DateError, RequestError, TableError
from opqibi_rules.price.columns import to_sql, with_fees
from opqibi_rules.price.columns.inputs import Editions
from opqibi_rules.price.columns.sql import DIALECTS
from tests import oracle
from tests.price import proof, warehouses
from tests.price.proof import ON, TABLES, Pinned
from tests.price.test_columns import NEXT_SCHEDULE, tables_with
from tests.price.test_columns_of_editions import LATER, MORE_FEES, OTHER_BODY, REPEATED, TWO_BASES
from tests.price.warehouses import Run, Types

every_dialect = pytest.mark.parametrize("dialect", warehouses.WAREHOUSES)
with_decimals = pytest.mark.parametrize("dialect", ["postgres", "duckdb", "spark"])
IN_2027 = date(2027, 3, 2)


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Run]]:
    with warehouses.postgres() as in_postgres:
        yield {
            "postgres": in_postgres,
            "duckdb": warehouses.in_duckdb,
            "sqlite": warehouses.in_sqlite,
            "spark": warehouses.in_spark,
        }


@pytest.fixture
def ask(runs: dict[str, Run]) -> Callable[..., pl.DataFrame]:
    """A table priced by a dialect's query, in the order of the column ``row``."""

    def asked(dialect: str, table: pl.DataFrame, types: Types | None = None, **options: Any) -> pl.DataFrame:
        given = {"on": ON, "tables": TABLES, "columns": table.columns, "turnovers": "cents", **options}
        priced = runs[dialect](to_sql(dialect, **given), table, types or {})
        amounts = [name for name in priced.columns if name not in {*table.columns, "error"}]
        whole = priced.with_columns(pl.col("row", *amounts).cast(pl.Int64), pl.col("error").cast(pl.String))
        return whole.sort("row")[[*table.columns, *amounts, "error"]]

    return asked


Ask = Callable[..., pl.DataFrame]


def test_only_dialects_that_are_run_here_are_offered() -> None:
    assert set(DIALECTS) == set(warehouses.WAREHOUSES)


@every_dialect
@pytest.mark.parametrize("unit", ["cents", "euros"])
def test_random_rows_get_what_a_single_quote_answers(dialect: str, unit: str, ask: Ask) -> None:
    asked = proof.random_table(3_000, seed=21)
    if unit == "euros":
        asked = asked.with_columns(turnover=pl.col("turnover") // 100)
    cents = asked.with_columns(turnover=pl.col("turnover") * 100) if unit == "euros" else asked
    cents = cents.with_columns(turnover=pl.col("turnover").clip(-(10**16), 10**16))
    expected = proof.one_by_one(cents)
    assert 300 < int(expected["refused"].sum()) < 2_700
    priced = ask(dialect, asked.drop("date"), turnovers=unit)
    assert proof.wrong_rows(priced, expected) == 0


@every_dialect
def test_the_error_is_the_one_that_columns_tell(dialect: str, ask: Ask) -> None:
    asked = proof.random_table(2_000, seed=22).drop("date")
    told = with_fees(asked, on=ON, tables=TABLES, integers="cents")
    assert ask(dialect, asked)["error"].to_list() == told["error"].to_list()
    assert told["error"].n_unique() > 8


@every_dialect
def test_edges_ties_and_crossings_are_exact(dialect: str, ask: Ask) -> None:
    cents = proof.edges()
    asked = pl.DataFrame({"row": range(len(cents)), "turnover": cents, "t1": [1] * len(cents)})
    priced = ask(dialect, asked)
    assert priced["brand_usage"].to_list() == [oracle.brand_usage(turnover) for turnover in cents]
    assert priced["error"].null_count() == len(cents)


@every_dialect
@pytest.mark.parametrize(
    ("tables", "day"),
    [(LATER, IN_2027), (LATER, ON), (MORE_FEES, ON), (OTHER_BODY, ON), (REPEATED, ON)],
    ids=["later", "before it", "more fees", "other body", "repeated"],
)
def test_any_edition_is_said(dialect: str, tables: Pinned, day: date, ask: Ask) -> None:
    met = Editions((tables.schedule(day),))
    asked = proof.random_table(
        1_000, seed=23, days=[day], events=tuple(met.events), tariffs=met.tariffs, turnovers=met.turnovers
    )
    expected = proof.one_by_one(asked, tables).select(*met.outputs[:-1], "refused")
    assert 100 < int(expected["refused"].sum()) < 900
    assert proof.wrong_rows(ask(dialect, asked.drop("date"), tables=tables, on=day), expected) == 0


@every_dialect
def test_two_turnovers_and_a_slope_past_doubles(dialect: str, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "schedule.yaml").write_text(TWO_BASES, "utf-8")
    tables = Pinned(tmp_path)
    names = ("turnover", "turnover_abroad-1")
    asked = proof.random_table(
        1_500, seed=24, events=("yearly", "abroad_only"), tariffs=(1,), turnovers=names
    ).drop("new_t1")
    expected = proof.one_by_one(asked, tables).select("home", "abroad-fee", "total_excl_vat", "refused")
    assert proof.wrong_rows(ask(dialect, asked.drop("date"), tables=tables), expected) == 0


@with_decimals
def test_exact_decimals_are_euros(dialect: str, ask: Ask) -> None:
    written = ["0", "225000", "250007.69", "250007.7", "250007.70", "149170001", "1000000000000", "-3", None,
               "250007.695", "1000000000000.01", "99999999999999999999.99"]  # fmt: skip
    asked = pl.DataFrame({"row": range(len(written)), "turnover": written, "t1": [1] * len(written)})
    asked = asked.with_columns(pl.col("turnover").cast(pl.Decimal(38, 3)))
    priced = ask(dialect, asked, {"turnover": "DECIMAL(38, 3)"}, turnovers="decimal")
    # 200 + 7,69 at 0,65 per mille is 200,004 998 5; 7,70 makes 200,005 005
    expected = [18_000, 18_000, 20_000, 20_001, 20_001, 4_000_000, 4_000_000, *[None] * 5]
    assert priced["brand_usage"].to_list() == expected
    assert priced["error"].to_list()[7:] == [
        "turnover_negative", "turnover_missing", "turnover_not_an_amount", "turnover_too_large", "turnover_too_large",
    ]  # fmt: skip


@every_dialect
@pytest.mark.parametrize("column", ["turnover", "t1"])
def test_a_column_of_doubles_is_every_row_s_fault(dialect: str, column: str, ask: Ask) -> None:
    asked = pl.DataFrame({"row": [0, 1], "turnover": [80_000_000, 5], "t1": [1, 2]})
    asked = asked.with_columns(pl.col(column).cast(pl.Float64) + 0.5)
    priced = ask(dialect, asked, {column: "DOUBLE PRECISION" if dialect != "spark" else "DOUBLE"})
    assert priced["total_excl_vat"].null_count() == 2
    assert set(priced["error"]) == {"turnover_not_an_amount" if column == "turnover" else "t1_not_a_count"}


@pytest.mark.parametrize(
    ("dialect", "refusal"),
    [
        ("postgres", "text < integer"),
        ("duckdb", "Cannot compare values of type VARCHAR"),
        ("sqlite", None),
        ("spark", "CAST_INVALID_INPUT"),
    ],
)
def test_a_column_of_text_is_priced_by_none(dialect: str, refusal: str | None, ask: Ask) -> None:
    asked = pl.DataFrame({"row": [0], "turnover": ["350 000,50"], "t1": [1]})
    types = {"turnover": "STRING" if dialect == "spark" else "TEXT"}
    if refusal is None:
        assert ask(dialect, asked, types)["error"].to_list() == ["turnover_not_an_amount"]
    else:
        with pytest.raises(Exception, match=refusal):
            ask(dialect, asked, types)


@every_dialect
def test_a_column_that_the_table_lacks_is_not_passed_over(dialect: str, ask: Ask) -> None:
    asked = pl.DataFrame({"row": [0], "turnover": [80_000_000], "t1": [5]})
    with pytest.raises(Exception, match="t2"):
        ask(dialect, asked, columns=[*asked.columns, "t2"])


@every_dialect
def test_the_users_own_columns_come_through_whatever_they_are_called(dialect: str, ask: Ask) -> None:
    quoted = "à « l’aise »" if dialect == "spark" else 'un "nom"; DROP TABLE structures'
    asked = pl.DataFrame(
        {
            "row": [0],
            "turnover": [80_000_000],
            "t1": [5],
            "t2": [3],
            quoted: [7],
            "opqibi_turnover": [9],
            "T3": [2],
        }
    )
    priced = ask(dialect, asked, carry=["T3", "opqibi_turnover"])
    assert priced.columns[:7] == asked.columns
    assert [int(cell) for cell in priced.row(0)[4:7]] == [7, 9, 2]
    # 86; 500 + 5·60 + 3·120; 200 + 550 000 at 0,65 per mille
    assert priced.select(proof.AMOUNTS).row(0) == (8_600, 116_000, 55_750, None, 180_350)


@every_dialect
def test_a_column_of_any_name_is_carried_through(dialect: str, ask: Ask) -> None:
    names = ["*", "^t1$", "^.*$", "a.b", "a\nb", "#", "$1", "%s", "'", "\\", "é" * 30, "rowid", "own_0", " "]
    own = {name: [f"v{number}"] for number, name in enumerate(names)}
    asked = pl.DataFrame({"row": [0], "turnover": [35_000_000], "t1": [1], **own})
    priced = ask(
        dialect, asked, dict.fromkeys(own, "STRING" if dialect == "spark" else "TEXT"), carry=list(own)
    )
    assert priced[[*own]].row(0) == tuple(f"v{number}" for number in range(len(own)))
    assert priced["total_excl_vat"].to_list() == [91_100]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "spark"])
@pytest.mark.parametrize("name", ["Dossier", "INSTRUCTION", "Brand_Usage", "Total_Excl_VAT", "Error"])
def test_a_column_that_differs_from_a_fee_by_case_alone_never_takes_its_place(
    dialect: str, name: str, ask: Ask
) -> None:
    """These engines take the two for one: 12 345 would stand for the fee, and be added up."""
    asked = pl.DataFrame({"row": [0], "turnover": [35_000_000], "t1": [1], name: [12_345]})
    with pytest.raises(RequestError, match=f"already: {name}"):
        ask(dialect, asked, carry=[name])


@pytest.mark.parametrize("name", ["Dossier", "INSTRUCTION", "Brand_Usage", "Total_Excl_VAT", "Error"])
def test_postgres_tells_such_a_column_from_the_fee(name: str, ask: Ask) -> None:
    asked = pl.DataFrame({"row": [0], "turnover": [35_000_000], "t1": [1], name: [12_345]})
    priced = ask("postgres", asked, carry=[name])
    assert priced[name].to_list() == ["12345"]
    # 86; 500 + 60; 0,8 ‰ of 250 000 + 0,65 ‰ of 100 000.
    assert priced.select(proof.AMOUNTS).row(0) == (8_600, 56_000, 26_500, None, 91_100)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "spark"])
def test_columns_that_an_engine_takes_for_one_are_not_written_as_two(dialect: str) -> None:
    with pytest.raises(RequestError, match="twice"):
        to_sql(dialect, on=ON, turnovers="cents", columns=["turnover", "t1", "Name", "name"])
    assert '"Name"' in to_sql(
        "postgres", on=ON, turnovers="cents", columns=["turnover", "t1", "Name", "name"]
    )


@pytest.mark.parametrize("table", ["opqibi_read", "OPQIBI_Checked", "main.opqibi_priced"])
def test_a_table_may_be_called_as_our_steps_are(table: str) -> None:
    import duckdb

    with duckdb.connect() as database:
        name = ".".join(f'"{part}"' for part in table.split("."))
        database.execute(f"CREATE TABLE {name} AS SELECT 35000000 AS turnover, 1 AS t1")
        query = to_sql("duckdb", on=ON, turnovers="cents", columns=["turnover", "t1"], table=table)
        assert database.execute(query).fetchall() == [
            (35_000_000, 1, 8_600, 56_000, 26_500, None, 91_100, None)
        ]


def test_a_table_of_a_schema_is_quoted_part_by_part() -> None:
    assert 'FROM "finance"."les structures"' in to_sql(
        "postgres", on=ON, turnovers="cents", table="finance.les structures"
    )
    assert "FROM `a``b`" in to_sql("spark", on=ON, turnovers="cents", table="a`b")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"dialect": "oracle"}, "postgres, duckdb, sqlite, spark"),
        ({"turnovers": "dollars"}, "cents, euros, decimal"),
        ({"dialect": "sqlite", "turnovers": "decimal"}, "no exact decimals"),
        ({"columns": ["turnover"]}, "one at least of t1"),
        ({"columns": ["turnover", "t1", "error"]}, "already: error"),
        ({"columns": ["turnover", "t1", "t1"]}, "twice"),
        ({"columns": ["turnover", "t1", "date"]}, "date: not read in SQL"),
        ({"columns": ["turnover", "t1", "Jour"]}, "date: not read in SQL"),
    ],
)
def test_what_cannot_be_said_is_refused(asked: dict[str, Any], expected: str) -> None:
    with pytest.raises(RequestError, match=expected):
        to_sql(**{"dialect": "postgres", "on": ON, "tables": TABLES, "turnovers": "cents", **asked})


def test_a_day_without_a_schedule_is_refused() -> None:
    with pytest.raises(DateError):
        to_sql("duckdb", on=date(2020, 1, 1), turnovers="cents", tables=TABLES)


def test_a_schedule_too_large_for_whole_numbers_is_refused(tmp_path: Path) -> None:
    tables = tables_with(tmp_path, NEXT_SCHEDULE.replace('rate: "0.0003"', 'rate: "0.9999999"'))
    with pytest.raises(TableError, match="too large"):
        to_sql("duckdb", on=IN_2027, turnovers="cents", tables=tables)


def test_the_amounts_of_the_guide_s_query_are_those_worked_by_hand() -> None:
    asked = pl.DataFrame({"turnover": [Decimal("800000.00")], "t1": [5], "t2": [3]})
    query = to_sql("duckdb", on=ON, tables=TABLES, columns=asked.columns, turnovers="decimal")
    priced = warehouses.in_duckdb(query, asked, {"turnover": "DECIMAL(12, 2)"})
    assert priced.select(proof.AMOUNTS).row(0) == (8_600, 116_000, 55_750, None, 180_350)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"carry": ["zz"]}, "no column zz"),
        ({"table": "a."}, "table: a name"),
        ({"columns": ["t1", ""]}, "columns: one"),
    ],
)
def test_names_that_are_none_are_refused(asked: dict[str, Any], said: str) -> None:
    """They gave a query that runs nowhere."""
    with pytest.raises(RequestError, match=said):
        to_sql("duckdb", on=ON, turnovers="cents", **asked)
