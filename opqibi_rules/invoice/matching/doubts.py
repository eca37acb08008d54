"""What the words of a line say against what its amount is right for: other years, another body or firm, a refund.

An amount may be right by chance, or by design: such a line bills, as far as its words go, something else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from opqibi_rules.invoice.matching.matched import Matched, text_of
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.paper.text import PlainText, plain_words
from opqibi_rules.tables.invoice_wording import InvoiceWording, Phrases
from opqibi_rules.tables.schedule import Schedule

_SPAN = re.compile(
    r"(?<![0-9])(20[0-9]{2}) (?:(?:a|au|to|until) )?(?:[0-9]{1,2} [0-9]{1,2} )?(20[0-9]{2})(?![0-9])"
)
"""« 2026-2030 », « 01/03/2026 au 28/02/2030 », in plain words."""
_COUNT = re.compile(r"(?<![a-z0-9])([0-9]{1,2}) (?:nouvelles? |new )?qualif[a-z]*")
Span = tuple[int, int]
"""From where to where, in plain words."""


@dataclass(frozen=True)
class Doubts:
    """The words of the lines of one invoice, against a schedule and the names of the two parties."""

    wording: InvoiceWording
    schedule: Schedule
    day: date
    """That of the price."""
    invoice: Invoice
    gives_back: bool

    def of(self, item: Matched, due: int | None) -> str | None:
        """The words of a line that say another thing; ``due``: how many qualifications the price counts there."""
        text = text_of(item.line)
        said = PlainText(text)
        spans = (*self._other_years(item, said.words), *self._otherwise(item, said.words))
        spans += (*self._other_count(item, said.words, due),)
        return said.written(*spans[0]) if spans else next(self._names(text), None)

    def _other_years(self, item: Matched, words: str) -> Iterator[Span]:
        """Other years than those that the schedule says its fee covers."""
        fees = [self.schedule.fee(fee) for fee in item.fees]
        years = {fee.years for fee in fees if fee is not None and fee.years is not None}
        if not years:
            return
        said = {number: pattern.search(words) for number, pattern in self.wording.durations_said}
        told = {number: match for number, match in said.items() if match}
        if told and not years <= told.keys():
            yield next(match.span() for number, match in told.items() if number not in years)
        for match in _SPAN.finditer(words):
            first, last = int(match[1]), int(match[2])
            near = abs(first - self.day.year) <= 1
            if not (near and any(last - first in {number - 1, number} for number in years)):
                yield match.span()

    def _otherwise(self, item: Matched, words: str) -> Iterator[Span]:
        """Another body that is not a party; the reverse of a billing, on what bills."""
        bodies, reverses = self.wording.doubted
        yield from (match.span() for match in bodies.finditer(words) if not self._own({match[0]}))
        if not self.gives_back and item.cents > 0:
            yield from (match.span() for match in reverses.finditer(words))

    def _other_count(self, item: Matched, words: str, due: int | None) -> Iterator[Span]:
        """Another number of qualifications than the line, or else the price, counts."""
        counted = item.line.quantity if item.line.quantity not in {None, 1} else due
        found = [
            match
            for match in _COUNT.finditer(words)
            if not self.wording.tariff_ends.search(words[: match.start()])
        ]
        if len(found) == 1 and counted is not None and int(found[0][1]) != counted:
            yield found[0].span()

    def _names(self, text: str) -> Iterator[str]:
        """A name that is neither party's: after « société », and, with a capital, after « marque », « pour »."""
        written = re.findall(r"[^\W_]+", text)
        words = [plain_words(word) for word in written]
        mixed = any(map(str.islower, text))
        marks, firms, whom = (self._heads[kind] for kind in ("marks", "firms", "for"))
        for place, word in enumerate(words):
            if word not in marks | firms | whom:
                continue
            after = place + 1
            while after < len(words) and self.wording.unremarkable.fullmatch(words[after]):
                after += 1
            if (
                after == len(words)
                or self._own({words[after]})
                or self.wording.no_name.fullmatch(words[after])
            ):
                continue
            if word in firms or (mixed and written[after][0].isupper()):
                yield " ".join(written[place : after + 1])

    @cached_property
    def _heads(self) -> dict[str, frozenset[str]]:
        of = {kind: self.wording.doubts.get(kind, Phrases()).plain for kind in ("marks", "firms", "for")}
        return {kind: frozenset(phrase.split()[0] for phrase in phrases) for kind, phrases in of.items()}

    def _own(self, words: set[str]) -> bool:
        """Whether words are of a name of the two parties, or of the body of the schedule."""
        names = (self.invoice.seller.name, self.invoice.buyer.name, *self.wording.body_of(self.schedule))
        return any(words <= {*plain_words(name or "").split(), plain_words(name or "")} for name in names)
