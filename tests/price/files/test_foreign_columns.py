"""Columns that are not ours, in files: every one comes out as it came in, whatever engines would make of its name."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from opqibi_rules.cli.main import run

FOREIGN = [
    *("*", "^name$", "^.*$", "^a$", "^turnover$"),
    *('Surface "utile"', '"', "'", "`", "\\", "%s", "a.b", "[a]", "a,b", "a;b", ""),
    *("a\nb", "a\r\nb", "^\n$"),
    *("Name", "NAME", "Dossier", "Error", "own_0", "own_1", "row", "__counts", "é" * 3000),
]
"""After a column ``name``: patterns, quotation marks, line breaks, names that some engines fold or that we use."""
CARRY = ("--carry", "^turnover$")
HEADINGS = ["name", *FOREIGN, "turnover", "t1"]
CELLS = [*(f"v{number}" for number in range(len(FOREIGN) + 1)), "350000", "1"]
# By hand: 86; 500 + 60; 0,8 ‰ of 250 000 + 0,65 ‰ of 100 000.
DUE = ["86.00", "560.00", "265.00", "911.00"]
FEES = ["dossier", "instruction", "brand_usage", "total_excl_vat"]


def answer(source: Path, target: Path, *options: str) -> list[list[str]]:
    """The header, then the rows, of what a file is priced as."""
    assert run(["batch", str(source), "-o", str(target), "--date", "2026-03-02", *options]) == 0
    if target.suffix == ".parquet":
        table = pl.read_parquet(target)
        return [table.columns, *(["" if cell is None else str(cell) for cell in row] for row in table.rows())]
    return [*csv.reader(io.StringIO(target.read_bytes().decode("utf-8-sig"), newline=""))]


def written(path: Path, *, end: str, headings: list[str] = HEADINGS, cells: list[str] = CELLS) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([headings, cells])
    path.write_text(text.getvalue(), "utf-8", newline="")
    return path


@pytest.mark.parametrize("engine", ["polars", "duckdb", "spark"])
@pytest.mark.parametrize("form", ["csv", "crlf", "parquet"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("rejects", [False, True])
def test_every_column_comes_out_as_it_came_in(
    engine: str, form: str, suffix: str, rejects: bool, tmp_path: Path
) -> None:
    if form == "parquet":
        source = tmp_path / "in.parquet"
        pl.DataFrame({name: [cell] for name, cell in zip(HEADINGS, CELLS, strict=True)}).write_parquet(source)
    else:
        source = written(tmp_path / "in.csv", end="\r\n" if form == "crlf" else "\n")
    options = ["--rejects", str(tmp_path / "rejects.csv")] if rejects else []
    header, row = answer(source, tmp_path / f"out.{suffix}", "--engine", engine, *CARRY, *options)
    assert (header[: len(HEADINGS)], row[: len(HEADINGS)]) == (HEADINGS, CELLS)
    fees = dict(zip(header[len(HEADINGS) :], row[len(HEADINGS) :], strict=True))
    assert [fees[name] for name in FEES] == DUE


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("heading", ["a\nb", "a\r\nb", "a\rb", "\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_break_in_a_heading_is_no_end_of_rows(
    engine: str, heading: str, end: str, tmp_path: Path
) -> None:
    headings, cells = [heading, "Chiffre d’affaires\n(HT)", "t1"], ["v", "350000", "1"]
    source = written(tmp_path / "in.csv", end=end, headings=headings, cells=cells)
    header, row = answer(source, tmp_path / "out.csv", "--engine", engine)
    assert (header[:3], row[:3]) == (headings, cells)
    assert row[header.index("total_excl_vat")] == "911.00"


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_row_rejected_is_given_back_under_such_headings(engine: str, tmp_path: Path) -> None:
    cells = [*CELLS[:-2], "beaucoup", "1"]
    source = written(tmp_path / "in.csv", end="\n", cells=cells)
    rejects = tmp_path / "rejects.csv"
    words = ("--date", "2026-03-02", "--engine", engine, *CARRY, "--rejects", str(rejects))
    assert run(["batch", str(source), "-o", str(tmp_path / "out.csv"), *words]) == 1
    (fault,) = csv.DictReader(io.StringIO(rejects.read_bytes().decode(), newline=""))
    assert (fault["column"], fault["cell"], fault["code"]) == (
        "turnover",
        "beaucoup",
        "turnover_not_an_amount",
    )
    assert next(csv.reader([fault["row"]])) == cells
