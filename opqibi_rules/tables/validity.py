"""How long certificates and qualifications run, and the rules that verdicts name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from opqibi_rules.deadlines import add_years
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import SOME, Count, Filled, Identifier, Keyed, Words, fact
from opqibi_rules.tables.facts import Source, Table


@fact
class Term:
    """A duration in whole years, and who says so."""

    years: Count
    controls: Count = 0
    """Annual controls within it."""
    renewals: Count | None = None
    """How many times it may be renewed for the same length; null: no limit is stated."""
    wording: tuple[Filled, ...] = ()
    """How an issuing body writes it, in small letters."""
    source: Source

    def last_day(self, starts: Sequence[date]) -> date:
        """The last day, included, of what was granted, then renewed, on these days; no renewal too many counts."""
        times = len(starts) - 1
        return add_years(starts[times if self.renewals is None else min(times, self.renewals)], self.years)


@fact
class CertificateForm:
    """What a certificate looks like when nothing is odd about it."""

    number: Filled
    """``YY MM NNNN``: Y, M and N stand for digits, MM for a month."""
    hosts: tuple[Filled, ...]
    """Where a certificate is published; their subdomains too."""


@fact
class Organic:
    """The states of Agence BIO, and whether each certifies: an open list, what is not in it is undetermined."""

    states: Annotated[Mapping[Filled, bool | None], SOME]
    """null: nothing says."""
    suspension_years: Count
    """A suspension that lasts so long becomes a withdrawal."""
    publishing: tuple[Filled, ...] = ()
    """The certifying bodies that put their certificates online."""
    source: Source


@fact
class Rule:
    """A rule that a verdict names: its sentence and its source."""

    id: Identifier
    text: Words
    source: Source


@fact
class Unread:
    """A document that is known to exist, and that we could not open."""

    source: Source
    sections: Annotated[Mapping[Filled, Filled], SOME]
    """What its table of contents announces, by number."""
    may_settle: tuple[Identifier, ...]
    """The interpretations that it may confirm or overturn."""


@fact
class SanctionWords:
    """By which words an answer may tell of a sanction; accents, capitals, feminines and plurals are all one."""

    words: Annotated[tuple[Filled, ...], SOME]
    other_senses: tuple[Filled, ...] = ()
    """Wordings that hold one of them, and speak of something else."""
    states: tuple[Filled, ...] = ()
    """Of a state, whichever it is."""

    def told(self, text: str) -> str | None:
        """The first word of a sanction in a text, as :func:`plain_words` writes it."""
        found = (match[1] for match in _sanction(self.words, self.other_senses).finditer(plain_words(text)))
        return next(filter(None, found), None)

    def speaks_of_state(self, text: str) -> bool:
        """Whether a text holds a word of a state, or of a sanction."""
        return self.told(text) is not None or _state(self.states).search(plain_words(text)) is not None


@cache
def _sanction(words: tuple[str, ...], other_senses: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of(other_senses)})\b|\b({_any_of(words)})\b")


@cache
def _state(states: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of(states)})\b")


def _any_of(wordings: Iterable[str]) -> str:
    """A pattern of any of these wordings, each of its words in any gender and number; without one, of nothing.

    A feminine is told after -é and -u alone: « retraite » is none of « retrait ».
    """
    feminine = (re.sub("(?<=[eu])(?= |$)", "e?", plain_words(one)) for one in wordings)
    return "|".join(re.sub("(?= |$)", "s?", one) for one in feminine) or "(?!)"


@fact
class Sanctions:
    """What OPQIBI may decide of a qualification held; null: the rule stands in a document not read."""

    warning: Rule | None = None
    suspension: Rule | None = None
    withdrawal: Rule | None = None
    said: SanctionWords | None = None


@fact
class Validity(Table):
    """How long certificates and qualifications run, and the rules that verdicts name."""

    kind: Literal["validity"] = "validity"
    certificate: Term
    form: CertificateForm
    qualification: Term
    probationary: Term
    organic: Organic
    unread: tuple[Unread, ...] = ()
    sanctions: Sanctions = field(default_factory=Sanctions)
    rules: Annotated[Mapping[str, Rule], Keyed("id")] = field(default_factory=FrozenDict)
    """Laid over ours, rule by rule."""

    def over(self, below: Self) -> Self:
        """The durations of this table as a whole; the rules of both; the words of sanctions of either."""
        sanctions = replace(self.sanctions, said=self.sanctions.said or below.sanctions.said)
        return replace(self, sanctions=sanctions, rules=FrozenDict({**below.rules, **self.rules}))
