"""What the words of a line say against what its amount is right for: other years, another body or firm, a refund.

An amount may be right by chance, or by design: such a line bills, as far as its words go, something else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain

from opqibi_rules.deadlines import add_years
from opqibi_rules.invoice.firm_names import FirmNames, firm_names_of
from opqibi_rules.invoice.matching.doubtful_words import DoubtfulWords, doubtful_words_of
from opqibi_rules.invoice.matching.matched import Matched, text_of
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.messages import Message
from opqibi_rules.paper.text import PlainText, fold, plain_words
from opqibi_rules.tables.schedule import Billed, Event, Schedule
from opqibi_rules.tables.wording.invoices import InvoiceWording

_SPAN = re.compile(
    r"(?<![0-9])(?:([0-9]{1,2}) ([0-9]{1,2}) )?(20[0-9]{2}) (?:(?:a|au|to|until) )?"
    r"(?:([0-9]{1,2}) ([0-9]{1,2}) )?(20[0-9]{2})(?![0-9])"
)
"""« 2026-2030 », « 01/03/2026 au 28/02/2030 », in plain words."""
_SHARE = re.compile(r"(?<![0-9/])[1-9] ?/ ?[2-9](?![0-9/])|(?<![0-9,.])(?:[5-9]|[1-9][0-9])(?:,[0-9]+)? ?%")
"""« 1/4 », « 50 % »: a part of what is due; under 5 %, a rate."""
_SHARED = re.compile(r"(?i)(?:\b(?:tva|taux|page|feuille?t?|vat|rate|p\.)[^0-9]{0,8})$")
"""What is before a figure that is no share: a rate of VAT, the number of a page."""
_A_YEAR = re.compile(
    r"([0-9][0-9 \u00a0\u202f]*)(?:,([0-9]{1,3}))? ?(?:€|eur\w*)(?: ht)? (?:par an|/ ?an|per year)",
    re.IGNORECASE,
)
"""« 45 € HT par an »: what one of its years comes to."""
_NEAR = timedelta(days=3)
_MONTHS = {"ANN": 12, "MON": 1}
"""Units of time, by their codes in UN/ECE recommendation 20."""
_SIGNS = " ()[]«»,;:."
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
    turnovers: frozenset[Decimal] = frozenset()
    """Those that the price was asked for."""
    event: Event | None = None
    """That of the price."""

    def of(self, item: Matched, due: frozenset[int]) -> str | Message | None:
        """What a line says of another thing; ``due``: how many qualifications the price may count there."""
        words = (self._said(item, text, due) for text in (text_of(item.line), *item.line.remarks))
        told = next(filter(None, words), None) or next(self._names(text_of(item.line)), None)
        return told or next(self._other_period(item), None)

    def _said(self, item: Matched, text: str, due: frozenset[int]) -> str | None:
        """The words of one text of a line that say another thing."""
        said = PlainText(text)
        spans = (*self._other_years(item, text, said.words), *self._otherwise(item, said.words))
        spans += (*self._other_count(item, said.words, due), *self._other_edition(said.words))
        spans += (*self._other_event(item, said.words), *self._other_year(item, said.words))
        if spans:
            return said.written(*spans[0]).strip(_SIGNS)
        return next(chain(self._share(item, text), self._other_turnover(text)), None)

    def _other_period(self, item: Matched) -> Iterator[Message]:
        """A period, or a number of years or months, that its fee does not cover; a control is of one year."""
        line, years = item.line, self._years(item)
        period = line.period or self.invoice.period
        if period is not None:
            first, last = period
            if years:
                whole = any(abs(add_years(first, number) - last) <= _NEAR for number in years)
                right = whole and abs(first.year - self.day.year) <= 1
            else:
                near = abs(first.year - self.day.year) <= 1
                right = not self._yearly(item) or (near and last <= add_years(first, 1) + _NEAR)
            if not right:
                term = "BG-26" if line.period else "BG-14"
                yield Message("{first:date} – {last:date} ({term})", first=first, last=last, term=term)
        months = _MONTHS.get(line.unit or "", 0) * (line.quantity or 0)
        if years and months and months not in {number * 12 for number in years}:
            yield Message("{quantity:number} {unit} (BT-130)", quantity=line.quantity, unit=line.unit)

    def _yearly(self, item: Matched) -> bool:
        """Whether it bills what comes at each control."""
        fees = (self.schedule.fee(fee) for fee in item.fees)
        return any(fee is not None and fee.billed is Billed.CONTROL for fee in fees)

    def _other_years(self, item: Matched, text: str, words: str) -> Iterator[Span]:
        """Other years than those that the schedule says its fee covers."""
        years = self._years(item)
        if not years:
            return
        said = {number: pattern.search(words) for number, pattern in self._words.durations}
        told = {number: match for number, match in said.items() if match}
        if any(
            _euros(match) * number * 100 == item.cents for match in _A_YEAR.finditer(text) for number in years
        ):
            told.pop(1, None)
        if told and not years <= told.keys():
            yield next(match.span() for number, match in told.items() if number not in years)
        for match in _SPAN.finditer(words):
            first, last = int(match[3]), int(match[6])
            near = abs(first - self.day.year) <= 1
            start, end = _day(match[1], match[2], first), _day(match[4], match[5], last)
            if start is not None and end is not None:
                whole = any(abs(add_years(start, number) - end) <= _NEAR for number in years)
            else:
                whole = any(last - first in {number - 1, number} for number in years)
            if not (near and whole):
                yield match.span()

    def _years(self, item: Matched) -> set[int]:
        """How many years the fees of a line cover, those that cover several."""
        fees = (self.schedule.fee(fee) for fee in item.fees)
        return {fee.years for fee in fees if fee is not None and fee.years is not None}

    def _other_event(self, item: Matched, words: str) -> Iterator[Span]:
        """An event that does not bear the fee of the line, where its own is not named; what is new is one."""
        own, others = self._called
        if item.named.new or not item.fees or any(f" {phrase} " in f" {words} " for phrase in own):
            return
        for phrase, borne in others.items():
            start = f" {words} ".find(f" {phrase} ")
            if start >= 0 and item.fees.isdisjoint(borne) and not self._words.until.search(words[:start]):
                yield start, start + len(phrase)

    @cached_property
    def _called(self) -> tuple[tuple[str, ...], Mapping[str, frozenset[str]]]:
        """How the event billed is called; how the others are, with the fees that each bears.

        What names a fee as well says no event.
        """
        fees = [phrase for phrases in self.wording.fees.values() for phrase in phrases.plain]
        own: tuple[str, ...] = ()
        others: dict[str, frozenset[str]] = {}
        for event in self.schedule.events if self.event is not None else ():
            called = (*map(plain_words, event.name), *self._words.events.get(event.id, ()))
            if event == self.event:
                own = called
                continue
            borne = frozenset(fee.id for fee in self.schedule.borne(event))
            said = (each for each in called if not any(f" {fee} " in f" {each} " for fee in fees))
            others |= dict.fromkeys(said, borne)
        return own, others

    def _other_year(self, item: Matched, words: str) -> Iterator[Span]:
        """A year behind the name of what comes at each control, that is not near the day of its price."""
        for fee in item.fees if self._yearly(item) else ():
            phrases = self.wording.fees.get(fee)
            for match in re.finditer(f"(?<![^ ])(?:{phrases.pattern})(?![^ ])", words) if phrases else ():
                year = self._words.year_behind.match(words, match.end())
                if year is not None and abs(int(year[1]) - self.day.year) > 1:
                    yield year.span(1)

    def _share(self, item: Matched, text: str) -> Iterator[str]:
        """A part of what is due, on a line that bills all of it; what is taken off is another thing."""
        rates = {(item.line.vat_rate or 0) * 100, 20}
        for match in _SHARE.finditer(text) if item.cents > 0 and not item.named.adjusts else ():
            percent = match[0].rstrip("% ").replace(",", ".") if match[0].endswith("%") else None
            if not _SHARED.search(text[: match.start()]) and (
                percent is None or Decimal(percent) not in rates
            ):
                yield match[0]

    def _other_turnover(self, text: str) -> Iterator[str]:
        """A turnover that is none of those that the price was asked for."""
        for match in self._words.turnover.finditer(fold(text)) if self.turnovers else ():
            thousands = {"k": 1000, "m": 1_000_000}.get(match[3] or "", 1)
            if _euros(match) * thousands not in self.turnovers:
                yield match[0]

    def _other_edition(self, words: str) -> Iterator[Span]:
        """A schedule of a year in which that of the price was not in force."""
        for match in self._words.edition.finditer(words):
            if not self.schedule.in_force_from.year <= int(match[1]) <= self.day.year:
                yield match.span()

    def of_remarks(self) -> str | None:
        """The words of a note that say another schedule."""
        for text in self.invoice.remarks:
            said = PlainText(text)
            for span in self._other_edition(said.words):
                return said.written(*span).strip(_SIGNS)
        return None

    def _otherwise(self, item: Matched, words: str) -> Iterator[Span]:
        """Another body that is not a party; the reverse of a billing, on what bills."""
        yield from (match.span() for match in self._words.bodies.finditer(words) if not self._own({match[0]}))
        if not self.gives_back and item.cents > 0:
            yield from (match.span() for match in self._words.reverses.finditer(words))
            if self._years(item):
                yield from (match.span() for match in self._words.instalments.finditer(words))

    def _other_count(self, item: Matched, words: str, due: frozenset[int]) -> Iterator[Span]:
        """Another number of qualifications than the line, or else the price, counts."""
        number = item.together or item.line.quantity
        counted = due if number is None or number == 1 else {number}
        found = [
            match
            for match in _COUNT.finditer(words)
            if not self._words.tariff_ends.search(words[: match.start()])
        ]
        if len(found) == 1 and counted and int(found[0][1]) not in counted:
            yield found[0].span()

    def _names(self, text: str) -> Iterator[str]:
        """A name that is neither party's: after « société », and, with a capital, after « marque », « pour »."""
        written = re.findall(r"[^\W_]+", text)
        words = [plain_words(word) for word in written]
        mixed = any(map(str.islower, text))
        for place, word in enumerate(words):
            if word not in self._words.marks | self._words.firms | self._words.whom:
                continue
            after = place + 1
            while after < len(words) and self._firms.is_idle(words[after]):
                after += 1
            if (
                after == len(words)
                or words[after] in self._articles
                or self._own({words[after]})
                or self._words.no_name.fullmatch(words[after])
            ):
                continue
            if word in self._words.firms or (mixed and written[after][0].isupper()):
                yield " ".join(written[place : after + 1])

    @property
    def _articles(self) -> set[str]:
        """What articles of the schedule are called: « (III) » beside a fee is the one that sets it."""
        fees = self.schedule.fees
        articles = (each.article for fee in fees for each in (fee, *fee.parts))
        return {word for article in articles for word in plain_words(article).split()}

    @property
    def _words(self) -> DoubtfulWords:
        return doubtful_words_of(self.wording)

    @property
    def _firms(self) -> FirmNames:
        return firm_names_of(self.wording)

    def _own(self, words: set[str]) -> bool:
        """Whether words are of a name of the two parties, or of the body of the schedule."""
        names = (self.invoice.seller.name, self.invoice.buyer.name, *self.wording.body_of(self.schedule))
        return any(words <= {*plain_words(name or "").split(), plain_words(name or "")} for name in names)


def _euros(match: re.Match[str]) -> Decimal:
    """The amount of an expression whose first two groups are its euros and cents."""
    return Decimal(f"{re.sub('[^0-9]', '', match[1])}.{match[2] or '0'}")


def _day(day: str | None, month: str | None, year: int) -> date | None:
    """A day, where a text says one that is in the calendar."""
    try:
        return date(year, int(month or 0), int(day or 0))
    except ValueError:
        return None
