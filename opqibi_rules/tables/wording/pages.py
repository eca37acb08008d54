"""The words by which an invoice announces its values, on its page or in a spreadsheet: in up to three languages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Literal, NamedTuple

from opqibi_rules.frozen import FrozenDict, kept
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import Country, Filled, Identifier, fact
from opqibi_rules.tables.facts import Table


@fact
class PagePhrases:
    """Phrases in three languages; accents, case and punctuation do not count."""

    fr: tuple[Filled, ...] = ()
    en: tuple[Filled, ...] = ()
    de: tuple[Filled, ...] = ()

    def plain(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Each as the words that are compared, and its language."""
        for language in ("fr", "en", "de"):
            for phrase in getattr(self, language):
                yield tuple(plain_words(phrase).split()), language


class Found(NamedTuple):
    """A phrase among words: what it announces, in which languages, and the words it takes."""

    roles: frozenset[str]
    languages: frozenset[str]
    start: int
    stop: int


class Phrasebook:
    """Phrases by what they announce, looked for in words: the longest first, none within another."""

    def __init__(self, groups: Mapping[str, PagePhrases]) -> None:
        known: dict[tuple[str, ...], tuple[set[str], set[str]]] = {}
        for role, phrases in groups.items():
            for words, language in phrases.plain():
                roles, languages = known.setdefault(words, (set(), set()))
                roles.add(role)
                languages.add(language)
        self._by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str], frozenset[str]]]] = {}
        for words in sorted(known, key=lambda phrase: (-len(phrase), phrase)):
            roles, languages = known[words]
            entry = (words, frozenset(roles), frozenset(languages))
            self._by_first.setdefault(words[0], []).append(entry)

    def found(self, words: Sequence[str]) -> Iterator[Found]:
        """The phrases among plain words, in their order."""
        start = 0
        while start < len(words):
            for phrase, roles, languages in self._by_first.get(words[start], ()):
                stop = start + len(phrase)
                if tuple(words[start:stop]) == phrase:
                    yield Found(roles, languages, start, stop)
                    start = stop
                    break
            else:
                start += 1


book_of = kept(Phrasebook)
"""The phrases of a table by what they announce, to be looked for: made once for them."""


@kept
def words_of(phrases: PagePhrases) -> frozenset[str]:
    """Phrases as plain words, whatever their language."""
    return frozenset(" ".join(words) for words, _ in phrases.plain())


@fact
class PageWording(Table):
    """The words by which the page of an invoice announces its values."""

    kind: Literal["page_wording"] = "page_wording"
    labels: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What stands beside or above a value of the whole invoice."""
    columns: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What heads a column of the lines."""
    parties: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What stands above a name and an address."""
    numbers: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What stands before a number that names a firm."""
    titles: Mapping[Filled, PagePhrases] = field(default_factory=FrozenDict)
    """What the document calls itself, by type (UNTDID 1001); ``other``: what is no invoice."""
    untaxed: PagePhrases = PagePhrases()
    """What says that no VAT is due."""
    forms: PagePhrases = PagePhrases()
    """The legal forms of firms."""
    streets: PagePhrases = PagePhrases()
    """Words of an address."""
    persons: PagePhrases = PagePhrases()
    """What begins a line that names a person or a department, and not the firm."""
    countries: Mapping[Country, tuple[Filled, ...]] = field(default_factory=FrozenDict)
    """How an address names each, but France and Monaco."""
    months: PagePhrases = PagePhrases()
    """Twelve in each language."""
    sheet_columns: Mapping[Identifier, PagePhrases] = field(default_factory=FrozenDict)
    """What heads a column of an invoice in a spreadsheet, or is a key of it in JSON."""
    sheet_beside: PagePhrases = PagePhrases()
    """What may stand behind the label of a row of a spreadsheet, and changes nothing of what it names."""
    sheet_types: Mapping[Filled, PagePhrases] = field(default_factory=FrozenDict)
    """How a cell calls the document, by type (UNTDID 1001)."""

    @cached_property
    def untaxed_book(self) -> Phrasebook:
        """What says that no VAT is due."""
        return Phrasebook({"untaxed": self.untaxed})

    @cached_property
    def country_codes(self) -> Mapping[str, str]:
        """The code of each country, by its names in plain words."""
        return FrozenDict(
            {plain_words(name): code for code, names in self.countries.items() for name in names}
        )

    @cached_property
    def month_numbers(self) -> Mapping[str, int]:
        """The number of each month, by its name and by the three letters and more that begin it."""
        found: dict[str, int] = {}
        for names in (self.months.fr, self.months.en, self.months.de):
            for number, name in enumerate(names, 1):
                word = plain_words(name)
                for length in range(3, len(word) + 1):
                    found.setdefault(word[:length], number)
        for unclear in ("jui",):  # June or July
            found.pop(unclear, None)
        return FrozenDict(found)
