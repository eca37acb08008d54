"""Invoices in CSV, XLSX and JSON: forgiving about names, strict about values."""

import contextlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.model import Invoice, InvoiceLine, Party
from opqibi_rules.invoice.reading import rows as rows_of_values
from opqibi_rules.invoice.reading.headings import ValueRefusedError, field_named, read_value, vocabulary
from opqibi_rules.invoice.reading.invoice_file import invoices_in, read_invoices
from opqibi_rules.invoice.reading.rows import SpoiltInvoicesError
from opqibi_rules.invoice.reading.spreadsheet import read_csv
from tests.invoice.reading.made_invoices import cii, pdf

D = Decimal
FRENCH = """Facture de l’OPQIBI

Numéro;Date;Client;SIREN;Code postal;Libellé;Qté;P.U. HT;Montant HT;Taux TVA;Couleur
F-1;02/03/2026;BE Exemple;987654321;97400;Instruction, partie forfaitaire;1;500,00 €;500,00;8,5 %;bleu
;;;;;Instruction, tarif 1;5;60;300,00;8,5;
;;;;;;;;;;
;;;;;Total HT;;;800,00;;
;;;;;TVA (8,5 %) :;;;68,00;;
;;;;;Total TTC;;;868,00;;
;;;;;Net à payer;;;868,00;;
"""


def refusal(data: bytes) -> str:
    with pytest.raises(FileError) as caught:
        invoices_in(data, "f")
    return str(caught.value)


