"""The fees of a schedule, ours or not: the rules hold whatever it declares."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.money import round_cents
from opqibi_rules.price.fees import NONE_HELD, FeeRule, Held, Line, rules_of, total
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Limit, Tranche, Tranches
from tests.asking import ON
from tests.editions.pinned import MORE_FEES, OTHER_BODY, TABLES_2024

SCHEDULE = TABLES_2024.schedule(ON)


def rule(fee: str) -> FeeRule:
    """The rule of one of the fees of the schedule of 08/02/2024."""
    return rules_of(SCHEDULE).fees[fee]


def usage(tranches: list[tuple[str, str | None, str]], floor: str | None, cap: str | None) -> FeeRule:
    """The brand-usage fee, with other tranches, floor and cap."""
    fee = rule("brand_usage").fee
    (part,) = fee.parts
    assert isinstance(part, Tranches)
    part = replace(
        part,
        tranches=tuple(
            Tranche(above=Decimal(above), up_to=None if up_to is None else Decimal(up_to), rate=Decimal(rate))
            for above, up_to, rate in tranches
        ),
        floor=None if floor is None else Limit(article="A", amount=Decimal(floor)),
        cap=None if cap is None else Limit(article="B", amount=Decimal(cap)),
    )
    return FeeRule(replace(fee, parts=(part,)), SCHEDULE)


ODD = [
    ("0", "10.01", "0.0000001"),
    ("10.01", "10.02", "1"),
    ("10.02", "999999999999.99", "0"),
    ("999999999999.99", None, "0.3333333"),
]


@pytest.fixture(scope="module")
def odd() -> FeeRule:
    return usage(ODD, "0", "999999999999.99")


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
def test_tranches_of_any_width_and_rate(odd: FeeRule, turnover: str, exact: str, fee: str) -> None:
    found = odd.lines(turnover=Decimal(turnover))
    assert (total(found), str(odd.amount(turnover=Decimal(turnover)))) == (Decimal(exact), fee)


def test_a_turnover_at_an_edge_has_no_empty_line(odd: FeeRule) -> None:
    for turnover, lines in (("0", 1), ("10.01", 1), ("10.02", 2), ("10.03", 3), ("999999999999.99", 3)):
        assert len(odd.lines(turnover=Decimal(turnover))) == lines


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
    floor: str, cap: str, turnover: str, articles: list[str], fee: str
) -> None:
    found = usage([("0", None, "0.01")], floor, cap)
    lines = found.lines(turnover=Decimal(turnover))
    assert [line.article for line in lines] == articles
    assert [line.part_id for line in lines[1:]] == [
        {"A": "floor", "B": "cap"}[article] for article in articles[1:]
    ]
    assert found.amount(turnover=Decimal(turnover)) == Decimal(fee)


def test_tranches_without_floor_nor_cap_that_start_above_zero() -> None:
    found = usage([("100", "200", "0.01"), ("200", None, "0.005")], None, None)
    # Nothing up to 100; 1 a hundred up to 200; then half of it, without end.
    for turnover, fee in (
        ("0", "0.00"),
        ("100", "0.00"),
        ("150", "0.50"),
        ("200", "1.00"),
        ("10200", "51.00"),
    ):
        assert str(found.amount(turnover=Decimal(turnover))) == fee


@given(st.integers(0, 10**14))
def test_the_lines_add_up_to_the_fee_to_the_cent(cents: int) -> None:
    turnover = Decimal(cents) / 100
    found = rule("brand_usage")
    lines = total(found.lines(turnover=turnover)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert lines == found.amount(turnover=turnover)


Written = tuple[str, str, str, str, int | None, str | None]


def written(lines: tuple[Line, ...], amount: Decimal) -> list[Written]:
    assert amount == round_cents(total(lines))
    return [
        (
            line.part_id,
            line.article,
            str(line.label),
            str(line.amount),
            line.quantity,
            None if line.unit_price is None else str(line.unit_price),
        )
        for line in lines
    ]


def found(
    fee: str, asked: Held = NONE_HELD, new: Held = NONE_HELD, turnover: Decimal | None = None
) -> list[Written]:
    one = rule(fee)
    return written(one.lines(asked, new, turnover), one.amount(asked, new, turnover))


def test_article_1_line_by_line() -> None:
    assert found("dossier") == [("file", "I", "Application file, first application", "86.00", 1, "86.00")]


def test_article_2_line_by_line() -> None:
    assert found("instruction", Held({5: 2, 1: 1, 3: 0}, {5: ("0607", "1905")})) == [
        ("flat", "II.1", "Flat part", "500.00", 1, "500.00"),
        ("each", "II.2", "Qualifications at tariff 1", "60.00", 1, "60.00"),
        ("each", "II.2", "Qualifications at tariff 5: 0607, 1905", "2100.00", 2, "1050.00"),
    ]


def test_article_3_line_by_line() -> None:
    assert found("brand_usage", turnover=Decimal("15000000.01")) == [
        ("tranches", "III", "Tranche from 0 € to 250000 €", "200.00000", None, None),
        ("tranches", "III", "Tranche from 250000 € to 800000 €", "357.50000", None, None),
        ("tranches", "III", "Tranche from 800000 € to 3000000 €", "1100.00000", None, None),
        ("tranches", "III", "Tranche from 3000000 € to 15000000 €", "4800.00000", None, None),
        ("tranches", "III", "Tranche above 15000000 €", "0.0000025", None, None),
    ]
    lines = rule("brand_usage").lines(turnover=Decimal("15000000.01"))
    assert [(str(line.base), str(line.rate)) for line in lines] == [
        ("250000", "0.00080"),
        ("550000", "0.00065"),
        ("2200000", "0.00050"),
        ("12000000", "0.00040"),
        ("0.01", "0.00025"),
    ]
    assert found("brand_usage", turnover=Decimal(0))[1:] == [
        ("floor", "III", "Raised to the floor", "180.00", None, None)
    ]
    assert found("brand_usage") == []


def test_article_4_line_by_line() -> None:
    held, new = Held({4: 1}, {4: ("0103",)}), Held({7: 1, 2: 0}, {7: ("1911",)})
    flat = (
        "new_flat",
        "IV",
        "Flat fee for new qualifications asked for at the control",
        "375.00",
        1,
        "375.00",
    )
    assert found("annual_control", held, new) == [
        ("flat", "IV.1", "Flat part", "125.00", 1, "125.00"),
        ("each", "IV.2", "Qualifications held at tariff 4: 0103", "212.50", 1, "212.50"),
        flat,
        (
            "new_each",
            "II.2",
            "New qualifications at tariff 7, instruction price: 1911",
            "265.00",
            1,
            "265.00",
        ),
    ]
    assert found("annual_control", Held({4: 1}), Held({2: 0})) == [
        ("flat", "IV.1", "Flat part", "125.00", 1, "125.00"),
        ("each", "IV.2", "Qualifications held at tariff 4", "212.50", 1, "212.50"),
    ]


def test_a_schedule_grows_old_after_a_year() -> None:
    ours = rules_of(SCHEDULE)
    assert ours.old_after == date(2025, 2, 8)
    assert "2024-02-08" in str(ours.old_note)


def test_the_sum_of_no_line_is_zero() -> None:
    assert total(()) == 0


def test_the_rules_of_a_schedule_are_made_once() -> None:
    assert rules_of(SCHEDULE) is rules_of(SCHEDULE)


@pytest.mark.parametrize(
    ("tables", "borne"),
    [
        (
            TABLES_2024,
            {
                "first": "dossier instruction brand_usage",
                "renewal": "instruction brand_usage",
                "control": "annual_control",
            },
        ),
        (
            MORE_FEES,
            {
                "first": "dossier instruction brand_usage",
                "renewal": "instruction brand_usage renewal_audit",
                "control": "annual_control site_visit",
            },
        ),
        (
            OTHER_BODY,
            {
                "entree": "expertise cotisation",
                "reprise": "expertise cotisation",
                "suivi": "passage",
                "duplicata": "passage",
            },
        ),
    ],
)
def test_each_event_bears_its_fees_in_the_order_of_the_schedule(
    tables: Tables, borne: dict[str, str]
) -> None:
    rules = rules_of(tables.schedule(ON))
    assert {event: " ".join(one.fee.id for one in fees) for event, (_, fees) in rules.events.items()} == borne


@pytest.mark.parametrize(
    ("turnover", "rounded"),
    [
        ("10.01", True),  # 0.000001001 € of a whole tranche
        ("10", True),  # 0.000001 €
        ("10.02", True),  # 0.010001001 €
        ("0", False),
    ],
)
def test_the_last_tranche_says_that_the_fee_is_rounded(odd: FeeRule, turnover: str, rounded: bool) -> None:
    lines = odd.lines(turnover=Decimal(turnover))
    assert [line.origin.rounded for line in lines] == [False] * (len(lines) - 1) + [rounded]
    assert (total(lines) != odd.amount(turnover=Decimal(turnover))) is rounded
