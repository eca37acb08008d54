"""Choices side by side, and what one more of something costs, as documents."""

from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.price.comparison import Comparison, OneMore, Rise, limits
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.inversion import by_turnover
from opqibi_rules.tables.schedule import Schedule

_TOTAL, _DIFFERENCE = Message("Total excl. VAT"), Message("Difference")


def comparison_document(comparison: Comparison) -> Document:
    """A column for each choice: fee by fee, then what is paid each calendar year."""
    choices = comparison.choices
    names = tuple(choice.name for choice in choices)
    rows: list[Row] = [
        (fee.title, *(Cell(choice.fee(fee.id), "euro") for choice in choices)) for fee in comparison.fees
    ]
    strong = frozenset({len(rows)})
    rows.append((_TOTAL, *(Cell(choice.total, "euro") for choice in choices)))
    rows.append((_DIFFERENCE, *(Cell(comparison.difference(choice), "euro") for choice in choices)))
    by_fee = Table((Message("Fee"), *names), rows, strong, title=Message("By fee, excl. VAT"))
    first = choices[0].plan.question
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
        (str(year), *(Cell(cash.get(year, NO_EUROS), "euro") for cash in paid))
        for year in sorted({year for cash in paid for year in cash})
    ]
    columns = (Message("Year"), *(choice.name for choice in comparison.choices))
    return Table(columns, rows, title=Message("Paid each calendar year, excl. VAT"))


def one_more_document(one: OneMore, schedule: Schedule) -> Document:
    """What one more qualification, and one more euro of turnover, cost under a schedule."""
    rows: list[Row] = [
        (Message("One more qualification at tariff {tariff}", tariff=tariff), Cell(cost, "euro"))
        for tariff, cost in one.tariffs.items()
    ]
    names = {base.id: base.name for base in schedule.turnovers}
    for base, euro in one.euros.items():
        label = Message(
            "{more:euro} more than a turnover {base} of {turnover:euro}",
            more=Decimal(1000),
            base=names.get(base, base),
            turnover=euro.turnover,
        )
        rows.append((label, Cell(EXACT.multiply(euro.rate, Decimal(1000)), "euro")))
    facts = []
    for rule in by_turnover(schedule):
        bounds = limits(schedule, rule.fee.id)
        if bounds.floor_until is not None:
            label = Message("{fee}: floor up to a turnover of", fee=rule.fee.name)
            facts.append((label, Cell(bounds.floor_until, "euro")))
        if bounds.cap_from is not None:
            label = Message("{fee}: cap from a turnover of", fee=rule.fee.name)
            facts.append((label, Cell(bounds.cap_from, "euro")))
    columns = (Message("One more"), Message("Over the plan, excl. VAT"))
    return Document(Message("What one more costs"), facts, [Table(columns, rows)])


def rise_document(rise: Rise, refused: int) -> Document:
    """What structures pay under two tables, fee by fee."""
    rows: list[Row] = [
        (
            fee.title,
            *(Cell(amount, "euro") for amount in (rise.before[name], rise.after[name], rise.of(name))),
        )
        for name, fee in rise.fees.items()
    ]
    totals = (rise.total_before, rise.total_after, rise.total)
    rows.append((_TOTAL, *(Cell(amount, "euro") for amount in totals)))
    columns = (Message("Fee"), Message("First tables"), Message("Second tables"), _DIFFERENCE)
    facts = [(Message("Structures"), Cell(rise.structures, "count"))]
    if refused:
        facts.append((Message("Not counted, for want of right data"), Cell(refused, "count")))
    return Document(
        Message("Two schedules compared"), facts, [Table(columns, rows, frozenset({len(rows) - 1}))]
    )
