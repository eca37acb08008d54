"""One strict reader at every door: what one refuses, all refuse; what one leaves undetermined, all do.

The command line, the HTTP API, the assistant's tool and Python are asked about the same bodies, as bytes where
the door takes bytes.
"""

import asyncio
import copy
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import opqibi_rules as opqibi
from opqibi_rules.cli.commands.mcp import answer_to
from opqibi_rules.desk.refusals import RefusedError
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.tables.library import Tables
from opqibi_rules.web.app import create_app
from opqibi_rules.web.settings import Settings
from tests.cli.running import asked

ON = "2024-06-01"
GOOD: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "answers" / "v3_two_lists.json").read_text("utf-8")
)
REFUSED = "refused"


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    body = copy.deepcopy(GOOD)
    change(body["data"])
    return json.dumps(body)


def saved(**more: Any) -> str:
    return json.dumps({"fetched_on": ON, "siren": "732829320", "http_status": 200, "answer": GOOD, **more})


TEXT = json.dumps(GOOD)
KEY = '"date_validite_qualifications": "2026-03-01"'
AUDIT = GOOD["data"]["qualifications"][0]
assert KEY in TEXT

BODIES: dict[str, tuple[str, str]] = {
    "good": (TEXT, "valid"),
    "saved": (saved(), "valid"),
    "a key twice": (TEXT.replace(KEY, f'{KEY.replace("2026", "2024")}, {KEY}'), REFUSED),
    "a key twice, deep": (TEXT.replace('"rge": true', '"rge": false, "rge": true'), REFUSED),
    "half a character": (TEXT.replace("MUTUELLE", "\\ud800"), REFUSED),
    "not a number": (TEXT.replace('"meta": {}', '"meta": {"n": NaN}'), REFUSED),
    "deep": (TEXT.replace('"meta": {}', '"meta": ' + "[" * 40 + "]" * 40), REFUSED),
    "an hour": (changed(lambda data: data.update(date_delivrance_certificat="2024-02-29T23:00:00.000Z")), REFUSED),
    "trailing text": (changed(lambda data: data.update(date_delivrance_certificat="2024-03-01T---")), REFUSED),
    "no answer": ('{"data": {}}', REFUSED),
    "saved twice over": (json.dumps({"fetched_on": ON, "siren": None, "answer": json.loads(saved())}), REFUSED),
    "another firm inside": (
        saved(answer={"siren": "434717997", "date_de_delivrance_du_certificat": "01/03/2024"}),
        REFUSED,
    ),
    "one code two ways": (
        changed(lambda data: data["qualifications"].append({**AUDIT, "rge": False})), "undetermined",
    ),
    "another's name": (
        changed(lambda data: AUDIT and data["qualifications"][0].update(nom='Audit énergétique "maisons individuelles"')),
        "undetermined",
    ),
    "a placeholder": (changed(lambda data: data.update(numero_certificat="string")), "undetermined"),
    "staging": (saved(host="staging.entreprise.api.gouv.fr"), "undetermined"),
    "under 502": (saved(http_status=502), "undetermined"),
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    settings = Settings(today=lambda: date(2026, 11, 21))
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    "kind", ["application/json", "APPLICATION/JSON", "application/vnd.api+JSON; charset=utf-8"]
)
def test_over_http(client: TestClient, name: str, kind: str) -> None:
    text, expected = BODIES[name]
    question = f'{{"on": "{ON}", "requires_rge": ["1905"], "answer": {text}}}'
    answer = client.post("/api/certificates/check", content=question.encode(), headers={"Content-Type": kind})
    assert (answer.status_code == 422) == (expected == REFUSED)
    assert answer.json().get("verdict", REFUSED) == expected


@pytest.mark.parametrize("name", BODIES)
def test_on_the_command_line_and_in_python(name: str, tmp_path: Path) -> None:
    text, expected = BODIES[name]
    path = tmp_path / "answer.json"
    path.write_text(text, "utf-8")
    outcome = asked("check-certificate", str(path), "--on", ON, "--requires-rge", "1905", "--format", "json")
    assert outcome.code == {"valid": 0, REFUSED: 2, "undetermined": 3}[expected]
    assert "Traceback" not in outcome.err
    givens: list[Any] = [path, text, text.encode()]
    if expected != REFUSED or name in {"an hour", "trailing text", "no answer", "saved twice over"}:
        givens.append(json.loads(text))
    for given in givens:
        try:
            verdict = opqibi.check_certificate(given, on=ON, requires_rge=["1905"]).verdict
        except opqibi.FileError:
            verdict = REFUSED
        assert verdict == expected


