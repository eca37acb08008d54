"""The live call, against a real server that speaks the documented contract, and breaks it."""

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.reading.api_entreprise_client import ApiEntreprise
from opqibi_rules.certificate.refusal import Refusal
from opqibi_rules.errors import FetchError, RequestError
from opqibi_rules.paper.files import MAX_BYTES

from .loopback import Loopback, Reply, serving

V3 = json.loads((Path(__file__).parents[2] / "answers" / "v3_two_lists.json").read_text("utf-8"))
TOKEN = "un.jeton-de_test"
SIREN = "732829320"
NOON = 1_717_243_200.0
"""1 June 2024, noon UTC."""


def api(server: Loopback, **options: Any) -> ApiEntreprise:
    given = {
        "recipient": "13002526500013",
        "context": "Marchés publics",
        "purpose": "Marché 2024-042",
        "host": server.address,
    }
    return ApiEntreprise(TOKEN, **{**given, "clock": lambda: NOON, **options})


def failure(*replies: Reply, **options: Any) -> str:
    with serving(*replies) as server, pytest.raises(FetchError) as raised:
        api(server, **options).fetch(SIREN)
    assert TOKEN not in str(raised.value)
    return str(raised.value)


def test_a_certificate_is_asked_for_as_documented_and_kept_whole() -> None:
    with serving(Reply.of(200, V3)) as server:
        fetched = api(server).fetch(SIREN)
    (call,) = server.calls
    assert call.path == "/v3/opqibi/unites_legales/732829320/certification_ingenierie"
    assert call.query == {
        "recipient": ["13002526500013"],
        "context": ["Marchés publics"],
        "object": ["Marché 2024-042"],
    }
    assert call.authorization == f"Bearer {TOKEN}"
    assert isinstance(fetched.answer.content, Certificate)
    assert (fetched.answer.siren, fetched.answer.fetched_on) == (SIREN, date(2024, 6, 1))
    assert json.loads(fetched.saved)["answer"] == V3
    assert TOKEN not in fetched.saved
    assert check_certificate(fetched.answer, on=date(2024, 6, 1), requires=["1905"]).verdict == "valid"


def test_a_siret_is_cut_to_its_siren() -> None:
    with serving(Reply.of(200, V3)) as server:
        api(server).fetch("732 829 320 00074")
    assert "/732829320/" in server.calls[0].path


def test_no_certificate_known_is_an_answer() -> None:
    with serving(Reply.error(404, "11003")) as server:
        fetched = api(server).fetch(SIREN)
    assert isinstance(fetched.answer.content, Refusal)
    assert json.loads(fetched.saved)["http_status"] == 404
    assert check_certificate(fetched.answer, on=date(2024, 6, 1)).verdict == "not_valid"


@pytest.mark.parametrize(
    ("status", "code", "media_type"),
    [
        (401, "00101", "application/json"), (401, "00103", "application/json"), (401, "00105", "application/json"),
        (403, "00100", "application/json"), (403, "00107", "application/json"), (404, "00402", "application/json"),
        (409, "00015", "application/json"), (422, "00301", "application/json; charset=utf-8"),
        (429, "00429", "application/json"), (502, "11999", "application/vnd.api+json"),
        (502, "11001", "application/vnd.api+json"), (504, "11001", "application/vnd.api+json"),
        (504, "11002", "application/vnd.api+json"), (503, "11020", "application/json"),
        (404, "18003", "application/json"),
        (502, "11003", "application/json"), (200, "11003", "application/json"),
    ],
)  # fmt: skip
def test_every_other_error_is_told_and_never_asked_again(status: int, code: str, media_type: str) -> None:
    with (
        serving(Reply.error(status, code, media_type=media_type)) as server,
        pytest.raises(FetchError) as raised,
    ):
        api(server).fetch(SIREN)
    assert f"HTTP {status}" in str(raised.value)
    assert code in str(raised.value)
    assert len(server.calls) == 1


def test_several_errors_are_all_told() -> None:
    said = failure(Reply.error(422, "00201", "00202"))
    assert "00201" in said
    assert "00202" in said


