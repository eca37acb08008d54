"""Entries for Beancount, hledger and ledger: what the tools themselves say of them is asked in ``integrations/``."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.errors import RequestError
from opqibi_rules.frozen import FrozenDict
from opqibi_rules.invoice.booking import Bill, Entry, entries
from opqibi_rules.invoice.papers.fec import journal
from opqibi_rules.tables.accounts import NamedCode
from opqibi_rules.tables.library import shipped_tables

D = Decimal
DAY = date(2026, 11, 21)
# 657,50 € for 1 461 days from 21/11/2026, of which 41, 365, 366, 365 and 324 in the years 2026 to 2030.
BEANCOUNT = """\
2026-11-21 open Assets:486 EUR
2026-11-21 open Expenses:6511 EUR
2026-11-21 open Assets:44566 EUR
2026-11-21 open Liabilities:401:OPQIBI EUR

2026-11-21 * "OPQIBI" "F-1" ^F-1
  Assets:486  639.05 EUR
    label: "OPQIBI F-1, Brand-usage fee (4 years), 2027 to 2030"
  Expenses:6511  18.45 EUR
    label: "OPQIBI F-1, Brand-usage fee (4 years)"
  Assets:44566  131.50 EUR
    label: "OPQIBI F-1, VAT"
  Liabilities:401:OPQIBI  -789.00 EUR
    label: "OPQIBI F-1, invoice"

2027-12-31 * "OPQIBI F-1, Brand-usage fee (4 years), financial year 2027" ^F-1
  Expenses:6511  164.26 EUR
    label: "OPQIBI F-1, Brand-usage fee (4 years), financial year 2027"
  Assets:486  -164.26 EUR
    label: "OPQIBI F-1, Brand-usage fee (4 years), financial year 2027"
"""
HLEDGER = """\
commodity EUR
    format 1000.00 EUR

account Assets:486
account Expenses:6511
account Assets:44566
account Liabilities:401:OPQIBI

2026-11-21 * (F-1) OPQIBI | F-1
    Assets:486  639.05 EUR  ; OPQIBI F-1, Brand-usage fee (4 years), 2027 to 2030
    Expenses:6511  18.45 EUR  ; OPQIBI F-1, Brand-usage fee (4 years)
    Assets:44566  131.50 EUR  ; OPQIBI F-1, VAT
    Liabilities:401:OPQIBI  -789.00 EUR  ; OPQIBI F-1, invoice

2027-12-31 * (F-1) OPQIBI F-1, Brand-usage fee (4 years), financial year 2027
"""


def booked(**changes: object) -> tuple[Entry, ...]:
    own = shipped_tables().accounts.auxiliary
    of = {"number": "F-1", "issued": DAY, "usage_from": DAY, "supplier": own}
    sums = {
        "fees": FrozenDict({"brand_usage": D("657.50")}),
        "vat": D("131.50"),
        "total_incl_vat": D("789.00"),
    }
    schedule = shipped_tables().schedule(DAY)
    bill = Bill(**{**of, **sums, "schedule": schedule, **changes})  # type: ignore[arg-type] # the fields by name
    return entries([bill], shipped_tables().accounts)


def test_as_written_by_hand() -> None:
    assert journal(booked(), "beancount").decode().startswith(BEANCOUNT)
    assert journal(booked(), "journal").decode().startswith(HLEDGER)
    assert journal([], "beancount") == b""


def test_no_text_of_a_document_leaves_its_place() -> None:
    hostile = NamedCode(code="É'1", name='A"\\\n1999-01-01 open Assets:X ; [2026/99]')
    for form in ("beancount", "journal"):
        lines = journal(booked(number='F)"\n2 [=2026/99] (x', supplier=hostile), form).decode().splitlines()
        days = [line for line in lines if line[:1].isdigit() and " open " not in line.split('"')[0]]
        assert len(days) == 5
        assert not any(line.startswith("1999") for line in lines)
    (entry, *_) = booked(supplier=hostile)
    assert "Liabilities:401:1  -789.00 EUR" in journal([entry], "journal").decode()
    comments = [
        line.partition(";")[2]
        for line in journal(booked(number="[=2026/99]"), "journal").decode().splitlines()
    ]
    assert not any("[" in comment for comment in comments)


def test_the_supplier_may_be_unknown_and_what_does_not_balance_is_not_written() -> None:
    entry, *_ = booked(supplier=None)
    assert '* "F-1, Brand-usage fee (4 years), 2027 to 2030" ^F-1' in journal([entry], "beancount").decode()
    with pytest.raises(RequestError, match="does not balance"):
        journal([replace(entry, postings=entry.postings[:-1])], "beancount")
