"""Several answers about one firm in one run: the latest speaks, and those of one day must say the same.

All on 1 June 2017. The certificate of :func:`build` is of 1 December 2016, for a year; it holds 0317 and 1905.
"""

from dataclasses import replace
from datetime import date

import pytest

from opqibi_rules.certificate.answers_together import number_key, weighed
from opqibi_rules.certificate.check import Answer, check_certificate
from opqibi_rules.certificate.firms import Firm
from opqibi_rules.certificate.firms_check import FirmsCheck, check_firms
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.certificate.organic import OrganicOperator, OrganicRecord
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.tender import Asked, Tender
from opqibi_rules.tables.library import Tables

from .conftest import Build

ON = date(2017, 6, 1)
EARLIER = date(2017, 5, 2)
SIREN = "732829320"
ABSENT = Answer("api_entreprise_v3", Refusal((ApiError("11003"),)), SIREN, ON, 404)
OUTAGE = Answer("api_entreprise_v3", Refusal((ApiError("04000"),)), SIREN, ON, 502)


def holding(
    build: Build, *codes: str, on: date | None = ON, rge: bool | None = True, **more: object
) -> Answer:
    held = tuple(CertifiedQualification(code, rge=rge) for code in codes)
    made = build(qualifications=held, probationary=(), probationary_until=None, **more)
    return replace(made, fetched_on=on, name=f"{on}.json")


def run(
    *answers: Answer, siren: str | None = SIREN, consortium: str | None = "G", on: date = ON
) -> FirmsCheck:
    firms = [
        Firm(source=answer.name, siren=siren, consortium=consortium, answer=answer) for answer in answers
    ]
    tender = Tender((Asked(Requirement(("1905",))), Asked(Requirement(("1326",)))))
    return check_firms(firms, on=on, tables=Tables(), tender=tender)


def told(check: FirmsCheck) -> list[list[str]]:
    """Of each candidate, what becomes of 1905, then of 1326."""
    return [[result.status for result in one.results] for one in check.candidates]


@pytest.mark.parametrize("siren", [SIREN, None])
def test_two_answers_of_one_day_that_differ_settle_nothing(build: Build, siren: str | None) -> None:
    """One holds 1905, the other 1326: together they would meet both. The list or the answer names the firm."""
    found = run(holding(build, "1905"), holding(build, "1326"), siren=siren)
    assert told(found) == [["undetermined", "undetermined"]]
    assert [one.verdict for one in found.firms] == ["undetermined", "undetermined"]
    assert "Answers of 2017-06-01 about 732829320 do not say the same" in str(found.firms[0].reason.message)
    assert found.exit_code == 3


def test_the_mention_alone_is_enough_to_differ(build: Build) -> None:
    found = run(holding(build, "1905", "1326"), holding(build, "1905", "1326", rge=False))
    assert told(found) == [["undetermined", "undetermined"]]


def test_two_answers_that_say_the_same_are_believed(build: Build) -> None:
    """The number may be written another way."""
    both = holding(build, "1905", "1326"), holding(build, "1326", "1905", number="16120042")
    assert told(run(*both)) == [["met", "met"]]


@pytest.mark.parametrize("consortium", ["G", None])
@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_speaks_and_an_older_one_supplies_nothing(
    build: Build, consortium: str | None, turned: bool
) -> None:
    answers = [holding(build, "1326", on=EARLIER), holding(build, "1905")]
    found = run(*(reversed(answers) if turned else answers), consortium=consortium)
    assert told(found) == ([["met", "unmet"]] if consortium else [["met", "unmet"]] * 2)
    (old,) = [one for one in found.firms if one.firm.source == "2017-05-02.json"]
    assert old.report is not None
    assert "The answer of 2017-05-02 (2017-05-02.json) is set aside" in str(old.report.warnings[0].message)


def test_a_404_of_the_latest_beats_an_older_certificate(build: Build) -> None:
    found = run(holding(build, "1326", on=EARLIER), ABSENT)
    assert [one.verdict for one in found.firms] == ["not_valid", "not_valid"]
    assert told(found) == [["unmet", "unmet"]]
    of_one_day = run(holding(build, "1326"), ABSENT)
    assert told(of_one_day) == [["undetermined", "undetermined"]]


def test_an_outage_says_nothing_of_the_firm(build: Build) -> None:
    found = run(holding(build, "1905", "1326", on=EARLIER), OUTAGE)
    assert told(found) == [["met", "met"]]
    assert found.candidates[0].under_reservation


def test_without_their_days_nothing_says_which_is_the_latest(build: Build) -> None:
    found = run(holding(build, "1905", "1326", on=None), holding(build, "1905"))
    assert told(found) == [["undetermined", "undetermined"]]
    assert "not all tell their day" in str(found.firms[1].reason.message)
    dated = [holding(build, "1905", on=None), holding(build, "1326", on=None)]
    catalogue = Tables().api_errors
    assert all(one.doubt for one in weighed([(SIREN, one) for one in dated], ON, catalogue, stated=ON))


def test_a_certificate_issued_since_says_nothing_of_an_earlier_day(build: Build) -> None:
    """Asked of 10 May: answered on 2 May, issued anew on 20 May. Answered after that issue, it is set aside."""
    since = holding(build, "1905", issued=date(2017, 5, 20), number="17 05 0001")
    asked = date(2017, 5, 10)
    weighed_then = weighed(
        [(None, holding(build, "1326", on=EARLIER)), (None, since)], asked, Tables().api_errors
    )
    earlier, later = weighed_then
    assert earlier.doubt is None
    assert later.doubt is not None
    assert (later.doubt.rule, later.latest) == ("answer-age", holding(build, "1326", on=EARLIER))
    late = holding(build, "1326", on=date(2017, 5, 25))
    assert weighed([(None, late), (None, since)], asked, Tables().api_errors)[0].latest == since


