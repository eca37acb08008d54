"""What is written for people is true: commands run, snippets run, interpretations are all there."""

import contextlib
import html
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from opqibi_rules.cli.commands.prices.quote import EXAMPLES as QUOTES
from opqibi_rules.paper.language import LANGUAGES
from opqibi_rules.tables.library import SHIPPED, Tables
from tests.cli.running import asked
from tests.editions.pinned_command import pinned

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.fr.md"]
GUIDES = [ROOT / "docs" / "guide.en" / "quote.md", ROOT / "docs" / "guide.fr" / "devis.md"]
FIRM = """\
siren: "435054481"
qualifications: [{code: "1905", tariff: 5}]
turnovers: [{year: 2024, energy_audit: "90 000"}]
"""


def blocks(path: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)


def commands(path: Path) -> Iterator[str]:
    """The lines that a page gives to be typed; those of ./dev run as well."""
    for block in blocks(path, "sh"):
        for line in block.splitlines():
            if line.startswith(("opqibi-fees ", "./dev run ")):
                yield line.replace("./dev run ", "opqibi-fees ", 1)


COMMANDS = [(path, line) for path in READMES for line in commands(path)]


def newer_tables(place: Path) -> None:
    """The codes, and in the folders that the pages name, a later schedule."""
    (place / "codes.csv").write_text("code;nom;tarif\n1905;Audit;5\n0607;Transport;5\n", "utf-8")
    edition = (SHIPPED / "bareme_2024.yaml").read_text("utf-8")
    newer = edition.replace("bareme_2024", "bareme_2027").replace("2024-02-08", "2027-01-01")
    for folder in ("my-tables", "mes-tables"):
        (place / folder).mkdir()
        (place / folder / "bareme_2027.yaml").write_text(newer, "utf-8")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages name."""
    monkeypatch.chdir(tmp_path)
    for name in ("firm.yaml", "bureau.yaml"):
        (tmp_path / name).write_text(FIRM, "utf-8")
    newer_tables(tmp_path)
    for folder in ("my-tables", "mes-tables"):
        assert asked("nomenclature", "import", "codes.csv", "-o", f"{folder}/nomenclature.yaml").code == 0
    return tmp_path


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page.name}: {line}" for page, line in COMMANDS])
def test_every_command_of_the_readme_works(page: Path, line: str) -> None:
    outcome = asked(*shlex.split(line, comments=True)[1:])
    assert (outcome.code, "Traceback" in outcome.err) == (0, False), (page, outcome)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_every_way_to_say_the_qualifications_works(page: Path) -> None:
    ways = re.findall(r"`(-[tqp-][^`]*)`", page.read_text("utf-8").split("\n## ")[1])
    found = [way for way in ways if re.match(r"-t \d|-q \d|-p \d|--structure|--tables", way)]
    assert len(found) >= 4
    for way in found:
        more = ["-q", "1905"] if way.startswith("--tables") else []
        assert asked("quote", *shlex.split(way), *more).code in {0, 2 if way == "-q 1905" else 0}, way


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_snippet_of_the_readme_runs_and_gives_what_it_says(page: Path) -> None:
    (snippet,) = blocks(page, "python")
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(snippet, page.name, "exec"), names)  # our own page
        for line in snippet.splitlines():
            expression, _, said = line.partition("#")
            if said.strip().startswith("Decimal"):
                assert repr(eval(expression, names)) == said.strip()


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_structure_file_of_the_guide_is_right(page: Path, place: Path) -> None:
    (block,) = blocks(page, "yaml")
    (place / "guide.yaml").write_text(block, "utf-8")
    assert asked("quote", "--structure", "guide.yaml", "--date", "2026-03-02").code == 0


def test_every_interpretation_stands_in_its_page_in_both_languages() -> None:
    page = (ROOT / "docs" / "interpretations.md").read_text("utf-8")
    written = re.findall(r"^### `([a-z0-9-]+)`", page, re.MULTILINE)
    known: list[str] = []
    flat = _flat(page)
    for table in Tables().contents():
        for assumption in table["assumptions"]:
            known.append(assumption["id"])
            for language in LANGUAGES:
                assert _flat(assumption["text"][language]) in flat, assumption["id"]
                assert _flat(assumption["reason"][language]) in flat, assumption["id"]
    assert sorted(written) == sorted(known)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_links_and_pictures_lead_somewhere() -> None:
    for page in (*READMES, *ROOT.glob("docs/**/*.md"), ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_both_readmes_say_the_same() -> None:
    english, french = (page.read_text("utf-8") for page in READMES)
    assert len(blocks(READMES[0], "sh")) == len(blocks(READMES[1], "sh"))
    assert english.count("\n## ") == french.count("\n## ")
    assert next(commands(READMES[0])) == next(commands(READMES[1])) == QUOTES[0]


@pytest.mark.parametrize(("picture", "language"), [("quote.svg", "en"), ("devis.svg", "fr")])
def test_the_pictures_show_what_the_command_prints(picture: str, language: str) -> None:
    drawn = (ROOT / "docs" / "pictures" / picture).read_text("utf-8")
    command, _, *lines = [html.unescape(line) for line in re.findall(r"<text[^>]*>(.*?)</text>", drawn)]
    with pinned():  # the picture is of that edition, whatever else is shipped since
        outcome = asked(*shlex.split(command)[2:], "--lang", language)
    assert lines == outcome.out.rstrip().splitlines()


def test_every_page_has_its_place_in_the_site_a_guide_beside_its_twin() -> None:
    order = (ROOT / "docs/site/pages.py").read_text("utf-8")
    listed = re.findall(r'^    \("(\w+)", "(\w+)"\),$', order, re.MULTILINE)
    for page in ROOT.glob("docs/*.md"):
        assert f'"{page.stem}"' in order, page.name
    for folder, names in zip(("guide.fr", "guide.en"), zip(*listed, strict=True), strict=True):
        assert sorted(names) == sorted(path.stem for path in (ROOT / "docs" / folder).glob("*.md"))
