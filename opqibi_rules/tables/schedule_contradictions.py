"""What is well written in a schedule and cannot be, each with its place."""

import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Found, Path
from opqibi_rules.tables.accounts import PURPOSES
from opqibi_rules.tables.facts import Assumption, Situation
from opqibi_rules.tables.schedule import (
    CAP,
    FLOOR,
    Base,
    Billed,
    Event,
    Fee,
    Flat,
    Part,
    PerQualification,
    PriceList,
    Role,
    Schedule,
    Tranches,
)

_Item = TypeVar("_Item")

_COLUMNS = re.compile(
    "turnover(_.*)?|audit_turnover|event|date|qualification_codes|vat_territory|(new_)?t[0-9]+|row|own_[0-9]+"
    "|error|total_(ex|in)cl_vat|difference|verdict|base|articles|refused"
)
"""What stands beside the names of fees: in a batch, the other columns; in a case, the other amounts expected."""
_OF_A_YEAR = {"year", "closed_on", "document"}
"""What stands beside the amounts of a year in a structure file."""
_OF_A_TURNOVER = frozenset(Situation) - {Situation.ALWAYS, Situation.USED}


def schedule_contradictions(schedule: Schedule) -> Found:
    """All that cannot be in a schedule."""
    for index in _again([event.role for event in schedule.events]):
        yield ("events", index, "role"), Message("another event is this already; keep one.")
    for index in _alike([(event.id, *event.name) for event in schedule.events]):
        yield ("events", index), Message("another event bears this name or this id.")
    for index in _alike([base.name for base in schedule.turnovers]):
        yield ("turnovers", index, "name"), Message("another turnover bears this name.")
    for index in _alike([fee.name for fee in schedule.fees]):
        yield ("fees", index, "name"), Message("another fee bears this name.")
    for index, base in enumerate(schedule.turnovers):
        if base.id in _OF_A_YEAR:
            yield ("turnovers", index, "id"), _taken(base.id)
    yield from _each("prices", schedule.prices, lambda prices: _of_prices(prices, schedule))
    yield from _of_references(schedule)
    yield from _each("fees", schedule.fees, lambda fee: _of_fee(fee, schedule))
    yield from _each("assumptions", schedule.assumptions, lambda item: _of_assumption(item, schedule))


def _again(values: Sequence[object]) -> Iterator[int]:
    """Where a list says what it has said before."""
    return (index for index, value in enumerate(values) if value is not None and value in values[:index])


def _alike(named: Sequence[Iterable[str]]) -> Iterator[int]:
    """Where something is called as one before it is, whatever the case, the accents and the spaces."""
    from opqibi_rules.paper.text import plain_words  # noqa: PLC0415 - not for tables that are known to be right

    met: set[str] = set()
    for index, names in enumerate(named):
        words = {plain_words(name) for name in names}
        if words & met:
            yield index
        met |= words


def _taken(name: str) -> Message:
    return Message("« {id} » means something else; give it another id.", id=name)


def _each(name: str, items: Iterable[_Item], of: Callable[[_Item], Found]) -> Found:
    """What is found in each item of a list."""
    for index, item in enumerate(items):
        for path, message in of(item):
            yield (name, index, *path), message


def _of_prices(prices: PriceList, schedule: Schedule) -> Found:
    for tariff in schedule.tariffs:
        if tariff not in prices.by_tariff:
            message = Message("tariff {tariff} has no price here, and has one elsewhere.", tariff=tariff)
            yield ("by_tariff",), message


def _of_references(schedule: Schedule) -> Found:
    """What is named and not declared, or declared and never named."""
    lists: dict[str, Sequence[Event | Base | PriceList]] = {
        "events": schedule.events,
        "turnovers": schedule.turnovers,
        "prices": schedule.prices,
    }
    declared = {kind: tuple(item.id for item in items) for kind, items in lists.items()}
    taken: set[tuple[str, str]] = set()
    for path, kind, name in _references(schedule):
        taken.add((kind, name))
        if name not in declared[kind]:
            message = Message(
                "« {id} » is not declared in this file; it declares: {known}.", id=name, known=declared[kind]
            )
            yield path, message
    for kind, names in declared.items():
        if kind == "prices" and not any(named == kind for named, _ in taken):
            continue  # no fee counts qualifications: they are asked for by their tariff codes all the same
        for index, name in enumerate(names):
            if (kind, name) not in taken:
                yield (kind, index, "id"), Message("« {id} » is declared, and no fee takes it.", id=name)


def _references(schedule: Schedule) -> Iterator[tuple[Path, str, str]]:
    """Each place that names an event, a turnover or a list of prices: among which of them, and its id."""
    for at, fee in enumerate(schedule.fees):
        for index, event in enumerate(fee.events):
            yield ("fees", at, "events", index), "events", event
        for index, part in enumerate(fee.parts):
            path: Path = ("fees", at, "parts", index)
            if isinstance(part, PerQualification):
                yield (*path, "prices"), "prices", part.prices
            elif isinstance(part, Tranches):
                yield (*path, "turnover"), "turnovers", part.turnover
                for place, other in enumerate(part.exceptions):
                    yield (*path, "exceptions", place, "turnover"), "turnovers", other.turnover


