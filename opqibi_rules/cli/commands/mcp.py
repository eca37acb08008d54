"""``opqibi-fees mcp``: our figures as read-only tools for an assistant, over its standard input and output."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Self

from opqibi_rules.cli.attempts import fault
from opqibi_rules.cli.options import facts, takes, voice
from opqibi_rules.cli.result import DONE
from opqibi_rules.desk.readings import checked_apart
from opqibi_rules.desk.refusals import RefusedError, Wrong, refused_by_field
from opqibi_rules.desk.requests import (
    CertificateRequest,
    InvoiceRequest,
    PlanRequest,
    ProgramRequest,
    QuoteRequest,
    TurnoversRequest,
    understood,
)
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.worker import Workers
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes
from opqibi_rules.paper.json_text import strict_json
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from mcp.server import ServerRequestContext
    from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams
    from mcp.types import Tool as ToolDescription

EXAMPLES = ("opqibi-fees mcp",)

_SECONDS = 60.0
_WRONG = "what is wrong with this call"
_INSTRUCTIONS = (
    "Exact OPQIBI fees and verdicts. Give these figures as they are, with their articles and notes; compute none "
    "of your own. « undetermined » is an answer: say what is missing."
)


class Tool(NamedTuple):
    """A question that an assistant may ask."""

    title: str
    request: type[ProgramRequest]
    reads_file: bool = False


TOOLS: Mapping[str, Tool] = {
    "quote": Tool("The price of an OPQIBI event, each euro with its article", QuoteRequest),
    "plan": Tool("What will be paid over the years, when, and which year bears it", PlanRequest),
    "check-invoice": Tool("Is an invoice right, and if not, why", InvoiceRequest, reads_file=True),
    "check-certificate": Tool("Is a certificate valid on a day", CertificateRequest, reads_file=True),
    "turnover-from-fee": Tool("The turnovers that give a fee reckoned on one", TurnoversRequest),
}


@takes(facts, voice)
def command(tables: Tables, language: Language) -> int:
    """Serve an assistant until it goes away."""
    load("mcp.server", extra="mcp")
    tables.contents()  # a mistake in a table is told now, not at the first call
    asyncio.run(_serve(Service(tables, date.today), language.name))
    return DONE


async def _serve(service: Service, lang: str) -> None:
    from mcp.server import Server
    from mcp.server.stdio import stdio_server
    from mcp.types import ListToolsResult

    say = Language(lang).say
    lines: Any = _Lines(sys.stdin.buffer, say)  # read as the library reads, line by line
    workers = Workers(1, _SECONDS)

    async def list_tools(
        _context: "ServerRequestContext", _params: "PaginatedRequestParams | None"
    ) -> "ListToolsResult":
        return ListToolsResult(tools=_described())

    async def call_tool(
        _context: "ServerRequestContext", params: "CallToolRequestParams"
    ) -> "CallToolResult":
        try:
            given = dict(params.arguments or {})
            return _result(await answer_to(params.name, given, service, lang, workers))
        except RefusedError as refused:
            return _result(
                {"errors": [{"field": item.field, "reason": say(item.reason)} for item in refused.wrong]},
                failed=True,
            )
        except Exception as error:  # noqa: BLE001 - told to whoever asked, as one of ours
            return _result({"errors": [{"field": None, "reason": say(fault(error))}]}, failed=True)

    server = Server(
        "opqibi-fees", instructions=_INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )
    try:
        async with stdio_server(lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        await workers.close()


def _described() -> "list[ToolDescription]":
    """The tools, in the protocol's words."""
    from mcp.types import Tool as ToolDescription
    from mcp.types import ToolAnnotations

    readonly = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return [
        ToolDescription(
            name=name,
            title=tool.title,
            description=tool.request.__doc__,
            input_schema=_schema(tool),
            annotations=readonly,
        )
        for name, tool in TOOLS.items()
    ]


def _result(answer: Json, *, failed: bool = False) -> "CallToolResult":
    """An answer, in the protocol's words."""
    from mcp.types import CallToolResult, TextContent

    text = TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))
    return CallToolResult(content=[text], structured_content=answer, is_error=failed)


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


def _schema(tool: Tool) -> Json:
    """What a tool takes: the fields of its request, and the file where it reads one."""
    schema = tool.request.model_json_schema()
    if tool.reads_file:
        path = {"type": "string", "description": "The file, on this machine."}
        schema["properties"] = {"path": path, **schema["properties"]}
        schema["required"] = ["path", *schema.get("required", ())]
    return schema


async def answer_to(name: str, given: Json, service: Service, lang: str, workers: Workers) -> Json:
    """The answer to a call, the same JSON as the command line's; several verdicts stand under ``answers``.

    Raises:
        RefusedError: no such tool, or a request without an answer.
    """
    tool = TOOLS.get(name)
    if tool is None:
        raise RefusedError([Wrong(None, Message("No such command: {name}.", name=name[:60]))])
    if _WRONG in given:
        raise RefusedError([Wrong(None, Message("{problem}", problem=given[_WRONG]))])
    path = given.pop("path", None) if tool.reads_file else None
    request = understood(tool.request, given)
    voice = Language(lang)
    match request:
        case QuoteRequest():
            return service.quote(request).to_dict(voice.say, language=lang)
        case PlanRequest():
            return service.plan(request).to_dict(voice.say, language=lang)
        case TurnoversRequest():
            return service.turnovers(request)
    if not isinstance(path, str):
        raise RefusedError([Wrong("path", Message("missing; it must be given."))])
    with refused_by_field():
        # « - » is a file here: the standard input is where the assistant speaks.
        data = file_bytes(Path(path).absolute(), MAX_DOCUMENT)
    answers = await checked_apart(workers, request, service, data, name=path, voice=voice)
    return answers[0] if len(answers) == 1 else {"answers": answers}
