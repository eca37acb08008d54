"""The question behind a plan: that of a price, and what becomes of it over the years.

:class:`PlanAsked` says once what may be asked, as every door takes it; :func:`plan_question` checks it and
makes a :class:`PlanQuestion` of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, cast

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.money import ZERO, exactly, parse_rate, plain, round_cents
from opqibi_rules.price.fees import Counts
from opqibi_rules.price.financial_year import CIVIL, YearEnd
from opqibi_rules.price.planning.holdings import TURNED_FULL, Change, Outcome, with_change
from opqibi_rules.price.planning.paid_before import checked, notified_on
from opqibi_rules.price.planning.spread import BASES, By, refuse_months_within
from opqibi_rules.price.planning.timeline import MONTHS_TO_NOTIFICATION, Timeline, timeline
from opqibi_rules.price.question import (
    Asked,
    Question,
    as_turnovers,
    from_plain,
    question,
    refuse_no_list,
    refuse_undeclared,
    shown,
    structure_of,
)
from opqibi_rules.price.structure import (
    KnownTurnover,
    Paid,
    Qualification,
    Structure,
    Turnover,
    last_known,
)
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Event, Role, Schedule

LARGEST_GROWTH = 1
"""A turnover that doubles each year, or more, is a typing error (3 for 3 %), and is refused."""


class PlanAsked(Asked, total=False):
    """What may be asked of a plan, on top of what may be asked of a price."""

    years: int
    """How many years, up to 40; the last day is the eve of the anniversary of the start. By default 4."""
    control: int
    """Where the plan starts at a control, which one of its cycle it is; by default the first."""
    notified: date | str | None
    """The day the application is notified, where it is known."""
    months_to_notification: int
    """How long it is assumed to take, where it is not; the plan says so."""
    changes: Iterable[Change]
    """What is asked for or given up at later controls and renewals."""
    outcome: Outcome
    """What becomes of a probationary qualification after its last renewal: ``turned_full`` or ``lost``."""
    turnovers_by_year: Iterable[Turnover]
    """Those of other years; each application takes that of the last year which is over on its day."""
    growth: str | Decimal
    """Yearly growth of the turnovers after the start: ``"3 %"`` or ``"0.03"``; under 100 %."""
    spread_by: By
    """How a fee that covers several years is spread over them: ``days`` or ``months``."""
    paid: Iterable[Paid]
    """What was paid before the start, that the years of the plan bear; by default what the structure says."""
    year_end: str | None
    """The close of the financial year, ``30/06`` or ``06-30``; by default the structure's, else 31 December."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """A question that holds together; :class:`PlanAsked` explains each field."""

    start: date
    years: int
    event: Event
    """With which the plan starts."""
    events: tuple[Event, ...]
    """Those of the schedule in force at the start, by whose ids changes are named."""
    control: int
    notified: date | str | None
    months_to_notification: int
    tariffs: Counts
    qualifications: tuple[Qualification, ...]
    changes: tuple[Change, ...]
    outcome: str
    turnovers: tuple[Turnover, ...]
    """One a year, the oldest first."""
    growth: Decimal
    vat: str
    spread_by: By
    paid: tuple[Paid, ...]
    """Before the start, the oldest first, each with its day, its amount and the id of its fee."""
    year_end: YearEnd
    year_end_given: bool
    """Else the calendar year is assumed."""
    structure: Structure | None
    outright: bool = False
    """The turnovers at the start were given without their year."""

    @property
    def unfinished(self) -> tuple[int, ...]:
        """The years of the structure that are not over at the start, where its turnovers are taken."""
        return () if self.outright or self.structure is None else self.structure.unfinished(self.start)

    @property
    def without_year(self) -> tuple[Turnover, ...]:
        """The turnovers at the start, where they were given outright: of the last year that is over then."""
        last = self.year_end.last_over(self.start)
        return tuple(item for item in self.turnovers if self.outright and item.year == last)

    @property
    def by_year(self) -> tuple[Turnover, ...]:
        """Those given beside them, or beside the structure's, each with its year."""
        stated = self.structure.turnovers if self.structure and not self.outright else ()
        return tuple(item for item in self.turnovers if item not in (*stated, *self.without_year))

    def states(self, turnover: "TurnoverThen") -> bool:
        """A turnover is taken as it stands, and its year was given with it."""
        outright = self.outright and turnover.known.year == self.year_end.last_over(self.start)
        return not turnover.years and not outright

    def to_dict(self) -> dict[str, object]:
        """What asks :func:`~opqibi_rules.price.planning.plan.plan` for the same plan again, as JSON holds it."""
        held = self.structure.held_on(self.start) if self.structure and not self.tariffs else ()
        own = () if held == self.qualifications else self.qualifications
        return {
            "event": self.event.id,
            "start": self.start.isoformat(),
            "years": self.years,
            "control": self.control,
            "notified": self.notified and str(self.notified),
            "months_to_notification": self.months_to_notification,
            "tariffs": {str(tariff): count for tariff, count in self.tariffs.items()},
            "qualifications": [
                item.to_dict() if _dated(item) else str(item) for item in own if not item.probationary
            ],
            "probationary": [
                item.to_dict() if _dated(item) else str(item) for item in own if item.probationary
            ],
            "changes": [change.to_dict() for change in self.changes],
            "outcome": self.outcome,
            "turnovers": {
                base: plain(amount) for item in self.without_year for base, amount in item.amounts.items()
            },
            "turnovers_by_year": [item.to_dict() for item in self.by_year],
            "growth": format(self.growth, "f"),
            "vat": self.vat,
            "spread_by": self.spread_by,
            "paid": [item.to_dict() for item in self.paid],
            "year_end": str(self.year_end) if self.year_end_given else None,
            "structure": self.structure and self.structure.to_dict(),
        }

    @property
    def role(self) -> Role:
        """What the event is with which the plan starts."""
        assert self.event.role is not None  # plan_question refuses any other
        return self.event.role

    def event_of(self, role: Role) -> Event:
        """The event that is this in the life of a qualification.

        Raises:
            RequestError: the schedule of the start declares none.
        """
        found = next((event for event in self.events if event.role is role), None)
        if found is None:
            raise no_event(role, self.start)
        return found


