"""Invoices from CSV and XLSX files: columns of :mod:`~opqibi_rules.invoice.reading.headings`, in any order.

The headings may stand below a title, and columns that name nothing are left aside. Every sheet of a workbook is
read. A workbook comes from strangers too: it is unpacked here, to a bounded size, before its reader sees it.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.headings import BrokenCell, field_named, total_named
from opqibi_rules.invoice.reading.rows import MAX_ROWS, Gathering, Row
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT
from opqibi_rules.paper.rows.broken_cells import marked_sheet, why_broken
from opqibi_rules.paper.rows.csv_rows import read_rows
from opqibi_rules.paper.rows.shown_cells import STYLES, looks_of, shown_sheet
from opqibi_rules.paper.text import encoding_of

MAX_CELLS = 1_000_000
_PART_WEIGHT = 20_000
"""What each file inside a workbook counts for beside its content: a thousand empty ones are enough."""
_ENCODING_WITHIN = 8192
"""Bytes in which the headings stand, for the encoding to be told."""
_HEADINGS_WITHIN = 20
"""Rows among which the headings are looked for."""
_CELL = re.compile(rb"""(?<![\w:.-])r\s*=\s*["']\s*([A-Za-z]*)([0-9]*)""")
"""Where a cell or a row says it stands; ``xmlns:r="http…"`` is none."""

Cells = Sequence[object]


