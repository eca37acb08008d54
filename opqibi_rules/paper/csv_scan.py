"""One pass over the bytes of a CSV before any engine reads it: no reader may lose a row, or guess a letter.

Engines differ on a quotation mark left open, a row cut short, a carriage return alone, a stray byte: some
refuse, some swallow thousands of rows without a word. This pass decides for all of them alike, and counts the
rows, so that a reading that finds another number is known to be wrong.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.csv_rows import CsvDialect
from opqibi_rules.paper.files import opened

_BLOCK = 1 << 22
_ENDS = b"\r\n"
_TWICE_DECODED = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x90-\xbf]")
"""What accents and quotation marks in UTF-8 look like to who reads Windows-1252: « Ã© », « â€™ »."""


class Sound(NamedTuple):
    """A CSV in UTF-8 that every engine reads alike."""

    path: Path
    rows: int
    """Below the header; blank lines at the end are none."""
    encoding: str
    """That of the file itself, in Python's words."""


@contextmanager
def sound(path: Path, dialect: CsvDialect, folder: Path) -> Iterator[Sound]:
    """The file itself, or else a copy made in ``folder`` and removed at the end: in UTF-8, its lines ended alike.

    Raises:
        FileError: a quotation mark or a row that is not whole, or a byte that is not of the file's encoding; each
            with its line.
    """
    encoding = dialect.encoding
    if encoding == "utf-8":
        scan = _Scan(path, dialect)
        encoding = scan.encoding
        if encoding == "utf-8" and scan.as_it_is:
            yield Sound(path, scan.rows, encoding)
            return
    with TemporaryDirectory(dir=folder, prefix=f".{path.name}.") as place:
        copy = Path(place) / path.name
        _copy(path, encoding, copy)
        yield Sound(copy, _Scan(copy, dialect, name=str(path)).rows, encoding)


def _copy(path: Path, encoding: str, copy: Path) -> None:
    """A copy in UTF-8, each line ended by a line feed, without blank lines at the end."""
    try:
        with (
            opened(path) as raw,
            io.TextIOWrapper(raw, encoding, newline=None) as source,
            copy.open("w", encoding="utf-8", newline="\n") as target,
        ):
            blank = 0
            while block := source.read(_BLOCK):
                text = block.rstrip("\n")
                target.write("\n" * blank + text if text else "")
                blank = len(block) - len(text) + (0 if text else blank)
            target.write("\n")
    except UnicodeDecodeError:
        message = Message("neither UTF-8 nor Windows-1252; save it as « CSV UTF-8 ».")
        raise FileError(str(path), [Mistake(message)]) from None
    if encoding == "cp1252":
        _refuse_mixed(path)


def _refuse_mixed(path: Path) -> None:
    """Refuse a file of Windows-1252 that has letters in UTF-8 too: which of them to believe, nobody says."""
    line = 1
    with opened(path) as file:
        for block in file:
            if _TWICE_DECODED.search(block):
                raise _not_one_encoding(str(path), line)
            line += 1


def _not_one_encoding(name: str, line: int) -> FileError:
    message = Message("a character in another encoding than the rest; save the whole file as « CSV UTF-8 ».")
    return FileError(name, [Mistake(message, line=line)])