def workbook(*rows: Sequence[object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        book.add_worksheet("notes").write_string(0, 0, "nothing here")
        sheet = book.add_worksheet("factures")
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, value, day)
                elif value is not None:
                    sheet.write(line, column, value)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_french_sheet_with_a_title_and_totals_below(encoding: str) -> None:
    (invoice,) = invoices_in(FRENCH.encode(encoding), "f.csv")
    assert (invoice.number, invoice.issued, invoice.syntax, invoice.currency) == (
        "F-1",
        date(2026, 3, 2),
        "csv",
        "EUR",
    )
    assert (invoice.buyer.name, invoice.buyer.siren, invoice.buyer.postcode) == (
        "BE Exemple",
        "987654321",
        "97400",
    )
    assert invoice.lines == (
        InvoiceLine("1", "Instruction, partie forfaitaire", None, D(1), D("500.00"), D("500.00"), D("0.085")),
        InvoiceLine("2", "Instruction, tarif 1", None, D(5), D(60), D("300.00"), D("0.085")),
    )
    totals = (invoice.total_excl_vat, invoice.vat, invoice.total_incl_vat, invoice.payable)
    assert totals == (D("800.00"), D("68.00"), D("868.00"), D("868.00"))


def test_windows_1252() -> None:
    (invoice,) = invoices_in("Désignation;Montant\nétude;1\n".encode("cp1252"), "f.csv")
    assert invoice.lines[0].name == "étude"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_one_row_an_invoice_on_totals_alone(delimiter: str) -> None:
    rows = [
        ["N°", "Type", "Total HT", "TVA", "Total TTC"],
        ["A", "Avoir", "100.00", "20", "120"],
        ["B", "380", "1", "0", "1"],
    ]
    first, second = invoices_in("\n".join(map(delimiter.join, rows)).encode(), "f.csv")
    assert (first.number, first.type_code, first.is_credit_note, first.lines) == ("A", "381", True, ())
    assert (first.total_excl_vat, first.vat, first.total_incl_vat) == (D("100.00"), D(20), D(120))
    assert (second.number, second.type_code) == ("B", "380")


def test_beside_a_unit_price_total_ht_is_what_the_line_comes_to() -> None:
    (invoice,) = invoices_in("Désignation;Quantité;Prix unitaire;Total HT\nx;2;10;20\n".encode(), "f.csv")
    assert (invoice.lines[0].amount, invoice.total_excl_vat) == (D(20), None)


def test_two_headings_for_one_field_the_first_holds() -> None:
    (invoice,) = invoices_in(b"Montant;Amount\n1;2\n", "f.csv")
    assert [line.amount for line in invoice.lines] == [D(1)]


def test_what_rows_say_of_one_invoice_must_agree() -> None:
    said = refusal("N°;Date;Montant\nA;2026-01-01;1\nA;2026-01-02;1\n".encode())
    assert said == (
        "f: line 3: issued: 2026-01-02 here, 2026-01-01 above; the same is expected all over an invoice."
    )


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("amount", "1 160,00 €", D("1160.00")),
        ("amount", 86.1, D("86.1")),
        ("amount", -0.1, D("-0.1")),
        ("amount", 12, D(12)),
        ("quantity", "2,5", D("2.5")),
        ("quantity", 3.0, D(3)),
        ("vat_rate", "20 %", D("0.2")),
        ("vat_rate", "20", D("0.2")),
        ("vat_rate", 0.085, D("0.085")),
        ("vat_rate", "2,1", D("0.021")),
        ("vat_rate", "0", D(0)),
        ("vat_rate", "0,9 %", D("0.009")),
        ("issued", "2/3/2026", date(2026, 3, 2)),
        ("issued", "02.03.2026", date(2026, 3, 2)),
        ("issued", "2026-03-02", date(2026, 3, 2)),
        ("issued", datetime(2026, 3, 2, 9), date(2026, 3, 2)),  # noqa: DTZ001 - a spreadsheet knows no zone
        ("issued", date(2026, 3, 2), date(2026, 3, 2)),
        ("due", "1/4/2026", date(2026, 4, 1)),
        ("due", "30 jours fin de mois", None),
        ("rounding", "0,05", D("0.05")),
        ("currency", "€", "EUR"),
        ("currency", "euros", "EUR"),
        ("currency", "eur", "EUR"),
        ("currency", "CHF", "CHF"),
        ("number", 2026001.0, "2026001"),
        ("number", date(2026, 3, 2), "2026-03-02"),
        ("type_code", "Facture d’acompte", "386"),
        ("type_code", 380.0, "380"),
        ("name", "  x ", "x"),
        ("name", "   ", None),
        ("amount", None, None),
    ],
)
def test_values(field: str, value: object, read: object) -> None:
    assert read_value(field, value) == read


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "1,234.56"),
        ("amount", "2400,000"),
        ("amount", "1E5"),
        ("amount", "NaN"),
        ("amount", float("nan")),
        ("amount", float("inf")),
        ("amount", 0.001),
        ("amount", True),
        ("amount", date(2026, 1, 1)),
        ("quantity", "cinq"),
        ("quantity", True),
        ("vat_rate", "0,5"),
        ("vat_rate", "200"),
        ("vat_rate", "x"),
        ("issued", "31/02/2026"),
        ("issued", "03/2026"),
        ("issued", "2030010100"),  # Python 3.11 takes these for days
        ("issued", "20260302"),
        ("issued", "2026-W10-1"),
        ("issued", 46000.0),
        ("type_code", "devis"),
    ],
)
def test_values_that_could_be_read_two_ways_or_none(field: str, value: object) -> None:
    with pytest.raises(ValueRefusedError):
        read_value(field, value)


def test_every_heading_names_one_field() -> None:
    for field, names in vocabulary().items():
        assert {field_named(name) for name in (field, *names)} == {field}
    assert field_named("Couleur") is None


