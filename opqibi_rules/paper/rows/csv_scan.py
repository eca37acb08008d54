"""One pass over the bytes of a CSV, before an engine reads it or meanwhile: none may lose a row, or guess a letter.

Engines differ on a quotation mark left open, a row cut short, a carriage return alone, a stray byte: some
refuse, some swallow thousands of rows without a word. This pass decides for all of them alike, and counts the
rows, so that a reading that finds another number is known to be wrong.
"""

import codecs
import csv
import io
import re
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.files import draft_folder, opened
from opqibi_rules.paper.rows.csv_rows import CsvDialect
from opqibi_rules.paper.text import STRAY, is_sure, older_encoding

_BLOCK = 1 << 18
_LONG_LINE = 1 << 16
_ENDS = b"\r\n"
_LONGEST_CELL = 1000
"""In lines: past that, a quotation mark that does not close was not meant to open a cell."""
_MOST_UNSOUND = 1_000_000

FAULTS = {
    "quotation_mark": Message(
        "a quotation mark that is not closed, or stands inside a cell and is not doubled."
    ),
    "not_a_cell_each": Message("a row that has not a cell for each column."),
    "blank_line": Message("a blank line among the rows; remove it."),
    "other_encoding": STRAY["utf-8"],
    "not_text": Message("not a text file."),
}
"""What may be wrong with a line as such, whatever its columns mean."""


class Unsound(NamedTuple):
    """A line that no reader can take for a row, or for part of one."""

    line: int
    code: str
    """Which of :data:`FAULTS`."""
    raw: str
    """The line itself; bytes that are no text stand as escapes."""
    at: int | None = None
    """The number of the cell where it goes wrong, the first being 0; ``None``: of no one cell."""
    cell: str | None = None
    """That cell, likewise."""


class _Breaks:
    """On which line each row starts: as many lines after another as rows, but at a few places."""

    def __init__(self) -> None:
        self._rows, self._lines = array("q", [0]), array("q", [2])

    def add(self, row: int, line: int) -> None:
        if self.line_of(row) != line:
            self._rows.append(row)
            self._lines.append(line)

    def line_of(self, row: int) -> int:
        place = bisect_right(self._rows, row) - 1
        return self._lines[place] + row - self._rows[place]


@dataclass(slots=True)
class Sound:
    """A CSV in UTF-8 that every engine reads alike."""

    path: Path
    rows: int
    """Below the header; blank lines at the end are none."""
    encoding: str
    """That of the file itself, in Python's words."""
    dialect: CsvDialect
    unsound: tuple[Unsound, ...] = ()
    """The lines that were left out, where that was asked."""
    spans: bool = False
    """A cell goes over several lines."""
    before: int = 0
    """How many lines of the file stand before those of ``path``."""
    _breaks: _Breaks | None = field(default=None, repr=False)

    def line_of(self, row: int) -> int:
        """The line of the file on which a row starts, the first below the header being row 0."""
        if self._breaks is None:
            breaks = _Breaks()
            if self.spans:
                with opened(self.path) as file:
                    for number, record in enumerate(_records(file, self.dialect), -1):
                        breaks.add(max(number, 0), record.line if number >= 0 else 2)
            self._breaks = breaks  # whole: engines ask from several threads
        return self._breaks.line_of(row) + self.before


class ToMend(Exception):  # noqa: N818 - nothing is wrong: another copy is read
    """The file cannot be read as it stands by every engine alike."""


def as_it_is(path: Path, dialect: CsvDialect, name: str = "") -> Sound:
    """The file itself, looked through and not copied: what :func:`sound` gives of most.

    Raises:
        FileError: as by :func:`sound`.
        ToMend: :func:`sound` reads a copy.
    """
    scan = _Scan(path, dialect, name=name or str(path))
    if dialect.encoding != "utf-8" or not scan.is_utf8 or not scan.as_it_is:
        raise ToMend
    return scan.sound(path, "utf-8")


