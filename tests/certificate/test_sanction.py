"""Words of a sanction, and what is not of the documented form: never « valide » beside them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from opqibi_rules.certificate.answers_together import weighed
from opqibi_rules.certificate.check import Answer, CertificateReport, check_certificate
from opqibi_rules.certificate.doubt import Unlisted, sanctioned, unlisted_warnings
from opqibi_rules.certificate.model import CertifiedQualification
from opqibi_rules.certificate.reading.certificate_answer import read_value
from opqibi_rules.frozen import FrozenDict
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


OTHER: dict[str, Any] = {"nom": None, "code_qualification": "1202", "definition": "Étude.", "rge": False}


def judged(
    data: dict[str, Any], beside: Mapping[str, Any] = FrozenDict(), requires: Sequence[str] = ("1905",)
) -> CertificateReport:
    (answer,) = read_value({"data": data, "links": {}, "meta": {}, **beside}, "answer")
    return check_certificate(answer, on=ON, siren="732829320", requires=requires, fetched=ON)


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
        ({**TRUSTED, "numero_certificat": "16 12 0042 (retiré)"}, "retire"),
        ({**TRUSTED, "duree_validite_certificat": "valable un an (annulé)"}, "annule"),
        ({**TRUSTED, "url": "https://www.opqibi.com/fiche/42?etat=radie"}, "radie"),
        ({**TRUSTED, "assurances": "Certificat révoqué"}, "revoque"),
        (of_one(definition="Étude. Le certificat est suspendu."), "suspendu"),
    ],
)
def test_a_word_of_a_sanction_said_of_the_certificate_leaves_it_all_undetermined(
    data: dict[str, Any], word: str
) -> None:
    """Whatever is asked, and however many other qualifications it bears."""
    report = judged({**data, "qualifications": [*data["qualifications"], OTHER]}, requires=["1202"])
    assert (report.verdict, report.reason.rule) == ("undetermined", "sanction-worded")
    assert f"(« {word} »)" in str(report.reason.message)
    assert report.certificate is not None
    states = [report.certificate.status, *(one.status for one in report.qualifications)]
    assert {str(one) for one in states} == {"undetermined"}
    assert [one.status for one in report.requirements] == ["undetermined"]


def of_that_one_only(data: dict[str, Any], rule: str) -> str:
    """1905 is undetermined for this reason, which is a warning too; nothing else of the answer is."""
    report = judged({**data, "qualifications": [*data["qualifications"], OTHER]}, requires=["1905", "1202"])
    assert (report.verdict, report.reason.rule) == ("undetermined", rule)
    assert report.certificate is not None
    assert [report.certificate.status, *(one.status for one in report.qualifications)] == [
        "valid",
        "undetermined",
        "valid",
    ]
    assert [one.status for one in report.requirements] == ["undetermined", "met"]
    assert judged(data, requires=[]).verdict == "undetermined"  # none that is valid
    (told,) = {one.message for one in report.warnings if one.rule == rule}
    assert str(told) in str(report.reason.message)
    return str(told)


STANDINGS = [
    "SUSPENDUE",
    "RÉSILIÉES",
    "échue",
    "supprimée",
    "refusée",
    "désactivée",
    "en attente de contrôle",
    "en cours de suspension",
    "non renouvelée",
    "probatoire",
    "à l’essai",
    "valide jusqu’au 01/06/2026",
    "jusqu’au 1er juin 2026",
    "liquidation judiciaire",
    "retrait de la qualification",
]


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("code", ["1905", "1203"])
def test_a_name_that_says_more_than_held_leaves_its_qualification_undetermined(
    standing: str, code: str
) -> None:
    """Of a code that our table names as of one that it does not."""
    for form in ("{name} ({more})", "{name} - {more}", "{name}, {more}"):
        name = form.format(name=AUDIT if code == "1905" else "Étude acoustique", more=standing)
        report = judged(of_one(nom=name, code_qualification=code), requires=[code])
        assert (report.verdict, report.requirements[0].status) == ("undetermined", "undetermined"), name
        assert report.reason.rule == "sanction-worded"


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ({"nom": "Retrait-gonflement des argiles ; retrait de la qualification"}, "retrait"),
        ({"nom": "Qualification probatoire : audit"}, "probatoire"),
        ({"definition": "Qualification probatoire."}, "probatoire"),
        ({"definition": "Attribuée à titre probatoire."}, "probatoire"),
        ({"definition": "Qualification suspendue depuis le 01/06/2026."}, "suspendue"),
        ({"definition": "Étude.<br/>Retir&eacute;e."}, "retiree"),
        ({"definition": "Étude.<br />Désactivée"}, "desactivee"),
        ({"definition": "Étude (suspendue depuis le 3 mai 2026)."}, "suspendue"),
        ({"definition": "Cette qualification, après le contrôle annuel, a été suspendue."}, "suspendue"),
        ({"definition": "La qualification 1905 n’est plus attribuée."}, "plus attribuee"),
        ({"definition": "La qualification n’a pas été renouvelée."}, "a pas"),
        ({"definition": "Cette qualification ne compte plus."}, "compte plus"),
        ({"definition": "L’OPQIBI a suspendu la qualification."}, "suspendu"),
        ({"definition": "Retrait de la qualification, le 3 mai 2026."}, "retrait"),
        ({"definition": "Étude. Suspension au 01/06/2026"}, "suspension"),
        ({"definition": "Étude. Valable jusqu’au 01/06/2026"}, "valable jusqu"),
        ({"definition": "Fin de validité : 01/06/2026"}, "fin de validite"),
        ({"definition": "Retrait."}, "retrait"),
        ({"definition": "Étude de ponts - SUSPENDUE"}, "suspendue"),
        ({"definition": "Nota : suspendue depuis le 3 mai 2026"}, "suspendue"),
        ({"definition": "L’entreprise ne détient plus cette qualification."}, "detient plus"),
        ({"definition": "Qualification accordée jusqu’au 1er juin."}, "jusqu"),
    ],
)
def test_a_word_of_a_sanction_said_of_a_qualification_leaves_that_one_undetermined(
    entry: dict[str, str], word: str
) -> None:
    assert f"(« {word} »)" in of_that_one_only(of_one(**entry), "sanction-worded")


@pytest.mark.parametrize(
    "standing",
    [
        "Décision de retrait",
        "Décision de retrait prise par l’OPQIBI, le 1er juin 2026",
        "Décision du comité : suspension",
        "A fait l’objet d’une décision de non-renouvellement",
        "Procédure de suspension engagée",
        "Contrôle annuel défavorable",
        "Radiation",
        "Suspension temporaire",
        "Mesure de suspension provisoire",
        "Retrait à la demande de l’entreprise",
        "Radiation du titulaire",
        "Cessation d’activité",
        "Refus de renouvellement",
        "Renonciation volontaire",
    ],
)
def test_a_decision_is_no_definition_and_no_name(standing: str) -> None:
    """As the whole of one, or as a sentence of its own after what OPQIBI says there."""
    for entry in (
        {"definition": standing},
        {"definition": f"Étude de structures. {standing}."},
        {"nom": standing},
    ):
        of_that_one_only(of_one(**entry), "sanction-worded")


@pytest.mark.parametrize(
    "sentence",
    [
        "Qualification en vigueur jusqu’au 31 décembre 2025.",
        "Qualification maintenue jusqu'au 31/12/2025.",
        "Qualification détenue du 01/03/2022 au 31/12/2025.",
        "Validité : 31/12/2025.",
        "Cette qualification prend effet le 1er janvier 2027.",
        "Cette qualification a pris fin.",
        "Qualification à renouveler avant le 01/06/2026.",
        "Qualification rendue le 12/05/2026 à la demande du titulaire.",
        "Attribution du 2022-03-01 au 2025-12-31.",
        "Applicable à compter du 01/01/2027.",
        "(depuis le 12/05/2026)",
        "Qualification de l’arrêté du 24 novembre 2014, en vigueur jusqu’au 31/12/2025.",
        "La structure a renoncé à cette qualification.",
        "Qualification transférée à la société Durand.",
        "Qualification demandée.",
        "Contrôle annuel non passé.",
    ],
)
def test_a_day_or_an_end_said_of_the_qualification_is_not_passed_over(sentence: str) -> None:
    assert of_that_one_only(of_one(definition=f"Étude des bâtiments.<br />{sentence}"), "sanction-worded")


@pytest.mark.parametrize(
    "sentence",
    [
        "Qualification de l’arrêté du 24 novembre 2014.",
        "Qualification au sens du décret n° 2014-1393 du 24 novembre 2014 et des arrêtés du 24/11/2014 et du 3 mai 2016.",
        "Bâtiments dont le permis a été déposé avant le 1er janvier 1948.",
        "Depuis le 1er juillet 1997, l’amiante est interdit.",
        "Cette qualification est délivrée pour quatre ans.",
    ],
)
def test_the_day_of_a_law_or_of_works_is_none_of_the_qualification(sentence: str) -> None:
    report = judged(of_one(definition=f"Étude des bâtiments.<br />{sentence}"))
    assert (report.verdict, report.warnings) == ("valid", ())


def test_a_code_that_says_more_is_said_of_a_sanction_too() -> None:
    lost = {"code_qualification": "1331 caduque", "nom": "Étude", "rge": False}
    report = judged({**TRUSTED, "qualifications_probatoires": [lost]})
    assert [one.status for one in report.qualifications] == ["valid", "undetermined"]
    assert said(report, "sanction-worded") != []


@pytest.mark.parametrize(
    "words",
    [
        "Étude du retrait-gonflement des argiles",
        "Désamiantage : analyse du plan de retrait, retrait de l’amiante",
        "Ponts suspendus et passerelles suspendues",
        "Eaux chargées de matières en suspension",
        "Radier en béton, annuités, retraite, suspente",  # not whole words of the list
        "Étude de ponts à haubans et suspendus.",
        "Étude de façades légères et de planchers suspendus.",
        "Suivi jusqu’à ce que la garantie de parfait achèvement expire.",
        "Gestion des marchés : résiliation, sanctions, réception.",
        "Missions :<br />- résiliation<br />- sanctions<br />- retrait",
        "Cette qualification correspond à l’étude de ponts suspendus et de matières en suspension.",
        "Cette qualification concerne la suppression des réseaux abandonnés et la cessation d’activité d’un site.",
        "Cette qualification n’inclut ni les ouvrages provisoires ni le retrait de l’amiante.",
        "Retrait et confinement des matériaux (retrait, encapsulage).",
        "Produits interdits depuis le 1er juillet 1997, permis délivrés avant le 1er janvier 2022.",
        "Rejet des eaux pluviales. Clôtures, pertes de charge.",
        "Retrait-gonflement des argiles.",
        "Suppression et neutralisation de l’amiante. Cessation d’activité d’un site. Rejets industriels.",
        "Notification des marchés, décisions, contrôles annuels, mesure des rejets.",
        "L’attribution de la qualification 0317 entraîne automatiquement celle de la qualification 0316.",
    ],
)
def test_what_engineers_call_so_is_no_sanction(words: str) -> None:
    """As a definition, whose text is OPQIBI's own, in the answer of each firm alike; most as a name, too."""
    assert judged(of_one(definition=words)).verdict == "valid"
    assert judged(of_one(definition=f"Étude.<br /><br />{words}")).verdict == "valid"