def _of_fee(fee: Fee, schedule: Schedule) -> Found:
    if fee.id in PURPOSES or _COLUMNS.fullmatch(fee.id) or hasattr(FrozenDict, fee.id):
        yield ("id",), _taken(fee.id)
    if fee.years == 0:
        yield ("years",), Message("at least one year is expected.")
    events = [event for event in schedule.events if event.id in fee.events]
    yield from _of_billing(fee, events)
    for index in [index for index, part in enumerate(fee.parts) if isinstance(part, Tranches)][1:]:
        yield ("parts", index), Message("a fee takes one turnover; make another fee of this part.")
    takes_new = any(map(schedule.takes_new, events))
    yield from _each("parts", fee.parts, lambda part: _of_part(part, takes_new=takes_new))


def _of_billing(fee: Fee, events: Iterable[Event]) -> Found:
    """At a control, its fees are billed with it, and with it alone; an event without a role leaves the choice."""
    for event in events:
        if event.role is not None and (event.role is Role.CONTROL) != (fee.billed is Billed.CONTROL):
            message = Message(
                "{event} is not billed then: the fees of a control, and they alone, are billed « control »; "
                "make another fee for it.",
                event=event.name,
            )
            yield ("billed",), message


def _of_part(part: Part, *, takes_new: bool) -> Found:
    if part.id in {FLOOR, CAP}:
        yield ("id",), _taken(part.id)
    match part:
        case Tranches():
            yield from _of_bases(part)
            if part.floor and part.cap and part.floor.amount > part.cap.amount:
                yield ("floor", "amount"), Message("the floor is over the cap.")
            yield from _of_tranches(part)
        case PerQualification():
            message = Message("write « {{tariff}} » where the tariff code stands, and no other brace.")
            yield from _of_label(part, {"tariff"}, message)
        case Flat():
            yield from _of_label(part, set(), Message("no brace is expected here."))
            if part.when and not takes_new:
                yield ("when",), Message("nothing new can be asked for at the events of this fee.")


def _of_label(part: Flat | PerQualification, expected: set[str], message: Message) -> Found:
    for language, text in part.label._asdict().items():
        if _placeholders(text) != expected:
            yield ("label", language), message


def _placeholders(text: str) -> set[str | None]:
    """The names between braces; ``None`` where a brace is not one of a pair, or says how to write the value."""
    try:
        fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return {None}
    return {None if written or conversion else name for _, name, written, conversion in fields}


def _of_bases(part: Tranches) -> Found:
    for index in _again([part.turnover, *(other.turnover for other in part.exceptions)]):
        message = Message("this turnover is taken already; an exception takes another.")
        yield ("exceptions", index - 1, "turnover"), message


def _of_tranches(part: Tranches) -> Found:
    endless = [index for index, tranche in enumerate(part.tranches, 1) if tranche.up_to is None]
    if not endless:
        message = Message("the last tranche has a limit; without « up_to: null », no fee is known above.")
        yield ("tranches", len(part.tranches) - 1, "up_to"), message
    elif endless[0] < len(part.tranches):
        message = Message("a tranche after the one without limit; only the last has none.")
        yield ("tranches", endless[0]), message
        return
    for index, (before, tranche) in enumerate(pairwise(part.tranches), 1):
        if tranche.above != before.up_to:
            message = Message(
                "starts above {above:euro} where the tranche before ends at {expected:euro}; "
                "tranches follow one another, without gap nor overlap.",
                above=tranche.above,
                expected=before.up_to,
            )
            yield ("tranches", index, "above"), message
    for index, tranche in enumerate(part.tranches):
        if tranche.up_to is not None and tranche.up_to <= tranche.above:
            yield ("tranches", index, "up_to"), Message("ends where it starts, or before.")


def _of_assumption(assumption: Assumption, schedule: Schedule) -> Found:
    """Where a price would never say that it rests on it, although the file says when."""
    named, when = assumption.part, assumption.when
    parts = _named_parts(named or "", schedule)
    kinds = set(map(type, parts))
    if (named is None) != (when in {None, Situation.ALWAYS}):
        message = Message(
            "« part » and « when » go together; « always », for the whole schedule, stands alone."
        )
        yield ("part" if named else "when",), message
    elif named is not None and not parts:
        message = Message("« {part} » is not a part of a fee here; write FEE or FEE.PART.", part=named)
        yield ("part",), message
    elif when in _OF_A_TURNOVER and Tranches not in kinds:
        yield ("when",), Message("that part never comes into this situation.")
    priced = schedule.tariffs if PerQualification in kinds else ()
    for tariff in sorted(assumption.tariffs.difference(priced)):
        yield ("tariffs",), Message("tariff {tariff} is not priced by that part.", tariff=tariff)


def _named_parts(written: str, schedule: Schedule) -> list[Part]:
    """The parts that FEE or FEE.PART stands for."""
    name, _, piece = written.partition(".")
    fee = schedule.fee(name)
    return [part for part in (fee.parts if fee else ()) if not piece or part.id == piece]
