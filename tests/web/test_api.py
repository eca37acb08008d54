"""The HTTP API in this process: answers equal to the command line's, refusals by field."""

import json
import re
import shlex
import subprocess
import sys
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

import opqibi_rules
from opqibi_rules.desk.requests import InvoiceRequest
from opqibi_rules.web import openapi
from opqibi_rules.web.app import create_app
from opqibi_rules.web.reference import IN_FRENCH
from tests.cli.running import asked
from tests.invoice.reading.made_invoices import ubl

FIRST = {"tariffs": {"1": 5, "2": 3}, "turnover": "800 000,00 €", "on": "2026-03-02"}
INVOICE = (
    "numéro;date;libellé;quantité;prix unitaire;montant ht;total ht;tva;total ttc\n"
    "F1;02/03/2026;Frais d’instruction, partie forfaitaire;1;500,00;500,00;1280,00;256,00;1536,00\n"
    "F1;02/03/2026;Frais d’instruction, tarif 1;5;60,00;300,00;1280,00;256,00;1536,00\n"
    "F1;02/03/2026;Frais d’instruction, tarif 2;4;120,00;480,00;1280,00;256,00;1536,00\n"
).encode()
EXPECTED: dict[str, Any] = {
    "expected": {"tariffs": {"1": 5, "2": 3}, "turnover": "800000"},
    "fees": ["instruction"],
}
CERTIFICATE = {
    "data": {
        "numero_certificat": "24 03 4567",
        "date_delivrance_certificat": "2024-03-01",
        "duree_validite_certificat": "valable un an",
        "qualifications": [{"nom": "Audit énergétique", "code_qualification": "1905", "rge": True}],
        "date_validite_qualifications": "2028-03-01",
        "qualifications_probatoires": [],
        "date_validite_qualifications_probatoires": None,
    },
    "links": {},
    "meta": {},
}


def refused(answer: Any) -> list[tuple[str | None, str]]:
    """The fields and reasons of a refusal, in the form of RFC 9457."""
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert {"type", "title", "detail"} <= problem.keys()
    return [(error["field"], error["reason"]) for error in problem["errors"]]


def test_a_quote_equals_the_command_line(client: TestClient) -> None:
    answer = client.post("/api/quote?lang=fr", json=FIRST)
    told = asked(
        "quote", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--date", "2026-03-02", "--format", "json"
    )
    assert answer.json() == json.loads(told.out)
    assert answer.json()["total_incl_vat"] == "2164.20"


def test_the_question_of_an_answer_asks_the_same_again(client: TestClient) -> None:
    question = {"event": "control", "qualifications": ["1905:5"], "new_tariffs": {"5": 1}, "vat": "reunion"}
    answer = client.post("/api/quote", json=question).json()
    assert client.post("/api/quote", json=answer["request"]).json() == answer
    assert answer["date"] == "2026-03-02"  # the server's own day


def test_a_plan_equals_the_command_line(client: TestClient) -> None:
    question = {
        "tariffs": {"1": 5, "2": 3},
        "turnover": 800000,
        "start": "2026-03-02",
        "growth": "0.03",
        "years": 8,
    }
    options = ("--from", "2026-03-02", "--years", "8", "--turnover-growth", "3%", "--format", "json")
    told = asked("plan", "-t", "1=5", "-t", "2=3", "--turnover", "800000", *options)
    assert client.post("/api/plan?lang=fr", json=question).json() == json.loads(told.out)


def test_changes_of_a_plan_equal_the_command_line(client: TestClient) -> None:
    change = {"event": "control", "number": 1, "add": ["1905:5"], "drop_tariffs": {"1": 1}}
    question = {"tariffs": {"1": 2}, "turnover": "90000", "start": "2026-03-02", "changes": [change]}
    options = ("--add", "1905:5@control-1", "--drop-tariff", "1=1@control-1", "--format", "json")
    told = asked("plan", "-t", "1=2", "--turnover", "90000", "--from", "2026-03-02", *options)
    assert client.post("/api/plan?lang=fr", json=question).json() == json.loads(told.out)


