"""Whatever bytes come in: a clear error or a verdict, never a traceback."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.certificate.check import Answer, check_certificate
from opqibi_rules.certificate.reading.certificate_answer import read_answers, read_value
from opqibi_rules.errors import FileError
from opqibi_rules.tables.library import Tables

TABLES = Tables()
ON = date(2024, 6, 1)
SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "answers").iterdir())]
SEEDS += [
    b'{"errors": [{"code": "11003", "title": "Absente", "meta": {}}]}',
    b'{"errors": ["Une phrase", null]}',
]

KEYS = sorted(
    {
        "data",
        "errors",
        "items",
        "nbTotal",
        "answer",
        "fetched_on",
        "siren",
        "http_status",
        "certificats",
        "numeroBio",
        "siret",
        "etat_certification",
        "dateEngagement",
        "numero_certificat",
        "url",
        "date_delivrance_certificat",
        "duree_validite_certificat",
        "qualifications",
        "date_validite_qualifications",
        "qualifications_probatoires",
        "date_de_validite_des_qualification",
        "CodeQualification",
        "code_qualification",
        "nom",
        "rge",
        "code",
        "title",
    }
)
atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "",
            "0316",
            "1",
            "01/12/2016",
            "2016-12-01",
            "9999-12-31",
            "31/02/2020",
            "valable un an",
            "ENGAGEE",
            "11003",
            "string",
        ]
    )
)
values = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)


def read(attempt: Callable[[], list[Answer]]) -> tuple[list[Answer], FileError | None]:
    try:
        return attempt(), None
    except FileError as error:
        return [], error


def survives(data: bytes) -> None:
    answers, error = read(lambda: read_answers(data, "fuzz"))
    if error is not None:
        assert error.mistakes
        assert error.explain().startswith("fuzz: ")
    for answer in answers:
        report = check_certificate(
            answer, on=ON, requires=["0316"], requires_rge=["1905|1911"], tables=TABLES
        )
        assert report.verdict in {"valid", "not_valid", "undetermined"}
        json.dumps(report.to_dict(), ensure_ascii=False).encode()


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    survives(data)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1", "cp1252"]))
def test_any_text_in_any_encoding(text: str, encoding: str) -> None:
    survives(text.encode(encoding, "replace"))


@given(values)
def test_any_json_made_of_our_keys(value: Any) -> None:
    survives(json.dumps(value).encode())


@given(st.sampled_from(SEEDS), st.data())
def test_any_answer_cut_anywhere(seed: bytes, data: st.DataObject) -> None:
    survives(seed[: data.draw(st.integers(0, len(seed)))])


@given(st.sampled_from(SEEDS), st.data())
def test_any_answer_with_some_bytes_changed(seed: bytes, data: st.DataObject) -> None:
    changed = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not changed:
            break
    survives(bytes(changed))


@given(st.data())
def test_an_answer_with_one_field_replaced_by_anything(data: st.DataObject) -> None:
    body = _sample()
    key = data.draw(st.sampled_from(sorted(body["data"])))
    body["data"][key] = data.draw(values)
    survives(json.dumps(body).encode())


def _sample() -> Any:
    return json.loads((Path(__file__).parent.parent / "answers" / "v3_two_lists.json").read_text("utf-8"))


@given(values)
def test_any_parsed_value(value: Any) -> None:
    answers, error = read(lambda: read_value(value, "body"))
    assert answers or (error is not None and error.mistakes)
