"""VAT by the customer's territory: the rate of a service between businesses, and the law that says so."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from opqibi_rules.errors import TableError
from opqibi_rules.messages import Message, Text
from opqibi_rules.tables.facts import Assumption, Source, build_facts, build_source


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
    countries: frozenset[str]
    """ISO 3166-1 codes of the territory, where they tell it."""
    assumptions: tuple[Assumption, ...]
    """Those of its table."""


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
    rules: Mapping[str, tuple[VatRule, ...]]
    """By territory, the most recent first."""

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
                Message(
                    "VAT: « {territory} » is not a territory of the table; known: {known}. "
                    "A rate can be given too: 20 % or 0.20.",
                    territory=territory[:40],
                    known=tuple(self.rules),
                ),
                field="vat",
            )
        raise TableError(
            Message(
                "VAT: no rate is known for {territory} on {day:date}; the first known is of {first:date}.",
                territory=territory,
                day=on,
                first=known[-1].in_force_from,
            ),
            field="vat",
        )

    def territory(self, country: str | None, postcode: str | None) -> str | None:
        """The territory of an address; ``None`` where the table cannot tell.

        A country that the table knows decides; in France, the longest beginning of the postcode that it knows.
        """
        code = (country or "").strip().upper()
        digits = (postcode or "").replace(" ", "")
        found, longest = None, -1
        for territory, (rule, *_) in self.rules.items():
            if code in rule.countries:
                return territory
            if code in {"", _FRANCE} and len(digits) == 5 and digits.isdigit():
                for start in rule.postcodes:
                    if digits.startswith(start) and len(start) > longest:
                        found, longest = territory, len(start)
        return found

    def _named(self, name: str) -> str:
        """The territory whose name, in either language, is ``name``, accents, case and article aside."""
        wanted = _fold(name)
        for territory, (rule, *_) in self.rules.items():
            if wanted in {_fold(territory), _fold(rule.name.fr), _fold(rule.name.en)}:
                return territory
        return ""


_FRANCE = "FR"


def _fold(text: str) -> str:
    folded = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if char.isalnum())
    return folded.removeprefix("la")


def build(data: Mapping[str, Any], below: VatTable | None = None) -> VatTable:
    """The VAT table that a checked file states, laid over ``below`` territory by territory."""
    facts = build_facts(data)
    rules: dict[str, tuple[VatRule, ...]] = dict(below.rules) if below else {}
    own: dict[str, list[VatRule]] = {}
    for item in data["territories"]:
        until, mention = item["in_force_until"], item["mention"]
        own.setdefault(item["id"], []).append(
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
                countries=frozenset(item["countries"]),
                assumptions=tuple(facts["assumptions"].values()),
            )
        )
    for territory, dated in own.items():
        rules[territory] = tuple(sorted(dated, key=lambda rule: rule.in_force_from, reverse=True))
    return VatTable(**facts, rules=MappingProxyType(rules))
