"""An invoice as a check shows it, read back: each key by what its shape says of it, so that nothing is lost.

A line labelled « Total » is the line that it was, an amount has its own decimals, and nothing is guessed: what the
shape does not write is not read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import Mistake
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.model import MAX_LINES, Invoice, InvoiceShape
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Json, Key, Shape, keys_of

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,30})?")
_OF_PAGES = ("reading", "page_differs")
"""What only a page tells: its words are not here to be weighed anew."""
_APART = frozenset({"file", *_OF_PAGES})
"""What no check works on; or on its page."""


def is_own_form(document: object) -> bool:
    """Whether it is an invoice as a check shows it, which says what it was read from."""
    return isinstance(document, dict) and "syntax" in document


def read_own_form(document: Json, path: str) -> Invoice | list[Mistake]:
    """The invoice that a check showed; or all that is wrong in it, each mistake with its path."""
    found = _Reading()
    found.wrong(unread_keys([key for key in _OF_PAGES if _is_open(document.get(key))]), path)
    whole = {key: value for key, value in document.items() if key not in _APART}
    invoice = found.made(InvoiceShape, whole, path)
    if isinstance(invoice, Invoice) and len(invoice.lines) > MAX_LINES:
        found.wrong(Message("over {limit} invoice lines: refused.", limit=MAX_LINES), path)
    return invoice if isinstance(invoice, Invoice) and not found.mistakes else found.mistakes


def _is_open(told: object) -> bool:
    """Whether a page left something to confirm, or says another thing than the data that it carries."""
    items = told if isinstance(told, list) else [told]
    return any(item and (not isinstance(item, dict) or item.get("to_confirm", True)) for item in items)


def unread_keys(keys: Sequence[str]) -> Message | None:
    """What is said of an invoice and is not read: it may be what matters most, as that it is cancelled."""
    if not keys:
        return None
    return Message(
        "{keys}: no key that is read of an invoice; take it away if it changes nothing.", keys=tuple(keys)
    )


class _Reading:
    """The values of one JSON text, and all that is wrong in it."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def wrong(self, message: Message | None, path: str) -> None:
        """One mistake more, where there is one."""
        if message is not None:
            self.mistakes.append(Mistake(message, path))

    def made(self, shape: type[Shape], written: object, path: str) -> object:
        """The value that a shape wrote as a JSON object; ``None`` where a mistake says why not."""
        if not isinstance(written, dict):
            self.wrong(Message("a group of fields expected."), path)
            return None
        keys = {
            key.name: key for key in keys_of(shape) if key.name not in _APART or shape is not InvoiceShape
        }
        self.wrong(unread_keys([key for key, value in written.items() if value and key not in keys]), path)
        values, before = {}, len(self.mistakes)
        defaults = _defaults(shape)
        for name, key in keys.items():
            attribute = _attribute(key)
            if name in written:
                values[attribute] = self.value(key.kind, written[name], f"{path}.{name}")
            elif NoneType in get_args(key.kind):
                values[attribute] = None
            elif attribute not in defaults:
                self.wrong(Message("missing; it must be given."), f"{path}.{name}")
        return None if len(self.mistakes) > before else shape.of(**values)

    def value(self, kind: object, written: object, path: str) -> Any:
        """The value that a type wrote."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.value(arguments[0], written, path)
        if origin in {Union, UnionType}:
            (own,) = (each for each in arguments if each is not NoneType)
            return None if written is None else self.value(own, written, path)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self._mapping(arguments[1], written, path)
        if origin is tuple:
            return self._list(arguments[0], written, path)
        if isinstance(kind, type) and issubclass(kind, Shape):
            return self.made(kind, written, path)
        return self._single(kind, written, path)

    def _mapping(self, kind: object, written: object, path: str) -> FrozenDict[str, Any]:
        if not isinstance(written, dict):
            self.wrong(Message("a group of fields expected."), path)
            return FrozenDict()
        return FrozenDict({name: self.value(kind, item, f"{path}.{name}") for name, item in written.items()})

    def _list(self, kind: object, written: object, path: str) -> tuple[Any, ...]:
        if not isinstance(written, list):
            self.wrong(Message("a list expected."), path)
            return ()
        return tuple(self.value(kind, item, f"{path}[{order}]") for order, item in enumerate(written))

    def _single(self, kind: object, written: object, path: str) -> Any:
        """A text, one of several words, a number, a day, or yes or no."""
        if get_origin(kind) is Literal:
            if written in get_args(kind):
                return written
            return self.wrong(Message("{expected} expected.", expected=get_args(kind)), path)
        if kind is bool:
            if isinstance(written, bool):
                return written
            return self.wrong(Message("true or false expected."), path)
        if not isinstance(written, str):
            return self.wrong(Message("a text expected."), path)
        if kind is Decimal:
            if _NUMBER.fullmatch(written):
                return Decimal(written)
            message = Message("« {text} » is no number of our own form; 1160.00 is one.", text=written[:40])
            return self.wrong(message, path)
        if kind is date:
            try:
                return to_day(written)
            except ValueError:
                return self.wrong(Message("not a day of the calendar."), path)
        return written


def _attribute(key: Key) -> str:
    """The attribute under which a value has what a key says."""
    source = getattr(key.source, "source", None)
    return source if isinstance(source, str) else key.attribute


def _defaults(shape: type[Shape]) -> frozenset[str]:
    """The attributes that a value may do without."""
    found: Sequence[Field[Any]] = fields(shape.of) if hasattr(shape.of, "__dataclass_fields__") else ()
    return frozenset(
        item.name for item in found if item.default is not MISSING or item.default_factory is not MISSING
    )
