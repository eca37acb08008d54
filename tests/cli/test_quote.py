"""``opqibi-fees quote``, to the letter of what users' scripts rely on."""

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules import quote as price
from tests.cli.running import ON, Outcome, asked, plain, refused

FIRST = ("quote", "-t", "1=5", "-t", "2=3", "--turnover", "800000", *ON)
CONTROL = ("quote", "--event", "control", "-t", "4=1", "-t", "1=2", "--new-tariff", "5=1", *ON)


def answer(*arguments: str, code: int = 0) -> dict[str, Any]:
    outcome = asked(*arguments, "--format", "json")
    assert (outcome.code, outcome.err) == (code, "")
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def keys(value: Any) -> Any:
    """The shape of an answer: its keys and types, sentences aside."""
    if isinstance(value, dict):
        return {key: keys(part) for key, part in value.items()}
    if isinstance(value, list):
        return [keys(part) for part in value]
    return type(value).__name__


def test_the_first_application_of_the_schedule_s_own_example() -> None:
    found = answer(*FIRST)
    assert found["subtotals"] == {
        "dossier": "86.00",
        "instruction": "1160.00",
        "brand_usage": "557.50",
        "annual_control": None,
    }
    assert [found[key] for key in ("total_excl_vat", "vat_rate", "vat", "total_incl_vat")] == [
        "1803.50",
        "0.20",
        "360.70",
        "2164.20",
    ]


def test_a_control_with_new_requests() -> None:
    found = answer(*CONTROL)
    assert found["subtotals"]["annual_control"] == "1792.50"
    assert found["subtotals"]["instruction"] is None
    assert [line["article"] for line in found["lines"]] == ["IV.1", "IV.2", "IV.2", "IV", "II.2"]
    assert [line["part"] for line in found["lines"]] == ["flat", "each", "each", "new_flat", "new_each"]


@pytest.mark.parametrize(
    ("turnover", "fee"),
    [
        ("149170000", "40000.00"),
        ("225000", "180.00"),
        ("250007.69", "200.00"),
        ("250007.70", "200.01"),
        ("0", "180.00"),
        ("350 000,50 €", "265.00"),
        ("350\N{NARROW NO-BREAK SPACE}000,50\N{NO-BREAK SPACE}€", "265.00"),
    ],
)
def test_the_brand_usage_fee(turnover: str, fee: str) -> None:
    assert answer("quote", "-t", "1=1", "--turnover", turnover, *ON)["subtotals"]["brand_usage"] == fee


def test_the_keys_and_types_of_the_contract() -> None:
    found = answer(*FIRST)
    assert list(found)[:11] == [
        "schema_version",
        "event",
        "date",
        "schedule",
        "lines",
        "subtotals",
        "total_excl_vat",
        "vat_rate",
        "vat",
        "total_incl_vat",
        "notes",
    ]
    assert (found["schema_version"], found["event"], found["date"]) == (1, "first", "2026-03-02")
    assert found["schedule"]["id"] == "bareme_2024"
    assert found["schedule"]["in_force_from"] == "2024-02-08"
    assert found["schedule"]["source"]
    instruction = found["lines"][2]
    assert {key: instruction[key] for key in ("fee", "article", "quantity", "unit_price", "amount")} == {
        "fee": "instruction",
        "article": "II.2",
        "quantity": 5,
        "unit_price": "60.00",
        "amount": "300.00",
    }
    first, second = found["lines"][-2:]
    assert (first["base"], first["rate"], first["amount"]) == ("250000.00", "0.00080", "200.00")
    assert (second["base"], second["rate"], second["amount"]) == ("550000.00", "0.00065", "357.50")
    assert all(isinstance(note, str) for note in found["notes"])


def test_a_line_of_a_tranche_is_exact_to_its_last_digit_and_floor_and_cap_say_what_they_change() -> None:
    line = answer("quote", "-t", "1=1", "--turnover", "250007.69", *ON)["lines"][-1]
    assert (line["base"], line["amount"]) == ("7.69", "0.0049985")
    floor = answer("quote", "-t", "1=1", "--turnover", "100000", *ON)["lines"][-1]
    assert (floor["article"], floor["part"], floor["amount"]) == ("III", "floor", "100.00")
    cap = answer("quote", "-t", "1=1", "--turnover", "1000000000000", *ON)["lines"][-1]
    assert (cap["article"], cap["part"]) == ("III", "cap")
    assert cap["amount"].startswith("-")


