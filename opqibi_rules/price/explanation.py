"""How a quote is found, step by step, as one would redo it by hand with the schedule in front of one."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.money import EXACT, round_cents
from opqibi_rules.price.articles import BRAND_USAGE, FEE_NAMES, FEES, Line, total
from opqibi_rules.price.quote import Quote


class Step(NamedTuple):
    """One operation, and the article that asks for it."""

    article: str
    text: Message
    fee: str = ""
    """The fee that it is a step of; empty for the totals."""


def explain(quote: Quote) -> Iterator[Step]:
    """The steps of a quote, in the order of the schedule."""
    for fee in FEES:
        lines = [line for line in quote.lines if line.fee == fee]
        if fee == BRAND_USAGE and lines:
            yield from (step._replace(fee=fee) for step in _brand_usage(quote, lines))
        elif lines:
            yield from (step._replace(fee=fee) for step in _priced(fee, lines))
    subtotals = [amount for fee in FEES if (amount := getattr(quote.subtotals, fee)) is not None]
    yield Step("", _addition(Message("Total excl. VAT"), subtotals, quote.total_excl_vat))
    yield Step("", _vat(quote))
    yield Step(
        "", _addition(Message("Total incl. VAT"), [quote.total_excl_vat, quote.vat], quote.total_incl_vat)
    )


def _priced(fee: str, lines: Sequence[Line]) -> Iterator[Step]:
    for line in lines:
        yield Step(
            line.article,
            Message(
                "{label}: {quantity} × {price:euro} = {amount:euro}",
                label=line.label,
                quantity=line.quantity,
                price=line.unit_price,
                amount=line.amount,
            ),
        )
    if len(lines) > 1:
        yield Step("", _addition(FEE_NAMES[fee], [line.amount for line in lines], total(lines)))


def _brand_usage(quote: Quote, lines: Sequence[Line]) -> Iterator[Step]:
    tranches = [line for line in lines if line.rate is not None]
    for line in tranches:
        yield Step(
            line.article,
            Message(
                "{label}: {base:euro} × {rate:permille} = {amount:euro}",
                label=line.label,
                base=line.base,
                rate=line.rate,
                amount=line.amount,
            ),
        )
    exact = total(tranches)
    rounded = round_cents(exact)
    article = tranches[0].article
    if len(tranches) > 1:
        yield Step(article, _addition(Message("Sum of the tranches"), [t.amount for t in tranches], exact))
    if rounded != exact:
        yield Step(
            article,
            Message(
                "Rounded once, to the cent, half up: {exact:euro} → {fee:euro}", exact=exact, fee=rounded
            ),
        )
    for line in lines[len(tranches) :]:
        usage = quote.schedule.brand_usage
        fee = quote.subtotals.brand_usage
        if line.article == usage.cap.article:
            text = Message("{rounded:euro} is over the cap: {fee:euro}", rounded=rounded, fee=fee)
        else:
            text = Message("{rounded:euro} is under the floor: {fee:euro}", rounded=rounded, fee=fee)
        yield Step(line.article, text)


def _vat(quote: Quote) -> Message:
    exact = EXACT.multiply(quote.total_excl_vat, quote.vat_rate)
    product = Message(
        "VAT: {base:euro} × {rate:percent} = {exact:euro}",
        base=quote.total_excl_vat,
        rate=quote.vat_rate,
        exact=exact,
    )
    if exact == quote.vat:
        return product
    return Message("{product}, to the cent {vat:euro}", product=product, vat=quote.vat)


def _addition(label: Message, terms: Sequence[Decimal], result: Decimal) -> Message:
    """``label: a + b + c = result``."""
    chain = Message("{term:euro}", term=terms[0])
    for term in terms[1:]:
        chain = Message("{chain} + {term:euro}", chain=chain, term=term)
    if len(terms) == 1:
        return Message("{label}: {result:euro}", label=label, result=result)
    return Message("{label}: {chain} = {result:euro}", label=label, chain=chain, result=result)
