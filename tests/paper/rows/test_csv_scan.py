"""A CSV looked through before it is read: nothing in it can be lost, or read in two ways."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.paper.rows import csv_scan
from opqibi_rules.paper.rows.csv_rows import CsvDialect, read_dialect
from opqibi_rules.paper.rows.csv_scan import sound

HEADER = ("turnover", "t1", "name")


def looked_through(folder: Path, data: bytes, block: int = 1 << 22) -> tuple[list[list[str]], int]:
    """The rows of what every engine is given, and how many the look found, by pieces of so many bytes."""
    path = folder / "t.csv"
    path.write_bytes(data)
    dialect = read_dialect(path, lambda cells: len({*HEADER} & {*cells}), HEADER)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(csv_scan, "_BLOCK", block)
        patch.setattr(csv_scan, "_LONG_LINE", block // 3)
        found = stack.enter_context(sound(path, dialect, folder))
        text = found.path.read_text("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator)), found.rows


def refusal(folder: Path, data: bytes) -> tuple[int | None, str]:
    with pytest.raises(FileError) as raised:
        looked_through(folder, data)
    (mistake,) = raised.value.mistakes
    return mistake.line, str(mistake.message)


BLOCKS = st.sampled_from([1, 5, 16, 1 << 22])
CELLS = st.text(st.sampled_from('ab "é;,\n€'), max_size=6)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS).filter(any), max_size=6),
    separator=st.sampled_from(";,\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    tail=st.sampled_from(["", "\n", "\r\n\r\n"]),
    said=st.booleans(),
    block=BLOCKS,
)
def test_what_a_spreadsheet_saves_is_read_as_it_stands(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    separator: str,
    end: str,
    encoding: str,
    tail: str,
    said: bool,
    block: int,
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows([HEADER, *rows])
    lead = f"sep={separator}{end}" if said else ""
    data = (lead + text.getvalue() + tail).encode(encoding)
    read, count = looked_through(tmp_path_factory.mktemp("csv"), data, block)
    assert count == len(rows)
    same = [[cell.replace("\r\n", "\n") for cell in row] for row in read if row]
    assert same == [list(HEADER), *map(list, rows)]


GOOD = b'turnover,t1,name\n350000,1,"a, b"\n1,2,"say ""so"""\n3,4,plain\n5,6,"two\nlines"\n'


@given(
    place=st.integers(17, len(GOOD) - 1),
    what=st.sampled_from([b"", b'"', b",", b"\n", b"\r", b"x", b"\xe9"]),
    block=BLOCKS,
)
def test_one_wrong_byte_never_loses_a_row_in_silence(
    tmp_path_factory: pytest.TempPathFactory, place: int, what: bytes, block: int
) -> None:
    # Whatever is put in the place of a byte: refused with its line, or as many rows as a strict reader finds.
    data = GOOD[:place] + what + GOOD[place + 1 :]
    try:
        read, count = looked_through(tmp_path_factory.mktemp("csv"), data, block)
    except FileError as error:
        assert error.mistakes[0].line is None or 1 <= error.mistakes[0].line <= 8
        return
    text = data.decode("cp1252" if b"\xe9" in data else "utf-8")
    strictly = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    assert len(strictly) == count + 1 == len([row for row in read if row])
    assert {len(row) for row in strictly} == {3}


