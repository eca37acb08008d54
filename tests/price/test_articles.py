"""The four fees from a schedule that is not ours: the rules hold whatever the amounts."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.money import round_cents
from opqibi_rules.price.fees import FEES, Articles, Fee, articles_of, total
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Schedule
from tests.asking import ON
from tests.tables.editing import shipped


def schedule(folder: Path, tranches: list[tuple[str, str | None, str]], floor: str, cap: str) -> Schedule:
    """Ours, with other tranches, floor and cap."""
    text = shipped("bareme_2024.yaml")
    start, end = text.index('    - { above: "0"'), text.index("  energy_audit_codes")
    lines = [
        f'    - {{ above: "{above}", up_to: {"null" if up_to is None else repr(up_to)}, rate: "{rate}" }}\n'
        for above, up_to, rate in tranches
    ]
    limits = f'  floor: {{ article: "A", amount: "{floor}" }}\n  cap: {{ article: "B", amount: "{cap}" }}\n'
    (folder / "own.yaml").write_text(text[:start] + "".join(lines) + limits + text[end:], "utf-8")
    return Tables(folder).schedule(ON)


ODD = [
    ("0", "10.01", "0.0000001"),
    ("10.01", "10.02", "1"),
    ("10.02", "999999999999.99", "0"),
    ("999999999999.99", None, "0.3333333"),
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Articles:
    return Articles(schedule(tmp_path_factory.mktemp("odd"), ODD, "0", "999999999999.99"))


@pytest.mark.parametrize(
    ("turnover", "exact", "fee"),
    [
        ("0", "0", "0.00"),
        ("10.01", "0.000001001", "0.00"),
        ("10.02", "0.010001001", "0.01"),
        ("10.03", "0.010001001", "0.01"),
        ("999999999999.99", "0.010001001", "0.01"),
        ("1000000000000.00", "0.013334334", "0.01"),
    ],
)
def test_tranches_of_any_width_and_rate(odd: Articles, turnover: str, exact: str, fee: str) -> None:
    usage = odd.brand_usage(Decimal(turnover))
    assert (total(usage.lines), str(usage.amount)) == (Decimal(exact), fee)


def test_a_turnover_at_an_edge_has_no_empty_line(odd: Articles) -> None:
    for turnover, lines in (("0", 1), ("10.01", 1), ("10.02", 2), ("10.03", 3), ("999999999999.99", 3)):
        assert len(odd.brand_usage(Decimal(turnover)).lines) == lines


@pytest.mark.parametrize(
    ("floor", "cap", "turnover", "articles", "fee"),
    [
        ("5", "5", "100", ["III", "A"], "5.00"),
        ("5", "5", "1000", ["III", "B"], "5.00"),
        ("5", "5", "500", ["III"], "5.00"),
        ("0", "0", "0", ["III"], "0.00"),
        ("0", "0", "100", ["III", "B"], "0.00"),
        ("1.01", "2", "100.50", ["III"], "1.01"),
        ("1.02", "2", "100.50", ["III", "A"], "1.02"),
        ("0", "1", "100.50", ["III", "B"], "1.00"),
        ("0", "1.01", "100.50", ["III"], "1.01"),
    ],
)
def test_floor_and_cap_come_after_the_rounding(
    tmp_path: Path, floor: str, cap: str, turnover: str, articles: list[str], fee: str
) -> None:
    usage = Articles(schedule(tmp_path, [("0", None, "0.01")], floor, cap)).brand_usage(Decimal(turnover))
    assert [line.article for line in usage.lines] == articles
    assert str(usage.amount) == fee


@given(st.integers(0, 10**14))
def test_the_lines_add_up_to_the_fee_to_the_cent(cents: int) -> None:
    usage = articles_of(Tables().schedule(ON)).brand_usage(Decimal(cents) / 100)
    assert total(usage.lines).quantize(Decimal("0.01"), ROUND_HALF_UP) == usage.amount


@pytest.fixture
def ours() -> Articles:
    """The rules of the schedule of 08/02/2024, made anew."""
    return Articles(Tables().schedule(ON))


def written(fee: Fee) -> list[tuple[str, str, str, str, int | None, str | None]]:
    assert fee.amount == round_cents(total(fee.lines))
    return [
        (
            line.fee,
            line.article,
            str(line.label),
            str(line.amount),
            line.quantity,
            None if line.unit_price is None else str(line.unit_price),
        )
        for line in fee.lines
    ]


def test_article_1_line_by_line(ours: Articles) -> None:
    assert written(ours.dossier()) == [
        ("dossier", "I", "Application file, first application", "86.00", 1, "86.00")
    ]


def test_article_2_line_by_line(ours: Articles) -> None:
    assert written(ours.instruction({5: 2, 1: 1, 3: 0}, {5: ("0607", "1905")})) == [
        ("instruction", "II.1", "Flat part", "500.00", 1, "500.00"),
        ("instruction", "II.2", "Qualifications at tariff 1", "60.00", 1, "60.00"),
        ("instruction", "II.2", "Qualifications at tariff 5: 0607, 1905", "2100.00", 2, "1050.00"),
    ]


def test_article_3_line_by_line(ours: Articles) -> None:
    usage = ours.brand_usage(Decimal("15000000.01"))
    assert written(usage) == [
        ("brand_usage", "III", "Tranche from 0 € to 250000 €", "200.00000", None, None),
        ("brand_usage", "III", "Tranche from 250000 € to 800000 €", "357.50000", None, None),
        ("brand_usage", "III", "Tranche from 800000 € to 3000000 €", "1100.00000", None, None),
        ("brand_usage", "III", "Tranche from 3000000 € to 15000000 €", "4800.00000", None, None),
        ("brand_usage", "III", "Tranche above 15000000 €", "0.0000025", None, None),
    ]
    assert [(str(line.base), str(line.rate)) for line in usage.lines] == [
        ("250000", "0.00080"),
        ("550000", "0.00065"),
        ("2200000", "0.00050"),
        ("12000000", "0.00040"),
        ("0.01", "0.00025"),
    ]
    assert written(ours.brand_usage(Decimal(0)))[1:] == [
        ("brand_usage", "III.min", "Raised to the floor", "180.00", None, None)
    ]


def test_article_4_line_by_line(ours: Articles) -> None:
    assert written(ours.annual_control({4: 1}, {7: 1, 2: 0}, {4: ("0103",)}, {7: ("1911",)})) == [
        ("annual_control", "IV.1", "Flat part", "125.00", 1, "125.00"),
        ("annual_control", "IV.2", "Qualifications held at tariff 4: 0103", "212.50", 1, "212.50"),
        (
            "annual_control",
            "IV.new",
            "Flat fee for new qualifications asked for at the control",
            "375.00",
            1,
            "375.00",
        ),
        (
            "annual_control",
            "II.2",
            "New qualifications at tariff 7, instruction price: 1911",
            "265.00",
            1,
            "265.00",
        ),
    ]
    assert written(ours.annual_control({4: 1}, {2: 0})) == [
        ("annual_control", "IV.1", "Flat part", "125.00", 1, "125.00"),
        ("annual_control", "IV.2", "Qualifications held at tariff 4", "212.50", 1, "212.50"),
    ]


def test_a_schedule_grows_old_after_a_year(ours: Articles) -> None:
    assert ours.old_after == date(2025, 2, 8)
    assert str(ours.old_note) == (
        "The schedule is of 2024-02-08, the latest known here: over a year old, it may have been replaced. "
        "Check with OPQIBI."
    )


def test_the_sum_of_no_line_is_zero() -> None:
    assert total(()) == 0


def test_the_rules_of_a_schedule_are_made_once() -> None:
    ours = Tables().schedule(ON)
    assert articles_of(ours) is articles_of(ours)
    assert articles_of(ours) is not articles_of(Tables().schedule(ON))


def test_the_fees_stand_in_the_order_of_the_schedule() -> None:
    assert FEES == ("dossier", "instruction", "brand_usage", "annual_control")
