"""Who bills and who is billed: the names and addresses of a page, and the numbers that stand with them.

A heading (« Client », « Émetteur ») says whose an address is. A seller that none announces is believed where its
name stands once more with what only a seller prints: its legal notice, its account; or where its address bears the
SIREN of that notice, which the law wants on what a firm issues (code de commerce, article R123-237). The one other
address is the buyer's then; so it is where « Client » announces a code, or a name without an address.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf

from opqibi_rules.identifiers import siren_of, siren_of_vat_number
from opqibi_rules.invoice.reading.page.head import MISSING, SEVERAL, distinct, field_of
from opqibi_rules.invoice.reading.page.result import Candidate, Field, State
from opqibi_rules.invoice.reading.page.sheet import Label, Sheet, labels_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.pages.layout import Row, Standing, around, overlap, plain
from opqibi_rules.paper.pages.words import Box
from opqibi_rules.tables.wording.pages import book_of, words_of

_NEXT = 2.1
"""Of the height of its letters: lines of one address are no farther apart."""
_UNDER = 4.0
"""The same, from a heading to the address that it announces."""
_LEFT = 9.0
"""Points: lines of one address begin no farther from one another."""
_COLUMN = 60.0
"""Points: a number that stands as near to the left edge of an address stands in its column."""
_FOOT = 0.88
"""Of the height of a page: what stands lower is its legal notice, the seller's."""
_POSTCODE = re.compile(r"(?:^|\s|-)(?:[A-Z]{1,2}[- ]?)?[0-9]{4,5}\s+[^\W\d_]{2,}")
_ELSEWHERE = re.compile(
    r"(?:^|[\s,–-])(9(?:7|8(?! ?0)) ?[0-9]{3})\s+[^\W\d_]{2,}|^(?!FR?-)([A-Z]{1,2}-[0-9]{4,5})\s+[^\W\d_]{2,}"
)
"""A postcode overseas, or one that says its country: not that of mainland France, nor of Monaco, taxed as it is."""
_FRENCH = re.compile(r"(?<![0-9])[0-9]{2} ?[0-9]{3}\s+[^\W\d_]{2,}")
_CODE = re.compile(r"^(?:[A-Z]{1,2}[- ]?)?([0-9]{4,5})\s+[^\W\d_]{2,}")
_OF_A_TOWN = frozenset(
    {"saint", "st", "sainte", "ste", "en", "la", "le", "les", "de", "du", "des", "d", "sur"}
)
"""After one of these, the name of a country is the end of a town's: « 94410 Saint-Maurice »."""
_LONGEST_COUNTRY = 8
"""Words."""
_ADDRESS = 3
"""Lines at least: a name, a street, a town."""
_SIRET = re.compile(r"(?<![0-9])[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[0-9]{5}(?![0-9])")
_SIREN = re.compile(r"(?<![0-9])[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?![0-9]| [0-9]{5})")
_VAT = re.compile(
    r"\bFR ?[0-9A-Z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?![0-9])|\b(?!FR)[A-Z]{2} ?[0-9][0-9A-Z]{6,11}\b"
    r"|\bES[A-Z][0-9A-Z]{8}\b"
)
_NUMBERS = {"siret": _SIRET, "siren": _SIREN, "vat_id": _VAT}
_NOTICE = re.compile(r"(?i)\b(?:rcs|r\.c\.s|au capital|capital social|ape|naf)\b")
_CLIENT_CODE = re.compile(r"(?=(?:\D*[0-9]){3})[A-Z]{0,4}[-_/.]?[0-9][0-9A-Z_/.-]*")
"""The code of a client, « C00412 », which is no name."""
_PARTING = frozenset("-–—•·|")
"""What parts the pieces of an address that stands on one row."""
_TORN = 2.0
"""Of the height of its letters: justified words stand no farther apart."""
_SITE = re.compile(r"(?i)(?:www\.|@|https?://)([\w.-]+)")
_SHORTEST_SITE = 4
_EDGE = 2.0
"""Points: lines set to the right, or centred, stand no farther from one another."""
_LEGAL = re.compile(r"(?i)\b(?:siret|siren|rcs|r\.c\.s|capital|tva|ape|naf|iban|titulaire|ordre de)\b")

_BOTH = Message("It is the seller's too.")
UNANNOUNCED = Message("No words say whose name it is.")
_WHOSE = Message("No words say whose address it is.")


