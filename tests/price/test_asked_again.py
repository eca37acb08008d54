"""The ``request`` of a result asks for the same result again: in Python, and as a program's JSON."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from opqibi_rules import OpqibiError
from opqibi_rules.desk.requests import PlanRequest, QuoteRequest, understood
from opqibi_rules.desk.service import Service
from opqibi_rules.price.financial_year import YearEnd
from opqibi_rules.price.planning.holdings import Change
from opqibi_rules.price.planning.plan import plan
from opqibi_rules.price.quote import quote
from opqibi_rules.price.structure import Paid, Qualification, Structure, Turnover
from tests.editions.pinned import TABLES_2024

SERVICE = Service(TABLES_2024, lambda: date(2026, 11, 21))
AMOUNTS = st.integers(0, 10**10).map(lambda cents: Decimal(cents) / 100)
FIRMS = st.builds(
    Structure,
    siren=st.none() | st.just("435054481"),
    name=st.none() | st.just("Bureau d’études"),
    territory=st.sampled_from([None, "reunion", "guyane"]),
    qualifications=st.just((Qualification("1202", 2), Qualification("1905", 5, granted_on=date(2023, 3, 1)))),
    turnovers=st.lists(
        st.builds(
            Turnover,
            st.integers(2020, 2030),
            st.none() | AMOUNTS,
            st.none() | AMOUNTS,
            st.none() | st.just("liasse fiscale"),
        ),
        max_size=3,
        unique_by=lambda item: item.year,
    ).map(tuple),
    year_end=st.sampled_from([None, YearEnd(6, 30), YearEnd(2, 29)]),
    paid=st.sampled_from([(), (Paid(date(2024, 6, 2), "557,50"),)]),
)


def _holds_something(asked: dict[str, Any]) -> bool:
    """Counts given set those of the structure aside, even where each is zero."""
    if asked.keys() & {"qualifications", "probationary"}:
        return True
    return "structure" in asked and (not asked.get("tariffs") or any(asked["tariffs"].values()))


HELD: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "structure": FIRMS,
        "tariffs": st.dictionaries(st.integers(1, 7), st.integers(0, 5), max_size=3),
        "qualifications": st.sampled_from(
            [["0901:5"], [Qualification("1717", 3, granted_on=date(2025, 1, 1))]]
        ),
        "probationary": st.just(["0607:5"]),
        "turnover": AMOUNTS,
        "audit_turnover": AMOUNTS,
        "vat": st.sampled_from(["8,5 %", Decimal("0"), 0, "guadeloupe", "0,2"]),
        "event": st.sampled_from(["first", "renewal"]),
    },
).filter(_holds_something)
OVER_YEARS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "years": st.integers(4, 9),
        "notified": st.sampled_from(["2026-05-18", date(2026, 6, 30)]),
        "months_to_notification": st.integers(0, 9),
        "turnovers_by_year": st.just([Turnover(2028, Decimal(5)), Turnover(2029, None, Decimal("7.5"))]),
        "growth": st.sampled_from(["3 %", Decimal("-0.025"), 0]),
        "spread_by": st.sampled_from(["days", "months"]),
        "year_end": st.sampled_from(["30/06", "31/12"]),
        "paid": st.just([Paid(date(2024, 6, 2), 400)]),
        "outcome": st.just("lost"),
        "changes": st.just([Change("control", 2, add=(Qualification("0304", 1),), add_tariffs={1: 2})]),
    },
)


def again(request: Any) -> Any:
    """As it is sent to another program."""
    return json.loads(json.dumps(request))


@settings(max_examples=25, deadline=None)
@given(HELD)
def test_a_quote(asked: dict[str, Any]) -> None:
    found = quote(on=date(2026, 3, 2), tables=TABLES_2024, **asked).to_dict()
    request = again(found["request"])
    assert quote(tables=TABLES_2024, **request).to_dict() == found
    assert SERVICE.quote(understood(QuoteRequest, request)).to_dict() == found


@settings(max_examples=25, deadline=None)
@given(HELD, OVER_YEARS)
def test_a_plan(held: dict[str, Any], over: dict[str, Any]) -> None:
    try:
        found = plan(start=date(2026, 3, 2), tables=TABLES_2024, **held, **over).to_dict()
    except OpqibiError:  # a probationary one that is lost leaves nothing
        reject()
    request = again(found["request"])
    assert plan(tables=TABLES_2024, **request).to_dict() == found
    assert SERVICE.plan(understood(PlanRequest, request)).to_dict() == found


def test_a_plan_from_a_control_with_new_requests() -> None:
    found = plan(
        start="2028-06-02",
        event="control",
        control=2,
        tariffs={1: 2},
        new_qualifications=["1905:5"],
        tables=TABLES_2024,
    ).to_dict()
    assert plan(tables=TABLES_2024, **again(found["request"])).to_dict() == found
    assert found["request"]["changes"] == [{"event": "control", "number": 2, "add": ["1905:5"]}]


def test_how_vat_is_coded() -> None:
    # S: a French rate; AE: reverse charge in the Union; E: no French VAT; none: a rate of zero says no reason.
    for vat, code in (
        ("metropolitan", "S"),
        ("reunion", "S"),
        ("eu", "AE"),
        ("guyane", "E"),
        ("20 %", "S"),
        (0, None),
    ):
        asked: Any = {"tariffs": {1: 1}, "vat": vat, "tables": TABLES_2024}
        assert quote(on=date(2026, 3, 2), **asked).to_dict()["vat_category"] == code
        payments = plan(start=date(2026, 3, 2), **asked).to_dict()["payments"]
        assert {payment["vat_category"] for payment in payments} == {code}
