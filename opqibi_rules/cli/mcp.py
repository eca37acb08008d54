"""``opqibi-fees mcp``: our figures as read-only tools for an assistant, over its standard input and output."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from opqibi_rules.cli.attempts import fault
from opqibi_rules.cli.options import DONE, Lang, TablesFolder, tables_of
from opqibi_rules.desk.answering import Desk, told
from opqibi_rules.desk.questions import (
    CertificateQuestion,
    InvoiceQuestion,
    PlanQuestion,
    Question,
    QuoteQuestion,
    TurnoverQuestion,
    understood,
)
from opqibi_rules.desk.readings import CERTIFICATE, INVOICE, asked
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.worker import StoppedError, Workers
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message, Say, marked
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes
from opqibi_rules.paper.json_text import strict_json
from opqibi_rules.paper.language import Language, chosen_language

if TYPE_CHECKING:
    from mcp.server import ServerRequestContext
    from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams

HELP = marked("Our figures as read-only tools for an assistant (MCP, standard input and output).")
EXAMPLES = ("opqibi-fees mcp",)

_SECONDS = 60.0
_WRONG = "what is wrong with this call"
_INSTRUCTIONS = (
    "Exact OPQIBI fees and verdicts. Give these figures as they are, with their articles and notes; compute none "
    "of your own. « undetermined » is an answer: say what is missing."
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A question that an assistant may ask."""

    name: str
    title: str
    question: type[Question]
    reads_file: bool = False


TOOLS = (
    Tool("quote", "The price of an OPQIBI event, each euro with its article", QuoteQuestion),
    Tool("plan", "What will be paid over the years, when, and which year bears it", PlanQuestion),
    Tool("check-invoice", "Is an invoice right, and if not, why", InvoiceQuestion, reads_file=True),
    Tool("check-certificate", "Is a certificate valid on a day", CertificateQuestion, reads_file=True),
    Tool("turnover-from-fee", "The turnovers that give a brand-usage fee", TurnoverQuestion),
)


def command(tables: TablesFolder = None, lang: Lang = None) -> int:
    """Serve an assistant until it goes away."""
    load("mcp.server", extra="mcp")
    facts = tables_of(tables)
    facts.contents()
    asyncio.run(_serve(Desk(facts, date.today), chosen_language(lang, os.environ)))
    return DONE


async def _serve(desk: Desk, lang: str) -> None:
    from mcp.server import Server
    from mcp.server.stdio import stdio_server
    from mcp.types import CallToolResult, ListToolsResult, TextContent, ToolAnnotations
    from mcp.types import Tool as ToolDescription

    say = Language(lang).say
    lines: Any = _Lines(sys.stdin.buffer, say)  # read as the library reads, line by line
    workers = Workers(1, _SECONDS)
    readonly = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )

    async def list_tools(
        _context: "ServerRequestContext", _params: "PaginatedRequestParams | None"
    ) -> "ListToolsResult":
        described = [
            ToolDescription(
                name=tool.name,
                title=tool.title,
                description=tool.question.__doc__,
                input_schema=_schema(tool),
                annotations=readonly,
            )
            for tool in TOOLS
        ]
        return ListToolsResult(tools=described)

    async def call_tool(
        _context: "ServerRequestContext", params: "CallToolRequestParams"
    ) -> "CallToolResult":
        try:
            answer, failed = (
                await answer_to(params.name, dict(params.arguments or {}), desk, lang, workers),
                False,
            )
        except RefusedError as refused:
            errors = [{"field": item.field, "reason": say(item.reason)} for item in refused.wrong]
            answer, failed = {"errors": errors}, True
        except Exception as error:  # noqa: BLE001 - told to whoever asked, as one of ours
            answer, failed = {"errors": [{"field": None, "reason": say(fault(error))}]}, True
        text = TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))
        return CallToolResult(content=[text], structured_content=answer, is_error=failed)

    server = Server(
        "opqibi-fees", instructions=_INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )
    try:
        async with stdio_server(lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        await workers.close()


class _Lines:
    """What the assistant writes, line by line.

    The protocol's library takes the last of two equal keys. A call that holds such is put so that it is refused.
    """

    def __init__(self, stream: BinaryIO, say: Say) -> None:
        self._stream = stream
        self._say = say

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        from anyio import to_thread

        line = await to_thread.run_sync(self._stream.readline, abandon_on_cancel=True)
        if not line:
            raise StopAsyncIteration
        try:
            strict_json(line, "")
        except FileError as error:
            return _put_back(line, self._say(error.mistakes[0].message))
        return line.decode()  # strict_json has decoded it already


def _put_back(line: bytes, reason: str) -> str:
    """The call with what is wrong in it as its only argument; a line that is no call stays as it is."""
    try:
        call = json.loads(line)
        call["params"]["arguments"] = {_WRONG: reason}
    except (ValueError, TypeError, KeyError, RecursionError):
        return line.decode("utf-8", "replace")
    return json.dumps(call)


def _schema(tool: Tool) -> dict[str, Any]:
    """What a tool takes: the fields of its question, and the file where it reads one."""
    schema = tool.question.model_json_schema()
    if tool.reads_file:
        path = {"type": "string", "description": "The file, on this machine."}
        schema["properties"] = {"path": path, **schema["properties"]}
        schema["required"] = ["path", *schema.get("required", ())]
    return schema


async def answer_to(
    name: str, given: dict[str, Any], desk: Desk, lang: str, workers: Workers
) -> dict[str, Any]:
    """The answer to a call, the same JSON as the command line's; several verdicts stand under ``answers``.

    Raises:
        RefusedError: no such tool, or a question without an answer.
    """
    voice = Language(lang, machine=True)
    tool = next((tool for tool in TOOLS if tool.name == name), None)
    if tool is None:
        raise RefusedError([Wrong(None, Message("No such command: {name}.", name=name[:60]))])
    if _WRONG in given:
        raise RefusedError([Wrong(None, Message("{problem}", problem=given[_WRONG]))])
    path = given.pop("path", None) if tool.reads_file else None
    question: Any = understood(tool.question, given)
    if tool.reads_file:
        return await _read(
            path, tool, asked(question, desk, lang=lang, machine=True, name=str(path)), workers
        )
    answers: dict[str, Callable[[], dict[str, Any]]] = {
        "quote": lambda: desk.quote(question).to_dict(voice.say, language=lang),
        "plan": lambda: desk.plan(question).to_dict(voice.say, language=lang),
        "turnover-from-fee": lambda: desk.turnovers(question),
    }
    return answers[name]()


async def _read(path: object, tool: Tool, work: dict[str, Any], workers: Workers) -> dict[str, Any]:
    if not isinstance(path, str):
        raise RefusedError([Wrong("path", Message("missing; it must be given."))])
    try:
        # « - » is a file here: the standard input is where the assistant speaks.
        data = told(lambda: file_bytes(Path(path).absolute(), MAX_DOCUMENT), {})
        result = await workers.run(INVOICE if tool.name == "check-invoice" else CERTIFICATE, work, data)
    except StoppedError:
        message = Message("reading it took too much time or memory, and was stopped.")
        raise RefusedError([Wrong("path", message)]) from None
    if "wrong" in result:
        raise RefusedError(
            [Wrong(i["field"], Message("{problem}", problem=i["reason"])) for i in result["wrong"]]
        )
    answers: list[dict[str, Any]] = result["answers"]
    return answers[0] if len(answers) == 1 else {"answers": answers}
