"""A picture of a page as its words and their places: turned upright, straightened, read twice.

The first reading is that of the engine that needs no system package; the second is tesseract's where the machine
has it, else the same engine's on the same lines blurred, which stains and noise mislead otherwise (on a noisy page
at 150 dpi, of 523 lines that both read alike, one was wrong: an O for a 0). Two readings that agree are what makes a
value believed sooner: neither is ever mended by the other here.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import atan2, cos, hypot, radians, sin
from typing import TYPE_CHECKING

from opqibi_rules.paper.extras import load
from opqibi_rules.paper.pages.line_reader import Piece, lines_in, read_lines, upside_down
from opqibi_rules.paper.pages.picture_file import EXTRA, Picture
from opqibi_rules.paper.pages.second_reader import second_reading
from opqibi_rules.paper.pages.words import Box, Page, Word

if TYPE_CHECKING:
    from opqibi_rules.paper.pages.line_reader import Corners
    from opqibi_rules.paper.pages.picture_file import Pixels

_LONG = 3.0
"""A line so many times longer than high says which way the page is turned and how much it leans."""
_LETTER = 2.5
"""Times the height of most lines: one that is higher than wide and no higher than this is a letter alone."""
_ASKED = 15
"""Lines that are asked whether the page stands on its head."""
_NEAR = 0.01
"""Radians: lines that lean so much like the middle one have a say in how much the page leans."""
_GLYPHS = 0.17
"""Of its height, what the engine takes above and below the letters of a line."""
_BLANK = 0.45
"""Of the height of a line: a gap less wide is a blank between two words,"""
_NARROW = 0.1
"""which is then made so wide."""
_WIDER = 0.1
"""Of its height, what is taken round a line that is read again."""
_PROSE = 40
"""Letters: a longer line without any figure is not read again."""
_COLOURED = 70
"""Of 255: by how much more than the paper ink is red, or green, or blue."""
_LEAST_COLOURED = 0.0003
"""Of the page: less of it stamps nothing."""
_AS_HIGH = 0.5
"""Of its height: a line no smaller, read where coloured ink stands, is that ink's."""
_CONFUSED = re.compile("[A-Za-z][015628]|[015628][A-Za-z]")
"""A figure beside a letter may be a letter: an engine that took it for a figure once does so twice."""


def read_picture(picture: Picture) -> Page:
    """The words of a picture, their places in points on the upright page.

    Raises:
        RequestError: the ``scan`` extra is not installed.
    """
    pixels, lines, quarters = _upright(picture.pixels, lines_in(picture.pixels))
    lines = _horizontal(lines)
    scale = 72 / picture.dpi
    lean = _lean(lines)
    height, width = pixels.shape[:2]
    straight = _straight(lines, lean, width, height)
    first = read_lines([_cut(pixels, line) for line in lines])
    other = second_reading(_straightened(pixels, lean), picture.dpi)
    if other is None:
        other = _placed(straight, _read_again(pixels, lines, first))
    words, second = (tuple(_scaled(word, scale) for word in one) for one in (_placed(straight, first), other))
    return Page(
        picture.number,
        width * scale,
        height * scale,
        words,
        sure=False,
        second=second,
        stamped=tuple(_stamped(pixels, lines[[bool(pieces) for pieces in first]])),
        quarters=quarters,
        lean=lean,
    )


def _stamped(pixels: "Pixels", known: "Corners") -> Iterator[str]:
    """What coloured ink says over other letters: together they are no line, and neither would be read.

    ``known``: the lines that were read; coloured words among them are theirs.
    """
    numpy = load("numpy", extra=EXTRA)
    shades = pixels.astype(numpy.int16) - numpy.median(pixels[::16, ::16], axis=(0, 1)).astype(numpy.int16)
    coloured = shades.max(axis=2) - shades.min(axis=2) > _COLOURED
    if coloured.mean() < _LEAST_COLOURED:
        return
    alone = numpy.where(coloured[:, :, None], pixels, 255).astype(numpy.uint8)
    apart = [line for line in lines_in(alone) if not _is_read(line, known)]
    for pieces in read_lines([_cut(alone, line) for line in apart]):
        if pieces:
            yield " ".join(piece.text for piece in pieces)


