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
the environment or the network; the only files read are the tables of facts, and those that are asked for by path.
Whatever is given is answered, or refused by an :class:`OpqibiError`. What will not break is in ``docs/stability.md``.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib import import_module
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
from opqibi_rules.price.question import DeclaredEvent, shown
from opqibi_rules.price.quote import Quote, facts, quote
from opqibi_rules.price.structure import Paid, Qualification, Structure, Turnover
from opqibi_rules.tables.library import Tables
from opqibi_rules.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection

    from opqibi_rules.certificate.check import Answer, CertificateReport
    from opqibi_rules.certificate.controls import ControlHistory, control_history
    from opqibi_rules.invoice.booking import Bill, Entry, Posting
    from opqibi_rules.invoice.check import InvoiceCheck
    from opqibi_rules.invoice.dispute import dispute_letter
    from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party, VatGroup
    from opqibi_rules.invoice.papers.fec import journal
    from opqibi_rules.invoice.parties import Supplier
    from opqibi_rules.price.columns import with_fees
    from opqibi_rules.price.financial_year import YearEnd
    from opqibi_rules.price.inversion import TurnoverRange
    from opqibi_rules.price.planning.comparison import Comparison
    from opqibi_rules.price.planning.holdings import Change
    from opqibi_rules.price.planning.plan import Plan, plan
    from opqibi_rules.price.planning.spread import By

__all__ = [
    "AmountError",
    "CertificateReport",
    "Change",
    "Comparison",
    "ControlHistory",
    "DateError",
    "DeclaredEvent",
    "Entry",
    "FetchError",
    "FileError",
    "Invoice",
    "InvoiceCheck",
    "InvoiceLine",
    "Language",
    "Message",
    "OpqibiError",
    "Paid",
    "Party",
    "Plan",
    "Posting",
    "Qualification",
    "Quote",
    "RequestError",
    "Structure",
    "Supplier",
    "TableError",
    "Tables",
    "Turnover",
    "TurnoverRange",
    "UnknownCodeError",
    "UnknownTariffError",
    "VatGroup",
    "YearEnd",
    "__version__",
    "check_certificate",
    "check_invoice",
    "compare",
    "control_history",
    "counts_from_fee",
    "dispute_letter",
    "entries",
    "journal",
    "parse_amount",
    "plan",
    "quote",
    "read_invoice",
    "read_invoices",
    "read_structure",
    "turnovers_from_fee",
    "with_fees",
]

