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
from functools import lru_cache
from itertools import count
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    NoReturn,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

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


Bound = Callable[[Any], Written]
"""What writes a value in one voice."""
Make = Callable[[Voice], Bound]
"""What makes that of a voice."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How one value is written, and its JSON Schema: a type's own, or another, ``Annotated[Decimal, Form(…)]``."""

    write: Make | str | None
    """What makes what writes it; or an expression, ``{}`` standing for the value. ``None``: it stands as it is."""
    schema: Mapping[str, object]


@lru_cache(maxsize=4096)
def iso(day: date) -> str:
    """A day as text: few come again and again."""
    return day.isoformat()


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


_AMOUNT = "(text if (text := str(given := {}))[-3:-2] == '.' else plain(given))"
"""``plain({})``, without a call for nearly all amounts."""
_EXACTLY = "(text if 'E' not in (text := str(given := {})) else format(given, 'f'))"
"""``format({}, 'f')``: the very digits that a number has, in a quarter of the time."""
_RATE_SCHEMA = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+$", "examples": ["0.20"]}
Share = Annotated[Decimal, Form(_AMOUNT, _RATE_SCHEMA)]
"""A part of one with two decimals or more: 20 % is ``0.20``."""
Rate = Annotated[Decimal, Form(_EXACTLY, _RATE_SCHEMA)]
"""A part of one with the digits that its source prints: ``0.00080``."""


Figure = Annotated[
    Decimal, Form(_EXACTLY, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["5"]})
]
"""A number with the digits that its source prints: a quantity."""


class _At(NamedTuple):
    """Where a key's value stands, if not under its own name."""

    source: Source
    handing: str | None = None


