"""Why a verdict is what it is: what was found, the rule that makes something of it, what it takes for granted."""

from collections.abc import Iterable
from dataclasses import dataclass

from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, at
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.validity import Validity


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: what was found, and the rule of the validity table that makes something of it."""

    rule: str
    message: Message
    assumption: str | None = None
    """The interpretation it rests on, where the sources leave the point open."""


class WarningShape(Shape, of=Reason):
    """What is worth knowing, and settles nothing."""

    code: str = at("rule")
    message: Message


def assumptions_of(reasons: Iterable[Reason], validity: Validity) -> tuple[Assumption, ...]:
    """The interpretations that reasons rest on, each once, in that order."""
    named = dict.fromkeys(reason.assumption for reason in reasons if reason.assumption is not None)
    return tuple(validity.named[name] for name in named)
