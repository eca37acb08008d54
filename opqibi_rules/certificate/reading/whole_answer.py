"""One HTTP call and its whole answer, within a time and a size; needs the extra ``fetch``.

A proxy and the authorities that prove who a server is are those of the environment (``HTTPS_PROXY``,
``SSL_CERT_FILE``). No redirect is followed.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from opqibi_rules.errors import FetchError, RequestError
from opqibi_rules.paper.extras import load
from opqibi_rules.paper.files import MAX_BYTES

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """What a server sent back."""

    status: int
    headers: Mapping[str, str]
    """By their names in any case."""
    body: bytes
    host: str


class Caller:
    """Calls servers, each time over a connection of its own: one left open may be one that the server gave up.

    Raises:
        RequestError: httpx is not installed, or the environment names a proxy or authorities that cannot be used.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._client = _client_of(timeout)

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> WholeAnswer:
        """The answer to a call, whole.

        No timeout of a socket covers the search for a host's name, nor headers that drip: a thread calls, and is
        left behind when the time is over; it ends with the command.

        Raises:
            FetchError: there is none.
        """
        done: SimpleQueue[WholeAnswer | BaseException] = SimpleQueue()

        def call() -> None:
            try:
                done.put(self._got(url, params, headers))
            except BaseException as error:  # noqa: BLE001 - it is raised where the call was asked for
                done.put(error)

        Thread(target=call, daemon=True).start()
        try:
            given = done.get(timeout=self._timeout)
        except Empty:
            raise _too_slow(self._timeout) from None
        if isinstance(given, BaseException):
            raise given
        return given

    def _got(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> WholeAnswer:
        import httpx  # noqa: PLC0415 - an extra: only those who fetch pay for it

        over, body = time.monotonic() + self._timeout, bytearray()
        try:
            with (
                self._client() as client,
                client.stream("GET", url, params=params, headers=headers) as response,
            ):
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise FetchError("The answer is over {limit} bytes; it is not read.", limit=MAX_BYTES)
                    if time.monotonic() > over:  # it drips, and nobody waits for it any more
                        raise _too_slow(self._timeout)
        except httpx.TimeoutException:
            raise _too_slow(self._timeout) from None
        except httpx.RemoteProtocolError:
            raise FetchError("The server cut its answer short; call again in a minute.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreached(url, str(error)[:200]) from None
        return WholeAnswer(response.status_code, response.headers, bytes(body), response.request.url.host)


def _client_of(timeout: float) -> "Callable[[], httpx.Client]":
    """What makes an HTTP client as the environment says.

    Raises:
        RequestError: the environment cannot be followed, or httpx is not installed.
    """
    httpx = load("httpx", extra="fetch")
    try:
        authorities = httpx.create_ssl_context()
    except OSError as error:
        named = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
        raise RequestError(
            "{variables}: the authorities named there cannot be read ({problem}).",
            variables=tuple(named),
            problem=error.strerror or str(error),
        ) from None
    try:
        httpx.Client(verify=authorities).close()
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        raise RequestError(
            "The proxy that the environment names (HTTPS_PROXY, ALL_PROXY) cannot be used: {problem}.",
            problem=str(error)[:200],
        ) from None
    return lambda: httpx.Client(verify=authorities, timeout=timeout)


def _too_slow(seconds: float) -> FetchError:
    return FetchError("No whole answer within {seconds} s; call again later.", seconds=f"{seconds:g}")


def _unreached(url: str, problem: str) -> FetchError:
    host = "/".join(url.split("/")[:3])
    if "CERTIFICATE_VERIFY_FAILED" in problem:
        return FetchError(
            "{host} is not proven to be who it says ({problem}); nothing was asked of it. If your network reads "
            "what passes through it, name the file of its authority in SSL_CERT_FILE.",
            host=host,
            problem=problem,
        )
    return FetchError("{host} cannot be reached: {problem}.", host=host, problem=problem)