@pytest.mark.parametrize(
    "name",
    ["Étude de ponts suspendus", "Maîtrise d’œuvre du retrait d’amiante", "Ouvrages provisoires", "Rejets"],
)
def test_no_more_are_the_names_of_works(name: str) -> None:
    assert judged(of_one(nom=name, code_qualification="1203"), requires=["1203"]).verdict == "valid"


def test_what_is_added_to_a_known_name_is_not_passed_over(tables: Tables) -> None:
    """Whatever it says: « 1905 » is named by ADEME, after OPQIBI; its number and « RGE » say nothing new."""
    for more in ("(dossier en appel)", "sans suite", "2026", "(sous le n° 12)"):
        told = of_that_one_only(of_one(nom=f"{AUDIT} {more}"), rule_of(more))
        assert more.strip("()").split()[0] in told
    for name in (
        AUDIT,
        AUDIT.upper(),
        f"19.05 - {AUDIT}",
        f"{AUDIT} - RGE",
        "Audit énergétique des bâtiments",
    ):
        assert judged(of_one(nom=name)).warnings == ()


def rule_of(more: str) -> str:
    return "sanction-worded" if "appel" in more else "code-and-name"


def test_a_name_of_another_edition_is_a_name(tables: Tables) -> None:
    """1333 was « (référentiel E+C-) » in ADEME's list of 2021; 1202 is known by one firm's words alone."""
    assert len([one for one in tables.nomenclature.entries.values() if one.other_names]) == 2
    for code, entry in tables.nomenclature.entries.items():
        for name in entry.names:
            report = judged(of_one(nom=name, code_qualification=code), requires=[code])
            assert (report.verdict, report.warnings) == ("valid", ()), name
    loose = of_one(nom="Étude de structures béton courantes", code_qualification="1202")
    assert judged(loose, requires=["1202"]).verdict == "valid"


