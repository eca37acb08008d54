"""The form of a question: read from an address, asked as a question, written back as an address.

Its inputs are those of the question's fields, and of what the schedule of the day declares: an input for each
tariff code (``t1``, and ``n1`` for new requests) and for each turnover.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from operator import itemgetter
from typing import Self, get_type_hints
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from opqibi_rules.deadlines import to_day
from opqibi_rules.desk.refusals import RefusedError, Wrong, given_twice
from opqibi_rules.desk.requests import ProgramRequest
from opqibi_rules.errors import OpqibiError
from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.text import plain_words
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.question import AUDIT, MAINLAND
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.nomenclature import Nomenclature, NomenclatureEntry
from opqibi_rules.tables.schedule import Event, Schedule, Tranches

NATURES = {"full": "q", "probationary": "p", "new": "new"}
"""What a named qualification is, and how an address calls it."""
_LISTS = {"full": "qualifications", "probationary": "probationary", "new": "new_qualifications"}
_COUNTS = {"t": "tariffs", "n": "new_tariffs"}
_GENERAL, _AUDIT, _OTHER = "turnover", "audit_turnover", "turnover-"
"""The inputs of turnovers; what follows the last is the id that the schedule declares."""
_PAID = {"day": "paid-day", "amount": "paid-amount"}
"""What was paid before a plan: the inputs of the one payment that a form takes."""
_NOT_TYPED = {
    *_LISTS.values(), *_COUNTS.values(), _GENERAL, _AUDIT, "turnovers", "structure", "changes", "paid",
}  # fmt: skip
"""Fields that no single input of their name holds."""
_WHOLE = {name for name, kind in get_type_hints(PlanAsked).items() if kind is int}
_DEFAULTS = {"years": "4", "vat": MAINLAND}
_MOST_ROWS = 300
_SEVERAL = {*NATURES.values(), "code", "tariff", "nature", "file", "right"}
"""Inputs that are there as often as there are qualifications; beside a document, files, and values that are right."""
_LONGEST_NAME = 80
_ROW = ("code", "tariff", "nature")
"""The inputs of a row of the form; each is there for every row."""

Given = QueryParams | FormData


@dataclass(frozen=True, slots=True)
class Row:
    """A qualification named by its code."""

    code: str = ""
    tariff: str = ""
    nature: str = "full"
    wrong: Message | None = None
    """Why it is not read as it came in: one of its three fields is missing, or says nothing known."""
    came: tuple[tuple[str, str], ...] = ()
    """Its fields as they came in, where that is so."""

    def __str__(self) -> str:
        return f"{self.code}:{self.tariff}" if self.tariff else self.code


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What the reader has typed, as typed."""

    asks: type[ProgramRequest]
    schedule: Schedule
    nomenclature: Nomenclature
    typed: Mapping[str, str]
    """By input, those left blank excluded."""
    rows: tuple[Row, ...]
    repeated: tuple[str, ...] = ()
    """The inputs given more than once, though they hold one value each."""
    more: int = 0
    """The qualifications named beyond those that one question may hold."""

    @classmethod
    def read(
        cls, asks: type[ProgramRequest], given: Given, tables: Tables, today: date, *, day: str | None = None
    ) -> Self:
        """The form that an address, or a body, holds; ``day`` is the input that is today where it is blank."""
        typed = {
            name: _DEFAULTS.get(name, "") for name in ("event", *asks.model_fields) if name not in _NOT_TYPED
        }
        if day is not None:
            typed[day] = (
                str(given.get("start", "")).strip() or today.isoformat()
            )  # as another page may call it
        typed |= _typed(given)
        schedule = _schedule_of(typed.get(day or "on", ""), tables, today)
        typed["event"] = typed["event"] or schedule.events[0].id
        rows = [row for row in _rows(given) if _LISTS[row.nature] in asks.model_fields]
        kept = tuple(rows[:_MOST_ROWS])
        return cls(asks, schedule, tables.nomenclature, typed, kept, _repeated(given), len(rows) - len(kept))

    @property
    def event(self) -> Event | None:
        """The event chosen; nothing where the schedule declares none such."""
        return next((event for event in self.schedule.events if event.id == self.typed["event"]), None)

    @property
    def empty(self) -> bool:
        """No qualification is asked for yet, where the event's fees count them: there is nothing to price."""
        if self.event is not None and not self.schedule.counts(self.event):
            return False
        return not self.rows and not any(text.strip("0") for text in self.counts("t").values())

    def text(self, name: str) -> str:
        """What stands in an input."""
        return self.typed.get(name, "")

    def counts(self, prefix: str) -> Mapping[str, str]:
        """What stands in the inputs of tariff codes, by code; one that is none is the core's to refuse."""
        found = ((re.fullmatch(rf"{prefix}([0-9]+)", name), text) for name, text in self.typed.items())
        return {match[1]: text for match, text in found if match}

    @property
    def turnovers(self) -> Mapping[str, str]:
        """The inputs of turnovers, by the id that the schedule declares."""
        return {
            base.id: _AUDIT if base.id == AUDIT else f"{_OTHER}{base.id}" if index else _GENERAL
            for index, base in enumerate(self.schedule.turnovers)
        }

    @property
    def _takes_turnover(self) -> bool:
        """A plan comes to every event in its turn."""
        return (
            "start" in self.asks.model_fields
            or self.event is None
            or needs_turnover(self.schedule, self.event)
        )

    @property
    def named(self) -> list[tuple[str, str]]:
        """The qualifications named, as an address has them; one that is not read, as it came in."""
        return [pair for row in self.rows for pair in row.came or [(NATURES[row.nature], str(row))]]

    def found(self, row: Row) -> tuple[NomenclatureEntry, ...] | None:
        """The qualifications that hold the words of a row, to choose from; ``None``: it bears a code."""
        if not row.code or re.fullmatch("[0-9]{4}", row.code):
            return None
        return self.nomenclature.search(row.code) if plain_words(row.code) else ()

    def _refuse_rows(self) -> None:
        """No code is guessed: words are for their writer to make one of; nor is any row passed over."""
        wrong, places = [], dict.fromkeys(_LISTS, 0)
        for row in self.rows:
            place = f"{_LISTS[row.nature]}[{places[row.nature]}]"
            if row.wrong is not None:
                wrong.append(Wrong(place, row.wrong))
            elif not row.code:
                wrong.append(Wrong(place, _no_code(row.tariff)))
            elif (found := self.found(row)) is not None:
                wrong.append(Wrong(place, _choose(row.code, len(found))))
            places[row.nature] += 1
        if self.more:
            wrong.append(Wrong("qualifications", Message("{most} at most.", most=_MOST_ROWS)))
        if wrong:
            raise RefusedError(wrong)

    def _refuse_other_names(self) -> None:
        """A field of the question that an address calls otherwise was meant, and is not passed over."""
        wrong = [
            Wrong(name, _otherwise(name))
            for name in _NOT_TYPED - {_GENERAL, _AUDIT}
            if name in self.asks.model_fields and self.text(name)
        ]
        if wrong:
            raise RefusedError(sorted(wrong, key=itemgetter(0)))

    def question(self) -> Json:
        """The question as the API takes it.

        Raises:
            RefusedError: words, or nothing, where a code is needed: which qualification is meant is asked; a row
                short of a field, or of an unknown nature; an input given more than once, or under another name.
        """
        if self.repeated:
            raise RefusedError([Wrong(name, given_twice(name)) for name in self.repeated])
        self._refuse_other_names()
        self._refuse_rows()
        question: Json = {
            name: _value(name, text)
            for name, text in self.typed.items()
            if text and name in self.asks.model_fields and name not in _NOT_TYPED
        }
        for prefix, field in _COUNTS.items():
            if field in self.asks.model_fields:
                question[field] = {tariff: number_typed(text) for tariff, text in self.counts(prefix).items()}
        for row in self.rows:
            question.setdefault(_LISTS[row.nature], []).append(str(row))
        if "paid" in self.asks.model_fields and any(map(self.text, _PAID.values())):
            question["paid"] = [{name: self.text(shown) for name, shown in _PAID.items()}]
        return question | self._turnovers_given()

    def _turnovers_given(self) -> Json:
        """The turnovers, each by its field; those that no input of the schedule gives are the core's to refuse."""
        hidden = set() if self._takes_turnover else set(self.turnovers.values())
        question: Json = {name: self.text(name) for name in {_GENERAL, _AUDIT} - hidden if self.text(name)}
        others = {
            name.removeprefix(_OTHER): text
            for name, text in self.typed.items()
            if name.startswith(_OTHER) and name not in hidden
        }
        return {**question, "turnovers": others} if others else question

    def input_of(self, field: str | None) -> str | None:
        """The identifier of the input that a field of the question comes from; ``unpriced.CODE``: that code."""
        if field is None or field.startswith("unpriced."):
            return None
        name, _, place = field.replace("[", ".").rstrip("]").partition(".")
        for prefix, counts in _COUNTS.items():
            if name == counts:
                return f"{prefix}{place or self.schedule.tariffs[0]}"
        for nature, listed in _LISTS.items():
            if name == listed:
                return self._input_of_row(nature, int(place or 0))
        if name == "turnovers":
            return self.turnovers.get(place, _GENERAL)
        if name == "paid":
            return _PAID.get(place.rpartition(".")[2], _PAID["day"])
        return name

    def _input_of_row(self, nature: str, place: int) -> str:
        rows = [index for index, row in enumerate(self.rows) if row.nature == nature]
        return f"code-{rows[place]}" if rows else f"t{self.schedule.tariffs[0]}"

    def address(self) -> str:
        """The query that asks the same again, without what is blank."""
        return urlencode([pair for pair in self._pairs() if pair[1]], errors="replace")

    def _pairs(self) -> Iterator[tuple[str, str]]:
        yield "event", self.typed["event"]
        yield from self.named
        for prefix, field in _COUNTS.items():
            if field in self.asks.model_fields:
                yield from ((f"{prefix}{tariff}", text) for tariff, text in self.counts(prefix).items())
        yield from ((name, self.text(name)) for name in self.turnovers.values())
        own = [name for name in self.asks.model_fields if name not in {*_NOT_TYPED, "event", "vat"}]
        own += _PAID.values() if "paid" in self.asks.model_fields else ()
        yield from ((name, self.text(name)) for name in (*own, "vat"))


