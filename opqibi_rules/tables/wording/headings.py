"""The words by which a file of structures names a column, an event, a tariff code: those of invoices, in part."""

from collections.abc import Mapping
from dataclasses import field, fields, replace
from typing import Literal, Self

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.tables.description import Identifier, fact
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.wording.phrases import Phrases, laid_over

HeadingWords = Literal[
    "counting", "units", "aside", "telling", "telling_to_plan", "others", "numbering", "moneys", "sums"
]


@fact
class HeadingWording(Table):
    """What files of structures need of the table « invoice_wording »; a user's words are added to ours."""

    kind: Literal["invoice_wording"] = "invoice_wording"
    tariff: Phrases = Phrases()
    """What stands before a tariff code."""
    columns: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """The headings of a file of structures, by what the column holds; ``new`` stands before a tariff code."""
    plan_columns: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """The headings of a file of structures to plan, on top of those."""
    headings: Mapping[HeadingWords, Phrases] = field(default_factory=FrozenDict)
    """Words of such headings: of a count, of a unit, those that say nothing, those that tell of a column of ours
    whatever stands beside them, those that speak of something else, and those before a number that may be a tariff
    code; of cells: in what else than euros amounts may be, and of a row that adds others up."""
    events: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """By the event's id, how a cell names it; the event's own names count without being repeated here."""

    def over(self, below: Self) -> Self:
        """The words of both."""
        words = {each.name for each in fields(self)} - {each.name for each in fields(Table)}
        both = laid_over(self, below, words)
        return replace(both, assumptions=(*below.assumptions, *self.assumptions))
