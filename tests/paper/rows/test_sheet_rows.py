"""One sheet of a workbook is read; what goes on in another, or holds no value, is refused, never left out."""

import io
import zipfile

import pytest
import xlsxwriter

from opqibi_rules.errors import FileError
from opqibi_rules.paper.rows.sheet_rows import first_sheet


def book(*sheets: list[list[object]], chart: bool = False) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as made:
        for rows in sheets:
            sheet = made.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        if chart:
            drawn = made.add_chart({"type": "column"})
            drawn.add_series({"values": "=Sheet1!$A$2:$A$3"})
            made.add_chartsheet("Graphique").set_chart(drawn)
    return data.getvalue()


FIRST: list[list[object]] = [["turnover", "t1", "name"], [800_000, 5, "A"]]


@pytest.mark.parametrize(
    "other",
    [
        [],  # left empty, as a new workbook has three
        [["Notice"], ["Un chiffre d’affaires par ligne."]],
        [["turnover", "of", "last year"], [1, 1, 1]],  # another table
    ],
)
def test_the_first_sheet_is_read(other: list[list[object]]) -> None:
    assert first_sheet(book(FIRST, other, chart=True), "b.xlsx")[2] == [800_000, 5, "A"]


@pytest.mark.parametrize("head", [["turnover", "t1", "name"], ["T1", " Turnover "]])
def test_rows_that_go_on_in_another_sheet_are_refused(head: list[object]) -> None:
    with pytest.raises(FileError) as raised:
        first_sheet(book(FIRST, [["Notice"]], [head, [1, 1]]), "b.xlsx")
    assert "« Sheet3 » has columns of the first one" in raised.value.explain()


def test_a_cell_that_holds_no_value_is_refused_with_its_place_and_an_empty_one_is_not() -> None:
    """The header is line 4, T2 column D: two errors, a formula never computed, one that came to no text, a number."""
    with pytest.raises(FileError) as raised:
        first_sheet(of_formulas("#DIV/0!", "#N/A", None, "", 3), "b.xlsx")
    assert [str(mistake.message) for mistake in raised.value.mistakes] == [
        "cell D5 holds an error, #DIV/0!.",
        "cell D6 holds an error, #N/A.",
        "cell D7 holds a formula without its result: open the workbook in a spreadsheet, save it, and give it "
        "again.",
    ]
    rows = first_sheet(of_formulas("", 3), "b.xlsx")
    assert {line: row[-1] for line, row in rows.items()} == {4: "t2", 5: "", 6: 3}


def test_errors_of_a_sheet_that_is_not_read_stop_nothing() -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as made:
        made.add_worksheet().write_row(0, 0, ["t1"])
        made.add_worksheet("Tableau").write_formula(0, 0, "=1/0", None, "#DIV/0!")
    assert first_sheet(data.getvalue(), "b.xlsx") == {1: ["t1"]}


def of_formulas(*results: str | int | None) -> bytes:
    """A sheet from B4 on, whose last column holds formulas that came to these; ``None``: to nothing yet."""
    data, clean = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(data) as made:
        sheet = made.add_worksheet()
        sheet.write_row(3, 1, ["turnover", "t1", "t2"])
        for row, result in enumerate(results, 4):
            sheet.write_row(row, 1, [350_000, 5])
            never = "" if result is None else result
            sheet.write_formula(row, 3, "=1+2", None, "empty" if result == "" else never)
    with zipfile.ZipFile(data) as packed, zipfile.ZipFile(clean, "w") as plain:
        for part in packed.namelist():
            plain.writestr(part, packed.read(part).replace(b"<v>empty</v>", b"<v></v>"))
    return clean.getvalue()


def hiding(*sheets: tuple[str, bool, list[object]]) -> bytes:
    """A workbook of these sheets: what each is called, whether it is hidden, its header."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as made:
        for name, hidden, header in sheets:
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, header)
            if hidden:
                sheet.hide()
            else:
                sheet.set_first_sheet()
                sheet.activate()
    return data.getvalue()


def test_the_first_sheet_that_is_shown_is_read() -> None:
    data = hiding(("Cachée", True, ["nom"]), ("F", False, ["turnover", "t1"]), ("G", False, ["note"]))
    assert first_sheet(data, "b.xlsx") == {1: ["turnover", "t1"]}


def test_rows_in_hidden_sheets_alone_are_refused() -> None:
    with pytest.raises(FileError) as raised:
        first_sheet(hiding(("Données", True, ["turnover", "t1"]), ("F", False, [])), "b.xlsx")
    assert "hidden (sheet Données)" in raised.value.explain()


def test_what_is_no_workbook_of_parts_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("xl/workbook.bin", b"")
    for content in (data.getvalue(), b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with pytest.raises(FileError, match="damaged workbook"):
            first_sheet(content, "b.xlsx")
