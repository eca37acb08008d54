"""Many firms on a day: each keeps its line, whatever happens to it; what ends, and when."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from opqibi_rules.certificate.changes import Known, KnownQualification, known
from opqibi_rules.certificate.check import Answer, check_certificate
from opqibi_rules.certificate.firms import Firm
from opqibi_rules.certificate.firms_check import EarlierRun, FirmsCheck, check_firms
from opqibi_rules.certificate.model import Certificate, CertifiedQualification
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord
from opqibi_rules.certificate.requirement import Requirement
from opqibi_rules.certificate.tender import Asked, Tender
from opqibi_rules.errors import DateError
from opqibi_rules.messages import Message
from opqibi_rules.tables.library import SHIPPED, Tables
from opqibi_rules.verdict import ExitCode

from .conftest import Build

ON = date(2017, 6, 1)


def listed(answer: Answer | None, siren: str | None = "732829320", **more: object) -> Firm:
    about = answer and replace(answer, siren=siren, fetched_on=answer.fetched_on or ON)
    return Firm(source="list.csv", siren=siren, answer=about, **more)  # type: ignore[arg-type] # fields of a firm


def checked(*firms: Firm, **more: object) -> FirmsCheck:
    return check_firms(firms, on=ON, tables=Tables(), **more)  # type: ignore[arg-type] # the arguments of a test


def test_what_ends_of_a_firm_that_is_valid(build: Build) -> None:
    """Issued on 1 December 2016 for a year; its lists are printed until 2018 and, probationary, 2017."""
    (one,) = checked(listed(build())).firms
    assert [(end.day, str(end.kind), end.codes) for end in one.ends] == [
        (date(2017, 12, 1), "certificate", ()),
        (date(2017, 12, 1), "probationary", ("1331",)),
        (date(2018, 12, 1), "qualifications", ("0317", "1905")),
    ]


def test_what_is_over_already_is_not_about_to_end(build: Build) -> None:
    over = build(probationary_until=date(2017, 5, 31))
    (one,) = checked(listed(over)).firms
    assert [str(end.kind) for end in one.ends] == ["certificate", "qualifications"]
    (lapsed,) = checked(listed(build(issued=date(2015, 1, 1)))).firms
    assert (lapsed.verdict, lapsed.ends) == ("not_valid", ())


@pytest.mark.parametrize(("within", "count"), [(None, 0), (0, 0), (182, 0), (183, 2), (547, 2), (548, 3)])
def test_what_ends_within_so_many_days(build: Build, within: int | None, count: int) -> None:
    """From 1 June 2017, 1 December 2017 is 183 days away, and 1 December 2018 is 548."""
    assert len(checked(listed(build()), within=within).ending) == count


def test_a_certificate_at_the_end_of_the_calendar_stops_no_other(build: Build) -> None:
    late = build(issued=date(9999, 6, 1), number="99 06 0001")
    found = checked(listed(late, "552100554"), listed(build()))
    assert [one.verdict for one in found.firms] == ["unreadable", "valid"]
    assert (found.exit_code, found.unknown) == (ExitCode.UNREADABLE, [found.firms[0]])


def test_a_fault_of_ours_on_one_firm_stops_no_other(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    right = check_certificate

    def wrong(answer: Answer, **named: object) -> object:
        if answer.siren == "552100554":
            raise ZeroDivisionError
        return right(answer, **named)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr("opqibi_rules.certificate.firms.check_certificate", wrong)
    tender = Tender((Asked(Requirement(("1905",))),))
    found = checked(listed(build(number="16 12 0001"), "552100554"), listed(build()), tender=tender)
    assert [one.verdict for one in found.firms] == ["unreadable", "valid"]
    assert "ZeroDivisionError" in str(found.firms[0].reason.message)
    assert [one.verdict for one in found.candidates] == ["undetermined", "met"]
    assert found.exit_code == ExitCode.FAULT


def test_a_tender_is_answered_for_by_its_candidates(build: Build) -> None:
    """Beta has no answer; together with Alpha it meets what Alpha holds, and nothing is out of order."""
    alpha = listed(build(), consortium="A")
    beta = listed(None, "552100554", consortium="A", unknown=Message("No answer."))
    tender = Tender((Asked(Requirement(("1905",))),))
    assert checked(alpha, beta).exit_code == ExitCode.UNDETERMINED
    assert checked(alpha, beta, tender=tender).exit_code == ExitCode.DONE


def test_a_firm_without_a_siren_is_compared_with_none(build: Build) -> None:
    nameless = listed(build(), None)
    found = checked(nameless, earlier=EarlierRun(date(2017, 5, 1), ()))
    assert (found.since, found.changes) == (date(2017, 5, 1), ())
    assert str(found.firms[0].firm.label) == "list.csv"


def test_one_certificate_given_for_two_firms_is_of_neither(build: Build) -> None:
    found = checked(listed(build()), listed(build(), "552100554"), listed(build(), None))
    assert [one.verdict for one in found.firms] == ["undetermined", "undetermined", "valid"]
    twice = checked(listed(build()), listed(build()))
    assert [one.verdict for one in twice.firms] == ["valid", "valid"]


def test_a_certificate_without_a_number_is_like_no_other() -> None:
    held = Certificate(
        issued=date(2017, 1, 1),
        duration="valable un an",
        qualifications=(CertifiedQualification("1905", rge=True),),
        qualifications_until=date(2018, 1, 1),
        probationary=(),
    )
    answer = Answer("api_entreprise_v3", held)
    found = checked(listed(answer), listed(answer, "552100554"))
    assert [one.verdict for one in found.firms] == ["valid", "valid"]


def test_the_json_says_it_in_english_unless_told_otherwise(build: Build) -> None:
    assert checked(listed(build())).to_dict()["firms"][0]["reason"].startswith("Issued on 2016-12-01")


def test_what_a_run_tells_the_next(build: Build) -> None:
    alpha, silent = listed(build(), name="Alpha"), listed(None, "552100554", name="Beta")
    found = checked(alpha, silent)
    until, trial = date(2018, 12, 1), date(2017, 12, 1)
    assert [known(one) for one in found.firms] == [
        Known(
            "732829320",
            "Alpha",
            "valid",
            "16 12 0042",
            trial,
            certified=True,
            qualifications=(
                KnownQualification("0317", probationary=False, rge=False, valid_until=until),
                KnownQualification("1905", probationary=False, rge=True, valid_until=until),
                KnownQualification("1331", probationary=True, rge=None, valid_until=trial),
            ),
        ),
        Known("552100554", "Beta", "undetermined"),
    ]


def test_why_nothing_is_known_in_its_own_words(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*firms: Firm) -> list[tuple[str, str]]:
        return [(one.reason.rule, str(one.reason.message)) for one in checked(*firms).firms]

    rule = "missing-is-undetermined"
    assert told(listed(None)) == [(rule, "There is no answer about it.")]
    assert told(listed(None, unknown=Message("It is closed."))) == [(rule, "It is closed.")]
    both = told(listed(build()), listed(build(), "552100554"))
    said = "Certificate 16 12 0042 is given as that of {} too: nothing says whose it is."
    assert both == [(rule, said.format("552100554")), (rule, said.format("732829320"))]

    def wrong(*_: object, **__: object) -> None:
        raise ZeroDivisionError("x" * 300)

    monkeypatch.setattr("opqibi_rules.certificate.firms.check_certificate", wrong)
    problem = f"ZeroDivisionError('{'x' * 181}"
    assert told(listed(build())) == [
        (rule, f"A fault of ours on this firm ({problem}). Please report it."),
    ]


def test_today_and_the_tables_are_those_given(build: Build, tmp_path: Path) -> None:
    """A bare answer is of today at the latest; a user's validity table may stretch the year."""
    bare = Firm(source="x", siren="732829320", answer=build())
    (one,) = checked(bare, today=date(2017, 5, 1)).firms
    assert one.report is not None
    assert one.report.as_of == date(2017, 5, 1)
    shipped = (SHIPPED / "validity.yaml").read_text("utf-8")
    longer = shipped.replace("certificate:\n  years: 1", "certificate:\n  years: 2", 1)
    (tmp_path / "validity.yaml").write_text(longer, "utf-8")
    late = date(2018, 6, 1)
    fresh = listed(replace(build(), fetched_on=late))
    found = [
        check_firms([fresh], on=late, tables=one).firms[0].verdict for one in (Tables(), Tables(tmp_path))
    ]
    assert found == ["not_valid", "valid"]


