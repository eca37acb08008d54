"""Files meant to harm: one clear line each, under a second, under 300 MB, whatever their form."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.model import Invoice
from opqibi_rules.invoice.reading.invoice_file import invoices_in
from tests.invoice.reading.made_invoices import cii, flate_bomb, line, pdf, ubl

ENTITY = b"<!ENTITY %c '%s'>"
ENTITIES = b"".join(ENTITY % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
HEAD = cii().partition(b"<rsm:ExchangedDocumentContext>")[0]

ATTACKS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "a file of this machine": lambda: (
        b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
        "a DOCTYPE",
    ),
    "an address": lambda: (b"<!DOCTYPE a SYSTEM 'http://192.0.2.1/a.dtd'><a/>", "a DOCTYPE"),
    "an entity bomb": lambda: (
        b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>" + ENTITIES + b"]><a>&m;</a>",
        "a DOCTYPE",
    ),
    "200 000 nested tags": lambda: (HEAD + b"<a>" * 200_000, "over 100 levels"),
    "millions of nested tags": lambda: (HEAD + b"<a>" * 6_000_000, "over 100 levels"),
    "millions of elements": lambda: (HEAD + b"<a/>" * 4_900_000, "over 200000 XML elements"),
    "a PDF without attachment": lambda: (pdf(None), "no text can be read"),
    "an attachment of 512 MB in half a megabyte": lambda: (pdf(b"", packed=flate_bomb(512)), "beyond 20 MB"),
    "an attachment packed in the costliest way": lambda: (
        pdf(b"", packed=b"z" * 2_900_000, packing="/ASCII85Decode"),
        "packed in a way",
    ),
    "a truncated XML": lambda: (cii()[:1500], "cut short"),
    "a truncated PDF": lambda: (pdf(cii())[:700], "a damaged PDF"),
    "a million brackets": lambda: (b"[" * 4_000_000, "nested over 30 levels"),
    "a million open brackets in a PDF": lambda: (b"%PDF-1.7\n" + b"[" * 4_000_000, "a damaged PDF"),
    "a sheet of 17 thousand million cells": lambda: (_sparse(), "beyond 20 MB, or beyond"),
    "a million rows": lambda: (b"Montant HT\n" + b"1\n" * 1_000_000, "50000 rows"),
}

_READ = """
import json, pathlib, re, sys, time
from opqibi_rules.errors import FileError
from opqibi_rules.invoice.reading.invoice_file import invoices_in
data = open(sys.argv[1], "rb").read()
try:
    invoices_in(data, "facture")
    said = "read"
except FileError as error:
    said = str(error)
# Time of the processor, start-up and imports included: the clock also counts what else the machine does.
status = pathlib.Path("/proc/self/status")  # not getrusage: it counts what the parent held
peak = re.search("VmHWM:\\s*([0-9]+)", status.read_text()) if status.exists() else None
print(json.dumps([said, int(peak[1]) // 1024 if peak else 0, time.process_time()]))
"""


def _sparse() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Montant")
        sheet.write(1_048_575, 16_383, 1)
    return out.getvalue()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_one_clear_line_soon_and_cheap(name: str, tmp_path: Path) -> None:
    data, expected = ATTACKS[name]()
    path = tmp_path / "facture"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True
    )
    said, megabytes, seconds = json.loads(done.stdout)
    assert expected in said
    assert "\n" not in said
    assert megabytes < 300
    assert seconds < 1
    assert done.stderr == ""


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, ["Facture", "Montant", "TVA %"])
    return out.getvalue()


SEEDS = [
    cii(lines=line() * 3),
    ubl(),
    ubl("CreditNote", code="381"),
    pdf(cii()),
    _workbook(),
    "Numéro;Date;Libellé;Qté;Montant HT\nF-1;02/03/2026;Dossier;1;86,00\n".encode(),
    b'{"number": "F-1", "date": "2026-03-02", "lines": [{"label": "x", "amount": 86.00}]}',
]


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A right file, cut, or with some of its bytes changed, repeated or moved."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data) - 1))
        end = min(len(data), start + draw(st.integers(0, 40)))
        kind = draw(st.sampled_from(["cut", "write", "repeat", "remove"]))
        if kind == "cut" and start:
            del data[start:]
        elif kind == "write":
            data[start:end] = draw(
                st.binary(max_size=8) | st.sampled_from([b"<", b"&a;", b"]]>", b"1E9", b"\0"])
            )
        elif kind == "repeat":
            data[start:start] = data[start:end] * draw(st.integers(1, 3))
        elif end - start < len(data):
            del data[start:end]
        if not data:
            break
    return bytes(data)


@given(spoilt())
def test_a_spoilt_file_is_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        invoices = invoices_in(data, "facture")
    except FileError as error:
        told = str(error)
    else:
        told = "facture: read" if all(isinstance(invoice, Invoice) for invoice in invoices) else ""
    assert told.startswith("facture: ")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"<", b"%PDF-1.7\n", b"PK\3\4", b"{", b"\xff\xfe<\0"):
        with contextlib.suppress(FileError):
            assert invoices_in(start + data, "facture")