def test_the_same_error_under_502_or_504_is_told_alike() -> None:
    assert failure(Reply.error(502, "11001")).replace("502", "504") == failure(Reply.error(504, "11001"))


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({"Retry-After": "32"}, 32.0),
        ({"RateLimit-Reset": str(int(NOON) + 7)}, 7.0),
        ({"RateLimit-Reset": "1"}, 0.0),
    ],
)
def test_a_429_that_says_how_long_is_obeyed_once(headers: dict[str, str], slept: float) -> None:
    naps: list[float] = []
    with serving(Reply.error(429, "00429", headers=headers), Reply.of(200, V3)) as server:
        fetched = api(server, sleep=naps.append).fetch(SIREN)
    assert isinstance(fetched.answer.content, Certificate)
    assert naps == [slept]
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    "headers", [{}, {"Retry-After": "3600"}, {"Retry-After": "bientôt"}, {"Retry-After": "-1"}]
)
def test_a_429_that_does_not_say_or_says_too_long_is_not_asked_again(headers: dict[str, str]) -> None:
    naps: list[float] = []
    encoded = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    assert "00429" in failure(Reply.error(429, "00429", headers=encoded), sleep=naps.append)
    assert naps == []


def test_a_second_429_is_the_end() -> None:
    naps: list[float] = []
    reply = Reply.error(429, "00429", headers={"Retry-After": "1"})
    assert "00429" in failure(reply, reply, sleep=naps.append)
    assert naps == [1.0]


def test_an_exhausted_quota_is_waited_for_before_the_next_call() -> None:
    naps: list[float] = []
    exhausted = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOON) + 12)}
    with serving(Reply.of(200, V3, headers=exhausted), Reply.of(200, V3)) as server:
        caller = api(server, sleep=naps.append)
        caller.fetch(SIREN)
        assert naps == []
        caller.fetch(SIREN)
    assert naps == [12.0]


def test_a_slow_server_is_left() -> None:
    start = time.monotonic()
    assert "within 0.2 s" in failure(Reply.of(200, V3, delay=5), timeout=0.2)
    assert time.monotonic() - start < 3


def test_an_answer_that_drips_is_left_too() -> None:
    start = time.monotonic()
    assert "within 0.3 s" in failure(Reply.of(200, V3, drip=0.1), timeout=0.3)
    assert time.monotonic() - start < 3


def test_an_answer_cut_off_is_told() -> None:
    assert "cut its answer short" in failure(Reply.of(200, V3, cut=True))


@pytest.mark.parametrize("status", [200, 502])
def test_a_body_that_is_no_json_is_told(status: int) -> None:
    said = failure(Reply(status, b"<html>Bad Gateway</html>", media_type="text/html"))
    assert f"HTTP {status}, and a body that is no answer" in said


def test_a_body_of_ten_megabytes_is_not_read_to_its_end() -> None:
    assert str(MAX_BYTES) in failure(Reply(200, b" " * 10_000_000))


def test_a_certificate_under_another_status_is_not_trusted() -> None:
    assert "not trusted" in failure(Reply.of(502, V3))
    assert "not trusted" in failure(Reply.of(200, [{"numeroBio": 1, "certificats": []}]))


def test_a_body_that_had_to_be_mended_is_no_answer() -> None:
    assert "no answer" in failure(Reply(200, json.dumps(V3).encode().replace(b"}", b",}")))


def test_two_answers_where_one_is_expected_are_no_answer() -> None:
    assert "no answer" in failure(Reply.of(200, [V3, V3]))


def test_an_error_that_names_no_cause() -> None:
    assert "names no cause" in failure(Reply.of(500, {"errors": []}))


def test_a_redirect_is_not_followed_with_the_token() -> None:
    with serving(Reply.of(200, V3)) as other:
        assert "HTTP 302" in failure(Reply(302, b"", headers={"Location": other.address}))
    assert other.calls == []


def test_a_server_that_is_not_there_is_told() -> None:
    with serving(Reply()) as gone:
        pass
    with pytest.raises(FetchError, match="cannot be reached"):
        api(gone).fetch(SIREN)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recipient": "130025265"}, "not a SIRET"),
        ({"recipient": "00000000000000"}, "not a SIRET"),
        ({"context": "  "}, "--context is empty"),
        ({"purpose": ""}, "--object is empty"),
    ],
)
def test_what_the_api_would_refuse_is_refused_before_calling(changes: dict[str, str], expected: str) -> None:
    with serving(Reply()) as server, pytest.raises(RequestError, match=expected):
        api(server, **changes)
    assert server.calls == []


@pytest.mark.parametrize("token", ["", "  ", "un jeton", "jeton\r\nX-Autre: 1", "jeton-é"])
def test_a_malformed_token_is_refused_without_being_said(token: str) -> None:
    with pytest.raises(RequestError) as raised:
        ApiEntreprise(token, recipient="13002526500013", context="c", purpose="o")
    assert "token is empty or malformed" in str(raised.value)


def test_without_httpx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(RequestError, match=r"opqibi-rules\[fetch\]"):
        ApiEntreprise(TOKEN, recipient="13002526500013", context="c", purpose="o")
