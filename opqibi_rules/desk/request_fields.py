"""The kinds of values that a request may hold: what is accepted, how it is said when it is not.

:func:`asks` makes the fields of a request of what the core says may be asked, each kind of Python value having
its form in JSON (:data:`_FORMS`): a new field of the core is a new field at every door.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache, reduce
from math import inf
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)

from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.errors import RequestError
from opqibi_rules.identifiers import read_siren, siren_of
from opqibi_rules.money import LARGEST, to_amount
from opqibi_rules.paper.checked import reason
from opqibi_rules.paper.json_schema import descriptions
from opqibi_rules.price.files.structure_file import (
    PaidModel,
    QualificationModel,
    StructureModel,
    TurnoverModel,
    paid_of,
    qualification_of,
    structure_of,
    turnover_of,
)
from opqibi_rules.price.planning.holdings import Change, Outcome
from opqibi_rules.price.planning.spread import By
from opqibi_rules.price.question import MOST_OF_A_TARIFF, Amount, ByTariff, EventName, Qualifications
from opqibi_rules.price.structure import Paid, Qualification, Structure, Turnover
from opqibi_rules.tables.description import Code, Day

MOST_NAMED = 300
"""The nomenclature holds some 190 qualifications; a list far longer is no question."""
LONGEST_TEXT = 200


def _amount(value: object, info: ValidationInfo) -> Decimal:
    if value == inf:  # a number of more digits than are counted
        raise RequestError(
            "over {largest:euro}, the largest amount accepted; check the unit.", largest=LARGEST
        )
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise RequestError('an amount as a text ("350000.50") or a whole number is expected.')
    return to_amount(value, info.field_name or "amount")


def _whole(most: int) -> BeforeValidator:
    """Accepts a whole number from zero to ``most``, never a text or a truth value."""

    def read(value: object) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise RequestError(
                "« {count} »: a whole number from 0 to {most} is expected.",
                count=json.dumps(value, ensure_ascii=False)[
                    :40
                ],  # "5" with its quotes is no number, and shows it
                most=most,
            )
        return value

    return BeforeValidator(read)


def _tariff(value: object) -> int:
    text = str(value)
    if not re.fullmatch("[1-9][0-9]?", text):
        raise RequestError("« {tariff} » is not a tariff code.", tariff=text[:40])
    return int(text)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise RequestError("a text expected.")
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
TariffKey = Annotated[
    int, BeforeValidator(_tariff), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]?$"})
]
Whole = Annotated[int, _whole(9999), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 9999})]


def _named(value: object) -> str | QualificationModel:
    """A qualification by its code, or as a structure file states it."""
    if isinstance(value, dict):
        try:
            return QualificationModel.model_validate(value)
        except ValidationError as error:
            raise RequestError("{problem}", problem=reason(error.errors(include_url=False)[0])) from None
    text = _text(value)
    Qualification.parse(text)
    return text


Named = Annotated[
    Any,
    BeforeValidator(_named),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{4}(:[0-9]{1,2})?$", "examples": ["1905:5"]},
                QualificationModel.model_json_schema(),
            ]
        }
    ),
]
Count = Annotated[
    int,
    _whole(MOST_OF_A_TARIFF),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_OF_A_TARIFF}),
]
Counts = dict[TariffKey, Count]
ShortText = Annotated[
    str, BeforeValidator(_text), WithJsonSchema({"type": "string", "maxLength": LONGEST_TEXT})
]
NamedList = Annotated[list[Named], Field(max_length=MOST_NAMED)]


def _rate(value: object) -> object:
    """A rate goes to the core as it is, which reads it; a text is short."""
    if isinstance(value, float):
        raise RequestError('a rate as a text ("0.085" or "8,5 %") or a territory is expected.')
    return value if type(value) is int else _text(value)


RateText = Annotated[
    Any,
    BeforeValidator(_rate),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": LONGEST_TEXT}, {"type": "integer"}]}),
]
Required = Annotated[
    str,
    _read_by(Requirement.parse),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{4}(\|[0-9]{4})*$", "maxLength": LONGEST_TEXT}),
]
SirenText = Annotated[
    str,
    _read_by(lambda text: siren_of(text) or read_siren(text)),
    WithJsonSchema({"type": "string", "maxLength": LONGEST_TEXT, "examples": ["434717997"]}),
]
RequiredList = Annotated[list[Required], Field(max_length=MOST_NAMED)]

_Request = TypeVar("_Request", bound=BaseModel)


def asks(asked: type) -> Callable[[type[_Request]], type[_Request]]:
    """Give a request the fields of ``asked``, a typed dictionary or a dataclass, with what is said of each there.

    A field may be left out, or null, unless the dataclass has no default for it.

    Raises:
        TypeError: a field of a kind that has no form here yet.
    """
    said = descriptions(asked)
    needed = (
        {item.name for item in fields(asked) if item.default is MISSING} if is_dataclass(asked) else set()
    )
    described: dict[str, Any] = {}
    for name, kind in get_type_hints(asked).items():
        form = _form_of(kind)
        if name in needed:
            described[name] = form, Field(description=said.get(name))
        else:
            described[name] = form | None, Field(None, description=said.get(name))

    def made(request: type[_Request]) -> type[_Request]:
        return create_model(request.__name__, __base__=request, __doc__=request.__doc__, **described)

    return made


def given_of(request: BaseModel, asked: type) -> dict[str, object]:
    """What a request gives of ``asked``, as the core takes it."""
    given = {name: getattr(request, name) for name in _names(asked)}
    return {name: _core(value) for name, value in given.items() if value is not None}


@cache
def _names(asked: type) -> tuple[str, ...]:
    return tuple(get_type_hints(asked))


def _core(value: object) -> object:
    """A value of a request as the core takes it."""
    match value:
        case list():
            return [_core(item) for item in value]
        case QualificationModel():
            return qualification_of(value)
        case StructureModel():
            return structure_of(value)
        case TurnoverModel():
            return turnover_of(value)
        case PaidModel():
            return paid_of(value)
        case ChangeRequest():
            return Change(**given_of(value, Change))  # type: ignore[arg-type] # its fields are those of Change
    return value


_FORMS: list[tuple[object, object]] = [
    (str, ShortText),
    (str | Decimal, RateText),
    (int, Whole),
    (date | str, Day),
    (By, ShortText),
    (EventName, ShortText),
    (Outcome, ShortText),
    (Amount, Euros),
    (Qualifications, NamedList),
    (tuple[Qualification, ...], NamedList),
    (tuple[str, ...], Annotated[list[Code], Field(max_length=MOST_NAMED)]),
    (ByTariff, Counts),
    (Mapping[int, int], Counts),
    (Mapping[str, Amount | None], dict[ShortText, Euros | None]),
    (Structure, StructureModel),
    (Iterable[Turnover], Annotated[list[TurnoverModel], Field(max_length=60)]),
    (Iterable[Paid], Annotated[list[PaidModel], Field(max_length=60)]),
]
"""What the core takes, and the form in which a request gives it."""


def _form_of(kind: object) -> Any:
    if get_origin(kind) in {Union, UnionType}:
        kind = reduce(or_, (item for item in get_args(kind) if item is not NoneType))
    for known, form in _FORMS:
        if kind == known:
            return form
    raise TypeError(f"a request has no form for {kind}")


@asks(Change)
class ChangeRequest(BaseModel):
    """What is asked for, or given up, at a later event of a plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_FORMS.append((Iterable[Change], Annotated[list[ChangeRequest], Field(max_length=40)]))
