"""What an e-mail or an archive holds: each document with its name, in memory; nothing is ever written.

Both come from strangers: how many documents they hold, how deep and how large is bounded, and a name that climbs
folders is only a name.
"""

import email
import email.header
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from email import policy
from email.message import Message as Mail
from typing import NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_DOCUMENT
from opqibi_rules.paper.text import one_line

MOST_DOCUMENTS = 100
"""In one e-mail or archive, those within it included."""
MOST_ENTRIES = 2000
"""Names in one archive, folders and all."""
MOST_BYTES = 100_000_000
"""Of all the documents together, unfolded."""
DEEPEST = 4
"""An archive in an e-mail forwarded in an e-mail: one more is meant to keep the machine busy."""
LONGEST_NAME = 100

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OFFICE = frozenset({"[Content_Types].xml", "mimetype"})
"""What an archive holds that is a document of an office program."""
_CLUTTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$)", re.IGNORECASE)
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
_OF_MAIL = frozenset(
    b"from to cc subject date received return-path message-id mime-version content-type delivered-to reply-to "
    b"x-mozilla-status sender dkim-signature arc-seal".split()
)
_LONGEST_HEADER = 2000
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_OUTLOOK = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_TOO_MUCH = Message("it holds too many documents, or expands too far: refused.")
_DAMAGED = Message("a damaged archive: it cannot be unfolded. Ask for the file again.")


class Enclosed(NamedTuple):
    """One document of an e-mail or an archive."""

    name: str
    """The way to it: « mail.eml › invoice.pdf »."""
    data: bytes = b""
    wrong: Message | None = None
    """Why it cannot be had; it may be an invoice all the same."""


class _TooMuchError(Exception):
    """More than is unfolded."""


def enclosed(data: bytes, name: str) -> tuple[Enclosed, ...] | None:
    """The documents of an e-mail or an archive, in its order; ``None`` where the file is neither.

    Raises:
        FileError: it holds too much, is nested too deep, or is damaged.
    """
    if not (_is_archive(data) or _is_mail(data)):
        return None
    try:
        return tuple(_Unfolding().documents(data, name, (), depth=1))
    except (_TooMuchError, RecursionError):
        raise FileError(name, [Mistake(_TOO_MUCH)]) from None


def _is_mail(data: bytes) -> bool:
    """Whether a text begins with two headers, or more, that e-mails have."""
    start = data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\r\n", b"\n")
    if start.startswith(b"From "):
        start = start.partition(b"\n")[2]
    found: set[bytes] = set()
    place = 0
    while len(found) < 2 and (header := _HEADER.match(start, place)):
        found.add(header[1].lower())
        found &= _OF_MAIL
        place = header.end()
    return len(found) > 1


def _is_archive(data: bytes) -> bool:
    """Whether it is a zip, and no document of an office program."""
    if not data.startswith((_ZIP, _EMPTY_ZIP)):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return _OFFICE.isdisjoint(packed.NameToInfo)
    except Exception:  # noqa: BLE001 - a broken archive makes zipfile fail in any way; the reader of workbooks says it
        return False


