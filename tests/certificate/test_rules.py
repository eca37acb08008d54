"""The rules of the validity table are those that verdicts name, no more, no less."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import opqibi_rules.certificate
from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.controls import control_history
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.price.structure import Qualification, Structure
from opqibi_rules.tables.library import Tables

from .conftest import Build

SOURCES = "".join(
    path.read_text("utf-8") for path in sorted(Path(opqibi_rules.certificate.__path__[0]).glob("*.py"))
)


def test_every_rule_of_the_table_is_named_somewhere(tables: Tables) -> None:
    assert [rule for rule in tables.validity.rules if f'"{rule}"' not in SOURCES] == []


def test_every_rule_named_is_in_the_table(tables: Tables) -> None:
    named = set(re.findall(r'Reason\(\s*"([a-z0-9-]+)"', SOURCES))
    assert named
    assert named <= tables.validity.rules.keys()


def test_every_rule_says_its_sentence_in_both_languages_and_its_source(tables: Tables) -> None:
    for rule in tables.validity.rules.values():
        assert rule.text.fr.endswith(".")
        assert rule.text.en.endswith(".")
        assert rule.text.fr != rule.text.en
        assert rule.source.address.startswith("https://")


def used(build: Build, *, on: date, requires: tuple[str, ...] = (), **changes: Any) -> list[str]:
    report = check_certificate(build(**changes), on=on, requires=requires, accept_probationary=True)
    assert report.to_dict()["assumptions"] == [item.to_dict("en") for item in report.assumptions]
    return [item.id for item in report.assumptions]


def test_a_result_names_the_interpretations_it_rests_on(build: Build) -> None:
    assert used(build, on=date(2017, 6, 1)) == []
    assert used(build, on=date(2017, 12, 1)) == ["last-day-included"]
    assert used(build, on=date(2018, 6, 1), qualifications_until=None) == ["undated-list-longest-term"]
    assert used(build, on=date(2021, 6, 1), qualifications_until=None) == ["undated-list-longest-term"]
    held = {"qualifications": (), "probationary": (CertifiedQualification("0317"),)}
    assert used(build, on=date(2017, 6, 1), requires=("0316",), **held) == [
        "probationary-entails-probationary"
    ]


def test_a_control_history_names_them_too() -> None:
    held = (
        Qualification("1905", granted_on=date(2020, 3, 1)),
        Qualification(
            "1331", None, probationary=True, granted_on=date(2020, 3, 1), renewed_on=(date(2021, 3, 1),)
        ),
    )
    history = control_history(Structure(qualifications=held, controls=(date(2021, 4, 1),)), on="2021-06-01")
    assert [item.id for item in history.assumptions] == [
        "control-on-the-last-day-of-the-certificate",
        "late-control-counts",
        "renewal-from-its-date",
    ]
