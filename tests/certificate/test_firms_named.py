"""A firm that an answer names, wherever it does, is the one asked about; or nothing is known of it."""

from datetime import date
from typing import Any

import pytest
from pydantic import JsonValue

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.reading.certificate_answer import one_answer
from opqibi_rules.certificate.reading.firms_named import firms_named
from opqibi_rules.certificate.siren import FirmNamed, bind

ASKED, OTHER = "732829320", "435054481"
DAY = date(2026, 11, 21)
CALL = "https://entreprise.api.gouv.fr/v3/opqibi/unites_legales/{}/certification_ingenierie"


def answer(**beside: JsonValue) -> dict[str, Any]:
    """A v3 answer, valid on the day, with what a tool kept beside it; ``data_…`` inside of it."""
    inside = {key[5:]: item for key, item in beside.items() if key.startswith("data_")}
    held = {"code_qualification": "1905", "nom": "", "definition": "", "rge": True}
    data = {
        "numero_certificat": "24 03 1234",
        "url": "https://www.opqibi.com/fiche/1777",
        "date_delivrance_certificat": "2026-03-01",
        "duree_validite_certificat": "valable un an",
        "assurances": "SMABTP (RCS Paris 775 684 764)",
        "qualifications": [held],
        "date_validite_qualifications": "2028-03-01",
        "qualifications_probatoires": [],
        "date_validite_qualifications_probatoires": None,
    }
    outside = {key: item for key, item in beside.items() if not key.startswith("data_")}
    return {"data": data | inside, "links": {}, "meta": {}} | outside


def judged(body: Any, siren: str | None = ASKED) -> tuple[str, str]:
    report = check_certificate(one_answer(body), on=DAY, siren=siren, fetched=DAY, requires=["1905"])
    return report.verdict, report.reason.rule


# Each says the firm {}: as a SIREN, a SIRET, a VAT number, the address of the call.
PLACES: list[dict[str, Any]] = [
    {"siren": "{}"},
    {"siret": "{}00018"},
    {"data_SIREN": "{}"},
    {"data_siret": "{} 00018"},
    {"data_Siren": "SIREN {} (siège)"},
    {"data_siren_entreprise": "{}"},
    {"data_identifiant": "{}"},
    {"data_unite_legale": {"siren": "{}"}},
    {"entreprise": {"id": "{}", "denomination": "Autre"}},
    {"company_id": "{}"},
    {"request": {"requestedCompany": {"number": "{}"}}},
    {"identifiantUniteLegale": "{}"},
    {"entreprise_demandee": "{}"},
    {"titulaires": ["{}"]},
    {"data_entreprise": {"identifiants": [{"valeur": "{}"}]}},
    {"meta": {"sirenDemande": ["{}"]}},
    {"request": {"siren": "{}", "recipient": "13002526500013"}},
    {"url": CALL},
    {"links": {"self": CALL + "?recipient=13002526500013&object=Suivi"}},
    {"note": "réponse pour le SIREN n° {}"},
    {"note": "siret : {}00018"},
]


@pytest.mark.parametrize("beside", PLACES, ids=str)
def test_another_firm_named_anywhere_leaves_nothing_known(beside: dict[str, Any]) -> None:
    def about(value: Any, siren: str) -> Any:
        if isinstance(value, dict):
            return {key: about(item, siren) for key, item in value.items()}
        return [about(item, siren) for item in value] if isinstance(value, list) else value.format(siren)

    assert judged(answer(**about(beside, OTHER))) == ("undetermined", "siren-differs")
    assert judged(answer(**about(beside, ASKED))) == ("valid", "requirement-held")
    assert judged(answer(**about(beside, OTHER)), siren=None)[0] == "valid"  # of whom, nobody said
    named = answer(**about(beside, OTHER), data_siren=ASKED)
    assert judged(named, siren=None) == ("undetermined", "siren-differs")
    saved = {"fetched_on": "2026-11-21", "siren": ASKED, "answer": answer(**about(beside, OTHER))}
    assert judged(saved, siren=None) == ("undetermined", "siren-differs")


