"""Pictures come in by their files: bounded, upright, of a known size; and none harms."""

import struct
import zlib

import pytest
from PIL import Image

from opqibi_rules.errors import FileError
from opqibi_rules.paper.pages import picture_file
from opqibi_rules.paper.pages.picture_file import LONGEST, MOST_PICTURES, is_picture, pictures, to_be_read
from opqibi_rules.paper.pages.text_layer import text_pages
from tests.paper.pages.drawn import DPI, drawn, saved


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_picture_knows_its_size_in_points(form: str) -> None:
    (picture,) = pictures(saved(drawn(), form, dpi=(DPI, DPI)), "f")
    assert (picture.number, picture.pixels.shape) == (1, (560, 1000, 3))
    # 1000 pixels at 200 in an inch are five inches
    assert (picture.width, picture.height) == pytest.approx((360, 201.6), abs=0.1)
    assert picture.dpi == pytest.approx(DPI, abs=0.1)


@pytest.mark.parametrize("dpi", [None, (1, 1), (72, 72)])
def test_one_that_does_not_say_is_taken_for_a4(dpi: tuple[int, int] | None) -> None:
    (picture,) = pictures(saved(drawn(), "JPEG", **({} if dpi is None else {"dpi": dpi})), "f")
    assert picture.width == pytest.approx(841.89)


def test_each_page_of_a_tiff() -> None:
    more = [drawn(size=(1000, 600)), drawn(size=(1000, 700))]
    data = saved(drawn(), "TIFF", save_all=True, append_images=more, dpi=(DPI, DPI))
    assert [(one.number, one.pixels.shape[0]) for one in pictures(data, "f")] == [
        (1, 560),
        (2, 600),
        (3, 700),
    ]


def test_the_camera_s_note_of_how_it_was_held() -> None:
    notes = Image.Exif()
    notes[0x0112] = 6  # to be turned a quarter, with the clock
    corner = Image.new("RGB", (800, 400), "white")
    corner.paste("blue", (0, 0, 100, 100))  # left top as stored: right top once turned
    (picture,) = pictures(saved(corner, "PNG", exif=notes), "f")
    assert picture.pixels.shape[:2] == (800, 400)
    assert tuple(picture.pixels[10, 390]) == (255, 0, 0)  # blue first


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_every_kind_of_ink_on_white_paper(mode: str) -> None:
    if mode == "I;16":
        image = Image.new("I;16", (400, 400), 65_535)
        image.paste(0, (0, 0, 100, 100))
    elif mode in {"RGBA", "LA"}:
        image = Image.new(mode, (400, 400), 0)  # black, wholly transparent
        image.paste((0,) * (len(mode) - 1) + (255,), (0, 0, 100, 100))
    else:
        image = drawn([], (400, 400)).convert(mode)
        image.paste(drawn([], (100, 100)).point(lambda _: 0).convert(mode), (0, 0))
    (picture,) = pictures(saved(image, "TIFF" if mode == "CMYK" else "PNG"), "f")
    assert int(picture.pixels[50, 50].max()) < 5
    assert int(picture.pixels[300, 300].min()) > 250


def test_a_large_one_is_made_smaller() -> None:
    (picture,) = pictures(saved(Image.new("L", (7000, 5000), 200), "JPEG", dpi=(600, 600)), "f")
    assert picture.pixels.shape == (2506, LONGEST, 3)
    assert picture.width == pytest.approx(840, abs=0.1)  # 7000 pixels at 600 in an inch


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is vast."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bomb(9000, 9000), "over 64 million pixels"),
        (bomb(60_000, 60_000), "over 64 million pixels"),
        (bomb(2**31 - 1, 2**31 - 1), "over 64 million pixels|damaged picture"),
        (bomb(2000, 2000), "damaged picture"),  # it ends long before
        (saved(drawn(), "JPEG")[:700], "damaged picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged picture"),
        (b"II*\0" + b"\xff" * 40, "damaged picture"),
        (saved(Image.new("RGB", (90, 500)), "PNG"), "90 × 500 pixels: too small for a page"),
        (saved(drawn(), "GIF"), "save it as JPEG, PNG, TIFF or PDF"),
        (saved(drawn(), "BMP"), "save it as JPEG, PNG, TIFF or PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "save it as JPEG, PNG, TIFF or PDF"),
        (
            saved(drawn(), "TIFF", save_all=True, append_images=[drawn()] * MOST_PICTURES),
            "over 12 pages to read by their picture",
        ),
    ],
)
def test_a_hostile_picture_ends_in_one_sentence(
    data: bytes, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert is_picture(data)
    with pytest.raises(FileError, match=said) as refused:
        list(pictures(data, "f"))
    assert len(refused.value.mistakes) == 1
    assert capfd.readouterr() == ("", "")


def scanned(*pages: Image.Image) -> bytes:
    """A PDF of nothing but pictures."""
    return saved(pages[0], "PDF", resolution=DPI, save_all=True, append_images=pages[1:])


def test_the_pages_of_a_scanned_pdf() -> None:
    data = scanned(drawn(), drawn([], (1000, 600)), drawn(size=(1000, 700)))
    found = list(to_be_read(text_pages(data, "f"), data, "f"))
    assert [one.number for one in found] == [1, 3]  # the second is blank
    assert found[0].pixels.shape == (
        pytest.approx(560, abs=1),
        pytest.approx(1000, abs=1),
        3,
    )  # its own pixels
    assert found[1].height == pytest.approx(252, abs=0.5)


def test_too_many_scanned_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_file, "MOST_PICTURES", 2)
    data = scanned(*[drawn()] * 3)
    with pytest.raises(FileError, match="over 2 pages to read by their picture"):
        list(to_be_read(text_pages(data, "f"), data, "f"))


def test_no_other_file_is_a_picture() -> None:
    assert not any(map(is_picture, (b"", b"%PDF-1.7", b"<a/>", b"PK\x03\x04", b"number;total")))


def test_pixels_are_bounded_before_they_are_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: object) -> None:
        raise AssertionError("unfolded")

    monkeypatch.setattr(Image.Image, "load", load)
    with pytest.raises(FileError, match="million pixels"):
        list(pictures(bomb(9000, 9000), "f"))
