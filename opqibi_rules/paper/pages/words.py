"""A page as its words and their places, whatever they were read from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a page, in points (1/72 inch) from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the number of the page, from 1, and its rectangle."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Word:
    """Letters that stand together, and where."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number from 1, its size in points, and its words in no promised order.

    ``sure`` says that the letters come from a text layer; those of a picture are a reading, which may be wrong.
    ``second`` is another reading of the same picture, where one was made: what both say may be believed sooner.
    ``stamped``: what ink of another colour says over other letters, and stands among no words.
    To stand as its words do, the page is turned by so many quarters to the left, then by ``lean`` radians more.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    sure: bool = True
    second: tuple[Word, ...] = ()
    stamped: tuple[str, ...] = ()
    quarters: int = 0
    lean: float = 0.0
