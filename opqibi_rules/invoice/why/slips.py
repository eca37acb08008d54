"""Slips of the pen: two digits of an amount swapped, a zero too many or too few, a price halved."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.why.billing import Bears, Billing, Change, Freedom, Piece, article_of, declared
from opqibi_rules.messages import Message, marked
from opqibi_rules.price.inversion import in_cents, in_euros
from opqibi_rules.tables.schedule import PerQualification, Schedule

_OF_AMOUNT = {
    "digits_swapped": marked("two digits of {right:euro} swapped: {wrong:euro}"),
    "zero_too_many": marked("a zero too many: {wrong:euro} instead of {right:euro}"),
    "zero_too_few": marked("a zero too few: {wrong:euro} instead of {right:euro}"),
}
_OF_PRICE = {
    "digits_swapped": marked(
        "two digits of the unit price swapped at tariff {tariff}: {wrong:euro} instead of {right:euro}"
    ),
    "zero_too_many": marked(
        "a zero too many in the unit price at tariff {tariff}: {wrong:euro} instead of {right:euro}"
    ),
    "zero_too_few": marked(
        "a zero too few in the unit price at tariff {tariff}: {wrong:euro} instead of {right:euro}"
    ),
    "half_price": marked(
        "one qualification at tariff {tariff} at half its price: {wrong:euro} instead of {right:euro}"
    ),
}


def slips(billing: Billing) -> Iterator[Change]:
    """Every slip in a piece of the price, where the invoice shows that piece."""
    for piece, cents in billing.amounts.items():
        if piece.tariff is None:
            yield from _of_amount(billing.schedule, piece, cents, piece.fee)
        else:
            yield from _of_price(billing, piece, *billing.unit(piece))


def half_prices(billing: Billing) -> Iterator[Change]:
    """One qualification at half its price, which is that of another tariff, on a line that says no tariff."""
    for piece in billing.amounts:
        _, part = declared(piece, billing.schedule)
        if isinstance(part, PerQualification) and piece.tariff is not None:
            prices = billing.prices(part)
            right = prices[piece.tariff]
            for other, half in prices.items():
                if 2 * half == right:
                    moves = FrozenDict({piece: -right, piece._replace(tariff=other): half})
                    message = _priced("half_price", piece, half, right)
                    articles = (article_of(piece, billing.schedule),)
                    yield Change(
                        "half_price", message, piece.fee, articles, moves, 1, Freedom.COUNT, sure=False
                    )


def unit_price(schedule: Schedule, piece: Piece, wrong: int, right: int, cents: int) -> Change:
    """The lines of a piece show another unit price: what they say, whatever the reason."""
    message = Message("the unit price of {wrong:euro} instead of {right:euro}", **_euros(wrong, right))
    if piece.tariff is not None:
        message = Message(
            "the unit price of {wrong:euro} instead of {right:euro} at tariff {tariff}",
            tariff=piece.tariff,
            **_euros(wrong, right),
        )
    articles = (article_of(piece, schedule),)
    moves = FrozenDict({piece: cents})
    return Change(
        "unit_price", message, piece.fee, articles, moves, freedom=Freedom.ANY_AMOUNT, bears=Bears.PRICE
    )


def _euros(wrong: int, right: int) -> dict[str, Decimal]:
    return {"wrong": in_euros(wrong), "right": in_euros(right)}


def slips_of_sum(schedule: Schedule, pieces: Mapping[Piece, int]) -> Iterator[Change]:
    """Every slip in the one amount that bills some pieces together."""
    fees = {piece.fee for piece in pieces}
    yield from _of_amount(
        schedule, next(iter(pieces)), sum(pieces.values()), min(fees) if len(fees) == 1 else None
    )


def _of_amount(schedule: Schedule, piece: Piece, right: int, fee: str | None) -> Iterator[Change]:
    for cause, wrong in _slipped(right):
        message = Message(_OF_AMOUNT[cause], **_euros(wrong, right))
        yield replace(_slip(schedule, cause, message, piece, wrong - right), fee=fee)


def _of_price(billing: Billing, piece: Piece, right: int, count: int) -> Iterator[Change]:
    for cause, wrong in _slipped(right):
        message = _priced(cause, piece, wrong, right)
        yield _slip(billing.schedule, cause, message, piece, count * (wrong - right))
    half = (right + 1) // 2
    yield _slip(
        billing.schedule, "half_price", _priced("half_price", piece, half, right), piece, half - right
    )


def _priced(cause: str, piece: Piece, wrong: int, right: int) -> Message:
    return Message(_OF_PRICE[cause], tariff=piece.tariff, **_euros(wrong, right))


def _slip(schedule: Schedule, cause: str, message: Message, piece: Piece, cents: int) -> Change:
    articles = (article_of(piece, schedule),)
    moves = FrozenDict({piece: cents})
    return Change(cause, message, piece.fee, articles, moves, freedom=Freedom.COUNT, bears=Bears.PRICE)


def _slipped(right: int) -> Iterator[tuple[str, int]]:
    """What cents become by each slip, each amount once."""
    seen = {right}
    for cause, wrong in (
        *_swapped(right),
        ("zero_too_many", right * 10),
        ("zero_too_few", (right + 5) // 10),
    ):
        if wrong not in seen:
            seen.add(wrong)
            yield cause, wrong


def _swapped(right: int) -> Iterator[tuple[str, int]]:
    """With two neighbouring digits swapped; an amount in whole euros is written without cents."""
    written = f"{in_euros(right):.2f}"
    for text in {written, written.rstrip("0").rstrip("."), written.removesuffix("0")}:
        for at, (one, other) in enumerate(pairwise(text)):
            if one.isdigit() and other.isdigit() and one != other and (at or other != "0"):
                yield "digits_swapped", in_cents(Decimal(f"{text[:at]}{other}{one}{text[at + 2 :]}"))
