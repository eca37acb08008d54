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
    assert run(["controls", str(path), "--on", "2025-06-01", "--lang", "en"]) == 0
    capfd.readouterr()


def test_a_malformed_file_is_exit_2_with_its_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bureau.yaml"
    path.write_text("controls: [2024-02-30]\n", "utf-8")
    assert run(["controls", str(path), "--lang", "en"]) == 2
    assert "line 1" in capfd.readouterr().err
