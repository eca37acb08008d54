"""The price and the validity of an OPQIBI qualification.

>>> from datetime import date
>>> from decimal import Decimal
>>> import opqibi_rules as opqibi
>>> quote = opqibi.quote(
...     event="first", tariffs={1: 5, 2: 3}, turnover=Decimal("800000"), on=date(2026, 3, 2)
... )
>>> quote.subtotals.instruction, quote.total_excl_vat
(Decimal('1160.00'), Decimal('1803.50'))

All results are immutable, typed, and give ``to_dict()`` for JSON. Nothing here reads the clock, the locale,
the environment or the network; the only files read are the tables of facts.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import (
    AmountError,
    DateError,
    FetchError,
    FileError,
    OpqibiError,
    RequestError,
    TableError,
    UnknownCodeError,
    UnknownTariffError,
)
from opqibi_rules.messages import Message
from opqibi_rules.money import parse_amount
from opqibi_rules.paper.language import Language
from opqibi_rules.price.quote import Quote, quote, shipped_tables
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from opqibi_rules.tables.library import Tables
from opqibi_rules.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection

    from opqibi_rules.certificate.check import Answer, CertificateReport
    from opqibi_rules.invoice.check import InvoiceCheck
    from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party, VatGroup
    from opqibi_rules.invoice.parties import Supplier
    from opqibi_rules.price.inversion import TurnoverRange

__all__ = [
    "AmountError",
    "DateError",
    "FetchError",
    "FileError",
    "Invoice",
    "InvoiceLine",
    "Language",
    "Message",
    "OpqibiError",
    "Party",
    "Qualification",
    "Quote",
    "RequestError",
    "Structure",
    "Supplier",
    "TableError",
    "Tables",
    "Turnover",
    "UnknownCodeError",
    "UnknownTariffError",
    "VatGroup",
    "__version__",
    "check_certificate",
    "check_invoice",
    "parse_amount",
    "quote",
    "read_invoice",
    "turnovers_from_fee",
]


def __getattr__(name: str) -> object:
    # Who prices a qualification does not wait for the types of an invoice.
    if name in {"Invoice", "InvoiceLine", "Party", "VatGroup"}:
        from opqibi_rules.invoice import model

        return getattr(model, name)
    if name == "Supplier":
        from opqibi_rules.invoice.parties import Supplier

        return Supplier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def check_certificate(
    certificate: "Answer | Path | str | bytes | Mapping[str, Any] | list[Any]",
    *,
    on: date | str,
    siren: str | None = None,
    requires: Iterable[str] = (),
    requires_rge: Iterable[str] = (),
    accept_probationary: bool = False,
    fetched: date | str | None = None,
    today: date | None = None,
    tables: Tables | None = None,
) -> "CertificateReport":
    """Is a certificate valid on a day, part by part, and does it meet what a tender requires?

    ``certificate`` is what a register answered: the path of a file, a body (bytes, or its text), or the parsed
    JSON. The other arguments are those of :func:`opqibi_rules.certificate.check.check_certificate`.

    >>> refusal = {"errors": [{"code": "11003", "title": "Entité non trouvée"}]}
    >>> check_certificate(refusal, on="2026-11-21").verdict
    'not_valid'

    Raises:
        FileError: the answer cannot be read, is none that we know, or holds several.
        RequestError: a malformed requirement or SIREN.
        DateError: ``on`` or ``fetched`` is no day.
    """
    from opqibi_rules.certificate import check as checking
    from opqibi_rules.certificate.reading.certificate_answer import one_answer

    return checking.check_certificate(
        one_answer(certificate),
        on=on,
        siren=siren,
        requires=requires,
        requires_rge=requires_rge,
        accept_probationary=accept_probationary,
        fetched=fetched,
        today=today,
        tables=tables or shipped_tables(),
    )


def check_invoice(
    invoice: "Invoice",
    *,
    expected: Quote,
    tolerance: Decimal | int | str = 0,
    fees: "Collection[str] | None" = None,
    structure: Structure | None = None,
    supplier: "Supplier | None" = None,
    confirmed: Mapping[str, str] | None = None,
    tables: Tables | None = None,
) -> "InvoiceCheck":
    """Is an invoice right, and if not, why? No file is needed: the invoice is built in memory.

    The arguments are those of :func:`opqibi_rules.invoice.check.check_invoice`.

    >>> from opqibi_rules import Invoice
    >>> due = quote(on="2026-03-02", tariffs={1: 5, 2: 3})
    >>> bill = Invoice("F1", date(2026, 3, 2), total_excl_vat=Decimal(1160), vat=Decimal(232))
    >>> check_invoice(bill, expected=due, fees=["instruction"]).verdict  # it names no seller
    'undetermined'
    >>> check_invoice(bill, expected=due, fees=["instruction"], confirmed={"seller": "OPQIBI"}).verdict
    'conform'

    Raises:
        RequestError: a fee that is not one of the four.
        AmountError: a tolerance that is no amount.
    """
    from opqibi_rules.invoice import check as invoice_check

    return invoice_check.check_invoice(
        invoice,
        expected=expected,
        tolerance=tolerance,
        fees=fees,
        structure=structure,
        supplier=supplier,
        confirmed=confirmed,
        tables=tables,
    )


def read_invoice(path: Path | str, *, confirmed: Mapping[str, str] | None = None) -> "Invoice":
    """The one invoice of a file: PDF (its data, else what the eye reads on its pages), XML, CSV, XLSX or JSON.

    ``confirmed`` settles what a page leaves to confirm, by key: ``{"total_excl_vat": "1246,00"}``. What it is made of
    is in ``reading``, each value with its page and box; what is still to confirm is ``None`` in the invoice.

    Raises:
        FileError: the file cannot be read, is no invoice, or holds several.
        RequestError: an extra is not installed; a value that cannot be confirmed.
    """
    from opqibi_rules.errors import Mistake
    from opqibi_rules.invoice.reading.invoice_file import read_invoices

    found = read_invoices(Path(path))
    if len(found) > 1:
        message = Message("it holds {count} invoices; one is expected.", count=len(found))
        raise FileError(str(path), [Mistake(message)])
    if confirmed and found[0].reading is not None:
        from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice

        return confirmed_invoice(found[0], confirmed)
    return found[0]


def turnovers_from_fee(
    fee: Decimal | int | str, *, on: date | str, fee_id: str | None = None, tables: Tables | None = None
) -> "TurnoverRange | None":
    """Every turnover, to the cent, that gives a fee by tranches on a day; ``None`` where none does.

    ``fee_id`` says which fee; by default the schedule's first that is reckoned on a turnover.

    >>> turnovers_from_fee("1657.50", on="2026-03-02").lowest
    Decimal('2999990.00')

    Raises:
        AmountError: ``fee`` is no amount.
        DateError: no schedule is known on that day.
        RequestError: the schedule has no such fee by tranches.
    """
    from opqibi_rules.price import inversion

    schedule = (tables or shipped_tables()).schedule(to_day(on, "on"))
    return inversion.turnovers_from_fee(fee, schedule, fee_id)
