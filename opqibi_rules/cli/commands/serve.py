"""``opqibi-fees serve``: the page and the HTTP API, on this machine."""

import gc
import logging
import os
import re
import socket
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from opqibi_rules.cli.options import facts, option, takes, voice
from opqibi_rules.cli.result import DONE, note
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import Message, marked
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import file_bytes
from opqibi_rules.paper.language import Language
from opqibi_rules.paper.text import decoded
from opqibi_rules.tables.library import Tables

if TYPE_CHECKING:
    from fastapi import FastAPI

EXAMPLES = (
    "opqibi-fees serve",
    "opqibi-fees serve --host 0.0.0.0 --name fees.example.org --token-file /etc/opqibi-fees/token",
)

Host = Annotated[str, option("--host ADDRESS", marked("The address to listen on (default: 127.0.0.1)."))]
Port = Annotated[
    int, option("--port N", marked("The port (default: 8000); 0: any free one."), min=0, max=65535)
]
Token = Annotated[
    str | None,
    option(
        "--token TEXT", marked("What callers must present (default: OPQIBI_TOKEN); needed off this machine.")
    ),
]
TokenFile = Annotated[
    Path | None,
    option("--token-file FILE", marked("The same from a file, which may hold several, one a line.")),
]
Names = Annotated[
    list[str], option("--name HOST", marked("A name by which the server is called; repeat for several."))
]
Origins = Annotated[
    list[str], option("--origin URL", marked("A site whose pages may call the API; none by default."))
]
Embed = Annotated[
    list[str], option("--embed URL", marked("A site whose pages may show the simulator; none by default."))
]
BehindProxy = Annotated[
    bool, option("--behind-proxy", marked("A reverse proxy before it asks who calls: no token needed."))
]

_LOCAL = {"127.0.0.1", "::1", "localhost"}
_SHORTEST_TOKEN = 16
_SEEN = Message(
    "Whoever lists the processes of this machine sees --token: --token-file and OPQIBI_TOKEN keep it to yourself."
)


@takes(facts, voice)
def command(
    tables: Tables,
    language: Language,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    token: Token = None,
    token_file: TokenFile = None,
    name: Names = [],
    origin: Origins = [],
    embed: Embed = [],
    behind_proxy: BehindProxy = False,
) -> int:
    """Serve until told to stop."""
    for module in ("uvicorn", "fastapi", "jinja2", "python_multipart"):
        load(module, extra="web")
    from opqibi_rules.web.app import create_app
    from opqibi_rules.web.settings import LOCAL_NAMES, Settings

    tokens = _tokens(token, token_file)
    origins, frames = _sites("--origin", origin), _sites("--embed", embed)
    _guarded(host, tokens, behind_proxy=behind_proxy)
    tables.contents()  # a mistake in a table is told now, not to the first reader
    listening = _listen(host, port)
    names = (*LOCAL_NAMES, *(one.lower() for one in name), *([host] if host not in {"0.0.0.0", "::"} else []))  # noqa: S104 - compared, not opened
    app = create_app(
        Settings(
            tables=tables,
            hosts=names,
            origins=origins,
            frames=frames,
            tokens=tokens,
            local=host in _LOCAL and not (name or behind_proxy),
        )
    )
    message = Message("The page is at {address} (Ctrl-C to stop).", address=_address(host, listening))
    note(language.say(message))
    if token:
        note(language.say(_SEEN))
    _serve(app, listening)
    return DONE


def _address(host: str, listening: socket.socket) -> str:
    """Where the page is, as a browser takes it."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}/"


def _serve(app: "FastAPI", listening: socket.socket) -> None:
    """Answer callers until told to stop, within the bounds of what each may take, and of what is kept of one."""
    import uvicorn

    from opqibi_rules.web.log import Sparing
    from opqibi_rules.web.patience import PatientProtocol

    said = logging.StreamHandler(sys.stderr)
    said.addFilter(Sparing())
    logging.basicConfig(handlers=[said], format="%(levelname)s %(message)s", level=logging.WARNING)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        limit_concurrency=_places(),
        log_config=None,
        access_log=False,  # an address holds a turnover: it is nobody's to keep
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
    )
    gc.collect()
    gc.freeze()  # what is loaded now stays: no collection needs to go through it again, while callers wait
    uvicorn.Server(config).run(sockets=[listening])


def _places() -> int:
    """How many may be connected at once: as many as files may be open here, less those that we need."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 512
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if most == resource.RLIM_INFINITY else min(4096, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return max(16, wanted - 128)


def _tokens(given: str | None, file: Path | None) -> tuple[str, ...]:
    """What callers must present, one of them: from the command line, a file, or the environment.

    Raises:
        RequestError: given in two ways, or a file that holds none.
    """
    if file is None:
        one = given or os.environ.get("OPQIBI_TOKEN")
        return (one,) if one else ()
    if given:
        raise RequestError("--token and --token-file say the same thing: give one of them.")
    tokens = tuple(decoded(file_bytes(file), str(file)).split())
    if not tokens:
        raise RequestError("{file} holds no token.", file=str(file)[:80])
    return tokens


def _sites(option: str, given: Iterable[str]) -> tuple[str, ...]:
    """Sites, as a browser names them.

    Raises:
        RequestError: one is none.
    """
    sites = tuple(site.rstrip("/") for site in given)
    for site in sites:
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", site):
            raise RequestError(
                "{option}: « {site} » is not a site; https://www.example.org is.",
                option=option,
                site=site[:60],
            )
    return sites


def _guarded(host: str, tokens: Sequence[str], *, behind_proxy: bool) -> None:
    """Refuse to open to others without asking who calls.

    Raises:
        RequestError: neither a token nor a proxy, or a token that can be guessed.
    """
    if host not in _LOCAL and not tokens and not behind_proxy:
        raise RequestError(
            "--host {host} opens the server to others: give a --token-file, or --behind-proxy where a proxy asks "
            "who calls.",
            host=host[:60],
        )
    if any(len(token) < _SHORTEST_TOKEN for token in tokens):
        raise RequestError(
            "A token needs at least {least} characters; nobody must guess it.", least=_SHORTEST_TOKEN
        )


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket: a port already taken is told in one line."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # It listens from here on: whoever reads the address may call at once.
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise RequestError(
            "{host}:{port} cannot be listened on: {problem}. Choose another --port.",
            host=host[:60],
            port=str(port),
            problem=error.strerror or "?",
        ) from None
    # Else a short answer waits 40 ms for the acknowledgement of its own headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
