"""The pictures of the page: ``python docs/pictures/page.py`` (Chromium and Playwright are needed).

The invoice and the certificate on them are made up.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.web.conftest import FLAGS  # noqa: E402 - found from the root, named above
from tests.web.papers import paper, photograph  # noqa: E402 - the same
from tests.web.serving import server  # noqa: E402 - the same

WIDTHS = (1280, 360)
QUESTION = "?t1=5&t2=3&turnover=800000&on=2026-03-02&start=2026-03-02"
TOTALS = "1923,50;384,70;2308,20"
INVOICE = "\n".join(
    (
        "numéro;date;vendeur;libellé;quantité;prix unitaire;montant ht;total ht;tva;total ttc",
        f"F2026-118;02/03/2026;OPQIBI;Dossier postulant;1;86,00;86,00;{TOTALS}",
        f"F2026-118;02/03/2026;OPQIBI;Frais d’instruction, partie forfaitaire;1;500,00;500,00;{TOTALS}",
        f"F2026-118;02/03/2026;OPQIBI;Frais d’instruction, qualifications au tarif 1;5;60,00;300,00;{TOTALS}",
        f"F2026-118;02/03/2026;OPQIBI;Frais d’instruction, qualifications au tarif 2;4;120,00;480,00;{TOTALS}",
        f"F2026-118;02/03/2026;OPQIBI;Frais d’utilisation de la marque;1;557,50;557,50;{TOTALS}",
    )
)
CERTIFICATE = ROOT / "tests" / "answers" / "v3_two_lists.json"


def kept(page: Page, name: str, width: int) -> None:
    """The whole page, in few colours: the pictures stay light."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    few = picture.convert("RGB").quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(HERE / f"page-{name}-{width}.png", optimize=True)


def taken(browser: Browser, site: str, folder: Path, width: int) -> None:
    """The four tabs at a width."""
    page = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR").new_page()
    page.goto(f"{site}/{QUESTION}")
    kept(page, "devis", width)
    page.goto(f"{site}/plan{QUESTION}")
    kept(page, "plan", width)
    page.goto(f"{site}/facture")
    page.set_input_files("#file", folder / "F2026-118.csv")
    for field, text in (("t1", "5"), ("t2", "3"), ("turnover", "800 000")):
        page.fill(f"#{field}", text)
    page.click("button.main")
    page.wait_for_selector("#answer article")
    kept(page, "facture", width)
    page.set_input_files("#file", folder / "photo.jpg")
    page.click("button.main")
    page.wait_for_selector(".reading", timeout=90_000)
    page.focus("[data-place]")
    kept(page, "photo", width)
    page.goto(f"{site}/certificat")
    page.set_input_files("#file", CERTIFICATE)
    page.fill("#on", "2025-01-15")
    page.fill("#requires", "1905|1911 0317")
    page.click("button.main")
    page.wait_for_selector("#answer article")
    kept(page, "certificat", width)


def main() -> None:
    """Take them all."""
    chromium = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name, server() as (site, _), sync_playwright() as playwright:
        folder = Path(name)
        (folder / "F2026-118.csv").write_text(INVOICE, "utf-8")
        (folder / "photo.jpg").write_bytes(photograph(paper(taxed="1 329,00")))
        flags = [*FLAGS, "--lang=fr-FR"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, env={"LANGUAGE": "fr"})
        for width in WIDTHS:
            taken(browser, site, folder, width)
        browser.close()


if __name__ == "__main__":
    main()
