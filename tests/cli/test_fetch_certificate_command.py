"""``fetch-certificate`` against a real server: saved whole or not at all, and the token never said."""

import json
from pathlib import Path
from typing import Any

import pytest

from opqibi_rules.certificate.reading import api_entreprise_client
from opqibi_rules.cli.main import run
from tests.certificate.reading.loopback import Reply, serving

V3 = json.loads((Path(__file__).parent.parent / "answers" / "v3_two_lists.json").read_text("utf-8"))
TOKEN = "un.jeton-de_test"
OPTIONS = (
    "--recipient",
    "13002526500013",
    "--context",
    "Marchés publics",
    "--object",
    "Marché 2024-042",
    "--lang",
    "en",
)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_ENTREPRISE_TOKEN", TOKEN)


def call(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, reply: Reply, *arguments: str
) -> tuple[int, str, str]:
    with serving(reply) as server:
        host = "staging" if "--staging" in arguments else "production"
        monkeypatch.setitem(api_entreprise_client.HOSTS, host, server.address)
        code = run(["fetch-certificate", *arguments, *OPTIONS])
    out, err = capfd.readouterr()
    assert TOKEN not in out + err
    return code, out, err


def test_fetched_saved_and_checked(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "answer.json"
    code, out, _ = call(capfd, monkeypatch, Reply.of(200, V3), "732829320", "-o", str(target))
    assert (code, out) == (0, "")
    saved = json.loads(target.read_text("utf-8"))
    assert (saved["siren"], saved["http_status"], saved["answer"]) == ("732829320", 200, V3)
    assert (
        run(
            ["check-certificate", str(target), "--on", "2024-06-01", "--requires", "1905", "--format", "json"]
        )
        == 0
    )
    data = json.loads(capfd.readouterr().out)
    assert (data["siren"], data["fetched_on"]) == ("732829320", saved["fetched_on"])


def test_no_certificate_known_is_saved_too(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = call(capfd, monkeypatch, Reply.error(404, "11003"), "732829320", "--staging")
    assert code == 1
    assert json.loads(out)["http_status"] == 404
    assert "No certificate is known" in err


def test_an_error_saves_nothing_and_says_what_to_do(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "answer.json"
    target.write_text("hier", "utf-8")
    code, out, err = call(capfd, monkeypatch, Reply.error(401, "00103"), "732829320", "-o", str(target))
    assert (code, out, target.read_text("utf-8")) == (3, "", "hier")
    assert "ask for a new one" in err
    assert "buyer profile" in err  # who may call, and from whom that is known
    assert "https://github.com/etalab/entreprise.api.gouv.fr" in err


def test_oddities_are_said_and_the_call_is_made(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = ("--object", "Un objet qui dépasse de beaucoup les cinquante caractères documentés")
    with serving(Reply.of(200, V3)) as server:
        monkeypatch.setitem(api_entreprise_client.HOSTS, "production", server.address)
        code = run(["fetch-certificate", "889742876", *OPTIONS[:4], *long, "--lang", "en"])
    err = capfd.readouterr().err
    assert code == 0
    assert "889742876" in err
    assert "50" in err


def test_the_token_may_be_in_a_file(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("API_ENTREPRISE_TOKEN")
    (tmp_path / "token").write_text(f"{TOKEN}\n", "utf-8")
    arguments = ("732829320", "--token-file", str(tmp_path / "token"))
    assert call(capfd, monkeypatch, Reply.of(200, V3), *arguments)[0] == 0
    (tmp_path / "token").write_bytes(b"\xff")
    assert call(capfd, monkeypatch, Reply.of(200, V3), *arguments)[0] == 2
    (tmp_path / "token").unlink()
    assert call(capfd, monkeypatch, Reply.of(200, V3), *arguments)[0] == 2


@pytest.mark.parametrize(
    "arguments", [("732829320",), ("12",), ("000000000",), ("732829320", "--recipient", "1")]
)
def test_what_is_missing_or_malformed_is_exit_2_before_any_call(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    request: Any,
) -> None:
    if arguments == ("732829320",):
        monkeypatch.delenv("API_ENTREPRISE_TOKEN")
    with serving(Reply.of(200, V3)) as server:
        monkeypatch.setitem(api_entreprise_client.HOSTS, "production", server.address)
        assert run(["fetch-certificate", *OPTIONS, *arguments]) == 2
    assert server.calls == []
    assert capfd.readouterr().out == ""
