"""The accounts by which an invoice of OPQIBI is booked: defaults of the French chart, each of them changeable."""

from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Annotated, Literal, Self

from opqibi_rules.errors import TableError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.tables.description import Filled, Identifier, Like, fact
from opqibi_rules.tables.facts import Table

PURPOSES = ("supplier", "other", "prepaid", "vat", "loss", "gain")
"""What is booked beside the fees."""

_Number = Annotated[
    str, Like("[0-9]{3}[0-9A-Za-z]{0,17}", Message('an account of three digits or more, such as "6511"'))
]


@fact
class NamedCode:
    """A code of the accounting system, and its name."""

    code: Filled
    name: Filled


@fact
class Account:
    """An account of the chart: three digits, then what the firm adds to them; its name in French, as the chart's."""

    number: _Number
    name: Filled


def no_account(purpose: str) -> Message:
    """What is missing where a purpose has none."""
    return Message(
        "« {purpose} » has no account: give it one in a table of kind « accounts ».", purpose=purpose
    )


class _ByPurpose(FrozenDict[str, Account]):
    """The accounts by purpose; one that is missing is told as what it is, a gap in the tables."""

    __slots__ = ()

    def __missing__(self, purpose: str) -> Account:
        raise TableError(no_account(purpose))


@fact
class Accounts(Table):
    """The accounts by which an invoice is booked; a user's are laid over ours, purpose by purpose."""

    kind: Literal["accounts"] = "accounts"
    journal: NamedCode | None = None
    """The journal that purchases go to; null: as in the table below."""
    adjustments: NamedCode | None = None
    """The journal in which a later year takes its share of what was prepaid; null: as in the table below."""
    auxiliary: NamedCode | None = None
    """The supplier's own account under the collective one; null: as in the table below."""
    accounts: Mapping[Identifier, Account] = field(default_factory=FrozenDict)
    """``supplier``, ``other``, ``prepaid``, ``vat``, ``loss``, ``gain``, and each fee by its id."""

    @cached_property
    def by_purpose(self) -> Mapping[str, Account]:
        """The accounts; asking for one that is not there is a :class:`TableError`."""
        return _ByPurpose(self.accounts)

    @property
    def book(self) -> NamedCode:
        """The journal that purchases go to.

        Raises:
            TableError: no table names one.
        """
        if self.journal is None:
            raise TableError("No table of kind « accounts » names a journal.")
        return self.journal

    def over(self, below: Self) -> Self:
        """The accounts of this table, and those of ``below`` for what it leaves out."""
        return replace(
            self,
            journal=self.journal or below.journal,
            adjustments=self.adjustments or below.adjustments,
            auxiliary=self.auxiliary or below.auxiliary,
            accounts=FrozenDict({**below.accounts, **self.accounts}),
            assumptions=(*below.assumptions, *self.assumptions),
        )
