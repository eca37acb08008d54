"""The help pages said elsewhere: completed by real shells, and as a manual page that its own checker reads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from opqibi_rules.cli.commands.completion import candidates
from opqibi_rules.cli.main import COMMANDS
from opqibi_rules.cli.manual import all_commands
from opqibi_rules.paper.language import Language
from tests.cli.running import asked, refused

ENGLISH = Language("en")

BASH = """\
source <(opqibi-fees completion bash)
ask() {
    COMP_WORDS=(opqibi-fees "$@"); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    COMPREPLY=(); _opqibi_fees; echo "${COMPREPLY[@]}"
}
ask check-c
ask quote --lang ""
ask quote --format = j
ask tables sh
ask quote --structure ""
complete -p opqibi-fees
"""
FISH = """\
opqibi-fees completion fish | source
complete -C "opqibi-fees check-c" | string replace -r '\\t.*' ''
complete -C "opqibi-fees quote --lang "
complete -C "opqibi-fees quote --format=j"
complete -C "opqibi-fees tables sh" | string replace -r '\\t.*' ''
complete -C "opqibi-fees quote --structure fir"
"""
ZSH = """\
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -u -D; source <(opqibi-fees completion zsh); echo RE''ADY'
zpty -r shell shown '*READY*'
complete_then() {  # what is typed, then a tab; what the line becomes
    zpty -n -w shell "$1"$'\\t'
    zpty -r shell shown "*$2*" && echo "$2"
    zpty -n -w shell $'\\C-u'
}
complete_then 'opqibi-fees check-inv' 'check-invoice'
complete_then 'opqibi-fees quote --lang=e' '--lang=en'
complete_then 'opqibi-fees quote --form' '--format'
complete_then 'opqibi-fees quote --structure fir' 'firm.yaml'
zpty -d shell
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where the command is on the path, as installed, and one file."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "opqibi-fees"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m opqibi_rules.cli.main "$@"\n', "utf-8")
    command.chmod(0o755)
    (tmp_path / "firm.yaml").touch()
    root = str(Path(__file__).parents[2])
    for name, value in {
        "PYTHONPATH": root,
        "HOME": str(tmp_path),
        "OPQIBI_LANG": "en",
        "TERM": "dumb",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path


def told(place: Path, *shell: str, script: str) -> list[str]:
    ran = subprocess.run([*shell, script], cwd=place, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_bash_completes(shell: Path) -> None:
    assert told(shell, "bash", "--norc", "-c", script=BASH) == [
        "check-certificate check-certificates",
        "fr en",
        "json",
        "show",
        "",
        "complete -o default -F _opqibi_fees opqibi-fees",  # where we say nothing, files
    ]


def test_fish_completes(shell: Path) -> None:
    assert told(shell, "fish", "--no-config", "-c", script=FISH) == [
        *("check-certificate", "check-certificates", "en", "fr", "--format=json", "show", "firm.yaml"),
    ]


def test_zsh_completes_as_one_types(shell: Path) -> None:
    expected = ["check-invoice", "--lang=en", "--format", "firm.yaml"]
    assert told(shell, "zsh", "-f", "-c", script=ZSH) == expected


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["comp"], ["compare", "completion"]),
        (["nothing", ""], list(COMMANDS)),
        (["plan", "--spread", "m"], ["months"]),
        (["plan", "--spread", "=", "m"], ["months"]),
        (["plan", "--spread", "="], ["days", "months"]),
        (["plan", "--explain", "x"], []),
        (["tables", "show", "--form"], ["--format"]),
        (["completion", "z"], ["zsh"]),
        (["quote", "--turnover", "1"], []),
        (["quote", ""], []),
    ],
)
def test_what_may_stand_there(typed: list[str], found: list[str]) -> None:
    assert [word for word, _ in candidates(typed, ENGLISH)] == found


def test_another_shell_is_refused() -> None:
    assert "« csh » is not one of bash, zsh" in refused("completion", "csh", env={"OPQIBI_LANG": "en"})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_manual_page_is_well_formed_and_says_every_option(language: str, tmp_path: Path) -> None:
    page = tmp_path / "opqibi-fees.1"
    page.write_text(asked("man", "--lang", language).out, "utf-8")
    linted = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True, check=False
    )
    # The page bears no day: it is that of the installed version, which knows none.
    assert re.findall("(WARNING|ERROR|UNSUPP): (.*)", linted.stdout) == [
        ("WARNING", 'missing date, using "": TH')
    ]
    shown = subprocess.run(
        ["mandoc", "-Tutf8", "-Owidth=300", page], capture_output=True, text=True, check=True
    )
    text = re.sub(".\b", "", shown.stdout)
    for command in all_commands(Language(language)).walk():
        for given in command.options:
            assert ", ".join(given.names) in text
            assert given.value in text
        for example in command.examples:
            assert re.sub(" +", " ", example) in re.sub(" +", " ", text)


def test_a_line_of_the_manual_that_begins_as_a_request_is_none() -> None:
    from opqibi_rules.cli.commands.man import _roff

    assert (_roff(".x"), _roff("'x"), _roff("a\\b-c")) == ("\\&.x", "\\&'x", "a\\eb\\-c")


def test_the_command_of_the_help_pages_is_that_of_the_manual() -> None:
    for command in all_commands(ENGLISH).walk():
        shown = asked(*command.path.split()[1:], "--help", "--lang", "en").out
        usage = shown.split("\n\n")[0].removeprefix("Usage: ").split()
        usage = [word.removesuffix("...") for word in usage if word != "[ARGS]..."]
        assert usage == command.usage.split()[: len(usage)]
        for given in command.options:
            assert ", ".join(given.names) in shown
