"""In a real browser: the four journeys, the keyboard alone, both languages, no script, the printer."""

import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.web.test_api import CERTIFICATE, INVOICE

FIRST = "?t1=5&t2=3&turnover=800000&on=2026-03-02"
TABS = (
    "/",
    "/plan",
    "/comparer",
    "/facture",
    "/certificat",
    "/certificats",
    "/en",
    "/en/plan",
    "/en/compare",
    "/en/invoice",
    "/en/certificate",
    "/en/certificates",
)


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "F1.csv"
    path.write_bytes(INVOICE)
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(CERTIFICATE), "utf-8")
    return path


def plain(text: str | None) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text or "")


def filled_invoice(page: Page, site: str, file: Path) -> None:
    page.goto(f"{site}/facture")
    page.set_input_files("#file", file)
    page.fill("#t1", "5")
    page.fill("#t2", "3")
    page.fill("#turnover", "800 000")
    page.click("button.main")
    page.wait_for_selector("#answer article, #answer .alert")


def filled_certificate(page: Page, site: str, file: Path) -> None:
    page.goto(f"{site}/certificat")
    page.set_input_files("#file", file)
    page.fill("#on", "2025-01-15")
    page.fill("#requires", "1905|1911")
    page.click("button.main")
    page.wait_for_selector("#answer article, #answer .alert")


def test_the_price_follows_what_is_typed(page: Page, site: str) -> None:
    page.goto(site)
    page.fill("#on", "2026-03-02")
    page.fill("#t1", "5")
    page.fill("#t2", "3")
    page.fill("#turnover", "800 000,00")
    expect(page.locator("#total-incl-vat")).to_have_text(re.compile("2.164,20"))
    assert "2 164,20 €" in plain(page.text_content("#spoken"))  # read out
    query = page.evaluate("location.search")
    assert "t1=5" in query
    assert "turnover=800+000" in query
    page.goto(site + "/" + query)  # the link says it all
    expect(page.locator("#total-incl-vat")).to_have_text(re.compile("2.164,20"))
    page.get_by_text("Contrôle annuel", exact=True).click()
    expect(page.locator("#turnover")).to_be_hidden()
    page.fill("#n5", "1")
    expect(page.locator("#total-incl-vat")).to_have_text(re.compile("2.058,00"))
    assert "turnover=800" in page.url  # hidden, not forgotten: the next event may need it
    assert page.get_attribute("#language", "href") is not None
    page.click("#language")
    expect(page.locator("#total-incl-vat")).to_have_text("€2,058.00")


def test_a_mistake_is_marked_and_unmarked_as_one_types(page: Page, site: str) -> None:
    page.goto(site + "/" + FIRST)
    page.fill("#turnover", "1,234.56")
    expect(page.locator(".alert")).to_contain_text("ambigu")
    expect(page.locator("#turnover")).to_have_attribute("aria-invalid", "true")
    page.fill("#turnover", "1234,56")
    expect(page.locator(".alert")).to_have_count(0)
    expect(page.locator("#turnover")).not_to_have_attribute("aria-invalid", "true")


def test_qualifications_by_code_and_the_tariff_asked_for(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_text("Par code, avec le tarif de chacune").click()
    page.fill("#code-0", "1905")
    expect(page.locator(".named").first).to_contain_text("Audit énergétique des bâtiments")
    expect(page.locator(".alert")).to_contain_text("choisissez-le à côté du code")
    page.select_option("#tariff-0", "5")
    expect(page.locator(".sheet")).to_contain_text("1905")
    page.click("#more")
    page.keyboard.type("0607")
    page.select_option("#tariff-1", "5")
    page.select_option("#nature-1", "probationary")
    page.locator("summary", has_text="audit énergétique").click()
    page.fill("#audit_turnover", "90 000")
    expect(page.locator(".notes")).to_contain_text("audit énergétique")
    page.get_by_label("Retirer la qualification 1").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"^(?!.*1905).*p=0607"))


