"""Every single change that an amount may have undergone, with its effect to the cent, kind of part by kind.

A mistake somebody may have made when billing: a flat part forgotten, a count off, a tariff taken for another,
another price list, another event… It knows which pieces of the price it moves, and by how many cents.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.billing import Billing, Piece, article_of, cents_of, is_new, lenders
from opqibi_rules.invoice.changes import Change, Freedom, OtherTurnover
from opqibi_rules.invoice.turnover_causes import misuses
from opqibi_rules.messages import Message, Text, marked, plural
from opqibi_rules.price.fees import Counts
from opqibi_rules.price.inversion import in_cents
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
    for fee in fees:
        for part in fee.parts:
            yield from _of_part(billing, fee, part, others)
        if any(billing.new.values()):
            yield from _of_new_requests(billing, fee)


def _of_part(billing: Billing, fee: Fee, part: Part, others: Iterable[OtherTurnover]) -> Iterator[Change]:
    match part:
        case Flat() if is_new(part):
            yield from _flat_of_new_requests(billing, fee, part)
        case Flat():
            yield from _flat_always_due(billing, fee, part)
        case PerQualification() if any(billing.new.values()) or not is_new(part):
            yield from _other_prices(billing, fee, part)
            yield from _counts_off(billing, fee, part)
            yield from _tariffs_swapped(billing, fee, part)
        case Tranches():
            yield from misuses(billing, fee, part, others)


def _whole_fee(billing: Billing, fee: Fee) -> Iterator[Change]:
    own = {piece: cents for piece, cents in billing.amounts.items() if piece.fee == fee.id}
    articles = tuple(dict.fromkeys(article_of(piece, billing.schedule) for piece in own))
    for cause, message, sign in (
        ("fee_missing", Message("not billed: {fee}", fee=fee.title), -1),
        ("fee_twice", Message("billed twice: {fee}", fee=fee.title), 1),
    ):
        moves = FrozenDict({piece: sign * cents for piece, cents in own.items()})
        yield Change(cause=cause, fee=fee.id, articles=articles, message=message, moves=moves)


def _flat(cause: str, message: str, fee: Fee, part: Flat, times: int, on: Piece | None = None) -> Change:
    """A flat part billed so many times more."""
    return Change(
        cause=cause,
        fee=on.fee if on else fee.id,
        articles=(part.article,),
        message=Message(message, amount=part.amount, article=part.article),
        moves=FrozenDict({on or Piece(fee.id, part.id): times * in_cents(part.amount)}),
    )


def _flat_always_due(billing: Billing, fee: Fee, part: Flat) -> Iterator[Change]:
    qualifications = sum(billing.held.values())
    if len(fee.parts) > 1:
        message = marked("the flat part of {amount:euro} forgotten (article {article})")
        yield _flat("flat_forgotten", message, fee, part, -1)
    elif qualifications > 1:  # the whole fee, which alone may be forgotten as such
        message = marked(
            "the flat fee of {amount:euro} billed for each qualification instead of once (article {article})"
        )
        yield _flat("flat_each", message, fee, part, qualifications - 1)


def _flat_of_new_requests(billing: Billing, fee: Fee, part: Flat) -> Iterator[Change]:
    requests = sum(billing.new.values())
    if not requests:
        message = marked(
            "the flat fee of {amount:euro} added, without any new qualification (article {article})"
        )
        yield _flat("flat_added", message, fee, part, 1)
        return
    message = marked("the flat fee of {amount:euro} for new qualifications forgotten (article {article})")
    yield _flat("flat_forgotten", message, fee, part, -1)
    if requests > 1:
        message = marked(
            "the flat fee of {amount:euro} billed for each new qualification instead of once (article {article})"
        )
        yield _flat("flat_each", message, fee, part, requests - 1)


def _of_new_requests(billing: Billing, fee: Fee) -> Iterator[Change]:
    """What happens to the new requests of a fee as a whole."""
    parts = [part for part in fee.parts if is_new(part)]
    if not parts:
        return
    ids = {part.id for part in parts}
    own = {
        piece: cents for piece, cents in billing.amounts.items() if piece.fee == fee.id and piece.part in ids
    }
    for lender, borrower in lenders(billing.schedule, billing.event).items():
        asked = billing.schedule.fee(lender)
        for flat in asked.parts if asked and borrower == fee else ():
            if isinstance(flat, Flat) and not is_new(flat):
                message = marked(
                    "the flat part of {amount:euro} of an application added to new qualifications "
                    "(article {article})"
                )
                yield _flat("flat_added", message, fee, flat, 1, Piece(fee.id, parts[0].id))
    yield Change(
        cause="new_missing",
        fee=fee.id,
        articles=tuple(dict.fromkeys(part.article for part in parts)),
        message=Message("the new qualifications not billed"),
        moves=FrozenDict({piece: -cents for piece, cents in own.items()}),
    )
    for part in parts:
        if isinstance(part, PerQualification):
            yield from _priced_as_held(billing, fee, part)


def _priced_as_held(billing: Billing, fee: Fee, new: PerQualification) -> Iterator[Change]:
    for of_held in billing.schedule.borne(billing.event):
        for held in of_held.parts:
            if not isinstance(held, PerQualification) or is_new(held):
                continue
            where = (fee.id, new.id) if of_held == fee else (of_held.id, held.id)
            prices = billing.prices(held)
            moves = {Piece(*where, tariff): n * prices[tariff] for tariff, n in billing.new.items() if n}
            yield Change(
                cause="new_controlled",
                fee=where[0],
                articles=(held.article,),
                message=Message(
                    "the new qualifications billed a price of those held on top of their own (article {article})",
                    article=held.article,
                ),
                moves=FrozenDict(moves),
            )


def _counts_off(billing: Billing, fee: Fee, part: PerQualification) -> Iterator[Change]:
    counts = billing.counts(part)
    for tariff, price in billing.prices(part).items():
        for n in (*range(1, MOST_ADDED + 1), *range(-1, -counts.get(tariff, 0) - 1, -1)):
            yield _count_off(fee, part, tariff, n, price)


def _count_off(fee: Fee, part: PerQualification, tariff: int, more: int, price: int) -> Change:
    """So many qualifications too many, or too few where negative."""
    return Change(
        cause="count_off",
        fee=fee.id,
        articles=(part.article,),
        message=_counted(tariff, more, new=is_new(part)),
        moves=FrozenDict({Piece(fee.id, part.id, tariff): more * price}),
        units=abs(more),
        freedom=Freedom.COUNT,
    )


def _counted(tariff: int, more: int, *, new: bool) -> Message:
    if new and more > 0:
        return plural(
            "one new qualification at tariff {tariff} too many",
            "{n} new qualifications at tariff {tariff} too many",
            n=more,
            tariff=tariff,
        )
    if new:
        return plural(
            "one new qualification at tariff {tariff} not billed",
            "{n} new qualifications at tariff {tariff} not billed",
            n=-more,
            tariff=tariff,
        )
    if more > 0:
        return plural(
            "one qualification at tariff {tariff} too many",
            "{n} qualifications at tariff {tariff} too many",
            n=more,
            tariff=tariff,
        )
    return plural(
        "one qualification at tariff {tariff} not billed",
        "{n} qualifications at tariff {tariff} not billed",
        n=-more,
        tariff=tariff,
    )


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
                moves = {
                    Piece(fee.id, part.id, tariff): -n * prices[tariff],
                    Piece(fee.id, part.id, other): n * price,
                }
                yield Change(
                    cause="tariff_swap",
                    fee=fee.id,
                    articles=(part.article,),
                    message=message,
                    moves=FrozenDict(moves),
                    units=n,
                    freedom=Freedom.COUNT,
                )


def recount(billing: Billing, fee: Fee, part: PerQualification, counts: Counts) -> tuple[Change, ...]:
    """The changes from the counts expected to other ``counts``, one a tariff."""
    expected = billing.counts(part)
    more = {t: counts.get(t, 0) - expected.get(t, 0) for t in billing.prices(part)}
    return tuple(
        _count_off(fee, part, t, more[t], price) for t, price in billing.prices(part).items() if more[t]
    )


def _other_prices(billing: Billing, fee: Fee, part: PerQualification) -> Iterator[Change]:
    """Another price list of the schedule: for all the qualifications, or those of a tariff."""
    right = billing.prices(part)
    for wrong in billing.schedule.prices:
        if wrong.id == part.prices:
            continue
        prices = cents_of(billing.schedule, wrong.id)
        moves = {
            Piece(fee.id, part.id, tariff): count * (prices[tariff] - right[tariff])
            for tariff, count in billing.counts(part).items()
            if count
        }
        whole = _prices_taken(billing.schedule, wrong, part)
        for piece, message in [
            (None, whole),
            *((p, Message("at tariff {tariff}: {what}", tariff=p.tariff, what=whole)) for p in moves),
        ]:
            if piece is None or len(moves) > 1:
                yield Change(
                    cause=f"{wrong.id}_prices",
                    fee=fee.id,
                    articles=(wrong.article,),
                    message=message,
                    moves=FrozenDict(moves if piece is None else {piece: moves[piece]}),
                )


def _prices_taken(schedule: Schedule, wrong: PriceList, part: PerQualification) -> Message:
    names = [_owner(schedule, wrong.id), _owner(schedule, part.prices)]
    if names[0] == names[1]:
        return Message(
            "the prices « {wrong} » instead of « {right} » (article {article})",
            wrong=wrong.id,
            right=part.prices,
            article=wrong.article,
        )
    return Message(
        "the prices of « {wrong} » instead of those of « {right} » (article {article})",
        wrong=names[0],
        right=names[1],
        article=wrong.article,
    )


def _owner(schedule: Schedule, price_list: str) -> Text | str:
    """The name of the first fee whose prices these are; new requests borrow them."""
    owners = [
        fee.name
        for new in (False, True)
        for fee in schedule.fees
        for part in fee.parts
        if isinstance(part, PerQualification) and part.prices == price_list and is_new(part) is new
    ]
    return owners[0] if owners else price_list


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
    return Change(
        cause=cause,
        articles=tuple(dict.fromkeys(article_of(piece, other.schedule) for piece in after)),
        message=message,
        moves=FrozenDict({p: after.get(p, 0) - before.get(p, 0) for p in (*before, *after)}),
    )
