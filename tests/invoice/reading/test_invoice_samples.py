"""Every sample invoice at hand is read with the totals of its manifest, or refused with a reason that names its fault.

The samples are not part of the repository; where they lie beside it, ``docs/invoice-samples.md`` is held to what
the readers say. ``python -m tests.invoice.reading.test_invoice_samples`` writes that page anew.
"""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.invoice_file import invoices_in

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT.parent / "shared" / "samples" / "invoices"
PAGE = ROOT / "docs" / "invoice-samples.md"

READ_THOUGH_REJECTED = {
    "caslim__CALC-001_factur-x.xml": "its sums are wrong: the check says so (BR-CO-15)",
    "caslim__CALC-002_factur-x.xml": "its sums are wrong: the check says so (BR-CO-10)",
    "caslim__CALC-003_factur-x.xml": "its sums are wrong: the check says so (BR-CO-14)",
    "caslim__PDF-001_facture.pdf": "it carries no data: its page is read",
    "caslim__DATA-006_factur-x.xml": "a negative unit price: a business rule that is no sum (BR-27)",
}
"""Files that the official rules reject, for what is not about reading."""

INTRODUCTION = """# The sample invoices, read

Public sample invoices, those of the official sets and others with one fault each, against the readers of this
package. *Manifest* is the verdict of the official rules. **Read** means: totals, VAT, number of lines, amount due,
currency and type are those of the manifest, to the cent. **Refused** gives the reader's own words.

This page is written by `python -m tests.invoice.reading.test_invoice_samples`; a test holds it to what the readers say.

"""


class Outcome(NamedTuple):
    """One sample, and what became of it."""

    file: str
    expected: str
    wanted: tuple[object, ...]
    invoice: Invoice | None
    refusal: str

    def row(self) -> str:
        name = self.file.partition("/")[2]
        if self.invoice is None:
            return f"| {name} | {self.expected} | refused | {self.refusal} |"
        totals = (self.invoice.total_excl_vat, self.invoice.vat, self.invoice.total_incl_vat)
        figures = " + ".join(map(str, totals[:2])) + f" = {totals[2]} {self.invoice.currency}"
        remarks = [figures, f"lines: {len(self.invoice.lines)}", *map(str, self.invoice.notes)]
        if name in READ_THOUGH_REJECTED:
            remarks.append(READ_THOUGH_REJECTED[name])
        return f"| {name} | {self.expected} | read | {'; '.join(remarks)} |"


def outcomes() -> Iterator[Outcome]:
    manifest = SAMPLES / "manifest.csv"
    if not manifest.is_file():
        return
    with manifest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            amounts = (row["total_HT"], row["TVA"], row["TTC"], row["net_a_payer"])
            wanted = (*amounts, row["n_lines"], row["currency"], row["type_code"])
            data = (SAMPLES / row["file"]).read_bytes()
            try:
                (invoice,) = invoices_in(data, "invoice")
            except FileError as error:
                told = str(error).replace("invoice: ", "").replace("|", "\\|").replace("\n", "; ")
                yield Outcome(row["file"], row["expected"], wanted, None, told.replace("<", "&lt;"))
            else:
                yield Outcome(row["file"], row["expected"], wanted, invoice, "")


def page() -> str:
    rows = [outcome.row() for outcome in outcomes()]
    return INTRODUCTION + "\n".join(["| file | manifest | here | what |", "|---|---|---|---|", *rows]) + "\n"


def test_what_is_read_has_the_totals_of_the_manifest() -> None:
    for outcome in outcomes():
        invoice = outcome.invoice
        if invoice is None or not any(outcome.wanted):  # a page alone: the manifest says nothing of it
            continue
        *amounts, lines, currency, code = outcome.wanted
        read = (invoice.total_excl_vat, invoice.vat, invoice.total_incl_vat, invoice.payable)
        assert read == tuple(Decimal(str(amount)) for amount in amounts), outcome.file
        assert (str(len(invoice.lines)), invoice.currency, invoice.type_code) == (lines, currency, code), (
            outcome.file
        )


def test_what_is_right_is_read_and_what_is_wrong_to_read_is_refused() -> None:
    for outcome in outcomes():
        name = outcome.file.partition("/")[2]
        if outcome.expected == "reject":
            assert (outcome.invoice is None) != (name in READ_THOUGH_REJECTED), outcome.file
        else:
            assert outcome.invoice is not None, (outcome.file, outcome.refusal)
        if outcome.expected == "warn":
            assert outcome.invoice is not None
            assert outcome.invoice.notes, outcome.file


def test_the_page_is_current() -> None:
    if SAMPLES.is_dir():
        assert PAGE.read_text("utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
