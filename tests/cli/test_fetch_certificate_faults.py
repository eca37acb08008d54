"""All that may go wrong on the way to API Entreprise, met by the real command: a process, TLS, a proxy, an authority.

The server is on loopback; the command reaches it as it would reach the true one from an office, through the proxy and
the authority that its environment names. Each fault has its exit code and its sentence, leaves nothing half-written,
never says the token, and ends in time.
"""

import gzip
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from tempfile import mkdtemp
from typing import Self

import pytest

from tests.certificate.reading.tls_loopback import HOSTS, Authority, Listening, Speak, environment, listening

ROOT = Path(__file__).parents[2]
BODY = (ROOT / "tests" / "answers" / "v3_two_lists.json").read_bytes()
TOKEN = "un.jeton-de_test"
SIREN = "732829320"
SILENCE = "No whole answer within 5 s"


def raw(*pieces: bytes, pause: float = 0, hang: float = 0) -> Speak:
    """Says these bytes, one piece after the other, and nothing more for a while."""

    def speak(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        time.sleep(hang)

    return speak


def answer(status: int, body: bytes = BODY, **headers: str) -> Speak:
    """A well-formed response; ``Retry_After="1"`` is the header ``Retry-After``."""
    given = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = [
        f"HTTP/1.1 {status} Text",
        *(f"{name.replace('_', '-')}: {value}" for name, value in given.items()),
    ]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def errors(status: int, *codes: str, meta: object = None, **headers: str) -> Speak:
    """An error body as the API writes it."""
    listed = [{"code": code, "title": "Titre", "detail": "Détail", "meta": meta or {}} for code in codes]
    return answer(status, json.dumps({"errors": listed}).encode(), **headers)


def for_ever(piece: bytes, pause: float, first: bytes = b"") -> Speak:
    """Says the same again and again, for longer than anyone should listen."""
    return raw(first, *[piece] * int(15 / pause), pause=pause)


def reset(connection: socket.socket) -> None:
    """Sends half of an answer and breaks the connection."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + BODY[:100])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(connection.detach())


def in_seconds(seconds: int) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PAGE = b"<!DOCTYPE html><html><body>Connectez-vous</body></html>"
EXTRA = BODY.rstrip()[:-1] + b', "more": %s}'


@dataclass(frozen=True)
class Scenario:
    name: str
    code: int
    said: tuple[str, ...]
    """Parts of what the standard error must say."""
    speaks: tuple[Speak, ...] = (answer(200),)
    calls: int = 1
    """Requests that must reach the server."""
    proxy: Speak | None = None
    server: str = "vouched"
    """Which certificate the server shows."""
    options: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    """Variables of the environment."""


def failing(name: str, said: str | tuple[str, ...], *speaks: Speak, calls: int = 1) -> Scenario:
    """What says nothing of the certificate: undetermined, exit code 3."""
    return Scenario(name, 3, (said,) if isinstance(said, str) else said, speaks, calls)


ANSWERS = [
    Scenario("a certificate", 0, ()),
    Scenario("a certificate under another media type", 0, (), (answer(200, Content_Type="text/plain"),)),
    Scenario("a certificate behind a byte order mark", 0, (), (answer(200, b"\xef\xbb\xbf" + BODY),)),
    Scenario("a certificate with a number of 5,000 digits", 0, (), (answer(200, EXTRA % (b"7" * 5000)),)),
    Scenario("a certificate in pieces", 0, (), (raw(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY), BODY[:99], BODY[99:], pause=0.2),)),
    Scenario("no certificate known", 1, ("No certificate is known",), (errors(404, "11003"),)),
    Scenario("staging", 0, ("prove nothing",), options=("--staging",)),
    Scenario("429, then an answer", 0, ("asks to wait 1 second",), (errors(429, "00429", Retry_After="1"), answer(200)), calls=2),
]  # fmt: skip

ERRORS = [
    failing("401 00101", ("HTTP 401", "ask for a new one"), errors(401, "00101")),
    failing("401 00103", ("HTTP 401", "ask for a new one"), errors(401, "00103")),
    failing("401 00105", ("HTTP 401", "ask for a new one"), errors(401, "00105")),
    failing("401 00106", ("HTTP 401", "ask for a new one"), errors(401, "00106")),
    failing("401 00108", "This token is that of production", errors(401, "00108")),
    failing("401 00109", "opens the staging server only", errors(401, "00109")),
    failing("401 without a body", "HTTP 401: there is no body", answer(401, b"")),
    failing("403 00100", "certification_opqibi", errors(403, "00100")),
    failing("403 00107", "IP address", errors(403, "00107")),
    failing("404 00402", "call version 3", errors(404, "00402")),
    failing("404 of another register", "says nothing of an OPQIBI certificate", errors(404, "18003")),
    failing("404, a page", ("HTTP 404", "a web page"), answer(404, PAGE)),
    failing("404, in OPQIBI's own words", "HTTP 404: the body is no answer", answer(404, "requéte incorrecte, siret incorrect, paramétre manquant".encode())),
    failing("409", "already running", errors(409, "00015")),
    failing("410", "no longer gives this data", errors(410, "11007")),
    failing("422, the number", "nine digits of the SIREN", errors(422, "00301")),
    failing("422, three at once", ("00201", "00202", "00203", "give all three"), errors(422, "00201", "00202", "00203")),
    failing("422, the recipient", "must be the SIRET of the administration", errors(422, "00210")),
    failing("422, the recipient is the firm", "must be the SIRET of the administration", errors(422, "00211")),
    failing("429 without a word", ("HTTP 429", "250 calls a minute"), errors(429, "00429")),
    failing("429 twice", ("asks to wait 1 second", "HTTP 429"), errors(429, "00429", Retry_After="1"), calls=2),
    failing("429 for an hour", "asks to wait 60 minutes", errors(429, "00429", Retry_After="3600")),
    failing("429 until a date", "minutes", errors(429, "00429", Retry_After=in_seconds(7200))),
    failing("451", "ask the firm for its certificate", errors(451, "11005")),
    failing("500", "report it to its support", errors(500, "00500")),
    failing("500 that names no cause", "names no cause", errors(500)),
    failing("502 of the provider", "does not answer, or badly", errors(502, "11999")),
    failing("502 of the network", ("in a minute", "asks to wait 10 seconds"), errors(502, "00501", meta={"retry_in": 10})),
    failing("502 with the code of an absence", ("HTTP 502: 11003", "conclude nothing"), errors(502, "11003")),
    failing("503 for half an hour", ("HTTP 503", "asks to wait 30 minutes"), errors(503, "11020", Retry_After="1800")),
    failing("503, a page", ("a web page", "call again later"), answer(503, PAGE)),
    failing("504", "does not answer, or badly", errors(504, "11002")),
    failing("an error unknown to us", "conclude nothing", errors(418, "99123")),
]  # fmt: skip

BODIES = [
    failing("200 with the error of an absence", ("HTTP 200: 11003", "conclude nothing"), errors(200, "11003")),
    failing("206", "HTTP 206: the body is not the one expected", answer(206)),
    failing("204", "HTTP 204: there is no body", raw(b"HTTP/1.1 204 No Content\r\n\r\n")),
    failing("an empty body", "HTTP 200: there is no body", answer(200, b"\r\n")),
    failing("301", "HTTP 301: the server sends elsewhere (https://ailleurs.example/)", answer(301, Location="https://ailleurs.example/")),
    failing("302 without a place", "HTTP 302: the server sends elsewhere (—)", answer(302, b"")),
    failing("307", "HTTP 307: the server sends elsewhere", answer(307, Location="/login")),
    failing("a page", "HTTP 200: a web page", answer(200, PAGE, Content_Type="text/html")),
    failing("gzip", "HTTP 200: the body is compressed (gzip)", answer(200, gzip.compress(BODY), Content_Encoding="gzip")),
    failing("gzip that is not told", "HTTP 200: the body is no answer", answer(200, gzip.compress(BODY))),
    failing("a comma too many", "HTTP 200: the body is no answer", answer(200, BODY.rstrip()[:-1] + b",}")),
    failing("comments", "HTTP 200: the body is no answer", answer(200, b"// a comment\n" + BODY)),
    failing("a key given twice", "HTTP 200: the body is no answer", answer(200, b'{"data": {}, ' + BODY.lstrip()[1:])),
    failing("NaN", "HTTP 200: the body is no answer", answer(200, EXTRA % b"NaN")),
    failing("half a character", "HTTP 200: the body is no answer", answer(200, EXTRA % b'"\\ud800"')),
    failing("nested a thousand deep", "HTTP 200: the body is no answer", answer(200, EXTRA % (b"[" * 1000 + b"]" * 1000))),
    failing("Latin-1", "HTTP 200: the body is no answer", answer(200, EXTRA % '"é"'.encode("latin-1"))),
    failing("a number", "HTTP 200: the body is no answer", answer(200, b"42")),
    failing("null", "HTTP 200: the body is no answer", answer(200, b"null")),
    failing("two answers", "HTTP 200: the body is no answer", answer(200, b"[%s, %s]" % (BODY, BODY))),
    failing("an operator of Agence BIO", "not the one expected", answer(200, b'[{"numeroBio": 1, "certificats": []}]')),
    failing("a body of 6 MB", "over 5000000 bytes", answer(200, b" " * 6_000_000)),
    failing("a body without end", "over 5000000 bytes", for_ever(b"10000\r\n" + b" " * 0x10000 + b"\r\n", 0.001, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")),
]  # fmt: skip

CONNECTIONS = [
    failing("a body cut short", "cut its answer short", raw(HEAD + b"Content-Length: 9999\r\n\r\n" + BODY[:50])),
    failing("a broken connection", "", reset),
    failing("no answer at all", "cut its answer short", raw()),
    failing("garbage in the place of HTTP", "cut its answer short", raw(b"\x00\x01\x02 garbage\r\n\r\n")),
    failing("a header of 2 MB", "cut its answer short", raw(HEAD + b"X: " + b"x" * 2_000_000)),
    failing("a negative length", "cut its answer short", raw(HEAD + b"Content-Length: -1\r\n\r\n")),
    failing("a chunk of no length", "cut its answer short", raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")),
    failing("silence", SILENCE, raw(hang=15)),
    failing("a status that drips", SILENCE, for_ever(b"H", 0.5)),
    failing("headers that drip", SILENCE, for_ever(b"X-More: x\r\n", 1, HEAD)),
    failing("a body that drips", SILENCE, for_ever(b" ", 0.5, HEAD + b"Content-Length: 999\r\n\r\n")),
    failing("a body that stops", SILENCE, raw(HEAD + b"Content-Length: 999\r\n\r\n{", hang=15)),
    failing("« continue » without end", SILENCE, for_ever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.5)),
]  # fmt: skip

WAYS = [
    Scenario("an authority of nobody's", 3, ("not proven to be who it says", "SSL_CERT_FILE"), server="stranger", calls=0),
    Scenario("the certificate of another host", 3, ("not proven to be who it says",), server="other", calls=0),
    Scenario("a certificate that has ended", 3, ("not proven to be who it says", "expired"), server="ended", calls=0),
    Scenario("a proxy that wants a password", 3, ("cannot be reached", "407"), proxy=raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), calls=0),
    Scenario("a proxy that refuses", 3, ("cannot be reached", "403"), proxy=raw(b"HTTP/1.1 403 Forbidden\r\n\r\n"), calls=0),
    Scenario("a proxy that is silent", 3, (SILENCE,), proxy=raw(hang=15), calls=0),
    Scenario("a proxy that opens the way to garbage", 3, ("cannot be reached",), proxy=raw(b"HTTP/1.1 200 OK\r\n\r\n", b"garbage " * 99), calls=0),
    Scenario("a handshake that never ends", 3, (SILENCE,), proxy=raw(b"HTTP/1.1 200 OK\r\n\r\n", hang=15), calls=0),
    Scenario("no proxy there", 3, ("cannot be reached",), sets=(("HTTPS_PROXY", "http://127.0.0.1:9"),), calls=0),
    Scenario("a proxy of no known kind", 2, ("proxy that the environment names",), sets=(("HTTPS_PROXY", "ftp://proxy"),), calls=0),
    Scenario("authorities that are not there", 2, ("SSL_CERT_FILE",), sets=(("SSL_CERT_FILE", "/nowhere/ca.pem"),), calls=0),
    Scenario("a recipient whose key is wrong", 2, ("13002526500014", "--recipient"), options=("--recipient", "13002526500014"), calls=0),
    Scenario("a recipient that is the firm", 2, ("is the firm asked about", "--recipient"), options=("--recipient", "73282932000074"), calls=0),
    Scenario("no context", 2, ("Empty", "--context"), options=("--context", " "), calls=0),
]  # fmt: skip

SCENARIOS = [*CONNECTIONS, *ANSWERS, *ERRORS, *BODIES, *WAYS]


COMMANDS = """
import json, os, sys
import httpcore, httpx, stdnum.fr.siren, stdnum.fr.siret, stdnum.fr.tva
import opqibi_rules.certificate.reading.api_entreprise_client
from opqibi_rules.cli.main import main, module_of
module_of("fetch-certificate")
for line in sys.stdin:
    order = json.loads(line)
    if not (child := os.fork()):
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        for name, descriptor in (("in", 0), ("out", 1), ("err", 2)):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), descriptor)
        sys.argv = ["opqibi-fees", *order["arguments"]]
        main()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs the command for each line, in a process of its own whose libraries are already loaded: a hundred starts of
