"""A nomenclature in CSV, as spreadsheets save it, and the table made of it."""

import csv
import io
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.tables.check import checked_table
from opqibi_rules.tables.nomenclature_file import read_nomenclature_csv

DAY = date(2026, 3, 2)
ROWS = [("1905", "Audit énergétique", 5), ("0607", None, 5), ("9998", "Étude", None)]


def read(tmp_path: Path, data: bytes | str) -> list[tuple[str, str | None, int | None]]:
    path = tmp_path / "codes.csv"
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return rows_of(read_nomenclature_csv(path, imported_on=DAY))


def rows_of(text: str) -> list[tuple[str, str | None, int | None]]:
    """What a table made of a file says, read as any other."""
    entries = checked_table(text.encode(), "own.yaml")["entries"]
    return [(entry["code"], entry["name"], entry["tariff"]) for entry in entries]


def mistakes(tmp_path: Path, data: bytes | str) -> list[str]:
    with pytest.raises(FileError) as error:
        read(tmp_path, data)
    return [mistake.explain() for mistake in error.value.mistakes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_as_spreadsheets_save_it(tmp_path: Path, encoding: str, delimiter: str, ending: str) -> None:
    lines = ["code;name;tariff", "1905;Audit énergétique;5", "0607;;5", ";;", "", "9998;Étude;", ""]
    text = ending.join(lines).replace(";", delimiter)
    assert read(tmp_path, text.encode(encoding)) == ROWS


@pytest.mark.parametrize(
    "headings",
    [
        "Code ; Nom ; Tarif",
        "TARIF;CODE;Libellé",
        "Code qualification;Intitulé;Code tarif",
        "code;autre;tariff;name",
    ],
)
def test_headings_in_either_language_and_any_order(tmp_path: Path, headings: str) -> None:
    names = [name.strip().casefold() for name in headings.split(";")]
    cells = {"code": "0607", "code qualification": "0607", "tarif": "5", "tariff": "5", "code tarif": "5"}
    row = ";".join(cells.get(name, "x") for name in names)
    assert read(tmp_path, f"{headings}\n{row}\n") == [("0607", "x", 5)]


def test_without_names(tmp_path: Path) -> None:
    assert read(tmp_path, "code,tariff\n0607,5\n1905\n") == [("0607", None, 5), ("1905", None, None)]


def test_quotes_delimiters_and_lines_within_a_cell(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'code;name;tariff\r\n1905;"Audit ; ""grand""\r\nou petit";5\r\n0607;x;y\r\n'.replace("y", "1"),
    )
    assert found[0] == ("1905", 'Audit ; "grand"\r\nou petit', 5)


def test_all_the_bad_rows_each_with_its_line_and_column(tmp_path: Path) -> None:
    text = """\
name;code;tariff
Transport;607;5
Audit;1905;cinq
"Sur
deux lignes";19 05;0
;;7
Étude;9997;100
Étude;9996;²
"""
    code = 'expected a code of four digits, such as "0607".'
    tariff = "expected a tariff code: a whole number from 1."
    assert mistakes(tmp_path, text) == [
        f"line 2, column 2, code: « 607 »; {code}",
        f"line 3, column 3, tariff: « cinq »; {tariff}",
        f"line 4, column 2, code: « 19 05 »; {code}",
        f"line 4, column 3, tariff: « 0 »; {tariff}",
        f"line 6, column 2, code: «  »; {code}",
        f"line 7, column 3, tariff: « 100 »; {tariff}",
        f"line 8, column 3, tariff: « ² »; {tariff}",
    ]


def test_a_code_stands_once(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "code;tariff\n1905;5\n0607;5\n1905;\n")
    assert said == ["line 4, column 1, code: given twice; keep one."]


def test_a_row_is_no_longer_than_its_headings(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "code;tariff\n1905;5;;\n0607;5;1;trop\n")
    assert said == ["line 3, column 3: more cells than columns."]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: the first line must name the columns"),
        (b"\n\n", "line 1: the first line must name the columns"),
        (b"code;name\n1905;x\n", "line 1: the first line must name the columns"),
        (b"code;tariff\n", "line 1: no row under the headings."),
        (b"code;tariff;tarif\n1905;5;6\n", "line 1, column 3: a column given twice: tarif; keep one."),
        ("code;tariff\n".encode("utf-16"), "line 1: no row under the headings"),
        (b"PK\x03\x04\0\0", "a zip, or a workbook, and no CSV: "),
        (
            b"code;tariff\n1905;5\n0607;\x81\n",
            "line 3, column 6: a character that is neither UTF-8 nor Windows-1252",
        ),
        (b"code;tariff\n" + b"x" * 200_000, "line 2: a cell is too long"),
        (b"x" * 5_000_001, "over 5000000 bytes"),
    ],
)
def test_what_is_no_nomenclature(tmp_path: Path, data: bytes, said: str) -> None:
    assert mistakes(tmp_path, data)[0].startswith(said) or said in mistakes(tmp_path, data)[0]


@pytest.mark.parametrize("path", [path for path in (Path("/dev/zero"),) if path.exists()])
def test_a_device_without_end_is_not_read_to_its_end(path: Path) -> None:
    with pytest.raises(FileError, match="may never end"):
        read_nomenclature_csv(path, imported_on=DAY)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(FileError, match="cannot be opened"):
            read_nomenclature_csv(path, imported_on=DAY)


_NAMES = st.none() | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1
).map(str.strip).filter(bool)


@given(
    st.lists(
        st.tuples(st.integers(0, 9999).map("{:04}".format), _NAMES, st.none() | st.integers(1, 99)),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[0],
    ),
    st.binary(min_size=1, max_size=20)
    .filter(lambda name: not set(name) & set(b"\0/") and name not in {b".", b".."})
    .map(os.fsdecode),
)
def test_whatever_is_imported_is_a_right_table_that_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str | None, int | None]], name: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([("code", "name", "tariff"), *rows])
    path = folder / name
    path.write_bytes(out.getvalue().encode("utf-8"))
    try:
        made = read_nomenclature_csv(path, imported_on=DAY)
    except FileError as error:
        assert "not a CSV text" in str(error)
        return
    assert rows_of(made) == rows
