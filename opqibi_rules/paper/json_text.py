"""JSON as it should be, read strictly; and as documentation prints it, mended.

Size and depth are bounded; a key given twice is refused at every door, since nothing says which value holds, and
so is what JSON has no word for (``NaN``).

The samples of API Entreprise are no JSON: ``//`` comments outside strings, trailing commas, once a comma
forgotten, and the page around them where the whole page was saved. Such a text is mended and read, and the
reading says so.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, NoReturn

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_BYTES, bounded
from opqibi_rules.paper.shape import Json, Written
from opqibi_rules.paper.text import decoded

MAX_DEPTH = 30
_LONG = 400
"""Digits past which a whole number is no count, and takes Python long to read."""

_TOKEN = re.compile(
    r"""(?P<string> "(?:[^"\\]++|\\.?)*+"? )
      | (?P<comment> //[^\n]* )
      | (?P<open> [\[{] ) | (?P<close> [\]}] )""",
    re.VERBOSE | re.DOTALL,
)
_TRAILING_COMMA = re.compile(r",(\s*+[\]}])")
_MISSING_COMMA = re.compile(r"([\]}])\s(\s*+[\"\[{])")
_OPENING = re.compile(r"^(?P<indent>[ \t]*+)[\[{][ \t]*+\r?$", re.MULTILINE)
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")

Numbers = Callable[[str], object]
"""What a number becomes."""


class JsonText(NamedTuple):
    """A value, and whether the text had to be mended to read it."""

    value: Written
    repaired: bool


def strict_json(data: bytes, name: str, *, numbers: Numbers = str, most: int = MAX_BYTES) -> Written:
    """The value of one JSON document.

    Args:
        data: its bytes.
        name: its name, for errors.
        numbers: what a number becomes. As text it is exact, and a million digits cost nothing.
        most: the largest text accepted, in bytes.

    Raises:
        FileError: too large, too deep, not Unicode, not JSON, or a key given twice.
    """
    text = decoded(bounded(data, name, most), name)
    try:
        return parsed(text, name, numbers=numbers)
    except json.JSONDecodeError as error:
        raise FileError(name, [not_json(error)]) from None


def number(text: str) -> int | float:
    """A number of JSON as Python's own; what has more digits than anything we count is near enough."""
    return int(text) if len(text) < _LONG and text.removeprefix("-").isdigit() else float(text)


def mended_json(data: bytes, name: str) -> JsonText:
    """The value of one JSON document, mended where it needs to be; numbers are texts.

    Raises:
        FileError: as for :func:`strict_json`, even when mended.
    """
    text = decoded(bounded(data, name), name)
    try:
        return JsonText(parsed(text, name), repaired=False)
    except json.JSONDecodeError as error:
        first = error
    for candidate in (text, _printed(text)):
        try:
            return JsonText(parsed(_mended(candidate), name), repaired=True)
        except json.JSONDecodeError:
            continue
    raise FileError(name, [not_json(first)])


def not_json(error: json.JSONDecodeError) -> Mistake:
    """What is wrong in a text that is no JSON, and where."""
    if not error.doc.strip():
        return Mistake(Message("empty; JSON is expected."))
    return Mistake(Message("not JSON from there on."), line=error.lineno, column=error.colno)


def parsed(text: str, name: str, *, numbers: Numbers = str, once: bool = True) -> Written:
    """The value of a text, once it is known to be shallow enough for the parser.

    ``once`` refuses a key given twice; a caller that knows how to say where it stands does so itself.

    Raises:
        FileError: too deep, a key given twice, a constant that is no JSON, or half a character.
        json.JSONDecodeError: no JSON.
    """
    _shallow(text, name)
    value = _decoder(name, numbers, once).decode(text)
    if _HALF_CHARACTER.search(text):
        try:
            json.dumps(value, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise FileError(
                name, [Mistake(Message("half a character (a lone surrogate, \\ud800)."))]
            ) from None
    return value


@lru_cache(maxsize=16)
def _decoder(name: str, numbers: Numbers, once: bool) -> json.JSONDecoder:  # noqa: FBT001 - see parsed
    def unique(pairs: list[tuple[str, Written]]) -> Json:
        result = dict(pairs)
        if once and len(result) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            message = Message("« {key} » is given twice; nothing says which one holds.", key=twice[:80])
            raise FileError(name, [Mistake(message)])
        return result

    def refuse(constant: str) -> NoReturn:
        raise FileError(name, [Mistake(Message("{constant} is not a JSON value.", constant=constant))])

    return json.JSONDecoder(
        object_pairs_hook=unique, parse_constant=refuse, parse_int=numbers, parse_float=numbers
    )


def _shallow(text: str, name: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:  # as in most: nothing can be deeper
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, token.start()) + 1
            message = Message("nested over {depth} levels; such a file is not read.", depth=MAX_DEPTH)
            raise FileError(name, [Mistake(message, line=line)])


def _printed(text: str) -> str:
    """The sample that a page of documentation prints: from a bracket alone on its line to the one that closes it.

    The closing one stands at the same indentation. The lines before are emptied, so that line numbers stay.
    """
    opening = _OPENING.search(text)
    if opening is None:
        return ""
    closing = re.compile(rf"^{opening['indent']}[\]}}][ \t]*+$", re.MULTILINE).search(text, opening.end())
    end = closing.end() if closing else len(text)
    return "\n" * text.count("\n", 0, opening.start()) + text[opening.start() : end]


def _mended(text: str) -> str:
    """The text without comments, with each comma where it should be; line numbers stay."""
    pieces: list[str] = []
    strings: list[str] = []
    at = 0
    for token in _TOKEN.finditer(text):
        pieces.append(text[at : token.start()])
        if token.lastgroup == "string":
            strings.append(token[0])
            pieces.append('""')
        elif token.lastgroup != "comment":
            pieces.append(token[0])
        at = token.end()
    bare = "".join([*pieces, text[at:]])
    bare = _MISSING_COMMA.sub(r"\1,\2", _TRAILING_COMMA.sub(r"\1", bare))
    return "".join(part for pair in zip(bare.split('""'), [*strings, ""], strict=False) for part in pair)
