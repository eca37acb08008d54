"""A plan and a comparison laid out for people: the fees and the events that the schedule declares, by their names."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from opqibi_rules.paper.document import Cell, Table, shown
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.comparison_document import (
    comparison_document,
    one_more_document,
    rise_document,
)
from opqibi_rules.price.papers.plan_document import lines_table, payment_name, plan_document, plan_facts
from opqibi_rules.price.papers.portfolio_document import portfolio_document
from opqibi_rules.price.planning.comparison import Rise, one_more, when_to_add
from opqibi_rules.price.planning.plan import Plan, plan
from opqibi_rules.price.planning.plan_question import plan_question
from opqibi_rules.price.planning.portfolio import portfolio
from opqibi_rules.tables.library import Tables
from tests.editions.pinned import TABLES_2024
from tests.price.papers.editions import EXPORT_DUTY, edition

START = date(2026, 3, 2)
FR, EN = Language("fr"), Language("en")
TWO_TURNOVERS = {"france": 800_000, "export": 10_000}


def planned(tables: Tables, **asked: Any) -> Plan:
    return plan(**{"start": START, "years": 5, "tariffs": {1: 1}, "tables": tables, **asked})


def cells(table: Table) -> list[list[Any]]:
    """The values of a table, sentences in English."""
    plain = [[cell.value if isinstance(cell, Cell) else cell for cell in row] for row in table.rows]
    return [[cell if isinstance(cell, Decimal | None) else str(cell) for cell in row] for row in plain]


def test_payments_are_named_after_the_event_and_its_fees(tmp_path: Path) -> None:
    found = planned(edition("other_body", tmp_path), turnovers={"france": 800_000})
    names = [EN.say(payment_name(payment)) for payment in found.payments]
    assert names == [
        "Entry: Expertise fee",
        "Notification: Subscription (2 years)",
        "Follow-up 1",
        "Follow-up 2",
        "Follow-up 3",
        "Resumption: Expertise fee",
        "Notification: Subscription (2 years)",
    ]


def test_a_cycle_has_a_column_for_each_fee_that_the_plan_pays(tmp_path: Path) -> None:
    tables = plan_document(planned(edition("more_fees", tmp_path), turnover=100_000)).tables
    (cycles,) = (table for table in tables if str(table.columns[0]) == "Cycle")
    assert list(map(str, cycles.columns[1:])) == [
        "Application file",
        "Instruction fee",
        "Brand-usage fee (4 years)",
        "Annual-control fee",
        "Renewal audit",
        "Site visit",
        "Total excl. VAT",
    ]
    # Three controls at 125 + 15 and 10 for the visit; at the renewal, 560 and 150 for the audit.
    assert [str(amount) for amount in cells(cycles)[0][1:]] == [
        "86.00", "560.00", "180.00", "420.00", "None", "30.00", "1276.00",
    ]  # fmt: skip
    assert [str(amount) for amount in cells(cycles)[1][1:]] == [
        "None", "560.00", "180.00", "None", "150.00", "None", "890.00",
    ]  # fmt: skip


def test_two_turnovers_are_told_apart(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    found = planned(tables, tariffs={}, qualifications=["1234:1"], turnovers=TWO_TURNOVERS)
    facts = {str(label): value.value for label, value in plan_facts(found) if isinstance(value, Cell)}
    assert facts["Turnover excl. VAT: « France »"] == 800_000
    assert facts["Turnover excl. VAT: « export »"] == 10_000


def test_controls_alike_share_their_lines(tmp_path: Path) -> None:
    found = planned(edition("other_body", tmp_path), turnovers={"france": 0}, years=4)
    heads = [row[1] for row in cells(lines_table(found)) if row[0] == ""]
    assert heads[-1] == "2027-06-02, 2028-06-02, 2029-06-02: Follow-up"


def test_one_more_and_the_limits_of_each_fee(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    asked = plan_question(START, {"qualifications": ["1234:1"], "turnovers": TWO_TURNOVERS}, tables)
    document = one_more_document(one_more(asked, tables), tables.schedule(START))
    amounts, bounds = document.tables
    assert [shown(row[0], EN) for row in bounds.rows] == ["Subscription", "Export duty"]
    assert [row[1:] for row in cells(bounds)] == [[None, Decimal(9_700_000)], [Decimal(2430), None]]
    # One more at tariff 1: 100 at the entry, 12 at each of three controls. 1 000 € more, in the order of
    # the payments: 1,23457 % of 11 000 and of 10 000 at the application, 135,80 and 123,46; 0,5 ‰ at the notification.
    found = [amount for _, amount in cells(amounts)]
    assert found == list(map(Decimal, ("136", "205.50", "295", "12.34", "0.50")))


def test_comparisons_name_the_fees_of_the_schedule(tmp_path: Path) -> None:
    tables = edition("more_fees", tmp_path)
    asked = plan_question(START, {"tariffs": {1: 1}, "turnover": 100_000}, tables)
    by_fee = comparison_document(when_to_add(asked, tables, add_tariffs={7: 1})).tables[0]
    rows = {row[0]: [str(amount) for amount in row[1:]] for row in cells(by_fee)}
    # The visits: 10 at three controls; 70,50 more at each from now on, at the last two from the first on.
    assert rows["Site visit"] == ["30.00", "241.50", "171.00", "30.00"]
    assert rows["Renewal audit"] == ["150.00"] * 4
    assert by_fee.strong == {len(by_fee.rows) - 2}


def test_a_rise_lists_the_fees_of_both_tables(tmp_path: Path) -> None:
    asked = {"turnover": 100_000, "years": 4}
    before, after = planned(Tables(), **asked), planned(edition("more_fees", tmp_path), **asked)
    table = rise_document(Rise.between(before, after), ()).tables[0]
    rows = {row[0]: [str(amount) for amount in row[1:]] for row in cells(table)}
    assert rows["Site visit"] == ["0.00", "30.00", "30.00"]
    assert rows["Total excl. VAT"] == ["1246.00", "1276.00", "30.00"]
    assert table.strong == {len(table.rows) - 1}


def test_what_will_be_due_and_is_not_computed_stands_on_its_day(tmp_path: Path) -> None:
    """Without a turnover: 60 + 500 + 86 at once; the mark, of 180 to 40,000 (III), on the day of notification."""
    found = planned(TABLES_2024, notified=date(2026, 6, 2), years=1)
    payments, years = plan_document(found).tables[:2]
    assert [row[:3] for row in cells(payments)[:2]] == [
        ["2026-03-02", "First application: Application file, Instruction fee", Decimal("646.00")],
        ["2026-06-02", "Brand-usage fee (4 years): from 180.00 € to 40000.00 €", "not computed"],
    ]
    assert str(years.title) == (
        "By calendar year, fees of several years spread by days, without: Brand-usage fee"
    )
    assert "without" not in str(plan_document(planned(TABLES_2024, turnover=0)).tables[1].title)


def test_a_sum_that_holds_the_fee_of_some_says_that_it_lacks_it_in_part() -> None:
    """86 + 60 + 180 (the floor) of one, 86 + 60 of another whose mark is not known: 472, the mark of one in it."""
    known, unknown = (
        planned(TABLES_2024, years=1, qualifications=["1202:1"], **more) for more in ({"turnover": 0}, {})
    )
    whole = portfolio([("a", lambda: known), ("b", lambda: unknown)])
    totals = [
        row for table in portfolio_document(whole).tables for row in cells(table) if "Total" in str(row)
    ]
    assert totals
    assert {str(cell) for row in totals for cell in row if "Total" in str(cell)} == {
        "Total, without: Brand-usage fee (in part)"
    }
    alone = portfolio_document(portfolio([("b", lambda: unknown)]))
    assert "(in part)" not in str([cells(table) for table in alone.tables])
    both = Rise.between(known, known) + Rise.between(unknown, unknown)
    assert (
        cells(rise_document(both, ()).tables[0])[-1][0]
        == "Total excl. VAT, without: Brand-usage fee (in part)"
    )
