"""VAT by the customer's territory: the rate of a service between businesses, and the law that says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from opqibi_rules.errors import TableError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.tables.description import SOME, Country, Day, Filled, Identifier, Rate, Words, fact
from opqibi_rules.tables.facts import Assumption, Source, Table


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
    def category(self) -> str:
        """How an electronic invoice codes it (UNCL 5305): standard rate, reverse charge, exempt."""
        return {"standard": "S", "reverse_charge": "AE", "no_vat": "E"}[self.treatment]


@fact
class VatTable(Table):
    """VAT by the customer's territory."""

    kind: Literal["vat"] = "vat"
    territories: Annotated[tuple[VatRule, ...], SOME]

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
        return replace(self, territories=every, assumptions=())

    def rule(self, territory: str, on: date) -> VatRule:
        """The rule of ``territory`` in force on that day.

        Raises:
            TableError: a territory that the table does not know, or a day it does not cover.
        """
        known = self.rules.get(territory) or self.rules.get(self._named(territory), ())
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

    def territory(self, country: str | None, postcode: str | None) -> str | None:
        """The territory of an address; ``None`` where the table cannot tell.

        A country that the table knows decides; in France, the longest beginning of the postcode that it knows.
        """
        code = (country or "").strip().upper()
        for territory, (rule, *_) in self.rules.items():
            if code in rule.countries:
                return territory
        digits = (postcode or "").replace(" ", "")
        french = code in {"", "FR"} and len(digits) == 5 and digits.isdigit()
        return self._of_postcode(digits) if french else None

    def _of_postcode(self, digits: str) -> str | None:
        told = [
            (len(start), rule.id)
            for rule, *_ in self.rules.values()
            for start in rule.postcodes
            if digits.startswith(start)
        ]
        return max(told, key=lambda item: item[0])[1] if told else None

    def _named(self, name: str) -> str:
        """The territory whose name, in either language, is ``name``, accents, case and article aside."""
        wanted = _name(name)
        for territory, (rule, *_) in self.rules.items():
            if wanted in {_name(territory), _name(rule.name.fr), _name(rule.name.en)}:
                return territory
        return ""


def _name(text: str) -> str:
    from opqibi_rules.paper.text import plain_words  # noqa: PLC0415 - only a territory that is named in words

    return plain_words(text).replace(" ", "").removeprefix("la")
