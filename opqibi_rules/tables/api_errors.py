"""The errors of API Entreprise: what each family means for a verdict, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opqibi_rules.messages import Text
from opqibi_rules.tables.facts import Source, build_facts

_OWN = "00"
"""The provider digits of API Entreprise itself: behind them, the last three digits have no common meaning."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about an error."""

    id: str
    text: Text
    retry: bool
    """Whether asking again later may help."""


@dataclass(frozen=True, slots=True)
class ApiErrors:
    """The catalogue: an error is found by its code, or else by its HTTP status."""

    sources: tuple[Source, ...]
    by_code: Mapping[str, Advice]
    """Codes, and beginnings of codes."""
    by_subcode: Mapping[str, Advice]
    """Last three digits, whoever the provider."""
    by_status: Mapping[int, Advice]
    otherwise: Advice
    no_certificate: frozenset[str]
    """The codes that say that no certificate is known."""

    def advice(self, code: str | None, status: int | None = None) -> Advice:
        """What to do about an error: by its code, its last digits, its beginning, then its HTTP status."""
        if code is not None:
            found = self.by_code.get(code)
            if found is None and not code.startswith(_OWN):
                found = self.by_subcode.get(code[2:])
            for length in range(len(code) - 1, 1, -1):
                found = found or self.by_code.get(code[:length])
            if found is not None:
                return found
        return self.otherwise if status is None else self.by_status.get(status, self.otherwise)


def build(data: Mapping[str, Any]) -> ApiErrors:
    """The catalogue that a checked table states."""
    by_code: dict[str, Advice] = {}
    by_subcode: dict[str, Advice] = {}
    by_status: dict[int, Advice] = {}
    for item in [data["no_certificate"], *data["advice"]]:
        advice = Advice(item["id"], Text(**item["text"]), item["retry"])
        by_code.update(dict.fromkeys(item["codes"], advice))
        by_subcode.update(dict.fromkeys(item["subcodes"], advice))
        by_status.update(dict.fromkeys(item["statuses"], advice))
    return ApiErrors(
        build_facts(data)["sources"],
        by_code,
        by_subcode,
        by_status,
        Advice("otherwise", Text(**data["otherwise"]), retry=False),
        frozenset(data["no_certificate"]["codes"]),
    )
