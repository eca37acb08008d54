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
    handed: object = None
    """What the holder of what is written knows of it: :func:`handed`."""


Bound = Callable[[Any], Written]
"""What writes a value in one voice."""
Make = Callable[[Voice], Any]
"""What makes that of a voice."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How one value is written, and its JSON Schema: a type's own, or another, ``Annotated[Decimal, Form(…)]``."""

    write: Make | str | None
    """What makes what writes it; or an expression: ``{given}`` gives the value, ``{value}`` is its name from then
    on, ``{text}`` a name to use. ``None``: it stands as it is."""
    schema: Mapping[str, object]
    recurs: bool = False
    """The very same values come again, and never change: what was written of them is."""


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


_AMOUNT = "({text} if ({text} := str({given}))[point] == '.' else plain({value}))"
"""``plain(value)``, without a call for nearly all amounts."""
_EXACTLY = "({text} if 'E' not in ({text} := str({given})) else format({value}, 'f'))"
"""``format(value, 'f')``: the very digits that a number has, in a quarter of the time."""
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


class _First(NamedTuple):
    """Marks a key that is the first of another one."""

    of: str


def first_of(name: str) -> Any:
    """The first of what stands in another key, a mapping to JSON objects that hold none; null where it is empty."""
    return _First(name)


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

    of: ClassVar[type]
    recurs: ClassVar[bool]
    """Its values never change and come again: the lines of a count, an edition of a schedule."""
    _make: ClassVar[Make | None]
    _bound: ClassVar[dict[Voice, Bound]]
    _making: ClassVar[bool]

    def __init_subclass__(cls, *, of: type, recurs: bool = False) -> None:
        """``of`` is the class of its values; where the very same ones recur, each is written once, then copied."""
        cls.of, cls.recurs, cls._make, cls._bound, cls._making = of, recurs, None, {}, False

    @classmethod
    def fits(cls, value: object) -> bool:
        """The value has this shape, where several may be meant."""
        return isinstance(value, cls.of)

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
                    if (
                        cls._make is None
                    ):  # not when the class is made: the types that it names may come after it
                        cls._make = _compiled(cls)
                    cls._bound[voice] = cls._make(voice)
                finally:
                    cls._making = False
            return cls._bound[voice]


_MOST_KEPT = 4096
_MOST_MET = 256


class _Memory:
    """What was written of the very same immutable values, which come again, and what writes the others.

    It is kept of what comes again: most values are those of one answer alone.

    ``copied``: a JSON object is given anew each time, with all that it holds: an answer is its reader's to change.
    """

    def __init__(self, write: Bound, *, copied: bool) -> None:
        self._write, self._copied = write, copied
        self._known: dict[int, Any] = {}
        """By id, the text; or what gives the object anew."""
        self._alive: dict[int, object] = {}
        """The values known: no other has the id of one that is held."""
        self._met: dict[int, object] = {}
        self.known = self._known.get

    def first(self, value: object) -> Written:
        """What is written of a value that is not known."""
        key, met, result = id(value), self._met, self._write(value)
        if met.pop(key, None) is value:
            with _MAKING:  # none is known that is not held
                if len(self._known) >= _MOST_KEPT:
                    self._known.clear()
                    self._alive.clear()
                self._alive[key] = value
                self._known[key] = again = _anew(result) if self._copied else result
            return again() if self._copied else result
        if len(met) >= _MOST_MET:
            met.clear()
        met[key] = value
        return result


def _anew(written: Any) -> Callable[[], Written]:
    """What gives it anew each time, and all that it holds: nobody else's then."""
    copy: Callable[[], Any] = written.copy
    held = [
        (place, _anew(item))
        for place, item in (written.items() if isinstance(written, dict) else enumerate(written))
        if isinstance(item, dict | list)
    ]
    if not held:
        return copy
    if isinstance(written, list) and len(held) == len(written):
        each = [again for _, again in held]
        return lambda: [again() for again in each]

    def whole() -> Written:
        result = copy()
        for place, again in held:
            result[place] = again()
        return result

    return whole


Values = Annotated[Message, Form(lambda _: values_of, {"type": "object"}, recurs=True)]
"""The values that a sentence names: they stand as data beside the sentence."""


Empty = Annotated[Mapping[str, object], Form("not {given}", {"type": "boolean"})]
"""There is none of them."""


RECURS = object()
"""Marks a tuple the very same of which comes again, and never changes: ``Annotated[tuple[Each, ...], RECURS]``."""


