"""What every table of facts says about itself: where it comes from, since when it holds, who checked it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from opqibi_rules.messages import Text


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read."""

    document: str
    address: str
    dated: str | None = None
    """The document's own date or edition, as it states it."""
    reliability: str = "opqibi"
    """``opqibi`` (the issuing body), ``law``, ``administration``, ``press``, ``third_party`` or ``user``."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """An interpretation that the source does not settle: named, so that a result can say it used it."""

    id: str
    article: str | None
    text: Text
    reason: Text
    tariffs: frozenset[int] = frozenset()
    """The tariff codes that it concerns, where it concerns only some."""

    def to_dict(self, language: str) -> dict[str, str | None]:
        """The JSON form, in one language."""
        return {
            "id": self.id,
            "article": self.article,
            "text": self.text.said(language),
            "reason": self.reason.said(language),
        }


def build_source(data: Mapping[str, Any]) -> Source:
    """The source that a checked table states."""
    return Source(data["document"], data["address"], data["dated"], data["reliability"])


def build_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that all tables share, from a checked table."""
    until = data["in_force_until"]
    return {
        "id": data["id"],
        "title": Text(**data["title"]),
        "in_force_from": date.fromisoformat(data["in_force_from"]),
        "in_force_until": None if until is None else date.fromisoformat(until),
        "sources": tuple(build_source(source) for source in data["sources"]),
        "checked_on": date.fromisoformat(data["checked_on"]),
        "checked_by": data["checked_by"],
        "assumptions": MappingProxyType(
            {
                item["id"]: Assumption(
                    item["id"],
                    item["article"],
                    Text(**item["text"]),
                    Text(**item["reason"]),
                    frozenset(item["tariffs"]),
                )
                for item in data["assumptions"]
            }
        ),
    }
