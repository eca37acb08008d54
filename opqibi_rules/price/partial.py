"""A sum that lacks a fee: what it is called, and between which amounts the whole lies.

A fee that is due and that the data given does not allow to compute is missing. The sum of the others is no total:
it is named after what it lacks, and the floor and the cap of the fee say what the whole may come to.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message, Text
from opqibi_rules.money import ZERO, exactly
from opqibi_rules.paper.shape import Shape
from opqibi_rules.price.fees import NO_EUROS, FeeRule, Held
from opqibi_rules.tables.schedule import Fee


class Range(NamedTuple):
    """Between which amounts something lies, in euros, both included."""

    least: Decimal
    most: Decimal | None
    """``None``: nothing limits it."""

    @exactly
    def plus(self, other: "Range") -> "Range":
        """What the two come to together."""
        most = None if self.most is None or other.most is None else self.most + other.most
        return Range(self.least + other.least, most)


class Ranges(NamedTuple):
    """What the missing fees, and the whole with them, may come to."""

    fees: Mapping[str, Range]
    """By fee, excl. VAT."""
    total_excl_vat: Range
    total_incl_vat: Range


class RangeShape(Shape, of=Range):
    """Between which amounts something lies, both included."""

    least: Decimal
    most: Decimal | None
    """null: nothing limits it."""


class RangesShape(Shape, of=Ranges):
    """What the missing fees, and the whole with them, may come to."""

    fees: Mapping[str, RangeShape]
    """By fee, excl. VAT."""
    total_excl_vat: RangeShape
    total_incl_vat: RangeShape


@exactly
def range_of_fee(rule: FeeRule, asked: Held, new: Held) -> Range:
    """What a fee by tranches may come to, whatever the turnover: from none at all to its cap."""
    least, part = rule.amount(asked, new, ZERO), rule.tranches
    if part is None or part.cap is None:
        return Range(least, None)
    return Range(least, least - (part.floor.amount if part.floor else NO_EUROS) + part.cap.amount)


def ranges_together(sums: tuple[Decimal, Decimal], parts: Iterable[Ranges]) -> Ranges | None:
    """What the whole may come to: sums excl. and incl. VAT, and what they lack; ``None``: nothing is lacking."""
    found = tuple(parts)
    if not found:
        return None
    fees: dict[str, Range] = {}
    excl, incl = (Range(amount, amount) for amount in sums)
    for one in found:
        for fee, known in one.fees.items():
            fees[fee] = fees[fee].plus(known) if fee in fees else known
        excl, incl = excl.plus(one.total_excl_vat), incl.plus(one.total_incl_vat)
    return Ranges(FrozenDict(fees), excl, incl)


def names(missing: Iterable[Fee], held: Collection[str] = ()) -> tuple[Message | Text, ...]:
    """The fees, as their schedule names them; ``held``: the ids of those that are missing in part."""
    return tuple(Message("{fee} (in part)", fee=fee.name) if fee.id in held else fee.name for fee in missing)


def total_excl_vat(missing: Iterable[Fee] = (), held: Collection[str] = ()) -> Message:
    """What a sum excl. VAT is called, without the missing fees."""
    lacks = names(missing, held)
    return Message("Total excl. VAT, without: {fees}", fees=lacks) if lacks else Message("Total excl. VAT")


def total_incl_vat(missing: Iterable[Fee] = ()) -> Message:
    """What a sum incl. VAT is called, without the missing fees."""
    lacks = names(missing)
    return Message("Total incl. VAT, without: {fees}", fees=lacks) if lacks else Message("Total incl. VAT")


def total(missing: Iterable[Fee] = (), held: Collection[str] = ()) -> Message:
    """What a sum is called where its column says the rest."""
    lacks = names(missing, held)
    return Message("Total, without: {fees}", fees=lacks) if lacks else Message("Total")


def without(title: Message, missing: Iterable[Fee]) -> Message:
    """A title of sums, which says what they all lack."""
    lacks = names(missing)
    return Message("{title}, without: {fees}", title=title, fees=lacks) if lacks else title


def between(fee: Fee, known: Range) -> Message:
    """A missing fee, and what it may come to."""
    if known.most is None:
        return Message("{fee}: {least:euro} or more", fee=fee.title, least=known.least)
    return Message(
        "{fee}: from {least:euro} to {most:euro}", fee=fee.title, least=known.least, most=known.most
    )


def whole_between(ranges: Ranges) -> Message:
    """What the whole may come to."""
    excl, incl = ranges.total_excl_vat, ranges.total_incl_vat
    if excl.most is None or incl.most is None:
        return Message(
            "In all, {least:euro} excl. VAT or more ({taxed:euro} incl. VAT or more)",
            least=excl.least,
            taxed=incl.least,
        )
    return Message(
        "In all, from {least:euro} to {most:euro} excl. VAT (from {taxed:euro} to {taxed_most:euro} incl. VAT)",
        least=excl.least,
        most=excl.most,
        taxed=incl.least,
        taxed_most=incl.most,
    )


def incomplete(missing: Iterable[Fee], ranges: Ranges) -> Message:
    """What is lacking, and what the whole may come to."""
    return Message("Incomplete, without: {fees}. {whole}.", fees=names(missing), whole=whole_between(ranges))
