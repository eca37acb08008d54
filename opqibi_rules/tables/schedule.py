"""The fee schedule (« barème de tarification »): what one edition declares.

A schedule is data: its events, its fees, the parts of each fee, its prices and tranches, and the named
interpretations of what its document leaves open. A part is of one of three kinds, flat, per qualification or
tranches; what a kind comes to is said in :mod:`opqibi_rules.price.fees`, and no code names a fee.
"""

import string
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, plural
from opqibi_rules.tables.description import (
    Amount,
    ByKind,
    Code,
    Count,
    Filled,
    Identifier,
    Rate,
    TariffCode,
    Words,
    fact,
)
from opqibi_rules.tables.facts import Table


class Role(StrEnum):
    """What an event is in the life of a qualification; an event outside it has none."""

    FIRST = "first"
    RENEWAL = "renewal"
    CONTROL = "control"


class Billed(StrEnum):
    """When a fee is invoiced."""

    APPLICATION = "application"
    NOTIFICATION = "notification"
    CONTROL = "control"


class Counted(StrEnum):
    """Which qualifications a price is for."""

    ASKED = "asked"
    HELD = "held"
    NEW = "new"


@fact
class Event:
    """An occasion on which fees are due (« démarche »)."""

    id: Identifier
    name: Words
    role: Role | None = None
    """What it is in the life of a qualification; null: nothing, it stands alone."""

    def __hash__(self) -> int:
        return hash(self.id)


@fact
class Base:
    """A turnover on which a fee is reckoned, excl. VAT, of the last year known."""

    id: Identifier
    name: Words
    """As it stands before or after « chiffre d’affaires »: « ingénierie »."""


@fact
class PriceList:
    """Prices in euros excl. VAT per qualification, by tariff code."""

    id: Identifier
    article: Filled
    by_tariff: Mapping[TariffCode, Amount]

    def __hash__(self) -> int:
        return hash(self.id)


@fact
class Flat:
    """A part of one amount."""

    kind: Literal["flat"] = "flat"
    id: Identifier
    article: Filled
    label: Words
    amount: Amount
    """Euros excl. VAT."""
    when: Literal["new_requests"] | None = None
    """Due once if new qualifications are asked for; null: always due."""

    def __hash__(self) -> int:
        return hash(self.id)


@fact
class PerQualification:
    """A part that prices qualifications one by one, by tariff code."""

    kind: Literal["per_qualification"] = "per_qualification"
    id: Identifier
    article: Filled
    label: Words
    """Of the line of one tariff code; « {tariff} » stands for it."""
    counts: Counted
    prices: Identifier
    """Which price list of the schedule."""

    def __hash__(self) -> int:
        return hash(self.id)


@fact
class Tranche:
    """A slice of the turnover: above ``above``, up to ``up_to`` included, and its rate."""

    above: Amount
    up_to: Amount | None
    """null: no upper limit (the last tranche)."""
    rate: Rate
    """``0.00080`` for 0,80 per mille."""


@fact
class Limit:
    """A floor or a cap of a fee, in euros excl. VAT, for all the years that it covers."""

    article: Filled
    amount: Amount


@fact
class OtherBase:
    """Another turnover, for structures that hold only some qualifications."""

    turnover: Identifier
    held_only: tuple[Code, ...]


@fact
class Tranches:
    """A part by cumulative tranches of a turnover, rounded once, then kept between its floor and its cap."""

    kind: Literal["tranches"] = "tranches"
    id: Identifier
    article: Filled
    turnover: Identifier
    """On which of the schedule's turnovers, in general."""
    exceptions: tuple[OtherBase, ...] = ()
    tranches: tuple[Tranche, ...]
    floor: Limit | None = None
    cap: Limit | None = None

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def lowest(self) -> Decimal:
        """What it never comes under; zero without a floor."""
        return self.floor.amount if self.floor else Decimal("0.00")


Part = Flat | PerQualification | Tranches
FLOOR, CAP = "floor", "cap"
"""The parts of a fee that its limits are, on the lines that they add."""