def _dated(item: Qualification) -> bool:
    return item.granted_on is not None or bool(item.renewed_on)


def no_event(role: Role, day: date) -> RequestError:
    """The refusal of a plan that meets an event which the schedule of that day does not declare."""
    return RequestError(
        "{day:date}: the schedule in force declares no event of the role « {role} », and the plan meets one.",
        day=day,
        role=str(role),
        field="event",
    )


def _starting(event: Event, schedule: Schedule) -> Event:
    """The same event, with which a plan can start.

    Raises:
        RequestError: it is none of those that a qualification's life is made of.
    """
    if event.role is None:
        known = tuple(item.id for item in schedule.events if item.role is not None)
        if not known:
            raise RequestError(
                "event: no plan is made under the schedule {id}: none of its events has a role.",
                id=schedule.id,
                field="event",
            )
        raise RequestError(
            "event: no plan starts with « {event} »; with {known}.",
            event=event.id,
            known=known,
            field="event",
        )
    return event


def _first(day: date, asked: PlanAsked, tables: Tables) -> tuple[Question, Schedule]:
    """What is asked at the start, and the schedule of that day.

    Raises:
        OpqibiError: as for a quote.
    """
    try:
        return question(day, _without_turnovers(asked), tables)
    except DateError as error:
        error.field = "start"
        raise


def plan_question(start: date | str, asked: PlanAsked, tables: Tables) -> PlanQuestion:
    """What is asked, checked against the schedule in force at the start.

    Raises:
        RequestError: as for a quote; an event with which no plan starts, a growth or a spread that cannot be.
        AmountError: a turnover that is negative, absurd, a float or no amount.
        DateError: no day, or one before the first schedule.
    """
    day = to_day(start, "start")
    asked = _whole(asked, tables)
    first, schedule = _first(day, asked, tables)
    event = _starting(schedule.event(first.event), schedule)
    control = asked.get("control", 1)
    structure = asked.get("structure")
    spread_by, year_end = _spread_by(asked.get("spread_by", "days")), _year_end(asked)
    refuse_months_within(spread_by, year_end or CIVIL)
    found = PlanQuestion(
        start=day,
        years=asked.get("years", 4),
        event=event,
        events=schedule.events,
        control=control,
        notified=asked.get("notified"),
        months_to_notification=asked.get("months_to_notification", MONTHS_TO_NOTIFICATION),
        tariffs=first.tariffs,
        qualifications=first.qualifications,
        changes=_changes(asked, first, control if event.role is Role.CONTROL else 0),
        outcome=asked.get("outcome", TURNED_FULL),
        turnovers=(),
        growth=_growth(asked.get("growth", ZERO)),
        vat=first.vat,
        spread_by=spread_by,
        paid=_paid(asked, day, tables),
        year_end=year_end or CIVIL,
        year_end_given=year_end is not None,
        structure=structure,
    )
    given = as_turnovers(asked, schedule, _later_ones(found, schedule, asked, tables))
    return replace(found, turnovers=_turnovers(asked, given, found), outright=bool(given))


