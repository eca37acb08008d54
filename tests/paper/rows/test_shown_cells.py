"""Numbers that a workbook shows as more than themselves are read as they are seen."""

import io
from decimal import Decimal, localcontext

import pytest
import xlsxwriter

from opqibi_rules.paper.rows.sheet_rows import Value, first_sheet
from opqibi_rules.paper.rows.shown_cells import Look, look_of, looks_of, shown_sheet


def read(number: float, form: str, formula: str = "") -> Value:
    """What is read of a cell of that number format, in Excel's words."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as made:
        sheet, style = made.add_worksheet(), made.add_format({"num_format": form})
        sheet.write_row(0, 0, ["turnover", "name"])
        if formula:
            sheet.write_formula(1, 0, formula, style, number)
        else:
            sheet.write_number(1, 0, number, style)
        sheet.write_string(1, 1, "A & B <C>", style)
        sheet.write_number(2, 0, 350_000)
    rows = first_sheet(data.getvalue(), "b.xlsx")
    assert (rows[2][1], rows[3][0]) == ("A & B <C>", 350_000)  # a text is what it is, and another cell too
    return rows[2][0]


@pytest.mark.parametrize(
    ("number", "form", "seen"),
    [
        (350, '#,##0 "k€"', "350 k€"),
        (350, '#,##0" K€ HT"', "350 K€ HT"),
        (350.5, '# ##0.0 "milliers d’euros"', "350.5 milliers d’euros"),
        (350, r"#,##0\ \k\€", "350 k€"),
        (350, '#,##0 "k"', "350 k"),
        (350, '#,##0 "k€ / an"', "350 k€ / an"),
        (350, '#,##0 "en milliers d\'euros"', "350 en milliers d'euros"),
        (350, '#,##0 "T€"', "350 T€"),
        (350, '#,##0 "€k"', "350 €k"),
        (350, '#,##0 "k EUR HT"', "350 k EUR HT"),
        (350, '#,##0" 000 €"', "350 000 €"),  # and so three hundred and fifty thousand
        (0.35, '0.00 "M€"', "0.35 M€"),
        (350_000, '#,##0, "M€"', "350 M€"),  # thousands, said to be millions
        (350_000, "[$$-409]#,##0.00", "350000 $"),
        (350_000, '#,##0 "CHF"', "350000 CHF"),
        (350_000, "#,##0 [$XPF]", "350000 XPF"),
        (350_000, "£#,##0.00", "350000 £"),
        (350, '[Blue]#,##0 "k€";[Red]-#,##0 "k€"', "350 k€"),
        (1_000, "00000", "01000"),  # a postcode
        (1_234_567, "000000000", "001234567"),  # a SIREN
    ],
)
def test_what_is_seen_is_read(number: float, form: str, seen: str) -> None:
    assert read(number, form) == seen
    assert read(number, form, "=A3*1") == seen


@pytest.mark.parametrize(
    "form",
    [
        "General", "0", "#,##0.00", "0.00E+00", "#,##0,", "0%",
        '#,##0 "€"', "#,##0.00 [$€-40C]", r'_-* #,##0.00\ "€"_-;\-* #,##0.00\ "€"_-', '#,##0 "EUR"', '#,##0 "€ HT"',
        '#,##0, "k€"',  # it holds euros, and shows them in thousands
        '0.0,, "M€"', '#,##0, "€"',
        '0" qual."', '0 "m"', '0 "t"', '0 "kt"', '0 "Mt"', '#,##0 "€/an"', '#,##0 "€ par an"', '0 "mm"', '0 "T"', '0 "min"', '0 "HT"', '0 "mois"', '0 "kWh"', '#,##0 "salariés"', '"n° "0', '0 "top"', "000000",
    ],
)  # fmt: skip
def test_a_number_that_is_what_is_seen_stays_one(form: str) -> None:
    assert read(350_000, form) == 350_000


def test_days_are_no_numbers() -> None:
    assert str(read(46_083, "dd/mm/yyyy")) == "2026-03-02"
    assert str(read(46_083, '"le "d mmmm yyyy')) == "2026-03-02"


def test_more_digits_than_zeros_are_all_read() -> None:
    look = look_of("000")
    assert look is not None
    assert [look.text_of(Decimal(number)) for number in ("7", "1234", "-7", "0.5")] == [
        "007",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "piece", [b"<c ", b'<c s="1">', b'<c s="1"><v>1', b"<x:c s='1'", b"<v>", b"<", b'<c s="1" ']
)
def test_a_sheet_made_to_last_does_not(piece: bytes) -> None:
    """Where each beginning was read to the end of the file, it would be hours."""
    hostile = b"<sheetData>" + piece * (2_000_000 // len(piece))
    assert shown_sheet(hostile, {1: Look("k€")}) == hostile
    assert looks_of(piece.replace(b"c ", b"cellXfs ") * 100_000) == {}


@pytest.mark.parametrize("number", ["1E999999999", "1E-999999999", "inf", "nan", "x", "", "1_0"])
def test_what_is_no_number_of_a_sheet_stays_as_it_is(number: str) -> None:
    sheet = f'<sheetData><c r="A1" s="1"><v>{number}</v></c></sheetData>'.encode()
    assert len(shown_sheet(sheet, {1: Look("k€")})) < 500


def test_it_is_exact_whatever_the_caller_rounds_to() -> None:
    with localcontext(prec=2):
        assert Look(digits=9).text_of(Decimal(1_234_567)) == "001234567"
        assert Look("M€", thousands=1).text_of(Decimal("1234567.5")) == "1234.5675 M€"


@pytest.mark.parametrize("number", ["x", "", "-1", "9" * 5000])
def test_styles_of_nobody_s_making_are_no_fault(number: str) -> None:
    one = f'<numFmt numFmtId="{number}" formatCode="0 &quot;k€&quot;"/><cellXfs><xf/><xf numFmtId="{number}"/></cellXfs>'
    looks = looks_of(one.encode())
    assert looks == {1: Look("k€")}
    sheet = f'<sheetData><c r="A1" s="{number}"><v>1</v></c></sheetData>'.encode()
    assert shown_sheet(sheet, looks) == sheet
    assert looks_of(b"<cellXfs><xf/>") == looks_of(b"\xff<numFmt formatCode='\xff'") == {}
