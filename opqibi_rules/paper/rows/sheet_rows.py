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

    Raises:
        FileError: no workbook, or an empty one.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python()
    except python_calamine.CalamineError as error:
        message = Message("not a workbook that can be read: {problem}.", problem=str(error)[:80])
        raise FileError(name, [Mistake(message)]) from None
    if not rows:
        raise FileError(name, [Mistake(Message("empty; a header is expected on the first line."))])
    return rows
