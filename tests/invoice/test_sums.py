"""A document that does not agree with itself: each sum of EN 16931, seeded one at a time."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from opqibi_rules.invoice.findings import Finding, verdict_of, with_reasons
from opqibi_rules.invoice.model import Adjustment, Invoice, InvoiceLine, VatGroup
from opqibi_rules.invoice.sums import (
    amount_of,
    product_of,
    stated_vat,
    sum_findings,
    taxed_parts,
    total_excl_vat,
    totals_of,
)
from opqibi_rules.paper.language import Language
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict
from tests.invoice.bills import bill, check_invoice, codes, first, line, totals

CODES = Tables().dispute_codes
D = Decimal

# 500,00 + 3 × 120,00 = 860,00; less 10,00, plus 4,00: 854,00; VAT at 20 %: 170,80; in all 1 024,80.
WHOLE = replace(
    bill(line("a", "500.00", "1", "500"), line("b", "360.00", "3", "120", number=2)),
    lines_total=D("860.00"),
    allowances=D("10.00"),
    charges=D("4.00"),
    adjustments=(Adjustment(D("-10.00"), D("0.2")), Adjustment(D("4.00"), D("0.2"), is_charge=True)),
    total_excl_vat=D("854.00"),
    vat=D("170.80"),
    vat_groups=(VatGroup(D("0.2"), D("854.00"), D("170.80")),),
    total_incl_vat=D("1024.80"),
)


def findings(invoice: Invoice) -> tuple[Finding, ...]:
    return with_reasons(sum_findings(invoice, totals_of(invoice)), CODES)


def found(invoice: Invoice) -> list[tuple[str, str]]:
    return [(finding.code, str(finding.severity)) for finding in findings(invoice)]


def test_a_document_that_agrees_with_itself() -> None:
    assert found(WHOLE) == []
    assert found(replace(WHOLE, syntax="cii", profile="urn:cen.eu:en16931:2017")) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"lines_total": D("861.00")}, ["lines_total", "total_excl_vat"]),
        ({"lines_total": None}, []),
        ({"allowances": None}, ["allowances_total", "total_excl_vat"]),
        ({"charges": D("4.01")}, ["charges_total", "total_excl_vat"]),
        ({"vat": D("170.81")}, ["vat_total", "total_incl_vat"]),
        ({"total_incl_vat": D("1024.79")}, ["total_incl_vat"]),
        ({"total_incl_vat": None}, []),
        ({"vat_groups": ()}, []),
        ({"vat": None}, []),
        ({"vat": None, "total_incl_vat": D("1024.81")}, ["total_incl_vat"]),
        ({"total_excl_vat": None}, []),
        ({"total_excl_vat": None, "total_incl_vat": D("1024.81")}, ["total_incl_vat"]),
        ({"total_excl_vat": D("853.99")}, ["total_excl_vat", "total_incl_vat"]),
        ({"lines_total": None, "total_excl_vat": D("853.99")}, ["total_excl_vat", "total_incl_vat"]),
        ({"adjustments": ()}, []),
        ({"adjustments": (), "syntax": "ubl"}, ["allowances_total", "charges_total"]),
        ({"adjustments": (), "syntax": "cii"}, ["allowances_total", "charges_total"]),
        ({"adjustments": (), "syntax": "csv"}, []),
        ({"adjustments": (Adjustment(None), Adjustment(D("-9.00")))}, []),
        ({"adjustments": (Adjustment(D("-10.00")), Adjustment(D("3.99"), is_charge=True))}, ["charges_total"]),
        ({"adjustments": (Adjustment(D("-10.00")), Adjustment(D("4.00")))}, ["allowances_total", "charges_total"]),
    ],
)  # fmt: skip
def test_each_sum_is_checked(changes: dict[str, Any], codes: list[str]) -> None:
    assert found(replace(WHOLE, **changes)) == [(code, "error") for code in codes]


def test_what_a_wrong_sum_says() -> None:
    (finding,) = findings(replace(WHOLE, allowances=D("9.00"), total_excl_vat=None, total_incl_vat=None))
    assert (
        str(finding.message) == "The allowances listed come to 10.00 €; their stated sum is 9.00 € (BT-107)."
    )
    assert (finding.about, finding.expected, finding.invoiced) == ("document", D("10.00"), D("9.00"))
    assert finding.difference == D("-1.00")
    assert finding.dispute is not None
    assert finding.dispute.code == "MONTANTTOTAL_ERR"
    assert str(findings(replace(WHOLE, charges=D("5.00")))[0].message) == (
        "The charges listed come to 4.00 €; their stated sum is 5.00 € (BT-108)."
    )


def test_sums_of_amounts_of_more_than_two_decimals_are_rounded_once() -> None:
    # 2 × 0,125 = 0,25; three lines of 0,335 are 1,005, written 1,01.
    lines = tuple(InvoiceLine(str(number), amount=D("0.335")) for number in range(3))
    invoice = Invoice("F1", None, lines=lines, lines_total=D("1.01"), total_excl_vat=D("1.01"))
    assert found(invoice) == []
    assert found(replace(invoice, lines_total=D("1.005"))) == []
    assert found(replace(invoice, lines_total=D("1.00"))) == [
        ("lines_total", "error"),
        ("total_excl_vat", "error"),
    ]


class TestTheExtendedProfiles:
    """BR-FXEXT-CO-10 to 15: one cent for each amount that is added."""

    @staticmethod
    def extended(**changes: Any) -> Invoice:
        profile = "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"
        return replace(WHOLE, syntax="cii", profile=profile, **changes)

    @pytest.mark.parametrize(
        ("changes", "severity"),
        [
            # Two lines: two cents on BT-106; BT-109 then follows the lines.
            ({"lines_total": D("860.02")}, "info"),
            ({"lines_total": D("860.03")}, "error"),
            # One allowance, one charge: one cent each.
            ({"allowances": D("10.01")}, "info"),
            ({"allowances": D("10.02")}, "error"),
            ({"charges": D("3.99")}, "info"),
            ({"charges": D("3.98")}, "error"),
            # Two lines, an allowance and a charge: four cents.
            ({"total_excl_vat": D("854.04")}, "info"),
            ({"total_excl_vat": D("854.05")}, "error"),
            ({"total_incl_vat": D("1024.84")}, "info"),
            ({"total_incl_vat": D("1024.75")}, "error"),
            # The VAT of all rates is added exactly (BR-CO-14).
            ({"vat": D("170.81")}, "error"),
        ],
    )
    def test_a_cent_for_each(self, changes: dict[str, Any], severity: str) -> None:
        first_found = findings(self.extended(**changes))[0]
        assert first_found.severity == severity
        if severity == "info":
            assert (first_found.code, first_found.about) == ("rounding_accepted", "document")
            assert " (BT-1" in str(first_found.message)
            assert str(first_found.message).endswith("). This profile accepts it (EXTENDED).")
            assert first_found.difference in {D("0.01"), D("-0.01"), D("0.02"), D("0.04")}

    def test_no_other_profile(self) -> None:
        assert ("total_incl_vat", "error") in found(replace(WHOLE, total_incl_vat=D("1024.81")))


class TestALine:
    def one(self, amount: str, quantity: str, price: str, **changes: Any) -> list[Finding]:
        item = replace(line("a", amount, quantity, price), **changes)
        return [finding for finding in findings(bill(item)) if finding.line]

    def test_it_is_quantity_times_price(self) -> None:
        (finding,) = self.one("361.00", "3", "120")
        assert (finding.code, finding.line, finding.difference) == ("line_amount", "1", D("1.00"))
        assert finding.severity == "error"
        assert finding.dispute is not None
        assert finding.dispute.code == "CALCUL_ERR"
        assert str(finding.message) == "Line 1: 3 × 120 € comes to 360.00 €, and 361.00 € is written."

    def test_something_given_back_bears_the_other_sign(self) -> None:
        # 3 × 120 taken off, the quantity written without its sign: no official rule refuses it, and the totals tell the rest.
        (finding,) = self.one("-360.00", "3", "120.00")
        assert (finding.code, finding.severity) == ("line_sign", "warning")
        (finding,) = self.one("-361.00", "3", "120.00")
        assert (finding.code, finding.severity) == ("line_amount", "error")
        # A price is never negative (EN 16931, BR-27).
        (finding,) = self.one("360.00", "3", "-120.00")
        assert (finding.code, finding.severity) == ("line_amount", "error")

    def test_a_sign_that_the_totals_contradict_is_an_error(self) -> None:
        # 500 − 360 = 140,00 is written; then 860,00, as if nothing were taken off.
        lines = (line("a", "500.00"), line("b", "-360.00", "3", "120.00", 2))
        assert verdict_of(findings(bill(*lines))) is Verdict.YES
        wrong = bill(*lines, total_excl_vat=D("860.00"), vat=D("172.00"), total_incl_vat=D("1032.00"))
        assert verdict_of(findings(wrong)) is Verdict.NO

    def test_two_cents_are_a_rounding(self) -> None:
        (finding,) = self.one("360.02", "3", "120.00")
        assert (finding.code, finding.severity, finding.about) == ("line_rounding", "info", "document")
        assert str(finding.message) == (
            "Line 1: 3 × 120.00 € comes to 360.00 €, and 360.02 € is written. "
            "The rounding of the price or of the line accounts for it."
        )
        (finding,) = self.one("359.98", "3", "120.00")
        assert finding.severity == "info"
        (finding,) = self.one("360.03", "3", "120.00")
        assert finding.severity == "error"

    def test_the_rounding_of_the_unit_price_counts_for_each_unit(self) -> None:
        # 1 000 at 1/3: 333,33; at 0,33, half a cent on each makes five euros.
        (finding,) = self.one("333.33", "1000", "0.33")
        assert finding.severity == "info"
        (finding,) = self.one("335.00", "1000", "0.33")
        assert finding.severity == "info"
        (finding,) = self.one("335.01", "1000", "0.33")
        assert finding.severity == "error"
        # At 0,3333 it is five cents; a price without decimals is exact to the cent.
        (finding,) = self.one("333.35", "1000", "0.3333")
        assert finding.severity == "info"
        (finding,) = self.one("333.25", "-1000", "-0.3333")
        assert finding.severity == "info"
        (finding,) = self.one("333.36", "1000", "0.3333")
        assert finding.severity == "error"
        (finding,) = self.one("300.52", "100", "3")
        assert finding.severity == "error"
        (finding,) = self.one("300.50", "100", "3")
        assert finding.severity == "info"
        # A price for a hundred: 1 000 × 33,33 for 100 = 333,30; half a cent on ten hundreds is five cents.
        (finding,) = self.one("333.35", "1000", "33.33", price_quantity=D(100))
        assert finding.severity == "info"
        (finding,) = self.one("333.36", "1000", "33.33", price_quantity=D(100))
        assert finding.severity == "error"

    def test_a_price_for_a_hundred_an_allowance_and_a_charge(self) -> None:
        item = InvoiceLine(
            "1",
            quantity=D(3),
            unit_price=D(12000),
            price_quantity=D(100),
            allowances=D(20),
            charges=D(5),
        )
        assert product_of(item) == amount_of(item) == D("345.00")
        assert product_of(replace(item, price_quantity=D(0))) is None
        assert product_of(replace(item, quantity=None)) is None
        assert product_of(replace(item, unit_price=None)) is None
        assert product_of(replace(item, allowances=None, charges=None, price_quantity=None)) == 36000
        assert amount_of(replace(item, amount=D(7))) == 7

    def test_all_of_its_calculation_is_told(self) -> None:
        (finding,) = self.one(
            "340.00", "3.000", "12000", price_quantity=D(100), allowances=D(20), charges=D(5)
        )
        assert str(finding.message) == (
            "Line 1: 3 × 12000 € for 100 (BT-149) less 20 € plus 5 € comes to 345.00 €, and 340.00 € is written."
        )

    def test_a_price_for_one_needs_no_word_a_price_for_two_does(self) -> None:
        (finding,) = self.one("9.00", "2", "4.00", price_quantity=D(1))
        assert str(finding.message) == "Line 1: 2 × 4.00 € comes to 8.00 €, and 9.00 € is written."
        (finding,) = self.one("9.00", "2", "4.00", price_quantity=D(2))
        assert str(finding.message) == (
            "Line 1: 2 × 4.00 € for 2 (BT-149) comes to 4.00 €, and 9.00 € is written."
        )

    def test_a_base_quantity_that_the_amount_leaves_out(self) -> None:
        """As in official examples, where BT-149 repeats the price: the amount is what is summed."""
        (finding,) = self.one("1273.00", "1", "1273", price_quantity=D(1273))
        assert (finding.code, finding.severity) == ("price_quantity", "warning")
        assert str(finding.message) == (
            "Line 1: 1 × 1273 € for 1273 (BT-149) comes to 1.00 €, and 1273.00 € is written. "
            "The amount is that of a price for one."
        )
        (finding,) = self.one("1274.00", "1", "1273", price_quantity=D(1273))
        assert finding.severity == "error"

    def test_nothing_is_said_of_a_line_that_says_too_little(self) -> None:
        assert self.one("360.00", "3", "120") == []
        assert findings(bill(InvoiceLine("1", amount=D(5), quantity=D(3)))) == ()


def test_groups_and_information_are_not_added() -> None:
    below = replace(line("part", "300.00"), kind="information")
    invoice = replace(
        bill(line("a", "500.00"), below), total_excl_vat=D("500.00"), vat=None, total_incl_vat=None
    )
    assert found(invoice) == []


def test_a_total_can_be_added_from_the_lines() -> None:
    assert total_excl_vat(replace(WHOLE, total_excl_vat=None)) == D("854.00")
    unknown = InvoiceLine("3", "?")
    assert total_excl_vat(Invoice("F1", None, lines=(*WHOLE.lines, unknown))) is None


def test_without_any_amount_nothing_can_be_said() -> None:
    assert found(Invoice("F1", None)) == [("no_amount", "warning")]
    assert findings(Invoice("F1", None))[0].undetermined
    some = Invoice("F1", None, lines=(line("a", "361.00", "3", "120"), InvoiceLine("2", "?")))
    first_of, second = findings(some)
    assert (first_of.code, first_of.about, second.code) == ("no_amount", "document", "line_amount")
    assert str(first_of.message) == (
        "The document states neither a total excl. VAT nor the amounts of its lines."
    )
    first_of, second = findings(replace(some, vat=D("20.00"), total_incl_vat=D("120.00")))
    assert (first_of.code, first_of.about, second.code) == ("total_derived", "document", "line_amount")
    assert first_of.expected == D("100.00")
    assert found(totals("500.00")) == []


def test_a_negative_invoice_adds_up_the_same_way() -> None:
    assert found(bill(line("a", "-360.00", "-3", "120"))) == []


class TestWhatIsNotStatedFollows:
    """Of the total excl. VAT, the VAT and the total incl. VAT, two give the third; so do rates."""

    def test_two_give_the_third(self) -> None:
        three = (D("100.00"), D("20.00"), D("120.00"))
        whole = totals("100.00")
        assert totals_of(whole) == three
        for missing in ("total_excl_vat", "vat", "total_incl_vat"):
            assert totals_of(replace(whole, **{missing: None})) == three  # type: ignore[arg-type] # by name

    def test_one_gives_none(self) -> None:
        whole = totals("100.00")
        assert totals_of(replace(whole, vat=None, total_incl_vat=None)) == (D("100.00"), None, None)
        assert totals_of(replace(whole, total_excl_vat=None, vat=None)) == (None, None, D("120.00"))
        assert totals_of(replace(whole, total_excl_vat=None, total_incl_vat=None)) == (None, D("20.00"), None)

    def test_the_vat_of_groups(self) -> None:
        groups = (VatGroup(D("0.2"), D(50), D("10.00")), VatGroup(D("0.1"), D(50), D("5.00")))
        whole = totals("100.00", vat=None, total_incl_vat=None, vat_groups=groups)
        assert stated_vat(whole) == D("15.00")
        assert totals_of(whole) == (D("100.00"), D("15.00"), D("115.00"))
        lacking = replace(whole, vat_groups=(groups[0], replace(groups[1], amount=None)))
        assert stated_vat(lacking) is None
        assert totals_of(lacking) == (D("100.00"), D("15.00"), D("115.00"))  # 50 × 20 % + 50 × 10 %

    def test_the_rates_of_lines(self) -> None:
        lines = (line("a", "50.00"), replace(line("b", "50.00"), vat_rate=D("0.1")))
        whole = totals("100.00", vat=None, total_incl_vat=None, lines=lines)
        assert totals_of(whole) == (D("100.00"), D("15.00"), D("115.00"))
        unrated = replace(whole, lines=(lines[0], replace(lines[1], vat_rate=None)))
        assert totals_of(unrated) == (D("100.00"), None, None)

    def test_what_is_derived_is_shown(self) -> None:
        answer = check_invoice(totals("1160.00", total_excl_vat=None), expected=first())
        assert (answer.verdict, answer.untaxed) == ("conform", D("1160.00"))
        assert codes(answer, "info")[0] == "total_derived"
        assert str(answer.findings[0].message) == (
            "The document states no total excl. VAT; 1160.00 € follows from its VAT and its total incl. VAT."
        )


class TestWhatIsTaxed:
    def test_a_group_without_base_taxes_its_lines(self) -> None:
        lines = (line("a", "60.00"), replace(line("b", "40.00"), vat_rate=D("0.1")))
        groups = (VatGroup(D("0.2"), None, D("12.00")), VatGroup(D("0.1"), None, D("4.00")))
        parts = taxed_parts(totals("100.00", lines=lines, vat_groups=groups))
        assert [(part.rate, part.base, part.due) for part in parts] == [
            (D("0.2"), D("60.00"), D("12.00")),
            (D("0.1"), D("40.00"), D("4.00")),
        ]

    def test_the_only_group_without_base_taxes_all(self) -> None:
        (part,) = taxed_parts(totals("100.00", vat_groups=(VatGroup(D("0.2"), None, D("12.00")),)))
        assert (part.base, part.due, part.amount) == (D("100.00"), D("20.00"), D("12.00"))

    def test_lines_alone_those_without_vat_too(self) -> None:
        lines = (
            replace(line("a", "60.00"), vat_category="S"),
            replace(line("b", "40.00"), vat_category="O", vat_rate=None),
        )
        parts = taxed_parts(totals("100.00", lines=lines))
        assert [(part.rate, part.base) for part in parts] == [(D("0.2"), D("60.00")), (D(0), D("40.00"))]

    def test_a_group_without_rate_has_that_of_its_lines(self) -> None:
        lines = (replace(line("a", "100.00"), vat_category="S"),)
        group = VatGroup(None, D("100.00"), D("12.00"), "S")
        (part,) = taxed_parts(totals("100.00", lines=lines, vat_groups=(group,)))
        assert (part.category, part.rate, part.due) == ("S", D("0.2"), D("20.00"))
        two = (*lines, replace(lines[0], vat_rate=D("0.1")))
        assert taxed_parts(totals("200.00", lines=two, vat_groups=(group,))) == ()

    @pytest.mark.parametrize("category", ["AE", "E", "G", "K", "O", "Z"])
    def test_a_category_without_vat_has_the_rate_zero(self, category: str) -> None:
        (part,) = taxed_parts(totals("100.00", vat_groups=(VatGroup(None, D(100), D(5), category),)))
        assert (part.rate, part.due) == (D(0), D(0))

    @pytest.mark.parametrize("category", ["S", "L", "M", None])
    def test_the_others_do_not(self, category: str | None) -> None:
        assert taxed_parts(totals("100.00", vat_groups=(VatGroup(None, D(100), D(5), category),))) == ()

    def test_lines_of_a_category_without_rate_make_the_base_of_its_group(self) -> None:
        lines = (
            replace(line("a", "60.00"), vat_category="S"),
            replace(line("b", "40.00"), vat_category="O", vat_rate=None),
        )
        groups = (VatGroup(D("0.2"), None, None, "S"), VatGroup(None, None, None, "O"))
        parts = taxed_parts(totals("100.00", lines=lines, vat_groups=groups))
        assert [(part.category, part.base) for part in parts] == [("S", D("60.00")), ("O", D("40.00"))]

    def test_lines_and_adjustments_of_a_category_make_its_base(self) -> None:
        lines = (
            replace(line("a", "60.00"), vat_category="S"),
            replace(line("b", "40.00"), vat_category="L"),
        )
        groups = (VatGroup(D("0.2"), None, None, "S"), VatGroup(D("0.2"), None, None, "L"))
        less = (Adjustment(D("-10.00"), D("0.2"), "S"),)
        parts = taxed_parts(totals("90.00", lines=lines, adjustments=less, vat_groups=groups))
        assert [part.base for part in parts] == [D("50.00"), D("40.00")]

    def test_vat_rounded_on_each(self) -> None:
        # 0,03 at 20 % is 0,006: 0,01 on each of three lines; 0,018 on their sum: 0,02.
        lines = tuple(line("a", "0.03", number=number) for number in (1, 2, 3))
        (part,) = taxed_parts(bill(*lines))
        assert (part.due, part.by_item) == (D("0.02"), D("0.03"))
        (alone,) = taxed_parts(
            totals("0.09", lines=lines[:2], vat_groups=(VatGroup(D("0.2"), D("0.09"), None),))
        )
        assert (alone.due, alone.by_item) == (D("0.02"), D("0.02"))  # these lines are not what it taxes


class TestAnAllowanceThatIsListed:
    """It enters the price where the sums say so, and then once."""

    def billed(self, **changes: Any) -> Invoice:
        lines = (line("Frais d’instruction", "1160.00"), line("Frais de gestion", "100.00", number=2))
        return bill(*lines, adjustments=(Adjustment(D("-100.00"), D("0.2"), reason="Remise"),), **changes)

    def test_listed_and_not_deducted(self) -> None:
        answer = check_invoice(self.billed(), expected=first())
        assert answer.verdicts["sums"] == answer.verdicts["price"] == "discrepancy"
        assert answer.gap == D("100.00")
        assert "allowances_total" in codes(answer)

    def test_what_is_not_deducted_is_told_with_the_gap(self) -> None:
        """The finding, where nothing of the schedule gives the amount; not « nothing explains it »."""
        lines = (
            line("Dossier de première demande", "86.00", "1", "86"),
            line("Dossier de première demande", "100.00", "1", "100", number=2),
        )
        less = (Adjustment(D("-100.00"), D("0.2"), reason="Remise"),)
        answer = check_invoice(bill(*lines, adjustments=less), expected=first())
        assert (answer.gap, answer.explanations) == (D("100.00"), ())
        assert str(answer.summary).startswith(
            "Discrepancy: 100.00 € excl. VAT too much, as much as this: The allowances listed come to 100.00 €; "
            "their stated sum is 0 € (BT-107)."
        )

    def test_listed_and_deducted(self) -> None:
        right = self.billed(
            allowances=D("100.00"),
            total_excl_vat=D("1160.00"),
            vat=D("232.00"),
            total_incl_vat=D("1392.00"),
        )
        answer = check_invoice(right, expected=first())
        assert answer.verdicts["sums"] == "conform"
        assert answer.gap == 0

    def test_deducted_and_not_listed(self) -> None:
        right = replace(
            self.billed(),
            adjustments=(),
            allowances=D("100.00"),
            total_excl_vat=D("1160.00"),
            vat=D("232.00"),
            total_incl_vat=D("1392.00"),
        )
        answer = check_invoice(right, expected=first())
        assert (answer.verdicts["sums"], answer.gap) == ("conform", D(0))


def test_amounts_are_said_in_their_own_currency() -> None:
    answer = check_invoice(bill(line("a", "361.00", "3", "120"), currency="HUF"), expected=first())
    (finding,) = (item for item in answer.findings if item.code == "line_amount")
    assert str(finding.message) == "Line 1: 3 × 120 HUF comes to 360.00 HUF, and 361.00 HUF is written."


def test_quantities_and_amounts_as_a_french_reader_writes_them() -> None:
    invoice = bill(line("a", "80.00", "20.000", "4.10"))
    (finding,) = (item for item in findings(invoice) if item.line)
    said = Language("fr").say(finding.message).replace("\u00a0", " ").replace("\u202f", " ")
    assert "20 × 4,10 €" in said
    assert "82 €" in said
