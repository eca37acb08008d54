"""Pictures of pages, from a PNG, a JPEG, a TIFF of several pages, or the pages of a PDF that bear no text.

A picture comes from strangers: what it unfolds to is known from its first bytes and bounded before it is unfolded;
whatever a broken one makes its reader do ends in one sentence.
"""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.pages.words import Page

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels = NDArray[uint8]

EXTRA = "scan"
MOST_PIXELS = 64_000_000
"""Of one page: an A4 at 600 dpi has 35 million, a telephone's picture up to 50."""
MOST_PICTURES = 12
"""Pages read by their picture in one document: each takes some seconds."""
SMALLEST = 300
"""Pixels of the shorter side: a smaller one is a logo or an icon, and bears no page."""
LONGEST = 3508
"""Pixels of the longer side that are kept: an A4 at 300 dpi."""

_A4 = 841.89
"""Points of the longer side, where a picture does not say how large it is."""
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_KINDS = ("PNG", "JPEG", "TIFF")
_UNREAD = (b"GIF8", b"BM", b"RIFF")
_FEW_WORDS = 20
"""A page that shows a picture and so few words is a scan that somebody stamped."""


class NoPageError(FileError):
    """A picture that is too small to show a page: a logo, an icon."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A page as pixels (rows of blue, green, red), and its size in points."""

    number: int
    pixels: "Pixels"
    width: float
    height: float

    @property
    def dpi(self) -> float:
        """Pixels in an inch."""
        return 72 * float(self.pixels.shape[1]) / self.width


def is_picture(data: bytes) -> bool:
    """Whether a file is a picture, of a kind that is read or not."""
    return data.startswith((*_STARTS, *_UNREAD)) or _is_heic(data)


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}


def pictures(data: bytes, name: str) -> Iterator[Picture]:
    """Each page of a picture's file, upright as its camera noted it.

    Raises:
        NoPageError: too small.
        FileError: of another kind, too large, with too many pages, or broken.
        RequestError: the ``scan`` extra is not installed.
    """
    if not data.startswith(_STARTS):
        message = Message("a picture of a kind that is not read: save it as JPEG, PNG, TIFF or PDF.")
        raise FileError(name, [Mistake(message)])
    images = load("PIL.Image", extra=EXTRA)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a broken or a vast picture, which is told below
            image = images.open(io.BytesIO(data), formats=_KINDS)
            count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
            _few(count, name)
            for index in range(count):
                image.seek(index)
                yield _picture(image, index + 1, name)
    except (FileError, GeneratorExit):
        raise
    except images.DecompressionBombError:
        raise _too_large(name) from None
    except Exception:  # noqa: BLE001 - a broken picture makes its reader fail in any way; none is a traceback
        message = Message("a damaged picture: it cannot be read. Ask for the file again.")
        raise FileError(name, [Mistake(message)]) from None


def _few(count: int, name: str) -> None:
    if count > MOST_PICTURES:
        message = Message("over {limit} pages to read by their picture: refused.", limit=MOST_PICTURES)
        raise FileError(name, [Mistake(message)])


def _too_large(name: str) -> FileError:
    message = Message(
        "a picture of over {limit} million pixels: refused. Scan it at 300 dpi.", limit=MOST_PIXELS // 10**6
    )
    return FileError(name, [Mistake(message)])


def _picture(image: "Image", number: int, name: str) -> Picture:
    """One page, bounded before it is unfolded."""
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(name)
    if min(image.size) < SMALLEST:
        message = Message(
            "a picture of {width} × {height} pixels: too small for a page.",
            width=image.width,
            height=image.height,
        )
        raise NoPageError(name, [Mistake(message)])
    transposed = load("PIL.ImageOps", extra=EXTRA).exif_transpose
    resolution = image.info.get("dpi", (0, 0))[0]
    longest = max(image.size)
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (LONGEST, LONGEST))
    upright = transposed(_grey_to_eight_bits(image))
    upright.thumbnail((LONGEST, LONGEST))
    points = 72 * longest / float(resolution) if resolution and 90 <= resolution <= 1200 else _A4
    if not _A4 / 4 <= points <= 2 * _A4:
        points = _A4
    scale = points / max(upright.size)
    return Picture(number, _blue_first(upright), upright.width * scale, upright.height * scale)


def _grey_to_eight_bits(image: "Image") -> "Image":
    """Sixteen bits of grey as eight: converting them cuts them off instead."""
    if image.mode.startswith(("I", "F")):
        return image.convert("I").point(lambda value: value / 257).convert("L")
    return image


def _blue_first(image: "Image") -> "Pixels":
    """The pixels of an image of any mode, what is transparent being paper."""
    numpy, images = load("numpy", extra=EXTRA), load("PIL.Image", extra=EXTRA)
    if "A" in image.getbands() or "transparency" in image.info:
        paper = images.new("RGBA", image.size, "white")
        image = images.alpha_composite(paper, image.convert("RGBA"))
    pixels: Pixels = numpy.ascontiguousarray(numpy.asarray(image.convert("RGB"))[:, :, ::-1])
    return pixels


def to_be_read(pages: tuple[Page, ...], data: bytes, name: str) -> Iterator[Picture]:
    """The pictures of those pages of a PDF whose text layer does not bear what they show; blank ones left out.

    Raises:
        FileError: too many such pages, or one that cannot be drawn.
        RequestError: the ``scan`` extra is not installed.
    """
    wanted = [page for page in pages if len(page.words) < _FEW_WORDS]
    if not wanted:
        return
    pdfium = load("pypdfium2", extra=EXTRA)
    document = pdfium.PdfDocument(data)
    drawn = 0
    try:
        for page in wanted:
            sheet = document[page.number - 1]
            resolution = _resolution(sheet, pdfium.raw)
            if page.words and not resolution:
                continue
            scale = min(max(resolution, 150), 300) / 72 if resolution else 200 / 72
            scale = min(scale, LONGEST / max(page.width, page.height))
            pixels: Pixels = sheet.render(scale=scale, prefer_bgrx=False).to_numpy()
            if int(pixels.max()) - int(pixels.min()) > _BLANK:
                drawn += 1
                _few(drawn, name)
                yield Picture(page.number, pixels[:, :, :3], page.width, page.height)
            sheet.close()
    except pdfium.PdfiumError:
        message = Message("a damaged PDF: one of its pages cannot be read. Ask for the file again.")
        raise FileError(name, [Mistake(message)]) from None
    finally:
        document.close()


_BLANK = 40
"""Shades, of 256, between the lightest and the darkest: a page that has no more shows nothing."""


def _resolution(sheet: Any, raw: ModuleType) -> float:
    """Pixels in an inch of the picture that covers half the page or more; 0: none does."""
    width, height = sheet.get_size()
    best = 0.0
    for item in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = item.get_bounds()
        if (right - left) * (top - bottom) >= width * height / 2:
            best = max(best, 72 * max(item.get_px_size()) / max(right - left, top - bottom))
    return best
