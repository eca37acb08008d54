"""The plan: its payments are quotes, its years lose no cent, and nothing without a price has one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.errors import AmountError, DateError, OpqibiError, RequestError, TableError
from opqibi_rules.messages import Text
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import Plan, answer, plan
from opqibi_rules.price.planning.plan_question import PlanAsked
from opqibi_rules.price.structure import Qualification, Structure, Turnover
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.schedule import Role, Schedule
from tests import oracle
from tests.asking import euros
from tests.editions.pinned import LATER, MORE_FEES, OTHER_BODY, REPEATED, TABLES_2024, Pinned
from tests.properties.strategies import SOME, TURNOVERS

START = date(2026, 3, 2)


def planned(**asked: Any) -> Plan:
    return plan(
        **{"start": START, "tariffs": {1: 5, 2: 3}, "turnover": 800_000, "tables": TABLES_2024, **asked}
    )


def paid(found: Plan) -> list[tuple[str, str, str]]:
    return [
        (payment.due.isoformat(), payment.quote.event.id, str(payment.quote.total_excl_vat))
        for payment in found.payments
    ]


def test_the_example_of_the_issue() -> None:
    # 86 + 1 160 + 557,50; three controls of 125 + 5 × 15 + 3 × 30; the renewal's 1 160 + 557,50.
    found = planned()
    assert paid(found) == [
        ("2026-03-02", "first", "1246.00"),
        ("2026-06-02", "first", "557.50"),
        ("2027-06-02", "control", "290.00"),
        ("2028-06-02", "control", "290.00"),
        ("2029-06-02", "control", "290.00"),
    ]
    assert str(found.sums.total_excl_vat) == "2673.50"
    longer = planned(years=5)
    assert paid(longer)[5:] == [("2030-03-02", "renewal", "1160.00"), ("2030-06-02", "renewal", "557.50")]
    assert longer.sums.total_excl_vat - found.sums.total_excl_vat == Decimal("1717.50")


def test_json_as_the_contract_says() -> None:
    data = planned().to_dict()
    assert data["schema_version"] == 1
    first = data["payments"][0]
    assert (first["due"], first["event"]) == ("2026-03-02", "first")
    assert first["subtotals"] == {
        "dossier": "86.00",
        "instruction": "1160.00",
        "brand_usage": None,
        "annual_control": None,
    }
    assert (first["total_excl_vat"], first["vat"], first["total_incl_vat"]) == (
        "1246.00",
        "249.20",
        "1495.20",
    )
    assert (data["total_excl_vat"], data["total_incl_vat"]) == ("2673.50", "3208.20")
    assert [line["article"] for line in data["payments"][1]["lines"]] == ["III", "III"]
    assert data["notification"] == {"date": "2026-06-02", "assumed": True, "months_assumed": 3}
    assert (data["from"], data["until"], data["structure"]) == ("2026-03-02", "2030-03-01", None)
    assert {item["kind"] for item in data["due_dates"]} == {
        "application", "payment", "control", "renewal", "certificate", "qualification",
    }  # fmt: skip
    assert data["by_cycle"][0]["subtotals"]["annual_control"] == "870.00"


def test_years_by_hand() -> None:
    # 557,50 € from 02/06/2026 to 01/06/2030: 1 461 days, 213 of them in 2026, 152 in 2030.
    rows = [(year.year, str(year.cash), str(year.expense), str(year.prepaid)) for year in planned().by_year]
    assert rows == [
        (2026, "1803.50", "1327.28", "476.22"),
        (2027, "290.00", "429.28", "336.94"),
        (2028, "290.00", "429.66", "197.28"),
        (2029, "290.00", "429.28", "58.00"),
        (2030, "0.00", "58.00", "0.00"),
    ]
    # By months, June counted whole: 7 of 48 months in 2026, 12, 12, 12, then 5.
    by_months = [str(year.expense_by_fee["brand_usage"]) for year in planned(spread_by="months").by_year]
    assert by_months == ["81.30", "139.38", "139.37", "139.38", "58.07"]


@settings(max_examples=60)
@given(
    SOME,
    TURNOVERS,
    st.integers(1, 40),
    st.sampled_from(["first", "renewal"]),
    st.sampled_from(["days", "months"]),
)
def test_the_payments_are_the_quotes_and_the_years_lose_no_cent(
    tariffs: dict[int, int], turnover: int, years: int, event: str, by: str
) -> None:
    found = planned(
        tariffs=tariffs,
        turnover=euros(turnover),
        years=years,
        event=event,
        spread_by=by,
        months_to_notification=0,
    )
    renewals, controls = (years - 1) // 4, years - 1 - (years - 1) // 4
    instruction, usage = oracle.instruction(tariffs), oracle.brand_usage(turnover)
    control = oracle.annual_control(tariffs, {})
    cents = (
        (instruction + usage) * (1 + renewals)
        + control * controls
        + (oracle.DOSSIER if event == "first" else 0)
    )
    assert str(found.sums.total_excl_vat) == euros(cents)
    assert sum(payment.quote.total_excl_vat for payment in found.payments) == found.sums.total_excl_vat
    assert sum(year.cash for year in found.by_year) == found.sums.total_excl_vat
    assert sum(year.expense for year in found.by_year) == found.sums.total_excl_vat
    assert sum(year.cash_incl_vat for year in found.by_year) == found.sums.total_incl_vat
    assert sum(cycle.sums.total_excl_vat for cycle in found.cycles) == found.sums.total_excl_vat
    assert found.sums.total_excl_vat + found.sums.vat == found.sums.total_incl_vat
    assert sum(found.sums.by_fee.values()) == found.sums.total_excl_vat
    assert found.by_year[-1].prepaid == 0
    assert all(year.prepaid >= 0 for year in found.by_year)
    assert [year.year for year in found.by_year] == list(
        range(found.by_year[0].year, found.by_year[-1].year + 1)
    )


def test_vat_is_rounded_once_an_invoice() -> None:
    # 8,5 %: 1 245 × 0,085 = 105,825, and 557,50 × 0,085 = 47,3875; together 153,2125.
    found = planned(tariffs={1: 4, 2: 3, 7: 1}, vat="reunion")
    assert [str(payment.quote.vat) for payment in found.payments[:2]] == ["123.34", "47.39"]
    odd = planned(tariffs={7: 1}, turnover=0, vat="reunion")  # 86 + 500 + 265 = 851; 851 × 0,085 = 72,335
    assert str(odd.payments[0].quote.vat) == "72.34"


def test_the_notification_given_or_assumed() -> None:
    given = planned(notified=date(2026, 4, 15))
    assert given.payments[1].due == date(2026, 4, 15)
    assert not any("assumed on" in str(note) for note in given.notes)
    assert any("assumed on 2026-06-02" in str(note) for note in planned().notes)
    assert planned(months_to_notification=6).payments[1].due == date(2026, 9, 2)
    started = planned(event="control", control=1)
    assert not any("assumed on" in str(note) for note in started.notes)
    assert "3 months before the qualifications end" in str(started.notes[1])


def test_a_turnover_that_grows_or_is_given_year_by_year() -> None:
    def usages(found: Plan) -> list[str]:
        return [
            str(payment.quote.base.turnover) for payment in found.payments if payment.quote.base is not None
        ]

    assert usages(planned(years=5)) == ["800000.00", "800000.00"]
    # 800 000 × 1,03⁴ = 900 407,048
    assert usages(planned(years=5, growth=Decimal("0.03"))) == ["800000.00", "900407.05"]
    assert usages(planned(years=5, growth=Decimal("-0.5"))) == ["800000.00", "50000.00"]
    later = (Turnover(2028, Decimal(950_000)), Turnover(2031, Decimal(1)))
    assert usages(planned(years=5, turnovers_by_year=later)) == ["800000.00", "950000.00"]
    # From 2028 to 2029, the last year over in March 2030: 950 000 × 1,1 = 1 045 000
    assert usages(planned(years=5, turnovers_by_year=later, growth=Decimal("0.1"))) == [
        "800000.00",
        "1045000.00",
    ]


def test_a_turnover_that_changes_nothing_is_named() -> None:
    """The renewal of March 2030 takes the last year over, 2029 at most; of 2027 to 2029, only the latest given."""

    def told(*years: int, **asked: Any) -> list[str]:
        given = [Turnover(year, Decimal(950_000)) for year in years]
        notes = map(str, planned(turnovers_by_year=given, **asked).notes)
        return [note for note in notes if note.startswith("Turnovers given")]

    sentence = "Turnovers given that no fee of these years is reckoned on: {}."
    assert told(2029, years=5) == told(years=5) == []
    assert told(2020, 2028, 2029, 2030, years=5) == [sentence.format("2020, 2028, 2030")]
    assert told(2029, years=4) == [sentence.format("2029")]
    firm = Structure(turnovers=(Turnover(2019, Decimal(1)), Turnover(2025, Decimal(2))))
    assert told(turnover=None, structure=firm) == []  # a file may well hold years of before
    audits = Turnover(2029, None, Decimal(90_000))
    notes = planned(years=5, turnovers_by_year=[audits], qualifications=["1202:2"], tariffs={}).notes
    assert sentence.format("2029") in map(str, notes)


def test_a_structure_stands_for_the_options() -> None:
    firm = Structure(
        siren="435054481",
        name="Exemple",
        territory="reunion",
        qualifications=(Qualification("1905", 5), Qualification("0607", 5)),
        turnovers=(
            Turnover(2024, Decimal(700_000), Decimal(90_000)),
            Turnover(2025, Decimal(800_000), Decimal(100_000)),
        ),
    )
    found = plan(start=START, structure=firm, tables=TABLES_2024)
    usage = found.payments[1].quote
    assert usage.base is not None
    # Energy audits only: 100 000 × 0,8 per mille = 80, raised to the floor.
    assert (usage.base.kind, str(usage.total_excl_vat), str(usage.vat_rate)) == (
        "energy_audit",
        "180.00",
        "0.085",
    )
    assert found.to_dict()["structure"] == {"siren": "435054481", "name": "Exemple"}
    own = plan(
        start=START,
        tables=TABLES_2024,
        structure=firm,
        qualifications=["0901:1"],
        turnover=400_000,
        vat="20 %",
    )
    assert str(own.payments[1].quote.total_excl_vat) == "297.50"
    assert str(own.payments[0].quote.vat_rate) == "0.2"


def test_without_a_turnover_brand_usage_is_listed_and_not_priced() -> None:
    found = planned(turnover=None, years=5)
    assert [step for _, step, _ in paid(found)] == ["first", "control", "control", "control", "renewal"]
    assert [(item.code, item.day.isoformat()) for item in found.not_priced] == [
        ("no_turnover", "2026-06-02"),
        ("no_turnover", "2030-06-02"),
    ]
    assert not found.undetermined
    assert "brand_usage" not in found.sums.by_fee
    assert "needs the last known turnover" in found.to_dict()["not_priced"][0]["text"]
    later = planned(turnover=None, turnovers_by_year=[Turnover(2029, Decimal(800_000))], years=5)
    assert [payment.due.year for payment in later.payments if payment.quote.base] == [2030]


def test_a_turnover_that_cannot_be_used_is_undetermined() -> None:
    found = plan(start=START, tables=TABLES_2024, qualifications=["1905:5"], turnover=100_000)
    assert found.undetermined
    assert found.not_priced[0].code == "no_turnover"


def test_what_the_schedule_does_not_price() -> None:
    found = plan(
        start=START, tables=TABLES_2024, qualifications=["0901:5"], probationary=["0607:2"], turnover=500_000
    )
    assert [(item.code, item.day.isoformat()) for item in found.not_priced] == [
        ("probation_renewed", "2027-06-02"),
        ("probation_renewed", "2028-06-02"),
        ("probation_turned_full", "2029-06-02"),
    ]
    # 125 + 28 + 30 at each control, the last one included: it is a full one by then.
    assert [amount for _, event, amount in paid(found) if event == "control"] == ["183.00"] * 3
    lost = plan(
        start=START,
        tables=TABLES_2024,
        qualifications=["0901:5"],
        probationary=["0607:2"],
        turnover=500_000,
        outcome="lost",
    )
    # The third control falls on its last day, on which it is held (« last-day-included »): 183 once more.
    assert [amount for _, event, amount in paid(lost) if event == "control"] == ["183.00"] * 3
    assert [item.code for item in lost.not_priced] == ["probation_renewed"] * 2
    kinds = [item.key for item in lost.due_dates if item.kind == "probation"]
    assert kinds == ["probation-0607-1", "probation-0607-2", "probation-0607-3"]


def test_what_is_lost_before_the_next_cycle_neither_is_renewed_nor_makes_its_base() -> None:
    # 1202, probationary since June 2025 and renewed once, is lost on 1 June 2028, the day of the renewal's notification:
    # 125 + 28 + 30 while it is held; 500 + 1 050; 1905 alone, on its audits: 90 000 come to the floor of 180.
    firm = Structure(
        qualifications=(
            Qualification("1905", 5, granted_on=date(2024, 6, 1)),
            Qualification("1202", 2, True, date(2025, 6, 1), (date(2026, 6, 1),)),
        ),
        turnovers=(Turnover(2026, Decimal(3_000_000), Decimal(90_000)),),
    )
    asked: PlanAsked = {"event": "control", "control": 3, "structure": firm}
    lost: PlanAsked = {**asked, "outcome": "lost"}
    found = plan(start=date(2027, 6, 1), tables=TABLES_2024, **lost)
    amounts = [str(payment.quote.total_excl_vat) for payment in found.payments]
    assert amounts == ["183.00", "1550.00", "180.00", "153.00", "153.00"]
    # Turned into a full one, it counts: 500 + 1 050 + 120; 200 + 357,50 + 1 100 on 3 000 000.
    full = plan(start=date(2027, 6, 1), tables=TABLES_2024, **asked)
    amounts = [str(payment.quote.total_excl_vat) for payment in full.payments]
    assert amounts == ["183.00", "1670.00", "1657.50", "183.00", "183.00"]


def test_new_qualifications_at_a_control_and_at_a_renewal() -> None:
    changes = (
        Change("control", 2, add_tariffs={5: 1}),
        Change("renewal", 1, add=(Qualification("0901", 1),), drop_tariffs={2: 3}),
    )
    found = planned(years=5, changes=changes)
    # 290 + 375 + 1 050; then 290 + 28; then 500 + 5 × 60 + 1 050 + 60.
    assert [amount for _, _, amount in paid(found)] == [
        "1246.00", "557.50", "290.00", "1715.00", "318.00", "1910.00", "557.50",
    ]  # fmt: skip
    assert "added-qualifications-end-with-the-others" in {item.id for item in found.assumptions}
    assert "added-qualifications-end-with-the-others" not in {item.id for item in planned().assumptions}


def test_a_schedule_in_force_later_prices_later_payments(tmp_path: Any) -> None:
    text = (TABLES_2024.shipped / "bareme_2024.yaml").read_text("utf-8")
    text = text.replace("id: bareme_2024", "id: bareme_2028").replace('"2024-02-08"', '"2028-01-01"')
    text = text.replace('amount: "125.00"', 'amount: "135.00"')
    (tmp_path / "bareme_2028.yaml").write_text(text, "utf-8")
    found = planned(tables=Pinned(tmp_path))
    assert [amount for _, event, amount in paid(found) if event == "control"] == [
        "290.00",
        "300.00",
        "300.00",
    ]
    assert [payment["schedule"] for payment in found.to_dict()["payments"]] == ["bareme_2024"] * 3 + [
        "bareme_2028"
    ] * 2


def test_it_can_start_at_a_renewal_or_at_a_control() -> None:
    renewal = planned(event="renewal")
    assert renewal.payments[0].quote.subtotals.dossier is None
    assert str(renewal.sums.total_excl_vat) == "2587.50"
    control = planned(event="control", control=2, years=3)
    assert [due for due, _, _ in paid(control)] == ["2026-03-02", "2027-03-02", "2027-12-02", "2028-03-02"]
    assert [cycle.number for cycle in control.cycles] == [1, 2]


def test_a_schedule_without_a_renewal_assumes_nothing_of_one() -> None:
    """The plan of another body that declares none spoke of OPQIBI's."""
    question = planned().question
    without = replace(question, events=tuple(one for one in question.events if one.role is not Role.RENEWAL))
    told = [{item.id for item in answer(one, TABLES_2024).assumptions} for one in (question, without)]
    assert told[0] - told[1] == {"renewal-takes-over"}


