"""The words by which an invoice or a file of structures names a fee, an event, a tariff code, the body that bills."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Literal, NamedTuple, Self, TypeVar, get_args

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import PlainText, plain_words
from opqibi_rules.tables.description import Filled, Identifier, Words, fact
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.schedule import Fee, Schedule, Tranches

_CODE = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_YEAR_OR_ROUND = re.compile("20[23][0-9]|[0-9]{2}00")
"""Numbers of four digits that are hardly the code of a qualification."""
_AND = re.compile(r"[+&](?!\s*[0-9])")
_OF = r"(?: d| de| du| des| of)(?: la| l| votre| vos| un| une| the| your)?"
"""What makes a complement of the words after it."""
_JOINED = r" (?:et|and|plus|avec|with)(?: (?:le|les|d|de|du|des|votre|frais|the|your))*"
"""What puts a fee beside another."""
_BAR = r" \|"
_DATE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}")
_DOTTED = re.compile(
    r"(?i)((?:^\W*|\b(?:qualif\w*|codes?)\W+|\b[0-9]{4}\W+(?:et\W+)?)(?:n[o°]?\W*)?)"
    r"([0-9]{2})\.([0-9]{2})(?![0-9]|[.,][0-9]|\s*(?:€|%|eur|au?\b))"
)
"""A code as some write it, « 12.02 », where codes stand."""
_PLURAL = re.compile(r"\((e?s|x)\)", re.IGNORECASE)
"""« qualification(s) »: as many as there are."""
_CAPITAL = re.compile(r"\W*[^\W\d_a-zà-öø-ÿ]")
"""A sentence begins so, and a stamp; not a line in the middle of one."""
_ENDS_IN_AMOUNT = re.compile(r"(?<![0-9.,/])[0-9][0-9\s]*[.,][0-9]{2}\s*(?:€|EUR|euros?)?\W*$")
_APART = re.compile(r"[0-9]+(?:[.,][0-9]+)? ?%|(?<=[0-9]), ")
"""What no number of qualifications stands before: a share, a comma."""
_SPACES = r"\W+"
_TIMES = re.compile("[×*]")

HeadingWords = Literal[
    "counting", "units", "aside", "telling", "telling_to_plan", "others", "numbering", "moneys", "sums"
]


class Named(NamedTuple):
    """What the words of one line say."""

    fees: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    """``flat``, ``new_requests``."""
    tariffs: frozenset[int] = frozenset()
    codes: tuple[str, ...] = ()
    """Numbers of four digits, as qualification codes are written; years are among them."""
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


class Stamp(NamedTuple):
    """What a document says of itself beside its figures."""

    kind: str
    """``void``: no invoice to be paid; ``open``: the amount due may be another; ``corrects`` an invoice."""
    words: str
    """As they are written."""


NOTHING = Named()


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


_Stamps = Literal[
    "void",
    "void_alone",
    "void_first",
    "open",
    "open_alone",
    "open_told",
    "open_first",
    "first",
    "stamp",
    "corrects",
    "untaxed",
    "denied",
]
_Doubts = Literal[
    "bodies",
    "reverses",
    "instalments",
    "firms",
    "for",
    "marks",
    "references",
    "editions",
    "turnovers",
    "between_turnovers",
]
_Key = TypeVar("_Key", bound=str)


def undated(text: str) -> str:
    """The text of a line without its days, its codes of qualifications in four digits.

    >>> undated("Qualifications 19.05 et 12.02, le 03.03.2026")
    'Qualifications 1905 et 1202, le  '
    """
    text, more = _DATE.sub(" ", text), 1
    while more:  # in a list, one makes known the next
        text, more = _DOTTED.subn(r"\1\2\3", text)
    return text


def _within(phrases: Phrases) -> re.Pattern[str]:
    return re.compile(f"(?<![^ ])(?:{phrases.pattern})(?![^ ])")


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
    beside: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """By the fee's id, words that may name it beside the name of another."""
    tariff: Phrases = Phrases()
    """What stands before a tariff code."""
    counted: Phrases = Phrases()
    """What may stand between a number of qualifications and their tariff code."""
    adjusts: Phrases = Phrases()
    """What is taken off a price, or charged on top of it."""
    elsewhere: Phrases = Phrases()
    """What such a body may bill beside its schedule, and what others bill."""
    about: Phrases = Phrases()
    """What a line speaks of without naming a fee: qualifications, their domains, the whole invoice."""
    idle: Phrases = Phrases()
    """Words that say nothing by themselves."""
    doubts: Mapping[_Doubts, Phrases] = field(default_factory=FrozenDict)
    """What a line says of another thing than the fee whose amount it bears: another body, the reverse of a billing;
    and what stands before the name of a firm, of whom it is for, of a mark."""
    durations: Mapping[Filled, Phrases] = field(default_factory=FrozenDict)
    """By number of years, how a line says so many."""
    bodies: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """The names of the bodies that publish schedules; the first is shown."""
    forms: Phrases = Phrases()
    """Words of a firm's name that tell it from no other: its legal form, its trade."""
    legal_forms: Phrases = Phrases()
    """Those of them that are a legal form: two firms of one name may differ by it."""
    trades: Phrases = Phrases()
    """Those of them that say a trade."""
    beside_bodies: Phrases = Phrases()
    """Those of them that may stand beside the name of a body, which remains the same."""
    stamps: Mapping[_Stamps, Phrases] = field(default_factory=FrozenDict)
    """What a note or a stamp says of the whole document: that it is no invoice to pay; that the amount due may be
    paid already, or be another; that it corrects an invoice; the words that deny it before. ``alone``: where it is
    all that stands there; ``stamp``: the same, in a capital; ``first``: where a stamp begins so."""
    documents: Mapping[Filled, Words] = field(default_factory=FrozenDict)
    """By code of UNTDID 1001, the documents of EN 16931 by which no fee of a schedule is asked for."""
    settled: Mapping[Filled, Words] = field(default_factory=FrozenDict)
    """By code of UNTDID 4461 or of BT-23, what says that the amount due is paid already, or is not paid as such."""
    collected: Mapping[Filled, Words] = field(default_factory=FrozenDict)
    """By code of UNTDID 4461, the means by which who sells collects it."""
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
        """The phrases of both."""
        return replace(
            self,
            fees=_merged(self.fees, below.fees),
            parts=_merged(self.parts, below.parts),
            beside=_merged(self.beside, below.beside),
            tariff=self.tariff.over(below.tariff),
            counted=self.counted.over(below.counted),
            adjusts=self.adjusts.over(below.adjusts),
            elsewhere=self.elsewhere.over(below.elsewhere),
            about=self.about.over(below.about),
            idle=self.idle.over(below.idle),
            doubts=_merged(self.doubts, below.doubts),
            durations=_merged(self.durations, below.durations),
            bodies=_merged(self.bodies, below.bodies),
            forms=self.forms.over(below.forms),
            legal_forms=self.legal_forms.over(below.legal_forms),
            trades=self.trades.over(below.trades),
            beside_bodies=self.beside_bodies.over(below.beside_bodies),
            stamps=_merged(self.stamps, below.stamps),
            documents=FrozenDict({**below.documents, **self.documents}),
            settled=FrozenDict({**below.settled, **self.settled}),
            collected=FrozenDict({**below.collected, **self.collected}),
            columns=_merged(self.columns, below.columns),
            plan_columns=_merged(self.plan_columns, below.plan_columns),
            headings=_merged(self.headings, below.headings),
            events=_merged(self.events, below.events),
            assumptions=(*below.assumptions, *self.assumptions),
        )

    @cached_property
    def _named(self) -> dict[tuple[Fee, ...], Self]:
        return {}

    def naming(self, fees: tuple[Fee, ...]) -> Self:
        """The same for the fees of one schedule, and no other: the names they bear count as well."""
        if fees not in self._named:  # reading their phrases costs as much as a whole check
            self._named[fees] = self._naming(fees)
        return self._named[fees]

    def _naming(self, fees: tuple[Fee, ...]) -> Self:
        names = {fee.id: Phrases(fr=(fee.name.fr,), en=(fee.name.en,)) for fee in fees}
        worded = {fee: phrases for fee, phrases in self.fees.items() if fee in names}
        beside = {fee: phrases for fee, phrases in self.beside.items() if fee in names}
        elsewhere = self.elsewhere.unsaid_in(
            text
            for fee in fees
            for part in fee.parts
            if not isinstance(part, Tranches)
            for text in part.label
        )
        return replace(self, fees=_merged(names, worded), beside=FrozenDict(beside), elsewhere=elsewhere)

    @cached_property
    def phrases(self) -> tuple[tuple[re.Pattern[str], str, str], ...]:
        """Each phrase, ``fee``, ``part`` or ``elsewhere``, and what it names; the longest first."""
        found = [(phrase, "fee", fee) for fee, phrases in self.fees.items() for phrase in phrases.plain]
        found += [(phrase, "part", part) for part, phrases in self.parts.items() for phrase in phrases.plain]
        found += [(phrase, "elsewhere", "") for phrase in self.elsewhere.plain]
        return tuple(
            (re.compile(f" {phrase.replace('*', '[a-z0-9]*')}(?= )"), kind, name)
            for phrase, kind, name in sorted(
                set(found), key=lambda item: (-len(item[0].rstrip("*")), item[1] == "elsewhere", item)
            )
        )

    @cached_property
    def _tariffs(self) -> tuple[re.Pattern[str], ...]:
        numbers = r"([1-9][0-9]?(?: et [1-9][0-9]?)*)(?= )(?! 20[0-9]{2} )"  # « T1 2026 » is a quarter
        words = sorted(set(self.tariff.plain))
        return tuple(re.compile(rf" {word}s? ?(?:n |no |numero )?{numbers}") for word in words)

    @cached_property
    def _counts(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """« 3 x tarif 2 », then « tarif 2 (x3) »: the number stands first, or last."""
        of = f"(?:{'|'.join(sorted({*self.tariff.plain}, key=len, reverse=True))})s? ?(?:n |no |numero )?"
        words, number, code = f"(?:(?:{self.counted.pattern}) )*", "([1-9][0-9]?)", "([1-9][0-9]?)"
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
        return re.compile(f" (?:{self.adjusts.pattern})(?= )")

    @cached_property
    def _spoken(self) -> re.Pattern[str]:
        """A word by which such invoices speak."""
        names = (phrases.pattern for phrases in self.bodies.values())
        return re.compile("|".join([f" (?:{pattern})(?= )" for pattern in (self.about.pattern, *names)]))

    @cached_property
    def _idle(self) -> re.Pattern[str]:
        return re.compile(f"{self.idle.pattern}|[a-z]|[^a-z]*[0-9].*")

    @cached_property
    def unremarkable(self) -> re.Pattern[str]:
        """A word of a firm's name that tells it from no other."""
        return re.compile(self.forms.pattern)

    @cached_property
    def _stamps(self) -> Mapping[str, re.Pattern[str]]:
        """Where the words of each kind of stamp are found in a text of plain words."""
        of = {kind: self.stamps.get(kind, Phrases()).pattern for kind in get_args(_Stamps)}
        return {
            kind: re.compile(f"(?<![^ ])(?:{of[kind]})(?![^ ])|^(?:{of.get(f'{kind}_alone', '(?!)')})$")
            for kind in ("void", "open", "open_told", "corrects")
        }

    @cached_property
    def _begun(self) -> Mapping[str, re.Pattern[str]]:
        """How the words of each kind of stamp begin, or are all that it says."""
        void, paid, more, whole = (
            self.stamps.get(kind, Phrases()).pattern
            for kind in ("void_first", "open_first", "first", "stamp")
        )
        goes_on = f"(?: (?:{more})(?![^ ])| [0-9])"
        return {
            "void": re.compile(f"(?:{void}){goes_on}"),
            "open": re.compile(f"(?:{paid}){goes_on}|(?:{whole})$"),
        }

    @cached_property
    def _denies(self) -> re.Pattern[str]:
        """The end of what denies a stamp that comes next, or after one more word."""
        return re.compile(f"(?:^| )(?:{self.stamps.get('denied', Phrases()).pattern})(?: [a-z0-9]+)? $")

    def stamps_in(self, text: str, *, corrects: bool = False, on_page: bool = False) -> Iterator[Stamp]:
        """What a note, a cell of a page says of the whole document: that it is not to be paid, or not surely.

        ``corrects``: a credit note, or an invoice that takes the place of another, rightly speaks of that one.
        ``on_page``: words before an amount announce it, as those of a deposit do; a line may begin in the middle of
        a sentence.
        """
        said = PlainText(text)
        if _CAPITAL.match(text) and not (on_page and _ENDS_IN_AMOUNT.search(text)):
            for kind, pattern in self._begun.items():
                if (kind == "void" or not corrects) and (match := pattern.match(said.words)):
                    yield Stamp(kind, said.written(*match.span()))
        announces = " …" * text.rstrip().endswith(":")  # what comes next: it is not all that is said
        for kind, pattern in self._stamps.items():
            if (corrects and kind != "void") or (on_page and kind == "open_told"):
                continue
            for match in pattern.finditer(said.words + announces):
                if not self._denies.search(said.words[: match.start()]):
                    yield Stamp(kind.removesuffix("_told"), said.written(*match.span()))

    @cached_property
    def _untaxed(self) -> re.Pattern[str]:
        return _within(self.stamps.get("untaxed", Phrases()))

    def untaxed_in(self, text: str) -> Iterator[str]:
        """What a note, a cell of a page says of a document that bears no VAT."""
        said = PlainText(text)
        for match in self._untaxed.finditer(said.words):
            if not self._denies.search(said.words[: match.start()]):
                yield said.written(*match.span())

    @cached_property
    def durations_said(self) -> tuple[tuple[int, re.Pattern[str]], ...]:
        """Each number of years, and how a text of plain words says it."""
        return tuple((int(number), _within(phrases)) for number, phrases in self.durations.items())

    @cached_property
    def doubted(self) -> Mapping[str, re.Pattern[str]]:
        """Other bodies, the reverse of a billing, and a part of what covers several years, in such a text."""
        kinds: tuple[_Doubts, ...] = ("bodies", "reverses", "instalments")
        return {kind: _within(self.doubts.get(kind, Phrases())) for kind in kinds}

    @cached_property
    def refers(self) -> re.Pattern[str]:
        """The end of what stands before a number that is a reference, in plain words."""
        words = self.doubts.get("references", Phrases()).pattern
        return re.compile(f"(?<![^ ])(?:{words})(?: (?:n|no|num[a-z]*|du|de))*$")

    @cached_property
    def edition_said(self) -> re.Pattern[str]:
        """A schedule and its year, in plain words: « barème 2027 », « schedule of 08 02 2024 »."""
        words = self.doubts.get("editions", Phrases()).pattern
        return re.compile(
            f"(?<![^ ])(?:{words})(?: (?:de|du|d|en|l|annee|of|the|for|[0-9]{{1,2}}))* (20[0-9]{{2}})(?![^ ])"
        )

    @cached_property
    def turnover_said(self) -> re.Pattern[str]:
        """A turnover and its amount, as it is written but for accents and capitals: « CA HT 2025 : 150 000 € »."""
        none = Phrases()
        words, between = (self.doubts.get(key, none).pattern for key in ("turnovers", "between_turnovers"))
        words = words.replace(" ", _SPACES)
        return re.compile(
            rf"\b(?:{words})\b(?:\W+(?:{between.replace(' ', _SPACES)}|20[0-9]{{2}}))*\W+"
            r"([0-9]{1,3}(?:[ \u00a0\u202f.][0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}))?\s*(k|m)?\s*(?:€|eur)"
        )

    @cached_property
    def tariff_ends(self) -> re.Pattern[str]:
        """The end of what stands before a tariff code."""
        return re.compile(f"(?<![^ ])(?:{self.tariff.pattern})s? ?(?:n |no |numero )?$")

    @cached_property
    def no_name(self) -> re.Pattern[str]:
        """A word by which such invoices speak: no firm's, no mark's."""
        named = {
            word for phrases in self.fees.values() for phrase in phrases.plain for word in phrase.split()
        }
        words = "|".join(word.replace("*", "[a-z0-9]*") for word in sorted(named))
        spoken = (each.pattern for each in (self.about, self.idle, self.counted, self.tariff))
        return re.compile("|".join([*spoken, words, "[a-z]", ".*[0-9].*"]))

    @cached_property
    def legal_form(self) -> re.Pattern[str]:
        """A word of a firm's name that is its legal form."""
        return re.compile(self.legal_forms.pattern)

    @cached_property
    def trade(self) -> re.Pattern[str]:
        """A word of a firm's name that is its trade."""
        return re.compile(self.trades.pattern)

    @cached_property
    def silent(self) -> re.Pattern[str]:
        """A word that may stand beside the name of a body."""
        return re.compile(self.beside_bodies.pattern)

    def body_of(self, schedule: Schedule) -> tuple[str, ...]:
        """The names of the one body that a schedule names in its title or its sources; none where it is not one."""
        texts = (*schedule.title, *(source.document for source in schedule.sources))
        said = f" {' | '.join(map(plain_words, texts))} "
        named = [
            phrases for phrases in self.bodies.values() if any(f" {name} " in said for name in phrases.plain)
        ]
        return (*named[0].fr, *named[0].en) if len(named) == 1 else ()

    def read(self, text: str) -> Named:
        """What a line's text names."""
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
            if kind == "fee" and name in self.beside and (match := pattern.search(left)):
                governed |= self._governed(name, left[: match.start()], match[0].split())
            left, times = pattern.subn(" |", left)
            if times:
                found[kind].add(name)
        codes = tuple(_CODE.findall(undated(text)))
        named = any(not _YEAR_OR_ROUND.fullmatch(code) for code in codes)
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
        return {fee: words.pattern for fee, words in self.beside.items()}

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
        heads = {phrase.split()[0] for phrase in self.fees[fee].plain if not own.match(phrase)}
        return {} if complement[1] in heads else {fee: governing}