def _choose(words: str, found: int) -> Message:
    if not found:
        return Message(
            "« {words} »: no qualification of the table at hand, an extract, holds these words. Give the four digits "
            "of its code.",
            words=words[:60],
        )
    return plural(
        "« {words} »: {n} qualification holds these words. Choose it.",
        "« {words} »: {n} qualifications hold these words. Choose one.",
        words=words[:60],
        n=found,
    )


def _otherwise(name: str) -> Message:
    """What is asked of a field that an address does not hold under its name."""
    return Message(
        "« {name} » is not read from an address, which holds these: {known}. See /openapi.json to send a whole "
        "question.",
        name=name,
        known=(
            *(f"{name}=CODE:T" for name in NATURES.values()),
            *(f"{name}1=N" for name in _COUNTS),
            "turnover-ID",
        ),
    )


def _no_code(tariff: str) -> Message:
    """What is asked of a row that has a tariff alone."""
    return Message(
        "The code is missing here: give it, or count this qualification with those of tariff {tariff}.",
        tariff=tariff[:40],
    )


def needs_turnover(schedule: Schedule, event: Event) -> bool:
    """The event bears a fee that is reckoned on a turnover."""
    return any(isinstance(part, Tranches) for fee in schedule.borne(event) for part in fee.parts)


