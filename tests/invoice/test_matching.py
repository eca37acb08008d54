"""Which line bills what where neither an amount nor a word says it alone, and what is then told of it.

Control prices: 125 flat, and 15, 30, 60, 212,50, 28, 54, 28 at tariffs 1 to 7. Instruction: 500 flat, and 60, 120,
240, 850, 1 050, 1 250, 265; the same for new requests at a control, after 375 flat.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.matching.line_words import words_of
from opqibi_rules.invoice.model import InvoiceLine
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import shipped_tables
from tests.invoice.bills import (
    CONTROL_PRICES,
    INSTRUCTION_PRICES,
    NEWER,
    bill,
    check_invoice,
    control,
    first,
    line,
    told,
)

FLAT = ("Contrôle annuel, forfait", "125.00")
NEW_FLAT = ("Nouvelles demandes, forfait", "375.00")
WORDING = shipped_tables().invoice_wording


def checked(expected: Quote, *lines: tuple[str, ...]) -> InvoiceCheck:
    """The check of an invoice of these lines: words, amount, and at times quantity and unit price."""
    numbered = [line(*given, number=place) for place, given in enumerate(lines, 1)]  # type: ignore[misc, arg-type]  # as given
    return check_invoice(bill(*numbered), expected=expected)


def coded(words: str, code: int, amount: str, times: int) -> list[tuple[str, str]]:
    return [(f"{words} {code + place}", amount) for place in range(times)]


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        ("3 x T2", ((2, 3),)),
        ("3 × tarif 2", ((2, 3),)),
        ("Instruction tarif n° 4 (x12)", ((4, 12),)),
        ("5 nouvelle(s) qualification(s) au tarif 5", ((5, 5),)),
        ("Contrôle annuel (2 T3 + 1 T4 + 2 T3)", ((3, 2), (4, 1), (3, 2))),
        ("3 qualifications détenues de tarif 1", ((1, 3),)),
        ("Acompte 30 % tarif 1", ()),
        ("Contrôle 2 T1 2026", ()),
        ("Dossier 12, tarif 3", ()),
        ("Tarif 3 : 240", ()),
    ],
)
def test_the_numbers_that_words_say(words: str, counts: tuple[tuple[int, int], ...]) -> None:
    assert words_of(WORDING).read(words).counts == counts


class TestNumbersInWords:
    def test_they_tell_a_wrong_price_from_a_wrong_number(self) -> None:
        # Four at 60,00, the control price, and not one at 240,00.
        answer = checked(
            control(tariffs={4: 1}, new_tariffs={3: 4}),
            FLAT,
            ("Contrôle, tarif 4", "212.50"),
            NEW_FLAT,
            ("Nouvelles qualifications T3 (x4)", "240.00", "1", "240"),
        )
        assert told(answer) == [f"{CONTROL_PRICES} (article IV.2)"]

    def test_of_a_whole_fee_they_leave_the_causes_that_agree(self) -> None:
        # 125 + 5 × 28, and 120 more: among all that comes to 120,00, two at tariff 3.
        answer = checked(control(tariffs={5: 5}), ("Contrôle annuel (5 T5 + 2 T3)", "385.00"))
        assert told(answer) == ["2 qualifications at tariff 3 too many"]

    def test_a_whole_fee_is_not_so_many_at_an_equal_part_of_it(self) -> None:
        # 125 for each of the five: 625 + 140 = 765, which is 5 × 153.
        answer = checked(control(tariffs={5: 5}), ("Contrôle annuel (5 T5)", "765.00"))
        assert (
            "the flat fee of 125.00 € billed for each qualification instead of once (article IV.1)"
            in told(answer)
        )

    def test_where_they_agree_with_no_cause_all_are_told(self) -> None:
        answer = checked(control(tariffs={5: 5}), ("Contrôle annuel (9 T1)", "385.00"))
        assert "2 qualifications at tariff 3 too many" in told(answer)


class TestHeldAndNew:
    """Three held at tariff 3, two asked for at tariff 6."""

    DUE = control(tariffs={3: 3}, new_tariffs={6: 2})
    NEW = (NEW_FLAT, ("Nouvelles qualifications, tarif 6", "2500.00", "2", "1250"))

    def test_the_words_of_the_others_say_which_are_held(self) -> None:
        answer = checked(self.DUE, FLAT, ("Tarif 3 (contrôle)", "720.00", "3", "240"), *self.NEW)
        assert told(answer) == [f"{INSTRUCTION_PRICES} (article II.2)"]

    def test_a_flat_part_of_the_amount_of_the_new_one(self) -> None:
        # 3 × 125 = 375.
        answer = checked(
            self.DUE,
            ("Contrôle annuel, forfait", "375.00"),
            ("Contrôle, tarif 3", "180.00", "3", "60"),
            *self.NEW,
        )
        assert told(answer) == [
            "the flat fee of 125.00 € billed for each qualification instead of once (article IV.1)"
        ]

    def test_an_instruction_of_what_is_new_is_no_other_event(self) -> None:
        answer = checked(
            self.DUE,
            ("Dossier postulant", "86.00"),
            FLAT,
            ("Contrôle, tarif 3", "180.00", "3", "60"),
            NEW_FLAT,
            ("Instruction nouvelles qualifications, tarif 6", "2500.00", "2", "1250"),
        )
        assert told(answer) == ["not due at this event: Application file"]


class TestOneQualificationALine:
    def test_a_price_that_nothing_knows_is_that_of_what_is_missing(self) -> None:
        # Two at tariff 2, at 34,00 instead of 30,00.
        lines = [
            *coded("Contrôle qualification", 1301, "34.00", 2),
            *coded("Contrôle qualification", 1401, "60.00", 3),
        ]
        answer = checked(control(tariffs={2: 2, 3: 3}), FLAT, *lines)
        assert told(answer) == ["the unit price of 34.00 € instead of 30.00 € at tariff 2"]

    def test_what_alone_is_missing_bills_the_rest(self) -> None:
        # Three at tariff 3: two of them, then one at 41,00 and one at 43,00 where one is missing.
        lines = [*coded("Ctrl", 1301, "60.00", 2), *coded("Ctrl", 1401, "41.00", 1)]
        answer = checked(control(tariffs={3: 4}), FLAT, *lines)
        assert answer.rows[1].invoiced == Decimal("161.00")

    def test_the_prices_of_the_other_list(self) -> None:
        lines = [*coded("Ctrl", 1301, "120.00", 2), *coded("Ctrl", 1401, "240.00", 2)]
        answer = checked(control(tariffs={2: 2, 3: 2}), FLAT, *lines)
        assert told(answer) == [f"{INSTRUCTION_PRICES} (article II.2)"]

    def test_two_tariffs_of_one_price(self) -> None:
        # Tariffs 5 and 7 cost 28,00 both.
        lines = coded("Ctrl", 1301, "28.00", 4)
        assert checked(control(tariffs={5: 1, 7: 3}), FLAT, *lines).verdicts["price"] == "conform"

    def test_two_at_another_tariff_are_of_one(self) -> None:
        lines = [*coded("Ctrl", 1301, "15.00", 1), *coded("Ctrl", 1401, "28.00", 2)]
        answer = checked(control(tariffs={1: 3}), FLAT, *lines)
        assert told(answer) == ["2 qualifications billed at tariff 5 instead of tariff 1"]

    def test_half_a_price_that_is_another_tariffs(self) -> None:
        """60,00 is the price of tariff 1 and half that of tariff 2: nothing tells them apart, and both are named."""
        answer = checked(
            first(tariffs={2: 1, 3: 2}, turnover=None),
            ("Instruction, part fixe", "500.00"),
            ("Qualification 1301", "60.00", "1", "60"),
            *coded("Qualification", 1401, "240.00", 2),
        )
        assert set(told(answer)) == {
            "one qualification billed at tariff 1 instead of tariff 2",
            "one qualification at tariff 2 at half its price: 60.00 € instead of 120.00 €",
        }
        assert {item.confidence for item in answer.explanations} == {"possible"}

    def test_a_code_that_the_quote_knows_says_the_tariff(self) -> None:
        due = first(tariffs=None, qualifications=["1905:1", "1911:2"], turnover=None)
        answer = checked(
            due, ("Instruction, part fixe", "500.00"), ("1905 Audit", "60.00"), ("1911 Audit", "60.00")
        )
        assert set(told(answer)) == {
            "one qualification billed at tariff 1 instead of tariff 2",
            "one qualification at tariff 2 at half its price: 60.00 € instead of 120.00 €",
        }


class TestElimination:
    def test_the_one_line_left_bills_the_one_piece_left(self) -> None:
        answer = checked(
            control(tariffs={4: 4}),
            ("Contrôle annuel, base", "215.00"),
            ("Contrôle, tarif 4", "850.00", "4", "212.50"),
        )
        assert told(answer) == ["two digits of 125.00 € swapped: 215.00 €"]

    def test_a_line_that_names_no_fee_does_too(self) -> None:
        answer = checked(
            control(tariffs={4: 4}), ("Base", "215.00"), ("Contrôle, tarif 4", "850.00", "4", "212.50")
        )
        assert "two digits of 125.00 € swapped: 215.00 €" in told(answer)

    def test_a_fee_that_is_right_in_all_is_right(self) -> None:
        answer = checked(
            control(tariffs={4: 4}), ("Contrôle annuel, base", "575.00"), ("Contrôle, tarif 4", "400.00")
        )
        assert answer.verdicts["price"] == "conform"

    def test_the_same_words_bill_the_same_fee(self) -> None:
        lines = [("Étude de la candidature", "1160.00"), ("Étude de la candidature", "620.00")]
        answer = checked(first(turnover=None), *lines)
        # 620,00 is 500 + 2 × 60: the fee of another structure.
        assert told(answer)[0].startswith(
            "a second structure on the same invoice: 620.00 € beside the price of this one"
        )


class TestAllowancesAndCharges:
    """What is taken off, or charged on top, is a line of its own, unless the price is right with it."""

    @pytest.mark.parametrize(
        ("words", "amount"),
        [("Remise 5 %", "-58.00"), ("Supplément dossier incomplet (5 %)", "58.00"), ("Rabais", "-58.00")],
    )
    def test_it_is_named(self, words: str, amount: str) -> None:
        answer = checked(first(turnover=None), ("Frais d’instruction", "1160.00"), (words, amount))
        assert told(answer) == [f"{amount} € billed that the schedule does not know: « {words} »"]

    def test_beside_another_error(self) -> None:
        answer = checked(
            first(tariffs={1: 1}),
            ("Usage de la marque", "13575.00"),
            ("Remise commerciale", "-100.00"),
        )
        assert "-100.00 € billed that the schedule does not know: « Remise commerciale »" in told(answer)
        assert "per cent taken for per mille: ten times the rate" in told(answer)

    def test_the_price_is_right_with_it(self) -> None:
        answer = checked(first(turnover=None), ("Frais d’instruction", "1260.00"), ("Remise", "-100.00"))
        assert answer.verdicts["price"] == "conform"

    def test_handing_over_the_file_is_none(self) -> None:
        answer = checked(first(turnover=None), ("Remise du dossier postulant", "86.00"))
        assert answer.verdicts["price"] == "conform"


class TestLinesOffTheirOwnProduct:
    def test_the_rest_is_right(self) -> None:
        answer = checked(control(tariffs={4: 4}), FLAT, ("Contrôle, tarif 4", "895.00", "4", "212.50"))
        (only,) = answer.explanations
        assert (only.about, only.confidence, only.effect) == ("document", "certain", Decimal("45.00"))
        assert str(only.message) == "line 2 is not its own quantity × price"
        assert str(answer.summary) == (
            "Discrepancy: 45.00 € excl. VAT too much: line 2 is not its own quantity × price." + NEWER
        )
        assert answer.gap == Decimal("45.00")
        assert (answer.verdicts["sums"], answer.verdicts["price"]) == ("discrepancy", "discrepancy")

    def test_another_error_is_explained_apart(self) -> None:
        # 18,00 too much in the line, and the file twice.
        answer = checked(
            first(turnover=None),
            ("Dossier postulant", "86.00", "1", "86"),
            ("Dossier postulant", "104.00", "1", "86"),
        )
        assert told(answer)[:2] == [
            "line 2 is not its own quantity × price",
            "billed twice: Application file",
        ]
        assert [item.effect for item in answer.explanations[:2]] == [Decimal("18.00"), Decimal("86.00")]
        assert str(answer.summary).startswith(
            "Discrepancy: 18.00 € excl. VAT too much: line 2 is not its own quantity × price. "
            "Discrepancy: 86.00 € excl. VAT too much: billed twice: Application file, or "
        )

    def test_what_it_should_come_to_is_no_price_either(self) -> None:
        # 20 × 4,10 is 82,00; neither it nor 86,50 is an instruction fee.
        answer = checked(
            first(turnover=None), ("Frais d’instruction", "86.50", "20", "4.10"), ("Dossier", "86.00")
        )
        assert answer.explanations == ()

    def test_an_amount_that_is_right_whatever_its_product(self) -> None:
        answer = checked(control(tariffs={4: 4}), FLAT, ("Contrôle, tarif 4", "850.00", "4", "210.00"))
        assert (answer.verdicts["price"], answer.verdicts["sums"]) == ("conform", "discrepancy")
        assert answer.explanations == ()

    def test_beside_a_fee_that_is_right(self) -> None:
        answer = checked(
            first(turnover=None),
            ("Dossier postulant", "86.00", "1", "86"),
            ("Frais d’instruction", "1170.00", "1", "1160"),
        )
        assert told(answer) == ["line 2 is not its own quantity × price"]


class TestTheWhole:
    def test_a_part_of_the_year_one_qualification_a_line(self) -> None:
        # A quarter: 31,25, four at 3,75, and two at 15,00, which is the price of tariff 1.
        lines = [*coded("Ctrl", 1301, "3.75", 4), *coded("Ctrl", 1401, "15.00", 2)]
        answer = checked(control(tariffs={1: 4, 3: 2}), ("Contrôle annuel, forfait", "31.25"), *lines)
        assert told(answer)[0] == (
            "3 months of twelve billed: a part of the year, where the fee is due whole"
        )

    def test_half_of_all_is_likelier_than_two_mistakes_that_come_to_it(self) -> None:
        # 125 + 3 × 30 + 4 × 212,50 + 5 × 28 + 375 + 4 × 240 + 5 × 850.
        due = control(tariffs={2: 3, 4: 4, 5: 5}, new_tariffs={3: 4, 4: 5})
        answer = checked(due, ("Contrôle annuel", "3395.00"))
        assert told(answer) == ["6 months of twelve billed: a part of the year, where the fee is due whole"]

    def test_prices_raised_by_a_share_that_is_not_round(self) -> None:
        answer = checked(first(tariffs={1: 1}, turnover=None), ("Dossier postulant", "91.33"))
        assert told(answer) == ["all the prices raised by 6.2 %"]

    def test_a_round_share_of_one_amount_is_likelier_than_another_turnover(self) -> None:
        # 1 357,50 × 1,04 = 1 411,80.
        answer = checked(first(tariffs={1: 1}), ("Usage de la marque", "1411.80"))
        assert told(answer)[0] == "all the prices raised by 4 %"
        assert told(answer)[1].startswith("another turnover: ")

    @pytest.mark.parametrize(
        "extra",
        [
            [
                NEW_FLAT,
                ("Contrôle, tarif 3", "120.00", "2", "60"),
            ],  # a count, and a flat part that is not due
            [FLAT, NEW_FLAT],  # no other structure would hold nothing
            [FLAT, ("Contrôle, tarif 3", "60.00", "1", "60"), NEW_FLAT],  # new requests that are none
        ],
    )
    def test_what_is_no_whole_structure_is_not_called_one(self, extra: list[tuple[str, ...]]) -> None:
        answer = checked(
            control(tariffs={4: 4}), FLAT, ("Contrôle, tarif 4", "850.00", "4", "212.50"), *extra
        )
        assert not any("second structure" in text for text in told(answer))

    def test_one_that_asks_for_new_qualifications(self) -> None:
        answer = checked(
            control(tariffs={4: 4}),
            FLAT,
            ("Contrôle, tarif 4", "850.00", "4", "212.50"),
            FLAT,
            ("Contrôle, tarif 3", "60.00", "1", "60"),
            NEW_FLAT,
            ("Nouvelles qualifications, tarif 6", "1250.00", "1", "1250"),
        )
        assert told(answer) == [
            "a second structure on the same invoice: 1810.00 € beside the price of this one"
        ]

    def test_the_same_invoice_twice_may_be_two_structures_alike(self) -> None:
        lines = [("Dossier postulant", "86.00", "1", "86"), ("Instruction", "1160.00", "1", "1160")] * 2
        answer = checked(first(turnover=None), *lines)
        assert told(answer)[0].startswith("a second structure")
        assert "certain" not in {item.confidence for item in answer.explanations}


class TestWordsAndAmounts:
    def test_a_fee_and_what_its_words_may_name_besides(self) -> None:
        # 1 160,00 + 86,00 on one line.
        answer = checked(first(turnover=None), ("Dossier - instruction", "1246.00"))
        assert (answer.verdicts["price"], answer.gap) == ("conform", Decimal(0))

    def test_an_examination_of_the_file_that_bills_both(self) -> None:
        answer = checked(first(turnover=None), ("Étude du dossier de première demande", "1246.00"))
        assert (answer.verdicts["price"], answer.gap) == ("conform", Decimal(0))

    def test_a_complement_at_no_price_at_all(self) -> None:
        answer = checked(first(turnover=None), ("Révision du dossier postulant", "999.00"))
        assert answer.verdicts["price"] == "discrepancy"

    def test_a_line_that_names_a_tariff_is_not_the_mark_of_its_amount(self) -> None:
        """Three at tariff 1 are 180,00, and so is the floor of the mark: here the mark is not billed."""
        answer = checked(
            first(tariffs={1: 3}, turnover="118805"),
            ("Frais d’instruction, part fixe", "500.00", "1", "500"),
            ("Qualifications T1", "180.00", "1", "180"),
        )
        assert answer.verdicts["price"] == "conform"

    @pytest.mark.parametrize(
        ("due", "words", "amount", "verdict"),
        [
            # 1900 may be a code or a round number: at the price of a qualification it is one, and so where it is known.
            (first(tariffs={1: 1}, turnover=None), "1900 Gadget", "60.00", "conform"),
            (
                first(tariffs=None, qualifications=["1900:1"], turnover=None),
                "Gadget 1900",
                "60.00",
                "conform",
            ),
            (first(tariffs={1: 1}, turnover=None), "Gadget 1900", "60.00", "undetermined"),
            (first(tariffs={1: 1}, turnover=None), "1900 Gadget", "61.00", "discrepancy"),
        ],
    )
    def test_a_round_number_as_a_code(self, due: Quote, words: str, amount: str, verdict: str) -> None:
        answer = checked(due, ("Frais d’instruction, part fixe", "500.00"), (words, amount))
        assert answer.verdicts["price"] == verdict


class TestNoWholeIsMadeUp:
    def test_prices_lowered_line_by_line(self) -> None:
        lines = (("Contrôle annuel, forfait", "112.50"), ("Contrôle, tarif 4", "765.00", "4", "191.25"))
        assert told(checked(control(tariffs={4: 4}), *lines)) == ["all the prices lowered by 10 %"]

    def test_a_second_structure_takes_nothing_off_the_first(self) -> None:
        answer = checked(
            control(tariffs={4: 4}),
            FLAT,
            FLAT,
            ("Contrôle, tarif 4", "637.50", "3", "212.50"),
            ("Contrôle, tarif 3", "600.00", "10", "60"),
        )
        assert not any("second structure" in text for text in told(answer))

    def test_more_mistakes_than_anyone_makes_explain_nothing(self) -> None:
        """Every one of the seven tariffs, and both flat parts, at another wrong price."""
        held = [
            (f"Contrôle, tarif {t}", f"{100 + 7 * t * t}.00", "1", f"{100 + 7 * t * t}") for t in range(1, 8)
        ]
        flats = [
            ("Contrôle annuel, forfait", "111.00", "1", "111"),
            ("Nouvelles demandes, forfait", "222.00", "1", "222"),
        ]
        new = ("Nouvelles qualifications, tarif 6", "1333.00", "1", "1333")
        due = control(tariffs=dict.fromkeys(range(1, 8), 1), new_tariffs={6: 1})
        answer = checked(due, flats[0], *held, flats[1], new)
        assert answer.verdicts["price"] == "discrepancy"
        assert all(len(item.changes) < 9 for item in answer.explanations)


@pytest.mark.parametrize(
    "lines", [(), (("Frais d’instruction", "0.00"),)], ids=["no line", "a line of nothing"]
)
def test_what_bills_nothing_has_no_price_to_conform_to(lines: tuple[tuple[str, str], ...]) -> None:
    answer = checked(first(), *lines)
    assert (answer.verdict, answer.verdicts["price"]) == ("undetermined", "undetermined")
    assert str(answer.summary) == "Undetermined: Nothing is billed: there is no price to compare."
    asked = check_invoice(bill(*(line(*each) for each in lines)), expected=first(), fees=["instruction"])
    assert (asked.verdict, asked.gap) == ("discrepancy", Decimal("-1160.00"))


def test_a_file_at_its_very_price_that_words_do_not_name() -> None:
    answer = checked(
        control(tariffs={4: 4}),
        ("Formulaire d’inscription à l’examen", "86.00"),
        FLAT,
        ("Contrôle, tarif 4", "850.00", "4", "212.50"),
    )
    assert "not due at this event: Application file" in told(answer)


def test_a_credit_note_keeps_the_signs_of_its_lines() -> None:
    allowed = replace(line("Frais d’instruction", "1160.00", "1", "1200"), allowances=Decimal(40))
    lines: tuple[InvoiceLine, ...] = (replace(allowed, amount=Decimal("-1160.00"), quantity=Decimal(-1)),)
    back = replace(lines[0], allowances=Decimal(-40))
    answer = check_invoice(bill(back), expected=first(turnover=None))
    assert (answer.verdicts["sums"], answer.verdicts["price"]) == ("conform", "conform")


class TestSeveralTariffsOfOnePrice:
    """Article IV.2 prints « Tarifs 5 et 7 | 28 »: 125,00 + 28,00 + 28,00 = 181,00 €."""

    @pytest.mark.parametrize(
        "words",
        [
            "Qualifications tarifs 5 et 7",
            "Qualifications tarif 5 et tarif 7",
            "2 qualifications, tarifs 5 et 7",
            "Qualifications",
            "Qualifications 1905 et 1911",
        ],
    )
    def test_on_one_line(self, words: str) -> None:
        both = (words, "56.00", "2", "28")
        asked = control(tariffs=None, qualifications=["1905:5", "1911:7"])
        for due in (control(tariffs={5: 1, 7: 1}), asked):
            answer = checked(due, FLAT, both)
            assert (answer.verdict, [row.lines for row in answer.rows]) == (
                "conform",
                [("1",), ("2",), ("2",)],
            )

    @pytest.mark.parametrize(
        ("words", "verdict"),
        [
            ("Qualifications tarif 5", "discrepancy"),
            ("3 qualifications, tarifs 5 et 7", "undetermined"),
            ("Qualifications 1905 et 1203", "discrepancy"),
            ("Qualifications 1905 et 1905", "discrepancy"),
        ],
    )
    def test_words_that_say_others(self, words: str, verdict: str) -> None:
        asked = control(tariffs=None, qualifications=["1905:5", "1911:7"])
        assert checked(asked, FLAT, (words, "56.00", "2", "28")).verdict == verdict
