"""The moments of a plan, each priced at the schedule in force on its own day; what has no price."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from opqibi_rules.errors import DateError, RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.price.partial import between
from opqibi_rules.price.planning.holdings import (
    RENEWED,
    TURNED_FULL,
    Change,
    Holdings,
    Probation,
    Subject,
    holdings,
    placed,
)
from opqibi_rules.price.planning.payments import Payment, invoiced
from opqibi_rules.price.planning.plan_question import PlanQuestion, no_event, turnovers_at
from opqibi_rules.price.planning.timeline import Moment, Timeline
from opqibi_rules.price.question import Asked, DeclaredEvent, as_counts, tariffs_of
from opqibi_rules.price.question import question as question_on
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.quote import answer as priced
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Billed, Event, Fee, Role

NO_TURNOVER = "no_turnover"
"""Why a fee has no amount: the turnover that it is reckoned on is not given."""


@dataclass(frozen=True, slots=True)
class NotPriced:
    """Something that happens in the plan, and that has no amount."""

    code: str
    """``no_turnover`` (data is missing), ``probation_renewed`` or ``probation_turned_full`` (the schedule is
    silent)."""
    day: date
    message: Message
    between: Message | None = None
    """The fee, and what it may come to, where only data is missing."""


class NotPricedShape(Shape, of=NotPriced):
    """What happens and has no amount."""

    date: Day = at("day")
    code: str
    text: Message = at("message")


class Pricing:
    """The moments of a plan, each priced at the schedule in force on its own day."""

    def __init__(self, question: PlanQuestion, days: Timeline, tables: Tables) -> None:
        self.question, self.days, self.tables = question, days, tables
        self.payments: list[Payment] = []
        self.not_priced: list[NotPriced] = []
        self.notes: list[Message] = []
        self.undetermined = False
        self.partial: list[tuple[int, Quote]] = []
        """The cycle and the invoice of each moment at which a fee is missing."""

    def event(self, moment: Moment) -> Event:
        """The event of a moment, as the schedule of its day declares it.

        Raises:
            RequestError: it declares none.
        """
        event = self.tables.schedule(moment.day).event_of(moment.role)
        if event is None:
            raise no_event(moment.role, moment.day)
        return event

    def takes_new(self, moment: Moment) -> bool:
        """New qualifications are priced apart from those held, or refused."""
        return moment.role is Role.CONTROL or self.tables.schedule(moment.day).takes_new(self.event(moment))

    def billed(self, moment: Moment) -> tuple[Fee, ...]:
        """The fees that are invoiced at a moment: those that its event bears and that are billed at its step."""
        borne = self.tables.schedule(moment.day).borne(self.event(moment))
        return tuple(fee for fee in borne if fee.billed is moment.step)

    def known(self, moment: Moment) -> tuple[Event | None, tuple[Fee, ...]]:
        """The event of a moment and the fees invoiced at it; where no schedule is known, the event of the start."""
        try:
            return self.event(moment), self.billed(moment)
        except (DateError, RequestError):
            return self.tables.schedule(self.days.start).event_of(moment.role), ()

    def checked(self, changes: Mapping[Moment, Change]) -> Mapping[Moment, Change]:
        """The changes, what they add being priced by the schedule of their day.

        Raises:
            RequestError: a tariff code that it does not price, a count that cannot be, or anything new where it
                prices nothing new.
            UnknownTariffError: a qualification whose tariff code is not known.
        """
        found = {}
        for moment, change in changes.items():
            schedule = self.tables.schedule(moment.day)
            adds = change.add or any(change.add_tariffs.values())
            if adds and moment.role is Role.CONTROL and not schedule.takes_new(self.event(moment)):
                raise RequestError(
                    "{event}: the schedule {id} prices no new qualification then; ask for it at a renewal.",
                    event=str(change),
                    id=schedule.id,
                    field="changes",
                )
            tariffs_of(change.add, schedule, self.tables, [], lambda _: "changes")
            found[moment] = replace(change, add_tariffs=as_counts(change.add_tariffs, schedule, "changes"))
        return found

    def of_all(self) -> Holdings:
        """Price every moment of the plan; what is held, asked for and given up at each."""
        held = holdings(
            self.days,
            tariffs=self.question.tariffs,
            qualifications=self.question.qualifications,
            changes=self.checked(placed(self.question.changes, self.days, self.question.events)),
            outcome=self.question.outcome,
            on_top=self.takes_new,
        )
        for moment in self.days.moments():
            self.price(moment, held.at(moment))
        return held

    def price(self, moment: Moment, subject: Subject) -> None:
        """Add what is paid at a moment; what lacks data is listed, without an amount."""
        part = invoiced(self.quote(moment, subject), self.billed(moment))
        if part.fees:
            self.payments.append(Payment(moment, part))
        self.not_priced += [
            NotPriced(NO_TURNOVER, moment.day, part.bases[fee.id].reason, between(fee, part.limits[fee.id]))
            for fee in part.missing_fees
        ]
        if part.missing:
            self.partial.append((moment.cycle, part))
        self.undetermined |= part.undetermined
        self.notes += [note for note in part.notes if note not in self.notes]

    def quote(self, moment: Moment, subject: Subject) -> Quote:
        """The quote of the whole event, on the day of the moment."""
        schedule, day = self.tables.schedule(moment.day), reckoned_on(moment, self.days)
        then = turnovers_at(self.question, day, schedule)
        asked: Asked = {
            "event": DeclaredEvent(self.event(moment).id),
            "tariffs": subject.tariffs,
            "qualifications": subject.qualifications,
            "new_tariffs": subject.new_tariffs,
            "new_qualifications": subject.new_qualifications,
            "turnovers": {base: one.amount for base, one in then.items()},
            "vat": self.question.vat,
        }
        checked, _ = question_on(moment.day, asked, self.tables)
        known = {base: one.known for base, one in then.items() if self.question.states(one)}
        unfinished = self.question.unfinished if moment.cycle == 1 else ()
        return priced(checked._replace(known=FrozenDict(known), unfinished=unfinished), schedule, self.tables)


def reckoned_on(moment: Moment, days: Timeline) -> date:
    """The day whose last known turnover counts: a notification's fee is reckoned on that of its application."""
    return moment.day if moment.step is Billed.CONTROL else days.applies(moment.cycle)


def without_price(probations: Iterable[Probation]) -> Iterator[NotPriced]:
    """What becomes of probationary qualifications, where the schedule is silent."""
    for item in probations:
        if item.then == RENEWED:
            message = Message(
                "Renewal of the probationary qualification {code}: the schedule has no price for it, beyond "
                "that of its controls.",
                code=item.code,
            )
            yield NotPriced("probation_renewed", item.day, message)
        elif item.then == TURNED_FULL:
            message = Message(
                "Turning the probationary qualification {code} into a full one: the schedule has no price for it.",
                code=item.code,
            )
            yield NotPriced("probation_turned_full", item.day, message)
