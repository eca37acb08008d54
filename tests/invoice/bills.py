"""Invoices built in memory, for the tests: the totals are added here, by hand."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.price.quote import Quote, quote

ON = date(2026, 3, 2)
NEWER = " Or a schedule newer than that of 2024-02-08 applies."
"""How a verdict ends where the price differs: the bills below are over a year younger than their schedule."""
CONTROL_PRICES = "the prices of « Annual-control fee » instead of those of « Instruction fee »"
INSTRUCTION_PRICES = "the prices of « Instruction fee » instead of those of « Annual-control fee »"


def line(
    name: str, amount: str, quantity: str | None = None, price: str | None = None, number: int = 1
) -> InvoiceLine:
    return InvoiceLine(
        str(number),
        name,
        None,
        None if quantity is None else Decimal(quantity),
        None if price is None else Decimal(price),
        Decimal(amount),
        Decimal("0.2"),
    )


def bill(*lines: InvoiceLine, rate: str = "0.2", **changes: Any) -> Invoice:
    """An invoice of these lines at one rate, that agrees with itself."""
    lines = tuple(replace(item, vat_rate=Decimal(rate)) for item in lines)
    total = sum((item.amount or Decimal(0) for item in lines), Decimal("0.00"))
    vat = (total * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    given = {
        "number": "F1",
        "issued": ON,
        "seller": Party("OPQIBI"),
        "lines": lines,
        "total_excl_vat": total,
        "vat": vat,
        "total_incl_vat": total + vat,
    }
    return Invoice(**{**given, **changes})


def totals(total: str, rate: str = "0.20", **changes: Any) -> Invoice:
    """An invoice that states its totals alone."""
    return bill(line("", total), rate=rate, **{"lines": (), **changes})


def first(**changes: Any) -> Quote:
    """The quote of the README: 86,00 + 1 160,00 + 1 357,50 €."""
    return quote(**{"on": ON, "tariffs": {1: 5, 2: 3}, "turnover": "2400000", **changes})


def control(**changes: Any) -> Quote:
    """Two at tariff 1, one at tariff 4: 125,00 + 30,00 + 212,50 €."""
    return quote(**{"on": ON, "event": "control", "tariffs": {1: 2, 4: 1}, **changes})


def told(check: InvoiceCheck) -> list[str]:
    """The explanations in words."""
    return [str(item.message) for item in check.explanations]


def codes(check: InvoiceCheck, *severities: str) -> list[str]:
    """The codes of the findings, in order; by default the errors. What was not compared is told of every bill."""
    shown = [finding for finding in check.findings if not finding.code.endswith("_not_compared")]
    return [finding.code for finding in shown if finding.severity in (severities or ("error",))]


__all__ = [
    "CONTROL_PRICES",
    "INSTRUCTION_PRICES",
    "NEWER",
    "ON",
    "bill",
    "check_invoice",
    "codes",
    "control",
    "first",
    "line",
    "told",
    "totals",
]
