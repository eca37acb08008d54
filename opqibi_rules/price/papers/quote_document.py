"""A quote as a document: the lines under their fees, the subtotals, VAT and total; or its calculation."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from opqibi_rules.messages import Message
from opqibi_rules.paper.document import Cell, Document, Row, Table
from opqibi_rules.price.fees import Line
from opqibi_rules.price.partial import between, total_excl_vat, total_incl_vat, whole_between
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.schedule import Fee, Flat, Schedule
from opqibi_rules.version import __version__

LINE_COLUMNS = (
    Message("Article"),
    Message("What for"),
    Message("Quantity, base"),
    Message("Price, rate"),
    Message("Excl. VAT"),
)


def are_opqibis(schedules: Iterable[Schedule]) -> bool:
    """Papers then name OPQIBI."""
    return all(schedule.is_opqibis for schedule in schedules)


def no_document_of(schedules: Iterable[Schedule]) -> Message:
    """Whose document a paper is not."""
    if are_opqibis(schedules):
        return Message("Estimate from the published schedule, not a document of OPQIBI")
    return Message("Estimate from the published schedule, not a document of the body that certifies")


def estimate(schedules: Iterable[Schedule]) -> Message:
    """What every paper with a price says of itself: whose it is not, and which schedules it follows."""
    schedules = tuple(schedules)
    named = tuple(
        Message("{title}, in force since {day:date}", title=schedule.title, day=schedule.in_force_from)
        for schedule in schedules
    )
    return Message(
        "{estimate}: {schedules}. Reckoned by opqibi-rules {version}; amounts in euros.",
        estimate=no_document_of(schedules),
        schedules=named,
        version=__version__,
    )


def quote_title(quote: Quote) -> Message:
    """For what event."""
    if quote.schedule.is_opqibis:
        return Message("OPQIBI quote: {event}", event=quote.event.name)
    return Message("Quote: {event}", event=quote.event.name)


def quote_document(quote: Quote, *, explain: bool = False) -> Document:
    """The quote to be read; with ``explain``, how each amount is found and on which interpretations."""
    return Document(
        quote_title(quote),
        [(Message("Date"), Cell(quote.on, "date")), (Message("Schedule"), quote.schedule.title)],
        [lines_table(quote), *([calculation_table(quote)] if explain else ())],
        [*quote.notes, *(interpretations(quote.assumptions) if explain else ())],
    )


def interpretations(assumptions: Iterable[Assumption]) -> Iterator[Message]:
    """Each with its reason."""
    return (
        Message("Interpretation {id}: {text} {reason}", id=item.id, text=item.text, reason=item.reason)
        for item in assumptions
    )


def line_row(line: Line) -> Row:
    """A line under :data:`LINE_COLUMNS`."""
    if line.rate is not None:
        quantity, price = Cell(line.base, "euro"), Cell(line.rate, "permille")
    else:
        quantity, price = Cell(line.quantity, "count"), Cell(line.unit_price, "euro")
    return (line.article, line.label, quantity, price, Cell(line.amount, "euro"))


def lines_table(quote: Quote) -> Table:
    """The lines under their fees, then the totals."""
    rows: list[Row] = []
    strong, breaks = set(), set()

    def total(label: Message, amount: Decimal | None) -> None:
        strong.add(len(rows))
        rows.append(("", label, None, None, Cell(amount, "euro")))

    for fee in quote.schedule.fees:
        lines = quote.of(fee)
        if lines:
            rows += [line_row(line) for line in lines]
            if _is_one_amount(fee):  # one line, which is its own subtotal
                strong.add(len(rows) - 1)
            else:
                total(fee.title, quote.subtotals[fee.id])
            breaks.add(len(rows) - 1)
        elif fee.id in quote.missing:
            label = between(fee, quote.limits[fee.id])
            rows.append((fee.article, label, None, None, missing_state(quote, fee.id)))
            breaks.add(len(rows) - 1)
    if (ranges := quote.range) is not None:
        rows.append(("", whole_between(ranges), None, None, None))
    total(total_excl_vat(quote.missing_fees), quote.total_excl_vat)
    rows.append(("", Message("VAT"), None, Cell(quote.vat_rate, "percent"), Cell(quote.vat, "euro")))
    total(total_incl_vat(quote.missing_fees), quote.total_incl_vat)
    return Table(LINE_COLUMNS, rows, frozenset(strong), frozenset(breaks))


def _is_one_amount(fee: Fee) -> bool:
    return fee.years is None and len(fee.parts) == 1 and isinstance(fee.parts[0], Flat)


def missing_state(quote: Quote, fee: str) -> Message:
    """Why a fee that is due has no amount: for want of other data, or of its turnover."""
    return Message("undetermined") if quote.bases[fee].undetermined else Message("not computed")


def calculation_table(quote: Quote) -> Table:
    """Each step as one would redo it by hand."""
    from opqibi_rules.price.explanation import explain  # noqa: PLC0415 - only when asked

    rows: list[Row] = [(step.article, step.text) for step in explain(quote)]
    return Table((Message("Article"), Message("Calculation")), rows, title=Message("Step by step"))
