"""What a qualification entails automatically: its own definition says it, or else a table.

A register answers the definition of each qualification, and that of 0317 says: « L’attribution de la
qualification 0317 entraîne automatiquement celle de la qualification 0316 ». A definition that says nothing
of the kind entails nothing; without one, the nomenclature is asked, and what it does not hold is not known.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import NamedTuple

from opqibi_rules.paper.text import fold
from opqibi_rules.tables.nomenclature import Nomenclature

_TAG = re.compile("<[^<>]*>")
_BLOCK = re.compile("</?(?:p|li|ul|ol|div|table|tr|td|h[1-6])(?: [^<>]*)?>", re.IGNORECASE)
"""A tag past which another sentence begins; past any other (``<br>``, ``<b>``) the same one may go on."""
_CODES = "[0-9]{4}(?:(?:, | et |, et )[0-9]{4})*"
_ENTAILS = re.compile(
    # Where the sentence begins: « il est faux que l’attribution… », « jusqu’en 2012, … » say another thing.
    f"(?:^|[.;:(] ?)(?:l.)?attribution de la qualification ([0-9]{{4}}) entraine automatiquement "
    f"celles? (?:de la qualification|des qualifications) ({_CODES})(?= ?(?:[.;)]|$))"
)
_MAY_ENTAIL = re.compile("(?:entrain|emporte|vaut|resulte|confere)[^.;]{0,200}?(?:qualification|[0-9]{4})")
"""A sentence on the matter, however it is worded."""
_LONGEST = 20_000
"""Characters: a definition has a few hundred, and no more is read."""
_MOST = 500
"""Codes: the nomenclature has fewer than 200, and past these it is not known what else is entailed."""


class Entailment(NamedTuple):
    """What comes with a qualification."""

    codes: tuple[str, ...] = ()
    known: bool = True
    """These are all; else there may be others."""
    said: str | None = None
    """The sentence of the definition, where it is one that says so."""


NOTHING = Entailment()


def defined(code: str, definition: str) -> Entailment:
    """What the definition of ``code`` says that it entails.

    >>> defined("0317", "Nota : L'attribution de la qualification 0317 entraîne automatiquement celle de la "
    ...         "qualification 0316.").codes
    ('0316',)
    """
    text = unescape(definition[:_LONGEST])
    whole = [" ".join(_TAG.sub(" ", part).split()) for part in _BLOCK.split(text)]
    parts = [" ".join(part.split()) for part in _TAG.split(text)]
    # A sentence may go on past a line break, or end there without a stop: the reading that finds more is taken.
    told = max(whole, parts, key=lambda sentences: sum(len(_ENTAILS.findall(fold(one))) for one in sentences))
    codes: list[str] = []
    said, count = None, 0
    for one in told:
        found = _ENTAILS.findall(fold(one))
        count += len(found)
        named = [other for subject, others in found if subject == code for other in others.split()]
        if named:
            codes += [other.strip(",") for other in named if other != "et"]
            said = said or one[:300]
    known = len(definition) <= _LONGEST and count == sum(len(_MAY_ENTAIL.findall(fold(one))) for one in whole)
    return Entailment(tuple(dict.fromkeys(codes)), known, said)


def all_defined(definitions: Mapping[str, str | None]) -> dict[str, Entailment]:
    """What each definition says that its code entails, read once; nothing of a code that has none."""
    return {code: defined(code, told) for code, told in definitions.items() if told is not None}


def entailed(code: str, said: Mapping[str, Entailment], nomenclature: Nomenclature) -> Entailment:
    """All that comes with ``code``, and with what it entails in turn.

    Args:
        code: a qualification that is held.
        said: what the definition of each qualification that is held says of it, where the answer gives it.
        nomenclature: asked of those that have none.
    """
    found: dict[str, None] = {}
    pending, known = [code], True
    while pending and len(found) <= _MOST:
        one = pending.pop()
        entry = nomenclature.entries.get(one)
        step = said.get(one) or Entailment(entry.entails if entry else (), known=entry is not None)
        known = known and step.known
        new = [other for other in step.codes if other != code and other not in found]
        found |= dict.fromkeys(new)
        pending += new
    own = said.get(code)
    return Entailment(tuple(found), known and not pending, own and own.said)
