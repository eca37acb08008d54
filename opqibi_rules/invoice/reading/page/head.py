"""What an invoice says of itself: its number, its day, the day it is due, what it is, its currency, its account."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from opqibi_rules.invoice.reading.page.result import Candidate, Field, State
from opqibi_rules.invoice.reading.page.sheet import Label, Sheet, by_row, labels_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.pages.figures import Day
from opqibi_rules.paper.pages.layout import Row, height_of, plain
from opqibi_rules.paper.pages.words import Place
from opqibi_rules.tables.wording.pages import book_of

_NUMBER = re.compile(r"[\w][\w./#_+-]*", re.UNICODE)
_MARKS = ":#°-–—.,;()[]|"
_MOST_NUMBER = 40
_NEAR_TITLE = 90.0
"""Points under the title within which a bare « N° » announces the number of the invoice."""
_UNDER, _ALIGNED = 2.2, 25.0
"""Of the height of its letters, and points: a number stands no lower and no farther to the side than its heading."""
_HEADED, _MOST_PAIRED = 3.6, 2
"""The same under a row of headings, which has more cells than a label and its value."""
_IN_FULL = frozenset({"numero", "number"})
_DATE = frozenset({"date", "datum"})
_OF = frozenset({"de", "of"})
_NEAR_NUMBER = 4.5
"""Rows, about: a bare « Date » as near to the number announces the day of the invoice."""
_SMALLER = 0.9
"""Of the height of the title: what else a page names in letters as small is not the document."""
_INVOICE, _SPECIAL = "380", frozenset({"384", "386"})

MISSING = Message("Nothing on the page announces it.")
_BARE = Message("Its words may announce another number.")
SEVERAL = Message("The page announces several.")


@dataclass(frozen=True, eq=False)
class Found:
    """A text of the page that may be a value, and what announces it."""

    text: str
    place: Place
    row: Row
    label: str
    tier: int
    """1: its own words announce it; 2: the title does; 3: a bare « N° » or « Date »."""


def field_of(key: str, candidates: Sequence[Candidate], why: Message | None) -> Field:
    """A field of its candidates, the best first: read unless something speaks against it."""
    best = candidates[0] if candidates else None
    return Field(
        key,
        best.value if best else None,
        State.READ if why is None and best is not None else State.TO_CONFIRM,
        best.place if best else None,
        tuple(candidates),
        why,
    )


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates of different values, the first of each."""
    found: dict[object, Candidate] = {}
    for item in candidates:
        key = plain(item.value) if isinstance(item.value, str) else item.value
        found.setdefault(key, item)
    return list(found.values())


