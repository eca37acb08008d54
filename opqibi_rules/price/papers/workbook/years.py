"""The sheet of the years in a workbook: cash and expense; fees that cover several years spread by formula."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.paid_before import borne
from opqibi_rules.price.papers.plan_document import prepaid_at
from opqibi_rules.price.papers.workbook.book import Book, Sheet
from opqibi_rules.price.papers.workbook.payments import EXCL_VAT, INCL_VAT, Payments
from opqibi_rules.price.plan import Plan, Year
from opqibi_rules.price.plan_question import PlanQuestion
from opqibi_rules.price.spread import spread

_HEADS = (Message("Paid excl. VAT"), Message("Paid incl. VAT"), Message("Borne at once"))
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
    """What each financial year bears of it."""

    def reached(self, year: str, of: PlanQuestion) -> str:
        """What it has come to bear by the close of the year in a cell: its share of time, half up."""
        end = f"EDATE({self.due},{self.months})"
        whole, elapsed = f"({end}-{self.due})", f"MIN({end},{_close(year, of.year_end)}+1)-{self.due}"
        if of.spread_by == "months":
            whole, month = str(self.months), of.year_end.month
            elapsed = f"MIN({self.months},12*{year}+{month}+1-12*YEAR({self.due})-MONTH({self.due}))"
        return f"INT((2*ROUND({self.fee}*100,0)*MAX(0,{elapsed})+{whole})/(2*{whole}))/100"


def _close(year: str, year_end: YearEnd) -> str:
    """The last day of the financial year that closes in the civil year of a cell."""
    if year_end.ends_a_month:
        return f"(DATE({year},{year_end.month + 1},1)-1)"
    return f"DATE({year},{year_end.month},{year_end.day})"


def write_years(book: Book, payments: Payments, plan: Plan) -> None:
    """A row for each financial year; the cells of a fee's spread hold what it has come to by its close."""
    years, of = plan.by_year, plan.question
    spreads = _spreads(payments, of)
    sheet = book.sheet(Message("Years"), [10, *[18] * (2 * len(spreads) + 6)])
    sheet.page.set_row(0, 60)
    sheet.page.freeze_panes(1, 1)
    name = Message("Year") if of.year_end.is_civil else Message("Financial year that closes in")
    before = [Message("Of what was paid before")] if plan.paid_before else []
    heads = [
        name,
        *_HEADS,
        *(head for one in spreads for head in (one.head, _IN_YEAR[of.spread_by])),
        *before,
    ]
    sheet.heads(*heads, Message("Borne by the year"), prepaid_at(plan))
    for year in years:
        _write_year(sheet, year, payments, spreads, plan)
    _chart(sheet, len(years), len(heads))


def _spreads(payments: Payments, of: PlanQuestion) -> list[_Spread]:
    return [
        _Spread(
            Message("{invoice}, {fee}: borne by 31 December", invoice=one.name, fee=fee.name)
            if of.year_end.is_civil
            else Message("{invoice}, {fee}: borne by the close", invoice=one.name, fee=fee.name),
            payments.at("due", column),
            payments.at(f"fee {fee.id}", column),
            fee.years * 12,
            spread(one.quote.subtotals[fee.id] or ZERO, one.quote.on, fee.years, of.spread_by, of.year_end),
        )
        for column, one in enumerate(payments.invoices, 1)
        for fee in one.quote.fees
        if fee.years is not None
    ]


@exactly
def _write_year(sheet: Sheet, year: Year, payments: Payments, spreads: Sequence[_Spread], plan: Plan) -> None:
    row, own, due = sheet.row, sheet.cell(sheet.row, 0), payments.across("due")
    of = plan.question
    sheet.line((year.year, "count"))

    def above(column: int) -> str:
        return sheet.cell(row - 1, column) if row > 1 else "0"

    def within(days: str) -> str:
        return f"({days}>{_close(f'({own}-1)', of.year_end)})*({days}<={_close(own, of.year_end)})"

    paid = sheet.put(row, 1, f"SUMPRODUCT({within(due)}*{payments.across(EXCL_VAT)})", year.cash)
    sheet.put(row, 2, f"SUMPRODUCT({within(due)}*{payments.across(INCL_VAT)})", year.cash_incl_vat)
    later = "".join(f"-{within(one.due)}*{one.fee}" for one in spreads)
    known = _of_before(plan, year.year)
    at_once = year.expense - known - sum((one.parts.get(year.year, ZERO) for one in spreads), ZERO)
    borne = [sheet.put(row, 3, paid + later, at_once)]
    for index, one in enumerate(spreads):
        column = 4 + 2 * index
        so_far = sum((part for known, part in one.parts.items() if known <= year.year), ZERO)
        reached = sheet.put(row, column, one.reached(own, of), so_far)
        part = f"{reached}-{above(column)}"
        borne.append(sheet.put(row, column + 1, part, one.parts.get(year.year, ZERO)))
    last = 4 + 2 * len(spreads)
    if plan.paid_before:
        borne.append(sheet.put(row, last, str(known), known))
        last += 1
    expense = sheet.put(row, last, "+".join(borne), year.expense, "total")
    carried = above(last + 1) if row > 1 else str(year.carried_forward)
    earlier = f"+{year.paid_before}" if year.paid_before else ""
    sheet.put(row, last + 1, f"{carried}+{paid}{earlier}-{expense}", year.prepaid)


def _of_before(plan: Plan, year: int) -> Decimal:
    """What a year bears of what was paid before the plan."""
    by, year_end = plan.question.spread_by, plan.question.year_end
    parts = (borne(item.fee, item.amount, item.day, by, year_end) for item in plan.paid_before)
    return sum((part.get(year, ZERO) for part in parts), ZERO)


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
