"""The states of Agence BIO: an open list, which is authoritative where it is known."""

from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.check import Answer, check_certificate
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord

ON = date(2024, 6, 1)
SIRET = "73282932000074"


def one(state: str | None = "ENGAGEE", **changes: Any) -> OrganicCertificate:
    return OrganicCertificate(state, **{"body": "A", "engaged_on": date(2020, 9, 29), **changes})


def checked(*records: tuple[OrganicCertificate, ...], on: date = ON, **options: Any) -> tuple[str, str, str]:
    operator = OrganicOperator(
        tuple(OrganicRecord(str(index), SIRET, "Ferme", record) for index, record in enumerate(records))
    )
    report = check_certificate(Answer("agence_bio", operator, siren=SIRET[:9]), on=on, **options)
    assert report.certificate is not None
    return report.verdict, str(report.certificate.status), report.certificate.reason.rule


@pytest.mark.parametrize("state", ["ENGAGEE", "Engagée", " engagee "])
def test_engaged_is_valid_from_its_day_on(state: str) -> None:
    assert checked((one(state),)) == ("valid", "valid", "bio-state")
    assert checked((one(state),), on=date(2020, 9, 28))[1] == "not_yet_valid"
    assert checked((one(state, engaged_on=None),))[0] == "valid"


@pytest.mark.parametrize("state", ["SUSPENDUE", "RETIREE", "ARRETEE", "NON ENGAGEE", "NON_ENGAGEE"])
def test_what_is_over_is_not_valid(state: str) -> None:
    assert checked((one(state),))[:2] == ("not_valid", "expired")


@pytest.mark.parametrize("state", [None, "", "BROUILLON", "EN ATTENTE", "string"])
def test_what_no_table_knows_is_undetermined(state: str | None) -> None:
    assert checked((one(state),))[:2] == ("undetermined", "undetermined")


def test_a_suspension_shows_its_day_and_the_day_it_becomes_a_withdrawal() -> None:
    suspended = one("SUSPENDUE", suspended_on=date(2024, 2, 29))
    operator = OrganicOperator((OrganicRecord("1", SIRET, "Ferme", (suspended,)),))
    report = check_certificate(Answer("agence_bio", operator), on=ON)
    assert report.certificate is not None
    assert report.certificate.valid_until == date(2024, 2, 29)
    assert "2025-02-28" in str(report.certificate.reason.message)


def test_before_it_was_over_nothing_says_what_it_was() -> None:
    assert checked((one("ARRETEE", stopped_on=date(2024, 7, 1)),))[0] == "undetermined"
    assert checked((one("ARRETEE", stopped_on=date(2024, 6, 1)),))[0] == "not_valid"
    assert checked((one("RETIREE", suspended_on=date(2024, 7, 1)),))[0] == "undetermined"


def test_engaged_and_stopped_contradict_each_other() -> None:
    assert checked((one(stopped_on=date(2024, 1, 1)),))[0] == "undetermined"
    assert checked((one(stopped_on=date(2024, 7, 1)),))[0] == "valid"


def test_among_duplicates_the_engaged_one_prevails() -> None:
    assert checked((one("ARRETEE"),), (one(),))[0] == "valid"
    assert checked((one("SUSPENDUE"), one()))[0] == "valid"


def test_two_engaged_duplicates_are_undetermined() -> None:
    assert checked((one(),), (one(body="B"),)) == ("undetermined", "undetermined", "bio-two-engaged")
    assert checked((one(), one()))[0] == "undetermined"


def test_one_operator_engaged_with_two_bodies_is_no_duplicate() -> None:
    assert checked((one(), one(body="B")))[0] == "valid"


def test_no_record_proves_nothing() -> None:
    assert checked() == ("undetermined", "undetermined", "bio-no-operator")
    assert checked(()) == ("undetermined", "undetermined", "bio-no-operator")


def test_it_says_nothing_of_an_opqibi_qualification() -> None:
    assert checked((one(),), requires=["1905"])[0] == "undetermined"
    assert checked((one("ARRETEE"),), requires=["1905"])[0] == "not_valid"


def operator(certificate: OrganicCertificate, **more: Any) -> OrganicOperator:
    return OrganicOperator((OrganicRecord("1", SIRET, "Ferme", (certificate,), **more),))


