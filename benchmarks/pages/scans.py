"""The same pages as they come out of a scanner: drawn anew, spoilt, and nothing of their text left."""

import io
from collections.abc import Callable

import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it bears no types
from PIL import Image

import opqibi_rules as opqibi
from benchmarks.pages.work import Answer, text_of

Spoil = Callable[[Image.Image], Image.Image]


def tilted(page: Image.Image) -> Image.Image:
    """Turned by one degree."""
    return page.rotate(1, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def noisy(page: Image.Image) -> Image.Image:
    """Gaussian noise of 18 shades in 256, and four stray pixels in a thousand; the same each time."""
    dice = np.random.default_rng(1)
    shades = np.asarray(page, dtype=np.float32)
    shades = shades + dice.normal(0, 18, shades.shape).astype(np.float32)
    stray = dice.random(shades.shape)
    shades[stray < 0.002] = 0
    shades[stray > 0.998] = 255
    return Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))


def scanned(data: bytes, spoil: Spoil, dpi: int, quality: int) -> bytes:
    """The pages of a PDF as pictures in another, JPEG of a quality."""
    document = pypdfium2.PdfDocument(data)
    try:
        pages = [spoil(page.render(scale=dpi / 72).to_pil().convert("L")) for page in document]
    finally:
        document.close()
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=dpi, quality=quality)
    return out.getvalue()


def reader(spoil: Spoil, dpi: int, quality: int) -> Callable[[bytes], Answer]:
    """Our reader of pictures, given a page spoilt first."""

    def read(data: bytes) -> Answer:
        reading = opqibi.read_invoice(scanned(data, spoil, dpi, quality), name="scan.pdf").reading
        assert reading is not None  # a picture has no data
        return {
            field.key: None if field.to_confirm or field.value is None else text_of(field.value)
            for field in reading
            if not field.key.endswith((".name", ".vat_rate", ".price_quantity"))
        }

    return read


SCANS = {
    "ours, 200 dpi, tilted 1°, JPEG 50": reader(tilted, 200, 50),
    "ours, 150 dpi, noise": reader(noisy, 150, 95),
}
