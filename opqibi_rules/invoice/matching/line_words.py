"""What the words of an invoice line name: fees and their parts, tariff codes, codes of qualifications, numbers."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from opqibi_rules.frozen import kept
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.wording.invoices import InvoiceWording

_ROUND = re.compile("[0-9]{2}00")
"""Numbers of four digits that are hardly the code of a qualification."""
_AND = re.compile(r"[+&](?!\s*[0-9])")
_OF = r"(?: d| de| du| des| of)(?: la| l| votre| vos| un| une| the| your)?"
"""What makes a complement of the words after it."""
_JOINED = r" (?:et|and|plus|avec|with)(?: (?:le|les|d|de|du|des|votre|frais|the|your))*"
"""What puts a fee beside another."""
_BAR = r" \|"
_PLURAL = re.compile(r"\((e?s|x)\)", re.IGNORECASE)
"""« qualification(s) »: as many as there are."""
_APART = re.compile(r"[0-9]+(?:[.,][0-9]+)? ?%|(?<=[0-9]), ")
"""What no number of qualifications stands before: a share, a comma."""
_TIMES = re.compile("[×*]")


class Named(NamedTuple):
    """What the words of one line say."""

    fees: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    """``flat``, ``new_requests``."""
    tariffs: frozenset[int] = frozenset()
    codes: tuple[str, ...] = ()
    """Those of qualifications: what its words, the price or the nomenclature say to be one, else what may be one."""
    beside: frozenset[str] = frozenset()
    """Fees that it may name besides."""
    joined: frozenset[str] = frozenset()
    """Those of them that an « and » puts beside a fee that it names."""
    governed: frozenset[str] = frozenset()
    """Fees that it names by words that are a complement of others: « the examination of the file »."""
    governing: frozenset[str] = frozenset()
    """Fees that these other words name together with the complement; none: they are not known."""
    elsewhere: bool = False
    """What no schedule bills."""
    stray: bool = False
    """Words, and none of those by which such invoices speak."""
    adjusts: bool = False
    """It takes something off, or adds a charge."""
    counts: tuple[tuple[int, int], ...] = ()
    """Tariff codes, and how many qualifications it says of each: « 3 x T2 », « tarif 2 (x3) »."""

    @property
    def new(self) -> bool:
        """It speaks of new requests."""
        return "new_requests" in self.parts


NOTHING = Named()


class LineWords:
    """How the words of a table name what a line bills."""

    def __init__(self, wording: InvoiceWording) -> None:
        self._wording = wording

    @cached_property
    def phrases(self) -> tuple[tuple[re.Pattern[str], str, str], ...]:
        """Each phrase, ``fee``, ``part`` or ``elsewhere``, and what it names; the longest first."""
        found = [
            (phrase, "fee", fee) for fee, phrases in self._wording.fees.items() for phrase in phrases.plain
        ]
        found += [
            (phrase, "part", part)
            for part, phrases in self._wording.parts.items()
            for phrase in phrases.plain
        ]
        found += [(phrase, "elsewhere", "") for phrase in self._wording.elsewhere.plain]
        return tuple(
            (re.compile(f" {phrase.replace('*', '[a-z0-9]*')}(?= )"), kind, name)
            for phrase, kind, name in sorted(
                set(found), key=lambda item: (-len(item[0].rstrip("*")), item[1] == "elsewhere", item)
            )
        )

    @cached_property
    def _tariffs(self) -> tuple[re.Pattern[str], ...]:
        numbers = r"([1-9][0-9]?(?: et [1-9][0-9]?)*)(?= )(?! 20[0-9]{2} )"  # « T1 2026 » is a quarter
        words = sorted(set(self._wording.tariff.plain))
        return tuple(re.compile(rf" {word}s? ?(?:n |no |numero )?{numbers}") for word in words)

    @cached_property
    def _counts(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """« 3 x tarif 2 », then « tarif 2 (x3) »: the number stands first, or last."""
        of = f"(?:{'|'.join(sorted({*self._wording.tariff.plain}, key=len, reverse=True))})s? ?(?:n |no |numero )?"
        words, number, code = f"(?:(?:{self._wording.counted.pattern}) )*", "([1-9][0-9]?)", "([1-9][0-9]?)"
        before = re.compile(f"(?<= ){number} (?:x )?{words}{of}{code}(?= )(?! 20[0-9]{{2}} )")
        return before, re.compile(f" {of}{code} {words}x ?{number}(?= )")

    def _counted(self, text: str) -> tuple[tuple[int, int], ...]:
        """The tariff codes of a text that say how many."""
        plain = f" {plain_words(_TIMES.sub(' x ', _APART.sub(' hors ', text)))} "
        before, after = self._counts
        found = before.findall(plain)
        pairs = [(int(code), int(number)) for number, code in found] or after.findall(plain)
        return tuple((int(code), int(number)) for code, number in pairs)

    @cached_property
    def _adjusts(self) -> re.Pattern[str]:
        return re.compile(f" (?:{self._wording.adjusts.pattern})(?= )")

    @cached_property
    def _spoken(self) -> re.Pattern[str]:
        """A word by which such invoices speak."""
        names = (phrases.pattern for phrases in self._wording.bodies.values())
        return re.compile(
            "|".join([f" (?:{pattern})(?= )" for pattern in (self._wording.about.pattern, *names)])
        )

    @cached_property
    def _idle(self) -> re.Pattern[str]:
        return re.compile(f"{self._wording.idle.pattern}|[a-z]|[^a-z]*[0-9].*")

    def read(self, text: str, codes: tuple[str, ...] = ()) -> Named:
        """What a line's text names; ``codes``: those of qualifications that it says."""
        text = _PLURAL.sub(r"\1", text)
        whole = left = f" {plain_words(_AND.sub(' et ', text))} "
        tariffs = frozenset(
            int(number)
            for pattern in self._tariffs
            for group in pattern.findall(left)
            for number in group.split(" et ")
        )
        found: dict[str, set[str]] = {"fee": set(), "part": set(), "elsewhere": set()}
        governed: dict[str, frozenset[str]] = {}
        for pattern, kind, name in self.phrases:
            if kind == "fee" and name in self._wording.beside and (match := pattern.search(left)):
                governed |= self._governed(name, left[: match.start()], match[0].split())
            left, times = pattern.subn(" |", left)
            if times:
                found[kind].add(name)
        named = any(not _ROUND.fullmatch(code) for code in codes)
        speaks = (
            named or tariffs or found["fee"] or "new_requests" in found["part"] or self._spoken.search(whole)
        )
        rest = (word for word in left.split() if word != "|")
        return Named(
            frozenset(found["fee"]),
            frozenset(found["part"]),
            tariffs,
            codes,
            self._beside("{words}(?= )", left),
            self._joined(left, enumerated=len(found["fee"]) > 1),
            frozenset(governed),
            frozenset().union(*governed.values()),
            elsewhere=bool(found["elsewhere"]),
            stray=not speaks and not all(map(self._idle.fullmatch, rest)),
            adjusts=self._adjusts.search(left) is not None,
            counts=self._counted(text),
        )

    def _beside(self, pattern: str, left: str) -> frozenset[str]:
        """The fees whose words, beside the name of another, are where a pattern puts them."""
        return frozenset(
            fee
            for fee, words in self._names_beside.items()
            if re.search(pattern.replace("{words}", f" (?:{words})"), left)
        )

    @cached_property
    def _names_beside(self) -> Mapping[str, str]:
        return {fee: words.pattern for fee, words in self._wording.beside.items()}

    def _joined(self, left: str, *, enumerated: bool) -> frozenset[str]:
        """The fees put beside those that bars stand for; ``enumerated``: these are several, as in a list."""
        after = self._beside(f"{_BAR}{_JOINED}{{words}}(?! (?:n|no|num|numero|ref|[0-9]+) )", left)
        and_ = rf"(?:{_JOINED})?" if enumerated else _JOINED
        return after | self._beside(f"(?<! du)(?<! de){{words}}{and_}{_BAR}", left)

    def _governed(self, fee: str, before: str, words: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The fee, where the words that name it are a complement of those before; with the fees both name together.

        « Achat du » and « frais du » govern nothing, as they name the same fee.
        """
        own = re.compile(self._names_beside[fee])
        texts = [f"{before} {word}" for word in words if own.fullmatch(word)]
        governing = frozenset(
            name
            for pattern, kind, name in self.phrases
            if kind == "fee" and name != fee
            for text in texts
            if any(match.end() == len(text) for match in pattern.finditer(f"{text} "))
        )
        complement = re.search(rf"(?: ([a-z0-9]+)|^|\|){_OF}$", before)
        if governing or not texts or complement is None:
            return {fee: governing} if governing else {}
        heads = {phrase.split()[0] for phrase in self._wording.fees[fee].plain if not own.match(phrase)}
        return {} if complement[1] in heads else {fee: governing}


words_of = kept(LineWords)
"""How the words of a table name what a line bills: made once for it."""
