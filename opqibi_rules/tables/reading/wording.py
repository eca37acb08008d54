"""The words by which a published fee schedule announces its figures, in French and English."""

import re
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Literal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import Identifier, fact
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.wording.pages import PagePhrases, Phrasebook

_CODES = (
    r"([0-9]{1,2}(?:(?:, ?[0-9]{1,2})* ?(?:et|and|ou|or|&|/) ?[0-9]{1,2})?)"
    r"(?![0-9]|[.,][0-9]|[ \u00a0\u202f]?(?:[%‰€](?![0-9])|(?i:eur|ht)\b))"
)


@fact
class ScheduleWording(Table):
    """The words by which a published fee schedule announces its figures."""

    kind: Literal["schedule_wording"] = "schedule_wording"
    fees: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What names a fee, by its id in the edition before; beside its own names there."""
    marks: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What says which figure a figure is."""
    numbers: PagePhrases = PagePhrases()
    """Small numbers in words, from one on."""

    @cached_property
    def mark_book(self) -> Phrasebook:
        """What says which figure a figure is."""
        return Phrasebook(self.marks)

    @cached_property
    def small_numbers(self) -> Mapping[str, int]:
        """Small numbers, by their words."""
        return FrozenDict(
            {
                plain_words(word): number
                for words in (self.numbers.fr, self.numbers.en)
                for number, word in enumerate(words, 1)
            }
        )

    @cached_property
    def tariff_pattern(self) -> re.Pattern[str]:
        """A tariff code, or several, after the words that announce them: « Tarifs 5 et 7 »."""
        phrases = sorted(
            (" ".join(words) for words, _ in self.marks["tariff"].plain()), key=len, reverse=True
        )
        before = "|".join(phrase.replace(" ", r"\s+") for phrase in phrases)
        return re.compile(rf"(?i:\b(?:{before})\s*(?:n°\s*)?){_CODES}")

    def fee_book(self, model: Schedule) -> Phrasebook:
        """What names each fee of an edition: the words here, and its own names."""
        nothing = PagePhrases()
        known = {fee.id: self.fees.get(fee.id, nothing) for fee in model.fees}
        return Phrasebook(
            {
                fee.id: PagePhrases(fr=(*known[fee.id].fr, fee.name.fr), en=(*known[fee.id].en, fee.name.en))
                for fee in model.fees
            }
        )
