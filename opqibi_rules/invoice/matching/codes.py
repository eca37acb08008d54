"""Which numbers of a line are the codes of qualifications: those that its words, the price or the nomenclature say.

A year, a day, an amount, the number of a certificate, of an order or of a client are written like them.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date

from opqibi_rules.invoice.matching.doubtful_words import DoubtfulWords
from opqibi_rules.paper.text import plain_words

_NUMBER = re.compile(r"(?i)(?<![\w.])(?:q|n|no)?([0-9]{4})(?!\w|[.,][0-9]{1,2}(?![0-9])|\s*(?:€|%|eur|ht\b))")
"""Four digits that may be a code, and are no amount nor a part of a reference."""
_STANDS = re.compile(r"(?i)(?:^\W*|\b(?:qualif\w*|codes?)\W+)(?:n[o°]?\W*|codes?\W+)?$")
"""What is before a code: nothing, or « qualification n° »."""
_JOINT = re.compile(r"(?i)\W*(?:\b(?:et|and|ou|or|à|to)\b\W*)?")
"""What parts the codes of a list."""
_DATE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}")
_DOTTED = re.compile(
    r"(?i)((?:^\W*|\b(?:qualif\w*|codes?)\W+|\b[0-9]{4}\W+(?:et\W+)?)(?:n[o°]?\W*)?)"
    r"([0-9]{2})\.([0-9]{2})(?![0-9]|[.,][0-9]|\s*(?:€|%|eur|au?\b))"
)
"""A code as some write it, « 12.02 », where codes stand."""
_PART_OF = re.compile(
    r"(?:(?:19|20)[0-9]{2}-|[^\W\d]-|\b[0-9]{2} [0-9]{2} |\b[A-Z]{2}[0-9]{2} (?:[0-9]{4} )*)$"
)
"""What makes a reference of the digits after it: « 2014-1393 », « CMD-4512 », « 25 04 1234 », an account."""
_YEARS_NEAR = 10


def undated(text: str) -> str:
    """The text of a line without its days, its codes of qualifications in four digits.

    >>> undated("Qualifications 19.05 et 12.02, le 03.03.2026")
    'Qualifications 1905 et 1202, le  '
    """
    text, more = _DATE.sub(" ", text), 1
    while more:  # in a list, one makes known the next
        text, more = _DOTTED.subn(r"\1\2\3", text)
    return text


class Codes:
    """How codes are known in a text: those asked for, those of the nomenclature, and where words stand."""

    def __init__(
        self, asked: Collection[str], known: Callable[[str], bool], words: DoubtfulWords, day: date
    ) -> None:
        """``day``: that of the price, around which a number may be a year."""
        self.asked, self.known, self.words, self.day = asked, known, words, day

    def said_in(self, text: str) -> tuple[str, ...]:
        """Those that a text says, each as often as it does; in a list, all are codes where one is."""
        return tuple(code for codes, said in self._runs(text) if said for code in codes)

    def borne_by(self, text: str) -> tuple[str, ...]:
        """Those that a text of one qualification, or of several, says; failing any, all numbers that may be one."""
        return self.said_in(text) or tuple(code for codes, _ in self._runs(text) for code in codes)

    def _runs(self, text: str) -> Sequence[tuple[list[str], bool]]:
        """The lists of numbers that may be codes, and whether they are."""
        text, runs, end = undated(text), list[tuple[list[str], bool]](), None
        for match in _NUMBER.finditer(text):
            code, before = match[1], text[: match.start()]
            if not self._may_be(code, before):
                end = None
                continue
            codes, said = [code], self._is_known(code) or _STANDS.search(before) is not None
            if end is not None and _JOINT.fullmatch(text, end, match.start()):
                others, other = runs.pop()
                codes, said = [*others, code], other or said
            runs.append((codes, said))
            end = match.end()
        return runs

    def _is_known(self, code: str) -> bool:
        """One asked for, or of the nomenclature; a year may be the latter."""
        return code in self.asked or (self.known(code) and not code.startswith("20"))

    def _may_be(self, code: str, before: str) -> bool:
        """Whether a number may be a code, after what stands before it on its line."""
        if code in self.asked:
            return True
        year = abs(int(code) - self.day.year) <= _YEARS_NEAR and not self.known(code)
        return not (year or _PART_OF.search(before) or self.words.refers.search(plain_words(before)))
