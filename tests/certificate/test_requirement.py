"""What a tender requires: met, unmet or undetermined, by which qualification, and why."""

from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.requirement import Requirement, unseen
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message
from opqibi_rules.verdict import Verdict

from .conftest import Build

ON = date(2017, 6, 1)


def judged(build: Build, requires: str, **changes: Any) -> tuple[str, str | None, str]:
    options = {name: changes.pop(name) for name in ("accept_probationary", "on") if name in changes}
    report = check_certificate(build(**changes), requires=[requires], **{"on": ON, **options})
    (result,) = report.requirements
    return result.status, result.by, result.reason.rule


def test_held(build: Build) -> None:
    assert judged(build, "1905") == ("met", "1905", "requirement-held")


@pytest.mark.parametrize(("code", "by"), [("0316", "0317"), ("1911", "1905")])
def test_entailed_by_what_is_held(build: Build, code: str, by: str) -> None:
    assert judged(build, code) == ("met", by, "requirement-entailed")


def test_what_is_entailed_does_not_entail_back(build: Build) -> None:
    held = (CertifiedQualification("0316"),)
    assert judged(build, "0317", qualifications=held) == ("unmet", None, "requirement-held")


def test_held_itself_rather_than_entailed(build: Build) -> None:
    held = (CertifiedQualification("0317"), CertifiedQualification("0316"))
    assert judged(build, "0316", qualifications=held) == ("met", "0316", "requirement-held")


def test_a_probationary_one_meets_it_only_where_the_buyer_says_so(build: Build) -> None:
    assert judged(build, "1331") == ("unmet", "1331", "requirement-not-probationary")
    assert judged(build, "1331", accept_probationary=True) == ("met", "1331", "requirement-held")


def test_the_full_one_wins_over_the_probationary_one(build: Build) -> None:
    both = (CertifiedQualification("1905", rge=True),)
    assert judged(build, "1905", probationary=both, probationary_until=date(2016, 12, 1)) == (
        "met",
        "1905",
        "requirement-held",
    )
    full_first = judged(build, "1905", probationary=both, accept_probationary=True)
    assert full_first == ("met", "1905", "requirement-held")


def test_either_will_do(build: Build) -> None:
    assert judged(build, "1202|1905") == ("met", "1905", "requirement-held")
    assert judged(build, "1202|1224")[:2] == ("unmet", None)


def test_a_lapsed_certificate_meets_nothing(build: Build) -> None:
    assert judged(build, "1905", on=date(2018, 6, 1)) == ("unmet", "1905", "qualification-yearly-control")


def test_what_cannot_be_read_may_hold_it(build: Build) -> None:
    assert judged(build, "1202", qualifications=None)[0] == "undetermined"
    assert judged(build, "0901", qualifications=(CertifiedQualification("901"),))[0] == "undetermined"
    assert judged(build, "1905", qualifications_until=None)[0] == "undetermined"
    seen = (CertifiedQualification("901"), CertifiedQualification("1905"))
    assert judged(build, "1905", qualifications=seen)[0] == "met"


@pytest.mark.parametrize(("rge", "status"), [(True, "met"), (False, "unmet"), (None, "undetermined")])
def test_the_rge_mention_is_that_of_the_answer(build: Build, rge: bool | None, status: str) -> None:
    report = check_certificate(
        build(qualifications=(CertifiedQualification("1905", rge=rge),)), on=ON, requires_rge=["1905"]
    )
    assert report.requirements[0].status == status
    assert report.verdict == {"met": "valid", "unmet": "not_valid"}.get(status, "undetermined")


def test_no_answer_tells_the_rge_mention_of_what_is_entailed(build: Build) -> None:
    report = check_certificate(build(), on=ON, requires_rge=["1911"])
    assert (report.requirements[0].status, report.requirements[0].by) == ("undetermined", "1905")


