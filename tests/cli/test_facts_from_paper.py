"""``tables draft`` and ``nomenclature import`` of documents: what they write, what they leave, what they refuse."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pypdf
import pytest
import yaml
from PIL import Image

from tests.cli.running import asked, refused
from tests.editions.pinned_command import pinned
from tests.tables.reading.made_nomenclatures import ENTRIES, listed
from tests.tables.reading.made_schedules import Figures, by_headings, pdf

DRAFT = ("tables", "draft")
IMPORT = ("nomenclature", "import")
ENGLISH = ("--lang", "en")


def test_a_draft_is_written_checked_by_a_person_then_in_force(tmp_path: Path) -> None:
    source, draft = tmp_path / "schedule.pdf", tmp_path / "own" / "bareme_2027.yaml"
    draft.parent.mkdir()
    source.write_bytes(pdf(by_headings(Figures(day="15/01/2027"))))
    with pinned():
        assert asked(*DRAFT, str(source), "-o", str(draft)) == (0, "", "")
        said = refused("tables", "check", str(draft), *ENGLISH)
        assert "checked_by: a draft that nobody has checked" in said
        assert len(said.splitlines()) == 1
        quote = (
            "quote",
            "-t",
            "1=5",
            "--date",
            "2027-02-01",
            "--tables",
            str(draft.parent),
            "--format",
            "json",
        )
        assert "checked_by" in refused(*quote)
        text = draft.read_text("utf-8").replace("checked_by: null", "checked_by: A. Person")
        draft.write_text(text.replace("checked_on: null", "checked_on: 2027-01-20"), "utf-8")
        assert asked("tables", "check", str(draft)).code == 0
        priced = json.loads(asked(*quote).out)
        assert (priced["schedule"]["id"], priced["subtotals"]["instruction"]) == ("bareme_2027", "800.00")
        assert priced["subtotals"]["dossier"] == "86.00"
        before = json.loads(asked(*quote[:4], "2027-01-14", *quote[5:]).out)
        assert before["schedule"]["id"] == "bareme_2024"


def test_what_is_left_is_told_aside_with_the_exit_code_of_what_is_undetermined(tmp_path: Path) -> None:
    source = tmp_path / "schedule.pdf"
    source.write_bytes(pdf(by_headings(Figures()).replace("Frais maximaux", "Pour finir")))
    with pinned():
        outcome = asked(*DRAFT, str(source), *ENGLISH)
    assert outcome.code == 3
    assert "fees[2].parts[0].cap.amount: not found under « Brand-usage fee »" in outcome.err
    first = yaml.safe_load(outcome.out)["unsettled"][0]
    assert first["fact"] == "fees[2].parts[0].cap.amount"


def test_a_published_nomenclature_gives_its_tariffs_to_quotes(tmp_path: Path) -> None:
    source, table = tmp_path / "codes.pdf", tmp_path / "own" / "nomenclature.yaml"
    table.parent.mkdir()
    source.write_bytes(pdf(listed(ENTRIES)))
    assert asked(*IMPORT, str(source), "-o", str(table)) == (0, "", "")
    assert asked("tables", "check", str(table)).code == 0
    found = json.loads(
        asked("nomenclature", "show", "1203", "--tables", str(table.parent), "--format", "json").out
    )
    assert (found["tariff"], found["source"]["address"]) == (3, "codes.pdf#page=1")
    source.write_bytes(pdf(listed([*ENTRIES, ENTRIES[0]._replace(tariff=6)])))
    outcome = asked(*IMPORT, str(source), *ENGLISH)
    assert (outcome.code, outcome.err.startswith("tariff of 0103: said in several ways:")) == (3, True)


def locked(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def blank(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scanned() -> bytes:
    """A page that is a picture, with something on it."""
    image, out = Image.new("RGB", (1240, 1754), "white"), io.BytesIO()
    image.paste("black", (100, 100, 900, 300))
    image.save(out, "PDF", resolution=150)
    return out.getvalue()


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "locked.pdf": (lambda: locked(pdf(by_headings(Figures()))), "protected by a password"),
    "book.pdf": (lambda: blank(500), "pages: refused; no such document has as many"),
    "blank.pdf": (lambda: blank(1), "is found in it"),
    "letter.pdf": (lambda: pdf("Une lettre."), "is found in it"),
    "broken.pdf": (lambda: b"%PDF-1.7 broken", "a damaged PDF"),
    "picture.gif": (lambda: b"GIF89a" + bytes(50), "a picture of a kind that is not read"),
    "empty.txt": (lambda: b"", "is found in it|the first line must name"),
    "bytes.txt": (lambda: b"a\0b", "not a text|the first line must name"),
}


@pytest.mark.parametrize("command", [DRAFT, IMPORT], ids=["draft", "import"])
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_none_of_it_is_refused_in_one_sentence_and_nothing_is_written(
    command: tuple[str, str], name: str, tmp_path: Path
) -> None:
    make, said = HOSTILE[name]
    source, target = tmp_path / name, tmp_path / "own.yaml"
    source.write_bytes(make())
    line = refused(*command, str(source), "-o", str(target), *ENGLISH)
    assert len(line.splitlines()) == 1
    assert any(part in line for part in said.split("|")), line
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("command", [DRAFT, IMPORT], ids=["draft", "import"])
def test_a_scan_asks_for_the_extra_that_reads_it_where_it_is_not_there(
    command: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scan.pdf").write_bytes(scanned())
    for module in ("cv2", "rapidocr"):
        monkeypatch.setitem(sys.modules, module, None)
    line = refused(*command, str(tmp_path / "scan.pdf"), *ENGLISH)
    assert len(line.splitlines()) == 1
    assert "opqibi-rules[scan]" in line


@pytest.mark.parametrize("command", [DRAFT, IMPORT], ids=["draft", "import"])
def test_the_document_is_never_written_over(command: tuple[str, str], tmp_path: Path) -> None:
    source = tmp_path / "document.yaml"
    source.write_bytes(pdf(by_headings(Figures()) + listed(ENTRIES)))
    held = source.read_bytes()
    assert "already reads" in refused(*command, str(source), "-o", str(source), *ENGLISH)
    assert source.read_bytes() == held
