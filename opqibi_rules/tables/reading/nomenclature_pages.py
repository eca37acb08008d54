"""A published nomenclature, as the pages of a PDF or of a scan, read into a table of one's own.

An entry is a row that begins with a code of four digits, then a name; a name may go on below. The tariff code is read
where the page says that it is one: under « Tarif », or after that word. The pages are read twice, by the places of
their words and in the order of the file; what the two do not share, or what two pages say differently, is left out.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.pages.document_pages import pages_in
from opqibi_rules.paper.pages.layout import Row, overlap, plain
from opqibi_rules.paper.pages.reading_order import rows_in_place, rows_read_again
from opqibi_rules.paper.pages.words import Box, Page, Place
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.text import one_line
from opqibi_rules.tables.nomenclature_file import HEADINGS, own_table, titled
from opqibi_rules.tables.reading.places import quoted, reading

MOST_PAGES = 150
"""The editions of 2012 and 2014 have 51 and 60."""
_LEAST = 3
"""Entries that a nomenclature has at least; fewer are codes that another document quotes."""
_LINE = 1.7
"""Times the height of letters, from row to row, within a name that goes on."""
_BLANK = 15.0
"""Points: a blank between two words, and some to spare."""
_EDGE = 0.06
"""Of the height of a page, at its top and at its foot: what stands there on two pages is no entry."""
_ASIDE = 6.0
"""Points by which rows of one name may begin apart."""

_CODE = re.compile(r"([0-9]{4})[.:)–-]?")
_TARIFF = re.compile(r"(?i)\(?\s*(?:(?:code\s+)?tarif(?:\s+n°)?\s*:?\s*|T\s?)([1-9][0-9]?)\s*\)?")
_ENDING = re.compile(r"(?i)\b(?:code\s+)?tarif\s*:?\s*([1-9][0-9]?)\s*\)?$")
_LEADERS = re.compile(r"\s*(?:\.\s?){4,}.*$|\s*…{2,}.*$|\s*_{4,}.*$")
_NAMED = re.compile(r"[«\"“(]?\s?[A-ZÀ-ÝŒ]")
_OPEN = re.compile(r"(?i)(?:[,(/-]|\b(?:de|des|du|d’|et|ou|à|au|aux|la|le|les|en|pour|par|sur|avec|tarif))$")


@dataclass
class _Entry:
    """What one place says of a code."""

    code: str
    row: Row
    left: float
    """Where its name begins."""
    name: list[str] = field(default_factory=list)
    tariff: int | None = None
    grows: bool = True
    """What stands right below may be more of its name."""
    awaits_tariff: bool = True
    """A tariff on a row of its own below is this one's."""
    unsure: bool = False
    """Nobody can say what its name is, or where it ends."""

    @property
    def whole_name(self) -> str:
        return one_line(" ".join(_joined(self.name).split()))

    @property
    def place(self) -> Place:
        return Place(self.row.page, self.row.box)

    @property
    def said(self) -> tuple[str, int | None]:
        """What two readings compare."""
        return plain(self.whole_name), self.tariff


def read_nomenclature_pages(
    data: bytes, name: str, *, imported_on: date, say: Callable[[Message], str]
) -> tuple[str, tuple[tuple[str, Message], ...]]:
    """The text of a table of ours, and what it leaves to a person; ``name`` is the document's.

    Raises:
        FileError: it cannot be read, or no nomenclature is found in it.
        RequestError: an extra is needed and not installed.
    """
    pages = pages_in(data, name, MOST_PAGES)
    readings = [
        _by_code(_Walk(pages, [row for page in pages for row in rows(page)]).entries())
        for rows in (rows_in_place, rows_read_again)
    ]
    if min(map(len, readings)) < _LEAST:
        message = Message(
            "no nomenclature is found in it: codes of four digits with their names were looked for."
        )
        raise FileError(name, [Mistake(message)])
    found = _Found(*readings)
    file = one_line(titled(PurePath(name).name))
    stated = [found.stated(code, file) for code in found.entries]
    table = own_table(file, imported_on, stated)
    left = [{"fact": fact, "why": say(why)} for fact, why in found.left.items()]
    content = {**table, "readings": list(found.places()), **({"unsettled": left} if left else {})}
    return strict_yaml.written(content), tuple(found.left.items())


def _joined(pieces: Iterable[str]) -> str:
    """The rows of a name as one: « et/ » and « ou » are « et/ou », « et / » and « ou » are not."""
    return re.sub(r"(?<=\S)/\n", "/", "\n".join(pieces)).replace("\n", " ")


def _by_code(entries: Iterable[_Entry]) -> dict[str, list[_Entry]]:
    found: dict[str, list[_Entry]] = {}
    for entry in entries:
        found.setdefault(entry.code, []).append(entry)
    return found


