"""What was read travels and comes back the same; what a person says of it counts as ``--confirm`` does, no more.

The invoice of :mod:`tests.web.papers` bills 500 + 5 × 60 + 3 × 120 = 1 160 €, and 232 € of VAT: 1 392 €.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from PIL import Image

from opqibi_rules.desk import parcel
from opqibi_rules.desk.apart import work_on
from opqibi_rules.desk.invoice_page import shown
from opqibi_rules.desk.parcel import carried, corrected, invoices_of, packed, unpacked
from opqibi_rules.desk.service import Service
from opqibi_rules.errors import FileError
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.pages.seen import LONGEST, seen
from opqibi_rules.paper.pages.words import Page
from opqibi_rules.tables.library import Tables
from tests.paper.pages.drawn import drawn, saved
from tests.paper.pages.test_text_layer import turned
from tests.web.papers import paper
from tests.web.test_api import INVOICE

Files = Sequence[tuple[str, bytes]]
EXPECTED = {"tariffs": {"1": 5, "2": 3}}


def answer(
    files: Files = (),
    *,
    before: str = "",
    typed: Mapping[str, Mapping[str, str]] | None = None,
    right: Mapping[str, Sequence[str]] | None = None,
    form: str = "",
    expected: Mapping[str, object] = EXPECTED,
) -> Any:
    """What a worker answers, in this process, its work being JSON."""
    service = Service(Tables(), lambda: date(2026, 4, 1))
    work = work_on({"expected": expected}, service, name=form, voice=Language("en"))
    work |= {"files": [[name, len(data)] for name, data in files], "typed": typed or {}, "right": right or {}}
    return shown(json.loads(json.dumps(work)), b"".join(data for _, data in files) or before.encode())


def field(found: Any, key: str) -> Any:
    (reading,) = found["readings"]
    return next(item for item in reading["fields"] if item["key"] == key)


def test_a_reading_comes_back_as_it_went() -> None:
    first = answer([("F.pdf", paper(taxed="1 329,00"))])
    again = answer(before=first["parcel"])
    assert again == first
    assert [item["verdict"] for item in first["answers"]] == ["undetermined"]
    assert first["answers"][0]["summary"].startswith(
        "Undetermined: Total incl. VAT: « 1 329,00 € », page 1, is"
    )
    total = field(first, "total_incl_vat")
    assert (total["value"], total["to_confirm"]) == ("1329.00", True)


def test_one_value_corrected_gives_the_verdict_of_confirm() -> None:
    first = answer([("F.pdf", paper(taxed="1 329,00"))])
    mended = answer(before=first["parcel"], typed={"0": {"total_incl_vat": "1392,00", "number": "F2026-118"}})
    assert mended["mistaken"] == []
    assert [item["verdict"] for item in mended["answers"]] == ["conform"]
    assert mended["readings"][0]["confirmed"] == ["total_incl_vat"]  # the number was only shown
    (kept,) = unpacked(mended["parcel"].encode())
    assert kept.confirmed == {"total_incl_vat": "1392,00"}
    again = answer(before=mended["parcel"], typed={"0": {"total_incl_vat": "1 400,00"}})
    assert field(again, "total_incl_vat")["value"] == "1400.00"  # who said it may say otherwise,
    back = answer(before=mended["parcel"], typed={"0": {"total_incl_vat": ""}})
    assert field(back, "total_incl_vat")["to_confirm"]  # or nothing any more


def test_a_value_left_as_it_stands_says_nothing_unless_it_is_said_to_be_right() -> None:
    first = answer([("F.pdf", paper(seller="OPQIBI"))])
    assert field(first, "seller")["to_confirm"]
    same = answer(before=first["parcel"], typed={"0": {"seller": "OPQIBI"}})
    assert [item["verdict"] for item in same["answers"]] == ["undetermined"]
    said = answer(before=first["parcel"], typed={"0": {"seller": "OPQIBI"}}, right={"0": ["seller"]})
    assert [item["verdict"] for item in said["answers"]] == ["conform"]


def test_what_cannot_be_seen_is_no_correction() -> None:
    """A browser gives a text back without its control characters."""
    first = answer([("F.pdf", paper(seller="Émetteur : OP\u2068QIBI"))])
    name = field(first, "seller")["value"]
    again = answer(
        before=first["parcel"], typed={"0": {"seller": " ".join(name.replace("\u2068", " ").split())}}
    )
    assert again["mistaken"] == []
    assert again["readings"][0]["confirmed"] == []


def test_what_the_document_confirms_is_not_settled_otherwise() -> None:
    first = answer([("F.pdf", paper())])
    typed = {"total_excl_vat": "1000", "date": "soon", "total_incl_vat": "1392,00", "line.9.colour": "red"}
    other = answer(before=first["parcel"], typed={"0": typed})
    assert {item["key"] for item in other["mistaken"]} == {"total_excl_vat", "date", "line.9.colour"}
    assert field(other, "total_excl_vat")["value"] == "1160.00"
    assert other["answers"][0]["verdict"] == "conform"
    renamed = answer(before=first["parcel"], typed={"0": {"seller": "Nobody"}})
    assert renamed["answers"][0]["invoice"]["seller"]["name"] == "OPQIBI"
    nowhere = answer(before=first["parcel"], typed={"7": {"number": "1"}})
    assert nowhere["answers"] == first["answers"]


def test_several_documents_each_with_its_answer() -> None:
    packed_in = io.BytesIO()
    with zipfile.ZipFile(packed_in, "w") as archive:
        archive.writestr("F1.csv", INVOICE)
        archive.writestr("F2.pdf", paper())
        archive.writestr("logo.png", saved(drawn(size=(80, 60)), "PNG"))
        archive.writestr("notes.txt", b"Bonjour")
        archive.writestr("broken.pdf", b"%PDF-1.7")
    files = [("mail.zip", packed_in.getvalue()), ("more.csv", INVOICE), ("bad.zip", b"PK\x03\x04bad")]
    found = answer(files)
    assert [(item["invoice"]["file"], item["verdict"]) for item in found["answers"]] == [
        ("mail.zip › F1.csv", "discrepancy"),
        ("mail.zip › F2.pdf", "conform"),
        ("more.csv", "discrepancy"),
    ]
    assert any(item["code"] == "duplicate_invoice" for item in found["answers"][2]["findings"])
    none = {item["name"]: bool(item["none"]) for item in found["beside"]}
    assert none == {
        "mail.zip › logo.png": True,
        "mail.zip › notes.txt": True,
        "mail.zip › broken.pdf": False,
        "bad.zip": False,
    }
    assert answer(before=found["parcel"]) == found
    listed = answer(before=found["parcel"], form="json")["json"]
    assert [sorted(set(item) & {"verdict", "no_invoice", "error"}) for item in listed] == [
        *[["verdict"]] * 3,
        *[["no_invoice"]] * 2,
        *[["error"]] * 2,
    ]
    rows = answer(before=found["parcel"], form="csv").decode("utf-8-sig").split("\r\n\r\n")
    assert rows[0].splitlines()[0] == (
        "File,Invoice,Date,Verdict,Total excl. VAT,Difference,Amount due,In one line,Seller"
    )
    assert rows[0].splitlines()[2].startswith("mail.zip › F2.pdf,F2026-118,2026-03-02,conform,1160.00,0.00")
    assert "bad.zip" in rows[-1]
    assert answer(before=found["parcel"], form="pdf").startswith(b"%PDF-")
    assert answer(before=found["parcel"], form="xlsx").startswith(b"PK")


def test_one_verdict_alone_is_its_own_answer() -> None:
    alone = answer([("F1.csv", INVOICE)], form="json")["json"]
    assert (alone["verdict"], alone["invoice"]["number"]) == ("discrepancy", "F1")
    assert answer([("F1.csv", INVOICE)], form="pdf").startswith(b"%PDF-")


def test_a_refused_question_loses_nothing_that_was_read() -> None:
    found = answer([("F.pdf", paper())], expected={"qualifications": ["1905"]})
    assert [item["field"] for item in found["refused"]] == ["expected.qualifications[0]"]
    assert found["answers"] == []
    assert answer(before=found["parcel"])["answers"][0]["verdict"] == "conform"
    assert answer([("F.pdf", paper())], expected={"qualifications": ["1905"]}, form="pdf")["wrong"]


def test_one_file_that_is_no_invoice_is_refused() -> None:
    assert answer([("x.pdf", b"%PDF-1.7")])["wrong"][0]["field"] == "file"
    with pytest.raises(FileError, match="bad"):
        carried([("bad.zip", b"From: a\nTo: b\n" + b"x" * 30_000_000)], str)


def test_a_heavy_parcel_does_not_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = carried([("F.csv", INVOICE)], str)
    assert corrected(documents[0], {"number": "X"}, ()) == (documents[0], {})
    assert invoices_of(documents[0])[0].number == "F1"
    assert packed(documents)
    monkeypatch.setattr(parcel, "HEAVIEST", 10)
    assert packed(documents) is None


def darkest(picture: Image.Image) -> int:
    """The darkest of its shades."""
    return next(shade for shade, count in enumerate(picture.histogram()) if count)


@pytest.mark.parametrize("quarters", range(4))
def test_every_value_stands_where_its_picture_shows_it(quarters: int) -> None:
    """However the page is turned: ink within each place, and none in the margin of the page."""
    (document,) = carried([("F.pdf", turned(paper(), quarters))], str)
    (page,) = document.pictures
    picture = Image.open(io.BytesIO(page.picture))
    scale = picture.width / page.width
    assert picture.height == pytest.approx(page.height * scale, abs=2)
    reading = document.invoices[0].reading
    assert reading is not None
    for value in reading:
        if value.place is not None:
            box = value.place.box
            sides = [round(side * scale) for side in (box.left, box.top, box.right, box.bottom)]
            assert darkest(picture.crop((sides[0], sides[1], sides[2], sides[3]))) < 100, value.key
    assert darkest(picture.crop((0, 0, picture.width, round(20 * scale)))) > 200


def test_a_page_is_seen_as_its_words_stand() -> None:
    """A black corner, left top, comes where the quarters turn it."""
    image = Image.new("L", (600, 400), 255)
    image.paste(0, (0, 0, 100, 100))
    data = saved(image, "PNG")
    corners = []
    for quarters in range(4):
        size = (841.9, 561.3) if quarters % 2 == 0 else (561.3, 841.9)
        (one,) = seen(data, "a.png", [Page(1, *size, (), quarters=quarters, lean=0.01)])
        picture = Image.open(io.BytesIO(one.picture)).point(lambda shade: 255 * (shade > 100))
        assert (picture.width > picture.height) == (quarters % 2 == 0)
        width, height = picture.size
        places = {
            "lt": (40, 40),
            "lb": (40, height - 40),
            "rb": (width - 40, height - 40),
            "rt": (width - 40, 40),
        }
        corners += [name for name, place in places.items() if picture.getpixel(place) == 0]
    assert corners == ["lt", "lb", "rb", "rt"]
    (page,) = seen(paper(), "a.pdf", [Page(1, 425.2, 340.2, ())])
    assert max(Image.open(io.BytesIO(page.picture)).size) == LONGEST
