"""XLSX recalculated by LibreOffice, PDF, SVG: one case of each for each schedule."""

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.cli.running import plain
from tests.editions.doors import EDITIONS, Edition, command, euros, parties_of
from tests.price.papers.recalculated import Grid, change, read, recalculate


def row_of(grid: Grid, label: str, after: str) -> list[Any]:
    """The cells after the first row that starts with ``label``, below the one that is ``after``."""
    start = next(number for number, row in enumerate(grid) if row[0] == after)
    row: list[Any] = next(row for row in grid[start:] if str(row[0]).startswith(label))
    return [round(cell, 2) for cell in row[1:] if isinstance(cell, float | int)]


def files_of(edition: Edition) -> dict[str, list[str]]:
    """The workbooks to make: six quotes and the plans."""
    quotes = {
        f"{edition.name}-quote-{number}": ["quote", *price.options(), "--date", price.on]
        for number, price in enumerate(edition.prices[:6])
    }
    plans = enumerate(edition.plans)
    return quotes | {
        f"{edition.name}-plan-{number}": ["plan", *planned.options()] for number, planned in plans
    }


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Grid]]:
    """The workbooks, every formula computed anew by LibreOffice, which is started once."""
    made, bare, found = (tmp_path_factory.mktemp(name) for name in ("made", "bare", "found"))
    names = []
    for edition in EDITIONS:
        for name, (door, *options) in files_of(edition).items():
            path = made / f"{name}.xlsx"
            outcome = command(edition, door, *options, "-o", str(path))
            assert outcome.code == 0, outcome
            change(path.read_bytes(), bare / path.name, {})
            names.append(bare / path.name)
    return {path.stem: read(path) for path in recalculate(names, found)}


def test_quotes_recalculated(edition: Edition, books: dict[str, dict[str, Grid]]) -> None:
    for number, price in enumerate(edition.prices[:6]):
        grid = books[f"{edition.name}-quote-{number}"]["Payments"]
        for fee, name in edition.fees.items():
            amount = price.subtotals.get(fee)
            if amount is not None:
                assert row_of(grid, name, "Amounts excl. VAT")[0] == float(amount), (price.name, fee)
        sums = (("Total excl. VAT", price.total), ("VAT", price.vat), ("Total incl. VAT", price.incl))
        for label, amount in sums:
            assert row_of(grid, label, "Amounts excl. VAT")[0] == float(amount), (price.name, label)


def test_plans_recalculated(edition: Edition, books: dict[str, dict[str, Grid]]) -> None:
    for number, planned in enumerate(edition.plans):
        sheets = books[f"{edition.name}-plan-{number}"]
        totals = row_of(sheets["Payments"], "Total excl. VAT", "Amounts excl. VAT")
        assert totals[: len(planned.payments)] == [float(payment.total) for payment in planned.payments]
        assert totals[-1] == float(planned.total)
        years = {int(row[0]): row for row in sheets["Years"][1:] if isinstance(row[0], float | int)}
        assert {year: round(years[year][-2], 2) for year in planned.expense} == {
            year: float(amount) for year, amount in planned.expense.items()
        }


def pdf_text(path: Path) -> str:
    pages = PdfReader(io.BytesIO(path.read_bytes())).pages
    return plain("\n".join(page.extract_text() for page in pages))


def test_pdf_of_a_quote(edition: Edition, tmp_path: Path) -> None:
    price, path = edition.prices[0], tmp_path / "quote.pdf"
    outcome = command(edition, "quote", *price.options(), "--date", price.on, "-o", str(path))
    assert outcome.code == 0, outcome
    said = pdf_text(path)
    amounts = [*(amount for amount in price.subtotals.values() if amount), price.total, price.vat, price.incl]
    assert [amount for amount in amounts if euros(amount) not in said] == []
    assert [edition.fees[fee] for fee in price.subtotals if edition.fees[fee] not in said] == []


def test_pdf_of_a_plan(edition: Edition, tmp_path: Path) -> None:
    planned, path = edition.plans[0], tmp_path / "plan.pdf"
    outcome = command(edition, "plan", *planned.options(), "-o", str(path))
    assert outcome.code == 0, outcome
    said = pdf_text(path)
    amounts = [payment.total for payment in planned.payments]
    amounts += [planned.total, planned.incl, *planned.expense.values()]
    assert [amount for amount in amounts if euros(amount) not in said] == []


# What the picture of the fee by tranches says: its floor, its cap, and the fee of 800 000 €.
DRAWN = {
    "later": ("€190 up to €223,529.42.", "€42,000 from €228,350,000 on", "€597.50 for €800,000"),
    "repeated": ("€180 up to €225,000.", "€40,000 from €149,170,000 on", "€557.50 for €800,000"),
    "more_fees": ("€180 up to €225,000.", "€40,000 from €149,170,000 on", "€557.50 for €800,000"),
    "other_body": ("« France »", "€5,000 from €9,700,000 on", "€550 for €800,000"),
}


def test_pictures(edition: Edition, tmp_path: Path) -> None:
    price, planned = edition.prices[0], edition.plans[0]
    path = tmp_path / "quote.svg"
    outcome = command(edition, "quote", *price.options(), "--date", price.on, "-o", str(path))
    assert outcome.code == 0, outcome
    drawn = plain(path.read_text("utf-8"))
    assert [words for words in DRAWN[edition.name] if words not in drawn] == []
    assert ("Floor" in drawn) == (edition.name != "other_body")
    path = tmp_path / "plan.svg"
    outcome = command(edition, "plan", *planned.options(), "-o", str(path))
    assert outcome.code == 0, outcome
    assert path.read_bytes().startswith(b"<?xml")


def test_pdf_of_an_invoice_says_the_fees(edition: Edition, tmp_path: Path) -> None:
    price, path = edition.prices[0], tmp_path / "F-1.pdf"
    asked = [
        *price.options(),
        "--date",
        price.on,
        "--number",
        "F-1",
        "--parties",
        parties_of(edition, tmp_path),
        "-o",
        str(path),
    ]
    outcome = command(edition, "invoice", *asked)
    assert outcome.code == 0, outcome
    said = pdf_text(path)
    for amount in (price.total, price.vat, price.incl):
        assert euros(amount) in said
    checked = command(edition, "check-invoice", str(path), *price.options())
    assert checked.code == 0, checked
