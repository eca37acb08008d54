"""``check-certificates`` on lists and folders: a line each, none lost; the page of a tender; every form."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from opqibi_rules.desk.answers import schema_files
from tests.cli.running import Outcome, asked, refused

ON = "2024-06-03"
EN = {"OPQIBI_LANG": "en"}


def certificate(*codes: str, issued: str = "2024-03-01", until: str = "2026-03-01", **more: Any) -> Any:
    data = {
        "numero_certificat": "24 03 0042",
        "url": "https://www.opqibi.com/fiche/42",
        "date_delivrance_certificat": issued,
        "duree_validite_certificat": "valable un an",
        "assurances": "X",
        "qualifications": [
            {"nom": f"N{code}", "code_qualification": code, "definition": "d", "rge": False} for code in codes
        ],
        "date_validite_qualifications": until,
        "qualifications_probatoires": [],
        "date_validite_qualifications_probatoires": None,
    }
    return {"data": data | more, "links": {}, "meta": {}}


def save(folder: Path, siren: str, answer: Any, *, fetched_on: str = ON, status: int = 200) -> None:
    folder.mkdir(exist_ok=True)
    if "data" in answer:
        answer["data"]["numero_certificat"] = f"24 03 {siren[:4]}"
    saved = {"fetched_on": fetched_on, "siren": siren, "http_status": status, "answer": answer}
    (folder / f"{siren}.json").write_text(json.dumps(saved), "utf-8")


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Three valid firms, one over, one without a certificate."""
    folder = tmp_path / "answers"
    save(folder, "732829320", certificate("1905", "1326"))
    save(folder, "552100554", certificate("1202", "0302", issued="2023-07-01", until="2025-07-01"))
    save(folder, "443061841", certificate("1407"))
    save(folder, "120027016", certificate("1905", issued="2021-01-01", until="2023-01-01"))
    unknown = {"errors": [{"code": "11003", "title": "Entité non trouvée"}]}
    save(folder, "130025265", unknown, status=404)
    return folder


@pytest.fixture
def three(tmp_path: Path) -> Path:
    path = tmp_path / "three.csv"
    path.write_text(
        "siren;nom;groupement\n732829320;Alpha;Ensemble\n552100554;Beta;Ensemble\n443061841;Gamma;Ensemble\n",
        "utf-8",
    )
    return path


def run(*arguments: object) -> Outcome:
    return asked("check-certificates", *map(str, arguments), "--on", ON, env=EN)


def as_json(*arguments: object) -> Any:
    outcome = run(*arguments, "--format", "json")
    assert outcome.code in {0, 1, 2, 3}, outcome
    return json.loads(outcome.out)


def test_a_folder_of_answers(answers: Path) -> None:
    outcome = run(answers, "--format", "json")
    data = json.loads(outcome.out)
    assert outcome.code == 1
    assert {one["siren"]: one["verdict"] for one in data["firms"]} == {
        "732829320": "valid",
        "552100554": "valid",
        "443061841": "valid",
        "120027016": "not_valid",
        "130025265": "not_valid",
    }
    assert data["counts"] == {"valid": 3, "not_valid": 2}


def test_what_ends_within_some_days(answers: Path) -> None:
    """Beta's certificate was issued on 1 July 2023: its last day is 1 July 2024, 28 days after 3 June."""
    for days, expected in ((27, []), (28, [("552100554", "2024-07-01", "certificate")])):
        data = as_json(answers, "--within", days)
        assert [(one["siren"], one["day"], one["kind"]) for one in data["ending"]] == expected
    assert as_json(answers, "--ends-within", 28)["ending"] == as_json(answers, "--within", 28)["ending"]


def test_a_firm_that_cannot_be_known_keeps_its_line_and_takes_nothing_from_the_others(
    tmp_path: Path, answers: Path
) -> None:
    (answers / "552100554.json").write_text("{", "utf-8")
    path = tmp_path / "list.csv"
    path.write_text("siren\n732829320\n12\n552100554\n987654324\n", "utf-8")
    outcome = run(path, "--answers", answers, "--format", "json")
    firms = json.loads(outcome.out)["firms"]
    assert [one["verdict"] for one in firms] == ["valid", "unreadable", "unreadable", "undetermined"]
    assert [one["line"] for one in firms] == [2, 3, 4, 5]
    assert outcome.code == 2
    assert "none was asked for" in firms[3]["unknown"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [("732829320", 0), ("732829320\n987654324", 3), ("130025265\n987654324", 1), ("130025265\n1", 2)],
)
def test_the_exit_code_is_the_worst(tmp_path: Path, answers: Path, rows: str, code: int) -> None:
    (tmp_path / "list.csv").write_text(f"siren\n{rows}\n", "utf-8")
    assert run(tmp_path / "list.csv", "--answers", answers).code == code