@dataclass(frozen=True, eq=False)
class Line(Standing):
    """One line of an address: a cell of a row."""

    @cached_property
    def text(self) -> str:
        """Its words."""
        return self.row.said(self.start, self.stop)

    @property
    def is_torn(self) -> bool:
        """Words stand so near before it that it may be the rest of their line."""
        if self.start == 0:
            return False
        before = self.row.words[self.start - 1]
        begins = before.text in _PARTING or before.text.endswith(":")  # « Client : Durand »
        return not begins and self.box.left - before.box.right < _TORN * self.row.height


@dataclass(frozen=True, eq=False)
class Heading:
    """A line that does nothing but announce a party."""

    line: Line
    party: str

    @property
    def text(self) -> str:
        """Its words."""
        return self.line.text

    def is_above(self, block: "Block") -> bool:
        """Whether a block stands right under it."""
        first = block.lines[0]
        gap = first.row.middle - self.line.row.middle
        return (
            0 < gap <= _UNDER * self.line.row.height and abs(first.box.left - self.line.box.left) <= 2 * _LEFT
        )


@dataclass(eq=False)
class Block:
    """Lines that stand under one another."""

    lines: list[Line] = field(default_factory=list)
    party: str | None = None
    """``seller``, ``buyer`` or ``other``, where a heading says so."""
    heading: str | None = None

    @property
    def is_address(self) -> bool:
        """It holds a postcode and a town."""
        return any(_POSTCODE.search(line.text) for line in self.lines)


