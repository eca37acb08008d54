"""The assistants' tools, called by the SDK's own client over a real pipe: the same JSON, nothing written."""

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from opqibi_rules.tables.library import Tables
from opqibi_rules.version import __version__
from tests.cli.running import asked, plain, refused
from tests.web.serving import ROOT, environment
from tests.web.test_api import CERTIFICATE, EXPECTED, INVOICE

FIRM = {"siren": "732829320", "name": "Bureau d’études Exemple", "territory": "metropolitan"}
PLANNED = {"tariffs": {"1": 5, "2": 3}, "turnover": "800000", "start": "2026-03-02"}
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
            tools = await client.list_tools()  # its client holds each answer against the schema that it lists
            told = await asyncio.gather(*[client.call_tool(*call) for call in calls])  # all at once
            return [client.server_info, tools, *told]

    return asyncio.run(talk())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "F1.csv").write_bytes(INVOICE)
    (folder / "answer.json").write_text(json.dumps(CERTIFICATE), "utf-8")
    both = INVOICE + INVOICE.split(b"\n", 1)[1].replace(b"F1;", b"F2;")
    (folder / "both.csv").write_bytes(both)
    os.mkfifo(folder / "pipe.json")
    held = {"code": "1905", "tariff": 5, "granted_on": "2023-03-01"}
    (folder / "firm.json").write_text(json.dumps({**FIRM, "qualifications": [held]}), "utf-8")
    (folder / "firms.csv").write_text("siren;answer\n732829320;answer.json\n552100554;\n", "utf-8")
    (folder / "saved").mkdir()
    (folder / "saved" / "answer.json").write_text(json.dumps(CERTIFICATE), "utf-8")
    listed = {"path": str(folder / "firms.csv"), "on": "2025-01-15"}
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "add": ("compare", {**PLANNED, "add_tariffs": {"5": 1}}),
        "drop": ("compare", {**PLANNED, "drop_tariffs": {"1": 1}}),
        "one more": ("compare", dict(PLANNED)),
        "others": ("compare", {**PLANNED, "others": [{**PLANNED, "tariffs": {"1": 4}}]}),
        "two questions": ("compare", {**PLANNED, "add_tariffs": {"5": 1}, "drop_tariffs": {"1": 1}}),
        "other years": ("compare", {**PLANNED, "others": [{**PLANNED, "years": 5}]}),
        "wrong other": ("compare", {**PLANNED, "others": [{**PLANNED, "event": "party"}]}),
        "controls": ("controls", {"structure": {**FIRM, "qualifications": [held]}, "on": "2026-03-02"}),
        "words": ("nomenclature-search", {"words": "audit énergétique"}),
        "list": ("check-certificates", {**listed, "answers": str(folder / "saved"), "within": 60}),
        "tender": ("check-certificates", {**listed, "answers": str(folder / "saved"), "requires": ["1905"]}),
        "of a folder": ("check-certificates", {"path": str(folder / "saved"), "on": "2025-01-15"}),
        "list without answers": ("check-certificates", dict(listed)),
        "list that is not there": ("check-certificates", {"path": str(folder / "none.csv")}),
        "list that is a device": ("check-certificates", {"path": "/dev/zero", "requires": ["1905"]}),
        "list that is a pipe": ("check-certificates", {"path": str(folder / "pipe.json")}),
        "controls of nothing": ("controls", {"structure": {}}),
        "answers twice": ("check-certificates", {"path": str(folder / "saved"), "answers": str(folder)}),
        "answers in a file": ("check-certificates", {**listed, "answers": str(folder / "F1.csv")}),
        "an empty folder": ("check-certificates", {"path": str(tmp_path_factory.mktemp("empty"))}),
        "pipe": ("check-certificate", {"path": str(folder / "pipe.json")}),
        "device": ("check-invoice", {"path": "/dev/zero", **EXPECTED}),
        "a folder": ("check-invoice", {"path": str(folder), **EXPECTED}),
        "a number": ("check-invoice", {"path": 5, **EXPECTED}),
        "no invoice": ("check-invoice", {"path": str(folder / "answer.json"), **EXPECTED}),
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
    server, tools, *told = called(*calls.values())
    return {"server": server, "tools": tools, "folder": folder, **dict(zip(calls, told, strict=True))}


