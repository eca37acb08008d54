"""What people type: dates with slashes, names nearly right, rates with a comma; and what is then said."""

import subprocess
import sys
from pathlib import Path

import pytest

from opqibi_rules import Structure, plan, quote
from opqibi_rules.price.structure import Qualification
from tests.cli.running import asked, plain, refused
from tests.editions.pinned import TABLES_2024

ENGLISH = {"OPQIBI_LANG": "en"}


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("quote", "--tarif", "1=5"), "--tariff"),
        (("quote", "--turnovr", "5"), "--turnover"),
        (("quot",), "quote"),
        (("devis",), "quote"),
        (("facture",), "check-invoice"),
        (("tables", "sho"), "show"),
        (("quote", "-t", "1=5", "--event", "controle"), "control"),
        (("plan", "-t", "1=5", "--event", "renewall"), "renewal"),
    ],
)
def test_did_you_mean(words: tuple[str, ...], near: str) -> None:
    assert f"Did you mean {near}?" in refused(*words, env=ENGLISH)


@pytest.mark.parametrize("words", [("quote", "--zzz"), ("zzz",), ("quote", "-t", "1=5", "--event", "zzz")])
def test_nothing_near_is_not_guessed(words: tuple[str, ...]) -> None:
    assert "Did you mean" not in refused(*words, env=ENGLISH)


@pytest.mark.parametrize(("typed", "day"), [("02/03/2026", "2 mars 2026"), ("2/3/2026", "2 mars 2026")])
def test_a_french_date(typed: str, day: str) -> None:
    assert day in plain(asked("quote", "-t", "1=5", "--event", "control", "--date", typed).out)


def test_a_date_that_an_english_reader_may_take_for_another_is_refused_with_both() -> None:
    said = refused("quote", "-t", "1=5", "--date", "02/03/2026", env=ENGLISH)
    assert "2 March 2026 or 3 February 2026: write 2026-03-02 or 2026-02-03" in said
    # One reading alone: the 25th month is none; and a day twice is the same.
    for typed, day in (
        ("25/03/2026", "25 Mar 2026"),
        ("03/25/2026", "25 Mar 2026"),
        ("03/03/2026", "3 Mar 2026"),
    ):
        told = asked("quote", "-t", "1=5", "--event", "control", "--date", typed, env=ENGLISH).out
        assert day in plain(told)


@pytest.mark.parametrize("typed", ["31/02/2026", "02/03/26", "02-03-2026", "00/01/2026", "25/13/2026"])
def test_what_is_no_date(typed: str) -> None:
    assert typed in refused("quote", "-t", "1=5", "--date", typed)


def test_dates_of_a_plan() -> None:
    words = ("plan", "--event", "control", "--control", "2", "-t", "1=5", "--format", "json")
    slashed = asked(*words, "--from", "02/06/2028", "--paid", "02/06/2026=557,50")
    assert slashed.out == asked(*words, "--from", "2028-06-02", "--paid", "2026-06-02=557,50").out
    assert slashed.code == 0


@pytest.mark.parametrize("rate", ["0,2", "0.20", "20 %", "0,20"])
def test_a_rate_with_a_comma(rate: str) -> None:
    found = asked(
        "quote", "-t", "1=5", "--event", "control", "--vat", rate, "--date", "2026-03-02", "--format", "json"
    )
    assert '"vat": "40.00"' in found.out


def test_a_structure_from_the_standard_input(tmp_path: Path) -> None:
    text = b'qualifications: [{code: "1905", tariff: 5}]\n'
    told = subprocess.run(
        [sys.executable, "-m", "opqibi_rules.cli.main", "quote", "--event", "control", "--structure", "-"],
        input=text,
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii", "OPQIBI_LANG": "fr", "PATH": ""},
    )
    assert "153,00" in told.stdout.decode()


def test_both_streams_speak_one_encoding(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "opqibi_rules.cli.main", "quote", "-t", "é=5"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "cp1252", "OPQIBI_LANG": "fr", "PATH": ""},
    )
    assert "«\N{NO-BREAK SPACE}é\N{NO-BREAK SPACE}»" in told.stderr.decode()


@pytest.mark.parametrize("name", ["devis.docx", "devis.odt", "devis.html"])
def test_a_form_that_is_not_written(name: str, tmp_path: Path) -> None:
    assert Path(name).suffix in refused("quote", "-t", "1=5", "-o", str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_a_turnover_that_is_not_used_is_said() -> None:
    said = quote(on="2026-03-02", event="control", tariffs={1: 1}, turnover=800_000, tables=TABLES_2024).notes
    assert any("not used" in str(note) for note in said)
    said = plan(start="2026-03-02", tariffs={1: 1}, turnover=800_000, tables=TABLES_2024).notes
    assert not any("not used" in str(note) for note in said)


def test_a_siren_whose_key_is_wrong_is_said_and_one_that_is_right_is_not() -> None:
    for siren, odd in (("435054482", True), ("435054481", False)):
        firm = Structure(siren=siren, qualifications=(Qualification("1905", 5),))
        for found in (
            quote(on="2026-03-02", structure=firm, tables=TABLES_2024),
            plan(start="2026-03-02", structure=firm, tables=TABLES_2024),
        ):
            assert any("key is wrong" in str(note) for note in found.notes) is odd


def test_a_firm_already_qualified_is_asked_whether_a_first_application_is_meant() -> None:
    firm = Structure(qualifications=(Qualification("1905", 5, granted_on="2023-03-01"),))  # type: ignore[arg-type]
    for event, said in (("first", True), ("renewal", False), ("control", False)):
        notes = quote(on="2026-03-02", event=event, structure=firm, tables=TABLES_2024).notes  # type: ignore[arg-type]
        assert any("Another event may be meant" in str(note) for note in notes) is said


def test_vat_rounded_invoice_by_invoice_is_told_from_that_of_a_quote() -> None:
    # 851,00 × 8,5 % = 72,335 → 72,34; 605,62 × 8,5 % = 51,4777 → 51,48; together 1 456,62 × 8,5 % = 123,8127 → 123,81.
    found = plan(start="2026-03-02", tariffs={7: 1}, turnover=896_234, vat="reunion", tables=TABLES_2024)
    assert (
        "VAT is rounded on each invoice: 123.82 € for first application; a quote of the whole has 123.81 €."
        in [str(note) for note in found.notes]
    )
    whole = plan(start="2026-03-02", tariffs={1: 5}, turnover=800_000, tables=TABLES_2024)
    assert not any("rounded on each" in str(note) for note in whole.notes)


def test_the_remedy_is_not_what_was_done() -> None:
    (said,) = [
        str(note)
        for note in quote(on="2026-03-02", tariffs={5: 1}, audit_turnover=90_000, tables=TABLES_2024).notes
        if "undetermined" in str(note)
    ]
    assert said.endswith("Give the codes.")
    assert "or only the turnover" not in said
