"""The PDF: every amount of the plan is in its text, on two pages, archived and read aloud."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from opqibi_rules import __version__
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.pdf import plan_pdf, quote_pdf
from opqibi_rules.price.papers.quote_document import estimate
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import Plan, plan
from opqibi_rules.price.quote import quote
from tests.price.papers.editions import EXPORT_DUTY, edition

START, MADE = date(2026, 3, 2), date(2026, 11, 21)
SPACES = str.maketrans({"\u202f": " ", "\u00a0": " "})


def planned(**asked: Any) -> Plan:
    return plan(**{"start": START, "tariffs": {1: 5, 2: 3}, "turnover": 800_000, **asked})


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages).translate(SPACES)


@pytest.mark.parametrize("name", ["fr", "en"])
def test_every_amount_and_date_of_a_plan_is_on_its_pages(name: str) -> None:
    language, found = Language(name), planned(years=5, vat="reunion")
    pdf = plan_pdf(found, language, made_on=MADE)
    text = text_of(pdf)
    amounts = [found.sums.total_excl_vat, found.sums.vat, found.sums.total_incl_vat]
    for payment in found.payments:
        one = payment.quote
        amounts += [one.total_excl_vat, one.vat, one.total_incl_vat, *(line.amount for line in one.lines)]
    for year in found.by_year:
        amounts += [year.cash, year.cash_incl_vat, year.expense, year.prepaid]
    assert [amount for amount in amounts if language.amount(amount).translate(SPACES) not in text] == []
    days = {payment.due for payment in found.payments} | {item.day for item in found.due_dates}
    assert [day for day in days if language.day(day).translate(SPACES) not in text] == []
    assert __version__ in text
    assert language.said(found.payments[0].quote.schedule.title).translate(SPACES)[:30] in text


def test_a_quote_with_its_articles_on_two_pages_at_most() -> None:
    answer = quote(event="first", on=START, tariffs={1: 5, 2: 3}, turnover=800_000)
    pdf = quote_pdf(answer, Language("fr"), made_on=MADE)
    text = text_of(pdf)
    for words in ("II.2", "1 160,00 €", "557,50 €", "2 164,20 €", "0,80 ‰", "21 nov. 2026"):
        assert words in text
    assert len(PdfReader(io.BytesIO(pdf)).pages) <= 2
    without = quote(event="control", on=START, tariffs={1: 5})
    assert "200,00 €" in text_of(quote_pdf(without, Language("fr"), made_on=MADE))


def test_a_plan_of_another_body_has_its_own_fees(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    turnovers = {"france": 800_000, "export": 10_000}
    found = planned(tariffs={}, qualifications=["1234:1"], turnover=None, turnovers=turnovers, tables=tables)
    text = text_of(plan_pdf(found, Language("en"), made_on=MADE)).replace("\n", " ")
    # 50 + 100 and the duty, 10,10 + 123,46; 400 + 300 000 × 0,5 ‰; 12 at each control.
    for words in (
        "€283.56",
        "€550.00",
        "Export duty, Subscription against turnover",
        "Follow-up",
    ):
        assert words in text


def test_it_is_an_archive_that_can_be_read_aloud() -> None:
    reader = PdfReader(io.BytesIO(plan_pdf(planned(), Language("fr"), made_on=MADE)))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "fr"
    assert catalogue["/MarkInfo"]["/Marked"]
    metadata = catalogue["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert len(reader.pages) == 2


def tags(pdf: bytes) -> list[str]:
    """The kinds of the structure of a PDF, as a screen reader meets them, each after what holds it."""
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, dict):
            if "/S" in node:
                found.append(str(node["/S"]))
            kids = node.get("/K", [])
            for kid in kids if isinstance(kids, list) else [kids]:
                if not isinstance(kid.get_object(), int):
                    walk(kid)

    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    walk(root["/StructTreeRoot"])
    return found


def test_each_table_has_its_heads_and_each_fact_its_label() -> None:
    found = tags(plan_pdf(planned(years=9), Language("fr"), made_on=MADE))
    tables = " ".join(found).split("/Table ")[1:]
    # Payments, years, cycles, dates, lines: each begins with heads.
    assert len(tables) == 5
    for table in tables:
        first_row = table.split("/TR")[1]
        assert "/TH" in first_row
        assert "/TD" not in first_row
    # Facts are a list of labels with their values, read together: from, notified, turnover, schedule.
    assert found.index("/L") < found.index("/Table")
    before = found[: found.index("/Table")]
    assert before.count("/Lbl") == before.count("/LBody") == 4


def test_a_payment_is_never_named_at_the_foot_of_a_page_without_its_lines() -> None:
    changes = [Change("control", number, add_tariffs={1: 1}) for number in range(1, 25)]
    for years in (27, 33):
        within = [one for one in changes if one.number <= years * 3 // 4 - 1]
        pdf = plan_pdf(planned(years=years, changes=within), Language("en"), made_on=MADE)
        pages = [page.extract_text().translate(SPACES) for page in PdfReader(io.BytesIO(pdf)).pages]
        lines = [page for page in pages if "Held qualifications at tariff" in page or "II.2" in page]
        assert len(lines) > 1
        for page in lines:
            body = page[: page.index("Estimate from the published schedule")].rstrip().splitlines()
            assert not re.search(r"[0-9]{4}: .*(Annual control|Renewal|Notification)", body[-1]), body[-1]


def test_a_plan_of_several_cycles_says_what_each_costs() -> None:
    text = text_of(plan_pdf(planned(years=9), Language("en"), made_on=MADE)).replace("\n", " ")
    assert "By cycle, what this plan pays of it" in text
    # 86 + 1 160 + 557,50 + 3 × 290 = 2 673,50; the next, without the file, 2 587,50.
    assert "€2,673.50" in text
    assert "€2,587.50" in text
    assert "By cycle" not in text_of(plan_pdf(planned(), Language("en"), made_on=MADE))


@pytest.mark.parametrize("name", ["fr", "en"])
def test_every_page_says_whose_it_is_not_and_which_schedule(name: str) -> None:
    language = Language(name)
    answer = quote(event="first", on=START, tariffs={1: 5}, turnover=800_000)
    day = language.day(date(2024, 2, 8)).translate(SPACES)
    for pdf in (
        plan_pdf(planned(), language, made_on=MADE),
        quote_pdf(answer, language, made_on=MADE),
    ):
        for page in PdfReader(io.BytesIO(pdf)).pages:
            text = " ".join(page.extract_text().translate(SPACES).split())
            assert language.say(estimate([answer.schedule]))[:40].translate(SPACES) in text
            assert "08/02/2024" in text
            assert day in text


def test_its_bytes_are_those_of_a_right_pdf() -> None:
    """What can be checked here; PDF/A-2a and PDF/UA-1 themselves are checked by Typst alone, as it writes them."""
    pdf = plan_pdf(planned(years=9), Language("fr"), made_on=MADE)
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    root: Any = reader.trailer["/Root"]
    assert reader.trailer["/ID"]
    assert "/Encrypt" not in reader.trailer
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    forbidden = {"/JavaScript", "/Launch", "/EmbeddedFiles", "/AcroForm", "/OpenAction", "/AA"}
    assert not forbidden & {str(key) for key in root}
    for page in reader.pages:
        assert str(page["/Tabs"]) == "/S"
        assert not page.get("/Annots")
    figures = tags(pdf).count("/Figure")
    assert figures == 2


def test_its_font_is_embedded_and_has_the_narrow_space() -> None:
    reader = PdfReader(io.BytesIO(plan_pdf(planned(), Language("fr"), made_on=MADE)))
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    fonts = [font.get_object() for found in resources for font in found["/Font"].values()]
    names = {font["/BaseFont"].split("+")[1].split("-")[0] for font in fonts}
    assert names == {"LibertinusSerif"}
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    assert any("202f" in font["/ToUnicode"].get_data().decode().lower() for font in fonts)


def test_the_same_plan_makes_the_same_file() -> None:
    assert plan_pdf(planned(), Language("fr"), made_on=MADE) == plan_pdf(
        planned(), Language("fr"), made_on=MADE
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"turnover": None},
        {"years": 40},
        {"tariffs": {}, "qualifications": ["0901:5"], "probationary": ["0607:2"]},
        {"event": "control", "control": 3, "years": 1, "turnover": None},
    ],
)
def test_any_plan_has_its_pages(asked: dict[str, Any]) -> None:
    found = planned(**asked)
    text = text_of(plan_pdf(found, Language("en"), made_on=MADE))
    for item in found.not_priced:
        assert str(item.message)[:25] in text.replace("\n", " ")
