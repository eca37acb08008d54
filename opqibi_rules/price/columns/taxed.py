"""VAT on columns: the rate of each row's territory on its day, as for a single quote."""

from collections.abc import Callable, Mapping
from datetime import date

import narwhals.stable.v2 as nw

from opqibi_rules.errors import TableError
from opqibi_rules.money import exactly
from opqibi_rules.price.columns.inputs import Days
from opqibi_rules.price.headings import naming
from opqibi_rules.price.question import MAINLAND
from opqibi_rules.tables.vat import VatRule, VatTable

NO_RATE = -1
"""Marks a territory that the table does not know, or has no rate for on that day."""
_EXACT = 2**53
"""Below it, all engines divide whole numbers exactly, those that divide in doubles too."""


class Rates:
    """The rates of a table as whole numbers: a rate times :attr:`scale`."""

    @exactly
    def __init__(self, vat: VatTable) -> None:
        self._rules: Mapping[str, tuple[VatRule, ...]] = vat.rules
        every = [rule.rate for dated in vat.rules.values() for rule in dated]
        self.scale = 10 ** max(1, *(-int(rate.as_tuple().exponent) for rate in every))
        self._whole = {rate: int(rate * self.scale) for rate in every}

    def of(self, territory: nw.Expr, day: Days | date) -> nw.Expr:
        """The rate of each row, by the name of its territory; where there is none, mainland France's."""
        since: Callable[[VatRule], nw.Expr | bool]
        if isinstance(day, date):
            since = lambda rule: rule.in_force_from <= day <= (rule.in_force_until or day)  # noqa: E731
        else:
            since = lambda rule: (  # noqa: E731
                day.since(rule.in_force_from)
                if rule.in_force_until is None
                else day.since(rule.in_force_from) & ~day.after(rule.in_force_until)
            )
        text = territory.fill_null("")
        rate = nw.lit(NO_RATE, nw.Int64)
        for name, dated in self._rules.items():
            names = [each for rule in dated for each in rule.names]
            pattern = naming([*names, *(f"la {each}" for each in names), *([""] if name == MAINLAND else [])])
            for rule in reversed(dated):  # the most recent first
                holds = since(rule)
                if holds is not False:
                    met = text.str.contains(pattern)
                    met = met if holds is True else met & holds
                    rate = nw.when(met).then(nw.lit(self._whole[rule.rate], nw.Int64)).otherwise(rate)
        return rate

    def vat(self, total: nw.Expr, rate: nw.Expr, largest: int) -> nw.Expr:
        """The VAT on a total, in cents, rounded half up once; ``largest`` is the most that a total comes to.

        Raises:
            TableError: a total so large that it would not be exact.
        """
        if largest * max(self._whole.values()) + self.scale > _EXACT:
            raise TableError(
                "The schedule has amounts too large for VAT on columns. Price these rows one by one."
            )
        taxed: nw.Expr = (total * rate + self.scale // 2) // self.scale
        return taxed
