"""Right invoices and wrong ones, worked by hand, at every door that checks them; written, read back, booked."""

import csv
import io
import json
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import opqibi_rules as opqibi
from tests.cli.running import plain
from tests.editions.doors import (
    EDITIONS,
    Edition,
    command,
    euros,
    json_of,
    parties_of,
    tables_of,
    text_of,
)
from tests.editions.worked.kinds import Entry, Invoice

EACH = [
    pytest.param(edition, invoice, id=f"{edition.name}-{number}")
    for edition in EDITIONS
    for number, invoice in enumerate(edition.invoices)
]
each_invoice = pytest.mark.parametrize(("edition", "invoice"), EACH)


def right(invoice: Invoice) -> bool:
    return invoice.gap == "0.00"


def same_verdict(found: dict[str, Any], invoice: Invoice) -> None:
    """The JSON of a check says the gap, the fee and the cause that were worked by hand."""
    assert found["verdict"] == ("conform" if right(invoice) else "discrepancy"), found
    if right(invoice):
        assert found["explanations"] == []
        assert [item for item in found["findings"] if item["severity"] == "error"] == []
        return
    gap = sum(Decimal(row["difference"]) for row in found["comparison"] if row["difference"] is not None)
    assert gap == Decimal(invoice.gap)
    errors = [item for item in found["findings"] if item["severity"] == "error"]
    assert {item["fee"] for item in errors} == {invoice.fee}
    told = [plain(item["message"]) for item in found["explanations"] if item["fee"] in {invoice.fee, None}]
    assert invoice.words is not None
    words = [part.strip() for part in invoice.words.split("…")]
    assert any(all(part in message for part in words) for message in told), (invoice.words, told)
    causes = {item["cause"] for item in found["explanations"][:1]}
    assert causes != {"unknown_line"}


def built(invoice: Invoice) -> opqibi.Invoice:
    """The invoice in memory, as a program would hold it."""
    lines = tuple(
        opqibi.InvoiceLine(
            str(number), row.name, None, Decimal(row.quantity), Decimal(row.unit_price), Decimal(row.amount),
            Decimal("0.20"),
        )
        for number, row in enumerate(invoice.rows, 1)
    )  # fmt: skip
    return opqibi.Invoice(
        "F1", date.fromisoformat(invoice.due.on), seller=opqibi.Party(invoice.seller), lines=lines, total_excl_vat=Decimal(invoice.total),
        vat=Decimal(invoice.vat), total_incl_vat=Decimal(invoice.incl),
    )  # fmt: skip


@each_invoice
def test_python(edition: Edition, invoice: Invoice) -> None:
    tables = tables_of(edition)
    due = opqibi.quote(tables=tables, **invoice.due.question())
    answer = opqibi.check_invoice(built(invoice), expected=due, fees=invoice.fees or None, tables=tables)
    same_verdict(answer.to_dict(), invoice)


@pytest.fixture
def saved(invoice: Invoice, tmp_path: Path) -> str:
    path = tmp_path / "F1.csv"
    path.write_bytes(invoice.csv())
    return str(path)


@each_invoice
def test_command_line(edition: Edition, invoice: Invoice, saved: str) -> None:
    code = 0 if right(invoice) else 1
    same_verdict(json_of(edition, "check-invoice", saved, *invoice.options(), code=code), invoice)
    outcome = command(edition, "check-invoice", saved, *invoice.options())
    assert outcome.code == code
    said = plain(outcome.out)
    assert "Conform" in said if right(invoice) else "Discrepancy" in said
    if not right(invoice):
        gap = euros(invoice.gap.removeprefix("-")).removesuffix(".00")
        assert gap in said


def some(*numbers: int) -> pytest.MarkDecorator:
    """A few of the invoices of each edition: these doors read a file in a process of their own, started each time."""
    chosen = [pytest.param(edition, edition.invoices[number], id=f"{edition.name}-{number}")
              for edition in EDITIONS for number in numbers]  # fmt: skip
    return pytest.mark.parametrize(("edition", "invoice"), chosen)


