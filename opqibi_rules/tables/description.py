"""How a fact is described: once, as a dataclass whose annotations say what a file may hold.

From that one description come the check of a file, with the line and column of each mistake, the JSON Schema
(:mod:`opqibi_rules.tables.check`, which alone loads pydantic), and the reading of what has been checked
(:func:`structured`). A released table has been through the check, and costs only the reading.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    NoReturn,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message, Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import GetCoreSchemaHandler
    from pydantic_core.core_schema import CoreSchema

_Kind = TypeVar("_Kind")
_Read = Callable[[Any], Any]
"""What makes a value of a fact of what its file holds, once that is checked."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(cls: type[_Kind]) -> type[_Kind]:
    """Make of a class the description of something that a file states: no other field is accepted there.

    A fact never changes, and is equal to another that says the same. What bears an ``id`` hashes by it: equal facts
    have equal ids, and hashing a whole schedule would cost.
    """
    # What all facts share is not compiled for each of them: every command would wait for it.
    made = dataclass(slots=True, kw_only=True, init=False, eq=False, repr=False)(cls)
    for name, shared in _SHARED.items():
        setattr(made, name, shared)
    return made


def _init(self: "DataclassInstance", **given: object) -> None:
    for name, field in self.__dataclass_fields__.items():
        if name in given:
            value = given.pop(name)
        elif field.default is not MISSING:
            value = field.default
        elif field.default_factory is not MISSING:
            value = field.default_factory()
        else:
            raise TypeError(f"{type(self).__name__}: {name} is missing")
        object.__setattr__(self, name, value)
    if given:
        raise TypeError(f"{type(self).__name__}: {', '.join(given)} unknown")