@pytest.mark.parametrize("more", [[], ["--explain"]])
@pytest.mark.parametrize("question", [FIRST, CONTROL, FIRST[:5] + ON])
def test_the_language_never_changes_json_keys_codes_nor_amounts(
    question: tuple[str, ...], more: list[str]
) -> None:
    fr, en = (answer(*question, *more, "--lang", language) for language in ("fr", "en"))
    assert keys(fr) == keys(en)

    def codes(value: Any) -> Any:
        sentences = {"label", "notes", "reason", "text", "title", "source"}
        if isinstance(value, dict):
            return {key: codes(part) for key, part in value.items() if key not in sentences}
        return [codes(part) for part in value] if isinstance(value, list) else value

    assert codes(fr) == codes(en)
    assert fr["lines"][0]["label"] != en["lines"][0]["label"]


def test_json_sentences_are_as_a_person_reads_them_and_their_values_stand_beside() -> None:
    steps = answer(*FIRST, "--explain")["steps"]
    (step,) = [one for one in steps if plain(one["text"]).startswith("Qualifications au tarif 1")]
    assert plain(step["text"]) == "Qualifications au tarif 1 : 5 × 60 € = 300 €"
    assert step["values"] | {"label": ""} == {
        "label": "",
        "quantity": 5,
        "price": "60.00",
        "amount": "300.00",
    }
    labels = [plain(line["label"]) for line in answer(*FIRST)["lines"]]
    assert "Tranche de 0 € à 250 000 €" in labels


@pytest.mark.parametrize(
    "question", [FIRST, CONTROL, ("quote", "-q", "1905:5", "-p", "1911:7", "--audit-turnover", "90000", *ON)]
)
def test_the_request_of_an_answer_asks_the_same_question_again_in_python(question: tuple[str, ...]) -> None:
    found = answer(*question, "--lang", "en")
    again = price(**found["request"]).to_dict()
    assert again["total_incl_vat"] == found["total_incl_vat"]
    assert keys(again) == keys({key: found[key] for key in again})


def test_an_option_each() -> None:
    counts = answer("quote", "--event", "renewal", "--tariff", "5=2", *ON)
    codes = answer(
        "quote", "--event", "renewal", "--qualification", "0607:5", "--probationary", "1905:5", *ON
    )
    assert counts["subtotals"] == codes["subtotals"]
    assert counts["subtotals"]["dossier"] is None
    assert codes["lines"][1]["label"].endswith("0607, 1905")
    new = answer("quote", "--event", "control", "-q", "1905:5", "--new", "0607:5", *ON)
    tariff = answer("quote", "--event", "control", "-t", "5=1", "--new-tariff", "5=1", *ON)
    assert new["total_excl_vat"] == tariff["total_excl_vat"]
    assert answer("quote", "-t", "1=000000000000005", *ON)["lines"][-1]["quantity"] == 5


@pytest.mark.parametrize(
    ("vat", "rate", "amount"),
    [
        ("reunion", "0.085", "75.31"),
        ("La Réunion", "0.085", "75.31"),
        ("20 %", "0.20", "177.20"),
        ("8,5%", "0.085", "75.31"),
        ("0.2", "0.20", "177.20"),
        ("0", "0.00", "0.00"),
        ("guyane", "0.00", "0.00"),
        ("eu", "0.00", "0.00"),
    ],
)
def test_vat_by_rate_or_territory(vat: str, rate: str, amount: str) -> None:
    found = answer("quote", "-t", "1=5", "--vat", vat, *ON)
    assert (found["vat_rate"], found["vat"]) == (rate, amount)


def test_the_day_is_today_by_default() -> None:
    before = date.today()  # noqa: DTZ011 - the user's own calendar day
    assert before <= date.fromisoformat(answer("quote", "-t", "1=1")["date"])


def test_no_turnover_no_fee_and_a_note() -> None:
    found = answer("quote", "-t", "1=5", *ON)
    assert found["subtotals"]["brand_usage"] is None
    assert (found["complete"], found["missing"]) == (False, ["brand_usage"])
    assert "non calculé" in asked("quote", "-t", "1=5", *ON).out


