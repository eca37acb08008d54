"""The words by which an invoice line names a fee, a part of it, or a tariff code."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Literal, NamedTuple, Self, TypeVar

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import Filled, Identifier, fact
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.schedule import Fee

_CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_DATE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}")


class Named(NamedTuple):
    """What the words of one line say."""

    fees: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    """``flat``, ``new_requests``."""
    tariffs: frozenset[int] = frozenset()
    codes: tuple[str, ...] = ()
    """Numbers of four digits, as qualification codes are written; years are among them."""


NOTHING = Named()


@fact
class Phrases:
    """Phrases in both languages; accents, case and punctuation do not count."""

    fr: tuple[Filled, ...] = ()
    en: tuple[Filled, ...] = ()

    def over(self, below: "Phrases") -> "Phrases":
        """The phrases of both."""
        return Phrases(
            fr=tuple(dict.fromkeys((*below.fr, *self.fr))), en=tuple(dict.fromkeys((*below.en, *self.en)))
        )

    @property
    def plain(self) -> tuple[str, ...]:
        """All of them, as they are compared."""
        return tuple(plain_words(phrase) for phrase in (*self.fr, *self.en))


_Key = TypeVar("_Key", bound=str)


def _merged(above: Mapping[_Key, Phrases], below: Mapping[_Key, Phrases]) -> FrozenDict[_Key, Phrases]:
    none = Phrases()
    return FrozenDict({key: above.get(key, none).over(below.get(key, none)) for key in {**below, **above}})


@fact
class InvoiceWording(Table):
    """The words by which an invoice line names a fee; a user's are added to ours."""

    kind: Literal["invoice_wording"] = "invoice_wording"
    fees: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """By the fee's id; the fee's own name counts without being repeated here."""
    parts: Mapping[Literal["flat", "new_requests"], Phrases] = field(default_factory=FrozenDict)
    """By what the part is: one amount, or what new requests add."""
    tariff: Phrases = Phrases()
    """What stands before a tariff code."""

    def over(self, below: Self) -> Self:
        """The phrases of both."""
        return replace(
            self,
            fees=_merged(self.fees, below.fees),
            parts=_merged(self.parts, below.parts),
            tariff=self.tariff.over(below.tariff),
            assumptions=(*below.assumptions, *self.assumptions),
        )

    def naming(self, fees: Iterable[Fee]) -> Self:
        """The same for the fees of one schedule, and no other: the names they bear count as well."""
        names = {fee.id: Phrases(fr=(fee.name.fr,), en=(fee.name.en,)) for fee in fees}
        worded = {fee: phrases for fee, phrases in self.fees.items() if fee in names}
        return replace(self, fees=_merged(names, worded))

    @cached_property
    def phrases(self) -> tuple[tuple[str, str, str], ...]:
        """Each phrase, ``fee`` or ``part``, and what it names; the longest first."""
        found = [(phrase, "fee", fee) for fee, phrases in self.fees.items() for phrase in phrases.plain]
        found += [(phrase, "part", part) for part, phrases in self.parts.items() for phrase in phrases.plain]
        return tuple(sorted(set(found), key=lambda item: (-len(item[0]), item)))

    @cached_property
    def _tariffs(self) -> tuple[re.Pattern[str], ...]:
        numbers = r"([1-9][0-9]?(?: et [1-9][0-9]?)*)(?= )"
        words = sorted(set(self.tariff.plain))
        return tuple(re.compile(rf" {word}s? (?:n |no |numero )?{numbers}") for word in words)

    def read(self, text: str) -> Named:
        """What a line's text names."""
        left = f" {plain_words(text)} "
        tariffs = frozenset(
            int(number)
            for pattern in self._tariffs
            for group in pattern.findall(left)
            for number in group.split(" et ")
        )
        found: dict[str, set[str]] = {"fee": set(), "part": set()}
        for phrase, kind, name in self.phrases:
            if f" {phrase} " in left:
                left = left.replace(f" {phrase} ", " | ")
                found[kind].add(name)
        codes = tuple(_CODE.findall(_DATE.sub(" ", text)))
        return Named(frozenset(found["fee"]), frozenset(found["part"]), tariffs, codes)
