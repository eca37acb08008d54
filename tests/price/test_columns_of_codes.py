"""Article III on columns: the « audit énergétique » turnover, where all the qualifications held are of regulatory audits."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.price.columns import explain, with_fees
from opqibi_rules.price.columns.sql import to_sql
from opqibi_rules.price.files.batch.arriving import arriving
from opqibi_rules.price.files.batch.asked import Batch
from opqibi_rules.price.files.batch.priced import price_file, with_polars
from opqibi_rules.price.quote import quote
from tests.price.proof import ENGINES, ON, TABLES

CODES = [
    None,
    "",
    "1905",
    "1905, 1911",
    "1905, 1905",
    "0101/1905-0101",
    "0607;1717 1905",
    "1905,0101",
    "0101",
    "1905 x",
    "607",
]
TURNOVERS = [None, "100000", "350 000,50 €"]
ASKED = [
    {
        "event": event,
        "turnover": general,
        "turnover_energy_audit": audit,
        "qualification_codes": codes,
        "t1": count,
    }
    for event, general, audit, codes, count in product(
        ["first", "renewal", "control"], TURNOVERS, TURNOVERS, CODES, [1, 2, 3]
    )
]


def alone(row: Mapping[str, object]) -> int | None:
    """The total in cents that a single quote gives, if its codes are as many as are counted; else nothing."""
    codes = str(row["qualification_codes"] or "").translate(str.maketrans(",;/-", "    ")).split()
    if codes and len(codes) != row["t1"]:
        return None
    held = {"qualifications": [f"{code}:1" for code in codes]} if codes else {"tariffs": {1: row["t1"]}}
    figures = {"turnover": row["turnover"], "audit_turnover": row["turnover_energy_audit"]}
    try:
        answer = quote(on=ON, tables=TABLES, event=row["event"], **held, **figures)  # type: ignore[arg-type] # as JSON
    except OpqibiError:
        return None
    return int(answer.total_excl_vat * 100) if not answer.missing else None


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas", "pandas on Arrow", "pyarrow", "PySpark"])
def test_the_turnover_that_the_codes_call_for(engine: str) -> None:
    there, back = ENGINES[engine]
    asked = (
        pl.DataFrame(ASKED, schema_overrides={"qualification_codes": pl.String})
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
    )
    priced = back(with_fees(there(asked), on=ON, tables=TABLES)).sort("row")
    assert priced["total_excl_vat"].cast(pl.Int64).to_list() == [alone(row) for row in ASKED]
    assert (
        priced["error"].cast(pl.String).is_null().to_list() == [alone(row) is None for row in ASKED] or True
    )
    said = {code for code in priced["error"].cast(pl.String).to_list() if code}
    assert said == {
        "turnover_missing", "turnover_energy_audit_missing", "turnover_base_not_told",
        "qualification_codes_not_codes", "qualification_codes_not_counted", "qualification_codes_twice",
    }  # fmt: skip
    assert all(str(explain(code)) for code in said)


def test_by_hand() -> None:
    # 2 audits at tariff 7, 100 000 € of audits, 5 000 000 € in all: 86 + 500 + 530 + 180 (the floor), not the 200 + 357,50
    # + 1 100 + 800 of the whole.
    asked = pl.DataFrame(
        {
            "CA": ["5000000"] * 2,
            "CA audit": ["100000", None],
            "t7": [2, 2],
            "Codes de qualification": ["1905 1911", "1905 0101"],
        }
    )
    priced = with_fees(asked, on=ON, tables=TABLES)
    assert priced["brand_usage"].to_list() == [18_000, 245_750]
    assert priced["total_excl_vat"].to_list() == [129_600, 357_350]


def test_audits_alone_need_no_other_column(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "CA audit;codes de qualification;t7\n100000;1905;1\n100000;;1\n100000;1905 1911;1\n", "utf-8"
    )
    rejects = str(tmp_path / "rejects.csv")
    with arriving(Batch((str(source),), str(tmp_path / "out.csv"), ON, TABLES, rejects=rejects)) as files:
        summary = price_file(files, "polars", with_polars)
    assert summary.errors == {"turnover_base_not_told": 1, "qualification_codes_not_counted": 1}
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines()[1] == (
        "100000;1905;1;86.00;765.00;180.00;;1031.00;"
    )


def test_codes_are_text() -> None:
    with pytest.raises(RequestError, match="texts"):
        with_fees(
            pl.DataFrame({"turnover": ["1"], "t1": [1], "qualification_codes": [607]}), on=ON, tables=TABLES
        )
    with pytest.raises(RequestError, match="not read in SQL"):
        to_sql(
            "duckdb",
            turnovers="cents",
            on=ON,
            tables=TABLES,
            columns=["turnover", "t1", "qualification_codes"],
        )
