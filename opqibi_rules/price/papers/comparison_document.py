"""Choices side by side, and what one more of something costs, as documents."""

from collections.abc import Sequence
from datetime import date
from itertools import chain

from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.document import Cell, Document, Row, Table, euros
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.inversion import by_turnover
from opqibi_rules.price.papers.portfolio_document import refused_table
from opqibi_rules.price.partial import total_excl_vat, whole_between
from opqibi_rules.price.planning.comparison import (
    A_FEW,
    FIRST_TABLES,
    SECOND_TABLES,
    THOUSAND,
    Choice,
    Comparison,
    OneMore,
    OneRise,
    Rise,
    limits,
    said_of_rises,
)
from opqibi_rules.price.planning.portfolio import Refused
from opqibi_rules.tables.schedule import Schedule

_DIFFERENCE = Message("Difference")


def comparison_document(comparison: Comparison, refused: Sequence[Refused] = ()) -> Document:
    """A column for each choice: fee by fee, then what is paid each calendar year; many are a row each."""
    choices = comparison.choices
    rows: list[Row] = [
        (fee.title, *euros(None if fee.id in one.plan.missing else one.fee(fee.id) for one in choices))
        for fee in comparison.fees
    ]
    strong = frozenset({len(rows)})
    rows.append((total_excl_vat(comparison.missing_fees), *euros(choice.total for choice in choices)))
    rows.append((_DIFFERENCE, *euros(map(comparison.difference, choices))))
    if comparison.missing_fees:
        ranges = (choice.plan.range for choice in choices)
        rows.append(
            (Message("With what is missing"), *(whole_between(one) if one else None for one in ranges))
        )
    columns = (Message("Fee"), *(choice.name for choice in choices))
    by_fee = Table(columns, rows, strong, title=Message("By fee, excl. VAT"))
    first = choices[0].plan.question
    facts = [
        (Message("From"), _from(comparison.starts)),
        (Message("Years"), Cell(first.years, "count")),
    ]
    tables = [by_fee, _years(choices)]
    if len(choices) > A_FEW:
        tables = [_turned(one, Message("Structure")) for one in tables]
    return Document(Message("Choices compared"), facts, [*refused_table(refused), *tables], comparison.notes)


def _from(starts: Sequence[date]) -> Cell | Message:
    """The day on which all start, or the first and the last."""
    if len(starts) == 1:
        return Cell(starts[0], "date")
    return Message("{first:date} to {last:date}", first=starts[0], last=starts[-1])


def _turned(table: Table, first: Message) -> Table:
    """A row for each column after the first, a column for each row; the last rows are no longer sums."""
    columns = [first, *(_heading(row[0]) for row in table.rows)]
    rows: list[Row] = [
        (name, *(row[at] for row in table.rows)) for at, name in enumerate(table.columns[1:], 1)
    ]
    return Table(columns, rows, title=table.title)


def _heading(cell: Cell | Message | Text | str | None) -> Message:
    return cell if isinstance(cell, Message) else Message("{text}", text=cell)


def _years(choices: Sequence[Choice]) -> Table:
    """What each pays in each year; where they do not close on the same day, a year is told by its last."""
    paid = [{year.closes: year.cash for year in choice.plan.by_year if year.cash} for choice in choices]
    labels = {year.closes: year.label for choice in choices for year in choice.plan.by_year}
    ends = {choice.plan.question.year_end for choice in choices}
    apart = len(ends) > 1
    rows: list[Row] = [
        (
            labels[closes],
            *([Cell(closes, "date")] if apart else ()),
            *euros(cash.get(closes, NO_EUROS) for cash in paid),
        )
        for closes in sorted({*chain(*paid)})
    ]
    columns = (
        Message("Year"),
        *([Message("Closed on")] if apart else ()),
        *(choice.name for choice in choices),
    )
    civil = all(end.is_civil for end in ends)
    return Table(columns, rows, title=_PAID if civil else _PAID_IN_FINANCIAL_YEARS)


_PAID = Message("Paid each calendar year, excl. VAT")
_PAID_IN_FINANCIAL_YEARS = Message("Paid each financial year, excl. VAT")


def one_more_document(one: OneMore, schedule: Schedule) -> Document:
    """What one more qualification, and one more euro of turnover, cost under a schedule."""
    rows: list[Row] = [
        (
            Message("One more qualification at tariff {tariff}", tariff=tariff),
            Message("not computed") if cost is None else Cell(cost, "euro"),
        )
        for tariff, cost in one.tariffs.items()
    ]
    names = {base.id: base.name for base in schedule.turnovers}
    for base, euro in one.euros.items():
        label = Message(
            "{more:euro} more than a turnover {base} of {turnover:euro}",
            more=THOUSAND,
            base=names.get(base, base),
            turnover=euro.turnover,
        )
        rows.append((label, Cell(euro.thousand, "euro")))
    columns = (Message("One more"), Message("Over the plan, excl. VAT"))
    tables = [Table(columns, rows), _limits(schedule)]
    tables = [table for table in tables if table.rows]
    return Document(Message("What one more costs"), tables=tables, notes=one.notes)


def _limits(schedule: Schedule) -> Table:
    """The turnovers between which each fee follows its own."""
    found = [(rule.fee.name, limits(schedule, rule.fee.id)) for rule in by_turnover(schedule)]
    rows: list[Row] = [
        (name, *euros((bounds.floor_until, bounds.cap_from)))
        for name, bounds in found
        if bounds.floor_until is not None or bounds.cap_from is not None
    ]
    columns = (Message("Fee"), Message("Floor up to a turnover of"), Message("Cap from a turnover of"))
    return Table(columns, rows)


def rise_document(rise: Rise, refused: Sequence[Refused], each: Sequence[OneRise] = ()) -> Document:
    """What structures pay under two tables, fee by fee, then each of them; and who is left out."""
    rows: list[Row] = [
        (one.fee.title, *euros((one.before, one.after, one.difference))) for one in rise.fees.values()
    ]
    held = [fee for fee, one in rise.fees.items() if one.before or one.after]
    rows.append(
        (total_excl_vat(rise.missing, held), *euros((rise.total_before, rise.total_after, rise.total)))
    )
    columns = (Message("Fee"), FIRST_TABLES, SECOND_TABLES, _DIFFERENCE)
    facts = [(Message("Structures"), Cell(rise.structures, "count"))]
    if refused:
        facts.append((Message("Not counted, for want of right data"), Cell(len(refused), "count")))
    tables = [Table(columns, rows, frozenset({len(rows) - 1}), title=Message("By fee, excl. VAT"))]
    if 1 < len(each) <= _MOST_EACH:
        own: list[Row] = [
            (name, *euros((one.total_before, one.total_after, one.total))) for name, one in each
        ]
        heads = (Message("Structure"), *columns[1:])
        tables.append(Table(heads, own, title=Message("By structure")))
    if each and len(refused) <= _MOST_EACH:
        tables += refused_table(refused)
    return Document(Message("Two schedules compared"), facts, tables, said_of_rises(each))


_MOST_EACH = 200
"""Past so many structures, a text does not list them: it is a study of all, not of each."""
