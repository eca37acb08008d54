"""An explanation: changes that together account for a gap to the cent, and how simply they do."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from opqibi_rules.invoice.why.billing import Change, stretch_of
from opqibi_rules.messages import Message
from opqibi_rules.paper.shape import Shape, Values, at
from opqibi_rules.price.inversion import in_euros


class Confidence(StrEnum):
    """How sure an explanation is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


Chosen = tuple[Change, ...]
"""Changes that account for a gap together."""


class Cost(NamedTuple):
    """How simply what is billed is explained: the least is the best."""

    unexplained: int = 0
    """How many blocks nothing explains."""
    changes: int = 0
    """How many changes explain the others."""
    blurred: int = 0
    """How many blocks of several lines are explained by their sum."""
    free: int = 0
    """In the best explanation, how many changes could account for any amount at all."""
    bend: int = 0
    """How far the best explanation stretches the truth otherwise."""


RIGHT = Cost()
"""What is billed is what is due."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Changes that together account for a gap to the cent."""

    changes: Chosen
    effect: Decimal
    """Euros excl. VAT billed too much, or too little where negative."""
    fee: str | None = None
    confidence: Confidence = Confidence.POSSIBLE
    of_vat: bool = False
    """The gap is in the VAT, and ``effect`` is euros of VAT."""
    of_sums: bool = False
    """The document is wrong in itself: a line is not its own number × price."""
    condition: Message | None = None
    """What it takes for granted of what the invoice bills."""

    @property
    def cause(self) -> str:
        """The code of its change; ``combination`` of several."""
        return self.changes[0].cause if len(self.changes) == 1 else "combination"

    @property
    def about(self) -> Literal["document", "vat", "price"]:
        """What it explains."""
        return "vat" if self.of_vat else "document" if self.of_sums else "price"

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles of the schedule that its changes touch."""
        return tuple(dict.fromkeys(article for change in self.changes for article in change.articles))

    @property
    def message(self) -> Message:
        """Its changes in words."""
        first, *others = (change.message for change in self.changes)
        for other in others:
            first = Message("{first}, and {other}", first=first, other=other)
        if self.condition is not None:
            return Message("{first} ({condition})", first=first, condition=self.condition)
        return first

    @property
    def stiff(self) -> bool:
        """No change in it could account for any amount at all."""
        return all(change.stiff for change in self.changes)

    @property
    def cost(self) -> Cost:
        """The least is the likeliest."""
        return Cost(0, len(self.changes), 0, *stretch_of(self.changes))


class ChangeShape(Shape, of=Change):
    """One mistake, and what it moves."""

    cause: str
    fee: str | None
    articles: tuple[str, ...]
    effect: Decimal = at(lambda change: in_euros(sum(change.moves.values())))
    message: Message


class ExplanationShape(Shape, of=Explanation):
    """Changes that together account for a gap, to the cent."""

    cause: str
    """The code of its change; `combination` of several."""
    fee: str | None
    about: Literal["document", "vat", "price"]
    effect: Decimal
    message: Message
    values: Values = at("message")
    """What its sentence names."""
    confidence: Confidence
    articles: tuple[str, ...]
    changes: tuple[ChangeShape, ...]
