"""From an amount back to what gives it, worked by hand and against a plain search."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import AmountError, RequestError
from opqibi_rules.price.inversion import counts_from_amount, counts_from_fee, turnovers_from_fee
from opqibi_rules.price.quote import quote
from tests.editions.pinned import LATER, OTHER_BODY, TABLES_2024

ON = date(2026, 3, 2)
SCHEDULE = TABLES_2024.schedule(ON)


def fee_of(turnover: Decimal) -> Decimal | None:
    return quote(
        on=ON, event="renewal", tariffs={1: 1}, turnover=turnover, tables=TABLES_2024
    ).subtotals.brand_usage


@pytest.mark.parametrize(
    ("fee", "lowest", "highest"),
    [
        # 557,50 € is exact at 800 000 €: half a cent below at 0,65 ‰ (7,69 €), half a cent above at 0,50 ‰.
        ("557.50", "799992.31", "800009.99"),
        ("1657.50", "2999990.00", "3000012.49"),
        # 180,00 € / 0,80 ‰ = 225 000 €; half a cent is 6,25 € of turnover.
        ("180", "0.00", "225006.24"),
        ("180.01", "225006.25", "225018.74"),
        ("200.00", "249993.75", "250007.69"),
        # 40 000 − 6 457,50 = 33 542,50 € at 0,25 ‰ above 15 000 000 €, half a cent less.
        ("40000.00", "149169980.00", None),
    ],
)
def test_the_turnovers_of_a_fee(fee: str, lowest: str, highest: str | None) -> None:
    found = turnovers_from_fee(fee, SCHEDULE)
    assert found is not None
    assert found.to_dict() == {
        "fee": str(Decimal(fee).quantize(Decimal("0.01"))),
        "lowest": lowest,
        "highest": highest,
    }


@pytest.mark.parametrize("fee", ["0", "179.99", "40000.01", "99999999"])
def test_no_turnover_gives_less_than_the_floor_nor_more_than_the_cap(fee: str) -> None:
    assert turnovers_from_fee(fee, SCHEDULE) is None


@pytest.mark.parametrize("fee", ["-1", "1.001", "a lot"])
def test_what_is_no_amount_is_refused(fee: str) -> None:
    with pytest.raises(AmountError):
        turnovers_from_fee(fee, SCHEDULE)


@given(st.integers(0, 20_000_000_000))
def test_a_turnover_is_in_the_range_of_its_fee_and_its_ends_are_exact(cents: int) -> None:
    turnover = Decimal(cents) / 100
    fee = fee_of(turnover)
    assert fee is not None
    found = turnovers_from_fee(fee, SCHEDULE)
    assert found is not None
    assert turnover in found
    assert fee_of(found.lowest) == fee
    if found.lowest:
        assert found.lowest - Decimal("0.01") not in found
        assert fee_of(found.lowest - Decimal("0.01")) != fee
    if found.highest is not None:
        assert fee_of(found.highest) == fee
        assert fee_of(found.highest + Decimal("0.01")) != fee


PRICES = {1: Decimal(60), 2: Decimal(120), 3: Decimal(240), 7: Decimal(265)}


@given(st.integers(0, 3000), st.integers(0, 7))
def test_the_counts_are_all_those_that_a_plain_search_finds(amount: int, most: int) -> None:
    plainly = {
        counts
        for counts in product(range(most + 1), repeat=4)
        if sum(counts) <= most
        and sum(n * price for n, price in zip(counts, PRICES.values(), strict=True)) == amount
    }
    found = list(counts_from_amount(Decimal(amount), PRICES, most))
    assert {tuple(item.get(tariff, 0) for tariff in PRICES) for item in found} == plainly
    assert len(found) == len(plainly)


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
    st.integers(1, 8),
)
def test_an_amount_too_large_for_a_table_is_met_half_way(
    cents: list[int], counts: list[int], most: int
) -> None:
    """One dear tariff, to the cent, and its table of all remainders took the machine's memory."""
    dear = 99_999_999
    prices = {number: Decimal(price).scaleb(-2) for number, price in enumerate([*cents, dear], 1)}
    steps = [*cents, dear]
    made = dear + sum(count * price for count, price in zip(counts, cents, strict=False))
    plainly = {
        each
        for each in product(range(most + 1), repeat=len(steps))
        if sum(each) <= most and sum(n * price for n, price in zip(each, steps, strict=True)) == made
    }
    found = list(counts_from_amount(Decimal(made).scaleb(-2), prices, most))
    assert {tuple(item.get(number, 0) for number in prices) for item in found} == plainly
    assert len(found) == len(plainly)


