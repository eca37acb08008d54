"""Outside data against its description: every mistake in a sentence, with its line and column. Loads pydantic."""

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from opqibi_rules.errors import FileError, Mistake, OpqibiError
from opqibi_rules.messages import Message

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from opqibi_rules.paper.strict_yaml import Document, Path

_Kind = TypeVar("_Kind")

_SENTENCES = {
    kind: message
    for kinds, message in (
        (("missing",), Message("missing; it must be given.")),
        (
            ("extra_forbidden", "unexpected_keyword_argument"),
            Message("not a known field; check its spelling or remove it."),
        ),
        (
            ("model_type", "model_attributes_type", "dataclass_type", "dict_type", "mapping_type"),
            Message("a group of fields expected."),
        ),
        (("list_type", "tuple_type", "frozen_set_type"), Message("a list expected.")),
        (("bool_type", "bool_parsing"), Message("true or false expected.")),
        (("string_type",), Message("a text expected.")),
        (("too_short",), Message("empty; at least one is expected.")),
        (("date_from_datetime_parsing", "date_parsing"), Message("not a day of the calendar.")),
    )
    for kind in kinds
}


def adapter_of(kind: type[_Kind]) -> TypeAdapter[_Kind]:
    """What checks a described class, and writes it again; made once for each."""
    described: object = kind
    return _adapter(described)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def checked(document: "Document", kind: type[_Kind]) -> _Kind:
    """The document as ``kind``, a described class or a pydantic model.

    Raises:
        FileError: all that is wrong, each mistake with its path, line and column.
    """
    if document.value is None and not document.places:
        raise FileError(document.name, [Mistake(Message("an empty file."))])
    try:
        return adapter_of(kind).validate_python(document.value)
    except ValidationError as error:
        mistakes = [
            document.mistake(_path(document, item["loc"]), reason(item))
            for item in error.errors(include_url=False)
            if item["type"] != "too_short" or not item["input"]  # of what is left once its items are refused
        ]
        raise FileError(document.name, mistakes) from None


def reason(item: "ErrorDetails") -> Message:
    """What is wrong, in one sentence, from one error of a check by pydantic."""
    context = item.get("ctx", {})
    if isinstance(cause := context.get("error"), OpqibiError):
        return cause.message
    if item["type"] in {"literal_error", "enum"}:
        return Message("{expected} expected.", expected=context["expected"].replace(" or ", ", "))
    if item["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return Message(
            "{expected} expected.", expected=context.get("expected_tags", context["discriminator"])
        )
    if item["type"] == "too_long":
        return Message("{most} at most.", most=context["max_length"])
    if item["type"] == "string_too_long":
        return Message("{most} characters at most.", most=context["max_length"])
    return _SENTENCES.get(item["type"], Message("{problem}", problem=item["msg"]))


def _path(document: "Document", loc: tuple[int | str, ...]) -> "Path":
    """Where a mistake stands in the file: pydantic says the kind of a union's member before its fields."""
    path: Path = ()
    value = document.value
    entered = False
    for part in loc:
        if part == "[key]":
            continue
        if entered and isinstance(value, dict) and part == value.get("kind"):
            entered = False
            continue
        path = (*path, part)
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
        entered = True
    return path
