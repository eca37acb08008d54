"""Words as tables compare them."""

import re

from opqibi_rules.paper.text import fold

_BETWEEN = re.compile("[^a-z0-9]+")


def plain_words(text: str) -> str:
    """Small letters without accents, punctuation as single spaces.

    >>> plain_words("Frais d’Instruction : code-tarif n° 5")
    'frais d instruction code tarif n 5'
    """
    return " ".join(_BETWEEN.sub(" ", fold(text.replace("°", " "))).split())
