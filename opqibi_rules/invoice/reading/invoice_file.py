"""A file of invoices, whatever its form: Factur-X PDF, CII or UBL XML, CSV, XLSX or JSON.

What a file holds decides, not what its name ends in: an XML named ``.txt`` is read as XML.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.pdf_attachment import is_pdf
from opqibi_rules.invoice.reading.rows import SpoiltInvoicesError
from opqibi_rules.messages import Message
from opqibi_rules.paper.files import MAX_DOCUMENT, bounded, file_bytes


def read_invoices(path: Path) -> tuple[Invoice, ...]:
    """Every invoice of a file: one for a PDF or an XML, one or more for the others.

    Raises:
        FileError: it cannot be opened, is too large, or is not what it looks like; one line says why.
        SpoiltInvoicesError: some of its invoices cannot be read; it holds the others.
        RequestError: the ``invoice`` extra is needed and not installed.
    """
    name = str(path)
    data = file_bytes(path, MAX_DOCUMENT)
    try:
        return _named(invoices_in(data, name), path)
    except SpoiltInvoicesError as error:
        raise SpoiltInvoicesError(name, list(error.mistakes), _named(error.others, path)) from None


def _named(invoices: Iterable[Invoice], path: Path) -> tuple[Invoice, ...]:
    file = path.name.encode("utf-8", "backslashreplace").decode()  # a name may hold bytes that are no text
    return tuple(replace(invoice, file=file) for invoice in invoices)


def invoices_in(data: bytes, name: str) -> tuple[Invoice, ...]:
    """The invoices in the content of a file; ``name`` is for errors.

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
    if start.startswith(b"PK"):
        from opqibi_rules.invoice.reading.spreadsheet import read_xlsx  # noqa: PLC0415 - as above

        return read_xlsx(data, name)
    if start.startswith((b"{", b"[")):
        from opqibi_rules.invoice.reading.rows import read_json  # noqa: PLC0415 - as above

        return read_json(data, name)
    from opqibi_rules.invoice.reading.spreadsheet import read_csv  # noqa: PLC0415 - as above

    return read_csv(data, name)
