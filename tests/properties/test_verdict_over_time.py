"""Over time: a verdict changes at its deadlines only, and what has expired never becomes valid again."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.model import Certificate, CertifiedQualification, Status
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord
from opqibi_rules.deadlines import add_years
from opqibi_rules.tables.library import Tables

TABLES = Tables()
DAY = timedelta(days=1)

days = st.dates(date(2000, 1, 1), date(2040, 12, 31)) | st.sampled_from(
    [date(2016, 2, 29), date(2020, 2, 29), date(2021, 2, 28), date(2024, 2, 28), date(2017, 12, 31)]
)
codes = st.sampled_from(["0316", "0317", "1331", "1332", "1905", "1911", "1202"])
lists = st.none() | st.lists(codes.map(CertifiedQualification), max_size=3).map(tuple)
certificates = st.builds(
    Certificate,
    number=st.none() | st.just("16 12 0042"),
    issued=st.none() | days,
    duration=st.sampled_from(["valable un an", "valable deux ans", None]),
    qualifications=lists,
    qualifications_until=st.none() | days,
    probationary=lists,
    probationary_until=st.none() | days,
)
requirements = st.lists(codes | st.just("1905|1911"), max_size=2)


def checked(certificate: Certificate, on: date, **options: Any) -> CertificateReport:
    return check_certificate(Answer("opqibi", certificate), on=on, tables=TABLES, **options)


def deadlines(certificate: Certificate) -> set[date]:
    """Every last day, and the eve of every first one, by the text of the rules."""
    found = {certificate.qualifications_until, certificate.probationary_until}
    if certificate.issued is not None:
        found |= {
            certificate.issued - DAY,
            add_years(certificate.issued, 1),
            add_years(certificate.issued, 4),
        }
    return {day for day in found if day is not None}


def shape(report: CertificateReport) -> tuple[Any, ...]:
    assert report.certificate is not None
    return (
        report.verdict,
        report.certificate.status,
        tuple(held.status for held in report.qualifications),
        tuple(result.status for result in report.requirements),
    )


@given(certificates, days, requirements, st.booleans())
def test_nothing_changes_but_after_a_deadline(
    certificate: Certificate, on: date, requires: list[str], accept: bool
) -> None:
    if on not in deadlines(certificate):
        options = {"requires": requires, "accept_probationary": accept}
        assert shape(checked(certificate, on, **options)) == shape(checked(certificate, on + DAY, **options))


@given(certificates, days, days)
def test_what_has_expired_stays_so(certificate: Certificate, one: date, other: date) -> None:
    before, after = checked(certificate, min(one, other)), checked(certificate, max(one, other))
    assert before.certificate is not None
    assert after.certificate is not None
    pairs = [
        (before.certificate.status, after.certificate.status),
        *zip(
            (held.status for held in before.qualifications),
            (held.status for held in after.qualifications),
            strict=True,
        ),
    ]
    for earlier, later in pairs:
        if earlier is Status.EXPIRED:
            assert later is Status.EXPIRED
        if earlier in {Status.VALID, Status.NOT_RENEWED, Status.EXPIRED}:
            assert later is not Status.NOT_YET_VALID
        if earlier in {Status.NOT_RENEWED, Status.EXPIRED}:
            assert later is not Status.VALID


@given(certificates, days, days, requirements)
def test_an_answer_from_before_is_never_surer_than_one_of_the_day(
    certificate: Certificate, on: date, fetched: date, requires: list[str]
) -> None:
    of_the_day = checked(certificate, on, requires=requires)
    known = checked(certificate, on, requires=requires, fetched=fetched)
    if certificate.issued is not None and certificate.issued > fetched:
        assert shape(known)[:2] == ("undetermined", Status.UNDETERMINED)
    elif on == fetched:
        assert shape(known) == shape(of_the_day)
    elif on < fetched:  # what it does not hold may have been withdrawn since; its dates say what they said
        assert known.verdict in {of_the_day.verdict, "undetermined"}
        assert of_the_day.verdict in {known.verdict, "not_valid"}
        assert known.qualifications == of_the_day.qualifications
        assert known.certificate == of_the_day.certificate
    else:
        allowed = {"not_valid": "undetermined"}.get(of_the_day.verdict, of_the_day.verdict)
        assert known.verdict == allowed
        assert {held.status for held in known.qualifications} <= {Status.VALID, Status.UNDETERMINED}
        assert known.under_reservation == (known.verdict == "valid")


@given(certificates, days)
def test_no_qualification_outlives_the_validity_of_its_certificate(
    certificate: Certificate, on: date
) -> None:
    report = checked(certificate, on)
    assert report.certificate is not None
    if report.certificate.status is not Status.VALID:
        assert Status.VALID not in {held.status for held in report.qualifications}
        assert report.verdict != "valid"


@given(certificates, days, codes)
def test_a_verdict_is_that_of_the_certificate_and_of_its_requirements(
    certificate: Certificate, on: date, code: str
) -> None:
    report = checked(certificate, on, requires=[code])
    assert report.certificate is not None
    parts = [
        str(report.certificate.status.verdict),
        report.requirements[0].status.replace("unmet", "no").replace("met", "yes"),
    ]
    if "no" in parts:
        assert report.verdict == "not_valid"
    elif "undetermined" in parts:
        assert report.verdict == "undetermined"
    else:
        assert report.verdict == "valid"


@given(certificates, days, codes, codes)
def test_accepting_more_never_makes_it_worse(
    certificate: Certificate, on: date, one: str, other: str
) -> None:
    order = ["not_valid", "undetermined", "valid"]
    strict = checked(certificate, on, requires=[one]).verdict
    for looser in (
        checked(certificate, on, requires=[one], accept_probationary=True),
        checked(certificate, on, requires=[f"{one}|{other}"]),
    ):
        assert order.index(looser.verdict) >= order.index(strict)


@given(certificates, days, requirements)
def test_every_reason_names_a_rule_of_the_table(
    certificate: Certificate, on: date, requires: list[str]
) -> None:
    data = checked(certificate, on, requires=requires).to_dict()
    named = {part["rule"] for key in ("qualifications", "requirements") for part in data[key]}
    named |= {warning["code"] for warning in data["warnings"]} | {data["rule"], data["certificate"]["rule"]}
    attested = {
        f"{'probationary' if held['probationary'] else 'qualification'}-attests"
        for held in data["qualifications"]
    }
    assert named | attested == {rule["id"] for rule in data["rules"]}


states = st.sampled_from(
    ["ENGAGEE", "SUSPENDUE", "RETIREE", "ARRETEE", "NON ENGAGEE", "BROUILLON", "AUTRE", None]
)
certifications = st.builds(
    OrganicCertificate,
    states,
    st.sampled_from(["A", "B", None]),
    st.none() | days,
    st.none() | days,
    st.none() | days,
)


@given(st.lists(st.lists(certifications, max_size=3), max_size=3), days, days)
def test_an_organic_certification_that_is_over_stays_so(
    records: list[list[OrganicCertificate]], one: date, other: date
) -> None:
    operator = OrganicOperator(tuple(OrganicRecord(None, None, None, tuple(record)) for record in records))
    earlier, later = (
        check_certificate(Answer("agence_bio", operator), on=on, tables=TABLES).certificate
        for on in sorted((one, other))
    )
    assert earlier is not None
    assert later is not None
    if earlier.status is Status.EXPIRED:
        assert later.status in {Status.EXPIRED, Status.UNDETERMINED}
