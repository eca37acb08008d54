"""The nomenclature of qualifications: name, tariff code, RGE, what each one entails.

The shipped table is a sourced extract without tariff codes: ``tariff`` is ``None`` where no source gives it,
and « entails nothing » means that none was found, not that none exists.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from opqibi_rules.messages import Text
from opqibi_rules.paper.shape import Shape
from opqibi_rules.tables.facts import Assumption, Source, build_facts, build_source


@dataclass(frozen=True, slots=True)
class NomenclatureEntry:
    """What is known of one qualification code."""

    code: str
    name: str | None
    rubric: str | None
    tariff: int | None
    rge: bool | None
    rge_as_of: date | None
    """The day of the list that gave the RGE flag; it may have changed since."""
    entails: tuple[str, ...]
    """Codes attributed automatically with this one."""
    source: Source
    note: str | None


class NomenclatureEntryShape(Shape, of=NomenclatureEntry):
    """What is known of a qualification; null where no source says it."""

    code: str
    name: str | None
    rubric: str | None
    tariff: int | None
    rge: bool | None
    rge_as_of: date | None
    entails: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """The entries of one table, or of several laid over one another."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    assumptions: Mapping[str, Assumption]
    entries: Mapping[str, NomenclatureEntry]

    def tariff(self, code: str) -> int | None:
        """The tariff code of a qualification, where a table gives it."""
        entry = self.entries.get(code)
        return entry.tariff if entry else None

    def name(self, code: str) -> str | None:
        """The name of a qualification, where a table gives it."""
        entry = self.entries.get(code)
        return entry.name if entry else None

    def entailed(self, code: str) -> tuple[str, ...]:
        """The codes attributed automatically with a qualification, and with those in turn."""
        found: list[str] = []
        pending = [code]
        while pending:
            entry = self.entries.get(pending.pop())
            for other in entry.entails if entry else ():
                if other != code and other not in found:
                    found.append(other)
                    pending.append(other)
        return tuple(found)

    def search(self, words: str) -> tuple[NomenclatureEntry, ...]:
        """The entries whose code, name, rubric or note holds every word, accents and case aside."""
        wanted = _fold(words).split()
        return tuple(
            entry
            for entry in self.entries.values()
            if all(
                word in _fold(" ".join(filter(None, (entry.code, entry.name, entry.rubric, entry.note))))
                for word in wanted
            )
        )


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _entry(data: Mapping[str, Any]) -> NomenclatureEntry:
    as_of = data["rge_as_of"]
    return NomenclatureEntry(
        code=data["code"],
        name=data["name"],
        rubric=data["rubric"],
        tariff=data["tariff"],
        rge=data["rge"],
        rge_as_of=None if as_of is None else date.fromisoformat(as_of),
        entails=tuple(data["entails"]),
        source=build_source(data["source"]),
        note=data["note"],
    )


def build(data: Mapping[str, Any], below: Nomenclature | None = None) -> Nomenclature:
    """The nomenclature that a checked table states, laid over ``below`` entry by entry.

    What the upper table leaves out of an entry (``null``, no entailed code) stays as below.
    """
    entries = dict(below.entries) if below else {}
    for item in data["entries"]:
        upper = _entry(item)
        lower = entries.get(upper.code)
        entries[upper.code] = _laid_over(upper, lower) if lower else upper
    facts = build_facts(data)
    if below:
        facts["assumptions"] = MappingProxyType({**below.assumptions, **facts["assumptions"]})
        facts["sources"] = (*facts["sources"], *below.sources)
    return Nomenclature(**facts, entries=MappingProxyType(dict(sorted(entries.items()))))


def _laid_over(upper: NomenclatureEntry, lower: NomenclatureEntry) -> NomenclatureEntry:
    return NomenclatureEntry(
        code=upper.code,
        name=upper.name or lower.name,
        rubric=upper.rubric or lower.rubric,
        tariff=upper.tariff if upper.tariff is not None else lower.tariff,
        rge=upper.rge if upper.rge is not None else lower.rge,
        rge_as_of=upper.rge_as_of if upper.rge is not None else lower.rge_as_of,
        entails=upper.entails or lower.entails,
        source=upper.source,
        note=upper.note or lower.note,
    )
