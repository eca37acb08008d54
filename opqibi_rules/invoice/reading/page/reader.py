"""The door: pages in, what they say out."""

from collections.abc import Mapping, Sequence

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.reading.page.result import PageReading
from opqibi_rules.paper.pages.words import Page


def read_pages(pages: Sequence[Page], confirmed: Mapping[str, str] = FrozenDict()) -> PageReading:
    """What the pages of one invoice say.

    Args:
        pages: its pages, in order; from a text layer, or from a picture (``sure`` is then false).
        confirmed: what a person says of a value, by key: it is believed, and the others are weighed with it.

    Raises:
        RequestError: a key that no invoice has, or a value that is none of its kind.
    """
    del confirmed
    return PageReading(FrozenDict(), tuple(pages))
