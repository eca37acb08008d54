"""What the commands share: where a result goes, in which form, and a user's own tables."""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from opqibi_rules.cli.manual import all_commands
from opqibi_rules.cli.result import Result
from opqibi_rules.paper.language import Language
from tests.cli.running import ON, asked, refused

QUOTE = ("quote", "-t", "1=5", *ON)


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("devis.json", "{"),
        ("devis.csv", "\N{ZERO WIDTH NO-BREAK SPACE}Article;"),
        ("devis.CSV", "\N{ZERO WIDTH NO-BREAK SPACE}Article;"),
        ("devis.md", "# Devis"),
        ("devis.markdown", "# Devis"),
        ("devis.txt", "Devis"),
        ("devis", "Devis"),
        ("devis d’été « n° 1 » ; $(x) 🙂.md", "# Devis"),
        ("-devis.json", "{"),
        ("e" * 250 + ".json", "{"),
    ],
)
def test_the_form_follows_the_name_of_the_file(tmp_path: Path, name: str, starts: str) -> None:
    outcome = asked(*QUOTE, "-o", str(tmp_path / name))
    assert (outcome.code, outcome.out) == (0, "")
    assert (tmp_path / name).read_text("utf-8").startswith(starts)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_option_prevails_over_the_name_of_the_file(tmp_path: Path) -> None:
    asked(*QUOTE, "--output", str(tmp_path / "devis.json"), "--format", "markdown")
    assert (tmp_path / "devis.json").read_text("utf-8").startswith("# Devis")


def test_a_dash_is_standard_output() -> None:
    assert asked(*QUOTE, "-o", "-").out == asked(*QUOTE).out


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (str, "c’est un dossier, et non un fichier."),
        (lambda folder: str(folder / "absent" / "a.json"), "ce fichier ou ce dossier n’existe pas."),
        (
            lambda folder: str(folder / "old.json" / "a.json"),
            "une partie de son chemin n’est pas un dossier.",
        ),
        (lambda folder: str(folder / ("e" * 300)), "son nom est trop long."),
    ],
)
def test_a_file_that_cannot_be_written(tmp_path: Path, where: Callable[[Path], str], said: str) -> None:
    (tmp_path / "old.json").write_text("old")
    assert said in refused(*QUOTE, "-o", where(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]
    assert (tmp_path / "old.json").read_text() == "old"


NO_PATH = {"--format", "--table", "--fetched", "--recipient"}
"""Of a file, in the words of their help pages, and not the name of one."""


def test_what_a_variable_that_is_not_set_leaves_is_no_name_of_a_file() -> None:
    """An empty path is the working directory to Python: its files were read as what was meant."""
    doors = [one for one in all_commands(Language("en")).walk() if not one.commands]
    given = [(one.path, each, each.names[-1]) for one in doors for each in one.options if each.value]
    given += [(one.path, each, "--") for one in doors for each in one.arguments[:1]]
    words = ("file", "folder", "csv", "pdf", "answers", "structures", "your own tables")
    paths = [each for each in given if any(word in each[1].meaning.lower() for word in words)]
    paths = [each for each in paths if each[2] not in NO_PATH]
    assert (
        len({path for path, _, _ in paths}) == len(doors) - 2
    )  # completion and man write to the screen alone
    for path, each, before in paths:
        name = each.value if before == "--" else before
        said = refused(*path.split()[1:], before, "", "", env={"OPQIBI_LANG": "en"})
        assert said == f"{name}: empty. Is a variable of your shell not set?", path


def test_an_option_given_twice_is_not_that_of_the_last_alone(tmp_path: Path) -> None:
    """The first of two days, of two files, was dropped without a word; of a language, an alias may bear one."""
    for twice in (
        ["--date", "2025-03-02"],
        ["--structure", "a.yaml", "--structure", "b.yaml"],
        ["--vat", "0", "--vat=1"],
    ):
        said = refused(*QUOTE, *twice, env={"OPQIBI_LANG": "en"})
        assert said == f"{twice[0]}: given twice; give it once."
    said = refused(
        *QUOTE,
        "-o",
        str(tmp_path / "a.json"),
        "--output",
        str(tmp_path / "b.json"),
        env={"OPQIBI_LANG": "en"},
    )
    assert said == "--output: given twice; give it once."
    assert [*tmp_path.iterdir()] == []
    more = (
        "-t",
        "2=3",
        "--explain",
        "--explain",
        "--lang",
        "en",
        "--lang",
        "fr",
        "--format",
        "json",
        "--format",
        "csv",
    )
    assert asked(*QUOTE, *more).out.startswith("\N{ZERO WIDTH NO-BREAK SPACE}Article;")


@pytest.mark.parametrize(
    ("code", "said"), [(28, "le disque est plein."), (30, "en lecture seule."), (5, "Input/output error.")]
)
def test_on_a_failure_an_existing_file_is_untouched(tmp_path: Path, code: int, said: str) -> None:
    path = tmp_path / "old.json"
    path.write_text("old")
    with patch.object(os, "fsync", side_effect=OSError(code, os.strerror(code))):
        found = refused(*QUOTE, "-o", str(path))
    assert found.startswith(f"{path}: ne peut être écrit : ")
    assert found.endswith(said)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])


