"""What a structure holds over the years: asked for, added, given up, probationary for a time.

A probationary qualification runs one year and may be renewed twice (OPQIBI, « Validity, follow-up and
renewal »); by then it has been turned into a full one, or it is lost. The schedule has no price for either:
:class:`Probation` says when they happen, and nothing prices them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.structure import Qualification
from opqibi_rules.price.timeline import APPLICATION, CONTROL, NOTIFICATION, Moment, Timeline

TURNED_FULL, LOST, RENEWED, DROPPED = "turned_full", "lost", "renewed", "dropped"
OUTCOMES = (TURNED_FULL, LOST)
"""What may become of a probationary qualification after its last renewal."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a structure asks for, or gives up, at a control or at a renewal."""

    event: str
    """``control`` or ``renewal``."""
    number: int
    """Which control, counted from the start of the plan's first cycle; or which renewal after its start."""
    add: tuple[Qualification, ...] = ()
    add_tariffs: Mapping[int, int] = field(default_factory=dict)
    """How many new qualifications by tariff code."""
    drop: tuple[str, ...] = ()
    """Codes given up: no longer controlled nor renewed from that event on."""
    drop_tariffs: Mapping[int, int] = field(default_factory=dict)
    turn_full: tuple[str, ...] = ()
    """Codes of probationary qualifications turned into full ones."""

    def __str__(self) -> str:
        return f"{self.event}-{self.number}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one event is priced for: what is held, and at a control what is asked for on top."""

    tariffs: Mapping[int, int]
    qualifications: tuple[Qualification, ...]
    new_tariffs: Mapping[int, int] = field(default_factory=dict)
    new_qualifications: tuple[Qualification, ...] = ()


@dataclass(frozen=True, slots=True)
class Probation:
    """The last day of one year of a probationary qualification, or the day on which it ceases to be one."""

    code: str
    day: date
    year: int
    """1 for its first year."""
    then: str
    """``renewed``, ``turned_full``, ``lost`` or ``dropped``."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What each event of a timeline is priced for, and the clocks of the probationary qualifications."""

    asked: Mapping[tuple[int, int], Asked]
    """By cycle and number of the event in it."""
    probations: tuple[Probation, ...]

    def at(self, moment: Moment) -> Asked:
        """What the event of that moment is priced for; a notification is that of its application."""
        return self.asked[moment.cycle, moment.number]


def holdings(
    timeline: Timeline,
    *,
    tariffs: Mapping[int, int],
    qualifications: tuple[Qualification, ...],
    changes: Iterable[Change] = (),
    outcome: str = TURNED_FULL,
) -> Holdings:
    """Follow what is held from one event of ``timeline`` to the next.

    Args:
        timeline: the events.
        tariffs: how many are held or asked for at the start, by tariff code.
        qualifications: the same, by code; ``granted_on`` starts the clock of a probationary one, else the
            first notification does.
        changes: what is asked for or given up on the way.
        outcome: what becomes of a probationary qualification at its last day: ``turned_full`` or ``lost``.

    Raises:
        RequestError: a change at an event that the plan does not have, something given up or turned that is
            not held, nothing held any more, or a probationary qualification already past its last day.
    """
    if outcome not in OUTCOMES:
        raise RequestError(
            Message("« {outcome} » is not one of {known}.", outcome=outcome[:40], known=OUTCOMES)
        )
    if not any(tariffs.values()) and not qualifications:
        raise RequestError(
            Message("No qualification is given; at least one is expected: -t TARIFF=COUNT or -q CODE:TARIFF.")
        )
    moments = [moment for moment in timeline.moments() if moment.step != NOTIFICATION]
    by_event = _by_event(changes, moments)
    book = _Book(timeline, outcome)
    book.hold(qualifications, timeline.notified)
    counts = dict(tariffs)
    asked: dict[tuple[int, int], Asked] = {}
    for moment in moments:
        change = by_event.get(_event(moment), Change(*_event(moment)))
        book.age(moment.day, change)
        _drop_counts(counts, change)
        granted = moment.day if moment.step == CONTROL else timeline.opens(moment.cycle)
        if moment.step == CONTROL:
            found = Asked(dict(counts), book.held, change.add_tariffs, change.add)
        book.hold(change.add, granted)
        for tariff, count in change.add_tariffs.items():
            counts[tariff] = counts.get(tariff, 0) + count
        if moment.step == APPLICATION:
            found = Asked(dict(counts), book.held)
        if not found.qualifications and not any(found.tariffs.values()):
            raise RequestError(Message("{event}: nothing is held any more.", event=str(change)))
        asked[moment.cycle, moment.number] = found
    return Holdings(asked, tuple(book.probations()))


