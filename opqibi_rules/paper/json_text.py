"""JSON as people save it: strict first, then as documentation prints it.

The samples of API Entreprise are no JSON: ``//`` comments outside strings, trailing commas, once a comma
forgotten, and the page around them where the whole page was saved. Such a text is mended and read, and the
reading says so. Size and depth are bounded; a key given
twice is refused, since nothing says which value holds.
"""

import codecs
import json
import re
from typing import Any, NamedTuple, NoReturn

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_BYTES

MAX_DEPTH = 30

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
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class JsonText(NamedTuple):
    """A value, and whether the text had to be mended to read it."""

    value: Any
    repaired: bool


def read_json(data: bytes, name: str) -> JsonText:
    """Read one JSON document, tolerantly.

    Raises:
        FileError: too large, too deep, not Unicode, not JSON even when mended, or a key given twice.
    """
    text = decoded(data, name)
    try:
        return JsonText(_parsed(text, name), repaired=False)
    except json.JSONDecodeError as error:
        first = error
    for candidate in (text, _printed(text)):
        try:
            return JsonText(_parsed(_mended(candidate), name), repaired=True)
        except json.JSONDecodeError:
            continue
    message = Message("not JSON ({problem}).", problem=first.msg)
    raise FileError(name, [Mistake(message, line=first.lineno, column=first.colno)])


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 where a mark says so.

    Raises:
        FileError: too large, or in no such encoding.
    """
    if len(data) > MAX_BYTES:
        raise FileError(
            name, [Mistake(Message("over {limit} bytes; such a file is not read.", limit=MAX_BYTES))]
        )
    wide = any(data.startswith(mark) for mark in _MARKS)
    try:
        return data.decode(json.detect_encoding(data) if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            name, [Mistake(Message("not in UTF-8; save the file as UTF-8."), line=line)]
        ) from None


def _parsed(text: str, name: str) -> Any:
    """The value of a text, once it is known to be shallow enough for the parser."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, token.start()) + 1
            message = Message("nested over {depth} levels; such a file is not read.", depth=MAX_DEPTH)
            raise FileError(name, [Mistake(message, line=line)])

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            message = Message("« {key} » is given twice; nothing says which one holds.", key=twice[:80])
            raise FileError(name, [Mistake(message)])
        return result

    def refuse(constant: str) -> NoReturn:
        raise FileError(name, [Mistake(Message("{constant} is not a JSON value.", constant=constant))])

    # Numbers stay text: none is reckoned with here, and a million digits then cost nothing.
    value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse, parse_int=str, parse_float=str)
    if _HALF_CHARACTER.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise FileError(
                name, [Mistake(Message("half a character (a lone surrogate, \\ud800)."))]
            ) from None
    return value


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
