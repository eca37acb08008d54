"""Invoices from rows of named values, wherever they come from: CSV, XLSX or JSON.

One row is one line of an invoice; the rows that bear the same number are one invoice, and what they say of
the whole (date, client, totals) must agree. A row without a number goes on with the one above. A row whose
label names a total (« Total HT », « TVA », « Total TTC », « Net à payer ») is that total and no line; one that adds
up the rows above (« Sous-total », « TOTAL ») is left aside if it does, and so is a total of all the invoices of a
sheet. A VAT or a total incl. VAT that stands on each line is that of the line, where its figures agree: the invoice's
is their sum. A file without line columns gives one invoice a row, on totals only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from opqibi_rules.errors import FileError, Mistake
from opqibi_rules.invoice.model import MAX_LINES, Invoice, InvoiceLine, Party
from opqibi_rules.invoice.reading.headings import (
    LINE_FIELDS,
    TOTALS,
    ValueRefusedError,
    is_sum,
    read_value,
    total_named,
    vocabulary,
)
from opqibi_rules.invoice.reading.rows_apart import with_rows_apart
from opqibi_rules.invoice.sums import amount_of, totals_of
from opqibi_rules.messages import Message, Text, plural
from opqibi_rules.money import CENT, EXACT, ZERO, exactly, round_cents
from opqibi_rules.paper.text import MOST_MISTAKES

MAX_ROWS = 50_000
"""How many rows a file may hold, its headings aside."""
_AMOUNTS = TOTALS | {"amount"}
_MOST_SUMS = 20
"""Rows of one invoice that add up others: beyond, they are meant to keep the machine busy."""

Values = dict[str, Any]
"""By field, as :func:`~opqibi_rules.invoice.reading.headings.read_value` gives them."""


class Row(NamedTuple):
    """The values of one row by field, as they stand in the file, and where it stands."""

    values: Mapping[str, object]
    line: int | None = None
    path: str = ""
    wrong: Message | None = None
    """What it is instead of a row."""


class SpoiltInvoicesError(FileError):
    """What is wrong in some invoices of a file; ``others`` are those that can be read."""

    def __init__(self, name: str, mistakes: list[Mistake], others: Iterable[Invoice] = ()) -> None:
        super().__init__(name, mistakes)
        self.others = tuple(others)


@dataclass(slots=True)
class _Gathered:
    """What the rows of one invoice have said so far."""

    number: str | None = None
    whole: Values = field(default_factory=dict)
    lines: list[InvoiceLine] = field(default_factory=list)
    taxes: list[tuple[InvoiceLine, Values, Row]] = field(default_factory=list)
    """Its lines that a VAT or a total incl. VAT stands beside."""
    above: int | None = None
    """How many of its lines stand above the first row that names a total."""
    added: int = 0
    """How many of its lines a row has added up."""
    sums: int = 0
    """How many rows did."""
    spoilt: bool = False


class Gathering:
    """The invoices of one file, and all that is wrong in it."""

    def __init__(self, syntax: str) -> None:
        self.syntax = syntax
        self.mistakes: list[Mistake] = []
        self.invoices: list[Invoice] = []
        self._rows = self._untold = self._tried = 0
        self._columns: dict[str, Decimal] = {}
        """What the amounts of a sheet come to so far, column by column, as its last row may add them up."""

    def add(self, *sheets: Iterable[Row]) -> None:
        """The invoices that rows make up, in their order; a number is that of one invoice in all the sheets."""
        gathered: dict[object, _Gathered] = {}
        for sheet, rows in enumerate(sheets):
            number: object = sheet
            here: dict[object, _Gathered] = {}
            self._columns = {}
            for row in rows:
                self._rows += 1
                if self._rows > MAX_ROWS:
                    return
                values, wrong = self._read(row)
                added = self._adds_up(values.get("number", ""), values)
                if isinstance(added, Message):
                    self._wrong(added, row)
                if added or not (values or wrong):
                    continue
                if here and _is_text(values):
                    values = {"name": values["number"]}
                if "number" not in values and self._of_all(values, list(here.values())):
                    continue
                number = values.pop("number", number)
                if "number" in wrong:
                    number = (sheet, self._rows)  # nobody can say whose row it is
                known = _Gathered(number if isinstance(number, str) else None)
                invoice = here[number] = gathered.setdefault(number, known)
                right = self._gather(invoice, values, row) and not wrong
                invoice.spoilt = invoice.spoilt or not right
        for invoice in gathered.values():
            for message, row in _tax_differs(invoice):
                self._wrong(message, row)
                invoice.spoilt = True
        self.invoices += [_invoice(parts, self.syntax) for parts in gathered.values() if not parts.spoilt]

    def put(self, read: Invoice | list[Mistake]) -> None:
        """One invoice that no rows make up; or what is wrong in it."""
        if isinstance(read, Invoice):
            self.invoices.append(read)
            return
        for mistake in read:
            self._wrong(mistake.message, Row({}, path=mistake.path))

    def all(self, name: str, none: Message) -> tuple[Invoice, ...]:
        """All of them.

        Raises:
            FileError: there is no invoice in the file of that name (``none``), or it has too many rows.
            SpoiltInvoicesError: some of its invoices cannot be read.
        """
        if self._rows > MAX_ROWS:
            message = Message("over {rows} rows: refused; split the file.", rows=MAX_ROWS)
            raise FileError(name, [Mistake(message)])
        if self._untold:
            message = plural(
                "{n} more mistake is not told.", "{n} more mistakes are not told.", n=self._untold
            )
            self.mistakes.append(Mistake(message, line=self.mistakes[-1].line))
        if self.mistakes:
            raise SpoiltInvoicesError(name, self.mistakes, self.invoices)
        if not self.invoices:
            raise FileError(name, [Mistake(none)])
        return tuple(self.invoices)

    def _wrong(self, message: Message, row: Row, name: str = "") -> None:
        if len(self.mistakes) < MOST_MISTAKES:
            self.mistakes.append(Mistake(message, ".".join(filter(None, (row.path, name))), row.line))
        else:
            self._untold += 1

    def _read(self, row: Row) -> tuple[Values, list[str]]:
        """The values of a row, and the fields that cannot be read."""
        values, wrong = {}, []
        if row.wrong is not None:
            self._wrong(row.wrong, row)
            wrong.append("")
        for heading, raw in row.values.items():
            rated = heading == "vat" and isinstance(raw, str) and raw.rstrip().endswith("%")
            name = "vat_rate" if rated and "vat_rate" not in row.values else heading
            try:
                values[name] = read_value(name, raw)
            except ValueRefusedError as refused:
                self._wrong(refused.message, row, name)
                wrong.append(name)
        return {name: value for name, value in values.items() if value is not None}, wrong

    def _gather(self, invoice: _Gathered, values: Values, row: Row) -> bool:
        """Add what a row says of an invoice; whether it can be so."""
        wrong = list(self._take(invoice, values, row))
        for message in wrong:
            self._wrong(message, row)
        return not wrong

    def _take(self, invoice: _Gathered, values: Values, row: Row) -> Iterator[Message]:
        label = values.get("name", "")
        total = total_named(label)
        if total == "prepaid" and invoice.above is None and values.get("amount", ZERO) < 0:
            total = None  # among the lines, and taken off: what the total says is looked at once it is known
        if total is None:
            if added := self._adds_up(label, values, invoice):
                yield from [added] if isinstance(added, Message) else []
                return
            for name in values.keys() & _AMOUNTS:
                self._columns[name] = EXACT.add(self._columns.get(name, ZERO), values[name])
        line = {name: values.pop(name) for name in list(values) if name in LINE_FIELDS}
        if total is not None and invoice.above is None:
            invoice.above = len(invoice.lines)
        if total is not None and "quantity" not in line and "amount" in line:
            values[total] = line["amount"]
        elif line.keys() - {"id", "vat_rate", "vat_category"}:
            invoice.lines.append(InvoiceLine(**{"id": str(len(invoice.lines) + 1), **line}))
            if taxes := {name: values.pop(name) for name in _TAXES if name in values}:
                invoice.taxes.append((invoice.lines[-1], taxes, row))
            if len(invoice.lines) == MAX_LINES + 1:
                yield Message("over {limit} invoice lines: refused.", limit=MAX_LINES)
        if said := values.pop("remarks", ()):
            invoice.whole["remarks"] = tuple(dict.fromkeys((*invoice.whole.get("remarks", ()), *said)))
        for name, value in values.items():
            known = invoice.whole.setdefault(name, value)
            if known != value:
                yield _differs(name, value, known)

    def _of_all(self, values: Values, here: Sequence[_Gathered]) -> bool:
        """Whether a row that names a total, and no invoice, is that of all those above, and not of the last."""
        total = total_named(values.get("name", ""))
        stated = values.get("amount", values.get(total or ""))
        if total not in _OF_ALL or stated is None or len(here) < 2:
            return False
        self._tried += 1
        if self._tried > _MOST_SUMS:
            return False
        known = [getattr(totals_of(_as_written(each, self.syntax)), _OF_ALL[total]) for each in here]
        return None not in known and stated == sum(known, ZERO) != known[-1]

    @exactly
    def _adds_up(self, label: object, values: Values, invoice: _Gathered | None = None) -> Message | bool:
        """Whether a row adds up rows above, of one invoice or of the sheet; or why not, where it says so."""
        said = is_sum(label)
        cells = {name: round_cents(values[name]) for name in values.keys() & _AMOUNTS}
        if said is False or not cells or not self._columns or "unit_price" in values:
            return False
        known = self._sums(invoice) if invoice is not None else set()
        if all(cell in known or cell == self._columns.get(name) for name, cell in cells.items()):
            return True
        return said is not None and Message(
            "« {label} »: {amount:euro} is not what the rows above come to. Say which total it is (« Total HT », "
            "« Total TTC »), or take the row out.",
            label=str(label),
            amount=next(iter(cells.values())),
        )

    def _sums(self, invoice: _Gathered) -> set[Decimal | None]:
        """What a row may add up of an invoice: its lines since the last such row, and its totals so far."""
        since = [amount_of(line) for line in invoice.lines[invoice.added :]]
        invoice.added, invoice.sums = len(invoice.lines), invoice.sums + 1
        if invoice.sums > _MOST_SUMS:
            return set()
        totals = totals_of(_as_written(invoice, self.syntax))
        return {None if None in since else sum(filter(None, since), ZERO), *totals} - {None, ZERO}


def _is_text(values: Values) -> bool:
    """Whether a row is a text in the column of numbers, and the number of no invoice."""
    return values.keys() == {"number"} and not any(map(str.isdigit, values["number"]))


_OF_ALL = {"total_excl_vat": "untaxed", "vat": "vat", "total_incl_vat": "taxed", "payable": "taxed"}
_TAXES = ("vat", "total_incl_vat")


def _differs(name: str, value: object, known: object) -> Message:
    return Message(
        "{field}: {found} here, {known} above; the same is expected all over an invoice.",
        found=str(value),
        known=str(known),
        field=Text(vocabulary()[name][0], name),
    )


def _tax_differs(parts: _Gathered) -> Iterator[tuple[Message, Row]]:
    """What stands beside the lines, and is neither that of each nor that of the invoice."""
    whole = _whole(parts)
    for _, taxes, row in () if _taxed_by_line(parts) else parts.taxes:
        for name, value in taxes.items():
            if whole[name] != value:
                yield _differs(name, value, whole[name]), row


@exactly
def _whole(parts: _Gathered) -> Values:
    """What is said of an invoice, with what stands beside its lines: their sum, or the same beside each."""
    found = dict(parts.whole)
    by_line = _taxed_by_line(parts)
    for name in _TAXES:
        values = [taxes[name] for _, taxes, _ in parts.taxes if name in taxes]
        if values:
            found.setdefault(name, sum(values, ZERO) if by_line else values[0])
    return found


@exactly
def _taxed_by_line(parts: _Gathered) -> bool:
    """Whether VAT and total incl. VAT are those of each line: its figures agree, and those of all lines do not."""
    rows = [
        _Taxed(amount, line.vat_rate, taxes)
        for line, taxes, _ in parts.taxes
        if (amount := amount_of(line)) is not None
    ]
    if len(rows) < max(len(parts.lines), 2):
        return False
    whole = sum((row.amount for row in rows), ZERO)
    if all(row.taxes == rows[0].taxes for row in rows) and rows[0]._replace(amount=whole).agrees(ZERO):
        return False
    return all(row.agrees(sum((each.vat for each in rows), ZERO) / whole if whole else ZERO) for row in rows)


class _Taxed(NamedTuple):
    """An amount excl. VAT, and what stands beside it of its VAT and its total incl. VAT."""

    amount: Decimal
    rate: Decimal | None
    taxes: Values

    @property
    def vat_of_total(self) -> Decimal:
        """Its VAT as its total incl. VAT leaves it."""
        taxed: Decimal = self.taxes["total_incl_vat"]
        return taxed - self.amount

    @property
    def vat(self) -> Decimal:
        """Its VAT, as written or as its total incl. VAT leaves it."""
        vat: Decimal | None = self.taxes.get("vat")
        return self.vat_of_total if vat is None else vat

    def agrees(self, rate: Decimal) -> bool:
        """Whether they do among themselves, to the cent; where one is missing, at its rate, else at this one."""
        if len(self.taxes) == len(_TAXES):
            due = self.vat_of_total
        else:
            due = self.amount * (round(rate, 3) if self.rate is None else self.rate)
        return abs(self.vat - due) <= CENT


_SHEETS = frozenset({"csv", "xlsx"})


def _invoice(parts: _Gathered, syntax: str) -> Invoice:
    invoice = with_rows_apart(_as_written(parts, syntax), parts.above)
    amounts = (invoice.total_excl_vat, invoice.total_incl_vat, *(line.amount for line in invoice.lines))
    told = next((amount for amount in amounts if amount), 0)
    return _turned(invoice) if invoice.is_credit_note and syntax in _SHEETS and told < 0 else invoice


def _turned(credit_note: Invoice) -> Invoice:
    """A credit note whose sheet signs what it gives back, as accounting software does: as positive amounts."""
    lines = []
    for line in credit_note.lines:
        negative = line.unit_price is not None and line.unit_price < 0
        price, quantity = line.unit_price, line.quantity
        lines.append(
            replace(
                line,
                amount=_opposite(line.amount),
                unit_price=_opposite(price) if negative else price,
                quantity=quantity if negative else _opposite(quantity),
            )
        )
    totals: Values = {name: _opposite(getattr(credit_note, name)) for name in TOTALS}
    note = Message("A credit note of negative amounts: they are taken as given back.")
    return replace(credit_note, lines=tuple(lines), notes=(*credit_note.notes, note), **totals)


def _opposite(amount: Decimal | None) -> Decimal | None:
    return EXACT.minus(amount) if amount else amount


def _as_written(parts: _Gathered, syntax: str) -> Invoice:
    own = {name: value for name, value in _whole(parts).items() if not name.startswith(("seller", "buyer"))}
    return Invoice(
        parts.number,
        syntax=syntax,
        seller=_party(parts.whole, "seller"),
        buyer=_party(parts.whole, "buyer"),
        lines=tuple(parts.lines),
        **{"issued": None, "currency": "EUR", **own},
    )


def _party(whole: Values, role: str) -> Party:
    told = {name: whole.get(f"{role}_{name}") for name in ("siren", "siret", "vat_id", "postcode", "country")}
    return Party(name=whole.get(role), **told)
