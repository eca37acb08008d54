"""The words by which an invoice line names a fee, a part of it, or a tariff code."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from opqibi_rules.messages import Text
from opqibi_rules.tables.facts import Assumption, Source, build_facts

_CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_DATE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Named:
    """What the words of one line say."""

    fees: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    """``flat``, ``new_requests``."""
    tariffs: frozenset[int] = frozenset()
    codes: tuple[str, ...] = ()
    """Numbers of four digits, as qualification codes are written; years are among them."""


NOTHING = Named()


@dataclass(frozen=True, slots=True)
class InvoiceWording:
    """The phrases of one table, or of several laid over one another; the longest first."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    assumptions: Mapping[str, Assumption]
    phrases: tuple[tuple[str, str, str], ...]
    """Folded phrase, ``fee`` or ``part``, and what it names."""
    tariff_words: tuple[str, ...]

    def read(self, text: str) -> Named:
        """What a line's text names."""
        codes = tuple(_CODE.findall(_DATE.sub(" ", text)))
        left = f" {fold(text)} "
        tariffs = frozenset(
            int(number)
            for words in self.tariff_words
            for group in re.findall(
                rf" {words}s? (?:n |no |numero )?([1-9][0-9]?(?: et [1-9][0-9]?)*)(?= )", left
            )
            for number in group.split(" et ")
        )
        found: dict[str, set[str]] = {"fee": set(), "part": set()}
        for phrase, kind, name in self.phrases:
            if f" {phrase} " in left:
                left = left.replace(f" {phrase} ", " | ")
                found[kind].add(name)
        return Named(frozenset(found["fee"]), frozenset(found["part"]), tariffs, codes)


def fold(text: str) -> str:
    """Small letters without accents, punctuation as single spaces.

    >>> fold("Frais d’Instruction : code-tarif n° 5")
    'frais d instruction code tarif n 5'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("°", " "))
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", kept).split())


def build(data: Mapping[str, Any], below: InvoiceWording | None = None) -> InvoiceWording:
    """The words that a checked table states, added to those of ``below``."""
    own = {
        (fold(phrase), kind, name)
        for kind, group in (("fee", data["fees"]), ("part", data["parts"]))
        for name, texts in group.items()
        for phrase in _both(texts)
    }
    tariff_words = {fold(phrase) for phrase in _both(data["tariff"])}
    if below:
        own |= set(below.phrases)
        tariff_words |= set(below.tariff_words)
    longest_first = sorted(own, key=lambda item: (-len(item[0]), item))
    return InvoiceWording(
        **build_facts(data), phrases=tuple(longest_first), tariff_words=tuple(sorted(tariff_words))
    )


def _both(texts: Mapping[str, list[str]]) -> Iterator[str]:
    yield from texts["fr"]
    yield from texts["en"]
