"""The official reasons for disputing or refusing an e-invoice, and the statuses that admit each."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Text
from opqibi_rules.paper.shape import Shape
from opqibi_rules.tables.description import SOME, Count, Filled, Identifier, Keyed, Words, fact
from opqibi_rules.tables.facts import Table


@fact
class Status:
    """A status of the life cycle of an e-invoice, such as 207 (disputed) or 210 (refused)."""

    code: Count
    name: Words
    of_platform: bool = False
    """The platform alone gives it, never a buyer."""


@fact
class Reason:
    """A reason code, the statuses that admit it, and the findings it goes with."""

    code: Filled
    name: Words
    statuses: Annotated[tuple[Count, ...], SOME]
    findings: tuple[Identifier, ...]
    """Empty for the one reason that serves all the others."""


class DisputeReason(NamedTuple):
    """A reason as the buyer's platform expects it."""

    code: str
    name: Text
    statuses: tuple[Status, ...]
    """Those that a buyer may send it with."""


class StatusShape(Shape, of=Status):
    """A status of the life cycle of an e-invoice."""

    code: int
    name: Text


class DisputeReasonShape(Shape, of=DisputeReason):
    """The official reason to send to the platform."""

    code: str
    name: Text
    statuses: tuple[StatusShape, ...]
    """Those it may be sent with."""


@fact
class DisputeCodes(Table):
    """The official reasons for disputing an e-invoice."""

    kind: Literal["dispute_codes"] = "dispute_codes"
    statuses: Annotated[Mapping[int, Status], Keyed("code")]
    reasons: Annotated[tuple[Reason, ...], SOME]

    @cached_property
    def by_finding(self) -> Mapping[str, DisputeReason]:
        """The reasons by the code of a finding, or of a cause."""
        return FrozenDict(
            {finding: self._admitted(reason) for reason in self.reasons for finding in reason.findings}
        )

    @cached_property
    def other(self) -> DisputeReason:
        """The reason of all that has no other."""
        return next(self._admitted(reason) for reason in self.reasons if not reason.findings)

    def _admitted(self, reason: Reason) -> DisputeReason:
        known = (self.statuses[code] for code in reason.statuses)
        statuses = tuple(status for status in known if not status.of_platform)
        return DisputeReason(reason.code, reason.name, statuses)

    def reason(self, *names: str) -> DisputeReason:
        """The reason of the first of these findings or causes that has one; else « AUTRE »."""
        return next((self.by_finding[name] for name in names if name in self.by_finding), self.other)
