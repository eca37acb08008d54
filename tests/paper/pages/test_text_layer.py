"""The text layer of a PDF: the words that the eye sees, where it sees them; and files made to do harm."""

import io

import pypdf
import pytest
import typst

from opqibi_rules.errors import FileError
from opqibi_rules.paper.pages import text_layer
from opqibi_rules.paper.pages.text_layer import text_pages
from opqibi_rules.paper.pages.words import Page, Word

PAGE = "#set page(width: 400pt, height: 300pt, margin: 0pt)\n"


def made(source: str) -> bytes:
    pdf: bytes = typst.compile((PAGE + source).encode())
    return pdf


def only(data: bytes) -> Page:
    (page,) = text_pages(data, "f.pdf")
    return page


def word(page: Page, text: str) -> Word:
    (found,) = [item for item in page.words if item.text == text]
    return found


def test_words_stand_where_they_are_put() -> None:
    page = only(
        made(
            "#place(dx: 50pt, dy: 100pt, text(10pt)[Total HT]) #place(dx: 300pt, dy: 100pt, text(10pt)[1246,00])"
        )
    )
    assert (page.number, page.width, page.height, page.sure) == (1, 400, 300, True)
    assert [item.text for item in page.words] == ["Total", "HT", "1246,00"]
    total, amount = word(page, "Total").box, word(page, "1246,00").box
    assert abs(total.left - 50) < 1
    assert abs(amount.left - 300) < 1
    assert 95 < total.top < total.bottom < 115
    assert abs(total.top - amount.top) < 1


def test_a_hyphen_that_ends_a_row_is_read() -> None:
    page = only(made("#box(width: 30pt, text(10pt)[Étude sous-sol])"))
    assert [item.text for item in page.words] == ["Étude", "sous-", "sol"]


def turned(data: bytes, quarters: int) -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(data))
    writer.pages[0].rotate(90 * quarters)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_laid_on_its_side_is_read_upright(quarters: int) -> None:
    """Drawn turned one way and shown turned back, or shown turned as it is drawn: its words stay on one row."""
    page = only(turned(made("#place(dx: 50pt, dy: 100pt)[Total HT 1246,00]"), quarters))
    boxes = [item.box for item in page.words]
    assert [item.text for item in sorted(page.words, key=lambda item: item.box.left)] == [
        "Total",
        "HT",
        "1246,00",
    ]
    assert max(box.top for box in boxes) - min(box.top for box in boxes) < 3
    assert all(
        0 <= box.left < box.right <= page.width and 0 <= box.top < box.bottom <= page.height for box in boxes
    )


def test_words_turned_another_way_than_the_page_are_put_aside() -> None:
    page = only(
        made("#place(dx: 50pt, dy: 100pt)[Total HT] #place(dx: 20pt, dy: 200pt, rotate(-90deg)[RCS])")
    )
    assert [item.text for item in page.words] == ["Total", "HT"]


def invisible(data: bytes) -> bytes:
    """The same page, its letters drawn in mode 3, as a scanner's software lays them over the picture."""
    writer = pypdf.PdfWriter(io.BytesIO(data))
    content = writer.pages[0].get_contents()
    assert content is not None
    stream = pypdf.generic.DecodedStreamObject()
    stream.set_data(content.get_data().replace(b"0 Tr", b"3 Tr"))
    writer.pages[0][pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_letters_that_are_not_drawn_are_no_words() -> None:
    assert only(invisible(made("Total HT"))).words == ()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7\nnothing", "a damaged PDF"),
        (made("a #pagebreak()" * 41), "over 40 pages"),
        (made("#set page(width: 40000pt)\na"), "larger page"),
    ],
)
def test_a_hostile_file_ends_in_one_sentence(data: bytes, told: str) -> None:
    with pytest.raises(FileError) as caught:
        text_pages(data, "f.pdf")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_letters_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_layer, "MOST_LETTERS", 20)
    with pytest.raises(FileError, match="more text"):
        text_pages(made("ten letters and ten more"), "f.pdf")


def test_a_password_is_asked_for() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(made("a")))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(FileError, match="protected by a password"):
        text_pages(out.getvalue(), "f.pdf")