def test_by_an_assistant(tmp_path: Path) -> None:
    async def all_of_them() -> dict[str, str]:
        workers, found = Workers(1, 60.0), {}
        service = Service(Tables(), lambda: date(2026, 11, 21))
        try:
            for name, (text, _) in BODIES.items():
                path = tmp_path / "answer.json"
                path.write_text(text, "utf-8")
                given = {"path": str(path), "on": ON, "requires_rge": ["1905"]}
                try:
                    found[name] = (await answer_to("check-certificate", given, service, "en", workers))[
                        "verdict"
                    ]
                except RefusedError:
                    found[name] = REFUSED
        finally:
            await workers.close()
        return found

    assert asyncio.run(all_of_them()) == {name: expected for name, (_, expected) in BODIES.items()}


@pytest.mark.parametrize(
    "given",
    [
        {"data": {"date_delivrance_certificat": "\ud800"}},
        {"data": {"date_delivrance_certificat": date(2024, 3, 1)}},
        {"data": {"date_delivrance_certificat": float("nan")}},
        {"data": {"date_delivrance_certificat": "2024-03-01", "qualifications": {1905}}},
        {"data": {"date_delivrance_certificat": "2024-03-01", ("a", "b"): 1}},
        "\x00",
        "{\ud800",
        b"\xff\xfe{",
        '{"data": {}}',
    ],
)
def test_values_that_no_json_holds_are_refused_in_a_sentence(given: Any) -> None:
    with pytest.raises(opqibi.FileError) as raised:
        opqibi.check_certificate(given, on=ON)
    assert len(raised.value.explain()) < 300


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {"data": {"date_delivrance_certificat": "2024-03-01"}}
    endless["data"]["qualifications"] = [endless]
    with pytest.raises(opqibi.FileError, match="not JSON"):
        opqibi.check_certificate(endless, on=ON)


def test_the_day_fetched_is_told_at_every_door(client: TestClient, tmp_path: Path) -> None:
    """Fetched on 1 May 2024, asked for 1 June: 0901 is not held, and may be by then."""
    path = tmp_path / "answer.json"
    path.write_text(TEXT, "utf-8")
    question = {"answer": GOOD, "on": ON, "fetched": "2024-05-01", "requires": ["0901"]}
    over_http = client.post("/api/certificates/check?lang=en", json=question).json()
    options = (
        "--on",
        ON,
        "--fetched",
        "2024-05-01",
        "--requires",
        "0901",
        "--format",
        "json",
        "--lang",
        "en",
    )
    outcome = asked("check-certificate", str(path), *options)
    assert outcome.code == 3
    assert {**json.loads(outcome.out), "source": "answer"} == over_http
    assert (over_http["verdict"], over_http["as_of"]) == ("undetermined", "2024-05-01")
    report = opqibi.check_certificate(GOOD, on=ON, fetched="2024-05-01", requires=["0901"])
    assert report.verdict == "undetermined"
    assert (
        client.post("/api/certificates/check", json={**question, "fetched": "2027-01-01"}).status_code == 422
    )


def test_one_siren_is_not_stamped_on_several_answers(client: TestClient, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(TEXT, "utf-8")
    outcome = asked(
        "check-certificate", str(tmp_path), "--on", ON, "--siren", "732829320", env={"OPQIBI_LANG": "en"}
    )
    assert (outcome.code, outcome.out) == (2, "")
    assert "2 answers name no firm" in outcome.err
    assert "--siren" in outcome.err
    assert asked("check-certificate", str(tmp_path), "--on", ON).code == 0
    question = {"answer": [GOOD, GOOD], "on": ON, "siren": "732829320"}
    refusal = client.post("/api/certificates/check", json=question)
    assert refusal.status_code == 422
    assert refusal.json()["errors"][0]["field"] == "siren"
    # one that names its firm takes nothing from the other
    (tmp_path / "two.json").write_text(saved(), "utf-8")
    assert asked("check-certificate", str(tmp_path), "--on", ON, "--siren", "732829320").code == 0
