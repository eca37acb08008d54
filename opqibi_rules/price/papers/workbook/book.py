"""A workbook as it is written: its looks, its sheets, the names of cells, and what is only to be read."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import ceil
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
    "told": {"text_wrap": True, "valign": "top", "font_color": _GREY, "italic": True},
    "verdict": {"bold": True},
    "head": {"bold": True, "text_wrap": True, "bottom": 1, "align": "right"},
    "words": {"bold": True, "text_wrap": True, "bottom": 1},
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
_LIMITS: Mapping[str, tuple[str, object, object]] = {
    "in_euro": ("decimal", 0, int(LARGEST)),
    "in_count": ("integer", 0, MOST_OF_A_TARIFF),
    "in_rate": ("decimal", -1, 10),
    "in_date": ("date", date(1950, 1, 1), date(2199, 12, 31)),
}
"""What may be typed in an input: its kind, the least and the most."""
_FOLDED = {"wrapped", "head", "words"}
_PAGE = 150
"""How many characters of a sheet a page of A4, lying, takes across in a print of 9 points or so."""
RIGHT = "OK"
"""What a check that holds says."""

Value = Decimal | int | date | str


class Book:
    """A workbook being written."""

    def __init__(self, language: Language, foot: Message) -> None:
        """``foot`` stands at the foot of each page."""
        self.language, self._foot = language, foot
        self._out = io.BytesIO()
        self.file = load("xlsxwriter", extra="xlsx").Workbook(self._out, {"in_memory": True})
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "vcenter"}
        self.style = {name: self.file.add_format({**plain, **style}) for name, style in _STYLES.items()}

    def close(self) -> bytes:
        """The file."""
        self.file.close()
        return self._out.getvalue()

    def sheet(self, name: Message, widths: Sequence[int], *, whole: bool = False) -> "Sheet":
        """One more sheet, with columns of these widths; its print is legible, on as many pages as that takes.

        ``whole``: no column of it goes over to a page below.
        """
        sheet = self.file.add_worksheet(self.language.say(name))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, self.style["text"])
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        across = max(1, ceil((sum(widths) - widths[0]) / (_PAGE - widths[0])))
        if across > 1:
            sheet.repeat_columns(0)
        sheet.fit_to_pages(across, int(whole))
        said = self.language.say(self._foot)
        sheet.set_footer(f"&L&8{said.replace('&', '&&')}&R&8&A – &P / &N")
        return Sheet(self, sheet, widths)


class Sheet:
    """A sheet being written, row and column counted from zero; :meth:`line` writes on from :attr:`row`."""

    def __init__(self, book: Book, page: "Worksheet", widths: Sequence[int]) -> None:
        self.book, self.page, self.row, self.widths = book, page, 0, widths
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
        folded = [
            self._height(cell[0], self.widths[column])
            for column, cell in enumerate(cells)
            if cell and cell[1] in _FOLDED
        ]
        if folded:  # not every program folds a text into its cell by itself
            self.page.set_row(self.row - 1, max(folded))
        written = enumerate(cells)
        return [self.write(self.row - 1, column, *cell) if cell else "" for column, cell in written]

    def _height(self, text: object, width: int) -> int:
        """The points of print that a text takes in so many characters."""
        said = shown(text, self.book.language) if isinstance(text, str | Message) else ""
        return 13 * max(1, ceil(len(said) / (0.95 * width))) + 3

    def told(self, text: Message) -> None:
        """Write the next row, of one text across all the columns, folded."""
        last = len(self.widths) - 1
        while last > 1 and sum(self.widths[: last + 1]) > _PAGE:
            last -= 1
        self.page.set_row(self.row, self._height(text, sum(self.widths[1 : last + 1])))
        if last > 1:  # the first column is on every page
            self.page.merge_range(self.row, 1, self.row, last, "", self.book.style["told"])
        self.line(None, (text, "told"))

    def heads(self, *heads: Message | str, again: bool = False) -> None:
        """Write the next row, of headings; ``again``, on top of each printed page."""
        if again:
            self.page.repeat_rows(self.row)
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
        self._limit(row, column, look)
        return self.place(row, column)

    def _limit(self, row: int, column: int, look: str) -> None:
        if look in _LIMITS:
            kind, least, most = _LIMITS[look]
            limits = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}
            self.page.data_validation(row, column, row, column, limits)

    def put(
        self,
        row: int,
        column: int,
        formula: str,
        value: Decimal | int | date | str,
        look: str = "euro",
        *,
        where: str = "",
    ) -> str:
        """A formula, euros in whole cents, and what it comes to for who does not recalculate; the cell's name.

        It is written over by who types there, where it looks as an input; ``where`` names a cell without which it
        is empty.
        """
        rounded = f"ROUND({formula},2)" if look in {"euro", "total"} else formula
        rounded = f'IF({where}="","",{rounded})' if where else rounded
        known = (value - date(1899, 12, 30)).days if isinstance(value, date) else value
        self.page.write_formula(row, column, f"={rounded}", self.book.style[look], known)
        self._limit(row, column, look)
        return self.cell(row, column)

    def warn(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Show in red whatever check does not hold among some cells, in green what does."""
        for criteria, fill, ink in (("!=", "#C00000", "#FFFFFF"), ("==", "#E2EFDA", "#1D6B35")):
            look = self.book.file.add_format({"bg_color": fill, "font_color": ink, "bold": True})
            rule = {"type": "cell", "criteria": criteria, "value": f'"{RIGHT}"', "format": look}
            self.page.conditional_format(*first, *last, rule)
