"""A document that does not agree with itself: each sum of EN 16931, seeded one at a time."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.invoice.findings import with_reasons
from opqibi_rules.invoice.model import Invoice, InvoiceLine, VatGroup
from opqibi_rules.invoice.payable import payable_findings
from opqibi_rules.invoice.sums import amount_of, product_of, sum_findings, total_excl_vat
from opqibi_rules.tables.library import Tables
from tests.invoice.bills import bill, line, totals

CODES = Tables().dispute_codes

WHOLE = replace(
    bill(line("a", "500.00", "1", "500"), line("b", "360.00", "3", "120", number=2)),
    lines_total=Decimal("860.00"),
    allowances=Decimal("10.00"),
    charges=Decimal("4.00"),
    total_excl_vat=Decimal("854.00"),
    vat=Decimal("170.80"),
    vat_groups=(VatGroup(Decimal("0.2"), Decimal("854.00"), Decimal("170.80")),),
    total_incl_vat=Decimal("1024.80"),
    prepaid=Decimal("24.00"),
    rounding=Decimal("0.20"),
    payable=Decimal("1001.00"),
)


def found(invoice: Invoice) -> list[tuple[str, str]]:
    return [
        (finding.code, finding.severity)
        for finding in with_reasons(
            (*sum_findings(invoice, total_excl_vat(invoice)), *payable_findings(invoice)), CODES
        )
    ]


def test_a_document_that_agrees_with_itself() -> None:
    assert found(WHOLE) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"lines_total": Decimal("861.00")}, ["lines_total", "total_excl_vat"]),
        ({"lines_total": None}, []),
        ({"allowances": None}, ["total_excl_vat"]),
        ({"charges": Decimal("4.01")}, ["total_excl_vat"]),
        ({"vat": Decimal("170.81")}, ["vat_total", "total_incl_vat"]),
        ({"total_incl_vat": Decimal("1024.79")}, ["total_incl_vat", "payable"]),
        ({"payable": Decimal("1000.99")}, ["payable"]),
        ({"prepaid": None, "rounding": None, "payable": Decimal("1024.80")}, []),
        ({"vat_groups": ()}, []),
        (
            {"vat_groups": (VatGroup(Decimal("0.2"), Decimal("853.00"), Decimal("170.80")),)},
            ["vat_base", "vat_amount"],
        ),
        ({"vat_groups": (VatGroup(Decimal("0.2"), None, Decimal("170.80")),)}, []),
        ({"vat_groups": (VatGroup(None, Decimal("854.00"), Decimal("170.80")),)}, []),
        ({"vat_groups": (VatGroup(Decimal("0.2"), Decimal("854.00"), None),)}, []),
    ],
)
def test_each_sum_is_checked(changes: dict[str, Any], codes: list[str]) -> None:
    assert found(replace(WHOLE, **changes)) == [(code, "error") for code in codes]


def test_one_cent_of_vat_is_accepted_and_told_two_are_not() -> None:
    one = VatGroup(Decimal("0.2"), Decimal("854.00"), Decimal("170.79"))
    two = VatGroup(Decimal("0.2"), Decimal("854.00"), Decimal("170.78"))
    amounts: dict[str, Any] = {"payable": None, "total_incl_vat": None, "vat": None}
    assert found(replace(WHOLE, vat_groups=(one,), **amounts)) == [("vat_rounding", "info")]
    assert found(replace(WHOLE, vat_groups=(two,), **amounts)) == [("vat_amount", "error")]


def test_a_line_is_quantity_times_price() -> None:
    wrong = bill(line("a", "361.00", "3", "120"))
    (finding,) = with_reasons(sum_findings(wrong, total_excl_vat(wrong)), CODES)
    assert (finding.code, finding.line, finding.difference) == ("line_amount", "1", Decimal("1.00"))
    assert finding.dispute is not None
    assert finding.dispute.code == "CALCUL_ERR"


def test_a_price_for_a_hundred_an_allowance_and_a_charge() -> None:
    item = InvoiceLine(
        "1",
        quantity=Decimal(3),
        unit_price=Decimal(12000),
        price_quantity=Decimal(100),
        allowances=Decimal(20),
        charges=Decimal(5),
    )
    assert product_of(item) == amount_of(item) == Decimal("345.00")
    assert product_of(replace(item, price_quantity=Decimal(0))) is None
    assert amount_of(replace(item, amount=Decimal(7))) == 7


def test_groups_and_information_are_not_added() -> None:
    below = replace(line("part", "300.00"), kind="information")
    invoice = replace(bill(line("a", "500.00"), below), total_excl_vat=Decimal("500.00"), vat=None)
    assert found(invoice) == []


def test_a_total_can_be_added_from_the_lines() -> None:
    assert total_excl_vat(replace(WHOLE, total_excl_vat=None)) == Decimal("854.00")
    unknown = InvoiceLine("3", "?")
    assert total_excl_vat(Invoice("F1", None, lines=(*WHOLE.lines, unknown))) is None


def test_without_any_amount_nothing_can_be_said() -> None:
    assert found(Invoice("F1", None)) == [("no_amount", "warning")]
    assert found(totals("500.00")) == []


def test_a_negative_invoice_adds_up_the_same_way() -> None:
    assert found(bill(line("a", "-360.00", "-3", "120"))) == []
