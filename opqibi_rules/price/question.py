"""The question behind a price: an event, on a day, for some qualifications and turnovers.

:class:`Asked` says once what may be asked, as every door takes it; :func:`question` checks it against the
schedule of its day and makes a :class:`Question` of it. What is counted by tariff code and what is named by
code come together here: each named qualification gets the tariff code that was given with it, else the
nomenclature's; where nobody gave one, the question is refused.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Literal, NamedTuple, NewType, NoReturn, TypedDict

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import FileError, RequestError, UnknownCodeError, UnknownTariffError, meant
from opqibi_rules.frozen import FrozenDict, made
from opqibi_rules.messages import Message, marked, plural
from opqibi_rules.money import plain, to_amount
from opqibi_rules.paper.shape import Json, iso
from opqibi_rules.price.fees import NO_COUNTS, Counts, Held
from opqibi_rules.price.structure import KnownTurnover, Qualification, Structure, Turnover
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Event, Schedule

if TYPE_CHECKING:
    from opqibi_rules.tables.nomenclature import NomenclatureEntry

MOST_OF_A_TARIFF = 1000
"""The nomenclature holds some 190 qualifications: a larger count is a typing error, and is refused."""

AUDIT = "energy_audit"
"""The turnover that ``audit_turnover`` gives, where a schedule has it."""

MAINLAND = "metropolitan"
"""The territory whose VAT is meant where none is named."""

_TARIFF = r"[0-9]{1,2}"

DeclaredEvent = NewType("DeclaredEvent", str)
"""The id of an event that a schedule of one's own declares; it is checked when the question is asked."""
EventName = Literal["first", "renewal", "control"] | DeclaredEvent
"""An event of the shipped schedules, whose name a type checker reads; or :data:`DeclaredEvent`."""
Amount = Decimal | int | str
ByTariff = Mapping[int, int] | Mapping[str, int]
"""Counts by tariff code; a code may be text, as in JSON."""
Qualifications = Iterable[str | Qualification]


class Asked(TypedDict, total=False):
    """What may be asked, in the words of every door: Python, command line, page, HTTP, assistants, files."""

    event: EventName | None
    """An event that the schedule declares; by default its first: ``first``, a first application."""
    tariffs: ByTariff | None
    """How many qualifications by tariff code, ``{1: 5, 2: 3}``."""
    qualifications: Qualifications | None
    # In Python, `Qualification` too: not said to who asks in JSON, who is told what follows.
    """``"CODE"`` or ``"CODE:TARIFF"``."""
    probationary: Qualifications | None
    """The same, probationary; the schedule prices them alike."""
    new_tariffs: ByTariff | None
    """Those newly asked for at a control, as ``tariffs``."""
    new_qualifications: Qualifications | None
    """The same, as ``qualifications``."""
    turnover: Amount | None
    """Last known turnover on which the fee is reckoned in general (« ingénierie »), euros excl. VAT, certified."""
    audit_turnover: Amount | None
    """Last known « audit énergétique » turnover, euros excl. VAT."""
    turnovers: Mapping[str, Amount | None] | None
    """Turnovers by the ids that the schedule declares, where it declares others."""
    structure: Structure | None
    # In Python, what a structure file holds too, as a mapping.
    """Its qualifications, last turnovers and territory stand where the other fields are silent."""
    vat: str | Decimal | None
    """A territory of the VAT table (default: mainland France) or a rate, ``"8,5 %"`` or ``"0.085"``."""


_NONE_KNOWN: Mapping[str, KnownTurnover] = FrozenDict()


