"""The live call, against a real server that speaks the documented contract, and breaks it."""

import gzip
import json
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.certificate.check import check_certificate
from opqibi_rules.certificate.model import Certificate
from opqibi_rules.certificate.reading.api_entreprise_client import ApiEntreprise
from opqibi_rules.certificate.reading.certificate_answer import read_answers
from opqibi_rules.certificate.reading.quota import Quota
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


class Hours:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOON
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def quota(self) -> Quota:
        return Quota(250, 60, clock=lambda: self.now, sleep=self.sleep)


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({"Retry-After": "32"}, [32.0]),
        ({"Retry-After": "Sat, 01 Jun 2024 12:00:20 GMT"}, [20.0]),
        ({"Retry-After": "Sat, 01 Jun 2024 11:59:00 GMT"}, []),
        ({"RateLimit-Reset": str(int(NOON) + 7)}, [7.0]),
        ({"RateLimit-Reset": "1"}, []),
        # The server's clock is an hour ahead of ours: what counts is how far its own hours lie apart.
        ({"RateLimit-Reset": str(int(NOON) + 3609), "Date": "Sat, 01 Jun 2024 13:00:00 GMT"}, [9.0]),
        ({"Retry-After": "Sat, 01 Jun 2024 13:00:05 GMT", "Date": "Sat, 01 Jun 2024 13:00:00 GMT"}, [5.0]),
    ],
)
def test_a_429_that_says_how_long_is_obeyed_once(headers: dict[str, str], slept: list[float]) -> None:
    hours = Hours()
    with serving(Reply.error(429, "00429", headers=headers), Reply.of(200, V3)) as server:
        fetched = api(server, quota=hours.quota()).fetch(SIREN)
    assert isinstance(fetched.answer.content, Certificate)
    assert hours.naps == slept
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, None),
        ({"Retry-After": "3600"}, "asks to wait 60 minutes"),
        ({"Retry-After": "Sat, 01 Jun 2024 14:00:01 GMT"}, "asks to wait 121 minutes"),
        ({"Retry-After": "bientôt"}, None),
        ({"Retry-After": "-1"}, None),
    ],
)
def test_a_429_that_does_not_say_or_says_too_long_is_not_asked_again(
    headers: dict[str, str], told: str | None
) -> None:
    hours = Hours()
    encoded = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    said = failure(Reply.error(429, "00429", headers=encoded), quota=hours.quota())
    assert "00429" in said
    assert hours.naps == []
    assert ("asks to wait" in said) == (told is not None)
    assert (told or "") in said


def test_a_second_429_is_the_end() -> None:
    hours = Hours()
    reply = Reply.error(429, "00429", headers={"Retry-After": "1"})
    assert "00429" in failure(reply, reply, quota=hours.quota())
    assert hours.naps == [1.0]


def test_an_exhausted_quota_is_waited_for_before_the_next_call() -> None:
    hours = Hours()
    exhausted = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOON) + 12)}
    with serving(Reply.of(200, V3, headers=exhausted), Reply.of(200, V3)) as server:
        caller = api(server, quota=hours.quota())
        caller.fetch(SIREN)
        assert hours.naps == []
        caller.fetch(SIREN)
    assert hours.naps == [12.0]


def refused(*replies: Reply, **options: Any) -> FetchError:
    with serving(*replies) as server, pytest.raises(FetchError) as raised:
        api(server, **options).fetch(SIREN)
    return raised.value


def test_how_long_to_wait_is_told_whoever_says_it() -> None:
    """By a header of any failure, by ``meta.retry_in`` of its errors, the longest of them; the header says truer."""
    network = {"errors": [{"code": "00501", "title": "t", "detail": "d", "meta": {"retry_in": 10}}]}
    assert "asks to wait 10 seconds" in str(refused(Reply.of(502, network)))
    assert refused(Reply.of(502, network)).retry_in == 10
    two = {"errors": [*network["errors"], {"code": "11002", "meta": {"retry_in": 300}}, {"meta": []}]}
    assert "asks to wait 5 minutes" in str(refused(Reply.of(502, two)))
    assert refused(Reply.of(503, two, headers={"Retry-After": "1"})).retry_in == 1
    maintenance = Reply.error(503, "11020", headers={"Retry-After": "1800"})
    assert "asks to wait 30 minutes" in str(refused(maintenance))
    assert refused(Reply.error(502, "11999")).retry_in is None


@pytest.mark.parametrize(
    ("status", "code", "every"),
    [
        (401, "00101", True), (401, "00103", True), (401, "00108", True), (401, "00109", True),
        (403, "00100", True), (403, "00107", True), (422, "00203", True),
        (422, "00301", False), (404, "18003", False), (429, "00429", False), (502, "11999", False),
        (451, "11005", False),
    ],
)  # fmt: skip
def test_what_any_other_firm_would_meet_is_told_apart(status: int, code: str, every: bool) -> None:
    assert refused(Reply.error(status, code)).every_call is every


def test_a_token_of_the_other_environment_is_named() -> None:
    assert "call production" in failure(Reply.error(401, "00108"))
    said = failure(Reply.error(401, "00109"))
    assert "opens the staging server only" in said
    assert "ask for a new one" not in said


def test_a_slow_server_is_left() -> None:
    start = time.monotonic()
    assert "within 0.2 s" in failure(Reply.of(200, V3, delay=5), timeout=0.2)
    assert time.monotonic() - start < 3


def test_an_answer_that_drips_is_left_too() -> None:
    start = time.monotonic()
    assert "within 0.3 s" in failure(Reply.of(200, V3, drip=0.1), timeout=0.3)
    assert time.monotonic() - start < 3