_LATER = {
    "CertificateReport": "certificate.check",
    "Change": "price.planning.holdings",
    "Comparison": "price.planning.comparison",
    "ControlHistory": "certificate.controls",
    "Entry": "invoice.booking",
    "Invoice": "invoice.model",
    "InvoiceCheck": "invoice.check",
    "InvoiceLine": "invoice.model",
    "Party": "invoice.model",
    "Plan": "price.planning.plan",
    "Posting": "invoice.booking",
    "Supplier": "invoice.parties",
    "TurnoverRange": "price.inversion",
    "VatGroup": "invoice.model",
    "YearEnd": "price.financial_year",
    "control_history": "certificate.controls",
    "dispute_letter": "invoice.dispute",
    "journal": "invoice.papers.fec",
    "plan": "price.planning.plan",
    "with_fees": "price.columns",
}
"""Where the names stand that are loaded when they are first asked for: who prices one event does without them."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """What a prompt proposes: the names that will not break, those loaded later among them, and no other."""
    return list(__all__)


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
        tables=facts(tables),
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
    vat_stated: bool = False,
    today: date | None = None,
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
        vat_stated=vat_stated,
        today=today,
        tables=tables,
    )


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

    schedule = facts(tables).schedule(to_day(on, "on"))
    return inversion.turnovers_from_fee(fee, schedule, fee_id)


def counts_from_fee(
    fee: Decimal | int | str, *, on: date | str, fee_id: str | None = None, tables: Tables | None = None
) -> tuple[Mapping[int, int], ...]:
    """All the counts by tariff code for which a fee priced by qualification comes to an amount, the fewest first.

    ``fee_id`` says which fee; by default the schedule's first that is priced by qualification.

    >>> [dict(counts) for counts in counts_from_fee("620", on="2026-03-02")]
    [{2: 1}, {1: 2}]

    Raises:
        AmountError: ``fee`` is no amount.
        DateError: no schedule is known on that day.
        RequestError: the schedule has no such fee by qualification.
    """
    from opqibi_rules.price import inversion

    schedule = facts(tables).schedule(to_day(on, "on"))
    return inversion.counts_from_fee(fee, schedule, fee_id=fee_id)


def compare(plans: "Mapping[str, Plan]") -> "Comparison":
    """Plans side by side, each under its name; the first is the one that the others are compared to.

    >>> from opqibi_rules import plan
    >>> now = plan(start="2026-03-02", tariffs={1: 6}, turnover=800_000, years=1)
    >>> later = plan(start="2026-03-02", tariffs={1: 5}, turnover=800_000, years=1)
    >>> found = compare({"six": now, "five": later})
    >>> [str(found.difference(choice)) for choice in found.choices]
    ['0.00', '-60.00']

    Raises:
        RequestError: fewer than two, or something else than a plan.
    """
    from opqibi_rules.price.planning.comparison import Choice, Comparison
    from opqibi_rules.price.planning.plan import Plan

    given = plans if isinstance(plans, Mapping) else {}
    if len(given) < 2 or not all(isinstance(one, Plan) for one in given.values()):
        raise RequestError("plans: two plans or more are expected, by name.", field="plans")
    return Comparison(tuple(Choice(Message("{name}", name=name), one) for name, one in given.items()))


def read_structure(path: Path | str, *, tables: Tables | None = None) -> Structure:
    """The structure of a structure file, in YAML or JSON.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "firm.yaml")
    >>> _ = file.write_text('qualifications: [{code: "1905", tariff: 5}]')
    >>> quote(on="2026-03-02", event="control", structure=read_structure(file)).total_excl_vat
    Decimal('153.00')

    Raises:
        FileError: it cannot be opened, or all its mistakes, each with its line.
    """
    from opqibi_rules.price.files import structure_file

    return structure_file.read_structure(_path(path), facts(tables))


def read_invoices(path: Path | str | bytes, *, name: str = "invoice") -> "tuple[Invoice, ...]":
    r"""Every invoice of a file: Factur-X PDF, CII or UBL XML, CSV, XLSX or JSON.

    ``path`` may be its content in bytes; they then bear ``name``, in errors and in ``file``.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "bills.csv")
    >>> _ = file.write_text("number,name,amount\nF1,Dossier postulant,86.00\nF2,Dossier postulant,86.00\n")
    >>> [bill.number for bill in read_invoices(file)]
    ['F1', 'F2']

    Raises:
        FileError: it cannot be opened, is too large, or is not what it looks like.
        RequestError: an extra is needed and not installed.
    """
    from opqibi_rules.invoice.reading import invoice_file

    if isinstance(path, bytes):
        return invoice_file.found_in(path, name, name).whole(name)
    return invoice_file.read_invoices(_path(path))


def read_invoice(
    path: Path | str | bytes, *, confirmed: Mapping[str, str] | None = None, name: str = "invoice"
) -> "Invoice":
    r"""The one invoice of a file; :func:`read_invoices` reads those of several, and says what ``path`` may be.

    A PDF gives its data, else what the eye reads on its pages: ``confirmed`` then settles what is left to confirm, by
    key (``{"total_excl_vat": "1246,00"}``). What a page was read as is in ``reading``, each value with its page and
    box; what is still to confirm is ``None`` in the invoice.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "bill.csv")
    >>> _ = file.write_text("number,name,amount\nF1,Dossier postulant,86.00\n")
    >>> read_invoice(file).number
    'F1'

    Raises:
        FileError, RequestError: as for :func:`read_invoices`; it holds several; a value cannot be confirmed.
    """
    found = read_invoices(path, name=name)
    if len(found) != 1:
        name = name if isinstance(path, bytes) else str(path)[:200]
        raise RequestError(
            "{name} holds {count} invoices: read_invoices reads them.", name=name, count=len(found)
        )
    if confirmed and found[0].reading is not None:
        from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice

        return confirmed_invoice(found[0], confirmed)
    return found[0]


def entries(
    checks: "Iterable[InvoiceCheck]",
    *,
    prepaid: "By | None" = "days",
    year_end: "YearEnd | str | None" = None,
    tables: Tables | None = None,
) -> "tuple[Entry, ...]":
    """The balanced entries of checked invoices: each purchase, and what later years take of what is prepaid.

    ``prepaid`` says how a fee of several years is spread (``None``: an expense at once), ``year_end`` when the
    financial year closes (``"30/06"``; 31 December by default).

    >>> due = quote(on="2026-03-02", event="control", tariffs={1: 1})
    >>> from opqibi_rules import Invoice
    >>> sums = {"total_excl_vat": Decimal(140), "vat": Decimal(28), "total_incl_vat": Decimal(168)}
    >>> bill = Invoice("F1", date(2026, 3, 2), currency="EUR", **sums)
    >>> [entry] = entries([check_invoice(bill, expected=due)])
    >>> [(one.account.number, str(one.debit), str(one.credit)) for one in entry.postings]
    [('6228', '140.00', '0'), ('44566', '28.00', '0'), ('401', '0', '168.00')]

    Raises:
        RequestError: an invoice that differs from its price, or one that cannot be booked.
    """
    from opqibi_rules.invoice import booking
    from opqibi_rules.invoice.check import InvoiceCheck
    from opqibi_rules.price.financial_year import CIVIL, YearEnd
    from opqibi_rules.price.planning.spread import BASES

    known = facts(tables)
    if prepaid is not None and prepaid not in BASES:
        raise RequestError("« {by} » is not one of {bases}.", by=shown(prepaid), bases=BASES, field="prepaid")
    if isinstance(checks, InvoiceCheck) or not isinstance(checks, Iterable):
        raise RequestError(
            "{name}: {value} is not a list.", name="checks", value=shown(checks), field="checks"
        )
    bills = [_bill(check, known) for check in checks]
    closes = (
        year_end if isinstance(year_end, YearEnd) else CIVIL if year_end is None else YearEnd.parse(year_end)
    )
    return booking.entries(bills, known.accounts, prepaid=prepaid, year_end=closes)


def _bill(check: object, known: Tables) -> "Bill":
    """A checked invoice as it is booked.

    Raises:
        RequestError: no checked invoice, or one that differs from its price.
    """
    from opqibi_rules.invoice import booking
    from opqibi_rules.invoice.check import InvoiceCheck
    from opqibi_rules.verdict import Verdict

    if not isinstance(check, InvoiceCheck):
        raise RequestError("« {value} » is no answer of check_invoice.", value=shown(check), field="checks")
    if check.outcome is Verdict.NO:
        name = check.invoice.number or "?"
        raise RequestError("{name} differs from its price: it is not booked.", name=name, field="checks")
    schedule = check.expected.schedule
    seller = booking.supplier_of(check.invoice, schedule, known.accounts, known.invoice_wording)
    return booking.bill_of(check.invoice, check.by_fee, schedule, supplier=seller, findings=check.findings)


def _path(path: object) -> Path:
    if isinstance(path, Path | str) and str(path):
        return Path(path)
    raise RequestError("path: « {value} » is not the path of a file.", value=shown(path), field="path")
