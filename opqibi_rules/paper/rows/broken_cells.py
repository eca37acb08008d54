"""Cells of a workbook that hold no value though they are not empty: an error, a formula without its result.

The reader of sheets gives both as empty cells, and a number would be lost without a word: each is made a text that
says so before it reads.
"""

import io
import re
import zipfile

from opqibi_rules.messages import Message
from opqibi_rules.paper.rows.shown_cells import STYLES, looks_of, shown_sheet

_BOOK = "xl/workbook.xml"
_MAY_BREAK = re.compile(rb"""<(?:\w+:)?f[\s/>]|\bt\s*=\s*["']e["']""")
"""A formula or an error; sheets without any are not looked at tag by tag."""
_TAG = re.compile(rb"<(/?)((?:\w+:)?)([cfv])(?=[\s/>])([^>]*)>")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_WITHIN = re.compile(rb"""\bt\s*=\s*["']inlineStr["']""")
_PLACE = re.compile(rb"""\br\s*=\s*(?:"[^"]*"|'[^']*')""")
_MARK = "\ue000"
"""What a broken cell begins with, once marked: a character that no text uses."""


def marked_workbook(data: bytes) -> io.BytesIO:
    """A workbook whose broken cells are marked, and whose numbers are those that are seen, as its reader wants it.

    Raises:
        zipfile.BadZipFile: no archive, or no XLSX workbook in it.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.namelist()
        if _BOOK not in map(
            str.lower, parts
        ):  # a binary one, of another office: its errors could not be told
            raise zipfile.BadZipFile(_BOOK)
        styles = next((part for part in parts if part.lower() == STYLES), None)
        looks = looks_of(packed.read(styles)) if styles else {}
        marked = {
            part: found
            for part in parts
            if (found := shown_sheet(marked_sheet(content := packed.read(part)), looks)) is not content
        }
        if not marked:
            return io.BytesIO(data)
        clean = io.BytesIO()
        with zipfile.ZipFile(clean, "w") as plain:
            for part in parts:
                plain.writestr(part, marked.get(part) or packed.read(part))
    clean.seek(0)
    return clean


def marked_sheet(content: bytes) -> bytes:
    """The XML of a sheet where each broken cell is a text that :func:`why_broken` tells.

    The same object where none is, and where it is no sheet.
    """
    if b"sheetData" not in content or not _MAY_BREAK.search(content):
        return content
    pieces: list[bytes] = []
    done = start = value = 0
    cell, formula, text = b"", False, None
    for tag in _TAG.finditer(content):
        closing, prefix, name, attributes = tag.groups()
        if attributes.endswith(b"/"):
            formula = formula or name == b"f"
            text = b"" if name == b"v" else text
        elif name == b"c" and not closing:
            start, cell, formula, text = tag.start(), attributes, False, None
        elif name == b"f":
            formula = True
        elif name == b"v" and not closing:
            value = tag.end()
        elif name == b"v":
            text = content[value : tag.start()]
        elif _is_broken(cell, text, formula=formula):
            told = (text or b"#") if _ERROR.search(cell) else b""
            place = b" ".join(match[0] for match in _PLACE.finditer(cell))
            whole = (b"<", prefix, b"c ", place, b' t="str"><', prefix, b"v>", _MARK.encode(), told)
            pieces += (content[done:start], *whole, b"</", prefix, b"v></", prefix, b"c>")
            done = tag.end()
    return b"".join((*pieces, content[done:])) if pieces else content


def _is_broken(cell: bytes, text: bytes | None, *, formula: bool) -> bool:
    """``text``: its value; a formula may come to an empty text, which is written, or to one written elsewhere."""
    if _ERROR.search(cell):
        return True
    written = text is not None if _TEXT.search(cell) else bool(text and text.strip())
    return formula and not written and not _WITHIN.search(cell)


def why_broken(cell: object, column: int, line: int) -> Message | None:
    """Why a cell of a marked sheet holds no value, with its place; ``None`` where it is not broken.

    Args:
        cell: what the reader gave.
        column: counted from 0.
        line: counted from 1.
    """
    if not isinstance(cell, str) or not cell.startswith(_MARK):
        return None
    place = f"{_letters(column)}{line}"
    if text := cell.removeprefix(_MARK):
        return Message("cell {cell} holds an error, {text}.", cell=place, text=text[:40])
    return Message(
        "cell {cell} holds a formula without its result: open the workbook in a spreadsheet, save it, and "
        "give it again.",
        cell=place,
    )


def _letters(column: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters, column = chr(65 + letter) + letters, column - 1
    return letters
