"""A published fee schedule as a draft edition: every figure with its page, none that two readings do not share.

The edition before lends its form: its fees, their parts, their names, the named interpretations. The figures are the
document's, read twice: by the places of its words, and in the order of the file (of a picture, by two readings of
it). What both say, once, and what the arithmetic of a schedule allows, stands in the draft; all else is left to a
person, with what was looked for or found. A draft is in force for nobody before a person has checked it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.files import bounded
from opqibi_rules.paper.pages.document_pages import pages_in
from opqibi_rules.paper.pages.reading_order import passages, rows_in_place, rows_read_again, typed_pages
from opqibi_rules.paper.pages.words import Page
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.strict_yaml import Path
from opqibi_rules.paper.text import decoded, one_line
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature_file import titled
from opqibi_rules.tables.reading.places import is_pages, reading
from opqibi_rules.tables.reading.schedule_facts import DATED, IN_FORCE, Reader, Seen, Slice
from opqibi_rules.tables.reading.settling import TRANCHES, Settling, fact_name, slice_of
from opqibi_rules.tables.schedule import Flat, Schedule, Tranches

_MOST_TEXT = 100_000
"""Bytes of a typed text: the schedule of 2024 has 5,000."""
_LEAST = 3
"""Facts that both readings share at least, or the document is no fee schedule."""
_EUROS = re.compile(r"([0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})*(?:,[0-9]{1,2})?)[ \u00a0\u202f]€")


@dataclass(frozen=True)
class Draft:
    """A draft edition, and what it leaves to a person."""

    content: Json
    unsettled: tuple[tuple[str, Message], ...]

    def text(self, say: Callable[[Message], str]) -> str:
        """The file, its sentences said by ``say``."""
        head = (
            Message(
                "A draft: in force for nobody before a person has checked it, and written so in checked_by."
            ),
            Message(
                "The figures are the document’s, each with its page in « readings »; names, articles and named "
                "interpretations are those of the edition before: read them by the document too."
            ),
        )
        left = [{"fact": fact, "why": say(why)} for fact, why in self.unsettled]
        comments = "".join(f"# {say(line)}\n" for line in head)
        first = {name: self.content[name] for name in ("kind", "id")}
        last = {"readings": self.content["readings"], "unsettled": left}
        rest = {name: value for name, value in self.content.items() if name not in {*first, *last}}
        return comments + strict_yaml.written({**first, **rest, **last})


def drafted(data: bytes, name: str, tables: Tables) -> Draft:
    """The draft of a document: a PDF, a picture, or a typed text; ``name`` is its file's.

    Raises:
        FileError: it cannot be read, or holds no fee schedule.
        RequestError: an extra is needed and not installed.
    """
    pages = _pages(data, name)
    model = tables.schedules[-1]
    wording, months = tables.schedule_wording, tables.page_wording.month_numbers
    pictures = {page.number for page in pages if not page.sure}
    first, second = (
        Reader(model, wording, months, by_place=by_place and is_pages(data), pictures=pictures).read(
            passages(rows)
        )
        for by_place, rows in (
            (True, [row for page in pages for row in rows_in_place(page)]),
            (False, [row for page in pages for row in rows_read_again(page)]),
        )
    )
    if len(first.seen.keys() & second.seen.keys()) < _LEAST:
        message = Message(
            "no fee schedule is found in it: amounts under the names of fees, such as « {fee} », were looked for.",
            fee=model.fees[0].name,
        )
        raise FileError(name, [Mistake(message)])
    settling = Settling(model, first, second, wording)
    content = _content(settling, model, tables.content(model.id), name)
    content["id"] = _id(content["in_force_from"], tables)
    left = {**settling.unsettled, **dict(_outdated(settling, model))}
    return Draft(content, tuple(left.items()))


def _pages(data: bytes, name: str) -> tuple[Page, ...]:
    if is_pages(data):
        return pages_in(data, name)
    return typed_pages(decoded(bounded(data, name, _MOST_TEXT), name, windows=True))


def _content(settling: Settling, model: Schedule, before: Json, name: str) -> Json:
    """The edition before, with the figures of the document in the place of its own."""
    content = deepcopy(before)
    for prices in content["prices"]:
        prices["by_tariff"] = {}
    for path, _, _ in settling.expected:
        _put(content, path, _written(settling.settled.get(path)))
    dated = settling.day(DATED)
    day = settling.day(IN_FORCE) or dated
    printed = f"{dated or day:%d/%m/%Y}" if dated or day else None
    file = one_line(titled(PurePath(name).name))
    return content | {
        "title": _title(content["title"], model.sources[0].dated, printed or file),
        "in_force_from": day and day.isoformat(),
        "in_force_until": None,
        "checked_on": None,
        "checked_by": None,
        "sources": [{"document": file, "address": file, "dated": printed, "reliability": "user"}],
        "readings": list(_readings(settling)),
    }


def _title(titles: Mapping[str, str], old: str | None, printed: str) -> Json:
    """The title before, with the day of this document."""
    if old and all(old in title for title in titles.values()):
        return {language: title.replace(old, printed) for language, title in titles.items()}
    return {language: f"{title} ({printed})" for language, title in titles.items()}


def _readings(settling: Settling) -> Iterator[Json]:
    """Where each figure stands."""
    for path, seen in settling.settled.items():
        for index, item in enumerate(seen):
            fact = fact_name((*path, index) if path[-1] == TRANCHES else path)
            yield reading(fact, item.place, item.text)


def _outdated(settling: Settling, model: Schedule) -> Iterator[tuple[str, Message]]:
    """The interpretations that quote a figure of the edition before which the document no longer has."""
    known: set[object] = {item.value for seen in settling.settled.values() for item in seen}
    for seen in settling.settled.values():
        known.update(limit for item in seen if isinstance(item.value, Slice) for limit in item.value[:2])
    before = set(_amounts(model))
    for index, assumption in enumerate(model.assumptions):
        quoted = map(_number, _EUROS.findall(f"{assumption.text.fr} {assumption.reason.fr}"))
        gone = sorted({amount for amount in quoted if amount in before and amount not in known})
        if gone:
            amounts = tuple(f"{amount:f} €" for amount in gone)
            yield (
                f"assumptions[{index}]",
                Message("it quotes {amounts}, of the edition before alone.", amounts=amounts),
            )


def _number(text: str) -> Decimal:
    return Decimal(re.sub("[ \u00a0\u202f]", "", text).replace(",", "."))


def _id(day: str | None, tables: Tables) -> str:
    """``bareme_2027``; the whole day where another edition bears the year."""
    if day is None:
        return "bareme_draft"
    short = f"bareme_{day[:4]}"
    others = [edition for edition in tables.schedules if edition.id == short]
    return short if all(edition.in_force_from.isoformat() == day for edition in others) else f"bareme_{day}"


def _amounts(model: Schedule) -> Iterator[Decimal]:
    """Every amount of an edition."""
    for prices in model.prices:
        yield from prices.by_tariff.values()
    for part in (part for fee in model.fees for part in fee.parts):
        match part:
            case Flat():
                yield part.amount
            case Tranches():
                yield from (limit.amount for limit in (part.floor, part.cap) if limit)
                yield from (tranche.up_to for tranche in part.tranches if tranche.up_to is not None)


def _written(seen: Sequence[Seen] | None) -> object:
    """A fact as the file writes it; null where it is left to a person."""
    if seen is None:
        return None
    value = seen[0].value
    if isinstance(value, Slice):
        return [_tranche(slice_of(item)) for item in seen]
    if isinstance(value, Decimal):
        return f"{value:.2f}" if value == round(value, 2) else f"{value:f}"
    return list(value) if isinstance(value, tuple) else value


def _tranche(part: Slice) -> Json:
    limit = None if part.up_to is None else f"{part.up_to:f}"
    return {"above": f"{part.above:f}", "up_to": limit, "rate": f"{part.rate:f}"}


def _put(content: Json, path: Path, value: object) -> None:
    part: Json = content
    for step in path[:-1]:
        part = part[step]  # type: ignore[index] # plain data: a list by its index, a group by its field
    part[path[-1]] = value  # type: ignore[index] # the same
