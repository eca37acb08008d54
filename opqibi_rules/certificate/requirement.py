"""What a tender requires, and whether a certificate meets it on the day asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from opqibi_rules.certificate.coherence import is_code
from opqibi_rules.certificate.model import QualificationStanding
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.verdict import REQUIREMENT, Verdict, all_of


@dataclass(frozen=True, slots=True)
class Requirement:
    """One qualification that a tender asks for, or any one of several."""

    codes: tuple[str, ...]
    rge: bool = False
    """With the mention RGE."""

    @classmethod
    def parse(cls, text: str, *, rge: bool = False) -> "Requirement":
        """Read ``1905``, or ``1905|1911`` where either will do.

        >>> Requirement.parse("1905|1911").codes
        ('1905', '1911')

        Raises:
            RequestError: anything else.
        """
        codes = tuple(part.strip() for part in text.split("|"))
        if not all(is_code(code) for code in codes):
            raise RequestError(
                Message(
                    "« {text} » is not a requirement. Write a code of four digits, leading zero kept, as "
                    "0316; alternatives with a bar: 1905|1911.",
                    text=text[:80],
                )
            )
        return cls(tuple(dict.fromkeys(codes)), rge)

    def __str__(self) -> str:
        return "|".join(self.codes)


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """A requirement on a day: met, unmet or undetermined, by which qualification, and why."""

    requirement: Requirement
    verdict: Verdict
    by: str | None
    """The code of the qualification that settles it; ``None`` where none bears on it."""
    reason: Reason

    @property
    def status(self) -> str:
        """``met``, ``unmet`` or ``undetermined``."""
        return self.verdict.worded(REQUIREMENT)


def judge(
    requirement: Requirement,
    standings: Sequence[QualificationStanding],
    *,
    accept_probationary: bool = False,
    complete: bool = True,
) -> RequirementResult:
    """Weigh every qualification that bears on a requirement; the best one settles it.

    ``complete`` is false where a list or a code could not be read: what is not seen may then be held.
    """
    bearing = [
        (code, standing)
        for code in requirement.codes
        for standing in standings
        if code == standing.code or code in standing.entails
    ]
    bearing.sort(key=lambda pair: (pair[1].probationary, pair[0] != pair[1].code))  # full, then direct, first
    weighed = [
        _weigh(requirement, code, standing, accept_probationary=accept_probationary)
        for code, standing in bearing
    ]
    order = (Verdict.YES, Verdict.UNDETERMINED, Verdict.NO)
    best = min(weighed, key=lambda result: order.index(result.verdict), default=None)
    if not complete and (best is None or best.verdict is Verdict.NO):
        message = Message(
            "{code}: what would meet it may stand in a part of the answer that cannot be read.",
            code=str(requirement),
        )
        return RequirementResult(
            requirement, Verdict.UNDETERMINED, None, Reason("missing-is-undetermined", message)
        )
    if best is None:
        message = Message(
            "{code}: nothing on this certificate meets it, nor entails it.", code=str(requirement)
        )
        return RequirementResult(requirement, Verdict.NO, None, Reason("requirement-held", message))
    return best


def unseen(
    requirements: Iterable[Requirement], verdict: Verdict, reason: Reason
) -> tuple[RequirementResult, ...]:
    """The requirements where no certificate is there to weigh them: the same verdict and reason for all."""
    return tuple(RequirementResult(requirement, verdict, None, reason) for requirement in requirements)


def _weigh(
    requirement: Requirement, code: str, standing: QualificationStanding, *, accept_probationary: bool
) -> RequirementResult:
    """What one qualification does for one code of a requirement."""
    by = standing.code
    if standing.probationary and not accept_probationary:
        message = Message("{code} is held as probationary only, which the tender does not accept.", code=by)
        return RequirementResult(requirement, Verdict.NO, by, Reason("requirement-not-probationary", message))
    mention, about_mention = _mention(requirement, code, standing)
    verdict = all_of((standing.status.verdict, mention))
    if standing.status.verdict is verdict and verdict is not Verdict.YES:
        message = Message("{code}: {why}", code=by, why=standing.reason.message)
        return RequirementResult(requirement, verdict, by, replace(standing.reason, message=message))
    if verdict is not Verdict.YES:
        return RequirementResult(requirement, verdict, by, Reason("requirement-rge", about_mention))
    if code != by:
        message = Message(
            "{by} is held and entails {code}. {why}", by=by, code=code, why=standing.reason.message
        )
        assumption = "probationary-entails-probationary" if standing.probationary else None
        return RequirementResult(
            requirement, verdict, by, Reason("requirement-entailed", message, assumption)
        )
    held = (
        Message(
            "{code} is held as probationary, which is accepted. {why}", code=by, why=standing.reason.message
        )
        if standing.probationary
        else Message("{code} is held. {why}", code=by, why=standing.reason.message)
    )
    return RequirementResult(requirement, verdict, by, Reason("requirement-held", held))


def _mention(requirement: Requirement, code: str, standing: QualificationStanding) -> tuple[Verdict, Message]:
    """Whether the mention RGE is there, where it is asked for."""
    if not requirement.rge:
        return Verdict.YES, Message("No RGE mention is asked for.")
    if code != standing.code:
        message = Message(
            "{by} entails {code}, and the answer does not tell whether {code} bears the RGE mention.",
            by=standing.code,
            code=code,
        )
        return Verdict.UNDETERMINED, message
    if standing.rge is None:
        return Verdict.UNDETERMINED, Message("{code}: the answer does not tell the RGE mention.", code=code)
    if standing.rge:
        return Verdict.YES, Message("{code} bears the RGE mention.", code=code)
    return Verdict.NO, Message("{code} does not bear the RGE mention.", code=code)
