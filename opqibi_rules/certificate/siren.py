"""Whom an answer is about: the SIREN asked for, and the one the answer names, if it names one.

The v3 answer of API Entreprise names no firm: a saved file alone proves nothing about whom it concerns.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from opqibi_rules.certificate.reason import Reason
from opqibi_rules.errors import RequestError
from opqibi_rules.identifiers import compact, has_right_key, read_siren, siren_of
from opqibi_rules.messages import Message


class FirmNamed(NamedTuple):
    """A number of a firm that an answer holds, wherever: beside a certificate, in an address."""

    place: str
    text: str
    siren: str


@dataclass(frozen=True, slots=True)
class Binding:
    """The firm that a verdict is about."""

    siren: str | None
    warnings: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()
    """What keeps the answer from being tied to it: it is about another firm, or the number can hardly be one's."""


def bind(asked: str | None, named: str | None, beside: Iterable[FirmNamed] = ()) -> Binding:
    """Compare the SIREN (or SIRET) asked for with the one the answer names, and with all that it names beside.

    A number whose key is wrong is not refused, for a few registered companies bear one; but it ties an answer to
    nobody. All zeros is no firm at all.

    Raises:
        RequestError: the number asked for is not nine digits, nor the fourteen of a SIRET, or is all zeros.
    """
    wanted = None if asked is None else siren_of(asked) or read_siren(asked)
    held = siren_of(named)
    warnings = [*_oddities(asked, wanted), *_oddities(named, held)]
    if wanted is None and held is None:
        message = Message("The answer names no firm; give the SIREN you asked for.")
        warnings.append(Reason("siren-asked", message))
    return Binding(wanted or held, tuple(warnings), (*_doubts(wanted, held), *_others(wanted, held, beside)))


def one_firm(asked: str | None, named: Sequence[str | None]) -> None:
    """Refuse to tie one firm to several answers that name none: nothing says that they are all about it.

    Raises:
        RequestError: there are several.
    """
    nameless = sum(siren is None for siren in named)
    if asked is not None and nameless > 1:
        raise RequestError(
            "{n} answers name no firm, and one SIREN cannot be told of them all: check them one by one, each "
            "with its own, or save each with the firm it was fetched for.",
            n=nameless,
            field="siren",
        )


def _doubts(wanted: str | None, held: str | None) -> Iterator[Reason]:
    """What keeps an answer from being tied to a firm, the plainest first."""
    if wanted and held and wanted != held:
        message = Message("The answer is about {held}, not about {wanted}.", held=held, wanted=wanted)
        yield Reason("siren-differs", message)
    for siren in dict.fromkeys(filter(None, (wanted, held))):
        if not has_right_key(siren):
            message = Message(
                "The key of {siren} is not right, so that nothing ties the answer to a firm: check its digits.",
                siren=siren,
            )
            yield Reason("siren-key", message)


def _others(wanted: str | None, held: str | None, beside: Iterable[FirmNamed]) -> Iterator[Reason]:
    """Each further firm that an answer names beside; where none is known, the first that it names is not another."""
    known = set(filter(None, (wanted, held)))
    siren = wanted or held
    for one in beside:
        siren = siren or one.siren
        if one.siren not in known | {siren}:
            known.add(one.siren)
            message = Message(
                "{place}: « {text} » names {other}, not {siren}: nothing says which firm the answer is about.",
                place=one.place[:120],
                text=one.text[:120],
                other=one.siren,
                siren=siren,
            )
            yield Reason("siren-differs", message)


def _oddities(text: str | None, siren: str | None) -> list[Reason]:
    """What is odd in a number that names a firm."""
    if text is None:
        return []
    if siren is None:
        message = Message("The answer names a firm by « {text} », which is not a SIREN.", text=text[:40])
        return [Reason("siren-form", message)]
    if (digits := compact(text)) == siren:
        return []
    message = Message("{siret} is a SIRET; its SIREN is {siren}.", siret=digits, siren=siren)
    return [Reason("siren-form", message)]
