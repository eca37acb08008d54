"""The words of a page as rows and cells: which stand side by side, and which above one another."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from opqibi_rules.paper.pages.words import Box, Page, Place, Word
from opqibi_rules.paper.text import plain_words

_SAME_ROW = 0.4
"""Of the height of its letters: two words whose middles are closer stand on one row."""
_SPACE = 0.45
"""The same: a blank that may stand within an amount."""
_CELL = 0.85
"""The same: a blank that parts two cells."""
_ALIKE = 0.03
"""Of its width: letters that differ by less are as wide as one another."""
_MOST_WORDS = 250
"""No row of a page that people read has as many."""
_REPEATED = 2
"""Words at one place of so many pages are their heading or their footing."""

_BARE, _POINTED = re.compile("[0-9]+"), re.compile("[0-9]{1,3}[.,][0-9]{1,3}")

plain = lru_cache(4096)(plain_words)


def height_of(box: Box) -> float:
    """How high a box is."""
    return box.bottom - box.top


def middle_of(box: Box) -> float:
    """How far below the top of the page its middle stands."""
    return (box.top + box.bottom) / 2


def overlap(one: Box, two: Box) -> float:
    """How far two boxes stand above one another, in points; negative: how far apart they are."""
    return min(one.right, two.right) - max(one.left, two.left)


def around(boxes: Iterable[Box]) -> Box:
    """The box around boxes."""
    found = list(boxes)
    return Box(
        min(box.left for box in found),
        min(box.top for box in found),
        max(box.right for box in found),
        max(box.bottom for box in found),
    )


@dataclass(frozen=True, eq=False)
class Row:
    """Words side by side, from left to right."""

    page: int
    words: tuple[Word, ...]
    typed: frozenset[float] = frozenset()
    """The widths of letters, in parts of their height, in which the page sets figures and points alike."""

    @cached_property
    def box(self) -> Box:
        """The box around it."""
        return around(word.box for word in self.words)

    @cached_property
    def middle(self) -> float:
        """Where its middle stands: that of most of its words."""
        return sorted(middle_of(word.box) for word in self.words)[len(self.words) // 2]

    @cached_property
    def height(self) -> float:
        """That of its letters, as most of its words have it."""
        return sorted(height_of(word.box) for word in self.words)[len(self.words) // 2]

    @cached_property
    def text(self) -> str:
        """Its words: one blank where a number may go on, two in a cell, a tab between two cells."""
        return "".join(before + word.text for before, word in zip(self._blanks, self.words, strict=True))

    @cached_property
    def _blanks(self) -> list[str]:
        blanks = [""]
        for word, following in zip(self.words, self.words[1:], strict=False):
            gap = following.box.left - word.box.right
            height = min(height_of(word.box), height_of(following.box))
            space = _SPACE * height
            if any(_alike(_pace(one), width) for width in self.typed for one in (word, following)):
                space = max(space, (1 + _ALIKE) * _pace(word) * height)
            blanks.append(" " if gap <= space else "  " if gap <= _CELL * height else "\t")
        return blanks

    @cached_property
    def starts(self) -> list[int]:
        """Where each word begins in the text."""
        found, at = [], 0
        for before, word in zip(self._blanks, self.words, strict=True):
            found.append(at + len(before))
            at += len(before) + len(word.text)
        return found

    def begins_cell(self, index: int) -> bool:
        """Whether a word is the first of its cell."""
        return index == 0 or self._blanks[index] == "\t"

    def is_apart(self, index: int) -> bool:
        """Whether more than one blank stands before a word."""
        return len(self._blanks[index].replace("\t", "  ")) > 1

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """The cells, as the first word of each and the one after its last."""
        edges = [index for index in range(len(self.words)) if self.begins_cell(index)]
        return list(zip(edges, [*edges[1:], len(self.words)], strict=True))

    def cell_of(self, index: int) -> tuple[int, int]:
        """The cell of a word."""
        return next((first, stop) for first, stop in self.cells if first <= index < stop)

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The words that some letters of its text belong to: the first, and the one after the last."""
        first = max((index for index, at in enumerate(self.starts) if at <= start), default=0)
        return first, sum(at < stop for at in self.starts)

    def box_of(self, start: int, stop: int) -> Box:
        """The box around some of its words."""
        return around(word.box for word in self.words[start:stop])

    def said(self, start: int, stop: int) -> str:
        """Some of its words, a blank between two."""
        return " ".join(word.text for word in self.words[start:stop])

    def place(self, start: int, stop: int) -> Place:
        """Where some of its words stand."""
        return Place(self.page, self.box_of(start, stop))

    @cached_property
    def plain(self) -> tuple[list[str], list[int]]:
        """Its plain words, and the word that each comes from."""
        words: list[str] = []
        origins: list[int] = []
        for index, word in enumerate(self.words):
            for part in plain(word.text).split():
                words.append(part)
                origins.append(index)
        return words, origins


@dataclass(frozen=True, eq=False)
class Standing:
    """Some words of a row, and where they stand."""

    row: Row
    start: int
    """The first."""
    stop: int
    """The one after the last."""

    @cached_property
    def box(self) -> Box:
        """Where they stand."""
        return self.row.box_of(self.start, self.stop)

    @property
    def place(self) -> Place:
        """Where they stand, and on which page."""
        return Place(self.row.page, self.box)


def _pace(word: Word) -> float:
    """How wide a letter of a word is, in parts of its height."""
    return (word.box.right - word.box.left) / max(1, len(word.text)) / max(1.0, height_of(word.box))


def _alike(one: float, two: float) -> bool:
    return abs(one - two) <= _ALIKE * two


def _typed(words: Iterable[Word]) -> frozenset[float]:
    """The widths of letters of the typewriter's faces: a blank is as wide in them as a figure, and so is a comma."""
    bare: set[float] = set()
    pointed: Counter[float] = Counter()
    for word in words:
        if _BARE.fullmatch(word.text):
            bare.add(round(_pace(word), 2))
        elif _POINTED.fullmatch(word.text):
            pointed[round(_pace(word), 2)] += 1
    return frozenset(width for width in pointed if any(_alike(width, other) for other in bare))


def rows_of(page: Page) -> list[Row]:
    """The rows of a page, from its top."""
    rows: list[list[Word]] = []
    for word in sorted(page.words, key=lambda item: (middle_of(item.box), item.box.left)):
        middle, height = middle_of(word.box), height_of(word.box)
        for row in reversed(rows[-4:]):
            first = row[0].box
            near = abs(middle_of(first) - middle) <= _SAME_ROW * min(height, height_of(first))
            if (
                near
                and len(row) < _MOST_WORDS
                and not any(overlap(word.box, other.box) > height / 3 for other in row)
            ):
                row.append(word)
                break
        else:
            rows.append([word])
    typed = _typed(page.words)
    found = [Row(page.number, tuple(sorted(row, key=lambda item: item.box.left)), typed) for row in rows]
    return sorted(found, key=lambda row: row.middle)


def without_margins(pages: Sequence[Page], rows: Sequence[Row]) -> Iterator[Row]:
    """The rows that do not stand at one place of several pages, as a heading or a footing does."""
    counted = Counter((row.text, round(row.middle / 3)) for row in rows)
    for row in rows:
        if len(pages) < _REPEATED or counted[row.text, round(row.middle / 3)] < _REPEATED:
            yield row
