"""The text layer of a PDF: its words where the eye sees them, page by page.

What the eye does not see is left out: letters that are drawn invisible (what a scanner's software recognised,
which is a reading and not the text), that stand off the page, or that are turned another way than most of it.
A PDF comes from strangers: pages and letters are bounded, and whatever a broken one makes its reader do ends in one
sentence.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ctypes import addressof, byref, c_int
from math import pi
from types import ModuleType
from typing import Any, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.pages.layout import around, height_of, middle_of
from opqibi_rules.paper.pages.words import Box, Page, Word

MOST_PAGES = 40
"""No invoice has as many: one that has more is a book, or is meant to keep the machine busy."""
MOST_LETTERS = 120_000
"""Of so many pages together."""
MOST_WORDS = 5_000
"""Of one page; one of small print has half as many."""
WIDEST = 15_000.0
"""Points: the largest page that a PDF can declare without another unit is 14,400."""

_GAP = 0.28
"""Of the height of its letters: a blank as wide parts two words where no space is written."""
_INVISIBLE = 3
"""Text rendering mode 3 (ISO 32000-1, 9.3.6)."""
_PASSWORD = 4
"""The error of pdfium for a PDF that asks for one."""
_HYPHEN, _SPLIT = "-", 2
"""What pdfium gives for a hyphen at the end of a line."""
_SURROGATES = (0xD800, 0xDFFF)
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_QUARTER = pi / 2
_PRECISION = 100
"""Units of a point in which pdfium, which answers in whole ones, is asked for places."""


def text_pages(data: bytes, name: str, most: int = MOST_PAGES) -> tuple[Page, ...]:
    """The pages of a PDF, ``most`` of them at most, with the words of its text layer; one without text has none.

    Raises:
        FileError: it has too many pages or letters, asks for a password, or cannot be read.
        RequestError: the ``page`` extra is not installed.
    """
    pdfium = load("pypdfium2", extra="page")
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = Message("protected by a password: save it without one.")
        damaged = Message("a damaged PDF: its structure cannot be read. Ask for the file again.")
        asks = getattr(error, "err_code", None) == _PASSWORD
        raise FileError(name, [Mistake(locked if asks else damaged)]) from None
    try:
        if len(document) > most:
            message = Message("over {limit} pages: refused; no such document has as many.", limit=most)
            raise FileError(name, [Mistake(message)])
        return tuple(_pages(document, pdfium.raw, name, MOST_LETTERS * most // MOST_PAGES))
    except pdfium.PdfiumError:
        message = Message("a damaged PDF: one of its pages cannot be read. Ask for the file again.")
        raise FileError(name, [Mistake(message)]) from None
    finally:
        document.close()


class _Letter(NamedTuple):
    """One letter, where it stands, and by how many quarters it is turned."""

    text: str
    box: Box
    turned: int


def _pages(document: Any, raw: ModuleType, name: str, left: int) -> Iterator[Page]:
    """Each page, as long as ``left`` letters last."""
    for index in range(len(document)):
        page = document[index]
        width, height = page.get_size()
        text = page.get_textpage()
        try:
            count = text.count_chars()
            left -= count
            if left < 0 or max(width, height) > WIDEST:
                raise _too_much(name)
            found = _page(index + 1, _Seen(page, raw, width, height), list(_letters(text, count, raw)))
            if len(found.words) > MOST_WORDS:
                raise _too_much(name)
            yield found
        finally:
            text.close()
            page.close()


def _too_much(name: str) -> FileError:
    return FileError(
        name, [Mistake(Message("more text, or a larger page, than any such document has: refused."))]
    )


def _page(number: int, seen: "_Seen", found: Sequence[_Letter | None]) -> Page:
    """A page of the letters that stand upright, if it is held as most of them are."""
    turns = Counter((item.turned + seen.turned) % 4 for item in found if item is not None)
    turn = turns.most_common(1)[0][0] if turns else 0
    letters: list[_Letter | None] = []
    for item in found:
        if item is None:
            letters.append(None)
        elif (item.turned + seen.turned) % 4 == turn and seen.shows(box := seen.box(item.box)):
            letters.append(item._replace(box=_upright(box, turn, seen.width, seen.height)))
    width, height = (seen.height, seen.width) if turn % 2 else (seen.width, seen.height)
    return Page(number, width, height, tuple(_words(letters)), quarters=turn)


def _upright(box: Box, turn: int, width: float, height: float) -> Box:
    """A box of a page that is turned back by so many quarters."""
    match turn:
        case 1:
            return Box(box.top, width - box.right, box.bottom, width - box.left)
        case 2:
            return Box(width - box.right, height - box.bottom, width - box.left, height - box.top)
        case 3:
            return Box(height - box.bottom, box.left, height - box.top, box.right)
    return box


class _Seen:
    """A page as it is seen: where pdfium's places stand on it, whatever its rotation and its crop."""

    def __init__(self, page: Any, raw: ModuleType, width: float, height: float) -> None:
        size = (round(width * _PRECISION), round(height * _PRECISION))

        def shown(x: float, y: float) -> tuple[float, float]:
            across, down = c_int(), c_int()
            raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, byref(across), byref(down))
            return across.value / _PRECISION, down.value / _PRECISION

        (self._x, self._y), right, up = shown(0, 0), shown(1000, 0), shown(0, 1000)
        self._across = ((right[0] - self._x) / 1000, (right[1] - self._y) / 1000)
        self._up = ((up[0] - self._x) / 1000, (up[1] - self._y) / 1000)
        self.width, self.height = width, height
        self.turned: int = page.get_rotation() // 90

    def box(self, box: Box) -> Box:
        """A rectangle of pdfium's, whose ordinates go up, as one of the page."""
        (x1, y1), (x2, y2) = (self._point(box.left, box.bottom), self._point(box.right, box.top))
        return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return (
            self._x + x * self._across[0] + y * self._up[0],
            self._y + x * self._across[1] + y * self._up[1],
        )

    def shows(self, box: Box) -> bool:
        """Whether the middle of a box stands on the page."""
        across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        return 0 <= across <= self.width and 0 <= down <= self.height


