"""The accounts by which an invoice of OPQIBI is booked: defaults of the French chart, each of them changeable."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, Text
from opqibi_rules.tables.facts import Assumption, Source, build_facts

_NUMBER = re.compile("[0-9]{3}[0-9A-Za-z]{0,17}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account, and its name as the chart gives it (in French, whatever the reader's language)."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """The journal, the supplier, and the account of each purpose."""

    id: str
    title: Text
    in_force_from: date
    in_force_until: date | None
    sources: tuple[Source, ...]
    checked_on: date
    checked_by: str
    assumptions: Mapping[str, Assumption]
    journal: Account
    auxiliary: Account
    by_purpose: Mapping[str, Account]
    """``supplier``, each fee, ``other``, ``prepaid``, ``vat``, ``loss`` and ``gain``."""

    def numbered(self, numbers: Mapping[str, str]) -> "Accounts":
        """The same, with other account numbers for some purposes: ``{"brand_usage": "651100"}``.

        Raises:
            RequestError: an unknown purpose, or an account that does not start with three digits.
        """
        changed = dict(self.by_purpose)
        for purpose, number in numbers.items():
            if purpose not in changed:
                raise RequestError(
                    Message(
                        "« {purpose} » is not booked; one of {known} is.",
                        purpose=purpose[:40],
                        known=tuple(changed),
                    )
                )
            if not _NUMBER.fullmatch(number):
                raise RequestError(
                    Message(
                        "« {number} » is no account: three digits of the chart, then up to seventeen digits or "
                        "letters.",
                        number=number[:40],
                    )
                )
            changed[purpose] = replace(changed[purpose], number=number)
        return replace(self, by_purpose=changed)


def build(data: Mapping[str, Any]) -> Accounts:
    """The accounts that a checked table states."""
    return Accounts(
        **build_facts(data),
        journal=Account(data["journal"]["code"], data["journal"]["name"]),
        auxiliary=Account(data["auxiliary"]["code"], data["auxiliary"]["name"]),
        by_purpose={purpose: Account(**account) for purpose, account in data["accounts"].items()},
    )