Python would take longer than all the faults together."""


class Commands:
    """The command, run by one thread at a time."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", COMMANDS],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, environment: Mapping[str, str], folder: Path) -> int:
        """The exit code; what was said is in the files ``out`` and ``err`` of the folder."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        order = {"arguments": arguments, "environment": environment, "folder": str(folder)}
        print(json.dumps(order), file=self._server.stdin, flush=True)
        return int(self._server.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._server as server:
            assert server.stdin is not None
            server.stdin.close()


_ASKED = {"--recipient": "13002526500013", "--context": "Marchés publics", "--object": "Marché 2026-042"}


@dataclass(frozen=True)
class Met:
    """How the command met a scenario."""

    wrong: str
    took: float
    """Seconds from the first caller to the exit of the command."""


def played(
    scenario: Scenario, commands: Commands, servers: dict[str, ssl.SSLContext], authority: Path, folder: Path
) -> Met:
    """What is wrong in the way that the command meets a scenario."""
    target = folder / "answer.json"
    with listening(servers[scenario.server], *scenario.speaks, proxy=scenario.proxy) as server:
        named = {**environment(server, authority), "API_ENTREPRISE_TOKEN": TOKEN, **dict(scenario.sets)}
        code = commands.run(
            *("fetch-certificate", SIREN, "--lang", "en", "-o", str(target), *scenario.options),
            *(word for asked in _ASKED.items() if asked[0] not in scenario.options for word in asked),
            environment=named,
            folder=folder,
        )
        took = time.monotonic() - (server.first or time.monotonic())
    said = (folder / "err").read_text("utf-8")
    wrong = [f"does not say « {part} »" for part in scenario.said if part not in said]
    wrong += [f"exit code {code}"] if code != scenario.code else []
    wrong += ["says the token"] if TOKEN in said else []
    wrong += ["a traceback"] if "Traceback" in said or not (said.strip() or code == 0) else []
    wrong += ["something on the standard output"] if (folder / "out").read_bytes() else []
    wrong += _badly_saved(scenario, target) + _badly_asked(scenario, server)
    return Met(f"{scenario.name}: {', '.join(wrong)}; it said: {said}" if wrong else "", took)


def _badly_saved(scenario: Scenario, target: Path) -> list[str]:
    """An answer is saved whole, with its server and its day; anything else leaves no file."""
    if scenario.code not in {0, 1}:
        return ["a file is left"] if target.exists() else []
    saved = json.loads(target.read_bytes(), parse_int=str)
    host = HOSTS["--staging" in scenario.options]
    return [] if (saved["host"], saved["siren"]) == (host, SIREN) and saved["fetched_on"] else ["badly saved"]


def _badly_asked(scenario: Scenario, server: Listening) -> list[str]:
    """The token travels within TLS to the host itself, as often as expected and no more."""
    if len(server.asked) != scenario.calls:
        return [f"{len(server.asked)} calls"]
    host = HOSTS["--staging" in scenario.options]
    right = (f"Authorization: Bearer {TOKEN}\r\n", f"Host: {host}\r\n", "recipient=13002526500013")
    return ["badly asked" for head in server.asked for part in right if part not in head][:1]


@pytest.mark.long
def test_every_fault_on_the_way_has_its_exit_code_and_its_sentence_in_time(tmp_path: Path) -> None:
    assert len(SCENARIOS) > 60
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    authority = Authority(tmp_path)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    servers = {
        "vouched": authority.vouches(*HOSTS),
        "ended": authority.vouches(*HOSTS, days=(-10, -1)),
        "other": authority.vouches("ailleurs.example"),
        "stranger": Authority(stranger).vouches(*HOSTS),
    }

    free: SimpleQueue[Commands] = SimpleQueue()

    def play(scenario: Scenario) -> Met:
        commands, folder = free.get(), Path(mkdtemp(dir=tmp_path))
        try:
            return played(scenario, commands, servers, authority.file, folder)
        finally:
            free.put(commands)

    silent = [scenario for scenario in SCENARIOS if SILENCE in scenario.said]
    others = [scenario for scenario in SCENARIOS if scenario not in silent]
    with ExitStack() as opened, ThreadPoolExecutor(len(silent)) as threads:
        for _ in silent:
            free.put(opened.enter_context(Commands()))
        met = {
            one.name: found
            for group in (silent, others)
            for one, found in zip(group, threads.map(play, group), strict=True)
        }
        # An idle machine answers at once, and then this is six seconds; a busy one needs its time for anything.
        usual = median(met[one.name].took for one in others if one.calls)
        limit = 5 + max(1.0, 2 * usual)
        late = [one for one in SCENARIOS if met[one.name].took > limit]
        again = {one.name: found.took for one, found in zip(late, threads.map(play, late), strict=True)}
    assert not any(one.wrong for one in met.values()), "\n".join(one.wrong for one in met.values())
    assert {name: took for name, took in again.items() if took > limit} == {}
