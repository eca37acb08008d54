"""What a note or a stamp says of a whole document: paid already, cancelled, a copy, in the place of another."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, get_args

from opqibi_rules.frozen import kept
from opqibi_rules.paper.text import PlainText
from opqibi_rules.tables.wording.invoices import InvoiceWording, StampWords
from opqibi_rules.tables.wording.pages import PageWording
from opqibi_rules.tables.wording.phrases import Phrases

_CAPITAL = re.compile(r"\W*[^\W\d_a-zà-öø-ÿ]")
"""A sentence begins so, and a stamp; not a line in the middle of one."""
_ENDS_IN_AMOUNT = re.compile(r"(?<![0-9.,/])[0-9][0-9\s]*[.,][0-9]{2}\s*(?:€|EUR|euros?)?\W*$")


class Stamp(NamedTuple):
    """What a document says of itself beside its figures."""

    kind: str
    """``void``: no invoice to be paid; ``open``: the amount due may be another; ``corrects`` an invoice."""
    words: str
    """As they are written."""


class Stamps:
    """The stamps that the words of a table tell."""

    def __init__(self, wording: InvoiceWording) -> None:
        of = {kind: wording.stamps.get(kind, Phrases()).pattern for kind in get_args(StampWords)}
        self._said: Mapping[str, re.Pattern[str]] = {
            kind: re.compile(f"(?<![^ ])(?:{of[kind]})(?![^ ])|^(?:{of.get(f'{kind}_alone', '(?!)')})$")
            for kind in ("void", "open", "open_told", "corrects")
        }
        """Where the words of each kind of stamp are found in a text of plain words."""
        goes_on = f"(?: (?:{of['first']})(?![^ ])| [0-9])"
        self._begun: Mapping[str, re.Pattern[str]] = {
            "void": re.compile(f"(?:{of['void_first']}){goes_on}"),
            "open": re.compile(f"(?:{of['open_first']}){goes_on}|(?:{of['stamp']})$"),
        }
        """How the words of each kind of stamp begin, or are all that it says."""
        self._denies = re.compile(f"(?:^| )(?:{of['denied']})(?: [a-z0-9]+)? $")
        """The end of what denies a stamp that comes next, or after one more word."""

    def said_in(self, text: str, *, corrects: bool = False, on_page: bool = False) -> Iterator[Stamp]:
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
        for kind, pattern in self._said.items():
            if (corrects and kind != "void") or (on_page and kind == "open_told"):
                continue
            for match in pattern.finditer(said.words + announces):
                if not self._denies.search(said.words[: match.start()]):
                    yield Stamp(kind.removesuffix("_told"), said.written(*match.span()))

    def untaxed_in(self, text: str, pages: PageWording) -> Iterator[str]:
        """What a note, a cell of a page says of a document that bears no VAT."""
        said = PlainText(text)
        words = said.words.split(" ")
        for found in pages.untaxed_book.found(words):
            before, phrase = " ".join([*words[: found.start], ""]), " ".join(words[found.start : found.stop])
            if not self._denies.search(before):
                yield said.written(len(before), len(before) + len(phrase))


stamps_of = kept(Stamps)
"""The stamps that the words of a table tell: made once for it."""
