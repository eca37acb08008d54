"""``opqibi-fees nomenclature``: search, show, import."""

import json
from pathlib import Path

import pytest

from tests.cli.running import asked, refused


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["audit", "energetique"], {"0607", "1717", "1905", "1911"}),
        (["AUDIT", "ÉNERGÉTIQUE", "maisons"], {"1911"}),
        (["1905"], {"1905"}),
        (["zzz"], set()),
    ],
)
def test_search(words: list[str], codes: set[str]) -> None:
    found = json.loads(asked("nomenclature", "search", *words, "--format", "json").out)
    assert found["schema_version"] == 1
    assert codes <= {entry["code"] for entry in found["entries"]}
    assert bool(codes) == bool(found["entries"])
    for form in ("table", "csv", "markdown"):
        outcome = asked("nomenclature", "search", *words, "--format", form)
        assert outcome.code == 0
        assert all(code in outcome.out for code in codes)


def test_what_is_found_nowhere_is_an_empty_table() -> None:
    assert "trouvées\N{NO-BREAK SPACE}: 0\n\n•" in asked("nomenclature", "search", "zzz").out
    assert asked("nomenclature", "search", "zzz", "--format", "csv").out[1:] == "Code;Nom;Tarif;RGE\r\n"
    assert "|" not in asked("nomenclature", "search", "zzz", "--format", "markdown").out


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("code", ["1905", "0607", "1717", "0317"])
def test_show(code: str, form: str) -> None:
    outcome = asked("nomenclature", "show", code, "--format", form)
    assert outcome.code == 0
    assert code in outcome.out or form == "csv"
    if form == "table":
        assert max(map(len, outcome.out.splitlines())) <= 80


def test_show_says_what_is_unknown_and_where_the_rest_was_read() -> None:
    found = json.loads(asked("nomenclature", "show", "1905", "--format", "json").out)
    assert found["tariff"] is None
    assert found["entails"] == ["1911"]
    assert found["source"]["address"].startswith("https://")
    assert "inconnu" in asked("nomenclature", "show", "1905").out


@pytest.mark.parametrize("code", ["9999", "607", "", "mot"])
def test_show_an_unknown_code(code: str) -> None:
    assert "la nomenclature disponible, un extrait" in refused("nomenclature", "show", code)


def test_import_writes_a_table_that_is_right_and_serves(tmp_path: Path) -> None:
    source, folder = tmp_path / "mes codes.csv", tmp_path / "tables"
    folder.mkdir()
    source.write_bytes(
        'Code;Libellé;Tarif\r\n1905;"Audit ; « bâtiments »";5\r\n0607;;5\r\n9998;À vous;\r\n'.encode("cp1252")
    )
    target = folder / "nomenclature.yaml"
    assert asked("nomenclature", "import", str(source), "-o", str(target)) == (0, "", "")
    assert asked("tables", "check", str(target)).code == 0
    found = json.loads(asked("nomenclature", "show", "1905", "--tables", str(folder), "--format", "json").out)
    assert (found["tariff"], found["name"], found["rge"]) == (5, "Audit ; « bâtiments »", True)
    assert "mes codes.csv" in found["source"]["document"]
    on_screen = asked("nomenclature", "import", str(source))
    assert on_screen.out == target.read_text("utf-8")


def test_a_bad_row_names_its_line_and_column_and_nothing_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "codes.csv", tmp_path / "own.yaml"
    source.write_text("code,name,tariff\n1905,Audit,5\n607,Transport,5\n1911,Maisons,cinq\n", "utf-8")
    target.write_text("old")
    said = refused("nomenclature", "import", str(source), "-o", str(target)).splitlines()
    assert [line.split("« ")[0] for line in said] == [
        f"{source}: ligne 3, colonne 1, code: ",
        f"{source}: ligne 4, colonne 3, tariff: ",
    ]
    assert target.read_text() == "old"


def test_import_to_a_name_that_no_folder_of_tables_reads(tmp_path: Path) -> None:
    source = tmp_path / "codes.csv"
    source.write_text("code;tarif\n1905;5\n", "utf-8")
    for name, said in (("a.json", "celles qu’elle écrit : .yaml, .yml."), ("a", "nomenclature.yaml")):
        assert said in refused("nomenclature", "import", str(source), "-o", str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == ["codes.csv"]