def test_a_quotation_mark_left_open_is_told_where_it_opens(tmp_path: Path) -> None:
    rows = [f'{350_000 + row},1,"Bureau {row}"' for row in range(1000)]
    rows[500] = '400000,1,"Bureau 500'
    line, message = refusal(tmp_path, ("turnover,t1,name\n" + "\n".join(rows)).encode())
    assert line == 502
    assert "one is missing" in message
    assert refusal(tmp_path, b'turnover,t1,name\n1,1,"a\n')[0] == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"350000,1", "2 cells, where the header has 3 columns"),
        (b"350000,1,a,b", "4 cells, where the header has 3 columns"),
        (b"350000", "1 cell, where the header has 3 columns"),
        (b"", "a blank line among the rows"),
        (b'350000,1,12" pipe', "a quotation mark inside a cell"),
        (b"350000,1,caf\xe9", "in another encoding than the rest"),
    ],
)
def test_a_row_that_is_not_whole_is_refused_with_its_line(tmp_path: Path, row: bytes, said: str) -> None:
    data = b"turnover,t1,name\n1,1,\xc3\xa9\n" + row + b"\n2,2,b\n"
    line, message = refusal(tmp_path, data)
    assert (line, said in message) == (3, True)
    assert refusal(tmp_path, b"sep=,\r\n" + data) == (4, message)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (b"350000,1,a\0b", 10),  # the cell that holds it
        (b'350000,"1,a', 8),  # the cell that opens
        (b'350000,"1"2,a', 8),
        (b'"3""5",1,a"b', 10),
        (b"350000,1", 9),  # where the third cell would follow
        (b'350000,"1,5",a,b', 16),  # the fourth cell
        (b"350000,1,\xc3\xa9t\xe9", 12),  # the character itself
    ],
)
def test_a_row_that_is_not_whole_is_refused_with_its_column(tmp_path: Path, row: bytes, column: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"turnover,t1,name\n1,1,\xc3\xa9\n" + row + b"\n2,2,b\n")
    with pytest.raises(FileError) as met, sound(path, read_dialect(path, len, HEADER), tmp_path):
        pass
    assert [(each.line, each.column) for each in met.value.mistakes] == [(3, column)]


def test_a_stray_byte_far_into_the_file_is_refused_not_guessed(tmp_path: Path) -> None:
    plain = b"350000,1,abcdefghijklmnopqrstuvwxyz\n" * 60_000  # beyond the sample that tells the dialect
    head = b"turnover,t1,name\n"
    assert looked_through(tmp_path, head + plain + b"1,1,caf\xe9\n")[0][-1] == ["1", "1", "café"]
    line, message = refusal(tmp_path, head + b"1,1,caf\xc3\xa9\n" + plain + b"1,1,caf\xe9\n")
    assert (line, "encoding" in message) == (60_003, True)


def test_lines_that_end_by_a_return_alone_are_lines(tmp_path: Path) -> None:
    read, count = looked_through(tmp_path, b'turnover,t1,name\r350000,1,a\r1,2,"b ""c"""\r')
    assert (read[1:], count) == ([["350000", "1", "a"], ["1", "2", 'b "c"']], 2)


def test_a_file_that_needs_nothing_is_read_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD)
    with sound(path, CsvDialect(header=HEADER), tmp_path) as found:
        assert (found.path, found.rows, found.encoding) == (path, 4, "utf-8")


@pytest.mark.parametrize("tolerant", [False, True])
def test_lines_are_counted_from_the_one_that_says_the_separator(tmp_path: Path, tolerant: bool) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'sep=,\n1,2\n3,"4\n4"\n5,6\n' + (b"7\n" if tolerant else b"7,7\n") + b"8,9\n")
    dialect = read_dialect(path, len, ("1", "2"))
    with sound(path, dialect, tmp_path, tolerant=tolerant) as found:
        lines = [found.line_of(row) for row in range(found.rows)]
    assert lines == ([3, 5, 7] if tolerant else [3, 5, 6, 7])
    assert [line.line for line in found.unsound] == ([6] if tolerant else [])


def test_lines_are_those_of_the_file_from_several_threads_too(tmp_path: Path) -> None:
    """A thread that asked while another was counting once got lines that no cell spans."""
    rows = 20_000
    path = tmp_path / "spans.csv"
    path.write_text("a,b\n" + '"x\ny",1\n' * rows, "utf-8")
    with sound(path, CsvDialect(header=("a", "b")), tmp_path) as found:
        with ThreadPoolExecutor(8) as threads:
            lines = list(threads.map(found.line_of, [rows - 1] * 8))
        assert lines == [2 + 2 * (rows - 1)] * 8
