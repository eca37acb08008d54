"""What a check shows of an invoice, given back to a check, has the same verdict for the same causes.

Nothing that decides is lost on the way, be it a note, a means of payment, a period or the mark of a copy.
"""

import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.invoice.check import InvoiceCheck, check_invoice
from opqibi_rules.invoice.model import Adjustment, Invoice, InvoiceLine, Party, Period, VatGroup
from opqibi_rules.invoice.reading.invoice_file import invoices_in
from opqibi_rules.price.quote import Quote
from tests.invoice.bills import bill, control, line
from tests.invoice.reading.test_invoice_samples import outcomes
from tests.properties.test_any_invoice import QUOTES, invoices, lines

D = Decimal
APART = frozenset({"notes", "file", "reading", "page_differs"})
"""What decides nothing of data: the reader's own notes, the name of the file, and what only a page has."""
PARTY = Party("OPQIBI", "123456782", "12345678200015", "FR11123456782", "75002", "FR")
WHOLE = Invoice(
    "F-1",
    date(2026, 3, 2),
    "384",
    "EUR",
    "cii",
    "urn:cen.eu:en16931:2017",
    date(2026, 4, 2),
    PARTY,
    replace(PARTY, name="BE Exemple"),
    "Un autre",
    ("987654321",),
    ("FR7630006000011234567890189",),
    ("Un autre",),
    (
        InvoiceLine(
            "1",
            "Sous-total",
            "Total HT",
            D("5.00"),
            D("12.5000"),
            D("62.50"),
            D("0.055"),
            "S",
            "group",
            D(100),
            D("0.10"),
            D("0.20"),
            "ANN",
            Period(date(2026, 3, 1), date(2027, 2, 28)),
            ("1re année",),
        ),
    ),
    D("62.50"),
    D("1.00"),
    D("2.00"),
    D("63.50"),
    D("3.49"),
    D("66.99"),
    D("0.01"),
    D("0.02"),
    D("0.03"),
    D("67.00"),
    (VatGroup(D("0.055"), D("63.50"), D("3.49"), "S", "Article 293 B"),),
    (Adjustment(D("-1.00"), D("0.055"), "S", "Remise", is_charge=False), Adjustment(D(2), is_charge=True)),
    ("F-0",),
    {"F-0": date(2026, 2, 2)},
    Period(date(2026, 3, 1), date(2030, 2, 28)),
    "S2",
    ("48", "97"),
    D("0.04"),
    is_test=True,
    is_copy=True,
    remarks=("Facture acquittée", "Tel\nquel"),
)
"""All that an invoice may say, and nothing that is what an invoice says by default."""

days = st.dates(date(2020, 1, 1), date(2035, 1, 1))
periods = st.none() | st.builds(Period, days, days)
said = st.lists(
    st.sampled_from(
        ["Facture acquittée", "1re année", "TVA non applicable, art. 293 B", "Nouveau RIB", "Merci"]
    ),
    max_size=2,
).map(tuple)
more_of_lines = st.fixed_dictionaries(
    {
        "unit": st.sampled_from([None, "ANN", "MON", "H87"]),
        "period": periods,
        "remarks": said,
        "allowances": st.sampled_from([None, D("0.50")]),
        "kind": st.sampled_from(["detail", "group", "information"]),
        "name": st.sampled_from([None, "Sous-total", "TVA 20 %", "Net à payer", "Frais d’instruction"]),
    }
)
more = st.fixed_dictionaries(
    {
        "remarks": said,
        "means": st.sampled_from([(), ("48",), ("30", "97")]),
        "process": st.sampled_from([None, "S1", "S2"]),
        "period": periods,
        "is_test": st.booleans(),
        "is_copy": st.booleans(),
        "advances": st.sampled_from([None, D(100)]),
        "preceding": st.sampled_from([(), ("F0",), ("F0", "F9")]),
        "preceding_days": st.sampled_from([{}, {"F0": date(2026, 1, 2)}]),
        "payee_ids": st.sampled_from([(), ("987654321",)]),
        "account_names": st.sampled_from([(), ("Un autre",)]),
        "type_code": st.sampled_from(["380", "381", "384", "325", None]),
    }
)


