"""What a tender asks, read from the file that a buyer writes."""

import re
from pathlib import Path

import pytest

from opqibi_rules.certificate.reading.requirements_file import read_requirements
from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.tender import Asked, Tender
from opqibi_rules.errors import FileError


def read(folder: Path, text: str) -> Tender:
    (folder / "tender.yaml").write_text(text, "utf-8")
    return read_requirements(folder / "tender.yaml")


def test_a_whole_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
tender: Marché 2026-042
buyer: Ville d’Exemple
accept_probationary: true
subcontractors: false
requirements:
  - 19.05 ou 1911
  - 0316
  - {codes: 13.26, rge: true, accept_probationary: false, or_equivalent: [Qualibat 8731, three references]}
  - codes: [1202, 12.03, 1202]
    each_member: true
""",
    )
    assert found == Tender(
        (
            Asked(Requirement(("1905", "1911")), accept_probationary=True),
            Asked(Requirement(("0316",)), accept_probationary=True),
            Asked(Requirement(("1326",), rge=True), equivalents=("Qualibat 8731", "three references")),
            Asked(Requirement(("1202", "1203")), accept_probationary=True, each_member=True),
        ),
        "Marché 2026-042",
        "Ville d’Exemple",
        subcontractors=False,
    )


def test_the_least_file(tmp_path: Path) -> None:
    assert read(tmp_path, "requirements: [0316]") == Tender((Asked(Requirement(("0316",))),))


def test_each_member_may_be_said_once_for_all(tmp_path: Path) -> None:
    found = read(tmp_path, "each_member: true\nrequirements: [1905, {codes: 1911, each_member: false}]")
    assert [one.each_member for one in found.asked] == [True, False]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("requirements: []", "at least one"),
        ("tender: x", r"\$\.requirements.*missing"),
        ("requirements: [1905, 19O5]", r"line 1, column 22.*four digits"),
        ("requirements:\n  - {codes: [1905, {a: b}]}", "line 2.*a code expected"),
        ("requirements: [{codes: []}]", "a code expected"),
        ("requirements: [{codes: 1905, rge: peut-être}]", r"\$\.requirements\[0\]\.rge: true or false"),
        ("requirements: [{codes: 1905, mention: rge}]", "not a known field"),
        ("requirements: [{codes: 1905, or_equivalent: ['']}]", "or_equivalent"),
        ("requirements: [1905]\nsubcontractor: true", "line 2.*not a known field"),
        ("requirements: [&a 1905]", "anchor"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FileError) as raised:
        read(tmp_path, text)
    assert re.search(told, raised.value.explain()), raised.value.explain()
