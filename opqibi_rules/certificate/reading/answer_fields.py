"""What the fields of a register's answer may hold, whichever the register: texts, days, flags.

Outside data comes in here. What is missing (``null``, an empty text, « Donnée indisponible ») is ``None``;
what cannot be read is a mistake with its place, never a guess. What we do not use is passed over, since
registers add fields; of a certificate, it is pointed out (:mod:`opqibi_rules.certificate.doubt`).
"""

import re
from collections.abc import Hashable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from typing import Annotated, TypeVar, cast, get_type_hints

from pydantic import AliasChoices, BeforeValidator, Field, JsonValue, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Path, path_text
from opqibi_rules.paper.text import one_line

_MISSING = {"", "donnée indisponible"}
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_YEARS = range(1900, 3000)
"""Wide enough for any certificate, and far enough from the end of the calendar to count years from it."""

_Read = TypeVar("_Read")


_NAMES_OF_ONE: list[tuple[str, ...]] = []
"""The names under which registers give one and the same datum, where they are several."""


def called(*names: str) -> FieldInfo:
    """Marks a field that registers call otherwise: each by one of these names."""
    if len(names) > 1:
        _NAMES_OF_ONE.append(names)
    alias: FieldInfo = Field(validation_alias=AliasChoices(*names))
    return alias


def names_in(kind: type) -> Iterator[str]:
    """Every name under which registers give a field of ``kind``, a dataclass."""
    for field, hint in get_type_hints(kind, include_extras=True).items():
        alias = next((one.validation_alias for one in _marks(hint) if isinstance(one, FieldInfo)), None)
        yield from map(str, alias.choices) if isinstance(alias, AliasChoices) else (field,)


def _marks(hint: object) -> tuple[object, ...]:
    marks: tuple[object, ...] = getattr(hint, "__metadata__", ())
    return marks


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise RequestError("a text expected.")
    cleaned = one_line(value)
    return None if cleaned.casefold() in _MISSING else cleaned


def _day(value: object) -> date | None:
    text = _text(value)
    if text is None:
        return None
    if match := _DAY.fullmatch(text):
        parts = match.groups()
    elif match := _FRENCH_DAY.fullmatch(text):
        parts = match.groups()[::-1]
    else:
        parts = ()
    numbers = [int(part) for part in parts]
    if numbers and numbers[0] in _YEARS:
        with suppress(ValueError):  # 31/02: said below
            return date(*numbers)
    raise RequestError(
        "« {given} » is not a day alone; expected 2016-12-01 or 01/12/2016, without an hour.", given=text[:40]
    )


def _day_or_none(value: object) -> date | None:
    with suppress(RequestError):
        return _day(value)
    return None


def _flag(value: object) -> bool | None:
    """As the server reads it: ``"1"`` is true, ``"0"`` is false, anything else says nothing."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().casefold())


Words = Annotated[str | None, BeforeValidator(_text)]
"""A text without control characters; ``None`` where missing."""
Code = Annotated[str, BeforeValidator(lambda value: _text(value) or "")]
"""A text that is needed: empty where missing."""
Day = Annotated[date | None, BeforeValidator(_day)]
"""An ISO day or dd/mm/yyyy, never month first, never with an hour: its day would depend on a time zone."""
DayIfAny = Annotated[date | None, BeforeValidator(_day_or_none)]
"""A day that no verdict rests on: ``None`` where it is another thing."""
Flag = Annotated[bool | None, BeforeValidator(_flag)]
OrNone = BeforeValidator(lambda value: () if value is None else value)
"""Marks a list that may not be there: it is then empty."""

_SENTENCES = {
    "missing": Message("missing; it must be given."),
    "tuple_type": Message("a list expected."),
    "dataclass_type": Message("a group of fields expected."),
}

_reader = cache(TypeAdapter)


def read_part(value: JsonValue, kind: type[_Read], name: str, at: Path = ()) -> _Read:
    """A value as one of ``kind``, a dataclass.

    Raises:
        FileError: all that is wrong, each mistake with its path; a datum given under two of its names.
    """
    reader: TypeAdapter[_Read] = _reader(cast("Hashable", kind))
    mistakes: list[Mistake] = []
    value = _named_once(value, at, mistakes)
    if mistakes:
        raise FileError(name, mistakes)
    try:
        return reader.validate_python(value)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        mistakes = [Mistake(_said(item), path_text((*at, *item["loc"]))) for item in wrong]
        raise FileError(name, mistakes) from None


def _named_once(value: JsonValue, at: Path, mistakes: list[Mistake]) -> JsonValue:
    """The value with each datum under one name; one that two of them give otherwise is a mistake."""
    if isinstance(value, list):
        return [_named_once(item, (*at, index), mistakes) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found = {key: _named_once(item, (*at, key), mistakes) for key, item in value.items()}
    for names in _NAMES_OF_ONE:
        filled = {name: found[name] for name in names if not _is_missing(found.get(name))}
        if len(filled) > 1 and any(other != next(iter(filled.values())) for other in filled.values()):
            message = Message(
                "{names} name the same datum, and give it otherwise: nothing says which holds.",
                names=tuple(filled),
            )
            mistakes.append(Mistake(message, path_text((*at, next(iter(filled))))))
        if filled:
            found = {key: item for key, item in found.items() if key not in names or key in filled}
    return found


def _is_missing(value: JsonValue) -> bool:
    return value is None or (isinstance(value, str) and one_line(value).casefold() in _MISSING)


def _said(item: ErrorDetails) -> Message:
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, RequestError):
        return cause.message
    return _SENTENCES.get(item["type"]) or Message("{problem}", problem=item["msg"])
