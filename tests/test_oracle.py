"""The oracle itself, against figures that stand in the schedule or were worked by hand."""

import pytest

from tests import oracle


def test_the_example_of_the_schedule() -> None:
    # « Calcul des frais d'instruction H.T. = 500 + (5*60) + (3*120) = 1160 € »
    assert oracle.instruction({1: 5, 2: 3}) == 1160_00


@pytest.mark.parametrize(
    ("turnover", "fee"),
    [
        (0, 180_00),
        (225_000_00, 180_00),
        (250_000_00, 200_00),  # 250 000 × 0,80 ‰
        (250_007_69, 200_00),  # 200 + 7,69 × 0,65 ‰ = 200,0049985
        (250_007_70, 200_01),  # 200 + 7,70 × 0,65 ‰ = 200,005005
        (800_000_00, 557_50),  # 200 + 550 000 × 0,65 ‰
        (800_010_00, 557_51),  # 557,50 + 10 × 0,50 ‰ = 557,505: half a cent, up
        (3_000_000_00, 1657_50),  # 557,50 + 2 200 000 × 0,50 ‰
        (15_000_000_00, 6457_50),  # 1 657,50 + 12 000 000 × 0,40 ‰
        (149_170_000_00, 40_000_00),  # 6 457,50 + 134 170 000 × 0,25 ‰
        (10**12 * 100, 40_000_00),
    ],
)
def test_the_brand_usage_fee(turnover: int, fee: int) -> None:
    assert oracle.brand_usage(turnover) == fee


def test_the_control_of_the_issue() -> None:
    # 125 + 212,50 + 2 × 15, then 375 + 1 050
    assert oracle.annual_control({4: 1, 1: 2}, {5: 1}) == 1792_50


def test_vat_is_rounded_half_up() -> None:
    # 125 + 15 = 140 € at 8,5 % = 11,90 €; 557,51 × 8,5 % = 47,38835
    assert oracle.answer("control", {1: 1}, vat="reunion").vat == 11_90
    assert oracle.answer("renewal", {1: 1}, 800_010_00, vat="reunion").vat == 94_99
