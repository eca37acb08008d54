"""The XML that a Factur-X or ZUGFeRD PDF carries: the one attachment that makes it an e-invoice.

A PDF is a container from strangers: what it expands to is capped (half a megabyte of it can hold half a
gigabyte), and whatever a broken one makes its reader do ends in one clear refusal.
"""

import io
from typing import Any, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.messages import Message
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT
from opqibi_rules.paper.quiet import silence

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""Factur-X and ZUGFeRD 2.1 on; ZUGFeRD 2.0 (and 1, whose content is refused by its namespace); XRechnung."""

MAX_STRUCTURE = 3_000_000
"""Bytes that a stream of the PDF's own structure may take, packed and unpacked: some ways of packing cost a
hundred times that in memory."""

_PLAIN = ("/FlateDecode", "/Fl")
"""The one way of packing that the attachment may use: what it expands to is measured as it is undone."""

RELATIONSHIPS = ("/Data", "/Source", "/Alternative")
"""What Factur-X lets the XML be to the page (AFRelationship, ISO 19005-3)."""


_CAPPED = (
    "maximum_declared_stream_length",
    "array_based_stream_maximum_output_length",
    "zlib_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "brotli_maximum_output_length",
)
"""What pypdf lets a stream expand to, by the way it is packed."""


class Attachment(NamedTuple):
    """The XML of the invoice, and what is unusual about how it is attached."""

    xml: bytes
    notes: tuple[Message, ...]


def invoice_xml(data: bytes, name: str) -> Attachment:
    """Take the invoice out of a PDF.

    Raises:
        FileError: no attachment, none under a name of Factur-X, several, one that expands beyond measure, one
            that does not say what it is to the document, a password, or a PDF that cannot be read.
        RequestError: the ``invoice`` extra is not installed.
    """
    pypdf = load("pypdf", extra="invoice")
    structure = {**_caps(MAX_STRUCTURE), "stream_decoding_work_maximum_length": MAX_STRUCTURE}
    with silence():
        try:
            with pypdf.apply_configuration(**structure):
                stream, notes = _attached(pypdf.PdfReader(io.BytesIO(data)), name)
            with pypdf.apply_configuration(**_caps(MAX_DOCUMENT)):
                return Attachment(stream.get_data(), notes)
        except FileError:
            raise
        except pypdf.errors.LimitReachedError:
            message = Message(
                "what it holds expands beyond {limit} MB: refused; no invoice is so large.",
                limit=MAX_DOCUMENT // 10**6,
            )
        except (pypdf.errors.FileNotDecryptedError, pypdf.errors.DependencyError):
            message = Message("protected by a password: save it without one.")
        except Exception:  # noqa: BLE001 - a broken PDF makes its reader fail in any way; none is a traceback
            message = Message("a damaged PDF: its structure cannot be read. Ask for the file again.")
    raise FileError(name, [Mistake(message)])


def _caps(limit: int) -> dict[str, int]:
    return dict.fromkeys(_CAPPED, limit)


def _attached(reader: Any, name: str) -> tuple[Any, tuple[Message, ...]]:
    """The stream of the invoice, still packed, and what is unusual about how it is attached."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _refused(name, Message("protected by a password: save it without one."))
    attached = list(reader.attachment_list)
    named = [item for item in attached if str(item.alternative_name or item.name).lower() in NAMES]
    if not attached:
        raise _refused(
            name,
            Message(
                "a PDF without any attachment: the picture of an invoice, not an e-invoice (Factur-X). "
                "Give the XML, or the amounts as CSV, XLSX or JSON."
            ),
        )
    if not named:
        raise _refused(
            name,
            Message(
                "no attachment is named {expected}; there is: {names}. If one of them is the invoice, save "
                "it and give that file.",
                expected=NAMES[0],
                names=[str(item.name)[:60] for item in attached[:5]],
            ),
        )
    if len(named) > 1:
        raise _refused(
            name,
            Message("{count} attachments bear the name of the invoice; one is expected.", count=len(named)),
        )
    relationship = named[0].pdf_object.get("/AFRelationship")
    if relationship is None:
        raise _refused(
            name,
            Message(
                "the attachment {name} does not say what it is to the document (AFRelationship is missing, "
                "ISO 19005-3), so this is no Factur-X. Save the attachment and give that file.",
                name=str(named[0].name)[:60],
            ),
        )
    notes: tuple[Message, ...] = ()
    if relationship != RELATIONSHIPS[0]:
        notes = (
            Message(
                "The XML is attached as {relationship}; every receiver accepts {expected} (Factur-X).",
                relationship=str(relationship)[:40],
                expected=RELATIONSHIPS[0],
            ),
        )
    files = named[0].pdf_object["/EF"].get_object()
    stream = (files.get("/UF") or files["/F"]).get_object()
    packing = stream.get("/Filter", ())
    if any(filter_ not in _PLAIN for filter_ in ([packing] if isinstance(packing, str) else packing)):
        raise _refused(name, Message("the attachment is packed in a way that no e-invoice uses: refused."))
    return stream, notes


def _refused(name: str, message: Message) -> FileError:
    return FileError(name, [Mistake(message)])
