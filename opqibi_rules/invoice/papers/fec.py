"""A purchase journal in the form that a tool imports; first the FEC, the eighteen columns of French ones.

Article A47 A-1 of the livre des procédures fiscales: tab-separated, UTF-8, decimal comma, dates AAAAMMJJ, no
separator inside a text. The journal of a few invoices is FEC-shaped, to be imported; it is not the legal FEC of a
year, which only the accounting software that holds all the entries can give. The day on which an entry is validated
(ValidDate) is a fact of the books: it is empty unless it is given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.booking import Entry
from opqibi_rules.invoice.papers import plain_text
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import ZERO, exactly, plain
from opqibi_rules.paper.document import Cell, Document, Table
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.text import cleaned

COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate",
    "Montantdevise", "Idevise",
)  # fmt: skip
_FRENCH = Language("fr")

Value = str | date | Decimal


def journal(entries: Iterable[Entry], form: str, say: Say = str, *, validated: date | None = None) -> bytes:
    """The file of a purchase journal.

    Args:
        entries: balanced entries, in order.
        form: ``txt`` (FEC: tabs), ``csv`` (semicolons, for a spreadsheet) or ``xlsx``; ``beancount``, or ``journal``
            (hledger, ledger), which know no day of validation.
        say: how the labels are said.
        validated: the day on which the entries are validated; those dated later are not, nor any without it.

    Raises:
        RequestError: another form, entries that do not balance, or the ``invoice`` extra is not installed.
    """
    columns: Mapping[str, Callable[[list[list[Value]]], bytes]] = {"txt": _txt, "csv": _csv, "xlsx": _xlsx}
    texts = {"beancount": plain_text.beancount, "journal": plain_text.hledger}
    if form not in (*columns, *texts):
        known = (*columns, *texts)
        raise RequestError(
            "« {form} » is not a form of the journal: {known}.", form=str(form)[:20], known=known
        )
    entries = list(entries) if isinstance(entries, Iterable) else [entries]
    for entry in entries:
        if not isinstance(entry, Entry):
            raise RequestError("{name}: a list of {kind} is expected.", name="entries", kind="Entry")
        if gap := _balance(entry):
            message = Message(
                "Entry {number} does not balance: {gap:euro}. Nothing is written.",
                number=entry.number,
                gap=gap,
            )
            raise RequestError(message)
    if form in texts:
        return texts[form](entries, say).encode()
    return columns[form]([row for entry in entries for row in _rows(entry, say, validated)])


def _rows(entry: Entry, say: Say, validated: date | None) -> Iterator[list[Value]]:
    valid: Value = validated if validated is not None and entry.day <= validated else ""
    book = (entry.journal.code, entry.journal.name, str(entry.number), entry.day)
    for posting in entry.postings:
        auxiliary = posting.auxiliary
        whom = (auxiliary.code, auxiliary.name) if auxiliary else ("", "")
        account = (posting.account.number, posting.account.name, *whom)
        piece = (entry.piece, entry.piece_day, say(posting.label))
        row = (*book, *account, *piece, posting.debit, posting.credit, "", "", valid, "", "")
        yield [cleaned(value) if isinstance(value, str) else value for value in row]


@exactly
def _balance(entry: Entry) -> Decimal:
    return sum((posting.debit - posting.credit for posting in entry.postings), ZERO)


def _written(value: Value) -> str:
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    return plain(value).replace(".", ",") if isinstance(value, Decimal) else value


def _txt(rows: list[list[Value]]) -> bytes:
    lines = ["\t".join(COLUMNS), *("\t".join(map(_written, row)) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _csv(rows: list[list[Value]]) -> bytes:
    days = [[_written(value) if isinstance(value, date) else value for value in row] for row in rows]
    return _document(days).as_csv(_FRENCH).encode()


def _xlsx(rows: list[list[Value]]) -> bytes:
    writer = load("opqibi_rules.paper.document_xlsx", extra="invoice")
    book: bytes = writer.document_xlsx(_document(rows), _FRENCH)
    return book


def _document(rows: Sequence[Sequence[Value]]) -> Document:
    title = Message("{name}", name="Journal d’achats")
    headings = [Message("{name}", name=name) for name in COLUMNS]
    kinds: Mapping[type, str] = {Decimal: "euro", date: "date"}
    cells = [[Cell(value, kinds.get(type(value), "text")) for value in row] for row in rows]
    return Document(title, tables=[Table(headings, cells, title=title)])
