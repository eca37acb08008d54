"""The reference tried from the page: each route, against the very server that shows it."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web.test_api import INVOICE
from tests.web.test_every_state import violations


def test_a_route_is_tried(page: Page, site: str, tmp_path: Path) -> None:
    page.goto(f"{site}/docs?lang=fr")
    quote = page.locator("section", has=page.locator("#quote"))
    quote.locator(".try summary").click()
    quote.locator(".try button").click()
    expect(quote.locator(".try pre")).to_contain_text('"total_incl_vat": "2164.20"')
    quote.locator("textarea").fill('{"tariffs": {"1": "five"}}')
    quote.locator('[name="lang"]').fill("en")
    quote.locator(".try button").click()
    expect(quote.locator(".try pre")).to_contain_text("HTTP 422")
    expect(quote.locator(".try pre")).to_contain_text("a whole number from 0 to 1000 is expected")
    file = tmp_path / "F1.csv"
    file.write_bytes(INVOICE)
    invoices = page.locator("section", has=page.locator("#check_invoices"))
    invoices.locator(".try summary").click()
    invoices.locator('[type="file"]').set_input_files(file)
    invoices.locator(".try button").click()
    expect(invoices.locator(".try pre")).to_contain_text('"verdict": "discrepancy"')
    facts = page.locator("section", has=page.locator("#nomenclature"))
    facts.locator(".try summary").click()
    facts.locator('[name="q"]').fill("1905")
    facts.locator(".try button").click()
    expect(facts.locator(".try pre")).to_contain_text('"code": "1905"')
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
