"""« Facture » in a real browser: a photograph corrected by the keyboard alone, keys in every field, axe, small screens."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.papers import paper, photograph
from tests.web.test_api import INVOICE
from tests.web.test_every_state import violations

WIDTHS = (320, 360, 640, 768, 1280)
"""Pixels; 640 is 1280 at 200 %."""


def given(page: Page, site: str, *files: Path | str, turnover: str = "") -> None:
    """Several files checked for five qualifications at tariff 1 and three at tariff 2."""
    page.goto(f"{site}/en/invoice")
    page.set_input_files("#file", files)
    page.fill("#t1", "5")
    page.fill("#t2", "3")
    page.fill("#turnover", turnover)
    page.click("button.main")
    page.wait_for_selector("#answer article, #answer .sheet, #answer .alert")
    page.wait_for_load_state()


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field of that identifier has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement?.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(name)


@pytest.mark.long
def test_a_photograph_one_field_corrected_the_verdict_by_the_keyboard_alone(
    page: Page, site: str, tmp_path: Path
) -> None:
    """Tilted by 1.2°, its day missing: nothing is sure until the person says it."""
    # A number that both readings say alike, whatever the processor: « F2026 » they do not.
    file = written(tmp_path, "photo.jpg", photograph(paper(number="2026-118", day="—")))
    page.set_default_timeout(60_000)
    page.on(
        "filechooser", lambda _: None
    )  # files are chosen by the test from here on, before any key is pressed
    page.goto(f"{site}/en/invoice")
    tab_to(page, "file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    tab_to(page, "t1")
    page.keyboard.type("5")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator(".badge")).to_have_text("Undetermined", timeout=60_000)
    expect(page.locator("#answer")).to_be_focused()
    expect(page.locator("svg.page image")).to_have_count(1)
    tab_to(page, "value-0-date")
    page.keyboard.type("17/03/2026")
    page.keyboard.press("Enter")
    expect(page.locator(".badge")).to_have_text(
        "Conform"
    )  # read from its words: the picture is not read again
    expect(page.locator("#value-0-date")).to_have_value("2026-03-17")
    box = page.locator("#place-0-1 rect")
    expect(box).to_be_visible()


def test_a_field_and_its_place_point_at_each_other(page: Page, site: str, tmp_path: Path) -> None:
    given(page, site, written(tmp_path, "F.pdf", paper(taxed="1 329,00")))
    field = page.locator("#value-0-total_incl_vat")
    place = page.locator(f"#{field.get_attribute('data-place')}")
    expect(place).not_to_have_class(re.compile(r"\bat\b"))
    field.focus()
    expect(place).to_have_class(re.compile(r"\bat\b"))
    expect(place).to_be_in_viewport()
    page.locator("#seller").focus()
    expect(place).not_to_have_class(re.compile(r"\bat\b"))
    place.click(force=True)
    expect(field).to_be_focused()
    number = page.locator("#value-0-number")
    expect(number).to_be_hidden()  # it stands among those that are sure
    page.locator(f"#{number.get_attribute('data-place')}").click(force=True)
    expect(number).to_be_focused()
    shown, drawn = (page.locator(f"#place-0-1 {part}").bounding_box() for part in ("rect", "text"))
    assert shown
    assert drawn
    left = page.locator("svg.page").bounding_box()
    assert left
    assert left["x"] < shown["x"] < left["x"] + left["width"]  # on the page, not beside it


def test_keys_in_every_field(page: Page, site: str, tmp_path: Path) -> None:
    """Escape, Tab and Backspace lose nothing; Enter asks again, and what was typed stands."""
    given(page, site, written(tmp_path, "F.pdf", paper(taxed="1 329,00")), turnover="800000")
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    names = page.evaluate(
        "[...document.querySelectorAll('main input, main select')]"
        ".filter(e => e.offsetParent && !['file', 'hidden', 'radio'].includes(e.type)).map(e => e.id || e.value)"
    )
    assert {"t1", "code-0", "turnover", "on", "seller", "value-0-number", "value-0-total_incl_vat"} <= set(
        names
    )

    def state() -> Any:
        return page.evaluate(
            "[...document.querySelectorAll('main input, main select')].filter(e => !['file', 'hidden'].includes(e.type))"
            ".map(e => [e.id, e.value, e.checked])"
        )

    before, address = state(), page.url
    for name in names:
        field = page.locator(f'[id="{name}"], input[type=checkbox][value="{name}"]').first
        field.focus()
        page.keyboard.press("Escape")
        if field.evaluate("e => e.matches('[type=text]')"):
            page.keyboard.press("End")
            page.keyboard.type("7")
            page.keyboard.press("Backspace")
        page.keyboard.press("Tab")
        assert field.evaluate("e => e !== document.activeElement") or name == "on"  # a date has three parts
        assert (state(), page.url) == (before, address), name
    for name in ("value-0-total_incl_vat", "value-0-number", "seller", "t1"):
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
        field = page.locator(f'[id="{name}"]')
        field.press("Enter")
        expect(page.locator("#answer")).to_be_focused()  # once the page that answers is there
        expect(page.locator(".badge")).to_have_text("Undetermined")
        expect(page.locator("#turnover")).to_have_value("800000")
        expect(page.locator("#value-0-total_incl_vat")).to_have_value("1329.00")
        page.wait_for_load_state()


@pytest.mark.long
def test_axe_at_every_width(browser: Browser, site: str, tmp_path: Path) -> None:
    """The form beside the picture, a mistake in it, a table of several, a refusal; light and dark; nothing overflows."""
    long = written(
        tmp_path, "a very long name of a file that does not break " * 2 + "x" * 60 + ".csv", INVOICE
    )
    bent = written(tmp_path, "F.pdf", paper(taxed="1 329,00"))
    none = written(tmp_path, "me.vcf", b"BEGIN:VCARD")
    looked: dict[Any, dict[str, tuple[int, ...]]] = {  # by axe, which takes half a second
        "light": {"refused": (320,), "table": (320, 768), "reading": (360, 1280), "mistaken": (640,)},
        "dark": {"refused": (1280,), "table": (360,), "reading": (320,), "mistaken": (768,)},
    }
    for scheme in looked:
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(15_000)
        for step in ("refused", "table", "reading", "mistaken"):
            if step == "refused":
                given(page, site, none)
            if step == "table":
                given(page, site, long, bent, none, written(tmp_path, "bad.pdf", b"%PDF-"))
            if step == "reading":
                given(page, site, bent)
            if step == "mistaken":
                page.fill("#value-0-total_incl_vat", "lots")
                page.press("#value-0-total_incl_vat", "Enter")
                page.wait_for_selector("#answer .alert")
            page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") == width, (step, width)
                if width in looked[scheme][step]:
                    assert violations(page) == [], (step, width, scheme)
            page.set_viewport_size({"width": 1280, "height": 900})
        context.close()


def test_several_dropped_anywhere_on_the_page(page: Page, site: str, tmp_path: Path) -> None:
    page.goto(f"{site}/en/invoice")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("F2.pdf", paper())
        archive.writestr("me.vcf", b"BEGIN:VCARD")
    page.evaluate(
        """([first, second]) => {
          const held = new DataTransfer();
          held.items.add(new File([first], "F1.csv"));
          held.items.add(new File([new Uint8Array(second)], "rest.zip"));
          document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: held, bubbles: true, cancelable: true}));
        }""",
        [INVOICE.decode(), list(packed.getvalue())],
    )
    page.fill("#t1", "5")
    page.fill("#t2", "3")
    page.click("button.main")
    expect(page.locator("#answer")).to_contain_text("2 invoices checked")
    expect(page.locator("#answer .plain")).to_contain_text("me.vcf")
    with page.expect_download() as kept:
        page.get_by_role("button", name="JSON").click()
    told = json.loads(Path(kept.value.path()).read_text("utf-8"))
    assert [item.get("verdict") or item.get("no_invoice") for item in told][:2] == ["discrepancy", "conform"]
    page.get_by_role("link", name="rest.zip › F2.pdf").click()
    expect(page.locator("#invoice-1")).to_be_in_viewport()
    page.click("nav >> text=Quote")  # nothing of what was read goes with the reader
    assert len(page.url) < 300
    page.go_back()
    expect(page.get_by_role("link", name="rest.zip › F2.pdf")).to_be_visible()  # the verdicts stand again


def test_what_is_asked_once_is_said_to_be_read(page: Page, site: str) -> None:
    page.goto(f"{site}/en/invoice")
    asked = page.evaluate(
        """() => [1, 2].map(() => {
          let prevented;
          const stay = (event) => { prevented = event.defaultPrevented; event.preventDefault(); };
          addEventListener("submit", stay, {once: true});
          document.forms.check.requestSubmit();
          return !prevented;
        })"""
    )
    assert asked == [True, False]
    expect(page.locator("#answer .busy")).to_contain_text("takes some seconds")
    expect(page.locator("#spoken")).to_contain_text("takes some seconds")
    page.evaluate("dispatchEvent(new Event('pageshow'))")  # back from the answer
    expect(page.locator("#answer .busy")).to_have_count(0)


def test_without_any_script(browser: Browser, site: str, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(15_000)
    given(page, site, written(tmp_path, "F.pdf", paper(seller="OPQIBI")))
    expect(page.locator(".badge")).to_have_text("Undetermined")
    expect(page.locator("label", has_text="Seller").locator(".at-place").first).to_have_text("1")
    expect(page.locator("#place-0-1 text")).to_have_text("1?")
    page.locator("#place-0-1").click(force=True)
    expect(page.locator("#value-0-seller")).to_be_focused()
    page.check("input[value=value-0-seller]")
    page.get_by_role("button", name="Check again").click()
    expect(page.locator(".badge")).to_have_text("Conform")
    with page.expect_download() as kept:
        page.get_by_role("button", name="PDF").click()
    assert Path(kept.value.path()).read_bytes().startswith(b"%PDF-")
    context.close()


@pytest.mark.parametrize("touch", [True, False])
def test_a_camera_where_there_is_a_finger(browser: Browser, site: str, tmp_path: Path, touch: bool) -> None:
    context = browser.new_context(
        has_touch=touch, is_mobile=touch, viewport={"width": 360, "height": 740}, locale="en-GB"
    )
    page = context.new_page()
    page.goto(f"{site}/en/invoice")
    camera = page.locator("#camera")
    assert camera.is_visible() == touch
    if touch:
        assert camera.get_attribute("capture") == "environment"
        camera.set_input_files(written(tmp_path, "F.pdf", paper()))
        page.fill("#t1", "5")
        page.fill("#t2", "3")
        page.click("button.main")
        expect(page.locator(".badge")).to_have_text("Conform")
        expect(page.locator("#answer .badge")).to_be_in_viewport()
    context.close()


def test_the_script_stays_small() -> None:
    folder = Path(__file__).parents[2] / "opqibi_rules" / "web" / "static"
    assert sum(len(file.read_bytes()) for file in folder.glob("*.js")) < 25_000
