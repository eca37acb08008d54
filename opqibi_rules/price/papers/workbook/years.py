"""The sheet of the years in a workbook: cash and expense; fees that cover several years spread by formula."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.price.papers.workbook.book import Book, Sheet
from opqibi_rules.price.papers.workbook.payments import EXCL_VAT, INCL_VAT, Payments
from opqibi_rules.price.plan import Year
from opqibi_rules.price.spread import By, spread

_HEADS = (Message("Year"), Message("Paid excl. VAT"), Message("Paid incl. VAT"), Message("Borne at once"))
_LAST_HEADS = (Message("Borne by the year"), Message("Prepaid on 31 December"))
_IN_YEAR = {
    "days": Message("of which in the year, by days"),
    "months": Message("of which in the year, by months"),
}


class _Spread(NamedTuple):
    """A fee of an invoice that covers several years."""

    head: Message
    due: str
    """The cell of the day on which it is paid."""
    fee: str
    """Its cell."""
    months: int
    parts: Mapping[int, Decimal]
    """What each calendar year bears of it."""

    def reached(self, year: str, by: By) -> str:
        """What it has come to bear by the end of the year in a cell: its share of time, half up."""
        end = f"EDATE({self.due},{self.months})"
        whole, elapsed = f"({end}-{self.due})", f"MIN({end},DATE({year}+1,1,1))-{self.due}"
        if by == "months":
            whole = str(self.months)
            elapsed = f"MIN({self.months},12*({year}+1)+1-12*YEAR({self.due})-MONTH({self.due}))"
        return f"INT((2*ROUND({self.fee}*100,0)*MAX(0,{elapsed})+{whole})/(2*{whole}))/100"


def write_years(book: Book, payments: Payments, years: Sequence[Year], by: By) -> None:
    """A row for each calendar year; the cells of a fee's spread hold what it has come to by 31 December."""
    spreads = _spreads(payments, by)
    sheet = book.sheet(Message("Years"), [10, *[18] * (2 * len(spreads) + 5)])
    sheet.page.set_row(0, 60)
    sheet.page.freeze_panes(1, 1)
    heads = [*_HEADS, *(head for one in spreads for head in (one.head, _IN_YEAR[by]))]
    sheet.heads(*heads, *_LAST_HEADS)
    for year in years:
        _write_year(sheet, year, payments, spreads, by)
    _chart(sheet, len(years), len(heads))


def _spreads(payments: Payments, by: By) -> list[_Spread]:
    return [
        _Spread(
            Message("{invoice}, {fee}: borne by 31 December", invoice=one.name, fee=fee.name),
            payments.at("due", column),
            payments.at(f"fee {fee.id}", column),
            fee.years * 12,
            spread(one.quote.subtotals[fee.id] or ZERO, one.quote.on, fee.years, by),
        )
        for column, one in enumerate(payments.invoices, 1)
        for fee in one.quote.fees
        if fee.years is not None
    ]


@exactly
def _write_year(sheet: Sheet, year: Year, payments: Payments, spreads: Sequence[_Spread], by: By) -> None:
    row, own, due = sheet.row, sheet.cell(sheet.row, 0), payments.across("due")
    sheet.line((year.year, "count"))

    def above(column: int) -> str:
        return sheet.cell(row - 1, column) if row > 1 else "0"

    in_year = f"SUMPRODUCT((YEAR({due})={own})*"
    paid = sheet.put(row, 1, f"{in_year}{payments.across(EXCL_VAT)})", year.cash)
    sheet.put(row, 2, f"{in_year}{payments.across(INCL_VAT)})", year.cash_incl_vat)
    later = "".join(f"-(YEAR({one.due})={own})*{one.fee}" for one in spreads)
    at_once = year.expense - sum((one.parts.get(year.year, ZERO) for one in spreads), ZERO)
    borne = [sheet.put(row, 3, paid + later, at_once)]
    for index, one in enumerate(spreads):
        column = 4 + 2 * index
        so_far = sum((part for known, part in one.parts.items() if known <= year.year), ZERO)
        reached = sheet.put(row, column, one.reached(own, by), so_far)
        part = f"{reached}-{above(column)}"
        borne.append(sheet.put(row, column + 1, part, one.parts.get(year.year, ZERO)))
    last = 4 + 2 * len(spreads)
    expense = sheet.put(row, last, "+".join(borne), year.expense, "total")
    sheet.put(row, last + 1, f"{above(last + 1)}+{paid}-{expense}", year.prepaid)


def _chart(sheet: Sheet, count: int, last: int) -> None:
    chart = sheet.book.file.add_chart({"type": "column"})
    for column, fill in ((1, "#1F4E79"), (last, "#BDD7EE")):
        chart.add_series(
            {
                "name": [sheet.page.name, 0, column],
                "categories": [sheet.page.name, 1, 0, count, 0],
                "values": [sheet.page.name, 1, column, count, column],
                "fill": {"color": fill},
                "border": {"color": "#1F1F1F"},
            }
        )
    chart.set_legend({"position": "top"})
    chart.set_y_axis({"num_format": '#,##0" €"', "major_gridlines": {"visible": True}})
    chart.set_size({"width": 760, "height": 300})
    text = Message("What is paid each calendar year, and what the year bears, excl. VAT")
    sheet.page.insert_chart(count + 3, 0, chart, {"description": sheet.book.language.say(text)})
