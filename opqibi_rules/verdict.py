"""Three answers, never two: yes, no, undetermined; in each question's own words, and as the exit code of a command.

>>> all_of([Verdict.YES, Verdict.UNDETERMINED]).worded(CERTIFICATE)
'undetermined'
>>> all_of([Verdict.NO, Verdict.UNDETERMINED]).worded(INVOICE)
'discrepancy'
"""

from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import NamedTuple


class ExitCode(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    """All is in order."""
    NOT_IN_ORDER = 1
    UNREADABLE = 2
    """Bad usage, or an input that cannot be read."""
    UNDETERMINED = 3
    FAULT = 4
    """A fault of ours."""


_WORST_FIRST = (
    ExitCode.FAULT,
    ExitCode.UNREADABLE,
    ExitCode.NOT_IN_ORDER,
    ExitCode.UNDETERMINED,
    ExitCode.DONE,
)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several answers together: that of the worst; done where there is none."""
    return min(codes, key=_WORST_FIRST.index, default=ExitCode.DONE)


class Wording(NamedTuple):
    """How a question says yes and no; where the answer is undetermined, all say so."""

    yes: str
    no: str


CERTIFICATE = Wording("valid", "not_valid")
REQUIREMENT = Wording("met", "unmet")
INVOICE = Wording("conform", "discrepancy")


class Verdict(StrEnum):
    """An answer to a question asked for one day."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"

    def worded(self, wording: Wording) -> str:
        """The verdict in a question's own words, as JSON gives it."""
        return {Verdict.YES: wording.yes, Verdict.NO: wording.no}.get(self, str(self))

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that answers so."""
        return _EXIT_CODES[self]


_EXIT_CODES = {
    Verdict.YES: ExitCode.DONE,
    Verdict.NO: ExitCode.NOT_IN_ORDER,
    Verdict.UNDETERMINED: ExitCode.UNDETERMINED,
}


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
