"""What is well written in a schedule and cannot be, each with its place."""

import re
import string
from collections.abc import Iterable, Iterator
from decimal import Decimal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Path
from opqibi_rules.tables.accounts import PURPOSES
from opqibi_rules.tables.facts import Assumption, Situation
from opqibi_rules.tables.schedule import (
    CAP,
    FLOOR,
    Billed,
    Event,
    Fee,
    Flat,
    Part,
    PerQualification,
    Role,
    Schedule,
    Tranches,
)

Found = Iterator[tuple[Path, Message]]

_COLUMNS = re.compile(
    "turnover(_.*)?|audit_turnover|event|date|error|total_excl_vat|difference|verdict|(new_)?t[0-9]+"
)
"""The columns of a batch beside those that bear the names of fees."""
_OF_A_TURNOVER = frozenset(Situation) - {Situation.ALWAYS, Situation.USED}


def schedule_contradictions(schedule: Schedule) -> Found:
    """All that cannot be in a schedule."""
    roles = [event.role for event in schedule.events]
    for index, event in enumerate(schedule.events):
        if event.role is not None and event.role in roles[:index]:
            yield ("events", index, "role"), Message("another event is this already; keep one.")
        if not schedule.borne(event):
            yield ("events", index, "id"), Message("no fee is due at this event.")
    for index, prices in enumerate(schedule.prices):
        for tariff in (tariff for tariff in schedule.tariffs if tariff not in prices.by_tariff):
            message = Message("tariff {tariff} has no price here, and has one elsewhere.", tariff=tariff)
            yield ("prices", index, "by_tariff"), message
    yield from _unused(schedule)
    for index, fee in enumerate(schedule.fees):
        for path, message in _of_fee(fee, schedule):
            yield ("fees", index, *path), message
    for index, assumption in enumerate(schedule.assumptions):
        for path, message in _of_assumption(assumption, schedule):
            yield ("assumptions", index, *path), message


def _parts(schedule: Schedule) -> list[Part]:
    return [part for fee in schedule.fees for part in fee.parts]


def _unused(schedule: Schedule) -> Found:
    """What is declared, and no part ever takes."""
    parts = _parts(schedule)
    used = {part.prices for part in parts if isinstance(part, PerQualification)}
    for part in parts:
        if isinstance(part, Tranches):
            used |= {part.turnover, *(other.turnover for other in part.exceptions)}
    declared = {
        "turnovers": [base.id for base in schedule.turnovers],
        "prices": [prices.id for prices in schedule.prices],
    }
    for name, identifiers in declared.items():
        for index, identifier in enumerate(identifiers):
            if identifier not in used:
                message = Message("« {id} » is declared, and no part of a fee takes it.", id=identifier)
                yield (name, index, "id"), message


def _unknown(identifier: str, known: Iterable[str]) -> Message:
    return Message(
        "« {id} » is not declared in this file; it declares: {known}.", id=identifier, known=tuple(known)
    )


def _of_fee(fee: Fee, schedule: Schedule) -> Found:
    if fee.id in PURPOSES or _COLUMNS.fullmatch(fee.id) or hasattr(FrozenDict, fee.id):
        yield ("id",), Message("« {id} » means something else; give the fee another id.", id=fee.id)
    if any(fee.name == other.name for other in schedule.fees[: schedule.fees.index(fee)]):
        yield ("name",), Message("another fee bears this name.")
    if fee.years == 0:
        yield ("years",), Message("at least one year is expected.")
    yield from _of_its_events(fee, schedule)
    for index in [index for index, part in enumerate(fee.parts) if isinstance(part, Tranches)][1:]:
        yield ("parts", index), Message("a fee takes one turnover; make another fee of this part.")
    for index, part in enumerate(fee.parts):
        for path, message in _of_part(part, fee, schedule):
            yield ("parts", index, *path), message


def _of_its_events(fee: Fee, schedule: Schedule) -> Found:
    events = {event.id: event for event in schedule.events}
    for index, name in enumerate(fee.events):
        if name not in events:
            yield ("events", index), _unknown(name, events)
        elif _billed_otherwise(fee, events[name]):
            yield ("billed",), Message("{event} is not billed then.", event=events[name].name)


def _billed_otherwise(fee: Fee, event: Event) -> bool:
    """At a control, its fees are billed with it, and with it alone; an event without a role leaves the choice."""
    return event.role is not None and (event.role is Role.CONTROL) != (fee.billed is Billed.CONTROL)


