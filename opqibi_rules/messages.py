"""A sentence that can be said in any language: its English text and the values it names.

The core never formats for a reader. It yields a :class:`Message`; a door renders it in the reader's
language, with amounts and dates as that language writes them. ``str(message)`` is the neutral English
form, with ISO dates and plain amounts, for logs and exceptions.

Format specifications name what a value is, so that a language knows how to write it:
``{turnover:euro}``, ``{rate:permille}``, ``{rate:percent}``, ``{count:number}``, ``{day:date}``,
``{day:long_date}``; none: as it stands. An amount of another currency is written in it: see :func:`in_currency`.

>>> str(Message("The turnover {turnover:euro} is negative.", turnover=-5))
'The turnover -5 € is negative.'
"""

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict


class Text(NamedTuple):
    """A text that a table of facts holds in both languages; it needs no catalogue."""

    fr: str
    en: str

    @property
    def capitalised(self) -> "Text":
        """The same, as it starts a line."""
        return Text(self.fr[:1].upper() + self.fr[1:], self.en[:1].upper() + self.en[1:])

    def said(self, language: str) -> str:
        """The text in ``fr``, else in English."""
        return self.fr if language == "fr" else self.en


class InCurrency(NamedTuple):
    """An amount of another currency than the euro, and that currency's code."""

    amount: Decimal
    currency: str


Say = Callable[["Message"], str]
"""How a door renders a message: ``str`` for neutral English, or a language's own voice."""


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Message:
    """An English template and its values; immutable, equal by content."""

    text: str
    many: str | None
    values: Mapping[str, object]

    def __init__(self, text: str, many: str | None = None, /, **values: object) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "many", many)
        object.__setattr__(self, "values", FrozenDict(values))

    def __hash__(self) -> int:  # a value may have none
        return hash((self.text, self.many))

    def __str__(self) -> str:
        singular = self.many is None or self.count == 1
        return _NEUTRAL.vformat(self.text if singular else self.many or "", (), self.values)

    @property
    def count(self) -> int:
        """The number on which a plural depends."""
        n = self.values["n"]
        assert isinstance(n, int)
        return n

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"


def plural(one: str, many: str, /, *, n: int, **values: object) -> Message:
    """A message whose form depends on the number ``n``.

    >>> str(plural("{n} qualification", "{n} qualifications", n=2))
    '2 qualifications'
    """
    return Message(one, many, n=n, **values)


def in_currency(message: Message, currency: str | None) -> Message:
    """The same sentence, its amounts in that currency; none, or the euro, changes nothing.

    >>> str(in_currency(Message("{due:euro} is due.", due=Decimal("12.50")), "HUF"))
    '12.50 HUF is due.'
    """
    if currency in {None, "", "EUR"}:
        return message
    amounts = {name for _, name, kind, _ in string.Formatter().parse(message.text) if kind == "euro"}
    values = {
        name: in_currency(value, currency)
        if isinstance(value, Message)
        else InCurrency(value, currency)
        if name in amounts and isinstance(value, Decimal)
        else value
        for name, value in message.values.items()
    }
    return Message(message.text, message.many, **values)


_WRITING = Context(prec=60)
"""Rates are written whole, whatever the caller's decimal context."""


@lru_cache(maxsize=2048)
def _pieces(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """A template's own text, each with the value that follows it and its kind; read once, for few are said often."""
    parsed = string.Formatter().parse(template)
    return tuple((text, name, kind or "") for text, name, kind, _ in parsed)


class Formatter(string.Formatter):
    """Writes the values of a message in the neutral form; a language overrides :meth:`write`."""

    def vformat(self, format_string: str, args: object, kwargs: Mapping[str, object]) -> str:
        """The sentence of a template and its values, which it names and never indexes."""
        return "".join(
            [
                text if name is None else text + self.format_field(kwargs[name], kind)
                for text, name, kind in _pieces(format_string)
            ]
        )

    def format_field(self, value: object, format_spec: str) -> str:
        """Render one value; a nested message is rendered by the same rules."""
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, Text):
            return self.said(value)
        if isinstance(value, (list, tuple)) and not isinstance(value, InCurrency):
            return ", ".join(self.format_field(item, format_spec) for item in value)
        return self.write(value, format_spec)

    def say(self, message: Message) -> str:
        """Render a nested message."""
        return str(message)

    def said(self, text: Text) -> str:
        """Choose the language of a table's own text."""
        return text.en

    def write(self, value: object, kind: str) -> str:
        """Write a value of a kind: ``euro``, ``number``, ``permille``, ``percent``, ``date`` or as it stands."""
        if isinstance(value, InCurrency):
            return f"{value.amount} {value.currency}"
        if kind == "euro":
            return f"{value} €"
        if kind == "number":
            return f"{_WRITING.normalize(Decimal(str(value))):f}"
        if kind in {"permille", "percent"}:
            scaled = _WRITING.normalize(_WRITING.scaleb(Decimal(str(value)), 3 if kind == "permille" else 2))
            return f"{scaled:f} {'‰' if kind == 'permille' else '%'}"
        return str(value)


_NEUTRAL = Formatter()


def marked(text: str) -> str:
    """Mark a text for the catalogue, as it stands: a help text, a heading, looked up when it is shown."""
    return text
