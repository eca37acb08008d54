"""The questions that a program may ask, as they come in, and the answers of the house to them.

One model a question: the HTTP API, the page and the assistants' tools read it alike. Nothing is computed
here: a question is checked, handed to the core, and its refusal told field by field.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from opqibi_rules.errors import DateError, OpqibiError, RequestError, TableError
from opqibi_rules.fees.quote import MOST_OF_A_TARIFF, Quote, quote
from opqibi_rules.fees.structure import Qualification
from opqibi_rules.formats.structure_file import StructureModel, structure_of
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.tables.file_models import Day, reason
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.refusals import RefusedError, Wrong, blamed

MOST_NAMED = 300
"""The nomenclature holds some 190 qualifications; a list far longer is no question."""
LONGEST_TEXT = 200

_AMOUNT_FORM = {
    "anyOf": [{"type": "string", "maxLength": 60}, {"type": "integer", "minimum": 0, "maximum": 10**12}],
    "description": "Euros excl. VAT: 800000, « 350000.50 » or « 350 000,50 € ».",
}


def amount(name: str) -> Any:
    """The type of an amount in euros, named as in an error."""

    def read(value: object) -> Decimal:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise RequestError(Message('an amount as a text ("350000.50") or a whole number is expected.'))
        return to_amount(value, name)

    return Annotated[Decimal, BeforeValidator(read), WithJsonSchema(_AMOUNT_FORM)]


def _count(value: object) -> object:
    if type(value) is not int or not 0 <= value <= MOST_OF_A_TARIFF:
        raise RequestError(
            Message(
                "« {count} »: a whole number from 0 to {most} is expected.",
                count=str(value)[:40],
                most=MOST_OF_A_TARIFF,
            )
        )
    return value


def _named(value: object) -> object:
    if not isinstance(value, str):
        raise RequestError(Message("a text expected."))
    Qualification.parse(value)
    return value


def _text(value: object) -> object:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise RequestError(Message("a text expected."))
    return value


Turnover = amount("turnover")
AuditTurnover = amount("audit_turnover")
Named = Annotated[
    str,
    BeforeValidator(_named),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}(:[0-9]{1,2})?$", "examples": ["1905:5"]}),
]
Count = Annotated[
    int,
    BeforeValidator(_count),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_OF_A_TARIFF}),
]
Counts = dict[Annotated[str, Field(pattern="^[1-9][0-9]?$")], Count]
ShortText = Annotated[
    str, BeforeValidator(_text), WithJsonSchema({"type": "string", "maxLength": LONGEST_TEXT})
]
NamedList = Annotated[list[Named], Field(max_length=MOST_NAMED)]


class Question(BaseModel):
    """What all questions share: a field that we do not know is refused, never passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QuoteQuestion(Question):
    """What does an event cost on a day? The arguments of ``opqibi_rules.quote``; see ``request`` in an answer."""

    event: Literal["first", "renewal", "control"] = "first"
    on: Annotated[Day | None, Field(description="The day; today by default.")] = None
    tariffs: Annotated[Counts, Field(description="How many qualifications by tariff code.")] = {}
    qualifications: Annotated[NamedList, Field(description="CODE or CODE:TARIFF.")] = []
    probationary: Annotated[NamedList, Field(description="The same, probationary.")] = []
    new_tariffs: Annotated[Counts, Field(description="At a control: new requests, by tariff code.")] = {}
    new_qualifications: Annotated[NamedList, Field(description="At a control: new requests, by code.")] = []
    turnover: Annotated[Turnover | None, Field(description="Last « ingénierie » turnover.")] = None
    audit_turnover: Annotated[AuditTurnover | None, Field(description="Last « audit énergétique » turnover.")] = None
    vat: Annotated[ShortText | None, Field(description="A territory (reunion…) or a rate (20 %, 0.085).")] = None
    structure: Annotated[StructureModel | None, Field(description="A structure file’s content.")] = None


class Desk:
    """What the answers rest on: the facts, and what day it is."""

    def __init__(self, tables: Tables, today: Callable[[], date]) -> None:
        self.tables = tables
        self.today = today


_Asked = TypeVar("_Asked", bound=BaseModel)


def understood(model: type[_Asked], value: object) -> _Asked:
    """Outside data as a question.

    Raises:
        RefusedError: all that is wrong, field by field.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise RefusedError(wrong_fields(error.errors(include_url=False))) from None


def wrong_fields(errors: Any, *, skip: int = 0) -> list[Wrong]:
    """The errors of a check as fields and reasons; ``skip`` leaves out the outer parts of each place."""
    return [Wrong(_place(item["loc"][skip:]), reason(item)) for item in errors]


def _place(parts: tuple[Any, ...]) -> str | None:
    text = ""
    for part in parts:
        if part == "[key]":
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or None


def ask(answer: Callable[[], Any], lists: Mapping[str, Any]) -> Any:
    """Let the core answer; its refusal names the field at fault where its sentence tells it.

    Raises:
        RefusedError: what the core refused.
    """
    try:
        return answer()
    except OpqibiError as error:
        field = blamed(error, lists)
        if field is None and isinstance(error, DateError):
            field = "on"
        elif field is None and (isinstance(error, TableError) or "known" in error.message.values):
            field = "vat"
        raise RefusedError([Wrong(field, error.message)]) from None


def ask_quote(question: QuoteQuestion, desk: Desk) -> Quote:
    """The quote asked for.

    Raises:
        RefusedError: a question without an answer.
    """
    given = question.model_dump(exclude={"structure", "on"})
    lists = {name: given[name] for name in ("qualifications", "probationary", "new_qualifications")}
    answer: Quote = ask(
        lambda: quote(
            **given,
            on=question.on or desk.today(),
            structure=None if question.structure is None else structure_of(question.structure),
            tables=desk.tables,
        ),
        lists,
    )
    return answer