def test_the_rules_and_the_interpretations_of_all_firms_stand_once(build: Build) -> None:
    undated = build(qualifications_until=None, issued=date(2015, 12, 1))
    found = checked(listed(undated), listed(undated), listed(build(number="16 12 0001"), "552100554"))
    named = {one.reason.rule for one in found.firms}
    named |= {warning.rule for one in found.firms if one.report for warning in one.report.warnings}
    assert [rule.id for rule in found.rules] == list(dict.fromkeys(rule.id for rule in found.rules))
    assert {rule.id for rule in found.rules} == named
    assert [one.id for one in found.assumptions] == ["undated-list-longest-term"]


def test_the_rules_are_told_in_the_language_asked(build: Build) -> None:
    found = checked(listed(build()))
    english, french = found.to_dict(), found.to_dict(language="fr")
    assert english["rules"][0]["text"].startswith("A certificate is valid for one year")
    assert french["rules"][0]["text"].startswith("Un certificat est valable un an")
    assert found.to_dict(lambda message: message.text)["firms"][0]["reason"].startswith(
        "Issued on {issued:date}"
    )


def test_an_answer_about_another_firm_than_the_one_listed_is_undetermined(build: Build) -> None:
    mistaken = replace(listed(build()), siren="552100554")
    (one,) = checked(mistaken).firms
    assert (one.verdict, one.reason.rule) == ("undetermined", "siren-differs")


