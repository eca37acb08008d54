"""Amounts: what is read, what is refused, and the one rounding."""

import decimal
import string
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import AmountError
from opqibi_rules.money import EXACT, LARGEST, exactly, parse_amount, plain, round_cents, to_amount

NO_BREAK, NARROW, THIN, FIGURE = "\u00a0", "\u202f", "\u2009", "\u2007"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("350000", "350000"),
        ("350000.50", "350000.50"),
        ("350000,5", "350000.5"),
        ("350 000,50", "350000.50"),
        ("350 000,50 €", "350000.50"),
        ("350000€", "350000"),
        ("1 234 567 EUR", "1234567"),
        (f"350{NO_BREAK}000,50{NO_BREAK}€", "350000.50"),
        (f"1{NARROW}234{THIN}567{FIGURE}890", "1234567890"),
        ("  12  ", "12"),
        ("0", "0"),
        ("007", "7"),
        ("-12,30", "-12.30"),
        ("−12", "-12"),
        ("9" * 30, "9" * 30),
    ],
)
def test_an_amount_is_read_as_written(text: str, amount: str) -> None:
    found = parse_amount(text)
    assert (str(found), found) == (amount, Decimal(amount))


@pytest.mark.parametrize(
    "text",
    [
        "1,234.56",
        "1.234,56",
        "12,345",
        "12.345",
        "1'234",
        "1.234.567",
        "-1,234.5",
        "1,234,567",
        "1,234,567.891",
    ],
)
def test_what_can_be_read_two_ways_is_ambiguous(text: str) -> None:
    with pytest.raises(AmountError, match=r"is ambiguous.*Write 350000\.50 or 350 000,50\."):
        parse_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "NaN",
        "Infinity",
        "1e6",
        "1E6",
        "0x10",
        "1_000",
        "12,3456",
        "12.",
        ",5",
        ".5",
        "1 23",
        "1234 567",
        "12 345 67",
        "1  234",
        "--1",
        "+1",
        "€ 12",
        "12 $",
        "12 €€",
        "douze",
        "١٢",
        "1²",
        "12\n13",
        "1\t234",
        "-",
        "1 234 56,00",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(
        AmountError, match=r"is not an amount in euros\. Write 350000, 350000\.50 or 350 000,50 €\."
    ):
        parse_amount(text)


def test_an_amount_of_thirty_one_digits_is_too_large() -> None:
    with pytest.raises(AmountError) as raised:
        parse_amount("9" * 31)
    assert str(raised.value) == f"« {'9' * 31} » is too large to be an amount in euros."
    with pytest.raises(AmountError, match="is too large"):
        parse_amount("1" + " 000" * 1000)


@pytest.mark.parametrize("text", ["x" * 10**6, "9" * 10**6, "1" + ",234" * 10**5, "1" + " 234" * 10**5 + "!"])
def test_an_error_shows_the_beginning_of_a_very_long_text(text: str) -> None:
    with pytest.raises(AmountError) as raised:
        parse_amount(text)
    assert f"« {text[:80]} »" in str(raised.value)
    assert len(str(raised.value)) < 250


@given(st.text(max_size=12) | st.text(alphabet=string.digits + " .,'€-−\u00a0\u202fEUR", max_size=16))
def test_any_text_is_an_amount_or_an_amount_error(text: str) -> None:
    try:
        amount = parse_amount(text)
    except AmountError:
        return
    digits = "".join(char for char in text if char in string.digits)
    assert int(digits) == abs(amount) * 10 ** max(-int(amount.as_tuple().exponent), 0)


@given(st.integers(0, 10**14), st.sampled_from([" ", NO_BREAK, NARROW]), st.sampled_from([".", ","]))
def test_every_amount_written_in_french_is_read_back(cents: int, space: str, point: str) -> None:
    text = f"{cents // 100:,}".replace(",", space) + f"{point}{cents % 100:02d}"
    assert parse_amount(text) == Decimal(cents) / 100


