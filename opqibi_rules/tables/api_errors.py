"""The errors of API Entreprise: what each family means for a verdict, and what to do about it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

from opqibi_rules.frozen import FrozenDict
from opqibi_rules.messages import Message
from opqibi_rules.tables.description import SOME, Count, Identifier, Like, Words, fact
from opqibi_rules.tables.facts import Source, Table

_OWN = "00"
"""The provider digits of API Entreprise itself: behind them, the last three digits have no common meaning."""

_ErrorCode = Annotated[
    str, Like("[0-9]{2,5}", Message('an error code or its beginning, such as "11003" or "003"'))
]
_Subcode = Annotated[str, Like("[0-9]{3}", Message('the last three digits of an error code, such as "999"'))]


@fact
class Advice:
    """What to do about a family of errors."""

    id: Identifier
    text: Words
    codes: tuple[_ErrorCode, ...] = ()
    """Codes, or the beginning of codes."""
    subcodes: tuple[_Subcode, ...] = ()
    """Last three digits, whoever the provider."""
    statuses: tuple[Count, ...] = ()
    """HTTP statuses."""
    retry: bool = False
    """Whether asking again later may help."""
    no_certificate: bool = False
    """It says that no certificate is known: an answer, not a failure."""
    every_call: bool = False
    """It says the same of every firm (the token, its rights, the traces): no other call will do better."""
    access: bool = False
    """Who may call at all is then worth telling."""

    @property
    def signs(self) -> Iterator[tuple[Literal["codes", "subcodes", "statuses"], str | int]]:
        """All by which one of its errors is known, each with the field that gives it."""
        yield from (("codes", code) for code in self.codes)
        yield from (("subcodes", code) for code in self.subcodes)
        yield from (("statuses", status) for status in self.statuses)


@fact
class Access:
    """Who may call, and how to come by it."""

    text: Words
    sources: Annotated[tuple[Source, ...], SOME]


@fact
class Pace:
    """How many calls may be made in how long, and who says so."""

    calls: Count
    seconds: Count
    source: Source


@fact
class Limits:
    """What API Entreprise asks of those who call it."""

    answer_seconds: Count
    """How long a whole answer may take before the call is given up."""
    quota: Pace
    """Of a token, for all JSON resources together; an answer that announces another says truer."""


@fact
class ApiErrors(Table):
    """The errors of API Entreprise: one is found by its code, or else by its HTTP status."""

    kind: Literal["api_errors"] = "api_errors"
    limits: Limits
    access: Access
    families: Annotated[tuple[Advice, ...], SOME]
    otherwise: Words
    """What to do about an error that is not in the list."""

    @cached_property
    def no_certificate(self) -> frozenset[str]:
        """The codes that say that no certificate is known."""
        return frozenset(code for family in self.families if family.no_certificate for code in family.codes)

    @cached_property
    def _families(self) -> Mapping[tuple[str, str | int], Advice]:
        """The families by each of their signs."""
        return FrozenDict({sign: family for family in self.families for sign in family.signs})

    def advice(self, code: str | None, status: int | None = None) -> Advice:
        """What to do about an error: by its code, its last digits, its beginning, then its HTTP status."""
        otherwise = Advice(id="otherwise", text=self.otherwise)
        if code is not None:
            found = self._families.get(("codes", code))
            if found is None and not code.startswith(_OWN):
                found = self._families.get(("subcodes", code[2:]))
            for length in range(len(code) - 1, 1, -1):
                found = found or self._families.get(("codes", code[:length]))
            if found is not None:
                return found
        return otherwise if status is None else self._families.get(("statuses", status), otherwise)
