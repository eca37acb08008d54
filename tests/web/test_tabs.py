"""The tabs in a real browser: every key in every field, words that search, choices, lists of firms, what is kept."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Download, Locator, Page, expect
from pypdf import PdfReader

from tests.cli.running import asked
from tests.web.test_api import CERTIFICATE

FIRM = "q=1905:5&p=1911:5&t1=5&t2=3&turnover=800000&audit_turnover=90000"
LIVE = {
    "/": f"?{FIRM}&on=2026-03-02",
    "/plan": f"?{FIRM}&start=2026-03-02&growth=2&notified=2026-05-04&year_end=30/06",
    "/comparer": f"?{FIRM}&start=2026-03-02&ask=add&a5=1",
}
FIELDS = "form input:not([type=hidden], [type=file]), form select, form textarea"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two answers as they are stored, one that names no firm, and a list of three firms."""
    folder = tmp_path_factory.mktemp("saved")
    for siren in ("732829320", "552100554"):
        held = {**CERTIFICATE["data"], "numero_certificat": f"24 03 {siren[:4]}"}
        stored = {"fetched_on": "2024-06-03", "siren": siren, "answer": {**CERTIFICATE, "data": held}}
        (folder / f"{siren}.json").write_text(json.dumps(stored), "utf-8")
    (folder / "nobody.json").write_text(json.dumps(CERTIFICATE), "utf-8")
    (folder / "firms.csv").write_text(
        "siren;nom\n732829320;Alpha\n552100554;Bêta\n443061841;Gamma\n", "utf-8"
    )
    return folder


