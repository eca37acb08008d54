"""The verdict on what a register answered: is it valid on that day, and does it meet what is required?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple, TypeVar

from opqibi_rules.certificate.answer_day import (
    AnswerDay,
    not_known,
    not_that_day,
    remarks,
    under_reservation,
)
from opqibi_rules.certificate.coherence import coherence_warnings, is_code, name_warnings
from opqibi_rules.certificate.doubt import doubts
from opqibi_rules.certificate.model import (
    Certificate,
    CertificateStanding,
    CertificateStandingShape,
    QualificationStanding,
    QualificationStandingShape,
    Status,
    certificate_standing,
    qualification_standings,
)
from opqibi_rules.certificate.organic import (
    OrganicDetails,
    OrganicDetailsShape,
    OrganicOperator,
    organic_standing,
)
from opqibi_rules.certificate.reason import Reason, WarningShape, assumptions_of
from opqibi_rules.certificate.refusal import Refusal, judge_refusal
from opqibi_rules.certificate.requirement import (
    Requirement,
    RequirementResult,
    RequirementShape,
    judge,
    unseen,
)
from opqibi_rules.certificate.siren import bind
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
    host: str | None = None
    """The server that answered, where it is known."""
    repaired: bool = False
    """Comments or stray commas had to be set aside to read it."""
    name: str = ""
    """Where it was read: a file, and its place in it."""

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
        tables: the facts; those shipped by default.

    Raises:
        RequestError: a malformed requirement or SIREN.
        DateError: ``on`` or ``fetched`` is no day, or a certificate dated at the very end of the calendar.
    """
    tables = tables or shipped_tables()
    at = AnswerDay.of(answer.fetched_on, to_day(on, "on"), stated=fetched, today=today)
    asked = [*_requirements(requires), *_requirements(requires_rge, rge=True)]
    binding = bind(siren, answer.siren)
    found = _found(answer, at, asked, tables, accept_probationary=accept_probationary)
    doubted = tuple(doubts(answer.content, answer.http_status, answer.host, at, tables.nomenclature))
    if binding.differs is not None:
        doubted = (binding.differs, *doubted)
    if doubted:
        found = found.restated(lambda _verdict, _reason: (Verdict.UNDETERMINED, doubted[0]))
    elif at.is_past:
        found = found.restated(lambda verdict, reason: _past_the_answer(verdict, reason, at))
    warnings = (
        *binding.warnings,
        *doubted,
        *found.remarks,
        *_about_reading(answer),
        *remarks(at, answer.content, tables.validity),
    )
    return _report(answer, at, binding.siren, found, warnings, tables.validity)


def _past_the_answer(verdict: Verdict, reason: Reason, at: AnswerDay) -> tuple[Verdict, Reason]:
    """What the day of the answer allows to say of a later one."""
    return (Verdict.UNDETERMINED, not_known(reason, at)) if verdict is Verdict.NO else (verdict, reason)


def _requirements(given: Iterable[str | Requirement], *, rge: bool = False) -> Iterator[Requirement]:
    """Several requirements, or a single text, which is one and not a list of letters."""
    for one in [given] if isinstance(given, str) else given:
        yield Requirement.parse(one, rge=rge) if isinstance(one, str) else one


_Restate = Callable[[Verdict, Reason], tuple[Verdict, Reason]]
_Standing = TypeVar("_Standing", CertificateStanding, QualificationStanding)


class _Found(NamedTuple):
    """What one kind of content comes to, whomever it is about."""

    parts: Sequence[tuple[Verdict, Reason]]
    """What the whole follows from, the requirements aside."""
    requirements: tuple[RequirementResult, ...]
    remarks: tuple[Reason, ...]
    certificate: CertificateStanding | None = None
    qualifications: tuple[QualificationStanding, ...] = ()
    organic: OrganicDetails | None = None

    def restated(self, restate: _Restate) -> "_Found":
        """The same, each verdict and its reason restated: part by part as in the whole."""

        def standing(one: _Standing) -> _Standing:
            verdict, reason = restate(one.status.verdict, one.reason)
            status = one.status if verdict is one.status.verdict else Status.UNDETERMINED
            return replace(one, status=status, reason=reason)

        def result(one: RequirementResult) -> RequirementResult:
            verdict, reason = restate(one.verdict, one.reason)
            return replace(one, verdict=verdict, reason=reason)

        return self._replace(
            parts=[restate(*part) for part in self.parts],
            requirements=tuple(map(result, self.requirements)),
            certificate=self.certificate and standing(self.certificate),
            qualifications=tuple(map(standing, self.qualifications)),
        )


