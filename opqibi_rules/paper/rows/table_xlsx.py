"""Tables in Excel workbooks: the first sheet in, one sheet out.

A workbook holds numbers as binary floats. Those of our columns are read as the decimal text that the
spreadsheet shows, ``Decimal(repr(…))``, so that a third decimal is seen and refused, not rounded away. Other
columns keep their values and kinds.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, cast

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.rows.csv_rows import refuse_unnamed
from opqibi_rules.paper.rows.sheet_rows import Value, first_sheet

MOST_ROWS = 1_048_575
"""What a sheet holds below its header."""
_DAYS = {pl.Date: "yyyy-mm-dd", pl.Datetime: "yyyy-mm-dd hh:mm:ss"}


class Sheet(NamedTuple):
    """A table of a workbook, and where its header stands."""

    table: pl.DataFrame
    line: int
    """The number of that row in the sheet."""


def read_sheet(path: Path) -> Sheet:
    """The first sheet: each column as numbers, days, moments or truths where all its cells are so, else text.

    Raises:
        FileError: no workbook, or no header.
    """
    numbered = first_sheet(path.read_bytes(), str(path))
    line, rows = next(iter(numbered)), list(numbered.values())
    names = [_text(cell) or "" for cell in rows[0]]
    refuse_unnamed(names, str(path), line)
    columns = zip(*rows[1:], strict=True) if rows[1:] else [()] * len(names)
    return Sheet(
        pl.DataFrame({name: _column(name, cells) for name, cells in zip(names, columns, strict=True)}), line
    )


def _column(name: str, cells: Sequence[Value | None]) -> pl.Series:
    cells = [None if cell == "" else cell for cell in cells]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int}:
        return pl.Series(name, cells, pl.Int64)
    if kinds and kinds <= {int, float}:
        return _numbers(name, cast("list[float | None]", cells))
    if kinds == {date, datetime}:
        # Days alone are told from moments by the look of their cells.
        moments = [
            datetime.combine(cell, time.min) if type(cell) is date else cell  # a moment is a date too
            for cell in cells
        ]
        return pl.Series(name, moments)
    if kinds in ({date}, {datetime}, {bool}):
        return pl.Series(name, cells)
    return pl.Series(name, [_text(cell) for cell in cells], pl.String)


def _numbers(name: str, cells: Sequence[float | None]) -> pl.Series:
    """Floats where the cells are no whole numbers: a sheet knows one kind of number."""
    if all(cell is None or (abs(cell) < 2**53 and cell == int(cell)) for cell in cells):
        return pl.Series(name, [None if cell is None else int(cell) for cell in cells], pl.Int64)
    return pl.Series(name, cells, pl.Float64, strict=False)


def exact_text(column: str) -> pl.Expr:
    """A column of floats as the shortest decimals that they stand for."""
    return pl.col(column).map_elements(_text, return_dtype=pl.String)


def _text(cell: object) -> str | None:
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    return None if cell is None else str(cell)


def write_sheet(
    path: Path,
    frames: Iterable[pl.DataFrame],
    amounts: Sequence[str],
    *,
    name: str,
    beside: Path | None = None,
) -> None:
    """A sheet whose columns ``amounts`` are shown with two decimals; ``name`` is the file, for an error.

    ``beside``: the folder for what is needed on the way, if not the system's.

    Raises:
        FileError: more rows than a sheet holds.
        OSError: the file cannot be written.
    """
    row = 0
    with _sheet_at(path, beside) as (book, sheet):
        bold = book.add_format({"bold": True})
        shown = {name: book.add_format({"num_format": "#,##0.00"}) for name in amounts}
        dates = {kind: book.add_format({"num_format": form}) for kind, form in _DAYS.items()}
        for frame in frames:
            formats = [
                shown.get(name) or dates.get(dtype.base_type()) for name, dtype in frame.schema.items()
            ]
            if not row:
                sheet.freeze_panes(1, 0)
                sheet.write_row(0, 0, frame.columns, bold)
                sheet.autofilter(0, 0, 0, len(frame.columns) - 1)
            if row + frame.height > MOST_ROWS:
                message = Message("a sheet holds {most} rows; write CSV or Parquet instead.", most=MOST_ROWS)
                raise FileError(name, [Mistake(message)])
            for cells in frame.iter_rows():
                row += 1
                _write_row(sheet, row, cells, formats)


@contextmanager
def _sheet_at(path: Path, beside: Path | None) -> Iterator[tuple[xlsxwriter.Workbook, Worksheet]]:
    """A workbook of one sheet, written at the end.

    Raises:
        OSError: it cannot be written.
    """
    options = {"constant_memory": True, "in_memory": False, "tmpdir": beside and str(beside)}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet()
    try:
        yield book, sheet
    finally:
        try:
            book.close()
        except FileCreateError as error:
            book.fileclosed = True  # else it would be written once more when it is forgotten
            sheet.row_data_fh.close()
            (problem,) = error.args
            raise problem from None


def _write_row(sheet: Worksheet, row: int, cells: Sequence[object], formats: Sequence[Format | None]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(row, column, cell)
        elif cell is not None:
            sheet.write(row, column, cell, formats[column])