def _is_read(line: "Corners", known: "Corners") -> bool:
    """Whether lines that were read, about as high, hold the middle of this one."""
    height = float(hypot(*(line[3] - line[0])))
    for other in known:
        far = line.mean(axis=0) - other.mean(axis=0)
        along, below = other[1] - other[0], other[3] - other[0]
        length, high = max(1.0, float(hypot(*along))), max(1.0, float(hypot(*below)))
        within = abs(far @ along) <= length * length / 2 and abs(far @ below) <= high * high / 2
        if within and high >= _AS_HIGH * height:
            return True
    return False


def _read_again(
    pixels: "Pixels", lines: "Corners", first: Sequence[tuple[Piece, ...]]
) -> list[tuple[Piece, ...]]:
    """The same lines as the same engine reads them blurred, but for prose and for what it confuses twice."""
    cv2 = load("cv2", extra=EXTRA)
    blurred = cv2.GaussianBlur(cv2.medianBlur(pixels, 3), (0, 0), 0.6)
    said = ["".join(piece.text for piece in pieces) for pieces in first]
    wanted = [i for i, text in enumerate(said) if text and (len(text) <= _PROSE or re.search("[0-9]", text))]
    again = iter(read_lines([_cut(blurred, lines[i], wider=_WIDER) for i in wanted]))
    found: list[tuple[Piece, ...]] = [()] * len(said)
    for i in wanted:
        found[i] = tuple(piece for piece in next(again) if not _CONFUSED.search(piece.text))
    return found


def _upright(pixels: "Pixels", lines: "Corners") -> tuple["Pixels", "Corners", int]:
    """The page as one reads it, and by how many quarters it was turned to the left.

    The way its long lines run tells, and where their tops are.
    """
    numpy = load("numpy", extra=EXTRA)
    across, down = _sides(lines)
    quarters = 0
    if numpy.sum(down[down > _LONG * across]) > numpy.sum(across[across > _LONG * down]):
        pixels, lines = _quarter_turn(pixels, lines)
        across, down = _sides(lines)
        quarters = 1
    longest = numpy.argsort(-across * (across > _LONG * down), kind="stable")[:_ASKED]
    if len(longest) and upside_down([_cut(pixels, line) for line in lines[longest]]):
        for _ in range(2):
            pixels, lines = _quarter_turn(pixels, lines)
        quarters += 2
    return pixels, lines, quarters


def _sides(lines: "Corners") -> tuple["Corners", "Corners"]:
    """How long each line is across the page, and how high."""
    numpy = load("numpy", extra=EXTRA)
    norm = numpy.linalg.norm
    return norm(lines[:, 1] - lines[:, 0], axis=1), norm(lines[:, 3] - lines[:, 0], axis=1)


def _quarter_turn(pixels: "Pixels", lines: "Corners") -> tuple["Pixels", "Corners"]:
    """Turned by 90° to the left: what was right top is left top."""
    numpy = load("numpy", extra=EXTRA)
    turned = numpy.stack([lines[:, :, 1], pixels.shape[1] - lines[:, :, 0]], axis=2)
    return numpy.ascontiguousarray(numpy.rot90(pixels)), numpy.roll(turned, -1, axis=1)


def _horizontal(lines: "Corners") -> "Corners":
    """Without the lines that run up or down the page: they are no part of its text."""
    numpy = load("numpy", extra=EXTRA)
    if not len(lines):
        return lines
    across, down = _sides(lines)
    kept: Corners = lines[
        (down < 1.5 * across) | (down < _LETTER * numpy.median(numpy.minimum(across, down)))
    ]
    return kept


def _lean(lines: "Corners") -> float:
    """Radians by which the lines go down to the right: the mean of the long ones, those that lean apart left out."""
    leans = []
    for line in lines:
        across, down = line[1] - line[0], line[3] - line[0]
        length = hypot(*across)
        if length > _LONG * hypot(*down):
            # the lower edge as well: the engine's corners are whole pixels
            both = across + line[2] - line[3]
            leans.append((atan2(both[1], both[0]), length))
    passed = accumulate(length for _, length in sorted(leans))
    half = sum(length for _, length in leans) / 2
    middle = next(
        (lean for (lean, _), so_far in zip(sorted(leans), passed, strict=True) if so_far >= half), 0.0
    )
    near = [(lean, length) for lean, length in leans if abs(lean - middle) < _NEAR]
    return sum(lean * length for lean, length in near) / sum(length for _, length in near) if near else 0.0


