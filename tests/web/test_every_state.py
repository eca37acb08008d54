"""axe, and the lay of the page, in every state: at each width, at 200 %, in the light and in the dark."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it ships no types
from playwright.sync_api import Browser, Page, expect

from tests.web.test_api import CERTIFICATE, INVOICE

WIDTHS = (320, 1280, 360, 768, 640)
"""Pixels, of which 320 is 1280 at 400 %, and 640 at 200 %."""
FIRM = "t1=5&t2=3&turnover=800000"
NAMED = "?q=1905:5&p=1911:5&turnover=800000&audit_turnover=90000"
START = f"?{FIRM}&start=2026-03-02"

State = str | Callable[[Page, str], None]
"""An address, or what brings a page of a site into the state."""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and good practice."""
    found: Any = Axe().run(page).response
    assert len(found["passes"]) > 10  # it has looked
    return [
        f"{item['id']}: {[node['html'][:120] for node in item['nodes'][:3]]}" for item in found["violations"]
    ]


def well_laid(page: Page) -> None:
    """Nothing to scroll across at any width, nothing too small, no amount across the edge of its card."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") == width, (page.url, width)
        out = "[...document.querySelectorAll('.sheet')].filter(e => e.scrollWidth > e.clientWidth).length"
        assert page.evaluate(out) == 0, (page.url, width)
    small = page.evaluate(
        "[...document.querySelectorAll('form button, form input:not([type=radio], [type=checkbox]), form select')]"
        ".filter(e => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).map(e => e.outerHTML)"
    )
    assert small == []  # WCAG 2.2, target size


def asked(tab: str, data: object, **typed: str) -> State:
    """A question about a file, sent and answered."""

    def state(page: Page, site: str) -> None:
        page.goto(site + tab)
        held = data if isinstance(data, bytes) else json.dumps(data).encode()
        page.set_input_files("#file", {"name": "given.json", "mimeType": "", "buffer": held})
        for name, text in typed.items():
            page.fill(f"#{name}", text)
        page.evaluate("document.getElementById('answer').replaceChildren()")
        page.click("button.main")
        expect(page.locator("#answer .badge, #answer .alert").first).to_be_visible()

    return state


def mistyped(page: Page, site: str) -> None:
    """A mistake marked as one types."""
    page.goto(f"{site}/{NAMED}")
    page.fill("#turnover", "1,234.56")
    expect(page.locator(".mistake")).to_be_visible()


def outlived(page: Page, site: str) -> None:
    """A price whose server does not answer any more."""
    page.goto(f"{site}/{NAMED}")
    page.route("**/*part=answer*", lambda route: route.abort())
    page.fill("#turnover", "9")
    expect(page.locator(".lost")).to_be_visible()
    page.unroute("**/*part=answer*")


def outdated(page: Page, site: str) -> None:
    """A verdict beside another question."""
    valid(page, site)
    page.fill("#requires", "1202")
    expect(page.locator(".lost")).to_be_visible()


def offered(page: Page, site: str) -> None:
    """Qualifications that hold the words, to choose from, as one types."""
    page.goto(f"{site}/?q=1905:5")
    page.fill("#code-0", "")
    page.locator("#code-0").press_sequentially("biodiv")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found [aria-selected=true]")).to_be_visible()


def kept(page: Page, site: str) -> None:
    """The firm remembered on this machine."""
    page.goto(f"{site}/en{NAMED}")
    page.locator("#keep").click()
    expect(page.locator("#memory p")).to_contain_text("1905:5")


def valid(page: Page, site: str) -> None:
    """A certificate that is valid and meets what is required."""
    given = asked("/certificat", CERTIFICATE, on="2025-01-15", requires="1905|1911")
    assert callable(given)
    given(page, site)
    expect(page.locator("#answer .badge").first).to_have_text("Valable")


STATES: Mapping[str, tuple[State, ...]] = {
    "empty": ("/en", "/facture", "/en/certificate", "/certificats", kept),
    "answers": (
        f"/{NAMED}",
        f"/plan{START}",
        f"/comparer{START}&ask=add&a5=1",
        f"/en/compare{START}&ask=one",
        "/?t1=5",
    ),
    "reference": ("/docs?lang=fr", "/docs?lang=en", "/embed?t1=5&turnover=800000", offered, "/?q=audit"),
    "errors": (
        "/?t1=x&t2=-1&turnover=1,234.56&audit_turnover=NaN&on=2026-13-01&vat=mars&q=9999:9",
        "/en/plan?t1=5&years=99&growth=x&start=y&year_end=40/40",
        "/comparer?t1=5&ask=drop&d1=x",
        "/?event=party&t1=5",
        mistyped,
    ),
    "verdicts": (
        asked("/facture", INVOICE, t1="5", t2="3", turnover="800 000"),
        valid,
        asked("/en/certificate", CERTIFICATE, on="2029-01-15", requires="1202"),
        asked("/certificats", CERTIFICATE, on="2025-01-15", requires="1905", within="60"),
        asked("/en/certificates", CERTIFICATE, sirens="732 829 320", on="2025-01-15"),
    ),
    "no longer answers": (outlived, outdated),
    "refusals": (
        "/nothing",
        "/en/quote.pdf",
        asked("/facture", b"%PDF-1.7", t1="x"),
        asked("/en/certificate", CERTIFICATE, siren="12"),
        asked("/certificats", CERTIFICATE, within="soon"),
    ),
}


@pytest.mark.parametrize("kind", STATES)
def test_axe_finds_nothing_and_nothing_overflows(browser: Browser, site: str, kind: str) -> None:
    """Of five states of a kind, each is looked at by two of the ten: every width, in the light and in the dark."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for turn, state in enumerate(STATES[kind]):
        page.set_viewport_size({"width": 1280, "height": 900})
        if isinstance(state, str):
            page.goto(site + state)
        else:
            state(page, site)
        if state is not offered:  # a list that closes
            page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
            well_laid(page)
        for scheme, width in (("light", WIDTHS[turn]), ("dark", WIDTHS[(turn + 2) % len(WIDTHS)])):
            page.set_viewport_size({"width": width, "height": 740})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            wrong += [f"{turn}, {width}, {scheme}: {found}" for found in violations(page)]
    context.close()
    assert wrong == []
