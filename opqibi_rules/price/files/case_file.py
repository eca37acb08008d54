"""Case files: questions with the answers expected, worked by hand, as an accountant reads and writes them.

::

    cases:
      - case: Five qualifications at tariff 1 and three at tariff 2, the schedule's own example.
        working: 500 + (5 × 60) + (3 × 120) = 1 160
        event: renewal
        date: 2026-03-02
        tariffs: { 1: 5, 2: 3 }
        turnover: 800 000 €
        expected:
          instruction: 1 160,00
          brand_usage: 557,50

The inputs bear the names of :class:`~opqibi_rules.price.question.Asked`; what is expected, the ids of the fees
and the names of the JSON of a quote. Only what is written under ``expected`` is compared; ``null`` says that
nothing is due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Annotated, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from opqibi_rules.errors import AmountError, DateError, RequestError, TableError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly, to_amount
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import checked
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.price.declared import Declared
from opqibi_rules.price.files.structure_file import StructureModel, structure_of, undeclared
from opqibi_rules.price.question import Asked
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.description import Day, Filled, Like, TariffCode
from opqibi_rules.tables.library import Tables, shipped_tables

Euros = Annotated[Decimal, BeforeValidator(to_amount)]
Counted = Annotated[
    dict[TariffCode, Annotated[int, Like(r"-?[0-9]{1,4}", Message("a whole number"))]],
    AfterValidator(FrozenDict),
]


def _asked(value: object) -> object:
    """An amount; one below zero as it is written, for the question to be refused, and no other case with it."""
    below = value.removeprefix("-") if isinstance(value, str) else value
    amount = to_amount(below)
    return amount if below is value else value


Asking = Annotated[Decimal | str, PlainValidator(_asked)]
Expected = Decimal | str | bool | tuple[str, ...] | None
"""Euros, a word, whether it is refused, articles; nothing due."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedModel(_Model):
    """The answer expected: the fees by their ids, in euros, excl. VAT but for ``total_incl_vat``."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Euros | None]
    total_excl_vat: Euros | None = None
    vat: Euros | None = None
    total_incl_vat: Euros | None = None
    base: Filled | None = Field(None, description="The turnover taken, by its id; or « undetermined ».")
    articles: tuple[Filled, ...] = Field(
        (), description="The articles that the lines cite, in order, each once."
    )
    refused: bool = Field(default=False, description="true: the question has no price, and must be refused.")


class CaseModel(_Model):
    """One question, its answer, and how it was worked out."""

    case: Filled
    working: Filled | None = None
    date: Day
    event: Filled | None = None
    tariffs: Counted = FrozenDict()
    qualifications: tuple[Filled, ...] = ()
    probationary: tuple[Filled, ...] = ()
    new_tariffs: Counted = FrozenDict()
    new_qualifications: tuple[Filled, ...] = ()
    turnover: Asking | None = None
    audit_turnover: Asking | None = None
    turnovers: Annotated[dict[Filled, Asking], AfterValidator(FrozenDict)] = FrozenDict()
    structure: Annotated[StructureModel, AfterValidator(structure_of)] | None = None
    vat: Filled | None = None
    expected: ExpectedModel


class CaseFileModel(_Model):
    """A file of cases."""

    cases: list[CaseModel] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the answer expected."""

    sentence: str
    working: str | None
    line: int | None
    """Where it stands in its file."""
    on: date
    asked: Asked
    expected: Mapping[str, Expected]
    """By name, only what the file states."""


