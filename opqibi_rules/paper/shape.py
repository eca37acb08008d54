"""The JSON of a result, said once: a :class:`Shape` says how each value is written, and what its JSON Schema is.

A shape has one annotation a key, in the order of the JSON. The value is the attribute of that name, another one
(:func:`at`), or a constant; its type says how it is written: an amount as a text with two decimals, a day as
ISO, a :class:`~opqibi_rules.messages.Message` as its reader reads it, a
:class:`~opqibi_rules.messages.Text` in the reader's language. :mod:`opqibi_rules.paper.json_schema` reads the
same annotations.

>>> class Price(NamedTuple):
...     name: Message
...     amount: Decimal
>>> class PriceShape(Shape, of=Price):
...     schema_version: Literal[1] = 1
...     label: Message = at("name")
...     amount: Decimal
>>> PriceShape.written(Price(Message("File"), Decimal("86")), Voice())
{'schema_version': 1, 'label': 'File', 'amount': '86.00'}
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from opqibi_rules.messages import InCurrency, Message, Say, Text
from opqibi_rules.money import plain

Written = Any
"""A value of a JSON text: whatever JSON can hold."""
Json = dict[str, Written]
"""A JSON object, as Python holds it."""
Source = str | Callable[[Any], object]
"""An attribute (``"event.id"``), or what a function makes of the whole."""


class Voice(NamedTuple):
    """How a reader's sentences are said: ``say`` renders them, ``language`` picks the tables' own texts."""

    say: Say = str
    language: str = "en"


Write = Callable[[Any, Voice], Written]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How one value is written, and its JSON Schema: a type's own, or another, ``Annotated[Decimal, Form(…)]``."""

    write: Write | None
    """``None``: it stands as it is."""
    schema: Mapping[str, object]


def values_of(message: Message) -> Json:
    """The values that a sentence names, as data, whatever the language: amounts and days as JSON has them."""
    return {name: _plain(value) for name, value in message.values.items()}


def _plain(value: object) -> Written:
    if isinstance(value, Message):
        return values_of(value) or str(value)
    if isinstance(value, Text):
        return value._asdict()
    if isinstance(value, InCurrency):
        return {"amount": plain(value.amount), "currency": value.currency}
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int) else str(value)


def exactly_written(value: Decimal, _voice: Voice) -> str:
    """A number with the very digits that it has."""
    return format(value, "f")


_RATE_SCHEMA = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+$", "examples": ["0.20"]}
Share = Annotated[Decimal, Form(lambda value, _: plain(value), _RATE_SCHEMA)]
"""A part of one with two decimals or more: 20 % is ``0.20``."""
Rate = Annotated[Decimal, Form(exactly_written, _RATE_SCHEMA)]
"""A part of one with the digits that its source prints: ``0.00080``."""


Figure = Annotated[
    Decimal, Form(exactly_written, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["5"]})
]
"""A number with the digits that its source prints: a quantity."""


Values = Annotated[Message, Form(lambda value, _: values_of(value), {"type": "object"})]
"""The values that a sentence names: they stand as data beside the sentence."""


class _At(NamedTuple):
    """Where a key's value stands, if not under its own name."""

    source: Source


def at(source: Source) -> Any:
    """The value of a key that stands elsewhere than under its own name."""
    return _At(source)


class _Added:
    """Marks a key that is not always there: whoever gives the answer may add it."""


def added() -> Any:
    """A key that a door may add to what the shape writes."""
    return _Added()


class Shape:
    """The JSON shape of a kind of value: subclasses hold one annotation a key."""

    _of: ClassVar[type]
    _write: ClassVar[Callable[[object, Voice], Json] | None]

    def __init_subclass__(cls, *, of: type) -> None:
        cls._of, cls._write = of, None

    @classmethod
    def fits(cls, value: object) -> bool:
        """The value has this shape, where several may be meant."""
        return isinstance(value, cls._of)

    @classmethod
    def written(cls, value: object, voice: Voice) -> Json:
        """The value as JSON."""
        write = cls._write
        if write is None:  # not when the class is made: the types that it names may come after it
            write = cls._write = _compiled(cls)
        return write(value, voice)


class Key(NamedTuple):
    """A key of a shape: its name in JSON, its type, and where its value stands."""

    attribute: str
    name: str
    kind: object
    source: object
    """An :class:`_At`, a constant, or :class:`_Added`."""

    @property
    def always(self) -> bool:
        """It stands in every answer."""
        return not isinstance(self.source, _Added)


