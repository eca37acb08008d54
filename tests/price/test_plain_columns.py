"""What polars reads by itself is what the common rule reads."""

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.price.columns.inputs import Column, amount_cents, count
from opqibi_rules.price.columns.plain import plain_turnover, quick_count, quick_turnover, with_plain_counts

TEXTS = (
    st.none()
    | st.from_regex(r"\A[+-]?[0-9]{0,16}[.,]?[0-9]{0,3}\Z")
    | st.from_regex(r"\A[0-9]{1,4}(?:[ \u00a0\u202f\u2009\u2007x][0-9]{3}){0,6}(?:[.,][0-9]{1,3})?(?: ?€)?\Z")
    | st.text("0123456789., €-−+\u00a0EUR\n", max_size=20)
    | st.from_regex(r"\A[ \t\u00a0\u202f\u3000]{0,2}[0-9]{0,3}[ \n\u00a0]{0,2}\Z")
)


@settings(max_examples=80)
@given(st.lists(TEXTS, min_size=1, max_size=60))
def test_amounts_and_counts_are_read_alike(texts: list[str | None]) -> None:
    table = pl.DataFrame(
        {"turnover": texts, "t1": texts}, schema=dict.fromkeys(("turnover", "t1"), pl.String)
    )
    plain = with_plain_counts(table.lazy().with_columns(plain_turnover("turnover")), ["t1"]).collect()
    rule = nw.from_native(table).select(
        amount_cents(Column("turnover", nw.String()), integers="cents").alias("turnover"),
        count(Column("t1", nw.String())).alias("t1"),
    )
    assert plain["turnover"].to_list() == rule["turnover"].to_list()
    # A count beyond what is accepted is refused alike, whatever its marker.
    accepted = [number if 0 <= number <= 1000 else None for number in plain["t1"].to_list()]
    assert accepted == [number if 0 <= number <= 1000 else None for number in rule["t1"].to_list()]


@pytest.mark.parametrize(
    ("text", "cents"),
    [("0", 0), ("350000,5", 35_000_050), ("350000.50", 35_000_050), ("1 350\u202f000,5", 135_000_050)],
)
def test_plain_amounts(text: str, cents: int) -> None:
    assert pl.DataFrame({"turnover": [text]}).select(plain_turnover("turnover")).item() == cents


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=60))
def test_duckdb_reads_the_plain_ones_first_and_all_alike(texts: list[str | None]) -> None:
    table = pl.DataFrame(
        {"turnover": texts, "t1": texts}, schema=dict.fromkeys(("turnover", "t1"), pl.String)
    )
    read = nw.from_native(duckdb.from_arrow(table.to_arrow())).select(
        quick_turnover("turnover").alias("turnover"),
        amount_cents(Column("turnover", nw.String()), integers="cents").alias("amount"),
        quick_count("t1").alias("t1"),
        count(Column("t1", nw.String())).alias("count"),
    )
    found = pl.from_arrow(read.to_native().to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    assert found["turnover"].to_list() == found["amount"].to_list()
    assert found["t1"].to_list() == found["count"].to_list()