def test_what_cannot_be_reckoned_says_why(build: Build) -> None:
    (one,) = checked(listed(build(issued=date(9999, 6, 1)))).firms
    assert "the calendar ends in 9999" in str(one.reason.message)


def test_today_counts_for_the_candidates_too(build: Build) -> None:
    bare = Firm(source="x", siren="732829320", answer=build())
    tender = Tender((Asked(Requirement(("1905",))),))
    found = [checked(bare, tender=tender, today=day).candidates[0] for day in (None, date(2017, 5, 1))]
    assert [one.under_reservation for one in found] == [False, True]


def test_what_an_earlier_run_told_is_compared(build: Build) -> None:
    before = Known("732829320", "Alpha", "undetermined")
    found = checked(listed(build(), name="Alpha"), earlier=EarlierRun(date(2017, 5, 1), (before,)))
    assert [(one.name, str(one.message)) for one in found.changes] == [("Alpha", "undetermined → valid")]


def test_what_has_no_printed_end_is_not_about_to_end() -> None:
    engaged = OrganicCertificate("ENGAGEE", body="A", engaged_on=date(2015, 1, 1))
    operator = OrganicOperator((OrganicRecord("1", "73282932000074", "Ferme", (engaged,)),))
    (one,) = checked(listed(Answer("agence_bio", operator, siren="732829320"))).firms
    assert (one.verdict, one.ends) == ("valid", ())


def test_a_firm_is_named_by_what_is_known_of_it() -> None:
    for firm, label in (
        (Firm(source="list.csv", line=3, siren="732829320", name="Bureau"), "Bureau · 732829320"),
        (Firm(source="list.csv", line=3, siren=None), "line 3"),
        (Firm(source="answers/first.json", siren=None), "first.json"),
    ):
        assert str(firm.label) == label


def test_the_day_of_the_answers_that_do_not_tell_theirs_may_be_told_of_all(build: Build) -> None:
    bare, own = (
        Firm(source="a.json", siren="732829320", answer=build()),
        listed(build(number="16 12 0043"), "552100554"),
    )
    before, today = date(2017, 5, 1), date(2017, 7, 1)
    found = checked(bare, own, Firm(source="list.csv"), fetched=before, today=today)
    assert [one.report and one.report.under_reservation for one in found.firms] == [True, False, None]
    with pytest.raises(DateError, match="still to come"):
        checked(bare, fetched=date(2017, 8, 1), today=today)