def days_of(question: PlanQuestion, tables: Tables) -> Timeline:
    """The days of the plan that a question asks for.

    Raises:
        RequestError, DateError: as a timeline does.
    """
    known = question.notified
    if known is None and question.role is Role.CONTROL:
        known = notified_on(question.start, question.control, question.paid, tables)
    return timeline(
        start=question.start,
        years=question.years,
        validity=tables.validity,
        role=question.role,
        control=question.control,
        notified=known,
        months_to_notification=question.months_to_notification,
    )


def schedules_of(days: Timeline, tables: Tables) -> tuple[Schedule, ...]:
    """Those in force when something is due, the oldest first.

    Raises:
        DateError: none is known on one of these days.
    """
    return tuple(dict.fromkeys(tables.schedule(moment.day) for moment in days.moments()))


def _without_turnovers(asked: PlanAsked) -> Asked:
    """The question of the start alone: a later schedule of the plan may reckon on turnovers that this one lacks."""
    return cast("Asked", {**asked, "turnover": None, "audit_turnover": None, "turnovers": None})


def _later_ones(
    question: PlanQuestion, schedule: Schedule, asked: PlanAsked, tables: Tables
) -> tuple[Schedule, ...]:
    """The schedules that price a payment, but that of the start; none where that one knows the turnover given."""
    if schedule.turnovers and not asked.get("turnovers") and asked.get("audit_turnover") is None:
        return ()
    return tuple(one for one in schedules_of(days_of(question, tables), tables) if one != schedule)


def _whole(asked: PlanAsked, tables: Tables) -> PlanAsked:
    """What is asked, without what is left out, and with what JSON holds as what it stands for.

    Raises:
        RequestError: a list that is none, or something in it that is not what it should be.
    """
    found = {name: value for name, value in asked.items() if value is not None}
    found["structure"] = structure_of(asked, tables)
    for name, read in _READ.items():
        if name in found:
            refuse_no_list(found[name], name)
            items = enumerate(cast("Iterable[object]", found[name]))
            found[name] = [read(item, f"{name}[{index}]") for index, item in items]
    if type(found.get("control", 1)) is not int:
        raise RequestError(
            "control: « {number} » is not a whole number.", number=shown(found["control"]), field="control"
        )
    whole = cast("PlanAsked", found)
    for index, year in enumerate(whole.get("turnovers_by_year") or ()):
        refuse_undeclared(year, tables, f"turnovers_by_year[{index}]")
    return whole


def _change(item: object, field: str) -> Change:
    if isinstance(item, Change):
        return item
    if not isinstance(item, Mapping) or not item.keys() <= {one.name for one in fields(Change)}:
        raise RequestError("{name}: {value} is not a Change.", name=field, field=field, value=shown(item))
    missing = {"event", "number"} - item.keys()
    if missing:
        raise RequestError("{name}: event and number are missing.", name=field, field=field)
    return Change(**item)


def _turnover(item: object, field: str) -> Turnover:
    return item if isinstance(item, Turnover) else from_plain(item, "turnovers", field).turnovers[0]


def _paid_item(item: object, field: str) -> Paid:
    return item if isinstance(item, Paid) else from_plain(item, "paid", field).paid[0]


_READ: Mapping[str, Callable[[object, str], object]] = {
    "changes": _change,
    "turnovers_by_year": _turnover,
    "paid": _paid_item,
}
"""The lists that may be asked, and what reads an item of each."""


