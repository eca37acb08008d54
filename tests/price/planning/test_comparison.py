"""Choices: differences worked by hand, and limits that are where the fee turns."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.cli.years_ahead import turnovers_of
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.price.fees import FeeRule, rules_of
from opqibi_rules.price.planning.comparison import (
    NO_RISE,
    Choice,
    Comparison,
    NextEuro,
    OneRise,
    Rise,
    keep_or_drop,
    limits,
    next_rate,
    one_more,
    said_of_rises,
    when_to_add,
)
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import Plan, answer, plan
from opqibi_rules.price.planning.plan_notes import said_of_structures
from opqibi_rules.price.planning.plan_question import plan_question
from opqibi_rules.price.quote import quote
from opqibi_rules.price.structure import Qualification, Turnover
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Limit, Schedule, Tranche, Tranches
from tests import oracle
from tests.editions.pinned import LATER, MORE_FEES, OTHER_BODY, TABLES_2024, Pinned
from tests.price.papers.editions import EDITIONS, EXPORT_DUTY, edition

START = date(2026, 3, 2)
TABLES = TABLES_2024
SCHEDULE = TABLES.schedule(START)


def planned(**asked: Any) -> Plan:
    return plan(**{"start": START, "tariffs": {1: 5, 2: 3}, "turnover": 800_000, "tables": TABLES, **asked})


def costs(comparison: Comparison) -> list[tuple[str, str]]:
    return [(str(choice.name), str(comparison.difference(choice))) for choice in comparison.choices]


def test_when_to_add_one_at_tariff_5() -> None:
    found = when_to_add(planned().question, TABLES, add_tariffs={5: 1})
    assert costs(found) == [
        ("Without them", "0.00"),
        # 1 050 twice and 28 at three controls; 375 + 1 050, 28 at two and 1 050; 1 050.
        ("Asked for now", "2184.00"),
        ("Asked for at the next control", "2531.00"),
        ("Asked for at the renewal", "1050.00"),
    ]
    assert [str(note) for note in found.remarks] == [
        "Reckoned over 5 years, so that the renewal is paid in each choice."
    ]


def test_when_to_add_by_code_from_a_control_on() -> None:
    request = planned(event="control", control=1, years=8).question
    found = when_to_add(request, TABLES, add=(Qualification("0901", 1),))
    # Now: 375 + 60, 15 at two controls, 60 at the renewal and 15 × 3 + 60 in the next cycle.
    assert costs(found)[1:] == [
        ("Asked for now", "630.00"),
        ("Asked for at the next control", "615.00"),
        ("Asked for at the renewal", "165.00"),
    ]
    assert found.remarks == ()


def test_a_choice_adds_to_what_was_already_asked_at_that_event() -> None:
    known = (Change("control", 1, add_tariffs={5: 1}), Change("control", 2, add_tariffs={1: 1}))
    found = when_to_add(planned(changes=known, years=5).question, TABLES, add_tariffs={5: 1, 2: 1})
    # At the next control the flat fee is already paid: 1 050 + 120, 28 + 30 at two controls, 1 050 + 120.
    assert dict(costs(found))["Asked for at the next control"] == "2456.00"


def test_no_control_is_a_choice_where_none_prices_anything_new() -> None:
    """Followed from a visit on: neither this one nor the next; at the resumption, an expertise, 150."""
    asked = {"tables": OTHER_BODY, "tariffs": {1: 2}, "event": "suivi", "turnover": 600_000}
    found = when_to_add(planned(**asked).question, OTHER_BODY, add_tariffs={2: 1})
    assert costs(found) == [("Without them", "0.00"), ("Asked for at the renewal", "150.00")]
    said = "left out, for the schedule other_body prices no new qualification then."
    assert [str(note) for note in found.remarks if "new qualification" in str(note)] == [
        f"Asked for now: {said}",
        f"Asked for at the next control: {said}",
    ]


def test_keep_or_drop() -> None:
    found = keep_or_drop(planned().question, TABLES, drop_tariffs={1: 2})
    assert costs(found) == [
        ("Kept", "0.00"),
        ("Given up at the next control", "-210.00"),  # 30 at three controls, 120 at the renewal
        ("Given up at the renewal", "-120.00"),
    ]
    named = planned(tariffs={1: 1}, qualifications=["0901:2"], event="control", control=2)
    by_code = keep_or_drop(named.question, TABLES, drop=("0901",))
    assert costs(by_code)[1:] == [
        (
            "Given up at the next control",
            "-180.00",
        ),  # 30 at control 3; 120 at the renewal, 30 at a control after
        ("Given up at the renewal", "-150.00"),
    ]


def test_one_more() -> None:
    found = one_more(planned().question, TABLES)
    # Its instruction and three controls.
    assert {tariff: str(cost) for tariff, cost in found.tariffs.items()} == {
        1: "105.00", 2: "210.00", 3: "420.00", 4: "1487.50", 5: "1134.00", 6: "1412.00", 7: "349.00",
    }  # fmt: skip
    assert found.euros == {"engineering": NextEuro(Decimal(800_000), Decimal("0.0005"), Decimal("0.50"))}
    assert (found.to_dict()["turnover"], found.to_dict()["next_euro"]) == ("800000.00", "0.00050")
    without = one_more(planned(turnover=None).question, TABLES)
    assert without.euros == {}
    assert without.to_dict()["turnover"] is without.to_dict()["next_euro"] is None


def test_one_more_that_would_leave_a_fee_undetermined_has_no_cost() -> None:
    audits = planned(tariffs={}, qualifications=["1905:5"], turnover=None, audit_turnover=500_000)
    assert set(one_more(audits.question, TABLES).tariffs.values()) == {None}
    assert one_more(audits.question, TABLES).to_dict()["one_more_qualification"]["1"] is None


@pytest.fixture
def going_on(tmp_path: Path) -> Tables:
    """The other body's schedule takes over on 1 July 2026: three tariffs for seven, another turnover."""
    text = (EDITIONS / "other_body" / "schedule.yaml").read_text("utf-8")
    (tmp_path / "schedule.yaml").write_text(
        text.replace('in_force_from: "2026-01-01"', 'in_force_from: "2026-07-01"'), "utf-8"
    )
    return Pinned(tmp_path)


