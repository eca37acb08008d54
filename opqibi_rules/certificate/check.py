"""The verdict on what a register answered: is it valid on that day, and does it meet what is required?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from opqibi_rules.certificate.coherence import coherence_warnings, is_code
from opqibi_rules.certificate.model import (
    Certificate,
    CertificateStanding,
    CertificateStandingShape,
    QualificationStanding,
    QualificationStandingShape,
    certificate_standing,
    qualification_standings,
)
from opqibi_rules.certificate.organic import OrganicOperator, organic_standing
from opqibi_rules.certificate.reason import Reason, WarningShape, assumptions_of
from opqibi_rules.certificate.refusal import Refusal, judge_refusal
from opqibi_rules.certificate.requirement import (
    Requirement,
    RequirementResult,
    RequirementShape,
    judge,
    unknown_codes,
    unseen,
)
from opqibi_rules.certificate.siren import Binding, bind
from opqibi_rules.deadlines import to_day
from opqibi_rules.messages import Message, Say, Text
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Rule, Validity
from opqibi_rules.verdict import CERTIFICATE, Verdict, all_of, any_of


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
    repaired: bool = False
    """Comments or stray commas had to be set aside to read it."""
    name: str = ""
    """Where it was read: a file, and its place in it."""


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
    warnings: tuple[Reason, ...] = ()
    rules: tuple[Rule, ...] = ()
    """Every rule named above, once, in that order."""
    assumptions: tuple[Assumption, ...] = ()
    """The interpretations they rest on, where the sources leave a point open."""

    @property
    def verdict(self) -> str:
        """``valid``, ``not_valid`` or ``undetermined``."""
        return self.outcome.worded(CERTIFICATE)

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
    certificate: CertificateStandingShape | None
    """Null: no certificate to speak of."""
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
        tables: the facts; those shipped by default.

    Raises:
        RequestError: a malformed requirement or SIREN.
        DateError: ``on`` is no day, or a certificate dated at the very end of the calendar.
    """
    on, tables = to_day(on), tables or shipped_tables()
    asked = [*_requirements(requires), *_requirements(requires_rge, rge=True)]
    binding = bind(siren, answer.siren)
    found = _found(answer, on, asked, tables, accept_probationary=accept_probationary)
    return _report(answer, on, binding, found, tables.validity)


def _requirements(given: Iterable[str | Requirement], *, rge: bool = False) -> Iterator[Requirement]:
    """Several requirements, or a single text, which is one and not a list of letters."""
    for one in [given] if isinstance(given, str) else given:
        yield Requirement.parse(one, rge=rge) if isinstance(one, str) else one


class _Found(NamedTuple):
    """What one kind of content comes to, whomever it is about."""

    parts: Sequence[tuple[Verdict, Reason]]
    """What the whole follows from, the requirements aside."""
    requirements: tuple[RequirementResult, ...]
    remarks: Iterable[Reason]
    certificate: CertificateStanding | None = None
    qualifications: tuple[QualificationStanding, ...] = ()


def _found(
    answer: Answer, on: date, asked: Sequence[Requirement], tables: Tables, *, accept_probationary: bool
) -> _Found:
    content, validity = answer.content, tables.validity
    if isinstance(content, Refusal):
        verdict, reason, remarks = judge_refusal(content, answer.http_status, tables.api_errors)
        return _Found([(verdict, reason)], unseen(asked, verdict, reason), remarks)
    if isinstance(content, OrganicOperator):
        standing, remarks = organic_standing(content, on, validity.organic)
        message = Message("An answer of Agence BIO does not speak of OPQIBI qualifications.")
        results = unseen(asked, Verdict.UNDETERMINED, Reason("bio-other-subject", message))
        return _Found([(standing.status.verdict, standing.reason)], results, remarks, standing)
    standing = certificate_standing(content, on, validity)
    held = qualification_standings(content, standing, on, tables)
    complete = all(one.held is not None and all(is_code(it.code) for it in one.held) for one in content.lists)
    parts = [(standing.status.verdict, standing.reason)]
    if not asked:
        parts.append(_any_valid(held, complete=complete))
    results = tuple(
        judge(one, held, accept_probationary=accept_probationary, complete=complete) for one in asked
    )
    remarks = (*coherence_warnings(content, on, validity), *unknown_codes(asked, held, tables.nomenclature))
    return _Found(parts, results, remarks, standing, held)


def _settled(found: _Found) -> tuple[Verdict, Reason]:
    """The verdict on the whole, and the reason of the first part that settles it."""
    parts = [*found.parts, *((result.verdict, result.reason) for result in found.requirements)]
    outcome = all_of(verdict for verdict, _ in parts)
    if outcome is Verdict.YES and found.requirements:
        message = Message("The certificate is valid and meets all that is required.")
        return outcome, Reason("requirement-held", message)
    return outcome, next(reason for verdict, reason in parts if verdict is outcome)


def _report(
    answer: Answer, on: date, binding: Binding, found: _Found, validity: Validity
) -> CertificateReport:
    """What was found, and whom it is about, with every rule and every interpretation that it names."""
    outcome, reason = _settled(found)
    if binding.differs is not None:
        outcome, reason = Verdict.UNDETERMINED, binding.differs
    warnings = (*binding.warnings, *found.remarks, *_about_reading(answer, on))
    certificate = () if found.certificate is None else (found.certificate,)
    judged = (*certificate, *found.qualifications, *found.requirements)
    named = (reason, *(part.reason for part in judged), *warnings)
    return CertificateReport(
        answer=answer,
        on=on,
        siren=binding.siren,
        outcome=outcome,
        reason=reason,
        certificate=found.certificate,
        qualifications=found.qualifications,
        requirements=found.requirements,
        warnings=warnings,
        rules=tuple(validity.rules[rule] for rule in dict.fromkeys(one.rule for one in named)),
        assumptions=assumptions_of(named, validity),
    )


def _any_valid(held: tuple[QualificationStanding, ...], *, complete: bool) -> tuple[Verdict, Reason]:
    """Whether a qualification is valid, where none in particular is required."""
    verdict = any_of(one.status.verdict for one in held)
    if verdict is Verdict.NO and not complete:
        message = Message("A part of the qualifications cannot be read.")
        return Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    if not held:
        return verdict, Reason("lists-empty", Message("The certificate lists no qualification at all."))
    return verdict, next(one.reason for one in held if one.status.verdict is verdict)


def _about_reading(answer: Answer, on: date) -> Iterator[Reason]:
    """How the answer was read, and how old it is."""
    if answer.repaired:
        message = Message("Comments or stray commas were set aside to read the answer.")
        yield Reason("tolerant-reading", message)
    if answer.fetched_on is None and isinstance(answer.content, OrganicOperator):
        message = Message("The state is that of the day of the answer, which the answer does not tell.")
        yield Reason("answer-age", message)
    if answer.fetched_on is not None and on > answer.fetched_on:
        message = Message(
            "The answer was fetched on {day:date}, before the day asked: ask again to be sure.",
            day=answer.fetched_on,
        )
        yield Reason("answer-age", message)
