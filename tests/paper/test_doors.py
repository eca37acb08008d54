"""Whichever door a text comes through, it is opened, decoded and read by the same rules."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import opqibi_rules
from opqibi_rules.certificate.reading.certificate_answer import one_answer
from opqibi_rules.errors import FileError
from opqibi_rules.invoice.reading.invoice_file import read_invoices
from opqibi_rules.invoice.reading.parties_file import read_parties
from opqibi_rules.price.files.case_file import read_cases
from opqibi_rules.price.files.structure_file import read_structure
from opqibi_rules.price.files.structures_file import read_structures
from opqibi_rules.tables.library import table_files
from opqibi_rules.tables.nomenclature_file import read_nomenclature_csv
from tests.editions.pinned import TABLES_2024


def read_table(path: Path) -> Any:
    (file,) = table_files([path])
    return file.checked()


JSON: list[Callable[[Path], Any]] = [
    one_answer,
    read_invoices,
    read_parties,
    read_cases,
    read_structure,
    read_table,
]
CSV: list[tuple[Callable[[Path], Any], str]] = [
    (read_invoices, "Numéro;Montant HT\nÀ-1;86,00\n"),
    (partial(read_structures, tables=TABLES_2024), "name;turnover;t1\nÉtude;800 000;5\n"),
    (partial(read_nomenclature_csv, imported_on=date(2026, 3, 2)), "code;libellé;tarif\n1905;Énergie;5\n"),
]
PACKAGE = Path(opqibi_rules.__file__).parent


@pytest.mark.parametrize("read", JSON)
@pytest.mark.parametrize(
    "text",
    ['{"siren": "435054481", "siren": "435054481"}', '{"a": NaN}', '{"a": -Infinity}', "[" * 100 + "]" * 100],
)
def test_json_is_strict(read: Callable[[Path], Any], text: str, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(text, "utf-8")
    with pytest.raises(FileError, match="given twice|is not a JSON value|nested over 30 levels"):
        read(tmp_path / "in.json")


@pytest.mark.parametrize("read", [*JSON, *(read for read, _ in CSV)])
def test_what_cannot_be_opened_is_said_alike(read: Callable[[Path], Any], tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none: cannot be opened: no such file or folder\."):
        read(tmp_path / "none")


@pytest.mark.parametrize(("read", "text"), CSV)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_is_read_as_its_spreadsheet_saved_it(
    read: Callable[[Path], Any], text: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.csv"
    path.write_text(text, "utf-8")
    expected = read(path)
    path.write_bytes(text.replace(";", "|").encode(encoding))
    assert read(path) == expected


@pytest.mark.parametrize(("read", "text"), CSV)
def test_a_csv_is_in_one_encoding(read: Callable[[Path], Any], text: str, tmp_path: Path) -> None:
    """« n° » in UTF-8 was read « nÂ° », for a byte of another encoding farther on."""
    row = text.splitlines()[1]
    lines = [
        text.splitlines()[0].replace("é", "e"),
        row.replace(row[0], "n° ", 1),
        row.replace(row[0], "É", 1),
    ]
    (tmp_path / "in.csv").write_bytes("\n".join(lines[:2]).encode() + b"\n" + lines[2].encode("cp1252"))
    with pytest.raises(FileError, match="line 3, column 1: a character in another encoding than the rest"):
        read(tmp_path / "in.csv")


@pytest.mark.parametrize(("read", "text"), CSV)
def test_a_csv_is_a_text(read: Callable[[Path], Any], text: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(text.encode().replace(b"\n", b"\n\0", 1))
    with pytest.raises(FileError, match="line 2: not a text file"):
        read(tmp_path / "in.csv")


OPENS = re.compile(r"\.open\(\"r|\bopen\(|\.read_bytes\(|\.read_text\(|unicodedata|json\.load\(|csv\.reader")
"""What only ``paper/`` does. A package's own files (templates, catalogues) and the parts of an archive aside."""
ASIDE = {
    "invoice/papers/page.py",  # its own template
    "invoice/reading/spreadsheet.py",  # the parts of an archive already read
    "cli/main.py",  # /dev/null
    "web/reference.py",  # its own catalogue
}


def test_nobody_else_opens_decodes_or_folds() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "paper" and OPENS.search(path.read_text("utf-8"))
    }
    assert found <= ASIDE