def plain(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def settled(page: Page) -> None:
    expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")


def same_as_its_address(page: Page) -> None:
    """What stands there is what its address, opened anew, shows."""
    settled(page)
    shown, opened = page.evaluate(
        "(async () => { const page = new DOMParser().parseFromString(await (await fetch(location)).text(), 'text/html');"
        "return [document, page].map((one) => one.getElementById('answer').textContent.replace(/\\s+/g, ' ')); })()"
    )
    assert shown == opened


def values(fields: Locator) -> list[Any]:
    found: list[Any] = fields.evaluate_all(
        "(all) => all.map((one) => /radio|checkbox/.test(one.type) ? one.checked : one.value)"
    )
    return found


@pytest.mark.long
@pytest.mark.parametrize("tab", LIVE)
def test_every_key_in_every_field(page: Page, site: str, tab: str) -> None:
    page.goto(site + tab + LIVE[tab])
    page.evaluate("document.querySelectorAll('form details').forEach((one) => { one.open = true; })")
    fields = page.locator(FIELDS)
    tried = set()
    for index in range(fields.count()):
        field = fields.nth(index)
        kind = field.evaluate("(one) => one.offsetParent ? one.type : 'hidden'")
        if kind == "hidden" or (kind == "radio" and not field.is_checked()):
            continue
        tried.add(field.get_attribute("id"))
        before = values(fields)
        field.focus()
        if kind == "text":
            field.press("End")
        field.press("Escape")
        field.press("Tab")
        assert values(fields) == before
        field.press("Backspace")
        left = values(fields)
        assert [a for at, (a, b) in enumerate(zip(before, left, strict=True)) if a != b and at != index] == []
        field.press("Enter")
        assert values(fields) == left  # no row, and nothing else, is taken away
        same_as_its_address(page)
        if kind in {"text", "number", "date"}:
            field.fill(str(before[index]))
    same_as_its_address(page)
    assert {"t1", "code-0", "tariff-1", "nature-0", "turnover", "audit_turnover", "vat"} <= tried
    assert "q=1905%3A5" in page.url
    assert "p=1911%3A5" in page.url


@pytest.mark.parametrize(
    ("tab", "files"), [("certificat", ["nobody.json"]), ("certificats", ["732829320.json", "552100554.json"])]
)
def test_every_key_in_the_fields_about_certificates(
    page: Page, site: str, saved: Path, tab: str, files: list[str]
) -> None:
    page.goto(f"{site}/{tab}")
    fields, answer = page.locator(FIELDS), page.locator("#answer")
    page.set_input_files("#file", [saved / name for name in files])
    for name, text in (
        ("on", "2025-01-15"),
        ("requires", "1905"),
        ("requires_rge", "1905"),
        ("within", "60"),
    ):
        if page.locator(f"#{name}").count():
            page.fill(f"#{name}", text)
    page.click("button.main")
    expect(page.locator("#answer .badge").first).to_be_visible()
    verdict = plain(answer.text_content())
    for index in range(fields.count()):
        field, before = fields.nth(index), values(fields)
        for key in ("Escape", "Tab"):
            field.press(key)
        assert values(fields) == before
        assert plain(answer.text_content()) == verdict
        if field.evaluate("(one) => one.tagName") == "TEXTAREA":
            continue  # Enter is a new line there
        if field.get_attribute("type") == "date":
            field.fill("")  # one part of a day alone is no day: the browser itself says so
        else:
            field.press("Backspace")
        left = values(fields)
        field.press("Enter")  # checks, as the button does, the files that were chosen
        expect(answer).to_be_focused()
        assert values(fields) == left
        assert page.url == f"{site}/{tab}"
        expect(page.locator("#answer .badge, #answer .alert").first).to_be_visible()
        if field.get_attribute("type") != "checkbox":
            field.fill(str(before[index]))
        page.click("button.main")
        expect(answer).to_have_text(verdict)  # blanks apart


def test_words_are_searched_by_keyboard(page: Page, site: str) -> None:
    page.goto(site + "/?on=2026-03-02&turnover=800000")
    page.get_by_text("Par code, avec le tarif de chacune").click()
    code, found = page.locator("#code-0"), page.locator("#found [role=option]")
    expect(code).to_have_attribute("role", "combobox")
    expect(code).to_have_attribute("aria-expanded", "false")
    code.press_sequentially("énergétique BATIMENTS")
    expect(code).to_have_attribute("aria-expanded", "true")
    expect(found).to_have_count(1)
    settled(page)
    expect(page.locator(".sum")).to_have_count(0)  # no price for words, and no code is guessed
    expect(code).to_have_value("énergétique BATIMENTS")
    code.press("Escape")
    expect(found).to_have_count(0)
    expect(code).to_have_value("énergétique BATIMENTS")
    code.press("ArrowDown")
    expect(found.first).to_have_attribute("aria-selected", "true")
    expect(code).to_have_attribute("aria-activedescendant", "found-0")
    code.press("Enter")
    expect(code).to_have_value("1905")
    expect(code).to_be_focused()
    expect(found).to_have_count(0)
    expect(page.locator(".named").first).to_contain_text("bâtiments")
    page.select_option("#tariff-0", "5")
    expect(page.locator("#total-incl-vat")).to_be_visible()
    page.click("#more")
    page.keyboard.type("audit")
    expect(found).to_have_count(4)
    page.keyboard.press("ArrowUp")  # the last one
    expect(found.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")  # away, and nothing is chosen
    expect(page.locator("#code-1")).to_have_value("audit")
    expect(found).to_have_count(0)
    page.locator("#code-1").focus()
    page.locator("#found [data-code='0607']").click()
    expect(page.locator("#code-1")).to_have_value("0607")
    page.fill("#code-1", "zzz")
    expect(page.locator("[data-row] .mistake")).to_contain_text("zzz")
    expect(found).to_have_count(0)
    page.get_by_label("Retirer la qualification 2").click()
    expect(page.locator("#total-incl-vat")).to_be_visible()


def test_words_are_searched_without_any_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{site}/plan?q=1911:5&t1=5&start=2026-03-02")
    page.click("#more")
    page.fill("#code-1", "batiments audit")
    page.press("#code-1", "Enter")
    expect(page.locator(".sum")).to_have_count(0)
    offered = page.locator("[data-row] .found button")
    expect(offered).to_have_count(1)
    offered.click()
    expect(page.locator("#code-1")).to_have_value("1905")
    expect(page.locator("#code-0")).to_have_value("1911")
    page.select_option("#tariff-1", "5")
    page.click("button.main")
    expect(page.locator(".sum")).to_have_count(1)
    page.get_by_label("Retirer la qualification 1").click()
    page.click("nav >> text=Devis")  # what was taken away does not come back
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("#code-0")).to_have_value("1905")
    context.close()


def test_choices_are_compared(page: Page, site: str) -> None:
    page.goto(f"{site}/comparer?t1=5&t2=3&turnover=800000&start=2026-03-02")
    asks = (
        "compare",
        "-t",
        "1=5",
        "-t",
        "2=3",
        "--turnover",
        "800000",
        "--from",
        "2026-03-02",
        "--format",
        "csv",
    )
    expect(page.locator("#answer table").first).to_contain_text("tarif 7")
    page.check("#ask-add")
    page.fill("#a5", "1")
    expect(page.locator("#answer h2")).to_have_text("Choix comparés")
    settled(page)
    assert _amounts(page) == _amounts_of(asked(*asks, "--when-to-add", "5=1").out)
    page.check("#ask-drop")
    expect(page.locator("#a5")).to_be_hidden()
    page.fill("#d1", "1")
    settled(page)
    assert _amounts(page) == _amounts_of(asked(*asks, "--keep-or-drop", "1=1").out)
    same_as_its_address(page)
    page.check("#ask-other")
    page.fill("#b1", "4")
    page.fill("#turnover", "")
    expect(page.locator("#answer")).to_contain_text("Avec ce qui manque")  # no partial sum is a total
    sums = page.locator("#answer table").first.locator("tr")
    expect(sums.filter(has_text="Total HT")).to_contain_text("hors : Utilisation de la marque")
    expect(sums.filter(has_text="Utilisation de la marque (4 ans)")).not_to_contain_text("0,00")
    with page.expect_download() as kept:
        page.get_by_role("link", name="PDF").click()
    assert "Choi" in PdfReader(kept.value.path()).pages[0].extract_text()
    page.fill("#b1", "x")
    expect(page.locator("#b1")).to_have_attribute("aria-invalid", "true")
    assert "a5" not in page.url  # what is hidden is not asked


def _amounts(page: Page) -> list[list[str]]:
    """The amounts of the tables of the page, row by row."""
    rows: list[list[str]] = page.locator("#answer tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent))"
    )
    return [[re.sub(r"[\s€]", "", text) for text in row] for row in rows]


def _amounts_of(told: str) -> list[list[str]]:
    """The same of the tables of a CSV; the first row of each is its heads."""
    blocks = re.split(r"\r\n\r\n", told.lstrip("\ufeff").strip())
    rows = [row for block in blocks for row in [*csv.reader(io.StringIO(block), delimiter=";")][1:]]
    return [[re.sub(r"\s", "", text) for text in row[1:]] for row in rows]


def downloaded(page: Page, kind: str) -> Download:
    with page.expect_download() as kept:
        page.get_by_role("button", name=kind, exact=True).click()
    return kept.value


def test_a_list_of_firms(page: Page, site: str, saved: Path) -> None:
    page.goto(f"{site}/en/certificates")
    page.set_input_files("#file", sorted(saved.iterdir()))
    page.fill("#on", "2025-02-10")
    page.fill("#within", "60")
    page.fill("#requires", "1905")
    page.click("button.main")
    everyone = page.locator("#answer table").last.locator("tbody tr:not(.why)")
    expect(everyone).to_have_count(4)
    expect(everyone.locator(".badge")).to_have_text(
        ["Certificate valid", "Certificate valid", "Undetermined", "Undetermined"]
    )
    expect(everyone.nth(3)).to_contain_text("nobody.json")  # told, not passed over
    expect(page.locator("#answer table").first.locator("tbody tr")).to_have_count(4)  # what the tender asks
    assert page.locator("#requires").input_value() == "1905"
    told = json.loads(downloaded(page, "JSON").path().read_text("utf-8"))
    assert [one["verdict"] for one in told["firms"]] == ["valid", "valid", "undetermined", "undetermined"]
    assert told["within"] == 60
    for kind, start in (
        ("PDF", b"%PDF"),
        ("XLSX", b"PK"),
        ("ICS", b"BEGIN:VCALENDAR"),
        ("CSV", b"\xef\xbb\xbf"),
    ):
        file = downloaded(page, kind)
        assert file.suggested_filename == f"opqibi-certificates.{kind.lower()}"
        assert file.path().read_bytes().startswith(start)
    page.fill("#on", "2025-06-01")  # another day, the same files
    page.click("button.main")
    expect(page.locator("#answer table").last.locator(".badge").first).not_to_have_text("Certificate valid")
    page.fill("#within", "soon")
    page.click("button.main")
    expect(page.locator("#within")).to_have_attribute("aria-invalid", "true")
    page.fill("#within", "")
    page.fill("#sirens", "732 829 320")
    page.click("button.main")
    expect(page.locator("#answer .alert")).to_be_visible()  # two lists
    page.set_input_files("#file", [saved / "732829320.json", saved / "552100554.json"])
    page.click("button.main")
    everyone = page.locator("#answer table").last.locator("tbody tr:not(.why)")
    expect(everyone).to_have_count(2)  # the one asked about, and an answer about nobody on the list
    expect(everyone.first).to_contain_text("732829320")
    page.set_input_files("#file", saved / "firms.csv")
    page.fill("#sirens", "")
    page.click("button.main")
    expect(page.locator("#answer .alert")).to_be_visible()
    expect(page.locator("#file")).to_have_attribute("aria-invalid", "true")


def test_a_verdict_is_kept_as_a_file(page: Page, site: str, saved: Path) -> None:
    page.goto(f"{site}/certificat")
    page.set_input_files("#file", saved / "nobody.json")
    page.fill("#on", "2025-01-15")
    page.fill("#siren", "732829320")
    page.fill("#requires", "1905|1911")
    page.click("button.main")
    expect(page.locator("#answer .badge").first).to_have_text("Valable")
    path, day = str(saved / "nobody.json"), "2025-01-15"
    told = asked(
        "check-certificate",
        path,
        "--on",
        day,
        "--siren",
        "732829320",
        "--requires",
        "1905|1911",
        "--format",
        "json",
    )
    kept = json.loads(downloaded(page, "JSON").path().read_text("utf-8"))
    assert kept == {**json.loads(told.out), "source": "nobody.json"}
    text = PdfReader(downloaded(page, "PDF").path()).pages[0].extract_text()
    assert "732829320" in text
    page.fill("#on", "2029-01-15")
    page.click("button.main")
    expect(page.locator("#answer .badge").first).not_to_have_text("Valable")
    page.fill("#siren", "12")
    page.click("button.main")
    expect(page.locator("#siren")).to_have_attribute("aria-invalid", "true")
    page.fill("#siren", "732829320")
    page.click("button.main")  # what was refused lost nothing
    expect(page.locator("#answer .badge").first).to_be_visible()


def test_the_page_keeps_the_files_without_any_script(browser: Browser, site: str, saved: Path) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{site}/certificat")
    page.set_input_files("#file", saved / "nobody.json")
    page.fill("#on", "2025-01-15")
    page.click("button.main")
    expect(page.locator("#answer .badge").first).to_have_text("Valable")
    expect(page.locator(".kept")).to_contain_text("nobody.json")
    page.fill("#on", "2029-01-15")
    page.press("#on", "Enter")
    expect(page.locator("#answer .badge").first).not_to_have_text("Valable")
    assert downloaded(page, "PDF").path().read_bytes().startswith(b"%PDF")
    context.close()


@pytest.mark.parametrize("kept", ["[", "5", '[["a"]]', '[["a", "é"]]'])
def test_what_was_kept_and_tampered_with_is_refused(client: TestClient, kept: str) -> None:
    for address in ("/certificat", "/certificats"):
        answer = client.post(address, data={"kept": kept}, files={"file": ("", b"")})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


def test_a_code_whose_tariff_is_not_known_goes_whole_from_tab_to_tab(page: Page, site: str) -> None:
    """Its blank tariff stayed behind: the next tab gave a price without it, or counted another twice."""
    page.goto(f"{site}/?q=1905:5&q=1911&t1=5&turnover=800000&on=2026-03-02")
    page.locator(".tabs a").nth(1).click()
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("#code-0")).to_have_value("1905")
    expect(page.locator("#tariff-0")).to_have_value("5")
    expect(page.locator("#code-1")).to_have_value("1911")
    expect(page.locator("#answer [role=alert]")).to_contain_text("1911")
    page.select_option("#tariff-1", "5")
    expect(page.locator("#answer .sum").first).to_be_visible()


