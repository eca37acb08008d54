"""The VAT of the customer's territory, as the document states it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.invoice.model import InvoiceLine, Party, VatGroup
from tests.invoice.bills import bill, check_invoice, codes, control, first, line, told, totals

REUNION = Party("Bureau d’études", postcode="97 410", country="FR")
FEE = line("Contrôle annuel", "367.50")


def test_twenty_percent_to_a_reunion_customer() -> None:
    answer = check_invoice(bill(FEE, buyer=REUNION), expected=control())
    assert [name for name, verdict in answer.verdicts.items() if verdict != "conform"] == ["vat"]
    (finding,) = (item for item in answer.findings if item.code == "vat_rate")
    # 367,50 × 8,5 % = 31,2375.
    assert (finding.expected, finding.invoiced) == (Decimal("31.24"), Decimal("73.50"))
    assert finding.dispute is not None
    assert finding.dispute.code == "TX_TVA_ERR"
    assert told(answer) == ["VAT at 20 %, the rate of another territory (mainland France), instead of 8.5 %"]
    assert answer.expected.vat == Decimal("31.24")
    assert str(answer.summary).startswith("Discrepancy: VAT at 8.5 %")


def test_the_right_rate_to_a_reunion_customer() -> None:
    answer = check_invoice(bill(FEE, rate="0.085", buyer=REUNION), expected=control())
    assert answer.verdict == "conform"


@pytest.mark.parametrize(
    ("buyer", "rate", "verdict"),
    [
        (Party(country="DE"), "0", "conform"),
        (Party(country="DE", postcode="20095"), "0.20", "discrepancy"),
        (Party(country="GF"), "0", "conform"),
        (Party(country="FR", postcode="75011"), "0.20", "conform"),
        (Party(country="FR", postcode="97500"), "0.20", "conform"),  # Saint-Pierre: no rule is known
        (Party(country="FR", postcode="7501"), "0.20", "conform"),
        (Party(country="US", postcode="97410"), "0.20", "conform"),
        (Party(postcode="97600"), "0", "conform"),
    ],
)
def test_the_buyer_s_address_tells_the_territory(buyer: Party, rate: str, verdict: str) -> None:
    assert check_invoice(bill(FEE, rate=rate, buyer=buyer), expected=control()).verdict == verdict


def test_an_address_that_contradicts_the_quote_is_told() -> None:
    answer = check_invoice(
        bill(FEE, rate="0.085", buyer=Party(country="DE")), expected=control(vat="reunion")
    )
    assert answer.verdict == "conform"
    assert codes(answer, "warning") == ["territory_differs"]


def test_a_rate_given_outright_stands() -> None:
    answer = check_invoice(bill(FEE, rate="0.10", buyer=REUNION), expected=control(vat="10 %"))
    assert answer.verdict == "conform"
    wrong = check_invoice(
        bill(replace(FEE, vat_rate=Decimal("0.2")), vat=None, buyer=REUNION), expected=control(vat="10 %")
    )
    assert [str(item.message) for item in wrong.findings if item.code == "vat_rate"] == [
        "VAT is billed at 20 % instead of 10 %."
    ]


def test_an_address_has_no_rule_on_an_old_day() -> None:
    answer = check_invoice(bill(FEE, buyer=REUNION, issued=date(1990, 1, 1)), expected=control(), dated=True)
    assert answer.expected.vat_rate == Decimal("0.20")
    assert codes(answer, "warning") == ["territory_differs"]


def test_each_group_has_the_rate_of_the_territory() -> None:
    groups = (
        VatGroup(Decimal("0.2"), Decimal("300.00"), Decimal("60.00")),
        VatGroup(Decimal("0"), Decimal("67.50"), Decimal("0.00")),
        VatGroup(Decimal("0.055"), Decimal("0.00"), Decimal("0.00")),
    )
    answer = check_invoice(
        bill(FEE, vat=Decimal("60.00"), total_incl_vat=None, vat_groups=groups), expected=control()
    )
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert (finding.code, finding.expected, finding.invoiced) == (
        "vat_rate",
        Decimal("13.50"),
        Decimal("0.00"),
    )


def test_rates_on_the_lines_serve_where_no_amount_is_written() -> None:
    half = replace(FEE, vat_rate=Decimal("0.055"))
    answer = check_invoice(bill(half, vat=None, total_incl_vat=None), expected=control())
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert (finding.code, finding.invoiced) == ("vat_rate", Decimal("20.21"))
    right = check_invoice(bill(FEE, vat=None, total_incl_vat=None), expected=control())
    assert right.verdict == "conform"


def test_without_any_vat_the_answer_is_undetermined() -> None:
    answer = check_invoice(totals("367.50", vat=None, total_incl_vat=None), expected=control())
    assert answer.verdict == "undetermined"
    assert str(answer.summary) == "Undetermined: The document shows no VAT: neither an amount nor a rate."


def test_no_vat_billed_where_some_is_due() -> None:
    answer = check_invoice(bill(FEE, rate="0"), expected=control())
    assert codes(answer) == ["vat_rate"]
    assert told(answer) == ["no VAT billed, where 20 % is due"]


def test_vat_rounded_on_each_line() -> None:
    # 125,00 + 15,00 + 212,50 at 8,5 %: 10,63 + 1,28 + 18,06 = 29,97; on the sum, 29,96.
    lines = (
        line("Contrôle annuel, forfait", "125.00"),
        line("tarif 1", "15.00", "1", "15", number=2),
        line("tarif 4", "212.50", "1", "212.50", number=3),
    )
    invoice = bill(*lines, vat=Decimal("29.97"), total_incl_vat=Decimal("382.47"), buyer=REUNION)
    answer = check_invoice(invoice, expected=control(tariffs={1: 1, 4: 1}))
    assert answer.verdict == "conform"
    assert codes(answer, "info") == ["vat_rounding"]
    assert told(answer) == ["VAT rounded on each line instead of once on their sum"]


@pytest.mark.parametrize(
    ("vat", "words"),
    [
        # 352,50 × 8,5 % = 29,9625.
        ("30.00", ["VAT rounded to the euro"]),
        ("29.90", []),
        ("29.95", []),
    ],
)
def test_other_roundings_of_vat(vat: str, words: list[str]) -> None:
    invoice = totals("352.50", vat=Decimal(vat), total_incl_vat=None, buyer=REUNION)
    answer = check_invoice(invoice, expected=control(tariffs={1: 1, 4: 1}))
    assert told(answer) == words


def test_halves_of_a_cent() -> None:
    # 125 + 28 + 30 = 183,00 at 8,5 % is 15,555: half up 15,56, to the even cent 15,56, down 15,55.
    invoice = totals("183.00", vat=Decimal("15.55"), total_incl_vat=None, buyer=REUNION)
    answer = check_invoice(invoice, expected=control(tariffs={1: 2, 5: 1}))
    assert told(answer) == ["VAT rounded down to the cent"]


def test_nothing_to_explain_without_amounts() -> None:
    lines = (InvoiceLine("1", "Contrôle annuel", vat_rate=Decimal("0.2")),)
    answer = check_invoice(
        bill(*lines, total_excl_vat=None, vat=None, total_incl_vat=None), expected=control()
    )
    assert answer.verdict == "undetermined"
    assert answer.explanations == ()


def test_a_first_application_with_the_buyer_s_vat_in_the_quote() -> None:
    answer = check_invoice(totals("2603.50", rate="0.085", buyer=REUNION), expected=first())
    assert answer.verdict == "conform"
    assert answer.expected.total_incl_vat == Decimal("2603.50") + Decimal("221.30")
