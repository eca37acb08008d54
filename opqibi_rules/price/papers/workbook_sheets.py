"""The sheets of a workbook, and the formulas between them."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from opqibi_rules.messages import Message, Text
from opqibi_rules.money import LARGEST, ZERO, round_cents
from opqibi_rules.paper.document import Cell, Table, shown
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.language import Language
from opqibi_rules.price.fees import ANNUAL_CONTROL, BRAND_USAGE, DOSSIER, FEE_NAMES, FEES, INSTRUCTION
from opqibi_rules.price.papers.workbook_schedule import (
    FROM,
    RATE,
    UP_TO,
    places,
    scale_of,
    tariff_name,
    write_schedule,
)
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.question import MOST_OF_A_TARIFF
from opqibi_rules.tables.facts import Assumption

EXCL_VAT, VAT, INCL_VAT = "excl_vat", "vat", "incl_vat"
_TOTALS = {
    EXCL_VAT: Message("Total excl. VAT"),
    VAT: Message("VAT"),
    INCL_VAT: Message("Total incl. VAT"),
}
_STRONG = {EXCL_VAT, INCL_VAT}
_EURO, _RATE = '#,##0.00" €"', "0.00###%"
_GREY, _YELLOW = "#595959", "#FFF8DC"
_INPUT = {"bg_color": _YELLOW, "border": 4}
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 15},
    "text": {},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "head": {"bold": True, "text_wrap": True, "bottom": 1, "align": "right"},
    "section": {"bold": True},
    "grey": {"font_color": _GREY, "italic": True},
    "euro": {"num_format": _EURO},
    "total": {"num_format": _EURO, "bold": True, "top": 1},
    "bold": {"bold": True, "top": 1},
    "exact": {"num_format": "#,##0", "font_color": _GREY},
    "precise": {"num_format": '#,##0.00###" €"'},
    "permille": {"num_format": '0.00##" ‰"'},
    "date": {"num_format": "dd/mm/yyyy", "align": "right"},
    "year": {"num_format": "0"},
    "count": {"num_format": "0"},
    "in_count": {"num_format": "0", **_INPUT},
    "in_euro": {"num_format": _EURO, **_INPUT},
    "in_rate": {"num_format": _RATE, **_INPUT},
    "in_date": {"num_format": "dd/mm/yyyy", "align": "right", **_INPUT},
}


class Invoice(Protocol):
    """A column of the main sheet."""

    @property
    def name(self) -> Message:
        """What is invoiced."""

    @property
    def quote(self) -> Quote:
        """The amounts of that day."""

    @property
    def growth_years(self) -> int | None:
        """How many years its turnover has grown from the first; ``None``: it is an input."""

    @property
    def counts(self) -> Mapping[int, int] | None:
        """By tariff code: asked for, or held at a control."""

    @property
    def new(self) -> Mapping[int, int] | None:
        """By tariff code: asked for at a control."""


class Workbook:
    """A workbook as it is written: each method adds a sheet, and remembers where its cells stand."""

    def __init__(self, language: Language, invoices: Sequence[Invoice]) -> None:
        self.cell: Callable[..., str] = load("xlsxwriter.utility", extra="xlsx").xl_rowcol_to_cell
        self.language = language
        self.invoices = invoices
        self._out = io.BytesIO()
        self.file = load("xlsxwriter", extra="xlsx").Workbook(self._out, {"in_memory": True})
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "vcenter"}
        self.style = {name: self.file.add_format({**plain, **style}) for name, style in _STYLES.items()}
        self._tariffs = sorted({tariff for one in invoices for tariff in one.quote.schedule.tariffs})
        self._schedules = {one.quote.schedule.id: one.quote.schedule for one in invoices}
        self._at: dict[str, dict[str, str]] = {}
        """The cells of each schedule, by its id and what they hold."""
        self.main = self.say(Message("Payments"))
        self.rows: dict[str, int] = {}
        self.main_sheet = self.sheet(self.main, [46, *[17] * (len(invoices) + 1)])
        self._usage_sheet: Any = None
        self._usage = self.say(Message("Brand usage"))
        self._usage_row = 0
        self._grown = ""
        """The turnover at the start times one plus its growth, to be raised to a number of years."""

    def say(self, message: Message) -> str:
        """A message in the language of the workbook."""
        return self.language.say(message)

    def close(self) -> bytes:
        """The file."""
        for schedule in self._schedules.values():
            name = self._at[schedule.id]["dossier"].split("'")[1]
            write_schedule(
                self.sheet(name, [46, 18, 18, 18]), schedule, self._tariffs, self.language, self.style
            )
        self.file.close()
        return self._out.getvalue()

    def fixed(self, row: int, column: int) -> str:
        """The name of a cell of the main sheet, the same wherever it is used."""
        return self.cell(row, column, row_abs=True, col_abs=True)

    def sheet(self, name: str, widths: Iterable[int]) -> Any:
        """One more sheet, with columns of these widths."""
        sheet = self.file.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, self.style["text"])
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    # Inputs and amounts: one column an invoice, and the total.

    def front(
        self,
        title: Message,
        facts: Iterable[tuple[Message, Cell | Message | Text | str]],
        *,
        turnover: Decimal | None = None,
        growth: Decimal | None = None,
    ) -> None:
        """The main sheet, and those it draws on: the schedules, and the tranches of brand usage."""
        sheet, style = self.main_sheet, self.style
        self._schedule_sheets()
        sheet.write_string(0, 0, self.say(title), style["title"])
        row = 1
        for label, value in facts:
            sheet.write_string(row, 0, self.say(label))
            sheet.write_string(row, 1, shown(value, self.language))
            row += 1
        if turnover is not None and growth is not None:
            sheet.write_string(row, 0, self.say(Message("Turnover excl. VAT at the start")))
            self._euro_input(row, 1, turnover)
            sheet.write_string(row + 1, 0, self.say(Message("Growth of the turnover, a year")))
            sheet.write_number(row + 1, 1, growth, style["in_rate"])
            self._grown = f"{self.fixed(row, 1)}*(1+{self.fixed(row + 1, 1)})"
            row += 2
        hint = Message(
            "Yellow cells are inputs: change one, and the amounts follow. Dates choose no other schedule."
        )
        sheet.write_string(row, 0, self.say(hint), style["grey"])
        self._main_rows(row + 2)
        for column, one in enumerate(self.invoices, 1):
            self._invoice(column, one)
        self._total_column(len(self.invoices) + 1)

    def _main_rows(self, row: int) -> None:
        """The labels of the rows, and where each row stands."""
        sheet, style = self.main_sheet, self.style
        sheet.write_string(row, 0, "", style["head"])
        for column, one in enumerate(self.invoices, 1):
            sheet.write_string(row, column, self.say(one.name), style["head"])
        sheet.set_row(row, 40)
        sheet.freeze_panes(row + 1, 1)
        labels: list[tuple[str, Message, str]] = [
            ("due", Message("Due"), "text"),
            ("rate", Message("VAT rate"), "text"),
            ("turnover", Message("Turnover excl. VAT"), "text"),
            ("", Message("Qualifications asked for, or held at a control"), "section"),
        ]
        labels += [(f"count {tariff}", tariff_name(tariff), "text") for tariff in self._tariffs]
        labels.append(("", Message("New qualifications asked for at a control"), "section"))
        labels += [(f"new {tariff}", tariff_name(tariff), "text") for tariff in self._tariffs]
        labels.append(("", Message("Amounts excl. VAT"), "section"))
        labels += [(fee, name, "text") for fee, name in FEE_NAMES.items()]
        labels += [(name, label, "bold" if name in _STRONG else "text") for name, label in _TOTALS.items()]
        for name, label, look in labels:
            row += 1
            self.rows[name] = row
            sheet.write_string(row, 0, self.say(label), style[look])

    def _invoice(self, column: int, one: Invoice) -> None:
        sheet, style, rows, quote = self.main_sheet, self.style, self.rows, one.quote
        sheet.write_datetime(rows["due"], column, quote.on, style["in_date"])
        sheet.write_number(rows["rate"], column, quote.vat_rate, style["in_rate"])
        self._counts(column, one)
        if quote.subtotals.brand_usage is not None and quote.base is not None:
            if one.growth_years is None:
                self._euro_input(rows["turnover"], column, quote.base.turnover)
            else:
                grown = f"=ROUND({self._grown}^{one.growth_years},2)"
                sheet.write_formula(rows["turnover"], column, grown, style["euro"], quote.base.turnover)
        for fee in FEES:
            amount = getattr(quote.subtotals, fee)
            if amount is not None:
                sheet.write_formula(rows[fee], column, self._fee(fee, column, one), style["euro"], amount)
        fees = f"{self.cell(rows[DOSSIER], column)}:{self.cell(rows[ANNUAL_CONTROL], column)}"
        excl, vat, rate = (self.cell(rows[name], column) for name in (EXCL_VAT, VAT, "rate"))
        # The rate in millionths: a whole number, as the cents are.
        taxed = f"=INT((ROUND({excl}*100,0)*ROUND({rate}*1000000,0)+500000)/1000000)/100"
        for name, formula, value in (
            (EXCL_VAT, f"=ROUND(SUM({fees}),2)", quote.total_excl_vat),
            (VAT, taxed, quote.vat),
            (INCL_VAT, f"=ROUND({excl}+{vat},2)", quote.total_incl_vat),
        ):
            sheet.write_formula(rows[name], column, formula, style[_look(name)], value)

    def _counts(self, column: int, one: Invoice) -> None:
        """How many by tariff code: inputs in the first column that has them; then what follows from before."""
        earlier = [at for at in range(1, column) if self.invoices[at - 1].counts is not None]
        for tariff in self._tariffs:
            row, new_row = self.rows[f"count {tariff}"], self.rows[f"new {tariff}"]
            if one.counts is not None:
                count = one.counts.get(tariff, 0)
                if earlier:
                    before = self.invoices[earlier[-1] - 1]
                    held = (before.counts or {}).get(tariff, 0) + (before.new or {}).get(tariff, 0)
                    change = f"{count - held:+d}" if count != held else ""
                    cells = f"={self.cell(row, earlier[-1])}+{self.cell(new_row, earlier[-1])}{change}"
                    self.main_sheet.write_formula(row, column, cells, self.style["count"], count)
                else:
                    self._count_input(row, column, count)
            if one.new is not None:
                self._count_input(new_row, column, one.new.get(tariff, 0))

    def _fee(self, fee: str, column: int, one: Invoice) -> str:
        """The formula of a fee: the articles of its schedule, cell by cell."""
        at = self._at[one.quote.schedule.id]
        if fee == DOSSIER:
            return f"={at['dossier']}"
        if fee == BRAND_USAGE:
            return f"={self._tranches(column, one)}"
        counts, new = (
            f"{self.cell(self.rows[f'{name} {self._tariffs[0]}'], column)}:"
            f"{self.cell(self.rows[f'{name} {self._tariffs[-1]}'], column)}"
            for name in ("count", "new")
        )
        if fee == INSTRUCTION:
            return f"=ROUND({at['instruction']}+SUMPRODUCT({counts},{at['asked']}),2)"
        held = f"{at['control']}+SUMPRODUCT({counts},{at['held']})"
        return f"=ROUND({held}+IF(SUM({new})>0,{at['new']}+SUMPRODUCT({new},{at['asked']}),0),2)"

    def _total_column(self, column: int) -> None:
        sheet, style, rows = self.main_sheet, self.style, self.rows
        sheet.write_string(rows["due"] - 1, column, self.say(Message("Total")), style["head"])
        quotes = [one.quote for one in self.invoices]
        totals = {fee: sum((getattr(one.subtotals, fee) or 0 for one in quotes), ZERO) for fee in FEES}
        totals |= {
            EXCL_VAT: sum((one.total_excl_vat for one in quotes), ZERO),
            VAT: sum((one.vat for one in quotes), ZERO),
            INCL_VAT: sum((one.total_incl_vat for one in quotes), ZERO),
        }
        for name, value in totals.items():
            cells = f"{self.cell(rows[name], 1)}:{self.cell(rows[name], column - 1)}"
            sheet.write_formula(rows[name], column, f"=ROUND(SUM({cells}),2)", style[_look(name)], value)

    def _euro_input(self, row: int, column: int, amount: Decimal | None) -> None:
        self.main_sheet.write_number(row, column, amount, self.style["in_euro"])
        limits = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": int(LARGEST)}
        self.main_sheet.data_validation(row, column, row, column, limits)

    def _count_input(self, row: int, column: int, count: int) -> None:
        self.main_sheet.write_number(row, column, count, self.style["in_count"])
        limits = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": MOST_OF_A_TARIFF}
        self.main_sheet.data_validation(row, column, row, column, limits)

    # Article III: the tranches, one block for each brand-usage fee.

    def _tranches(self, column: int, one: Invoice) -> str:
        """The cell of a brand-usage fee, below the tranches that make it."""
        if self._usage_sheet is None:
            self._usage_sheet = self.sheet(self._usage, [24, 22, 14, 22, 20, 26])
        sheet, style, row = self._usage_sheet, self.style, self._usage_row
        schedule, quote = one.quote.schedule, one.quote
        usage, scale = schedule.brand_usage, scale_of(schedule)
        turnover = f"'{self.main}'!{self.cell(self.rows['turnover'], column)}"
        sheet.write_string(row, 0, self.say(one.name), style["section"])
        sheet.write_datetime(row, 3, quote.on, style["date"])
        unit = Message("The same, in units of 1/{scale} €", scale=scale * 100)
        for at, head in enumerate((FROM, UP_TO, RATE, _PART, _AMOUNT, unit)):
            sheet.write_string(row + 1, at, self.say(head), style["head"])
        row = first = row + 2
        parts = [line for line in quote.lines if line.fee == BRAND_USAGE and line.rate is not None]
        for index, tranche in enumerate(usage.tranches):
            lower, upper, rate = (self._at[schedule.id][f"{name} {index}"] for name in ("from", "to", "rate"))
            part, exact = self.cell(row, 3), self.cell(row, 5)
            top = turnover if tranche.upper is None else f"MIN({turnover},{upper})"
            base, amount = (parts[index].base, parts[index].amount) if index < len(parts) else (0, ZERO)
            whole = f"=ROUND({part}*100,0)*ROUND({rate}*{scale},0)"
            sheet.write_formula(row, 0, f"={lower}", style["euro"], tranche.lower)
            if tranche.upper is not None:
                sheet.write_formula(row, 1, f"={upper}", style["euro"], tranche.upper)
            sheet.write_formula(row, 2, f"={rate}*1000", style["permille"], tranche.rate * 1000)
            sheet.write_formula(row, 3, f"=ROUND(MAX(0,{top}-{lower}),2)", style["euro"], base)
            sheet.write_formula(row, 4, f"={exact}/{scale * 100}", style["precise"], amount)
            sheet.write_formula(row, 5, whole, style["exact"], int(amount * scale * 100))
            row += 1
        exact_sum = f"SUM({self.cell(first, 5)}:{self.cell(row - 1, 5)})"
        rounded = round_cents(sum((line.amount for line in parts), ZERO))
        floor, cap = (self._at[schedule.id][name] for name in ("floor", "cap"))
        sheet.write_string(row, 0, self.say(_ROUNDED))
        sheet.write_formula(row, 4, f"=INT(({exact_sum}+{scale // 2})/{scale})/100", style["euro"], rounded)
        limited = f"=MIN({cap},MAX({floor},{self.cell(row, 4)}))"
        sheet.write_string(row + 1, 0, self.say(_FLOOR_CAP), style["section"])
        sheet.write_formula(row + 1, 4, limited, style["total"], quote.subtotals.brand_usage)
        self._usage_row = row + 3
        return f"'{self._usage}'!{self.cell(row + 1, 4)}"

    # What is only to be read.

    def table(self, name: Message, table: Table) -> None:
        """A table of dates and texts."""
        sheet = self.sheet(self.say(name), [16, 110])
        for column, head in enumerate(table.columns):
            sheet.write_string(0, column, self.say(head), self.style["head" if not column else "bold"])
        for row, cells in enumerate(table.rows, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, Cell) and isinstance(cell.value, date):
                    sheet.write_datetime(row, column, cell.value, self.style["date"])
                else:
                    sheet.write_string(row, column, shown(cell, self.language), self.style["wrapped"])
        sheet.freeze_panes(1, 0)

    def notes(self, notes: Iterable[Message], assumptions: Iterable[Assumption]) -> None:
        """The notes, then the interpretations on which the amounts rest."""
        sheet = self.sheet(self.say(Message("Notes")), [130])
        texts = [self.say(note) for note in notes]
        texts += [
            self.say(Message("{text} {reason}", text=item.text, reason=item.reason)) for item in assumptions
        ]
        for row, text in enumerate(texts):
            sheet.write_string(row, 0, text, self.style["wrapped"])

    def _schedule_sheets(self) -> None:
        """Place every amount of every schedule; the sheets themselves come last, when the file is closed."""
        for number, schedule in enumerate(self._schedules.values(), 1):
            name = self.say(Message("Schedule {number}", number=number))
            self._at[schedule.id] = places(schedule, self._tariffs, name, self.cell)


_PART, _AMOUNT = Message("Part of the turnover"), Message("Amount")
_ROUNDED = Message("Sum, rounded once, half up")
_FLOOR_CAP = Message("Fee, between the floor and the cap")


def _look(name: str) -> str:
    return "total" if name in _STRONG else "euro"
