"""What holds for every amount of a quote, whatever the question."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules import DeclaredEvent
from opqibi_rules.price.quote import Quote, quote
from tests import oracle
from tests.asking import ON, amounts, ask
from tests.properties.strategies import COUNTS, EVENTS, LARGEST, SOME, TARIFFS, TERRITORIES, TURNOVERS

CENT = Decimal("0.01")


def usage(turnover: int) -> Decimal:
    fee = ask("renewal", {1: 1}, turnover).subtotals.brand_usage
    assert fee is not None
    return fee


def exact(turnover: int) -> Decimal:
    """The sum of the tranche lines, before rounding."""
    lines = ask("renewal", {1: 1}, turnover).lines
    return sum((line.amount for line in lines if line.rate is not None), Decimal(0))


@given(TURNOVERS, TURNOVERS)
def test_the_fee_never_falls_when_the_turnover_grows(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert usage(low) <= usage(high)


@given(TURNOVERS)
def test_the_fee_stays_between_floor_and_cap(turnover: int) -> None:
    assert Decimal(180) <= usage(turnover) <= Decimal(40000)


@pytest.mark.parametrize("edge", oracle.EDGES)
def test_the_fee_is_continuous_at_every_edge(edge: int) -> None:
    # One cent of turnover moves the exact sum by at most one cent × 0,80 per mille, edge or not.
    step = CENT * Decimal("0.0008")
    assert exact(edge - 1) < exact(edge) < exact(edge + 1)
    assert exact(edge) - exact(edge - 1) <= step
    assert exact(edge + 1) - exact(edge) <= step


@given(TURNOVERS.filter(lambda turnover: turnover < LARGEST))
def test_the_fee_is_continuous_everywhere(turnover: int) -> None:
    assert Decimal(0) < exact(turnover + 1) - exact(turnover) <= CENT * Decimal("0.0008")


@given(TURNOVERS)
def test_the_bases_of_the_tranches_add_up_to_the_turnover(turnover: int) -> None:
    bases = [line.base for line in ask("renewal", {1: 1}, turnover).lines if line.base is not None]
    assert sum(bases) == Decimal(turnover) / 100
    assert all(base > 0 for base in bases[1:])


@given(EVENTS, SOME, st.none() | TURNOVERS, COUNTS, TERRITORIES)
def test_every_sum_is_the_sum_of_its_parts(
    event: str, tariffs: dict[int, int], turnover: int | None, new: dict[int, int], vat: str
) -> None:
    answer = ask(event, tariffs, turnover, new if event == "control" else {}, vat)
    due = {fee: Decimal(text) for fee, text in answer.subtotals.to_dict().items() if text is not None}
    for fee, subtotal in due.items():
        lines = sum((line.amount for line in answer.lines if line.fee.id == fee), Decimal(0))
        assert lines.quantize(CENT, ROUND_HALF_UP) == subtotal
    assert {line.fee.id for line in answer.lines} == set(due)
    assert sum(due.values()) == answer.total_excl_vat
    assert (answer.total_excl_vat * answer.vat_rate).quantize(CENT, ROUND_HALF_UP) == answer.vat
    assert answer.total_excl_vat + answer.vat == answer.total_incl_vat


@given(EVENTS, SOME, st.none() | TURNOVERS, COUNTS)
def test_each_line_shows_its_own_multiplication(
    event: str, tariffs: dict[int, int], turnover: int | None, new: dict[int, int]
) -> None:
    for line in ask(event, tariffs, turnover, new if event == "control" else {}).lines:
        if line.rate is not None and line.base is not None:
            assert line.base * line.rate == line.amount
        elif line.limit is not None:
            assert line.quantity is None  # what the floor or the cap changes is no price of anything
        else:
            assert line.quantity is not None
            assert line.unit_price is not None
            assert line.quantity * line.unit_price == line.amount


@given(
    st.lists(TARIFFS, min_size=1, max_size=12), st.randoms(), st.sampled_from(("first", "renewal", "control"))
)
def test_the_order_of_the_qualifications_is_irrelevant(
    tariffs: list[int], chance: object, event: str
) -> None:
    # Codes that no table knows, so that only the tariff given can price them.
    named = [f"{9000 + index}:{tariff}" for index, tariff in enumerate(tariffs)]
    shuffled = list(named)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # what st.randoms draws has the methods of random.Random
    one = quote(event=DeclaredEvent(event), on=ON, qualifications=named, turnover=1_000_000)
    other = quote(event=DeclaredEvent(event), on=ON, qualifications=shuffled, turnover=1_000_000)
    assert one.lines == other.lines
    assert amounts(one) == amounts(other)


@given(TARIFFS, st.integers(1, 30), EVENTS)
def test_n_qualifications_one_by_one_cost_the_same_as_n_at_once(tariff: int, number: int, event: str) -> None:
    one_by_one = quote(
        event=DeclaredEvent(event), on=ON, qualifications=[f"{9000 + i}:{tariff}" for i in range(number)]
    )
    at_once = quote(event=DeclaredEvent(event), on=ON, tariffs={tariff: number})
    assert amounts(one_by_one) == amounts(at_once)
    assert [line.quantity for line in one_by_one.lines] == [line.quantity for line in at_once.lines]


@given(SOME, TARIFFS)
def test_one_more_qualification_adds_its_price(tariffs: dict[int, int], tariff: int) -> None:
    tariffs = {key: min(count, 999) for key, count in tariffs.items()}
    more = {**tariffs, tariff: tariffs.get(tariff, 0) + 1}

    def paid(event: str, counts: dict[int, int]) -> Decimal:
        return ask(event, counts).total_excl_vat

    assert paid("renewal", more) - paid("renewal", tariffs) == Decimal(oracle.ASKED[tariff]) / 100
    assert paid("control", more) - paid("control", tariffs) == Decimal(oracle.HELD[tariff]) / 100


@given(SOME, TURNOVERS)
def test_a_first_application_is_a_renewal_and_the_file(tariffs: dict[int, int], turnover: int) -> None:
    first, renewal = (ask(event, tariffs, turnover) for event in ("first", "renewal"))
    assert first.total_excl_vat - renewal.total_excl_vat == Decimal(86)
    assert first.lines[1:] == renewal.lines


def _again(answer: Quote) -> Quote:
    return quote(**answer.to_dict()["request"])


@given(EVENTS, SOME, st.none() | TURNOVERS, COUNTS, TERRITORIES, st.booleans())
def test_the_json_of_a_quote_asks_the_same_question_again(
    event: str, tariffs: dict[int, int], turnover: int | None, new: dict[int, int], vat: str, named: bool
) -> None:
    codes = {"qualifications": ["1905:5"], "probationary": ["0103:2"]} if named else {}
    new_codes = {"new_qualifications": ["0302:3"]} if named and event == "control" else {}
    answer = ask(event, tariffs, turnover, new if event == "control" else {}, vat, **codes, **new_codes)
    assert _again(answer).to_dict() == answer.to_dict()
