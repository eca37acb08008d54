"""A schedule in the form of before, its fees named at the top, written in today's form.

What goes where is said in ``data/old_form/schedule.yaml``, a schedule of today with holes: nothing here names a
fee. A mistake of the old file is told at its own line.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.shape import Json
from opqibi_rules.paper.strict_yaml import Document, Path
from opqibi_rules.tables.facts import DATA

_HOLE = re.compile(r"<([a-z_.]+)>")
_OWN_LABEL = re.compile(r"\.(min|max|new)$")
"""What we added to the article that the document prints; the part's id says it now."""


@cache
def _form() -> Json:
    path = DATA / "old_form" / "schedule.yaml"
    form: Json = strict_yaml.read(file_bytes(path), str(path)).value
    return form


def _holes(node: object) -> Iterator[Path]:
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


def in_todays_form(old: Document) -> Document:
    """The same schedule in today's form, each value at the place where it stood; still to be checked.

    Raises:
        FileError: it is not in the form of before, or holds what goes nowhere.
    """
    if not is_old(old.value):
        message = Message("not a schedule in the form of before: there is nothing to convert.")
        raise FileError(old.name, [Mistake(message)])
    conversion = _Conversion(old)
    return Document(old.name, conversion.made(), conversion.places)


class _Conversion:
    """One old file, put into the form of today; each value keeps the place where it stood."""

    def __init__(self, old: Document) -> None:
        self.old = old
        self.places: dict[Path, tuple[int, int]] = {(): old.places[()]}
        self.found: list[tuple[Path, Message]] = []

    def made(self) -> Json:
        form = {key: part for key, part in _form().items() if key != "assumptions"}
        holes = set(_holes(form))
        roots = {hole[0] for hole in holes}
        made = {key: self._taken((key,), (key,)) for key in self.old.value if key not in roots}
        made.update({key: self._filled(part, (key,)) for key, part in form.items()})
        if isinstance(assumptions := made.get("assumptions"), list):
            made["assumptions"] = [_resting(item) for item in assumptions]
        self._refuse_unknown(holes)
        self.old.refuse(self.found)
        return made

    def _refuse_unknown(self, holes: Collection[Path]) -> None:
        """Refuse what stands in a group of before and goes nowhere."""
        groups = {hole[:1] for hole in holes}
        for path in self.old.places:
            known = any(path[: len(hole)] == hole[: len(path)] for hole in holes)
            if path[:1] in groups and not known:
                message = Message("not a known field; check its spelling or remove it.")
                self.found.append((path, message))

    def _filled(self, node: object, path: Path) -> object:
        if isinstance(node, dict):
            return {key: self._filled(part, (*path, key)) for key, part in node.items()}
        if isinstance(node, list):
            return [self._filled(part, (*path, index)) for index, part in enumerate(node)]
        source = next(_holes(node), None)
        return node if source is None else self._taken(source, path)

    def _taken(self, source: Path, path: Path) -> object:
        """What stood at ``source``, now at ``path``."""
        value = self.old.value
        for step in source:
            if not isinstance(value, dict) or step not in value:
                self.found.append((source, Message("missing; it must be given.")))
                return None
            value = value[step]
        for place, where in self.old.places.items():
            if place[: len(source)] == source:
                self.places[*path, *place[len(source) :]] = where
        return _as_printed(value, source[-1])


def _resting(assumption: object) -> object:
    """An interpretation, with where a price rests on it, if quotes knew it by its id."""
    if not isinstance(assumption, dict):
        return assumption
    return {**assumption, **_form()["assumptions"].get(str(assumption.get("id")), {})}


def _as_printed(value: object, name: str | int) -> object:
    """The same, its articles without what we added to them."""
    if isinstance(value, dict):
        return {key: _as_printed(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_printed(part, name) for part in value]
    return _OWN_LABEL.sub("", value) if name == "article" and isinstance(value, str) else value
