"""``opqibi-fees check-invoice``: is an invoice right, and if not, why?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from opqibi_rules.cli.attempts import Attempts
from opqibi_rules.cli.journal import Booking, booking, name_of
from opqibi_rules.cli.options import StructureFile, argument, day_of, facts, option, question, takes
from opqibi_rules.cli.progress import watched
from opqibi_rules.cli.result import UNREADABLE, Result, answer, form_of_name, note
from opqibi_rules.errors import FileError, RequestError
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.papers.invoice_document import beside_document, check_document, run_document
from opqibi_rules.invoice.parties import Supplier
from opqibi_rules.invoice.reading.found import Beside, Found, NoInvoiceError, NoInvoiceShape
from opqibi_rules.invoice.reading.invoice_file import read_found
from opqibi_rules.invoice.run import check_run
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import parse_amount
from opqibi_rules.paper.document import Document
from opqibi_rules.paper.files import files_in, writable, write_whole
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json, Voice
from opqibi_rules.price.question import Asked
from opqibi_rules.price.quote import Quote, quote
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.library import Tables
from opqibi_rules.verdict import Verdict

EXAMPLES = (
    "opqibi-fees check-invoice F2026-118.pdf --event first -t 1=5 -t 2=3 --turnover 800000",
    "opqibi-fees check-invoice invoices/ --structure firm.yaml --format xlsx -o checked.xlsx",
    "opqibi-fees check-invoice F.xml --structure firm.yaml --supplier opqibi.yaml --fees instruction --dispute-text",
)

_BESIDE = "supplier.yaml"
"""The supplier file that stands beside a structure's."""
_SUFFIXES = frozenset(
    {".pdf", ".xml", ".csv", ".xlsx", ".json", ".eml", ".zip", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}
)

Files = Annotated[
    list[str],
    argument(
        "FILE…",
        marked("Invoices: PDF, CII or UBL XML, CSV, XLSX, JSON, pictures; files, folders, e-mails, zips."),
    ),
]
Day = Annotated[
    str | None, option("--date YYYY-MM-DD", marked("The day of the price (default: the invoice's own)."))
]
Tolerance = Annotated[
    str, option("--tolerance EUR", marked("A difference per fee that is accepted (default 0.00)."))
]
Fees = Annotated[
    str | None,
    option(
        "--fees FEE,…",
        marked("The fees this invoice bears, by their ids in the schedule (default: its lines tell)."),
    ),
]
OtherTurnovers = Annotated[
    list[str],
    option(
        "--other-turnover NAME=EUR",
        marked("A turnover that may have been taken by mistake; repeat for several."),
    ),
]
SupplierFile = Annotated[
    str | None,
    option(
        "--supplier FILE",
        marked(
            "Who bills you, as an invoice you accepted showed it (default: supplier.yaml beside the structure)."
        ),
    ),
]
Confirmed = Annotated[
    list[str],
    option(
        "--confirm KEY=VALUE",
        marked(
            "What you know and the invoice leaves open: seller=OPQIBI, buyer=SIREN, payee=NAME; "
            "and what is to confirm on a page: total_excl_vat=1246,00, date=21/03/2026; repeat."
        ),
    ),
]
WriteSupplier = Annotated[
    str | None,
    option(
        "--write-supplier FILE", marked("Keep what a conform invoice shows of who bills you, for --supplier.")
    ),
]
DisputeText = Annotated[
    bool, option("--dispute-text", marked("Add the ready letter that disputes the invoice."))
]


@dataclass(frozen=True)
class Checking:
    """What checks one invoice after the other, each at the price of its own day or of the day given."""

    asked: Asked
    tables: Tables
    on: date | None
    tolerance: str
    fees: Sequence[str] | None
    other_turnovers: Mapping[str, Decimal]
    supplier: Supplier | None
    confirmed: Mapping[str, str]
    _due: dict[date, Quote] = field(default_factory=dict, init=False)
    """The price of each day, made once."""

    @property
    def structure(self) -> Structure | None:
        """The one billed, if it is known."""
        return self.asked.get("structure")

    def check(self, invoice: Invoice) -> InvoiceCheck:
        """The verdict on one invoice."""
        if invoice.reading is not None and self.confirmed:
            from opqibi_rules.invoice.reading.page.invoice import confirmed_invoice

            # Its day, which says the price, may be among them.
            invoice = confirmed_invoice(invoice, self.confirmed)
        today, first = day_of(None), self.tables.schedules[0].in_force_from
        return check_invoice(
            invoice,
            expected=self._due_on(self.on or max(invoice.issued or today, first)),
            tolerance=self.tolerance,
            fees=self.fees,
            structure=self.structure,
            supplier=self.supplier,
            confirmed=self.confirmed,
            other_turnovers=self.other_turnovers,
            dated=self.on is not None,
            vat_stated=self.asked.get("vat") is not None,
            today=max(self.on or today, today),
            tables=self.tables,
        )

    def _due_on(self, day: date) -> Quote:
        if day not in self._due:
            self._due[day] = quote(on=day, tables=self.tables, **self.asked)
        return self._due[day]


@takes(question, facts)
def checker(
    asked: Asked,
    tables: Tables,
    on: Day = None,
    tolerance: Tolerance = "0",
    fees: Fees = None,
    other_turnovers: OtherTurnovers = [],
    supplier: SupplierFile = None,
    structure: StructureFile = None,
    confirmed: Confirmed = [],
) -> Checking:
    """What the options say of how invoices are to be checked.

    Raises:
        OpqibiError: an option that is not well written.
    """
    return Checking(
        asked,
        tables,
        on=None if on is None else day_of(on),
        tolerance=tolerance,
        fees=None if fees is None else [fee.strip() for fee in fees.split(",")],
        other_turnovers=dict(map(_named_amount, other_turnovers)),
        supplier=_supplier(supplier, structure),
        confirmed=dict(map(_confirmed, confirmed)),
    )


