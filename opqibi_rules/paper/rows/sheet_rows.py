"""The rows of a workbook's first sheet, as values."""

import io
from datetime import date, time, timedelta

import python_calamine

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message

Value = float | str | date | time | timedelta
"""What a cell may hold; an integer and a truth count as floats, a moment as a day."""


def first_sheet(data: bytes, name: str) -> list[list[Value]]:
    """The rows of the first sheet of a workbook called ``name``.

    Other sheets are not read: a notice, a pivot table. One that has the same columns is more rows of the same.

    Raises:
        FileError: no workbook, an empty one, or one whose rows go on in another sheet.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python()
        heads = {
            sheet.name: book.get_sheet_by_name(sheet.name).to_python(nrows=1)
            for sheet in book.sheets_metadata[1:]
            if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet
        }
    except python_calamine.CalamineError as error:
        message = Message("not a workbook that can be read: {problem}.", problem=str(error)[:80])
        raise FileError(name, [Mistake(message)]) from None
    if not rows:
        raise FileError(name, [Mistake(Message("empty; a header is expected on the first line."))])
    columns = _named(rows[0])
    for other, head in heads.items():
        if head and (more := _named(head[0])) and more <= columns:
            message = Message(
                "the sheet « {other} » has columns of the first one, which alone is read: put its rows under "
                "the others, or save it as a file of its own.",
                other=other[:40],
            )
            raise FileError(name, [Mistake(message)])
    return rows


def _named(row: list[Value]) -> set[str]:
    """The headings of a row, as they are compared."""
    return {text for cell in row if (text := str(cell).strip().casefold())}