NOTHING = Message("nothing")
"""What stands where nothing is due."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that the answer does not meet: euros, words, or ``None`` for nothing due."""

    name: str
    expected: Decimal | Message | None
    found: Decimal | Message | None

    @property
    @exactly
    def amount(self) -> Decimal | None:
        """By how many euros what was found is over what was expected; ``None`` where one is no amount."""
        if isinstance(self.expected, Decimal) and isinstance(self.found, Decimal):
            return self.found - self.expected
        return None

    @property
    def message(self) -> Message:
        """The difference in a sentence."""
        return Message(
            "{name}: {expected:euro} expected, {found:euro} found.",
            name=self.name,
            expected=NOTHING if self.expected is None else self.expected,
            found=NOTHING if self.found is None else self.found,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a case gave."""

    case: Case
    differences: tuple[Difference, ...]
    refusal: Message | None = None
    """Why the question has no price, where it was refused."""

    @property
    def passed(self) -> bool:
        """The answer is the one expected."""
        return not self.differences


_REFUSAL = Message("a refusal")
_PRICE = Message("a price")


def _said(value: Expected) -> Decimal | Message | None:
    return value if value is None or isinstance(value, Decimal) else Message("{value}", value=value)


def read_cases(path: Path, tables: Tables | None = None) -> tuple[Case, ...]:
    """The cases of a file.

    Raises:
        FileError: the file cannot be opened, or all that is wrong in it, with path and line.
    """
    return parse_cases(file_bytes(path), str(path), tables)


def parse_cases(data: bytes, name: str, tables: Tables | None = None) -> tuple[Case, ...]:
    """The cases that a text holds.

    Args:
        data: the text.
        name: what stands for the file in errors.
        tables: the facts, whose schedules say which events, turnovers and fees there are; ours by default.

    Raises:
        FileError: all that is wrong in it, with path and line.
    """
    document = strict_yaml.read(data, name)
    model = checked(document, CaseFileModel)
    declared = Declared((tables or shipped_tables()).schedules)
    places: list[strict_yaml.Path] = [("cases", index) for index in range(len(model.cases))]
    found = (_mistakes(at, case, declared) for at, case in zip(places, model.cases, strict=True))
    document.refuse(chain.from_iterable(found))
    lines = (document.places.get(at, (None, None))[0] for at in places)
    return tuple(map(_case, model.cases, lines))


def _mistakes(at: strict_yaml.Path, case: CaseModel, declared: Declared) -> strict_yaml.Found:
    expected, fees = case.expected, case.expected.__pydantic_extra__
    if not expected.model_fields_set:
        yield (*at, "expected"), Message("empty; at least one is expected.")
    answers, turnovers = (*at, "expected"), declared.turnovers
    known = (*declared.fees, *ExpectedModel.model_fields)
    yield from undeclared([((*answers, fee), fee) for fee in fees], known)
    yield from undeclared([((*at, "turnovers", base), base) for base in case.turnovers], turnovers)
    if case.event is not None:
        yield from undeclared([((*at, "event"), case.event)], declared.events)
    if expected.base is not None:
        yield from undeclared([((*answers, "base"), expected.base)], (*turnovers, "undetermined"))


def _case(model: CaseModel, line: int | None) -> Case:
    asked = cast("Asked", FrozenDict({name: getattr(model, name) for name in Asked.__annotations__}))
    stated = model.expected.__pydantic_extra__ | model.expected.model_dump(exclude_unset=True)
    return Case(model.case, model.working, line, model.date, asked, FrozenDict(stated))


def run_case(case: Case, tables: Tables | None = None) -> Outcome:
    """Ask the question of a case and compare the answer with the one expected."""
    expects_refusal = case.expected.get("refused", False)
    try:
        found = quote(on=case.on, tables=tables, **case.asked)
    except (AmountError, RequestError, DateError, TableError) as error:
        missing = () if expects_refusal else (Difference("refused", _PRICE, _REFUSAL),)
        return Outcome(case, missing, error.message)
    if expects_refusal:
        return Outcome(case, (Difference("refused", _REFUSAL, _PRICE),))
    return Outcome(case, tuple(_differences(case.expected, _found(found))))


def _differences(expected: Mapping[str, Expected], found: Mapping[str, Expected]) -> Iterator[Difference]:
    for name, value in expected.items():
        if name != "refused" and value != found.get(name):
            yield Difference(name, _said(value), _said(found.get(name)))


def _found(found: Quote) -> dict[str, Expected]:
    """What is compared; a fee that only another schedule declares is not due."""
    base = found.base
    return {
        **found.subtotals,
        "total_excl_vat": found.total_excl_vat,
        "vat": found.vat,
        "total_incl_vat": found.total_incl_vat,
        "base": None if base is None else "undetermined" if base.undetermined else base.kind,
        "articles": tuple(dict.fromkeys(line.article for line in found.lines)),
    }
