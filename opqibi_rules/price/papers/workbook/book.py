"""A workbook as it is written: its looks, its sheets, the names of cells, and what is only to be read."""

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from opqibi_rules.messages import Message
from opqibi_rules.money import LARGEST
from opqibi_rules.paper.document import shown
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.price.question import MOST_OF_A_TARIFF

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_EURO = '#,##0.00" €"'
_GREY = "#595959"
_INPUT = {"bg_color": "#FFF8DC", "border": 4}
_STYLES: Mapping[str, Mapping[str, object]] = {
    "title": {"bold": True, "font_size": 15},
    "text": {},
    "indented": {"indent": 1},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "head": {"bold": True, "text_wrap": True, "bottom": 1, "align": "right"},
    "section": {"bold": True},
    "grey": {"font_color": _GREY, "italic": True},
    "euro": {"num_format": _EURO},
    "total": {"num_format": _EURO, "bold": True, "top": 1},
    "bold": {"bold": True, "top": 1},
    "exact": {"num_format": "#,##0", "font_color": _GREY},
    "precise": {"num_format": '#,##0.00#######" €"'},
    "permille": {"num_format": '0.00##" ‰"'},
    "date": {"num_format": "dd/mm/yyyy", "align": "right"},
    "count": {"num_format": "0"},
    "in_count": {"num_format": "0", **_INPUT},
    "in_euro": {"num_format": _EURO, **_INPUT},
    "in_rate": {"num_format": "0.00###%", **_INPUT},
    "in_date": {"num_format": "dd/mm/yyyy", "align": "right", **_INPUT},
}
_AT_MOST = {"in_euro": ("decimal", int(LARGEST)), "in_count": ("integer", MOST_OF_A_TARIFF)}
"""What may be typed in an input: from zero to that."""

Value = Decimal | int | date | str


class Book:
    """A workbook being written."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._out = io.BytesIO()
        self.file = load("xlsxwriter", extra="xlsx").Workbook(self._out, {"in_memory": True})
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "vcenter"}
        self.style = {name: self.file.add_format({**plain, **style}) for name, style in _STYLES.items()}

    def close(self) -> bytes:
        """The file."""
        self.file.close()
        return self._out.getvalue()

    def sheet(self, name: Message, widths: Iterable[int]) -> "Sheet":
        """One more sheet, with columns of these widths."""
        sheet = self.file.add_worksheet(self.language.say(name))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, self.style["text"])
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return Sheet(self, sheet)


class Sheet:
    """A sheet being written, row and column counted from zero; :meth:`line` writes on from :attr:`row`."""

    def __init__(self, book: Book, page: "Worksheet") -> None:
        self.book, self.page, self.row = book, page, 0
        self._name: Callable[..., str] = load("xlsxwriter.utility", extra="xlsx").xl_rowcol_to_cell

    def cell(self, row: int, column: int) -> str:
        """The name of a cell, on this sheet."""
        return self._name(row, column)

    def place(self, row: int, column: int) -> str:
        """The name of a cell, from any sheet."""
        return f"'{self.page.name}'!{self._name(row, column, row_abs=True, col_abs=True)}"

    def places(self, first: tuple[int, int], last: tuple[int, int]) -> str:
        """The name of the cells from one to another, from any sheet."""
        return f"{self.place(*first)}:{self._name(*last, row_abs=True, col_abs=True)}"

    def line(self, *cells: tuple[Value | Message, str] | None) -> list[str]:
        """Write the next row; the names of its cells from any sheet, empty where there is none."""
        self.row += 1
        written = enumerate(cells)
        return [self.write(self.row - 1, column, *cell) if cell else "" for column, cell in written]

    def heads(self, *heads: Message | str) -> None:
        """Write the next row, of headings."""
        self.line(*((head, "head") for head in heads))

    def write(self, row: int, column: int, value: Value | Message, look: str) -> str:
        """A value, a text never as a formula; an input refuses what cannot be. The cell's name, from any sheet."""
        style = self.book.style[look]
        if isinstance(value, (str, Message)):
            self.page.write_string(row, column, shown(value, self.book.language), style)
        elif isinstance(value, date):
            self.page.write_datetime(row, column, value, style)
        else:
            self.page.write_number(row, column, value, style)
        if look in _AT_MOST:
            kind, most = _AT_MOST[look]
            limits = {"validate": kind, "criteria": "between", "minimum": 0, "maximum": most}
            self.page.data_validation(row, column, row, column, limits)
        return self.place(row, column)

    def put(self, row: int, column: int, formula: str, value: Decimal, look: str = "euro") -> str:
        """A formula, euros in whole cents, and what it comes to for who does not recalculate; the cell's name."""
        rounded = f"ROUND({formula},2)" if look in {"euro", "total"} else formula
        self.page.write_formula(row, column, f"={rounded}", self.book.style[look], value)
        return self.cell(row, column)
