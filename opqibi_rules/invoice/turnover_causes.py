"""The ways to get a part by tranches wrong: its limits, its years, its turnover, its unit, its rounding."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.billing import Billing, Piece
from opqibi_rules.invoice.changes import Change, Freedom, OtherTurnover
from opqibi_rules.messages import Message
from opqibi_rules.money import CENT, LARGEST, ZERO, exactly, round_cents
from opqibi_rules.price.fees import Held, rules_of, total
from opqibi_rules.price.inversion import TurnoverRange, in_cents, in_euros, turnovers_from_fee
from opqibi_rules.tables.schedule import Fee, Tranches


class _Misuse(NamedTuple):
    """One wrong way: its cause, the article concerned, in words, and what the part comes to, in euros."""

    cause: str
    article: str
    message: Message
    amount: Decimal


def misuses(billing: Billing, fee: Fee, part: Tranches, others: Iterable[OtherTurnover]) -> Iterator[Change]:
    """Every way to get the part wrong that changes its amount."""
    piece = Piece(fee.id, part.id)
    turnover = billing.turnover(rules_of(billing.schedule).fees[fee.id])
    if turnover is None or piece not in billing.amounts:
        return
    right = billing.amounts[piece]
    limits = {in_cents(limit.amount) for limit in (part.floor, part.cap) if limit}
    seen: set[tuple[str, int]] = set()
    for wrong in _Ways(billing, fee, part, turnover, tuple(others)).all():
        cents = in_cents(wrong.amount)
        if cents == right or (wrong.cause, cents) in seen:
            continue
        seen.add((wrong.cause, cents))
        limited = wrong.cause == "turnover_unit" and cents in limits
        yield Change(
            cause=wrong.cause,
            fee=fee.id,
            articles=(wrong.article,),
            message=wrong.message,
            moves=FrozenDict({piece: cents - right}),
            freedom=Freedom.LIMIT if limited else Freedom.NONE,
        )


class _Ways:
    """One part on one turnover, and what each mistake makes of it."""

    def __init__(
        self, billing: Billing, fee: Fee, part: Tranches, turnover: Decimal, others: tuple[OtherTurnover, ...]
    ) -> None:
        self.part, self.turnover, self.others = part, turnover, others
        self.rule = rules_of(billing.schedule).fees[fee.id]
        self.years = fee.years or 1
        lines = [line for line in self.rule.lines(turnover=turnover) if line.part == part]
        self.tranches = [line.amount for line in lines if line.limit is None]
        self.right = round_cents(total(lines))

    @exactly
    def all(self) -> list[_Misuse]:
        """All of them."""
        return [*self.limits(), *self.by_year(), *self.turnovers(), *self.roundings()]

    def limits(self) -> Iterator[_Misuse]:
        raw, floor, cap = round_cents(sum(self.tranches, ZERO)), self.part.floor, self.part.cap
        if floor is not None and raw < floor.amount:
            message = Message("the floor of {floor:euro} forgotten", floor=floor.amount)
            yield _Misuse("floor_forgotten", floor.article, message, raw)
        if cap is not None and raw > cap.amount:
            message = Message("the cap of {cap:euro} forgotten", cap=cap.amount)
            yield _Misuse("cap_forgotten", cap.article, message, raw)

    def by_year(self) -> Iterator[_Misuse]:
        if self.years == 1:
            return
        years, article = self.years, self.part.article
        message = Message("the fee for {years} years billed for one", years=years)
        by_year = round_cents(self.right / years)
        yield _Misuse("billed_by_year", article, message, by_year)
        yield from self.limits_by_year(by_year)
        message = Message("the fee for {years} years billed for each year", years=years)
        yield _Misuse("billed_each_year", article, message, self.right * years)

    def limits_by_year(self, by_year: Decimal) -> Iterator[_Misuse]:
        raw, floor, cap = round_cents(sum(self.tranches, ZERO)), self.part.floor, self.part.cap
        if floor is not None:
            message = Message("the floor of {floor:euro} applied per year", floor=floor.amount)
            yield _Misuse("floor_per_year", floor.article, message, max(raw, floor.amount * self.years))
            if by_year < floor.amount:
                yield _Misuse("floor_per_year", floor.article, message, floor.amount)
        if cap is not None:
            message = Message("the cap of {cap:euro} applied per year", cap=cap.amount)
            yield _Misuse("cap_per_year", cap.article, message, min(raw, cap.amount * self.years))
            yearly = round_cents(cap.amount / self.years)
            message = Message("the cap of {cap:euro} a year applied to the whole fee", cap=yearly)
            yield _Misuse("cap_per_year", cap.article, message, min(self.right, yearly))

    def turnovers(self) -> Iterator[_Misuse]:
        for other in self.others:
            message = Message(
                "the turnover taken is {name}: {amount:euro}", name=other.name, amount=other.amount
            )
            yield _Misuse("turnover_base", self.part.article, message, self.on(other.amount))
        for power, message in _SLIPS:
            slipped = self.turnover.scaleb(power)
            if slipped <= LARGEST:
                yield _Misuse("turnover_unit", self.part.article, message, self.on(slipped))

    def roundings(self) -> Iterator[_Misuse]:
        article, exact = self.part.article, sum(self.tranches, ZERO)
        by_tranche = sum(map(round_cents, self.tranches), ZERO)
        message = Message("each tranche rounded instead of their sum")
        yield _Misuse("rounding", article, message, self.kept(by_tranche))
        for unit, rounding, message in _ROUNDINGS:
            yield _Misuse(
                "rounding", article, message, self.kept(round_cents(exact.quantize(unit, rounding)))
            )

    def on(self, turnover: Decimal) -> Decimal:
        """What the part comes to on another turnover."""
        lines = self.rule.lines(turnover=turnover)
        return round_cents(total(line for line in lines if line.part == self.part))

    def kept(self, amount: Decimal) -> Decimal:
        """An amount between the floor and the cap."""
        floor, cap = self.part.floor, self.part.cap
        raised = max(amount, floor.amount) if floor else amount
        return min(raised, cap.amount) if cap else raised


_SLIPS = (
    (-3, Message("the turnover taken in thousands of euros")),
    (3, Message("the turnover multiplied by a thousand: thousands taken for euros")),
    (2, Message("the turnover multiplied by a hundred: cents taken for euros")),
    (-2, Message("the turnover divided by a hundred: euros taken for cents")),
)
_ROUNDINGS = (
    (CENT, ROUND_DOWN, Message("rounded down to the cent")),
    (CENT, ROUND_HALF_EVEN, Message("halves rounded to the even cent")),
    (Decimal(1), ROUND_HALF_UP, Message("rounded to the euro")),
    (Decimal(1), ROUND_DOWN, Message("rounded down to the euro")),
)


@exactly
def another_turnover(billing: Billing, fee: str, cents: int) -> Change | None:
    """The turnovers that make a fee come to so many cents: a free number, so the weakest cause."""
    rule = rules_of(billing.schedule).fees[fee]
    by_count = rule.amount(Held(billing.held), Held(billing.new)) - rule.amount()
    amount = in_euros(cents) - by_count
    if rule.tranches is None or not ZERO <= amount <= LARGEST:
        return None
    found = turnovers_from_fee(amount, billing.schedule, fee)
    if found is None:
        return None
    at_limit = found.highest is None or found.lowest == ZERO
    return Change(
        cause="turnover",
        fee=fee,
        articles=(rule.tranches.article,),
        message=_between(found),
        moves=FrozenDict({Piece(fee, rule.tranches.id): cents - billing.total(fee)}),
        freedom=Freedom.TURNOVER_AT_LIMIT if at_limit else Freedom.ANY_AMOUNT,
    )


def _between(found: TurnoverRange) -> Message:
    if found.highest is None:
        return Message("another turnover: {lowest:euro} or more", lowest=found.lowest)
    if found.lowest == ZERO:
        return Message("another turnover: {highest:euro} or less", highest=found.highest)
    return Message(
        "another turnover: from {lowest:euro} to {highest:euro}", lowest=found.lowest, highest=found.highest
    )
