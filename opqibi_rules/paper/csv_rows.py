"""CSV as spreadsheets save it, row by row: the separator is recognised by the names that the headings bear."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_BYTES, bounded
from opqibi_rules.paper.text import decoded

SEPARATORS = ";,\t|"

Known = Callable[[Sequence[str]], int]
"""How many of a row's cells are headings that the reader knows."""


class CsvRow(NamedTuple):
    """The cells of a row, and the line where it starts."""

    line: int
    cells: list[str]


def read_rows(
    data: bytes,
    name: str,
    known: Known,
    *,
    within: int = 1,
    most: int = MAX_BYTES,
    rows: int | None = None,
) -> list[CsvRow]:
    """Every row of a CSV file, in UTF-8, Windows-1252 or UTF-16.

    Args:
        data: its bytes.
        name: its name, for errors.
        known: tells headings from other words.
        within: the rows among which the headings stand.
        most: the largest file accepted, in bytes.
        rows: past so many, the others are not read.

    Raises:
        FileError: too large, no text, or a quotation mark that is not closed where it should be.
    """
    text = decoded(bounded(data, name, most), name, windows=True)
    reader = _Rows(text, separator_of(text, known, within))
    try:
        return list(islice(reader, rows))
    except csv.Error:
        message = Message("a cell is too long, or a quotation mark is not closed where it should be.")
        raise FileError(name, [Mistake(message, line=reader.line)]) from None


def separator_of(text: str, known: Known, within: int = 1) -> str:
    """The separator under which one of the first rows names the most columns; ``;`` where none names any."""

    def named(separator: str) -> int:
        try:
            return max((known(row.cells) for row in islice(_Rows(text, separator), within)), default=0)
        except csv.Error:
            return 0

    return max(SEPARATORS, key=named)


class _Rows:
    """The rows of a text under a separator; ``line`` is where the last one starts."""

    def __init__(self, text: str, separator: str) -> None:
        # Strict: a quotation mark left open would swallow the rows that follow, and their amounts.
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self.line = 1

    def __iter__(self) -> Iterator[CsvRow]:
        for cells in self._reader:
            yield CsvRow(self.line, cells)
            self.line = self._reader.line_num + 1
