"""The pages of a document with all that stands on them: rows, labels, figures, days; and what stands by what."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import inf
from typing import TypeVar

from opqibi_rules.paper.pages.figures import Day, Figure, Notation, days_of, figures_of
from opqibi_rules.paper.pages.layout import Row, Standing, height_of, middle_of, overlap, plain, rows_of
from opqibi_rules.paper.pages.words import Page
from opqibi_rules.tables.wording.pages import PageWording, Phrasebook, book_of, words_of

_BESIDE = 0.75
"""Of the height of a label: what stands as far above or below it at most stands beside it."""
_BELOW = 3.6
"""The same: what stands as far under it at most, or under what does, stands in its column."""
_MOST_NAMED = 4
"""Words between the kind of a street and the day that it is named after."""
_WIDEST_MARGIN = 4.0
"""Points by which a figure may stand outside the edges of its heading."""


@dataclass(frozen=True, eq=False)
class Label(Standing):
    """Words that announce a value."""

    roles: frozenset[str]
    languages: frozenset[str]

    @property
    def text(self) -> str:
        """Its words as they are printed."""
        return self.row.said(self.start, self.stop)

    @property
    def begins_cell(self) -> bool:
        """Nothing stands before it in its cell."""
        return self.row.begins_cell(self.start)

    @cached_property
    def speaks(self) -> bool:
        """Whether it announces an amount: one word does where it says all of its cell, and not within a sentence."""
        if len(self.text.split()) > 1:
            return True
        _, stop = self.row.cell_of(self.start)
        rest = [plain(word.text) for word in self.row.words[self.stop : stop]]
        return self.begins_cell and (
            "vat" in self.roles or all(not word.isalpha() or word in _UNITS for word in rest)
        )


_UNITS = frozenset({"", "eur", "euros", "chf", "usd", "en", "de"})
"""Words that may stand between a label of one word and its amount."""
_Item = TypeVar("_Item", Figure, Day, Label)


def labels_of(row: Row, book: Phrasebook) -> Iterator[Label]:
    """The phrases of a book in a row; none reaches over two cells."""
    words, origins = row.plain
    for first, last in row.cells:
        inside = [index for index, origin in enumerate(origins) if first <= origin < last]
        if not inside:
            continue
        offset = inside[0]
        for found in book.found(words[offset : inside[-1] + 1]):
            start, stop = origins[offset + found.start], origins[offset + found.stop - 1] + 1
            yield Label(row, start, stop, found.roles, found.languages)


class Sheet:
    """All that stands on the pages of one document."""

    def __init__(self, pages: Sequence[Page], wording: PageWording) -> None:
        self.pages, self.wording = tuple(pages), wording
        self.rows = [row for page in pages for row in rows_of(page)]
        self.notation = Notation.of(self.rows)
        self.days: list[Day] = []
        self.figures: list[Figure] = []
        self.labels: list[Label] = []
        for row in self.rows:
            days = days_of(row, wording.month_numbers)
            self.days += [day for day in days if not self._is_street(row, day)]
            self.figures += figures_of(row, days, self.notation)
            self.labels += labels_of(row, book_of(wording.labels))

    def _is_street(self, row: Row, day: Day) -> bool:
        """« 5 impasse du 8 Mai 1945 »: a day that a street is named after."""
        start, _ = row.cell_of(day.start)
        words = [plain(word.text) for word in row.words[max(start, day.start - _MOST_NAMED) : day.start]]
        return any(word in words_of(self.wording.streets) for word in words)

    @cached_property
    def figures_by_row(self) -> dict[Row, list[Figure]]:
        """The figures of each row, from left to right."""
        return by_row(self.figures)

    @cached_property
    def days_by_row(self) -> dict[Row, list[Day]]:
        """The days of each row, from left to right."""
        return by_row(self.days)

    @cached_property
    def labels_by_row(self) -> dict[Row, list[Label]]:
        """The labels of each row, from left to right."""
        return by_row(self.labels)

    def with_role(self, *roles: str) -> list[Label]:
        """The labels that announce one of these."""
        return [label for label in self.labels if not label.roles.isdisjoint(roles)]

    def understood(self, day: Day) -> tuple[date, ...]:
        """The dates that a day may be, once the document has shown in which order it writes day and month.

        Another day of the document shows it; so do, together, its words and the comma of its amounts: no notation in
        use writes the month first and parts decimals by a comma (Unicode CLDR). A month written first, as the
        United States do, is never taken for granted: one day that can only be so leaves the others open.
        """
        if len(day.dates) == 1 or day.dates[0] == day.dates[1]:
            return day.dates[:1]
        if any(other.month_first for other in self.days):
            return day.dates
        if any(other.day_first for other in self.days):
            return day.dates[:1]
        return day.dates[:1] if self.notation.decimal == "," and self._is_continental else day.dates

    @cached_property
    def _is_continental(self) -> bool:
        """Its labels are French or German."""
        told = [label.languages for label in self.labels if len(label.languages) == 1]
        return sum(languages != {"en"} for languages in told) > 2 * sum(
            languages == {"en"} for languages in told
        )

    def near(self, row: Row, reach: float) -> list[Row]:
        """The rows of the same page whose middle is within so many points, itself among them."""
        rows, middles = self._pages_rows[row.page]
        return rows[bisect_left(middles, row.middle - reach) : bisect_right(middles, row.middle + reach)]

    @cached_property
    def _pages_rows(self) -> dict[int, tuple[list[Row], list[float]]]:
        """The rows of each page from its top, and where their middles stand."""
        found: dict[int, tuple[list[Row], list[float]]] = {}
        for row in self.rows:
            rows, middles = found.setdefault(row.page, ([], []))
            rows.append(row)
            middles.append(row.middle)
        return found

    def under(self, row: Row) -> Iterator[Row]:
        """The rows that stand lower on the page than a row, from the highest."""
        rows, middles = self._pages_rows[row.page]
        yield from rows[bisect_right(middles, row.middle) :]

    def beside(self, label: Label, items: "dict[Row, list[_Item]]") -> "list[_Item]":
        """What stands to the right of a label, up to the next label; the nearest first."""
        rows = self.near(label.row, _BESIDE * max(label.row.height, height_of(label.box)))
        ends = [
            other.box.left
            for row in rows
            for other in self.labels_by_row.get(row, ())
            if other.box.left > label.box.right and not _inside(other) and not _says_again(other, label)
        ]
        end = min(ends, default=inf)
        found = [
            item
            for row in rows
            for item in items.get(row, ())
            if label.box.right - 1 <= item.box.left < end
            and abs(middle_of(item.box) - middle_of(label.box)) <= _BESIDE * height_of(label.box)
        ]
        return sorted(found, key=lambda item: item.box.left)

    def below(self, label: Label, items: "dict[Row, list[_Item]]") -> "list[_Item]":
        """What stands under a label, row after row, as long as no row fails."""
        found: list[_Item] = []
        last, height = middle_of(label.box), max(height_of(label.box), label.row.height)
        for row in self.under(label.row):
            if row.middle <= label.box.bottom - height / 4:
                continue
            if row.middle - last > _BELOW * height:
                break
            under = [item for item in items.get(row, ()) if overlap(item.box, label.box) > -_WIDEST_MARGIN]
            if under:
                found += sorted(under, key=lambda item: -overlap(item.box, label.box))[:1]
                last = row.middle
        return found


def _inside(label: Label) -> bool:
    """A label that says nothing of what follows it: « du », « le », « of »."""
    return label.roles <= {"date_alone", "number_alone"}


def _says_again(other: Label, label: Label) -> bool:
    """A label that says in another language what the one before it does: « Total HT / Total excl. VAT »."""
    stroke = other.start > 0 and other.row.words[other.start - 1].text == "/"
    return stroke and other.row is label.row and other.roles == label.roles


def by_row(items: "Iterable[_Item]") -> "dict[Row, list[_Item]]":
    """Things by the row they stand on."""
    found: dict[Row, list[_Item]] = defaultdict(list)
    for item in items:
        found[item.row].append(item)
    return dict(found)
