"""A document as a workbook: one sheet a table, amounts and dates as a spreadsheet knows them."""

import io
from datetime import date
from decimal import Decimal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from opqibi_rules.paper.document import Cell, Document, Table, shown
from opqibi_rules.paper.language import Language

_FORMATS = {"euro": '#,##0.00 "€"', "count": "0", "percent": "0.0 %", "date": "yyyy-mm-dd"}
_WIDEST = 60


def document_xlsx(document: Document, language: Language) -> bytes:
    """The workbook. Texts are never taken for formulas."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        for number, table in enumerate(document.tables, 1):
            title = language.say(table.title) if table.title else str(number)
            _sheet(book, book.add_worksheet(title[:31]), table, language)
    return out.getvalue()


def _sheet(book: xlsxwriter.Workbook, sheet: Worksheet, table: Table, language: Language) -> None:
    head = book.add_format({"bold": True, "bottom": 1})
    kinds = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    widths = [len(language.say(name)) for name in table.columns]
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, language.say(name), head)
    for line, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            value, kind = (cell.value, cell.kind) if isinstance(cell, Cell) else (cell, "text")
            if isinstance(value, (Decimal, int)):
                sheet.write_number(line, column, value, kinds.get(kind))
            elif isinstance(value, date):
                sheet.write_datetime(line, column, value, kinds["date"])
            elif value is not None:
                sheet.write_string(line, column, shown(value, language))
            widths[column] = max(widths[column], 12 if kind != "text" else len(shown(value, language)))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 2, _WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
