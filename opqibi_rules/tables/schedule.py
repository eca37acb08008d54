"""The fee schedule (« barème de tarification »): what one edition declares.

A schedule is data: its events, its fees, the parts of each fee, its prices and tranches, and the named
interpretations of what its document leaves open. A part is of one of three kinds, flat, per qualification or
tranches; what a kind comes to is said in :mod:`opqibi_rules.price.fees`, and no code names a fee.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from opqibi_rules.errors import RequestError, meant
from opqibi_rules.messages import Message, plural
from opqibi_rules.tables.description import (
    BY_KIND,
    SOME,
    Amount,
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
    by_tariff: Annotated[Mapping[TariffCode, Amount], SOME]


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
    held_only: Annotated[tuple[Code, ...], SOME]


@fact
class Tranches:
    """A part by cumulative tranches of a turnover, rounded once, then kept between its floor and its cap."""

    kind: Literal["tranches"] = "tranches"
    id: Identifier
    article: Filled
    turnover: Identifier
    """On which of the schedule's turnovers, in general."""
    exceptions: tuple[OtherBase, ...] = ()
    tranches: Annotated[tuple[Tranche, ...], SOME]
    floor: Limit | None = None
    cap: Limit | None = None


Part = Flat | PerQualification | Tranches
FLOOR, CAP = "floor", "cap"
"""The parts of a fee that its limits are, on the lines that they add."""


@fact
class Fee:
    """One fee of the schedule: who bears it, when it is billed, what it covers, and its parts."""

    id: Identifier
    name: Words
    article: Filled
    events: Annotated[tuple[Identifier, ...], SOME]
    """The events that bear it."""
    billed: Billed
    years: Count | None = None
    """How many years it covers, spread over them in the accounts; null: an expense of the year."""
    parts: Annotated[tuple[Annotated[Part, BY_KIND], ...], SOME]

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
    events: Annotated[tuple[Event, ...], SOME]
    """The first is meant where none is named."""
    turnovers: tuple[Base, ...] = ()
    """The first is meant where none is named."""
    prices: Annotated[tuple[PriceList, ...], SOME]
    """At least one: a question says its qualifications by the tariff codes that they declare."""
    fees: Annotated[tuple[Fee, ...], SOME]
    """In the order of the document."""

    @cached_property
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
        shown = str(name)[:40]
        problem = Message("event: « {event} » is not one of {events}.", event=shown, events=known)
        raise RequestError(meant(problem, shown, known) if isinstance(name, str) else problem, field="event")

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

    def counts(self, event: Event) -> bool:
        """A fee of that event is priced by qualification: one at least is needed."""
        return any(isinstance(part, PerQualification) for fee in self.borne(event) for part in fee.parts)

    def takes_new(self, event: Event) -> bool:
        """New qualifications may be asked for at that event, on top of those held."""
        return any(
            isinstance(part, PerQualification) and part.counts is Counted.NEW
            for fee in self.borne(event)
            for part in fee.parts
        )