@contextmanager
def sound(
    path: Path,
    dialect: CsvDialect,
    folder: Path,
    *,
    tolerant: bool = False,
    one_by_one: bool = False,
    name: str = "",
) -> Iterator[Sound]:
    """The file itself, or else a copy made in ``folder`` and removed at the end: in UTF-8, its lines ended alike.

    ``tolerant``: lines that are no rows are left out and told, instead of refusing the file. ``one_by_one``: each row
    is looked at, slowly; else the cells of all are counted together, and a row with one too many hides one that
    lacks it. ``name``: what the file is called, if not by its path.

    Raises:
        FileError: a quotation mark or a row that is not whole, or a byte that is not of the file's encoding; each
            with its line.
    """
    with draft_folder(folder, path.name) as place:
        mending = _Mending(path, dialect, place, name or str(path))
        try:
            found = mending.whole(one_by_one=one_by_one)
        except _LineError:
            if not tolerant:
                raise
            found = mending.kept()
        yield found


class _Mending:
    """A file on its way to be sound, by copies in UTF-8."""

    def __init__(self, path: Path, dialect: CsvDialect, place: Callable[[], Path], name: str) -> None:
        self._path, self._dialect, self._place, self._name = path, dialect, place, name
        self._read = path
        """The file, or its last copy."""
        self._encoding = dialect.encoding
        """That of the file itself, by as much of it as was read."""

    def whole(self, *, one_by_one: bool) -> Sound:
        """All of it.

        Raises:
            FileError: as by :func:`sound`; a :class:`_LineError` where some lines are no rows.
        """
        scan = self._scan() if self._encoding == "utf-8" else None
        if scan is None or not scan.is_utf8:
            self._tell()
            if self._encoding in {"utf-8", "utf-8-sig", "ascii"}:
                raise self._stray()
            self._copy()
            scan = self._scan()
            if not scan.is_utf8:  # a byte that Windows-1252 lacks
                raise self._stray()
        if one_by_one and (uneven := scan.uneven()):
            raise uneven
        if not scan.as_it_is:
            alike = self._place() / "alike.csv"
            _ended_alike(self._read, alike, self._dialect.lead)
            self._read = alike
        return scan.sound(self._read, self._encoding)

    def kept(self) -> Sound:
        """Its rows, and apart the lines that are none: no letter of these is guessed."""
        if self._read == self._path:  # a line may be wrong before any that tells the encoding
            self._tell()
            if self._encoding == "cp1252":
                self._copy()
        among = self._encoding if self._read == self._path else "utf-8-sig"
        found = _kept(self._read, self._dialect, self._place() / "kept.csv", self._name, among)
        found.encoding = self._encoding.removesuffix("-sig")
        return found

    def _tell(self) -> None:
        """Tell the encoding by the whole file, where no mark does.

        Raises:
            FileError: its beginning was in another, and the header may be read in two ways.
        """
        if self._dialect.encoding not in {"utf-8", "cp1252", "ascii"}:
            return
        self._encoding = _encoding_of(self._path, self._dialect)
        moved = self._encoding == "cp1252" and self._dialect.encoding != "cp1252"
        if moved and not "".join(self._dialect.header).isascii():
            raise FileError(self._name, [Mistake(STRAY["ascii"], line=self._dialect.first_line)])

    def _copy(self) -> None:
        """Read a copy in UTF-8 from here on; a byte that Windows-1252 lacks stays as it is there, and is no UTF-8.

        Raises:
            FileError: the file is not in UTF-16 or UTF-32 throughout, as its mark says.
        """
        copy = self._place() / "utf-8.csv"
        try:
            _copy(self._path, self._encoding, copy)
        except UnicodeDecodeError:
            message = Message("not in the encoding that its first bytes say; save it as « CSV UTF-8 ».")
            raise FileError(self._name, [Mistake(message)]) from None
        self._read = copy

    def _scan(self) -> "_Scan":
        return _Scan(self._read, self._dialect, name=self._name)

    def _stray(self) -> FileError:
        """The first line that is not in the encoding of the file."""
        encoding = "utf-8-sig" if self._encoding == "utf-8" else self._encoding
        said = STRAY[self._encoding.removesuffix("-sig")]
        with opened(self._path) as file:
            lines = enumerate(_lines(file, self._dialect.lead), self._dialect.first_line)
            line, data = next((each for each in lines if not is_sure(each[1], encoding)), (None, b""))
        place = _first_stray(data, encoding)
        column = None if place is None else len(data[:place].decode(encoding)) + 1
        return _LineError(self._name, [Mistake(said, line=line, column=column)])


