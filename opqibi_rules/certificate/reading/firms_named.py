"""The firms that a body names wherever it does: beside the certificate, in a wrapper, in the address of the call.

The v3 answer names none where it is documented, so that what a tool keeps beside it is all that may say whose it
is. A number is a firm's where its key, a word before it, or its own form (a French VAT number) says so: a telephone,
a certificate, a day are none, nor what identifies a call, a token, a file. Whoever else has a part in an answer (who
asked for it, who insures) is not its firm.
"""

import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from opqibi_rules.certificate.siren import FirmNamed
from opqibi_rules.identifiers import compact, has_right_key, siren_of, siren_of_vat_number
from opqibi_rules.paper.strict_yaml import Path, path_text
from opqibi_rules.paper.text import fold, one_line

_OF_OTHERS = re.compile("recipient|destinataire|assur|insur|acheteur|buyer")
"""In a key: the administration that asks, the insurers."""
_OF_NUMBERS = re.compile(r"siren|siret|\b(?:n(?:umero)? ?)?(?:tva|vat)\b")
"""In a key: what stands there is a firm's number, whatever its key digits."""
_FIRM = r"(?:entreprise|unites? legale|etablissement|firm|compan|societe|structure|titulaire|candidat)\w*"
_BEGINS_OR_ENDS = re.compile(rf"^{_FIRM}|\b{_FIRM}$")
_ENDS = re.compile(rf"\b{_FIRM}$")
"""In what a key names: what is identified, or numbered, is a firm."""
_NAMES_NOBODY = re.compile(
    r"id|identifi\w*|n|no|numero|number|code|ref|reference|registration|immatriculation|value|valeur"
    r"|data|donnees|answer|reponse|response|result|resultat|item|record|d|de|du|des|l|la|le|les|of|the"
)
"""In a key, what says of no one whose number it is: whoever a key above names."""
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])|[^0-9A-Za-zÀ-ÿ]+")
_DIGITS = r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}(?:[ .]?[0-9]{5})?(?![ .]?[0-9])"
_NUMBER = re.compile(rf"(?<![0-9])(?:fr ?[0-9]{{2}} ?)?({_DIGITS})")
_LABELLED = re.compile(
    rf"(?:siren|siret|\brcs\b[^0-9]{{0,40}})(?: n(?:umero|o)?\b)?[^0-9a-z]{{0,5}}({_DIGITS})"
)
_CALLED = re.compile(
    r"/(?:unites?[_-]legales?|etablissements?|entreprises?|certificats(?:_[a-z_]+)?)/(?:[^/?#\s]*-)?"
    r"([0-9]{9}(?:[0-9]{5})?)(?![0-9])"
)
"""In an address: those of API Entreprise, of OPQIBI, of the public directory of firms."""
_VAT_NUMBER = re.compile(r"\bfr ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?! ?[0-9a-z])")


def firms_named(value: JsonValue, at: Path = (), *, but: str | None = None) -> Iterator[FirmNamed]:
    """Every number of a firm in a body, with its place; without what stands under the key ``but`` of it."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != but and not _OF_OTHERS.search(fold(key)):
                yield from firms_named(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from firms_named(item, (*at, index))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        text = one_line(str(value))
        for siren in dict.fromkeys(_sirens(text, at)):
            yield FirmNamed(path_text(at), text, siren)


def _sirens(text: str, at: Path) -> Iterator[str]:
    """The SIREN of each firm's number in a text that stands under these keys."""
    keys = [fold(_HUMP.sub(" ", key)) for key in at if isinstance(key, str)]
    plain = fold(text)
    numbers = [*_LABELLED.findall(plain), *_CALLED.findall(plain)]
    if any(map(_OF_NUMBERS.search, keys)):
        numbers += _NUMBER.findall(plain)
    if _is_a_firms(keys) and siren_of(text) and has_right_key(text):
        numbers.append(text)
    yield from filter(None, map(siren_of, numbers))
    for number in _VAT_NUMBER.findall(plain):
        if (siren := siren_of_vat_number(number)) and has_right_key(compact(number).upper()):
            yield siren


def _is_a_firms(keys: Sequence[str]) -> bool:
    """Whether a number that stands under these keys identifies a firm, by the last of them that names anyone.

    « identifiant » alone is that of whom the answer is about; « id » alone may be that of anything.
    """
    for key in reversed(keys):
        words = key.split()
        if named := " ".join(word for word in words if not _NAMES_NOBODY.fullmatch(word)):
            return bool((_ENDS if words[-1] == "id" else _BEGINS_OR_ENDS).search(named))
    return any("identifi" in key for key in keys)
