"""The structure (the firm): what it holds or asks for, and its turnovers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.tables.schedule import Schedule

_CODE = r"([0-9]{4})(?::([0-9]{1,2}))?"


@dataclass(frozen=True, slots=True)
class Qualification:
    """One qualification, asked for or held."""

    code: str
    """Four digits, leading zero kept."""
    tariff: int | None = None
    """``None``: left to the nomenclature."""
    probationary: bool = False
    granted_on: date | None = None
    renewed_on: tuple[date, ...] = ()
    """The renewals of a probationary one."""

    @classmethod
    def parse(
        cls, text: str, *, probationary: bool = False, field: str = "qualifications"
    ) -> "Qualification":
        """Read ``CODE`` or ``CODE:TARIFF``.

        >>> Qualification.parse("0607:5").tariff
        5

        Raises:
            RequestError: anything else.
        """
        match = re.fullmatch(_CODE, text.strip())
        if match is None:
            raise RequestError(
                "« {text} » is not a qualification. Write a code of four digits, and its tariff code after "
                "a colon if you know it: 1905 or 1905:5.",
                text=text[:40],
                field=field,
            )
        return cls(match[1], int(match[2]) if match[2] else None, probationary)

    def __str__(self) -> str:
        return self.code if self.tariff is None else f"{self.code}:{self.tariff}"


@dataclass(frozen=True, slots=True)
class Turnover:
    """The turnovers of one year, in euros excl. VAT; ``None`` where unknown, never zero for missing."""

    year: int
    engineering: Decimal | None = None
    """« Ingénierie » turnover: the base of article III in general."""
    energy_audit: Decimal | None = None
    """« Audit énergétique » turnover: the base where only energy-audit qualifications are held."""
    document: str | None = None
    """The fiscal or accounting document, external to the firm, that certifies it (article III)."""
    others: Mapping[str, Decimal] = FrozenDict()
    """By the ids of the turnovers that another schedule declares."""

    @classmethod
    def by_base(
        cls, year: int, amounts: Mapping[str, Decimal | None], document: str | None = None
    ) -> "Turnover":
        """The turnovers of a year, by the ids that schedules declare."""
        others = {base: amount for base, amount in amounts.items() if amount is not None}
        engineering, audit = others.pop("engineering", None), others.pop("energy_audit", None)
        return cls(year, engineering, audit, document, FrozenDict(others))

    @property
    def amounts(self) -> Mapping[str, Decimal]:
        """Those that are known, by the ids that schedules declare."""
        known = {"engineering": self.engineering, "energy_audit": self.energy_audit, **self.others}
        return {base: amount for base, amount in known.items() if amount is not None}


@dataclass(frozen=True, slots=True)
class Structure:
    """A firm: who it is, its qualifications, its turnovers."""

    siren: str | None = None
    name: str | None = None
    territory: str | None = None
    """A territory of the VAT table."""
    qualifications: tuple[Qualification, ...] = ()
    turnovers: tuple[Turnover, ...] = ()
    controls: tuple[date, ...] = ()
    """The days on which annual controls were passed."""

    def turnovers_known(self, on: date, schedule: Schedule) -> Mapping[str, Decimal]:
        """The turnovers on which the schedule reckons, of the last year known that is not after that of ``on``."""
        known = [turnover for turnover in self.turnovers if turnover.year <= on.year]
        last = max(known, key=lambda turnover: turnover.year, default=Turnover(on.year))
        amounts = last.amounts
        return FrozenDict({base.id: amounts[base.id] for base in schedule.turnovers if base.id in amounts})
