"""The invoice that bills a quote: what OPQIBI's own accounts write, and what a check finds conform.

One line for each price of the dossier, the instruction and the control; one line for the brand-usage fee,
which is rounded once, its calculation beside it. VAT is that of the quote, on the group's total.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count

from opqibi_rules.errors import RequestError
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.messages import Message, Say
from opqibi_rules.money import EXACT, ZERO, round_cents
from opqibi_rules.price.fees import BRAND_USAGE, FEE_NAMES, FEES, Line
from opqibi_rules.price.quote import Quote

INVOICE = "380"
"""UNTDID 1001: a commercial invoice."""

_CATEGORIES = {"standard": "S", "reverse_charge": "AE", "no_vat": "E"}
"""UNCL 5305, as EN 16931 keeps it, by the treatment of the customer's territory."""


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
    lines = tuple(_lines(quote, _billed(quote, fees), category, say))
    excl_vat = ZERO
    for line in lines:
        excl_vat = EXACT.add(excl_vat, line.amount or ZERO)
    vat = round_cents(EXACT.multiply(excl_vat, quote.vat_rate))
    incl_vat = EXACT.add(excl_vat, vat)
    return Invoice(
        number=number,
        issued=issued or quote.on,
        type_code=INVOICE,
        currency="EUR",
        seller=seller,
        buyer=buyer,
        lines=lines,
        lines_total=excl_vat,
        total_excl_vat=excl_vat,
        vat=vat,
        total_incl_vat=incl_vat,
        payable=incl_vat,
        vat_groups=(VatGroup(quote.vat_rate, excl_vat, vat, category, reason),),
    )


def _billed(quote: Quote, fees: Collection[str] | None) -> tuple[str, ...]:
    subtotals = quote.subtotals.to_dict()
    borne = {line.fee for line in quote.lines}
    wanted = tuple(fees) if fees else tuple(fee for fee in FEES if fee in borne or fee == _pending(quote))
    for fee in wanted:
        if fee not in FEES:
            raise RequestError(Message("« {fee} » is not a fee: {known}.", fee=fee[:40], known=FEES))
        if fee == _pending(quote):
            raise RequestError(
                Message(
                    "The brand-usage fee is not known without the turnover: give it, or bill the other fees alone."
                )
            )
        if subtotals[fee] is None:
            raise RequestError(Message("This event does not bear that fee: {fee}.", fee=FEE_NAMES[fee]))
    return tuple(fee for fee in FEES if fee in wanted)


def _pending(quote: Quote) -> str | None:
    """The fee that is due and not known."""
    return BRAND_USAGE if quote.base is not None and quote.subtotals.brand_usage is None else None


def _category(quote: Quote, say: Say) -> tuple[str, str | None]:
    if quote.vat_rate > ZERO:
        return "S", None
    rule = quote.vat_rule
    if rule is None or rule.mention is None:
        raise RequestError(
            Message(
                "An invoice without VAT says why: give the customer's territory (guyane, eu…), not a rate."
            )
        )
    return _CATEGORIES[rule.treatment], say(Message("{mention}", mention=rule.mention))


def _lines(quote: Quote, billed: Sequence[str], category: str, say: Say) -> Iterator[InvoiceLine]:
    order = count(1)
    for fee in billed:
        own = [line for line in quote.lines if line.fee == fee]
        if fee == BRAND_USAGE:
            steps = " ; ".join(say(_step(line)) for line in own)
            priced = [(say(FEE_NAMES[fee]), steps, 1, quote.subtotals.brand_usage or ZERO)]
        else:
            priced = [
                (
                    say(Message("{fee}: {what}", fee=FEE_NAMES[fee], what=line.label)),
                    say(Message("Article {article} of the schedule", article=line.article)),
                    line.quantity or 1,
                    line.amount if line.unit_price is None else line.unit_price,
                )
                for line in own
            ]
        for name, description, quantity, price in priced:
            yield InvoiceLine(
                id=str(next(order)),
                name=name,
                description=description,
                quantity=Decimal(quantity),
                unit_price=price,
                amount=EXACT.multiply(price, quantity),
                vat_rate=quote.vat_rate,
                vat_category=category,
            )


def _step(line: Line) -> Message:
    """One step of the brand-usage fee, as one would write it by hand."""
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
