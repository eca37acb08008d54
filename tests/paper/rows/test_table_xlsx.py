"""Sheets read with their kinds, written with their values."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper.rows import table_xlsx
from opqibi_rules.paper.rows.table_xlsx import exact_text, read_sheet, write_sheet


def test_what_is_written_is_read_with_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    table = pl.DataFrame(
        {
            "code": ["0012", None],
            "whole": [1, 2],
            "part": [0.5, 1.25],
            "day": [date(2026, 3, 2), None],
            "moment": [datetime(2026, 3, 2, 1, 2, 3), None],  # noqa: DTZ001 - a sheet has no zones
            "true": [True, False],
            "none": [None, None],
        },
        schema_overrides={"none": pl.String},
    )
    write_sheet(path, [table.head(1), table.tail(1)], ["part"], name="a.xlsx")
    back = read_sheet(path).table
    assert back.select(pl.exclude("moment")).equals(table.select(pl.exclude("moment")))
    assert back["moment"].cast(pl.Datetime("ms")).to_list() == table["moment"].to_list()


def test_a_column_without_a_heading_stays_so_and_two_are_refused(tmp_path: Path) -> None:
    """The one was called « column_1 »; a title above the header was « the header names twice: . »."""
    path = tmp_path / "a.xlsx"
    write_sheet(path, [pl.DataFrame({"turnover": [1], "": ["a"]})], [], name="a")
    assert read_sheet(path).table.columns == ["turnover", ""]
    titled = {"Structures 2026": ["turnover", "1"], "": ["t1", "2"], " ": ["t2", "3"]}
    write_sheet(path, [pl.DataFrame(titled)], [], name="a")
    with pytest.raises(FileError, match="line 1: 2 columns have no heading"):
        read_sheet(path)


def test_mixed_cells_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_sheet(
        path,
        [pl.DataFrame({"x": [1.5]}), pl.DataFrame({"x": ["?"]}), pl.DataFrame({"x": [3.0]})],
        [],
        name="a",
    )
    assert read_sheet(path).table["x"].to_list() == ["1.5", "?", "3"]


def test_days_and_moments_together_are_moments(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    moment = datetime(2026, 3, 2, 15, 30)  # noqa: DTZ001 - a sheet has no zones
    parts = [pl.DataFrame({"x": [cell]}) for cell in (date(2026, 3, 2), None, moment)]
    write_sheet(path, parts, [], name="a")
    midnight = datetime(2026, 3, 2)  # noqa: DTZ001 - the same
    assert read_sheet(path).table["x"].to_list() == [midnight, None, moment]


def test_floats_are_told_as_the_sheet_shows_them() -> None:
    floats = pl.DataFrame({"x": [250007.695, 0.1, 350000.0, 1e15, None]})
    assert floats.select(exact_text("x"))["x"].to_list() == [
        "250007.695",
        "0.1",
        "350000",
        "1000000000000000",
        None,
    ]


def test_a_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_sheet(path, [pl.DataFrame({"a": [], "b": []})], [], name="a")
    assert read_sheet(path).table.shape == (0, 2)


@pytest.mark.parametrize("columns", [[], ["a", "a"]])
def test_no_header_or_one_that_names_twice(columns: list[str], tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, columns)
    with pytest.raises(FileError):
        read_sheet(path)


def test_a_file_that_cannot_be_written_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_sheet(tmp_path / "no folder" / "a.xlsx", [pl.DataFrame({"a": [1]})], [], name="a.xlsx")


def test_what_is_needed_on_the_way_lies_where_drafts_do(tmp_path: Path) -> None:
    # In the system's own folder, it outlived a command that was told to end.
    way = tmp_path / "way"
    way.mkdir()

    def frames() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"a": [1]})
        assert list(way.iterdir())

    write_sheet(tmp_path / "a.xlsx", frames(), [], name="a.xlsx", beside=way)
    assert not list(way.iterdir())


def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_xlsx, "MOST_ROWS", 3)
    with pytest.raises(FileError, match="a sheet holds 3 rows"):
        write_sheet(tmp_path / "a.xlsx", [pl.DataFrame({"a": [1, 2]})] * 2, [], name="a.xlsx")
