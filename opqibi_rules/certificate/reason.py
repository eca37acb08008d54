"""Why a verdict is what it is: what was found, the rule that makes something of it, what it takes for granted."""

from collections.abc import Iterable
from dataclasses import dataclass

from opqibi_rules.messages import Message, Say
from opqibi_rules.tables.facts import Assumption
from opqibi_rules.tables.validity import Validity


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: what was found, and the rule of the validity table that makes something of it."""

    rule: str
    message: Message
    assumption: str | None = None
    """The interpretation it rests on, where the sources leave the point open."""

    def to_dict(self, say: Say) -> dict[str, str]:
        """What it adds to the JSON form of what it is the reason of."""
        return {"reason": say(self.message), "rule": self.rule}

    def as_warning(self, say: Say) -> dict[str, str]:
        """The JSON form of a warning, which is about nothing else."""
        return {"code": self.rule, "message": say(self.message)}


def assumptions_of(reasons: Iterable[Reason], validity: Validity) -> tuple[Assumption, ...]:
    """The interpretations that reasons rest on, each once, in that order."""
    named = dict.fromkeys(reason.assumption for reason in reasons if reason.assumption is not None)
    return tuple(validity.named[name] for name in named)
