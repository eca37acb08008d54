"""What a reader is told, sentence by sentence, with its rule: one case for each sentence of a verdict.

Each case lists, in their order, the sentences that it does not share with an ordinary certificate, which comes
first: the reason of the whole, those of its parts, then the warnings; the interpretation in brackets, where one
is used. The sample is that of ``test_answer_day``, fetched on 1 June 2017 unless said; ``today`` is the twentieth.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.model import CertifiedQualification as Held
from opqibi_rules.certificate.organic import OrganicCertificate, OrganicOperator, OrganicRecord
from opqibi_rules.certificate.reason import Reason
from opqibi_rules.certificate.refusal import ApiError, Refusal

F, T = date(2017, 6, 1), date(2017, 6, 20)
NAMED = "L'attribution de la qualification 1203 entraîne automatiquement celle de la qualification 1202."
UNDATED: dict[str, Any] = {"qualifications_until": None, "probationary": (), "probationary_until": None}
SAMPLE = Certificate(
    number="16 12 0042",
    issued=date(2016, 12, 1),
    duration="valable un an",
    qualifications=(Held("0317", "CSPS de niveau 1", rge=False), Held("1905", "Audit énergétique", rge=True)),
    qualifications_until=date(2018, 12, 1),
    probationary=(Held("1331", "Étude thermique"),),
    probationary_until=date(2017, 12, 1),
    url="https://www.opqibi.com/fiche/42",
)


def held(**changes: Any) -> Answer:
    return Answer("api_entreprise_v2", replace(SAMPLE, **changes), siren="732829320")


def refused(*errors: ApiError) -> Answer:
    return Answer("api_entreprise_v3", Refusal(errors), siren="732829320")


def one(state: str | None = "ENGAGEE", **changes: Any) -> OrganicCertificate:
    return OrganicCertificate(state, **{"body": "A", "engaged_on": date(2016, 1, 1), "url": "u", **changes})


def organic(*certificates: OrganicCertificate) -> Answer:
    record = OrganicRecord("7", "73282932000074", "Ferme", certificates)
    return Answer("agence_bio", OrganicOperator((record,)), siren="732829320")


MADE_UP = replace(
    held(
        number="string",
        qualifications=(
            Held("1905", "A", rge=True),
            Held("1905", "B", rge=False),
            Held("1950", 'Audit énergétique "maisons individuelles"'),
        ),
    ),
    host="staging.entreprise.api.gouv.fr",
    http_status=502,
    fetched_on=date(2017, 7, 1),
)

CASES: dict[str, tuple[Any, ...]] = {
    "an ordinary certificate": (
        held(),
        {"on": F},
        "certificate-one-year: Issued on 2016-12-01, « valable un an »: valid until 2017-12-01.",
        "qualification-printed-date: Valid until 2018-12-01, under a certificate of the year.",
        "probationary-one-year: Valid until 2017-12-01, under a certificate of the year.",
        "probationary-renewals: The answer does not tell how many times the probationary qualifications were renewed (2 at most).",
    ),
    "a later day": (
        held(),
        {"on": "2017-06-10", "today": T, "requires": ["1905", "0901"]},
        "answer-age: 0901: nothing on this certificate meets it, nor entails it. So says an answer of 2017-06-01, which knows nothing of what came after.",
        "requirement-held: 1905 is held. Valid until 2018-12-01, under a certificate of the year. Under reservation: so says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: The day asked, 2017-06-10, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known. Ask the register again (https://www.opqibi.com/fiche/42).",
    ),
    "a day to come": (
        held(),
        {"on": "2018-01-01", "today": T},
        "answer-age: Its year ended on 2017-12-01 and its qualifications may run until 2018-12-01: no renewal is seen here. Only a certificate issued since would cover that day (https://www.opqibi.com/fiche/42). So says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: It may run until 2018-12-01, under a certificate not renewed. So says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: Its printed date, 2017-12-01, is past. So says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: The day asked, 2018-01-01, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known.",
        "day-to-come: 2018-01-01 is still to come. Ask for the certificate reissued after the control of 2017-12-01 (https://www.opqibi.com/fiche/42). [control-on-the-last-day-of-the-certificate]",
    ),
    "a day to come within its year": (
        held(),
        {"on": "2017-07-01", "today": T},
        "certificate-one-year: Issued on 2016-12-01, « valable un an »: valid until 2017-12-01. Under reservation: so says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: The day asked, 2017-07-01, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known.",
        "day-to-come: 2017-07-01 is still to come. Ask the register again on that day (https://www.opqibi.com/fiche/42).",
    ),
    "a past day after its year and after the answer": (
        held(probationary=(), probationary_until=None),
        {"on": "2018-01-01", "today": date(2018, 6, 1)},
        "answer-age: Its year ended on 2017-12-01 and its qualifications may run until 2018-12-01: no renewal is seen here. Only a certificate issued since would cover that day (https://www.opqibi.com/fiche/42). So says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: It may run until 2018-12-01, under a certificate not renewed. So says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: The day asked, 2018-01-01, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known. Ask for the certificate reissued after the control of 2017-12-01 (https://www.opqibi.com/fiche/42). [control-on-the-last-day-of-the-certificate]",
    ),
    "probationary for over a year": (
        held(probationary_until=date(2018, 12, 1)),
        {"on": F},
        "probationary-one-year: Valid until 2018-12-01, under a certificate of the year.",
        "probationary-one-year: The date of the probationary qualifications, 2018-12-01, is over 1 year after the issue, 2016-12-01.",
    ),
    "its year is over": (
        held(),
        {"on": "2018-06-01", "fetched": "2018-06-01"},
        "certificate-not-renewed: Its year ended on 2017-12-01 and its qualifications may run until 2018-12-01: no renewal is seen here. Only a certificate issued since would cover that day (https://www.opqibi.com/fiche/42).",
        "qualification-yearly-control: It may run until 2018-12-01, under a certificate not renewed.",
        "qualification-printed-date: Its printed date, 2017-12-01, is past.",
    ),
    "all is over": (
        held(),
        {"on": "2019-06-01", "fetched": "2019-06-01"},
        "certificate-one-year: Its year ended on 2017-12-01, and none of its qualifications still runs.",
        "qualification-printed-date: Its printed date, 2018-12-01, is past.",
        "qualification-printed-date: Its printed date, 2017-12-01, is past.",
    ),
    "before its issue, bare": (
        held(),
        {"on": "2016-06-01", "fetched": None},
        "certificate-one-year: Issued on 2016-12-01, after the day asked: for that day, ask for the certificate before it.",
        "answer-day: The answer does not tell the day it was fetched, which cannot be before the issue of its certificate, 2016-12-01. State that day.",
    ),
    "no printed date": (
        held(**UNDATED),
        {"on": F},
        "missing-is-undetermined: The answer prints no date for this list.",
        "list-without-date: The list of qualifications has no date.",
    ),
    "no printed date, its year over": (
        held(**UNDATED),
        {"on": "2018-06-01", "fetched": "2018-06-01"},
        "certificate-not-renewed: Its year ended on 2017-12-01 and its qualifications may run until 2020-12-01: no renewal is seen here. Only a certificate issued since would cover that day (https://www.opqibi.com/fiche/42). [undated-list-longest-term]",
        "qualification-yearly-control: It may run until 2020-12-01, under a certificate not renewed. [undated-list-longest-term]",
        "list-without-date: The list of qualifications has no date.",
    ),
    "no printed date, four years over": (
        held(**UNDATED),
        {"on": "2021-06-01", "fetched": "2021-06-01"},
        "certificate-one-year: Its year ended on 2017-12-01, and none of its qualifications still runs.",
        "qualification-four-years: No date is printed, and the longest term ended on 2020-12-01. [undated-list-longest-term]",
        "list-without-date: The list of qualifications has no date.",
    ),
    "no printed date, a day to come": (
        held(**UNDATED),
        {"on": "2018-06-01", "today": T},
        "answer-age: Its year ended on 2017-12-01 and its qualifications may run until 2020-12-01: no renewal is seen here. Only a certificate issued since would cover that day (https://www.opqibi.com/fiche/42). So says an answer of 2017-06-01, which knows nothing of what came after.",
        "answer-age: It may run until 2020-12-01, under a certificate not renewed. So says an answer of 2017-06-01, which knows nothing of what came after.",
        "list-without-date: The list of qualifications has no date.",
        "answer-age: The day asked, 2018-06-01, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known.",
        "day-to-come: 2018-06-01 is still to come. Ask for the certificate of that day (https://www.opqibi.com/fiche/42).",
    ),
    "no issue": (
        held(issued=None, duration=None),
        {"on": F},
        "missing-is-undetermined: The answer gives no date of issue: its year cannot be counted.",
    ),
    "no duration": (
        held(duration=None),
        {"on": F},
        "missing-is-undetermined: The answer gives no duration.",
    ),
    "another duration": (
        held(duration="valable deux ans"),
        {"on": F},
        "missing-is-undetermined: Its duration reads « valable deux ans », which no rule knows.",
    ),
    "the last day": (
        held(),
        {"on": "2017-12-01", "fetched": "2017-12-01"},
        "last-day: 2017-12-01 is the last day of the certificate; it is counted as valid, which no source read states. [last-day-included]",
        "last-day: 2017-12-01 is the last day of the probationary qualifications; it is counted as valid, which no source read states. [last-day-included]",
    ),
    "odd dates, address and codes": (
        held(
            number=None,
            url="https://example.com/1",
            qualifications_until=date(2021, 12, 2),
            probationary_until=date(2016, 11, 30),
            qualifications=(Held("316"), Held("1905", "Autre chose")),
        ),
        {"on": F, "fetched": "2017-05-01", "siren": "73282932000074"},
        "certificate-one-year: Issued on 2016-12-01, « valable un an »: valid until 2017-12-01. Under reservation: so says an answer of 2017-05-01, which knows nothing of what came after.",
        "qualification-printed-date: Valid until 2021-12-02, under a certificate of the year.",
        "answer-age: Its printed date, 2016-11-30, is past. So says an answer of 2017-05-01, which knows nothing of what came after.",
        "siren-form: 73282932000074 is a SIRET; its SIREN is 732829320.",
        "number-form: The answer gives no certificate number.",
        "foreign-host: The address « https://example.com/1 » is not on opqibi.com.",
        "qualification-four-years: The date of the qualifications, 2021-12-02, is over 4 years after the issue, 2016-12-01.",
        "dates-order: The date of the probationary qualifications, 2016-11-30, comes before the issue, 2016-12-01.",
        "dates-same-day: The dates 2016-11-30, 2016-12-01, 2021-12-02 do not fall on the same day of the same month.",
        "code-form: « 316 » is not a code of four digits.",
        "code-and-name: 1905 is named « Autre chose » here, and « Audit énergétique des bâtiments (tertiaires et/ou habitations collectives) » in the nomenclature.",
        "answer-age: The day asked, 2017-06-01, comes after the answer, of 2017-05-01: what it holds is so under reservation, what it does not hold is not known. Ask the register again.",
    ),
    "odd lists": (
        held(number="42", qualifications=(), probationary=None),
        {"on": F},
        "missing-is-undetermined: A part of the qualifications cannot be read.",
        "number-form: The certificate number « 42 » is not of the usual form YY MM NNNN.",
        "date-without-list: A date, 2018-12-01, for an empty list of qualifications.",
        "missing-is-undetermined: The answer does not give the list of probationary qualifications.",
        "lists-empty: The certificate lists no qualification at all.",
    ),
    "nothing held": (
        held(qualifications=(), qualifications_until=None, probationary=(), probationary_until=None),
        {"on": F, "fetched": None},
        "lists-empty: The certificate lists no qualification at all.",
        "answer-day: The answer does not tell the day it was fetched: it is taken as fetched on 2017-06-01. State that day if it was another.",
    ),
    "mended, about nobody": (
        replace(held(), siren=None, repaired=True),
        {"on": F},
        "siren-asked: The answer names no firm; give the SIREN you asked for.",
        "tolerant-reading: Comments or stray commas were set aside to read the answer.",
    ),
    "odd numbers": (
        replace(held(), siren="FR1"),
        {"on": F, "siren": "732829321"},
        "siren-key: The key of 732829321 is not right, so that nothing ties the answer to a firm: check its digits.",
        "siren-form: The answer names a firm by « FR1 », which is not a SIREN.",
    ),
    "another firm, another day": (
        replace(held(), fetched_on=F),
        {"on": F, "fetched": "2017-05-01", "siren": "434717997"},
        "siren-differs: The answer is about 732829320, not about 434717997.",
        "answer-day: The answer tells that it was fetched on 2017-06-01, not on 2017-05-01: its own day is kept.",
    ),
    "made up from end to end": (
        MADE_UP,
        {"on": F, "fetched": None, "today": T},
        "made-up-data: Fetched from the test server (staging.entreprise.api.gouv.fr): its data is made up.",
        "answer-contradicts-itself: Saved as fetched on 2017-07-01, which is still to come.",
        "status-differs: A certificate under the HTTP status 502.",
        "placeholder: « string » stands for data: this is a sample, not a record.",
        "answer-contradicts-itself: 1905 stands twice, with another RGE mention each time.",
        "answer-contradicts-itself: 1905 stands twice, under another name each time.",
        'code-and-name: 1950 bears the name of 1911, « Audit énergétique "maisons individuelles" ».',
        "number-form: The certificate number « string » is not of the usual form YY MM NNNN.",
    ),
    "issued after it was fetched": (
        held(),
        {"on": "2016-11-30", "fetched": "2016-11-30"},
        "answer-contradicts-itself: Issued on 2016-12-01, after the answer, of 2016-11-30.",
    ),
    "entailed": (
        held(qualifications=(Held("1203", None, False, NAMED), Held("1204"))),
        {"on": F, "requires": ["1202", "1999"]},
        "entailed-by-definition: 1999: nothing here says whether 1204 entails it.",
        "entailed-by-definition: 1203 is held and entails 1202. Valid until 2018-12-01, under a certificate of the year. Its definition says: « L'attribution de la qualification 1203 entraîne automatiquement celle de la qualification 1202. »",
        "code-unknown: 1999 is in no table at hand, which are an extract: check in the nomenclature that it exists.",
    ),
    "no certificate known, later": (
        refused(ApiError("11003", "Entité non trouvée")),
        {"on": "2017-06-10", "today": T, "requires": ["1905"]},
        "answer-age: No certificate was known for this firm on 2017-06-01, the day of the answer, which says nothing of 2017-06-10.",
        "no-certificate-known: 11003, « Entité non trouvée ». No certificate is known for this SIREN on the day of the call: check the number; this is not “certificate expired”.",
        "answer-age: The day asked, 2017-06-10, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known. Ask the register again.",
    ),
    "no certificate known": (
        refused(ApiError("11003", "Entité non trouvée", "Rien")),
        {"on": F},
        "no-certificate-known: No certificate was known for this firm on the day of the call.",
        "no-certificate-known: 11003, « Entité non trouvée — Rien ». No certificate is known for this SIREN on the day of the call: check the number; this is not “certificate expired”.",
    ),
    "errors": (
        refused(ApiError("00429", "Trop de requêtes", "x"), ApiError(None, None, "Le détail"), ApiError()),
        {"on": F},
        "error-is-no-answer: The answer is an error, not a certificate: 00429, « Trop de requêtes ».",
        "error-is-no-answer: 00429, « Trop de requêtes — x ». Too many calls: wait for the delay given (Retry-After), then space them out; the quota of version 3 is 250 calls a minute for a token, all JSON APIs together (“2000 in 10 minutes” was that of version 2).",
        "error-is-no-answer: « Le détail ». An error unknown to us: read what it says, call again later, and conclude nothing about the certificate.",
        "error-is-no-answer: « — ». An error unknown to us: read what it says, call again later, and conclude nothing about the certificate.",
    ),
    "no certificate known, under another status": (
        replace(refused(ApiError("11003", "Entité non trouvée")), http_status=502),
        {"on": F},
        "error-is-no-answer: The answer is an error, not a certificate: 11003, « Entité non trouvée ».",
        "error-is-no-answer: 11003, « Entité non trouvée ». This code says that no certificate is known, and HTTP 502 says otherwise: conclude nothing.",
    ),
    "an error known by its status alone": (
        replace(refused(ApiError(None, "Conflit")), http_status=409),
        {"on": F},
        "error-is-no-answer: The answer is an error, not a certificate: « Conflit ».",
        "error-is-no-answer: « Conflit ». The same call is already running with this token: wait for its answer, then call again if there is none.",
    ),
    "a right that lacks": (
        refused(ApiError("00100", "Privilèges insuffisants")),
        {"on": F},
        "error-is-no-answer: The answer is an error, not a certificate: 00100, « Privilèges insuffisants ».",
        "error-is-no-answer: 00100, « Privilèges insuffisants ». The token is valid but does not open this data: ask for the right “certification_opqibi” (or “open_data”) for your authorisation. API Entreprise is open, on authorisation, to administrations, to public buyers and to the publishers of their buyer profiles; not to firms, associations or private persons. A public buyer probably has access already through its buyer profile, or through the DUME (ESPD) that the firm fills in. Source: API Entreprise, cas d’usage «\u00a0Marchés publics\u00a0» (qui peut l’utiliser, demander un accès), https://github.com/etalab/entreprise.api.gouv.fr",
    ),
    "an error without cause": (
        refused(),
        {"on": F},
        "error-is-no-answer: The answer is an error that names no cause.",
    ),
    "organic, engaged": (
        organic(one()),
        {"on": F},
        "bio-state: Engaged since 2016-01-01.",
    ),
    "organic, engaged, since when is not said": (
        organic(one(engaged_on=None)),
        {"on": F},
        "bio-state: Engaged on the day of the answer; since when is not said.",
    ),
    "organic, no state": (
        organic(one(None)),
        {"on": F},
        "bio-state: The answer gives no state.",
    ),
    "organic, an unknown state": (
        organic(one("EN ATTENTE")),
        {"on": F},
        "bio-state: The state « EN ATTENTE » is not one that any rule knows.",
    ),
    "organic, engaged and stopped": (
        organic(one(stopped_on=date(2017, 1, 1))),
        {"on": F},
        "bio-state: The state is ENGAGEE, and a stop is dated 2017-01-01.",
    ),
    "organic, suspended": (
        organic(one("SUSPENDUE", suspended_on=date(2017, 3, 1))),
        {"on": F},
        "bio-suspension: Suspended since 2017-03-01; a suspension that lasts until 2018-03-01 becomes a withdrawal.",
    ),
    "organic, suspended for over a year": (
        organic(one("SUSPENDUE", suspended_on=date(2016, 3, 1))),
        {"on": F},
        "bio-suspension: Suspended since 2016-03-01; from 2017-03-01 on, it should read as a withdrawal: the answer is stale, or one of its data is wrong.",
    ),
    "organic, stopped": (
        organic(one("ARRETEE", stopped_on=date(2017, 1, 1))),
        {"on": F},
        "bio-state: ARRETEE since 2017-01-01.",
    ),
    "organic, stopped, since when is not said": (
        organic(one("ARRETEE")),
        {"on": F},
        "bio-state: ARRETEE on the day of the answer; since when is not said.",
    ),
    "organic, over after the day asked": (
        organic(one("RETIREE", stopped_on=date(2017, 7, 1))),
        {"on": F},
        "bio-state: RETIREE since 2017-07-01, after the day asked: what it was on that day is not said.",
    ),
    "organic, engaged again": (
        organic(one(suspended_on=date(2016, 6, 1))),
        {"on": F},
        "bio-state: Engaged since 2016-01-01.",
    ),
    "organic, engaged after the day asked": (
        organic(one(engaged_on=date(2018, 1, 1))),
        {"on": F},
        "bio-state: Engaged on 2018-01-01, after the day asked.",
    ),
    "organic, no address": (
        organic(one(url=None)),
        {"on": F},
        "bio-state: Engaged since 2016-01-01.",
        "bio-proof: The answer gives no address of the certificate: ask A for it.",
    ),
    "organic, a later day": (
        organic(one()),
        {"on": "2017-06-02"},
        "bio-state: Engaged since 2016-01-01. The state is that of the answer, of 2017-06-01: no date says until when it lasts.",
        "answer-age: The day asked, 2017-06-02, comes after the answer, of 2017-06-01: what it holds is so under reservation, what it does not hold is not known. Ask the register again.",
    ),
    "organic, an earlier day": (
        organic(one(suspended_on=date(2016, 6, 1))),
        {"on": "2017-05-01"},
        "bio-state: Engaged since 2016-01-01. A suspension is dated 2016-06-01.",
    ),
    "organic, two records": (
        organic(one(), one("ARRETEE")),
        {"on": F, "requires": ["1905"]},
        "bio-other-subject: An answer of Agence BIO does not speak of OPQIBI qualifications.",
        "bio-state: Engaged since 2016-01-01.",
        "bio-engaged-prevails: Of 2 certifications, the engaged one prevails.",
    ),
    "organic, duplicates": (
        organic(one(), one()),
        {"on": F},
        "bio-two-engaged: 2 records are engaged: nothing says which one is current.",
    ),
    "organic, no record": (
        organic(),
        {"on": F},
        "bio-no-operator: The answer holds no certification.",
    ),
}


def reasons(report: CertificateReport) -> Iterator[Reason]:
    yield report.reason
    if report.certificate is not None:
        yield report.certificate.reason
    yield from (part.reason for part in report.qualifications)
    yield from (part.reason for part in report.requirements)
    yield from report.warnings


def sentences(answer: Answer, options: dict[str, Any]) -> list[str]:
    report = check_certificate(answer, **{"fetched": F, **options})
    return list(
        dict.fromkeys(
            f"{reason.rule}: {reason.message}" + (f" [{reason.assumption}]" if reason.assumption else "")
            for reason in reasons(report)
        )
    )


ORDINARY = list(CASES["an ordinary certificate"][2:])


@pytest.mark.parametrize("case", CASES)
def test_what_a_reader_is_told(case: str) -> None:
    answer, options, *expected = CASES[case]
    told = sentences(answer, options)
    assert [text for text in told if text not in ORDINARY or expected == ORDINARY] == expected
