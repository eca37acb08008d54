"""The ways to get a part by tranches wrong: its limits, its years, its turnover, its unit, its rounding."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.why.billing import Billing, Change, Freedom, OtherTurnover, Piece
from opqibi_rules.messages import Message, marked
from opqibi_rules.money import CENT, LARGEST, ZERO, exactly, round_cents
from opqibi_rules.price.fees import Held, Line, rules_of, total
from opqibi_rules.price.inversion import TurnoverRange, in_cents, in_euros, turnovers_from_amount
from opqibi_rules.tables.schedule import Fee, Limit, Tranches


@exactly
def misuses(
    billing: Billing, fee: Fee, part: Tranches, others: Iterable[OtherTurnover]
) -> tuple[Change, ...]:
    """Every way to get the part wrong that changes its amount."""
    turnover = billing.turnover(rules_of(billing.schedule).fees[fee.id])
    if turnover is None or not any(piece.part == part.id for piece in billing.amounts):
        return ()
    ways = _Ways(billing, fee, part, turnover)
    by_year = ways.by_year() if ways.years > 1 else ()
    found: dict[tuple[str, object], Change] = {}
    for change in (
        *ways.limits(),
        *ways.turnovers(others),
        *ways.rates(billing.vat_rate),
        *by_year,
        *ways.roundings(),
    ):
        if any(change.moves.values()):
            found.setdefault((change.cause, change.moves), change)
    return tuple(found.values())


class _Ways:
    """One part on one turnover, and what each mistake makes of it."""

    def __init__(self, billing: Billing, fee: Fee, part: Tranches, turnover: Decimal) -> None:
        self.fee, self.part, self.turnover, self.years = fee, part, turnover, fee.years or 1
        self.rule = rules_of(billing.schedule).fees[fee.id]
        self.tranches = [line.amount for line in self.lines(turnover) if line.limit is None]
        self.raw, self.right = round_cents(sum(self.tranches, ZERO)), self.on(turnover)

    def wrong(self, cause: str, message: Message, amount: Decimal, limit: Limit | None = None) -> Change:
        """The part comes to that amount; ``limit``: of which the mistake is."""
        at_limit = amount in {known.amount for known in (self.part.floor, self.part.cap) if known}
        moves = FrozenDict({Piece(self.fee.id, self.part.id): in_cents(amount) - in_cents(self.right)})
        freedom = Freedom.LIMIT if cause in _CLIPPED and at_limit else Freedom.NONE
        return Change(cause, message, self.fee.id, ((limit or self.part).article,), moves, freedom=freedom)

    def lines(self, turnover: Decimal) -> list[Line]:
        """Those of the part."""
        return [line for line in self.rule.lines(turnover=turnover) if line.part == self.part]

    def on(self, turnover: Decimal) -> Decimal:
        """What the part comes to on a turnover."""
        return round_cents(total(self.lines(turnover)))

    def kept(self, amount: Decimal) -> Decimal:
        """An amount between the floor and the cap."""
        floor, cap = self.part.floor, self.part.cap
        raised = max(amount, floor.amount) if floor else amount
        return min(raised, cap.amount) if cap else raised

    def limits(self) -> Iterator[Change]:
        floor, cap = self.part.floor, self.part.cap
        if floor is not None and self.raw < floor.amount:
            message = Message("the floor of {floor:euro} forgotten", floor=floor.amount)
            if len(self.tranches) == 1:
                message = Message(
                    "the floor of {floor:euro} forgotten: the rate of {rate:permille} on {turnover:euro} alone",
                    floor=floor.amount,
                    rate=self.part.tranches[0].rate,
                    turnover=self.turnover,
                )
            yield self.wrong("floor_forgotten", message, self.raw, floor)
        if cap is not None and self.raw > cap.amount:
            message = Message("the cap of {cap:euro} forgotten", cap=cap.amount)
            yield self.wrong("cap_forgotten", message, self.raw, cap)

    def by_year(self) -> Iterator[Change]:
        message = Message("the fee for {years} years billed for one", years=self.years)
        yield self.wrong("billed_by_year", message, round_cents(self.right / self.years))
        yield from self.limits_by_year()
        message = Message("the fee for {years} years billed for each year", years=self.years)
        yield self.wrong("billed_each_year", message, self.right * self.years)

    def limits_by_year(self) -> Iterator[Change]:
        floor, cap = self.part.floor, self.part.cap
        if floor is not None:
            message = Message("the floor of {floor:euro} applied per year", floor=floor.amount)
            if self.raw < floor.amount * self.years:  # else no floor raises it
                yield self.wrong("floor_per_year", message, floor.amount * self.years, floor)
            if round_cents(self.right / self.years) < floor.amount:
                message = Message(
                    "one year billed of {years}, at the floor of {floor:euro}",
                    years=self.years,
                    floor=floor.amount,
                )
                yield self.wrong("floor_per_year", message, floor.amount, floor)
        if cap is not None:
            message = Message("the cap of {cap:euro} applied per year", cap=cap.amount)
            if self.raw > cap.amount:  # else no cap holds it
                yield self.wrong("cap_per_year", message, min(self.raw, cap.amount * self.years), cap)
            yearly = round_cents(cap.amount / self.years)
            message = Message("the cap of {cap:euro} a year applied to the whole fee", cap=yearly)
            yield self.wrong("cap_per_year", message, min(self.right, yearly), cap)

    def turnovers(self, others: Iterable[OtherTurnover]) -> Iterator[Change]:
        for name, amount in others:
            message = Message("the turnover taken is {name}: {amount:euro}", name=name, amount=amount)
            yield self.wrong("turnover_base", message, self.on(amount))
        for power, message in _SLIPS:
            slipped = self.turnover.scaleb(power)
            if slipped <= LARGEST:
                yield self.wrong("turnover_unit", message, self.on(slipped))

    def rates(self, vat_rate: Decimal) -> Iterator[Change]:
        """One rate for all, a tranche left out, per cent for per mille, a turnover with its VAT."""
        lines = [line for line in self.lines(self.turnover) if line.rate is not None]
        exact = sum(self.tranches, ZERO)
        if len(lines) > 1:
            told = [
                (lines[-1], _LAST_RATE),
                (lines[0], _FIRST_RATE),
                *((one, _ONE_RATE) for one in lines[1:-1]),
            ]
            for line, text in told:
                said = Message(text, rate=line.rate, turnover=self.turnover, tranche=line.label)
                yield from self.both("one_rate", said, self.turnover * (line.rate or ZERO))
            for line in lines:
                said = Message("a tranche left out: {tranche}", tranche=line.label)
                yield from self.both("tranche_left_out", said, exact - line.amount)
        for power, message in ((1, _PER_CENT), (-1, _PER_TEN_MILLE)):
            yield from self.both("rate_unit", message, exact.scaleb(power))
            yield from self.both("rate_unit", message, self.raw.scaleb(power))
        said = Message("the turnover taken with its VAT ({rate:percent})", rate=vat_rate)
        yield self.wrong("turnover_incl_vat", said, self.on(round_cents(self.turnover * (1 + vat_rate))))

    def both(self, cause: str, message: Message, exact: Decimal) -> Iterator[Change]:
        """The part comes to that amount, or to its limit."""
        amount = round_cents(exact)
        yield self.wrong(cause, message, amount)
        yield self.wrong(cause, message, self.kept(amount))

    def roundings(self) -> Iterator[Change]:
        exact = sum(self.tranches, ZERO)
        message = Message("each tranche rounded instead of their sum")
        yield self.wrong("rounding", message, self.kept(sum(map(round_cents, self.tranches), ZERO)))
        for unit, rounding, message in _ROUNDINGS:
            amount = self.kept(round_cents(exact.quantize(unit, rounding)))
            yield self.wrong("rounding", message, amount)


_LAST_RATE = marked("the rate of the last tranche, {rate:permille}, on the whole turnover of {turnover:euro}")
_FIRST_RATE = marked(
    "the rate of the first tranche, {rate:permille}, on the whole turnover of {turnover:euro}"
)
_ONE_RATE = marked(
    "the rate of a tranche, {rate:permille}, on the whole turnover of {turnover:euro} ({tranche})"
)
_PER_CENT = Message("per cent taken for per mille: ten times the rate")
_PER_TEN_MILLE = Message("a tenth of the rate")
_CLIPPED = frozenset(
    {
        "turnover_unit",
        "one_rate",
        "tranche_left_out",
        "rate_unit",
        "turnover_incl_vat",
        "turnover_base",
        "floor_per_year",
    }
)
"""What many turnovers would bring to the floor or to the cap as well."""
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
    (Decimal(1), ROUND_UP, Message("rounded up to the euro")),
)


@exactly
def another_turnover(billing: Billing, fee: str, cents: int) -> Change | None:
    """The turnovers that make a fee come to so many cents: a free number, so the weakest cause."""
    rule = rules_of(billing.schedule).fees[fee]
    by_count = rule.amount(Held(billing.held), Held(billing.new)) - rule.amount()
    amount = in_euros(cents) - by_count
    if rule.tranches is None or not ZERO <= amount <= LARGEST:
        return None
    found = turnovers_from_amount(amount, rule)
    if found is None:
        return None
    at_limit = found.highest is None or found.lowest == ZERO
    moves = FrozenDict({Piece(fee, rule.tranches.id): cents - billing.total(fee)})
    freedom = Freedom.TURNOVER_AT_LIMIT if at_limit else Freedom.ANY_AMOUNT
    return Change("turnover", _between(found), fee, (rule.tranches.article,), moves, freedom=freedom)


def _between(found: TurnoverRange) -> Message:
    if found.highest is None:
        return Message("another turnover: {lowest:euro} or more", lowest=found.lowest)
    if found.lowest == ZERO:
        return Message("another turnover: {highest:euro} or less", highest=found.highest)
    return Message(
        "another turnover: from {lowest:euro} to {highest:euro}", lowest=found.lowest, highest=found.highest
    )
