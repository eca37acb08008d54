"""Checking a file of facts against its description: every mistake, with its line and column. Loads pydantic."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message
from opqibi_rules.paper.strict_yaml import Document, Path
from opqibi_rules.tables import schedule
from opqibi_rules.tables.facts import Table

Contradictions = Callable[[Any], Iterator[tuple[Path, Message]]]
_CONTRADICTIONS: Mapping[type[Table], Contradictions] = {schedule.Schedule: schedule.contradictions}


def check(document: Document, kind: type[Table]) -> dict[str, Any]:
    """The checked content of a table of that kind, as plain JSON data.

    Raises:
        FileError: all that is wrong, each mistake with its path, line and column.
    """
    from opqibi_rules.tables.file_models import reason  # noqa: PLC0415 - being moved here

    adapter = TypeAdapter(kind)
    try:
        table: Table = adapter.validate_python(document.value)
    except ValidationError as error:
        mistakes = [
            document.mistake(_path(document, item["loc"]), reason(item))
            for item in error.errors(include_url=False)
        ]
        raise FileError(document.name, mistakes) from None
    found = list(_of_any(table)) + list(_CONTRADICTIONS[kind](table))
    if found:
        raise FileError(document.name, [document.mistake(path, message) for path, message in found])
    plain: dict[str, Any] = adapter.dump_python(table, mode="json")
    return plain


def _path(document: Document, loc: tuple[int | str, ...]) -> Path:
    """Where a mistake stands in the file: pydantic adds the kind of a union's member to the path."""
    path: Path = ()
    for part in loc:
        if part == "[key]":
            continue
        value = document.value
        for step in path:
            value = value[step]
        if (
            isinstance(value, dict)
            and isinstance(part, str)
            and part == value.get("kind")
            and part not in value
        ):
            continue
        path = (*path, part)
    return path


def _of_any(table: Table) -> Iterator[tuple[Path, Message]]:
    if table.in_force_until and table.in_force_until < table.in_force_from:
        yield ("in_force_until",), Message("ends before it starts.")
    identifiers = [assumption.id for assumption in table.assumptions]
    for index, identifier in enumerate(identifiers):
        if identifier in identifiers[:index]:
            yield ("assumptions", index, "id"), Message("given twice; keep one.")
