"""How a quote is found, step by step, as one would redo it by hand with the schedule in front of one."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.messages import Message
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.paper.shape import Shape, Values, at
from opqibi_rules.price.fees import Line, amount_of, total
from opqibi_rules.price.partial import total_excl_vat, total_incl_vat
from opqibi_rules.price.quote import Quote, QuoteShape
from opqibi_rules.tables.schedule import CAP, Fee, Tranches


class Step(NamedTuple):
    """One operation, and the article that asks for it."""

    article: str
    text: Message
    fee: Fee | None = None
    """The fee that it is a step of; none for the totals."""


class StepShape(Shape, of=Step):
    """One operation of the calculation."""

    article: str
    """The article that asks for it; empty for a total."""
    text: Message
    values: Values = at("text")
    """What its sentence names."""


@exactly
def explain(quote: Quote) -> tuple[Step, ...]:
    """The steps of a quote, in the order of the schedule."""
    return tuple(_steps(quote))


class ExplainedQuoteShape(QuoteShape, of=Quote):
    """A quote, and how it is found."""

    steps: tuple[StepShape, ...] = at(explain)


def _steps(quote: Quote) -> Iterator[Step]:
    for fee in quote.fees:
        yield from _of_fee(fee, quote)
    subtotals = [amount for amount in quote.subtotals.values() if amount is not None]
    incl_vat = [quote.total_excl_vat, quote.vat]
    yield Step("", _addition(total_excl_vat(quote.missing_fees), subtotals, quote.total_excl_vat))
    yield Step("", _vat(quote))
    yield Step("", _addition(total_incl_vat(quote.missing_fees), incl_vat, quote.total_incl_vat))


def _of_fee(fee: Fee, quote: Quote) -> Iterator[Step]:
    amounts: list[Decimal] = []
    for part in fee.parts:
        lines = [line for line in quote.of(fee) if line.part == part]
        if lines and isinstance(part, Tranches):
            yield from (Step(article, text, fee) for article, text in _tranches(lines))
            amounts.append(amount_of(lines))
        else:
            yield from (Step(line.article, _product(line), fee) for line in lines)
            amounts += [line.amount for line in lines]
    if len(amounts) > 1:
        yield Step("", _addition(fee.title, amounts, sum(amounts, ZERO)), fee)


def _product(line: Line) -> Message:
    return Message(
        "{label}: {quantity} × {price:euro} = {amount:euro}",
        label=line.label,
        quantity=line.quantity,
        price=line.unit_price,
        amount=line.amount,
    )


def _tranches(lines: Sequence[Line]) -> Iterator[tuple[str, Message]]:
    """The steps of a part by tranches: the article, and the operation."""
    tranches = [line for line in lines if line.rate is not None]
    for line in tranches:
        text = Message(
            "{label}: {base:euro} × {rate:permille} = {amount:euro}",
            label=line.label,
            base=line.base,
            rate=line.rate,
            amount=line.amount,
        )
        yield line.article, text
    exact, rounded, article = total(tranches), amount_of(tranches), tranches[0].article
    if len(tranches) > 1:
        amounts = [line.amount for line in tranches]
        yield article, _addition(Message("Sum of the tranches"), amounts, exact)
    if rounded != exact:
        yield (
            article,
            Message(
                "Rounded once, to the cent, half up: {exact:euro} → {fee:euro}", exact=exact, fee=rounded
            ),
        )
    for line in lines:
        if line.limit is not None:
            fee = amount_of(lines)
            over = Message("{rounded:euro} is over the cap: {fee:euro}", rounded=rounded, fee=fee)
            under = Message("{rounded:euro} is under the floor: {fee:euro}", rounded=rounded, fee=fee)
            yield line.article, over if line.limit == CAP else under


def _vat(quote: Quote) -> Message:
    exact = quote.total_excl_vat * quote.vat_rate
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
