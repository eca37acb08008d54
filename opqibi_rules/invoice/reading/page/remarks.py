"""What a page says beside its values: stamps, sentences on the whole document; and whose account is to be paid."""

import re
from collections.abc import Iterator
from itertools import pairwise

from opqibi_rules.invoice.reading.page.sheet import Sheet
from opqibi_rules.paper.pages.layout import Row, height_of
from opqibi_rules.paper.text import plain_words

_ALIGNED = 6.0
"""Points by which a line of a paragraph may start beside the one above."""
_LEADING = 2.2
"""Of the height of a line: one that starts no farther below goes on with its sentence."""
_LARGER = 1.2
_NAME_ENDS = re.compile(r"[,;|(–—]|\b(?:IBAN|BIC|RIB)\b|\s-\s")


def sentences(sheet: Sheet) -> Iterator[str]:
    """The text of each cell, alone and with the one that goes on under it; that of a label, with its value.

    And what is stamped over others.
    """
    for page in sheet.pages:
        yield from page.stamped
    for row, below in pairwise([*sheet.rows, *sheet.rows[-1:]]):
        for start, stop in row.cells:
            yield row.said(start, len(row.words) if _announces(row, start, stop) else stop)
            one = row.box_of(start, stop)
            for first, last in below.cells if below.page == row.page and below is not row else ():
                other = below.box_of(first, last)
                near = other.top - one.top < _LEADING * height_of(one)
                if near and abs(one.left - other.left) < _ALIGNED:
                    yield f"{row.said(start, stop)} {below.said(first, last)}"


def _announces(row: Row, start: int, stop: int) -> bool:
    """Whether a cell may be the label of figures to its right: its letters are no larger than theirs."""
    after = row.words[stop:]
    figures = [word for word in after if any(map(str.isdigit, word.text))]
    tallest = max((height_of(word.box) for word in figures), default=0.0)
    return bool(figures) and height_of(row.box_of(start, stop)) <= _LARGER * tallest


def holders(sheet: Sheet) -> Iterator[str]:
    """Whose accounts are to be paid, where words announce it (BT-85)."""
    for label in sheet.with_role("account_holder"):
        _, stop = label.row.cell_of(label.start)
        rest = label.row.said(label.stop, stop)
        if not plain_words(rest):
            rest = label.row.said(
                stop, next((last for first, last in label.row.cells if first == stop), stop)
            )
        name = _NAME_ENDS.split(rest.lstrip(" :"), maxsplit=1)[0].strip()
        if plain_words(name):
            yield name