@pytest.mark.parametrize("page", ["guide.en/invoices.md", "guide.fr/factures.md"])
def test_the_guide_lists_every_heading(page: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / page).read_text("utf-8")
    for field, names in vocabulary().items():
        assert f"| `{field}` | {', '.join(names)} |" in text
    example = text.partition("```json\n")[2].partition("```")[0]
    (invoice,) = invoices_in(example.encode(), "example")
    assert (invoice.number, invoice.seller.name, invoice.total_incl_vat) == (
        "F-2026-12",
        "OPQIBI",
        D("360.00"),
    )
    assert [(line.quantity, line.amount) for line in invoice.lines] == [(D(5), D("300.00"))]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a;b\n1;2\n", "no row of headings names an amount"),
        (b"Montant HT\n", "headings, and no invoice below them"),
        (b"Montant HT\nx\n", "line 2, amount: « x » is not an amount"),
        (b"Montant HT\n" + b"x\n" * 99, "line 21, amount"),
        (b"Montant HT\n" + b"1\n" * 50_001, "over 50000 rows"),
        (b'Montant HT\n"' + b"a" * 200_000, "a cell is too long"),
        (b"Montant\0HT\n", "line 1: not a text file"),
        (b"\x93NUMPY", "no row of headings"),
        (b"", "an empty file"),
        (b"x" * 20_000_001, "over 20000000 bytes"),
        (b"PK\3\4 no", "not a workbook"),
        (b"[NaN]", "NaN is not a JSON value"),
        (b"[1]", "$[0]: an object is expected"),
        (b"{", "line 1, column 2: not JSON"),
        (b"{}", "no invoice in it"),
        (b'{"lines": [1]}', "$[0].lines[0]: an object is expected"),
        (b'{"a": 1, "a": 2}', "« a » is given twice"),
        (b"[" * 100_000, "nested over 30 levels"),
        (b'{"a": "\xff"}', "not in UTF-8"),
        (b'[{"Montant": 1e9}]', "$[0].amount: « 1e9 »"),
        (b"[" + b"1," * 2_500_001 + b"1]", "over 5000000 bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, expected: str) -> None:
    assert expected in refusal(data)


def test_a_hopeless_sheet_is_not_told_row_by_row() -> None:
    *told, last = refusal(b"Montant HT\n" + b"x\n" * 99).splitlines()
    assert (len(told), last) == (20, "f: line 21: 79 more mistakes are not told.")


def test_a_workbook() -> None:
    data = workbook(
        ["Facture", "Date", "Désignation", "Qté", "PU", "Montant", "TVA %"],
        [2026001, date(2026, 3, 2), "Dossier postulant", 1, 86, 86.1, 0.2],
        [None, None, "TVA 20 %", None, None, 17.22, None],
    )
    (invoice,) = invoices_in(data, "f.xlsx")
    assert (invoice.number, invoice.issued, invoice.syntax) == ("2026001", date(2026, 3, 2), "xlsx")
    assert invoice.lines == (InvoiceLine("1", "Dossier postulant", None, D(1), D(86), D("86.1"), D("0.2")),)
    assert invoice.vat == D("17.22")


def test_a_workbook_of_many_rows() -> None:
    """What its writer declares (« xmlns:r ») is no cell, and makes no sheet too large."""
    lines = [["F1", f"Qualification {number}", 60.0] for number in range(1, 41)]
    (invoice,) = invoices_in(workbook(["N°", "Libellé", "Montant HT"], *lines), "f.xlsx")
    assert len(invoice.lines) == 40


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_note_signed_as_software_does(sign: str) -> None:
    """« Avoir » and a negative amount both say that it is given back; 60,00 once."""
    text = f"N°;Type;Libellé;Qté;PU;Montant HT;TVA\nA1;Avoir;Tarif 1;{sign}1;60;{sign}60,00;{sign}12,00\n"
    (invoice,) = invoices_in(text.encode(), "f.csv")
    (line,) = invoice.lines
    assert (line.quantity, line.unit_price, line.amount, invoice.vat) == (D(1), D(60), D(60), D(12))
    assert invoice.is_credit_note
    assert len(invoice.notes) == len(sign)


def test_a_credit_note_of_a_negative_price() -> None:
    text = "N°;Type;Libellé;Qté;PU;Montant HT\nA1;Avoir;Tarif 1;1;-60;-60,00\nA1;Avoir;Geste;;;0,00\n"
    (invoice,) = invoices_in(text.encode(), "f.csv")
    told = [(line.quantity, line.unit_price, line.amount) for line in invoice.lines]
    assert told == [(D(1), D(60), D(60)), (None, None, D(0))]


def test_a_workbook_that_holds_too_much_is_not_opened() -> None:
    sparse = workbook(["Montant"], *[[]] * 0)
    with zipfile.ZipFile(io.BytesIO(sparse)) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    sheet = "xl/worksheets/sheet2.xml"
    for spoilt in (
        {sheet: parts[sheet].replace(b'r="A1"', b'r="XFD1048576"')},
        {sheet: b"\0" * 30_000_000},
        {f"x{n}": b"" for n in range(1001)},
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for part, content in (parts | spoilt).items():
                packed.writestr(part, content)
        assert "expands beyond" in refusal(out.getvalue())


def test_a_workbook_that_is_none() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "no")
    assert "no XLSX workbook" in refusal(out.getvalue())


def test_a_workbook_of_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_of_values, "MAX_ROWS", 1)
    assert "over 1 rows" in refusal(workbook(["Montant"], [1], [2]))


