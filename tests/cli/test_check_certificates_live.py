"""A thousand firms asked of a server over TLS, at its quota, by the real command; killed half way, and resumed.

The server is API Entreprise as its callers meet it (:mod:`tests.certificate.reading.tls_loopback`): its quota is that
of the contract, 250 calls a window, in windows of two seconds so that the test does not last. It tells each firm by
the number of its certificate, since no v3 answer names one.
"""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.certificate.reading.tls_loopback import HOSTS, Authority, Listening, environment

FIRMS, CALLS, WINDOW, IN_FLIGHT = 1000, 250, 2, 4
UNKNOWN = range(0, FIRMS, 100)
"""Ten firms that have no certificate."""
BROKEN = range(50, FIRMS, 200)
"""Five firms about which the register always fails."""


def siren(index: int) -> str:
    """The index as a SIREN, with its key: every other digit doubled, the sum a multiple of ten."""
    digits = f"{10_000_000 + index * 7919:08}"
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(digits)]
    return digits + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


SIRENS = [siren(index) for index in range(FIRMS)]
NUMBERS = {one: f"26 03 {index:04}" for index, one in enumerate(SIRENS)}


class Register:
    """What the server says, and what it was asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.served: Counter[str] = Counter()
        self.refused = 0
        self.windows: Counter[int] = Counter()

    def answer(self, asked: str) -> tuple[int, Any, dict[str, str]]:
        now = int(time.time())
        window = now // WINDOW
        with self.lock:
            self.windows[window] += 1
            left = CALLS - self.windows[window]
        headers = {
            "Date": format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True),
            "RateLimit-Limit": str(CALLS),
            "RateLimit-Remaining": str(max(left, 0)),
            "RateLimit-Reset": str((window + 1) * WINDOW),
        }
        if left < 0:
            self.refused += 1
            retry = str((window + 1) * WINDOW - now)
            return 429, error("00429"), headers | {"Retry-After": retry}
        with self.lock:
            self.served[asked] += 1
        index = SIRENS.index(asked)
        if index in UNKNOWN:
            return 404, error("11003"), headers
        if index in BROKEN:
            return 502, error("11999"), headers
        return 200, certificate(asked), headers


def error(code: str) -> Any:
    return {"errors": [{"code": code, "title": "Titre", "detail": "Détail", "meta": {}}]}


def certificate(asked: str) -> Any:
    today = datetime.now(UTC).date()
    held = {"nom": "Audit énergétique", "code_qualification": "1905", "definition": "d", "rge": True}
    data = {
        "numero_certificat": NUMBERS[asked],
        "url": "https://www.opqibi.com/fiche/1",
        "date_delivrance_certificat": (today - timedelta(days=40)).isoformat(),
        "duree_validite_certificat": "valable un an",
        "assurances": "X",
        "qualifications": [held],
        "date_validite_qualifications": (today + timedelta(days=900)).isoformat(),
        "qualifications_probatoires": [],
        "date_validite_qualifications_probatoires": None,
    }
    return {"data": data, "links": {}, "meta": {}}


@contextmanager
def at_work(folder: Path, register: Register) -> Iterator[dict[str, str]]:
    """The proxy and the server behind it; what points the command at them."""
    folder.mkdir()
    authority = Authority(folder)
    tls = authority.vouches(*HOSTS)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            head(connection)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with tls.wrap_socket(connection, server_side=True) as inside:
                asked = head(inside).split("/unites_legales/")[1][:9]
                status, body, headers = register.answer(asked)
                data = json.dumps(body).encode()
                lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
                lines += ["Content-Type: application/json", f"Content-Length: {len(data)}", "", ""]
                inside.sendall("\r\n".join(lines).encode() + data)
                with suppress(OSError):
                    inside.unwrap()

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        listening = Listening(listener.getsockname()[1])
        yield environment(listening, authority.file) | {
            "API_ENTREPRISE_TOKEN": "un.jeton",
            "OPQIBI_LANG": "en",
        }
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def head(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            raise ConnectionError
        data += piece
    return data.decode("latin-1")


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    lines = [f"{one};Firm {index}" for index, one in enumerate(SIRENS)]
    (tmp_path / "firms.csv").write_text("\n".join(["siren;nom", *lines]), "utf-8")
    asked = ["check-certificates", tmp_path / "firms.csv", "--answers", tmp_path / "answers"]
    traces = ["--recipient", "13002526500013", "--context", "Marchés publics", "--object", "Marché 2026-042"]
    words = [sys.executable, "-m", "opqibi_rules.cli.main", *asked, *traces, "-o", tmp_path / "run.json"]
    return list(map(str, words))


def interrupted(
    command: list[str], env: dict[str, str], folder: Path, by: signal.Signals, *, after: int
) -> tuple[int, str]:
    """Run the command until so many answers are stored; its exit code, and what it said."""
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    over = time.monotonic() + 120
    while time.monotonic() < over and process.poll() is None:
        if folder.exists() and len(list(folder.glob("*.json"))) >= after:
            process.send_signal(by)
            break
        time.sleep(0.05)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.long
def test_killed_half_way_and_resumed_nothing_stored_is_asked_again_and_nothing_lost(
    tmp_path: Path, command: list[str]
) -> None:
    answers, register = tmp_path / "answers", Register()
    with at_work(tmp_path / "server", register) as env:
        code, _ = interrupted(command, env, answers, signal.SIGKILL, after=FIRMS // 2)
        assert code == -signal.SIGKILL
        stored = {path.stem: path.read_bytes() for path in answers.glob("*.json")}
        before = register.served.copy()
        assert FIRMS // 2 <= len(stored) < FIRMS - len(BROKEN)
        assert not (tmp_path / "run.json").exists()
        resumed = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180, check=False)
    assert resumed.returncode == 1, resumed.stderr  # ten of them have no certificate
    broken = {SIRENS[index] for index in BROKEN}
    repeated = [one for one in SIRENS if register.served[one] > 1 and one not in broken]
    assert not set(repeated) & stored.keys()
    assert set(repeated) <= before.keys()
    assert len(repeated) <= IN_FLIGHT
    assert max(register.served.values()) <= 2
    assert all((answers / f"{one}.json").read_bytes() == content for one, content in stored.items())
    assert max(register.windows.values()) <= CALLS + IN_FLIGHT
    assert register.refused <= IN_FLIGHT
    assert_all_there(json.loads((tmp_path / "run.json").read_text("utf-8")))


def assert_all_there(data: Any) -> None:
    """A line a firm, in the order of the list, each with its own certificate."""
    firms = data["firms"]
    assert [one["siren"] for one in firms] == SIRENS
    for index, one in enumerate(firms):
        if index in UNKNOWN:
            assert (one["verdict"], one["certificate"]) == ("not_valid", None)
        elif index in BROKEN:
            assert (one["verdict"], one["fetched_on"]) == ("undetermined", None)
            assert "502" in one["unknown"]
        else:
            assert (one["verdict"], one["certificate"]["number"]) == ("valid", NUMBERS[one["siren"]])


def test_ctrl_c_says_what_is_kept(tmp_path: Path, command: list[str]) -> None:
    register = Register()
    with at_work(tmp_path / "server", register) as env:
        code, said = interrupted(command, env, tmp_path / "answers", signal.SIGINT, after=20)
    assert code == 130
    assert f"The answers that came are stored in {tmp_path / 'answers'}" in said
    assert "Traceback" not in said