class Parties:
    """The parties of an invoice, on its sheet."""

    def __init__(self, sheet: Sheet, tables: frozenset[Row]) -> None:
        self.sheet = sheet
        first = [row for row in sheet.rows if row.page == 1]
        top = min((row.middle for row in tables if row.page == 1), default=inf)
        self.lines = [
            Line(row, *piece)
            for row in first
            if row.middle < top
            for cell in row.cells
            for piece in _pieces(row, *cell)
        ]
        self.headings: list[Heading] = []
        self.blocks = [part for block in self._stacked() for part in self._parted(block)]

    def fields(self) -> Iterator[Field]:
        """Seller and buyer, and their numbers: those that the page bears or that an invoice needs."""
        sellers: set[object] = set()
        for party, block in (("seller", self._seller), ("buyer", self._buyer)):
            yield self._named(party, block)
            yield from self._elsewhere() if party == "buyer" else ()
            for found in self._numbers(party, block):
                siren = _siren_behind(found.value)
                if party == "seller":
                    sellers.add(siren)
                yield (
                    replace(found, state=State.TO_CONFIRM, why=_BOTH)
                    if party == "buyer" and siren in sellers - {None}
                    else found
                )

    def _elsewhere(self) -> Iterator[Field]:
        """The buyer's postcode and country, where they are not those of mainland France: VAT follows them.

        Sure in an address that a heading gives to the buyer; to confirm in any other that is not surely the seller's.
        """
        headed = self._addressed("buyer")
        buyer = headed if headed and headed.is_address else None
        blocks = [buyer] if buyer else [block for block in self.blocks if block.party in {None, "buyer"}]
        codes: list[Candidate] = []
        countries: list[Candidate] = []
        for block in blocks:
            named = list(self._countries(block))
            countries += named
            codes += self._codes(block, abroad=bool(named))
        for key, found in (("buyer_postcode", codes), ("buyer_country", countries)):
            if found:
                told = distinct(found)
                yield field_of(key, told, SEVERAL if len(told) > 1 else None if buyer else _WHOSE)

    def _codes(self, block: Block, *, abroad: bool) -> Iterator[Candidate]:
        """The postcodes of an address overseas or abroad; in four digits, where it bears none of five."""
        short = len(block.lines) >= _ADDRESS and not any(_FRENCH.search(line.text) for line in block.lines)
        for line in block.lines:
            told = _ELSEWHERE.search(line.text)
            code = told and (told[1] or told[2])
            plainly = _CODE.match(line.text) if abroad or short else None
            if code is None and plainly and not self._has_street(plain(line.text).split()):
                code = plainly[1]
            if code:
                yield Candidate("".join(code.split()), line.text, line.place, block.heading)

    def _countries(self, block: Block) -> Iterator[Candidate]:
        """The countries that an address names: on a line of their own, or at the end of that of its town."""
        for at, line in enumerate(block.lines):
            words = plain(line.text).split()
            alone = at > 0 or len(block.lines) == 1
            starts = [0] if alone and len(words) <= _LONGEST_COUNTRY else []
            if _POSTCODE.search(line.text):
                starts += [start for start in range(2, len(words)) if words[start - 1] not in _OF_A_TOWN]
            for start in starts:
                if code := self.sheet.wording.country_codes.get(" ".join(words[start:])):
                    yield Candidate(code, line.text, line.place, block.heading)
                    break

    def _stacked(self) -> Iterator[list[Line]]:
        """Lines that begin at one place and follow one another."""
        open_blocks: list[list[Line]] = []
        for line in sorted(self.lines, key=lambda item: (item.row.middle, item.box.left)):
            for block in reversed(open_blocks):
                if _follows(line, block[-1]):
                    block.append(line)
                    break
            else:
                open_blocks.append([line])
        yield from open_blocks

    def _parted(self, lines: list[Line]) -> Iterator[Block]:
        """A block, begun anew at each heading of a party."""
        block = Block()
        for line in lines:
            party, rest = self._heading(line)
            if party is not None and rest is None:
                self.headings.append(Heading(line, party))
            if party is not None:
                if block.lines:
                    yield block
                block = Block(party=party, heading=line.text)
                if rest is not None:
                    block.lines.append(rest)
            else:
                block.lines.append(line)
        if block.lines:
            yield block

    def _heading(self, line: Line) -> tuple[str | None, Line | None]:
        """The party that a line announces, and what it says after that."""
        for label in labels_of(line.row, book_of(self.sheet.wording.parties)):
            if label.start != line.start or label.stop > line.stop:
                continue
            rest = " ".join(word.text for word in line.row.words[label.stop : line.stop]).strip(" :/")
            marked = line.row.words[label.stop - 1].text.endswith(":") or (
                label.stop < line.stop and line.row.words[label.stop].text == ":"
            )
            if not plain(rest):
                return _role(label.roles), None
            if marked:
                start = label.stop + (line.row.words[label.stop].text == ":")
                return _role(label.roles), Line(line.row, start, line.stop)
        return None, None

    def _addressed(self, party: str) -> Block | None:
        """The block that a heading gives to a party; where nothing follows the heading, what stands under it."""
        for block in self.blocks:
            if block.party == party and block.lines:
                return block
        for heading in self.headings:
            below = [block for block in self.blocks if block.party is None and heading.is_above(block)]
            if heading.party == party and below:
                block = min(below, key=lambda item: item.lines[0].row.middle)
                block.party, block.heading = party, heading.text
                return block
        return None

    @cached_property
    def _announced(self) -> Block | None:
        """What the words for a buyer announce."""
        return self._addressed("buyer")

    @cached_property
    def _buyer(self) -> Block | None:
        announced, free = self._announced, self._free
        rest = [block for block in free if block is not self._seller]
        if announced is not None:
            return announced if announced.is_address or len(rest) != 1 else rest[0]
        if self._is_noticed(self._seller):
            return rest[0] if len(rest) == 1 else None
        return free[1] if len(free) == 2 and self._addressed("seller") is None else None

    @cached_property
    def _seller(self) -> Block | None:
        labelled = self._addressed("seller")
        if labelled is not None:
            return labelled
        free = self._free
        noticed = [block for block in free if self._is_noticed(block)]
        if len(noticed) == 1:
            return noticed[0]
        return free[0] if free else next((block for block in self.blocks if block.party is None), None)

    @property
    def _free(self) -> list[Block]:
        """The addresses that no heading gives to anybody."""
        return [block for block in self.blocks if block.party is None and block.is_address]

    @cached_property
    def _notice(self) -> str | None:
        """The SIREN of the legal notice, where the pages bear one alone."""
        found = set()
        for row in self.sheet.rows:
            said = row.said(0, len(row.words))
            if _NOTICE.search(said):
                found |= set(_sirens(said))
        return found.pop() if len(found) == 1 else None

    def _is_noticed(self, block: Block | None) -> bool:
        """Whether an address bears the SIREN of the legal notice, and no other."""
        if block is None or self._notice is None:
            return False
        numbered = [line.text for line in block.lines if _LEGAL.search(line.text)]
        return {siren for text in numbered for siren in _sirens(text)} == {self._notice}

    def _named(self, party: str, block: Block | None) -> Field:
        """The name of a party."""
        names = self._candidates(block, self._names(block))
        beside = self._announced if party == "buyer" and block is not self._announced else None
        announced = self._candidates(beside, self._names(beside))
        if announced:  # a name without an address, and an address
            told = distinct([*announced, *names])
            return field_of(party, told, None if len(told) == len(announced) == 1 else SEVERAL)
        if not names:
            persons = self._candidates(block, self._persons(block)) if party == "buyer" else []
            return field_of(party, persons, UNANNOUNCED if persons else MISSING)
        forms = [item for item in names if self._has_form(item.text)]
        best = forms if len(forms) == 1 else names
        ordered = [*best, *(item for item in names if item not in best)]
        if len(best) > 1:
            return field_of(party, ordered, SEVERAL)
        assert block is not None  # it has a name
        sure = block.party == party or (
            (
                self._repeats(str(best[0].value), block)
                or self._is_left(block)
                or self._is_noticed(block)
                or _has_site(str(best[0].value), block)
            )
            if party == "seller"
            else self._is_noticed(self._seller)
        )
        return field_of(party, ordered, None if sure else UNANNOUNCED)

    @staticmethod
    def _candidates(block: Block | None, lines: Iterable[Line]) -> list[Candidate]:
        heading = block.heading if block else None
        return distinct(Candidate(line.text, line.text, line.place, heading) for line in lines)

    def _persons(self, block: Block | None) -> Iterator[Line]:
        """The lines of an address that name a person."""
        return filter(self._is_person, block.lines if block else ())

    def _is_person(self, line: Line) -> bool:
        return not words_of(self.sheet.wording.persons).isdisjoint(plain(line.text).split()[:1])

    def _names(self, block: Block | None) -> Iterator[Line]:
        """The lines of an address before its street."""
        for line in block.lines if block else ():
            if line.is_torn:
                return
            words = plain(line.text).split()
            if not words or self._is_person(line) or _CLIENT_CODE.fullmatch(line.text):
                continue
            if self._is_labelled(line) or line.text.endswith(":"):
                continue
            ends = words[-1].isdigit() and not self._has_form(line.text)  # « SARL Toitures 42 » is a name
            street = words[0].isdigit() or ends or self._has_street(words)
            if street or _POSTCODE.search(line.text) or _LEGAL.search(line.text) or "@" in line.text:
                return
            if self.sheet.days_by_row.get(line.row) and any(char.isdigit() for char in line.text):
                if line is block.lines[0]:  # type: ignore[union-attr]
                    continue  # « Paris, le 3 mars 2026 » over the address of a letter
                return
            yield line

    def _has_street(self, words: Sequence[str]) -> bool:
        return any(word in words_of(self.sheet.wording.streets) for word in words[:3])

    def _is_labelled(self, line: Line) -> bool:
        """Whether a line begins with the words that announce a number."""
        labels = self.sheet.labels_by_row.get(line.row, ())
        roles = {"number", "number_alone", "other_number"}
        return any(label.start == line.start and label.roles & roles for label in labels)

    def _has_form(self, name: str) -> bool:
        return any(word in words_of(self.sheet.wording.forms) for word in plain(name).split())

    def _is_left(self, block: Block) -> bool:
        """Whether an address bears the numbers of a firm, and a heading gives the other one to the buyer."""
        buyer = self._announced
        numbered = any(_LEGAL.search(line.text) for line in block.lines)
        alone = bool(self._notice) and self._free == [block] and self._has_form(block.lines[0].text)
        return (numbered or alone) and buyer not in {None, block}

    def _repeats(self, name: str, block: Block) -> bool:
        """Whether a name stands once more, on a line with what only a seller prints."""
        words = f" {plain(name)} "
        own = {line.row for line in block.lines}
        return any(
            words in f" {plain(said)} " and _LEGAL.search(said)
            for row in self.sheet.rows
            if row not in own
            for said in [row.said(0, len(row.words))]
        )

    # Their numbers.

    def _numbers(self, party: str, block: Block | None) -> Iterator[Field]:
        for key in ("siren", "siret", "vat_id"):
            found = distinct(self._labelled(key, party, block))
            if found:
                yield field_of(f"{party}_{key}", found, SEVERAL if len(found) > 1 else None)

    def _labelled(self, key: str, party: str, block: Block | None) -> Iterator[Candidate]:
        """The numbers of a kind that stand with a party: in its block, below it, or in the legal notice."""
        for row in self.sheet.rows:
            for label in labels_of(row, book_of(self.sheet.wording.numbers)):
                if key not in label.roles:
                    continue
                said = row.said(label.start, len(row.words))
                ahead = said[len(label.text) :].lstrip(" :.n°N-")
                match = _NUMBERS[key].match(ahead) or _NUMBERS[key].match(said)
                if match is None and "of_the_buyer" in label.roles:
                    match = next(filter(None, map(_NUMBERS[key].fullmatch, self._under(label))), None)
                if key == "siren" and match is None:
                    match = _SIREN.search(ahead[:40]) if "rcs" in plain(label.text) else None
                if match is None:
                    continue
                value = re.sub(r"\s", "", match[0])
                noticed = self._notice is not None and _siren_behind(value) == self._notice
                if noticed and "of_the_buyer" not in label.roles:
                    owner: str | None = "seller"
                else:
                    owner = self._owner(row, label.box, label.roles, block)
                if owner == party:
                    yield Candidate(value, match[0], row.place(label.start, len(row.words)), label.text)

    def _under(self, label: Label) -> Iterator[str]:
        """The cells that stand right under a label."""
        for row in self.sheet.under(label.row):
            if row.middle - label.row.middle > _UNDER * label.row.height:
                break
            yield from (row.said(*cell) for cell in row.cells if overlap(row.box_of(*cell), label.box) > 0)

    def _owner(self, row: Row, box: Box, roles: Iterable[str], block: Block | None) -> str | None:
        """Whose a number is: that of the address above it, of the words before it, or of the legal notice."""
        if "of_the_buyer" in roles:
            return "buyer"
        page = self.sheet.pages[row.page - 1]
        if row.middle > _FOOT * page.height:
            return "seller"
        seller, buyer = self._seller, self._buyer
        above = [
            (
                round(abs(item.lines[0].box.left - box.left) / _COLUMN),
                row.middle - item.lines[0].row.middle,
                name,
            )
            for name, item in (
                ("seller", seller),
                ("buyer", buyer),
                *(("", block) for block in self.blocks if block.party == "other" and block.is_address),
            )
            if item is not None and row.page == 1
            if overlap(around(line.box for line in item.lines), box) > -_LEFT
            and row.middle >= item.lines[0].row.middle
        ]
        return min(above)[2] or None if above else None


