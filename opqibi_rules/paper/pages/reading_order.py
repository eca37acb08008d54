"""The text of pages in the order in which one reads it: rows, as their places or the file put them, and passages.

The two orders are two readings: columns are told by places in the one, and in the other by the file, which writes one
after the other. What both say the same is read; where they differ, one of them is wrong.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from opqibi_rules.paper.pages.layout import Row, height_of, middle_of, overlap, rows_of
from opqibi_rules.paper.pages.words import Box, Page, Word

_SAME_ROW = 0.4
"""Of the height of letters: what stands as near goes on with the row."""
_NEXT_ROW = 2.2
"""The same, from middle to middle: a row that is farther begins another paragraph."""
_BARE_ROW = 4.5
"""The same, for a figure alone under the words that announce it."""
_FULL = 0.85
"""Of the widest row of its page: a row as wide goes on with the next one."""
_LONGEST_LINE = 1000
"""Letters: a longer line of a typed text is cut."""
_LETTER, _LINE = 5.0, 12.0
"""Points of a letter and of a line of a typed text."""

_LONG = 400
"""Words of a passage: a longer one is cut, as what it costs grows faster than it does."""
_NUMBERED = re.compile(
    r"\(?(?:[0-9]{1,2}|[ivxIVX]{1,5}|[a-zA-Z])\s?(?:[.)°]|[.)°]?\s[–-])(?:\s|$)|[•▪■●☞➢*–-]\s"
)
_ENDED = re.compile(r"[.;!?…][”\"]?$")
_SAID = re.compile(r"(?i)[€.]$|\bht$")
_BARE = re.compile(
    r"(?:[-+–(]|[0-9][0-9 .,'’]*+|€|eur\b|euros?\b|%|‰|pour\ mille|par\ mille|h\.?\ ?t\.?(?!\w)|hors\ taxes?"
    r"|excl\.?\ vat|excluding\ vat|[).;]|\s)++",
    re.IGNORECASE,
)
_SENTENCE_ENDED = re.compile(r"[.!?][)»”]?$")
_SENTENCE_BEGUN = re.compile(r"[«“(☞]?[A-ZÀ-Ý](?:[a-zà-ÿ'’]|$)|[«“☞]$")
_SHORTENED = re.compile(r"(?i)\(?(?:art|cf|env|n|p|no|réf)\.")


@dataclass(frozen=True, eq=False)
class Passage(Row):
    """Words that are read one after the other: a row of a table, a paragraph on several rows, or a part of either."""

    between: tuple[str, ...] = ()
    """What parts each word from the one before."""

    @cached_property
    def _blanks(self) -> list[str]:
        return list(self.between)

    @classmethod
    def of(cls, row: Row) -> "Passage":
        """A row as a passage."""
        ends = [at + len(word.text) for at, word in zip(row.starts, row.words, strict=True)]
        between = [row.text[end:at] for end, at in zip([0, *ends], row.starts, strict=False)]
        return cls(row.page, row.words, between=tuple(between))

    def part(self, start: int, stop: int) -> "Passage":
        """Some of its words."""
        return Passage(self.page, self.words[start:stop], between=("", *self.between[start + 1 : stop]))

    @cached_property
    def is_table_row(self) -> bool:
        """It has several cells."""
        return "\t" in self.text

    def blotted(self, start: int, stop: int) -> "Passage":
        """The same, some of its words made such that no figure is read there."""
        words = [
            Word("§" * len(word.text), word.box) if start <= index < stop else word
            for index, word in enumerate(self.words)
        ]
        return replace(self, words=tuple(words))

    @cached_property
    def sentences(self) -> list["Passage"]:
        """Its sentences, parted by semicolons too; of a row of a table, itself."""
        if self.is_table_row:
            return [self]
        edges = [0]
        for index, (word, after) in enumerate(zip(self.words, self.words[1:], strict=False), 1):
            number = index - 1 == edges[-1] and _NUMBERED.fullmatch(f"{word.text} ")
            ended = _SENTENCE_ENDED.search(word.text) and not _SHORTENED.fullmatch(word.text) and not number
            if word.text[-1] == ";" or (ended and _SENTENCE_BEGUN.match(after.text)):
                edges.append(index)
        return self._parts(edges)

    def _parts(self, edges: list[int]) -> list["Passage"]:
        return [
            self.part(first, last) for first, last in zip(edges, [*edges[1:], len(self.words)], strict=True)
        ]

    @cached_property
    def clauses(self) -> list["Passage"]:
        """What commas, semicolons and « et » part; of a row of a table, itself."""
        if self.is_table_row:
            return [self]
        edges = [0]
        for index, (word, after) in enumerate(zip(self.words, self.words[1:], strict=False), 1):
            numbers = word.text[:-1].isdigit() and after.text[:1].isdigit()
            joins = after.text in {"et", "and", "puis", "then"} and not word.text[-1].isdigit()
            if (re.search("[,;]$", word.text) and not numbers) or joins:
                edges.append(index)
        return self._parts(edges)

    def then(self, other: "Passage") -> "Passage":
        """This one and what follows it; in a table, what goes on with one of its cells stands after that cell.

        Figures at the end of one row and at the beginning of the next may be one number or two: neither is read.
        """
        at = len(self.words)
        if _stands_beside(self, other):
            between = (*self.between, "\t", *other.between[1:])
            return Passage(self.page, (*self.words, *other.words), between=between)
        if self.is_table_row:
            cells = sorted(self.cells, key=lambda cell: -overlap(self.box_of(*cell), other.box))
            at = cells[0][1]
        before = self.words[at - 1].text
        torn = re.search(r"(?:^|[^0-9.,])[0-9]{1,3}$", before) and re.match(
            r"[0-9]{3}(?![0-9])", other.words[0].text
        )
        joint = "/" if torn else "  "
        return Passage(
            self.page,
            (*self.words[:at], *other.words, *self.words[at:]),
            between=(*self.between[:at], joint, *other.between[1:], *self.between[at:]),
        )


def _stands_beside(before: Row, row: Row) -> bool:
    """Whether a row stands to the right of several that are read before it, half-way down."""
    return before.box.top < row.middle < before.box.bottom and row.box.left >= before.box.right


def rows_in_place(page: Page) -> list[Row]:
    """The rows of a page as their places put them, a column after the other where text stands in two."""
    rows = rows_of(page)
    gutter = _gutter(page, rows)
    if gutter is None:
        return _levelled(rows)
    found: list[Row] = []
    left: list[Word] = []
    right: list[Word] = []

    def columns() -> Iterator[Row]:
        for words in (left, right):
            yield from _levelled(rows_of(replace(page, words=tuple(words))))
            words.clear()

    for row in rows:
        if _crosses(row, gutter):
            found += [*columns(), row]
        else:
            left += [word for word in row.words if word.box.right <= gutter]
            right += [word for word in row.words if word.box.left >= gutter]
    return [*found, *columns()]


_HALF_WAY = 0.8
"""Of the height of letters: lines so near stand side by side, in cells whose text is set half-way down."""


def _levelled(rows: Sequence[Row]) -> list[Row]:
    """Rows, those of cells that stand side by side put together: one of two lines, and one of one between them."""
    found: list[Row] = []
    for row in rows:
        last = found[-1] if found else None
        if (
            last is not None
            and row.middle - last.middle < _HALF_WAY * min(row.height, last.height)
            and all(overlap(word.box, other.box) < 0 for word in row.words for other in last.words)
        ):
            words = sorted((*last.words, *row.words), key=lambda word: word.box.left)
            found[-1] = Row(row.page, tuple(words))
        else:
            found.append(row)
    return found


_MARGIN = 4.0
"""Points, at least, between a gutter and what stands on either side."""
_ACROSS = 0.25
"""Of the rows of a page, those that may stand across its columns: its title, its footing."""
_COLUMN = 0.22
"""Of the width of a page, what one row in five of a column has at least; of a column of figures, none has."""
_ROWS = 2
"""Rows at least that a column has."""


def _crosses(row: Row, gutter: float) -> bool:
    return any(
        word.box.left < gutter + _MARGIN and word.box.right > gutter - _MARGIN for word in row.words
    ) or any(
        word.box.right < gutter < after.box.left and after.box.left - word.box.right < 2 * _MARGIN
        for word, after in zip(row.words, row.words[1:], strict=False)
    )


def _gutter(page: Page, rows: Sequence[Row]) -> float | None:
    """Where the blank between two columns of text stands, if there is one."""
    tried = [page.width * share / 100 for share in range(30, 71)]
    counted = {at: sum(_crosses(row, at) for row in rows) for at in tried}
    least = min(counted.values(), default=0)
    if least > _ACROSS * len(rows):
        return None
    best = sorted((at for at in tried if counted[at] == least), key=lambda at: abs(at - page.width / 2))
    return next((at for at in best if all(_is_text(side, page) for side in _sides(rows, at))), None)


def _sides(rows: Sequence[Row], gutter: float) -> Iterator[list[float]]:
    """How wide each row is, left and right of a gutter."""
    parted = [row for row in rows if not _crosses(row, gutter)]
    for left in (True, False):
        boxes = [[word.box for word in row.words if (word.box.right <= gutter) is left] for row in parted]
        yield [max(box.right for box in row) - min(box.left for box in row) for row in boxes if row]


def _is_text(widths: Sequence[float], page: Page) -> bool:
    return len(widths) >= _ROWS and sorted(widths)[4 * len(widths) // 5] >= _COLUMN * page.width


def rows_in_file(page: Page) -> list[Row]:
    """The rows of a page as the file writes them: each goes on as long as its words do to the right."""
    rows: list[list[Word]] = []
    for word in page.words:
        if rows and len(rows[-1]) < _LONG and _goes_on(rows[-1][-1].box, word.box):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [Row(page.number, tuple(row)) for row in rows]


def rows_read_again(page: Page) -> list[Row]:
    """The rows of another reading of a page: in the order of the file; of a picture, of its second reading."""
    return rows_in_file(page) if page.sure else rows_in_place(replace(page, words=page.second))


def _goes_on(box: Box, following: Box) -> bool:
    height = min(height_of(box), height_of(following))
    near = abs(middle_of(box) - middle_of(following)) <= _SAME_ROW * height
    return near and following.left >= box.right - height / 2


def passages(rows: Iterable[Row]) -> list[Passage]:
    """Rows as passages: those that go on with the one before are put together."""
    given = list(rows)
    widest: dict[int, float] = {}
    for row in given:
        widest[row.page] = max(widest.get(row.page, 0.0), row.box.right - row.box.left)
    found: list[Passage] = []
    last: Row | None = None
    for row in given:
        passage = Passage.of(row)
        if found and last is not None and _continues(found[-1], last, passage, _FULL * widest[row.page]):
            found[-1] = found[-1].then(passage)
        else:
            found.append(passage)
        last = row
    return found


def _continues(before: Passage, last: Row, row: Passage, wide: float) -> bool:
    """Whether a row goes on with what stands before it, whose last row is ``last``."""
    if len(before.words) > _LONG:
        return False
    if before.page == row.page and _stands_beside(before, row):
        return True
    gap = (row.middle - last.middle) / max(row.height, last.height)
    if before.page != row.page or gap < -_SAME_ROW:
        return False
    if _BARE.fullmatch(row.text) and not row.is_table_row:
        announced = not _BARE.fullmatch(before.text) and not _SAID.search(before.text)
        return gap <= _BARE_ROW and announced
    if gap > _NEXT_ROW or _ENDED.search(before.text):
        return False
    if row.is_table_row and (before.is_table_row or abs(row.box.left - last.box.left) > row.height):
        return False
    if row.text[0].islower():
        return _NUMBERED.match(row.text) is None
    if row.is_table_row or before.text.endswith(":"):
        return False
    if row.text[0].isdigit():  # a number that the row before announces, or one before an item of a list
        return not before.is_table_row and last.box.right - last.box.left >= wide
    return row.text[0] in "(«“€‰%" and _NUMBERED.match(row.text) is None


def typed_pages(text: str) -> tuple[Page, ...]:
    """A typed text as pages, each letter in a place of its own; a tab or a rule parts two cells."""
    plain = re.sub(r"\*\*|__|^#+ ", "", text, flags=re.MULTILINE)
    cut = re.sub(rf"([^\n]{{{_LONGEST_LINE}}}\S*)[ \t]", r"\1\n", plain)
    sheets = [sheet.splitlines() for sheet in cut.split("\f")]
    return tuple(
        Page(number, 1000.0, _LINE * len(lines), tuple(_typed(lines)))
        for number, lines in enumerate(sheets, 1)
    )


def _typed(lines: Sequence[str]) -> Iterator[Word]:
    for index, line in enumerate(lines):
        spread = re.sub(r"\s*[\t|]\s*", " " * 4, line)
        for found in re.finditer(r"\S+", spread):
            box = Box(found.start() * _LETTER, index * _LINE, found.end() * _LETTER, (index + 1) * _LINE)
            yield Word(found[0], box)
