"""Every single change that an amount may have undergone, with its effect to the cent, kind of part by kind.

A mistake somebody may have made when billing: a flat part forgotten, a count off, a tariff taken for another,
another price list, another event… It knows which pieces of the price it moves, and by how many cents.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.why.billing import (
    Bears,
    Billing,
    Change,
    Freedom,
    OtherTurnover,
    Piece,
    article_of,
    cents_of,
    is_new,
    lenders,
)
from opqibi_rules.invoice.why.turnover_causes import misuses
from opqibi_rules.messages import Message, Text, marked, plural
from opqibi_rules.money import round_cents
from opqibi_rules.price.fees import Counts
from opqibi_rules.price.inversion import in_cents, in_euros
from opqibi_rules.tables.schedule import (
    Event,
    Fee,
    Flat,
    Part,
    PerQualification,
    PriceList,
    Schedule,
    Tranches,
)

NOT_DUE = "fee_not_due"
MOST_ADDED = 20
"""How many qualifications too many of one tariff are looked for."""


def changes(billing: Billing, others: Iterable[OtherTurnover] = ()) -> Iterator[Change]:
    """Every single change of a price, scenarios aside."""
    others = tuple(others)
    due = {piece.fee for piece in billing.amounts}
    fees = billing.schedule.borne(billing.event)
    for fee in fees:
        if fee.id in due:
            yield from _whole_fee(billing, fee)
        yield from _held_as_new(billing, fee)
    for fee in billing.schedule.fees:
        flats = [part for part in fee.parts if isinstance(part, Flat)]
        if fee not in fees and len(flats) == len(fee.parts):
            yield not_due(billing.schedule, fee, sum((in_cents(part.amount) for part in flats), 0))
    for fee in fees:
        for part in fee.parts:
            yield from _of_part(billing, fee, part, others)
        if any(billing.new.values()) and any(map(is_new, fee.parts)):
            yield from _of_new_requests(billing, fee)


def not_due(schedule: Schedule, fee: Fee, cents: int) -> Change:
    """The event does not bear what was billed of a fee."""
    moves = FrozenDict({Piece(fee.id, fee.parts[0].id): cents})
    message = Message("not due at this event: {fee}", fee=fee.title)
    return Change(NOT_DUE, message, fee.id, (fee.article,), moves)


def _of_part(billing: Billing, fee: Fee, part: Part, others: Iterable[OtherTurnover]) -> Iterator[Change]:
    match part:
        case Flat():
            yield from _of_flat(billing, fee, part)
        case PerQualification() if any(billing.new.values()) or not is_new(part):
            yield from _other_prices(billing, fee, part)
            yield from _counts_off(billing, fee, part)
            yield from _tariffs_swapped(billing, fee, part)
            yield from _labels_exchanged(billing, fee, part)
        case Tranches():
            yield from misuses(billing, fee, part, others)


def _change(
    cause: str,
    fee: Fee,
    article: str,
    message: Message,
    moves: Mapping[Piece, int],
    n: int | None = None,
    bears: Bears = Bears.COUNT,
) -> Change:
    """A change of one fee; ``n``: of how many qualifications."""
    freedom = Freedom.NONE if n is None else Freedom.COUNT
    return Change(cause, message, fee.id, (article,), FrozenDict(moves), n or 1, freedom, bears)


def _whole_fee(billing: Billing, fee: Fee) -> Iterator[Change]:
    own = {piece: cents for piece, cents in billing.amounts.items() if piece.fee == fee.id}
    articles = tuple(dict.fromkeys(article_of(piece, billing.schedule) for piece in own))
    none = FrozenDict({piece: -cents for piece, cents in own.items()})
    yield Change("fee_missing", Message("not billed: {fee}", fee=fee.title), fee.id, articles, none)
    twice = Message("billed twice: {fee}", fee=fee.title)
    yield Change("fee_twice", twice, fee.id, articles, FrozenDict(own))
    taxed = {piece: in_cents(round_cents(in_euros(cents) * billing.vat_rate)) for piece, cents in own.items()}
    if any(taxed.values()):
        message = Message("amounts incl. VAT taken as excl. VAT")
        yield Change(
            "incl_vat_as_excl", message, fee.id, articles, FrozenDict(taxed), bears=Bears.PRICE, sure=False
        )


def _flat(cause: str, message: str, fee: Fee, part: Flat, times: int, where: Part | None = None) -> Change:
    """A flat part billed so many times more, with another part of the fee where it is not one of it."""
    moves = {Piece(fee.id, (where or part).id): times * in_cents(part.amount)}
    said = Message(message, amount=part.amount, article=part.article)
    return _change(cause, fee, part.article, said, moves)


def _of_flat(billing: Billing, fee: Fee, part: Flat) -> Iterator[Change]:
    new = is_new(part)
    times = sum((billing.new if new else billing.held).values())
    if new and not times:
        yield _flat("flat_added", _NEW_FLAT_ADDED, fee, part, 1)
        return
    if new or len(fee.parts) > 1:  # else it is the whole fee, which is forgotten as such
        yield _flat("flat_forgotten", _NEW_FLAT_FORGOTTEN if new else _FLAT_FORGOTTEN, fee, part, -1)
    if new or len(fee.parts) > 1:
        yield _flat("flat_twice", _FLAT_TWICE, fee, part, 1)
    if times > 1:
        yield _flat("flat_each", _NEW_FLAT_EACH if new else _FLAT_EACH, fee, part, times - 1)


_FLAT_FORGOTTEN = marked("the flat part of {amount:euro} forgotten (article {article})")
_FLAT_TWICE = marked("the flat part of {amount:euro} billed twice (article {article})")
_FLAT_EACH = marked(
    "the flat fee of {amount:euro} billed for each qualification instead of once (article {article})"
)
_NEW_FLAT_FORGOTTEN = marked(
    "the flat fee of {amount:euro} for new qualifications forgotten (article {article})"
)
_NEW_FLAT_EACH = marked(
    "the flat fee of {amount:euro} billed for each new qualification instead of once (article {article})"
)
_NEW_FLAT_ADDED = marked(
    "the flat fee of {amount:euro} added, without any new qualification (article {article})"
)
_FLAT_OF_APPLICATION = marked(
    "the flat part of {amount:euro} of an application added to new qualifications (article {article})"
)


def _of_new_requests(billing: Billing, fee: Fee) -> Iterator[Change]:
    """What happens to the new requests of a fee as a whole."""
    parts = [part for part in fee.parts if is_new(part)]
    meant = lenders(billing.schedule, billing.event)
    for lender in billing.schedule.fees:
        for flat in lender.parts if meant.get(lender.id) == fee else ():
            if isinstance(flat, Flat) and not is_new(flat):
                yield _flat("flat_added", _FLAT_OF_APPLICATION, fee, flat, 1, parts[0])
    own = {Piece(fee.id, part.id) for part in parts}
    gone = {piece: -cents for piece, cents in billing.amounts.items() if piece._replace(tariff=None) in own}
    articles = tuple(dict.fromkeys(part.article for part in parts))
    message = Message("the new qualifications not billed")
    yield Change("new_missing", message, fee.id, articles, FrozenDict(gone))
    for part in parts:
        if isinstance(part, PerQualification):
            yield from _priced_as_held(billing, fee, part)


def _priced_as_held(billing: Billing, of_new: Fee, new: PerQualification) -> Iterator[Change]:
    for fee in billing.schedule.borne(billing.event):
        for held in fee.parts:
            if isinstance(held, PerQualification) and not is_new(held):
                prices = billing.prices(held)
                message = Message(
                    "the new qualifications billed a price of those held on top of their own (article {article})",
                    article=held.article,
                )
                for part in {new, held} if fee == of_new else {held}:  # on the lines of either
                    moves = {Piece(fee.id, part.id, t): n * prices[t] for t, n in billing.new.items() if n}
                    yield _change("new_controlled", fee, held.article, message, moves)


def _held_as_new(billing: Billing, fee: Fee) -> Iterator[Change]:
    """One of those held billed as newly asked for, the flat part of new requests with it; or the reverse."""
    counted = [part for part in fee.parts if isinstance(part, PerQualification)]
    flats = {Piece(fee.id, part.id): in_cents(part.amount) for part in _flats_of_new(fee)}
    asked = any(billing.new.values())
    for held in (part for part in counted if not is_new(part)):
        for new in filter(is_new, counted):
            for tariff in billing.held:
                yield from _as_new(billing, fee, (held, new), tariff, {} if asked else flats)
            if asked:
                gone = {Piece(fee.id, new.id, t): -n * billing.prices(new)[t] for t, n in billing.new.items()}
                more = {
                    Piece(fee.id, held.id, t): n * billing.prices(held)[t] for t, n in billing.new.items()
                }
                message = Message(
                    "the new qualifications counted among those held (article {article})",
                    article=held.article,
                )
                moves = gone | more | {piece: -cents for piece, cents in flats.items()}
                yield _change("new_as_held", fee, new.article, message, moves)


def _flats_of_new(fee: Fee) -> Iterator[Flat]:
    return (part for part in fee.parts if isinstance(part, Flat) and is_new(part))


def _as_new(
    billing: Billing,
    fee: Fee,
    parts: tuple[PerQualification, PerQualification],
    tariff: int,
    flats: Mapping[Piece, int],
) -> Iterator[Change]:
    """One held billed as new: on a line of the new, or on its own at their price."""
    held, new = parts
    right, wrong = billing.prices(held)[tariff], billing.prices(new)[tariff]
    message = Message(
        "one qualification held at tariff {tariff} billed as a new one (article {article})",
        tariff=tariff,
        article=new.article,
    )
    own = Piece(fee.id, held.id, tariff)
    moves = {own: -right, Piece(fee.id, new.id, tariff): wrong, **flats}
    yield _change("held_as_new", fee, new.article, message, moves, 1)
    if flats:
        there = {own: wrong - right, **flats}
        yield _change("held_as_new", fee, new.article, message, there, 1, Bears.ANY)


def _counts_off(billing: Billing, fee: Fee, part: PerQualification) -> Iterator[Change]:
    counts = billing.counts(part)
    for tariff, price in billing.prices(part).items():
        for more in (*range(1, MOST_ADDED + 1), *range(-1, -counts.get(tariff, 0) - 1, -1)):
            yield _count_off(fee, part, tariff, more, price)


def _count_off(fee: Fee, part: PerQualification, tariff: int, more: int, price: int) -> Change:
    """So many qualifications too many, or too few where negative."""
    told = _COUNT_OFF[is_new(part), more > 0]
    message = Message(told.text, told.many, n=abs(more), tariff=tariff)
    moves = {Piece(fee.id, part.id, tariff): more * price}
    return _change("count_off", fee, part.article, message, moves, abs(more))


_COUNT_OFF = {
    (False, True): plural(
        "one qualification at tariff {tariff} too many", "{n} qualifications at tariff {tariff} too many", n=1
    ),
    (False, False): plural(
        "one qualification at tariff {tariff} not billed",
        "{n} qualifications at tariff {tariff} not billed",
        n=1,
    ),
    (True, True): plural(
        "one new qualification at tariff {tariff} too many",
        "{n} new qualifications at tariff {tariff} too many",
        n=1,
    ),
    (True, False): plural(
        "one new qualification at tariff {tariff} not billed",
        "{n} new qualifications at tariff {tariff} not billed",
        n=1,
    ),
}
"""By whether they are new requests, and whether there are too many."""


def recount(billing: Billing, fee: Fee, part: PerQualification, counts: Counts) -> tuple[Change, ...]:
    """The changes from the counts expected to other ``counts``, one a tariff."""
    expected = billing.counts(part)
    more = {t: counts.get(t, 0) - expected.get(t, 0) for t in billing.prices(part)}
    return tuple(_count_off(fee, part, t, more[t], p) for t, p in billing.prices(part).items() if more[t])


def _tariffs_swapped(billing: Billing, fee: Fee, part: PerQualification) -> Iterator[Change]:
    prices = billing.prices(part)
    for tariff, count in billing.counts(part).items():
        for other, price in prices.items():
            for n in range(1, count + 1) if price != prices[tariff] else ():
                message = plural(
                    "one qualification billed at tariff {other} instead of tariff {tariff}",
                    "{n} qualifications billed at tariff {other} instead of tariff {tariff}",
                    n=n,
                    other=other,
                    tariff=tariff,
                )
                right, wrong = Piece(fee.id, part.id, tariff), Piece(fee.id, part.id, other)
                moves = {right: -n * prices[tariff], wrong: n * price}
                yield _change("tariff_swap", fee, part.article, message, moves, n)
                if n == count:  # named by the right tariff, or by its code
                    priced = {right: n * (price - prices[tariff])}
                    yield _change("tariff_swap", fee, part.article, message, priced, n, Bears.CODE)


def _labels_exchanged(billing: Billing, fee: Fee, part: PerQualification) -> Iterator[Change]:
    """What is due at two tariffs, each billed under the name of the other."""
    due = {
        tariff: count * billing.prices(part)[tariff]
        for tariff, count in billing.counts(part).items()
        if count
    }
    for (one, cents), (other, others) in combinations(due.items(), 2):
        message = Message(
            "what is due at tariffs {one} and {other} billed each for the other", one=one, other=other
        )
        moves = {
            Piece(fee.id, part.id, one): others - cents,
            Piece(fee.id, part.id, other): cents - others,
        }
        yield _change("labels_exchanged", fee, part.article, message, moves, bears=Bears.ANY)


def _other_prices(billing: Billing, fee: Fee, part: PerQualification) -> Iterator[Change]:
    """Another price list of the schedule: for all the qualifications, or those of a tariff."""
    right = billing.prices(part)
    for wrong in billing.schedule.prices:
        if wrong.id == part.prices:
            continue
        cause, prices = f"{wrong.id}_prices", cents_of(billing.schedule, wrong.id)
        moves = {
            Piece(fee.id, part.id, tariff): count * (prices[tariff] - right[tariff])
            for tariff, count in billing.counts(part).items()
            if count
        }
        whole = _prices_taken(billing.schedule, wrong, part)
        yield _change(cause, fee, wrong.article, whole, moves, bears=Bears.PRICE)
        for piece, cents in moves.items() if len(moves) > 1 else ():
            message = Message("at tariff {tariff}: {what}", tariff=piece.tariff, what=whole)
            yield _change(cause, fee, wrong.article, message, {piece: cents}, bears=Bears.PRICE)


def _prices_taken(schedule: Schedule, wrong: PriceList, part: PerQualification) -> Message:
    names: list[Text | str] = [_owner(schedule, wrong.id), _owner(schedule, part.prices)]
    if names[0] == names[1]:
        names = [wrong.id, part.prices]
    return Message(
        "the prices of « {wrong} » instead of those of « {right} » (article {article})",
        wrong=names[0],
        right=names[1],
        article=wrong.article,
    )


def _owner(schedule: Schedule, price_list: str) -> Text | str:
    """The name of the first fee whose prices these are; new requests borrow them."""
    owners = [
        (is_new(part), fee.name)
        for fee in schedule.fees
        for part in fee.parts
        if isinstance(part, PerQualification) and part.prices == price_list
    ]
    return min(owners, key=lambda owner: owner[0], default=(False, price_list))[1]


def scenarios(billing: Billing, editions: Iterable[Schedule]) -> Iterator[tuple[Change, Billing]]:
    """The price made from another event, or another schedule: everything in it may differ."""
    merged = dict(billing.held)
    for tariff, count in billing.new.items():
        merged[tariff] = merged.get(tariff, 0) + count
    for event in billing.schedule.events:
        if event == billing.event:
            continue
        message = Message(
            "billed as another event: {billed} instead of {expected}",
            billed=event.name,
            expected=billing.event.name,
        )
        for held in [billing.held] + [FrozenDict(merged)] * (merged != billing.held):
            other = replace(billing, event=event, held=held, new=FrozenDict())
            yield _scenario("wrong_event", message, billing.amounts, other), other
    for edition in editions:
        same = _same_event(billing.event, edition)
        if edition.id != billing.schedule.id and same and {*merged} <= {*edition.tariffs}:
            other = replace(billing, schedule=edition, event=same)
            message = Message(
                "billed by another schedule: {schedule}, of {day:date}",
                schedule=edition.title,
                day=edition.in_force_from,
            )
            yield _scenario("other_schedule", message, billing.amounts, other), other


def _same_event(event: Event, edition: Schedule) -> Event | None:
    """The event of another edition: the same id, else the same place in the life of a qualification."""
    for other in edition.events:
        if other.id == event.id:
            return other
    return edition.event_of(event.role) if event.role else None


def _scenario(cause: str, message: Message, before: Mapping[Piece, int], other: Billing) -> Change:
    after = other.amounts
    moves = {piece: after.get(piece, 0) - before.get(piece, 0) for piece in (*before, *after)}
    articles = tuple(dict.fromkeys(article_of(piece, other.schedule) for piece in after))
    return Change(cause, message, None, articles, FrozenDict(moves))
