"""Every day not to be missed, once, with its words."""

from datetime import date

from opqibi_rules.price.planning.due_dates import due_dates
from opqibi_rules.price.planning.holdings import Probation
from opqibi_rules.price.planning.timeline import Moment, timeline
from opqibi_rules.tables.schedule import Event, Fee, Role
from tests.editions.pinned import TABLES_2024

VALIDITY = TABLES_2024.validity
SCHEDULE = TABLES_2024.schedule(date(2026, 3, 2))


def known(moment: Moment) -> tuple[Event | None, tuple[Fee, ...]]:
    return SCHEDULE.event_of(moment.role), (SCHEDULE.fees[2],)


def test_four_years_word_by_word() -> None:
    days = timeline(start=date(2026, 3, 2), years=4, validity=VALIDITY)
    assert [(item.day.isoformat(), item.kind, str(item.message)) for item in due_dates(days, (), known)] == [
        ("2026-03-02", "application", "First application"),
        ("2026-06-02", "payment", "Notification, to be paid: Brand-usage fee (4 years)"),
        ("2027-06-02", "control", "Annual control 1 of 3"),
        ("2027-06-02", "certificate", "Last day of the certificate, unless controlled"),
        ("2028-06-02", "control", "Annual control 2 of 3"),
        ("2028-06-02", "certificate", "Last day of the certificate, unless controlled"),
        ("2029-06-02", "control", "Annual control 3 of 3"),
        ("2029-06-02", "certificate", "Last day of the certificate, unless controlled"),
        ("2030-03-02", "renewal", "Renewal: to be applied for"),
        (
            "2030-06-02",
            "qualification",
            "Last day of the certificate and of the qualifications, unless renewed",
        ),
    ]


def test_a_plan_that_starts_at_a_control_says_nothing_of_what_is_over() -> None:
    days = timeline(start=date(2028, 6, 2), years=1, validity=VALIDITY, role=Role.CONTROL, control=3)
    assert [item.key for item in due_dates(days, (), known)] == [
        "cycle-1-control-3",
        "cycle-1-certificate-3",
        "cycle-2-application",
        "cycle-1-qualifications",
    ]


def test_each_end_of_a_probation_has_its_words() -> None:
    days = timeline(start=date(2026, 3, 2), years=1, validity=VALIDITY)
    said = {}
    for year, then in enumerate(("renewed", "turned_full", "lost", "dropped"), 1):
        found = due_dates(days, [Probation("0607", date(2027, 6, 2), year, then, date(2026, 6, 2))], known)
        said[then] = next(str(item.message) for item in found if item.kind == "probation")
    assert said == {
        "renewed": "Probationary qualification 0607: last day of year 1, unless renewed",
        "turned_full": "Probationary qualification 0607: to be turned into a full one",
        "lost": "Probationary qualification 0607: last day, it cannot be renewed again",
        "dropped": "Probationary qualification 0607: given up",
    }


def test_a_notification_at_which_nothing_is_billed() -> None:
    days = timeline(start=date(2026, 3, 2), years=1, validity=VALIDITY)
    found = due_dates(days, (), lambda moment: (SCHEDULE.event_of(moment.role), ()))
    assert [(item.kind, str(item.message)) for item in found][:3] == [
        ("application", "First application"),
        ("payment", "Notification"),
        ("control", "Annual control 1 of 3"),
    ]


def test_what_no_schedule_declares_falls_on_no_day() -> None:
    days = timeline(start=date(2026, 3, 2), years=1, validity=VALIDITY)

    def without_renewal(moment: Moment) -> tuple[Event | None, tuple[Fee, ...]]:
        return (None if moment.role is Role.RENEWAL else SCHEDULE.event_of(moment.role)), ()

    kinds = [item.kind for item in due_dates(days, (), without_renewal)]
    assert kinds == ["application", "payment", *["control", "certificate"] * 3, "qualification"]
