"""VAT by the customer's territory: the rate of a service between businesses, and the law that says so."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self

from opqibi_rules.errors import TableError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.tables.description import SOME, Country, Day, Filled, Identifier, Rate, Words, fact
from opqibi_rules.tables.facts import Assumption, Source, Table

_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "standard": ("S",),
    "reverse_charge": ("AE",),
    "no_vat": ("E", "O"),
}
"""By treatment, how an electronic invoice may code it (UNCL 5305), the usual code first."""


@fact
class VatRule:
    """How a service billed to a business of a territory is taxed."""

    id: Identifier
    """Which territory."""
    name: Words
    rate: Rate
    """``0.20``; zero where no French VAT is billed."""
    treatment: Literal["standard", "no_vat", "reverse_charge"]
    in_force_from: Day
    in_force_until: Day | None = None
    also: tuple[Filled, ...] = ()
    """Other names that people write for it."""
    mention: Words | None = None
    """What the reader should know where no VAT is billed."""
    postcodes: tuple[Filled, ...] = ()
    """Beginnings of the postcodes of the territory, where they tell it."""
    countries: tuple[Country, ...] = ()
    """ISO 3166-1 codes, where the country tells the territory."""
    source: Source
    assumptions: tuple[Assumption, ...] = ()
    """Interpretations of this rule's own; those of its table come on top."""

    @property
    def territory(self) -> str:
        """The id of the territory."""
        return self.id

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called: its id, its name in either language, what people write."""
        return (self.id, *self.name, *self.also)

    def numbers_in(self, state: str) -> bool:
        """Whether a state gives their numbers to those of the territory; France to all that it has postcodes for."""
        return state == "FR" if self.postcodes else state in self.countries

    @property
    def categories(self) -> tuple[str, ...]:
        """How an electronic invoice may code it (UNCL 5305), the usual code first.

        Standard rate; reverse charge; exempt, or not subject to VAT.
        """
        return _CATEGORIES[self.treatment]

    @property
    def category(self) -> str:
        """How an electronic invoice usually codes it."""
        return _CATEGORIES[self.treatment][0]


@fact
class Outside:
    """A place outside the French VAT territory: which VAT is due there, the table does not know."""

    id: Identifier
    name: Words
    postcodes: tuple[Filled, ...] = ()
    """Beginnings of its postcodes; they are left out of any shorter one that a territory has."""
    countries: tuple[Country, ...] = ()
    """ISO 3166-1 codes."""
    parts: Mapping[Country, tuple[Filled, ...]] = field(default_factory=FrozenDict)
    """Of other countries, the beginnings of the postcodes that are in it."""
    source: Source

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called: its id, its name in either language."""
        return (self.id, *self.name)


class Place(NamedTuple):
    """Where an address is, for VAT."""

    address: str
    """The country and the postcode that tell it, as they are written."""
    entry: VatRule | Outside | None
    """``None``: the table does not know such an address."""

    @property
    def territory(self) -> str | None:
        """The id of its territory; ``None`` where no rate is known there."""
        return self.entry.id if isinstance(self.entry, VatRule) else None

    @property
    def unknown(self) -> Message:
        """Why no rate is known there."""
        if self.entry is None:
            return Message(
                "The buyer's address ({address}) is in no territory of the VAT table: which VAT is due there is not "
                "known.",
                address=self.address,
            )
        return Message(
            "The buyer is in {name}, which is outside the French VAT territory ({source}): which VAT is due there "
            "is not known.",
            name=self.entry.name,
            source=self.entry.source.document,
        )


_FRANCE = frozenset({"", "FR", "FRA", "FRANCE"})
_DIGITS = 5
"""Of a French postcode."""


