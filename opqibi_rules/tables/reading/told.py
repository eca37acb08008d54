"""What a sentence of a fee schedule tells, or a row of a table: words that announce, figures, tariff codes."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from opqibi_rules.money import exactly
from opqibi_rules.paper.pages.figures import Day, Figure, Kind, Notation, days_of, figures_of
from opqibi_rules.paper.pages.reading_order import Passage
from opqibi_rules.tables.reading.wording import ScheduleWording
from opqibi_rules.tables.wording.pages import Phrasebook


class Mark(NamedTuple):
    """Words that say something, among those of a passage."""

    roles: frozenset[str]
    start: int
    stop: int


class Tariffs(NamedTuple):
    """Tariff codes printed together, among the words of a passage."""

    codes: tuple[int, ...]
    start: int
    stop: int


class Told:
    """What a sentence, a clause or a row of a table tells: words that announce, figures, tariff codes."""

    def __init__(
        self, passage: Passage, wording: ScheduleWording, notation: Notation, months: Mapping[str, int]
    ) -> None:
        self.passage, self._notation, self._months = passage, notation, months
        self.marks = list(_marks(passage, wording.mark_book))
        self._tariff = wording.tariff_pattern

    def has(self, *roles: str) -> bool:
        """It says one of these."""
        return any(not mark.roles.isdisjoint(roles) for mark in self.marks)

    def follows(self, figure: Figure, role: str) -> bool:
        """Words that say this stand right after a figure, or after its currency and « HT »."""
        after = [mark for mark in self.marks if mark.start in {figure.stop - 1, figure.stop}]
        ends = {figure.stop, *(mark.stop for mark in after if "excluded" in mark.roles)}
        return any(role in mark.roles and (mark in after or mark.start in ends) for mark in self.marks)

    @cached_property
    def tariffs(self) -> list[Tariffs]:
        """The tariff codes that it names, from left to right."""
        found = []
        for match in self._tariff.finditer(self.passage.text):
            codes = tuple(map(int, re.findall("[0-9]+", match[1])))
            if all(codes):
                found.append(Tariffs(codes, *self.passage.span(match.start(), match.end())))
        return found

    @cached_property
    def days(self) -> list[Day]:
        """The days that it names."""
        return days_of(self.passage, self._months)

    @cached_property
    def figures(self) -> list[Figure]:
        """Its figures that are no tariff code."""
        blotted = self.passage
        for tariffs in self.tariffs:
            blotted = blotted.blotted(tariffs.start, tariffs.stop)
        within = [range(mark.start, mark.stop) for mark in self.marks if "per_mille" in mark.roles]
        found = figures_of(blotted, self.days, self._notation)
        return [figure for figure in found if not any(figure.start in words for words in within)]

    def is_money(self, figure: Figure) -> bool:
        """An amount of money, as the words after it say."""
        return figure.kind is Kind.NUMBER and (
            figure.currency is not None
            or (self.follows(figure, "excluded") and not self.follows(figure, "counted"))
        )

    @exactly
    def amount(self, figure: Figure) -> Decimal:
        """Its value, with « millions » where that follows."""
        after = self.passage.words[figure.stop - 1 : figure.stop + 1]
        if self.follows(figure, "millions") or any(
            re.search("(?i)(?:^|[0-9])M€", word.text) for word in after
        ):
            return figure.value * 1_000_000
        if self.follows(figure, "thousands") or any(
            re.search("(?i)(?:^|[0-9])k€", word.text) for word in after
        ):
            return figure.value * 1000
        return figure.value

    @exactly
    def rate(self, figure: Figure, heading: str = "") -> Decimal | None:
        """A figure as a rate; ``None``: it is none. ``heading``: the words of its column."""
        if figure.kind is Kind.RATE:
            return figure.value
        if self.is_money(figure):
            return None
        after = self.passage.words[figure.stop - 1 : figure.stop + 1]
        signs = "".join(word.text for word in after[:1]) + "".join(word.text[:1] for word in after[1:])
        if self.follows(figure, "per_mille") or "‰" in signs or "‰" in heading or "pour mille" in heading:
            return figure.value / 1000
        if self.follows(figure, "per_cent") or "%" in heading:
            return figure.value / 100
        return None


def _marks(passage: Passage, book: Phrasebook) -> Iterator[Mark]:
    words, origins = passage.plain
    for found in book.found(words):
        yield Mark(found.roles, origins[found.start], origins[found.stop - 1] + 1)
