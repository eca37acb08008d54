"""What a tender asks, as buyers write it, and what a candidate brings: a firm, or several together.

A requirement is met by the certificate of a firm, judged as :func:`~opqibi_rules.certificate.check.check_certificate`
judges it. What a register cannot tell (a proof that the buyer takes as equivalent, a subcontractor's commitment) is
recorded as for a person to judge, and never counts as met.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

from opqibi_rules.certificate.check import CertificateReport, RuleShape, check_certificate
from opqibi_rules.certificate.firms import Firm, Role, no_answer
from opqibi_rules.certificate.model import Certificate, Status
from opqibi_rules.certificate.organic import OrganicOperator
from opqibi_rules.certificate.reason import Reason, WarningShape, assumptions_of
from opqibi_rules.certificate.requirement import Requirement, unknown_codes
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.paper.text import fold
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Rule
from opqibi_rules.verdict import REQUIREMENT, Verdict, all_of, any_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of what a tender asks."""

    requirement: Requirement
    accept_probationary: bool = False
    each_member: bool = False
    """Of each member of a consortium; else one of them is enough."""
    equivalents: tuple[str, ...] = ()
    """What the buyer takes as well (« ou équivalent »), in its own words: for a person to judge."""


@dataclass(frozen=True, slots=True)
class Tender:
    """All that a tender asks."""

    asked: tuple[Asked, ...]
    name: str | None = None
    buyer: str | None = None
    subcontractors: bool | None = None
    """Whether what they hold counts; ``None``: the buyer does not say."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who answers a tender: a firm by itself, or a consortium with its subcontractors."""

    firms: tuple[Firm, ...]
    name: str | None = None

    @property
    def label(self) -> Message:
        """The name of the consortium, else of its firm."""
        return Message("{who}", who=self.name or tuple(firm.label for firm in self.firms))