class Question(NamedTuple):
    """A question that holds together, under the schedule of its day."""

    event: str
    on: date
    tariffs: Counts
    """How many qualifications by tariff code, those named below excluded."""
    qualifications: tuple[Qualification, ...]
    new_tariffs: Counts
    """Those asked for at a control, on top of those held."""
    new_qualifications: tuple[Qualification, ...]
    turnovers: Mapping[str, Decimal]
    """Last known turnovers by the schedule's ids, euros excl. VAT; only those given."""
    vat: str
    known: Mapping[str, KnownTurnover] = _NONE_KNOWN
    """Of which year each is, and who says so, where it is that of a structure."""
    unfinished: tuple[int, ...] = ()
    """The years of the structure that are not over, whose turnovers do not count."""
    structure: Structure | None = None
    """The one asked about."""

    def place(self, index: int) -> str:
        """Where a named qualification stands, as ``probationary[1]``; those newly asked for come after the others."""
        held = self.qualifications
        if index >= len(held):
            return f"new_qualifications[{index - len(held)}]"
        probationary = held[index].probationary
        before = sum(item.probationary is probationary for item in held[:index])
        return f"{'probationary' if probationary else 'qualifications'}[{before}]"

    def to_dict(self, schedule: Schedule) -> Json:
        """The arguments of :func:`~opqibi_rules.price.quote.quote` that ask the same question again."""
        event, on, tariffs, held, new_tariffs, new, turnovers, vat, known, unfinished, structure = self[:]
        if known or unfinished:
            turnovers = _NO_TURNOVERS  # the structure's own
        general = schedule.turnovers[0].id if schedule.turnovers else ""
        turnover, audit = turnovers.get(general), turnovers.get(AUDIT) if general != AUDIT else None
        result: Json = {
            "event": event,
            "on": iso(on),
            "tariffs": {f"{tariff}": count for tariff, count in tariffs.items()} if tariffs else {},
            "qualifications": [str(item) for item in held if not item.probationary] if held else [],
            "probationary": [str(item) for item in held if item.probationary] if held else [],
            "new_tariffs": {f"{tariff}": count for tariff, count in new_tariffs.items()}
            if new_tariffs
            else {},
            "new_qualifications": [str(item) for item in new] if new else [],
            "turnover": None if turnover is None else plain(turnover),
            "audit_turnover": None if audit is None else plain(audit),
            "vat": vat,
        }
        if structure is not None:
            result["structure"] = structure.to_dict()
        if len(turnovers) > (turnover is not None) + (audit is not None):
            others = turnovers.keys() - {general, AUDIT}
            result["turnovers"] = {base: plain(turnovers[base]) for base in turnovers if base in others}
        return result


def question(on: date | str, asked: Asked, tables: Tables) -> tuple[Question, Schedule]:
    """What is asked, checked against the schedule of its day; and that schedule.

    Raises:
        RequestError: an unknown event, tariff code or turnover, an absurd count, no qualification where the event's
            fees count them.
        AmountError: a turnover that is negative, absurd, a float or no amount.
        DateError: no day, or one before the first schedule.
    """
    day = on if type(on) is date else to_day(on, "on")
    schedule = tables.schedule(day)
    event = schedule.event(asked.get("event"))
    structure = structure_of(asked, tables)
    named = held_by(asked)
    counted = as_counts(asked.get("tariffs"), schedule, "tariffs")
    vat = asked.get("vat")
    if structure is not None:
        named = named if named or counted else structure.held_on(day)
        vat = structure.territory if vat is None else vat
    new_counted, new_named = _new_requests(asked, schedule, event)
    if not named and not any(counted.values()) and schedule.counts(event):
        if new_named or any(new_counted.values()):
            raise RequestError(
                "None but new qualifications is given; those held are expected too.", field="tariffs"
            )
        raise nothing_given()
    turnovers = as_turnovers(asked, schedule)
    vat = MAINLAND if vat is None else vat_text(vat)
    found = made(
        Question,
        (event.id, day, counted, named, new_counted, new_named, turnovers, vat, _NONE_KNOWN, (), structure),
    )
    if structure is None:
        return found, schedule
    if turnovers or not structure.turnovers:
        return found, schedule
    known = structure.turnovers_known(day, schedule)
    return found._replace(
        turnovers=FrozenDict({base: item.amount for base, item in known.items()}),
        known=known,
        unfinished=structure.unfinished(day),
    ), schedule


