"""The calculation, step by step: what is written is what one finds again by hand, for any question."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.fees.explanation import explain
from opqibi_rules.fees.quote import quote


def steps(**question: Any) -> list[str]:
    asked = quote(on="2026-03-02", **question)
    return [f"{step.article} {step.text}".strip() for step in explain(asked)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            {"tariffs": {1: 5, 2: 3}, "turnover": 800_000, "event": "renewal"},
            [
                "II.1 Flat part: 1 × 500.00 € = 500.00 €",
                "II.2 Qualifications at tariff 1: 5 × 60.00 € = 300.00 €",
                "II.2 Qualifications at tariff 2: 3 × 120.00 € = 360.00 €",
                "Instruction fee: 500.00 € + 300.00 € + 360.00 € = 1160.00 €",
                "III Tranche from 0 € to 250000 €: 250000 € × 0.8 ‰ = 200 €",
                "III Tranche from 250000 € to 800000 €: 550000 € × 0.65 ‰ = 357.50 €",
                "III Sum of the tranches: 200 € + 357.50 € = 557.50 €",
                "Total excl. VAT: 1160.00 € + 557.50 € = 1717.50 €",
                "VAT: 1717.50 € × 20 % = 343.50 €",
                "Total incl. VAT: 1717.50 € + 343.50 € = 2061.00 €",
            ],
        ),
        (
            {"tariffs": {1: 1}, "turnover": "250007.70", "event": "renewal"},
            [
                "III Rounded once, to the cent, half up: 200.005005 € → 200.01 €",
                "VAT: 760.01 € × 20 % = 152.002 €, to the cent 152.00 €",
            ],
        ),
        (
            {"tariffs": {1: 1}, "turnover": 100_000, "event": "renewal"},
            [
                "III Tranche from 0 € to 250000 €: 100000 € × 0.8 ‰ = 80 €",
                "III.min 80 € is under the floor: 180 €",
            ],
        ),
        (
            {"tariffs": {1: 1}, "turnover": 10**12, "event": "renewal"},
            ["III.max {} € is over the cap: 40000.00 €"],
        ),
        (
            {"tariffs": {4: 1, 1: 2}, "new_tariffs": {5: 1}, "event": "control"},
            [
                "IV.new Flat fee for new qualifications asked for at the control: 1 × 375.00 € = 375.00 €",
                "II.2 New qualifications at tariff 5, instruction price: 1 × 1050.00 € = 1050.00 €",
                "Annual-control fee: 125.00 € + 30.00 € + 212.50 € + 375.00 € + 1050.00 € = 1792.50 €",
                "Total excl. VAT: 1792.50 €",
            ],
        ),
        ({"tariffs": {1: 1}, "vat": "eu"}, ["VAT: 646.00 € × 0 % = 0 €"]),
    ],
)
def test_worked_by_hand(question: dict[str, Any], expected: list[str]) -> None:
    found = [plain(step) for step in steps(**question)]
    for step in map(plain, expected):
        if "{}" in step:
            before, after = step.split("{}")
            assert any(one.startswith(before) and one.endswith(after) for one in found), found
        else:
            assert step in found


def plain(step: str) -> str:
    """Amounts without zeros at their end: the neutral form keeps those of the computation."""
    return re.sub(r"(\d+\.\d*?)0+(?= €)", r"\1", step).replace(". €", " €")


@given(
    st.sampled_from(["first", "renewal", "control"]),
    st.dictionaries(st.integers(1, 7), st.integers(1, 50), min_size=1),
    st.none() | st.integers(0, 10**14).map(lambda cents: Decimal(cents).scaleb(-2)),
)
def test_every_equation_holds(event: str, tariffs: dict[int, int], turnover: Decimal | None) -> None:
    for step in steps(event=event, tariffs=tariffs, turnover=turnover):
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
