"""Files as they come in, bounded and remembered; and as they leave, whole or not at all, covering none of those."""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
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
MOST_INSIDE = 500_000
"""What a folder may hold, at any depth, to be read whole: more is the whole disk, given by mistake."""

STANDARD_INPUT = "-"

_drafts: set[Path] = set()
"""What is being written by this process, and is not whole yet."""
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
def opened(path: Path, *, awaited: bool = False) -> Iterator[BinaryIO]:
    """A file to read, or the standard input where ``path`` is ``-``; it is remembered.

    ``awaited``: the reader has been told that what comes through a pipe is waited for.

    Raises:
        FileError: it cannot be opened, or may never end.
    """
    if str(path) == STANDARD_INPUT and sys.stdin is not None:
        with suppress(OSError):  # a stream of no file
            remember(sys.stdin.fileno())
        yield sys.stdin.buffer
        return
    _refuse_endless(path, awaited=awaited)
    with _said(path):
        file = path.open("rb")
    with file:
        remember(file.fileno())
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


def _refuse_endless(path: Path, *, awaited: bool) -> None:
    """Refuse a device, or a pipe by its name, which has no writer perhaps; « <(…) » and /dev/stdin have theirs.

    Raises:
        FileError: it is one.
    """
    try:
        kind = os.stat(os.path.realpath(path)).st_mode  # noqa: PTH116 - as above
    except (OSError, ValueError):  # nothing there that has a name: a pipe already open
        return
    device = (stat.S_ISCHR(kind) or stat.S_ISBLK(kind)) and not path.samefile(os.devnull)
    if device or (stat.S_ISFIFO(kind) and not awaited):
        message = Message("a device or a pipe, which may never end; a file is expected.")
        raise FileError(str(path), [Mistake(message)])


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


def remember(path: Path | int) -> None:
    """A file, by its path or as the system numbers it: no result may cover it.

    For those that a library or a cluster reads for us, or that will be read.
    """
    if (read := _read.get()) is not None and (found := identity(path)) is not None:
        read.add(found)


def spare(path: Path) -> None:
    """Refuse to write to a file that the command reads, or has written, by whatever path, link or case it is named.

    Raises:
        FileError: it is one of them, or stands in a folder that is read whole.
    """
    read = _read.get() or set()
    for place in (path, *Path(os.path.realpath(path)).parents) if read else ():
        if identity(place) in read:
            message = Message(
                "this command already reads or writes that file; give the result a name of its own."
            )
            raise FileError(str(path), [Mistake(message)])


def writable(*paths: Path) -> None:
    """Refuse, before the first is written, several files of which one could not be.

    Raises:
        FileError: one that the command reads, that stands twice among them, or whose folder is not there.
    """
    places: set[Path] = set()
    for path in paths:
        spare(path)
        place = Path(os.path.realpath(path))
        if place in places:
            message = Message("two results would be written there; give each a name of its own.")
            raise FileError(str(path), [Mistake(message)])
        places.add(place)
        if not place.parent.is_dir():
            problem = what_failed(FileNotFoundError(errno.ENOENT, ""))
            raise FileError(str(path), [Mistake(Message("cannot be written: {problem}.", problem=problem))])


def identity(path: Path | int) -> tuple[int, int] | None:
    """A file or a folder as the system knows it; ``None``: there is none, or it is a device."""
    try:
        found = os.stat(path)  # noqa: PTH116 - it takes an open file as well
    except (OSError, ValueError):
        return None
    whole = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return (found.st_dev, found.st_ino) if whole else None


