"""The sheet of the years in a workbook: cash and expense, brand usage spread by formula."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO
from opqibi_rules.price.fees import BRAND_USAGE
from opqibi_rules.price.papers.workbook_sheets import EXCL_VAT, INCL_VAT, Workbook
from opqibi_rules.price.plan import Year
from opqibi_rules.price.spread import By, spread

_YEAR, _PAID, _PAID_INCL = Message("Year"), Message("Paid excl. VAT"), Message("Paid incl. VAT")
_AT_ONCE = Message("Borne at once: all but brand usage")
_BORNE, _PREPAID = Message("Borne by the year"), Message("Prepaid on 31 December")


def write_years(book: Workbook, years: Sequence[Year], by: By) -> None:
    """A row for each calendar year; the cells of a fee's spread hold what it has come to by 31 December."""
    usages = [at for at, one in enumerate(book.invoices) if one.quote.subtotals.brand_usage is not None]
    sheet = book.sheet(book.say(Message("Years")), [10, 18, 18, 18, *[18, 18] * len(usages), 18, 18])
    heads = [_YEAR, _PAID, _PAID_INCL, _AT_ONCE]
    in_year = (
        Message("of which in the year, by days")
        if by == "days"
        else Message("of which in the year, by months")
    )
    for at in usages:
        heads += [Message("{what}: borne by 31 December", what=book.invoices[at].name), in_year]
    for column, head in enumerate([*heads, _BORNE, _PREPAID]):
        sheet.write_string(0, column, book.say(head), book.style["head"])
    sheet.set_row(0, 60)
    sheet.freeze_panes(1, 1)
    rows = _Rows(book, sheet, usages, by)
    for row, year in enumerate(years, 1):
        rows.write(row, year)
    _chart(book, sheet, len(years), len(heads))


class _Rows:
    """The rows of the years, each with the formulas of its cells and what they come to."""

    def __init__(self, book: Workbook, sheet: Any, usages: Sequence[int], by: By) -> None:
        self.book, self.sheet, self.usages, self.by = book, sheet, usages, by
        self.spreads = [self._parts(at) for at in usages]
        last = len(book.invoices)
        self.due, self.excl, self.incl, self.usage = (
            f"'{book.main}'!{book.fixed(book.rows[name], 1)}:{book.fixed(book.rows[name], last)}"
            for name in ("due", EXCL_VAT, INCL_VAT, BRAND_USAGE)
        )

    def _parts(self, at: int) -> dict[int, Decimal]:
        quote = self.book.invoices[at].quote
        fee = quote.subtotals.brand_usage or ZERO
        return dict(spread(fee, quote.on, quote.schedule.brand_usage.years, self.by))

    def write(self, row: int, year: Year) -> None:
        """Write one year; ``row`` starts at 1."""
        cell, last = self.book.cell, 4 + 2 * len(self.usages)
        own = cell(row, 0, col_abs=True)
        this_year = f"(YEAR({self.due})={own})"
        at_once = year.expense - sum((parts.get(year.year, ZERO) for parts in self.spreads), ZERO)
        self.sheet.write_number(row, 0, year.year, self.book.style["year"])
        self._put(row, 1, f"SUMPRODUCT({this_year}*{self.excl})", year.cash)
        self._put(row, 2, f"SUMPRODUCT({this_year}*{self.incl})", year.cash_incl_vat)
        self._put(row, 3, f"{cell(row, 1)}-SUMPRODUCT({this_year}*{self.usage})", at_once)
        borne = [cell(row, 3)]
        for index, (at, parts) in enumerate(zip(self.usages, self.spreads, strict=True)):
            column = 4 + 2 * index
            reached = sum((part for known, part in parts.items() if known <= year.year), ZERO)
            self._put(row, column, self._reached(at + 1, own), reached)
            self._put(
                row, column + 1, f"{cell(row, column)}-{self._above(row, column)}", parts.get(year.year, ZERO)
            )
            borne.append(cell(row, column + 1))
        self._put(row, last, "+".join(borne), year.expense, look="total")
        self._put(
            row, last + 1, f"{self._above(row, last + 1)}+{cell(row, 1)}-{cell(row, last)}", year.prepaid
        )

    def _put(self, row: int, column: int, formula: str, value: Decimal, *, look: str = "euro") -> None:
        self.sheet.write_formula(row, column, f"=ROUND({formula},2)", self.book.style[look], value)

    def _above(self, row: int, column: int) -> str:
        return str(self.book.cell(row - 1, column)) if row > 1 else "0"

    def _reached(self, column: int, year: str) -> str:
        """What a brand-usage fee has come to bear by the end of a year: its share of time, half up."""
        main, rows = self.book.main, self.book.rows
        fee, start = (f"'{main}'!{self.book.fixed(rows[name], column)}" for name in (BRAND_USAGE, "due"))
        months = self.book.invoices[column - 1].quote.schedule.brand_usage.years * 12
        if self.by == "days":
            whole = f"(EDATE({start},{months})-{start})"
            elapsed = f"MAX(0,MIN(EDATE({start},{months}),DATE({year}+1,1,1))-{start})"
        else:
            whole = str(months)
            elapsed = f"MAX(0,MIN({months},12*({year}+1)+1-12*YEAR({start})-MONTH({start})))"
        return f"INT((2*ROUND({fee}*100,0)*{elapsed}+{whole})/(2*{whole}))/100"


def _chart(book: Workbook, sheet: Any, count: int, last: int) -> None:
    chart = book.file.add_chart({"type": "column"})
    for column, fill in ((1, "#1F4E79"), (last, "#BDD7EE")):
        chart.add_series(
            {
                "name": [sheet.name, 0, column],
                "categories": [sheet.name, 1, 0, count, 0],
                "values": [sheet.name, 1, column, count, column],
                "fill": {"color": fill},
                "border": {"color": "#1F1F1F"},
            }
        )
    chart.set_legend({"position": "top"})
    chart.set_y_axis({"num_format": '#,##0" €"', "major_gridlines": {"visible": True}})
    chart.set_size({"width": 760, "height": 300})
    text = Message("What is paid each calendar year, and what the year bears, excl. VAT")
    sheet.insert_chart(count + 3, 0, chart, {"description": book.say(text)})
