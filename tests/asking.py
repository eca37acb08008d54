"""Putting the same question to the package and to the oracle, and writing cents as amounts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import opqibi_rules.price.quote as package
from opqibi_rules import DeclaredEvent
from tests import oracle

ON = date(2026, 3, 2)


def euros(cents: int | None) -> str | None:
    """123456 as « 1234.56 »."""
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"


def ask(
    event: str,
    tariffs: Mapping[int, int],
    turnover: int | None = None,
    new: Mapping[int, int] | None = None,
    vat: str = "metropolitan",
    **more: Any,
) -> package.Quote:
    """The package's quote, the turnover in cents as for the oracle."""
    return package.quote(
        event=DeclaredEvent(event),
        on=ON,
        tariffs=tariffs,
        new_tariffs=new or {},
        turnover=euros(turnover),
        vat=vat,
        **more,
    )


def amounts(quote: package.Quote) -> dict[str, Any]:
    """The amounts of a quote, as its JSON gives them."""
    answer = quote.to_dict()
    return {
        **answer["subtotals"],
        **{name: answer[name] for name in ("total_excl_vat", "vat", "total_incl_vat")},
    }


def expected(*question: Any, **more: Any) -> dict[str, Any]:
    """The same amounts, by the oracle."""
    answer = oracle.answer(*question, **more)
    return {
        name: euros(getattr(answer, name))
        for name in (
            "dossier",
            "instruction",
            "brand_usage",
            "annual_control",
            "total_excl_vat",
            "vat",
            "total_incl_vat",
        )
    }
