"""What the fields of a register's answer may hold, whichever the register: texts, days, flags.

Outside data comes in here. What is missing (``null``, an empty text, « Donnée indisponible ») is ``None``;
what cannot be read is a mistake with its place, never a guess.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Path, path_text
from opqibi_rules.paper.text import one_line

_MISSING = {"", "donnée indisponible"}
_DAY = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:T[0-9:.+Z-]*)?"
    r"|(?P<d>[0-9]{2})/(?P<m>[0-9]{2})/(?P<y>[0-9]{4})"
)
_YEARS = range(1900, 3000)
"""Wide enough for any certificate, and far enough from the end of the calendar to count years from it."""

_Read = TypeVar("_Read", bound=BaseModel)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise RequestError(Message("a text expected."))
    cleaned = one_line(value)
    return None if cleaned.casefold() in _MISSING else cleaned


def _day(value: Any) -> date | None:
    text = _text(value)
    if text is None:
        return None
    match = _DAY.fullmatch(text)
    if match is not None:
        year, month, day = (
            int(match[iso] or match[french]) for iso, french in (("year", "y"), ("month", "m"), ("day", "d"))
        )
        try:
            if year in _YEARS:
                return date(year, month, day)
        except ValueError:
            pass  # 31/02: said below
    raise RequestError(
        Message("« {given} » is not a day; expected 2016-12-01 or 01/12/2016.", given=text[:40])
    )


def _flag(value: Any) -> bool | None:
    """As the server reads it: ``"1"`` is true, ``"0"`` is false, anything else says nothing."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().casefold())


Words = Annotated[str | None, BeforeValidator(_text)]
"""A text without control characters; ``None`` where missing."""
Day = Annotated[date | None, BeforeValidator(_day)]
"""An ISO day or dd/mm/yyyy, never month first."""
Flag = Annotated[bool | None, BeforeValidator(_flag)]


class AnswerModel(BaseModel):
    """A part of an answer; what we do not use is passed over, since registers add fields."""

    model_config = ConfigDict(extra="ignore", frozen=True)


_SENTENCES: dict[str, Callable[[Any], Message]] = {
    "missing": lambda _: Message("missing; it must be given."),
    "list_type": lambda _: Message("a list expected."),
    "model_type": lambda _: Message("a group of fields expected."),
    "model_attributes_type": lambda _: Message("a group of fields expected."),
}


def read_part(value: Any, model: type[_Read], name: str, at: Path = ()) -> _Read:
    """A value as a ``model``.

    Raises:
        FileError: all that is wrong, each mistake with its path.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise FileError(
            name,
            [
                Mistake(_said(item), path_text((*at, *(part for part in item["loc"]))))
                for item in error.errors(include_url=False)
            ],
        ) from None


def _said(item: Any) -> Message:
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, RequestError):
        return cause.message
    sentence = _SENTENCES.get(item["type"])
    return Message("{problem}", problem=item["msg"]) if sentence is None else sentence(item)