def at(source: Source, *, handing: str | None = None) -> Any:
    """The value of a key that stands elsewhere than under its own name.

    A path, ``"known.year"``, ends at the first null where the key may be null.

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
_MOST_VOICES = 16


class Shape:
    """The JSON shape of a kind of value: subclasses hold one annotation a key."""

    _of: ClassVar[type]
    recurs: ClassVar[bool]
    """Its values never change and come again: the lines of a count, an edition of a schedule."""
    _make: ClassVar[Make | None]
    _bound: ClassVar[dict[Voice, Bound]]
    _making: ClassVar[bool]

    def __init_subclass__(cls, *, of: type, recurs: bool = False) -> None:
        """``of`` is the class of its values; where the very same ones recur, each is written once, then copied."""
        cls._of, cls.recurs, cls._make, cls._bound, cls._making = of, recurs, None, {}, False

    @classmethod
    def fits(cls, value: object) -> bool:
        """The value has this shape, where several may be meant."""
        return isinstance(value, cls._of)

    @classmethod
    def written(cls, value: object, voice: Voice) -> Json:
        """The value as JSON."""
        found: Json = (cls._bound.get(voice) or cls.writer(voice))(value)
        return found

    @classmethod
    def writer(cls, voice: Voice) -> Bound:
        """What writes such a value in a voice."""
        with _MAKING:
            if cls._making:  # by this very thread: it holds one of its own kind
                return lambda value: cls.written(value, voice)
            if voice not in cls._bound:
                if len(cls._bound) >= _MOST_VOICES:
                    cls._bound.clear()
                cls._making = True
                try:
                    write = cls.made(voice)
                    cls._bound[voice] = _once(write, copied=True) if cls.recurs else write
                finally:
                    cls._making = False
            return cls._bound[voice]

    @classmethod
    def made(cls, voice: Voice) -> Bound:
        """The same, each time anew."""
        if cls._make is None:  # not when the class is made: the types that it names may come after it
            cls._make = _compiled(cls)
        return cls._make(voice)


_MOST_KEPT = 4096
_MOST_MET = 256


def _once(write: Bound, *, copied: bool = False) -> Bound:
    """What writes an immutable value as it was written before, where it is the very same one.

    It is kept when it comes again: most values are those of one answer alone.

    ``copied``: a new JSON object each time, its lists and mappings too, for an answer is its reader's to change.
    """
    # By the id of a value: no other has it as long as this one is kept.
    kept: dict[int, tuple[object, Written, list[str]]] = {}
    met: dict[int, object] = {}
    known = kept.get

    def first(value: object) -> Written:
        key, result = id(value), write(value)
        if met.pop(key, None) is not value:
            if len(met) >= _MOST_MET:
                met.clear()
            met[key] = value
            return result
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        holders = [name for name, item in result.items() if type(item) in _HOLDERS] if copied else []
        kept[key] = value, result, holders
        return again(value)

    def again(value: object) -> Written:
        found = known(id(value))
        if found is None:
            return first(value)
        if not copied:
            return found[1]
        result = found[1].copy()
        for name in found[2]:
            result[name] = result[name].copy()
        return result

    return again


_HOLDERS = frozenset({list, dict})


Values = Annotated[Message, Form(lambda _: _once(values_of, copied=True), {"type": "object"})]
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


def _compiled(shape: type[Shape]) -> Make:
    """What makes the writer of a shape: a function made as text, once, as ``dataclass`` makes an ``__init__``.

    It stands in every answer, and so costs little more than its values.
    """
    text = _Text()
    keys = [key for key in keys_of(shape) if not isinstance(key.source, _Added)]
    return text.function(f"{{{', '.join(f'{key.name!r}: {text.of_key(key)}' for key in keys)}}}")


class _Text:
    """The text of a function that writes a ``value``: expressions, and what the names in them stand for."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"plain": plain, "iso": iso, "hand": _hand}
        self.fresh = (f"n{number}" for number in count())
        self.own: list[str] = []
        """What each voice has its own of."""

    def function(self, expression: str) -> Make:
        """What makes, for a voice, the function that gives that expression."""
        own = "".join(f"    {line}\n" for line in self.own)
        exec(f"def make(voice):\n{own}    return lambda value: {expression}", self.names)  # noqa: S102 - every word of it is a name of our own classes
        make: Make = self.names["make"]
        return make

    def named(self, thing: object) -> str:
        """The name of something."""
        name = next(self.fresh)
        self.names[name] = thing
        return name

    def bound(self, make: Make) -> str:
        """The name of what is made for each voice."""
        name = self.named(make)
        self.own.append(f"own_{name} = {name}(voice)")
        return f"own_{name}"

    def of_key(self, key: Key) -> str:
        """The value of a key."""
        if not isinstance(key.source, _At):
            return self.named(key.source)
        source, handing = key.source
        if not isinstance(source, str):
            return self.written(key.kind, f"{self.named(source)}(value)")
        *path, last = source.split(".")
        tests, holder = "", "value"
        for step in path:
            holder += f".{step}"
            if NoneType in get_args(key.kind):
                name = next(self.fresh)
                tests += f"None if ({name} := {holder}) is None else "
                holder = name
        found = tests + self.written(key.kind, f"{holder}.{last}")
        return f"hand({found}, {handing.rpartition('.')[2]!r}, value.{handing})" if handing else found

    def written(self, kind: object, value: str) -> str:
        """What is written of a value, the expression of which is given.

        Raises:
            TypeError: a type that no JSON is known for.
        """
        origin, arguments = get_origin(kind), get_args(kind)
        if (form := form_of(kind)) is not None:
            write = form.write or "{}"
            return write.format(value) if isinstance(write, str) else f"{self.bound(write)}({value})"
        if origin is Annotated:
            return self.written(arguments[0], value)
        if origin in {Union, UnionType}:
            return self._one_among(arguments, value)
        if isinstance(kind, type) and issubclass(kind, Shape):
            return f"{self.bound(kind.writer)}({value})"
        if isinstance(origin, type) and issubclass(origin, Iterable):
            return self._items(arguments, value, of_mapping=issubclass(origin, Mapping))
        raise TypeError(f"no JSON is known for {kind}")

    def _items(self, arguments: Sequence[object], value: str, *, of_mapping: bool) -> str:
        """A list or a mapping."""
        item = next(self.fresh)
        written = self.written(arguments[1] if of_mapping else arguments[0], item)
        if written == item:
            return f"dict({value})" if of_mapping else f"list({value})"
        if of_mapping:
            return f"{{f'{{key}}': {written} for key, {item} in {value}.items()}}"
        return f"[{written} for {item} in {value}]"

    def _one_among(self, kinds: Sequence[object], value: str) -> str:
        """A value of one of several types."""
        if NoneType in kinds:
            name = value if value.isidentifier() else next(self.fresh)
            written = self._one_among([kind for kind in kinds if kind is not NoneType], name)
            test = value if value == name else f"({name} := {value})"
            return value if written == name else f"None if {test} is None else {written}"
        if len(kinds) == 1:
            return self.written(kinds[0], value)
        if all(form and form.write is None for form in map(form_of, kinds)):
            return value
        return f"{self.bound(_writer_of_shapes(kinds))}({value})"


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
    Message: Form(lambda voice: _once(voice.say), {"type": "string"}),
    Text: Form("{}.said(voice.language)", {"type": "string"}),
    Decimal: Form(_AMOUNT, {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,}$", "examples": ["1160.00"]}),
    date: Form("iso({})", {"type": "string", "format": "date"}),
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
        return Form("{}._value_", {"enum": [item.value for item in cls]})
    return next((_FORMS[base] for base in cls.__mro__ if base in _FORMS), None)


def _writer_of_shapes(kinds: Sequence[object]) -> Make:
    """What writes a value of one of several shapes, each of which knows what fits it."""
    shapes = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Shape)]
    if len(shapes) < len(kinds):
        raise TypeError(f"no JSON is known for one of {kinds}")
    recur = all(shape.recurs for shape in shapes)
    text = _Text()
    choice = f"{text.named(_refused)}(value)"
    for shape in reversed(shapes):
        write = text.bound(shape.made if recur else shape.writer)
        choice = f"{write}(value) if {text.named(shape.fits)}(value) else {choice}"
    make = text.function(choice)
    return (lambda voice: _once(make(voice), copied=True)) if recur else make


def _refused(value: object) -> NoReturn:
    raise TypeError(f"no JSON is known for {type(value)}")