class _Unfolding:
    """What has been unfolded so far, of the whole."""

    def __init__(self) -> None:
        self.left, self.bytes_left = MOST_DOCUMENTS, MOST_BYTES

    def documents(self, data: bytes, name: str, within: tuple[str, ...], depth: int) -> Iterator[Enclosed]:
        """The documents of one e-mail or archive, ``name``, that lies within others; or the document that it is."""
        way = (*within, name)
        if depth > DEEPEST:
            raise _TooMuchError
        if _is_archive(data):
            inside = self._archived(data, way)
        elif _is_mail(data):
            inside = self._mailed(email.message_from_bytes(data, policy=policy.compat32), way)
        else:
            yield self._counted(Enclosed(_shown(way), data))
            return
        for item, content in inside:
            if isinstance(content, Message):
                yield self._counted(Enclosed(_shown((*way, item)), wrong=content))
            else:
                yield from self.documents(content, item, way, depth + 1)

    def _counted(self, found: Enclosed) -> Enclosed:
        self.left -= 1
        if self.left < 0:
            raise _TooMuchError
        return found

    def _archived(self, data: bytes, way: tuple[str, ...]) -> Iterator[tuple[str, bytes | Message]]:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                entries = [
                    entry
                    for entry in _bounded(packed.infolist())
                    if not entry.is_dir() and not _CLUTTER.search(entry.filename)
                ]
                known = Counter(_safe(entry.filename) for entry in entries)
                for entry in entries:
                    name = _safe(entry.filename)
                    yield (
                        name if known[name] == 1 else _in_its_folder(entry.filename),
                        self._content(packed, entry),
                    )
        except (_TooMuchError, GeneratorExit, FileError):
            raise
        except Exception:  # noqa: BLE001 - a broken archive makes zipfile fail in any way; none is a traceback
            raise FileError(_shown(way), [Mistake(_DAMAGED)]) from None

    def _content(self, packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | Message:
        """What an entry unfolds to, measured as it does."""
        if entry.flag_bits & 1:
            return Message("protected by a password: save it without one.")
        if entry.compress_type not in _PACKINGS:
            return Message("packed in a way that is not read: pack it as a plain zip.")
        with packed.open(entry) as stream:
            content = stream.read(min(MAX_DOCUMENT, self.bytes_left) + 1)
        self.bytes_left -= len(content)
        if self.bytes_left < 0:
            raise _TooMuchError
        if len(content) > MAX_DOCUMENT:
            return Message("over {limit} bytes; such a file is not read.", limit=MAX_DOCUMENT)
        if content.startswith(_ZIP) and _is_archive(content):
            return Message("an archive within an archive: unpack it, and give what it holds.")
        return content

    def _mailed(self, mail: Mail, way: tuple[str, ...]) -> Iterator[tuple[str, bytes | Message]]:
        """The documents that an e-mail bears, and those of the e-mails forwarded with it."""
        stack: list[tuple[Mail, int]] = [(mail, 0)]
        parts = 0
        while stack:
            part, depth = stack.pop()
            parts += 1
            if depth > 2 * DEEPEST or parts > 5 * MOST_DOCUMENTS:
                raise _TooMuchError
            inner = part.get_payload()
            if isinstance(inner, list):
                stack += [(one, depth + 1) for one in reversed(inner) if isinstance(one, Mail)]
            elif (name := _name_of(part)) or not _is_body(part):
                yield name or "—", self._part(part, name)

    def _part(self, part: Mail, name: str) -> bytes | Message:
        if _kind(part) in _OUTLOOK or name.lower() == "winmail.dat":
            return Message(
                "an envelope of Outlook's own (winmail.dat), which others cannot open: ask for the attachments "
                "alone, or for the e-mail in HTML or plain text."
            )
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            return b""
        self.bytes_left -= len(content)
        return content


def _bounded(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    if len(entries) > MOST_ENTRIES:
        raise _TooMuchError
    return entries


def _kind(part: Mail) -> str:
    return part.get_content_type() if _short(part, "Content-Type") else "application/octet-stream"


def _short(part: Mail, header: str) -> bool:
    """Whether a header is short enough to be taken apart: what takes it apart is slow on a long one."""
    return len(str(part.get(header, ""))) <= _LONGEST_HEADER


def _is_body(part: Mail) -> bool:
    """What is read in the e-mail itself, and not with it."""
    apart = _short(part, "Content-Disposition") and part.get_content_disposition() == "attachment"
    return not apart and _kind(part).partition("/")[0] in {"text", "message", "multipart"}


def _name_of(part: Mail) -> str:
    """The name that an attachment bears, as a person wrote it."""
    if not (_short(part, "Content-Type") and _short(part, "Content-Disposition")):
        return ""
    try:
        name = part.get_filename("")
        pieces = email.header.decode_header(name)
        return _safe(str(email.header.make_header(pieces)))
    except (LookupError, ValueError, email.errors.MessageError):  # an encoding that nobody knows
        return _safe(str(part.get_filename("")))


def _safe(name: str) -> str:
    """A name without the folders that lead to it, nor anything that a screen would obey."""
    return one_line(re.split(r"[/\\]", name.rstrip("/\\"))[-1])[-LONGEST_NAME:]


def _in_its_folder(name: str) -> str:
    """A name with the folders that tell it from another, and nothing else that a screen would obey."""
    parts = (one_line(part) for part in re.split(r"[/\\]", name))
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-LONGEST_NAME:]


def _shown(way: tuple[str, ...]) -> str:
    return " › ".join(way)
