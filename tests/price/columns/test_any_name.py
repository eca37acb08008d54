"""Columns that are not ours, on every engine: each comes through as it was, whatever its engine makes of its name."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from opqibi_rules.certificate.columns import with_standings
from opqibi_rules.errors import RequestError
from opqibi_rules.price.columns import with_fees
from opqibi_rules.price.columns.billed import with_price_verdict
from tests.price.proof import ENGINES, ON, TABLES

every_engine = pytest.mark.parametrize("engine", ENGINES)
FOREIGN = [
    *("*", "^name$", "^.*$", "^turnover$", "^a$"),
    *('Surface "utile"', "a`b", "a.b", "a\nb", "[a]", "'", "\\", "%s", "{}", "a;b", " ", "é" * 300),
    *("own_0", "row_nr", "index", "literal", "__billed_paid", "__opqibi_column_1"),
]
FOLDING = ("duckdb", "PySpark")


def given(engine: str, **columns: Any) -> dict[str, list[Any]]:
    """A column ``name``, those of any name, then ours."""
    own = {name: [f"v{number}"] for number, name in enumerate(FOREIGN)}
    if engine not in FOLDING:  # these have no two columns whose names differ by case alone
        own |= {"Name": ["N"], "NAME": ["NN"], "Dossier": ["D"], "Error": ["E"]}
    if engine.startswith("polars"):  # on its way back, an empty name would be given one
        own[""] = ["empty"]
    return {"name": ["n"], **own, "Chiffre d’affaires": [35_000_000], "t1": [1], **columns}


@every_engine
def test_each_comes_through_beside_its_fees(engine: str) -> None:
    there, back = ENGINES[engine]
    asked = pl.DataFrame(given(engine))
    priced = back(with_fees(there(asked), on=ON, tables=TABLES, integers="cents", carry=FOREIGN))
    assert priced.columns[: asked.width] == asked.columns
    assert priced.row(0)[: asked.width] == asked.row(0)
    # 86; 500 + 60; 0,8 ‰ of 250 000 + 0,65 ‰ of 100 000.
    assert priced.row(0)[asked.width :] == (8_600, 56_000, 26_500, None, 91_100, None)


@every_engine
@pytest.mark.parametrize("billed", ["paid", "*", "^name$", "a.b", "Montant HT"])
def test_an_amount_billed_is_read_under_any_name(engine: str, billed: str) -> None:
    there, back = ENGINES[engine]
    asked = pl.DataFrame({**given(engine), billed: [91_101]})
    priced = back(
        with_price_verdict(there(asked), billed=billed, on=ON, tables=TABLES, integers="cents", carry=FOREIGN)
    )
    assert priced.columns[: asked.width] == asked.columns
    assert priced.row(0)[: asked.width] == asked.row(0)
    assert priced.row(0)[-2:] == (1, "discrepancy")


@every_engine
def test_each_comes_through_beside_a_certificate_s_standing(engine: str) -> None:
    there, back = ENGINES[engine]
    own = {name: cells for name, cells in given(engine).items() if name in {"name", *FOREIGN}}
    asked = pl.DataFrame({**own, "issued": [date(2026, 1, 10)]})
    told = back(with_standings(there(asked), on=ON))
    assert told.columns[: asked.width] == asked.columns
    assert told.row(0)[: len(own)] == asked.row(0)[: len(own)]
    assert told["certificate_status"].to_list() == ["valid"]


@pytest.mark.parametrize("engine", FOLDING)
@pytest.mark.parametrize("name", ["Dossier", "Instruction", "Brand_Usage", "ERROR"])
def test_one_that_its_engine_takes_for_a_fee_is_refused(engine: str, name: str) -> None:
    """Whoever reads ``dossier`` in the answer would be given the user's column."""
    there, _ = ENGINES[engine]
    asked = there(pl.DataFrame({"turnover": [35_000_000], "t1": [1], name: [12_345]}))
    with pytest.raises(RequestError, match=f"already: {name}"):
        with_fees(asked, on=ON, tables=TABLES, integers="cents")


@pytest.mark.parametrize("engine", FOLDING)
def test_a_verdict_s_name_is_refused_so_too(engine: str) -> None:
    there, _ = ENGINES[engine]
    asked = there(pl.DataFrame({"turnover": [35_000_000], "t1": [1], "paid": [91_100], "Verdict": ["x"]}))
    with pytest.raises(RequestError, match="already: Verdict"):
        with_price_verdict(asked, billed="paid", on=ON, tables=TABLES, integers="cents")


def test_two_columns_that_duckdb_takes_for_one_keep_their_cells() -> None:
    import duckdb

    asked = duckdb.sql(
        "SELECT 'a' AS \"name\", 'b' AS \"Name\", 'c' AS \"name\", 35000000 AS turnover, 1 AS t1"
    )
    assert asked is not None
    priced = with_fees(asked, on=ON, tables=TABLES, integers="cents")
    assert priced.columns[:3] == ["name", "Name", "name"]
    assert priced.fetchall() == [
        ("a", "b", "c", 35_000_000, 1, 8_600, 56_000, 26_500, None, 91_100, None),
    ]


@every_engine
def test_what_is_wrong_is_told_by_the_heading(engine: str) -> None:
    there, _ = ENGINES[engine]
    asked = there(pl.DataFrame({"C.A.": [350_000], "T. 1": [1]}))
    with pytest.raises(RequestError, match="The column C.A. holds whole numbers"):
        with_fees(asked, on=ON, tables=TABLES)


@every_engine
def test_the_cells_of_one_that_looks_like_a_pattern_are_looked_at(engine: str) -> None:
    """A row whose first word says that it adds others up is no structure, whatever the column is called."""
    there, back = ENGINES[engine]
    asked = pl.DataFrame(
        {"^name$": ["Total", "Bureau"], "name": ["x", "y"], "turnover": [100, 100], "t1": [1, 1]}
    )
    if engine in {"duckdb", "PySpark", "polars lazy", "polars streaming"}:
        priced = back(with_fees(there(asked), on=ON, tables=TABLES, integers="cents"))
        assert priced["error"].to_list() == ["row_of_totals", None]
    else:
        with pytest.raises(RequestError, match="The row « Total »"):
            with_fees(there(asked), on=ON, tables=TABLES, integers="cents")