def _turning(lean: float, width: float, height: float) -> tuple[tuple[float, float, float], ...]:
    """The two rows that take a point of the page to its place on the straight one, round the middle."""
    along, aside, x, y = cos(lean), sin(lean), width / 2, height / 2
    return (along, aside, x - along * x - aside * y), (-aside, along, y + aside * x - along * y)


def _straight(lines: "Corners", lean: float, width: float, height: float) -> "Corners":
    numpy = load("numpy", extra=EXTRA)
    turning = numpy.float32(_turning(lean, width, height))
    straight: Corners = lines @ turning[:, :2].T + turning[:, 2]
    return straight


def _straightened(pixels: "Pixels", lean: float) -> "Pixels":
    if abs(lean) < radians(0.1):
        return pixels
    cv2, numpy = load("cv2", extra=EXTRA), load("numpy", extra=EXTRA)
    height, width = pixels.shape[:2]
    turning = numpy.float64(_turning(lean, width, height))
    paper = [int(shade) for shade in numpy.median(pixels[::16, ::16], axis=(0, 1))]
    straight: Pixels = cv2.warpAffine(
        pixels, turning, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper
    )
    return straight


def _cut(pixels: "Pixels", line: "Corners", *, wider: float = 0.0) -> "Pixels":
    """A line alone, straight; ``wider`` on every side by a fraction of its height."""
    cv2, numpy = load("cv2", extra=EXTRA), load("numpy", extra=EXTRA)
    across, down = line[1] - line[0], line[3] - line[0]
    length, height = max(1.0, float(hypot(*across))), max(1.0, float(hypot(*down)))
    along, below = across / length * height * wider, down * wider
    corners = line + numpy.stack([-along - below, along - below, along + below, -along + below])
    size = [max(1, round(side + 2 * wider * height)) for side in (length, height)]
    target = numpy.float32([[0, 0], [size[0], 0], size, [0, size[1]]])
    taken = cv2.getPerspectiveTransform(corners.astype(numpy.float32), target)
    alone: Pixels = cv2.warpPerspective(
        pixels, taken, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return alone


def _placed(lines: "Corners", read: Sequence[tuple[Piece, ...]]) -> tuple[Word, ...]:
    """The words of straight lines, each where it stands."""
    return tuple(
        Word(piece.text, _box(line, piece))
        for line, pieces in zip(lines, read, strict=True)
        for piece in _closed(pieces, line)
    )


def _closed(pieces: Sequence[Piece], line: "Corners") -> Iterator[Piece]:
    """The words of a line, a plain blank between two being narrow: the engine gives letters all the same width."""
    height = float(hypot(*(line[3] - line[0]))) / max(1.0, float(hypot(*(line[1] - line[0]))))
    left = 0.0
    for index, piece in enumerate(pieces):
        right = 0.0
        if index + 1 < len(pieces) and (gap := pieces[index + 1].start - piece.end) < _BLANK * height:
            right = max(0.0, gap - _NARROW * height) / 2
        yield piece._replace(start=piece.start - left, end=piece.end + right)
        left = right


def _box(line: "Corners", piece: Piece) -> Box:
    inner = _GLYPHS * (line[[3, 2, 1, 0]] - line) + line
    top, bottom = inner[1] - inner[0], inner[2] - inner[3]
    corners = [
        inner[0] + top * piece.start,
        inner[0] + top * piece.end,
        inner[3] + bottom * piece.start,
        inner[3] + bottom * piece.end,
    ]
    across, down = zip(*((float(x), float(y)) for x, y in corners), strict=True)
    return Box(min(across), min(down), max(across), max(down))


def _scaled(word: Word, scale: float) -> Word:
    box = word.box
    return Word(word.text, Box(*(side * scale for side in (box.left, box.top, box.right, box.bottom))))
