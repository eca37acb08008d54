"""What each financial year pays, and what it bears of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.price.fees import NO_EUROS
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.planning.paid_before import PaidBefore, borne
from opqibi_rules.price.planning.payments import Payment, amounts_of
from opqibi_rules.price.planning.plan_question import PlanQuestion
from opqibi_rules.tables.description import Day
from opqibi_rules.tables.schedule import Fee


@dataclass(frozen=True, slots=True)
class Year:
    """One financial year, in euros excl. VAT, and what is paid incl. VAT.

    What is carried forward, with what is paid, is the expense and what is prepaid at the close.
    """

    year: int
    """The civil year in which it closes."""
    label: str
    """« 2027 », or « 2026-2027 » where it is not the calendar year."""
    opens: date
    closes: date
    carried_forward: Decimal
    """Prepaid when it opens."""
    paid_before: Decimal
    """Paid in it before the plan begins, as far as it is given."""
    cash: Decimal
    cash_incl_vat: Decimal
    expense: Decimal
    """What the year bears: fees of the year, and its part of those that cover several."""
    prepaid: Decimal
    """Paid by its close, for years to come (charges constatées d'avance, 486)."""
    cash_by_fee: Mapping[str, Decimal]
    expense_by_fee: Mapping[str, Decimal]


class YearShape(Shape, of=Year):
    """What a financial year pays, and what it bears."""

    year: int
    """The civil year in which it closes."""
    label: str
    """`2027`, or `2026-2027` where it is not the calendar year."""
    from_: Day = at("opens")
    until: Day = at("closes")
    carried_forward: Decimal
    """Prepaid when it opens."""
    paid_before: Decimal
    """Paid in it before the plan begins; with it, what is carried forward and what is paid are the expense and what
    is prepaid."""
    expense: Decimal
    cash_excl_vat: Decimal = at("cash")
    cash_incl_vat: Decimal
    prepaid: Decimal
    """Paid by its close, for years to come."""
    expense_by_fee: Mapping[str, Decimal]


def by_year(
    payments: Iterable[Payment], before: Iterable[PaidBefore], question: PlanQuestion
) -> Iterator[Year]:
    """Each financial year that pays or bears something, the oldest first."""
    by, year_end = question.spread_by, question.year_end
    start, ledger = year_end.year_of(question.start), _Ledger()
    for item in before:
        ledger.bear(item.fee, borne(item.fee, item.amount, item.day, by, year_end))
        ledger.earlier[year_end.year_of(item.day)] += item.amount
    for payment in payments:
        year = year_end.year_of(payment.due)
        ledger.incl_vat[year] += payment.quote.total_incl_vat
        for fee, amount in amounts_of(payment.quote):
            ledger.cash[year][fee.id] += amount
            ledger.bear(fee, borne(fee, amount, payment.due, by, year_end))
    years = [year for year in ledger.expense if year >= start]
    prepaid = ledger.carried_to(start)
    first = start if prepaid else min(years, default=start)
    for year in range(first, max(years, default=first - 1) + 1):
        row = ledger.year(year, prepaid, year_end)
        prepaid = row.prepaid
        yield row


class _Ledger:
    """Euros by financial year and by fee."""

    def __init__(self) -> None:
        self.cash: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NO_EUROS))
        self.expense: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NO_EUROS))
        self.incl_vat: dict[int, Decimal] = defaultdict(lambda: NO_EUROS)
        self.earlier: dict[int, Decimal] = defaultdict(lambda: NO_EUROS)
        """Paid before the plan begins."""

    def bear(self, fee: Fee, parts: Mapping[int, Decimal]) -> None:
        """What years bear of a fee."""
        for year, part in parts.items():
            self.expense[year][fee.id] += part

    def carried_to(self, start: int) -> Decimal:
        """What was paid before a year and that it, or those after it, bear."""
        paid = sum((amount for year, amount in self.earlier.items() if year < start), NO_EUROS)
        borne = (sum(parts.values(), NO_EUROS) for year, parts in self.expense.items() if year < start)
        return paid - sum(borne, NO_EUROS)

    def year(self, year: int, carried: Decimal, year_end: YearEnd) -> Year:
        """One of them; ``carried`` is prepaid when it opens."""
        paid = sum(self.cash[year].values(), NO_EUROS)
        expense, earlier = sum(self.expense[year].values(), NO_EUROS), self.earlier[year]
        return Year(
            year=year,
            label=year_end.label(year),
            opens=year_end.opens(year),
            closes=year_end.closes(year),
            carried_forward=carried,
            paid_before=earlier,
            cash=paid,
            cash_incl_vat=self.incl_vat[year],
            expense=expense,
            prepaid=carried + earlier + paid - expense,
            cash_by_fee=FrozenDict(self.cash[year]),
            expense_by_fee=FrozenDict(self.expense[year]),
        )