def cells(sheets: dict[str, list[str]]) -> bytes:
    """A workbook of the rows as XML gives them, sheet by sheet; the headings are a number and an amount."""
    headings = '<row r="1"><c r="A1" t="str"><v>N°</v></c><c r="B1" t="str"><v>Total HT</v></c></row>'
    whole, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True}) as book:
        for name in sheets:
            book.add_worksheet(name)
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(out, "w") as changed:
        for part in packed.namelist():
            content = packed.read(part).decode()
            if part.startswith("xl/worksheets/"):
                rows = list(sheets.values())[int(part[-5]) - 1]
                body = "".join(f'<row r="{line}">{row}</row>' for line, row in enumerate(rows, 2))
                content = content.replace("<sheetData/>", f"<sheetData>{headings}{body}</sheetData>")
            changed.writestr(part, content)
    return out.getvalue()


GOOD = '<c r="A2" t="str"><v>F1</v></c><c r="B2"><v>1160</v></c>'


def test_every_sheet_of_a_workbook_is_read() -> None:
    found = invoices_in(cells({"janvier": [GOOD], "février": [GOOD.replace("F1", "F2")]}), "f.xlsx")
    assert [invoice.number for invoice in found] == ["F1", "F2"]
    assert [invoice.notes for invoice in found] == [(), ()]


def test_a_sheet_that_names_no_amount_is_told() -> None:
    (invoice,) = invoices_in(workbook(["N°", "Total HT"], ["F1", 1160]), "f.xlsx")
    assert [str(note) for note in invoice.notes] == ["Sheet « notes » names no amount: it is not read."]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('<c r="B2"><f>1000+160</f></c>', "cell B2 holds a formula without its result"),
        ('<c r="B2"><f>1000+160</f><v></v></c>', "cell B2 holds a formula without its result"),
        ('<c r="B2" s="1"><f t="shared" si="0"/><v/></c>', "cell B2 holds a formula without its result"),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "cell B2 holds an error, #DIV/0!."),
        ('<c r="B2" t="e"><v>#N/A</v></c>', "cell B2 holds an error, #N/A."),
    ],
)
def test_a_formula_without_a_value_is_refused_with_its_cell(cell: str, told: str) -> None:
    row = f'<c r="A2" t="str"><v>F1</v></c>{cell}'
    assert f"line 2, total_excl_vat: {told}" in refusal(cells({"a": [row]}))


def test_what_is_no_cell_makes_no_sheet_too_large() -> None:
    """Forty rows of cells under a name space of XML, as Excel declares it; beside them the frame of a drawing."""
    rows = [f'<c r="A{line}" t="str"><v>F{line}</v></c><c r="B{line}"><v>1</v></c>' for line in range(2, 42)]
    out = io.BytesIO(cells({"a": rows}))
    with zipfile.ZipFile(out) as packed:
        assert b'xmlns:r="http' in packed.read("xl/worksheets/sheet1.xml")
    with zipfile.ZipFile(out, "a") as packed:
        frame = '<a:rect l="l" t="t" r="r" b="b"/><a:fillToRect l="50000" t="50000" r="100000" b="50000"/>'
        packed.writestr("xl/drawings/drawing1.xml", frame)
    assert len(invoices_in(out.getvalue(), "f.xlsx")) == 40


def test_a_formula_with_its_value_is_a_value() -> None:
    row = '<c r="A2" t="str"><f>"F"&amp;1</f><v>F1</v></c><c r="B2"><f>1000+160</f><v>1160</v></c>'
    (invoice,) = invoices_in(cells({"a": [row]}), "f.xlsx")
    assert (invoice.number, invoice.total_excl_vat) == ("F1", D(1160))