def test_choices_equal_the_command_line(client: TestClient) -> None:
    plan = {"tariffs": {"1": 5, "2": 3}, "turnover": "800000", "start": "2026-03-02"}
    asks = ("compare", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2026-03-02")
    for more, options in (
        ({"add_tariffs": {"5": 1}}, ("--when-to-add", "5=1")),
        ({"drop_tariffs": {"1": 1}}, ("--keep-or-drop", "1=1")),
        (None, ("--one-more",)),
    ):
        answer = client.post(f"/api/compare{'' if more else '/one-more'}", json={**plan, **(more or {})})
        assert answer.json() == json.loads(asked(*asks, *options, "--format", "json").out)
    first, second = client.post("/api/compare", json={**plan, "others": [{**plan, "vat": "reunion"}]}).json()[
        "choices"
    ]
    assert (first["difference"], second["difference"]) == ("0.00", "0.00")  # VAT is beside
    assert refused(client.post("/api/compare", json=plan))[0][0] == "add"
    wrong = client.post("/api/compare", json={**plan, "others": [{**plan, "event": "party"}]})
    assert refused(wrong)[0][0] == "others[0].event"


def alike(told: Any) -> str:
    """Without the names of files, nor where an answer was looked for in vain."""
    text = json.dumps(told, ensure_ascii=False).replace(
        "n’est conservée, et aucune n’a été demandée", "n’accompagne la liste"
    )
    return re.sub('"source": "[^"]*(sirens|csv|json)"', "", text)


def test_a_list_of_certificates_equals_the_command_line(client: TestClient, tmp_path: Any) -> None:
    kept = {"fetched_on": "2025-01-15", "siren": "732829320", "answer": CERTIFICATE}
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "732829320.json").write_text(json.dumps(kept), "utf-8")
    (tmp_path / "firms.csv").write_text("siren\n732829320\n552100554\n12\n", "utf-8")
    question = {"on": "2025-01-15", "within": 60, "requires": ["1905"]}
    options = ("--on", "2025-01-15", "--within", "60", "--requires", "1905", "--format", "json")
    for sirens, where in (
        (
            ["732829320", "552100554", "12"],
            (str(tmp_path / "firms.csv"), "--answers", str(tmp_path / "saved")),
        ),
        (None, (str(tmp_path / "saved"),)),
    ):
        given = client.post(
            "/api/certificates/list", json={**question, "answers": [kept], "sirens": sirens}
        ).json()
        told = json.loads(asked("check-certificates", *where, *options).out)
        assert alike(given) == alike(told)
        assert [one["verdict"] for one in told["firms"]] == (
            ["valid", "undetermined", "unreadable"] if sirens else ["valid"]
        )
        assert told["candidates"][0]["verdict"] == "met"
    for answers, field in (([], "answers"), ([5], "answers[0]"), ([{}] * 501, "answers")):
        assert refused(client.post("/api/certificates/list", json={"answers": answers}))[0][0] == field


def test_the_turnovers_of_a_fee_equal_the_command_line(client: TestClient) -> None:
    answer = client.post("/api/turnovers/from-fee", json={"fee": "557,50", "on": "2026-03-02"})
    told = asked("turnover-from-fee", "557.50", "--date", "2026-03-02", "--format", "json")
    assert answer.json() == json.loads(told.out)


def test_an_invoice_equals_the_command_line(client: TestClient, tmp_path: Any) -> None:
    path = tmp_path / "F1.csv"
    path.write_bytes(INVOICE)
    files, data = {"file": ("F1.csv", INVOICE)}, {"question": json.dumps(EXPECTED)}
    answer = client.post("/api/invoices/check?lang=fr", files=files, data=data).json()
    options = ("--turnover", "800000", "--fees", "instruction", "--dispute-text", "--format", "json")
    # A process of its own, as the server's worker is: both know all that is shipped.
    program = [sys.executable, "-m", "opqibi_rules.cli.main", "check-invoice", str(path), "--lang", "fr"]
    done = subprocess.run([*program, "-t", "1=5", "-t", "2=3", *options], capture_output=True, check=False)
    told = json.loads(done.stdout)
    assert (answer["dispute_text"] or "").strip() == told.pop("dispute_text").strip()
    answer.pop("dispute_text")
    assert answer == told
    assert answer["verdict"] == "discrepancy"
    assert answer["comparison"][-1]["difference"] == "120.00"