def test_what_changed_since_an_earlier_run(tmp_path: Path, answers: Path) -> None:
    before = tmp_path / "before.json"
    assert run(answers, "-o", before).code == 1
    assert as_json(answers, "--since", before)["changes"] == []
    save(answers, "732829320", certificate("1905"))
    (answers / "443061841.json").unlink()
    data = as_json(answers, "--since", before)
    assert data["since"] == ON
    assert [(one["siren"], one["kind"]) for one in data["changes"]] == [
        ("732829320", "lost"),
        ("443061841", "removed"),
    ]


@pytest.mark.parametrize("content", ["{}", "[]", '{"on": "2024-06-03", "firms": [{}]}', "x"])
def test_what_is_no_earlier_run_is_refused(tmp_path: Path, answers: Path, content: str) -> None:
    (tmp_path / "before.json").write_text(content, "utf-8")
    assert "before.json" in refused(
        "check-certificates", str(answers), "--since", str(tmp_path / "before.json")
    )


def test_one_certificate_for_two_firms_is_nobody_s(tmp_path: Path) -> None:
    path, answer = tmp_path / "list.csv", tmp_path / "one.json"
    answer.write_text(json.dumps(certificate("1905")), "utf-8")
    path.write_text("siren;answer\n732829320;one.json\n552100554;one.json\n", "utf-8")
    outcome = run(path, "--requires", "1905", "--consortium", "A", "--format", "json")
    data = json.loads(outcome.out)
    assert (outcome.code, [one["verdict"] for one in data["firms"]]) == (3, ["undetermined"] * 2)
    assert "552100554" in data["firms"][0]["unknown"]
    path.write_text("siren;answer\n732829320;one.json\n732829320;one.json\n", "utf-8")
    assert run(path, "--requires", "1905").code == 0


FIVE = [word for code in ("19.05", "1326", "1202", "0302", "1407") for word in ("--requires", code)]


def test_three_firms_that_together_hold_five_codes_meet_the_tender(answers: Path, three: Path) -> None:
    outcome = run(three, "--answers", answers, *FIVE, "--format", "markdown")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "# What Ensemble brings"
    matrix = lines[lines.index("| Required | Alpha | Beta | Gamma |") + 2 :][:5]
    assert matrix == [
        "| 1905 | met (1905) | unmet | unmet |",
        "| 1326 | met (1326) | unmet | unmet |",
        "| 1202 | unmet | met (1202) | unmet |",
        "| 0302 | unmet | met (0302) | unmet |",
        "| 1407 | unmet | unmet | met (1407) |",
    ]
    assert "R2142-25" in outcome.out
    assert "https://www.opqibi.com/fiche/42" in outcome.out


def test_the_same_three_each_by_itself_do_not(answers: Path, three: Path) -> None:
    three.write_text(three.read_text("utf-8").replace(";Ensemble", ";"), "utf-8")
    outcome = run(three, "--answers", answers, *FIVE, "--format", "json")
    assert (outcome.code, [one["verdict"] for one in json.loads(outcome.out)["candidates"]]) == (
        1,
        ["unmet"] * 3,
    )
    together = run(three, "--answers", answers, *FIVE, "--consortium", "Ensemble")
    assert together.code == 0


def test_a_requirements_file_and_its_page(tmp_path: Path, answers: Path, three: Path) -> None:
    (tmp_path / "tender.yaml").write_text(
        "tender: Marché 2026-042\nbuyer: Ville d’Exemple\n"
        "requirements: [1905, {codes: 2008, or_equivalent: [Qualibat 8731]}]",
        "utf-8",
    )
    page = tmp_path / "page.pdf"
    outcome = run(three, "--answers", answers, "--requirements", tmp_path / "tender.yaml", "-o", page)
    assert outcome.code == 3
    reader = pypdf.PdfReader(page)
    text = " ".join("\n".join(one.extract_text() for one in reader.pages).split())
    assert len(reader.pages) == 1
    for said in ("Marché 2026-042", "Ville d’Exemple", "Qualibat 8731", "R2142-25", "24 03 7328"):
        assert said in text


