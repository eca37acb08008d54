"""The control history of a structure: which control is due next, and what may still be renewed.

A qualification runs four years from the day it was granted, subject to one control by each of the first three
anniversaries. A probationary one runs one year, and may be renewed twice. Same durations and same rules as
the verdict on a certificate (``validity.yaml``), read from the firm's side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from opqibi_rules.certificate.model import Status, term_of
from opqibi_rules.certificate.reason import Reason, WarningShape, assumptions_of
from opqibi_rules.deadlines import add_years, to_day
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.price.quote import shipped_tables
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Term
from opqibi_rules.verdict import Verdict, all_of


@dataclass(frozen=True, slots=True)
class Control:
    """One annual control of a qualification."""

    number: int
    due: date
    """Its anniversary, included."""
    passed_on: date | None

    @property
    def late(self) -> bool:
        """Passed after its day."""
        return self.passed_on is not None and self.passed_on > self.due

    def made(self, on: date) -> Verdict:
        """Whether it was made; undetermined while its day has not passed."""
        if self.passed_on is not None:
            return Verdict.YES
        return Verdict.NO if on > self.due else Verdict.UNDETERMINED


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationHistory:
    """One qualification on a day, as its past makes it."""

    code: str
    name: str | None
    probationary: bool
    granted_on: date | None = None
    valid_until: date | None = None
    """Last day of the term that runs, included."""
    status: Status
    reason: Reason
    controls: tuple[Control, ...] = ()
    """All those of the term, passed or not; none for a probationary one."""
    controls_made: Verdict | None = None
    """Whether all were made; undetermined while one is still to come."""
    next_control: Control | None = None
    renewals: int | None = None
    """How many times a probationary one was renewed."""
    may_renew: Verdict | None = None
    """Whether a probationary one can still be renewed."""
    warnings: tuple[Reason, ...] = ()


class ControlShape(Shape, of=Control):
    """An annual control: when it is due, when it was passed."""

    number: int
    due: Day
    passed_on: Day | None


class QualificationHistoryShape(Shape, of=QualificationHistory):
    """What the dates of a qualification say on the day."""

    code: str
    name: str | None
    probationary: bool
    granted_on: Day | None
    valid_until: Day | None
    status: Status
    reason: Message = at("reason.message")
    rule: str = at("reason.rule")
    controls: tuple[ControlShape, ...]
    controls_made: Verdict | None
    next_control_due: Day | None = at(lambda held: held.next_control.due if held.next_control else None)
    renewals: int | None
    may_renew: Verdict | None
    """Whether a probationary one can still be renewed."""
    warnings: tuple[WarningShape, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlHistory:
    """The qualifications of a structure on a day."""

    on: date
    structure: Structure
    qualifications: tuple[QualificationHistory, ...]
    assumptions: tuple[Assumption, ...] = ()
    """The interpretations that the answer rests on."""

    @property
    def verdict(self) -> Verdict:
        """Whether every qualification is in order on that day."""
        return all_of(one.status.verdict for one in self.qualifications)

    @property
    def next_due(self) -> date | None:
        """The day by which the next control is due, whichever qualification asks for it first."""
        return min((one.next_control.due for one in self.qualifications if one.next_control), default=None)

    def to_dict(self, say: Say = str, *, language: str = "en") -> Json:
        """The JSON form; ``say`` renders its sentences, ``language`` picks the tables' own texts."""
        return ControlHistoryShape.written(self, Voice(say, language))


class ControlHistoryShape(Shape, of=ControlHistory):
    """The annual controls of a structure on a day: made, due, missing."""

    schema_version: Literal[1] = 1
    verdict: Verdict
    on: Day
    siren: str | None = at("structure.siren")
    name: str | None = at("structure.name")
    next_control_due: Day | None = at("next_due")
    qualifications: tuple[QualificationHistoryShape, ...]
    assumptions: tuple[AssumptionShape, ...]


def control_history(structure: Structure, *, on: date | str, tables: Tables | None = None) -> ControlHistory:
    """What the dates of a structure say on a day: controls made and due, terms, renewals left.

    What happened after ``on`` is left aside, so that the past can be asked about too.

    Raises:
        DateError: ``on`` is no day, or a term would leave the calendar.
    """
    on, tables = to_day(on), tables or shipped_tables()
    controls = sorted({day for day in structure.controls if day <= on})
    held = tuple(_history(one, controls, on, tables) for one in structure.qualifications)
    reasons = (reason for one in held for reason in (one.reason, *one.warnings))
    return ControlHistory(
        on=on, structure=structure, qualifications=held, assumptions=assumptions_of(reasons, tables.validity)
    )


