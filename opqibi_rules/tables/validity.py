"""How long certificates and qualifications run, and the rules that verdicts name."""

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
class CertificateForm:
    """What a certificate looks like when nothing is odd about it."""

    number: str
    """``YY MM NNNN``: Y, M and N stand for digits, MM for a month."""
    hosts: tuple[str, ...]
    """Where a certificate is published; their subdomains too."""


@dataclass(frozen=True, slots=True)
class Organic:
    """The states of Agence BIO: whether each certifies. ``None``, or no entry: nothing says."""

    states: Mapping[str, bool | None]
    suspension_years: int
    """A suspension that lasts so long becomes a withdrawal."""
    source: Source


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a verdict names: its sentence and its source."""

    id: str
    text: Text
    source: Source


@dataclass(frozen=True, slots=True)
class Validity:
    """The durations of one edition, and its rules by identifier."""

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
    form: CertificateForm
    organic: Organic
    rules: Mapping[str, Rule]


def _term(data: Mapping[str, Any]) -> Term:
    return Term(
        data["years"],
        data["controls"],
        data["renewals"],
        tuple(word.casefold() for word in data["wording"]),
        build_source(data["source"]),
    )


def build(data: Mapping[str, Any], below: Validity | None = None) -> Validity:
    """What a checked table states: its durations as a whole, its rules laid over those of ``below``."""
    certificate, organic = data["certificate"], data["organic"]
    rules = dict(below.rules) if below else {}
    for rule in data["rules"]:
        rules[rule["id"]] = Rule(rule["id"], Text(**rule["text"]), build_source(rule["source"]))
    return Validity(
        **build_facts(data),
        certificate=_term(certificate),
        qualification=_term(data["qualification"]),
        probationary=_term(data["probationary"]),
        form=CertificateForm(certificate["number_form"], tuple(certificate["hosts"])),
        organic=Organic(
            {state["state"]: state["certified"] for state in organic["states"]},
            organic["suspension_years"],
            build_source(organic["source"]),
        ),
        rules=rules,
    )
