"""The figures of a published fee schedule, as one reading of its text has them: which fact each is, and where it is.

The edition before says which facts there are: its fees, their parts, its lists of prices. The document says their
figures. The text is taken sentence by sentence, table row by table row; the fee that a heading or a sentence opens is
meant until another is. What is said twice is kept twice: nothing is chosen here.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple, TypeVar

from opqibi_rules.paper.pages.figures import Day, Figure, Notation
from opqibi_rules.paper.pages.layout import around, overlap
from opqibi_rules.paper.pages.reading_order import Passage
from opqibi_rules.paper.pages.words import Box, Place
from opqibi_rules.paper.strict_yaml import Path
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.reading.told import Mark, Tariffs, Told
from opqibi_rules.tables.reading.wording import ScheduleWording
from opqibi_rules.tables.schedule import CAP, FLOOR, Counted, Flat, PerQualification, Schedule, Tranches
from opqibi_rules.tables.wording.pages import Found

DATED: Path = ("sources", 0, "dated")
IN_FORCE: Path = ("in_force_from",)

_ASIDE = 15.0
"""Points by which a figure may stand beside the heading of its column."""
_WORDS = 6
"""That are shown before an amount."""
_PART = re.compile(r"\s*(?:[IVX]+|[A-Z]|(?i:article|partie|chapitre|part|section)\s+[0-9IVX]+)\s?[.):°–-]\s")
"""What begins a part of the document, or the name of a fee where it is numbered so."""
_NUMBERING = re.compile("[0-9]{1,2}|[ivx]+|[a-e]")
_BARE_CODE = re.compile("[1-9][0-9]?")
_BARE_CODES = re.compile("[1-9][0-9]?(?: ?(?:,|et|and|ou|or|&|/) ?[1-9][0-9]?)*")
_CODES = re.compile(
    r"(?<![0-9.,])[0-9]{4}(?:\s*(?:,|;|/|et/ou|et|ou|and/or|and|or|&)\s*[0-9]{4})*"
    r"(?![0-9]|[.,][0-9]|\s?(?:€|%|eur|ht))",
    re.IGNORECASE,
)
_YEARS = frozenset(map(str, range(1990, 2100)))
"""Such a number alone is a year, or may be one."""
_CALCULATION = re.compile(r"[0-9)]\s*[*×x=]\s*[(0-9]|=\s*[(0-9]")


class Slice(NamedTuple):
    """A tranche as it is printed."""

    above: Decimal
    up_to: Decimal | None
    rate: Decimal


Value = Decimal | int | Slice | Day | tuple[str, ...]


class Seen(NamedTuple):
    """A fact as it is printed somewhere."""

    value: Value
    text: str
    place: Place


@dataclass
class Facts:
    """All that one reading found, by the place of each fact in the edition."""

    seen: dict[Path, list[Seen]] = field(default_factory=dict)
    money: list[Seen] = field(default_factory=list)
    """Every amount of money outside examples, taken or not."""
    shares: list[tuple[Path, Seen]] = field(default_factory=list)
    """What is said of a limit for one year alone."""
    limits: set[Decimal] = field(default_factory=set)
    """The limits of tranches, as they are printed."""
    tongues: Counter[str] = field(default_factory=Counter)
    """How often a fee is named in words of one language."""

    def add(self, path: Path, seen: Seen) -> None:
        """One more place that says a fact."""
        self.seen.setdefault(path, []).append(seen)


class Targets:
    """Which facts an edition has, and where they stand in it, by the fee that they belong to."""

    def __init__(self, model: Schedule) -> None:
        self.flats: dict[str, list[tuple[Path, Flat]]] = {fee.id: [] for fee in model.fees}
        self.alone: set[str] = set()
        self.prices: dict[str, int] = {}
        self.tranches: dict[str, tuple[Path, Tranches]] = {}
        self.years: dict[str, Path] = {}
        lists = [prices.id for prices in model.prices]
        for at, fee in enumerate(model.fees):
            if fee.years is not None:
                self.years[fee.id] = ("fees", at, "years")
            if len(fee.parts) == 1:
                self.alone.add(fee.id)
            for index, part in enumerate(fee.parts):
                path: Path = ("fees", at, "parts", index)
                match part:
                    case Flat():
                        self.flats[fee.id].append(((*path, "amount"), part))
                    case Tranches():
                        self.tranches[fee.id] = (path, part)
                    case PerQualification():
                        if part.counts is not Counted.NEW:
                            self.prices.setdefault(fee.id, lists.index(part.prices))


class _Column(NamedTuple):
    """The heading of a column: its words, what they say, the fee that they name."""

    box: Box
    text: str
    roles: frozenset[str]
    fee: str | None


class Reader:
    """One reading of a document: its passages in order, and the facts that they say."""

    def __init__(
        self,
        model: Schedule,
        wording: ScheduleWording,
        months: Mapping[str, int],
        *,
        by_place: bool,
        pictures: Container[int] = (),
    ) -> None:
        self._wording, self._months, self._by_place = wording, months, by_place
        self._targets, self._fees = Targets(model), wording.fee_book(model)
        self._bases = {base.id: plain_words(base.name.fr).split() for base in model.turnovers}
        self._leading = {words[0] for words, _ in wording.marks["leading"].plain()}
        self._pictures = pictures
        self._topic: str | None = None
        self._in_example = False
        self._heading: list[_Column] = []
        self._across: list[tuple[Box, tuple[int, ...]]] = []

    def read(self, passages: Sequence[Passage]) -> Facts:
        """The facts that these say."""
        self.facts = Facts()
        self._notation = Notation.of(passages)
        for sentence in (sentence for passage in passages for sentence in passage.sentences):
            told = self._told(sentence)
            named = list(self._fees.found(sentence.plain[0]))
            self.facts.tongues.update(
                tongue for one in named if len(one.languages) == 1 for tongue in one.languages
            )
            self._open(told, [(next(iter(one.roles)), one) for one in named if len(one.roles) == 1])
            if not self._in_example and not _CALCULATION.search(sentence.text):
                self._take_in(told)
        return self.facts

    def _told(self, passage: Passage) -> Told:
        return Told(passage, self._wording, self._notation, self._months)

    def _take_in(self, told: Told) -> None:
        self._days(told)
        for figure in told.figures:
            if told.is_money(figure):
                self.facts.money.append(_seen(told, figure))
        if self._topic is not None:
            self._years(told, self._topic)
            self._codes(told, self._topic)
        if told.passage.is_table_row:
            self._row(told)
        elif self._topic is not None:
            for clause in self._clauses(told.passage):
                self._clause(clause, self._topic, new=told.has("new"))

    # Which fee is meant

    def _open(self, told: Told, named: Sequence[tuple[str, Found]]) -> None:
        """Which fee is meant from here on, and whether an example begins or ends."""
        if told.has("example") and not told.passage.is_table_row:
            self._in_example = True
            return
        opened = self._opened(told, named)
        part = _PART.match(told.passage.text) is not None
        if self._in_example and not part and opened in {None, self._topic}:
            return
        self._in_example = False
        if part and opened is None:  # of a fee that the edition before does not have
            self._topic = None
        heads = told.passage.is_table_row and not told.figures and len({fee for fee, _ in named}) > 1
        if opened is not None and not heads:
            if opened != self._topic and not told.passage.is_table_row:
                self._heading, self._across = [], []
            self._topic = opened

    def _opened(self, told: Told, named: Sequence[tuple[str, Found]]) -> str | None:
        """The fee that a sentence begins with, or the only one that it names where it bears figures."""
        words = told.passage.plain[0]
        skipped = 0
        while skipped < len(words) and (
            words[skipped] in self._leading or _NUMBERING.fullmatch(words[skipped])
        ):
            skipped += 1
        first = next((fee for fee, found in named if found.start <= skipped), None)
        if first is not None or not told.figures or self._topic in {fee for fee, _ in named}:
            return first
        at_length = {fee for fee, found in named if found.stop - found.start > 1 or told.passage.is_table_row}
        return at_length.pop() if len(at_length) == 1 else None

    # Rows of tables

    def _row(self, told: Told) -> None:
        if not told.figures and self._is_heading(told):
            return
        tariffs = [*self._bare_tariffs(told), *told.tariffs]
        figures = [
            figure
            for figure in told.figures
            if not any(one.start <= figure.start < one.stop for one in tariffs)
        ]
        if len(self._across) > 1 and len(figures) == len(self._across) and not tariffs:
            for (_, codes), figure in zip(self._across, figures, strict=True):
                self._price(codes, self._topic, told, figure)
        elif len(tariffs) == 1 and figures:
            for figure in figures:
                column = self._column(told, figure)
                self._price(tariffs[0].codes, (column and column.fee) or self._topic, told, figure)
        elif tariffs:
            for one, figure in _paired(tariffs, figures):
                self._price(one.codes, self._topic, told, figure)
        elif self._topic is not None:
            self._clause(told, self._topic, new=told.has("new"))

    def _is_heading(self, told: Told) -> bool:
        """Whether a row without figures heads columns; then it does from here on."""
        if len(told.tariffs) > 1:
            self._across = [(told.passage.box_of(one.start, one.stop), one.codes) for one in told.tariffs]
            return True
        self._heading = []
        for first, last in told.passage.cells:
            cell = self._told(told.passage.part(first, last))
            roles = frozenset(role for mark in cell.marks for role in mark.roles)
            fees = {role for found in self._fees.found(cell.passage.plain[0]) for role in found.roles}
            fee = fees.pop() if len(fees) == 1 else None
            self._heading.append(_Column(cell.passage.box, cell.passage.text.casefold(), roles, fee))
        return True

    def _bare_tariffs(self, told: Told) -> list[Tariffs]:
        """A tariff code that stands alone in the first cell, under « Tarif »; codes all along a row, after it."""
        row = told.passage
        first, *rest = row.cells
        texts = [row.part(*cell).text for cell in row.cells]
        if all(_BARE_CODE.fullmatch(text) for text in texts[1:]) and len(rest) > 1:
            begins = self._told(row.part(*first))
            if begins.has("tariff") and not begins.figures:
                self._across = [
                    (row.box_of(*cell), (int(text),)) for cell, text in zip(rest, texts[1:], strict=True)
                ]
                return [Tariffs((int(text),), *cell) for cell, text in zip(rest, texts[1:], strict=True)]
        heads = bool(self._heading) and "tariff" in self._heading[0].roles
        codes = tuple(map(int, re.findall("[0-9]+", texts[0]))) if _BARE_CODES.fullmatch(texts[0]) else ()
        return [Tariffs(codes, *first)] if heads and codes and all(codes) else []

    def _column(self, told: Told, figure: Figure) -> _Column | None:
        """The heading of the column in which a figure stands: above it, or of the same rank."""
        if self._by_place:
            best = max(self._heading, key=lambda column: overlap(column.box, figure.box), default=None)
            return best if best is not None and overlap(best.box, figure.box) > -_ASIDE else None
        cells = told.passage.cells
        rank = next(index for index, (first, last) in enumerate(cells) if first <= figure.start < last)
        return self._heading[rank] if len(self._heading) == len(cells) else None

    def _includes_vat(self, told: Told, figure: Figure) -> bool:
        """An amount incl. VAT, as the words beside it or over its column say, is none of a schedule's."""
        if told.follows(figure, "excluded"):
            return False
        column = self._column(told, figure) if told.passage.is_table_row and self._heading else None
        return told.has("included") or (column is not None and "included" in column.roles)

    # Sentences

    def _clauses(self, sentence: Passage) -> Iterator[Told]:
        """The clauses of a sentence, those that only announce a figure, or only bear one, put together."""
        pending: tuple[int, int] | None = None
        at = 0
        for clause in sentence.clauses:
            start, at = at, at + len(clause.words)
            whole = self._told(clause)
            if pending is not None and not _is_whole(whole):
                start = pending[0]
                whole = self._told(sentence.part(start, at))
            elif pending is not None:
                yield self._told(sentence.part(*pending))
            pending = None
            if _is_whole(whole):
                yield whole
            else:
                pending = (start, at)
        if pending is not None:
            yield self._told(sentence.part(*pending))

    def _clause(self, told: Told, fee: str, *, new: bool) -> None:
        """What one clause, or one row, says of a fee."""
        rates = [figure for figure in told.figures if self._rate(told, figure) is not None]
        money = [
            figure
            for figure in told.figures
            if told.is_money(figure) or (told.passage.is_table_row and figure not in rates)
            if not self._includes_vat(told, figure)
        ]
        if rates:
            self._tranche(told, fee, rates)
        elif told.tariffs:
            alone = _says_no_more(told)
            for one, figure in _paired(told.tariffs, told.figures if alone else money):
                self._price(one.codes, fee, told, figure)
        elif told.has(FLOOR, CAP) and fee in self._targets.tranches:
            self._limits(told, fee, money)
        elif money:
            self._flat(told, fee, money, new=new)

    def _price(self, codes: Iterable[int], fee: str | None, told: Told, figure: Figure) -> None:
        at = self._targets.prices.get(fee or "")
        if at is None or self._includes_vat(told, figure):
            self.facts.money.append(_seen(told, figure))
            return
        for code in codes:
            self.facts.add(("prices", at, "by_tariff", str(code)), _seen(told, figure))

    def _flat(self, told: Told, fee: str, money: Sequence[Figure], *, new: bool) -> None:
        flats = self._targets.flats[fee]
        if fee not in self._targets.alone:
            flats = [(path, part) for path, part in flats if (part.when is not None) == new]
            if not told.has("flat") and not (new and told.has("new")):
                return
        figures = [figure for figure in money if not told.follows(figure, "counted")]
        for path, _ in flats if len(flats) == 1 else ():
            for figure in figures:
                self.facts.add(path, _seen(told, figure))

    def _limits(self, told: Told, fee: str, money: Sequence[Figure]) -> None:
        """A floor, a cap, or both; what is said for one year is kept apart."""
        path, _ = self._targets.tranches[fee]
        marks = [mark for mark in told.marks if not mark.roles.isdisjoint({FLOOR, CAP})]
        kinds = [FLOOR if FLOOR in mark.roles else CAP for mark in marks]
        whole = [figure for figure in money if not told.follows(figure, "per_year")]
        for kind in {*kinds} if len({*kinds}) == 1 else ():
            for figure in money:
                if figure in whole:
                    self.facts.add((*path, kind, "amount"), _seen(told, figure))
                else:
                    self.facts.shares.append(((*path, kind, "amount"), _seen(told, figure)))
        if len({*kinds}) == 2:
            for mark, figure in _paired(marks, whole):
                kind = FLOOR if FLOOR in mark.roles else CAP
                self.facts.add((*path, kind, "amount"), _seen(told, figure))

    # Tranches

    def _rate(self, told: Told, figure: Figure) -> Decimal | None:
        """A figure as a rate; of a picture, only per mille: a « % » may be a « ‰ » that both readings took for it."""
        column = self._column(told, figure) if told.passage.is_table_row and self._heading else None
        rate = told.rate(figure, column.text if column else "")
        sure = told.passage.page not in self._pictures or rate == figure.value.scaleb(-3)
        return rate if sure else None

    def _tranche(self, told: Told, fee: str, rates: Sequence[Figure]) -> None:
        """A rate and the limits between which it holds."""
        if fee not in self._targets.tranches or len(rates) != 1:
            return
        limits = [figure for figure in told.figures if figure is not rates[0]]
        path: Path = (*self._targets.tranches[fee][0], "tranches")
        rate = self._rate(told, rates[0])
        amounts = [told.amount(figure) for figure in limits]
        between = self._between(told, limits, amounts, self.facts.seen.get(path, ()))
        if between is not None and rate is not None and 0 < rate < 1:
            boxes = [figure.box for figure in told.figures]
            seen = Seen(Slice(*between, rate), told.passage.text, Place(told.passage.page, around(boxes)))
            self.facts.add(path, seen)
            self.facts.limits.update(amounts)

    def _between(
        self, told: Told, limits: Sequence[Figure], amounts: Sequence[Decimal], before: Sequence[Seen]
    ) -> tuple[Decimal, Decimal | None] | None:
        if len(amounts) == 2:
            return (amounts[0], amounts[1]) if amounts[0] < amounts[1] else None
        if len(amounts) != 1:
            return None
        column = self._column(told, limits[0]) if told.passage.is_table_row and self._heading else None
        roles = column.roles if column is not None else frozenset()
        above = told.has("above") or ("above" in roles and not told.has("upper"))
        upper = told.has("upper") or ("upper" in roles and not told.has("above"))
        if above == upper:
            last = before[-1].value if before else None
            upper = last is None
            above = isinstance(last, Slice) and last.up_to is not None and 0 <= amounts[0] - last.up_to <= 1
        if above == upper:
            return None
        return (amounts[0], None) if above else (Decimal(0), amounts[0])

    # Years, codes, days

    def _years(self, told: Told, fee: str) -> None:
        path = self._targets.years.get(fee)
        words, origins = told.passage.plain
        for mark in told.marks if path is not None else ():
            at = next((index for index, origin in enumerate(origins) if origin >= mark.start), 0) - 1
            if "years" not in mark.roles or at < 0:
                continue
            word = words[at]
            number = int(word) if re.fullmatch("[1-9][0-9]?", word) else self._wording.small_numbers.get(word)
            if number is not None and path is not None:
                start = origins[at]
                self.facts.add(
                    path,
                    Seen(number, told.passage.said(start, mark.stop), told.passage.place(start, mark.stop)),
                )

    def _codes(self, told: Told, fee: str) -> None:
        """The codes of the qualifications that alone make another turnover count."""
        if fee not in self._targets.tranches:
            return
        path, part = self._targets.tranches[fee]
        said = told.passage.plain[0]
        for index, other in enumerate(part.exceptions):
            named = all(
                any(word.startswith(stem.rstrip("s")) for word in said)
                for stem in self._bases[other.turnover]
            )
            for match in _CODES.finditer(told.passage.text) if named or told.has("only") else ():
                codes = tuple(sorted(re.findall("[0-9]{4}", match[0])))
                if len(codes) == 1 and codes[0] in _YEARS:
                    continue
                place = told.passage.place(*told.passage.span(match.start(), match.end()))
                self.facts.add((*path, "exceptions", index, "held_only"), Seen(codes, match[0], place))

    def _days(self, told: Told) -> None:
        for day in told.days:
            if told.has("in_force"):
                self.facts.add(IN_FORCE, Seen(day, day.text, day.place))
            elif self._topic is None:
                self.facts.add(DATED, Seen(day, day.text, day.place))