@pytest.mark.parametrize("tab", ["/", "/embed"])
def test_new_requests_wait_for_the_event_that_takes_them(page: Page, site: str, tab: str) -> None:
    page.goto(f"{site}{tab}?event=control&t1=1&n5=1&on=2026-03-02")
    total = page.locator("#total-incl-vat")
    at_the_control = plain(total.text_content())
    page.check("#event-first", force=True)
    # 86 + 560 and a fifth of it, without what a control alone takes; the fee on the turnover is announced.
    expect(total).to_contain_text("775,20")
    assert "n5=" not in page.url
    same_as_its_address(page)
    page.check("#event-control", force=True)
    expect(total).to_have_text(at_the_control)
    assert "n5=1" in page.url


def test_a_firm_is_kept_by_its_own_browser(page: Page, site: str) -> None:
    page.goto(site + "/" + LIVE["/"])
    asked_for: list[str] = []
    held = page.locator("#memory p")
    assert page.evaluate("localStorage.length") == 0  # nothing, unless it is asked for
    page.on("request", lambda request: asked_for.append(request.url))
    expect(page.locator("#memory")).to_be_hidden()
    page.locator("#keep").click()
    expect(held).to_contain_text("1905:5")
    expect(held).to_contain_text("800000")
    # It tells nobody; Chromium asks for the page's icon when it pleases.
    assert [address for address in asked_for if address != f"{site}/static/icon.svg"] == []
    page.goto(f"{site}/comparer")
    expect(held).to_contain_text("1911:5")
    expect(page.locator("#turnover")).to_have_value("")  # it fills in nothing by itself
    page.locator("#use").click()
    expect(page.locator("#code-1")).to_have_value("1911")
    expect(page.locator("#turnover")).to_have_value("800000")
    page.locator("#erase").click()
    expect(page.locator("#memory")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
