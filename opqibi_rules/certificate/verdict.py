"""Three answers, never two: yes, no, undetermined; and the reason, which names its rule.

>>> all_of([Verdict.YES, Verdict.UNDETERMINED])
<Verdict.UNDETERMINED: 'undetermined'>
>>> all_of([Verdict.NO, Verdict.UNDETERMINED])
<Verdict.NO: 'no'>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from opqibi_rules.messages import Message
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.validity import Validity


class Verdict(StrEnum):
    """An answer to a question asked for one day."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"

    def worded(self, yes: str, no: str) -> str:
        """The verdict in a command's own words: ``verdict.worded("met", "unmet")``."""
        return {Verdict.YES: yes, Verdict.NO: no}.get(self, str(self))


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Yes where all are; no as soon as one surely is; else undetermined."""
    known = set(verdicts)
    if Verdict.NO in known:
        return Verdict.NO
    return Verdict.UNDETERMINED if Verdict.UNDETERMINED in known else Verdict.YES


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Yes as soon as one is; no where all surely are not, or where there is none; else undetermined."""
    known = set(verdicts)
    if Verdict.YES in known:
        return Verdict.YES
    return Verdict.UNDETERMINED if Verdict.UNDETERMINED in known else Verdict.NO


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: what was found, and the rule of the validity table that makes something of it."""

    rule: str
    message: Message
    assumption: str | None = None
    """The interpretation it rests on, where the sources leave the point open."""


def assumptions_of(reasons: Iterable[Reason], validity: Validity) -> tuple[Assumption, ...]:
    """The interpretations that reasons rest on, each once, in that order."""
    named = dict.fromkeys(reason.assumption for reason in reasons if reason.assumption is not None)
    return tuple(validity.named[name] for name in named)
