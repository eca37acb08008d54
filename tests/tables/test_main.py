"""``python -m opqibi_rules.tables``: the one command that makes the generated files anew."""

import json
import runpy
import shutil
from pathlib import Path

import pytest

from opqibi_rules.tables import library
from tests.tables.editing import nomenclature


def test_the_generated_files_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = library.SHIPPED
    folder = Path(shutil.copytree(shipped, tmp_path / "data"))
    shutil.rmtree(folder / "schemas")
    (folder / "own.yaml").write_text(nomenclature('code: "9901"'), "utf-8")
    monkeypatch.setattr(library, "SHIPPED", folder)
    runpy.run_module("opqibi_rules.tables", run_name="__main__")
    assert "own.yaml" in json.loads((folder / "checked.json").read_text("utf-8"))
    for name in ("schedule", "nomenclature", "validity", "vat"):
        path = Path("schemas") / f"{name}.schema.json"
        assert (folder / path).read_bytes() == (shipped / path).read_bytes()