def test_a_number_that_is_an_error_is_that_of_no_other_invoice() -> None:
    broken = '<c r="A3" t="e"><v>#REF!</v></c><c r="B3"><v>86</v></c>'
    with pytest.raises(SpoiltInvoicesError, match="cell A3 holds an error, #REF!") as caught:
        invoices_in(cells({"a": [GOOD, broken]}), "f.xlsx")
    assert [(one.number, one.total_excl_vat) for one in caught.value.others] == [("F1", D(1160))]


@pytest.mark.parametrize(
    "data",
    [
        b"N\xc2\xb0;Total HT\nF1;1160\nF2;x\nF3;86\n",
        b"N\xc2\xb0;Date;Montant HT\nF1;;1160\nF2;2026-01-01;1\nF2;2026-01-02;1\nF3;;86\n",
        b'[{"number": "F1", "lines": []}, {"number": "F2", "lines": [1]}, {"number": "F3", "lines": []}]',
    ],
)
def test_what_spoils_one_invoice_spoils_no_other(data: bytes) -> None:
    with pytest.raises(SpoiltInvoicesError) as caught:
        invoices_in(data, "f")
    assert len(caught.value.mistakes) == 1
    assert [one.number for one in caught.value.others] == ["F1", "F3"]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_limit_of_lines_is_that_of_every_form(form: str) -> None:
    def written(lines: int) -> bytes:
        if form == "csv":
            return b"N\xc2\xb0;Montant HT\n" + b"F1;1\n" * lines
        return json.dumps({"number": "F1", "lines": [{"amount": "1.00"}] * lines}).encode()

    (invoice,) = invoices_in(written(1000), "f")
    assert len(invoice.lines) == 1000
    assert "over 1000 invoice lines: refused." in refusal(written(1001))


def test_fifty_thousand_invoices_stand_in_one_file() -> None:
    row = "F{n};02/03/2026;BE {n};Frais d'instruction;1160,00;1160,00;232,00;1392,00\n"
    data = "N°;Date;Client;Libellé;Montant HT;Total HT;TVA;Total TTC\n" + "".join(
        row.format(n=n) for n in range(50_000)
    )
    assert len(invoices_in(data.encode(), "f.csv")) == 50_000


def test_json_of_our_own_form_and_of_rows() -> None:
    whole = {
        "number": "F-1",
        "date": "2026-03-02",
        "seller": {"name": "OPQIBI", "siren": "123456782"},
        "buyer": "BE Exemple",
        "file": "F-1.xml",
        "colour": None,
        "reading": [{"key": "number", "value": "F-1", "to_confirm": False}],
        "page_differs": [],
        "lines": [
            {"label": "Dossier", "quantity": 1, "amount": 86.00, "kind": "detail"},
            {"label": "Groupe", "quantity": 1, "amount": 86.00, "kind": "group"},
        ],
        "total_excl_vat": "86.00",
    }
    for form in (whole, [whole], {"schema_version": 1, "invoice": whole}):
        (invoice,) = invoices_in(json.dumps(form).encode(), "f.json")
        assert (invoice.number, invoice.seller.name, invoice.seller.siren) == ("F-1", "OPQIBI", "123456782")
        assert (invoice.buyer.name, invoice.total_excl_vat, invoice.syntax) == (
            "BE Exemple",
            D("86.00"),
            "json",
        )
        assert [(line.name, line.amount) for line in invoice.lines] == [("Dossier", D("86.0"))]
    rows = [{"Numéro": "A", "Montant": "1"}, {"Numéro": "B", "Montant": 2}]
    assert [one.number for one in invoices_in(json.dumps(rows).encode(), "f")] == ["A", "B"]