class _Scan:
    """What one pass tells of a file."""

    def __init__(self, path: Path, dialect: CsvDialect, name: str | None = None) -> None:
        self._path, self._dialect, self._name = path, dialect, name or str(path)
        self.encoding = "utf-8"
        self._separator = dialect.separator.encode()
        self._ends = self._returns = self._separators = 0
        """Line ends, of which carriage returns alone, and separators, all outside quotation marks."""
        self._inside = self._just_closed = False
        self._before = b"\n"
        """The last byte outside quotation marks: a cell may start after it, or not."""
        self._line = self._opened_at = 1
        decoder, letters = codecs.getincrementaldecoder("utf-8")(), False
        with opened(path) as file:
            for block in _blocks(file):
                try:
                    letters |= not decoder.decode(block).isascii()
                except UnicodeDecodeError as error:
                    if letters or dialect.bom or not block[: error.start].isascii():
                        line = self._line + _ends_in(block[: error.start])
                        raise _not_one_encoding(self._name, line) from None
                    self.encoding = "cp1252"
                    return
                self._read(block)
            blank = _ends_at_the_end(file)
        if self._inside:
            raise self._fault(self._opened_at, Message("a quotation mark that is not closed."))
        self.rows = self._ends - blank
        self.as_it_is = not self._returns and blank <= 1
        if self._separators != (self.rows + 1) * (len(dialect.header) - 1):
            raise self._uneven()

    def _read(self, block: bytes) -> None:
        for index, part in enumerate(block.split(b'"')):
            if index:
                self._quote()
            if not part:
                continue
            ends = _ends_in(part)
            if not self._inside:
                if self._just_closed and part[:1] not in (self._separator, b"\r", b"\n"):
                    message = Message(
                        "a cell in quotation marks goes on after the one that closes it: one is missing, or stands "
                        "inside it and is not doubled."
                    )
                    raise self._fault(self._opened_at, message)
                self._just_closed = False
                self._ends += ends
                self._returns += part.count(b"\r") - part.count(b"\r\n")
                self._separators += part.count(self._separator)
                self._before = part[-1:]
            self._line += ends

    def _quote(self) -> None:
        """One quotation mark: it opens a cell, closes it, or is the second of two that stand for one."""
        if self._inside:
            self._inside, self._just_closed = False, True
        elif self._just_closed or self._before in (self._separator, b"\r", b"\n"):
            if not self._just_closed:
                self._opened_at = self._line
            self._inside, self._just_closed = True, False
            self._before = b'"'
        else:
            message = Message(
                "a quotation mark inside a cell; such a cell stands in quotation marks, with those inside it doubled."
            )
            raise self._fault(self._line, message)

    def _uneven(self) -> FileError:
        """The first row that has not a cell for each column."""
        columns = len(self._dialect.header)
        with opened(self._path) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
            reader, line = csv.reader(text, delimiter=self._dialect.separator), 1
            for cells in reader:
                if not cells:
                    return self._fault(line, Message("a blank line among the rows; remove it."))
                if len(cells) != columns:
                    return self._fault(line, _not_a_cell_each(len(cells), columns))
                line = reader.line_num + 1
        return self._fault(line, Message("a row that has not a cell for each column."))

    def _fault(self, line: int, message: Message) -> FileError:
        return FileError(self._name, [Mistake(message, line=line)])


def _not_a_cell_each(cells: int, columns: int) -> Message:
    return plural(
        "{n} cell, where the header has {columns} columns; a cell that holds the separator stands in quotes.",
        "{n} cells, where the header has {columns} columns; a cell that holds the separator stands in quotes.",
        n=cells,
        columns=columns,
    )


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """The file piece by piece, no piece cut between a carriage return and its line feed; without its mark."""
    first = True
    while block := file.read(_BLOCK):
        if block.endswith(b"\r"):
            block += file.read(1)
        yield block.removeprefix(codecs.BOM_UTF8) if first else block
        first = False


def _ends_in(data: bytes) -> int:
    """How many lines end: by a line feed, a carriage return, or both."""
    returns = data.count(b"\r")
    return data.count(b"\n") + (returns - data.count(b"\r\n") if returns else 0)


def _ends_at_the_end(file: BinaryIO) -> int:
    """How many lines end after the last that is not blank."""
    tail = b""
    place = file.seek(0, io.SEEK_END)
    while place and not tail.strip(_ENDS):
        size = min(place, _BLOCK)
        place = file.seek(place - size)
        tail = file.read(size) + tail
    return _ends_in(tail[len(tail.rstrip(_ENDS)) :])