def test_a_party_of_two_identifiers_is_answered(client: TestClient) -> None:
    name = b"<cbc:RegistrationName>OPQIBI</cbc:RegistrationName>"
    numbers = b"".join(
        b'<cbc:CompanyID schemeID="%b">%b</cbc:CompanyID>' % pair
        for pair in ((b"0002", b"123456782"), (b"0009", b"12345678200012"))
    )
    assert name in ubl()
    files = {"file": ("two.xml", ubl().replace(name, name + numbers))}
    answer = client.post("/api/invoices/check", files=files, data={"question": json.dumps(EXPECTED)})
    assert (answer.status_code, answer.json()["invoice"]["seller"]["siren"]) == (200, "123456782")


def test_several_invoices_answer_by_a_list(client: TestClient) -> None:
    both = INVOICE + INVOICE.split(b"\n", 1)[1].replace(b"F1;", b"F2;")
    answer = client.post(
        "/api/invoices/check", files={"file": ("both.csv", both)}, data={"question": json.dumps(EXPECTED)}
    )
    assert answer.status_code == 207  # one shape under each status
    assert [one["invoice"]["number"] for one in answer.json()] == ["F1", "F2"]


def test_a_certificate_equals_the_command_line(client: TestClient, tmp_path: Any) -> None:
    path = tmp_path / "answer"
    path.write_text(json.dumps(CERTIFICATE), "utf-8")
    question = {"answer": CERTIFICATE, "on": "2025-01-15", "requires": ["1905|1911"]}
    answer = client.post("/api/certificates/check?lang=fr", json=question).json()
    options = ("--on", "2025-01-15", "--requires", "1905|1911", "--format", "json")
    told = json.loads(asked("check-certificate", str(path), *options).out)
    assert {**answer, "source": told["source"]} == told
    assert answer["verdict"] == "valid"


def test_a_siren_whose_key_is_wrong_makes_nothing_valid_at_any_door(
    client: TestClient, tmp_path: Any
) -> None:
    """By Luhn, 732829320 makes 7+6+2+7+2+9+3+4+0 = 40, a multiple of ten; 732829321 makes 41."""
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(CERTIFICATE), "utf-8")
    cases = (("732829320", 0, "valid", "met"), ("732829321", 3, "undetermined", "undetermined"))
    for siren, code, verdict, status in cases:
        question = {"answer": CERTIFICATE, "on": "2025-01-15", "siren": siren, "requires": ["1905"]}
        answer = client.post("/api/certificates/check", json=question).json()
        assert answer["verdict"] == verdict
        assert [one["status"] for one in answer["requirements"]] == [status]
        told = asked(
            "check-certificate", str(path), "--on", "2025-01-15", "--siren", siren, "--format", "json"
        )
        assert (told.code, json.loads(told.out)["verdict"]) == (code, verdict)
        files = {"file": ("a.json", path.read_bytes())}
        page = client.post("/en/certificate", files=files, data={"on": "2025-01-15", "siren": siren})
        assert (">Valid</p>" in page.text) is (code == 0)
        listed = tmp_path / "firms.csv"
        listed.write_text(f"siren;answer\n{siren};answer.json\n", "utf-8")
        many = asked("check-certificates", str(listed), "--on", "2025-01-15", "--format", "json")
        assert json.loads(many.out)["counts"] == {verdict: 1}


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"tariffs": {"1": "five"}}, "tariffs.1"),
        ({"tariffs": {"1": 1001}}, "tariffs.1"),
        ({"tariffs": {"8": 1}}, "tariffs"),
        ({"tariffs": {"0": 1}}, "tariffs.0"),
        ({"qualifications": ["19O5"]}, "qualifications[0]"),
        ({"qualifications": [1905]}, "qualifications[0]"),
        ({"qualifications": ["0607:5", "1905"]}, "qualifications[1]"),
        ({"qualifications": ["9999"]}, "qualifications[0]"),
        ({"qualifications": ["1905:5"], "probationary": ["1905:5"]}, "probationary[0]"),
        ({"tariffs": {"1": 1}, "turnover": 800000.5}, "turnover"),
        ({"tariffs": {"1": 1}, "turnover": "1,234.56"}, "turnover"),
        ({"tariffs": {"1": 1}, "audit_turnover": "-1"}, "audit_turnover"),
        ({"tariffs": {"1": 1}, "on": "1999-01-01"}, "on"),
        ({"tariffs": {"1": 1}, "on": "02/03/2026"}, "on"),
        ({"tariffs": {"1": 1}, "vat": "mars"}, "vat"),
        ({"tariffs": {"1": 1}, "vat": "30 moons"}, "vat"),
        ({"tariffs": {"1": 1}, "vat": 20}, "vat"),
        ({"tariffs": {"1": 1}, "event": "party"}, "event"),
        ({"tariffs": {"1": 1}, "price": 0}, "price"),
        ({"tariffs": {"1": 1}, "structure": {"siren": "12"}}, "structure.siren"),
        (
            {"tariffs": {"1": 1}, "structure": {"turnovers": [{"year": 2025, "enginering": "1"}]}},
            "structure.turnovers[0].enginering",
        ),
        ({}, "tariffs"),
        ([], None),
    ],
)
def test_a_refusal_names_the_field(client: TestClient, question: Any, field: str | None) -> None:
    assert field in [named for named, _ in refused(client.post("/api/quote", json=question))]


