"""CSV rows: whatever separates the cells, each row knows its line."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper.rows.csv_rows import SEPARATORS, first_rows, read_dialect, read_rows


def known(cells: Sequence[str]) -> int:
    return len({"code", "name"} & set(cells))


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_headings_tell_the_separator(separator: str, end: str) -> None:
    lines = ["code;name", '1;"a ""b"" ; , | c"', "", "2;x"]
    text = end.join(line.replace(";", separator, 1) for line in lines)
    rows = read_rows(text.encode("cp1252"), "f", known)
    assert [tuple(row) for row in rows] == [
        (1, ["code", "name"]),
        (2, ["1", 'a "b" ; , | c']),
        (3, []),
        (4, ["2", "x"]),
    ]


def test_a_row_starts_where_its_first_cell_does() -> None:
    rows = read_rows(b'code;name\n1;"a\nb"\n2;c\n', "f", known)
    assert [row.line for row in rows] == [1, 2, 4]


@pytest.mark.parametrize("said", ["sep=|\r\n", '"SEP=|"\n', "\ufeffsep=|\r"])
def test_a_first_line_may_say_the_separator(said: str) -> None:
    rows = read_rows(f"{said}code;name|x,y\n1|2\n".encode(), "f", lambda cells: len(cells[0].split(";")))
    assert [tuple(row) for row in rows] == [(2, ["code;name", "x,y"]), (3, ["1", "2"])]
    (row, *_) = read_rows(b"sep=x\ncode;name\n", "f", known)  # no separator: no such line
    assert (row.line, row.cells) == (1, ["sep=x"])


def test_headings_may_stand_below_a_title() -> None:
    data = b"Tarifs; de, 2026; a, b; c\n\ncode,name\n1,a\n"
    assert read_rows(data, "f", known, within=3)[-1].cells == ["1", "a"]
    assert read_rows(data, "f", known)[-1].cells == ["1,a"]


@pytest.mark.parametrize(
    ("data", "line"), [(b'code;name\n1;"a\n2;b\n', 2), (b'code;name\n1;a\n2;"b" c\n', 3), (b"x" * 200_000, 1)]
)
def test_a_quotation_mark_that_would_swallow_rows_is_refused(data: bytes, line: int) -> None:
    with pytest.raises(FileError) as raised:
        read_rows(data, "f", known)
    assert raised.value.mistakes[0].line == line


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(FileError, match="over 9 bytes"):
        read_rows(b"code;name\n", "f", known, most=9)
    assert len(read_rows(b"code;name\n" * 9, "f", known, rows=2)) == 2


def test_first_rows_stop_where_a_cell_is_of_unlikely_length(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    rows = [b"\xef\xbb\xbft1;name", b'1;"a;\nb"', b"2;", b"3;" + b"x" * 200_000, b"4;d"]
    path.write_bytes(b"\r\n".join(rows))
    assert first_rows(path, ";", 1) == [["1", "a;\nb"]]
    assert first_rows(path, ";", 9) == [["1", "a;\nb"], ["2", ""]]
    assert first_rows(path, ";", 0) == []


def test_a_csv_of_an_old_macintosh_is_refused_and_not_garbled(tmp_path: Path) -> None:
    text = "code;name\r1;Élan\r"
    for data in (text.encode("mac_roman"), text.encode("cp1252")):
        with pytest.raises(FileError, match="line 2, column 3: .* Macintosh of old: it is not guessed"):
            read_rows(data, "f", known)
        (tmp_path / "f.csv").write_bytes(data.replace(b"name", data[-5:-4] + b"name"))
        with pytest.raises(FileError, match="line 1: .* Macintosh of old: it is not guessed"):
            read_dialect(tmp_path / "f.csv", known, ["code"])
    assert read_rows(text.encode(), "f", known)[1].cells == ["1", "Élan"]
    assert read_rows(text.replace("\r", "\r\n").encode("cp1252"), "f", known)[1].cells == ["1", "Élan"]
