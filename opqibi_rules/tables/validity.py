"""How long certificates and qualifications run, and the rules that verdicts name."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Annotated, Literal, Self

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.tables.description import SOME, Count, Filled, Identifier, Keyed, Words, fact
from opqibi_rules.tables.facts import Source, Table


@fact
class Term:
    """A duration in whole years, and who says so."""

    years: Count
    controls: Count = 0
    """Annual controls within it."""
    renewals: Count | None = None
    """How many times it may be renewed for the same length; null: no limit is stated."""
    wording: tuple[Filled, ...] = ()
    """How an issuing body writes it, in small letters."""
    source: Source


@fact
class CertificateForm:
    """What a certificate looks like when nothing is odd about it."""

    number: Filled
    """``YY MM NNNN``: Y, M and N stand for digits, MM for a month."""
    hosts: tuple[Filled, ...]
    """Where a certificate is published; their subdomains too."""


@fact
class Organic:
    """The states of Agence BIO, and whether each certifies: an open list, what is not in it is undetermined."""

    states: Annotated[Mapping[Filled, bool | None], SOME]
    """null: nothing says."""
    suspension_years: Count
    """A suspension that lasts so long becomes a withdrawal."""
    publishing: tuple[Filled, ...] = ()
    """The certifying bodies that put their certificates online."""
    source: Source


@fact
class Rule:
    """A rule that a verdict names: its sentence and its source."""

    id: Identifier
    text: Words
    source: Source


@fact
class Unread:
    """A document that is known to exist, and that we could not open."""

    source: Source
    sections: Annotated[Mapping[Filled, Filled], SOME]
    """What its table of contents announces, by number."""
    may_settle: tuple[Identifier, ...]
    """The interpretations that it may confirm or overturn."""


@fact
class Sanctions:
    """What OPQIBI may decide of a qualification held; null: the rule stands in a document not read."""

    warning: Rule | None = None
    suspension: Rule | None = None
    withdrawal: Rule | None = None


@fact
class Validity(Table):
    """How long certificates and qualifications run, and the rules that verdicts name."""

    kind: Literal["validity"] = "validity"
    certificate: Term
    form: CertificateForm
    qualification: Term
    probationary: Term
    organic: Organic
    unread: tuple[Unread, ...] = ()
    sanctions: Sanctions = field(default_factory=Sanctions)
    rules: Annotated[Mapping[str, Rule], Keyed("id")] = field(default_factory=FrozenDict)
    """Laid over ours, rule by rule."""

    def over(self, below: Self) -> Self:
        """The durations of this table as a whole; the rules of both."""
        return replace(self, rules=FrozenDict({**below.rules, **self.rules}))