FETCHED = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("certificate", "on", "verdict"),
    [
        (one(), "2024-06-01", "valid"),
        (one(), "2024-06-02", "undetermined"),  # no date says until when it lasts
        (one(), "2020-09-29", "valid"),  # engaged since
        (one(engaged_on=None), "2024-06-01", "valid"),
        (one(engaged_on=None), "2024-05-31", "undetermined"),  # since when is not said
        (one(suspended_on=date(2022, 1, 1)), "2021-12-31", "valid"),
        (
            one(suspended_on=date(2022, 1, 1)),
            "2022-01-01",
            "undetermined",
        ),  # suspended, until when is not said
        (one(suspended_on=date(2022, 1, 1)), "2024-06-01", "valid"),  # the state is authoritative on its day
        (one("SUSPENDUE", suspended_on=date(2024, 3, 1)), "2024-06-01", "not_valid"),
        (one("SUSPENDUE", suspended_on=date(2024, 3, 1)), "2024-03-01", "not_valid"),
        (one("SUSPENDUE", suspended_on=date(2024, 3, 1)), "2024-02-29", "undetermined"),
        (one("SUSPENDUE", suspended_on=date(2024, 3, 1)), "2024-06-02", "undetermined"),  # it may be lifted
        (one("ARRETEE"), "2024-06-01", "not_valid"),
        (one("ARRETEE"), "2024-05-31", "undetermined"),  # since when is not said
    ],
)
def test_a_state_is_that_of_the_day_of_the_answer(
    certificate: OrganicCertificate, on: str, verdict: str
) -> None:
    answer = Answer("agence_bio", operator(certificate), fetched_on=FETCHED)
    assert check_certificate(answer, on=on, today=date(2024, 7, 1)).verdict == verdict
    bare = check_certificate(Answer("agence_bio", operator(certificate)), on=on, fetched=FETCHED)
    assert bare.verdict == verdict


@pytest.mark.parametrize(
    ("fetched", "said"), [("2026-02-28", "becomes a withdrawal"), ("2026-03-01", "is stale")]
)
def test_a_suspension_over_a_year_old_is_told_as_what_it_is(fetched: str, said: str) -> None:
    """Suspended on 1 March 2025: from 1 March 2026 on it should read RETIREE."""
    suspended = operator(one("SUSPENDUE", suspended_on=date(2025, 3, 1)))
    report = check_certificate(Answer("agence_bio", suspended), on=fetched)
    assert report.verdict == "not_valid"
    assert said in str(report.reason.message)


@pytest.mark.parametrize(
    ("body", "publishes"),
    [("Certipaq", True), ("ECOCERT FRANCE", True), ("Alpes Contrôles", True), ("Certisud", False), ("A", False), (None, None)],
)  # fmt: skip
def test_a_reader_is_told_whom_to_ask_and_where(body: str | None, publishes: bool | None) -> None:
    """Six bodies publish their certificates: Ecocert, Bureau Veritas, Certipaq, Alpes contrôles, Certis, Control Union."""
    held = operator(one(body=body, url="https://example.org/1"), updated_on=date(2020, 10, 27))
    data = check_certificate(Answer("agence_bio", held), on=ON).to_dict()
    assert data["organic"] == {
        "state": "ENGAGEE",
        "body": body,
        "publishes": publishes,
        "url": "https://example.org/1",
        "suspended_on": None,
        "suspended_until": None,
        "updated_on": "2020-10-27",
    }
    assert data["certificate"]["url"] == "https://example.org/1"
    assert "bio-proof" not in [warning["code"] for warning in data["warnings"]]
    without = check_certificate(Answer("agence_bio", operator(one(body=body))), on=ON)
    assert ("bio-proof" in [warning.rule for warning in without.warnings]) == (body is not None)


def test_the_days_of_a_suspension_stand_as_data() -> None:
    suspended = operator(one("Suspendue", suspended_on=date(2024, 2, 29)))
    found = check_certificate(Answer("agence_bio", suspended), on=ON).organic
    assert found is not None
    assert (found.suspended_on, found.suspended_until) == (date(2024, 2, 29), date(2025, 2, 28))
    assert check_certificate(Answer("agence_bio", OrganicOperator(())), on=ON).organic is None


def test_its_number_and_its_days_stand_as_data() -> None:
    """What is engaged has no last day, whatever was suspended before."""
    again = operator(one(suspended_on=date(2022, 1, 1), engaged_on=date(2020, 9, 29)))
    report = check_certificate(Answer("agence_bio", again), on=ON)
    assert report.certificate is not None
    assert report.organic is not None
    held = report.certificate
    assert (held.number, held.issued, held.valid_until) == ("1", date(2020, 9, 29), None)
    assert (report.organic.suspended_on, report.organic.suspended_until) == (None, None)
    over = check_certificate(
        Answer("agence_bio", operator(one("ARRETEE", stopped_on=date(2024, 1, 1)))), on=ON
    )
    assert over.certificate is not None
    assert over.certificate.valid_until == date(2024, 1, 1)


def test_engaged_and_stopped_on_that_very_day() -> None:
    assert checked((one(stopped_on=ON),))[0] == "undetermined"