GOING_ON: dict[str, Any] = {"start": date(2026, 5, 15), "years": 5, "tariffs": {1: 1}, "turnover": None}


def test_one_more_where_a_later_schedule_has_fewer_tariffs(going_on: Tables) -> None:
    """Asked for in 2026 under the schedule of 2024; three visits and an expertise under the other.

    60 + 3 × 12 + 100; 120 + 3 × 18,50 + 150; 240 + 3 × 25 + 220.
    """
    question = planned(**GOING_ON, turnovers={"france": 600_000}, tables=going_on).question
    found = one_more(question, going_on)
    assert {tariff: str(cost) for tariff, cost in found.tariffs.items()} == {
        1: "196.00",
        2: "325.50",
        3: "535.00",
    }
    assert str(found.notes[0]) == (
        "One more at these tariffs is not reckoned, for not all the schedules of the plan (bareme_2024, other_body) "
        "have them: 4, 5, 6, 7."
    )


def test_a_turnover_that_a_later_schedule_of_the_plan_alone_declares(going_on: Tables) -> None:
    """86 + 560; 400 000 at 1 ‰ and 100 000 at 0,50 ‰ are 450, twice; three visits at 12; 50 + 100."""
    asked = {**GOING_ON, "tables": going_on}
    outright = planned(**asked, turnovers={"france": 600_000})
    assert (str(outright.sums.total_excl_vat), outright.missing) == ("1732.00", ())
    by_year = planned(**asked, turnovers_by_year=[{"year": 2025, "france": "600000"}])
    assert by_year.sums == outright.sums
    options = turnovers_of(["2025=france=600000", "2024=500000"], asked["start"], going_on)
    assert [(item.year, dict(item.amounts)) for item in options] == [
        (2025, {"france": Decimal(600_000)}),
        (2024, {"engineering": Decimal(500_000)}),  # none is named: that of the start
    ]
    assert planned(**asked, turnovers_by_year=options).sums == outright.sums
    again = {name: value for name, value in outright.question.to_dict().items() if value is not None}
    assert plan(tables=going_on, **again).sums == outright.sums  # type: ignore[arg-type] # as JSON has it


