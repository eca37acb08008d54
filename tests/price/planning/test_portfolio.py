"""The plans of many structures together, worked by hand."""

from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.planning.plan import Plan, plan
from opqibi_rules.price.planning.portfolio import Sum, portfolio
from opqibi_rules.price.structure import Structure
from tests.editions.pinned import TABLES_2024

D = Decimal


def priced() -> Plan:
    """86 + (500 + 60) on 2 March 2026, 180 on 2 June, controls of 125 + 15 on each 2 June of 2027 to 2029."""
    return plan(start=date(2026, 3, 2), tariffs={1: 1}, turnover=100_000, tables=TABLES_2024)


def of_a_firm() -> Plan:
    firm = Structure(siren="732829320")
    return plan(start=date(2026, 3, 2), tariffs={1: 1}, turnover=100_000, structure=firm, tables=TABLES_2024)


def without_turnover() -> Plan:
    return plan(start=date(2026, 3, 2), tariffs={1: 1}, tables=TABLES_2024)


def nothing() -> Plan:
    raise RequestError("No qualification is given; at least one is expected.", field="tariffs")


def unreadable() -> Plan:
    raise FileError("b.yaml", [Mistake(Message("not YAML"))])


def test_two_structures_come_to_twice_one() -> None:
    both = portfolio([("a", priced), ("b", priced)])
    assert both.total == Sum(D("2492.00"), D("498.40"), D("2990.40"))  # twice 646 + 180 + 3 × 140
    assert both.by_month[2026, 3] == Sum(D("1292.00"), D("258.40"), D("1550.40"))
    assert both.complete
    assert both.schedules == (TABLES_2024.schedule(date(2026, 3, 2)),)


def test_one_that_cannot_be_planned_stops_no_other_and_is_told() -> None:
    found = portfolio([("a", priced), ("b", nothing), ("c", unreadable)])
    assert [client.source for client in found.clients] == ["a"]
    assert [(one.source, str(one.reason)) for one in found.refused] == [
        ("b", "No qualification is given; at least one is expected."),
        ("c", "not YAML"),
    ]
    assert not found.complete


def test_a_fee_that_somebody_lacks_is_lacking_to_all() -> None:
    found = portfolio([("a", priced), ("b", without_turnover)])
    assert not found.complete
    assert [fee.id for fee in found.missing_fees] == ["brand_usage"]


def test_where_none_can_be_planned_all_that_is_wrong_is_told() -> None:
    with pytest.raises(FileError) as refused:
        portfolio([("a", nothing), ("b", unreadable)])
    assert [str(mistake.message) for mistake in refused.value.mistakes] == [
        "No qualification is given; at least one is expected.",
        "not YAML",
    ]


def test_a_structure_counts_once() -> None:
    found = portfolio([("a", of_a_firm), ("b", of_a_firm)])
    assert found.total.excl_vat == D("1246.00")
    assert [(one.source, str(one.reason)) for one in found.refused] == [
        ("b", "SIREN 732829320: that of a already. A structure counts once; keep one of the two.")
    ]
