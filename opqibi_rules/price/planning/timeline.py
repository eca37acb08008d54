"""When an OPQIBI event falls: applications, notifications, annual controls and renewals, one after the other.

A cycle is the life of a qualification: four years from the notification of the decision, with three annual
controls (OPQIBI, « Validity, follow-up and renewal »). The sources give these durations, not the days: the
days are reckoned here from the notification, under the assumptions that the table of validity names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from opqibi_rules.deadlines import add_months, add_years, to_day
from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.question import shown
from opqibi_rules.tables.schedule import Billed, Role
from opqibi_rules.tables.validity import Term, Validity

MONTHS_TO_NOTIFICATION = 3
"""From an application to its notification, where the day is not given: no source says it, and a plan that
uses it shows it."""

MOST_YEARS = 40
"""Ten cycles: beyond, no schedule, no firm and no turnover can be reckoned with."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day on which something may be paid."""

    day: date
    step: Billed
    """The fees of its event that are billed then are those of this step."""
    role: Role
    """What its event is in the life of a qualification; the schedule of the day names the event."""
    cycle: int
    """1 for the cycle in which the plan starts."""
    number: int
    """Which control of its cycle, from 1; 0 at an application or a notification."""
    ordinal: int
    """Which control of the plan, counted from the start of its first cycle; else 0."""

    @property
    def key(self) -> str:
        """The same for the same event of the same plan, whatever becomes of its day."""
        return f"cycle-{self.cycle}-{self.step}" + (f"-{self.number}" if self.number else "")


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days of a plan, all reckoned from one application and one notification."""

    start: date
    end: date
    """The first day after the plan."""
    role: Role
    """What the event is with which the plan starts."""
    control: int
    """Which control it starts with; 0 if it does not."""
    applied: date
    """The application that opens the first cycle, before ``start`` if the plan starts at a control."""
    notified: date
    """Its notification: the qualifications of the first cycle run from that day."""
    assumed_months: int | None
    """The delay between the two, where it is assumed; ``None``: the notification was given."""
    qualification: Term
    """How long a qualification runs, and its controls."""
    probation: Term
    """How long a probationary one runs, and how often it is renewed."""

    def opens(self, cycle: int) -> date:
        """The first day of the qualifications of a cycle."""
        return add_years(self.notified, (cycle - 1) * self.qualification.years)

    def applies(self, cycle: int) -> date:
        """The day of the application for a cycle."""
        day = add_years(self.applied, (cycle - 1) * self.qualification.years)
        # A renewal applied for at the very control with which the plan starts, on 29 February.
        return max(day, self.start) if cycle == 2 and self.control else day

    def anniversary(self, cycle: int, years: int) -> date:
        """A cycle's last day after so many years: of the certificate, and of its control.

        A plan that starts at a control on 29 February keeps that very day, which no anniversary falls on.
        """
        if cycle == 1 and years == self.control:
            return self.start
        return add_years(self.opens(cycle), years)

    def cycle_of(self, day: date) -> int:
        """The cycle whose application is the last before a day; 0 or less before the first of the plan."""
        cycle = 1 + (day.year - self.applied.year) // self.qualification.years
        return cycle if self.applies(cycle) <= day else cycle - 1

    def lasting(self, cycle: int) -> int:
        """A year that names a cycle in whatever plan of the same structure meets it.

        No two cycles of a structure begin within one year less than a cycle lasts: all the applications of so
        many calendar years are one cycle's, so that an application or a notification that slips by some months
        does not make another one of it.
        """
        width = max(1, self.qualification.years - 1)
        year = self.applies(cycle).year
        return year - year % width + width // 2

    @property
    def cycles(self) -> int:
        """How many cycles begin before the end of the plan, the first included."""
        most = MOST_YEARS // self.qualification.years + 2
        return 1 + sum(self.opens(cycle) < self.end for cycle in range(2, most))

    @property
    def horizon(self) -> date:
        """The last day of the last cycle that the plan begins: how far deadlines are worth knowing."""
        return self.opens(self.cycles + 1)

    def moments(self, until: date | None = None) -> tuple[Moment, ...]:
        """All that is paid from ``start`` to the eve of ``until`` (default: ``end``), in order of days."""
        until = until or self.end
        found = [moment for moment in self._all(until) if self.start <= moment.day < until]
        return tuple(sorted(found, key=lambda moment: (moment.day, moment.cycle)))

    def _all(self, until: date) -> Iterator[Moment]:
        controls = self.qualification.controls
        cycle = 1
        while self.applies(cycle) < until:
            first = cycle == 1
            if not (first and self.control):
                role = self.role if first else Role.RENEWAL
                yield Moment(self.applies(cycle), Billed.APPLICATION, role, cycle, 0, 0)
                yield Moment(self.opens(cycle), Billed.NOTIFICATION, role, cycle, 0, 0)
            for number in range(1, controls + 1):
                day = self.anniversary(cycle, number)
                ordinal = (cycle - 1) * controls + number
                yield Moment(day, Billed.CONTROL, Role.CONTROL, cycle, number, ordinal)
            cycle += 1


def _life(start: date, control: int, notified: date | None, months: int) -> tuple[date, date]:
    """The application and the notification of the life in which a plan starts, at this control of it if at any."""
    if control:
        opens = notified or add_years(start, -control)
        return add_months(opens, -months), opens
    return start, notified or add_months(start, months)


def timeline(
    *,
    start: date,
    years: int,
    validity: Validity,
    role: Role = Role.FIRST,
    control: int = 1,
    notified: date | str | None = None,
    months_to_notification: int = MONTHS_TO_NOTIFICATION,
) -> Timeline:
    """The days of a plan of ``years`` that starts on ``start``, with an event that is ``role``.

    ``control`` is which control of its cycle it is, where it is one; ``notified`` is when the decision on the
    application of ``start`` is, if it is known, else ``months_to_notification`` is assumed. At a control, it is the
    day of which that control is an anniversary.

    Raises:
        RequestError: a number of years, months or controls that cannot be, or another notification at a control.
        DateError: a notification before the application, or so long after that the calendar ends.
    """
    _refuse_outside("years", years, 1, MOST_YEARS)
    _refuse_outside("months_to_notification", months_to_notification, 0, 12)
    at_control = role is Role.CONTROL
    if at_control:
        _refuse_outside("control", control, 1, validity.qualification.controls)
    number = control if at_control else 0
    given = None if notified is None else _notified(notified, start, number)
    applied, opens = _life(start, number, given, months_to_notification)
    return Timeline(
        start=start,
        end=add_years(start, years),
        role=role,
        control=number,
        applied=applied,
        notified=opens,
        assumed_months=months_to_notification if at_control or given is None else None,
        qualification=validity.qualification,
        probation=validity.probationary,
    )


def _notified(given: date | str, start: date, control: int) -> date:
    """The day of the notification; ``control``: which control of its cycle ``start`` is, 0 if it is none."""
    day = to_day(given, "notified")
    if control and add_years(day, control) != start:
        message = Message(
            "notified: a plan that starts at a control takes its days from that control; leave it out."
        )
        raise RequestError(message, field="notified")
    if control or start <= day <= add_years(start, 1):
        return day
    message = Message(
        "notified: {day:date} is not in the year after the application of {start:date}.", day=day, start=start
    )
    raise DateError(message, field="notified")


def _refuse_outside(name: str, number: object, least: int, most: int) -> None:
    if type(number) is not int or not least <= number <= most:
        raise RequestError(
            "{name}: « {number} »; a whole number from {least} to {most} is expected.",
            name=name,
            number=shown(number),
            least=least,
            most=most,
            field=name,
        )
