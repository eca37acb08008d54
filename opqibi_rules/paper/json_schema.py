"""The JSON Schema of a :class:`~opqibi_rules.paper.shape.Shape`: what stands in each key, in words too.

The docstrings of a shape and of its keys are the descriptions.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from opqibi_rules.paper.shape import Json, Key, Shape, form_of, keys_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def name_of(shape: type[Shape]) -> str:
    """The name of a shape among the definitions: ``QuoteShape`` is ``Quote``."""
    return shape.__name__.removesuffix("Shape")


def document_of(shape: type[Shape]) -> Json:
    """The whole JSON Schema of a result, its parts under ``$defs``."""
    parts = definitions([shape], "#/$defs/{}")
    whole = parts.pop(name_of(shape))
    return {"$schema": DIALECT, "title": name_of(shape), **whole, "$defs": parts}


def definitions(shapes: Iterable[type[Shape]], reference: str) -> dict[str, Json]:
    """The schemas of some shapes, and of all that they hold, by name.

    ``reference`` is the address of a part, ``{}`` standing for its name.
    """
    drawn = _Drawing(reference)
    for shape in shapes:
        drawn.of(shape)
    return dict(sorted(drawn.parts.items()))


def descriptions(cls: type) -> dict[str, str]:
    """The docstrings of the fields of a class, those of its bases included."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    found: dict[str, str] = {}
    for written in tree.bases:  # as they are written: a typed dictionary forgets them
        base = vars(sys.modules[cls.__module__]).get(ast.unparse(written))
        if isinstance(base, type):
            found |= descriptions(base)
    for field, text in pairwise(tree.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = inspect.cleandoc(said).replace("``", "`")
    return found


class _Drawing:
    """Schemas being made, each part once."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.parts: dict[str, Json] = {}

    def of(self, kind: object) -> Json:
        """The schema of a type."""
        origin, arguments = get_origin(kind), get_args(kind)
        if (form := form_of(kind)) is not None:
            return dict(form.schema)
        if origin is Annotated:
            return self.of(arguments[0])
        if origin in {Union, UnionType}:
            return _any_of([self.of(item) for item in arguments])
        if isinstance(kind, type) and issubclass(kind, Shape):
            return self._part(kind)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        return {"type": "array", "items": self.of(arguments[0])}

    def _part(self, shape: type[Shape]) -> Json:
        name = name_of(shape)
        if name not in self.parts:
            self.parts[name] = {}  # a shape may hold itself
            said = descriptions(shape)
            keys = list(keys_of(shape))
            self.parts[name] = {
                "type": "object",
                "description": inspect.cleandoc(shape.__doc__ or ""),
                "properties": {key.name: self._described(key, said.get(key.attribute)) for key in keys},
                "required": [key.name for key in keys if key.always],
                "additionalProperties": False,
            }
        return {"$ref": self.reference.format(name)}

    def _described(self, key: Key, description: str | None) -> Json:
        schema = self.of(key.kind)
        return schema if description is None else {**schema, "description": description}


def _any_of(schemas: list[Json]) -> Json:
    """One of several; a plain type and null are one type of two names."""
    null = {"type": "null"}
    others = [schema for schema in schemas if schema != null]
    if null in schemas and len(others) == 1 and isinstance(others[0].get("type"), str):
        return {**others[0], "type": [others[0]["type"], "null"]}
    return {"anyOf": schemas}