def _refuse(_self: object, name: str, *_value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot change {name}")


def _restore(self: "DataclassInstance", state: tuple[object, ...]) -> None:
    _init(self, **dict(zip(self.__dataclass_fields__, state, strict=True)))


def _values(described: "DataclassInstance") -> tuple[object, ...]:
    return tuple(getattr(described, name) for name in described.__dataclass_fields__)


def _equal(self: "DataclassInstance", other: object) -> bool:
    return self is other or (type(self) is type(other) and _values(self) == _values(other))


def _hash(self: "DataclassInstance") -> int:
    identity = getattr(self, "id", None)
    return hash(_values(self) if identity is None else identity)


def _repr(self: "DataclassInstance") -> str:
    named = zip(self.__dataclass_fields__, _values(self), strict=True)
    return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"


_SHARED: Mapping[str, object] = {
    "__init__": _init,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _values,
    "__setstate__": _restore,
    "__pydantic_config__": {"extra": "forbid", "use_attribute_docstrings": True},
}


@dataclass(frozen=True, slots=True, eq=False)
class Like:
    """Accepts only a text of a form, or a whole number where its schema says so, and says what was expected."""

    pattern: str
    expected: Message
    schema: Mapping[str, object] | None = None

    def check(self, value: object) -> object:
        """The value, as it was given.

        Raises:
            RequestError: it is of another form.
        """
        if type(value) is int and (self.schema or {}).get("type") == "integer":
            value = str(value)
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            given = "null" if value is None else str(value)[:60]
            raise RequestError("« {given} »; expected {expected}.", given=given, expected=self.expected)
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """How pydantic checks it."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only a check loads pydantic

        written = core_schema.plain_serializer_function_ser_schema(_written)
        return core_schema.no_info_before_validator_function(
            self.check, handler(source), serialization=written
        )

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, object]:
        """What a JSON Schema says of it."""
        return dict(self.schema or {"type": "string", "pattern": f"^{self.pattern}$"})


def _written(value: object) -> object:
    """A value of a checked table as plain data: exact numbers and days as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Mark:
    """What a type means beyond its Python form: how pydantic checks it."""

    schema: "Callable[[object, GetCoreSchemaHandler], CoreSchema]"

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """How pydantic checks it."""
        return self.schema(source, handler)


def _by_kind(source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
    from pydantic import Field  # noqa: PLC0415 - only a check loads pydantic

    return handler.generate_schema(Annotated[source, Field(discriminator="kind")])


def _some(source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
    return cast("CoreSchema", {**handler(source), "min_length": 1})


def _in_both_languages(source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
    from pydantic_core import core_schema  # noqa: PLC0415 - only a check loads pydantic

    filled = core_schema.typed_dict_field(handler.generate_schema(Filled))
    group = core_schema.typed_dict_schema({"fr": filled, "en": filled}, extra_behavior="forbid")
    return core_schema.no_info_after_validator_function(
        lambda value: Text(**value),
        group,
        serialization=core_schema.plain_serializer_function_ser_schema(Text._asdict),
    )


BY_KIND = Mark(_by_kind)
"""A union whose member is told by its field ``kind``."""
SOME = Mark(_some)
"""A collection that has at least one item."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """Marks a mapping that a file states as a list: the item's field ``name`` is its key."""

    name: str

    def keyed(self, items: Iterable[object]) -> FrozenDict[object, object]:
        """The items by their key."""
        return FrozenDict({getattr(item, self.name): item for item in items})

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """A list in the file, and again where it is written."""
        from pydantic_core import core_schema  # noqa: PLC0415 - only a check loads pydantic

        items = core_schema.list_schema(handler.generate_schema(get_args(source)[1]))
        return core_schema.no_info_after_validator_function(
            self.keyed,
            items,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda keyed: list(keyed.values()), return_schema=items
            ),
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
Words = Annotated[Text, Mark(_in_both_languages)]
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
        {"type": "integer", "minimum": 1, "maximum": 99, "pattern": "^[1-9][0-9]?$"},
    ),
]
Day = Annotated[
    date,
    Like(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}", Message("a day, as 2024-02-08"), {"type": "string", "format": "date"}
    ),
]
Country = Annotated[str, Like(r"[A-Z]{2}", Message("a country code of two capitals, such as DE"))]


def structured(kind: type[_Kind], value: object) -> _Kind:
    """``value``, plain and checked, as ``kind`` says: a described class, a tuple, a day or a number."""
    read: Callable[[object], _Kind] = _reader(cast("object", kind))
    return read(value)


@cache
def _reader(kind: object) -> _Read:
    """What reads one kind of value; made once for each."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        keyed = next((mark for mark in arguments[1:] if isinstance(mark, Keyed)), None)
        return _reader(arguments[0]) if keyed is None else _keyed(keyed, arguments[0])
    if origin in (Union, UnionType):
        return _chosen([item for item in arguments if item is not NoneType], nullable=NoneType in arguments)
    return _collected(origin, arguments) if isinstance(origin, type) else _plain(kind)


def _collected(origin: type[object], arguments: tuple[object, ...]) -> _Read:
    """What reads a tuple, a set or a mapping."""
    if issubclass(origin, Mapping):
        key, item = map(_reader, arguments)
        return lambda value: FrozenDict({key(name): item(one) for name, one in value.items()})
    item = _reader(arguments[0])
    made: _Read = origin
    return lambda value: made(map(item, value))


_PLAIN: Mapping[object, _Read] = {
    Text: lambda value: Text(**value),
    date: date.fromisoformat,
    Decimal: Decimal,
    int: int,
}


def _plain(kind: object) -> _Read:
    """What reads a described class or a single value; a text stands as it is."""
    if isinstance(kind, type) and is_dataclass(kind):
        return _described(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _PLAIN.get(kind, lambda value: value)


def _keyed(mark: Keyed, mapping: object) -> _Read:
    item = _reader(get_args(mapping)[1])
    return lambda value: mark.keyed(map(item, value))


def _chosen(kinds: "Sequence[type[DataclassInstance]]", *, nullable: bool) -> _Read:
    if len(kinds) == 1:
        only = _reader(kinds[0])
        return (lambda value: None if value is None else only(value)) if nullable else only
    by_kind = {cls.__dataclass_fields__["kind"].default: cls for cls in kinds}
    return lambda value: _reader(by_kind[value["kind"]])(value)


def _described(cls: "type[DataclassInstance]") -> _Read:
    hints = get_type_hints(cls, include_extras=True)
    readers = {field.name: _reader(hints[field.name]) for field in fields(cls)}
    return lambda value: cls(**{name: read(value[name]) for name, read in readers.items() if name in value})
