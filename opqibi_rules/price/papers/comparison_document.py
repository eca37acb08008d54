"""Choices side by side, and what one more of something costs, as documents."""

from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.price.comparison import NOTHING, Comparison, Limits, OneMore, Rise
from opqibi_rules.price.fees import FEE_NAMES, FEES

_TOTAL, _DIFFERENCE = Message("Total excl. VAT"), Message("Difference")


def comparison_document(comparison: Comparison) -> Document:
    """A column for each choice: fee by fee, then what is paid each calendar year."""
    choices = comparison.choices
    names = tuple(choice.name for choice in choices)
    rows: list[Row] = [
        (FEE_NAMES[fee], *(Cell(choice.fee(fee), "euro") for choice in choices)) for fee in FEES
    ]
    rows.append((_TOTAL, *(Cell(choice.total, "euro") for choice in choices)))
    rows.append((_DIFFERENCE, *(Cell(comparison.difference(choice), "euro") for choice in choices)))
    by_fee = Table((Message("Fee"), *names), rows, frozenset({len(FEES)}), title=Message("By fee, excl. VAT"))
    first = choices[0].plan.request
    facts = [
        (Message("From"), Cell(first.start, "date")),
        (Message("Years"), Cell(first.years, "count")),
    ]
    return Document(Message("Choices compared"), facts, [by_fee, _years(comparison)], comparison.notes)


def _years(comparison: Comparison) -> Table:
    paid = [
        {year.year: year.cash for year in choice.plan.by_year if year.cash} for choice in comparison.choices
    ]
    rows: list[Row] = [
        (str(year), *(Cell(cash.get(year, NOTHING), "euro") for cash in paid))
        for year in sorted({year for cash in paid for year in cash})
    ]
    columns = (Message("Year"), *(choice.name for choice in comparison.choices))
    return Table(columns, rows, title=Message("Paid each calendar year, excl. VAT"))


def one_more_document(one: OneMore, limits: Limits) -> Document:
    """What one more qualification, and one more euro of turnover, cost."""
    rows: list[Row] = [
        (Message("One more qualification at tariff {tariff}", tariff=tariff), Cell(cost, "euro"))
        for tariff, cost in one.tariffs.items()
    ]
    if one.rate is not None and one.turnover is not None:
        label = Message(
            "{more:euro} more than a turnover of {turnover:euro}", more=Decimal(1000), turnover=one.turnover
        )
        rows.append((label, Cell(EXACT.multiply(one.rate, Decimal(1000)), "euro")))
    facts = []
    if limits.floor_until is not None:
        facts.append((Message("Floor up to a turnover of"), Cell(limits.floor_until, "euro")))
    if limits.cap_from is not None:
        facts.append((Message("Cap from a turnover of"), Cell(limits.cap_from, "euro")))
    columns = (Message("One more"), Message("Over the plan, excl. VAT"))
    return Document(Message("What one more costs"), facts, [Table(columns, rows)])


def rise_document(rise: Rise, refused: int) -> Document:
    """What structures pay under two tables, fee by fee."""
    rows: list[Row] = [
        (
            FEE_NAMES[fee],
            *(Cell(amount, "euro") for amount in (rise.before[fee], rise.after[fee], rise.of(fee))),
        )
        for fee in FEES
    ]
    totals = (rise.total_before, rise.total_after, EXACT.subtract(rise.total_after, rise.total_before))
    rows.append((_TOTAL, *(Cell(amount, "euro") for amount in totals)))
    columns = (Message("Fee"), Message("First tables"), Message("Second tables"), _DIFFERENCE)
    facts = [(Message("Structures"), Cell(rise.structures, "count"))]
    if refused:
        facts.append((Message("Not counted, for want of right data"), Cell(refused, "count")))
    return Document(Message("Two schedules compared"), facts, [Table(columns, rows, frozenset({len(FEES)}))])
