"""A workbook with other inputs, recalculated by LibreOffice: what a reader of the file would see."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

Grid = list[list[Any]]
_FORMULA_VALUE = re.compile(r"(<f>[^<]*</f>)<v>[^<]*</v>")


def read(path: Path) -> dict[str, Grid]:
    """Every sheet of a workbook as rows of values, from its first cell on."""
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def change(source: bytes, target: Path, inputs: Mapping[str, str]) -> None:
    """Write the workbook with other numbers in cells of its first sheet, and no result of any formula."""
    target.write_bytes(source)
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        text = _FORMULA_VALUE.sub(r"\1", part.decode())
        if name.endswith("/sheet1.xml"):
            for cell, value in inputs.items():
                text, found = re.subn(
                    rf'(<c r="{cell}"[^>]*>)(?:<f>[^<]*</f>|<v>[^<]*</v>)', rf"\g<1><v>{value}</v>", text
                )
                assert found == 1, cell
        parts[name] = text.encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


def recalculate(files: list[Path], folder: Path) -> list[Path]:
    """The same workbooks as LibreOffice saves them, recalculated."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice Calc is needed: apt-get install libreoffice-calc"
    subprocess.run(
        [
            program, "--headless", f"-env:UserInstallation=file://{folder}/profile",
            "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), *map(str, files),
        ],
        check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    return [folder / file.name for file in files]