def test_what_is_said_of_an_invoice_is_read_back() -> None:
    said = Invoice(
        "AV-7",
        issued=date(2026, 4, 14),
        type_code="381",
        currency="EUR",
        preceding=("F-1", "F-2"),
        seller=Party("OPQIBI", "123456782", "12345678200015", "FR11123456782", "75002", "FR"),
        buyer=Party("BE Exemple", "732829320", None, "FR44732829320", "29200", "FR"),
        ibans=("FR7630006000011234567890189",),
        lines=(InvoiceLine("1", "Dossier", quantity=D(1), unit_price=D("86.00"), amount=D("86.00")),),
        total_excl_vat=D("86.00"),
        due=date(2026, 5, 14),
    )
    for invoice in (said, replace(said, type_code="380", preceding=())):
        told = {"invoice": invoice.to_dict()}
        (read,) = invoices_in(json.dumps(told).encode(), "again.json")
        assert replace(read, syntax=invoice.syntax) == invoice


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"status": "cancelled"}, "$[0]: status: no key"),
        ({"paid": True, "colour": "blue"}, "$[0]: paid, colour: no key"),
        ({"payment": {"due": "2026-04-01"}}, "$[0]: payment: no key"),
        ({"page_differs": [{"key": "total_excl_vat"}]}, "$[0]: page_differs: no key"),
        ({"reading": [{"key": "number", "to_confirm": True}]}, "$[0]: reading: no key"),
        ({"buyer": {"name": "BE", "mood": "good"}}, "$[0]: buyer_mood: no key"),
        ({"lines": [{"name": "Dossier", "amount": "86", "state": "void"}]}, "$[0].lines[0]: state: no key"),
    ],
)
def test_a_key_of_json_that_is_not_read_is_told(more: dict[str, object], told: str) -> None:
    """It may say that the invoice is cancelled, or paid."""
    form = {"number": "F-1", "lines": [{"name": "Dossier", "amount": "86"}], **more}
    assert told in refusal(json.dumps(form).encode())


def test_a_file_is_known_by_its_content_and_remembers_its_name(tmp_path: Path) -> None:
    path = tmp_path / "facture.txt"
    for content, syntax in (
        (cii(), "cii"),
        (pdf(cii()), "cii"),
        (b"\n" + cii()[39:], "cii"),
        (b"Montant\n1\n", "csv"),
    ):
        path.write_bytes(content)
        (invoice,) = read_invoices(path)
        assert (invoice.syntax, invoice.file) == (syntax, "facture.txt")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        read_invoices(tmp_path / "none.pdf")


_CELLS = st.text(max_size=12) | st.sampled_from(["Montant HT", "1 160,00", "20 %", "02/03/2026", "Total TTC"])


@given(st.lists(st.lists(_CELLS, max_size=6), max_size=8), st.sampled_from(";,\t|"))
def test_any_table_is_read_or_refused(rows: list[list[str]], delimiter: str) -> None:
    with contextlib.suppress(FileError):
        invoices = invoices_in("\n".join(map(delimiter.join, rows)).encode(), "f")
        assert all(isinstance(invoice, Invoice) for invoice in invoices)


class TestHeadingsThatPeopleWrite:
    def test_a_column_of_vat_that_holds_rates(self) -> None:
        """As the page of our own invoices heads it."""
        (invoice,) = read_csv(
            "N° de pièce;libellé;montant HT;TVA\nF1;a;5,00;20 %\nF1;b;6,00;20%\n".encode(), "f"
        )
        assert invoice.number == "F1"
        assert [(item.amount, item.vat_rate) for item in invoice.lines] == [
            (D("5.00"), D("0.2")),
            (D("6.00"), D("0.2")),
        ]
        assert invoice.vat is None

    def test_a_total_that_changes_from_line_to_line_is_theirs(self) -> None:
        text = "numéro;libellé;Total HT\nF1;a;5,00\n;b;6,00\n;Total HT;11,00\n"
        (invoice,) = read_csv(text.encode(), "f")
        assert [item.amount for item in invoice.lines] == [D("5.00"), D("6.00")]
        assert invoice.total_excl_vat == D("11.00")

    def test_a_total_that_does_not_is_that_of_the_invoice(self) -> None:
        text = "numéro;libellé;Total HT\nF1;a;5,00\nF1;b;5,00\nF2;c;6,00\nF2;d\n"
        one, two = read_csv(text.encode(), "f")
        assert (one.total_excl_vat, two.total_excl_vat) == (D("5.00"), D("6.00"))
        assert {item.amount for item in (*one.lines, *two.lines)} == {None}

    @pytest.mark.parametrize("encoding", ["cp850", "mac_roman", "cp1252", "utf-8", "utf-16"])
    def test_accents_of_dos_and_of_macs(self, encoding: str) -> None:
        text = "Numéro;Libellé;Quantité;Montant HT\nF1;Contrôle;1;5,00\n"
        (invoice,) = read_csv(text.encode(encoding), "f")
        assert (invoice.number, invoice.lines[0].name, invoice.lines[0].quantity) == ("F1", "Contrôle", D(1))