def _new_requests(asked: Asked, schedule: Schedule, event: Event) -> tuple[Counts, tuple[Qualification, ...]]:
    """What is asked for on top of what is held, by tariff code and by code."""
    new, new_tariffs = asked.get("new_qualifications"), asked.get("new_tariffs")
    if not new and not new_tariffs:
        return NO_COUNTS, ()
    named = as_qualifications(new, "new_qualifications") if new else ()
    counted = as_counts(new_tariffs, schedule, "new_tariffs")
    if (named or any(counted.values())) and not schedule.takes_new(event):
        raise RequestError(
            "New qualifications on top of those held: not for this event ({event}), where all the qualifications "
            "asked for are given alike. Events that price them apart: {known}.",
            event=event.name,
            known=tuple(other.id for other in schedule.events if schedule.takes_new(other)),
            field="new_qualifications" if named else "new_tariffs",
        )
    return counted, named


def nothing_given() -> RequestError:
    """The refusal of a question about no qualification."""
    return RequestError("No qualification is given; at least one is expected.", field="tariffs")


def held_by(asked: Asked) -> tuple[Qualification, ...]:
    """The qualifications that are named, full then probationary."""
    full, probationary = asked.get("qualifications"), asked.get("probationary")
    named = as_qualifications(full, "qualifications") if full else ()
    if not probationary:
        return named
    return (*named, *as_qualifications(probationary, "probationary", probationary=True))


def as_turnovers(asked: Asked, schedule: Schedule, others: Sequence[Schedule] = ()) -> Mapping[str, Decimal]:
    """The turnovers given, by the ids of the schedule, or of the ``others`` that price what is asked.

    Raises:
        RequestError: a turnover that the schedule does not know, one given twice, or one where no fee takes any.
        AmountError: one that is no amount.
    """
    turnover, audit, by_id = asked.get("turnover"), asked.get("audit_turnover"), asked.get("turnovers")
    if audit is None and not by_id and (turnover is None or schedule.turnovers):
        if turnover is None:
            return _NO_TURNOVERS
        return FrozenDict({schedule.turnovers[0].id: to_amount(turnover, "turnover")})
    if by_id is not None:
        as_mapping(by_id, "turnovers")
    given: list[tuple[str, str, Amount | None]] = [
        ("turnovers", base, item) for base, item in (by_id or {}).items()
    ]
    if turnover is not None:
        declared = turnovers_declared((schedule, *others))
        if not declared:
            raise RequestError(
                "turnover: no fee of the schedule {id} is reckoned on one; leave it out.",
                id=schedule.id,
                field="turnover",
            )
        given.append(("turnover", declared[0], turnover))
    if audit is not None:
        given.append(("audit_turnover", AUDIT, audit))
    return FrozenDict(_by_base(given, (schedule, *others)))


def turnovers_declared(schedules: Iterable[Schedule]) -> tuple[str, ...]:
    """The ids of the turnovers on which some schedules reckon, each once."""
    return tuple(dict.fromkeys(base.id for schedule in schedules for base in schedule.turnovers))


def _by_base(
    given: Iterable[tuple[str, str, Amount | None]], schedules: Sequence[Schedule]
) -> dict[str, Decimal]:
    """Amounts by base, from the fields that gave them."""
    known = turnovers_declared(schedules)
    found: dict[str, Decimal] = {}
    for field, base, amount in given:
        if base not in known:
            raise RequestError(_unknown_turnover(field, base, schedules), field=field)
        if base in found:
            raise RequestError("turnover {base}: given twice; give one.", field=field, base=base)
        if amount is not None:
            found[base] = to_amount(amount, field)
    return found