def _of_the_text(pages: Sequence[Page], rows: Sequence[Row]) -> Iterator[Row]:
    """The rows that are no heading nor footing of pages: those stand at one place of several."""
    heights = {page.number: page.height for page in pages}
    counted = Counter((row.text, round(row.middle / 3)) for row in rows)
    for row in rows:
        again = counted[row.text, round(row.middle / 3)]
        at_the_edge = not _EDGE < row.middle / heights[row.page] < 1 - _EDGE
        if again < 2 + (not at_the_edge):
            yield row


class _Walk:
    """The rows of a document, one after the other: headings of columns, entries, names that go on."""

    def __init__(self, pages: Sequence[Page], rows: Sequence[Row]) -> None:
        self._rows, self._own = rows, set(map(id, _of_the_text(pages, rows)))
        self._by_page: dict[int, list[Row]] = {}
        for row in rows:
            self._by_page.setdefault(row.page, []).append(row)
        self._columns: list[tuple[str, Box]] = []
        self._last: Row | None = None

    def entries(self) -> list[_Entry]:
        """What each row that begins with a code says; what stands at one place of several pages begins none."""
        found: list[_Entry] = []
        for row in self._rows:
            begun = None if self._heads(row) else self._begun(row)
            if begun is not None and id(row) in self._own:
                found.append(begun)
            elif begun is not None and found:
                found[-1].grows = found[-1].awaits_tariff = False
            elif found:
                self._go_on(found[-1], row)
            self._last = row
        return found

    def _heads(self, row: Row) -> bool:
        """Whether a row heads columns of a nomenclature; then it does from here on."""
        named = []
        for first, last in row.cells:
            words = plain(row.said(first, last))
            field = next(
                (HEADINGS[one] for one in sorted(HEADINGS, key=len, reverse=True) if one in words), None
            )
            if field is not None:
                named.append((field, row.box_of(first, last)))
        fields = {field for field, _ in named}
        if "code" in fields and len(fields) > 1 and _CODE.fullmatch(row.words[0].text) is None:
            self._columns = named
            return True
        return False

    def _column(self, box: Box) -> str | None:
        best = max(self._columns, key=lambda column: overlap(column[1], box), default=None)
        return best[0] if best is not None and overlap(best[1], box) > -_ASIDE else None

    def _begun(self, row: Row) -> _Entry | None:
        """The entry that a row begins."""
        cells = [cell for cell in row.cells if _CODE.fullmatch(row.words[cell[0]].text)]
        at, stop = next((cell for cell in cells if self._column(row.box_of(*cell)) == "code"), row.cells[0])
        if row.words[at].text in {"•", "-", "–", "▪"} and at + 1 < stop:
            at += 1
        code = _CODE.fullmatch(row.words[at].text)
        rest = row.words[at + 1 :]
        rest = rest[1:] if rest and rest[0].text in {":", "-", "–"} else rest
        in_column = self._column(row.box_of(at, at + 1)) == "code"
        if code is None or not (rest or in_column):
            return None
        entry = _Entry(code[1], row, rest[0].box.left if rest else row.box.right)
        for words in (row.words[:at], rest):
            line = Row(row.page, words)
            for cell in line.cells if words else ():
                self._cell(entry, line.said(*cell), line.box_of(*cell), first=cell[0] == 0 and words is rest)
        if entry.name and _NAMED.match(entry.name[0]):
            return entry
        entry.name, entry.grows, entry.unsure = [], False, True  # under « Code », it is one all the same
        return entry if in_column else None

    def _cell(self, entry: _Entry, text: str, box: Box, *, first: bool) -> None:
        """What one cell beside the code says: the tariff, the name, or what is neither."""
        label, column = _TARIFF.fullmatch(text), self._column(box)
        if label:
            entry.tariff = int(label[1])
        elif re.fullmatch("[1-9][0-9]?", text):
            entry.tariff = int(text) if column == "tariff" else entry.tariff
        elif (first or (column == "name" and not entry.name)) and column != "tariff":
            self._name(entry, text)

    def _name(self, entry: _Entry, text: str) -> None:
        """A piece of a name, without the dots that lead to a page and the tariff that may end it."""
        *before, last = [*entry.name, _LEADERS.sub("", text).strip()]
        whole = _joined([*before, last])
        ending = _ENDING.search(whole)
        if ending:
            entry.tariff, entry.grows = int(ending[1]), False
            before, last = [], whole[: ending.start()].rstrip(" ,;(–-")
        entry.name = [piece for piece in (*before, last.strip()) if piece]

    def _go_on(self, entry: _Entry, row: Row) -> None:
        """A row below an entry: its name goes on, or its tariff follows."""
        text = row.said(0, len(row.words))
        label = _TARIFF.fullmatch(text)
        beside = row.page == entry.row.page and abs(row.middle - entry.row.middle) < row.height / 2
        if label and entry.tariff is None and entry.awaits_tariff:
            entry.tariff = int(label[1])
        elif beside and re.fullmatch("[1-9][0-9]?", text) and self._column(row.box) == "tariff":
            entry.tariff = int(text)
        elif entry.grows and id(row) in self._own and self._is_near(entry, row):
            goes_on = text[0].islower() or text[0] in "(«»/" or _OPEN.search(entry.name[-1]) is not None
            in_column = self._column(row.box) == "name" and abs(row.box.left - entry.left) <= _ASIDE
            entry.unsure = entry.unsure or entry.name[-1].endswith("-")
            if goes_on or in_column:
                self._name(entry, text)
            else:  # a definition as a rule; it is more of the name where no word of it had room on the row before
                entry.unsure = entry.unsure or not self._had_room(row)
                entry.grows = False
        elif not beside:
            entry.grows = False

    def _had_room(self, row: Row) -> bool:
        """Whether the first word of a row could have stood at the end of the one before, had it gone on."""
        assert self._last is not None
        bound = next(
            (at for at, word in enumerate(row.words) if at and word.text[0].isalnum()), len(row.words)
        )
        last, first = self._last.box, row.box_of(0, bound)
        ends = [one.box.right for one in self._by_page[row.page] if overlap(one.box, row.box) > 0]
        edge = sorted(ends)[-1 - len(ends) // 8]  # a title may reach over the columns below
        return last.right + _BLANK + first.right - first.left < edge

    def _is_near(self, entry: _Entry, row: Row) -> bool:
        """Whether a row stands right under an entry, in letters as high."""
        assert self._last is not None
        gap = (row.middle - self._last.middle) / max(row.height, 1.0)
        alike = abs(row.height - entry.row.height) < row.height / 6
        under = overlap(row.box, entry.row.box) > 0
        return row.page == entry.row.page and 0 < gap <= _LINE and alike and under and "\t" not in row.text


class _Found:
    """What two readings share, code by code."""

    def __init__(self, first: Mapping[str, Sequence[_Entry]], second: Mapping[str, Sequence[_Entry]]) -> None:
        self.entries: dict[str, _Entry] = {}
        self.left: dict[str, Message] = {}
        for code in sorted({*first, *second}):
            self._settle(code, first.get(code, ()), second.get(code, ()))

    def _settle(self, code: str, one: Sequence[_Entry], two: Sequence[_Entry]) -> None:
        if not one or not two:
            (entry, *_) = one or two
            message = Message("one of two readings alone found it: {found}.", found=_quoted([entry]))
            self.left[f"code {code}"] = message
            return
        entry = _Entry(code, one[0].row, one[0].left)
        names = {item.said[0]: item.whole_name for item in (*two, *one)}
        if any(item.unsure for item in (*one, *two)):
            message = Message("its name is not plain: {found}.", found=_quoted([*one, *two]))
            self.left[f"code {code}"] = message
        elif len(names) == 1:
            entry.name = [min((item.whole_name for item in one), key=str.isupper)]
        else:
            self.left[f"name of {code}"] = Message(
                "said in several ways: {found}.", found=_quoted([*one, *two])
            )
        tariffs = {item.tariff for item in (*one, *two)} - {None}
        alike = {item.tariff for item in one} == {item.tariff for item in two}
        if len(tariffs) == 1 and alike:
            (entry.tariff,) = tariffs
        elif tariffs:
            self.left[f"tariff of {code}"] = Message(
                "said in several ways: {found}.", found=_quoted([*one, *two])
            )
        self.entries[code] = entry

    def stated(self, code: str, file: str) -> Json:
        """An entry as its table states it; its address is the page (RFC 8118)."""
        entry = self.entries[code]
        stated: Json = {"code": code}
        if entry.name:
            stated["name"] = entry.whole_name
        if entry.tariff is not None:
            stated["tariff"] = entry.tariff
        source = {"document": file, "address": f"{file}#page={entry.place.page}", "reliability": "user"}
        return {**stated, "source": source}

    def places(self) -> Iterator[Json]:
        """Where each entry stands."""
        for index, entry in enumerate(self.entries.values()):
            yield reading(f"entries[{index}]", entry.place, entry.row.text)


def _quoted(entries: Iterable[_Entry]) -> tuple[str, ...]:
    said = {f"« {quoted(item.row.text)} » (page {item.row.page})": None for item in entries}
    return tuple(said)