def test_probationary_is_no_sanction_in_the_list_of_those() -> None:
    """Nor is it added to a name there; « suspendue » is, there as elsewhere."""
    for name, status in (
        (f"{AUDIT} (probatoire)", "valid"),
        (f"{AUDIT} (probatoire, échue)", "undetermined"),
    ):
        data = {**of_one(nom=name), "qualifications": [], "date_validite_qualifications": None}
        data["qualifications_probatoires"] = of_one(nom=name, definition="Qualification probatoire.")[
            "qualifications"
        ]
        data["date_validite_qualifications_probatoires"] = "2017-12-01"
        assert [str(one.status) for one in judged(data).qualifications] == [status]


def test_no_name_that_we_know_holds_such_a_word(tables: Tables) -> None:
    words = tables.validity.sanctions.said
    assert words is not None
    assert [one.name for one in tables.nomenclature.entries.values() if words.told(one.name or "")] == []
    assert words.told("Matières en suspension") == "suspension"


@pytest.mark.parametrize(
    ("data", "beside", "place"),
    [
        ({**TRUSTED, "statut": "en règle"}, {}, "$.data.statut"),
        ({**TRUSTED, "etatCertification": 1}, {}, "$.data.etatCertification"),
        ({**TRUSTED, "isSuspended": False}, {}, "$.data.isSuspended"),
        ({**TRUSTED, "observation": {"texte": "suspendu"}}, {}, "$.data.observation"),
        ({**TRUSTED, "date_fin": "2026-05-01"}, {}, "$.data.date_fin"),
        ({**TRUSTED, "probatoire": True}, {}, "$.data.probatoire"),
        ({**TRUSTED, "valable_jusqu_au": "2026-05-01"}, {}, "$.data.valable_jusqu_au"),
        (TRUSTED, {"status": "ok"}, "$.status"),
        (TRUSTED, {"meta": {"statut": "suspendu"}}, "$.meta"),
    ],
)
def test_an_unknown_field_that_speaks_of_a_state_settles_nothing(
    data: dict[str, Any], beside: dict[str, Any], place: str
) -> None:
    report = judged(data, beside)
    assert (report.verdict, report.reason.rule) == ("undetermined", "documented-form")
    assert place in str(report.reason.message)
    assert [one.status for one in report.requirements] == ["undetermined"]


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("status", "error", "documented-form"),
        ("error", "timeout", "documented-form"),
        ("suspended", True, "documented-form"),
        ("note", "certificat suspendu", "documented-form"),
        ("staging", True, "made-up-data"),
        ("url", "https://staging.entreprise.api.gouv.fr/v3/opqibi", "made-up-data"),
    ],
)
def test_what_stands_beside_a_kept_answer_is_not_passed_over(key: str, value: object, rule: str) -> None:
    body = {"data": TRUSTED, "links": {}, "meta": {}}
    kept = {"schema_version": 1, "fetched_on": ON.isoformat(), "siren": "732829320", "answer": body}

    def of(value: object) -> CertificateReport:
        (answer,) = read_value(value, "kept.json")
        return check_certificate(answer, on=ON, siren="732829320", requires=["1905"])

    assert (of(kept).verdict, of(kept).warnings) == ("valid", ())
    for whole in (kept | {key: value}, kept | {"answer": body | {key: value}}):
        assert (of(whole).verdict, of(whole).reason.rule) == ("undetermined", rule)
    for harmless in ({"http_status": 200, "host": "entreprise.api.gouv.fr"}, {key: None}, {"folder": "2"}):
        assert of(kept | harmless).verdict == "valid"
    assert said(of(kept | {"folder": "2"}), "documented-form")