def _unknown_turnover(field: str, base: object, schedules: Sequence[Schedule]) -> Message:
    known, name = turnovers_declared(schedules), str(base)[:40]
    if len(schedules) == 1:
        return Message(
            "{field}: the schedule {id} knows no turnover « {base} »; it knows: {known}.",
            field=field,
            id=schedules[0].id,
            base=name,
            known=known,
        )
    return Message(
        "{field}: none of the schedules {ids} knows a turnover « {base} »; they know: {known}.",
        field=field,
        ids=tuple(schedule.id for schedule in schedules),
        base=name,
        known=known,
    )


_NO_TURNOVERS: Mapping[str, Decimal] = FrozenDict()


def structure_of(asked: Asked, tables: Tables) -> Structure | None:
    """The structure asked about; what a structure file holds, as a mapping, is read.

    Raises:
        RequestError: it is neither, a mapping is wrong in itself, or a year has a turnover that no schedule at hand
            declares.
    """
    structure: object = asked.get("structure")
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        structure = from_plain(structure, "", "structure")
    if not isinstance(structure, Structure):
        raise RequestError(
            "structure: {value} is no Structure; read_structure reads one from a file.",
            value=shown(structure),
            field="structure",
        )
    for index, year in enumerate(structure.turnovers):
        refuse_undeclared(year, tables, f"structure.turnovers[{index}]")
    return structure


def refuse_undeclared(year: Turnover, tables: Tables, field: str) -> None:
    """Refuse a turnover of a year, which stands at ``field``, that no schedule at hand declares: nobody reads it.

    Raises:
        RequestError: there is one.
    """
    if not year.amounts:
        return
    known = turnovers_declared(tables.schedules)
    for base in year.amounts:
        if base not in known:
            raise RequestError(
                "« {name} » is not one of {known}.",
                name=shown(base),
                known=known,
                field=f"{field}.{shown(base)}",
            )


def refuse_unknown(asked: Mapping[str, object], kind: type) -> None:
    """Refuse an argument that nobody reads, rather than pass it over.

    Raises:
        RequestError: its name is not one of the fields of ``kind``.
    """
    known = kind.__annotations__
    for name in asked:
        if name not in known:
            problem = Message(
                "« {name} » is no argument; known: {known}.", name=name[:40], known=tuple(known)
            )
            raise RequestError(meant(problem, name, known), field=name)


def as_qualifications(
    items: Qualifications, name: str = "qualifications", *, probationary: bool = False
) -> tuple[Qualification, ...]:
    """Qualifications given under ``name``: ``"CODE"``, ``"CODE:TARIFF"``, as a structure file has them, as they are.

    Raises:
        RequestError: a text that is no qualification, or one text instead of a list.
    """
    if isinstance(items, str):
        raise RequestError(
            "A list of qualifications is expected, not the text « {text} ».",
            text=items[:40],
            field=name,
        )
    refuse_no_list(items, name)
    return tuple(
        _qualification(item, name, index, probationary=probationary) for index, item in enumerate(items)
    )


