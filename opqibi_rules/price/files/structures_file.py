"""A file of structures, one a line: the columns of « batch », read into plans.

Headings and events are read as « batch » reads them (:mod:`opqibi_rules.price.headings`), and refused as there:
nothing that looks like ours is passed over. Read are the counts, the turnovers, the event, the day (on which the plan
starts) and the territory; for a plan also ``name``, ``siren``, ``notified``, ``control`` and ``postcode``
(where no column says the territory); others are left alone.
The separator and the encoding are those of any spreadsheet.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.identifiers import read_siren
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_LIST, file_bytes, files_in
from opqibi_rules.paper.rows.csv_rows import CsvRow, read_rows
from opqibi_rules.paper.rows.csv_scan import not_a_cell_each
from opqibi_rules.paper.text import one_line
from opqibi_rules.price.headings import BESIDE_EVENT, LOOKED_AT, WORD, Headings, events_named
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import MAINLAND, Asked, DeclaredEvent
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Event
from opqibi_rules.tables.vat import VatTable

_COUNT = re.compile("(new_)?t([1-9][0-9]?)")
_TURNOVER = re.compile("turnover(?:_([a-z][a-z0-9_-]*))?")
_RANK = re.compile("(?<![0-9])[1-9](?![0-9])")
"""Which control of its cycle an event says that it is."""
_OF_A_COUNTRY = 3
"""Letters of its code at most: « BE » is a study office too."""
_IS_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}[/.][0-9]{2}[/.][0-9]{4}")
_FRENCH_DAY = re.compile("([0-9]{2})[/.]([0-9]{2})[/.]([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, not yet read."""

    line: int
    cells: Mapping[str, str]
    """Under our own names of the columns."""
    wrong: RequestError | None = None
    """Why the line as such is no structure."""

    def asked(self) -> Asked:
        """What the line gives of a question: event, counts by tariff code, turnovers.

        Raises:
            RequestError: a cell that is no count; a line that is no structure.
            AmountError: a turnover that is no amount.
        """
        if self.wrong is not None:
            raise self.wrong
        counts: dict[str, dict[int, int]] = {"tariffs": {}, "new_tariffs": {}}
        turnovers: dict[str, Decimal | None] = {}
        for name, text in self.cells.items():
            if column := _COUNT.fullmatch(name):
                if text.strip("0"):  # zeros are left out: a tariff code may be one of another schedule's
                    field = f"{column[1] or ''}tariffs"
                    counts[field][int(column[2])] = _count(name, text, field)
            elif column := _TURNOVER.fullmatch(name):
                turnovers[column[1] or ""] = to_amount(text, name) if text else None
        found: Asked = {
            "tariffs": counts["tariffs"],
            "new_tariffs": counts["new_tariffs"],
            "turnover": turnovers.pop("", None),
            "turnovers": turnovers,
        }
        event = self.cells.get("event")
        return {**found, "event": DeclaredEvent(event)} if event else found

    def starts(self) -> str | None:
        """The day on which its plan starts, as it is written; ``None``: the line says none."""
        return _day(self.cells.get("date", "")) or None

    def planned(self, vat: VatTable) -> PlanAsked:
        """What the line gives of a plan: what it asks, who it is and where, what is known of its days.

        Raises:
            RequestError: a cell that is no count, or no SIREN; a postcode where no VAT rate is known; a line that is
                no structure.
            AmountError: a turnover that is no amount.
        """
        found = cast("PlanAsked", self.asked())
        cells = {name: one_line(text) for name, text in self.cells.items()}
        siren = cells.get("siren")
        found["structure"] = Structure(
            siren=read_siren(siren) if siren else None,
            name=cells.get("name") or None,
            territory=cells.get("vat_territory") or _territory(cells.get("postcode", ""), vat),
        )
        if cells.get("notified"):
            found["notified"] = _day(cells["notified"])
        if cells.get("control"):
            found["control"] = _count("control", cells["control"], "control")
        return found


def _territory(postcode: str, vat: VatTable) -> str | None:
    """Where a postcode is, for VAT; a spreadsheet loses the zero that one begins with."""
    place = vat.place(None, f"0{postcode}" if re.fullmatch("[0-9]{4}", postcode) else postcode)
    if place is not None and place.territory is None:
        raise RequestError(
            "postcode: no VAT rate is known at « {postcode} »; give the territory (vat_territory).",
            postcode=postcode[:20],
            field="vat",
        )
    return place and place.territory


