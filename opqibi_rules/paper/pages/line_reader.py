"""The engine that reads pictures without any system package: rapidocr, its models inside its own wheel.

It finds the lines of text, each as four corners, then reads each. Nothing is ever fetched: the models are given to it
by their files, and where they are missing it is said.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from opqibi_rules.errors import RequestError
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.pages.picture_file import EXTRA

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from opqibi_rules.paper.pages.picture_file import Pixels

    Corners = NDArray[float32]
    """Of lines, in pixels: left top, right top, right bottom, left bottom of each, as one reads it."""

LONGEST_SEEN = 2000
"""Pixels of the longer side in which lines are looked for; they are read in all the pixels there are."""
_SURE_ENOUGH = 0.5
"""A line of which the engine is less sure is a drawing, a stain or a signature."""
_OBJECTS = ("allow_objects", True)
"""What lets its settings hold our sessions."""
_ANNOUNCES = re.compile("[^:]*[^0-9:]:(?=[^:/])")
_UPSIDE_DOWN = "180"
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The wide forms of Chinese print, which the engine sometimes reads, as the letters they stand for."""


class Piece(NamedTuple):
    """A word of a line, and where it stands: from ``start`` to ``end``, fractions of the line's length."""

    text: str
    start: float
    end: float


@cache
def _engine() -> Any:
    """The engine, made once: its models take a second to load."""
    rapidocr = load("rapidocr", extra=EXTRA)
    settings = {"log_level": "critical", "return_word_box": True, "use_vertical_padding": False}
    engine = rapidocr.RapidOCR(params={f"Global.{key}": value for key, value in settings.items()})
    models = Path(rapidocr.__path__[0]) / "models"
    with load("omegaconf", extra=EXTRA).flag_override(engine.cfg, *_OBJECTS):
        for part in ("Det", "Cls", "Rec"):
            engine.cfg[part].session = _session(next(models.glob(f"*_{part.lower()}_*.onnx"), None))
    return engine


def _session(model: Path | None) -> Any:
    """What runs a model, whose threads rest while they wait: where others work too, spinning doubles the time."""
    runtime = load("onnxruntime", extra=EXTRA)
    if model is None:
        raise RequestError("rapidocr is installed without its models: version 3.10 or later bears them.")
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # none
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def lines_in(pixels: "Pixels") -> "Corners":
    """Where the lines of text stand.

    Raises:
        RequestError: the ``scan`` extra is not installed.
    """
    cv2, numpy, engine = load("cv2", extra=EXTRA), load("numpy", extra=EXTRA), _engine()
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_SEEN / max(height, width))
    size = [max(32, round(side * scale / 32) * 32) for side in (width, height)]
    try:
        _, seen = engine.detect_and_crop(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), {})
    except load("rapidocr.main", extra=EXTRA).RapidOCRError:  # there is none
        none: Corners = numpy.zeros((0, 4, 2), numpy.float32)
        return none
    lines: Corners = numpy.float32(seen.boxes) * numpy.float32([width / size[0], height / size[1]])
    return lines


def upside_down(crops: Sequence["Pixels"]) -> bool:
    """Whether most of these lines stand on their heads."""
    found = _engine().cls_and_rotate(list(crops))[1].cls_res
    return bool(2 * sum(label == _UPSIDE_DOWN for label, _ in found) > len(found))


def read_lines(crops: Sequence["Pixels"]) -> list[tuple[Piece, ...]]:
    """The words of each line, one line a picture; none where the engine is not sure enough."""
    if not crops:
        return []
    read = _engine().recognize_txt(list(crops))
    return [
        tuple(_pieces(words)) if text.strip() and score >= _SURE_ENOUGH else ()
        for text, score, words in zip(read.txts, read.scores, read.word_results, strict=True)
    ]


def _pieces(words: Any) -> list[Piece]:
    """The words by the columns in which the engine saw their letters; letters stand half-way between two."""
    steps = [after - before for word in words.word_cols for before, after in pairwise(word)]
    length = words.line_txt_len
    half = (sum(steps) / len(steps) if steps else length / sum(map(len, words.words))) / 2
    return [
        part
        for letters, columns in zip(words.words, words.word_cols, strict=True)
        for part in _parted(
            Piece(
                "".join(letters).translate(_PLAIN),
                max(0.0, (columns[0] + 0.5 - half) / length),
                min(1.0, (columns[-1] + 0.5 + half) / length),
            )
        )
    ]


def _parted(piece: Piece) -> tuple[Piece, ...]:
    """« Date:02/03/2026 » as two words: the engine passes over narrow blanks, and a colon announces what follows."""
    found = _ANNOUNCES.match(piece.text)
    if found is None:
        return (piece,)
    middle = piece.start + (piece.end - piece.start) * found.end() / len(piece.text)
    return piece._replace(text=found[0], end=middle), Piece(piece.text[found.end() :], middle, piece.end)
