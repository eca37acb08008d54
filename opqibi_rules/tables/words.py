"""Words as tables compare them."""

import re


def plain_words(text: str) -> str:
    """Small letters without accents, punctuation as single spaces.

    >>> plain_words("Frais d’Instruction : code-tarif n° 5")
    'frais d instruction code tarif n 5'
    """
    from opqibi_rules.paper.text import fold  # noqa: PLC0415 - a territory is most often named by its id

    return " ".join(re.sub("[^a-z0-9]+", " ", fold(text.replace("°", " "))).split())
