"""Invoices from CSV and XLSX files: columns of :mod:`~opqibi_rules.invoice.reading.headings`, in any order.

The headings may stand below a title, and columns that name nothing are left aside.
A workbook comes from strangers too: it is unpacked here, to a bounded size, before its reader sees it.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.headings import field_named
from opqibi_rules.invoice.reading.rows import Gathering, Row
from opqibi_rules.messages import Message
from opqibi_rules.paper.csv_rows import read_rows
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT

MAX_ROWS = 50_000
MAX_CELLS = 1_000_000
_PART_WEIGHT = 20_000
"""What each file inside a workbook counts for beside its content: a thousand empty ones are enough."""
_HEADINGS_WITHIN = 20
"""Rows among which the headings are looked for."""
_CELL = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)([0-9]*)""")

Cells = Sequence[object]


def read_csv(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of a CSV file, whatever its separator: ``;``, ``,``, tab or ``|``.

    In UTF-8, or in UTF-16 or Windows-1252 as Excel writes them.

    Raises:
        FileError: no headings that name an amount, or every value that cannot be read, with its row.
    """
    rows = read_rows(
        data, name, lambda cells: len(_headings([cells])[1]), within=_HEADINGS_WITHIN, rows=MAX_ROWS + 1
    )
    return _invoices([row.cells for row in rows], [row.line for row in rows], "csv", name)


def read_xlsx(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of the sheet whose headings name the most fields.

    Raises:
        FileError: no workbook, one that expands beyond measure, or as for :func:`read_csv`.
        RequestError: the ``invoice`` extra is not installed.
    """
    calamine = load("python_calamine", extra="invoice")
    workbook = _unpacked(data, name)
    try:
        book = calamine.CalamineWorkbook.from_filelike(workbook)
        sheets = [
            book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names
        ]
    except Exception:  # noqa: BLE001 - a broken workbook makes its reader fail in any way; none is a traceback
        message = Message("a damaged workbook, or one with a password. Save it again as XLSX.")
        raise FileError(name, [Mistake(message)]) from None
    sheets.sort(key=lambda rows: len(_headings(rows[:_HEADINGS_WITHIN])[1]), reverse=True)
    rows = sheets[0] if sheets else []
    return _invoices(rows, range(1, len(rows) + 1), "xlsx", name)


def _unpacked(data: bytes, name: str) -> io.BytesIO:
    """The workbook with nothing left to expand: what its reader sees is what was measured."""
    clean = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(clean, "w") as plain:
            for part, content in _measured(packed, name):
                plain.writestr(part, content)
    except FileError:
        raise
    except Exception:  # noqa: BLE001 - a broken archive makes zipfile fail in any way; none is a traceback
        raise FileError(name, [Mistake(Message("not a workbook: it cannot be unpacked."))]) from None
    clean.seek(0)
    return clean


def _measured(packed: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
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
    """The cells of the rectangle that a sheet spans: its reader holds them all, empty or not."""
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


def _invoices(rows: Sequence[Cells], lines: Sequence[int], syntax: str, name: str) -> tuple[Invoice, ...]:
    start, fields = _headings(rows[:_HEADINGS_WITHIN])
    if len(rows) > MAX_ROWS:
        raise FileError(name, [Mistake(Message("over {rows} rows: refused; split the file.", rows=MAX_ROWS))])
    if not set(fields.values()) & {"amount", "total_excl_vat", "total_incl_vat", "unit_price"}:
        message = Message(
            "no row of headings names an amount; for instance: Numéro;Date;Libellé;Quantité;Prix unitaire;"
            "Montant HT;Taux TVA."
        )
        raise FileError(name, [Mistake(message)])
    if "amount" not in fields.values() and "unit_price" in fields.values():
        # Beside a unit price, « Total HT » is what each line comes to.
        fields = {
            column: "amount" if field == "total_excl_vat" else field for column, field in fields.items()
        }
    found = Gathering(syntax)
    found.add(
        Row({field: row[column] for column, field in fields.items() if column < len(row)}, line)
        for row, line in zip(rows[start + 1 :], lines[start + 1 :], strict=True)
    )
    return found.all(name, Message("headings, and no invoice below them."))
