"""The first sheet of a workbook: inputs above, amounts below; a column for each invoice, and the total."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.money import exactly
from opqibi_rules.paper.document import shown
from opqibi_rules.price.declared import Declared
from opqibi_rules.price.fees import NO_EUROS, Counts, amount_of, at_tariff
from opqibi_rules.price.papers.plan_document import Fact
from opqibi_rules.price.papers.quote_document import estimate, missing_state
from opqibi_rules.price.papers.workbook.book import Book
from opqibi_rules.price.papers.workbook.schedule import ScheduleSheet, TranchesSheet, expression, tariff_name
from opqibi_rules.price.partial import total, total_excl_vat, total_incl_vat
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import Counted, Fee, Part, PerQualification, Schedule, Tranches

EXCL_VAT, VAT, INCL_VAT = "excl_vat", "vat", "incl_vat"
_COUNTED = {
    False: Message("Qualifications asked for, or held at a control"),
    True: Message("New qualifications asked for at a control"),
}


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is invoiced on one day: a column of the sheet."""

    name: Message
    quote: Quote
    growth_years: int | None = None
    """Its turnovers are those at the start grown for so many years; ``None``: they are inputs of its own."""
    due: str = ""
    """The formula of its day; empty where nothing follows from it."""
    rate: str = ""
    """That of its rate of VAT; empty where the rate follows from no day."""

    @property
    def fees(self) -> tuple[Fee, ...]:
        """Those due that day, computed or not."""
        due = {*self.quote.missing, *(fee.id for fee in self.quote.fees)}
        return tuple(fee for fee in self.quote.schedule.fees if fee.id in due)

    def counts(self, *, new: bool) -> Counts | None:
        """How many by tariff code, newly asked for or not; ``None``: no fee of that day asks for them."""
        parts = {part for fee in self.quote.fees for part in fee.parts if _counts_new(part) is new}
        lines = [line for line in self.quote.lines if line.part in parts]
        return {line.tariff: line.quantity or 0 for line in lines if line.tariff} if parts else None

    @property
    def turnovers(self) -> Mapping[str, Decimal]:
        """Those on which its fees are reckoned, by the ids of the schedule."""
        bases = [base for fee, base in self.quote.bases.items() if fee not in self.quote.missing]
        return {base.kind: base.turnover for base in bases if base.kind and base.turnover is not None}


def _counts_new(part: Part) -> bool | None:
    """Whether it prices qualifications newly asked for; ``None``: it counts none."""
    return part.counts is Counted.NEW if isinstance(part, PerQualification) else None