def test_a_turnover_of_no_schedule_of_the_plan_is_refused(going_on: Tables) -> None:
    with pytest.raises(
        RequestError, match="none of the schedules bareme_2024, other_body knows a turnover « f »"
    ):
        planned(**GOING_ON, tables=going_on, turnovers={"f": 1})
    # Two years from March 2024 end before the other schedule begins.
    before = {**GOING_ON, "start": date(2024, 3, 1), "years": 2}
    with pytest.raises(RequestError, match="the schedule bareme_2024 knows no turnover « france »"):
        planned(**before, tables=going_on, turnovers={"france": 600_000})
    with pytest.raises(RequestError, match="the schedule bareme_2024 knows no turnover « france »"):
        quote(on=date(2026, 5, 15), tariffs={1: 1}, turnovers={"france": 600_000}, tables=going_on)


def test_the_limits_are_where_the_fee_turns() -> None:
    found = limits(SCHEDULE)
    assert found.to_dict() == {"floor_until": "225000.00", "cap_from": "149170000.00"}
    assert oracle.brand_usage(225_000_00) == oracle.FLOOR < oracle.brand_usage(225_020_00)
    assert oracle.brand_usage(149_170_000_00) == oracle.CAP > oracle.brand_usage(149_169_900_00)


@given(st.integers(0, 160_000_000))
def test_the_next_rate_is_what_the_next_thousand_euros_add(turnover: int) -> None:
    edges = [225_000, 250_000, 800_000, 3_000_000, 15_000_000, 149_170_000]
    if any(turnover < edge < turnover + 1_000 for edge in edges):
        return
    more = oracle.brand_usage((turnover + 1_000) * 100) - oracle.brand_usage(turnover * 100)
    assert next_rate(usage_of(SCHEDULE), Decimal(turnover)) * 100_000 == more


def usage_of(schedule: Schedule) -> FeeRule:
    return rules_of(schedule).fees["brand_usage"]


def _odd(floor: str, cap: str, *rates: str) -> Schedule:
    edges = [Decimal(100 * index) for index in range(len(rates))]
    tranches = tuple(
        Tranche(above=above, up_to=up_to, rate=Decimal(rate))
        for above, up_to, rate in zip(edges, [*edges[1:], None], rates, strict=True)
    )
    usage = usage_of(SCHEDULE).fee
    part = usage.parts[0]
    assert isinstance(part, Tranches)
    floored, capped = (Limit(article="III", amount=Decimal(amount)) for amount in (floor, cap))
    part = replace(part, tranches=tranches, floor=floored, cap=capped)
    return replace(SCHEDULE, fees=(replace(usage, parts=(part,)),))


def test_limits_of_odd_schedules() -> None:
    schedule = _odd("1", "50", "0", "0.1", "0")
    flat = limits(schedule)
    # Nothing under 100, then 0,1 a euro up to 200: 1 € at 110, never 50 €.
    assert (flat.floor_until, flat.cap_from) == (Decimal("110.00"), None)
    assert next_rate(usage_of(schedule), Decimal(150)) == Decimal("0.1")
    never = _odd("1", "50", "0")
    assert limits(never).to_dict() == {"floor_until": None, "cap_from": None}
    assert next_rate(usage_of(never), Decimal(10**9)) == 0


def test_another_body_without_a_floor() -> None:
    body = OTHER_BODY.schedule(START)
    # 400 € at 500 000 €, then 0,50 per mille: 5 000 € at 500 000 + 9 200 000 €.
    assert limits(body).to_dict() == {"floor_until": None, "cap_from": "9700000.00"}
    assert limits(body, "cotisation") == limits(body)
    assert limits(body, "passage").cap_from is None
    rule = rules_of(body).fees["cotisation"]
    rates = [next_rate(rule, Decimal(turnover)) for turnover in (0, 99_999, 100_000, 500_000, 9_700_000)]
    assert [str(rate) for rate in rates] == ["0", "0", "0.00100", "0.00050", "0"]


def raised(folder: Path) -> Tables:
    text = (TABLES.shipped / "bareme_2024.yaml").read_text("utf-8")
    text = text.replace("id: bareme_2024", "id: bareme_2027").replace('"2024-02-08"', '"2027-01-01"')
    text = text.replace('amount: "125.00"', 'amount: "130.00"').replace(
        'amount: "500.00"', 'amount: "550.00"'
    )
    (folder / "bareme_2027.yaml").write_text(text, "utf-8")
    return Tables(folder)


