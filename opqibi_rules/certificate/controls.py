"""The control history of a structure: which control is due next, and what may still be renewed.

The full qualifications of a structure live in cycles of four years, as a plan reckons them: what is added ends
with the others, and one control is due by each of the first three anniversaries. A probationary one runs one
year, may be renewed twice, and may be turned into a full one at a control. Same durations and same rules as the
verdict on a certificate (``validity.yaml``), read from the firm's side.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from opqibi_rules.certificate.check import RuleShape
from opqibi_rules.certificate.model import Status, term_of
from opqibi_rules.certificate.reason import Reason, WarningShape, assumptions_of
from opqibi_rules.deadlines import add_years, to_day
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.shape import Json, Shape, Voice, at
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.facts import Assumption, AssumptionShape
from opqibi_rules.tables.library import Tables, shipped_tables
from opqibi_rules.tables.validity import Rule, Term, Validity
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
    """Those of the cycle that come after it was granted, passed or not; none for a probationary one."""
    controls_made: Verdict | None = None
    """Whether all were made; undetermined while one is still to come."""
    next_control: Control | None = None
    renewals: int | None = None
    """How many times it was renewed, where it is probationary."""
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
    next_due: date | None
    """The day by which the next control is due, whichever qualification asks for it first."""
    rules: tuple[Rule, ...] = ()
    """Every rule named above, once, in that order."""
    assumptions: tuple[Assumption, ...] = ()
    """The interpretations that the answer rests on."""

    @property
    def verdict(self) -> Verdict:
        """Whether every qualification is in order on that day; nothing is known where there is none."""
        if not self.qualifications:
            return Verdict.UNDETERMINED
        return all_of(one.status.verdict for one in self.qualifications)

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
    rules: tuple[RuleShape, ...]
    """Every rule named above, once, in that order."""
    assumptions: tuple[AssumptionShape, ...]


def control_history(structure: Structure, *, on: date | str, tables: Tables | None = None) -> ControlHistory:
    """What the dates of a structure say on a day: controls made and due, terms, renewals left.

    What happened after ``on`` is left aside, so that the past can be asked about too.

    Raises:
        RequestError: what is said of a qualification cannot be true.
        DateError: ``on`` is no day, or a term would leave the calendar.
    """
    if not isinstance(structure, Structure):
        raise RequestError("{name}: {value} is not understood.", name="structure", value=str(structure)[:40])
    on, tables = to_day(on), tables or shipped_tables()
    past = _Past(structure, on, tables.validity)
    held = tuple(
        replace(past.history(item), name=tables.nomenclature.name(item.code))
        for item in structure.held_on(on)
    )
    reasons = [reason for one in held for reason in (one.reason, *one.warnings)]
    return ControlHistory(
        on=on,
        structure=structure,
        qualifications=held,
        next_due=past.next_due(held),
        rules=tuple(tables.validity.rules[name] for name in dict.fromkeys(one.rule for one in reasons)),
        assumptions=assumptions_of(reasons, tables.validity),
    )


class _Past:
    """What happened to a structure up to a day: its controls, and the cycles that its qualifications live in."""

    def __init__(self, structure: Structure, on: date, validity: Validity) -> None:
        self.on, self.validity = on, validity
        self.passed = sorted({day for day in structure.controls if day <= on})
        self.undated = next((item.code for item in structure.qualifications if item.granted_on is None), None)
        self.trials = {item.code: item for item in structure.qualifications if item.probationary}
        self.opened = tuple(self._cycles(structure.qualifications))

    def starts(self, item: Qualification) -> tuple[date, ...]:
        """The days on which its terms began: granted, then renewed; none where it has no date."""
        if item.granted_on is None:
            return ()
        return (item.granted_on, *sorted(day for day in item.renewed_on if day <= self.on))

    def opens(self, day: date) -> date:
        """The first day of the cycle in which a day falls."""
        return self.opened[bisect_right(self.opened, day) - 1]

    def next_due(self, held: Iterable[QualificationHistory]) -> date | None:
        """The next control: the first that a full one asks for, or, with probationary ones alone, the cycle's."""
        due = [one.next_control.due for one in held if one.next_control is not None]
        if not due and self.undated is None and any(one.status is Status.VALID for one in held):
            coming = _controls(self.opens(self.on), self.passed, self.validity.qualification)
            due = [control.due for control in coming if control.passed_on is None and control.due >= self.on]
        return min(due, default=None)

    def _cycles(self, held: Iterable[Qualification]) -> Iterator[date]:
        """Their first days, in order.

        One opens with what is granted or renewed when nothing is held or the cycle before is over, and with the
        first full qualification renewed. What is granted meanwhile joins the cycle that runs.
        """
        begun = [
            (day, before, item)
            for item in held
            for before, day in pairwise((date.max, *self.starts(item)))  # renewed only from the second on
        ]
        opened = ends = last = date.min
        for day, before, item in sorted(begun, key=lambda start: start[0]):
            renewed = not item.probationary and opened <= before < day
            if renewed or day >= ends or day > last:
                opened, ends = day, add_years(day, self.validity.qualification.years)
                yield opened
            last = max(last, add_years(day, self.validity.probationary.years) if item.probationary else ends)

    def history(self, item: Qualification) -> QualificationHistory:
        """One qualification on the day."""
        starts = self.starts(item)
        undated = QualificationHistory(
            code=item.code,
            name=None,
            probationary=item.probationary,
            status=Status.UNDETERMINED,
            reason=Reason("missing-is-undetermined", _UNDATED),
        )
        if not starts:
            return undated
        dated = replace(undated, granted_on=item.granted_on)
        return self._probationary(starts, dated) if item.probationary else self._full(starts, dated)

    def _probationary(self, starts: tuple[date, ...], dated: QualificationHistory) -> QualificationHistory:
        rule, term = term_of(self.validity, probationary=True)
        times, ends = len(starts) - 1, term.last_day(starts)
        status, reason = _standing(starts, ends, (), self.on, rule)
        odd = tuple(_odd_renewals(starts, term))
        if odd and status is Status.VALID:
            status, reason = Status.UNDETERMINED, odd[0]
        return replace(
            dated,
            valid_until=ends,
            status=status,
            reason=reason,
            renewals=times,
            may_renew=_may_renew(times, term, open_to_doubt=bool(odd) or self.on > ends),
            warnings=(*odd, *_last_day(self.on, status, ends)),
        )

    def _full(self, starts: tuple[date, ...], dated: QualificationHistory) -> QualificationHistory:
        """It shares the cycle, and so the controls and the last day, of the others."""
        rule, term = term_of(self.validity, probationary=False)
        late = tuple(self._late_renewals(dated.code, starts, term))
        opens, began = self.opens(starts[-1]), starts[-1]
        ends = add_years(opens, term.years)
        controls = tuple(
            control
            for control in _controls(opens, self.passed, term)
            if control.due > began and (control.passed_on is None or control.passed_on > began)
        )
        status, reason = _standing(starts, ends, controls, self.on, rule)
        if self.undated is not None and status in _RUNNING:
            message = Message(
                "It ends with the others, and the file does not say when {code} was granted (granted_on).",
                code=self.undated,
            )
            return replace(dated, reason=Reason("missing-is-undetermined", message))
        following = _first_missing(controls) if status in _RUNNING else None
        last = {ends} if following is None else {ends, following.due}
        remarks = (*self._remarks(dated, began, opens), *late, *self._about(controls, status))
        return replace(
            dated,
            valid_until=ends,
            status=status,
            reason=reason,
            controls=controls,
            controls_made=all_of(control.made(self.on) for control in controls),
            next_control=following,
            warnings=(*remarks, *_last_day(self.on, status, *last)),
        )

    def _late_renewals(self, code: str, starts: tuple[date, ...], term: Term) -> Iterator[Reason]:
        """The renewals of a full one that left a gap.

        Raises:
            RequestError: one that comes before the last control of its term: a control, no doubt.
        """
        for before, day in pairwise(starts):
            opens = self.opens(before)
            if day < add_years(opens, term.controls):
                raise RequestError(
                    "{code}: renewed on {day:date}, in a term that runs from {opens:date} to {end:date}. A full "
                    "qualification is renewed as its term ends; annual controls go under controls.",
                    code=code,
                    day=day,
                    opens=opens,
                    end=add_years(opens, term.years),
                    field="qualifications",
                    codes=(code,),
                )
            yield from _after_its_end(day, add_years(opens, term.years), "qualification-four-years")

    def _remarks(self, dated: QualificationHistory, began: date, opens: date) -> Iterator[Reason]:
        """Where the term of a full one comes from, if not from its own day."""
        if (trial := self.trials.get(dated.code)) is not None:
            message = Message(
                "Probationary since {since:date}, full since {day:date}.",
                since=trial.granted_on,
                day=dated.granted_on,
            )
            yield Reason("conversion-at-a-control", message)
            yield from _odd_renewals(self.starts(trial), self.validity.probationary)
        if began != opens:
            message = Message(
                "Granted or renewed on {day:date}, in a cycle opened on {opens:date}: it ends with the others.",
                day=began,
                opens=opens,
            )
            yield Reason("qualification-four-years", message, "added-qualifications-end-with-the-others")

    def _about(self, controls: tuple[Control, ...], status: Status) -> Iterator[Reason]:
        """The controls passed late, what may follow, and what the renewal asks for."""
        late = [control for control in controls if control.late]
        for control in late:
            message = Message(
                "Control {number} was passed on {day:date}, after its day, {due:date}.",
                number=control.number,
                day=control.passed_on,
                due=control.due,
            )
            yield Reason("control-each-year", message, "late-control-counts")
        if late or status is Status.NOT_RENEWED:
            yield from _sanctions(self.validity)
        if status is Status.VALID and _first_missing(controls) is None:
            message = Message(
                "To renew it, one reference certified by a customer is enough, instead of three."
            )
            yield Reason("renewal-references", message)


