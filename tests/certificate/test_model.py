"""The two clocks, worked by hand on one certificate of 1 December 2016."""

from datetime import date

import pytest

from opqibi_rules.certificate.check import CertificateReport, check_certificate
from opqibi_rules.certificate.model import Certificate

from .conftest import Build

ISSUED = date(2016, 12, 1)


def statuses(report: CertificateReport) -> tuple[str, str, str, str]:
    """Of the verdict, the certificate, its full and its probationary qualifications."""
    assert report.certificate is not None
    full = {str(held.status) for held in report.qualifications if not held.probationary}
    probationary = {str(held.status) for held in report.qualifications if held.probationary}
    return report.verdict, str(report.certificate.status), "".join(full), "".join(probationary)


@pytest.mark.parametrize(
    ("on", "verdict", "certificate", "full", "probationary"),
    [
        ("2016-11-30", "not_valid", "not_yet_valid", "not_yet_valid", "not_yet_valid"),
        ("2016-12-01", "valid", "valid", "valid", "valid"),
        ("2017-06-01", "valid", "valid", "valid", "valid"),
        ("2017-12-01", "valid", "valid", "valid", "valid"),
        ("2017-12-02", "not_valid", "not_renewed", "not_renewed", "expired"),
        ("2018-12-01", "not_valid", "not_renewed", "not_renewed", "expired"),
        ("2018-12-02", "not_valid", "expired", "expired", "expired"),
        ("9999-12-31", "not_valid", "expired", "expired", "expired"),
    ],
)
def test_a_life(build: Build, on: str, verdict: str, certificate: str, full: str, probationary: str) -> None:
    report = check_certificate(build(), on=date.fromisoformat(on))
    assert statuses(report) == (verdict, certificate, full, probationary)


def test_a_probationary_qualification_ends_before_its_certificate(build: Build) -> None:
    report = check_certificate(build(probationary_until=ISSUED), on=date(2017, 6, 1))
    assert statuses(report) == ("valid", "valid", "valid", "expired")


def test_a_certificate_of_29_february_ends_on_28(build: Build) -> None:
    answer = build(
        issued=date(2024, 2, 29), qualifications_until=date(2028, 2, 29), probationary_until=date(2025, 2, 28)
    )
    last = check_certificate(answer, on=date(2025, 2, 28))
    assert statuses(last) == ("valid", "valid", "valid", "valid")
    assert "dates-same-day" not in {warning.rule for warning in last.warnings}
    assert statuses(check_certificate(answer, on=date(2025, 3, 1)))[:2] == ("not_valid", "not_renewed")


def test_every_last_day_is_flagged_on_that_day_alone(build: Build) -> None:
    flagged = {
        on: sum(
            warning.rule == "last-day"
            for warning in check_certificate(build(), on=date.fromisoformat(on)).warnings
        )
        for on in ("2017-11-30", "2017-12-01", "2017-12-02", "2018-12-01")
    }
    assert flagged == {"2017-11-30": 0, "2017-12-01": 2, "2017-12-02": 0, "2018-12-01": 1}


def test_without_a_date_of_issue_nothing_can_be_told_but_what_is_past(build: Build) -> None:
    unknown = check_certificate(build(issued=None), on=date(2017, 6, 1))
    assert statuses(unknown) == ("undetermined", "undetermined", "undetermined", "undetermined")
    past = check_certificate(build(issued=None), on=date(2019, 1, 1))
    assert statuses(past) == ("not_valid", "undetermined", "expired", "expired")


@pytest.mark.parametrize("duration", [None, "", "valable deux ans", "un an"])
def test_a_duration_that_no_rule_knows_is_undetermined(build: Build, duration: str | None) -> None:
    report = check_certificate(build(duration=duration), on=date(2017, 6, 1))
    assert statuses(report)[:2] == ("undetermined", "undetermined")
    before = check_certificate(build(duration=duration), on=date(2016, 6, 1))
    assert statuses(before)[:2] == ("not_valid", "not_yet_valid")


def test_the_duration_is_read_whatever_its_case_and_spaces(build: Build) -> None:
    report = check_certificate(build(duration="  Valable\u00a0un  AN "), on=date(2017, 6, 1))
    assert report.verdict == "valid"


def test_a_list_without_date_is_undetermined_then_bounded_by_the_longest_term(build: Build) -> None:
    answer = build(qualifications_until=None, probationary=(), probationary_until=None)
    states = {on: statuses(check_certificate(answer, on=date.fromisoformat(on)))[:3] for on in (
        "2017-06-01", "2018-06-01", "2020-12-01", "2020-12-02")}  # fmt: skip
    assert states == {
        "2017-06-01": ("undetermined", "valid", "undetermined"),
        "2018-06-01": ("not_valid", "not_renewed", "not_renewed"),
        "2020-12-01": ("not_valid", "not_renewed", "not_renewed"),  # four years to the day
        "2020-12-02": ("not_valid", "expired", "expired"),
    }


def test_a_list_that_is_not_given_is_not_an_empty_one(build: Build) -> None:
    on = date(2017, 6, 1)
    absent = check_certificate(build(qualifications=None, probationary=()), on=on)
    assert absent.verdict == "undetermined"
    empty = check_certificate(build(qualifications=(), probationary=()), on=on)
    assert empty.verdict == "not_valid"
    assert empty.reason.rule == "lists-empty"


def test_the_names_come_from_the_answer_else_from_the_nomenclature(build: Build) -> None:
    from opqibi_rules.certificate.model import CertifiedQualification

    held = (
        CertifiedQualification("0316", "Le nom de la réponse"),
        CertifiedQualification("0317"),
        CertifiedQualification("9999"),
    )
    report = check_certificate(build(qualifications=held), on=ISSUED)
    assert [one.name for one in report.qualifications[:3]] == [
        "Le nom de la réponse",
        'CSPS de niveau 1 en phases "conception et réalisation"',
        None,
    ]


def test_what_a_qualification_entails_comes_with_it(build: Build) -> None:
    report = check_certificate(build(), on=ISSUED)
    assert {held.code: held.entails for held in report.qualifications} == {
        "0317": ("0316",),
        "1905": ("1911",),
        "1331": (),
    }


def test_an_empty_certificate_has_no_certain_part() -> None:
    from opqibi_rules.certificate.check import Answer

    report = check_certificate(
        Answer("opqibi", Certificate(qualifications=None, probationary=None)), on=ISSUED
    )
    assert report.verdict == "undetermined"


def test_what_is_printed_stands_as_data(build: Build) -> None:
    report = check_certificate(build(insurers="A - B"), on=ISSUED)
    held = report.certificate
    assert held is not None
    assert (held.number, held.issued, held.valid_until, held.insurers) == (
        "16 12 0042",
        ISSUED,
        date(2017, 12, 1),
        "A - B",
    )
    assert [one.valid_until for one in report.qualifications] == [
        date(2018, 12, 1),
        date(2018, 12, 1),
        date(2017, 12, 1),
    ]


def test_a_probationary_list_without_date_runs_for_its_own_term_at_most(build: Build) -> None:
    """One year from the issue, and not the four of the others."""
    answer = build(qualifications=(), qualifications_until=None, probationary_until=None)
    assert statuses(check_certificate(answer, on=date(2017, 12, 1)))[3] == "undetermined"
    assert statuses(check_certificate(answer, on=date(2017, 12, 2)))[1::2] == ("expired", "expired")
