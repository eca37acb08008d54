"""The form of a quote: read from an address, asked as a question, written back as an address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict

NATURES = {"full": "q", "probationary": "p", "new": "new"}
"""What a named qualification is, and how an address calls it."""
_FIELDS = {"full": "qualifications", "probationary": "probationary", "new": "new_qualifications"}
_MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A qualification named by its code."""

    code: str = ""
    tariff: str = ""
    nature: str = "full"

    def __str__(self) -> str:
        return f"{self.code}:{self.tariff}" if self.tariff else self.code


@dataclass(frozen=True, slots=True)
class QuoteForm:
    """What the reader has typed, as typed."""

    event: str
    rows: tuple[Row, ...]
    counts: Mapping[str, str]
    """By tariff code, those left blank excluded."""
    new_counts: Mapping[str, str]
    turnover: str
    audit_turnover: str
    on: str
    vat: str

    @classmethod
    def read(cls, given: "ImmutableMultiDict[str, Any]", tariffs: Sequence[int], today: str) -> "QuoteForm":
        """The form that an address, or a body, holds."""

        def text(name: str, default: str = "") -> str:
            return str(given.get(name, default)).strip()

        rows = [
            Row(*_parted(str(value)), nature)
            for nature, name in NATURES.items()
            for value in given.getlist(name)
        ]
        columns = (given.getlist("code"), given.getlist("tariff"), given.getlist("nature"))
        without = text("without")
        rows += [
            Row(str(code).strip(), str(tariff).strip(), str(nature) if nature in NATURES else "full")
            for index, (code, tariff, nature) in enumerate(zip(*columns, strict=False))
            if str(code).strip() and str(index) != without
        ]
        return cls(
            text("event") or "first",
            tuple(rows[:_MOST_ROWS]),
            {str(t): value for t in tariffs if (value := text(f"t{t}"))},
            {str(t): value for t in tariffs if (value := text(f"n{t}"))},
            text("turnover"),
            text("audit_turnover"),
            text("on", today),
            text("vat") or "metropolitan",
        )

    @property
    def empty(self) -> bool:
        """No qualification is asked for yet: there is nothing to price."""
        return not self._rows_meant and not any(value.strip("0") for value in self.counts.values())

    @property
    def _rows_meant(self) -> list[tuple[int, Row]]:
        """The rows that count: new requests are for a control, and are hidden elsewhere."""
        return [
            (index, row)
            for index, row in enumerate(self.rows)
            if self.event == "control" or row.nature != "new"
        ]

    def held(self) -> dict[str, Any]:
        """What is held or asked for, as the API takes it."""
        question: dict[str, Any] = {
            "event": self.event,
            "tariffs": {tariff: _number(text) for tariff, text in self.counts.items()},
            "vat": self.vat,
            **{name: [] for name in _FIELDS.values()},
        }
        for _, row in self._rows_meant:
            question[_FIELDS[row.nature]].append(str(row))
        return question

    def question(self) -> dict[str, Any]:
        """The question as the API takes it."""
        question = self.held()
        if self.on:
            question["on"] = self.on
        if self.event == "control":
            question["new_tariffs"] = {tariff: _number(text) for tariff, text in self.new_counts.items()}
        else:
            question |= self.turnovers()
        return question

    def turnovers(self) -> dict[str, str]:
        """The turnovers given."""
        given = {"turnover": self.turnover, "audit_turnover": self.audit_turnover}
        return {name: text for name, text in given.items() if text}

    def input_of(self, field: str | None) -> str | None:
        """The identifier of the input that a field of the question comes from."""
        if field is None:
            return None
        if field.startswith(("tariffs.", "new_tariffs.")):
            name, _, tariff = field.partition(".")
            return f"{'t' if name == 'tariffs' else 'n'}{tariff}"
        name, _, place = field.partition("[")
        for nature, listed in _FIELDS.items():
            if listed == name and place:
                rows = [index for index, row in self._rows_meant if row.nature == nature]
                return f"code-{rows[int(place.rstrip(']'))]}"
        return "t1" if name in {"tariffs", "qualifications"} else name

    def address(self) -> str:
        """The query that asks the same again, without what is blank."""
        pairs = self._held_pairs()
        if self.event == "control":
            pairs += [(f"n{tariff}", text) for tariff, text in self.new_counts.items()]
        else:
            pairs += self.turnovers().items()
        return _query([*pairs, ("on", self.on), ("vat", self.vat)])

    def _held_pairs(self) -> list[tuple[str, str]]:
        return [
            ("event", self.event),
            *((NATURES[row.nature], str(row)) for _, row in self._rows_meant),
            *((f"t{tariff}", text) for tariff, text in self.counts.items()),
        ]


@dataclass(frozen=True, slots=True)
class PlanForm(QuoteForm):
    """The form of a plan: what is held, and over which years."""

    start: str = ""
    years: str = "4"
    notified: str = ""
    growth: str = ""
    """Percent a year."""

    @classmethod
    def read(cls, given: "ImmutableMultiDict[str, Any]", tariffs: Sequence[int], today: str) -> "PlanForm":
        """The form that an address holds."""
        form = QuoteForm.read(given, tariffs, today)
        values = {name: getattr(form, name) for name in QuoteForm.__dataclass_fields__}
        values["rows"] = tuple(row for row in form.rows if row.nature != "new")
        own = {name: str(given.get(name, "")).strip() for name in ("start", "years", "notified", "growth")}
        return cls(**values | own | {"start": own["start"] or today, "years": own["years"] or "4"})

    def question(self) -> dict[str, Any]:
        """The question as the API takes it."""
        question = self.held() | self.turnovers() | {"start": self.start, "years": _number(self.years)}
        del question[_FIELDS["new"]]
        if self.notified:
            question["notified"] = self.notified
        if self.growth:
            question["growth"] = _fraction(self.growth)
        return question

    def address(self) -> str:
        """The query that asks the same again, without what is blank."""
        own = [(name, getattr(self, name)) for name in ("start", "years", "notified", "growth", "vat")]
        return _query([*self._held_pairs(), *self.turnovers().items(), *own])


def _query(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(name, value) for name, value in pairs if value], errors="replace")


def _fraction(percent: str) -> str:
    """« 2,5 » or « 2.5 % » as « 0.025 »; anything else as it stands, to be refused."""
    match = re.fullmatch(r"(-?[0-9]{1,3}(?:[.,][0-9]{1,3})?)\s*%?", percent)
    return format(Decimal(match[1].replace(",", ".")).scaleb(-2), "f") if match else percent


def _parted(text: str) -> tuple[str, str]:
    code, _, tariff = text.strip().partition(":")
    return code, tariff


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
