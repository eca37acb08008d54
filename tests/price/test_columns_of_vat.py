"""VAT on columns: the rate of each row's territory, as a single quote has it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.price.columns import explain, with_fees
from opqibi_rules.price.columns.sql import to_sql
from opqibi_rules.price.quote import quote
from tests.price.proof import ENGINES, ON, TABLES

PLACES = [
    "",
    None,
    "metropolitan",
    "France métropolitaine",
    "LA RÉUNION",
    "reunion",
    "Guyane",
    "french guiana",
    "Métropole",
    "Guyane française",
    "Atlantide",
]
TURNOVERS = ["250007.70", "350000", "800 000,01 €"]
ASKED = [(place, turnover) for place in PLACES for turnover in TURNOVERS]


def alone(place: str | None, turnover: str) -> tuple[int, int] | tuple[None, None]:
    """VAT and total in cents, by a single quote."""
    try:
        answer = quote(on=ON, tables=TABLES, tariffs={1: 2, 3: 1}, turnover=turnover, vat=place or None)
    except OpqibiError:
        return None, None
    return int(answer.vat * 100), int(answer.total_incl_vat * 100)


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas", "PySpark"])
def test_vat_by_territory(engine: str) -> None:
    there, back = ENGINES[engine]
    asked = pl.DataFrame(
        {
            "row": list(range(len(ASKED))),
            "turnover": [turnover for _, turnover in ASKED],
            "t1": [2] * len(ASKED),
            "t3": [1] * len(ASKED),
            "Territoire de TVA": [place for place, _ in ASKED],
        }
    )
    priced = back(with_fees(there(asked), on=ON, tables=TABLES)).sort("row")
    found = priced.select(pl.col("vat", "total_incl_vat").cast(pl.Int64)).rows()
    assert found == [alone(*row) for row in ASKED]
    assert priced["error"].cast(pl.String).to_list() == [
        "vat_territory_unknown" if place == "Atlantide" else None for place, _ in ASKED
    ]
    assert "VAT table" in str(explain("vat_territory_unknown"))


def test_by_hand_and_by_the_day_of_each_row() -> None:
    # 86 + 560 + 265 = 911 €: 20 % are 182,20 €, 8,5 % are 77,435 €, half up 77,44 €.
    asked = pl.DataFrame(
        {
            "turnover": ["350000"] * 3,
            "t1": [1] * 3,
            "vat_territory": ["", "Martinique", "Mayotte"],
            "date": [ON, date(2026, 3, 3), ON],
        }
    )
    priced = with_fees(asked, tables=TABLES)
    assert priced.select("vat", "total_incl_vat").rows() == [(18_220, 109_320), (7_744, 98_844), (0, 91_100)]


def test_a_territory_is_a_text_and_not_for_sql(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="names of territories"):
        with_fees(pl.DataFrame({"turnover": ["1"], "t1": [1], "vat_territory": [974]}), on=ON, tables=TABLES)
    with pytest.raises(RequestError, match="not read in SQL"):
        to_sql("duckdb", on=ON, tables=TABLES, turnovers="cents", columns=["turnover", "t1", "vat_territory"])


def test_in_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from opqibi_rules.cli.main import run

    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("turnover,t1,VAT territory\n350000,1,Guadeloupe\n350000,1,Mars\n", "utf-8")
    assert run(["batch", str(source), "-o", str(target), "--date", "2026-03-02", "--lang", "en"]) == 1
    assert target.read_text("utf-8").splitlines() == [
        "turnover,t1,VAT territory,dossier,instruction,brand_usage,annual_control,total_excl_vat,vat,total_incl_vat,error",
        "350000,1,Guadeloupe,86.00,560.00,265.00,,911.00,77.44,988.44,",
        "350000,1,Mars,,,,,,,,vat_territory_unknown",
    ]
    assert "€988.44" in capfd.readouterr().err
