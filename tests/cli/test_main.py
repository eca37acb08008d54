"""The door of all commands: help, languages, words that are not understood, streams that fail."""

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import typer

import opqibi_rules
from opqibi_rules.cli import main
from opqibi_rules.tables.library import SHIPPED
from tests.cli.running import ON, asked, refused
from tests.editions.pinned_command import pinned
from tests.tables.reading.made_nomenclatures import ENTRIES, listed
from tests.tables.reading.made_schedules import Figures, by_headings, pdf


def pages() -> Iterator[tuple[str, ...]]:
    """Every command that has a help page."""
    yield ()
    for name in main.COMMANDS:
        yield (name,)
        for subname in getattr(main.module_of(name), "subcommands", {}):
            yield (name, subname)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("page", list(pages()), ids=" ".join)
def test_every_help_page_has_an_example_and_fits_the_screen(page: tuple[str, ...], language: str) -> None:
    outcome = asked(*page, "--help", "--lang", language)
    assert (outcome.code, outcome.err) == (0, "")
    heading = {"fr": "Exemples\N{NO-BREAK SPACE}:\n", "en": "Examples:\n"}[language]
    text, _, examples = outcome.out.partition(heading)
    assert examples.startswith("  opqibi-fees ")
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in re.sub(r"[A-Z]\]?\.\.\.", "", text)  # no sentence is cut short
    assert not {"<str>", "<bool>", "[default"} & set(text.split())
    if language == "fr":
        for english in ("Usage:", "Options:", "Commands:", "Arguments:", "Show this", "[required]"):
            assert english not in outcome.out


@pytest.mark.parametrize("arguments", [(), ("--lang", "fr"), ("-h",)])
def test_without_arguments_a_short_help_with_two_examples_that_work(arguments: tuple[str, ...]) -> None:
    outcome = asked(*arguments)
    assert outcome.code == 0
    assert len(outcome.out.splitlines()) <= 60
    examples = [line for line in outcome.out.splitlines() if line.startswith("  opqibi-fees ")]
    assert len(examples) == 2
    for example in examples:
        assert asked(*shlex.split(example)[1:]).code == 0


def test_the_examples_of_the_commands_of_facts_and_quote_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-tables").mkdir()
    old = Path(__file__).parents[1] / "tables" / "old_bareme_2024.txt"
    (tmp_path / "old-tables").mkdir()
    (tmp_path / "old-tables" / "bareme_2025.yaml").write_text(old.read_text("utf-8"), "utf-8")
    (tmp_path / "codes.csv").write_text("code;nom;tarif\n1905;Audit;5\n", "utf-8")
    edition = (Path(SHIPPED) / "bareme_2024.yaml").read_text("utf-8")
    (tmp_path / "my-tables" / "bareme_2027.yaml").write_text(
        edition.replace("bareme_2024", "bareme_2027").replace('"2024-02-08"', '"2027-01-01"'), "utf-8"
    )
    (tmp_path / "bareme.pdf").write_bytes(pdf(by_headings(Figures())))
    (tmp_path / "nomenclature.pdf").write_bytes(pdf(listed(ENTRIES)))
    with pinned():  # a draft is compared with the edition before it
        for name in ("quote", "tables", "nomenclature"):
            for example in main.module_of(name).EXAMPLES:
                assert asked(*shlex.split(example)[1:]).code == 0, example


@pytest.mark.parametrize("arguments", [("--version",), ("tables", "--version")])
def test_the_version(arguments: tuple[str, ...]) -> None:
    assert asked(*arguments) == (0, f"opqibi-fees {opqibi_rules.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zzz"], "Commande inconnue : zzz. Voyez opqibi-fees --help."),
        (["tables", "zzz"], "Commande inconnue : zzz. Voyez opqibi-fees tables --help."),
        (["--nope"], "Option inconnue : --nope. Voyez opqibi-fees --help."),
        (["quote", "--nope"], "Option inconnue : --nope. Voyez opqibi-fees quote --help."),
        (["quote", "-t"], "-t attend une valeur. Voyez opqibi-fees quote --help."),
        (["quote", "--explain=yes"], "--explain n’attend pas de valeur. Voyez opqibi-fees quote --help."),
        (["quote", "mot"], "Inattendu ici : mot. Voyez opqibi-fees quote --help."),
        (["quote", "un", "deux"], "Inattendu ici : un deux. Voyez opqibi-fees quote --help."),
        (["tables", "show"], "ID manque. Voyez opqibi-fees tables show --help."),
        (["nomenclature", "search"], "WORDS manque. Voyez opqibi-fees nomenclature search --help."),
        (["quote", "--lang", "de"], "--lang : « de » n’est ni fr ni en."),
        (["quote", "--lang", ""], "--lang : «  » n’est ni fr ni en."),
        (["quote", "--lang"], "--lang attend une valeur. Voyez opqibi-fees quote --help."),
    ],
)
def test_words_that_are_not_understood(arguments: list[str], said: str) -> None:
    assert refused(*arguments) == said


def test_words_that_only_the_parser_knows_to_refuse() -> None:
    class Odd(typer.exceptions.TyperException):
        pass

    with patch.object(main, "_called", side_effect=Odd("something odd.")):
        assert refused("quote") == "something odd. Voyez opqibi-fees quote --help."


