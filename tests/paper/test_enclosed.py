"""What an e-mail or a zip holds is found, each document by its name; and neither can do harm."""

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper import enclosed as room
from opqibi_rules.paper.enclosed import Enclosed, enclosed


def mail(*attached: tuple[str, bytes], text: str = "Bonjour,\nci-joint.") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.fr", "b@example.fr", "Facture"
    message.set_content(text)
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def packed(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def found(data: bytes, name: str = "in") -> list[Enclosed]:
    documents = enclosed(data, name)
    assert documents is not None
    return list(documents)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"<a/>", b"number;total\nF1;2\n", b"{}", b"Date: today\n\nx"]
)
def test_other_files_are_left_to_their_readers(data: bytes) -> None:
    assert enclosed(data, "in") is None


def test_a_workbook_is_no_archive_of_documents() -> None:
    assert enclosed(packed(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")), "in.xlsx") is None


def test_the_attachments_of_an_e_mail_without_its_words() -> None:
    data = mail(("F-1.pdf", b"%PDF-1"), ("Détail été.csv", b"a;b"))
    assert found(data, "m.eml") == [
        Enclosed("m.eml › F-1.pdf", b"%PDF-1"),
        Enclosed("m.eml › Détail été.csv", b"a;b"),
    ]


def test_inline_pictures_forwarded_e_mails_and_archives_within() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "c@example.fr", "Votre facture"
    inner.set_content("…")
    inner.add_attachment(b"<Invoice/>", maintype="text", subtype="xml", filename="F-2.xml")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@example.fr", "TR: Votre facture"
    outer.set_content("voir dessous")
    outer.add_alternative("<p>voir <img src='cid:x'></p>", subtype="html")
    _, page = outer.iter_parts()
    assert isinstance(page, EmailMessage)
    page.add_related(b"\x89PNG", "image", "png", cid="<x>")
    outer.add_attachment(inner)
    outer.add_attachment(
        packed(("2026/F-3.pdf", b"%PDF-3")), maintype="application", subtype="zip", filename="z.zip"
    )
    assert [(one.name, one.data) for one in found(outer.as_bytes(), "m")] == [
        ("m › —", b"\x89PNG"),
        ("m › F-2.xml", b"<Invoice/>"),
        ("m › z.zip › F-3.pdf", b"%PDF-3"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/cron.d/F.pdf", "F.pdf"),
        ("C:\\Windows\\F.pdf", "F.pdf"),
        ("a\x1b[2Jb.pdf", "a [2Jb.pdf"),
        ("/", "—"),
    ],
)
def test_a_name_that_climbs_folders_is_only_a_name(
    name: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    raw = mail(("NAME", b"%PDF-1")).replace(b'"NAME"', b'"' + name.encode() + b'"')
    names = [one.name for one in found(raw, "m")] + [
        one.name for one in found(packed((name, b"%PDF-1")), "m")
    ]
    assert {one.removeprefix("m › ") or "—" for one in names} <= {shown}
    assert not list(tmp_path.iterdir())


def test_what_may_be_an_invoice_and_cannot_be_had_is_said() -> None:
    (envelope,) = found(mail(("winmail.dat", b"\x78\x9f\x3e\x22")))
    assert "winmail.dat" in str(envelope.wrong)
    (nested,) = found(packed(("inner.zip", packed(("F.pdf", b"%PDF-1")))))
    assert "an archive within an archive" in str(nested.wrong)
    locked = bytearray(packed(("F.pdf", b"%PDF-1")))
    for start in (locked.index(b"PK\x03\x04") + 6, locked.index(b"PK\x01\x02") + 8):
        locked[start] |= 1
    (closed,) = found(bytes(locked))
    assert "password" in str(closed.wrong)


def test_clutter_is_left_out() -> None:
    data = packed(
        ("__MACOSX/._F.pdf", b"x"), ("a/.DS_Store", b"x"), ("a/Thumbs.db", b"x"), ("a/F.pdf", b"%PDF")
    )
    assert [one.name for one in found(data, "z")] == ["z › F.pdf"]


def test_two_of_one_name_are_told_apart_by_their_folders() -> None:
    data = packed(("a/F.xml", b"<a/>"), ("../b\\F.xml", b"<b/>"), ("c/G.xml", b"<c/>"))
    assert [one.name for one in found(data, "z")] == ["z › a/F.xml", "z › b/F.xml", "z › G.xml"]


def test_bombs_end_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 1_000_000)
    for data in (
        packed(("a", bytes(900_000)), ("b", bytes(900_000))),  # 2 kB that unfold to 1.8 MB
        packed(*((f"{i}", b"x") for i in range(room.MOST_ENTRIES + 1))),
        mail(*((f"{i}", b"x") for i in range(room.MOST_DOCUMENTS + 1))),
        _deep_mail(12),
        _russian_doll(6),
    ):
        with pytest.raises(FileError, match="too many documents, or expands too far"):
            enclosed(data, "in")


def test_a_deep_nest_of_parts_is_no_traceback() -> None:
    head = b"From: a\nSubject: b\nMIME-Version: 1.0\n"
    body = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(5000))
    with pytest.raises(FileError, match="too many documents"):
        enclosed(head + body, "in")


def test_a_cut_archive_is_damaged_or_none() -> None:
    whole = packed(("F.pdf", b"%PDF-1" * 500), ("G.pdf", b"%PDF-2" * 500))
    broken = whole.replace(whole[40:48], b"\xff" * 8, 1)
    with pytest.raises(FileError, match="damaged archive"):
        enclosed(broken, "in")
    assert enclosed(whole[:-30], "in") is None  # the reader of workbooks says what is wrong


def _deep_mail(depth: int) -> bytes:
    """E-mails forwarded one in the other."""
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.fr", "x"
    message.set_content("x")
    for _ in range(depth):
        outer = EmailMessage()
        outer["From"], outer["Subject"] = "a@example.fr", "x"
        outer.set_content("x")
        outer.add_attachment(message)
        message = outer
    return message.as_bytes()


def _russian_doll(depth: int) -> bytes:
    """E-mails attached as files one in the other."""
    data = mail(("F.pdf", b"%PDF-1"))
    for _ in range(depth):
        data = mail(("inner.eml", data))
    return data