class TestToAmount:
    @pytest.mark.parametrize(
        ("value", "amount"),
        [
            (800_000, "800000.00"),
            (0, "0.00"),
            ("350 000,5", "350000.50"),
            (Decimal("12.3"), "12.30"),
            (Decimal("12.3000000"), "12.30"),
            (Decimal("1E+3"), "1000.00"),
            (Decimal("-0"), "0.00"),
            ("-0,00", "0.00"),
            (LARGEST, "1000000000000.00"),
        ],
    )
    def test_exact_and_in_whole_cents(self, value: Any, amount: str) -> None:
        assert str(to_amount(value)) == amount

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            (-1, "turnover: -1 is negative; zero or more is expected."),
            ("-0,01", "turnover: -0.01 is negative; zero or more is expected."),
            (Decimal("-1E+400"), "turnover: -1E+400 is negative; zero or more is expected."),
            (
                10**18,
                "turnover: 1000000000000000000 is over 1000000000000 €, the largest amount accepted; check the unit.",
            ),
            (
                LARGEST + Decimal("0.01"),
                "turnover: 1000000000000.01 is over 1000000000000 €, the largest amount accepted; check the unit.",
            ),
            (
                Decimal("0.001"),
                "turnover: 0.001 has more than two decimals; an amount in euros stops at the cent.",
            ),
            (
                Decimal("1E-900"),
                "turnover: 1E-900 has more than two decimals; an amount in euros stops at the cent.",
            ),
            (
                1.5,
                "turnover: 1.5 is a float, which is not exact. Give an int, a text or a Decimal; a float that you "
                "must convert goes through Decimal(repr(value)).",
            ),
            (Decimal("NaN"), "turnover: Decimal('NaN') is not an amount in euros."),
            (Decimal("sNaN"), "turnover: Decimal('sNaN') is not an amount in euros."),
            (Decimal("-Infinity"), "turnover: Decimal('-Infinity') is not an amount in euros."),
            (True, "turnover: True is not an amount in euros."),
            (None, "turnover: None is not an amount in euros."),
            (Fraction(1, 2), "turnover: Fraction(1, 2) is not an amount in euros."),
            (b"12", "turnover: b'12' is not an amount in euros."),
        ],
    )
    def test_refused_with_the_name_of_the_field(self, value: Any, problem: str) -> None:
        with pytest.raises(AmountError) as raised:
            to_amount(value, "turnover")
        assert str(raised.value) == problem

    def test_the_name_is_amount_when_none_is_given(self) -> None:
        with pytest.raises(AmountError, match=r"^amount: -1 is negative"):
            to_amount(-1)

    @pytest.mark.parametrize(
        ("value", "shown", "problem"),
        [
            (Decimal("9" * 100), "9" * 80, "is over 1000000000000 €, the largest amount accepted; check the unit."),
            (Decimal("-" + "9" * 100), "-" + "9" * 79, "is negative; zero or more is expected."),
            (Decimal("0." + "1" * 100), "0." + "1" * 78,
             "has more than two decimals; an amount in euros stops at the cent."),
            (Decimal("NaN" + "1" * 100), "Decimal('NaN" + "1" * 68, "is not an amount in euros."),
            (b"x" * 100, "b'" + "x" * 78, "is not an amount in euros."),
        ],
    )  # fmt: skip
    def test_a_long_value_is_shown_by_its_beginning(self, value: Any, shown: str, problem: str) -> None:
        with pytest.raises(AmountError) as raised:
            to_amount(value, "turnover")
        assert str(raised.value) == f"turnover: {shown} {problem}"

    @pytest.mark.parametrize(
        "value", [10**5000, -(10**5000), Decimal(10**90), Decimal("1E-90"), ["x" * 10**5]], ids=range(5)
    )
    def test_a_huge_value_makes_a_short_sentence(self, value: Any) -> None:
        with pytest.raises(AmountError) as raised:
            to_amount(value)
        assert len(str(raised.value)) < 200


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.integers() | st.floats())
def test_anything_is_an_amount_or_an_amount_error(value: Any) -> None:
    try:
        amount = to_amount(value)
    except AmountError:
        return
    assert amount == value
    assert amount.as_tuple().exponent == -2
    assert not amount.is_signed()


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("557.505", "557.51"),
        ("557.504999", "557.50"),
        ("557.515", "557.52"),
        ("557.525", "557.53"),
        ("0.005", "0.01"),
        ("0.0049999999999999999999999999999999999999", "0.00"),
        ("7", "7.00"),
        ("-0.005", "-0.01"),
    ],
)
def test_half_a_cent_goes_up(value: str, rounded: str) -> None:
    assert str(round_cents(Decimal(value))) == rounded


@given(st.integers(-(10**20), 10**20))
def test_rounding_moves_an_amount_by_half_a_cent_at_most(millionths: int) -> None:
    value = Decimal(millionths).scaleb(-6)
    assert abs(round_cents(value) - value) <= Decimal("0.005")


def test_the_arithmetic_of_money_is_exact_or_stops() -> None:
    assert EXACT.prec >= len(str(LARGEST)) + 2 + 7 + 2
    assert EXACT.rounding == decimal.ROUND_HALF_UP
    with pytest.raises(decimal.InvalidOperation):
        EXACT.quantize(Decimal("1E+60"), Decimal("0.01"))
    with pytest.raises(decimal.DivisionByZero):
        EXACT.divide(Decimal(1), Decimal(0))
    with pytest.raises(decimal.Overflow):
        EXACT.multiply(Decimal("1E+999999"), Decimal("1E+999999"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("212.5", "212.50"),
        ("200.006160", "200.00616"),
        ("0", "0.00"),
        ("1E+3", "1000.00"),
        ("0.20", "0.20"),
        ("0.085", "0.085"),
        ("-72.1", "-72.10"),
        ("100", "100.00"),
        ("0E-7", "0.00"),
    ],
)
def test_an_amount_in_json(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_a_generator_is_not_exact_for_its_caller_computes() -> None:
    def amounts() -> Iterator[Decimal]:
        yield Decimal(1) / 3

    with pytest.raises(TypeError, match="generator"):
        exactly(amounts)