HEADINGS = "N°;Date;Désignation;Quantité;Prix unitaire;Montant HT;Taux TVA"
TWO = [
    "A;2026-03-02;Dossier;1;86;86;20 %",
    "A;2026-03-02;Instruction, tarif 1;5;60;300;20 %",
]  # 386,00 excl. VAT, 77,20 of VAT, 463,20


class TestRowsThatAddOthersUp:
    @pytest.mark.parametrize(
        "rows",
        [
            ["A;2026-03-02;TOTAL;;;386;"],
            [";;Total :;;;386;"],
            ["Total;;;;;386;"],  # as a table of Excel does
            [";;Sous-total instruction;;;386;"],
            [";;Total général;6;;386;"],
            [";;TOTAL;;;463,20;"],  # what 20 % on every line makes of it
            [";;Total HT;;;386;", ";;TVA 20 %;;;77,20;", ";;TOTAL;;;463,20;"],
            [";;Sous-total;;;386;", ";;Total;;;386;"],
        ],
    )
    def test_they_bill_nothing(self, rows: list[str]) -> None:
        (invoice,) = invoices_in("\n".join([HEADINGS, *TWO, *rows]).encode(), "f.csv")
        assert [line.amount for line in invoice.lines] == [D(86), D(300)]

    def test_group_by_group_and_for_the_whole_sheet(self) -> None:
        rows = [
            HEADINGS,
            TWO[0],
            ";;Sous-total dossier;;;86;",
            TWO[1],
            ";;Sous-total;;;300;",
            ";;Total;;;386;",
        ]
        other = ["B;2026-03-03;Dossier;1;86;86;20 %", "TOTAL;;;;;472;"]
        first, second = invoices_in("\n".join(rows + other).encode(), "f.csv")
        assert [[line.amount for line in item.lines] for item in (first, second)] == [
            [D(86), D(300)],
            [D(86)],
        ]

    def test_below_a_register_of_totals(self) -> None:
        rows = ["N°;Total HT;TVA;Total TTC", "A;100;20;120", "B;50;10;60", "TOTAL;150;30;180"]
        assert [item.number for item in invoices_in("\n".join(rows).encode(), "f.csv")] == ["A", "B"]
        assert "TOTAL" in refusal("\n".join([*rows[:3], "TOTAL;151;30;181"]).encode())

    @pytest.mark.parametrize("label", ["TOTAL", "Sous-total", "Total général"])
    def test_one_that_comes_to_something_else_is_refused_by_its_row(self, label: str) -> None:
        said = refusal("\n".join([HEADINGS, *TWO, f";;{label};;;400;"]).encode())
        assert said.startswith(f"f: line 4: « {label} »: 400.00 € is not what the rows above come to.")

    @pytest.mark.parametrize(
        "row", [";;Total instruction, tarif 2;;;120;", ";;Total;1;386;386;", ";;Totalisateur;;;400;"]
    )
    def test_what_may_be_a_line_stays_one(self, row: str) -> None:
        (invoice,) = invoices_in("\n".join([HEADINGS, *TWO, row]).encode(), "f.csv")
        assert len(invoice.lines) == 3

    def test_more_than_anybody_writes_are_lines(self) -> None:
        rows = [HEADINGS, *TWO, *[";;Total dossier;;;463,20;"] * 21]
        (invoice,) = invoices_in("\n".join(rows).encode(), "f.csv")
        assert len(invoice.lines) == 3


