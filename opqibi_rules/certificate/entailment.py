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


def entailed(code: str, definitions: Mapping[str, str | None], nomenclature: Nomenclature) -> Entailment:
    """All that comes with ``code``, and with what it entails in turn.

    Args:
        code: a qualification that is held.
        definitions: the definition of each qualification that is held, where the answer gives it.
        nomenclature: asked of those that have none.
    """
    own = definitions.get(code)
    said = None if own is None else defined(code, own).said
    found: dict[str, None] = {}
    pending, known = [code], True
    while pending:
        one = pending.pop()
        definition = definitions.get(one)
        entry = nomenclature.entries.get(one)
        if definition is not None:
            step = defined(one, definition)
        else:
            step = Entailment(entry.entails) if entry is not None else Entailment(known=False)
        known = known and step.known
        new = [other for other in step.codes if other != code and other not in found]
        found |= dict.fromkeys(new)
        pending += new
    return Entailment(tuple(found), known, said)