@pytest.mark.parametrize(
    "given",
    [
        ["-q", "1905:5", "-q", "1911:7", "--turnover", "90000"],
        ["-q", "1905:5", "-q", "1202:2", "--audit-turnover", "90000"],
        ["-t", "1=1", "--turnover", "90000", "--audit-turnover", "90000"],
    ],
)
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_undetermined_is_exit_code_3_in_every_form(given: list[str], form: str) -> None:
    outcome = asked("quote", *given, *ON, "--format", form)
    assert outcome.code == 3
    if form == "json":
        assert json.loads(outcome.out)["missing"] == ["brand_usage"]
        assert json.loads(outcome.out)["subtotals"]["brand_usage"] is None
    else:
        assert "ndéterminé" in outcome.out


def test_energy_audits_alone_are_priced_on_their_own_turnover_and_it_says_why() -> None:
    found = answer("quote", "-q", "1905:5", "-q", "1911:7", "--audit-turnover", "90000", *ON)
    assert found["turnover_base"]["kind"] == "energy_audit"
    assert any("« audit énergétique »" in plain(note) for note in found["notes"])


def test_an_unknown_tariff_stops_with_the_four_ways() -> None:
    said = refused("quote", "-q", "1905", "--turnover", "100000")
    assert "1905" in said
    assert said.endswith("--qualification CODE[:T].")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Aucune qualification"),
        (["-t", "1=0"], "Aucune qualification"),
        (["-t", ""], "« » n’est pas TARIF=NOMBRE"),
        (["-t", "1"], "« 1 » n’est pas TARIF=NOMBRE"),
        (["-t", "=1"], "n’est pas TARIF=NOMBRE"),
        (["-t", "1=x"], "n’est pas TARIF=NOMBRE"),
        (["-t", "1=²"], "n’est pas TARIF=NOMBRE"),
        (["-t", "1=1", "-t", "1=2"], "le tarif 1 est donné deux fois"),
        (["-t", "0=1"], "ses codes : 1, 2, 3, 4, 5, 6, 7"),
        (["-t", "8=1"], "ses codes : 1, 2, 3, 4, 5, 6, 7"),
        (["-t", "x=1"], "ses codes : 1, 2, 3, 4, 5, 6, 7"),
        (["-t", "1=-1"], "de 0 à 1000"),
        (["-t", "1=1000000000"], "de 0 à 1000"),
        (["-t", "1=" + "9" * 9000], "de 0 à 1000"),
        (["-q", ""], "n’est pas une qualification"),
        (["-q", "607:5"], "n’est pas une qualification"),
        (["-q", "1905:5", "-p", "1905:5"], "1905 est donnée deux fois"),
        (["-q", "9999"], "Absent de la nomenclature"),
        (["-t", "1=1", "--new", "1905:5"], "pas pour cet événement (première demande)"),
        (["-t", "1=1", "--turnover", "-5"], "négatif"),
        (["-t", "1=1", "--turnover", "1000000000000000000"], "vérifiez l’unité"),
        (["-t", "1=1", "--turnover", "1e6"], "n’est pas un montant"),
        (["-t", "1=1", "--turnover", "1,234.56"], "ambigu"),
        (["-t", "1=1", "--turnover", "12,345"], "ambigu"),
        (["-t", "1=1", "--audit-turnover", ""], "n’est pas un montant"),
        (["-t", "1=1", "--date", "0000-00-00"], "n’est pas un jour"),
        (["-t", "1=1", "--date", ""], "n’est pas un jour"),
        (["-t", "1=1", "--date", "2026-02-30"], "n’est pas un jour"),
        (["-t", "1=1", "--date", "31/02/2026"], "n’est pas un jour"),
        (["-t", "1=1", "--date", "20260302"], "n’est pas un jour"),
        (["-t", "1=1", "--date", "2026-W10-1"], "n’est pas un jour"),
        (["-t", "1=1", "--date", "2024-02-07"], "le premier connu est du 8 févr. 2024"),
        (["-t", "1=1", "--date", "0001-01-01"], "le premier connu est du 8 févr. 2024"),
        (["-t", "1=1", "--event", "premiere"], "first, renewal, control"),
        (["-t", "1=1", "--event", ""], "first, renewal, control"),
        (["-t", "1=1", "--vat", "Atlantide"], "metropolitan, guadeloupe"),
        (["-t", "1=1", "--vat", ""], "metropolitan, guadeloupe"),
        (["-t", "1=1", "--vat", "20"], "Écrivez 20 % ou 0.20"),
        (["-t", "1=1", "--format", "docx"], "table, json, csv, markdown"),
        (["-t", "1=1", "--format", ""], "table, json, csv, markdown"),
        (["-t", "1=1", "--structure", "absent.yaml"], "absent.yaml: ne peut être ouvert : ce fichier"),
        (["-t", "1=1", "--tables", "absent"], "absent n’est pas un dossier"),
        (["-t", "1=1", "--tables", ""], "--tables : vide"),
    ],
)
def test_one_clear_message_each(arguments: list[str], said: str) -> None:
    found = refused("quote", *arguments)
    assert said in found.replace("«  »", "« »")
    assert len(found.splitlines()) == 1


