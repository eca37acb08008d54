"""Whatever an invoice holds, the check answers: no exception, a JSON form, and amounts that add up."""

import decimal
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.invoice.check import check_invoice
from opqibi_rules.invoice.dispute import dispute_letter
from opqibi_rules.invoice.model import Adjustment, Invoice, InvoiceLine, Party, VatGroup
from opqibi_rules.invoice.run import check_run
from opqibi_rules.price.quote import Quote
from opqibi_rules.tables.library import Tables
from tests.invoice.bills import control, first

CODES = Tables().dispute_codes
QUOTES = (
    first(),
    first(turnover=None),
    control(),
    control(new_tariffs={5: 1}),
    first(event="renewal", vat="reunion"),
)

known = st.sampled_from(
    [Decimal(text) for text in ("60", "86.00", "120", "180", "375", "500.00", "1160", "1357.50", "0")]
)
amounts = st.none() | known | st.decimals(-(10**15), 10**15, places=3) | known.map(lambda amount: -amount)
quantities = st.none() | st.integers(-3, 6).map(Decimal) | st.decimals(0, 10, places=2)
rates = st.none() | st.sampled_from([Decimal("0.2"), Decimal("0.085"), Decimal(0), Decimal("0.055")])
words = st.none() | st.sampled_from(
    [
        "Frais d’instruction",
        "tarif 2",
        "Contrôle annuel, nouvelles qualifications",
        "Dossier postulant et marque OPQIBI",
        "x",
    ]
)
categories = st.none() | st.sampled_from(["S", "E", "O", "L", "?"])
lines = st.builds(
    InvoiceLine,
    id=st.sampled_from(["", "1", "2"]),
    name=words,
    description=words,
    quantity=quantities,
    unit_price=amounts,
    amount=amounts,
    vat_rate=rates,
    kind=st.sampled_from(["detail", "group"]),
    vat_category=categories,
    price_quantity=st.none() | st.just(Decimal(0)) | st.just(Decimal(100)),
)
parties = st.builds(
    Party,
    name=words,
    siren=st.none() | st.just("434717997"),
    vat_id=st.none() | st.sampled_from(["FR12434717997", "DE1"]),
    postcode=st.none() | st.sampled_from(["97410", "75011", "?"]),
    country=st.none() | st.sampled_from(["FR", "DE", "XX"]),
)
invoices = st.builds(
    Invoice,
    number=st.none() | st.sampled_from(["F1", "F2"]),
    issued=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    type_code=st.none() | st.sampled_from(["380", "381", "386"]),
    currency=st.none() | st.sampled_from(["EUR", "USD"]),
    seller=parties,
    buyer=parties,
    lines=st.lists(lines, max_size=5).map(tuple),
    lines_total=amounts,
    allowances=amounts,
    charges=amounts,
    total_excl_vat=amounts,
    vat=amounts,
    total_incl_vat=amounts,
    prepaid=amounts,
    rounding=amounts,
    third_party=amounts,
    payable=amounts,
    syntax=st.none() | st.sampled_from(["cii", "ubl", "csv"]),
    profile=st.none() | st.just("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"),
    due=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    vat_groups=st.lists(
        st.builds(VatGroup, rate=rates, taxable=amounts, amount=amounts, category=categories), max_size=2
    ).map(tuple),
    adjustments=st.lists(
        st.builds(
            Adjustment,
            amount=amounts,
            vat_rate=rates,
            vat_category=categories,
            reason=words,
            is_charge=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


@pytest.mark.long
@settings(max_examples=300)
@given(st.lists(invoices, min_size=1, max_size=3), st.sampled_from(QUOTES))
def test_any_invoice_is_answered(bills: list[Invoice], due: Quote) -> None:
    checks = [check_invoice(bill, expected=due) for bill in bills]
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_CEILING)):
        again = [check_invoice(bill, expected=due) for bill in bills]
        letters = [dispute_letter(answer) for answer in again]
    assert again == checks
    assert letters == [dispute_letter(answer) for answer in checks]
    for answer in check_run(checks, CODES, lambda bill: check_invoice(bill, expected=due)):
        content = json.loads(json.dumps(answer.to_dict()))
        assert content["verdict"] in {"conform", "discrepancy", "undetermined"}
        assert content["summary"] == str(answer.summary)
        for explanation in answer.explanations:
            if explanation.confidence == "certain":
                assert len(explanation.changes) == 1
