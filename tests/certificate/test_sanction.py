"""Words of a sanction, and what is not of the documented form: never « valide » beside them."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.answers_together import weighed
from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.doubt import Unlisted, sanctioned, unlisted_warnings
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.certificate.reading.certificate_answer import read_value
from opqibi_rules.tables.library import Tables
from opqibi_rules.tables.validity import Sanctions, SanctionWords

from .conftest import Build

ON = date(2017, 6, 1)
AUDIT = "Audit énergétique des bâtiments (tertiaires et/ou habitations collectives)"
TRUSTED: dict[str, Any] = {
    "numero_certificat": "16 12 0042",
    "url": "https://www.opqibi.com/fiche/42",
    "date_delivrance_certificat": "2016-12-01",
    "duree_validite_certificat": "valable un an",
    "assurances": "MUTUELLE EXEMPLE",
    "qualifications": [{"nom": AUDIT, "code_qualification": "1905", "definition": "Étude.", "rge": True}],
    "date_validite_qualifications": "2018-12-01",
    "qualifications_probatoires": [],
    "date_validite_qualifications_probatoires": None,
}
"""A v3 answer without fault: all nine keys, and no other."""


def judged(data: dict[str, Any], **beside: Any) -> CertificateReport:
    (answer,) = read_value({"data": data, "links": {}, "meta": {}, **beside}, "answer")
    return check_certificate(answer, on=ON, siren="732829320", requires=["1905"], fetched=ON)


def of_one(**changes: Any) -> dict[str, Any]:
    return {**TRUSTED, "qualifications": [{**TRUSTED["qualifications"][0], **changes}]}


def said(report: CertificateReport, rule: str) -> list[str]:
    return [str(one.message) for one in report.warnings if one.rule == rule]


def test_the_answer_without_fault_is_valid_without_a_word() -> None:
    report = judged(TRUSTED)
    assert (report.verdict, report.warnings) == ("valid", ())


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (of_one(nom=f"{AUDIT} - SUSPENDUE"), "suspendue"),
        (of_one(definition="Qualification suspendue depuis le 01/06/2026."), "suspendue"),
        (of_one(definition="Étude.<br/>Retir&eacute;e."), "retiree"),
        (of_one(nom=f"{AUDIT} (RÉSILIÉES)"), "resiliees"),
        (of_one(nom="Audit, en cours de suspension"), "suspension"),
        ({**TRUSTED, "numero_certificat": "16 12 0042 (retiré)"}, "retire"),
        ({**TRUSTED, "duree_validite_certificat": "valable un an (annulé)"}, "annule"),
        ({**TRUSTED, "url": "https://www.opqibi.com/fiche/42?etat=radie"}, "radie"),
        ({**TRUSTED, "assurances": "Certificat révoqué"}, "revoque"),
        ({**TRUSTED, "qualifications_probatoires": [{"code_qualification": "1331 caduque"}]}, "caduque"),
        (of_one(nom="Retrait-gonflement des argiles ; retrait de la qualification"), "retrait"),
    ],
)
def test_a_word_of_a_sanction_anywhere_leaves_the_answer_undetermined(
    data: dict[str, Any], word: str
) -> None:
    report = judged(data)
    assert (report.verdict, report.reason.rule) == ("undetermined", "sanction-worded")
    assert f"(« {word} »)" in str(report.reason.message)
    assert report.certificate is not None
    states = [report.certificate.status, *(one.status for one in report.qualifications)]
    assert {str(one) for one in states} == {"undetermined"}
    assert [one.status for one in report.requirements] == ["undetermined"]


@pytest.mark.parametrize(
    "words",
    [
        "Étude du retrait-gonflement des argiles",
        "Désamiantage : analyse du plan de retrait, retrait de l’amiante",
        "Ponts suspendus et passerelles suspendues",
        "Eaux chargées de matières en suspension",
        "Radier en béton, annuités, retraite, suspente",  # not whole words of the list
    ],
)
def test_what_engineers_call_so_is_no_sanction(words: str) -> None:
    assert judged(of_one(definition=words)).verdict == "valid"


def test_no_name_that_we_know_holds_such_a_word(tables: Tables) -> None:
    words = tables.validity.sanctions.said
    assert words is not None
    assert [one.name for one in tables.nomenclature.entries.values() if words.told(one.name or "")] == []


@pytest.mark.parametrize(
    ("data", "beside", "place"),
    [
        ({**TRUSTED, "statut": "en règle"}, {}, "$.data.statut"),
        ({**TRUSTED, "etatCertification": 1}, {}, "$.data.etatCertification"),
        ({**TRUSTED, "isSuspended": False}, {}, "$.data.isSuspended"),
        ({**TRUSTED, "observation": {"texte": "suspendu"}}, {}, "$.data.observation"),
        (of_one(date_retrait=None), {}, "$.data.qualifications[0].date_retrait"),
        (
            {**TRUSTED, "qualifications_probatoires": [{"code_qualification": "1331", "actif": False}]},
            {},
            "actif",
        ),
        (TRUSTED, {"status": "ok"}, "$.status"),
        (TRUSTED, {"meta": {"statut": "suspendu"}}, "$.meta"),
    ],
)
def test_an_unknown_field_that_speaks_of_a_state_settles_nothing(
    data: dict[str, Any], beside: dict[str, Any], place: str
) -> None:
    report = judged(data, **beside)
    assert (report.verdict, report.reason.rule) == ("undetermined", "documented-form")
    assert place in str(report.reason.message)
    assert [one.status for one in report.requirements] == ["undetermined"]


@pytest.mark.parametrize(
    ("data", "beside", "told"),
    [
        ({**TRUSTED, "effectif": 12}, {}, "$.data.effectif: « 12 »"),
        (of_one(rubrique="19"), {}, "$.data.qualifications[0].rubrique: « 19 »"),
        (of_one(rge="1"), {}, "$.data.qualifications[0].rge: « 1 »"),  # true, false or null in v3
        (TRUSTED, {"version": 3}, "$.version: « 3 »"),
        (TRUSTED, {"links": {"self": "x"}}, '$.links: « {"self": "x"} »'),
    ],
)
def test_what_else_is_unknown_is_a_warning_that_names_it(
    data: dict[str, Any], beside: dict[str, Any], told: str
) -> None:
    report = judged(data, **beside)
    assert report.verdict == "valid"
    assert said(report, "documented-form") == [f"{told} is not of the documented form of such an answer."]


def test_what_comes_again_in_each_qualification_is_named_once() -> None:
    both = [{**held, "rubrique": 3} for held in TRUSTED["qualifications"] * 2]
    assert len(said(judged({**TRUSTED, "qualifications": both}), "documented-form")) == 1


def test_the_mention_is_a_text_in_v2() -> None:
    v2 = {
        "siren": "732829320",
        "date_de_delivrance_du_certificat": "01/12/2016",
        "qualifications": [{"code_qualification": "1905", "rge": "1"}],
    }
    (answer,) = read_value(v2, "answer")
    (odd,) = read_value({**v2, "suspendu": "non"}, "answer")
    assert (answer.dialect, answer.unlisted) == ("api_entreprise_v2", ())
    assert [one.place for one in odd.unlisted] == ["$.suspendu"]


def test_a_table_without_such_words_doubts_none_and_still_names_the_fields(
    tables: Tables, build: Build
) -> None:
    mute = replace(tables.validity, sanctions=Sanctions())
    assert mute.over(tables.validity).sanctions.said == tables.validity.sanctions.said
    own = replace(tables.validity, sanctions=Sanctions(said=SanctionWords(words=("perdu",))))
    assert own.over(tables.validity).sanctions.said == own.sanctions.said
    lost = replace(
        build(qualifications=(CertifiedQualification("1905", f"{AUDIT} (suspendue)", rge=True),)),
        unlisted=(Unlisted("$.statut", '"x"'),),
    )
    assert list(sanctioned(lost.content, lost.unlisted, None)) == []
    assert [one.rule for one in unlisted_warnings(lost.unlisted, None)] == ["documented-form"]
    assert own.sanctions.said is not None
    assert (own.sanctions.said.told("PERDUES"), own.sanctions.said.speaks_of_state("statut")) == (
        "perdues",
        False,
    )


def refusal(**meta: Any) -> Answer:
    body = {"errors": [{"code": "11003", "title": "Entité non trouvée", "meta": meta or None}]}
    return replace(read_value(json.loads(json.dumps(body)), "answer")[0], http_status=404, fetched_on=ON)


@pytest.mark.parametrize("meta", [{}, {"provider": None}, {"provider": "OPQIBI"}, {"provider": "Opqibi "}])
def test_no_certificate_is_known_where_opqibi_says_so(meta: dict[str, Any]) -> None:
    assert check_certificate(refusal(**meta), on=ON).verdict == "not_valid"


@pytest.mark.parametrize("provider", ["DGFIP", "Qualibat", 5])
def test_the_silence_of_another_register_says_nothing_of_opqibi(provider: object) -> None:
    report = check_certificate(refusal(provider=provider), on=ON, requires=["1905"])
    assert (report.verdict, report.reason.rule) == ("undetermined", "error-is-no-answer")
    assert f"another register ({provider})" in " ".join(said(report, "error-is-no-answer"))


def test_the_silence_of_another_register_contradicts_no_certificate(build: Build, tables: Tables) -> None:
    held = replace(build(), fetched_on=ON)
    for provider, doubted in (("DGFIP", False), ("OPQIBI", True)):
        other = refusal(provider=provider)
        found = weighed([(held.siren, held), (held.siren, other)], ON, tables.api_errors)
        assert [one.doubt is not None for one in found] == [doubted, doubted]
