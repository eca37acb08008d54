"""A schedule in the form of before, its fees named at the top, written in today's form.

What goes where is said in ``data/old_form/schedule.yaml``, a schedule of today with holes: nothing here names a
fee. A mistake of the old file is told at its own line.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.strict_yaml import Document, Path
from opqibi_rules.paper.text import decoded
from opqibi_rules.tables import library

_HOLE = re.compile(r"<([a-z_.]+)>")
_OWN_LABEL = re.compile(r"\.(min|max|new)$")
"""What we added to the article that the document prints; the part's id says it now."""
_NUMBERS = {"years", "tariffs"}
"""Fields that hold whole numbers, which YAML writes without quotes."""


class Converted(NamedTuple):
    """A schedule in today's form."""

    text: str
    lost: tuple[tuple[int, str], ...]
    """The comments of the old file that it does not keep, each with its line."""


@cache
def _form() -> dict[str, Any]:
    path = library.SHIPPED / "old_form" / "schedule.yaml"
    form: dict[str, Any] = strict_yaml.read(file_bytes(path), str(path)).value
    return form


def _holes(node: Any) -> Iterator[Path]:
    if isinstance(node, dict | list):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _holes(part)
    elif isinstance(node, str) and (hole := _HOLE.fullmatch(node)):
        yield tuple(hole[1].split("."))


def is_old(value: object) -> bool:
    """Whether a file holds a schedule in the form of before."""
    return (
        isinstance(value, dict) and "fees" not in value and any(hole[0] in value for hole in _holes(_form()))
    )


def converted(data: bytes, name: str) -> Converted:
    """The same schedule in today's form, with the same amounts.

    Raises:
        FileError: the file is not in the form of before, or all that is wrong in it.
    """
    from opqibi_rules.tables.check import check  # noqa: PLC0415 - it asks this module what is old

    old = strict_yaml.read(data, name)
    if not is_old(old.value):
        message = Message("not a schedule in the form of before: there is nothing to convert.")
        raise FileError(name, [Mistake(message)])
    conversion = _Conversion(old)
    made = conversion.made()
    check(Document(name, made, conversion.places))
    text = decoded(data, name)
    comments = list(_comments(text))
    first = min(line for path, (line, _) in old.places.items() if len(path) == 1)
    head = [comment for line, comment in comments if line < first]
    return Converted("\n".join([*head, _written(made)]), tuple(item for item in comments if item[0] >= first))


class _Conversion:
    """One old file, put into the form of today; each value keeps the place where it stood."""

    def __init__(self, old: Document) -> None:
        self.old = old
        self.places: dict[Path, tuple[int, int]] = {(): old.places[()]}
        self.mistakes: list[Mistake] = []

    def made(self) -> dict[str, Any]:
        form = _form()
        roots = {hole[0] for hole in _holes(form)}
        kept = [key for key in self.old.value if key not in roots and key != "assumptions"]
        value = {key: self._taken((key,), (key,)) for key in kept}
        for key in form:
            if key != "assumptions":
                value[key] = self._filled(form[key], (key,))
        value["assumptions"] = self._assumptions(form["assumptions"])
        self._refuse_what_is_left(set(_holes(form)), roots)
        if self.mistakes:
            raise FileError(self.old.name, self.mistakes)
        return value

    def _filled(self, node: Any, path: Path) -> Any:
        if isinstance(node, dict):
            return {key: self._filled(part, (*path, key)) for key, part in node.items()}
        if isinstance(node, list):
            return [self._filled(part, (*path, index)) for index, part in enumerate(node)]
        hole = _HOLE.fullmatch(node) if isinstance(node, str) else None
        return self._taken(tuple(hole[1].split(".")), path) if hole else node

    def _taken(self, source: Path, path: Path) -> Any:
        """What stood at ``source``, now at ``path``."""
        value: Any = self.old.value
        for step in source:
            if not isinstance(value, dict) or step not in value:
                self.mistakes.append(self.old.mistake(source, Message("missing; it must be given.")))
                return None
            value = value[step]
        for place, where in self.old.places.items():
            if place[: len(source)] == source:
                self.places[*path, *place[len(source) :]] = where
        return _as_today(value, str(source[-1]))

    def _assumptions(self, situations: dict[str, Any]) -> Any:
        if "assumptions" not in self.old.value:
            return []
        items = self._taken(("assumptions",), ("assumptions",))
        if not isinstance(items, list):
            return items
        known = [situations.get(str(item.get("id")), {}) if isinstance(item, dict) else {} for item in items]
        return [{**item, **more} if more else item for item, more in zip(items, known, strict=True)]

    def _refuse_what_is_left(self, taken: set[Path], roots: set[str | int]) -> None:
        for path in self.old.places:
            related = any(path[: len(hole)] == hole[: len(path)] for hole in taken)
            if path and path[0] in roots and not related:
                message = Message("not a field of this file; check its spelling or remove it.")
                self.mistakes.append(self.old.mistake(path, message))


def _as_today(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _as_today(part, str(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_today(part, name) for part in value]
    if isinstance(value, str) and name == "article":
        return _OWN_LABEL.sub("", value)
    return value


def _written(value: dict[str, Any]) -> str:
    import yaml  # noqa: PLC0415 - only a conversion writes YAML

    def in_numbers(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: in_numbers(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [in_numbers(part, name) for part in value]
        return int(value) if name in _NUMBERS and isinstance(value, str) else value

    made: str = yaml.safe_dump(
        in_numbers(value), allow_unicode=True, sort_keys=False, width=110, default_flow_style=None
    )
    return made


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a text of YAML, each with its line."""
    import yaml  # noqa: PLC0415 - as above

    scalars = [
        (token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(text)
        if isinstance(token, yaml.ScalarToken)
    ]
    told = 0
    for found in re.finditer(r"(?m)(?:^|(?<=\s))#", text):
        line = text.count("\n", 0, found.start()) + 1
        if line > told and not any(start <= found.start() < end for start, end in scalars):
            told = line
            yield line, text[found.start() :].partition("\n")[0].rstrip()
