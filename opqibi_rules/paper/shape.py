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

from _thread import RLock  # that of threading, which is slow to load
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
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


class _At(NamedTuple):
    """Where a key's value stands, if not under its own name."""

    source: Source
    handing: str | None = None


def at(source: Source, *, handing: str | None = None) -> Any:
    """The value of a key that stands elsewhere than under its own name.

    ``handing``: an attribute of the whole that each item of that key, a list of shapes, bears too: :func:`handed`.
    """
    return _At(source, handing)


class _Added(NamedTuple):
    """Marks a key that the shape does not write: whoever gives the answer may add it, or its holder always does."""

    always: bool


def added() -> Any:
    """A key that a door may add to what the shape writes."""
    return _Added(always=False)


def handed() -> Any:
    """A key whose value whatever holds the shape knows and writes in it: see :func:`at`."""
    return _Added(always=True)


_MAKING = RLock()
"""Several answers may be written at once, each by a thread of its own."""


class Shape:
    """The JSON shape of a kind of value: subclasses hold one annotation a key."""

    _of: ClassVar[type]
    recurs: ClassVar[bool]
    """Its values never change and come again: the lines of a count, an edition of a schedule."""
    _write: ClassVar[Callable[[object, Voice], Json] | None]
    _making: ClassVar[bool]

    def __init_subclass__(cls, *, of: type, recurs: bool = False) -> None:
        """``of`` is the class of its values; where the very same ones recur, each is written once, then copied."""
        cls._of, cls.recurs, cls._write, cls._making = of, recurs, None, False

    @classmethod
    def fits(cls, value: object) -> bool:
        """The value has this shape, where several may be meant."""
        return isinstance(value, cls._of)

    @classmethod
    def written(cls, value: object, voice: Voice) -> Json:
        """The value as JSON."""
        return cls.writer()(value, voice)

    @classmethod
    def writer(cls) -> Callable[[object, Voice], Json]:
        """What writes such a value."""
        if cls._write is None:  # not when the class is made: the types that it names may come after it
            with _MAKING:
                if cls._making:  # by this very thread: it holds one of its own kind
                    return cls.written
                if cls._write is None:
                    cls._making = True
                    try:
                        cls._write = _once(_compiled(cls), copied=True) if cls.recurs else _compiled(cls)
                    finally:
                        cls._making = False
        return cls._write


_MOST_KEPT = 4096
_MOST_MET = 256


def _once(write: Write, *, copied: bool = False) -> Write:
    """What writes an immutable value as it was written before, where it is the very same one.

    It is kept when it comes again: most values are those of one answer alone.

    ``copied``: a new JSON object each time, its lists and mappings too, for an answer is its reader's to change.
    """
    kept: dict[tuple[int, Voice], tuple[object, Written, list[tuple[str, Any]]]] = {}
    met: dict[tuple[int, Voice], object] = {}

    def again(value: object, voice: Voice) -> Written:
        key = id(value), voice  # no other value has that id as long as this one is kept
        found = kept.get(key)
        if found is None:
            result = write(value, voice)
            if met.pop(key, None) is not value:
                if len(met) >= _MOST_MET:
                    met.clear()
                met[key] = value
                return result
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            held = [pair for pair in result.items() if type(pair[1]) in _HOLDERS] if copied else []
            found = kept[key] = value, result, held
        if not copied:
            return found[1]
        result = found[1].copy()
        for name, item in found[2]:
            result[name] = item.copy()
        return result

    return again


_HOLDERS = frozenset({list, dict})


Values = Annotated[Message, Form(_once(lambda value, _: values_of(value), copied=True), {"type": "object"})]
"""The values that a sentence names: they stand as data beside the sentence."""


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
        return not isinstance(self.source, _Added) or self.source.always


def keys_of(shape: type[Shape]) -> Iterable[Key]:
    """The keys of a shape, in order; ``from_`` is written ``from``, which Python keeps for itself."""
    for name, kind in get_type_hints(shape, include_extras=True).items():
        if get_origin(kind) is not ClassVar:
            yield Key(name, name.rstrip("_"), kind, getattr(shape, name, _At(name)))


def _compiled(shape: type[Shape]) -> Callable[[object, Voice], Json]:
    """What writes a shape: a function made as text, once, as ``dataclass`` makes an ``__init__``.

    It stands in every answer, and so costs little more than its values.
    """
    names: dict[str, Any] = {}
    entries = []
    for number, key in enumerate(key for key in keys_of(shape) if not isinstance(key.source, _Added)):
        if not isinstance(key.source, _At):
            names[f"constant{number}"], value = key.source, f"constant{number}"
        elif isinstance(key.source.source, str):
            value = f"value.{key.source.source}"
        else:
            names[f"made{number}"], value = key.source.source, f"made{number}(value)"
        if isinstance(key.source, _At) and (write := writer_of(key.kind)) is not None:
            names[f"write{number}"] = write
            value = f"None if (item := {value}) is None else write{number}(item, voice)"
            if handing := key.source.handing:
                names["hand"], name = _hand, handing.rpartition(".")[2]
                value = f"hand({value}, {name!r}, value.{handing})"
        entries.append(f"{key.name!r}: {value}")
    text = f"def written(value, voice):\n    return {{{', '.join(entries)}}}"
    exec(text, names)  # noqa: S102 - every word of it is a name of our own classes
    written: Callable[[object, Voice], Json] = names["written"]
    return written


def _hand(items: list[Json], name: str, value: Written) -> list[Json]:
    """The items of a list, each with what their holder knows of them all."""
    for item in items:
        item[name] = value
    return items


_FORMS: Mapping[type, Form] = {
    bool: Form(None, {"type": "boolean"}),
    int: Form(None, {"type": "integer"}),
    str: Form(None, {"type": "string"}),
    NoneType: Form(None, {"type": "null"}),
    Message: Form(_once(lambda value, voice: voice.say(value)), {"type": "string"}),
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
        return kind.writer()
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _writer_of_items(origin, arguments)
    raise TypeError(f"no JSON is known for {kind}")


def _writer_of_items(collection: type, arguments: Sequence[object]) -> Write:
    """What writes a mapping or a list, whose items may be null."""
    of_mapping = issubclass(collection, Mapping)
    write = writer_of(arguments[1] if of_mapping else arguments[0])
    if write is None:
        return lambda value, _: dict(value) if of_mapping else list(value)
    if of_mapping:
        return lambda value, voice: {
            str(name): None if item is None else write(item, voice) for name, item in value.items()
        }
    return lambda value, voice: [None if item is None else write(item, voice) for item in value]


def _writer_of_one_among(kinds: Sequence[object]) -> Write | None:
    """What writes a value of one of several types: shapes, each of which knows what fits it."""
    if len(kinds) == 1:
        return writer_of(kinds[0])
    if all(form and form.write is None for form in map(form_of, kinds)):
        return None
    shapes = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Shape)]
    if len(shapes) < len(kinds):
        raise TypeError(f"no JSON is known for one of {kinds}")

    recur = all(shape.recurs for shape in shapes)
    choices = [(shape.fits, _compiled(shape) if recur else shape.writer()) for shape in shapes]

    def written(value: object, voice: Voice) -> Written:
        for fits, write in choices:
            if fits(value):
                return write(value, voice)
        raise TypeError(f"no JSON is known for {type(value)}")

    return _once(written, copied=True) if recur else written