@pytest.mark.parametrize(
    "beside",
    [
        {"recipient": {"siret": "13002526500013"}},
        {"acheteur": {"siren": OTHER}},
        {"telephone": "0435054481"},
        {"data_numero_dossier": OTHER},  # of whatever it is the number
        {"id": OTHER},
        {"data_id": int(OTHER)},
        {"request_id": OTHER},
        {"requestId": OTHER, "traceID": OTHER},
        {"token_id": OTHER},
        {"token": {"id": OTHER, "identifiant": OTHER}},
        {"meta": {"id": OTHER, "identifiant_appel": OTHER}},
        {"headers": {"X-Request-Id": OTHER}},
        {"data_identifiant_session": OTHER},
        {"entreprise": {"capital_social": OTHER, "request_id": OTHER}},
        {"company_request_id": OTHER},
        {"data_structure": {"effectif": {"id": OTHER}}},
        {"entreprise": {"id": "435054482"}},  # no firm's, by its key
        {"iban": "FR76 4350 5448 1000 1234 5678 901"},
        {"data_SIREN": None},
        {"siren": True},
        {"tva": "0.20"},
    ],
    ids=str,
)
def test_what_names_no_firm_or_somebody_else_is_no_alarm(beside: dict[str, Any]) -> None:
    assert judged(answer(**beside)) == ("valid", "requirement-held")


def test_what_identifies_a_call_is_nobody_in_the_envelope_of_a_saved_answer() -> None:
    """The key of one number of nine digits in ten is right by chance."""
    saved = {"fetched_on": "2026-11-21", "siren": ASKED, "answer": answer()}
    for key in ("request_id", "token_id", "id", "jobId"):
        assert judged({**saved, key: OTHER}) == ("valid", "requirement-held")
        assert judged({**saved, key: OTHER, "siren": None}, siren=None) == judged(answer(), siren=None)


def test_a_vat_number_names_its_firm() -> None:
    # 435054481 = 97 × 4485097 + 72, and (12 + 3 × 72) = 2 × 97 + 34: its key is 34.
    assert judged(answer(note="TVA FR34 435 054 481")) == ("undetermined", "siren-differs")
    assert judged(answer(data_numero_tva="FR03435054481")) == (
        "undetermined",
        "siren-differs",
    )  # wrong, and its


def test_the_envelope_of_a_saved_answer_is_read_too() -> None:
    saved = {"fetched_on": "2026-11-21", "siren": ASKED, "answer": answer(), "url": CALL.format(OTHER)}
    assert judged(saved) == ("undetermined", "siren-differs")
    assert judged(saved | {"url": CALL.format(ASKED)}) == ("valid", "requirement-held")


def test_no_certificate_known_of_another_firm_denies_nothing() -> None:
    refusal = {"errors": [{"code": "11003", "title": "Entité non trouvée"}], "siren": OTHER}
    assert judged(refusal) == ("undetermined", "siren-differs")
    assert judged(refusal | {"siren": ASKED})[0] == "not_valid"


def test_so_is_what_stands_beside_an_organic_operator() -> None:
    record = {"siret": f"{ASKED}00074", "certificats": [{"etat_certification": "ENGAGEE"}]}
    organic = {"nbTotal": "1", "items": [record]}

    def of(body: Any) -> str:
        return check_certificate(one_answer(body), on=DAY, siren=ASKED, fetched=DAY).verdict

    assert of(organic) == "valid"
    assert of(organic | {"siren": OTHER}) == "undetermined"
    assert of({"nbTotal": "1", "items": [record | {"siren": OTHER}]}) == "undetermined"
    assert of([record | {"url": f"https://annuaire-entreprises.data.gouv.fr/entreprise/b-{OTHER}"}]) == (
        "undetermined"
    )


def test_the_sentence_says_where_and_whom_once() -> None:
    report = check_certificate(one_answer(answer(siren=OTHER)), on=DAY, siren=ASKED, fetched=DAY)
    assert str(report.reason.message) == (
        "$.siren: « 435054481 » names 435054481, not 732829320: nothing says which firm the answer is about."
    )
    named = [FirmNamed(place, OTHER, OTHER) for place in ("$.a", "$.b")]
    assert [doubt.rule for doubt in bind(ASKED, OTHER, named).doubts] == ["siren-differs"]
    assert [doubt.rule for doubt in bind(None, None, [*named, FirmNamed("$.c", ASKED, ASKED)]).doubts] == [
        "siren-differs"
    ]


def test_every_number_has_its_place() -> None:
    found = list(firms_named({"a": [{"siren": int(OTHER)}], "b": CALL.format(ASKED), "c": 1.5}))
    assert [(one.place, one.siren) for one in found] == [("$.a[0].siren", OTHER), ("$.b", ASKED)]