def _history(held: Qualification, passed: list[date], on: date, tables: Tables) -> QualificationHistory:
    message = Message("The file does not say when it was granted (granted_on).")
    undated = QualificationHistory(
        code=held.code,
        name=tables.nomenclature.name(held.code),
        probationary=held.probationary,
        status=Status.UNDETERMINED,
        reason=Reason("missing-is-undetermined", message),
    )
    if held.granted_on is None:
        return undated
    granted = held.granted_on
    rule, term = term_of(tables.validity, probationary=held.probationary)
    renewed = held.renewed_on if held.probationary else ()
    starts = [granted, *sorted(day for day in renewed if granted < day <= on)]
    ends = add_years(starts[-1], term.years)
    controls = _controls(granted, passed, term)
    status, reason = _standing(starts, ends, controls, on, rule)
    dated = replace(undated, granted_on=granted, valid_until=ends, status=status, reason=reason)
    if held.probationary:
        times, warnings = len(starts) - 1, tuple(_odd_renewals(starts, term))
        may_renew = _may_renew(times, term, over=on > ends)
        return replace(dated, renewals=times, may_renew=may_renew, warnings=warnings)
    return replace(
        dated,
        controls=controls,
        controls_made=all_of(control.made(on) for control in controls),
        next_control=_first_missing(controls) if status in {Status.VALID, Status.NOT_RENEWED} else None,
        warnings=tuple(_late(control) for control in controls if control.late),
    )


def _controls(granted: date, passed: list[date], term: Term) -> tuple[Control, ...]:
    """Give each control passed to the earliest one still missing, once the year it closes has begun."""
    controls: list[Control] = []
    last = granted
    for number in range(1, term.controls + 1):
        opens = max(last, add_years(granted, number - 1))
        day = next((day for day in passed if day > opens), None)
        controls.append(Control(number, add_years(granted, number), day))
        last = day or last
    return tuple(controls)


def _standing(
    starts: list[date],
    ends: date,
    controls: tuple[Control, ...],
    on: date,
    rule: str,
) -> tuple[Status, Reason]:
    """One on a day, by its term, granted then renewed on ``starts``, and by the first control not passed."""
    renewed = "renewal-from-its-date" if len(starts) > 1 else None
    if on < starts[0]:
        message = Message("Granted on {day:date}, after the day asked.", day=starts[0])
        return Status.NOT_YET_VALID, Reason(rule, message)
    if on > ends:
        message = Message("Its term ended on {day:date}.", day=ends)
        return Status.EXPIRED, Reason(rule, message, renewed)
    if (following := _first_missing(controls)) is None:
        message = Message("Its term runs until {day:date}.", day=ends)
        if controls:
            message = Message("All controls were made; to be renewed by {day:date}.", day=ends)
        return Status.VALID, Reason(rule, message, renewed)
    number, due = following.number, following.due
    if on > due:
        message = Message(
            "Control {number} was due by {day:date} and is not in the file.", number=number, day=due
        )
        return Status.NOT_RENEWED, Reason("control-each-year", message)
    message = Message("Next control: number {number}, by {day:date}.", number=number, day=due)
    return Status.VALID, Reason("control-each-year", message)


def _first_missing(controls: tuple[Control, ...]) -> Control | None:
    return next((control for control in controls if control.passed_on is None), None)


def _late(control: Control) -> Reason:
    message = Message(
        "Control {number} was passed on {day:date}, after its day, {due:date}.",
        number=control.number,
        day=control.passed_on,
        due=control.due,
    )
    return Reason("control-each-year", message, "late-control-counts")


def _may_renew(times: int, term: Term, *, over: bool) -> Verdict:
    if term.renewals is not None and times >= term.renewals:
        return Verdict.NO
    return Verdict.UNDETERMINED if over else Verdict.YES  # no source says, of one that has ended


def _odd_renewals(starts: list[date], term: Term) -> Iterator[Reason]:
    """Renewals that come too late, or too often."""
    for before, after in pairwise(starts):
        end = add_years(before, term.years)
        if after > end:
            message = Message(
                "Renewed on {day:date}, after its term ended on {end:date}.", day=after, end=end
            )
            yield Reason("probationary-one-year", message)
    times = len(starts) - 1
    if term.renewals is not None and times > term.renewals:
        message = Message("Renewed {times} times; {most} at most.", times=times, most=term.renewals)
        yield Reason("probationary-renewals", message)
