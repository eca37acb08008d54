"""Text decoded, folded, and made harmless: each in one place."""

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper.text import decoded, fold, harmless, one_line, unarmed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_what_a_spreadsheet_saves_is_read(encoding: str) -> None:
    assert decoded("Étude ; 86 €".encode(encoding), "f", windows=True) == "Étude ; 86 €"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_sample_may_be_cut_within_a_character(encoding: str) -> None:
    data = "Étude à côté".encode(encoding)
    for cut in range(4, len(data)):
        assert "Étude à côté".startswith(decoded(data[:cut], "f", windows=True, whole=False))


@pytest.mark.parametrize(
    ("data", "windows", "said"),
    [
        (b"a\n\xe9", False, "f: line 2: not in UTF-8; save the file as UTF-8."),
        (b"\xff\xfea", True, "f: line 1: not in UTF-8; save the file as UTF-8."),
        (b"a\n\0", True, "f: line 2: not a text file."),
        (b"a\n\x81 \x8d\nb\n\x90", True, "f: line 2, column 1: a character that is neither UTF-8 nor Wind"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data: bytes, windows: bool, said: str) -> None:
    with pytest.raises(FileError) as raised:
        decoded(data, "f", windows=windows)
    assert raised.value.explain().startswith(said)


def test_of_a_file_that_is_none_twenty_lines_are_told() -> None:
    with pytest.raises(FileError) as raised:
        decoded(b"\x81\n" * 100, "f", windows=True)
    assert len(raised.value.mistakes) == 20


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Énergétique", "energetique"),
        ("ŒUVRE", "oeuvre"),
        ("Lætitia", "laetitia"),
        ("straße ﬁn", "strasse fin"),
    ],
)
def test_accents_and_capitals_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("mark", ["\x1b", "\x07", "\x9b", "\x7f", "\0", "\r", "\u202e", "\u2066"])
def test_nothing_shown_commands_a_screen(mark: str) -> None:
    assert harmless(f"a{mark}b\tc\n") == "a\N{REPLACEMENT CHARACTER}b\tc\n"
    assert one_line(f"{mark}a{mark}{mark}b") == "a b"


def test_a_line_end_of_windows_is_one() -> None:
    assert harmless("a\r\nb") == "a\nb"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t=", "\n@", "＝", "\N{NO-BREAK SPACE}+"])
def test_no_cell_of_csv_is_a_formula(start: str) -> None:
    assert unarmed(f"{start}1") == f"'{start}1"
    assert unarmed(f"a{start}1") == f"a{start}1"