def test_headers_that_drip_are_left_too() -> None:
    start = time.monotonic()
    slow = Reply.of(200, V3, headers={f"X-{n}": "x" for n in range(20)}, drip_headers=0.1)
    assert "within 0.5 s" in failure(slow, timeout=0.5)
    assert time.monotonic() - start < 1.9


def test_an_answer_cut_off_is_told() -> None:
    assert "cut its answer short" in failure(Reply.of(200, V3, cut=True))


@pytest.mark.parametrize("status", [200, 502])
def test_a_body_that_is_no_json_is_told(status: int) -> None:
    said = failure(Reply(status, b"<html>Bad Gateway</html>", media_type="text/html"))
    assert f"HTTP {status}: a web page stands in the place of the answer" in said
    assert ("call again later" in said) == (status == 502)


def test_a_body_of_ten_megabytes_is_not_read_to_its_end() -> None:
    assert str(MAX_BYTES) in failure(Reply(200, b" " * 10_000_000))


def test_a_certificate_under_another_status_is_not_trusted() -> None:
    assert "not trusted" in failure(Reply.of(502, V3))
    assert "not trusted" in failure(Reply.of(200, [{"numeroBio": 1, "certificats": []}]))


def test_a_body_that_had_to_be_mended_is_no_answer() -> None:
    assert "no answer" in failure(Reply(200, json.dumps(V3).encode().replace(b"}", b",}")))


def test_an_answer_about_another_firm_is_no_answer() -> None:
    """Version 3 names no firm; a body that names another one is not what was asked for."""
    assert "saved for 732829320, and it is about 552081317" in failure(
        Reply.of(200, {**V3["data"], "siren": "552081317"})
    )


def test_two_answers_where_one_is_expected_are_no_answer() -> None:
    assert "no answer" in failure(Reply.of(200, [V3, V3]))


def test_an_error_that_names_no_cause() -> None:
    assert "names no cause" in failure(Reply.of(500, {"errors": []}))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_named_and_not_followed_with_the_token(status: int) -> None:
    with serving(Reply.of(200, V3)) as other:
        said = failure(Reply(status, b"", headers={"Location": other.address}))
    assert f"HTTP {status}: the server sends elsewhere ({other.address})" in said
    assert other.calls == []


def test_what_cannot_come_from_the_register_is_named() -> None:
    assert "HTTP 204: there is no body" in failure(Reply(204, b""))
    assert "HTTP 200: there is no body" in failure(Reply(200, b" \r\n"))
    packed = gzip.compress(json.dumps(V3).encode())
    said = failure(Reply(200, packed, headers={"Content-Encoding": "gzip"}))
    assert "HTTP 200: the body is compressed (gzip), which was not asked" in said


def test_a_body_is_kept_as_it_came() -> None:
    """A number of 5,000 digits, which Python refuses to write, and a text that its JSON would write otherwise."""
    body = (
        json.dumps({**V3, "meta": {"n": 0}})
        .encode()
        .replace(b'"n": 0', b'"n": ' + b"7" * 5000 + b', "u": "\\u00e9"')
    )
    with serving(Reply(200, b"\xef\xbb\xbf" + body)) as server:
        fetched = api(server).fetch(SIREN)
    assert body.decode() in fetched.saved
    (again,) = read_answers(fetched.saved.encode(), "saved")
    assert again == replace(fetched.answer, name="saved")


def test_a_body_too_deep_to_be_saved_is_no_answer() -> None:
    """29 levels of lists in ``meta``, in the body: 31 with it; 30 are read, and a saved answer adds one."""
    for levels, expected in ((27, None), (28, "HTTP 200: nested over 30 levels")):
        deep: Any = 0
        for _ in range(levels):
            deep = [deep]
        reply = Reply.of(200, {**V3, "meta": {"deep": deep}})
        if expected is None:
            with serving(reply) as server:
                assert api(server).fetch(SIREN)
        else:
            assert expected in failure(reply)


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
        ({"recipient": "13002526500014"}, "key of 13002526500014 is not right"),
        ({"context": "  "}, "Empty; API Entreprise wants to know why"),
        ({"purpose": ""}, "Empty; API Entreprise wants to know why"),
    ],
)
def test_what_the_api_would_refuse_is_refused_before_calling(changes: dict[str, str], expected: str) -> None:
    with serving(Reply()) as server, pytest.raises(RequestError, match=expected):
        api(server, **changes)
    assert server.calls == []


def test_a_recipient_that_is_the_firm_asked_about_is_refused_before_calling() -> None:
    with serving(Reply()) as server, pytest.raises(RequestError, match="is the firm asked about"):
        api(server).fetch("130025265")
    assert server.calls == []


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE: the authorities"),
        ("HTTPS_PROXY", "ftp://proxy", "proxy that the environment names"),
        ("HTTPS_PROXY", "http://[::1", "proxy that the environment names"),
    ],
)
def test_an_environment_that_cannot_be_followed_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    with pytest.raises(RequestError, match=expected):
        ApiEntreprise(TOKEN, recipient="13002526500013", context="c", purpose="o")


@pytest.mark.parametrize("token", ["", "  ", "un jeton", "jeton\r\nX-Autre: 1", "jeton-é"])
def test_a_malformed_token_is_refused_without_being_said(token: str) -> None:
    with pytest.raises(RequestError) as raised:
        ApiEntreprise(token, recipient="13002526500013", context="c", purpose="o")
    assert "token is empty or malformed" in str(raised.value)


def test_without_httpx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(RequestError, match=r"opqibi-rules\[fetch\]"):
        ApiEntreprise(TOKEN, recipient="13002526500013", context="c", purpose="o")
