"""The verdict on what a register answered: is it valid on that day, and does it meet what is required?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from opqibi_rules.certificate.coherence import coherence_warnings, is_code
from opqibi_rules.certificate.model import (
    Certificate,
    CertificateStanding,
    QualificationStanding,
    certificate_standing,
    qualification_standings,
)
from opqibi_rules.certificate.organic import OrganicOperator, organic_standing
from opqibi_rules.certificate.reason import Reason, assumptions_of
from opqibi_rules.certificate.refusal import Refusal, judge_refusal
from opqibi_rules.certificate.requirement import Requirement, RequirementResult, judge, unseen
from opqibi_rules.certificate.siren import bind
from opqibi_rules.deadlines import to_day
from opqibi_rules.messages import Message, Say
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Rule
from opqibi_rules.verdict import CERTIFICATE, Verdict, all_of, any_of

_Asked = TypeVar("_Asked")


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


@dataclass(frozen=True, slots=True)
class CertificateReport:
    """The verdict on one answer, for one day, part by part."""

    answer: Answer
    on: date
    siren: str | None
    outcome: Verdict
    reason: Reason
    """Of the whole: what settled it."""
    certificate: CertificateStanding | None
    """``None``: no certificate to speak of (an error)."""
    qualifications: tuple[QualificationStanding, ...]
    requirements: tuple[RequirementResult, ...]
    warnings: tuple[Reason, ...]
    rules: tuple[Rule, ...]
    """Every rule named above, once, in that order."""
    assumptions: tuple[Assumption, ...] = ()
    """The interpretations they rest on, where the sources leave a point open."""

    @property
    def verdict(self) -> str:
        """``valid``, ``not_valid`` or ``undetermined``."""
        return self.outcome.worded(CERTIFICATE)

    def to_dict(self, say: Say = str, *, language: str = "en") -> dict[str, Any]:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the rules' own texts."""
        certificate = self.certificate
        return {
            "schema_version": 1,
            "verdict": self.verdict,
            "reason": say(self.reason.message),
            "rule": self.reason.rule,
            "on": self.on.isoformat(),
            "siren": self.siren,
            "dialect": self.answer.dialect,
            "source": self.answer.name,
            "fetched_on": _iso(self.answer.fetched_on),
            "certificate": None
            if certificate is None
            else {
                "number": certificate.number,
                "issued": _iso(certificate.issued),
                "valid_until": _iso(certificate.valid_until),
                **_standing(certificate.status, certificate.reason, say),
            },
            "qualifications": [
                {
                    "code": held.code,
                    "name": held.name,
                    "probationary": held.probationary,
                    "valid_until": _iso(held.valid_until),
                    **_standing(held.status, held.reason, say),
                    "rge": held.rge,
                    "entails": list(held.entails),
                }
                for held in self.qualifications
            ],
            "requirements": [
                {
                    "code": str(result.requirement),
                    "rge_required": result.requirement.rge,
                    **_standing(result.status, result.reason, say),
                    "by": result.by,
                }
                for result in self.requirements
            ],
            "warnings": [
                {"code": warning.rule, "message": say(warning.message)} for warning in self.warnings
            ],
            "rules": [
                {
                    "id": rule.id,
                    "text": rule.text.said(language),
                    "source": f"{rule.source.document} ({rule.source.address})",
                }
                for rule in self.rules
            ],
            "assumptions": [item.to_dict(language) for item in self.assumptions],
        }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _standing(status: str, reason: Reason, say: Say) -> dict[str, str]:
    return {"status": str(status), "reason": say(reason.message), "rule": reason.rule}


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
    asked = [
        *(Requirement.parse(text) if isinstance(text, str) else text for text in _listed(requires)),
        *(Requirement.parse(text, rge=True) for text in _listed(requires_rge)),
    ]
    binding = bind(siren, answer.siren)
    content = answer.content
    certificate: CertificateStanding | None = None
    held: tuple[QualificationStanding, ...] = ()
    if isinstance(content, Refusal):
        refused, reason, remarks = judge_refusal(content, answer.http_status, tables.api_errors)
        results = unseen(asked, refused, reason)
        parts = [(refused, reason)]
    elif isinstance(content, OrganicOperator):
        certificate, remarks = organic_standing(content, on, tables.validity.organic)
        message = Message("An answer of Agence BIO does not speak of OPQIBI qualifications.")
        results = unseen(asked, Verdict.UNDETERMINED, Reason("bio-other-subject", message))
        parts = [(certificate.status.verdict, certificate.reason)]
    else:
        certificate = certificate_standing(content, on, tables.validity)
        held = qualification_standings(content, certificate, on, tables)
        remarks = coherence_warnings(content, on, tables.validity)
        complete = _complete(content)
        results = tuple(
            judge(one, held, accept_probationary=accept_probationary, complete=complete) for one in asked
        )
        parts = [(certificate.status.verdict, certificate.reason)]
        if not asked:
            parts.append(_any_valid(held, complete=complete))
    parts += [(result.verdict, result.reason) for result in results]
    outcome = all_of(verdict for verdict, _ in parts)
    reason = next(reason for verdict, reason in parts if verdict is outcome)
    if outcome is Verdict.YES and asked:
        reason = Reason(
            "requirement-held", Message("The certificate is valid and meets all that is required.")
        )
    if binding.differs is not None:
        outcome, reason = Verdict.UNDETERMINED, binding.differs
    warnings = (*binding.warnings, *remarks, *_about_reading(answer, on))
    named = [reason, *(part.reason for part in (certificate, *held, *results) if part is not None), *warnings]
    rules = {one.rule: tables.validity.rules[one.rule] for one in named}
    return CertificateReport(
        answer,
        on,
        binding.siren,
        outcome,
        reason,
        certificate,
        held,
        results,
        warnings,
        tuple(rules.values()),
        assumptions_of(named, tables.validity),
    )


def _listed(given: Iterable[_Asked]) -> Iterable[_Asked | str]:
    """Several requirements, or a single text, which is one and not a list of letters."""
    return [given] if isinstance(given, str) else given


def _complete(certificate: Certificate) -> bool:
    """Whether every list, and every code in it, could be read."""
    lists = (certificate.qualifications, certificate.probationary)
    return all(held is not None and all(is_code(one.code) for one in held) for held in lists)


def _any_valid(held: tuple[QualificationStanding, ...], *, complete: bool) -> tuple[Verdict, Reason]:
    """Whether a qualification is valid, where none in particular is required."""
    verdict = any_of(one.status.verdict for one in held)
    if verdict is Verdict.NO and not complete:
        message = Message("A part of the qualifications cannot be read.")
        return Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    if not held:
        return verdict, Reason("lists-empty", Message("The certificate lists no qualification at all."))
    best = next(one for one in held if one.status.verdict is verdict)
    return verdict, best.reason


def _about_reading(answer: Answer, on: date) -> tuple[Reason, ...]:
    """How the answer was read, and how old it is."""
    remarks = []
    if answer.repaired:
        message = Message("Comments or stray commas were set aside to read the answer.")
        remarks.append(Reason("tolerant-reading", message))
    if answer.fetched_on is None:
        if isinstance(answer.content, OrganicOperator):
            message = Message("The state is that of the day of the answer, which the answer does not tell.")
            remarks.append(Reason("answer-age", message))
    elif on > answer.fetched_on:
        message = Message(
            "The answer was fetched on {day:date}, before the day asked: ask again to be sure.",
            day=answer.fetched_on,
        )
        remarks.append(Reason("answer-age", message))
    return tuple(remarks)
