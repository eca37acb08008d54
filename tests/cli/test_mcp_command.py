"""The assistants' tools, called by the SDK's own client over a real pipe: the same JSON, nothing written."""

import asyncio
import importlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from opqibi_rules.tables.library import Tables
from tests.cli.running import asked, plain, refused
from tests.web.serving import ROOT, environment
from tests.web.test_api import CERTIFICATE, EXPECTED, INVOICE

QUESTION = {"tariffs": {"1": 5, "2": 3}, "turnover": "800000", "on": "2026-03-02"}


def called(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What the tools answer, by their own protocol."""

    async def talk() -> list[Any]:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "opqibi_rules.cli.main", "mcp", "--lang", "fr"],
            env=environment(),
            cwd=ROOT,
        )
        async with Client(stdio_client(parameters)) as client:
            return [await client.list_tools(), *[await client.call_tool(*call) for call in calls]]

    return asyncio.run(talk())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "F1.csv").write_bytes(INVOICE)
    (folder / "answer.json").write_text(json.dumps(CERTIFICATE), "utf-8")
    both = INVOICE + INVOICE.split(b"\n", 1)[1].replace(b"F1;", b"F2;")
    (folder / "both.csv").write_bytes(both)
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "quote": ("quote", dict(QUESTION)),
        "plan": ("plan", {"tariffs": {"1": 5}, "turnover": "800000", "start": "2026-03-02"}),
        "turnover": ("turnover-from-fee", {"fee": "557.50", "on": "2026-03-02"}),
        "certificate": ("check-certificate", {"path": str(folder / "answer.json"), "on": "2025-01-15"}),
        "invoice": ("check-invoice", {"path": str(folder / "F1.csv"), **EXPECTED}),
        "both": ("check-invoice", {"path": str(folder / "both.csv"), **EXPECTED}),
        "unknown tariff": ("quote", {"qualifications": ["1905"]}),
        "no file": ("check-invoice", {"path": str(folder / "none.pdf"), **EXPECTED}),
        "no path": ("check-invoice", dict(EXPECTED)),
        "no such tool": ("delete", {}),
    }
    tools, *told = called(*calls.values())
    return {"tools": tools, "folder": folder, **dict(zip(calls, told, strict=True))}


def test_the_tools_are_read_only_and_described(answers: dict[str, Any]) -> None:
    tools = answers["tools"].tools
    assert {tool.name for tool in tools} == {
        "quote",
        "plan",
        "check-invoice",
        "check-certificate",
        "turnover-from-fee",
    }
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.description
        assert tool.input_schema["type"] == "object"


def test_they_give_the_figures_of_the_command_line(answers: dict[str, Any]) -> None:
    told = asked(
        "quote", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--date", "2026-03-02", "--format", "json"
    )
    assert answers["quote"].structured_content == json.loads(told.out)
    assert json.loads(answers["quote"].content[0].text) == json.loads(told.out)
    told = asked("plan", "-t", "1=5", "--turnover", "800000", "--from", "2026-03-02", "--format", "json")
    assert answers["plan"].structured_content == json.loads(told.out)
    told = asked("turnover-from-fee", "557.50", "--date", "2026-03-02", "--format", "json")
    assert answers["turnover"].structured_content == json.loads(told.out)
    path = answers["folder"] / "answer.json"
    told = asked("check-certificate", str(path), "--on", "2025-01-15", "--format", "json")
    assert answers["certificate"].structured_content == json.loads(told.out)


def test_invoices_are_read(answers: dict[str, Any]) -> None:
    assert answers["invoice"].structured_content["verdict"] == "discrepancy"
    assert len(answers["both"].structured_content["answers"]) == 2


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ("unknown tariff", "qualifications[0]"),
        ("no file", "file"),
        ("no path", "path"),
        ("no such tool", None),
    ],
)
def test_a_refusal_names_the_field(answers: dict[str, Any], call: str, field: str | None) -> None:
    assert answers[call].is_error
    assert answers[call].structured_content["errors"][0]["field"] == field


def test_a_key_given_twice_is_refused() -> None:
    def message(**more: Any) -> str:
        return json.dumps({"jsonrpc": "2.0", **more})

    hello = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    call = message(id=2, method="tools/call", params={"name": "quote", "arguments": {"tariffs": {"1": 5}}})
    lines = [
        message(id=1, method="initialize", params=hello),
        message(method="notifications/initialized"),
        call.replace('"1": 5', '"1": 5, "1": 6'),
        '{"no call": 1, "no call": 2}',
    ]
    done = subprocess.Popen(
        [sys.executable, "-m", "opqibi_rules.cli.main", "mcp", "--lang", "fr"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), cwd=ROOT, text=True,
    )  # fmt: skip
    assert done.stdin is not None
    assert done.stdout is not None
    done.stdin.write("\n".join(lines) + "\n")
    done.stdin.flush()
    answers = [json.loads(done.stdout.readline()) for _ in range(2)]
    done.stdin.close()
    done.stdout.close()
    assert done.wait(20) == 0
    assert answers[1]["result"]["isError"] is True
    assert "« 1 » est donné deux fois" in plain(answers[1]["result"]["content"][0]["text"])


def test_the_tools_in_this_process(answers: dict[str, Any]) -> None:
    from opqibi_rules.cli.commands.mcp import answer_to
    from opqibi_rules.desk.service import Service
    from opqibi_rules.desk.worker import Workers

    async def told() -> list[dict[str, Any]]:
        workers = Workers(1, 30)
        service = Service(Tables(), lambda: date(2026, 3, 2))
        path = str(answers["folder"] / "answer.json")
        try:
            return [
                await answer_to("quote", dict(QUESTION), service, "fr", workers),
                await answer_to("plan", {"tariffs": {"1": 1}}, service, "fr", workers),
                await answer_to("turnover-from-fee", {"fee": "180"}, service, "fr", workers),
                await answer_to(
                    "check-certificate", {"path": path, "on": "2025-01-15"}, service, "fr", workers
                ),
            ]
        finally:
            await workers.close()

    quote, plan, turnover, certificate = asyncio.run(told())
    assert quote == answers["quote"].structured_content
    assert plan["from"] == "2026-03-02"
    assert turnover["turnovers"]["lowest"] == "0.00"
    assert certificate == answers["certificate"].structured_content


def test_a_file_too_heavy_to_read_is_told(answers: dict[str, Any]) -> None:
    from opqibi_rules.cli.commands.mcp import answer_to
    from opqibi_rules.desk.refusals import RefusedError
    from opqibi_rules.desk.service import Service
    from opqibi_rules.desk.worker import Workers

    async def told() -> None:
        workers = Workers(1, 0.01)
        service = Service(Tables(), lambda: date(2026, 3, 2))
        try:
            await answer_to(
                "check-invoice",
                {"path": str(answers["folder"] / "F1.csv"), **EXPECTED},
                service,
                "fr",
                workers,
            )
        finally:
            await workers.close()

    with pytest.raises(RefusedError, match="too much time"):
        asyncio.run(told())


def test_without_its_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> Any:
        raise ImportError

    monkeypatch.setattr(importlib, "import_module", missing)
    from opqibi_rules.cli.commands import mcp

    with pytest.raises(ValueError, match=r"opqibi-rules\[mcp\]"):
        mcp.command()


def test_a_folder_of_tables_that_does_not_exist_is_told(tmp_path: Path) -> None:
    assert "n’est pas un dossier" in refused("mcp", "--tables", str(tmp_path / "none"))