def refuse_no_list(items: object, name: str) -> None:
    """Refuse what is no list of things.

    Raises:
        RequestError: a text, a mapping, or what is no collection.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise RequestError("{name}: {value} is not a list.", name=name, value=shown(items), field=name)


def from_plain(value: object, name: str, field: str) -> Structure:
    """The structure of which ``value`` is a part in the words of a structure file, where it is a mapping.

    Raises:
        RequestError: it is none, or all that is wrong in it, each thing at its place under ``field``; the error's own
            field is the place of the first.
    """
    if not isinstance(value, Mapping):
        raise RequestError("{name}: {value} is not understood.", name=field, field=field, value=shown(value))
    from opqibi_rules.price.files.structure_file import structure_from  # noqa: PLC0415 - loads pydantic

    try:
        return structure_from({name: [dict(value)]} if name else value)
    except FileError as error:
        # Nobody wrote the text that it was read from: its lines and columns say nothing.
        own = f"$.{name}[0]" if name else "$"
        wrong = [(field + mistake.path.removeprefix(own), mistake.message) for mistake in error.mistakes]
    told = [Message("{field}: {problem}", field=place, problem=problem) for place, problem in wrong]
    raise RequestError(
        reduce(lambda first, other: Message("{told} {other}", told=first, other=other), told),
        field=wrong[0][0],
    )


def _qualification(item: object, name: str, index: int, *, probationary: bool) -> Qualification:
    if isinstance(item, Mapping):
        (item,) = from_plain(item, "qualifications", f"{name}[{index}]").qualifications
    if isinstance(item, str):
        return Qualification.parse(item, probationary=probationary, field=name)
    if not isinstance(item, Qualification):
        raise RequestError(
            "{value} is not a qualification; give a text, as 1905 or 1905:5 with its leading zero, or a "
            "Qualification.",
            value=shown(item),
            field=name,
        )
    return replace(item, probationary=True) if probationary else item


def as_counts(given: ByTariff | None, schedule: Schedule, name: str) -> Counts:
    """Counts by tariff code of the schedule, given under ``name``.

    Raises:
        RequestError: a tariff code that the schedule does not price, or a count that cannot be.
    """
    if not given:
        return NO_COUNTS
    counts: dict[int, int] = {}
    priced = schedule.tariffs
    for key, count in as_mapping(given, name).items():
        tariff = key if type(key) is int else tariff_code(key)
        if type(tariff) is not int or tariff not in priced:
            _refuse_tariff(tariff, schedule, name)
        if type(count) is not int or not 0 <= count <= MOST_OF_A_TARIFF:
            _refuse_count(tariff, count, name)
        if tariff in counts:
            raise RequestError(
                "{name}: tariff {tariff} is given twice; give one count.",
                name=name,
                tariff=tariff,
                field=name,
            )
        counts[tariff] = count
    return FrozenDict(counts)


def tariff_code(key: object) -> object:
    """The code of a tariff, given as a number or as a text, as JSON has it; anything else as it is."""
    return int(key) if type(key) is str and re.fullmatch(_TARIFF, key) else key


def as_mapping(given: object, name: str) -> Mapping[object, object]:
    """What is given under ``name``, by tariff code or by turnover.

    Raises:
        RequestError: it is no mapping.
    """
    if type(given) is dict or isinstance(given, Mapping):
        return given
    raise RequestError(
        "{name}: {value} is no mapping; five at tariff 1 is {{1: 5}}, a turnover {{ID: amount}}.",
        name=name,
        value=shown(given),
        field=name,
    )


def _refuse_count(tariff: int, count: object, name: str) -> NoReturn:
    if type(count) is int:
        message = marked("{name}: {count} qualifications at tariff {tariff}; from 0 to {most} are accepted.")
    else:
        message = marked("{name}: the count of tariff {tariff} is {count}; a whole number is expected.")
    raise RequestError(
        message, name=name, tariff=tariff, count=shown(count), most=MOST_OF_A_TARIFF, field=name
    )


def _refuse_tariff(tariff: object, schedule: Schedule, field: str) -> NoReturn:
    raise RequestError(
        "« {tariff} » is not a tariff code of the schedule {id}; its codes: {tariffs}.",
        tariff=shown(tariff),
        id=schedule.id,
        tariffs=schedule.tariffs,
        field=field,
    )


def shown(value: object) -> str:
    """A wrong value, short enough for a sentence."""
    # Python does not write an integer of thousands of digits; a Decimal has no such limit.
    return str(Decimal(value) if type(value) is int else value)[:40]


def vat_text(vat: object) -> str:
    """A rate or a territory as text; a ``float`` rate is refused, for it is not exact."""
    if isinstance(vat, str):
        return vat
    if (isinstance(vat, Decimal) and vat.is_finite()) or type(vat) is int:
        return format(Decimal(vat), "f")
    raise RequestError(
        "vat: {value} is neither a rate nor a territory; give a text or a Decimal, never a float.",
        value=shown(vat),
        field="vat",
    )


def tariffs_of(
    named: Iterable[Qualification],
    schedule: Schedule,
    tables: Tables,
    notes: list[Message],
    place: Callable[[int], str],
) -> Mapping[str, int]:
    """The tariff code of each named qualification: the one given, else the nomenclature's.

    ``place`` says where the qualification of a number stands in the question, for an error.

    Raises:
        RequestError: a code given twice, or a tariff code that the schedule does not price.
        UnknownTariffError: nobody gave the tariff code.
    """
    known = tables.nomenclature.entries
    by_code: dict[str, int] = {}
    unpriced: dict[str, int] = {}
    for index, item in enumerate(named):
        if item.code in by_code or item.code in unpriced:
            raise RequestError(
                Message("Qualification {code} is given twice; each is priced once.", code=item.code),
                field=place(index),
                codes=(item.code,),
            )
        entry = known.get(item.code)
        tariff = entry.tariff if item.tariff is None and entry else item.tariff
        if tariff is None:
            unpriced[item.code] = index
            continue
        if type(tariff) is not int or tariff not in schedule.tariffs:
            _refuse_tariff(tariff, schedule, place(index))
        by_code[item.code] = tariff
        notes += _remarks(item.code, tariff, entry)
    if unpriced:
        _refuse_unpriced(tuple(unpriced), known, place(next(iter(unpriced.values()))))
    notes += [reason for _, reason in entailed_together(by_code, tables)]
    return by_code


def entailed_together(codes: Iterable[str], tables: Tables) -> Iterator[tuple[str, Message]]:
    """Those of some codes that another of them entails, and what the schedule leaves open of them."""
    known, asked = tables.nomenclature.entries, tuple(codes)
    for code in asked:
        for entailed in known[code].entails if code in known else ():
            if entailed in asked:
                reason = Message(
                    "{code} entails {entailed}; the schedule does not say whether the latter is then billed. "
                    "Both are priced here.",
                    code=code,
                    entailed=entailed,
                )
                yield entailed, reason


def _remarks(code: str, tariff: int, entry: "NomenclatureEntry | None") -> Iterator[Message]:
    """What the nomenclature has to say of a qualification priced at a tariff."""
    if entry is None:
        yield Message("{code} is not in the nomenclature at hand, an extract; check it.", code=code)
    elif entry.tariff not in {None, tariff}:
        yield Message(
            "{code}: tariff {given} was given, the nomenclature says {recorded}; {given} is used.",
            code=code,
            given=tariff,
            recorded=entry.tariff,
        )


def _refuse_unpriced(codes: tuple[str, ...], known: Mapping[str, object], field: str) -> NoReturn:
    unknown = [code for code in codes if code not in known]
    ways = Message(
        "The published schedule does not give the tariff code of each qualification (see the nomenclature or "
        "your last invoice). Four ways to give it: with the code ({code}:5), as counts by tariff code, in a "
        "structure file, or in your own nomenclature table.",
        code=codes[0],
    )
    if unknown:
        raise UnknownCodeError(
            Message(
                "Not in the nomenclature at hand, an extract, and so without a known tariff code: {codes}. "
                "Check the code. {ways}",
                codes=tuple(unknown),
                ways=ways,
            ),
            field=field,
            codes=codes,
        )
    raise UnknownTariffError(
        plural(
            "The tariff code of {codes} is not known. {ways}",
            "The tariff codes of {codes} are not known. {ways}",
            n=len(codes),
            codes=codes,
            ways=ways,
        ),
        field=field,
        codes=codes,
    )


def together(counts: Counts, named: Iterable[Qualification], by_code: Mapping[str, int]) -> Held:
    """The counts with the named qualifications added, and the codes of these by tariff."""
    total = dict(counts)
    codes: dict[int, tuple[str, ...]] = {}
    for item in sorted(named, key=lambda item: item.code):
        tariff = by_code[item.code]
        total[tariff] = total.get(tariff, 0) + 1
        codes[tariff] = (*codes.get(tariff, ()), item.code)
    return Held(total, codes)
