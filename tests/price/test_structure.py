"""The structure: its qualifications as they are written, its last known turnover."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import RequestError
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.question import question
from opqibi_rules.price.quote import quote
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
        ((2023, 2026, 2024), date(2026, 1, 1), 2024),  # 2026 is not over
        ((2025, 2024), date(2025, 12, 31), 2024),  # nor 2025, on its last day
        ((2023, 2027), date(2026, 3, 2), 2023),
        ((2027,), date(2026, 3, 2), None),
        ((), date(2026, 3, 2), None),
    ],
)
def test_the_last_known_turnover(years: tuple[int, ...], on: date, found: int | None) -> None:
    firm = Structure(turnovers=tuple(turnover(year) for year in years))
    known = firm.turnovers_known(on, Tables().schedule(date(2026, 3, 2)))
    assert [item.year for item in known.values()] == ([] if found is None else [found])


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


def test_each_turnover_is_sought_in_all_the_years_and_only_in_those_that_are_over() -> None:
    firm = Structure(
        turnovers=(
            Turnover(2024, Decimal(800_000), document="liasse fiscale 2024"),
            Turnover(2025, None, Decimal(90_000)),
            Turnover(2026, Decimal(5_000_000)),
        ),
        qualifications=(Qualification("1202", 2),),
    )
    answer = quote(on="2026-01-02", structure=firm, tables=TABLES_2024)
    # 250 000 × 0,8 + 550 000 × 0,65 per mille = 557,50: on 2024's, the last that states « ingénierie »
    assert answer.subtotals.brand_usage == Decimal("557.50")
    assert answer.base is not None
    assert answer.base.known == (Decimal(800_000), 2024, date(2024, 12, 31), "liasse fiscale 2024")
    said = [str(note) for note in answer.notes]
    assert (
        "The « ingénierie » turnover is that of 2024 (year closed on 2024-12-31; liasse fiscale 2024), the last one "
        "known." in said
    )
    assert "Turnovers left out, of years that are not over on 2026-01-02: 2026." in said
    assert "last-known-turnover" in {item.id for item in answer.assumptions}
    assert quote(**answer.to_dict()["request"], tables=TABLES_2024).to_dict() == answer.to_dict()


@pytest.mark.parametrize(
    ("stated", "on", "year"),
    [
        ({}, "2026-06-30", 2025),
        ({"year_end": YearEnd(6, 30)}, "2026-06-30", 2025),  # its last day is not over yet
        ({"year_end": YearEnd(6, 30)}, "2026-07-01", 2026),
        ({"closed_on": date(2026, 3, 31)}, "2026-04-01", 2026),
        ({"closed_on": date(2026, 3, 31)}, "2026-03-31", 2025),
    ],
)
def test_a_year_counts_from_the_day_after_its_last(stated: dict[str, Any], on: str, year: int) -> None:
    closed = stated.pop("closed_on", None)
    years = (Turnover(2025, Decimal(1)), Turnover(2026, Decimal(2), closed_on=closed))
    answer = quote(on=on, tariffs={1: 1}, structure=Structure(turnovers=years, **stated), tables=TABLES_2024)
    assert answer.base is not None
    assert answer.base.known is not None
    assert answer.base.known.year == year


@pytest.mark.parametrize(("on", "old"), [("2026-12-31", False), ("2027-01-01", True)])
def test_a_turnover_of_over_two_years_is_said_to_be_old(on: str, old: bool) -> None:
    firm = Structure(turnovers=(Turnover(2024, Decimal(800_000)),))
    said = " ".join(map(str, quote(on=on, tariffs={1: 1}, structure=firm, tables=TABLES_2024).notes))
    assert ("ended over two years before" in said) is old


@pytest.mark.parametrize(
    ("turnover", "noted"), [(0, False), ("1,50", True), (350, True), (9_999, True), (10_000, False)]
)
def test_a_turnover_that_may_be_in_thousands_is_noted(turnover: int | str, noted: bool) -> None:
    said = " ".join(
        map(str, quote(on="2026-03-02", tariffs={1: 1}, turnover=turnover, tables=TABLES_2024).notes)
    )
    assert ("thousands of euros" in said) is noted


def test_the_last_financial_year_that_is_over() -> None:
    assert YearEnd.parse("30/06").last_over(date(2026, 6, 30)) == 2025
    assert YearEnd.parse("30/06").last_over(date(2026, 7, 1)) == 2026
