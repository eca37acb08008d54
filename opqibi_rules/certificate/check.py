"""The verdict on what a register answered: is it valid on that day, and does it meet what is required?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from opqibi_rules.certificate.answer_day import (
    AnswerDay,
    remarks,
    under_reservation,
)
from opqibi_rules.certificate.doubt import Unlisted, doubts, entry_doubts, sanctioned, unlisted_warnings
from opqibi_rules.certificate.finding import Found, findings
from opqibi_rules.certificate.model import (
    Certificate,
    CertificateStanding,
    CertificateStandingShape,
    QualificationStanding,
    QualificationStandingShape,
)
from opqibi_rules.certificate.organic import (
    OrganicDetails,
    OrganicDetailsShape,
    OrganicOperator,
)
from opqibi_rules.certificate.reason import Reason, WarningShape, assumptions_of
from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.certificate.requirement import (
    Requirement,
    RequirementResult,
    RequirementShape,
)
from opqibi_rules.certificate.siren import FirmNamed, bind
from opqibi_rules.deadlines import to_day
from opqibi_rules.messages import Message, Say, Text
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables, shipped_tables
from opqibi_rules.tables.validity import Rule, Validity
from opqibi_rules.verdict import CERTIFICATE, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """What a register answered, about whom, when, and in which dialect."""

    dialect: str
    """``api_entreprise_v3``, ``api_entreprise_v2``, ``opqibi`` or ``agence_bio``."""
    content: Certificate | OrganicOperator | Refusal
    siren: str | None = None
    """The firm that the answer names, or that it was fetched for."""
    fetched_on: date | None = None
    http_status: int | None = None
    host: str | None = None
    """The server that answered, where it is known."""
    repaired: bool = False
    """Comments or stray commas had to be set aside to read it."""
    name: str = ""
    """Where it was read: a file, and its place in it."""
    unlisted: tuple[Unlisted, ...] = ()
    """What it holds beside what is documented of its dialect."""
    firms: tuple[FirmNamed, ...] = ()
    """Every number of a firm in it, wherever."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReport:
    """The verdict on one answer, for one day, part by part."""

    answer: Answer
    on: date
    siren: str | None
    outcome: Verdict
    reason: Reason
    """Of the whole: what settled it."""
    certificate: CertificateStanding | None = None
    """``None``: no certificate to speak of (an error)."""
    qualifications: tuple[QualificationStanding, ...] = ()
    requirements: tuple[RequirementResult, ...] = ()
    organic: OrganicDetails | None = None
    """More of an operator of Agence BIO."""
    warnings: tuple[Reason, ...] = ()
    as_of: date
    """The day that the answer speaks for: the one it was fetched, or is taken to have been."""
    rules: tuple[Rule, ...] = ()
    """Every rule named above, once, in that order."""
    assumptions: tuple[Assumption, ...] = ()
    """The interpretations they rest on, where the sources leave a point open."""

    @property
    def verdict(self) -> str:
        """``valid``, ``not_valid`` or ``undetermined``."""
        return self.outcome.worded(CERTIFICATE)

    @property
    def under_reservation(self) -> bool:
        """Valid as far as an answer from before the day asked can know."""
        return self.outcome is Verdict.YES and self.on > self.as_of

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the rules' own texts."""
        return CertificateReportShape.written(self, Voice(say, language))


class RuleShape(Shape, of=Rule):
    """A rule that a verdict names, and where it is written."""

    id: str
    text: Text
    source: str = at(lambda rule: str(rule.source))


class CertificateReportShape(Shape, of=CertificateReport):
    """The verdict on a certificate, part by part."""

    schema_version: Literal[1] = 1
    verdict: Literal["valid", "not_valid", "undetermined"]
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    on: Day
    siren: str | None
    dialect: str = at("answer.dialect")
    source: str = at("answer.name")
    """The file, and the place in it."""
    fetched_on: Day | None = at("answer.fetched_on")
    as_of: Day
    """The day that the answer speaks for: the one it was fetched, or is taken to have been."""
    under_reservation: bool
    """Valid as far as an answer from before the day asked can know."""
    certificate: CertificateStandingShape | None
    """Null: no certificate to speak of."""
    organic: OrganicDetailsShape | None
    """More of an operator of Agence BIO; null for the others."""
    qualifications: tuple[QualificationStandingShape, ...]
    requirements: tuple[RequirementShape, ...]
    warnings: tuple[WarningShape, ...]
    rules: tuple[RuleShape, ...]
    """Every rule named above, once, in that order."""
    assumptions: tuple[AssumptionShape, ...]