def test_the_same_structures_under_two_schedules(tmp_path: Path) -> None:
    after = raised(tmp_path)
    total = NO_RISE
    for structures in range(1, 4):
        before = planned(tariffs={1: structures}, years=5)
        total += Rise.between(before, answer(before.question, after))
    # Each: 5 € at three controls, and 50 € at the renewal.
    assert {name: str(fee.difference) for name, fee in total.fees.items()} == {
        "dossier": "0.00", "instruction": "150.00", "brand_usage": "0.00", "annual_control": "45.00",
    }  # fmt: skip
    data = total.to_dict()
    assert (data["structures"], data["difference_excl_vat"]) == (3, "195.00")
    assert Decimal(data["after_excl_vat"]) - Decimal(data["before_excl_vat"]) == 195
    assert data["fees"]["annual_control"] == {"before": "1395.00", "after": "1440.00", "difference": "45.00"}


def test_plans_side_by_side() -> None:
    plans = [planned(), planned(tariffs={1: 6, 2: 3}, turnover=None)]
    found = Comparison(
        tuple(Choice(Message("{name}", name=name), one) for name, one in zip("AB", plans, strict=True))
    )
    data = found.to_dict()
    assert (data["from"], data["years"]) == ("2026-03-02", 4)
    assert [choice["difference"] for choice in data["choices"]] == ["0.00", "-452.50"]
    assert data["choices"][1]["subtotals"]["brand_usage"] == "0.00"
    assert data["choices"][0]["by_year"]["2026"] == {"cash_excl_vat": "1803.50", "expense": "1327.28"}


def test_nothing_rises_between_a_plan_and_itself() -> None:
    rise = Rise.between(planned(), planned())
    assert [fee.difference for fee in rise.fees.values()] == [0, 0, 0, 0]
    assert rise.total == 0


def test_structures_under_the_editions_of_2027() -> None:
    before = planned(years=5)
    rise = Rise.between(before, answer(before.question, LATER))
    # Three controls at 130 + 5 × 16 + 3 × 31 = 303 instead of 290; the renewal at 520 + 5 × 63 + 3 × 125 instead of
    # 1 160, and 250 000 × 0,85 ‰ + 550 000 × 0,70 ‰ = 597,50 instead of 557,50.
    assert {name: str(fee.difference) for name, fee in rise.fees.items()} == {
        "dossier": "0.00", "instruction": "50.00", "brand_usage": "40.00", "annual_control": "39.00",
    }  # fmt: skip


def test_a_fee_that_only_one_of_two_schedules_declares() -> None:
    before = planned(years=5)
    rise = Rise.between(before, answer(before.question, MORE_FEES)) + Rise.between(before, before)
    # Visits at three controls, 5 × 10 + 3 × 20, and the audit of the renewal.
    assert tuple(str(rise.fees[fee].difference) for fee in ("site_visit", "renewal_audit")) == (
        "330.00",
        "150.00",
    )
    assert rise.to_dict()["fees"]["site_visit"] == {
        "before": "0.00",
        "after": "330.00",
        "difference": "330.00",
    }
    assert str(rise.total) == "480.00"


def test_choices_of_another_body_use_its_own_events() -> None:
    asked = {"tables": OTHER_BODY, "tariffs": {1: 2}, "turnover": 600_000}
    kept = keep_or_drop(planned(**asked).question, OTHER_BODY, drop_tariffs={1: 1})
    # A visit less at three controls, 12 each, and an expertise less at the resumption, 100.
    assert costs(kept)[1:] == [
        ("Given up at the next control", "-136.00"),
        ("Given up at the renewal", "-100.00"),
    ]
    one = one_more(planned(**asked).question, OTHER_BODY)
    # An expertise and three visits: 100 + 36, 150 + 55,50, 220 + 75.
    assert {tariff: str(cost) for tariff, cost in one.tariffs.items()} == {
        1: "136.00",
        2: "205.50",
        3: "295.00",
    }
    assert one.to_dict()["next_euros"] == {
        "france": {"turnover": "600000.00", "next_euro": "0.00050", "next_thousand": "0.50"}
    }


def test_two_tables_of_which_one_lacks_a_turnover_are_not_compared() -> None:
    before = planned()
    with pytest.raises(RequestError, match="lacks its turnover") as raised:
        Rise.between(before, planned(tables=OTHER_BODY, tariffs={1: 1}, turnover=None))
    assert raised.value.field == "turnovers"