def _follows(line: Line, last: Line) -> bool:
    """Whether a line goes on with the address that another ended so far."""
    if line.row is last.row:
        return line.start == last.stop + 1 and line.row.words[last.stop].text in _PARTING
    near = line.row.middle - last.row.middle <= _NEXT * max(line.row.height, last.row.height)
    return near and _aligned(line.box, last.box)


def _aligned(one: Box, two: Box) -> bool:
    """Whether two lines stand in one column: set to its left, to its right, or in its middle."""
    middles = (one.left + one.right - two.left - two.right) / 2
    return (
        abs(one.left - two.left) <= _LEFT or abs(one.right - two.right) <= _EDGE or abs(middles) <= _EDGE / 2
    )


def _pieces(row: Row, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """A cell; or the pieces of an address that it holds whole: « SARL Untel - 3 rue Haute - 75002 Paris »."""
    signs = [at for at in range(start, stop) if row.words[at].text in _PARTING]
    whole = row.said(start, stop)
    if not signs or not _POSTCODE.search(whole) or _LEGAL.search(whole):
        yield start, stop
        return
    edges = [start, *(at + 1 for at in signs)]
    yield from (pair for pair in zip(edges, [*signs, stop], strict=True) if pair[0] < pair[1])


def _has_site(name: str, block: Block) -> bool:
    """Whether the site or the mailbox under an address is named after whom it names."""
    words = "".join(plain(name).split())
    sites = (match[1] for line in block.lines for match in _SITE.finditer(line.text))
    return len(words) >= _SHORTEST_SITE and any(words in "".join(plain(site).split()) for site in sites)


def _role(roles: frozenset[str]) -> str:
    return "seller" if "seller" in roles else "buyer" if "buyer" in roles else "other"


def _siren_behind(value: object) -> str | None:
    number = value if isinstance(value, str) else None
    return siren_of(number) or siren_of_vat_number(number)


def _sirens(text: str) -> Iterator[str]:
    """The SIREN of each number of a firm in a text."""
    for kind in (_VAT, _SIRET, _SIREN):
        for match in kind.finditer(text):
            siren = _siren_behind(match[0])
            if siren is not None:
                yield siren


def siren_behind(*numbers: str | None) -> str | None:
    """The SIREN that numbers bear, where they bear one and the same."""
    found = {siren for number in numbers if (siren := _siren_behind(number))}
    return found.pop() if len(found) == 1 else None
