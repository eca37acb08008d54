"""A sum that lacks a fee bears no total's name, in any form; and the whole lies where its range says."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from opqibi_rules import DeclaredEvent
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.comparison_document import comparison_document
from opqibi_rules.price.papers.pdf import plan_pdf, quote_pdf
from opqibi_rules.price.papers.plan_document import plan_document
from opqibi_rules.price.papers.quote_document import quote_document
from opqibi_rules.price.papers.workbook import plan_workbook, quote_workbook
from opqibi_rules.price.planning.comparison import when_to_add
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.quote import quote
from opqibi_rules.tables.schedule import Schedule, Tranches
from tests.cli.running import asked, plain
from tests.editions.pinned import TABLES_2024, Pinned
from tests.price.papers.editions import EDITIONS

DAY = date(2026, 3, 2)
ENGLISH = Language("en")


def test_by_hand() -> None:
    # 86 + 500 + 120 + 1 050 = 1 756 without article III, whose floor is 180 and whose cap is 40 000.
    found = quote(on=DAY, qualifications=["1905:5", "1202:2"], tables=TABLES_2024).to_dict()
    assert (found["complete"], found["missing"], found["total_excl_vat"]) == (
        False,
        ["brand_usage"],
        "1756.00",
    )
    assert found["range"] == {
        "fees": {"brand_usage": {"least": "180.00", "most": "40000.00"}},
        "total_excl_vat": {"least": "1936.00", "most": "41756.00"},
        "total_incl_vat": {"least": "2323.20", "most": "50107.20"},
    }
    assert (
        found["notes"][0]
        == "Incomplete, without: Brand-usage fee. In all, from 1936.00 € to 41756.00 € excl. VAT "
        "(from 2323.20 € to 50107.20 € incl. VAT)."
    )
    whole = quote(on=DAY, tariffs={1: 1}, turnover=0, tables=TABLES_2024).to_dict()
    assert (whole["complete"], whole["missing"], whole["range"]) == (True, [], None)


def test_a_fee_is_named_as_its_schedule_names_it(tmp_path: Path) -> None:
    """« without france label royalty » once stood there: no data says which first letter is that of a name."""
    text = (EDITIONS / "other_body" / "schedule.yaml").read_text("utf-8")
    (tmp_path / "schedule.yaml").write_text(
        text.replace("en: Subscription", "en: France label royalty"), "utf-8"
    )
    found = quote(on=DAY, tariffs={1: 1}, tables=Pinned(tmp_path))
    assert str(found.notes[0]).startswith("Incomplete, without: France label royalty. In all, ")


class Uncapped(Pinned):
    """The schedule of 2024, whose article III has no cap."""

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        known = TABLES_2024.schedule(DAY)
        fees = tuple(
            replace(
                fee,
                parts=tuple(
                    replace(part, cap=None) if isinstance(part, Tranches) else part for part in fee.parts
                ),
            )
            for fee in known.fees
        )
        return (replace(known, fees=fees),)


def test_nothing_limits_what_a_fee_without_a_cap_may_come_to() -> None:
    # 1 756 and the floor of 180; with 20 % of VAT, 2 323,20.
    found = quote(on=DAY, qualifications=["1905:5", "1202:2"], tables=Uncapped())
    assert found.to_dict()["range"] == {
        "fees": {"brand_usage": {"least": "180.00", "most": None}},
        "total_excl_vat": {"least": "1936.00", "most": None},
        "total_incl_vat": {"least": "2323.20", "most": None},
    }
    labels = [str(row[1]) for table in quote_document(found).tables for row in table.rows]
    assert "Brand-usage fee (4 years): 180.00 € or more" in labels
    assert "In all, 1936.00 € excl. VAT or more (2323.20 € incl. VAT or more)" in labels


@given(
    st.dictionaries(st.integers(1, 7), st.integers(1, 40), min_size=1),
    st.sampled_from(["first", "renewal"]),
    st.integers(0, 10**12),
    st.sampled_from(["20 %", "8,5 %", "0.055", "0"]),
)
def test_the_whole_lies_in_the_range(tariffs: dict[int, int], event: str, euros: int, vat: str) -> None:
    found = quote(on=DAY, event=DeclaredEvent(event), tariffs=tariffs, vat=vat, tables=TABLES_2024).range
    assert found is not None
    ends = (0, 10**12)
    for turnover in (euros, *ends):
        whole = quote(
            on=DAY,
            event=DeclaredEvent(event),
            tariffs=tariffs,
            vat=vat,
            turnover=turnover,
            tables=TABLES_2024,
        )
        assert found.total_excl_vat.most is not None
        assert found.total_incl_vat.most is not None
        assert found.total_excl_vat.least <= whole.total_excl_vat <= found.total_excl_vat.most
        assert found.total_incl_vat.least <= whole.total_incl_vat <= found.total_incl_vat.most
        reached = (whole.total_excl_vat, whole.total_incl_vat)
        if turnover == 0:
            assert reached == (found.total_excl_vat.least, found.total_incl_vat.least)
        if turnover == 10**12:
            assert reached == (found.total_excl_vat.most, found.total_incl_vat.most)


@given(st.integers(1, 9), st.integers(0, 10**10))
def test_a_plan_lies_in_its_range(years: int, turnover: int) -> None:
    lacking = plan(start=DAY, years=years, tariffs={1: 2}, tables=TABLES_2024)
    whole = plan(start=DAY, years=years, tariffs={1: 2}, turnover=turnover, tables=TABLES_2024)
    assert (lacking.missing, whole.missing, whole.range) == (("brand_usage",), (), None)
    found = lacking.range
    assert found is not None
    for sums, known in (
        (whole.sums.total_excl_vat, found.total_excl_vat),
        (whole.sums.total_incl_vat, found.total_incl_vat),
    ):
        assert known.most is not None
        assert known.least <= sums <= known.most


def test_no_document_calls_it_a_total() -> None:
    lacking = quote(on=DAY, tariffs={1: 1}, tables=TABLES_2024)
    over_years = plan(start=DAY, years=6, tariffs={1: 1}, tables=TABLES_2024)
    compared = when_to_add(over_years.question, TABLES_2024, add_tariffs={2: 1})
    for document in (quote_document(lacking), plan_document(over_years), comparison_document(compared)):
        for table in document.tables:
            for row in (table.columns, *table.rows):
                for cell in row:
                    if "otal" in (said := str(cell)):
                        assert "without: Brand-usage fee" in said
    assert (compared.to_dict()["complete"], compared.to_dict()["missing"]) == (False, ["brand_usage"])
    cycles = over_years.to_dict()["by_cycle"]
    assert [(one["complete"], one["missing"]) for one in cycles] == [(False, ["brand_usage"])] * 2


def test_a_fee_paid_alone_leaves_the_other_invoices_whole() -> None:
    payments = plan(start=DAY, tariffs={1: 1}, tables=TABLES_2024).to_dict()["payments"]
    assert [one["complete"] for one in payments] == [True] * 4


@pytest.mark.parametrize("command", [("quote", "--date"), ("plan", "--from")])
def test_at_the_terminal(command: tuple[str, str]) -> None:
    name, day = command
    given_ = (name, "-q", "1905:5", "-q", "1202:2", day, "2026-03-02", "--lang", "en")
    assert json.loads(asked(*given_, "--format", "json").out)["complete"] is False
    told = plain(asked(*given_).out)
    rows = list(csv.reader(io.StringIO(asked(*given_, "--format", "csv").out)))
    assert "In all, from €" in told
    named = [cell for row in rows for cell in row if cell.startswith("Total")]
    # The CSV of a plan is one table of payments, without any sum: what is missing has its own row.
    assert named or any(cell.startswith("Brand-usage fee: it will be due") for row in rows for cell in row)
    assert all("without: Brand-usage fee" in cell for cell in named)


def test_what_is_billed_once_known_is_no_longer_missing() -> None:
    found = quote(on=DAY, event="control", tariffs={1: 1}, tables=TABLES_2024)
    assert (found.missing, found.range) == ((), None)
    assert found.total_excl_vat > Decimal(0)


def test_on_paper_and_in_a_workbook() -> None:
    over_years = plan(start=DAY, tariffs={1: 1}, tables=TABLES_2024)
    lacking = quote(on=DAY, tariffs={1: 1}, tables=TABLES_2024)
    for pdf in (quote_pdf(lacking, ENGLISH, made_on=DAY), plan_pdf(over_years, ENGLISH, made_on=DAY)):
        read = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
        named = re.findall(r"Total(?: (?:excl|incl)\. VAT)?, without: Brand-usage fee", read)
        assert len(named) == read.count("Total") > 0
        assert "In all, from €" in read
    for book in (quote_workbook(lacking, ENGLISH), plan_workbook(over_years, ENGLISH)):
        read_back = CalamineWorkbook.from_filelike(io.BytesIO(book))
        sheets = [read_back.get_sheet_by_name(name).to_python() for name in read_back.sheet_names]
        cells = [str(cell) for sheet in sheets for row in sheet for cell in row]
        named = [cell for cell in cells if cell.startswith("Total")]
        assert named
        assert all("without: Brand-usage fee" in cell for cell in named)
        assert any("In all, from €" in cell for cell in cells)
