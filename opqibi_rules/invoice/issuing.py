"""The invoice that bills a quote: what OPQIBI's own accounts write, and what a check finds conform.

One line for each price; one for a part by tranches, which is rounded once, its calculation beside it. VAT is that
of the quote, on the group's total.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import ZERO, exactly, round_cents
from opqibi_rules.price.fees import Line, total
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Fee, Tranches

INVOICE = "380"
"""UNTDID 1001: a commercial invoice."""


def same_territory(quote: Quote, buyer: Party, tables: Tables) -> None:
    """Nothing, where the VAT of the quote is the buyer's, the address says no place, or a rate was given.

    Raises:
        RequestError: they are of two territories, or the tables know none for the address.
    """
    own, place = quote.vat_rule, tables.vat.place(buyer.country, buyer.postcode)
    if own is None or place is None or place.territory == own.territory:
        return
    if place.territory is None:
        raise RequestError(place.unknown, field="vat")
    message = Message(
        "The buyer's address is in {address}, and the VAT is that of {name}: one of them is wrong.",
        address=tables.vat.rules[place.territory][0].name,
        name=own.name,
    )
    raise RequestError(message, field="vat")


@exactly
def invoice_of(
    quote: Quote,
    number: str,
    *,
    seller: Party,
    buyer: Party,
    issued: date | None = None,
    fees: Collection[str] | None = None,
    say: Say = str,
) -> Invoice:
    """The invoice that bills a quote, or some of its fees.

    Args:
        quote: the price.
        number: the invoice's own.
        seller: OPQIBI.
        buyer: the structure.
        issued: its day; that of the quote by default.
        fees: those billed; all that the event bears by default. OPQIBI bills them at different moments.
        say: how the lines are worded.

    Raises:
        RequestError: a fee that the event does not bear, one that is not known for want of data, or no VAT at
            all without a territory that says why.
    """
    category, reason = _category(quote, say)
    billed = [line for fee in _billed(quote, fees) for line in _lines(quote, fee, say)]
    lines = tuple(
        replace(line, id=str(number), vat_rate=quote.vat_rate, vat_category=category)
        for number, line in enumerate(billed, 1)
    )
    invoice = Invoice(number, issued or quote.on, INVOICE, "EUR", seller=seller, buyer=buyer, lines=lines)
    return _totalled(invoice, quote.vat_rate, category, reason)


def _totalled(invoice: Invoice, rate: Decimal, category: str, reason: str | None) -> Invoice:
    """The invoice with its totals: VAT once, on the sum of its lines."""
    excl_vat = sum((line.amount or ZERO for line in invoice.lines), ZERO)
    vat = round_cents(excl_vat * rate)
    return replace(
        invoice,
        lines_total=excl_vat,
        total_excl_vat=excl_vat,
        vat=vat,
        total_incl_vat=excl_vat + vat,
        payable=excl_vat + vat,
        vat_groups=(VatGroup(rate, excl_vat, vat, category, reason),),
    )


def _billed(quote: Quote, fees: Collection[str] | None) -> tuple[Fee, ...]:
    """The fees to bill, in the order of the document."""
    due = {fee.id for fee in quote.schedule.borne(quote.event)}
    known = tuple(fee.id for fee in quote.schedule.fees)
    wanted = set(fees) if fees else due
    for name in sorted(wanted.difference(known)):
        message = Message("« {fee} » is not a fee: {known}.", fee=name[:40], known=known)
        raise RequestError(message, field="fees")
    billed = tuple(fee for fee in quote.schedule.fees if fee.id in wanted)
    for fee in billed:
        if fee.id in quote.missing:
            message = Message(
                "{fee} is not known without the turnover: give it, or bill the other fees alone.",
                fee=fee.name,
            )
            raise RequestError(message, field="turnover")
        if fee.id not in due:
            message = Message("This event does not bear that fee: {fee}.", fee=fee.name)
            raise RequestError(message, field="fees")
    return billed


def _category(quote: Quote, say: Say) -> tuple[str, str | None]:
    if quote.vat_rate > ZERO:
        return "S", None
    rule = quote.vat_rule
    if rule is None or rule.mention is None:
        message = Message(
            "An invoice without VAT says why: give the customer's territory (guyane, eu…), not a rate."
        )
        raise RequestError(message)
    return rule.category, say(Message("{mention}", mention=rule.mention))


def _lines(quote: Quote, fee: Fee, say: Say) -> Iterator[InvoiceLine]:
    """A fee, part by part; a part by tranches is one line, its calculation beside it."""
    for part, group in groupby(quote.of(fee), key=lambda line: line.part):
        lines = list(group)
        if isinstance(part, Tranches):
            steps, amount = " ; ".join(say(_step(line)) for line in lines), round_cents(total(lines))
            yield InvoiceLine("", say(fee.title), steps, Decimal(1), amount, amount)
            continue
        for line in lines:
            yield InvoiceLine(
                "",
                say(Message("{fee}: {what}", fee=fee.title, what=line.label)),
                say(Message("Article {article} of the schedule", article=line.article)),
                quantity=Decimal(line.quantity or 1),
                unit_price=line.amount if line.unit_price is None else line.unit_price,
                amount=line.amount,
            )


def _step(line: Line) -> Message:
    """One step of a part by tranches, as one would write it by hand."""
    if line.rate is None or line.base is None:
        return Message(
            "{label} ({article}): {amount:euro}", label=line.label, article=line.article, amount=line.amount
        )
    return Message(
        "{label} ({article}): {base:euro} × {rate:permille} = {amount:euro}",
        label=line.label,
        article=line.article,
        base=line.base,
        rate=line.rate,
        amount=line.amount,
    )
