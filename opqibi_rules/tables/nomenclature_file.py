"""A nomenclature as people have it, in a CSV file saved by a spreadsheet, read into a table of ours.

Columns ``code``, ``name``, ``tariff`` (or « nom », « libellé », « tarif »), in any order; ``;`` or ``,``;
UTF-8 or Windows-1252.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.files import bounded, file_bytes
from opqibi_rules.paper.rows.csv_rows import CsvRow, read_rows
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.strict_yaml import Document
from opqibi_rules.paper.strict_yaml import Path as Place
from opqibi_rules.paper.text import fold
from opqibi_rules.tables.check import check

_FIELDS = {
    "code": ("code", "code qualification"),
    "name": ("name", "nom", "libelle", "intitule"),
    "tariff": ("tariff", "tarif", "code tarif"),
}
HEADINGS = {heading: field for field, headings in _FIELDS.items() for heading in headings}


def read_nomenclature_csv(path: Path, *, imported_on: date, data: bytes | None = None) -> str:
    """The text of a table of ours that says what the file says, ready for a folder of one's own tables.

    A code that a spreadsheet has shorn of its leading zero (``607``) is refused, not mended: nobody can say
    what stood there. ``data`` is what the file holds, where it has been read already.

    Raises:
        FileError: all that is wrong, each bad cell with its line and column.
    """
    name = str(path)
    read = read_rows(
        file_bytes(path) if data is None else bounded(data, name),
        name,
        lambda cells: sum(map(bool, _named(cells))),
    )
    headings, *rows = [row for row in read if any(cell.strip() for cell in row.cells)] or [CsvRow(1, [])]
    columns = _columns(headings, name)
    _refuse_rows(headings, rows, name)
    title = titled(path.name)
    source = {"document": title, "address": title, "reliability": "user"}
    table = own_table(title, imported_on, [{**_cells(row, columns), "source": source} for row in rows])
    return strict_yaml.written({**table, "entries": _checked(table, rows, columns, name)})


def _checked(table: Json, rows: Sequence[CsvRow], columns: dict[str, int], name: str) -> list[Json]:
    """The entries of the table as it states them, each mistake told at its cell."""
    places: dict[Place, tuple[int, int]] = {
        ("entries", index, field): (row.line, at + 1)
        for index, row in enumerate(rows)
        for field, at in columns.items()
    }
    try:
        entries = check(Document(name, table, places))["entries"]
    except FileError as error:
        mistakes = [replace(item, path=item.path.rpartition(".")[2]) for item in error.mistakes]
        raise FileError(name, mistakes) from None
    return [{key: value for key, value in entry.items() if value not in (None, [])} for entry in entries]


def _refuse_rows(headings: CsvRow, rows: Sequence[CsvRow], name: str) -> None:
    """Refuse what stands under no heading, and headings with nothing under them."""
    width = len(headings.cells)
    mistakes = [
        Mistake(Message("more cells than columns."), "", row.line, width + 1)
        for row in rows
        if any(cell.strip() for cell in row.cells[width:])
    ]
    if not rows:
        mistakes.append(Mistake(Message("no row under the headings."), line=1))
    if mistakes:
        raise FileError(name, mistakes)


def titled(file: str) -> str:
    """A file's name as a title: its bytes may be no text."""
    title = file.encode("utf-8", "backslashreplace").decode()
    return title if title.strip() else repr(title)


def own_table(title: str, day: date, entries: Sequence[Json]) -> Json:
    """A table of one's own, made of these entries on a day from the document so called."""
    return {
        "kind": "nomenclature",
        "id": "own_nomenclature",
        "title": {"fr": "Nomenclature importée", "en": "Imported nomenclature"},
        "in_force_from": day.isoformat(),
        "checked_on": day.isoformat(),
        "checked_by": "import",
        "sources": [{"document": title, "address": title, "reliability": "user"}],
        "entries": list(entries),
    }


def _named(cells: Sequence[str]) -> list[str | None]:
    return [HEADINGS.get(fold(cell.strip())) for cell in cells]


def _columns(headings: CsvRow, name: str) -> dict[str, int]:
    """Where each field stands."""
    columns: dict[str, int] = {}
    for at, field in enumerate(_named(headings.cells)):
        if field in columns:
            message = Message("a column given twice: {name}; keep one.", name=headings.cells[at].strip())
            raise FileError(name, [Mistake(message, "", headings.line, at + 1)])
        if field:
            columns[field] = at
    if not {"code", "tariff"} <= set(columns):
        message = Message(
            "the first line must name the columns: code, name, tariff (« ; » or « , » between)."
        )
        raise FileError(name, [Mistake(message, line=1)])
    return columns


def _cells(row: CsvRow, columns: dict[str, int]) -> dict[str, str]:
    """A row by field; an empty cell says nothing, but for the code, which is needed."""
    cells = {field: row.cells[at].strip() if at < len(row.cells) else "" for field, at in columns.items()}
    return {field: cell for field, cell in cells.items() if cell or field == "code"}
