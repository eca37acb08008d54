"""VAT by the customer's territory: the rate of a service between businesses, and the law that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from opqibi_rules.errors import TableError
from opqibi_rules.messages import Message
from opqibi_rules.tables.facts import Assumption, Source, Text, build_facts, build_source


@dataclass(frozen=True, slots=True)
class VatRule:
    """How a service billed to a business of a territory is taxed."""

    territory: str
    name: Text
    rate: Decimal
    """``0.20``; zero where no French VAT is billed."""
    treatment: str
    """``standard``, ``no_vat`` or ``reverse_charge``."""
    in_force_from: date
    in_force_until: date | None
    mention: Text | None
    """What the reader should know where no VAT is billed."""
    source: Source
    postcodes: tuple[str, ...]
    """Beginnings of the postcodes of the territory, where they tell it."""


@dataclass(frozen=True, slots=True)
class VatTable:
    """The rules by territory, the most recent first."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    assumptions: Mapping[str, Assumption]
    rules: tuple[VatRule, ...]

    @property
    def territories(self) -> tuple[str, ...]:
        """The territories that the table knows."""
        return tuple(dict.fromkeys(rule.territory for rule in self.rules))

    def rule(self, territory: str, on: date) -> VatRule:
        """The rule of ``territory`` in force on that day.

        Raises:
            TableError: a territory that the table does not know, or a day it does not cover.
        """
        known = [rule for rule in self.rules if rule.territory == territory]
        if not known:
            raise TableError(
                Message(
                    "VAT: « {territory} » is not a territory of the table; known: {known}. "
                    "A rate can be given too: 20 % or 0.20.",
                    territory=territory,
                    known=self.territories,
                )
            )
        in_force = [
            rule
            for rule in known
            if rule.in_force_from <= on and (rule.in_force_until is None or on <= rule.in_force_until)
        ]
        if not in_force:
            raise TableError(
                Message(
                    "VAT: no rate is known for {territory} on {day:date}; the first is of {first:date}.",
                    territory=territory,
                    day=on,
                    first=min(rule.in_force_from for rule in known),
                )
            )
        return max(in_force, key=lambda rule: rule.in_force_from)


def build(data: Mapping[str, Any], below: VatTable | None = None) -> VatTable:
    """The VAT table that a checked file states, laid over ``below`` territory by territory."""
    rules = []
    for item in data["territories"]:
        until, mention = item["in_force_until"], item["mention"]
        rules.append(
            VatRule(
                territory=item["id"],
                name=Text(**item["name"]),
                rate=Decimal(item["rate"]),
                treatment=item["treatment"],
                in_force_from=date.fromisoformat(item["in_force_from"]),
                in_force_until=None if until is None else date.fromisoformat(until),
                mention=None if mention is None else Text(**mention),
                source=build_source(item["source"]),
                postcodes=tuple(item["postcodes"]),
            )
        )
    if below:
        own = {rule.territory for rule in rules}
        rules += [rule for rule in below.rules if rule.territory not in own]
    return VatTable(**build_facts(data), rules=tuple(rules))