@fact
class Fee:
    """One fee of the schedule: who bears it, when it is billed, what it covers, and its parts."""

    id: Identifier
    name: Words
    article: Filled
    events: tuple[Identifier, ...]
    """The events that bear it."""
    billed: Billed
    years: Count | None = None
    """How many years it covers, spread over them in the accounts; null: an expense of the year."""
    parts: tuple[Annotated[Part, ByKind()], ...]

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def title(self) -> Message:
        """Its name, and the years it covers where it covers several."""
        if self.years is None:
            return Message("{fee}", fee=self.name)
        return plural("{fee} ({n} year)", "{fee} ({n} years)", n=self.years, fee=self.name)

    def part(self, name: str) -> Part | None:
        """One of its parts, by its id."""
        return next((part for part in self.parts if part.id == name), None)


@fact
class Schedule(Table):
    """A fee schedule: one edition, one file."""

    kind: Literal["schedule"] = "schedule"
    events: tuple[Event, ...]
    """The first is meant where none is named."""
    turnovers: tuple[Base, ...] = ()
    """The first is meant where none is named."""
    prices: tuple[PriceList, ...] = ()
    fees: tuple[Fee, ...]
    """In the order of the document."""

    def __hash__(self) -> int:
        return hash((self.id, self.in_force_from))

    @property
    def tariffs(self) -> tuple[int, ...]:
        """The tariff codes that this schedule prices, in order."""
        return tuple(sorted({tariff for prices in self.prices for tariff in prices.by_tariff}))

    def fee(self, name: str) -> Fee | None:
        """One of its fees, by its id."""
        return next((fee for fee in self.fees if fee.id == name), None)

    def event(self, name: str | None) -> Event:
        """One of its events, by its id; the first for ``None``.

        Raises:
            RequestError: it declares no such event.
        """
        if name is None:
            return self.events[0]
        for event in self.events:
            if event.id == name:
                return event
        known = tuple(event.id for event in self.events)
        raise RequestError(
            Message("event: « {event} » is not one of {events}.", event=str(name)[:40], events=known),
            field="event",
        )

    def event_of(self, role: Role) -> Event | None:
        """The event that is this in the life of a qualification."""
        return next((event for event in self.events if event.role is role), None)

    def borne(self, event: Event) -> tuple[Fee, ...]:
        """The fees that an event bears, in the order of the document."""
        return tuple(fee for fee in self.fees if event.id in fee.events)

    def price_list(self, name: str) -> PriceList:
        """One of its price lists, by its id; it is there, or the schedule was refused."""
        return next(prices for prices in self.prices if prices.id == name)

    def base(self, name: str) -> Base:
        """One of its turnovers, by its id; it is there, or the schedule was refused."""
        return next(base for base in self.turnovers if base.id == name)

    def takes_new(self, event: Event) -> bool:
        """New qualifications may be asked for at that event, on top of those held."""
        return any(
            isinstance(part, PerQualification) and part.counts is Counted.NEW
            for fee in self.borne(event)
            for part in fee.parts
        )


RESERVED = frozenset(
    {
        "turnover",
        "event",
        "date",
        "error",
        "total_excl_vat",
        "supplier",
        "other",
        "prepaid",
        "vat",
        "loss",
        "gain",
    }
)
"""Names that a fee cannot bear: columns and accounts have them."""

Path = tuple[str | int, ...]


def contradictions(schedule: Schedule) -> Iterator[tuple[Path, Message]]:
    """What is well written in a schedule and cannot be, each with its place."""
    for name in ("events", "turnovers", "prices", "fees"):
        yield from _twice(name, [item.id for item in getattr(schedule, name)])
    roles = [event.role for event in schedule.events]
    for index, event in enumerate(schedule.events):
        if event.role is not None and event.role in roles[:index]:
            yield ("events", index, "role"), Message("another event is this already; keep one.")
        if not schedule.borne(event):
            yield ("events", index, "id"), Message("no fee is due at this event.")
    for index, prices in enumerate(schedule.prices):
        missing = [tariff for tariff in schedule.tariffs if tariff not in prices.by_tariff]
        for tariff in missing:
            message = Message("tariff {tariff} has no price here, and has one elsewhere.", tariff=tariff)
            yield ("prices", index, "by_tariff"), message
    for index, fee in enumerate(schedule.fees):
        for path, message in _of_fee(fee, schedule):
            yield ("fees", index, *path), message
    for index, assumption in enumerate(schedule.assumptions):
        if assumption.part is not None and not _has_part(schedule, assumption.part):
            message = Message(
                "« {part} » is not a part of a fee here; write FEE or FEE.PART.", part=assumption.part
            )
            yield ("assumptions", index, "part"), message


