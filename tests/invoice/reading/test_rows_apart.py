"""Rows of a sheet that are no lines of its invoice: totals by another name, what is carried, balances, texts."""

from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.check import check_invoice
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.payable import amount_due
from opqibi_rules.invoice.reading.spreadsheet import read_csv
from opqibi_rules.invoice.sums import totals_of
from opqibi_rules.price.quote import quote
from tests.editions.pinned import TABLES_2024

D = Decimal


class TestRowsApart:
    """125,00 + 28,00 € of a control, 153,00 HT, 30,60 of VAT, 183,60 TTC; then a row more, as people write them."""

    SHEET = (
        "Numéro;Date;Fournisseur;Désignation;Quantité;PU HT;Montant HT\n"
        "F1;02/03/2026;OPQIBI;Contrôle annuel, partie forfaitaire;1;125,00;125,00\n"
        "F1;02/03/2026;OPQIBI;Contrôle annuel, 1 qualification au tarif 5;1;28,00;28,00\n"
    )
    BELOW = "F1;;;Total HT;;;153,00\nF1;;;TVA 20 %;;;30,60\nF1;;;Total TTC;;;183,60\n"

    def read(self, row: str, below: str = BELOW) -> Invoice:
        (invoice,) = read_csv((self.SHEET + below + row).encode(), "f.csv")
        assert [line.amount for line in invoice.details] == [D(125), D(28)]
        return invoice

    def check(self, invoice: Invoice) -> tuple[str, list[str]]:
        due = quote(on=date(2026, 3, 2), event="control", tariffs={5: 1}, tables=TABLES_2024)
        answer = check_invoice(invoice, expected=due, tables=TABLES_2024)
        assert answer.verdicts["price"] == answer.verdicts["sums"] == "conform"
        return answer.verdict, [item.code for item in answer.findings if item.undetermined]

    @pytest.mark.parametrize(
        ("label", "amount", "field"),
        [
            ("Solde à régler", "183,60", "payable"),
            ("Montant dû TTC", "183,60", "payable"),
            ("Reste dû", "183,60", "payable"),
            ("Acompte versé", "100,00", "prepaid"),
            ("Acompte versé le 12/01/2026", "-100,00", "prepaid"),
            ("Acompte déduit, facture n° A-12", "100,00", "prepaid"),
            ("Dont TVA", "30,60", "vat"),
            ("TVA à 20 % incluse", "30,60", "vat"),
        ],
    )
    def test_a_total_by_another_name(self, label: str, amount: str, field: str) -> None:
        invoice = self.read(f"F1;;;{label};;;{amount}\n")
        assert getattr(invoice, field) == D(amount.replace(",", "."))
        assert self.check(invoice) == ("conform", [])

    @pytest.mark.parametrize("label", ["Report page 1", "À reporter", "Report"])
    def test_what_is_carried_from_page_to_page_bills_nothing(self, label: str) -> None:
        assert self.check(self.read(f"F1;;;{label};;;153,00\n")) == ("conform", [])
        with pytest.raises(FileError, match="is not what the rows above come to"):
            read_csv(f"{self.SHEET}F1;;;{label};;;154,00\n".encode(), "f.csv")

    @pytest.mark.parametrize(
        ("row", "why"),
        [
            ("F1;;;Solde antérieur;;;50,00\n", ["may_not_be_due", "row_apart"]),
            ("F1;;;Solde antérieur au 31/12/2025;;;50,00\n", ["may_not_be_due", "row_apart"]),
            ("F1;;;Frais de relance;;;40,00\n", ["row_apart"]),
            ("F1;;;FACTURE ACQUITTÉE;;;\n", ["may_not_be_due"]),
            ("FACTURE ACQUITTÉE;;;;;;\n", ["may_not_be_due"]),
            ("F1;;;Merci de votre confiance;;;\n", []),
            ("Merci de votre confiance;;;;;;\n", []),
        ],
    )
    def test_what_is_no_line_says_what_it_says(self, row: str, why: list[str]) -> None:
        assert self.check(self.read(row)) == ("undetermined" if why else "conform", why)

    def test_a_text_among_lines_without_totals_leaves_their_sum(self) -> None:
        invoice = self.read("F1;;;Merci de votre confiance;;;\n", below="")
        assert self.check(invoice)[0] == "undetermined"  # what is due incl. VAT is not said
        assert totals_of(invoice).untaxed == D(153)
        assert totals_of(self.read("F1;;;Solde antérieur;;;50\n", below="")).untaxed == D(153)

    def test_what_the_total_counts_is_a_line(self) -> None:
        below = self.BELOW.replace("153,00", "193,00")
        (invoice,) = read_csv((self.SHEET + below + "F1;;;Frais de relance;;;40,00\n").encode(), "f.csv")
        assert [line.amount for line in invoice.details] == [D(125), D(28), D(40)]

    def test_an_amount_left_out_is_not_taken_for_a_text(self) -> None:
        """153,00 of lines, 239,00 in all, and « Dossier » without its 86,00."""
        below = self.BELOW.replace("153,00", "239,00").replace("30,60", "47,80").replace("183,60", "286,80")
        (invoice,) = read_csv((self.SHEET + "F1;;;Dossier;;;\n" + below).encode(), "f.csv")
        assert [line.name for line in invoice.details][-1] == "Dossier"

    @pytest.mark.parametrize("below", [BELOW, "F1;;;Total TTC;;;183,60\nF1;;;Dont TVA;;;30,60\n"])
    def test_a_payment_among_the_lines(self, below: str) -> None:
        invoice = self.read("", below="F1;;;Acompte versé;;;-100,00\n" + below)
        assert self.check(invoice) == ("conform", [])
        assert amount_due(invoice, totals_of(invoice)) == D("83.60")

    def test_a_deposit_that_the_total_deducts_is_a_line(self) -> None:
        """153,00 less 100,00: 53,00 HT, 10,60 of VAT, 63,60 TTC."""
        below = "F1;;;Total HT;;;53,00\nF1;;;TVA 20 %;;;10,60\nF1;;;Total TTC;;;63,60\n"
        (invoice,) = read_csv((self.SHEET + "F1;;;Acompte déduit;;;-100,00\n" + below).encode(), "f.csv")
        assert [line.amount for line in invoice.details] == [D(125), D(28), D(-100)]
        assert invoice.prepaid is None