@takes(checker, booking, facts, answer)
def command(
    checking: Checking,
    booking: Booking | None,
    tables: Tables,
    result: Result,
    files: Files,
    dispute_text: DisputeText = False,
    write_supplier: WriteSupplier = None,
) -> int:
    """Check invoices."""
    check = checking.check
    booking = booking and booking.of(checking.structure)
    kept = _to_keep(write_supplier)
    attempts = Attempts()
    paths = list(attempts.each(files, lambda name: files_in(Path(name), _SUFFIXES)))
    seen = watched(paths, len(paths), result.language.say, marked("{done} of {total} files"))
    beside: list[Beside] = []
    invoices = attempts.each(seen, lambda path: _readable(path, attempts, beside, alone=str(path) in files))
    checks = list(attempts.each(invoices, lambda invoice: [check(invoice)], named=name_of))
    attempts.told(len(checks), result.language.say)
    answers = check_run(checks, tables.dispute_codes, check)
    to_write = (result.output, kept, booking.path if booking else None)
    writable(*(path for path in to_write if path is not None))  # all of them, before the first
    unbooked = booking.write(answers, tables, result.language) if booking is not None else 0
    if kept is not None:
        _keep(answers, kept, result.language)
    put_checks(answers, attempts, result, beside, letters=dispute_text)
    codes = [answer.outcome.exit_code for answer in answers]
    return attempts.code(codes + [UNREADABLE] * bool(unbooked))


def _readable(path: Path, attempts: Attempts, beside: list[Beside], *, alone: bool) -> tuple[Invoice, ...]:
    """The invoices of a file; what spoils some of them, and what lies with them, keep the others from nothing."""
    try:
        found = read_found(path)
    except NoInvoiceError as error:
        if alone:
            raise
        found = Found(beside=(Beside(str(path), error.mistakes[0].message),))
    if found.mistakes:
        attempts.failed.append(FileError(str(path), list(found.mistakes)))
    beside += found.beside
    return found.invoices


def _supplier(file: str | None, structure: str | None) -> Supplier | None:
    """What is known of who bills: the file given, else the one beside the structure, if there is one."""
    from opqibi_rules.invoice.reading.parties_file import read_supplier

    if file is not None:
        return read_supplier(Path(file))
    beside = Path(structure).with_name(_BESIDE) if structure not in {None, "-"} else None
    return read_supplier(beside) if beside is not None and beside.is_file() else None


def _confirmed(text: str) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise RequestError("--confirm: « {text} » is not KEY=VALUE, as seller=OPQIBI.", text=text[:60])
    return key, value


def _to_keep(name: str | None) -> Path | None:
    """The file in which what is shown of who bills is to be kept, if it is asked for.

    Raises:
        RequestError: it exists, or its name is not that of a file of parties, which is YAML.
    """
    if name is None:
        return None
    form_of_name(Path(name), ["yaml"], "--write-supplier")
    if Path(name).exists():
        raise RequestError(
            "--write-supplier: {file} exists; compare with it (--supplier), or remove it.", file=name
        )
    return Path(name)


def _keep(checks: Sequence[InvoiceCheck], path: Path, language: Language) -> None:
    """Write what the conform invoices show of who bills; a file that is there is not replaced."""
    from opqibi_rules.invoice.reading.parties_file import supplier_text

    shown = Supplier()
    for check in checks:
        if check.outcome is Verdict.YES:
            shown = Supplier.shown_by(check.invoice).completed(shown)
    if not (shown.siren or shown.vat_id or shown.ibans):
        note(
            language.say(
                Message(
                    "No conform invoice shows a SIREN, a VAT number or an IBAN: {file} is not written.",
                    file=str(path),
                )
            )
        )
        return
    write_whole(path, supplier_text(shown).encode())


def _named_amount(text: str) -> tuple[str, Decimal]:
    name, equals, amount = text.partition("=")
    if not equals:
        raise RequestError("--other-turnover: « {text} » is not NAME=EUR.", text=text[:60])
    return name.strip(), parse_amount(amount)


def put_checks(
    checks: Sequence[InvoiceCheck],
    attempts: Attempts,
    result: Result,
    beside: Sequence[Beside] = (),
    *,
    letters: bool,
) -> None:
    """Let the verdicts out in the form asked for: one alone, several as a list, with what is no invoice."""
    language = result.language

    def one(check: InvoiceCheck, machine: Language) -> Json:
        data = check.to_dict(machine.say, language=machine.name)
        if letters:
            paragraphs = language.letter(dispute_letter(check))
            data["dispute_text"] = "".join(f"{text}\n\n" for text in paragraphs) or None
        return data

    found = [*checks, *beside]

    def document(check: InvoiceCheck) -> Document:
        return replace(check_document(check), letter=dispute_letter(check) if letters else ())

    result.put_document(
        lambda: check_document(checks[0]) if attempts.alone(found) else run_document(checks, beside),
        lambda machine: attempts.as_json(
            [
                *(one(check, machine) for check in checks),
                *(NoInvoiceShape.written(item, Voice(machine.say, machine.name)) for item in beside),
            ],
            machine.say,
        ),
        one_by_one=lambda: [
            *(document(check) for check in checks),
            *([beside_document(beside)] if beside else []),
        ],
    )
