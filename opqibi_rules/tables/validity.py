"""How long certificates and qualifications run, and how many controls and renewals they take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from opqibi_rules.messages import Text
from opqibi_rules.tables.facts import Assumption, Source, build_facts, build_source


@dataclass(frozen=True, slots=True)
class Term:
    """One duration, in whole years, and who says so."""

    years: int
    controls: int
    """Annual controls within it."""
    renewals: int | None
    """How many times it may be renewed for the same length; ``None``: no limit is stated."""
    wording: tuple[str, ...]
    """How an issuing body writes it, in lower case."""
    source: Source


@dataclass(frozen=True, slots=True)
class Validity:
    """The durations of one edition."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    assumptions: Mapping[str, Assumption]
    certificate: Term
    qualification: Term
    probationary: Term


def _term(data: Mapping[str, Any]) -> Term:
    return Term(
        data["years"],
        data["controls"],
        data["renewals"],
        tuple(word.casefold() for word in data["wording"]),
        build_source(data["source"]),
    )


def build(data: Mapping[str, Any]) -> Validity:
    """The durations that a checked table states."""
    return Validity(
        **build_facts(data),
        certificate=_term(data["certificate"]),
        qualification=_term(data["qualification"]),
        probationary=_term(data["probationary"]),
    )
