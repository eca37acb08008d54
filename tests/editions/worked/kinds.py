"""What a case worked by hand is made of, and how each door is asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1]

Amounts = Mapping[str, str | None]
"""Euros, two decimals and a point, by fee; None where the fee is due and cannot be computed."""


@dataclass(frozen=True)
class Price:
    """A question, and the amounts expected; ``working`` is the calculation, for whoever reads it again."""

    name: str
    working: str
    event: str
    on: str
    subtotals: Amounts
    """Of the fees that the event bears; the others are null."""
    total: str
    vat: str
    incl: str
    tariffs: Mapping[int, int] = field(default_factory=dict)
    qualifications: tuple[str, ...] = ()
    probationary: tuple[str, ...] = ()
    new_tariffs: Mapping[int, int] = field(default_factory=dict)
    turnovers: Mapping[str, str] = field(default_factory=dict)
    """By base; the key "" is the first base of the schedule, the one meant where none is named."""
    parts: tuple[tuple[str, str], ...] = ()
    """The lines in order, as (fee.part, amount), where the case is about them."""
    undetermined: bool = False

    @property
    def missing(self) -> list[str]:
        return [fee for fee, amount in self.subtotals.items() if amount is None]

    def question(self) -> dict[str, Any]:
        """As Python, HTTP and assistants are asked."""
        asked: dict[str, Any] = {"event": self.event, "on": self.on}
        for name, counts in (("tariffs", self.tariffs), ("new_tariffs", self.new_tariffs)):
            if counts:
                asked[name] = {str(tariff): count for tariff, count in counts.items()}
        for name, codes in (("qualifications", self.qualifications), ("probationary", self.probationary)):
            if codes:
                asked[name] = list(codes)
        if "" in self.turnovers:
            asked["turnover"] = self.turnovers[""]
        named = {base: euros for base, euros in self.turnovers.items() if base}
        return asked | ({"turnovers": named} if named else {})

    def options(self) -> list[str]:
        """As the command line is asked, the day aside."""
        return [
            *("--event", self.event),
            *(word for tariff, count in self.tariffs.items() for word in ("-t", f"{tariff}={count}")),
            *(word for tariff, count in self.new_tariffs.items() for word in ("--new-tariff", f"{tariff}={count}")),
            *(word for code in self.qualifications for word in ("-q", code)),
            *(word for code in self.probationary for word in ("-p", code)),
            *(word for base, euros in self.turnovers.items()
              for word in ("--turnover", f"{base}={euros}" if base else euros)),
        ]  # fmt: skip

    def case(self) -> dict[str, Any]:
        """As a file of cases says it."""
        asked = self.question()
        expected = {
            **self.subtotals,
            "total_excl_vat": self.total,
            "vat": self.vat,
            "total_incl_vat": self.incl,
        }
        return {
            "case": self.name, "working": self.working, "event": self.event, "date": asked.pop("on"),
            **{name: value for name, value in asked.items() if name != "event"}, "expected": expected,
        }  # fmt: skip


@dataclass(frozen=True)
class Payment:
    due: str
    event: str
    subtotals: Mapping[str, str]
    total: str
    schedule: str


@dataclass(frozen=True)
class Plan:
    """A plan: what is paid on which day, and which year bears it."""

    name: str
    working: str
    event: str
    start: str
    notified: str
    years: int
    tariffs: Mapping[int, int]
    turnover: str
    payments: tuple[Payment, ...]
    total: str
    incl: str
    expense: Mapping[int, str]
    """What each calendar year bears, excl. VAT."""
    prepaid: Mapping[int, str]
    """What is paid by 31 December for the years after, where it is not nothing."""

    def question(self) -> dict[str, Any]:
        return {
            "event": self.event, "start": self.start, "notified": self.notified, "years": self.years,
            "tariffs": {str(tariff): count for tariff, count in self.tariffs.items()}, "turnover": self.turnover,
        }  # fmt: skip

    def options(self) -> list[str]:
        return [
            *("--event", self.event, "--from", self.start, "--notified", self.notified),
            *("--years", str(self.years), "--turnover", self.turnover),
            *(word for tariff, count in self.tariffs.items() for word in ("-t", f"{tariff}={count}")),
        ]


@dataclass(frozen=True)
class Row:
    """A line of an invoice: its words, quantity, unit price and amount."""

    name: str
    quantity: int
    unit_price: str
    amount: str


_OF_ANOTHER_BODY = {"entree", "reprise", "suivi", "duplicata"}


@dataclass(frozen=True)
class Invoice:
    """An invoice for what ``due`` asks: right if ``gap`` is zero, else wrong by ``gap`` on ``fee``, and why."""

    name: str
    working: str
    due: Price
    rows: tuple[Row, ...]
    total: str
    vat: str
    incl: str
    gap: str = "0.00"
    fee: str | None = None
    words: str | None = None
    """The cause, as an English sentence says it, its amounts aside: « … » stands for them."""
    fees: tuple[str, ...] = ()
    """The fees that it bears, where they are said outright."""

    @property
    def seller(self) -> str:
        """Who bills: the body that the schedule of its event names."""
        return "Autre organisme" if self.due.event in _OF_ANOTHER_BODY else "OPQIBI"

    def csv(self, number: str = "F1") -> bytes:
        """The file, as a firm would have it from its accounting software."""
        lines = ["numéro;date;libellé;quantité;prix unitaire;montant ht;total ht;tva;total ttc;vendeur"]
        lines += [
            f"{number};{self.due.on};{row.name};{row.quantity};{row.unit_price};{row.amount};"
            f"{self.total};{self.vat};{self.incl};{self.seller}"
            for row in self.rows
        ]
        return ("\n".join(lines) + "\n").encode()

    def options(self) -> list[str]:
        return [*self.due.options(), *(("--fees", ",".join(self.fees)) if self.fees else ())]


@dataclass(frozen=True)
class Entry:
    """The entry in the journal of a right invoice: debits by account, and the supplier's credit."""

    working: str
    invoice: Invoice
    debits: Mapping[str, str]
    credit: str


@dataclass(frozen=True)
class Edition:
    """One of the four schedules, and what was worked by hand from it."""

    name: str
    schedule: str
    """The id of the schedule."""
    on: str
    """A day on which it is in force."""
    fees: Mapping[str, str]
    """The English name of each fee, by id, in the order of the schedule."""
    events: tuple[str, ...]
    tariffs: tuple[int, ...]
    bases: tuple[str, ...]
    prices: tuple[Price, ...]
    plans: tuple[Plan, ...]
    invoices: tuple[Invoice, ...]
    entries: tuple[Entry, ...]
    one_more: Mapping[str, str]
    """What one more qualification at a tariff costs over the four years of the first plan's question."""
    cap_from: str
    """The turnover from which the cap holds."""
    rows_in_error: tuple[tuple[Mapping[str, str], str], ...]
    """Rows of a batch that cannot be priced, with the code of the error."""

    @property
    def folder(self) -> str:
        return str(FOLDER / self.name)
