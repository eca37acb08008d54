"""Where facts stand in a document, as a table says it."""

from opqibi_rules.paper.pages.picture_file import is_picture
from opqibi_rules.paper.pages.words import Place
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.text import one_line

LONGEST = 120
"""Letters of what is quoted."""
_A_MILLIMETRE = 72 / 25.4


def is_pages(data: bytes) -> bool:
    """Whether a file is made of pages: a PDF, or a picture."""
    return data.startswith(b"%PDF") or is_picture(data)


def reading(fact: str, place: Place, text: str) -> Json:
    """Where a fact of a table was read, and what is printed there."""
    return {
        "fact": fact,
        "page": place.page,
        "across": max(0, round(place.box.left / _A_MILLIMETRE)),
        "down": max(0, round(place.box.top / _A_MILLIMETRE)),
        "text": quoted(text),
    }


def quoted(text: str) -> str:
    """Printed words on one line, the beginning of them where they are many."""
    return one_line(text.replace("\t", " "))[:LONGEST]
