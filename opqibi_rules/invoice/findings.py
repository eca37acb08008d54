"""A finding: one thing that an invoice shows, with its stable code and the official reason it goes with."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from enum import StrEnum

from opqibi_rules.messages import Message, in_currency
from opqibi_rules.money import exactly
from opqibi_rules.paper.shape import Shape, Values, at
from opqibi_rules.tables.dispute_codes import DisputeCodes, DisputeReason, DisputeReasonShape
from opqibi_rules.verdict import Verdict, all_of


class Severity(StrEnum):
    """Whether a finding makes an invoice wrong."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class About(StrEnum):
    """What a finding is about."""

    DOCUMENT = "document"
    """The document's own sums."""
    VAT = "vat"
    PRICE = "price"
    PARTIES = "parties"
    """Who bills, and who is billed."""
    PAYABLE = "payable"
    """What is left to pay."""
    RUN = "run"
    """The other invoices of the run."""


SUBJECTS = (About.DOCUMENT, About.VAT, About.PRICE, About.PARTIES, About.PAYABLE)
"""The five verdicts of which the whole is made."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; amounts in euros, ``None`` where they mean nothing."""

    code: str
    about: About
    message: Message
    severity: Severity = Severity.INFO
    _: KW_ONLY
    line: str | None = None
    """The identifier of the invoice line."""
    fee: str | None = None
    articles: tuple[str, ...] = ()
    expected: Decimal | None = None
    invoiced: Decimal | None = None
    undetermined: bool = False
    """It says which data is missing for a verdict."""
    dispute: DisputeReason | None = None
    """The official reason to send, where it is an error."""
    to_seller: Message | None = None
    """What a letter says instead of the message, which names files of ours or advises who pays."""

    @property
    def difference(self) -> Decimal | None:
        """Euros invoiced beyond what was expected."""
        return beyond(self.invoiced, self.expected)

    @property
    def verdict(self) -> Verdict:
        """Whether the invoice conforms, as far as this one goes."""
        if self.severity is Severity.ERROR:
            return Verdict.NO
        return Verdict.UNDETERMINED if self.undetermined else Verdict.YES


class FindingShape(Shape, of=Finding):
    """One thing that an invoice shows."""

    code: str
    severity: Severity
    about: About
    line: str | None
    """The identifier of the invoice line."""
    fee: str | None
    articles: tuple[str, ...]
    expected: Decimal | None
    invoiced: Decimal | None
    difference: Decimal | None
    message: Message
    values: Values = at("message")
    """What its sentence names."""
    dispute: DisputeReasonShape | None


@exactly
def beyond(invoiced: Decimal | None, expected: Decimal | None) -> Decimal | None:
    """Euros invoiced beyond what was expected; ``None`` where either is not known."""
    return None if invoiced is None or expected is None else invoiced - expected


def missing(code: str, about: About, message: Message) -> Finding:
    """What leaves a verdict undetermined, for want of data."""
    return Finding(code, about, message, Severity.WARNING, undetermined=True)


def in_its_currency(findings: Iterable[Finding], currency: str | None) -> tuple[Finding, ...]:
    """The same, their amounts said in the invoice's own currency."""
    return tuple(replace(item, message=in_currency(item.message, currency)) for item in findings)


def with_reasons(findings: Iterable[Finding], codes: DisputeCodes) -> tuple[Finding, ...]:
    """The same, each error with the official reason that its code goes with, where it has none of its own."""
    return tuple(
        replace(finding, dispute=codes.reason(finding.code))
        if finding.severity is Severity.ERROR and finding.dispute is None
        else finding
        for finding in findings
    )


def verdict_of(findings: Iterable[Finding], about: About | None = None) -> Verdict:
    """The verdict that findings come to, on one subject or on all."""
    return all_of(finding.verdict for finding in findings if about is None or finding.about is about)
