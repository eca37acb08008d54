"""How long certificates and qualifications run, and the rules that verdicts name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from opqibi_rules.deadlines import add_years
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import fold, plain_words
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
    """By which words an answer may tell of a sanction; accents, capitals, feminines and plurals are all one.

    A definition is OPQIBI's own text, in each answer alike, and speaks of works and of contracts, as a name does:
    such a word tells there of a sanction only where the sentence says it of the qualification (« est suspendue »,
    « retrait de la qualification »), or stands apart and says no more (« Retirée le 1er juin », « (échue) »).
    """

    words: Annotated[tuple[Filled, ...], SOME]
    """Nouns and verbs: « retrait »."""
    adjectives: tuple[Filled, ...] = ()
    """As they are said of a qualification, in the feminine: « retirée »."""
    trial: tuple[Filled, ...] = ()
    """The same of a probationary one, of which they are no sanction."""
    subjects: tuple[Filled, ...] = ()
    """What a sanction may fall upon, or who decides it."""
    holders: tuple[Filled, ...] = ()
    """The same, where a sentence begins with the sanction: of works, it may be said further on."""
    acts: tuple[Filled, ...] = ()
    """By which a sanction is asked for, decided or told, where a sentence begins with them."""
    decided: tuple[Filled, ...] = ()
    """What follows the name of a sanction at the beginning of a sentence, and that of no works: « temporaire »."""
    states: tuple[Filled, ...] = ()
    """Of a state, or of its days, whichever it is."""
    dated: tuple[Filled, ...] = ()
    """Of what a definition gives a day only to say from when, or until when, it is held."""
    texts: tuple[Filled, ...] = ()
    """That bear a day of their own, and no other: « arrêté du 24 novembre 2014 »."""

    def told(self, text: str) -> str | None:
        """The first word of a sanction in a text, as :func:`plain_words` writes it, whatever it is said of."""
        return _found(_any_of((*self.adjectives, *self.words)), text)

    def speaks_of_state(self, text: str) -> bool:
        """Whether a text holds a word of a state, or of a sanction."""
        return _found(_any_of((*self.states, *self.trial, *self.adjectives, *self.words)), text) is not None

    def told_in_name(self, name: str, *, on_trial: bool) -> tuple[str, str] | None:
        """What the name of a qualification says of its standing, and by which word: no name bears a day."""
        adjectives = self.adjectives if on_trial else (*self.adjectives, *self.trial)
        whole = plain_words(name)
        if match := re.search(rf"\b({_feminine(adjectives)})\b", whole) or _DAY.search(fold(name)):
            return whole, match[1]
        first, *apart = _APART.split(name)
        begun = re.compile(rf"^{_BETWEEN}({_any_of(self.words)})\b")
        patterns = self._patterns(adjectives, noun_alone=False)
        return (
            _told([first], patterns)
            or _told(apart, (*patterns, begun))
            or _told([_JOINED.sub("", name)], self._begun(of_all=True))
        )

    def told_in_definition(self, definition: str, *, on_trial: bool) -> tuple[str, str] | None:
        """What a sentence of a definition says of the standing of its qualification, and by which word."""
        adjectives = self.adjectives if on_trial else (*self.adjectives, *self.trial)
        sentences = [one for one in _SENTENCE.split(definition) if plain_words(one)]
        parts = [part for one in sentences for part in _PART.split(one)[1:]]
        begun = re.compile(rf"^{_BETWEEN}({_feminine(adjectives)})\b")
        patterns = self._patterns(adjectives, noun_alone=len(sentences) == 1)
        stops = [one for one in _STOP.split(_JOINED.sub("", definition)) if plain_words(one)]
        return (
            _told(sentences, patterns)
            or _told(parts, (begun,))
            or _told(stops, self._begun(of_all=len(stops) == 1))
            or next(filter(None, map(self._dated, sentences)), None)
        )

    def _dated(self, sentence: str) -> tuple[str, str] | None:
        """A sentence that gives a day to the qualification, or that says a day and no more."""
        text = fold(sentence)
        own = re.sub(rf"\b(?:{_any_of(self.texts)})\b(?:(?!{_BOUNDS})[^;]){{0,60}}?{_DAYS}", " ", text)
        if not (day := _DAY.search(own)):
            return None
        of_it = re.search(rf"\b(?:{_any_of(self.dated)})\b", own)
        alone = re.fullmatch(rf"(?:{_FROM}| )*", plain_words(_DAY.sub(" ", own)))
        return (plain_words(sentence), day[0]) if of_it or alone else None

    def _patterns(self, adjectives: tuple[str, ...], *, noun_alone: bool) -> tuple[re.Pattern[str], ...]:
        return _standing(adjectives, self.words, self.subjects, noun_alone=noun_alone)

    def _begun(self, *, of_all: bool) -> tuple[re.Pattern[str], ...]:
        """How a sentence begins, in plain words, that speaks of a sanction and of no works; ``of_all`` is the one."""
        one, act, holder = (_feminine(each) for each in (self.words, self.acts, self.holders))
        said = f"{_any_of(self.words)}|{_any_of(self.adjectives)}"
        patterns = (
            rf"^{_BETWEEN}(?:fait )?(?:l )?(?:(?:{act}) (?:(?:{_DECIDED}) )*){{1,3}}({said})\b",
            rf"^{_BETWEEN}(?:mesure de )?({one}) (?:{_any_of(self.decided)}|{_OF}(?:{holder})(?! {_OF_WORKS}))\b",
            rf"^{_BETWEEN}(?:mesure de )?({one})" + (rf"(?! {_OF_WORKS})\b" if of_all else "$"),
        )
        return tuple(map(re.compile, patterns))


_APART = re.compile(r"[()\[\]{}:;,!?|/\n]|\.(?=\s|$)|\s[-–—]+\s")
"""What sets a part of a name apart from the rest of it."""
_SENTENCE = re.compile(r"[()\[\]{}!?]|\.(?=\s|$)|\n(?!\s*[-–—•*])")
"""What ends a sentence of a definition; a line that a dash begins goes on with the list it stands in."""
_STOP = re.compile(r"[!?]|\.(?=\s|$)")
"""What ends a sentence, and no line of a list."""
_JOINED = re.compile(r"(?<=\w)(?<!\bnon)[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}](?=\w)", re.IGNORECASE)
"""What makes one word of two: « retrait-gonflement » is no « retrait »; « non-renouvellement » stays two."""
_PART = re.compile(r"[:;]|\s[-–—]+\s")
"""What sets apart in a sentence what is said of its subject."""
_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_DAY = re.compile(
    r"\b([0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"|[0-9]{{1,2}}(?:er)? (?:{_MONTHS}) [0-9]{{4}})\b"
)
_IS = "est|sont|a|ont|ete|etait|etaient|fut|sera|seront|soit|reste|demeure"
_HELD = "(?:attribue|delivre|accorde|obtenu|detenu|renouvele)e?s?"
_ADVERB = f"[a-z]+ment|n|ne|plus|pas|non|deja|desormais|qui|en cours de?|a titre|{_HELD}"
_BETWEEN = rf"(?:(?:{_IS}|{_ADVERB}|est en|[0-9]+) ){{0,8}}"
"""Between a qualification and what is said of it: a verb « to be », adverbs, its code, a day."""
_OF = "(?:(?:d|de|du|des|l|la|le|les|cette|ce|cet|ces|votre|present|presente|a|au|aux|[0-9]+) ){0,8}"
"""Between a sanction and what it falls upon."""
_OF_WORKS = r"(?:et|ou|de|du|des|d)\b"
"""After a word of a sanction that is one of works: « retrait et confinement »."""
_DECIDED = "de|d|du|des|l|la|le|un|une|en cours|comite|instance|commission|of|to|the|a"
"""Between the act of a decision and the sanction."""
_DAYS = rf"{_DAY.pattern}(?:(?:,| et) (?:du |des )?{_DAY.pattern})*"
_BOUNDS = r"\b(?:jusqu|depuis|compter|partir|avant|apres|valid|valable)"
"""What gives a day to another thing than the text named before it."""
_FROM = "applicable|en|vigueur|effecti(?:f|ve)|date|depuis|jusqu|a|au|du|le|des|compter|partir|et|from|until|since"
_SINCE = "(?: (?:depuis|jusqu|a compter|a partir|des|en|au|a|le|du|d))* [0-9]"


@cache
def _standing(
    adjectives: tuple[str, ...], words: tuple[str, ...], subjects: tuple[str, ...], *, noun_alone: bool
) -> tuple[re.Pattern[str], ...]:
    """How a sentence, in plain words, says that a qualification is not held as the others are."""
    said, noun, subject, feminine = (
        _any_of(adjectives),
        _any_of(words),
        _any_of(subjects),
        _feminine(adjectives),
    )
    alone = f"{said}|{noun}" if noun_alone else said
    patterns = (
        rf"\b(?:{subject}) {_BETWEEN}({said}|{noun}|jusqu)\b",
        rf"\b(?:{subject}) {_BETWEEN}(?:n|ne) ([a-z]+ plus|a pas)\b",
        rf"\b(?:n|ne) ([a-z]+ plus) {_OF}(?:{subject})\b",
        rf"\b({noun}) {_OF}(?:{subject})\b",
        rf"\b(?:{subject}|elle)\b.{{0,300}}?\b(?:{_IS}) (?:(?:{_ADVERB}) )*({feminine})\b",
        rf"^{_BETWEEN}({feminine})\b",
        rf"^{_BETWEEN}({said}|{noun}){_SINCE}",
        rf"^{_BETWEEN}({alone})$",
    )
    return tuple(map(re.compile, patterns))


def _told(statements: Iterable[str], patterns: Iterable[re.Pattern[str]]) -> tuple[str, str] | None:
    """The first statement that one of these patterns is met in, in plain words, and the word."""
    for statement in map(plain_words, statements):
        for pattern in patterns:
            if match := pattern.search(statement):
                return statement, match[1]
    return None


def _found(pattern: str, text: str) -> str | None:
    match = re.search(rf"\b(?:{pattern})\b", plain_words(text))
    return match and match[0]


@cache
def _feminine(adjectives: tuple[str, ...]) -> str:
    """A pattern of any of these adjectives as it is written, in the singular."""
    return "|".join(map(plain_words, adjectives)) or "(?!)"


@cache
def _any_of(wordings: tuple[str, ...]) -> str:
    """A pattern of any of these wordings, each of its words in any gender and number; without one, of nothing.

    A feminine is told after -é and -u alone: « retraite » is none of « retrait ».
    """
    masculine = (re.sub("(?<=[eu])e(?= |$)", "", plain_words(one)) for one in wordings)
    feminine = (re.sub("(?<=[eu])(?= |$)", "e?", one) for one in masculine)
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
