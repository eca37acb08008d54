"""The journal of checked invoices: the options that ask for it, and its writing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from opqibi_rules.cli.options import option
from opqibi_rules.cli.result import note
from opqibi_rules.cli.years_ahead import YearEndOption
from opqibi_rules.deadlines import to_day
from opqibi_rules.errors import OpqibiError, RequestError
from opqibi_rules.invoice.check import InvoiceCheck
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.messages import Message, marked, plural
from opqibi_rules.paper.files import write_whole
from opqibi_rules.paper.language import Language
from opqibi_rules.price.financial_year import CIVIL, YearEnd
from opqibi_rules.price.planning.spread import By, refuse_months_within
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict

if TYPE_CHECKING:
    from opqibi_rules.invoice.booking import Bill  # only a journal loads what books

_ONE_LEDGER = {".beancount", ".journal"}
"""Forms of a ledger that holds all years, and no day of validation."""

_Entries = Annotated[
    str | None,
    option(
        "--entries FILE",
        marked(
            "Write the purchase journal: .txt (FEC), .csv, .xlsx, .beancount or .journal (hledger, ledger); disputed "
            "invoices are left out."
        ),
    ),
]
_Prepaid = Annotated[
    str, option("--prepaid days|months|none", marked("How the entries spread a fee of several years."))
]
_Validated = Annotated[
    str | None,
    option("--validated YYYY-MM-DD", marked("The day on which the entries are validated (default: empty).")),
]


def booking(
    entries: _Entries = None,
    prepaid: _Prepaid = "days",
    year_end: YearEndOption = None,
    validated: _Validated = None,
) -> "Booking | None":
    """What books the invoices, if a journal is asked for.

    Raises:
        OpqibiError: an option that is not well written.
    """
    if prepaid not in {"days", "months", "none"}:
        raise RequestError("--prepaid: « {text} » is not days, months or none.", text=prepaid[:40])
    by: By | None = "days" if prepaid == "days" else "months" if prepaid == "months" else None
    closes = None if year_end is None else YearEnd.parse(year_end)
    day = None if validated is None else to_day(validated, "validated")
    if entries is None:
        return None
    if day is not None and Path(entries).suffix.lower() in _ONE_LEDGER:
        raise RequestError(
            "--validated is for the FEC: {file} bears no day of validation.", file=entries[:200]
        )
    return Booking(Path(entries), by, day, given=closes)


def name_of(invoice: Invoice) -> str:
    """By which an invoice is told to whoever gave it."""
    return ", ".join(filter(None, (invoice.file, invoice.number))) or "?"


@dataclass(frozen=True)
class Booking:
    """Writes the journal of the invoices that are not disputed."""

    path: Path
    prepaid: By | None
    validated: date | None
    given: YearEnd | None = None
    """The close of the financial year, where an option says it."""
    year_end: YearEnd = CIVIL

    def of(self, structure: Structure | None) -> "Booking":
        """The same for a structure: its own financial year, where no option says another.

        Raises:
            RequestError: months, in a financial year that closes within one.
        """
        year_end = self.given or (structure and structure.year_end) or CIVIL
        if self.prepaid is not None:
            refuse_months_within(self.prepaid, year_end)
        return replace(self, year_end=year_end)

    def write(self, checks: Sequence[InvoiceCheck], tables: Tables, language: Language) -> int:
        """The file, and what is to be known of it; how many invoices cannot be booked."""
        from opqibi_rules.invoice.booking import Bill, entries, postings
        from opqibi_rules.invoice.papers.fec import journal

        halves = {check.series.documents for check in checks if check.series and check.outcome is Verdict.NO}
        kept = [  # an invoice and its credit notes are booked together, or not at all
            check
            for check in checks
            if check.outcome is not Verdict.NO and not (check.series and check.series.documents in halves)
        ]
        billed = {check.invoice.number: check.invoice.issued for check in checks if not check.gives_back}
        unbooked = 0
        bills: list[Bill] = []
        for check in kept:
            if check.series is not None and check.series.replaced:
                continue  # another is booked in its place
            try:
                bill = self._bill(check, billed, tables, language)
                postings(bill, tables.accounts, self.prepaid, self.year_end)
            except OpqibiError as error:
                unbooked += 1
                message = Message(
                    "{name} is not booked: {why}", name=name_of(check.invoice), why=error.message
                )
                note(language.say(message))
            else:
                bills.append(bill)
        booked = entries(bills, tables.accounts, prepaid=self.prepaid, year_end=self.year_end)
        form = self.path.suffix.lower().removeprefix(".")
        write_whole(self.path, journal(booked, form, language.say, validated=self.validated))
        for message in self._notes([entry.day for entry in booked], len(checks) - len(kept)):
            note(language.say(message))
        return unbooked

    def _bill(
        self,
        check: InvoiceCheck,
        billed: Mapping[str | None, date | None],
        tables: Tables,
        language: Language,
    ) -> "Bill":
        """What a document bills; what it gives back of several years is of those of the invoice it corrects."""
        from opqibi_rules.invoice.booking import bill_of, supplier_of

        schedule, since = check.expected.schedule, None
        if check.gives_back:
            since = billed.get(check.series.documents[0]) if check.series is not None else None
            several = any(fee.years for fee in schedule.fees if fee.id in check.by_fee)
            if since is None and several and self.prepaid is not None:
                message = Message(
                    "{name}: the invoice that it corrects is not here; what it gives back is spread from its own "
                    "day.",
                    name=name_of(check.invoice),
                )
                note(language.say(message))
        seller = supplier_of(check.invoice, schedule, tables.accounts, tables.invoice_wording)
        return bill_of(
            check.invoice, check.by_fee, schedule, usage_from=since, supplier=seller, findings=check.findings
        )

    def _notes(self, days: Sequence[date], left: int) -> Iterator[Message]:
        if left:
            yield plural(
                "{n} invoice with a discrepancy is not booked.",
                "{n} invoices with a discrepancy are not booked.",
                n=left,
            )
        if self.path.suffix.lower() in _ONE_LEDGER:
            return  # one ledger for all years, that knows no day of validation
        last = max(days, default=date.min)
        if days and self.year_end.year_of(last) > self.year_end.year_of(min(days)):
            yield Message(
                "{file} holds the entries to {last:date}, each at the close of its financial year: import those of "
                "later years into their own books.",
                file=str(self.path),
                last=last,
            )
        if days and (self.validated is None or self.validated < last):
            yield Message(
                "{file} is a file to import, not the legal FEC: the day of validation (ValidDate) is empty where it "
                "is not given or comes before the entry.",
                file=str(self.path),
            )
