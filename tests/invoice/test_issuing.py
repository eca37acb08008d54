"""The invoice that bills a quote: its lines, its sums, and what it refuses."""

from datetime import date
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules import DeclaredEvent
from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.issuing import invoice_of, same_territory
from opqibi_rules.invoice.model import Invoice, Party
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.library import Tables

D = Decimal
OPQIBI, FIRM = Party("OPQIBI"), Party("BE Exemple")
DAY = date(2026, 3, 2)


def billed(answer: Quote, *fees: str) -> Invoice:
    return invoice_of(answer, "F-1", seller=OPQIBI, buyer=FIRM, fees=fees)


def test_a_first_application_as_worked_by_hand() -> None:
    # 86 + 500 + 5 × 60 + 3 × 120 + (250 000 × 0,80 ‰ + 550 000 × 0,65 ‰ = 557,50) = 1 803,50; VAT 360,70.
    invoice = billed(quote(tariffs={1: 5, 2: 3}, turnover="800 000", on=DAY))
    assert [(line.quantity, line.unit_price, line.amount) for line in invoice.lines] == [
        (D(1), D("86.00"), D("86.00")),
        (D(1), D("500.00"), D("500.00")),
        (D(5), D("60.00"), D("300.00")),
        (D(3), D("120.00"), D("360.00")),
        (D(1), D("557.50"), D("557.50")),
    ]
    assert [line.id for line in invoice.lines] == ["1", "2", "3", "4", "5"]
    assert (invoice.total_excl_vat, invoice.vat, invoice.total_incl_vat) == (
        D("1803.50"),
        D("360.70"),
        D("2164.20"),
    )
    assert (invoice.payable, invoice.currency, invoice.type_code) == (D("2164.20"), "EUR", "380")
    assert (invoice.number, invoice.issued, invoice.seller, invoice.buyer) == ("F-1", DAY, OPQIBI, FIRM)
    (group,) = invoice.vat_groups
    assert (group.rate, group.taxable, group.amount, group.category) == (
        D("0.20"),
        D("1803.50"),
        D("360.70"),
        "S",
    )


def test_the_brand_usage_fee_shows_its_calculation() -> None:
    line = billed(quote(tariffs={1: 1}, turnover=1000, on=DAY, event="renewal")).lines[-1]
    assert line.amount == D("180.00")
    assert line.description is not None
    assert "1000.00 € × 0.8 ‰ = 0.8" in line.description
    assert "Raised to the floor (III): 179.20 €" in line.description


def test_some_of_the_fees() -> None:
    answer = quote(tariffs={1: 5}, on=DAY)
    assert billed(answer, "instruction", "dossier").total_excl_vat == D("886.00")
    assert billed(answer, "dossier").vat == D("17.20")


def test_another_day_than_the_quotes() -> None:
    answer = quote(tariffs={1: 5}, on=DAY, event="control")
    assert invoice_of(answer, "F", seller=OPQIBI, buyer=FIRM, issued=date(2026, 4, 1)).issued == date(
        2026, 4, 1
    )


@pytest.mark.parametrize(
    ("vat", "category", "amount"),
    [("reunion", "S", "72.04"), ("guyane", "E", "0.00"), ("eu", "AE", "0.00"), ("20 %", "S", "169.50")],
)
def test_vat_by_territory(vat: str, category: str, amount: str) -> None:
    # 125 + 5 × 15 + 212,50 + 375 + 60 = 847,50; × 8,5 % = 72,0375.
    answer = quote(event="control", tariffs={1: 5, 4: 1}, new_tariffs={1: 1}, vat=vat, on=DAY)
    invoice = billed(answer)
    assert invoice.vat == D(amount)
    assert invoice.vat_groups[0].category == category
    assert (invoice.vat_groups[0].reason is None) == (category == "S")
    assert {line.vat_category for line in invoice.lines} == {category}


@pytest.mark.parametrize(
    ("asked", "fees", "expected"),
    [
        ({"vat": "0"}, ("dossier",), "An invoice without VAT says why"),
        ({}, (), "Brand-usage fee is not known without the turnover"),
        ({}, ("brand_usage",), "Brand-usage fee is not known"),
        ({}, ("annual_control",), "This event does not bear that fee"),
        ({}, ("marque",), "« marque » is not a fee"),
    ],
)
def test_refusals(asked: dict[str, str], fees: tuple[str, ...], expected: str) -> None:
    with pytest.raises(RequestError, match=expected):
        billed(quote(tariffs={1: 5}, on=DAY, **asked), *fees)  # type: ignore[arg-type] # the arguments by name


@given(
    event=st.sampled_from(["first", "renewal", "control"]),
    tariffs=st.dictionaries(st.integers(1, 7), st.integers(1, 40), min_size=1),
    turnover=st.decimals(0, 10**8, places=2),
    vat=st.sampled_from(["metropolitan", "reunion", "mayotte", "eu"]),
)
def test_the_sums_are_those_of_the_quote(
    event: str, tariffs: dict[int, int], turnover: Decimal, vat: str
) -> None:
    answer = quote(event=DeclaredEvent(event), tariffs=tariffs, turnover=turnover, vat=vat, on=DAY)
    invoice = billed(answer)
    totals = (invoice.total_excl_vat, invoice.vat, invoice.total_incl_vat)
    assert totals == (answer.total_excl_vat, answer.vat, answer.total_incl_vat)
    assert invoice.lines_total == sum(line.amount or 0 for line in invoice.lines)
    for line in invoice.lines:
        assert line.quantity is not None
        assert line.unit_price is not None
        assert line.quantity * line.unit_price == line.amount


def test_a_caller_s_decimal_context_changes_nothing() -> None:
    answer = quote(tariffs={1: 5, 2: 3}, turnover="800 000", on=DAY)
    right = billed(answer)
    with localcontext(Context(prec=2, rounding=ROUND_UP, traps=[Inexact])):
        assert billed(answer) == right


@pytest.mark.parametrize(
    ("vat", "buyer", "right"),
    [
        ("metropolitan", Party("BE", postcode="69003", country="FR"), True),
        ("reunion", Party("BE", postcode="97400", country="FR"), True),
        ("metropolitan", Party("BE", postcode="97400", country="FR"), False),
        ("reunion", Party("BE", postcode="69003", country="FR"), False),
        ("20 %", Party("BE", postcode="97400", country="FR"), True),  # a rate given outright stands
        ("20 %", Party("BE", postcode="8001", country="CH"), True),
        ("reunion", Party("BE"), True),  # no address says otherwise
    ],
)
def test_the_vat_is_that_of_the_buyer_s_address(vat: str, buyer: Party, right: bool) -> None:
    answer = quote(tariffs={1: 5}, turnover=800_000, vat=vat, on=DAY)
    if right:
        same_territory(answer, buyer, Tables())
        return
    with pytest.raises(RequestError, match="one of them is wrong") as refused:
        same_territory(answer, buyer, Tables())
    assert refused.value.field == "vat"


@pytest.mark.parametrize(
    ("buyer", "said"),
    [
        (
            Party("BE", postcode="8001", country="CH"),
            r"address \(CH 8001\) is in no territory of the VAT table",
        ),
        (Party("BE", postcode="97133", country="FR"), "Saint Barthélemy, which is outside the French VAT"),
    ],
)
def test_no_vat_is_known_at_the_buyer_s_address(buyer: Party, said: str) -> None:
    with pytest.raises(RequestError, match=said) as refused:
        same_territory(quote(tariffs={1: 5}, on=DAY), buyer, Tables())
    assert refused.value.field == "vat"
