"""What an answer can know of a day, worked by hand.

The sample: issued on 1 December 2016, « valable un an »; full qualifications (0317, and 1905 with RGE) printed
until 1 December 2018, probationary ones (1331) until 1 December 2017. Fetched on 1 June 2017 unless said.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.errors import DateError

from .conftest import Build

FETCHED = date(2017, 6, 1)
TODAY = date(2017, 6, 20)
UNKNOWN = Answer("api_entreprise_v3", Refusal((ApiError("11003", "Entité non trouvée"),)), http_status=404)


def codes(report: CertificateReport) -> list[str]:
    return [warning.rule for warning in report.warnings]


def said(report: CertificateReport, code: str) -> str:
    return " ".join(str(warning.message) for warning in report.warnings if warning.rule == code)


def checked(build: Build, on: str, **options: Any) -> CertificateReport:
    answer = replace(build(), fetched_on=FETCHED)
    return check_certificate(answer, on=on, **{"today": TODAY, **options})


def test_on_the_day_of_the_answer_it_is_sure(build: Build) -> None:
    report = checked(build, "2017-06-01")
    assert (report.verdict, report.under_reservation, report.as_of) == ("valid", False, FETCHED)
    assert not {"answer-age", "answer-day", "day-to-come"} & set(codes(report))
    assert checked(build, "2017-06-01", requires=["0901"]).verdict == "not_valid"


def test_a_day_later_it_is_valid_under_reservation_and_says_so(build: Build) -> None:
    report = checked(build, "2017-06-10", requires_rge=["1905"])
    assert (report.verdict, report.under_reservation) == ("valid", True)
    assert "Under reservation: so says an answer of 2017-06-01" in str(report.reason.message)
    assert "answer-age" in codes(report)
    assert "day-to-come" not in codes(report), "the tenth is past on the twentieth"
    assert report.to_dict()["under_reservation"] is True
    assert report.certificate is not None
    parts = {report.certificate.status, *(held.status for held in report.qualifications)}
    assert {str(part) for part in parts} == {"valid"}


def test_under_reservation_it_still_names_what_it_takes_for_granted(build: Build) -> None:
    trial = (CertifiedQualification("0317"),)
    answer = replace(build(qualifications=(), probationary=trial), fetched_on=FETCHED)
    report = check_certificate(answer, on="2017-06-10", requires=["0316"], accept_probationary=True)
    assert (report.verdict, report.under_reservation) == ("valid", True)
    assert [item.id for item in report.assumptions] == ["probationary-entails-probationary"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"requires": ["0901"]}, "not held: it may be by then"),
        ({"requires": ["1331"]}, "probationary: it may be full by then"),
        ({"requires_rge": ["0317"]}, "without RGE: it may have it by then"),
    ],
)
def test_a_day_later_what_it_does_not_hold_is_not_known(
    build: Build, options: dict[str, Any], reason: str
) -> None:
    assert checked(build, "2017-06-01", **options).verdict == "not_valid"
    later = checked(build, "2017-06-02", **options)
    assert (later.verdict, later.requirements[0].status) == ("undetermined", "undetermined"), reason
    assert later.requirements[0].reason.rule == "answer-age"


@pytest.mark.parametrize("on", ["2017-12-02", "2018-12-02", "2030-01-01"])
def test_past_its_year_it_is_not_known_whether_it_was_reissued(build: Build, on: str) -> None:
    report = checked(build, on)
    assert report.certificate is not None
    parts = {
        report.verdict,
        str(report.certificate.status),
        *(str(one.status) for one in report.qualifications),
    }
    assert parts == {"undetermined"}
    # the same day, by an answer of that very day: the year is over, and no doubt is left
    assert (
        check_certificate(replace(build(), fetched_on=date.fromisoformat(on)), on=on).verdict == "not_valid"
    )


@pytest.mark.parametrize(
    ("on", "asked"),
    [
        ("2017-06-21", "Ask the register again on that day (https://www.opqibi.com/fiche/42)."),
        ("2017-12-01", "Ask the register again on that day"),
        ("2017-12-02", "Ask for the certificate reissued after the control of 2017-12-01"),
        ("2018-12-01", "Ask for the certificate reissued after the control of 2017-12-01"),
        (
            "2018-12-02",
            "Ask for the certificate issued after the renewal of the qualifications, printed until 2018",
        ),
    ],
)
def test_a_day_to_come_is_named_with_what_to_ask_for_and_when(build: Build, on: str, asked: str) -> None:
    told = said(checked(build, on), "day-to-come")
    assert told.startswith(f"{on} is still to come. ")
    assert asked in told
    assert "fiche/42" in told


def test_four_years_ahead_the_control_is_the_last_before_that_day(build: Build) -> None:
    """Controls fall on 1 December 2017, 2018 and 2019; 1 June 2020 needs the certificate of the third."""
    answer = replace(build(qualifications_until=date(2020, 12, 1)), fetched_on=FETCHED)
    report = check_certificate(answer, on="2020-06-01", today=TODAY)
    assert "the control of 2019-12-01" in said(report, "day-to-come")
    assert "control-on-the-last-day-of-the-certificate" in [item.id for item in report.assumptions]
    on_the_day = check_certificate(answer, on="2019-12-01", today=TODAY)
    assert "the control of 2018-12-01" in said(on_the_day, "day-to-come"), "the last day is still covered"


def test_a_leap_day_keeps_its_controls_at_the_end_of_february(build: Build) -> None:
    answer = replace(
        build(issued=date(2024, 2, 29), qualifications_until=date(2028, 2, 29)), fetched_on=date(2024, 3, 1)
    )
    report = check_certificate(answer, on="2027-06-01", today=date(2024, 3, 1))
    assert "the control of 2027-02-28" in said(report, "day-to-come")


def test_nothing_is_invented_where_nothing_is_printed(build: Build) -> None:
    undated = replace(build(qualifications_until=None, probationary=()), fetched_on=FETCHED)
    assert "Ask for the certificate of that day" in said(
        check_certificate(undated, on="2018-06-01", today=TODAY), "day-to-come"
    )
    foreign = replace(build(url="https://example.com/fiche/42"), fetched_on=FETCHED)
    assert "example" not in said(check_certificate(foreign, on="2018-06-01", today=TODAY), "day-to-come")


def test_the_link_is_given_to_whoever_must_ask_for_another(build: Build) -> None:
    report = check_certificate(build(), on="2018-06-01")
    assert "(https://www.opqibi.com/fiche/42)" in str(report.reason.message)
    assert report.to_dict()["certificate"]["url"] == "https://www.opqibi.com/fiche/42"


def test_a_bare_body_is_taken_as_of_the_earlier_of_the_day_asked_and_today(build: Build) -> None:
    for on, as_of in ((date(2017, 6, 1), date(2017, 6, 1)), (TODAY, TODAY), (date(2017, 7, 1), TODAY)):
        report = check_certificate(build(), on=on, today=TODAY)
        assert report.as_of == as_of
        assert f"taken as fetched on {as_of}" in said(report, "answer-day")
    assert check_certificate(build(), on="2017-07-01").as_of == date(2017, 7, 1), "no clock was given"
    assert check_certificate(build(), on="2017-07-01", today=TODAY).under_reservation


def test_the_day_that_the_caller_states_holds_for_a_bare_body(build: Build) -> None:
    report = check_certificate(build(), on="2017-06-10", fetched="2017-06-01", today=TODAY)
    assert (report.as_of, report.under_reservation) == (FETCHED, True)
    assert "answer-day" not in codes(report)


def test_the_day_of_the_answer_itself_is_kept(build: Build) -> None:
    report = checked(build, "2017-06-10", fetched="2017-06-05")
    assert report.as_of == FETCHED
    assert "not on 2017-06-05" in said(report, "answer-day")
    assert "answer-day" not in codes(checked(build, "2017-06-10", fetched="2017-06-01"))


@pytest.mark.parametrize("fetched", ["2017-06-21", "01/06/2017", "2017-06-01T10:00"])
def test_a_day_stated_that_cannot_be_is_refused(build: Build, fetched: str) -> None:
    with pytest.raises(DateError) as raised:
        check_certificate(build(), on="2017-06-10", fetched=fetched, today=TODAY)
    assert raised.value.field == "fetched"
    assert check_certificate(build(), on=TODAY, fetched=TODAY, today=TODAY).verdict == "valid"


@pytest.mark.parametrize(
    ("on", "verdict"),
    [("2017-06-01", "not_valid"), ("2017-06-02", "undetermined"), ("2017-05-31", "undetermined")],
)
def test_no_certificate_known_holds_for_that_day_alone(on: str, verdict: str) -> None:
    saved = check_certificate(replace(UNKNOWN, fetched_on=FETCHED), on=on, today=TODAY, requires=["1905"])
    stated = check_certificate(UNKNOWN, on=on, today=TODAY, fetched=FETCHED)
    assert saved.verdict == stated.verdict == verdict
    assert saved.requirements[0].status == {"not_valid": "unmet"}.get(verdict, verdict)


def test_a_bare_404_is_of_the_day_asked_unless_that_is_to_come() -> None:
    assert check_certificate(UNKNOWN, on="2017-01-01", today=TODAY).verdict == "not_valid"
    assert check_certificate(UNKNOWN, on="2017-06-21", today=TODAY).verdict == "undetermined"


def test_an_answer_is_never_surer_of_a_later_day(build: Build) -> None:
    """Day by day over three years: past the answer, no « no »; up to it, the same as an answer of the day asked."""
    for days in range(0, 1100, 7):
        on = date(2016, 11, 1) + timedelta(days=days)
        known = check_certificate(replace(build(), fetched_on=FETCHED), on=on, requires=["1905"])
        if on > FETCHED:
            assert known.verdict != "not_valid"
            assert known.verdict == ("valid" if on <= date(2017, 12, 1) else "undetermined")
        else:
            assert known.verdict == check_certificate(build(), on=on, requires=["1905"]).verdict


@pytest.mark.parametrize(
    "options",
    [{"requires": ["0901"]}, {"requires_rge": ["0317"]}, {"requires": ["1905", "0901"]}],
)
def test_before_the_answer_what_it_does_not_hold_is_not_known(build: Build, options: dict[str, Any]) -> None:
    """It may have been withdrawn in between, with the certificate left as it was: nothing says that it shows."""
    before = checked(build, "2017-05-31", **options)
    assert (before.verdict, before.requirements[-1].status) == ("undetermined", "undetermined")
    assert before.requirements[-1].reason.rule == "answer-age"
    assert "an answer of 2017-06-01; what was held on 2017-05-31 may" in str(
        before.requirements[-1].reason.message
    )
    stated = check_certificate(build(), on="2017-05-31", fetched=FETCHED, **options)
    assert (stated.verdict, stated.requirements[-1].reason.rule) == ("undetermined", "answer-age")


def test_before_the_answer_what_it_prints_still_holds(build: Build) -> None:
    """What is held, and what its own days deny; an answer that tells no day is of the day asked."""
    assert checked(build, "2017-05-31", requires=["1905"]).verdict == "valid"
    assert checked(build, "2016-11-30", requires=["1905"]).verdict == "not_valid"  # issued on 1 December 2016
    old = replace(build(), fetched_on=date(2020, 6, 1))
    assert (
        check_certificate(old, on="2019-06-01", requires=["1905"], today=date(2020, 6, 1)).verdict
        == "not_valid"
    )
    assert check_certificate(build(), on="2017-05-31", requires=["0901"], today=TODAY).verdict == "not_valid"
    empty = replace(build(qualifications=(), probationary=()), fetched_on=FETCHED)
    assert [check_certificate(empty, on=on).verdict for on in ("2017-05-31", "2017-06-01")] == [
        "undetermined",
        "not_valid",
    ]
