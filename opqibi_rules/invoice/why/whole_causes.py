"""What may be wrong with a whole invoice at once: all its amounts in proportion, or a second structure on it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.why.billing import Billing, Change, Freedom, is_new
from opqibi_rules.invoice.why.blocks import Block
from opqibi_rules.messages import Message
from opqibi_rules.money import exactly, round_cents
from opqibi_rules.price.inversion import in_cents, in_euros
from opqibi_rules.tables.schedule import Fee, Flat, PerQualification, Role, Tranches

_MONTHS = 12
_MOST_RAISED = 100
"""Per mille: what a schedule may be raised by, where one amount alone shows it."""
_LEAST_RATIO, _MOST_RATIO = 500, 1600
"""Per mille: beyond, other mistakes are likelier than prices changed in proportion."""
_LEAST_SHARE = 5
"""Per cent: no deposit is of less, nor of less than so much under the whole."""


@exactly
def of_the_whole(billing: Billing, blocks: Sequence[Block]) -> tuple[Change, ...]:
    """The single changes that touch all that is billed, and account for all that differs."""
    if any(not block.is_due(billing.amounts) for block in blocks):
        return ()
    whole = _Whole(billing, blocks)
    return (*whole.in_proportion(), *whole.two_structures())


class _Whole:
    """All that an invoice bills, beside all that is due of it."""

    def __init__(self, billing: Billing, blocks: Sequence[Block]) -> None:
        self.billing, self.blocks = billing, blocks
        fees = {fee for block in blocks for fee in block.fees}
        self.amounts = {piece: cents for piece, cents in billing.amounts.items() if piece.fee in fees}
        self.due = sum(self.amounts.values())
        self.billed = sum(block.billed for block in blocks)
        self.atoms = [atom for block in blocks for atom in self._atoms(block)]

    def _atoms(self, block: Block) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Each amount that the invoice shows, and the prices and numbers that should make it."""
        own = [piece for piece in self.amounts if piece.fee in block.fees]
        if block.pieces is None:
            yield block.billed, [self.billing.unit(piece) for piece in own]
            return
        for piece in dict.fromkeys((*own, *block.pieces)):
            yield block.pieces.get(piece, 0), [self.billing.unit(piece)] if piece in self.amounts else []

    def _fits(self, factor: Decimal) -> bool:
        """Every amount is the right one times a factor, rounded by unit, by piece or as a whole."""
        shown = sorted(cents for block in self.blocks for cents in block.amounts)
        if len(shown) > 1 and shown == sorted(self._one_by_one(factor)):
            return True
        for billed, units in self.atoms:
            by_unit = sum(_times(price, factor) * number for price, number in units)
            by_piece = sum(_times(price * number, factor) for price, number in units)
            if billed not in {by_unit, by_piece, _times(sum(p * n for p, n in units), factor)}:
                return False
        return True

    def _one_by_one(self, factor: Decimal) -> Iterator[int]:
        """What each line comes to, where each qualification has one."""
        for piece in self.amounts:
            price, number = self.billing.unit(piece)
            yield from [_times(price, factor)] * number

    def in_proportion(self) -> Iterator[Change]:
        """All the amounts with VAT, a deposit, a part of the year, or raised by so much."""
        if not self.due or self.billed in {0, self.due}:
            return
        rate, ratio = self.billing.vat_rate, Decimal(self.billed) / self.due
        if rate and self._fits(1 + rate):
            yield self._change("incl_vat_as_excl", Message("amounts incl. VAT taken as excl. VAT"))
        elif rate and self._fits(1 / (1 + rate)):
            message = Message("the VAT taken off amounts that are excl. VAT already")
            yield self._change("vat_taken_off", message)
        else:
            yield from self._shares(ratio)
            yield from self._of_prices(ratio)

    def _shares(self, ratio: Decimal) -> Iterator[Change]:
        alone = sum(len(block.lines) for block in self.blocks) <= 1
        percent, months = round(ratio * 100), round(ratio * _MONTHS)
        yearly = self.billing.event.role is Role.CONTROL
        if yearly and 0 < months < _MONTHS and self._fits(Decimal(months) / _MONTHS):
            message = Message(
                "{months} months of twelve billed: a part of the year, where the fee is due whole",
                months=months,
            )
            yield self._change("part_of_the_year", message, Freedom.LIMIT if alone else Freedom.COUNT)
        shared = _LEAST_SHARE <= percent <= 100 - _LEAST_SHARE and self._fits(Decimal(percent) / 100)
        if shared and alone and not self.blocks[0].worded:
            message = Message("{share:percent} of the price: a deposit", share=Decimal(percent) / 100)
            usual = Freedom.NONE if percent % 10 == 0 and percent > 10 else Freedom.COUNT
            yield self._change("deposit", message, Freedom.ANY_AMOUNT if percent % 5 else usual)

    def _of_prices(self, ratio: Decimal) -> Iterator[Change]:
        thousandths = round(ratio * 1000)
        several = sum(billed > 0 for billed, _ in self.atoms) > 1
        raised = 0 < thousandths - 1000 <= _MOST_RAISED
        likely = _LEAST_RATIO <= thousandths <= _MOST_RATIO
        if likely and (several or raised) and self._fits(Decimal(thousandths) / 1000):
            usual = thousandths % 5 == 0
            freedom = Freedom.COUNT if several else Freedom.LIMIT if usual else Freedom.ANY_AMOUNT
            yield self._raised(Decimal(thousandths - 1000) / 1000, freedom)

    def _raised(self, share: Decimal, freedom: Freedom) -> Change:
        if share > 0:
            message = Message("all the prices raised by {share:percent}", share=share)
        else:
            message = Message("all the prices lowered by {share:percent}", share=-share)
        return self._change("prices_in_proportion", message, freedom)

    def two_structures(self) -> Iterator[Change]:
        """Beside all that is due, the same fees for other qualifications, and another turnover."""
        lumps = [block for block in self.blocks if block.pieces is None]
        if self.billed <= self.due or any(len(block.fees) > 1 or block.guessed for block in lumps):
            return
        fees = {fee.id: fee for fee in self.billing.schedule.fees}
        if all(self._extra(fees[fee], block) for block in self.blocks for fee in block.fees):
            message = Message(
                "a second structure on the same invoice: {extra:euro} beside the price of this one",
                extra=in_euros(self.billed - self.due),
            )
            if all(self._shown_apart(fee, block) for block in self.blocks for fee in block.fees):
                yield self._change("two_structures", message, Freedom.COUNT)

    def _shown_apart(self, fee: str, block: Block) -> bool:
        """The lines show what is due of a fee, and the rest on lines of its own."""
        own = {piece: cents for piece, cents in self.amounts.items() if piece.fee == fee}
        if block.pieces is None or len(own) == 1:
            return len(block.amounts) > 1 and sum(own.values()) in block.amounts
        more = [piece for piece, cents in block.pieces.items() if own.get(piece, cents) < cents]
        return all(len(block.entries.get(piece, ())) > 1 for piece in more)

    def _extra(self, fee: Fee, block: Block) -> bool:
        """What is billed of a fee beyond the price is what another structure may owe of it."""
        own = {piece: cents for piece, cents in self.amounts.items() if piece.fee == fee.id}
        flats = {part.id: in_cents(part.amount) for part in fee.parts if isinstance(part, Flat)}
        held = sum(flats[part.id] for part in fee.parts if part.id in flats and not is_new(part))
        if block.pieces is None:
            return self._may_be_owed(fee, block.billed - sum(own.values()) - held)
        beyond: dict[str, int] = {part.id: 0 for part in fee.parts}
        for piece in {*own, *block.pieces}:
            more = block.pieces.get(piece, 0) - own.get(piece, 0)
            if piece.fee == fee.id and more < 0:
                return False
            beyond[piece.part] = beyond.get(piece.part, 0) + more * (piece.fee == fee.id)
        new = [part.id for part in fee.parts if is_new(part)]
        asked = any(beyond[part] for part in new)
        once = all(beyond[part] == cents * (asked or part not in new) for part, cents in flats.items())
        rest = sum(cents for part, cents in beyond.items() if part not in flats and part not in new)
        return once and (not asked or all(beyond[part] for part in new)) and self._may_be_owed(fee, rest)

    def _may_be_owed(self, fee: Fee, cents: int) -> bool:
        """So many cents, the flat parts aside, are what some structure owes of a fee."""
        for part in fee.parts:
            if isinstance(part, PerQualification):
                prices = self.billing.prices(part).values()
                return cents >= min(prices) and cents % 5 == 0
            if isinstance(part, Tranches):
                least = in_cents(part.floor.amount) if part.floor else 1
                return least <= cents and (part.cap is None or cents <= in_cents(part.cap.amount))
        return cents == 0

    def _change(self, cause: str, message: Message, freedom: Freedom = Freedom.NONE) -> Change:
        moves = FrozenDict(dict.fromkeys(self.amounts, 0))
        first = next(iter(self.amounts))
        fees = {piece.fee for piece in moves}
        fee = min(fees) if len(fees) == 1 else None
        return Change(
            cause,
            message,
            fee,
            moves=FrozenDict({**moves, first: self.billed - self.due}),
            freedom=freedom,
            sure=False,
        )


def _times(cents: int, factor: Decimal) -> int:
    return int(round_cents(cents * factor / 100) * 100)
