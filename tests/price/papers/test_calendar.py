"""The calendar, read back by another library; the same event keeps its name from one export to the next."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from opqibi_rules.deadlines import add_months
from opqibi_rules.paper.language import Language
from opqibi_rules.price.papers.calendar import plan_calendar
from opqibi_rules.price.planning.plan import Plan, plan
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
    control = read["control-1.2026.435054481@opqibi-rules"]
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
    moved = "control-1.2026.435054481@opqibi-rules"
    assert (before[moved].dtstart.value, after[moved].dtstart.value) == (date(2027, 6, 2), date(2027, 4, 15))
    assert int(after[moved].sequence.value) > int(before[moved].sequence.value)
    assert "assumed" not in after[moved].description.value


def test_two_firms_do_not_share_events() -> None:
    other = Structure(name="Autre", qualifications=FIRM.qualifications)
    assert not set(events(planned())) & set(events(planned(structure=other)))
    assert set(events(planned(structure=other))) == set(events(planned(structure=other, years=3)))


NAMES = [
    "A-B",
    "A B",
    "A.B",
    "ab",
    "",
    "Étude",
    "Étude & fils",
    "Étude + fils",
    "435054481 SARL",
    "4350544810",
]


def test_no_two_names_are_one_firm_and_one_name_is_one_whatever_its_spaces() -> None:
    firms = [Structure(name=name, qualifications=FIRM.qualifications) for name in NAMES if name]
    firms += [FIRM, Structure(siren="443061841", name="A-B", qualifications=FIRM.qualifications)]
    found = [set(events(planned(structure=firm))) for firm in firms]
    assert len(set.union(*found)) == sum(map(len, found))
    again = Structure(name="  Étude &\u00a0 fils ", qualifications=FIRM.qualifications)
    assert set(events(planned(structure=again))) == found[NAMES.index("Étude & fils") - 1]


def test_a_plan_of_nobody_says_that_it_cannot_be_imported_again() -> None:
    counts = [{1: 1}, {1: 2}, {1: 1}]
    stamps = [STAMP, STAMP, STAMP + timedelta(seconds=1)]
    found = [
        events(plan(start=date(2026, 3, 2), tariffs=one), stamp)
        for one, stamp in zip(counts, stamps, strict=True)
    ]
    assert len(set().union(*found)) == sum(map(len, found))
    for event in found[0].values():
        assert "imported again, this day would stand twice" in event.description.value
    assert not any("stand twice" in event.description.value for event in events(planned()).values())


def imported(*exports: Plan) -> dict[str, tuple[str, date]]:
    """What a calendar holds after them: an event of a known UID takes the place of the one before, if it is later."""
    held: dict[str, tuple[tuple[int, datetime], str, date]] = {}
    for minutes, export in enumerate(exports):
        for uid, event in events(export, STAMP + timedelta(minutes=minutes)).items():
            order = int(event.sequence.value), event.dtstamp.value
            if uid not in held or order > held[uid][0]:
                held[uid] = order, event.summary.value, event.dtstart.value
    return {uid: (summary, day) for uid, (_, summary, day) in held.items()}


def test_the_renewal_that_follows_doubles_nothing_and_takes_nothing_away() -> None:
    firm = Structure(siren="435054481", qualifications=(Qualification("0901", 5),))
    long = planned(structure=firm, years=8)
    renewal = planned(structure=firm, event="renewal", start=date(2030, 3, 2))
    both = imported(long, long, renewal)
    days = list(both.values())
    assert len(days) == len(set(days))
    alone = set(imported(long).values())

    assert set(days) == alone  # eight years know all that the second cycle will say


PROBATIONARY = Structure(
    siren="435054481",
    qualifications=(
        Qualification("0901", 5),
        Qualification("0607", 2, probationary=True, granted_on=date(2026, 6, 2)),
    ),
)


@settings(max_examples=40)
@given(
    start=st.dates(date(2024, 2, 29), date(2040, 1, 1)),
    months=st.integers(0, 11),
    years=st.integers(1, 12),
    control=st.integers(0, 3),
)
def test_any_later_plan_doubles_nothing(start: date, months: int, years: int, control: int) -> None:
    start = start.replace(day=min(start.day, 28))  # no later plan can know that a day was a 29 to 31
    firm = Structure(name="Bureau", qualifications=(Qualification("0901", 5),))
    asked = {"structure": firm, "months_to_notification": months}
    first = planned(start=start, years=years, **asked)
    if control:
        day = first.timeline.notified.replace(year=first.timeline.notified.year + control)
        later = planned(event="control", control=control, start=day, **asked)
    else:
        later = planned(event="renewal", start=start.replace(year=start.year + 4), **asked)
    days = list(imported(first, later, later).values())
    assert len(days) == len(set(days))
    assert {(event.summary.value, event.dtstart.value) for event in events(later).values()} <= set(days)


@settings(max_examples=25)
@given(start=st.dates(date(2024, 2, 8), date(2040, 1, 1)), months=st.integers(0, 11))
def test_a_notification_at_last_known_moves_every_day(start: date, months: int) -> None:
    assumed, known = planned(start=start), planned(start=start, notified=add_months(start, months))
    both = imported(assumed, known)
    assert sorted(both.values()) == sorted(
        (event.summary.value, event.dtstart.value) for event in events(known).values()
    )


def test_a_probation_is_that_of_the_cycle_in_which_it_began() -> None:
    asked = {"structure": PROBATIONARY}
    both = imported(planned(**asked), planned(event="control", start=date(2027, 6, 2), **asked))
    assert [uid for uid in both if "probation" in uid] == [
        f"probation-0607-{year}.2026.435054481@opqibi-rules" for year in (1, 2, 3)
    ]


HOSTILE = "Bureau\r\nBEGIN:VALARM\r\nX:\u2028ATTACH\x1b[2J\x00\x85END;,\\n"


def test_a_name_injects_no_line_and_no_control_character() -> None:
    firm = Structure(siren="1\r\nUID:x", name=HOSTILE, qualifications=FIRM.qualifications)
    made = plan_calendar(planned(structure=firm), Language("fr"), stamp=STAMP).decode()
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", made)
    assert not re.search("(?<!\r)\n|\r(?!\n)", made)
    read = icalendar.Calendar.from_ical(made)
    assert len(list(read.walk("VEVENT"))) == len(planned(structure=firm).due_dates)
    plain = plan_calendar(planned(), Language("fr"), stamp=STAMP).decode()
    assert made.count("\r\nBEGIN:") == plain.count("\r\nBEGIN:")


def test_a_clock_before_our_time_makes_no_number_below_zero() -> None:
    early = datetime(2020, 1, 1, tzinfo=UTC)
    assert {int(event.sequence.value) for event in events(planned(), early).values()} == {0}


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
    (told,) = (event for uid, event in read.items() if uid.startswith("notification.2026."))
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