def files_in(path: Path, suffixes: frozenset[str]) -> list[Path]:
    """The file itself, or those of a folder and of all below it, in order of their names.

    Raises:
        FileError: a folder without any such file, or that holds too much to be meant.
    """
    if not path.is_dir():
        return [path]
    found = list(islice(path.rglob("*"), MOST_INSIDE + 1))
    if len(found) > MOST_INSIDE:
        message = Message("the folder holds over {most} files; give the one that is meant.", most=MOST_INSIDE)
        raise FileError(str(path), [Mistake(message)])
    inside = sorted(file for file in found if file.suffix.lower() in suffixes and file.is_file())
    if not inside:
        message = Message("the folder holds no file to read ({suffixes}).", suffixes=sorted(suffixes))
        raise FileError(str(path), [Mistake(message)])
    return inside


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to, which takes the place of ``path`` if all goes well.

    If anything fails, or is interrupted, whatever stood there is untouched. A link is followed: what it points
    to is replaced, not the link. A device or a pipe (``/dev/stdout``) is written to as it stands.

    Raises:
        FileError: a file that the command reads.
        OSError: a folder, no such folder, no rights, a full disk.
    """
    spare(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        yield path
        return
    path = Path(os.path.realpath(path))
    if path.exists():
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        mode = path.stat().st_mode & 0o777
    else:
        mode = 0o666 & ~_umask()
    # Named before it is made: an interruption at any point finds what to take away.
    draft = path.with_name(f".opqibi-{os.urandom(8).hex()}")
    with _draft(draft):
        try:
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:  # told of the file that was asked for: nobody knows the draft's name
            raise OSError(error.errno, error.strerror, str(path)) from None
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(mode)
        draft.replace(path)
        remember(path)  # nor is it written over by another result of the same command


@contextmanager
def draft_folder(beside: Path, name: str) -> Iterator[Callable[[], Path]]:
    """A place for what is needed on the way, made when it is first asked for and removed at the end."""
    place = beside / f".{name}.{os.urandom(6).hex()}"

    def made() -> Path:
        if _ending:  # a thread goes on, and would make it anew
            raise FileNotFoundError(str(place))
        place.mkdir(mode=0o700, exist_ok=True)
        return place

    with _draft(place):
        yield made


@contextmanager
def _draft(path: Path) -> Iterator[None]:
    """While the block runs, ``path`` is a draft: removed at the end, or when the process is told to end."""
    _drafts.add(path)
    try:
        yield
    finally:
        try:
            _remove(path)
        except KeyboardInterrupt:  # a second Ctrl-C, from an impatient hand
            _remove(path)
            raise
        finally:
            _drafts.discard(path)


def to_standard_output(path: Path) -> None:
    """Let a whole file out by the standard output."""
    from shutil import copyfileobj  # noqa: PLC0415 - only what leaves by the standard output; slow to load

    with path.open("rb") as file:
        sys.stdout.flush()
        copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def remove_drafts() -> None:
    """Remove all that is not whole yet: the process is about to end."""
    _ending.append(True)
    for path in tuple(_drafts):
        _remove(path)


_ending: list[bool] = []
"""Not empty: the process has been told to end."""
_MOST_TRIES = 50


def _remove(path: Path) -> None:
    if path.is_dir():
        from shutil import rmtree  # noqa: PLC0415 - only a draft that is a folder; slow to load

        for _ in range(_MOST_TRIES):  # a thread may write in it meanwhile
            rmtree(path, ignore_errors=True)
            if not path.exists():
                break
    else:
        path.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all, as :func:`whole_file` does.

    Raises:
        FileError: a file that the command reads, a folder, no such folder, no rights, a full disk.
    """
    try:
        with whole_file(path) as draft:
            draft.write_bytes(data)
    except OSError as error:
        message = Message("cannot be written: {problem}.", problem=what_failed(error))
        raise FileError(str(path), [Mistake(message)]) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@lru_cache
def of_the_package(name: str) -> Path:
    """A folder of this package, by its name; unpacked as long as the process lasts where the package is in a zip.

    So a wheel may stand on Python's path as it is, as ``spark-submit --py-files`` puts it there.
    """
    package = Path(__file__).resolve().parents[1]
    archive = next((folder for folder in package.parents if folder.is_file()), None)
    if archive is None:
        return package / name
    import atexit  # noqa: PLC0415 - from a zip alone, as the three below
    import shutil  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    import zipfile  # noqa: PLC0415

    place = tempfile.mkdtemp(prefix="opqibi-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    inside = f"{package.relative_to(archive).as_posix()}/{name}/"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(place, [item for item in packed.namelist() if item.startswith(inside)])
    return Path(place) / inside
