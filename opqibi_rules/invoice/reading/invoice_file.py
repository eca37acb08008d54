"""A file of invoices, whatever its form: Factur-X PDF, CII or UBL XML, CSV, XLSX or JSON; an e-mail or a zip of them.

What a file holds decides, not what its name ends in: an XML named ``.txt`` is read as XML.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.found import Beside, Found, NoInvoiceError
from opqibi_rules.invoice.reading.pdf_attachment import is_pdf
from opqibi_rules.invoice.reading.rows import SpoiltInvoicesError
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_DOCUMENT, bounded, file_bytes
from opqibi_rules.paper.pages.picture_file import NoPageError, is_picture

if TYPE_CHECKING:
    from opqibi_rules.paper.enclosed import Enclosed

_SELDOM = frozenset(
    {".asc", ".bmp", ".gif", ".htm", ".html", ".ics", ".p7s", ".sig", ".txt", ".vcf", ".webp"}
)
"""What goes with an e-mail and is no invoice, unless it can be read as one."""


def read_invoices(path: Path) -> tuple[Invoice, ...]:
    """Every invoice of a file: one for a PDF or an XML, one or more for the others.

    Raises:
        FileError: it cannot be opened, is too large, or is not what it looks like; one line says why.
        SpoiltInvoicesError: some of its invoices cannot be read; it holds the others.
        RequestError: the ``invoice`` extra is needed and not installed.
    """
    return read_found(path).whole(str(path))


def read_found(path: Path) -> Found:
    """All that a file holds, its name given to each invoice.

    Raises:
        FileError, RequestError: as for :func:`read_invoices`, where it gives no invoice at all.
    """
    # a name may hold bytes that are no text
    return found_in(
        file_bytes(path, MAX_DOCUMENT), str(path), path.name.encode("utf-8", "backslashreplace").decode()
    )


def found_in(data: bytes, name: str, file: str) -> Found:
    """All that the content of a file holds; ``name`` is for errors, ``file`` is what its invoices bear.

    Raises:
        FileError, RequestError: as for :func:`read_found`.
    """
    documents = documents_in(data, name, file)
    if documents is None:
        return found_alone(data, name, file)
    each = [found_enclosed(document) for document in documents]
    found = Found(
        tuple(invoice for one in each for invoice in one.invoices),
        tuple(document for one in each for document in one.beside),
        tuple(mistake for one in each for mistake in one.mistakes),
    )
    if not found.invoices:
        none = Mistake(Message("none of the documents in it is an invoice."))
        others = [Mistake(why, file=document) for document, why in found.beside]
        raise FileError(name, [*(found.mistakes or [none]), *others])
    return found


def documents_in(data: bytes, name: str, file: str) -> "tuple[Enclosed, ...] | None":
    """What an e-mail or a zip holds; ``None`` for a file that is one document.

    Raises:
        FileError: it is too large, holds too much, or is damaged.
    """
    if bounded(data, name, MAX_DOCUMENT).startswith((b"<", b"{", b"[", b"%")):
        return None
    from opqibi_rules.paper.enclosed import enclosed  # noqa: PLC0415 - 20 ms that a PDF, XML or JSON does not pay

    return enclosed(data, file)


def found_alone(data: bytes, name: str, file: str) -> Found:
    """What one document holds.

    Raises:
        FileError, RequestError: as for :func:`read_found`.
    """
    try:
        return Found(_named(invoices_in(data, name), file))
    except SpoiltInvoicesError as error:
        if not error.others:
            raise
        return Found(_named(error.others, file), (), error.mistakes)


def found_enclosed(document: "Enclosed") -> Found:
    """What one of several documents holds: what is wrong with it keeps the others from nothing."""
    name = document.name
    if document.wrong is not None:
        return Found(mistakes=(Mistake(document.wrong, file=name),))
    try:
        found = found_alone(document.data, name, name)
    except (NoInvoiceError, NoPageError) as error:
        return Found(beside=(Beside(name, error.mistakes[0].message),))
    except FileError as error:
        if PurePath(name).suffix.lower() in _SELDOM:
            return Found(beside=(Beside(name, Message("no form in which invoices are read.")),))
        return Found(mistakes=tuple(replace(mistake, file=name) for mistake in error.mistakes))
    return found._replace(mistakes=tuple(replace(mistake, file=name) for mistake in found.mistakes))


def _named(invoices: Iterable[Invoice], file: str) -> tuple[Invoice, ...]:
    return tuple(replace(invoice, file=file) for invoice in invoices)


def invoices_in(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices of one document; ``name`` is for errors.

    Raises:
        FileError, RequestError: as for :func:`read_invoices`.
    """
    start = bounded(data, name, MAX_DOCUMENT).lstrip(b"\xef\xbb\xbf \t\r\n")[:1024]
    if not start:
        raise FileError(name, [Mistake(Message("an empty file."))])
    if is_pdf(start):
        from opqibi_rules.invoice.reading.pdf import read_pdf  # noqa: PLC0415 - as below

        return (read_pdf(data, name),)
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<")):
        from opqibi_rules.invoice.reading.einvoice import read_einvoice  # noqa: PLC0415 - 200 ms that a CSV does not pay

        return (read_einvoice(data, name),)
    if is_picture(start):
        from opqibi_rules.invoice.reading.pdf import read_page  # noqa: PLC0415 - as below

        return (read_page(data, name),)
    if start.startswith(b"PK"):
        from opqibi_rules.invoice.reading.spreadsheet import read_xlsx  # noqa: PLC0415 - as above

        return read_xlsx(data, name)
    if start.startswith((b"{", b"[")):
        from opqibi_rules.invoice.reading.json_file import read_json  # noqa: PLC0415 - as above

        return read_json(data, name)
    from opqibi_rules.invoice.reading.spreadsheet import read_csv  # noqa: PLC0415 - as above

    return read_csv(data, name)
