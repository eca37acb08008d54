"""What to do about each error of API Entreprise: found by its code, its last digits, its beginning, its status."""

import os
import re
from pathlib import Path

import pytest

from opqibi_rules.tables.library import Tables

CATALOGUE = Tables().api_errors
SAMPLES = [
    Path(folder)
    for folder in os.environ.get("OPQIBI_SAMPLES", str(Path(__file__).parents[3] / "shared")).split(
        os.pathsep
    )
]


@pytest.mark.parametrize(
    ("code", "status", "advice", "retry"),
    [
        ("11003", 404, "no-certificate-known", False),
        ("03003", 404, "unknown-to-this-register", False),
        ("18003", None, "unknown-to-this-register", False),
        ("00101", 401, "replace-token", False),
        ("00108", 401, "token-of-production", False),
        ("00109", 401, "token-of-staging", False),
        ("00100", 403, "ask-for-the-right", False),
        ("00107", 403, "allow-the-address", False),
        ("00015", 409, "wait-for-the-same-call", True),
        ("11015", None, "name-one-entity", False),
        ("00203", 422, "fill-the-traces", False),
        ("00210", 422, "mend-the-recipient", False),
        ("00301", 422, "mend-the-number", False),
        ("00366", 422, "mend-the-parameters", False),
        ("00402", 404, "change-version", False),
        ("00429", 429, "slow-down", True),
        ("11008", None, "slow-down", True),
        ("00501", 502, "try-the-network-again", True),
        ("11999", 502, "wait-for-the-provider", True),
        ("11009", 502, "wait-for-the-provider", True),
        ("11020", 503, "wait-for-the-provider", True),
        ("04501", None, "call-the-right-api", False),
        ("50001", None, "call-the-right-api", False),
        ("98765", 503, "wait-for-the-provider", True),
        ("98765", None, "otherwise", False),
        ("", None, "otherwise", False),
        (None, 429, "slow-down", True),
        (None, 418, "otherwise", False),
        (None, None, "otherwise", False),
    ],
)
def test_each_family(code: str | None, status: int | None, advice: str, retry: bool) -> None:
    found = CATALOGUE.advice(code, status)
    assert (found.id, found.retry) == (advice, retry)


def test_every_error_of_the_servers_own_catalogue_has_its_advice() -> None:
    """For each copy of the catalogue at hand; the families above stand for it where there is none."""
    for path in (found for folder in SAMPLES for found in folder.rglob("errors.yml")):
        text = path.read_text("utf-8")
        codes = re.findall(r"^- code: '([0-9]{5})'", text, re.MULTILINE)
        codes += [f"11{subcode}" for subcode in re.findall(r"^- subcode: '([0-9]{3})'", text, re.MULTILINE)]
        assert len(codes) > 100
        assert [code for code in codes if CATALOGUE.advice(code).id == "otherwise"] == []


def test_what_says_that_no_certificate_is_known() -> None:
    assert CATALOGUE.no_certificate == {"11003"}


def test_each_advice_is_said_in_both_languages() -> None:
    for text in (*(family.text for family in CATALOGUE.families), CATALOGUE.otherwise):
        assert text.fr.endswith(".")
        assert text.en.endswith(".")


def test_who_may_call_is_told_with_its_sources_where_the_token_is_at_fault() -> None:
    assert [family.id for family in CATALOGUE.families if family.access] == [
        "replace-token",
        "ask-for-the-right",
    ]
    assert "profil d’acheteur" in CATALOGUE.access.text.fr
    assert "DUME" in CATALOGUE.access.text.en
    assert [source.reliability for source in CATALOGUE.access.sources] == ["administration"] * 2
