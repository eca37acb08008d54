"""Made-up data, another firm's, or data that contradicts itself: undetermined, part by part, with the reason."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.answer_day import AnswerDay
from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.doubt import doubts
from opqibi_rules.certificate.model import Certificate, CertifiedQualification
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.tables.library import Tables

from .conftest import Build

ON = date(2017, 6, 1)
AUDIT = "Audit énergétique des bâtiments (tertiaires et/ou habitations collectives)"
HOUSES = 'Audit énergétique "maisons individuelles"'


def held(code: str = "1905", name: str | None = AUDIT, *, rge: bool | None = True) -> CertifiedQualification:
    return CertifiedQualification(code, name, rge)


def nothing_believed(report: CertificateReport, rule: str) -> None:
    """Undetermined in the whole and in every part, for this reason, which stands among the warnings too."""
    assert (report.verdict, report.reason.rule) == ("undetermined", rule)
    assert report.certificate is not None
    parts = {report.certificate.status, *(one.status for one in report.qualifications)}
    assert {str(part) for part in parts} == {"undetermined"}
    assert {result.status for result in report.requirements} <= {"undetermined"}
    assert rule in [warning.rule for warning in report.warnings]


CONTRADICTORY: list[dict[str, Any]] = [
    {"qualifications": (held(rge=False), held(rge=True))},
    {"qualifications": (held(rge=True), held("0316", None), held(rge=None), held(rge=False))},
    {"qualifications": (held(rge=False),), "probationary": (held(rge=True),)},
    {"qualifications": (held(rge=True), held(rge=None))},  # silent, and not
    {"qualifications": (held(), replace(held(), definition="Nota."))},
    {"qualifications": (held(), held(name="Étude thermique"))},
    {"qualifications": (held(),), "probationary": (held(name="Étude thermique"),)},
]


@pytest.mark.parametrize("changes", CONTRADICTORY)
@pytest.mark.parametrize("on", [ON, date(2020, 6, 1)])
def test_one_code_said_two_ways(build: Build, changes: dict[str, Any], on: date) -> None:
    asked = check_certificate(
        build(**changes), on=on, requires=["1905"], requires_rge=["1905"], accept_probationary=True
    )
    nothing_believed(asked, "answer-contradicts-itself")
    nothing_believed(check_certificate(build(**changes), on=on), "answer-contradicts-itself")


@pytest.mark.parametrize(
    "changes",
    [
        {"qualifications": (held(), held())},
        {"qualifications": (held(), held(name=None))},
        {"qualifications": (held(),), "probationary": (held(name=AUDIT.upper()),)},
    ],
)
def test_one_code_said_twice_alike_is_believed(build: Build, changes: dict[str, Any]) -> None:
    assert check_certificate(build(**changes), on=ON, requires_rge=["1905"]).verdict == "valid"


def test_a_code_under_the_name_of_another(build: Build) -> None:
    for bad in (held(name=HOUSES), held(name=HOUSES.upper()), held("1950", HOUSES)):
        nothing_believed(check_certificate(build(qualifications=(bad,)), on=ON), "code-and-name")
    assert check_certificate(build(qualifications=(held("1911", HOUSES),)), on=ON).verdict == "valid"


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("Étude d’acoustique", True),
        ("Audit énergétique des bâtiments", False),  # shortened
        (f"19 - {AUDIT}", False),  # with its rubric
        (None, False),
    ],
)
def test_a_name_unlike_the_one_known_is_a_warning(build: Build, name: str | None, warned: bool) -> None:
    report = check_certificate(build(qualifications=(held(name=name),)), on=ON)
    assert report.verdict == "valid"
    assert ("code-and-name" in [warning.rule for warning in report.warnings]) == warned


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "string"},
        {"number": "String"},
        {"url": "string"},
        {"duration": "string"},
        {"insurers": "string"},
        {"qualifications": (replace(held(), definition="string"),)},
        {"qualifications": (held("string", None),)},
        {"probationary": (held("1331", "string"),)},
    ],
)
def test_a_placeholder_is_no_data(build: Build, changes: dict[str, Any]) -> None:
    nothing_believed(check_certificate(build(**changes), on=ON, requires_rge=["1905"]), "placeholder")


@pytest.mark.parametrize("host", ["staging.entreprise.api.gouv.fr", "STAGING.example"])
def test_the_test_server_makes_its_data_up(build: Build, host: str) -> None:
    answer = replace(build(), host=host, fetched_on=ON)
    nothing_believed(check_certificate(answer, on=ON, requires_rge=["1905"]), "made-up-data")
    for other in ("entreprise.api.gouv.fr", "127.0.0.1", None):
        assert check_certificate(replace(build(), host=other), on=ON).verdict == "valid"


def test_no_certificate_on_the_test_server_says_nothing() -> None:
    refusal = Refusal((ApiError("11003", "Entité non trouvée"),))
    answer = Answer("api_entreprise_v3", refusal, http_status=404, host="staging.entreprise.api.gouv.fr")
    report = check_certificate(answer, on=ON, requires=["1905"])
    assert (report.verdict, report.requirements[0].status) == ("undetermined", "undetermined")


@pytest.mark.parametrize("status", [201, 204, 404, 500, 502])
def test_a_certificate_under_another_status_is_not_the_body_expected(build: Build, status: int) -> None:
    nothing_believed(check_certificate(replace(build(), http_status=status), on=ON), "status-differs")
    assert check_certificate(replace(build(), http_status=200), on=ON).verdict == "valid"


def test_issued_after_the_day_it_was_fetched(build: Build) -> None:
    """Issued on 1 December 2016: an answer of November cannot hold it, nor one of a reader whose day is November."""
    eve = date(2016, 11, 30)
    for report in (
        check_certificate(build(), on=eve, fetched=eve),
        check_certificate(build(), on=eve, today=eve),
    ):
        nothing_believed(report, "answer-contradicts-itself")
    assert check_certificate(build(), on=date(2016, 12, 1), fetched=date(2016, 12, 1)).verdict == "valid"
    early = check_certificate(build(), on=eve, today=ON)
    assert (early.verdict, str(early.certificate and early.certificate.status)) == (
        "not_valid",
        "not_yet_valid",
    )


def test_fetched_on_a_day_to_come(build: Build) -> None:
    """A day of difference is that of the time zones."""
    for fetched, verdict in (("2017-06-02", "valid"), ("2017-06-03", "undetermined")):
        answer = replace(build(), fetched_on=date.fromisoformat(fetched))
        assert check_certificate(answer, on=ON, today=ON).verdict == verdict
        assert check_certificate(answer, on=ON).verdict == "valid", "what day it is was not told"


def test_a_code_on_trial_after_it_was_held_in_full(build: Build) -> None:
    # Full ones until 1 December 2017, probationary ones until 2018: the first cannot come before the second.
    both = {"qualifications": (held(),), "qualifications_until": date(2017, 12, 1), "probationary": (held(),)}
    late = build(**both, probationary_until=date(2018, 12, 1))
    asked = check_certificate(late, on=date(2018, 1, 5), requires=["1905"], accept_probationary=True)
    nothing_believed(asked, "answer-contradicts-itself")
    assert check_certificate(late, on=date(2017, 6, 1), requires=["1905"]).verdict == "valid"


@pytest.mark.parametrize(
    "host", ["https://staging.entreprise.api.gouv.fr", "api-staging.entreprise.api.gouv.fr", "STAGING.x:443"]
)
def test_a_test_server_is_known_however_its_host_is_written(build: Build, host: str) -> None:
    nothing_believed(check_certificate(replace(build(), host=host), on=ON), "made-up-data")


def test_the_other_firm_comes_first(build: Build) -> None:
    report = check_certificate(build(number="string"), on=ON, siren="434717997", requires=["1905"])
    nothing_believed(report, "siren-differs")


def test_thousands_of_entries_are_weighed_at_once(build: Build) -> None:
    """The entries are grouped, not compared two by two: 40 000 would be 800 million pairs."""
    many = tuple(held(str(1000 + index % 9000), None, rge=None) for index in range(40_000))
    assert check_certificate(build(qualifications=many), on=ON).verdict == "valid"


def test_an_empty_certificate_is_no_contradiction() -> None:
    assert check_certificate(Answer("opqibi", Certificate()), on=ON).reason.rule == "missing-is-undetermined"


def test_a_name_shortened_is_not_that_of_another(build: Build, tables: Tables) -> None:
    """« Audit énergétique » is all that 1906 is called, and a part of the name of 1905: it doubts neither."""
    known = tables.nomenclature.entries
    both = {"1905": known["1905"], "1906": replace(known["1905"], code="1906", name="Audit énergétique")}
    at = AnswerDay.of(None, ON, stated=None, today=None)
    for code, believed in (("1905", True), ("1906", True), ("1907", False)):
        content = build(qualifications=(held(code, "Audit énergétique"),)).content
        found = list(doubts(content, None, None, at, replace(tables.nomenclature, entries=both)))
        assert (not found) == believed
