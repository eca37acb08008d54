"""What every table of facts says about itself: where it comes from, since when it holds, who checked it."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Text
from opqibi_rules.paper.shape import Json, Shape, Voice
from opqibi_rules.tables.description import Day, Filled, Identifier, TariffCode, Words, fact, structured


class Situation(StrEnum):
    """When a named interpretation is used, in a price."""

    ALWAYS = "always"
    USED = "used"
    """Its part yields a line."""
    SEVERAL_TRANCHES = "several_tranches"
    ROUNDED = "rounded"
    LIMITED = "limited"
    """The floor or the cap was applied."""
    ZERO_TURNOVER = "zero_turnover"
    GENERAL_TURNOVER = "general_turnover"
    """Without the codes of the qualifications, the turnover given is taken as the general one."""
    PROBATIONARY = "probationary"
    """A probationary qualification counted when the turnover was chosen."""


@fact
class Source:
    """Where a fact was read."""

    document: Filled
    """Title of the document."""
    address: Filled
    """Where it can be read: a URL, or the publisher's."""
    dated: Filled | None = None
    """Date or edition, as the document states it."""
    reliability: Literal["opqibi", "law", "administration", "press", "third_party", "user"] = "user"


@fact
class Assumption:
    """An interpretation that the source does not settle: named, so that a result can say it used it."""

    id: Identifier
    article: Filled | None = None
    text: Words
    reason: Words
    part: Filled | None = None
    """FEE or FEE.PART of the schedule whose price rests on it."""
    when: Situation | None = None
    """In which situation a price rests on it."""
    tariffs: frozenset[TariffCode] = frozenset()
    """The tariff codes that it concerns, if only some."""

    def to_dict(self, language: str) -> Json:
        """The JSON form, in one language."""
        return AssumptionShape.written(self, Voice(language=language))


class AssumptionShape(Shape, of=Assumption):
    """What the source does not settle, and how it was settled here."""

    id: str
    article: str | None
    text: Text
    reason: Text


@fact
class Rounding:
    """How amounts computed from a table are rounded."""

    unit: Literal["0.01"]
    mode: Literal["half_up"]
    where: Words


@fact
class Table:
    """What every table says about itself."""

    id: Identifier
    title: Words
    in_force_from: Day
    """First day for which the table answers."""
    in_force_until: Day | None = None
    """Last day, where it is known."""
    checked_on: Day
    """When a person last compared the table with its source."""
    checked_by: Filled
    sources: tuple[Source, ...]
    rounding: Rounding | None = None
    """null: the table leads to no amount."""
    assumptions: tuple[Assumption, ...] = ()


class SourceShape(Shape, of=Source):
    """Where a fact was read."""

    document: str
    address: str
    dated: str | None
    reliability: str


class TableShape(Shape, of=Table):
    """A table: where it comes from, since when it holds."""

    id: str
    title: Text
    in_force_from: Day
    in_force_until: Day | None
    checked_on: Day
    checked_by: str
    sources: tuple[SourceShape, ...]


def build_source(data: Mapping[str, Any]) -> Source:
    """The source that a checked table states."""
    source: Source = structured(Source, data)
    return source


def build_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that all tables share, from a checked table."""
    until = data["in_force_until"]
    assumptions = [structured(Assumption, item) for item in data["assumptions"]]
    return {
        "id": data["id"],
        "title": Text(**data["title"]),
        "in_force_from": date.fromisoformat(data["in_force_from"]),
        "in_force_until": None if until is None else date.fromisoformat(until),
        "sources": tuple(build_source(source) for source in data["sources"]),
        "checked_on": date.fromisoformat(data["checked_on"]),
        "checked_by": data["checked_by"],
        "assumptions": FrozenDict({item.id: item for item in assumptions}),
    }
