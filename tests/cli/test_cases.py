"""``opqibi-fees cases run``: what an accountant sees, and the exit code that a script relies on."""

import json
from pathlib import Path

import pytest

from opqibi_rules.cli.main import run

WRONG = """
cases:
  - case: Une erreur de dix euros.
    date: 2026-03-02
    tariffs: { 1: 5, 2: 3 }
    turnover: 800 000 €
    expected: { instruction: 1 170, annual_control: 5, base: undetermined, articles: [II.1] }
  - case: Un refus que l'on n'attendait pas.
    date: 2026-03-02
    qualifications: ["1905"]
    expected: { instruction: 1 550 }
  - case: Une réponse juste.
    date: 2026-03-02
    tariffs: { 1: 1 }
    expected: { instruction: 560 }
"""

EXAMPLES = sorted(str(path) for path in (Path(__file__).parents[1] / "examples").glob("*.yaml"))


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG, "utf-8")
    return str(path)


def test_all_as_expected(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["cases", "run", *EXAMPLES, "--lang", "en"]) == 0
    out, err = capfd.readouterr()
    assert out.endswith(" cases\nDifferent    0 cases\n")
    assert err == ""


def test_what_differs_is_shown(wrong: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["cases", "run", wrong, *EXAMPLES, "--lang", "en"]) == 1
    out, _ = capfd.readouterr()
    assert f"{wrong}, line 3: Une erreur de dix euros." in out
    rows = [line.split() for line in out.splitlines()]
    assert ["instruction", "€1,170.00", "€1,160.00", "-€10.00"] in rows
    assert ["annual_control", "€5.00", "nothing"] in rows
    assert "Different    2 cases" in out
    assert "Une réponse juste" not in out
    assert "Quatre" not in out
    assert "Four ways to give it" in " ".join(out.split())


def test_in_french(wrong: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["cases", "run", wrong, "--lang", "fr"]) == 1
    out, _ = capfd.readouterr()
    assert "1\u202f170,00\u00a0€" in out
    assert "rien" in out
    for english in ("Expected", "Found", "nothing", "refusal", "price", "Different", "cases\n", "Four ways"):
        assert english not in out


def test_in_json(wrong: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["cases", "run", wrong, "--lang", "en", "--format", "json"]) == 1
    content = json.loads(capfd.readouterr().out)
    assert content["schema_version"] == 1
    first, second, third = content["cases"]
    assert (first["file"], first["line"], first["case"], first["passed"]) == (
        wrong,
        3,
        "Une erreur de dix euros.",
        False,
    )
    assert first["differences"] == [
        {"name": "instruction", "expected": "1170.00", "found": "1160.00", "difference": "-10.00"},
        {"name": "annual_control", "expected": "5.00", "found": None, "difference": None},
        {"name": "base", "expected": "undetermined", "found": "engineering", "difference": None},
        {"name": "articles", "expected": "II.1", "found": "I, II.1, II.2, III", "difference": None},
    ]
    assert second["refusal"].startswith("The tariff code of 1905 is not known.")
    assert (third["passed"], third["differences"], third["refusal"]) == (True, [], None)


def test_a_malformed_file_stops_with_its_mistakes(
    wrong: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("cases:\n  - case: x\n    date: hier\n    expected: { dossier: 86 }\n", "utf-8")
    assert run(["cases", "run", wrong, str(bad), str(tmp_path / "absent.yaml"), "--lang", "en"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"{tmp_path / 'absent.yaml'}: cannot be opened: no such file or folder.",
        f"{bad}: line 3, column 5, $.cases[0].date: « hier »; expected a day, as 2024-02-08.",
    ]


def test_one_s_own_tables(tmp_path: Path, wrong: str) -> None:
    assert run(["cases", "run", EXAMPLES[0], "--tables", str(tmp_path / "absent")]) == 2
    (tmp_path / "own").mkdir()
    assert run(["cases", "run", EXAMPLES[0], "--tables", str(tmp_path / "own")]) == 0


def test_help_without_a_file() -> None:
    assert run(["cases", "run"]) == 2
    assert run(["cases", "--help"]) == 0


def test_a_file_of_cases_counts_once(
    wrong: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(wrong).parent)
    assert run(["cases", "run", wrong, "wrong.yaml", "--lang", "en"]) == 2
    assert capfd.readouterr() == ("", "wrong.yaml: given twice; give it once.\n")


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n"])
def test_an_empty_file_is_called_so(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """« $: a group of fields expected. » told nobody that there was nothing in it."""
    path = tmp_path / "été.yaml"
    path.write_text(text, "utf-8")
    for words in (
        ["cases", "run"],
        ["quote", "--structure"],
        ["compare", "--one-more"],
        ["plan", "--structure"],
    ):
        assert run([*words, str(path), "--lang", "en"]) == 2
        assert capfd.readouterr().err == f"{path}: an empty file.\n"
