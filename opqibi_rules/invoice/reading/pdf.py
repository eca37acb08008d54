"""An invoice in a PDF: by the data that it carries, else by what the eye reads on its pages."""

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.pdf_attachment import invoice_xml
from opqibi_rules.messages import Message


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
    """The invoice that the eye reads on the pages of a PDF.

    Raises:
        FileError, RequestError: as for :func:`read_pdf`.
    """
    from opqibi_rules.invoice.reading.page.invoice import invoice_of  # noqa: PLC0415 - data does without
    from opqibi_rules.invoice.reading.page.reader import read_pages  # noqa: PLC0415 - as above
    from opqibi_rules.paper.pages.text_layer import text_pages  # noqa: PLC0415 - as above

    pages = text_pages(data, name)
    if not any(page.words for page in pages):
        message = Message(
            "a PDF without any attachment, whose pages bear no text: a scan. Give the XML, or the amounts as CSV, "
            "XLSX or JSON."
        )
        raise FileError(name, [Mistake(message)])
    return invoice_of(read_pages(pages))