_UNDATED = Message("The file does not say when it was granted (granted_on).")
_RUNNING = {Status.VALID, Status.NOT_RENEWED}


def _controls(opens: date, passed: Iterable[date], term: Term) -> Iterator[Control]:
    """Give each control passed to the earliest one still missing, once the year it closes has begun."""
    last = opens
    for number in range(1, term.controls + 1):
        begins = max(last, add_years(opens, number - 1))
        day = next((day for day in passed if day > begins), None)
        yield Control(number, add_years(opens, number), day)
        last = day or last


def _standing(
    starts: tuple[date, ...],
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
    status, message = (
        Status.VALID,
        Message("Next control: number {number}, by {day:date}.", number=number, day=due),
    )
    if on > due:
        status, message = (
            Status.NOT_RENEWED,
            Message("Control {number} was due by {day:date} and is not in the file.", number=number, day=due),
        )
    return status, Reason("control-each-year", message, "control-on-the-last-day-of-the-certificate")


def _first_missing(controls: tuple[Control, ...]) -> Control | None:
    return next((control for control in controls if control.passed_on is None), None)


def _sanctions(validity: Validity) -> Iterator[Reason]:
    """What OPQIBI may decide where a control is missed, as far as it was read."""
    known = validity.sanctions
    read = [rule for rule in (known.warning, known.suspension, known.withdrawal) if rule is not None]
    for rule in read:
        yield Reason("disqualification", Message("{text}", text=rule.text))
    if not read:
        message = Message(
            "OPQIBI may then withdraw qualifications; when and how stands in what we could not open: {documents}.",
            documents=tuple(str(one.source) for one in validity.unread),
        )
        yield Reason("disqualification", message)


def _last_day(on: date, status: Status, *days: date) -> Iterator[Reason]:
    if status is Status.VALID and on in days:
        message = Message(
            "{day:date} is the last day; it is counted as valid, which no source read states.",
            day=on,
        )
        yield Reason("last-day", message, "last-day-included")


def _may_renew(times: int, term: Term, *, open_to_doubt: bool) -> Verdict:
    if term.renewals is not None and times >= term.renewals:
        return Verdict.NO
    return Verdict.UNDETERMINED if open_to_doubt else Verdict.YES


def _odd_renewals(starts: tuple[date, ...], term: Term) -> Iterator[Reason]:
    """Renewals of a probationary one that come too late, or too often: no source says what they are worth."""
    for before, after in pairwise(starts):
        yield from _after_its_end(after, add_years(before, term.years), "probationary-one-year")
    times = len(starts) - 1
    if term.renewals is not None and times > term.renewals:
        message = Message("Renewed {times} times; {most} at most.", times=times, most=term.renewals)
        yield Reason("probationary-renewals", message)


def _after_its_end(day: date, end: date, rule: str) -> Iterator[Reason]:
    if day > end:
        message = Message("Renewed on {day:date}, after its term ended on {end:date}.", day=day, end=end)
        yield Reason(rule, message)
