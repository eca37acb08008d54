"""``init``: questions, checks at each answer, and a file that every command takes."""

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.cli.main import run
from opqibi_rules.messages import Message
from opqibi_rules.paper.language import Language
from opqibi_rules.price.files.structure_file import read_structure
from opqibi_rules.price.files.structure_text import structure_text
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from tests.editions.pinned import OTHER_BODY, Pinned

EDITIONS = Path(__file__).parents[1] / "editions"
CERTIFICATE: dict[str, Any] = {
    "data": {
        "numero_certificat": "14 12 2819",
        "url": "https://www.opqibi.com/fiche/1777",
        "date_delivrance_certificat": "2026-01-28",
        "duree_validite_certificat": "valable un an",
        "assurances": "EXEMPLE",
        "qualifications": [
            {"nom": "Audit énergétique", "code_qualification": "1905", "definition": "", "rge": True}
        ],
        "date_validite_qualifications": "2028-01-28",
        "qualifications_probatoires": [
            {"nom": "Audit énergétique", "code_qualification": "1905", "definition": "", "rge": True},
            {"nom": "", "code_qualification": "0607", "definition": "", "rge": False},
        ],
        "date_validite_qualifications_probatoires": "2027-01-28",
    },
    "links": {},
    "meta": {},
}


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edition of 2024, whatever is shipped."""
    monkeypatch.setattr("opqibi_rules.cli.options.Tables", Pinned)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_questions_then_a_file_that_a_plan_takes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "firm.yaml"
    typed(
        monkeypatch, "Bureau « É », fils: et \"Cie\"", "123", "435 054 481", "lune", "La Réunion", "19", "1905:5", "",
        "1905", "0607", "peut-être", "oui", "hier", "2026-01-15", "9", "2", "",
        "two", "2025", "1,234.56", "800 000,50 €", "", "liasse 2025", "2025", "",
    )  # fmt: skip
    assert run(["init", "-o", str(target), "--lang", "en"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    for words in ("nine digits", "not a territory", "1905 is already there", "Answer y or n", "1, 2, 3, 4, 5, 6, 7", "ambiguous",
                  "not a year", "2025 is already there", "Audit énergétique des bâtiments"):  # fmt: skip
        assert words in err
    assert read_structure(target) == Structure(
        "435054481",
        'Bureau « É », fils: et "Cie"',
        "reunion",
        (Qualification("1905", 5), Qualification("0607", 2, probationary=True, granted_on=date(2026, 1, 15))),
        (Turnover(2025, Decimal("800000.50"), None, "liasse 2025"),),
    )
    assert run(["plan", "--structure", str(target), "--from", "2026-03-02", "--format", "json"]) == 3
    assert run(["quote", "--structure", str(target), "--event", "control", "--date", "2026-03-02"]) == 0


def test_the_tariff_codes_and_turnovers_of_the_schedules_at_hand(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target, later = tmp_path / "firm.yaml", ["--tables", str(EDITIONS / "later")]
    typed(monkeypatch, "", "", "", "9901", "n", "9", "8", "", "2025", "800 000", "", "", "")
    assert run(["init", "-o", str(target), "--lang", "en", *later]) == 0
    assert "they are 1, 2, 3, 4, 5, 6, 7, 8." in capfd.readouterr().err
    assert (
        "# Its qualifications, held or asked for. Tariff codes: 1, 2, 3, 4, 5, 6, 7, 8." in target.read_text()
    )
    asked = ["--structure", str(target), *later, "--event", "renewal", "--format", "json"]
    assert run(["quote", *asked, "--date", "2027-03-02"]) == 0
    # 520 + 410, and 212,50 + 385
    assert json.loads(capfd.readouterr().out)["total_excl_vat"] == "1527.50"

    body = ["--tables", str(EDITIONS / "other_body")]
    typed(monkeypatch, "y", "", "", "", "9001:2", "n", "", "2025", "", "", "600 000", "300 000", "liasse", "")
    assert run(["init", "-o", str(target), "--lang", "en", *body]) == 0
    assert "« export » turnover" in capfd.readouterr().err
    assert 'france: "600000.00", export: "300000.00"' in target.read_text()
    assert run(["quote", "--structure", str(target), *body, "--date", "2026-03-02", "--format", "json"]) == 0
    # 50 + 150, and on the turnover of export, for 9001 alone: 200 000 at 1 per mille
    assert json.loads(capfd.readouterr().out)["total_excl_vat"] == "400.00"


def test_everything_may_be_left_out(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, *["", "", "", "9999:1", "non", "", ""])
    assert run(["init", "--lang", "fr"]) == 0
    assert '- {code: "9999", tariff: 1}' in capfd.readouterr().out
    typed(monkeypatch, *[""] * 5)
    assert run(["init", "--lang", "fr"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("# Une structure, telle que chaque commande")
    assert "qualifications: []" in out


def test_from_a_certificate(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answer = tmp_path / "certificate.json"
    answer.write_text(json.dumps(CERTIFICATE), "utf-8")
    typed(monkeypatch, "Firme", "", "", "5", "", "", "")
    assert run(["init", "--from", str(answer), "--lang", "en"]) == 0
    out, err = capfd.readouterr()
    assert "Tariff code of 1905" in err
    assert '  # Audit énergétique\n  - {"' not in out
    assert (
        '  # Audit énergétique\n  - {code: "1905", tariff: 5}\n  - {code: "0607", tariff: null, probationary: true}'
        in out
    )
    # What it prints stays, as remarks: none is the day of a grant.
    for line in (
        "# Their certificate was issued on 28 Jan 2026.",
        "# It runs until 28 Jan 2027: by then the next annual control, or the renewal if they end that day.",
        "# The qualifications run until 28 Jan 2028.",
        "# The probationary ones run until 28 Jan 2027.",
    ):
        assert f"\n{line}\n" in out
    assert "granted_on" not in out.replace("granted_on: 2026-03-02.", "")


def test_days_that_a_certificate_does_not_print_are_not_made_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answer, data = tmp_path / "certificate.json", {**CERTIFICATE["data"]}
    data |= {"date_delivrance_certificat": None, "date_validite_qualifications": None}
    data |= {"qualifications_probatoires": [], "date_validite_qualifications_probatoires": None}
    answer.write_text(json.dumps({**CERTIFICATE, "data": data}), "utf-8")
    typed(monkeypatch, "Firme", "", "", "5", "", "", "")
    assert run(["init", "--from", str(answer), "--lang", "en"]) == 0
    out = capfd.readouterr().out
    assert "until" not in out
    assert "It does not print when each was granted" in out


def test_what_is_no_certificate(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answer = tmp_path / "refusal.json"
    answer.write_text(json.dumps({"errors": [{"code": "11003", "title": "t", "detail": "d"}]}), "utf-8")
    assert run(["init", "--from", str(answer), "--lang", "en"]) == 2
    assert "holds no OPQIBI certificate" in capfd.readouterr().err


def test_a_file_is_replaced_only_if_the_answer_is_yes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "firm.yaml"
    target.write_text("mine", "utf-8")
    for refusal in ("n", "", "?"):
        typed(monkeypatch, refusal)
        assert run(["init", "-o", str(target)]) == 130
        assert target.read_text("utf-8") == "mine"
    typed(monkeypatch, "o", *[""] * 5)
    assert run(["init", "-o", str(target)]) == 0
    assert read_structure(target).territory == "metropolitan"


def test_interrupted_half_way_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typed(monkeypatch, "Firme", "435054481")
    assert run(["init", "-o", str(tmp_path / "firm.yaml")]) == 130
    assert list(tmp_path.iterdir()) == []


words = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=40).filter(
    str.strip
)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
money = st.none() | st.decimals(0, 10**9, places=2)
firms = st.builds(
    Structure,
    siren=st.none() | st.just("435054481"),
    name=st.none() | words,
    territory=st.none() | words,
    qualifications=st.lists(
        st.builds(
            Qualification,
            st.from_regex(r"[0-9]{4}", fullmatch=True).filter(str.isascii),
            st.none() | st.integers(1, 7),
            probationary=st.booleans(),
            granted_on=st.none() | st.dates(date(1980, 1, 1), date(1989, 12, 31)),
            renewed_on=st.lists(days, max_size=2, unique=True).map(lambda found: tuple(sorted(found))),
        ),
        unique_by=lambda item: item.code,
        max_size=5,
    ).map(tuple),
    turnovers=st.lists(
        st.builds(
            Turnover.by_base,
            st.integers(1980, 2100),
            st.fixed_dictionaries(dict.fromkeys(("engineering", "energy_audit", "france", "export"), money)),
            st.none() | words,
        ),
        unique_by=lambda item: item.year,
        max_size=5,
    ).map(tuple),
    controls=st.lists(days, max_size=3, unique=True).map(lambda found: tuple(sorted(found))),
)


@given(firms, st.sampled_from(["fr", "en"]))
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, firm: Structure, language: str
) -> None:
    path = tmp_path_factory.mktemp("firm") / "firm.yaml"
    remarks: dict[str, Message | str] = {item.code: "une remarque" for item in firm.qualifications[::2]}
    path.write_text(structure_text(firm, Language(language), remarks, tariffs=range(1, 8)), "utf-8")
    assert read_structure(path, OTHER_BODY) == firm
