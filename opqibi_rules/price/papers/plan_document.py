"""A plan as a document: payments, years, cycles, dates, and what has no price."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter

from opqibi_rules.messages import Message, Text, marked, plural
from opqibi_rules.paper.document import Cell, Document, Row, Table, euros
from opqibi_rules.price.fees import NO_EUROS, Line
from opqibi_rules.price.papers.quote_document import LINE_COLUMNS, are_opqibis, interpretations, line_row
from opqibi_rules.price.partial import total, total_excl_vat, whole_between, without
from opqibi_rules.price.planning.payments import Payment, Sums
from opqibi_rules.price.planning.plan import Plan
from opqibi_rules.price.planning.pricing import NO_TURNOVER
from opqibi_rules.price.quote import Quote
from opqibi_rules.price.structure import Structure
from opqibi_rules.tables.schedule import Base, Billed


def payment_name(payment: Payment) -> Message:
    """What is paid on a day, in a few words: the event, and the fees or its number."""
    event = payment.quote.event.name.capitalised
    if payment.moment.number:
        return Message("{event} {number}", event=event, number=payment.moment.number)
    fees = tuple(fee.title for fee in payment.quote.fees)
    if payment.moment.step is Billed.NOTIFICATION:
        return Message("Notification: {fees}", fees=fees)
    return Message("{event}: {fees}", event=event, fees=fees)


def plan_document(plan: Plan, *, explain: bool = False) -> Document:
    """The plan to be read; with ``explain``, on which interpretations it rests."""
    tables = [payments_table(plan), *before_tables(plan), years_table(plan)]
    if len(plan.cycles) > 1:
        tables.append(cycles_table(plan))
    tables.append(dates_table(plan))
    if plan.not_priced:
        tables.append(not_priced_table(plan))
    notes = [*plan.notes, *(interpretations(plan.assumptions) if explain else ())]
    return Document(plan_title(plan), plan_facts(plan), tables, notes)


def plan_title(plan: Plan) -> Message:
    """How long, and for what."""
    years = plan.question.years
    if are_opqibis(plan.schedules):
        return plural("OPQIBI plan over {n} year", "OPQIBI plan over {n} years", n=years)
    return plural("Plan over {n} year", "Plan over {n} years", n=years)


Fact = tuple[Message, Cell | Message | Text | str]


def plan_facts(plan: Plan) -> list[Fact]:
    """Who, from when, on which turnover."""
    days = plan.timeline
    facts = structure_facts(plan.question.structure)
    facts.append((Message("From"), Cell(days.start, "date")))
    if not days.control:
        if days.assumed_months is None:
            facts.append((Message("Notified"), Cell(days.notified, "date")))
        else:
            facts.append((Message("Notified"), Message("{day:date} (assumed)", day=days.notified)))
    if plan.by_year and not plan.question.year_end.is_civil:
        facts.append((Message("Financial year closed on"), Cell(plan.by_year[0].closes, "date")))
    facts += turnover_facts(payment.quote for payment in plan.payments)
    facts += [(Message("Schedule"), schedule.title) for schedule in plan.schedules]
    return facts


def turnover_facts(quotes: Iterable[Quote]) -> list[Fact]:
    """The turnovers on which fees are reckoned, the first of each; named, but for the one meant in general alone."""
    found: dict[str, tuple[Base, Decimal]] = {}
    general = True
    for quote in quotes:
        for base in quote.bases.values():
            if base.kind is not None and base.turnover is not None:
                found.setdefault(base.kind, (quote.schedule.base(base.kind), base.turnover))
                general &= base.kind == quote.schedule.turnovers[0].id
    if len(found) == 1 and general:
        return [(Message("Turnover excl. VAT"), Cell(turnover, "euro")) for _, turnover in found.values()]
    return [
        (Message("Turnover excl. VAT: {base}", base=base.name), Cell(turnover, "euro"))
        for base, turnover in found.values()
    ]


def structure_facts(structure: Structure | None) -> list[Fact]:
    """Who it is, where it is known."""
    if structure is None or not (structure.name or structure.siren):
        return []
    siren = f"SIREN {structure.siren}" if structure.siren else None
    return [(Message("Structure"), ", ".join(filter(None, (structure.name, siren))))]


def payments_table(plan: Plan) -> Table:
    """Every payment, what will be due and is not computed in its place, and the total."""
    dated: list[tuple[date, Row]] = [
        (payment.due, (Cell(payment.due, "date"), payment_name(payment), *euros(_totals(payment.quote))))
        for payment in plan.payments
    ]
    dated += [
        (item.day, (Cell(item.day, "date"), item.between, Message("not computed"), None, None))
        for item in plan.not_priced
        if item.between is not None
    ]
    rows = [row for _, row in sorted(dated, key=itemgetter(0))]
    if (ranges := plan.range) is not None:
        rows.append((None, whole_between(ranges), None, None, None))
    rows.append((None, total(plan.missing_fees), *euros(_totals(plan.sums))))
    columns = (
        Message("Due"),
        Message("What for"),
        Message("Excl. VAT"),
        Message("VAT"),
        Message("Incl. VAT"),
    )
    return Table(columns, rows, frozenset({len(rows) - 1}), title=Message("Payments"))


def _flat_rows(plan: Plan, fees: Sequence[str]) -> Iterator[tuple[date, Row]]:
    """The payments of a plan with their days, what each of these fees takes of one in a column."""
    for payment in plan.payments:
        one = payment.quote
        own = euros(one.subtotals.get(fee) for fee in fees)
        told: Row = (one.schedule.id, Cell(one.vat_rate, "percent"), *euros(_totals(one)))
        yield payment.due, (Cell(payment.due, "date"), one.event.name, payment_name(payment), *own, *told)
    blank = [None] * (len(fees) + 5)
    for item in plan.not_priced:
        if item.code == NO_TURNOVER:
            yield item.day, (Cell(item.day, "date"), None, item.message, *blank)


def flat_table(plans: Iterable[tuple[str | None, str | None, str | None, Plan]]) -> Table:
    """Every payment of some plans (name, SIREN, source, plan), a line each, for a tool: one table, no total.

    What has no amount for want of its turnover is a line without one.
    """
    given = list(plans)
    fees = {fee.id: fee for *_, plan in given for fee in plan.fees if fee.id in plan.sums.by_fee}
    named = any(name or siren or source for name, siren, source, _ in given)
    rows: list[tuple[date, Row]] = []
    for name, siren, source, plan in given:
        who: tuple[str | None, ...] = (source, name, siren) if named else ()
        rows += [(day, (*who, *row)) for day, row in _flat_rows(plan, tuple(fees))]
    columns = (
        *((Message("Read in"), Message("Structure"), Message("SIREN")) if named else ()),
        *(Message("Due"), Message("Event"), Message("What for")),
        *(fee.title for fee in fees.values()),
        *(
            Message("Schedule"),
            Message("VAT rate"),
            Message("Excl. VAT"),
            Message("VAT"),
            Message("Incl. VAT"),
        ),
    )
    rows.sort(key=lambda row: row[0])
    return Table(columns, [row for _, row in rows], title=Message("Payments"))


def _totals(sums: Quote | Sums) -> tuple[Decimal, ...]:
    return sums.total_excl_vat, sums.vat, sums.total_incl_vat


def before_tables(plan: Plan) -> list[Table]:
    """What was paid before the plan, if anything was given."""
    rows: list[Row] = [
        (Cell(item.day, "date"), item.fee.title, Cell(item.amount, "euro"), Cell(item.until, "date"))
        for item in plan.paid_before
    ]
    columns = (Message("Billed"), Message("What for"), Message("Excl. VAT"), Message("Covers until"))
    return [Table(columns, rows, title=Message("Paid before this plan"))] if rows else []


def years_table(plan: Plan) -> Table:
    """Cash and expense side by side, financial year by financial year."""
    civil, years = plan.question.year_end.is_civil, plan.by_year
    rows: list[Row] = []
    if any(item.amount for item in plan.paid_before) and years:
        first = years[0]
        rows.append((Message("Carried forward"), None, None, None, Cell(first.carried_forward, "euro")))
        if first.paid_before:
            rows.append((Message("Paid before"), None, Cell(first.paid_before, "euro"), None, None))
    rows += [
        (year.label, *euros((year.cash_incl_vat, year.cash, year.expense, year.prepaid))) for year in years
    ]
    paid = (plan.sums.total_incl_vat, plan.sums.total_excl_vat)
    expense = sum((year.expense for year in years), NO_EUROS)
    rows.append((total(plan.missing_fees), *euros((*paid, expense)), None))
    columns = (
        Message("Year") if civil else Message("Financial year"),
        Message("Paid incl. VAT"),
        Message("Paid excl. VAT"),
        *year_heads(plan),
    )
    title = without((_BY_YEAR if civil else _BY_FINANCIAL_YEAR)[plan.question.spread_by], plan.missing_fees)
    return Table(columns, rows, frozenset({len(rows) - 1}), title=title)


def year_heads(plan: Plan) -> tuple[Message, Message]:
    """The heads of what each year bears and of what is prepaid at its close: they say what is missing in them."""
    civil = plan.question.year_end.is_civil
    closed = Message("Prepaid on 31 December") if civil else Message("Prepaid at the close")
    fees = tuple(fee.name for fee in plan.lacking)
    lacking = marked("{head}, without what was paid before: {fees}")
    borne, prepaid = (
        Message(lacking, head=head, fees=fees) if fees else head
        for head in (Message("Borne by the year"), closed)
    )
    return borne, prepaid


_BY_YEAR = {
    "days": Message("By calendar year, fees of several years spread by days"),
    "months": Message("By calendar year, fees of several years spread by months"),
}
_BY_FINANCIAL_YEAR = {
    "days": Message("By financial year, fees of several years spread by days"),
    "months": Message("By financial year, fees of several years spread by months"),
}


def cycles_table(plan: Plan) -> Table:
    """What the plan pays of each life of the qualifications, fee by fee."""
    fees = [fee for fee in plan.fees if fee.id in plan.sums.by_fee]
    rows: list[Row] = [
        (
            Message(
                "{number}: {opens:date} to {last:date}",
                number=cycle.number,
                opens=cycle.opens,
                last=cycle.last_day,
            ),
            *euros(cycle.sums.by_fee.get(fee.id) for fee in fees),
            Cell(cycle.sums.total_excl_vat, "euro"),
        )
        for cycle in plan.cycles
    ]
    columns = (Message("Cycle"), *(fee.title for fee in fees), total_excl_vat(plan.missing_fees))
    return Table(columns, rows, title=Message("By cycle, what this plan pays of it"))


def dates_table(plan: Plan) -> Table:
    """All that is due or ends, a row for each day, to the end of the last cycle begun."""
    by_day: dict[date, Message] = {}
    for item in plan.due_dates:
        known, added = by_day.get(item.day), item.message
        by_day[item.day] = Message("{first} · {second}", first=known, second=added) if known else added
    rows: list[Row] = [(Cell(day, "date"), message) for day, message in by_day.items()]
    columns = (Message("Date"), Message("What is due, what ends"))
    return Table(columns, rows, title=Message("Dates not to be missed"))


def not_priced_table(plan: Plan) -> Table:
    """What happens and has no amount."""
    rows: list[Row] = [(Cell(item.day, "date"), item.message) for item in plan.not_priced]
    columns = (Message("Date"), Message("Not priced"))
    return Table(columns, rows, title=Message("Not priced by the schedule, or for want of data"))


def lines_table(plan: Plan) -> Table:
    """The lines of every payment, each with its article; payments with the same lines share them."""
    by_lines: dict[tuple[Line, ...], list[Payment]] = {}
    for payment in plan.payments:
        by_lines.setdefault(payment.quote.lines, []).append(payment)
    rows: list[Row] = []
    heads = set()
    for lines, payments in by_lines.items():
        name = payment_name(payments[0])
        if len(payments) > 1 and payments[0].moment.number:
            name = Message("{event}", event=payments[0].quote.event.name.capitalised)
        heads.add(len(rows))
        title = Message("{days:date}: {what}", days=[payment.due for payment in payments], what=name)
        rows.append(("", title, None, None, Cell(payments[0].quote.total_excl_vat, "euro")))
        rows += [line_row(line) for line in lines]
    title = Message("Lines of each payment, with the articles of the schedule")
    return Table(LINE_COLUMNS, rows, frozenset(heads), title=title, heads=frozenset(heads))