@pytest.mark.parametrize(
    ("data", "beside", "told"),
    [
        ({**TRUSTED, "effectif": 12}, {}, "$.data.effectif: « 12 »"),
        (of_one(rge="1"), {}, "$.data.qualifications[0].rge: « 1 »"),  # true, false or null in v3
        (TRUSTED, {"version": 3}, "$.version: « 3 »"),
        (TRUSTED, {"links": {"self": "x"}}, '$.links: « {"self": "x"} »'),
    ],
)
def test_what_else_is_unknown_is_a_warning_that_names_it(
    data: dict[str, Any], beside: dict[str, Any], told: str
) -> None:
    report = judged(data, beside)
    assert report.verdict == "valid"
    assert said(report, "documented-form") == [f"{told} is not of the documented form of such an answer."]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("date_fin", "2026-05-01"),
        ("date_effet", "2027-05-01"),
        ("fin", "01/05/2026"),
        ("probatoire", True),
        ("type", "probatoire"),
        ("actif", False),
        ("date_retrait", None),
        ("rubrique", "19"),
        ("x", {}),
    ],
)
def test_an_unknown_field_of_a_qualification_leaves_that_one_undetermined(key: str, value: object) -> None:
    """Whatever its name: the form of an entry is closed, and OPQIBI gives online a day for each qualification."""
    told = of_that_one_only(of_one(**{key: value}), "documented-form")
    assert told.startswith(f"$.data.qualifications[0].{key}: «")


def test_one_of_a_probationary_qualification_leaves_the_others_be() -> None:
    lost = {"code_qualification": "1331", "actif": False}
    data = {**TRUSTED, "qualifications_probatoires": [lost]}
    assert [one.status for one in judged(data).qualifications] == ["valid", "undetermined"]
    assert judged(data).verdict == "valid"


def test_what_comes_again_in_each_qualification_is_named_once_and_leaves_each_undetermined() -> None:
    both = [{**held, "rubrique": 3} for held in (*TRUSTED["qualifications"], OTHER)]
    report = judged({**TRUSTED, "qualifications": both}, requires=[])
    assert len(said(report, "documented-form")) == 1
    assert [one.status for one in report.qualifications] == ["undetermined", "undetermined"]


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
