"""What a tender asks, and what firms bring to it together: each answer worked by hand.

Three firms, on 1 June 2017, under certificates of 1 December 2016 that run a year:

======== ============ =============================================
firm     SIREN        holds
======== ============ =============================================
Alpha    732829320    1905 with the mention RGE, 1326 without
Beta     552100554    1202, 0302
Gamma    443061841    1407; 1331 as probationary
======== ============ =============================================
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.firms import Firm, Role
from opqibi_rules.certificate.model import Certificate, CertifiedQualification
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.tender import (
    Asked,
    Candidate,
    Tender,
    TenderAnswer,
    candidates,
    judge_candidate,
)
from opqibi_rules.messages import Message
from opqibi_rules.tables.library import Tables

ON = date(2017, 6, 1)
ALL_FIVE = ("1905", "1326", "1202", "0302", "1407")


def firm(
    name: str, siren: str, *codes: str, probationary: Sequence[str] = (), rge: Sequence[str] = ()
) -> Firm:
    certificate = Certificate(
        number="16 12 0042",
        issued=date(2016, 12, 1),
        duration="valable un an",
        qualifications=tuple(CertifiedQualification(code, rge=code in rge) for code in codes),
        qualifications_until=date(2018, 12, 1) if codes else None,
        probationary=tuple(CertifiedQualification(code, rge=False) for code in probationary),
        probationary_until=date(2017, 12, 1) if probationary else None,
    )
    answer = Answer("api_entreprise_v3", certificate, siren=siren, fetched_on=ON)
    return Firm(source="list.csv", siren=siren, name=name, answer=answer)


ALPHA = firm("Alpha", "732829320", "1905", "1326", rge=["1905"])
BETA = firm("Beta", "552100554", "1202", "0302")
GAMMA = firm("Gamma", "443061841", "1407", probationary=["1331"])
UNKNOWN = Firm(source="list.csv", siren="120027016", name="Delta", unknown=Message("It did not answer."))
NO_CERTIFICATE = Firm(
    source="list.csv",
    siren="120027016",
    name="Epsilon",
    answer=Answer(
        "api_entreprise_v3", Refusal((ApiError("11003"),)), siren="120027016", fetched_on=ON, http_status=404
    ),
)


def asked(code: str, **terms: object) -> Asked:
    rge = bool(terms.pop("rge", False))
    return Asked(Requirement.parse(code, rge=rge), **terms)  # type: ignore[arg-type] # the terms of a test


def judged(*lines: Asked, firms: Sequence[Firm], on: date = ON, **tender: object) -> TenderAnswer:
    whole = Tender(lines, **tender)  # type: ignore[arg-type] # as above
    return judge_candidate(whole, Candidate(tuple(firms), "Together"), on=on, tables=Tables())


def subcontracted(one: Firm) -> Firm:
    return replace(one, role=Role.SUBCONTRACTOR)


def test_three_firms_that_together_hold_five_codes_meet_the_tender() -> None:
    found = judged(*map(asked, ALL_FIVE), firms=[ALPHA, BETA, GAMMA])
    assert found.verdict == "met"
    who = {
        str(result.asked.requirement): [one.firm.name for one in result.brought if one.status == "met"]
        for result in found.results
    }
    assert who == {
        "1905": ["Alpha"],
        "1326": ["Alpha"],
        "1202": ["Beta"],
        "0302": ["Beta"],
        "1407": ["Gamma"],
    }
    assert "Beta · 552100554: 1202 is held." in str(found.results[2].reason.message)


@pytest.mark.parametrize("missing", [ALPHA, BETA, GAMMA])
def test_without_one_of_them_it_is_not_met(missing: Firm) -> None:
    found = judged(*map(asked, ALL_FIVE), firms=[one for one in (ALPHA, BETA, GAMMA) if one is not missing])
    assert found.verdict == "unmet"


@pytest.mark.parametrize("each", [True, False])
def test_a_certificate_issued_after_the_day_leaves_the_requirement_open(each: bool) -> None:
    before = date(2016, 6, 1)
    found = judged(asked("1905", each_member=each), firms=[ALPHA], on=before)
    assert (found.verdict, found.results[0].reason.rule) == ("undetermined", "certificate-one-year")
    assert judged(asked("2008", each_member=each), firms=[ALPHA, BETA], on=before).verdict == "undetermined"


def test_asked_of_each_member_one_is_not_enough() -> None:
    found = judged(asked("1905", each_member=True), firms=[ALPHA, BETA])
    assert found.verdict == "unmet"
    assert found.results[0].reason.rule == "consortium-each"
    assert "Beta" in str(found.reason.message)
    assert judged(asked("1905|1202", each_member=True), firms=[ALPHA, BETA]).verdict == "met"


def test_a_subcontractor_need_not_hold_what_each_member_must() -> None:
    assert judged(asked("1905", each_member=True), firms=[ALPHA, subcontracted(BETA)]).verdict == "met"


@pytest.mark.parametrize(("counts", "verdict"), [(True, "met"), (False, "unmet"), (None, "undetermined")])
def test_what_a_subcontractor_holds_counts_as_the_buyer_says(counts: bool | None, verdict: str) -> None:
    found = judged(asked("1202"), firms=[ALPHA, subcontracted(BETA)], subcontractors=counts)
    assert found.verdict == verdict
    if verdict != "unmet":
        assert found.results[0].reason.rule == "subcontractor-capacity"


def test_a_subcontractor_who_brings_nothing_leaves_nothing_open() -> None:
    assert judged(asked("2008"), firms=[ALPHA, subcontracted(BETA)], subcontractors=None).verdict == "unmet"


@pytest.mark.parametrize("each", [True, False])
def test_subcontractors_alone_are_no_candidate(each: bool) -> None:
    """Whatever they hold: who the members are is not known."""
    for held in (ALPHA, BETA):
        found = judged(asked("1905", each_member=each), firms=[subcontracted(held)], subcontractors=True)
        assert found.verdict == "undetermined"
        assert "the members are not known" in str(found.reason.message)


def test_a_code_in_no_table_is_said_and_one_that_a_member_holds_is_not() -> None:
    found = judged(asked("1999"), asked("1407"), firms=[ALPHA, GAMMA])
    assert [(one.rule, str(one.message)[:24]) for one in found.warnings] == [
        ("code-unknown", "1999 is in no table at h")
    ]
    assert "code-unknown" in [rule.id for rule in found.rules]
    held = firm("Zeta", "552100554", "1999")
    assert judged(asked("1999"), firms=[ALPHA, held]).warnings == ()


def test_probationary_only_where_the_requirement_accepts_it() -> None:
    assert judged(asked("1331"), firms=[GAMMA]).verdict == "unmet"
    assert judged(asked("1331", accept_probationary=True), firms=[GAMMA]).verdict == "met"


def test_the_mention_must_be_on_the_very_certificate() -> None:
    assert judged(asked("1905", rge=True), firms=[ALPHA]).verdict == "met"
    assert judged(asked("1326", rge=True), firms=[ALPHA]).verdict == "unmet"


def test_an_equivalent_is_for_a_person_to_judge_and_never_met() -> None:
    found = judged(asked("2008", equivalents=("Qualibat 8731",)), firms=[ALPHA])
    assert (found.verdict, found.results[0].reason.rule) == ("undetermined", "equivalent-judged-by-a-person")
    assert "« Qualibat 8731 »" in str(found.results[0].reason.message)


def test_an_equivalent_is_not_asked_for_where_the_qualification_is_held() -> None:
    found = judged(asked("1905", equivalents=("Qualibat 8731",)), firms=[ALPHA])
    assert (found.verdict, found.results[0].reason.rule) == ("met", "requirement-held")


def test_a_firm_of_which_nothing_is_known_never_counts_as_met() -> None:
    found = judged(asked("1905"), firms=[UNKNOWN])
    assert (found.verdict, str(found.reason.message)) == (
        "undetermined",
        "1905 is not settled. It did not answer.",
    )
    assert judged(asked("1905"), firms=[UNKNOWN, ALPHA]).verdict == "met"
    assert judged(asked("1905", each_member=True), firms=[UNKNOWN, ALPHA]).verdict == "undetermined"
    assert judged(asked("2008", each_member=True), firms=[UNKNOWN, ALPHA]).verdict == "unmet"


def test_a_member_without_a_certificate_takes_nothing_from_the_others() -> None:
    assert judged(asked("1905"), firms=[NO_CERTIFICATE, ALPHA]).verdict == "met"
    assert judged(asked("1905"), firms=[NO_CERTIFICATE]).verdict == "unmet"


def test_an_answer_that_names_no_firm_brings_nothing_to_anybody() -> None:
    assert ALPHA.answer is not None
    nameless = Firm(source="p1.json", answer=replace(ALPHA.answer, siren=None))
    found = judged(asked("1905"), firms=[nameless])
    assert (found.verdict, found.results[0].reason.rule) == ("undetermined", "siren-asked")


def test_an_answer_about_another_firm_brings_nothing() -> None:
    mistaken = replace(ALPHA, siren="552100554")
    found = judged(asked("1905"), firms=[mistaken])
    assert (found.verdict, found.results[0].reason.rule) == ("undetermined", "siren-differs")


def test_past_the_year_of_its_certificate_a_firm_brings_nothing() -> None:
    assert ALPHA.answer is not None
    later = date(2018, 6, 1)
    asked_then = replace(ALPHA, answer=replace(ALPHA.answer, fetched_on=later))
    assert judged(asked("1905"), firms=[asked_then], on=later).verdict == "unmet"


def fetched_on(one: Firm, day: date) -> Firm:
    assert one.answer is not None
    return replace(one, answer=replace(one.answer, fetched_on=day))


def test_an_answer_from_before_the_day_meets_it_under_reservation_and_denies_nothing() -> None:
    old = fetched_on(ALPHA, date(2017, 5, 1))
    met = judged(asked("1905"), firms=[old])
    assert (met.verdict, met.under_reservation, met.results[0].under_reservation) == ("met", True, True)
    assert judged(asked("1202"), firms=[old]).verdict == "undetermined"
    assert not judged(asked("1905"), firms=[ALPHA]).under_reservation


@pytest.mark.parametrize(("each", "reservation"), [(False, False), (True, True)])
def test_the_reservation_is_that_of_those_who_settle_it(each: bool, reservation: bool) -> None:
    firms = [ALPHA, replace(fetched_on(ALPHA, date(2017, 5, 1)), siren="732829320")]
    found = judged(asked("1905", each_member=each), firms=firms)
    assert (found.verdict, found.under_reservation) == ("met", reservation)


def test_a_tender_that_asks_for_nothing_is_met_by_nobody() -> None:
    assert judged(firms=[ALPHA]).verdict == "undetermined"


def test_every_rule_named_stands_with_its_source() -> None:
    found = judged(asked("1202"), asked("1905", each_member=True), firms=[ALPHA, subcontracted(BETA)])
    named = {result.reason.rule for result in found.results}
    named |= {one.reason.rule for result in found.results for one in result.brought}
    assert named | {found.reason.rule} == {rule.id for rule in found.rules}


WHAT = {"met": ALPHA, "unmet": BETA, "undetermined": UNKNOWN}


@pytest.mark.parametrize("standings", list(product(WHAT, repeat=3)))
@pytest.mark.parametrize("each", [True, False])
def test_every_consortium_of_three_follows_from_its_members(
    standings: tuple[str, str, str], each: bool
) -> None:
    """One of them: met if one meets it, unmet if none can. Each: unmet if one does not, met if all do."""
    found = judged(asked("1905", each_member=each), firms=[WHAT[one] for one in standings])
    decisive = "unmet" if each else "met"
    if decisive in standings:
        expected = decisive
    elif "undetermined" in standings:
        expected = "undetermined"
    else:
        expected = standings[0]
    assert found.verdict == expected


def test_the_name_of_a_consortium_is_one_however_it_is_spelt() -> None:
    spelt = ["Été", "ete ", " ÉTÉ", "Ét é"]
    found = candidates([replace(ALPHA, consortium=name) for name in spelt])
    assert [(one.name, len(one.firms)) for one in found] == [("Été", 3), ("Ét é", 1)]


def test_each_consortium_is_a_candidate_and_so_is_each_firm_that_stands_in_none() -> None:
    listed = [replace(ALPHA, consortium="A"), BETA, replace(GAMMA, consortium="A"), NO_CERTIFICATE]
    found = [(one.name, [firm.name for firm in one.firms]) for one in candidates(listed)]
    assert found == [("A", ["Alpha", "Gamma"]), (None, ["Beta"]), (None, ["Epsilon"])]


FULL = "Valid until 2018-12-01, under a certificate of the year."
HELD = f"Alpha · 732829320: 1905 is held. {FULL}"
NOTHING = "nothing on this certificate meets it, nor entails it."
SILENT = "Delta · 120027016: It did not answer."


@pytest.mark.parametrize(
    ("line", "firms", "rule", "sentence"),
    [
        (asked("1905"), [ALPHA], "requirement-held", f"1905 is held. {FULL}"),
        (asked("2008"), [ALPHA], "requirement-held", f"2008: {NOTHING}"),
        (asked("1905"), [ALPHA, BETA], "consortium-together", HELD),
        (asked("2008"), [ALPHA, BETA], "consortium-together", "No firm of the candidate meets it."),
        (asked("2008"), [ALPHA, UNKNOWN], "consortium-together", SILENT),
        (asked("1905", each_member=True), [ALPHA], "requirement-held", f"1905 is held. {FULL}"),
        (
            asked("1905|1202", each_member=True),
            [ALPHA, BETA],
            "consortium-each",
            "Each of the 2 members meets it.",
        ),
        (
            asked("1905", each_member=True),
            [ALPHA, BETA, UNKNOWN],
            "consortium-each",
            f"Each member has to meet it. Beta · 552100554: 1905: {NOTHING}",
        ),
        (
            asked("1905", each_member=True),
            [ALPHA, UNKNOWN],
            "consortium-each",
            f"Each member has to meet it. {SILENT}",
        ),
        (
            asked("1202"),
            [ALPHA, subcontracted(BETA)],
            "subcontractor-capacity",
            f"Beta · 552100554: 1202 is held. {FULL} It is a subcontractor, and the requirements do not say whether "
            "that counts.",
        ),
        (
            asked("1202"),
            [subcontracted(NO_CERTIFICATE)],
            "missing-is-undetermined",
            "Only subcontractors are listed: the members are not known.",
        ),
        (
            asked("2008", equivalents=("Qualibat 8731", "references")),
            [ALPHA],
            "equivalent-judged-by-a-person",
            f"2008: {NOTHING} The buyer takes as equivalent: « Qualibat 8731 », « references ». It is for a person to "
            "judge.",
        ),
    ],
)
def test_each_answer_in_its_own_words(line: Asked, firms: list[Firm], rule: str, sentence: str) -> None:
    (result,) = judged(line, firms=firms).results
    assert (result.reason.rule, str(result.reason.message)) == (rule, sentence)


def test_the_whole_in_its_own_words() -> None:
    found = judged(asked("1905"), asked("2008"), asked("1202"), firms=[ALPHA])
    assert (found.reason.rule, str(found.reason.message)) == (
        "requirement-held",
        f"2008 is not met. 2008: {NOTHING}",
    )
    met = judged(asked("1905"), firms=[ALPHA])
    assert (met.reason.rule, str(met.reason.message)) == (
        "requirement-held",
        "All that the tender asks is met.",
    )
    empty = judged(firms=[ALPHA])
    assert (empty.reason.rule, str(empty.reason.message)) == (
        "missing-is-undetermined",
        "The tender asks for nothing.",
    )
    assert (met.on, met.tender.asked, met.candidate.name) == (ON, (asked("1905"),), "Together")


def test_an_interpretation_that_a_requirement_rests_on_is_told() -> None:
    held = firm("Zeta", "443061841", probationary=["0317"])
    found = judged(asked("0316", accept_probationary=True), firms=[held])
    assert [one.id for one in found.assumptions] == ["probationary-entails-probationary"]
    unmet = judged(asked("2008"), asked("0316", accept_probationary=True), firms=[held])
    assert [one.id for one in unmet.assumptions] == ["probationary-entails-probationary"]


def test_each_firm_by_the_code_that_it_brings() -> None:
    (result,) = judged(asked("1905|1202"), firms=[ALPHA, BETA, GAMMA]).results
    assert [one.by for one in result.brought] == ["1905", "1202", None]


def test_today_is_what_a_bare_answer_is_taken_to_be_of() -> None:
    """A bare answer read on 1 May, asked about 1 June: it can know nothing after 1 May."""
    assert ALPHA.answer is not None
    bare = replace(ALPHA, answer=replace(ALPHA.answer, fetched_on=None))
    whole = Candidate((bare,), None)
    tender = Tender((asked("1905"),))
    for today, reservation in ((None, False), (date(2017, 5, 1), True), (date(2017, 7, 1), False)):
        found = judge_candidate(tender, whole, on=ON, today=today, tables=Tables())
        assert (found.verdict, found.under_reservation) == ("met", reservation)


def test_an_answer_of_another_register_speaks_of_no_qualification() -> None:
    """A stopped operator of Agence BIO is surely not certified, which says nothing of what the tender asks."""
    stopped = OrganicOperator((OrganicRecord(certificates=(OrganicCertificate(state="ARRETEE"),)),))
    bio = Firm(
        source="x", siren="732829320", answer=Answer("agence_bio", stopped, "732829320", fetched_on=ON)
    )
    (result,) = judged(asked("1905"), firms=[bio]).results
    assert (result.status, result.reason.rule) == ("undetermined", "bio-other-subject")
    assert str(result.brought[0].reason.message) == (
        "An answer of Agence BIO does not speak of OPQIBI qualifications."
    )


def test_a_nameless_answer_says_what_it_lacks() -> None:
    assert ALPHA.answer is not None
    nameless = Firm(source="answers/p1.json", answer=replace(ALPHA.answer, siren=None))
    found = judged(asked("1905"), firms=[nameless, BETA])
    assert str(found.results[0].reason.message) == (
        f"p1.json: 1905 is held. {FULL} But the answer names no firm: nothing ties it to the candidate."
    )


def test_on_a_day_after_the_answers_what_is_met_is_so_under_reservation() -> None:
    """All were fetched on 1 June 2017: on the tenth, what they hold they may still hold; the rest is not known."""
    later = date(2017, 6, 10)
    held = judged(asked("1905", rge=True), asked("1202"), firms=[ALPHA, BETA], on=later)
    assert held.verdict == "met"
    assert "under reservation" in str(held.reason.message)
    assert "under reservation" not in str(judged(asked("1202"), firms=[BETA]).reason.message)
    for result in held.results:
        assert "Under reservation: so says an answer of 2017-06-01" in str(result.reason.message)
    assert judged(asked("0901"), firms=[ALPHA, BETA], on=ON).verdict == "unmet"
    assert judged(asked("0901"), firms=[ALPHA, BETA], on=later).verdict == "undetermined"
    assert judged(asked("1905"), firms=[NO_CERTIFICATE], on=later).verdict == "undetermined"


def test_a_bare_answer_is_of_today_where_the_tender_is_of_a_day_to_come() -> None:
    assert ALPHA.answer is not None
    bare = replace(ALPHA, answer=replace(ALPHA.answer, fetched_on=None))
    tender, candidate = Tender((asked("0901"),)), Candidate((bare,))
    later, tables = date(2017, 6, 10), Tables()
    assert judge_candidate(tender, candidate, on=later, tables=tables).verdict == "unmet"
    assert judge_candidate(tender, candidate, on=later, tables=tables, today=ON).verdict == "undetermined"


def test_the_interpretation_that_settles_the_whole_is_told_of_the_whole() -> None:
    """A list without a date, past the certificate's year: how long it runs is an interpretation."""
    later = date(2018, 6, 1)
    assert ALPHA.answer is not None
    assert isinstance(ALPHA.answer.content, Certificate)
    undated = replace(ALPHA.answer.content, qualifications_until=None)
    one = replace(ALPHA, answer=replace(ALPHA.answer, content=undated, fetched_on=later))
    found = judged(asked("1905"), firms=[one], on=later)
    assert (found.verdict, found.reason.assumption) == ("unmet", "undated-list-longest-term")


def test_the_tables_are_those_given(tmp_path: Path) -> None:
    """A user's nomenclature in which 1407 entails 1202: Gamma then brings 1202."""
    (tmp_path / "nomenclature.yaml").write_text(OWN_NOMENCLATURE, "utf-8")
    tender, candidate = Tender((asked("1202"),)), Candidate((GAMMA,))
    assert judge_candidate(tender, candidate, on=ON, tables=Tables()).verdict == "unmet"
    assert judge_candidate(tender, candidate, on=ON, tables=Tables(tmp_path)).verdict == "met"


OWN_NOMENCLATURE = """
kind: nomenclature
id: own
title: {fr: Nôtre, en: Ours}
in_force_from: "2016-01-01"
in_force_until: null
checked_on: "2026-11-21"
checked_by: tests
sources: [{document: Tests, address: "https://example.org", reliability: user}]
rounding: null
assumptions: []
entries:
  - {code: "1407", entails: ["1202"], source: {document: Tests, address: "https://example.org", reliability: user}}
"""
