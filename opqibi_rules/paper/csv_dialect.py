"""How a CSV file is written: separator, encoding, byte-order mark, line ends. Recognised, never asked for.

French spreadsheets write ``;``, a decimal comma, and either Windows-1252 or UTF-8 with a byte-order mark;
others ``,`` and plain UTF-8. The header says which: it holds names that are known.
"""

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message

_SAMPLE = 1 << 20
_BLOCK = 1 << 22
_SEPARATORS = ";,\t|"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """One way to write CSV."""

    separator: str = ","
    encoding: str = "utf-8"
    """``utf-8`` or ``cp1252``."""
    bom: bool = False
    newline: str = "\n"
    header: tuple[str, ...] = ()
    row_bytes: int = 1
    """What a row takes on average, as the first ones tell."""


def read_dialect(path: Path, known: Collection[str]) -> CsvDialect:
    """The dialect of a file whose header holds some of the names ``known``.

    Raises:
        FileError: the file is empty, in UTF-16, in neither of both encodings, or has no such column.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.startswith(_UTF_16):
        raise _unreadable(path, Message("UTF-16; save it as « CSV UTF-8 »."), 1)
    bom = sample.startswith(codecs.BOM_UTF8)
    encoding = "utf-8"
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(sample)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = _windows(path, sample)
    if not text.strip():
        raise _unreadable(path, Message("empty; a header is expected on the first line."))
    found = header_dialect(str(path), text.splitlines()[0], known)
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = text.count("\n")
    return replace(
        found, encoding=encoding, bom=bom, newline=newline, row_bytes=len(sample) // (rows or 1) or 1
    )


def header_dialect(name: str, header: str, known: Collection[str]) -> CsvDialect:
    """The dialect that a header tells, for a file called ``name``.

    Raises:
        FileError: no such column, or a name given twice.
    """
    cells = {separator: next(csv.reader([header], delimiter=separator), []) for separator in _SEPARATORS}
    separator = max(cells, key=lambda mark: len(set(known).intersection(cells[mark])))
    names = cells[separator]
    if set(known).isdisjoint(names):
        expected = tuple(known)[:10]
        message = Message(
            "none of the columns {names} in the header: {header}", names=expected, header=header[:200]
        )
        raise _unreadable(name, message, 1)
    twice = [name for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise _unreadable(name, Message("the header names twice: {names}.", names=twice), 1)
    return CsvDialect(separator, header=tuple(names))


def _windows(path: Path, data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise _unreadable(
            path, Message("neither UTF-8 nor Windows-1252; save it as « CSV UTF-8 ».")
        ) from None


@contextmanager
def in_utf8(path: Path, dialect: CsvDialect, folder: Path) -> Iterator[Path]:
    """The file itself, or for Windows-1252 a copy in UTF-8, made in ``folder`` and removed at the end."""
    if dialect.encoding == "utf-8":
        yield path
        return
    with TemporaryDirectory(dir=folder, prefix=f".{path.name}.") as place:
        copy = Path(place) / path.name
        with path.open("rb") as source, copy.open("wb") as target:
            while block := source.read(_BLOCK):
                target.write(_windows(path, block).encode("utf-8"))
        yield copy


def first_wide_row(path: Path, dialect: CsvDialect) -> int | None:
    """The line of the first row that has more cells than the header."""
    with path.open("rb") as raw:
        file = io.TextIOWrapper(raw, dialect.encoding, errors="replace", newline="")
        reader = csv.reader(file, delimiter=dialect.separator)
        for row in reader:
            if len(row) > len(dialect.header):
                return reader.line_num
    return None


def _unreadable(path: Path | str, message: Message, line: int | None = None) -> FileError:
    return FileError(str(path), [Mistake(message, line=line)])
