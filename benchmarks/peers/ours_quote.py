"""opqibi-rules, one quote: itemised, each line with its article, notes and VAT included."""

import datetime
from decimal import Decimal

from work import Case

import opqibi_rules

ON = datetime.date(2026, 3, 2)


def itemised(case: Case) -> object:
    turnover, counts = case
    tariffs = {n: count for n, count in enumerate(counts, 1) if count} or {1: 1}
    return opqibi_rules.quote(event="first", tariffs=tariffs, turnover=Decimal(turnover).scaleb(-2), on=ON)


def single(case: Case) -> tuple[int, int, int]:
    turnover, counts = case
    tariffs = dict(enumerate(counts, 1))
    if not any(counts):  # the quote refuses a request without any qualification: its flat parts alone
        tariffs = {1: 1}
    first = opqibi_rules.quote(event="renewal", tariffs=tariffs, turnover=Decimal(turnover).scaleb(-2), on=ON)
    control = opqibi_rules.quote(event="control", tariffs=tariffs, on=ON).subtotals.annual_control
    instruction, usage = first.subtotals.instruction, first.subtotals.brand_usage
    assert instruction is not None
    assert usage is not None
    assert control is not None
    none = not any(counts)
    return int(instruction * 100) - 60_00 * none, int(usage * 100), int(control * 100) - 15_00 * none
