"""OPQIBI's invoices for Beancount: recognised, checked against the fee schedule, booked and filed by beangulp.

::

    import beangulp
    from opqibi_beangulp import Importer

    if __name__ == "__main__":
        beangulp.Ingest([Importer("firm.yaml", event="first")])()

What conforms is a transaction; what is undetermined is one marked ``!`` that says why; what differs from its price is
a note that says by how much, and is not booked. What later years take of a prepaid fee goes with it.
"""

import re
from datetime import date
from functools import cached_property
from pathlib import Path

import beangulp
from beancount.core import data
from beancount.parser import parser

import opqibi_rules as opqibi

SUFFIXES = frozenset({".pdf", ".xml", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})


class Importer(beangulp.Importer):
    """The invoices of one body, billed to one structure."""

    def __init__(
        self,
        structure: str | Path | opqibi.Structure,
        *,
        event: str,
        account: str = "Liabilities:401:OPQIBI",
        seller: str = "OPQIBI",
        prepaid: str | None = "days",
        language: str = "fr",
        confirmed: dict[str, str] | None = None,
        tables: opqibi.Tables | None = None,
    ) -> None:
        """Say what is expected.

        Args:
            structure: the firm, or its structure file.
            event: what the invoices bill (``first``, ``renewal``, ``control``).
            account: where the documents are filed.
            seller: a word of the seller's name.
            prepaid: how a fee of several years is spread: ``days``, ``months``; ``None``: not at all.
            language: of what is said, ``fr`` or ``en``.
            confirmed: what you know and the pages leave open (see ``opqibi_rules.check_invoice``).
            tables: your own accounts, if they are not those of the table shipped.
        """
        self.given, self.event, self.account_name, self.seller = structure, event, account, seller
        self.prepaid, self.tables, self.confirmed = prepaid, tables, confirmed or {}
        self.say = opqibi.Language(language).say

    @staticmethod
    def cmp(one: data.Transaction, other: data.Transaction) -> bool:
        """Whether two are of one invoice, and of one day: amounts of two invoices are often equal."""
        return (one.date, one.links) == (other.date, other.links)

    @cached_property
    def structure(self) -> opqibi.Structure:
        """The firm."""
        given = self.given
        return (
            given if isinstance(given, opqibi.Structure) else opqibi.read_structure(given, tables=self.tables)
        )

    @property
    def name(self) -> str:
        """By which beangulp names this importer."""
        return f"opqibi.{self.event}"

    def identify(self, filepath: str) -> bool:
        """Whether a file is one invoice, and names this seller."""
        if Path(filepath).suffix.lower() not in SUFFIXES:
            return False
        try:
            name = self._invoice(filepath).seller.name
        except opqibi.OpqibiError:
            return False
        return re.search(rf"\b{re.escape(self.seller)}\b", name or "", re.IGNORECASE) is not None

    def account(self, filepath: str) -> data.Account:
        """Where it is filed."""
        return self.account_name

    def date(self, filepath: str) -> date | None:
        """The invoice's own day."""
        return self._invoice(filepath).issued

    def filename(self, filepath: str) -> str | None:
        """The invoice's own number."""
        number = re.sub(r"[^\w-]+", "-", self._invoice(filepath).number or "")
        return f"opqibi-{number}{Path(filepath).suffix.lower()}" if number else None

    def extract(self, filepath: str, existing: data.Entries) -> data.Entries:
        """Its transactions; a note where it differs from its price."""
        invoice = self._invoice(filepath)
        if invoice.issued is None:
            raise ValueError(f"{filepath}: no date was read; confirm it: confirmed={{'date': '…'}}")
        schedules = (self.tables or opqibi.Tables()).schedules
        expected = opqibi.quote(
            on=max(invoice.issued, schedules[0].in_force_from),  # before the first one known: undetermined
            event=opqibi.DeclaredEvent(self.event),
            structure=self.structure,
            tables=self.tables,
        )
        check = opqibi.check_invoice(
            invoice, expected=expected, structure=self.structure, confirmed=self.confirmed, tables=self.tables
        )
        meta = data.new_metadata(filepath, 0)
        told = f"{invoice.number or Path(filepath).name}: {self.say(check.summary)}"
        try:
            booked = opqibi.entries(
                [check], prepaid=self.prepaid, year_end=self.structure.year_end, tables=self.tables
            )
        except opqibi.OpqibiError as error:  # it differs from its price, or its amounts are not known
            told = f"{told} {self.say(error.message)}"
            return [data.Note(meta, invoice.issued, self.account_name, told, None, None)]
        found, _, _ = parser.parse_string(opqibi.journal(booked, "beancount", self.say).decode())
        transactions = [one for one in found if isinstance(one, data.Transaction)]
        if check.verdict == "conform":
            return transactions
        return [one._replace(flag="!", meta={**one.meta, "opqibi": told}) for one in transactions]

    def _invoice(self, filepath: str) -> opqibi.Invoice:
        path = Path(filepath)
        read = {
            key: value for key, value in self.confirmed.items() if key not in {"seller", "buyer", "payee"}
        }
        return opqibi.read_invoice(path, confirmed=read)
