"""What is said of a requirement, word by word, with the rule and the interpretation that it rests on."""

from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.requirement import Requirement, RequirementResult, unseen
from opqibi_rules.messages import Message
from opqibi_rules.verdict import Verdict

from .conftest import Build

ON = date(2017, 6, 1)
Said = tuple[str, str | None, str, str | None, str]
FULL = "Valid until 2018-12-01, under a certificate of the year."
TRIAL = "Valid until 2017-12-01, under a certificate of the year."


def result(build: Build, code: str, **changes: Any) -> RequirementResult:
    options = {name: changes.pop(name) for name in ("accept_probationary", "on") if name in changes}
    rge = changes.pop("rge", False)
    requirement = Requirement.parse(code, rge=rge)
    report = check_certificate(build(**changes), requires=[requirement], **{"on": ON, **options})
    (found,) = report.requirements
    return found


def told(found: RequirementResult) -> Said:
    reason = found.reason
    return str(found.status), found.by, reason.rule, reason.assumption, str(reason.message)


def of(code: str, *, rge: bool | None) -> tuple[CertifiedQualification, ...]:
    return (CertifiedQualification(code, rge=rge),)


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("1905", {}, ("met", "1905", "requirement-held", None, f"1905 is held. {FULL}")),
        (
            "0316",
            {},
            ("met", "0317", "requirement-entailed", None, f"0317 is held and entails 0316. {FULL}"),
        ),
        (
            "1202|1224",
            {},
            (
                "unmet",
                None,
                "requirement-held",
                None,
                "1202|1224: nothing on this certificate meets it, nor entails it.",
            ),
        ),
        (
            "1202",
            {"qualifications": None},
            (
                "undetermined",
                None,
                "missing-is-undetermined",
                None,
                "1202: what would meet it may stand in a part of the answer that cannot be read.",
            ),
        ),
        (
            "1331",
            {},
            (
                "unmet",
                "1331",
                "requirement-not-probationary",
                None,
                f"1331, probationary only, which the tender does not accept. {TRIAL}",
            ),
        ),
        (
            "1331",
            {"accept_probationary": True},
            (
                "met",
                "1331",
                "requirement-held",
                None,
                f"1331 is held as probationary, which is accepted. {TRIAL}",
            ),
        ),
        (
            "0316",
            {
                "accept_probationary": True,
                "qualifications": (),
                "qualifications_until": None,
                "probationary": of("0317", rge=None),
            },
            (
                "met",
                "0317",
                "requirement-entailed",
                "probationary-entails-probationary",
                f"0317 is held and entails 0316. {TRIAL}",
            ),
        ),
        (
            "1905",
            {"rge": True, "qualifications": of("1905", rge=True)},
            ("met", "1905", "requirement-held", None, f"1905 is held. {FULL}"),
        ),
        (
            "1905",
            {"rge": True, "qualifications": of("1905", rge=False)},
            ("unmet", "1905", "requirement-rge", None, "1905 does not bear the RGE mention."),
        ),
        (
            "1905",
            {"rge": True, "qualifications": of("1905", rge=None)},
            (
                "undetermined",
                "1905",
                "requirement-rge",
                None,
                "1905: the answer does not tell the RGE mention.",
            ),
        ),
        (
            "0316",
            {"rge": True, "qualifications": of("0317", rge=True)},
            (
                "undetermined",
                "0317",
                "requirement-rge",
                None,
                "0317 entails 0316, and the answer does not tell whether 0316 bears the RGE mention.",
            ),
        ),
        (
            "1905",
            {"rge": True, "on": date(2019, 6, 1), "qualifications": of("1905", rge=None)},
            (
                "unmet",
                "1905",
                "qualification-printed-date",
                None,
                "1905: Its printed date, 2018-12-01, is past.",
            ),
        ),
        (
            "1905",
            {"on": date(2018, 6, 1), "qualifications_until": None},
            (
                "unmet",
                "1905",
                "qualification-yearly-control",
                "undated-list-longest-term",
                "1905: It may run until 2020-12-01, under a certificate not renewed.",
            ),
        ),
    ],
)
def test_a_requirement(build: Build, code: str, changes: dict[str, Any], expected: Said) -> None:
    found = result(build, code, **changes)
    assert told(found) == expected
    assert found.requirement == Requirement.parse(code, rge=bool(changes.get("rge")))


def test_what_is_not_seen_bears_the_verdict_and_the_reason_of_the_whole() -> None:
    required = [Requirement.parse("1905"), Requirement.parse("1202", rge=True)]
    reason = Reason("error-is-no-answer", Message("It failed."))
    found = unseen(required, Verdict.UNDETERMINED, reason)
    assert [one.requirement for one in found] == required
    assert {(one.verdict, one.reason, one.by) for one in found} == {(Verdict.UNDETERMINED, reason, None)}
