"""The headings of a table: where each column stands, and what it holds.

A heading may be a word or a few, in one row or several that stand above one another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from opqibi_rules.invoice.reading.page.sheet import Sheet, labels_of
from opqibi_rules.paper.pages.layout import Row, around, overlap
from opqibi_rules.paper.pages.words import Box
from opqibi_rules.tables.wording.pages import Phrasebook, book_of

_STACKED = 1.25
"""Of the height of its letters: two rows of one heading are no farther apart."""
_INTERLEAVED = 0.9
"""The same: rows that are closer are cells of one row, laid at different heights."""
_FIRST = (
    "unit_price",
    "price_quantity",
    "quantity",
    "amount",
    "amount_incl_vat",
    "vat_amount",
    "rate",
    "discount",
    "name",
    "line",
    "unit",
    "other",
)
"""Where one heading may be several columns, the first of these."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the lines: what it holds, and where its heading stands."""

    role: str
    box: Box


@dataclass(frozen=True, eq=False)
class Heading:
    """The headings of a table."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def page(self) -> int:
        """The page it stands on."""
        return self.rows[0].page

    @cached_property
    def bottom(self) -> float:
        """Where it ends."""
        return max(row.box.bottom for row in self.rows)

    @cached_property
    def roles(self) -> frozenset[str]:
        """What its columns hold."""
        return frozenset(column.role for column in self.columns)

    def column(self, role: str) -> Column | None:
        """The column that holds something; the last one where several do."""
        return next((column for column in reversed(self.columns) if column.role == role), None)

    def under(self, box: Box) -> Column:
        """The column that a figure stands under, or nearest to."""
        return max(self.columns, key=lambda column: overlap(column.box, box))


def headings_of(sheet: Sheet) -> list[Heading]:
    """The headings of all tables of lines, from the first page on."""
    found: list[Heading] = []
    taken: set[Row] = set()
    for index, row in enumerate(sheet.rows):
        if (
            row in taken
            or sheet.days_by_row.get(row)
            or any(f.is_money for f in sheet.figures_by_row.get(row, ()))
        ):
            continue
        if (
            len({role for label in labels_of(row, book_of(sheet.wording.columns)) for role in label.roles})
            < 2
        ):
            continue
        heading = _heading(sheet, index)
        if heading is not None:
            found.append(heading)
            taken.update(heading.rows)
    return found


def _heading(sheet: Sheet, index: int) -> Heading | None:
    main = sheet.rows[index]
    rows = [main, *_stack(sheet, index, -1), *_stack(sheet, index, 1)]
    rows.sort(key=lambda row: row.middle)
    columns = [
        column
        for column in (
            _column(cells, sheet) for cells in _stacked_cells(main, rows, book_of(sheet.wording.columns))
        )
        if column
    ]
    roles = {column.role for column in columns}
    if not roles & {"amount", "unit_price", "amount_incl_vat"} or not roles & {"name", "quantity", "line"}:
        return None
    if len(columns) < 2 or not roles & {"name", "quantity"}:
        return None
    return Heading(tuple(rows), tuple(sorted(columns, key=lambda column: column.box.left)))


def _stack(sheet: Sheet, index: int, step: int) -> Iterator[Row]:
    """The rows above or below that belong to one heading."""
    last, place = sheet.rows[index], index + step
    while 0 <= place < len(sheet.rows):
        row = sheet.rows[place]
        gap = abs(row.middle - last.middle)
        near = row.page == last.page and gap <= _STACKED * last.height
        if (
            not near
            or sheet.days_by_row.get(row)
            or any(f.decimals for f in sheet.figures_by_row.get(row, ()))
        ):
            return
        if step > 0 and _is_first_line(sheet, place, gap):
            return
        if step > 0 and gap > _INTERLEAVED * max(row.height, last.height) and not _is_heading(sheet, row):
            return
        yield row
        last, place = row, place + step


def _is_first_line(sheet: Sheet, place: int, gap: float) -> bool:
    """Whether a row stands nearer to the first amounts below than to the heading: centred words of a line."""
    row = sheet.rows[place]
    below = (other for other in sheet.rows[place + 1 : place + 4] if other.page == row.page)
    return any(
        other.middle - row.middle < gap
        and any(figure.decimals for figure in sheet.figures_by_row.get(other, ()))
        for other in below
    )


def _is_heading(sheet: Sheet, row: Row) -> bool:
    """Whether all that a row says are words of headings: it may also be the first words of the first line."""
    labels = list(labels_of(row, book_of(sheet.wording.columns)))
    return all(
        any(label.start == start and label.stop == stop for label in labels) for start, stop in row.cells
    )


_Cell = tuple[Row, int, int]


def _stacked_cells(main: Row, rows: Sequence[Row], book: Phrasebook) -> list[list[_Cell]]:
    """The cells of a heading, those that stand above one another together."""
    parts = list(_parts(main, book))
    columns: list[list[_Cell]] = [[(main, start, stop)] for start, stop in parts]
    boxes = [main.box_of(start, stop) for start, stop in parts]
    for row in sorted(rows, key=lambda other: abs(other.middle - main.middle)):
        if row is main:
            continue
        for start, stop in row.cells:
            box = row.box_of(start, stop)
            over = [at for at, other in enumerate(boxes) if overlap(box, other) > 0]
            if len(over) == 1:
                columns[over[0]].append((row, start, stop))
            elif not over:
                columns.append([(row, start, stop)])
                boxes.append(box)
    return columns


def _parts(row: Row, book: Phrasebook) -> Iterator[tuple[int, int]]:
    """The cells of a heading's own row; one that is nothing but several headings is parted between them."""
    labels = list(labels_of(row, book))
    for start, stop in row.cells:
        own = [label for label in labels if start <= label.start < stop]
        edges = [start, *(label.stop for label in own)]
        whole = [label.start for label in own] == edges[:-1] and edges[-1] == stop
        plainly = not any(sign in word.text for word in row.words[start:stop] for sign in "(),/")
        if whole and plainly and not any(one.roles & two.roles for one, two in pairwise(own)):
            yield from ((label.start, label.stop) for label in own)
            continue
        first = start
        for index in range(start + 1, stop):
            stroke = "/" in {
                row.words[index].text,
                row.words[index - 1].text,
            }  # « Désignation  / Description »
            within = stroke or any(label.start < index < label.stop for label in own)
            apart = row.is_apart(index) and not within
            sides = ((first, index), (index, stop))
            if apart and all(any(left <= label.start < right for label in own) for left, right in sides):
                yield first, index
                first = index
        yield first, stop


def _column(cells: Sequence[_Cell], sheet: Sheet) -> Column | None:
    ordered = sorted(cells, key=lambda cell: cell[0].middle)
    words = [word for row, start, stop in ordered for word in row.words[start:stop]]
    box = around(word.box for word in words)
    whole = Row(ordered[0][0].page, tuple(words), ordered[0][0].typed)
    plain, _ = whole.plain
    found = list(book_of(sheet.wording.columns).found(plain))
    if not found:
        return Column("other", box)
    best = max(found, key=lambda phrase: (phrase.stop - phrase.start, -phrase.start))
    return Column(next(role for role in _FIRST if role in best.roles), box)
