"""The official reasons for disputing or refusing an e-invoice, and the statuses that admit each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from opqibi_rules.messages import Text
from opqibi_rules.tables.facts import Assumption, Source, build_facts


@dataclass(frozen=True, slots=True)
class Status:
    """A status of the life cycle of an e-invoice."""

    code: int
    """207: disputed; 210: refused…"""
    name: Text


@dataclass(frozen=True, slots=True)
class DisputeReason:
    """A reason code, as the buyer's platform expects it."""

    code: str
    name: Text
    statuses: tuple[Status, ...]
    """Those it may be sent with."""

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """Codes, and names in ``language``."""
        return {
            "code": self.code,
            "name": self.name.said(language),
            "statuses": [
                {"code": status.code, "name": status.name.said(language)} for status in self.statuses
            ],
        }


@dataclass(frozen=True, slots=True)
class DisputeCodes:
    """The reasons of one edition, by what they go with."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    assumptions: Mapping[str, Assumption]
    by_finding: Mapping[str, DisputeReason]
    """By the code of a finding, or of a cause."""
    other: DisputeReason

    def reason(self, *names: str) -> DisputeReason:
        """The reason of the first of these findings or causes that has one; else « AUTRE »."""
        return next((self.by_finding[name] for name in names if name in self.by_finding), self.other)


def build(data: Mapping[str, Any]) -> DisputeCodes:
    """The reasons that a checked table states."""
    statuses = {item["code"]: Status(item["code"], Text(**item["name"])) for item in data["statuses"]}
    by_finding: dict[str, DisputeReason] = {}
    other = None
    for item in data["reasons"]:
        reason = DisputeReason(
            item["code"], Text(**item["name"]), tuple(statuses[code] for code in item["statuses"])
        )
        by_finding |= dict.fromkeys(item["findings"], reason)
        other = reason if not item["findings"] else other
    assert other is not None  # the model asks for it
    return DisputeCodes(**build_facts(data), by_finding=by_finding, other=other)
