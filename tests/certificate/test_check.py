"""Errors are never « no certificate », but one; and a result names its rules, its firm, its age."""

from dataclasses import replace
from datetime import date

import pytest

from opqibi_rules.certificate.check import Answer, check_certificate
from opqibi_rules.certificate.refusal import ApiError, Refusal
from opqibi_rules.tables.library import Tables

from .conftest import Build

ON = date(2017, 6, 1)


def refused(*codes: str | None, status: int | None = None) -> tuple[str, str]:
    errors = tuple(ApiError(code, "Titre", "Détail") for code in codes)
    report = check_certificate(Answer("api_entreprise_v3", Refusal(errors), http_status=status), on=ON)
    assert report.certificate is None
    return report.verdict, report.reason.rule


def test_404_with_11003_is_no_certificate_known() -> None:
    assert refused("11003") == ("not_valid", "no-certificate-known")
    assert refused("11003", status=404) == ("not_valid", "no-certificate-known")


@pytest.mark.parametrize(
    "code",
    ["00101", "00103", "00105", "00100", "00107", "00402", "00015", "00301", "00201", "00210", "00429",
     "11999", "11001", "11002", "11004", "11009", "00501", "11020", "18003", "03003", "10003", "99999", "x", None],
)  # fmt: skip
def test_every_other_error_is_undetermined(code: str | None) -> None:
    assert refused(code) == ("undetermined", "error-is-no-answer")


def test_several_errors_are_undetermined_unless_all_say_the_same() -> None:
    assert refused("00201", "00202")[0] == "undetermined"
    assert refused("11003", "11003")[0] == "not_valid"
    assert refused("11003", "00501")[0] == "undetermined"
    assert refused()[0] == "undetermined"


def test_11003_under_another_status_is_not_believed() -> None:
    assert refused("11003", status=502) == ("undetermined", "error-is-no-answer")


@pytest.mark.parametrize(
    ("title", "detail", "told"),
    [
        (None, "Le fournisseur ne répond pas", "« Le fournisseur ne répond pas »"),
        ("Intermédiaire hors-délai", "Le fournisseur ne répond pas", "« Intermédiaire hors-délai »"),
    ],
)
def test_an_error_is_named_by_its_title_else_by_its_detail(title: str | None, detail: str, told: str) -> None:
    refusal = Refusal((ApiError("11002", title, detail),))
    report = check_certificate(Answer("api_entreprise_v3", refusal), on=ON)
    assert told in str(report.reason.message)


def test_the_cause_is_told_and_what_to_do() -> None:
    answer = Answer(
        "api_entreprise_v3", Refusal((ApiError("00429", "Trop de requêtes"), ApiError(None, None, " ")))
    )
    report = check_certificate(answer, on=ON, siren="732829320", requires=["1905"])
    said = [str(warning.message) for warning in report.warnings]
    assert "Trop de requêtes" in said[0]
    assert "Retry-After" in said[0]
    assert report.requirements[0].status == "undetermined"
    unknown = check_certificate(
        replace(answer, content=Refusal((ApiError("11003"),))), on=ON, requires=["1905"]
    )
    assert unknown.requirements[0].status == "unmet"


def test_an_answer_about_another_firm_proves_nothing(build: Build) -> None:
    for on in (ON, date(2019, 1, 1)):
        report = check_certificate(build(), on=on, siren="434717997")
        assert (report.verdict, report.reason.rule, report.siren) == (
            "undetermined",
            "siren-differs",
            "434717997",
        )


def test_an_old_answer_says_nothing_of_what_came_after(build: Build) -> None:
    fetched = replace(build(), fetched_on=ON)
    assert "answer-age" not in [warning.rule for warning in check_certificate(fetched, on=ON).warnings]
    later = check_certificate(fetched, on=date(2017, 6, 2))
    assert "answer-age" in [warning.rule for warning in later.warnings]
    assert later.verdict == "valid"


@pytest.mark.parametrize("fetched", [None, date(2016, 6, 1), date(2016, 12, 1), date(2017, 6, 1)])
@pytest.mark.parametrize("asked", ["1905", "0316", "1331", "2008"])  # held, entailed, on trial, not held
def test_before_its_issue_a_certificate_says_nothing_of_what_is_required(
    build: Build, asked: str, fetched: date | None
) -> None:
    """It is issued anew each year, for qualifications of four: the one before it may well bear them."""
    on, today = date(2016, 6, 1), date(2017, 6, 1)
    report = check_certificate(build(), on=on, fetched=fetched, today=today, requires=[asked])
    assert [one.status for one in report.requirements] == ["undetermined"]
    if fetched != on:  # else the answer is older than what it holds
        assert report.certificate is not None
        assert (report.verdict, report.certificate.status) == ("not_valid", "not_yet_valid")
        assert "ask for the certificate before it" in str(report.requirements[0].reason.message)


def test_a_mended_text_is_said(build: Build) -> None:
    report = check_certificate(replace(build(), repaired=True), on=ON)
    assert "tolerant-reading" in [warning.rule for warning in report.warnings]


def test_the_json_has_what_the_contract_names(build: Build) -> None:
    data = check_certificate(build(), on=ON, requires=["1905"]).to_dict()
    assert {
        "verdict",
        "on",
        "siren",
        "dialect",
        "certificate",
        "qualifications",
        "requirements",
        "warnings",
    } <= data.keys()
    assert data["schema_version"] == 1
    assert data["on"] == "2017-06-01"
    assert data["certificate"].keys() >= {"number", "issued", "valid_until", "status", "reason"}
    assert data["qualifications"][0].keys() >= {
        "code",
        "name",
        "probationary",
        "valid_until",
        "status",
        "reason",
        "rge",
    }
    assert data["requirements"][0].keys() >= {"code", "status", "by", "reason"}
    assert data["warnings"][0].keys() >= {"code", "message"}
    assert {"certificate-one-year", "requirement-held"} <= {rule["id"] for rule in data["rules"]}


def test_a_users_own_rules_and_durations_are_obeyed(
    build: Build, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from opqibi_rules.tables.library import SHIPPED

    folder = tmp_path_factory.mktemp("tables")
    text = (SHIPPED / "validity.yaml").read_text("utf-8")
    head, _, _ = text.partition("rules:")
    (folder / "validity.yaml").write_text(
        head.replace("valable un an", "valable deux ans").replace("years: 1", "years: 2", 1), "utf-8"
    )
    own = Tables(folder)
    report = check_certificate(build(duration="valable deux ans"), on=date(2018, 12, 1), tables=own)
    assert report.verdict == "valid"
    assert report.rules, "the rules that the user's table leaves out are ours"


def test_an_answer_is_called_by_where_it_was_read(build: Build) -> None:
    assert str(replace(build(), name="answers.json[2]")) == "answers.json[2]"


def test_the_rules_are_told_in_the_language_asked_for(build: Build) -> None:
    report = check_certificate(build(), on=ON)
    english, french = report.to_dict(), report.to_dict(language="fr")
    assert "A certificate is valid for one year from its issue." in [
        rule["text"] for rule in english["rules"]
    ]
    assert "Un certificat est valable un an à compter de sa délivrance." in [
        rule["text"] for rule in french["rules"]
    ]