def _letters(text: Any, count: int, raw: ModuleType) -> Iterator[_Letter | None]:
    """The letters that are drawn, where pdfium says they stand, in the order of the file; ``None`` for a blank."""
    place, shown = raw.FS_RECTF(), dict[int, bool]()
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        letter = _HYPHEN if code == _SPLIT else chr(code)
        if letter.isspace() or letter < " ":
            yield None
            continue
        if not raw.FPDFText_GetLooseCharBox(text, index, byref(place)) or not _drawn(text, index, shown, raw):
            continue
        angle = raw.FPDFText_GetCharAngle(text, index)
        box = Box(place.left, place.top, place.right, place.bottom)
        surrogate = _SURROGATES[0] <= code <= _SURROGATES[1]  # half of a character, a drawing as a rule
        yield _Letter("\N{REPLACEMENT CHARACTER}" if surrogate else letter, box, -round(angle / _QUARTER) % 4)


def _drawn(text: Any, index: int, shown: dict[int, bool], raw: ModuleType) -> bool:
    """Whether a letter is drawn; each piece of text is asked once."""
    piece = raw.FPDFText_GetTextObject(text, index)
    if not piece:
        return True
    key = addressof(piece.contents)
    if key not in shown:
        shown[key] = raw.FPDFTextObj_GetTextRenderMode(piece) != _INVISIBLE
    return shown[key]


def _words(letters: Iterable[_Letter | None]) -> Iterator[Word]:
    """Letters that follow one another without a blank between them."""
    word: list[_Letter] = []
    for letter in letters:
        if word and (letter is None or _parted(word[-1].box, letter.box)):
            yield _word(word)
            word = []
        if letter is not None:
            word.append(letter)
    if word:
        yield _word(word)


def _parted(box: Box, following: Box) -> bool:
    height = min(height_of(box), height_of(following))
    gap = following.left - box.right
    return not box.top <= middle_of(following) <= box.bottom or not -height <= gap <= _GAP * height


def _word(letters: Sequence[_Letter]) -> Word:
    text = "".join(letter.text for letter in letters).translate(_LIGATURES)
    return Word(text, around(letter.box for letter in letters))
