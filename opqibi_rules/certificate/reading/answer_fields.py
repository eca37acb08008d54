"""What the fields of a register's answer may hold, whichever the register: texts, days, flags.

Outside data comes in here. What is missing (``null``, an empty text, « Donnée indisponible ») is ``None``;
what cannot be read is a mistake with its place, never a guess.
"""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, ValidationError
from pydantic_core import ErrorDetails

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


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise RequestError(Message("a text expected."))
    cleaned = one_line(value)
    return None if cleaned.casefold() in _MISSING else cleaned


def _day(value: object) -> date | None:
    text = _text(value)
    if text is None:
        return None
    match = _DAY.fullmatch(text)
    if match is not None and int(match["year"] or match["y"]) in _YEARS:
        year, month, day = (
            match["year"] or match["y"],
            match["month"] or match["m"],
            match["day"] or match["d"],
        )
        with suppress(ValueError):  # 31/02: said below
            return date(int(year), int(month), int(day))
    raise RequestError(
        Message("« {given} » is not a day; expected 2016-12-01 or 01/12/2016.", given=text[:40])
    )


def _flag(value: object) -> bool | None:
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


_SENTENCES = {
    "missing": Message("missing; it must be given."),
    "list_type": Message("a list expected."),
    "model_type": Message("a group of fields expected."),
    "model_attributes_type": Message("a group of fields expected."),
}


def read_part(value: JsonValue, model: type[_Read], name: str, at: Path = ()) -> _Read:
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
                Mistake(_said(item), path_text((*at, *item["loc"])))
                for item in error.errors(include_url=False)
            ],
        ) from None


def _said(item: ErrorDetails) -> Message:
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, RequestError):
        return cause.message
    return _SENTENCES.get(item["type"]) or Message("{problem}", problem=item["msg"])