def test_an_expired_one_is_unmet_before_its_mention_is_looked_at(build: Build) -> None:
    held = (CertifiedQualification("1905", rge=None),)
    report = check_certificate(build(qualifications=held), on=date(2019, 1, 1), requires_rge=["1905"])
    assert (report.requirements[0].status, report.requirements[0].reason.rule) == (
        "unmet",
        "qualification-printed-date",
    )


def test_the_verdict_follows_from_the_certificate_and_every_requirement(build: Build) -> None:
    met = check_certificate(build(), on=ON, requires=["1905", "0316"])
    assert (met.verdict, met.reason.rule) == ("valid", "requirement-held")
    one_unmet = check_certificate(build(), on=ON, requires=["1905", "1202"])
    assert (one_unmet.verdict, str(one_unmet.reason.message)[:4]) == ("not_valid", "1202")


@pytest.mark.parametrize("text", ["", "190", "19O5", "1905|", "|", "1905,1911", "１９０５", "1905:5"])
def test_a_malformed_requirement_says_what_is_expected(text: str) -> None:
    with pytest.raises(RequestError, match="four digits"):
        Requirement.parse(text)


def test_spaces_and_repetitions_do_not_matter() -> None:
    assert str(Requirement.parse(" 1905 | 1911|1905 ")) == "1905|1911"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("19.05", ("1905",)),
        ("19.05 ou 19.11", ("1905", "1911")),
        ("1905 OU 1911 or 0316", ("1905", "1911", "0316")),
        ("03.16|1905", ("0316", "1905")),
    ],
)
def test_codes_as_buyers_write_them(text: str, codes: tuple[str, ...]) -> None:
    assert Requirement.parse(text).codes == codes


@pytest.mark.parametrize("text", ["19.5", "1.905", "19..05", "1905 et 1911", "ou 1905", "1905 ou", "19,05"])
def test_what_is_near_a_code_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="four digits"):
        Requirement.parse(text)


def test_a_code_that_nothing_at_hand_knows_is_pointed_out(build: Build) -> None:
    held = (CertifiedQualification("1950"),)
    report = check_certificate(build(qualifications=held), on=ON, requires=["0999|1905", "1950"])
    unknown = [str(one.message)[:4] for one in report.warnings if one.rule == "code-unknown"]
    assert unknown == ["0999"]  # 1905 is in the tables, and 1950 on the certificate


def test_an_expired_probationary_one_is_told_as_expired(build: Build) -> None:
    held = build(qualifications=(), probationary=(CertifiedQualification("0317"),), probationary_until=ON)
    later = date(2017, 9, 1)
    (result,) = check_certificate(held, on=later, requires=["0317"]).requirements
    assert (result.status, result.reason.rule) == ("unmet", "requirement-not-probationary")
    assert "2017-06-01, is past" in str(result.reason.message)


FULL = "Valid until 2018-12-01, under a certificate of the year."
TRIAL = "Valid until 2017-12-01, under a certificate of the year."
PROBATIONARY = {"qualifications": (), "probationary": (CertifiedQualification("0317"),)}


@pytest.mark.parametrize(
    ("requires", "changes", "rule", "sentence", "assumption"),
    [
        ("1905", {}, "requirement-held", f"1905 is held. {FULL}", None),
        ("0316", {}, "requirement-entailed", f"0317 is held and entails 0316. {FULL}", None),
        (
            "1331",
            {"accept_probationary": True},
            "requirement-held",
            f"1331 is held as probationary, which is accepted. {TRIAL}",
            None,
        ),
        (
            "0316",
            {**PROBATIONARY, "accept_probationary": True},
            "requirement-entailed",
            f"0317 is held and entails 0316. {TRIAL}",
            "probationary-entails-probationary",
        ),
        (
            "1331",
            {},
            "requirement-not-probationary",
            f"1331, probationary only, which the tender does not accept. {TRIAL}",
            None,
        ),
        (
            "2008|2009",
            {},
            "requirement-held",
            "2008|2009: nothing on this certificate meets it, nor entails it.",
            None,
        ),
        (
            "2008",
            {"qualifications": None},
            "missing-is-undetermined",
            "2008: what would meet it may stand in a part of the answer that cannot be read.",
            None,
        ),
        (
            "1905",
            {"on": date(2019, 1, 1)},
            "qualification-printed-date",
            "1905: Its printed date, 2018-12-01, is past.",
            None,
        ),
    ],
)
def test_each_answer_in_its_own_words(
    build: Build, requires: str, changes: Any, rule: str, sentence: str, assumption: str | None
) -> None:
    options = {name: value for name, value in changes.items() if name in {"accept_probationary", "on"}}
    rest = {name: value for name, value in changes.items() if name not in options}
    report = check_certificate(build(**rest), requires=[requires], **{"on": ON, **options})
    reason = report.requirements[0].reason
    assert (reason.rule, str(reason.message), reason.assumption) == (rule, sentence, assumption)