def test_a_list_too_long_is_refused_in_a_sentence(client: TestClient) -> None:
    question = {"answer": CERTIFICATE, "requires": ["1905"] * 301}
    assert refused(client.post("/api/certificates/check?lang=en", json=question)) == [
        ("requires", "300 at most.")
    ]


def test_all_that_is_wrong_is_said_at_once(client: TestClient) -> None:
    errors = refused(
        client.post("/api/quote?lang=en", json={"turnover": "x", "vat": [], "tariffs": {"1": -1}})
    )
    assert {field for field, _ in errors} == {"turnover", "vat", "tariffs.1"}


def test_of_several_things_the_detail_says_where_each_stands(client: TestClient) -> None:
    question = {"turnover": "x", "tariffs": {"1": -1}}
    detail = client.post("/api/quote?lang=en", json=question).json()["detail"]
    assert "turnover: " in detail
    assert "tariffs.1: " in detail


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"turnover": 1' + "0" * 400 + "}", "over €1,000,000,000,000"),  # a number, and too large
        ('{"tariffs": {"1": true}}', "« true »"),  # as JSON writes it
        ('{"tariffs": {"1": "5"}}', '« "5" »'),  # a text, as its quotes show
        ('{"tariffs": {"1": 5}, "vat": 0.2}', '"0.085"'),
        ("", "empty"),
        (" \n", "empty"),
    ],
)
def test_a_refusal_speaks_of_json(client: TestClient, body: str, said: str) -> None:
    """In the words of who wrote the body, and none of Python's."""
    answer = client.post("/api/quote?lang=en", content=body, headers={"Content-Type": "application/json"})
    ((_, reason),) = refused(answer)
    assert said in reason
    assert not re.search("Decimal|float|True|column", reason)


def test_what_is_wrong_is_named_as_the_question_names_it(client: TestClient) -> None:
    check = "/api/certificates/check?lang=en"
    wrong: tuple[object, ...] = ({}, "x")
    for given in wrong:
        ((field, reason),) = refused(client.post(check, json={"answer": given}))
        assert field == "answer", reason
    two = [("file", ("a.csv", b"1")), ("file", ("b.csv", b"2"))]
    asks = {"question": json.dumps({"expected": {"tariffs": {"1": 5}}})}
    assert refused(client.post("/api/invoices/check?lang=en", data=asks, files=two)) == [
        ("file", "one file is taken.")
    ]


@pytest.mark.parametrize(
    ("accepted", "lang", "word"),
    [("en-GB", "", "expected"), ("", "", "attendu"), ("en", "fr", "attendu"), ("fr", "en", "expected")],
)
def test_the_language_of_a_refusal(client: TestClient, accepted: str, lang: str, word: str) -> None:
    address = f"/api/quote?lang={lang}" if lang else "/api/quote"
    answer = client.post(address, json={"turnover": []}, headers={"Accept-Language": accepted})
    assert word in refused(answer)[0][1]


