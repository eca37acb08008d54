"""The nomenclature of qualifications: name, tariff code, RGE, what each one entails.

The shipped table is a sourced extract without tariff codes: ``tariff`` is ``None`` where no source gives it,
and « entails nothing » means that none was found, not that none exists.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Annotated, Literal, NamedTuple, Self

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.shape import Shape
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import Code, Day, Filled, Keyed, TariffCode, fact
from opqibi_rules.tables.facts import Source, SourceShape, Table


@fact
class NomenclatureEntry:
    """A qualification: what is known of one code."""

    code: Code
    name: Filled | None = None
    other_names: tuple[Filled, ...] = ()
    """Those it bore, or bears elsewhere."""
    rubric: Filled | None = None
    tariff: TariffCode | None = None
    """null: no source gives it."""
    rge: bool | None = None
    rge_as_of: Day | None = None
    """The day of the list that gave the RGE flag; it may have changed since."""
    entails: tuple[Code, ...] = ()
    """Codes attributed automatically with this one."""
    source: Source
    note: Filled | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is known by."""
        return (*filter(None, (self.name,)), *self.other_names)

    @property
    def words(self) -> str:
        """What a search looks in: the code, the name (for want of one, the note), the rubric, « RGE » where it is."""
        told = (self.code, self.name or self.note, self.rubric, "RGE" if self.rge else None)
        return plain_words(" ".join(filter(None, told)))

    def over(self, below: Self) -> Self:
        """This entry, and what ``below`` says of what it leaves out (``null``, no entailed code)."""
        stated = {field.name: getattr(self, field.name) for field in fields(self)}
        kept = {name: value for name, value in stated.items() if value not in (None, ())}
        if self.rge is not None:
            kept["rge_as_of"] = self.rge_as_of
        return replace(below, **kept)


class NomenclatureEntryShape(Shape, of=NomenclatureEntry):
    """What is known of a qualification; null where no source says it."""

    code: str
    name: str | None
    rubric: str | None
    tariff: int | None
    rge: bool | None
    rge_as_of: Day | None
    entails: tuple[str, ...]
    """Codes attributed automatically with it."""
    source: SourceShape
    note: str | None


class FoundEntries(NamedTuple):
    """What a search found."""

    entries: tuple[NomenclatureEntry, ...]


class NomenclatureShape(Shape, of=FoundEntries):
    """The qualifications that hold every word asked for."""

    schema_version: Literal[1] = 1
    entries: tuple[NomenclatureEntryShape, ...]


@fact
class Nomenclature(Table):
    """A nomenclature of qualifications, or a user's additions to one."""

    kind: Literal["nomenclature"] = "nomenclature"
    entries: Annotated[Mapping[str, NomenclatureEntry], Keyed("code")]

    def over(self, below: Self) -> Self:
        """The entries of both, by code; one that both have is laid over the other."""
        entries = dict(below.entries)
        for code, entry in self.entries.items():
            entries[code] = entry.over(entries[code]) if code in entries else entry
        return replace(
            self,
            entries=FrozenDict(dict(sorted(entries.items()))),
            assumptions=(*below.assumptions, *self.assumptions),
            sources=(*self.sources, *below.sources),
        )

    def tariff(self, code: str) -> int | None:
        """The tariff code of a qualification, where a table gives it."""
        entry = self.entries.get(code)
        return entry.tariff if entry else None

    def name(self, code: str) -> str | None:
        """The name of a qualification, where a table gives it."""
        entry = self.entries.get(code)
        return entry.name if entry else None

    def search(self, words: str) -> tuple[NomenclatureEntry, ...]:
        """The entries of which a word begins with each one given, accents and case aside."""
        wanted = [f" {word}" for word in plain_words(words).split()]
        return tuple(
            entry for entry in self.entries.values() if all(word in f" {entry.words}" for word in wanted)
        )