def read_csv(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of a CSV file, whatever its separator: ``;``, ``,``, tab or ``|``.

    In UTF-8, or in UTF-16 or Windows-1252 as Excel writes them; as DOS or old Macs do, where the headings are
    known only so.

    Raises:
        FileError: no headings that name an amount, or every value that cannot be read, with its row.
    """
    rows = read_rows(
        _in_windows(data),
        name,
        lambda cells: len(_headings([cells])[1]),
        within=_HEADINGS_WITHIN,
        most=MAX_DOCUMENT,
        rows=MAX_ROWS + _HEADINGS_WITHIN + 1,
    )
    return _invoices([_named_rows([row.cells for row in rows], [row.line for row in rows])], "csv", name)


def _in_windows(data: bytes) -> bytes:
    """The bytes of a CSV file; as UTF-8, where its headings are known in an encoding older than Windows'."""
    if encoding_of(data, windows=False) != "utf-8":  # wholly in UTF-8 or UTF-16
        return data
    start = data[:_ENCODING_WITHIN]

    def known(encoding: str) -> int:
        rows = start.decode(encoding, "replace").splitlines()[:_HEADINGS_WITHIN]
        return max((len(_named(re.split(r"[;,|\t]", row))) for row in rows), default=0)

    best = max(("utf-8", "cp1252", "cp850", "mac_roman"), key=known)
    return data if best in {"utf-8", "cp1252"} else data.decode(best).encode()


def read_xlsx(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of all the sheets whose headings name an amount; the others are named in a note.

    Raises:
        FileError: no workbook, one that expands beyond measure, or as for :func:`read_csv`. A formula without
            a value, or that came to an error, is named with its cell.
        RequestError: the ``invoice`` extra is not installed.
    """
    calamine = load("python_calamine", extra="invoice")
    workbook = _unpacked(data, name)
    try:
        book = calamine.CalamineWorkbook.from_filelike(workbook)
        sheets = {
            sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            for sheet in book.sheet_names
        }
    except Exception:  # noqa: BLE001 - a broken workbook makes its reader fail in any way; none is a traceback
        message = Message("a damaged workbook, or one with a password. Save it again as XLSX.")
        raise FileError(name, [Mistake(message)]) from None
    named = {sheet: _named_rows(rows, range(1, len(rows) + 1)) for sheet, rows in sheets.items()}
    unread = [sheet for sheet, rows in named.items() if rows is None and any(map(any, sheets[sheet]))]
    found = _invoices(named.values(), "xlsx", name)
    notes = tuple(Message("Sheet « {sheet} » names no amount: it is not read.", sheet=s) for s in unread)
    return tuple(replace(invoice, notes=invoice.notes + notes) for invoice in found) if notes else found


def _unpacked(data: bytes, name: str) -> io.BytesIO:
    """The workbook with nothing left to expand: what its reader sees is what was measured."""
    clean = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(clean, "w") as plain:
            parts = list(_measured(packed, name))
            looks = looks_of(next((content for part, content in parts if part.lower() == STYLES), b""))
            for part, content in parts:
                plain.writestr(part, shown_sheet(marked_sheet(content), looks))
    except FileError:
        raise
    except Exception:  # noqa: BLE001 - a broken archive makes zipfile fail in any way; none is a traceback
        raise FileError(name, [Mistake(Message("not a workbook: it cannot be unpacked."))]) from None
    clean.seek(0)
    return clean


def _measured(packed: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
    if not any(part.startswith("xl/") for part in packed.namelist()):
        message = Message("a packed file that is no XLSX workbook. Save it again as XLSX.")
        raise FileError(name, [Mistake(message)])
    size = 0
    for part in packed.infolist():
        with packed.open(part) as stream:
            content = stream.read(MAX_DOCUMENT - size + 1)
        size += len(content) + _PART_WEIGHT
        if size > MAX_DOCUMENT or _extent(content) > MAX_CELLS:
            message = Message(
                "the workbook expands beyond {limit} MB, or beyond {cells} cells: refused.",
                limit=MAX_DOCUMENT // 10**6,
                cells=MAX_CELLS,
            )
            raise FileError(name, [Mistake(message)])
        yield part.filename, content


def _extent(content: bytes) -> int:
    """The cells of the rectangle that a sheet spans: its reader holds them all, empty or not.

    No other part holds cells: the ``r`` of a drawing is a radius, or the right of a frame.
    """
    if b"sheetData" not in content:
        return 0
    widest = tallest = 0
    for letters, digits in _CELL.findall(content):
        column = 0
        for letter in letters[:8].upper():
            column = column * 26 + letter - 64
        widest, tallest = max(widest, column), max(tallest, int(digits[:12] or 0))
    return widest * tallest


def _headings(rows: Sequence[Cells]) -> tuple[int, dict[int, str]]:
    """Where the headings stand, and the field of each column they name."""
    return max(enumerate(map(_named, rows)), key=lambda found: len(found[1]), default=(0, {}))


def _named(row: Cells) -> dict[int, str]:
    columns: dict[str, int] = {}
    for column, heading in enumerate(row):
        if (field := field_named(heading)) is not None:
            columns.setdefault(field, column)
    return {column: field for field, column in columns.items()}


def _named_rows(rows: Sequence[Cells], lines: Sequence[int]) -> Iterator[Row] | None:
    """The rows below the headings, by field; ``None`` where no heading names an amount."""
    start, fields = _headings(rows[:_HEADINGS_WITHIN])
    if not set(fields.values()) & {"amount", "total_excl_vat", "total_incl_vat", "unit_price"}:
        return None
    if _of_lines(rows[start + 1 :], {field: column for column, field in fields.items()}):
        fields = {
            column: "amount" if field == "total_excl_vat" else field for column, field in fields.items()
        }
    return (
        Row({field: _held(row[at], at, line) for at, field in fields.items() if at < len(row)}, line)
        for row, line in zip(rows[start + 1 :], lines[start + 1 :], strict=True)
    )


def _of_lines(rows: Sequence[Cells], columns: Mapping[str, int]) -> bool:
    """Whether « Total HT » is what each line comes to: beside a unit price, or where one invoice has several."""
    if "amount" in columns or "total_excl_vat" not in columns:
        return False
    if "unit_price" in columns or "name" not in columns:
        return "unit_price" in columns
    first: dict[object, object] = {}
    number: object = None
    for row in rows:
        cells = {field: row[column] for field, column in columns.items() if column < len(row)}
        number = cells.get("number") or number
        amount = cells.get("total_excl_vat")
        if amount and total_named(cells.get("name")) is None and first.setdefault(number, amount) != amount:
            return True
    return False


def _held(cell: object, column: int, line: int) -> object:
    """The cell, or why it holds no value."""
    why = why_broken(cell, column, line)
    return cell if why is None else BrokenCell(why)


def _invoices(sheets: Iterable[Iterator[Row] | None], syntax: str, name: str) -> tuple[Invoice, ...]:
    named = [rows for rows in sheets if rows is not None]
    if not named:
        message = Message(
            "no row of headings names an amount; for instance: Numéro;Date;Libellé;Quantité;Prix unitaire;"
            "Montant HT;Taux TVA."
        )
        raise FileError(name, [Mistake(message)])
    found = Gathering(syntax)
    found.add(*named)
    return found.all(name, Message("headings, and no invoice below them."))
