"""The structure (the firm): what it holds or asks for, and its turnovers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from opqibi_rules.deadlines import add_years, to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.money import plain, to_amount
from opqibi_rules.price.financial_year import CIVIL, YearEnd
from opqibi_rules.tables.schedule import Schedule

_CODE = r"([0-9]{4})(?::([0-9]{1,2}))?"


@dataclass(frozen=True, slots=True)
class Qualification:
    """One qualification, asked for or held."""

    code: str
    """Four digits, leading zero kept."""
    tariff: int | None = None
    """``None``: left to the nomenclature."""
    probationary: bool = False
    granted_on: date | None = None
    """The day it was granted, or became a full one."""
    renewed_on: tuple[date, ...] = ()
    """The days on which it was renewed."""

    def __post_init__(self) -> None:
        if not isinstance(self.code, str) or not re.fullmatch("[0-9]{4}", self.code):
            raise _no_qualification(str(self.code))
        if self.granted_on is not None:
            object.__setattr__(self, "granted_on", to_day(self.granted_on, "granted_on"))

    @classmethod
    def parse(
        cls, text: str, *, probationary: bool = False, field: str = "qualifications"
    ) -> "Qualification":
        """Read ``CODE`` or ``CODE:TARIFF``.

        >>> Qualification.parse("0607:5").tariff
        5

        Raises:
            RequestError: anything else.
        """
        match = re.fullmatch(_CODE, text.strip())
        if match is None:
            raise _no_qualification(text, field)
        return cls(match[1], int(match[2]) if match[2] else None, probationary)

    def to_dict(self) -> dict[str, object]:
        """As a structure file states it; what is not known is left out."""
        stated = {
            "probationary": self.probationary,
            "granted_on": self.granted_on and self.granted_on.isoformat(),
            "renewed_on": [day.isoformat() for day in self.renewed_on],
        }
        return {"code": self.code, "tariff": self.tariff, **_known(stated)}

    def __str__(self) -> str:
        return self.code if self.tariff is None else f"{self.code}:{self.tariff}"


def _no_qualification(text: str, field: str = "qualifications") -> RequestError:
    return RequestError(
        "« {text} » is not a qualification. Write a code of four digits, and its tariff code after a colon if you "
        "know it: 1905 or 1905:5.",
        text=text[:40],
        field=field,
    )


@dataclass(frozen=True, slots=True)
class Turnover:
    """The turnovers of one year, in euros excl. VAT; ``None`` where unknown, never zero for missing."""

    year: int
    engineering: Decimal | None = None
    """« Ingénierie » turnover: the base of article III in general."""
    energy_audit: Decimal | None = None
    """« Audit énergétique » turnover: the base where only energy-audit qualifications are held."""
    document: str | None = None
    """The fiscal or accounting document, external to the firm, that certifies it (article III)."""
    others: Mapping[str, Decimal] = FrozenDict()
    """By the ids of the turnovers that another schedule declares."""
    closed_on: date | None = None
    """The last day of that financial year, where it is not that of the structure's years."""

    def __post_init__(self) -> None:
        if type(self.year) is not int or not 1 <= self.year <= 9999:
            raise RequestError("« {text} » is not a year; write it as 2025.", text=str(self.year)[:40])
        for name in ("engineering", "energy_audit"):
            amount = getattr(self, name)
            object.__setattr__(self, name, None if amount is None else to_amount(amount, name))
        if not isinstance(self.others, Mapping):
            raise RequestError(
                "{name}: {value} is not understood.", name="others", value=str(self.others)[:40]
            )
        others = {base: to_amount(amount, base) for base, amount in self.others.items()}
        object.__setattr__(self, "others", FrozenDict(others))
        if self.closed_on is not None:
            object.__setattr__(self, "closed_on", to_day(self.closed_on, "closed_on"))

    @classmethod
    def by_base(
        cls,
        year: int,
        amounts: Mapping[str, Decimal | None],
        document: str | None = None,
        closed_on: date | None = None,
    ) -> "Turnover":
        """The turnovers of a year, by the ids that schedules declare."""
        others = {base: amount for base, amount in amounts.items() if amount is not None}
        engineering, audit = others.pop("engineering", None), others.pop("energy_audit", None)
        return cls(year, engineering, audit, document, FrozenDict(others), closed_on)

    @property
    def amounts(self) -> Mapping[str, Decimal]:
        """Those that are known, by the ids that schedules declare."""
        known = {"engineering": self.engineering, "energy_audit": self.energy_audit, **self.others}
        return {base: amount for base, amount in known.items() if amount is not None}

    def same_year(self, other: "Turnover") -> bool:
        """One financial year: two may end in a calendar year, told apart by their last days."""
        days = {self.closed_on, other.closed_on}
        return self.year == other.year and (len(days) == 1 or None in days)

    def to_dict(self) -> dict[str, object]:
        """As a structure file states it; what is not known is left out."""
        amounts = {base: plain(amount) for base, amount in self.amounts.items()}
        stated = {"closed_on": self.closed_on and self.closed_on.isoformat(), "document": self.document}
        return {"year": self.year, **amounts, **_known(stated)}