def test_errors_are_said_in_english_too() -> None:
    assert refused("quote", "-t", "1=-1", "--lang", "en") == (
        "tariffs: -1 qualifications at tariff 1; from 0 to 1000 are accepted. "
        "Options: --qualification CODE[:T], --tariff T=N."
    )


# ——— The forms ———————————————————————————————————————————————————————————————————————————


def rows(outcome: Outcome, delimiter: str) -> list[list[str]]:
    assert outcome.out.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    assert "\n" not in outcome.out.replace("\r\n", "")
    return list(csv.reader(io.StringIO(plain(outcome.out[1:]), newline=""), delimiter=delimiter))


def test_csv_opens_right_in_france() -> None:
    found = rows(asked(*FIRST, "--format", "csv"), ";")
    assert {len(row) for row in found} == {5}
    assert found[3] == ["II.2", "Qualifications au tarif 1", "5", "60,00", "300,00"]
    assert found[-1] == ["", "Total TTC", "", "", "2164,20"]


def test_csv_opens_right_in_english() -> None:
    found = rows(asked(*FIRST, "--format", "csv", "--lang", "en"), ",")
    assert found[3] == ["II.2", "Qualifications at tariff 1", "5", "60.00", "300.00"]


def test_the_notes_of_a_csv_are_said_on_standard_error() -> None:
    outcome = asked("quote", "-q", "1905:5", "--turnover", "90000", *ON, "--format", "csv")
    assert "audit énergétique" in outcome.err
    assert "audit énergétique" not in outcome.out


def test_markdown() -> None:
    out = asked(*FIRST, "--format", "markdown", "--lang", "en").out
    assert "| II.2 | Qualifications at tariff 1 | 5 | €60.00 | €300.00 |" in out
    assert "**€2,164.20**" in out


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("explain", [[], ["--explain"]])
@pytest.mark.parametrize(
    "question",
    [
        ["-t", "1=5", "-t", "2=3", "--turnover", "800000"],
        ["-t", "1=1000", "-t", "5=1000", "-t", "7=1000", "--turnover", "1000000000000"],
        ["-t", "1=5", "--turnover", "999999999999.99"],
        ["--event", "renewal", "-t", "6=1", "--turnover", "250007.69"],
        ["--event", "control", "-t", "4=1", "-t", "1=2", "--new-tariff", "5=1"],
        ["--event", "control", *(word for code in range(1000, 1100) for word in ("-q", f"{code}:7"))],
        ["-q", "1905:5", "--turnover", "1000000"],
        ["-t", "1=1", "--vat", "eu"],
    ],
    ids=lambda words: " ".join(words)[:50],
)
def test_a_table_is_never_wider_than_80_columns(
    question: list[str], explain: list[str], language: str
) -> None:
    outcome = asked("quote", *question, *explain, *ON, "--lang", language)
    assert outcome.code in {0, 3}
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert not re.search(r"[ \t]$", outcome.out, re.MULTILINE)


