"""Text decoded, folded, and made harmless: each in one place."""

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper.text import decoded, fold, harmless, older_encoding, one_line, unarmed


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


ENDS = "ÉÈÊËÀÂÙÛÔÎÏÇÜÖŒÆéèêëàâùûôîïçüöœæ"
"""The accented letters and ligatures of French, each as if a word ended by it."""
CLOSES = [
    "»",
    "\xa0»",
    "’",
    "”",
    "…",
    "\xa0…",
    "–",
    "\xa0–",
    "\xa0—",
    "°",
    "²",
    "·",
    "€",
    "\xa0€",
    "®",
    "™",
    "\xa0!",
    "\xa0:",
]


@pytest.mark.parametrize("before", ["née ", "Abbé : "])
@pytest.mark.parametrize("end", ENDS)
def test_a_word_of_windows_that_could_be_utf_8_is_read_or_refused_never_garbled(
    before: str, end: str
) -> None:
    """« QUALITÉ… », « société\xa0» »: two or three bytes that are a sign of phonetics or of Chinese in UTF-8 too."""
    refused = set()
    for closes in CLOSES:
        text = f"{before}X{end}{closes}\n"
        try:
            assert decoded(text.encode("cp1252"), "f", windows=True) == text
        except FileError as error:
            refused.add(closes)
            assert error.mistakes[0].line == 1
    # No French word ends by Â or â, Î or Ï; by hand, the signs of UTF-8 whose first byte these are: ° é λ € œ.
    assert not refused or end in "ÂâÎÏïÇÊÔ", refused


def test_a_word_that_ends_as_french_ones_do_is_read() -> None:
    for word in (
        "QUALITÉ…",
        "QUALITÉ\xa0»",
        "société\xa0»",
        "payé\xa0€",
        "DIPLÔMÉ·E",
        "NOË\xa0»",
        "OÙ\xa0»",
        "CAFÉ’",
        "là\xa0—",
    ):
        for near in ("née", "Hôtel", "«\xa0une"):
            text = f"{near};{word}\n"
            assert decoded(text.encode("cp1252"), "f", windows=True) == text


FRENCH = "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»\xa0\u202f’‘“”–—…€°²³·§©®™•\ufeff"


@pytest.mark.parametrize(
    "stray", [b"Ren\xe9", b"\xe9t\xe9", b"5 \x80", b"l\x92eau", b"\x81", b"\xa0", b"\xab a \xbb", b"\xc3"]
)
def test_a_stray_byte_never_has_utf_8_read_as_windows(stray: bytes) -> None:
    """« € » came out as « â‚¬ », « n° » as « nÂ° »."""
    for sign in FRENCH:
        for lines, line in (([f"5 {sign}x".encode(), stray], 2), ([stray, f"5{sign}".encode()], 1)):
            with pytest.raises(FileError) as raised:
                decoded(b"\r\n".join(lines), "f", windows=True)
            (mistake,) = raised.value.mistakes
            assert (mistake.line, "in another encoding than the rest" in str(mistake.message)) == (line, True)


def test_each_line_that_is_not_of_the_encoding_is_told_with_its_column() -> None:
    with pytest.raises(FileError) as raised:
        decoded("Étude\rné".encode() + b" l\xe0\r\nNo\xebl\n\xc3\xa9\n\xe9", "f", windows=True)
    assert [(mistake.line, mistake.column) for mistake in raised.value.mistakes] == [(2, 5), (3, 3), (5, 1)]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_letters_for_another_machine_are_not_guessed_where_windows_lacks_one(encoding: str) -> None:
    # ç and è for the Macintosh, É for DOS; and « l’é » for the Macintosh, in UTF-8 an Armenian letter.
    text = "Société\nFrançaise d’ÉLÈVE" if encoding == "mac_roman" else "Société\nÉLÈVE"
    with pytest.raises(FileError, match="it is not guessed"):
        decoded(text.encode(encoding), "f", windows=True)
    if encoding == "mac_roman":
        with pytest.raises(FileError, match="it is not guessed"):
            decoded("Société de l’énergie\n".encode(encoding), "f", windows=True)


def test_characters_in_pieces_are_told_as_whole() -> None:
    data = "René ; 5".encode("cp1252") + " €".encode()
    for cut in range(len(data)):
        assert older_encoding([data[:cut], data[cut:]]) == "utf-8"
