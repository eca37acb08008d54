"""Files as they come: by name, by a pattern, in a folder, through a pipe or the standard input, packed or not."""

import gzip
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import STANDARD_INPUT, opened, remember

PACKINGS = (".gz", ".zst")
_PACKED = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst"}
_KINDS = {b"PAR1": ".parquet", b"PK\x03\x04": ".xlsx"}
"""What the first bytes tell, where no name does."""

_READ = {".csv", ".tsv", ".parquet", ".xlsx", *PACKINGS}
"""What files that hold a table end in."""

_BLOCK = 1 << 20

Say = Callable[[Message], None]


class Arrival(NamedTuple):
    """A file to read, on the disk and not packed."""

    name: str
    """What it is called, for errors."""
    path: Path
    """The file itself, or a copy of what came."""
    state: tuple[int, ...]
    """By which it is seen to change."""

    @property
    def suffix(self) -> str:
        """What its name ends in, packing aside."""
        return self.path.suffix.lower()


def named(names: Iterable[str], kind: str) -> list[str]:
    """The names of files meant: a pattern stands for those that fit it, a folder for those of ``kind`` in it.

    Raises:
        FileError: no such file, or none in the folder.
    """
    found: list[str] = []
    for name in names:
        path = Path(name)
        if name == STANDARD_INPUT or path.is_file():
            found.append(name)
        elif path.is_dir():
            remember(path)  # nothing is written in it either
            found += _inside(path, name, kind)
        elif has_magic(name) and not path.exists():
            fitting = sorted(glob(name, recursive=True))  # noqa: PTH207 - it takes any path, absolute or not
            found += fitting or _none(name, Message("no file fits this pattern."))
        elif path.exists():
            found.append(name)
        else:
            _none(name, Message("no such file."))
    return found


def _inside(folder: Path, name: str, kind: str) -> list[str]:
    """The files of that kind in a folder; those that a tool writes for itself (``_SUCCESS``) are none.

    Raises:
        FileError: there is none, or there are others that would be passed over.
    """
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    ]
    found = [str(file) for file in files if file.suffix.lower() == kind]
    if not found:
        _none(name, Message("the folder holds no file to read ({suffixes}).", suffixes=(kind,)))
    if others := [file.name for file in files if file.suffix.lower() in _READ - {kind}]:
        _none(
            name,
            Message(
                "the folder holds other files than {kind}, which would be passed over: {names}. Give the files by "
                "name.",
                kind=kind,
                names=tuple(others[:10]),
            ),
        )
    return found


def _none(name: str, message: Message) -> list[str]:
    raise FileError(name, [Mistake(message)])


def arrived(name: str, place: Callable[[], Path], number: int, say: Say) -> Arrival:
    """A file where it stands, or a copy of it in ``place`` if it comes through a pipe or is packed.

    Raises:
        FileError: it cannot be opened, or its packing is damaged.
    """
    path = Path(name)
    if name == STANDARD_INPUT or not path.is_file():
        if name != STANDARD_INPUT and path.is_fifo():
            say(Message("{name} is a pipe: waiting for what comes through it.", name=name))
        path = place() / f"{number}-came"
        with opened(Path(name), awaited=True) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _BLOCK)
        with path.open("rb") as file:
            first = file.read(4)
        packing = next((suffix for magic, suffix in _PACKED.items() if first.startswith(magic)), "")
        kind = packing or _kind_of(first, Path(name).suffix)
        path = path.rename(path.with_suffix(kind))
    remember(path)
    if path.suffix.lower() in PACKINGS:
        path = _unpacked(path, name, place() / f"{number}-unpacked")
        if not Path(name).stem.lower().endswith((".csv", ".tsv", ".parquet", ".xlsx")):
            with path.open("rb") as file:
                kind = _kind_of(file.read(4), "")
        else:
            kind = Path(Path(name).stem).suffix
        path = path.rename(path.with_suffix(kind))
    return Arrival(name, path, _state(path))


def _kind_of(first: bytes, suffix: str) -> str:
    return next((kind for magic, kind in _KINDS.items() if first.startswith(magic)), suffix or ".csv")


def _unpacked(path: Path, name: str, copy: Path) -> Path:
    damages: tuple[type[Exception], ...] = (gzip.BadGzipFile, EOFError, zlib.error)
    if path.suffix.lower() == ".zst":
        damages = (*damages, load("zstandard", extra="columns").ZstdError)
    try:
        with path.open("rb") as raw, copy.open("wb") as target:
            for block in _zst_blocks(raw) if path.suffix.lower() == ".zst" else _gz_blocks(raw):
                target.write(block)
    except damages as error:
        message = Message("a packed file that is damaged or cut short: {problem}.", problem=str(error)[:80])
        raise FileError(name, [Mistake(message)]) from None
    return copy


def _gz_blocks(raw: BinaryIO) -> Iterator[bytes]:
    with gzip.open(raw) as source:
        while block := source.read(_BLOCK):
            yield block


def _zst_blocks(raw: BinaryIO) -> Iterator[bytes]:
    frame = None
    while block := raw.read(_BLOCK):
        while block:
            if frame is None or frame.eof:
                frame = load("zstandard", extra="columns").ZstdDecompressor().decompressobj()
            yield frame.decompress(block)
            block = frame.unused_data
    if frame is None or not frame.eof:  # the library itself says nothing of a frame cut short
        raise EOFError("its end is missing")


@contextmanager
def packed(path: Path, packing: str) -> Iterator[Any]:
    """A file to write to, packed as its name says; as it is where ``packing`` is empty."""
    with path.open("wb") as raw:
        if packing == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as target:
                yield target
        elif packing == ".zst":
            with load("zstandard", extra="columns").ZstdCompressor().stream_writer(raw) as target:
                yield target
        else:
            yield raw


def refuse_changed(arrivals: Iterable[Arrival]) -> None:
    """Refuse an answer about files that changed since they arrived.

    Raises:
        FileError: one did.
    """
    for arrival in arrivals:
        if _state(arrival.path) != arrival.state:
            message = Message("the file changed while it was read. Nothing was written.")
            raise FileError(arrival.name, [Mistake(message)])


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)
