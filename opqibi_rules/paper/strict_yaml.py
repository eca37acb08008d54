"""YAML read strictly: plain data and the line of each value, nothing else.

YAML can run constructors, explode through aliases, keep the last of two equal keys and turn ``0607`` into
391. None of that has a place in a table of facts: tags, anchors, aliases, merge keys and duplicate keys are
refused, size and depth are bounded, and every scalar stays the text that was written, but for ``null``,
``true`` and ``false``. The reader goes to the end of the text and reports all it refused.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import bounded
from opqibi_rules.paper.json_text import MAX_DEPTH, not_json, parsed
from opqibi_rules.paper.shape import Json, Written
from opqibi_rules.paper.text import decoded

Path = tuple[str | int, ...]
Found = Iterable[tuple[Path, Message]]
"""What is wrong in a text, and where."""
Event = Any
"""An event of the YAML parser, which is loaded only where there is something to read."""
_CONSTANTS = {"": None, "~": None, "null": None, "Null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a text, and where each part of it stands."""

    name: str
    value: Written
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def mistake(self, path: Path, message: Message) -> Mistake:
        """A mistake at ``path``, with the line of the nearest part that is written down."""
        at = path
        while at and at not in self.places:
            at = at[:-1]
        line, column = self.places.get(at, (None, None))
        return Mistake(message, path_text(path), line, column)

    def refuse(self, found: "Found") -> None:
        """Refuse the text, if anything is found wrong in it.

        Raises:
            FileError: all that is.
        """
        if mistakes := [self.mistake(path, message) for path, message in found]:
            raise FileError(self.name, mistakes)


def path_text(path: Path) -> str:
    """``("turnovers", 0, "year")`` as ``$.turnovers[0].year``."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def read(data: bytes, name: str) -> Document:
    """Read one YAML (or JSON) document.

    Raises:
        FileError: not UTF-8, too large, too deep, malformed, or with a construct that is refused.
    """
    text = decoded(bounded(data, name), name)
    if text.lstrip()[:1] in {"{", "["} and name.endswith(".json"):
        text = _yaml_of_json(text, name)
    return _Reader(name).read(text)


_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Ends of lines for YAML, which its writer would fold as if they were spaces."""


def written(value: object) -> str:
    """Plain data as the text of a YAML document, which :func:`read` reads again."""
    import yaml  # noqa: PLC0415 - as below

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    def words(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        style = '"' if _BREAKS.search(text) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)

    Plain.add_representer(str, words)
    text: str = yaml.dump(
        value, Dumper=Plain, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None
    )
    return text


_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|.)")
"""An escape in JSON; a character beyond U+FFFF takes two, which YAML does not know."""


def _yaml_of_json(text: str, name: str) -> str:
    """The same text, without what JSON allows and libyaml does not: tabs between tokens, paired escapes."""
    try:
        parsed(text, name, once=False)  # the keys given twice are told below, each with its line
    except json.JSONDecodeError as error:
        raise FileError(name, [not_json(error)]) from None
    text = text.replace("\t", " ")
    return _ESCAPE.sub(lambda found: json.loads(f'"{found[0]}"') if len(found[0]) > 2 else found[0], text)


class _Reader:
    """Builds plain values from the event stream of the YAML parser."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Path, tuple[int, int]] = {}
        self.mistakes: list[Mistake] = []

    def read(self, text: str) -> Document:
        import yaml  # noqa: PLC0415 - 15 ms that a command reading only released tables does not pay

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.yaml = yaml
        try:
            self.events = iter(yaml.parse(text, Loader=loader))
            next(self.events)  # the start of the stream
            event = next(self.events)
            value = None
            if not isinstance(event, yaml.StreamEndEvent):
                value = self._node(next(self.events), ())
                next(self.events)  # the end of the document
                event = next(self.events)
                if not isinstance(event, yaml.StreamEndEvent):
                    self._refuse((), event, Message("a second document (---); one is expected."))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            message = Message("not valid YAML: {problem}.", problem=error.problem or error.context)
            line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
            raise FileError(self.name, [*self.mistakes, Mistake(message, line=line, column=column)]) from None
        except yaml.reader.ReaderError as error:
            message = Message(
                "a character that YAML does not allow ({code}).", code=f"U+{error.character:04X}"
            )
            line = text.count("\n", 0, error.position) + 1
            raise FileError(self.name, [Mistake(message, line=line)]) from None
        if self.mistakes:
            raise FileError(self.name, self.mistakes)
        return Document(self.name, value, self.places)

    def _refuse(self, path: Path, event: Event, message: Message) -> None:
        mark = event.start_mark
        self.mistakes.append(Mistake(message, path_text(path), mark.line + 1, mark.column + 1))

    def _node(self, event: Event, path: Path) -> Written:
        yaml = self.yaml
        self.places[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if len(path) > MAX_DEPTH:
            message = Message("nested over {depth} levels; such a file is not read.", depth=MAX_DEPTH)
            raise FileError(self.name, [Mistake(message, line=event.start_mark.line + 1)])
        if isinstance(event, yaml.AliasEvent):
            message = Message("an alias (*{anchor}); write the value out.", anchor=event.anchor)
            self._refuse(path, event, message)
            return None
        if event.anchor:
            message = Message("an anchor (&{anchor}); write the values out.", anchor=event.anchor)
            self._refuse(path, event, message)
        if event.tag and event.tag != "!":
            self._refuse(path, event, Message("a tag ({tag}); tags are refused.", tag=event.tag))
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else _CONSTANTS.get(event.value, event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Written] = []
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                items.append(self._node(event, (*path, len(items))))
            return items
        return self._mapping(path)

    def _mapping(self, path: Path) -> Json:
        yaml = self.yaml
        result: Json = {}
        event: Event
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, (*path, "?"))
            self.places.pop((*path, "?"), None)
            if not isinstance(key, str):
                self._refuse(path, event, Message("a key that is not a word."))
                key = "?"
            elif key == "<<":
                self._refuse(path, event, Message("a merge key (<<); write the values out."))
            elif key in result:
                self._refuse((*path, key), event, Message("given twice; keep one."))
            value = self._node(next(self.events), (*path, key))
            result[key] = value
            self.places[(*path, key)] = (event.start_mark.line + 1, event.start_mark.column + 1)
        return result