def _twice(name: str, identifiers: list[str]) -> Iterator[tuple[Path, Message]]:
    for index, identifier in enumerate(identifiers):
        if identifier in identifiers[:index]:
            yield (name, index, "id"), Message("given twice; keep one.")


def _has_part(schedule: Schedule, written: str) -> bool:
    name, _, piece = written.partition(".")
    fee = schedule.fee(name)
    return fee is not None and (not piece or fee.part(piece) is not None)


def _unknown(identifier: str, known: Iterable[str]) -> Message:
    return Message(
        "« {id} » is not declared in this file; it declares: {known}.", id=identifier, known=tuple(known)
    )


def _of_fee(fee: Fee, schedule: Schedule) -> Iterator[tuple[Path, Message]]:
    if fee.id in RESERVED:
        yield ("id",), Message("« {id} » means something else; give the fee another id.", id=fee.id)
    if fee.years == 0:
        yield ("years",), Message("at least one year is expected.")
    events = {event.id: event for event in schedule.events}
    for index, name in enumerate(fee.events):
        if name not in events:
            yield ("events", index), _unknown(name, events)
        elif (role := events[name].role) is not None and (role is Role.CONTROL) != (
            fee.billed is Billed.CONTROL
        ):
            yield ("billed",), Message("{event} is not billed then.", event=events[name].name)
    if not fee.events:
        yield ("events",), Message("empty; at least one is expected.")
    if not fee.parts:
        yield ("parts",), Message("empty; at least one is expected.")
    yield from _twice("parts", [part.id for part in fee.parts])
    for index in [index for index, part in enumerate(fee.parts) if isinstance(part, Tranches)][1:]:
        yield ("parts", index), Message("a fee takes one turnover; make another fee of this part.")
    for index, part in enumerate(fee.parts):
        for path, message in _of_part(part, schedule):
            yield ("parts", index, *path), message


def _of_part(part: Part, schedule: Schedule) -> Iterator[tuple[Path, Message]]:
    if part.id in {FLOOR, CAP}:
        yield ("id",), Message("« {id} » means something else; give the part another id.", id=part.id)
    if isinstance(part, Tranches):
        yield from _of_tranches(part, schedule)
        return
    expected = {"tariff"} if isinstance(part, PerQualification) else set()
    for language, text in part.label._asdict().items():
        if _placeholders(text) != expected:
            message = Message("write « {{tariff}} » where the tariff code stands, and no other brace.")
            yield ("label", language), message if expected else Message("no brace is expected here.")
    if isinstance(part, PerQualification) and part.prices not in (
        known := [item.id for item in schedule.prices]
    ):
        yield ("prices",), _unknown(part.prices, known)


def _placeholders(text: str) -> set[str | None]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {None}


def _of_tranches(part: Tranches, schedule: Schedule) -> Iterator[tuple[Path, Message]]:
    known = [base.id for base in schedule.turnovers]
    named: list[tuple[Path, str]] = [(("turnover",), part.turnover)]
    named += [
        (("exceptions", index, "turnover"), item.turnover) for index, item in enumerate(part.exceptions)
    ]
    for path, name in named:
        if name not in known:
            yield path, _unknown(name, known)
    if not part.tranches:
        yield ("tranches",), Message("empty; at least one is expected.")
        return
    expected: Decimal | None = part.tranches[0].above
    for index, tranche in enumerate(part.tranches):
        if expected is None:
            yield (
                ("tranches", index),
                Message("a tranche after the one without limit; only the last has none."),
            )
            break
        if tranche.above != expected:
            message = Message(
                "starts above {above:euro} where the tranche before ends at {expected:euro}; "
                "tranches follow one another, without gap nor overlap.",
                above=tranche.above,
                expected=expected,
            )
            yield ("tranches", index, "above"), message
        if tranche.up_to is not None and tranche.up_to <= tranche.above:
            yield ("tranches", index, "up_to"), Message("ends where it starts, or before.")
        expected = tranche.up_to
    else:
        if expected is not None:
            message = Message("the last tranche has a limit; without « up_to: null », no fee is known above.")
            yield ("tranches", len(part.tranches) - 1, "up_to"), message
    if part.floor and part.cap and part.floor.amount > part.cap.amount:
        yield ("floor", "amount"), Message("the floor is over the cap.")
