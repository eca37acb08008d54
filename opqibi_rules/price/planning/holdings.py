"""What a structure holds over the years: asked for, added, given up, probationary for a time.

A probationary qualification runs one year and may be renewed twice (OPQIBI, « Validity, follow-up and
renewal »); by then it has been turned into a full one, or it is lost. The schedule has no price for either:
:class:`Probation` says when they happen, and nothing prices them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from opqibi_rules.deadlines import add_years
from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.price.fees import NO_COUNTS, Counts
from opqibi_rules.price.planning.timeline import Moment, Timeline
from opqibi_rules.price.question import (
    as_mapping,
    as_qualifications,
    nothing_given,
    refuse_no_list,
    shown,
    tariff_code,
)
from opqibi_rules.price.structure import Qualification
from opqibi_rules.tables.schedule import Billed, Event, Role
from opqibi_rules.tables.validity import Term

TURNED_FULL, LOST, RENEWED, DROPPED = "turned_full", "lost", "renewed", "dropped"
Outcome = Literal["turned_full", "lost"]
OUTCOMES: tuple[Outcome, ...] = ("turned_full", "lost")
"""What may become of a probationary qualification after its last renewal."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a structure asks for, or gives up, at a control or at a renewal."""

    event: str
    """The id of the event, as the schedule of the plan's start declares it: ``control`` or ``renewal``."""
    number: int
    """Which control, counted from the start of the plan's first cycle; or which renewal after its start."""
    add: tuple[Qualification, ...] = ()
    add_tariffs: Counts = NO_COUNTS
    """How many new qualifications by tariff code."""
    drop: tuple[str, ...] = ()
    """Codes given up: no longer controlled nor renewed from that event on."""
    drop_tariffs: Counts = NO_COUNTS
    turn_full: tuple[str, ...] = ()
    """Codes of probationary qualifications turned into full ones."""

    def __post_init__(self) -> None:
        if not isinstance(self.event, str) or type(self.number) is not int:
            raise RequestError("{event}: the id of an event and its number are expected.", event=str(self))
        object.__setattr__(self, "add", as_qualifications(self.add, "changes"))
        for name in ("drop", "turn_full"):
            refuse_no_list(getattr(self, name), "changes")
            codes = tuple(getattr(self, name))
            if wrong := [code for code in codes if not isinstance(code, str)]:
                raise RequestError("« {code} » is not a code.", code=shown(wrong[0]), field="changes")
            object.__setattr__(self, name, codes)
        for name in ("add_tariffs", "drop_tariffs"):
            counts = as_mapping(getattr(self, name), "changes").items()
            object.__setattr__(self, name, FrozenDict({tariff_code(key): count for key, count in counts}))

    def to_dict(self) -> dict[str, object]:
        """As JSON asks for it; what is empty is left out."""
        lists = {"add": [str(item) for item in self.add], "drop": self.drop, "turn_full": self.turn_full}
        counts = {"add_tariffs": self.add_tariffs, "drop_tariffs": self.drop_tariffs}
        given: dict[str, object] = {name: list(codes) for name, codes in lists.items() if codes}
        given |= {name: _as_texts(count) for name, count in counts.items() if count}
        return {"event": self.event, "number": self.number, **given}

    def __str__(self) -> str:
        return f"{self.event}-{self.number}"


def _as_texts(counts: Counts) -> dict[str, int]:
    return {str(tariff): count for tariff, count in counts.items()}


def with_change(changes: Iterable[Change], more: Change) -> tuple[Change, ...]:
    """The changes with one more; two at the same event become one."""
    others = [known for known in changes if str(known) != str(more)]
    for known in changes:
        if str(known) == str(more):
            more = replace(
                more,
                add=(*known.add, *more.add),
                add_tariffs=counted_together(known.add_tariffs, more.add_tariffs),
                drop=(*known.drop, *more.drop),
                drop_tariffs=counted_together(known.drop_tariffs, more.drop_tariffs),
                turn_full=(*known.turn_full, *more.turn_full),
            )
    return (*others, more)