def test_the_plan_and_its_chart(page: Page, site: str) -> None:
    page.goto(site + "/plan" + FIRST + "&start=2026-03-02")
    expect(page.locator(".bars rect")).to_have_count(10)
    assert "3 208,20 €" in plain(page.text_content(".sum"))
    page.fill("#years", "8")
    expect(page.locator(".bars rect")).to_have_count(18)
    with page.expect_download() as kept:
        page.get_by_role("link", name="ICS").click()
    assert kept.value.suggested_filename == "opqibi-plan.ics"


def test_an_invoice_is_checked(page: Page, site: str, invoice: Path) -> None:
    filled_invoice(page, site, invoice)
    expect(page.locator(".badge").first).to_have_text("Écart")
    expect(page.locator(".off")).to_have_text(re.compile(r"\+120,00"))
    page.get_by_text("La lettre qui la conteste").click()
    expect(page.locator(".letter pre")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copier la lettre").click()
    expect(page.get_by_role("button", name="Copié")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.text_content(".letter pre")


def test_a_certificate_is_checked(page: Page, site: str, certificate: Path) -> None:
    filled_certificate(page, site, certificate)
    expect(page.locator(".badge").first).to_have_text("Valable")
    expect(page.locator(".findings")).to_contain_text("satisfaite")


def test_a_hostile_upload_ends_in_one_sentence(page: Page, site: str, tmp_path: Path) -> None:
    file = tmp_path / "<img src=x onerror=alert(1)>.pdf"
    file.write_bytes(b"%PDF-1.7\n" + b"<<" * 100_000)
    filled_invoice(page, site, file)
    expect(page.locator(".alert li")).to_have_count(1)
    expect(page.locator("#file")).to_have_attribute("aria-invalid", "true")
    assert page.locator("#answer img").count() == 0
    page.goto(site + "/" + FIRST)  # the server serves on
    expect(page.locator("#total-incl-vat")).to_be_visible()


def test_the_keyboard_alone(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "event"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") == "renewal"
    page.keyboard.press("Tab")
    expect(page.locator("#t1")).to_be_focused()
    page.keyboard.type("5")
    expect(page.locator("#total-incl-vat")).to_be_visible()
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))
        assert page.evaluate(
            "(e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.top < innerHeight && r.bottom > 0; })(document.activeElement)"
        ), page.evaluate("document.activeElement.outerHTML")
        if "API HTTP" in seen:
            break
    assert {"turnover", "Calculer le prix", "JSON", "Copier le lien", "API HTTP"} <= seen


def test_all_is_there_without_any_script(browser: Browser, site: str, invoice: Path) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(site)
    page.fill("#on", "2026-03-02")
    page.fill("#t1", "5")
    page.fill("#t2", "3")
    page.fill("#turnover", "800 000")
    page.click("button.main")
    assert "2 164,20 €" in plain(page.text_content("#total-incl-vat"))
    assert "turnover=800+000" in page.url
    page.get_by_text("Par code, avec le tarif de chacune").click()
    page.click("#more")
    assert page.locator("[data-row]").count() == 1  # an empty row is not kept beside the new one
    page.click("text=Plan sur 4 ans")
    page.fill("#t1", "5")
    page.click("button.main")
    assert page.locator(".bars rect").count() > 0
    filled_invoice(page, site, invoice)
    assert plain(page.locator(".badge").first.text_content()) == "Écart"
    context.close()


def test_the_browser_asks_nothing_of_anybody_else(page: Page, site: str, invoice: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for tab in TABS:
        page.goto(site + tab + FIRST)
    page.goto(f"{site}/docs")
    filled_invoice(page, site, invoice)
    assert asked
    assert all(address.startswith(site) for address in asked)


def test_the_quote_prints_on_one_sheet(page: Page, site: str) -> None:
    page.goto(site + "/" + FIRST)
    page.emulate_media(media="print")
    assert not page.locator("form").is_visible()
    assert page.locator(".sheet").is_visible()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(PdfReader(io.BytesIO(printed)).pages) == 1
