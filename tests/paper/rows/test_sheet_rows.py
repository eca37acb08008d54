"""One sheet of a workbook is read; what goes on in another is refused, never left out."""

import io

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
    assert first_sheet(book(FIRST, other, chart=True), "b.xlsx")[1] == [800_000, 5, "A"]


@pytest.mark.parametrize("head", [["turnover", "t1", "name"], ["T1", " Turnover "]])
def test_rows_that_go_on_in_another_sheet_are_refused(head: list[object]) -> None:
    with pytest.raises(FileError) as raised:
        first_sheet(book(FIRST, [["Notice"]], [head, [1, 1]]), "b.xlsx")
    assert "« Sheet3 » has columns of the first one" in raised.value.explain()
