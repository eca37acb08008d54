"""A document as a workbook: one sheet a table, amounts and dates as a spreadsheet knows them."""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Cell, Document, Table, shown
from opqibi_rules.paper.language import Language

_LOOKS: Mapping[str, Mapping[str, object]] = {
    "text": {"text_wrap": True},
    "euro": {"num_format": '#,##0.00 "€"'},
    "count": {"num_format": "0"},
    "percent": {"num_format": "0.0 %"},
    "date": {"num_format": "yyyy-mm-dd"},
}
_WIDEST, _NOTE, _PAGE = 60, 95, 200


def document_xlsx(document: Document, language: Language) -> bytes:
    """The workbook. Texts are never taken for formulas."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        for number, table in enumerate(document.tables, 1):
            title = shown(table.title, language) if table.title else str(number)
            _sheet(book, _added(book, title), table, language)
        if document.notes:
            _notes(book, _added(book, language.say(Message("Notes"))), document.said_notes(language))
    return out.getvalue()


def _added(book: xlsxwriter.Workbook, title: str) -> Worksheet:
    """One more sheet, named as sheets can be, printed on the width of a page."""
    name = re.sub(r" ?[\[\]:*?/\\]+ ?", " ", title)[:31].strip("' ")
    sheet = book.add_worksheet(name or None)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&R&8&A – &P / &N")
    return sheet


def _notes(book: xlsxwriter.Workbook, sheet: Worksheet, notes: Sequence[str]) -> None:
    """A line each, folded: not every program folds a text into its cell by itself."""
    folded = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, _NOTE)
    for line, text in enumerate(notes):
        sheet.set_row(line, 15 * (1 + len(text) // _NOTE))
        sheet.write_string(line, 0, text, folded)


def _sheet(book: xlsxwriter.Workbook, sheet: Worksheet, table: Table, language: Language) -> None:
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    looks = {
        (kind, strong): book.add_format({"bold": strong, "valign": "top", **look})
        for kind, look in _LOOKS.items()
        for strong in (False, True)
    }
    heads = [shown(name, language) for name in table.columns]
    widths = list(map(len, heads))
    for column, name in enumerate(heads):
        sheet.write_string(0, column, name, head)
    for line, row in enumerate(table.rows, 1):
        longest = max((len(shown(cell, language)) for cell in row), default=0)
        if longest > _WIDEST:  # folded, in every program
            sheet.set_row(line, 15 * (1 + longest // (_WIDEST - 5)))
        for column, cell in enumerate(row):
            value, kind = (cell.value, cell.kind) if isinstance(cell, Cell) else (cell, "text")
            strong = line - 1 in table.strong
            if isinstance(value, (Decimal, int)):
                sheet.write_number(line, column, value, looks.get((kind, strong)))
            elif isinstance(value, date):
                sheet.write_datetime(line, column, value, looks["date", strong])
            elif value is not None:
                sheet.write_string(line, column, shown(value, language), looks["text", strong])
            widths[column] = max(widths[column], 12 if kind != "text" else len(shown(value, language)))
    widths = [min(width + 2, _WIDEST) for width in widths]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.fit_to_pages(1 + sum(widths) // _PAGE, 0)  # as many pages across as a legible print takes
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
