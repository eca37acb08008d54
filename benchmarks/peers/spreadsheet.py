"""A spreadsheet: the formulas that one writes in a workbook, computed by LibreOffice without its window."""

import csv
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from work import ASKED, HELD, TRANCHES, Case

SOFFICE = shutil.which("soffice") or "soffice"


def _array(values: list[float]) -> str:
    return "{" + ";".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in values) + "}"


LOWER = _array([lower for lower, _, _ in TRANCHES])
OVER = _array(
    [rate / 100_000 - (TRANCHES[n - 1][2] / 100_000 if n else 0) for n, (_, _, rate) in enumerate(TRANCHES)]
)


def _formulas(row: int) -> tuple[str, str, str]:
    turnover, counts = f"[.A{row}]", f"[.B{row}:.H{row}]"
    usage = f"SUMPRODUCT(({turnover}&gt;{LOWER})*({turnover}-{LOWER})*{OVER})"
    return (
        f"500+SUMPRODUCT({counts};{_array(list(ASKED))})",
        f"MIN(40000;MAX(180;ROUND({usage};2)))",
        f"125+SUMPRODUCT({counts};{_array(list(HELD))})",
    )


_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2" '
    'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
    '<table:table table:name="s">'
)
_TAIL = "</table:table></office:spreadsheet></office:body></office:document>"


def prepare(columns: dict[str, Any]) -> Path:
    """A flat OpenDocument file with values and formulas, and no computed result in it."""
    path = Path(tempfile.mkdtemp()) / "structures.fods"
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for row, cells in enumerate(zip(*columns.values(), strict=True), 1):
            values = (int(cells[0]) / 100, *map(int, cells[1:]))
            file.write("<table:table-row>")
            file.writelines(
                f'<table:table-cell office:value-type="float" office:value="{value}"/>' for value in values
            )
            file.writelines(
                f'<table:table-cell table:formula="of:={formula}"/>' for formula in _formulas(row)
            )
            file.write("</table:table-row>")
        file.write(_TAIL)
    return path


def batch(path: Path) -> list[list[int]]:
    home = path.parent / "profile"
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", "csv",
         "--outdir", str(path.parent), str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    with path.with_suffix(".csv").open(encoding="utf-8") as file:
        told = [[round(float(cell) * 100) for cell in row[8:11]] for row in csv.reader(file)]
    return [list(column) for column in zip(*told, strict=True)]


def single(case: Case) -> tuple[int, ...]:
    from work import as_columns

    return tuple(column[0] for column in batch(prepare(as_columns([case]))))
