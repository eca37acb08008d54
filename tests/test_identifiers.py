"""The numbers of firms, by their forms and by their keys."""

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.identifiers import (
    grouped,
    has_right_key,
    read_siren,
    read_siret,
    read_vat_number,
    siren_of,
    siren_of_vat_number,
)


@pytest.mark.parametrize(
    ("number", "siren"),
    [
        ("732829320", "732829320"),
        ("732 829 320", "732829320"),
        ("732.829.320", "732829320"),
        ("732\u202f829\u00a0320 ", "732829320"),
        ("73282932000074", "732829320"),
        ("356 000 000 09075", "356000000"),
        ("889742876", "889742876"),  # registered, with a wrong key
        ("732-829-320", None),
        ("73282932", None),
        ("7328293200", None),
        ("73282932²", None),
        ("٤٣٥٠٥٤٤٨١", None),
        ("FR44732829320", None),
        ("000000000", None),
        ("00000000000000", None),
        ("", None),
        (None, None),
    ],
)
def test_the_siren_of_a_siren_or_of_a_siret(number: str | None, siren: str | None) -> None:
    assert siren_of(number) == siren


@pytest.mark.parametrize(
    ("number", "siren"),
    [
        ("FR44732829320", "732829320"),
        ("fr 44 732 829 320", "732829320"),
        ("FRK7399859412", "399859412"),
        ("FRIO334175221", None),  # neither I nor O in a key
        ("FR00000334175", None),  # Monaco
        ("FR4473282932", None),
        ("DE123456789", None),
        ("732829320", None),
        (None, None),
    ],
)
def test_the_siren_of_a_french_vat_number(number: str | None, siren: str | None) -> None:
    assert siren_of_vat_number(number) == siren


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("732829320", True),
        ("732 829 321", False),
        ("73282932000074", True),
        ("73282932000079", False),
        ("35600000049837", True),  # La Poste counts otherwise, but for its head office
        ("35600000000048", True),
        ("35600000049838", False),
        ("FR44732829320", True),
        ("FR45732829320", False),
        ("FR44 732829320", True),
        ("732", False),
        ("", False),
    ],
)
def test_the_key_is_asked_about_apart(number: str, right: bool) -> None:
    assert has_right_key(number) is right


def test_what_is_read_is_compact() -> None:
    assert read_siren(434717997) == "434717997"
    assert read_siret("130 025 265 00013") == "13002526500013"
    assert read_vat_number("FR 44 732829320") == "FR44732829320"
    assert read_vat_number("ATU12345678") == "ATU12345678"


@pytest.mark.parametrize("value", ["130025265", "00000000000000", "", "1300252650001x"])
def test_what_is_no_siret(value: str) -> None:
    with pytest.raises(RequestError, match="is not a SIRET; fourteen digits"):
        read_siret(value)


@pytest.mark.parametrize("value", ["x", "FR1", "FR4473282932", "fr44732829320", "12345678901"])
def test_what_is_no_vat_number(value: str) -> None:
    with pytest.raises(RequestError, match="is not a VAT number"):
        read_vat_number(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("73282932000074", "is a SIRET; its SIREN is 732829320."),
        ("000 000 000", "a SIREN of zeros names no firm."),
        ("", "is not a SIREN; nine digits are expected"),
        (True, "« True » is not a SIREN"),
    ],
)
def test_what_is_no_siren_says_what_it_is(value: object, said: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_siren(value)
    assert said in str(refused.value)


def test_it_is_printed_in_threes() -> None:
    assert grouped("732829320") == "732\u202f829\u202f320"
