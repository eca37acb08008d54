"""The fee schedule (« barème de tarification »): the amounts, tranches and named assumptions of one edition.

A schedule is built from a checked table (:mod:`opqibi_rules.tables.library`); it is immutable and holds no
rule: the rules that use it are in :mod:`opqibi_rules.price.articles`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from opqibi_rules.messages import Text
from opqibi_rules.money import round_cents
from opqibi_rules.tables.facts import Assumption, Source, build_facts


@dataclass(frozen=True, slots=True)
class Price:
    """One amount of the schedule, in euros excl. VAT, and the article that states it."""

    article: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """Prices in euros excl. VAT per qualification, by tariff code."""

    article: str
    by_tariff: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Tranche:
    """A slice of the turnover, in euros, and its rate (``0.00080`` for 0,80 per mille)."""

    lower: Decimal
    upper: Decimal | None
    """``None``: no upper limit."""
    rate: Decimal


@dataclass(frozen=True, slots=True)
class BrandUsage:
    """Article III: the fee for four years, from the turnover excl. VAT."""

    article: str
    years: int
    tranches: tuple[Tranche, ...]
    floor: Price
    cap: Price
    energy_audit_codes: frozenset[str]
    """A structure that holds only these pays on its energy-audit turnover."""


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """One edition of the fee schedule; compared by identity, so that rules can be made once for each."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    dossier: Price
    instruction_flat: Price
    instruction_prices: UnitPrices
    brand_usage: BrandUsage
    control_flat: Price
    control_prices: UnitPrices
    new_requests_flat: Price
    assumptions: Mapping[str, Assumption]
    from_user: bool = False
    """From a user's own folder of tables, not from those shipped."""

    @property
    def tariffs(self) -> tuple[int, ...]:
        """The tariff codes that this schedule prices, in order."""
        return tuple(self.instruction_prices.by_tariff)


def _cents(amount: str) -> Decimal:
    """An amount of a table, written with its two decimals so that sums keep them."""
    return round_cents(Decimal(amount))


def _price(data: Mapping[str, Any]) -> Price:
    return Price(data["article"], _cents(data["amount"]))


def _prices(data: Mapping[str, Any]) -> UnitPrices:
    prices = {int(code): _cents(amount) for code, amount in data["prices"].items()}
    return UnitPrices(data["article"], MappingProxyType(prices))


def build(data: Mapping[str, Any], *, from_user: bool = False) -> Schedule:
    """The schedule that a checked table states."""
    usage = data["brand_usage"]
    tranches = tuple(
        Tranche(
            Decimal(tranche["above"]),
            None if tranche["up_to"] is None else Decimal(tranche["up_to"]),
            Decimal(tranche["rate"]),
        )
        for tranche in usage["tranches"]
    )
    return Schedule(
        **build_facts(data),
        dossier=_price(data["dossier"]),
        instruction_flat=_price(data["instruction"]["flat"]),
        instruction_prices=_prices(data["instruction"]["per_qualification"]),
        brand_usage=BrandUsage(
            usage["article"],
            usage["years"],
            tranches,
            _price(usage["floor"]),
            _price(usage["cap"]),
            frozenset(usage["energy_audit_codes"]),
        ),
        control_flat=_price(data["annual_control"]["flat"]),
        control_prices=_prices(data["annual_control"]["per_qualification"]),
        new_requests_flat=_price(data["annual_control"]["new_requests"]),
        from_user=from_user,
    )
