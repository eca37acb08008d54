"""Text as it comes in and as it goes out: decoded once, folded once, and never a command to what shows it.

A file from a stranger may hold escapes that move a terminal's cursor, marks that show a line backwards, or a
cell that a spreadsheet takes for a formula: what leaves goes through here.
"""

import codecs
import json
import re
import unicodedata
from collections.abc import Iterable

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


_SEQUENCE = (
    rb"(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})"
)
"""A character of several bytes in UTF-8 (Unicode, table 3-7)."""
_CLOSES = rb"[\x80\x85\x91-\x97\x99\x9b\xa0\xa7\xa9\xab\xad\xae\xb0\xb2-\xb4\xb7\xb9-\xbb]"
"""What follows a word in Windows-1252: a no-break space, « » ’ ” … – ° ² · € ®."""
_MACINTOSH = rb"[\xc7\xca\xd2\xd4\xd5][\x82\x83\x88-\x90\x94\x99\x9e]"
"""An accented letter after « “ ‘ ’ or a no-break space on a Macintosh of old: « l’étude »; in UTF-8, one sign."""
_WINDOWS = rb"[\xc6-\xcb\xd4\xd6\xd9\xdb\xdc]" + _CLOSES + rb"|[\xe0\xe6-\xeb\xee]" + _CLOSES + rb"{2}"
"""The end of a word in Windows-1252, « QUALITÉ… », « société » before a no-break space and a guillemet; in UTF-8, one
sign of phonetics or of Chinese. No French word ends by the letters that begin French signs in UTF-8: Â, Ã, Å, â."""
_OLDER = re.compile(_MACINTOSH + rb"|" + _WINDOWS)
_UTF8 = re.compile(rb"(?!" + _OLDER.pattern + rb")" + _SEQUENCE)
"""A character in UTF-8 that is no text in an older encoding."""
_MAY_BE_UTF8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
"""What begins one: few places of a text in Windows-1252, and found ten times as fast."""
_RARE = re.compile(rb"[\x80-\x9f]")
"""Punctuation, € and œ in Windows-1252, among which those for DOS and the Macintosh have most letters."""
_LACKED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that Windows-1252 does not use."""
_LETTERS_OF_OTHERS = re.compile(
    rb"[\x80\x82-\x8b\x8e\x91\x93-\x9b\x9e\x9f]"
    rb"(?:(?<=[\x82-\x84\x86-\x8b\x8e\x98\x9a\x9b\x9e\x9f])|(?<=[A-Za-z].)(?=[A-Za-z]))"
)
"""Letters for DOS and the Macintosh, é and è among them; for Windows signs seldom used, or out of place in a word."""

STRAY = {
    "utf-8": Message("a character in another encoding than the rest; save the whole file as « CSV UTF-8 »."),
    "cp1252": Message("a character that is neither UTF-8 nor Windows-1252; save the file as UTF-8."),
    "ascii": Message(
        "a character that is not in UTF-8, and may be of Windows, of DOS or of a Macintosh of old: it is not "
        "guessed; save the whole file as « CSV UTF-8 »."
    ),
}
"""What is said of a character that is not of its file's encoding."""


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
        if not windows or data.startswith((*_WIDE, codecs.BOM_UTF8)):
            message = Message("not in UTF-8; save the file as UTF-8.")
            line = data.count(b"\n", 0, error.start) + 1
            raise FileError(name, [Mistake(message, line=line)]) from None
        raise FileError(name, _strays(data, encoding)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileError(name, [Mistake(Message("not a text file."), line=line)])
    return text


def encoding_of(data: bytes, *, windows: bool, whole: bool = True) -> str:
    """The encoding of a text, in Python's words, by its mark or by what its bytes can be: UTF-8 is ``utf-8-sig``.

    Where they are of none throughout, that of the characters which can be told, as :func:`older_encoding` says.
    """
    if data.startswith(_WIDE):
        return json.detect_encoding(data)
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, whole)
    except UnicodeDecodeError:
        return older_encoding([data]) if windows else "utf-8"
    return "utf-8-sig"


def older_encoding(pieces: Iterable[bytes]) -> str:
    """The encoding of a text some of whose bytes are no UTF-8, in Python's words.

    ``utf-8`` where other characters are in UTF-8 beyond doubt: these bytes are strays; else ``cp1252``, which may yet
    lack some. ``ascii``: no character beyond is sure, where the lines end as on a Macintosh of old, or a byte that
    Windows-1252 lacks stands in the company of letters for others.

    >>> older_encoding(["5 €".encode(), "René".encode("cp1252")]), older_encoding(["QUALITÉ… née".encode("cp1252")])
    ('utf-8', 'cp1252')
    """
    feeds = returns = lacked = others = macintosh = False
    last = b""
    for piece in pieces:
        feeds, returns = feeds or b"\n" in piece, returns or b"\r" in piece
        if piece.isascii():
            last = b""
            continue
        data = last + piece
        if _has_utf8(data):
            return "utf-8"
        if _RARE.search(data):
            macintosh = macintosh or re.search(_MACINTOSH, data) is not None
            lacked = lacked or _LACKED.search(data) is not None
            others = others or _LETTERS_OF_OTHERS.search(data) is not None
        last = data[-3:]
    unsure = macintosh or (returns and not feeds) or (lacked and others)
    return "ascii" if unsure else "cp1252"


def _has_utf8(data: bytes) -> bool:
    """Whether a character is in UTF-8 beyond doubt."""
    return any(_UTF8.match(data, met.start()) for met in _MAY_BE_UTF8.finditer(data))


def is_sure(line: bytes, encoding: str) -> bool:
    """Whether a line of a text in that encoding, as :func:`encoding_of` tells it, can be read in one way only."""
    if line.isascii():
        return True
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return encoding != "utf-8" or not _OLDER.search(line) or _has_utf8(line)


def _strays(data: bytes, encoding: str) -> list[Mistake]:
    """Each line that has a character not of that encoding."""
    mistakes = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError as wrong:
            column = len(line[: wrong.start].decode(encoding)) + 1
            mistakes.append(Mistake(STRAY[encoding], "", number, column))
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
