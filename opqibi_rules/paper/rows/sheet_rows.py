"""The rows of a workbook's first sheet that is shown, as values."""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from itertools import islice

import python_calamine

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.rows.broken_cells import marked_workbook, why_broken

Value = float | str | date | time | timedelta
"""What a cell may hold; an integer and a truth count as floats, a moment as a day."""
_MOST_TOLD = 20
"""Broken cells, of one sheet."""


def first_sheet(data: bytes, name: str) -> dict[int, list[Value]]:
    """The rows of the first sheet that is shown, of a workbook called ``name``; rows that a filter hides are read.

    Each stands under its number in the sheet: a table may begin below its first row.

    Other sheets are not read: a notice, a pivot table. One that has the same columns is more rows of the same.

    Raises:
        FileError: no workbook, an empty one, one whose rows go on in another sheet or stand in hidden ones alone, or
            cells that hold an error or a formula without its result: each is named.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(marked_workbook(data))
        sheets = [
            sheet for sheet in book.sheets_metadata if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet
        ]
        shown = [sheet.name for sheet in sheets if sheet.visible is python_calamine.SheetVisibleEnum.Visible]
        read = book.get_sheet_by_name(shown[0]) if shown else None
        rows = read.to_python() if read else []
        heads = {
            sheet.name: head
            for sheet in sheets
            if sheet.name not in shown[:1] and (head := book.get_sheet_by_name(sheet.name).to_python(nrows=1))
        }
    except python_calamine.CalamineError as error:
        message = Message("not a workbook that can be read: {problem}.", problem=str(error)[:80])
        raise FileError(name, [Mistake(message)]) from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError):
        message = Message("a damaged workbook, or one with a password. Save it again as XLSX.")
        raise FileError(name, [Mistake(message)]) from None
    if not rows or read is None:
        raise FileError(name, [Mistake(_why_empty([other for other in heads if other not in shown]))])
    top, left = read.start or (0, 0)
    _refuse_broken(rows, (top, left), name)
    _refuse_more(rows[0], heads, name)
    return dict(enumerate(rows, top + 1))


def _why_empty(hidden: Sequence[str]) -> Message:
    """What is said where no row is shown; ``hidden``: the sheets that hold some, and are not."""
    if hidden:
        return Message(
            "all that it holds is hidden (sheet {hidden}): show the sheet that is to be read.",
            hidden=tuple(hidden[:5]),
        )
    return Message("empty; a header is expected on the first line.")


def _refuse_broken(rows: list[list[Value]], start: tuple[int, int], name: str) -> None:
    """Refuse the cells that are not empty and hold no value; ``start`` is where the first stands."""
    top, left = start
    broken = (
        why
        for line, row in enumerate(rows, top + 1)
        for column, cell in enumerate(row, left)
        if (why := why_broken(cell, column, line)) is not None
    )
    if mistakes := [Mistake(why) for why in islice(broken, _MOST_TOLD)]:
        raise FileError(name, mistakes)


def _refuse_more(header: list[Value], heads: Mapping[str, list[list[Value]]], name: str) -> None:
    """Refuse a sheet whose rows are more of the same; ``heads``: what the others begin with."""
    columns = _named(header)
    for other, head in heads.items():
        if (more := _named(head[0])) and more <= columns:
            message = Message(
                "the sheet « {other} » has columns of the first one, which alone is read: put its rows under "
                "the others, or save it as a file of its own.",
                other=other[:40],
            )
            raise FileError(name, [Mistake(message)])


def _named(row: list[Value]) -> set[str]:
    """The headings of a row, as they are compared."""
    return {text for cell in row if (text := str(cell).strip().casefold())}