Plain = Annotated[Mapping[str, object], Form(None, {"type": "object", "additionalProperties": {}})]
"""A JSON object made for that answer alone: it stands as it is."""


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
    text = _Text(shape)
    keys = [key.name for key in text.keys.values() if key.always]
    return text.function(f"{{{', '.join(f'{name!r}: {text.of_key(name)}' for name in keys)}}}")


class _Text:
    """The text of a function that writes a ``value``: expressions, and what the names in them stand for."""

    def __init__(self, shape: type[Shape] | None = None) -> None:
        self.keys = {key.name: key for key in keys_of(shape)} if shape else {}
        self.found: dict[str, str] = {}
        """The keys that stand in a name already."""
        self.names: dict[str, Any] = {
            "plain": plain,
            "iso": iso,
            "point": slice(-3, -2),
            "whole": slice(None),
            "Handing": _Handing,
        }
        self.fresh = (f"n{number}" for number in count())
        self.own: list[str] = []
        """What each voice has its own of."""
        self.before: list[str] = []
        """What the function does first."""
        self.handed = ""
        """What is handed to what is written, where something is."""
        self.fields: Sequence[str] = getattr(shape and shape.of, "_fields", ())
        self.read: dict[str, str] = {}
        """What is read of the value before all, once: by its name, how."""

    def function(self, expression: str) -> Make:
        """What makes, for a voice, the function that gives that expression."""
        read = {name: how for name, how in self.read.items() if how not in self.fields}
        lines = [f"{name} = {how}" for name, how in read.items()]
        if len(read) < len(self.read):  # all the fields of a tuple in less time than three by name
            lines.insert(0, f"{', '.join(map(_its, self.fields))}, = value[whole]")
        before = "".join(f"        {line}\n" for line in (*lines, *self.before))
        own = "".join(f"    {line}\n" for line in self.own)
        write = f"    def write(value):\n{before}        return {expression}\n    return write"
        exec(f"def make(voice):\n{own}{write}", self.names)  # noqa: S102 - every word of it is a name of our own classes
        make: Make = self.names["make"]
        return make

    def its(self, attribute: str) -> str:
        """The name of an attribute of the value."""
        name = _its(attribute)
        self.read[name] = attribute if attribute in self.fields else f"value.{attribute}"
        return name

    def named(self, thing: object) -> str:
        """The name of something."""
        name = next(self.fresh)
        self.names[name] = thing
        return name

    def bound(self, make: Make) -> str:
        """The name of what is made for each voice."""
        name = self.named(make)
        if self.handed:
            self.own.append(f"own_{name} = Handing({name}, voice)")
            return f"own_{name}[{self.handed}]"
        self.own.append(f"own_{name} = {name}(voice)")
        return f"own_{name}"

    def once(self, value: str) -> tuple[str, str]:
        """What gives a value and keeps it; and its name from then on."""
        if value.isidentifier():
            return value, value
        name = next(self.fresh)
        return f"({name} := {value})", name

    def of_key(self, name: str) -> str:
        """The value of a key."""
        if name in self.found:
            return self.found[name]
        key = self.keys[name]
        if isinstance(key.source, _First):
            of = key.source.of
            all_of = f"all_{of}"
            self.before.append(f"{all_of} = {self.of_key(of)}")
            self.found[of] = all_of
            return f"next(iter({all_of}.values())).copy() if {all_of} else None"
        if isinstance(key.source, _Added):
            return "voice.handed"
        if not isinstance(key.source, _At):
            return self.named(key.source)
        source, handing = key.source
        if not isinstance(source, str):
            return self.written(key.kind, f"{self.named(source)}(value)")
        first, *path = source.split(".")
        tests, found = "", self.its(first)
        for step in path:
            if NoneType in get_args(key.kind):
                given, found = self.once(found)
                tests += f"None if {given} is None else "
            found += f".{step}"
        if handing:
            first, *path = handing.split(".")
            self.handed = ".".join([self.its(first), *path])
        found = tests + self.written(key.kind, found)
        self.handed = ""
        return found

    def written(self, kind: object, value: str) -> str:
        """What is written of a value, the expression of which is given.

        Raises:
            TypeError: a type that no JSON is known for.
        """
        origin, arguments = get_origin(kind), get_args(kind)
        if written_by := _writer_of(kind):
            return (
                self._again(written_by, value)
                if written_by.recurs
                else f"{self.bound(written_by.make)}({value})"
            )
        if (form := form_of(kind)) is not None:
            return self._formed(form, value)
        if origin is Annotated:
            return self.written(arguments[0], value)
        if origin in {Union, UnionType}:
            return self._one_among(arguments, value)
        if isinstance(origin, type) and issubclass(origin, Iterable):
            return self._items(arguments, value, of_mapping=issubclass(origin, Mapping))
        raise TypeError(f"no JSON is known for {kind}")

    def _again(self, written_by: "_Writer", value: str) -> str:
        """What was written of the very same value before, else what is now."""
        known, first = next(self.fresh), next(self.fresh)
        memory = self.bound(written_by.memory)
        (self.before if self.handed else self.own).append(
            f"{known}, {first} = {memory}.known, {memory}.first"
        )
        given, name = self.once(value)
        if not written_by.copied:
            return f"({known}(id({given})) or {first}({name}))"
        again = next(self.fresh)
        return f"({again}() if ({again} := {known}(id({given}))) else {first}({name}))"

    def _formed(self, form: Form, value: str) -> str:
        """A value of a form."""
        if not isinstance(form.write, str):
            return value
        given, name = self.once(value) if "{value}" in form.write else (value, value)
        return form.write.format(given=given, value=name, text=next(self.fresh))

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
            given, name = self.once(value)
            others: object = Union[tuple(kind for kind in kinds if kind is not NoneType)]  # noqa: UP007 - of those at hand
            written = self.written(others, name)
            return value if written == name else f"None if {given} is None else {written}"
        if all(form and form.write is None for form in map(form_of, kinds)):
            return value
        raise TypeError(f"no JSON is known for one of {kinds}")


