"""Which line bills what, and what the price check says of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.model import Adjustment, InvoiceLine
from opqibi_rules.money import ZERO
from opqibi_rules.price.quote import answer
from tests.editions.pinned import TABLES_2024
from tests.invoice.bills import (
    CONTROL_PRICES,
    ON,
    bill,
    check_invoice,
    codes,
    control,
    first,
    line,
    told,
    totals,
)

DETAIL = (
    line("Dossier", "86.00", "1", "86"),
    line("Part fixe", "500.00", "1", "500", 2),
    line("Qualifications", "300.00", "5", "60", 3),
    line("Qualifications", "360.00", "3", "120", 4),
    line("Marque", "1357.50", "1", "1357.50", 5),
)


def rows(answer: InvoiceCheck) -> list[tuple[tuple[str, ...], str, str, tuple[str, ...]]]:
    return [(row.articles, str(row.expected), str(row.invoiced), row.lines) for row in answer.rows]


def test_a_detailed_invoice_is_compared_line_by_line() -> None:
    answer = check_invoice(bill(*DETAIL), expected=first())
    assert answer.verdict == "conform"
    assert str(answer.summary) == "Conform: 2603.50 € excl. VAT, to the cent."
    assert rows(answer) == [
        (("I",), "86.00", "86.00", ("1",)),
        (("II.1",), "500.00", "500.00", ("2",)),
        (("II.2",), "300.00", "300.00", ("3",)),
        (("II.2",), "360.00", "360.00", ("4",)),
        (("III",), "1357.50", "1357.50", ("5",)),
    ]


def test_the_words_do_not_count_where_the_amounts_tell() -> None:
    unnamed = [replace(item, name="Prestation") for item in DETAIL]
    assert check_invoice(bill(*unnamed), expected=first()).verdict == "conform"


def test_a_mark_billed_tranche_by_tranche() -> None:
    # 250 000 × 0,80 ‰, 550 000 × 0,65 ‰, 1 600 000 × 0,50 ‰.
    amounts = ("200.00", "357.50", "800.00")
    lines = [line("Tranche", amount, number=index) for index, amount in enumerate(amounts, 1)]
    answer = check_invoice(bill(*lines), expected=first())
    assert answer.verdict == "conform"
    assert codes(answer, "info") == ["fee_not_billed", "fee_not_billed"]


@pytest.mark.parametrize(
    "amount", ["86.00", "1160.00", "1357.50", "1246.00", "1443.50", "2517.50", "2603.50"]
)
def test_an_invoice_may_bill_some_of_the_fees_only(amount: str) -> None:
    answer = check_invoice(totals(amount), expected=first())
    assert answer.verdict == "conform"
    assert set(codes(answer, "info")) <= {"fee_not_billed"}


def test_the_fees_it_bears_may_be_said_outright() -> None:
    answer = check_invoice(totals("1160.00"), expected=first(), fees=["instruction", "dossier"])
    assert answer.verdict == "discrepancy"
    assert told(answer) == [
        "not billed: Application file",
        "billed as another event: renewal instead of first application",
    ]
    named = check_invoice(
        bill(line("Frais d’instruction", "1160.00")), expected=first(), fees=["instruction", "dossier"]
    )
    assert codes(named) == ["fee_amount"]
    assert told(named) == told(answer)


def test_what_it_bears_beyond_what_is_said_is_a_discrepancy() -> None:
    """The file alone is expected: its 86,00 € are right, and the 1 160,00 € of the instruction are not of it."""
    both = bill(line("Dossier postulant", "86.00"), line("Frais d’instruction", "1160.00", number=2))
    answer = check_invoice(both, expected=first(), fees=["dossier"])
    assert (answer.verdict, codes(answer), answer.gap) == ("discrepancy", ["fee_not_asked"], Decimal(1160))
    assert str(answer.summary) == (
        "Discrepancy: 1160.00 € excl. VAT too much: not among the fees that it is said to bear: Instruction fee."
    )
    assert check_invoice(both, expected=first(), fees=["dossier", "instruction"]).verdict == "conform"


def test_it_cannot_be_said_to_bear_a_fee_of_another_event() -> None:
    with pytest.raises(RequestError, match="Annual-control fee not borne here") as refused:
        check_invoice(totals("86.00"), expected=first(), fees=["annual_control"])
    assert refused.value.field == "fees"


def test_a_line_that_names_several_fees() -> None:
    both = line("Dossier postulant et frais d’instruction", "1366.00")
    answer = check_invoice(bill(both), expected=first())
    assert codes(answer) == ["total_price"]
    assert "one qualification at tariff 2 too many" in told(answer)
    assert (
        check_invoice(bill(replace(both, amount=Decimal("1246.00"))), expected=first()).verdict == "conform"
    )


def test_a_line_that_the_schedule_does_not_know() -> None:
    answer = check_invoice(bill(*DETAIL, line("Frais de gestion", "25.01", number=6)), expected=first())
    assert codes(answer) == ["unexpected_line"]
    (finding,) = (item for item in answer.findings if item.severity == "error")
    assert (finding.line, finding.invoiced) == ("6", Decimal("25.01"))
    assert told(answer) == ["25.01 € billed that the schedule does not know: « Frais de gestion »"]
    assert rows(answer)[-1] == ((), "0.00", "25.01", ("6",))
    assert str(answer.rows[-1].label) == "Line unknown to the schedule"


def test_an_allowance_on_the_whole_document() -> None:
    for changes in (
        {"allowances": Decimal("10.00")},
        {
            "allowances": Decimal("10.00"),
            "adjustments": (Adjustment(Decimal("-10.00"), reason="Remise"), Adjustment(None)),
        },
    ):
        invoice = bill(
            *DETAIL,
            total_excl_vat=Decimal("2593.50"),
            vat=Decimal("518.70"),
            total_incl_vat=Decimal("3112.20"),
            **changes,
        )
        answer = check_invoice(invoice, expected=first())
        assert answer.gap == Decimal("-10.00")
        assert [name for name, verdict in answer.verdicts.items() if verdict != "conform"] == ["price"]


def test_a_charge_on_the_whole_document_that_is_named_as_a_fee_is_none_of_it() -> None:
    """86,00 is billed already: 15,00 more on « Frais de dossier » explains nothing but itself. Alone, 86,00 is the fee."""

    def checked(*lines: InvoiceLine, charge: str, total: str) -> InvoiceCheck:
        more = Adjustment(Decimal(charge), reason="Frais de dossier", is_charge=True)
        invoice = replace(totals(total, lines=lines), charges=Decimal(charge), adjustments=(more,))
        return check_invoice(invoice, expected=first())

    twice = checked(*DETAIL, charge="15.00", total="2618.50")
    assert told(twice) == ["15.00 € billed that the schedule does not know: « Frais de dossier »"]
    alone = checked(*DETAIL[1:], charge="86.00", total="2603.50")
    assert alone.verdicts["price"] == "conform"


def test_lines_without_amounts_leave_the_total() -> None:
    lines = (InvoiceLine("1", "Frais d’instruction"), line("Dossier", "86.00", number=2))
    assert check_invoice(totals("1246.00", lines=lines), expected=first()).verdict == "conform"


class TestNewRequests:
    """125,00 + 15,00 held at tariff 1; 375,00 + 2 × 60,00 new at tariff 1 = 635,00 €."""

    DUE = control(tariffs={1: 1}, new_tariffs={1: 2})

    def test_instruction_means_the_new_ones(self) -> None:
        lines = (
            line("Contrôle annuel, forfait", "125.00", "1", "125"),
            line("Contrôle annuel, tarif 1", "15.00", "1", "15", 2),
            line("Nouvelles qualifications, forfait", "375.00", "1", "375", 3),
            line("Instruction, tarif 1", "180.00", "3", "60", 4),
        )
        answer = check_invoice(bill(*lines), expected=self.DUE)
        assert told(answer) == ["one new qualification at tariff 1 too many"]
        assert codes(answer) == ["line_quantity"]

    def test_control_prices_on_a_line_that_says_the_tariff_and_the_number(self) -> None:
        # 60,00 is the control price of tariff 3 and the instruction price of tariff 1.
        due = control(tariffs={1: 1}, new_tariffs={3: 2})
        lines = (
            line("Contrôle annuel, forfait", "125.00", "1", "125"),
            line("Contrôle annuel, tarif 1", "15.00", "1", "15", 2),
            line("Nouvelles qualifications, forfait", "375.00", "1", "375", 3),
            line("Nouvelles qualifications tarif 3", "120.00", "2", "60", 4),
        )
        answer = check_invoice(bill(*lines), expected=due)
        assert told(answer) == [f"{CONTROL_PRICES} (article IV.2)"]
        assert codes(answer) == ["line_unit_price"]

    def test_a_flat_part_told_by_its_words(self) -> None:
        lines = (
            line("Contrôle annuel tarif 1", "15.00", "1", "15"),
            line("Contrôle : forfait", "119.00", number=2),
        )
        answer = check_invoice(bill(*lines), expected=control(tariffs={1: 1}))
        assert codes(answer) == ["fee_amount"]
        new = line("Nouvelles qualifications : forfait du contrôle", "370.00", number=3)
        assert codes(check_invoice(bill(*lines, new), expected=self.DUE)) == [
            "fee_amount",
            "fee_amount",
            "line_quantity",
        ]


def test_a_tariff_told_by_its_words_alone() -> None:
    lines = (
        line("Part fixe", "500.00", "1", "500"),
        line("Qualifications au tarif 1", "300.00", "5", "60", 2),
        line("Qualifications au tarif 2", "330.00", "3", "110", 3),
    )
    answer = check_invoice(bill(*lines), expected=first())
    assert codes(answer) == ["line_unit_price"]
    assert answer.gap == Decimal("-30.00")


def test_a_fraction_of_a_qualification_is_no_count() -> None:
    answer = check_invoice(bill(line("Frais d’instruction", "90.00", "1.5", "60")), expected=first())
    assert answer.verdict == "discrepancy"


class TestTheTurnoverIsMissing:
    DUE = first(turnover=None)

    def test_the_other_fees_are_checked(self) -> None:
        assert check_invoice(totals("1246.00"), expected=self.DUE).verdict == "conform"

    def test_the_mark_is_undetermined_and_its_turnover_is_told(self) -> None:
        answer = check_invoice(bill(line("Utilisation de la marque", "1657.50")), expected=self.DUE)
        assert answer.verdict == "undetermined"
        assert codes(answer, "warning") == ["turnover_missing"]
        assert told(answer) == ["another turnover: from 2999990.00 € to 3000012.49 €"]
        assert rows(answer) == [(("III",), "None", "1657.50", ("1",))]
        assert answer.gap == 0

    def test_a_mark_that_no_turnover_gives(self) -> None:
        answer = check_invoice(bill(line("Utilisation de la marque", "50.00")), expected=self.DUE)
        assert answer.verdict == "undetermined"
        assert told(answer) == []

    def test_a_mark_with_other_fees_in_one_amount(self) -> None:
        answer = check_invoice(
            bill(line("Instruction et utilisation de la marque", "2817.50")), expected=self.DUE
        )
        assert told(answer) == ["another turnover: from 2999990.00 € to 3000012.49 €"]


class TestTheTolerance:
    @pytest.mark.parametrize(
        ("tolerance", "verdict"), [("0", "discrepancy"), ("0.04", "discrepancy"), ("0.05", "conform")]
    )
    def test_a_difference_within_it_is_accepted(self, tolerance: str, verdict: str) -> None:
        answer = check_invoice(totals("1160.05"), expected=first(), tolerance=tolerance, fees=["instruction"])
        assert answer.verdict == verdict
        if verdict == "conform":
            assert codes(answer, "info")[0] == "within_tolerance"
            assert str(answer.summary) == "Conform: 1160.05 € excl. VAT, within the tolerance."

    def test_differences_that_offset_one_another_are_not(self) -> None:
        lines = [replace(DETAIL[2], amount=Decimal("360.00"), quantity=Decimal(6)), DETAIL[1]]
        moved = replace(DETAIL[3], name="tarif 2", amount=Decimal("300.00"), quantity=Decimal("2.5"))
        answer = check_invoice(bill(*lines, moved), expected=first(), tolerance="1")
        assert answer.verdict == "discrepancy"
        assert str(answer.summary).startswith("Discrepancy: amounts that offset one another")


class TestOtherDocuments:
    def test_a_credit_note_gives_back_what_was_due(self) -> None:
        answer = check_invoice(totals("1160.00", type_code="381"), expected=first())
        assert answer.verdict == "conform"
        assert codes(answer, "info")[0] == "credit_note"
        assert answer.by_fee == {"instruction": Decimal("1160.00")}

    def test_a_negative_invoice_too(self) -> None:
        lines = [
            replace(item, amount=-(item.amount or ZERO), quantity=-(item.quantity or ZERO)) for item in DETAIL
        ]
        answer = check_invoice(bill(*lines), expected=first())
        assert answer.verdict == "conform"
        assert answer.by_fee["dossier"] == Decimal("-86.00")

    def test_a_prepayment(self) -> None:
        assert (
            codes(check_invoice(totals("86.00", type_code="386"), expected=first()), "info")[0]
            == "prepayment"
        )

    def test_another_currency_is_undetermined(self) -> None:
        answer = check_invoice(totals("1160.00", currency="USD"), expected=first())
        assert answer.verdict == "undetermined"
        assert codes(answer, "warning") == ["currency"]

    def test_no_amount_is_undetermined(self) -> None:
        answer = check_invoice(
            totals("0.00", total_excl_vat=None, vat=None, total_incl_vat=None), expected=first()
        )
        assert answer.verdict == "undetermined"
        assert codes(answer, "warning") == ["no_amount", "vat_missing", "no_amount", "payable_missing"]
        assert answer.rows == ()

    def test_nothing_billed_at_all(self) -> None:
        """Something is due, and nobody has priced it: it is no price to conform to."""
        answer = check_invoice(totals("0.00"), expected=first())
        assert (answer.verdict, answer.verdicts["sums"]) == ("undetermined", "conform")
        assert codes(answer) == []

    def test_an_invoice_older_than_the_first_schedule(self) -> None:
        old = totals("1160.00", issued=date(2023, 1, 15))
        assert check_invoice(old, expected=first()).verdict == "undetermined"
        assert check_invoice(old, expected=first(), dated=True).verdict == "conform"
        assert check_invoice(totals("1160.00", issued=None), expected=first()).verdict == "conform"
        assert check_invoice(totals("1160.00", issued=ON), expected=first()).verdict == "conform"


class TestAmountsThatTellLittle:
    def test_a_total_that_is_a_part_by_chance(self) -> None:
        # 180,00 is the floor of the mark, and three qualifications at tariff 1.
        due = first(event="renewal", tariffs={1: 3, 7: 1}, turnover="89029.56")
        answer = check_invoice(totals("180.00"), expected=due)
        assert answer.verdict == "conform"
        assert answer.by_fee == {"brand_usage": Decimal("180.00")}

    def test_two_readings_that_a_single_change_explains(self) -> None:
        # 1 306,00 is 86 + 1 160 + 60, without the mark; or 86 + 1 160 + 180 − 120.
        answer = check_invoice(totals("1306.00"), expected=first(turnover="100000"))
        assert told(answer)[0] == "one qualification at tariff 1 too many"
        assert (
            "one qualification at tariff 2 not billed "
            "(if the invoice bills: Application file, Instruction fee, Brand-usage fee (4 years))"
        ) in told(answer)
        assert {item.confidence for item in answer.explanations} == {"possible"}

    def test_one_amount_for_several_fees_is_theirs_where_it_is_right(self) -> None:
        whole = line("Dossier postulant et instruction", "1246.00")
        right = check_invoice(bill(whole), expected=first())
        assert right.by_fee == {"dossier": Decimal("86.00"), "instruction": Decimal("1160.00")}
        wrong = check_invoice(bill(replace(whole, amount=Decimal("1160.00"))), expected=first())
        assert wrong.by_fee == {}
        assert "not billed: Application file" in told(wrong)

    def test_less_than_the_fees_beside_the_mark(self) -> None:
        answer = check_invoice(
            bill(line("Instruction et utilisation de la marque", "100.01")), expected=first()
        )
        assert told(answer) == []

    def test_a_line_billed_twice_without_a_word(self) -> None:
        lines = [replace(item, name="Prestation") for item in (*DETAIL, DETAIL[0], DETAIL[4])]
        answer = check_invoice(bill(*lines), expected=first())
        assert {text for text in told(answer) if "turnover" not in text} == {
            "billed twice: Brand-usage fee (4 years)",
            "billed twice: Application file",
        }

    def test_two_tranches_right_and_one_wrong(self) -> None:
        amounts = ("200.00", "357.50", "900.00")
        lines = [line("Prestation", amount, number=index) for index, amount in enumerate(amounts, 1)]
        answer = check_invoice(bill(*lines), expected=first())
        # 1 457,50 is what 2 600 000 € give.
        assert told(answer) == ["another turnover: from 2599990.00 € to 2600009.99 €"]


@pytest.mark.parametrize(
    ("lines", "fee", "gap"),
    [
        (
            (line("Instruction", "1160.00"), line("Partie forfaitaire", "500.00", number=2)),
            "instruction",
            "500",
        ),
        # 250 000 × 0,80 ‰ is already in the fee of 1 357,50.
        ((line("Marque", "1357.50"), line("Tranche", "200.00", number=2)), "brand_usage", "200"),
    ],
)
def test_what_is_billed_whole_is_not_billed_by_its_pieces_too(
    lines: tuple[InvoiceLine, ...], fee: str, gap: str
) -> None:
    answer = check_invoice(bill(*lines), expected=first(), fees=[fee])
    assert (answer.verdict, answer.gap) == ("discrepancy", Decimal(gap))


def test_a_part_by_tranches_beside_another_is_not_billed_by_its_tranches_too() -> None:
    known = TABLES_2024.schedule(ON)
    fee = known.fees[2]
    flat = known.fees[1].parts[0]
    both = replace(fee, parts=(flat, *fee.parts))  # 500, and 1 357,50 by tranches
    schedule = replace(known, fees=(*known.fees[:2], both, known.fees[3]))
    expected = answer(first().question, schedule, TABLES_2024)
    lines = (
        line("Part fixe", "500.00"),
        line("Marque", "1357.50", number=2),
        line("Tranche", "200.00", number=3),
    )
    found = check_invoice(bill(*lines), expected=expected, fees=["brand_usage"])
    assert (found.verdict, found.gap) == ("discrepancy", Decimal(200))
    right = check_invoice(bill(*lines[:2]), expected=expected, fees=["brand_usage"])
    assert right.verdict == "conform"


def test_a_line_for_each_qualification_by_its_code() -> None:
    """500 + 60 + 120: the codes given with the quote say which tariff each is of; else how many are alike."""
    by_code = first(tariffs=None, qualifications=["1905:1", "1911:2"], turnover=None)
    lines = (
        line("Frais d’instruction, part fixe", "500.00"),
        line("1905 Audit énergétique", "60.00", number=2),
    )
    answer = check_invoice(bill(*lines, line("1911 Audit", "120.00", number=3)), expected=by_code)
    assert (answer.verdicts["price"], answer.gap) == ("conform", ZERO)
    counted = first(tariffs={1: 2, 2: 1}, turnover=None)
    three = (line("0607", "60.00", number=3), line("0901", "120.00", number=4))
    assert check_invoice(bill(*lines, *three), expected=counted).verdicts["price"] == "conform"
    dear = (
        line("1905", "61.00", number=2),
        line("1911", "61.00", number=3),
        line("0607", "120.00", number=4),
    )
    answer = check_invoice(bill(lines[0], *dear), expected=counted)
    assert (answer.verdicts["price"], answer.gap) == ("discrepancy", Decimal("2.00"))


def test_a_fee_that_prices_no_qualification_is_not_that_of_a_line_that_speaks_of_tariffs() -> None:
    # 300 is five at tariff 1, part of the instruction of 1 160; the brand has no tariff code.
    answer = check_invoice(bill(line("Marque OPQIBI tarif 1", "300.00")), expected=first())
    assert (answer.verdicts["price"], answer.gap) == ("discrepancy", Decimal("-860.00"))


def test_what_is_billed_by_fee_leaves_out_what_is_not() -> None:
    answer = check_invoice(
        bill(line("Frais d’instruction", "1160.00")), expected=first(), fees=["dossier", "instruction"]
    )
    assert (answer.verdicts["price"], answer.gap) == ("discrepancy", Decimal("-86.00"))
    assert answer.by_fee == {"instruction": Decimal("1160.00")}


class TestProducts:
    """5 at tariff 1 cost 60,00 each, the file 86,00, the mark 45,00 a year (180,00, its floor)."""

    @pytest.mark.parametrize(
        ("number", "price", "verdict"),
        [("5", "60.00", "conform"), ("3", "100.00", "undetermined"), ("1", "300.00", "conform")],
    )
    def test_a_number_and_a_price_that_are_both_wrong(self, number: str, price: str, verdict: str) -> None:
        bills = line("Frais d’instruction, qualifications au tarif 1", "300.00", number, price)
        flat = line("Frais d’instruction, partie forfaitaire", "500.00", "1", "500.00", 2)
        answer = check_invoice(bill(bills, flat), expected=first(tariffs={1: 5}, turnover=None))
        assert answer.verdict == verdict
        assert codes(answer, "error", "warning") == ["line_product"] * (verdict != "conform")

    @pytest.mark.parametrize(
        ("name", "number", "told"),
        [
            ("Contrôle annuel, tarif 1", "1", ["line_product"]),  # a remark: its amount is right
            ("Contrôle annuel, tarif 1", None, []),
            ("Contrôle annuel, 2 x tarif 1", "1", []),
            ("Qualifications 1905 et 1717, tarif 1", "1", []),
            ("Qualification 1905, tarif 1", "1", ["line_wording"]),
            ("Contrôle annuel, 1 x tarif 1", None, ["line_wording"]),
        ],
    )
    def test_one_thing_at_the_price_of_two(self, name: str, number: str | None, told: list[str]) -> None:
        """A control of two at tariff 1, 15,00 each: « 1 × 30,00 » is the right amount by another split."""
        held = line(name, "30.00", number, number and "30.00")
        flat = line("Contrôle annuel, partie forfaitaire", "125.00", "1", "125.00", 2)
        answer = check_invoice(bill(flat, held), expected=control(tariffs={1: 2}))
        assert answer.gap == 0
        assert codes(answer, "error", "warning", "info") == told
        assert answer.verdict == ("undetermined" if told == ["line_wording"] else "conform")

    @pytest.mark.parametrize(
        ("number", "price", "verdict"),
        [("4", "45.00", "conform"), ("3", "60.00", "undetermined"), ("150000", "0.0012", "conform")],
    )
    def test_a_mark_of_four_years(self, number: str, price: str, verdict: str) -> None:
        bills = line("Utilisation de la marque", "180.00", number, price)
        due = first(event="renewal", tariffs={1: 2}, turnover=150_000)
        assert check_invoice(bill(bills), expected=due).verdict == verdict

    def test_a_price_for_ten(self) -> None:
        """BT-149: 600,00 for ten is 60,00 each."""
        item = replace(line("Qualifications au tarif 1", "300.00", "5", "600.00"), price_quantity=Decimal(10))
        flat = line("Frais d’instruction, partie forfaitaire", "500.00", "1", "500.00", 2)
        assert (
            check_invoice(bill(item, flat), expected=first(tariffs={1: 5}, turnover=None)).verdict
            == "conform"
        )
