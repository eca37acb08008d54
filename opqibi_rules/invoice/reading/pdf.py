"""An invoice in a PDF: by the data that it carries, else by what the eye reads on its pages."""

from dataclasses import replace

from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.found import NoInvoiceError
from opqibi_rules.invoice.reading.pdf_attachment import invoice_xml
from opqibi_rules.messages import Message

_OLDER = Message("Its data is of ZUGFeRD 1.0, and was compared only: the page is what was read.")

_ANY = ("number", "date", "total_excl_vat", "total_incl_vat")
"""A page that announces none of these is no invoice."""


def read_pdf(data: bytes, name: str) -> Invoice:
    """The invoice in a PDF.

    Raises:
        FileError: one that cannot be trusted to be read right, or whose pages bear no text; the message says why.
        RequestError: an extra is not installed.
    """
    carried = invoice_xml(data, name)
    if carried is not None:
        from opqibi_rules.invoice.reading.einvoice import older_data, read_einvoice  # noqa: PLC0415 - a page does without

        xml, notes = carried
        if (older := older_data(xml, name)) is not None:
            return _compared(replace(read_page(data, name), notes=(_OLDER,)), data, name, older)
        invoice = read_einvoice(xml, name, notes)
        return _compared(invoice, data, name, invoice)
    return read_page(data, name)


def _compared(invoice: Invoice, data: bytes, name: str, stated: Invoice) -> Invoice:
    """The same, with what its page says otherwise than its data; a scan, or what cannot be read, says nothing."""
    from opqibi_rules.invoice.reading.page.against import differences  # noqa: PLC0415 - a page alone does without
    from opqibi_rules.paper.pages.document_pages import PicturesError, texts_alone  # noqa: PLC0415 - as above

    try:
        with texts_alone():
            reading = invoice.reading or read_page(data, name).reading
    except (FileError, PicturesError):
        return invoice
    except RequestError as error:
        return replace(
            invoice, notes=(*invoice.notes, Message("Its page: not compared. {why}", why=error.message))
        )
    if reading is None:
        return invoice
    remarks = (*invoice.remarks, *(reading.remarks if invoice.reading is None else ()))
    return replace(invoice, page_differs=differences(reading, stated), remarks=remarks)


def read_page(data: bytes, name: str) -> Invoice:
    """The invoice that the eye reads on the pages of a PDF or of a picture's file.

    Raises:
        NoInvoiceError: nothing on its pages is an invoice's.
        FileError, RequestError: as for :func:`read_pdf`.
    """
    from opqibi_rules.invoice.reading.page.invoice import invoice_of  # noqa: PLC0415 - data does without
    from opqibi_rules.invoice.reading.page.reader import read_pages  # noqa: PLC0415 - as above
    from opqibi_rules.paper.pages.document_pages import pages_in  # noqa: PLC0415 - as above

    pages = pages_in(data, name)
    if not any(page.words for page in pages):
        raise NoInvoiceError(name, [Mistake(Message("no text can be read on its pages."))])
    reading = read_pages(pages)
    if all(reading.fields[key].value is None for key in _ANY):
        message = Message("its pages show no invoice: they announce no number, no date and no total.")
        raise NoInvoiceError(name, [Mistake(message)])
    return invoice_of(reading)