@pytest.mark.parametrize(
    ("env", "french"),
    [
        ({}, True),
        ({"LC_ALL": "C"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "EN"}, False),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB"}, False),
        ({"LANG": "en_GB", "LC_ALL": "fr_CA.UTF-8"}, True),
        ({"LANG": "en_GB", "LC_ALL": ""}, False),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"OPQIBI_LANG": "en", "LANG": "fr_FR"}, False),
        ({"OPQIBI_LANG": "fr", "LANG": "en_GB"}, True),
        ({"OPQIBI_LANG": "de", "LANG": "en_GB"}, False),
    ],
)
def test_the_language_follows_the_environment_and_is_french_by_default(
    env: dict[str, str], french: bool
) -> None:
    outcome = asked("quote", "-t", "1=5", *ON, env={"OPQIBI_LANG": "", **env})
    assert outcome.out.startswith("Devis" if french else "OPQIBI quote")


@pytest.mark.parametrize("place", ["before", "after", "joined", "joined before"])
def test_the_option_says_the_language_wherever_it_stands(place: str) -> None:
    words = ["quote", "-t", "1=5", *ON]
    arguments = {
        "before": ["--lang", "en", *words],
        "after": [*words, "--lang", "en"],
        "joined": [*words, "--lang=en"],
        "joined before": ["--lang=en", *words],
    }[place]
    assert asked(*arguments, env={"OPQIBI_LANG": "fr"}).out.startswith("OPQIBI quote")


def test_errors_speak_the_language_of_the_option() -> None:
    assert "is not an amount" in refused("quote", "--lang", "en", "-t", "1=5", "--turnover", "NaN")
    assert "n’est pas un montant" in refused("quote", "-t", "1=5", "--turnover", "NaN", env={"LANG": "en"})


def test_what_a_file_or_an_argument_holds_cannot_command_the_terminal() -> None:
    assert "\x1b" not in refused("quote", "--event", "\x1b[31mred")


@pytest.mark.parametrize("error", [KeyboardInterrupt, typer.Abort])
def test_interrupted(error: type[BaseException]) -> None:
    with patch("opqibi_rules.cli.commands.prices.quote.price", side_effect=error):
        outcome = asked("quote", "-t", "1=5")
    assert outcome.code == 130
    assert "Interrompu" in outcome.err
    assert not outcome.out


class Failing(io.RawIOBase):
    """A stream whose every write fails."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raise self.error


def failing(error: OSError) -> Any:
    class Stream(io.TextIOWrapper):
        def close(self) -> None:
            """What is not written is lost."""

        def __del__(self) -> None:
            pass

    return Stream(io.BufferedWriter(Failing(error)), encoding="utf-8")


@pytest.mark.parametrize("arguments", [["quote", "-t", "1=5", *ON], ["--help"], ["tables", "list"]])
def test_a_pipe_closed_early_is_no_error(arguments: list[str]) -> None:
    assert asked(*arguments, out=failing(BrokenPipeError(32, "Broken pipe")))[::2] == (0, "")


def test_a_pipe_closed_at_the_last_moment_is_no_error() -> None:
    class Late(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    with patch.object(main, "_called", return_value=0):
        assert asked("quote", out=Late())[::2] == (0, "")


@pytest.mark.parametrize("arguments", [["quote", "-t", "1=5", *ON], ["--help"]])
def test_a_full_disk_behind_standard_output_is_said(arguments: list[str]) -> None:
    outcome = asked(*arguments, out=failing(OSError(28, "No space left on device")))
    assert (outcome.code, outcome.err) == (2, "sortie standard\N{NO-BREAK SPACE}: le disque est plein.\n")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&-", "<&- 2>&-"])
@pytest.mark.parametrize(
    "command", ["quote -t 1=5", "--help", "batch in.csv -o -", "batch in.csv -o out.csv"]
)
def test_closed_standard_streams(closed: str, command: str, tmp_path: Path) -> None:
    """A file that the command opens never comes to stand in the place of one; what cannot be said aside is lost."""
    (tmp_path / "in.csv").write_text("turnover,t1\n350000,1\n", "utf-8")
    program = f"exec {shlex.quote(sys.executable)} -m opqibi_rules.cli.main {command} --lang en"
    dated = " --date 2026-03-02" * ("help" not in command)
    done = subprocess.run(["sh", "-c", f"{program}{dated} {closed}"], capture_output=True, cwd=tmp_path, check=False)  # fmt: skip
    made = (tmp_path / "out.csv").read_text("utf-8") if "out.csv" in command else None
    if made is not None:
        assert made.endswith("350000,1,86.00,560.00,265.00,,911.00,\n")
        assert done.returncode == 0
    elif ">&-" in closed.replace("2>&-", ""):
        assert done.returncode == 2
        assert done.stderr.count(b"it is closed") == ("2>&-" not in closed)
    else:
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


def test_a_closed_standard_error_keeps_the_exit_code_and_standard_output_clean() -> None:
    out = io.StringIO()
    with patch.object(sys, "stderr", None), patch.object(sys, "stdout", out):
        assert main.run(["quote"]) == 2
        sys.stderr.close()
    with patch.object(sys, "stderr", failing(BrokenPipeError(32, "Broken pipe"))):
        assert main.run(["quote"]) == 2
    assert not out.getvalue()


def test_main_leaves_with_the_exit_code() -> None:
    with patch.object(sys, "argv", ["opqibi-fees", "--version"]), pytest.raises(SystemExit) as left:
        main.main()
    assert left.value.code == 0
