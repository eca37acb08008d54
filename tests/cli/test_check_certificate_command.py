"""``check-certificate`` as its users call it: words, forms and exit codes of the contract."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pypdf
import pytest

from opqibi_rules.cli.main import run

ANSWERS = Path(__file__).parent.parent / "answers"
PRINTED = str(ANSWERS / "v2_as_printed.txt")
V3 = str(ANSWERS / "v3_two_lists.json")


def call(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["check-certificate", *arguments, *([] if "--lang" in arguments else ["--lang", "en"])])
    out, err = capfd.readouterr()
    return code, out, err


def as_json(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code, out, _ = call(capfd, *arguments, "--format", "json")
    return code, json.loads(out)


@pytest.fixture
def error(tmp_path: Path) -> Any:
    def saved(*codes: str) -> str:
        path = tmp_path / f"{'-'.join(codes)}.json"
        path.write_text(json.dumps({"errors": [{"code": code, "title": "Titre"} for code in codes]}), "utf-8")
        return str(path)

    return saved


@pytest.mark.parametrize(
    ("on", "code", "verdict", "certificate", "full", "probationary"),
    [
        ("2017-06-01", 0, "valid", "valid", "valid", "expired"),
        ("2017-12-01", 0, "valid", "valid", "valid", "expired"),
        ("2018-03-01", 1, "not_valid", "not_renewed", "not_renewed", "expired"),
        ("2019-01-01", 1, "not_valid", "expired", "expired", "expired"),
        ("2016-01-01", 1, "not_valid", "not_yet_valid", "not_yet_valid", "not_yet_valid"),
    ],
)
def test_a_certificate_as_printed_over_its_life(
    capfd: pytest.CaptureFixture[str],
    on: str,
    code: int,
    verdict: str,
    certificate: str,
    full: str,
    probationary: str,
) -> None:
    exit_code, data = as_json(capfd, PRINTED, "--on", on)
    assert (exit_code, data["verdict"], data["certificate"]["status"]) == (code, verdict, certificate)
    assert {held["status"] for held in data["qualifications"] if not held["probationary"]} == {full}
    assert {held["status"] for held in data["qualifications"] if held["probationary"]} == {probationary}
    assert (on == "2017-12-01") == ("last-day" in [warning["code"] for warning in data["warnings"]])


def test_a_requirement_met_by_the_full_qualification(capfd: pytest.CaptureFixture[str]) -> None:
    code, data = as_json(capfd, PRINTED, "--on", "2017-06-01", "--requires", "0316", "--requires-rge", "0901")
    assert code == 0
    assert [(one["code"], one["status"], one["by"]) for one in data["requirements"]] == [
        ("0316", "met", "0316"),
        ("0901", "met", "0901"),
    ]


def test_a_probationary_one_is_accepted_where_it_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    asked = (V3, "--on", "2024-06-01", "--requires", "0317")
    assert call(capfd, *asked)[0] == 1
    assert call(capfd, *asked, "--accept-probationary")[0] == 0
    assert call(capfd, V3, "--on", "2024-06-01", "--requires-rge", "1202")[0] == 3


@pytest.mark.parametrize(("code", "exit_code"), [("11003", 1), ("11999", 3), ("00429", 3)])
def test_errors_of_the_api(capfd: pytest.CaptureFixture[str], error: Any, code: str, exit_code: int) -> None:
    given, data = as_json(capfd, error(code), "--on", "2024-06-01")
    assert (given, data["certificate"]) == (exit_code, None)
    assert data["verdict"] == {1: "not_valid", 3: "undetermined"}[exit_code]


def test_several_files_end_with_the_worst(
    capfd: pytest.CaptureFixture[str], error: Any, tmp_path: Path
) -> None:
    good, bad, unknown = V3, error("11003"), error("00429")
    day = ("--on", "2024-06-01")
    assert call(capfd, good, good, *day)[0] == 0
    assert call(capfd, good, unknown, *day)[0] == 3
    assert call(capfd, good, unknown, bad, *day)[0] == 1
    code, out, err = call(capfd, good, unknown, bad, str(tmp_path / "absent.json"), *day)
    assert code == 2
    assert "absent.json" in err
    assert "Summary" in out
    assert "UNREADABLE" in out


def test_several_files_as_json_are_a_list(capfd: pytest.CaptureFixture[str], error: Any) -> None:
    code, data = as_json(capfd, V3, error("11003"), __file__, "--on", "2024-06-01")
    assert code == 2
    assert [item.get("verdict") for item in data] == ["valid", "not_valid", None]
    assert "not JSON" in data[2]["error"]
    assert all(item["schema_version"] == 1 for item in data)


def test_a_folder_and_a_list_in_one_file(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = json.loads(Path(V3).read_text("utf-8"))
    (tmp_path / "list.json").write_text(json.dumps([body, body]), "utf-8")
    code, data = as_json(capfd, str(tmp_path), "--on", "2024-06-01")
    assert (code, len(data)) == (0, 2)
    (tmp_path / "empty").mkdir()
    assert call(capfd, str(tmp_path / "empty"))[0] == 2


def test_a_file_whose_name_is_no_text(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    named = os.fsdecode(os.fsencode(tmp_path) + b"/r\xff.json")
    Path(named).write_bytes(Path(V3).read_bytes())
    assert call(capfd, named, "--on", "2024-06-01")[0] == 0
    assert as_json(capfd, named, "--on", "2024-06-01")[0] == 0
    assert call(capfd, str(tmp_path), __file__, "--format", "json")[0] == 2


def test_the_standard_input(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path(V3).read_bytes())))
    code, data = as_json(capfd, "-", "--on", "2024-06-01")
    assert (code, data["source"]) == (0, "-")


def test_the_firm(capfd: pytest.CaptureFixture[str]) -> None:
    day = ("--on", "2024-06-01")
    assert "siren-asked" in {one["code"] for one in as_json(capfd, V3, *day)[1]["warnings"]}
    code, data = as_json(capfd, V3, *day, "--siren", "732 829 320")
    assert (code, data["siren"]) == (0, "732829320")
    assert as_json(capfd, PRINTED, "--on", "2017-06-01", "--siren", "434717997")[0] == 3
    for bad in ("000000000", "1234", "siren"):
        exit_code, out, err = call(capfd, V3, *day, "--siren", bad)
        assert (exit_code, out) == (2, "")
        assert "SIREN" in err


def test_the_verdict_as_pages(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "verdict.pdf"
    code, _, _ = call(capfd, V3, "--on", "2024-06-01", "--siren", "434717997", "-o", str(out))
    (alone,) = [page.extract_text() for page in pypdf.PdfReader(out).pages][:1]
    assert ("NOT VALID" in alone) is (code == 1)
    assert "434717997" in alone
    call(capfd, V3, PRINTED, "--on", "2024-06-01", "-o", str(out))
    assert "Summary" in pypdf.PdfReader(out).pages[0].extract_text()


@pytest.mark.parametrize(
    "arguments",
    [
        (V3, "--on", "01/06/2024"),
        (V3, "--requires", "19O5"),
        (V3, "--format", "ics"),
        (),
        (V3, "--lang", "de"),
        ("absent",),
    ],
)
def test_bad_usage_is_one_message_and_exit_2(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, err = call(capfd, *arguments)
    assert (code, out) == (2, "")
    assert err.strip()
    assert "Traceback" not in err


def test_csv_has_one_line_for_each_part(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capfd, V3, PRINTED, "--on", "2024-06-01", "--requires", "1905", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
    parts = [(row["Answer"] == V3, row["Part"], row["Code"], row["Status"]) for row in rows]
    assert (True, "verdict", "", "valid") in parts
    assert (True, "qualification", "1905", "valid") in parts
    assert (False, "certificate", "16 12 0042", "expired") in parts
    assert (False, "requirement", "1905", "unmet") in parts


def test_csv_keeps_errors_and_what_cannot_be_read(capfd: pytest.CaptureFixture[str], error: Any) -> None:
    _, out, _ = call(capfd, error("00429"), __file__, "--on", "2024-06-01", "--format", "csv")
    statuses = [row["Status"] for row in csv.DictReader(io.StringIO(out.lstrip("\ufeff")))]
    assert (statuses[0], statuses[-1]) == ("undetermined", "unreadable")


def test_passe_marche_has_its_three_fields_and_the_verdict(
    capfd: pytest.CaptureFixture[str], error: Any
) -> None:
    code, out, _ = call(capfd, V3, "--on", "2025-06-01", "--requires", "1905", "--format", "passe-marche")
    data = json.loads(out)
    assert code == 1
    assert data["url"] == "https://www.opqibi.com/fiche/4567"
    assert (data["date_delivrance_certificat"], data["duree_validite_certificat"]) == (
        "2024-03-01",
        "valable un an",
    )
    assert (data["verdict"], data["certificate_status"], data["on"]) == (
        "not_valid",
        "not_renewed",
        "2025-06-01",
    )
    assert data["requirements"] == [{"code": "1905", "status": "unmet", "by": "1905"}]
    _, out, _ = call(capfd, error("00429"), "--format", "passe-marche")
    assert (json.loads(out)["url"], json.loads(out)["verdict"]) == (None, "undetermined")
    days = ("--on", "2024-09-01", "--fetched", "2024-06-01", "--siren", "732829320")
    _, out, _ = call(capfd, V3, *days, "--format", "passe-marche")
    assert (json.loads(out)["verdict"], json.loads(out)["under_reservation"]) == ("valid", True)
    assert "answer-age" in [one["code"] for one in json.loads(out)["warnings"]]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("more", [(), ("--explain",)])
def test_the_table_fits_in_eighty_columns(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    more: tuple[str, ...],
    error: Any,
) -> None:
    monkeypatch.chdir(ANSWERS)
    files = ("v3_two_lists.json", "agence_bio_live.json", error("00429", "00201"))
    _, out, _ = call(capfd, *files, "--on", "2024-06-01", "--requires", "1905|1911", "--lang", lang, *more)
    lines = [line for line in out.splitlines() if "00429-00201.json" not in line]
    assert [line for line in lines if len(line) > 80] == []


def test_explain_names_the_source_of_each_rule(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capfd, V3, "--on", "2024-06-01", "--explain", "--format", "markdown")
    assert (
        "- certificate-one-year: A certificate is valid for one year from its issue. Source: OPQIBI," in out
    )


def test_a_file_is_written_whole(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "verdict.json"
    code, out, _ = call(capfd, V3, "--on", "2024-06-01", "-o", str(target))
    assert (code, out) == (0, "")
    assert json.loads(target.read_text("utf-8"))["verdict"] == "valid"
    assert call(capfd, V3, "-o", str(tmp_path / "no" / "such.json"))[0] == 2


def test_a_saved_answer_is_checked_with_its_day_and_firm(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    saved = {
        "fetched_on": "2024-05-06",
        "siren": "732829320",
        "http_status": 200,
        "answer": json.loads(Path(V3).read_text("utf-8")),
    }
    (tmp_path / "saved.json").write_text(json.dumps(saved), "utf-8")
    code, out, _ = call(capfd, str(tmp_path / "saved.json"), "--on", "2024-06-01")
    assert code == 0
    assert "fetched on 6 May 2024" in out
    assert "answer-age" in out


def test_the_record_and_the_insurers_are_shown(capfd: pytest.CaptureFixture[str]) -> None:
    asked = (V3, "--on", "2024-06-01")
    for form in ("table", "markdown", "csv"):
        _, out, _ = call(capfd, *asked, "--format", form)
        assert "https://www.opqibi.com/fiche/4567" in out
        assert "MUTUELLE EXEMPLE" in out
    held = as_json(capfd, *asked)[1]["certificate"]
    assert (held["url"], held["insurers"]) == ("https://www.opqibi.com/fiche/4567", "MUTUELLE EXEMPLE")


def test_agence_bio_names_the_state_the_body_and_its_dates(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    certificate = {
        "organisme": "Ecocert France",
        "etatCertification": "SUSPENDUE",
        "dateEngagement": "2020-01-01",
        "dateSuspension": "2024-03-01",
        "url": "https://example.org/proof",
    }
    operator = {"numeroBio": 7, "dateMaj": "2024-04-02", "certificats": [certificate]}
    (tmp_path / "bio.json").write_text(json.dumps(operator), "utf-8")
    _, out, _ = call(capfd, str(tmp_path / "bio.json"), "--on", "2024-06-01")
    said = " ".join(out.split())
    for part in (
        "7: SUSPENDUE. Suspended since 1 Mar 2024",
        "Ecocert France, which publishes its certificates",
        "Suspended since 1 Mar 2024; a withdrawal from 1 Mar 2025 on",
        "Updated by the operator 2 Apr 2024",
        "https://example.org/proof",
    ):
        assert part in said
    operator["dateMaj"] = "2024-04-01T22:00:00.000Z"  # no verdict rests on it: it is left out, not refused
    (tmp_path / "bio.json").write_text(json.dumps(operator), "utf-8")
    code, data = as_json(capfd, str(tmp_path / "bio.json"), "--on", "2024-06-01")
    assert (code, data["organic"]["updated_on"]) == (1, None)


def test_what_a_qualification_attests_is_explained(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capfd, V3, "--on", "2024-06-01", "--explain")
    assert "qualification-attests: A qualification attests the capacity" in " ".join(out.split())
    assert "probationary-attests" in out


@pytest.mark.parametrize(
    ("on", "code", "word"), [("2024-05-06", 0, "VALID\n"), ("2024-05-07", 0, "VALID, UNDER RESERVATION")]
)
def test_the_word_itself_says_the_reservation(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, on: str, code: int, word: str
) -> None:
    (tmp_path / "a.json").write_text(Path(V3).read_text("utf-8"), "utf-8")
    given, out, _ = call(capfd, str(tmp_path), "--on", on, "--fetched", "2024-05-06")
    assert (given, word in out) == (code, True)


def test_agence_bio(capfd: pytest.CaptureFixture[str]) -> None:
    code, data = as_json(capfd, str(ANSWERS / "agence_bio_live.json"), "--on", "2024-06-01")
    assert code == 1
    assert [(one["dialect"], one["verdict"]) for one in data] == [
        ("agence_bio", "valid"),
        ("agence_bio", "not_valid"),
    ]


def test_the_python_door() -> None:
    import opqibi_rules as opqibi

    body = json.loads(Path(V3).read_text("utf-8"))
    for given in (Path(V3), V3, Path(V3).read_bytes(), body):
        assert opqibi.check_certificate(given, on="2024-06-01", requires=["1905"]).verdict == "valid"
    report = opqibi.check_certificate(body, on="2024-06-01", requires="1905", requires_rge="1202")
    assert [one.status for one in report.requirements] == ["met", "undetermined"]
    assert opqibi.check_certificate(report.answer, on="2024-06-01").verdict == "valid"
    with pytest.raises(opqibi.FileError, match="2 answers"):
        opqibi.check_certificate([body, body], on="2024-06-01")
    with pytest.raises(opqibi.DateError):
        opqibi.check_certificate(body, on="demain")
