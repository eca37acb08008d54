"""The journal in the shape of the FEC: its eighteen columns, its texts, and nothing that does not balance."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.booking import Bill, Entry, entries
from opqibi_rules.invoice.papers.fec import COLUMNS, journal
from opqibi_rules.paper.language import Language
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.tables.library import shipped_tables
from tests.invoice.papers.fec_text import departures

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
        supplier=shipped_tables().accounts.auxiliary,
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
        lines[2].split("\t")[10], "639,05", "0,00", "", "", "", "", "",
    ]  # fmt: skip
    assert lines[5].split("\t")[4:9] == ["401", "Fournisseurs", "OPQIBI", "OPQIBI", "F-1"]
    assert lines[5].split("\t")[11:13] == ["0,00", "892,20"]
    assert lines[6].split("\t") == [
        "OD", "Opérations diverses", "2", "20271231", "6511", lines[6].split("\t")[5], "", "", "F-1", "20261121",
        lines[6].split("\t")[10], "164,26", "0,00", "", "", "", "", "",
    ]  # fmt: skip
    assert lines[-1] == ""


@given(st.text(max_size=40))
def test_no_text_breaks_a_line_or_a_column(number: str) -> None:
    rows = journal(booked(number), "txt").decode("utf-8").split("\r\n")
    assert len(rows) == 7 + 4 * 2
    for row in rows[:-1]:
        assert row.count("\t") == 17
        assert not set(row) & set("|\n\r\x00\x1f\u2028")


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


def test_the_day_of_validation_is_given_or_empty() -> None:
    def valid(day: date | None) -> list[str]:
        rows = journal(booked(), "txt", validated=day).decode().split("\r\n")[1:-1]
        return [row.split("\t")[15] for row in rows]

    assert valid(None) == [""] * 13
    # Nobody validates on 1 January 2028 what is dated 31 December 2028.
    assert valid(date(2028, 1, 1)) == ["20280101"] * 7 + [""] * 6
    assert valid(date(2026, 11, 20)) == [""] * 13


CENTS = st.integers(-(10**8), 10**8).map(lambda cents: D(cents) / 100)
BILLS = st.builds(
    lambda number, day, since, fees, vat, seller: Bill(
        number=number or "F",
        issued=day,
        schedule=shipped_tables().schedule(DAY),
        fees=FrozenDict(fees),
        vat=vat,
        total_incl_vat=sum(fees.values()) + vat,
        usage_from=since,
        supplier=seller,
    ),
    st.text(max_size=12).map(lambda text: f"F{text}"),
    st.dates(date(2024, 3, 1), date(2035, 12, 31)),
    st.dates(date(2024, 3, 1), date(2035, 12, 31)),
    st.dictionaries(st.sampled_from(["dossier", "instruction", "brand_usage", "other"]), CENTS, min_size=1),
    CENTS,
    st.sampled_from([None, shipped_tables().accounts.auxiliary]),
)


@given(
    bills=st.lists(BILLS, max_size=4),
    first=st.integers(1, 500),
    year_end=st.sampled_from(["31/12", "30/06", "29/02"]),
    validated=st.none() | st.dates(date(2024, 1, 1), date(2040, 12, 31)),
)
def test_what_article_a47_a_1_asks_of_the_entries(
    bills: list[Bill], first: int, year_end: str, validated: date | None
) -> None:
    """The departures of a file are those that are told, and no other; by year and validated, there is none."""
    ends = YearEnd.parse(year_end)
    found = entries(bills, shipped_tables().accounts, first=first, year_end=ends)
    years = {ends.year_of(entry.day) for entry in found}
    whole = journal(found, "txt", validated=validated)
    told = set()
    if found and (validated is None or any(entry.day > validated for entry in found)):
        told.add("ValidDate is empty")
    assert departures(whole, validated=validated) == told
    for year in years:
        closes = ends.closes(year)
        of_year = [entry for entry in found if ends.year_of(entry.day) == year]
        opens = date(closes.year - 1, 1, 1) if year_end == "31/12" else closes - timedelta(days=366)
        data = journal(of_year, "txt", validated=date(2060, 1, 1))
        assert departures(data, opens=opens, closes=closes, validated=date(2060, 1, 1)) == set()
    balance = sum(
        side.debit - side.credit for one in found for side in one.postings if side.account.number == "486"
    )
    assert balance == 0  # what was prepaid is released, each year its part


def test_the_checker_sees_what_is_wrong() -> None:
    """It would be of no use if it did not: each departure, made by hand."""
    right = journal(booked(), "txt", validated=date(2031, 1, 31))
    assert departures(right, validated=date(2031, 1, 31)) == set()
    assert departures(right, closes=date(2026, 12, 31)) == {"an entry outside its year"}
    wrong = {
        "the columns are not those of the article": (b"JournalCode", b"Journal"),
        "a date is not AAAAMMJJ": (b"20261121", b"2026-11-21"),
        "an amount has no decimal comma": (b"639,05", b"639.05"),
        "an entry does not balance": (b"639,05", b"639,06"),
        "a field is missing or one too many": (b"\tF-1\t", b"\tF\t1\t"),
        "an account does not begin with three digits": (b"\t486\t", b"\t4A6\t"),
        "a required field is empty": (b"ACH\tAchats", b"ACH\t"),
        "the numbers are not a continuous sequence": (b"\t2\t20271231", b"\t7\t20271231"),
        "an auxiliary account without its name": (b"OPQIBI\tOPQIBI\tF", b"OPQIBI\t\tF"),
        "ValidDate was invented": (b"\t20310131\t", b"\t20310201\t"),
    }
    for name, (this, that) in wrong.items():
        assert this in right
        assert name in departures(right.replace(this, that), validated=date(2031, 1, 31)), name


def test_who_sold_is_named_on_every_line() -> None:
    rows = journal(booked(), "txt").decode().split("\r\n")[1:-1]
    assert all(row.split("\t")[10].startswith("OPQIBI F-1, ") for row in rows)


def test_what_does_not_balance_is_not_written() -> None:
    entry, *_ = booked()
    with pytest.raises(RequestError, match=r"Entry 1 does not balance: 892\.20 €"):
        journal([replace(entry, postings=entry.postings[:-1])], "txt")


def test_an_unknown_form() -> None:
    with pytest.raises(RequestError, match="« ods » is not a form of the journal: txt, csv, xlsx"):
        journal(booked(), "ods")
