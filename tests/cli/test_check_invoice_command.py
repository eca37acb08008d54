"""``check-invoice`` and the inversions as their users call them: words, forms and exit codes of the contract."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from opqibi_rules.cli import progress
from opqibi_rules.cli.main import run
from opqibi_rules.invoice.check import check_invoice
from opqibi_rules.invoice.model import Invoice

FIRST = ("-t", "1=5", "-t", "2=3", "--turnover", "2400000")


def invoice(number: str = "F1", amount: str = "1280.00", vat: str = "256.00", **more: Any) -> dict[str, Any]:
    line = {"name": "Frais d’instruction", "quantity": 1, "unit_price": amount, "amount": amount}
    incl_vat = f"{int(amount.replace('.', '')) + int(vat.replace('.', '')):03d}"
    return {
        "number": number,
        "date": "2026-03-02",
        "currency": "EUR",
        "seller": {"name": "OPQIBI"},
        "lines": [line],
        "total_excl_vat": amount,
        "vat": vat,
        "total_incl_vat": f"{incl_vat[:-2]}.{incl_vat[-2:]}",
        **more,
    }


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    def save(content: Any, name: str = "F1.json") -> str:
        path = tmp_path / name
        path.write_text(json.dumps(content), "utf-8")
        return str(path)

    return save


def call(
    capfd: pytest.CaptureFixture[str], *arguments: str, command: str = "check-invoice"
) -> tuple[int, str, str]:
    code = run([command, *arguments, *([] if "--lang" in arguments else ["--lang", "en"])])
    out, err = capfd.readouterr()
    return code, out, err


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def test_mainland_france_said_outright_is_not_taken_for_nothing_said(
    capfd: pytest.CaptureFixture[str], saved: Any
) -> None:
    """1 160 at 8.5 % is 98.60, to a buyer of Saint-Denis; « conform » was the answer to --vat metropolitan too."""
    buyer = {"name": "BE Martin", "postcode": "97400", "country": "FR"}
    path = saved(invoice("F1", "1160.00", "98.60", buyer=buyer))
    for said, code in ((None, 0), ("reunion", 0), ("metropolitan", 3), ("guadeloupe", 3), ("20 %", 3)):
        vat = () if said is None else ("--vat", said)
        exit_code, out, _ = call(capfd, path, *FIRST, *vat, "--format", "json")
        told = [item["code"] for item in json.loads(out)["findings"]]
        # Guadeloupe has the rate of Réunion, and is another place all the same.
        assert (exit_code, "territory_differs" in told) == (code, code == 3), said


def test_the_verdict_comes_first_then_the_comparison_then_the_explanation(
    capfd: pytest.CaptureFixture[str], saved: Any
) -> None:
    code, out, _ = call(capfd, saved(invoice()), *FIRST)
    assert code == 1
    text = plain(out)
    assert text.index("Verdict Discrepancy: €120 excl. VAT too much") < text.index(
        "Expected Invoiced Difference"
    )
    assert text.index("Instruction fee (line 1) €1,160.00 €1,280.00 €120.00") < text.index(
        "2 qualifications at tariff 1"
    )
    assert all(len(row) <= 80 for row in out.splitlines())


def test_in_french(capfd: pytest.CaptureFixture[str], saved: Any) -> None:
    code, out, _ = call(capfd, saved(invoice()), *FIRST, "--lang", "fr", "--dispute-text")
    assert code == 1
    text = plain(out)
    assert "Écart de 120 € HT en trop : une qualification au tarif 2 de trop" in text
    assert "2 mars 2026" in text


@pytest.mark.parametrize(
    ("amount", "vat", "code", "verdict"),
    [
        ("1160.00", "232.00", 0, "conform"),
        ("1280.00", "256.00", 1, "discrepancy"),
        ("1160.00", "200.00", 1, "discrepancy"),
    ],
)
def test_exit_codes(
    capfd: pytest.CaptureFixture[str], saved: Any, amount: str, vat: str, code: int, verdict: str
) -> None:
    exit_code, out, _ = call(capfd, saved(invoice("F1", amount, vat)), *FIRST, "--format", "json")
    assert (exit_code, json.loads(out)["verdict"]) == (code, verdict)


@pytest.fixture
def a_control(tmp_path: Path) -> str:
    """A flat part of 125,00 € and two qualifications at 15,00 €, on two lines."""
    path = tmp_path / "inv5.csv"
    path.write_text(
        "number;date;seller;name;quantity;unit price;amount;total excl vat;vat;total incl vat\n"
        "F5;2026-03-02;OPQIBI;Contrôle annuel, forfait;1;125.00;125.00;155.00;31.00;186.00\n"
        "F5;2026-03-02;OPQIBI;Contrôle annuel, tarif 1;2;15.00;30.00;155.00;31.00;186.00\n",
        "utf-8",
    )
    return str(path)


@pytest.mark.parametrize("edition", ["repeated", "more_fees"])
def test_under_a_schedule_of_ones_own(
    capfd: pytest.CaptureFixture[str], a_control: str, edition: str
) -> None:
    own = ("--tables", str(Path(__file__).parents[1] / "editions" / edition), "--event", "control")
    code, out, err = call(capfd, a_control, "-t", "1=2", *own, "--format", "json")
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["explanations"], err) == (0, "conform", [], "")
    assert [(row["expected"], row["invoiced"]) for row in answer["comparison"]] == [
        ("125.00", "125.00"),
        ("30.00", "30.00"),
    ]
    code, out, _ = call(capfd, a_control, "-t", "1=4", *own, "--format", "json")
    answer = json.loads(out)
    assert (code, answer["verdict"]) == (1, "discrepancy")
    assert [(item["cause"], item["effect"]) for item in answer["explanations"]] == [("count_off", "-30.00")]


def test_the_entries_of_a_schedule_of_ones_own(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    lines = [{"name": "Visite de site", "quantity": 2, "unit_price": "10.00", "amount": "20.00"}]
    bill = invoice("V1", "20.00", "4.00", lines=lines)
    own = ("--tables", str(Path(__file__).parents[1] / "editions" / "more_fees"), "--event", "control")
    journal = tmp_path / "journal.txt"
    code, _, err = call(capfd, saved(bill), "-t", "1=2", *own, "--entries", str(journal))
    assert (code, "ValidDate" in err) == (0, True)
    accounts = [row.split("\t")[4] for row in journal.read_text("utf-8").splitlines()[1:]]
    assert accounts == ["6256", "44566", "401"]


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (("--entries", "j.csv", "-o", "nowhere/x.txt"), "no such file or folder"),
        (("--entries", "j.csv", "-o", "j.csv"), "two results"),
        (("--entries", "j.yaml", "--write-supplier", "./j.yaml"), "two results"),
        (("--entries", "F1.json", "-o", "x.txt"), "already reads"),
    ],
)
def test_nothing_is_written_where_one_of_several_results_cannot_be(
    capfd: pytest.CaptureFixture[str], saved: Any, monkeypatch: pytest.MonkeyPatch, targets: Any, said: str
) -> None:
    path = Path(saved(invoice("A", "1160.00", "232.00")))
    monkeypatch.chdir(path.parent)
    before = path.read_bytes()
    code, _, err = call(capfd, path.name, *FIRST, *targets)
    assert (code, said in err) == (2, True)
    assert [item.name for item in path.parent.iterdir()] == ["F1.json"]
    assert path.read_bytes() == before


def test_an_undetermined_invoice(capfd: pytest.CaptureFixture[str], saved: Any) -> None:
    exit_code, out, _ = call(capfd, saved(invoice(currency="USD")), *FIRST)
    assert exit_code == 3
    assert "Undetermined: The price cannot be compared: the invoice is in USD" in plain(out)


def test_several_files_are_a_list_and_the_worst_code(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    saved(invoice("A", "1160.00", "232.00"), "a.json")
    saved(invoice("B"), "b.json")
    (tmp_path / "notes.txt").write_text("not an invoice", "utf-8")
    code, out, err = call(capfd, str(tmp_path), *FIRST, "--format", "json", "--dispute-text")
    answers = json.loads(out)
    assert code == 1
    assert [item["verdict"] for item in answers] == ["conform", "discrepancy"]
    assert answers[0]["dispute_text"] is None
    assert answers[1]["dispute_text"].startswith("Subject: your invoice B of 2 March 2026")
    assert err == ""


def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    good, bad = saved(invoice("A", "1160.00", "232.00"), "a.json"), str(tmp_path / "none.json")
    code, out, err = call(capfd, good, bad, *FIRST, "--format", "json")
    assert code == 2
    assert "none.json" in err
    assert json.loads(out)[1]["source"] == bad
    code, out, err = call(capfd, bad, *FIRST)
    assert (code, out) == (2, "")


def test_an_empty_folder(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = call(capfd, str(tmp_path), *FIRST)
    assert (code, out) == (2, "")
    assert "holds no file to read" in err


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_other_forms(capfd: pytest.CaptureFixture[str], saved: Any, form: str) -> None:
    code, out, _ = call(capfd, saved(invoice()), *FIRST, "--format", form)
    assert code == 1
    assert "1,280.00" in out or "1280.00" in out


def test_a_csv_of_several_has_a_row_each_then_the_findings(
    capfd: pytest.CaptureFixture[str], saved: Any
) -> None:
    files = [saved(invoice(name), f"{name}.json") for name in ("A", "B")]
    _, out, _ = call(capfd, *files, *FIRST, "--format", "csv")
    rows = list(csv.reader(io.StringIO(out.lstrip("\ufeff"))))
    assert [row[1] for row in rows[1:3]] == ["A", "B"]
    assert {row[3] for row in rows[5:]} >= {"fee_amount", "fee_not_billed"}


def test_a_workbook_of_several(capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path) -> None:
    files = [  # of two structures: one fee billed twice to nobody says which is undetermined
        saved(invoice(name, "1160.00", "232.00", buyer={"name": f"BE {name}"}), f"{name}.json")
        for name in ("A", "=B")
    ]
    target = tmp_path / "checked.xlsx"
    code, _, _ = call(capfd, *files, *FIRST, "-o", str(target))
    assert code == 0
    book = CalamineWorkbook.from_path(str(target))
    assert book.sheet_names == ["Invoices", "Findings"]
    rows = book.get_sheet_by_name("Invoices").to_python()
    assert [row[1] for row in rows] == ["Invoice", "A", "=B"]
    assert rows[1][4] == 1160.0
    assert rows[1][3] == "conform"


def test_the_tolerance_the_fees_and_another_turnover(capfd: pytest.CaptureFixture[str], saved: Any) -> None:
    mark = invoice(lines=[], total_excl_vat="1657.50", vat="331.50", total_incl_vat="1989.00")
    options = ("--fees", "brand_usage", "--other-turnover", "total=3 000 000,00")
    code, out, _ = call(capfd, saved(mark), *FIRST, *options, "--format", "json")
    assert code == 1
    (told, *_) = json.loads(out)["explanations"]
    assert told["message"] == "the turnover taken is total: €3,000,000"
    assert told["values"] == {"name": {"name": "total"}, "amount": "3000000.00"}
    assert call(capfd, saved(mark), *FIRST, *options, "--tolerance", "300")[0] == 0


@pytest.mark.parametrize(
    "options",
    [
        ("--other-turnover", "3000000"),
        ("--other-turnover", "x=y"),
        ("--fees", "mark"),
        ("--tolerance", "1,234.56"),
    ],
)
def test_bad_options(capfd: pytest.CaptureFixture[str], saved: Any, options: tuple[str, str]) -> None:
    code, out, err = call(capfd, saved(invoice()), *FIRST, *options)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1


def test_a_structure_file(capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path) -> None:
    firm = tmp_path / "firm.yaml"
    firm.write_text(
        "qualifications:\n  - {code: '1905', tariff: 5}\nturnovers:\n"
        "  - {year: 2024, energy_audit: '3000000'}\n  - {year: 2025, energy_audit: '2400000'}\n",
        "utf-8",
    )
    mark = invoice(lines=[], total_excl_vat="1657.50", vat="331.50", total_incl_vat="1989.00")
    asked = (saved(mark), "--structure", str(firm), "--fees", "brand_usage", "--format", "json")
    assert call(capfd, *asked)[0] == 3  # requested in 2025, it would be on the turnover of 2024
    code, out, err = call(capfd, *asked, "--date", "2026-03-02")
    assert err == ""
    assert code == 1
    assert "year 2024" in json.loads(out)["explanations"][0]["message"]


def test_the_purchase_journal(capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path) -> None:
    target = tmp_path / "journal.txt"
    good, bad = saved(invoice("A", "1160.00", "232.00"), "a.json"), saved(invoice("B"), "b.json")
    code, _, err = call(capfd, good, bad, *FIRST, "--entries", str(target))
    assert code == 1
    assert "1 invoice with a discrepancy is not booked." in err
    assert "a file to import, not the legal FEC: the day of validation (ValidDate) is empty" in err
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8")), delimiter="\t"))
    assert [(row["CompteNum"][:4], row["Debit"], row["Credit"]) for row in rows] == [
        ("6228", "1160,00", "0,00"),
        ("4456", "232,00", "0,00"),
        ("401", "0,00", "1392,00"),
    ]
    assert call(capfd, good, *FIRST, "--entries", str(target), "--prepaid", "weeks")[0] == 2
    assert call(capfd, good, *FIRST, "--entries", str(target), "--prepaid", "none")[0] == 0
    ledger = target.with_suffix(".beancount")
    code, _, err = call(capfd, good, *FIRST, "--entries", str(ledger))
    assert (code, err) == (0, "")  # a ledger knows no day of validation: nothing to be said of it
    assert "  Liabilities:401:OPQIBI  -1392.00 EUR\n" in ledger.read_text("utf-8")
    refused = call(capfd, good, *FIRST, "--entries", str(ledger), "--validated", "2026-12-31")
    assert refused[0] == 2
    assert "--validated is for the FEC" in refused[2]


def test_a_deposit_is_booked_with_its_final_invoice_and_that_is_said(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    """30 % of 1 160,00 is 348,00, 417,60 incl. VAT: the final invoice bears all of the expense."""
    target = tmp_path / "journal.txt"
    deposit = saved(invoice("AC1", "348.00", "69.60", type="386", date="2026-02-20"), "deposit.json")
    final = saved(invoice("F1", "1160.00", "232.00", prepaid="417.60", payable="974.40"), "final.json")
    code, _, err = call(capfd, deposit, final, *FIRST, "--entries", str(target))
    assert code == 0
    assert "deposit.json, AC1 is not booked by itself: A deposit on F1, which deducts it" in err
    assert {row[0] for row in booked(target, "PieceRef")} == {"F1"}


def booked(path: Path, *columns: str) -> list[tuple[str, ...]]:
    """The rows of a journal, some of their columns."""
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t")
    return [tuple(row[column] for column in columns) for row in rows]


def mark(number: str, **more: Any) -> dict[str, Any]:
    """The brand-usage fee of the year: 1 357,50 €."""
    line = {"name": "Utilisation de la marque", "quantity": 1, "unit_price": "1357.50", "amount": "1357.50"}
    return {**invoice(number, "1357.50", "271.50"), "lines": [line], **more}


def test_what_is_prepaid_is_taken_by_the_later_years_up_to_zero(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    # 1 357,50 € from 02/03/2026, 1 461 days. To 30/06: 121, 486, 852, 1 217, 1 461: 112,43; 451,57 (451,573…);
    # 791,64 (791,642…); 1 130,79 (1 130,785…); so 339,14, 340,07, 339,15 and 226,71 after 112,43.
    target, source = tmp_path / "journal.txt", saved(mark("M1"))
    words = (source, *FIRST, "--fees", "brand_usage", "--entries", str(target), "--year-end", "30/06")
    code, _, err = call(capfd, *words, "--validated", "2027-12-31")
    assert code == 0, err
    assert "holds the entries to 30 Jun 2030, each at the close of its financial year" in plain(err)
    assert "ValidDate" in err
    assert booked(target, "JournalCode", "EcritureDate", "CompteNum", "Debit", "Credit", "ValidDate") == [
        ("ACH", "20260302", "486", "1245,07", "0,00", "20271231"),
        ("ACH", "20260302", "6511", "112,43", "0,00", "20271231"),
        ("ACH", "20260302", "44566", "271,50", "0,00", "20271231"),
        ("ACH", "20260302", "401", "0,00", "1629,00", "20271231"),
        ("OD", "20270630", "6511", "339,14", "0,00", "20271231"),
        ("OD", "20270630", "486", "0,00", "339,14", "20271231"),
        ("OD", "20280630", "6511", "340,07", "0,00", ""),
        ("OD", "20280630", "486", "0,00", "340,07", ""),
        ("OD", "20290630", "6511", "339,15", "0,00", ""),
        ("OD", "20290630", "486", "0,00", "339,15", ""),
        ("OD", "20300630", "6511", "226,71", "0,00", ""),
        ("OD", "20300630", "486", "0,00", "226,71", ""),
    ]
    assert call(capfd, *words, "--validated", "2031-01-01")[2].count("ValidDate") == 0
    assert "is not the close" in call(capfd, *words[:-1], "31/06")[2]
    assert "--validated" in call(capfd, *words, "--validated", "soon")[2]


def test_a_structure_from_the_standard_input_says_when_its_year_closes(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Piped:
        buffer = io.BytesIO(
            b'qualifications: [{code: "0901", tariff: 1}]\nturnovers: [{year: 2025, engineering: 2400000}]\nyear_end: 30/06\n'
        )

        def fileno(self) -> int:
            raise OSError

    monkeypatch.setattr("sys.stdin", Piped())
    target = tmp_path / "journal.txt"
    code, _, err = call(
        capfd, saved(mark("M1")), "--structure", "-", "--fees", "brand_usage", "--entries", str(target)
    )
    assert code == 0, err
    assert booked(target, "EcritureDate")[4] == ("20270630",)


def test_a_credit_note_gives_back_the_years_of_its_invoice(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    target = tmp_path / "journal.txt"
    back = mark("A1", date="2027-05-01", type_code="381", preceding=["M1"])
    words = (*FIRST, "--date", "2026-03-02", "--fees", "brand_usage", "--entries", str(target))
    call(capfd, saved([mark("M1"), back]), *words)
    balances: dict[tuple[str, str], int] = {}
    for day, account, debit, credit in booked(target, "EcritureDate", "CompteNum", "Debit", "Credit"):
        key = (account, day[:4])
        balances[key] = balances.get(key, 0) + int(debit.replace(",", "")) - int(credit.replace(",", ""))
    # 1 357,50 × 305 / 1 461 = 283,393…: 2027 bears its own year, and the note takes both back, and all that was left.
    assert {key: amount for key, amount in balances.items() if amount} == {
        ("486", "2026"): 107411, ("6511", "2026"): 28339, ("44566", "2026"): 27150, ("401", "2026"): -162900,
        ("486", "2027"): -107411, ("6511", "2027"): -28339, ("44566", "2027"): -27150, ("401", "2027"): 162900,
    }  # fmt: skip
    call(capfd, saved(back), *words)
    assert "A1: the invoice that it corrects is not here" in plain(call(capfd, saved(back), *words)[2])


def test_another_seller_is_named_and_not_opqibi(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    target = tmp_path / "journal.txt"
    other = invoice("Q1", "1160.00", "232.00", seller=None)
    call(capfd, saved(other), *FIRST, "--fees", "instruction", "--entries", str(target))
    assert {row for row in booked(target, "CompAuxNum", "CompAuxLib") if any(row)} == {("OPQIBI", "OPQIBI")}


def test_one_invoice_that_cannot_be_booked_loses_nothing_of_the_others(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    good = saved(invoice("A", "1160.00", "232.00"), "a.json")
    no_number = invoice("B", "1160.00", "232.00")
    del no_number["number"]
    half = {**invoice("C", "1160.00", "232.00"), "vat": None, "total_incl_vat": None}
    journal = tmp_path / "journal.csv"
    files = (good, saved(no_number, "b.json"), saved(half, "c.json"))
    code, out, err = call(capfd, *files, *FIRST, "--entries", str(journal), "--format", "json")
    assert code == 2
    answers = json.loads(out)
    assert (len(answers), answers[0]["verdict"]) == (3, "conform")
    assert "b.json is not booked: An invoice without number and date" in err
    assert "c.json, C is not booked" in err
    assert journal.read_text("utf-8-sig").count("OPQIBI A") == 3


def test_one_invoice_of_a_file_that_cannot_be_read_loses_nothing_of_the_others(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "run.csv"
    source.write_text(
        "N°;Date;Vendeur;Libellé;Montant HT;TVA;Total TTC\n"
        "A;2026-03-02;OPQIBI;Frais d'instruction;1160,00;232,00;1392,00\n"
        "B;2026-03-02;OPQIBI;Frais d'instruction;mille;232,00;1392,00\n",
        "utf-8",
    )
    code, out, err = call(capfd, str(source), *FIRST, "--format", "json")
    answers = json.loads(out)
    assert code == 2
    assert [item.get("verdict") for item in answers] == ["conform", None]
    assert "line 3, amount: « mille » is not an amount" in err
    assert answers[1]["error"] in err


def test_a_fault_of_ours_on_one_invoice_loses_nothing_of_the_others(
    capfd: pytest.CaptureFixture[str], saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = check_invoice

    def check(bill: Invoice, **options: Any) -> Any:
        if bill.number == "B":
            raise ZeroDivisionError
        return real(bill, **options)

    monkeypatch.setattr("opqibi_rules.cli.commands.invoices.check_invoice.check_invoice", check)
    bills = [invoice(number, "1160.00", "232.00") for number in ("A", "B", "C")]
    code, out, err = call(capfd, saved(bills), *FIRST, "--format", "json")
    answers = json.loads(out)
    assert code == 4
    assert [item["invoice"]["number"] for item in answers[:2]] == ["A", "C"]
    assert answers[2]["source"] == "F1.json, B"
    assert "A fault of ours" in err


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "xlsx"])
def test_half_a_character_is_never_a_traceback(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    text = json.dumps(invoice("A", "1160.00", "232.00"))
    odd = tmp_path / os.fsdecode(b"F\xff.json")
    odd.write_text(text, "utf-8")
    half = tmp_path / "half.json"
    half.write_text(text.replace('"A"', '"N\\ud800"'), "utf-8")
    out, journal = tmp_path / f"out.{form}", tmp_path / "journal.xlsx"
    options = (*FIRST, "--format", form, "-o", str(out), "--entries", str(journal))
    code, _, err = call(capfd, str(odd), str(half), *options)
    assert code == 2
    assert "half a character" in err
    assert "fault" not in err
    assert out.stat().st_size
    assert journal.stat().st_size


def test_progress_is_told_to_a_person(
    capfd: pytest.CaptureFixture[str], saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(progress, "_EVERY", 0)
    monkeypatch.setattr("sys.stderr", screen)
    files = [saved(invoice(name, "86.00", "17.20"), f"{name}.json") for name in ("A", "B")]
    call(capfd, *files, *FIRST)
    assert "\r1 of 2 files" in screen.getvalue()
    assert "\r2 of 2 files" in screen.getvalue()


def test_many_explanations_are_cut_on_a_screen(capfd: pytest.CaptureFixture[str], saved: Any) -> None:
    # 125 + 20 × 15 + 20 × 30 + 20 × 54 = 2 105,00; 120,00 more is seven single changes.
    control = invoice(lines=[], total_excl_vat="2225.00", vat="445.00", total_incl_vat="2670.00")
    _, out, _ = call(capfd, saved(control), "--event", "control", "-t", "1=20", "-t", "2=20", "-t", "6=20")
    # Two differences in the comparison, and six of the seven explanations.
    assert plain(out).count("€120.00") == 8
    assert "1 more explanation, in the JSON form." in plain(out)


class TestTheTurnoverOfAFee:
    def test_a_range(self, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = call(capfd, "1 657,50", "--date", "2026-03-02", command="turnover-from-fee")
        assert code == 0
        assert "From €2,999,990.00" in plain(out)
        assert "To €3,000,012.49" in plain(out)

    def test_the_cap_has_no_end(self, capfd: pytest.CaptureFixture[str]) -> None:
        _, out, _ = call(capfd, "40000", "--date", "2026-03-02", command="turnover-from-fee")
        assert "no limit" in out

    def test_no_turnover(self, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = call(capfd, "12", "--date", "2026-03-02", command="turnover-from-fee")
        assert code == 1
        assert "no turnover gives that amount" in out

    def test_json(self, capfd: pytest.CaptureFixture[str]) -> None:
        _, out, _ = call(
            capfd, "180", "--date", "2026-03-02", "--format", "json", command="turnover-from-fee"
        )
        assert json.loads(out)["turnovers"] == {"fee": "180.00", "lowest": "0.00", "highest": "225006.24"}
        _, out, _ = call(capfd, "12", "--date", "2026-03-02", "--format", "json", command="turnover-from-fee")
        assert json.loads(out)["turnovers"] is None


class TestTheCountsOfAFee:
    def test_all_the_combinations(self, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = call(capfd, "740", "--date", "2026-03-02", command="counts-from-fee")
        # 240 is 240, 120 × 2, 120 + 60 × 2, 60 × 4.
        assert code == 0
        assert "All the combinations of at most 20 qualifications: 4." in out

    def test_json(self, capfd: pytest.CaptureFixture[str]) -> None:
        options = ("--fee", "annual_control", "--most", "3", "--date", "2026-03-02", "--format", "json")
        _, out, _ = call(capfd, "352.50", *options, command="counts-from-fee")
        assert json.loads(out)["counts"] == [{"1": 1, "4": 1}]

    def test_too_many_to_show(self, capfd: pytest.CaptureFixture[str]) -> None:
        _, out, _ = call(capfd, "3500", "--date", "2026-03-02", command="counts-from-fee")
        assert "The first 40 are shown; --format json has them all." in out

    def test_none(self, capfd: pytest.CaptureFixture[str]) -> None:
        code, out, _ = call(capfd, "501", "--date", "2026-03-02", command="counts-from-fee")
        assert code == 1
        assert out.rstrip().endswith(": 0.")

    @pytest.mark.parametrize("options", [("--most", "0"), ("--most", "61"), ("--fee", "dossier")])
    def test_bad_options(self, capfd: pytest.CaptureFixture[str], options: tuple[str, str]) -> None:
        code, out, err = call(capfd, "740", *options, "--date", "2026-03-02", command="counts-from-fee")
        assert (code, out) == (2, "")
        assert len(err.strip().splitlines()) == 1


IBAN, OTHER_IBAN = "FR7630006000011234567890189", "FR1420041010050500013M02606"
WHOLE = {
    **invoice("F1", "1160.00", "232.00"),
    "seller": {"name": "OPQIBI", "siren": "732829320"},
    "iban": IBAN,
}


class TestWhoBills:
    """What an accepted invoice showed is kept, and the next one is compared with it."""

    def test_nobody_is_settled_by_a_word(self, capfd: pytest.CaptureFixture[str], saved: Any) -> None:
        path = saved({**WHOLE, "seller": {}})
        assert call(capfd, path, *FIRST)[0] == 3
        assert call(capfd, path, *FIRST, "--confirm", "seller=OPQIBI")[0] == 0
        assert call(capfd, path, *FIRST, "--confirm", "seller=Qualibat")[0] == 1
        for wrong in ("OPQIBI", "vendeur=OPQIBI", "seller="):
            code, out, err = call(capfd, path, *FIRST, "--confirm", wrong)
            assert (code, out) == (2, "")
            assert "confirm" in err

    def test_it_is_kept_and_compared(
        self, capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
    ) -> None:
        kept = tmp_path / "opqibi.yaml"
        assert call(capfd, saved(WHOLE), *FIRST, "--write-supplier", str(kept))[0] == 0
        assert kept.read_text("utf-8") == f'name: "OPQIBI"\nsiren: "732829320"\nibans: ["{IBAN}"]\n'
        assert call(capfd, saved(WHOLE), *FIRST, "--supplier", str(kept))[0] == 0
        code, out, _ = call(capfd, saved({**WHOLE, "iban": OTHER_IBAN}), *FIRST, "--supplier", str(kept))
        assert code == 1
        assert OTHER_IBAN in out
        # What is there is not replaced: a changed account is asked about first.
        code, _, err = call(capfd, saved(WHOLE), *FIRST, "--write-supplier", str(kept))
        assert code == 2
        assert "exists" in err

    @pytest.mark.parametrize("name", ["opqibi.pdf", "opqibi.json", "opqibi.csv"])
    def test_it_is_yaml_and_bears_no_other_name(
        self, capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path, name: str
    ) -> None:
        kept = tmp_path / name
        code, out, err = call(capfd, saved(WHOLE), *FIRST, "--write-supplier", str(kept))
        assert (code, out, kept.exists()) == (2, "", False)
        assert "--write-supplier" in err
        assert ".yaml, .yml" in err

    def test_it_stands_beside_the_structure(
        self, capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
    ) -> None:
        firm = tmp_path / "firm.yaml"
        firm.write_text('siren: "434717997"\nqualifications: []\n', "utf-8")
        asked = (*FIRST, "--structure", str(firm))
        assert call(capfd, saved(WHOLE), *asked)[0] == 0
        (tmp_path / "supplier.yaml").write_text('siren: "552100554"\n', "utf-8")
        code, out, _ = call(capfd, saved(WHOLE), *asked, "--format", "json")
        assert (code, "seller_siren_changed" in out) == (1, True)
        (tmp_path / "supplier.yaml").write_text("iban: 12\n", "utf-8")
        code, out, err = call(capfd, saved(WHOLE), *asked)
        assert (code, out, "supplier.yaml" in err) == (2, "", True)

    def test_what_is_wrong_is_not_kept(
        self, capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
    ) -> None:
        kept = tmp_path / "opqibi.yaml"
        code, _, err = call(
            capfd, saved({**WHOLE, "seller": "Qualibat"}), *FIRST, "--write-supplier", str(kept)
        )
        assert (code, kept.exists()) == (1, False)
        assert str(kept) in err
        bare = {key: value for key, value in WHOLE.items() if key != "iban"}
        assert call(capfd, saved({**bare, "seller": "OPQIBI"}), *FIRST, "--write-supplier", str(kept))[0] == 0
        assert not kept.exists()

    def test_another_buyer(self, capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path) -> None:
        firm = tmp_path / "firm.yaml"
        firm.write_text('siren: "434717997"\nname: Bureau d’études\n', "utf-8")
        bought = {**WHOLE, "buyer": {"name": "Autre SA", "siren": "552100554"}}
        code, out, _ = call(capfd, saved(bought), *FIRST, "--structure", str(firm), "--format", "json")
        answer = json.loads(out)
        assert (code, answer["verdicts"]["parties"], answer["verdicts"]["price"]) == (
            1,
            "discrepancy",
            "conform",
        )


def test_an_invoice_and_its_credit_note_are_booked_together_or_not_at_all(
    capfd: pytest.CaptureFixture[str], saved: Any, tmp_path: Path
) -> None:
    """A gives 5.5 % instead of 20 %: it is disputed, and the credit of a part of it is not booked alone."""
    wrong = invoice("A", "1280.00", "70.40")
    note = invoice("AV", "120.00", "6.60", type_code="381", preceding="A")
    journal = tmp_path / "journal.txt"
    files = (
        saved(wrong, "a.json"),
        saved(note, "av.json"),
        saved(invoice("B", "1160.00", "232.00"), "b.json"),
    )
    code, _, err = call(capfd, *files, *FIRST, "--fees", "instruction", "--entries", str(journal))
    assert code == 1
    assert "2 invoices with a discrepancy are not booked." in plain(err)
    assert {row[0] for row in booked(journal, "PieceRef")} == {"B"}
