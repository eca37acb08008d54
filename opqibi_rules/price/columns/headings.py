"""Headings and events as people write them: in French or English, in any case, with or without accents and spaces.

The words are those of the table « invoice_wording ». A heading names one of our columns, or is nobody's business but
its owner's; one that is a letter away from ours, or names a tariff that no schedule has, is refused.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from opqibi_rules.errors import RequestError
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.invoice_wording import InvoiceWording
from opqibi_rules.tables.schedule import Event

_EXACT = re.compile(
    "(?:new_)?t[1-9][0-9]?|turnover(?:_[a-z][a-z0-9_-]*)?|event|date|qualification_codes|vat_territory"
)
"""What our own columns are called."""
_LIKE_TURNOVER = re.compile("turnover.+|chiffreaffaires?.*")
_ACCENTED = {"a": "àâä", "c": "ç", "e": "éèêë", "i": "îï", "o": "ôö", "u": "ùûü"}
_BETWEEN = "[ \t\r\n\u00a0\u202f_'’.-]"
_AROUND = f"{_BETWEEN}*"


class Headings:
    """What headings mean, by the words of a table."""

    def __init__(self, wording: InvoiceWording) -> None:
        columns = {name: phrases for name, phrases in wording.columns.items() if name != "new"}
        self._columns = {_joined(phrase): name for name, of in columns.items() for phrase in of.plain}
        new = wording.columns.get("new")
        news = _alternatives(new.plain if new else ("new",))
        tariff = _alternatives((*wording.tariff.plain, "t"))
        self._count = re.compile(f"(?P<new>{news})?(?:{tariff})(?:n|no|num|numero)?0?(?P<code>[1-9][0-9]?)")
        self._worded = re.compile(f"(?:{news})?(?:tariff?s?|codetarif)[0-9].*")

    def meant(self, heading: str) -> str | None:
        """The column of ours that a heading names; ``None``: none."""
        if _EXACT.fullmatch(heading):
            return heading
        plain = _joined(heading)
        if count := self._count.fullmatch(plain):
            return f"{'new_' if count['new'] else ''}t{count['code']}"
        return self._columns.get(plain)

    def known(self, cells: Iterable[str]) -> int:
        """How many of these cells are headings of ours."""
        return sum(self.meant(cell) is not None for cell in cells)

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
        found: dict[str, list[str]] = {}
        near = []
        for heading in columns:
            meant = None if heading in carried else self.meant(heading)
            if meant in readable:
                found.setdefault(str(meant), []).append(heading)
            elif heading not in carried and (meant or self._is_near(heading)):
                near.append(heading)
        if near:
            raise RequestError(
                "Not read, and too like what is read to be passed over: {near}. Rename these columns ({read}), "
                "or say that they are your own (carry).",
                near=tuple(near),
                read=tuple(readable)[:16],
            )
        for meant, headings in found.items():
            if len(headings) > 1:
                raise RequestError(
                    "These columns mean the same, {meant}: {headings}. Say which are your own (carry).",
                    meant=meant,
                    headings=tuple(headings),
                )
        return {meant: headings[0] for meant, headings in found.items()}

    def _is_near(self, heading: str) -> bool:
        plain = _joined(heading)
        if _LIKE_TURNOVER.fullmatch(plain) or self._worded.fullmatch(plain):
            return True
        return any(len(phrase) > 4 and _one_letter_apart(plain, phrase) for phrase in self._columns)


def _joined(text: str) -> str:
    """A heading to compare: « Chiffre d’affaires (HT) » is ``chiffreaffairesht``."""
    return "".join(word for word in plain_words(text).split() if word != "d")


def _alternatives(phrases: Iterable[str]) -> str:
    return "|".join(
        sorted({_joined(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    )


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


def events_named(events: Iterable[Event], wording: InvoiceWording) -> Mapping[str, str]:
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
