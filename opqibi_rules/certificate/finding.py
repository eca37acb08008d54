"""What one answer comes to on a day, part by part, whomever it is about: certificate, operator or error."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar

from opqibi_rules.certificate.answer_day import (
    AnswerDay,
    lost_since,
    not_known,
    not_that_day,
    under_reservation,
)
from opqibi_rules.certificate.coherence import coherence_warnings, is_code, name_warnings
from opqibi_rules.certificate.model import (
    Certificate,
    CertificateStanding,
    QualificationStanding,
    Status,
    certificate_standing,
    qualification_standings,
)
from opqibi_rules.certificate.organic import OrganicDetails, OrganicOperator, organic_standing
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.refusal import Refusal, judge_refusal
from opqibi_rules.certificate.requirement import (
    Requirement,
    RequirementResult,
    judge,
    unknown_codes,
    unseen,
)
from opqibi_rules.messages import Message
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict, all_of, any_of

_Restate = Callable[[Verdict, Reason], tuple[Verdict, Reason]]
_ABSENCES = {"requirement-held", "requirement-rge", "lists-empty"}
"""The rules by which what an answer does not hold denies something: no date that it prints does."""
_Standing = TypeVar("_Standing", CertificateStanding, QualificationStanding)


class Found(NamedTuple):
    """What one kind of content comes to, whomever it is about."""

    parts: Sequence[tuple[Verdict, Reason]]
    """What the whole follows from, the requirements aside."""
    requirements: tuple[RequirementResult, ...]
    remarks: tuple[Reason, ...]
    certificate: CertificateStanding | None = None
    qualifications: tuple[QualificationStanding, ...] = ()
    organic: OrganicDetails | None = None

    @property
    def settled(self) -> tuple[Verdict, Reason]:
        """The verdict on the whole, and the reason of the first part that settles it."""
        parts = [*self.parts, *((result.verdict, result.reason) for result in self.requirements)]
        outcome = all_of(verdict for verdict, _ in parts)
        if outcome is Verdict.YES and self.requirements:
            message = Message("The certificate is valid and meets all that is required.")
            return outcome, Reason("requirement-held", message)
        return outcome, next(reason for verdict, reason in parts if verdict is outcome)

    def doubted(self, doubt: Reason) -> "Found":
        """The same of an answer that is not to be believed: nothing is known."""
        return self._restated(lambda _verdict, _reason: (Verdict.UNDETERMINED, doubt))

    def past_the_answer(self, at: AnswerDay) -> "Found":
        """The same on a day after the answer: what is met is so under reservation, what is not is not known."""

        def known(verdict: Verdict, reason: Reason) -> tuple[Verdict, Reason]:
            return (
                (Verdict.UNDETERMINED, not_known(reason, at)) if verdict is Verdict.NO else (verdict, reason)
            )

        found = self._restated(known)
        requirements = tuple(
            replace(one, reason=under_reservation(one.reason, at)) if one.verdict is Verdict.YES else one
            for one in found.requirements
        )
        return found._replace(requirements=requirements)

    def before_the_answer(self, at: AnswerDay) -> "Found":
        """The same on a day before the answer: what it does not hold may have been held."""

        def known(verdict: Verdict, reason: Reason) -> tuple[Verdict, Reason]:
            lost = verdict is Verdict.NO and reason.rule in _ABSENCES
            return (Verdict.UNDETERMINED, lost_since(reason, at)) if lost else (verdict, reason)

        return self._restated(known)

    def _restated(self, restate: _Restate) -> "Found":
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


def findings(
    content: Certificate | OrganicOperator | Refusal,
    http_status: int | None,
    at: AnswerDay,
    asked: Sequence[Requirement],
    tables: Tables,
    doubted: Mapping[str, Reason],
    *,
    accept_probationary: bool,
) -> Found:
    """What an answer comes to on the day asked, as that very day would know it.

    ``doubted`` says of which qualifications nothing is known, and why.
    """
    validity = tables.validity
    if isinstance(content, Refusal):
        verdict, reason, remarks = judge_refusal(content, http_status, tables.api_errors)
        if verdict is Verdict.NO and at.on != at.day:
            verdict, reason = Verdict.UNDETERMINED, not_that_day(at)
        return Found([(verdict, reason)], unseen(asked, verdict, reason), remarks)
    if isinstance(content, OrganicOperator):
        standing, details, remarks = organic_standing(content, at, validity.organic)
        message = Message("An answer of Agence BIO does not speak of OPQIBI qualifications.")
        results = unseen(asked, Verdict.UNDETERMINED, Reason("bio-other-subject", message))
        parts = [(standing.status.verdict, standing.reason)]
        return Found(parts, results, remarks, standing, organic=details)
    return _certified(content, at.on, asked, tables, doubted, accept_probationary=accept_probationary)


def _certified(
    content: Certificate,
    on: date,
    asked: Sequence[Requirement],
    tables: Tables,
    doubted: Mapping[str, Reason],
    *,
    accept_probationary: bool,
) -> Found:
    standing = certificate_standing(content, on, tables.validity)
    held = tuple(
        replace(one, status=Status.UNDETERMINED, reason=doubted[one.code]) if one.code in doubted else one
        for one in qualification_standings(content, standing, on, tables)
    )
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
    if standing.status is Status.NOT_YET_VALID:
        results = unseen(
            asked, Verdict.UNDETERMINED, standing.reason
        )  # the certificate before it may meet them
    remarks = (
        *coherence_warnings(content, on, tables.validity),
        *name_warnings(content, tables.nomenclature),
        *unknown_codes(asked, (one.code for one in held), tables.nomenclature),
    )
    return Found(parts, results, remarks, standing, held)


def _with_definitions(result: RequirementResult, held: Sequence[QualificationStanding]) -> RequirementResult:
    """A requirement, after what the definitions of the qualifications held say that they entail, or do not."""
    if result.reason.rule == "requirement-entailed":
        said = next(
            (one.entailment.said for one in held if one.code == result.by and one.entailment.said), None
        )
        if said is None or not any(code in said for code in result.requirement.codes):
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


def _any_valid(held: tuple[QualificationStanding, ...], *, complete: bool) -> tuple[Verdict, Reason]:
    """Whether a qualification is valid, where none in particular is required."""
    verdict = any_of(one.status.verdict for one in held)
    if verdict is Verdict.NO and not complete:
        message = Message("A part of the qualifications cannot be read.")
        return Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    if not held:
        return verdict, Reason("lists-empty", Message("The certificate lists no qualification at all."))
    return verdict, next(one.reason for one in held if one.status.verdict is verdict)
