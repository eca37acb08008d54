"""A nomenclature on paper becomes a table of one's own: codes, names, tariffs where they are printed, and pages."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml

from opqibi_rules.errors import FileError
from opqibi_rules.paper.language import Language
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.reading.nomenclature_pages import read_nomenclature_pages
from tests.tables.reading.made_nomenclatures import ENTRIES, LAYOUTS, OTHERS, Line, ruled, sheets
from tests.tables.reading.made_schedules import pdf

ENGLISH = Language("en")
UNTOLD = tuple(line._replace(tariff=None) for line in ENTRIES)


def table_of(sheet: str) -> tuple[str, dict[str, str]]:
    """The table made of a document, and what it leaves, by what it is left of."""
    text, left = read_nomenclature_pages(
        pdf(sheet), "folder/nomenclature.pdf", imported_on=date(2027, 1, 2), say=ENGLISH.say
    )
    return text, {fact: ENGLISH.say(why) for fact, why in left}


def lines_of(text: str) -> list[Line]:
    entries = yaml.safe_load(text)["entries"]
    return [
        Line(entry["code"], entry.get("name"), int(entry["tariff"]) if "tariff" in entry else None)
        for entry in entries
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("printed", [ENTRIES, OTHERS, UNTOLD], ids=["names", "many", "no tariff"])
def test_each_entry_comes_back_exactly(layout: str, printed: Sequence[Line]) -> None:
    text, left = table_of(LAYOUTS[layout](printed))
    assert left == {}
    assert lines_of(text) == list(printed)


def test_the_table_serves_and_tells_the_page_of_each_entry(tmp_path: Path) -> None:
    text, _ = table_of(sheets(ENTRIES))
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    known = Tables(tmp_path).nomenclature
    assert [known.tariff(line.code) for line in ENTRIES] == [line.tariff for line in ENTRIES]
    assert known.entries["1202"].source.address == "nomenclature.pdf#page=1"  # the index is read first
    readings = yaml.safe_load(text)["readings"]
    assert [item["fact"] for item in readings] == [f"entries[{at}]" for at in range(len(ENTRIES))]
    assert all(line.code in item["text"] for line, item in zip(ENTRIES, readings, strict=True))
    text, _ = table_of(ruled(OTHERS))
    pages = [int(item["page"]) for item in yaml.safe_load(text)["readings"]]
    assert (pages, pages[0], pages[-1]) == (sorted(pages), 1, 2)


def left_of(before: str, after: str) -> tuple[list[Line], dict[str, str]]:
    sheet = sheets(ENTRIES)
    assert before in sheet
    text, left = table_of(sheet.replace(before, after, 1))
    return lines_of(text), left


def test_what_two_pages_say_differently_is_left_out(tmp_path: Path) -> None:
    lines, left = left_of(
        "1405 Ingénierie en électricité courants faibles", "1405 Ingénierie en électricité courants forts"
    )
    assert left.keys() == {"name of 1405"}
    assert "courants forts" in left["name of 1405"]
    assert "courants faibles" in left["name of 1405"]
    assert Line("1405", None, 1) in lines  # type: ignore[arg-type] # its name is left out
    text, left = table_of(sheets([*ENTRIES, ENTRIES[0]._replace(tariff=6)]))
    assert left.keys() == {"tariff of 0103"}
    assert Line("0103", "AMO en technique", None) in lines_of(text)
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(FileError, match="tariff of 0103"):
        _ = Tables(tmp_path).nomenclature


def test_a_number_that_no_word_calls_a_tariff_is_none() -> None:
    lines = "\n\n".join(f"{line.code} {line.name} #h(2cm) {at + 1}" for at, line in enumerate(ENTRIES[:4]))
    assert [line.tariff for line in lines_of(table_of(lines)[0])] == [None] * 4
    cells = "".join(f"[{line.code}],[{line.name}],[{at + 1}]," for at, line in enumerate(ENTRIES))
    table = f"#table(columns: 3, [Code],[Intitulé],[Page], {cells})"
    assert {line.tariff for line in lines_of(table_of(table)[0])} == {None}


def test_a_name_of_which_nobody_can_say_where_it_ends_is_left_out() -> None:
    # The second line begins with a capital: more of the name, or the definition.
    full = "1203 Étude de structures en béton complexes, de grande hauteur ou soumises à des charges lourdes"
    more = "#set par(leading: 0.4em)\n" + "\n\n".join(f"{line.code} {line.name}" for line in ENTRIES[:3])
    text, left = table_of(f"{more}\n\n{full} \\\nBordeaux et de ses environs, où elles sont particulières\n")
    assert left.keys() == {"code 1203"}
    assert Line("1203", None) in lines_of(text)  # type: ignore[arg-type] # the same


def test_what_ends_a_row_of_a_name_is_read_as_it_is_printed() -> None:
    rows = {
        "0101": ("Ingénierie des ouvrages de haute qualité (tarif", "3)"),
        "0102": ("Études de bâtiments tertiaires et/", "ou habitations (tarif 2)"),
        "0103": ("Étude de réseaux /", "voirie"),
        "0104": ("Études en sous-", "sol"),
    }
    text, left = table_of("\n\n".join(f"{code} {first} \\\n{then}" for code, (first, then) in rows.items()))
    assert lines_of(text)[:3] == [
        Line("0101", "Ingénierie des ouvrages de haute qualité", 3),
        Line("0102", "Études de bâtiments tertiaires et/ou habitations", 2),
        Line("0103", "Étude de réseaux / voirie"),
    ]
    assert left.keys() == {"code 0104"}  # « sous-sol », or « soussol » parted by a printer


def test_a_name_beside_a_code_set_half_way_down_is_never_cut_nor_its_code_lost() -> None:
    cells = "".join(f"[{line.code}],[{line.name}],[{line.tariff}]," for line in ENTRIES)
    text, left = table_of(
        f"#table(columns: (2cm, 4cm, 2cm), align: horizon, [Code],[Intitulé],[Tarif], {cells})"
    )
    found = lines_of(text)
    assert [(line.code, line.tariff) for line in found] == [(line.code, line.tariff) for line in ENTRIES]
    for line, wanted in zip(found, ENTRIES, strict=True):
        assert line.name == wanted.name or f"code {line.code}" in left or f"name of {line.code}" in left


@pytest.mark.parametrize(
    "sheet",
    [
        "Une lettre, qui ne dit rien de tel.",
        "2024 fut une bonne année.\n\nEn\n\n2025 aussi.\n\nEt 2026 Plus encore.",
        "#pagebreak()",
    ],
)
def test_a_document_without_any_is_told_so_in_one_sentence(sheet: str) -> None:
    with pytest.raises(FileError) as refused:
        table_of(sheet)
    (mistake,) = refused.value.mistakes
    assert "no nomenclature is found" in mistake.explain()