def counted_together(first: Counts, second: Counts) -> Counts:
    """Two counts by tariff code as one."""
    return FrozenDict(
        {tariff: first.get(tariff, 0) + second.get(tariff, 0) for tariff in {**first, **second}}
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """What one event is priced for: what is held, and at a control what is asked for on top."""

    tariffs: Counts
    qualifications: tuple[Qualification, ...]
    new_tariffs: Counts = NO_COUNTS
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
    since: date
    """The day from which it is probationary."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What each event of a timeline is priced for, and the clocks of the probationary qualifications."""

    asked: Mapping[tuple[int, int], Subject]
    """By cycle and number of the event in it."""
    probations: tuple[Probation, ...]

    def at(self, moment: Moment) -> Subject:
        """What the event of that moment is priced for; a notification is that of its application."""
        return self.asked[moment.cycle, moment.number]


def placed(
    changes: Iterable[Change], timeline: Timeline, events: tuple[Event, ...]
) -> Mapping[Moment, Change]:
    """Each change at the moment of its event; ``events`` are those by whose ids changes are named.

    Raises:
        RequestError: a change at an event that the plan does not have, or two at the same.
    """
    moments = {
        f"{event.id}-{number}": moment
        for moment in _events_of(timeline)
        for event in events
        # A change names no application with which a plan starts.
        if event.role is moment.role
        and (number := moment.ordinal if moment.role is Role.CONTROL else moment.cycle - 1)
    }
    found: dict[Moment, Change] = {}
    for change in changes:
        moment = moments.get(str(change))
        if moment is None:
            message = Message(
                "« {event} » is not an event of this plan; its events: {known}.",
                event=str(change)[:40],
                known=tuple(moments),
            )
            raise RequestError(message, field="changes")
        if moment in found:
            raise RequestError(
                "{event} is changed twice; give one change.", event=str(change), field="changes"
            )
        found[moment] = change
    return found


def _events_of(timeline: Timeline) -> list[Moment]:
    """The moments at which something is asked for: a notification is that of its application."""
    return [moment for moment in timeline.moments() if moment.step is not Billed.NOTIFICATION]


def holdings(
    timeline: Timeline,
    *,
    tariffs: Counts,
    qualifications: tuple[Qualification, ...],
    changes: Mapping[Moment, Change] | None = None,
    outcome: str = TURNED_FULL,
    on_top: Callable[[Moment], bool] = lambda moment: moment.role is Role.CONTROL,
) -> Holdings:
    """Follow what is held from one event of ``timeline`` to the next.

    Args:
        timeline: the events.
        tariffs: how many are held or asked for at the start, by tariff code.
        qualifications: the same, by code; ``granted_on`` starts the clock of a probationary one, else the
            first notification does, and ``renewed_on`` each of its years that is known.
        changes: what is asked for or given up on the way, as :func:`placed` says when.
        outcome: what becomes of a probationary qualification at its last day: ``turned_full`` or ``lost``.
        on_top: where what is newly asked for is priced apart from what is held.

    Raises:
        RequestError: something given up or turned that is not held, nothing held any more, or a probationary
            qualification already past its last day.
    """
    _refuse_unknown(outcome)
    if not any(tariffs.values()) and not qualifications:
        raise nothing_given()
    book = _Book(timeline, outcome, tariffs)
    book.hold(qualifications, NO_COUNTS, timeline.notified)
    asked: dict[tuple[int, int], Subject] = {}
    for moment in _events_of(timeline):
        change = (changes or {}).get(moment)
        apart = change is not None and on_top(moment)
        asked[moment.cycle, moment.number] = book.met(moment, change, apart=apart)
    return Holdings(FrozenDict(asked), tuple(book.probations()))


def _refuse_unknown(outcome: str) -> None:
    if outcome not in OUTCOMES:
        raise RequestError(
            "« {outcome} » is not one of {known}.",
            outcome=shown(outcome),
            known=OUTCOMES,
            field="outcome",
        )


def _less(counts: Counts, change: Change) -> Counts:
    """The counts without what a change gives up."""
    left = dict(counts)
    for tariff, count in change.drop_tariffs.items():
        held = left.get(tariff, 0)
        if type(count) is not int or not 0 <= count <= held:
            raise RequestError(
                "{event}: {count} qualifications at tariff {tariff} are given up, and {held} are held.",
                event=str(change),
                count=shown(count),
                tariff=shown(tariff),
                held=held,
                field="changes",
            )
        left[tariff] = held - count
    return FrozenDict(left)


class _Clock(NamedTuple):
    """The time of a probationary qualification."""

    since: date
    years: tuple[tuple[int, date], ...]
    """Those still to be lived, from the last renewal known: 1 for the first of all, and the last day."""
    ends: date
    """The day it ceases to be probationary."""
    how: str

    @classmethod
    def of(cls, item: Qualification, start: date, term: Term, outcome: str) -> "_Clock":
        """It is renewed each year, as often as it still can be; a renewal known runs from its own date."""
        most, starts = 1 + (term.renewals or 0), (start, *sorted(item.renewed_on))
        lived = min(len(starts), most) - 1
        years = tuple(
            (year, add_years(starts[lived], term.years * (year - lived)))
            for year in range(lived + 1, most + 1)
        )
        return cls(start, years, years[-1][1], outcome)


class _Book:
    """What is held, and when each probationary qualification ceases to be so."""

    def __init__(self, timeline: Timeline, outcome: str, counts: Counts) -> None:
        self.timeline = timeline
        self.outcome = outcome
        self.counts = counts
        self.held: tuple[Qualification, ...] = ()
        self.clocks: dict[str, _Clock] = {}
        """By code."""

    def met(self, moment: Moment, change: Change | None, *, apart: bool) -> Subject:
        """What an event is priced for, what it adds ``apart`` or not; then what it changes is held, or no longer."""
        if change is not None:
            self.give_up(moment.day, change)
        self.age(moment, () if change is None else change.drop)
        subject = Subject(self.counts, self.held)
        if change is not None:
            at_control = moment.role is Role.CONTROL
            granted = moment.day if at_control else self.timeline.opens(moment.cycle)
            self.hold(change.add, change.add_tariffs, granted)
            if apart:
                subject = replace(subject, new_tariffs=change.add_tariffs, new_qualifications=change.add)
            else:
                subject = Subject(self.counts, self.held)
        if not subject.qualifications and not any(subject.tariffs.values()):
            raise RequestError(
                "{day:date}: nothing is held any more.",
                day=moment.day,
                field="outcome" if change is None else "changes",
            )
        return subject

    def hold(self, items: Iterable[Qualification], counts: Counts, granted: date) -> None:
        """Hold more; ``granted`` starts the clock of a probationary one that has no day of its own."""
        for item in items:
            start = item.granted_on or granted
            if item.probationary:
                clock = self._clock(item, start)
                if clock.ends < self.timeline.start:
                    raise RequestError(
                        "{code}: probationary since {day:date}, it cannot be so after {last:date}; by "
                        "then it is a full qualification, or it is lost.",
                        code=item.code,
                        day=start,
                        last=clock.ends,
                        field="probationary",
                    )
                self.clocks[item.code] = clock
            self.held = (*self.held, replace(item, granted_on=start) if item.probationary else item)
        self.counts = counted_together(self.counts, counts)

    def _clock(self, item: Qualification, start: date) -> _Clock:
        """The time of a probationary one; without a day of its own, it ends a year with the certificate's."""
        days = self.timeline
        clock = _Clock.of(item, start, days.probation, self.outcome)
        eve = add_years(days.notified, days.control)
        if item.granted_on is not None or not days.control or eve == days.start:
            return clock
        # The plan starts at a control on 29 February, which no reckoning in years finds.
        years = tuple((year, days.start if last == eve else last) for year, last in clock.years)
        return clock._replace(years=years, ends=years[-1][1])

    def give_up(self, day: date, change: Change) -> None:
        """Refuse what is not held, stop the clocks of what is given up or turned full, and count the rest."""
        codes = {item.code for item in self.held}
        for code in (*change.drop, *change.turn_full):
            if code not in codes or (code in change.turn_full and code not in self.clocks):
                raise RequestError(
                    "{event}: {code} is not held then, or is not probationary.",
                    event=str(change),
                    code=shown(code),
                    field="changes",
                )
        for code, clock in self.clocks.items():
            how = TURNED_FULL if code in change.turn_full else DROPPED if code in change.drop else None
            if how is not None:
                self.clocks[code] = clock._replace(ends=min(day, clock.ends), how=how)
        self.counts = _less(self.counts, change)

    def age(self, moment: Moment, dropped: tuple[str, ...]) -> None:
        """Apply the end of probations up to a moment, that day included, and leave out what is given up.

        What is lost is held on its last day still: a control counts it; a renewal does not ask again for what ends
        before the qualifications that it is about begin.
        """
        kept = []
        for item in self.held:
            clock = self.clocks[item.code] if item.probationary else None
            if item.code in dropped or (clock is not None and self._is_lost(clock, moment)):
                continue
            full = clock is not None and clock.how != LOST and clock.ends <= moment.day
            kept.append(replace(item, probationary=False) if full else item)
        self.held = tuple(kept)

    def _is_lost(self, clock: _Clock, moment: Moment) -> bool:
        renewed = self.timeline.opens(moment.cycle) if moment.role is Role.RENEWAL else None
        over = clock.ends < moment.day if renewed is None else clock.ends <= renewed
        return over and clock.how == LOST

    def probations(self) -> Iterator[Probation]:
        """Every last day of the probationary qualifications, to the end of the last cycle begun."""
        for code, (since, years, ends, how) in sorted(self.clocks.items()):
            begun = [at for at in range(len(years)) if not at or years[at - 1][1] < ends]
            for year, last in (years[at] for at in begun):
                day = min(last, ends)
                if self.timeline.start <= day <= self.timeline.horizon:
                    yield Probation(code, day, year, how if day == ends else RENEWED, since)
