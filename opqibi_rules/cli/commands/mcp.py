"""``opqibi-fees mcp``: our figures as read-only tools for an assistant, over its standard input and output."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from opqibi_rules.certificate.reading.certificate_answer import SUFFIXES
from opqibi_rules.certificate.reading.firms_list import Brought
from opqibi_rules.cli.attempts import fault
from opqibi_rules.cli.options import facts, takes, voice
from opqibi_rules.cli.result import DONE
from opqibi_rules.desk.readings import checked_apart, firms_apart
from opqibi_rules.desk.refusals import RefusedError, Wrong
from opqibi_rules.desk.requests import (
    CertificatesRequest,
    CompareRequest,
    ControlsRequest,
    NomenclatureRequest,
    PlanRequest,
    ProgramRequest,
    QuoteRequest,
    TurnoversRequest,
    understood,
)
from opqibi_rules.desk.service import Service
from opqibi_rules.desk.tools import INSTRUCTIONS, TOOLS, together
from opqibi_rules.desk.worker import Workers
from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message, Say
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_DOCUMENT, file_bytes, files_in
from opqibi_rules.paper.json_text import strict_json
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.shape import Json
from opqibi_rules.tables.library import Tables
from opqibi_rules.version import __version__

if TYPE_CHECKING:
    from mcp.server import Server, ServerRequestContext
    from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams
    from mcp.types import Tool as ToolDescription

EXAMPLES = ("opqibi-fees mcp",)

_SECONDS = 60.0
_WRONG = "what is wrong with this call"


@takes(facts, voice)
def command(tables: Tables, language: Language) -> int:
    """Serve an assistant until it goes away."""
    load("mcp.server", extra="mcp")
    tables.contents()  # a mistake in a table is told now, not at the first call
    asyncio.run(_serve(Service(tables, date.today), language.name))
    return DONE


async def _serve(service: Service, lang: str) -> None:
    from mcp.server.stdio import stdio_server

    lines: Any = _Lines(sys.stdin.buffer, Language(lang).say)  # read as the library reads, line by line
    workers = Workers(os.cpu_count() or 1, _SECONDS, service.tables.own)
    server = _server(service, lang, workers)
    try:
        async with stdio_server(lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        await workers.close()


def _server(service: Service, lang: str, workers: Workers) -> "Server":
    """What an assistant sees: our tools, and their answers."""
    from mcp.server import Server
    from mcp.types import ListToolsResult

    say = Language(lang).say

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

    return Server(
        "opqibi-fees",
        version=__version__,
        title="OPQIBI fees and verdicts",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


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
            description=tool.description,
            input_schema=tool.input_schema,
            output_schema=tool.output_schema,
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
    places = {place: given.pop(place, None) for place in tool.paths}
    request, voice = understood(tool.request, given), Language(lang)
    if not places:
        return await asyncio.to_thread(_computed, request, service, voice)
    files = {
        place: _path(place, text) for place, text in places.items() if text is not None or place == "path"
    }
    if isinstance(request, CertificatesRequest):
        return await _firms(request, files, service, voice, workers)
    data = await asyncio.to_thread(_content, files["path"], "path")
    try:
        name = str(files["path"])
        return together(await checked_apart(workers, request, service, data, name=name, voice=voice))
    except RefusedError as refused:
        wrong = [item._replace(field="path") if item.field == "file" else item for item in refused.wrong]
        raise RefusedError(wrong) from None


def _computed(request: ProgramRequest, service: Service, voice: Language) -> Json:
    """The answer to a question without any file."""
    match request:
        case QuoteRequest():
            return service.quote(request).to_dict(voice.say, language=voice.name)
        case CompareRequest():
            return service.compare(request).to_dict(voice.say)
        case PlanRequest():
            return service.plan(request).to_dict(voice.say, language=voice.name)
        case ControlsRequest():
            return service.controls(request).to_dict(voice.say, language=voice.name)
        case NomenclatureRequest():
            return service.nomenclature(request)
    assert isinstance(request, TurnoversRequest)
    return service.turnovers(request)


async def _firms(
    request: CertificatesRequest,
    files: Mapping[str, Path],
    service: Service,
    voice: Language,
    workers: Workers,
) -> Json:
    """Where many firms stand: those of a list with the answers of a folder, or those of a folder."""
    path, folder = files["path"], files.get("answers")
    data = None if path.is_dir() else await asyncio.to_thread(_content, path, "path")
    if (data is None) is (folder is not None):
        reason = Message("The list is a folder of answers already: leave this out.")
        if folder is None:
            reason = Message("The list needs it: the folder where the answers about its firms are stored.")
        raise RefusedError([Wrong("answers", reason)])
    listed = None if data is None else Brought(str(path), data)
    brought = await asyncio.to_thread(_answers, folder or path, "answers" if folder else "path")
    check = await firms_apart(workers, request, service, listed=listed, brought=brought, voice=voice)
    assert isinstance(check, dict)
    return check


def _answers(folder: Path, field: str) -> list[Brought]:
    """The files of a folder of saved answers."""
    if not folder.is_dir():
        raise RefusedError([Wrong(field, Message("« {path} » is no folder.", path=str(folder)))])
    try:
        return [Brought(str(file), file_bytes(file)) for file in files_in(folder, SUFFIXES)]
    except FileError as error:
        raise RefusedError([Wrong(field, mistake.message) for mistake in error.mistakes]) from None


def _path(field: str, text: object) -> Path:
    if text is None:
        raise RefusedError([Wrong(field, Message("missing; it must be given."))])
    if not isinstance(text, str) or not text:
        raise RefusedError([Wrong(field, Message("a path on this machine is expected, as a text."))])
    return Path(text).absolute()  # « - » is a file here: the standard input is where the assistant speaks


def _content(path: Path, field: str) -> bytes:
    """What a file holds; nothing is opened that might never end, or never begin."""
    try:
        if path.exists() and not path.is_file():
            reason = Message(
                "« {path} » is a folder, a device or a pipe: the path of a file is expected.", path=str(path)
            )
            raise RefusedError([Wrong(field, reason)])
        return file_bytes(path, MAX_DOCUMENT)
    except FileError as error:
        raise RefusedError([Wrong(field, mistake.message) for mistake in error.mistakes]) from None
