"""What a file holds: its invoices, and what else lies with them."""

from typing import Literal, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.rows import SpoiltInvoicesError
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, at


class NoInvoiceError(FileError):
    """A document that can be read, and is no invoice."""


class Beside(NamedTuple):
    """A document that lies with invoices and is none."""

    name: str
    why: Message


class NoInvoiceShape(Shape, of=Beside):
    """A document that lies with invoices and is none."""

    schema_version: Literal[1] = 1
    source: str = at("name")
    no_invoice: Message = at("why")
    """Why it is none."""


class Found(NamedTuple):
    """All that a file holds."""

    invoices: tuple[Invoice, ...] = ()
    beside: tuple[Beside, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    """What is wrong in the others: they may be invoices."""

    def whole(self, name: str) -> tuple[Invoice, ...]:
        """Its invoices, if none of them is spoilt.

        Raises:
            SpoiltInvoicesError: some cannot be read; it holds the others.
        """
        if self.mistakes:
            raise SpoiltInvoicesError(name, list(self.mistakes), self.invoices)
        return self.invoices
