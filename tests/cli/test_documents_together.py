"""E-mails, archives and folders: each invoice in them is checked, and what is no invoice is said so."""

import json
from pathlib import Path

import pytest

from opqibi_rules.cli.main import run
from tests.paper.pages.drawn import drawn, saved
from tests.paper.test_enclosed import mail, packed

INVOICE = b"num\xc3\xa9ro;date;libell\xc3\xa9;montant\nF-1;2026-03-02;Prix du dossier postulant;86,00\n"
OTHER = INVOICE.replace(b"F-1", b"F-2")
LOGO = saved(drawn(size=(1000, 90)), "PNG")
CALL = [
    "check-invoice",
    "--event",
    "first",
    "-t",
    "1=1",
    "--date",
    "2026-03-02",
    "--format",
    "json",
    "--lang",
    "en",
]


def answers(capfd: pytest.CaptureFixture[str], *files: Path) -> tuple[int, list[tuple[str, str]], str]:
    """The exit code, what each document came to, and what was told beside."""
    code = run([*CALL, *map(str, files)])
    out, err = capfd.readouterr()
    data = json.loads(out) if out else []
    found = [
        (one["source"], one.get("no_invoice") or one["error"])
        if "source" in one
        else (one["invoice"]["file"], one["invoice"]["number"])
        for one in (data if isinstance(data, list) else [data])
    ]
    return code, found, err


def test_an_e_mail_with_its_invoices_and_a_logo(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "courrier.eml"
    path.write_bytes(mail(("F-1.csv", INVOICE), ("logo.png", LOGO), ("z.zip", packed(("a/F-2.csv", OTHER)))))
    code, found, err = answers(capfd, path)
    assert found == [
        ("courrier.eml › F-1.csv", "F-1"),
        ("courrier.eml › z.zip › F-2.csv", "F-2"),
        ("courrier.eml › logo.png", "a picture of 1000 × 90 pixels: too small for a page."),
    ]
    assert code in {0, 1, 3}  # what the invoices came to: a logo is no fault
    assert err == ""


def test_what_is_no_invoice_stands_in_the_table(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "courrier.eml"
    path.write_bytes(mail(("F-1.csv", INVOICE), ("logo.png", LOGO)))
    run([*CALL, "--format", "markdown", str(path)])
    out = capfd.readouterr().out
    assert "No invoices" in out
    assert "| courrier.eml › logo.png | a picture of 1000 × 90 pixels: too small for a page. |" in out


def test_a_document_that_cannot_be_read_is_told_and_the_others_answer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "courrier.eml"
    path.write_bytes(mail(("F-1.csv", INVOICE), ("F-2.csv", b"a;b\n1;2\n"), ("winmail.dat", b"\x78\x9f")))
    code, found, err = answers(capfd, path)
    assert code == 2
    assert found[0] == ("courrier.eml › F-1.csv", "F-1")
    for document in ("courrier.eml › F-2.csv: ", "courrier.eml › winmail.dat: "):
        assert document in err


def test_an_e_mail_without_any_invoice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "courrier.eml"
    path.write_bytes(mail(("logo.png", LOGO), ("note.txt", b"Bonjour")))
    code, found, err = answers(capfd, path)
    assert (code, found) == (2, [])
    assert "none of the documents in it is an invoice" in err
    assert "logo.png" in err


def test_an_xml_that_is_no_invoice_lies_beside(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lot.zip"
    path.write_bytes(packed(("F-1.csv", INVOICE), ("menu.xml", b"<menu/>")))
    code, found, _ = answers(capfd, path)
    assert code != 2
    assert found[1][0] == "lot.zip › menu.xml"
    assert found[1][1].startswith("not an e-invoice: the XML starts with <menu>")


def test_a_folder_is_read_whole_and_its_strangers_are_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(INVOICE)
    (tmp_path / "b.eml").write_bytes(mail(("F-2.csv", OTHER)))
    (tmp_path / "c.xml").write_bytes(b"<menu/>")
    (tmp_path / "d.docx").write_bytes(b"PK")
    code, found, _ = answers(capfd, tmp_path)
    assert code != 2
    assert [name for name, _ in found] == ["a.csv", "b.eml › F-2.csv", str(tmp_path / "c.xml")]


def test_alone_it_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.xml").write_bytes(b"<menu/>")
    code, found, err = answers(capfd, tmp_path / "c.xml")
    assert (code, found) == (2, [])
    assert "not an e-invoice" in err
