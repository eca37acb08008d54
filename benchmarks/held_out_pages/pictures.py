"""A page as it comes out of a scanner, a fax or a telephone: drawn, then spoilt, each kind in its own way."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it bears no types
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def drawn(path: Path, dpi: int) -> Image.Image:
    """The first page of a PDF, in grey and colours."""
    document = pypdfium2.PdfDocument(path)
    try:
        picture: Image.Image = document[0].render(scale=dpi / 72).to_pil().convert("RGB")
        return picture
    finally:
        document.close()


def tilted(path: Path, target: Path, rng: np.random.Generator) -> Path:
    """A flatbed scan: 200 dpi, turned by a degree one way or the other, JPEG of quality 50."""
    angle = float(rng.choice((-1.0, 1.0)))
    page = drawn(path, 200).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    page.save(out := target.with_suffix(".jpg"), quality=50, dpi=(200, 200))
    return out


def noisy(path: Path, target: Path, rng: np.random.Generator) -> Path:
    """150 dpi, grey, noise of 18 shades and stray pixels."""
    grey = np.asarray(drawn(path, 150).convert("L"), dtype=np.float32)
    grey = grey + rng.normal(0, 18, grey.shape).astype(np.float32)
    stray = rng.random(grey.shape)
    grey[stray < 0.002] = 0
    grey[stray > 0.998] = 255
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(
        out := target.with_suffix(".png"), dpi=(150, 150)
    )
    return out


def turned(path: Path, target: Path, rng: np.random.Generator) -> Path:
    """A sheet put in the feeder the wrong way: by 90, 180 or 270 degrees, 200 dpi."""
    page = drawn(path, 200).convert("L").rotate(int(rng.choice((90, 180, 270))), expand=True)
    page.save(out := target.with_suffix(".png"), dpi=(200, 200))
    return out


def fax(path: Path, target: Path, rng: np.random.Generator) -> Path:
    """Black and white at 204 dpi, TIFF of group 4, a few specks, leaning by a third of a degree."""
    page = drawn(path, 204).convert("L").rotate(0.35, Image.Resampling.BICUBIC, fillcolor=255)
    pixels = np.array(page)
    specks = rng.random(pixels.shape)
    pixels = np.where(pixels < 150, 0, 255).astype(np.uint8)
    pixels[specks < 0.0008] = 0
    Image.fromarray(pixels).convert("1").save(
        out := target.with_suffix(".tiff"), compression="group4", dpi=(204, 204)
    )
    return out


def photo(path: Path, target: Path, rng: np.random.Generator) -> Path:
    """A telephone over a desk: perspective, light from one side, a soft focus, wood around, JPEG of quality 80."""
    sheet = np.array(drawn(path, 220))
    high, wide = sheet.shape[:2]
    canvas = (int(wide * 1.12), int(high * 1.1))
    shake = rng.uniform(-0.025, 0.025, (4, 2)) * wide
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
    offset = np.array([wide * 0.06, high * 0.05])
    warp = cv2.getPerspectiveTransform(corners, (corners + offset + shake).astype(np.float32))
    desk = np.empty((canvas[1], canvas[0], 3), dtype=np.uint8)
    desk[:] = (118, 86, 60)
    desk = cv2.add(desk, rng.integers(0, 30, desk.shape, dtype=np.uint8)).astype(np.uint8)
    pixels = cv2.warpPerspective(sheet, warp, canvas, dst=desk, borderMode=cv2.BORDER_TRANSPARENT)
    across = np.linspace(1.0, float(rng.uniform(0.55, 0.75)), canvas[0], dtype=np.float32)[None, :, None]
    down = np.linspace(float(rng.uniform(0.85, 0.98)), 1.0, canvas[1], dtype=np.float32)[:, None, None]
    lit = cv2.GaussianBlur(pixels, (0, 0), 0.9).astype(np.float32) * across * down
    lit += rng.normal(0, 3, lit.shape).astype(np.float32)
    Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8)).save(out := target.with_suffix(".jpg"), quality=80)
    return out


KINDS: dict[str, Callable[[Path, Path, np.random.Generator], Path]] = {
    "200 dpi, tilted 1°, JPEG 50": tilted,
    "150 dpi, noise": noisy,
    "turned by 90 or 180°": turned,
    "photograph": photo,
    "fax, black and white": fax,
}
