"""What every table of facts says about itself: where it comes from, since when it holds, who checked it."""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Text
from opqibi_rules.paper.files import of_the_package
from opqibi_rules.paper.shape import Json, Shape, Voice
from opqibi_rules.tables.description import SOME, Count, Day, Filled, Identifier, TariffCode, Words, fact

_PACKED = of_the_package("data")
DATA = _PACKED if _PACKED.is_dir() else Path(__file__).resolve().parents[2] / "data"
"""The shipped tables: in a wheel, inside the package; in a checkout, at the top of the repository."""


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

    def __str__(self) -> str:
        return f"{self.document} ({self.address})"


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


class AssumptionShape(Shape, of=Assumption, recurs=True):
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
class Reading:
    """Where a figure of a draft stands in the document that it was made from."""

    fact: Filled
    """Its place in the file: ``fees[0].parts[0].amount``."""
    page: Count
    across: Count
    """Millimetres from the left edge of the page,"""
    down: Count
    """and from its top."""
    text: Filled
    """What is printed there."""


@fact
class Unsettled:
    """What a draft leaves to a person: while there is any, the table is refused."""

    fact: Filled
    why: Filled


class _Remembering:
    """Has room for what is computed from a table once, by ``cached_property``: no part of its value."""


@fact
class Table(_Remembering):
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
    sources: Annotated[tuple[Source, ...], SOME]
    rounding: Rounding | None = None
    """null: the table leads to no amount."""
    assumptions: tuple[Assumption, ...] = ()
    readings: tuple[Reading, ...] = ()
    """Of a table drafted from a document: where each figure was read."""
    unsettled: tuple[Unsettled, ...] = ()

    @cached_property
    def is_opqibis(self) -> bool:
        """Its title or a source of it says so: papers then name OPQIBI."""
        texts = (*self.title, *(source.document for source in self.sources))
        return any("OPQIBI" in text for text in texts)

    @cached_property
    def named(self) -> FrozenDict[str, Assumption]:
        """Its assumptions by id."""
        return FrozenDict({assumption.id: assumption for assumption in self.assumptions})

    def over(self, below: Self) -> Self:
        """This table laid over another of its kind: as a whole, unless its kind says better."""
        return self


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


def kind_of(table: type[Table]) -> str:
    """What a file of that kind of table writes as its ``kind``."""
    name: str = table.__dataclass_fields__["kind"].default
    return name
