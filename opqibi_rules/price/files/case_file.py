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

The inputs bear the names of the arguments of :func:`opqibi_rules.price.quote.quote`; what is expected, the
names of the JSON of a quote. Only what is written under ``expected`` is compared; ``null`` says that nothing
is due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from opqibi_rules.errors import DateError, FileError, RequestError, TableError
from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, to_amount
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.checked import checked
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.tables.description import Count, Day, Filled, TariffCode
from opqibi_rules.tables.library import Tables

Euros = Annotated[Decimal, BeforeValidator(to_amount)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedModel(_Model):
    """The answer expected: euros, excl. VAT but for ``total_incl_vat``."""

    dossier: Euros | None = None
    instruction: Euros | None = None
    brand_usage: Euros | None = None
    annual_control: Euros | None = None
    total_excl_vat: Euros | None = None
    vat: Euros | None = None
    total_incl_vat: Euros | None = None
    base: Literal["engineering", "energy_audit", "undetermined"] | None = None
    articles: list[Filled] = Field([], description="The articles that the lines cite, in order, each once.")
    refused: bool = Field(default=False, description="true: the question has no price, and must be refused.")


class CaseModel(_Model):
    """One question, its answer, and how it was worked out."""

    case: Filled
    working: Filled | None = None
    event: Literal["first", "renewal", "control"] = "first"
    date: Day
    tariffs: dict[TariffCode, Count] = {}
    qualifications: list[Filled] = []
    probationary: list[Filled] = []
    new_tariffs: dict[TariffCode, Count] = {}
    new_qualifications: list[Filled] = []
    turnover: Euros | None = None
    audit_turnover: Euros | None = None
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
    question: Mapping[str, Any]
    """The arguments of :func:`quote`."""
    expected: Mapping[str, Any]
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
    def amount(self) -> Decimal | None:
        """By how many euros what was found is over what was expected; ``None`` where one is no amount."""
        if isinstance(self.expected, Decimal) and isinstance(self.found, Decimal):
            return EXACT.subtract(self.found, self.expected)
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


def _said(value: Any) -> Decimal | Message | None:
    if value is None or isinstance(value, Decimal):
        return value
    return Message("{value}", value=value)


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of a file.

    Raises:
        FileError: the file cannot be opened, or all that is wrong in it, with path and line.
    """
    return parse_cases(file_bytes(path), str(path))


def parse_cases(data: bytes, name: str) -> tuple[Case, ...]:
    """The cases that a text holds; ``name`` stands for the file in errors.

    Raises:
        FileError: all that is wrong in it, with path and line.
    """
    document = strict_yaml.read(data, name)
    model = checked(document, CaseFileModel)
    mistakes = [
        document.mistake(("cases", index, "expected"), Message("empty; at least one is expected."))
        for index, case in enumerate(model.cases)
        if not case.expected.model_fields_set
    ]
    if mistakes:
        raise FileError(name, mistakes)
    return tuple(
        _case(case, document.places.get(("cases", index), (None, None))[0])
        for index, case in enumerate(model.cases)
    )


def _case(model: CaseModel, line: int | None) -> Case:
    question = {
        "on": model.date,
        **{name: getattr(model, name) for name in _QUESTION},
    }
    expected = {
        name: tuple(value) if isinstance(value := getattr(model.expected, name), list) else value
        for name in ExpectedModel.model_fields
        if name in model.expected.model_fields_set
    }
    return Case(model.case, model.working, line, question, expected)


_QUESTION = (
    "event",
    "tariffs",
    "qualifications",
    "probationary",
    "new_tariffs",
    "new_qualifications",
    "turnover",
    "audit_turnover",
    "vat",
)


def run_case(case: Case, tables: Tables | None = None) -> Outcome:
    """Ask the question of a case and compare the answer with the one expected."""
    expects_refusal = case.expected.get("refused", False)
    try:
        answer = quote(**case.question, tables=tables)
    except (RequestError, DateError, TableError) as error:
        missing = () if expects_refusal else (Difference("refused", _PRICE, _REFUSAL),)
        return Outcome(case, missing, error.message)
    if expects_refusal:
        return Outcome(case, (Difference("refused", _REFUSAL, _PRICE),))
    return Outcome(case, tuple(_differences(case.expected, answer)))


def _differences(expected: Mapping[str, Any], answer: Quote) -> Iterator[Difference]:
    found = _found(answer)
    for name, value in expected.items():
        if name in found and value != found[name]:
            yield Difference(name, _said(value), _said(found[name]))


def _found(answer: Quote) -> dict[str, Any]:
    subtotals, base = answer.subtotals, answer.base
    return {
        "dossier": subtotals.dossier,
        "instruction": subtotals.instruction,
        "brand_usage": subtotals.brand_usage,
        "annual_control": subtotals.annual_control,
        "total_excl_vat": answer.total_excl_vat,
        "vat": answer.vat,
        "total_incl_vat": answer.total_incl_vat,
        "base": None if base is None else "undetermined" if base.undetermined else base.kind,
        "articles": tuple(dict.fromkeys(line.article for line in answer.lines)),
    }
