"""opqibi-rules, one quote: itemised, each line with its article, notes and VAT included."""

import datetime
from decimal import Decimal

from work import Case

import opqibi_rules

ON = datetime.date(2026, 3, 2)


def itemised(case: Case) -> object:
    turnover, counts = case
    return opqibi_rules.quote(
        event="first", tariffs=tariffs(counts), turnover=Decimal(turnover).scaleb(-2), on=ON
    )


def tariffs(counts: list[int]) -> dict[int, int]:
    return {n: count for n, count in enumerate(counts, 1) if count}


def single(case: Case) -> tuple[int, ...]:
    turnover, counts = case
    asked = tariffs(counts)
    renewal = opqibi_rules.quote(event="renewal", tariffs=asked, turnover=Decimal(turnover).scaleb(-2), on=ON)
    control = opqibi_rules.quote(event="control", tariffs=asked, on=ON)
    fees = (renewal.subtotals.instruction, renewal.subtotals.brand_usage, control.subtotals.annual_control)
    return tuple(int(fee * 100) for fee in fees if fee is not None)