def _count(name: str, text: str, field: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise RequestError(
            "{name}: « {text} » is not a whole number.",
            name=name,
            text=text[:40],
            field=field,
        )
    return int(text)


def _day(text: str) -> str:
    """A day as 2026-03-02, of one written 02/03/2026; what is neither is left as it is."""
    french = _FRENCH_DAY.fullmatch(text)
    return "-".join(french.groups()[::-1]) if french else text


def read_structures(path: Path, tables: Tables) -> list[Row]:
    """Every line of the file; a line is read when it is asked, so that one that is wrong stops no other.

    Raises:
        FileError: the file cannot be opened, is no text, is too large, or lacks the columns; a column looks like one
            of ours and is not read, or means the same as another.
    """
    headings = Headings(tables.heading_wording, to_plan=True)
    first, *others = _rows(path, headings) or [CsvRow(1, [])]
    lines = [CsvRow(row.line, list(map(str.strip, row.cells))) for row in others if row.cells]
    columns = _columns(first.cells, headings, tables, str(path))
    if not any(map(_COUNT.fullmatch, columns)):
        message = Message("no column t1, t2…; the first line names the columns, as turnover;t1;t2.")
        raise FileError(str(path), [Mistake(message, line=first.line)])
    events = events_named(_events(tables), tables.heading_wording) if "event" in columns else {}
    if unread := list(_told_by_cells(first.cells, columns, lines, headings, tables)):
        raise FileError(str(path), unread)
    width = len(first.cells)
    return [_row(row, columns, events, _wrong(row.cells, width, headings)) for row in lines]


def _row(
    row: CsvRow, columns: Mapping[str, int], events: Mapping[str, str], wrong: RequestError | None
) -> Row:
    cells = {name: row.cells[at] for name, at in columns.items() if at < len(row.cells)}
    return Row(row.line, FrozenDict({**cells, **_event(cells, events)}), wrong)


def _event(cells: Mapping[str, str], events: Mapping[str, str]) -> Mapping[str, str]:
    """The event that a cell names; and of « Contrôle annuel n° 2 », which one it is, unless a cell denies it."""
    text = cells.get("event", "")
    rank = _RANK.search(text)
    told = {"control": rank[0]} if rank and not cells.get("control") else {}
    beside = not rank or bool(told) or cells["control"] == rank[0]
    for written, more in ((text, {}), *([(BESIDE_EVENT.sub(" ", text), told)] if beside else ())):
        for event, named in events.items():
            if re.search(named, written):
                return {"event": event, **more}
    return {}


def _wrong(cells: Sequence[str], width: int, headings: Headings) -> RequestError | None:
    """Why a line as such is no structure."""
    if headings.is_sum(next((cell for cell in cells if WORD.search(cell)), "")):
        return RequestError("a line of totals, which is no structure; remove it.")
    if len(cells) == width:
        return None
    return RequestError(not_a_cell_each(len(cells), width))


def _columns(header: Sequence[str], headings: Headings, tables: Tables, name: str) -> Mapping[str, int]:
    """Where each of our columns stands.

    Raises:
        FileError: one looks like ours and is not read, or two mean the same.
    """
    readable = tuple(dict.fromkeys(_readable(tables)))
    found, near = headings.told(header, readable)
    mistakes = [
        Mistake(
            Message(
                "« {heading} » is not read, and is too like what is read to be passed over. Rename this column "
                "({read}), or take it away.",
                heading=heading[:40],
                read=readable,
            ),
            line=1,
            column=header.index(heading) + 1,
        )
        for heading in near
    ]
    mistakes += [
        Mistake(
            Message(
                "these columns mean the same, {meant}: {headings}. Keep one, or rename the others.",
                meant=meant,
                headings=tuple(same),
            ),
            line=1,
        )
        for meant, same in found.items()
        if len(same) > 1
    ]
    if mistakes:
        raise FileError(name, mistakes)
    return {meant: header.index(heading) for meant, (heading,) in found.items()}


def _readable(tables: Tables) -> Iterator[str]:
    """The columns that are read, by all the schedules at hand."""
    yield "turnover"
    yield from (f"turnover_{base.id}" for schedule in tables.schedules for base in schedule.turnovers)
    tariffs = sorted({tariff for schedule in tables.schedules for tariff in schedule.tariffs})
    yield from (f"{kind}{tariff}" for kind in ("t", "new_t") for tariff in tariffs)
    yield from ("event", "date", "vat_territory", *tables.heading_wording.plan_columns)


def _events(tables: Tables) -> Iterable[Event]:
    return {event.id: event for schedule in tables.schedules for event in schedule.events}.values()


def _told_by_cells(
    header: Sequence[str],
    columns: Mapping[str, int],
    rows: Sequence[CsvRow],
    headings: Headings,
    tables: Tables,
) -> Iterator[Mistake]:
    """The columns that are not read and hold what is read alone."""
    events = {} if "event" in columns else events_named(_events(tables), tables.heading_wording)
    told = headings.told_by_cells(events, lambda: tables.nomenclature.entries)
    for at, heading in enumerate(header):
        if at in columns.values():
            continue
        cells = [row.cells[at] for row in rows[:LOOKED_AT] if at < len(row.cells)]
        if text := headings.money_told(cells):
            message = Message(
                "« {heading} » is not read, and says « {text} », where amounts are read in euros. Convert them, and "
                "take this column away.",
                heading=heading[:40],
                text=text,
            )
            yield Mistake(message, line=1, column=at + 1)
        elif told(heading, cells) or _is_day_or_place(cells, columns, tables.vat):
            message = Message(
                "« {heading} » is not read, and holds what is read: events, codes, days or territories. "
                "Rename this column, or take it away.",
                heading=heading[:40],
            )
            yield Mistake(message, line=1, column=at + 1)


def _is_day_or_place(given: Iterable[str], columns: Container[str], vat: VatTable) -> bool:
    """Days alone, or a territory by its name, where no column that is read says from when, or where."""
    cells = {cell for cell in given if cell}
    if "date" not in columns and "notified" not in columns and cells and all(map(_IS_DAY.fullmatch, cells)):
        return True
    if "vat_territory" in columns or "postcode" in columns:
        return False
    places = [vat.place(cell, None) for cell in cells if len(cell) > _OF_A_COUNTRY]
    return any(place and place.entry and place.territory != MAINLAND for place in places)


def _rows(path: Path, headings: Headings) -> list[CsvRow]:
    """The rows of a CSV file, or of the first sheet of a workbook."""
    if path.suffix.lower() != ".xlsx":
        return read_rows(file_bytes(path, MAX_LIST), str(path), headings.known, most=MAX_LIST)
    load("python_calamine", extra="columns")
    from opqibi_rules.paper.rows.sheet_rows import first_sheet  # noqa: PLC0415 - an extra

    sheet = first_sheet(file_bytes(path, MAX_LIST), str(path))
    return [CsvRow(line, list(map(_typed, cells))) for line, cells in sheet.items()]


def _typed(cell: object) -> str:
    """A cell of a sheet as it would be written in a text: a whole number without decimals, a day as ISO."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    return "" if cell is None else str(cell)


class Given(NamedTuple):
    """What a structure of many gives of its plan."""

    asked: PlanAsked
    start: str | None = None
    """The day on which it starts, where it has one of its own."""


def structures_in(name: str, tables: Tables) -> Sequence[tuple[str, Callable[[], Given]]]:
    """The structures of a table, a folder of structure files or one, each with where it stands and what reads it.

    Raises:
        FileError: there is no such folder or table, or nothing in it.
    """
    path = Path(name)
    if not is_table(name):
        return [(str(file), partial(_of_file, file, tables)) for file in files_in(path, _STRUCTURES)]
    found = [(f"{name}:{row.line}", partial(_of_row, row, tables)) for row in read_structures(path, tables)]
    if not found:
        raise FileError(name, [Mistake(Message("no structure: the table has a header alone."))])
    return found


def is_table(name: str) -> bool:
    """A file of that name holds structures, one a line."""
    return Path(name).suffix.lower() in _TABLES and not Path(name).is_dir()


_TABLES = {".csv", ".tsv", ".xlsx"}
_STRUCTURES = frozenset({".yaml", ".yml", ".json"})


def _of_file(path: Path, tables: Tables) -> Given:
    from opqibi_rules.price.files.structure_file import read_structure  # noqa: PLC0415 - a table does without

    return Given({"structure": read_structure(path, tables)})


def _of_row(row: Row, tables: Tables) -> Given:
    return Given(row.planned(tables.vat), row.starts())
