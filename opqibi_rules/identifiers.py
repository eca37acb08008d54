"""The numbers that name a French firm: SIREN, SIRET, VAT number; read, compared, printed.

A number is read by its form alone. Its key is asked about apart (:func:`has_right_key`): a few registered
companies bear a SIREN whose key is wrong, which is unusual and no mistake. python-stdnum knows the keys, and
their exceptions (La Poste); it is loaded once a number is met, so that a price does without it.

>>> siren_of("732 829 320 00074"), siren_of_vat_number("FR 44 732829320"), siren_of("Bureau d’études")
('732829320', '732829320', None)
"""

import re

from opqibi_rules.errors import RequestError

_SIREN = re.compile("[0-9]{9}")
_SIREN_OR_SIRET = re.compile("[0-9]{9}(?:[0-9]{5})?")
_FRENCH_VAT_NUMBER = re.compile("FR[0-9A-HJ-NP-Z]{2}([0-9]{9})")
_VAT_NUMBER = re.compile("(?!FR)[A-Z]{2}[0-9A-Z]{2,13}")


_ACCOUNT = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}")
_RIB = re.compile(
    r"\b([0-9]{5})[^0-9]{1,25}([0-9]{5})[^0-9]{1,25}([0-9A-Z]{11})(?:[^0-9A-Z]|CL[EÉ]|RIB){1,12}([0-9]{2})\b"
)
"""A French account: bank, branch, number, key; its IBAN is FR76 and these (ISO 13616: such a key makes it 76)."""


def accounts_in(text: str) -> tuple[str, ...]:
    """The accounts whose key is right that a text bears, as an IBAN or as a RIB, each as its IBAN.

    >>> accounts_in("IBAN FR76 3000 6000 0112 3456 7890 189, clé 12")
    ('FR7630006000011234567890189',)
    >>> accounts_in("Banque 30006 - guichet 00001 - compte 12345678901 - clé RIB 89")
    ('FR7630006000011234567890189',)
    """
    from stdnum import iban  # noqa: PLC0415 - only an invoice that states an account pays for it

    found, text = dict[str, None](), text.upper()
    for match in _ACCOUNT.finditer(text):
        parts = match[0].split(" ")
        whole = ("".join(parts[:count]) for count in range(len(parts), 0, -1))
        found |= dict.fromkeys(each for each in whole if iban.is_valid(each))
    ribs = (f"FR76{''.join(match.groups())}" for match in _RIB.finditer(text))
    return tuple(found | dict.fromkeys(each for each in ribs if iban.is_valid(each)))


def compact(number: object) -> str:
    """A number without the spaces and dots by which people group its digits."""
    from stdnum.util import clean  # noqa: PLC0415 - a price by counts names no firm

    return clean(str(number), " .").strip()


def siren_of(number: str | None) -> str | None:
    """The SIREN that a SIREN or a SIRET is, or begins with; ``None`` for anything else, and for zeros."""
    digits = compact(number or "")
    if not _SIREN_OR_SIRET.fullmatch(digits) or not digits.strip("0"):
        return None
    return digits[:9]


def siren_of_vat_number(number: str | None) -> str | None:
    """The SIREN that a French VAT number ends with; ``None`` for anything else.

    Numbers of Monaco (a SIREN that would begin with 000) are French VAT numbers and name no SIREN.
    """
    found = _FRENCH_VAT_NUMBER.fullmatch(compact(number or "").upper())
    return None if found is None or found[1].startswith("000") else found[1]


def is_french_vat_number(number: str) -> bool:
    """Whether a text has the form of a French VAT number, whatever its key."""
    return _FRENCH_VAT_NUMBER.fullmatch(compact(number).upper()) is not None


def read_siren(value: object) -> str:
    """The nine digits of a SIREN, whatever its key.

    Raises:
        RequestError: not nine digits, or zeros.
    """
    text, siren = str(value)[:40], siren_of(str(value))
    if siren is None and compact(value) and not compact(value).strip("0"):
        raise RequestError("« {text} »: a SIREN of zeros names no firm.", text=text)
    if siren is None:
        raise RequestError("« {text} » is not a SIREN; nine digits are expected, as 434717997.", text=text)
    if siren != compact(value):
        raise RequestError("« {text} » is a SIRET; its SIREN is {siren}.", text=text, siren=siren)
    return siren


def read_siret(value: object) -> str:
    """The fourteen digits of a SIRET, whatever its key.

    Raises:
        RequestError: not fourteen digits, or zeros.
    """
    digits = compact(value)
    if siren_of(digits) in {None, digits}:
        raise RequestError(
            "« {text} » is not a SIRET; fourteen digits are expected, as 13002526500013.",
            text=str(value)[:40],
        )
    return digits


def read_vat_number(value: object) -> str:
    """A VAT number of any country, a French one with its SIREN.

    Raises:
        RequestError: it has no such form.
    """
    number = compact(value)
    if not _FRENCH_VAT_NUMBER.fullmatch(number) and not _VAT_NUMBER.fullmatch(number):
        raise RequestError("« {text} » is not a VAT number; write it as FR11123456782.", text=str(value)[:40])
    return number


def has_right_key(number: str) -> bool:
    """Whether the key of a SIREN, a SIRET or a French VAT number is right.

    >>> has_right_key("35600000049837"), has_right_key("FR44732829320"), has_right_key("889742876")
    (True, True, False)
    """
    from stdnum.fr import siren, siret, tva  # noqa: PLC0415 - as above

    kind = tva if number[:1].isalpha() else siren if _SIREN.fullmatch(compact(number)) else siret
    return bool(kind.is_valid(number))


def grouped(siren: str) -> str:
    """A SIREN as it is printed, in threes that no line end parts."""
    from stdnum.fr.siren import format as spaced  # noqa: PLC0415 - as above

    return spaced(siren, "\N{NARROW NO-BREAK SPACE}")
