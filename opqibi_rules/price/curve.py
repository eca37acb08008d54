"""A fee by tranches against the turnover, for every picture of it: a straight line between its breaks."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from opqibi_rules.price.fees import FeeRule, amount_of
from opqibi_rules.price.inversion import by_turnover
from opqibi_rules.price.planning.comparison import Limits, limits
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.schedule import Base, Fee, Tranches


class Curve(NamedTuple):
    """A part by tranches of a fee, against its turnover."""

    rule: FeeRule
    part: Tranches
    base: Base
    limits: Limits
    """The turnovers between which it follows the turnover."""
    turnover: Decimal | None
    """The structure's own, where it is known."""

    @property
    def fee(self) -> Fee:
        """The whole fee."""
        return self.rule.fee

    def amount(self, turnover: Decimal) -> Decimal:
        """What the part comes to on a turnover, in euros excl. VAT."""
        return amount_of([line for line in self.rule.lines(turnover=turnover) if line.part == self.part])

    @property
    def breaks(self) -> tuple[Decimal, ...]:
        """The turnovers at which its slope changes: bounds of tranches, end of the floor, start of the cap."""
        found = {bound for tranche in self.part.tranches for bound in (tranche.above, tranche.up_to)}
        found |= {self.limits.floor_until, self.limits.cap_from}
        return tuple(sorted(bound for bound in found if bound))

    def points(
        self, least: Decimal, most: Decimal, *, also: Iterable[Decimal] = ()
    ) -> tuple[tuple[Decimal, Decimal], ...]:
        """Turnovers from ``least`` to ``most`` and what each comes to: both ends, the breaks, and those ``also``."""
        wanted = {least, most, *self.breaks, *also}
        return tuple((at, self.amount(at)) for at in sorted(wanted) if least <= at <= most)


def curves(quote: Quote) -> tuple[Curve, ...]:
    """The fees by tranches of the schedule, each at the turnover that the quote takes for it, if it takes one."""
    found = []
    for rule in by_turnover(quote.schedule):
        assert rule.tranches is not None
        taken = quote.bases.get(rule.fee.id)
        base = quote.schedule.base((taken and taken.kind) or rule.tranches.turnover)
        bounds = limits(quote.schedule, rule.fee.id)
        found.append(Curve(rule, rule.tranches, base, bounds, taken.turnover if taken else None))
    return tuple(found)
