"""What the tests of the web share: an application in this process, a server, a browser."""

import shutil
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, sync_playwright

from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from tests.editions.pinned_command import pinned
from tests.web.serving import server

TODAY = date(2026, 3, 2)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(today=lambda: TODAY)), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def _answered_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page that waits, however busy the machine: its status is told before the verdict is known."""
    monkeypatch.setattr("opqibi_rules.web.waiting.SOON", 60.0)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with server() as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop running while it is open: no longer than one module of tests.
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert not [error for error in errors if "422" not in error]


@pytest.fixture(autouse=True)
def _the_schedule_of_2024() -> Iterator[None]:
    """Amounts here are those of 2024, whatever else is shipped."""
    with pinned():
        yield
