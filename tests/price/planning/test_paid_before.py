"""The plan of a firm already qualified: what it paid before is borne by the years that it covers, to the cent."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opqibi_rules import DeclaredEvent
from opqibi_rules.deadlines import add_months
from opqibi_rules.errors import AmountError, DateError, OpqibiError, RequestError
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.papers.plan_document import plan_document
from opqibi_rules.price.planning.plan import Plan, plan
from opqibi_rules.price.planning.years import Year
from opqibi_rules.price.structure import Paid, Qualification, Structure, Turnover
from opqibi_rules.tables.schedule import Billed
from tests.asking import euros
from tests.editions.pinned import MORE_FEES, OTHER_BODY, TABLES_2024
from tests.properties.strategies import SOME, TURNOVERS

MARK = Paid("2026-06-02", "557,50")


def planned(**asked: Any) -> Plan:
    return plan(**{"tariffs": {1: 5, 2: 3}, "turnover": 800_000, "tables": TABLES_2024, **asked})


def taken_up(**asked: Any) -> Plan:
    return planned(**{"start": "2028-06-02", "event": "control", "control": 2, "years": 2, **asked})


def row(year: Year) -> tuple[str, ...]:
    return year.label, *map(str, (year.carried_forward, year.cash, year.expense, year.prepaid))


def said(found: Plan) -> str:
    return " ".join(map(str, found.notes))


def test_the_firm_of_the_finding() -> None:
    # 557,50 € from 02/06/2026 for 1 461 days. Borne by 31/12/2027: 213 + 365 = 578 days, 220,557…: 220,56, so
    # 336,94 are carried forward. 2028: 366 days, 360,22 in all (139,66); 2029: 499,50 (139,28); 2030: the last 58,00.
    # A control is 125 + 5 × 15 + 3 × 30 = 290; the renewal's instruction 500 + 5 × 60 + 3 × 120 = 1 160.
    found = taken_up(paid=[MARK])
    assert [row(year) for year in found.by_year] == [
        ("2028", "336.94", "290.00", "429.66", "197.28"),
        ("2029", "197.28", "290.00", "429.28", "58.00"),
        ("2030", "58.00", "1160.00", "1218.00", "0.00"),
    ]
    followed = planned(start=date(2026, 3, 2))
    assert [row(year) for year in followed.by_year[2:4]] == [row(year) for year in found.by_year[:2]]
    assert (found.lacking, found.sums.total_excl_vat) == ((), Decimal("1740.00"))
    assert "is not given" not in said(found)


def test_without_what_was_paid_it_is_said_and_never_nothing() -> None:
    found = taken_up()
    assert "Brand-usage fee: what was paid of it before 2028-06-02 is not given." in said(found)
    assert [fee.id for fee in found.lacking] == ["brand_usage"]
    assert found.to_dict()["lacking"] == ["brand_usage"]
    (years,) = [
        table for table in plan_document(found).tables if str(table.title).startswith("By calendar year")
    ]
    assert [str(head) for head in years.columns[3:]] == [
        "Borne by the year, without what was paid before: Brand-usage fee",
        "Prepaid on 31 December, without what was paid before: Brand-usage fee",
    ]
    # A first application follows nothing; a renewal that opens with the financial year either.
    assert planned(start="2026-03-02").lacking == ()
    renewal = {"start": "2030-01-01", "event": "renewal", "notified": "2030-01-01"}
    assert planned(**renewal).lacking == ()
    assert [fee.id for fee in planned(**{**renewal, "notified": "2030-01-02"}).lacking] == ["brand_usage"]


def test_a_control_passed_in_the_financial_year_of_a_renewal_is_missed_too() -> None:
    # The control of 02/06/2029 and the renewal of 02/03/2030 are both between 01/06/2029 and 31/05/2030.
    asked = {"start": "2030-03-02", "event": "renewal", "year_end": "31/05", "years": 1}
    found = planned(paid=[MARK], **asked)
    assert [fee.id for fee in found.lacking] == ["annual_control"]
    whole = planned(paid=[MARK, Paid("2029-06-02", 290, "annual_control")], **asked)
    assert whole.lacking == ()
    # 557,50 × 1 095 / 1 461 = 417,838…, so 139,66 are left, all but 0,38 (one day) of them in that year: 139,28.
    assert row(whole.by_year[0]) == ("2029-2030", "139.66", "1160.00", "1589.28", "0.38")
    assert str(whole.by_year[0].paid_before) == "290.00"


def test_what_was_paid_under_a_schedule_that_is_not_known() -> None:
    found = taken_up(start="2025-06-02", paid=[Paid("2023-06-02", "557.50")])
    assert "no schedule known is in force then" in said(found)
    assert str(found.by_year[0].expense) == "429.28"


def test_what_is_over_the_cap_of_its_fee_is_said() -> None:
    # 40 000 € for four years, at most; a control has no cap.
    for amount, over in (("40 000", False), ("40 000,01", True)):
        told = said(taken_up(paid=[Paid("2026-06-02", amount)]))
        assert ("is over its cap of 40000" in told) is over
    control = Paid("2027-06-02", 99_999_999, "annual_control")
    assert "over its cap" not in said(taken_up(paid=[MARK, control]))


def test_what_covers_nothing_or_other_days_is_said() -> None:
    over = taken_up(paid=[Paid("2022-06-02", "557.50")])
    assert "nothing of it is left here" in said(over)
    assert [fee.id for fee in over.lacking] == ["brand_usage"]
    slip = taken_up(paid=[Paid("2025-06-02", "557.50")])
    assert "covers the days to 2029-06-01, and is due next on 2030-06-02: check these days" in said(slip)


@pytest.mark.parametrize(
    ("paid", "error", "field"),
    [
        (Paid("2028-06-02", 1), DateError, "paid[0].day"),
        (Paid("02/06/2026", 1), DateError, "paid[0].day"),
        (Paid("2026-06-02", "1,005"), AmountError, "paid[0].amount"),
        (Paid("2026-06-02", -1), AmountError, "paid[0].amount"),
        (Paid("2026-06-02", 557.5), AmountError, "paid[0].amount"),  # type: ignore[arg-type] # on purpose
        (Paid("2026-06-02", 1, "marque"), RequestError, "paid[0].fee"),
        ("2026-06-02=1", RequestError, "paid[0]"),
    ],
)
def test_what_cannot_have_been_paid(paid: object, error: type[OpqibiError], field: str) -> None:
    with pytest.raises(error) as caught:
        taken_up(paid=[paid])
    assert caught.value.field == field


def test_the_same_fee_twice_on_a_day_is_refused() -> None:
    with pytest.raises(RequestError, match="brand_usage is given twice on 2026-06-02"):
        taken_up(paid=[MARK, Paid(date(2026, 6, 2), 1, "brand_usage")])


def test_the_fee_is_the_one_that_covers_several_years_of_its_schedule() -> None:
    other = plan(
        start="2027-06-02", event=DeclaredEvent("suivi"), control=1, tariffs={1: 2}, turnover=600_000, tables=OTHER_BODY,
        paid=[Paid("2026-06-02", "450.00")], years=1,
    )  # fmt: skip
    (known,) = other.paid_before
    # Two years: 731 days to 01/06/2028 (29/02/2028 among them), of which 213 in 2026: 450 × 213 / 731 = 131,121…
    assert (known.fee.id, known.until) == ("cotisation", date(2028, 6, 1))
    assert str(other.by_year[0].carried_forward) == "318.88"


def test_a_structure_says_what_it_paid_and_when_its_year_closes() -> None:
    firm = Structure(
        qualifications=(Qualification("0901", 1),),
        turnovers=(Turnover(2027, Decimal(800_000)),),
        paid=(MARK, Paid("2030-06-02", "600.00")),
        year_end=YearEnd(6, 30),
    )
    found = plan(start="2028-06-02", event="control", control=2, structure=firm, tables=TABLES_2024)
    assert [(str(item.day), str(item.amount)) for item in found.paid_before] == [("2026-06-02", "557.50")]
    assert found.by_year[0].label == "2027-2028"
    own = plan(
        start="2028-06-02", event="control", control=2, structure=firm, year_end="31/12", paid=[Paid("2026-06-02", 0)],
        tables=TABLES_2024,
    )  # fmt: skip
    assert (str(own.by_year[0].carried_forward), own.by_year[0].label) == ("0.00", "2028")


def test_a_year_of_months_closes_with_one() -> None:
    with pytest.raises(RequestError, match="not made of whole months") as caught:
        taken_up(paid=[MARK], spread_by="months", year_end="28/02")
    assert caught.value.field == "spread_by"
    assert taken_up(paid=[MARK], spread_by="months", year_end="29/02").by_year[0].closes == date(2029, 2, 28)


def test_a_close_on_28_february_is_said_to_be_that_day() -> None:
    assert "closes on 28 February, in leap years too" in said(taken_up(paid=[MARK], year_end="28/02"))
    assert "28 February" not in said(taken_up(paid=[MARK], year_end="29/02"))


def test_the_assumptions_say_on_what_the_years_rest() -> None:
    def named(**asked: Any) -> set[str]:
        return {item.id for item in taken_up(paid=[MARK], **asked).assumptions}

    assert {"prepaid-by-calendar-year", "prepaid-in-proportion-to-time"} <= named()
    assert "prepaid-by-calendar-year" not in named(year_end="31/12")


@pytest.mark.parametrize("day", ["28", "29"])
@pytest.mark.parametrize("control", [1, 2, 3])
def test_a_probation_of_a_plan_that_starts_at_a_control_at_the_end_of_february(
    day: str, control: int
) -> None:
    """M9: refused on 29 February, accepted on 28 February and 1 March."""
    found = plan(
        start=f"2028-02-{day}", event="control", control=control, qualifications=["1202:2"], probationary=["0607:5"],
        paid=[Paid("2027-06-02", 1)], years=4, tables=TABLES_2024,
    )  # fmt: skip
    # 125 + 30 + 28; its three years end at controls, so the last of the cycle finds it a full one.
    assert str(found.payments[0].quote.total_excl_vat) == "183.00"
    last = next(item for item in found.not_priced if item.code == "probation_turned_full")
    assert last.day == (date(2028, 2, int(day)) if control == 3 else date(2028 + 3 - control, 2, 28))
    ends = [item.day for item in found.due_dates if item.key == f"cycle-1-certificate-{control}"]
    assert ends == [found.timeline.start]


def test_a_notification_on_29_february_is_told_by_what_was_paid_then() -> None:
    # 557,50 € from 29/02/2024 for 1 461 days: 307 in 2024, then 365 a year, and 59 to 28/02/2028.
    asked = {"start": "2025-02-28", "event": "control", "control": 1, "years": 4}
    found = planned(paid=[Paid("2024-02-29", "557.50")], **asked)
    assert found.timeline.notified == date(2024, 2, 29)
    renewed = [payment for payment in found.payments if payment.moment.step is Billed.NOTIFICATION]
    assert [payment.due for payment in renewed] == [date(2028, 2, 29)]
    assert "check these days" not in said(found)
    assert planned(notified="2024-02-29", **asked).timeline == found.timeline
    with pytest.raises(RequestError, match="leave it out"):
        planned(notified="2024-03-01", **asked)


def test_a_renewal_applied_for_on_29_february_at_the_control_that_starts_the_plan() -> None:
    found = planned(start="2028-02-29", event="control", control=3, months_to_notification=12, years=2)
    assert [(str(payment.due), payment.quote.event.id) for payment in found.payments[:2]] == [
        ("2028-02-29", "control"),
        ("2028-02-29", "renewal"),
    ]


YEAR_ENDS = st.one_of(
    st.sampled_from(["31/12", "30/06", "30/09", "31/03", "29/02"]),
    st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: day.strftime("%d/%m")),
)


def same_years(found: Plan, followed: Plan) -> int:
    """How many financial years, whole in both plans, hold the same in both."""
    until = min(found.timeline.end, followed.timeline.end)
    known = {year.year: year for year in followed.by_year}
    whole = [year for year in found.by_year if year.closes < until]
    for year in whole:
        other = known[year.year]
        assert (year.expense, year.prepaid, year.expense_by_fee) == (
            other.expense, other.prepaid, other.expense_by_fee,
        )  # fmt: skip
        assert year.carried_forward == other.carried_forward
        assert year.paid_before + year.cash == other.cash
    return len(whole)


@settings(max_examples=150)
@given(
    tariffs=SOME,
    turnover=TURNOVERS,
    start=st.dates(date(2024, 2, 8), date(2060, 12, 31)),
    months=st.integers(0, 11),
    year_end=YEAR_ENDS,
    by=st.sampled_from(["days", "months"]),
    at=st.integers(1, 7),
)
def test_a_plan_taken_up_later_is_the_rest_of_the_plan_from_the_beginning(
    tariffs: dict[int, int], turnover: int, start: date, months: int, year_end: str, by: str, at: int
) -> None:
    assume(add_months(add_months(start, months), -months) == start)
    assume(by == "days" or YearEnd.parse(year_end).ends_a_month)
    same: dict[str, Any] = {
        "tariffs": tariffs,
        "turnover": euros(turnover),
        "year_end": year_end,
        "spread_by": by,
    }
    same["months_to_notification"] = months
    followed = planned(start=start, years=12, **same)
    events = [moment for moment in followed.timeline.moments() if moment.step is not Billed.NOTIFICATION]
    moment = events[at]
    paid = [
        Paid(payment.due, amount, fee)
        for payment in followed.payments
        if payment.due < moment.day
        for fee, amount in payment.quote.subtotals.items()
        if amount is not None
    ]
    late: dict[str, Any] = (
        {"event": "control", "control": moment.number} if moment.number else {"event": "renewal"}
    )
    if late["event"] == "renewal":
        late["notified"] = followed.timeline.opens(moment.cycle).isoformat()
    elif moment.cycle == 2:
        late["notified"] = followed.timeline.opens(2).isoformat()
    found = planned(start=moment.day, years=4, paid=paid, **same, **late)
    assert found.lacking == ()
    assert same_years(found, followed) >= 3
    rolls_forward(found)


def rolls_forward(found: Plan) -> None:
    """What is carried forward and paid is borne or prepaid, at each close, until nothing is left."""
    prepaid = found.by_year[0].carried_forward
    for year in found.by_year:
        assert year.carried_forward == prepaid
        assert year.carried_forward + year.paid_before + year.cash == year.expense + year.prepaid
        assert year.prepaid >= 0
        prepaid = year.prepaid
    assert prepaid == 0
    labels = [year.year for year in found.by_year]
    assert labels == list(range(labels[0], labels[-1] + 1))


@settings(max_examples=100)
@given(
    start=st.dates(date(2024, 2, 8), date(2060, 12, 31)),
    years=st.integers(1, 12),
    year_end=YEAR_ENDS,
    event=st.sampled_from(["first", "renewal", "control"]),
    tables=st.sampled_from([TABLES_2024, MORE_FEES]),
    paid=st.lists(st.tuples(st.integers(1, 2500), st.integers(0, 4_000_000)), max_size=3, unique_by=lambda one: one[0]),
)  # fmt: skip
def test_what_is_prepaid_rolls_forward_to_nothing(
    start: date, years: int, year_end: str, event: str, tables: Any, paid: list[tuple[int, int]]
) -> None:
    before = [Paid(date.fromordinal(start.toordinal() - days), Decimal(cents) / 100) for days, cents in paid]
    asked = {"start": start, "years": years, "event": event, "year_end": year_end, "tables": tables}
    found = plan(tariffs={1: 3}, turnover=800_000, paid=before, **asked)
    rolls_forward(found)
    borne = sum((year.expense for year in found.by_year), Decimal(0))
    known = found.by_year[0].carried_forward + found.by_year[0].paid_before
    assert borne == known + found.sums.total_excl_vat


def test_what_is_no_payment_is_refused() -> None:
    with pytest.raises(RequestError) as refused:
        taken_up(paid=[5])
    assert str(refused.value) == "paid[0]: 5 is not understood."


def test_a_payment_as_a_structure_file_states_it() -> None:
    assert MARK.to_dict() == {"day": "2026-06-02", "amount": "557.50"}
    assert Paid("2026-06-02", 290, "annual_control").to_dict()["fee"] == "annual_control"