def _schedule_of(day: str, tables: Tables, today: date) -> Schedule:
    """The schedule of the day asked about, else today's; the answer says what is wrong with a day without one."""
    for wanted in (day, today):
        try:
            return tables.schedule(to_day(wanted))
        except OpqibiError:
            continue
    begun = [schedule for schedule in tables.schedules if schedule.in_force_from <= today]
    return begun[-1] if begun else tables.schedules[0]


def _repeated(given: Given) -> tuple[str, ...]:
    times = Counter(name for name, _ in given.multi_items())
    return tuple(name[:_LONGEST_NAME] for name, n in times.items() if n > 1 and name not in _SEVERAL)


def _typed(given: Given) -> dict[str, str]:
    return {name: text for name in given if (text := str(given[name]).strip())}


def _rows(given: Given) -> Iterator[Row]:
    """The qualifications named, as an address has them, then as a form sends them."""
    for nature, name in NATURES.items():
        for value in given.getlist(name):
            code, _, tariff = str(value).strip().partition(":")
            yield Row(code, tariff, nature)
    columns = [[str(value).strip() for value in given.getlist(name)] for name in _ROW]
    without = str(given.get("without", "")).strip()
    place, _, chosen = str(given.get("choose", "")).strip().partition(":")
    for index, fields in enumerate(zip_longest(*columns)):
        came = {name: text for name, text in zip(_ROW, fields, strict=True) if text is not None}
        if chosen and str(index) == place:
            came["code"] = chosen
        if (came.get("code") or came.get("tariff")) and str(index) != without:
            yield _row(came)


def _row(came: Mapping[str, str]) -> Row:
    """The row of the fields that came in; its fields go by three, and a nature is one of those known."""
    missing = tuple(name for name in _ROW if name not in came or (name == "nature" and not came[name]))
    code, tariff, nature = (came.get(name, "") for name in _ROW)
    if missing:
        wrong = Message(
            "{given}: {missing} expected beside it, once for each qualification; a tariff that is not known is left "
            "blank.",
            given=tuple(f"{name}={text[:40]}" for name, text in came.items()),
            missing=missing,
        )
    elif nature not in NATURES:
        wrong = Message("« {name} » is not one of {known}.", name=nature[:40], known=tuple(NATURES))
    else:
        return Row(code, tariff, nature)
    return Row(code, tariff, nature if nature in NATURES else "full", wrong, tuple(came.items()))


def _value(name: str, text: str) -> int | str:
    """What an input says, as the API takes it."""
    if name == "growth":
        return _fraction(text)
    return number_typed(text) if name in _WHOLE else text


def _fraction(percent: str) -> str:
    """« 2,5 » or « 2.5 % » as « 0.025 »; anything else as it stands, to be refused."""
    match = re.fullmatch(r"(-?[0-9]{1,3}(?:[.,][0-9]{1,3})?)\s*%?", percent)
    return format(Decimal(match[1].replace(",", ".")).scaleb(-2), "f") if match else percent


def number_typed(text: str) -> int | str:
    """A whole number as such; anything else as it stands, to be refused."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
