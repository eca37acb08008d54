"""The page in real hands: Enter, Escape, a server that is gone, a telephone; with and without its script."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web.test_api import CERTIFICATE, INVOICE

NAMED = "?q=1905:5&q=1911:5&turnover=800000&on=2026-03-02"
PLANNED = "?q=1905:5&q=1911:5&turnover=800000&start=2026-03-02"
EVERY_FIELD = (
    "form input:not([type=radio], [type=hidden], [type=file]), form input[type=radio]:checked, form select"
)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def either(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def plain(text: str | None) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text or "")


@pytest.mark.parametrize(("tab", "query"), [("/", NAMED), ("/plan", PLANNED)])
def test_enter_in_any_field_changes_nothing(either: Page, site: str, tab: str, query: str) -> None:
    """It once removed the first qualification, and showed a lower price."""
    page = either
    page.goto(site + tab + query)
    total = page.locator(".total .sum").text_content()
    fields = page.locator(EVERY_FIELD)
    names = [fields.nth(index).get_attribute("id") for index in range(fields.count())]
    assert {"code-0", "code-1", "turnover"} <= set(names)
    for name in names:
        field = page.locator(f"#{name}")
        if not field.is_visible():
            continue
        field.press("Enter")
        expect(page.locator("#code-1")).to_have_value("1911")
        expect(page.locator(".total .sum")).to_have_text(total or "")
        assert "q=1911" in page.url or "code=1911" in page.url
        assert "q=1905" in page.url or "code=1905" in page.url


def test_enter_checks_the_invoice(either: Page, site: str, tmp_path: Path) -> None:
    page = either
    file = tmp_path / "F1.csv"
    file.write_bytes(INVOICE)
    page.goto(f"{site}/facture")
    page.set_input_files("#file", file)
    page.fill("#t1", "5")
    page.fill("#t2", "3")
    page.fill("#turnover", "800 000")
    page.press("#turnover", "Enter")
    expect(page.locator(".badge").first).to_have_text("Écart")


@pytest.mark.parametrize("status", [0, 401, 413, 503, 504])
def test_a_price_without_its_server_is_no_price(browser: Browser, site: str, status: int) -> None:
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(site + "/" + NAMED)

    def refuse(route: Route) -> None:
        if status:
            route.fulfill(
                status=status, content_type="application/problem+json", body='{"detail": "Occupé."}'
            )
        else:
            route.abort()

    page.route("**/*part=answer*", refuse)
    page.fill("#turnover", "9000000")
    told = page.locator("#answer .lost")
    expect(told).to_contain_text(re.compile("ne répond pas|does not answer"))
    expect(page.locator("#answer")).to_have_class(re.compile("stale"))
    expect(page.get_by_role("link", name="PDF")).to_be_hidden()  # it is for the question before
    page.click("button.main")
    expect(told).to_have_count(1)
    expect(page.locator("#answer")).to_be_focused()
    page.unroute("**/*part=answer*")
    page.click("button.main")
    expect(told).to_have_count(0)
    expect(page.locator("#answer")).not_to_have_class(re.compile("stale"))
    context.close()


def test_a_server_that_never_answers(page: Page, site: str) -> None:
    page.goto(site + "/" + NAMED)
    page.route("**/*part=answer*", lambda route: None)
    page.clock.install()
    page.fill("#turnover", "9000000")
    page.clock.run_for(16_000)
    expect(page.locator("#answer .lost")).to_be_visible()


def test_the_wrong_row_is_the_one_marked(page: Page, site: str) -> None:
    """Rows removed, and blank ones, once moved the mark to another's field."""
    page.goto(site + "/" + NAMED)
    page.click("#more")
    page.keyboard.type("0607")
    page.get_by_label("Retirer la qualification 1").click()
    wrong = page.locator("[data-row]", has_text="choisissez-le")
    expect(wrong).to_have_count(1)
    expect(wrong.locator("input")).to_have_value("0607")
    expect(wrong.locator("input")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-row] input[aria-invalid]")).to_have_count(1)
    place = wrong.locator("input").get_attribute("id")
    expect(page.locator(".alert a")).to_have_attribute("href", f"#{place}")
    assert f"{place}-wrong" in (wrong.locator("input").get_attribute("aria-describedby") or "")
    page.fill("#code-1", "")  # its tariff stays: the row is not left out
    expect(page.locator("[data-row]", has_text="Le code manque ici").locator("input")).to_have_id("code-1")
    page.select_option("#tariff-1", "")
    expect(wrong.locator("input")).to_have_value("0607")


