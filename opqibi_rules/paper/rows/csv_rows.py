"""CSV as spreadsheets save it: separator, encoding, byte-order mark and line ends are recognised, never asked for.

French spreadsheets write ``;``, a decimal comma, and either Windows-1252 or UTF-8 with a byte-order mark;
others ``,`` and plain UTF-8. The header says which: it holds names that are known.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_BYTES, bounded, opened
from opqibi_rules.paper.text import STRAY, decoded, encoding_of

_SAMPLE = 1 << 20
_END = 1 << 16
"""Bytes at the end of a file, where its last rows are."""
SEPARATORS = ";,\t|"

Known = Callable[[Sequence[str]], int]
"""How many of a row's cells are headings that the reader knows."""


_OTHERS = {
    b"PK\x03\x04": Message("a zip, or a workbook"),
    b"\xd0\xcf\x11\xe0": Message("a workbook of an older format"),
    b"%PDF-": Message("a PDF"),
    b"\x1f\x8b\x08": Message("a file packed by gzip"),
    b"\x28\xb5\x2f\xfd": Message("a file packed by zstd"),
    b"PAR1": Message("a Parquet file"),
}
"""How files that are no text begin."""


def refuse_others(start: bytes, name: str) -> None:
    """Refuse what is no text, whatever its name says.

    Raises:
        FileError: it begins as a workbook, a PDF, a packed file or a Parquet file does.
    """
    for begins, kind in _OTHERS.items():
        if start.startswith(begins):
            message = Message(
                "{kind}, and no CSV: give the file the suffix that says what it is, or save it as CSV.",
                kind=kind,
            )
            raise FileError(name, [Mistake(message)])


_TOO_LONG = Message("a cell is too long, or a quotation mark is not closed where it should be.")


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
        FileError: too large, no text, in no encoding that can be told (each line), or a quotation mark that is not
            closed where it should be.
    """
    refuse_others(data, name)
    text = decoded(bounded(data, name, most), name, windows=True)
    said, lead = separator_said(text)
    text = text[lead:]
    reader = _Rows(text, said or separator_of(text, known, within), 2 if lead else 1)
    try:
        return list(islice(reader, rows))
    except csv.Error:
        raise _unreadable(name, _TOO_LONG, reader.line) from None


_SAID = re.compile(f'"?sep=(?P<separator>[{re.escape(SEPARATORS)}])"?(?:\r\n|\n|\r)', re.IGNORECASE)


def separator_said(text: str) -> tuple[str | None, int]:
    """The separator that a first line ``sep=;`` says, as Excel wants it said, and how long that line is."""
    said = _SAID.match(text)
    return (said["separator"], said.end()) if said else (None, 0)


def separator_of(text: str, known: Known, within: int = 1) -> str:
    """The separator under which one of the first rows names the most columns; ``;`` where none names any."""

    def named(separator: str) -> int:
        try:
            return max((known(row.cells) for row in islice(_Rows(text, separator), within)), default=0)
        except csv.Error:
            return 0

    return max(SEPARATORS, key=named)


class _Rows:
    """The rows of a text under a separator; ``line`` is where the last one starts, ``first`` where the text does."""

    def __init__(self, text: str, separator: str, first: int = 1) -> None:
        # Strict: a quotation mark left open would swallow the rows that follow, and their amounts.
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self.line = self._first = first

    def __iter__(self) -> Iterator[CsvRow]:
        for cells in self._reader:
            yield CsvRow(self.line, cells)
            self.line = self._reader.line_num + self._first


def first_rows(path: Path, separator: str, most: int) -> list[list[str]]:
    """The first rows below the header of a CSV in UTF-8, none from one on that has a cell of unlikely length."""
    rows: list[list[str]] = []
    with (
        opened(path) as raw,
        io.TextIOWrapper(raw, "utf-8-sig", "replace", newline="") as file,
        suppress(csv.Error),
    ):
        rows.extend(islice(csv.reader(file, delimiter=separator), 1, most + 1))
    return rows


def last_rows(path: Path, separator: str, most: int) -> list[list[str]]:
    """The last rows of a sound CSV in UTF-8, without reading those before; the first may be cut."""
    with opened(path) as file:
        file.seek(max(path.stat().st_size - _END, 0))
        text = file.read().decode("utf-8", "replace").replace("\r", "").strip("\n")
    return list(csv.reader(text.split("\n")[-most:], delimiter=separator))


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """One way to write CSV."""

    separator: str = ","
    encoding: str = "utf-8"
    """In Python's words; UTF-8 without its mark is ``utf-8``, and stray bytes may stand in it."""
    bom: bool = False
    newline: str = "\n"
    header: tuple[str, ...] = ()
    lead: int = 0
    """How many characters come before the header: those of a first line ``sep=;``."""

    @property
    def first_line(self) -> int:
        """That of the header."""
        return 2 if self.lead else 1