def candidates(firms: Iterable[Firm]) -> list[Candidate]:
    """Who answers, in the order of the list: each consortium (« G » is « g »), and each firm that stands in none."""
    together: dict[object, list[Firm]] = {}
    for index, firm in enumerate(firms):
        name = " ".join(fold(firm.consortium or "").split())
        together.setdefault(name or index, []).append(firm)
    return [Candidate(tuple(found), found[0].consortium) for found in together.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one firm brings to one requirement."""

    firm: Firm
    verdict: Verdict
    reason: Reason
    by: str | None = None
    """The code of the qualification that bears on it."""
    under_reservation: bool = False
    """Met as far as an answer from before the day asked can know."""

    @property
    def status(self) -> str:
        """``met``, ``unmet`` or ``undetermined``."""
        return self.verdict.worded(REQUIREMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedResult:
    """One line of a tender, for one candidate."""

    asked: Asked
    verdict: Verdict
    reason: Reason
    brought: tuple[Brought, ...]
    """By each firm, in the order of the candidate."""

    @property
    def under_reservation(self) -> bool:
        """Met as far as answers from before the day asked can know."""
        met = [one.under_reservation for one in self.brought if one.verdict is Verdict.YES]
        decisive = any if self.asked.each_member else all
        return self.verdict is Verdict.YES and decisive(met)

    @property
    def status(self) -> str:
        """``met``, ``unmet`` or ``undetermined``."""
        return self.verdict.worded(REQUIREMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderAnswer:
    """Whether a candidate brings all that a tender asks, on a day; who brings what."""

    tender: Tender
    candidate: Candidate
    on: date
    outcome: Verdict
    reason: Reason
    results: tuple[AskedResult, ...]
    warnings: tuple[Reason, ...]
    """On what the tender asks."""
    rules: tuple[Rule, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def under_reservation(self) -> bool:
        """Met as far as answers from before the day asked can know."""
        return self.outcome is Verdict.YES and any(one.under_reservation for one in self.results)

    @property
    def verdict(self) -> str:
        """``met``, ``unmet`` or ``undetermined``."""
        return self.outcome.worded(REQUIREMENT)


_Status = Literal["met", "unmet", "undetermined"]


class BroughtShape(Shape, of=Brought):
    """What one firm brings to one requirement."""

    siren: str | None = at("firm.siren")
    name: str | None = at("firm.name")
    role: Role = at("firm.role")
    source: str = at("firm.source")
    """The list that names it, or the file of its answer."""
    line: int | None = at("firm.line")
    fetched_on: Day | None = at(lambda one: one.firm.answer and one.firm.answer.fetched_on)
    status: _Status
    under_reservation: bool
    """Met as far as an answer from before the day asked can know."""
    by: str | None
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")


class AskedResultShape(Shape, of=AskedResult):
    """One line of a tender, for one candidate."""

    code: str = at(lambda result: str(result.asked.requirement))
    rge_required: bool = at("asked.requirement.rge")
    accept_probationary: bool = at("asked.accept_probationary")
    each_member: bool = at("asked.each_member")
    """Asked of each member of a consortium; else one of them is enough."""
    equivalents: tuple[str, ...] = at("asked.equivalents")
    """What the buyer takes as well: for a person to judge."""
    status: _Status
    under_reservation: bool
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    firms: tuple[BroughtShape, ...] = at("brought")


class TenderAnswerShape(Shape, of=TenderAnswer):
    """Whether a candidate brings all that a tender asks; who brings what."""

    candidate: Message = at("candidate.label")
    tender: str | None = at("tender.name")
    buyer: str | None = at("tender.buyer")
    on: Day
    verdict: _Status
    under_reservation: bool
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    requirements: tuple[AskedResultShape, ...] = at("results")
    warnings: tuple[WarningShape, ...]
    """On what the tender asks."""
    rules: tuple[RuleShape, ...]
    """Every rule named above, once."""
    assumptions: tuple[AssumptionShape, ...]


def _outcome(results: Sequence[AskedResult]) -> tuple[Verdict, Reason]:
    """Whether all the lines of a tender are met, and why: the first that says so, where they are not."""
    if not results:
        message = Message("The tender asks for nothing.")
        return Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    outcome = all_of(result.verdict for result in results)
    if outcome is Verdict.YES and any(result.under_reservation for result in results):
        message = Message(
            "All that the tender asks is met, under reservation: answers come from before the day asked."
        )
        return outcome, Reason("answer-age", message)
    if outcome is Verdict.YES:
        return outcome, Reason("requirement-held", Message("All that the tender asks is met."))
    first = next(result for result in results if result.verdict is outcome)
    asked, why = str(first.asked.requirement), first.reason.message
    message = Message("{asked} is not settled. {why}", asked=asked, why=why)
    if outcome is Verdict.NO:
        message = Message("{asked} is not met. {why}", asked=asked, why=why)
    return outcome, Reason(first.reason.rule, message, first.reason.assumption)


def judge_candidates(
    tender: Tender, firms: Iterable[Firm], *, on: date, tables: Tables, today: date | None = None
) -> tuple[TenderAnswer, ...]:
    """:func:`judge_candidate` of each who answers among the firms of a list."""
    judge = partial(judge_candidate, tender, on=on, tables=tables, today=today)
    return tuple(map(judge, candidates(firms)))


def judge_candidate(
    tender: Tender, candidate: Candidate, *, on: date, tables: Tables, today: date | None = None
) -> TenderAnswer:
    """Whether a candidate brings all that a tender asks, on a day; ``today`` as for a certificate.

    Raises:
        DateError: a certificate dated at the very end of the calendar.
    """
    check = partial(check_certificate, on=on, today=today, tables=tables)
    results = tuple(_result(asked, tender, candidate, check) for asked in tender.asked)
    outcome, reason = _outcome(results)
    required = [asked.requirement for asked in tender.asked]
    warnings = tuple(unknown_codes(required, _codes(candidate), tables.nomenclature))
    named = (reason, *(one for result in results for one in _reasons(result)), *warnings)
    return TenderAnswer(
        tender=tender,
        candidate=candidate,
        on=on,
        outcome=outcome,
        reason=reason,
        results=results,
        warnings=warnings,
        rules=tuple(tables.validity.rules[rule] for rule in dict.fromkeys(one.rule for one in named)),
        assumptions=assumptions_of(named, tables.validity),
    )


def _codes(candidate: Candidate) -> Iterator[str]:
    """All that its certificates hold."""
    for firm in candidate.firms:
        if firm.answer is not None and isinstance(firm.answer.content, Certificate):
            yield from (held.code for one in firm.answer.content.lists for held in one.held or ())


def _reasons(result: AskedResult) -> Iterator[Reason]:
    yield result.reason
    yield from (one.reason for one in result.brought)


_Check = Callable[..., CertificateReport]
"""Judges an answer, on the day asked."""


def _result(asked: Asked, tender: Tender, candidate: Candidate, check: _Check) -> AskedResult:
    brought = tuple(_brought(firm, asked, check) for firm in candidate.firms)
    members = [one for one in brought if one.firm.role is Role.MEMBER]
    verdict, reason = _of_each(members) if asked.each_member else _of_one(brought, members, tender)
    if not members:
        message = Message("Only subcontractors are listed: the members are not known.")
        verdict, reason = Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    if verdict is not Verdict.YES and asked.equivalents:
        message = Message(
            "{why} The buyer takes as equivalent: {equivalents}. It is for a person to judge.",
            why=reason.message,
            equivalents=tuple(f"« {text} »" for text in asked.equivalents),
        )
        verdict, reason = Verdict.UNDETERMINED, Reason("equivalent-judged-by-a-person", message)
    return AskedResult(asked=asked, verdict=verdict, reason=reason, brought=brought)


def _brought(firm: Firm, asked: Asked, check: _Check) -> Brought:
    """One firm and one requirement: its certificate is judged for that requirement alone."""
    if firm.answer is None:
        return Brought(firm=firm, verdict=Verdict.UNDETERMINED, reason=no_answer(firm))
    report = check(
        firm.answer,
        siren=firm.siren,
        requires=[asked.requirement],
        accept_probationary=asked.accept_probationary,
    )
    (result,) = report.requirements
    verdict, reason = report.outcome, report.reason
    yet_to_come = report.certificate is not None and report.certificate.status is Status.NOT_YET_VALID
    if verdict is Verdict.YES or yet_to_come or isinstance(firm.answer.content, OrganicOperator):
        verdict, reason = result.verdict, result.reason
    if verdict is Verdict.YES and report.siren is None:
        message = Message(
            "{why} But the answer names no firm: nothing ties it to the candidate.", why=reason.message
        )
        verdict, reason = Verdict.UNDETERMINED, Reason("siren-asked", message)
    under = verdict is Verdict.YES and report.under_reservation
    return Brought(firm=firm, verdict=verdict, reason=reason, by=result.by, under_reservation=under)


def _of_each(members: Sequence[Brought]) -> tuple[Verdict, Reason]:
    """A requirement made of each member."""
    verdict = all_of(one.verdict for one in members) if members else Verdict.UNDETERMINED
    if len(members) == 1:
        return verdict, members[0].reason
    if verdict is Verdict.YES:
        return verdict, Reason(
            "consortium-each", Message("Each of the {n} members meets it.", n=len(members))
        )
    message = Message("Each member has to meet it. {who}", who=_told(members, verdict))
    return verdict, Reason("consortium-each", message)


def _of_one(brought: Sequence[Brought], members: Sequence[Brought], tender: Tender) -> tuple[Verdict, Reason]:
    """A requirement that one firm of the candidate is enough to meet."""
    counted = brought if tender.subcontractors else members
    others = [one for one in brought if one.firm.role is Role.SUBCONTRACTOR]
    verdict = any_of(one.verdict for one in counted)
    if verdict is not Verdict.YES and tender.subcontractors is None:
        may = any_of(one.verdict for one in others)
        if may is not Verdict.NO:
            message = Message(
                "{who} It is a subcontractor, and the requirements do not say whether that counts.",
                who=_told(others, may),
            )
            return Verdict.UNDETERMINED, Reason("subcontractor-capacity", message)
    if len(counted) == 1:
        return verdict, counted[0].reason
    if verdict is Verdict.NO:
        message = Message("No firm of the candidate meets it.")
        return verdict, Reason("consortium-together", message)
    settling = [one for one in counted if one.verdict is verdict]
    subcontracted = settling and all(one.firm.role is Role.SUBCONTRACTOR for one in settling)
    rule = "subcontractor-capacity" if subcontracted else "consortium-together"
    return verdict, Reason(rule, _told(counted, verdict))


def _told(brought: Iterable[Brought], verdict: Verdict) -> Message:
    """The firms that settle it, each with what it brings."""
    told = tuple(
        Message("{firm}: {why}", firm=one.firm.label, why=one.reason.message)
        for one in brought
        if one.verdict is verdict
    )
    return Message("{told}", told=told)
