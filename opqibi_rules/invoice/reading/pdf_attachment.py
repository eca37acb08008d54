"""The XML that a Factur-X or ZUGFeRD PDF carries: the one attachment that makes it an e-invoice.

A PDF is a container from strangers: what it expands to is capped (half a megabyte of it can hold half a
gigabyte), and whatever a broken one makes its reader do ends in one clear refusal.
"""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT
from opqibi_rules.paper.quiet import silence

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject, StreamObject

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""Factur-X and ZUGFeRD 2.1 on; ZUGFeRD 2.0 (and 1, whose content is refused by its namespace); XRechnung."""

MAX_STRUCTURE = 3_000_000
"""Bytes that a stream of the PDF's own structure may take, packed and unpacked: some ways of packing cost a
hundred times that in memory."""

_PLAIN = frozenset({"/FlateDecode", "/Fl"})
"""The one way of packing that the attachment may use: what it expands to is measured as it is undone."""

RELATIONSHIP = "/Data"
"""What the XML is to the page (AFRelationship, ISO 19005-3); Factur-X bears ``/Source`` and ``/Alternative`` too."""

_CAPPED = (
    "maximum_declared_stream_length",
    "array_based_stream_maximum_output_length",
    "zlib_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "brotli_maximum_output_length",
)
"""What pypdf lets a stream expand to, by the way it is packed."""


_LOCKED = Message("protected by a password: save it without one.")


class _RefusedError(Exception):
    """A PDF that is no e-invoice, or hides what it holds."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class _BareError(Exception):
    """A PDF that carries nothing."""


def invoice_xml(data: bytes, name: str) -> tuple[bytes, tuple[Message, ...]] | None:
    """The XML of the invoice that a PDF carries, and what is unusual about how it is attached; none without any.

    Raises:
        FileError: no attachment under a name of Factur-X, several, one that expands beyond measure, one
            that does not say what it is to the document, a password, or a PDF that cannot be read.
        RequestError: the ``invoice`` extra is not installed.
    """
    pypdf = load("pypdf", extra="invoice")
    structure = {**_caps(MAX_STRUCTURE), "stream_decoding_work_maximum_length": MAX_STRUCTURE}
    with silence():
        try:
            with pypdf.apply_configuration(**structure):
                stream, notes = _attached(pypdf.PdfReader(io.BytesIO(data[data.index(b"%PDF-") :])))
            with pypdf.apply_configuration(**_caps(MAX_DOCUMENT)):
                return stream.get_data(), notes
        except _BareError:
            return None
        except _RefusedError as refused:
            message = refused.message
        except pypdf.errors.LimitReachedError:
            message = Message(
                "what it holds expands beyond {limit} MB: refused; no invoice is so large.",
                limit=MAX_DOCUMENT // 10**6,
            )
        except (pypdf.errors.FileNotDecryptedError, pypdf.errors.DependencyError):
            message = _LOCKED
        except Exception:  # noqa: BLE001 - a broken PDF makes its reader fail in any way; none is a traceback
            message = Message("a damaged PDF: its structure cannot be read. Ask for the file again.")
    raise FileError(name, [Mistake(message)])


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF; a reader of PDF passes over what stands before its first mark, and so does this."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024]
    return b"%PDF-" in start and not start.startswith((b"<", b"{", b"[", b"PK"))


def _caps(limit: int) -> dict[str, int]:
    return dict.fromkeys(_CAPPED, limit)


def _attached(reader: "PdfReader") -> tuple["StreamObject", tuple[Message, ...]]:
    """The stream of the invoice, still packed, and what is unusual about how it is attached."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _RefusedError(_LOCKED)
    listed = [
        (_name_of(item.pdf_object) or str(item.name), item.pdf_object) for item in reader.attachment_list
    ]
    notes: tuple[Message, ...] = ()
    if not any(name.lower() in NAMES for name, _ in listed) and (elsewhere := list(_elsewhere(reader))):
        listed = [(_name_of(item), item) for item in elsewhere]
        notes = (
            Message("The XML is not in the PDF's list of attachments, where every receiver looks for it."),
        )
    name, attached = _only(listed)
    relationship = attached.get("/AFRelationship")
    if relationship is None:
        message = Message(
            "the attachment {name} does not say what it is to the document (AFRelationship is missing, "
            "ISO 19005-3), so this is no Factur-X. Save the attachment and give that file.",
            name=name[:60],
        )
        raise _RefusedError(message)
    note = Message(
        "The XML is attached as {relationship}; every receiver accepts {expected} (Factur-X).",
        relationship=str(relationship)[:40],
        expected=RELATIONSHIP,
    )
    files = attached["/EF"].get_object()
    assert isinstance(files, dict)
    stream = (files.get("/UF") or files["/F"]).get_object()
    packing = stream.get("/Filter", ())
    if not set([packing] if isinstance(packing, str) else packing) <= _PLAIN:
        raise _RefusedError(Message("the attachment is packed in a way that no e-invoice uses: refused."))
    return stream, notes if relationship == RELATIONSHIP else (*notes, note)


def _name_of(specification: "DictionaryObject") -> str:
    """The name that a file specification gives."""
    return str(specification.get("/UF") or specification.get("/F") or "")


def _elsewhere(reader: "PdfReader") -> Iterator["DictionaryObject"]:
    """The files that are associated with the document or a page, or drawn on one, without being listed."""
    pages = list(reader.pages)
    held = [item for whole in (reader.root_object, *pages) for item in whole.get("/AF", ())]
    drawn = [note.get_object().get("/FS") for page in pages for note in page.get("/Annots", ())]
    seen = set()
    for item in filter(None, (*held, *drawn)):
        specification = item.get_object()
        if "/EF" in specification and id(specification) not in seen:
            seen.add(id(specification))
            yield specification


def _only(attached: list[tuple[str, "DictionaryObject"]]) -> tuple[str, "DictionaryObject"]:
    """The one attachment that bears the name of an invoice, and that name."""
    named = [(name, item) for name, item in attached if name.lower() in NAMES]
    if not attached:
        raise _BareError
    if not named:
        message = Message(
            "no attachment is named {expected}; there is: {names}. If one of them is the invoice, save "
            "it and give that file.",
            expected=NAMES[0],
            names=[name[:60] for name, _ in attached[:5]],
        )
    elif len(named) > 1:
        message = Message(
            "{count} attachments bear the name of the invoice; one is expected.", count=len(named)
        )
    else:
        return named[0]
    raise _RefusedError(message)