class TestTaxesOfLines:
    """Lines of 86,00 and 1 160,00: 17,20 and 232,00 of VAT at 20 %, 249,20 in all; 1 495,20 incl. VAT."""

    HEAD = "Numéro;Date;Désignation;Montant HT;TVA;TTC\n"
    BOTH = "F1;02/03/2026;Dossier;86,00;17,20;103,20\nF1;02/03/2026;Instruction;1160,00;232,00;1392,00\n"

    def totals(self, rows: str, head: str = HEAD) -> list[tuple[Decimal | None, Decimal | None]]:
        return [(item.vat, item.total_incl_vat) for item in read_csv((head + rows).encode(), "f.csv")]

    @pytest.mark.parametrize(
        "more", ["", ";;TOTAL;1246,00;249,20;1495,20\n", ";;Total TTC;1495,20;;\n", ";;Total HT;1246,00;;\n"]
    )
    def test_those_of_each_line_are_added_up(self, more: str) -> None:
        assert self.totals(self.BOTH + more) == [(D("249.20"), D("1495.20"))]

    def test_those_of_the_invoice_stand_beside_each_line(self) -> None:
        rows = self.BOTH.replace("17,20;103,20", "249,20;1495,20").replace("232,00;1392,00", "249,20;1495,20")
        assert self.totals(rows) == [(D("249.20"), D("1495.20"))]

    def test_two_lines_alike_are_two(self) -> None:
        row = "F1;02/03/2026;Qualification;100,00;20,00;120,00\n"
        assert self.totals(row * 2) == [(D("40.00"), D("240.00"))]

    def test_one_column_alone(self) -> None:
        rows = "F1;02/03/2026;Dossier;86,00;{}\nF1;02/03/2026;Instruction;1160,00;{}\n"
        head = "Numéro;Date;Désignation;Montant HT;{}\n"
        assert self.totals(rows.format("17,20", "232,00"), head.format("TVA")) == [(D("249.20"), None)]
        assert self.totals(rows.format("7,31", "98,60"), head.format("TVA")) == [(D("105.91"), None)]  # 8,5 %
        assert self.totals(rows.format("103,20", "1392,00"), head.format("TTC")) == [(None, D("1495.20"))]
        assert self.totals(rows.format("249,20", ""), head.format("TVA")) == [(D("249.20"), None)]

    @pytest.mark.parametrize(
        ("old", "new"), [("232,00;1392,00", "249,20;1392,00"), ("17,20;103,20", "17,20;130,20")]
    )
    def test_what_is_neither_is_refused(self, old: str, new: str) -> None:
        said = refusal((self.HEAD + self.BOTH.replace(old, new)).encode())
        assert "line 3: vat: " in said
        assert "the same is expected all over an invoice" in said

    def test_a_total_of_all_the_invoices_is_that_of_none(self) -> None:
        two = self.BOTH.replace("F1;02/03/2026;Instruction", "F2;02/03/2026;Instruction")
        right = [(D("17.20"), D("103.20")), (D("232.00"), D("1392.00"))]
        all_of_them = ";;Total HT;1246,00;;\n;;TVA;249,20;;\n;;Total TTC;1495,20;;\n"
        assert self.totals(two + all_of_them) == right
        read = read_csv((self.HEAD + two + ";;Total HT;1160,00;;\n").encode(), "f.csv")
        assert [item.total_excl_vat for item in read] == [None, D("1160.00")]  # of the last, as it says

    def test_too_many_such_totals_are_not_all_tried(self) -> None:
        two = self.BOTH.replace("F1;02/03/2026;Instruction", "F2;02/03/2026;Instruction")
        with pytest.raises(FileError):
            read_csv(
                (
                    self.HEAD
                    + two
                    + ";;Total HT;1246,00;;\n" * 20
                    + ";;Total HT;1160,00;;\n;;Total HT;1246,00;;\n"
                ).encode(),
                "f.csv",
            )

    def test_a_status_is_what_the_document_says(self) -> None:
        head, rows = "Numéro;Statut;Désignation;Montant HT\n", "F1;Payée;Dossier;86,00\nF1;;Autre;5,00\n"
        (read,) = read_csv((head + rows).encode(), "f.csv")
        assert read.remarks == ("Payée",)
