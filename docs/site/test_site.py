"""The built site: every address in it leads somewhere, nothing is loaded from outside, and it reads well on a phone.

Run by ``./dev site --check``, which builds it first; not by ``./dev test``, whose environment has no MkDocs.
"""

import re
import shutil
import threading
from collections.abc import Iterator
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

SITE = Path(__file__).resolve().parents[2] / "site"
PAGES = sorted(path for path in SITE.rglob("*.html") if path.name != "404.html")
LOOKED_AT = (
    "index.html", "guide.fr/devis.html", "guide.fr/facture.html", "commands/plan.html", "python/functions.html",
    "schemas/plan.html", "interpretations.html", "performance.html", "en/index.html", "en/guide.en/quote.html",
)  # fmt: skip


class Addresses(HTMLParser):
    """What a page loads, what it leads to, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.anchors: set[str] = {""}
        self.metas: list[dict[str, str | None]] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {name for name in (given.get("id"), given.get("name")) if name}
        self.language = self.language or given.get("lang") or ""
        self.metas += [given] if tag == "meta" else []
        for key in ("src", "srcset", "poster", "data", "href", "action"):
            if address := given.get(key):
                (self.leads if tag in {"a", "form"} else self.loads).append(address)
        self.loads += re.findall(r"url\(([^)]*)\)", given.get("style") or "")


@cache
def read(page: Path) -> Addresses:
    return Addresses(page.read_text("utf-8"))


def test_both_languages_are_there_page_for_page() -> None:
    french = [page for page in PAGES if "en" not in page.relative_to(SITE).parts]
    assert len(french) > 50
    assert len(PAGES) == 2 * len(french)
    assert {read(page).language for page in french} == {"fr"}
    assert {read(page).language for page in PAGES if page not in french} == {"en"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(SITE)))
def test_every_address_leads_to_a_page_and_an_anchor_and_nothing_is_loaded_from_outside(page: Path) -> None:
    here = read(page)
    policy = next(
        meta["content"] for meta in here.metas if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == "default-src 'self' 'unsafe-inline' data: blob:"  # so a script cannot either
    for address in (*here.loads, *here.leads):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            assert address in here.leads or parts.scheme == "data", (
                address
            )  # a link is the reader's own choice
            continue
        target = page.parent / unquote(parts.path) if parts.path else page
        assert target.is_file(), address
        assert target.resolve().is_relative_to(SITE), address
        if parts.fragment:
            assert unquote(parts.fragment) in read(target).anchors, address


def test_style_sheets_load_nothing_from_outside() -> None:
    sheets = list(SITE.rglob("*.css"))
    assert len(sheets) >= 6
    for sheet in sheets:
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
        assert "@import" not in text, sheet
        for address in re.findall(r"url\([\"']?([^)\"']*)", text):
            assert address.startswith("data:") or (sheet.parent / address).is_file(), (sheet, address)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
)
def test_pages_fit_the_screen_and_ask_nothing_of_any_other_address(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type] # a literal
    asked: list[Request] = []
    wrong: list[str] = []
    context.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - it must bear attributes
    context.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    context.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    page = context.new_page()
    for name in LOOKED_AT:
        page.goto(address + name, wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        shown = page.evaluate("document.body.dataset.mdColorScheme")
        assert shown == ("slate" if scheme == "dark" else "default"), name
    _search(page, address)
    context.close()
    assert {urlsplit(request.url).netloc for request in asked} == {urlsplit(address).netloc}
    assert wrong == []


def _search(page: Page, address: str) -> None:
    """A word of the guides is found; the other language is one step away, on the same page, and back."""
    for place, ready, word, found in (
        ("", "Taper pour", "plancher", "Un devis"),
        ("en/", "Type to", "floor", ""),
    ):
        page.goto(f"{address}{place}index.html", wait_until="networkidle")  # its script listens to keys
        page.keyboard.press("f")
        expect(page.locator(".md-search-result__meta")).to_contain_text(ready)
        page.locator(".md-search__input").press_sequentially(word, delay=50)
        first = page.locator(".md-search-result__item").first
        first.wait_for()
        assert (found or word) in first.inner_text()
    page.goto(f"{address}guide.fr/devis.html")
    page.locator("a.twin").click()
    page.wait_for_url("**/en/guide.en/quote.html")
    page.locator("a.twin").click()
    page.wait_for_url("**/guide.fr/devis.html")