@pytest.mark.parametrize(
    ("requires", "rge", "sentence"),
    [
        ("1905", True, f"1905 is held. {FULL}"),
        ("1905", False, "1905 does not bear the RGE mention."),
        ("1905", None, "1905: the answer does not tell the RGE mention."),
        ("1911", True, "1905 entails 1911, and the answer does not tell whether 1911 bears the RGE mention."),
    ],
)
def test_the_mention_in_its_own_words(build: Build, requires: str, rge: bool | None, sentence: str) -> None:
    held = (CertifiedQualification("1905", rge=rge),)
    report = check_certificate(build(qualifications=held), on=ON, requires_rge=[requires])
    reason = report.requirements[0].reason
    rule = "requirement-held" if sentence.endswith("year.") else "requirement-rge"
    assert (reason.rule, str(reason.message)) == (rule, sentence)


def test_the_refusal_of_a_code_shows_what_was_written_and_no_more_than_it_should() -> None:
    with pytest.raises(RequestError) as raised:
        Requirement.parse("x" * 100)
    assert str(raised.value) == (
        f"« {'x' * 80} » is not a requirement. Write a code of four digits, leading zero kept, as "
        "0316 or 03.16; alternatives with a bar, or with « ou »: 1905|1911."
    )


def test_an_unknown_code_in_its_own_words(build: Build) -> None:
    report = check_certificate(build(), on=ON, requires=["0999"])
    (said,) = [one.message for one in report.warnings if one.rule == "code-unknown"]
    assert str(said) == (
        "0999 is in no table at hand, which are an extract: check in the nomenclature that it exists."
    )


def test_where_there_is_no_certificate_each_requirement_has_the_same_answer() -> None:
    reason = Reason("no-certificate-known", Message("None."))
    both = [Requirement(("1905",)), Requirement(("1911",))]
    found = unseen(both, Verdict.NO, reason)
    assert [(one.requirement, one.verdict, one.by, one.reason) for one in found] == [
        (one, Verdict.NO, None, reason) for one in both
    ]


def test_a_requirement_is_without_the_mention_unless_it_says_so(build: Build) -> None:
    assert Requirement.parse("1905") == Requirement(("1905",), rge=False)
    assert Requirement.parse("1905", rge=True) == Requirement(("1905",), rge=True)
    report = check_certificate(build(), on=ON, requires=["1905|1911"], requires_rge=["1905"])
    assert [one.requirement for one in report.requirements] == [
        Requirement(("1905", "1911")),
        Requirement(("1905",), rge=True),
    ]


@pytest.mark.parametrize("given", [[1905], [None], 1905, None, [["1905"]]])
def test_what_is_no_text_is_refused_as_a_requirement(build: Build, given: Any) -> None:
    for option in ("requires", "requires_rge"):
        with pytest.raises(RequestError, match="is not a requirement"):
            check_certificate(build(), on="2017-06-01", **{option: given})


def test_a_requirement_already_read_keeps_the_mention_it_is_asked_with(build: Build) -> None:
    report = check_certificate(build(), on="2017-06-01", requires_rge=[Requirement(("0317",))])  # type: ignore[list-item] # said of texts
    assert (report.requirements[0].requirement.rge, report.requirements[0].status) == (True, "unmet")
