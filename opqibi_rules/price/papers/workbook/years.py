"""The sheet of the years in a workbook: cash and expense; fees that cover several years spread by formula."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.papers.plan_document import year_heads
from opqibi_rules.price.papers.workbook.book import Book, Sheet
from opqibi_rules.price.papers.workbook.payments import EXCL_VAT, INCL_VAT, Payments
from opqibi_rules.price.partial import total
from opqibi_rules.price.planning.paid_before import borne
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.plan_question import PlanQuestion
from opqibi_rules.price.planning.spread import By, spread
from opqibi_rules.price.planning.years import Year

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

    def within(self, year: Year) -> Decimal:
        """What a year bears of it."""
        return self.parts.get(year.year, ZERO)

    def by(self, year: Year) -> Decimal:
        """What it has come to bear by the close of a year."""
        return sum((part for known, part in self.parts.items() if known <= year.year), ZERO)

    def last(self, by: By) -> str:
        """The last day of the time over which it is spread."""
        if by == "months":
            return f"DATE(YEAR({self.due}),MONTH({self.due})+{self.months},1)-1"
        return f"EDATE({self.due},{self.months})-1"

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


class YearTotals(NamedTuple):
    """The cells of what the years come to."""

    paid: str
    paid_incl_vat: str
    borne: str


def write_years(book: Book, payments: Payments, plan: Plan) -> YearTotals:
    """A row for each financial year; the cells of a fee's spread hold what it has come to by its close."""
    of = plan.question
    spreads = _spreads(payments, of)
    sheet = book.sheet(Message("Years"), [12, *[18] * (2 * len(spreads) + 5 + bool(plan.paid_before))])
    sheet.page.freeze_panes(1, 1)
    name = Message("Year") if of.year_end.is_civil else Message("Financial year that closes in")
    before = [Message("Of what was paid before")] if plan.paid_before else []
    in_year = _IN_YEAR[of.spread_by]
    heads = [name, *_HEADS, *(head for one in spreads for head in (one.head, in_year)), *before]
    sheet.heads(*heads, *year_heads(plan), again=True)
    # A row more than the plan has years: its days may be moved, and one more year be met.
    for year in (*plan.by_year, None):
        _write_year(sheet, year, payments, spreads, plan)
    _chart(sheet, sheet.row - 1, len(heads))
    return _write_totals(sheet, plan, len(heads))


def _numbered(
    sheet: Sheet, year: Year | None, payments: Payments, spreads: Sequence[_Spread], plan: Plan
) -> str:
    """Write the number of a year; its cell.

    The first is that of the first payment, the last that in which the last fee is borne, whatever day is typed.
    What was paid before the plan has its own years, which follow no day of it.
    """
    row, of, number = sheet.row, plan.question, year.year if year else ""
    sheet.line()
    if plan.paid_before or not plan.payments:
        if year is not None:
            sheet.write(row, 0, year.year, "count")
        return sheet.cell(row, 0)
    due = payments.across("due")
    if row == 1:
        return sheet.put(row, 0, year_of(f"MIN({due})", of.year_end), number, "count")
    above, ends = sheet.cell(row - 1, 0), [f"MAX({due})", *(one.last(of.spread_by) for one in spreads)]
    last = year_of(f"MAX({','.join(ends)})", of.year_end)
    return sheet.put(row, 0, f'IF({above}+1>{last},"",{above}+1)', number, "count", where=above)


def year_of(day: str, year_end: YearEnd) -> str:
    """The civil year in which the financial year of a day closes."""
    year = f"YEAR({day})"
    return year if year_end.is_civil else f"({year}+(({day})>{_close(year, year_end)}))"


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
def _write_year(
    sheet: Sheet, year: Year | None, payments: Payments, spreads: Sequence[_Spread], plan: Plan
) -> None:
    """A year of the plan; without one, a row that is empty until the days are moved."""
    row, due, of = sheet.row, payments.across("due"), plan.question
    own = _numbered(sheet, year, payments, spreads, plan)

    def above(column: int) -> str:
        return sheet.cell(row - 1, column) if row > 1 else "0"

    def within(days: str) -> str:
        return f"({days}>{_close(f'({own}-1)', of.year_end)})*({days}<={_close(own, of.year_end)})"

    def put(column: int, formula: str, value: Callable[[Year], Decimal], look: str = "euro") -> str:
        return sheet.put(row, column, formula, value(year) if year else "", look, where=own)

    paid = put(1, f"SUMPRODUCT({within(due)}*{payments.across(EXCL_VAT)})", lambda year: year.cash)
    put(2, f"SUMPRODUCT({within(due)}*{payments.across(INCL_VAT)})", lambda year: year.cash_incl_vat)
    later = "".join(f"-{within(one.due)}*{one.fee}" for one in spreads)
    known = _of_before(plan, year.year) if year else ZERO
    borne = [
        put(
            3,
            paid + later,
            lambda year: year.expense - known - sum((one.within(year) for one in spreads), ZERO),
        )
    ]
    for index, one in enumerate(spreads):
        reached = put(4 + 2 * index, one.reached(own, of), one.by)
        borne.append(put(5 + 2 * index, f"{reached}-{above(4 + 2 * index)}", one.within))
    last = 4 + 2 * len(spreads)
    if plan.paid_before:
        borne.append(put(last, str(known), lambda _: known))
        last += 1
    expense = put(last, "+".join(borne), lambda year: year.expense, "total")
    carried = above(last + 1) if row > 1 or not year else str(year.carried_forward)
    earlier = f"+{year.paid_before}" if year and year.paid_before else ""
    put(last + 1, f"{carried}+{paid}{earlier}-{expense}", lambda year: year.prepaid)


@exactly
def _write_totals(sheet: Sheet, plan: Plan, last: int) -> YearTotals:
    """What the years come to, whichever they are."""
    row, years = sheet.row, plan.by_year
    sheet.line((total(plan.missing_fees), "bold"))
    values = {
        1: sum((year.cash for year in years), ZERO),
        2: sum((year.cash_incl_vat for year in years), ZERO),
        last: sum((year.expense for year in years), ZERO),
    }
    for column, value in values.items():
        sheet.put(row, column, f"SUM({sheet.cell(1, column)}:{sheet.cell(row - 1, column)})", value, "total")
    return YearTotals(*(sheet.place(row, column) for column in values))


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
    sheet.page.insert_chart(count + 4, 1, chart, {"description": sheet.book.language.say(text)})