@pytest.mark.parametrize("question", [FIRST, CONTROL], ids=["first", "control"])
@pytest.mark.parametrize(
    ("form", "starts"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")]
)
def test_a_file_of_another_kind(tmp_path: Path, question: tuple[str, ...], form: str, starts: bytes) -> None:
    path = tmp_path / f"devis.{form}"
    assert asked(*question, "-o", str(path)) == (0, "", "")
    assert path.read_bytes().startswith(starts)


def test_the_calculation_as_one_would_redo_it() -> None:
    out = asked(*FIRST, "--explain", "--lang", "en").out
    for step in (
        "II.2     Qualifications at tariff 2: 3 × €120 = €360",
        "III      Tranche from €250,000 to €800,000: €550,000 × 0.65‰ = €357.50",
        "III      Sum of the tranches: €200 + €357.50 = €557.50",
        "Total excl. VAT: €86 + €1,160 + €557.50 = €1,803.50",
    ):
        assert step in out


# ——— The structure file ——————————————————————————————————————————————————————————————————

FIRM = """\
siren: "435054481"
territory: reunion
qualifications:
  - {code: "1905", tariff: 5}
  - {code: "0607", tariff: 5, probationary: true}
turnovers:
  - {year: 2024, engineering: "800 000", energy_audit: "90 000,00 €", document: liasse fiscale 2024}
  - {year: 2027, energy_audit: "1"}
"""


@pytest.fixture
def firm(tmp_path: Path) -> str:
    path = tmp_path / "bureau d’études (1).yaml"
    path.write_text(FIRM, "utf-8")
    return str(path)


def test_a_structure_file_stands_for_the_options(firm: str) -> None:
    found = answer("quote", "--structure", firm, *ON)
    assert found["turnover_base"] | {"reason": ""} == {
        "kind": "energy_audit",
        "turnover": "90000.00",
        "reason": "",
        "year": 2024,
        "closed_on": "2024-12-31",
        "document": "liasse fiscale 2024",
    }
    assert found["vat_rate"] == "0.085"
    assert found["subtotals"]["instruction"] == "2600.00"
    assert Decimal(found["total_excl_vat"]) == Decimal("2866.00")


def test_an_option_beside_the_file_takes_precedence(firm: str) -> None:
    found = answer("quote", "--structure", firm, "-t", "1=1", "--turnover", "1000000", "--vat", "20 %", *ON)
    assert found["vat_rate"] == "0.20"
    assert found["subtotals"]["instruction"] == "560.00"
    assert found["turnover_base"]["turnover"] == "1000000.00"


def test_a_wrong_structure_file_is_refused_with_all_its_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "firm.yaml"
    path.write_text(FIRM.replace("435054481", "12").replace("tariff: 5}", "tarif: 5}"), "utf-8")
    said = refused("quote", "--structure", str(path), *ON).splitlines()
    assert [line.removeprefix(f"{path}: ").split(":")[0].strip() for line in said] == [
        "ligne 1, colonne 1, $.siren",
        "ligne 4, colonne 20, $.qualifications[0].tarif",
    ]


# ——— Schedules of other shapes ————————————————————————————————————————————————————————————

EDITIONS = Path(__file__).parents[1] / "editions"


@pytest.mark.parametrize(
    ("edition", "words", "excl_vat", "step"),
    [
        # 90 + 520 + 63 + 190, the floor: 100 000 × 0,00085 = 85.
        (
            "later",
            ("-t", "1=1", "--turnover", "100000", "--date", "2027-03-02"),
            "863.00",
            "€85 is under the floor: €190",
        ),
        # 500 + 2 × 60 + 180 + an audit of 150.
        (
            "more_fees",
            ("--event", "renewal", "-t", "1=2", "--turnover", "100000", *ON),
            "950.00",
            "1 × €150 = €150",
        ),
        # 125 + 2 × 15 + two visits at 10.
        ("more_fees", ("--event", "control", "-t", "1=2", *ON), "175.00", "2 × €10 = €20"),
        # 50 + 2 × 100 + 400 000 × 0,001.
        (
            "other_body",
            ("--event", "entree", "-t", "1=2", "--turnover", "france=500000", *ON),
            "650.00",
            "€400,000 × 1.00‰ = €400",
        ),
        ("other_body", ("--event", "duplicata", "-t", "2=1", *ON), "18.50", "1 × €18.50 = €18.50"),
        # 125 + 2 × 15, under articles that repeat.
        ("repeated", ("--event", "control", "-t", "1=2", *ON), "155.00", "2 × €15 = €30"),
    ],
)
def test_any_declared_fee_in_every_form(
    edition: str, words: tuple[str, ...], excl_vat: str, step: str
) -> None:
    question = ("quote", *words, "--tables", str(EDITIONS / edition), "--lang", "en")
    assert answer(*question)["total_excl_vat"] == excl_vat
    assert step in asked(*question, "--explain").out
    assert step in asked(*question, "--explain", "--format", "markdown").out
    (total,) = [row for row in rows(asked(*question, "--format", "csv"), ",") if row[1] == "Total excl. VAT"]
    assert total[-1] == excl_vat


def test_an_event_or_a_turnover_that_is_not_declared_is_refused_with_those_that_are() -> None:
    other = ("quote", "-t", "1=1", "--tables", str(EDITIONS / "other_body"), *ON)
    assert "entree, reprise, suivi, duplicata" in refused(*other, "--event", "first")
    assert "france, export" in refused(*other, "--turnover", "engineering=5")
    twice = refused(*other, "--turnover", "5", "--turnover", "france=6")
    assert "--turnover" in twice