class Head:
    """The head of an invoice, on its sheet."""

    def __init__(self, sheet: Sheet, tables: frozenset[Row]) -> None:
        """``tables``: the rows of the headings of tables, which announce nothing of the whole."""
        self.sheet, self.tables = sheet, tables
        self.titles = [
            label
            for row in sheet.rows
            if row not in tables
            for label in labels_of(row, book_of(sheet.wording.titles))
            if label.begins_cell
        ]
        self._titles_by_row = by_row(self.titles)
        self.numbers = list(self._numbers())

    def fields(self) -> Iterator[Field]:
        """Number, date, due date, type, currency, account: those that the page bears or that an invoice needs."""
        number = self.number()
        yield number
        yield self.issued(number)
        due = self.due()
        if due is not None:
            yield due
        yield self.kind(number)

    # The number.

    def number(self) -> Field:
        """The number of the invoice."""
        best = [item for item in self.numbers if len(item.text) > 1] or self.numbers
        # « Numéro » in full, elsewhere in the file: of another invoice, or of this one, and not the same.
        best = [*best, *(item for item in self._bare_numbers() if best and plain(item.label) in _IN_FULL)]
        candidates = distinct(Candidate(item.text, item.text, item.place, item.label) for item in best)
        if not candidates:
            bare = distinct(
                Candidate(item.text, item.text, item.place, item.label) for item in self._bare_numbers()
            )
            return field_of("number", bare, _BARE if bare else MISSING)
        return field_of("number", candidates, SEVERAL if len(candidates) > 1 else None)

    def _bare_numbers(self) -> Iterator[Found]:
        """What a bare « Numéro » announces, far from any title."""
        for label in self.sheet.with_role("number_alone"):
            if label.begins_cell and label.row not in self.tables:
                yield from self._after(label, 3)

    def _numbers(self) -> Iterator[Found]:
        for label in self.sheet.labels:
            if label.row in self.tables:
                continue
            if "number" in label.roles:
                yield from self._after(label, 1)
            elif "number_alone" in label.roles:
                yield from self._alone(label)
        for title in self.titles:
            if "other" not in title.roles and not any(
                "number" in label.roles or "other_number" in label.roles
                for label in self.sheet.labels_by_row.get(title.row, ())
                if label.start < title.stop and title.start < label.stop
            ):
                yield from self._after(title, 2)

    def _alone(self, label: Label) -> Iterator[Found]:
        """A bare « N° »: after the title in a sentence that goes on with the day, or near the title."""
        titled = self._titles_by_row.get(label.row, [])
        if titled and titled[0].start < label.start:
            for found in self._after(label, 2):
                if self._day_follows(label):
                    yield found
            if titled[0].stop >= label.start or not label.row.begins_cell(label.start):
                return
        near = any(
            title.row.page == label.row.page and -15 <= label.row.middle - title.row.middle <= _NEAR_TITLE
            for title in self.titles
            if "other" not in title.roles
        )
        if near and label.begins_cell and label.row not in self.tables:
            yield from self._after(label, 3)

    def _day_follows(self, label: Label) -> bool:
        return any(
            "date_alone" in other.roles and other.start > label.stop
            for other in self.sheet.labels_by_row.get(label.row, ())
        )

    def _after(self, label: Label, tier: int) -> Iterator[Found]:
        """The number that follows a label on its row, or stands under it."""
        row, words = label.row, label.row.words
        glued = re.search(r"[°#:.]([\w][\w./#_+-]*)$", words[label.stop - 1].text)
        if glued and any(char.isdigit() for char in glued[1]):
            yield Found(glued[1], row.place(label.stop - 1, label.stop), row, label.text, tier)
            return
        at = self._past_label(row, label.stop)
        beside = self._number_at(row, at)
        if beside is not None and row.begins_cell(at) and not self._is_all_of_its_cell(row, at):
            beside = None  # « 27, quai Kléber »: a line of an address that stands in the next column
        far = beside is None or row.begins_cell(at)
        apart = tier != 2 and far and (at >= len(words) or row.is_apart(at) or row.is_apart(label.stop))
        for found in (beside, self._number_below(label) if apart else None):
            if found is not None:
                text, place, where = found
                yield Found(text, place, where, label.text, tier)

    def _past_label(self, row: Row, at: int) -> int:
        """The word after a label, its marks, and the same in another language: « Numéro / Number : »."""
        words = row.words
        while at < len(words):
            again = [
                label.stop
                for label in self.sheet.labels_by_row.get(row, ())
                if label.start == at and label.roles & {"number", "number_alone"}
            ]
            if again and not row.begins_cell(at):
                at = again[0]
            elif plain(words[at].text) in _OF and self._titled_at(row, at + 1):
                at += 2  # « Note d’honoraires n° de facture 12 »
            elif not words[at].text.strip(_MARKS + "/") or plain(words[at].text) in {"n", "no", "nr"}:
                at += 1
            else:
                break
        return at

    def _titled_at(self, row: Row, at: int) -> bool:
        return any(label.start == at for label in labels_of(row, book_of(self.sheet.wording.titles)))

    def _is_all_of_its_cell(self, row: Row, at: int) -> bool:
        """Whether a number that begins a cell is all that it says, but for what another label announces."""
        found = self._number_at(row, at)
        stop = next((last for first, last in row.cells if first <= at < last), at)
        end = at + len(found[0].split()) if found else at
        return end >= stop or self._is_label(row, end) or not row.words[end].text.strip(_MARKS)

    def _number_at(self, row: Row, at: int) -> tuple[str, Place, Row] | None:
        """The number that begins at a word: it bears a digit, and is no day and no amount."""
        words = row.words
        stop = at
        while stop < len(words) and stop - at < 3:
            text = words[stop].text.strip(_MARKS)
            apart = stop > at and (row.is_apart(stop) or self._is_label(row, stop))
            if apart or not _NUMBER.fullmatch(text) or self._is_day(row, stop):
                break
            stop += 1
            if any(char.isdigit() for char in text) and not (
                stop < len(words) and _goes_on(words[stop].text)
            ):
                break
        said = row.said(at, stop).strip(_MARKS) if stop > at else ""
        if not re.fullmatch(r"(?:[A-Z]{1,6} )?[^\s()]*[0-9][^()]*", said):
            return None
        if len(said) > _MOST_NUMBER or re.search("[€%]", said):
            return None
        if stop < len(words) and re.fullmatch("[€%]|EUR", words[stop].text):
            return None
        return said, row.place(at, stop), row

    def _is_heading(self, row: Row) -> bool:
        """Whether each cell of a row begins with a label: their values stand under them, some on two lines."""
        begun = {label.start for label in self.sheet.labels_by_row.get(row, ())}
        return len(row.cells) > _MOST_PAIRED and all(start in begun for start, _ in row.cells)

    def _number_below(self, label: Label) -> tuple[str, Place, Row] | None:
        height = label.row.height
        for row in self.sheet.under(label.row):
            if row.middle - label.row.middle > (_HEADED if self._is_heading(label.row) else _UNDER) * height:
                break
            for start, _ in row.cells:
                if abs(row.words[start].box.left - label.box.left) < _ALIGNED:
                    return self._number_at(row, start)
        return None

    def _is_label(self, row: Row, at: int) -> bool:
        return any(label.start <= at < label.stop for label in self.sheet.labels_by_row.get(row, ()))

    def _is_day(self, row: Row, at: int) -> bool:
        return any(day.start <= at < day.stop for day in self.sheet.days_by_row.get(row, ()))

    # The days.

    def issued(self, number: Field) -> Field:
        """The day of the invoice."""
        own = [*self._labelled("date"), *self._titled()]
        if not own:
            own = self._bare(number) or self._beside_number(number)
        return self._day_field("date", own, needed=True) or field_of("date", (), MISSING)

    def due(self) -> Field | None:
        """The day on which it is to be paid, where the page says one."""
        return self._day_field("due_date", list(self._labelled("due_date")), needed=False)

    def _labelled(self, role: str) -> Iterator[tuple[Day, str]]:
        for label in self.sheet.with_role(role):
            if label.row in self.tables and role != "due_date":
                continue
            beside = self.sheet.beside(label, self.sheet.days_by_row)
            days = beside or (
                [] if self._says_more(label) else self.sheet.below(label, self.sheet.days_by_row)
            )
            if days and (beside or label.row.begins_cell(label.start) or label.row.is_apart(label.start)):
                yield days[0], label.text

    def _says_more(self, label: Label) -> bool:
        """« Date : 26 septembre », its year on the next row: what stands lower is another day."""
        row = label.row
        _, stop = row.cell_of(label.start)
        return any(char.isdigit() for word in row.words[label.stop : stop] for char in word.text)

    def _titled(self) -> Iterator[tuple[Day, str]]:
        """The day in the sentence of the title, or of a letter: « Facture n° 12 du 3 mars », « Paris, le 3 mars »."""
        numbered = {found.row for found in self.numbers if found.tier <= 2}
        for label in self.sheet.with_role("date_alone"):
            if self._is_of_another(label):
                continue
            days = [day for day in self.sheet.days_by_row.get(label.row, ()) if day.start == label.stop]
            if not days and label.stop == len(label.row.words) and label.row in numbered:
                days = self._next_row(label.row)
            town = label.start > 0 and label.row.words[label.start - 1].text.endswith(",")
            on_top = label.row.page == 1 and label.row.middle < self.sheet.pages[0].height / 2
            if days and (label.row in numbered or (town and on_top and plain(label.text) in {"le", "den"})):
                yield days[0], label.text

    def _is_of_another(self, label: Label) -> bool:
        """Whether a day is that of another document, named just before it: « sur facture n° 12 du 3 mars »."""
        before = [item for item in self.sheet.labels_by_row[label.row] if item.start < label.start]
        return bool(before) and "other_number" in before[-1].roles

    def _next_row(self, row: Row) -> list[Day]:
        following = next(self.sheet.under(row), None)
        return (
            [day for day in self.sheet.days_by_row.get(following, ()) if day.start == 0] if following else []
        )

    def _bare(self, number: Field) -> list[tuple[Day, str]]:
        """The day that a bare « Date » announces; of several, the one by the number."""
        found = []
        for label in self.sheet.with_role("date_alone"):
            if (
                not label.begins_cell
                or plain(label.text) not in _DATE
                or label.row in self.tables
                or self._goes_on(label)
            ):
                continue
            days = self.sheet.beside(label, self.sheet.days_by_row)
            if not days and not self._says_more(label):
                days = self.sheet.below(label, self.sheet.days_by_row)
            if days:
                found.append((days[0], label))
        if len({day.dates for day, _ in found}) > 1 and number.place is not None:
            place = number.place
            found = [
                (day, label)
                for day, label in found
                if label.row.page == place.page
                and abs(label.row.middle - (place.box.top + place.box.bottom) / 2)
                <= _NEAR_NUMBER * label.row.height
            ]
        return [(day, label.text) for day, label in found]

    def _goes_on(self, label: Label) -> bool:
        """« Date limite de », its cell: other words than those of the label say whose day it is."""
        row, at = label.row, label.stop
        if at >= len(row.words) or row.begins_cell(at):
            return False
        known = self._is_day(row, at) or self._is_label(row, at)
        return not known and plain(row.words[at].text).isalpha()

    def _beside_number(self, number: Field) -> list[tuple[Day, str]]:
        """The one day that no words announce as another, where it stands on the row of the number."""
        bare = [label for label in self.sheet.with_role("date_alone") if plain(label.text) in _DATE]
        if self.sheet.with_role("date") or any(label.begins_cell for label in bare):
            return []  # words announce it, and it was not read there
        told = [*self.sheet.with_role("due_date"), *self.sheet.with_role("other_date")]
        others = {
            day
            for label in told
            for day in (
                self.sheet.beside(label, self.sheet.days_by_row)
                or self.sheet.below(label, self.sheet.days_by_row)
            )[:1]
        }
        free = [day for day in self.sheet.days if day not in others]
        rows = {found.row for found in self.numbers if found.text == number.value and found.tier <= 2}
        return [(day, "") for day in free if day.row in rows] if len({day.dates for day in free}) == 1 else []

    def _day_field(self, key: str, found: Sequence[tuple[Day, str]], *, needed: bool) -> Field | None:
        if not found and not needed:
            return None
        candidates: list[Candidate] = []
        why: Message | None = None if found else MISSING
        for day, label in found:
            readings = self.sheet.understood(day)
            candidates += [Candidate(item, day.text, day.place, label) for item in readings]
            if len(readings) > 1:
                why = Message(
                    "« {text} » is {one:date} or {two:date}: nothing else on the page shows whether the day or "
                    "the month comes first.",
                    text=day.text,
                    one=readings[0],
                    two=readings[1],
                )
        candidates = distinct(candidates)
        if why is None and len(candidates) > 1:
            why = SEVERAL
        return field_of(key, candidates, why)

    # What it is.

    def kind(self, number: Field) -> Field:
        """What the document calls itself: an invoice, a credit note and so on."""
        found = [
            title
            for title in self.titles
            if title.row.page == 1
            and not self._is_named_beside(title)
            and self._names_the_whole(title, number)
        ]
        codes = {code for title in found for code in title.roles}
        own = [title for title in found if "other" not in title.roles]
        sure = [title for title in own if not self._refers(title) or self._is_numbered(title, number)]
        if sure:  # « Devis n° 12 », in smaller letters: what it goes back to
            largest = max(height_of(title.box) for title in sure)
            found = [
                title
                for title in found
                if title in own or (not self._refers(title) and height_of(title.box) > _SMALLER * largest)
            ]
        if codes & _SPECIAL:  # « Facture d’acompte », and « Facture n° 12 » for its number
            found = [title for title in found if title.roles != {_INVOICE}]
        candidates = distinct(Candidate(min(title.roles), title.text, title.place) for title in found)
        if not candidates:
            candidates = list(self._kind_of_number(number))
        if not candidates:
            return field_of("type", (), MISSING)
        if any(item.value == "other" for item in candidates):
            named = next(item.text for item in candidates if item.value == "other")
            why = Message("The document calls itself « {name} », which is no invoice.", name=named[:40])
            kept = [item for item in candidates if item.value != "other"]
            return field_of("type", kept, why)
        return field_of("type", candidates, SEVERAL if len(candidates) > 1 else None)

    def _names_the_whole(self, title: Label, number: Field) -> bool:
        """Whether a title is that of the document: all of its cell, or before the number."""
        return self._is_whole(title) or (title.start == 0 and self._is_numbered(title, number))

    def _is_numbered(self, title: Label, number: Field) -> bool:
        """Whether the number of the invoice stands on the row of a title."""
        return number.place is not None and any(
            item.row is title.row and item.text == number.value for item in self.numbers
        )

    def _refers(self, title: Label) -> bool:
        """Whether a number or a reference follows a title in its cell, or stands beside it."""
        _, stop = title.row.cell_of(title.start)
        return any(any(map(str.isdigit, word.text)) for word in title.row.words[title.stop : stop + 1])

    def _kind_of_number(self, number: Field) -> Iterator[Candidate]:
        """What the words before the number call the document, where no title does, and none calls it otherwise."""
        if any("other" in title.roles and not self._refers(title) for title in self.titles):
            return
        book = book_of(self.sheet.wording.titles)
        said = {
            (min(phrase.roles), item.label, item.place)
            for item in self.numbers
            if item.tier == 1 and item.text == number.value
            for phrase in book.found(plain(item.label).split())
            if "other" not in phrase.roles
        }
        if len({code for code, _, _ in said}) == 1:
            code, label, place = next(iter(said))
            yield Candidate(code, label, place)

    def _is_named_beside(self, title: Label) -> bool:
        """« Bon de livraison n° » names another document, and not this one."""
        labels = self.sheet.labels_by_row.get(title.row, ())
        return any(
            "other_number" in label.roles and label.start <= title.start < label.stop
            for label in labels
            if plain(label.text) != plain(title.row.said(title.start, title.stop)) or not self._is_cell(title)
        )

    def _is_cell(self, title: Label) -> bool:
        """Whether a title is all that its cell says."""
        return (title.start, title.stop) in title.row.cells

    def _is_whole(self, title: Label) -> bool:
        """Whether a title is all that its cell says, but for a number."""
        row = title.row
        _, stop = row.cell_of(title.start)
        same = {
            at
            for other in labels_of(row, book_of(self.sheet.wording.titles))
            if other.roles == title.roles  # « Facture / Invoice »
            for at in range(other.start, other.stop)
        }
        rest = [row.words[at].text for at in range(title.stop, stop) if at not in same]
        return (
            all(
                not plain(text)
                or plain(text) in {"n", "no", "nr", "numero", "number"}
                or any(map(str.isdigit, text))
                for text in rest[:2]
            )
            and len(rest) <= 4
        )


def _goes_on(text: str) -> bool:
    """Whether the next word may belong to a number: it bears digits, and nothing that begins something else."""
    return bool(re.fullmatch(r"[-/]|[0-9][0-9/-]*", text))
