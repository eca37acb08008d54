"""The pages of a document, whatever it is: a PDF with its text, a PDF of scans, a picture."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opqibi_rules.paper.pages.picture_file import Picture, is_picture, pictures, to_be_read
from opqibi_rules.paper.pages.text_layer import MOST_PAGES, text_pages
from opqibi_rules.paper.pages.words import Page
from opqibi_rules.paper.quiet import silence

_APART: ContextVar[bool] = ContextVar("pictures are read elsewhere", default=False)


class PicturesError(Exception):
    """A document that is to be read by its pictures, where only texts are read."""


@contextmanager
def texts_alone() -> Iterator[None]:
    """Within the block, a document that has to be read by its pictures is given back: :class:`PicturesError`."""
    token = _APART.set(True)
    try:
        yield
    finally:
        _APART.reset(token)


def pages_in(data: bytes, name: str, most: int = MOST_PAGES) -> tuple[Page, ...]:
    """The pages of a PDF or of a picture's file, in order, with their words; ``name`` is for errors.

    ``most``: the pages that it may have.

    A page of a PDF that is a scan (no text, or a stamp's on a picture of the whole) is read by its picture.

    Raises:
        FileError: it cannot be read, is too large, or has too many pages.
        RequestError: the ``page`` or the ``scan`` extra is needed and not installed.
        PicturesError: within :func:`texts_alone`, pictures are to be read.
    """
    if is_picture(data):
        return tuple(_read(pictures(data, name)))
    pages = text_pages(data, name, most)
    read = {page.number: page for page in _read(to_be_read(pages, data, name))}
    return tuple(read.get(page.number, page) for page in pages)


def _read(found: Iterable[Picture]) -> Iterator[Page]:
    """Each picture as it is read, one at a time in memory."""
    with silence():
        for picture in found:
            if _APART.get():
                raise PicturesError
            from opqibi_rules.paper.pages.picture import read_picture  # noqa: PLC0415 - a page with text does without

            yield read_picture(picture)
