"""The calendar, read back by another library; the same event keeps its name from one export to the next."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.calendar import plan_calendar
from opqibi_rules.price.plan import Plan, plan
from opqibi_rules.price.structure import Qualification, Structure
from tests.price.papers.editions import edition

STAMP = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FIRM = Structure(
    siren="435054481",
    name="Bureau « Été, fils ; associés »",
    qualifications=(Qualification("0901", 5), Qualification("0607", 2, probationary=True)),
)


def planned(**asked: Any) -> Plan:
    return plan(**{"start": date(2026, 3, 2), "structure": FIRM, "turnover": 800_000, **asked})


def events(found: Plan, stamp: datetime = STAMP, language: str = "en") -> dict[str, Any]:
    text = plan_calendar(found, Language(language), stamp=stamp).decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = vobject.readOne(text)
    return {event.uid.value: event for event in calendar.vevent_list}


def test_every_due_date_is_an_event_with_its_day_and_reminders() -> None:
    found = planned()
    read = events(found)
    assert [(event.dtstart.value, event.dtend.value) for event in read.values()] == [
        (item.day, item.day + timedelta(days=1)) for item in found.due_dates
    ]
    control = read["cycle-1-control-1.435054481@opqibi-rules"]
    assert control.summary.value == "OPQIBI – Annual control 1 of 3"
    assert [alarm.trigger.value for alarm in control.valarm_list] == [
        timedelta(days=-60),
        timedelta(days=-14),
    ]
    # 125 + 28 + 30 = 183; 20 % of it is 36,60.
    assert control.description.value.startswith("€183 excl. VAT, €36.60 VAT, €219.60 incl. VAT")
    assert "assumed on 2 Jun 2026" in control.description.value
    assert control.transp.value == "TRANSPARENT"
    assert all(event.valarm_list for event in read.values())
    assert {item.kind for item in found.due_dates} >= {"control", "renewal", "certificate", "probation"}


def test_imported_again_an_event_moves_and_is_not_doubled() -> None:
    before, after = (
        events(planned()),
        events(planned(notified=date(2026, 4, 15)), STAMP + timedelta(minutes=1)),
    )
    assert set(before) == set(after)
    moved = "cycle-1-control-1.435054481@opqibi-rules"
    assert (before[moved].dtstart.value, after[moved].dtstart.value) == (date(2027, 6, 2), date(2027, 4, 15))
    assert int(after[moved].sequence.value) > int(before[moved].sequence.value)
    assert "assumed" not in after[moved].description.value


def test_two_firms_do_not_share_events() -> None:
    other = Structure(name="Autre", qualifications=FIRM.qualifications)
    assert not set(events(planned())) & set(events(planned(structure=other)))
    nobody = events(plan(start=date(2026, 3, 2), tariffs={1: 1}))
    assert "cycle-1-control-1.2026-03-02@opqibi-rules" in nobody
    assert set(events(planned(structure=other))) == set(events(planned(structure=other, years=3)))


def test_the_name_of_the_calendar() -> None:
    text = plan_calendar(planned(), Language("en"), stamp=STAMP).decode()
    assert vobject.readOne(text).contents["x-wr-calname"][0].value == f"OPQIBI – {FIRM.name}"
    nobody = plan_calendar(plan(start=date(2026, 3, 2), tariffs={1: 1}), Language("fr"), stamp=STAMP)
    assert (
        "OPQIBI – contrôles et renouvellements"
        in vobject.readOne(nobody.decode()).contents["x-wr-calname"][0].value
    )


def test_a_plan_from_a_control_assumes_no_notification() -> None:
    read = events(planned(event="control"))
    assert not any("notification assumed" in event.description.value for event in read.values())


def test_the_dates_of_another_body_have_its_amounts(tmp_path: Path) -> None:
    tables = edition("other_body", tmp_path)
    found = plan(start=date(2026, 3, 2), tariffs={1: 1}, turnovers={"france": 800_000}, tables=tables)
    read = events(found)
    told = read["cycle-1-notification.2026-03-02@opqibi-rules"]
    assert "Subscription (2 years)" in told.summary.value
    assert told.description.value.startswith("€550 excl. VAT, €110 VAT, €660 incl. VAT")


@settings(max_examples=20)
@given(st.dates(date(2024, 2, 8), date(2060, 1, 1)), st.integers(1, 12), st.sampled_from(["fr", "en"]))
def test_any_plan_reads_back(start: date, years: int, language: str) -> None:
    found = plan(start=start, years=years, tariffs={1: 1})
    assert len(events(found, language=language)) == len(found.due_dates)


def test_it_is_the_same_file_for_the_same_plan_and_minute() -> None:
    assert plan_calendar(planned(), Language("fr"), stamp=STAMP) == plan_calendar(
        planned(), Language("fr"), stamp=STAMP
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_words_in_both_languages(language: str) -> None:
    words = {"fr": "OPQIBI – Contrôle annuel 1 sur 3", "en": "OPQIBI – Annual control 1 of 3"}[language]
    assert words in {event.summary.value for event in events(planned(), language=language).values()}
