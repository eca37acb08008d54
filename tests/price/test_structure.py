"""The structure: its qualifications as they are written, its last known turnover."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import RequestError
from opqibi_rules.price.question import question
from opqibi_rules.price.structure import Qualification, Structure, Turnover, contradictions
from opqibi_rules.tables.library import Tables
from tests.editions.pinned import TABLES_2024


@pytest.mark.parametrize(
    ("text", "code", "tariff"),
    [("1905", "1905", None), ("0607:5", "0607", 5), (" 1905:7 ", "1905", 7), ("1905:12", "1905", 12)],
)
def test_a_qualification_is_a_code_or_a_code_and_its_tariff(text: str, code: str, tariff: int | None) -> None:
    found = Qualification.parse(text)
    assert (found.code, found.tariff, found.probationary, found.granted_on) == (code, tariff, False, None)
    assert Qualification.parse(text, probationary=True).probationary


NOT_QUALIFICATIONS = "|607|19055|1905:|1905:x|1905:-1|1905:5:5|1905 5|a905|1905:123|١٩٠٥|1905\n:5"


@pytest.mark.parametrize("text", [*NOT_QUALIFICATIONS.split("|"), "x" * 500])
def test_what_is_no_qualification_says_how_to_write_one(text: str) -> None:
    with pytest.raises(RequestError) as raised:
        Qualification.parse(text)
    assert str(raised.value) == (
        f"« {text[:40]} » is not a qualification. Write a code of four digits, and its tariff code after a colon "
        "if you know it: 1905 or 1905:5."
    )


@given(st.integers(0, 9999), st.none() | st.integers(0, 99))
def test_a_qualification_is_written_as_it_is_read(code: int, tariff: int | None) -> None:
    item = Qualification(f"{code:04d}", tariff)
    assert Qualification.parse(str(item)) == item


def turnover(year: int) -> Turnover:
    return Turnover(year, Decimal(year))


@pytest.mark.parametrize(
    ("years", "on", "found"),
    [
        ((2023, 2025, 2024), date(2026, 3, 2), 2025),
        ((2023, 2026, 2024), date(2026, 1, 1), 2026),
        ((2023, 2027), date(2026, 3, 2), 2023),
        ((2027,), date(2026, 3, 2), None),
        ((), date(2026, 3, 2), None),
    ],
)
def test_the_last_known_turnover(years: tuple[int, ...], on: date, found: int | None) -> None:
    firm = Structure(turnovers=tuple(turnover(year) for year in years))
    known = firm.turnovers_known(on, Tables().schedule(date(2026, 3, 2)))
    assert known == ({} if found is None else {"engineering": Decimal(found)})


def test_a_structure_is_empty_until_it_is_said_otherwise() -> None:
    empty: Any = Structure()
    assert (empty.siren, empty.name, empty.territory, empty.qualifications, empty.turnovers) == (
        None,
    ) * 3 + ((), ())
    assert Turnover(2025) == Turnover(2025, None, None, None)


def test_a_code_that_was_probationary_then_full_is_priced_as_what_it_is_that_day() -> None:
    trial = Qualification("1331", 1, probationary=True, granted_on=date(2025, 3, 1))
    full = Qualification("1331", 1, granted_on=date(2026, 3, 1))
    other = Qualification("1905", 5)
    for held in ((trial, other, full), (full, other, trial)):
        firm = Structure(qualifications=held)
        assert set(firm.held_on(date(2024, 1, 1))) == {trial, other}
        assert set(firm.held_on(date(2026, 2, 28))) == {trial, other}
        assert set(firm.held_on(date(2026, 3, 1))) == {full, other}
        for on, probationary in ((date(2026, 2, 28), ["1331:1"]), (date(2026, 3, 1), [])):
            asked, _ = question(on, {"structure": firm, "turnover": 1}, TABLES_2024)
            assert [str(item) for item in asked.qualifications if item.probationary] == probationary
            assert len(asked.qualifications) == 2


def test_what_cannot_be_true_of_a_firm_has_no_price() -> None:
    for held, said in (
        (
            (Qualification("1331", 1), Qualification("1331", 1, probationary=True)),
            "1331 is given twice; keep one. If it was probationary, then full, give both with their days: the full one "
            "was granted (granted_on) last.",
        ),
        (
            (Qualification("1331", 1, True, date(2026, 3, 1), (date(2026, 2, 28),)),),
            "1331: renewed on 2026-02-28; a renewal (renewed_on) is given once, and is later than the day it was "
            "granted (granted_on).",
        ),
    ):
        with pytest.raises(RequestError) as raised:
            question(date(2026, 6, 1), {"structure": Structure(qualifications=held)}, TABLES_2024)
        assert (raised.value.field, raised.value.codes) == ("qualifications", ("1331",))
        assert str(raised.value) == said
        assert list(contradictions(held)) == [(len(held) - 1, raised.value.message)]
