"""The check of an invoice on the page: what is shown where something is missing, and the workbook."""

import io
from dataclasses import replace
from decimal import Decimal

from python_calamine import CalamineWorkbook

from opqibi_rules.invoice.papers.invoice_document import check_document, run_document
from opqibi_rules.messages import Message, Text
from opqibi_rules.paper.document import Cell, Document, Table
from opqibi_rules.paper.document_xlsx import document_xlsx
from opqibi_rules.paper.language import Language
from tests.invoice.bills import ON, bill, check_invoice, first, line, totals

ENGLISH = Language("en")


def shown(text: str) -> str:
    return " ".join(text.split())


def test_an_invoice_without_number_nor_day() -> None:
    answer = check_invoice(totals("1160.00", number=None, issued=None), expected=first())
    text = check_document(answer).as_text(ENGLISH)
    assert text.startswith("Invoice (no number)\n")
    assert "Article What for" in shown(text)
    assert "(line" not in text
    named = replace(answer, invoice=replace(answer.invoice, file="scan.xml"))
    assert check_document(named).as_text(ENGLISH).startswith("Invoice scan.xml\n")


def test_nothing_is_compared_without_amounts() -> None:
    answer = check_invoice(
        totals("1.00", total_excl_vat=None, vat=None, total_incl_vat=None), expected=first()
    )
    assert "What for" not in check_document(answer).as_text(ENGLISH)


def test_no_total_is_due_where_a_turnover_is_missing() -> None:
    answer = check_invoice(bill(line("Utilisation de la marque", "1657.50")), expected=first(turnover=None))
    text = shown(check_document(answer).as_text(ENGLISH))
    assert "III Brand-usage fee (4 years) (line 1) €1,657.50" in text
    assert "Total excl. VAT" not in text


def test_a_negative_invoice_is_shown_the_right_way_round() -> None:
    answer = check_invoice(totals("-1160.00", total_incl_vat=None), expected=first())
    text = shown(check_document(answer).as_text(ENGLISH))
    assert "Instruction fee -€1,160.00 -€1,160.00 €0.00" in text
    assert "Total excl. VAT -€1,160.00 -€1,160.00 €0.00" in text
    assert "VAT at 20% -€232.00 -€232.00 €0.00" in text
    assert "Total incl. VAT (derived) -€1,392.00 -€1,392.00 €0.00" in text


def test_a_run_counts_its_verdicts() -> None:
    right, wrong = (check_invoice(totals(amount), expected=first()) for amount in ("1160.00", "1161.00"))
    text = shown(run_document([right, wrong, wrong]).as_text(ENGLISH, width=200))
    assert text.startswith("3 invoices checked conform 1 discrepancy 2 undetermined 0")


def test_a_workbook_holds_amounts_days_and_texts() -> None:
    table = Table(
        (Message("a"), Message("b"), Message("c"), Message("d"), Message("e"), Message("f")),
        [
            (
                "=1+1",
                Text("oui", "yes"),
                Message("said"),
                Cell(Decimal("1.10"), "euro"),
                Cell(ON, "date"),
                None,
            )
        ],
    )
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(document_xlsx(Document(Message("t"), tables=[table]), ENGLISH))
    )
    (_, row) = book.get_sheet_by_index(0).to_python()
    assert row[:5] == ["=1+1", "yes", "said", 1.1, ON]