def test_the_answer_of_that_day_speaks_in_the_place_of_a_certificate_issued_since(build: Build) -> None:
    """One run does not say both « met » and that nothing is known, of one firm on one day."""
    since = holding(build, "1905", issued=date(2017, 5, 20), number="17 05 0001")
    found = run(since, holding(build, "1326", on=EARLIER), on=date(2017, 4, 1))
    assert [one.verdict for one in found.firms] == ["valid", "valid"]
    assert told(found) == [["undetermined", "met"]]  # 1905 may have been withdrawn before the answer
    two = [holding(build, code, on=EARLIER) for code in ("1326", "1905")]  # of one day, and not the same
    found = run(since, *two, on=date(2017, 4, 1))
    assert [one.verdict for one in found.firms] == ["undetermined"] * 3


def test_the_addresses_of_an_organic_operator_are_not_compared() -> None:
    def at(siret: str, name: str) -> Answer:
        return Answer("agence_bio", OrganicOperator((OrganicRecord(siret=siret, name=name),)), SIREN, ON)

    catalogue = Tables().api_errors
    two = [(None, at("73282932000074", "A")), (None, at("73282932000082", "B"))]
    assert not any(one.doubt for one in weighed(two, ON, catalogue))
    same = [(None, at("73282932000074", "A")), (None, at("73282932000074", "B"))]
    assert all(one.doubt for one in weighed(same, ON, catalogue))


def test_what_ends_of_a_firm_listed_twice_is_told_once(build: Build) -> None:
    once, twice = run(holding(build, "1905")), run(holding(build, "1905"), holding(build, "1905"))
    assert [one.end for one in once.ends] == [one.end for one in twice.ends]


@pytest.mark.parametrize("number", [None, "16 12 0042"])
def test_one_answer_that_names_no_firm_is_of_none_of_two(build: Build, number: str | None) -> None:
    """Its number, where it has one, may be written with other spaces; saved twice, it has another name."""
    one = replace(holding(build, "1905", "1326", number=number), siren=None)
    other = replace(holding(build, "1905", "1326", number=number and "16120042"), siren=None, name="b.json")
    firms = [
        Firm(source="l.csv", siren=SIREN, answer=one),
        Firm(source="l.csv", siren="552100554", answer=other),
    ]
    found = check_firms(firms, on=ON, tables=Tables())
    assert [one.verdict for one in found.firms] == ["undetermined", "undetermined"]
    assert "552100554 too: nothing says whose it is" in str(found.firms[0].reason.message)


def test_one_404_that_names_no_firm_is_of_none_of_two_and_two_alike_are_two() -> None:
    def listed(name: str, siren: str) -> Firm:
        return Firm(source="l.csv", siren=siren, answer=replace(ABSENT, siren=None, name=name))

    same = check_firms([listed("a.json", SIREN), listed("a.json", "552100554")], on=ON, tables=Tables())
    assert [one.verdict for one in same.firms] == ["undetermined", "undetermined"]
    two = check_firms([listed("a.json", SIREN), listed("b.json", "552100554")], on=ON, tables=Tables())
    assert [one.verdict for one in two.firms] == ["not_valid", "not_valid"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("25 12 2819", "25122819", True),
        ("a 1", "A\N{NO-BREAK SPACE}1", True),
        ("251", "252", False),
        (None, " ", True),
    ],
)
def test_numbers_are_compared_without_spaces_nor_case(one: str | None, other: str, same: bool) -> None:
    assert (number_key(one) == number_key(other)) is same


def test_an_answer_that_another_contradicts_is_undetermined_part_by_part(build: Build) -> None:
    (first, _) = weighed(
        [(None, holding(build, "1905")), (None, holding(build, "1326"))], ON, Tables().api_errors
    )
    report = check_certificate(holding(build, "1905"), on=ON, requires=["1905"], doubt=first.doubt)
    assert (report.verdict, report.requirements[0].status) == ("undetermined", "undetermined")
    assert (report.reason.rule, report.warnings[0]) == ("answer-contradicts-itself", first.doubt)


def test_an_error_without_a_status_is_known_by_its_code(build: Build) -> None:
    # 04000 says nothing of the firm, whichever way it was saved; a sentence without any code may well deny it.
    held = replace(build(), fetched_on=ON)
    outage = Answer("api_entreprise_v3", Refusal((ApiError("04000"),)), SIREN, ON)
    found = weighed([(SIREN, held), (SIREN, outage)], ON, Tables().api_errors)
    assert [one.doubt for one in found] == [None, None]


def test_between_two_answers_on_one_certificate_what_the_later_gained_is_not_known(build: Build) -> None:
    """Of 2 May and 1 June 2017: 1326 was gained, or lost, between them. What both hold is held, unless more was gained."""
    for on, of_gained, of_lost in (
        (date(2017, 5, 20), ["undetermined", "undetermined"], ["met", "undetermined"]),
        (ON, ["met", "met"], ["met", "unmet"]),
        (date(2017, 5, 1), ["met", "met"], ["met", "undetermined"]),
    ):
        more, less = ("1905", "1326"), ("1905",)
        gained = run(holding(build, *less, on=EARLIER), holding(build, *more), on=on)
        lost = run(holding(build, *more, on=EARLIER), holding(build, *less), on=on)
        assert (told(gained), told(lost)) == ([of_gained], [of_lost]), on
    renewed = holding(build, "1905", "1326", issued=date(2017, 5, 10))
    anew = run(holding(build, "1905", on=EARLIER), renewed, on=date(2017, 5, 20))
    assert told(anew) == [["met", "met"]]  # another certificate, issued before the day asked