def _of_part(part: Part, fee: Fee, schedule: Schedule) -> Found:
    if part.id in {FLOOR, CAP}:
        yield ("id",), Message("« {id} » means something else; give the part another id.", id=part.id)
    if isinstance(part, Tranches):
        yield from _of_bases(part, schedule)
        yield from _of_tranches(part)
        return
    yield from _of_label(part, {"tariff"} if isinstance(part, PerQualification) else set())
    if isinstance(part, Flat):
        events = [event for event in schedule.events if event.id in fee.events]
        if part.when and not any(schedule.takes_new(event) for event in events):
            yield ("when",), Message("nothing new can be asked for at the events of this fee.")
    elif part.prices not in (known := [prices.id for prices in schedule.prices]):
        yield ("prices",), _unknown(part.prices, known)


def _of_label(part: Flat | PerQualification, expected: set[str]) -> Found:
    for language, text in part.label._asdict().items():
        if _placeholders(text) != expected:
            message = Message("write « {{tariff}} » where the tariff code stands, and no other brace.")
            yield ("label", language), message if expected else Message("no brace is expected here.")


def _placeholders(text: str) -> set[str | None]:
    """The names between braces; ``None`` where a brace is not one of a pair, or says how to write the value."""
    try:
        fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return {None}
    return {None if written or conversion else name for _, name, written, conversion in fields}


def _of_bases(part: Tranches, schedule: Schedule) -> Found:
    known = [base.id for base in schedule.turnovers]
    named: list[tuple[Path, str]] = [(("turnover",), part.turnover)]
    named += [
        (("exceptions", index, "turnover"), item.turnover) for index, item in enumerate(part.exceptions)
    ]
    for index, (path, name) in enumerate(named):
        if name not in known:
            yield path, _unknown(name, known)
        if any(name == other for _, other in named[:index]):
            yield path, Message("this turnover is taken already; an exception takes another.")


def _of_tranches(part: Tranches) -> Found:
    expected: Decimal | None = part.tranches[0].above
    for index, tranche in enumerate(part.tranches):
        if expected is None:
            message = Message("a tranche after the one without limit; only the last has none.")
            yield ("tranches", index), message
            break
        if tranche.above != expected:
            message = Message(
                "starts above {above:euro} where the tranche before ends at {expected:euro}; "
                "tranches follow one another, without gap nor overlap.",
                above=tranche.above,
                expected=expected,
            )
            yield ("tranches", index, "above"), message
        if tranche.up_to is not None and tranche.up_to <= tranche.above:
            yield ("tranches", index, "up_to"), Message("ends where it starts, or before.")
        expected = tranche.up_to
    else:
        if expected is not None:
            message = Message("the last tranche has a limit; without « up_to: null », no fee is known above.")
            yield ("tranches", len(part.tranches) - 1, "up_to"), message
    if part.floor and part.cap and part.floor.amount > part.cap.amount:
        yield ("floor", "amount"), Message("the floor is over the cap.")


def _of_assumption(assumption: Assumption, schedule: Schedule) -> Found:
    """Where a price would never say that it rests on it, although the file says when."""
    parts = _named_parts(assumption.part, schedule)
    if assumption.part is not None and not parts:
        yield (
            ("part",),
            Message("« {part} » is not a part of a fee here; write FEE or FEE.PART.", part=assumption.part),
        )
        return
    if assumption.when is None and assumption.part is not None:
        yield ("part",), Message("« when » must say in which situation a price rests on it.")
    if assumption.when is Situation.ALWAYS and assumption.part is not None:
        yield ("when",), Message("« always » is for the whole schedule; leave « part » out.")
    if assumption.when not in {None, Situation.ALWAYS} and assumption.part is None:
        yield ("when",), Message("« part » must say whose situation that is.")
    by_tranches = any(isinstance(part, Tranches) for part in parts)
    if parts and assumption.when in _OF_A_TURNOVER and not by_tranches:
        yield ("when",), Message("that part never comes into this situation.")
    priced = [part for part in parts if isinstance(part, PerQualification)]
    for tariff in sorted(assumption.tariffs):
        if not priced or tariff not in schedule.tariffs:
            yield ("tariffs",), Message("tariff {tariff} is not priced by that part.", tariff=tariff)


def _named_parts(written: str | None, schedule: Schedule) -> list[Part]:
    """The parts that FEE or FEE.PART stands for."""
    name, _, piece = (written or "").partition(".")
    fee = schedule.fee(name)
    return [part for part in (fee.parts if fee else ()) if not piece or part.id == piece]
