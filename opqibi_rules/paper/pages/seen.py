"""Pages as the eye sees them: small grey pictures, turned as their words stand, for somebody to read beside.

Made where the document is read, of a document that was: whatever is wrong with it was told before.
"""

import io
from base64 import b64encode
from collections.abc import Collection, Iterator
from math import degrees
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from opqibi_rules.paper.extras import load
from opqibi_rules.paper.pages.picture_file import is_picture, pictures
from opqibi_rules.paper.pages.words import Page

if TYPE_CHECKING:
    from PIL.Image import Image

EXTRA = "scan"
LONGEST = 1600
"""Pixels of the longer side: small print can be read on it, and it weighs some 200 KB."""
_QUALITY = 55
"""Of JPEG: letters stand clear of what it blurs."""


class Seen(NamedTuple):
    """The picture of a page: a JPEG."""

    number: int
    width: float
    """In points, as the places of the page's words."""
    height: float
    picture: bytes

    @property
    def base64(self) -> str:
        """The picture as text."""
        return b64encode(self.picture).decode()


def seen(data: bytes, name: str, pages: Collection[Page]) -> Iterator[Seen]:
    """The pictures of these pages of a PDF or of a picture's file, in their order.

    Raises:
        RequestError: the ``scan`` extra is not installed.
    """
    images = load("PIL.Image", extra=EXTRA)
    wanted = {page.number: page for page in pages}
    if is_picture(data):
        for picture in pictures(data, name):
            if page := wanted.get(picture.number):
                yield _seen(images.fromarray(picture.pixels[:, :, ::-1]), page, images)
        return
    document = load("pypdfium2", extra=EXTRA).PdfDocument(data)
    try:
        for page in wanted.values():
            sheet = document[page.number - 1]
            scale = LONGEST / max(sheet.get_size())
            yield _seen(sheet.render(scale=scale, grayscale=True).to_pil(), page, images)
            sheet.close()
    finally:
        document.close()


def _seen(image: "Image", page: Page, images: ModuleType) -> Seen:
    small = image.convert("L")
    small.thumbnail((LONGEST, LONGEST))
    if page.quarters % 4:
        turns = (images.Transpose.ROTATE_90, images.Transpose.ROTATE_180, images.Transpose.ROTATE_270)
        small = small.transpose(turns[page.quarters % 4 - 1])
    if page.lean:
        small = small.rotate(degrees(page.lean), images.Resampling.BICUBIC, fillcolor=small.getpixel((0, 0)))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY)
    return Seen(page.number, page.width, page.height, out.getvalue())
