"""How a fact is described: once, as a dataclass whose annotations say what a file may hold.

From that one description come the check of a file, with the line and column of each mistake, the JSON Schema
(:mod:`opqibi_rules.tables.check`, which alone loads pydantic), and the reading of what has been checked
(:func:`structured`). A released table has been through the check, and costs only the reading.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message, Text

_Class = TypeVar("_Class", bound=type[Any])


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(cls: _Class) -> _Class:
    """Make of a class the description of something that a file states: no other field is accepted there."""
    made: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__pydantic_config__ = {"extra": "forbid", "use_attribute_docstrings": True}
    described: _Class = made
    return described


class Like:
    """Accepts only a text of a form, and says what was expected."""

    def __init__(self, pattern: str, expected: Message, schema: Mapping[str, Any] | None = None) -> None:
        self.form = re.compile(pattern)
        self.expected = expected
        self.schema = schema or {"type": "string", "pattern": f"^{pattern}$"}

    def check(self, value: Any) -> Any:
        """The value, as it was given.

        Raises:
            RequestError: it is of another form.
        """
        if not isinstance(value, str) or not self.form.fullmatch(value):
            given = "null" if value is None else str(value)[:60]
            raise RequestError(
                Message("« {given} »; expected {expected}.", given=given, expected=self.expected)
            )
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """How pydantic checks it."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only a check loads pydantic

        written = core_schema.plain_serializer_function_ser_schema(_written)
        return core_schema.no_info_before_validator_function(
            self.check, handler(source), serialization=written
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        """What a JSON Schema says of it."""
        return dict(self.schema)


def _written(value: Any) -> Any:
    """A value of a checked table as plain data: exact numbers and days as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


class ByKind:
    """Marks a union whose member is told by its field ``kind``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """How pydantic chooses."""
        from pydantic import Field  # noqa: PLC0415 - only a check loads pydantic

        return handler.generate_schema(Annotated[source, Field(discriminator="kind")])


class _InBothLanguages:
    """Marks a text that is written in French and in English."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """A group of two texts, neither of them empty."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only a check loads pydantic

        filled = core_schema.typed_dict_field(handler.generate_schema(Filled))
        group = core_schema.typed_dict_schema({"fr": filled, "en": filled}, extra_behavior="forbid")
        return core_schema.no_info_after_validator_function(
            lambda value: Text(**value),
            group,
            serialization=core_schema.plain_serializer_function_ser_schema(Text._asdict),
        )


Amount = Annotated[
    Decimal,
    Like(r"[0-9]{1,12}(\.[0-9]{1,2})?", Message('an amount in euros with a point, such as "212.50"')),
]
Rate = Annotated[
    Decimal, Like(r"(0(\.[0-9]{1,7})?|1)", Message('a rate from 0 to 1 with a point, such as "0.00080"'))
]
Code = Annotated[str, Like(r"[0-9]{4}", Message('a code of four digits, such as "0607"'))]
Identifier = Annotated[str, Like(r"[a-z][a-z0-9_-]*", Message("small letters, digits, - and _"))]
Filled = Annotated[str, Like(r"(?s).*\S.*", Message("a text"), {"type": "string", "pattern": r"\S"})]
Words = Annotated[Text, _InBothLanguages()]
"""A text in both languages."""
Count = Annotated[
    int,
    Like(r"[0-9]{1,4}", Message("a whole number"), {"type": "integer", "minimum": 0, "maximum": 9999}),
]
TariffCode = Annotated[
    int,
    Like(
        r"[1-9][0-9]?",
        Message("a tariff code: a whole number from 1"),
        {"type": "integer", "minimum": 1, "maximum": 99},
    ),
]
Day = Annotated[
    date,
    Like(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}", Message("a day, as 2024-02-08"), {"type": "string", "format": "date"}
    ),
]


def structured(kind: Any, value: Any) -> Any:
    """``value``, plain and checked, as ``kind`` says: a described class, a tuple, a day or a number."""
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _reader(arguments[0])
    if origin in (Union, UnionType):
        return _chosen([item for item in arguments if item is not NoneType], nullable=NoneType in arguments)
    if kind is Text:
        return lambda value: Text(**value)
    if is_dataclass(kind):
        return _described(kind)
    if kind is Decimal:
        return Decimal
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if origin in (tuple, frozenset):
        item = _reader(arguments[0])
        return lambda value: origin(map(item, value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, item = _reader(arguments[0]), _reader(arguments[1])
        return lambda value: FrozenDict({key(name): item(one) for name, one in value.items()})
    return int if kind is int else (lambda value: value)


def _chosen(kinds: list[Any], *, nullable: bool) -> Callable[[Any], Any]:
    if len(kinds) == 1:
        only = _reader(kinds[0])
        return (lambda value: None if value is None else only(value)) if nullable else only
    by_kind = {cls.__dataclass_fields__["kind"].default: cls for cls in kinds}
    return lambda value: _reader(by_kind[value["kind"]])(value)


def _described(cls: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(cls, include_extras=False)
    readers = {field.name: _reader(hints[field.name]) for field in fields(cls)}
    return lambda value: cls(**{name: read(value[name]) for name, read in readers.items() if name in value})
