"""What a tender requires, and whether a certificate meets it on the day asked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from opqibi_rules.certificate.model import QualificationStanding
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.verdict import REQUIREMENT, Verdict

_CODE = re.compile(r"([0-9]{2})\.?([0-9]{2})")
_OR = re.compile(r"\||\b(?:ou|or)\b", re.IGNORECASE)


def read_code(text: str) -> str | None:
    """The four digits of a qualification code, as tenders and registers write it; ``None`` for anything else.

    >>> read_code("19.05"), read_code(" 0316 "), read_code("190"), read_code("1905:5")
    ('1905', '0316', None, None)
    """
    found = _CODE.fullmatch(text.strip())
    return "".join(found.groups()) if found else None


def parted(text: str) -> list[str]:
    """The requirements that one text lists, a space or a comma between them.

    >>> parted("19.05 ou 0607, 1911 | 1905 0316")
    ['19.05|0607', '1911|1905', '0316']
    """
    return re.sub(rf"\s*(?:{_OR.pattern})\s*", "|", text, flags=_OR.flags).replace(",", " ").split()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One qualification that a tender asks for, or any one of several."""

    codes: tuple[str, ...]
    rge: bool = False
    """With the mention RGE."""

    @classmethod
    def parse(cls, text: str, *, rge: bool = False) -> "Requirement":
        """Read ``1905`` (or ``19.05``), or ``1905|1911`` and « 1905 ou 1911 » where either will do.

        >>> Requirement.parse("19.05 ou 1911").codes
        ('1905', '1911')

        Raises:
            RequestError: anything else.
        """
        codes = tuple(map(read_code, _OR.split(text))) if isinstance(text, str) else (None,)
        if None in codes:
            raise RequestError(
                "« {text} » is not a requirement. Write a code of four digits, leading zero kept, as "
                "0316 or 03.16; alternatives with a bar, or with « ou »: 1905|1911.",
                text=str(text)[:80],
            )
        return cls(tuple(dict.fromkeys(filter(None, codes))), rge)

    def __str__(self) -> str:
        return "|".join(self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """A requirement on a day: met, unmet or undetermined, by which qualification, and why."""

    requirement: Requirement
    verdict: Verdict
    by: str | None = None
    """The code of the qualification that settles it; ``None`` where none bears on it."""
    reason: Reason

    @property
    def status(self) -> str:
        """``met``, ``unmet`` or ``undetermined``."""
        return self.verdict.worded(REQUIREMENT)


class RequirementShape(Shape, of=RequirementResult):
    """Whether a requirement is met, and by which qualification."""

    code: str = at(lambda result: str(result.requirement))
    rge_required: bool = at("requirement.rge")
    status: Literal["met", "unmet", "undetermined"]
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    by: str | None


def judge(
    requirement: Requirement,
    standings: Sequence[QualificationStanding],
    *,
    accept_probationary: bool,
    complete: bool,
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
        (standing.code, *_weigh(requirement, code, standing, accept_probationary=accept_probationary))
        for code, standing in bearing
    ]
    message = Message("{code}: nothing on this certificate meets it, nor entails it.", code=str(requirement))
    nothing = (None, Verdict.NO, Reason("requirement-held", message))
    by, verdict, reason = min(weighed, key=lambda one: _BEST_FIRST.index(one[1]), default=nothing)
    if verdict is Verdict.NO and not complete:
        message = Message(
            "{code}: what would meet it may stand in a part of the answer that cannot be read.",
            code=str(requirement),
        )
        by, verdict, reason = None, Verdict.UNDETERMINED, Reason("missing-is-undetermined", message)
    return RequirementResult(requirement=requirement, verdict=verdict, by=by, reason=reason)


_BEST_FIRST = (Verdict.YES, Verdict.UNDETERMINED, Verdict.NO)


def unseen(
    requirements: Iterable[Requirement], verdict: Verdict, reason: Reason
) -> tuple[RequirementResult, ...]:
    """The requirements where no certificate is there to weigh them: the same verdict and reason for all."""
    return tuple(
        RequirementResult(requirement=requirement, verdict=verdict, reason=reason)
        for requirement in requirements
    )


def _weigh(
    requirement: Requirement, code: str, standing: QualificationStanding, *, accept_probationary: bool
) -> tuple[Verdict, Reason]:
    """What one qualification does for one code of a requirement."""
    by, why = standing.code, standing.reason.message
    if standing.probationary and not accept_probationary:
        message = Message(
            "{code}, probationary only, which the tender does not accept. {why}", code=by, why=why
        )
        return Verdict.NO, Reason("requirement-not-probationary", message)
    weighed = [
        (
            standing.status.verdict,
            replace(standing.reason, message=Message("{code}: {why}", code=by, why=why)),
        )
    ]
    if requirement.rge:
        weighed.append(_mention(code, standing))
    verdict, reason = max(weighed, key=lambda one: _BEST_FIRST.index(one[0]))
    if verdict is not Verdict.YES:
        return verdict, reason
    if code != by:
        message = Message("{by} is held and entails {code}. {why}", by=by, code=code, why=why)
        assumption = "probationary-entails-probationary" if standing.probationary else None
        return verdict, Reason("requirement-entailed", message, assumption)
    held = Message("{code} is held. {why}", code=by, why=why)
    if standing.probationary:
        held = Message("{code} is held as probationary, which is accepted. {why}", code=by, why=why)
    return verdict, Reason("requirement-held", held)


def _mention(code: str, standing: QualificationStanding) -> tuple[Verdict, Reason]:
    """Whether the mention RGE is there."""
    verdict = Verdict.YES if standing.rge else Verdict.NO
    message = Message("{code} does not bear the RGE mention.", code=code)
    if code != standing.code:
        verdict = Verdict.UNDETERMINED
        message = Message(
            "{by} entails {code}, and the answer does not tell whether {code} bears the RGE mention.",
            by=standing.code,
            code=code,
        )
    elif standing.rge is None:
        verdict = Verdict.UNDETERMINED
        message = Message("{code}: the answer does not tell the RGE mention.", code=code)
    return verdict, Reason("requirement-rge", message)


def unknown_codes(
    requirements: Iterable[Requirement], held: Iterable[str], nomenclature: Nomenclature
) -> Iterator[Reason]:
    """A word on each code asked for that neither the tables nor a certificate know: it may be mistyped."""
    known = {*nomenclature.entries, *held}
    asked = dict.fromkeys(code for requirement in requirements for code in requirement.codes)
    for code in asked:
        if code not in known:
            message = Message(
                "{code} is in no table at hand, which are an extract: check in the nomenclature that it exists.",
                code=code,
            )
            yield Reason("code-unknown", message)
