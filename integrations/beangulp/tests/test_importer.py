"""OPQIBI's invoices imported by beangulp itself, in a process of its own: from their data, and from their page."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from pypdf import PdfReader, PdfWriter

D = Decimal
HERE = Path(__file__).parents[1]
FIRST = ("-t", "1=5", "-t", "2=3", "--turnover", "800000")
FIRM = """\
siren: "732829320"
name: Bureau d’études Exemple
qualifications:
  - {code: "1901", tariff: 1}
  - {code: "1902", tariff: 1}
  - {code: "1903", tariff: 1}
  - {code: "1904", tariff: 1}
  - {code: "1905", tariff: 1}
  - {code: "1906", tariff: 2}
  - {code: "1907", tariff: 2}
  - {code: "1908", tariff: 2}
turnovers:
  - {year: 2025, engineering: "800 000"}
"""
SCRIPT = """\
import beangulp
from opqibi_beangulp import Importer

if __name__ == "__main__":
    beangulp.Ingest([Importer("firm.yaml", event="first", language="en")])()
"""
OPENED = "".join(
    f"2020-01-01 open {name}\n"
    for name in ("Expenses:6228", "Expenses:6511", "Assets:486", "Assets:44566", "Liabilities:401:OPQIBI")
)


def page_alone(facturx: Path, path: Path) -> None:
    """The same page, without the data that it carries."""
    writer = PdfWriter()
    for page in PdfReader(facturx).pages:
        writer.add_page(page)
    writer.write(path)


@pytest.fixture
def inbox(billed: Callable[..., Path], tmp_path: Path) -> Path:
    """Four files: data, a page, a wrong invoice, and what is none of OPQIBI's."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    shutil.copy(billed("F-1", *FIRST), folder / "data.xml")
    page_alone(billed("F-2", *FIRST, name="invoice.pdf", day="2026-03-03"), folder / "page.pdf")
    shutil.copy(billed("F-3", "-t", "1=6", "-t", "2=3", "--turnover", "800000"), folder / "wrong.xml")
    other = (folder / "data.xml").read_text("utf-8").replace("OPQIBI", "Qualibat").replace("F-1", "Q-1")
    (folder / "other.xml").write_text(other, "utf-8")
    (tmp_path / "firm.yaml").write_text(FIRM, "utf-8")
    (tmp_path / "import.py").write_text(SCRIPT, "utf-8")
    return folder


def ran(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "import.py", *words],
        cwd=folder.parent, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(HERE)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_recognised_booked_and_filed(inbox: Path) -> None:
    told = ran(inbox, "identify", "inbox")
    assert told.count("opqibi.first") == 3
    ledger = inbox.parent / "new.beancount"
    ledger.write_text(OPENED + ran(inbox, "extract", "inbox"), "utf-8")
    entries, errors, _ = loader.load_file(str(ledger))
    assert errors == []
    transactions = [one for one in entries if isinstance(one, data.Transaction)]
    by_link = {name: [one for one in transactions if name in one.links] for name in ("F-1", "F-2")}
    assert len(transactions) == 2 * (1 + 4)  # each, and what 2027 to 2030 take of it
    for name, found in by_link.items():
        assert {one.flag for one in found} == {"*"}, [one.meta.get("opqibi") for one in found]
        sums: dict[str, Decimal] = {}
        for side in (side for one in found for side in one.postings):
            sums[side.account] = sums.get(side.account, D(0)) + side.units.number
        assert sums == {
            "Expenses:6228": D("1246.00"),
            "Expenses:6511": D("557.50"),
            "Assets:486": D("0.00"),
            "Assets:44566": D("360.70"),
            "Liabilities:401:OPQIBI": D("-2164.20"),
        }, name
    (note,) = [one for one in entries if isinstance(one, data.Note)]
    assert note.date == date(2026, 3, 2)
    assert note.comment.startswith(
        "F-3: Discrepancy: €60 excl. VAT too much: one qualification at tariff 1 too many"
    )
    assert note.comment.endswith("F-3 differs from its price: it is not booked.")

    (inbox.parent / "documents").mkdir()
    ran(inbox, "archive", "inbox", "-o", "documents")
    filed = sorted(path.name for path in (inbox.parent / "documents/Liabilities/401/OPQIBI").iterdir())
    assert filed == [
        "2026-03-02.opqibi-F-1.xml", "2026-03-02.opqibi-F-3.xml", "2026-03-03.opqibi-F-2.pdf",
    ]  # fmt: skip
    assert [path.name for path in inbox.iterdir()] == ["other.xml"]


def test_what_cannot_be_judged_is_marked(inbox: Path) -> None:
    # Before the first schedule known (8 February 2024), there is nothing to compare it with for certain.
    old = (inbox / "data.xml").read_text("utf-8").replace("20260302", "20230302")
    (inbox / "old.xml").write_text(old, "utf-8")
    found = ran(inbox, "extract", "inbox/old.xml")
    assert '2023-03-02 ! "OPQIBI" "F-1"' in found
    assert (
        'opqibi: "F-1: Undetermined: The invoice is of 2 Mar 2023, before the first schedule known' in found
    )
    firm = inbox.parent / "firm.yaml"
    firm.write_text(firm.read_text("utf-8").split("turnovers")[0], "utf-8")
    found = ran(inbox, "extract", "inbox/data.xml")
    assert '* "OPQIBI"' not in found
    assert '2026-03-02 ! "OPQIBI" "F-1"' in found
    assert 'opqibi: "F-1: Undetermined: ' in found
