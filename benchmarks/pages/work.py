"""The work: pages whose truth is known, the values that are asked of each, and how an answer is judged."""

import csv
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.pdf import read_pdf
from tests.invoice.reading.made_pages import LAYOUTS, Bill, BillLine, pdf_of

Truth = Mapping[str, str]
"""By key, as text: amounts in absolute value."""
ASKED = ("number", "date", "total_excl_vat", "vat", "total_incl_vat")


@dataclass(frozen=True)
class Work:
    """One page, and what it says."""

    name: str
    pdf: bytes
    truth: Truth
    lines: int = 0
    """How many lines its truth has."""


def text_of(value: object) -> str:
    """A value to compare."""
    return format(abs(value).normalize(), "f") if isinstance(value, Decimal) else str(value)


def public(folder: Path, *, all_of_them: bool = False) -> Iterator[Work]:
    """Public hybrid invoices whose page bears both totals: what their data says, and its lines."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all_of_them or row["on_page"] == "yes"]
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        amounts = {key: text_of(Decimal(row[key])) for key in ASKED[2:] if row[key]}
        lines = dict(_lines(data, row["file"]))
        counted = len({key.split(".")[1] for key in lines})
        yield Work(
            row["file"], data, {"number": row["number"], "date": row["date"], **amounts, **lines}, counted
        )


def _lines(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    """The lines of the data, read by our own reader of e-invoices."""
    try:
        invoice: Invoice = read_pdf(data, name)
    except FileError:
        return
    if invoice.reading is not None:
        return
    for at, line in enumerate(invoice.details, 1):
        for key, value in (
            ("quantity", line.quantity),
            ("unit_price", line.unit_price),
            ("amount", line.amount),
        ):
            if value is not None:
                yield f"line.{at}.{key}", text_of(value)


_WORDS = (
    "Frais d’instruction",
    "Audit 2026-2030",
    "Étude 12 logements",
    "Acompte 30 % sur devis 118",
    "Remise en état",
)
_RATES = (Decimal("0.20"), Decimal("0.20"), Decimal("0.10"), Decimal("0.055"))


def made(count: int, seed: int) -> Iterator[Work]:
    """Bills of our own making, in every layout, at any size of letters."""
    chance = random.Random(seed)
    for at in range(count):
        layout = replace(chance.choice(LAYOUTS), size=chance.choice((7, 8, 9, 10, 12)))
        lines = tuple(
            BillLine(
                f"{chance.choice(_WORDS)} {chance.randint(1, 999)}",
                chance.choice((1, 2, 5, 12, 100)),
                Decimal(chance.randint(100, 500_000)) / 100,
                chance.choice(_RATES),
                chance.choice(("", "", "réf. 2026-118")),
            )
            for _ in range(chance.randint(1, 9))
        )
        day = date(2026, 1, 1) + timedelta(chance.randint(0, 330))
        bill = Bill(number=f"F2026-{at:04}", day=day, due=day + timedelta(30), lines=lines)
        bill = replace(bill, is_credit=chance.random() < 0.1 and layout.words == "fr")
        yield Work(f"{at} {layout.name}", pdf_of(bill, layout), _of_bill(bill, layout.columns), len(lines))


def _of_bill(bill: Bill, columns: Iterable[str]) -> Truth:
    truth = {"number": bill.number, "date": bill.day.isoformat()}
    truth |= dict(zip(ASKED[2:], map(text_of, (bill.untaxed, bill.vat, bill.taxed)), strict=True))
    for at, line in enumerate(bill.lines, 1):
        truth[f"line.{at}.amount"] = text_of(line.amount)
        if "price" in columns:
            truth |= {
                f"line.{at}.quantity": text_of(Decimal(line.quantity)),
                f"line.{at}.unit_price": text_of(line.price),
            }
    return truth


Answer = Mapping[str, str | None]
"""What a reader says of each value: as text; ``None`` to confirm; no key: it does not say."""


@dataclass(frozen=True)
class Judged:
    """An answer against the truth."""

    work: Work
    answer: Answer
    seconds: float

    def marks(self, keys: Iterable[str]) -> Counter[str]:
        """How many values are right, to confirm, wrong."""
        return Counter(self.mark(key) for key in keys if key in self.work.truth)

    def mark(self, key: str) -> str:
        """Whether a value is right, to confirm (or not said), or wrong."""
        said = self.answer.get(key)
        if said is None:
            return "to confirm"
        return "right" if said == self.work.truth[key] else "wrong"

    @property
    def line_keys(self) -> list[str]:
        """The values of the lines."""
        return [key for key in self.work.truth if key.startswith("line.")]

    @property
    def has_lines_exact(self) -> bool:
        """Every line, and no other."""
        said = {key.split(".")[1] for key in self.answer if key.startswith("line.")}
        return len(said) == self.work.lines and all(self.mark(key) == "right" for key in self.line_keys)
