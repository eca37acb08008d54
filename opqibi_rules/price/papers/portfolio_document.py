"""The plans of many structures as documents: what falls due each month, each client, each year, who is left out."""

from collections.abc import Iterable
from datetime import date

from opqibi_rules.messages import Message, plural
from opqibi_rules.paper.document import Cell, Document, Row, Table, euros
from opqibi_rules.price.papers.plan_document import flat_table, payment_name
from opqibi_rules.price.papers.quote_document import are_opqibis, estimate
from opqibi_rules.price.partial import total
from opqibi_rules.price.planning.plan_notes import said_of_structures
from opqibi_rules.price.planning.portfolio import Client, Portfolio, Refused

_SUMS = (Message("Excl. VAT"), Message("VAT"), Message("Incl. VAT"))


def portfolio_document(found: Portfolio) -> Document:
    """What each month asks for; then each client, each year, and who could not be planned."""
    title = plural("Plans of {n} structure", "Plans of {n} structures", n=len(found.clients))
    if are_opqibis(found.schedules):
        title = plural(
            "OPQIBI plans of {n} structure", "OPQIBI plans of {n} structures", n=len(found.clients)
        )
    return Document(
        title,
        tables=[*refused_table(found.refused), _due(found), _by_client(found), _by_year(found)],
        notes=said_of_structures((client.name, client.plan.notes) for client in found.clients),
    )


def sheets(found: Portfolio) -> Document:
    """The same, with every payment line by line: a sheet each."""
    read = portfolio_document(found)
    notes = [estimate(found.schedules), *read.notes]
    return Document(read.title, (), [*read.tables, payments_of(found)], notes)


def payments_of(found: Portfolio) -> Table:
    """Every payment of every client, a line each."""
    return flat_table((client.name, client.siren, client.source, client.plan) for client in found.clients)


def _total(found: Portfolio) -> Message:
    """What the sum of all is called: it is no total of theirs where somebody is left out."""
    whole = total(found.missing_fees, found.fees_paid)
    if not found.refused:
        return whole
    left_out = len(found.refused)
    return plural(
        "{whole}, {n} structure left out", "{whole}, {n} structures left out", n=left_out, whole=whole
    )


def _due(found: Portfolio) -> Table:
    """Every payment under its month, with what the month comes to."""
    rows: list[Row] = []
    heads, months = set(), found.by_month
    shown: tuple[int, int] | None = None
    for client, payment in found.due:
        month = payment.due.year, payment.due.month
        if month != shown:
            heads.add(len(rows))
            rows.append(
                (f"{month[1]:02}/{month[0]}", Message("To be paid in the month"), None, *euros(months[month]))
            )
            shown = month
        sums = payment.quote.total_excl_vat, payment.quote.vat, payment.quote.total_incl_vat
        rows.append((Cell(payment.due, "date"), client.name, payment_name(payment), *euros(sums)))
    rows.append((None, _total(found), None, *euros(found.total)))
    columns = (Message("Due"), Message("Structure"), Message("What for"), *_SUMS)
    strong = frozenset({*heads, len(rows) - 1})
    return Table(columns, rows, strong, title=Message("What falls due each month"), heads=frozenset(heads))


def _by_client(found: Portfolio) -> Table:
    rows: list[Row] = [
        (
            client.name,
            client.siren,
            _next(client),
            *euros((client.plan.sums.total_excl_vat, client.plan.sums.vat, client.plan.sums.total_incl_vat)),
            Message("yes") if client.complete else Message("no"),
        )
        for client in found.clients
    ]
    rows.append((_total(found), None, None, *euros(found.total), None))
    columns = (Message("Structure"), Message("SIREN"), Message("First due"), *_SUMS, Message("Complete"))
    return Table(columns, rows, frozenset({len(rows) - 1}), title=Message("By structure"))


def _next(client: Client) -> Cell:
    days: list[date] = [payment.due for payment in client.plan.payments]
    return Cell(min(days, default=None), "date")


def _by_year(found: Portfolio) -> Table:
    years = found.by_year
    civil = all((year.closes.month, year.closes.day) == (12, 31) for year in years)
    rows: list[Row] = [
        (
            year.label,
            *(() if civil else (Cell(year.closes, "date"),)),
            *euros((year.paid_incl_vat, year.paid, year.expense, year.prepaid)),
        )
        for year in years
    ]
    columns = (
        Message("Year"),
        *(() if civil else (Message("Closed on"),)),
        Message("Paid incl. VAT"),
        Message("Paid excl. VAT"),
        Message("Borne by the year"),
        Message("Prepaid at the close"),
    )
    return Table(columns, rows, title=Message("By year, all the structures"))


def refused_table(refused: Iterable[Refused]) -> list[Table]:
    """Who is left out, and why; nothing where nobody is."""
    rows: list[Row] = [(one.source, one.reason) for one in refused]
    columns = (Message("Where"), Message("Why"))
    return [Table(columns, rows, title=Message("Left out: could not be planned"))] if rows else []