def test_the_next_euro_is_that_of_the_first_time_a_fee_is_due() -> None:
    # 800 000 then 1 600 000 four years on: the first is at the foot of its third tranche.
    asked = {"years": 5, "turnovers_by_year": [Turnover(2030, Decimal(4_000_000))]}
    one = one_more(planned(**asked).question, TABLES_2024)
    found = one.to_dict()["next_euros"]["engineering"]
    assert (found["turnover"], found["next_euro"]) == ("800000.00", "0.00050")


@pytest.mark.parametrize(
    ("years", "turnover", "cost"),
    [
        # Article III: 0,80 ‰ to 250 000, 0,65 to 800 000, 0,50 to 3 000 000, at least 180.
        (4, "799500", "0.57"),  # 500 × 0,65 ‰ + 500 × 0,50 ‰: 557,18 (557,175), then 557,75
        (4, "799999.99", "0.50"),
        (4, "224500", "0.40"),  # 180, the floor, then 180,40
        (4, "249000.50", "0.80"),
        (4, "149169500", "0.12"),  # 39 999,88 (39 999,875), then the cap
        (5, "800000", "1.00"),  # due twice: in 2026 and in 2030
        (9, "800000", "1.50"),
    ],
)
def test_a_thousand_euros_more_over_the_plan(years: int, turnover: str, cost: str) -> None:
    """What was said of them was a thousand times the rate of the next euro, and of one time that the fee is due."""
    found = one_more(planned(years=years, turnover=turnover).question, TABLES)
    assert str(found.euros["engineering"].thousand) == cost


def test_a_thousand_euros_more_grow_as_the_turnover_does() -> None:
    """2026: 701 000 − 700 000 at 0,65 ‰ is 0,65. 2030, ×1,1⁴: 670,67 on 1 026 334,10, less 669,94 on 1 024 870."""
    asked = planned(years=5, turnover=700_000, growth=Decimal("0.1")).question
    assert str(one_more(asked, TABLES).euros["engineering"].thousand) == "1.38"
    # Given for 2029 beside, it is 1 000 more of each: 0,65, and 0,40 at 4 000 000.
    later = planned(
        years=5, turnover=700_000, turnovers_by_year=[Turnover(2029, Decimal(4_000_000))]
    ).question
    assert str(one_more(later, TABLES).euros["engineering"].thousand) == "1.05"
    most = planned(turnover=10**12).question
    assert str(one_more(most, TABLES).euros["engineering"].thousand) == "0.00"


def test_a_choice_at_an_event_that_the_schedule_does_not_declare() -> None:
    question = replace(planned().question, events=(planned().question.event,))
    with pytest.raises(RequestError, match="« renewal »"):
        keep_or_drop(question, TABLES_2024, drop_tariffs={1: 1})


def test_a_fee_without_its_turnover_beside_others_that_are_due_tells_no_next_euro(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path, more=EXPORT_DUTY)
    asked = plan_question(date(2026, 3, 2), {"tariffs": {1: 1}, "turnovers": {"france": 600_000}}, tables)
    assert [*one_more(asked, tables).euros] == ["france"]


def test_choices_over_another_number_of_years_are_told() -> None:
    one, other = planned(years=4), planned(years=5)
    found = Comparison((Choice(Message("A"), one), Choice(Message("B"), other)))
    assert str(found.notes[0]) == "They are not over as many years: 4, 5."
    assert "not over as many" not in str(Comparison((Choice(Message("A"), one),)).notes)


def test_what_many_say_is_said_once_with_a_name_where_it_differs() -> None:
    alone, old = Message("alone"), Message("old")
    said = [
        ("A", [old, Message("from {day}", day=1), alone]),
        ("B", [old, Message("from {day}", day=2)]),
    ]
    assert [str(note) for note in said_of_structures(said)] == [
        "2 structures: old",
        "2 structures, A among them: from 1",
        "A: alone",
    ]
    rises = [OneRise(name, replace(NO_RISE, notes=tuple(notes))) for name, notes in said]
    assert said_of_rises(rises) == said_of_structures(said)
    assert said_of_rises(rises[:1]) == said[0][1]


def test_many_choices_that_start_on_other_days_say_so() -> None:
    """Seven are too many to name each of what is said of all."""
    plans = [planned(start=date(2026, month, 2)) for month in range(3, 10)]
    choices = tuple(Choice(Message(f"firm {number}"), each) for number, each in enumerate(plans))
    first, *others = map(str, Comparison(choices).notes)
    assert first.startswith("They do not start on the same day, but from 2026-03-02 to 2026-09-02")
    assert any(note.startswith("7 structures") for note in others)