def test_nothing_is_written_when_the_question_is_refused(tmp_path: Path) -> None:
    refused("quote", "-t", "8=1", "-o", str(tmp_path / "a.json"))
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_no_text_is_shown_as_json_writes_it(tmp_path: Path) -> None:
    table = Path(os.fsdecode(os.fsencode(tmp_path) + b"/vat\xff.yaml"))
    shipped = Path(__file__).parents[2] / "data" / "vat.yaml"
    table.write_bytes(shipped.read_bytes())
    for form in ("table", "json", "csv", "markdown"):
        outcome = asked("tables", "check", str(table), "--format", form)
        assert outcome.code == 0
        assert "vat\\" in outcome.out
    found = json.loads(asked("tables", "check", str(table), "--format", "json").out)
    assert found["checked"][0]["file"] == str(table)


def test_tables_of_one_s_own_by_option_or_environment(tmp_path: Path) -> None:
    own = tmp_path / "codes.yaml"
    (tmp_path / "codes.csv").write_text("code;tarif\n1905;5\n", "utf-8")
    assert asked("nomenclature", "import", str(tmp_path / "codes.csv"), "-o", str(own)).code == 0
    question = ("quote", "-q", "1905", "--audit-turnover", "90000", *ON)
    refused(*question)
    refused(*question, env={"OPQIBI_TABLES": ""})
    by_option = asked(*question, "--tables", str(tmp_path))
    assert by_option.code == 0
    assert asked(*question, env={"OPQIBI_TABLES": str(tmp_path)}) == by_option
    assert "absent" in refused(*question, env={"OPQIBI_TABLES": "absent"})
    own.write_text("kind: nomenclature\n", "utf-8")
    assert len(refused(*question, "--tables", str(tmp_path)).splitlines()) > 3


class Screen(io.TextIOWrapper):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def on_screen(*arguments: str, columns: int) -> str:
    out = Screen(io.BytesIO(), encoding="utf-8")
    asked(*arguments, env={"COLUMNS": str(columns)}, out=out)
    buffer: Any = out.buffer
    return str(buffer.getvalue().decode("utf-8"))


def test_on_a_terminal_totals_stand_out_and_the_width_is_the_screen_s() -> None:
    narrow, wide = (
        on_screen(*QUOTE, "--event", "control", "--new-tariff", "5=1", columns=n) for n in (80, 300)
    )
    assert "\x1b[1m" in narrow
    assert "\x1b" not in asked(*QUOTE).out
    bare = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in narrow.splitlines()]
    assert max(map(len, bare)) <= 80
    assert len(wide.splitlines()) < len(narrow.splitlines())


def test_a_form_made_of_bytes_wants_a_file_or_a_pipe(tmp_path: Path) -> None:
    forms: dict[str, Callable[[], str | bytes]] = {"pdf": lambda: b"%PDF"}
    with patch.object(sys, "stdout", Screen(io.BytesIO())), pytest.raises(ValueError, match="-o FILE"):
        Result("en", "pdf", None).put(forms)
    Result("en", None, str(tmp_path / "a.pdf")).put(forms)
    assert (tmp_path / "a.pdf").read_bytes() == b"%PDF"