def read_back(shown: InvoiceCheck) -> Invoice:
    (invoice,) = invoices_in(json.dumps(shown.to_dict()).encode(), "again.json")
    return invoice


def why(answer: InvoiceCheck) -> tuple[Any, ...]:
    return answer.verdict, answer.verdicts, answer.summary, answer.findings, answer.explanations, answer.rows


def test_nothing_of_an_invoice_is_lost() -> None:
    for item in fields(Invoice):
        assert item.name in APART or getattr(WHOLE, item.name) != item.default, item.name
    for one in (WHOLE, bill(line("Contrôle annuel", "248.00"))):
        for form in ({"invoice": one.to_dict()}, one.to_dict(), [{"invoice": one.to_dict()}]):
            assert invoices_in(json.dumps(form).encode(), "again.json") == (one,)


def test_a_price_keeps_its_decimals_for_they_say_how_it_was_rounded() -> None:
    """1,000 × 12.4999 is 12,499.90; a price at two decimals would be right to 5 €, and one at four, to 5 cents."""
    one = replace(line("Contrôle", "12500.00", "1000", "12.5000"), amount=D("12499.90"))
    answer = check_invoice(bill(one), expected=control())
    assert "line_amount" in [item.code for item in answer.findings]
    assert why(check_invoice(read_back(answer), expected=control())) == why(answer)


@given(invoices, st.lists(st.tuples(lines, more_of_lines), max_size=3), more, st.sampled_from(QUOTES))
def test_the_second_verdict_is_the_first(
    whole: Invoice, each: list[tuple[InvoiceLine, dict[str, Any]]], besides: dict[str, Any], due: Quote
) -> None:
    one = replace(whole, lines=tuple(replace(item, **told) for item, told in each), **besides)
    answer = check_invoice(one, expected=due)
    again = check_invoice(read_back(answer), expected=due)
    assert why(again) == why(answer)


def test_the_samples_too() -> None:
    for outcome in outcomes():
        if outcome.invoice is None:
            continue
        answer = check_invoice(outcome.invoice, expected=control())
        try:
            again = read_back(answer)
        except FileError:  # a page says what it left to confirm, and is to be given itself
            assert answer.verdict != "conform"
            assert outcome.invoice.reading is not None or outcome.invoice.page_differs
            continue
        assert why(check_invoice(again, expected=control())) == why(answer), outcome.file


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "cancelled"}, "$[0]: status: no key"),
        ({"reading": [{"key": "number", "to_confirm": True}]}, "$[0]: reading: no key"),
        ({"page_differs": [{"key": "payable"}]}, "$[0]: page_differs: no key"),
        ({"means": "48"}, "$[0].means: a list expected"),
        ({"is_copy": "yes"}, "$[0].is_copy: true or false"),
        ({"date": "2026-02-30"}, "$[0].date: not a day"),
        ({"vat": "1 000,00"}, "$[0].vat: « 1 000,00 » is no number"),
        ({"number": True}, "$[0].number: a text"),
        ({"seller": "OPQIBI"}, "$[0].seller: a group of fields"),
        ({"preceding_days": []}, "$[0].preceding_days: a group of fields"),
        ({"lines": [{"id": "1", "kind": "void"}]}, "$[0].lines[0].kind: detail, group, information"),
        ({"lines": [{"name": "Dossier"}]}, "$[0].lines[0].id: missing"),
        ({"lines": [{"id": "1"}] * 1001}, "over 1000 invoice lines"),
    ],
)
def test_what_was_changed_by_hand_is_read_or_refused(change: dict[str, object], told: str) -> None:
    form = {**bill(line("Contrôle annuel", "248.00")).to_dict(), **change}
    with pytest.raises(FileError) as caught:
        invoices_in(json.dumps(form).encode(), "f.json")
    assert told in str(caught.value)


def test_what_is_left_out_is_not_said() -> None:
    (read,) = invoices_in(b'{"syntax": null, "seller": {}, "buyer": {}}', "f.json")
    assert read == Invoice(None, None)