def keys_of(shape: type[Shape]) -> Iterable[Key]:
    """The keys of a shape, in order; ``from_`` is written ``from``, which Python keeps for itself."""
    for name, kind in get_type_hints(shape, include_extras=True).items():
        if get_origin(kind) is not ClassVar:
            yield Key(name, name.rstrip("_"), kind, getattr(shape, name, _At(name)))


def _compiled(shape: type[Shape]) -> Callable[[object, Voice], Json]:
    """What writes a shape; made once, so that an answer costs little more than its values."""
    keys = [key for key in keys_of(shape) if key.always]
    blank: Json = {key.name: None if isinstance(key.source, _At) else key.source for key in keys}
    found = [(key, key.source.source) for key in keys if isinstance(key.source, _At)]
    named = {key.name: source for key, source in found if isinstance(source, str)}
    made = [(key.name, source) for key, source in found if not isinstance(source, str)]
    writers = [(key.name, write) for key, _ in found if (write := writer_of(key.kind)) is not None]
    names, get = tuple(named), attrgetter("__class__", *named.values())  # two or more make it give a tuple

    def written(value: object, voice: Voice) -> Json:
        result = blank.copy()
        result.update(zip(names, get(value)[1:], strict=True))
        for name, source in made:
            result[name] = source(value)
        for name, write in writers:
            item = result[name]
            if item is not None:
                result[name] = write(item, voice)
        return result

    return written


_FORMS: Mapping[type, Form] = {
    bool: Form(None, {"type": "boolean"}),
    int: Form(None, {"type": "integer"}),
    str: Form(None, {"type": "string"}),
    NoneType: Form(None, {"type": "null"}),
    Message: Form(lambda value, voice: voice.say(value), {"type": "string"}),
    Text: Form(lambda value, voice: value.said(voice.language), {"type": "string"}),
    Decimal: Form(
        lambda value, _: plain(value),
        {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,}$", "examples": ["1160.00"]},
    ),
    date: Form(lambda value, _: value.isoformat(), {"type": "string", "format": "date"}),
}


def form_of(kind: object) -> Form | None:
    """The form of a type that holds one value; ``None``: it is made of other types."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return next((item for item in arguments if isinstance(item, Form)), None) or form_of(arguments[0])
    if origin is Literal:
        return Form(None, {"enum": list(arguments)} if len(arguments) > 1 else {"const": arguments[0]})
    return _form_of_class(kind) if isinstance(kind, type) else None


def _form_of_class(cls: type) -> Form | None:
    if cls is object:
        return Form(None, {})
    if issubclass(cls, Enum):
        return Form(lambda value, _: value.value, {"enum": [item.value for item in cls]})
    return next((_FORMS[base] for base in cls.__mro__ if base in _FORMS), None)


def writer_of(kind: object) -> Write | None:
    """What writes a value of that type; ``None``: it stands as it is. A null is never given to it.

    Raises:
        TypeError: a type that no JSON is known for.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if (form := form_of(kind)) is not None:
        return form.write
    if origin is Annotated:
        return writer_of(arguments[0])
    if origin in {Union, UnionType}:
        return _writer_of_one_among([item for item in arguments if item is not NoneType])
    if isinstance(kind, type) and issubclass(kind, Shape):
        return kind.written
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _writer_of_items(origin, arguments)
    raise TypeError(f"no JSON is known for {kind}")


def _writer_of_items(collection: type, arguments: Sequence[object]) -> Write:
    """What writes a mapping or a list, whose items may be null."""
    if issubclass(collection, Mapping):
        write_value = _nullable(arguments[1])
        if write_value is None:
            return lambda value, _: dict(value)
        return lambda value, voice: {str(name): write_value(item, voice) for name, item in value.items()}
    write_item = _nullable(arguments[0])
    if write_item is None:
        return lambda value, _: list(value)
    return lambda value, voice: [write_item(item, voice) for item in value]


def _nullable(kind: object) -> Write | None:
    """What writes an item of a list or of a mapping, null included."""
    some = writer_of(kind)
    if some is None or NoneType not in get_args(kind):
        return some
    return lambda value, voice: None if value is None else some(value, voice)


def _writer_of_one_among(kinds: Sequence[object]) -> Write | None:
    """What writes a value of one of several types: shapes, each of which knows what fits it."""
    if len(kinds) == 1:
        return writer_of(kinds[0])
    if all(form and form.write is None for form in map(form_of, kinds)):
        return None
    shapes = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Shape)]
    if len(shapes) < len(kinds):
        raise TypeError(f"no JSON is known for one of {kinds}")

    def written(value: object, voice: Voice) -> Written:
        return next(shape.written for shape in shapes if shape.fits(value))(value, voice)

    return written