def _found(
    answer: Answer, at: AnswerDay, asked: Sequence[Requirement], tables: Tables, *, accept_probationary: bool
) -> _Found:
    content, validity = answer.content, tables.validity
    if isinstance(content, Refusal):
        verdict, reason, remarks = judge_refusal(content, answer.http_status, tables.api_errors)
        if verdict is Verdict.NO and at.on != at.day:
            verdict, reason = Verdict.UNDETERMINED, not_that_day(at)
        return _Found([(verdict, reason)], unseen(asked, verdict, reason), remarks)
    if isinstance(content, OrganicOperator):
        standing, details, remarks = organic_standing(content, at, validity.organic)
        message = Message("An answer of Agence BIO does not speak of OPQIBI qualifications.")
        results = unseen(asked, Verdict.UNDETERMINED, Reason("bio-other-subject", message))
        parts = [(standing.status.verdict, standing.reason)]
        return _Found(parts, results, remarks, standing, organic=details)
    return _certified(content, at.on, asked, tables, accept_probationary=accept_probationary)


def _certified(
    content: Certificate, on: date, asked: Sequence[Requirement], tables: Tables, *, accept_probationary: bool
) -> _Found:
    standing = certificate_standing(content, on, tables.validity)
    held = qualification_standings(content, standing, on, tables)
    complete = all(one.held is not None and all(is_code(it.code) for it in one.held) for one in content.lists)
    parts = [(standing.status.verdict, standing.reason)]
    if not asked:
        parts.append(_any_valid(held, complete=complete))
    results = tuple(
        _with_definitions(
            judge(one, held, accept_probationary=accept_probationary, complete=complete),
            [it for it in held if accept_probationary or not it.probationary],
        )
        for one in asked
    )
    oddities = coherence_warnings(content, on, tables.validity)
    return _Found(parts, results, (*oddities, *name_warnings(content, tables.nomenclature)), standing, held)


def _with_definitions(result: RequirementResult, held: Sequence[QualificationStanding]) -> RequirementResult:
    """A requirement, after what the definitions of the qualifications held say that they entail, or do not."""
    if result.reason.rule == "requirement-entailed":
        said = next(
            (one.entailment.said for one in held if one.code == result.by and one.entailment.said), None
        )
        if said is None:
            return result
        message = Message("{why} Its definition says: « {said} »", why=result.reason.message, said=said)
        return replace(result, reason=replace(result.reason, rule="entailed-by-definition", message=message))
    silent = [one.code for one in held if not one.entailment.known and one.status.verdict is not Verdict.NO]
    if result.verdict is not Verdict.NO or not silent:
        return result
    message = Message(
        "{code}: nothing here says whether {held} entails it.",
        code=str(result.requirement),
        held=tuple(dict.fromkeys(silent)),
    )
    return replace(
        result, verdict=Verdict.UNDETERMINED, by=None, reason=Reason("entailed-by-definition", message)
    )


def _settled(found: _Found) -> tuple[Verdict, Reason]:
    """The verdict on the whole, and the reason of the first part that settles it."""
    parts = [*found.parts, *((result.verdict, result.reason) for result in found.requirements)]
    outcome = all_of(verdict for verdict, _ in parts)
    if outcome is Verdict.YES and found.requirements:
        message = Message("The certificate is valid and meets all that is required.")
        return outcome, Reason("requirement-held", message)
    return outcome, next(reason for verdict, reason in parts if verdict is outcome)


def _report(
    answer: Answer,
    at: AnswerDay,
    siren: str | None,
    found: _Found,
    warnings: tuple[Reason, ...],
    validity: Validity,
) -> CertificateReport:
    """What was found, and whom it is about, with every rule and every interpretation that it names."""
    outcome, reason = _settled(found)
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


def _any_valid(held: tuple[QualificationStanding, ...], *, complete: bool) -> tuple[Verdict, Reason]:
    """Whether a qualification is valid, where none in particular is required."""
    verdict = any_of(one.status.verdict for one in held)
    if verdict is Verdict.NO and not complete:
        message = Message("A part of the qualifications cannot be read.")
        return Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    if not held:
        return verdict, Reason("lists-empty", Message("The certificate lists no qualification at all."))
    return verdict, next(one.reason for one in held if one.status.verdict is verdict)


def _about_reading(answer: Answer) -> Iterator[Reason]:
    """How the answer was read."""
    if answer.repaired:
        message = Message("Comments or stray commas were set aside to read the answer.")
        yield Reason("tolerant-reading", message)