@some(0, 2)
def test_http(edition: Edition, invoice: Invoice, saved: str, clients: dict[str, TestClient]) -> None:
    question = {name: value for name, value in invoice.due.question().items() if name != "on"}
    answer = clients[edition.name].post(
        "/api/invoices/check?lang=en",
        files={"file": ("F1.csv", Path(saved).read_bytes())},
        data={"question": json.dumps({"expected": question})},
    )
    assert answer.status_code == 200, answer.text
    same_verdict(answer.json(), invoice)


@some(1, 3)
def test_page(edition: Edition, invoice: Invoice, saved: str, clients: dict[str, TestClient]) -> None:
    due = invoice.due
    data = {"event": due.event, "turnover": due.turnovers.get("", "")}
    data |= {f"t{tariff}": str(count) for tariff, count in due.tariffs.items()}
    data |= {f"n{tariff}": str(count) for tariff, count in due.new_tariffs.items()}
    page = clients[edition.name].post(
        "/en/invoice", files={"file": ("F1.csv", Path(saved).read_bytes())}, data=data
    )
    said = text_of(page.text)
    assert page.status_code == 200, said
    assert ("Conform" in said) == right(invoice)
    if not right(invoice):
        assert euros(invoice.gap.removeprefix("-")) in said
        words = [part.strip() for part in str(invoice.words).split("…")]
        assert all(part in said for part in words)