@fact
class VatTable(Table):
    """VAT by the customer's territory."""

    kind: Literal["vat"] = "vat"
    territories: Annotated[tuple[VatRule, ...], SOME]
    outside: tuple[Outside, ...] = ()
    """The places that a postcode or a country tells apart, and that French VAT does not reach."""

    @cached_property
    def rules(self) -> Mapping[str, tuple[VatRule, ...]]:
        """By territory, the most recent first; each rule with the assumptions of its table."""
        found: dict[str, tuple[VatRule, ...]] = {}
        for rule in sorted(self.territories, key=lambda rule: rule.in_force_from):
            resting = replace(rule, assumptions=(*self.assumptions, *rule.assumptions))
            found[rule.id] = (resting, *found.get(rule.id, ()))
        return FrozenDict({rule.id: found[rule.id] for rule in self.territories})

    def over(self, below: Self) -> Self:
        """The rules of this table, and those of ``below`` for the territories that it leaves out."""
        rules = {**below.rules, **self.rules}
        every = tuple(rule for dated in rules.values() for rule in dated)
        outside = {place.id: place for place in (*below.outside, *self.outside) if place.id not in rules}
        return replace(self, territories=every, outside=tuple(outside.values()), assumptions=())

    def rule(self, territory: str, on: date) -> VatRule:
        """The rule of ``territory`` in force on that day.

        Raises:
            TableError: a territory that the table does not know, or a day it does not cover.
        """
        named = self._named(territory)
        if isinstance(named, Outside):
            raise TableError(
                "VAT: {name} is outside the French VAT territory ({source}): no rate is known there. "
                "A rate can be given: 20 % or 0.20.",
                name=named.name,
                source=named.source.document,
                field="vat",
            )
        known = self.rules[named.id] if named else ()
        for rule in known:
            if rule.in_force_from <= on and (rule.in_force_until is None or on <= rule.in_force_until):
                return rule
        if not known:
            raise TableError(
                "VAT: « {territory} » is not a territory of the table; known: {known}. "
                "A rate can be given too: 20 % or 0.20.",
                territory=territory[:40],
                known=tuple(self.rules),
                field="vat",
            )
        raise TableError(
            "VAT: no rate is known for {territory} on {day:date}; the first known is of {first:date}.",
            territory=territory,
            day=on,
            first=known[-1].in_force_from,
            field="vat",
        )

    def place(self, country: str | None, postcode: str | None) -> Place | None:
        """Where an address is, by its country and the longest beginning of its postcode that the table knows.

        ``None`` where it says neither, or France alone: it tells no territory from another. A country and a postcode
        that contradict each other are nowhere.
        """
        where = " ".join((country or "").split())
        digits = "".join((postcode or "").split()).removeprefix("F-").removeprefix("FR-")
        french = where.upper() in _FRANCE
        if french and not digits:
            return None
        entry = None if french else self._of_country(where, digits)
        if french or (digits and entry is not None and entry.postcodes):
            told = self._of_postcode(digits)
            entry = told if french or entry is told else None
        return Place(" ".join(filter(None, (where, digits))), entry)

    @cached_property
    def _entries(self) -> tuple[VatRule | Outside, ...]:
        """All that an address may be in; the territories first."""
        return (*(rule for rule, *_ in self.rules.values()), *self.outside)

    def _of_country(self, where: str, digits: str) -> VatRule | Outside | None:
        """By the code of a country, or of a part of it; else by the name of a place that has its own postcodes."""
        for place in self.outside:
            if digits.removeprefix(f"{where}-").startswith(place.parts.get(where.upper(), ())):
                return place
        for entry in self._entries:
            if where.upper() in entry.countries:
                return entry
        named = self._named(where)
        return named if named and named.postcodes else None

    def _of_postcode(self, digits: str) -> VatRule | Outside | None:
        if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
            return None
        told = [
            (len(start), entry)
            for entry in self._entries
            for start in entry.postcodes
            if digits.startswith(start)
        ]
        return max(told, key=lambda item: item[0])[1] if told else None

    def _named(self, name: str) -> VatRule | Outside | None:
        """What has that id, or that name in either language, accents, case and article aside."""
        for entry in self._entries:
            if name == entry.id:
                return entry
        wanted = _name(name)
        for entry in self._entries:
            if wanted in map(_name, entry.names):
                return entry
        return None


def _name(text: str) -> str:
    from opqibi_rules.paper.text import plain_words  # noqa: PLC0415 - only a territory that is named in words

    return plain_words(text).replace(" ", "").removeprefix("la")
