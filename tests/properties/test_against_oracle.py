"""The package and the oracle, two independent computations, give the same amounts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.asking import amounts, ask, euros, expected
from tests.properties.strategies import COUNTS, EVENTS, HARD, LARGEST, SOME, TERRITORIES, TURNOVERS


@given(EVENTS, SOME, st.none() | TURNOVERS, COUNTS, TERRITORIES)
def test_any_question(
    event: str, tariffs: dict[int, int], turnover: int | None, new: dict[int, int], vat: str
) -> None:
    new = new if event == "control" else {}
    assert amounts(ask(event, tariffs, turnover, new, vat)) == expected(event, tariffs, turnover, new, vat)


@pytest.mark.parametrize("hard", HARD)
def test_each_cent_around_an_edge(hard: int) -> None:
    for turnover in range(max(hard - 150, 0), min(hard + 150, LARGEST) + 1):
        found = ask("renewal", {1: 1}, turnover).subtotals.brand_usage
        assert str(found) == euros(oracle.brand_usage(turnover)), turnover


def test_a_few_thousand_turnovers_of_every_size() -> None:
    chance = random.Random(20240208)
    for _ in range(3000):
        turnover = int(10 ** chance.uniform(0, 14))
        found = ask("renewal", {1: 1}, turnover).subtotals.brand_usage
        assert str(found) == euros(oracle.brand_usage(turnover)), turnover


def test_the_two_cents_around_every_half_cent_of_a_stretch() -> None:
    # At 0,50 per mille half a cent falls every 10 €: 800 010, 800 030, ...; each must go up.
    for steps in range(500):
        tie = 800_000_00 + 10_00 * (2 * steps + 1)
        assert oracle.usage_units(tie) % 100_000 == 50_000
        below, at = (ask("renewal", {1: 1}, turnover).subtotals.brand_usage for turnover in (tie - 1, tie))
        assert below is not None
        assert at is not None
        assert str(at - below) == "0.01"
        assert str(at) == euros(oracle.brand_usage(tie))