def _its(attribute: str) -> str:
    return f"its_{attribute}"


class _Handing(dict[object, Bound]):
    """What writes a value in a voice, for each thing that its holder hands to it."""

    def __init__(self, make: Make, voice: Voice) -> None:
        self._make, self._voice = make, voice

    def __missing__(self, handed: object) -> Bound:
        if len(self) >= _MOST_VOICES:
            self.clear()
        found: Bound = self._make(self._voice._replace(handed=handed))
        self[handed] = found
        return found


class _Writer(NamedTuple):
    """What is made for each voice, to write values of a kind."""

    make: Make
    recurs: bool
    copied: bool

    def memory(self, voice: Voice) -> _Memory:
        """What remembers what was written of them."""
        return _Memory(self.make(voice), copied=self.copied)


def _writer_of(kind: object) -> _Writer | None:
    """What writes the values of a type with a function of each voice; ``None``: an expression does."""
    if (form := form_of(kind)) is not None:
        if callable(form.write):
            return _Writer(form.write, form.recurs, copied=form.schema.get("type") == "object")
        return None
    if get_origin(kind) is Annotated and RECURS in get_args(kind):
        text = _Text()
        return _Writer(text.function(text.written(get_args(kind)[0], "value")), recurs=True, copied=True)
    kinds = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    shapes = [shape for shape in kinds if isinstance(shape, type) and issubclass(shape, Shape)]
    if len(shapes) < len(kinds):
        return None
    make = shapes[0].writer if len(shapes) == 1 else _of_several(shapes)
    return _Writer(make, all(shape.recurs for shape in shapes), copied=True)


_FORMS: Mapping[type, Form] = {
    bool: Form(None, {"type": "boolean"}),
    int: Form(None, {"type": "integer"}),
    str: Form(None, {"type": "string"}),
    NoneType: Form(None, {"type": "null"}),
    Message: Form(lambda voice: voice.say, {"type": "string"}, recurs=True),
    Text: Form("{given}.said(voice.language)", {"type": "string"}),
    Decimal: Form(_AMOUNT, {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,}$", "examples": ["1160.00"]}),
    date: Form("iso({given})", {"type": "string", "format": "date"}),
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
        return Form("{given}._value_", {"enum": [item.value for item in cls]})
    return next((_FORMS[base] for base in cls.__mro__ if base in _FORMS), None)


def _of_several(shapes: Sequence[type[Shape]]) -> Make:
    """What writes a value of one of several shapes, each of which knows what fits it."""
    text = _Text()
    choice = f"{text.named(_refused)}(value)"
    for shape in reversed(shapes):
        choice = f"{text.bound(shape.writer)}(value) if {text.named(shape.fits)}(value) else {choice}"
    return text.function(choice)


def _refused(value: object) -> NoReturn:
    raise TypeError(f"no JSON is known for {type(value)}")
