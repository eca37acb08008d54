"""A file of structures, one a line: the columns of « batch », read into plans.

Columns: ``turnover`` (``turnover_ID`` for another than the schedule's first), ``t1``, ``t2``… for the counts by
tariff code, ``new_t1``… for those newly asked for, and optionally ``event``; for a plan also ``name``, ``siren``,
``territory``, ``from``, ``notified`` and ``control``; others are left alone. A heading that says one of the columns
of « batch » in other words is that column. The separator and the encoding are those of any spreadsheet.
"""

import re
from collections.abc import Callable, Mapping, Sequence
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
from opqibi_rules.paper.text import one_line
from opqibi_rules.price.headings import Headings, headings_of
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import Asked, DeclaredEvent
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables, shipped_tables

_COUNT = re.compile("(new_)?t([1-9][0-9]?)")
_TURNOVER = re.compile("turnover(?:_([a-z][a-z0-9_-]*))?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, not yet read."""

    line: int
    cells: Mapping[str, str]

    def asked(self) -> Asked:
        """What the line gives of a question: event, counts by tariff code, turnovers.

        Raises:
            RequestError: a cell that is no count.
            AmountError: a turnover that is no amount.
        """
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
        return self.cells.get("from") or None

    def planned(self) -> PlanAsked:
        """What the line gives of a plan: what it asks, who it is, what is known of its days.

        Raises:
            RequestError: a cell that is no count, or no SIREN.
            AmountError: a turnover that is no amount.
        """
        cells = {name: one_line(text) for name, text in self.cells.items()}
        siren = cells.get("siren")
        found = cast("PlanAsked", self.asked())
        found["structure"] = Structure(
            siren=read_siren(siren) if siren else None,
            name=cells.get("name") or None,
            territory=cells.get("territory") or None,
        )
        if cells.get("notified"):
            found["notified"] = cells["notified"]
        if cells.get("control"):
            found["control"] = _count("control", cells["control"], "control")
        return found


def _count(name: str, text: str, field: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise RequestError(
            "{name}: « {text} » is not a whole number.",
            name=name,
            text=text[:40],
            field=field,
        )
    return int(text)


def read_structures(path: Path, tables: Tables | None = None) -> list[Row]:
    """Every line of the file; a line is read when it is asked, so that one that is wrong stops no other.

    Raises:
        FileError: the file cannot be opened, is no text, is too large, or lacks the columns.
    """
    headings = headings_of((tables or shipped_tables()).invoice_wording)
    rows = _rows(path, headings)
    header = [_column(cell, headings) for cell in rows[0].cells] if rows else []
    if twice := tuple(name for name in dict.fromkeys(header) if _is_read(name) and header.count(name) > 1):
        message = Message("several columns mean the same: {names}; keep one of each.", names=twice)
        raise FileError(str(path), [Mistake(message, line=1)])
    if not any(_COUNT.fullmatch(name) for name in header):
        message = Message("no column t1, t2…; the first line names the columns, as turnover;t1;t2.")
        raise FileError(str(path), [Mistake(message, line=1)])
    return [
        Row(row.line, FrozenDict(zip(header, map(str.strip, row.cells), strict=False)))
        for row in rows[1:]
        if row.cells
    ]


def _is_read(name: str) -> bool:
    return name == "event" or bool(_COUNT.fullmatch(name) or _TURNOVER.fullmatch(name))


def _column(heading: str, headings: Headings) -> str:
    """The column that a heading means, where it is one of those read; else the heading as it stands."""
    meant = headings.meant(heading)
    return meant if meant is not None and _is_read(meant) else heading


def _rows(path: Path, headings: Headings) -> list[CsvRow]:
    """The rows of a CSV file, or of the first sheet of a workbook."""
    if path.suffix.lower() != ".xlsx":
        return read_rows(file_bytes(path, MAX_LIST), str(path), headings.known, most=MAX_LIST)
    load("python_calamine", extra="columns")
    from opqibi_rules.paper.rows.sheet_rows import first_sheet  # noqa: PLC0415 - an extra

    sheet = first_sheet(file_bytes(path, MAX_LIST), str(path))
    return [CsvRow(line, list(map(_typed, cells))) for line, cells in enumerate(sheet, 1)]


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
    found = [(f"{name}:{row.line}", partial(_of_row, row)) for row in read_structures(path, tables)]
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


def _of_row(row: Row) -> Given:
    return Given(row.planned(), row.starts())