def test_the_tools_are_read_only_and_described(answers: dict[str, Any]) -> None:
    tools = answers["tools"].tools
    assert {tool.name for tool in tools} == {
        "quote",
        "plan",
        "compare",
        "check-invoice",
        "check-certificate",
        "check-certificates",
        "controls",
        "nomenclature-search",
        "turnover-from-fee",
    }
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert len(tool.description) > 100
        assert not re.search("opqibi_rules|`request`|Args:|Raises:", tool.description)
        for schema in (tool.input_schema, tool.output_schema):
            assert schema["type"] == "object"
            Draft202012Validator.check_schema(schema)
        for name, field in tool.input_schema["properties"].items():
            assert field.get("description"), (tool.name, name)
        assert "in Python" not in json.dumps([tool.input_schema, tool.output_schema])
    assert answers["server"].version == __version__


def test_its_extra_brings_what_its_tools_need() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert "opqibi-rules[page]" in extras["mcp"]
    assert "opqibi-rules[invoice]" in extras["page"]


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


def test_choices_controls_words_and_lists_are_those_of_the_command_line(answers: dict[str, Any]) -> None:
    folder = answers["folder"]
    asks = ("compare", "-t", "1=5", "-t", "2=3", "--turnover", "800000", "--from", "2026-03-02")
    same = {
        "add": (*asks, "--when-to-add", "5=1"),
        "drop": (*asks, "--keep-or-drop", "1=1"),
        "one more": (*asks, "--one-more"),
        "controls": ("controls", str(folder / "firm.json"), "--on", "2026-03-02"),
        "words": ("nomenclature", "search", "audit", "énergétique"),
        "of a folder": ("check-certificates", str(folder / "saved"), "--on", "2025-01-15"),
    }
    for call, arguments in same.items():
        told = json.loads(asked(*arguments, "--format", "json").out)
        assert answers[call].structured_content == told, call
    first, second = answers["others"].structured_content["choices"]
    # One qualification at tariff 1 (60 € of instruction), and whatever else it bears, less: 5 and 3, against 4.
    assert float(second["difference"]) < -60
    assert first["difference"] == "0.00"


def test_firms_of_a_list(answers: dict[str, Any]) -> None:
    """The v3 answer names no firm: the list says whose it is; about the other, nothing is known."""
    for call in ("list", "tender"):
        told = answers[call].structured_content
        assert [(one["siren"], one["verdict"]) for one in told["firms"]] == [
            ("732829320", "valid"),
            ("552100554", "undetermined"),
        ]
    assert answers["list"].structured_content["ending"][0]["day"] == "2025-03-01"
    met = [one["verdict"] for one in answers["tender"].structured_content["candidates"]]
    assert met == ["met", "undetermined"]


def test_invoices_are_read(answers: dict[str, Any]) -> None:
    assert answers["invoice"].structured_content["verdict"] == "discrepancy"
    assert len(answers["both"].structured_content["answers"]) == 2


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ("unknown tariff", "qualifications[0]"),
        ("no file", "path"),
        ("pipe", "path"),
        ("device", "path"),
        ("a folder", "path"),
        ("a number", "path"),
        ("no invoice", "path"),
        ("list without answers", "answers"),
        ("list that is not there", "path"),
        ("list that is a device", "path"),
        ("list that is a pipe", "path"),
        ("controls of nothing", "structure.qualifications"),
        ("answers twice", "answers"),
        ("answers in a file", "answers"),
        ("an empty folder", "path"),
        ("two questions", "drop"),
        ("other years", "others[0].years"),
        ("wrong other", "others[0].event"),
        ("no path", "path"),
        ("no such tool", None),
    ],
)
def test_a_refusal_names_the_field(answers: dict[str, Any], call: str, field: str | None) -> None:
    assert answers[call].is_error
    (error,) = answers[call].structured_content["errors"]
    assert error["field"] == field
    assert len(error["reason"]) > 10


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
