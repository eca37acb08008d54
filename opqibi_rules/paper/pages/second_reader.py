"""The other engine, where the machine has it: tesseract, which reads a straightened page by other means."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from opqibi_rules.paper.extras import load
from opqibi_rules.paper.pages.picture_file import EXTRA
from opqibi_rules.paper.pages.words import Box, Word

if TYPE_CHECKING:
    from opqibi_rules.paper.pages.picture_file import Pixels

LONGEST = 60.0
"""Seconds for one page; past that there is no second reading."""
_LANGUAGES = ("fra", "eng")
_SPARSE = "11"
"""Text wherever it stands: by its other modes, the rules of a table take away rows of it."""
_A_WORD = "5"


@cache
def tesseract() -> tuple[str, str] | None:
    """The program and the language that it reads best; ``None``: it is not installed, or knows neither."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    known = _said(program, ["--list-langs"], b"").split()
    language = next((one for one in _LANGUAGES if one in known), None)
    return None if language is None else (program, language)


def second_reading(pixels: "Pixels", dpi: float) -> tuple[Word, ...] | None:
    """The words of a straight page, their places in pixels; ``None``: there is no such engine, or it failed."""
    found = tesseract()
    if found is None:
        return None
    cv2 = load("cv2", extra=EXTRA)
    _, plain = cv2.imencode(".pgm", cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    program, language = found
    asked = ["-", "-", "-l", language, "--psm", _SPARSE, "--dpi", str(round(dpi)), "tsv"]
    return tuple(_words(_said(program, asked, plain.tobytes()))) or None


def _said(program: str, asked: list[str], given: bytes) -> str:
    """What it answers; nothing where it fails, and never a word of what it says beside."""
    try:
        done = subprocess.run(  # noqa: S603 - the program that the machine's path names, no shell
            [program, *asked],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST,
            env={
                **os.environ,
                "OMP_THREAD_LIMIT": "1",
            },  # its threads wait for each other more than they work
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _words(table: str) -> Iterator[Word]:
    """The words of its table, one a line: level, four numbers, left, top, width, height, confidence, text."""
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if cells[0] == _A_WORD and cells[11].strip():
            left, top, width, height = map(float, cells[6:10])
            yield Word(cells[11].strip(), Box(left, top, left + width, top + height))