def _changes(asked: PlanAsked, first: Question, number: int) -> tuple[Change, ...]:
    """The changes; what is newly asked for at the start is one more."""
    changes = tuple(asked.get("changes") or ())
    if not first.new_qualifications and not any(first.new_tariffs.values()):
        return changes
    return with_change(changes, Change(first.event, number, first.new_qualifications, first.new_tariffs))


def _turnovers(
    asked: PlanAsked, given: Mapping[str, Decimal], question: PlanQuestion
) -> tuple[Turnover, ...]:
    """One a year; what is given outright is of the last year that is over at the start."""
    structure, last = question.structure, question.year_end.last_over(question.start)
    known = list(structure.turnovers if structure else ())
    if given:
        known = [Turnover.by_base(last, given)]
    for item in asked.get("turnovers_by_year") or ():
        if given and item.year == last:
            raise RequestError(
                "turnovers_by_year: {year} is the last year over on {start:date}, whose turnover is given already; "
                "give one.",
                year=last,
                start=question.start,
                field="turnovers_by_year",
            )
        known = [*(one for one in known if not one.same_year(item)), item]
    return tuple(sorted(known, key=lambda one: one.closed_on or question.year_end.closes(one.year)))


def _paid(asked: PlanAsked, start: date, tables: Tables) -> tuple[Paid, ...]:
    """What is given; else what the structure has paid by then, for it may say what it paid since."""
    given, structure = tuple(asked.get("paid") or ()), asked.get("structure")
    if not given and structure is not None:
        given = tuple(item for item in structure.paid if to_day(item.day, "paid") < start)
    return checked(given, start, tables)


def _year_end(asked: PlanAsked) -> YearEnd | None:
    given, structure = asked.get("year_end"), asked.get("structure")
    if given is not None:
        return YearEnd.parse(given)
    return None if structure is None else structure.year_end


def _growth(growth: object) -> Decimal:
    """A yearly growth: ``Decimal("0.03")``, ``"0.03"`` or ``"3 %"``; never a float, which is not exact.

    Raises:
        RequestError: no rate, or one that cannot be.
    """
    rate = parse_rate(growth) if isinstance(growth, str) else growth
    rate = Decimal(rate) if type(rate) is int else rate
    if not isinstance(rate, Decimal) or not rate.is_finite():
        raise RequestError(
            "growth: {growth} is not a rate; write « 3 % » or 0.03, as a text or a Decimal.",
            growth=shown(growth),
            field="growth",
        )
    if not -1 < rate < LARGEST_GROWTH:
        raise RequestError(
            "growth: {growth} is {rate:percent} a year; less than « 100 % » is expected. Write « 3 % » as 0.03.",
            growth=shown(growth),
            rate=rate,
            field="growth",
        )
    return rate


def _spread_by(by: str) -> By:
    for known in BASES:
        if by == known:
            return known
    raise RequestError("« {by} » is not one of {bases}.", by=shown(by), bases=BASES, field="spread_by")


class TurnoverThen(NamedTuple):
    """A turnover on some day of a plan, in euros excl. VAT: the last one known, grown since."""

    amount: Decimal
    years: int
    """Of growth since it was known, or since the start of the plan."""
    known: KnownTurnover


def growth_years(question: PlanQuestion, day: date) -> int | None:
    """How many years of growth separate a day from the last turnovers known then; ``None``: none is.

    The last turnover known at the start, whatever its year, grows from the start on.
    """
    known = last_known(question.turnovers, day, question.year_end)
    return min((_years_since(item, question, day) for item in known.values()), default=None)


def _years_since(known: KnownTurnover, question: PlanQuestion, day: date) -> int:
    last = question.year_end.last_over
    return max(last(day) - max(known.year, last(question.start)), 0)


@exactly
def turnovers_at(question: PlanQuestion, day: date, schedule: Schedule) -> Mapping[str, TurnoverThen]:
    """The last turnovers known on a day, grown since, of those on which the schedule reckons."""
    found = {}
    for base, known in last_known(question.turnovers, day, question.year_end).items():
        years = _years_since(known, question, day)
        grown = round_cents(known.amount * (1 + question.growth) ** years)
        found[base] = TurnoverThen(grown, years, known)
    return FrozenDict({base.id: found[base.id] for base in schedule.turnovers if base.id in found})
