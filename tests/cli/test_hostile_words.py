"""Whatever words are given, an exit code and a message; never a traceback."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.running import asked, refused

_OPTIONS = [
    "--event",
    "-q",
    "--qualification",
    "-p",
    "-t",
    "--tariff",
    "--new",
    "--new-tariff",
    "--turnover",
    "--audit-turnover",
    "--date",
    "--vat",
    "--structure",
    "--explain",
    "--tables",
    "--lang",
    "--format",
    "--help",
    "--version",
    "--",
]
_VALUES = st.one_of(
    st.sampled_from(
        [
            "first",
            "renewal",
            "control",
            "1905:5",
            "0607",
            "1=5",
            "7=1000",
            "9=1",
            "800000",
            "350 000,50 €",
            "1e6",
            "NaN",
            "-1",
            "2026-03-02",
            "0000-00-00",
            "9999-12-31",
            "20 %",
            "reunion",
            "fr",
            "en",
            "json",
            "csv",
            "markdown",
            "/dev/null",
            "/",
            "",
            " ",
            "{amount:euro}",
            "%s",
            "\udcff",
            "🙂",
        ]
    ),
    # No shell can pass a NUL.
    st.text(st.characters(exclude_characters="\0"), max_size=20),
)
_COMMANDS = st.sampled_from(
    [
        ["quote"],
        ["quote", "-t", "1=5"],
        ["tables"],
        ["tables", "list"],
        ["tables", "show"],
        ["tables", "check"],
        ["nomenclature", "search"],
        ["nomenclature", "show"],
        ["nomenclature", "import"],
        [],
    ]
)


@settings(max_examples=300)
@given(_COMMANDS, st.lists(st.one_of(st.sampled_from(_OPTIONS), _VALUES), max_size=6))
def test_any_words(command: list[str], words: list[str]) -> None:
    outcome = asked(*command, *words)
    assert outcome.code in {0, 2, 3}
    assert bool(outcome.err) or outcome.code != 2
    assert "Traceback" not in outcome.err
    if not any("{" in word for word in words):
        assert not re.search(r"\{[a-z]+(:[a-z]+)?\}", outcome.err)  # every value has found its place
    assert not (outcome.code == 2 and outcome.out)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(0, 1000)), max_size=4, unique_by=lambda pair: pair[0]),
    st.none() | st.integers(0, 10**14).map(lambda cents: f"{cents // 100}.{cents % 100:02d}"),
    st.sampled_from(["first", "renewal", "control"]),
    st.sampled_from(["fr", "en"]),
)
def test_any_question_that_holds_together(
    counts: list[tuple[int, int]], turnover: str | None, event: str, language: str
) -> None:
    arguments = ["quote", "--event", event, "--date", "2026-03-02", "--lang", language]
    arguments += [word for tariff, count in counts for word in ("-t", f"{tariff}={count}")]
    arguments += ["--turnover", turnover] if turnover else []
    asked_for: dict[str, Any] = {
        form: asked(*arguments, "--format", form) for form in ("table", "json", "csv")
    }
    if not any(count for _, count in counts):
        assert {outcome.code for outcome in asked_for.values()} == {2}
        return
    assert {outcome.code for outcome in asked_for.values()} == {0}
    assert max(map(len, asked_for["table"].out.splitlines())) <= 80
    total = json.loads(asked_for["json"].out)["total_incl_vat"]
    shown = asked_for["csv"].out.split("\r\n")[-2].rsplit(";" if language == "fr" else ",", 1)[1]
    assert shown.replace(",", ".") == total


HOSTILE_FIRM = """name: "Alpha \\e]0;PWNED\\a\\e[2J \\u202e \\u009b2J \\u0085"
siren: "123456782"
turnovers: [{year: 2025, engineering: "800000"}]
qualifications: [{code: "0901", tariff: 1}]
"""


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
@pytest.mark.parametrize(
    "words",
    [
        ("quote", "--structure", "{0}"),
        ("plan", "--structure", "{0}"),
        ("plan", "--compare", "{0}", "{1}"),
        ("plan", "--structures", "{2}"),
        ("compare", "{0}", "{1}"),
        ("controls", "{0}"),
    ],
    ids=" ".join,
)
def test_no_name_commands_the_terminal(words: tuple[str, ...], form: str, tmp_path: Path) -> None:
    firms = [tmp_path / name for name in ("a.yaml", "b.yaml")]
    for number, (firm, siren) in enumerate(zip(firms, ("123456782", "732829320"), strict=True)):
        text = HOSTILE_FIRM.replace("Alpha", f"Alpha{number}").replace("123456782", siren)
        firm.write_text(text, "utf-8")
    outcome = asked(*(word.format(*firms, tmp_path) for word in words), "--format", form)
    said = outcome.out + outcome.err
    assert outcome.code in {0, 3}
    assert outcome.out
    assert "Alpha0" in said or words[0] not in {"plan", "compare"}
    assert not re.search("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]", said)


@pytest.mark.parametrize(
    "words",
    [
        ("quote", "-t", "1=1", "--tables", "{folder}"),
        ("quote", "-t", "1=1", "--tables", "{pipe}"),
        ("quote", "--structure", "{pipe}"),
        ("compare", "{pipe}", "{other}"),
        ("controls", "{pipe}"),
        ("check-invoice", "{pipe}", "-t", "1=1"),
        ("check-invoice", "/dev/zero", "-t", "1=1"),
        ("check-certificate", "{pipe}"),
        ("check-certificates", "{pipe}"),
        ("batch", "/dev/zero", "-o", "out.csv"),
        ("nomenclature", "import", "{pipe}"),
        ("serve", "--tables", "{folder}"),
    ],
    ids=" ".join,
)
def test_what_never_ends_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    """It once was waited for, for ever."""
    folder = tmp_path / "tables"
    folder.mkdir()
    pipe = folder / "vat.yaml"
    os.mkfifo(pipe)
    other = tmp_path / "other.yaml"
    os.mkfifo(other)
    given = (word.format(folder=folder, pipe=pipe, other=other) for word in words)
    said = refused(*given, env={"OPQIBI_LANG": "en"})
    assert "may never end" in said or "is not a folder" in said
    assert len({line.partition(": ")[2] for line in said.splitlines()}) == 1  # of each file