def test_notes_and_assumptions_are_said_once() -> None:
    found = planned(years=12)
    assert len(set(map(str, found.notes))) == len(found.notes)
    ids = [item.id for item in found.assumptions]
    assert len(set(ids)) == len(ids)
    assert {"qualifications-run-from-notification", "renewal-takes-over", "continuous-tranches"} <= set(ids)
    for item in found.assumptions:
        assert isinstance(item.text, Text)
        assert item.text.fr != item.text.en


def test_due_dates_are_in_order_and_their_keys_are_their_own() -> None:
    found = plan(start=START, tables=TABLES_2024, qualifications=["1905:5"], probationary=["0607:2"], years=9)
    keys = [item.key for item in found.due_dates]
    assert len(set(keys)) == len(keys)
    days = [item.day for item in found.due_dates]
    assert days == sorted(days)
    assert found.due_dates[-1].day == date(2038, 6, 2)
    moved = plan(
        start=START,
        tables=TABLES_2024,
        qualifications=["1905:5"],
        probationary=["0607:2"],
        years=9,
        notified=date(2026, 4, 1),
    )
    assert {item.key for item in moved.due_dates} == set(keys)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"event": "audit"}, RequestError, "audit"),
        ({"growth": Decimal(-1)}, RequestError, "rite « 3 % »"),
        ({"growth": Decimal(11)}, RequestError, "rite « 3 % »"),
        ({"growth": 0.03}, RequestError, "rite « 3 % »"),
        ({"growth": Decimal("NaN")}, RequestError, "rite « 3 % »"),
        ({"turnover": -1}, AmountError, "negative"),
        ({"tariffs": {9: 1}}, RequestError, "9"),
        ({"tariffs": {}}, RequestError, "No qualification"),
        ({"start": date(2020, 1, 1)}, DateError, "2024-02-08"),
        ({"spread_by": "weeks"}, RequestError, "weeks"),
    ],
)
def test_what_cannot_be_planned(asked: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        planned(**asked)


def test_a_vat_of_zero_is_a_rate() -> None:
    assert {str(payment.quote.vat) for payment in planned(vat=0).payments} == {"0.00"}
    assert planned(vat=Decimal("0.0")).sums.total_incl_vat == Decimal("2673.50")
    with pytest.raises(TableError):
        planned(vat="")


def test_the_edition_of_each_payment_s_own_day() -> None:
    found = planned(years=5, tables=LATER)
    # The controls at 130 + 5 × 16 + 3 × 31; the renewal at 520 + 5 × 63 + 3 × 125, and 212,50 + 385.
    assert [amount for _, _, amount in paid(found)] == [
        "1246.00", "557.50", "303.00", "303.00", "303.00", "1210.00", "597.50",
    ]  # fmt: skip
    assert [schedule.id for schedule in found.schedules] == ["bareme_2024", "bareme_2027"]
    assert list(found.to_dict()["subtotals"]) == ["dossier", "instruction", "brand_usage", "annual_control"]
    # An eighth tariff code is asked for once it is in force: 375 is 390, and 410 its instruction.
    added = planned(tables=LATER, changes=[Change("control", 1, add_tariffs={8: 1})])
    assert paid(added)[2][2] == "1103.00"
    with pytest.raises(RequestError, match="bareme_2024") as raised:
        planned(tables=LATER, event="control", control=2, changes=[Change("control", 2, add_tariffs={8: 1})])
    assert raised.value.field == "changes"


def test_articles_that_repeat_change_no_amount() -> None:
    assert paid(planned(years=8, tables=REPEATED)) == paid(planned(years=8))


def test_fees_that_only_another_schedule_declares() -> None:
    found = planned(years=5, tables=MORE_FEES)
    # A visit at each control, 5 × 10 + 3 × 20 on top of 290; an audit of 150 at the renewal.
    assert [amount for _, _, amount in paid(found)] == [
        "1246.00", "557.50", "400.00", "400.00", "400.00", "1310.00", "557.50",
    ]  # fmt: skip
    data = found.to_dict()
    assert (data["subtotals"]["site_visit"], data["subtotals"]["renewal_audit"]) == ("330.00", "150.00")
    assert data["by_year"][1]["expense_by_fee"]["site_visit"] == "110.00"
    assert [fee.id for fee in found.fees][-2:] == ["renewal_audit", "site_visit"]


def test_another_body_has_its_own_events_turnovers_and_years() -> None:
    asked = {"tables": OTHER_BODY, "tariffs": {1: 2, 3: 1}, "turnover": None, "years": 5}
    found = planned(**asked, turnovers={"france": 600_000})
    # 50 + 2 × 100 + 220; 400 + 50; three visits of 2 × 12 + 25; again at the resumption.
    assert paid(found) == [
        ("2026-03-02", "entree", "470.00"),
        ("2026-06-02", "entree", "450.00"),
        ("2027-06-02", "suivi", "49.00"),
        ("2028-06-02", "suivi", "49.00"),
        ("2029-06-02", "suivi", "49.00"),
        ("2030-03-02", "reprise", "470.00"),
        ("2030-06-02", "reprise", "450.00"),
    ]
    # The subscription is of two years: 213 days of 731 in 2026, 365, then 152 and a last one, 1 June excluded.
    borne = [year.expense_by_fee.get("cotisation") for year in found.by_year]
    assert [str(amount) for amount in borne[:3]] == ["131.12", "224.69", "94.19"]
    assert borne[3] is None
    named = [("9001", 1), ("9002", 3)]
    abroad = planned(
        tables=OTHER_BODY,
        tariffs={},
        qualifications=[Qualification(*item) for item in named],
        turnover=None,
        turnovers={"export": 300_000},
        turnovers_by_year=[Turnover.by_base(2029, {"export": Decimal(700_000)})],
        years=5,
    )
    # 200 000 at 1 per mille; then 400 + 200 000 at 0,50 per mille.
    assert [
        amount for day, _, amount in paid(abroad) if day[5:7] == "06" and day[:4] in {"2026", "2030"}
    ] == [
        "200.00",
        "500.00",
    ]
    changed = planned(
        **asked, turnovers={"france": 600_000}, changes=[Change("suivi", 2, drop_tariffs={1: 2})]
    )
    assert [amount for _, event, amount in paid(changed) if event == "suivi"] == ["49.00", "25.00", "25.00"]


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"event": "duplicata"}, "event", "entree, reprise, suivi"),
        ({"event": "first"}, "event", "duplicata"),
        ({"changes": [Change("control", 1)]}, "changes", "suivi-1, suivi-2, suivi-3"),
        ({"changes": [Change("suivi", 1, add_tariffs={1: 1})]}, "changes", "suivi-1: .*other_body"),
        ({"turnovers_by_year": [], "turnovers": {"engineering": 1}}, "turnovers", "france"),
    ],
)
def test_what_another_body_does_not_know(asked: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(RequestError, match=says) as raised:
        planned(tables=OTHER_BODY, **asked)
    assert raised.value.field == field


def without_event(role: Role) -> Tables:
    """Tables whose schedule declares no event of a role, nor what is due at it."""
    known = TABLES_2024.schedule(START)
    gone = known.event_of(role)
    assert gone is not None
    fees = tuple(
        replace(fee, events=tuple(name for name in fee.events if name != gone.id))
        for fee in known.fees
        if fee.events != (gone.id,)
    )
    schedule = replace(known, fees=fees, events=tuple(event for event in known.events if event != gone))

    class Without(Pinned):
        @property
        def schedules(self) -> tuple[Schedule, ...]:
            return (schedule,)

    return Without()


def test_a_schedule_without_an_event_that_the_plan_meets() -> None:
    with pytest.raises(RequestError, match=r"2027-06-02: .*« control »"):
        planned(tables=without_event(Role.CONTROL))
    found = planned(tables=without_event(Role.RENEWAL))
    assert len(found.payments) == 5
    with pytest.raises(RequestError, match=r"2030-03-02: .*« renewal »"):
        planned(tables=without_event(Role.RENEWAL), years=5)


def test_what_is_newly_asked_for_at_the_control_that_starts() -> None:
    asked = {"event": "control", "control": 2, "years": 3}
    by_change = planned(**asked, changes=[Change("control", 2, add_tariffs={5: 1})])
    outright = planned(**asked, new_tariffs={"5": 1})
    assert paid(outright) == paid(by_change)
    assert paid(outright)[0][2] == "1715.00"
    both = planned(**asked, new_tariffs={5: 1}, changes=[Change("control", 2, add_tariffs={5: 1})])
    assert paid(both)[0][2] == "2765.00"
    with pytest.raises(RequestError, match="not for this event"):
        planned(new_tariffs={5: 1})


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"start": "2026-02-30"}, "start"),
        ({"start": date(2020, 1, 1)}, "start"),
        ({"years": 0}, "years"),
        ({"years": "4"}, "years"),
        ({"control": 4, "event": "control"}, "control"),
        ({"months_to_notification": 13}, "months_to_notification"),
        ({"notified": "2025-01-01"}, "notified"),
        ({"notified": "soon"}, "notified"),
        ({"outcome": "forgotten"}, "outcome"),
        ({"growth": 3}, "growth"),
        ({"spread_by": "weeks"}, "spread_by"),
        ({"event": "audit"}, "event"),
        ({"tariffs": {9: 1}}, "tariffs"),
        ({"vat": "Atlantide"}, "vat"),
        ({"changes": [Change("control", 9)]}, "changes"),
        ({"changes": [Change("control", 1, add_tariffs={9: 1})]}, "changes"),
        ({"changes": [Change("renewal", 1, add_tariffs={1: -1})], "years": 5}, "changes"),
        ({"changes": [Change("control", 1, add=(Qualification("1905", 9),))]}, "changes"),
        ({"changes": [Change("control", 1, drop_tariffs={1: 6})]}, "changes"),
        ({"changes": [Change("control", 1, drop=("1905",))]}, "changes"),
        ({"changes": [{"event": "control"}]}, "changes[0]"),
        ({"changes": [Change("control", 1), {"add_tariffs": {1: 1}}]}, "changes[1]"),
    ],
)
def test_an_error_names_its_field(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(OpqibiError) as raised:
        planned(**asked)
    assert raised.value.field == field


def test_the_turnover_of_a_year_is_given_once() -> None:
    # Years end on 31 December: on 2 March 2026 the last one over is 2025.
    with pytest.raises(RequestError, match=r"2025 is the last year over on 2026-03-02.*give one") as raised:
        planned(start="2026-03-02", turnover=800_000, turnovers_by_year=[Turnover(2025, Decimal(900_000))])
    assert raised.value.field == "turnovers_by_year"


@pytest.mark.parametrize(
    ("start", "control", "told"),
    [
        (date(2027, 6, 1), 3, ""),
        (date(2027, 5, 2), 3, ""),  # a month before its day
        (date(2027, 6, 1), 1, "since 2024-06-01, 2027-06-01 is their anniversary no. 3."),
        (date(2025, 6, 1), 2, "since 2024-06-01, 2025-06-01 is their anniversary no. 1."),
        (date(2029, 6, 1), 1, ""),  # over for a year: it is told as such
    ],
)
def test_a_control_that_the_days_of_the_structure_make_another_of_is_told(
    start: date, control: int, told: str
) -> None:
    firm = Structure(
        qualifications=(
            Qualification("1905", 5, granted_on=date(2020, 6, 1), renewed_on=(date(2024, 6, 1),)),
            Qualification("0607", 5, probationary=True, granted_on=date(2026, 6, 1)),
        )
    )
    found = plan(start=start, event="control", control=control, structure=firm, tables=TABLES_2024)
    said = [str(note) for note in found.notes if "Planned from control" in str(note)]
    assert [told in note for note in said] == ([True] if told else [])
    over = [str(note) for note in found.notes if "though over" in str(note)]
    assert bool(over) == (start.year == 2029)


def test_a_plan_says_of_what_is_held_what_a_quote_says() -> None:
    firm = Structure(qualifications=(Qualification("1905", 5, granted_on=date(2024, 6, 1)),))
    found = plan(start=date(2026, 9, 1), structure=firm, tables=TABLES_2024)
    assert any("though granted already: 1905" in str(note) for note in found.notes)
