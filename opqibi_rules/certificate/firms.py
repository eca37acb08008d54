"""Many firms at once: where each stands on a day, what ends soon, and what could not be known.

A firm that gives no answer, or that the list names badly, keeps its line and takes nothing from the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import PurePath

from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.model import Status
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.errors import OpqibiError
from opqibi_rules.messages import Message
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import CERTIFICATE, ExitCode, Verdict


class Role(StrEnum):
    """What a firm is to the candidate that it stands in."""

    MEMBER = "member"
    """A member of the consortium, or the candidate itself."""
    SUBCONTRACTOR = "subcontractor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """A firm of a list, and the answer held about it."""

    source: str
    """The list that names it, or the file of its answer."""
    line: int | None = None
    """Of the list."""
    siren: str | None = None
    name: str | None = None
    consortium: str | None = None
    """The one it stands in; ``None``: it answers for itself."""
    role: Role = Role.MEMBER
    answer: Answer | None = None
    unknown: Message | None = None
    """Why there is no answer to judge."""
    told: tuple[Reason, ...] = ()
    """What must be said of its answer, beside what it says."""
    failed: ExitCode | None = None
    """Its line, or its answer, cannot be read; or a fault of ours fell on it."""

    @property
    def label(self) -> Message | str:
        """Its name and its SIREN, or else where it stands."""
        known = [part for part in (self.name, self.siren) if part]
        if known or self.line is None:
            return " · ".join(known) or PurePath(self.source).name
        return Message("line {line}", line=self.line)


class Ending(StrEnum):
    """What ends."""

    CERTIFICATE = "certificate"
    QUALIFICATIONS = "qualifications"
    PROBATIONARY = "probationary"


@dataclass(frozen=True, slots=True)
class End:
    """A last day, included, of what is valid on the day asked."""

    day: date
    kind: Ending
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmStanding:
    """A firm on a day."""

    firm: Firm
    outcome: Verdict
    reason: Reason
    report: CertificateReport | None = None
    """``None``: there is no answer to judge."""
    ends: tuple[End, ...] = ()
    """What ends, the first to end first."""

    @property
    def verdict(self) -> str:
        """``valid``, ``not_valid``, ``undetermined`` or ``unreadable``."""
        return "unreadable" if self.firm.failed else self.outcome.worded(CERTIFICATE)

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What is said of its answer beside the verdict."""
        return self.report.warnings if self.report else ()

    @property
    def untied(self) -> Reason | None:
        """What a verdict lacks that comes of an answer alone: nobody said whose it is."""
        return next((one for one in self.warnings if one.rule == "siren-asked"), None)

    @property
    def exit_code(self) -> ExitCode:
        """That of the verdict."""
        return self.firm.failed or self.outcome.exit_code

    @property
    def siren(self) -> str | None:
        """The firm that the list or the answer names."""
        return self.firm.siren or (self.report.siren if self.report else None)


def firm_standing(firm: Firm, on: date, tables: Tables, *, today: date | None = None) -> FirmStanding:
    """Where a firm stands on a day. Whatever goes wrong with one is told of it, and stops no other."""
    try:
        if firm.answer is not None:
            return _judged(
                firm, check_certificate(firm.answer, on=on, siren=firm.siren, today=today, tables=tables)
            )
    except OpqibiError as error:
        firm = failed(firm, error.message)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others have their answer
        firm = faulted(firm, error)
    return FirmStanding(firm=firm, outcome=Verdict.UNDETERMINED, reason=no_answer(firm))


def _judged(firm: Firm, report: CertificateReport) -> FirmStanding:
    report = replace(report, warnings=(*firm.told, *report.warnings))
    ends = tuple(sorted(_ends(report), key=lambda end: end.day)) if report.outcome is Verdict.YES else ()
    return FirmStanding(firm=firm, outcome=report.outcome, reason=report.reason, report=report, ends=ends)


def failed(firm: Firm, problem: Message) -> Firm:
    """A firm whose line or whose answer cannot be read."""
    return replace(firm, answer=None, unknown=problem, failed=ExitCode.UNREADABLE)


def faulted(firm: Firm, error: Exception) -> Firm:
    """A firm on which we fail."""
    problem = Message(
        "A fault of ours on this firm ({problem}). Please report it.", problem=repr(error)[:200]
    )
    return replace(firm, answer=None, unknown=problem, failed=ExitCode.FAULT)


def no_answer(firm: Firm) -> Reason:
    """Why nothing is known of a firm."""
    return Reason("missing-is-undetermined", firm.unknown or Message("There is no answer about it."))


def _ends(report: CertificateReport) -> Iterator[End]:
    certificate = report.certificate
    if certificate is not None and certificate.valid_until is not None:
        yield End(certificate.valid_until, Ending.CERTIFICATE)
    lists: dict[tuple[date, Ending], list[str]] = {}
    for held in report.qualifications:
        if held.status is Status.VALID and held.valid_until is not None:
            kind = Ending.PROBATIONARY if held.probationary else Ending.QUALIFICATIONS
            lists.setdefault((held.valid_until, kind), []).append(held.code)
    for (day, kind), codes in lists.items():
        yield End(day, kind, tuple(codes))
