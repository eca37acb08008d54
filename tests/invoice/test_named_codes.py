"""The qualifications that an invoice names: those asked for, each once, at its own price. By hand: 500 + 1 050 + 120."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.price.quote import quote
from tests.editions.pinned import MORE_FEES
from tests.invoice.bills import bill, check_invoice, codes, control, first, line

ASKED: dict[str, Any] = {"tariffs": None, "turnover": None, "qualifications": ["1905:5", "1202:2"]}


def checked(*lines: tuple[str, str], **asked: Any) -> Any:
    flat = line("Frais d’instruction, partie forfaitaire", "500.00")
    found = [line(name, amount, "1", amount, at) for at, (name, amount) in enumerate(lines, 2)]
    return check_invoice(bill(flat, *found), expected=first(**{**ASKED, **asked}))


@pytest.mark.parametrize(
    "lines",
    [
        (("Qualification 1905", "1050.00"), ("Qualification 1202", "120.00")),
        (("1202 – Étude de structures (arrêté 2014-1393)", "120.00"), ("Audit énergétique, 1905", "1050.00")),
        (("Qualification au tarif 5, 2026", "1050.00"), ("Qualification au tarif 2", "120.00")),
    ],
)
def test_those_asked_for_conform(lines: tuple[tuple[str, str], ...]) -> None:
    assert checked(*lines).verdict == "conform"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("1911", "discrepancy"), ("9999", "undetermined")],
)
def test_another_than_those_asked_for(code: str, verdict: str) -> None:
    """1911 is in the nomenclature; nobody knows what 9999 is."""
    answer = checked((f"Qualification {code}", "1050.00"), ("Qualification 1202", "120.00"))
    assert answer.verdict == verdict
    assert f"Qualification {code} is billed, and is not among those asked for or held: 1202, 1905." in str(
        answer.summary
    )
    assert "newer" not in str(answer.summary)


def test_a_reference_written_in_groups_is_no_code() -> None:
    """An order whose number is « 127 1911 »: nobody bills the qualification 1911."""
    answer = checked(
        ("Qualification 1905, commande n° 127 1911", "1050.00"), ("Qualification 1202", "120.00")
    )
    assert (answer.verdict, codes(answer)) == ("conform", [])


def test_one_twice_and_another_not_at_all() -> None:
    asked = ["1905:5", "0607:5"]
    twice = (("Qualification 1905", "1050.00"), ("Qualification 1905", "1050.00"))
    answer = checked(*twice, qualifications=asked)
    assert (answer.verdict, codes(answer)) == ("discrepancy", ["qualification_twice"])
    assert str(answer.summary) == "Discrepancy: Qualification 1905 is billed 2 times."
    each = (("Qualification 1905", "1050.00"), ("Qualification 0607", "1050.00"))
    assert checked(*each, qualifications=asked).verdict == "conform"


def test_each_at_the_price_of_the_other() -> None:
    answer = checked(("Qualification 1905", "120.00"), ("Qualification 1202", "1050.00"))
    assert (answer.verdict, answer.gap) == ("discrepancy", 0)
    assert codes(answer) == ["qualification_tariff", "qualification_tariff"]
    assert "Qualification 1905 is billed at 120.00 €, and is of tariff 5: 1050.00 €." in str(answer.summary)


def test_nothing_is_compared_where_some_are_counted() -> None:
    """One at tariff 2 is counted, not named: 1911 may be the one."""
    counted = {"tariffs": {2: 1}, "qualifications": ["1905:5"]}
    lines = (("Qualification 1905", "1050.00"), ("Qualification 1911", "120.00"))
    assert checked(*lines, **counted).verdict == "conform"


def test_those_held_at_a_control() -> None:
    # 125 + 30 + 28.
    due = control(tariffs=None, qualifications=["1905:5", "1202:2"])
    lines = (
        line("Contrôle annuel, partie forfaitaire", "125.00"),
        line("Qualification 1911", "28.00", "1", "28.00", 2),
        line("Qualification 1202", "30.00", "1", "30.00", 3),
    )
    answer = check_invoice(bill(*lines), expected=due)
    assert codes(answer) == ["qualification_not_asked"]
    assert not answer.gap


def test_a_line_taken_back_counts_for_none() -> None:
    lines = (
        ("Qualification 1905", "1050.00"),
        ("Qualification 1905", "1050.00"),
        ("Qualification 1905, annulée", "-1050.00"),
        ("Qualification 1202", "120.00"),
    )
    assert "qualification_twice" not in codes(checked(*lines))


def controlled(*lines: tuple[str, str, str], held: tuple[str, ...] = ("1905:5", "1202:2")) -> Any:
    """A control, by hand: 125 for the flat part, 28 at tariff 5, 30 at tariff 2; each line « name, number, price »."""
    flat = line("Contrôle annuel 2026", "125.00", "1", "125.00")
    found = [
        line(name, f"{Decimal(price) * int(number)}", number, price, at)
        for at, (name, number, price) in enumerate(lines, 2)
    ]
    return check_invoice(bill(flat, *found), expected=control(tariffs=None, qualifications=[*held]))


AUDIT = ("1905 Audit énergétique", "1", "28.00")


@pytest.mark.parametrize(
    "written",
    [
        "n°1203 Structures",
        "Code 1203",
        "Q1203",
        "OPQIBI 1203 : structures",
        "Qualification OPQIBI (1203)",
        "Qualification 12.03",
        "12.03 Structures",
        "Qualification 1203/1202",
        "Contrôle de structures complexes 1203",
    ],
)
def test_a_code_is_one_however_it_is_written(written: str) -> None:
    answer = controlled(AUDIT, (written, "1", "30.00"))
    assert (answer.verdict, codes(answer, "warning")) == ("undetermined", ["qualification_not_asked"])


@pytest.mark.parametrize(
    "written",
    [
        "Qualification 1202",
        "n° 1202 Structures, arrêté 2014-1393",
        "12.02 Structures",
        "Qualification 1202 (commande n° 4512)",
        "Qualification 1202 - 2026",
        "Structures, 1202, du 12.03.2026",
        "Qualification au tarif 2, norme ISO 9001",
        "Qualification au tarif 2, votre commande BC 4512",
        "Qualification au tarif 2 : 0030 €",
    ],
)
def test_a_number_that_is_no_code_says_nothing(written: str) -> None:
    assert controlled(AUDIT, (written, "1", "30.00")).verdict == "conform"


@pytest.mark.parametrize(
    ("names", "verdict", "code"),
    [
        ("Qualifications 1905, 1911 et 0607 (tarif 5)", "conform", None),
        ("Qualifications 19.05, 19.11 et 06.07", "conform", None),
        ("Qualifications 1905, 1911 et 1717 (tarif 5)", "discrepancy", "qualification_not_asked"),
        (
            "Qualifications 1905 et 1911 (tarif 5)",
            "undetermined",
            "qualifications_named",
        ),  # 56, and 84 are billed
        ("Qualifications 1905, 1905 et 1911", "discrepancy", "qualification_twice"),
    ],
)
def test_each_code_of_a_list_counts(names: str, verdict: str, code: str | None) -> None:
    answer = controlled((names, "3", "28.00"), held=("1905:5", "1911:5", "0607:5"))
    assert answer.verdict == verdict
    assert codes(answer, "error", "warning") == [*filter(None, [code])]


@pytest.mark.parametrize(
    ("names", "verdict"),
    [
        ("Contrôle annuel 2026 : qualifications 1905 et 1202", "conform"),
        ("Contrôle annuel 2026", "conform"),
        ("Contrôle annuel 2026 : qualifications 1905 et 1203", "undetermined"),
        ("Contrôle annuel 2026 : qualification 1905", "undetermined"),
    ],
)
def test_a_fee_on_one_line_names_them_all_or_none(names: str, verdict: str) -> None:
    due = control(tariffs=None, qualifications=["1905:5", "1202:2"])
    assert check_invoice(bill(line(names, "183.00")), expected=due).verdict == verdict


def test_both_on_one_line_at_their_sum() -> None:
    assert controlled(("Qualifications 1905 et 1202", "1", "58.00")).verdict == "conform"
    assert controlled(("Qualifications 1905 et 1203", "1", "58.00")).verdict == "undetermined"
    answer = controlled(("Audit énergétique (1905), Structures (1202)", "2", "29.00"))
    assert codes(answer, "warning") == ["line_product"]  # no qualification costs 29


def test_a_line_that_names_many_codes_of_two_prices_each_is_not_reckoned_through() -> None:
    """Seven codes, held and visited: 128 sums. The control comes to 125 + 427,50, the visits to 280,50."""
    asked = [f"01{at:02}:{at}" for at in range(1, 8)]
    due = quote(on="2026-03-02", event="control", qualifications=asked, tables=MORE_FEES)
    assert str(due.total_excl_vat) == "833.00"
    names = ", ".join(code.partition(":")[0] for code in asked)
    whole = line(f"Contrôle annuel, qualifications {names}", "552.50", "1", "552.50", 1)
    visits = line(f"Visite de site, qualifications {names}", "280.50", "1", "280.50", 2)
    assert "qualifications_named" not in codes(
        check_invoice(bill(whole, visits), expected=due, tables=MORE_FEES)
    )


class TestANumberThatIsNoCode:
    """A control of 4 at tariff 1, one at tariff 4, 2 at tariff 6: 125 + 60 + 212,50 + 108 = 505,50 €."""

    @staticmethod
    def told(name: str, amount: str, **held: Any) -> InvoiceCheck:
        due = control(**(held or {"tariffs": {1: 4, 4: 1, 6: 2}}))
        one = line(name, amount, "1", amount)
        return check_invoice(bill(one, issued=date(2026, 4, 14)), expected=due)

    @pytest.mark.parametrize(
        "words",
        [
            "Frais de contrôle annuel 2026",
            "Contrôle annuel (année 2025)",
            "2026 – Contrôle annuel de vos qualifications 2026",
            "OPQIBI - exercice 2026",
            "Contrôle annuel, échéance mai 2026",
            "Annual control fee, year 2026",
            "Contrôle annuel - certificat 25 04 1234",
            "Contrôle annuel, client 2218",
            "Contrôle annuel 4127",
            "Contrôle annuel, FR76 1027 8060 4100 0204 1540 131",
        ],
    )
    def test_conforms_at_the_price_of_the_fee(self, words: str) -> None:
        assert self.told(words, "505.50").verdict == "conform"
        # 125 + 5 × 212,50 = 1 187,50; 125 + 2 × 54 = 233,00; 125 + 28 + 30 = 183,00.
        assert self.told(words, "1187.50", tariffs={4: 5}).verdict == "conform"
        assert self.told(words, "233.00", tariffs={6: 2}).verdict == "conform"
        named = {"tariffs": None, "qualifications": ["1905:5", "1202:2"]}
        assert self.told(words, "183.00", **named).verdict == "conform"

    def test_beside_the_flat_part(self) -> None:
        # 505,50 − 125 = 380,50.
        due = control(tariffs={1: 4, 4: 1, 6: 2})
        flat = line("Contrôle annuel 2026 - partie fixe", "125.00", "1", "125.00")
        rest = line("Contrôle annuel 2026 - partie proportionnelle", "380.50", "1", "380.50", 2)
        assert check_invoice(bill(flat, rest), expected=due).verdict == "conform"

    def test_a_wrong_amount_is_still_one(self) -> None:
        answer = self.told("Contrôle annuel 2026", "520.50")
        assert (answer.verdict, answer.gap) == ("discrepancy", Decimal(15))

    def test_says_nothing_of_something_else(self) -> None:
        """« Huile » is no fee; a number that only might be a code does not make it one."""
        assert self.told("Huile d’olive, réf 4127", "505.50").verdict == "undetermined"


HELD = st.lists(st.sampled_from(["1905:5", "1202:2", "1911:4", "0607:6", "1301:1"]), min_size=1, unique=True)
NUMBER = st.sampled_from(["2026", "1905", "1202", "1203", "9999", "4127", "12.02", "0607", "25 04 1234"])
WORDS = st.sampled_from(
    ["Contrôle annuel", "Qualification", "Qualifications tarif 2,", "Ctrl", "", "Forfait"]
)


@given(HELD, st.lists(st.tuples(WORDS, st.lists(NUMBER, max_size=3)), min_size=1, max_size=3), st.data())
def test_no_numbers_bring_the_diagnosis_down(
    held: list[str], lines: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    """Whatever numbers lines bear, at prices of the control that is due and others: an answer, and a gap that is right."""
    named = data.draw(st.booleans())
    tariffs = None if named else {int(code[-1]): data.draw(st.integers(1, 5)) for code in held}
    due = control(tariffs=tariffs, qualifications=held if named else None)
    whole = due.total_excl_vat or Decimal(0)
    prices = [f"{whole}", f"{whole - 100}", "100.00", "125.00", "15.00", "28.00", "54.00", "212.50", "61.00"]
    made = [
        line(f"{words} {', '.join(numbers)}", amount := data.draw(st.sampled_from(prices)), "1", amount, at)
        for at, (words, numbers) in enumerate(lines, 1)
    ]
    answer = check_invoice(bill(*made), expected=due)
    assert answer.untaxed is not None
    assert answer.gap == answer.untaxed - whole


def test_pieces_that_offset_one_another_and_that_nothing_explains() -> None:
    """125 + 5 × 212,50 = 1 187,50 = 100,00 + 1 087,50: no unit price is 1 087,50 / 5. Once a fault of ours."""
    flat = line("Forfait contrôle", "100.00", "1", "100.00")
    rest = line("Qualification tarif 4", "1087.50", "1", "1087.50", 2)
    answer = check_invoice(bill(flat, rest), expected=control(tariffs={4: 5}))
    assert (answer.verdict, answer.gap) == ("discrepancy", Decimal(0))
    assert not answer.explanations
