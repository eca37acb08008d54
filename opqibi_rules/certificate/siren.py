"""Whom an answer is about: the SIREN asked for, and the one the answer names, if it names one.

The v3 answer of API Entreprise names no firm: a saved file alone proves nothing about whom it concerns.
"""

from dataclasses import dataclass

from stdnum.exceptions import ValidationError
from stdnum.fr import siren as siren_number

from opqibi_rules.certificate.verdict import Reason
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message


@dataclass(frozen=True, slots=True)
class Binding:
    """The firm that a verdict is about."""

    siren: str | None
    warnings: tuple[Reason, ...] = ()
    differs: Reason | None = None
    """The answer is about another firm than the one asked for."""


def bind(asked: str | None, named: str | None) -> Binding:
    """Compare the SIREN (or SIRET) asked for with the one the answer names.

    A wrong key is a warning: a registered company may bear one. All zeros is no firm at all.

    Raises:
        RequestError: the number asked for is not nine digits, nor the fourteen of a SIRET, or is all zeros.
    """
    warnings: list[Reason] = []
    wanted = None if asked is None else _asked(asked, warnings)
    held = None if named is None else _named(named, warnings)
    if wanted is None and held is None:
        message = Message("The answer names no firm; give the SIREN you asked for (--siren).")
        return Binding(None, (*warnings, Reason("siren-asked", message)))
    if wanted and held and wanted != held:
        message = Message("The answer is about {held}, not about {wanted}.", held=held, wanted=wanted)
        return Binding(wanted, tuple(warnings), Reason("siren-differs", message))
    return Binding(wanted or held, tuple(warnings))


def _asked(text: str, warnings: list[Reason]) -> str:
    digits = siren_number.compact(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in {9, 14}):
        raise RequestError(
            Message("« {text} » is not a SIREN: nine digits are expected, as 434717997.", text=text[:40])
        )
    if not digits.strip("0"):
        raise RequestError(Message("A SIREN of zeros names no firm; give that of the firm asked about."))
    return _checked(digits, warnings)


def _named(text: str, warnings: list[Reason]) -> str | None:
    digits = siren_number.compact(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in {9, 14} and digits.strip("0")):
        message = Message("The answer names a firm by « {text} », which is not a SIREN.", text=text[:40])
        warnings.append(Reason("siren-form", message))
        return None
    return _checked(digits, warnings)


def _checked(digits: str, warnings: list[Reason]) -> str:
    siren = digits[:9]
    if len(digits) == 14:
        message = Message("{siret} is a SIRET; its SIREN is {siren}.", siret=digits, siren=siren)
        warnings.append(Reason("siren-form", message))
    try:
        siren_number.validate(siren)
    except ValidationError:
        message = Message("The key of {siren} is not right: check its digits.", siren=siren)
        warnings.append(Reason("siren-key", message))
    return siren