class _Start(NamedTuple):
    """How a file begins."""

    text: str
    encoding: str
    """Of the file, in Python's words."""
    bom: bool
    damaged: bool
    """Not wholly in that encoding."""

    @classmethod
    def of(cls, path: Path, name: str) -> "_Start":
        """What is no text further down is told by who reads it all.

        Raises:
            FileError: the file cannot be opened, is empty or no text.
        """
        with opened(path) as file:
            sample = file.read(_SAMPLE)
        refuse_others(sample, name)
        whole = len(sample) < _SAMPLE
        encoding = encoding_of(sample, windows=True, whole=whole)
        damaged = False
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample, whole)
        except UnicodeDecodeError:
            damaged, text = True, sample.decode(encoding, "replace")
        if not text.strip():
            raise _unreadable(name, Message("empty; a header is expected on the first line."))
        bom = sample.startswith(codecs.BOM_UTF8) or encoding.startswith(("utf-16", "utf-32"))
        return cls(text, encoding.removesuffix("-sig"), bom, damaged)


def read_dialect(path: Path, known: Known, expected: Collection[str], name: str = "") -> CsvDialect:
    """The dialect of a file, told by the headings that it has.

    Args:
        path: the file.
        known: tells headings from other words.
        expected: some of them, for an error.
        name: what the file is called, if not by its path.

    Raises:
        FileError: the file cannot be opened, is empty or no text, or has no such heading, one twice, or one in
            another encoding than the file.
    """
    name = name or str(path)
    start = _Start.of(path, name)
    said, lead = separator_said(start.text)
    text = start.text[lead:]
    separator = said or separator_of(text, known)
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        raise _unreadable(name, _TOO_LONG, 2 if lead else 1) from None
    if start.damaged and "\N{REPLACEMENT CHARACTER}" in "".join(header):
        raise _unreadable(name, STRAY.get(start.encoding, STRAY["utf-8"]), 2 if lead else 1)
    if not known(header):
        message = Message(
            "none of the columns {names} in the header: {header}",
            names=tuple(expected)[:10],
            header="".join(text.splitlines()[:1])[:200],
        )
        raise _unreadable(name, message, 2 if lead else 1)
    refuse_unnamed(header, name, 2 if lead else 1)
    return CsvDialect(
        separator,
        encoding=start.encoding,
        bom=start.bom,
        newline="\r\n" if "\r\n" in text else "\n",
        header=tuple(header),
        lead=lead,
    )


def refuse_unnamed(header: Sequence[str], name: str, line: int) -> None:
    """Refuse a header that tells some of its columns not apart.

    Raises:
        FileError: two have the same heading, or none.
    """
    unnamed = sum(not heading.strip() for heading in header)
    if unnamed > 1:
        message = Message(
            "{n} columns have no heading: name them, or take them away; the header is the first line that is not "
            "empty.",
            n=unnamed,
        )
        raise _unreadable(name, message, line)
    if twice := [heading for heading, times in Counter(header).items() if times > 1]:
        raise _unreadable(name, Message("the header names twice: {names}.", names=twice), line)


def _unreadable(path: str, message: Message, line: int | None = None) -> FileError:
    return FileError(path, [Mistake(message, line=line)])