def test_a_dear_tariff_and_cheap_ones_by_hand() -> None:
    # 999 999,99 + 1,50 €: two at 0,75, or three at 0,50; one at 0,75 leaves 0,75, which no 0,50 makes.
    prices = {1: Decimal("0.50"), 2: Decimal("0.75"), 3: Decimal("999999.99")}
    found = list(counts_from_amount(Decimal("1000001.49"), prices, 4))
    assert sorted(map(str, found)) == ["{1: 3, 3: 1}", "{2: 2, 3: 1}"]
    assert list(counts_from_amount(Decimal("1000001.49"), prices, 3)) == [{2: 2, 3: 1}]
    assert list(counts_from_amount(Decimal("1000000.09"), prices, 4)) == []


def test_more_counts_than_can_be_told_are_refused() -> None:
    with pytest.raises(RequestError, match="ask for fewer") as met:
        counts_from_fee("18500", SCHEDULE, most=60)
    assert met.value.field == "most"
    with pytest.raises(RequestError, match="Too many counts"):
        list(counts_from_amount(Decimal(10) ** 9, {n: Decimal(10) ** 8 + n for n in range(1, 25)}, 20))


def test_the_fewest_qualifications_come_first() -> None:
    # 1 280 − 500 = 780 €: 240 × 3 + 60 is the least, four qualifications.
    found = counts_from_fee("1280", SCHEDULE)
    assert found[0] == {1: 1, 3: 3}
    assert {1: 5, 2: 4} in found
    assert all(sum(item.values()) <= 20 for item in found)


def test_a_control_is_inverted_too() -> None:
    # 125 + 2 × 15 + 212,50 €.
    assert {1: 2, 4: 1} in counts_from_fee("367.50", SCHEDULE, fee_id="annual_control", most=4)


@pytest.mark.parametrize("amount", ["499.99", "500.01", "510", "90000"])
def test_an_amount_that_no_count_gives(amount: str) -> None:
    assert counts_from_fee(amount, SCHEDULE) == ()


def test_the_flat_part_alone_is_no_qualification_at_all() -> None:
    assert counts_from_fee("500", SCHEDULE) == ({},)


def test_without_any_price_nothing_but_nothing_is_made() -> None:
    assert list(counts_from_amount(Decimal(0), {1: Decimal(0)})) == [{}]
    assert list(counts_from_amount(Decimal(5), {})) == []


def test_a_fee_that_is_not_by_qualification_is_refused() -> None:
    with pytest.raises(RequestError, match="dossier"):
        counts_from_fee("86", SCHEDULE, fee_id="dossier")


@pytest.mark.parametrize("fee", ["dossier", "annual_control", "unheard_of"])
def test_a_fee_that_is_not_on_a_turnover_is_refused(fee: str) -> None:
    with pytest.raises(RequestError, match=r"brand_usage"):
        turnovers_from_fee("180", SCHEDULE, fee)


@pytest.mark.parametrize(
    ("fee", "lowest", "highest"),
    [
        # Nothing up to 100 000 €, then 1 per mille: half a cent is 5 € of turnover; there is no floor.
        ("0", "0.00", "100004.99"),
        ("400", "499995.00", "500009.99"),
        # 400 € at 500 000 €, then 0,50 per mille: 4 600 / 0,0005 = 9 200 000 €; half a cent less is 10 €.
        ("5000", "9699990.00", None),
    ],
)
def test_another_body_has_no_floor_and_tranches_from_another_origin(
    fee: str, lowest: str, highest: str | None
) -> None:
    found = turnovers_from_fee(fee, OTHER_BODY.schedule(ON))
    assert found is not None
    data = found.to_dict()
    assert (data["lowest"], data["highest"]) == (lowest, highest)
    assert turnovers_from_fee(fee, OTHER_BODY.schedule(ON), "cotisation") == found


def test_any_fee_by_qualification_is_inverted() -> None:
    body = OTHER_BODY.schedule(ON)
    # 50 + 2 × 100 + 150; then 12 + 25, or 2 × 18,50, without a flat part.
    assert {1: 2, 2: 1} in counts_from_fee("400", body)
    assert counts_from_fee("37", body, fee_id="passage", most=3) == ({1: 1, 3: 1}, {2: 2})
    # 520 + 410, at the eighth tariff code of the edition of 2027.
    assert counts_from_fee("930", LATER.schedule(date(2027, 3, 2)), most=1) == ({8: 1},)
    with pytest.raises(RequestError, match="expertise"):
        counts_from_fee("930", body, fee_id="cotisation")


def test_a_turnover_is_among_those_of_a_fee_or_not() -> None:
    found = turnovers_from_fee("557.50", SCHEDULE)
    assert found is not None
    assert Decimal("800009.99") in found
    assert Decimal("800010.00") not in found
    capped = turnovers_from_fee(40_000, SCHEDULE)
    assert capped is not None
    assert Decimal(10**12) in capped
