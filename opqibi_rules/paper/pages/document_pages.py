"""The pages of a document, whatever it is: a PDF with its text, a PDF of scans, a picture."""

from collections.abc import Mapping

from opqibi_rules.paper.pages.picture_file import is_picture, pictures, to_be_read
from opqibi_rules.paper.pages.text_layer import text_pages
from opqibi_rules.paper.pages.words import Page


def pages_in(data: bytes, name: str) -> tuple[Page, ...]:
    """The pages of a PDF or of a picture's file, in order, with their words; ``name`` is for errors.

    A page of a PDF that is a scan (no text, or a stamp's on a picture of the whole) is read by its picture.

    Raises:
        FileError: it cannot be read, is too large, or has too many pages.
        RequestError: the ``page`` or the ``scan`` extra is needed and not installed.
    """
    if is_picture(data):
        from opqibi_rules.paper.pages.picture import read_picture  # noqa: PLC0415 - a page with text does without

        return tuple(map(read_picture, pictures(data, name)))
    pages = text_pages(data, name)
    read: Mapping[int, Page] = {}
    for picture in to_be_read(pages, data, name):
        from opqibi_rules.paper.pages.picture import read_picture  # noqa: PLC0415 - as above

        read = {**read, picture.number: read_picture(picture)}
    return tuple(read.get(page.number, page) for page in pages)
