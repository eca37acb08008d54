"""What is well written in a table and cannot be, alone or beside the others; each with its place."""

from collections.abc import Hashable, Iterable, Sequence

from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Found, Path
from opqibi_rules.tables.api_errors import ApiErrors
from opqibi_rules.tables.dispute_codes import DisputeCodes
from opqibi_rules.tables.facts import Table
from opqibi_rules.tables.nomenclature import Nomenclature
from opqibi_rules.tables.schedule import Schedule
from opqibi_rules.tables.schedule_contradictions import schedule_contradictions
from opqibi_rules.tables.validity import Validity
from opqibi_rules.tables.vat import Outside, VatRule, VatTable


def contradictions(table: Table, value: object) -> Found:
    """All that cannot be in a table; ``value`` is what its file holds, as it stands there."""
    yield from _of_any(value)
    match table:
        case Schedule():
            yield from schedule_contradictions(table)
        case Nomenclature():
            yield from _of_nomenclature(table)
        case VatTable():
            yield from _of_vat(table)
        case DisputeCodes():
            yield from _of_disputes(table)
        case ApiErrors():
            yield from _of_errors(table)
        case Validity():
            yield from _of_validity(table)
    if not isinstance(table, Schedule):
        yield from _of_situations(table)


def _of_situations(table: Table) -> Found:
    for index, assumption in enumerate(table.assumptions):
        if assumption.part is not None or assumption.when is not None:
            message = Message("only a schedule says in which situation a price rests on it.")
            yield ("assumptions", index, "when" if assumption.part is None else "part"), message


def _of_any(value: object, path: Path = ()) -> Found:
    """In any group: what ends before it starts, and what a list has twice."""
    parts: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        until, start = value.get("in_force_until"), value.get("in_force_from")
        if until is not None and start is not None and until < start:
            yield (*path, "in_force_until"), Message("ends before it starts.")
        parts = value.items()
    elif isinstance(value, list):
        yield from _twice(value, path)
        parts = enumerate(value)
    for key, part in parts:
        yield from _of_any(part, (*path, key))


def _twice(items: Sequence[object], path: Path) -> Found:
    seen: set[Hashable] = set()
    for index, item in enumerate(items):
        name, identity = _identity(item)
        if identity in seen:
            yield (*path, index, *([name] if name else [])), Message("given twice; keep one.")
        elif identity is not None:
            seen.add(identity)


def _identity(item: object) -> tuple[str | None, Hashable]:
    """By what an item of a list is known, and in which of its fields; of a territory, the rates follow the days."""
    if not isinstance(item, dict):
        return None, item
    name = next((name for name in ("id", "code") if name in item), None)
    return (name, (item[name], item.get("in_force_from"))) if name else (None, None)


def _of_nomenclature(table: Nomenclature) -> Found:
    for index, entry in enumerate(table.entries.values()):
        if entry.rge is None and entry.rge_as_of is not None:
            yield ("entries", index, "rge_as_of"), Message("a day, and no RGE flag that it is the day of.")


def _of_vat(table: VatTable) -> Found:
    for index, rule in enumerate(table.territories):
        if rule.treatment != "standard" and rule.rate:
            yield ("territories", index, "rate"), Message("a rate where no VAT is billed; write 0.")
    told: dict[str, str] = {}
    for index, rule in enumerate(table.territories):
        yield from _told_twice(rule, told, ("territories", index))
    for index, place in enumerate(table.outside):
        if place.id in {rule.id for rule in table.territories}:
            yield ("outside", index, "id"), Message("given twice; keep one.")
        yield from _told_twice(place, told, ("outside", index))


def _told_twice(item: VatRule | Outside, told: dict[str, str], path: Path) -> Found:
    """The postcodes and the countries that tell another place already, among those ``told``."""
    for name, signs in (("postcodes", item.postcodes), ("countries", item.countries)):
        for sign in signs:
            if told.setdefault(sign, item.id) != item.id:
                message = Message("« {sign} » tells {other} already; keep one.", sign=sign, other=told[sign])
                yield (*path, name), message


def _of_disputes(table: DisputeCodes) -> Found:
    found: set[str] = set()
    for index, reason in enumerate(table.reasons):
        for place, code in enumerate(reason.statuses):
            if code not in table.statuses:
                message = Message(
                    "status {code} is not among those of this file: {known}.",
                    code=code,
                    known=tuple(table.statuses),
                )
                yield ("reasons", index, "statuses", place), message
        for place, name in enumerate(reason.findings):
            if name in found:
                yield ("reasons", index, "findings", place), Message("it goes with another reason already.")
        found.update(reason.findings)
    if len([reason for reason in table.reasons if not reason.findings]) != 1:
        message = Message("one reason, and one only, has no findings: the one for all that has no other.")
        yield ("reasons",), message


def _of_errors(table: ApiErrors) -> Found:
    taken: set[tuple[str, str | int]] = set()
    for index, family in enumerate(table.families):
        for name, sign in family.signs:
            if (name, sign) in taken:
                message = Message("{codes}: another family has it already.", codes=(str(sign),))
                yield ("families", index, name), message
        taken.update(family.signs)


def _of_validity(table: Validity) -> Found:
    for name in ("certificate", "qualification", "probationary"):
        for index, words in enumerate(getattr(table, name).wording):
            if words != words.casefold():
                yield (name, "wording", index), Message("small letters are expected.")