def _copy(path: Path, encoding: str, copy: Path) -> None:
    """A copy in UTF-8.

    Raises:
        UnicodeDecodeError: of a file in UTF-16 or UTF-32 that is not so throughout.
    """
    errors = "surrogateescape" if encoding == "cp1252" else "strict"
    with (
        opened(path) as raw,
        io.TextIOWrapper(raw, encoding, errors, newline="") as source,
        copy.open("w", encoding="utf-8", errors=errors, newline="") as target,
    ):
        while block := source.read(_BLOCK):
            target.write(block)


def _encoding_of(path: Path, dialect: CsvDialect) -> str:
    """The encoding of a whole file, as :func:`~opqibi_rules.paper.text.encoding_of` tells it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as file:
        try:
            for block in _blocks(file, dialect.lead):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return "utf-8-sig" if dialect.bom else older_encoding(_blocks(file, dialect.lead))
    return "utf-8-sig"


def _ended_alike(path: Path, copy: Path, lead: int) -> None:
    """A copy from the header on, whose rows each end by a line feed, without blank lines at the end."""
    inside, blank = False, b""
    with opened(path) as source, copy.open("wb") as target:
        for block in _blocks(source, lead):
            parts = block.split(b'"')
            for index, part in enumerate(parts):
                inside ^= index > 0
                if not inside and b"\r" in part:
                    parts[index] = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            data = blank + b'"'.join(parts)
            text = data.rstrip(b"\n")
            blank = data[len(text) :]
            target.write(text)
        target.write(b"\n")


class _Record(NamedTuple):
    """One row as it stands, or one line that is none."""

    line: int
    data: bytes
    fault: str | None = None


def _kept(path: Path, dialect: CsvDialect, copy: Path, name: str, among: str) -> Sound:
    """A copy of the rows that are whole, and the lines that are not, or not in that encoding."""
    rows, breaks = -1, _Breaks()
    unsound: list[Unsound] = []
    with opened(path) as file, copy.open("wb") as target:
        for record in _records(file, dialect, among):
            if record.fault is None:
                target.write(record.data.rstrip(_ENDS) + b"\n")
                if rows >= 0:
                    breaks.add(rows, record.line)
                rows += 1
                continue
            if rows < 0 or len(unsound) == _MOST_UNSOUND:
                raise FileError(name, [Mistake(FAULTS[record.fault], line=record.line)])
            place = _wrong_cell(record.data, record.fault, dialect, among)
            cell = None if place is None else _shown(place.data)
            at = None if place is None else place.number
            unsound.append(Unsound(record.line, record.fault, _shown(record.data), at, cell))
    return Sound(copy, rows, "utf-8", dialect, tuple(unsound), _breaks=breaks)


def _shown(data: bytes) -> str:
    return data.rstrip(_ENDS).decode("utf-8", "backslashreplace")


class _WrongCell(NamedTuple):
    """The cell of a line at which it goes wrong."""

    number: int
    """The first is 0."""
    start: int
    """Its first byte in the line."""
    data: bytes
    """Of a cell whose quotation marks are wrong, all that follows."""


def _wrong_cell(data: bytes, fault: str, dialect: CsvDialect, encoding: str) -> _WrongCell | None:
    """Where a line goes wrong; ``None``: nowhere in particular."""
    line = data.rstrip(_ENDS)
    if fault == "blank_line":
        return None
    cells = list(_cells(line, dialect.separator.encode()))
    if fault == "quotation_mark":
        return None if _cell(dialect.separator.encode()).fullmatch(cells[-1].data) else cells[-1]
    if fault == "not_a_cell_each":
        beyond = len(dialect.header)
        return cells[beyond] if len(cells) > beyond else _WrongCell(len(cells), len(line), b"")
    wrong = line.find(b"\0") if fault == "not_text" else _first_stray(line, encoding)
    return next((cell for cell in reversed(cells) if wrong is not None and cell.start <= wrong), None)


def _cells(line: bytes, separator: bytes) -> Iterator[_WrongCell]:
    """The cells of a line, as far as its quotation marks are right."""
    cell, start = _cell(separator), 0
    for number in count():
        found = cell.match(line, start)
        assert found is not None  # it may be empty
        if line[found.end() : found.end() + 1] not in (separator, b""):
            yield _WrongCell(number, start, line[start:])
            return
        yield _WrongCell(number, start, found[0])
        if found.end() == len(line):
            return
        start = found.end() + 1


def _first_stray(line: bytes, encoding: str) -> int | None:
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return None


_QUOTED = re.compile(b'"[^"]*+"')


def _fault_of(data: bytes, dialect: CsvDialect, encoding: str) -> str | None:
    """Why what stands between two ends of lines is no row."""
    if b"\0" in data:
        return "not_text"
    if not data.strip(_ENDS):
        return "blank_line"
    if not is_sure(data, encoding):
        return "other_encoding"
    cells = _QUOTED.sub(b"", data).count(dialect.separator.encode()) + 1
    return None if cells == len(dialect.header) else "not_a_cell_each"


def _records(file: BinaryIO, dialect: CsvDialect, encoding: str = "utf-8-sig") -> Iterator[_Record]:
    """Each row, the header first, and each line that is no row; blank lines at the end are neither."""
    line = dialect.first_line
    blank: list[_Record] = []
    for lines, closes in _pieces(file, dialect):
        data = b"".join(lines)
        fault = _fault_of(data, dialect, encoding) if closes else "quotation_mark"
        if fault == "blank_line":
            blank.append(_Record(line, data, fault))
        else:
            yield from blank
            blank = []
            if fault is None:
                yield _Record(line, data)
            else:
                yield from (_Record(line + after, each, fault) for after, each in enumerate(lines))
        line += len(lines)


def _pieces(file: BinaryIO, dialect: CsvDialect) -> Iterator[tuple[list[bytes], bool]]:
    """The lines that each row takes; ``False``: one alone, whose quotation marks do not close."""
    separator = dialect.separator.encode()
    cell = _cell(separator).pattern
    whole = re.compile(cell + b"(?:" + re.escape(separator) + cell + b")*+[\r\n]*")
    ahead, source = deque[bytes](), _lines(file, dialect.lead)

    def taken() -> int:
        """How many lines the row ahead takes; none: its quotation marks do not close."""
        data = b""
        for count in range(1, _LONGEST_CELL + 1):
            if len(ahead) < count:
                more = next(source, None)
                if more is None:
                    break
                ahead.append(more)
            data += ahead[count - 1]
            if data.count(b'"') % 2 == 0:
                return count if whole.fullmatch(data) else 0
        return 0

    while True:
        if not ahead:
            ahead.extend(islice(source, 1))
        if not ahead:
            return
        count = taken()
        yield [ahead.popleft() for _ in range(count or 1)], count > 0


def _cell(separator: bytes) -> re.Pattern[bytes]:
    """A cell, with its quotation marks or without."""
    return re.compile(b'(?:"(?:[^"]++|"")*+"|[^"' + re.escape(separator) + b"\\r\\n]*+)")


def _lines(file: BinaryIO, lead: int = 0) -> Iterator[bytes]:
    """The lines, each with its end."""
    rest = b""
    for block in _blocks(file, lead):
        *lines, rest = (rest + block).splitlines(keepends=True)
        yield from lines
    if rest:
        yield rest


class _LineError(FileError):
    """Some lines are no rows; the others may be kept."""


class _Scan:
    """What one pass tells of a file."""

    def __init__(self, path: Path, dialect: CsvDialect, name: str) -> None:
        self._path, self._dialect, self._name = path, dialect, name
        self.is_utf8 = True
        """Else nothing more is told."""
        self._separator = dialect.separator.encode()
        self._ends = self._returns = self._pairs = self._separators = 0
        """Line ends, of which carriage returns alone, or with a feed, and separators; all outside quotation marks."""
        self._inside = self._just_closed = False
        self._before = b"\n"
        """The last byte outside quotation marks: a cell may start after it, or not."""
        self._line = self._opened_at = dialect.first_line
        near = b"[^" + re.escape(self._separator) + b"\r\n]"
        self._quoted = re.compile(b'"(?<!' + near + b'")[^"\r\n]*+"(?!' + near + b")")
        """A cell in quotation marks that stands on one line, without others inside."""
        self._letters = bytes({*range(256)} - {*b'"\r\n', *self._separator})
        """All that a cell without quotation marks may hold."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        with opened(path) as file:
            try:
                for block in _blocks(file, dialect.lead):
                    if decoder.getstate()[0] or not block.isascii():
                        decoder.decode(block)
                    self._read(block)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                self.is_utf8 = False
                return
            blank = _ends_at_the_end(file)
        if self._inside:
            raise self._fault(self._opened_at, Message("a quotation mark that is not closed."))
        self.rows = self._ends - blank
        alike = not self._returns and self._pairs in (0, self._ends)
        self.as_it_is = alike and blank <= 1 and not dialect.lead
        self.spans = self._line - dialect.first_line > self._ends
        if self._separators != (self.rows + 1) * (len(dialect.header) - 1):
            raise self.uneven() or self._fault(1, FAULTS["not_a_cell_each"], "not_a_cell_each")

    def sound(self, path: Path, encoding: str) -> Sound:
        """The file, or a copy of it, as engines read it; ``encoding``: that of the file itself."""
        dialect = replace(self._dialect, lead=0)
        before = self._dialect.first_line - 1
        return Sound(path, self.rows, encoding, dialect, spans=self.spans, before=before)

    def _read(self, block: bytes) -> None:
        if b"\0" in block:
            line = self._line + _ends_in(block[: block.index(b"\0")])
            raise self._fault(line, FAULTS["not_text"], "not_text")
        if not self._read_at_once(block):
            self._read_by_parts(block)

    def _read_at_once(self, block: bytes) -> bool:
        """Read a piece whose quotation marks all stand around cells of one line; ``False``: it is not so plain.

        Every mark is then the first or the last of a match: cells in marks follow a separator or an end of line, and
        are followed by one.
        """
        if self._inside or self._just_closed:
            return False
        if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
            return False
        # What is looked at is a fifth of the file: to leave the rest out takes less time than to count in it.
        marks = block.translate(None, self._letters)
        cells: list[bytes] = []
        if b'"' in marks:
            if block.startswith(b'"') and self._before not in (self._separator, b"\r", b"\n"):
                return False
            cells = self._quoted.findall(block)
            if 2 * len(cells) != marks.count(b'"'):
                return False
            self._just_closed = block.endswith(b'"')
        ends = marks.count(b"\n")
        self._ends += ends
        self._pairs += marks.count(b"\r")
        self._line += ends
        self._opened_at = self._line
        self._separators += marks.count(self._separator) - b"".join(cells).count(self._separator)
        self._before = block[-1:]
        return True

    def _read_by_parts(self, block: bytes) -> None:
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
                pairs = part.count(b"\r\n")
                self._pairs += pairs
                self._returns += part.count(b"\r") - pairs
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

    def uneven(self) -> FileError | None:
        """The first row that has not a cell for each column, if there is one."""
        columns = len(self._dialect.header)
        with opened(self._path) as file:
            for record in _records(file, self._dialect):
                if record.fault == "not_a_cell_each":
                    (cells,) = csv.reader([record.data.decode()], delimiter=self._dialect.separator)
                    message = not_a_cell_each(len(cells), columns)
                    return self._fault(record.line, message, record.fault, record.data)
                if record.fault is not None:
                    return self._fault(record.line, FAULTS[record.fault], record.fault, record.data)
        return None

    def _fault(
        self, line: int, message: Message, fault: str = "quotation_mark", data: bytes | None = None
    ) -> FileError:
        """What is wrong with a line, or with the row ``data`` that starts there, and at which of its characters."""
        if data is None:
            with opened(self._path) as file:
                data = next(islice(_lines(file), line - 1, None), b"")
        place = _wrong_cell(data, fault, self._dialect, "utf-8-sig")
        column = None if place is None else len(data[: place.start].decode("utf-8", "replace")) + 1
        return _LineError(self._name, [Mistake(message, line=line, column=column)])


def not_a_cell_each(cells: int, columns: int) -> Message:
    """What is said of a row that has not a cell for each column."""
    return plural(
        "{n} cell, where the header has {columns} columns; a cell that holds the separator stands in quotes.",
        "{n} cells, where the header has {columns} columns; a cell that holds the separator stands in quotes.",
        n=cells,
        columns=columns,
    )


def _blocks(file: BinaryIO, lead: int) -> Iterator[bytes]:
    """The file piece by piece, most ending with a line, none between a carriage return and its line feed.

    Without its mark, nor the ``lead`` before its header.
    """
    mark = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
    file.seek(mark + lead)
    while block := file.read(_BLOCK):
        block += file.readline(_LONG_LINE)
        if block.endswith(b"\r"):
            block += file.read(1)
        yield block


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