def _seen(told: Told, figure: Figure) -> Seen:
    """An amount, with the words round it: a row of a table, or some words before and after."""
    last = len(told.passage.words)
    start, stop = (0, last) if told.passage.is_table_row else (figure.start - _WORDS, figure.stop + 3)
    return Seen(told.amount(figure), told.passage.said(max(0, start), min(stop, last)), figure.place)


def _says_no_more(told: Told) -> bool:
    """A tariff code and a number, and no other word: « Tarif 1  60 », a row whose cells stand close."""
    words = sum(one.stop - one.start for one in told.tariffs) + sum(
        one.stop - one.start for one in told.figures
    )
    return (len(told.tariffs), len(told.figures), words) == (1, 1, len(told.passage.words))


def _is_whole(told: Told) -> bool:
    """A clause that bears a figure, and says which it is."""
    rates = [figure for figure in told.figures if told.rate(figure) is not None]
    if rates:
        return len(told.figures) > len(rates)
    money = any(told.is_money(figure) for figure in told.figures)
    return money and bool(told.tariffs or told.has("flat", FLOOR, CAP))


_Item = TypeVar("_Item", Tariffs, Mark)


def _paired(marks: Sequence[_Item], figures: Sequence[Figure]) -> Iterator[tuple[_Item, Figure]]:
    """What announces and what is announced, where they take turns; nothing where it is not plain which is whose."""
    order = sorted([(mark.start, 0) for mark in marks] + [(figure.start, 1) for figure in figures])
    sides = [side for _, side in order]
    if len(marks) == len(figures) and all(one != two for one, two in pairwise(sides)):
        yield from zip(sorted(marks, key=lambda mark: mark.start), figures, strict=True)
