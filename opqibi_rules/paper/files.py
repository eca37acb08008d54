"""Files as they come in: bounded, refused in one sentence, and remembered, so that no result covers one."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from opqibi_rules.errors import FileError, Mistake, what_failed
from opqibi_rules.messages import Message

MAX_BYTES = 5_000_000
"""A text that people or programs write: a larger one is not read."""
MAX_DOCUMENT = 20_000_000
"""A document of any kind, packed or not: PDF, XML, workbook."""
MAX_LIST = 500_000_000
"""A list of firms, one a line."""

STANDARD_INPUT = "-"

_read: ContextVar[set[tuple[int, int]] | None] = ContextVar("the files that a command has read", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """While the block runs, what is read is remembered: :func:`spare` keeps it from being written over."""
    token = _read.set(set())
    try:
        yield
    finally:
        _read.reset(token)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read, or the standard input where ``path`` is ``-``; it is remembered.

    Raises:
        FileError: it cannot be opened.
    """
    if str(path) == STANDARD_INPUT and sys.stdin is not None:
        _remember(sys.stdin.buffer)
        yield sys.stdin.buffer
        return
    with _said(path):
        file = path.open("rb")
    with file:
        _remember(file)
        yield file


def file_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """The content of a file, or of the standard input; a device without end is no danger.

    Raises:
        FileError: it cannot be opened, or is too large.
    """
    with opened(path) as file, _said(path):
        data = file.read(most + 1)
    return bounded(data, str(path), most)


def bounded(data: bytes, name: str, most: int = MAX_BYTES) -> bytes:
    """The content of a file called ``name``, if it is not too large.

    Raises:
        FileError: it is.
    """
    if len(data) > most:
        raise FileError(name, [Mistake(Message("over {limit} bytes; such a file is not read.", limit=most))])
    return data


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = Message("cannot be opened: {problem}.", problem=what_failed(error))
    except ValueError:  # a NUL, or a character that the system's names do not know
        message = Message("no file can bear such a name.")
    else:
        return
    raise FileError(str(path), [Mistake(message)])


def remember(path: Path) -> None:
    """A file that others read for us (a library, a cluster), or will read: no result may cover it."""
    with suppress(OSError, ValueError):
        _note(path.stat())


def _remember(file: BinaryIO) -> None:
    with suppress(OSError):  # a stream of no file
        _note(os.fstat(file.fileno()))


def _note(found: os.stat_result) -> None:
    read = _read.get()
    if read is not None and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        read.add((found.st_dev, found.st_ino))


def spare(path: Path) -> None:
    """Refuse to write to a file that the command reads, by whatever path, link or case it is named.

    Raises:
        FileError: it is one of them, or stands in a folder that is read whole.
    """
    read = _read.get() or set()
    if read and any(_identity(place) in read for place in (path, *Path(os.path.realpath(path)).parents)):
        message = Message("this command reads that file; give the result a name of its own.")
        raise FileError(str(path), [Mistake(message)])


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
