"""``sql``: the query leaves on the standard output or in a file; what it says is tested where it is run."""

from datetime import date
from pathlib import Path

import pytest

from opqibi_rules.price.columns import to_sql
from tests.cli.running import ON, asked, refused


def test_the_query_is_that_of_the_function(tmp_path: Path) -> None:
    words = ("sql", "--dialect", "duckdb", "--columns", "id, turnover,t1", "--turnovers", "decimal", *ON)
    expected = to_sql("duckdb", on=date(2026, 3, 2), columns=["id", "turnover", "t1"], turnovers="decimal")
    assert asked(*words) == (0, expected, "")
    assert asked(*words, "-o", str(tmp_path / "fees.sql")).code == 0
    assert (tmp_path / "fees.sql").read_text("utf-8") == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dialect", "oracle", "--turnovers", "cents"), "postgres, duckdb, sqlite, spark"),
        (("--dialect", "sqlite", "--turnovers", "decimal"), "sqlite"),
        (("--dialect", "duckdb", "--turnovers", "cents", "--columns", "turnover,t1,t9"), "t9"),
        (("--dialect", "duckdb", "--turnovers", "cents", "--columns", "id,date,turnover,t1"), "date"),
        (("--turnovers", "cents"), "--dialect"),
        (("--dialect", "duckdb"), "--turnovers"),
        (("--dialect", "duckdb", "--turnovers", "cents", "-o", "fees.txt"), ".sql"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_message(words: tuple[str, ...], said: str) -> None:
    assert said in refused("sql", *words, *ON)
