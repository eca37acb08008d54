"""``serve`` as people start it: the port it takes, who may call, and what is left when it is killed."""

import http.client
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.cli.running import refused
from tests.web.serving import ROOT, command, environment, server


def test_it_listens_on_this_machine_alone_and_answers() -> None:
    with server() as (address, _):
        assert urlsplit(address).hostname == "127.0.0.1"
        with urlopen(f"{address}/health") as answer:
            assert answer.status == 200
            assert "server" not in answer.headers


def test_a_port_already_taken_is_one_message() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "--port" in refused("serve", "--port", port)
    assert "écoute impossible" in refused("serve", "--host", "no.such.host.invalid", "--behind-proxy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--host", "0.0.0.0"), "--token"),
        (("--host", "0.0.0.0", "--token", "short"), "16"),
        (("--tables", "none"), "n’est pas un dossier"),
    ],
)
def test_it_does_not_open_to_others_by_mistake(arguments: tuple[str, ...], words: str) -> None:
    assert words in refused("serve", *arguments)


def test_its_own_tables_are_checked_before_it_opens(tmp_path: Path) -> None:
    (tmp_path / "vat.yaml").write_text("kind: vat\n", "utf-8")
    assert "vat.yaml" in refused("serve", "--tables", str(tmp_path))


def test_stopped_by_ctrl_c_it_ends_quietly() -> None:
    process = subprocess.Popen(
        command("serve", "--port", "0"), stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
    )
    assert process.stderr is not None
    assert "Ctrl-C" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert "Traceback" not in said
    assert process.returncode in {0, 130, -signal.SIGINT}


def _temporary() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).iterdir()}


def test_killed_in_the_middle_of_an_upload_it_leaves_nothing_and_starts_again() -> None:
    before = _temporary()
    with server() as (address, process):
        where = urlsplit(address)
        connection = http.client.HTTPConnection(str(where.hostname), where.port or 0)
        connection.putrequest("POST", "/api/invoices/check")
        connection.putheader("Content-Type", "multipart/form-data; boundary=b")
        connection.putheader("Content-Length", "5000000")
        connection.endheaders()
        connection.send(
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + b"x" * 2_000_000
        )
        process.kill()
        process.wait(20)
        connection.close()
        port = str(where.port)
    assert not [name for name in _temporary() - before if "opqibi" in name]
    again = subprocess.Popen(
        command("serve", "--port", port), stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
    )
    assert again.stderr is not None
    assert port in again.stderr.readline()
    with urlopen(f"{address}/health") as answer:
        assert answer.status == 200
    again.terminate()
    again.communicate(timeout=20)


@pytest.mark.parametrize("option", ["--embed", "--origin"])
@pytest.mark.parametrize(
    "site", ["www.example.org", "https://a.example; script-src *", "*", "https://a.example/page"]
)
def test_a_site_is_named_as_a_browser_names_it(option: str, site: str) -> None:
    assert "https://www.example.org" in refused("serve", option, site)


def test_tokens_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("the first one of ours\nthe-second-one-of-ours\n".replace(" ", "-"), "utf-8")
    with server("--token-file", str(file)) as (address, process):
        assert "first" not in Path(f"/proc/{process.pid}/cmdline").read_text("utf-8")
        for token, status in (
            ("the-first-one-of-ours", 200),
            ("the-second-one-of-ours", 200),
            ("neither", 401),
        ):
            connection = http.client.HTTPConnection(address.removeprefix("http://"))
            connection.request("GET", "/api/schedules", headers={"Authorization": f"Bearer {token}"})
            assert connection.getresponse().status == status
            connection.close()
    file.write_text("\n", "utf-8")
    assert "aucun jeton" in refused("serve", "--token-file", str(file)) or "no token" in refused(
        "serve", "--token-file", str(file)
    )
    assert "--token-file" in refused("serve", "--token-file", str(file), "--token", "x" * 20)
    file.write_text("short\n", "utf-8")
    assert "16" in refused("serve", "--token-file", str(file))


def test_a_token_that_others_see_is_said() -> None:
    arguments = ("serve", "--port", "0", "--token", "x" * 20)
    with subprocess.Popen(
        command(*arguments), stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
    ) as process:
        assert process.stderr is not None
        assert "http://" in process.stderr.readline()
        assert "sees --token" in process.stderr.readline()
        process.terminate()
