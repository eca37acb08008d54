"""Text as it comes in and as it goes out: decoded once, folded once, and never a command to what shows it.

A file from a stranger may hold escapes that move a terminal's cursor, marks that show a line backwards, or a
cell that a spreadsheet takes for a formula: what leaves goes through here.
"""

import codecs
import json
import re
import unicodedata

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message

MOST_MISTAKES = 20
"""Past that many, a file is not what it seems: the others are not told."""

_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = "\\x00-\\x1f\\x7f-\\x9f\u202a-\u202e\u2066-\u2069"
"""Control characters, those of the terminal among them, and the marks that turn the reading round."""
_UNSHOWN = re.compile(f"(?![\t\n])[{_CONTROLS}]")
_RUN = re.compile(f"[{_CONTROLS}]+")
_FORMULA = re.compile(r"\s*[-=+@＝＋－＠]")
_WHOLE = {"œ": "oe", "æ": "ae", "ø": "o"}
"""Letters that Unicode does not take apart."""
_UNSAFE = re.compile(r"[\s|;]+")
"""Separators, which break a line or a column, and spaces of all kinds."""
_PLAIN_SIGNS = str.maketrans({"’": "'", "–": "-", "—": "-", "−": "-", "«": '"', "»": '"', "…": "..."})


def decoded(data: bytes, name: str, *, windows: bool = False, whole: bool = True) -> str:
    """The text of a file: UTF-8, with its mark or without, or UTF-16 and UTF-32 where a mark says so.

    Args:
        data: its bytes.
        name: its name, for errors.
        windows: else in Windows-1252, as spreadsheets save.
        whole: these are all the bytes; else the last character may be cut.

    Raises:
        FileError: in no such encoding, each line that is not; or with a NUL, which no text has.
    """
    encoding = "ascii" if data.isascii() else encoding_of(data, windows=windows, whole=whole)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, whole)
    except UnicodeDecodeError as error:
        raise FileError(name, _undecoded(data, error, windows=windows)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileError(name, [Mistake(Message("not a text file."), line=line)])
    return text


def encoding_of(data: bytes, *, windows: bool, whole: bool = True) -> str:
    """The encoding of a text, in Python's words, by its mark or by what its bytes can be."""
    if data.startswith(_WIDE):
        return json.detect_encoding(data)
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, whole)
    except UnicodeDecodeError:
        return "cp1252" if windows else "utf-8"
    return "utf-8-sig"


def _undecoded(data: bytes, error: UnicodeDecodeError, *, windows: bool) -> list[Mistake]:
    if not windows or data.startswith((*_WIDE, codecs.BOM_UTF8)):
        message = Message("not in UTF-8; save the file as UTF-8.")
        return [Mistake(message, line=data.count(b"\n", 0, error.start) + 1)]
    mistakes = []
    for line, part in enumerate(data.split(b"\n"), 1):
        try:
            part.decode("cp1252")
        except UnicodeDecodeError as wrong:
            message = Message("a character that is neither UTF-8 nor Windows-1252; save the file as UTF-8.")
            mistakes.append(Mistake(message, "", line, wrong.start + 1))
    return mistakes[:MOST_MISTAKES]


def fold(text: str) -> str:
    """A text without accents, ligatures nor capitals, to compare what people write.

    >>> fold("Œuvre ÉNERGÉTIQUE")
    'oeuvre energetique'
    """
    if text.isascii():  # as most are: nothing to take apart
        return text.lower()
    plain = "".join(_WHOLE.get(char, char) for char in text.casefold())
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))


def plain_words(text: str) -> str:
    """The words of a text to compare: folded, punctuation as single spaces.

    >>> plain_words("Frais d’Instruction : code-tarif n° 5")
    'frais d instruction code tarif n 5'
    """
    return " ".join(re.sub("[^a-z0-9]+", " ", fold(text.replace("°", " "))).split())


class PlainText:
    """A text as its words are compared, and how any of them are written in it.

    >>> said = PlainText("Déjà réglée (le 5 mars)")
    >>> said.words, said.written(0, 11)
    ('deja reglee le 5 mars', 'Déjà réglée')
    """

    def __init__(self, text: str) -> None:
        self._words = [(plain, word) for word in text.split() for plain in plain_words(word).split()]
        self.words = " ".join(plain for plain, _ in self._words)

    def written(self, start: int, stop: int) -> str:
        """What stands between two places of the words; ``stop`` is the one after the last."""
        first, last = self.words.count(" ", 0, start), self.words.count(" ", 0, stop) + 1
        return " ".join(dict.fromkeys(word for _, word in self._words[first:last]))


def harmless(text: str) -> str:
    r"""A text to show, without the characters by which a file could command the reader's terminal.

    >>> harmless("a\x1b[2Jb")
    'a�[2Jb'
    """
    return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def spelled(json: str) -> str:
    r"""A text of JSON in which what :func:`harmless` takes away is spelled out: the same values, and no command.

    >>> spelled('{"name": "a\x9b2J"}')
    '{"name": "a\\u009b2J"}'
    """
    return _UNSHOWN.sub(lambda met: f"\\u{ord(met[0]):04x}", json)


def one_line(text: str) -> str:
    r"""A text to keep, each run of control characters as one space.

    >>> one_line(" F-1\r\n2 ")
    'F-1 2'
    """
    return _RUN.sub(" ", text).strip()


def unarmed(text: str) -> str:
    """A text for a cell of CSV, that no spreadsheet takes for a formula.

    >>> unarmed("=1+1"), unarmed("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def cleaned(text: str) -> str:
    """A text that no tool takes for two: each run of separators and controls is one space.

    Typographic signs that old encodings lack become plain ones.

    >>> cleaned("F-1|2, frais d’instruction")
    "F-1 2, frais d'instruction"
    """
    return _UNSAFE.sub(" ", one_line(text.translate(_PLAIN_SIGNS))).strip()
