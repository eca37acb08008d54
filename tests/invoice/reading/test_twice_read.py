"""A value read from a picture is believed where the sums hold it, or where two readings say the same."""

from datetime import date
from decimal import Decimal

import pytest

from opqibi_rules.invoice.reading.page.result import Candidate, Field, State, Value
from opqibi_rules.invoice.reading.page.twice import agreed
from opqibi_rules.paper.pages.words import Box, Page, Place, Word

BOX = Box(100, 100, 160, 110)
NEAR = Box(101, 101, 158, 109)


def read(key: str, value: Value, text: str = "") -> Field:
    place = Place(1, BOX)
    return Field(key, value, State.READ, place, (Candidate(value, text or str(value), place),))


def believed(fields: list[Field], *second: Word, sure: bool = False) -> set[str]:
    page = Page(1, 595, 842, (), sure=sure, second=second)
    return {
        field.key for field in agreed({field.key: field for field in fields}, [page]) if not field.to_confirm
    }


@pytest.mark.parametrize(
    ("field", "again", "alike"),
    [
        (read("number", "F-2026-118"), "F-2026-118", True),
        (read("number", "F-2026-118"), "F-2026-116", False),
        (read("number", "F-BC001"), "F-BCO01", False),  # an O for a nought
        (read("number", "R8765.4"), "R87654", False),  # a stain read as a point
        (read("date", date(2026, 3, 2), "02/03/2026"), "02.03.2026", True),  # its points aside
        (read("date", date(2026, 3, 2), "02/03/2026"), "02/03/2028", False),
        (read("iban", "FR7630006000011234567890189"), "IBAN:FR7630006000011234567890189", True),
        (read("seller", "Étude SARL"), "Etude SARL", False),
    ],
)
def test_a_value_is_believed_where_both_readings_say_it(field: Field, again: str, alike: bool) -> None:
    assert (believed([field], Word(again, NEAR)) == {field.key}) is alike


def test_what_stands_elsewhere_confirms_nothing() -> None:
    elsewhere = Word("F-2026-118", Box(100, 130, 160, 140))
    assert believed([read("number", "F-2026-118")], elsewhere) == set()
    assert believed([read("number", "F-2026-118")]) == set()


def test_two_words_of_one_reading_are_one_of_the_other() -> None:
    words = Word("F-2026-", Box(100, 100, 130, 110)), Word("118", Box(132, 100, 160, 110))
    assert believed([read("number", "F-2026-118")], *words) == {"number"}


def test_letters_of_a_text_layer_need_no_second_reading() -> None:
    assert believed([read("number", "F-1")], sure=True) == {"number"}


def test_amounts_that_the_sums_hold_need_none() -> None:
    fields = [
        read("total_excl_vat", Decimal("100.00")),
        read("vat.1.amount", Decimal("20.00")),
        read("line.1.amount", Decimal("100.00")),
        read("line.1.quantity", Decimal(5)),
        read("line.1.unit_price", Decimal("20.00")),
        read("line.2.amount", Decimal("7.00")),
        read("line.2.quantity", Decimal(2)),  # 2 × 3,60 is not 7,00
        read("line.2.unit_price", Decimal("3.60")),
        read("line.3.amount", Decimal("7.00")),
        read("line.3.unit_price", Decimal("3.60")),  # no quantity: nothing holds it
        read("line.1.vat_rate", Decimal("0.2"), "20%"),
    ]
    assert believed(fields) == {
        "total_excl_vat",
        "vat.1.amount",
        "line.1.amount",
        "line.1.quantity",
        "line.1.unit_price",
        "line.2.amount",
        "line.3.amount",
    }


def test_a_price_for_a_hundred_is_reckoned_so() -> None:
    fields = [
        read("line.1.amount", Decimal("36.00")),
        read("line.1.quantity", Decimal(200)),
        read("line.1.unit_price", Decimal("18.00")),
        read("line.1.price_quantity", Decimal(100)),
    ]
    assert len(believed(fields)) == 4


def test_the_words_of_a_line_may_stand_on_several_rows() -> None:
    field = read("line.1.name", "Frais d'instruction tarif 2")
    words = [
        Word(text, Box(0, 20 * i, 10, 20 * i + 9))
        for i, text in enumerate(("Frais", "d'instruction", "tarif", "2"))
    ]
    assert believed([field], *words) == {"line.1.name"}
    assert believed([field], *words[:-1], Word("7", Box(0, 300, 10, 309))) == set()


def test_what_is_to_confirm_stays_so() -> None:
    field = Field("number", "F-1", State.TO_CONFIRM, Place(1, BOX))
    assert believed([field], Word("F-1", NEAR)) == set()


def test_a_larger_total_that_adds_up_leaves_the_totals_open() -> None:
    """Of two rates, a stain hid one row: the other was taken for the whole (321.40 + 61.07 of 448.99 + 70.00)."""
    fields = [
        read("total_excl_vat", Decimal("321.40")),
        read("vat", Decimal("61.07")),
        read("total_incl_vat", Decimal("382.47")),
    ]
    page = Page(1, 595, 842, (), sure=False)
    amounts = [Decimal(text) for text in ("321.40", "61.07", "382.47", "448.99", "70.00", "518.99")]

    def left_open(*amounts: Decimal) -> set[str]:
        return {
            one.key
            for one in agreed({field.key: field for field in fields}, [page], amounts)
            if one.to_confirm
        }

    assert left_open(*amounts) == {"total_excl_vat", "vat", "total_incl_vat"}
    assert left_open(*amounts[:5]) == set()
    assert (
        left_open(*amounts[:3], Decimal("500.00"), Decimal("300.00"), Decimal("200.00")) == set()
    )  # no rate of VAT