def test_several_candidates_each_on_a_page(tmp_path: Path, answers: Path) -> None:
    page = tmp_path / "page.pdf"
    assert run(answers, "--requires", "1905", "-o", page).code == 1
    assert len(pypdf.PdfReader(page).pages) == 6  # who they are, then the five


def test_what_subcontractors_hold_counts_as_the_file_says(tmp_path: Path, answers: Path) -> None:
    path, tender = tmp_path / "list.csv", tmp_path / "tender.yaml"
    path.write_text("siren;groupement;rôle\n732829320;A;mandataire\n443061841;A;sous-traitant\n", "utf-8")
    for said, code in (("", 3), ("subcontractors: true", 0), ("subcontractors: false", 1)):
        tender.write_text(f"requirements: [1905, 1407]\n{said}", "utf-8")
        assert run(path, "--answers", answers, "--requirements", tender).code == code


def test_csv_has_a_line_a_firm(answers: Path) -> None:
    rows = list(csv.reader(io.StringIO(run(answers, "--format", "csv").out.removeprefix("\ufeff"))))
    assert len(rows) == 6
    first = dict(zip(rows[0], rows[4], strict=True))
    assert (first["SIREN"], first["Verdict"], first["Ends"]) == ("552100554", "valid", "2024-07-01")
    assert first["Valid qualifications"] == "1202 0302"


def test_an_answer_that_nobody_tied_to_a_firm_is_told_in_each_form(tmp_path: Path) -> None:
    (tmp_path / "bare.json").write_text(json.dumps(certificate("1905")), "utf-8")
    said = "The answer names no firm; give the SIREN you asked for."
    for form in ("table", "csv", "markdown", "json"):
        found = run(tmp_path, "--format", form)
        assert found.code == 0
        assert said in " ".join(found.out.split()), form


def test_a_workbook_has_a_sheet_for_each_table(tmp_path: Path, answers: Path) -> None:
    path = tmp_path / "run.xlsx"
    run(answers, "--within", "90", "--requires", "1905", "-o", path)
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Tender", "Firms", "Ends within 90 days", "Could not be known", "Not valid"]
    firms, tender = (book.get_sheet_by_name(name).to_python() for name in ("Firms", "Tender"))
    assert len(firms) == 6
    verdicts, statuses = firms[0].index("Verdict"), tender[0].index("For the candidate")
    assert {row[verdicts] for row in firms[1:]} == {"VALID", "NOT VALID"}  # in words; a CSV has the codes
    assert {row[statuses] for row in tender[1:]} == {"met", "unmet"}


def test_the_ends_as_a_calendar(tmp_path: Path, answers: Path) -> None:
    def days(*more: str) -> list[tuple[str, date]]:
        path = tmp_path / "ends.ics"
        run(answers, *more, "-o", path)
        events = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
        return [(str(event["uid"]), event.decoded("dtstart")) for event in events]

    assert days("--within", "30") == [("552100554.certificate@opqibi-rules", date(2024, 7, 1))]
    assert len(days()) == 6  # a certificate and a list of qualifications for each of the three


