"""Every dialect is recognised, whatever the file holds; what is none of them is refused, by name."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.certificate.check import Answer
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.organic import OrganicOperator
from opqibi_rules.certificate.reading.certificate_answer import (
    read_answer_file,
    read_answers,
    read_value,
)
from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.errors import FileError

ANSWERS = Path(__file__).parents[2] / "answers"


def read(value: Any) -> list[Answer]:
    return read_answers(json.dumps(value).encode(), "answer.json")


def certificate_of(file: str) -> tuple[Answer, Certificate]:
    (answer,) = read_answer_file(ANSWERS / file)
    assert isinstance(answer.content, Certificate)
    return answer, answer.content


def test_api_entreprise_v3() -> None:
    answer, held = certificate_of("v3_two_lists.json")
    assert (answer.dialect, answer.siren, answer.repaired) == ("api_entreprise_v3", None, False)
    assert (held.number, held.issued, held.duration) == ("22 03 4567", date(2024, 3, 1), "valable un an")
    assert held.qualifications is not None
    assert held.probationary is not None
    assert [(one.code, one.rge) for one in held.qualifications] == [("1905", True), ("1202", None)]
    assert [(one.code, one.rge) for one in held.probationary] == [("0317", False)]
    assert (held.qualifications_until, held.probationary_until) == (date(2026, 3, 1), date(2025, 3, 1))
    assert held.insurers == "MUTUELLE EXEMPLE"


def test_api_entreprise_v2_as_its_documentation_prints_it() -> None:
    answer, held = certificate_of("v2_as_printed.txt")
    assert (answer.dialect, answer.siren, answer.repaired) == ("api_entreprise_v2", "732829320", True)
    assert held.issued == date(2016, 12, 1)
    assert held.url == "http://opqibi.com/fiche.php?id=42", "// inside a string is no comment"
    assert held.qualifications is not None
    assert held.qualifications[0].name == 'CSPS de niveau 2 en phases "conception" // et réalisation'
    assert [(one.code, one.rge) for one in held.qualifications] == [("0316", False), ("0901", True)]
    assert held.probationary is not None
    assert [one.code for one in held.probationary] == ["0316", "0317"]


def test_opqibi_own_answer() -> None:
    answer, held = certificate_of("opqibi_raw.json")
    assert answer.dialect == "opqibi"
    assert (held.issued, held.qualifications_until, held.probationary) == (
        date(2021, 6, 15),
        date(2024, 6, 15),
        (),
    )
    assert held.qualifications is not None
    assert (held.qualifications[0].code, held.qualifications[0].name, held.qualifications[0].rge) == (
        "1332",
        "Étude thermique",
        True,
    )


def test_the_first_of_april_is_not_the_fourth_of_january() -> None:
    (answer,) = read({"date_de_delivrance_du_certificat": "01/04/2020", "qualifications": []})
    assert isinstance(answer.content, Certificate)
    assert answer.content.issued == date(2020, 4, 1)


def test_agence_bio_v2_as_its_documentation_prints_it() -> None:
    (answer,) = read_answer_file(ANSWERS / "agence_bio_v2.txt")
    assert (answer.dialect, answer.siren, answer.repaired) == ("agence_bio", "732829320", True)
    assert isinstance(answer.content, OrganicOperator)
    (record,) = answer.content.records
    assert (record.number, record.certificates[0].state, record.certificates[0].engaged_on) == (
        "4242",
        "ENGAGEE",
        date(2020, 9, 29),
    )


def test_agence_bio_today_one_operator_a_siret() -> None:
    duplicated, other = read_answer_file(ANSWERS / "agence_bio_live.json")
    assert isinstance(duplicated.content, OrganicOperator)
    assert [record.certificates[0].state for record in duplicated.content.records] == ["SUSPENDUE", "ENGAGEE"]
    assert duplicated.content.records[0].certificates[0].suspended_on == date(2024, 2, 29)
    assert isinstance(other.content, OrganicOperator)
    assert other.content.records[0].certificates[0].stopped_on == date(2021, 6, 30)
    assert (duplicated.name[-3:], other.name[-3:]) == ("[0]", "[1]")


def test_agence_bio_without_any_operator() -> None:
    bodies: tuple[Any, ...] = ({"nbTotal": "0", "items": []}, [])
    for body in bodies:  # the live form, and that of API Entreprise v2
        (answer,) = read(body)
        assert answer.content == OrganicOperator(())


def test_an_operator_alone() -> None:
    (answer,) = read({"numeroBio": 1, "siret": None, "certificats": None})
    assert isinstance(answer.content, OrganicOperator)
    assert answer.content.records[0].certificates == ()


@pytest.mark.parametrize(
    ("errors", "dialect", "codes"),
    [
        (
            [{"code": "11003", "title": "T", "detail": "D", "source": None, "meta": {"provider": "OPQIBI"}}],
            "api_entreprise_v3",
            ["11003"],
        ),
        ([{"code": "00201", "title": "T"}, {"code": "00202"}], "api_entreprise_v3", ["00201", "00202"]),
        ([{}], "api_entreprise_v3", [None]),
        (["Une phrase"], "api_entreprise_v2", [None]),
        (["Une phrase", "Une autre"], "api_entreprise_v2", [None, None]),
        (["Une phrase", {"code": "00429"}], "api_entreprise_v3", [None, "00429"]),
        ("Une phrase", "api_entreprise_v2", [None]),
        ({"code": 11003}, "api_entreprise_v3", ["11003"]),
        ([], "api_entreprise_v3", []),
        (None, "api_entreprise_v3", []),
        ([None], "api_entreprise_v2", [None]),
    ],
)
def test_error_bodies_in_all_their_forms(errors: Any, dialect: str, codes: list[str | None]) -> None:
    (answer,) = read({"errors": errors})
    assert isinstance(answer.content, Refusal)
    assert (answer.dialect, [error.code for error in answer.content.errors]) == (dialect, codes)


def test_opqibi_own_refusal_is_one_sentence_of_plain_text() -> None:
    (answer,) = read_answers("requéte incorrecte, siret incorrect, paramétre manquant".encode(), "x")
    assert (answer.dialect, answer.name) == ("opqibi", "x")
    assert isinstance(answer.content, Refusal)


def test_a_list_of_answers_of_several_dialects() -> None:
    v3 = json.loads((ANSWERS / "v3_two_lists.json").read_text("utf-8"))
    bio = json.loads((ANSWERS / "agence_bio_live.json").read_text("utf-8"))["items"]
    answers = read([v3, {"errors": ["x"]}, bio])
    assert [answer.dialect for answer in answers] == [
        "api_entreprise_v3",
        "api_entreprise_v2",
        "agence_bio",
        "agence_bio",
    ]
    assert [answer.name for answer in answers] == [f"answer.json[{index}]" for index in range(4)]
    assert [answer.dialect for answer in read_value([v3, v3], "body")] == ["api_entreprise_v3"] * 2


def test_the_inside_of_a_v3_answer_alone() -> None:
    v3 = json.loads((ANSWERS / "v3_two_lists.json").read_text("utf-8"))
    assert read(v3["data"])[0].content == read(v3)[0].content


def test_a_saved_answer_tells_its_day_its_firm_and_its_status() -> None:
    v3 = json.loads((ANSWERS / "v3_two_lists.json").read_text("utf-8"))
    (answer,) = read({"fetched_on": "2024-05-06", "siren": "732829320", "http_status": 200, "answer": v3})
    assert (answer.fetched_on, answer.siren, answer.http_status) == (date(2024, 5, 6), "732829320", 200)
    assert (answer.dialect, answer.repaired) == ("api_entreprise_v3", False)


@pytest.mark.parametrize("missing", ["", "   ", None, "Donnée indisponible", "donnée INDISPONIBLE"])
def test_what_is_missing_is_none(missing: str | None) -> None:
    (answer,) = read({"date_delivrance_certificat": missing, "numero_certificat": missing})
    assert isinstance(answer.content, Certificate)
    assert (answer.content.issued, answer.content.number) == (None, None)
    assert (answer.content.qualifications, answer.content.probationary) == (None, None)


def test_control_characters_never_reach_a_screen() -> None:
    (answer,) = read(
        {
            "date_delivrance_certificat": "2024-03-01",
            "numero_certificat": "\u001b[31m16\u0000 12\u009b 0042\n",
        }
    )
    assert isinstance(answer.content, Certificate)
    assert answer.content.number == "[31m16  12  0042"


@pytest.mark.parametrize(
    ("rge", "read_as"),
    [
        (True, True),
        (False, False),
        ("1", True),
        ("0", False),
        (1, True),
        (0, False),
        (None, None),
        ("oui", None),
        (2, None),
        ([], None),
    ],
)
def test_the_flag_as_the_server_reads_it(rge: Any, read_as: bool | None) -> None:
    (answer,) = read(
        {
            "date_delivrance_certificat": "2024-03-01",
            "qualifications": [{"code_qualification": "1905", "rge": rge}],
        }
    )
    assert isinstance(answer.content, Certificate)
    assert answer.content.qualifications is not None
    assert answer.content.qualifications[0].rge is read_as


def test_a_code_that_lost_its_text_is_kept_as_given() -> None:
    (answer,) = read(
        {
            "date_delivrance_certificat": "2024-03-01",
            "qualifications": [{"code_qualification": 1905}, {"code_qualification": 316}, {}],
        }
    )
    assert isinstance(answer.content, Certificate)
    assert answer.content.qualifications is not None
    assert [one.code for one in answer.content.qualifications] == ["1905", "316", ""]


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        (
            {"data": {"date_delivrance_certificat": "2021-02-29"}},
            "$.data.date_delivrance_certificat",
            "is not a day",
        ),
        ({"date_delivrance_certificat": "13/25/2021"}, "$.date_delivrance_certificat", "is not a day"),
        ({"date_delivrance_certificat": "12/2021"}, "$.date_delivrance_certificat", "01/12/2016"),
        ({"date_delivrance_certificat": "9999-12-31"}, "$.date_delivrance_certificat", "is not a day"),
        ({"date_delivrance_certificat": True}, "$.date_delivrance_certificat", "a text expected"),
        (
            {"date_de_delivrance_du_certificat": "01/01/2021", "qualifications": 1},
            "$.qualifications",
            "a list expected",
        ),
        (
            {"date_delivrance_certificat": "2021-01-01", "qualifications": "0316"},
            "$.qualifications",
            "a list expected",
        ),
        (
            {"date_delivrance_certificat": "2021-01-01", "qualifications": ["0316"]},
            "$.qualifications[0]",
            "a group of fields",
        ),
        ({"errors": [{"code": ["11003"]}]}, "$.errors[0].code", "a text expected"),
        (
            [{"numeroBio": 1, "certificats": [{"dateEngagement": "hier"}]}],
            "$[0].certificats[0].dateEngagement",
            "is not a day",
        ),
        ({"fetched_on": "2024-05-06", "answer": {}}, "$.siren", "missing"),
        ({"fetched_on": "2024-05-06", "siren": "1", "http_status": 9, "answer": {}}, "$.http_status", "100"),
    ],
)
def test_a_field_that_cannot_be_read_is_named_with_its_place(value: Any, path: str, expected: str) -> None:
    with pytest.raises(FileError) as raised:
        read(value)
    (mistake, *_) = raised.value.mistakes
    assert mistake.path == path
    assert expected in raised.value.explain()
    assert raised.value.name == "answer.json"


def test_in_a_list_the_one_that_cannot_be_read_is_named() -> None:
    v3 = json.loads((ANSWERS / "v3_two_lists.json").read_text("utf-8"))
    for bad, path in (
        ({}, "$[1]"),
        ({"date_delivrance_certificat": "hier"}, "$[1].date_delivrance_certificat"),
        ({"errors": [{"code": []}]}, "$[1].errors[0].code"),
        ({"numeroBio": [], "certificats": []}, "$[1].numeroBio"),
        ({"fetched_on": "hier", "answer": {}, "siren": "1"}, "$[1].fetched_on"),
        ({"fetched_on": "2024-05-06", "answer": {}, "siren": "1"}, "$[1].answer"),
    ):
        with pytest.raises(FileError) as raised:
            read([v3, bad])
        assert raised.value.mistakes[0].path == path


@pytest.mark.parametrize(
    "value",
    [
        {},
        None,
        1,
        "texte",
        [1],
        {"data": {}},
        {"data": []},
        {"items": []},
        {"data": [{"data": {"chiffre_affaires": 9}}]},
        [[[{}]]],
    ],
)
def test_what_is_no_answer_is_refused(value: Any) -> None:
    with pytest.raises(FileError, match="not an answer about an OPQIBI certificate"):
        read(value)


def test_a_page_of_html_is_refused() -> None:
    with pytest.raises(FileError, match="a web page, and not the JSON"):
        read_answers(b"<html>502 Bad Gateway</html>", "page.html")


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        read_answer_file(tmp_path / "absent.json")


V3 = {
    "date_delivrance_certificat": "2025-12-01",
    "date_validite_qualifications": "2027-12-01",
    "qualifications": [{"code_qualification": "1905", "nom": "Audit", "rge": True}],
}


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"date_de_validite_des_qualifications": "2026-01-31"}, "$.data.date_validite_qualifications"),
        ({"date_de_delivrance_du_certificat": "2020-01-31"}, "$.data.date_delivrance_certificat"),
        (
            {"qualifications": [{"code_qualification": "1905", "CodeQualification": "1332"}]},
            "$.data.qualifications[0].code_qualification",
        ),
        (
            {"qualifications": [{"code_qualification": "1905", "nom": "a", "Nom": "b"}]},
            "$.data.qualifications[0].nom",
        ),
    ],
)
def test_a_datum_under_two_of_its_names_is_refused(more: dict[str, Any], place: str) -> None:
    with pytest.raises(FileError, match="name the same datum, and give it otherwise") as raised:
        read({"data": {**V3, **more}})
    assert [mistake.path for mistake in raised.value.mistakes] == [place]


def test_a_datum_said_twice_alike_or_left_empty_under_a_name_is_read() -> None:
    alike = {"date_de_validite_des_qualifications": "2027-12-01", "date_de_delivrance_du_certificat": None}
    for data in (
        {**V3, **alike},
        {**alike, "date_validite_qualifications": None, "qualifications": [], **V3},
    ):
        (answer,) = read({"data": data})
        assert isinstance(answer.content, Certificate)
        assert answer.content.qualifications_until == date(2027, 12, 1)
        assert answer.content.issued == date(2025, 12, 1)
    filled = {"date_validite_qualifications": None, "date_de_validite_des_qualifications": "2026-03-01"}
    (answer,) = read({"data": {**V3, **filled}})
    assert isinstance(answer.content, Certificate)
    assert answer.content.qualifications_until == date(2026, 3, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"data": V3, "date_delivrance_certificat": "2019-01-01", "qualifications": []},
        {"data": V3, "errors": []},
        {"data": {**V3, "errors": [{"code": "11003"}]}},
    ],
)
def test_two_answers_in_one_body_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(FileError, match="a certificate and another answer in one body"):
        read(body)
