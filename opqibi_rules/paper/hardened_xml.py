"""XML from strangers, as a tree: no DOCTYPE, no entity, nothing outside the file, bounded in every way.

One parser reads the bytes (expat, of the standard library) and builds the tree itself: there is no second
parser that could see in them what the first did not. An e-invoice needs no DOCTYPE; without one there is no
entity to expand, no external file to read and no address to call.
"""

import re
from typing import Any
from xml.parsers import expat

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT, bounded
from opqibi_rules.paper.text import encoding_of

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
MAX_ATTRIBUTES = 50
MAX_NAME = 1000
"""Characters of a tag's name, its namespace included."""

_LAST_LINE = 65_535
"""An element keeps its line in sixteen bits."""
_CUT_SHORT = frozenset({"no element found", "unclosed token", "partial character", "unclosed CDATA section"})
_OF_ENCODING = frozenset({"unknown encoding", "encoding specified in XML declaration is incorrect"})
_ILL_FORMED = Message(
    "not well-formed XML from here on: each tag is closed in its turn, and a « & » or a « < » "
    "in a text is written &amp; or &lt;."
)
_REASONS = {
    "mismatched tag": Message("not well-formed XML: the tag closed here is not the last one opened."),
    "duplicate attribute": Message("not well-formed XML: an attribute is given twice."),
    "unbound prefix": Message("not well-formed XML: the prefix of a name is not declared (xmlns)."),
    "junk after document element": Message("not well-formed XML: something stands after its end."),
    "undefined entity": Message(
        "not well-formed XML: an entity that XML does not know; a « & » is written &amp;."
    ),
    "XML or text declaration not at start of entity": Message(
        "not well-formed XML: something stands before <?xml …?>, or it is written twice."
    ),
}


def parse(data: bytes, name: str, *, without: frozenset[str] = frozenset()) -> Any:
    """The root of the tree, as an lxml element that knows its lines.

    Args:
        data: the whole file.
        name: the file's name, for errors.
        without: local names of elements whose text is left out (attachments, which may be large).

    Raises:
        FileError: too large, too deep, too many elements, a DOCTYPE, cut short or not well-formed.
        RequestError: the ``invoice`` extra is not installed.
    """
    bounded(data, name, MAX_DOCUMENT)
    builder = _Builder(name, without)
    try:
        return builder.build(data)
    except FileError:
        raise
    except expat.ExpatError as error:
        mistake = Mistake(Message("an empty file."))
        if data.strip():
            message = _told(expat.ErrorString(error.code), data, builder.error_byte)
            mistake = Mistake(message, line=error.lineno, column=error.offset + 1)
        raise FileError(name, [mistake]) from None
    except (ValueError, LookupError):
        message = Message("not XML: a name, a character or an encoding that XML does not know.")
        raise FileError(name, [Mistake(message)]) from None


def _told(reason: str, data: bytes, at: int) -> Message:
    """What is wrong in an XML that the parser gave up at that byte, for that reason."""
    if reason in _CUT_SHORT:
        return Message("cut short: the XML stops before its end. Ask for the file again.")
    before = data[:at]
    if reason in _OF_ENCODING or (_is_utf8(data) and encoding_of(data, windows=False) == "utf-8"):
        return Message(
            "its bytes are not in the encoding that the XML declares (UTF-8 where it declares none): "
            "save it again, in UTF-8."
        )
    if before.rfind(b"<!--") > before.rfind(b"-->"):
        return Message("not well-formed XML from here on: two hyphens within a comment.")
    return _REASONS.get(reason, _ILL_FORMED)


def _is_utf8(data: bytes) -> bool:
    """Whether the XML is meant to be in UTF-8: it says so, or nothing."""
    declared = re.match(
        rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", data[:1024].removeprefix(b"\xef\xbb\xbf")
    )
    return declared[1].lower() == b"utf-8" if declared else not data.startswith((b"\xff\xfe", b"\xfe\xff"))


class _Builder:
    """Builds the tree from expat's events, and stops at what is refused."""

    def __init__(self, name: str, without: frozenset[str]) -> None:
        self._name = name
        self._without = without
        self._tree = load("lxml.etree", extra="invoice").TreeBuilder()
        self._open: list[str] = []
        self._count = 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def build(self, data: bytes) -> Any:
        self._parser.Parse(data, True)  # noqa: FBT003 - expat takes « this is the end » by position
        return self._tree.close()

    @property
    def error_byte(self) -> int:
        """Where the parser gave up."""
        return self._parser.ErrorByteIndex

    def _refuse(self, message: Message) -> None:
        raise FileError(self._name, [Mistake(message, line=self._parser.CurrentLineNumber)])

    def _doctype(self, *_: object) -> None:
        self._refuse(Message("a DOCTYPE: refused; no e-invoice needs one, and entities hide behind it."))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            self._refuse(Message("over {limit} levels of XML elements: refused.", limit=MAX_DEPTH))
        if self._count > MAX_ELEMENTS:
            self._refuse(Message("over {limit} XML elements: refused.", limit=MAX_ELEMENTS))
        if len(attributes) > MAX_ATTRIBUTES or len(tag) > MAX_NAME:
            self._refuse(Message("an XML element with a huge name or too many attributes: refused."))
        qualified = _qualified(tag)
        element = self._tree.start(qualified, {_qualified(key): value for key, value in attributes.items()})
        element.sourceline = min(self._parser.CurrentLineNumber, _LAST_LINE)
        self._open.append(qualified)

    def _end(self, _tag: str) -> None:
        self._tree.end(self._open.pop())

    def _text(self, data: str) -> None:
        if self._open[-1].rpartition("}")[2] not in self._without:
            self._tree.data(data)


def _qualified(name: str) -> str:
    return f"{{{name}" if "}" in name else name