def test_the_json_is_as_its_schema_says(answers: Path, three: Path) -> None:
    import jsonschema

    (schema,) = [
        json.loads(text) for path, text in schema_files().items() if path.name.startswith("firms-check")
    ]
    validator = jsonschema.Draft202012Validator(schema)
    for data in (as_json(answers, "--within", 400), as_json(three, "--answers", answers, *FIVE)):
        validator.validate(data)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list.csv",), "--answers"),
        (("answers", "--answers", "answers"), "folder of answers"),
        (("list.csv", "--answers", "answers", "--context", "x"), "--recipient"),
        (
            ("list.csv", "--answers", "answers", "--requirements", "t.yaml", "--requires", "1905"),
            "--requirements",
        ),
        (("list.csv", "--answers", "answers", "--requires", "19O5"), "four digits"),
        (("none.csv", "--answers", "answers"), "none.csv"),
        (("list.csv", "--answers", "answers", "-o", "answers/x.json"), "already reads"),
        (("answers", "-o", "answers/x.json"), "already reads"),
    ],
)
def test_bad_usage_is_told(
    tmp_path: Path, answers: Path, arguments: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("siren\n732829320\n", "utf-8")
    outcome = run(*arguments)
    assert outcome.code == 2
    assert told in outcome.err


def test_a_terminal_reads_who_is_valid(answers: Path) -> None:
    outcome = run(answers, "--within", "30")
    assert "Ends within 30 days" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def named(folder: Path, name: str, answer: Any, *, fetched_on: str = ON) -> None:
    """An answer about Alpha, under a name of its own."""
    save(folder, "732829320", answer, fetched_on=fetched_on)
    (folder / "732829320.json").rename(folder / name)


def test_two_answers_about_one_firm_in_a_folder(tmp_path: Path) -> None:
    """Of one day they contradict each other; of two, the latest speaks: it no longer holds 1326."""
    folder = tmp_path / "two"
    named(folder, "a.json", certificate("1905", "1326"))
    named(folder, "b.json", certificate("1905"))
    assert run(folder, "--requires", "1326", "--consortium", "G").code == 3
    assert run(folder).code == 3
    one_by_one = asked("check-certificate", str(folder), "--on", ON, env=EN)
    assert one_by_one.code == 3
    assert "do not say the same" in " ".join(one_by_one.out.split())

    named(folder, "a.json", certificate("1905", "1326"), fetched_on="2024-04-02")
    assert run(folder, "--requires", "1326", "--consortium", "G").code == 1
    assert run(folder, "--requires", "1905", "--consortium", "G").code == 0
    assert "is set aside" in " ".join(run(folder).out.split())
    one_by_one = asked("check-certificate", str(folder), "--on", ON, "--format", "json", env=EN)
    assert [one["verdict"] for one in json.loads(one_by_one.out)] == ["undetermined", "valid"]


def test_a_firm_listed_twice_with_two_answers(tmp_path: Path, answers: Path) -> None:
    named(tmp_path / "other", "x.json", certificate("1407"))
    path = tmp_path / "list.csv"
    path.write_text(
        "siren;groupement;réponse\n732829320;G;answers/732829320.json\n732829320;G;other/x.json\n", "utf-8"
    )
    assert run(path, "--answers", answers, "--requires", "1905", "--requires", "1407").code == 3


def test_one_file_given_for_two_firms(tmp_path: Path, answers: Path) -> None:
    body = certificate("1905", numero_certificat=None)
    (tmp_path / "one.json").write_text(json.dumps(body), "utf-8")
    path = tmp_path / "list.csv"
    path.write_text("siren;réponse\n732829320;one.json\n552100554;one.json\n", "utf-8")
    assert run(path, "--answers", answers, "--requires", "1905").code == 3


def test_a_page_says_which_code_is_unknown(tmp_path: Path, answers: Path, three: Path) -> None:
    tender = tmp_path / "tender.yaml"
    tender.write_text("requirements: [1905, 1999]", "utf-8")
    outcome = run(three, "--answers", answers, "--requirements", tender)
    assert outcome.code == 1
    assert "1999 is in no table at hand" in outcome.out
    (candidate,) = as_json(three, "--answers", answers, "--requirements", tender)["candidates"]
    assert [one["code"] for one in candidate["warnings"]] == ["code-unknown"]


def test_a_line_that_names_no_answer_keeps_its_place_beside_those_that_do(tmp_path: Path) -> None:
    """Without a folder of answers: the others are judged, and it says why it is not."""
    save(tmp_path, "732829320", certificate("1905"))
    path = tmp_path / "list.csv"
    path.write_text("siren;réponse\n732829320;732829320.json\n552100554;\n", "utf-8")
    outcome, found = run(path), as_json(path)
    assert outcome.code == 3
    assert [one["verdict"] for one in found["firms"]] == ["valid", "undetermined"]
    assert "No answer about it is stored" in found["firms"][1]["reason"]
    path.write_text("siren;réponse\n732829320;\n", "utf-8")
    assert "--answers: needed" in refused("check-certificates", str(path), "--on", ON, env=EN)
