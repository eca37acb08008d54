"""The words by which an invoice names a fee, an event, a tariff code, the body that bills."""

from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Literal, Self

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.paper.text import plain_words
from opqibi_rules.tables.description import Filled, Identifier, Words, fact
from opqibi_rules.tables.schedule import Fee, Schedule, Tranches
from opqibi_rules.tables.wording.headings import HeadingWording
from opqibi_rules.tables.wording.phrases import Phrases

StampWords = Literal[
    "void",
    "void_alone",
    "void_first",
    "open",
    "open_alone",
    "open_told",
    "open_first",
    "first",
    "stamp",
    "corrects",
    "denied",
]
DoubtWords = Literal[
    "bodies",
    "reverses",
    "instalments",
    "firms",
    "for",
    "marks",
    "references",
    "editions",
    "turnovers",
    "between_turnovers",
    "accounts",
    "deposits",
    "until",
    "year_of",
]


@fact
class InvoiceWording(HeadingWording):
    """The words by which an invoice line names a fee; a user's are added to ours."""

    fees: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """By the fee's id; the fee's own name counts without being repeated here."""
    parts: Mapping[Literal["flat", "new_requests"], Phrases] = field(default_factory=FrozenDict)
    """By what the part is: one amount, or what new requests add."""
    beside: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """By the fee's id, words that may name it beside the name of another."""
    counted: Phrases = Phrases()
    """What may stand between a number of qualifications and their tariff code."""
    adjusts: Phrases = Phrases()
    """What is taken off a price, or charged on top of it."""
    elsewhere: Phrases = Phrases()
    """What such a body may bill beside its schedule, and what others bill."""
    about: Phrases = Phrases()
    """What a line speaks of without naming a fee: qualifications, their domains, the whole invoice."""
    idle: Phrases = Phrases()
    """Words that say nothing by themselves."""
    doubts: Mapping[DoubtWords, Phrases] = field(default_factory=FrozenDict)
    """What a line says of another thing than the fee whose amount it bears: another body, the reverse of a billing;
    and what stands before the name of a firm, of whom it is for, of a mark."""
    durations: Mapping[Filled, Phrases] = field(default_factory=FrozenDict)
    """By number of years, how a line says so many."""
    bodies: Mapping[Identifier, Phrases] = field(default_factory=FrozenDict)
    """The names of the bodies that publish schedules; the first is shown."""
    forms: Phrases = Phrases()
    """Words of a firm's name that tell it from no other: its legal form, its trade."""
    legal_forms: Phrases = Phrases()
    """Those of them that are a legal form: two firms of one name may differ by it."""
    trades: Phrases = Phrases()
    """Those of them that say a trade."""
    beside_bodies: Phrases = Phrases()
    """Those of them that may stand beside the name of a body, which remains the same."""
    stamps: Mapping[StampWords, Phrases] = field(default_factory=FrozenDict)
    """What a note or a stamp says of the whole document: that it is no invoice to pay; that the amount due may be
    paid already, or be another; that it corrects an invoice; the words that deny it before. ``alone``: where it is
    all that stands there; ``stamp``: the same, in a capital; ``first``: where a stamp begins so."""
    documents: Mapping[Filled, Words] = field(default_factory=FrozenDict)
    """By code of UNTDID 1001, the documents of EN 16931 by which no fee of a schedule is asked for."""
    settled: Mapping[Filled, Words] = field(default_factory=FrozenDict)
    """By code of UNTDID 4461 or of BT-23, what says that the amount due is paid already, or is not paid as such."""
    collected: Mapping[Filled, Words] = field(default_factory=FrozenDict)
    """By code of UNTDID 4461, the means by which who sells collects it."""

    @cached_property
    def _named(self) -> dict[tuple[Fee, ...], Self]:
        return {}

    def naming(self, fees: tuple[Fee, ...]) -> Self:
        """The same for the fees of one schedule, and no other: the names they bear count as well."""
        if fees not in self._named:  # reading their phrases costs as much as a whole check
            self._named[fees] = self._naming(fees)
        return self._named[fees]

    def _naming(self, fees: tuple[Fee, ...]) -> Self:
        none = Phrases()
        elsewhere = self.elsewhere.unsaid_in(
            text
            for fee in fees
            for part in fee.parts
            if not isinstance(part, Tranches)
            for text in part.label
        )
        return replace(
            self,
            fees=FrozenDict(
                {
                    fee.id: Phrases(fr=(fee.name.fr,), en=(fee.name.en,)).over(self.fees.get(fee.id, none))
                    for fee in fees
                }
            ),
            beside=FrozenDict({fee.id: self.beside[fee.id] for fee in fees if fee.id in self.beside}),
            elsewhere=elsewhere,
        )

    def body_of(self, schedule: Schedule) -> tuple[str, ...]:
        """The names of the one body that a schedule names in its title or its sources; none where it is not one."""
        texts = (*schedule.title, *(source.document for source in schedule.sources))
        said = f" {' | '.join(map(plain_words, texts))} "
        named = [
            phrases for phrases in self.bodies.values() if any(f" {name} " in said for name in phrases.plain)
        ]
        return (*named[0].fr, *named[0].en) if len(named) == 1 else ()
