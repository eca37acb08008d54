"""What is given out: wheel, sdist, bills of materials; each extra alone, in an environment of its own.

Run by ``./dev package --check``, which makes ``dist/`` first; not by ``./dev test``: it fetches each extra anew.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".venv-package" / "bin"
(WHEEL,) = (ROOT / "dist").glob("*.whl")
(SDIST,) = (ROOT / "dist").glob("*.tar.gz")
PRICED = ["quote", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--date", "2026-03-02"]


def ran(*command: object, place: Path, **more: str) -> str:
    """What a process of its own answers, with nothing of ours in its environment but a home."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPQIBI"))}
    ours = {"HOME": str(place), "UV_CACHE_DIR": str(TOOLS.parent / "cache"), "OPQIBI_LANG": "en"}
    asked = [str(word) for word in command]
    done = subprocess.run(
        asked, cwd=place, env=outer | ours | more, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def build(source: Path, place: Path, **more: str) -> dict[str, bytes]:
    building = (TOOLS / "python", "-m", "build", "--quiet", "--no-isolation", "--outdir", place, source)
    ran(*building, place=place, **more)
    return {path.name: path.read_bytes() for path in place.iterdir() if path.suffix in {".whl", ".gz"}}


def given_out() -> set[str]:
    """What the source distribution holds."""
    with tarfile.open(SDIST) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def test_the_sources_are_those_of_the_package_alone() -> None:
    """Not the modules for accounting tools, distributions of their own and one of them GPL; nor the benchmarks."""
    files = {
        "PKG-INFO",
        "pyproject.toml",
        ".gitignore",
        "LICENSE",
        "README.md",
        "README.fr.md",
        "CHANGELOG.md",
    }
    folders = {"opqibi_rules", "data", "tests", "docs"}
    assert {name.partition("/")[0] for name in given_out()} == files | folders


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    kept = ("opqibi_rules", "data", "tests", "docs", "distribution")
    for folder in kept:
        shutil.copytree(
            ROOT / folder,
            tmp_path / "copy" / folder,
            copy_function=shutil.copy,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for path in (*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "pyproject.toml", ROOT / ".gitignore"):
        shutil.copy(path, tmp_path / "copy")  # copied now: neither its place nor its day is the first one's
    (tmp_path / "out").mkdir()
    again = build(tmp_path / "copy", tmp_path / "out")
    assert again == {path.name: path.read_bytes() for path in (WHEEL, SDIST)}
    days: dict[str, dict[str, bytes]] = {}
    for day in ("1700000000", "1700000000", "1800000000"):
        shutil.rmtree(tmp_path / "out")
        (tmp_path / "out").mkdir()
        built = build(tmp_path / "copy", tmp_path / "out", SOURCE_DATE_EPOCH=day)
        assert days.setdefault(day, built) == built
    assert days["1700000000"] != days["1800000000"]  # the day is the one that is asked for


def test_the_long_description_stands_by_itself() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(wheel.read(name).decode("utf-8"))
    text = str(metadata.get_payload())
    assert "quote.total_excl_vat  # Decimal('1803.50')" in text
    assert re.findall(r"!?\[[^]]*\]\((?!https:)[^)]*\)", text) == []
    held = given_out()
    named = set(re.findall(r"\(`(docs/[^`]+)`\)", text))
    assert len(named) >= 8
    assert named <= held  # what a link led to is in the source distribution
    assert metadata.get_all("Project-URL") is None  # none exists


def test_the_wheel_runs_without_being_installed_by_hand(tmp_path: Path) -> None:
    answer = ran(
        TOOLS / "uv",
        "tool",
        "run",
        "--from",
        WHEEL,
        "opqibi-fees",
        *PRICED,
        "--format",
        "json",
        place=tmp_path,
    )
    assert '"total_incl_vat": "2164.20"' in answer


@pytest.mark.parametrize("lock", ["run", "page"])
def test_the_bill_of_materials_lists_what_the_lock_does(lock: str) -> None:
    bill = json.loads((ROOT / "dist" / f"opqibi-rules-{lock}.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "opqibi-rules")
    listed = {(each["name"], each["version"]) for each in bill["components"]}
    text = (ROOT / "locks" / f"{lock}.txt").read_text("utf-8")
    assert listed == set(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))
    hashes = {
        each["content"]
        for component in bill["components"]
        for reference in component["externalReferences"]
        for each in reference.get("hashes", ())
    }
    assert hashes == set(re.findall(r"sha256:(\w{64})", text))


HELLO = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
    '"clientInfo":{"name":"t","version":"1"}}}'
)
BILL = "number,name,amount\nF1,Dossier postulant,86.00\n"
ROWS = "t1;t2;turnover\n5;3;800 000\n"
FIRM = 'siren: "732829320"\nname: Firm\nqualifications: [{code: "1905", tariff: 5}]\n'
PARTIES = 'seller: {name: OPQIBI, siren: "732829320", vat_number: FR44732829320, address: 1 rue A, postcode: "75001", city: Paris}\n'
WORKS: dict[str, tuple[str, str]] = {
    "calendar": ("opqibi-fees plan -t 1=5 --from 2026-03-02 -o plan.ics && cat plan.ics", "BEGIN:VCALENDAR"),
    "chart": (
        "opqibi-fees plan -t 1=5 --turnover 800000 --from 2026-03-02 -o plan.svg && cat plan.svg",
        "<svg",
    ),
    "columns": ("opqibi-fees batch rows.csv -o priced.csv && cat priced.csv", "1803.50"),
    "duckdb": ("opqibi-fees batch rows.csv -o priced.csv --engine duckdb && cat priced.csv", "1803.50"),
    "fetch": (
        "API_ENTREPRISE_TOKEN=x HTTPS_PROXY=http://127.0.0.1:9 opqibi-fees fetch-certificate 732829320 --recipient 13002526500013 "
        "--context tender --object works -o answer.json; true",
        "127.0.0.1|connect|Connect|API Entreprise",
    ),
    "invoice": (
        "opqibi-fees check-invoice bill.csv -t 1=1; opqibi-fees check-invoice bill.xml -t 1=1; true",
        "bill.xml",
    ),
    "mcp": (f"echo '{HELLO}' | opqibi-fees mcp", '"serverInfo"'),
    "page": ("opqibi-fees check-invoice page.pdf -t 1=1; true", "103.20"),
    "papers": (
        "for f in ics svg pdf xlsx; do opqibi-fees plan -t 1=5 --from 2026-03-02 -o p.$f || exit 1; done; ls",
        "p.xlsx",
    ),
    "pdf": ("opqibi-fees quote -t 1=5 --date 2026-03-02 -o q.pdf && head -c 5 q.pdf", "%PDF-"),
    "scan": ("opqibi-fees check-invoice page.png -t 1=1; true", "103.20"),
    "spark": (
        "python -c 'import pyspark, opqibi_rules.price.columns as c; print(c.with_fees.__name__)'",
        "with_fees",
    ),
    "web": (
        "opqibi-fees serve --port 8765 & "
        "for try in $(seq 60); do sleep 1; python -c 'import urllib.request as u; "
        'print(u.urlopen("http://127.0.0.1:8765/health").read())\' 2>/dev/null && break; done; kill %1',
        '"status":"ok"',
    ),
    "xlsx": ("opqibi-fees quote -t 1=5 --date 2026-03-02 -o q.xlsx && head -c 2 q.xlsx", "PK"),
}


def drawn_bill(place: Path) -> None:
    """A bill that nothing but its page says: its letters in a PDF, and as a picture."""
    figure = Figure(figsize=(8.3, 11.7), dpi=150)
    for row, (label, value) in enumerate(
        [
            ("OPQIBI", ""),
            ("Facture F1", "02/03/2026"),
            ("Dossier postulant", "86,00 €"),
            ("Total HT", "86,00 €"),
            ("TVA 20 %", "17,20 €"),
            ("Total TTC", "103,20 €"),
        ]
    ):
        figure.text(0.1, 0.9 - row / 20, label, fontsize=14)
        figure.text(0.6, 0.9 - row / 20, value, fontsize=14)
    with rc_context({"pdf.fonttype": 42}):
        figure.savefig(place / "page.pdf")
    figure.savefig(place / "page.png")


def test_every_extra_is_tried() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    declared = text.split("[project.optional-dependencies]")[1].split("\n[")[0]
    assert set(WORKS) == set(re.findall(r"^(\w+) = \[", declared, re.MULTILINE))


@pytest.mark.parametrize("extra", sorted(WORKS))
def test_an_extra_alone_gives_a_command_that_works(extra: str, tmp_path: Path) -> None:
    ran(TOOLS / "uv", "venv", "--quiet", "--python", sys.executable, "venv", place=tmp_path)
    ran(TOOLS / "uv", "pip", "install", "--quiet", "--python", "venv", f"{WHEEL}[{extra}]", place=tmp_path)
    (tmp_path / "bill.csv").write_text(BILL, "utf-8")
    (tmp_path / "rows.csv").write_text(ROWS, "utf-8")
    (tmp_path / "bill.xml").write_text("<Invoice/>", "utf-8")
    drawn_bill(tmp_path)
    command, said = WORKS[extra]
    answer = ran("bash", "-c", command, place=tmp_path, PATH=f"{tmp_path}/venv/bin:{os.environ['PATH']}")
    assert re.search(said, answer), answer
    assert "pip install" not in answer, answer  # no library is missing
    assert "Traceback" not in answer
