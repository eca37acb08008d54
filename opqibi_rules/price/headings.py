"""Headings and events as people write them: in French or English, in any case, with or without accents and spaces.

The words are those of the table « invoice_wording ». A heading names one of our columns, or is nobody's business but
its owner's; one that speaks of what we read in words that we do not know, is a letter away from ours, or names a
tariff that no schedule has, is refused, and so is a column whose cells all say what ours say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import kept
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.schedule import Event
from opqibi_rules.tables.wording.headings import HeadingWording

_EXACT = re.compile(
    "(?:new_)?t[1-9][0-9]?|turnover(?:_[a-z][a-z0-9_-]*)?|event|date|qualification_codes|vat_territory"
)
"""What our own columns are called."""
_PLURAL = re.compile(r"\((?:e?s|x)\)", re.IGNORECASE)
"""« code(s) »."""
_HUMP = re.compile("(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
"""« typeDemarche » is two words."""
_INITIALS = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b")
"""« C.A. » is one word."""
_ANOTHER_TIME = re.compile(r"\bt\s*[-+−–]\s*[0-9]", re.IGNORECASE)
"""« T-1 » is the quarter before, or the tariff 1: nobody can say."""
_SIGN = re.compile("[%‰$£¥]")
"""A column that holds something else than the word beside it says: a share, another currency."""
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}[/.][0-9]{2}[/.][0-9]{4}")
_SHORT = 6
"""Letters of a word that is one word alone."""
_FEW = 3
"""Letters of a word that is a letter away from too many others."""
_NUMBERED = re.compile("(?P<word>[a-z]{2,}?)(?:n|no|num|numero)?[0-9]{1,2}")
_LONG = 8
"""Letters of a word that no other contains by chance."""
_CODE = re.compile("(?!20[23]|[0-9]{2}00)[0-9]{4}")
"""What may be the code of a qualification, and is hardly a year or a round number."""
BESIDE_EVENT = re.compile("(?:n ?[°o] ?)?[0-9]+(?:er|ère|re|ème|e)?|[()/–—-]")
"""What may stand beside an event without telling another: « Contrôle annuel 2026 », « (n° 2) »."""
_MONEY = {"€": " euro ", "$": " dollar ", "£": " livre "}
_ACCENTED = {"a": "àâä", "c": "ç", "e": "éèêë", "i": "îï", "o": "ôö", "u": "ùûü"}
_BETWEEN = "[ \t\r\n\u00a0\u202f_'’.-]"
_AROUND = f"{_BETWEEN}*"
WORD = re.compile("[A-Za-zÀ-ÿ]")
"""A cell that has one is a text, and no number or code."""
LOOKED_AT, LAST = 1000, 20
"""The first rows of a table, whose cells are looked at in columns that are not read; and the last, for a sum."""

Refusing = Callable[[Mapping[str, Iterable[object]]], None]
"""Refuses a column by some of its cells; each under its heading."""


class Headings:
    """What headings mean, by the words of a table; ``to_plan``: those of a file of structures to plan."""

    def __init__(self, wording: HeadingWording, *, to_plan: bool = False) -> None:
        self._phrases = {kind: phrases.plain for kind, phrases in wording.headings.items()}
        self._to_plan = to_plan
        self._aside = frozenset(self._phrases.get("aside", ()))
        self._units = frozenset(map(_singular, self._phrases.get("units", ())))
        named = [
            (self._words(phrase), name)
            for name, phrases in (
                *wording.columns.items(),
                *(wording.plan_columns.items() if to_plan else ()),
            )
            for phrase in phrases.plain
            if name != "new"
        ]
        self._columns = {key: name for words, name in named for key in _keys(words)}
        new = wording.columns.get("new")
        news = self._joined(new.plain if new else ("new",))
        counting = f"(?:{self._joined(self._phrases.get('counting', ('number',)))})*"
        self._events = [phrase for phrases in wording.events.values() for phrase in phrases.plain]
        self._tariff = self._joined((*wording.tariff.plain, "t"))
        worded = self._joined(phrase for phrase in wording.tariff.plain if len(phrase) > 1)
        before = f"(?:(?:{worded})(?:n|no|num|numero)?|t)"
        code = "0?(?P<code>[1-9][0-9]?)"
        self._count = re.compile(f"{counting}(?P<new>{news})?{counting}{before}{code}{counting}")
        self._numbered = re.compile(f"(?:(?<= )(?:{self._tariff})|tarif+) ?(?:(?:n|no|num|numero) ?)?[0-9]")
        """A tariff code, among whichever words."""

    def _words(self, text: str) -> list[str]:
        """The words of a heading to compare, in the singular, but for those that say nothing."""
        text = _INITIALS.sub(lambda initials: initials[0].replace(".", ""), _PLURAL.sub("", text))
        text = _SIGN.sub(" sign ", _HUMP.sub(" ", text).replace("€", " euro "))
        return [_singular(word) for word in plain_words(text).split() if word not in self._aside]

    def _joined(self, phrases: Iterable[str], between: str = "") -> str:
        """Any of these, the longest first."""
        joined = {between.join(self._words(phrase)) for phrase in phrases}
        return "|".join(sorted(joined, key=lambda phrase: (-len(phrase), phrase))) or "(?!)"

    def meant(self, heading: str) -> str | None:
        """The column of ours that a heading names; ``None``: none."""
        if _EXACT.fullmatch(heading):
            return heading
        words = self._words(heading)
        if (count := self._count.fullmatch("".join(words))) and not _ANOTHER_TIME.search(heading):
            return f"{'new_' if count['new'] else ''}t{count['code']}"
        if found := self._named(words):
            return found
        amount = self._named([word for word in words if word not in self._units])
        return amount if amount and amount.startswith("turnover") else None

    def _named(self, words: Sequence[str]) -> str | None:
        return next((self._columns[key] for key in _keys(words) if key in self._columns), None)

    def known(self, cells: Iterable[str]) -> int:
        """How many of these cells are headings of ours."""
        return sum(self.meant(cell) is not None for cell in cells)

    def carried(self, carried: Collection[str], *billed: str) -> tuple[str, ...]:
        """With the columns that another question asks of, whatever they look like, unless they are ours."""
        return (*carried, *(name for name in billed if self.meant(name) is None))

    def read(
        self, columns: Collection[str], readable: Collection[str], carried: Collection[str]
    ) -> Mapping[str, str]:
        """The heading of each of our columns, among those of a table.

        Args:
            columns: the headings.
            readable: the columns that the schedules at hand may read.
            carried: those that are the user's own, whatever they look like.

        Raises:
            RequestError: two that mean the same, or one that looks like ours and is not read.
        """
        found, near = self.told(columns, readable, carried)
        if near:
            raise RequestError(
                "Not read, and too like what is read to be passed over: {near}. Rename these columns ({read}), "
                "or say that they are your own (carry).",
                near=tuple(near),
                read=tuple(readable),
                field="carry",
            )
        for meant, headings in found.items():
            if len(headings) > 1:
                raise RequestError(
                    "These columns mean the same, {meant}: {headings}. Say which are your own (carry).",
                    meant=meant,
                    headings=tuple(headings),
                    field="carry",
                )
        return {meant: headings[0] for meant, headings in found.items()}

    def told(
        self, columns: Collection[str], readable: Collection[str], carried: Collection[str] = ()
    ) -> tuple[Mapping[str, list[str]], list[str]]:
        """The headings of each of our columns, and those that look like ours and are not read."""
        found: dict[str, list[str]] = {}
        near = []
        for heading in columns:
            meant = None if heading in carried else self.meant(heading)
            if meant in readable:
                found.setdefault(str(meant), []).append(heading)
            elif heading not in carried and (meant or self._is_near(heading)):
                near.append(heading)
        if any(meant[-1:].isdigit() for meant in found):
            aside = {*carried, *near}
            near += [name for name in columns if name not in aside and self._number_of(name) in readable]
        return found, near

    def _number_of(self, heading: str) -> str | None:
        """The count that a heading may mean beside others that say so: « 2 », « Niveau 2 », « T II »."""
        named = self._number.fullmatch("".join(self._words(heading)))
        return named and f"t{named['code'] or _ROMAN.index(named['roman'])}"

    @cached_property
    def _number(self) -> re.Pattern[str]:
        numbering = self._joined(self._phrases.get("numbering", ()))
        roman = f"(?:{self._tariff}|{numbering})(?P<roman>{'|'.join(_ROMAN[1:])})"
        return re.compile(f"(?:{numbering})?(?:n|no)?0?(?P<code>[1-9][0-9]?)|{roman}")

    def _is_near(self, heading: str) -> bool:
        """It speaks of what we read: by one of our words beside others, or by ours but for a letter."""
        words = self._words(heading)
        joined = "".join(words)
        whole = f" {' '.join(words)} "
        if self._telling_to_plan.search(whole):  # « year end » tells, « year » speaks of something else
            return True
        left = self._others.sub(" ", whole)
        if not left.strip():
            return False
        if any(len(phrase) > 4 and _one_letter_apart(joined, phrase) for phrase in self._columns):
            return True
        if self._miswrites_tariff(joined):
            return True
        if self._numbered.search(left) or self._telling.search(left):
            return True
        glued = left.replace(" ", "")
        return any(told in glued for told in self._long) or any(
            _one_letter_apart(word, told)
            for told in (*self._long, *self._events)
            if len(told) >= _LONG
            for word in left.split()
        )

    def _miswrites_tariff(self, joined: str) -> bool:
        """« Tarrif 3 », « Trif n° 3 », « TT3 »: our word for a tariff but for a letter, and a number."""
        found = _NUMBERED.fullmatch(joined)
        return found is not None and any(
            _one_letter_apart(found["word"], word) if len(word) > _FEW else found["word"] == word * 2
            for word in self._tariff.split("|")
        )

    @cached_property
    def _others(self) -> re.Pattern[str]:
        return self._any_of(self._phrases.get("others", ()))

    @cached_property
    def _telling(self) -> re.Pattern[str]:
        return self._any_of((*self._phrases.get("telling", ()), *self._events))

    @cached_property
    def _telling_to_plan(self) -> re.Pattern[str]:
        return self._any_of(self._phrases.get("telling_to_plan", ()) if self._to_plan else ())

    @cached_property
    def _long(self) -> frozenset[str]:
        told = ("".join(self._words(phrase)) for phrase in self._phrases.get("telling", ()))
        return frozenset(phrase for phrase in told if len(phrase) >= _LONG)

    def _any_of(self, phrases: Iterable[str]) -> re.Pattern[str]:
        return re.compile(f"(?<= )(?:{self._joined(phrases, ' ')})(?= )")

    def is_sum(self, text: str) -> bool:
        """A row that begins so adds others up."""
        return self._sum.search(text) is not None

    def by_cells(
        self, events: Mapping[str, str], codes: Callable[[], Collection[str]], *, dated: bool
    ) -> "Refusing":
        """What refuses the columns that :meth:`money_told` or :meth:`told_by_cells` tells, and rows of sums.

        Args: as for the latter; ``dated``: a column of days is read.
        """
        told = self.told_by_cells(events, codes)

        def refuse(cells: Mapping[str, Iterable[object]]) -> None:
            given = {heading: list(texts) for heading, texts in cells.items()}
            for heading, texts in given.items():
                if text := self.money_told(texts):
                    raise RequestError(
                        "{column} is not read, and says « {text} », where amounts are read in euros. Convert them, "
                        "or say that this column is your own (carry).",
                        column=heading,
                        text=text,
                        field="carry",
                    )
            found = [
                heading
                for heading, texts in given.items()
                if told(heading, texts) or (not dated and self._is_like_day(heading) and _all_days(texts))
            ]
            if found:
                raise RequestError(
                    "Not read, and all that they hold is what is read, events, codes or days: {found}. Rename these "
                    "columns, or say that they are your own (carry).",
                    found=tuple(found),
                    field="carry",
                )
            self._refuse_sums(given)

        return refuse

    def told_by_cells(
        self, events: Mapping[str, str], codes: Callable[[], Collection[str]]
    ) -> Callable[[str, Iterable[object]], bool]:
        """Whether all the cells of a column that is not read name an event, tariff codes or qualifications.

        Args:
            events: the regular expressions of cells that name an event (:func:`events_named`); none where a column
                of them is read.
            codes: the codes of qualifications, by the same rule.
        """
        event = re.compile("|".join(events.values()) or "(?!)")
        of, number = f"(?:{self._tariff}) ?(?:n |no )?", "0?[1-9][0-9]?"
        tariffs = re.compile(f"{of}{number}(?: (?:(?:et|and) )?(?:{of})?{number})*")

        def is_codes(text: str) -> bool:
            words = {*plain_words(text).split()}
            return all(map(_CODE.fullmatch, words)) and words <= {*codes()}

        tests: tuple[Callable[[str], object], ...] = (
            lambda text: event.search(text) or event.search(BESIDE_EVENT.sub(" ", text)),
            lambda text: tariffs.fullmatch(plain_words(text)),
            is_codes,
        )

        def told(heading: str, given: Iterable[object]) -> bool:
            texts = [text for text in given if isinstance(text, str) and text.strip()]
            ours = texts and any(all(map(test, texts)) for test in tests)
            # « Trimestre » says by itself that its T1 to T4 are not ours.
            return bool(ours) and not self._others.search(f" {' '.join(self._words(heading))} ")

        return told

    def _is_like_day(self, heading: str) -> bool:
        """It shortens the one word that names the column of days, or is a letter away from it: « Dt », « dat »."""
        given = "".join(self._words(heading))
        return any(
            _one_letter_apart(given, word) or _shortens(given, word)
            for word, name in self._columns.items()
            if name == "date" and len(word) <= _SHORT
        )

    def money_told(self, given: Iterable[object]) -> str | None:
        """What a column says that amounts are counted in, where it is something else than euros."""
        euro = {_money(phrase) for phrase in (*self._phrases.get("units", ()), "euros")}
        others = {_money(phrase) for phrase in self._phrases.get("moneys", ())}
        said: dict[str, str] = {}
        for text in given:
            if isinstance(text, str) and text.strip():
                money = _money(text)
                if money not in euro and money not in others:
                    return None  # most columns say so at their first cell
                said[money] = text
        found = {*said} & others
        return said[min(found)] if found else None

    def _refuse_sums(self, cells: Mapping[str, Iterable[object]]) -> None:
        """Refuse a row whose first text, in the order of the columns, says that it adds others up.

        Raises:
            RequestError: there is one.
        """
        for row in zip(*cells.values(), strict=False):
            first = next(
                ((at, cell) for at, cell in enumerate(row) if isinstance(cell, str) and WORD.search(cell)),
                None,
            )
            if first is not None and self.is_sum(first[1]):
                raise RequestError(
                    "The row « {text} » adds others up and is no structure. Take it out of the table, or say that "
                    "the column {column} is your own (carry).",
                    text=first[1].strip(),
                    column=[*cells][first[0]],
                    field="carry",
                )

    @cached_property
    def sums(self) -> str:
        """The regular expression of the cell with which a row that adds others up begins, for all engines."""
        said = naming(self._phrases.get("sums", ("total",))).removesuffix("$")
        return f"{said}[^A-Za-zÀ-ÿ]*$"

    @cached_property
    def _sum(self) -> re.Pattern[str]:
        return re.compile(self.sums)


headings_of = kept(Headings)
"""What headings mean, by the words of a table: made once for it."""


def _money(text: str) -> str:
    """A unit of money, to compare."""
    for sign, word in _MONEY.items():
        text = text.replace(sign, word)
    return "".join(map(_singular, plain_words(text).split()))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def _shortens(given: str, word: str) -> bool:
    """It begins as the word does, and leaves some of its letters out."""
    letters = iter(word)
    return 1 < len(given) < len(word) and given[0] == word[0] and all(letter in letters for letter in given)


def _all_days(given: Iterable[object]) -> bool:
    """The cells hold days, and nothing else."""
    cells = [cell for cell in given if cell is not None and not (isinstance(cell, str) and not cell.strip())]
    return bool(cells) and all(
        isinstance(cell, date) or (isinstance(cell, str) and _DAY.fullmatch(cell.strip())) for cell in cells
    )


def _keys(words: Sequence[str]) -> tuple[str, str]:
    """Words to look up: « type of event » is « event type »."""
    return "".join(words), "".join(sorted(words))


def _one_letter_apart(given: str, meant: str) -> bool:
    """One letter is missing, too many, or another one; or two stand in each other's place."""
    if abs(len(given) - len(meant)) > 1 or given == meant:
        return False
    start = next((place for place, (a, b) in enumerate(zip(given, meant, strict=False)) if a != b), None)
    if start is None:
        return True
    return (
        given[start + 1 :] == meant[start + 1 :]
        or given[start:] == meant[start + 1 :]
        or given[start + 1 :] == meant[start:]
        or (
            given[start : start + 2] == meant[start : start + 2][::-1]
            and given[start + 2 :] == meant[start + 2 :]
        )
    )


def events_named(events: Iterable[Event], wording: HeadingWording) -> Mapping[str, str]:
    """For each event, by its id, the regular expression of a cell that names it, in what all engines share."""
    named = {}
    for event in events:
        of = wording.events.get(event.id)
        named[event.id] = naming((event.id, event.name.fr, event.name.en, *(of.plain if of else ())))
    return named


def naming(texts: Iterable[str]) -> str:
    """The regular expression of a cell that says one of these, however it is written."""
    phrases = dict.fromkeys(_written(plain_words(text)) for text in texts)
    return f"^{_AROUND}(?:{'|'.join(phrases)}){_AROUND}$"


def _written(phrase: str) -> str:
    """However a phrase of plain words may be written."""
    return f"{_BETWEEN}+".join("".join(_letters(word)) for word in phrase.split())


def _letters(word: str) -> Iterator[str]:
    for letter in word:
        accented = _ACCENTED.get(letter, "")
        variants = f"{letter}{letter.upper()}{accented}{accented.upper()}"
        yield f"[{variants}][\u0300-\u036f]?" if letter.isalpha() else letter
