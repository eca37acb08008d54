"""What a plan says beside its amounts, and several plans together: what was assumed, how an amount came about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from opqibi_rules.messages import Message
from opqibi_rules.money import round_cents
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.planning.paid_before import PaidBefore
from opqibi_rules.price.planning.payments import Payment
from opqibi_rules.price.planning.plan_question import PlanQuestion
from opqibi_rules.price.planning.pricing import reckoned_on
from opqibi_rules.price.planning.timeline import Timeline
from opqibi_rules.price.quote import Quote, held_otherwise
from opqibi_rules.price.structure import last_known
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Billed, Role

_LONGEST = 4
"""Years of a cycle."""


def plan_notes(
    question: PlanQuestion, tables: Tables, days: Timeline, payments: Sequence[Payment]
) -> Iterator[Message]:
    """The days that are assumed, the turnovers that are, and where rounding shows."""
    if tables.validity.is_opqibis and not tables.schedule(days.start).is_opqibis:
        yield Message(
            "The days are reckoned with the durations of « {title} »; if the body that publishes the schedule has "
            "others, give them in a validity table of your own.",
            title=tables.validity.title,
        )
    if question.structure is not None:
        yield from question.structure.remarks()
        yield from held_otherwise(
            question.event, question.qualifications, question.structure, question.start, tables
        )
        yield from _another_control(question)
    yield from _rounded_apart(payments)
    if question.year_end == YearEnd(2, 28):
        yield Message(
            "The financial year closes on 28 February, in leap years too; 29/02 is the last of February."
        )
    yield from _assumed_days(days)
    yield from _taken_by_none(question, days, payments)
    yield from _turnovers_grown(question, days, payments)


def _assumed_days(days: Timeline) -> Iterator[Message]:
    """The day that no source gives, and what it was taken to be."""
    if days.control:
        yield Message(
            "The renewal is assumed to be applied for {months} months before the qualifications end: no source read "
            "says how long it takes.",
            months=days.assumed_months,
        )
    elif days.assumed_months is not None:
        yield Message(
            "The notification is assumed on {day:date}, {months} months after the application: no source read says "
            "how long it takes.",
            day=days.notified,
            months=days.assumed_months,
        )


def _turnovers_grown(
    question: PlanQuestion, days: Timeline, payments: Iterable[Payment]
) -> Iterator[Message]:
    """The turnovers that are assumed: those of the years after the one given."""
    for payment in payments:
        moment = payment.moment
        if moment.cycle == 1 and moment.step is not Billed.CONTROL:
            continue  # on the turnover given
        for fee in payment.quote.fees:
            base = payment.quote.bases.get(fee.id)
            if base is not None:
                yield Message(
                    "{fee}, {day:date}: on a turnover of {turnover:euro} (growth: {growth:percent} a year).",
                    fee=fee.name,
                    day=reckoned_on(moment, days),
                    turnover=base.turnover,
                    growth=question.growth,
                )


def _years_between(day: date, start: date) -> int:
    """Near enough to tell of which anniversary a control is."""
    return round((start - day).days * 4 / 1461)


def _another_control(question: PlanQuestion) -> Iterator[Message]:
    """Where a plan starts at a control, and the days of the structure make another one of it."""
    dated = [(item, item.granted_on) for item in question.qualifications if item.granted_on]
    full = [max((day, *item.renewed_on)) for item, day in dated if not item.probationary]
    years = {_years_between(day, question.start): day for day in sorted(full or [day for _, day in dated])}
    within = [number for number in years if 0 <= number <= _LONGEST]  # the others are told as not held
    number = max(within, default=question.control)
    if question.role is Role.CONTROL and number != question.control:
        yield Message(
            "Planned from control {control} of the cycle; by the days of the structure, whose qualifications run "
            "since {day:date}, {start:date} is their anniversary no. {number}. Give the control, if it is another.",
            control=question.control,
            day=years[number],
            start=question.start,
            number=number,
        )


def _taken_by_none(question: PlanQuestion, days: Timeline, payments: Sequence[Payment]) -> Iterator[Message]:
    """The years given beside, whose turnover changes nothing."""
    taken = set()
    for payment in payments if question.by_year else ():
        known = last_known(question.turnovers, reckoned_on(payment.moment, days), question.year_end)
        kinds = {base.kind for fee in payment.quote.fees if (base := payment.quote.bases.get(fee.id))}
        taken |= {one.year for kind, one in known.items() if kind in kinds}
    if years := tuple(item.year for item in question.by_year if item.year not in taken):
        yield Message("Turnovers given that no fee of these years is reckoned on: {years}.", years=years)


def _rounded_apart(payments: Iterable[Payment]) -> Iterator[Message]:
    """Where an event is billed in several invoices, and their VAT is not that of one."""
    events: dict[int, list[Quote]] = defaultdict(list)
    for payment in payments:
        if payment.moment.step is not Billed.CONTROL:
            events[payment.moment.cycle].append(payment.quote)
    for invoices in events.values():
        whole = round_cents(sum((one.total_excl_vat for one in invoices), NO_EUROS) * invoices[0].vat_rate)
        apart = sum((one.vat for one in invoices), NO_EUROS)
        if apart != whole and len({one.vat_rate for one in invoices}) == 1:
            yield Message(
                "VAT is rounded on each invoice: {apart:euro} for {event}; a quote of the whole has {whole:euro}.",
                apart=apart,
                whole=whole,
                event=invoices[0].event.name,
            )


def plan_assumptions(
    question: PlanQuestion,
    tables: Tables,
    payments: Iterable[Payment],
    before: Iterable[PaidBefore],
    *,
    probations: bool,
) -> Iterable[Assumption]:
    """The named assumptions of the days, then those of the amounts, each once."""
    spread = any(
        fee.years
        for fee in (*(fee for one in payments for fee in one.quote.fees), *(item.fee for item in before))
    )
    used = {
        "qualifications-run-from-notification": True,
        "control-on-the-last-day-of-the-certificate": True,
        "renewal-takes-over": any(event.role is Role.RENEWAL for event in question.events),
        "last-day-included": True,
        "added-qualifications-end-with-the-others": any(
            change.add or change.add_tariffs for change in question.changes
        ),
        "probationary-renewed-to-the-end": probations,
        "years-covered-from-the-bill": spread,
        "prepaid-in-proportion-to-time": spread,
        "prepaid-by-calendar-year": spread and not question.year_end_given,
    }
    known = {**tables.validity.named, **tables.accounts.named}
    found = {known[name].id: known[name] for name, is_used in used.items() if is_used and name in known}
    for payment in payments:
        found |= {item.id: item for item in payment.quote.assumptions}
    return found.values()


def said_of_structures(said: Iterable[tuple[str, Iterable[Message]]]) -> list[Message]:
    """What is noted of many structures, each thing once; with one of them by name where days or sums differ."""
    alike: dict[str, dict[int, tuple[str, Message]]] = {}
    for number, (name, notes) in enumerate(said):
        for note in notes:
            alike.setdefault(note.text, {}).setdefault(number, (name, note))
    found = []
    for of_each in alike.values():
        (name, note), *others = of_each.values()
        if not others:
            found.append(Message("{name}: {note}", name=name, note=note))
        elif any(str(other) != str(note) for _, other in others):
            told = Message("{n} structures, {name} among them: {note}", n=len(of_each), name=name, note=note)
            found.append(told)
        else:
            found.append(Message("{n} structures: {note}", n=len(of_each), note=note))
    return found


def said_of_choices(said: Sequence[tuple[Message, Iterable[Message]]]) -> list[Message]:
    """What is noted of a few choices, each note once: under the names of those of which it is said, but for all."""
    alike: dict[str, tuple[Message, list[Message]]] = {}
    for name, notes in said:
        for text, note in {str(note): note for note in notes}.items():
            alike.setdefault(text, (note, []))[1].append(name)
    return [
        note if len(names) == len(said) else Message("{names}: {note}", names=tuple(names), note=note)
        for note, names in alike.values()
    ]