class Payments:
    """The sheet as it is written: it remembers on which row each thing stands."""

    def __init__(self, book: Book, invoices: Sequence[Invoice], missing: Sequence[Fee] = ()) -> None:
        self.book, self.invoices, self.missing = book, invoices, missing
        self.sheet = book.sheet(Message("Payments"), [56, *[17] * (len(invoices) + 1)], whole=True)
        self._rows: dict[str, int] = {}
        schedules = {one.quote.schedule.id: one.quote.schedule for one in invoices}
        self._tariffs = Declared(schedules.values()).tariffs
        self._stated = {
            name: ScheduleSheet(book, number, schedules[name], self._tariffs)
            for number, name in enumerate(schedules, 1)
        }
        self._tranches = TranchesSheet(book)
        self._bases = {base: one.quote.schedule.base(base).name for one in invoices for base in one.turnovers}
        self._grown: dict[str, str] = {}
        """By turnover: that at the start times one plus its growth, to be raised to a number of years."""
        self._after: dict[int, tuple[str, int]] = {}
        """By tariff code: the cells of what is held after the last invoice, and how many that is."""
        self._sums: dict[str, Decimal] = {}
        self._counted: dict[tuple[int, bool], str] = {}
        """The cells of counts, by column, and newly asked for or not."""
        self._turnovers: list[str] = []
        """The cells in which one is typed."""
        self._growth = ""

    def head(self, title: Message, schedules: Iterable[Schedule], facts: Iterable[Fact]) -> None:
        """Write what the workbook is, and about whom."""
        self.sheet.line((title, "title"))
        self.sheet.told(estimate(schedules))
        for label, fact in facts:
            self.sheet.line((label, "text"), (shown(fact, self.book.language), "text"))

    def write(self, invoices: Sequence[Invoice], starts: Mapping[str, Decimal], growth: Decimal) -> None:
        """Write the sheet; ``starts`` are the turnovers at the start from which growth makes all the others."""
        sheet, self.invoices = self.sheet, invoices
        if starts:
            _, rate = sheet.line((Message("Growth of the turnover, a year"), "text"), (growth, "in_rate"))
            self._growth = rate
        for base, turnover in starts.items():
            label = Message("Turnover excl. VAT at the start: {base}", base=self._bases[base])
            _, start = sheet.line((label, "text"), (turnover, "in_euro"))
            self._grown[base] = f"{start}*(1+{rate})"
            self._turnovers.append(start)
        sheet.told(Message("Yellow cells are inputs: change one, and the amounts and the days follow."))
        sheet.line()
        sheet.page.freeze_panes(sheet.row + 1, 1)
        sheet.heads("", *(one.name for one in self.invoices), total(self.missing), again=True)
        for name, label, look in self._labels():
            self._rows[name] = sheet.row
            sheet.line((label, look))
        for column, one in enumerate(self.invoices, 1):
            self._invoice(column, one)
        for name, value in self._sums.items():
            summed = f"SUM({self.across(name)})"
            sheet.put(self._rows[name], len(self.invoices) + 1, summed, value, _look(name))

    def across(self, name: str) -> str:
        """The cells of a row, an invoice each, from any sheet."""
        return self.sheet.places((self._rows[name], 1), (self._rows[name], len(self.invoices)))

    def at(self, name: str, column: int) -> str:
        """The cell of an invoice on a row, from any sheet; its column starts at 1."""
        return self.sheet.place(self._rows[name], column)

    def held(self) -> str:
        """Whether the counts can be: whole, none below zero, and some each time; empty where nothing is counted."""
        ranges = [self._counted[name] for name in sorted(self._counted)]
        if not ranges:
            return ""
        whole = [f"SUMPRODUCT(--({one}<>INT({one})))=0" for one in ranges] + [
            f"MIN({one})>=0" for one in ranges
        ]
        some = [f"SUM({cells})>0" for (_, new), cells in sorted(self._counted.items()) if not new]
        return f"AND({','.join(whole + some)})"

    def in_cents(self) -> str:
        """Whether turnovers are amounts, and rates are rates; empty where there are none."""
        turnovers = [f"AND({one}>=0,ABS({one}*100-ROUND({one}*100,0))<0.000001)" for one in self._turnovers]
        rates = [f"MIN({self.across('rate')})>=0", f"MAX({self.across('rate')})<=1"]
        growth = [f"{self._growth}>-1", f"{self._growth}<=10"] if self._growth else []
        return f"AND({','.join(turnovers + rates + growth)})"

    # The rows.

    def _labels(self) -> Iterator[tuple[str, Message, str]]:
        """What each row is, what it is called, and how it looks."""
        yield "due", Message("Due"), "text"
        yield "rate", Message("VAT rate"), "text"
        for base, words in self._bases.items():
            yield f"turnover {base}", Message("Turnover excl. VAT: {base}", base=words), "text"
        for new, title in _COUNTED.items():
            if any(one.counts(new=new) is not None for one in self.invoices):
                yield "", title, "section"
                for tariff in self._tariffs:
                    yield f"count {tariff} {new}", tariff_name(tariff), "indented"
        yield "", Message("Amounts excl. VAT"), "section"
        yield from self._fee_labels()
        yield EXCL_VAT, total_excl_vat(self.missing), "bold"
        yield VAT, Message("VAT"), "text"
        yield INCL_VAT, total_incl_vat(self.missing), "bold"

    def _fee_labels(self) -> Iterator[tuple[str, Message, str]]:
        """A row for each fee; where it has several parts, a row for each before it."""
        titles: dict[str, Message] = {}
        # Another schedule may give the same fee other parts.
        by_fee: dict[str, dict[str, Part]] = {}
        for fee in (fee for one in self.invoices for fee in one.fees):
            titles.setdefault(fee.id, fee.title)
            by_fee.setdefault(fee.id, {}).update({part.id: part for part in fee.parts})
        for name, parts in by_fee.items():
            for part in parts.values() if len(parts) > 1 else ():
                yield f"part {name} {part.id}", self._part_name(part), "indented"
            yield f"fee {name}", titles[name], "text"

    def _part_name(self, part: Part) -> Message:
        if isinstance(part, Tranches):
            return Message("Tranches, article {article}", article=part.article)
        if isinstance(part, PerQualification):
            return Message("{label}", label=at_tariff(part, ", ".join(map(str, self._tariffs))))
        return Message("{label}", label=part.label)

    # The columns.

    def _invoice(self, column: int, one: Invoice) -> None:
        sheet, rows = self.sheet, self._rows
        if one.due:
            sheet.put(rows["due"], column, one.due, one.quote.on, "date")
        else:
            sheet.write(rows["due"], column, one.quote.on, "date")
        if one.rate:
            rate = sheet.put(rows["rate"], column, one.rate, one.quote.vat_rate, "in_rate")
        else:
            rate = sheet.write(rows["rate"], column, one.quote.vat_rate, "in_rate")
        for base, turnover in one.turnovers.items():
            row = rows[f"turnover {base}"]
            if one.growth_years is None or base not in self._grown:
                self._turnovers.append(sheet.write(row, column, turnover, "in_euro"))
            else:
                sheet.put(row, column, f"{self._grown[base]}^{one.growth_years}", turnover)
        held, new = (self._counts(column, one, new=new) for new in _COUNTED)
        fees = [self._fee(column, one, fee, held, new) for fee in one.quote.fees]
        excl = self._amount(EXCL_VAT, column, "+".join(fees) or "0", one.quote.total_excl_vat)
        # The rate in millionths: a whole number, as the cents are.
        taxed = f"INT((ROUND({excl}*100,0)*ROUND({rate}*1000000,0)+500000)/1000000)/100"
        vat = self._amount(VAT, column, taxed, one.quote.vat)
        self._amount(INCL_VAT, column, f"{excl}+{vat}", one.quote.total_incl_vat)
        for fee in one.quote.missing:
            sheet.write(rows[f"fee {fee}"], column, missing_state(one.quote, fee), "text")

    def _counts(self, column: int, one: Invoice, *, new: bool) -> str:
        """Write how many by tariff code: inputs, but for those held that follow from an invoice before."""
        counts = one.counts(new=new)
        if counts is None:
            return ""
        for tariff in self._tariffs:
            row, count = self._rows[f"count {tariff} {new}"], counts.get(tariff, 0)
            before, kept = self._after.get(tariff, ("", 0))
            if new or not before:
                self.sheet.write(row, column, count, "in_count")
            else:
                change = f"{count - kept:+d}" if count != kept else ""
                self.sheet.put(row, column, before + change, Decimal(count), "count")
            cell = self.sheet.cell(row, column)
            self._after[tariff] = (f"{before}+{cell}", kept + count) if new else (cell, count)
        cells = self.sheet.places((row - len(self._tariffs) + 1, column), (row, column))
        self._counted[column, new] = cells
        return cells

    def _fee(self, column: int, one: Invoice, fee: Fee, held: str, new: str) -> str:
        """Write the parts of a fee, and their sum where it has several; its cell."""
        stated, own, parts = self._stated[one.quote.schedule.id], f"fee {fee.id}", []
        for part in fee.parts:
            lines, block = [line for line in one.quote.of(fee) if line.part == part], ""
            if isinstance(part, Tranches):
                title = Message("{invoice} – {fee}", invoice=one.name, fee=fee.title)
                turnover = self.at(f"turnover {one.quote.bases[fee.id].kind}", column)
                block = self._tranches.block(fee, part, stated, turnover, lines, title)
            formula = expression(fee, part, stated, held, new, block)
            row = f"part {fee.id} {part.id}"
            parts.append(self._amount(row if row in self._rows else own, column, formula, amount_of(lines)))
        if row not in self._rows:
            return parts[0]
        return self._amount(own, column, "+".join(parts), one.quote.subtotals[fee.id] or NO_EUROS)

    @exactly
    def _amount(self, name: str, column: int, formula: str, value: Decimal) -> str:
        """Write an amount of an invoice, and count it into the total of its row; its cell."""
        self._sums[name] = self._sums.get(name, NO_EUROS) + value
        return self.sheet.put(self._rows[name], column, formula, value, _look(name))


def _look(name: str) -> str:
    return "total" if name in {EXCL_VAT, INCL_VAT} else "euro"
