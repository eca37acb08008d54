"""When an OPQIBI event falls: applications, notifications, annual controls and renewals, one after the other.

A cycle is the life of a qualification: four years from the notification of the decision, with three annual
controls (OPQIBI, « Validity, follow-up and renewal »). The sources give these durations, not the days: the
days are reckoned here from the notification, under the assumptions that the table of validity names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from opqibi_rules.deadlines import add_months, add_years
from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.tables.validity import Validity

APPLICATION, NOTIFICATION, CONTROL = "application", "notification", "control"

MONTHS_TO_NOTIFICATION = 3
"""From an application to its notification, where the day is not given: no source says it, and a plan that
uses it shows it."""

MOST_YEARS = 40
"""Ten cycles: beyond, no schedule, no firm and no turnover can be reckoned with."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day on which something is paid."""

    day: date
    step: str
    """``application`` (file and instruction), ``notification`` (brand usage) or ``control``."""
    event: str
    """``first``, ``renewal`` or ``control``."""
    cycle: int
    """1 for the cycle in which the plan starts."""
    number: int
    """Which control of its cycle, from 1; 0 at an application or a notification."""

    ordinal: int
    """Which control of the plan, counted from the start of its first cycle; else 0."""

    @property
    def key(self) -> str:
        """The same for the same event of the same structure, whatever becomes of its day."""
        return f"cycle-{self.cycle}-{self.step}" + (f"-{self.number}" if self.number else "")


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days of a plan, all reckoned from one application and one notification."""

    start: date
    end: date
    """The first day after the plan."""
    event: str
    """With which the plan starts."""
    control: int
    """Which control it starts with; 0 if it does not."""
    applied: date
    """The application that opens the first cycle, before ``start`` if the plan starts at a control."""
    notified: date
    """Its notification: the qualifications of the first cycle run from that day."""
    assumed_months: int | None
    """The delay between the two, where it is assumed; ``None``: the notification was given."""
    validity: Validity

    @property
    def cycle_years(self) -> int:
        """How long a qualification runs."""
        return self.validity.qualification.years

    def opens(self, cycle: int) -> date:
        """The first day of the qualifications of a cycle."""
        return add_years(self.notified, (cycle - 1) * self.cycle_years)

    def applies(self, cycle: int) -> date:
        """The day of the application for a cycle."""
        return add_years(self.applied, (cycle - 1) * self.cycle_years)

    @property
    def cycles(self) -> int:
        """How many cycles begin before the end of the plan, the first included."""
        return 1 + sum(self.opens(cycle) < self.end for cycle in range(2, MOST_YEARS // self.cycle_years + 2))

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
        controls = self.validity.qualification.controls
        cycle = 1
        while self.applies(cycle) < until:
            first = cycle == 1
            if not (first and self.control):
                event = self.event if first else "renewal"
                yield Moment(self.applies(cycle), APPLICATION, event, cycle, 0, 0)
                yield Moment(self.opens(cycle), NOTIFICATION, event, cycle, 0, 0)
            for number in range(1, controls + 1):
                # A plan that starts at a control on 29 February keeps that very day.
                starts = first and number == self.control
                day = self.start if starts else add_years(self.opens(cycle), number)
                yield Moment(day, CONTROL, "control", cycle, number, (cycle - 1) * controls + number)
            cycle += 1


def timeline(
    *,
    start: date,
    years: int,
    validity: Validity,
    event: str = "first",
    control: int = 1,
    notified: date | None = None,
    months_to_notification: int = MONTHS_TO_NOTIFICATION,
) -> Timeline:
    """The days of a plan of ``years`` that starts with ``event`` on ``start``.

    Args:
        start: the day of that event.
        years: how many, from that day.
        validity: how long certificates and qualifications run.
        event: ``first``, ``renewal`` or ``control``.
        control: with ``event="control"``, which control of its cycle falls on ``start``.
        notified: the day the decision on the application of ``start`` is notified, if it is known.
        months_to_notification: the delay assumed, if not.

    Raises:
        RequestError: a number of years, months or controls that cannot be, or a notification at a control.
        DateError: a notification before the application.
    """
    if not 1 <= years <= MOST_YEARS:
        raise RequestError(
            Message("years: {years}; a plan covers from 1 to {most} years.", years=years, most=MOST_YEARS)
        )
    if not 0 <= months_to_notification <= 12:
        raise RequestError(
            Message(
                "{months} months to the notification; from 0 to 12 are accepted.",
                months=months_to_notification,
            )
        )
    end = add_years(start, years)
    if event != "control":
        if notified is not None and not start <= notified <= add_years(start, 1):
            raise DateError(
                Message(
                    "notified: {day:date} is not in the year after the application of {start:date}.",
                    day=notified,
                    start=start,
                )
            )
        opens = add_months(start, months_to_notification) if notified is None else notified
        assumed = months_to_notification if notified is None else None
        return Timeline(start, end, event, 0, start, opens, assumed, validity)
    if not 1 <= control <= validity.qualification.controls:
        raise RequestError(
            Message(
                "control: {number}; a cycle has controls 1 to {last}.",
                number=control,
                last=validity.qualification.controls,
            )
        )
    if notified is not None:
        raise RequestError(
            Message(
                "notified: a plan that starts at a control takes its days from that control; leave it out."
            )
        )
    opens = add_years(start, -control)
    applied = add_months(opens, -months_to_notification)
    return Timeline(start, end, event, control, applied, opens, months_to_notification, validity)