def test_on_a_telephone_the_verdict_comes_into_view(browser: Browser, site: str, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="fr-FR")
    page = context.new_page()
    file = tmp_path / "F1.csv"
    file.write_bytes(INVOICE)
    page.goto(f"{site}/facture")
    page.set_input_files("#file", file)
    page.fill("#t1", "5")
    page.click("button.main")
    expect(page.locator("#answer .badge").first).to_be_in_viewport()
    expect(page.locator("#answer")).to_be_focused()
    page.goto(site + "/" + NAMED)
    page.fill("#turnover", "1,234.56")
    expect(page.locator(".field", has=page.locator("#turnover")).locator(".mistake")).to_contain_text(
        "ambigu"
    )
    expect(page.locator(".mistake")).to_be_in_viewport()
    context.close()


def test_what_was_typed_goes_from_tab_to_tab(either: Page, site: str) -> None:
    page = either
    page.goto(site + "/" + NAMED)
    page.click("nav >> text=Plan sur 4 ans")
    expect(page.locator("#code-1")).to_have_value("1911")
    expect(page.locator("#turnover")).to_have_value("800000")
    expect(page.locator("#start")).to_have_value("2026-03-02")
    page.click("nav >> text=Facture")
    expect(page.locator("#code-0")).to_have_value("1905")
    expect(page.locator("#on")).to_have_value("")  # the invoice's own day
    page.click("nav >> text=Certificat")
    page.click("nav >> text=Devis")
    expect(page.locator("#code-0")).to_have_value("1905")
    expect(page.locator("#on")).to_have_value("2026-03-02")


def test_another_language_loses_nothing(either: Page, site: str, tmp_path: Path) -> None:
    """What was typed, the files and the verdict: the link to the other language once forgot them after a file was sent."""
    page = either
    page.goto(f"{site}/facture")
    page.fill("#t1", "5")
    page.click("#language")  # before any file: nothing is reproached
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#t1")).to_have_value("5")
    expect(page.locator("#answer .alert")).to_have_count(0)
    page.set_input_files("#file", {"name": "F1.csv", "mimeType": "text/csv", "buffer": INVOICE})
    page.fill("#t2", "3")
    page.click("button.main")
    expect(page.locator("#answer .badge").first).to_have_text("Discrepancy")
    page.click("#language")
    expect(page.locator("#answer .badge").first).to_have_text("Écart")
    expect(page).to_have_url(f"{site}/facture#answer")
    expect(page.locator("#t2")).to_have_value("3")
    saved = tmp_path / "a.json"
    saved.write_text(json.dumps(CERTIFICATE), "utf-8")
    for tab, other, word in (
        ("certificat", "certificate", "Valid"),
        ("certificats", "certificates", "Valid 1"),
    ):
        page.goto(f"{site}/{tab}")
        page.click("#language")
        expect(page).to_have_url(f"{site}/en/{other}#answer")
        expect(page.locator("#answer .alert")).to_have_count(0)
        page.set_input_files("#file", saved)
        page.fill("#on", "2025-01-15")
        page.click("button.main")
        expect(page.locator("#answer .badge").first).to_have_text(word)
        page.click("#language")
        expect(page.locator("#answer .badge").first).to_have_text(word.replace("Valid", "Valable"))
        expect(page.locator("#on")).to_have_value("2025-01-15")


def test_a_verdict_beside_another_question_says_so(page: Page, site: str, tmp_path: Path) -> None:
    """« Conform » once stood, and was printed, beside what nobody had checked."""
    saved = tmp_path / "a.json"
    saved.write_text(json.dumps(CERTIFICATE), "utf-8")
    invoice = tmp_path / "F1.csv"
    invoice.write_bytes(INVOICE)
    answer, told = page.locator("#answer"), page.locator("#answer .lost")
    for tab, file, field, another in (
        ("invoice", invoice, "#t1", "6"),
        ("certificate", saved, "#requires", "1202"),
    ):
        page.goto(f"{site}/en/{tab}")
        page.set_input_files("#file", file)
        before = "5" if tab == "invoice" else "1905"
        page.fill(field, before)
        expect(told).to_have_count(0)  # there is no verdict yet
        page.click("button.main")
        expect(page.locator("#answer .badge").first).to_be_visible()
        page.fill(field, another)
        expect(told).to_contain_text("answers the one before")
        expect(answer).to_have_class(re.compile("stale"))
        expect(page.locator("#answer").get_by_role("button", name="PDF")).to_be_hidden()
        page.fill(field, before)
        expect(told).to_have_count(0)
        expect(answer).not_to_have_class(re.compile("stale"))
        page.fill(field, another)
        page.click("button.main")
        expect(told).to_have_count(0)
        expect(page.locator("#answer .badge").first).to_be_visible()


def test_a_file_too_large_is_known_before_it_is_sent(page: Page, site: str, tmp_path: Path) -> None:
    file = tmp_path / "large.pdf"
    file.write_bytes(b"%PDF-" + bytes(21_000_000))
    page.goto(f"{site}/facture")
    page.fill("#t1", "5")
    page.set_input_files("#file", file)
    page.click("button.main")
    assert page.url == f"{site}/facture"
    expect(page.locator("#t1")).to_have_value("5")
    assert page.evaluate("document.getElementById('file').validationMessage.includes('20')")
