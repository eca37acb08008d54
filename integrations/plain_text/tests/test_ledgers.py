"""What Beancount, hledger and ledger say of the journals themselves, and their balances beside the FEC's."""

import csv
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import realization

import opqibi_rules as opqibi

Bill = Callable[..., Path]
Balance = dict[str, Decimal]
PROGRAMS = Path(sys.executable).parent
FIRST = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")


EVENTS = {"first": "2026-03-02", "control": "2027-03-01", "renewal": "2030-03-01"}


@pytest.fixture(scope="module")
def journals(billed: Bill, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The entries of three invoices, two of them spread over four years, in all forms."""
    folder = tmp_path_factory.mktemp("journals")
    for event, day in EVENTS.items():
        expected = opqibi.quote(
            on=day, event=opqibi.DeclaredEvent(event), tariffs={1: 5, 2: 3}, turnover=800_000
        )
        bill = opqibi.read_invoice(
            billed(f"F/{event}_1", "--event", event, *FIRST, name=f"{event}.xml", day=day)
        )
        entries = opqibi.entries([opqibi.check_invoice(bill, expected=expected)])
        for form in ("beancount", "journal", "txt"):
            (folder / f"{event}.{form}").write_bytes(opqibi.journal(entries, form))
    return folder


def fec(folder: Path) -> Balance:
    """By account, as the FEC's lines add up, whatever wrote them."""
    found: Balance = {}
    for event in EVENTS:
        with (folder / f"{event}.txt").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                sides = [Decimal(row[name].replace(",", ".")) for name in ("Debit", "Credit")]
                found[row["CompteNum"]] = found.get(row["CompteNum"], Decimal(0)) + sides[0] - sides[1]
    return {account: amount for account, amount in found.items() if amount}


def said(command: list[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def of(lines: list[tuple[str, str]]) -> Balance:
    """By account number, of names as Liabilities:401:OPQIBI."""
    return {name.split(":")[1]: Decimal(amount) for name, amount in lines if Decimal(amount)}


def test_beancount(journals: Path) -> None:
    found: Balance = {}
    for event in EVENTS:
        path = journals / f"{event}.beancount"
        assert said([PROGRAMS / "bean-check", path]) == ""
        entries, errors, _ = loader.load_file(str(path))
        assert errors == []
        for account in realization.iter_children(realization.realize(entries)):
            for position in account.balance:
                number = account.account.split(":")[1]
                found[number] = found.get(number, Decimal(0)) + position.units.number
    assert {account: amount for account, amount in found.items() if amount} == fec(journals)
    assert "486" not in found or found["486"] == 0


def test_hledger(journals: Path) -> None:
    files = [word for event in EVENTS for word in ("-f", str(journals / f"{event}.journal"))]
    for name in files[1::2]:
        assert said(["hledger", "-f", name, "check", "--strict", "ordereddates"]) == ""
    rows = list(csv.reader(said(["hledger", *files, "balance", "--flat", "-O", "csv", "-N"]).splitlines()))[
        1:
    ]
    found = of([(name, amount.removesuffix(" EUR")) for name, amount in rows])
    assert found == fec(journals)


def test_ledger(journals: Path) -> None:
    files = [word for event in EVENTS for word in ("-f", str(journals / f"{event}.journal"))]
    form = "%(account)\t%(quantity(display_total))\n"
    lines = said(
        [
            "ledger",
            *files,
            "--strict",
            "--pedantic",
            "balance",
            "--flat",
            "--no-total",
            "--balance-format",
            form,
        ]
    )
    found = of([tuple(line.split("\t")) for line in lines.splitlines()])  # type: ignore[misc] # two columns
    assert found == fec(journals)


def test_no_text_of_an_invoice_upsets_a_tool(tmp_path: Path) -> None:
    """A number and a seller that would be syntax, were they not text."""
    number = 'F;2 «x» [=2026/99] (a) "q" | #t ^l\\\n* @@ 1 EUR'
    bill = opqibi.Invoice(
        number, date(2026, 3, 2), currency="EUR", seller=opqibi.Party('OPQIBI "; ('),
        total_excl_vat=Decimal(86), vat=Decimal("17.20"), total_incl_vat=Decimal("103.20"),
    )  # fmt: skip
    check = opqibi.check_invoice(
        bill,
        expected=opqibi.quote(on="2026-03-02", tariffs={1: 1}),
        fees=["dossier"],
        confirmed={"seller": "OPQIBI"},
    )
    for form in ("beancount", "journal"):
        path = tmp_path / f"hostile.{form}"
        path.write_bytes(opqibi.journal(opqibi.entries([check]), form))
        if form == "beancount":
            assert said([PROGRAMS / "bean-check", path]) == ""
        else:
            assert said(["hledger", "-f", path, "check", "--strict"]) == ""
            assert "103.20 EUR" in said(["ledger", "-f", path, "--strict", "--pedantic", "register"])
