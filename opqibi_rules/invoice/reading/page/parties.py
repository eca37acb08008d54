"""Who bills and who is billed: the names and addresses of a page, and the numbers that stand with them.

A heading (« Client », « Émetteur ») says whose an address is. A seller that none announces is believed where its
name stands once more with what only a seller prints: its legal notice, its account.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from opqibi_rules.identifiers import siren_of, siren_of_vat_number
from opqibi_rules.invoice.reading.page.head import MISSING, SEVERAL, distinct, field_of
from opqibi_rules.invoice.reading.page.result import Candidate, Field
from opqibi_rules.invoice.reading.page.sheet import Sheet, labels_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.pages.layout import Row, around, overlap, plain
from opqibi_rules.paper.pages.words import Box, Place

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
_SIRET = re.compile(r"(?<![0-9])[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[0-9]{5}(?![0-9])")
_SIREN = re.compile(r"(?<![0-9])[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?![0-9]| [0-9]{5})")
_VAT = re.compile(
    r"\bFR ?[0-9A-Z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?![0-9])|\b(?!FR)[A-Z]{2} ?[0-9][0-9A-Z]{6,11}\b"
    r"|\bES[A-Z][0-9A-Z]{8}\b"
)
_NUMBERS = {"siret": _SIRET, "siren": _SIREN, "vat_id": _VAT}
_LEGAL = re.compile(r"(?i)\b(?:siret|siren|rcs|r\.c\.s|capital|tva|ape|naf|iban|titulaire|ordre de)\b")

UNANNOUNCED = Message("No words say whose name it is.")


@dataclass(frozen=True, eq=False)
class Line:
    """One line of an address: a cell of a row."""

    row: Row
    start: int
    stop: int

    @cached_property
    def box(self) -> Box:
        """Where it stands."""
        return self.row.box_of(self.start, self.stop)

    @cached_property
    def text(self) -> str:
        """Its words."""
        return self.row.said(self.start, self.stop)

    @property
    def place(self) -> Place:
        """Where it stands, and on which page."""
        return Place(self.row.page, self.box)


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
        top = min((row.middle for row in tables if row.page == 1), default=float("inf"))
        self.lines = [Line(row, *cell) for row in first if row.middle < top for cell in row.cells]
        self.headings: list[Heading] = []
        self.blocks = [part for block in self._stacked() for part in self._parted(block)]

    def fields(self) -> Iterator[Field]:
        """Seller and buyer, and their numbers: those that the page bears or that an invoice needs."""
        seller, buyer = self._seller, self._buyer
        for party, block in (("seller", seller), ("buyer", buyer)):
            yield self._named(party, block)
            yield from self._numbers(party, block)

    def _stacked(self) -> Iterator[list[Line]]:
        """Lines that begin at one place and follow one another."""
        open_blocks: list[list[Line]] = []
        for line in sorted(self.lines, key=lambda item: (item.row.middle, item.box.left)):
            for block in reversed(open_blocks):
                last = block[-1]
                near = line.row.middle - last.row.middle <= _NEXT * max(line.row.height, last.row.height)
                if near and line.row is not last.row and abs(line.box.left - last.box.left) <= _LEFT:
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
        for label in labels_of(line.row, self.sheet.wording.party_book):
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
    def _buyer(self) -> Block | None:
        labelled = self._addressed("buyer")
        if labelled is not None:
            return labelled
        free = [block for block in self.blocks if block.party is None and block.is_address]
        return free[1] if len(free) == 2 and self._addressed("seller") is None else None

    @cached_property
    def _seller(self) -> Block | None:
        labelled = self._addressed("seller")
        if labelled is not None:
            return labelled
        free = [block for block in self.blocks if block.party is None and block.is_address]
        return free[0] if free else next((block for block in self.blocks if block.party is None), None)

    def _named(self, party: str, block: Block | None) -> Field:
        """The name of a party."""
        names = distinct(
            Candidate(line.text, line.text, line.place, block.heading if block else None)
            for line in self._names(block)
        )
        if not names:
            return field_of(party, (), MISSING)
        forms = [item for item in names if self._has_form(item.text)]
        best = forms if len(forms) == 1 else names
        ordered = [*best, *(item for item in names if item not in best)]
        if len(best) > 1:
            return field_of(party, ordered, SEVERAL)
        assert block is not None  # it has a name
        sure = block.party == party or (
            party == "seller" and (self._repeats(str(best[0].value), block) or self._is_left(block))
        )
        return field_of(party, ordered, None if sure else UNANNOUNCED)

    def _names(self, block: Block | None) -> Iterator[Line]:
        """The lines of an address before its street."""
        for line in block.lines if block else ():
            words = plain(line.text).split()
            if not words or words[0] in self.sheet.wording.person_words:
                continue
            if self._is_labelled(line) or line.text.endswith(":"):
                continue
            street = words[0].isdigit() or words[-1].isdigit() or self._has_street(words)
            if street or _POSTCODE.search(line.text) or _LEGAL.search(line.text) or "@" in line.text:
                return
            if self.sheet.days_by_row.get(line.row) and any(char.isdigit() for char in line.text):
                return
            yield line

    def _has_street(self, words: Sequence[str]) -> bool:
        return any(word in self.sheet.wording.street_words for word in words[:3])

    def _is_labelled(self, line: Line) -> bool:
        """Whether a line begins with the words that announce a number."""
        labels = self.sheet.labels_by_row.get(line.row, ())
        roles = {"number", "number_alone", "other_number"}
        return any(label.start == line.start and label.roles & roles for label in labels)

    def _has_form(self, name: str) -> bool:
        return any(word in self.sheet.wording.form_words for word in plain(name).split())

    def _is_left(self, block: Block) -> bool:
        """Whether an address bears the numbers of a firm, and a heading gives the other one to the buyer."""
        buyer = self._buyer
        numbered = any(_LEGAL.search(line.text) for line in block.lines)
        return numbered and buyer is not None and buyer is not block and buyer.party == "buyer"

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
            for label in labels_of(row, self.sheet.wording.number_book):
                if key not in label.roles or self._owner(row, label.box, label.roles, block) != party:
                    continue
                said = row.said(label.start, len(row.words))
                ahead = said[len(label.text) :].lstrip(" :.n°N-")
                match = _NUMBERS[key].match(ahead) or _NUMBERS[key].match(said)
                if key == "siren" and match is None:
                    match = _SIREN.search(ahead[:40]) if "rcs" in plain(label.text) else None
                if match is not None:
                    value = re.sub(r"\s", "", match[0])
                    yield Candidate(value, match[0], row.place(label.start, len(row.words)), label.text)

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
            if overlap(_wide(item), box) > -_LEFT and row.middle >= item.lines[0].row.middle
        ]
        return min(above)[2] or None if above else None


def _wide(block: Block) -> Box:
    return around(line.box for line in block.lines)


def _role(roles: frozenset[str]) -> str:
    return "seller" if "seller" in roles else "buyer" if "buyer" in roles else "other"


def siren_behind(*numbers: str | None) -> str | None:
    """The SIREN that numbers bear, where they bear one and the same."""
    found = {siren for number in numbers if (siren := siren_of(number) or siren_of_vat_number(number))}
    return found.pop() if len(found) == 1 else None