@pytest.mark.parametrize(
    "body", ["{", "[" * 100_000, '{"turnover": NaN}', '"\\ud800"', '{"vat": "\\ud800"}', ""]
)
def test_a_body_that_is_no_question(client: TestClient, body: str) -> None:
    answer = client.post("/api/quote", content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_given_twice_is_refused(client: TestClient) -> None:
    twice = b'{"tariffs": {"1": 5, "1": 6}}'
    for address in ("/api/quote", "/api/plan"):
        answer = client.post(address, content=twice, headers={"Content-Type": "application/json"})
        assert "«\xa01\xa0»" in refused(answer)[0][1]
    data = {"question": '{"expected": {"tariffs": {"1": 5}, "tariffs": {"1": 5}}}'}
    answer = client.post("/api/invoices/check", files={"file": ("a.csv", INVOICE)}, data=data)
    assert "«\xa0tariffs\xa0»" in refused(answer)[0][1]
    certificate = b'{"answer": {"data": {}, "data": {}}}'
    answer = client.post(
        "/api/certificates/check", content=certificate, headers={"Content-Type": "application/json"}
    )
    assert "«\xa0data\xa0»" in refused(answer)[0][1]
    assert refused(client.post("/api/quote?lang=fr&lang=en", json=FIRST))[0][0] == "lang"
    part: tuple[str, tuple[None, bytes]] = ("question", (None, b"{}"))
    twice_asked: list[Any] = [("file", ("a.csv", INVOICE)), part, part]
    assert refused(client.post("/api/invoices/check", files=twice_asked))[0][0] == "question"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", "application/jsonx"])
def test_a_body_that_does_not_say_it_is_json_is_of_the_wrong_kind(client: TestClient, kind: str) -> None:
    """What « curl -d » sends."""
    for address in ("quote", "plan", "turnovers/from-fee", "certificates/check"):
        answer = client.post(
            f"/api/{address}?lang=en",
            content=b'{"tariffs": {"1": 1}}',
            headers={"Content-Type": kind} if kind else {},
        )
        assert (answer.status_code, answer.json()["type"]) == (415, "/docs#problem-415")
        assert "Content-Type: application/json" in answer.json()["detail"]
    right = client.post(
        "/api/quote", content=json.dumps(FIRST), headers={"Content-Type": "Application/JSON; a=b"}
    )
    assert right.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/quote?lang=xx", b'{"tariffs": {"1": 1}}', "lang"),
        ("/api/quote?lang=fr", b'{"tariffs": {"1":', None),
        ("/api/quote?lang=fr", b'{"tariff": {"1": 1}}', "tariff"),
        ("/api/certificates/check?lang=fr", b'{"answer": 5}', "answer"),
        ("/api/nomenclature?q=" + "a" * 101, None, "q"),
    ],
)
def test_no_word_of_a_library_reaches_a_reader(
    client: TestClient, path: str, body: bytes | None, field: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(path, content=body, headers=headers) if body else client.get(path)
    found = refused(answer)
    assert {named for named, _ in found} == {field}
    assert not re.search(
        r"should|Expecting|pattern|dict|fichier|\bfile\b", " ".join(said for _, said in found)
    )


@pytest.mark.parametrize("path", ["/api/schedules", "/api/nomenclature?q=audit", "/openapi.json", "/docs"])
def test_what_does_not_change_is_sent_once(client: TestClient, path: str) -> None:
    whole = client.get(path)
    tag = whole.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == whole.content
    assert whole.headers["cache-control"] == "private, no-cache"  # asked again each time: tables may change


def test_the_description_says_how_a_caller_is_known_and_each_refusal(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    operations = {
        (path, method): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    names = [operation["operationId"] for operation in operations.values()]
    assert sorted(names) == [
        "check_certificates", "check_invoices", "compare", "health", "list_certificates", "nomenclature",
        "one_more", "plan", "quote", "schedules", "turnovers_from_fee",
    ]  # fmt: skip
    known = {tag["name"] for tag in described["tags"]}
    components = described["components"]
    anchors = set(re.findall('id="([^"]+)"', client.get("/docs").text))
    for (path, _), operation in operations.items():
        assert set(operation["tags"]) <= known
        assert "415" in operation["responses"] or "requestBody" not in operation
        assert set(names) <= anchors
        for status, answer in operation["responses"].items():
            if status >= "400":
                refusal = components["responses"][answer["$ref"].rpartition("/")[2]]
                example = refusal["content"]["application/problem+json"]["example"]
                assert str(example["status"]) == status
                assert example["type"].partition("#")[2] in anchors
            elif status != "304":
                (kind,) = operation["responses"][status]["content"].values()
                assert "anyOf" not in kind["schema"], path
    assert set(components["securitySchemes"]) == {"bearer", "cookie"}
    assert {} in described["security"]  # this server asks for no token
    assert operations["/health", "get"]["security"] == []
    assert {"first", "renewal", "control"} == set(
        components["schemas"]["QuoteRequest"]["properties"]["event"]["examples"]
    )
    text = json.dumps(described)
    assert "change of thread" not in text
    for name in re.findall(r"`opqibi_rules\.([a-z_]+)`", text):
        assert callable(getattr(opqibi_rules, name))


def test_the_reference_is_whole_in_both_languages(client: TestClient) -> None:
    french, english = (client.get(f"/docs?lang={lang}").text for lang in ("fr", "en"))
    assert '<html lang="fr">' in client.get("/docs", headers={"Accept-Language": "fr"}).text
    said = json.loads(IN_FRENCH.read_text("utf-8"))
    for original, text in said.items():
        plain = original.split("`")[0].split('"')[0]
        assert text.split("`")[0].split('"')[0] in unescape(french)
        assert plain in unescape(english)
    for page in (french, english):
        assert "<code>&#34;CODE&#34;</code>" in page  # rendered, and escaped once
        assert not re.search("&lt;code|&amp;#", page)
    assert "Partie forfaitaire" in unescape(french)  # of a quote, as an example
    assert "Partie forfaitaire" not in unescape(english)
    described = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["summary"] in said, path
            assert operation["description"] in said, path
            for parameter in operation.get("parameters", []):
                assert parameter["description"] in said
    for shape in (
        "QuoteRequest",
        "PlanRequest",
        "TurnoversRequest",
        "InvoiceRequest",
        "CertificateAnswerRequest",
        "CertificateAnswersRequest",
        "CompareRequest",
    ):
        for field in described["components"]["schemas"][shape]["properties"].values():
            assert field.get("description", "The day; today by default.") in said


def test_what_a_value_is_made_of_is_said_in_the_reader_s_words(client: TestClient) -> None:
    """« array of string » once stood on the French page."""
    french, english = (
        re.findall('<span class="fine">([^<]*)</span>', unescape(client.get(f"/docs?lang={lang}").text))
        for lang in ("fr", "en")
    )
    words = "string|integer|number|boolean|array|object|any|binary"
    assert len(french) == len(english)
    assert len([kind for kind in english if re.search(rf"\b({words}|needed)\b", kind)]) > 50
    assert not [kind for kind in french if re.search(rf"\b({words}|needed)\b", kind)]
    assert french[english.index("array of string | QualificationModel")] == (
        "liste\u00a0: texte | QualificationModel"
    )
    assert french[english.index("object of string | integer")] == "objet\u00a0: texte | entier"


def test_the_shell_of_the_reference_asks_what_it_shows(client: TestClient) -> None:
    for text in re.findall(r'<pre tabindex="0">(curl [^<]*)</pre>', client.get("/docs").text):
        words = shlex.split(unescape(text))
        if "--json" in words:
            body = words[words.index("--json") + 1]
            answer = client.post(words[1], content=body, headers={"Content-Type": "application/json"})
        elif "-F" in words:
            question = words[-1].partition("=")[2]
            answer = client.post(words[1], files={"file": ("a.csv", INVOICE)}, data={"question": question})
        else:
            answer = client.get(words[1])
        assert answer.status_code == 200, words


@pytest.mark.parametrize("address", ["/api/invoices/check", "/en/invoice"])
def test_a_fault_in_a_check_is_ours(
    client: TestClient, address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tasks: dict[Any, str] = {InvoiceRequest: "tests.desk.test_worker:faults"}
    monkeypatch.setattr("opqibi_rules.desk.readings.TASKS", tasks)
    monkeypatch.setattr("opqibi_rules.desk.invoice_page.TASK", tasks[InvoiceRequest])
    data = {"question": json.dumps(EXPECTED), "t1": "1"}
    answer = client.post(f"{address}?lang=en", files={"file": ("F.csv", INVOICE)}, data=data)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["title"] == "The server made a mistake; nothing was kept."
    assert "KeyError in faults" in caplog.text


def test_an_upload_without_its_parts(client: TestClient) -> None:
    address = "/api/invoices/check"
    assert client.post(address, json={}).status_code == 415
    assert refused(client.post(address, files={"other": b"x"}))[0][0] == "file"
    assert (
        refused(client.post(address, files={"file": ("a.csv", b"x")}, data={"question": "{"}))[0][0]
        == "question"
    )
    assert refused(client.post(address, files={"file": ("a.csv", b"x")}))[0][0] == "expected"
    broken = client.post(
        address, content=b"--x\r\n", headers={"Content-Type": "multipart/form-data; boundary=y"}
    )
    assert broken.status_code in {400, 422}
    nameless = client.post(address, content=b"", headers={"Content-Type": "multipart/form-data"})
    assert nameless.status_code == 400


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7 nothing more", b"PK\x03\x04 no zip", b"<a>" * 50_000, b"\0" * 1000, b'{"a": ' * 50_000],
    ids=["empty", "pdf", "zip", "xml", "zeros", "json"],
)
def test_a_hostile_invoice_is_refused_by_its_field(client: TestClient, data: bytes) -> None:
    files = {"file": ("../../etc/passwd\n.pdf", data)}
    errors = refused(client.post("/api/invoices/check", files=files, data={"question": json.dumps(EXPECTED)}))
    assert errors[0][0] == "file"
    assert not any("/etc/passwd" in reason for _, reason in errors)


def test_an_invoice_whose_expected_price_has_no_answer(client: TestClient) -> None:
    question = {"expected": {"qualifications": ["1905"]}}
    answer = client.post(
        "/api/invoices/check", files={"file": ("F1.csv", INVOICE)}, data={"question": json.dumps(question)}
    )
    assert refused(answer)[0][0] == "expected.qualifications[0]"


def test_a_certificate_that_is_none(client: TestClient) -> None:
    assert refused(client.post("/api/certificates/check", json={"answer": {"a": 1}}))[0][0] == "answer"
    wrong = {"answer": CERTIFICATE, "siren": "12"}
    assert client.post("/api/certificates/check", json=wrong).status_code == 422


def test_the_facts_at_hand(client: TestClient) -> None:
    (schedule,) = client.get("/api/schedules").json()["schedules"]
    assert (schedule["id"], schedule["in_force_from"]) == ("bareme_2024", "2024-02-08")
    assert schedule["sources"][0]["reliability"] == "opqibi"
    found = client.get("/api/nomenclature", params={"q": "ENERGETIQUE batiments"}).json()["entries"]
    assert "1905" in {entry["code"] for entry in found}
    assert {entry["tariff"] for entry in found} == {None}  # no source gives it
    assert len(client.get("/api/nomenclature").json()["entries"]) > len(found)


def test_the_description_is_whole_and_its_examples_are_true() -> None:
    """They are those of the shipped tables, whatever edition is the latest among them."""
    openapi.answers.cache_clear()  # kept from a test with the edition of 2024 alone
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        described = client.get("/openapi.json").json()
        assert set(described["paths"]) == {
            "/api/quote",
            "/api/plan",
            "/api/compare",
            "/api/compare/one-more",
            "/api/turnovers/from-fee",
            "/api/invoices/check",
            "/api/certificates/check",
            "/api/certificates/list",
            "/api/schedules",
            "/api/nomenclature",
            "/health",
        }
        for path, methods in described["paths"].items():
            if "post" not in methods or path == "/api/invoices/check":  # a form
                continue
            operation = described["paths"][path]["post"]
            content = operation["requestBody"]["content"]["application/json"]
            question = next(iter(content["examples"].values()))["value"]
            told = operation["responses"]["200"]["content"]["application/json"]["example"]
            assert client.post(f"{path}?lang=en", json=question).json() == told


def test_the_reference_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "POST /api/quote" in page
    assert "src=&#34;http" not in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_nothing_at_an_address_and_a_wrong_method(client: TestClient) -> None:
    nothing = client.get("/api/nothing?lang=en")
    assert (nothing.status_code, nothing.json()["title"]) == (404, "There is nothing at this address.")
    wrong = client.get("/api/quote")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_file_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch, client: TestClient) -> None:
    monkeypatch.setattr(client.app.state.workers, "seconds", 0.001)  # type: ignore[attr-defined] # the application's own
    files = {"file": ("F1.csv", INVOICE)}
    errors = refused(
        client.post("/api/invoices/check?lang=en", files=files, data={"question": json.dumps(EXPECTED)})
    )
    assert errors == [("file", "reading it took too much time or memory, and was stopped.")]
