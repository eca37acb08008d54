"""A finding: one thing that an invoice shows, with its stable code and the official reason it goes with."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from opqibi_rules.messages import Message, Say
from opqibi_rules.money import EXACT, plain
from opqibi_rules.tables.dispute_codes import DisputeReason
from opqibi_rules.verdict import Verdict, all_of

ERROR, WARNING, INFO = "error", "warning", "info"
DOCUMENT, VAT, PRICE, RUN = "document", "vat", "price", "run"
"""What a finding is about: the document's own sums, its VAT, its price, or the other invoices of the run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; amounts in euros, ``None`` where they mean nothing."""

    code: str
    severity: str
    """``error``, ``warning`` or ``info``."""
    about: str
    """``document``, ``vat``, ``price`` or ``run``."""
    message: Message
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

    @property
    def difference(self) -> Decimal | None:
        """Euros invoiced beyond what was expected."""
        if self.expected is None or self.invoiced is None:
            return None
        return EXACT.subtract(self.invoiced, self.expected)

    @property
    def verdict(self) -> Verdict:
        """Whether the invoice conforms, as far as this one goes."""
        if self.severity == ERROR:
            return Verdict.NO
        return Verdict.UNDETERMINED if self.undetermined else Verdict.YES

    def to_dict(self, say: Say = str, *, language: str = "en") -> dict[str, Any]:
        """The JSON form."""
        return {
            "code": self.code,
            "severity": self.severity,
            "about": self.about,
            "line": self.line,
            "fee": self.fee,
            "articles": list(self.articles),
            "expected": _text(self.expected),
            "invoiced": _text(self.invoiced),
            "difference": _text(self.difference),
            "message": say(self.message),
            "dispute": None if self.dispute is None else self.dispute.to_dict(language),
        }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def verdict_of(findings: Iterable[Finding], about: str | None = None) -> Verdict:
    """The verdict that findings come to, on one subject or on all."""
    return all_of(finding.verdict for finding in findings if about is None or finding.about == about)
