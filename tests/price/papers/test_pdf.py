"""The PDF: every amount of the plan is in its text, on two pages, archived and read aloud."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from opqibi_rules import __version__
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.pdf import plan_pdf, quote_pdf
from opqibi_rules.price.plan import Plan, plan
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
