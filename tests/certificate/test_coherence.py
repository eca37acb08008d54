"""Oddities are warnings: each is said, and none changes a verdict."""

from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.model import CertifiedQualification

from .conftest import Build

ON = date(2017, 6, 1)


def warned(build: Build, **changes: Any) -> list[str]:
    return [warning.rule for warning in check_certificate(build(**changes), on=ON, fetched=ON).warnings]


def test_a_sound_certificate_only_says_what_it_cannot_tell(build: Build) -> None:
    assert warned(build) == ["probationary-renewals"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"number": "string"}, "placeholder"),
        ({"number": None}, "number-form"),
        ({"number": "12 34 5678"}, "number-form"),  # no month 34
        ({"number": "16120042"}, "number-form"),
        ({"number": "16 12 00421"}, "number-form"),
        ({"url": "https://opqibi.com.example/fiche/42"}, "foreign-host"),
        ({"url": "https://example.com/opqibi.com"}, "foreign-host"),
        ({"url": "https://[opqibi.com/"}, "foreign-host"),
        ({"url": "fiche 42"}, "foreign-host"),
        ({"qualifications_until": date(2016, 11, 30)}, "dates-order"),
        ({"qualifications_until": date(2020, 12, 2)}, "qualification-four-years"),
        ({"probationary_until": date(2017, 12, 2)}, "probationary-one-year"),
        ({"qualifications_until": date(2018, 12, 2)}, "dates-same-day"),
        ({"qualifications": ()}, "date-without-list"),
        ({"qualifications_until": None}, "list-without-date"),
        ({"probationary": ()}, "date-without-list"),
        ({"probationary_until": None}, "list-without-date"),
        ({"qualifications": (), "probationary": ()}, "lists-empty"),
        ({"qualifications": None}, "missing-is-undetermined"),
        ({"probationary": (CertifiedQualification("1905"),)}, "two-lists-full-wins"),
        ({"qualifications": (CertifiedQualification("316"),)}, "code-form"),
    ],
)
def test_each_oddity_is_said(build: Build, changes: dict[str, Any], rule: str) -> None:
    assert rule in warned(build, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": " 85 04 0695 "},
        {"url": None},
        {"url": "http://opqibi.com/fiche.php?id=2975"},
        {"url": "https://WWW.OPQIBI.COM/fiche/1"},
        {"qualifications_until": date(2020, 12, 1)},  # four years to the day
        {"probationary_until": date(2016, 12, 1)},  # over on the day of issue: seen in a real certificate
        {"issued": None},
    ],
)
def test_what_is_usual_is_not_said(build: Build, changes: dict[str, Any]) -> None:
    assert warned(build, **changes) == ["probationary-renewals"]


def test_without_any_probationary_one_no_renewal_is_spoken_of(build: Build) -> None:
    assert warned(build, probationary=(), probationary_until=None) == []