def check_certificate(
    answer: Answer,
    *,
    on: date | str,
    siren: str | None = None,
    requires: Iterable[str | Requirement] = (),
    requires_rge: Iterable[str] = (),
    accept_probationary: bool = False,
    fetched: date | str | None = None,
    today: date | None = None,
    doubt: Reason | None = None,
    tables: Tables | None = None,
) -> CertificateReport:
    """Is what a register answered valid on a day, and does it meet what a tender requires?

    Args:
        answer: what was read (:mod:`opqibi_rules.certificate.reading.certificate_answer`).
        on: the day asked about. Never today by default: the core reads no clock.
        siren: the firm asked about; the v3 answer does not name it. A SIRET is cut to its SIREN.
        requires: codes, ``"1905"`` or ``"1905|1911"``; all must be met.
        requires_rge: the same, with the mention RGE.
        accept_probationary: a probationary qualification meets a requirement too.
        fetched: the day the answer was fetched, where it does not tell it itself.
        today: what day it is: a later day asked about is still to come, and a bare answer is then taken as
            fetched today. Not told: it is taken as fetched on the day asked.
        doubt: why another answer of the run keeps this one from being believed.
        tables: the facts; those shipped by default.

    Raises:
        RequestError: a malformed requirement or SIREN.
        DateError: ``on`` or ``fetched`` is no day, or a certificate dated at the very end of the calendar.
    """
    tables = tables or shipped_tables()
    at = AnswerDay.of(answer.fetched_on, to_day(on, "on"), stated=fetched, today=today)
    asked = [*_requirements(requires), *_requirements(requires_rge, rge=True)]
    binding = bind(siren, answer.siren, answer.firms)
    entries = tuple(entry_doubts(answer.content, answer.unlisted, tables))
    by_code = {code: reason for code, reason in reversed(entries) if code is not None}
    found = findings(
        answer.content,
        answer.http_status,
        at,
        asked,
        tables,
        by_code,
        accept_probationary=accept_probationary,
    )
    said = tables.validity.sanctions.said
    doubted = (
        *binding.doubts,
        *filter(None, (doubt,)),
        *doubts(answer.content, answer.http_status, answer.host, at, tables.nomenclature),
        *sanctioned(answer.content, answer.unlisted, said),
        *(reason for code, reason in entries if code is None),
    )
    if doubted:
        found = found.doubted(doubted[0])
    elif at.is_past:
        found = found.past_the_answer(at)
    elif at.is_before:
        found = found.before_the_answer(at)
    warnings = (
        *binding.warnings,
        *dict.fromkeys((*doubted, *by_code.values())),
        *found.remarks,
        *unlisted_warnings(answer.unlisted, said),
        *_about_reading(answer),
        *remarks(at, answer.content, tables.validity),
    )
    return _report(answer, at, binding.siren, found, warnings, tables.validity)


def _requirements(given: Iterable[str | Requirement], *, rge: bool = False) -> Iterator[Requirement]:
    """Several requirements, or a single one: a text is one, and not a list of letters."""
    for one in given if isinstance(given, Iterable) and not isinstance(given, str) else [given]:
        known = one if isinstance(one, Requirement) else Requirement.parse(one)
        yield replace(known, rge=known.rge or rge)


def _report(
    answer: Answer,
    at: AnswerDay,
    siren: str | None,
    found: Found,
    warnings: tuple[Reason, ...],
    validity: Validity,
) -> CertificateReport:
    """What was found, and whom it is about, with every rule and every interpretation that it names."""
    outcome, reason = found.settled
    if outcome is Verdict.YES and at.is_past:
        reason = under_reservation(reason, at)
    certificate = () if found.certificate is None else (found.certificate,)
    judged = (*certificate, *found.qualifications, *found.requirements)
    named = (reason, *(part.reason for part in judged), *warnings)
    rules = dict.fromkeys((*(one.rule for one in named), *_attested(found.qualifications)))
    return CertificateReport(
        answer=answer,
        on=at.on,
        siren=siren,
        outcome=outcome,
        reason=reason,
        certificate=found.certificate,
        qualifications=found.qualifications,
        requirements=found.requirements,
        organic=found.organic,
        warnings=warnings,
        as_of=at.day,
        rules=tuple(validity.rules[rule] for rule in rules),
        assumptions=assumptions_of(named, validity),
    )


def _attested(held: Iterable[QualificationStanding]) -> Iterator[str]:
    """The rules that say what the qualifications held attest."""
    for probationary in {one.probationary for one in held}:
        yield "probationary-attests" if probationary else "qualification-attests"


def _about_reading(answer: Answer) -> Iterator[Reason]:
    """How the answer was read."""
    if answer.repaired:
        message = Message("Comments or stray commas were set aside to read the answer.")
        yield Reason("tolerant-reading", message)
