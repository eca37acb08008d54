"""A picture is read where its words stand, however it is held; twice, and by itself alone."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from opqibi_rules.errors import RequestError
from opqibi_rules.paper.pages import line_reader, second_reader
from opqibi_rules.paper.pages import picture as room
from opqibi_rules.paper.pages.document_pages import pages_in
from opqibi_rules.paper.pages.line_reader import Piece
from opqibi_rules.paper.pages.picture import read_picture
from opqibi_rules.paper.pages.picture_file import Picture
from opqibi_rules.paper.pages.words import Word
from tests.paper.pages.drawn import DPI, WORDS, drawn, saved

SCALE = 72 / DPI


def picture(image: Image.Image) -> Picture:
    pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
    return Picture(1, pixels, image.width * SCALE, image.height * SCALE)


def text(words: tuple[Word, ...]) -> list[str]:
    """What each row says, from top to bottom and left to right, blanks left out."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=middle):
        if rows and middle(word) - middle(rows[-1][-1]) < 4:  # points; the rows stand 18 apart
            rows[-1].append(word)
        else:
            rows.append([word])
    return ["".join(one.text for one in sorted(row, key=lambda one: one.box.left)) for row in rows]


def middle(word: Word) -> float:
    return (word.box.top + word.box.bottom) / 2


SAID = ["FactureF-2026-118", "Date:02/03/2026", "TotalHT1803,50EUR", "TVA20%360,70EUR", "TotalTTC2164,20EUR"]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_the_words_of_a_page_however_it_is_turned(quarters: int) -> None:
    page = read_picture(picture(drawn().rotate(90 * quarters, expand=True)))
    assert not page.sure
    assert text(page.words) == SAID
    assert page.width == pytest.approx(360)
    assert page.height == pytest.approx(201.6)
    for left, top, said in ((60, 60, "Facture"), (60, 350, "TVA"), (700, 350, "360,70")):
        (word,) = [word for word in page.words if word.text == said]
        # where it was drawn, in points; the letters begin some below the pen
        assert [word.box.left, word.box.top] == pytest.approx([left * SCALE, (top + 8) * SCALE], abs=4)


@pytest.mark.parametrize("lean", [-7, 2])
def test_a_page_that_leans_is_straightened(lean: float) -> None:
    assert text(read_picture(picture(drawn(lean=lean))).words) == SAID


def test_the_same_engine_reads_again_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reader, "tesseract", lambda: None)
    words = [*WORDS, (60, 480, "Bon BC0158 et puis une phrase assez longue sans rien")]
    page = read_picture(picture(drawn(words, (1000, 600))))
    assert text(page.second)[:5] == SAID
    assert "BC" not in text(page.second)[5]  # a letter beside a figure: it would be wrong twice
    assert "BC" in text(page.words)[5]


def test_a_second_engine_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("/bin/false", "/nowhere/tesseract"):
        monkeypatch.setattr(second_reader, "tesseract", lambda program=program: (program, "fra"))
        assert second_reader.second_reading(picture(drawn()).pixels, DPI) is None


def test_the_places_of_the_other_engine_are_those_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    header = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    table = (
        header + "4\t1\t1\t1\t1\t0\t60\t60\t300\t30\t-1\t\n5\t1\t1\t1\t1\t1\t60\t60\t100\t30\t96\tFacture\n"
    )
    monkeypatch.setattr(second_reader, "tesseract", lambda: ("tesseract", "fra"))
    monkeypatch.setattr(second_reader, "_said", lambda *_: table)
    (word,) = read_picture(picture(drawn())).second
    assert word.text == "Facture"
    assert [word.box.left, word.box.right] == pytest.approx([21.6, 57.6])


def test_a_stamp_askew_over_a_line_is_read_by_its_colour() -> None:
    """In one blot with the letters under it, it was no line; a line of the page in colour is none of a stamp."""
    page = drawn()
    pen = ImageDraw.Draw(page)
    pen.text((60, 480), "Payable le 01/04/2026", fill="#1450c8", font=ImageFont.load_default(size=30))
    stamp = Image.new("L", (420, 110), 0)
    ImageDraw.Draw(stamp).text((20, 10), "DUPLICATA", fill=255, font=ImageFont.load_default(size=66))
    stamp = stamp.rotate(20, expand=True, resample=Image.Resampling.BICUBIC)
    page.paste((215, 40, 40), (150, 250), stamp)
    read = read_picture(picture(page))
    assert read.stamped == ("DUPLICATA",)
    assert "Payablele01/04/2026" in text(read.words)
    assert read_picture(picture(page.convert("L").convert("RGB"))).stamped == ()


def test_a_page_of_nothing_has_no_words() -> None:
    for image in (drawn([]), Image.new("RGB", (400, 400), "black")):
        page = read_picture(picture(image))
        assert page.words == ()


def test_a_mixed_document_is_read_page_by_page() -> None:
    data = saved(drawn(), "PDF", resolution=DPI, save_all=True, append_images=[drawn([], (1000, 600))])
    first, second = pages_in(data, "f.pdf")
    assert (first.number, second.number, second.words) == (1, 2, ())
    assert text(first.words) == SAID


def test_letters_stand_where_the_engine_saw_them() -> None:
    class Seen:
        words = (("T", "V", "A"), ("2", "0", "%"))
        word_cols = ((2, 4, 6), (16, 18, 20))
        line_txt_len = 24.0

    # letters are two columns wide: TVA from 1.5 to 7.5 of 24, 20% from 15.5 to 21.5
    assert line_reader._pieces(Seen()) == [
        Piece("TVA", 1.5 / 24, 7.5 / 24),
        Piece("20%", 15.5 / 24, 21.5 / 24),
    ]


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    line_reader._engine.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(RequestError, match="« scan » extra"):
        room.read_picture(picture(drawn()))


OFFLINE = """
import json, socket, sys
def refused(*_, **__):
    raise AssertionError("the network was called")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refused
from opqibi_rules.paper.pages.document_pages import pages_in
(page,) = pages_in(sys.stdin.buffer.read(), "f")
print(json.dumps([word.text for word in page.words]))
"""


def test_nothing_is_fetched_and_nothing_logged() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        input=saved(drawn(), "PNG", dpi=(DPI, DPI)),
        capture_output=True,
        check=True,
        env={**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
    )
    assert "".join(json.loads(done.stdout)).replace(" ", "").startswith("Facture")
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Date:02/03/2026", ["Date:", "02/03/2026"]),
        ("SIRET:", ["SIRET:"]),
        ("http://www.example.fr", ["http://www.example.fr"]),
        ("10:30", ["10:30"]),
        (":", [":"]),
    ],
)
def test_what_a_colon_announces_is_a_word_of_its_own(text: str, parts: list[str]) -> None:
    found = line_reader._parted(Piece(text, 0.0, 1.0))
    assert [piece.text for piece in found] == parts
    assert (found[0].start, found[-1].end) == (0.0, 1.0)
    assert all(one.end == other.start for one, other in pairwise(found))


def test_a_blank_is_narrow_and_a_column_wide() -> None:
    line = np.array([[0, 0], [100, 0], [100, 10], [0, 10]], np.float32)
    pieces = [Piece("10", 0.0, 0.10), Piece("000,00", 0.14, 0.40), Piece("20%", 0.60, 0.80)]
    # a blank of 4, less than half the height, is one of 1; one of 20 parts two columns
    assert [(one.start, one.end) for one in room._closed(pieces, line)] == [
        (0.0, pytest.approx(0.115)),
        (pytest.approx(0.125), pytest.approx(0.40)),
        (0.60, 0.80),
    ]