def _known(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


class KnownTurnover(NamedTuple):
    """One turnover of a year that is over: an amount in euros excl. VAT, and where it comes from."""

    amount: Decimal
    year: int
    closed_on: date
    document: str | None

    def is_old(self, on: date) -> bool:
        """Its year ended over two years before that day: a later one may be known."""
        return self.closed_on < add_years(on, -2)


def last_known(
    turnovers: Iterable[Turnover], on: date, year_end: YearEnd = CIVIL
) -> Mapping[str, KnownTurnover]:
    """By the ids that schedules declare, the turnover of the last financial year that is over on a day.

    Each is sought in all the years: one that a year does not state is that of the year before. A year whose last
    day is not stated (``closed_on``) ends with the structure's years.
    """
    closed = [(item.closed_on or year_end.closes(item.year), item) for item in turnovers]
    return FrozenDict(
        {
            base: KnownTurnover(amount, item.year, day, item.document)
            for day, item in sorted(closed, key=lambda known: known[0])
            if day < on
            for base, amount in item.amounts.items()
        }
    )


@dataclass(frozen=True, slots=True)
class Paid:
    """A fee that was paid before a plan begins, which may cover years that the plan is about."""

    day: date | str
    """The day it was billed: the years that it covers run from it."""
    amount: Decimal | int | str
    """Euros excl. VAT."""
    fee: str | None = None
    """Its id in the schedule of that day; by default the one fee that covers several years."""

    def to_dict(self) -> dict[str, object]:
        """As a structure file states it; what is not known is left out."""
        return _known({"day": str(self.day), "amount": plain(to_amount(self.amount)), "fee": self.fee})


@dataclass(frozen=True, slots=True)
class Structure:
    """A firm: who it is, its qualifications, its turnovers."""

    siren: str | None = None
    name: str | None = None
    territory: str | None = None
    """A territory of the VAT table."""
    qualifications: tuple[Qualification, ...] = ()
    """A code stands twice where it was probationary, then full: :func:`contradictions` sees any other pair."""
    turnovers: tuple[Turnover, ...] = ()
    controls: tuple[date, ...] = ()
    """The days on which annual controls were passed."""
    paid: tuple[Paid, ...] = ()
    """What it has paid, as far as it is known."""
    year_end: YearEnd | None = None
    """When its financial year closes; ``None``: not known, 31 December is taken."""

    def __post_init__(self) -> None:
        kinds = {"qualifications": Qualification, "turnovers": Turnover, "controls": date, "paid": Paid}
        for name, kind in kinds.items():
            items = getattr(self, name)
            right = not isinstance(items, str) and isinstance(items, Iterable)
            items = tuple(items) if right else ()
            if not right or not all(isinstance(item, kind) for item in items):
                raise RequestError("{name}: a list of {kind} is expected.", name=name, kind=kind.__name__)
            object.__setattr__(self, name, items)
        if isinstance(self.year_end, str):
            object.__setattr__(self, "year_end", YearEnd.parse(self.year_end))
        for name, stated in {"siren": str, "name": str, "territory": str, "year_end": YearEnd}.items():
            value = getattr(self, name)
            if not isinstance(value, stated | None):
                raise RequestError("{name}: {value} is not understood.", name=name, value=str(value)[:40])

    def to_dict(self) -> dict[str, object]:
        """As a structure file states it; what is not known is left out."""
        stated = {
            "siren": self.siren,
            "name": self.name,
            "territory": self.territory,
            "qualifications": [item.to_dict() for item in self.qualifications],
            "turnovers": [item.to_dict() for item in self.turnovers],
            "controls": [day.isoformat() for day in self.controls],
            "paid": [item.to_dict() for item in self.paid],
            "year_end": self.year_end and str(self.year_end),
        }
        return _known(stated)

    def remarks(self) -> Iterator[Message]:
        """What is odd about it, and no mistake: a few registered firms bear a number whose key is wrong."""
        from opqibi_rules.identifiers import has_right_key  # noqa: PLC0415 - only a firm has a number

        if self.siren is not None and not has_right_key(self.siren):
            yield Message("SIREN {siren}: its key is wrong; check its digits.", siren=self.siren)

    def refuse_contradictions(self) -> None:
        """Refuse what cannot be true.

        Raises:
            RequestError: the first of the :func:`contradictions` of its qualifications.
        """
        for number, message in contradictions(self.qualifications):
            code = self.qualifications[number].code
            raise RequestError(message, field="qualifications", codes=(code,))

    def held_on(self, day: date) -> tuple[Qualification, ...]:
        """Each code once: of one that was probationary, then full, what it is on that day.

        Raises:
            RequestError: what is said of them cannot be true.
        """
        self.refuse_contradictions()
        lives: dict[str, Qualification] = {}
        for item in sorted(self.qualifications, key=lambda item: item.granted_on or date.min):
            if item.code not in lives or (item.granted_on or date.max) <= day:
                lives[item.code] = item
        return tuple(item for item in self.qualifications if lives[item.code] is item)

    def turnovers_known(self, on: date, schedule: Schedule) -> Mapping[str, KnownTurnover]:
        """The last known turnovers on which the schedule reckons: see :func:`last_known`."""
        known = last_known(self.turnovers, on, self.year_end or CIVIL)
        return FrozenDict({base.id: known[base.id] for base in schedule.turnovers if base.id in known})

    def unfinished(self, on: date) -> tuple[int, ...]:
        """The years with a turnover that are not over on a day."""
        ends = self.year_end or CIVIL
        return tuple(item.year for item in self.turnovers if (item.closed_on or ends.closes(item.year)) >= on)


def contradictions(held: Iterable[Qualification]) -> Iterator[tuple[int, Message]]:
    """What cannot be true of qualifications together, each with the number of the one that is at fault."""
    before: dict[str, list[Qualification]] = {}
    for number, item in enumerate(held):
        others = before.setdefault(item.code, [])
        if others and (len(others) > 1 or not _one_life(others[0], item)):
            message = Message(
                "{code} is given twice; keep one. If it was probationary, then full, give both with their days: "
                "the full one was granted (granted_on) last.",
                code=item.code,
            )
            yield number, message
        elif wrong := _out_of_order(item):
            message = Message(
                "{code}: renewed on {day:date}; a renewal (renewed_on) is given once, and is later than "
                "the day it was granted (granted_on).",
                code=item.code,
                day=wrong,
            )
            yield number, message
        others.append(item)


def _one_life(one: Qualification, other: Qualification) -> bool:
    """Probationary, then full, in whatever order they are given."""
    trial, full = (one, other) if one.probationary else (other, one)
    if full.probationary or not trial.probationary or trial.granted_on is None or full.granted_on is None:
        return False
    alike = trial.tariff == full.tariff or None in {trial.tariff, full.tariff}
    return alike and max((trial.granted_on, *trial.renewed_on)) < full.granted_on


def _out_of_order(item: Qualification) -> date | None:
    """The first renewal that does not come after what it renews."""
    days = (item.granted_on or date.min, *sorted(item.renewed_on))
    return next((day for before, day in pairwise(days) if day <= before), None)
