"""The page of an invoice says what the document is."""

import pytest

from opqibi_rules.invoice.papers.page import title_of
from tests.invoice.bills import totals


@pytest.mark.parametrize(
    ("type_code", "title"), [("380", "Invoice F1"), ("384", "Invoice F1"), ("381", "Credit note F1")]
)
def test_a_credit_note_is_not_headed_as_an_invoice(type_code: str, title: str) -> None:
    assert str(title_of(totals("1160.00", type_code=type_code))) == title
