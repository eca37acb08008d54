"""``controls``: the control history of a structure file."""

import json
from pathlib import Path

import pytest

from opqibi_rules.cli.main import run

FIRM = """\
name: Bureau d’études Exemple
qualifications:
  - {code: "1905", granted_on: 2023-03-01}
  - {code: "1331", probationary: true, granted_on: 2025-03-01, renewed_on: [2026-03-01]}
controls: [2024-02-20, 2025-04-18]
"""


@pytest.fixture
def firm(tmp_path: Path) -> str:
    path = tmp_path / "bureau.yaml"
    path.write_text(FIRM, "utf-8")
    return str(path)


@pytest.mark.parametrize(("on", "code"), [("2025-06-01", 0), ("2026-06-01", 1), ("2023-01-01", 1)])
def test_the_exit_code_says_whether_all_is_in_order(
    capfd: pytest.CaptureFixture[str], firm: str, on: str, code: int
) -> None:
    assert run(["controls", firm, "--on", on, "--format", "json"]) == code
    assert json.loads(capfd.readouterr().out)["verdict"] == {0: "yes", 1: "no"}[code]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_table_fits_in_eighty_columns(capfd: pytest.CaptureFixture[str], firm: str, lang: str) -> None:
    run(["controls", firm, "--on", "2025-06-01", "--lang", lang])
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "2 of 3" in out or "2 sur 3" in out


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_the_other_forms(capfd: pytest.CaptureFixture[str], firm: str, form: str) -> None:
    assert run(["controls", firm, "--on", "2025-06-01", "--format", form, "--lang", "en"]) == 0
    assert "1905" in capfd.readouterr().out


def test_a_firm_without_dates_is_undetermined(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bureau.yaml"
    path.write_text('qualifications: [{code: "1905"}, {code: "1331", probationary: true}]', "utf-8")
    assert run(["controls", str(path), "--on", "2025-06-01", "--lang", "en"]) == 3
    path.write_text("name: Rien", "utf-8")
    capfd.readouterr()
    assert run(["controls", str(path), "--on", "2025-06-01", "--lang", "en"]) == 3
    out = capfd.readouterr().out
    assert "nothing can be said to be in order" in out
    assert "not known" in out


def test_a_code_that_was_probationary_then_full_is_told_as_one(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "bureau.yaml"
    trial, full = (
        '{code: "1331", probationary: true, granted_on: 2025-03-01}',
        '{code: "1331", granted_on: %s}',
    )
    path.write_text(f"qualifications:\n  - {trial}\n  - {full % '2026-03-01'}\n", "utf-8")
    assert run(["controls", str(path), "--on", "2026-11-21", "--format", "json"]) == 0
    (one,) = json.loads(capfd.readouterr().out)["qualifications"]
    assert (one["probationary"], one["granted_on"], one["valid_until"]) == (False, "2026-03-01", "2029-03-01")
    path.write_text(f"qualifications:\n  - {trial}\n  - {full % '2025-01-01'}\n", "utf-8")
    assert run(["controls", str(path), "--on", "2026-11-21", "--lang", "en"]) == 2
    assert "line 3, column 5, $.qualifications[1]: 1331 is given twice" in capfd.readouterr().err


def test_a_control_written_as_a_renewal_is_refused(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bureau.yaml"
    path.write_text(
        'qualifications: [{code: "1905", granted_on: 2023-03-01, renewed_on: [2024-03-01]}]', "utf-8"
    )
    assert run(["controls", str(path), "--on", "2026-11-21", "--lang", "en"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "annual controls go under controls" in err


def test_a_malformed_file_is_exit_2_with_its_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bureau.yaml"
    path.write_text("controls: [2024-02-30]\n", "utf-8")
    assert run(["controls", str(path), "--lang", "en"]) == 2
    assert "line 1" in capfd.readouterr().err


def test_every_rule_named_is_shown_with_its_source(capfd: pytest.CaptureFixture[str], firm: str) -> None:
    run(["controls", firm, "--on", "2025-06-01", "--format", "json"])
    data = json.loads(capfd.readouterr().out)
    named = {
        rule
        for one in data["qualifications"]
        for rule in (one["rule"], *(warning["code"] for warning in one["warnings"]))
    }
    assert {rule["id"] for rule in data["rules"]} == named >= {"control-each-year", "disqualification"}
    source = "https://opqibi.com/page/validity-follow-up-and-renewal"
    assert all(source in rule["source"] for rule in data["rules"])
    run(["controls", firm, "--on", "2025-06-01", "--format", "markdown"])
    assert source not in capfd.readouterr().out
    run(["controls", firm, "--on", "2025-06-01", "--format", "markdown", "--explain"])
    assert capfd.readouterr().out.count(source) == len(data["rules"])