def test_a_vat_of_another_territory_is_seen(edition: Edition, tmp_path: Path) -> None:
    """8,5 % instead of 20 %: the price is right, the VAT is not."""
    invoice = edition.invoices[0]
    vat = (Decimal(invoice.total) * Decimal("0.085")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    path = tmp_path / "F1.csv"
    incl = Decimal(invoice.total) + vat
    text = invoice.csv().decode().replace(f";{invoice.vat};{invoice.incl}", f";{vat};{incl}")
    path.write_text(text, "utf-8")
    found = json_of(edition, "check-invoice", str(path), *invoice.options(), code=1)
    assert (found["verdicts"]["price"], found["verdicts"]["vat"]) == ("conform", "discrepancy")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_invoice_written_is_right_when_read_back(edition: Edition, lang: str, tmp_path: Path) -> None:
    """Every price that is complete, as Factur-X; those of half a cent and of nothing at all too."""
    whole = [price for price in edition.prices if not price.missing]
    for number, price in enumerate(whole if lang == "en" else whole[:3]):
        path = tmp_path / f"F{number}.xml"
        asked = (
            *price.options(),
            "--date",
            price.on,
            "--number",
            f"F-{number}",
            "--parties",
            parties_of(edition, tmp_path),
        )
        written = command(edition, "invoice", *asked, "-o", str(path), lang=lang)
        assert written.code == 0, written
        found = json_of(edition, "check-invoice", str(path), *price.options())
        assert found["verdict"] == "conform"
        sums = [found["invoice"][name] for name in ("total_excl_vat", "vat", "total_incl_vat")]
        assert sums == [price.total, price.vat, price.incl]
        borne = {fee for fee, amount in price.subtotals.items() if amount != "0.00"}
        assert {fee for row in found["comparison"] for fee in row["fees"]} == borne


def test_an_invoice_never_bills_a_sum_that_lacks_a_fee(edition: Edition, tmp_path: Path) -> None:
    """Without its turnover, the fee by tranches cannot be billed: no invoice passes for whole without it."""
    price = next(price for price in edition.prices if price.missing)
    path = tmp_path / "F.xml"
    asked = (
        *price.options(),
        "--date",
        price.on,
        "--number",
        "F-1",
        "--parties",
        parties_of(edition, tmp_path),
        "-o",
        str(path),
    )
    written = command(edition, "invoice", *asked)
    assert written.code in {2, 3}
    assert not path.exists()


def booked(path: Path) -> dict[str, dict[str, dict[str, Decimal]]]:
    """The purchases: debits and credits by account, for each piece; what later years take leaves 486 at zero."""
    found: dict[str, dict[str, dict[str, Decimal]]] = defaultdict(lambda: {"debit": {}, "credit": {}})
    prepaid = Decimal(0)
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t"):
        if row["CompteNum"] == "486":
            prepaid += Decimal(row["Debit"].replace(",", ".")) - Decimal(row["Credit"].replace(",", "."))
        if row["JournalCode"] != "ACH":
            continue
        for side, column in (("debit", "Debit"), ("credit", "Credit")):
            amount = Decimal(row[column].replace(",", "."))
            if amount:
                accounts = found[row["PieceRef"]][side]
                accounts[row["CompteNum"]] = accounts.get(row["CompteNum"], Decimal(0)) + amount
    assert prepaid == 0
    return found


ENTRIES = [
    pytest.param(edition, entry, id=f"{edition.name}-{number}")
    for edition in EDITIONS
    for number, entry in enumerate(edition.entries)
]


@pytest.mark.parametrize(("edition", "entry"), ENTRIES)
def test_the_journal(edition: Edition, entry: Entry, tmp_path: Path) -> None:
    source, target = tmp_path / "F1.csv", tmp_path / "journal.txt"
    source.write_bytes(entry.invoice.csv())
    outcome = command(
        edition, "check-invoice", str(source), *entry.invoice.options(), "--entries", str(target)
    )
    assert outcome.code == 0, outcome
    (piece,) = booked(target).values()
    assert piece["debit"] == {account: Decimal(amount) for account, amount in entry.debits.items()}
    assert piece["credit"] == {"401": Decimal(entry.credit)}
    assert sum(piece["debit"].values()) == sum(piece["credit"].values())


def test_the_journal_names_the_years_that_follow(edition: Edition, tmp_path: Path) -> None:
    entry = edition.entries[0]
    source, target = tmp_path / "F1.csv", tmp_path / "journal.txt"
    source.write_bytes(entry.invoice.csv())
    command(edition, "check-invoice", str(source), *entry.invoice.options(), "--entries", str(target))
    label, *later = [
        row["EcritureLib"]
        for row in csv.DictReader(io.StringIO(target.read_text("utf-8")), delimiter="\t")
        if row["CompteNum"] == "486"
    ]
    # From 2026-03-02 for four years, so 2027 to 2030; for two, 2027 to 2028. From 2027-03-01: 2028 to 2031.
    years = {"later": ("2028", "2031"), "other_body": ("2027", "2028")}.get(edition.name, ("2027", "2030"))
    assert tuple(re.findall(r"20\d\d", label)) == years
    taken = [re.findall(r"20\d\d", one)[-1] for one in later]
    assert taken == list(map(str, range(int(years[0]), int(years[1]) + 1)))


def test_several_invoices_and_a_fee_billed_twice(edition: Edition, tmp_path: Path) -> None:
    """The same right invoice under two numbers: the second bills again what the first one did."""
    invoice = edition.invoices[0]
    for number in ("A", "B"):
        text = invoice.csv(number).decode().replace("numéro;", "numéro;siren;")
        text = text.replace(f"{number};{invoice.due.on}", f"{number};434717997;{invoice.due.on}")
        (tmp_path / f"{number}.csv").write_text(text, "utf-8")
    outcome = command(edition, "check-invoice", str(tmp_path), *invoice.options(), "--format", "json")
    answers = json.loads(outcome.out)
    assert outcome.code == 1, outcome
    assert "duplicate_fee" in {finding["code"] for finding in answers[1]["findings"]}


def test_turnovers_from_a_fee(edition: Edition) -> None:
    """The cap's fee comes from its turnover on, and no turnover gives a cent more."""
    cap = {"later": "42000.00", "other_body": "5000.00"}.get(edition.name, "40000.00")
    found = json_of(edition, "turnover-from-fee", cap, "--date", edition.on)
    # The sum is rounded before the cap: half a cent below it already gives it.
    assert 0 <= Decimal(edition.cap_from) - Decimal(found["turnovers"]["lowest"]) < 100
    assert found["turnovers"]["highest"] is None
    more = str(Decimal(cap) + Decimal("0.01"))
    assert json_of(edition, "turnover-from-fee", more, "--date", edition.on, code=1)["turnovers"] is None
