"""Phrases of a table of words, and how those of a user are added to ours."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import Filled, fact

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Fact = TypeVar("_Fact", bound="DataclassInstance")


@fact
class Phrases:
    """Phrases in both languages; accents, case and punctuation do not count; ``qualif*`` is how words begin."""

    fr: tuple[Filled, ...] = ()
    en: tuple[Filled, ...] = ()

    def over(self, below: "Phrases") -> "Phrases":
        """The phrases of both."""
        return Phrases(
            fr=tuple(dict.fromkeys((*below.fr, *self.fr))), en=tuple(dict.fromkeys((*below.en, *self.en)))
        )

    def unsaid_in(self, texts: Iterable[str]) -> "Phrases":
        """Those that none of these texts says."""
        said = f" {' | '.join(map(plain_words, texts))} "

        def unsaid(phrases: Iterable[str]) -> tuple[str, ...]:
            return tuple(each for each in phrases if not re.search(f" {Phrases(fr=(each,)).pattern} ", said))

        return Phrases(fr=unsaid(self.fr), en=unsaid(self.en))

    @property
    def plain(self) -> tuple[str, ...]:
        """All of them, as they are compared."""
        return tuple(
            " ".join(plain_words(word) + "*" * word.endswith("*") for word in phrase.split())
            for phrase in (*self.fr, *self.en)
        )

    @property
    def pattern(self) -> str:
        """A regular expression of any of them, the longest first, in a text of plain words."""
        phrases = sorted({*self.plain}, key=lambda phrase: (-len(phrase), phrase))
        return "|".join(phrase.replace("*", "[a-z0-9]*") for phrase in phrases) or "(?!)"


def laid_over(above: _Fact, below: _Fact, names: Iterable[str]) -> _Fact:
    """The upper of two facts of one kind, but for these fields: in them, the words of both."""
    both: dict[str, object] = {name: _both(getattr(above, name), getattr(below, name)) for name in names}
    return replace(above, **both)


def _both(above: object, below: object) -> object:
    """The phrases of both, key by key where they have keys; of anything else, what stands above."""
    if isinstance(above, Phrases) and isinstance(below, Phrases):
        return above.over(below)
    if isinstance(above, Mapping) and isinstance(below, Mapping):
        shared = {key: _both(above[key], below[key]) for key in above.keys() & below.keys()}
        return FrozenDict({**below, **above, **shared})
    return above