def _event(moment: Moment) -> tuple[str, int]:
    """The event of a moment as a change names it; the start of a plan is named ``start``."""
    if moment.step == CONTROL:
        return "control", moment.ordinal
    return ("renewal", moment.cycle - 1) if moment.cycle > 1 else ("start", 0)


def _by_event(changes: Iterable[Change], moments: Iterable[Moment]) -> dict[tuple[str, int], Change]:
    known = [_event(moment) for moment in moments]
    found: dict[tuple[str, int], Change] = {}
    for change in changes:
        event = (change.event, change.number)
        if event not in known or event[0] == "start":
            raise RequestError(
                Message(
                    "« {event} » is not an event of this plan; its events: {known}.",
                    event=str(change)[:40],
                    known=[f"{name}-{number}" for name, number in known if name != "start"],
                )
            )
        if event in found:
            raise RequestError(Message("{event} is changed twice; give one change.", event=str(change)))
        found[event] = change
    return found


def _drop_counts(counts: dict[int, int], change: Change) -> None:
    for tariff, count in change.drop_tariffs.items():
        held = counts.get(tariff, 0)
        if not 0 <= count <= held:
            raise RequestError(
                Message(
                    "{event}: {count} qualifications at tariff {tariff} are given up, and {held} are held.",
                    event=str(change),
                    count=count,
                    tariff=tariff,
                    held=held,
                )
            )
        counts[tariff] = held - count


class _Book:
    """The named qualifications held, and when each probationary one ceases to be so."""

    def __init__(self, timeline: Timeline, outcome: str) -> None:
        self.timeline = timeline
        self.outcome = outcome
        term = timeline.validity.probationary
        self.years = term.years * (1 + (term.renewals or 0))
        self.held: tuple[Qualification, ...] = ()
        self.clocks: dict[str, tuple[date, date, str]] = {}
        """By code: the day it was granted, the day it ceases to be probationary, and how."""

    def hold(self, items: Iterable[Qualification], granted: date) -> None:
        for item in items:
            held = item
            if item.probationary:
                start = item.granted_on or granted
                last = add_years(start, self.years)
                if last < self.timeline.start:
                    raise RequestError(
                        Message(
                            "{code}: probationary since {day:date}, it cannot be so after {last:date}; by "
                            "then it is a full qualification, or it is lost.",
                            code=item.code,
                            day=start,
                            last=last,
                        )
                    )
                self.clocks[item.code] = (start, last, self.outcome)
                held = replace(item, granted_on=start)
            self.held = (*self.held, held)

    def age(self, day: date, change: Change) -> None:
        """Apply the end of probations up to ``day``, that day included, and what the change gives up."""
        codes = {item.code for item in self.held}
        for code in (*change.drop, *change.turn_full):
            if code not in codes or (code in change.turn_full and code not in self.clocks):
                raise RequestError(
                    Message(
                        "{event}: {code} is not held then, or is not probationary.",
                        event=str(change),
                        code=code,
                    )
                )
        for code, (granted, last, _) in self.clocks.items():
            if code in change.turn_full:
                self.clocks[code] = (granted, min(day, last), TURNED_FULL)
            elif code in change.drop:
                self.clocks[code] = (granted, min(day, last), DROPPED)
        kept = []
        for item in self.held:
            _, ends, how = self.clocks.get(item.code, (day, day, ""))
            if item.code in change.drop or (item.probationary and ends <= day and how == LOST):
                continue
            kept.append(replace(item, probationary=False) if item.probationary and ends <= day else item)
        self.held = tuple(kept)

    def probations(self) -> Iterator[Probation]:
        """Every last day of the probationary qualifications, to the end of the last cycle begun."""
        for code, (granted, ends, how) in sorted(self.clocks.items()):
            year, day = 0, granted
            while day < ends:
                year += 1
                day = min(add_years(granted, year), ends)
                if self.timeline.start <= day <= self.timeline.horizon:
                    yield Probation(code, day, year, how if day == ends else RENEWED)
