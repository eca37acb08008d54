"""The calculation step by step: what one would write by hand, and nothing that does not add up."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.price.explanation import explain
from opqibi_rules.price.quote import quote
from tests.asking import ON
from tests.editions.pinned import REPEATED, TABLES_2024


def steps(**arguments: Any) -> list[tuple[str, str]]:
    return [
        (step.article, str(step.text))
        for step in explain(quote(**{"on": ON, "tables": TABLES_2024, **arguments}))
    ]


def test_a_first_application() -> None:
    assert steps(tariffs={1: 5, 2: 3}, turnover=800_010) == [
        ("I", "Application file, first application: 1 × 86.00 € = 86.00 €"),
        ("II.1", "Flat part: 1 × 500.00 € = 500.00 €"),
        ("II.2", "Qualifications at tariff 1: 5 × 60.00 € = 300.00 €"),
        ("II.2", "Qualifications at tariff 2: 3 × 120.00 € = 360.00 €"),
        ("", "Instruction fee: 500.00 € + 300.00 € + 360.00 € = 1160.00 €"),
        ("III", "Tranche from 0 € to 250000 €: 250000 € × 0.8 ‰ = 200.00000 €"),
        ("III", "Tranche from 250000 € to 800000 €: 550000 € × 0.65 ‰ = 357.50000 €"),
        ("III", "Tranche from 800000 € to 3000000 €: 10.00 € × 0.5 ‰ = 0.0050000 €"),
        ("III", "Sum of the tranches: 200.00000 € + 357.50000 € + 0.0050000 € = 557.5050000 €"),
        ("III", "Rounded once, to the cent, half up: 557.5050000 € → 557.51 €"),
        ("", "Total excl. VAT: 86.00 € + 1160.00 € + 557.51 € = 1803.51 €"),
        ("", "VAT: 1803.51 € × 20 % = 360.7020 €, to the cent 360.70 €"),
        ("", "Total incl. VAT: 1803.51 € + 360.70 € = 2164.21 €"),
    ]


def test_two_tranches_are_added_up() -> None:
    two = steps(event="renewal", tariffs={1: 1}, turnover=800_000)
    assert ("III", "Sum of the tranches: 200.00000 € + 357.50000 € = 557.50000 €") in two
    one = steps(event="renewal", tariffs={1: 1}, turnover=250_000)
    assert not [text for _, text in one if text.startswith("Sum")]


def test_the_floor_and_the_cap() -> None:
    floor = steps(event="renewal", tariffs={1: 1}, turnover=100_000)
    assert floor[3:5] == [
        ("III", "Tranche from 0 € to 250000 €: 100000.00 € × 0.8 ‰ = 80.0000000 €"),
        ("III", "80.00 € is under the floor: 180.00 €"),
    ]
    cap = steps(event="renewal", tariffs={1: 1}, turnover=200_000_000)
    assert cap[-4] == ("III", "52707.50 € is over the cap: 40000.00 €")


def test_a_control_with_new_requests() -> None:
    assert steps(event="control", tariffs={4: 1}, new_tariffs={5: 1}, vat="guyane") == [
        ("IV.1", "Flat part: 1 × 125.00 € = 125.00 €"),
        ("IV.2", "Qualifications held at tariff 4: 1 × 212.50 € = 212.50 €"),
        ("IV", "Flat fee for new qualifications asked for at the control: 1 × 375.00 € = 375.00 €"),
        ("II.2", "New qualifications at tariff 5, instruction price: 1 × 1050.00 € = 1050.00 €"),
        ("", "Annual-control fee: 125.00 € + 212.50 € + 375.00 € + 1050.00 € = 1762.50 €"),
        ("", "Total excl. VAT: 1762.50 €"),
        ("", "VAT: 1762.50 € × 0 % = 0.00 €"),
        ("", "Total incl. VAT: 1762.50 € + 0.00 € = 1762.50 €"),
    ]


def test_articles_that_repeat_hide_no_step() -> None:
    floor = steps(event="renewal", tariffs={1: 1}, turnover=100_000, tables=REPEATED)
    assert floor[4] == ("III", "80.00 € is under the floor: 180.00 €")
    control = steps(event="control", tariffs={4: 1}, new_tariffs={5: 1}, tables=REPEATED)
    assert control[4] == ("", "Annual-control fee: 125.00 € + 212.50 € + 375.00 € + 1050.00 € = 1762.50 €")


def test_without_turnover_there_is_no_step_for_the_brand() -> None:
    assert not [step for step in steps(tariffs={1: 1}) if step[0].startswith("III")]


@given(
    st.sampled_from(["first", "renewal", "control"]),
    st.dictionaries(st.integers(1, 7), st.integers(1, 50), min_size=1),
    st.none() | st.integers(0, 10**14).map(lambda cents: Decimal(cents).scaleb(-2)),
)
def test_every_equation_holds(event: str, tariffs: dict[int, int], turnover: Decimal | None) -> None:
    for step in [text for _, text in steps(event=event, tariffs=tariffs, turnover=turnover)]:
        *_, equation = step.rsplit(": ", 1)
        if " = " not in equation:
            continue
        left, right = equation.split(", to the cent")[0].split(" = ")
        assert value(left) == value(right), step


def value(text: str) -> Decimal:
    """An expression of amounts, rates, sums and products, computed without the package."""
    total = Decimal(0)
    for term in text.split(" + "):
        product = Decimal(1)
        for factor in term.split(" × "):
            number, _, unit = factor.strip().partition(" ")
            product *= Decimal(number) * {"‰": Decimal("0.001"), "%": Decimal("0.01")}.get(unit, Decimal(1))
        total += product
    return total
