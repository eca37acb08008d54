"""What comes to a batch: its files, how each CSV is written, and a look through them that begins at once.

No engine is needed for that, and none is loaded: by the time one is, a million rows have been looked through.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import STANDARD_INPUT, draft_folder, identity, spare
from opqibi_rules.paper.meanwhile import meanwhile
from opqibi_rules.paper.rows.arrivals import Arrival, arrived, named
from opqibi_rules.paper.rows.csv_rows import CsvDialect, read_dialect
from opqibi_rules.paper.rows.csv_scan import Sound, as_it_is
from opqibi_rules.price.columns.inputs import Editions
from opqibi_rules.price.files.batch.asked import STANDARD_OUTPUT, Batch, beside, format_of
from opqibi_rules.price.headings import Headings

if TYPE_CHECKING:
    from concurrent.futures import Future


_LARGE = 8 << 20
"""In bytes: to look through more takes longer than to begin a process."""


class Look(NamedTuple):
    """CSV files looked through as they stand, while they are read."""

    dialects: list[CsvDialect]
    looking: "Future[list[Sound]]"

    def found(self, at: int) -> Sound:
        """What it tells of one of them; it is waited for, and raises what is wrong."""
        return self.looking.result()[at]


@dataclass(frozen=True, slots=True)
class Arriving:
    """The files of a batch, on the disk and not packed."""

    batch: Batch
    arrivals: list[Arrival]
    place: Callable[[], Path]
    """The folder for what is needed on the way."""
    look: Look | None
    """``None``: they are looked through before they are read."""


@contextmanager
def arriving(batch: Batch, *, at_once: bool = True) -> Iterator[Arriving]:
    """The files to read; copies made of them last as long as the block. ``at_once``: a CSV is read as it stands.

    Raises:
        FileError, RequestError: one cannot be read; the answer cannot be written where it is to go.
    """
    targets = _targets(batch)
    with draft_folder(beside(batch.target), "opqibi") as place:
        arrivals = _arrivals(batch, place)
        for target in targets:
            spare(target)
        yield Arriving(batch, arrivals, place, _look(batch, arrivals) if at_once else None)


def _targets(batch: Batch) -> list[Path]:
    """The files that will be written.

    Raises:
        RequestError: of a form that we do not write, or one and the same.
    """
    format_of(batch.target)
    files = [] if batch.target == STANDARD_OUTPUT else [Path(batch.target)]
    if batch.rejects is not None:
        if batch.rejects == STANDARD_OUTPUT or format_of(batch.rejects)[0] == "xlsx":
            raise RequestError("{name}: rejects are written to a file of CSV or Parquet.", name=batch.rejects)
        if [file.resolve() for file in files] == [Path(batch.rejects).resolve()]:
            raise RequestError(
                "{name}: the answer goes there; give the rejects a name of their own.", name=batch.rejects
            )
        files.append(Path(batch.rejects))
    for file in files:
        if file.is_dir():  # said before any work; nothing that stands there is replaced
            raise FileError(
                str(file), [Mistake(Message("it is a folder; give the result a name of its own."))]
            )
    return files


def _arrivals(batch: Batch, place: Callable[[], Path]) -> list[Arrival]:
    """The files to read, unpacked in ``place`` where they came packed.

    Raises:
        RequestError: of formats that we do not read, or of several; one given twice.
    """
    names = named(batch.sources, ".parquet")
    for name in names:
        if name != STANDARD_INPUT and Path(name).is_file():
            format_of(name)
    met: set[tuple[int, int]] = set()
    for name in names:  # by whatever path or link it is named
        file = identity(Path(name)) if name != STANDARD_INPUT else None
        if file in met:
            raise RequestError("{name}: given twice; its rows would count twice.", name=Path(name).name)
        met |= {file} if file else set()
    arrivals = [arrived(name, place, number, batch.aside) for number, name in enumerate(names)]
    kinds = {format_of(arrival.path.name)[0].replace("tsv", "csv") for arrival in arrivals}
    if len(kinds) > 1:
        raise RequestError(
            "Files of several formats ({kinds}); price them one by one.", kinds=tuple(sorted(kinds))
        )
    return arrivals


def _look(batch: Batch, arrivals: list[Arrival]) -> Look | None:
    if batch.rejects is not None or format_of(arrivals[0].path.name)[0] not in {"csv", "tsv"}:
        return None
    dialects = dialects_of(batch, arrivals)
    if any(dialect.lead or dialect.encoding != "utf-8" for dialect in dialects):
        return None
    paths = [arrival.path for arrival in arrivals]
    names = [arrival.name for arrival in arrivals]
    large = sum(path.stat().st_size for path in paths) > _LARGE
    return Look(dialects, meanwhile(lambda: [*map(as_it_is, paths, dialects, names)], apart=large))


def dialects_of(batch: Batch, arrivals: list[Arrival]) -> list[CsvDialect]:
    """How each file is written.

    Raises:
        FileError: it cannot be read, or is written in another way than the first.
    """
    headings = batch.headings
    known = partial(_known, headings)
    editions = Editions(batch.tables.schedules)
    expected = (*editions.turnovers, *(f"t{tariff}" for tariff in editions.tariffs))
    dialects = [read_dialect(arrival.path, known, expected, arrival.name) for arrival in arrivals]
    refuse_other_headings(arrivals, [dialect.header for dialect in dialects])
    for arrival, dialect in zip(arrivals, dialects, strict=True):
        if dialect.separator != dialects[0].separator:
            message = Message("written with other separators than the first file; price them one by one.")
            raise FileError(arrival.name, [Mistake(message, line=1)])
    return dialects


def _known(headings: Headings, cells: Sequence[str]) -> int:
    return headings.known(cells)


def refuse_other_headings(arrivals: Sequence[Arrival], headings: Sequence[tuple[str, ...]]) -> None:
    """Refuse files that are no one table.

    Raises:
        FileError: one has other columns than the first.
    """
    for arrival, names in zip(arrivals, headings, strict=True):
        if names != headings[0]:
            message = Message("other columns than the first file has: {columns}.", columns=names[:40])
            raise FileError(arrival.name, [Mistake(message, line=1)])
