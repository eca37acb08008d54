"""The journal in the shape of the FEC: its eighteen columns, its texts, and nothing that does not balance."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.booking import Bill, Entry, entries
from opqibi_rules.invoice.papers.fec import COLUMNS, cleaned, journal
from opqibi_rules.paper.language import Language
from opqibi_rules.price.quote import shipped_tables

D = Decimal
DAY = date(2026, 11, 21)


def booked(number: str = "F-1") -> tuple[Entry, ...]:
    bill = Bill(
        number=number,
        issued=DAY,
        schedule=shipped_tables().schedule(DAY),
        fees=FrozenDict({"dossier": D("86.00"), "brand_usage": D("657.50")}),
        vat=D("148.70"),
        total_incl_vat=D("892.20"),
        usage_from=DAY,
    )
    return entries([bill], shipped_tables().accounts)


def test_the_columns_of_article_a47_a_1() -> None:
    # Livre des procédures fiscales, article A47 A-1, VII, 1°: the eighteen first columns, in their order.
    assert " ".join(COLUMNS) == (
        "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
        "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
    )


def test_line_by_line() -> None:
    lines = journal(booked(), "txt", Language("fr").say).decode().split("\r\n")
    assert lines[0].split("\t") == list(COLUMNS)
    assert lines[2].split("\t") == [
        "ACH", "Achats", "1", "20261121", "486", "Charges constatées d'avance", "", "", "F-1", "20261121",
        lines[2].split("\t")[10], "639,05", "0,00", "", "", "20261121", "", "",
    ]  # fmt: skip
    assert lines[-2].split("\t")[4:9] == ["401", "Fournisseurs", "OPQIBI", "OPQIBI", "F-1"]
    assert lines[-2].split("\t")[11:13] == ["0,00", "892,20"]
    assert lines[-1] == ""


@given(st.text(max_size=40))
def test_no_text_breaks_a_line_or_a_column(number: str) -> None:
    rows = journal(booked(number), "txt").decode("utf-8").split("\r\n")
    assert len(rows) == 7
    for row in rows[:-1]:
        assert row.count("\t") == 17
        assert not set(row) & set("|\n\r\x00\x1f\u2028")
    assert cleaned(cleaned(number)) == cleaned(number)


def test_the_spreadsheets_hold_the_same() -> None:
    text = journal(booked("=F-1"), "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == list(COLUMNS)
    assert rows[1][8] == "'=F-1"
    assert rows[2][11] == "639,05"
    sheet = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(journal(booked("=F-1"), "xlsx"))
    ).get_sheet_by_index(0)
    cells = sheet.to_python()
    assert cells[0] == list(COLUMNS)
    assert (cells[2][3], cells[2][8], cells[2][11], cells[2][12]) == (DAY, "=F-1", 639.05, 0.0)
    assert sum(D(str(row[11])) - D(str(row[12])) for row in cells[1:]) == 0


def test_what_does_not_balance_is_not_written() -> None:
    (entry,) = booked()
    with pytest.raises(RequestError, match=r"Entry 1 does not balance: 892\.20 €"):
        journal([replace(entry, postings=entry.postings[:-1])], "txt")


def test_an_unknown_form() -> None:
    with pytest.raises(RequestError, match="« ods » is not a form of the journal: txt, csv, xlsx"):
        journal(booked(), "ods")
