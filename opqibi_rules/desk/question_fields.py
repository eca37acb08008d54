"""The kinds of values that a question may hold: what is accepted, how it is said when it is not.

:func:`asks` makes the fields of a question of what the core says may be asked, each kind of Python value having
its form in JSON (:data:`_FORMS`): a new field of the core is a new field at every door.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, WithJsonSchema, create_model

from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.money import to_amount
from opqibi_rules.paper.json_schema import descriptions
from opqibi_rules.price.files.structure_file import StructureModel
from opqibi_rules.price.question import MOST_OF_A_TARIFF, Amount, Qualifications
from opqibi_rules.price.structure import Qualification, Structure

MOST_NAMED = 300
"""The nomenclature holds some 190 qualifications; a list far longer is no question."""
LONGEST_TEXT = 200


def _amount(value: object, info: ValidationInfo) -> Decimal:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise RequestError(Message('an amount as a text ("350000.50") or a whole number is expected.'))
    return to_amount(value, info.field_name or "amount")


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


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise RequestError(Message("a text expected."))
    return value


def _read_by(parse: Callable[[str], object]) -> BeforeValidator:
    """Accepts a text that ``parse`` reads, and keeps it as it stands."""

    def read(value: object) -> str:
        text = _text(value)
        parse(text)
        return text

    return BeforeValidator(read)


Euros = Annotated[
    Decimal,
    BeforeValidator(_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 60},
                {"type": "integer", "minimum": 0, "maximum": 10**12},
            ],
            "description": "Euros excl. VAT: 800000, « 350000.50 » or « 350 000,50 € ».",
        }
    ),
]
Named = Annotated[
    str,
    _read_by(Qualification.parse),
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


def _growth(value: object) -> Decimal:
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(_GROWTH, text):
        raise RequestError(Message('a yearly growth is expected, as "0.03" for 3 %.'))
    return Decimal(text)


_GROWTH = r"-?[0-9](\.[0-9]{1,5})?"
Growth = Annotated[
    Decimal, BeforeValidator(_growth), WithJsonSchema({"type": "string", "pattern": f"^{_GROWTH}$"})
]
Required = Annotated[
    str,
    _read_by(Requirement.parse),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{4}(\|[0-9]{4})*$", "maxLength": LONGEST_TEXT}),
]
RequiredList = Annotated[list[Required], Field(max_length=MOST_NAMED)]

_FORMS: tuple[tuple[object, object], ...] = (
    (str, ShortText),
    (str | Decimal, ShortText),
    (Amount, Euros),
    (Qualifications, NamedList),
    (Mapping[Any, int], Counts),
    (Mapping[str, Amount | None], dict[ShortText, Euros | None]),
    (Structure, StructureModel),
)
"""What the core takes, and the form in which a question gives it."""

_Question = TypeVar("_Question", bound=BaseModel)


def asks(
    asked: type, *, without: frozenset[str] = frozenset()
) -> Callable[[type[_Question]], type[_Question]]:
    """Give a question the fields of ``asked``, each optional, with what is said of it there.

    Raises:
        TypeError: a field of a kind that has no form here yet.
    """
    said = descriptions(asked)
    fields: dict[str, Any] = {
        name: (_form_of(kind) | None, Field(None, description=said[name]))
        for name, kind in get_type_hints(asked).items()
        if name not in without
    }

    def made(question: type[_Question]) -> type[_Question]:
        return create_model(question.__name__, __base__=question, __doc__=question.__doc__, **fields)

    return made


def _form_of(kind: Any) -> Any:
    if get_origin(kind) in {Union, UnionType}:
        kind = reduce(or_, (item for item in get_args(kind) if item is not NoneType))
    for known, form in _FORMS:
        if kind == known:
            return form
    raise TypeError(f"a question has no form for {kind}")
