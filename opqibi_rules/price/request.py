"""The question behind a quote: an event, on a day, for some qualifications and a turnover, checked.

What is counted by tariff code and what is named by code come together here: each named qualification gets the
tariff code that was given with it, else the nomenclature's; where nobody gave one, the question is refused.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from opqibi_rules.errors import RequestError, UnknownCodeError, UnknownTariffError
from opqibi_rules.messages import Message, plural
from opqibi_rules.money import plain
from opqibi_rules.price.structure import Qualification
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule

EVENTS = ("first", "renewal", "control")


EVENT_NAMES: Mapping[str, Message] = {
    "first": Message("first application"),
    "renewal": Message("renewal"),
    "control": Message("annual control"),
}


NONE: Mapping[int, int] = MappingProxyType({})


MOST_OF_A_TARIFF = 1000
"""The nomenclature holds some 190 qualifications: a larger count is a typing error, and is refused."""


_TARIFF = r"[0-9]{1,2}"


class QuoteRequest(NamedTuple):
    """The question: an event, on a day, for some qualifications and a turnover."""

    event: str
    on: date
    tariffs: Mapping[int, int]
    """How many qualifications by tariff code, those named below excluded."""
    qualifications: tuple[Qualification, ...]
    new_tariffs: Mapping[int, int]
    """Those asked for at a control, on top of those held."""
    new_qualifications: tuple[Qualification, ...]
    turnover: Decimal | None
    """Last known « ingénierie » turnover, euros excl. VAT."""
    audit_turnover: Decimal | None
    """Last known « audit énergétique » turnover, euros excl. VAT."""
    vat: str

    def to_dict(self) -> dict[str, Any]:
        """The arguments of :func:`quote` that ask the same question again."""
        full = [str(item) for item in self.qualifications if not item.probationary]
        return {
            "event": self.event,
            "on": self.on.isoformat(),
            "tariffs": {str(tariff): count for tariff, count in self.tariffs.items()},
            "qualifications": full,
            "probationary": [str(item) for item in self.qualifications if item.probationary],
            "new_tariffs": {str(tariff): count for tariff, count in self.new_tariffs.items()},
            "new_qualifications": [str(item) for item in self.new_qualifications],
            "turnover": None if self.turnover is None else plain(self.turnover),
            "audit_turnover": None if self.audit_turnover is None else plain(self.audit_turnover),
            "vat": self.vat,
        }


def as_qualifications(
    items: Iterable[str | Qualification], *, probationary: bool = False
) -> tuple[Qualification, ...]:
    """Qualifications given as ``"CODE"``, ``"CODE:TARIFF"`` or as they are.

    Raises:
        RequestError: a text that is no qualification, or one text instead of a list.
    """
    if isinstance(items, str):
        raise RequestError(
            Message("A list of qualifications is expected, not the text « {text} ».", text=items[:40])
        )
    return tuple(_qualification(item, probationary=probationary) for item in items)


def _qualification(item: object, *, probationary: bool) -> Qualification:
    if isinstance(item, str):
        return Qualification.parse(item, probationary=probationary)
    if not isinstance(item, Qualification):
        raise RequestError(
            Message(
                "{value} is not a qualification; give a text, as 1905 or 1905:5 with its leading zero, or a "
                "Qualification.",
                value=_shown(item),
            )
        )
    return replace(item, probationary=True) if probationary else item


def as_counts(given: Mapping[Any, int], schedule: Schedule, name: str) -> Mapping[int, int]:
    """Counts by tariff code of the schedule, given under ``name``; a code may be text, as in JSON.

    Raises:
        RequestError: a tariff code that the schedule does not price, or a count that cannot be.
    """
    counts: dict[int, int] = {}
    priced = schedule.instruction_prices.by_tariff
    for key, count in given.items():
        tariff = int(key) if type(key) is str and re.fullmatch(_TARIFF, key) else key
        if type(tariff) is not int or tariff not in priced:
            _refuse_tariff(tariff, schedule)
        if tariff in counts:
            raise RequestError(
                Message("{name}: tariff {tariff} is given twice; give one count.", name=name, tariff=tariff)
            )
        if type(count) is not int:
            raise RequestError(
                Message(
                    "{name}: the count of tariff {tariff} is {count}; a whole number is expected.",
                    name=name,
                    tariff=tariff,
                    count=_shown(count),
                )
            )
        if not 0 <= count <= MOST_OF_A_TARIFF:
            raise RequestError(
                Message(
                    "{name}: {count} qualifications at tariff {tariff}; from 0 to {most} are accepted.",
                    name=name,
                    tariff=tariff,
                    count=_shown(count),
                    most=MOST_OF_A_TARIFF,
                )
            )
        counts[tariff] = count
    return MappingProxyType(counts)


def _refuse_tariff(tariff: object, schedule: Schedule) -> NoReturn:
    raise RequestError(
        Message(
            "« {tariff} » is not a tariff code of the schedule {id}; its codes: {tariffs}.",
            tariff=_shown(tariff),
            id=schedule.id,
            tariffs=schedule.tariffs,
        )
    )


def _shown(value: object) -> str:
    """A wrong value, short enough for a sentence."""
    # Python does not write an integer of thousands of digits; a Decimal has no such limit.
    return str(Decimal(value) if type(value) is int else value)[:40]


def vat_text(vat: object) -> str:
    """A rate or a territory as text; a ``float`` rate is refused, for it is not exact."""
    if isinstance(vat, str):
        return vat
    if isinstance(vat, Decimal) or type(vat) is int:
        return format(Decimal(vat), "f")
    raise RequestError(
        Message(
            "vat: {value} is neither a rate nor a territory; give a text or a Decimal, never a float.",
            value=_shown(vat),
        )
    )


_FOUR_WAYS = Message(
    "The published schedule does not give the tariff code of each qualification (see the nomenclature or your "
    "last invoice). Four ways to give it: by code (-q {code}:5), as counts (-t 5=1), in a structure file "
    "(--structure), or in your own nomenclature table (--tables).",
    code="1905",
)


def tariffs_of(
    named: Iterable[Qualification], schedule: Schedule, tables: Tables, notes: list[Message]
) -> dict[str, int]:
    """The tariff code of each named qualification: the one given, else the nomenclature's."""
    nomenclature = tables.nomenclature
    by_code: dict[str, int] = {}
    unpriced: list[str] = []
    for item in named:
        if item.code in by_code or item.code in unpriced:
            raise RequestError(
                Message("Qualification {code} is given twice; each is priced once.", code=item.code)
            )
        entry = nomenclature.entries.get(item.code)
        recorded = entry.tariff if entry else None
        tariff = recorded if item.tariff is None else item.tariff
        if tariff is None:
            unpriced.append(item.code)
            continue
        if type(tariff) is not int or tariff not in schedule.instruction_prices.by_tariff:
            _refuse_tariff(tariff, schedule)
        by_code[item.code] = tariff
        if entry is None:
            notes.append(
                Message("{code} is not in the nomenclature at hand, an extract; check it.", code=item.code)
            )
        elif recorded is not None and recorded != tariff:
            notes.append(
                Message(
                    "{code}: tariff {given} was given, the nomenclature says {recorded}; {given} is used.",
                    code=item.code,
                    given=tariff,
                    recorded=recorded,
                )
            )
    if unpriced:
        _refuse_unpriced(unpriced, nomenclature.entries)
    for code in by_code:
        entry = nomenclature.entries.get(code)
        notes += [
            Message(
                "{code} entails {entailed}; the schedule does not say whether the latter is then billed. "
                "Both are priced here.",
                code=code,
                entailed=entailed,
            )
            for entailed in (entry.entails if entry else ())
            if entailed in by_code
        ]
    return by_code


def _refuse_unpriced(codes: list[str], known: Mapping[str, Any]) -> NoReturn:
    unknown = [code for code in codes if code not in known]
    ways = Message(_FOUR_WAYS.text, code=codes[0])
    if unknown:
        raise UnknownCodeError(
            Message(
                "Not in the nomenclature at hand, an extract, and so without a known tariff code: {codes}. "
                "Check the code. {ways}",
                codes=unknown,
                ways=ways,
            )
        )
    raise UnknownTariffError(
        plural(
            "The tariff code of {codes} is not known. {ways}",
            "The tariff codes of {codes} are not known. {ways}",
            n=len(codes),
            codes=codes,
            ways=ways,
        )
    )


def with_named(
    counts: Mapping[int, int], named: Iterable[Qualification], by_code: Mapping[str, int]
) -> tuple[dict[int, int], dict[int, tuple[str, ...]]]:
    """The counts with the named qualifications added, and the codes of these by tariff."""
    total = dict(counts)
    codes: dict[int, tuple[str, ...]] = {}
    for item in sorted(named, key=lambda item: item.code):
        tariff = by_code[item.code]
        total[tariff] = total.get(tariff, 0) + 1
        codes[tariff] = (*codes.get(tariff, ()), item.code)
    return total, codes
