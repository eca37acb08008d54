"""An invoice in a PDF: by the data that it carries, else by what the eye reads on its pages."""

from opqibi_rules.errors import Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.found import NoInvoiceError
from opqibi_rules.invoice.reading.pdf_attachment import invoice_xml
from opqibi_rules.messages import Message

_OF_AN_INVOICE = frozenset({"number", "total_excl_vat", "vat", "total_incl_vat", "payable"})


def read_pdf(data: bytes, name: str) -> Invoice:
    """The invoice in a PDF.

    Raises:
        FileError: one that cannot be trusted to be read right, or whose pages bear no text; the message says why.
        RequestError: an extra is not installed.
    """
    carried = invoice_xml(data, name)
    if carried is not None:
        from opqibi_rules.invoice.reading.einvoice import read_einvoice  # noqa: PLC0415 - a page does without

        xml, notes = carried
        return read_einvoice(xml, name, notes)
    return read_page(data, name)


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
    if not any(field.value is not None for field in reading if field.key in _OF_AN_INVOICE):
        message = Message("its pages bear neither the number of an invoice nor a total.")
        raise NoInvoiceError(name, [Mistake(message)])
    return invoice_of(reading)
