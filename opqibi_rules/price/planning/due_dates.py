"""The days of a plan not to be missed: payments, controls, renewals, and last days of validity."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from opqibi_rules.messages import Message, marked
from opqibi_rules.price.planning.holdings import DROPPED, LOST, RENEWED, TURNED_FULL, Probation
from opqibi_rules.price.planning.timeline import Moment, Timeline
from opqibi_rules.tables.schedule import Billed, Event, Fee, Role

APPLICATION_DUE, PAYMENT, CONTROL_DUE, RENEWAL = "application", "payment", "control", "renewal"
CERTIFICATE, QUALIFICATION, PROBATION = "certificate", "qualification", "probation"


@dataclass(frozen=True, slots=True)
class DueDate:
    """A day, and what is due or ends on it."""

    key: str
    """The same for the same thing of the same plan, whatever becomes of its day."""
    kind: str
    """``application``, ``payment``, ``control``, ``renewal``, ``certificate``, ``qualification`` or
    ``probation``."""
    day: date
    message: Message
    cycle: int
    """Of the plan; a probation is of the one in which it began, 0 or less before the plan's first."""

    @property
    def name(self) -> str:
        """Its key in its cycle, the same in every plan that meets that cycle."""
        return self.key.removeprefix(f"cycle-{self.cycle}-")


Known = Callable[[Moment], tuple[Event | None, tuple[Fee, ...]]]


def due_dates(timeline: Timeline, probations: Iterable[Probation], known: Known) -> tuple[DueDate, ...]:
    """All of them, from the start of the plan to the end of the last cycle it begins, in order of days.

    ``known`` says the event of a moment, if there is such an event, and which fees are invoiced at it.
    """
    after, cycles = timeline.horizon + timedelta(days=1), timeline.cycles
    moments = [
        (moment, *known(moment))
        for moment in timeline.moments(after)
        # The next renewal is worth knowing, its payment on notification is not yet.
        if moment.cycle <= cycles or moment.step is Billed.APPLICATION
    ]
    found = [_paid(moment, timeline, event, fees) for moment, event, fees in moments if event is not None]
    found += [item for item in _last_days(timeline) if item.day >= timeline.start]
    found += [_of_probation(probation, timeline) for probation in probations]
    return tuple(sorted(found, key=lambda item: item.day))


def _paid(moment: Moment, timeline: Timeline, event: Event, fees: tuple[Fee, ...]) -> DueDate:
    if moment.step is Billed.NOTIFICATION:
        titles = tuple(fee.title for fee in fees)
        message = Message("Notification, to be paid: {fees}", fees=titles)
        told = message if titles else Message("Notification")
        return DueDate(moment.key, PAYMENT, moment.day, told, moment.cycle)
    name = event.name.capitalised
    if moment.step is Billed.CONTROL:
        controls = timeline.qualification.controls
        message = Message("{event} {number} of {last}", event=name, number=moment.number, last=controls)
        return DueDate(moment.key, CONTROL_DUE, moment.day, message, moment.cycle)
    if moment.role is Role.FIRST:
        told = Message("{event}", event=name)
        return DueDate(moment.key, APPLICATION_DUE, moment.day, told, moment.cycle)
    told = Message("{event}: to be applied for", event=name)
    return DueDate(moment.key, RENEWAL, moment.day, told, moment.cycle)


def _last_days(timeline: Timeline) -> Iterator[DueDate]:
    for cycle in range(1, timeline.cycles + 1):
        for year in range(1, timeline.qualification.years):
            day = timeline.anniversary(cycle, year)
            key = f"cycle-{cycle}-certificate-{year}"
            message = Message("Last day of the certificate, unless controlled")
            yield DueDate(key, CERTIFICATE, day, message, cycle)
        yield DueDate(
            f"cycle-{cycle}-qualifications",
            QUALIFICATION,
            timeline.opens(cycle + 1),
            Message("Last day of the certificate and of the qualifications, unless renewed"),
            cycle,
        )


_PROBATIONS = {
    RENEWED: marked("Probationary qualification {code}: last day of year {year}, unless renewed"),
    DROPPED: marked("Probationary qualification {code}: given up"),
    LOST: marked("Probationary qualification {code}: last day, it cannot be renewed again"),
    TURNED_FULL: marked("Probationary qualification {code}: to be turned into a full one"),
}


def _of_probation(probation: Probation, timeline: Timeline) -> DueDate:
    code, year = probation.code, probation.year
    message = Message(_PROBATIONS[probation.then], code=code, year=year)
    key, cycle = f"probation-{code}-{year}", timeline.cycle_of(probation.since)
    return DueDate(key, PROBATION, probation.day, message, cycle)
