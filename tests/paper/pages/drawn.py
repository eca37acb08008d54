"""Pages drawn for the tests: words at places that we choose."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

DPI = 200
WORDS = (
    (60, 60, "Facture F-2026-118"),
    (60, 130, "Date : 02/03/2026"),
    (60, 300, "Total HT"),
    (700, 300, "1 803,50 EUR"),
    (60, 350, "TVA 20 %"),
    (700, 350, "360,70 EUR"),
    (60, 400, "Total TTC"),
    (700, 400, "2 164,20 EUR"),
)
"""Left, top, in pixels, and what stands there."""


def drawn(
    words: Sequence[tuple[int, int, str]] = WORDS, size: tuple[int, int] = (1000, 560), *, lean: float = 0
) -> Image.Image:
    """A picture with these words; ``lean``: degrees against the clock."""
    image = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    for left, top, text in words:
        pen.text((left, top), text, fill="black", font=font)
    return (
        image.rotate(lean, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
        if lean
        else image
    )


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
