"""Whole e-invoices, swept: whatever a right one leaves out, it is no discrepancy; whatever a wrong one says, it does not conform."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.issuing import invoice_of
from opqibi_rules.invoice.model import Adjustment, Invoice, Party
from opqibi_rules.invoice.papers.einvoice import xml_of
from opqibi_rules.invoice.reading.invoice_file import invoices_in
from opqibi_rules.invoice.reading.parties_file import read_parties
from opqibi_rules.price.quote import Quote
from tests.invoice.bills import ON, check_invoice, control, first

pytestmark = pytest.mark.sweep
D = Decimal
BUYERS = {
    "metropolitan": Party("Bureau d’études", postcode="69003", country="FR"),
    "reunion": Party("Bureau d’études", postcode="97400", country="FR"),
    "eu": Party("Büro", vat_id="DE136695976", country="DE"),
}
QUOTES = {
    "first": lambda vat: first(vat=vat),
    "control": lambda vat: control(vat=vat),
}
AMOUNTS = ("lines_total", "total_excl_vat", "vat", "total_incl_vat", "payable")
OF_GROUP = ("rate", "taxable", "amount", "category")


@cache
def right(asked: str = "first", vat: str = "metropolitan") -> tuple[Invoice, Quote]:
    due = QUOTES[asked](vat)
    invoice = invoice_of(due, "F1", seller=Party("OPQIBI"), buyer=BUYERS[vat], issued=ON)
    return replace(invoice, syntax="cii", profile="urn:cen.eu:en16931:2017"), due


def without(invoice: Invoice, dropped: tuple[str, ...]) -> Invoice:
    """The invoice without some of its amounts, some figures of its VAT group, or that group, or its lines."""
    group = replace(invoice.vat_groups[0], **{name: None for name in dropped if name in OF_GROUP})
    groups = () if "groups" in dropped else (group,)
    lines = () if "lines" in dropped else invoice.lines
    totals: dict[str, Any] = {name: None for name in dropped if name in AMOUNTS}
    return replace(invoice, vat_groups=groups, lines=lines, **totals)


def some_dropped() -> Iterator[tuple[str, ...]]:
    for size in range(len(AMOUNTS) + 1):
        for totals in combinations(AMOUNTS, size):
            for more in ((), ("groups",), ("lines",), ("groups", "lines"), *((name,) for name in OF_GROUP)):
                yield (*totals, *more)


@pytest.mark.parametrize("vat", BUYERS)
@pytest.mark.parametrize("asked", QUOTES)
def test_a_right_document_may_leave_out_what_it_likes(asked: str, vat: str) -> None:
    invoice, due = right(asked, vat)
    assert check_invoice(invoice, expected=due).verdict == "conform"
    for dropped in some_dropped():
        answer = check_invoice(without(invoice, dropped), expected=due)
        assert answer.verdict != "discrepancy", (dropped, str(answer.summary))
        if answer.verdict == "undetermined":
            # Without lines, two of the three totals are needed; without a group, VAT is somewhere or nowhere.
            assert {"lines", "groups"} & {*dropped} or "rate" in dropped, (dropped, str(answer.summary))


@pytest.mark.parametrize("cents", ["0.03", "-0.03", "1.00", "-200.00"])
def test_one_wrong_total_is_never_conform(cents: str) -> None:
    invoice, due = right()
    for dropped in some_dropped():
        for name in set(AMOUNTS) - {*dropped}:
            kept = without(invoice, dropped)
            wrong = replace(kept, **{name: getattr(kept, name) + D(cents)})
            answer = check_invoice(wrong, expected=due)
            alone = name == "lines_total" and "lines" in dropped and "total_excl_vat" in dropped
            assert answer.verdict != "conform" or alone, (name, dropped)


@pytest.mark.parametrize("cents", ["0.03", "-1.00", "50.00"])
def test_a_wrong_group_of_vat_is_never_conform(cents: str) -> None:
    invoice, due = right()
    for dropped in some_dropped():
        kept = without(invoice, dropped)
        for group in kept.vat_groups:
            for name in ("taxable", "amount"):
                if getattr(group, name) is not None:
                    wrong = replace(group, **{name: getattr(group, name) + D(cents)})
                    answer = check_invoice(replace(kept, vat_groups=(wrong,)), expected=due)
                    small = name == "taxable" and abs(D(cents)) < 1 and "total_excl_vat" in dropped
                    assert answer.verdict != "conform" or small, (name, dropped)


def changed(invoice: Invoice) -> Iterator[tuple[str, Invoice]]:
    """Documents with one thing wrong."""
    first_line, *others = invoice.lines
    for text, changes in {
        "a line's amount": {"amount": D("87.00")},
        "a line's quantity": {"quantity": D(2)},
        "a line's price": {"unit_price": D("86.50")},
        "a line's rate": {"vat_rate": D("0.055")},
        "a line's category": {"vat_category": "E"},
        "a line's category and rate": {"vat_category": "E", "vat_rate": D(0)},
        "a line's allowance": {"allowances": D("1.00")},
        "a line's charge": {"charges": D("1.00")},
    }.items():
        yield text, replace(invoice, lines=(replace(first_line, **changes), *others))  # type: ignore[arg-type] # by name
    (group,) = invoice.vat_groups
    for text, more in {
        "the group's rate": {"rate": D("0.1")},
        "the group's category": {"category": "E"},
        "a group twice": {},
    }.items():
        groups = (group, group) if not more else (replace(group, **more),)  # type: ignore[arg-type] # by name
        yield text, replace(invoice, vat_groups=groups)
    less = Adjustment(D("-10.00"), D("0.2"), "S", "remise")
    more_of_it = Adjustment(D("10.00"), D("0.2"), "S", "frais", is_charge=True)
    total = (invoice.total_incl_vat or D(0)) + D("10.00")
    for text, whole in {
        "an allowance that is listed alone": {"adjustments": (less,)},
        "a charge that is listed alone": {"adjustments": (more_of_it,)},
        "an allowance that is summed alone": {"allowances": D("10.00")},
        "a charge that is summed alone": {"charges": D("10.00")},
        "an allowance that is not deducted": {"adjustments": (less,), "allowances": D("10.00")},
        "a charge beside the totals": {"adjustments": (more_of_it,), "charges": D("10.00")},
        "a rounding": {"rounding": D("10.00"), "payable": total},
        "a payment that raises": {"prepaid": D("-10.00"), "payable": total},
        "a payment that is not deducted": {"prepaid": D("10.00")},
        "something for a third party": {"third_party": D("10.00"), "payable": total},
        "more to pay than in all": {"payable": total},
        "more in all than its parts": {"total_incl_vat": total, "payable": total},
    }.items():
        yield text, replace(invoice, **whole)  # type: ignore[arg-type] # by name


def test_one_thing_wrong_is_found() -> None:
    invoice, due = right()
    for text, wrong in changed(invoice):
        answer = check_invoice(wrong, expected=due)
        found = "undetermined" if text == "something for a third party" else "discrepancy"
        assert answer.verdict == found, text


@pytest.mark.parametrize("asked", QUOTES)
def test_each_number_of_an_xml_counts(asked: str) -> None:
    """Written, then read with one number changed, zeroed or of the other sign: refused, or not conform.

    With one left out, it is no discrepancy.
    """
    invoice, due = right(asked)
    parties = read_parties(Path(__file__).parent / "papers" / "parties.yaml")
    xml = xml_of(invoice, parties).decode()
    numbers = list(re.finditer(r"<ram:(\w*(?:Amount|Percent|Quantity))\b[^>]*>([^<]*)</ram:\1>", xml))
    assert len(numbers) >= 20
    for number in numbers:
        value = Decimal(number[2])
        for changed_to in {value + 1, value - D("0.03"), -value, D(0)} - {value}:
            wrong = xml[: number.start(2)] + f"{changed_to:f}" + xml[number.end(2) :]
            if number[1] == "BilledQuantity" and changed_to == -value:
                # No official rule refuses it, and every amount adds up: it is told.
                assert "line_sign" in findings_of(wrong, due), number[0]
            else:
                assert judged(wrong, due) != "conform", (number[0], changed_to)
        assert judged(xml[: number.start()] + xml[number.end() :], due) != "discrepancy", number[0]


def findings_of(xml: str, due: Quote) -> list[str]:
    (invoice,) = invoices_in(xml.encode(), "f")
    return [item.code for item in check_invoice(invoice, expected=due).findings]


def judged(xml: str, due: Quote) -> str:
    try:
        (invoice,) = invoices_in(xml.encode(), "f")
    except FileError:
        return "refused"
    return check_invoice(invoice, expected=due).verdict
